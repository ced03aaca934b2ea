#include "journey/journey_i.h"

/* Seats: who sits in which vehicle. Families sit together where they travel; a child never without the guardian; nobody is left out because a vehicle is full: then
   the plan is refused and says so. */
#define LEGS_MAX 64
#define PARTY_MAX 64

struct leg { struct id id; int64_t capacity, taken; };
struct party { struct id household; struct id rows[PARTY_MAX], people[PARTY_MAX], guardians[PARTY_MAX] /* none: an adult */; size_t n; };      /* a family's rows that travel */

static int legs_load(struct work *w, struct id convoy, struct leg *legs, size_t *n, struct err *err)
{
	const struct grant *g = open_rows(w, "vehicle_leg", convoy, err);
	*n = 0;
	for (size_t i = 0; g && i < grant_count(g) && *n < LEGS_MAX; i++)
		if (state_is(g, i, "loading") && str_eq(grant_record(g, i)->owner, w->node->name))
			legs[(*n)++] = (struct leg){ grant_record(g, i)->id, json_integer_value(record_value_inside(g, i, "capacity")), 0 };
	return g ? 0 : -1;
}

/* Plans made before are planned anew; what was marked stays. */
static int seats_clear(struct work *w, struct leg *leg, struct err *err)
{
	const struct grant *g = open_rows(w, "leg_seat", leg->id, err);
	for (size_t i = 0; g && i < grant_count(g); i++) {
		if (state_is(g, i, "seated") && record_move_inside(w, grant_record(g, i)->id, "unseat", err) < 0)
			return -1;
		leg->taken += state_is(g, i, "boarded") || state_is(g, i, "reserve_boarded");
	}
	return g ? 0 : -1;
}

/* A row has a seat when a seat that counts refers to it. */
static bool seated(struct work *w, struct id row)
{
	struct err ignored = { 0 };
	const struct grant *g = open_referring(w, "leg_seat", "row", row, &ignored);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (!state_is(g, i, "unseated") && !state_is(g, i, "not_come") && !state_is(g, i, "withdrew"))
			return true;
	return false;
}

static struct party *party_of(struct party *all, size_t *n, struct id household)
{
	for (size_t i = *n; i-- > 0;)
		if (id_eq(all[i].household, household) && all[i].n < PARTY_MAX)
			return &all[i];
	all[*n] = (struct party){ .household = household };
	return &all[(*n)++];
}

static int parties_load(struct work *w, struct id convoy, struct party **out, size_t *n, struct err *err)
{
	struct id *lists;
	size_t nlists, cap = 0;
	*n = 0;
	if (lists_of(w, convoy, &lists, &nlists, err) < 0)
		return -1;
	const struct grant **g = NEW_ARRAY(w->mem, const struct grant *, nlists + 1);
	for (size_t l = 0; l < nlists; l++) {
		if (!(g[l] = open_rows(w, "nominal_list_row", lists[l], err)))
			return -1;
		cap += grant_count(g[l]);
	}
	*out = NEW_ARRAY(w->mem, struct party, cap + 1);
	for (size_t l = 0; l < nlists; l++) {
		for (size_t i = 0; i < grant_count(g[l]); i++) {
			if (!state_is(g[l], i, "approved") || flag_at(g[l], i, "reserve") || seated(w, grant_record(g[l], i)->id))
				continue;
			struct party *p = party_of(*out, n, ref_at(g[l], i, "household"));
			p->rows[p->n] = grant_record(g[l], i)->id;
			p->guardians[p->n] = flag_at(g[l], i, "minor") ? ref_at(g[l], i, "guardian") : (struct id){ { 0 } };
			p->people[p->n++] = ref_at(g[l], i, "person");
		}
	}
	return 0;
}

static struct party *party_with(struct party *all, size_t n, struct id person)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < all[i].n; k++)
			if (id_eq(all[i].people[k], person))
				return &all[i];
	return NULL;
}

static bool has_boarded(struct work *w, struct id person)
{
	struct err ignored = { 0 };
	const struct grant *g = open_referring(w, "leg_seat", "person", person, &ignored);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (state_is(g, i, "boarded") || state_is(g, i, "reserve_boarded"))
			return true;
	return false;
}

