#include "exchange/recall.h"
#include "exchange/exchange_i.h"
#include "exchange/records.h"

SQL(Q_CARRIED, 3, "INSERT INTO disclosed_record(disclosure, record, node) VALUES(?1,?2,?3) ON CONFLICT DO NOTHING");
SQL(Q_OF_DISCLOSURE, 1, "SELECT record, node FROM disclosed_record WHERE disclosure=?1 ORDER BY record");
SQL(Q_OF_RECORD, 1, "SELECT disclosure AS record, node FROM disclosed_record WHERE record=?1 ORDER BY disclosure");
SQL(Q_CARRIED_N, 1, "SELECT count(*) FROM disclosed_record WHERE disclosure=?1");
SQL(Q_WHERE, 2, "SELECT disclosure AS record, node FROM disclosed_record WHERE record=?1 AND node=?2");
SQL(Q_ASK, 3, "INSERT INTO erasure_owed(record, node, asked, erased, note) VALUES(?1,?2,?3,0,'') ON CONFLICT(record, node) DO UPDATE SET asked=CASE WHEN asked=0 THEN excluded.asked ELSE asked END");
SQL(Q_SAID, 4, "INSERT INTO erasure_owed(record, node, asked, erased, note) VALUES(?1,?2,0,?3,?4) ON CONFLICT(record, node) DO UPDATE SET"
    " note=CASE WHEN erased=0 THEN excluded.note ELSE note END, erased=CASE WHEN erased=0 THEN excluded.erased ELSE erased END");
SQL(Q_STAND, 1, "SELECT count(*) AS records, count(CASE WHEN o.erased>0 THEN 1 END) AS erased, coalesce(min(CASE WHEN o.erased=0 AND o.asked>0 THEN o.asked END), 0) AS asked,"
    " coalesce(max(r.n), -1) AS read FROM disclosed_record d LEFT JOIN erasure_owed o ON o.record=d.record AND o.node=d.node"
    " LEFT JOIN read_there r ON r.record=d.record AND r.node=d.node WHERE d.disclosure=?1");
SQL(Q_NOTES, 2, "SELECT DISTINCT o.node, o.note, o.asked, o.erased FROM disclosed_record d JOIN erasure_owed o ON o.record=d.record AND o.node=d.node"
    " WHERE d.disclosure=?1 ORDER BY o.erased DESC LIMIT ?2");
SQL(Q_OWED, 2, "SELECT EXISTS(SELECT 1 FROM erasure_owed WHERE record=?1 AND node=?2)");
SQL(Q_OVERDUE, 1, "SELECT count(*) FROM erasure_owed WHERE erased=0 AND asked>0 AND asked<?1");
/* Asked for twice before the note is written: one cause, in whatever order they came (recall, erase, ended). */
SQL(Q_OWE, 4, "INSERT INTO erasure_note_due(record, node, cause, at) VALUES(?1,?2,?3,?4) ON CONFLICT(record, node) DO UPDATE SET cause=max(cause, excluded.cause)");
SQL(Q_DUE, 1, "SELECT record, node, cause FROM erasure_note_due ORDER BY node, cause, record LIMIT ?1");
SQL(Q_DUE_END, 2, "DELETE FROM erasure_note_due WHERE record=?1 AND node=?2");
SQL(Q_READ, 3, "INSERT INTO read_there(record, node, n) VALUES(?1,?2,?3) ON CONFLICT(record, node) DO UPDATE SET n=CASE WHEN excluded.n>n THEN excluded.n ELSE n END");
SQL(Q_READER, 2, "INSERT INTO read_here(record, reader) VALUES(?1,?2) ON CONFLICT DO NOTHING");
SQL(Q_READERS, 1, "SELECT count(*) FROM read_here WHERE record=?1");
SQL(Q_READERS_END, 1, "DELETE FROM read_here WHERE record=?1");
SQL(Q_STONE, 3, "INSERT INTO tombstone(mark, at, by_node) VALUES(?1,?2,?3) ON CONFLICT(mark) DO UPDATE SET at=excluded.at, by_node=excluded.by_node");
SQL(Q_STONE_OF, 1, "SELECT at, by_node AS by FROM tombstone WHERE mark=?1");
struct carried { struct id record; struct str node; };
struct due_row { struct id record; struct str node, cause; };
struct stand_row { int64_t records, erased, asked, read; };
struct note_row { struct str node, note; int64_t asked, erased; };
static const struct field CARRIED[] = { FIELD(struct carried, record), FIELD(struct carried, node) };
static const struct field DUE_ROW[] = { FIELD(struct due_row, record), FIELD(struct due_row, node), FIELD(struct due_row, cause) };
static const struct field STAND[] = { FIELD(struct stand_row, records), FIELD(struct stand_row, erased), FIELD(struct stand_row, asked), FIELD(struct stand_row, read) };
static const struct field NOTE_ROW[] = { FIELD(struct note_row, node), FIELD(struct note_row, note), FIELD(struct note_row, asked), FIELD(struct note_row, erased) };
static const struct field STONE[] = { FIELD(struct tombstone, at), FIELD(struct tombstone, by) };
#define CARRIED_MAX 512
#define NOTES_SHOWN 20
#define DAY_MS (24LL * 3600 * 1000)

