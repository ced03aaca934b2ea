#include "web/channel_parts.h"

/* The desk that was asked, and what came back: claimed, given back, handed over to the next shift; answered in full or in part, or refused with a ground. */
static const char *const ANSWER[] = { "outcome", "answer", "ask_further", "source_grade", "info_grade", "handling", "new_evidence", "pass_on" };      /* the last one only of what was passed on */
static const char *const REFUSAL[] = { "refusal" };
static const char *const SHOWN[] = { "answered_by", "outcome", "answer", "ask_further", "source_grade", "info_grade", "handling", "no_evidence", "new_evidence", "refusal", "right_address", "pass_on", "expires" };

static bool went_on(const struct record *r)
{
	return str_is(r->state, "forwarded") || str_is(r->state, "received_there");
}

static size_t answer_fields(const struct rfi *x)
{
	return COUNT(ANSWER) - !record_text(x->g, 0, "on_behalf").n;
}

static bool open_here(const struct work *w, const struct record *r)
{
	return str_eq(r->owner, w->node->name) && (str_is(r->state, "received") || str_is(r->state, "in_work"));
}

/* Who took it: the last who moved it here. */
static void claimed_by(struct html *h, struct work *w, const struct record *r)
{
	struct record_version *v;
	size_t n;
	struct err ignored = { 0 };
	if (!str_is(r->state, "in_work") || record_history(w, r->id, &v, &n, &ignored) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct role *role = policy_role(w->node->policy, v[i].role);
		if (!str_is(v[i].move, "claim"))
			continue;
		html_put(h, MARKUP("<p class=\"small\">"));
		html_t(h, id_eq(v[i].account, w->actor.account) ? N_("You took this:") : N_("Taken by another officer of this desk:"));
		html_put(h, MARKUP(" "));
		html_ts(h, role ? role->title : v[i].role);
		html_put(h, MARKUP(" "));
		html_time(h, v[i].at_ms);
		html_put(h, MARKUP("</p>"));
		return;
	}
}

static void queue_buttons(struct html *h, struct work *w, const struct rfi *x, const struct record *r)
{
	static const struct { const char *move, *label; } M[] = { { "claim", N_("I take this") }, { "give_back", N_("Give back to the desk") },
		{ "hand_over", N_("Hand over to the next shift") } };
	html_put(h, MARKUP("<div class=\"actions\">"));
	for (size_t i = 0; i < COUNT(M); i++)
		if (may_move(w, r, M[i].move))
			button_form(h, w, url_of(w->mem, "/rfi/%/desk", PARTS(id_text(w->mem, x->r.id))), "move", str_of(M[i].move), M[i].label);
	html_put(h, MARKUP("</div>"));
}

static void work_forms(struct html *h, struct work *w, const struct rfi *x, size_t i, const struct rfi_fault *f)
{
	const struct record *r = grant_record(x->replies, i);
	const struct rfi_fault *a = f && strcmp(f->form, "answer") == 0 ? f : NULL, *no = f && strcmp(f->form, "refuse") == 0 ? f : NULL;
	if (!may_move(w, r, "answer"))
		return;
	const struct grant *one = record_open_inside(w, r->type, &r->id, 1, NULL);
	html_put(h, MARKUP("<section class=\"panel\" id=\"answer\">"));
	heading(h, N_("Answer"));
	para(h, "small muted", N_("That nothing is known is sent by one person. Everything else is about a person, and a second person approves it. It ends at the receiver on its day and is destroyed there."));
	form_open(h, w, "/rfi/%/answer", PARTS(id_text(w->mem, x->r.id)));
	inputs_show(h, w, r->type, ANSWER, answer_fields(x), one, a);
	input_show(h, &(struct input){ .name = "days", .label = N_("Days it is kept at the receiver"), .mode = "number", .required = true,
	    .value = a ? request_field(a->typed, "days") : str_fmt(w->mem, "%lld", (long long)int_of(x->g, 0, "reply_days")) });
	html_put(h, MARKUP("<p class=\"actions\">"));
	submit_button(h, "btn go", "part", "no", N_("Answer in full"));
	submit_button(h, "btn", "part", "yes", N_("Answer in part"));
	html_put(h, MARKUP("</p></form></section><section class=\"panel\" id=\"refuse\">"));
	heading(h, N_("Refuse"));
	form_open(h, w, "/rfi/%/refuse", PARTS(id_text(w->mem, x->r.id)));
	inputs_show(h, w, r->type, REFUSAL, COUNT(REFUSAL), one, no);
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn", NULL, NULL, N_("Refuse with this ground"));
	html_put(h, MARKUP("</p></form></section>"));
}

/* For the office that answered: how far it went, and how many people there have read it. */
static int stand_show(struct html *h, struct work *w, const struct rfi *x, const struct record *r, struct err *err)
{
	struct went_to to;
	struct disclosure_stand s;
	int rc = went_to(w, r->id, x->r.owner, &to, err);
	if (rc <= 0 || disclosure_stand(w, to.disclosure, &s, err) < 0)
		return rc <= 0 ? rc : -1;
	went_show(h, w, &to, s.read);
	return 0;
}

/* Nothing of an open reply, unless it waits for the second person: that is what she agrees to. What went on, or the answer. */
static void said_show(struct html *h, struct work *w, const struct rfi *x, size_t i)
{
	static const char *const PASSED[] = { "forwarded_to", "right_address" }, *const WAITING[] = { "forwarded_to", "answered_by", "outcome", "answer", "ask_further", "source_grade", "info_grade",
		"handling", "no_evidence", "new_evidence", "pass_on", "expires" };
	const struct record *r = grant_record(x->replies, i);
	struct proposal *waiting;
	size_t n = 0;
	struct err ignored = { 0 };
	bool open = open_here(w, r), waits = open && proposals_of(w, r->id, &waiting, &n, &ignored) == 0 && n > 0;
	if (waits)
		facts_show(h, w, x->replies, i, WAITING, COUNT(WAITING));
	else if (went_on(r))
		facts_show(h, w, x->replies, i, PASSED, COUNT(PASSED));
	else if (!open)
		facts_show(h, w, x->replies, i, SHOWN, COUNT(SHOWN));
}

