#include "match/like.h"
#include "report/report.h"
#include "web/room_parts.h"

/* What is written in a room: notes in their order, corrected by later ones, and incidents with the receipt of the body that took them over. */
static const char *const NOTE_FIELDS[] = { "note_kind", "text", "place", "mark", "source_grade", "info_grade", "request" };
static const char *const INCIDENT_FIELDS[] = { "incident_kind", "place", "hurt", "killed", "source_grade", "info_grade" };

static const struct type *type_of(const struct work *w, const char *name)
{
	return type_find(w->node->types, str_of(name));
}

bool room_corrected(const struct grant *notes, size_t i)
{
	for (size_t k = 0; k < grant_count(notes); k++)
		if (id_eq(ref_of(notes, k, "corrects"), grant_record(notes, i)->id))
			return true;
	return false;
}

static void shown_field(struct html *h, struct work *w, const struct grant *g, size_t i, const char *field)
{
	if (!record_text(g, i, field).n)
		return;
	html_t(h, N_(", "));
	field_show(h, w, g, i, type_field(grant_record(g, i)->type, str_of(field)));
}

static void grade(struct html *h, const struct grant *g, size_t i)
{
	struct str source = record_text(g, i, "source_grade"), info = record_text(g, i, "info_grade");
	if (!source.n)
		return;
	html_put(h, MARKUP(" <span class=\"tag\">"));
	html_id(h, str_fmt(h->mem, S_FMT " " S_FMT, S_ARG(source), S_ARG(info)));
	html_put(h, MARKUP("</span>"));
}

static void warn_tag(struct html *h, const char *msgid)
{
	html_put(h, MARKUP(" "));
	tag(h, "warn", tr(h->lang, msgid));
}

/* Written here after the question about names: the supervisor's way to the review. */
static void review_link(struct html *h, struct work *w, const struct record *note)
{
	struct err ignored = { 0 };
	struct id *ids;
	size_t n;
	if (!role_is(w, "LIAISON_SUP") || record_referring(w, "act_review", "note", note->id, &ids, &n, &ignored) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, &ignored) < 0 || !str_is(r.state, "waiting"))
			continue;
		html_href(h, "/r/act_review/%", PARTS(id_text(w->mem, r.id)));
		html_t(h, N_("Review this note"));
		html_put(h, MARKUP("</a> "));
	}
}

static void note_show(struct html *h, struct work *w, const struct room *m, size_t i)
{
	const struct record *r = grant_record(m->notes, i);
	const struct role *role = policy_role(w->node->policy, record_text(m->notes, i, "role"));
	bool old = room_corrected(m->notes, i);
	html_put(h, MARKUP("<li>"));
	time_field(h, w, m->notes, i, "at");
	html_put(h, MARKUP("<b>"));
	field_show(h, w, m->notes, i, type_field(r->type, STR("note_kind")));
	html_put(h, MARKUP("</b>"));
	grade(h, m->notes, i);
	if (old)
		warn_tag(h, N_("Corrected by a later note"));
	if (json_is_true(record_value(m->notes, i, "second_tap")))
		warn_tag(h, N_("Sent after the question about names"));
	html_put(h, MARKUP("<span class=\"sub\">"));
	html_ts(h, role ? role->title : record_text(m->notes, i, "role"));
	html_put(h, MARKUP(" "));
	html_id(h, r->owner);
	if (!id_none(ref_of(m->notes, i, "corrects"))) {
		html_t(h, N_(", "));
		html_t(h, N_("corrects an earlier note"));
	}
	html_put(h, MARKUP("</span><p dir=\"auto\">"));
	html_text(h, record_text(m->notes, i, "text"));
	if (record_text(m->notes, i, "text").n && record_text(m->notes, i, "place").n)
		html_t(h, N_(", "));
	html_name(h, place_name(w->mem, w->lang, record_text(m->notes, i, "place")));
	shown_field(h, w, m->notes, i, "mark");
	shown_field(h, w, m->notes, i, "request");
	html_put(h, MARKUP("</p>"));
	review_link(h, w, r);
	if (room_may_write(w, m) && !old) {
		html_href(h, "/rooms/%?correct=%#note", PARTS(id_text(w->mem, m->r.id), id_text(w->mem, r->id)));
		html_t(h, N_("Correct by a new note"));
		html_put(h, MARKUP("</a>"));
	}
	html_put(h, MARKUP("</li>"));
}

void room_timeline_show(struct html *h, struct work *w, const struct room *m)
{
	if (!grant_count(m->notes))
		para(h, "muted", N_("No note yet."));
	html_put(h, MARKUP("<ol class=\"tl\">"));
	for (size_t i = 0; i < grant_count(m->notes); i++)
		note_show(h, w, m, i);
	html_put(h, MARKUP("</ol>"));
}

