/* Finding: parts near those asked for, a first sum over everybody who has one, the best of those compared in full.
   1 parts     for each part of the query, every part of the register that is near it, by a walk through the trie
   2 sum       each entry of their lists adds its evidence to the person's sum (one byte a person)
   3 choose    who reaches a sum that few reach; year, sex and place are added; the best go on
   4 compare   the full score, first with the rarity of the query's parts only, the best again with both sides' rarity */
#include "match/index_i.h"
#include <math.h>

enum { NEAR = 460, NEAR_RARITY = 400, CHOSEN_MAX = 40000, COMPARED = 400, REFINED = 24, SCALE_TENTHS = 24, UNKNOWN_COST = 0xffff };
enum { SURE = 100 };          /* hundredths of a nat: nearer than this is the same name, where the other is well known */
#define KNOWN_LEAST 2e-5       /* of all parts */
#define KNOWN_SHARE 0.5        /* of what is like it */
#define DEFAULT_WEIGHT 20000.0      /* parts of a register that count as much as the shipped default */

/* ---- rarity ---- */

/* How much of the parts of a register, or of the default, is like a part; and which near one is met most. Counted in parts of the register. */
struct mass { const struct dict *dict; double scale, sum, best; struct name_letters near; unsigned near_cost; };

static void mass_add(void *arg, uint32_t id, unsigned cost)
{
	struct mass *m = arg;
	if (cost > NEAR_RARITY)
		return;
	double likely = exp(-(double)cost / 100), one = dict_n(m->dict, id) * m->scale * likely;
	m->sum += one;
	if (cost <= SURE && one * likely > m->best) {
		m->best = one * likely;
		m->near = dict_letters(m->dict, id);
		m->near_cost = cost;
	}
}

static void mass_of(const struct name_model *m, const struct dict *d, double scale, const struct name_letters *l, struct mass *out)
{
	out->dict = d;
	out->scale = scale;
	dict_alike(d, m, l, NEAR_RARITY, &(struct dict_seen){ mass_add, out });
}

static double count_of(const struct dict *d, const struct name_letters *l)
{
	uint32_t id = dict_find(d, l->script, l->letter, l->n);
	return id == DICT_NONE ? 0 : dict_n(d, id);
}

static uint32_t letters_hash(const struct name_letters *l)
{
	uint32_t h = 2166136261u ^ (is_latin(l->script) ? 1u : 0);
	for (size_t i = 0; i < l->n; i++)
		h = (h ^ l->letter[i]) * 16777619u;
	return h ? h : 1;
}

#define DEFAULT_SCALE (DEFAULT_WEIGHT / 1e6)

/* A name that people have, not a slip of a commoner one: it is on the shipped list, or most of what is like it is itself. */
static bool well_known(const struct name_model *m, const struct dict *reg, const struct name_letters *l, double all)
{
	struct mass mass = { 0 };
	double own = reg ? count_of(reg, l) : 0;
	if (count_of(m->usual, l) > 0)
		return true;
	if (own / all < KNOWN_LEAST)
		return false;
	if (reg)
		mass_of(m, reg, 1, l, &mass);
	mass_of(m, m->usual, DEFAULT_SCALE, l, &mass);
	return own > KNOWN_SHARE * mass.sum;
}

/* mass: of the register. */
static void weighed(const struct name_model *m, const struct dict *reg, struct mass *mass, struct part_side *s)
{
	double all = (reg ? (double)dict_total(reg) : 0) + DEFAULT_WEIGHT;
	mass_of(m, m->usual, DEFAULT_SCALE, &s->letters, mass);
	double share = (mass->sum + 0.5) / all;
	s->rarity = share < 0.9 ? (float)-log(share) : 0.1f;
	s->sure = mass->best > 0 && well_known(m, reg, &mass->near, all) ? letters_hash(&mass->near) : 0;
	s->sure_cost = (float)mass->near_cost / 100;
}

void model_weigh(const struct name_model *m, const struct dict *reg, struct part_side *s)
{
	struct mass mass = { 0 };
	if (reg)
		mass_of(m, reg, 1, &s->letters, &mass);
	weighed(m, reg, &mass, s);
}

