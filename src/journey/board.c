#include "journey/journey_i.h"

/* The loading morning: marks on seats, the sealed boarding list, the road to the border. */

static const char *const MARK_WORDS[MARKS] = { "board", "miss", "withdraw", "add_newborn" };

const char *mark_word(enum mark m)
{
	return MARK_WORDS[m < MARKS ? m : MARK_BOARD];
}

int leg_loading(struct work *w, const struct record *r, struct err *err)
{
	struct record leg;
	if (record_head(w, r->parent, &leg, err) < 0)
		return -1;
	return str_is(leg.state, "loading") ? 0 : refuse_rule(w, r, "leg_loading", N_("The boarding list of this vehicle is sealed."), err);
}

static int newborn_add(struct work *w, const struct grant *g, size_t i, struct err *err)
{
	int64_t n = json_integer_value(record_value_inside(g, i, "newborns"));
	json_t *f = json_keep(w->mem, json_pack("{s:I}", "newborns", (json_int_t)(n + 1)));
	return record_set_inside(w, grant_record(g, i)->id, f, err);
}

/* Where a child boarded, the guardian is on the convoy too: boarded, or not marked yet. At sealing everybody is marked. */
static bool guardian_gone(struct work *w, struct id row, struct id convoy, struct err *err)
{
	const struct grant *g = open_one(w, "nominal_list_row", row, err);
	if (!g || !flag_at(g, 0, "minor"))
		return false;
	const struct grant *seats = open_referring(w, "leg_seat", "person", ref_at(g, 0, "guardian"), err);
	for (size_t i = 0; seats && i < grant_count(seats); i++) {
		struct record leg;
		bool on = state_is(seats, i, "seated") || state_is(seats, i, "boarded") || state_is(seats, i, "reserve_boarded");
		if (on && record_head(w, grant_record(seats, i)->parent, &leg, err) == 0 && id_eq(leg.parent, convoy))
			return false;
	}
	return true;
}

static int children_accompanied(struct work *w, struct id leg, struct err *err)
{
	struct record r;
	struct err why = { 0 };
	const struct grant *g = record_head(w, leg, &r, err) < 0 ? NULL : open_rows(w, "leg_seat", leg, err);
	for (size_t i = 0; g && i < grant_count(g); i++) {
		if (!state_is(g, i, "boarded") && !state_is(g, i, "reserve_boarded"))
			continue;
		if (guardian_gone(w, ref_at(g, i, "row"), r.parent, &why))
			return refuse_rule(w, &r, "child_not_alone", N_("A child would travel alone: the guardian is not on board. Mark the child as not come, or call the child-protection officer."), err);
		if (why.code)
			return *err = why, -1;
	}
	return g ? 0 : -1;
}

int guardians_aboard(struct work *w, const struct record *r, struct err *err)
{
	return children_accompanied(w, r->id, err);
}

int seats_mark(struct work *w, struct id leg, const struct id *seats, const enum mark *marks, size_t n, struct str own_word, struct err *err)
{
	const struct grant *g = record_open(w, type_named(w, "leg_seat"), seats, n, err);
	json_t *with = json_keep(w->mem, json_object());
	if (own_word.n)
		json_object_set_new(with, "own_word", json_new_str(own_word));
	for (size_t i = 0; g && i < n; i++) {
		if (!id_eq(grant_record(g, i)->parent, leg))
			return err_set(err, ERR_NOT_FOUND, "no seat of this vehicle");
		if (record_move_granted(w, g, i, mark_word(marks[i]), with, err) < 0 || (marks[i] == MARK_NEWBORN && newborn_add(w, g, i, err) < 0))
			return -1;
	}
	return g ? children_accompanied(w, leg, err) : -1;
}

