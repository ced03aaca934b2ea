#include "base/date.h"
#include <setjmp.h>
#include <cmocka.h>

static struct date parsed(const char *text)
{
	struct date d;
	if (date_parse(str_of(text), &d) < 0)
		fail_msg("refused: %s", text);
	return d;
}

static enum child child_on(const char *birth, int y, int m, int d)
{
	return date_child(birth ? parsed(birth) : (struct date){ 0 }, day_of(y, m, d));
}

static void test_days_go_there_and_back(void **state)
{
	(void)state;
	assert_int_equal(day_of(1970, 1, 1), 0);
	assert_int_equal(day_of(2000, 2, 29), 11016);
	assert_int_equal(day_of(2026, 11, 24), 20781);
	int32_t day = day_of(1895, 12, 31), end = day_of(2105, 1, 1);
	int y = 1895, m = 12, d = 31;
	for (; day < end; day++) {
		int y2, m2, d2;
		day_split(day, &y2, &m2, &d2);
		assert_int_equal(day_of(y2, m2, d2), day);
		assert_true(y2 * 10000 + m2 * 100 + d2 >= y * 10000 + m * 100 + d);
		y = y2;
		m = m2;
		d = d2;
	}
	assert_int_equal(day_of_ms(-1), -1);
	assert_int_equal(day_of_ms(86400000), 1);
}

static void test_forms_are_read_and_written(void **state)
{
	(void)state;
	static const struct { const char *in, *out; } FORMS[] = {
		{ "2019", "2019" }, { "2019-05", "2019-05" }, { "2019-05-01", "2019-05-01" }, { "2015..2017", "2015..2017" }, { "~2016", "~2016" },
		{ "1/7/1990", "1990-07-01" }, { "31/12/1985", "1985-12-31" }, { " 2019 ", "2019" }, { "٢٠١٩-٠٥-٠١", "2019-05-01" },
		{ "١/٧/١٩٩٠", "1990-07-01" }, { "۲۰۱۶", "2016" }, { "2020-02-29", "2020-02-29" }, { "2000-02-29", "2000-02-29" },
	};
	struct arena *mem = arena_new(1 << 16);
	for (size_t i = 0; i < COUNT(FORMS); i++)
		assert_true(str_is(date_text(mem, parsed(FORMS[i].in)), FORMS[i].out));
	arena_free(mem);
}

static void test_what_is_no_date_is_refused(void **state)
{
	(void)state;
	static const char *const BAD[] = { "", "-", "19", "0000", "20190", "2019-13", "2019-00", "2019-02-29", "1900-02-29", "2019-04-31", "2019-05-00",
		"2019-5-1", "31/2/1990", "0/1/1990", "1/13/1990", "7/1990", "1/7/90", "1990/7/1", "1/7/1990/", "2017..2015", "2015..", "..2015", "~", "~16",
		"2019-05-01T", "2019-05-0a", "+2019", "2019\xff", "2019\n05", "2019-05-01 2019-05-01 2019-05-01" };
	struct date d;
	for (size_t i = 0; i < COUNT(BAD); i++)
		if (date_parse(str_of(BAD[i]), &d) == 0)
			fail_msg("accepted: %s", BAD[i]);
	assert_int_equal(date_parse((struct str){ "2019\0", 5 }, &d), -1);
}

static void test_registered_days_mean_their_year(void **state)
{
	(void)state;
	int32_t first, last;
	assert_true(date_conventional(parsed("1990-07-01")) && date_conventional(parsed("1/1/1990")));
	assert_false(date_conventional(parsed("1990-07-02")));
	assert_false(date_conventional(parsed("1990-07")));
	date_span(parsed("1990-07-01"), &first, &last);
	assert_int_equal(first, day_of(1990, 1, 1));
	assert_int_equal(last, day_of(1990, 12, 31));
	date_span(parsed("2024-02"), &first, &last);
	assert_int_equal(last, day_of(2024, 2, 29));
	date_span(parsed("~2016"), &first, &last);
	assert_int_equal(first, day_of(2014, 1, 1));
	assert_int_equal(last, day_of(2018, 12, 31));
}

static void test_child_by_day(void **state)
{
	(void)state;
	assert_int_equal(child_on("2008-11-25", 2026, 11, 24), CHILD_YES);
	assert_int_equal(child_on("2008-11-24", 2026, 11, 24), CHILD_NO);      /* the birthday itself */
	assert_int_equal(child_on("2008-02-29", 2026, 2, 28), CHILD_YES);
	assert_int_equal(child_on("2008-02-29", 2026, 3, 1), CHILD_NO);
	assert_int_equal(child_on("2027-01-02", 2026, 11, 24), CHILD_YES);     /* written wrongly, never an adult */
}

