#include "record/record_i.h"

/* Copies at this node: what a partner sent about records that it owns, or hands over. A message is applied whole or not at all: first everything is looked at, then
   written. Only an owner makes versions; one that is not the owner, or that sends what we own, is refused. */
SQL(Q_NEW, 11, "INSERT INTO record(id, type, state, owner, unit, parent, subject, version, created, updated, event, open)"
    " VALUES(?1,?2,?3,?4,'',?5,?6,?7,?8,?9,?10,?11)");
SQL(Q_HEAD, 7, "UPDATE record SET state=?2, owner=?3, version=?4, updated=?5, event=?6, unit=CASE WHEN ?7='' THEN unit ELSE ?7 END WHERE id=?1");
SQL(Q_DESK, 2, "UPDATE record SET unit=?2 WHERE id=?1 AND unit=''");
SQL(Q_OPEN, 2, "UPDATE record SET open=?2 WHERE id=?1");
SQL(Q_VERSION, 10, "INSERT INTO record_version(record, version, digest, role, account, act, move, state, at, event) VALUES(?1,?2,?3,?4,NULL,?5,?6,?7,?8,?9)"
    " ON CONFLICT DO UPDATE SET digest=?10");
SQL(Q_BODY, 4, "INSERT OR REPLACE INTO body(record, class, version, sealed) VALUES(?1,?2,?3,?4)");
SQL(Q_BODIES_OLD, 2, "DELETE FROM body WHERE record=?1 AND version<?2");
SQL(Q_SENT_UNIT, 1, "SELECT unit FROM proposal_unit WHERE record=?1");
SQL(Q_HOLDER, 4, "INSERT INTO record_share(record, node, sent, digest) VALUES(?1,?2,?3,?4) ON CONFLICT DO UPDATE SET sent=excluded.sent, digest=excluded.digest");
SQL(Q_GONE, 2, "INSERT INTO record_gone(record, node) VALUES(?1,?2) ON CONFLICT DO NOTHING");
SQL(Q_GONE_OF, 3, "UPDATE record_gone SET parent=?3 WHERE record=?1 AND node=?2");
SQL(Q_IS_GONE, 2, "SELECT EXISTS(SELECT 1 FROM record_gone WHERE record=?1 AND node=?2)");
SQL(Q_ROWS_N, 2, "SELECT count(*) FROM record WHERE parent=?1 AND type=?2 AND state<>'erased'");
SQL(Q_ROWS_GONE, 1, "SELECT count(DISTINCT record) FROM record_gone WHERE parent=?1");
struct unit_row { struct str unit; };
static const struct field UNIT_ROW[] = { FIELD(struct unit_row, unit) };
#define RECORDS_MAX 256
#define HOLDERS_MAX 256

int coming_parse(struct work *w, json_t *o, struct coming *c, struct err *err)
{
	struct record *r = &c->record;
	struct str parent = json_str(o, "parent"), subject = json_str(o, "subject");
	c->o = o;
	c->fields = json_object_get(o, "fields");
	*r = (struct record){ .type = type_find(w->node->types, json_str(o, "type")), .state = json_str(o, "state"), .owner = json_str(o, "owner"),
		.version = json_int(o, "version", 0), .created_ms = json_int(o, "created", 0), .event_ms = json_int(o, "event", 0) };
	bool fits = r->type && r->version > 0 && r->owner.n && id_parse(json_str(o, "id"), &r->id) == 0 && (!parent.n || id_parse(parent, &r->parent) == 0) &&
	    (!subject.n || id_parse(subject, &r->subject) == 0) && hex_read(w->mem, json_str(o, "digest"), &c->digest) == 0 && c->digest.n == HASH_BYTES &&
	    (!c->fields || json_is_object(c->fields));
	bool state = false;
	for (size_t i = 0; fits && i < r->type->nstates; i++)
		state = state || str_eq(r->type->states[i].name, r->state);
	return state && json_str(o, "number").n <= NUMBER_BYTES ? 0 : err_set(err, ERR_FORMAT, "a record that cannot be read");
}

static struct str begins_at(const struct type *t)
{
	return json_str(json_object_get(t->raw, "owner"), "node");
}