static void weigh_person_part(struct name_index *x, uint32_t part, struct part_side *s)
{
	struct rarity *r = &x->rarity[part];
	if (r->age != x->age) {
		model_weigh(x->model, x->dict, s);
		*r = (struct rarity){ s->rarity, s->sure_cost, s->sure, x->age };
	}
	s->rarity = r->value;
	s->sure = r->sure;
	s->sure_cost = r->sure_cost;
}

/* ---- parts near a part ---- */

struct nearby { struct alike *list; uint32_t n, cap; struct mass mass; };

static void nearby_add(void *arg, uint32_t id, unsigned cost)
{
	struct nearby *near = arg;
	if (near->n == near->cap) {
		near->cap = near->cap ? near->cap * 2 : 64;
		near->list = reallocarray(near->list, near->cap, sizeof *near->list);
		if (!near->list)
			die("no memory for names");
	}
	near->list[near->n++] = (struct alike){ id, (uint16_t)cost };
	mass_add(&near->mass, id, cost);
}

static uint32_t slot_of(const struct name_letters *l)
{
	uint32_t h = 2166136261u ^ l->script;
	for (size_t i = 0; i < l->n; i++)
		h = (h ^ l->letter[i]) * 16777619u;
	return (h ^ h >> 13) % SEEN_SLOTS;
}

static const struct seen_part *parts_near(struct name_index *x, const struct name_letters *l)
{
	struct seen_part *s = &x->seen[slot_of(l)];
	if (s->age == x->age && s->n == l->n && s->script == l->script && memcmp(s->letter, l->letter, l->n) == 0)
		return s;
	struct nearby near = { .mass = { .dict = x->dict, .scale = 1 } };
	dict_alike(x->dict, x->model, l, NEAR, &(struct dict_seen){ nearby_add, &near });
	free(s->alike);
	struct part_side side = { .letters = *l };
	weighed(x->model, x->dict, &near.mass, &side);
	side.letters = (struct name_letters){ .script = l->script };      /* they are the caller's */
	*s = (struct seen_part){ x->age, l->n, (uint8_t)l->script, { 0 }, side, near.list, near.n };
	memcpy(s->letter, l->letter, l->n);
	return s;
}

/* ---- the question ---- */

struct asked_part { struct part_side *side; const struct alike *alike; uint32_t n; uint16_t *cost; bool mother; size_t at; };
struct question {
	struct name_index *x;
	struct name_side side;
	struct asked_part part[NAME_PARTS_MAX + MOTHER_MAX];
	size_t parts;
	uint32_t touched[65536];      /* costs to forget at the end: part << 8 | asked part */
	size_t touched_n;
};

static void scratch_sizes(struct name_index *x, size_t parts)
{
	if (x->sum_cap < x->people) {
		free(x->sum);
		x->sum_cap = x->people + x->people / 8 + 64;
		x->sum = calloc(x->sum_cap + 8, 1);
		if (!x->sum)
			die("no memory for names");
	}
	if (x->cost_cap < dict_size(x->dict)) {
		for (size_t i = 0; i < COUNT(x->cost); i++) {
			free(x->cost[i]);
			x->cost[i] = NULL;
		}
		x->cost_cap = dict_size(x->dict) + dict_size(x->dict) / 8 + 64;
	}
	for (size_t i = 0; i < parts; i++) {
		if (x->cost[i])
			continue;
		x->cost[i] = malloc(x->cost_cap * sizeof *x->cost[i]);
		if (!x->cost[i])
			die("no memory for names");
		memset(x->cost[i], 0xff, x->cost_cap * sizeof *x->cost[i]);
	}
}

static void ask_part(struct question *q, struct part_side *s, bool mother, size_t at)
{
	struct asked_part *p = &q->part[q->parts];
	if (s->letters.n == 0)
		return;
	const struct seen_part *seen = parts_near(q->x, &s->letters);
	s->rarity = seen->weighed.rarity;
	s->sure = seen->weighed.sure;
	s->sure_cost = seen->weighed.sure_cost;
	/* a slot may be taken by the next part: keep a copy of the list */
	struct alike *list = arena_copy(q->x->scratch, seen->alike, seen->alikes * sizeof *list);
	*p = (struct asked_part){ s, list, seen->alikes, q->x->cost[q->parts], mother, at };
	for (uint32_t i = 0; i < p->n; i++)
		p->cost[list[i].id] = list[i].cost;
	q->parts++;
}

