#include "web/pages.h"
#include "web/notice_parts.h"
#include "web/search.h"

/* The convoy: its vehicles, who sits and who boarded, heads by checkpoint, and the one next step of the role that looks. */

#define CONVOYS_SHOWN 100

static struct columns convoys_columns(void)
{
	static const char *const C[] = { N_("Convoy"), N_("Planned departure"), N_("Vehicles"), N_("Status") };
	return (struct columns){ C, COUNT(C) };
}

static int convoys_row(struct html *h, struct work *w, const struct grant *g, size_t i, struct err *err)
{
	struct columns c = convoys_columns();
	struct id *legs;
	size_t vehicles;
	const struct record *r = grant_record(g, i);
	if (record_rows(w, "vehicle_leg", r->id, &legs, &vehicles, err) < 0)
		return -1;
	row_open(h);
	cell_open(h, c, 0);
	html_href(h, "/convoys/%", PARTS(id_text(w->mem, r->id)));
	html_name(h, record_title(w, g, i));
	html_put(h, MARKUP("</a>"));
	cell_close(h, 0);
	cell_open(h, c, 1);
	time_field(h, w, g, i, "depart_plan");
	cell_close(h, 1);
	cell_num(h, c, 2, (int64_t)vehicles);
	cell_tag(h, c, 3, "", state_label(w, r->state));
	row_close(h);
	return 0;
}

int convoys_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("convoy"));
	struct record_query query = { .limit = CONVOYS_SHOWN };
	struct id *ids;
	size_t n;
	if (purpose_first(w, q, a))
		return 0;
	if (record_list(w, t, &query, &ids, &n, NULL, err) < 0)
		return -1;
	const struct grant *g = record_open(w, t, ids, n, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Convoys"), .section = "convoy", .personal = true });
	if (record_may_create(w, t)) {
		html_put(&h, MARKUP("<p class=\"actions\">"));
		link_button(&h, "btn go", STR("/r/convoy/new"), N_("New convoy"));
		html_put(&h, MARKUP("</p>"));
	}
	if (n == 0)
		html_note(&h, "info", ICON_CLOCK, N_("No convoy is planned that your role works on."));
	html_put(&h, MARKUP("<section class=\"panel flush\">"));
	table_open(&h, convoys_columns());
	for (size_t i = 0; i < n; i++)
		if (convoys_row(&h, w, g, i, err) < 0)
			return -1;
	table_close(&h);
	html_put(&h, MARKUP("</section>"));
	page_close(&h, a);
	return 0;
}

/* ---- one convoy ---- */

struct view { struct record r; const struct grant *convoy, *legs, *counts; struct leg_tally *tally, sum; int64_t seats; struct str rider; };

static int view_load(struct work *w, const struct request *q, struct view *v, struct err *err)
{
	if (record_asked(w, q, "id", "convoy", &v->r, err) < 0 || !(v->convoy = record_open(w, v->r.type, &v->r.id, 1, err)) ||
	    rows_open(w, "vehicle_leg", v->r.id, &v->legs, err) < 0 || rows_open(w, "checkpoint_event", v->r.id, &v->counts, err) < 0 ||
	    convoy_rider(w, v->r.id, &v->rider, err) < 0)
		return -1;
	size_t n = grant_count(v->legs);
	v->tally = NEW_ARRAY(w->mem, struct leg_tally, n + 1);
	v->sum = (struct leg_tally){ 0 };
	v->seats = 0;
	for (size_t i = 0; i < n; i++) {
		struct leg_tally *t = &v->tally[i];
		if (tally_leg(w, grant_record(v->legs, i)->id, t, err) < 0)
			return -1;
		v->sum.listed += t->listed + t->reserve;
		v->sum.boarded += t->boarded;
		v->sum.unmarked += t->unmarked;
		v->seats += int_of(v->legs, i, "capacity");
	}
	return 0;
}

