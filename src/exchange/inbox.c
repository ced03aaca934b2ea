#include "exchange/exchange_i.h"

/* What partners send. Each envelope is looked at, applied in a savepoint of its own, and answered; the receipts are built in the close phase of the tick, on the root that
   holds their entries. (from, id) is kept for ever: a repeat gets the receipt that it got. */
SQL(Q_SEEN, 2, "SELECT id, seq, digest, prev, verdict, why, entry, coalesce(receipt, '') AS receipt FROM inbox WHERE partner=?1 AND id=?2");
SQL(Q_AT_SEQ, 2, "SELECT id, seq, digest, prev, verdict, why, entry, '' AS receipt FROM inbox WHERE partner=?1 AND seq=?2");
SQL(Q_KEEP, 9, "INSERT INTO inbox(partner, id, seq, digest, prev, verdict, why, entry, at) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"
    " ON CONFLICT(partner, id) DO UPDATE SET verdict=excluded.verdict, why=excluded.why, entry=excluded.entry, receipt=NULL");
SQL(Q_RECEIPT, 3, "UPDATE inbox SET receipt=?3 WHERE partner=?1 AND id=?2");
SQL(Q_HELD_NEW, 6, "INSERT INTO held(partner, id, text, wrapped, sealed, at) VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT DO NOTHING");
SQL(Q_HELD_ALL, 1, "SELECT id, text, wrapped, sealed FROM held WHERE partner=?1 ORDER BY at, id LIMIT 64");
SQL(Q_HELD_END, 2, "DELETE FROM held WHERE partner=?1 AND id=?2");
SQL(Q_FORK, 1, "UPDATE partner_line SET fork=1 WHERE partner=?1");
SQL(Q_FORKED, 1, "SELECT coalesce(max(fork), 0) FROM partner_line WHERE partner=?1");
SQL(Q_LINE_NEW, 1, "INSERT INTO partner_line(partner) VALUES(?1) ON CONFLICT DO NOTHING");
struct seen { struct id id; int64_t seq; struct bytes digest, prev; struct str verdict, why; int64_t entry; struct str receipt; };
static const struct field SEEN[] = { FIELD(struct seen, id), FIELD(struct seen, seq), FIELD(struct seen, digest), FIELD(struct seen, prev), FIELD(struct seen, verdict),
	FIELD(struct seen, why), FIELD(struct seen, entry), FIELD(struct seen, receipt) };
struct held_row { struct id id; struct str text; struct bytes wrapped, sealed; };
static const struct field HELD_ROW[] = { FIELD(struct held_row, id), FIELD(struct held_row, text), FIELD(struct held_row, wrapped), FIELD(struct held_row, sealed) };

/* What the close phase needs to answer. */
struct answer { struct id id; struct hash digest; struct str verdict, why; uint64_t entry; struct str receipt; /* kept from before */ };
struct answers { struct str partner; uint64_t seen_size; size_t n; struct answer at[ENVELOPES_MAX]; };
static const char *const VERDICTS[] = { [VERDICT_APPLIED] = "applied", [VERDICT_HELD] = "held", [VERDICT_REFUSED] = "refused" };

static const struct kind_row *kind_of(struct work *w, struct str kind)
{
	for (const struct kind_row *k = w->node->kinds; k && k->kind; k++)
		if (str_is(kind, k->kind))
			return k;
	return NULL;
}

static int entry_of(struct work *w, const struct envelope *e, enum verdict v, const char *why, uint64_t *index, struct err *err)
{
	struct entry x = { .act = ACT_RECEIVE, .type = e->kind, .purpose = e->purpose, .basis = e->basis, .to = e->from, .move = str_of(VERDICTS[v]),
		.refused = v == VERDICT_REFUSED ? str_of(why) : (struct str){ 0 } };
	return ledger_append(w->node->ledger, w->tx, &x, index, err);
}

