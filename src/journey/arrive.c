#include "journey/journey_i.h"
#include "exchange/notice.h"
#include "journey/people.h"

/* The centre: who boarded is expected; a family comes to the desk; nobody is lost without a record that says why. */

#define CHILD_DESK "child_protection"
#define PROTECTION_DESK "protection"
#define LEGAL_DESK "legal_aid"

static bool has_checkin(struct work *w, struct id convoy, struct id person)
{
	struct err ignored = { 0 };
	const struct grant *g = open_referring(w, "arrival_checkin", "person", person, &ignored);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (id_eq(grant_record(g, i)->parent, convoy))
			return true;
	return false;
}

static struct draft checkin_draft(struct work *w, struct id convoy, struct id person, struct id row)
{
	json_t *f = json_keep(w->mem, json_pack("{s:s}", "person", id_text(w->mem, person).p));
	if (!id_none(row))
		json_object_set_new(f, "row", json_new_str(id_text(w->mem, row)));
	return (struct draft){ .type = type_named(w, "arrival_checkin"), .parent = convoy, .unit = STR("centre"), .by_program = true, .fields = f };
}

/* One expected check-in for each seat that says boarded and has none; the same seat again makes none. */
static int expect(struct work *w, struct id convoy, const struct grant *seats, struct err *err)
{
	struct draft *d = NEW_ARRAY(w->mem, struct draft, grant_count(seats) + 1);
	struct id *ids = NEW_ARRAY(w->mem, struct id, grant_count(seats) + 1);
	size_t n = 0;
	for (size_t i = 0; i < grant_count(seats); i++)
		if ((state_is(seats, i, "boarded") || state_is(seats, i, "reserve_boarded")) && !has_checkin(w, convoy, ref_at(seats, i, "person")))
			d[n++] = checkin_draft(w, convoy, ref_at(seats, i, "person"), ref_at(seats, i, "row"));
	return record_create_many(w, d, n, ids, err);
}

static bool on_the_road(struct str state)
{
	return str_is(state, "moving") || str_is(state, "crossed") || str_is(state, "halted") || str_is(state, "arrived");
}

int open_checkins(struct work *w, const struct record *r, struct err *err)
{
	struct id *legs;
	size_t n;
	if (!str_is(w->node->kind, "centre"))
		return 0;
	if (record_rows(w, "vehicle_leg", r->id, &legs, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct grant *seats = open_rows(w, "leg_seat", legs[i], err);
		if (!seats || expect(w, r->id, seats, err) < 0)
			return -1;
	}
	return 0;
}

/* A seat that arrives after its convoy set off. */
int expect_seat(struct work *w, const struct record *seat, struct err *err)
{
	struct record leg, convoy;
	if (!str_is(w->node->kind, "centre") || id_none(seat->parent) || record_head(w, seat->parent, &leg, NULL) < 0 || record_head(w, leg.parent, &convoy, NULL) < 0 ||
	    !on_the_road(convoy.state))
		return 0;
	const struct grant *g = record_open_inside(w, seat->type, &seat->id, 1, err);
	return g ? expect(w, convoy.id, g, err) : -1;
}

/* ---- the desk ---- */

int present_confirmed(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "arrival_checkin", r->id, err);
	if (!g)
		return -1;
	return str_is(text_at(g, 0, "present"), "yes") && text_at(g, 0, "identity_method").n ? 0 :
	    refuse_rule(w, r, "present_confirmed", N_("Say that the person is here, and how you know her again."), err);
}

