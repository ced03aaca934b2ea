#include "web/statistics_i.h"

/* Tables of numbers, each beside its drawing. "Counted here" and "said by the source" are columns of their own and never fill each other. */

#define ORIGIN_BATCH 20            /* the one batch whose areas of origin the source tells */

static void svg(struct html *h, struct str drawing)
{
	html_put(h, (struct markup){ drawing.p, drawing.n });     /* report/chart escapes its texts */
}

void statistics_text(struct html *h, const char *msgid)
{
	html_text(h, num_plain(h->mem, h->lang, h->numerals, tr(h->lang, msgid)));
}

void statistics_note(struct html *h, const char *msgid)
{
	html_put(h, MARKUP("<p class=\"note info small\">"));
	html_icon(h, ICON_CLOCK);
	html_put(h, MARKUP("<span>"));
	statistics_text(h, msgid);
	html_put(h, MARKUP("</span></p>"));
}

static void th(struct html *h, struct markup open, const char *msgid)
{
	html_put(h, open);
	statistics_text(h, msgid);
	html_put(h, MARKUP("</th>"));
}

static void figure_put(struct html *h, struct figure f)
{
	f.known ? html_text(h, figure_text(h->mem, h->lang, h->numerals, f)) : html_t(h, N_("not said"));
}

static struct drawing drawing_of(struct html *h, const char *key, struct str title, struct str desc)
{
	return (struct drawing){ h->mem, h->lang, h->numerals, key, title, desc };
}

static struct str filled(struct html *h, const char *msgid, const struct str *args, size_t n)
{
	return tr_fill(h->mem, tr(h->lang, msgid), args, n, false);
}

static struct str number(struct html *h, int64_t n)
{
	return num_text(h->mem, h->lang, h->numerals, n);
}

static struct str date_text_of(struct html *h, struct str iso)
{
	return date_local(h->mem, h->lang, h->numerals, str_z(h->mem, iso));
}

static void section(struct html *h, const char *id, struct str title)
{
	html_put(h, MARKUP("<section class=\"panel\" aria-labelledby=\""));
	html_text(h, str_of(id));
	html_put(h, MARKUP("\"><h2 id=\""));
	html_text(h, str_of(id));
	html_put(h, MARKUP("\">"));
	html_text(h, title);
	html_put(h, MARKUP("</h2>"));
}

static void legend(struct html *h, struct markup sample, const char *msgid)
{
	html_put(h, MARKUP("<li><svg viewBox=\"0 0 20 16\" aria-hidden=\"true\"><rect width=\"20\" height=\"16\" "));
	html_put(h, sample);
	html_put(h, MARKUP("/></svg>"));
	statistics_text(h, msgid);
	html_put(h, MARKUP("</li>"));
}

/* ---- facts ---- */

static void fact(struct html *h, const char *label, struct str value, struct str under)
{
	html_put(h, MARKUP("<div><dt>"));
	html_t(h, label);
	html_put(h, MARKUP("</dt><dd class=\"big num\">"));
	html_text(h, value);
	html_put(h, MARKUP("</dd><dd class=\"small muted\">"));
	html_text(h, under);
	html_put(h, MARKUP("</dd></div>"));
}

void statistics_facts(struct html *h, const struct statistics *s)
{
	struct str when = date_text_of(h, s->source.returned_date), until = filled(h, N_("said by the source, until %s"), &when, 1), said = tr(h->lang, N_("said by the source"));
	struct str rest = str_join(h->mem, number(h, s->source.returned_families.value - s->source.home_families.value), STR("*"));
	html_put(h, MARKUP("<h2 class=\"vh\">"));
	html_t(h, N_("Said by the source"));
	html_put(h, MARKUP("</h2><dl class=\"facts\">"));
	fact(h, N_("Families returned from al-Hol"), figure_text(h->mem, h->lang, h->numerals, s->source.returned_families), until);
	fact(h, N_("Persons"), figure_text(h->mem, h->lang, h->numerals, s->source.returned_persons), until);
	fact(h, N_("Families home by their own wish"), figure_text(h->mem, h->lang, h->numerals, s->source.home_families), said);
	fact(h, N_("Families still at the centre"), rest, tr(h->lang, N_("our subtraction: returned less home")));
	html_put(h, MARKUP("</dl>"));
}

