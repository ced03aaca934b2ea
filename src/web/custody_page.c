#include "exchange/handed.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/table.h"

/* Who holds the data of this office, purpose by purpose; the office that changes hands; what partners have told about theirs. */
#define LOOK "ADMIN DPO OVERSIGHT"
#define MOVE "ADMIN DPO"

static struct str purpose_title(struct work *w, struct str name)
{
	const struct purpose *p = policy_purpose(w->node->policy, name);
	return p ? tr(w->lang, str_z(w->mem, p->title)) : name;
}

static void tag_cell(struct html *h, struct columns c, size_t i, bool sealed)
{
	cell_tag(h, c, i, sealed ? "bad" : "ok", tr(h->lang, sealed ? N_("Sealed, custody did not pass") : N_("Held")));
}

static void rows_show(struct html *h, struct work *w, const struct custody *x, size_t n)
{
	static const char *const C[] = { N_("Purpose"), N_("State"), N_("Holds it now"), N_("Held it before"), N_("Since"), N_("Order") };
	struct columns c = { C, COUNT(C) };
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	table_open(h, c);
	for (size_t i = 0; i < n; i++) {
		row_open(h);
		cell_text(h, c, 0, purpose_title(w, x[i].purpose));
		tag_cell(h, c, 1, x[i].sealed);
		cell_text(h, c, 2, x[i].sealed ? tr(w->lang, N_("Nobody")) : x[i].holder);
		cell_text(h, c, 3, x[i].before);
		cell_open(h, c, 4);
		html_time(h, x[i].since);
		cell_close(h, 4);
		cell_text(h, c, 5, x[i].order_no);
		row_close(h);
	}
	table_close(h);
	html_put(h, MARKUP("</section>"));
}

static void waits_show(struct html *h, struct work *w, const struct custody_wait *x)
{
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, x->purpose.n ? N_("Custody of one purpose passes") : N_("The office changes hands"));
	html_put(h, MARKUP("<p>"));
	if (x->purpose.n) {
		html_text(h, purpose_title(w, x->purpose));
		html_put(h, MARKUP(" \u2192 "));
	}
	html_name(h, x->holder);
	html_put(h, MARKUP("</p><p class=\"small\">"));
	html_t(h, N_("Order"));
	html_put(h, MARKUP(": "));
	html_name(h, x->order_no);
	html_put(h, MARKUP("</p>"));
	struct str at = url_of(w->mem, "/custody/%", PARTS(id_text(w->mem, x->id)));
	if (id_eq(x->by, w->actor.account)) {
		html_note(h, "info", ICON_LOCK, N_("You asked for this: another person must decide."));
	} else if (role_among(w->actor.role, MOVE)) {
		html_put(h, MARKUP("<div class=\"actions\">"));
		button_form(h, w, at, "answer", STR("yes"), N_("Approve as the second person"));
		button_form(h, w, at, "answer", STR("no"), N_("No"));
		html_put(h, MARKUP("</div>"));
	}
	html_put(h, MARKUP("</section>"));
}

static void ask_form(struct html *h, struct work *w, const struct custody *x, size_t n)
{
	size_t sealed = 0;
	for (size_t i = 0; i < n; i++)
		sealed += x[i].sealed;
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, sealed ? N_("Let one purpose pass") : N_("This office changes hands"));
	para(h, "small", sealed ? N_("By an order and two persons, one of them of data protection. What does not pass stays sealed, and is erased when its time is over.")
	    : N_("From then on everything about people is sealed for every role, the agreements stop, and all partners are told. Then it passes purpose by purpose. No key is handed over."));
	form_open(h, w, "/custody", NULL, 0);
	for (size_t i = 0; i < n; i++) {
		if (!x[i].sealed)
			continue;
		html_put(h, MARKUP("<p><label class=\"choice\"><input type=\"radio\" name=\"purpose\" required value=\""));
		html_attr(h, x[i].purpose);
		html_put(h, MARKUP("\"> "));
		html_text(h, purpose_title(w, x[i].purpose));
		html_put(h, MARKUP("</label></p>"));
	}
	input_show(h, &(struct input){ .name = "holder", .label = N_("Who holds it from now on"), .hint = N_("Office, no name of a person"), .mode = "text", .required = true });
	input_show(h, &(struct input){ .name = "order", .label = N_("Number of the order"), .mode = "text", .required = true });
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Ask, a second person decides"));
	html_put(h, MARKUP("</p></form></section>"));
}

static int theirs_show(struct html *h, struct work *w, struct err *err)
{
	static const char *const C[] = { N_("Partner"), N_("Purpose"), N_("State"), N_("Holder"), N_("Since"), N_("Order") };
	struct columns c = { C, COUNT(C) };
	struct custody_there *x;
	size_t n;
	if (custody_theirs(w, &x, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("What partners have told about theirs"));
	if (n == 0)
		para(h, "muted", N_("No partner has changed hands."));
	else
		table_open(h, c);
	for (size_t i = 0; i < n; i++) {
		row_open(h);
		cell_text(h, c, 0, x[i].partner);
		cell_text(h, c, 1, purpose_title(w, x[i].purpose));
		tag_cell(h, c, 2, x[i].sealed);
		cell_text(h, c, 3, x[i].sealed ? tr(w->lang, N_("Nobody")) : x[i].holder);
		cell_open(h, c, 4);
		html_time(h, x[i].since);
		cell_close(h, 4);
		cell_text(h, c, 5, x[i].order_no);
		row_close(h);
	}
	if (n)
		table_close(h);
	html_put(h, MARKUP("</section>"));
	return 0;
}

static int may_look(struct work *w, struct err *err)
{
	if (role_among(w->actor.role, LOOK))
		return 0;
	w->refusal.reason = STR("role");
	return err_say(err, ERR_FORBIDDEN, N_("Custody is for administrators, data protection and oversight."), NULL);
}

int custody_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct custody *x;
	struct custody_wait *y;
	size_t n, m;
	(void)q;
	if (may_look(w, err) < 0 || custody_list(w, &x, &n, err) < 0 || custody_waiting(w, &y, &m, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Custody"), .section = "partners" });
	if (n == 0)
		html_note(&h, "ok", ICON_LOCK, N_("This office has not changed hands."));
	else
		rows_show(&h, w, x, n);
	for (size_t i = 0; i < m; i++)
		waits_show(&h, w, &y[i]);
	if (role_among(w->actor.role, MOVE))
		ask_form(&h, w, x, n);
	if (theirs_show(&h, w, err) < 0)
		return -1;
	page_close(&h, a);
	return 0;
}

int custody_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	return custody_ask(w, request_field(q, "purpose"), str_trim(request_field(q, "holder")), str_trim(request_field(q, "order")), err) < 0 ? -1 : form_end(w, q, a, STR("/custody"), err);
}

int custody_decide_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id;
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (id_parse(request_param(q, "id"), &id) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such change of custody");
	return custody_decide(w, id, str_is(request_field(q, "answer"), "yes"), err) < 0 ? -1 : form_end(w, q, a, STR("/custody"), err);
}
