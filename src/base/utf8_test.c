#include "base/utf8.h"
#include <setjmp.h>
#include <cmocka.h>

static void assert_cleaned(const char *raw, const char *clean)
{
	struct arena *mem = arena_new(1 << 16);
	struct str out = { 0 };
	if (text_clean(mem, str_of(raw), &out) < 0)
		fail_msg("refused: %s", raw);
	assert_string_equal(str_z(mem, out), clean);
	arena_free(mem);
}

static void assert_refused(struct str raw)
{
	struct arena *mem = arena_new(1 << 16);
	struct str out = { 0 };
	assert_int_equal(text_clean(mem, raw, &out), -1);
	arena_free(mem);
}

static void test_every_code_point_goes_there_and_back(void **state)
{
	(void)state;
	for (int32_t cp = 1; cp <= 0x10ffff; cp += cp < 0x3000 ? 1 : 37) {
		char out[4];
		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		struct str s = { out, utf8_put(out, cp) };
		assert_int_equal(utf8_next(&s), cp);
		assert_int_equal(s.n, 0);
	}
}

static void test_bad_bytes_are_refused_and_nothing_moves(void **state)
{
	(void)state;
	static const char *const BAD[] = { "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
		"\xd8", "\xe2\x81", "\xe2\x41\xa8", "\xff" };
	for (size_t i = 0; i < COUNT(BAD); i++) {
		struct str s = str_of(BAD[i]);
		assert_int_equal(utf8_next(&s), -1);
		assert_ptr_equal(s.p, BAD[i]);
		assert_false(utf8_valid(str_of(BAD[i])));
	}
	assert_true(utf8_valid(STR("جسر")));
	assert_int_equal(utf8_count(STR("جسر")), 3);
}

static void test_clean_takes_out_what_turns_a_line(void **state)
{
	(void)state;
	assert_cleaned("ab\u202ecd\u202c", "abcd");                              /* the file name trick */
	assert_cleaned("\u202a\u202b\u202d\u202e", "");
	assert_cleaned("\u2068علي\u2069", "\u2068علي\u2069");                    /* a pair is in order */
	assert_cleaned("علي\u2069", "علي");
	assert_cleaned("\u2067علي", "علي");
	assert_cleaned("a \u2067 b", "a b");
	assert_cleaned("\u2066a\u2068b\u2069", "a\u2068b\u2069");                /* the outer one is open */
	assert_cleaned("می\u200cخواهم", "می\u200cخواهم");                        /* the joiners of Kurdish and Persian stay */
}

static void test_clean_folds_white_space(void **state)
{
	(void)state;
	assert_cleaned("  علي \t\r\n  حسين\u00a0\u3000", "علي حسين");
	assert_cleaned("", "");
	assert_cleaned(" \u2003 ", "");
	assert_cleaned("a\u2028b", "a b");
}

static void test_clean_composes(void **state)
{
	(void)state;
	assert_cleaned("\u0627\u0653", "\u0622");        /* alef and madda */
	assert_cleaned("e\u0302", "ê");
	assert_cleaned("\u0958", "\u0915\u093c");        /* grows: excluded from composition */
}

static void test_clean_refuses_controls_and_bad_bytes(void **state)
{
	(void)state;
	assert_refused(STR("a\x01"));
	assert_refused((struct str){ "a\0b", 3 });
	assert_refused(STR("a\x7f"));
	assert_refused(STR("a\xc2\x9b"));              /* the one-byte escape of terminals */
	assert_refused(STR("a\xff"));
	assert_refused(STR("\xed\xa0\x80"));
}

static void test_digits_of_all_scripts(void **state)
{
	(void)state;
	struct arena *mem = arena_new(4096);
	assert_true(str_is(digits_ascii(mem, STR("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ 07")), "0123456789 0123456789 07"));
	assert_true(str_is(digits_ascii(mem, STR("رقم ٣٪")), "رقم 3٪"));
	assert_int_equal(digits_ascii(mem, (struct str){ "\xd9", 1 }).n, 1);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code_point_goes_there_and_back),
		cmocka_unit_test(test_bad_bytes_are_refused_and_nothing_moves),
		cmocka_unit_test(test_clean_takes_out_what_turns_a_line),
		cmocka_unit_test(test_clean_folds_white_space),
		cmocka_unit_test(test_clean_composes),
		cmocka_unit_test(test_clean_refuses_controls_and_bad_bytes),
		cmocka_unit_test(test_digits_of_all_scripts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
