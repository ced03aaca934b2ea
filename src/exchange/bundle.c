#include "crypto/age.h"
#include "exchange/exchange_i.h"

/* A bundle (DESIGN 7): a signed manifest, then frames. "a": the answer to what an earlier bundle or call brought there: u32 number of ids, the ids, the body of an answer as a POST
   gets it. "e": u64 size of the partner's log that we saw, and envelopes as a POST has them. So both sides do with a stick what they do with a line. */

SQL(Q_KEEP, 4, "INSERT INTO bundle_answer(partner, ids, body, at) VALUES(?1,?2,?3,?4)");
SQL(Q_ANSWER, 1, "SELECT n, ids, body FROM bundle_answer WHERE partner=?1 ORDER BY n LIMIT 1");
SQL(Q_ANSWER_END, 1, "DELETE FROM bundle_answer WHERE n=?1");
SQL(Q_READ, 1, "SELECT at FROM bundle_read WHERE id=?1");
SQL(Q_READ_NEW, 3, "INSERT INTO bundle_read(id, partner, at) VALUES(?1,?2,?3) ON CONFLICT DO NOTHING");
struct answer_row { int64_t n; struct bytes ids, body; };
static const struct field ANSWER_ROW[] = { FIELD(struct answer_row, n), FIELD(struct answer_row, ids), FIELD(struct answer_row, body) };

int bundle_answer_keep(struct work *w, struct str partner, struct bytes ids, struct str body, struct err *err)
{
	return DB_RUN(w->tx, &Q_KEEP, err, db_text(partner), db_blob(ids), db_blob(str_bytes(body)), db_time(w->now_ms)) < 0 ? -1 : 0;
}

static int partner_for(struct work *w, struct str name, struct partner *p, struct err *err)
{
	int rc = partner_find(w, name, p, err);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_say(err, ERR_NOT_FOUND, N_("This office is not pinned here."), NULL);
}

/* ---- writing ---- */

int bundle_begin(struct work *w, struct str to, struct str *manifest, uint8_t recipient[32], struct err *err)
{
	struct partner p;
	if (partner_for(w, to, &p, err) < 0)
		return -1;
	if (age_recipient_read(p.age, recipient) < 0)
		return err_say(err, ERR_CONFLICT, N_("This office gave no key for bundles. Pin it again with a new invitation."), NULL);
	const struct bundle_head head = { w->node->name, to, ledger_epoch(w->node->ledger), id_new(w->node->source), w->now_ms };
	return node_note(w, bundle_head_text(w->mem, &head), manifest, err);
}

static int next_answer(struct work *w, struct str to, struct buf *out, struct err *err)
{
	struct answer_row a;
	int rc = DB_ONE(w->tx, &Q_ANSWER, ANSWER_ROW, &a, w->mem, err, db_text(to));
	if (rc != DB_ROW)
		return rc;
	bundle_part_put(out, &(struct bundle_part){ .answer = true, .ids = a.ids, .body = bytes_str(a.body) });
	return DB_RUN(w->tx, &Q_ANSWER_END, err, db_int(a.n)) < 0 ? -1 : 1;
}

int bundle_next(struct work *w, struct str to, int64_t number, struct str *frame, struct bundle_counts *counts, struct err *err)
{
	struct partner p;
	struct str body;
	uint64_t seen;
	size_t n = 0;
	struct buf out = buf_new(w->mem, POST_MAX * 2 + 65536);
	*frame = (struct str){ 0 };
	int answered = partner_for(w, to, &p, err) < 0 ? -1 : next_answer(w, to, &out, err);
	if (answered < 0)
		return -1;
	if (answered) {
		counts->answers++;
		*frame = buf_text(&out);
		return 0;
	}
	if (outbox_bundle(w, to, number, &body, &seen, &n, err) < 0)
		return -1;
	if (!n)
		return 0;
	bundle_part_put(&out, &(struct bundle_part){ .seen = seen, .body = body });
	counts->messages += n;
	*frame = buf_text(&out);
	return work_enter(w, &(struct entry){ .act = ACT_EXPORT, .actor = w->actor.account, .role = w->actor.role, .type = STR("bundle"), .to = to, .count = n }, err);
}

/* ---- reading ---- */

struct read_row { int64_t at; };
static const struct field READ_ROW[] = { FIELD(struct read_row, at) };

int bundle_manifest(struct work *w, struct str note, struct str *from, int64_t *before_ms, struct err *err)
{
	struct note parsed;
	struct partner p;
	struct bundle_head head;
	struct read_row row = { 0 };
	if (note_parse(w->mem, note, &parsed, err) < 0)
		return err_say(err, ERR_FORMAT, N_("This is no bundle of messages."), NULL);
	if (bundle_head_read(w->mem, parsed.text, &head, err) < 0)
		return -1;
	*from = str_dup(w->mem, head.from);
	if (!str_eq(head.to, w->node->name))
		return err_say(err, ERR_FORBIDDEN, N_("This bundle is for another office."), NULL);
	if (partner_for(w, *from, &p, err) < 0)
		return -1;
	if (note_verify(&parsed, &p.node, NULL) != 1)
		return err_say(err, ERR_FORBIDDEN, N_("The office that this bundle names did not sign it."), NULL);
	int rc = DB_ONE(w->tx, &Q_READ, READ_ROW, &row, w->mem, err, db_id(head.id));
	*before_ms = rc == DB_ROW ? row.at : 0;
	return rc < 0 || DB_RUN(w->tx, &Q_READ_NEW, err, db_id(head.id), db_text(*from), db_time(w->now_ms)) < 0 ? -1 : 0;
}

