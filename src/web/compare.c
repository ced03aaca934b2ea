#include "web/compare.h"
#include "report/report.h"
#include "web/field.h"
#include <math.h>

/* A likely match has this score and more; from STRONG on hardly anything speaks against it (docs/matching.md). */
#define STRONG 6.0
#define RARE 6.5            /* one part in 660, -ln */
#define COMMON 4.0          /* one in 55 */

struct sides { struct name_parts name[2], mother[2]; };

const char *likeness_word(double score)
{
	return score >= STRONG ? N_("Likeness: strong") : score >= NAME_LIKELY ? N_("Likeness: possible") : N_("Likeness: weak");
}

int comparison_make(struct work *w, struct comparison *c, bool *known, struct err *err)
{
	struct err why = { 0 };
	*known = people_compare(w, &c->a, &c->b, &c->score, &c->terms, &why) == 0;
	return *known || why.code == ERR_BUSY ? 0 : (*err = why, -1);
}

static void parse_sides(struct work *w, const struct comparison *c, struct sides *s)
{
	name_parse(w->mem, c->a.name, &s->name[0]);
	name_parse(w->mem, c->b.name, &s->name[1]);
	name_parse(w->mem, c->a.mother, &s->mother[0]);
	name_parse(w->mem, c->b.mother, &s->mother[1]);
}

static const struct name_part *part_at(const struct name_parts *p, int8_t at)
{
	return at >= 0 && (size_t)at < p->n ? &p->part[at] : NULL;
}

/* Where the form tells no role, the place tells it: given, father, grandfather (DOMAIN 4). */
static const char *role_label(const struct name_part *x, int8_t at)
{
	static const char *const ROLES[] = { [NAME_GIVEN] = N_("Given name"), [NAME_FATHER] = N_("Father's name"), [NAME_GRANDFATHER] = N_("Grandfather's name"),
		[NAME_FAMILY] = N_("Family name"), [NAME_KUNYA] = N_("Kunya") };
	static const char *const PLACES[] = { N_("Given name"), N_("Father's name"), N_("Grandfather's name") };
	if (x && x->role != NAME_UNKNOWN)
		return ROLES[x->role];
	return at >= 0 && (size_t)at < COUNT(PLACES) ? PLACES[at] : N_("Further name");
}

/* ---- verdicts ---- */

enum verdict_kind { EQUAL, FOLDED, SPELLED, DIFFERENT, NOT_COMPARED };
static const struct { const char *word, *kind; } VERDICTS[] = {
	[EQUAL] = { N_("Equal"), "" }, [FOLDED] = { N_("Equal after unifying the spelling"), "fold" }, [SPELLED] = { N_("Another spelling"), "fold" },
	[DIFFERENT] = { N_("Different"), "diff" }, [NOT_COMPARED] = { N_("Not compared"), "" },
};

static enum verdict_kind verdict_of(const struct name_term *t, struct str a, struct str b)
{
	if (strcmp(t->rule, "unknown") == 0)
		return NOT_COMPARED;
	if (strcmp(t->rule, "different") == 0)
		return DIFFERENT;
	if (strcmp(t->rule, "same") == 0 || t->cost == 0)
		return str_eq(a, b) ? EQUAL : FOLDED;
	return SPELLED;
}

static size_t char_end(struct str s, size_t at)
{
	for (at++; at < s.n && ((uint8_t)s.p[at] & 0xc0) == 0x80; at++)
		;
	return at;
}

/* What differs between two words of one script: the middle that their beginnings and ends leave over. */
static void differing(struct str a, struct str b, size_t *from, size_t *to)
{
	size_t least = a.n < b.n ? a.n : b.n, tail = 0;
	*from = 0;
	while (*from < least) {
		size_t end = char_end(a, *from);
		if (end > least || memcmp(a.p + *from, b.p + *from, end - *from) != 0)
			break;
		*from = end;
	}
	while (tail < least - *from && a.p[a.n - 1 - tail] == b.p[b.n - 1 - tail])
		tail++;
	*to = a.n - tail;
	while (*to < a.n && ((uint8_t)a.p[*to] & 0xc0) == 0x80)
		++*to;
}

