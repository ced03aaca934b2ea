#include "record/back.h"
#include "record/effects.h"
#include "record/record_i.h"

SQL(Q_RESTORED, 1, "INSERT INTO record_restored(one, at) VALUES(1,?1) ON CONFLICT(one) DO UPDATE SET at=excluded.at");
SQL(Q_RESTORED_AT, 0, "SELECT coalesce(max(at), 0) FROM record_restored");
SQL(Q_HELD, 4, "SELECT r.id AS record, r.type AS type, r.owner AS owner, r.version AS version, v.digest AS digest FROM record r JOIN record_version v ON v.record=r.id AND v.version=r.version"
    " WHERE r.id>?3 AND r.state<>'erased' AND (r.owner=?1 OR (r.owner=?2 AND EXISTS(SELECT 1 FROM record_share s WHERE s.record=r.id AND s.node=?1))) ORDER BY r.id LIMIT ?4");
SQL(Q_IS_GONE, 2, "SELECT EXISTS(SELECT 1 FROM record_gone WHERE record=?1 AND node=?2)");
SQL(Q_SINCE, 3, "SELECT count(*) FROM record_version WHERE record=?1 AND version=?2 AND at>=?3");
SQL(Q_HOLDER, 4, "INSERT INTO record_share(record, node, sent, digest) VALUES(?1,?2,?3,?4) ON CONFLICT DO UPDATE SET sent=excluded.sent, digest=excluded.digest");
SQL(Q_OPENED, 2, "INSERT INTO record_back_window(node, opened) SELECT ?1,?2 WHERE EXISTS(SELECT 1 FROM record_restored) ON CONFLICT DO NOTHING");
SQL(Q_OPENED_AT, 1, "SELECT coalesce(max(opened), 0) FROM record_back_window WHERE node=?1");
SQL(Q_WINDOWS_END, 0, "DELETE FROM record_back_window");
SQL(Q_OFFERED, 2, "INSERT INTO record_offered(record, node) VALUES(?1,?2) ON CONFLICT DO NOTHING");
SQL(Q_OFFERED_END, 2, "DELETE FROM record_offered WHERE record=?1 AND node=?2");
SQL(Q_OFFERS_END, 1, "DELETE FROM record_offered WHERE node=?1");
SQL(Q_KEEP, 6, "INSERT INTO record_back(record, node, version, digest, follows, type, wanted) VALUES(?1,?2,?3,?4,?5,?6,0)"
    " ON CONFLICT(record, node) DO UPDATE SET version=excluded.version, digest=excluded.digest, follows=excluded.follows, type=excluded.type, wanted=0");
SQL(Q_COUNT, 1, "SELECT type, follows, count(*) AS n FROM record_back WHERE node=?1 AND wanted=0 GROUP BY type, follows ORDER BY follows, type");
SQL(Q_OF_NODE, 1, "SELECT record, node, version, digest, follows, type, wanted FROM record_back WHERE node=?1 AND wanted=0 ORDER BY record");
SQL(Q_WANT, 2, "UPDATE record_back SET wanted=1 WHERE record=?1 AND node=?2");
SQL(Q_WANTED, 2, "SELECT record, node, version, digest, follows, type, wanted FROM record_back WHERE record=?1 AND node=?2 AND wanted=1");
SQL(Q_OTHERS, 3, "SELECT record, node, version, digest, follows, type, wanted FROM record_back WHERE record=?1 AND version<=?2 AND node<>?3");
SQL(Q_IS_NOW, 3, "UPDATE record_back SET follows=?3 WHERE record=?1 AND node=?2");
SQL(Q_END, 2, "DELETE FROM record_back WHERE record=?1 AND node=?2");
SQL(Q_JUMP, 2, "UPDATE record SET version=?2 WHERE id=?1");
SQL(Q_THEIRS, 4, "INSERT INTO record_version(record, version, digest, role, account, act, move, state, at, event) SELECT id,?2,?3,'',NULL,'amend','',state,?4,NULL FROM record WHERE id=?1"
    " ON CONFLICT DO NOTHING");
