/* The score: log-odds of parts in an ordered alignment, then of mother, birth, sex and place, then the bar. */
#include "match/match_i.h"
#include <math.h>

/* Natural log-odds. Set by hand and checked on the development half of tools/names-generate (docs/matching.md). */
enum weight { SLOPE, OTHER_GIVEN, OTHER, OTHER_MOTHER, MISS_GIVEN, MISS, MISS_LAST, MISS_KUNYA, MISS_MOTHER, SWAP, ROTATED, FLOOR,
	NEVER_ABOVE, GIVEN_LEAST, GIVEN_APART, BAR, YEAR_SAME, YEAR_NEAR, YEAR_FAR, YEAR_OTHER, SEX_SAME, SEX_OTHER, PLACE_OTHER, ALONE };
static const double W[] = {
	[SLOPE] = 1.0,                /* nats of evidence that a nat of spelling cost takes away */
	[OTHER_GIVEN] = 0.003,        /* how often the given name is another one although it is the same person */
	[OTHER] = 0.012,              /* the same of any other part */
	[OTHER_MOTHER] = 0.04,        /* and of the mother's parts */
	[MISS_GIVEN] = -5.0,          /* one side leaves the given name out */
	[MISS] = -2.2,                /* ... another part */
	[MISS_LAST] = -1.4,           /* ... the third part or a later one, or the last */
	[MISS_KUNYA] = -0.6,          /* ... a kunya */
	[MISS_MOTHER] = -0.3,         /* ... what follows the mother's own name */
	[SWAP] = -3.4,                /* two neighbours stand the other way round */
	[ROTATED] = -3.2,             /* the family name stands first */
	[FLOOR] = -8.0,                /* one side's given name has no other one to stand beside, or the two are two names */
	[NEVER_ABOVE] = -1.0,          /* ... and then the score stays below this: brothers, sisters, twins never match */
	[GIVEN_LEAST] = 0.5,           /* what the given name must add to pass the floor */
	[GIVEN_APART] = 0.6,           /* how much nearer each of two well-known names must be to itself than to the other */
	[BAR] = 0.25,                 /* of what both would give with themselves together */
	[YEAR_SAME] = 4.0,            /* ln(.8 x 68 years) */
	[YEAR_NEAR] = 0.9,            /* one or two off */
	[YEAR_FAR] = -0.9,            /* three to ten off */
	[YEAR_OTHER] = -3.2,          /* more than ten off */
	[SEX_SAME] = 0.65,
	[SEX_OTHER] = -3.9,
	[PLACE_OTHER] = -1.9,         /* people move */
	[ALONE] = -3.0,               /* only one part could be compared */
};

uint8_t part_flags(const struct name_part *p)
{
	return (uint8_t)((p->article ? PART_ARTICLE : 0) | (p->of ? PART_OF : 0) | (p->compound ? PART_COMPOUND : 0) | (unsigned)p->role << PART_ROLE_SHIFT);
}

const char *name_term_word(enum name_term_kind k)
{
	static const char *const WORD[TERM_KINDS] = { "part", "missing", "swap", "order", "given", "mother", "birth", "sex", "place", "bar" };
	return WORD[k];
}

static void term(struct name_terms *t, struct name_term one)
{
	if (t && t->n < NAME_TERMS_MAX)
		t->term[t->n++] = one;
}

/* Of the two, the rarer: the other is the one that both may mean. One that is not worked out is 0. */
static double rarity_of(const struct part_side *a, const struct part_side *b)
{
	return a->rarity > b->rarity ? a->rarity : b->rarity;
}

/* exp(-cost) is how likely one is a spelling of the other; the rarer of the two says how likely both were met by chance. `other`: how often one
   person's part is quite another name. A part that cannot be read says nothing. */
static double agree(const struct part_side *a, const struct part_side *b, unsigned cost, double other)
{
	if (a->letters.n == 0 || b->letters.n == 0)
		return 0;
	double s = rarity_of(a, b) - W[SLOPE] * cost / 100;
	if (s > 4)      /* the other term is nothing beside it */
		return s - other;
	return s < -16 ? log(other) : log((1 - other) * exp(s) + other);
}