static void leg_row(struct html *h, struct work *w, const struct view *v, size_t i, struct columns c)
{
	const struct record *leg = grant_record(v->legs, i);
	struct str convoy = id_text(w->mem, v->r.id), id = id_text(w->mem, leg->id);
	row_open(h);
	cell_open(h, c, 0);
	html_id(h, record_text(v->legs, i, "plate"));
	cell_close(h, 0);
	cell_num(h, c, 1, int_of(v->legs, i, "capacity"));
	cell_num(h, c, 2, (int64_t)(v->tally[i].listed + v->tally[i].reserve));
	cell_num(h, c, 3, (int64_t)v->tally[i].boarded);
	cell_tag(h, c, 4, "", state_label(w, leg->state));
	cell_open(h, c, 5);
	html_put(h, MARKUP("<span class=\"actions\">"));
	if (role_is(w, "CONVOY_LEAD") || role_is(w, "CAMP_REG"))
		link_button(h, "btn", url_of(w->mem, "/convoys/%/legs/%/boarding", PARTS(convoy, id)), N_("Boarding"));
	link_button(h, "btn", url_of(w->mem, "/convoys/%/legs/%/roll", PARTS(convoy, id)), N_("Nominal roll"));
	html_put(h, MARKUP("</span>"));
	cell_close(h, 5);
	row_close(h);
}

static void legs_show(struct html *h, struct work *w, const struct view *v)
{
	static const char *const C[] = { N_("Vehicle"), N_("Seats"), N_("Seated"), N_("On board"), N_("Status"), N_("Pages") };
	struct columns c = { C, COUNT(C) };
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	heading(h, N_("Vehicles"));
	if (v->sum.listed)
		search_box(h, w, type_find(w->node->types, STR("leg_seat")), v->r.id);
	if (grant_count(v->legs)) {
		table_open(h, c);
		for (size_t i = 0; i < grant_count(v->legs); i++)
			leg_row(h, w, v, i, c);
		table_close(h);
	} else {
		para(h, "pad muted", N_("No vehicle yet."));
	}
	html_put(h, MARKUP("</section>"));
	bool loads = str_is(v->r.state, "planned") || str_is(v->r.state, "cleared");
	if (!record_may_create(w, type_find(w->node->types, STR("vehicle_leg"))) || !loads || v->rider.n)
		return;
	html_put(h, MARKUP("<div class=\"actions\">"));
	link_button(h, "btn", url_of(w->mem, "/r/vehicle_leg/new?parent=%", PARTS(id_text(w->mem, v->r.id))), N_("Add a vehicle"));
	if (grant_count(v->legs))
		button_form(h, w, url_of(w->mem, "/convoys/%/plan", PARTS(id_text(w->mem, v->r.id))), NULL, (struct str){ 0 },
		    v->sum.listed ? N_("Plan the seats anew") : N_("Plan the seats"));
	html_put(h, MARKUP("</div>"));
}

/* The last count at each place and vehicle that is not what the lists say: both numbers, and who counts again. */
static bool newest_of_place(const struct view *v, size_t i)
{
	for (size_t k = i + 1; k < grant_count(v->counts); k++)
		if (str_eq(record_text(v->counts, k, "place"), record_text(v->counts, i, "place")) && str_eq(record_text(v->counts, k, "leg"), record_text(v->counts, i, "leg")))
			return false;
	return true;
}

static void differences_show(struct html *h, struct work *w, const struct view *v)
{
	for (size_t i = 0; i < grant_count(v->counts); i++) {
		int64_t counted = int_of(v->counts, i, "head_count"), expected = int_of(v->counts, i, "expected");
		if (counted == expected || expected < 0 || !newest_of_place(v, i))
			continue;
		html_put(h, MARKUP("<div class=\"note bad\" role=\"status\">"));
		html_icon(h, ICON_WARN);
		html_put(h, MARKUP("<div><b>"));
		html_t(h, N_("The count differs at:"));
		html_put(h, MARKUP(" "));
		html_name(h, record_text(v->counts, i, "place"));
		html_put(h, MARKUP("</b><p>"));
		html_t(h, N_("Counted:"));
		html_put(h, MARKUP(" "));
		html_num(h, counted);
		html_put(h, MARKUP("; "));
		html_t(h, N_("by the boarding lists:"));
		html_put(h, MARKUP(" "));
		html_num(h, expected);
		html_put(h, MARKUP("</p><p>"));
		html_t(h, N_("The convoy lead and the officer of the post count again together, vehicle by vehicle."));
		html_put(h, MARKUP(" "));
		html_id(h, record_text(v->convoy, 0, "lead_phone"));
		html_put(h, MARKUP("</p>"));
		if (notice_may_write(w)) {
			html_put(h, MARKUP("<p>"));
			html_href(h, "/notices/new?convoy=%&type=count_differs", PARTS(id_text(w->mem, v->r.id)));
			html_t(h, N_("Send a notice"));
			html_put(h, MARKUP("</a></p>"));
		}
		html_put(h, MARKUP("</div></div>"));
	}
}

