#include "crypto/age.h"
#include "exchange/exchange_i.h"

/* Partners are pinned: their keys and their certificate were compared by two people once. Nothing else says who somebody is. */
#define COLUMNS "name, kind, url, node_key, log_key, witness_key, certificate, age"
#define SHOWN COLUMNS ", coalesce((SELECT c.certificate FROM partner_renewal c WHERE c.partner=partner.name), x'') AS next," \
	" coalesce((SELECT c.ends FROM partner_renewal c WHERE c.partner=partner.name), 0) AS ends"
SQL(Q_KEEP, 9, "INSERT INTO partner(" COLUMNS ", added) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"
    " ON CONFLICT(name) DO UPDATE SET kind=excluded.kind, url=excluded.url, witness_key=excluded.witness_key, certificate=excluded.certificate, age=excluded.age");
SQL(Q_BY_NAME, 1, "SELECT " SHOWN " FROM partner WHERE name=?1");
SQL(Q_OVER, 3, "SELECT EXISTS(SELECT 1 FROM partner_renewal WHERE partner=?1 AND certificate<>?2 AND ends<=?3)");
SQL(Q_NEXT_END, 1, "DELETE FROM partner_renewal WHERE partner=?1");
SQL(Q_BY_CERTIFICATE, 1, "SELECT " SHOWN " FROM partner WHERE certificate=?1 OR name=(SELECT partner FROM partner_renewal WHERE certificate=?1)");
SQL(Q_BY_KIND, 1, "SELECT " SHOWN " FROM partner WHERE kind=?1 ORDER BY added, name LIMIT 1");
SQL(Q_ALL, 0, "SELECT " SHOWN " FROM partner ORDER BY name");
struct row { struct str name, kind, url, node_key, log_key, witness_key; struct bytes certificate; struct str age; struct bytes next; int64_t ends; };
static const struct field ROW[] = { FIELD(struct row, name), FIELD(struct row, kind), FIELD(struct row, url), FIELD(struct row, node_key), FIELD(struct row, log_key),
	FIELD(struct row, witness_key), FIELD(struct row, certificate), FIELD(struct row, age), FIELD(struct row, next), FIELD(struct row, ends) };
SQL(Q_TAKEN, 2, "SELECT (SELECT count(*) FROM partner WHERE certificate=?2 AND name<>?1)+(SELECT count(*) FROM partner_renewal WHERE certificate=?2 AND partner<>?1)");
SQL(Q_MANY, 0, "SELECT count(*) FROM partner");
#define INVITE_HEAD "jisr-partner/1\n"

static int shown(struct work *w, const struct row *r, struct partner *p, struct err *err)
{
	*p = (struct partner){ .name = r->name, .kind = r->kind, .url = r->url, .age = r->age };
	if (str_is(w->node->kind, "travel") || str_is(p->kind, "travel"))
		p->url = (struct str){ 0 };                /* one of the two rides with a convoy: nobody calls */
	if (r->certificate.n == HASH_BYTES)
		memcpy(p->certificate.b, r->certificate.p, HASH_BYTES);
	if (r->next.n == HASH_BYTES)
		memcpy(p->next.b, r->next.p, HASH_BYTES);
	if (r->next.n == HASH_BYTES && r->ends <= w->now_ms) {      /* its node has turned: the one before is nobody's, also where we call */
		p->certificate = p->next;
		p->next = (struct hash){ { 0 } };
	}
	return note_key_parse(w->mem, r->node_key, &p->node, err) < 0 || note_key_parse(w->mem, r->log_key, &p->log, err) < 0 ||
	    note_key_parse(w->mem, r->witness_key, &p->witness, err) < 0 ? -1 : 1;
}

static int one(struct work *w, const struct sql *q, struct db_value v, struct partner *out, struct err *err)
{
	struct row r;
	int rc = DB_ONE(w->tx, q, ROW, &r, w->mem, err, v);
	return rc == DB_ROW ? shown(w, &r, out, err) : rc;
}

int partner_find(struct work *w, struct str name, struct partner *out, struct err *err)
{
	return one(w, &Q_BY_NAME, db_text(name), out, err);
}

int partner_by_certificate(struct work *w, const struct hash *h, struct partner *out, struct err *err)
{
	struct db_value shown_now = db_blob(bytes_of(h->b, HASH_BYTES));
	int rc = one(w, &Q_BY_CERTIFICATE, shown_now, out, err);
	/* the one before, after the day on which its node turned */
	return rc == 1 && DB_COUNT(w->tx, &Q_OVER, db_text(out->name), shown_now, db_time(w->now_ms)) > 0 ? 0 : rc;
}

