#include "exchange/channel.h"
#include "exchange/recall.h"
#include <setjmp.h>
#include <cmocka.h>

/* The text of an erasure note as docs/exchange.md writes it, and what is no note; what may not be asked. */
#define HEAD "jisr-erasure/1\nfrom momd.iq\nto camp.sy\n"
#define GOOD HEAD "cause recall\nentry 41\nat 2026-05-23T05:30:00.000Z\nrecord 01890a5d-ac96-774b-bcce-b302099a8057\n"

static void the_note_of_the_description_reads_and_writes(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)1 << 22);
	struct erasure_note x;
	struct err err = { 0 };
	assert_int_equal(erasure_note_parse(mem, STR(GOOD), &x, &err), 0);
	assert_true(str_is(x.from, "momd.iq") && str_is(x.to, "camp.sy") && str_is(x.cause, "recall") && x.entry == 41 && x.n == 1);
	assert_true(str_is(id_text(mem, x.records[0]), "01890a5d-ac96-774b-bcce-b302099a8057"));
	assert_true(str_eq(erasure_note_text(mem, &x), STR(GOOD)));
	arena_free(mem);
}

static void what_another_writer_would_write_is_refused(void **state)
{
	(void)state;
	static const char *const BAD[] = { "", "jisr-erasure/1\n", "jisr-erasure/2\n", HEAD "cause recall\nentry 41\nat 2026-05-23T05:30:00.000Z\n",
		HEAD "cause regret\nentry 41\nat 2026-05-23T05:30:00.000Z\nrecord 01890a5d-ac96-774b-bcce-b302099a8057\n",
		HEAD "cause recall\nentry 041\nat 2026-05-23T05:30:00.000Z\nrecord 01890a5d-ac96-774b-bcce-b302099a8057\n",
		HEAD "entry 41\ncause recall\nat 2026-05-23T05:30:00.000Z\nrecord 01890a5d-ac96-774b-bcce-b302099a8057\n",
		HEAD "cause recall\nentry 41\nat 2026-05-23T05:30:00.000Z\nrecord 01890A5D-AC96-774B-BCCE-B302099A8057\n", GOOD "record nothing\n", GOOD "\n",
		HEAD "cause recall\nentry 41\nat 2026-05-23T05:30:00.000Z\nrecord 01890a5d-ac96-774b-bcce-b302099a8057" };
	struct arena *mem = arena_new((size_t)1 << 22);
	for (size_t i = 0; i < COUNT(BAD); i++) {
		struct erasure_note x;
		struct err err = { 0 };
		if (erasure_note_parse(mem, str_of(BAD[i]), &x, &err) == 0)
			fail_msg("accepted: %s", BAD[i]);
	}
	arena_free(mem);
}

static void kinship_and_children_are_refused_in_every_language(void **state)
{
	(void)state;
	static const char *const KIN[] = { "His brother was there.", "Wife of a member", "لأن أخاه، أو أخوه، معروف", "وعائلته معروفة", "بسبب زوجته", "براکەی؛ برای کەسێکە", "kinship" };
	static const char *const FINE[] = { "A court asks about acts of 2016.", "Order of the court of Ninewa.", "تسأل المحكمة عن أفعال سنة ٢٠١٦", "A seasonal person", "" };
	struct str none = { 0 };
	for (size_t i = 0; i < COUNT(KIN); i++)
		if (!channel_unlawful(STR("judicial_case"), str_of(KIN[i]), none, none))
			fail_msg("accepted: %s", KIN[i]);
	for (size_t i = 0; i < COUNT(FINE); i++)
		if (channel_unlawful(STR("judicial_case"), str_of(FINE[i]), none, none))
			fail_msg("refused: %s", FINE[i]);
	assert_null(channel_unlawful(STR("family_tracing"), STR("A mother looks for her son."), STR("missing"), STR("yes")));
	assert_non_null(channel_unlawful(STR("family_tracing"), none, STR("suspect"), STR("yes")));
	assert_non_null(channel_unlawful(STR("judicial_case"), none, STR("witness"), STR("presumed")));
	assert_non_null(channel_unlawful(STR("papers"), none, STR("applicant"), STR("presumed")));
	assert_null(channel_unlawful(STR("judicial_case"), none, STR("suspect"), STR("no")));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_note_of_the_description_reads_and_writes), cmocka_unit_test(what_another_writer_would_write_is_refused),
		cmocka_unit_test(kinship_and_children_are_refused_in_every_language) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