int checkin_mark(struct work *w, const struct id *checkins, const bool *present, size_t n, struct str method, struct err *err)
{
	const struct grant *g = record_open(w, type_named(w, "arrival_checkin"), checkins, n, err);
	json_t *with = json_keep(w->mem, json_object());
	for (size_t i = 0; g && i < n; i++) {
		json_t *f = json_keep(w->mem, json_pack("{s:s}", "present", present[i] ? "yes" : "no"));
		const char *move = !present[i] ? "mark_absent" : state_is(g, i, "absent") ? "found_later" : "check_in";
		if (state_is(g, i, "checked_in"))
			return err_say(err, ERR_CONFLICT, N_("Somebody of this family was checked in already."), NULL);
		if (!present[i] && state_is(g, i, "absent"))
			continue;
		if (present[i])
			json_object_set_new(f, "identity_method", json_new_str(method));
		else
			json_object_set_new(f, "absent_reason", json_string("not_known"));
		if (present[i] && state_is(g, i, "absent"))
			json_object_set_new(f, "absent_reason", json_null());
		if (record_set_inside(w, checkins[i], f, err) < 0 || record_move_granted(w, g, i, move, with, err) < 0)
			return -1;
	}
	return g ? 0 : -1;
}

/* Asks the owner for the person, and with the first of a family for the family. */
static int ask_for(struct work *w, const char *type, struct id id, struct err *err)
{
	struct record r;
	struct err why = { 0 };
	struct proposal *p;
	size_t n;
	if (record_head(w, id, &r, &why) < 0 || str_eq(r.owner, w->node->name))
		return why.code && why.code != ERR_NOT_FOUND ? (*err = why, -1) : 0;
	if (proposals_of(w, id, &p, &n, err) < 0 || n)
		return n ? 0 : -1;
	const struct grant *g = open_one(w, type, id, err);
	return g ? record_move_granted(w, g, 0, "travelled", json_keep(w->mem, json_object()), err) : -1;
}

int take_over_person(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "arrival_checkin", r->id, err);
	if (!g || ask_for(w, "person", r->subject, err) < 0)
		return -1;
	struct id row = ref_at(g, 0, "row");
	const struct grant *list_row = id_none(row) ? NULL : open_one(w, "nominal_list_row", row, err);
	if (!list_row)
		return id_none(row) ? 0 : -1;
	struct id family = ref_at(list_row, 0, "household");
	return ask_for(w, "household", family, err) < 0 ? -1 : card_void(w, family, err);
}

int task_child_not_listed(struct work *w, const struct record *r, struct err *err)
{
	return is_child(w, r->subject) ? task_open(w, CHILD_DESK, "child_not_listed", r->subject, err) : 0;
}

int checkin_unlisted(struct work *w, struct id convoy, struct id person, struct err *err)
{
	struct id id;
	struct draft d = checkin_draft(w, convoy, person, (struct id){ { 0 } });
	if (!record_open(w, type_named(w, "convoy"), &convoy, 1, err))
		return -1;
	d.by_program = false;
	d.unit = w->actor.unit;
	return record_create(w, &d, &id, err) < 0 ? -1 : record_move_inside(w, id, "not_listed", err);
}

/* ---- differences ---- */

int open_difference(struct work *w, const struct record *r, struct err *err)
{
	struct id id;
	const struct grant *g = open_one(w, "arrival_checkin", r->id, err);
	if (!g)
		return -1;
	json_t *f = json_keep(w->mem, json_pack("{s:s}", "person", id_text(w->mem, r->subject).p));
	if (text_at(g, 0, "row").n)
		json_object_set_new(f, "row", json_new_str(text_at(g, 0, "row")));
	struct draft d = { .type = type_named(w, "difference"), .parent = r->parent, .unit = STR("centre"), .by_program = true, .fields = f };
	if (record_create(w, &d, &id, err) < 0)
		return -1;
	return is_child(w, r->subject) ? task_open(w, CHILD_DESK, "child_missing", r->subject, err) : 0;
}

int reason_complete(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "difference", r->id, err);
	if (!g)
		return -1;
	struct str reason = text_at(g, 0, "reason");
	if (!reason.n)
		return refuse_rule(w, r, "reason_complete", N_("Choose a reason of the list first."), err);
	if (!str_is(reason, "taken_over"))
		return 0;
	const struct grant *t = open_referring(w, "taken_over", "person", r->subject, err);
	if (!t)
		return -1;
	return grant_count(t) ? 0 : refuse_rule(w, r, "reason_complete", N_("Taken over by an authority: authority, place, time, number of the order and officer are needed. Without a number it stays unexplained."), err);
}

