#include "exchange/forward.h"
#include "web/channel_parts.h"

/* A request that another office decides: passed on to it where the office that asked allows that, and its answer passed on back. */
static const char *const CAME[] = { "outcome", "answer", "ask_further", "source_grade", "info_grade", "handling", "no_evidence", "refusal", "right_address", "pass_on", "expires" };

static void rfi_link(struct html *h, struct work *w, const char *before, struct id id)
{
	html_put(h, MARKUP("<p>"));
	html_t(h, before);
	html_put(h, MARKUP(" "));
	html_href(h, "/rfi/%", PARTS(id_text(w->mem, id)));
	rfi_number(h, w, id);
	html_put(h, MARKUP("</a></p>"));
}

/* What came back, and whether its giver lets it go on. */
static int came_show(struct html *h, struct work *w, const struct rfi *x, const struct record *came, struct err *err)
{
	struct record open;
	struct err none = { 0 };
	const struct grant *g = record_open(w, came->type, &came->id, 1, err);
	if (!g)
		return -1;
	facts_show(h, w, g, 0, CAME, COUNT(CAME));
	bool goes = str_is(came->state, "refused") || str_is(record_text(g, 0, "pass_on"), "asker");
	if (!goes)
		html_note(h, "warn", ICON_LOCK, N_("The office that answered does not allow its answer to go on. Ask it, or refuse with the right address."));
	else if (rfi_open_reply(w, x, &open, &none) == 0 && may_move(w, &open, "answer"))
		button_form(h, w, url_of(w->mem, "/rfi/%/pass", PARTS(id_text(w->mem, x->r.id))), NULL, (struct str){ 0 }, N_("Pass this answer on"));
	return 0;
}

static int passed_show(struct html *h, struct work *w, const struct rfi *x, const struct record *ours, struct err *err)
{
	struct record came;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Passed on for them"));
	rfi_link(h, w, N_("Our request to the office that decides it:"), ours->id);
	state_tag(h, w, ours);
	int rc = forward_answer(w, ours, &came, err);
	if (rc < 0 || (rc == 1 && came_show(h, w, x, &came, err) < 0))
		return -1;
	html_put(h, MARKUP("</section>"));
	return 0;
}

static int offer_show(struct html *h, struct work *w, const struct rfi *x, struct err *err)
{
	struct record open;
	struct competence to;
	const char *why = NULL;
	struct err none = { 0 };
	if (rfi_open_reply(w, x, &open, &none) < 0 || !may_move(w, &open, "forward"))
		return 0;
	int rc = forward_why(w, &x->r, &to, &why, err);
	if (rc < 1)
		return rc;
	html_put(h, MARKUP("<section class=\"panel\" id=\"forward\">"));
	heading(h, N_("Pass on to the office that decides it"));
	if (why)
		html_note(h, "info", ICON_LOCK, why);
	else {
		para(h, "", N_("The office that asked allows this. A second person agrees; it goes as a request of this office on its behalf, and the office that asked sees to whom it went and that it arrived there."));
		button_form(h, w, url_of(w->mem, "/rfi/%/forward", PARTS(id_text(w->mem, x->r.id))), NULL, (struct str){ 0 }, N_("Ask for approval and pass it on"));
	}
	html_put(h, MARKUP("</section>"));
	return 0;
}

int forward_show(struct html *h, struct work *w, const struct rfi *x, struct err *err)
{
	struct record ours;
	struct id origin;
	if (x->ours) {
		int rc = forward_origin(w, x->r.id, &origin, err);
		if (rc == 1)
			rfi_link(h, w, N_("It passes on the request:"), origin);
		return rc < 0 ? -1 : 0;
	}
	if (record_text(x->g, 0, "on_behalf").n)
		html_note(h, "info", ICON_PEOPLE, N_("Passed on for another office, which asked first. Its answer goes back the same way, where you allow that."));
	int rc = forward_of(w, x->r.id, &ours, err);
	return rc < 0 ? -1 : rc ? passed_show(h, w, x, &ours, err) : offer_show(h, w, x, err);
}

/* ---- doing ---- */

static struct str here(struct work *w, const struct rfi *x)
{
	return url_of(w->mem, "/rfi/%", PARTS(id_text(w->mem, x->r.id)));
}

int rfi_forward_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct record r;
	struct competence to;
	struct id proposal;
	struct rfi_fault f = { "forward", NULL, NULL, q };
	struct draft said = { .fields = json_keep(w->mem, json_object()) }, d = { .fields = json_keep(w->mem, json_object()) };
	int done = rfi_load(w, q, &x, err) < 0 || rfi_open_reply(w, &x, &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	int rc = forward_why(w, &x.r, &to, &f.sentence, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		f.sentence = N_("The register names no other office for this: refuse with another ground, or answer.");
	if (f.sentence)
		return rfi_refused(w, STR("onward"), "forward", err) < 0 ? -1 : rfi_show(w, &x, &f, a, err);
	json_object_set_new(d.fields, "forwarded_to", json_new_str(to.node));
	json_object_set_new(d.fields, "right_address", json_new_str(competence_address(w, &to)));
	return record_amend(w, r.id, r.version, &d, err) < 0 || record_move(w, r.id, r.version + 1, STR("forward"), &said, &proposal, err) < 0 ? -1 : form_end(w, q, a, here(w, &x), err);
}

int rfi_pass_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct record r, ours, came;
	struct id proposal;
	const char *move;
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	int done = rfi_load(w, q, &x, err) < 0 || rfi_open_reply(w, &x, &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	int rc = forward_of(w, x.r.id, &ours, err);
	if (rc == 1)
		rc = forward_answer(w, &ours, &came, err);
	if (rc < 1)
		return rc < 0 ? -1 : err_say(err, ERR_CONFLICT, N_("No answer has come that was not passed on yet."), NULL);
	if (!may_move(w, &r, "answer"))
		return err_say(err, ERR_FORBIDDEN, N_("Answers are given by liaison officers."), NULL);
	if (forward_pass(w, &r, &came, &move, err) < 0 || record_head(w, r.id, &r, err) < 0 || record_move(w, r.id, r.version, str_of(move), &said, &proposal, err) < 0)
		return -1;
	return form_end(w, q, a, here(w, &x), err);
}
