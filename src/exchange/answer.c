#include "exchange/certificate.h"
#include "exchange/exchange_i.h"
#include "exchange/forward.h"
#include "record/back.h"

/* What a partner answers to our messages: a receipt for each, proven in one head of its log, which must hold the head that we saw before. Only then a message is
   delivered, and its sealed body goes. An answer that breaks any of this changes nothing: the messages go again. */
SQL(Q_ONE, 1, "SELECT id, kind, prev_digest AS digest, tries FROM outbox WHERE id=?1 AND state<2");
SQL(Q_DONE, 5, "UPDATE outbox SET state=?2, verdict=?3, answered=?4, why=?5, wrapped=NULL, sealed=NULL WHERE id=?1 AND state<2");
SQL(Q_HELD, 4, "UPDATE outbox SET verdict='held', why=?4, next_try=?2, tries=tries+1, answered=?3 WHERE id=?1 AND state<2");
SQL(Q_ANSWERED, 4, "UPDATE partner_line SET called=0, tries=0, next_try=0, trouble=?2, head=?4, delivered=CASE WHEN ?3=0 THEN delivered ELSE ?3 END WHERE partner=?1");
SQL(Q_LATER, 3, "UPDATE partner_line SET called=0, tries=tries+1, next_try=?2, trouble=?3 WHERE partner=?1");
SQL(Q_EPOCH_SEEN, 2, "UPDATE partner_line SET epoch_seen=max(epoch_seen, ?2) WHERE partner=?1");
struct sent { struct id id; struct str kind; struct bytes digest; int64_t tries; };
static const struct field SENT[] = { FIELD(struct sent, id), FIELD(struct sent, kind), FIELD(struct sent, digest), FIELD(struct sent, tries) };
#define RETRY_MS 500
#define RETRY_MOST_MS 60000LL
#define HELD_RETRY_MS 300
#define RECEIPT_MAX ((size_t)1 << 18)
enum { DELIVERED = 2, REFUSED = 3 };

struct answer_read { const struct partner *p; const struct line_row *line; struct str head; uint64_t size; struct hash root; bool delivered; struct str held; };

static int64_t wait_of(struct work *w, int64_t first, int64_t tries)
{
	uint16_t r;
	source_fill(w->node->source, &r, sizeof r);
	int64_t wait = first << (tries < 0 ? 0 : tries < 8 ? tries : 8);
	return (wait > RETRY_MOST_MS ? RETRY_MOST_MS : wait) * (75 + r % 50) / 100;
}

static int later(struct work *w, struct str partner, int64_t tries, const char *trouble, struct err *err)
{
	return DB_RUN(w->tx, &Q_LATER, err, db_text(partner), db_time(w->now_ms + wait_of(w, RETRY_MS, tries)), db_z(trouble)) < 0 ? -1 : 0;
}

/* A partner whose log has another origin was restored from a backup: people accept that, or do not. 1: it was; 0: it is the log that we know; -1. */
static int restored(struct work *w, struct answer_read *a, struct err *err)
{
	struct log_head h;
	if (ledger_head(w->mem, a->p->name, a->head, &h, NULL) < 0 || (int64_t)h.epoch <= a->line->epoch_in)
		return 0;
	return DB_RUN(w->tx, &Q_EPOCH_SEEN, err, db_text(a->p->name), db_int(h.epoch)) < 0 ? -1 : 1;
}

/* The newest head of the partner's log must hold the one that we saw last. */
static int head_check(struct work *w, struct answer_read *a, const struct hash *proof, size_t n, struct err *err)
{
	struct str now, before;
	struct hash root_before;
	uint64_t size_before;
	if (note_open(w->mem, a->head, &a->p->log, &now, err) < 0)
		return -1;
	if (head_parse(w->mem, now, &a->size, &a->root) < 0)
		return err_set(err, ERR_PEER, "a head that cannot be read");
	if (!a->line->head.n)
		return 0;
	if (note_open(w->mem, a->line->head, &a->p->log, &before, err) < 0 || head_parse(w->mem, before, &size_before, &root_before) < 0)
		return err_set(err, ERR_PEER, "a kept head that cannot be read");
	if (a->size < size_before)
		return err_set(err, ERR_PEER, "the partner's log is shorter than it was");
	return merkle_check_consistency(size_before, a->size, &root_before, &a->root, proof, n) == 0 ? 0 : err_set(err, ERR_PEER, "the partner's log is another one now");
}

