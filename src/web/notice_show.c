#include "web/notice_parts.h"

/* One notice: what it says, how far it went, what is owed, and what its office does with it. */
#define REFRESH_S 20

struct fault { const char *sentence; struct str typed; };      /* of the form for the request's number */

static void ground_form(struct html *h, struct work *w, const struct record *r)
{
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Legal ground"));
	para(h, "muted", N_("Within 24 hours: why did the other offices have to know this of a person?"));
	form_open(h, w, "/notices/%/ground", PARTS(id_text(w->mem, r->id)));
	select_codes(h, w, "rapid_notice", "ground", (struct str){ 0 }, true);
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Give the ground"));
	html_put(h, MARKUP("</p></form></section>"));
}

static void request_form(struct html *h, struct work *w, const struct record *r, struct str typed)
{
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Request"));
	para(h, "muted", N_("Within 7 days the request follows by the official channel; without it the notice recalls itself."));
	form_open(h, w, "/notices/%/request", PARTS(id_text(w->mem, r->id)));
	input_show(h, &(struct input){ .name = "request", .label = N_("Number of the request"), .mode = "text", .required = true, .value = typed,
	    .hint = N_("As on its page. Where two offices gave the same number, with the office after it: 2026-3 camp.sy") });
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Link the request"));
	html_put(h, MARKUP("</p></form></section>"));
}

/* What is owed and until when; each line goes when it was done. */
static void owed(struct html *h, struct work *w, const struct grant *g)
{
	static const char *const TIMES[] = { "ground_by", "recall_at", "review_by" };
	const struct record *r = grant_record(g, 0);
	bool open = str_is(r->state, "sent") || str_is(r->state, "acknowledged");
	html_put(h, MARKUP("<dl class=\"kv wide\">"));
	for (size_t i = 0; i < COUNT(TIMES); i++) {
		bool wanted = i == 0 ? open : i == 1 ? open || str_is(r->state, "justified") : true;
		if (!wanted || !record_text(g, 0, TIMES[i]).n)
			continue;
		html_put(h, MARKUP("<dt>"));
		html_ts(h, type_field(r->type, str_of(TIMES[i]))->label);
		html_put(h, MARKUP("</dt><dd>"));
		time_field(h, w, g, 0, TIMES[i]);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl>"));
}

static void own_moves(struct html *h, struct work *w, const struct record *r, bool review)
{
	static const struct { const char *move, *label; } M[] = { { "withdraw", N_("Withdraw the notice") }, { "end", N_("It is settled") }, { "recall", N_("Recall the notice") }, { "review", N_("Reviewed") } };
	html_put(h, MARKUP("<div class=\"actions\">"));
	for (size_t i = 0; i < COUNT(M); i++)
		if (may_move(w, r, M[i].move) && str_eq(r->owner, w->node->name) && (strcmp(M[i].move, "review") != 0 || review))
			button_form(h, w, url_of(w->mem, "/notices/%/move", PARTS(id_text(w->mem, r->id))), "move", str_of(M[i].move), M[i].label);
	link_button(h, "btn", url_of(w->mem, "/r/rapid_notice/%", PARTS(id_text(w->mem, r->id))), N_("The record, its history, who saw it"));
	html_put(h, MARKUP("</div>"));
}

/* The request that it names, for who may read it; the number for everybody. */
static int request_show(struct html *h, struct work *w, const struct grant *g, struct err *err)
{
	struct id id;
	struct str said = record_text(g, 0, "request");
	int rc = said.n ? notice_request_seen(w, said, &id, err) : 0;
	if (!said.n || rc < 0)
		return rc;
	html_put(h, MARKUP("<p>"));
	html_t(h, N_("Request:"));
	html_put(h, MARKUP(" "));
	if (rc)
		html_href(h, "/rfi/%", PARTS(id_text(w->mem, id)));
	html_id(h, said);
	html_put(h, rc ? MARKUP("</a></p>") : MARKUP("</p>"));
	return 0;
}

static int notice_show(struct work *w, const struct record *r, const struct fault *f, struct response *a, struct err *err)
{
	bool ours = str_eq(r->owner, w->node->name);
	const struct grant *g = record_open(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = notice_label(w, record_text(g, 0, "what")), .section = "notice", .personal = true, .error = f != NULL,
	    .refresh_s = ours ? 0 : REFRESH_S });      /* the sender's page has forms */
	html_put(&h, MARKUP("<div class=\"phone stack\">"));
	if (f)
		fault_show(&h, f->sentence, "f-request");
	state_tag(&h, w, r);
	html_put(&h, MARKUP("<section class=\"panel\"><ul class=\"sent\">"));
	if (notice_item_show(&h, w, g, err) < 0)
		return -1;
	html_put(&h, MARKUP("</ul></section>"));
	if (request_show(&h, w, g, err) < 0)
		return -1;
	if (ours)
		owed(&h, w, g);
	if (ours && may_move(w, r, "justify") && notice_about_person(record_text(g, 0, "what")))
		ground_form(&h, w, r);
	if (ours && may_move(w, r, "confirm"))
		request_form(&h, w, r, f ? f->typed : (struct str){ 0 });
	if (notice_photos_show(&h, w, g, err) < 0)
		return -1;
	own_moves(&h, w, r, record_text(g, 0, "review_by").n > 0);
	html_put(&h, MARKUP("</div>"));
	if (f)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int notice_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	if (purpose_first(w, q, a))
		return 0;
	return record_asked(w, q, "id", "rapid_notice", &r, err) < 0 ? -1 : notice_show(w, &r, NULL, a, err);
}