static int child_alone(struct work *w, struct id row, struct err *err)
{
	struct record r;
	if (record_head(w, row, &r, err) < 0)
		return -1;
	return refuse_rule(w, &r, "child_not_alone", N_("A child would travel alone: the guardian has no approved place on this convoy. The child-protection officer decides first."), err);
}

static void party_add(struct party *to, struct party *from, size_t k)
{
	to->rows[to->n] = from->rows[k];
	to->guardians[to->n] = from->guardians[k];
	to->people[to->n++] = from->people[k];
}

static void party_drop(struct party *p, size_t k)
{
	for (p->n--; k < p->n; k++) {
		p->rows[k] = p->rows[k + 1];
		p->guardians[k] = p->guardians[k + 1];
		p->people[k] = p->people[k + 1];
	}
}

/* A child whose guardian is of another family sits with that family; one whose guardian does not travel stops the plan. */
static int children_join(struct work *w, struct party *all, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < all[i].n; k++) {
			struct id guardian = all[i].guardians[k];
			if (id_none(guardian) || party_with(&all[i], 1, guardian))
				continue;
			struct party *with = party_with(all, n, guardian);
			if (!with && has_boarded(w, guardian))
				continue;
			if (!with || with->n == PARTY_MAX)
				return child_alone(w, all[i].rows[k], err);
			party_add(with, &all[i], k);
			party_drop(&all[i], k--);
		}
	}
	return 0;
}

static int larger_first(const void *a, const void *b)
{
	const struct party *x = a, *y = b;
	return x->n < y->n ? 1 : x->n > y->n ? -1 : id_cmp(&x->household, &y->household);
}

static int seat_one(struct work *w, struct leg *leg, struct id person, struct id row, const char *move, struct err *err)
{
	struct id id;
	struct draft d = { .type = type_named(w, "leg_seat"), .parent = leg->id, .by_program = true,
		.fields = json_keep(w->mem, json_pack("{s:s, s:s, s:s}", "person", id_text(w->mem, person).p, "row", id_text(w->mem, row).p, "seat",
		    str_fmt(w->mem, "%lld", (long long)++leg->taken).p)) };
	if (record_create(w, &d, &id, err) < 0)
		return -1;
	return move ? record_move_inside(w, id, move, err) : 0;
}

/* The fullest vehicle that still takes all of them. */
static struct leg *leg_for(struct leg *legs, size_t n, size_t people)
{
	struct leg *best = NULL;
	for (size_t i = 0; i < n; i++)
		if (legs[i].capacity - legs[i].taken >= (int64_t)people && (!best || legs[i].taken > best->taken))
			best = &legs[i];
	return best;
}

static int sit(struct work *w, struct leg *leg, const struct party *p, struct err *err)
{
	for (size_t i = 0; i < p->n; i++)
		if (seat_one(w, leg, p->people[i], p->rows[i], NULL, err) < 0)
			return -1;
	return 0;
}

/* An adult of the family with the children in her charge, and those in theirs: a girl of seventeen may be the guardian of her own child. */
static struct party part_of(struct party *p, size_t adult)
{
	struct party part = { .household = p->household };
	party_add(&part, p, adult);
	for (size_t k = 0; k < part.n; k++)
		for (size_t i = 0; i < p->n; i++)
			if (!id_none(p->guardians[i]) && id_eq(p->guardians[i], part.people[k]) && !party_with(&part, 1, p->people[i]))
				party_add(&part, p, i);
	return part;
}

/* A family sits together where a vehicle has room for it; else each adult with her children. Sitting together is a rule of seating, never a condition of travel. */
static int party_seat(struct work *w, struct leg *legs, size_t n, struct party *p, struct err *err)
{
	struct leg *leg = leg_for(legs, n, p->n);
	if (leg || p->n == 0)
		return leg ? sit(w, leg, p, err) : 0;
	size_t sat = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (!id_none(p->guardians[i]) && party_with(p, 1, p->guardians[i]))
			continue;
		struct party part = part_of(p, i);
		sat += part.n;
		if (!(leg = leg_for(legs, n, part.n)))
			return err_say(err, ERR_SAFEGUARD, N_("There are fewer seats than people, or no vehicle has room for a whole family. Add a vehicle."), NULL);
		if (sit(w, leg, &part, err) < 0)
			return -1;
	}
	return sat == p->n ? 0 : child_alone(w, p->rows[0], err);      /* children who are each other's guardians have none */
}

