#include "web/field.h"
#include "web/pages.h"
#include "web/search.h"
#include "web/table.h"

#define PAGE_ROWS 50

static const struct type *type_of_request(struct work *w, const struct request *q, struct err *err)
{
	const struct type *t = type_find(w->node->types, request_param(q, "type"));
	if (!t)
		err_set(err, ERR_NOT_FOUND, "no such type");
	return t;
}

/* Records about people are shown for a purpose only: the page for choosing one comes first. */
static bool ask_purpose(struct work *w, const struct type *t, const struct request *q, struct response *a)
{
	if (!t->personal || w->purpose.n)
		return false;
	response_see(a, url_of(w->mem, "/purpose?next=%", PARTS(q->path)));
	return true;
}

static void head_row(struct html *h, const struct type *t)
{
	html_put(h, MARKUP("<thead role=\"rowgroup\"><tr role=\"row\">"));
	for (size_t c = 0; c < t->list_columns.n; c++) {
		const struct tfield *f = type_field(t, t->list_columns.at[c]);
		html_put(h, MARKUP("<th scope=\"col\" role=\"columnheader\">"));
		f ? html_ts(h, f->label) : str_is(t->list_columns.at[c], "state") ? html_t(h, N_("Status")) : html_t(h, N_("Number"));
		html_put(h, MARKUP("</th>"));
	}
	html_put(h, MARKUP("</tr></thead>"));
}

static void cell_head(struct html *h, struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	const struct record *r = grant_record(g, i);
	html_put(h, MARKUP("<th scope=\"row\" role=\"rowheader\">"));
	record_link(h, w, r);
	if (f && record_covered(g, i, str_z(w->mem, f->name)) && f->kind != KIND_REF)
		field_show(h, w, g, i, f);
	else
		html_name(h, record_title(w, g, i));
	html_put(h, MARKUP("</a></th>"));
}

static void row(struct html *h, struct work *w, const struct grant *g, size_t i)
{
	const struct record *r = grant_record(g, i);
	const struct type *t = r->type;
	html_put(h, MARKUP("<tr role=\"row\">"));
	for (size_t c = 0; c < t->list_columns.n; c++) {
		const struct tfield *f = type_field(t, t->list_columns.at[c]);
		if (c == 0) {
			cell_head(h, w, g, i, f);
			continue;
		}
		html_put(h, MARKUP("<td role=\"cell\" data-l=\""));
		html_attr(h, tr(w->lang, f ? str_z(w->mem, f->label) : N_("Status")));
		html_put(h, MARKUP("\">"));
		if (f) {
			field_show(h, w, g, i, f);
		} else {
			html_put(h, MARKUP("<span class=\"tag\">"));
			html_text(h, state_label(w, r->state));
			html_put(h, MARKUP("</span>"));
		}
		html_put(h, MARKUP("</td>"));
	}
	html_put(h, MARKUP("</tr>"));
}

static void filters(struct html *h, struct work *w, const struct type *t, struct str chosen, struct str number)
{
	html_put(h, MARKUP("<form class=\"tools\" method=\"get\"><div><label for=\"s\">"));
	html_t(h, N_("Status"));
	html_put(h, MARKUP("</label><select class=\"in\" id=\"s\" name=\"s\"><option value=\"\">"));
	html_t(h, N_("All"));
	html_put(h, MARKUP("</option>"));
	for (size_t i = 0; i < t->nstates; i++) {
		html_put(h, MARKUP("<option value=\""));
		html_attr(h, t->states[i].name);
		html_put(h, MARKUP("\""));
		if (str_eq(t->states[i].name, chosen))
			html_put(h, MARKUP(" selected"));
		html_put(h, MARKUP(">"));
		html_text(h, state_label(w, t->states[i].name));
		html_put(h, MARKUP("</option>"));
	}
	html_put(h, MARKUP("</select></div>"));
	if (t->number.pattern.n) {
		html_put(h, MARKUP("<div><label for=\"no\">"));
		html_t(h, N_("Number"));
		html_put(h, MARKUP("</label><input class=\"in\" id=\"no\" name=\"no\" dir=\"ltr\" autocomplete=\"off\" value=\""));
		html_attr(h, number);
		html_put(h, MARKUP("\"></div>"));
	}
	html_put(h, MARKUP("<button class=\"btn\">"));
	html_t(h, N_("Show"));
	html_put(h, MARKUP("</button></form>"));
}