/* The row on the list says the same as the seat. */
int mark_row(struct work *w, const struct record *r, struct err *err)
{
	static const struct { const char *seat, *row, *move; } SAME[] = { { "boarded", "approved", "board" }, { "reserve_boarded", "approved", "board" },
		{ "not_come", "approved", "miss" }, { "withdrew", "approved", "withdraw_person" }, { "withdrew", "boarded", "leave_vehicle" } };
	const struct grant *g = open_one(w, "leg_seat", r->id, err);
	struct record row;
	if (!g || record_head(w, ref_at(g, 0, "row"), &row, err) < 0)
		return -1;
	if (!str_eq(row.owner, w->node->name))
		return 0;                               /* at a node that rides: the ministry's row follows when the seat comes there */
	for (size_t i = 0; i < COUNT(SAME); i++)
		if (str_is(r->state, SAME[i].seat) && str_is(row.state, SAME[i].row))
			return record_move_inside(w, row.id, SAME[i].move, err);
	return 0;
}

int task_register_newborn(struct work *w, const struct record *r, struct err *err)
{
	return task_open(w, str_is(w->node->kind, "camp") ? "camp" : "return", "register_newborn", r->subject, err);
}

/* ---- sealing ---- */

struct heads { int64_t boarded, newborns, unmarked; };

static int heads_of(struct work *w, struct id leg, struct heads *h, struct err *err)
{
	const struct grant *g = open_rows(w, "leg_seat", leg, err);
	*h = (struct heads){ 0 };
	for (size_t i = 0; g && i < grant_count(g); i++) {
		bool on = state_is(g, i, "boarded") || state_is(g, i, "reserve_boarded");
		h->boarded += on;
		h->newborns += on ? json_integer_value(record_value_inside(g, i, "newborns")) : 0;
		h->unmarked += state_is(g, i, "seated");
	}
	return g ? 0 : -1;
}

int tally_leg(struct work *w, struct id leg, struct leg_tally *t, struct err *err)
{
	const struct grant *g = open_rows(w, "leg_seat", leg, err);
	*t = (struct leg_tally){ 0 };
	for (size_t i = 0; g && i < grant_count(g); i++) {
		const struct grant *row = state_is(g, i, "withdrew") ? open_one(w, "nominal_list_row", ref_at(g, i, "row"), err) : NULL;
		if (state_is(g, i, "unseated") || (row && flag_at(row, 0, "reserve")))
			continue;
		bool reserve = state_is(g, i, "reserve_boarded"), on = reserve || state_is(g, i, "boarded");
		t->listed += !reserve;
		t->reserve += reserve;
		t->not_come += state_is(g, i, "not_come");
		t->withdrew += state_is(g, i, "withdrew");
		t->unmarked += state_is(g, i, "seated");
		t->newborns += on ? (size_t)json_integer_value(record_value_inside(g, i, "newborns")) : 0;
		t->boarded += on;
	}
	t->boarded += t->newborns;
	return g ? 0 : -1;
}

int every_seat_marked(struct work *w, const struct record *r, struct err *err)
{
	struct heads h;
	if (heads_of(w, r->id, &h, err) < 0)
		return -1;
	return h.unmarked == 0 ? 0 : refuse_rule(w, r, "every_seat_marked", N_("Somebody is not marked yet: boarded, not come or withdrew."), err);
}

int head_count_equals_list(struct work *w, const struct record *r, struct err *err)
{
	struct heads h;
	const struct grant *g = open_one(w, "vehicle_leg", r->id, err);
	if (!g || heads_of(w, r->id, &h, err) < 0)
		return -1;
	json_t *count = record_value_inside(g, 0, "head_count");
	return json_is_integer(count) && json_integer_value(count) == h.boarded + h.newborns ? 0 :
	    refuse_rule(w, r, "head_count_equals_list", N_("The head count is not what the list says. Count again."), err);
}