/* ---- what left ---- */

/* An answer of the vetting office is no record at its receiver: it is known by the reference under which it was asked. */
static int answers_sent(struct work *w, const struct line_note *n, struct id disclosure, struct err *err)
{
	json_t *items = strcmp(n->kind, "reply") == 0 ? json_object_get(n->body, "items") : NULL;
	for (size_t i = 0; i < json_array_size(items); i++) {
		struct bytes ref;
		struct id id;
		if (hex_read(w->mem, json_str(json_array_get(items, i), "ref"), &ref) < 0 || ref.n != sizeof id.b)
			continue;
		memcpy(id.b, ref.p, sizeof id.b);
		if (DB_RUN(w->tx, &Q_CARRIED, err, db_id(disclosure), db_id(id), db_text(n->to)) < 0)
			return -1;
	}
	return 0;
}

int recall_sent(struct work *w, const struct line_note *n, struct id disclosure, struct err *err)
{
	json_t *records = json_object_get(n->body, "records");
	for (size_t i = 0; i < json_array_size(records); i++) {
		struct id id;
		if (id_parse(json_str(json_array_get(records, i), "id"), &id) == 0 && DB_RUN(w->tx, &Q_CARRIED, err, db_id(disclosure), db_id(id), db_text(n->to)) < 0)
			return -1;
	}
	return answers_sent(w, n, disclosure, err);
}

int recall_asked(struct work *w, struct str to, json_t *records, struct err *err)
{
	for (size_t i = 0; i < json_array_size(records); i++) {
		struct id id;
		if (id_parse(str_of(json_string_value(json_array_get(records, i))), &id) == 0 && DB_RUN(w->tx, &Q_ASK, err, db_id(id), db_text(to), db_time(w->now_ms)) < 0)
			return -1;
	}
	return 0;
}