/* Hamad and Muhammad are near in letters and are two names: each stands for another well-known one, and is nearer to that than to the other. */
static bool two_names(const struct part_side *a, const struct part_side *b, unsigned cost)
{
	return a->sure && b->sure && a->sure != b->sure && cost / 100.0 > (double)a->sure_cost + (double)b->sure_cost + W[GIVEN_APART];
}

static bool is_kunya(const struct part_side *p)
{
	return flags_role(p->flags) == NAME_KUNYA;
}

/* Where the given name stands: the first part that is no kunya. */
static size_t given_at(const struct name_side *s)
{
	return s->n > 1 && is_kunya(&s->part[0]) ? 1 : 0;
}

/* The parts in the order in which they are compared: as written, or with the first put last or the last put first. */
struct order { uint8_t at[NAME_PARTS_MAX]; uint8_t n, given; };
enum turn { AS_WRITTEN, FIRST_LAST, LAST_FIRST };

static struct order order_of(const struct name_side *s, enum turn turn)
{
	struct order o = { .n = s->n, .given = (uint8_t)given_at(s) };
	size_t from = turn == FIRST_LAST ? 1 : turn == LAST_FIRST && s->n ? (size_t)s->n - 1 : 0;
	for (size_t i = 0; i < s->n; i++)
		o.at[i] = (uint8_t)((from + i) % s->n);
	if (turn != AS_WRITTEN)
		o.given = 0;
	return o;
}

enum step { STEP_NONE, STEP_BOTH, STEP_A, STEP_B, STEP_SWAP };
struct aligned { double score; enum step step[NAME_PARTS_MAX + 1][NAME_PARTS_MAX + 1]; };

static double miss(const struct name_side *s, const struct order *o, size_t i)
{
	const struct part_side *p = &s->part[o->at[i]];
	if (p->letters.n == 0)
		return 0;
	if (is_kunya(p))
		return W[MISS_KUNYA];
	return W[i == o->given ? MISS_GIVEN : i >= o->given + 2u || i + 1 == o->n ? MISS_LAST : MISS];
}

/* What each part says about each other one, as given names and otherwise; and no order of a's parts can give more than `most`. */
struct evidence { double as_given[NAME_PARTS_MAX][NAME_PARTS_MAX], other[NAME_PARTS_MAX][NAME_PARTS_MAX], most; };

static void weigh(const struct name_side *a, const struct name_side *b, const struct name_costs *c, struct evidence *e)
{
	e->most = 0;
	for (size_t i = 0; i < a->n; i++) {
		double best = 0;
		for (size_t j = 0; j < b->n; j++) {
			double s = e->other[i][j] = agree(&a->part[i], &b->part[j], c->part[i][j], W[OTHER]);
			e->as_given[i][j] = i < 2 || i + 1 == a->n ? agree(&a->part[i], &b->part[j], c->part[i][j], W[OTHER_GIVEN]) : s;
			s = s > e->as_given[i][j] ? s : e->as_given[i][j];
			best = s > best ? s : best;
		}
		e->most += best;
	}
}

static double match_at(const struct evidence *e, const struct order *oa, const struct order *ob, size_t i, size_t j)
{
	return (i == oa->given && j == ob->given ? e->as_given : e->other)[oa->at[i]][ob->at[j]];
}

static void align(const struct name_side *a, const struct name_side *b, const struct evidence *e, const struct order *oa, const struct order *ob, struct aligned *out)
{
	double d[NAME_PARTS_MAX + 1][NAME_PARTS_MAX + 1], m[NAME_PARTS_MAX][NAME_PARTS_MAX];
	for (size_t i = 0; i <= oa->n; i++) {
		for (size_t j = 0; j <= ob->n; j++) {
			double best = i + j ? -1e9 : 0, s;
			enum step step = STEP_NONE;
			if (i && j) {
				m[i - 1][j - 1] = match_at(e, oa, ob, i - 1, j - 1);
				best = d[i - 1][j - 1] + m[i - 1][j - 1];
				step = STEP_BOTH;
			}
			if (i && (s = d[i - 1][j] + miss(a, oa, i - 1)) > best)
				best = s, step = STEP_A;
			if (j && (s = d[i][j - 1] + miss(b, ob, j - 1)) > best)
				best = s, step = STEP_B;
			if (i > 1 && j > 1 && (s = d[i - 2][j - 2] + m[i - 1][j - 2] + m[i - 2][j - 1] + W[SWAP]) > best)
				best = s, step = STEP_SWAP;
			d[i][j] = best;
			out->step[i][j] = step;
		}
	}
	out->score = d[oa->n][ob->n];
}

