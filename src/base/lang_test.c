#include "base/lang_i.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/embed.h"
#include "base/err.h"
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

struct message { struct str key, text; };

#define TEXT(lit) { lit, sizeof(lit) - 1 }

/* In the order of strcmp, as msgfmt sorts. */
static const struct message SMALL[] = {
	{ TEXT("%s family\0%s families"), TEXT("لا عائلات\0عائلة واحدة\0عائلتان\0%s عائلات\0%s عائلة\0%s عائلة أخرى") },
	{ TEXT("Open"), TEXT("فتح") },
	{ TEXT("state\004Open"), TEXT("مفتوح") },
	{ TEXT("z"), TEXT("ي") },
};

static void put_le32(struct buf *b, size_t v)
{
	for (int i = 0; i < 4; i++)
		buf_u8(b, (uint8_t)(v >> (8 * i)));
}

/* A .mo file of these messages, as the GNU gettext manual describes it. */
static struct bytes mo_make(const struct message *m, size_t n)
{
	struct buf head = buf_new(mem, 1 << 16), pool = buf_new(mem, 1 << 16);
	size_t start = 28 + 16 * n;
	const size_t HEADER[] = { 0x950412de, 0, n, 28, 28 + 8 * n, 0, start };
	for (size_t i = 0; i < COUNT(HEADER); i++)
		put_le32(&head, HEADER[i]);
	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n; i++) {
			struct str s = pass == 0 ? m[i].key : m[i].text;
			put_le32(&head, s.n);
			put_le32(&head, start + pool.n);
			buf_str(&pool, s);
			buf_ch(&pool, 0);
		}
	}
	buf_str(&head, buf_text(&pool));
	return buf_bytes(&head);
}

static void test_arabic_has_six_forms(void **state)
{
	(void)state;
	static const struct { uint64_t n; const char *text; } FORMS[] = {
		{ 0, "لا عائلات" }, { 1, "عائلة واحدة" }, { 2, "عائلتان" }, { 3, "%s عائلات" }, { 10, "%s عائلات" }, { 11, "%s عائلة" }, { 99, "%s عائلة" },
		{ 100, "%s عائلة أخرى" }, { 102, "%s عائلة أخرى" }, { 103, "%s عائلات" }, { 111, "%s عائلة" },
	};
	struct bytes mo = mo_make(SMALL, COUNT(SMALL));
	for (size_t i = 0; i < COUNT(FORMS); i++)
		assert_string_equal(mo_plural(mo, LANG_AR, "%s family", "%s families", FORMS[i].n).p, FORMS[i].text);
}

static void test_sorani_and_english_have_two_forms(void **state)
{
	(void)state;
	static const enum lang TWO[] = { LANG_CKB, LANG_EN };
	for (size_t i = 0; i < COUNT(TWO); i++) {
		assert_int_equal(plural_form(TWO[i], 0), 1);
		assert_int_equal(plural_form(TWO[i], 1), 0);
		assert_int_equal(plural_form(TWO[i], 2), 1);
		assert_int_equal(plural_form(TWO[i], 101), 1);
	}
}

static void test_plural_without_translation_is_english(void **state)
{
	(void)state;
	assert_true(str_is(tr_n(LANG_AR, "%s zebra (test)", "%s zebras (test)", 1), "%s zebra (test)"));
	assert_true(str_is(tr_n(LANG_AR, "%s zebra (test)", "%s zebras (test)", 3), "%s zebras (test)"));
}

static void test_contexts_are_kept_apart(void **state)
{
	(void)state;
	struct bytes mo = mo_make(SMALL, COUNT(SMALL));
	assert_true(str_is(mo_find(mo, STR("state"), STR("Open")), "مفتوح"));
	assert_true(str_is(mo_find(mo, (struct str){ 0 }, STR("Open")), "فتح"));
	assert_true(str_is(mo_find(mo, (struct str){ 0 }, STR("z")), "ي"));
	assert_null(mo_find(mo, STR("stat"), STR("Open")).p);
	assert_null(mo_find(mo, STR("button"), STR("Open")).p);
	assert_null(mo_find(mo, (struct str){ 0 }, STR("Ope")).p);
	assert_null(mo_find(mo, (struct str){ 0 }, STR("")).p);
}