int sign_boarding_list(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "leg_seat", r->id, err);
	struct buf b = buf_new(w->mem, (size_t)1 << 20);
	for (size_t i = 0; g && i < grant_count(g); i++) {
		buf_put(&b, grant_record(g, i)->id.b, 16);
		buf_sized(&b, str_bytes(grant_record(g, i)->state));
		buf_u64(&b, (uint64_t)json_integer_value(record_value_inside(g, i, "newborns")));
	}
	struct hash h = sha256(buf_bytes(&b));
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "boarding_digest", json_new_str(hex(w->mem, bytes_of(h.b, sizeof h.b))));
	return g ? record_set_inside(w, r->id, f, err) : -1;
}

/* ---- legs of a convoy ---- */

static int every_leg(struct work *w, const struct record *r, struct id convoy, const char *const *states, const char *rule, struct err *err)
{
	const struct grant *g = open_rows(w, "vehicle_leg", convoy, err);
	size_t good = 0;
	for (size_t i = 0; g && i < grant_count(g); i++)
		for (size_t k = 0; states[k]; k++)
			good += state_is(g, i, states[k]);
	if (!g)
		return -1;
	return grant_count(g) && good == grant_count(g) ? 0 : refuse_rule(w, r, rule, N_("Not every vehicle of the convoy is that far yet."), err);
}

int boarding_lists_sealed(struct work *w, const struct record *r, struct err *err)
{
	static const char *const SEALED[] = { "sealed", "running", "unloaded", NULL };
	struct id convoy = r->id;
	if (str_is(r->type->name, "nominal_list")) {
		const struct grant *g = open_one(w, "nominal_list", r->id, err);
		if (!g)
			return -1;
		convoy = ref_at(g, 0, "convoy");
	}
	return every_leg(w, r, convoy, SEALED, "boarding_lists_sealed", err);
}

int legs_unloaded(struct work *w, const struct record *r, struct err *err)
{
	static const char *const DONE[] = { "unloaded", NULL };
	return every_leg(w, r, r->id, DONE, "legs_unloaded", err);
}

/* ---- the border ---- */

int count_given(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "border_handover", r->id, err);
	if (!g)
		return -1;
	bool whole = json_is_integer(record_value_inside(g, 0, "count")) && flag_at(g, 0, "children_asked");
	return whole ? 0 : refuse_rule(w, r, "count_given", N_("The head count is missing, or nobody asked for children without family."), err);
}

int handover_signed(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "border_handover", r->id, err);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (state_is(g, i, "signed"))
			return 0;
	return g ? refuse_rule(w, r, "handover_signed", N_("Both border posts sign the handover first."), err) : -1;
}

/* Over the digests of all boarding lists, in the order of the vehicles. */
static int digest_of_convoy(struct work *w, struct id convoy, struct str *out, struct err *err)
{
	const struct grant *g = open_rows(w, "vehicle_leg", convoy, err);
	struct buf b = buf_new(w->mem, (size_t)1 << 16);
	for (size_t i = 0; g && i < grant_count(g); i++)
		buf_sized(&b, str_bytes(text_at(g, i, "boarding_digest")));
	struct hash h = sha256(buf_bytes(&b));
	*out = hex(w->mem, bytes_of(h.b, sizeof h.b));
	return g ? 0 : -1;
}

static json_t *handover_fields(struct work *w, const struct handover_said *s, struct str digest)
{
	const struct { const char *name; struct str value; } TEXTS[] = { { "place", s->place }, { "at", time_text(w->mem, w->event_ms ? w->event_ms : w->now_ms) },
		{ "giving_node", w->node->name }, { "giving_unit", w->actor.unit }, { "receiving_node", s->receiving_node }, { "receiving_unit", s->receiving_unit },
		{ "boarding_digest", digest }, { "remark", s->remark } };
	json_t *f = json_keep(w->mem, json_pack("{s:I, s:b, s:b}", "count", (json_int_t)s->count, "children_asked", (int)s->children_asked, "health_check", (int)s->health_check));
	for (size_t i = 0; i < COUNT(TEXTS); i++)
		if (TEXTS[i].value.n)
			json_object_set_new(f, TEXTS[i].name, json_new_str(TEXTS[i].value));
	return f;
}

