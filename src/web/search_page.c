#include "journey/search.h"
#include "report/report.h"
#include "web/compare.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/search.h"

/* POST /search, GET /search/:token. */
#define KIB ((size_t)1024)

/* ---- the box ---- */

static void text_input(struct html *h, const char *name, const char *label, struct str value, bool date)
{
	html_put(h, MARKUP("<div><label for=\"s-"));
	html_text(h, str_of(name));
	html_put(h, MARKUP("\">"));
	html_t(h, label);
	html_put(h, MARKUP("</label><input class=\"in\" autocomplete=\"off\" spellcheck=\"false\" id=\"s-"));
	html_text(h, str_of(name));
	html_put(h, MARKUP("\" name=\""));
	html_text(h, str_of(name));
	date ? html_put(h, MARKUP("\" dir=\"ltr\" inputmode=\"numeric\" value=\"")) : html_put(h, MARKUP("\" dir=\"auto\" value=\""));
	html_attr(h, value);
	html_put(h, MARKUP("\"></div>"));
}

static void place_select(struct html *h, struct work *w, struct str chosen)
{
	struct str codes[64];
	size_t n = place_codes(w->mem, codes, COUNT(codes));
	html_put(h, MARKUP("<div><label for=\"s-place\">"));
	html_t(h, N_("Place of birth"));
	html_put(h, MARKUP("</label><select class=\"in\" id=\"s-place\" name=\"place\">"));
	field_option(h, (struct str){ 0 }, tr(w->lang, N_("Unknown")), false);
	for (size_t i = 0; i < n; i++)
		field_option(h, codes[i], place_name(w->mem, w->lang, codes[i]), str_eq(codes[i], chosen));
	html_put(h, MARKUP("</select></div>"));
}

void search_form(struct html *h, struct work *w, const struct search *s)
{
	html_put(h, MARKUP("<div class=\"search\">"));
	form_open(h, w, "/search", NULL, 0);
	hidden_input(h, "type", s->type->name);
	if (!id_none(s->within))
		hidden_input(h, "within", id_text(w->mem, s->within));
	if (!id_none(s->twin_of))
		hidden_input(h, "twin_of", id_text(w->mem, s->twin_of));
	if (!id_none(s->fill))
		hidden_input(h, "fill", id_text(w->mem, s->fill));
	html_put(h, MARKUP("<div class=\"tools\">"));
	text_input(h, "name", N_("Search by name"), s->name, false);
	html_put(h, MARKUP("<button class=\"btn\">"));
	html_t(h, N_("Search"));
	html_put(h, MARKUP("</button></div><details class=\"small\""));
	if (s->mother.n || s->birth.n || s->place.n)
		html_put(h, MARKUP(" open"));
	html_put(h, MARKUP("><summary>"));
	html_t(h, N_("More is known of her or him"));
	html_put(h, MARKUP("</summary><div class=\"tools\">"));
	text_input(h, "mother", N_("Mother's name"), s->mother, false);
	text_input(h, "birth", N_("Date or year of birth"), s->birth, true);
	place_select(h, w, s->place);
	html_put(h, MARKUP("</div><p class=\"hint\">"));
	html_t(h, N_("Any script, any order; a part may be missing. What you type is not kept in the log, only that you searched."));
	html_put(h, MARKUP("</p></details></form></div>"));
}

void search_box(struct html *h, struct work *w, const struct type *t, struct id within)
{
	if (t->find.n && role_reads(w, str_z(w->mem, t->name)))
		search_form(h, w, &(struct search){ .type = t, .within = within });
}

/* ---- asking ---- */

static int asked(struct work *w, const struct request *q, struct search *s, struct err *err)
{
	struct str within = request_field(q, "within"), twin = request_field(q, "twin_of"), fill = request_field(q, "fill");
	*s = (struct search){ .type = type_find(w->node->types, request_field(q, "type")), .wide = str_is(request_field(q, "wide"), "yes"), .reason = request_field(q, "reason"),
		.name = str_trim(request_field(q, "name")), .mother = str_trim(request_field(q, "mother")), .birth = digits_ascii(w->mem, str_trim(request_field(q, "birth"))),
		.place = request_field(q, "place") };
	if (!s->type || (within.n && id_parse(within, &s->within) < 0) || (twin.n && id_parse(twin, &s->twin_of) < 0) || (fill.n && id_parse(fill, &s->fill) < 0))
		return err_set(err, ERR_NOT_FOUND, "no such list");
	return 0;
}

int search_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct search s;
	struct str token;
	if (!w->purpose.n)
		return response_see(a, STR("/purpose")), 0;
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (asked(w, q, &s, err) < 0 || search_make(w, &s, &token, err) < 0)
		return -1;
	struct str place = id_none(s.fill) ? url_of(w->mem, "/search/%", PARTS(token)) : url_of(w->mem, "/lists/%/families?found=%", PARTS(id_text(w->mem, s.fill), token));
	return form_end(w, q, a, place, err);
}

