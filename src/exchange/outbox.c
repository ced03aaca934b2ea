#include "exchange/exchange_i.h"
#include "record/custody.h"
#include "exchange/records.h"

/* What waits to be sent. The body is sealed under a key of its own, which goes with the row when the receipt is there. Each partner has one call at a time; after a call
   that failed the line rests, longer each time, until the partner is heard again. The place in the line (seq, prev) is given when a message is first sent, and never
   changes: a repeat is the same envelope. */
SQL(Q_NEW, 14, "INSERT INTO outbox(id, partner, kind, purpose, basis, handling, media, created, expires, agreement, digest, length, wrapped, sealed, queued)"
    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,(SELECT coalesce(max(queued), 0)+1 FROM outbox))");
#define DUE_COLUMNS "id, kind, purpose, basis, coalesce(expires, 0) AS expires, length, note IS NOT NULL AS sent"
SQL(Q_AGAIN, 3, "SELECT " DUE_COLUMNS " FROM outbox WHERE partner=?1 AND state=1 AND next_try<=?2 ORDER BY seq LIMIT ?3");
SQL(Q_FRESH, 3, "SELECT " DUE_COLUMNS " FROM outbox WHERE partner=?1 AND state=0 AND kind<>'notice' AND next_try<=?2 ORDER BY queued LIMIT ?3");
SQL(Q_NOTICES, 3, "SELECT " DUE_COLUMNS " FROM outbox WHERE partner=?1 AND state=0 AND kind='notice' AND next_try<=?2 ORDER BY queued LIMIT ?3");
SQL(Q_UNBUNDLED, 3, "SELECT " DUE_COLUMNS " FROM outbox WHERE partner=?1 AND state<2 AND bundle<>?2 AND wrapped IS NOT NULL ORDER BY seq IS NULL, seq, queued LIMIT ?3");
SQL(Q_UNBUNDLED_ANY, 2, "SELECT EXISTS(SELECT 1 FROM outbox WHERE partner=?1 AND state<2 AND bundle<>?2 AND wrapped IS NOT NULL)");
SQL(Q_BUNDLED, 2, "UPDATE outbox SET bundle=?2 WHERE id=?1");
SQL(Q_ONE, 1, "SELECT id, partner, kind, purpose, basis, handling, media, created, coalesce(expires, 0) AS expires, agreement, digest, length, wrapped, sealed, note"
    " FROM outbox WHERE id=?1");
SQL(Q_FIRST_SENT, 4, "UPDATE outbox SET seq=?2, note=?3, state=1, prev_digest=?4 WHERE id=?1");
SQL(Q_REST, 2, "UPDATE outbox SET next_try=?2 WHERE id=?1");
SQL(Q_EXPIRED, 2, "UPDATE outbox SET state=3, verdict='expired', answered=?2, wrapped=NULL, sealed=NULL WHERE id=?1");
SQL(Q_WAKE, 1, "UPDATE outbox SET next_try=0 WHERE partner=?1 AND state<2 AND next_try>0");
SQL(Q_LINE_WAKE, 1, "UPDATE partner_line SET next_try=0, tries=0 WHERE partner=?1 AND next_try>0");
SQL(Q_LINE_NEW, 1, "INSERT INTO partner_line(partner) VALUES(?1) ON CONFLICT DO NOTHING");
SQL(Q_LINE, 1, "SELECT seq_out, prev_out, called, head, fork, tries, next_try, epoch_in, epoch_seen FROM partner_line WHERE partner=?1");
SQL(Q_LINE_OUT, 3, "UPDATE partner_line SET seq_out=?2, prev_out=?3 WHERE partner=?1");
SQL(Q_LINE_CALLED, 2, "UPDATE partner_line SET called=?2 WHERE partner=?1");
SQL(Q_FULL, 2, "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE partner=?1 AND state IN (0, 1) LIMIT ?2)");
SQL(Q_CALLING, 1, "SELECT count(*) FROM partner_line WHERE called>?1");
SQL(Q_WAITS, 2, "SELECT EXISTS(SELECT 1 FROM outbox WHERE partner=?1 AND state=0 AND next_try<=?2) OR EXISTS(SELECT 1 FROM outbox WHERE partner=?1 AND state=1 AND next_try<=?2)");
struct due { struct id id; struct str kind, purpose, basis; int64_t expires, length; bool sent; };
static const struct field DUE[] = { FIELD(struct due, id), FIELD(struct due, kind), FIELD(struct due, purpose), FIELD(struct due, basis), FIELD(struct due, expires),
	FIELD(struct due, length), FIELD(struct due, sent) };
