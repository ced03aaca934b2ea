/* The safe publisher, attacked by brute force: every table that agrees with what is shown is tried. */
#include "report/suppress.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct search { const struct table *t; struct table try; int64_t low[64], high[64]; size_t found; };

static bool agrees(const struct search *s, size_t k)
{
	return s->t->hidden[k] || s->try.cells[k] == s->t->cells[k];
}

static void look(struct search *s)
{
	size_t edges = (s->t->rows + 1) * (s->t->cols + 1) - 1;
	table_add_up(&s->try);
	for (size_t k = 0; k < edges; k++)
		if (!agrees(s, k))
			return;
	for (size_t k = 0; k < edges; k++) {
		s->low[k] = s->found == 0 || s->try.cells[k] < s->low[k] ? s->try.cells[k] : s->low[k];
		s->high[k] = s->found == 0 || s->try.cells[k] > s->high[k] ? s->try.cells[k] : s->high[k];
	}
	s->found++;
}

/* All ways to spread `left` over the inner cells from number `at` on. */
static void spread(struct search *s, size_t at, int64_t left)
{
	size_t inner = s->t->rows * s->t->cols, row = at / s->t->cols, col = at % s->t->cols;
	if (at + 1 == inner) {
		*table_at(&s->try, row, col) = left;
		look(s);
		return;
	}
	for (int64_t v = 0; v <= left; v++) {
		*table_at(&s->try, row, col) = v;
		if (*table_hidden(s->t, row, col) || v == *table_at(s->t, row, col))
			spread(s, at + 1, left - v);
	}
}

static void nothing_hidden_can_be_computed(void **state)
{
	(void)state;
	static const struct { size_t rows, cols; } SHAPES[] = { { 2, 1 }, { 3, 1 }, { 4, 1 }, { 2, 2 }, { 2, 3 }, { 3, 2 }, { 1, 4 } };
	const struct suppress_rule rule = { 3, 2 };
	struct arena *mem = arena_new((size_t)256 << 20);
	const struct source *source = source_test(mem, 0, 1, 7);
	size_t with_hidden = 0, with_shown = 0;
	for (size_t round = 0; round < 2000; round++) {
		size_t shape = round % COUNT(SHAPES), hidden = 0, shown = 0;
		struct table t = table_new(mem, SHAPES[shape].rows, SHAPES[shape].cols);
		struct search s = { .t = &t, .try = table_new(mem, t.rows, t.cols) };
		for (size_t i = 0; i < t.rows; i++) {
			for (size_t j = 0; j < t.cols; j++) {
				uint8_t byte;
				source_fill(source, &byte, 1);
				*table_at(&t, i, j) = byte % 6;
			}
		}
		table_add_up(&t);
		bool safe = table_suppress(&t, &rule);
		spread(&s, 0, *table_at(&t, t.rows, t.cols));
		assert_true(s.found > 0);
		for (size_t k = 0; k < (t.rows + 1) * (t.cols + 1) - 1; k++) {
			if (t.cells[k] < rule.limit)
				assert_true(t.hidden[k]);
			hidden += t.hidden[k];
			shown += !t.hidden[k];
			if (t.hidden[k] && safe)
				assert_true(s.high[k] - s.low[k] >= rule.width);
		}
		if (!safe)
			assert_int_equal(shown, 0);
		with_hidden += hidden > 0;
		with_shown += shown > 0 && hidden > 0;
	}
	assert_true(with_hidden > 1000);
	assert_true(with_shown > 100);            /* it does not simply hide everything */
	arena_free(mem);
}

static void large_cells_are_shown(void **state)
{
	(void)state;
	const struct suppress_rule rule = SAFE_RULE;
	struct arena *mem = arena_new((size_t)1 << 20);
	struct table t = table_new(mem, 3, 1);
	*table_at(&t, 0, 0) = 216;
	*table_at(&t, 1, 0) = 72;
	*table_at(&t, 2, 0) = 72;
	table_add_up(&t);
	assert_true(table_suppress(&t, &rule));
	for (size_t k = 0; k < 8; k++)
		assert_false(t.hidden[k]);
	assert_int_equal(round_to_five(216), 215);
	assert_int_equal(round_to_five(72), 70);
	assert_int_equal(round_to_five(13), 15);
	arena_free(mem);
}

static void one_small_cell_takes_a_second_along(void **state)
{
	(void)state;
	const struct suppress_rule rule = SAFE_RULE;
	struct arena *mem = arena_new((size_t)1 << 20);
	struct table t = table_new(mem, 4, 1);
	static const int64_t CELLS[] = { 216, 72, 68, 4 };
	for (size_t i = 0; i < 4; i++)
		*table_at(&t, i, 0) = CELLS[i];
	table_add_up(&t);
	assert_true(table_suppress(&t, &rule));
	assert_true(*table_hidden(&t, 3, 0));
	assert_true(*table_hidden(&t, 2, 0));
	assert_false(*table_hidden(&t, 0, 0));
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_hidden_can_be_computed), cmocka_unit_test(large_cells_are_shown), cmocka_unit_test(one_small_cell_takes_a_second_along) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