/* ---- the result ---- */

/* Looked for as the second record of somebody: the question is one tap, and decides nothing. */
static void ask_button(struct html *h, struct work *w, const struct search *s, size_t at)
{
	if (!id_none(s->twin_of))
		button_form(h, w, url_of(w->mem, "/search/%/ask", PARTS(s->token)), "at", str_fmt(w->mem, "%zu", at), N_("Ask whether it is the same person"));
}

static void typed_show(struct html *h, const struct search *s)
{
	const struct { const char *label; struct str value; bool date; } ROWS[] = { { N_("Name searched"), s->name, false }, { N_("Mother's name"), s->mother, false },
		{ N_("Date of birth"), s->birth, true } };
	html_put(h, MARKUP("<dl class=\"kv wide\">"));
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		if (!ROWS[i].value.n)
			continue;
		html_put(h, MARKUP("<dt>"));
		html_t(h, ROWS[i].label);
		html_put(h, MARKUP("</dt><dd>"));
		ROWS[i].date ? html_date(h, ROWS[i].value) : html_name(h, ROWS[i].value);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl>"));
}

/* Why this one: the parts of her name that what was typed met. Her own name is opened for it only where the grant of the list does not have it. */
static void why_show(struct html *h, struct work *w, const struct search *s, const struct grant *people, size_t i, struct id by)
{
	if (!id_none(by)) {
		html_put(h, MARKUP("<span class=\"sub brief\">"));
		html_t(h, N_("This name stands in a record that was merged into this one."));
		html_put(h, MARKUP("</span>"));
		return;
	}
	struct comparison c = { .a = search_who(s), .b = people_who_of(people, i) };
	bool known;
	struct err ignored = { 0 };
	if (comparison_make(w, &c, &known, &ignored) == 0 && known)
		comparison_brief(h, w, &c);
}

static void value_cell(struct html *h, struct work *w, const struct grant *g, size_t i, struct str column)
{
	const struct tfield *f = type_field(grant_record(g, i)->type, column);
	html_put(h, MARKUP("<td role=\"cell\" data-l=\""));
	html_attr(h, tr(w->lang, f ? str_z(w->mem, f->label) : N_("Status")));
	html_put(h, MARKUP("\">"));
	f ? field_show(h, w, g, i, f) : tag(h, "", state_label(w, grant_record(g, i)->state));
	html_put(h, MARKUP("</td>"));
}

/* Where the work on a hit is done: the bus with her seat, the family at the desk, the request about him, else her own page. */
static void hit_link(struct html *h, struct work *w, const struct record *r)
{
	struct record parent;
	struct id family;
	struct err ignored = { 0 };
	if (str_is(r->type->name, "leg_seat") && record_head(w, r->parent, &parent, NULL) == 0)
		html_href(h, "/convoys/%/legs/%/boarding#seat-%", PARTS(id_text(w->mem, parent.parent), id_text(w->mem, parent.id), id_text(w->mem, r->id)));
	else if (str_is(r->type->name, "rfi_subject") && record_head(w, r->parent, &parent, NULL) == 0)
		record_link(h, w, &parent);
	else if (str_is(r->type->name, "arrival_checkin") && role_is(w, "CENTRE_REG") && checkin_households(w, &r->id, 1, &family, &ignored) == 0 && !id_none(family))
		html_href(h, "/checkin/%", PARTS(id_text(w->mem, family)));
	else
		record_link(h, w, r);
}

/* Of a row: the vehicle or list that it stands in. */
static void parent_cell(struct html *h, struct work *w, const struct record *r)
{
	struct record parent;
	struct err ignored = { 0 };
	const struct grant *g = record_head(w, r->parent, &parent, NULL) == 0 ? record_open(w, parent.type, &parent.id, 1, &ignored) : NULL;
	html_put(h, MARKUP("<td role=\"cell\" data-l=\""));
	html_attr(h, tr(w->lang, str_z(w->mem, type_find(w->node->types, r->type->parent_type)->title)));
	html_put(h, MARKUP("\">"));
	if (g) {
		record_link(h, w, &parent);
		html_name(h, record_title(w, g, 0));
		html_put(h, MARKUP("</a>"));
	}
	html_put(h, MARKUP("</td>"));
}

/* Rows of several lists are told apart by them. */
static bool parent_shown(const struct search *s, const struct grant *g)
{
	return s->type->parent_type.n && grant_count(g) && !id_eq(grant_record(g, 0)->parent, s->within);
}

