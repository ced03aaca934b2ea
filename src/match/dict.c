/* Distinct parts: a trie for each script, so that all parts near another one are found by walking only where it is still cheap. */
#include "match/match_i.h"

struct dict_node { uint32_t child, sibling, part; uint8_t letter; };
struct dict_part { uint32_t at, n; uint8_t letters, script; bool free; };
struct dict {
	struct dict_node *node;
	uint32_t nodes, nodes_cap, nodes_free, nodes_settled, root[NAME_OTHER];
	struct dict_part *part;
	uint32_t parts, parts_cap, parts_free;
	uint8_t *pool;
	uint32_t pooled, pool_cap;
	uint64_t total;
};

static void *grown(void *p, uint32_t *cap, size_t size)
{
	uint32_t more = *cap < 64 ? 64 : *cap + *cap / 2;
	void *q = reallocarray(p, more, size);
	if (!q || more < *cap)
		die("no memory for names");
	*cap = more;
	return q;
}

static uint32_t node_new(struct dict *d, uint8_t letter)
{
	uint32_t at = d->nodes_free;
	if (at) {
		d->nodes_free = d->node[at].sibling;
	} else {
		if (d->nodes == d->nodes_cap)
			d->node = grown(d->node, &d->nodes_cap, sizeof *d->node);
		at = d->nodes++;
	}
	d->node[at] = (struct dict_node){ 0, 0, DICT_NONE, letter };
	return at;
}

struct dict *dict_new(void)
{
	struct dict *d = calloc(1, sizeof *d);
	if (!d)
		die("no memory for names");
	node_new(d, 0);      /* 0 is no node */
	for (size_t s = 0; s < NAME_OTHER; s++)
		d->root[s] = node_new(d, 0);
	d->parts_free = DICT_NONE;
	return d;
}

void dict_free(struct dict *d)
{
	if (!d)
		return;
	wipe(d->node, d->nodes * sizeof *d->node);
	wipe(d->part, d->parts * sizeof *d->part);
	wipe(d->pool, d->pooled);
	free(d->node);
	free(d->part);
	free(d->pool);
	free(d);
}

static uint32_t child_of(const struct dict *d, uint32_t at, uint8_t letter)
{
	uint32_t c = d->node[at].child;
	while (c && d->node[c].letter != letter)
		c = d->node[c].sibling;
	return c;
}

/* The letters that come most stand first in their lists. */
static uint32_t child_to_front(struct dict *d, uint32_t at, uint8_t letter)
{
	uint32_t first = d->node[at].child, before = 0, c = first;
	while (c && d->node[c].letter != letter) {
		before = c;
		c = d->node[c].sibling;
	}
	if (c && before) {
		d->node[before].sibling = d->node[c].sibling;
		d->node[c].sibling = first;
		d->node[at].child = c;
	}
	return c;
}

uint32_t dict_find(const struct dict *d, enum name_script script, const uint8_t *letter, size_t n)
{
	uint32_t at = n && script < NAME_OTHER ? d->root[script] : 0;
	for (size_t i = 0; at && i < n; i++)
		at = child_of(d, at, letter[i]);
	return at ? d->node[at].part : DICT_NONE;
}

static uint32_t part_new(struct dict *d, enum name_script script, const uint8_t *letter, size_t n)
{
	uint32_t id = d->parts_free;
	if (id != DICT_NONE) {
		d->parts_free = d->part[id].n;
	} else {
		if (d->parts == d->parts_cap)
			d->part = grown(d->part, &d->parts_cap, sizeof *d->part);
		id = d->parts++;
		d->part[id] = (struct dict_part){ 0 };
	}
	struct dict_part *p = &d->part[id];
	if (p->letters < n || !p->free) {      /* a forgotten part's room is used again where the new one fits */
		while (d->pool_cap - d->pooled < n)
			d->pool = grown(d->pool, &d->pool_cap, 1);
		p->at = d->pooled;
		d->pooled += (uint32_t)n;
	}
	*p = (struct dict_part){ p->at, 0, (uint8_t)n, (uint8_t)script, false };
	memcpy(d->pool + p->at, letter, n);
	return id;
}

uint32_t dict_add(struct dict *d, enum name_script script, const uint8_t *letter, size_t n)
{
	uint32_t at = d->root[script];
	for (size_t i = 0; i < n; i++) {
		uint32_t c = child_to_front(d, at, letter[i]);
		if (!c) {
			c = node_new(d, letter[i]);
			d->node[c].sibling = d->node[at].child;
			d->node[at].child = c;
		}
		at = c;
	}
	if (d->node[at].part == DICT_NONE)
		d->node[at].part = part_new(d, script, letter, n);
	return d->node[at].part;
}

