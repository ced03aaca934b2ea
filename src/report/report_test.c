/* The four batches of the demo, counted and released; what a reader of the published figures may and may not learn. */
#include "report/sheet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS, &RECORD_MIGRATIONS, &REPORT_MIGRATIONS };
struct bench { int64_t later_ms;      /* each release is decided at a time of its own */
	struct arena *mem; struct store *store; struct keys *keys; struct node node; };
#define DAY_MS (24LL * 3600 * 1000)

static int kept(void *arg, struct bytes sealed)
{
	(void)arg;
	return sealed.n ? 0 : -1;
}

static struct bench bench_new(void)
{
	static const struct seal_lock lock = { .passes = 1, .mib = 8 };
	struct bench b = { .mem = arena_new((size_t)256 << 20) };
	struct err err = { 0 };
	b.keys = keys_local(b.mem, &(struct keys_start){ .blob = keys_blob_new(b.mem, source_system()), .counters_fd = -1, .ceiling = 1000, .lock = &lock, .vault = { kept, NULL } }, &err);
	assert_int_equal(store_open(b.mem, ":memory:", &b.store, &err), 0);
	assert_int_equal(store_migrate(b.store, SETS, COUNT(SETS), &err), 0);
	b.node = (struct node){ .name = STR("test.node"), .keys = b.keys, .source = source_system() };
	assert_int_equal(ledger_open(b.mem, store_tx(b.store), b.keys, source_system(), STR("test.node"), &b.node.ledger, &err), 0);
	return b;
}

static void bench_end(struct bench *b)
{
	store_close(b->store);
	arena_free(b->mem);
}

static struct work work_of(struct bench *b, const char *role)
{
	struct work w = { .node = &b->node, .tx = store_tx(b->store), .mem = b->mem, .now_ms = source_now_ms(source_system()) + b->later_ms, .lang = LANG_EN };
	w.actor = (struct actor){ .account = id_new(source_system()), .role = str_of(role) };
	return w;
}

static struct id list_of(int64_t batch, uint8_t n)
{
	return (struct id){ { 1, (uint8_t)batch, n } };
}

/* DOMAIN 1.6; batch 20: 216 from Ninewa, 72 from Anbar, 72 from the rest. The others come from two governorates. */
static void count_batch(struct work *w, int64_t batch, int64_t families, int64_t persons, int64_t days_ago)
{
	int64_t ninewa = persons * 6 / 10, anbar = persons / 5, rest = persons - ninewa - anbar;
	struct count_cell cells[] = { { STR("IQG15"), 1, BAND_18_59, ninewa / 2 }, { STR("IQG15"), 2, BAND_5_11, ninewa - ninewa / 2 },
		{ STR("IQG01"), 2, BAND_18_59, anbar }, { STR("IQG08"), 2, BAND_0_4, rest - 30 - 4 }, { STR("IQG13"), 1, BAND_12_17, 30 }, { STR("IQG16"), 1, BAND_60, 4 } };
	struct count c = { .list = list_of(batch, 1), .batch = batch, .origin = STR("SY-P-HOL"), .destination = STR("IQ-P-JEDDAH1"), .date = STR("2026-11-13"),
		.arrived_ms = w->now_ms - days_ago * DAY_MS, .families = families, .cells = cells, .ncells = COUNT(cells) };
	struct err err = { 0 };
	assert_int_equal(report_count(w, &c, &err), 0);
}

static void count_four(struct work *w)
{
	count_batch(w, 6, 173, 659, 12);
	count_batch(w, 18, 159, 573, 9);
	count_batch(w, 20, 81, 360, 6);
	count_batch(w, 23, 161, 607, 4);
}

static void release_all(struct bench *b)
{
	b->later_ms += 1000;
	struct work asker = work_of(b, "MIG_SUP"), second = work_of(b, "MIG_OFF");
	struct id id;
	struct err err = { 0 };
	assert_int_equal(release_ask(&asker, &id, &err), 0);
	assert_int_equal(release_decide(&second, id, true, &err), 0);
}

static size_t released(struct work *w, struct released_batch **out)
{
	size_t n;
	struct err err = { 0 };
	assert_int_equal(released_batches(w, (struct id){ 0 }, out, &n, &err), 0);
	return n;
}

