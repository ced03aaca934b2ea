#include "exchange/exchange_i.h"

/* What waits to be sent. The body is sealed under a key of its own, which goes with the row when the receipt is there. Each partner has one call at a time; a call that
   failed is repeated later and later. The place in the line (seq, prev) is given when a message is first sent, and never changes: a repeat is the same envelope. */
SQL(Q_NEW, 14, "INSERT INTO outbox(id, partner, kind, purpose, basis, handling, media, created, expires, agreement, digest, length, wrapped, sealed)"
    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)");
#define COLUMNS "id, partner, kind, purpose, basis, handling, media, created, coalesce(expires, 0) AS expires, agreement, digest, length, wrapped, sealed, note"
SQL(Q_DUE, 3, "SELECT " COLUMNS " FROM outbox WHERE partner=?1 AND state<2 AND next_try<=?2 ORDER BY coalesce(seq, 9223372036854775807), id LIMIT ?3");
SQL(Q_FIRST_SENT, 5, "UPDATE outbox SET seq=?2, note=?3, state=1, prev_digest=?4, tries=?5 WHERE id=?1");
SQL(Q_LATER, 3, "UPDATE outbox SET tries=tries+1, next_try=?2 WHERE partner=?1 AND state<2 AND next_try<=?3");
SQL(Q_DONE, 4, "UPDATE outbox SET state=?2, verdict=?3, answered=?4, wrapped=NULL, sealed=NULL WHERE id=?1 AND state<2");
SQL(Q_HELD, 3, "UPDATE outbox SET verdict='held', next_try=?2, tries=tries+1, answered=?3 WHERE id=?1 AND state<2");
SQL(Q_ONE, 1, "SELECT " COLUMNS " FROM outbox WHERE id=?1");
SQL(Q_LINE_NEW, 1, "INSERT INTO partner_line(partner) VALUES(?1) ON CONFLICT DO NOTHING");
SQL(Q_LINE, 1, "SELECT seq_out, prev_out, called, head, fork, tries FROM partner_line WHERE partner=?1");
SQL(Q_LINE_OUT, 3, "UPDATE partner_line SET seq_out=?2, prev_out=?3 WHERE partner=?1");
SQL(Q_LINE_CALLED, 2, "UPDATE partner_line SET called=?2 WHERE partner=?1");
SQL(Q_LINE_ANSWERED, 3, "UPDATE partner_line SET called=0, tries=?2, delivered=CASE WHEN ?3=0 THEN delivered ELSE ?3 END WHERE partner=?1");
SQL(Q_LINE_HEAD, 2, "UPDATE partner_line SET head=?2 WHERE partner=?1");
SQL(Q_WAITS, 2, "SELECT EXISTS(SELECT 1 FROM outbox WHERE partner=?1 AND state<2 AND next_try<=?2)");
SQL(Q_STATES, 0, "SELECT p.name AS partner, (SELECT count(*) FROM outbox o WHERE o.partner=p.name AND o.state<2) AS waiting,"
    " (SELECT count(*) FROM held h WHERE h.partner=p.name) AS held, (SELECT count(*) FROM outbox o WHERE o.partner=p.name AND o.state=3) AS refused,"
    " coalesce((SELECT min(created) FROM outbox o WHERE o.partner=p.name AND o.state<2), 0) AS oldest_ms, coalesce(l.delivered, 0) AS delivered_ms, coalesce(l.fork, 0) AS fork"
    " FROM partner p LEFT JOIN partner_line l ON l.partner=p.name ORDER BY p.name");
struct row { struct id id; struct str partner, kind, purpose, basis, handling, media; int64_t created, expires; struct bytes agreement, digest; int64_t length;
	struct bytes wrapped, sealed; struct str note; };
static const struct field ROW[] = { FIELD(struct row, id), FIELD(struct row, partner), FIELD(struct row, kind), FIELD(struct row, purpose), FIELD(struct row, basis),
	FIELD(struct row, handling), FIELD(struct row, media), FIELD(struct row, created), FIELD(struct row, expires), FIELD(struct row, agreement), FIELD(struct row, digest),
	FIELD(struct row, length), FIELD(struct row, wrapped), FIELD(struct row, sealed), FIELD(struct row, note) };
struct line_row { int64_t seq_out; struct bytes prev_out; int64_t called; struct str head; int64_t fork, tries; };
static const struct field LINE_ROW[] = { FIELD(struct line_row, seq_out), FIELD(struct line_row, prev_out), FIELD(struct line_row, called), FIELD(struct line_row, head),
	FIELD(struct line_row, fork), FIELD(struct line_row, tries) };
