#include "web/channel_parts.h"

/* One request, as the office that asks and the office that is asked see it. */
static const char *const FACTS[] = { "recipient", "question", "place", "asked", "for_purpose", "basis", "ground", "urgency", "due", "handling", "conditions", "onward", "on_behalf", "marking", "assurance",
	"assurance_date", "own_no", "copy_to", "reply_days" };
static const char *const PERSON[] = { "asked_as", "name", "mother_name", "birth", "document_no", "reference" };

static const struct type *type_of(const struct work *w, const char *name)
{
	return type_find(w->node->types, str_of(name));
}

/* ---- parts of all three files ---- */

void facts_show(struct html *h, struct work *w, const struct grant *g, size_t i, const char *const *fields, size_t n)
{
	html_put(h, MARKUP("<dl class=\"kv wide\">"));
	for (size_t k = 0; k < n; k++) {
		const struct tfield *f = type_field(grant_record(g, i)->type, str_of(fields[k]));
		const json_t *v = record_value(g, i, fields[k]);
		if (!v || json_is_null(v) || json_is_false(v))
			continue;
		html_put(h, MARKUP("<dt>"));
		html_ts(h, f->label);
		html_put(h, MARKUP("</dt><dd>"));
		field_show(h, w, g, i, f);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl>"));
}

static const char *fault_at(const struct draft *d, const struct tfield *f)
{
	for (size_t i = 0; d && i < d->nfaults; i++)
		if (d->faults[i].field == f)
			return d->faults[i].sentence;
	return NULL;
}

void inputs_show(struct html *h, struct work *w, const struct type *t, const char *const *fields, size_t n, const struct grant *g, const struct rfi_fault *f)
{
	for (size_t i = 0; i < n; i++) {
		const struct tfield *field = type_field(t, str_of(fields[i]));
		json_t *led = !g && json_str(field->raw, "default").n ? json_object_get(field->raw, "default") : NULL;
		field_input(h, w, field, g ? record_value(g, 0, fields[i]) : led, f ? f->typed : NULL, f ? fault_at(f->d, field) : NULL);
	}
}

json_t *fields_typed(struct work *w, const struct type *t, const char *const *fields, size_t n, const struct request *q)
{
	json_t *o = json_keep(w->mem, json_object());
	for (size_t i = 0; i < n; i++) {
		json_t *v = field_typed(w, type_field(t, str_of(fields[i])), q);
		if (v)
			json_object_set_new(o, fields[i], v);
	}
	return o;
}

/* ---- loading ---- */

static int rfi_asked(struct work *w, const struct request *q, struct record *r, struct err *err)
{
	struct id id, *ids;
	size_t n;
	struct str given = request_param(q, "id");
	if (id_parse(given, &id) < 0) {
		if (record_by_number(w, type_of(w, "rfi"), given, &ids, &n, err) < 0)
			return -1;
		if (n != 1)
			return err_set(err, ERR_NOT_FOUND, "no such request, or two of that number");
		id = ids[0];
	}
	return record_head(w, id, r, err) < 0 || !str_is(r->type->name, "rfi") ? err_set(err, ERR_NOT_FOUND, "no such request") : 0;
}

int rfi_load(struct work *w, const struct request *q, struct rfi *x, struct err *err)
{
	struct id *ids;
	size_t n, mine = 0;
	if (rfi_asked(w, q, &x->r, err) < 0 || !(x->g = record_open(w, x->r.type, &x->r.id, 1, err)) || rows_open(w, "rfi_subject", x->r.id, &x->persons, err) < 0 ||
	    channel_replies(w, x->r.id, &ids, &n, err) < 0)
		return -1;
	x->ours = str_eq(x->r.owner, w->node->name);
	for (size_t i = 0; i < n; i++) {                        /* read by this role at this desk, or not at all */
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (!str_is(r.state, "erased"))
			ids[mine++] = ids[i];
	}
	x->replies = mine ? record_open(w, type_of(w, "rfi_reply"), ids, mine, err) : record_open_inside(w, type_of(w, "rfi_reply"), ids, 0, err);
	return x->replies ? 0 : -1;
}

/* ---- showing ---- */

static void persons_show(struct html *h, struct work *w, const struct rfi *x)
{
	static const char *const C[] = { N_("Full name"), N_("Asked about as"), N_("Date of birth"), N_("Mother's name"), N_("Number of a document") };
	struct columns c = { C, COUNT(C) };
	const struct type *t = type_of(w, "rfi_subject");
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	heading(h, N_("Persons asked about"));
	if (!grant_count(x->persons))
		html_note(h, "info", ICON_PEOPLE, N_("Nobody yet. Add each person below."));
	else
		table_open(h, c);
	for (size_t i = 0; i < grant_count(x->persons); i++) {
		struct str child = record_text(x->persons, i, "child"), name = record_text(x->persons, i, "name");
		row_open(h);
		cell_open(h, c, 0);
		html_name(h, name.n ? name : record_text(x->persons, i, "reference"));
		if (!str_is(child, "no")) {
			html_put(h, MARKUP(" "));
			tag(h, "info", tr(w->lang, str_is(child, "yes") ? N_("Child") : N_("Counts as a child")));
		}
		cell_close(h, 0);
		static const char *const REST[] = { "asked_as", "birth", "mother_name", "document_no" };
		for (size_t k = 0; k < COUNT(REST); k++) {
			cell_open(h, c, k + 1);
			field_show(h, w, x->persons, i, type_field(t, str_of(REST[k])));
			cell_close(h, k + 1);
		}
		row_close(h);
	}
	if (grant_count(x->persons))
		table_close(h);
	html_put(h, MARKUP("</section>"));
}

static void person_form(struct html *h, struct work *w, const struct rfi *x, const struct rfi_fault *f)
{
	const struct rfi_fault *own = f && strcmp(f->form, "person") == 0 ? f : NULL;
	if (!x->ours || !str_is(x->r.state, "draft") || !record_may_create(w, type_of(w, "rfi_subject")) || grant_count(x->persons) >= CHANNEL_PERSONS_MAX)
		return;
	html_put(h, MARKUP("<section class=\"panel\" id=\"person\">"));
	heading(h, N_("Add a person"));
	form_open(h, w, "/rfi/%/persons", PARTS(id_text(w->mem, x->r.id)));
	inputs_show(h, w, type_of(w, "rfi_subject"), PERSON, COUNT(PERSON), NULL, own);
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Add"));
	html_put(h, MARKUP("</p></form></section>"));
}

/* Whom to call for the second signature at night. */
static void duty_show(struct html *h, struct work *w)
{
	struct duty d[CHANNEL_DUTY_MAX];
	size_t n;
	struct err ignored = { 0 };
	if (duty_now(w, STR("LIAISON_SUP"), w->actor.unit, d, COUNT(d), &n, &ignored) < 0 || !n)
		return;
	html_put(h, MARKUP("<p class=\"small\">"));
	html_t(h, N_("On duty for the second signature:"));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP(" "));
		html_id(h, d[i].user);
		html_put(h, MARKUP(" "));
		html_id(h, d[i].phone);
	}
	html_put(h, MARKUP("</p>"));
}

