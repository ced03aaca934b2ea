#include "web/pages.h"
#include "web/parts.h"
#include "web/search.h"

/* Boarded = arrived + explained + open, family by family, counted now. The same page at the centre, which explains, and at the ministry, which reads. */

#define LISTS_MAX 16

static struct columns family_columns(void)
{
	static const char *const C[] = { N_("Head of family"), N_("On board"), N_("Arrived"), N_("Explained"), N_("Open") };
	return (struct columns){ C, COUNT(C) };
}

static int families_show(struct html *h, struct work *w, struct id convoy, struct err *err)
{
	struct columns c = family_columns();
	struct family_tally *f;
	size_t n;
	if (tally_families(w, convoy, &f, &n, err) < 0)
		return -1;
	struct id *heads = NEW_ARRAY(w->mem, struct id, n + 1);
	struct str *names = NEW_ARRAY(w->mem, struct str, n + 1);
	for (size_t i = 0; i < n; i++)
		heads[i] = f[i].head;
	if (names_of(w, heads, n, names, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	heading(h, N_("By family"));
	search_box(h, w, type_find(w->node->types, STR("arrival_checkin")), convoy);
	table_open(h, c);
	for (int open = 1; open >= 0; open--) {             /* what is open stands first */
		for (size_t i = 0; i < n; i++) {
			if ((f[i].open > 0) != open)
				continue;
			row_open(h);
			cell_open(h, c, 0);
			html_name(h, names[i]);
			cell_close(h, 0);
			cell_num(h, c, 1, (int64_t)f[i].boarded);
			cell_num(h, c, 2, (int64_t)f[i].arrived);
			cell_num(h, c, 3, (int64_t)f[i].explained);
			if (f[i].open)
				cell_tag(h, c, 4, "bad", num_text(w->mem, w->lang, w->numerals, (int64_t)f[i].open));
			else
				cell_num(h, c, 4, 0);
			row_close(h);
		}
	}
	table_close(h);
	html_put(h, MARKUP("</section>"));
	return 0;
}

static void reasons(struct html *h, struct work *w)
{
	const struct tfield *f = type_field(type_find(w->node->types, STR("difference")), STR("reason"));
	html_put(h, MARKUP("<div><label class=\"lbl\">"));
	html_t(h, N_("Reason"));
	html_put(h, MARKUP(" <select class=\"in\" name=\"reason\" required><option value=\"\">"));
	html_t(h, N_("Choose"));
	html_put(h, MARKUP("</option>"));
	for (size_t i = 0; i < f->codes->n; i++)
		field_option(h, f->codes->codes[i].value, tr(w->lang, str_z(w->mem, f->codes->codes[i].label)), false);
	html_put(h, MARKUP("</select></label></div>"));
}

static void labelled(struct html *h, const char *name, const char *label, bool time)
{
	html_put(h, MARKUP("<div><label class=\"lbl\">"));
	html_t(h, label);
	html_put(h, MARKUP(" <input class=\"in\" autocomplete=\"off\" name=\""));
	html_text(h, str_of(name));
	time ? html_put(h, MARKUP("\" type=\"datetime-local\"></label></div>")) : html_put(h, MARKUP("\" dir=\"auto\"></label></div>"));
}

static void explain_form(struct html *h, struct work *w, struct str id)
{
	html_put(h, MARKUP("<details><summary>"));
	html_t(h, N_("Explain"));
	html_put(h, MARKUP("</summary>"));
	form_open(h, w, "/differences/%/explain", PARTS(id));
	reasons(h, w);
	labelled(h, "where", N_("Hospital at (only for: in hospital)"), false);
	html_put(h, MARKUP("<fieldset class=\"stack\"><legend class=\"lbl\">"));
	html_t(h, N_("Only for: taken over by an authority"));
	html_put(h, MARKUP("</legend>"));
	para(h, "hint", N_("All five are needed; without the number of an order it stays unexplained. Legal aid and the family are told; other offices read only: explained, elsewhere."));
	labelled(h, "authority", N_("Authority that took over"), false);
	labelled(h, "place", N_("Place"), false);
	labelled(h, "at", N_("Time"), true);
	labelled(h, "order_number", N_("Number of the warrant or order"), false);
	labelled(h, "officer", N_("Officer"), false);
	html_put(h, MARKUP("</fieldset><p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Explain"));
	html_put(h, MARKUP("</p></form></details>"));
}

static void difference_show(struct html *h, struct work *w, const struct grant *g, size_t i, struct str name)
{
	const struct record *r = grant_record(g, i);
	bool open = !str_is(r->state, "explained");
	struct str id = id_text(w->mem, r->id);
	html_put(h, MARKUP("<li class=\"panel stack\"><p><b>"));
	html_name(h, name);
	html_put(h, MARKUP("</b> "));
	tag(h, open ? "bad" : "ok", state_label(w, r->state));
	html_put(h, MARKUP(" "));
	if (!open)
		field_show(h, w, g, i, type_field(r->type, STR("shown")));
	html_put(h, MARKUP("</p>"));
	if (open && may_move(w, r, "explain") && str_eq(r->owner, w->node->name)) {
		explain_form(h, w, id);
		if (may_move(w, r, "leave_open"))
			link_button(h, "btn", url_of(w->mem, "/r/difference/%/move/leave_open", PARTS(id)), N_("It stays unexplained for now"));
	}
	html_put(h, MARKUP("</li>"));
}

/* Differences of people who came after all are settled: the person is checked in. */
static bool came_later(struct work *w, struct id convoy, struct id person)
{
	struct id *ids;
	size_t n;
	struct err ignored = { 0 };
	if (record_referring(w, "arrival_checkin", "person", person, &ids, &n, &ignored) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, &ignored) == 0 && id_eq(r.parent, convoy) && str_is(r.state, "checked_in"))
			return true;
	}
	return false;
}