static int carried_by(struct work *w, struct id disclosure, struct carried *all, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_OF_DISCLOSURE, CARRIED, w->mem, db_id(disclosure));
	int rc = 0;
	*n = 0;
	while (*n < CARRIED_MAX && (rc = db_next(&rows, &all[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

static int recall_ask(struct work *w, struct str to, json_t *ids, struct err *err)
{
	json_t *body = json_keep(w->mem, json_object());
	json_object_set(body, "records", ids);
	struct line_note note = { .to = to, .kind = "recall", .body = body, .purpose = STR("oversight"), .basis = STR("mandate"), .fields = STR("records") };
	return w->node->hooks->line.send(w, &note, err);
}

/* One record of ours, and the pictures that followed it in messages of their own: the partner gets no further version. */
static int recall_one(struct work *w, const struct record *r, struct str node, json_t *ids, struct err *err)
{
	struct id *pages;
	size_t n = 0;
	if (record_unshare(w, r->id, node, err) < 0 || (str_is(r->type->name, "rfi_document") && record_rows(w, "rfi_page", r->id, &pages, &n, err) < 0))
		return -1;
	json_array_append_new(ids, json_new_str(id_text(w->mem, r->id)));
	for (size_t i = 0; i < n; i++) {
		if (record_unshare(w, pages[i], node, err) < 0)
			return -1;
		json_array_append_new(ids, json_new_str(id_text(w->mem, pages[i])));
	}
	return 0;
}

/* What it carried of ours, that this office still answers for: the partner destroys it. */
int recall_disclosure(struct work *w, const struct record *d, struct err *err)
{
	struct carried all[CARRIED_MAX];
	size_t n;
	json_t *ids = json_keep(w->mem, json_array());
	if (carried_by(w, d->id, all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		struct err why = { 0 };
		bool there = record_head(w, all[i].record, &r, &why) == 0;
		if (!there && why.code != ERR_NOT_FOUND)
			return *err = why, -1;
		if (there && !str_eq(r.owner, w->node->name))
			continue;                         /* handed over since: its new owner recalls it */
		if (there && str_is(r.type->name, "rfi_reply") && tombstone_set(w, &r, w->node->name, err) < 0)
			return -1;
		if (there && recall_one(w, &r, all[i].node, ids, err) < 0)
			return -1;
		if (!there)
			json_array_append_new(ids, json_new_str(id_text(w->mem, all[i].record)));
	}
	if (!json_array_size(ids))
		return err_say(err, ERR_VALUE, N_("Nothing that this disclosure carried is this office's to recall any more."), NULL);
	return recall_ask(w, all[0].node, ids, err);
}

/* A message may have carried others, whose disclosure stands: then this one alone is asked for. */
int recall_carried(struct work *w, struct id record, size_t *n, struct err *err)
{
	struct carried all[CARRIED_MAX];
	struct rows rows = DB_QUERY(w->tx, &Q_OF_RECORD, CARRIED, w->mem, db_id(record));
	json_t *ids = json_keep(w->mem, json_array());
	int rc = 0;
	*n = 0;
	while (*n < CARRIED_MAX && (rc = db_next(&rows, &all[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	json_array_append_new(ids, json_new_str(id_text(w->mem, record)));
	for (size_t i = 0; rc >= 0 && i < *n; i++) {
		struct record d;
		if (record_head(w, all[i].record, &d, err) < 0)
			return -1;
		bool whole = DB_COUNT(w->tx, &Q_CARRIED_N, db_id(d.id)) == 1 && (str_is(d.state, "made") || str_is(d.state, "received"));
		if (record_unshare(w, record, all[i].node, err) < 0 || (whole ? record_move_inside(w, d.id, "recall", err) < 0 : recall_ask(w, all[i].node, ids, err) < 0))
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

int recall_disclosures(struct work *w, const struct record *r, struct err *err)
{
	size_t n;
	if (str_is(r->type->name, "rfi_reply") && tombstone_set(w, r, w->node->name, err) < 0)
		return -1;
	return recall_carried(w, r->id, &n, err);
}

bool recall_stands(struct work *w, struct str node, struct id record)
{
	return DB_COUNT(w->tx, &Q_OWED, db_id(record), db_text(node)) != 0;
}

/* ---- what is destroyed here, and said ---- */

int erasure_owe(struct work *w, struct str to, json_t *records, const char *cause, struct err *err)
{
	w->effects->outbox = true;
	for (size_t i = 0; i < json_array_size(records); i++) {
		struct id id;
		if (id_parse(str_of(json_string_value(json_array_get(records, i))), &id) == 0 &&
		    DB_RUN(w->tx, &Q_OWE, err, db_id(id), db_text(to), db_z(cause), db_time(w->now_ms)) < 0)
			return -1;
	}
	return 0;
}

/* A copy that comes to its end by our own clock: its owner is told. What the owner asked for itself is answered where it asked. */
int recall_erased(struct work *w, struct id record, struct err *err)
{
	struct record r;
	struct partner p;
	if (record_head(w, record, &r, err) < 0 || DB_RUN(w->tx, &Q_READERS_END, err, db_id(record)) < 0)
		return -1;
	if (w->partner.n || str_eq(r.owner, w->node->name))
		return 0;
	int rc = partner_find(w, r.owner, &p, err);
	if (rc <= 0)
		return rc;
	w->effects->outbox = true;
	return DB_RUN(w->tx, &Q_OWE, err, db_id(record), db_text(r.owner), db_z("ended"), db_time(w->now_ms)) < 0 ? -1 : 0;
}

/* The entry first, so that the note can name it: its body is the HMAC of the note's list of records. */
static int note_send(struct work *w, const struct due_row *due, size_t n, struct err *err)
{
	struct erasure_note x = { .from = w->node->name, .to = due[0].node, .cause = due[0].cause, .at_ms = w->now_ms, .records = NEW_ARRAY(w->mem, struct id, n), .n = n };
	struct buf list = buf_new(w->mem, n * 16 + 16);
	struct str note;
	for (size_t i = 0; i < n; i++) {
		x.records[i] = due[i].record;
		buf_put(&list, due[i].record.b, 16);
	}
	struct hash digest = sha256(buf_bytes(&list));
	x.entry = ledger_size(w->node->ledger);
	if (work_enter(w, &(struct entry){ .act = ACT_ERASE, .type = STR("note"), .to = x.to, .fields = x.cause, .count = n, .record_salt = digest.b,
	        .body = bytes_of(digest.b, HASH_BYTES) }, err) < 0 || node_note(w, erasure_note_text(w->mem, &x), &note, err) < 0)
		return -1;
	json_t *body = json_keep(w->mem, json_object()), *notes = json_array();
	json_array_append_new(notes, json_new_str(note));
	json_object_set_new(body, "notes", notes);
	struct message m = { .to = x.to, .kind = STR("erase"), .purpose = STR("oversight"), .basis = STR("mandate"), .media = "application/json", .body = json_write(w->mem, body),
		.fields = STR("notes") };
	struct id id;
	if (exchange_queue(w, &m, &id, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (DB_RUN(w->tx, &Q_DUE_END, err, db_id(due[i].record), db_text(due[i].node)) < 0)
			return -1;
	return 0;
}

int erasures_pack(struct work *w, struct err *err)
{
	struct due_row *due = NEW_ARRAY(w->mem, struct due_row, ERASURE_NOTE_RECORDS);
	struct rows rows = DB_QUERY(w->tx, &Q_DUE, DUE_ROW, w->mem, db_int(ERASURE_NOTE_RECORDS));
	size_t n = 0, from = 0;
	int rc = 0;
	while (n < ERASURE_NOTE_RECORDS && (rc = db_next(&rows, &due[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	for (size_t i = 1; rc >= 0 && i <= n; i++)
		if (i == n || !str_eq(due[i].node, due[from].node) || !str_eq(due[i].cause, due[from].cause)) {
			rc = note_send(w, due + from, i - from, err);
			from = i;
		}
	w->effects->outbox = w->effects->outbox || n == ERASURE_NOTE_RECORDS;
	return rc < 0 ? -1 : 0;
}

/* ---- what a partner says it destroyed ---- */

static int disclosure_erased(struct work *w, struct id disclosure, struct str note, struct err *err)
{
	struct record d;
	struct disclosure_stand s;
	if (record_head(w, disclosure, &d, err) < 0 || disclosure_stand(w, disclosure, &s, err) < 0)
		return -1;
	if (s.erased < s.records || str_is(d.state, "erased_there") || str_is(d.state, "erased"))
		return 0;
	struct hash h = sha256(str_bytes(note));
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "erased_on", json_new_str(str_sub(time_text(w->mem, w->now_ms), 0, 10)));
	json_object_set_new(f, "erasure_proof", json_new_str(hex(w->mem, bytes_of(h.b, HASH_BYTES))));
	return record_set_inside(w, disclosure, f, err) < 0 ? -1 : record_move_inside(w, disclosure, "note_erasure", err);
}

static int record_erased_there(struct work *w, struct str node, struct id record, struct str note, struct err *err)
{
	struct carried all[CARRIED_MAX];
	struct rows rows = DB_QUERY(w->tx, &Q_WHERE, CARRIED, w->mem, db_id(record), db_text(node));
	size_t n = 0;
	int rc = 0;
	while (n < CARRIED_MAX && (rc = db_next(&rows, &all[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	if (rc < 0 || n == 0)
		return rc < 0 ? -1 : 0;                   /* never sent by us: nothing to note */
	if (DB_RUN(w->tx, &Q_SAID, err, db_id(record), db_text(node), db_time(w->now_ms), db_text(note)) < 0 || record_unshare(w, record, node, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (disclosure_erased(w, all[i].record, note, err) < 0)
			return -1;
	return 0;
}

int erasure_noted(struct work *w, struct str from, json_t *notes, struct err *err)
{
	struct partner p;
	if (partner_find(w, from, &p, err) != 1)
		return err_set(err, ERR_FORBIDDEN, "an erasure note of a stranger");
	for (size_t i = 0; i < json_array_size(notes); i++) {
		struct erasure_note x;
		struct str text, note = str_of(json_string_value(json_array_get(notes, i)));
		if (note_open(w->mem, note, &p.node, &text, err) < 0 || erasure_note_parse(w->mem, text, &x, err) < 0)
			return err_set(err, ERR_FORMAT, "an erasure note that is not good");
		if (!str_eq(x.from, from) || !str_eq(x.to, w->node->name))
			return err_set(err, ERR_FORBIDDEN, "an erasure note between others");
		for (size_t k = 0; k < x.n; k++)
			if (record_erased_there(w, from, x.records[k], note, err) < 0)
				return -1;
	}
	return json_array_size(notes) ? 0 : err_set(err, ERR_FORMAT, "no notes");
}

/* ---- how it stands ---- */

int disclosure_stand(struct work *w, struct id disclosure, struct disclosure_stand *out, struct err *err)
{
	struct stand_row row = { 0 };
	if (DB_ONE(w->tx, &Q_STAND, STAND, &row, w->mem, err, db_id(disclosure)) < 0)
		return -1;
	*out = (struct disclosure_stand){ row.records, row.erased, row.asked, row.read, row.asked > 0 && row.asked < w->now_ms - RECALL_DAYS * DAY_MS };
	return 0;
}

int disclosure_notes(struct work *w, struct id disclosure, struct erasure_row **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_NOTES, NOTE_ROW, w->mem, db_id(disclosure), db_int(NOTES_SHOWN));
	struct note_row row;
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct erasure_row, NOTES_SHOWN);
	*n = 0;
	while (*n < NOTES_SHOWN && (rc = db_next(&rows, &row, err)) == DB_ROW)
		(*out)[(*n)++] = (struct erasure_row){ row.node, row.note, row.asked, row.erased };
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int64_t erasures_overdue(struct work *w)
{
	return DB_COUNT(w->tx, &Q_OVERDUE, db_time(w->now_ms - RECALL_DAYS * DAY_MS));
}

/* ---- read by how many ---- */

/* Once for each account; the owner learns the number and nobody's name. */
int reading_add(struct work *w, const struct record *r, struct err *err)
{
	struct id id;
	if (str_eq(r->owner, w->node->name))
		return 0;
	int fresh = DB_RUN(w->tx, &Q_READER, err, db_id(r->id), db_id(w->actor.account));
	if (fresh <= 0)
		return fresh;
	json_t *body = json_keep(w->mem, json_pack("{s:[{s:s, s:I}]}", "read", "record", id_text(w->mem, r->id).p, "n", (json_int_t)DB_COUNT(w->tx, &Q_READERS, db_id(r->id))));
	struct message m = { .to = r->owner, .kind = STR("update"), .purpose = STR("coordination"), .basis = STR("agreement"), .media = "application/json",
		.body = json_write(w->mem, body), .fields = STR("read") };
	struct err why = { 0 };
	return exchange_queue(w, &m, &id, &why) == 0 || why.code == ERR_FORBIDDEN ? 0 : (*err = why, -1);      /* suspended: the number waits for the next reader */
}

int readings_told(struct work *w, struct str from, json_t *list, struct err *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct id id;
		json_t *o = json_array_get(list, i);
		int64_t n = json_int(o, "n", 0);
		if (id_parse(json_str(o, "record"), &id) < 0 || n < 1 || n > 100000)
			return err_set(err, ERR_FORMAT, "a number of readers that cannot be");
		if (DB_RUN(w->tx, &Q_READ, err, db_id(id), db_text(from), db_int(n)) < 0)
			return -1;
	}
	return json_array_size(list) ? 0 : err_set(err, ERR_FORMAT, "no readings");
}

/* ---- tombstones ---- */

/* "This person, this question": what both offices would write again. A keyed mark: whoever takes the table learns nobody by it. */
static int marks_of(struct work *w, struct id rfi, struct handle **marks, size_t *n, struct err *err)
{
	struct id *ids;
	const struct grant *q = record_open_inside(w, type_find(w->node->types, STR("rfi")), &rfi, 1, err);
	if (!q || record_rows(w, "rfi_subject", rfi, &ids, n, err) < 0)
		return -1;
	const struct grant *g = record_open_inside(w, type_find(w->node->types, STR("rfi_subject")), ids, *n, err);
	struct bytes *in = NEW_ARRAY(w->mem, struct bytes, *n + 1);
	*marks = NEW_ARRAY(w->mem, struct handle, *n + 1);
	for (size_t i = 0; g && i < *n; i++)
		in[i] = str_bytes(str_fmt(w->mem, S_FMT "\n" S_FMT "\n" S_FMT "\n" S_FMT "\n" S_FMT, S_ARG(record_text(q, 0, "question")), S_ARG(record_text(g, i, "name")),
		    S_ARG(record_text(g, i, "mother_name")), S_ARG(record_text(g, i, "birth")), S_ARG(record_text(g, i, "document_no"))));
	return !g || (*n && keys_blind(w->node->keys, SIDE_OFFICE, STR("tombstone"), in, *n, *marks, err) < 0) ? -1 : 0;
}

int tombstone_set(struct work *w, const struct record *reply, struct str by, struct err *err)
{
	struct id rfi;
	struct handle *marks;
	size_t n;
	const struct grant *g = record_open_inside(w, reply->type, &reply->id, 1, err);
	struct record r;
	struct err gone = { 0 };
	if (!g)
		return -1;
	if (id_parse(record_text(g, 0, "rfi"), &rfi) < 0 || record_head(w, rfi, &r, &gone) < 0 || str_is(r.state, "erased") || str_is(record_text(g, 0, "outcome"), "nothing_known"))
		return 0;
	if (marks_of(w, rfi, &marks, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (DB_RUN(w->tx, &Q_STONE, err, db_blob(bytes_of(marks[i].b, HANDLE_BYTES)), db_time(w->now_ms), db_text(by)) < 0)
			return -1;
	return 0;
}

int tombstone_of(struct work *w, struct id rfi, struct tombstone *out, struct err *err)
{
	struct handle *marks;
	size_t n;
	if (marks_of(w, rfi, &marks, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc = DB_ONE(w->tx, &Q_STONE_OF, STONE, out, w->mem, err, db_blob(bytes_of(marks[i].b, HANDLE_BYTES)));
		if (rc)
			return rc;
	}
	return 0;
}
