#include "web/channel_parts.h"
#include "web/search.h"

/* The official channel: what waits at this desk, what this office asked, and a new request. */
#define SHOWN 100
#define BY_REGISTER "-"
#define COPIES_MAX 32
static const char *const NEW_FIELDS[] = { "question", "place", "asked", "for_purpose", "basis", "ground", "urgency", "handling", "conditions", "onward", "marking", "assurance", "assurance_date",
	"own_no", "reply_days" };

static const struct type *rfi_type(const struct work *w)
{
	return type_find(w->node->types, STR("rfi"));
}

void rfi_number(struct html *h, struct work *w, struct id id)
{
	struct str number;
	struct err ignored = { 0 };
	if (record_number(w, id, &number, &ignored) > 0)
		html_id(h, number);
	else
		html_t(h, N_("No number yet"));
}

/* How far the desk that was asked is: the state of its newest reply. Of ours: its state, or that it did not get there. */
static struct str desk_state(struct work *w, const struct record *r, struct str recipient)
{
	struct id *ids;
	size_t n;
	struct record reply;
	struct err ignored = { 0 };
	bool ours = str_eq(r->owner, w->node->name);
	struct went_to to;
	if (!ours && !str_eq(recipient, w->node->name))
		return tr(w->lang, N_("Copy, no answer asked"));
	if (ours && str_is(r->state, "sent") && went_to(w, r->id, recipient, &to, &ignored) > 0 && went_nowhere(&to))
		return tr(w->lang, went_label(&to));
	if (channel_replies(w, r->id, &ids, &n, &ignored) < 0 || n == 0 || record_head(w, ids[n - 1], &reply, &ignored) < 0)
		return state_label(w, r->state);
	if (ours)
		return state_label(w, str_is(r->state, "sent") && (str_is(reply.state, "forwarded") || str_is(reply.state, "received_there")) ? reply.state : r->state);
	return state_label(w, str_is(r->state, "closed") ? r->state : reply.state);
}

static void row_show(struct html *h, struct work *w, struct columns c, const struct grant *g, size_t i)
{
	const struct record *r = grant_record(g, i);
	int64_t due;
	bool ours = str_eq(r->owner, w->node->name);
	row_open(h);
	cell_open(h, c, 0);
	html_href(h, "/rfi/%", PARTS(id_text(w->mem, r->id)));
	rfi_number(h, w, r->id);
	html_put(h, MARKUP("</a>"));
	cell_close(h, 0);
	cell_open(h, c, 1);
	html_id(h, ours ? record_text(g, i, "recipient") : r->owner);
	cell_close(h, 1);
	cell_open(h, c, 2);
	field_show(h, w, g, i, type_field(r->type, STR("question")));
	cell_close(h, 2);
	cell_open(h, c, 3);
	if (time_parse(record_text(g, i, "due"), &due) == 0)
		html_time(h, due);
	else
		field_show(h, w, g, i, type_field(r->type, STR("urgency")));
	cell_close(h, 3);
	cell_tag(h, c, 4, "", desk_state(w, r, record_text(g, i, "recipient")));
	row_close(h);
}

static void side_show(struct html *h, struct work *w, const struct grant *g, bool ours)
{
	static const char *const SENT[] = { N_("Number"), N_("To the office"), N_("What is asked"), N_("Answer wanted by"), N_("Status") };
	static const char *const CAME[] = { N_("Number"), N_("From the office"), N_("What is asked"), N_("Answer wanted by"), N_("Status") };
	struct columns c = { ours ? SENT : CAME, COUNT(SENT) };
	size_t n = 0;
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	heading(h, ours ? N_("Asked by this office") : N_("Asked of this office"));
	for (size_t i = 0; i < grant_count(g); i++) {
		if (str_eq(grant_record(g, i)->owner, w->node->name) != ours)
			continue;
		if (!n++)
			table_open(h, c);
		row_show(h, w, c, g, i);
	}
	if (n)
		table_close(h);
	else
		html_note(h, "info", ICON_CLOCK, ours ? N_("This office has asked nothing yet.") : N_("Nothing waits at this desk."));
	html_put(h, MARKUP("</section>"));
}

int channel_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record_query query = { .limit = SHOWN };
	struct id *ids;
	size_t n;
	if (purpose_first(w, q, a))
		return 0;
	if (record_list(w, rfi_type(w), &query, &ids, &n, NULL, err) < 0)
		return -1;
	const struct grant *g = n ? record_open(w, rfi_type(w), ids, n, err) : record_open_inside(w, rfi_type(w), ids, 0, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Official channel"), .section = "channel", .personal = true });
	if (record_may_create(w, rfi_type(w))) {
		html_put(&h, MARKUP("<p class=\"actions\">"));
		link_button(&h, "btn go", STR("/channel/new"), N_("New request"));
		html_put(&h, MARKUP("</p>"));
	}
	if (n)
		search_box(&h, w, type_find(w->node->types, STR("rfi_subject")), (struct id){ 0 });
	side_show(&h, w, g, false);
	side_show(&h, w, g, true);
	page_close(&h, a);
	return 0;
}

/* ---- a new one ---- */

static int recipients_show(struct html *h, struct work *w, const struct request *typed, struct err *err)
{
	struct partner *p;
	size_t n, left_out;
	if (channel_recipients(w, &p, &n, &left_out, err) < 0)
		return -1;
	select_open(h, "recipient", N_("To the office"), true);
	field_option(h, STR(BY_REGISTER), tr(w->lang, N_("The office that decides it, by the register")), typed && str_is(request_field(typed, "recipient"), BY_REGISTER));
	for (size_t i = 0; i < n; i++)
		field_option(h, p[i].name, p[i].name, typed && str_eq(request_field(typed, "recipient"), p[i].name));
	select_close(h);
	if (left_out) {
		html_put(h, MARKUP("<p class=\"small muted\">"));
		html_t(h, N_("Partners that no agreement names for requests, and that are not offered:"));
		html_put(h, MARKUP(" "));
		html_num(h, (int64_t)left_out);
		html_put(h, MARKUP("</p>"));
	}
	return 0;
}