static void foot(struct html *h, struct work *w, const struct type *t, size_t shown, size_t total, uint64_t page)
{
	html_put(h, MARKUP("<div class=\"foot small\"><span>"));
	html_num(h, (int64_t)total);
	html_put(h, MARKUP(" "));
	html_ts(h, t->plural);
	html_put(h, MARKUP("</span>"));
	if ((page + 1) * PAGE_ROWS < total && shown) {
		html_href(h, "/r/%?p=%", PARTS(t->name, str_fmt(w->mem, "%llu", (unsigned long long)page + 1)));
		html_t(h, N_("Next page"));
		html_put(h, MARKUP("</a>"));
	}
	html_put(h, MARKUP("</div>"));
}

static int table(struct html *h, struct work *w, const struct type *t, const struct id *ids, size_t n, struct err *err)
{
	const struct grant *g = record_open(w, t, ids, n, err);
	if (!g)
		return -1;
	html_put(h, MARKUP("<table class=\"cards\" role=\"table\">"));
	head_row(h, t);
	html_put(h, MARKUP("<tbody role=\"rowgroup\">"));
	for (size_t i = 0; i < n; i++)
		row(h, w, g, i);
	html_put(h, MARKUP("</tbody></table>"));
	return 0;
}

static void new_button(struct html *h, struct work *w, const struct type *t)
{
	/* questions to the vetting office leave together, shuffled: one button for all drafts */
	if (str_is(t->name, "vetting_request") && str_is(w->actor.role, "MIG_SUP"))
		button_form(h, w, STR("/vetting/requests"), NULL, (struct str){ 0 }, N_("Send the drafts to the vetting office"));
	if (!record_may_create(w, t) || t->parent_type.n)
		return;
	html_put(h, MARKUP("<p class=\"actions\"><a class=\"btn go\""));
	html_put(h, w->look.keys ? MARKUP(" accesskey=\"n\" href=\"") : MARKUP(" href=\""));
	html_attr(h, url_of(w->mem, "/r/%/new", PARTS(t->name)));
	html_put(h, MARKUP("\">"));
	html_t(h, N_("Add"));
	html_put(h, MARKUP("</a></p>"));
}

int list_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct type *t = type_of_request(w, q, err);
	if (!t)
		return -1;
	if (ask_purpose(w, t, q, a))
		return 0;
	uint64_t page = 0;
	struct id *ids;
	size_t n, total = 0;
	str_u64(request_query(q, "p"), &page);
	struct record_query query = { .state = request_query(q, "s"), .offset = (size_t)(page % 100000) * PAGE_ROWS, .limit = PAGE_ROWS };
	struct str number = digits_ascii(w->mem, request_query(q, "no"));
	if (number.n ? record_by_number(w, t, number, &ids, &n, err) < 0 : record_list(w, t, &query, &ids, &n, &total, err) < 0)
		return -1;
	total = number.n ? n : total;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = str_z(w->mem, t->plural), .section = str_z(w->mem, t->name), .personal = t->personal });
	new_button(&h, w, t);
	html_put(&h, MARKUP("<section class=\"panel flush\">"));
	search_box(&h, w, t, (struct id){ 0 });
	filters(&h, w, t, query.state, number);
	if (n == 0)
		html_note(&h, "info", ICON_CLOCK, N_("Nothing here yet that your role works on."));
	else if (table(&h, w, t, ids, n, err) < 0)
		return -1;
	foot(&h, w, t, n, total, page);
	html_put(&h, MARKUP("</section>"));
	page_close(&h, a);
	return 0;
}