void dict_count(struct dict *d, uint32_t id, int64_t change)
{
	d->part[id].n = (uint32_t)(d->part[id].n + change);
	d->total = (uint64_t)((int64_t)d->total + change);
}

uint32_t dict_size(const struct dict *d) { return d->parts; }
uint32_t dict_n(const struct dict *d, uint32_t id) { return d->part[id].n; }
uint64_t dict_total(const struct dict *d) { return d->total; }

struct name_letters dict_letters(const struct dict *d, uint32_t id)
{
	const struct dict_part *p = &d->part[id];
	return (struct name_letters){ (enum name_script)p->script, p->letters, d->pool + p->at };
}

static void node_unlink(struct dict *d, uint32_t parent, uint32_t node)
{
	uint32_t *link = &d->node[parent].child;
	while (*link != node)
		link = &d->node[*link].sibling;
	*link = d->node[node].sibling;
	d->node[node] = (struct dict_node){ 0, d->nodes_free, DICT_NONE, 0 };
	d->nodes_free = node;
}

void dict_remove(struct dict *d, uint32_t id)
{
	struct dict_part *p = &d->part[id];
	uint32_t path[NAME_LETTERS_MAX + 1] = { d->root[p->script] };
	for (size_t i = 0; i < p->letters; i++)
		path[i + 1] = child_of(d, path[i], d->pool[p->at + i]);
	d->node[path[p->letters]].part = DICT_NONE;
	for (size_t i = p->letters; i > 0 && d->node[path[i]].part == DICT_NONE && d->node[path[i]].child == 0; i--)
		node_unlink(d, path[i - 1], path[i]);
	wipe(d->pool + p->at, p->letters);
	d->total -= p->n;
	p->free = true;
	p->n = d->parts_free;
	d->parts_free = id;
}

/* ---- settling ---- */

struct settling { const struct dict_node *from; struct dict_node *to; uint32_t n; };

/* Copies the children of a node side by side, then what is below each. */
static void settle_below(struct settling *s, uint32_t from, uint32_t to)
{
	uint32_t first = s->n, n = 0;
	for (uint32_t c = s->from[from].child; c; c = s->from[c].sibling, n++) {
		s->to[s->n] = s->from[c];
		s->to[s->n].sibling = s->from[c].sibling ? s->n + 1 : 0;
		s->n++;
	}
	s->to[to].child = n ? first : 0;
	for (uint32_t c = s->from[from].child, at = first; c; c = s->from[c].sibling, at++)
		settle_below(s, c, at);
}

void dict_settle(struct dict *d)
{
	if (d->nodes < 4096 || d->nodes - d->nodes_settled < d->nodes / 4)
		return;
	struct settling s = { d->node, malloc((size_t)d->nodes * sizeof *s.to), 1 + NAME_OTHER };
	if (!s.to)
		return;
	for (size_t r = 0; r <= NAME_OTHER; r++)      /* 0 is no node, then the roots */
		s.to[r] = d->node[r];
	for (size_t r = 0; r < NAME_OTHER; r++)
		settle_below(&s, d->root[r], d->root[r]);
	wipe(d->node, d->nodes * sizeof *d->node);
	free(d->node);
	d->node = s.to;
	d->nodes_cap = d->nodes;
	d->nodes = d->nodes_settled = s.n;
	d->nodes_free = 0;
}

/* ---- the walk ---- */

enum { ROW = NAME_LETTERS_MAX + 1 };
/* What does not change during one walk. The letters of the trie are x of the table, or y (flip). */
struct walk {
	const struct dict *dict;
	const struct dict_seen *seen;
	const struct cost_table *t;
	const uint8_t *q;            /* letters that are looked for */
	size_t n;
	unsigned limit;
	bool flip, latin;            /* latin: the side of x */
	uint8_t gap[ROW];            /* flip: gap before each letter of q */
	uint8_t digraph[ROW];        /* not flip: digraph of q that ends before each place */
	uint8_t path[ROW];
	uint16_t row[ROW][ROW];
	uint16_t none[ROW];
	uint8_t first[ROW], last[ROW];      /* of each row: the cells within the limit lie from first to last; first > last: none */
	const struct alike *known;   /* found by the lexicon already */
	size_t knowns;
};

