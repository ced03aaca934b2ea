#include "journey/journey_i.h"

/* Boarded = arrived + explained. Counted from the sealed boarding lists, the check-ins and the differences, here and now; nothing is kept twice. */

static bool boarded(const struct grant *g, size_t i)
{
	return state_is(g, i, "boarded") || state_is(g, i, "reserve_boarded");
}

struct person_row { struct id person, household; };
struct fate { struct id person; char what; };             /* 'a' arrived, 'e' explained */

static int by_person(const void *a, const void *b)
{
	const struct fate *x = a, *y = b;
	return id_cmp(&x->person, &y->person);
}

/* The people of a convoy whose record of the type reached the state: who they are stands in the record's head, so that nothing is opened. */
static int fates_add(struct work *w, const char *type, const char *state, char what, struct id convoy, struct fate **all, size_t *n, struct err *err)
{
	struct id *ids;
	size_t k;
	if (record_rows(w, type, convoy, &ids, &k, err) < 0)
		return -1;
	struct fate *more = NEW_ARRAY(w->mem, struct fate, *n + k + 1);
	if (*n)
		memcpy(more, *all, *n * sizeof *more);
	*all = more;
	for (size_t i = 0; i < k; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (str_is(r.state, state))
			more[(*n)++] = (struct fate){ r.subject, what };
	}
	return 0;
}

/* What became of each who boarded, sorted by person; who is not in it is open. One who arrived later has both: arrived counts. */
static int fates_of(struct work *w, struct id convoy, struct fate **all, size_t *n, struct err *err)
{
	*n = 0;
	*all = NULL;
	if (fates_add(w, "arrival_checkin", "checked_in", 'a', convoy, all, n, err) < 0 || fates_add(w, "difference", "explained", 'e', convoy, all, n, err) < 0)
		return -1;
	qsort(*all, *n, sizeof **all, by_person);
	return 0;
}

static char fate(const struct fate *all, size_t n, struct id person)
{
	const struct fate key = { .person = person }, *f = n ? bsearch(&key, all, n, sizeof *all, by_person) : NULL;
	if (!f)
		return 'o';
	while (f > all && id_eq(f[-1].person, person))
		f--;
	for (; f < all + n && id_eq(f->person, person); f++)
		if (f->what == 'a')
			return 'a';
	return 'e';
}

static struct family_tally *family_at(struct family_tally *all, size_t *n, struct id household)
{
	for (size_t i = *n; i-- > 0;)
		if (id_eq(all[i].household, household))
			return &all[i];
	all[*n] = (struct family_tally){ .household = household };
	return &all[(*n)++];
}

/* The boarded seats of all legs with their rows' families; newborns come with their mother's seat. */
static int seats_boarded(struct work *w, struct id convoy, struct person_row **out, size_t *n, size_t *newborns, struct err *err)
{
	struct id *legs, *rows;
	size_t nlegs, cap = 1;
	*n = *newborns = 0;
	if (record_rows(w, "vehicle_leg", convoy, &legs, &nlegs, err) < 0)
		return -1;
	const struct grant **seats = NEW_ARRAY(w->mem, const struct grant *, nlegs + 1);
	for (size_t l = 0; l < nlegs; l++) {
		if (!(seats[l] = open_rows(w, "leg_seat", legs[l], err)))
			return -1;
		cap += grant_count(seats[l]);
	}
	*out = NEW_ARRAY(w->mem, struct person_row, cap);
	rows = NEW_ARRAY(w->mem, struct id, cap);
	for (size_t l = 0; l < nlegs; l++) {
		for (size_t i = 0; i < grant_count(seats[l]); i++) {
			if (!boarded(seats[l], i))
				continue;
			*newborns += (size_t)json_integer_value(record_value_inside(seats[l], i, "newborns"));
			rows[*n] = ref_at(seats[l], i, "row");
			(*out)[(*n)++].person = ref_at(seats[l], i, "person");
		}
	}
	const struct grant *g = record_open_inside(w, type_named(w, "nominal_list_row"), rows, *n, err);
	for (size_t i = 0; g && i < *n; i++)
		(*out)[i].household = ref_at(g, i, "household");
	return g ? 0 : -1;
}