int seats_plan(struct work *w, struct id convoy, struct err *err)
{
	struct leg legs[LEGS_MAX];
	struct party *parties;
	size_t n, np;
	const struct type *seat = type_named(w, "leg_seat");
	if (!record_may_create(w, seat))
		return err_set(err, ERR_FORBIDDEN, "the role plans no seats");
	if (!record_open(w, type_named(w, "convoy"), &convoy, 1, err) || legs_load(w, convoy, legs, &n, err) < 0)
		return -1;
	if (n == 0)
		return err_say(err, ERR_SAFEGUARD, N_("This convoy has no vehicle that is still loading."), NULL);
	for (size_t i = 0; i < n; i++)
		if (seats_clear(w, &legs[i], err) < 0)
			return -1;
	if (parties_load(w, convoy, &parties, &np, err) < 0 || children_join(w, parties, np, err) < 0)
		return -1;
	if (np == 0)
		return err_say(err, ERR_CONFLICT, N_("Nobody on the lists of this convoy waits for a seat."), NULL);
	qsort(parties, np, sizeof *parties, larger_first);
	for (size_t i = 0; i < np; i++)
		if (party_seat(w, legs, n, &parties[i], err) < 0)
			return -1;
	return 0;
}

/* ---- changes by hand, until sealed ---- */

/* Vehicles and seats have one owner; on the morning marks are made at one node only (DOMAIN 2). */
static int may_seat(struct work *w, const struct record *leg, const char *move, struct err *err)
{
	const struct type *t = type_named(w, "leg_seat");
	const struct tmove *m = move ? type_move(t, str_of(move)) : NULL;
	if (m ? !policy_named(w->actor.role, m->by.at, m->by.n) : !record_may_create(w, t)) {
		w->refusal = (struct refusal){ .reason = STR("role"), .type = t->name };
		return err_say(err, ERR_FORBIDDEN, N_("Your role does not allow this."), NULL);
	}
	return str_eq(leg->owner, w->node->name) ? 0 : err_say(err, ERR_CONFLICT, N_("Seats are changed at the node that has the vehicle."), NULL);
}

static int leg_of(struct work *w, struct id id, struct leg *leg, struct err *err)
{
	const struct grant *g = record_open(w, type_named(w, "vehicle_leg"), &id, 1, err), *seats = g ? open_rows(w, "leg_seat", id, err) : NULL;
	if (!seats)
		return -1;
	if (!state_is(g, 0, "loading"))
		return err_say(err, ERR_CONFLICT, N_("The boarding list of this vehicle is sealed."), NULL);
	*leg = (struct leg){ id, json_integer_value(record_value_inside(g, 0, "capacity")), 0 };
	for (size_t i = 0; i < grant_count(seats); i++)
		leg->taken += state_is(seats, i, "seated") || state_is(seats, i, "boarded") || state_is(seats, i, "reserve_boarded");
	return 0;
}

static bool child_of(struct work *w, struct id row, struct id guardian)
{
	struct err ignored = { 0 };
	const struct grant *g = open_one(w, "nominal_list_row", row, &ignored);
	return g && flag_at(g, 0, "minor") && id_eq(ref_at(g, 0, "guardian"), guardian);
}

static bool guardian_in(struct work *w, struct id row, struct id leg)
{
	struct err ignored = { 0 };
	const struct grant *g = open_one(w, "nominal_list_row", row, &ignored), *seats = g ? open_rows(w, "leg_seat", leg, &ignored) : NULL;
	if (g && !flag_at(g, 0, "minor"))
		return true;
	for (size_t i = 0; seats && i < grant_count(seats); i++)
		if (!state_is(seats, i, "unseated") && id_eq(ref_at(seats, i, "person"), ref_at(g, 0, "guardian")))
			return true;
	return false;
}