static void counts_show(struct html *h, struct work *w, const struct view *v)
{
	static const char *const C[] = { N_("Place"), N_("Time"), N_("Counted"), N_("By the lists"), N_("Entered") };
	struct columns c = { C, COUNT(C) };
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	heading(h, N_("Heads by checkpoint"));
	if (grant_count(v->counts) == 0)
		para(h, "pad muted", N_("No count yet."));
	else
		table_open(h, c);
	for (size_t i = 0; i < grant_count(v->counts); i++) {
		const struct record *r = grant_record(v->counts, i);
		row_open(h);
		cell_open(h, c, 0);
		html_name(h, record_text(v->counts, i, "place"));
		cell_close(h, 0);
		cell_open(h, c, 1);
		time_field(h, w, v->counts, i, "at");
		cell_close(h, 1);
		cell_num(h, c, 2, int_of(v->counts, i, "head_count"));
		cell_num(h, c, 3, int_of(v->counts, i, "expected"));
		cell_open(h, c, 4);
		html_time(h, r->created_ms);
		if (r->event_ms)
			para(h, "sub", N_("Entered late, from paper"));
		cell_close(h, 4);
		row_close(h);
	}
	if (grant_count(v->counts))
		table_close(h);
	html_put(h, MARKUP("</section>"));
}

static int duty_show(struct html *h, struct work *w, const struct view *v, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("duty_turn"));
	struct record_query query = { .state = STR("running"), .limit = 20 };
	struct id *ids;
	size_t n;
	if (record_list(w, t, &query, &ids, &n, NULL, err) < 0)
		return -1;
	const struct grant *g = n ? record_open(w, t, ids, n, err) : NULL;
	if (n && !g)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Duty phones"));
	html_put(h, MARKUP("<dl class=\"kv wide\"><dt>"));
	html_t(h, N_("Lead of the convoy"));
	html_put(h, MARKUP("</dt><dd>"));
	html_name(h, record_text(v->convoy, 0, "lead"));
	html_put(h, MARKUP(" "));
	html_id(h, record_text(v->convoy, 0, "lead_phone"));
	html_put(h, MARKUP("</dd>"));
	for (size_t i = 0; i < n; i++) {
		const struct role *role = policy_role(w->node->policy, record_text(g, i, "role"));
		html_put(h, MARKUP("<dt>"));
		html_ts(h, role ? role->title : record_text(g, i, "role"));
		html_put(h, MARKUP("</dt><dd>"));
		html_id(h, record_text(g, i, "phone"));
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl><p dir=\"auto\">"));
	html_text(h, record_text(v->convoy, 0, "contacts"));
	html_put(h, MARKUP("</p></section>"));
	return 0;
}

void checkpoint_form(struct html *h, struct work *w, struct id convoy, const struct grant *legs, const char *direction)
{
	form_open(h, w, "/convoys/%/checkpoints", PARTS(id_text(w->mem, convoy)));
	input_show(h, &(struct input){ .name = "place", .label = N_("Place"), .mode = "text", .value = w->actor.unit, .required = true });
	select_open(h, "leg", N_("Vehicle (none: the whole convoy)"), false);
	for (size_t i = 0; i < grant_count(legs); i++)
		field_option(h, id_text(w->mem, grant_record(legs, i)->id), record_text(legs, i, "plate"), false);
	select_close(h);
	select_codes(h, w, "checkpoint_event", "direction", str_of(direction), true);
	input_show(h, &(struct input){ .name = "head_count", .label = N_("Head count"), .mode = "number", .required = true });
	late_input(h);
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go big", NULL, NULL, N_("Report this count"));
	html_put(h, MARKUP("</p></form>"));
}