static int tally(struct work *w, struct id convoy, struct family_tally **out, size_t *n, size_t *newborns, struct err *err)
{
	struct person_row *people;
	struct fate *fates;
	size_t np, nf;
	*n = 0;
	if (seats_boarded(w, convoy, &people, &np, newborns, err) < 0 || fates_of(w, convoy, &fates, &nf, err) < 0)
		return -1;
	*out = NEW_ARRAY(w->mem, struct family_tally, np + 1);
	for (size_t i = 0; i < np; i++) {
		struct family_tally *f = family_at(*out, n, people[i].household);
		char c = fate(fates, nf, people[i].person);
		if (!f->boarded)
			f->head = people[i].person;
		f->boarded++;
		f->arrived += c == 'a';
		f->explained += c == 'e';
		f->open += c == 'o';
	}
	return 0;
}

int tally_families(struct work *w, struct id convoy, struct family_tally **out, size_t *n, struct err *err)
{
	size_t newborns;
	return tally(w, convoy, out, n, &newborns, err);
}

int tally_convoy(struct work *w, struct id convoy, struct tally *t, struct err *err)
{
	struct family_tally *families;
	size_t n;
	*t = (struct tally){ 0 };
	if (tally(w, convoy, &families, &n, &t->newborns, err) < 0)
		return -1;
	t->families = n;
	for (size_t i = 0; i < n; i++) {
		t->boarded += families[i].boarded;
		t->arrived += families[i].arrived;
		t->explained += families[i].explained;
		t->open += families[i].open;
	}
	t->persons = t->boarded + t->newborns;
	return 0;
}

static int convoy_of_list(struct work *w, const struct record *list, struct id *convoy, struct id *batch, struct err *err)
{
	const struct grant *g = open_one(w, "nominal_list", list->id, err);
	if (!g)
		return -1;
	*convoy = ref_at(g, 0, "convoy");
	*batch = ref_at(g, 0, "batch");
	return 0;
}

int no_unexplained_difference(struct work *w, const struct record *r, struct err *err)
{
	struct id convoy, batch;
	struct tally t;
	if (convoy_of_list(w, r, &convoy, &batch, err) < 0 || tally_convoy(w, convoy, &t, err) < 0)
		return -1;
	return t.boarded && t.open == 0 ? 0 : refuse_rule(w, r, "no_unexplained_difference", N_("Somebody who boarded has neither arrived nor been explained."), err);
}

int every_list_reconciled(struct work *w, const struct record *r, struct err *err)
{
	struct id *ids;
	size_t n, done = 0;
	if (record_referring(w, "nominal_list", "batch", r->id, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record list;
		if (record_head(w, ids[i], &list, err) < 0)
			return -1;
		done += str_is(list.state, "reconciled");
	}
	return n && done == n ? 0 : refuse_rule(w, r, "every_list_reconciled", N_("A list of this batch is not reconciled yet."), err);
}

/* Fixed at reconciliation, never live: families and persons of the batch, over all its reconciled lists. */
int count_from_boarding(struct work *w, const struct record *r, struct err *err)
{
	struct id convoy, batch, *lists;
	size_t n, families = 0, persons = 0;
	if (convoy_of_list(w, r, &convoy, &batch, err) < 0 || id_none(batch) || record_referring(w, "nominal_list", "batch", batch, &lists, &n, err) < 0)
		return id_none(batch) ? 0 : -1;
	for (size_t i = 0; i < n; i++) {
		struct record list;
		struct tally t;
		if (record_head(w, lists[i], &list, err) < 0)
			return -1;
		if (!str_is(list.state, "reconciled"))
			continue;
		if (convoy_of_list(w, &list, &convoy, &batch, err) < 0 || tally_convoy(w, convoy, &t, err) < 0)
			return -1;
		families += t.families;
		persons += t.persons;
	}
	json_t *f = json_keep(w->mem, json_pack("{s:I, s:I}", "families", (json_int_t)families, "persons", (json_int_t)persons));
	return record_set_inside(w, batch, f, err);
}

static struct str area_of(struct work *w, struct id household)
{
	struct err ignored = { 0 };
	const struct grant *g = open_one(w, "household", household, &ignored);
	return g ? text_at(g, 0, "origin_place") : (struct str){ 0 };
}

static int people_counted(struct work *w, struct id convoy, struct counted_list *out, struct err *err)
{
	struct person_row *rows;
	size_t n, newborns;
	if (seats_boarded(w, convoy, &rows, &n, &newborns, err) < 0)
		return -1;
	struct id *ids = NEW_ARRAY(w->mem, struct id, n + 1);
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].person;
	const struct grant *g = record_open_inside(w, type_named(w, "person"), ids, n, err);
	out->people = NEW_ARRAY(w->mem, struct counted_person, n + newborns + 1);
	for (size_t i = 0; g && i < n; i++) {
		struct str sex = text_at(g, i, "sex");
		out->people[out->n++] = (struct counted_person){ .area = area_of(w, rows[i].household), .birth = text_at(g, i, "birth"),
			.sex = str_is(sex, "1") ? 1 : str_is(sex, "2") ? 2 : 0 };
	}
	for (size_t i = 0; i < newborns; i++)
		out->people[out->n++] = (struct counted_person){ .newborn = true };
	return g ? 0 : -1;
}