int show_reason(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "difference", r->id, err);
	if (!g)
		return -1;
	struct str reason = text_at(g, 0, "reason");
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "shown", json_new_str(str_is(reason, "taken_over") ? STR("elsewhere") : reason));
	return record_set_inside(w, r->id, f, err);
}

static json_t *taken_fields(struct work *w, struct id person, const struct taken *t)
{
	const struct { const char *name; struct str value; } F[] = { { "person", id_text(w->mem, person) }, { "authority", t->authority }, { "place", t->place }, { "at", t->at },
		{ "order_number", t->order_number }, { "officer", t->officer } };
	json_t *f = json_keep(w->mem, json_object());
	for (size_t i = 0; i < COUNT(F); i++)
		if (F[i].value.n)
			json_object_set_new(f, F[i].name, json_new_str(F[i].value));
	return f;
}

int difference_taken_over(struct work *w, struct id id, const struct taken *t, struct err *err)
{
	static const struct { const char *desk, *reason; } TOLD[] = { { LEGAL_DESK, "legal_aid_taken_over" }, { PROTECTION_DESK, "tell_family" }, { CHILD_DESK, "children_left" } };
	struct id note;
	const struct grant *g = record_open(w, type_named(w, "difference"), &id, 1, err);
	if (!g)
		return -1;
	struct id person = grant_record(g, 0)->subject;
	struct draft d = { .type = type_named(w, "taken_over"), .unit = w->actor.unit, .fields = taken_fields(w, person, t) };
	json_t *f = json_keep(w->mem, json_pack("{s:s}", "reason", "taken_over"));
	if (record_create(w, &d, &note, err) < 0 || record_set_inside(w, id, f, err) < 0 || record_move_granted(w, g, 0, "explain", json_keep(w->mem, json_object()), err) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(TOLD); i++)
		if (task_open(w, TOLD[i].desk, TOLD[i].reason, person, err) < 0)
			return -1;
	return notice_tell(w, STR(NOTICE_TAKEN_OVER), w->node->name, true, err);
}

int difference_explain(struct work *w, struct id id, struct str reason, struct str where, struct err *err)
{
	const struct grant *g = record_open(w, type_named(w, "difference"), &id, 1, err);
	json_t *f = json_keep(w->mem, json_object());
	if (!g)
		return -1;
	if (!reason.n || str_is(reason, "taken_over"))
		return err_say(err, ERR_VALUE, N_("Choose a reason of the list first."), NULL);
	json_object_set_new(f, "reason", json_new_str(reason));
	if (where.n)
		json_object_set_new(f, "where", json_new_str(where));
	return record_set_inside(w, id, f, err) < 0 ? -1 : record_move_granted(w, g, 0, "explain", json_keep(w->mem, json_object()), err);
}

/* ---- who is expected ---- */

/* The check-ins of one convoy whose rows are of the family, in the order of the convoy; the newest convoy that has any. */
int checkins_of_family(struct work *w, struct id household, struct id **ids, size_t *n, struct err *err)
{
	const struct grant *rows = open_referring(w, "nominal_list_row", "household", household, err);
	struct id newest = { { 0 } };
	*n = 0;
	*ids = NEW_ARRAY(w->mem, struct id, (rows ? grant_count(rows) : 0) + 1);
	for (size_t i = rows ? grant_count(rows) : 0; i-- > 0;) {
		const struct grant *c = open_referring(w, "arrival_checkin", "row", grant_record(rows, i)->id, err);
		if (!c)
			return -1;
		for (size_t k = 0; k < grant_count(c); k++) {
			struct id convoy = grant_record(c, k)->parent;
			if (id_none(newest))
				newest = convoy;
			if (id_eq(newest, convoy) && *n < grant_count(rows))
				(*ids)[(*n)++] = grant_record(c, k)->id;
		}
	}
	for (size_t i = 0; i < *n / 2; i++) {
		struct id t = (*ids)[i];
		(*ids)[i] = (*ids)[*n - 1 - i];
		(*ids)[*n - 1 - i] = t;
	}
	return rows ? 0 : -1;
}

#define CONVOYS_MAX 32

