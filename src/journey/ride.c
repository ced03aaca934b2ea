#include "journey/journey_i.h"

/* A node that rides with the convoy (kind travel; DOMAIN 2, Loading morning; ADR 125). It has no line. The ministry gives it the vehicles with their seats, and copies of the
   convoy and its lists; the camp gives it the names of those who travel. Marks and seals are made there, and go by stick to the ministry, whose rows follow the seats, and to
   the offices at both ends. An unloaded vehicle goes back to the ministry with its seats: what stays on the bus are copies, which end early. */

static int is_travel(struct work *w, struct str node, struct err *err)
{
	const struct line *line = &w->node->hooks->line;
	struct str kind = { 0 };
	if (!line->kind_of || str_eq(node, w->node->name))
		return 0;
	int rc = line->kind_of(w, node, &kind, err);
	return rc < 0 ? -1 : rc && str_is(kind, "travel");
}

int convoy_rider(struct work *w, struct id convoy, struct str *node, struct err *err)
{
	struct id *legs;
	size_t n;
	*node = (struct str){ 0 };
	if (record_rows(w, "vehicle_leg", convoy, &legs, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record leg;
		int rc = record_head(w, legs[i], &leg, err) < 0 ? -1 : is_travel(w, leg.owner, err);
		if (rc == 1)
			*node = leg.owner;
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- the ministry gives ---- */

int own_convoy(struct work *w, const struct record *r, struct err *err)
{
	struct record convoy;
	if (record_head(w, r->parent, &convoy, err) < 0)
		return -1;
	return str_eq(convoy.owner, w->node->name) ? 0 : refuse_rule(w, r, "own_convoy", N_("The office that owns the convoy gives its vehicles away."), err);
}

/* What the vehicle belongs to goes along; r->owner is the node that takes it over. Which one is said by a person, on the page of the convoy: names of people follow it. */
int ride_along(struct work *w, const struct record *leg, struct err *err)
{
	struct id *lists;
	size_t n;
	if (str_eq(leg->owner, w->node->name) || !str_eq(leg->owner, w->give_to))
		return err_say(err, ERR_VALUE, N_("Choose the node that rides along on the page of the convoy."), NULL);
	if (record_share(w, &leg->parent, 1, leg->owner, err) < 0 || lists_of(w, leg->parent, &lists, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (list_share_with_rider(w, lists[i], leg->owner, err) < 0)
			return -1;
	return 0;
}

/* ---- the camp: names of those who travel ---- */

static int share_names(struct work *w, struct id list, struct str node, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", list, err);
	if (!g)
		return -1;
	struct id *people = NEW_ARRAY(w->mem, struct id, grant_count(g) + 1), *families = NEW_ARRAY(w->mem, struct id, grant_count(g) + 1);
	size_t n = 0;
	for (size_t i = 0; i < grant_count(g); i++) {
		if (!state_is(g, i, "approved"))
			continue;
		people[n] = ref_at(g, i, "person");
		families[n++] = ref_at(g, i, "household");
	}
	return record_share(w, people, n, node, err) < 0 ? -1 : record_share(w, families, ids_unique(families, n), node, err);
}

bool rider_gets_names(struct work *w, struct str node)
{
	return w->node->hooks->line.allows && w->node->hooks->line.allows(w, node, STR("transfer"), STR("person"), STR("name"));
}

/* Where this office has no agreement with that node, its copy of the list is none the worse; the page of the convoy says so. */
static int names_for(struct work *w, struct id convoy, struct str node, struct err *err)
{
	struct id *lists;
	size_t n;
	if (!rider_gets_names(w, node))
		return 0;
	if (lists_of(w, convoy, &lists, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record list;
		if (record_head(w, lists[i], &list, err) < 0 || (str_is(list.state, "frozen") && share_names(w, lists[i], node, err) < 0))
			return -1;
	}
	return 0;
}

int ride_names(struct work *w, struct id convoy, struct err *err)
{
	struct str node;
	if (!str_is(w->node->kind, "camp") || id_none(convoy))
		return 0;
	int rc = convoy_rider(w, convoy, &node, err);
	return rc == 1 ? names_for(w, convoy, node, err) : rc;
}

/* ---- the node that rides: what it adds goes to both ends; the owner of the convoy gets it as every owner does, seats go where their vehicle has gone ---- */

int ride_written(struct work *w, const struct record *r, struct err *err)
{
	bool adds = r->version == 1 && str_is(w->node->kind, "travel") && (str_is(r->type->name, "vehicle_leg") || str_is(r->type->name, "checkpoint_event"));
	if (!adds)
		return 0;
	return share_with_kind(w, &r->id, 1, "camp", err) < 0 ? -1 : share_with_kind(w, &r->id, 1, "centre", err);
}

/* ---- the ministry: its rows follow the seats ---- */

static int newborn_followed(struct work *w, const struct record *seat, const struct grant *g, struct err *err)
{
	if (json_integer_value(record_value_inside(g, 0, "newborns")) == 0)
		return 0;
	const struct grant *tasks = open_referring(w, "task", "person", seat->subject, err);
	for (size_t i = 0; tasks && i < grant_count(tasks); i++)
		if (str_is(text_at(tasks, i, "reason"), "register_newborn"))
			return 0;
	return tasks ? task_register_newborn(w, seat, err) : -1;
}

/* Is it a row of a list of this convoy, and ours to move? */
static int follows(struct work *w, struct id row_id, struct id convoy, struct err *err)
{
	struct record row;
	if (record_head(w, row_id, &row, NULL) < 0 || !str_eq(row.owner, w->node->name))
		return 0;
	const struct grant *list = open_one(w, "nominal_list", row.parent, err);
	return list ? id_eq(ref_at(list, 0, "convoy"), convoy) : -1;
}

/* A mark that came too late for its list leaves the row as it is. */
static int row_follows(struct work *w, const struct record *seat, const struct grant *g, struct err *err)
{
	struct refusal before = w->refusal;
	struct err why = { 0 };
	int rc = mark_row(w, seat, &why);
	if (rc < 0 && why.code != ERR_SAFEGUARD && why.code != ERR_CONFLICT)
		return *err = why, -1;
	w->refusal = before;
	return newborn_followed(w, seat, g, err);
}

int ride_seat(struct work *w, const struct record *seat, struct err *err)
{
	struct record leg;
	if (!str_is(w->node->kind, "ministry") || record_head(w, seat->parent, &leg, NULL) < 0 || !str_eq(leg.owner, seat->owner))
		return 0;
	int rc = str_eq(seat->owner, w->node->name) ? 1 : is_travel(w, seat->owner, err);      /* ours: it came back with its vehicle */
	const struct grant *g = rc == 1 ? open_one(w, "leg_seat", seat->id, err) : NULL;
	if (!g)
		return rc ? -1 : 0;
	rc = follows(w, ref_at(g, 0, "row"), leg.parent, err);
	if (rc <= 0)
		return rc;
	struct actor actor = w->actor;
	int64_t event_ms = w->event_ms;
	w->actor = (struct actor){ .role = STR("CONVOY_LEAD"), .node = seat->owner };      /* the lead's act there, at the time when it was done */
	w->event_ms = seat->event_ms;
	rc = row_follows(w, seat, g, err);
	w->actor = actor;
	w->event_ms = event_ms;
	return rc;
}