int list_counted(struct work *w, struct id list, struct counted_list *out, struct err *err)
{
	struct record r, convoy;
	struct tally t;
	*out = (struct counted_list){ 0 };
	if (record_head(w, list, &r, err) < 0 || convoy_of_list(w, &r, &out->convoy, &out->batch, err) < 0 || record_head(w, out->convoy, &convoy, err) < 0 ||
	    tally_convoy(w, out->convoy, &t, err) < 0)
		return -1;
	const struct grant *b = open_one(w, "batch", out->batch, err);
	if (!b)
		return -1;
	out->batch_no = json_integer_value(record_value_inside(b, 0, "batch_no"));
	out->origin = text_at(b, 0, "origin");
	out->destination = text_at(b, 0, "destination");
	out->arrived_ms = convoy.event_ms ? convoy.event_ms : convoy.updated_ms;
	out->families = (int64_t)t.families;
	return people_counted(w, out->convoy, out, err);
}

/* ---- what a copy that came sets in motion ---- */

static int list_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	if (str_is(w->node->kind, "ministry") && str_is(r->state, "submitted") && str_eq(r->owner, w->node->name))
		return open_vetting_requests(w, r, err);
	struct id convoy, batch;
	if (!str_is(w->node->kind, "camp") || !str_is(r->state, "frozen") || str_is(before, "frozen"))
		return 0;
	return list_share_with_centre(w, r, err) < 0 || convoy_of_list(w, r, &convoy, &batch, err) < 0 ? -1 : ride_names(w, convoy, err);
}

static int convoy_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	return str_is(r->state, "moving") && !str_is(before, "moving") ? open_checkins(w, r, err) : 0;
}

static int household_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	(void)before;
	return str_eq(r->owner, w->node->name) ? 0 : card_index(w, r, err);
}

static int consent_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	return str_is(w->node->kind, "ministry") && !before.n ? open_vetting_request(w, r, err) : 0;
}

static int seat_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	(void)before;
	return ride_seat(w, r, err) < 0 ? -1 : expect_seat(w, r, err);
}

static int leg_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	(void)before;
	return ride_names(w, r->parent, err);
}

int journey_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	static const struct { const char *type; int (*fn)(struct work *, const struct record *, struct str, struct err *); } ROWS[] = {
		{ "nominal_list", list_arrived }, { "consent", consent_arrived }, { "convoy", convoy_arrived }, { "household", household_arrived }, { "vehicle_leg", leg_arrived }, { "leg_seat", seat_arrived },
		{ "identity_claim", claim_arrived }, { "person", asked_person_arrived } };
	for (size_t i = 0; i < COUNT(ROWS); i++)
		if (str_is(r->type->name, ROWS[i].type))
			return ROWS[i].fn(w, r, before, err);
	return 0;
}

/* Until 72 hours after the last convoy of the batch arrived; a list or convoy alone likewise. */
#define EMBARGO_MS (72LL * 3600 * 1000)

static bool convoy_open(struct work *w, struct id convoy)
{
	struct record c;
	if (id_none(convoy) || record_head(w, convoy, &c, NULL) < 0)
		return false;
	int64_t at = c.event_ms ? c.event_ms : c.updated_ms;
	return str_is(c.state, "returned") || (str_is(c.state, "arrived") && at + EMBARGO_MS < w->now_ms);
}

bool journey_embargoed(struct work *w, const struct record *r)
{
	struct err ignored = { 0 };
	struct id *lists, convoy, batch;
	size_t n;
	if (str_is(r->type->name, "convoy"))
		return !convoy_open(w, r->id);
	if (str_is(r->type->name, "nominal_list"))
		return convoy_of_list(w, r, &convoy, &batch, &ignored) < 0 || !convoy_open(w, convoy);
	if (!str_is(r->type->name, "batch"))
		return id_none(r->parent) || !convoy_open(w, r->parent);
	if (record_referring(w, "nominal_list", "batch", r->id, &lists, &n, &ignored) < 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		struct record list;
		if (record_head(w, lists[i], &list, &ignored) < 0 || convoy_of_list(w, &list, &convoy, &batch, &ignored) < 0 || !convoy_open(w, convoy))
			return true;
	}
	return n == 0;
}
