#include "cmd/shares.h"
#include "cmd/control.h"
#include "crypto/shares.h"
#include <errno.h>
#include <unistd.h>

#define LINE_MAX_BYTES 512

static int parts_of(const char *of, uint64_t *k, uint64_t *n)
{
	struct str rest = str_of(of ? of : ""), first = str_cut(&rest, '/');
	return str_u64(first, k) < 0 || str_u64(rest, n) < 0 ? -1 : 0;
}

static int enter(struct work *w, void *arg, struct err *err)
{
	return work_enter(w, &(struct entry){ .act = ACT_KEYS, .fields = STR("shares"), .count = *(uint64_t *)arg }, err);
}

int on_shares(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	uint64_t n;
	(void)answer;
	return str_u64(rest, &n) < 0 ? err_set(err, ERR_USAGE, "keys shares N") : enter(w, &n, err);
}

/* Before anything is printed. */
static int entered(struct arena *mem, const struct settings *s, uint64_t n, struct err *err)
{
	struct str answer;
	struct house h = { 0 };
	int rc = control_ask(mem, s, str_fmt(mem, "keys shares %llu", (unsigned long long)n), &answer, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = house_take(mem, s->dir, &h, err);
	if (rc == 0)
		rc = house_do(&h, enter, &n, err);
	if (h.mem)
		house_close(&h);
	return rc;
}

int cmd_shares(struct arena *mem, const struct settings *s, const char *of, struct err *err)
{
	struct str papers[SHARES_MOST], keys;
	struct bytes passphrase, blob;
	struct seal_lock lock;
	uint64_t k, n;
	if (parts_of(of, &k, &n) < 0 || n > SHARES_MOST)
		return err_set(err, ERR_USAGE, "--of K/N: K of N papers are needed, at most %d", SHARES_MOST);
	/* a paper of another passphrase than the one that opens would be found out too late */
	if (house_passphrase(mem, s, &passphrase, err) < 0 || file_read(mem, house_path(mem, s, "node.keys").p, 65536, &keys, err) < 0 ||
	    seal_password_open(mem, passphrase, str_bytes(keys), &lock, &blob, err) < 0)
		return -1;
	wipe(&lock, sizeof lock);
	wipe((void *)(uintptr_t)blob.p, blob.n);
	int rc = shares_split(mem, source_system(), passphrase, (size_t)k, (size_t)n, papers, err);
	wipe((void *)(uintptr_t)passphrase.p, passphrase.n);
	if (rc < 0 || entered(mem, s, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		printf("%s# Recovery paper %zu of %llu of " S_FMT ", made " S_FMT ". Any %llu of them open a backup (jisr restore --shares).\n# Keep it apart from the others and from the backups.\n" S_FMT "\n",
		    i ? "\f\n" : "", i + 1, (unsigned long long)n, S_ARG(s->name), S_ARG(str_sub(time_text(mem, source_now_ms(source_system())), 0, 10)), (unsigned long long)k, S_ARG(papers[i]));
		wipe((void *)(uintptr_t)papers[i].p, papers[i].n);
	}
	return 0;
}

/* ---- reading them ---- */

struct reading { struct arena *mem; struct share all[SHARES_MOST]; size_t n; bool asked; struct buf paper; };

static void ask(const struct reading *r)
{
	if (r->asked)
		fprintf(stderr, "Paper %zu%s, then an empty line:\n", r->n + 1, r->n ? "" : " of those that are needed");
}

/* The lines so far are a paper. Typed by a person it may be typed again. */
static int paper_end(struct reading *r, struct err *err)
{
	struct err why = { 0 };
	struct str text = buf_text(&r->paper);
	if (!text.n)
		return 0;
	if (r->n < SHARES_MOST && share_read(r->mem, text, &r->all[r->n], &why) == 0)
		r->n++;
	else if (r->asked)
		fprintf(stderr, "%s; please type it again\n", why.log);
	else
		return err_set(err, ERR_VALUE, "paper %zu: %s", r->n + 1, why.code ? why.log : "too many");
	wipe((void *)(uintptr_t)text.p, text.n);
	r->paper = buf_new(r->mem, 8192);
	ask(r);
	return 0;
}

static bool enough(const struct reading *r)
{
	return r->asked && r->n && r->n >= r->all[0].k;
}

static int read_papers(struct reading *r, FILE *f, struct err *err)
{
	char line[LINE_MAX_BYTES];
	int rc = 0;
	ask(r);
	while (rc == 0 && !enough(r) && fgets(line, sizeof line, f)) {
		struct str s = str_trim(str_of(line));
		if (!s.n || s.p[0] == '#' || s.p[0] == '\f')
			rc = paper_end(r, err);
		else
			buf_fmt(&r->paper, S_FMT " ", S_ARG(s));
	}
	wipe(line, sizeof line);
	return rc < 0 || enough(r) ? rc : paper_end(r, err);
}

int shares_passphrase(struct arena *mem, const char *file, struct bytes *passphrase, struct err *err)
{
	bool stdin_is_meant = strcmp(file, "-") == 0;
	FILE *f = stdin_is_meant ? stdin : fopen(file, "re");
	struct reading r = { .mem = mem, .asked = stdin_is_meant && isatty(STDIN_FILENO), .paper = buf_new(mem, 8192) };
	if (!f)
		return err_set(err, ERR_NOT_FOUND, "%s: %s", file, strerror(errno));
	int rc = read_papers(&r, f, err);
	if (!stdin_is_meant)
		fclose(f);
	if (rc == 0)
		rc = shares_join(mem, r.all, r.n, passphrase, err);
	for (size_t i = 0; i < r.n; i++)
		wipe((void *)(uintptr_t)r.all[i].body.p, r.all[i].body.n);
	return rc;
}