/* The handler in a savepoint: what is held or refused leaves nothing but the entry. */
static int apply(struct work *w, const struct envelope *e, struct str body, enum verdict *v, const char **why, struct err *err)
{
	const struct kind_row *k = kind_of(w, e->kind);
	struct ledger_mark mark = ledger_mark(w->node->ledger);
	struct arrived a = { .id = e->id, .from = e->from, .kind = e->kind, .purpose = e->purpose, .basis = e->basis, .handling = e->handling, .media = e->media,
		.body = str_sub(body, BODY_SALT_BYTES, body.n), .created_ms = e->created_ms, .expires_ms = e->expires_ms };
	*v = VERDICT_REFUSED;
	*why = "kind";
	if (!k)
		return 0;
	if (tx_savepoint(w->tx, err) < 0)
		return -1;
	w->known = NULL;
	w->event_ms = 0;
	if (k->apply(w, &a, v, why, err) < 0)
		return -1;
	if (*v == VERDICT_APPLIED)
		return tx_release(w->tx, err);
	ledger_back(w->node->ledger, &mark);
	return tx_back(w->tx, err);
}

static int keep(struct work *w, const struct envelope *e, const struct hash *digest, struct answer *out, struct err *err)
{
	return DB_RUN(w->tx, &Q_KEEP, err, db_text(e->from), db_id(e->id), db_int((int64_t)e->seq), db_blob(bytes_of(digest->b, HASH_BYTES)),
	    db_blob(bytes_of(e->prev.b, HASH_BYTES)), db_text(out->verdict), db_text(out->why), db_int((int64_t)out->entry), db_time(w->now_ms)) < 0 ? -1 : 0;
}

static int hold(struct work *w, const struct envelope *e, struct str text, struct str body, struct err *err)
{
	uint8_t wrapped[WRAPPED_BYTES], key[KEY_BYTES];
	if (keys_wait_new(w->node->keys, wrapped, key, err) < 0)
		return -1;
	struct bytes sealed = seal(w->mem, w->node->source, key, bytes_of(e->id.b, 16), str_bytes(body));
	wipe(key, sizeof key);
	return DB_RUN(w->tx, &Q_HELD_NEW, err, db_text(e->from), db_id(e->id), db_text(text), db_blob(bytes_of(wrapped, sizeof wrapped)), db_blob(sealed), db_time(w->now_ms)) < 0 ? -1 : 0;
}

/* One seq with two ids, or a neighbour that names another: two lines where there should be one. */
static int forked(struct work *w, const struct envelope *e, const struct hash *digest, struct err *err)
{
	struct seen s;
	int rc = DB_ONE(w->tx, &Q_AT_SEQ, SEEN, &s, w->mem, err, db_text(e->from), db_int((int64_t)e->seq));
	if (rc < 0 || rc == DB_ROW)
		return rc < 0 ? -1 : 1;
	rc = DB_ONE(w->tx, &Q_AT_SEQ, SEEN, &s, w->mem, err, db_text(e->from), db_int((int64_t)e->seq - 1));
	if (rc < 0 || (rc == DB_ROW && !bytes_eq(s.digest, bytes_of(e->prev.b, HASH_BYTES))))
		return rc < 0 ? -1 : 1;
	rc = DB_ONE(w->tx, &Q_AT_SEQ, SEEN, &s, w->mem, err, db_text(e->from), db_int((int64_t)e->seq + 1));
	if (rc < 0 || (rc == DB_ROW && !bytes_eq(s.prev, bytes_of(digest->b, HASH_BYTES))))
		return rc < 0 ? -1 : 1;
	static const struct hash ZERO;
	return e->seq == 1 && !hash_eq(&e->prev, &ZERO);
}

/* Why an envelope that its sender did sign is not even tried; NULL: it is. */
static int unfit(struct work *w, const struct envelope *e, const struct hash *digest, struct str body, const char **why, struct err *err)
{
	struct hash h = sha256(str_bytes(body));
	*why = NULL;
	if (!str_eq(e->to, w->node->name))
		*why = "recipient";
	else if (body.n != e->length || body.n < BODY_SALT_BYTES || !hash_eq(&h, &e->digest))
		*why = "body";
	else if (e->expires_ms && e->expires_ms <= w->now_ms)
		*why = "expired";
	if (*why)
		return 0;
	int rc = DB_COUNT(w->tx, &Q_FORKED, db_text(e->from)) > 0 ? 1 : forked(w, e, digest, err);
	if (rc < 0 || DB_RUN(w->tx, &Q_LINE_NEW, err, db_text(e->from)) < 0)
		return -1;
	if (rc == 1) {
		*why = "fork";
		return DB_RUN(w->tx, &Q_FORK, err, db_text(e->from)) < 0 ? -1 : 0;
	}
	return 0;
}

