#include "report/chart.h"
#include "report/report.h"
#include "web/room_parts.h"

/* Joint rooms: who is in, for what, until when; the places it is about on a map with the same in a table, and the timeline. */
#define ROOMS_SHOWN 100
#define MARKS_MAX 64
#define CHOSEN_MAX 64
#define REFRESH_S 20
#define DAY_MS (24LL * 3600 * 1000)

static const struct type *room_type(const struct work *w)
{
	return type_find(w->node->types, STR("joint_room"));
}

static bool may_propose(const struct work *w)
{
	const struct tmove *open = type_move(room_type(w), STR("open"));
	return policy_named(w->actor.role, open->by.at, open->by.n);
}

/* ---- the list ---- */

static void list_row(struct html *h, struct work *w, const struct grant *g, size_t i, struct columns c)
{
	const struct record *r = grant_record(g, i);
	row_open(h);
	cell_open(h, c, 0);
	html_href(h, "/rooms/%", PARTS(id_text(w->mem, r->id)));
	html_name(h, record_title(w, g, i));
	html_put(h, MARKUP("</a>"));
	cell_close(h, 0);
	cell_open(h, c, 1);
	html_id(h, r->owner);
	cell_close(h, 1);
	cell_open(h, c, 2);
	time_field(h, w, g, i, "closes");
	cell_close(h, 2);
	cell_tag(h, c, 3, str_is(r->state, "opened") ? "ok" : "", state_label(w, r->state));
	row_close(h);
}

int rooms_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const C[] = { N_("Joint room"), N_("Proposed by"), N_("Closes by itself"), N_("Status") };
	struct columns c = { C, COUNT(C) };
	struct record_query query = { .limit = ROOMS_SHOWN };
	struct id *ids;
	size_t n;
	if (purpose_first(w, q, a))
		return 0;
	if (record_list(w, room_type(w), &query, &ids, &n, NULL, err) < 0)
		return -1;
	const struct grant *g = n ? record_open(w, room_type(w), ids, n, err) : record_open_inside(w, room_type(w), ids, 0, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Joint rooms"), .section = "room", .personal = true });
	if (may_propose(w)) {
		html_put(&h, MARKUP("<p class=\"actions\">"));
		link_button(&h, "btn go", STR("/rooms/new"), N_("New joint room"));
		html_put(&h, MARKUP("</p>"));
	}
	if (n == 0)
		html_note(&h, "info", ICON_PEOPLE, N_("Your role is a member of no joint room."));
	else
		table_open(&h, c);
	for (size_t i = 0; i < n; i++)
		list_row(&h, w, g, i, c);
	if (n)
		table_close(&h);
	page_close(&h, a);
	return 0;
}

/* ---- a new one ---- */

static void member_choice(struct html *h, struct work *w, const struct room_who *m)
{
	const struct role *role = policy_role(w->node->policy, m->role);
	html_put(h, MARKUP("<p><label class=\"choice\"><input type=\"checkbox\" name=\"member\" value=\""));
	html_attr(h, str_fmt(w->mem, S_FMT "@" S_FMT, S_ARG(m->role), S_ARG(m->node)));
	html_put(h, MARKUP("\"> <span>"));
	html_ts(h, role->title);
	html_put(h, MARKUP(" "));
	html_id(h, m->node);
	html_put(h, MARKUP("</span></label></p>"));
}

static const struct tfield *room_field(const struct work *w, const char *name)
{
	return type_field(room_type(w), str_of(name));
}

static int new_show(struct work *w, const struct request *typed, const char *fault, struct response *a, struct err *err)
{
	static const char *const FIELDS[] = { "title", "purpose", "agreement", "convoys", "places" };
	struct room_who *all;
	size_t n;
	if (room_candidates(w, &all, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("New joint room"), .section = "room", .personal = true, .error = fault != NULL });
	if (fault)
		fault_show(&h, fault, "f-title");
	html_put(&h, MARKUP("<p>"));
	html_t(&h, N_("For one purpose, with an end. It is about convoys and places, never about a person. The liaison supervisor of another office opens it with you."));
	html_put(&h, MARKUP("</p><section class=\"panel\">"));
	form_open(&h, w, "/rooms", NULL, 0);
	for (size_t i = 0; i < COUNT(FIELDS); i++)
		field_input(&h, w, room_field(w, FIELDS[i]), NULL, typed, NULL);
	input_show(&h, &(struct input){ .name = "days", .label = N_("Closes by itself after how many days (14 at most)"), .mode = "number", .value = STR("7"), .required = true });
	html_put(&h, MARKUP("<fieldset class=\"panel\"><legend>"));
	html_t(&h, N_("Members"));
	html_put(&h, MARKUP("</legend>"));
	para(&h, "small muted", N_("Your desk and the liaison supervisor of each office are members without being chosen."));
	for (size_t i = 0; i < n; i++)
		if (!str_is(all[i].role, "LIAISON_SUP"))
			member_choice(&h, w, &all[i]);
	html_put(&h, MARKUP("</fieldset><p>"));
	submit_button(&h, "btn go big", NULL, NULL, N_("Propose the room"));
	html_put(&h, MARKUP("</p></form></section>"));
	if (fault)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int room_new_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	if (!may_propose(w))
		return err_say(err, ERR_FORBIDDEN, N_("Rooms are opened by liaison officers."), NULL);
	return purpose_first(w, q, a) ? 0 : new_show(w, NULL, NULL, a, err);
}