static void ask(struct question *q, const struct name_who *who)
{
	struct str governorate;
	struct name_index *x = q->x;
	arena_reset(x->scratch);
	side_of(x->scratch, who, &q->side, &governorate);
	scratch_sizes(x, (size_t)q->side.n + q->side.mothers);
	for (size_t i = 0; i < q->side.n; i++)
		ask_part(q, &q->side.part[i], false, i);
	for (size_t i = 0; i < q->side.mothers; i++)
		ask_part(q, &q->side.mother[i], true, i);
	q->side.governorate = governorate.n ? index_place(x, governorate) : 0;
	if (governorate.n && !q->side.governorate)
		q->side.governorate = PLACES;      /* a place that nobody here is from */
	q->side.governorate_rarity = q->side.governorate && q->side.governorate < PLACES ? (float)index_place_rarity(x, q->side.governorate) : 2.3f;
}

static void ask_end(struct question *q)
{
	for (size_t k = 0; k < q->parts; k++)
		for (uint32_t i = 0; i < q->part[k].n; i++)
			q->part[k].cost[q->part[k].alike[i].id] = UNKNOWN_COST;
	for (size_t i = 0; i < q->touched_n; i++)
		q->part[q->touched[i] & 31].cost[q->touched[i] >> 5] = UNKNOWN_COST;
}

/* ---- the first sum ---- */

/* Tenths of full evidence, by where the part stands in the query and in the person. */
static uint8_t place_weight(const struct question *q, const struct asked_part *p, enum entry_kind kind)
{
	bool kunya = q->side.n > 1 && flags_role(q->side.part[0].flags) == NAME_KUNYA;
	size_t at = kunya && !p->mother ? p->at - 1 : p->at;
	if (p->mother)
		return kind == AT_MOTHER ? (p->at ? 2 : 8) : kind == AT_MOTHER_MORE ? (p->at ? 7 : 2) : 0;
	if (kind >= AT_KUNYA)
		return 0;
	if (kunya && p->at == 0)
		return 1;
	if (at == kind || (at > 2 && kind == AT_LATER))
		return 10;
	return at && kind ? 8 : 6;
}

static void add_list(uint8_t *sum, const struct posting *p, const uint8_t w[ENTRY_KINDS + 1])
{
	const uint32_t *list = p->cap ? p->list : p->one;
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t at = list[i] >> KIND_BITS;
		unsigned s = (unsigned)sum[at] + w[list[i] & 7];
		sum[at] = (uint8_t)(s > 255 ? 255 : s);
	}
}

static void first_sum(struct question *q)
{
	struct name_index *x = q->x;
	memset(x->sum, 0, x->people + 8);
	for (size_t k = 0; k < q->parts; k++) {
		const struct asked_part *p = &q->part[k];
		uint8_t w[ENTRY_KINDS + 1] = { 0 };
		int before = -1, tenths[ENTRY_KINDS];
		for (enum entry_kind kind = 0; kind < ENTRY_KINDS; kind++)
			tenths[kind] = place_weight(q, p, kind);
		for (uint32_t i = 0; i < p->n; i++) {
			double s = (double)p->side->rarity - p->alike[i].cost / 100.0;
			int value = (int)((s < 12 ? s : 12) * SCALE_TENTHS / 10);
			if (value < 2)
				continue;
			if (value != before)
				for (size_t kind = 0; kind < ENTRY_KINDS; kind++)
					w[kind] = (uint8_t)(value * tenths[kind] / 10);
			before = value;
			add_list(x->sum, &x->posting[p->alike[i].id], w);
		}
	}
}

/* ---- choosing ---- */

struct candidate { uint32_t person; int sum; double score; };

/* The sum that about CHOSEN_MAX / 2 people reach, told from every 16th. */
static unsigned threshold(const uint8_t *sum, uint32_t n)
{
	uint32_t many[256] = { 0 }, above = 0, step = n > 65536 ? 16 : 1;
	unsigned t = 255;
	for (uint32_t i = 0; i < n; i += step)
		many[sum[i]]++;
	for (; t > 1; t--) {
		above += many[t] * step;
		if (above > CHOSEN_MAX / 2)
			break;
	}
	return above > CHOSEN_MAX / 2 && t < 255 ? t + 1 : t > 1 ? t : 1;
}

