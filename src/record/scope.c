#include "record/custody.h"
#include "record/opening.h"
#include "record/record_i.h"

SQL(Q_HEAD, 1, "SELECT " HEAD_COLUMNS " FROM record WHERE id=?1");
SQL(Q_ROW, 1, "SELECT id, parent, subject, type, state, owner, unit, open, handle, version, created, updated, event FROM record WHERE id=?1");
/* From the record to its tasks: a desk may have tens of thousands. */
SQL(Q_CASELOAD, 3, "SELECT count(*) FROM record_ref r JOIN record t ON t.id=r.record WHERE r.target IN (?1, ?2) AND +t.type='task' AND +t.unit=?3");
SQL(Q_ON_ROW, 1, "SELECT EXISTS(SELECT 1 FROM record_ref f JOIN record t ON t.id=f.record WHERE f.target=?1 AND t.type IN ('nominal_list_row', 'leg_seat', 'arrival_checkin'))");
SQL(Q_CONVOY, 1, "SELECT target AS id FROM record_ref WHERE record=?1 AND field='convoy' LIMIT 1");
SQL(Q_LIST_OF, 1, "SELECT t.parent AS id FROM record_ref f JOIN record t ON t.id=f.record WHERE f.target=?1 AND t.type='nominal_list_row' ORDER BY t.id DESC LIMIT 1");
static const struct field HEAD_ROW[] = { HEAD_FIELDS };
#define TODAY_MS (48LL * 3600 * 1000)
struct one_id { struct id id; };
static const struct field ONE_ID[] = { FIELD(struct one_id, id) };
static const struct field ROW[] = { FIELD(struct row, id), FIELD(struct row, parent), FIELD(struct row, subject), FIELD(struct row, type), FIELD(struct row, state),
	FIELD(struct row, owner), FIELD(struct row, unit), FIELD(struct row, open), FIELD(struct row, handle), FIELD(struct row, version),
	FIELD(struct row, created), FIELD(struct row, updated), FIELD(struct row, event) };

int row_load(struct work *w, struct id id, struct row *out, struct err *err)
{
	int rc = DB_ONE(w->tx, &Q_ROW, ROW, out, w->mem, err, db_id(id));
	return rc == DB_ROW ? 0 : rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such record");
}

void row_record(const struct work *w, const struct row *r, struct record *out)
{
	*out = (struct record){ .id = r->id, .parent = r->parent, .subject = r->subject, .type = type_find(w->node->types, r->type), .state = r->state,
		.owner = r->owner, .unit = r->unit, .version = r->version, .created_ms = r->created, .updated_ms = r->updated, .event_ms = r->event };
}

int record_head(struct work *w, struct id id, struct record *out, struct err *err)
{
	struct row row = { 0 };
	int rc = DB_ONE(w->tx, &Q_HEAD, HEAD_ROW, &row, w->mem, err, db_id(id));
	if (rc != DB_ROW)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such record");
	row_record(w, &row, out);
	return out->type ? 0 : err_set(err, ERR_FAULT, "a record of an unknown type");
}

/* A list that this node holds is a batch that it works on; so is what the list, its convoy and their rows name. */
static const char *const OF_BATCH[] = { "batch", "nominal_list", "nominal_list_row", "convoy", "vehicle_leg", "leg_seat", "checkpoint_event", "border_handover",
	"arrival_checkin", "difference", "rapid_notice", "notice_ack" };

static bool of_batch(struct work *w, const struct record *r)
{
	for (size_t i = 0; i < COUNT(OF_BATCH); i++)
		if (str_is(r->type->name, OF_BATCH[i]))
			return true;
	return r->type->about != ABOUT_NOBODY && DB_COUNT(w->tx, &Q_ON_ROW, db_id(id_none(r->subject) ? r->id : r->subject)) > 0;
}