int seat_move(struct work *w, struct id seat, struct id to, struct err *err)
{
	struct record r, from, target;
	struct leg leg;
	if (record_head(w, seat, &r, err) < 0 || record_head(w, r.parent, &from, err) < 0 || record_head(w, to, &target, err) < 0 || may_seat(w, &target, NULL, err) < 0 ||
	    leg_of(w, to, &leg, err) < 0)
		return -1;
	if (!str_is(r.type->name, "leg_seat") || !id_eq(from.parent, target.parent))
		return err_set(err, ERR_NOT_FOUND, "no seat of this convoy");
	const struct grant *g = open_rows(w, "leg_seat", r.parent, err);
	struct id moving[PARTY_MAX], people[PARTY_MAX];
	size_t n = 0;
	for (size_t i = 0; g && i < grant_count(g) && n < PARTY_MAX; i++) {
		bool self = id_eq(grant_record(g, i)->id, seat);
		if (state_is(g, i, "seated") && (self || child_of(w, ref_at(g, i, "row"), r.subject))) {
			moving[n] = grant_record(g, i)->id;
			people[n++] = ref_at(g, i, "row");
		}
	}
	if (!g || n == 0)
		return g ? err_say(err, ERR_CONFLICT, N_("Only somebody who is not marked yet changes the vehicle."), NULL) : -1;
	if (leg.taken + (int64_t)n > leg.capacity)
		return err_say(err, ERR_SAFEGUARD, N_("There are fewer seats than people, or no vehicle has room for a whole family. Add a vehicle."), NULL);
	for (size_t i = 0; i < n; i++) {
		struct record s;
		if (record_head(w, moving[i], &s, err) < 0 || record_move_inside(w, moving[i], "unseat", err) < 0 || seat_one(w, &leg, s.subject, people[i], NULL, err) < 0)
			return -1;
	}
	const struct grant *mine = open_referring(w, "leg_seat", "person", r.subject, err);
	return mine && guardian_in(w, people[0], to) ? 0 : err_say(err, ERR_SAFEGUARD, N_("A child sits in the vehicle of the guardian."), NULL);
}

int seat_reserve(struct work *w, struct id leg_id, struct id row, struct err *err)
{
	struct leg leg;
	struct record on;
	const struct grant *g;
	if (record_head(w, leg_id, &on, err) < 0 || may_seat(w, &on, "board_reserve", err) < 0 || leg_of(w, leg_id, &leg, err) < 0 ||
	    !(g = record_open(w, type_named(w, "nominal_list_row"), &row, 1, err)))
		return -1;
	const struct grant *list = open_one(w, "nominal_list", grant_record(g, 0)->parent, err);
	if (!list)
		return -1;
	if (!id_eq(ref_at(list, 0, "convoy"), on.parent))
		return err_say(err, ERR_SAFEGUARD, N_("This row is on the list of another convoy."), NULL);
	if (!state_is(g, 0, "approved") || seated(w, row))
		return err_say(err, ERR_SAFEGUARD, N_("Only an approved reserve row without a seat can take one."), NULL);
	if (leg.taken >= leg.capacity)
		return err_say(err, ERR_SAFEGUARD, N_("This vehicle is full."), NULL);
	if (!guardian_in(w, row, leg_id))
		return err_say(err, ERR_SAFEGUARD, N_("A child sits in the vehicle of the guardian."), NULL);
	return seat_one(w, &leg, ref_at(g, 0, "person"), row, "board_reserve", err);
}

/* Rows of the convoy's lists in a state; reserve: only those, and without a seat. */
static int rows_of_convoy(struct work *w, struct id convoy, const char *state, bool reserve, struct id **rows, size_t *n, struct err *err)
{
	struct id *lists;
	size_t nlists, cap = 0;
	*n = 0;
	if (lists_of(w, convoy, &lists, &nlists, err) < 0)
		return -1;
	const struct grant **g = NEW_ARRAY(w->mem, const struct grant *, nlists + 1);
	for (size_t l = 0; l < nlists; l++) {
		if (!(g[l] = open_rows(w, "nominal_list_row", lists[l], err)))
			return -1;
		cap += grant_count(g[l]);
	}
	*rows = NEW_ARRAY(w->mem, struct id, cap + 1);
	for (size_t l = 0; l < nlists; l++)
		for (size_t i = 0; i < grant_count(g[l]); i++)
			if (state_is(g[l], i, state) && (!reserve || (flag_at(g[l], i, "reserve") && !seated(w, grant_record(g[l], i)->id))))
				(*rows)[(*n)++] = grant_record(g[l], i)->id;
	return 0;
}

int seats_reserves(struct work *w, struct id convoy, struct id **rows, size_t *n, struct err *err)
{
	return rows_of_convoy(w, convoy, "approved", true, rows, n, err);
}

int rows_left_out(struct work *w, struct id convoy, struct id **rows, size_t *n, struct err *err)
{
	return rows_of_convoy(w, convoy, "listed", false, rows, n, err);
}
