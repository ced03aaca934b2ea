#include "web/pages.h"
#include "web/parts.h"
#include "web/search.h"

/* The nominal list: at the camp a draft that is filled, at the ministry rows that are approved one by one. */
#define ROWS_SHOWN 1000
#define SEARCH_FROM 8u              /* fewer are read at a glance */

static struct columns list_columns(void)
{
	static const char *const C[] = { N_("Full name"), N_("Ready"), N_("Reserve"), N_("Status") };
	return (struct columns){ C, COUNT(C) };
}

static int list_asked(struct work *w, const struct request *q, struct id *id, struct record *r, struct err *err)
{
	if (id_parse(request_param(q, "id"), id) < 0 || record_head(w, *id, r, err) < 0 || !str_is(r->type->name, "nominal_list"))
		return err_set(err, ERR_NOT_FOUND, "no such list");
	return 0;
}

static void row_show(struct html *h, struct work *w, const struct grant *g, size_t i)
{
	struct columns c = list_columns();
	const struct record *r = grant_record(g, i);
	struct str ready = record_text(g, i, "ready");
	bool reserve = json_is_true(record_value(g, i, "reserve"));
	row_open(h);
	cell_open(h, c, 0);
	html_href(h, "/r/nominal_list_row/%", PARTS(id_text(w->mem, r->id)));
	html_name(h, record_text(g, i, "name"));
	html_put(h, MARKUP("</a>"));
	cell_close(h, 0);
	cell_text(h, c, 1, tr(w->lang, str_is(ready, "ready") ? N_("Ready") : str_is(ready, "not_yet") ? N_("Not yet") : N_("Not shown to this role")));
	cell_text(h, c, 2, tr(w->lang, reserve ? N_("Yes") : N_("No")));
	cell_tag(h, c, 3, "", state_label(w, r->state));
	row_close(h);
}

static int rows_show(struct html *h, struct work *w, const struct record *list, struct err *err)
{
	struct id *ids;
	size_t n, total;
	const struct type *t = type_find(w->node->types, STR("nominal_list_row"));
	struct record_query query = { .parent = list->id, .limit = ROWS_SHOWN, .oldest_first = true };
	if (record_list(w, t, &query, &ids, &n, &total, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel flush\"><h2>"));
	html_ts(h, t->plural);
	html_put(h, MARKUP(" "));
	html_num(h, (int64_t)total);
	html_put(h, MARKUP("</h2>"));
	if (n > SEARCH_FROM)
		search_box(h, w, t, list->id);
	if (n == 0) {
		html_note(h, "info", ICON_CLOCK, N_("There is nobody on this list yet."));
	} else {
		const struct grant *g = record_open(w, t, ids, n, err);
		if (!g)
			return -1;
		table_open(h, list_columns());
		for (size_t i = 0; i < n; i++)
			row_show(h, w, g, i);
		table_close(h);
	}
	html_put(h, MARKUP("</section>"));
	return 0;
}

static bool may_fill(struct work *w, const struct record *r)
{
	return str_is(r->state, "draft") && str_eq(r->owner, w->node->name) && record_may_create(w, type_find(w->node->types, STR("nominal_list_row")));
}

static void fill_links(struct html *h, struct work *w, const struct record *r)
{
	struct str id = id_text(w->mem, r->id);
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, N_("Fill the list"));
	html_put(h, MARKUP("</h2><div class=\"actions\">"));
	html_put(h, MARKUP("<a class=\"btn go\" href=\""));
	html_attr(h, url_of(w->mem, "/lists/%/families", PARTS(id)));
	html_put(h, MARKUP("\">"));
	html_t(h, N_("Add families"));
	html_put(h, MARKUP("</a>"));
	button_form(h, w, url_of(w->mem, "/lists/%/fit", PARTS(id)), "fit", STR("yes"), N_("The clinic's paper says: all fit to travel"));
	html_put(h, MARKUP("</div></section>"));
}

