#include "exchange/certificate.h"
#include "exchange/exchange_i.h"
#include "exchange/inbox_i.h"
#include "exchange/records.h"

/* What partners send. Each envelope is looked at, applied in a savepoint of its own, and answered; the receipts are built in the close phase of the tick, on the root that
   holds their entries. (from, id) is kept for ever: a repeat gets the verdict and the entry that it got. What is held: held.c. */
SQL(Q_SEEN, 2, "SELECT id, epoch, seq, digest, prev, verdict, why, entry FROM inbox WHERE partner=?1 AND id=?2");
SQL(Q_AT_PLACE, 3, "SELECT id, epoch, seq, digest, prev, verdict, why, entry FROM inbox WHERE partner=?1 AND epoch=?2 AND seq=?3 LIMIT 1");
SQL(Q_KEEP, 10, "INSERT INTO inbox(partner, id, epoch, seq, digest, prev, verdict, why, entry, at) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"
    /* a place that people gave up when they released a fork is not taken again by what was held on it */
    " ON CONFLICT(partner, id) DO UPDATE SET seq=CASE WHEN inbox.seq=0 AND inbox.epoch=excluded.epoch THEN 0 ELSE excluded.seq END, epoch=excluded.epoch, digest=excluded.digest, prev=excluded.prev, verdict=excluded.verdict,"
    " why=excluded.why, entry=excluded.entry");
SQL(Q_FORK, 1, "UPDATE partner_line SET fork=1 WHERE partner=?1");
SQL(Q_EPOCH_SEEN, 2, "UPDATE partner_line SET epoch_seen=?2 WHERE partner=?1");
static const struct field SEEN[] = { FIELD(struct seen, id), FIELD(struct seen, epoch), FIELD(struct seen, seq), FIELD(struct seen, digest), FIELD(struct seen, prev),
	FIELD(struct seen, verdict), FIELD(struct seen, why), FIELD(struct seen, entry) };

static const char *const VERDICTS[] = { [VERDICT_APPLIED] = "applied", [VERDICT_HELD] = "held", [VERDICT_REFUSED] = "refused" };

static struct bytes of_hash(const struct hash *h)
{
	return bytes_of(h->b, HASH_BYTES);
}

static const struct kind_row *kind_of(struct work *w, struct str kind)
{
	for (const struct kind_row *k = w->node->kinds; k && k->kind; k++)
		if (str_is(kind, k->kind))
			return k;
	return NULL;
}

/* `body` binds the entry to the signed text of the envelope: whoever has the envelope can tell that the entry is about it. */
static int entry_of(struct work *w, const struct envelope *e, const struct hash *digest, enum verdict v, const char *why, uint64_t *index, struct err *err)
{
	struct entry x = { .act = ACT_RECEIVE, .type = e->kind, .purpose = e->purpose, .basis = e->basis, .to = e->from, .move = str_of(VERDICTS[v]),
		.refused = v == VERDICT_APPLIED ? (struct str){ 0 } : str_of(why), .record_salt = digest->b, .body = of_hash(digest) };
	return ledger_append(w->node->ledger, w->tx, &x, index, err);
}

/* A fault of ours with one message must not stop the line: it is held, people read the log, and it is tried again. */
static int apply_failed(struct work *w, const struct envelope *e, const struct err *why, struct err *err)
{
	if (why->code == ERR_FULL || why->code == ERR_BUSY || !tx_is_open(w->tx))
		return err_set(err, why->code, "%s", why->log);
	log_line(LOG_ERROR, "exchange", "a message of kind " S_FMT " of " S_FMT ": %s", S_ARG(e->kind), S_ARG(e->from), why->log);
	return 0;
}