/* May a node of that kind own such a record? The declaration says so: where it begins, or after one of its moves; rows go with what they belong to. */
static bool kind_owns(struct work *w, const struct type *t, struct str kind)
{
	struct str first = begins_at(t);
	bool owns = str_eq(first, kind) || str_is(first, "any");
	for (size_t i = 0; !owns && i < t->nmoves; i++)
		owns = str_eq(t->moves[i].owner_kind, kind);
	const struct type *parent = owns || !t->parent_type.n ? NULL : type_find(w->node->types, t->parent_type);
	return owns || (parent && kind_owns(w, parent, kind));
}

/* A record may name its sender as owner, us where it is handed over, or a third office that we know: each only where its kind may own one. */
static int owner_fits(struct work *w, const struct coming *c, bool handover, struct err *err)
{
	const struct line *line = &w->node->hooks->line;
	struct str owner = c->record.owner, kind = w->node->kind;
	bool ours = str_eq(owner, w->node->name);
	if (handover != ours)
		return err_set(err, ERR_FORBIDDEN, handover ? "a handover to somebody else" : "a copy that says it is ours");
	int known = ours || !line->kind_of ? 1 : line->kind_of(w, owner, &kind, err);
	if (known < 0)
		return -1;
	if (!known || (kind.n && !kind_owns(w, c->record.type, kind)))
		return err_set(err, ERR_FORBIDDEN, "an owner that may not own such a record");
	return 0;
}

/* Who made the version, by which act and when, as the sender says it: it is shown to people, so it is only taken where it can be. */
#define AHEAD_MS (24LL * 3600 * 1000)
static bool history_fits(struct work *w, const struct coming *c)
{
	struct str role = json_str(c->o, "role"), act = json_str(c->o, "act"), move = json_str(c->o, "move");
	int64_t latest = w->now_ms + AHEAD_MS, at = json_int(c->o, "at", w->now_ms);
	bool known = str_is(act, act_word(ACT_CREATE)) || str_is(act, act_word(ACT_AMEND)) || str_is(act, act_word(ACT_MOVE));
	return known && (!role.n || policy_role(w->node->policy, role)) && (!move.n || type_move(c->record.type, move)) && at >= 0 && at <= latest &&
	    c->record.event_ms >= 0 && c->record.event_ms <= latest && c->record.created_ms >= 0 && c->record.created_ms <= latest &&
	    json_array_size(json_object_get(c->o, "holders")) <= HOLDERS_MAX;
}

int coming_fits(struct work *w, const struct coming *c, bool ours, struct err *err)
{
	if (!history_fits(w, c))
		return err_set(err, ERR_FORMAT, "a version with a history that cannot be");
	return owner_fits(w, c, ours, err);
}

/* A row that begins where its parent does goes with it: whoever was given the parent makes its versions. Told by the row before the parent: it waits. 1: so, or *held; 0; -1 */
static int goes_with_parent(struct work *w, struct str from, const struct record *here, bool *held, struct err *err)
{
	const struct line *line = &w->node->hooks->line;
	const struct type *t = here->type->parent_type.n ? type_find(w->node->types, here->type->parent_type) : NULL;
	struct record parent;
	struct str kind = { 0 };
	if (!t || str_is(begins_at(t), "any") || !str_eq(begins_at(t), begins_at(here->type)) || record_head(w, here->parent, &parent, NULL) < 0)
		return 0;
	if (str_eq(parent.owner, from))
		return 1;
	int known = str_eq(parent.owner, here->owner) && line->kind_of ? line->kind_of(w, from, &kind, err) : 0;
	if (known < 0)
		return -1;
	bool may = known && kind_owns(w, t, kind);
	*held = *held || may;
	return may;
}