static int rest_of(const struct question *q, const struct person *p)
{
	int sum = 0;
	if (q->side.birth.precision != DATE_NONE && p->birth) {
		int apart = (int)(p->birth >> 19) + 1800 - q->side.birth.y;
		apart = apart < 0 ? -apart : apart;
		sum += apart == 0 ? 10 : apart <= 2 ? 3 : apart <= 10 ? -1 : -6;
	}
	if (q->side.sex && p->sex)
		sum += q->side.sex == (char)p->sex ? 2 : -8;
	if (q->side.governorate && p->place)
		sum += q->side.governorate == p->place ? 4 : -4;
	return sum;
}

/* Who is gone has no entries, so nothing was added for her. */
static size_t reached(const struct name_index *x, struct candidate *out, size_t max)
{
	unsigned t = threshold(x->sum, x->people);
	uint64_t ones = 0x0101010101010101u, high = ones << 7, add = (t < 128 ? 128 - t : 0) * ones;
	size_t n = 0;
	for (uint32_t i = 0; i < x->people && n < max; i += 8) {
		uint64_t eight;
		memcpy(&eight, x->sum + i, 8);
		if ((((eight & ~high) + add) | eight) & high)
			for (uint32_t k = i; k < i + 8 && k < x->people && n < max; k++)
				if (x->sum[k] >= t)
					out[n++] = (struct candidate){ k, x->sum[k], 0 };
	}
	return n;
}

enum { AHEAD = 16 };      /* people's rows lie far apart: they are fetched this many rounds before they are read */

static size_t choose(const struct question *q, struct candidate *c, size_t max)
{
	const struct person *person = q->x->person;
	size_t n = reached(q->x, c, max);
	for (size_t i = 0; i < n; i++) {
		if (i + AHEAD < n)
			__builtin_prefetch(&person[c[i + AHEAD].person]);
		c[i].sum += rest_of(q, &person[c[i].person]);
	}
	return n;
}

/* The `keep` with the largest sums move to the front; gives how many. */
static size_t keep_best(struct candidate *c, size_t n, size_t keep)
{
	enum { RANGE = 320, LOW = -24 };
	uint32_t many[RANGE] = { 0 }, above = 0;
	int t = RANGE - 1;
	size_t kept = 0;
	if (n <= keep)
		return n;
	for (size_t i = 0; i < n; i++)
		many[c[i].sum - LOW]++;
	for (; t > 0 && above + many[t] <= keep; t--)
		above += many[t];
	for (size_t i = 0; i < n && kept < keep; i++)      /* all above t, and of t itself what there is room for */
		if (c[i].sum - LOW > t || (c[i].sum - LOW == t && above < keep && ++above))
			c[kept++] = c[i];
	return kept;
}

/* ---- comparing ---- */

static uint16_t cost_between(struct question *q, size_t asked, uint32_t part, const struct name_letters *l)
{
	uint16_t *at = &q->part[asked].cost[part];
	bool lexicon;
	if (*at == UNKNOWN_COST) {
		*at = (uint16_t)model_cost(q->x->model, &q->part[asked].side->letters, l, &lexicon);
		if (q->touched_n < COUNT(q->touched))
			q->touched[q->touched_n++] = part << 5 | (uint32_t)asked;
		else {      /* no room to remember: do not keep */
			uint16_t cost = *at;
			*at = UNKNOWN_COST;
			return cost;
		}
	}
	return *at;
}

static void costs_of(struct question *q, uint32_t person, const struct name_side *b, struct name_costs *c)
{
	const uint32_t *ref = q->x->ref + q->x->person[person].refs;
	memset(c, 0xff, sizeof *c);
	for (size_t k = 0; k < q->parts; k++) {
		const struct asked_part *p = &q->part[k];
		size_t from = p->mother ? b->n : 0, n = p->mother ? b->mothers : b->n;
		for (size_t j = 0; j < n; j++) {
			const struct part_side *s = p->mother ? &b->mother[j] : &b->part[j];
			if (s->letters.n)
				*(p->mother ? &c->mother[p->at][j] : &c->part[p->at][j]) = cost_between(q, k, ref[from + j] >> REF_FLAG_BITS, &s->letters);
		}
	}
}