struct row { struct id id; struct str partner, kind, purpose, basis, handling, media; int64_t created, expires; struct bytes agreement, digest; int64_t length;
	struct bytes wrapped, sealed; struct str note; };
static const struct field ROW[] = { FIELD(struct row, id), FIELD(struct row, partner), FIELD(struct row, kind), FIELD(struct row, purpose), FIELD(struct row, basis),
	FIELD(struct row, handling), FIELD(struct row, media), FIELD(struct row, created), FIELD(struct row, expires), FIELD(struct row, agreement), FIELD(struct row, digest),
	FIELD(struct row, length), FIELD(struct row, wrapped), FIELD(struct row, sealed), FIELD(struct row, note) };
static const struct field LINE_ROW[] = { FIELD(struct line_row, seq_out), FIELD(struct line_row, prev_out), FIELD(struct line_row, called), FIELD(struct line_row, head),
	FIELD(struct line_row, fork), FIELD(struct line_row, tries), FIELD(struct line_row, next_try), FIELD(struct line_row, epoch_in), FIELD(struct line_row, epoch_seen) };
#define SUSPENDED_REST_MS 5000
/* How much of the memory calls may take, however many partners there are: the first ones as much as a call can carry, the others little. Nobody waits for somebody slow. */
#define LARGE_CALLS 8
struct room { size_t messages, bytes; };
static const struct room LARGE = { ENVELOPES_MAX, POST_MAX }, SMALL = { 32, (size_t)256 << 10 };

int line_row(struct work *w, struct str partner, struct line_row *out, struct err *err)
{
	int rc = DB_RUN(w->tx, &Q_LINE_NEW, err, db_text(partner)) < 0 ? -1 : DB_ONE(w->tx, &Q_LINE, LINE_ROW, out, w->mem, err, db_text(partner));
	return rc == DB_ROW ? 0 : rc < 0 ? -1 : err_set(err, ERR_FAULT, "a line that is not there");
}

/* ---- into the queue ---- */

static int body_keep(struct work *w, const struct message *m, struct id id, const struct hash *agreement, struct hash *digest, struct err *err)
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
	*digest = sha256(buf_bytes(&b));
	struct bytes sealed = seal(w->mem, w->node->source, key, bytes_of(id.b, 16), buf_bytes(&b));
	wipe(key, sizeof key);
	static const struct hash ZERO;
	bool none = hash_eq(agreement, &ZERO);
	return DB_RUN(w->tx, &Q_NEW, err, db_id(id), db_text(m->to), db_text(m->kind), db_text(m->purpose), db_text(m->basis), db_text(m->handling), db_z(m->media),
	    db_time(w->now_ms), db_time(m->expires_ms), none ? db_null() : db_blob(bytes_of(agreement->b, HASH_BYTES)), db_blob(bytes_of(digest->b, HASH_BYTES)),
	    db_int((int64_t)b.n), db_blob(bytes_of(wrapped, sizeof wrapped)), db_blob(sealed)) < 0 ? err_add(err, "queueing a message") : 0;
}

/* A partner who is away for weeks must not fill the disk. Answers are bounded by what they answer, and recall and erasure must go out in any case. */
#define OUTBOX_MOST 50000
bool exchange_line_full(struct work *w, struct str partner)
{
	int64_t most = w->node->outbox_most ? w->node->outbox_most : OUTBOX_MOST;
	return DB_COUNT(w->tx, &Q_FULL, db_text(partner), db_int(most)) >= most;
}

