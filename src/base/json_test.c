#include "base/json.h"
#include <setjmp.h>
#include <cmocka.h>

static struct arena *mem;

static int mem_open(void **state)
{
	(void)state;
	mem = arena_new(1 << 22);
	return 0;
}

static int mem_close(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static void test_json_refuses_what_two_readers_read_differently(void **state)
{
	(void)state;
	static const char *const BAD[] = { "", "{", "{\"a\":1,\"a\":2}", "{\"a\":1} x", "{\"a\":\"\xff\"}", "{\"a\":\"\\u0000\"}", "{'a':1}", "[1,]", "{\"a\":NaN}",
		"{\"a\":9223372036854775808}", "\"text\"", "[\"\\ud800\"]" };
	for (size_t i = 0; i < COUNT(BAD); i++) {
		struct err err = { 0 };
		if (json_read(mem, str_of(BAD[i]), &err))
			fail_msg("accepted: %s", BAD[i]);
		assert_int_equal(err.code, ERR_FORMAT);
	}
}

static void test_json_error_does_not_quote_the_input(void **state)
{
	(void)state;
	struct err err = { 0 };
	assert_null(json_read(mem, STR("{\"name\": Zaynab}"), &err));
	assert_null(strstr(err.log, "Zaynab"));
	assert_non_null(strstr(err.log, "line 1"));
}

static void test_json_writes_in_order_or_sorted(void **state)
{
	(void)state;
	json_t *j = json_read(mem, STR(" { \"b\" : [1, true, null], \"a\" : \"\\u062c\" } "), NULL);
	assert_non_null(j);
	assert_true(str_is(json_write(mem, j), "{\"b\":[1,true,null],\"a\":\"ج\"}"));
	assert_true(str_is(json_write_sorted(mem, j), "{\"a\":\"ج\",\"b\":[1,true,null]}"));
}

static void test_json_getters_give_what_the_kind_allows(void **state)
{
	(void)state;
	json_t *j = json_read(mem, STR("{\"s\":\"x\",\"i\":9007199254740993,\"b\":true,\"r\":1.5}"), NULL);
	assert_true(str_is(json_str(j, "s"), "x"));
	assert_null(json_str(j, "i").p);
	assert_null(json_str(j, "absent").p);
	assert_true(json_int(j, "i", 0) == INT64_C(9007199254740993));
	assert_int_equal(json_int(j, "r", -7), -7);
	assert_int_equal(json_int(j, "absent", -7), -7);
	assert_true(json_bool(j, "b"));
	assert_false(json_bool(j, "s"));
	assert_int_equal(json_int(NULL, "i", 3), 3);
}

static void test_json_new_str_mends_bad_bytes(void **state)
{
	(void)state;
	json_t *j = json_keep(mem, json_new_str((struct str){ "a\xff\xd8z", 4 }));
	assert_string_equal(json_string_value(j), "a??z");
	j = json_keep(mem, json_new_str((struct str){ 0 }));
	assert_string_equal(json_string_value(j), "");
	assert_null(json_keep(mem, NULL));
}

static void test_yaml_types_scalars(void **state)
{
	(void)state;
	struct err err = { 0 };
	json_t *j = yaml_read(mem, STR("a: 1\n"
		"b: [true, \"true\", yes, no, on, 1990-07-01, PT72H, P1Y, 1.5, 007, +1, 0x10, -5, '12', null, ~, \"\"]   # a remark\n"
		"c:\n"
		"values: {0: Not known, 1: Male, \"yes\": Child, true: T}\n"
		"text: >\n  folded\n  lines\n"), "t.yaml", &err);
	if (!j)
		fail_msg("%s", err.log);
	assert_true(str_is(json_write(mem, j), "{\"a\":1,\"b\":[true,\"true\",\"yes\",\"no\",\"on\",\"1990-07-01\",\"PT72H\",\"P1Y\",\"1.5\",\"007\",\"+1\",\"0x10\",-5,\"12\","
		"null,null,\"\"],\"c\":null,\"values\":{\"0\":\"Not known\",\"1\":\"Male\",\"yes\":\"Child\",\"true\":\"T\"},\"text\":\"folded lines\\n\"}"));
}

static void test_yaml_refusals_name_file_and_line(void **state)
{
	(void)state;
	static const struct { const char *yaml; int line; } BAD[] = {
		{ "", 1 }, { "a: &x 1\n", 1 }, { "a: 1\nb: *x\n", 2 }, { "a: !!str 1\n", 1 }, { "a: ! b\n", 1 }, { "a: !x {b: 1}\n", 1 }, { "a: &x [1]\n", 1 }, { "&k a: 1\n", 1 },
		{ "a: 1\n---\nb: 2\n", 2 }, { "a: 1\nb: 2\na: 3\n", 3 }, { "a: {b: 1, b: 2}\n", 1 }, { "1: x\n\"1\": y\n", 2 }, { "? [a]\n: b\n", 1 },
		{ "%YAML 1.1\n---\na: 1\n", 1 }, { "a: [1\n", 2 }, { "a: 9223372036854775808\n", 1 }, { "a: \"x\\0y\"\n", 1 }, { "a: \xff\n", 1 }, { "\"\": 1\n", 1 },
		{ "*x : 1\n", 1 },
	};
	for (size_t i = 0; i < COUNT(BAD); i++) {
		struct err err = { 0 };
		if (yaml_read(mem, str_of(BAD[i].yaml), "t.yaml", &err))
			fail_msg("accepted: %s", BAD[i].yaml);
		assert_int_equal(err.code, ERR_FORMAT);
		struct str start = str_fmt(mem, "t.yaml:%d: ", BAD[i].line);
		if (!str_starts(str_of(err.log), start))
			fail_msg("%s: %s", BAD[i].yaml, err.log);
	}
}

static json_t *nested(int depth)
{
	char text[256] = { 0 };
	memset(text, '[', (size_t)depth);
	memset(text + depth, ']', (size_t)depth);
	return yaml_read(mem, str_of(text), "t.yaml", NULL);
}

static void test_yaml_depth_is_bounded(void **state)
{
	(void)state;
	assert_non_null(nested(32));
	assert_null(nested(33));
	assert_null(nested(100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_refuses_what_two_readers_read_differently),
		cmocka_unit_test(test_json_error_does_not_quote_the_input),
		cmocka_unit_test(test_json_writes_in_order_or_sorted),
		cmocka_unit_test(test_json_getters_give_what_the_kind_allows),
		cmocka_unit_test(test_json_new_str_mends_bad_bytes),
		cmocka_unit_test(test_yaml_types_scalars),
		cmocka_unit_test(test_yaml_refusals_name_file_and_line),
		cmocka_unit_test(test_yaml_depth_is_bounded),
	};
	return cmocka_run_group_tests(tests, mem_open, mem_close);
}