static void hit_show(struct html *h, struct work *w, const struct search *s, const struct grant *g, size_t i, const struct grant *people, size_t person)
{
	const struct type *t = s->type;
	html_put(h, MARKUP("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">"));
	hit_link(h, w, grant_record(g, i));
	html_name(h, person < SIZE_MAX && record_text(people, person, "name").n ? record_text(people, person, "name") : record_title(w, g, i));
	html_put(h, MARKUP("</a>"));
	if (person < SIZE_MAX)
		why_show(h, w, s, people, person, s->hit[i].by);
	if (person < SIZE_MAX && id_none(s->hit[i].by)) {
		html_put(h, MARKUP("<span class=\"sub\">"));
		html_href(h, "/search/%/why/%", PARTS(s->token, str_fmt(w->mem, "%zu", i)));
		html_t(h, N_("Part by part"));
		html_put(h, MARKUP("</a></span>"));
	}
	ask_button(h, w, s, i);
	html_put(h, MARKUP("</th>"));
	if (parent_shown(s, g))
		parent_cell(h, w, grant_record(g, i));
	for (size_t c = 0; c < t->list_columns.n; c++)
		if (!str_eq(t->list_columns.at[c], t->find))
			value_cell(h, w, g, i, t->list_columns.at[c]);
	html_put(h, MARKUP("</tr>"));
}

static int hits_show(struct html *h, struct work *w, const struct search *s, struct err *err)
{
	struct id ids[SEARCH_SHOWN];
	size_t of[SEARCH_SHOWN];
	for (size_t i = 0; i < s->n; i++)
		ids[i] = s->hit[i].record;
	const struct grant *g = record_open(w, s->type, ids, s->n, err), *people = g ? search_people(w, s, of, err) : NULL;
	if (!people)
		return -1;
	html_put(h, MARKUP("<section class=\"panel flush\"><table class=\"cards\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\"><th scope=\"col\" role=\"columnheader\">"));
	html_t(h, N_("Full name"));
	html_put(h, MARKUP("</th>"));
	if (parent_shown(s, g)) {
		html_put(h, MARKUP("<th scope=\"col\" role=\"columnheader\">"));
		html_ts(h, type_find(w->node->types, s->type->parent_type)->title);
		html_put(h, MARKUP("</th>"));
	}
	for (size_t c = 0; c < s->type->list_columns.n; c++) {
		const struct tfield *f = type_field(s->type, s->type->list_columns.at[c]);
		if (str_eq(s->type->list_columns.at[c], s->type->find))
			continue;
		html_put(h, MARKUP("<th scope=\"col\" role=\"columnheader\">"));
		f ? html_ts(h, f->label) : html_t(h, N_("Status"));
		html_put(h, MARKUP("</th>"));
	}
	html_put(h, MARKUP("</tr></thead><tbody role=\"rowgroup\">"));
	for (size_t i = 0; i < s->n; i++)
		hit_show(h, w, s, g, i, people, of[i]);
	html_put(h, MARKUP("</tbody></table>"));
	if (s->n == SEARCH_SHOWN)
		para(h, "pad small muted", N_("The best 20 are shown. Type more of the name if the one you look for is not among them."));
	html_put(h, MARKUP("</section>"));
	return 0;
}

/* Outside the charge: what people are compared by, side by side, and whom to ask. Their records stay closed. */
static int wide_show(struct html *h, struct work *w, const struct search *s, struct err *err)
{
	struct id ids[SEARCH_SHOWN];
	for (size_t i = 0; i < s->n; i++)
		ids[i] = s->hit[i].record;
	const struct grant *g = record_open_found(w, s->type, ids, s->n, err);
	if (!g)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		const struct record *r = grant_record(g, i);
		struct comparison c = { .shown_a = N_("Searched"), .shown_b = N_("In the register"), .a = search_who(s), .b = people_who_of(g, i) };
		bool known;
		if (comparison_make(w, &c, &known, err) < 0)
			return -1;
		html_put(h, MARKUP("<div class=\"stack\"><h2>"));
		html_t(h, N_("Candidate"));
		html_put(h, MARKUP(" "));
		html_num(h, (int64_t)i + 1);
		html_put(h, MARKUP("</h2><p>"));
		html_t(h, N_("Her or his file is with:"));
		html_put(h, MARKUP(" "));
		html_id(h, r->owner);
		if (r->unit.n) {
			html_put(h, MARKUP(" "));
			html_id(h, r->unit);
		}
		html_put(h, MARKUP("</p>"));
		if (!id_none(s->hit[i].by))
			para(h, "muted", N_("This name stands in a record that was merged into this one."));
		comparison_show(h, w, &c, known);
		ask_button(h, w, s, i);
		html_put(h, MARKUP("</div>"));
	}
	return 0;
}

static void wide_offer(struct html *h, struct work *w, const struct search *s)
{
	if (s->wide || !policy_named(w->actor.role, s->type->wide.at, s->type->wide.n))
		return;
	html_put(h, MARKUP("<section class=\"panel stack\"><h2>"));
	html_t(h, N_("Not among them?"));
	html_put(h, MARKUP("</h2><p>"));
	html_t(h, N_("You may search outside your charge: for family tracing, or where somebody seems to be registered twice. It needs two things that are known, shows five candidates at most, is counted, and oversight sees that you did it."));
	html_put(h, MARKUP("</p>"));
	form_open(h, w, "/search", NULL, 0);
	hidden_input(h, "type", s->type->name);
	hidden_input(h, "wide", STR("yes"));
	if (!id_none(s->twin_of))
		hidden_input(h, "twin_of", id_text(w->mem, s->twin_of));
	html_put(h, MARKUP("<div class=\"search\"><div class=\"tools\">"));
	text_input(h, "name", N_("Full name"), s->name, false);
	text_input(h, "mother", N_("Mother's name"), s->mother, false);
	text_input(h, "birth", N_("Date or year of birth"), s->birth, true);
	html_put(h, MARKUP("<div><label for=\"s-reason\">"));
	html_t(h, N_("Why"));
	html_put(h, MARKUP("</label><select class=\"in\" id=\"s-reason\" name=\"reason\" required>"));
	field_option(h, (struct str){ 0 }, tr(w->lang, N_("Choose")), false);
	for (size_t i = 0; i < w->node->types->ncodes; i++) {
		const struct code_list *l = &w->node->types->codes[i];
		for (size_t k = 0; str_is(l->name, "wide_reason") && k < l->n; k++)
			field_option(h, l->codes[k].value, tr(w->lang, str_z(w->mem, l->codes[k].label)), false);
	}
	html_put(h, MARKUP("</select></div><button class=\"btn\">"));
	html_t(h, N_("Search outside my charge"));
	html_put(h, MARKUP("</button></div></div></form></section>"));
}

int search_result_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct search s;
	if (purpose_first(w, q, a))
		return 0;
	if (search_find(w, request_param(q, "token"), &s, err) < 0)
		return -1;
	search_still(w, &s);
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = s.wide ? N_("Found outside your charge") : N_("Found by name"), .section = str_z(w->mem, s.type->name), .personal = true });
	if (s.wide)
		html_note(&h, "warn", ICON_KEY, N_("This search is counted, and oversight sees that it was made. Similar names are no finding about anybody."));
	html_put(&h, MARKUP("<section class=\"panel\">"));
	s.wide ? typed_show(&h, &s) : search_form(&h, w, &s);
	html_put(&h, MARKUP("</section>"));
	if (s.n == 0)
		html_note(&h, "info", ICON_PEOPLE, s.wide ? N_("Nobody outside your charge is like this.") : N_("Nobody in your charge has such a name."));
	else if ((s.wide ? wide_show(&h, w, &s, err) : hits_show(&h, w, &s, err)) < 0)
		return -1;
	wide_offer(&h, w, &s);
	page_close(&h, a);
	return 0;
}

