#include "report/report_i.h"

struct graph { size_t n; int64_t *room; size_t *from, *queue; };           /* room[a * n + b]: how much more can flow from a to b */
struct edge { size_t a, b; };

struct table table_new(struct arena *mem, size_t rows, size_t cols)
{
	size_t n = (rows + 1) * (cols + 1);
	return (struct table){ rows, cols, NEW_ARRAY(mem, int64_t, n), NEW_ARRAY(mem, bool, n) };
}

int64_t *table_at(const struct table *t, size_t row, size_t col)
{
	return &t->cells[row * (t->cols + 1) + col];
}

bool *table_hidden(const struct table *t, size_t row, size_t col)
{
	return &t->hidden[row * (t->cols + 1) + col];
}

void table_add_up(struct table *t)
{
	for (size_t i = 0; i < t->rows; i++)
		*table_at(t, i, t->cols) = 0;
	for (size_t j = 0; j <= t->cols; j++)
		*table_at(t, t->rows, j) = 0;
	for (size_t i = 0; i < t->rows; i++) {
		for (size_t j = 0; j < t->cols; j++) {
			*table_at(t, i, t->cols) += *table_at(t, i, j);
			*table_at(t, t->rows, j) += *table_at(t, i, j);
			*table_at(t, t->rows, t->cols) += *table_at(t, i, j);
		}
	}
}

int64_t round_to_five(int64_t n)
{
	return (n + 2) / 5 * 5;
}

/* Nodes: rows, then columns, then the source and the sink. */
static struct edge edge_of(const struct table *t, size_t k)
{
	size_t i = k / (t->cols + 1), j = k % (t->cols + 1), source = t->rows + t->cols;
	return (struct edge){ j == t->cols ? source : i == t->rows ? t->rows + j : i, j == t->cols ? i : i == t->rows ? source + 1 : t->rows + j };
}

static size_t edges(const struct table *t)
{
	return (t->rows + 1) * (t->cols + 1) - 1;              /* the grand total is no edge: it is always known */
}

static struct graph graph_of(struct arena *mem, const struct table *t, size_t without)
{
	size_t n = t->rows + t->cols + 2;
	struct graph g = { n, NEW_ARRAY(mem, int64_t, n * n), NEW_ARRAY(mem, size_t, n), NEW_ARRAY(mem, size_t, n) };
	int64_t all = *table_at(t, t->rows, t->cols);
	for (size_t k = 0; k < edges(t); k++) {
		struct edge e = edge_of(t, k);
		if (k == without || !t->hidden[k])
			continue;
		g.room[e.a * n + e.b] = all;
		g.room[e.b * n + e.a] = t->cells[k];
	}
	return g;
}

/* One augmenting path from a to b, shortest first; how much went through it. */
static int64_t push(struct graph *g, size_t a, size_t b, int64_t most)
{
	size_t head = 0, tail = 0;
	for (size_t i = 0; i < g->n; i++)
		g->from[i] = g->n;
	g->from[a] = a;
	g->queue[tail++] = a;
	while (head < tail && g->from[b] == g->n) {
		size_t at = g->queue[head++];
		for (size_t to = 0; to < g->n; to++) {
			if (g->from[to] != g->n || g->room[at * g->n + to] <= 0)
				continue;
			g->from[to] = at;
			g->queue[tail++] = to;
		}
	}
	if (g->from[b] == g->n)
		return 0;
	for (size_t at = b; at != a; at = g->from[at])
		most = g->room[g->from[at] * g->n + at] < most ? g->room[g->from[at] * g->n + at] : most;
	for (size_t at = b; at != a; at = g->from[at]) {
		g->room[g->from[at] * g->n + at] -= most;
		g->room[at * g->n + g->from[at]] += most;
	}
	return most;
}

static int64_t flow(struct arena *mem, const struct table *t, size_t without, struct edge way, int64_t most)
{
	struct graph g = graph_of(mem, t, without);
	int64_t sum = 0, one;
	while (sum < most && (one = push(&g, way.a, way.b, most - sum)) > 0)
		sum += one;
	return sum;
}

/* Can the hidden cell k take more than `width` values besides its own? */
static bool is_safe(struct arena *mem, const struct table *t, size_t k, int64_t width)
{
	struct edge e = edge_of(t, k);
	int64_t up = flow(mem, t, k, (struct edge){ e.b, e.a }, width);
	if (up >= width)
		return true;
	int64_t most = width - up < t->cells[k] ? width - up : t->cells[k];
	return up + flow(mem, t, k, e, most) >= width;
}

/* The smallest cell that is still shown: one in line with k where there is one. */
static size_t complement(const struct table *t, size_t k)
{
	struct edge e = edge_of(t, k);
	size_t best = edges(t);
	bool best_in_line = false;
	for (size_t c = 0; c < edges(t); c++) {
		struct edge f = edge_of(t, c);
		bool in_line = f.a == e.a || f.b == e.b || f.a == e.b || f.b == e.a;
		if (t->hidden[c])
			continue;
		if (best == edges(t) || (in_line && !best_in_line) || (in_line == best_in_line && t->cells[c] < t->cells[best])) {
			best = c;
			best_in_line = in_line;
		}
	}
	return best;
}

bool table_suppress(struct table *t, const struct suppress_rule *rule)
{
	struct arena *scratch = arena_new((size_t)64 << 20);
	bool safe = false;
	for (size_t k = 0; k < edges(t); k++)
		t->hidden[k] = t->cells[k] < rule->limit;
	while (!safe) {
		size_t more = edges(t);
		safe = true;
		for (size_t k = 0; safe && k < edges(t); k++) {
			if (!t->hidden[k] || is_safe(scratch, t, k, rule->width))
				continue;
			safe = false;
			more = complement(t, k);
		}
		arena_reset(scratch);
		if (!safe && more == edges(t))
			break;
		if (!safe)
			t->hidden[more] = true;
	}
	arena_free(scratch);
	return safe;
}
