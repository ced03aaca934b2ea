/* Floors of quality on invented people: the development half of tools/names-generate, small, so that a change that spoils the matching is noticed in
   seconds. The tables inside the program have seen these names; honest figures are those of bench/names (docs/matching.md). */
#include "match/tsv.h"
#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#ifdef SANITIZED
#define PEOPLE "2000"
#define QUERIES "150"
#else
#define PEOPLE "20000"
#define QUERIES "600"
#endif

static char folder[] = "/tmp/jisr-names-XXXXXX";

static int generate(void **state)
{
	(void)state;
	char command[256];
	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof command, "tools/names-generate --half dev --people %s --queries %s --out %s 2>&1", PEOPLE, QUERIES, folder);
	FILE *p = popen(command, "re");
	assert_non_null(p);
	while (fgetc(p) != EOF)
		;
	return pclose(p) == 0 ? 0 : -1;
}

static int clean(void **state)
{
	static const char *const FILES[] = { "gallery.tsv", "queries.tsv", "truth.tsv", "train-names.tsv", "train-pairs.tsv" };
	char path[128];
	(void)state;
	for (size_t i = 0; i < COUNT(FILES); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, FILES[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static void open_tsv(struct tsv *t, const char *file, const char *const names[6])
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, file);
	assert_int_equal(tsv_open(t, path, names), 0);
}

enum kind { SAME, SIBLING, STRANGER, KINDS };
struct counts { size_t asked[KINDS], first, ten, likely[KINDS]; };

/* truth.tsv has the queries' order: query_id gallery_id kind. */
static enum kind truth_next(FILE *f, char line[512], struct str *id)
{
	assert_non_null(fgets(line, 512, f));
	struct str rest = str_of(line), kind;
	str_cut(&rest, '\t');
	*id = str_cut(&rest, '\t');
	kind = str_cut(&rest, '\t');
	return str_is(kind, "same") ? SAME : str_is(kind, "sibling") ? SIBLING : STRANGER;
}

static void ask_all(struct name_index *x, struct counts *c)
{
	struct tsv t;
	struct tsv_row row;
	struct name_found found[10];
	char path[128], line[512];
	snprintf(path, sizeof path, "%s/truth.tsv", folder);
	FILE *truth = fopen(path, "re");
	assert_non_null(truth);
	assert_non_null(fgets(line, sizeof line, truth));
	open_tsv(&t, "queries.tsv", TSV_QUERIES);
	while (tsv_next(&t, &row)) {
		struct str id;
		enum kind kind = truth_next(truth, line, &id);
		size_t n = name_index_query(x, &row.who, 10, found);
		c->asked[kind]++;
		c->likely[kind] += n && found[0].score >= NAME_LIKELY;
		for (size_t i = 0; i < n && kind == SAME; i++) {
			c->first += i == 0 && str_eq(found[i].id, id);
			c->ten += str_eq(found[i].id, id);
		}
	}
	fclose(truth);
	tsv_close(&t);
}

static void invented_people_are_found_again(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct name_model *m = name_model_new(&err);
	struct name_index *x = name_index_new(m);
	struct counts c = { 0 };
	struct tsv t;
	struct tsv_row row;
	open_tsv(&t, "gallery.tsv", TSV_GALLERY);
	while (tsv_next(&t, &row))
		assert_int_equal(name_index_fill(x, row.id, &row.who, &err), 0);
	assert_int_equal(t.bad, 0);
	tsv_close(&t);
	ask_all(x, &c);
	print_message("first %zu, among ten %zu, likely %zu of %zu; siblings likely %zu of %zu; strangers likely %zu of %zu\n", c.first, c.ten, c.likely[SAME], c.asked[SAME],
	    c.likely[SIBLING], c.asked[SIBLING], c.likely[STRANGER], c.asked[STRANGER]);
	assert_true(c.asked[SAME] >= 100);
	assert_true(c.first * 1000 >= c.asked[SAME] * 960);
	assert_true(c.ten * 1000 >= c.asked[SAME] * 985);
	assert_true(c.likely[SAME] * 100 >= c.asked[SAME] * 90);
	assert_true(c.likely[SIBLING] * 100 <= c.asked[SIBLING] * 20 + 100);
	assert_true(c.likely[STRANGER] * 100 <= c.asked[STRANGER] * 10 + 100);
	name_index_free(x);
	name_model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(invented_people_are_found_again) };
	return cmocka_run_group_tests(tests, generate, clean);
}
