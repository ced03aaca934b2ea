/* What reads like a name asks for a second look; words of the road do not. */
#include "match/like.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void names_are_noticed(void **state)
{
	(void)state;
	static const char *const NAMES[] = { "علي حسن ينتظر عند المنفذ", "وصل محمد جاسم", "أم فاطمة مريضة", "السيد كريم", "عباس فاضل", "the driver mr hasan waits", "Ali Hasan", "الشيخ أحمد", "ئەحمەد حەسەن" };
	struct arena *mem = arena_new((size_t)8 << 20);
	for (size_t i = 0; i < COUNT(NAMES); i++)
		if (!name_like(mem, str_of(NAMES[i])).n)
			fail_msg("not noticed: %s", NAMES[i]);
	arena_free(mem);
}

static void words_of_the_road_pass(void **state)
{
	(void)state;
	static const char *const PLAIN[] = { "", "الجسر مغلق قرب المنفذ", "عطل في إطار الحافلة الثالثة", "تأخير ثلاثين دقيقة بسبب الازدحام", "The road is closed at the bridge", "Convoy 7 waits one hour",
		"فرق شخصين في الحافلة ٥", "نحتاج سيارة إسعاف", "ڕێگاکە داخراوە", "منفذ ربيعة مغلق" };
	struct arena *mem = arena_new((size_t)8 << 20);
	for (size_t i = 0; i < COUNT(PLAIN); i++) {
		struct str found = name_like(mem, str_of(PLAIN[i]));
		if (found.n)
			fail_msg("noticed: " S_FMT " in %s", S_ARG(found), PLAIN[i]);
	}
	arena_free(mem);
}

static void words_are_given_back_as_written(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)1 << 20);
	assert_true(str_is(name_like(mem, STR("وصل محمد جاسم الآن")), "محمد جاسم"));
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names_are_noticed), cmocka_unit_test(words_of_the_road_pass), cmocka_unit_test(words_are_given_back_as_written) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
