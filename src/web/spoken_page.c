#include "exchange/exchange.h"
#include "web/pages.h"
#include "web/parts.h"

/* A yes that is read out by phone: the asker's side stands wherever something waits for a partner, the approver's side is a page of its own. */

static void digits(struct html *h, struct str eight)
{
	html_put(h, MARKUP("<b class=\"id\">"));
	html_text(h, str_fmt(h->mem, S_FMT " " S_FMT, S_ARG(str_sub(eight, 0, 4)), S_ARG(str_sub(eight, 4, 4))));
	html_put(h, MARKUP("</b>"));
}

void spoken_ask(struct html *h, struct work *w, const struct proposal *p)
{
	struct err ignored = { 0 };
	struct record r;
	const struct tmove *m = record_head(w, p->record, &r, &ignored) == 0 ? type_move(r.type, p->move) : NULL;
	struct str number = p->way == PROPOSAL_ABROAD ? spoken_number(w, p, &ignored) : (struct str){ 0 };
	if (!number.n || !m || !policy_named(w->actor.role, m->by.at, m->by.n))
		return;
	html_put(h, MARKUP("<details class=\"panel\"><summary>"));
	html_t(h, N_("No line, or no time? Take the approval by phone"));
	html_put(h, MARKUP("</summary>"));
	form_open(h, w, "/proposals/%/spoken", PARTS(id_text(w->mem, p->id)));
	html_put(h, MARKUP("<p>"));
	html_t(h, N_("Read this number to the person who approves at the other office:"));
	html_put(h, MARKUP(" "));
	digits(h, number);
	html_put(h, MARKUP("</p>"));
	input_show(h, &(struct input){ .name = "code", .label = N_("The code that she reads back"), .hint = N_("Eight digits, good for ten minutes"), .mode = "number", .required = true });
	submit_button(h, "btn", NULL, NULL, N_("Approve with this code"));
	html_put(h, MARKUP("</form></details>"));
}

void spoken_show(struct html *h, struct work *w, const struct record *r)
{
	struct spoken s[4];
	struct err ignored = { 0 };
	size_t n;
	if (spoken_of(w, r->id, s, COUNT(s), &n, &ignored) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct tmove *m = type_move(r->type, s[i].move);
		html_put(h, s[i].denied ? MARKUP("<p class=\"note bad\">") : s[i].confirmed_ms ? MARKUP("<p class=\"note ok\">") : MARKUP("<p class=\"note warn\">"));
		html_icon(h, s[i].confirmed_ms && !s[i].denied ? ICON_CHECK : ICON_CLOCK);
		html_put(h, MARKUP("<span>"));
		html_t(h, N_("Approved by a code that was read out:"));
		html_put(h, MARKUP(" "));
		html_ts(h, m ? m->label : s[i].move);
		html_put(h, MARKUP(", "));
		html_id(h, s[i].node);
		html_put(h, MARKUP(", "));
		html_time(h, s[i].at_ms);
		html_put(h, MARKUP(". "));
		html_t(h, s[i].denied ? N_("The other office says no: tell your supervisor and the oversight body.") : s[i].confirmed_ms ? N_("The other office has confirmed it.") :
		    N_("The other office has not confirmed it yet."));
		html_put(h, MARKUP("</span></p>"));
	}
}

int spoken_accept_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id;
	struct proposal p;
	struct record r;
	struct str location;
	if (id_parse(request_param(q, "id"), &id) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such proposal");
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (proposal_find(w, id, &p, err) < 0)
		return err_say(err, ERR_CONFLICT, N_("This was answered over the line meanwhile. Open the page again."), NULL);
	if (record_head(w, p.record, &r, err) < 0)
		return -1;
	int rc = spoken_accept(w, id, request_field(q, "code"), err);
	if (rc < 0)
		return -1;
	location = url_of(w->mem, "/r/%/%", PARTS(r.type->name, id_text(w->mem, r.id)));
	if (rc == 0) {
		response_see(a, location);
		return done_keep(w, q, location, err);
	}
	struct html h = html_new(w);      /* no error of the item: the attempt counts */
	page_open(&h, w, &(struct page){ .title = N_("Read-out code"), .error = true });
	fault_show(&h, N_("This code is wrong or too old. Read the number once more and ask for a new code."), "f-code");
	spoken_ask(&h, w, &p);
	link_button(&h, "btn", location, N_("The record, its history, who saw it"));
	a->status = 422;
	page_close(&h, a);
	return 0;
}