/* At the camp, of a list that left: who was heard since, or whom the clinic now says fit. Her row alone changes. */
static int late_show(struct html *h, struct work *w, const struct record *list, struct err *err)
{
	struct id *rows;
	size_t n = 0;
	if (!role_is(w, "CAMP_REG") || str_eq(list->owner, w->node->name))
		return 0;
	if (list_late(w, list->id, &rows, &n, err) < 0)
		return -1;
	const struct grant *g = n ? record_open(w, type_find(w->node->types, STR("nominal_list_row")), rows, n, err) : NULL;
	if (!g)
		return n ? -1 : 0;
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, N_("Heard since the list was sent"));
	html_put(h, MARKUP("</h2><p>"));
	html_t(h, N_("Their wish is recorded now. Choose those whom the clinic's paper says fit: the ministry is told, and may approve their rows."));
	html_put(h, MARKUP("</p>"));
	form_open(h, w, "/lists/%/late", PARTS(id_text(w->mem, list->id)));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<label class=\"choice\"><input type=\"checkbox\" name=\"row\" value=\""));
		html_attr(h, id_text(w->mem, rows[i]));
		html_put(h, MARKUP("\"> "));
		html_name(h, record_text(g, i, "name"));
		html_put(h, MARKUP("</label>"));
	}
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Ready at the camp now"));
	html_put(h, MARKUP("</p></form></section>"));
	return 0;
}

int nominal_list_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id;
	struct record r;
	if (list_asked(w, q, &id, &r, err) < 0)
		return -1;
	if (purpose_first(w, q, a))
		return 0;
	const struct grant *g = record_open(w, r.type, &id, 1, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Nominal list"), .section = "nominal_list", .personal = true });
	html_put(&h, MARKUP("<p>"));
	tag(&h, "info", state_label(w, r.state));
	html_put(&h, MARKUP("</p>"));
	waiting_show(&h, w, &r);
	moves_as_buttons(&h, w, &r);
	if (may_fill(w, &r))
		fill_links(&h, w, &r);
	if (late_show(&h, w, &r, err) < 0 || rows_show(&h, w, &r, err) < 0)
		return -1;
	html_note(&h, "info", ICON_LOCK, N_("Ready or not yet is one value for wish, papers, health and vetting together: it tells no cause. Who is not ready holds nobody back."));
	page_close(&h, a);
	return 0;
}

