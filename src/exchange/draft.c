#include "exchange/terms.h"
#include "exchange/exchange_i.h"

/* Texts that nobody has signed yet. */
SQL(Q_DRAFT_NEW, 7, "INSERT INTO agreement_draft(digest, partner, text, theirs, replaces, by, at) VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT DO NOTHING");
#define COLUMNS_OF "digest, partner, text, theirs, sent, replaces, by, reviewed, at, EXISTS(SELECT 1 FROM agreement_draft x WHERE x.replaces=d.digest) AS answered"
SQL(Q_DRAFTS, 0, "SELECT " COLUMNS_OF " FROM agreement_draft d ORDER BY at DESC LIMIT 128");
SQL(Q_DRAFT, 1, "SELECT " COLUMNS_OF " FROM agreement_draft d WHERE digest=?1");
SQL(Q_SENT, 1, "UPDATE agreement_draft SET sent=1 WHERE digest=?1");
SQL(Q_REVIEWED, 2, "UPDATE agreement_draft SET reviewed=?2 WHERE digest=?1");
SQL(Q_DROP, 1, "DELETE FROM agreement_draft WHERE digest=?1");
SQL(Q_UNTIE, 1, "UPDATE agreement_draft SET replaces=NULL WHERE replaces=?1");
struct row { struct bytes digest, replaces; struct str partner, text, reviewed; struct id by; int64_t theirs, sent, at, answered; };
static const struct field ROW[] = { FIELD(struct row, digest), FIELD(struct row, partner), FIELD(struct row, text), FIELD(struct row, theirs), FIELD(struct row, sent),
	FIELD(struct row, replaces), FIELD(struct row, by), FIELD(struct row, reviewed), FIELD(struct row, at), FIELD(struct row, answered) };
#define DRAFTS_MAX 128

static struct db_value digest_of(const struct hash *h)
{
	return db_blob(bytes_of(h->b, HASH_BYTES));
}

static struct agreement_draft shown(const struct row *r)
{
	struct agreement_draft d = { .partner = r->partner, .title = terms_line(r->text, "title"), .text = r->text, .theirs = r->theirs, .sent = r->sent,
		.replaces = r->replaces.n == HASH_BYTES, .answered = r->answered, .reviewed = r->reviewed, .at_ms = r->at };
	memcpy(d.digest.b, r->digest.p, HASH_BYTES);
	if (d.replaces)
		memcpy(d.replaced.b, r->replaces.p, HASH_BYTES);
	return d;
}

int draft_list(struct work *w, struct agreement_draft **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_DRAFTS, ROW, w->mem);
	struct row r;
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct agreement_draft, DRAFTS_MAX);
	*n = 0;
	while (*n < DRAFTS_MAX && (rc = db_next(&rows, &r, err)) == DB_ROW)
		(*out)[(*n)++] = shown(&r);
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

static int row_of(struct work *w, const struct hash *h, struct row *r, struct err *err)
{
	return DB_ONE(w->tx, &Q_DRAFT, ROW, r, w->mem, err, digest_of(h));
}

int draft_find(struct work *w, const struct hash *h, struct agreement_draft *out, struct err *err)
{
	struct row r;
	int rc = row_of(w, h, &r, err);
	if (rc == DB_ROW)
		*out = shown(&r);
	return rc == DB_ROW ? 1 : rc;
}

static int enter(struct work *w, struct str partner, const char *what, struct err *err)
{
	return work_enter(w, &(struct entry){ .act = ACT_AGREEMENT, .actor = w->actor.account, .role = w->actor.role, .to = partner, .move = str_of(what) }, err);
}

static int add(struct work *w, struct str text, struct str partner, bool theirs, const struct hash *replaces, struct hash *digest, struct err *err)
{
	*digest = sha256(str_bytes(text));
	return DB_RUN(w->tx, &Q_DRAFT_NEW, err, digest_of(digest), db_text(partner), db_text(text), db_bool(theirs), replaces ? digest_of(replaces) : db_null(), db_id(w->actor.account),
	    db_time(w->now_ms)) < 0 ? -1 : 0;
}