/* Does it follow on what is here? A version older than ours changes nothing: any order of arrival gives the same state. */
static int look(struct work *w, struct str from, bool handover, struct coming *c, bool *held, struct err *err)
{
	struct record here;
	struct err why = { 0 };
	struct bytes before = { 0 };
	struct str digest;
	struct str named = json_str(c->o, "before");
	c->fresh = record_head(w, c->record.id, &here, &why) < 0;
	if (c->fresh && why.code != ERR_NOT_FOUND)
		return *err = why, -1;
	if (c->fresh && DB_COUNT(w->tx, &Q_IS_GONE, db_id(c->record.id), db_text(from)) > 0) {
		c->old = true;                        /* the erasure overtook the copy */
		return DB_RUN(w->tx, &Q_GONE_OF, err, db_id(c->record.id), db_text(from), db_id(c->record.parent)) < 0 ? -1 : 0;
	}
	if (!history_fits(w, c))
		return err_set(err, ERR_FORMAT, "a version with a history that cannot be");
	if (c->fresh && owner_fits(w, c, handover, err) < 0)
		return -1;
	if (c->fresh) {
		*held = *held || !c->fields;          /* the first one with content is still on the way */
		return 0;
	}
	if (str_is(here.state, "erased")) {
		c->old = true;
		return 0;
	}
	c->state_before = here.state;
	if (here.type != c->record.type || str_eq(here.owner, w->node->name)) {
		c->old = here.type == c->record.type && c->record.version <= here.version;
		return c->old ? 0 : err_set(err, ERR_FORBIDDEN, "not the owner of the record");
	}
	int its_own = str_eq(here.owner, from) ? 1 : goes_with_parent(w, from, &here, held, err);
	if (its_own <= 0)
		return its_own < 0 ? -1 : err_set(err, ERR_FORBIDDEN, "not the owner of the record");
	if (c->record.version <= here.version) {
		c->old = !(handover && str_eq(c->record.owner, w->node->name));
		if (c->old)
			return 0;
	}
	/* about whom it is and where it belongs stays; it changes hands as a new one would */
	if (!id_eq(c->record.subject, here.subject) || !id_eq(c->record.parent, here.parent))
		return err_set(err, ERR_FORBIDDEN, "a record that became another");
	if ((handover || !str_eq(c->record.owner, here.owner)) && owner_fits(w, c, handover, err) < 0)
		return -1;
	if (c->record.version <= here.version)
		return 0;
	if (version_digest(w, here.id, here.version, &digest, err) < 0 || (named.n && hex_read(w->mem, named, &before) < 0))
		return err_set(err, ERR_FORMAT, "a record that cannot be read");
	if (named.n && !c->fields && !bytes_eq(before, str_bytes(digest)))
		*held = true;                         /* a version between is missing, and with it content */
	return 0;
}

static int64_t rows_there(struct work *w, const struct coming *all, size_t n, const struct coming *c)
{
	int64_t there = DB_COUNT(w->tx, &Q_ROWS_GONE, db_id(c->record.id));
	for (size_t i = 0; i < w->node->types->n; i++) {
		const struct type *t = &w->node->types->at[i];
		if (str_eq(t->parent_type, c->record.type->name) && !type_has_image(t))
			there += DB_COUNT(w->tx, &Q_ROWS_N, db_id(c->record.id), db_text(t->name));
	}
	for (size_t i = 0; i < n; i++)
		there += all[i].fresh && !all[i].old && id_eq(all[i].record.parent, c->record.id) && !type_has_image(all[i].record.type);
	return there;
}

/* A picture travels alone, after what it belongs to, and is counted and ended with that. */
static bool place_there(struct work *w, struct str from, const struct coming *all, size_t n, const struct coming *c)
{
	struct record r;
	bool there = id_none(c->record.parent) || !type_has_image(c->record.type) || record_head(w, c->record.parent, &r, NULL) == 0;
	for (size_t i = 0; !there && i < n; i++)
		there = id_eq(all[i].record.id, c->record.parent);
	return there || DB_COUNT(w->tx, &Q_IS_GONE, db_id(c->record.parent), db_text(from)) > 0;
}

/* A row needs its person, and what has rows needs all of them: conditions and effects here look at them. A person or a row that was erased meanwhile does not come any more. */
static void complete(struct work *w, struct str from, const struct coming *all, size_t n, const struct coming *c, bool *held)
{
	struct record r;
	bool person = id_none(c->record.subject) || id_eq(c->record.subject, c->record.id) || !c->record.type->parent_type.n ||
	    record_head(w, c->record.subject, &r, NULL) == 0;
	for (size_t i = 0; !person && i < n; i++)
		person = id_eq(all[i].record.id, c->record.subject);
	person = person || DB_COUNT(w->tx, &Q_IS_GONE, db_id(c->record.subject), db_text(from)) > 0;
	if (!person || !place_there(w, from, all, n, c))
		*held = true;
	if (rows_there(w, all, n, c) < json_int(c->o, "rows", 0))
		*held = true;
}