/* The convoy of a record, directly or through what it is a row of. */
static bool convoy_of(struct work *w, const struct record *r, struct id *convoy)
{
	struct one_id row;
	struct record parent;
	*convoy = r->id;
	if (str_is(r->type->name, "convoy"))
		return true;
	if (DB_ONE(w->tx, &Q_CONVOY, ONE_ID, &row, w->mem, NULL, db_id(r->id)) == DB_ROW) {
		*convoy = row.id;
		return true;
	}
	if (!id_none(r->parent))
		return record_head(w, r->parent, &parent, NULL) == 0 && convoy_of(w, &parent, convoy);
	/* a person or family: that of the newest list that names her */
	return r->type->about != ABOUT_NOBODY && DB_ONE(w->tx, &Q_LIST_OF, ONE_ID, &row, w->mem, NULL, db_id(id_none(r->subject) ? r->id : r->subject)) == DB_ROW &&
	    record_head(w, row.id, &parent, NULL) == 0 && !str_eq(parent.type->name, r->type->name) && convoy_of(w, &parent, convoy);
}

/* Today's: until two days after it arrived or turned back. */
static bool convoy_today(struct work *w, const struct record *r)
{
	struct id convoy;
	struct record c;
	if (!convoy_of(w, r, &convoy))
		return false;
	if (record_head(w, convoy, &c, NULL) < 0)          /* a notice came, and the convoy is not known here */
		return r->created_ms > w->now_ms - TODAY_MS;
	bool over = str_is(c.state, "arrived") || str_is(c.state, "returned");
	return !over || c.updated_ms > w->now_ms - TODAY_MS;
}

/* A room in which the actor's role at this office is a member today. Its rows are in it as every row is in its parent's scopes. */
static bool member_today(struct work *w, struct id room)
{
	struct id *ids;
	size_t n;
	struct err ignored = { 0 };
	if (record_rows(w, "room_member", room, &ids, &n, &ignored) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct row row;
		int64_t from, to = INT64_MAX;
		json_t *open = row_load(w, ids[i], &row, &ignored) < 0 ? NULL : json_read(w->mem, row.open, &ignored);
		if (!open || !str_eq(json_str(open, "role"), w->actor.role) || !str_eq(json_str(open, "node"), w->node->name) || time_parse(json_str(open, "starts"), &from) < 0)
			continue;
		if (json_str(open, "ends").n && time_parse(json_str(open, "ends"), &to) < 0)
			continue;
		if (from <= w->now_ms && w->now_ms < to)
			return true;
	}
	return false;
}

/* Is the record for the actor's desk by its field `desks` ("ROLE@node")? */
static bool desk_named(struct work *w, const struct record *r)
{
	struct row row;
	struct str desk = str_fmt(w->mem, S_FMT "@" S_FMT, S_ARG(w->actor.role), S_ARG(w->node->name));
	json_t *open = row_load(w, r->id, &row, NULL) < 0 ? NULL : json_read(w->mem, row.open, NULL), *desks = json_object_get(open, "desks");
	for (size_t i = 0; i < json_array_size(desks); i++)
		if (str_eq(str_of(json_string_value(json_array_get(desks, i))), desk))
			return true;
	return false;
}

static unsigned own_scopes(struct work *w, const struct record *r, unsigned wanted)
{
	const unsigned batch = 1u << SCOPE_OWN_BATCH, today = 1u << SCOPE_OWN_CONVOY_TODAY, caseload = 1u << SCOPE_OWN_CASELOAD;
	unsigned s = 0;
	if ((wanted & 1u << SCOPE_OWN_ROOM) && str_is(r->type->name, "joint_room") && member_today(w, r->id))
		s |= 1u << SCOPE_OWN_ROOM;
	if ((wanted & caseload) && str_is(r->type->name, "notice_photo") && desk_named(w, r))
		s |= caseload;
	if ((wanted & (batch | today)) && of_batch(w, r))
		s |= batch;
	if ((wanted & today) && (s & batch) && convoy_today(w, r))
		s |= today;
	bool own = w->actor.unit.n && str_eq(r->unit, w->actor.unit);
	if (own)
		s |= 1u << SCOPE_OWN_UNIT;
	if (own && str_eq(r->owner, w->node->name))      /* whom a centre registered itself, before or without a list */
		s |= batch;
	if ((wanted & caseload) && w->actor.unit.n && DB_COUNT(w->tx, &Q_CASELOAD, db_id(r->id), db_id(id_none(r->subject) ? r->id : r->subject), db_text(w->actor.unit)) > 0)
		s |= caseload;
	return s & wanted;
}