static void test_child_where_the_birth_is_not_known(void **state)
{
	(void)state;
	assert_int_equal(child_on(NULL, 2026, 11, 24), CHILD_PRESUMED);
	assert_int_equal(date_age((struct date){ 0 }, day_of(2026, 11, 24)), -1);
}

static void test_child_by_year_until_its_last_day(void **state)
{
	(void)state;
	assert_int_equal(child_on("2008", 2026, 1, 1), CHILD_YES);
	assert_int_equal(child_on("2008", 2026, 12, 31), CHILD_YES);
	assert_int_equal(child_on("2008", 2027, 1, 1), CHILD_NO);
	assert_int_equal(child_on("2008-07-01", 2026, 12, 31), CHILD_YES);     /* the day of registers: year only */
	assert_int_equal(child_on("2008-07-01", 2027, 1, 1), CHILD_NO);
}

static void test_child_where_the_span_touches_18(void **state)
{
	(void)state;
	assert_int_equal(child_on("2006..2009", 2026, 11, 24), CHILD_PRESUMED);
	assert_int_equal(child_on("2006..2008", 2026, 12, 31), CHILD_PRESUMED);
	assert_int_equal(child_on("2006..2008", 2027, 1, 1), CHILD_NO);
	assert_int_equal(child_on("2009..2012", 2026, 11, 24), CHILD_YES);
	assert_int_equal(child_on("~2007", 2026, 11, 24), CHILD_PRESUMED);     /* 2005 to 2009 */
	assert_int_equal(child_on("~2005", 2026, 11, 24), CHILD_NO);
	assert_int_equal(child_on("~2015", 2026, 11, 24), CHILD_YES);
	assert_int_equal(child_on("2008-11", 2026, 11, 24), CHILD_PRESUMED);
	assert_int_equal(child_on("2008-11", 2026, 11, 30), CHILD_NO);
	assert_int_equal(child_on("2008-11", 2026, 10, 31), CHILD_YES);
}

static void test_age_only_where_it_is_certain(void **state)
{
	(void)state;
	int32_t today = day_of(2026, 11, 24);
	assert_int_equal(date_age(parsed("1990-11-24"), today), 36);
	assert_int_equal(date_age(parsed("1990-11-25"), today), 35);
	assert_int_equal(date_age(parsed("1990-05"), today), 36);
	assert_int_equal(date_age(parsed("1990"), today), -1);
	assert_int_equal(date_age(parsed("1990-07-01"), today), -1);
	assert_int_equal(date_age(parsed("2027-01-02"), today), -1);
}

static void test_instants(void **state)
{
	(void)state;
	struct arena *mem = arena_new(1 << 16);
	int64_t ms = 0, same = 0;
	assert_int_equal(time_parse(STR("2026-11-24T09:15:00.123Z"), &ms), 0);
	assert_true(str_is(time_text(mem, ms), "2026-11-24T09:15:00.123Z"));
	assert_int_equal(time_parse(STR("2026-11-24T12:15:00.1239+03:00"), &same), 0);
	assert_true(ms == same);
	assert_int_equal(time_parse(STR("2026-11-23t23:15:00.123-10:00"), &same), 0);
	assert_true(ms == same);
	assert_true(str_is(time_text(mem, -1), "1969-12-31T23:59:59.999Z"));
	static const char *const BAD[] = { "2026-11-24T09:15:00", "2026-11-24 09:15:00Z", "2026-11-24T24:00:00Z", "2026-11-24T09:60:00Z", "2026-02-30T09:15:00Z",
		"2026-11-24T09:15:00.Z", "2026-11-24T09:15:00Z ", "2026-11-24T09:15:00+3:00", "2026-11-24T09:15:00+24:00", "2026-11-24T9:15:00.00Z", "" };
	for (size_t i = 0; i < COUNT(BAD); i++)
		if (time_parse(str_of(BAD[i]), &ms) == 0)
			fail_msg("accepted: %s", BAD[i]);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days_go_there_and_back),
		cmocka_unit_test(test_forms_are_read_and_written),
		cmocka_unit_test(test_what_is_no_date_is_refused),
		cmocka_unit_test(test_registered_days_mean_their_year),
		cmocka_unit_test(test_child_by_day),
		cmocka_unit_test(test_child_where_the_birth_is_not_known),
		cmocka_unit_test(test_child_by_year_until_its_last_day),
		cmocka_unit_test(test_child_where_the_span_touches_18),
		cmocka_unit_test(test_age_only_where_it_is_certain),
		cmocka_unit_test(test_instants),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