static int bodies(struct work *w, struct coming *c, const json_t *values, struct err *err)
{
	struct record *r = &c->record;
	struct subject_key key;
	struct id subject = id_none(r->subject) ? r->id : r->subject;
	if (!r->type->personal)
		return 0;
	if (subject_keys(w, r->type, &subject, 1, &key, err) < 0)
		return -1;
	int rc = 0;
	for (enum data_class k = CLASS_P; rc == 0 && k < CLASSES; k++) {
		char letter[2] = { class_letter(k), 0 };
		if (!(r->type->classes & CLASS_BIT(k)))
			continue;
		struct bytes aad = body_aad(w->mem, &(struct body_at){ r->type, r->id, r->version, k, &key.handle }, &r->type->digest);
		struct str text = json_write_sorted(w->mem, class_values(w, r->type, values, k));
		struct bytes sealed = seal(w->mem, w->node->source, key.key[k], aad, str_bytes(text));
		rc = DB_RUN(w->tx, &Q_BODY, err, db_id(r->id), db_z(letter), db_int(r->version), db_blob(sealed)) < 0 ? -1 : 0;
	}
	wipe(&key, sizeof key);
	return rc < 0 || DB_RUN(w->tx, &Q_BODIES_OLD, err, db_id(r->id), db_int(r->version)) < 0 ? -1 : 0;
}

static int content(struct work *w, struct coming *c, struct err *err)
{
	json_t *clean;
	struct draft d = { .type = c->record.type, .fields = c->fields, .by_program = true, .copy = true };
	if (!c->fields)
		return 0;
	if (values_check(w, &d, false, &clean, err) < 0)
		return err_set(err, ERR_FORMAT, "a record with values that its type does not take");
	struct str open = json_write_sorted(w->mem, class_values(w, c->record.type, clean, CLASS_O));
	return DB_RUN(w->tx, &Q_OPEN, err, db_id(c->record.id), db_text(open)) < 0 || bodies(w, c, clean, err) < 0 || refs_write(w, &c->record, clean, err) < 0 ? -1 : tell_written(w, &c->record, clean, err);
}

int record_desk(struct work *w, struct id record, struct str unit, struct err *err)
{
	return DB_RUN(w->tx, &Q_DESK, err, db_id(record), db_text(unit)) < 0 ? -1 : 0;
}

/* The unit that asked for a record that now comes to us. */
static struct str unit_of(struct work *w, struct id record)
{
	struct unit_row u = { 0 };
	return DB_ONE(w->tx, &Q_SENT_UNIT, UNIT_ROW, &u, w->mem, NULL, db_id(record)) == DB_ROW ? u.unit : (struct str){ 0 };
}

int coming_apply(struct work *w, struct str from, struct coming *c, struct err *err)
{
	struct record *r = &c->record;
	struct str role = json_str(c->o, "role"), act = json_str(c->o, "act"), move = json_str(c->o, "move"), unit = { 0 };
	int64_t at = json_int(c->o, "at", w->now_ms);
	if (str_eq(r->owner, w->node->name))
		unit = unit_of(w, r->id);
	if (c->fresh && DB_RUN(w->tx, &Q_NEW, err, db_id(r->id), db_text(r->type->name), db_text(r->state), db_text(r->owner), db_id(r->parent), db_id(r->subject),
	        db_int(r->version), db_time(r->created_ms), db_time(w->now_ms), db_time(r->event_ms), db_z("{}")) < 0)
		return err_add(err, "keeping a copy");
	if (DB_RUN(w->tx, &Q_HEAD, err, db_id(r->id), db_text(r->state), db_text(r->owner), db_int(r->version), db_time(w->now_ms), db_time(r->event_ms), db_text(unit)) < 0)
		return -1;
	if (DB_RUN(w->tx, &Q_VERSION, err, db_id(r->id), db_int(r->version), db_blob(c->digest), db_text(role), db_text(act), db_text(move), db_text(r->state), db_time(at),
	        db_time(r->event_ms), db_blob(c->digest)) < 0)
		return -1;
	if ((c->fields || str_eq(r->owner, w->node->name)) && received_note(w, r, from, err) < 0)
		return -1;
	return number_keep(w, r, json_str(c->o, "number"), err) < 0 || clock_look(w, r, err) < 0 ? -1 : content(w, c, err);
}

/* The keys process is asked once for all subjects of a type: what is asked here is known to the calls that follow. */
static int keys_ahead(struct work *w, const struct coming *all, size_t n, struct err *err)
{
	struct id *subjects = NEW_ARRAY(w->mem, struct id, n + 1);
	struct subject_key *keys = NEW_ARRAY(w->mem, struct subject_key, n + 1);
	size_t k = 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct record *r = &all[i].record;
		if (!all[i].old && r->type->personal)
			subjects[k++] = id_none(r->subject) ? r->id : r->subject;
		if (k && (i + 1 == n || all[i + 1].record.type != r->type)) {
			rc = subject_keys(w, r->type, subjects, k, keys, err);
			k = 0;
		}
	}
	wipe(keys, n * sizeof *keys);
	return rc;
}