static void moves_show(struct html *h, struct work *w, const struct rfi *x)
{
	static const struct { const char *move, *kind, *label; } M[] = { { "send", "btn go", N_("Ask for approval and send") }, { "send_now", "btn", N_("Danger to life: send now") },
		{ "withdraw", "btn", N_("Withdraw the draft") }, { "close", "btn", N_("Close the request") } };
	if (!x->ours)
		return;
	html_put(h, MARKUP("<div class=\"actions\">"));
	for (size_t i = 0; i < COUNT(M); i++)
		if (may_move(w, &x->r, M[i].move))
			button_form(h, w, url_of(w->mem, "/rfi/%/move", PARTS(id_text(w->mem, x->r.id))), "move", str_of(M[i].move), M[i].label);
	link_button(h, "btn", url_of(w->mem, "/r/rfi/%", PARTS(id_text(w->mem, x->r.id))), N_("The record, its history, who saw it"));
	html_put(h, MARKUP("</div>"));
	if (str_is(x->r.state, "draft"))
		duty_show(h, w);
}

/* How far each copy went. */
static int copies_show(struct html *h, struct work *w, const struct rfi *x, struct err *err)
{
	json_t *copies = record_value(x->g, 0, "copy_to");
	for (size_t i = 0; i < json_array_size(copies); i++) {
		struct went_to to;
		struct str node = str_of(json_string_value(json_array_get(copies, i)));
		int rc = went_to(w, x->r.id, node, &to, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		html_put(h, MARKUP("<p>"));
		html_t(h, N_("Copy to"));
		html_put(h, MARKUP(" "));
		html_id(h, node);
		html_put(h, MARKUP("</p>"));
		went_show(h, w, &to, 0);
	}
	return 0;
}

static int ticks_show(struct html *h, struct work *w, const struct rfi *x, struct err *err)
{
	struct went_to to;
	int rc = x->ours ? went_to(w, x->r.id, record_text(x->g, 0, "recipient"), &to, err) : 0;
	if (rc <= 0)
		return rc;
	went_show(h, w, &to, 0);
	if (copies_show(h, w, x, err) < 0)
		return -1;
	if (went_nowhere(&to) && record_may_create(w, x->r.type))
		button_form(h, w, url_of(w->mem, "/rfi/%/again", PARTS(id_text(w->mem, x->r.id))), "to", STR("same"), N_("Write it again"));
	return 0;
}

static int head_show(struct html *h, struct work *w, const struct rfi *x, struct err *err)
{
	int64_t since, due;
	const struct tmove *answer = type_move(x->r.type, STR("note_answer"));
	html_put(h, MARKUP("<p>"));
	tag(h, "info", state_label(w, x->r.state));
	html_put(h, MARKUP(" "));
	html_id(h, x->ours ? record_text(x->g, 0, "recipient") : x->r.owner);
	int wanted = due_of(w, &x->r, answer, &since, &due, err);
	if (wanted > 0 && due < w->now_ms) {
		html_put(h, MARKUP(" "));
		tag(h, "warn", tr(w->lang, N_("Overdue")));
	}
	html_put(h, MARKUP("</p>"));
	if (!record_text(x->g, 0, "assurance").n)
		html_note(h, "warn", ICON_WARN, N_("No assurance on rights: what is answered may not be used as evidence in a capital case. The envelope says so."));
	if (channel_is_copy(w, x->g))
		html_note(h, "info", ICON_PEOPLE, N_("A copy for information: no answer is asked of this office."));
	waiting_show(h, w, &x->r);
	return wanted < 0 ? -1 : ticks_show(h, w, x, err);
}

static int stone_show(struct html *h, struct work *w, const struct rfi *x, struct err *err)
{
	struct tombstone t;
	int rc = tombstone_of(w, x->r.id, &t, err);
	if (rc <= 0)
		return rc;
	html_note(h, "warn", ICON_WARN, N_("An answer about one of these persons to this question was recalled. What comes again must rest on something new."));
	html_put(h, MARKUP("<p class=\"small\">"));
	html_t(h, N_("Recalled by:"));
	html_put(h, MARKUP(" "));
	html_id(h, t.by);
	html_put(h, MARKUP(" "));
	html_time(h, t.at);
	html_put(h, MARKUP("</p>"));
	return 0;
}

/* Where the register names another office: for the writer before it is sent and after it was refused for that, and for the desk that was asked. */
static int right_address_show(struct html *h, struct work *w, const struct rfi *x, struct err *err)
{
	struct competence c;
	bool open = str_is(x->r.state, "draft") || str_is(x->r.state, "refused") || (!x->ours && !channel_is_copy(w, x->g));
	int rc = open ? competence_elsewhere(w, x, x->ours ? record_text(x->g, 0, "recipient") : w->node->name, &c, err) : 0;
	if (rc < 1)
		return rc;
	competence_show(h, &c);
	if (x->ours && str_is(x->r.state, "refused") && c.node.n && record_may_create(w, x->r.type))
		button_form(h, w, url_of(w->mem, "/rfi/%/again", PARTS(id_text(w->mem, x->r.id))), NULL, (struct str){ 0 }, N_("Ask that office instead"));
	return 0;
}

int rfi_show(struct work *w, const struct rfi *x, const struct rfi_fault *f, struct response *a, struct err *err)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = record_title(w, x->g, 0), .section = "channel", .personal = true, .error = f != NULL });
	if (f)
		fault_show(&h, f->sentence, f->form);
	if (head_show(&h, w, x, err) < 0 || stone_show(&h, w, x, err) < 0 || review_show(&h, w, x, f, err) < 0)
		return -1;
	if (right_address_show(&h, w, x, err) < 0 || forward_show(&h, w, x, err) < 0)
		return -1;
	moves_show(&h, w, x);
	if (replies_show(&h, w, x, err) < 0)
		return -1;
	persons_show(&h, w, x);
	person_form(&h, w, x, f);
	if (documents_show(&h, w, x, f, err) < 0)
		return -1;
	html_put(&h, MARKUP("<section class=\"panel\">"));
	heading(&h, N_("The request"));
	facts_show(&h, w, x->g, 0, FACTS, COUNT(FACTS));
	html_put(&h, MARKUP("</section>"));
	reply_forms(&h, w, x, f);
	if (f)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int rfi_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	if (purpose_first(w, q, a))
		return 0;
	return rfi_load(w, q, &x, err) < 0 ? -1 : rfi_show(w, &x, NULL, a, err);
}

