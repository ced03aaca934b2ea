/* The names process as its caller sees it: in a process of its own with its sandbox, and in this one with a clock of the test. */
#include "match/names_i.h"
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static struct id id_of(uint8_t k)
{
	struct id id = { { 0 } };
	id.b[0] = 1;
	id.b[15] = k;
	return id;
}

static const struct names_row PEOPLE[] = {
	{ { { 1, [15] = 1 } }, { .name = { "عبد الرحمن محمد صالح", 34 }, .mother = { "فاطمة", 10 }, .birth = { DATE_Y, 1980, 0, 0, 0 }, .sex = 'M' } },
	{ { { 1, [15] = 2 } }, { .name = { "زينب كاظم جواد", 26 }, .birth = { DATE_YMD, 1990, 0, 5, 3 }, .sex = 'F', .governorate = { "Baghdad", 7 } } },
	{ { { 1, [15] = 3 } }, { .name = { "Hussein Ali Karim", 17 }, .sex = 'M' } },
};

static int64_t now_of(void *arg)
{
	return *(int64_t *)arg;
}

static struct names_ask ask_of(const char *name)
{
	return (struct names_ask){ .actor = { 7 }, .top = 5, .who = { .name = str_of(name) } };
}

static void a_person_is_asked_for_and_explained_by_another_process(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)4 << 20);
	struct names *n;
	struct err err = { 0 };
	struct names_answer a;
	struct names_ask ask = ask_of("Evdirehman Mihemed Salih");
	uint32_t people;
	int pid, status;
	assert_int_equal(names_spawn(mem, &(struct names_start){ .budget = 10, .budget_wide = 2, .sandbox = true }, &n, &pid, &err), 0);
	assert_int_equal(names_fill(n, PEOPLE, COUNT(PEOPLE), &err), 0);
	assert_int_equal(names_count(n, &people, &err), 0);
	assert_int_equal(people, COUNT(PEOPLE));
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
	assert_true(a.n >= 1 && id_eq(a.candidate[0].id, id_of(1)));
	double sum = 0;
	for (size_t i = 0; i < a.candidate[0].terms.n; i++) {
		assert_true(a.candidate[0].terms.term[i].rule[0] != 0);      /* every rule has its number */
		sum += a.candidate[0].terms.term[i].value;
	}
	assert_true(fabs(sum - a.candidate[0].score) < 1e-9);
	assert_int_equal(names_remove(n, (struct id[]){ id_of(1), id_of(9) }, 2, &err), 0);
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
	for (size_t i = 0; i < a.n; i++)
		assert_false(id_eq(a.candidate[i].id, id_of(1)));
	assert_int_equal(names_wipe(n, &err), 0);
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
	assert_int_equal(a.n, 0);
	names_end(n);
	assert_int_equal(waitpid(pid, &status, 0), pid);      /* nobody can ask any more: it ends */
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	arena_free(mem);
}

static void an_actor_has_a_budget_and_a_new_one_tomorrow(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)8 << 20);
	int64_t now = 1000;
	struct err err = { 0 };
	struct names *n = names_local(mem, &(struct names_start){ .budget = 3, .budget_wide = 1, .now_ms = now_of, .arg = &now }, &err);
	struct names_answer a;
	struct names_ask ask = ask_of("زينب كاظم");
	assert_non_null(n);
	assert_int_equal(names_fill(n, PEOPLE, COUNT(PEOPLE), &err), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), -1);
	assert_int_equal(err.code, ERR_RATE);
	assert_int_equal(a.n, 0);
	ask.actor[0] = 8;
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
	ask.actor[0] = 7;
	now += 86400000;
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
	names_end(n);
	arena_free(mem);
}

static void a_wide_ask_needs_two_features_and_gives_five(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)8 << 20);
	struct err err = { 0 };
	struct names *n = names_local(mem, &(struct names_start){ .budget = 100, .budget_wide = 3 }, &err);
	struct names_answer a;
	struct names_ask ask = ask_of("زينب كاظم جواد");
	struct names_row rows[40];
	for (uint8_t i = 0; i < COUNT(rows); i++)
		rows[i] = (struct names_row){ id_of(i), PEOPLE[1].who };
	assert_int_equal(names_fill(n, rows, COUNT(rows), &err), 0);
	ask.top = 20;
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
	assert_int_equal(a.n, 20);
	ask.wide = true;
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	ask.who.birth = (struct date){ DATE_Y, 1990, 0, 0, 0 };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
		assert_int_equal(a.n, NAMES_WIDE_TOP);
	}
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), -1);
	assert_int_equal(err.code, ERR_RATE);
	ask.wide = false;      /* the other budget is untouched */
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
	names_end(n);
	arena_free(mem);
}