static bool kind_bounded(const struct message *m)
{
	static const char *const ANSWERS[] = { "propose", "decide", "reply" };
	for (size_t i = 0; i < COUNT(ANSWERS); i++)
		if (str_is(m->kind, ANSWERS[i]))
			return false;
	return !kind_exempt(m->kind, m->basis);
}

int exchange_queue(struct work *w, const struct message *m, struct id *out, struct err *err)
{
	struct partner p;
	struct hash agreement = { { 0 } }, digest;
	int rc = partner_find(w, m->to, &p, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, ERR_FORBIDDEN, "no partner of that name");
	rc = kind_exempt(m->kind, m->basis) ? 1 : agreement_for(w, m->to, m->purpose, &agreement, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || !m->purpose.n || !m->basis.n) {
		w->refusal = (struct refusal){ .reason = STR("no_agreement") };
		return err_say(err, ERR_FORBIDDEN, N_("No agreement in force covers this, so nothing is sent."), NULL);
	}
	if (kind_bounded(m) && exchange_line_full(w, m->to))
		return err_say(err, ERR_BUSY, N_("Too many messages wait for that office already. Nothing was changed. Ask the administrator how the line stands."), NULL);
	*out = id_new(w->node->source);
	if (body_keep(w, m, *out, &agreement, &digest, err) < 0 || DB_RUN(w->tx, &Q_LINE_NEW, err, db_text(m->to)) < 0)
		return -1;
	w->effects->outbox = true;
	return work_enter(w, &(struct entry){ .act = ACT_SEND, .actor = w->actor.account, .role = w->actor.role, .type = m->kind, .purpose = m->purpose, .basis = m->basis,
	    .fields = m->fields, .to = m->to, .count = m->subjects, .record_salt = digest.b, .body = bytes_of(digest.b, HASH_BYTES) }, err);
}

/* ---- onto the line ---- */

/* The bodies of what goes now: the keys process is asked once for all. */
static int bodies_open(struct work *w, const struct row *rows, size_t n, struct bytes *plain, struct err *err)
{
	struct bytes *wrapped = NEW_ARRAY(w->mem, struct bytes, n + 1);
	uint8_t keys[ENVELOPES_MAX][KEY_BYTES];
	int rc = 0;
	for (size_t i = 0; i < n; i++)
		wrapped[i] = rows[i].wrapped;
	if (n && keys_wait_open_many(w->node->keys, wrapped, n, keys, err) < 0)
		return err_add(err, "waiting messages");
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = seal_open(w->mem, keys[i], bytes_of(rows[i].id.b, 16), rows[i].sealed, &plain[i], err);
	wipe(keys, sizeof keys);
	return rc;
}

/* Its place in the line: the text that is signed for ever. */
static struct str place(struct work *w, const struct row *r, struct line_row *line)
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
	line->prev_out = bytes_dup(w->mem, bytes_of(digest.b, HASH_BYTES));
	return text;
}

/* What goes for the first time gets its place and its signature. */
static int first_sent(struct work *w, struct row *rows, size_t n, struct line_row *line, struct err *err)
{
	struct fresh { struct row *row; int64_t seq; struct bytes digest; } fresh[ENVELOPES_MAX];
	struct str texts[ENVELOPES_MAX] = { 0 }, notes[ENVELOPES_MAX];
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].note.n)
			continue;
		texts[k] = place(w, &rows[i], line);
		fresh[k++] = (struct fresh){ &rows[i], line->seq_out, line->prev_out };
	}
	if (k == 0)
		return 0;
	if (node_sign(w, texts, k, notes, err) < 0)
		return -1;
	for (size_t i = 0; i < k; i++) {
		fresh[i].row->note = notes[i];
		if (DB_RUN(w->tx, &Q_FIRST_SENT, err, db_id(fresh[i].row->id), db_int(fresh[i].seq), db_text(notes[i]), db_blob(fresh[i].digest)) < 0)
			return -1;
	}
	return DB_RUN(w->tx, &Q_LINE_OUT, err, db_text(rows[0].partner), db_int(line->seq_out), db_blob(line->prev_out)) < 0 ? -1 : 0;
}