static void test_damaged_catalogue_finds_nothing(void **state)
{
	(void)state;
	struct bytes mo = mo_make(SMALL, COUNT(SMALL));
	for (size_t n = 0; n < mo.n; n++) {
		uint8_t *cut = malloc(n ? n : 1);      /* a buffer of its own, so that ASan sees a step beyond it */
		assert_non_null(cut);
		memcpy(cut, mo.p, n);
		mo_find(bytes_of(cut, n), (struct str){ 0 }, STR("z"));
		free(cut);
	}
	uint8_t *wild = arena_copy(mem, mo.p, mo.n);
	memset(wild + 28, 0xff, 16 * COUNT(SMALL));
	assert_null(mo_find(bytes_of(wild, mo.n), (struct str){ 0 }, STR("z")).p);
}

static void test_every_sentence_of_an_error_is_translated(void **state)
{
	(void)state;
	static const enum lang OTHERS[] = { LANG_AR, LANG_CKB };
	for (enum err_code c = ERR_NONE; c < ERR_CODES; c++) {
		const char *english = err_class(c)->user;
		assert_string_equal(tr(LANG_EN, english).p, english);
		for (size_t i = 0; i < COUNT(OTHERS); i++)
			assert_false(str_is(tr(OTHERS[i], english), english));
	}
	assert_string_equal(tr(LANG_AR, "Sign in first.").p, "يرجى تسجيل الدخول أولاً.");
	assert_string_equal(tr(LANG_AR, "no such message (test)").p, "no such message (test)");
	assert_string_equal(tr_ctx(LANG_AR, "no such context", "Sign in first.").p, "يرجى تسجيل الدخول أولاً.");
	assert_int_equal(tr(LANG_AR, "").n, 0);
}

static void test_each_catalogue_states_our_plural_rule(void **state)
{
	(void)state;
	static const size_t FORMS[LANGS] = { 6, 2, 2 };
	for (enum lang l = 0; l < LANGS; l++) {
		const struct embedded *mo = embedded_find(str_fmt(mem, "po/%s.mo", lang_info(l)->code));
		assert_non_null(mo);
		struct str all = { (const char *)mo->data, mo->n };
		assert_true(str_find(all, str_fmt(mem, "nplurals=%zu;", FORMS[l])) < all.n);
	}
}

static void test_fill_orders_and_isolates(void **state)
{
	(void)state;
	const struct str args[] = { STR("A"), STR("B") };
	assert_true(str_is(tr_fill(mem, STR("%s to %s"), args, 2, false), "A to B"));
	assert_true(str_is(tr_fill(mem, STR("%2$s, %1$s"), args, 2, false), "B, A"));
	assert_true(str_is(tr_fill(mem, STR("<%s>"), args, 1, true), "<\u2068A\u2069>"));
	assert_true(str_is(tr_fill(mem, STR("100 %% of %s, %d%"), args, 1, false), "100 % of A, %d%"));
	assert_true(str_is(tr_fill(mem, STR("%s%s%s|%9$s"), args, 2, false), "AB|"));
	const struct str tricky[] = { STR("%s") };      /* an argument is never read as a place */
	assert_true(str_is(tr_fill(mem, STR("%s"), tricky, 1, false), "%s"));
}

static void test_numbers(void **state)
{
	(void)state;
	assert_true(str_is(num_text(mem, LANG_EN, NUMERALS_LOCAL, 1234567), "1,234,567"));
	assert_true(str_is(num_text(mem, LANG_AR, NUMERALS_LOCAL, 1234), "١٬٢٣٤"));
	assert_true(str_is(num_text(mem, LANG_CKB, NUMERALS_LOCAL, 120), "١٢٠"));
	assert_true(str_is(num_text(mem, LANG_AR, NUMERALS_EUROPEAN, 1000), "1,000"));
	assert_true(str_is(num_text(mem, LANG_EN, NUMERALS_LOCAL, 0), "0"));
	assert_true(str_is(num_text(mem, LANG_AR, NUMERALS_LOCAL, -5), "\u061c-٥"));
	assert_true(str_is(num_text(mem, LANG_EN, NUMERALS_LOCAL, INT64_MIN), "-9,223,372,036,854,775,808"));
	assert_true(str_is(num_plain(mem, LANG_AR, NUMERALS_LOCAL, STR("10:42")), "١٠:٤٢"));
	assert_true(str_is(num_plain(mem, LANG_AR, NUMERALS_EUROPEAN, STR("10:42")), "10:42"));
}