/* The last frame: "jisr-consistency/1", the hashes, an empty line, the newest head. */
static int last_frame(struct work *w, struct str frame, struct hash proof[64], size_t *n, struct str *head, struct err *err)
{
	struct str line;
	struct bytes raw;
	*n = 0;
	if (!str_is(str_cut(&frame, '\n'), "jisr-consistency/1"))
		return err_set(err, ERR_PEER, "no proof that the partner's log only grew");
	while ((line = str_cut(&frame, '\n')).n && *n < 64) {
		if (base64_read(w->mem, line, &raw) < 0 || raw.n != HASH_BYTES)
			return err_set(err, ERR_PEER, "a proof that cannot be read");
		memcpy(proof[(*n)++].b, raw.p, HASH_BYTES);
	}
	*head = frame;
	return frame.n ? 0 : err_set(err, ERR_PEER, "no head of the partner's log");
}

/* The partner's entry is in its newest head, and is about this very envelope. */
static int entry_check(struct work *w, const struct answer_read *a, const struct receipt *c, struct err *err)
{
	struct str line, index = str_fmt(w->mem, "\nindex %llu\n", (unsigned long long)c->index);
	struct bytes x;
	size_t head = str_find(c->proof, STR("\n\n"));
	if (head == c->proof.n || !str_eq(str_sub(c->proof, head + 2, c->proof.n), a->head) || str_find(c->proof, index) > head)
		return err_set(err, ERR_PEER, "a receipt that is proven elsewhere");
	if (log_check_inclusion(w->mem, c->proof, a->size, &a->root, &line, err) < 0)
		return -1;
	json_t *entry = json_read(w->mem, line, err);
	if (!entry || !str_is(json_str(entry, "act"), "receive") || base64_read(w->mem, json_str(entry, "x"), &x) < 0 || x.n != 16)
		return err_set(err, ERR_PEER, "a receipt whose entry is no receiving");
	struct str tag = entry_tag(w->mem, c->digest.b, x.p, "body", bytes_of(c->digest.b, HASH_BYTES));
	return str_eq(tag, json_str(entry, "body")) ? 0 : err_set(err, ERR_PEER, "a receipt whose entry is about another message");
}

static int one_receipt(struct work *w, struct answer_read *a, struct id id, struct str note, struct err *err)
{
	struct receipt c;
	struct sent s;
	struct str text, from, to;
	if (note_open(w->mem, note, &a->p->node, &text, err) < 0 || receipt_parse(w->mem, text, &c, &from, &to, err) < 0)
		return -1;
	int rc = DB_ONE(w->tx, &Q_ONE, SENT, &s, w->mem, err, db_id(id));
	if (rc <= 0)
		return rc;                                 /* answered meanwhile on another way */
	if (!id_eq(c.id, id) || !str_eq(from, a->p->name) || !str_eq(to, w->node->name) || !bytes_eq(s.digest, bytes_of(c.digest.b, HASH_BYTES)))
		return err_set(err, ERR_PEER, "a receipt for something else");
	if (str_is(c.verdict, "held")) {
		a->held = c.why;
		return DB_RUN(w->tx, &Q_HELD, err, db_id(id), db_time(w->now_ms + wait_of(w, HELD_RETRY_MS, s.tries)), db_time(w->now_ms), db_text(c.why)) < 0 ? -1 : 0;
	}
	if (entry_check(w, a, &c, err) < 0)
		return -1;
	bool good = str_is(c.verdict, "applied");
	if (back_window(w, a->p->name, err) < 0)
		return -1;
	if (!good || str_is(s.kind, "notice"))
		work_hint(w, HINT_NOTICE);
	a->delivered = a->delivered || good;
	if (!good)
		log_line(LOG_WARN, "exchange", "a message of kind " S_FMT " was refused by " S_FMT ": " S_FMT, S_ARG(s.kind), S_ARG(a->p->name), S_ARG(c.why));
	if (DB_RUN(w->tx, &Q_DONE, err, db_id(id), db_int(good ? DELIVERED : REFUSED), db_text(c.verdict), db_time(w->now_ms), db_text(c.why)) < 0 || (good && disclosure_received(w, id, err) < 0) ||
	    (good && str_is(s.kind, "request") && forward_received(w, id, err) < 0))
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_RECEIPT, .type = s.kind, .to = a->p->name, .refused = good ? (struct str){ 0 } : c.why, .record_salt = c.digest.b,
	    .body = bytes_of(c.digest.b, HASH_BYTES) }, err);
}