/* ---- batches ---- */

struct batch_row { int64_t batch; const struct source_batch *said; const struct released_batch *counted; };

static size_t rows_of(struct html *h, const struct statistics *s, struct batch_row **out)
{
	size_t n = 0, i = 0, k = 0;
	*out = NEW_ARRAY(h->mem, struct batch_row, s->ncounted + s->source.nbatches + 1);
	while (i < s->ncounted || k < s->source.nbatches) {
		int64_t a = i < s->ncounted ? s->counted[i].batch : INT64_MAX, b = k < s->source.nbatches ? s->source.batches[k].batch : INT64_MAX;
		struct batch_row *r = &(*out)[n++];
		r->batch = a < b ? a : b;
		r->counted = a <= b ? &s->counted[i++] : NULL;
		r->said = b <= a ? &s->source.batches[k++] : NULL;
	}
	return n;
}

static struct figure counted_figure(const struct released_batch *b, bool persons)
{
	return b ? (struct figure){ true, persons ? b->persons : b->families, FIGURE_EXACT } : (struct figure){ 0 };
}

static struct str bars(struct html *h, const struct batch_row *rows, size_t n, bool persons)
{
	struct bar_group *g = NEW_ARRAY(h->mem, struct bar_group, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct str no = number(h, rows[i].batch);
		g[i] = (struct bar_group){ filled(h, N_("Batch %s"), &no, 1), counted_figure(rows[i].counted, persons),
			!rows[i].said ? (struct figure){ 0 } : persons ? rows[i].said->persons : rows[i].said->families };
	}
	struct drawing d = drawing_of(h, persons ? "bp" : "bf", tr(h->lang, persons ? N_("Persons by batch: counted here and said by the source") :
	    N_("Families by batch: counted here and said by the source")), tr(h->lang, N_("Two bars for each batch. The same values stand in the table.")));
	return chart_bars(&d, g, n);
}

static void cell(struct html *h, struct markup open, struct figure f, const char *otherwise)
{
	html_put(h, open);
	f.known ? figure_put(h, f) : html_t(h, otherwise);
	html_put(h, MARKUP("</td>"));
}

static void batch_row(struct html *h, const struct batch_row *r)
{
	html_put(h, MARKUP("<tr><th scope=\"row\">"));
	html_num(h, r->batch);
	html_put(h, MARKUP("</th><td>"));
	r->counted ? html_date(h, r->counted->date) : html_t(h, N_("not yet"));
	html_put(h, MARKUP("</td>"));
	cell(h, MARKUP("<td class=\"n\">"), counted_figure(r->counted, false), N_("not yet"));
	cell(h, MARKUP("<td class=\"n\">"), counted_figure(r->counted, true), N_("not yet"));
	html_put(h, MARKUP("<td class=\"said\">"));
	r->said ? html_date(h, r->said->date) : html_t(h, N_("not said"));
	html_put(h, MARKUP("</td>"));
	cell(h, MARKUP("<td class=\"n\">"), r->said ? r->said->families : (struct figure){ 0 }, N_("not said"));
	cell(h, MARKUP("<td class=\"n\">"), r->said ? r->said->persons : (struct figure){ 0 }, N_("not said"));
	html_put(h, MARKUP("</tr>"));
}

static void batch_table(struct html *h, const struct batch_row *rows, size_t n)
{
	html_put(h, MARKUP("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"s-b\"><table><caption>"));
	html_t(h, N_("The two columns are never added to each other. A month of the source is that of its text, a month counted here that of arrival."));
	html_put(h, MARKUP("</caption><thead><tr>"));
	th(h, MARKUP("<th scope=\"col\" rowspan=\"2\">"), N_("Batch"));
	th(h, MARKUP("<th scope=\"colgroup\" colspan=\"3\">"), N_("Counted here"));
	th(h, MARKUP("<th scope=\"colgroup\" colspan=\"3\" class=\"said\">"), N_("Said by the source"));
	html_put(h, MARKUP("</tr><tr>"));
	th(h, MARKUP("<th scope=\"col\">"), N_("Month"));
	th(h, MARKUP("<th scope=\"col\" class=\"n\">"), N_("Families"));
	th(h, MARKUP("<th scope=\"col\" class=\"n\">"), N_("Persons"));
	th(h, MARKUP("<th scope=\"col\" class=\"said\">"), N_("Date"));
	th(h, MARKUP("<th scope=\"col\" class=\"n\">"), N_("Families"));
	th(h, MARKUP("<th scope=\"col\" class=\"n\">"), N_("Persons"));
	html_put(h, MARKUP("</tr></thead><tbody>"));
	for (size_t i = 0; i < n; i++)
		batch_row(h, &rows[i]);
	html_put(h, MARKUP("</tbody></table></div>"));
}