static bool ticked(const struct request *typed, struct str node)
{
	struct str to[COPIES_MAX];
	size_t n = typed ? request_fields(typed, "copy_to", to, COPIES_MAX) : 0;
	for (size_t i = 0; i < n; i++)
		if (str_eq(to[i], node))
			return true;
	return false;
}

/* Offices without a node get a letter. */
static int copies_input(struct html *h, struct work *w, const struct request *typed, struct err *err)
{
	struct partner *p;
	size_t n, left_out;
	if (channel_recipients(w, &p, &n, &left_out, err) < 0)
		return -1;
	html_put(h, MARKUP("<fieldset id=\"f-copy_to\"><legend>"));
	html_t(h, N_("Copy to"));
	html_put(h, MARKUP("</legend>"));
	para(h, "small muted", N_("For information: they see the request and its persons, and are asked for no answer. Each has an agreement that names requests; an office without a node gets a letter."));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<p><label class=\"choice\"><input type=\"checkbox\" name=\"copy_to\" value=\""));
		html_attr(h, p[i].name);
		html_put(h, ticked(typed, p[i].name) ? MARKUP("\" checked> <span>") : MARKUP("\"> <span>"));
		html_id(h, p[i].name);
		html_put(h, MARKUP("</span></label></p>"));
	}
	html_put(h, MARKUP("</fieldset>"));
	return 0;
}

static void copies_typed(struct work *w, const struct request *q, json_t *fields)
{
	struct str to[COPIES_MAX];
	size_t n = request_fields(q, "copy_to", to, COPIES_MAX);
	json_t *list = json_keep(w->mem, json_array());
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_new_str(to[i]));
	if (n)
		json_object_set(fields, "copy_to", list);
}

static int new_show(struct work *w, const struct rfi_fault *f, struct response *a, struct err *err)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("New request"), .section = "channel", .personal = true, .error = f != NULL });
	if (f)
		fault_show(&h, f->sentence, f->d && f->d->nfaults ? str_z(w->mem, str_join(w->mem, STR("f-"), f->d->faults[0].field->name)) : "f-ground");
	para(&h, "", N_("First what is asked and why; then the persons, 20 at most; then a second person approves and it is sent. Kinship is no ground, and a child is never a suspect: such a request cannot be written."));
	html_put(&h, MARKUP("<section class=\"panel\">"));
	form_open(&h, w, "/channel", NULL, 0);
	if (recipients_show(&h, w, f ? f->typed : NULL, err) < 0)
		return -1;
	inputs_show(&h, w, rfi_type(w), NEW_FIELDS, COUNT(NEW_FIELDS), NULL, f);
	if (copies_input(&h, w, f ? f->typed : NULL, err) < 0)
		return -1;
	html_put(&h, MARKUP("<p>"));
	submit_button(&h, "btn go big", NULL, NULL, N_("Go on to the persons"));
	html_put(&h, MARKUP("</p></form></section>"));
	if (f)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int channel_new_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	if (!record_may_create(w, rfi_type(w)))
		return err_say(err, ERR_FORBIDDEN, N_("Requests are written by liaison officers."), NULL);
	return purpose_first(w, q, a) ? 0 : new_show(w, NULL, a, err);
}

/* The node of the office that decides; a sentence where there is none. */
static int led_by_register(struct work *w, json_t *fields, const char **sentence, struct err *err)
{
	struct competence c;
	if (!str_is(json_str(fields, "recipient"), BY_REGISTER))
		return 0;
	int rc = competence_for(w, json_str(fields, "question"), json_str(fields, "place"), &c, err);
	if (rc == 1 && c.node.n && !str_eq(c.node, w->node->name))
		return json_object_set_new(fields, "recipient", json_new_str(c.node));
	*sentence = rc == 0 ? N_("The register names nobody for this question: choose the office yourself.") : str_eq(c.node, w->node->name) ? N_("By the register this office itself decides it.")
	    : N_("The body that decides it has no node: a letter goes there. The register of competences has the desk.");
	return rc < 0 ? -1 : 0;
}

int channel_new_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id;
	json_t *fields = fields_typed(w, rfi_type(w), NEW_FIELDS, COUNT(NEW_FIELDS), q);
	if (request_field(q, "recipient").n)
		json_object_set_new(fields, "recipient", json_new_str(request_field(q, "recipient")));
	copies_typed(w, q, fields);
	struct draft d = { .type = rfi_type(w), .fields = fields, .unit = w->actor.unit };
	struct rfi_fault f = { "new", NULL, NULL, q };
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	f.sentence = channel_unlawful(json_str(fields, "question"), json_str(fields, "ground"), (struct str){ 0 }, (struct str){ 0 });
	if (f.sentence)
		return rfi_refused(w, STR("unlawful_request"), "create", err) < 0 ? -1 : new_show(w, &f, a, err);
	if (led_by_register(w, fields, &f.sentence, err) < 0)
		return -1;
	if (f.sentence)
		return new_show(w, &f, a, err);
	if (record_create(w, &d, &id, err) == 0)
		return form_end(w, q, a, url_of(w->mem, "/rfi/%", PARTS(id_text(w->mem, id))), err);
	if (d.nfaults == 0)
		return -1;
	*err = (struct err){ 0 };
	f.d = &d;
	f.sentence = d.faults[0].sentence;
	return new_show(w, &f, a, err);
}