/* May it go now? 1; 0: it rests, or it is too late for it; -1. One question for each purpose of a call. */
struct cover { struct str purpose; int covered; };
static int may_go(struct work *w, struct str partner, const struct due *d, struct cover *known, struct err *err)
{
	struct hash ignored;
	if (d->expires && d->expires <= w->now_ms && !d->sent) {
		if (DB_RUN(w->tx, &Q_EXPIRED, err, db_id(d->id), db_time(w->now_ms)) < 0)
			return -1;
		return work_enter(w, &(struct entry){ .act = ACT_SEND, .type = d->kind, .to = partner, .refused = STR("expired") }, err);
	}
	if (kind_exempt(d->kind, d->basis))
		return 1;
	if (custody_sealed(w, d->purpose) != 0)            /* nobody holds it: it waits, whatever an agreement says */
		return DB_RUN(w->tx, &Q_REST, err, db_id(d->id), db_time(w->now_ms + SUSPENDED_REST_MS)) < 0 ? -1 : 0;
	if (!known->purpose.p || !str_eq(known->purpose, d->purpose))
		*known = (struct cover){ d->purpose, agreement_for(w, partner, d->purpose, &ignored, err) };
	if (known->covered != 0)
		return known->covered;
	return DB_RUN(w->tx, &Q_REST, err, db_id(d->id), db_time(w->now_ms + SUSPENDED_REST_MS)) < 0 ? -1 : 0;
}