static int frame_take(struct work *w, struct str from, struct str frame, struct bundle_counts *counts, struct err *err)
{
	struct partner p;
	struct bundle_part part;
	if (partner_for(w, from, &p, err) < 0 || bundle_part_read(frame, &part, err) < 0)
		return -1;
	w->partner = p.name;
	if (!part.answer)
		return inbox_bundle(w, &p, part.seen, part.body, counts, err);
	counts->answers++;
	return answer_bundle(w, &p, part.ids, part.body, err);
}

/* As on a line: the partner speaks, whoever put the stick in. */
int bundle_frame(struct work *w, struct str from, struct str frame, struct bundle_counts *counts, struct err *err)
{
	struct work before = *w;
	w->actor = (struct actor){ 0 };
	w->purpose = w->basis = (struct str){ 0 };
	w->event_ms = 0;
	int rc = frame_take(w, from, frame, counts, err);
	w->actor = before.actor;
	w->purpose = before.purpose;
	w->basis = before.basis;
	w->partner = before.partner;
	w->event_ms = before.event_ms;
	return rc;
}

/* ---- a whole file, for a page ---- */

#define FILE_MAX ((size_t)24 << 20)

int bundle_file_write(struct work *w, struct str to, struct bytes *file, struct bundle_counts *counts, bool *more, struct err *err)
{
	uint8_t recipient[32];
	int64_t number;
	struct str frame;
	struct buf plain = buf_new(w->mem, FILE_MAX);
	*more = false;
	source_fill(w->node->source, &number, sizeof number);
	number = (number & INT64_MAX) | 1;
	if (bundle_begin(w, to, &frame, recipient, err) < 0)
		return -1;
	frame_put(&plain, frame);
	do {
		if (bundle_next(w, to, number, &frame, counts, err) < 0)
			return -1;
		if (frame.n)
			frame_put(&plain, frame);
	} while (frame.n && counts->messages == 0);
	*more = counts->messages > 0 && outbox_unbundled(w, to, number);
	return age_seal_all(w->mem, w->node->source, recipient, buf_bytes(&plain), file, err);
}

static int plain_of(struct work *w, struct bytes file, struct bytes *plain, struct err *err)
{
	struct age_header h;
	uint8_t file_key[AGE_FILE_KEY], key[32];
	int rc = 1;
	if (age_header_read(w->mem, file, &h, err) < 0 || file.n < h.length + AGE_NONCE)
		return err_say(err, ERR_FORMAT, N_("This is no bundle of messages."), NULL);
	for (size_t i = 0; i < h.nshares && rc == 1; i++)
		rc = keys_age_open(w->node->keys, &h.shares[i], file_key, err);
	if (rc != 0)
		return rc < 0 ? -1 : err_say(err, ERR_FORBIDDEN, N_("This bundle is for another office."), NULL);
	struct bytes rest = bytes_of(file.p + h.length, file.n - h.length), payload = bytes_of(rest.p + AGE_NONCE, rest.n - AGE_NONCE);
	rc = age_header_check(&h, file_key, bytes_of(rest.p, AGE_NONCE), key, err) < 0 || age_payload_open(w->mem, key, payload, plain, err) < 0 ? -1 : 0;
	wipe(file_key, sizeof file_key);
	wipe(key, sizeof key);
	return rc < 0 ? err_say(err, ERR_FORMAT, N_("This bundle is damaged or cut off. Copy it again."), NULL) : 0;
}

int bundle_file_read(struct work *w, struct bytes file, struct str *from, int64_t *before_ms, struct bundle_counts *counts, struct err *err)
{
	struct bytes plain;
	if (plain_of(w, file, &plain, err) < 0)
		return -1;
	struct reader r = reader_of(plain);
	if (bundle_manifest(w, bytes_str(get_sized(&r, NOTE_MAX)), from, before_ms, err) < 0)
		return -1;
	while (r.at < r.n) {
		struct str frame = bytes_str(get_sized(&r, FILE_MAX));
		if (r.bad)
			return err_say(err, ERR_FORMAT, N_("This bundle is damaged or cut off. Copy it again."), NULL);
		if (counts->messages && str_starts(frame, STR("e")))      /* the second one would need a tick of its own */
			return err_say(err, ERR_TOO_LARGE, N_("This bundle is too large for a page. The administrator reads it with: jisr bundle read"), NULL);
		if (bundle_frame(w, *from, frame, counts, err) < 0)
			return -1;
	}
	return 0;
}