/* ---- doing ---- */

static struct str here(struct work *w, const struct rfi *x)
{
	return url_of(w->mem, "/rfi/%", PARTS(id_text(w->mem, x->r.id)));
}

/* A refusal is an entry, also where the page comes again with the reason. */
int rfi_refused(struct work *w, struct str reason, const char *move, struct err *err)
{
	return work_enter(w, &(struct entry){ .act = ACT_REFUSE, .actor = w->actor.account, .role = w->actor.role, .type = STR("rfi"), .move = str_of(move), .refused = reason }, err);
}

/* What a rule of the channel refuses is said on the page, at the form that it was; anything else goes up. */
int rfi_said_or_up(struct work *w, const struct rfi *x, struct rfi_fault *f, struct response *a, struct err *err)
{
	if ((err->code != ERR_SAFEGUARD && err->code != ERR_VALUE) || !err->user)
		return -1;
	bool rule = err->code == ERR_SAFEGUARD;
	struct str reason = w->refusal.reason.n ? w->refusal.reason : STR("safeguard");
	f->sentence = f->d && f->d->nfaults ? f->d->faults[0].sentence : err->user;
	*err = (struct err){ 0 };
	w->refusal = (struct refusal){ 0 };
	return rule && rfi_refused(w, reason, f->form, err) < 0 ? -1 : rfi_show(w, x, f, a, err);
}