/* The handler in a savepoint: what is held or refused leaves nothing but the entry. */
static int apply(struct work *w, const struct envelope *e, struct str body, enum verdict *v, const char **why, struct err *err)
{
	const struct kind_row *k = kind_of(w, e->kind);
	struct ledger_mark mark = ledger_mark(w->node->ledger);
	struct effects effects = *w->effects;
	struct err failed = { 0 };
	struct work own = *w;                          /* a handler leaves no purpose, keys or refusal to the next message */
	struct arrived a = { .id = e->id, .from = e->from, .kind = e->kind, .purpose = e->purpose, .basis = e->basis, .handling = e->handling, .media = e->media,
		.body = str_sub(body, BODY_SALT_BYTES, body.n), .created_ms = e->created_ms, .expires_ms = e->expires_ms };
	*v = VERDICT_REFUSED;
	*why = "kind";
	if (!k)
		return 0;
	if (tx_savepoint(w->tx, err) < 0)
		return -1;
	own.known = NULL;
	own.event_ms = 0;
	if (k->apply(&own, &a, v, why, &failed) < 0) {
		*v = VERDICT_HELD;
		*why = "fault";
		if (apply_failed(w, e, &failed, err) < 0)
			return -1;
	}
	if (*v == VERDICT_APPLIED)
		return tx_release(w->tx, err);
	*w->effects = effects;
	ledger_back(w->node->ledger, &mark);
	return tx_back(w->tx, err);
}

int inbox_seen(struct work *w, struct str from, struct id id, struct seen *out, struct err *err)
{
	return DB_ONE(w->tx, &Q_SEEN, SEEN, out, w->mem, err, db_text(from), db_id(id));
}

static int keep(struct work *w, const struct envelope *e, const struct answer *out, struct err *err)
{
	return DB_RUN(w->tx, &Q_KEEP, err, db_text(e->from), db_id(e->id), db_int((int64_t)e->epoch), db_int((int64_t)e->seq), db_blob(of_hash(&out->digest)),
	    db_blob(of_hash(&e->prev)), db_text(out->verdict), db_text(out->why), db_int((int64_t)out->entry), db_time(w->now_ms)) < 0 ? -1 : 0;
}

/* ---- is it fit? ---- */

static int at_place(struct work *w, const struct envelope *e, uint64_t seq, struct seen *s, struct err *err)
{
	return DB_ONE(w->tx, &Q_AT_PLACE, SEEN, s, w->mem, err, db_text(e->from), db_int((int64_t)e->epoch), db_int((int64_t)seq));
}

/* One seq with two ids, or a neighbour that names another: two lines where there should be one. 1, 0, -1. */
static int forked(struct work *w, const struct envelope *e, const struct hash *digest, struct err *err)
{
	static const struct hash ZERO;
	struct seen s;
	int rc = at_place(w, e, e->seq, &s, err);
	if (rc < 0 || (rc == DB_ROW && !id_eq(s.id, e->id)))
		return rc < 0 ? -1 : 1;
	rc = at_place(w, e, e->seq - 1, &s, err);
	if (e->seq > 1 && (rc < 0 || (rc == DB_ROW && !bytes_eq(s.digest, of_hash(&e->prev)))))
		return rc < 0 ? -1 : 1;
	rc = at_place(w, e, e->seq + 1, &s, err);
	if (rc < 0 || (rc == DB_ROW && !bytes_eq(s.prev, of_hash(digest))))
		return rc < 0 ? -1 : 1;
	return e->seq == 1 && !hash_eq(&e->prev, &ZERO);
}

/* The line itself: a partner that was restored, or that tells two stories. People decide; till then nothing of it is taken, and nothing is kept of its place. */
static int line_stands(struct work *w, struct coming *c, const char **why, struct err *err)
{
	bool first = false;
	int rc = 0;
	if ((int64_t)c->e.epoch > c->line.epoch_in) {
		*why = "epoch";
		first = (int64_t)c->e.epoch > c->line.epoch_seen;
		c->line.epoch_seen = first ? (int64_t)c->e.epoch : c->line.epoch_seen;
		rc = first ? DB_RUN(w->tx, &Q_EPOCH_SEEN, err, db_text(c->p->name), db_int(c->line.epoch_seen)) : 0;
	} else if (c->line.fork || (rc = forked(w, &c->e, &c->digest, err)) == 1) {
		*why = "fork";
		first = !c->line.fork;
		c->line.fork = 1;
		rc = first ? DB_RUN(w->tx, &Q_FORK, err, db_text(c->p->name)) : 0;
	}
	if (rc < 0 || !first)
		return rc < 0 ? -1 : 0;
	log_line(LOG_ERROR, "exchange", "the line of " S_FMT " is held: %s", S_ARG(c->p->name), *why);
	return work_enter(w, &(struct entry){ .act = ACT_RECEIVE, .type = c->e.kind, .to = c->p->name, .move = STR("held"), .refused = str_of(*why) }, err);
}