static size_t members_typed(struct work *w, const struct request *q, struct room_who *out)
{
	struct str given[CHOSEN_MAX];
	size_t n = request_fields(q, "member", given, CHOSEN_MAX), k = 0;
	(void)w;
	for (size_t i = 0; i < n && i < CHOSEN_MAX; i++) {
		struct str rest = given[i], role = str_cut(&rest, '@');
		out[k++] = (struct room_who){ .role = role, .node = rest };
	}
	return k;
}

static json_t *room_typed(struct work *w, const struct request *q)
{
	static const char *const FIELDS[] = { "title", "purpose", "agreement", "convoys", "places" };
	json_t *o = json_keep(w->mem, json_object());
	int64_t days = 0;
	for (size_t i = 0; i < COUNT(FIELDS); i++) {
		json_t *v = field_typed(w, room_field(w, FIELDS[i]), q);
		if (v)
			json_object_set_new(o, FIELDS[i], v);
	}
	number_typed(w, q, "days", &days);
	days = days < 1 || days > ROOM_DAYS ? ROOM_DAYS + 1 : days;          /* the rule of the type says no */
	json_object_set_new(o, "opens", json_new_str(time_text(w->mem, w->now_ms)));
	json_object_set_new(o, "closes", json_new_str(time_text(w->mem, w->now_ms + days * DAY_MS)));
	return o;
}

int room_new_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id;
	struct room_who members[CHOSEN_MAX];
	size_t n = members_typed(w, q, members);
	struct draft d = { .fields = room_typed(w, q) };
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	w->confirmed = str_is(request_field(q, "confirmed"), "yes");
	if (room_propose(w, &d, members, n, &id, err) == 0)
		return form_end(w, q, a, url_of(w->mem, "/rooms/%", PARTS(id_text(w->mem, id))), err);
	if (d.nfaults == 0)
		return -1;
	*err = (struct err){ 0 };
	return new_show(w, q, d.faults[0].sentence, a, err);
}

/* ---- one room ---- */

int room_load(struct work *w, const struct request *q, struct room *m, struct err *err)
{
	if (record_asked(w, q, "id", "joint_room", &m->r, err) < 0 || !(m->g = record_open(w, m->r.type, &m->r.id, 1, err)))
		return -1;
	return rows_open(w, "room_member", m->r.id, &m->members, err) < 0 || rows_open(w, "operation_note", m->r.id, &m->notes, err) < 0 ||
	    rows_open(w, "incident", m->r.id, &m->incidents, err) < 0 ? -1 : 0;
}

bool room_may_write(const struct work *w, const struct room *m)
{
	int64_t closes;
	return str_is(m->r.state, "opened") && !str_is(w->actor.role, "OVERSIGHT") && time_parse(record_text(m->g, 0, "closes"), &closes) == 0 && closes > w->now_ms;
}

struct shown_mark { struct str place, what; int64_t at_ms; };
static void mark_add(struct shown_mark *m, struct map_mark *marks, size_t *n, struct str place, struct str what, int64_t at_ms)
{
	if (*n == MARKS_MAX || !place.n)
		return;
	m[*n] = (struct shown_mark){ place, what, at_ms };
	marks[(*n)++] = (struct map_mark){ .place = place };
}

static struct str label_of(struct work *w, const struct grant *g, size_t i, const char *field)
{
	const struct tfield *f = type_field(grant_record(g, i)->type, str_of(field));
	const struct code *c = f->codes ? code_find(f->codes, record_text(g, i, field)) : NULL;
	return c ? tr(w->lang, str_z(w->mem, c->label)) : record_text(g, i, field);
}