int statistics_batches(struct html *h, struct work *w, const struct statistics *s, struct err *err)
{
	struct batch_row *rows;
	size_t n = rows_of(h, s, &rows);
	(void)w;
	(void)err;
	section(h, "s-b", tr(h->lang, N_("Batches")));
	if (s->ncounted == 0)
		statistics_note(h, N_("Nothing counted here has been released yet: a batch appears after it was reconciled, 72 hours after arrival, and once two persons have released it."));
	batch_table(h, rows, n);
	html_put(h, MARKUP("<div class=\"fig pairs\"><figure><h3>"));
	html_t(h, N_("Persons"));
	html_put(h, MARKUP("</h3>"));
	svg(h, bars(h, rows, n, true));
	html_put(h, MARKUP("</figure><figure><h3>"));
	html_t(h, N_("Families"));
	html_put(h, MARKUP("</h3>"));
	svg(h, bars(h, rows, n, false));
	html_put(h, MARKUP("</figure></div><ul class=\"legend\">"));
	legend(h, MARKUP("class=\"k1\""), N_("counted here"));
	legend(h, MARKUP("class=\"k2\""), N_("said by the source"));
	legend(h, MARKUP("class=\"k2s\" fill=\"url(#bp-h)\""), N_("hatched: not exact in the source"));
	html_put(h, MARKUP("</ul></section>"));
	return 0;
}

/* ---- origins ---- */

static struct str percent(struct html *h, int64_t n)
{
	return percent_text(h->mem, h->lang, h->numerals, n);
}

static struct str rest_names(struct html *h, const struct source_batch *b)
{
	struct str out = { 0 };
	for (size_t i = 0; i < b->nshares; i++) {
		struct str name = place_name(h->mem, h->lang, b->shares[i].area), both[2] = { out, name };
		if (!b->shares[i].figure)
			out = out.n ? filled(h, N_("%s, %s"), both, 2) : name;
	}
	return filled(h, N_("%s and others"), &out, 1);
}

static int64_t rest_pct(const struct source_batch *b)
{
	int64_t rest = 100;
	for (size_t i = 0; i < b->nshares; i++)
		rest -= b->shares[i].figure ? b->shares[i].pct : 0;
	return rest;
}

static struct str origin_lines(struct html *h, const struct source_batch *b)
{
	struct line_bar bars[9];
	size_t n = 0;
	for (size_t i = 0; i < b->nshares; i++)
		if (b->shares[i].figure)
			bars[n++] = (struct line_bar){ place_name(h->mem, h->lang, b->shares[i].area), percent(h, b->shares[i].pct), b->shares[i].pct, false };
	bars[n++] = (struct line_bar){ rest_names(h, b), percent(h, rest_pct(b)), rest_pct(b), true };
	struct drawing d = drawing_of(h, "ol", tr(h->lang, N_("Shares of the areas of origin, said by the source")), tr(h->lang, N_("The last bar is what the source leaves over, by our subtraction.")));
	return chart_lines(&d, bars, n);
}

static void hidden_or(struct html *h, const struct released_cell *c)
{
	c->hidden ? html_t(h, N_("hidden")) : html_num(h, c->shown);
}

static void origin_row(struct html *h, struct str name, const struct released_cell *c, struct str said, const char *under)
{
	html_put(h, MARKUP("<tr><th scope=\"row\">"));
	html_text(h, name);
	html_put(h, MARKUP("</th><td class=\"n\">"));
	c ? hidden_or(h, c) : html_t(h, N_("not yet"));
	html_put(h, MARKUP("</td><td class=\"n said\">"));
	html_text(h, said);
	if (under) {
		html_put(h, MARKUP("<span class=\"sub\">"));
		html_t(h, under);
		html_put(h, MARKUP("</span>"));
	}
	html_put(h, MARKUP("</td></tr>"));
}