/* What the envelope says of itself. *why: refused; NULL: fine. */
static void look(struct work *w, const struct coming *c, const char **why)
{
	struct hash h = sha256(str_bytes(c->body));
	if (c->body.n < BODY_SALT_BYTES || !hash_eq(&h, &c->e.digest))
		*why = "body";
	else if (c->e.expires_ms && c->e.expires_ms <= w->now_ms)
		*why = "expired";
}

/* No ground here, nothing is taken: it waits at its sender. 1: there is, 0: none, -1. */
static int ground(struct work *w, const struct envelope *e, struct err *err)
{
	struct hash ignored;
	if (!e->purpose.n || !e->basis.n)
		return 0;
	return kind_exempt(e->kind, e->basis) ? 1 : agreement_for(w, e->from, e->purpose, &ignored, err);
}

/* ---- through ---- */

static int finish(struct work *w, const struct coming *c, enum verdict v, const char *why, struct answer *out, struct err *err)
{
	out->verdict = str_of(VERDICTS[v]);
	out->why = v == VERDICT_APPLIED ? (struct str){ 0 } : str_of(why);
	bool same = c->known && str_eq(c->before.verdict, out->verdict) && str_eq(c->before.why, out->why) && bytes_eq(c->before.digest, of_hash(&c->digest));
	out->entry = same ? (uint64_t)c->before.entry : 0;
	out->entered = true;
	if (!same && entry_of(w, &c->e, &c->digest, v, why, &out->entry, err) < 0)
		return -1;
	return same ? 0 : keep(w, &c->e, out, err);
}