const struct route SEARCH_ROUTES[] = {
	{ POST, "/search", PERMIT_SIGNED_IN, true, 16 * KIB, search_do, N_("Search"), { 0 } },
	{ GET, "/search/:token", PERMIT_SIGNED_IN, true, 0, search_result_page, N_("Found by name"), { 0 } },
	{ GET, "/search/:token/why/:at", PERMIT_SIGNED_IN, true, 0, search_why_page, N_("Part by part"), { 0 } },
	{ POST, "/search/:token/ask", PERMIT_SIGNED_IN, true, 4 * KIB, search_ask_do, N_("Ask whether it is the same person"), { 0 } },
	{ GET, "/people/:id/twice", PERMIT_SIGNED_IN, true, 0, twice_page, N_("Registered twice?"), { 0 } },
	{ GET, "/claims/:id", PERMIT_SIGNED_IN, true, 0, claim_page, N_("Is it the same person?"), { 0 } },
	{ GET, "/claims/:id/:as", PERMIT_SIGNED_IN, true, 0, claim_reason_page, N_("Is it the same person?"), { 0 } },
	{ POST, "/claims/:id/merge", PERMIT_SIGNED_IN, true, 16 * KIB, claim_merge_do, N_("Merge the two records"), { 0 } },
	{ POST, "/claims/:id/carry-out", PERMIT_SIGNED_IN, true, 4 * KIB, claim_carry_out_do, N_("Carry it out now"), { 0 } },
	{ POST, "/claims/:id/:as", PERMIT_SIGNED_IN, true, 16 * KIB, claim_decide_do, N_("Decide"), { 0 } },
	{ GET, "/searches", PERMIT_OVERSIGHT, false, 0, searches_page, N_("Searches outside the own charge"), { 0 } },
	{ 0 },
};