int rfi_person_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct id id;
	const struct type *t = type_of(w, "rfi_subject");
	json_t *fields = fields_typed(w, t, PERSON, COUNT(PERSON), q);
	struct rfi_fault f = { "person", NULL, NULL, q };
	int done = rfi_load(w, q, &x, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (!x.ours || !str_is(x.r.state, "draft") || grant_count(x.persons) >= CHANNEL_PERSONS_MAX)
		return err_say(err, ERR_CONFLICT, N_("Persons are added to a draft, 20 at most."), NULL);
	struct draft d = { .type = t, .fields = fields, .parent = x.r.id, .unit = w->actor.unit };
	struct date birth = { 0 };
	struct str born = json_str(fields, "birth");
	if (born.n && date_parse(born, &birth) < 0)
		birth = (struct date){ 0 };
	static const char *const CHILD[] = { [CHILD_NO] = "no", [CHILD_YES] = "yes", [CHILD_PRESUMED] = "presumed" };
	f.sentence = channel_unlawful(record_text(x.g, 0, "question"), record_text(x.g, 0, "ground"), json_str(fields, "asked_as"), str_of(CHILD[date_child(birth, day_of_ms(w->now_ms))]));
	if (f.sentence)
		return rfi_refused(w, STR("unlawful_request"), "create", err) < 0 ? -1 : rfi_show(w, &x, &f, a, err);
	if (record_create(w, &d, &id, err) == 0)
		return form_end(w, q, a, here(w, &x), err);
	f.d = &d;
	return rfi_said_or_up(w, &x, &f, a, err);
}

int rfi_move_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct id proposal;
	struct draft said = { .fields = NULL };
	struct rfi_fault f = { "person", NULL, NULL, NULL };
	int done = rfi_load(w, q, &x, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	said.fields = json_keep(w->mem, json_object());
	if (record_move(w, x.r.id, x.r.version, request_field(q, "move"), &said, &proposal, err) == 0)
		return form_end(w, q, a, here(w, &x), err);
	return rfi_said_or_up(w, &x, &f, a, err);
}