static void word_show(struct html *h, struct str word, struct str other, enum verdict_kind v, bool tint)
{
	size_t from = 0, to = 0;
	if (!word.n) {
		html_put(h, MARKUP("<span class=\"muted\">"));
		html_t(h, N_("Not stated"));
		html_put(h, MARKUP("</span>"));
		return;
	}
	html_put(h, MARKUP("<bdi><span class=\""));
	html_text(h, str_of(VERDICTS[v].kind));
	html_put(h, MARKUP("\">"));
	if (tint)
		differing(word, other, &from, &to);
	html_text(h, str_sub(word, 0, from));
	if (to > from) {
		html_put(h, MARKUP("<mark>"));
		html_text(h, str_sub(word, from, to - from));
		html_put(h, MARKUP("</mark>"));
	}
	html_text(h, str_sub(word, tint && to > from ? to : from, word.n));
	html_put(h, MARKUP("</span></bdi>"));
}

/* ---- one row of the table ---- */

struct row { const char *label; struct str a, b; enum verdict_kind verdict; const char *rule, *note; bool tint, date, place; };

static void cell(struct html *h, struct work *w, const char *heading, const struct row *r, struct str text, struct str other)
{
	html_put(h, MARKUP("<td role=\"cell\" class=\"val\" data-l=\""));
	html_attr(h, tr(h->lang, heading));
	html_put(h, MARKUP("\">"));
	if (r->date && text.n)
		text = date_local(w->mem, w->lang, w->numerals, str_z(w->mem, text));
	if (r->place && text.n)
		text = place_name(w->mem, w->lang, text);
	word_show(h, text, other, r->verdict, r->tint);
	html_put(h, MARKUP("</td>"));
}