/* Whoever had a copy goes on getting the versions, from the new owner. */
static int holders_keep(struct work *w, const struct coming *c, struct err *err)
{
	json_t *list = json_object_get(c->o, "holders");
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct str node = str_of(json_string_value(json_array_get(list, i)));
		struct str kind;
		if (!node.n || str_eq(node, w->node->name))
			continue;
		int known = w->node->hooks->line.kind_of ? w->node->hooks->line.kind_of(w, node, &kind, err) : 1;
		if (known < 0)
			return -1;
		if (known && DB_RUN(w->tx, &Q_HOLDER, err, db_id(c->record.id), db_text(node), db_int(c->record.version), db_blob(c->digest)) < 0)
			return -1;
	}
	return 0;
}

int coming_enter(struct work *w, struct str from, const struct coming *all, size_t n, struct err *err)
{
	struct grant g = { .w = w, .keys = NEW_ARRAY(w->mem, struct subject_key, n + 1) };
	struct entry_subject *subjects = NEW_ARRAY(w->mem, struct entry_subject, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct record *r = &all[i].record;
		struct id subject = id_none(r->subject) ? r->id : r->subject;
		if (all[i].old || !r->type->personal)
			continue;
		if (subject_keys(w, r->type, &subject, 1, &g.keys[g.n++], err) < 0)
			return -1;
	}
	size_t k = entry_subjects(&g, subjects);
	struct entry e = { .act = ACT_RECEIVE, .purpose = w->purpose, .basis = w->basis, .to = from, .subjects = subjects, .nsubjects = k };
	int rc = k ? ledger_append(w->node->ledger, w->tx, &e, NULL, err) : 0;
	wipe(g.keys, n * sizeof *g.keys);
	return rc;
}

static int tell_services(struct work *w, const struct coming *all, size_t n, struct err *err)
{
	if (!w->node->hooks->arrived)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!all[i].old && w->node->hooks->arrived(w, &all[i].record, all[i].state_before, err) < 0)
			return -1;
	return 0;
}

int record_receive(struct work *w, struct str from, json_t *body, bool handover, bool *held, struct err *err)
{
	json_t *list = json_object_get(body, "records");
	size_t n = json_array_size(list);
	struct coming *all = NEW_ARRAY(w->mem, struct coming, n + 1);
	*held = false;
	if (n == 0 || n > RECORDS_MAX)
		return err_set(err, ERR_FORMAT, "no records, or too many");
	for (size_t i = 0; i < n; i++)
		if (coming_parse(w, json_array_get(list, i), &all[i], err) < 0 || look(w, from, handover, &all[i], held, err) < 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (!all[i].old)
			complete(w, from, all, n, &all[i], held);
	if (*held)
		return 0;
	if (keys_ahead(w, all, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!all[i].old && (coming_apply(w, from, &all[i], err) < 0 || holders_keep(w, &all[i], err) < 0))
			return -1;
	return coming_enter(w, from, all, n, err) < 0 ? -1 : tell_services(w, all, n, err);
}

/* Only the records named, each alone: what we ourselves hold about the same person is no partner's to erase. The rule is ours to name: theirs is any text. */
int record_erase_copies(struct work *w, struct str from, json_t *body, struct err *err)
{
	struct str rule = str_fmt(w->mem, "asked:" S_FMT, S_ARG(from));
	json_t *list = json_object_get(body, "records");
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct id id;
		struct record r;
		struct err why = { 0 };
		if (id_parse(str_of(json_string_value(json_array_get(list, i))), &id) < 0)
			return err_set(err, ERR_FORMAT, "an erasure that cannot be read");
		if (record_head(w, id, &r, &why) < 0 && (why.code != ERR_NOT_FOUND || DB_RUN(w->tx, &Q_GONE, err, db_id(id), db_text(from)) < 0))
			return err->code ? -1 : (*err = why, -1);
		if (why.code || str_is(r.state, "erased"))
			continue;
		if (!str_eq(r.owner, from))
			return err_set(err, ERR_FORBIDDEN, "an erasure by somebody who is not the owner");
		if (record_erase_one(w, id, rule, err) < 0)
			return -1;
	}
	return 0;
}