int room_timeline(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct room m;
	struct html h = html_new(w);
	if (!w->purpose.n)
		return err_set(err, ERR_FORBIDDEN, "no purpose");
	if (room_load(w, q, &m, err) < 0)
		return -1;
	room_timeline_show(&h, w, &m);
	a->body = buf_text(&h.out);
	page_headers(a);
	return 0;
}

/* ---- writing ---- */

static const char *fault_of(const struct draft *d, const struct tfield *f)
{
	for (size_t i = 0; d && i < d->nfaults; i++)
		if (d->faults[i].field == f)
			return d->faults[i].sentence;
	return NULL;
}

static void inputs(struct html *h, struct work *w, const char *type, const char *const *fields, size_t n, const struct request *typed, const struct draft *d)
{
	for (size_t i = 0; i < n; i++) {
		const struct tfield *f = type_field(type_of(w, type), str_of(fields[i]));
		field_input(h, w, f, NULL, typed, fault_of(d, f));
	}
}

static void missed_show(struct html *h, struct work *w, const struct room *m)
{
	struct str nodes[8];
	struct err ignored = { 0 };
	size_t n;
	if (room_missed(w, &m->r, nodes, COUNT(nodes), &n, &ignored) < 0 || n == 0)
		return;
	html_put(h, MARKUP("<p class=\"note warn\">"));
	html_icon(h, ICON_WARN);
	html_put(h, MARKUP("<span>"));
	html_t(h, N_("What you write does not reach these offices of the room, for no agreement names it:"));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP(" "));
		html_id(h, nodes[i]);
	}
	html_put(h, MARKUP("</span></p>"));
}

void room_note_form(struct html *h, struct work *w, const struct room *m, const struct request *typed, const struct draft *d, struct id corrects)
{
	bool names = d && d->nfaults && str_is(d->faults[0].field->name, "text") && typed;
	html_put(h, MARKUP("<section class=\"panel\" id=\"note\">"));
	heading(h, id_none(corrects) ? N_("Write a note") : N_("Correct by a new note"));
	para(h, "small muted", N_("No names: a person by the number of a request, a mark by place and kind. A situation and a mark are graded."));
	if (d && d->nfaults)
		fault_show(h, d->faults[0].sentence, str_fmt(w->mem, "f-" S_FMT, S_ARG(d->faults[0].field->name)).p);
	missed_show(h, w, m);
	form_open(h, w, "/rooms/%/notes", PARTS(id_text(w->mem, m->r.id)));
	if (!id_none(corrects))
		hidden_input(h, "corrects", id_text(w->mem, corrects));
	inputs(h, w, "operation_note", NOTE_FIELDS, COUNT(NOTE_FIELDS), typed, d);
	html_put(h, MARKUP("<p>"));
	if (names)
		submit_button(h, "btn go big", "confirmed", "yes", N_("It is no name: send it"));
	else
		submit_button(h, "btn go big", NULL, NULL, N_("Write into the room"));
	html_put(h, MARKUP("</p></form></section>"));
}

static json_t *typed_of(struct work *w, const char *type, const char *const *fields, size_t n, const struct request *q)
{
	json_t *o = json_keep(w->mem, json_object());
	for (size_t i = 0; i < n; i++) {
		json_t *v = field_typed(w, type_field(type_of(w, type), str_of(fields[i])), q);
		if (v)
			json_object_set_new(o, fields[i], v);
	}
	return o;
}

static int wrote(struct work *w, const struct request *q, struct id room, struct response *a, struct err *err)
{
	return form_end(w, q, a, url_of(w->mem, "/rooms/%", PARTS(id_text(w->mem, room))), err);
}

int room_note_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct room m;
	struct id id, corrects = { { 0 } };
	int done = room_load(w, q, &m, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	struct draft d = { .fields = typed_of(w, "operation_note", NOTE_FIELDS, COUNT(NOTE_FIELDS), q) };
	if (id_parse(request_field(q, "corrects"), &corrects) == 0)
		json_object_set_new(d.fields, "corrects", json_new_str(request_field(q, "corrects")));
	w->confirmed = str_is(request_field(q, "confirmed"), "yes");
	if (w->confirmed && name_like(w->mem, request_field(q, "text")).n)
		json_object_set_new(d.fields, "second_tap", json_true());
	if (room_note(w, m.r.id, &d, &id, err) == 0)
		return wrote(w, q, m.r.id, a, err);
	if (d.nfaults == 0)
		return -1;
	*err = (struct err){ 0 };
	return room_show(w, &m, q, &d, corrects, a, err);
}

int room_incident_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct room m;
	struct id id;
	int done = room_load(w, q, &m, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	struct draft d = { .fields = typed_of(w, "incident", INCIDENT_FIELDS, COUNT(INCIDENT_FIELDS), q) };
	return room_incident(w, m.r.id, &d, &id, err) < 0 ? -1 : wrote(w, q, m.r.id, a, err);
}

/* ---- incidents ---- */