/* One step of this role, as a big button: the page of the work, or the first move that the state allows. */
static void next_step(struct html *h, struct work *w, const struct view *v)
{
	struct str id = id_text(w->mem, v->r.id);
	static const char *const MOVES[] = { "start", "go_on", "go_on_crossed", "arrive" };
	for (size_t i = 0; i < grant_count(v->legs); i++)
		if (v->sum.listed && (!v->rider.n || role_is(w, "CAMP_REG")) && str_is(grant_record(v->legs, i)->state, "loading") && (role_is(w, "CONVOY_LEAD") || role_is(w, "CAMP_REG"))) {
			link_button(h, "btn go big", url_of(w->mem, "/convoys/%/legs/%/boarding", PARTS(id, id_text(w->mem, grant_record(v->legs, i)->id))), N_("Mark who boards"));
			return;
		}
	if (role_is(w, "BORDER_OFF"))
		link_button(h, "btn go big", STR("/crossing"), N_("To the crossing"));
	else if (role_is(w, "CENTRE_REG") && !str_is(v->r.state, "planned") && !str_is(v->r.state, "cleared"))
		link_button(h, "btn go big", STR("/checkin"), N_("Check families in"));
	else if (role_is(w, "CENTRE_MGR"))
		link_button(h, "btn go big", url_of(w->mem, "/convoys/%/reconcile", PARTS(id)), N_("Reconcile"));
	for (size_t i = 0; i < COUNT(MOVES); i++)
		if (may_move(w, &v->r, MOVES[i]) && role_is(w, "CONVOY_LEAD"))
			link_button(h, "btn go big", url_of(w->mem, "/r/convoy/%/move/%", PARTS(id, str_of(MOVES[i]))), str_z(w->mem, type_move(v->r.type, str_of(MOVES[i]))->label));
}

static bool reads_differences(const struct work *w)
{
	return role_is(w, "CENTRE_REG") || role_is(w, "CENTRE_MGR") || role_is(w, "MIG_OFF") || role_is(w, "MIG_SUP");
}

static size_t legs_that_may(struct work *w, const struct view *v, const char *move)
{
	size_t n = 0;
	for (size_t i = 0; i < grant_count(v->legs); i++)
		n += may_move(w, grant_record(v->legs, i), move);
	return n;
}

static const char *count_name(struct work *w, const struct record *leg)
{
	return str_fmt(w->mem, "count_" S_FMT, S_ARG(id_text(w->mem, leg->id))).p;
}

/* The heads are counted as each vehicle is unloaded: a checkpoint like the others, so that a difference is seen at every office. */
static void unload_form(struct html *h, struct work *w, const struct view *v)
{
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("All vehicles are unloaded"));
	para(h, "", N_("Count the heads as people leave each vehicle."));
	form_open(h, w, "/convoys/%/legs", PARTS(id_text(w->mem, v->r.id)));
	hidden_input(h, "move", STR("unload"));
	for (size_t i = 0; i < grant_count(v->legs); i++)
		if (may_move(w, grant_record(v->legs, i), "unload"))
			input_show(h, &(struct input){ .name = count_name(w, grant_record(v->legs, i)), .label = str_z(w->mem, record_text(v->legs, i, "plate")), .mode = "number", .required = true });
	late_input(h);
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go big", NULL, NULL, N_("All vehicles are unloaded"));
	html_put(h, MARKUP("</p></form></section>"));
}

/* The vehicles that move on together: sealed ones set off, running ones are unloaded. */
static void leg_moves(struct html *h, struct work *w, const struct view *v)
{
	if (legs_that_may(w, v, "run"))
		button_form(h, w, url_of(w->mem, "/convoys/%/legs", PARTS(id_text(w->mem, v->r.id))), "move", STR("run"), N_("All sealed vehicles set off"));
	if (legs_that_may(w, v, "unload"))
		unload_form(h, w, v);
}

int convoy_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct view v;
	if (purpose_first(w, q, a))
		return 0;
	if (view_load(w, q, &v, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = record_title(w, v.convoy, 0), .section = "convoy", .personal = true });
	state_tag(&h, w, &v.r);
	waiting_show(&h, w, &v.r);
	differences_show(&h, w, &v);
	next_step(&h, w, &v);
	if (notice_may_write(w))
		link_button(&h, "btn big", url_of(w->mem, "/notices/new?convoy=%", PARTS(id_text(w->mem, v.r.id))), N_("Send a notice"));
	html_put(&h, MARKUP("<dl class=\"facts\">"));
	fact(&h, N_("Seats"), v.seats);
	fact(&h, N_("Seated"), (int64_t)v.sum.listed);
	fact(&h, N_("On board"), (int64_t)v.sum.boarded);
	fact(&h, N_("Not marked yet"), (int64_t)v.sum.unmarked);
	html_put(&h, MARKUP("</dl><div class=\"cols\"><div class=\"stack\">"));
	legs_show(&h, w, &v);
	leg_moves(&h, w, &v);
	counts_show(&h, w, &v);
	html_put(&h, MARKUP("</div><div class=\"stack\">"));
	if (ride_show(&h, w, v.r.id, v.rider, v.legs, err) < 0 || duty_show(&h, w, &v, err) < 0)
		return -1;
	if (record_may_create(w, type_find(w->node->types, STR("checkpoint_event")))) {
		html_put(&h, MARKUP("<section class=\"panel\">"));
		heading(&h, N_("Report a checkpoint"));
		checkpoint_form(&h, w, v.r.id, v.legs, "passing");
		html_put(&h, MARKUP("</section>"));
	}
	paper_show(&h, w, v.r.id, v.legs);
	if (reads_differences(w))
		link_button(&h, "btn", url_of(w->mem, "/convoys/%/reconcile", PARTS(id_text(w->mem, v.r.id))), N_("Boarded, arrived, explained"));
	moves_as_buttons(&h, w, &v.r);
	html_put(&h, MARKUP("</div></div>"));
	page_close(&h, a);
	return 0;
}