/* What became of a side's given name. */
enum given { GIVEN_ALONE, GIVEN_UNREAD, GIVEN_SAME, GIVEN_OTHER };
struct told { const struct name_side *a, *b; const struct name_costs *c; const struct evidence *e; const struct order *oa, *ob; struct name_terms *terms; enum given given[2]; size_t compared; };

static void tell_pair(struct told *t, size_t i, size_t j, const char *rule)
{
	size_t pa = t->oa->at[i], pb = t->ob->at[j];
	const struct part_side *a = &t->a->part[pa], *b = &t->b->part[pb];
	double value = match_at(t->e, t->oa, t->ob, i, j);
	bool known = a->letters.n && b->letters.n;
	t->compared += known;
	enum given given = !known ? GIVEN_UNREAD : value >= W[GIVEN_LEAST] && !two_names(a, b, t->c->part[pa][pb]) ? GIVEN_SAME : GIVEN_OTHER;
	if (i == t->oa->given)
		t->given[0] = given;
	if (j == t->ob->given)
		t->given[1] = given;
	term(t->terms, (struct name_term){ TERM_PART, !known ? "unknown" : rule ? rule : value < 0 ? "different" : t->c->part[pa][pb] == 0 ? "same" : "spelling", (int8_t)pa, (int8_t)pb,
	    (float)t->c->part[pa][pb] / 100, (float)rarity_of(a, b), value });
}

/* Walks the alignment from its end; fills the terms and what the given names got. */
static void tell(struct told *t, const struct aligned *al)
{
	size_t i = t->oa->n, j = t->ob->n;
	t->given[0] = t->given[1] = GIVEN_ALONE;
	while (i + j) {
		switch (al->step[i][j]) {
		case STEP_BOTH: tell_pair(t, --i, --j, NULL); break;
		case STEP_A: i--; term(t->terms, (struct name_term){ TERM_MISSING, "missing", (int8_t)t->oa->at[i], -1, 0, 0, miss(t->a, t->oa, i) }); break;
		case STEP_B: j--; term(t->terms, (struct name_term){ TERM_MISSING, "missing", -1, (int8_t)t->ob->at[j], 0, 0, miss(t->b, t->ob, j) }); break;
		case STEP_SWAP:
			tell_pair(t, i - 1, j - 2, "swapped");
			tell_pair(t, i - 2, j - 1, "swapped");
			term(t->terms, (struct name_term){ TERM_SWAP, "swapped", (int8_t)t->oa->at[i - 1], (int8_t)t->ob->at[j - 1], 0, 0, W[SWAP] });
			i -= 2, j -= 2;
			break;
		case STEP_NONE: return;
		}
	}
}

/* An alignment is told from its end. */
static void turn_round(struct name_terms *t, size_t first)
{
	for (size_t last = t ? t->n : 0; first + 1 < last--; first++) {
		struct name_term one = t->term[first];
		t->term[first] = t->term[last];
		t->term[last] = one;
	}
}