static int due_list(struct work *w, const struct sql *q, struct str partner, struct db_value second, const struct room *room, struct due *d, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, q, DUE, w->mem, db_text(partner), second, db_int((int64_t)(room->messages - *n)));
	int rc = 0;
	while (*n < room->messages && (rc = db_next(&rows, &d[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* The messages that may go now, as far as they fit into one call; into a bundle (not 0): all that are not in it yet. */
static int rows_due(struct work *w, struct str partner, const struct room *room, int64_t bundle, struct row *rows, size_t *many, struct err *err)
{
	struct db_value now = db_time(w->now_ms);
	struct due *d = NEW_ARRAY(w->mem, struct due, ENVELOPES_MAX);
	struct cover known = { 0 };
	size_t n = 0, bytes = 0;
	/* a notice does not stand in a queue: seq finds loss, and orders nothing */
	int rc = bundle ? due_list(w, &Q_UNBUNDLED, partner, db_int(bundle), room, d, &n, err) : due_list(w, &Q_NOTICES, partner, now, room, d, &n, err);
	if (rc < 0 || (!bundle && (due_list(w, &Q_AGAIN, partner, now, room, d, &n, err) < 0 || due_list(w, &Q_FRESH, partner, now, room, d, &n, err) < 0)))
		return -1;
	for (size_t i = 0; i < n; i++) {
		int go = may_go(w, partner, &d[i], &known, err);
		if (go < 0 || (go == 0 && bundle && DB_RUN(w->tx, &Q_BUNDLED, err, db_id(d[i].id), db_int(bundle)) < 0))
			return -1;
		if (go == 0)
			continue;
		bytes += (size_t)d[i].length + NOTE_MAX + 4;
		if (*many && bytes > room->bytes)      /* one goes in any case */
			break;
		struct row *r = &rows[*many];
		if (DB_ONE(w->tx, &Q_ONE, ROW, r, w->mem, err, db_id(d[i].id)) != DB_ROW || r->wrapped.n != WRAPPED_BYTES)
			return err_set(err, ERR_FAULT, "a waiting message without a body");
		(*many)++;
	}
	return 0;
}

static uint64_t seen_size(struct work *w, struct str head)
{
	struct note n;
	struct hash root;
	uint64_t size;
	return head.n && note_parse(w->mem, head, &n, NULL) == 0 && head_parse(w->mem, n.text, &size, &root) == 0 ? size : 0;
}

/* Their frames, and their ids for the answer. */
static int frames(struct work *w, struct str partner, struct line_row *line, int64_t bundle, struct buf *out, struct buf *ids, struct err *err)
{
	struct row *rows = NEW_ARRAY(w->mem, struct row, ENVELOPES_MAX);
	struct bytes *plain = NEW_ARRAY(w->mem, struct bytes, ENVELOPES_MAX);
	size_t n = 0;
	int64_t calling = DB_COUNT(w->tx, &Q_CALLING, db_time(w->node->started_ms));
	if (calling < 0 || rows_due(w, partner, bundle || calling < LARGE_CALLS ? &LARGE : &SMALL, bundle, rows, &n, err) < 0 || bodies_open(w, rows, n, plain, err) < 0 || first_sent(w, rows, n, line, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		frame_put(out, rows[i].note);
		buf_put(out, plain[i].p, plain[i].n);
		buf_put(ids, rows[i].id.b, 16);
		if (bundle && DB_RUN(w->tx, &Q_BUNDLED, err, db_id(rows[i].id), db_int(bundle)) < 0)
			return -1;
	}
	return 0;
}

bool outbox_unbundled(struct work *w, struct str partner, int64_t bundle)
{
	return DB_COUNT(w->tx, &Q_UNBUNDLED_ANY, db_text(partner), db_int(bundle)) > 0;
}

int outbox_bundle(struct work *w, struct str partner, int64_t bundle, struct str *body, uint64_t *seen, size_t *messages, struct err *err)
{
	struct line_row line;
	struct buf out = buf_new(w->mem, POST_MAX), ids = buf_new(w->mem, 65536);
	if (line_row(w, partner, &line, err) < 0)
		return -1;
	if (line.fork)
		return err_say(err, ERR_CONFLICT, N_("The line to this office is held: two persons decide first."), NULL);
	do {                                   /* what may not go now is passed over */
		if (frames(w, partner, &line, bundle, &out, &ids, err) < 0)
			return -1;
	} while (!out.n && outbox_unbundled(w, partner, bundle));
	*body = buf_text(&out);
	*seen = seen_size(w, line.head);
	*messages = ids.n / 16;
	return 0;
}

static int call_partner(struct work *w, const struct partner *p, struct err *err)
{
	struct line_row line;
	if (line_row(w, p->name, &line, err) < 0)
		return -1;
	if (line.fork || line.next_try > w->now_ms || line.called > w->node->started_ms || DB_COUNT(w->tx, &Q_WAITS, db_text(p->name), db_time(w->now_ms)) <= 0)
		return 0;
	struct buf body = buf_new(w->mem, POST_MAX), ref = buf_new(w->mem, 65536);
	buf_sized(&ref, str_bytes(p->name));
	if (frames(w, p->name, &line, 0, &body, &ref, err) < 0)
		return -1;
	if (body.n == 0)
		return 0;
	struct call c = { .url = str_fmt(w->mem, S_FMT "/x/1/envelopes?seen=%llu", S_ARG(p->url), (unsigned long long)seen_size(w, line.head)), .pin = p->certificate, .next_pin = p->next,
		.type = "application/vnd.jisr.envelopes", .body = buf_text(&body), .ref = buf_text(&ref), .then = exchange_answered };
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

int line_wake(struct work *w, struct str partner, bool messages, struct err *err)
{
	if (DB_RUN(w->tx, &Q_LINE_WAKE, err, db_text(partner)) < 0 || (messages && DB_RUN(w->tx, &Q_WAKE, err, db_text(partner)) < 0))
		return -1;
	if (DB_COUNT(w->tx, &Q_WAITS, db_text(partner), db_time(w->now_ms)) > 0)
		w->effects->outbox = true;
	return 0;
}