int inbox_take(struct work *w, struct coming *c, struct answer *out, struct err *err)
{
	enum verdict v = VERDICT_REFUSED;
	const char *why = NULL;
	look(w, c, &why);
	if (why)
		return finish(w, c, v, why, out, err);
	int rc = ground(w, &c->e, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return finish(w, c, VERDICT_HELD, "agreement", out, err);
	if (apply(w, &c->e, c->body, &v, &why, err) < 0 || finish(w, c, v, why, out, err) < 0)
		return -1;
	if (v == VERDICT_HELD)
		return held_keep(w, c, err);
	return c->known ? held_end(w, c, err) : 0;
}

/* Refused without a place in the line: for somebody else, from before a restore, or an id that was used for something else. */
static int refuse(struct work *w, const struct coming *c, const char *why, struct answer *out, struct err *err)
{
	out->verdict = str_of(VERDICTS[VERDICT_REFUSED]);
	out->why = str_of(why);
	out->entered = true;
	return entry_of(w, &c->e, &c->digest, VERDICT_REFUSED, why, &out->entry, err);
}

static int again(struct work *w, struct coming *c, struct answer *out, struct err *err)
{
	bool same = bytes_eq(c->before.digest, of_hash(&c->digest)), final = !str_is(c->before.verdict, "held");
	if (!same && (int64_t)c->e.epoch <= c->before.epoch)
		return refuse(w, c, "id", out, err);
	if (!final)
		return inbox_take(w, c, out, err);
	out->verdict = c->before.verdict;              /* a restored sender may have given it another place: it is the same message all the same */
	out->why = c->before.why;
	out->entry = (uint64_t)c->before.entry;
	out->entered = true;
	enum verdict v = str_is(out->verdict, "applied") ? VERDICT_APPLIED : VERDICT_REFUSED;
	return same ? 0 : entry_of(w, &c->e, &c->digest, v, v == VERDICT_APPLIED ? NULL : str_z(w->mem, out->why), &out->entry, err) < 0 ? -1 : keep(w, &c->e, out, err);
}

static int one(struct work *w, struct coming *c, struct answer *out, struct err *err)
{
	const char *why = NULL;
	*out = (struct answer){ .id = c->e.id, .digest = c->digest };
	if (!str_eq(c->e.to, w->node->name))
		return refuse(w, c, "recipient", out, err);
	int rc = inbox_seen(w, c->e.from, c->e.id, &c->before, err);
	c->known = rc == DB_ROW;
	if (rc < 0)
		return -1;
	if (!c->known && (int64_t)c->e.epoch < c->line.epoch_in)
		return refuse(w, c, "epoch", out, err);
	if (line_stands(w, c, &why, err) < 0)
		return -1;
	if (!why || (c->known && !str_is(c->before.verdict, "held") && bytes_eq(c->before.digest, of_hash(&c->digest))))
		return c->known ? again(w, c, out, err) : inbox_take(w, c, out, err);
	out->verdict = str_of(VERDICTS[VERDICT_HELD]);
	out->why = str_of(why);
	return 0;
}

/* ---- the close phase ---- */

static int receipt_make(struct work *w, const struct answers *all, const struct answer *x, struct prover *prover, struct str *text, struct err *err)
{
	struct receipt c = { .id = x->id, .digest = x->digest, .verdict = x->verdict, .why = x->why, .index = x->entry };
	if (x->entered && prover_prove(prover, x->entry, &c.proof, err) < 0)
		return -1;
	*text = receipt_text(w->mem, &c, w->node->name, all->partner);
	return 0;
}

static int consistency_put(struct work *w, const struct answers *all, struct buf *out, struct err *err)
{
	struct hash proof[64];
	size_t n = COUNT(proof);
	struct buf b = buf_new(w->mem, 65536);
	buf_z(&b, "jisr-consistency/1\n");
	if (all->seen_size && all->seen_size <= ledger_size(w->node->ledger)) {
		if (ledger_consistency(w->mem, w->node->ledger, w->tx, all->seen_size, proof, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			buf_fmt(&b, S_FMT "\n", S_ARG(base64(w->mem, bytes_of(proof[i].b, HASH_BYTES))));
	}
	buf_ch(&b, '\n');
	buf_str(&b, ledger_checkpoint(w->mem, w->tx, false));
	frame_put(out, buf_text(&b));
	return 0;
}

static int close_answers(struct work *w, void *arg, struct response *a, struct err *err)
{
	struct answers *all = arg;
	struct buf out = buf_new(w->mem, (size_t)8 << 20);
	struct prover *prover;
	struct str texts[ENVELOPES_MAX], notes[ENVELOPES_MAX];
	if (ledger_prover(w->mem, w->tx, &prover, err) < 0)
		return -1;
	for (size_t i = 0; i < all->n; i++)
		if (receipt_make(w, all, &all->at[i], prover, &texts[i], err) < 0)
			return -1;
	if (node_sign(w, texts, all->n, notes, err) < 0)
		return -1;
	for (size_t i = 0; i < all->n; i++)
		frame_put(&out, notes[i]);
	if (consistency_put(w, all, &out, err) < 0)
		return -1;
	a->type = "application/vnd.jisr.receipts";
	a->body = buf_text(&out);
	return 0;
}

/* The next envelope of a POST, its signature good and its body whole. */
static int next(struct work *w, struct reader *r, struct coming *c, struct err *err)
{
	struct str note = bytes_str(get_sized(r, NOTE_MAX));
	if (r->bad)
		return err_set(err, ERR_FORMAT, "envelopes that are cut off");
	if (note_open(w->mem, note, &c->p->node, &c->text, err) < 0 || envelope_parse(w->mem, c->text, &c->e, err) < 0)
		return -1;
	if (!str_eq(c->e.from, c->p->name))
		return err_set(err, ERR_FORBIDDEN, "an envelope of somebody else");
	c->body = bytes_str(get_bytes(r, c->e.length <= BODY_MAX + BODY_SALT_BYTES ? (size_t)c->e.length : POST_MAX + 1));
	c->digest = envelope_digest(c->text);
	return r->bad ? err_set(err, ERR_FORMAT, "envelopes that are cut off") : 0;
}

/* What the same call brought too early has its final answer now. */
static int held_answers(struct work *w, const struct partner *p, struct answers *all, struct err *err)
{
	for (size_t i = 0; i < all->n; i++) {
		struct answer *x = &all->at[i];
		struct seen s;
		if (!x->entered || !str_is(x->verdict, "held"))
			continue;
		int rc = inbox_seen(w, p->name, x->id, &s, err);
		if (rc < 0)
			return -1;
		if (rc == DB_ROW) {
			x->verdict = s.verdict;
			x->why = s.why;
			x->entry = (uint64_t)s.entry;
		}
	}
	return 0;
}

/* The envelopes of one body, from a POST or a bundle. *again: how many had their answer before. */
static int envelopes_take(struct work *w, const struct partner *p, struct str body, struct answers *all, size_t *again, struct err *err)
{
	struct reader r = reader_of(str_bytes(body));
	struct coming c = { .p = p };
	bool applied = false;
	all->partner = p->name;
	*again = 0;
	if (line_row(w, p->name, &c.line, err) < 0)
		return -1;
	for (; r.at < r.n && all->n < ENVELOPES_MAX; all->n++) {
		if (next(w, &r, &c, err) < 0 || one(w, &c, &all->at[all->n], err) < 0)
			return -1;
		applied = applied || str_is(all->at[all->n].verdict, "applied");
		*again += c.known && !str_is(c.before.verdict, "held");
	}
	if (all->n == 0 || r.at < r.n)
		return err_set(err, ERR_FORMAT, "no envelopes, or too many");
	return (applied && (held_retry(w, err) < 0 || held_answers(w, p, all, err) < 0)) || line_wake(w, p->name, false, err) < 0 ? -1 : 0;
}

static int envelopes_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct partner p;
	struct answers *all = NEW(w->mem, struct answers);
	size_t again;
	(void)a;
	if (str_u64(request_query(q, "seen"), &all->seen_size) < 0)
		all->seen_size = 0;
	if (partner_find(w, w->partner, &p, err) != 1 || envelopes_take(w, &p, q->body, all, &again, err) < 0)
		return -1;
	w->effects->close = (struct closing){ close_answers, all };
	return 0;
}

/* The answer to what a bundle brought goes with the next bundle back. */
static int close_bundle(struct work *w, void *arg, struct response *unused, struct err *err)
{
	struct answers *all = arg;
	struct response r = { 0 };
	struct buf ids = buf_new(w->mem, ENVELOPES_MAX * 16);
	(void)unused;
	for (size_t i = 0; i < all->n; i++)
		buf_put(&ids, all->at[i].id.b, 16);
	return close_answers(w, all, &r, err) < 0 ? -1 : bundle_answer_keep(w, all->partner, buf_bytes(&ids), r.body, err);
}

int inbox_bundle(struct work *w, const struct partner *p, uint64_t seen, struct str body, struct bundle_counts *counts, struct err *err)
{
	struct answers *all = NEW(w->mem, struct answers);
	size_t again;
	all->seen_size = seen;
	if (envelopes_take(w, p, body, all, &again, err) < 0)
		return -1;
	counts->messages += all->n;
	counts->again += again;
	for (size_t i = 0; i < all->n; i++) {
		counts->applied += str_is(all->at[i].verdict, "applied");
		counts->held += str_is(all->at[i].verdict, "held");
		counts->refused += str_is(all->at[i].verdict, "refused");
	}
	w->effects->close = (struct closing){ close_bundle, all };
	return 0;
}

const struct route EXCHANGE_ROUTES[] = {
	{ POST, "/x/1/envelopes", PERMIT_PARTNER, false, POST_MAX, envelopes_do, N_("Messages of partners"), { 0 } },
	{ POST, "/x/1/certificate", PERMIT_PARTNER, false, 4096, certificate_shown_do, N_("A renewed certificate with its note"), { 0 } },
	{ 0 },
};
