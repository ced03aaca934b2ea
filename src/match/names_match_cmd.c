/* `jisr names match`: every query against a gallery. The index is built once; with --jobs the work is shared by forked processes that have it in common. */
#include "match/names_cmd.h"
#include "match/tsv.h"
#include "base/buf.h"
#include <errno.h>
#include <sys/mman.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 64 };
struct asked { struct str id; struct name_who who; };
struct run {
	const char *gallery, *queries, *tables, *times;
	FILE *timing;                 /* a line of milliseconds of processor time for each query: for bench/ */
	uint64_t top, jobs;
	struct arena *mem;
	struct name_model *model;
	struct name_index *index;
	struct asked *asked;
	size_t n, cap, bad;
	volatile uint64_t *done;      /* shared: how many each job has answered */
	bool tty;
};

static int number_option(const char *text, uint64_t max, uint64_t *out)
{
	return text && str_u64(str_of(text), out) == 0 && *out >= 1 && *out <= max ? 0 : -1;
}

static int read_options(struct run *r, int argc, char **argv)
{
	static const char USAGE[] = "usage: jisr names match --gallery G.tsv --queries Q.tsv --top K [--jobs N] [--tables DIR] [--times FILE]\n";
	for (int i = 0; i < argc; i += 2) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		bool good = value != NULL;
		if (strcmp(argv[i], "--gallery") == 0)
			r->gallery = value;
		else if (strcmp(argv[i], "--queries") == 0)
			r->queries = value;
		else if (strcmp(argv[i], "--tables") == 0)
			r->tables = value;
		else if (strcmp(argv[i], "--times") == 0)
			r->times = value;
		else if (strcmp(argv[i], "--top") == 0)
			good = number_option(value, NAME_TOP_MAX, &r->top) == 0;
		else if (strcmp(argv[i], "--jobs") == 0)
			good = number_option(value, JOBS_MAX, &r->jobs) == 0;
		else
			good = false;
		if (!good)
			return fprintf(stderr, "jisr: %s: %s\n%s", argv[i], value ? "unknown, or no number in its range" : "a value is missing", USAGE), -1;
	}
	if (!r->gallery || !r->queries || !r->top)
		return fputs(USAGE, stderr), -1;
	return 0;
}

static struct str file_text(struct arena *mem, const char *dir, const char *name)
{
	struct buf b = buf_new(mem, (size_t)16 << 20);
	FILE *f = fopen(str_z(mem, str_fmt(mem, "%s/%s", dir, name)), "re");
	char block[65536];
	for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;)
		buf_put(&b, block, n);
	if (f)
		fclose(f);
	return buf_text(&b);
}

struct name_model *names_model(struct arena *mem, const char *tables, struct err *err)
{
	return tables ? name_model_of(file_text(mem, tables, "costs.tsv"), file_text(mem, tables, "lexicon.tsv"), file_text(mem, tables, "frequencies.tsv"), err) : name_model_new(err);
}

static void progress(const struct run *r, const char *what, uint64_t n, uint64_t of)
{
	if (r->tty && of)
		fprintf(stderr, "\r%s %3u %%%s", what, (unsigned)(n * 100 / of), n >= of ? "\n" : "");
}

static int read_gallery(struct run *r)
{
	struct tsv t;
	struct tsv_row row;
	struct err err = { 0 };
	if (tsv_open(&t, r->gallery, TSV_GALLERY) < 0)
		return -1;
	while (tsv_next(&t, &row)) {
		if (name_index_fill(r->index, row.id, &row.who, &err) < 0) {
			fprintf(stderr, "jisr: %s: line %zu: %s\n", r->gallery, t.number, err.log);
			t.bad++;
		}
		if (t.number % 16384 == 0)
			progress(r, "gallery", t.read, t.size);
	}
	progress(r, "gallery", 1, 1);
	r->bad += t.bad;
	tsv_close(&t);
	return 0;
}

