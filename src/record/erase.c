#include "record/record_i.h"
#include "record/rotate.h"

/* Erasure (DESIGN 4): the subject's key row goes, and with it every body about the subject; the ledger stays, its lines about her can no longer be told apart. */
SQL(Q_KEY, 1, "SELECT wrapped FROM subject_key WHERE handle=?1");
SQL(Q_KEY_END, 1, "DELETE FROM subject_key WHERE handle=?1");
SQL(Q_SALTS_END, 1, "DELETE FROM subject_salt WHERE handle=?1");
SQL(Q_HAS_BODY, 1, "SELECT count(*) FROM body WHERE record=?1");
SQL(Q_OF_SUBJECT, 1, "SELECT id, type FROM record WHERE subject=?1 AND state<>'erased'");
SQL(Q_BODIES_END, 1, "DELETE FROM body WHERE record=?1");
SQL(Q_REFS_END, 1, "DELETE FROM record_ref WHERE record=?1 OR target=?1");
SQL(Q_REF_FIELD_END, 2, "DELETE FROM record_ref WHERE record=?1 AND field=?2");
SQL(Q_PROPOSALS_END, 1, "DELETE FROM proposal WHERE record=?1");
SQL(Q_VERSIONS_END, 1, "DELETE FROM record_version WHERE record=?1");
SQL(Q_ANSWERS_END, 1, "DELETE FROM proposal_answer WHERE record=?1");
SQL(Q_UNITS_END, 1, "DELETE FROM proposal_unit WHERE record=?1");
SQL(Q_ROW_GONE, 1, "INSERT INTO record_gone(record, node, parent) SELECT id, owner, parent FROM record WHERE id=?1 AND parent IS NOT NULL AND state<>'erased'"
    " ON CONFLICT(record, node) DO UPDATE SET parent=excluded.parent");
SQL(Q_ROWS_GONE_END, 1, "UPDATE record_gone SET parent=NULL WHERE parent=?1");
SQL(Q_BLANK, 2, "UPDATE record SET state='erased', open='{}', unit='', handle=NULL, parent=NULL, subject=NULL, event=NULL, updated=?2 WHERE id=?1");
struct one { struct id id; struct str type; };
static const struct field ONE[] = { FIELD(struct one, id), FIELD(struct one, type) };
struct key { struct bytes wrapped; };
static const struct field KEY[] = { FIELD(struct key, wrapped) };
#define RECORDS_MAX 4096

/* Every holder of a copy is told, and answers with a signed receipt. What we handed over is the new owner's: our copy goes, and nobody is told to erase its own. */
static int tell_holders(struct work *w, struct id id, struct str rule, struct err *err)
{
	struct str nodes[256];
	struct record r;
	size_t n;
	if (record_head(w, id, &r, err) < 0 || share_holders(w, id, nodes, COUNT(nodes), &n, err) < 0)
		return -1;
	if (!str_eq(r.owner, w->node->name))
		return share_forget(w, id, err);
	for (size_t i = 0; i < n && w->node->hooks->line.send; i++) {
		json_t *body = json_keep(w->mem, json_pack("{s:[s], s:s}", "records", id_text(w->mem, id).p, "rule", str_z(w->mem, rule)));
		struct line_note note = { .to = nodes[i], .kind = "erase", .body = body, .purpose = w->purpose.n ? w->purpose : STR("oversight"),
			.basis = w->basis.n ? w->basis : STR("mandate") };      /* the clock erases by law, and nobody chose a basis */
		if (w->node->hooks->line.send(w, &note, err) < 0)
			return -1;
	}
	return share_forget(w, id, err);
}

int record_blank(struct work *w, struct id id, struct err *err)
{
	/* What a row belonged to stays known: whoever is told of so many rows does not wait for this one. */
	static const struct sql *const ENDS[] = { &Q_ROW_GONE, &Q_ROWS_GONE_END, &Q_BODIES_END, &Q_REFS_END, &Q_PROPOSALS_END, &Q_VERSIONS_END, &Q_ANSWERS_END, &Q_UNITS_END };
	for (size_t i = 0; i < COUNT(ENDS); i++)
		if (DB_RUN(w->tx, ENDS[i], err, db_id(id)) < 0)
			return -1;
	if (clock_forget(w, id, err) < 0 || number_forget(w, id, err) < 0 || received_forget(w, id, err) < 0)
		return -1;
	if (w->node->hooks->erased && w->node->hooks->erased(w, id, err) < 0)
		return -1;
	return DB_RUN(w->tx, &Q_BLANK, err, db_id(id), db_time(w->now_ms)) < 0 ? -1 : 0;
}