/* The name's evidence: the best of five orders. */
static double score_name(const struct name_side *a, const struct name_side *b, const struct name_costs *c, struct name_terms *terms, size_t *compared, enum given *given)
{
	static const struct { enum turn a, b; } TURNS[] = { { AS_WRITTEN, AS_WRITTEN }, { FIRST_LAST, AS_WRITTEN }, { LAST_FIRST, AS_WRITTEN }, { AS_WRITTEN, FIRST_LAST }, { AS_WRITTEN, LAST_FIRST } };
	struct aligned best = { 0 }, al;
	struct order oa[COUNT(TURNS)], ob[COUNT(TURNS)];
	struct evidence e;
	size_t chosen = 0, turns = a->n > 2 && b->n > 2 ? COUNT(TURNS) : 1;
	weigh(a, b, c, &e);
	for (size_t k = 0; k < turns; k++) {
		if (k && e.most + W[ROTATED] <= best.score)
			break;
		oa[k] = order_of(a, TURNS[k].a);
		ob[k] = order_of(b, TURNS[k].b);
		align(a, b, &e, &oa[k], &ob[k], k ? &al : &best);
		if (k && al.score + W[ROTATED] > best.score) {
			best = al;
			best.score += W[ROTATED];
			chosen = k;
		}
	}
	struct told t = { a, b, c, &e, &oa[chosen], &ob[chosen], terms, { 0 }, 0 };
	size_t first = terms ? terms->n : 0;
	tell(&t, &best);
	turn_round(terms, first);
	if (chosen)
		term(terms, (struct name_term){ TERM_ORDER, "rotated", -1, -1, 0, 0, W[ROTATED] });
	*given = t.given[0] == GIVEN_OTHER || t.given[1] == GIVEN_OTHER ? GIVEN_OTHER : t.given[0] == GIVEN_ALONE || t.given[1] == GIVEN_ALONE ? GIVEN_ALONE : GIVEN_SAME;
	double floor = 0;
	if (t.compared == 1) {
		floor = W[ALONE];
		term(terms, (struct name_term){ TERM_GIVEN, "one-part", -1, -1, 0, 0, W[ALONE] });
	}
	*compared = t.compared;
	return best.score + floor;
}

/* The mother: her parts in order, what is left out is nearly free. */
static double score_mother(const struct name_side *a, const struct name_side *b, const struct name_costs *c, struct name_terms *terms)
{
	double d[MOTHER_MAX + 1][MOTHER_MAX + 1];
	enum step step[MOTHER_MAX + 1][MOTHER_MAX + 1];
	if (a->mothers == 0 || b->mothers == 0)
		return 0;
	for (size_t i = 0; i <= a->mothers; i++) {
		for (size_t j = 0; j <= b->mothers; j++) {
			double s, best = i + j ? -1e9 : 0;
			step[i][j] = STEP_NONE;
			if (i && j)
				best = d[i - 1][j - 1] + agree(&a->mother[i - 1], &b->mother[j - 1], c->mother[i - 1][j - 1], W[OTHER_MOTHER]), step[i][j] = STEP_BOTH;
			if (i > 1 && (s = d[i - 1][j] + W[MISS_MOTHER]) > best)      /* her own name is not left out */
				best = s, step[i][j] = STEP_A;
			if (j > 1 && (s = d[i][j - 1] + W[MISS_MOTHER]) > best)
				best = s, step[i][j] = STEP_B;
			d[i][j] = best;
		}
	}
	size_t first = terms ? terms->n : 0;
	for (size_t i = a->mothers, j = b->mothers; i + j && step[i][j] != STEP_NONE;) {
		enum step s = step[i][j];
		i -= s != STEP_B;
		j -= s != STEP_A;
		double value = s == STEP_BOTH ? agree(&a->mother[i], &b->mother[j], c->mother[i][j], W[OTHER_MOTHER]) : W[MISS_MOTHER];
		bool both = s == STEP_BOTH;
		term(terms, (struct name_term){ TERM_MOTHER, !both ? "missing" : a->mother[i].letters.n == 0 || b->mother[j].letters.n == 0 ? "unknown" : value < 0 ? "different" : c->mother[i][j] ? "spelling" : "same",
		    s == STEP_B ? -1 : (int8_t)i, s == STEP_A ? -1 : (int8_t)j, both ? (float)c->mother[i][j] / 100 : 0, both ? (float)rarity_of(&a->mother[i], &b->mother[j]) : 0, value });
	}
	turn_round(terms, first);
	return d[a->mothers][b->mothers];
}

/* First and last year that a date can mean. */
static void years_of(struct date d, int *first, int *last)
{
	*first = d.precision == DATE_ESTIMATED ? d.y - 2 : d.y;
	*last = d.precision == DATE_RANGE ? d.y_to : d.precision == DATE_ESTIMATED ? d.y + 2 : d.y;
}