/* A row of a list is in every scope in which its list is. */
unsigned scopes_of_row(struct work *w, const struct record *r, unsigned wanted, struct parent_scopes *known)
{
	struct record parent;
	unsigned s = own_scopes(w, r, wanted);
	if (id_none(r->parent) || s == wanted)
		return s;
	if (!id_eq(known->parent, r->parent))
		*known = (struct parent_scopes){ r->parent, record_head(w, r->parent, &parent, NULL) == 0 ? own_scopes(w, &parent, wanted) : 0 };
	return s | known->scopes;
}

unsigned scopes_of(struct work *w, const struct record *r, unsigned wanted)
{
	struct parent_scopes known = { 0 };
	return scopes_of_row(w, r, wanted, &known);
}

unsigned role_scopes(const struct work *w, const struct type *t, bool *all)
{
	unsigned s = 0;
	*all = t->readers[CLASS_O].everyone;
	for (size_t c = 0; c < CLASSES; c++) {
		for (size_t i = 0; i < t->readers[c].n; i++) {
			if (!str_eq(t->readers[c].rules[i].role, w->actor.role))
				continue;
			s |= 1u << t->readers[c].rules[i].scope;
			*all = *all || t->readers[c].rules[i].scope == SCOPE_ALL;
		}
	}
	return s;
}

int refuse_with(struct work *w, const struct record *r, const struct type *t, struct str move, struct str reason, const char *sentence, struct err *err)
{
	w->refusal = (struct refusal){ .reason = reason, .type = t->name, .move = move };
	if (r)
		w->refusal.record = r->id;
	return err_say(err, ERR_FORBIDDEN, sentence, NULL);
}

int record_in_scope(struct work *w, const struct type *t, const struct id *ids, size_t n, bool *in, struct err *err)
{
	struct refusal before = w->refusal;
	struct record r;
	unsigned classes;
	for (size_t i = 0; i < n; i++) {
		struct err why = { 0 };
		in[i] = record_head(w, ids[i], &r, &why) == 0 && r.type == t && !str_is(r.state, "erased") && ask_policy(w, t, &r, 1, t->classes | CLASS_BIT(CLASS_O), &classes, &why) == 0;
		if (why.code && why.code != ERR_NOT_FOUND && why.code != ERR_FORBIDDEN)
			return *err = why, -1;
	}
	w->refusal = before;
	return 0;
}

int ask_policy(struct work *w, const struct type *t, const struct record *r, size_t n, unsigned wanted, unsigned *classes, struct err *err)
{
	bool all;
	unsigned in_scope = ~0u, asked = role_scopes(w, t, &all);
	struct policy_answer answer;
	struct parent_scopes known = { 0 };
	for (size_t i = 0; i < n; i++)
		in_scope &= scopes_of_row(w, &r[i], asked, &known);
	struct policy_ask ask = { .actor = &w->actor, .type = t->name, .purpose = w->purpose, .basis = w->basis, .readers = t->readers, .in_scope = in_scope,
		.wanted = wanted, .personal = t->personal, .sealed = t->personal && custody_sealed(w, w->purpose) != 0 };
	for (size_t i = 0; i < n && t->embargo && w->node->hooks->embargoed; i++)
		ask.embargoed = ask.embargoed || w->node->hooks->embargoed(w, &r[i]);
	const struct role *role = policy_role(w->node->policy, w->actor.role);
	ask.opened = role && role->oversight && n > 0;
	for (size_t i = 0; i < n && ask.opened; i++)
		ask.opened = opening_stands(w, &r[i]) == 1;
	policy_decide(w->node->policy, &ask, &answer);
	if (answer.refused.n)
		return refuse_with(w, n ? &r[0] : NULL, t, (struct str){ 0 }, answer.refused, answer.sentence, err);
	*classes = answer.classes;
	return 0;
}