int handover_make(struct work *w, struct id convoy, const struct handover_said *said, struct id *out, struct err *err)
{
	struct record c, r;
	struct id *before, proposal;
	struct str digest;
	size_t n;
	struct draft with = { .fields = json_keep(w->mem, json_object()) };
	if (!record_open(w, type_named(w, "convoy"), &convoy, 1, err) || record_head(w, convoy, &c, err) < 0 || record_rows(w, "border_handover", convoy, &before, &n, err) < 0)
		return -1;
	if (n)
		return err_say(err, ERR_CONFLICT, N_("This convoy was handed over already: there is one handover for each convoy."), NULL);
	if (!str_is(c.state, "moving"))
		return err_say(err, ERR_CONFLICT, N_("Only a convoy on the road is handed over at the border."), NULL);
	if (digest_of_convoy(w, convoy, &digest, err) < 0)
		return -1;
	struct draft d = { .type = type_named(w, "border_handover"), .parent = convoy, .unit = w->actor.unit, .fields = handover_fields(w, said, digest) };
	if (record_create(w, &d, out, err) < 0 || record_head(w, *out, &r, err) < 0)
		return -1;
	return record_move(w, *out, r.version, STR("sign"), &with, &proposal, err);
}

/* ---- rules ---- */

json_t *seats_expected(struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	struct err ignored = { 0 };
	struct heads h;
	(void)f;
	const struct record *r = grant_record(g, i);
	if (str_is(r->type->name, "vehicle_leg"))
		return heads_of(w, r->id, &h, &ignored) < 0 ? NULL : json_integer(h.boarded + h.newborns + h.unmarked);
	struct id leg = ref_at(g, i, "leg");
	int64_t sum = 0;
	if (!id_none(leg))
		return heads_of(w, leg, &h, &ignored) < 0 ? NULL : json_integer(h.boarded + h.newborns + h.unmarked);
	struct id *legs;
	size_t n;
	if (record_rows(w, "vehicle_leg", r->parent, &legs, &n, &ignored) < 0)
		return NULL;
	for (size_t k = 0; k < n; k++)
		sum += heads_of(w, legs[k], &h, &ignored) < 0 ? 0 : h.boarded + h.newborns + h.unmarked;
	return json_integer(sum);
}

/* How many of each need sit in the vehicle: all that a border post gets of needs. */
json_t *care_counts(struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	struct err ignored = { 0 };
	const struct grant *seats = open_rows(w, "leg_seat", grant_record(g, i)->id, &ignored);
	const struct tfield *care = type_field(type_named(w, "nominal_list_row"), STR("care"));
	int64_t counts[64] = { 0 };
	struct buf b = buf_new(w->mem, 4096);
	(void)f;
	for (size_t k = 0; seats && k < grant_count(seats); k++) {
		const struct grant *row = open_one(w, "nominal_list_row", ref_at(seats, k, "row"), &ignored);
		json_t *list = row && !state_is(seats, k, "unseated") ? record_value_inside(row, 0, "care") : NULL;
		for (size_t c = 0; c < json_array_size(list); c++)
			for (size_t x = 0; x < care->codes->n && x < COUNT(counts); x++)
				counts[x] += str_is(care->codes->codes[x].value, json_string_value(json_array_get(list, c)));
	}
	for (size_t x = 0; x < care->codes->n && x < COUNT(counts); x++)
		if (counts[x])
			buf_fmt(&b, S_FMT S_FMT " " S_FMT, S_ARG(b.n ? tr(w->lang, N_(", ")) : (struct str){ 0 }), S_ARG(tr(w->lang, str_z(w->mem, care->codes->codes[x].label))),
			    S_ARG(num_text(w->mem, w->lang, w->numerals, counts[x])));
	return b.n ? json_new_str(buf_text(&b)) : NULL;
}
