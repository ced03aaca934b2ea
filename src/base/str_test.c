#include "base/str.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_cut_walks_every_part(void **state)
{
	(void)state;
	struct str rest = STR("a,,b"), parts[4];
	size_t n = 0;
	while (rest.p && n < COUNT(parts))
		parts[n++] = str_cut(&rest, ',');
	assert_int_equal(n, 3);
	assert_true(str_is(parts[0], "a") && parts[1].n == 0 && str_is(parts[2], "b"));
}

static void test_cut_of_empty_text_ends(void **state)
{
	(void)state;
	struct str rest = { 0 };
	assert_int_equal(str_cut(&rest, ',').n, 0);
	assert_null(rest.p);
}

static void test_sub_is_clamped(void **state)
{
	(void)state;
	assert_true(str_is(str_sub(STR("abc"), 1, 99), "bc"));
	assert_int_equal(str_sub(STR("abc"), 9, 1).n, 0);
	assert_int_equal(str_sub(STR("abc"), 1, SIZE_MAX).n, 2);
}

static void test_compare_find_starts_ends(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
	assert_true(str_cmp(STR("b"), STR("abc")) > 0);
	assert_int_equal(str_cmp((struct str){ 0 }, STR("")), 0);
	assert_int_equal(str_find(STR("camp to home"), STR("to")), 5);
	assert_int_equal(str_find(STR("camp"), STR("x")), 4);
	assert_true(str_starts(STR("/batches/20"), STR("/batches/")));
	assert_false(str_starts(STR("/b"), STR("/batches")));
	assert_true(str_ends(STR("a.yaml"), STR(".yaml")));
	assert_true(str_is(str_trim(STR(" \t a b\r\n")), "a b"));
}

static void test_numbers_refuse_overflow_and_junk(void **state)
{
	(void)state;
	uint64_t u = 0;
	int64_t i = 0;
	assert_int_equal(str_u64(STR("18446744073709551615"), &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(str_u64(STR("18446744073709551616"), &u), -1);
	assert_int_equal(str_u64(STR(""), &u), -1);
	assert_int_equal(str_u64(STR("+1"), &u), -1);
	assert_int_equal(str_u64(STR("12 "), &u), -1);
	assert_int_equal(str_i64(STR("-42"), &i), 0);
	assert_int_equal(i, -42);
	assert_int_equal(str_i64(STR("9223372036854775808"), &i), -1);
	assert_int_equal(str_i64(STR("-"), &i), -1);
	assert_int_equal(str_i64(STR("--1"), &i), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_walks_every_part),
		cmocka_unit_test(test_cut_of_empty_text_ends),
		cmocka_unit_test(test_sub_is_clamped),
		cmocka_unit_test(test_compare_find_starts_ends),
		cmocka_unit_test(test_numbers_refuse_overflow_and_junk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