int draft_keep(struct work *w, struct str text, const struct hash *replaces, struct hash *digest, struct err *err)
{
	struct str partner;
	if (agreement_text_check(w, text, &partner, err) < 0)
		return -1;
	return add(w, text, partner, false, replaces, digest, err) < 0 ? -1 : enter(w, partner, "draft", err);
}

/* The draft there, with a sentence where it is gone. */
static int there(struct work *w, const struct hash *h, struct row *r, struct err *err)
{
	int rc = row_of(w, h, r, err);
	return rc == DB_ROW ? 0 : rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such draft");
}

int draft_send(struct work *w, const struct hash *h, struct err *err)
{
	struct row r;
	struct id id;
	if (there(w, h, &r, err) < 0)
		return -1;
	if (r.theirs || r.sent)
		return err_say(err, ERR_CONFLICT, N_("This draft was sent already."), NULL);
	json_t *body = json_keep(w->mem, json_object());
	json_object_set_new(body, "draft", json_new_str(r.text));
	if (r.replaces.n == HASH_BYTES)
		json_object_set_new(body, "replaces", json_new_str(hex(w->mem, r.replaces)));
	struct message m = { .to = r.partner, .kind = STR("agreement"), .purpose = STR("oversight"), .basis = STR("mandate"), .media = "application/json", .body = json_write(w->mem, body) };
	return DB_RUN(w->tx, &Q_SENT, err, digest_of(h)) < 0 || enter(w, r.partner, "offer", err) < 0 ? -1 : exchange_queue(w, &m, &id, err);
}

int draft_review(struct work *w, const struct hash *h, struct err *err)
{
	struct row r;
	if (there(w, h, &r, err) < 0)
		return -1;
	if (!r.theirs && id_eq(r.by, w->actor.account))
		return err_say(err, ERR_SAFEGUARD, N_("Who wrote the draft does not review it: another person must."), NULL);
	return DB_RUN(w->tx, &Q_REVIEWED, err, digest_of(h), db_text(w->actor.role)) < 0 ? -1 : enter(w, r.partner, "review", err);
}

int draft_sign(struct work *w, const struct hash *h, struct err *err)
{
	struct row r;
	struct str note;
	if (there(w, h, &r, err) < 0)
		return -1;
	if (!r.reviewed.n)
		return err_say(err, ERR_SAFEGUARD, N_("Data protection or legal aid looks at the draft before the office signs."), NULL);
	return agreement_sign(w, r.text, &note, err) < 0 ? -1 : agreement_tell(w, h, err);
}

int draft_end(struct work *w, const struct hash *h, struct err *err)
{
	return DB_RUN(w->tx, &Q_DROP, err, digest_of(h)) < 0 ? -1 : 0;
}

int draft_drop(struct work *w, const struct hash *h, struct err *err)
{
	struct row r;
	if (there(w, h, &r, err) < 0 || DB_RUN(w->tx, &Q_UNTIE, err, digest_of(h)) < 0 || draft_end(w, h, err) < 0)
		return -1;
	return enter(w, r.partner, "drop", err);
}

int draft_arrived(struct work *w, struct str from, json_t *body, struct err *err)
{
	struct str text = json_str(body, "draft"), partner;
	struct bytes raw;
	struct hash digest, replaces;
	bool answers = hex_read(w->mem, json_str(body, "replaces"), &raw) == 0 && raw.n == HASH_BYTES;
	if (answers)
		memcpy(replaces.b, raw.p, HASH_BYTES);
	if (agreement_text_check(w, text, &partner, err) < 0)
		return -1;
	if (!str_eq(partner, from))
		return err_set(err, ERR_FORBIDDEN, "a draft of somebody else");
	return add(w, str_dup(w->mem, text), partner, true, answers ? &replaces : NULL, &digest, err) < 0 ? -1 : enter(w, from, "draft", err);
}