/* ---- the approver ---- */

void spoken_offer(struct html *h, struct work *w)
{
	const struct types *types = w->node->types;
	bool may = false;
	for (size_t t = 0; t < types->n; t++)
		for (size_t m = 0; m < types->at[t].nmoves; m++)
			may = may || spoken_may(w, &types->at[t].moves[m]);
	if (!may)
		return;
	html_put(h, MARKUP("<p><a href=\"/spoken\">"));
	html_t(h, N_("A colleague of another office is on the phone: give a read-out code"));
	html_put(h, MARKUP("</a></p>"));
}

static void choices(struct html *h, struct work *w)
{
	const struct types *types = w->node->types;
	select_open(h, "what", N_("What is asked?"), true);
	for (size_t t = 0; t < types->n; t++)
		for (size_t m = 0; m < types->at[t].nmoves; m++) {
			const struct type *type = &types->at[t];
			if (!spoken_may(w, &type->moves[m]))
				continue;
			html_put(h, MARKUP("<option value=\""));
			html_attr(h, str_fmt(w->mem, S_FMT "/" S_FMT, S_ARG(type->name), S_ARG(type->moves[m].name)));
			html_put(h, MARKUP("\">"));
			html_ts(h, type->title);
			html_put(h, MARKUP(": "));
			html_ts(h, type->moves[m].label);
			html_put(h, MARKUP("</option>"));
		}
	select_close(h);
}

static int offices(struct html *h, struct work *w, struct err *err)
{
	struct partner *p;
	size_t n;
	if (partner_list(w, &p, &n, err) < 0)
		return -1;
	select_open(h, "node", N_("Which office asks?"), true);
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<option value=\""));
		html_attr(h, p[i].name);
		html_put(h, MARKUP("\">"));
		html_text(h, p[i].name);
		html_put(h, MARKUP("</option>"));
	}
	select_close(h);
	return 0;
}

static int show(struct work *w, struct str code, struct response *a, struct err *err)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Read-out code") });
	if (code.n) {
		html_put(&h, MARKUP("<section class=\"note ok\">"));
		html_icon(&h, ICON_KEY);
		html_put(&h, MARKUP("<div><p>"));
		html_t(&h, N_("Read this code to your colleague. It is your approval, it stands in the log, and it is good for ten minutes:"));
		html_put(&h, MARKUP("</p><p class=\"count-big\">"));
		digits(&h, code);
		html_put(&h, MARKUP("</p></div></section>"));
	}
	html_put(&h, MARKUP("<div class=\"panel narrow\">"));
	para(&h, "muted", N_("A colleague at another office reads you a number of eight digits from her page. Ask her what it is about before you give a code."));
	form_open(&h, w, "/spoken", NULL, 0);
	if (offices(&h, w, err) < 0)
		return -1;
	choices(&h, w);
	input_show(&h, &(struct input){ .name = "number", .label = N_("The number that she reads"), .mode = "number", .required = true });
	submit_button(&h, "btn go", NULL, NULL, N_("I approve: give the code"));
	html_put(&h, MARKUP("</form></div>"));
	page_close(&h, a);
	return 0;
}

int spoken_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	return show(w, (struct str){ 0 }, a, err);
}

int spoken_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str what = request_field(q, "what"), code;
	const struct type *t = type_find(w->node->types, str_cut(&what, '/'));
	const struct tmove *m = t ? type_move(t, what) : NULL;
	if (!m)
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return spoken_code(w, request_field(q, "node"), t, m, request_field(q, "number"), &code, err) < 0 ? -1 : show(w, code, a, err);
}