static const struct field STATE_ROW[] = { FIELD(struct line_state, partner), FIELD(struct line_state, waiting), FIELD(struct line_state, held),
	FIELD(struct line_state, refused), FIELD(struct line_state, oldest_ms), FIELD(struct line_state, delivered_ms), FIELD(struct line_state, fork) };
#define RETRY_MS 500
#define RETRY_MOST_MS (10 * 60 * 1000LL)
#define HELD_RETRY_MS 300
enum { WAITING, SENT, DELIVERED, REFUSED };

static const char *const TABLES[] = {
	"CREATE TABLE partner(name TEXT PRIMARY KEY, kind TEXT NOT NULL, url TEXT NOT NULL, node_key TEXT NOT NULL, log_key TEXT NOT NULL, witness_key TEXT NOT NULL,"
	" certificate BLOB NOT NULL, added INTEGER NOT NULL) STRICT",
	"CREATE INDEX partner_certificate ON partner(certificate)",
	"CREATE TABLE partner_line(partner TEXT PRIMARY KEY, seq_out INTEGER NOT NULL DEFAULT 0, prev_out BLOB, called INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,"
	" head TEXT NOT NULL DEFAULT '', fork INTEGER NOT NULL DEFAULT 0, delivered INTEGER) STRICT",
	"CREATE TABLE outbox(id BLOB PRIMARY KEY, partner TEXT NOT NULL, kind TEXT NOT NULL, purpose TEXT NOT NULL, basis TEXT NOT NULL, handling TEXT NOT NULL, media TEXT NOT NULL,"
	" created INTEGER NOT NULL, expires INTEGER, agreement BLOB, digest BLOB NOT NULL, length INTEGER NOT NULL, wrapped BLOB, sealed BLOB, seq INTEGER, note TEXT,"
	" prev_digest BLOB, state INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, next_try INTEGER NOT NULL DEFAULT 0, verdict TEXT, answered INTEGER) STRICT",
	"CREATE INDEX outbox_due ON outbox(partner, state, seq)",
	"CREATE TABLE inbox(partner TEXT NOT NULL, id BLOB NOT NULL, seq INTEGER NOT NULL, digest BLOB NOT NULL, prev BLOB NOT NULL, verdict TEXT NOT NULL, why TEXT NOT NULL,"
	" entry INTEGER NOT NULL, receipt TEXT, at INTEGER NOT NULL, PRIMARY KEY(partner, id)) STRICT",
	"CREATE INDEX inbox_seq ON inbox(partner, seq)",
	"CREATE TABLE held(partner TEXT NOT NULL, id BLOB NOT NULL, text TEXT NOT NULL, wrapped BLOB NOT NULL, sealed BLOB NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY(partner, id)) STRICT",
	"CREATE TABLE agreement(digest BLOB PRIMARY KEY, partner TEXT NOT NULL, text TEXT NOT NULL, ours TEXT NOT NULL, theirs TEXT NOT NULL, state TEXT NOT NULL,"
	" starts INTEGER NOT NULL, ends INTEGER NOT NULL) STRICT",
};
const struct migrations EXCHANGE_MIGRATIONS = { "exchange", TABLES, COUNT(TABLES) };

/* ---- into the queue ---- */

static int body_keep(struct work *w, const struct message *m, struct id id, const struct hash *agreement, struct err *err)
{
	uint8_t wrapped[WRAPPED_BYTES], key[KEY_BYTES], salt[BODY_SALT_BYTES];
	struct buf b = buf_new(w->mem, BODY_MAX + BODY_SALT_BYTES);
	source_fill(w->node->source, salt, sizeof salt);
	buf_put(&b, salt, sizeof salt);
	buf_str(&b, m->body);
	if (b.full)
		return err_set(err, ERR_TOO_LARGE, "a message of more than 3 MiB");
	if (keys_wait_new(w->node->keys, wrapped, key, err) < 0)
		return -1;
	struct hash digest = sha256(buf_bytes(&b));
	struct bytes sealed = seal(w->mem, w->node->source, key, bytes_of(id.b, 16), buf_bytes(&b));
	wipe(key, sizeof key);
	static const struct hash ZERO;
	bool none = hash_eq(agreement, &ZERO);
	return DB_RUN(w->tx, &Q_NEW, err, db_id(id), db_text(m->to), db_text(m->kind), db_text(m->purpose), db_text(m->basis), db_text(m->handling), db_z(m->media),
	    db_time(w->now_ms), db_time(m->expires_ms), none ? db_null() : db_blob(bytes_of(agreement->b, HASH_BYTES)), db_blob(bytes_of(digest.b, HASH_BYTES)),
	    db_int((int64_t)b.n), db_blob(bytes_of(wrapped, sizeof wrapped)), db_blob(sealed)) < 0 ? err_add(err, "queueing a message") : 0;
}