static int first_time(struct work *w, const struct envelope *e, struct str text, struct str body, struct answer *out, struct err *err)
{
	enum verdict v = VERDICT_REFUSED;
	const char *why;
	if (unfit(w, e, &out->digest, body, &why, err) < 0 || (!why && apply(w, e, body, &v, &why, err) < 0))
		return -1;
	out->verdict = str_of(VERDICTS[v]);
	out->why = str_of(why);
	if (entry_of(w, e, v, why, &out->entry, err) < 0 || (v == VERDICT_HELD && hold(w, e, text, body, err) < 0))
		return -1;
	/* an envelope that was not for us, or broke the line, has no place in it */
	return why && (strcmp(why, "recipient") == 0 || strcmp(why, "fork") == 0) ? 0 : keep(w, e, &out->digest, out, err);
}

static int one(struct work *w, const struct partner *p, struct str note, struct str body, struct answer *out, struct err *err)
{
	struct envelope e;
	struct str text;
	struct seen s;
	if (note_open(w->mem, note, &p->node, &text, err) < 0 || envelope_parse(w->mem, text, &e, err) < 0)
		return -1;
	if (!str_eq(e.from, p->name))
		return err_set(err, ERR_FORBIDDEN, "an envelope of somebody else");
	*out = (struct answer){ .id = e.id, .digest = envelope_digest(text) };
	int rc = DB_ONE(w->tx, &Q_SEEN, SEEN, &s, w->mem, err, db_text(e.from), db_id(e.id));
	if (rc < 0)
		return -1;
	if (rc == 0)
		return first_time(w, &e, text, body, out, err);
	out->verdict = s.verdict;
	out->why = s.why;
	out->entry = (uint64_t)s.entry;
	out->receipt = s.receipt;
	return bytes_eq(s.digest, bytes_of(out->digest.b, HASH_BYTES)) ? 0 : err_set(err, ERR_FORBIDDEN, "another envelope with an id that was used");
}