static const struct released_cell *cell_of(const struct released_cell *cells, size_t n, struct str row, struct str col)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(cells[i].row, row) && str_eq(cells[i].col, col))
			return &cells[i];
	return NULL;
}

static bool said_of(const struct source_batch *b, struct str area)
{
	for (size_t i = 0; i < b->nshares; i++)
		if (str_eq(b->shares[i].area, area))
			return true;
	return false;
}

static int origin_table(struct html *h, struct work *w, const struct source_batch *b, struct err *err)
{
	struct released_cell *cells;
	size_t n;
	if (released_cells(w, b->batch, "area", &cells, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<table><caption>"));
	html_t(h, N_("The source does not say whether its shares are of families or of persons; we read persons."));
	html_put(h, MARKUP("</caption><thead><tr>"));
	th(h, MARKUP("<th scope=\"col\">"), N_("Area of origin"));
	th(h, MARKUP("<th scope=\"col\" class=\"n\">"), N_("Counted here: persons, rounded to 5"));
	th(h, MARKUP("<th scope=\"col\" class=\"n said\">"), N_("Said by the source: share"));
	html_put(h, MARKUP("</tr></thead><tbody>"));
	for (size_t i = 0; i < b->nshares; i++) {
		const struct share *s = &b->shares[i];
		origin_row(h, place_name(h->mem, h->lang, s->area), cell_of(cells, n, s->area, STR("persons")), s->figure ? percent(h, s->pct) : tr(h->lang, N_("named, no figure")), NULL);
	}
	for (size_t i = 0; i < n; i++)
		if (cells[i].row.n && cells[i].col.n && !said_of(b, cells[i].row))
			origin_row(h, str_is(cells[i].row, "unknown") ? tr(h->lang, N_("Not known")) : place_name(h->mem, h->lang, cells[i].row), &cells[i], tr(h->lang, N_("not said")), NULL);
	html_put(h, MARKUP("</tbody></table>"));
	return 0;
}

int statistics_origins(struct html *h, struct work *w, const struct statistics *s, struct err *err)
{
	const struct source_batch *b = source_batch(&s->source, ORIGIN_BATCH);
	if (!b)
		return 0;
	struct str no = number(h, b->batch);
	struct drawing d = drawing_of(h, "om", filled(h, N_("Map: areas of origin of the families of batch %s, by governorate"), &no, 1),
	    tr(h->lang, N_("Darker is a larger share. Areas that the source names without a number are hatched. The same values stand in the table.")));
	struct str map = chart_map(&d, b->shares, b->nshares, err);
	if (!map.n)
		return -1;
	section(h, "s-o", filled(h, N_("Origins of the families of batch %s (area of origin)"), &no, 1));
	html_put(h, MARKUP("<div class=\"fig\"><figure>"));
	svg(h, map);
	html_put(h, MARKUP("<figcaption><ul class=\"legend\">"));
	legend(h, MARKUP("class=\"m q3\""), N_("50 percent and more"));
	legend(h, MARKUP("class=\"m q2\""), N_("10 to 49 percent"));
	legend(h, MARKUP("class=\"m qh\""), N_("named, no figure"));
	legend(h, MARKUP("class=\"m\""), N_("not mentioned"));
	html_put(h, MARKUP("</ul></figcaption></figure><div><p class=\"small muted\">"));
	html_t(h, N_("Drawing and map: said by the source."));
	html_put(h, MARKUP("</p>"));
	svg(h, origin_lines(h, b));
	if (origin_table(h, w, b, err) < 0)
		return -1;
	html_put(h, MARKUP("</div></div></section>"));
	return 0;
}

/* ---- sex and age ---- */

static const char *const BAND_LABEL[BANDS] = { N_("0 to 4 years"), N_("5 to 11 years"), N_("12 to 17 years"), N_("18 to 59 years"), N_("60 years and more"), N_("age not known") };
static const char *const SEX_LABEL[] = { N_("not known"), N_("male"), N_("female") };

static void age_line(struct html *h, const struct released_cell *cells, size_t n, struct str row, const char *label)
{
	html_put(h, MARKUP("<tr><th scope=\"row\">"));
	html_text(h, num_plain(h->mem, h->lang, h->numerals, tr(h->lang, label)));
	html_put(h, MARKUP("</th>"));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(cells[i].row, row))
			continue;
		html_put(h, MARKUP("<td class=\"n\">"));
		hidden_or(h, &cells[i]);
		html_put(h, MARKUP("</td>"));
	}
	html_put(h, MARKUP("</tr>"));
}