SQL(Q_UNIT, 2, "SELECT unit FROM record WHERE owner=?1 AND unit<>'' GROUP BY unit ORDER BY count(CASE WHEN type=?2 THEN 1 END) DESC, count(*) DESC LIMIT 1");
struct held { struct id record; struct str type, owner; int64_t version; struct bytes digest; };
/* follows: enum back_way */
struct offer { struct id record; struct str node; int64_t version; struct bytes digest; int64_t follows; struct str type; int64_t wanted; };
struct unit_row { struct str unit; };
static const struct field HELD[] = { FIELD(struct held, record), FIELD(struct held, type), FIELD(struct held, owner), FIELD(struct held, version), FIELD(struct held, digest) };
static const struct field OFFER[] = { FIELD(struct offer, record), FIELD(struct offer, node), FIELD(struct offer, version), FIELD(struct offer, digest), FIELD(struct offer, follows),
	FIELD(struct offer, type), FIELD(struct offer, wanted) };
static const struct field COUNTED[] = { FIELD(struct back_count, type), FIELD(struct back_count, follows), FIELD(struct back_count, n) };
static const struct field UNIT_ROW[] = { FIELD(struct unit_row, unit) };
#define IN_A_MESSAGE 200
#define WINDOW_MS (30LL * 24 * 3600 * 1000)

int back_restored(struct work *w, struct err *err)
{
	return DB_RUN(w->tx, &Q_WINDOWS_END, err) < 0 || DB_RUN(w->tx, &Q_RESTORED, err, db_time(w->now_ms)) < 0 ? -1 : 0;
}

int back_window(struct work *w, struct str node, struct err *err)
{
	return DB_RUN(w->tx, &Q_OPENED, err, db_text(node), db_time(w->now_ms)) < 0 ? -1 : 0;
}

/* Numbers only. Where nothing is in force between the two, nothing is said: people agree first, and the restored node asks again. */
static int say(struct work *w, struct str to, const char *kind, const char *what, json_t *list, struct err *err)
{
	json_t *body = json_keep(w->mem, json_object());
	struct err why = { 0 };
	json_object_set(body, what, list);
	bool ends = strcmp(kind, "erase") == 0;
	struct line_note note = { .to = to, .kind = kind, .body = body, .purpose = ends ? STR("oversight") : STR("transfer"), .basis = ends ? STR("mandate") : STR("agreement"),
		.fields = str_of(what) };
	if (!json_array_size(list) || !w->node->hooks->line.send || w->node->hooks->line.send(w, &note, &why) == 0 || why.code == ERR_FORBIDDEN)
		return 0;
	return *err = why, -1;
}

/* ---- at the partner ---- */

static json_t *offer_of(struct work *w, const struct held *h)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:s}", "record", id_text(w->mem, h->record).p, "type", str_z(w->mem, h->type), "owner", str_z(w->mem, h->owner), "version", (json_int_t)h->version, "digest",
	    hex(w->mem, h->digest).p);
}

int back_offer(struct work *w, struct str node, struct err *err)
{
	struct id after = { { 0 } };
	if (DB_RUN(w->tx, &Q_OFFERS_END, err, db_text(node)) < 0)
		return -1;
	for (size_t got = IN_A_MESSAGE; got == IN_A_MESSAGE;) {
		struct rows rows = DB_QUERY(w->tx, &Q_HELD, HELD, w->mem, db_text(node), db_text(w->node->name), db_blob(bytes_of(after.b, sizeof after.b)), db_int(IN_A_MESSAGE));
		json_t *list = json_keep(w->mem, json_array());
		struct held h;
		int rc = 0;
		for (got = 0; got < IN_A_MESSAGE && (rc = db_next(&rows, &h, err)) == DB_ROW; got++) {
			const struct type *t = type_find(w->node->types, h.type);
			after = h.record;
			if (!t || !str_is(t->wire, "share"))
				continue;
			json_array_append_new(list, offer_of(w, &h));
			if (DB_RUN(w->tx, &Q_OFFERED, err, db_id(h.record), db_text(node)) < 0)
				return -1;
		}
		db_end(&rows);
		if (rc < 0 || say(w, node, "update", "held", list, err) < 0)
			return -1;
	}
	return 0;
}