/* What was held is tried again after something was applied: any order of arrival gives the same state. */
int held_retry(struct work *w, const struct partner *p, struct err *err)
{
	struct held_row h[64];
	bool again = true;
	while (again) {
		struct rows rows = DB_QUERY(w->tx, &Q_HELD_ALL, HELD_ROW, w->mem, db_text(p->name));
		size_t n = 0;
		int rc = 0;
		while (n < COUNT(h) && (rc = db_next(&rows, &h[n], err)) == DB_ROW)
			n++;
		db_end(&rows);
		again = false;
		for (size_t i = 0; rc >= 0 && i < n; i++) {
			struct envelope e;
			struct answer out;
			struct bytes body;
			uint8_t key[KEY_BYTES];
			enum verdict v;
			const char *why;
			if (envelope_parse(w->mem, h[i].text, &e, err) < 0 || keys_wait_open(w->node->keys, h[i].wrapped.p, key, err) < 0 ||
			    seal_open(w->mem, key, bytes_of(h[i].id.b, 16), h[i].sealed, &body, err) < 0 || apply(w, &e, bytes_str(body), &v, &why, err) < 0)
				return -1;
			wipe(key, sizeof key);
			if (v == VERDICT_HELD)
				continue;
			out = (struct answer){ .id = e.id, .digest = envelope_digest(h[i].text), .verdict = str_of(VERDICTS[v]), .why = str_of(why) };
			if (entry_of(w, &e, v, why, &out.entry, err) < 0 || keep(w, &e, &out.digest, &out, err) < 0 ||
			    DB_RUN(w->tx, &Q_HELD_END, err, db_text(p->name), db_id(e.id)) < 0)
				return -1;
			again = v == VERDICT_APPLIED;
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* ---- the close phase ---- */

static int receipt_make(struct work *w, const struct answers *all, const struct answer *x, struct str *note, struct err *err)
{
	struct receipt c = { .id = x->id, .digest = x->digest, .verdict = x->verdict, .why = x->why, .index = x->entry };
	if (x->receipt.n) {
		*note = x->receipt;
		return 0;
	}
	if (ledger_prove(w->mem, w->node->ledger, w->tx, x->entry, &c.proof, err) < 0 || node_note(w, receipt_text(w->mem, &c, w->node->name, all->partner), note, err) < 0)
		return -1;
	/* a held one is not final: its receipt is made anew when it was applied */
	return str_is(x->verdict, "held") ? 0 : DB_RUN(w->tx, &Q_RECEIPT, err, db_text(all->partner), db_id(x->id), db_text(*note)) < 0 ? -1 : 0;
}

static int consistency_put(struct work *w, const struct answers *all, struct buf *out, struct err *err)
{
	struct hash proof[64];
	size_t n = COUNT(proof);
	struct buf b = buf_new(w->mem, 8192);
	buf_z(&b, "jisr-consistency/1\n");
	if (all->seen_size && all->seen_size <= ledger_size(w->node->ledger)) {
		if (ledger_consistency(w->mem, w->node->ledger, w->tx, all->seen_size, proof, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			buf_fmt(&b, S_FMT "\n", S_ARG(base64(w->mem, bytes_of(proof[i].b, HASH_BYTES))));
	}
	frame_put(out, buf_text(&b));
	return 0;
}

static int close_answers(struct work *w, void *arg, struct response *a, struct err *err)
{
	struct answers *all = arg;
	struct buf out = buf_new(w->mem, (size_t)8 << 20);
	for (size_t i = 0; i < all->n; i++) {
		struct str note;
		if (receipt_make(w, all, &all->at[i], &note, err) < 0)
			return -1;
		frame_put(&out, note);
	}
	if (consistency_put(w, all, &out, err) < 0)
		return -1;
	a->type = "application/vnd.jisr.receipts";
	a->body = buf_text(&out);
	return 0;
}

static int envelopes_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct partner p;
	struct answers *all = NEW(w->mem, struct answers);
	struct reader r = reader_of(str_bytes(q->body));
	(void)a;
	if (partner_find(w, w->partner, &p, err) != 1)
		return -1;
	all->partner = p.name;
	str_u64(request_query(q, "seen"), &all->seen_size);
	bool applied = false;
	while (r.at < r.n && all->n < ENVELOPES_MAX) {
		struct str note = bytes_str(get_sized(&r, 8192));
		struct envelope e;
		struct str text;
		if (r.bad || note_open(w->mem, note, &p.node, &text, err) < 0 || envelope_parse(w->mem, text, &e, err) < 0)
			return r.bad ? err_set(err, ERR_FORMAT, "envelopes that are cut off") : -1;
		struct str body = bytes_str(get_bytes(&r, e.length <= BODY_MAX + BODY_SALT_BYTES ? (size_t)e.length : POST_MAX + 1));
		if (r.bad)
			return err_set(err, ERR_FORMAT, "envelopes that are cut off");
		if (one(w, &p, note, body, &all->at[all->n], err) < 0)
			return -1;
		applied = applied || str_is(all->at[all->n].verdict, "applied");
		all->n++;
	}
	if (all->n == 0 || r.at < r.n)
		return err_set(err, ERR_FORMAT, "no envelopes, or too many");
	if (applied && held_retry(w, &p, err) < 0)
		return -1;
	w->effects->close = (struct closing){ close_answers, all };
	return 0;
}

const struct route EXCHANGE_ROUTES[] = {
	{ POST, "/x/1/envelopes", PERMIT_PARTNER, false, POST_MAX, envelopes_do, N_("Messages of partners"), { 0 } },
	{ 0 },
};