/* Where each convoy of the room was counted last, as this role may read it; else where its way begins. */
static int convoy_marks(struct work *w, const struct room *m, struct shown_mark *s, struct map_mark *marks, size_t *n, struct err *err)
{
	json_t *convoys = record_value(m->g, 0, "convoys");
	for (size_t i = 0; i < json_array_size(convoys); i++) {
		struct id id;
		struct record r;
		struct err ignored = { 0 };
		const struct grant *counts, *g;
		if (id_parse(str_of(json_string_value(json_array_get(convoys, i))), &id) < 0 || record_head(w, id, &r, &ignored) < 0 || !(g = record_open(w, r.type, &id, 1, &ignored)))
			continue;
		if (rows_open(w, "checkpoint_event", id, &counts, err) < 0)
			return -1;
		size_t last = grant_count(counts);
		struct str place = last ? record_text(counts, last - 1, "place") : str_of(json_string_value(json_array_get(record_value(g, 0, "route"), 0)));
		struct str what = str_fmt(w->mem, S_FMT ": " S_FMT, S_ARG(record_title(w, g, 0)), S_ARG(state_label(w, r.state)));
		mark_add(s, marks, n, place, what, last ? grant_record(counts, last - 1)->created_ms : r.updated_ms);
	}
	return 0;
}

