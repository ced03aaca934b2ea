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
	return g ? 0 : -1;
}

/* The row on the list says the same as the seat. */
int mark_row(struct work *w, const struct record *r, struct err *err)
{
	static const struct { const char *seat, *move; } SAME[] = { { "boarded", "board" }, { "reserve_boarded", "board" }, { "not_come", "miss" }, { "withdrew", "withdraw_person" } };
	const struct grant *g = open_one(w, "leg_seat", r->id, err);
	struct record row;
	if (!g || record_head(w, ref_at(g, 0, "row"), &row, err) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(SAME); i++)
		if (str_is(r->state, SAME[i].seat) && str_is(row.state, "approved"))
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
			buf_fmt(&b, "%s" S_FMT " %lld", b.n ? ", " : "", S_ARG(tr(w->lang, str_z(w->mem, care->codes->codes[x].label))), (long long)counts[x]);
	return b.n ? json_new_str(buf_text(&b)) : NULL;
}