static int receipts(struct work *w, struct answer_read *a, struct reader ids, struct str body, struct err *err)
{
	struct reader r = reader_of(str_bytes(body));
	struct hash proof[64];
	size_t n, many = (ids.n - ids.at) / 16;
	struct str *notes = NEW_ARRAY(w->mem, struct str, many + 1);
	for (size_t i = 0; i < many; i++)
		notes[i] = bytes_str(get_sized(&r, RECEIPT_MAX));
	struct str frame = bytes_str(get_sized(&r, (size_t)1 << 16));
	if (!reader_done(&r))
		return err_set(err, ERR_PEER, "another number of receipts than of messages");
	if (last_frame(w, frame, proof, &n, &a->head, err) < 0 || head_check(w, a, proof, n, err) < 0)
		return -1;
	for (size_t i = 0; i < many; i++) {
		struct id id;
		get_into(&ids, id.b, 16);
		if (one_receipt(w, a, id, notes[i], err) < 0)
			return -1;
	}
	return 0;
}

static int read_answer(struct work *w, const struct partner *p, const struct line_row *line, struct reader ids, struct str body, struct err *err)
{
	struct answer_read a = { .p = p, .line = line };
	struct ledger_mark mark = ledger_mark(w->node->ledger);
	struct err why = { 0 };
	if (tx_savepoint(w->tx, err) < 0)
		return -1;
	if (receipts(w, &a, ids, body, &why) == 0) {
		w->effects->outbox = true;
		return tx_release(w->tx, err) < 0 || DB_RUN(w->tx, &Q_ANSWERED, err, db_text(p->name), db_text(a.held), db_time(a.delivered ? w->now_ms : 0), db_text(a.head)) < 0 ? -1 : 0;
	}
	if (why.code == ERR_FULL || why.code == ERR_BUSY || !tx_is_open(w->tx))
		return err_set(err, why.code, "%s", why.log);
	ledger_back(w->node->ledger, &mark);
	if (tx_back(w->tx, err) < 0)
		return -1;
	int epoch = a.head.n ? restored(w, &a, err) : 0;
	log_line(LOG_WARN, "exchange", "the answer of " S_FMT ": %s", S_ARG(p->name), why.log);
	return epoch < 0 ? -1 : later(w, p->name, line->tries, epoch ? "epoch" : "answer", err);
}

int answer_bundle(struct work *w, const struct partner *p, struct bytes ids, struct str body, struct err *err)
{
	struct line_row line;
	return line_row(w, p->name, &line, err) < 0 ? -1 : read_answer(w, p, &line, reader_of(ids), body, err);
}

int exchange_answered(struct work *w, struct str ref, int status, struct str body, struct err *err)
{
	struct reader r = reader_of(str_bytes(ref));
	struct str name = bytes_str(get_sized(&r, 256));
	struct partner p;
	struct line_row line;
	int rc = partner_find(w, name, &p, err);
	if (rc <= 0 || line_row(w, name, &line, err) < 0)
		return rc == 0 ? 0 : -1;
	if (status == 200)
		return read_answer(w, &p, &line, r, body, err);
	if (status == 403 && certificate_show(w, &p, err) < 0)
		return -1;
	return later(w, name, line.tries, status == 0 ? "silent" : status == 403 ? "stranger" : status == 503 || status == 507 ? "busy" : "refused", err);
}