static int reply_show(struct html *h, struct work *w, const struct rfi *x, size_t i, struct err *err)
{
	const struct record *r = grant_record(x->replies, i);
	bool open = open_here(w, r);
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, open ? N_("At this desk") : went_on(r) ? N_("Passed on") : N_("Answer"));
	state_tag(h, w, r);
	waiting_show(h, w, r);
	claimed_by(h, w, r);
	if (open)
		queue_buttons(h, w, x, r);
	said_show(h, w, x, i);
	if (!open && !x->ours && stand_show(h, w, x, r, err) < 0)
		return -1;
	if (!x->ours && may_move(w, r, "withdraw"))
		link_button(h, "btn", url_of(w->mem, "/r/rfi_reply/%/move/withdraw", PARTS(id_text(w->mem, r->id))), N_("Withdraw the answer"));
	html_put(h, MARKUP("</section>"));
	return !open && x->ours ? channel_seen(w, r, err) : 0;
}

int replies_show(struct html *h, struct work *w, const struct rfi *x, struct err *err)
{
	for (size_t i = 0; i < grant_count(x->replies); i++)
		if (reply_show(h, w, x, i, err) < 0)
			return -1;
	return 0;
}

void reply_forms(struct html *h, struct work *w, const struct rfi *x, const struct rfi_fault *f)
{
	for (size_t i = 0; i < grant_count(x->replies); i++)
		if (open_here(w, grant_record(x->replies, i)))
			work_forms(h, w, x, i, f);
}

/* ---- doing ---- */

int rfi_open_reply(struct work *w, const struct rfi *x, struct record *r, struct err *err)
{
	for (size_t i = 0; i < grant_count(x->replies); i++)
		if (open_here(w, grant_record(x->replies, i)))
			return record_head(w, grant_record(x->replies, i)->id, r, err);
	return err_say(err, ERR_CONFLICT, N_("This was answered already, or is not asked of this office."), NULL);
}

static struct str here(struct work *w, const struct rfi *x)
{
	return url_of(w->mem, "/rfi/%", PARTS(id_text(w->mem, x->r.id)));
}

int rfi_desk_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct record r;
	struct id proposal;
	struct str move = request_field(q, "move");
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	int done = rfi_load(w, q, &x, err) < 0 || rfi_open_reply(w, &x, &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (!role_among(move, "claim give_back hand_over"))
		return err_set(err, ERR_NOT_FOUND, "no such move");
	return record_move(w, r.id, r.version, move, &said, &proposal, err) < 0 ? -1 : form_end(w, q, a, here(w, &x), err);
}

/* Written into the reply, then asked to move: what a rule refuses comes back with the form, and what was written stays. */
static int write_and_move(struct work *w, const struct rfi *x, const struct record *r, struct draft *d, const char *move, struct rfi_fault *f, const struct request *q,
    struct response *a, struct err *err)
{
	struct id proposal;
	struct rfi now = *x;
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	f->sentence = json_object_size(d->fields) ? NULL : N_("Fill in the form first.");
	if (f->sentence)
		return rfi_show(w, x, f, a, err);
	f->d = d;
	if (record_amend(w, r->id, r->version, d, err) == 0 && record_move(w, r->id, r->version + 1, str_of(move), &said, &proposal, err) == 0)
		return form_end(w, q, a, here(w, x), err);
	return rfi_load(w, q, &now, NULL) < 0 ? -1 : rfi_said_or_up(w, &now, f, a, err);
}

int rfi_answer_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct record r;
	const struct type *t = type_find(w->node->types, STR("rfi_reply"));
	struct draft d = { .type = t };
	struct rfi_fault f = { "answer", NULL, NULL, q };
	int done = rfi_load(w, q, &x, err) < 0 || rfi_open_reply(w, &x, &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	d.fields = fields_typed(w, t, ANSWER, answer_fields(&x), q);
	int64_t days;
	if (number_typed(w, q, "days", &days) && days > 0 && days <= 180)
		json_object_set_new(d.fields, "expires", json_new_str(time_text(w->mem, w->now_ms + days * 24 * 3600 * 1000)));
	bool nothing = str_is(json_str(d.fields, "outcome"), "nothing_known"), part = str_is(request_field(q, "part"), "yes");
	return write_and_move(w, &x, &r, &d, part ? "answer_part" : nothing ? "answer" : "answer_person", &f, q, a, err);
}

int rfi_refuse_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct record r;
	const struct type *t = type_find(w->node->types, STR("rfi_reply"));
	struct draft d = { .type = t, .fields = fields_typed(w, t, REFUSAL, COUNT(REFUSAL), q) };
	struct rfi_fault f = { "refuse", NULL, NULL, q };
	int done = rfi_load(w, q, &x, err) < 0 || rfi_open_reply(w, &x, &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (str_is(json_str(d.fields, "refusal"), "not_competent")) {
		struct competence c;
		int rc = competence_elsewhere(w, &x, w->node->name, &c, err);
		if (rc < 0)
			return -1;
		f.sentence = N_("The register names no other office for this: refuse with another ground, or answer.");
		if (rc == 0)
			return rfi_show(w, &x, &f, a, err);
		json_object_set_new(d.fields, "right_address", json_new_str(competence_address(w, &c)));
	}
	return write_and_move(w, &x, &r, &d, "refuse", &f, q, a, err);
}