int partner_first_of_kind(struct work *w, struct str kind, struct partner *out, struct err *err)
{
	return one(w, &Q_BY_KIND, db_text(kind), out, err);
}

int partner_list(struct work *w, struct partner **out, size_t *n, struct err *err)
{
	struct row *r = NEW_ARRAY(w->mem, struct row, PARTNERS_MAX);
	struct rows rows = DB_QUERY(w->tx, &Q_ALL, ROW, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct partner, PARTNERS_MAX);
	*n = 0;
	while (*n < PARTNERS_MAX && (rc = db_next(&rows, &r[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < *n; i++)
		if (shown(w, &r[i], &(*out)[i], err) < 0)
			return -1;
	return rc < 0 ? -1 : 0;
}

/* ---- pinning ---- */

struct note_key node_key(struct work *w, enum sign_as as, struct err *err)
{
	static const struct { const char *suffix; enum note_alg alg; } AS[] = { [SIGN_LOG] = { "/log", NOTE_ED25519 }, [SIGN_NODE] = { "", NOTE_ED25519 },
		[SIGN_WITNESS] = { "/witness", NOTE_COSIGNATURE } };
	uint8_t public_key[32] = { 0 };
	if (as == SIGN_LOG)
		return ledger_key(w->node->ledger);
	keys_public(w->node->keys, as, public_key, err);
	return note_key_make(w->mem, str_fmt(w->mem, S_FMT "%s", S_ARG(w->node->name), AS[as].suffix), AS[as].alg, public_key);
}

int node_sign(struct work *w, const struct str *texts, size_t n, struct str *notes, struct err *err)
{
	struct note_key k = node_key(w, SIGN_NODE, err);
	struct bytes *messages = NEW_ARRAY(w->mem, struct bytes, n + 1);
	uint8_t (*signatures)[64] = arena_alloc(w->mem, (n + 1) * sizeof *signatures);
	for (size_t i = 0; i < n; i++)
		messages[i] = note_message(w->mem, &k, texts[i], 0);
	if (n && keys_sign_many(w->node->keys, SIGN_NODE, messages, n, signatures, err) < 0)
		return err_add(err, "signing notes");
	for (size_t i = 0; i < n; i++) {
		struct str line = note_line(w->mem, &k, signatures[i], 0);
		notes[i] = note_join(w->mem, texts[i], &line, 1);
	}
	return 0;
}

int node_note(struct work *w, struct str text, struct str *note, struct err *err)
{
	return node_sign(w, &text, 1, note, err);
}

int partner_invite(struct work *w, struct str url, const struct hash *certificate, struct str *note, struct err *err)
{
	uint8_t recipient[32];
	if (keys_age_public(w->node->keys, recipient, err) < 0)
		return -1;
	struct note_key node = node_key(w, SIGN_NODE, err), log = node_key(w, SIGN_LOG, err), witness = node_key(w, SIGN_WITNESS, err);
	struct str text = str_fmt(w->mem, INVITE_HEAD "name " S_FMT "\nkind " S_FMT "\nurl " S_FMT "\nnode " S_FMT "\nlog " S_FMT "\nwitness " S_FMT "\ncertificate " S_FMT "\nage " S_FMT "\n",
	    S_ARG(w->node->name), S_ARG(w->node->kind), S_ARG(url.n ? url : STR("-")), S_ARG(note_key_text(w->mem, &node)), S_ARG(note_key_text(w->mem, &log)),
	    S_ARG(note_key_text(w->mem, &witness)), S_ARG(hex(w->mem, bytes_of(certificate->b, HASH_BYTES))), S_ARG(age_recipient_text(w->mem, recipient)));
	return node_note(w, text, note, err);
}

struct str note_value(struct str *rest, const char *key)
{
	struct str line = str_cut(rest, '\n'), head = str_cut(&line, ' ');
	return str_is(head, key) ? line : (struct str){ 0 };
}

/* The keys are named as the node is, so that no note of one can be taken for another's; a restored node's log has its epoch behind. */
static bool keys_fit(struct work *w, const struct partner *p)
{
	struct str log = str_fmt(w->mem, S_FMT "/log", S_ARG(p->name));
	return str_eq(p->node.name, p->name) && p->node.alg == NOTE_ED25519 && (str_eq(p->log.name, log) || str_starts(p->log.name, str_join(w->mem, log, STR("/")))) &&
	    p->log.alg == NOTE_ED25519 && str_eq(p->witness.name, str_fmt(w->mem, S_FMT "/witness", S_ARG(p->name))) && p->witness.alg == NOTE_COSIGNATURE;
}

static int invite_lines(struct work *w, struct str rest, struct partner *p, struct err *err)
{
	struct bytes pin;
	struct str node, log, witness, certificate;
	*p = (struct partner){ .name = note_value(&rest, "name") };
	p->kind = note_value(&rest, "kind");
	p->url = note_value(&rest, "url");
	node = note_value(&rest, "node");
	log = note_value(&rest, "log");
	witness = note_value(&rest, "witness");
	certificate = note_value(&rest, "certificate");
	p->age = note_value(&rest, "age");
	if (rest.n || !p->name.n || !p->kind.n || !p->age.n || note_key_parse(w->mem, node, &p->node, err) < 0 || note_key_parse(w->mem, log, &p->log, err) < 0 ||
	    note_key_parse(w->mem, witness, &p->witness, err) < 0 || hex_read(w->mem, certificate, &pin) < 0 || pin.n != HASH_BYTES || !keys_fit(w, p))
		return err_set(err, ERR_FORMAT, "an invitation that cannot be read");
	memcpy(p->certificate.b, pin.p, HASH_BYTES);
	if (str_is(p->age, "-"))
		p->age = (struct str){ 0 };
	if (str_is(p->url, "-"))
		p->url = (struct str){ 0 };
	return !p->url.n || str_starts(p->url, STR("https://")) ? 0 : err_set(err, ERR_VALUE, "the partner's address is not https");
}

int partner_read(struct work *w, struct str note, struct partner *p, struct err *err)
{
	struct note parsed;
	if (note_parse(w->mem, note, &parsed, err) < 0)
		return -1;
	if (!str_starts(parsed.text, STR(INVITE_HEAD)))
		return err_set(err, ERR_FORMAT, "this is no invitation of a partner");
	if (invite_lines(w, str_sub(parsed.text, sizeof INVITE_HEAD - 1, parsed.text.n), p, err) < 0)
		return -1;
	return note_verify(&parsed, &p->node, NULL) == 1 ? 0 : err_set(err, ERR_FORBIDDEN, "an invitation that its own key did not sign");
}

/* 100 bits over both keys, in groups, for two people to read to each other. */
struct str partner_code(struct work *w, const struct partner *p, struct err *err)
{
	static const char SIGNS[] = "023456789BCDFGHJKMNPQRSTVWXYZAEU";
	struct note_key own = node_key(w, SIGN_NODE, err);
	struct bytes a = bytes_of(own.public_key, 32), b = bytes_of(p->node.public_key, 32);
	struct hash h = memcmp(a.p, b.p, 32) < 0 ? sha256_2(a, b) : sha256_2(b, a);
	struct buf out = buf_new(w->mem, 64);
	for (unsigned i = 0; i < 20; i++) {
		unsigned bit = i * 5, v = 0;
		for (unsigned k = 0; k < 5; k++)
			v = v << 1 | ((unsigned)h.b[(bit + k) / 8] >> (7 - (bit + k) % 8) & 1u);
		if (i && i % 5 == 0)
			buf_ch(&out, '-');
		buf_ch(&out, SIGNS[v]);
	}
	return buf_text(&out);
}

int partner_accept(struct work *w, struct str note, struct partner *p, struct err *err)
{
	struct partner known;
	if (partner_read(w, note, p, err) < 0)
		return -1;
	if (str_eq(p->name, w->node->name))
		return err_set(err, ERR_VALUE, "this is the invitation of this node itself");
	int rc = partner_find(w, p->name, &known, err);
	if (rc < 0)
		return -1;
	if (rc == 0 && DB_COUNT(w->tx, &Q_MANY) >= PARTNERS_MAX)
		return err_set(err, ERR_TOO_LARGE, "a node has at most 256 partners");
	if (DB_COUNT(w->tx, &Q_TAKEN, db_text(p->name), db_blob(bytes_of(p->certificate.b, HASH_BYTES))) != 0)
		return err_set(err, ERR_CONFLICT, "the certificate of this invitation is another partner's");
	if (rc == 1 && memcmp(known.node.public_key, p->node.public_key, 32) != 0)
		return err_set(err, ERR_CONFLICT, "a partner of this name is pinned with another key: two people must compare the codes again after the old one is removed");
	if (DB_RUN(w->tx, &Q_KEEP, err, db_text(p->name), db_text(p->kind), db_text(p->url), db_text(note_key_text(w->mem, &p->node)), db_text(note_key_text(w->mem, &p->log)),
	    db_text(note_key_text(w->mem, &p->witness)), db_blob(bytes_of(p->certificate.b, HASH_BYTES)), db_text(p->age), db_time(w->now_ms)) < 0 || DB_RUN(w->tx, &Q_NEXT_END, err, db_text(p->name)) < 0)
		return err_add(err, "pinning a partner");
	return work_enter(w, &(struct entry){ .act = ACT_SETTING, .to = p->name, .fields = STR("partner") }, err);
}
