#include "journey/columns.h"
#include "journey/import.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Tables of other people's office programs, and what the check makes of them. */

static struct arena *mem;

static int begin(void **state)
{
	(void)state;
	mem = arena_new((size_t)512 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static struct sheet read_csv(const char *text)
{
	struct sheet s;
	struct err err = { 0 };
	assert_int_equal(sheet_read(mem, str_bytes(str_of(text)), &s, &err), 0);
	return s;
}

static void refused(struct bytes file, const char *sentence)
{
	struct sheet s;
	struct err err = { 0 };
	assert_int_equal(sheet_read(mem, file, &s, &err), -1);
	assert_string_equal(err.user, sentence);
}

static void separators_and_quotes(void **state)
{
	(void)state;
	struct sheet s = read_csv("sep=;\na;\"b;c\";\"d\"\"e\"\n\n;x;\n");
	assert_int_equal(s.nrows, 2);
	assert_int_equal(s.ncolumns, 3);
	assert_true(str_is(s.rows[0].cells[1], "b;c"));
	assert_true(str_is(s.rows[0].cells[2], "d\"e"));
	struct sheet lines = read_csv("a,b\r\n\r\n1,2\r\n\n3,4");
	assert_int_equal(lines.rows[0].number, 1);
	assert_int_equal(lines.rows[1].number, 3);                      /* as the office program numbers them */
	assert_int_equal(lines.rows[2].number, 5);
	assert_true(str_is(read_csv("a\tb\n1\t2\n").rows[1].cells[1], "2"));
}

static void windows_1256_is_told_by_what_is_not_utf8(void **state)
{
	(void)state;
	struct sheet s = read_csv("a,\xda\xe1\xed\n");           /* ain lam ya */
	assert_true(str_is(s.rows[0].cells[1], "علي"));
}

static void what_is_no_table_is_refused(void **state)
{
	(void)state;
	refused(str_bytes(STR("PK\3\4nothing")), "This is no XLSX file, or it is damaged.");
	refused(str_bytes(STR("a\0b")), "This is no table: only XLSX and CSV files can be read.");
	refused(str_bytes((struct str){ 0 }), "The file is empty.");
	refused(str_bytes(STR("\n\n\n")), "There is nothing in this table.");
}

static void written_is_read_again(void **state)
{
	(void)state;
	struct str cells[] = { STR("=1+1"), STR("<b>&\"") };
	struct sheet_column columns[] = { { .heading = STR("one") }, { .heading = STR("two"), .choices = cells, .nchoices = 2 } };
	struct sheet_out out = { .title = STR("t"), .right_to_left = true, .columns = columns, .ncolumns = 2, .cells = cells, .nrows = 1 };
	struct bytes file;
	struct sheet s;
	struct err err = { 0 };
	assert_int_equal(sheet_write_xlsx(mem, &out, &file, &err), 0);
	assert_int_equal(sheet_read(mem, file, &s, &err), 0);
	assert_int_equal(s.nrows, 2);
	assert_true(str_is(s.rows[1].cells[0], "=1+1"));
	assert_int_equal(s.rows[1].marks[0], MARK_NONE);               /* a text, no formula */
	assert_true(str_eq(s.rows[1].cells[1], cells[1]));
}

static void a_damaged_pack_is_refused(void **state)
{
	(void)state;
	struct sheet s = read_csv("a,b\n1,2\n"), again;
	struct bytes packed = sheet_pack(mem, &s);
	assert_int_equal(sheet_unpack(mem, packed, &again, NULL), 0);
	for (size_t n = 0; n < packed.n; n++)
		assert_int_equal(sheet_unpack(mem, bytes_of(packed.p, n), &again, NULL), -1);
}

/* ---- the check job, as the node calls it ---- */
static json_t *checked(const char *csv, json_t **head)
{
	struct policy policy;
	struct types types;
	struct targets targets;
	struct mapping map;
	struct err err = { 0 };
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	struct sheet s = read_csv(csv);
	assert_int_equal(policy_load(mem, bytes_str(bytes_of(roles->data, roles->n)), &policy, &err), 0);
	assert_int_equal(types_load(mem, &policy, &types, &err), 0);
	assert_int_equal(targets_make(mem, &types, &targets, &err), 0);
	columns_guess(mem, &targets, &s, &map);
	struct work w = { .mem = mem, .now_ms = INT64_C(1764000000000) };       /* November 2025 */
	struct str out = IMPORT_JOB_CHECK.run(mem, import_check_input(&w, mapping_json(mem, &targets, &map, s.ncolumns), sheet_pack(mem, &s)));
	struct reader r = reader_of(str_bytes(out));
	json_t *rows = json_keep(mem, json_array());
	assert_int_equal(get_u8(&r), 'S');
	*head = json_read(mem, bytes_str(get_sized(&r, 1 << 20)), &err);
	while (r.at < r.n && !r.bad) {
		get_bytes(&r, 12);
		json_array_extend(rows, json_read(mem, bytes_str(get_sized(&r, 1 << 24)), &err));
	}
	assert_true(reader_done(&r));
	return rows;
}

#define HEAD "Family number,Full name,Mother's name,Sex,Date of birth\n"

static void ages_that_are_not_known_exactly(void **state)
{
	(void)state;
	json_t *head, *rows = checked(HEAD "1,هدى كريم,نجاة,F,1/7/1990\n2,علي كريم,نجاة,M,unknown\n3,سعد كريم,نجاة,M,2031\n4,منى كريم,نجاة,F,١٩٩٠\n", &head);
	assert_int_equal(json_int(head, "good", 0), 3);
	assert_string_equal(json_str(json_object_get(json_array_get(rows, 0), "p"), "birth").p, "1990");
	assert_false(json_bool(json_array_get(rows, 0), "child"));
	assert_true(json_bool(json_array_get(rows, 1), "child"));        /* presumed */
	assert_non_null(json_object_get(json_array_get(rows, 2), "e"));
	assert_string_equal(json_str(json_object_get(json_array_get(rows, 3), "p"), "birth").p, "1990");
}

static void a_family_is_taken_whole(void **state)
{
	(void)state;
	json_t *head, *rows = checked(HEAD "1,هدى كريم,نجاة,F,1990\n,علي كريم,هدى,Q,2015\n2,ندى كريم,نجاة,F,1980\n", &head);
	assert_int_equal(json_int(head, "rows", 0), 3);
	assert_int_equal(json_int(head, "good", 0), 1);
	assert_int_equal(json_int(head, "families", 0), 1);
	assert_non_null(json_object_get(json_array_get(rows, 0), "e"));
	assert_string_equal(json_str(json_array_get(rows, 2), "r").p, "head");
}

static void the_same_person_twice_in_a_file_is_a_question(void **state)
{
	(void)state;
	json_t *head, *rows = checked(HEAD "1,أحمد كريم,نجاة,M,1990\n2,احمد كريم,نجاة,M,1990\n3,احمد كريم,سعاد,M,1971\n", &head);
	assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 1), "t")), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 2), "t")), 0);      /* a name alone is no ground */
}

static void what_a_job_cannot_read_is_said(void **state)
{
	(void)state;
	assert_int_equal(IMPORT_JOB_CHECK.run(mem, STR("nonsense")).p[0], 'E');
	assert_int_equal(IMPORT_JOB_CHECK.run(mem, (struct str){ 0 }).p[0], 'E');
	assert_int_equal(IMPORT_JOB_READ.run(mem, (struct str){ 0 }).p[0], 'E');
	assert_int_equal(IMPORT_JOB_WRITE.run(mem, STR("{}")).n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = { TEST(separators_and_quotes), TEST(windows_1256_is_told_by_what_is_not_utf8), TEST(what_is_no_table_is_refused), TEST(written_is_read_again),
		TEST(a_damaged_pack_is_refused), TEST(ages_that_are_not_known_exactly), TEST(a_family_is_taken_whole), TEST(the_same_person_twice_in_a_file_is_a_question),
		TEST(what_a_job_cannot_read_is_said) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