int exchange_queue(struct work *w, const struct message *m, struct id *out, struct err *err)
{
	struct partner p;
	struct hash agreement = { { 0 } };
	int rc = partner_find(w, m->to, &p, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, ERR_FORBIDDEN, "no partner of that name");
	rc = kind_exempt(m->kind) ? 1 : agreement_for(w, m->to, m->purpose, &agreement, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || !m->purpose.n || !m->basis.n) {
		w->refusal = (struct refusal){ .reason = STR("no_agreement") };
		return err_say(err, ERR_FORBIDDEN, N_("No agreement in force covers this, so nothing is sent."), NULL);
	}
	*out = id_new(w->node->source);
	if (body_keep(w, m, *out, &agreement, err) < 0 || DB_RUN(w->tx, &Q_LINE_NEW, err, db_text(m->to)) < 0)
		return -1;
	w->effects->outbox = true;
	return work_enter(w, &(struct entry){ .act = ACT_SEND, .actor = w->actor.account, .role = w->actor.role, .type = m->kind, .purpose = m->purpose, .basis = m->basis,
	    .fields = m->fields, .to = m->to, .count = m->subjects }, err);
}

/* ---- onto the line ---- */

static int body_open(struct work *w, const struct row *r, struct bytes *plain, struct err *err)
{
	uint8_t key[KEY_BYTES];
	if (r->wrapped.n != WRAPPED_BYTES || keys_wait_open(w->node->keys, r->wrapped.p, key, err) < 0)
		return err_add(err, "a waiting message");
	int rc = seal_open(w->mem, key, bytes_of(r->id.b, 16), r->sealed, plain, err);
	wipe(key, sizeof key);
	return rc;
}

static int first_sent(struct work *w, struct row *r, struct line_row *line, struct err *err)
{
	struct envelope e = { .from = w->node->name, .to = r->partner, .kind = r->kind, .purpose = r->purpose, .basis = r->basis, .handling = r->handling, .media = r->media,
		.id = r->id, .epoch = ledger_epoch(w->node->ledger), .seq = (uint64_t)++line->seq_out, .length = (uint64_t)r->length, .created_ms = r->created, .expires_ms = r->expires };
	if (line->prev_out.n == HASH_BYTES)
		memcpy(e.prev.b, line->prev_out.p, HASH_BYTES);
	if (r->agreement.n == HASH_BYTES)
		memcpy(e.agreement.b, r->agreement.p, HASH_BYTES);
	memcpy(e.digest.b, r->digest.p, HASH_BYTES);
	struct str text = envelope_text(w->mem, &e);
	struct hash digest = envelope_digest(text);
	if (node_note(w, text, &r->note, err) < 0)
		return -1;
	line->prev_out = bytes_dup(w->mem, bytes_of(digest.b, HASH_BYTES));
	return DB_RUN(w->tx, &Q_FIRST_SENT, err, db_id(r->id), db_int(line->seq_out), db_text(r->note), db_blob(line->prev_out), db_int(0)) < 0 ||
	    DB_RUN(w->tx, &Q_LINE_OUT, err, db_text(r->partner), db_int(line->seq_out), db_blob(line->prev_out)) < 0 ? -1 : 0;
}