static void age_table(struct html *h, int64_t batch, const struct released_cell *cells, size_t n)
{
	struct str no = number(h, batch);
	html_put(h, MARKUP("<table><caption>"));
	html_text(h, filled(h, N_("Batch %s"), &no, 1));
	html_put(h, MARKUP("</caption><thead><tr>"));
	th(h, MARKUP("<th scope=\"col\">"), N_("Age"));
	for (size_t i = 0; i < n; i++)
		if (!cells[i].row.n)
			th(h, MARKUP("<th scope=\"col\" class=\"n\">"), cells[i].col.n ? SEX_LABEL[(size_t)(cells[i].col.p[0] - '0') % COUNT(SEX_LABEL)] : N_("together"));
	html_put(h, MARKUP("</tr></thead><tbody>"));
	for (size_t b = 0; b < BANDS; b++) {
		struct str row = str_fmt(h->mem, "%zu", b);
		if (cell_of(cells, n, row, STR("1")))
			age_line(h, cells, n, row, BAND_LABEL[b]);
	}
	age_line(h, cells, n, STR(""), N_("together"));
	html_put(h, MARKUP("</tbody></table>"));
}

int statistics_ages(struct html *h, struct work *w, const struct statistics *s, struct err *err)
{
	if (s->ncounted == 0)
		return 0;
	section(h, "s-a", tr(h->lang, N_("Sex and age, counted here")));
	html_put(h, MARKUP("<details><summary>"));
	statistics_text(h, N_("Persons of each batch, rounded to 5"));
	html_put(h, MARKUP("</summary><div class=\"fig pairs\">"));
	for (size_t i = 0; i < s->ncounted; i++) {
		struct released_cell *cells;
		size_t n;
		if (released_cells(w, s->counted[i].batch, "sex_age", &cells, &n, err) < 0)
			return -1;
		age_table(h, s->counted[i].batch, cells, n);
	}
	html_put(h, MARKUP("</div></details></section>"));
	return 0;
}

/* ---- from camp to home ---- */

static void flow_row(struct html *h, const char *label, struct str value, const char *precision)
{
	html_put(h, MARKUP("<tr><th scope=\"row\">"));
	html_t(h, label);
	html_put(h, MARKUP("</th><td class=\"n\">"));
	html_text(h, value);
	html_put(h, MARKUP("</td><td>"));
	html_t(h, precision);
	html_put(h, MARKUP("</td></tr>"));
}

void statistics_flow(struct html *h, struct work *w, const struct statistics *s)
{
	const struct source_figures *f = &s->source;
	struct str args[3] = { number(h, f->returned_families.value), number(h, f->home_families.value), number(h, f->returned_families.value - f->home_families.value) };
	struct str when = date_text_of(h, f->returned_date);
	struct drawing d = drawing_of(h, "fl", tr(h->lang, N_("The way of the families from al-Hol to Jeddah and home")), filled(h, N_("Of %s families that came to Jeddah, %s went home by their own wish; %s remained, by our subtraction."), args, 3));
	struct flow flow = { tr(h->lang, N_("al-Hol camp")), tr(h->lang, N_("Jeddah centre")), tr(h->lang, N_("Home")), tr(h->lang, N_("At the centre")), f->returned_families.value, f->home_families.value };
	(void)w;
	section(h, "s-f", tr(h->lang, N_("From al-Hol to Jeddah, then home")));
	html_put(h, MARKUP("<div class=\"fig\"><figure>"));
	svg(h, chart_flow(&d, &flow));
	html_put(h, MARKUP("</figure><table><caption>"));
	html_text(h, filled(h, N_("Families until %s; none of them is counted here"), &when, 1));
	html_put(h, MARKUP("</caption><thead><tr>"));
	th(h, MARKUP("<th scope=\"col\">"), N_("Step"));
	th(h, MARKUP("<th scope=\"col\" class=\"n\">"), N_("Said by the source"));
	th(h, MARKUP("<th scope=\"col\">"), N_("Precision"));
	html_put(h, MARKUP("</tr></thead><tbody>"));
	flow_row(h, N_("From al-Hol to Jeddah"), args[0], qualifier_label(f->returned_families.qualifier));
	flow_row(h, N_("From Jeddah home"), args[1], qualifier_label(f->home_families.qualifier));
	flow_row(h, N_("Still at Jeddah"), str_join(h->mem, args[2], STR("*")), N_("by subtraction"));
	html_put(h, MARKUP("</tbody></table></div></section>"));
}