/* The row goes now; the erasure is final when the wrap key goes under which it stood. */
int record_key_end(struct work *w, struct handle h, uint32_t *wrap, struct err *err)
{
	struct key k;
	int rc = DB_ONE(w->tx, &Q_KEY, KEY, &k, w->mem, err, db_blob(bytes_of(h.b, HANDLE_BYTES)));
	*wrap = rc == DB_ROW && k.wrapped.n == WRAPPED_BYTES ? keys_wrapped_under(k.wrapped.p) : 0;
	return rc < 0 || DB_RUN(w->tx, &Q_KEY_END, err, db_blob(bytes_of(h.b, HANDLE_BYTES))) < 0 ||
	    DB_RUN(w->tx, &Q_SALTS_END, err, db_blob(bytes_of(h.b, HANDLE_BYTES))) < 0 ? -1 : ledger_forget(w->tx, h, err);
}

/* The records about a subject on one side of the wall: what is about her beyond it has another key, and another clock. */
static int about_subject(struct work *w, enum side side, struct id subject, struct id *about, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_OF_SUBJECT, ONE, w->mem, db_id(subject));
	struct one row;
	int rc = 0;
	*n = 0;
	while (*n < RECORDS_MAX && (rc = db_next(&rows, &row, err)) == DB_ROW) {
		const struct type *t = type_find(w->node->types, row.type);
		if (t && t->side == side)
			about[(*n)++] = row.id;
	}
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

static int enter_erasure(struct work *w, const struct record *r, struct str rule, size_t n, uint32_t wrap, struct err *err)
{
	struct entry e = { .act = ACT_ERASE, .actor = w->actor.account, .role = w->actor.role, .type = r->type->name, .fields = rule, .count = n };
	return ledger_append(w->node->ledger, w->tx, &e, NULL, err) < 0 ? -1 : erasure_enter(w, r->type->name, rule, n, wrap, err);
}

int record_erase(struct work *w, struct id id, struct str rule, struct err *err)
{
	struct record r;
	struct handle h;
	struct id *about = NEW_ARRAY(w->mem, struct id, RECORDS_MAX);
	uint32_t wrap;
	size_t n = 0;
	if (record_head(w, id, &r, err) < 0)
		return -1;
	struct id subject = id_none(r.subject) ? r.id : r.subject;
	if (keys_handles(w->node->keys, r.type->side, &subject, 1, &h, err) < 0 || about_subject(w, r.type->side, subject, about, &n, err) < 0)
		return -1;
	if (record_key_end(w, h, &wrap, err) < 0 || enter_erasure(w, &r, rule, n, wrap, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (tell_holders(w, about[i], rule, err) < 0 || record_blank(w, about[i], err) < 0)
			return -1;
	return 0;
}

/* The key that sealed what was just deleted: gone, where nothing else is sealed under it; else in its place a new one. */
static int key_change(struct work *w, const struct record *r, bool alone, uint32_t *wrap, struct err *err)
{
	struct id subject = id_none(r->subject) ? r->id : r->subject;
	struct handle h;
	*wrap = 0;
	if (!r->type->personal)
		return 0;
	if (!alone)
		return subject_rekey(w, r->type->side, subject, wrap, err);
	return keys_handles(w->node->keys, r->type->side, &subject, 1, &h, err) < 0 ? -1 : record_key_end(w, h, wrap, err);
}

int record_erase_one(struct work *w, struct id id, struct str rule, struct err *err)
{
	struct record r;
	struct id *about = NEW_ARRAY(w->mem, struct id, RECORDS_MAX);
	uint32_t wrap;
	size_t n;
	if (record_head(w, id, &r, err) < 0)
		return -1;
	if (str_is(r.state, "erased"))
		return 0;
	if (about_subject(w, r.type->side, id_none(r.subject) ? r.id : r.subject, about, &n, err) < 0 || tell_holders(w, id, rule, err) < 0 || record_blank(w, id, err) < 0)
		return -1;
	return key_change(w, &r, n <= 1, &wrap, err) < 0 ? -1 : enter_erasure(w, &r, rule, 1, wrap, err);
}

int record_strip(struct work *w, const struct record *r, struct str rule, struct err *err)
{
	struct id *about = NEW_ARRAY(w->mem, struct id, RECORDS_MAX);
	uint32_t wrap;
	size_t n;
	int64_t bodies = DB_COUNT(w->tx, &Q_HAS_BODY, db_id(r->id));
	if (bodies <= 0)
		return bodies < 0 ? err_set(err, ERR_FAULT, "the bodies cannot be read") : 0;
	if (about_subject(w, r->type->side, id_none(r->subject) ? r->id : r->subject, about, &n, err) < 0 || DB_RUN(w->tx, &Q_BODIES_END, err, db_id(r->id)) < 0)
		return -1;
	for (size_t i = 0; i < r->type->nfields; i++)
		if (r->type->fields[i].class != CLASS_O && DB_RUN(w->tx, &Q_REF_FIELD_END, err, db_id(r->id), db_text(r->type->fields[i].name)) < 0)
			return -1;
	return key_change(w, r, n <= 1, &wrap, err) < 0 ? -1 : enter_erasure(w, r, rule, 1, wrap, err);
}