static int map_show(struct html *h, struct work *w, const struct room *m, struct err *err)
{
	static const char *const C[] = { N_("No."), N_("Place"), N_("What is there"), N_("Time") };
	struct columns c = { C, COUNT(C) };
	struct shown_mark s[MARKS_MAX];
	struct map_mark marks[MARKS_MAX];
	size_t n = 0;
	json_t *places = record_value(m->g, 0, "places");
	if (convoy_marks(w, m, s, marks, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(places); i++)
		mark_add(s, marks, &n, str_of(json_string_value(json_array_get(places, i))), tr(w->lang, N_("Place of the room")), 0);
	for (size_t i = 0; i < grant_count(m->notes); i++)
		if (str_is(record_text(m->notes, i, "note_kind"), "map_mark") && !room_corrected(m->notes, i))
			mark_add(s, marks, &n, record_text(m->notes, i, "place"), label_of(w, m->notes, i, "mark"), grant_record(m->notes, i)->created_ms);
	for (size_t i = 0; i < grant_count(m->incidents); i++)
		mark_add(s, marks, &n, record_text(m->incidents, i, "place"), label_of(w, m->incidents, i, "incident_kind"), grant_record(m->incidents, i)->created_ms);
	if (!n)
		return 0;
	struct drawing d = { w->mem, w->lang, w->numerals, "room", tr(w->lang, N_("Places of the room")), tr(w->lang, N_("Numbered places in the border region; the table below says what is there.")) };
	struct str svg = chart_places(&d, marks, n, err);
	if (!svg.n)
		return -1;
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	heading(h, N_("Map"));
	html_put(h, MARKUP("<figure class=\"pad\">"));
	html_put(h, (struct markup){ svg.p, svg.n });
	html_put(h, MARKUP("</figure>"));
	table_open(h, c);
	for (size_t i = 0; i < n; i++) {
		row_open(h);
		cell_open(h, c, 0);
		marks[i].at ? html_num(h, marks[i].at) : html_t(h, N_("Not on this map"));
		cell_close(h, 0);
		cell_text(h, c, 1, place_name(w->mem, w->lang, s[i].place));
		cell_text(h, c, 2, s[i].what);
		cell_open(h, c, 3);
		if (s[i].at_ms)
			html_time(h, s[i].at_ms);
		cell_close(h, 3);
		row_close(h);
	}
	table_close(h);
	html_put(h, MARKUP("</section>"));
	return 0;
}

static void members_show(struct html *h, struct work *w, const struct room *m)
{
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Members"));
	html_put(h, MARKUP("<ul class=\"to\">"));
	for (size_t i = 0; i < grant_count(m->members); i++) {
		const struct role *role = policy_role(w->node->policy, record_text(m->members, i, "role"));
		html_put(h, MARKUP("<li>"));
		html_ts(h, role ? role->title : record_text(m->members, i, "role"));
		html_put(h, MARKUP("<span class=\"sub\">"));
		html_id(h, record_text(m->members, i, "node"));
		html_put(h, MARKUP("</span></li>"));
	}
	html_put(h, MARKUP("</ul></section>"));
}

static void head_show(struct html *h, struct work *w, const struct room *m)
{
	state_tag(h, w, &m->r);
	waiting_show(h, w, &m->r);
	if (record_text(m->g, 0, "purpose").n) {
		html_put(h, MARKUP("<p dir=\"auto\">"));
		html_text(h, record_text(m->g, 0, "purpose"));
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("<dl class=\"kv wide\"><dt>"));
	html_t(h, N_("Opens"));
	html_put(h, MARKUP("</dt><dd>"));
	time_field(h, w, m->g, 0, "opens");
	html_put(h, MARKUP("</dd><dt>"));
	html_t(h, N_("Closes by itself"));
	html_put(h, MARKUP("</dt><dd>"));
	time_field(h, w, m->g, 0, "closes");
	html_put(h, MARKUP("</dd>"));
	if (record_text(m->g, 0, "agreement").n) {
		html_put(h, MARKUP("<dt>"));
		html_t(h, N_("Agreement it rests on"));
		html_put(h, MARKUP("</dt><dd dir=\"auto\">"));
		html_text(h, record_text(m->g, 0, "agreement"));
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl>"));
}

/* After the end: is what is here what was sealed? */
static int seal_show(struct html *h, struct work *w, const struct room *m, struct err *err)
{
	struct room_seal s;
	if (!str_is(m->r.state, "sealed"))
		return 0;
	if (room_compare(w, m->r.id, m->g, &s, err) < 0)
		return -1;
	html_note(h, s.matches ? "ok" : "bad", s.matches ? ICON_LOCK : ICON_WARN, s.matches ? N_("Sealed. The notes below are those that were sealed, in their order.")
	    : N_("Sealed. The notes here are not, or not yet, those that were sealed."));
	html_put(h, MARKUP("<p class=\"small\">"));
	html_t(h, N_("Notes here, and sealed:"));
	html_put(h, MARKUP(" "));
	html_num(h, (int64_t)s.here);
	html_t(h, N_(", "));
	html_num(h, s.sealed);
	html_put(h, MARKUP(" "));
	html_id(h, str_sub(record_text(m->g, 0, "digest"), 0, 16));
	html_put(h, MARKUP("</p>"));
	return 0;
}

static void moves_show(struct html *h, struct work *w, const struct room *m)
{
	static const struct { const char *move, *label; } M[] = { { "open", N_("Ask the other office to open it") }, { "renew", N_("Ask the other office to renew it for 14 days") }, { "close", N_("Close the room now") } };
	html_put(h, MARKUP("<div class=\"actions\">"));
	for (size_t i = 0; i < COUNT(M); i++)
		if (may_move(w, &m->r, M[i].move) && str_eq(m->r.owner, w->node->name))
			button_form(h, w, url_of(w->mem, "/rooms/%/move", PARTS(id_text(w->mem, m->r.id))), "move", str_of(M[i].move), M[i].label);
	link_button(h, "btn", url_of(w->mem, "/r/joint_room/%", PARTS(id_text(w->mem, m->r.id))), N_("The record, its history, who saw it"));
	html_put(h, MARKUP("</div>"));
}

int room_show(struct work *w, const struct room *m, const struct request *typed, const struct draft *d, struct id corrects, struct response *a, struct err *err)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = record_title(w, m->g, 0), .section = "room", .personal = true, .figures = true, .error = d != NULL,
	    .refresh_s = room_may_write(w, m) ? 0 : REFRESH_S });      /* what somebody types is not lost to a page that loads itself */
	head_show(&h, w, m);
	if (seal_show(&h, w, m, err) < 0)
		return -1;
	opened_show(&h, w, m->r.id);
	html_put(&h, MARKUP("<div class=\"cols\"><div class=\"stack\">"));
	html_put(&h, MARKUP("<section class=\"panel\">"));
	heading(&h, N_("Timeline"));
	html_put(&h, MARKUP("<div data-live=\""));
	html_attr(&h, url_of(w->mem, "/rooms/%/timeline", PARTS(id_text(w->mem, m->r.id))));
	html_put(&h, MARKUP("\">"));
	room_timeline_show(&h, w, m);
	html_put(&h, MARKUP("</div><noscript><p>"));
	html_href(&h, "/rooms/%", PARTS(id_text(w->mem, m->r.id)));
	html_t(&h, N_("Look for new notes"));
	html_put(&h, MARKUP("</a></p></noscript></section>"));
	if (room_may_write(w, m))
		room_note_form(&h, w, m, typed, d, corrects);
	if (map_show(&h, w, m, err) < 0)
		return -1;
	room_incidents_show(&h, w, m);
	html_put(&h, MARKUP("</div><div class=\"stack\">"));
	members_show(&h, w, m);
	moves_show(&h, w, m);
	html_put(&h, MARKUP("</div></div>"));
	if (d)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int room_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct room m;
	struct id corrects = { { 0 } };
	if (purpose_first(w, q, a))
		return 0;
	id_parse(request_query(q, "correct"), &corrects);
	return room_load(w, q, &m, err) < 0 ? -1 : room_show(w, &m, NULL, NULL, corrects, a, err);
}

int room_move_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct id proposal;
	struct str move = request_field(q, "move");
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	int done = record_asked(w, q, "id", "joint_room", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	return record_move(w, r.id, r.version, move, &said, &proposal, err) < 0 ? -1 : form_end(w, q, a, url_of(w->mem, "/rooms/%", PARTS(id_text(w->mem, r.id))), err);
}