/* What was offered when people here accepted that it was restored, once: no other question of a partner makes this office send anything. */
int back_asked(struct work *w, struct str from, json_t *list, struct err *err)
{
	struct id *ids = NEW_ARRAY(w->mem, struct id, IN_A_MESSAGE + 1);
	size_t n = 0;
	for (size_t i = 0; i < json_array_size(list) && n < IN_A_MESSAGE; i++) {
		struct record r;
		struct err gone = { 0 };
		if (id_parse(str_of(json_string_value(json_array_get(list, i))), &ids[n]) < 0)
			return err_set(err, ERR_FORMAT, "a record that cannot be read");
		if (record_head(w, ids[n], &r, &gone) < 0 || str_is(r.state, "erased") || !str_is(r.type->wire, "share"))
			continue;
		int64_t held = str_eq(r.owner, w->node->name) ? record_held_by(w, r.id, from) : str_eq(r.owner, from);
		int offered = held > 0 ? DB_RUN(w->tx, &Q_OFFERED_END, err, db_id(r.id), db_text(from)) : 0;
		if (held < 0 || offered < 0)
			return err_set(err, ERR_FAULT, "the holders cannot be read");
		n += offered > 0;
	}
	return n ? share_back(w, from, ids, n, err) : 0;
}

/* ---- at the restored node ---- */

/* That partner holds it and gets what follows: two persons said so, and it was not recalled from there. */
static int holder_add(struct work *w, const struct offer *o, struct err *err)
{
	bool recalled = w->node->hooks->line.recalled && w->node->hooks->line.recalled(w, o->node, o->record);
	if (!recalled && DB_RUN(w->tx, &Q_HOLDER, err, db_id(o->record), db_text(o->node), db_int(o->version), db_blob(o->digest)) < 0)
		return -1;
	return DB_RUN(w->tx, &Q_END, err, db_id(o->record), db_text(o->node)) < 0 ? -1 : 0;
}

static int holder_known(struct work *w, const struct record *r, const struct offer *o, struct err *err)
{
	return holder_add(w, o, err) < 0 || (o->version != r->version && share_due(w, r, err) < 0) ? -1 : 0;
}

static bool unchanged_since(struct work *w, const struct record *r, int64_t restored)
{
	return DB_COUNT(w->tx, &Q_SINCE, db_id(r->id), db_int(r->version), db_time(restored)) == 0;
}

static bool same_here(struct work *w, const struct record *r, const struct offer *o)
{
	struct str digest;
	struct err none = { 0 };
	return version_digest(w, r->id, o->version, &digest, &none) == 0 && bytes_eq(o->digest, str_bytes(digest));
}

/* Handed over since: a newer version of what was not changed here since, or a row, which goes with its parent and without a version of its own. */
static bool may_be_theirs(struct work *w, const struct record *r, const struct offer *o, int64_t restored)
{
	return unchanged_since(w, r, restored) && (o->version > r->version || (o->version == r->version && !id_none(r->parent) && same_here(w, r, o)));
}

/* What the offer is to this office; 0 where there is nothing to decide. */
static int64_t way_of(struct work *w, const struct record *here, const struct offer *o, bool theirs, int64_t restored)
{
	if (!here)
		return theirs ? 0 : BACK_NEWER;           /* theirs comes as any copy does */
	if (theirs)
		return may_be_theirs(w, here, o, restored) ? BACK_THEIRS : 0;
	if (same_here(w, here, o))
		return BACK_SAME;
	return o->version > here->version && unchanged_since(w, here, restored) ? BACK_NEWER : BACK_STANDS;
}

static bool gone_here(struct work *w, const struct record *here, const struct offer *o)
{
	return here ? str_is(here->state, "erased") : DB_COUNT(w->tx, &Q_IS_GONE, db_id(o->record), db_text(w->node->name)) > 0;
}