/* ---- what is done ---- */

int notice_ack_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	int done = record_asked(w, q, "id", "rapid_notice", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	return notice_acknowledge(w, r.id, err) < 0 ? -1 : form_end(w, q, a, STR("/notices"), err);
}

int notice_move_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct id proposal;
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	struct str move = request_field(q, "move");
	int done = record_asked(w, q, "id", "rapid_notice", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (!str_is(move, "withdraw") && !str_is(move, "end") && !str_is(move, "recall") && !str_is(move, "review"))
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	if (str_is(move, "withdraw") && !str_is(r.state, "waiting"))
		return err_say(err, ERR_CONFLICT, N_("It has gone out already. It can be recalled: the receivers then destroy it."), NULL);
	if (own_office(w, &r, err) < 0 || record_move(w, r.id, r.version, move, &said, &proposal, err) < 0)
		return -1;
	return form_end(w, q, a, STR("/notices"), err);
}

/* A field of the sender's office, then the move that rests on it. */
static int give(struct work *w, const struct request *q, const char *field, const char *move, struct response *a, struct err *err)
{
	struct record r;
	struct id proposal;
	struct draft said = { .fields = json_keep(w->mem, json_object()) }, given = { .fields = json_keep(w->mem, json_object()) };
	int done = record_asked(w, q, "id", "rapid_notice", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	json_object_set_new(given.fields, field, json_new_str(str_trim(request_field(q, field))));
	if (record_amend(w, r.id, r.version, &given, err) < 0 || record_move(w, r.id, r.version + 1, str_of(move), &said, &proposal, err) < 0)
		return -1;
	return form_end(w, q, a, url_of(w->mem, "/notices/%", PARTS(id_text(w->mem, r.id))), err);
}

int notice_ground_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	return give(w, q, "ground", "justify", a, err);
}

int notice_request_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r, ignored;
	struct fault f = { .typed = str_trim(request_field(q, "request")) };
	if (record_asked(w, q, "id", "rapid_notice", &r, err) < 0 || notice_request_find(w, f.typed, &ignored, &f.sentence, err) < 0)
		return -1;
	return f.sentence ? notice_show(w, &r, &f, a, err) : give(w, q, "request", "confirm", a, err);
}