static double compare(struct question *q, uint32_t person, bool full, struct name_terms *terms)
{
	struct name_side b;
	struct name_costs c;
	const uint32_t *ref = q->x->ref + q->x->person[person].refs;
	side_of_person(q->x, person, &b);
	for (size_t i = 0; full && i < (size_t)b.n + b.mothers; i++) {
		struct part_side *s = i < b.n ? &b.part[i] : &b.mother[i - b.n];
		if (s->letters.n)
			weigh_person_part(q->x, ref[i] >> REF_FLAG_BITS, s);
	}
	costs_of(q, person, &b, &c);
	return score_sides(&q->side, &b, &c, terms);
}

static int by_score(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	return x->score != y->score ? (x->score < y->score ? 1 : -1) : x->person < y->person ? -1 : x->person > y->person;
}

/* The full comparison of `n` candidates, best first; gives how many of them are worked out. Those behind the best are left out by the rarity of the query's parts alone. */
static size_t compare_all(struct question *q, struct candidate *c, size_t n, size_t top)
{
	const struct name_index *x = q->x;
	for (size_t i = 0; i < n; i++) {
		if (i + AHEAD < n)
			__builtin_prefetch(&x->person[c[i + AHEAD].person]);
		if (i + AHEAD / 2 < n)
			__builtin_prefetch(&x->ref[x->person[c[i + AHEAD / 2].person].refs]);
		c[i].score = compare(q, c[i].person, false, NULL);
	}
	qsort(c, n, sizeof *c, by_score);
	n = n < REFINED ? n : top > REFINED ? top : REFINED;
	for (size_t i = 0; i < n; i++)
		c[i].score = compare(q, c[i].person, true, NULL);
	qsort(c, n, sizeof *c, by_score);
	return n;
}

static size_t give_found(const struct name_index *x, const struct candidate *c, size_t n, size_t top, struct name_found *out)
{
	size_t given = 0;
	for (; given < n && given < top && given < NAME_TOP_MAX && c[given].score > NAME_NEVER; given++)
		out[given] = (struct name_found){ { x->ids + x->person[c[given].person].id, x->person[c[given].person].id_n }, c[given].score };
	return given;
}

static struct question *question_new(struct name_index *x, const struct name_who *who)
{
	struct question *q = calloc(1, sizeof *q);
	if (!q)
		die("no memory for names");
	q->x = x;
	dict_settle(x->dict);
	ask(q, who);
	return q;
}

static void question_end(struct question *q)
{
	ask_end(q);
	wipe(q, sizeof *q);
	free(q);
}

size_t name_index_query_but(struct name_index *x, const struct name_who *who, const struct str *but, size_t nbut, size_t top, struct name_found *out)
{
	struct question *q = question_new(x, who);
	struct candidate *c = malloc(CHOSEN_MAX * 3 / 2 * sizeof *c);
	size_t n = 0, given;
	if (!c)
		die("no memory for names");
	if (q->parts && x->live) {
		first_sum(q);
		for (size_t i = 0; i < nbut; i++) {
			uint32_t at = index_find(x, but[i]);
			if (at != UINT32_MAX)
				x->sum[at] = 0;
		}
		n = compare_all(q, c, keep_best(c, choose(q, c, CHOSEN_MAX * 3 / 2), COMPARED), top);
	}
	given = give_found(x, c, n, top, out);
	question_end(q);
	free(c);
	return given;
}

size_t name_index_query(struct name_index *x, const struct name_who *who, size_t top, struct name_found *out)
{
	return name_index_query_but(x, who, NULL, 0, top, out);
}

size_t name_index_query_among(struct name_index *x, const struct name_who *who, const struct str *ids, size_t nids, size_t top, struct name_found *out)
{
	struct question *q = question_new(x, who);
	struct candidate *c = malloc((nids + 1) * sizeof *c);
	size_t n = 0, given;
	if (!c)
		die("no memory for names");
	for (size_t i = 0; i < nids; i++) {
		uint32_t at = index_find(x, ids[i]);
		if (at != UINT32_MAX)
			c[n++] = (struct candidate){ .person = at, .score = compare(q, at, true, NULL) };
	}
	qsort(c, n, sizeof *c, by_score);
	given = give_found(x, c, n, top, out);
	question_end(q);
	free(c);
	return given;
}

bool name_index_explain(struct name_index *x, const struct name_who *who, struct str id, double *score, struct name_terms *terms)
{
	uint32_t at = index_find(x, id);
	if (at == UINT32_MAX)
		return false;
	struct question *q = question_new(x, who);
	*score = compare(q, at, true, terms);
	question_end(q);
	return true;
}