/* Of the families that can be added, those that a search found. */
static int only_found(struct work *w, struct str token, struct id *ids, size_t *n, struct search *s, struct err *err)
{
	size_t kept = 0;
	if (search_find(w, token, s, err) < 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		for (size_t k = 0; k < s->n; k++)
			if (id_eq(ids[i], s->hit[k].record)) {
				ids[kept++] = ids[i];
				break;
			}
	*n = kept;
	return 0;
}

static void families_find(struct html *h, struct work *w, struct search *s, struct id list, bool found)
{
	s->type = type_find(w->node->types, STR("household"));
	s->fill = list;
	html_put(h, MARKUP("<section class=\"panel\">"));
	search_form(h, w, s);
	if (found) {
		html_put(h, MARKUP("<p>"));
		link_button(h, "btn", url_of(w->mem, "/lists/%/families", PARTS(id_text(w->mem, list))), N_("All families"));
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("</section>"));
}

int list_families_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const C[] = { N_("Head of family"), N_("Tent or shelter") };
	struct columns c = { C, COUNT(C) };
	struct id id, *ids;
	struct record r;
	size_t n;
	if (list_asked(w, q, &id, &r, err) < 0)
		return -1;
	if (purpose_first(w, q, a))
		return 0;
	const struct type *t = type_find(w->node->types, STR("household"));
	struct search s = { 0 };
	struct str token = request_query(q, "found");
	if (list_candidates(w, &ids, &n, err) < 0 || (token.n && only_found(w, token, ids, &n, &s, err) < 0))
		return -1;
	const struct grant *g = record_open(w, t, ids, n, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Add families"), .section = "nominal_list", .personal = true });
	if (n > SEARCH_FROM || token.n)
		families_find(&h, w, &s, id, token.n > 0);
	if (n == 0)
		html_note(&h, "info", ICON_CLOCK, token.n ? N_("No family that can be added has such a name.") : N_("Every family here is on an open list."));
	form_open(&h, w, "/lists/%/families", PARTS(id_text(w->mem, id)));
	table_open(&h, c);
	for (size_t i = 0; i < n; i++) {
		struct str hid = id_text(w->mem, ids[i]);
		row_open(&h);
		cell_open(&h, c, 0);
		html_put(&h, MARKUP("<label class=\"choice\"><input type=\"checkbox\" name=\"family\" value=\""));
		html_attr(&h, hid);
		html_put(&h, MARKUP("\"> "));
		struct id head;
		const struct grant *p = id_parse(record_text(g, i, "head"), &head) == 0 ? record_open(w, type_find(w->node->types, STR("person")), &head, 1, err) : NULL;
		if (!p)
			return -1;
		html_name(&h, record_text(p, 0, "name"));
		html_put(&h, MARKUP("</label>"));
		cell_close(&h, 0);
		cell_text(&h, c, 1, record_text(g, i, "shelter"));
		row_close(&h);
	}
	table_close(&h);
	html_put(&h, MARKUP("<p class=\"actions\"><button class=\"btn go\">"));
	html_t(&h, N_("Add the chosen families"));
	html_put(&h, MARKUP("</button>"));
	if (!token.n) {      /* all means all, not those that were found */
		html_put(&h, MARKUP("<button class=\"btn\" name=\"all\" value=\"1\">"));
		html_t(&h, N_("Add all"));
		html_put(&h, MARKUP("</button>"));
	}
	html_put(&h, MARKUP("</p></form>"));
	page_close(&h, a);
	return 0;
}

#define FAMILIES_MAX 1000

int list_families_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id, *ids = NEW_ARRAY(w->mem, struct id, FAMILIES_MAX);
	struct record r;
	struct str location, given[FAMILIES_MAX];
	size_t n = 0, added;
	int done = list_asked(w, q, &id, &r, err) < 0 ? -1 : done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	size_t m = request_fields(q, "family", given, FAMILIES_MAX);
	for (size_t i = 0; i < m; i++)
		if (id_parse(given[i], &ids[n++]) < 0)
			return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	if (request_field(q, "all").n && list_candidates(w, &ids, &n, err) < 0)
		return -1;
	if (list_add(w, id, ids, n, &added, err) < 0)
		return -1;
	location = url_of(w->mem, "/lists/%", PARTS(id_text(w->mem, id)));
	response_see(a, location);
	return done_keep(w, q, location, err);
}

int list_fit_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id, *ids;
	struct record r;
	struct str location;
	size_t n, total;
	int done = list_asked(w, q, &id, &r, err) < 0 ? -1 : done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	struct record_query query = { .parent = id, .limit = ROWS_SHOWN, .oldest_first = true };
	if (record_list(w, type_find(w->node->types, STR("nominal_list_row")), &query, &ids, &n, &total, err) < 0 ||
	    list_fit(w, id, ids, n, request_field(q, "fit"), err) < 0)
		return -1;
	location = url_of(w->mem, "/lists/%", PARTS(id_text(w->mem, id)));
	response_see(a, location);
	return done_keep(w, q, location, err);
}

int list_late_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id, *rows = NEW_ARRAY(w->mem, struct id, ROWS_SHOWN);
	struct record r;
	struct str given[ROWS_SHOWN];
	size_t n = request_fields(q, "row", given, ROWS_SHOWN);
	int done = list_asked(w, q, &id, &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	for (size_t i = 0; i < n; i++)
		if (id_parse(given[i], &rows[i]) < 0)
			return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	if (n == 0)
		return err_say(err, ERR_VALUE, N_("Nobody was chosen."), NULL);
	return list_late_ready(w, id, rows, n, err) < 0 ? -1 : form_end(w, q, a, url_of(w->mem, "/lists/%", PARTS(id_text(w->mem, id))), err);
}