static int differences_list(struct html *h, struct work *w, struct id convoy, struct err *err)
{
	const struct grant *g;
	if (rows_open(w, "difference", convoy, &g, err) < 0)
		return -1;
	size_t n = grant_count(g);
	struct id *people = NEW_ARRAY(w->mem, struct id, n + 1);
	struct str *names = NEW_ARRAY(w->mem, struct str, n + 1);
	for (size_t i = 0; i < n; i++)
		people[i] = ref_of(g, i, "person");
	if (names_of(w, people, n, names, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"stack\">"));
	heading(h, N_("Differences"));
	if (n == 0)
		para(h, "muted", N_("No difference is recorded."));
	html_put(h, MARKUP("<ul class=\"plain stack\">"));
	for (size_t i = 0; i < n; i++)
		if (!came_later(w, convoy, people[i]))
			difference_show(h, w, g, i, names[i]);
	html_put(h, MARKUP("</ul></section>"));
	return 0;
}

/* The lists of the convoy, and the manager's button: a proposal to the ministry, which owns them. */
static int lists_show(struct html *h, struct work *w, struct id convoy, size_t open, struct err *err)
{
	struct id *ids;
	size_t n;
	if (record_referring(w, "nominal_list", "convoy", convoy, &ids, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Nominal lists"));
	for (size_t i = 0; i < n && i < LISTS_MAX; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		state_tag(h, w, &r);
		waiting_show(h, w, &r);
		if (!may_move(w, &r, "reconcile"))
			continue;
		if (open)
			para(h, "muted", N_("The list can be reconciled when nothing is open."));
		else
			link_button(h, "btn go big", url_of(w->mem, "/r/nominal_list/%/move/reconcile", PARTS(id_text(w->mem, r.id))), N_("Reconcile the list"));
		if (!open && !str_eq(r.owner, w->node->name))
			para(h, "small muted", N_("The ministry owns the list: this asks it to reconcile, and its answer comes over the line."));
	}
	html_put(h, MARKUP("</section>"));
	return 0;
}

int reconcile_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct tally t;
	if (purpose_first(w, q, a))
		return 0;
	if (record_asked(w, q, "id", "convoy", &r, err) < 0)
		return -1;
	const struct grant *g = record_open(w, r.type, &r.id, 1, err);
	if (!g || tally_convoy(w, r.id, &t, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Boarded, arrived, explained"), .section = "convoy", .personal = true });
	html_put(&h, MARKUP("<p>"));
	html_href(&h, "/convoys/%", PARTS(id_text(w->mem, r.id)));
	html_name(&h, record_title(w, g, 0));
	html_put(&h, MARKUP("</a></p><dl class=\"facts\">"));
	fact(&h, N_("On board"), (int64_t)t.boarded);
	fact(&h, N_("Arrived"), (int64_t)t.arrived);
	fact(&h, N_("Explained"), (int64_t)t.explained);
	fact(&h, N_("Open"), (int64_t)t.open);
	html_put(&h, MARKUP("</dl>"));
	if (t.open)
		html_note(&h, "bad", ICON_WARN, N_("Somebody who boarded has neither arrived nor been explained."));
	else if (t.boarded)
		html_note(&h, "ok", ICON_CHECK, N_("The sum closes: everybody who boarded has arrived or is explained."));
	if (t.newborns)
		html_note(&h, "info", ICON_PEOPLE, N_("Newborns came with their mothers and are counted with the convoy, not here."));
	html_put(&h, MARKUP("<div class=\"cols\"><div class=\"stack\">"));
	if (families_show(&h, w, r.id, err) < 0)
		return -1;
	html_put(&h, MARKUP("</div><div class=\"stack\">"));
	if (differences_list(&h, w, r.id, err) < 0 || lists_show(&h, w, r.id, t.open, err) < 0)
		return -1;
	html_put(&h, MARKUP("</div></div>"));
	page_close(&h, a);
	return 0;
}

int explain_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct str reason = request_field(q, "reason");
	struct taken t = { .authority = str_trim(request_field(q, "authority")), .place = str_trim(request_field(q, "place")),
		.at = digits_ascii(w->mem, str_trim(request_field(q, "at"))), .order_number = str_trim(request_field(q, "order_number")), .officer = str_trim(request_field(q, "officer")) };
	int done = record_asked(w, q, "id", "difference", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (str_is(reason, "taken_over") && (!t.authority.n || !t.place.n || !t.at.n || !t.order_number.n || !t.officer.n))
		return err_say(err, ERR_VALUE, N_("Taken over by an authority: authority, place, time, number of the order and officer are needed. Without a number it stays unexplained."), NULL);
	int rc = str_is(reason, "taken_over") ? difference_taken_over(w, r.id, &t, err) : difference_explain(w, r.id, reason, str_trim(request_field(q, "where")), err);
	return rc < 0 ? -1 : form_end(w, q, a, url_of(w->mem, "/convoys/%/reconcile", PARTS(id_text(w->mem, r.parent))), err);
}
