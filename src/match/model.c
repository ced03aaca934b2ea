/* The model: tables of letter costs, the lexicon and the default frequencies, read once from the files inside the program. */
#include "match/match_i.h"
#include "base/embed.h"
#include "base/utf8.h"
#include <math.h>

/* A table has two sides; Sorani is compared by the Arabic tables and Hawar by the Latin ones where it has none of its own. */
static const char *const TABLE_NAMES[TABLES] = { "al", "ak", "as", "aa", "ll", "lk" };
#define NONE TABLES
static const struct side { uint8_t table; bool flip; } SIDE[NAME_OTHER][NAME_OTHER] = {
	[NAME_ARABIC] = { { T_AA, false }, { T_AS, false }, { T_AL, false }, { T_AK, false } },
	[NAME_SORANI] = { { T_AS, true }, { T_AA, false }, { T_AL, false }, { T_AK, false } },
	[NAME_LATIN] = { { T_AL, true }, { T_AL, true }, { T_LL, false }, { T_LK, false } },
	[NAME_HAWAR] = { { T_AK, true }, { T_AK, true }, { T_LK, true }, { T_LL, false } },
};

const struct cost_table *model_table(const struct name_model *m, enum name_script a, enum name_script b, bool *a_is_y)
{
	*a_is_y = SIDE[a][b].flip;
	return &m->table[SIDE[a][b].table];
}

/* ---- reading ---- */

static uint8_t letter_of(struct str s, bool latin)
{
	int32_t c = utf8_next(&s);
	for (uint8_t code = 1; code < LETTERS; code++)
		if (c > 0 && name_letter_char(latin ? NAME_LATIN : NAME_ARABIC, code) == c)
			return code;
	return 0;
}

static void table_defaults(struct cost_table *t)
{
	for (size_t p = 0; p < 3; p++) {
		for (size_t d = 0; d < DIGRAPHS; d++)
			t->ins2[p][d] = COST_NONE;
		for (size_t x = 0; x < LETTERS; x++) {
			t->del[p][x] = t->ins[p][x] = COST_GAP;
			for (size_t y = 0; y < LETTERS; y++)
				t->sub[p][x][y] = COST_SUB;
			for (size_t d = 0; d < DIGRAPHS; d++)
				t->sub2[p][x][d] = COST_NONE;
		}
	}
}

static uint8_t digraph_of(struct cost_table *t, uint8_t first, uint8_t second)
{
	uint8_t *at = &t->digraph[first][second];
	if (*at == 0 && t->digraphs + 1 < DIGRAPHS)
		*at = ++t->digraphs;
	return *at;
}

static int cost_of(struct str s, uint16_t *out)
{
	struct str whole = str_cut(&s, '.');
	uint64_t nats, cents;
	if (str_u64(whole, &nats) < 0 || s.n != 2 || str_u64(s, &cents) < 0 || nats > 99)
		return -1;
	*out = (uint16_t)(nats * 100 + cents);
	return 0;
}

static int cost_row(struct name_model *m, struct str line)
{
	struct str name = str_cut(&line, '\t'), place = str_cut(&line, '\t'), x = str_cut(&line, '\t'), y = str_cut(&line, '\t');
	size_t k = 0, p = place.n == 1 && place.p[0] >= '0' && place.p[0] <= '2' ? (size_t)(place.p[0] - '0') : 3;
	uint16_t cost;
	while (k < TABLES && !str_is(name, TABLE_NAMES[k]))
		k++;
	if (k == TABLES || p == 3 || cost_of(line, &cost) < 0)
		return -1;
	struct cost_table *t = &m->table[k];
	bool x_latin = k == T_LL || k == T_LK, y_latin = k != T_AA && k != T_AS;
	uint8_t a = letter_of(x, x_latin), b = letter_of(y, y_latin);
	if (str_is(x, "-") && b && y_latin && y.n == 2)
		t->ins2[p][digraph_of(t, b, letter_of(str_sub(y, 1, 1), true))] = cost;
	else if (str_is(x, "-") && b)
		t->ins[p][b] = cost;
	else if (str_is(y, "-") && a)
		t->del[p][a] = cost;
	else if (a && b && y_latin && y.n == 2)
		t->sub2[p][a][digraph_of(t, b, letter_of(str_sub(y, 1, 1), true))] = cost;
	else if (a && b)
		t->sub[p][a][b] = cost;
	else
		return -1;
	return 0;
}

static bool part_of_text(struct arena *mem, struct str text, enum name_script script, struct name_part *out)
{
	*out = (struct name_part){ .text = str_dup(mem, text), .script = script };
	name_letters(out);
	return out->n > 0;
}