/* Frames of the messages that go now, as far as they fit, and their ids for the answer. */
static int frames(struct work *w, struct str partner, struct line_row *line, struct buf *out, struct buf *ids, struct err *err)
{
	struct row *r = NEW_ARRAY(w->mem, struct row, ENVELOPES_MAX);
	struct rows rows = DB_QUERY(w->tx, &Q_DUE, ROW, w->mem, db_text(partner), db_time(w->now_ms), db_int(ENVELOPES_MAX));
	size_t n = 0;
	int rc = 0;
	while (n < ENVELOPES_MAX && (rc = db_next(&rows, &r[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		struct hash agreement;
		struct bytes body;
		int covered = kind_exempt(r[i].kind) ? 1 : agreement_for(w, partner, r[i].purpose, &agreement, err);
		if (covered < 0)
			return -1;
		if (!covered)
			continue;                          /* suspended: it waits */
		if (out->n + (size_t)r[i].length + 8192 > POST_MAX)
			break;
		if (body_open(w, &r[i], &body, err) < 0 || (!r[i].note.n && first_sent(w, &r[i], line, err) < 0))
			return -1;
		frame_put(out, r[i].note);
		buf_put(out, body.p, body.n);
		buf_put(ids, r[i].id.b, 16);
	}
	return rc < 0 ? -1 : 0;
}

static uint64_t head_size(struct work *w, const struct line_row *line)
{
	struct note n;
	struct str rest;
	uint64_t size = 0;
	if (!line->head.n || note_parse(w->mem, line->head, &n, NULL) < 0)
		return 0;
	rest = n.text;
	str_cut(&rest, '\n');
	return str_u64(str_cut(&rest, '\n'), &size) < 0 ? 0 : size;
}

static int answered(struct work *, struct str ref, int status, struct str body, struct err *);

static int call_partner(struct work *w, const struct partner *p, struct err *err)
{
	struct line_row line = { 0 };
	struct buf body = buf_new(w->mem, POST_MAX), ref = buf_new(w->mem, 65536);
	if (DB_RUN(w->tx, &Q_LINE_NEW, err, db_text(p->name)) < 0 || DB_ONE(w->tx, &Q_LINE, LINE_ROW, &line, w->mem, err, db_text(p->name)) != DB_ROW)
		return -1;
	if (line.fork || line.called > w->node->started_ms || DB_COUNT(w->tx, &Q_WAITS, db_text(p->name), db_time(w->now_ms)) <= 0)
		return 0;
	buf_sized(&ref, str_bytes(p->name));
	if (frames(w, p->name, &line, &body, &ref, err) < 0)
		return -1;
	if (body.n == 0)
		return 0;
	struct call c = { .url = str_fmt(w->mem, S_FMT "/x/1/envelopes?seen=%llu", S_ARG(p->url), (unsigned long long)head_size(w, &line)), .pin = p->certificate,
		.type = "application/vnd.jisr.envelopes", .body = buf_text(&body), .ref = buf_text(&ref), .then = answered };
	work_call(w, &c);
	return DB_RUN(w->tx, &Q_LINE_CALLED, err, db_text(p->name), db_time(w->now_ms)) < 0 ? -1 : 0;
}

int exchange_send(struct work *w, struct err *err)
{
	struct partner *p;
	size_t n;
	if (partner_list(w, &p, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (p[i].url.n && call_partner(w, &p[i], err) < 0)
			return -1;
	return 0;
}

/* ---- the answer ---- */

static int later(struct work *w, struct str partner, int64_t tries, struct err *err)
{
	uint16_t r;
	source_fill(w->node->source, &r, sizeof r);
	int64_t wait = RETRY_MS << (tries < 12 ? tries : 12);
	wait = (wait > RETRY_MOST_MS ? RETRY_MOST_MS : wait) * (75 + r % 50) / 100;
	return DB_RUN(w->tx, &Q_LATER, err, db_text(partner), db_time(w->now_ms + wait), db_time(w->now_ms)) < 0 ||
	    DB_RUN(w->tx, &Q_LINE_ANSWERED, err, db_text(partner), db_int(tries + 1), db_int(0)) < 0 ? -1 : 0;
}

/* The newest head of the partner's log must hold the one that we saw last. */
static int head_check(struct work *w, const struct partner *p, const struct line_row *line, struct str head, struct str frame, struct err *err)
{
	struct str now, before, rest = frame, hashes;
	struct hash proof[64], root_now, root_before;
	uint64_t size_now, size_before;
	struct bytes raw;
	size_t n = 0;
	if (note_open(w->mem, head, &p->log, &now, err) < 0)
		return -1;
	if (!line->head.n)
		return 0;
	if (note_open(w->mem, line->head, &p->log, &before, err) < 0 || head_parse(w->mem, now, &size_now, &root_now) < 0 || head_parse(w->mem, before, &size_before, &root_before) < 0)
		return err_set(err, ERR_PEER, "a head that cannot be read");
	if (size_now < size_before)
		return err_set(err, ERR_PEER, "the partner's log is shorter than it was");
	if (!str_is(str_cut(&rest, '\n'), "jisr-consistency/1"))
		return err_set(err, ERR_PEER, "no proof that the partner's log only grew");
	while ((hashes = str_cut(&rest, '\n')).n && n < COUNT(proof)) {
		if (base64_read(w->mem, hashes, &raw) < 0 || raw.n != HASH_BYTES)
			return err_set(err, ERR_PEER, "a proof that cannot be read");
		memcpy(proof[n++].b, raw.p, HASH_BYTES);
	}
	return merkle_check_consistency(size_before, size_now, &root_before, &root_now, proof, n) == 0 ? 0 : err_set(err, ERR_PEER, "the partner's log is another one now");
}

static int one_receipt(struct work *w, const struct partner *p, struct id id, struct str note, struct str *head, struct err *err)
{
	struct receipt c;
	struct row r;
	struct str text, from, to, line;
	if (note_open(w->mem, note, &p->node, &text, err) < 0 || receipt_parse(w->mem, text, &c, &from, &to, err) < 0)
		return -1;
	if (!id_eq(c.id, id) || !str_eq(from, p->name) || !str_eq(to, w->node->name) || DB_ONE(w->tx, &Q_ONE, ROW, &r, w->mem, err, db_id(id)) != DB_ROW)
		return err_set(err, ERR_PEER, "a receipt for something else");
	if (str_is(c.verdict, "held"))
		return DB_RUN(w->tx, &Q_HELD, err, db_id(id), db_time(w->now_ms + HELD_RETRY_MS), db_time(w->now_ms)) < 0 ? -1 : 0;
	if (str_is(c.verdict, "applied")) {
		if (log_check_proof(w->mem, c.proof, &p->log, &line, err) < 0 || str_find(line, STR("\"act\":\"receive\"")) == line.n)
			return err_set(err, ERR_PEER, "a receipt whose entry is not proven");
		*head = str_sub(c.proof, str_find(c.proof, STR("\n\n")) + 2, c.proof.n);
	} else {
		log_line(LOG_WARN, "exchange", "a message of kind " S_FMT " was refused by " S_FMT ": " S_FMT, S_ARG(r.kind), S_ARG(p->name), S_ARG(c.why));
	}
	bool good = str_is(c.verdict, "applied");
	if (DB_RUN(w->tx, &Q_DONE, err, db_id(id), db_int(good ? DELIVERED : REFUSED), db_text(c.verdict), db_time(w->now_ms)) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_RECEIPT, .type = r.kind, .to = p->name, .refused = good ? (struct str){ 0 } : c.why }, err);
}

static int receipts(struct work *w, const struct partner *p, const struct line_row *line, struct reader *ids, struct str body, struct err *err)
{
	struct reader r = reader_of(str_bytes(body));
	struct str head = { 0 };
	while (ids->at < ids->n) {
		struct id id;
		get_into(ids, id.b, 16);
		struct str note = bytes_str(get_sized(&r, (size_t)1 << 18));
		if (r.bad || ids->bad)
			return err_set(err, ERR_PEER, "fewer receipts than messages");
		if (one_receipt(w, p, id, note, &head, err) < 0)
			return -1;
	}
	struct str frame = bytes_str(get_sized(&r, (size_t)1 << 16));
	if (!head.n)
		return 0;
	if (head_check(w, p, line, head, frame, err) < 0)
		return -1;
	return DB_RUN(w->tx, &Q_LINE_HEAD, err, db_text(p->name), db_text(head)) < 0 ? -1 : 0;
}

static int answered(struct work *w, struct str ref, int status, struct str body, struct err *err)
{
	struct reader r = reader_of(str_bytes(ref));
	struct str name = bytes_str(get_sized(&r, 256));
	struct partner p;
	struct line_row line;
	if (partner_find(w, name, &p, err) != 1 || DB_ONE(w->tx, &Q_LINE, LINE_ROW, &line, w->mem, err, db_text(name)) != DB_ROW)
		return -1;
	if (status != 200)
		return later(w, name, line.tries, err);
	struct err why = { 0 };
	struct ledger_mark mark = ledger_mark(w->node->ledger);
	if (tx_savepoint(w->tx, err) < 0)
		return -1;
	if (receipts(w, &p, &line, &r, body, &why) < 0) {
		ledger_back(w->node->ledger, &mark);
		log_line(LOG_WARN, "exchange", "the answer of " S_FMT ": %s", S_ARG(name), why.log);
		return tx_back(w->tx, err) < 0 ? -1 : later(w, name, line.tries, err);
	}
	w->effects->outbox = true;
	return tx_release(w->tx, err) < 0 || DB_RUN(w->tx, &Q_LINE_ANSWERED, err, db_text(name), db_int(0), db_time(w->now_ms)) < 0 ? -1 : 0;
}

int line_states(struct work *w, struct line_state **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_STATES, STATE_ROW, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct line_state, 256);
	*n = 0;
	while (*n < 256 && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}