static void among_a_few_people_only_they_are_found_best_first(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)8 << 20);
	struct err err = { 0 };
	struct names *n = names_local(mem, &(struct names_start){ .budget = 2, .budget_wide = 1 }, &err);
	struct names_answer a;
	struct names_ask ask = ask_of("زينب كاظم");
	struct id few[] = { id_of(3), id_of(2), id_of(77) };
	assert_int_equal(names_fill(n, PEOPLE, COUNT(PEOPLE), &err), 0);
	assert_int_equal(names_ask_among(n, mem, &ask, few, COUNT(few), &a, &err), 0);
	assert_true(a.n >= 1 && id_eq(a.candidate[0].id, id_of(2)));
	for (size_t i = 1; i < a.n; i++)
		assert_true(a.candidate[i].score <= a.candidate[i - 1].score && !id_eq(a.candidate[i].id, id_of(1)));
	ask.top = 1;
	assert_int_equal(names_ask_among(n, mem, &ask, few, 1, &a, &err), 0);
	assert_true(a.n <= 1 && (a.n == 0 || id_eq(a.candidate[0].id, id_of(3))));
	assert_int_equal(names_ask_among(n, mem, &ask, few, 1, &a, &err), -1);
	assert_int_equal(err.code, ERR_RATE);
	names_end(n);
	arena_free(mem);
}

enum { NAMESAKES = 1500 };

static struct id namesake(size_t i)
{
	struct id id = { { 2 } };
	id.b[14] = (uint8_t)(i >> 8);
	id.b[15] = (uint8_t)i;
	return id;
}

/* Everybody has what was typed; one of them is spelt worse than all others. */
static struct names *with_namesakes(struct arena *mem, struct err *err)
{
	struct names *n = names_local(mem, &(struct names_start){ .budget = 100, .budget_wide = 1 }, err);
	struct names_row *rows = NEW_ARRAY(mem, struct names_row, NAMESAKES + 1);
	for (size_t i = 0; i < NAMESAKES; i++)
		rows[i] = (struct names_row){ namesake(i), { .name = STR("علي حسن كريم") } };
	rows[NAMESAKES] = (struct names_row){ id_of(1), { .name = STR("علي حسين كرم الراوي") } };
	assert_int_equal(names_fill(n, rows, NAMESAKES + 1, err), 0);
	return n;
}

static void who_stands_behind_many_others_is_found_among_her_own(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)16 << 20);
	struct err err = { 0 };
	struct names *n = with_namesakes(mem, &err);
	struct names_answer a;
	struct names_ask ask = ask_of("علي حسن كريم");
	struct id own[] = { id_of(1), id_of(2) };
	ask.top = NAME_TOP_MAX;
	assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
	assert_int_equal(a.n, NAME_TOP_MAX);
	for (size_t i = 0; i < a.n; i++)
		assert_false(id_eq(a.candidate[i].id, id_of(1)));
	assert_int_equal(names_ask_among(n, mem, &ask, own, COUNT(own), &a, &err), 0);
	assert_true(a.n == 1 && id_eq(a.candidate[0].id, id_of(1)));
	names_end(n);
	arena_free(mem);
}

static void who_was_given_before_is_not_given_again(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)16 << 20);
	struct err err = { 0 };
	struct names *n = with_namesakes(mem, &err);
	struct names_answer a;
	struct names_ask ask = ask_of("علي حسن كريم");
	struct id had[NAMESAKES + NAME_TOP_MAX];
	bool seen[NAMESAKES] = { false };
	ask.top = NAME_TOP_MAX;
	ask.but = had;
	do {
		assert_int_equal(names_ask(n, mem, &ask, &a, &err), 0);
		for (size_t i = 0; i < a.n; i++) {
			struct id id = a.candidate[i].id;
			had[ask.nbut++] = id;
			size_t at = (size_t)id.b[14] << 8 | id.b[15];
			assert_false(id.b[0] == 2 && seen[at]);
			if (id.b[0] == 2)
				seen[at] = true;
		}
	} while (a.n == NAME_TOP_MAX);
	assert_int_equal(ask.nbut, NAMESAKES + 1);
	assert_true(id_eq(had[ask.nbut - 1], id_of(1)));
	names_end(n);
	arena_free(mem);
}