static void variant_add(struct name_model *m, uint32_t form, uint32_t meant, unsigned cost)
{
	if (m->variants == m->variants_cap) {
		size_t cap = m->variants_cap ? m->variants_cap * 2 : 1024;
		struct variant *more = NEW_ARRAY(m->mem, struct variant, cap);
		if (m->variants)
			memcpy(more, m->variant, m->variants * sizeof *more);
		m->variants_cap = cap;
		m->variant = more;
	}
	m->variant[m->variants++] = (struct variant){ form, meant, (uint16_t)cost };
}

enum { HATLESS = 30 };      /* Hesen has no letter that only Hawar has: it counts as Latin, and may be Kurdish all the same */

/* A row: script, spelling, Arabic, cost. */
static int lexicon_row(struct name_model *m, struct str line)
{
	static const struct { const char *word; enum name_script script; } SCRIPTS[] = { { "latin", NAME_LATIN }, { "hawar", NAME_HAWAR }, { "sorani", NAME_SORANI } };
	struct str script = str_cut(&line, '\t'), spelling = str_cut(&line, '\t'), arabic = str_cut(&line, '\t');
	struct name_part part, to;
	uint16_t cost;
	for (size_t i = 0; i < COUNT(SCRIPTS); i++) {
		if (!str_is(script, SCRIPTS[i].word))
			continue;
		if (cost_of(line, &cost) < 0 || !part_of_text(m->mem, spelling, SCRIPTS[i].script, &part) || !part_of_text(m->mem, arabic, NAME_ARABIC, &to))
			return -1;
		uint32_t meant = dict_add(m->forms, NAME_ARABIC, to.letter, to.n);
		variant_add(m, dict_add(m->forms, part.script, part.letter, part.n), meant, cost);
		if (part.script == NAME_HAWAR)
			variant_add(m, dict_add(m->forms, NAME_LATIN, part.letter, part.n), meant, cost + HATLESS);
		return 0;
	}
	return -1;
}

static int frequency_row(struct name_model *m, struct str line)
{
	struct str text = str_cut(&line, '\t');
	struct name_part part;
	uint64_t n;
	if (str_u64(line, &n) < 0 || n == 0 || n > 1000000 || !part_of_text(m->mem, text, NAME_ARABIC, &part))
		return -1;
	uint32_t id = dict_add(m->usual, NAME_ARABIC, part.letter, part.n);
	dict_count(m->usual, id, (int64_t)n);
	return 0;
}

static int rows(struct name_model *m, const char *file, struct str text, int (*row)(struct name_model *, struct str), struct err *err)
{
	size_t number = 1;
	str_cut(&text, '\n');      /* header */
	while (text.n) {
		struct str line = str_cut(&text, '\n');
		number++;
		if (line.n && row(m, line) < 0)
			return err_set(err, ERR_FORMAT, "%s: line %zu", file, number);
	}
	return 0;
}

static int variant_order(const void *a, const void *b)
{
	const struct variant *x = a, *y = b;
	return x->form != y->form ? (x->form < y->form ? -1 : 1) : x->cost != y->cost ? (x->cost < y->cost ? -1 : 1) : x->meant < y->meant ? -1 : x->meant > y->meant;
}

struct name_model *name_model_of(struct str costs, struct str lexicon, struct str frequencies, struct err *err)
{
	struct arena *mem = arena_new((size_t)64 << 20);
	struct name_model *m = NEW(mem, struct name_model);
	m->mem = mem;
	m->table = NEW_ARRAY(mem, struct cost_table, TABLES);
	m->forms = dict_new();
	m->usual = dict_new();
	for (size_t i = 0; i < TABLES; i++)
		table_defaults(&m->table[i]);
	if (rows(m, "costs.tsv", costs, cost_row, err) < 0 || rows(m, "lexicon.tsv", lexicon, lexicon_row, err) < 0 ||
	    rows(m, "frequencies.tsv", frequencies, frequency_row, err) < 0) {
		name_model_free(m);
		return NULL;
	}
	if (m->variants)
		qsort(m->variant, m->variants, sizeof *m->variant, variant_order);
	return m;
}

struct name_model *name_model_new(struct err *err)
{
	static const char *const FILES[] = { "data/names/costs.tsv", "data/names/lexicon.tsv", "data/names/frequencies.tsv" };
	struct str text[COUNT(FILES)];
	for (size_t i = 0; i < COUNT(FILES); i++) {
		const struct embedded *e = embedded_find(str_of(FILES[i]));
		if (!e) {
			err_set(err, ERR_FAULT, "this program has no %s inside", FILES[i]);
			return NULL;
		}
		text[i] = bytes_str(bytes_of(e->data, e->n));
	}
	return name_model_of(text[0], text[1], text[2], err);
}

void name_model_free(struct name_model *m)
{
	if (!m)
		return;
	dict_free(m->forms);
	dict_free(m->usual);
	arena_free(m->mem);
}