static void four_batches_are_released_by_two_persons(void **state)
{
	(void)state;
	static const int64_t EXPECTED[][3] = { { 6, 173, 659 }, { 18, 159, 573 }, { 20, 81, 360 }, { 23, 161, 607 } };
	struct bench b = bench_new();
	struct work sup = work_of(&b, "MIG_SUP"), off = work_of(&b, "MIG_OFF"), camp = work_of(&b, "CAMP_MGR");
	struct released_batch *r;
	struct id id;
	struct err err = { 0 };
	count_four(&sup);
	assert_int_equal(released(&sup, &r), 0);                         /* counted is not released */
	assert_int_equal(release_ask(&camp, &id, &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	assert_int_equal(release_ask(&sup, &id, &err), 0);
	assert_int_equal(release_decide(&sup, id, true, &err), -1);      /* never her own */
	assert_int_equal(err.code, ERR_FORBIDDEN);
	assert_int_equal(release_decide(&camp, id, true, &err), -1);
	assert_int_equal(released(&sup, &r), 0);
	uint64_t before = ledger_size(b.node.ledger);
	assert_int_equal(release_decide(&off, id, true, &err), 0);
	assert_int_equal(ledger_size(b.node.ledger), before + 1);
	assert_int_equal(released(&sup, &r), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(r[i].batch, EXPECTED[i][0]);
		assert_int_equal(r[i].families, EXPECTED[i][1]);
		assert_int_equal(r[i].persons, EXPECTED[i][2]);
	}
	assert_int_equal(release_decide(&off, id, false, &err), -1);     /* what is out stays out */
	assert_int_equal(err.code, ERR_CONFLICT);
	bench_end(&b);
}

static void small_cells_of_origin_are_hidden(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "MIG_SUP");
	struct released_cell *cells;
	size_t n, hidden = 0;
	struct err err = { 0 };
	count_four(&w);
	release_all(&b);
	assert_int_equal(released_cells(&w, 20, "area", &cells, &n, &err), 0);
	for (size_t i = 0; i < n; i++) {
		hidden += cells[i].hidden && cells[i].col.n;
		if (str_is(cells[i].row, "IQG15") && cells[i].col.n)
			assert_int_equal(cells[i].shown, 215);
		if (str_is(cells[i].row, "IQG01") && cells[i].col.n)
			assert_int_equal(cells[i].shown, 70);
		if (str_is(cells[i].row, "IQG16"))
			assert_true(cells[i].hidden);
	}
	assert_true(hidden >= 2);
	bench_end(&b);
}

static void a_small_correction_waits(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "MIG_SUP");
	struct counted_batch *c;
	struct released_batch *r;
	struct id id;
	size_t n;
	struct err err = { 0 };
	count_batch(&w, 20, 81, 360, 6);
	release_all(&b);
	count_batch(&w, 20, 81, 363, 6);
	assert_int_equal(counted_batches(&w, &c, &n, &err), 0);
	assert_int_equal(c[0].waits, WAITS_SMALL_CHANGE);
	assert_int_equal(release_ask(&w, &id, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	count_batch(&w, 20, 84, 380, 6);
	release_all(&b);
	assert_int_equal(released(&w, &r), 1);
	assert_int_equal(r[0].persons, 380);
	bench_end(&b);
}

/* Only what two persons released stands in it; it comes out once a day, by the supervisor, and a later release does not change it. */
static void a_situation_report_says_what_was_released(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work sup = work_of(&b, "MIG_SUP"), off = work_of(&b, "MIG_OFF");
	struct situation s;
	struct str day, again;
	struct err err = { 0 };
	count_batch(&sup, 6, 173, 659, 12);
	assert_int_equal(situation_release(&sup, &day, &err), -1);       /* counted is not released */
	assert_int_equal(err.code, ERR_VALUE);
	release_all(&b);
	assert_int_equal(situation_release(&off, &day, &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	assert_int_equal(situation_release(&sup, &day, &err), 0);
	count_batch(&sup, 18, 159, 573, 9);
	release_all(&b);
	assert_int_equal(situation_release(&sup, &again, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(situation_find(&sup, day, &s, &err), 1);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.persons, 659);
	assert_true(s.batches[0].fresh);
	b.later_ms += DAY_MS;
	struct work tomorrow = work_of(&b, "MIG_SUP");
	assert_int_equal(situation_release(&tomorrow, &again, &err), 0);
	assert_int_equal(situation_find(&tomorrow, again, &s, &err), 1);
	assert_int_equal(s.families, 173 + 159);
	assert_true(!s.batches[0].fresh && s.batches[1].fresh);
	assert_int_equal(situation_find(&tomorrow, STR("2020-01-01"), &s, &err), 0);
	bench_end(&b);
}

static void nothing_is_released_within_72_hours(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "MIG_SUP");
	struct id id;
	struct err err = { 0 };
	count_batch(&w, 23, 161, 607, 2);
	assert_int_equal(release_ask(&w, &id, &err), -1);
	bench_end(&b);
}

static void a_count_that_changed_is_not_confirmed(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work sup = work_of(&b, "MIG_SUP"), off = work_of(&b, "MIG_OFF");
	struct id id;
	struct err err = { 0 };
	count_batch(&sup, 20, 81, 360, 6);
	assert_int_equal(release_ask(&sup, &id, &err), 0);
	count_batch(&sup, 20, 82, 361, 6);
	assert_int_equal(release_decide(&off, id, true, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	bench_end(&b);
}

static void the_source_keeps_its_qualifiers(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)16 << 20);
	struct source_figures s;
	struct err err = { 0 };
	assert_int_equal(source_figures(mem, &s, &err), 0);
	assert_int_equal(s.nbatches, 4);
	const struct source_batch *b = source_batch(&s, 23);
	assert_non_null(b);
	assert_true(str_is(figure_text(mem, LANG_EN, NUMERALS_LOCAL, b->families), "more than 160"));
	assert_true(str_is(figure_text(mem, LANG_EN, NUMERALS_LOCAL, b->persons), "about 607"));
	assert_int_equal(s.returned_families.value, 1924);
	assert_int_equal(s.returned_persons.qualifier, FIGURE_ABOUT);
	assert_int_equal(s.nclaims, 7);
	arena_free(mem);
}

static void ages(void **state)
{
	(void)state;
	struct date d;
	int32_t day = day_of(2026, 11, 25);
	assert_int_equal(date_parse(STR("2024-01-01"), &d), 0);
	assert_int_equal(age_band_of(d, day), BAND_0_4);
	assert_int_equal(date_parse(STR("1990"), &d), 0);
	assert_int_equal(age_band_of(d, day), BAND_18_59);
	assert_int_equal(date_parse(STR("1990..2010"), &d), 0);
	assert_int_equal(age_band_of(d, day), BAND_UNKNOWN);
}

static bool holds(struct str hay, const char *needle)
{
	return str_find(hay, str_of(needle)) < hay.n;
}

static void files(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "STATS");
	struct sheet s;
	struct err err = { 0 };
	count_four(&w);
	release_all(&b);
	assert_int_equal(sheet_of(&w, true, &s, &err), 0);
	struct str plain = sheet_csv(b.mem, &s, true);
	assert_true(str_starts(plain, STR("\"batch\"")));
	assert_true(holds(plain, "#affected+hh+counted"));
	assert_true(holds(plain, "23,\"2026-11\",161,607,\"2025-03\",160,\"more_than\",607,\"about\""));
	w.lang = LANG_AR;
	assert_int_equal(sheet_of(&w, false, &s, &err), 0);
	struct str people = sheet_csv(b.mem, &s, false);
	assert_true(str_starts(people, STR("\xEF\xBB\xBF")));
	assert_true(holds(people, "\xD8\xA7\xD9\x84\xD9\x85\xD8\xB5\xD8\xAF\xD8\xB1"));      /* the head of the source's column, in Arabic */
	s.cells[2 * SHEET_COLUMNS + 1].text = STR("=1+1");
	assert_true(holds(sheet_csv(b.mem, &s, false), "\"'=1+1\""));
	struct str book = REPORT_JOB_XLSX.run(b.mem, sheet_job_input(b.mem, &s));
	assert_true(str_starts(book, STR("PK")));
	assert_int_equal(REPORT_JOB_XLSX.run(b.mem, STR("rtl\ntitle\nt99:short")).n > 0, true);     /* a torn input ends the rows, no more */
	bench_end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(four_batches_are_released_by_two_persons), cmocka_unit_test(small_cells_of_origin_are_hidden),
		cmocka_unit_test(a_small_correction_waits), cmocka_unit_test(a_situation_report_says_what_was_released), cmocka_unit_test(nothing_is_released_within_72_hours), cmocka_unit_test(a_count_that_changed_is_not_confirmed),
		cmocka_unit_test(the_source_keeps_its_qualifiers), cmocka_unit_test(ages), cmocka_unit_test(files) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