static void incident_show(struct html *h, struct work *w, const struct room *m, size_t i)
{
	const struct record *r = grant_record(m->incidents, i);
	html_put(h, MARKUP("<li><b>"));
	field_show(h, w, m->incidents, i, type_field(r->type, STR("incident_kind")));
	html_put(h, MARKUP("</b>"));
	grade(h, m->incidents, i);
	html_put(h, MARKUP(" <span class=\"tag\">"));
	html_text(h, state_label(w, r->state));
	html_put(h, MARKUP("</span><span class=\"sub\">"));
	html_name(h, place_name(w->mem, w->lang, record_text(m->incidents, i, "place")));
	html_t(h, N_(", "));
	time_field(h, w, m->incidents, i, "at");
	html_put(h, MARKUP(" "));
	html_id(h, r->owner);
	html_put(h, MARKUP("</span>"));
	if (record_text(m->incidents, i, "body").n) {
		html_put(h, MARKUP("<p>"));
		field_show(h, w, m->incidents, i, type_field(r->type, STR("body")));
		html_t(h, N_(", "));
		html_t(h, N_("Receipt"));
		html_put(h, MARKUP(" "));
		html_name(h, record_text(m->incidents, i, "receipt"));
		html_put(h, MARKUP("</p>"));
	} else if (str_eq(r->owner, w->node->name) && room_may_write(w, m)) {
		html_put(h, MARKUP("<p>"));
		html_href(h, "/incidents/%/handover", PARTS(id_text(w->mem, r->id)));
		html_t(h, N_("Hand over to the competent body"));
		html_put(h, MARKUP("</a></p>"));
	}
	html_put(h, MARKUP("</li>"));
}

void room_incidents_show(struct html *h, struct work *w, const struct room *m)
{
	if (!grant_count(m->incidents) && !room_may_write(w, m))
		return;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Incidents"));
	if (!grant_count(m->incidents))
		para(h, "muted", N_("No incident was reported."));
	html_put(h, MARKUP("<ul class=\"sent\">"));
	for (size_t i = 0; i < grant_count(m->incidents); i++)
		incident_show(h, w, m, i);
	html_put(h, MARKUP("</ul>"));
	if (room_may_write(w, m)) {
		html_put(h, MARKUP("<p>"));
		link_button(h, "btn", url_of(w->mem, "/rooms/%/incidents", PARTS(id_text(w->mem, m->r.id))), N_("Report an incident"));
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("</section>"));
}

static int form_page(struct work *w, struct response *a, const char *title, const struct str *action, void (*fields)(struct html *, struct work *), const char *button)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = title, .section = "room", .personal = true });
	html_put(&h, MARKUP("<section class=\"panel\">"));
	form_open(&h, w, action[0].p, &action[1], 1);
	fields(&h, w);
	html_put(&h, MARKUP("<p>"));
	submit_button(&h, "btn go big", NULL, NULL, button);
	html_put(&h, MARKUP("</p></form></section>"));
	page_close(&h, a);
	return 0;
}

static void incident_fields(struct html *h, struct work *w)
{
	para(h, "small muted", N_("A place, a kind, harm in numbers, and how sure it is. No person."));
	inputs(h, w, "incident", INCIDENT_FIELDS, COUNT(INCIDENT_FIELDS), NULL, NULL);
}

int incident_new_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct room m;
	if (purpose_first(w, q, a))
		return 0;
	if (room_load(w, q, &m, err) < 0)
		return -1;
	return form_page(w, a, N_("Report an incident"), (const struct str[]){ STR("/rooms/%/incidents"), id_text(w->mem, m.r.id) }, incident_fields, N_("Report it to the room"));
}

static void handover_fields(struct html *h, struct work *w)
{
	select_codes(h, w, "incident", "body", (struct str){ 0 }, true);
	input_show(h, &(struct input){ .name = "receipt", .label = N_("Number and date of its receipt"), .mode = "text", .required = true });
}

int incident_handover_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	if (purpose_first(w, q, a))
		return 0;
	if (record_asked(w, q, "id", "incident", &r, err) < 0 || !record_open(w, r.type, &r.id, 1, err))
		return -1;
	return form_page(w, a, N_("Hand over to the competent body"), (const struct str[]){ STR("/incidents/%/handover"), id_text(w->mem, r.id) }, handover_fields, N_("Handed over"));
}

int incident_handover_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct id proposal;
	struct draft said = { .fields = json_keep(w->mem, json_object()) }, given = { .fields = json_keep(w->mem, json_object()) };
	int done = record_asked(w, q, "id", "incident", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	json_object_set_new(given.fields, "body", json_new_str(request_field(q, "body")));
	json_object_set_new(given.fields, "receipt", json_new_str(str_trim(request_field(q, "receipt"))));
	if (record_amend(w, r.id, r.version, &given, err) < 0 || record_move(w, r.id, r.version + 1, STR("hand_over"), &said, &proposal, err) < 0)
		return -1;
	return wrote(w, q, r.parent, a, err);
}