/* ---- the cost of taking two parts for one name ---- */

static uint8_t place_of(size_t i, size_t n)
{
	return i == 0 ? 0 : i + 1 == n ? 2 : 1;
}

enum { MAX_N = NAME_LETTERS_MAX + 1 };

static void least(unsigned *best, unsigned cost)
{
	if (cost < *best)
		*best = cost;
}

/* The way from x to y that costs least: letters of x taken alone, for one or two of y, letters of y put in, two letters turned round. */
enum { FAR = 1200 };      /* parts further apart than this are all alike: different */

static unsigned table_cost(const struct cost_table *t, const uint8_t *x, size_t n, const uint8_t *y, size_t m, bool x_latin)
{
	unsigned d[MAX_N][MAX_N];
	for (size_t i = 0; i <= n; i++) {
		uint8_t gap = gap_of(x, i, x_latin), p = i ? place_of(i - 1, n) : 0;
		unsigned row = COST_NONE;
		for (size_t j = 0; j <= m; j++) {
			unsigned best = i + j ? COST_NONE : 0;
			if (j)
				least(&best, d[i][j - 1] + t->ins[gap][y[j - 1]]);
			if (j > 1)
				least(&best, d[i][j - 2] + t->ins2[gap][t->digraph[y[j - 2]][y[j - 1]]]);
			if (i)
				least(&best, d[i - 1][j] + t->del[p][x[i - 1]]);
			if (i && j)
				least(&best, d[i - 1][j - 1] + t->sub[p][x[i - 1]][y[j - 1]]);
			if (i && j > 1)
				least(&best, d[i - 1][j - 2] + t->sub2[p][x[i - 1]][t->digraph[y[j - 2]][y[j - 1]]]);
			if (i > 1 && j > 1)
				least(&best, d[i - 2][j - 2] + t->sub[1][x[i - 2]][y[j - 1]] + t->sub[1][x[i - 1]][y[j - 2]] + COST_TURN);
			d[i][j] = best;
			least(&row, best);
		}
		if (row > FAR)
			return COST_NONE;
	}
	return d[n][m];
}

/* Both mean the same Arabic form, or one is the form that the other means. */
static unsigned lexicon_cost(const struct name_model *m, const struct name_letters *a, const struct name_letters *b)
{
	if (a->script == NAME_ARABIC && b->script == NAME_ARABIC)
		return COST_NONE;
	uint32_t ia = dict_find(m->forms, a->script, a->letter, a->n), ib = dict_find(m->forms, b->script, b->letter, b->n);
	unsigned best = COST_NONE;
	if (ia == DICT_NONE || ib == DICT_NONE)
		return best;
	size_t na, nb;
	const struct variant *va = model_variants(m, ia, &na), *vb = model_variants(m, ib, &nb);
	for (size_t i = 0; i < na; i++) {
		if (va[i].meant == ib)
			least(&best, va[i].cost);
		for (size_t k = 0; k < nb; k++)
			if (va[i].meant == vb[k].meant)
				least(&best, (unsigned)va[i].cost + vb[k].cost);
	}
	for (size_t k = 0; k < nb; k++)
		if (vb[k].meant == ia)
			least(&best, vb[k].cost);
	return best;
}

const struct variant *model_variants(const struct name_model *m, uint32_t form, size_t *n)
{
	size_t low = 0, high = m->variants;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (m->variant[mid].form < form)
			low = mid + 1;
		else
			high = mid;
	}
	*n = 0;
	while (low + *n < m->variants && m->variant[low + *n].form == form)
		(*n)++;
	return m->variant + low;
}

static int letters_order(const struct name_letters *a, const struct name_letters *b)
{
	int c = memcmp(a->letter, b->letter, a->n < b->n ? a->n : b->n);
	return c ? c : a->n < b->n ? -1 : a->n > b->n;
}

unsigned model_cost(const struct name_model *m, const struct name_letters *a, const struct name_letters *b, bool *by_lexicon)
{
	bool flip;
	*by_lexicon = false;
	if (a->n == 0 || b->n == 0)
		return COST_NONE;
	if (a->script == b->script && letters_order(a, b) == 0)
		return 0;
	const struct cost_table *t = model_table(m, a->script, b->script, &flip);
	bool same_side = is_latin(a->script) == is_latin(b->script) && !flip && t != &m->table[T_AS] && t != &m->table[T_LK];
	if (same_side && letters_order(a, b) > 0)      /* one order for both ways round */
		flip = true;
	const struct name_letters *x = flip ? b : a, *y = flip ? a : b;
	unsigned cost = table_cost(t, x->letter, x->n, y->letter, y->n, is_latin(x->script)), lexicon = lexicon_cost(m, a, b);
	*by_lexicon = lexicon < cost;
	return lexicon < cost ? lexicon : cost;
}
