#include "match/tsv.h"
#include "base/utf8.h"
#include <errno.h>
#include <sys/stat.h>

const char *const TSV_GALLERY[6] = { "id", "name_ar|name", "mother_ar|mother", "birth_year|birth", "sex", "governorate" };
const char *const TSV_QUERIES[6] = { "query_id|id", "name|name_ar", "mother|mother_ar", "birth_year|birth", "sex", "governorate" };
enum { LINE_MAX_BYTES = 65536 };

int birth_of(struct str s, struct date *out)
{
	*out = (struct date){ 0 };
	s = str_trim(s);
	if (s.n == 0)
		return 0;
	if (date_parse(s, out) < 0 || out->y < 1850 || out->y > 2200) {
		*out = (struct date){ 0 };
		return -1;
	}
	return 0;
}

static bool named(struct str cell, const char *names)
{
	for (struct str rest = str_of(names), one; rest.p;) {
		one = str_cut(&rest, '|');
		if (str_eq(one, cell))
			return true;
	}
	return false;
}

static bool next_line(struct tsv *t, struct str *out)
{
	ssize_t n = getline(&t->line, &t->cap, t->file);
	if (n < 0)
		return false;
	t->number++;
	t->read += (uint64_t)n;
	*out = (struct str){ t->line, (size_t)n };
	while (out->n && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
		out->n--;
	return true;
}

int tsv_open(struct tsv *t, const char *path, const char *const names[6])
{
	struct stat st;
	struct str line;
	*t = (struct tsv){ .file = fopen(path, "re"), .path = path, .column = { -1, -1, -1, -1, -1, -1 } };
	if (!t->file)
		return fprintf(stderr, "jisr: %s: %s\n", path, strerror(errno)), -1;
	t->size = fstat(fileno(t->file), &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	if (!next_line(t, &line))
		line = (struct str){ 0 };
	if (str_starts(line, STR("\xef\xbb\xbf")))
		line = str_sub(line, 3, line.n - 3);
	for (int at = 0; line.p; at++) {
		struct str cell = str_cut(&line, '\t');
		for (size_t i = 0; i < 6; i++)
			if (t->column[i] < 0 && named(cell, names[i]))
				t->column[i] = at;
	}
	if (t->column[0] < 0 || t->column[1] < 0) {
		fprintf(stderr, "jisr: %s: line 1: the header must name the columns %s and %s\n", path, names[0], names[1]);
		tsv_close(t);
		return -1;
	}
	return 0;
}

/* NULL when the line is good, else why it is not. */
static const char *read_row(const struct tsv *t, struct str line, struct tsv_row *out)
{
	struct str cell[6] = { { 0 } };
	int last = 0;
	if (line.n > LINE_MAX_BYTES)
		return "the line is too long";
	if (!utf8_valid(line))
		return "not UTF-8";
	for (int at = 0; line.p; at++, last = at) {
		struct str one = str_cut(&line, '\t');
		for (size_t i = 0; i < 6; i++)
			if (t->column[i] == at)
				cell[i] = one;
	}
	for (size_t i = 0; i < 6; i++)
		if (t->column[i] >= last)
			return "too few columns";
	*out = (struct tsv_row){ cell[0], { .name = cell[1], .mother = cell[2], .sex = name_sex(cell[4]), .governorate = cell[5] } };
	if (cell[0].n == 0 || cell[0].n > NAME_ID_MAX)
		return "the id is empty or too long";
	return birth_of(cell[3], &out->who.birth) < 0 ? "the birth year cannot be read" : NULL;
}

bool tsv_next(struct tsv *t, struct tsv_row *out)
{
	struct str line;
	while (next_line(t, &line)) {
		if (line.n == 0)
			continue;
		const char *why = read_row(t, line, out);
		if (!why)
			return true;
		fprintf(stderr, "jisr: %s: line %zu: %s\n", t->path, t->number, why);
		t->bad++;
	}
	return false;
}

void tsv_close(struct tsv *t)
{
	if (t->file)
		fclose(t->file);
	free(t->line);
	t->file = NULL;
	t->line = NULL;
}