static double day_evidence(struct date a, struct date b, const char **rule)
{
	if (a.precision != DATE_YMD || b.precision != DATE_YMD || date_conventional(a) || date_conventional(b))
		return 0;
	if (a.m == b.m && a.d == b.d) {
		*rule = "same-day";
		return 4.5;
	}
	if (a.m == b.d && a.d == b.m) {
		*rule = "day-month-turned";
		return 3.0;
	}
	*rule = a.m == b.m || a.d == b.d ? "near-day" : "other-day";
	return a.m == b.m || a.d == b.d ? 0.5 : -1.5;
}

static double score_birth(struct date a, struct date b, struct name_terms *terms)
{
	int a1, a2, b1, b2;
	double value;
	const char *rule;
	if (a.precision == DATE_NONE || b.precision == DATE_NONE)
		return 0;
	years_of(a, &a1, &a2);
	years_of(b, &b1, &b2);
	int apart = a1 > b2 ? a1 - b2 : b1 > a2 ? b1 - a2 : 0, wide = (a2 - a1) + (b2 - b1) + 1;
	if (apart == 0) {
		value = W[YEAR_SAME] - log(wide);
		value = value > 0.2 ? value : 0.2;
		rule = wide > 1 ? "overlap" : "same-year";
		value += wide > 1 ? 0 : day_evidence(a, b, &rule);
	} else {
		value = W[apart <= 2 ? YEAR_NEAR : apart <= 10 ? YEAR_FAR : YEAR_OTHER];
		rule = apart <= 2 ? "near-year" : apart <= 10 ? "far-year" : "other-year";
	}
	term(terms, (struct name_term){ TERM_BIRTH, rule, -1, -1, (float)apart, 0, value });
	return value;
}

static double score_rest(const struct name_side *a, const struct name_side *b, struct name_terms *terms)
{
	double sum = score_birth(a->birth, b->birth, terms), value;
	if (a->sex && b->sex) {
		value = W[a->sex == b->sex ? SEX_SAME : SEX_OTHER];
		term(terms, (struct name_term){ TERM_SEX, a->sex == b->sex ? "same" : "different", -1, -1, 0, 0, value });
		sum += value;
	}
	if (a->governorate && b->governorate) {
		bool same = a->governorate == b->governorate;
		value = same ? a->governorate_rarity : W[PLACE_OTHER];
		term(terms, (struct name_term){ TERM_PLACE, same ? "same" : "different", -1, -1, 0, a->governorate_rarity, value });
		sum += value;
	}
	return sum;
}

double score_full(const struct name_side *s)
{
	double sum = s->birth.precision != DATE_NONE ? W[YEAR_SAME] : 0;
	for (size_t i = 0; i < s->n; i++)
		sum += is_kunya(&s->part[i]) ? 0 : s->part[i].rarity;
	for (size_t i = 0; i < s->mothers; i++)
		sum += s->mother[i].rarity;
	return sum + (s->sex ? W[SEX_SAME] : 0) + (s->governorate ? s->governorate_rarity : 0);
}

/* The given name's own floor: whatever else agrees, two given names are two people. */
static double given_floor(enum given given, double sum, struct name_terms *terms)
{
	double value = given == GIVEN_OTHER || given == GIVEN_ALONE ? W[FLOOR] : 0;
	if (given == GIVEN_OTHER && sum + value > W[NEVER_ABOVE])
		value = W[NEVER_ABOVE] - sum;
	if (value < 0)
		term(terms, (struct name_term){ TERM_GIVEN, given == GIVEN_OTHER ? "two-names" : "no-given-name", -1, -1, 0, 0, value });
	return value;
}

double score_sides(const struct name_side *a, const struct name_side *b, const struct name_costs *c, struct name_terms *terms)
{
	size_t compared = 0;
	enum given given;
	if (terms)
		terms->n = 0;
	double sum = score_name(a, b, c, terms, &compared, &given);
	if (compared == 0) {
		if (terms)
			terms->n = 0;
		term(terms, (struct name_term){ TERM_PART, "unknown", -1, -1, 0, 0, NAME_NEVER });
		return NAME_NEVER;
	}
	sum += score_mother(a, b, c, terms) + score_rest(a, b, terms);
	double bar = -W[BAR] * (score_full(a) + score_full(b));
	term(terms, (struct name_term){ TERM_BAR, "bar", -1, -1, 0, 0, bar });
	return sum + bar + given_floor(given, sum + bar, terms);
}