/* Nothing is written but that it was offered: people decide. Only who is a holder already is known to have that version. */
static int offered_one(struct work *w, struct offer *o, bool theirs, int64_t restored, json_t *ended, struct err *err)
{
	struct record r;
	struct err why = { 0 };
	const struct type *t = type_find(w->node->types, o->type);
	bool there = record_head(w, o->record, &r, &why) == 0;
	if (!there && why.code != ERR_NOT_FOUND)
		return *err = why, -1;
	if (there && !str_eq(r.owner, w->node->name))
		return 0;
	if (!t || !str_is(t->wire, "share") || (there && r.type != t))
		return err_set(err, ERR_FORBIDDEN, "an offer of what it cannot hold");
	if (gone_here(w, there ? &r : NULL, o)) {
		if (!theirs)
			json_array_append_new(ended, json_new_str(id_text(w->mem, o->record)));
		return 0;
	}
	o->follows = way_of(w, there ? &r : NULL, o, theirs, restored);
	if (!o->follows)
		return 0;
	if (o->follows == BACK_SAME && record_held_by(w, r.id, o->node) > 0)
		return holder_known(w, &r, o, err);
	return DB_RUN(w->tx, &Q_KEEP, err, db_id(o->record), db_text(o->node), db_int(o->version), db_blob(o->digest), db_int(o->follows), db_text(o->type)) < 0 ? -1 : 0;
}

/* From when that partner took this office's new line, and for as long as a bundle may be on its way. */
static bool window_open(struct work *w, struct str from, struct err *err)
{
	if (back_window(w, from, err) < 0)
		return false;
	int64_t opened = DB_COUNT(w->tx, &Q_OPENED_AT, db_text(from));
	return opened > 0 && w->now_ms - opened <= WINDOW_MS;
}

int back_offered(struct work *w, struct str from, json_t *list, struct err *err)
{
	int64_t restored = DB_COUNT(w->tx, &Q_RESTORED_AT);
	json_t *ended = json_keep(w->mem, json_array());
	if (restored > 0 && !window_open(w, from, err))
		return err->code ? -1 : err_set(err, ERR_FORBIDDEN, "an offer long after the restore");
	if (restored <= 0 || json_array_size(list) > IN_A_MESSAGE)
		return restored < 0 ? err_set(err, ERR_FAULT, "when it was restored cannot be read") : err_set(err, ERR_FORMAT, "an offer that nobody waits for");
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *x = json_array_get(list, i);
		struct offer o = { .node = from, .version = json_int(x, "version", 0), .type = json_str(x, "type") };
		struct str owner = json_str(x, "owner");
		bool theirs = str_eq(owner, from);
		if (id_parse(json_str(x, "record"), &o.record) < 0 || o.version < 1 || (!theirs && !str_eq(owner, w->node->name)) ||
		    hex_read(w->mem, json_str(x, "digest"), &o.digest) < 0 || o.digest.n != HASH_BYTES)
			return err_set(err, ERR_FORMAT, "an offer that cannot be read");
		if (offered_one(w, &o, theirs, restored, ended, err) < 0)
			return -1;
	}
	return say(w, from, "erase", "records", ended, err);
}

int back_waits(struct work *w, struct str node, struct back_waits *out, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_COUNT, COUNTED, w->mem, db_text(node));
	int rc = 0;
	*out = (struct back_waits){ 0 };
	while (out->n < COUNT(out->at) && (rc = db_next(&rows, &out->at[out->n], err)) == DB_ROW)
		out->n++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* Both sides have changed it. The owner's version stands and gets a number above the partner's, else the partner would take every later one for an old one. */
static int stands(struct work *w, const struct offer *o, struct err *err)
{
	struct record r;
	if (record_head(w, o->record, &r, err) < 0)
		return -1;
	if (o->version > r.version &&
	    (DB_RUN(w->tx, &Q_THEIRS, err, db_id(r.id), db_int(o->version), db_blob(o->digest), db_time(w->now_ms)) < 0 || DB_RUN(w->tx, &Q_JUMP, err, db_id(r.id), db_int(o->version)) < 0))
		return -1;
	if (holder_add(w, o, err) < 0)
		return -1;
	return record_set_inside(w, r.id, json_keep(w->mem, json_object()), err);
}

static int offers(struct work *w, struct rows rows, struct offer **out, size_t *n, struct err *err)
{
	size_t cap = 256;
	struct offer o, *all = NEW_ARRAY(w->mem, struct offer, cap);
	int rc;
	for (*n = 0; (rc = db_next(&rows, &o, err)) == DB_ROW; all[(*n)++] = o) {
		if (*n < cap)
			continue;
		struct offer *more = NEW_ARRAY(w->mem, struct offer, cap * 4);
		memcpy(more, all, cap * sizeof *all);
		all = more;
		cap *= 4;
	}
	db_end(&rows);
	*out = all;
	return rc < 0 ? -1 : 0;
}