static void report(const struct walk *w, uint32_t id, unsigned cost)
{
	for (size_t i = 0; i < w->knowns; i++)
		if (w->known[i].id == id)
			return;
	w->seen->fn(w->seen->arg, id, cost);
}

static inline uint16_t capped(unsigned v)
{
	return v < COST_NONE ? (uint16_t)v : COST_NONE;
}

static inline unsigned min2(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* No cost is below zero, so what is over the limit leads nowhere: a row is worked out only where a step from the two rows before it can be within. A
   step goes at most two cells to the right. */
struct band { size_t from, end; unsigned least; size_t first, last; };

static inline struct band band_of(const struct walk *w, size_t depth, uint16_t *out, unsigned start)
{
	size_t before = depth > 1 ? depth - 2 : depth - 1, from = min2(w->first[depth - 1], w->first[before]);
	struct band b = { from < 1 ? 1 : from, 2u + (w->last[before] > w->last[depth - 1] ? w->last[before] : w->last[depth - 1]), COST_NONE, ROW, 0 };
	memcpy(out, w->none, sizeof w->none);
	out[0] = capped(start);
	if (start <= w->limit)
		b.first = 0;
	b.least = out[0];
	return b;
}

/* The cell j is out of reach and so is what follows it. */
static inline bool band_left(const struct band *b, size_t j)
{
	return j > b->end && j > b->last + 2;
}

static inline void band_cell(const struct walk *w, struct band *b, size_t j, unsigned cost)
{
	if (cost > w->limit)
		return;
	b->least = min2(b->least, cost);
	b->first = b->first < j ? b->first : j;
	b->last = j;
}

static inline void band_close(struct walk *w, const struct band *b, size_t depth)
{
	w->first[depth] = (uint8_t)b->first;
	w->last[depth] = (uint8_t)b->last;
}

/* A letter of the trie is x; `place` of it is known: inside, or last where a part ends. */
static unsigned row_x(struct walk *w, size_t depth, uint8_t place, uint16_t *out)
{
	uint8_t x = w->path[depth - 1];
	const uint16_t *before = w->row[depth - 1], *sub = w->t->sub[place][x], *sub2 = w->t->sub2[place][x], *ins = w->t->ins[is_vowel_letter(x, w->latin) ? 2 : 1],
		*ins2 = w->t->ins2[is_vowel_letter(x, w->latin) ? 2 : 1];
	unsigned del = w->t->del[place][x];
	struct band b = band_of(w, depth, out, before[0] + del);
	size_t j = b.from;
	for (unsigned last = out[j - 1]; j <= w->n && !band_left(&b, j); j++) {
		uint8_t y = w->q[j - 1];
		unsigned best = min2(before[j] + del, min2(before[j - 1] + sub[y], last + ins[y]));
		if (j > 1)
			best = min2(best, min2(before[j - 2] + sub2[w->digraph[j]], 0u + out[j - 2] + ins2[w->digraph[j]]));
		if (j > 1 && depth > 1)
			best = min2(best, 0u + w->row[depth - 2][j - 2] + w->t->sub[1][w->path[depth - 2]][y] + w->t->sub[1][x][w->q[j - 2]] + COST_TURN);
		last = best;
		out[j] = capped(best);
		band_cell(w, &b, j, best);
	}
	band_close(w, &b, depth);
	return b.least;
}

/* A letter of the trie is y. */
static unsigned row_y(struct walk *w, size_t depth, uint16_t *out)
{
	uint8_t y = w->path[depth - 1];
	const uint16_t *before = w->row[depth - 1];
	uint8_t two = depth > 1 ? w->t->digraph[w->path[depth - 2]][y] : 0;
	struct band b = band_of(w, depth, out, before[0] + w->t->ins[0][y]);
	size_t i = b.from;
	for (unsigned last = out[i - 1]; i <= w->n && !band_left(&b, i); i++) {
		uint8_t x = w->q[i - 1], place = i == 1 ? 0 : i == w->n ? 2 : 1;
		unsigned best = min2(before[i] + w->t->ins[w->gap[i]][y], min2(before[i - 1] + w->t->sub[place][x][y], last + w->t->del[place][x]));
		if (two)
			best = min2(best, min2(w->row[depth - 2][i - 1] + w->t->sub2[place][x][two], 0u + w->row[depth - 2][i] + w->t->ins2[w->gap[i]][two]));
		if (depth > 1 && i > 1)
			best = min2(best, 0u + w->row[depth - 2][i - 2] + w->t->sub[1][w->q[i - 2]][y] + w->t->sub[1][x][w->path[depth - 2]] + COST_TURN);
		last = best;
		out[i] = capped(best);
		band_cell(w, &b, i, best);
	}
	band_close(w, &b, depth);
	return b.least;
}

/* A part ends at this node: its last letter has costs of its own where the trie's letters are x. The row is not kept. */
static void walk_end(struct walk *w, uint32_t part, size_t depth)
{
	uint16_t row[ROW];
	row_x(w, depth, depth > 1 ? 2 : 0, row);
	if (row[w->n] <= w->limit)
		report(w, part, row[w->n]);
}

static void walk_from(struct walk *w, uint32_t at, size_t depth, unsigned least_before)
{
	for (uint32_t c = w->dict->node[at].child; c; c = w->dict->node[c].sibling) {
		const struct dict_node *node = &w->dict->node[c];
		w->path[depth] = node->letter;
		if (node->part != DICT_NONE && !w->flip)
			walk_end(w, node->part, depth + 1);
		if (!node->child && !w->flip)
			continue;
		unsigned least = w->flip ? row_y(w, depth + 1, w->row[depth + 1]) : row_x(w, depth + 1, depth ? 1 : 0, w->row[depth + 1]);
		if (w->flip && node->part != DICT_NONE && w->row[depth + 1][w->n] <= w->limit)
			report(w, node->part, w->row[depth + 1][w->n]);
		if (node->child && depth + 1 < NAME_LETTERS_MAX && min2(least, w->flip ? least_before : (unsigned)COST_NONE) <= w->limit)
			walk_from(w, c, depth + 1, least);
	}
}

static void walk_start(struct walk *w)
{
	for (size_t j = 0; j < ROW; j++)
		w->none[j] = COST_NONE;
	w->row[0][0] = 0;
	w->first[0] = w->last[0] = 0;
	for (size_t j = 1; j <= w->n; j++) {
		uint8_t c = w->q[j - 1], place = j == 1 ? 0 : j == w->n ? 2 : 1;
		w->row[0][j] = capped(0u + w->row[0][j - 1] + (w->flip ? w->t->del[place][c] : w->t->ins[0][c]));
		w->gap[j] = gap_of(w->q, j, w->latin);
		w->digraph[j] = j > 1 ? w->t->digraph[w->q[j - 2]][c] : 0;
		if (w->row[0][j] <= w->limit)
			w->last[0] = (uint8_t)j;
	}
}

enum { BY_LEXICON_MAX = 24 };

static size_t alike_by_lexicon(const struct dict *d, const struct name_model *m, const struct name_letters *q, unsigned limit, struct alike *out)
{
	uint32_t form = dict_find(m->forms, q->script, q->letter, q->n);
	size_t n = 0, found = 0;
	const struct variant *v = form == DICT_NONE ? NULL : model_variants(m, form, &n);
	for (size_t i = 0; i < n && found < BY_LEXICON_MAX; i++) {
		struct name_letters meant = dict_letters(m->forms, v[i].meant);
		uint32_t id = dict_find(d, NAME_ARABIC, meant.letter, meant.n);
		if (id != DICT_NONE && v[i].cost <= limit)
			out[found++] = (struct alike){ id, v[i].cost };
	}
	return found;
}

void dict_alike(const struct dict *d, const struct name_model *m, const struct name_letters *q, unsigned limit, const struct dict_seen *seen)
{
	struct alike known[BY_LEXICON_MAX];
	if (q->n == 0 || q->script >= NAME_OTHER)
		return;
	size_t knowns = alike_by_lexicon(d, m, q, limit, known);
	for (size_t i = 0; i < knowns; i++)
		seen->fn(seen->arg, known[i].id, known[i].cost);
	for (enum name_script s = NAME_ARABIC; s < NAME_OTHER; s++) {
		struct walk w = { .dict = d, .seen = seen, .q = q->letter, .n = q->n, .limit = limit, .known = known, .knowns = knowns };
		if (d->node[d->root[s]].child == 0)
			continue;
		w.t = model_table(m, s, q->script, &w.flip);
		w.latin = is_latin(w.flip ? q->script : s);
		walk_start(&w);
		walk_from(&w, d->root[s], 0, COST_NONE);
	}
}