/* ---- what others say, words, releases ---- */

void statistics_claims(struct html *h, const struct statistics *s)
{
	section(h, "s-c", tr(h->lang, N_("Other public sources")));
	html_put(h, MARKUP("<details><summary>"));
	html_t(h, N_("Figures that differ are kept side by side"));
	html_put(h, MARKUP("</summary><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"s-c\"><table><thead><tr>"));
	th(h, MARKUP("<th scope=\"col\">"), N_("As of"));
	th(h, MARKUP("<th scope=\"col\">"), N_("What"));
	th(h, MARKUP("<th scope=\"col\" class=\"n\">"), N_("Said"));
	th(h, MARKUP("<th scope=\"col\">"), N_("By whom"));
	html_put(h, MARKUP("</tr></thead><tbody>"));
	for (size_t i = 0; i < s->source.nclaims; i++) {
		const struct claim *c = &s->source.claims[i];
		html_put(h, MARKUP("<tr><td>"));
		html_date(h, c->date);
		html_put(h, MARKUP("</td><th scope=\"row\">"));
		html_text(h, num_plain(h->mem, h->lang, h->numerals, tr(h->lang, str_z(h->mem, c->metric))));
		html_put(h, MARKUP("</th><td class=\"n\">"));
		figure_put(h, c->value);
		html_put(h, MARKUP("</td><td lang=\"en\" dir=\"ltr\">"));
		html_text(h, c->publisher);
		html_put(h, MARKUP("</td></tr>"));
	}
	html_put(h, MARKUP("</tbody></table></div></details></section>"));
}

void statistics_words(struct html *h)
{
	static const struct { const char *word, *meaning; } WORDS[] = {
		{ N_("Counted here"), N_("From the boarding lists and check-ins of these offices, once a list is reconciled.") },
		{ N_("Said by the source"), N_("As published, with its own precision. It is never corrected, filled in or added to.") },
		{ N_("Hidden"), N_("Fewer than 10, or hidden so that another number cannot be computed from the totals.") },
		{ N_("Rounded to 5"), N_("Everything finer than a batch and a month. Families and persons of a batch are not rounded.") },
		{ N_("Release"), N_("Two persons release a number. What was released is not changed; a correction of fewer than 10 persons waits for the next release.") },
		{ N_("Area of origin"), N_("The governorate that a family comes from. It is no destination and no route.") },
	};
	section(h, "s-w", tr(h->lang, N_("What the words mean")));
	html_put(h, MARKUP("<dl class=\"kv wide\">"));
	for (size_t i = 0; i < COUNT(WORDS); i++) {
		html_put(h, MARKUP("<dt>"));
		statistics_text(h, WORDS[i].word);
		html_put(h, MARKUP("</dt><dd>"));
		statistics_text(h, WORDS[i].meaning);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl></section>"));
}

int statistics_releases(struct html *h, struct work *w, struct err *err)
{
	struct release *r;
	size_t n;
	if (releases(w, &r, &n, err) < 0)
		return -1;
	section(h, "s-r", tr(h->lang, N_("Releases")));
	if (n == 0) {
		html_put(h, MARKUP("<p class=\"muted\">"));
		html_t(h, N_("There has been no release yet."));
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("<ul class=\"plain stack\">"));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<li>"));
		html_time(h, r[i].decided_ms);
		html_put(h, MARKUP(" · "));
		html_t(h, N_("batches:"));
		html_put(h, MARKUP(" "));
		html_num(h, r[i].batches);
		html_put(h, MARKUP(" <span class=\"sub\">"));
		html_id(h, id_text(h->mem, r[i].id));
		html_put(h, MARKUP("</span></li>"));
	}
	html_put(h, MARKUP("</ul></section>"));
	return 0;
}