/* What needs no content of the partner. */
static int settled(struct work *w, const struct offer *o, struct err *err)
{
	struct record r;
	if (o->follows == BACK_STANDS)
		return stands(w, o, err);
	return record_head(w, o->record, &r, err) < 0 ? -1 : holder_known(w, &r, o, err);
}

int back_take(struct work *w, struct str node, struct err *err)
{
	struct offer *all;
	size_t n;
	json_t *list = json_keep(w->mem, json_array());
	if (offers(w, DB_QUERY(w->tx, &Q_OF_NODE, OFFER, w->mem, db_text(node)), &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (all[i].follows == BACK_STANDS || all[i].follows == BACK_SAME) {
			if (settled(w, &all[i], err) < 0)
				return -1;
			continue;
		}
		if (DB_RUN(w->tx, &Q_WANT, err, db_id(all[i].record), db_text(node)) < 0)
			return -1;
		json_array_append_new(list, json_new_str(id_text(w->mem, all[i].record)));
		if (json_array_size(list) == IN_A_MESSAGE) {
			if (say(w, node, "update", "return", list, err) < 0)
				return -1;
			list = json_keep(w->mem, json_array());
		}
	}
	return say(w, node, "update", "return", list, err);
}

/* Of what is ours, the fields that the agreement lets that partner see: no other can have come back from it. */
static void named_only(struct work *w, struct str from, struct coming *c)
{
	const struct type *t = c->record.type;
	json_t *fields = json_keep(w->mem, json_object());
	for (size_t i = 0; i < t->nfields; i++) {
		const char *name = str_z(w->mem, t->fields[i].name);
		json_t *v = json_object_get(c->fields, name);
		if (v && share_leaves(w, from, &t->fields[i], t))
			json_object_set(fields, name, v);
	}
	c->fields = fields;
}

/* A field that did not travel is as the backup has it. */
static int merged(struct work *w, struct coming *c, struct err *err)
{
	const struct grant *g = record_open_inside(w, c->record.type, &c->record.id, 1, err);
	json_t *fields = json_keep(w->mem, c->fields ? json_deep_copy(c->fields) : json_object());
	if (!g)
		return -1;
	json_object_update_missing(fields, g->values[0]);
	c->fields = fields;
	return 0;
}

/* What other partners offered is looked at anew; who was decided about is a holder now. */
static int others_known(struct work *w, const struct record *r, struct str from, struct err *err)
{
	struct offer *all;
	size_t n;
	if (offers(w, DB_QUERY(w->tx, &Q_OTHERS, OFFER, w->mem, db_id(r->id), db_int(r->version), db_text(from)), &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (all[i].wanted ? holder_known(w, r, &all[i], err) < 0
		    : DB_RUN(w->tx, &Q_IS_NOW, err, db_id(r->id), db_text(all[i].node), db_int(same_here(w, r, &all[i]) ? BACK_SAME : BACK_STANDS)) < 0)
			return -1;
	return 0;
}

static int taken_apply(struct work *w, struct str from, struct coming *c, const struct record *here, struct err *err)
{
	bool ours = str_eq(c->record.owner, w->node->name);
	struct unit_row u = { 0 };
	c->fresh = !here;
	if (ours)
		named_only(w, from, c);
	if (here && ours)
		json_object_del(c->o, "number");          /* it has its own, or gets one here */
	if (here && merged(w, c, err) < 0)
		return -1;
	if (!ours && share_forget(w, c->record.id, err) < 0)
		return -1;
	if (coming_apply(w, from, c, err) < 0 || DB_RUN(w->tx, &Q_END, err, db_id(c->record.id), db_text(from)) < 0)
		return -1;
	if (!ours)
		return 0;
	if (!here && (DB_ONE(w->tx, &Q_UNIT, UNIT_ROW, &u, w->mem, err, db_text(w->node->name), db_text(c->record.type->name)) < 0 || record_desk(w, c->record.id, u.unit, err) < 0))
		return -1;
	struct offer o = { .record = c->record.id, .node = from, .version = c->record.version, .digest = c->digest };
	return holder_known(w, &c->record, &o, err) < 0 ? -1 : others_known(w, &c->record, from, err);
}

/* It must be what a partner may send of such a record at all: whose it is, its history, and of what is here about whom and where it belongs. */
static int taken_fits(struct work *w, const struct coming *c, const struct record *here, struct err *err)
{
	bool ours = str_eq(c->record.owner, w->node->name);
	if (here && (here->type != c->record.type || !id_eq(c->record.subject, here->subject) || !id_eq(c->record.parent, here->parent)))
		return err_set(err, ERR_FORBIDDEN, "a record that became another");
	return coming_fits(w, c, ours, err);
}

/* A row needs what it belongs to, of the type that its own names; one that was handed over, that its parent was. It may come later, or later in this message. 1: there. */
static int parent_there(struct work *w, const struct coming *c, struct str from, struct err *err)
{
	struct record parent;
	struct err why = { 0 };
	const struct type *t = c->record.type;
	if (id_none(c->record.parent))
		return t->parent_type.n ? err_set(err, ERR_FORBIDDEN, "a row that belongs to nothing") : 1;
	if (record_head(w, c->record.parent, &parent, &why) < 0)
		return why.code == ERR_NOT_FOUND ? 0 : (*err = why, -1);
	if (!str_eq(parent.type->name, t->parent_type))
		return err_set(err, ERR_FORBIDDEN, "a row of something else");
	return !str_eq(c->record.owner, from) || str_eq(parent.owner, from);
}

/* Only what two persons asked for, as it was offered; what was changed here meanwhile stands. 1: applied. */
static int taken_one(struct work *w, struct str from, struct coming *c, int64_t restored, bool *held, struct err *err)
{
	struct offer o;
	struct record here;
	struct err why = { 0 };
	int rc = DB_ONE(w->tx, &Q_WANTED, OFFER, &o, w->mem, err, db_id(c->record.id), db_text(from));
	bool theirs = str_eq(c->record.owner, from), there = record_head(w, c->record.id, &here, &why) == 0;
	if (rc <= 0 || (!there && why.code != ERR_NOT_FOUND))
		return rc <= 0 ? rc : (*err = why, -1);
	if (theirs != (o.follows == BACK_THEIRS) || !str_eq(o.type, c->record.type->name) || o.version != c->record.version || !bytes_eq(o.digest, c->digest))
		return err_set(err, ERR_FORBIDDEN, "something else than what was offered");
	if (taken_fits(w, c, there ? &here : NULL, err) < 0)
		return -1;
	if (there ? str_is(here.state, "erased") || !str_eq(here.owner, w->node->name) || (theirs && !may_be_theirs(w, &here, &o, restored)) : theirs)
		return DB_RUN(w->tx, &Q_END, err, db_id(o.record), db_text(from)) < 0 ? -1 : 0;
	if (there && !theirs && !(o.version > here.version && unchanged_since(w, &here, restored)))
		return stands(w, &o, err);
	rc = parent_there(w, c, from, err);
	*held = *held || rc == 0;
	return rc < 0 || (rc && taken_apply(w, from, c, there ? &here : NULL, err) < 0) ? -1 : rc;
}

/* What holds rows before its rows, in whatever order the partner wrote them. */
static int depth(struct work *w, const struct type *t)
{
	int n = 0;
	while (t && t->parent_type.n && n < 8) {
		t = type_find(w->node->types, t->parent_type);
		n++;
	}
	return n;
}

int back_taken(struct work *w, struct str from, json_t *body, bool *held, struct err *err)
{
	json_t *list = json_object_get(body, "records");
	size_t n = json_array_size(list);
	struct coming *all = NEW_ARRAY(w->mem, struct coming, n + 1);
	int64_t restored = DB_COUNT(w->tx, &Q_RESTORED_AT);
	if (restored <= 0 || n == 0 || n > IN_A_MESSAGE)
		return err_set(err, ERR_FORMAT, "something came back that nobody asked for");
	for (size_t i = 0; i < n; i++)
		if (coming_parse(w, json_array_get(list, i), &all[i], err) < 0)
			return -1;
	for (int level = 0; level <= 8; level++)
		for (size_t i = 0; i < n; i++) {
			int rc = depth(w, all[i].record.type) == level ? taken_one(w, from, &all[i], restored, held, err) : 2;
			if (rc < 0)
				return -1;
			all[i].old = rc == 2 ? all[i].old : rc == 0;
		}
	return coming_enter(w, from, all, n, err);
}