static int read_queries(struct run *r)
{
	struct tsv t;
	struct tsv_row row;
	if (tsv_open(&t, r->queries, TSV_QUERIES) < 0)
		return -1;
	while (tsv_next(&t, &row)) {
		if (r->n == r->cap) {
			r->cap = r->cap ? r->cap * 2 : 1024;
			r->asked = reallocarray(r->asked, r->cap, sizeof *r->asked);
			if (!r->asked)
				die("no memory for queries");
		}
		row.who.name = str_dup(r->mem, row.who.name);
		row.who.mother = str_dup(r->mem, row.who.mother);
		row.who.governorate = str_dup(r->mem, row.who.governorate);
		r->asked[r->n++] = (struct asked){ str_dup(r->mem, row.id), row.who };
	}
	r->bad += t.bad;
	tsv_close(&t);
	return 0;
}

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void answer(struct run *r, size_t from, size_t to, size_t job, FILE *out)
{
	struct name_found found[NAME_TOP_MAX];
	for (size_t i = from; i < to; i++) {
		double began = now_ms();
		size_t n = name_index_query(r->index, &r->asked[i].who, (size_t)r->top, found);
		if (r->timing)
			fprintf(r->timing, "%.3f\n", now_ms() - began);
		for (size_t k = 0; k < n; k++)
			fprintf(out, S_FMT "\t" S_FMT "\t%.4f\t%zu\n", S_ARG(r->asked[i].id), S_ARG(found[k].id), found[k].score, k + 1);
		r->done[job]++;
		if (r->jobs == 1 && i % 64 == 0)
			progress(r, "queries", i, r->n);
	}
}

static void copy_out(FILE *from)
{
	char block[65536];
	rewind(from);
	for (size_t n; (n = fread(block, 1, sizeof block, from)) > 0;)
		fwrite(block, 1, n, stdout);
	fclose(from);
}

static uint64_t done_of(const struct run *r)
{
	uint64_t sum = 0;
	for (size_t k = 0; k < r->jobs; k++)
		sum += r->done[k];
	return sum;
}

static int answer_jobs(struct run *r)
{
	FILE *file[JOBS_MAX];
	pid_t pid[JOBS_MAX];
	int bad = 0, status;
	fflush(stdout);
	for (size_t k = 0; k < r->jobs; k++) {
		file[k] = tmpfile();
		pid[k] = file[k] ? fork() : -1;
		if (pid[k] == 0) {
			answer(r, r->n * k / (size_t)r->jobs, r->n * (k + 1) / (size_t)r->jobs, k, file[k]);
			_exit(fflush(file[k]) == 0 ? 0 : 3);
		}
	}
	for (size_t k = 0; k < r->jobs; k++) {
		if (pid[k] < 0) {
			bad = 1;
			continue;
		}
		while (r->tty && waitpid(pid[k], &status, WNOHANG) == 0) {
			progress(r, "queries", done_of(r), r->n + 1);
			usleep(200000);
			if (kill(pid[k], 0) < 0)
				break;
		}
		if (!r->tty && waitpid(pid[k], &status, 0) < 0)
			status = 1;
		bad |= !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	}
	progress(r, "queries", 1, 1);
	for (size_t k = 0; k < r->jobs; k++)
		if (file[k])
			copy_out(file[k]);
	return bad ? -1 : 0;
}

static int run(struct run *r)
{
	r->done = mmap(NULL, JOBS_MAX * sizeof *r->done, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->done == MAP_FAILED)
		return fprintf(stderr, "jisr: no memory\n"), 3;
	double began = now_ms();
	if (read_gallery(r) < 0 || read_queries(r) < 0)
		return 2;
	r->timing = r->times ? fopen(r->times, "we") : NULL;
	if (r->times && !r->timing)
		return fprintf(stderr, "jisr: %s: %s\n", r->times, strerror(errno)), 2;
	if (r->timing)
		fprintf(r->timing, "gallery %.0f ms\n", now_ms() - began);
	printf("query_id\tgallery_id\tscore\trank\n");
	if (r->jobs > 1 && answer_jobs(r) < 0)
		return fprintf(stderr, "jisr: a job failed: the answers are not complete\n"), 3;
	if (r->jobs == 1) {
		answer(r, 0, r->n, 0, stdout);
		progress(r, "queries", 1, 1);
	}
	if (r->timing)
		fclose(r->timing);
	if (fflush(stdout) != 0)
		return fprintf(stderr, "jisr: cannot write: %s\n", strerror(errno)), 3;
	return r->bad ? 1 : 0;
}

int names_match_command(int argc, char **argv)
{
	struct run r = { .jobs = 1, .tty = isatty(STDERR_FILENO) };
	struct err err = { 0 };
	if (read_options(&r, argc, argv) < 0)
		return 2;
	r.mem = arena_new((size_t)2 << 30);
	r.model = names_model(r.mem, r.tables, &err);
	if (!r.model)
		return fprintf(stderr, "jisr: %s\n", err.log), 3;
	r.index = name_index_new(r.model);
	int rc = run(&r);
	name_index_free(r.index);
	name_model_free(r.model);
	free(r.asked);
	arena_free(r.mem);
	return rc;
}