static void test_dates_show_their_precision(void **state)
{
	(void)state;
	assert_true(str_is(date_local(mem, LANG_AR, NUMERALS_EUROPEAN, "2026-11-24"), "24 تشرين الثاني 2026"));
	assert_true(str_is(date_local(mem, LANG_AR, NUMERALS_LOCAL, "2025-01"), "كانون الثاني ٢٠٢٥"));
	assert_true(str_is(date_local(mem, LANG_CKB, NUMERALS_LOCAL, "2025-01-05"), "٥ی کانوونی دووەمی ٢٠٢٥"));
	assert_true(str_is(date_local(mem, LANG_EN, NUMERALS_LOCAL, "2026-12-01"), "1 December 2026"));
	assert_true(str_is(date_local(mem, LANG_AR, NUMERALS_LOCAL, "2023"), "٢٠٢٣"));
	assert_true(str_is(date_local(mem, LANG_AR, NUMERALS_LOCAL, "2015..2017"), "من ٢٠١٥ إلى ٢٠١٧"));
	assert_true(str_is(date_local(mem, LANG_AR, NUMERALS_LOCAL, "~2016"), "نحو ٢٠١٦"));
	assert_true(str_is(date_local(mem, LANG_AR, NUMERALS_LOCAL, "unknown"), "unknown"));
}

static void test_hijri_beside_a_day(void **state)
{
	(void)state;
	/* 1 Muharram 1446 was 7 July 2024 in the Umm al-Qura calendar. */
	assert_true(str_starts(date_hijri(mem, LANG_EN, NUMERALS_LOCAL, "2024-07-07"), STR("1 Muharram 1446 AH")));
	assert_true(str_starts(date_hijri(mem, LANG_AR, NUMERALS_LOCAL, "2025-01-01"), STR("١ رجب ١٤٤٦")));
	assert_int_equal(date_hijri(mem, LANG_AR, NUMERALS_LOCAL, "2024").n, 0);
}

static int64_t at(const char *text)
{
	int64_t ms = 0;
	assert_int_equal(time_parse(str_of(text), &ms), 0);
	return ms;
}

static void test_times_are_relative_for_two_days_of_baghdad(void **state)
{
	(void)state;
	int64_t now = at("2026-11-24T09:00:00Z");
	assert_true(str_is(time_local(mem, LANG_EN, NUMERALS_LOCAL, at("2026-11-24T07:42:59Z"), now), "today 10:42"));
	assert_true(str_is(time_local(mem, LANG_AR, NUMERALS_LOCAL, at("2026-11-24T07:42:00Z"), now), "١٠:٤٢ اليوم"));
	assert_true(str_is(time_local(mem, LANG_CKB, NUMERALS_LOCAL, at("2026-11-24T07:42:00Z"), now), "١٠:٤٢ی ئەمڕۆ"));
	assert_true(str_is(time_local(mem, LANG_EN, NUMERALS_LOCAL, at("2026-11-23T21:00:00Z"), now), "today 00:00"));
	assert_true(str_is(time_local(mem, LANG_EN, NUMERALS_LOCAL, at("2026-11-23T20:59:59Z"), now), "yesterday 23:59"));
	assert_true(str_is(time_local(mem, LANG_EN, NUMERALS_LOCAL, at("2026-11-22T20:59:59Z"), now), "22 November 2026 23:59"));
	assert_true(str_is(time_local(mem, LANG_EN, NUMERALS_LOCAL, at("2026-11-25T07:00:00Z"), now), "25 November 2026 10:00"));
}

static void test_languages(void **state)
{
	(void)state;
	enum lang l = LANG_EN;
	assert_int_equal(lang_parse(STR("ckb"), &l), 0);
	assert_int_equal(l, LANG_CKB);
	assert_string_equal(lang_info(LANG_CKB)->dir, "rtl");
	assert_string_equal(lang_info(LANG_EN)->dir, "ltr");
	assert_int_equal(lang_parse(STR("fr"), &l), -1);
	assert_int_equal(lang_parse(STR(""), &l), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arabic_has_six_forms),
		cmocka_unit_test(test_sorani_and_english_have_two_forms),
		cmocka_unit_test(test_plural_without_translation_is_english),
		cmocka_unit_test(test_contexts_are_kept_apart),
		cmocka_unit_test(test_damaged_catalogue_finds_nothing),
		cmocka_unit_test(test_every_sentence_of_an_error_is_translated),
		cmocka_unit_test(test_each_catalogue_states_our_plural_rule),
		cmocka_unit_test(test_fill_orders_and_isolates),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_dates_show_their_precision),
		cmocka_unit_test(test_hijri_beside_a_day),
		cmocka_unit_test(test_times_are_relative_for_two_days_of_baghdad),
		cmocka_unit_test(test_languages),
	};
	return cmocka_run_group_tests(tests, mem_open, mem_close);
}