static void rows_get_their_likely_twins_and_have_a_budget_of_their_own(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)8 << 20);
	struct err err = { 0 };
	struct names *n = names_local(mem, &(struct names_start){ .budget_rows = 4 }, &err);
	const struct name_who rows[] = { { .name = { "Someone Else Entirely", 21 } }, PEOPLE[0].who, { .name = { "زينب كاظم جواد", 26 }, .birth = { DATE_Y, 1990, 0, 0, 0 } } };
	struct names_twin *t;
	size_t k;
	const uint8_t actor[16] = { 7 };
	assert_int_equal(names_fill(n, PEOPLE, COUNT(PEOPLE), &err), 0);
	assert_int_equal(names_twins(n, mem, actor, rows, COUNT(rows), &t, &k, &err), 0);
	assert_int_equal(k, 2);
	assert_true(t[0].of == 1 && id_eq(t[0].id, id_of(1)) && t[0].score >= NAME_LIKELY);
	assert_true(t[1].of == 2 && id_eq(t[1].id, id_of(2)));
	assert_int_equal(names_twins(n, mem, actor, rows, 2, &t, &k, &err), -1);
	assert_int_equal(err.code, ERR_RATE);
	names_end(n);
	arena_free(mem);
}

static void two_people_are_compared_though_neither_is_in_the_index(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)8 << 20);
	struct err err = { 0 };
	struct names *n = names_local(mem, &(struct names_start){ 0 }, &err);
	struct name_who latin = { .name = { "Evdirehman Mihemed Salih", 24 }, .birth = { DATE_Y, 1980, 0, 0, 0 } };
	struct name_terms terms;
	double score, sum = 0;
	assert_int_equal(names_compare(n, &PEOPLE[0].who, &latin, &score, &terms, &err), 0);
	for (size_t i = 0; i < terms.n; i++)
		sum += terms.term[i].value;
	assert_true(score >= NAME_LIKELY && fabs(sum - score) < 1e-9);
	names_end(n);
	arena_free(mem);
}

static void bad_frames_are_refused(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)64 << 20);
	struct err err = { 0 };
	struct names_state *s = names_state_new(mem, &(struct names_start){ .budget = 100000, .budget_wide = 100000 }, &err);
	uint8_t frame[200];
	uint32_t seed = 5;
	assert_non_null(s);
	for (size_t i = 0; i < 5000; i++) {
		struct arena *call = arena_new((size_t)16 << 20);
		struct buf answer = buf_new(call, NAMES_FRAME_MAX);
		size_t n = (seed = seed * 1664525u + 1013904223u) >> 24;
		n = n < sizeof frame ? n : sizeof frame;
		for (size_t k = 0; k < n; k++)
			frame[k] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> (k < 5 ? 29 : 24));
		if (n)
			frame[0] = (uint8_t)(i % 10);
		names_serve(s, call, bytes_of(frame, n), &answer);
		assert_true(answer.n >= 1);
		if (n && frame[0] == NAMES_ASK && n < 30)
			assert_int_equal(answer.p[0], NAMES_BAD);
		arena_free(call);
	}
	names_state_end(s);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_asked_for_and_explained_by_another_process), cmocka_unit_test(an_actor_has_a_budget_and_a_new_one_tomorrow),
		cmocka_unit_test(a_wide_ask_needs_two_features_and_gives_five), cmocka_unit_test(among_a_few_people_only_they_are_found_best_first),
		cmocka_unit_test(who_stands_behind_many_others_is_found_among_her_own), cmocka_unit_test(who_was_given_before_is_not_given_again),
		cmocka_unit_test(rows_get_their_likely_twins_and_have_a_budget_of_their_own), cmocka_unit_test(two_people_are_compared_though_neither_is_in_the_index),
		cmocka_unit_test(bad_frames_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