static struct str convoy_url(struct work *w, struct id convoy)
{
	return url_of(w->mem, "/convoys/%", PARTS(id_text(w->mem, convoy)));
}

int convoy_plan_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	int done = record_asked(w, q, "id", "convoy", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	return seats_plan(w, r.id, err) < 0 ? -1 : form_end(w, q, a, convoy_url(w, r.id), err);
}

static int count_at_end(struct work *w, const struct request *q, const struct grant *legs, size_t i, struct err *err)
{
	const struct record *leg = grant_record(legs, i);
	int64_t count;
	struct id id;
	if (!number_typed(w, q, count_name(w, leg), &count))
		return err_say(err, ERR_VALUE, N_("Count the heads of each vehicle before it is unloaded."), NULL);
	struct draft d = { .type = type_find(w->node->types, STR("checkpoint_event")), .parent = leg->parent, .unit = w->actor.unit,
		.fields = json_keep(w->mem, json_pack("{s:s, s:s, s:s, s:I, s:s}", "place", str_z(w->mem, record_text(legs, i, "to_place")), "leg", id_text(w->mem, leg->id).p,
		    "direction", "in", "head_count", (json_int_t)count, "at", time_text(w->mem, w->event_ms ? w->event_ms : w->now_ms).p)) };
	return record_create(w, &d, &id, err);
}

/* `move` is run or unload: every vehicle whose state allows it. At a node that does not own them each becomes a proposal that the owner carries out. */
int convoy_legs_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	const struct grant *legs;
	const char *move = str_z(w->mem, request_field(q, "move"));
	int done = record_asked(w, q, "id", "convoy", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if ((strcmp(move, "run") != 0 && strcmp(move, "unload") != 0) || rows_open(w, "vehicle_leg", r.id, &legs, err) < 0)
		return err->code ? -1 : err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	size_t moved = 0;
	for (size_t i = 0; i < grant_count(legs); i++) {
		if (!may_move(w, grant_record(legs, i), move))
			continue;
		if (strcmp(move, "unload") == 0 && count_at_end(w, q, legs, i, err) < 0)
			return -1;
		if (record_move_granted(w, legs, i, move, json_keep(w->mem, json_object()), err) < 0)
			return -1;
		moved++;
	}
	return moved ? form_end(w, q, a, convoy_url(w, r.id), err) : err_say(err, ERR_CONFLICT, N_("No vehicle is in a state that allows this."), NULL);
}

int checkpoint_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct id id;
	const struct type *t = type_find(w->node->types, STR("checkpoint_event"));
	static const char *const FIELDS[] = { "place", "leg", "direction", "head_count", "difference_reason", "officer" };
	int done = record_asked(w, q, "id", "convoy", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (!record_open(w, r.type, &r.id, 1, err))
		return -1;
	struct draft d = { .type = t, .parent = r.id, .unit = w->actor.unit, .fields = json_keep(w->mem, json_object()) };
	for (size_t i = 0; i < COUNT(FIELDS); i++) {
		json_t *v = field_typed(w, type_field(t, str_of(FIELDS[i])), q);
		if (v)
			json_object_set_new(d.fields, FIELDS[i], v);
	}
	json_object_set_new(d.fields, "at", json_new_str(time_text(w->mem, w->event_ms ? w->event_ms : w->now_ms)));
	if (record_create(w, &d, &id, err) < 0)
		return -1;
	return form_end(w, q, a, role_is(w, "BORDER_OFF") ? STR("/crossing") : convoy_url(w, r.id), err);
}