static int somebody_in(struct work *w, struct id convoy, const char *state, bool *out, struct err *err)
{
	struct record_query q = { .state = str_of(state), .parent = convoy, .limit = 1 };
	struct id *ids;
	size_t n;
	if (record_list(w, type_named(w, "arrival_checkin"), &q, &ids, &n, NULL, err) < 0)
		return -1;
	*out = *out || n;
	return 0;
}

/* Convoys on the road, and those that came while somebody is still expected. */
int convoys_expected(struct work *w, struct id *out, size_t max, size_t *n, struct err *err)
{
	struct id *ids;
	size_t all;
	struct record_query q = { .limit = 200 };
	*n = 0;
	if (record_list(w, type_named(w, "convoy"), &q, &ids, &all, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < all && *n < max; i++) {
		struct record r;
		bool open = false;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (str_is(r.state, "arrived") && (somebody_in(w, r.id, "expected", &open, err) < 0 || somebody_in(w, r.id, "absent", &open, err) < 0))
			return -1;
		if (on_the_road(r.state) && (open || !str_is(r.state, "arrived")))
			out[(*n)++] = r.id;
	}
	return 0;
}

/* Who is expected, and under which check-in. */
static int expected(struct work *w, struct id *people, struct id *checkins, size_t *n, struct err *err)
{
	struct id convoys[CONVOYS_MAX];
	size_t nc;
	*n = 0;
	if (convoys_expected(w, convoys, CONVOYS_MAX, &nc, err) < 0)
		return -1;
	for (size_t c = 0; c < nc; c++) {
		struct id *ids;
		size_t all;
		if (record_rows(w, "arrival_checkin", convoys[c], &ids, &all, err) < 0)
			return -1;
		for (size_t i = 0; i < all && *n < NAMES_AMONG_MAX; i++) {
			struct record r;
			if (record_head(w, ids[i], &r, err) < 0)
				return -1;
			people[*n] = r.subject;
			checkins[(*n)++] = r.id;
		}
	}
	return 0;
}

int checkin_search(struct work *w, struct str typed, struct id *out, size_t max, size_t *n, struct err *err)
{
	struct id *people = NEW_ARRAY(w->mem, struct id, NAMES_AMONG_MAX), *checkins = NEW_ARRAY(w->mem, struct id, NAMES_AMONG_MAX);
	struct names_ask ask = { .top = (uint8_t)(max < NAME_TOP_MAX ? max : NAME_TOP_MAX), .who = { .name = typed } };
	struct names_answer a;
	size_t all;
	*n = 0;
	if (expected(w, people, checkins, &all, err) < 0 || people_ask_among(w, &ask, people, all, &a, err) < 0)
		return -1;
	for (size_t i = 0; i < a.n; i++)
		for (size_t k = 0; people_meets(w, typed, &a.candidate[i]) && k < all && *n < max; k++)
			if (id_eq(people[k], a.candidate[i].id))
				out[(*n)++] = checkins[k];
	return 0;
}

int checkin_households(struct work *w, const struct id *checkins, size_t n, struct id *households, struct err *err)
{
	const struct grant *g = record_open_inside(w, type_named(w, "arrival_checkin"), checkins, n, err);
	struct id *rows = NEW_ARRAY(w->mem, struct id, n + 1);
	size_t *of = NEW_ARRAY(w->mem, size_t, n + 1), k = 0;
	for (size_t i = 0; g && i < n; i++) {
		households[i] = (struct id){ { 0 } };
		rows[k] = ref_at(g, i, "row");
		of[k] = i;
		k += !id_none(rows[k]);
	}
	const struct grant *r = g ? record_open_inside(w, type_named(w, "nominal_list_row"), rows, k, err) : NULL;
	for (size_t i = 0; r && i < k; i++)
		households[of[i]] = ref_at(r, i, "household");
	return r ? 0 : -1;
}

int decision_given(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "identity_claim", r->id, err);
	if (!g)
		return -1;
	return text_at(g, 0, "decision").n ? 0 : refuse_rule(w, r, "decision_given", N_("Choose same, different or not sure first."), err);
}