static void row_show(struct html *h, struct work *w, const struct comparison *c, const struct row *r)
{
	html_put(h, MARKUP("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">"));
	html_t(h, r->label);
	html_put(h, MARKUP("</th>"));
	cell(h, w, c->shown_a, r, r->a, r->b);
	html_put(h, MARKUP("<td role=\"cell\" class=\"mid\" data-l=\""));
	html_attr(h, tr(h->lang, N_("Comparison")));
	html_put(h, MARKUP("\"><span class=\"verdict "));
	html_text(h, str_of(VERDICTS[r->verdict].kind));
	html_put(h, MARKUP("\">"));
	html_t(h, VERDICTS[r->verdict].word);
	html_put(h, MARKUP("</span>"));
	const char *const SUBS[] = { r->rule, r->note };
	for (size_t i = 0; i < COUNT(SUBS); i++) {
		if (!SUBS[i] || !*SUBS[i])
			continue;
		html_put(h, MARKUP("<span class=\"sub\">"));
		html_t(h, SUBS[i]);
		html_put(h, MARKUP("</span>"));
	}
	html_put(h, MARKUP("</td>"));
	cell(h, w, c->shown_b, r, r->b, r->a);
	html_put(h, MARKUP("</tr>"));
}

static const char *rarity_word(const struct name_term *t)
{
	return t->rarity <= 0 ? NULL : t->rarity >= RARE ? N_("a rare name") : t->rarity <= COMMON ? N_("a common name") : NULL;
}

static const char *rule_shown(const struct name_term *t, enum verdict_kind v)
{
	return v == SPELLED || v == NOT_COMPARED ? name_rule_text(t->rule) : NULL;
}

static struct row part_row(const struct name_term *t, const struct name_parts *pa, const struct name_parts *pb, const char *label)
{
	const struct name_part *a = part_at(pa, t->a), *b = part_at(pb, t->b);
	struct row r = { .label = label ? label : role_label(a ? a : b, a ? t->a : t->b), .a = a ? a->raw : (struct str){ 0 }, .b = b ? b->raw : (struct str){ 0 } };
	if (!a || !b)
		return r.verdict = NOT_COMPARED, r.rule = N_("left out on one side"), r;
	r.verdict = verdict_of(t, r.a, r.b);
	r.tint = r.verdict != EQUAL && r.verdict != NOT_COMPARED && a->script != NAME_LATIN && b->script != NAME_LATIN && a->script != NAME_HAWAR && b->script != NAME_HAWAR;
	r.rule = rule_shown(t, r.verdict);
	r.note = rarity_word(t);
	return r;
}

/* ---- the whole ---- */

static const struct name_term *term_of(const struct comparison *c, enum name_term_kind kind)
{
	for (size_t i = 0; i < c->terms.n; i++)
		if (c->terms.term[i].kind == kind)
			return &c->terms.term[i];
	return NULL;
}

static void parts_show(struct html *h, struct work *w, const struct comparison *c, const struct sides *s)
{
	for (size_t i = 0; i < c->terms.n; i++) {
		const struct name_term *t = &c->terms.term[i];
		struct row r;
		if (t->kind == TERM_PART || t->kind == TERM_MISSING)
			r = part_row(t, &s->name[0], &s->name[1], NULL);
		else if (t->kind == TERM_MOTHER)
			r = part_row(t, &s->mother[0], &s->mother[1], N_("Mother's name"));
		else
			continue;
		row_show(h, w, c, &r);
	}
}

static struct str sex_text(struct work *w, char sex)
{
	return sex == 'M' ? tr(w->lang, N_("Male")) : sex == 'F' ? tr(w->lang, N_("Female")) : (struct str){ 0 };
}

/* What both state is compared; what one side leaves open is said to be not compared, not hidden. */
static void fact_row(struct html *h, struct work *w, const struct comparison *c, enum name_term_kind kind, struct row r)
{
	const struct name_term *t = term_of(c, kind);
	if (!r.a.n && !r.b.n)
		return;
	if (!t || !r.a.n || !r.b.n) {
		r.verdict = NOT_COMPARED;
		r.rule = N_("not stated on one side");
	} else if (strncmp(t->rule, "same", 4) == 0) {
		r.verdict = EQUAL;
	} else {
		r.verdict = t->value < 0 || kind == TERM_BIRTH ? DIFFERENT : SPELLED;
		r.rule = kind == TERM_BIRTH ? name_rule_text(t->rule) : NULL;
	}
	row_show(h, w, c, &r);
}

static void facts_show(struct html *h, struct work *w, const struct comparison *c)
{
	struct row birth = { .label = N_("Date of birth"), .date = true, .a = date_text(w->mem, c->a.birth), .b = date_text(w->mem, c->b.birth) };
	if (!c->a.mother.n != !c->b.mother.n)
		fact_row(h, w, c, TERM_MOTHER, (struct row){ .label = N_("Mother's name"), .a = c->a.mother, .b = c->b.mother });
	fact_row(h, w, c, TERM_BIRTH, birth);
	fact_row(h, w, c, TERM_SEX, (struct row){ .label = N_("Sex"), .a = sex_text(w, c->a.sex), .b = sex_text(w, c->b.sex) });
	fact_row(h, w, c, TERM_PLACE, (struct row){ .label = N_("Place of birth"), .a = c->a.governorate, .b = c->b.governorate, .place = true });
}

static void plain_show(struct html *h, struct work *w, const struct comparison *c)
{
	const struct row ROWS[] = { { .label = N_("Full name"), .a = c->a.name, .b = c->b.name, .verdict = NOT_COMPARED },
		{ .label = N_("Mother's name"), .a = c->a.mother, .b = c->b.mother, .verdict = NOT_COMPARED } };
	for (size_t i = 0; i < COUNT(ROWS); i++)
		row_show(h, w, c, &ROWS[i]);
}

static void head_show(struct html *h, const struct comparison *c)
{
	const char *const HEADS[] = { N_("Part"), c->shown_a, N_("Comparison"), c->shown_b };
	html_put(h, MARKUP("<table class=\"cards cmp\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">"));
	for (size_t i = 0; i < COUNT(HEADS); i++) {
		html_put(h, MARKUP("<th scope=\"col\" role=\"columnheader\">"));
		html_t(h, HEADS[i]);
		html_put(h, MARKUP("</th>"));
	}
	html_put(h, MARKUP("</tr></thead><tbody role=\"rowgroup\">"));
}

/* Rules that are about the whole name. */
static void remarks_show(struct html *h, const struct comparison *c)
{
	for (size_t i = 0; i < c->terms.n; i++) {
		const struct name_term *t = &c->terms.term[i];
		if (t->kind != TERM_SWAP && t->kind != TERM_ORDER && t->kind != TERM_GIVEN)
			continue;
		html_put(h, MARKUP("<p class=\"small\">"));
		html_t(h, name_rule_text(t->rule));
		html_put(h, MARKUP("</p>"));
	}
}

static void number(struct html *h, struct work *w, double x)
{
	html_id(h, str_fmt(w->mem, "%.1f", x));
}

static const char *term_label(const struct name_term *t)
{
	static const char *const LABELS[TERM_KINDS] = { [TERM_PART] = N_("Parts of the name"), [TERM_MISSING] = N_("Parts left out"), [TERM_SWAP] = N_("Order of the parts"),
		[TERM_ORDER] = N_("Order of the parts"), [TERM_GIVEN] = N_("Given name"), [TERM_MOTHER] = N_("Mother's name"), [TERM_BIRTH] = N_("Date of birth"), [TERM_SEX] = N_("Sex"),
		[TERM_PLACE] = N_("Place of birth"), [TERM_BAR] = N_("What a long, rare name must reach") };
	return LABELS[t->kind];
}

static void score_show(struct html *h, struct work *w, const struct comparison *c)
{
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, likeness_word(c->score));
	html_put(h, MARKUP("</h2>"));
	remarks_show(h, c);
	html_put(h, MARKUP("<details class=\"small\"><summary>"));
	html_t(h, N_("How was it worked out?"));
	html_put(h, MARKUP("</summary><dl class=\"kv\">"));
	for (enum name_term_kind k = 0; k < TERM_KINDS; k++) {
		double sum = 0;
		bool any = false;
		for (size_t i = 0; i < c->terms.n; i++) {
			any = any || c->terms.term[i].kind == k;
			sum += c->terms.term[i].kind == k ? c->terms.term[i].value : 0;
		}
		if (!any)
			continue;
		html_put(h, MARKUP("<dt>"));
		html_t(h, term_label(&(struct name_term){ .kind = k }));
		html_put(h, MARKUP("</dt><dd>"));
		number(h, w, sum);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("<dt>"));
	html_t(h, N_("Sum"));
	html_put(h, MARKUP("</dt><dd>"));
	number(h, w, fabs(c->score) < 1e5 ? c->score : -99);
	html_put(h, MARKUP("</dd></dl><p>"));
	html_t(h, N_("From 0 on a person should look at the two. The program decides nothing: you do."));
	html_put(h, MARKUP("</p></details></section>"));
}

void comparison_show(struct html *h, struct work *w, const struct comparison *c, bool known)
{
	struct sides *s = NEW(w->mem, struct sides);
	parse_sides(w, c, s);
	html_put(h, MARKUP("<section class=\"panel flush\"><h2>"));
	html_t(h, N_("Part by part"));
	html_put(h, MARKUP("</h2>"));
	head_show(h, c);
	known ? parts_show(h, w, c, s) : plain_show(h, w, c);
	facts_show(h, w, c);
	html_put(h, MARKUP("</tbody></table><ul class=\"foot small keyline\"><li><span class=\"fold\">"));
	html_t(h, N_("dotted line"));
	html_put(h, MARKUP("</span> "));
	html_t(h, N_("equal but for the spelling"));
	html_put(h, MARKUP("</li><li><span class=\"diff\">"));
	html_t(h, N_("thick line"));
	html_put(h, MARKUP("</span> "));
	html_t(h, N_("different"));
	html_put(h, MARKUP("</li></ul></section>"));
	if (known)
		score_show(h, w, c);
	else
		html_note(h, "warn", ICON_CLOCK, N_("The comparison by parts does not answer now. Try again in a few seconds."));
}

/* ---- in one line ---- */

void comparison_brief(struct html *h, struct work *w, const struct comparison *c)
{
	struct sides *s = NEW(w->mem, struct sides);
	bool any = false;
	parse_sides(w, c, s);
	html_put(h, MARKUP("<span class=\"sub brief\">"));
	for (size_t i = 0; i < c->terms.n; i++) {
		const struct name_term *t = &c->terms.term[i];
		const struct name_parts *pa = t->kind == TERM_MOTHER ? s->mother : s->name, *pb = pa + 1;
		const struct name_part *a = part_at(pa, t->a), *b = part_at(pb, t->b);
		if ((t->kind != TERM_PART && t->kind != TERM_MOTHER) || !a || !b)
			continue;
		enum verdict_kind v = verdict_of(t, a->raw, b->raw);
		if (any)
			html_t(h, N_(", "));
		any = true;
		html_put(h, MARKUP("<bdi><span class=\""));
		html_text(h, str_of(VERDICTS[v].kind));
		html_put(h, MARKUP("\">"));
		html_text(h, b->raw);
		html_put(h, MARKUP("</span></bdi>"));
		if (v == DIFFERENT) {
			html_put(h, MARKUP(" "));
			html_t(h, N_("(different)"));
		}
	}
	html_put(h, MARKUP("</span>"));
}
