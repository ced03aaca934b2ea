#include "ledger/ledger_i.h"

/* c2sp.org/tlog-witness: a witness signs a head only if it is the one it signed before, grown. */

SQL(Q_SEEN, 1, "SELECT size, root FROM log_witnessed WHERE origin=?1");
SQL(Q_SEE, 4, "INSERT OR REPLACE INTO log_witnessed(origin, size, root, at) VALUES(?1,?2,?3,?4)");
SQL(Q_COSIGN, 3, "INSERT OR REPLACE INTO log_cosignature(size, name, line) VALUES(?1,?2,?3)");
SQL(Q_COSIGNED, 1, "SELECT line FROM log_cosignature WHERE size=?1 ORDER BY name");
SQL(Q_NOTE, 1, "SELECT note FROM log_checkpoint WHERE size=?1");
SQL(Q_HOLD, 2, "UPDATE log_checkpoint SET held=?2 WHERE size=?1");
SQL(Q_COSIGNATURES_OLD, 0, "DELETE FROM log_cosignature WHERE size NOT IN (SELECT size FROM log_checkpoint)");
SQL(Q_KEEP, 2, "UPDATE log_checkpoint SET witnessed=?2 WHERE size=?1");
struct seen { int64_t size; struct bytes root; };
static const struct field SEEN[] = { FIELD(struct seen, size), FIELD(struct seen, root) };
struct text_row { struct str text; };
static const struct field TEXT[] = { FIELD(struct text_row, text) };

#define PROOF_MAX 63
struct add { uint64_t old; struct hash proof[PROOF_MAX]; size_t n; struct str note; };

static int add_read(struct arena *mem, struct str body, struct add *a)
{
	struct reader r = reader_of(str_bytes(body));
	struct str line = get_line(&r, 64);
	struct bytes raw;
	if (r.bad || !str_starts(line, STR("old ")) || str_u64(str_sub(line, 4, line.n), &a->old) < 0 || (line.n > 5 && line.p[4] == '0'))
		return -1;
	while ((line = get_line(&r, 64)).n && !r.bad) {
		if (a->n == PROOF_MAX || base64_read(mem, line, &raw) < 0 || raw.n != HASH_BYTES)
			return -1;
		memcpy(a->proof[a->n++].b, raw.p, HASH_BYTES);
	}
	a->note = r.bad ? (struct str){ 0 } : str_sub(body, r.at, body.n);
	return r.bad || !a->note.n ? -1 : 0;
}

static int refuse(int *status, int code)
{
	*status = code;
	return 0;
}

static int cosign(struct arena *mem, struct keys *keys, const struct source *src, struct str node, struct str text, struct str *line, struct err *err)
{
	uint8_t public_key[32], signature[64];
	if (keys_public(keys, SIGN_WITNESS, public_key, err) < 0)
		return -1;
	struct note_key k = note_key_make(mem, str_join(mem, node, STR("/witness")), NOTE_COSIGNATURE, public_key);
	uint64_t now = (uint64_t)(source_now_ms(src) / 1000);
	if (keys_sign(keys, SIGN_WITNESS, note_message(mem, &k, text, now), signature, err) < 0)
		return -1;
	*line = note_line(mem, &k, signature, now);
	return 0;
}

int witness_add(struct arena *mem, struct tx *tx, struct keys *keys, const struct source *src, struct str node, const struct note_key *logs, size_t n, struct str request, int *status,
    struct str *answer, struct err *err)
{
	struct add *a = NEW(mem, struct add);
	struct note note;
	struct checkpoint c;
	struct seen seen = { 0 };
	const struct note_key *log = NULL;
	*answer = (struct str){ 0 };
	if (add_read(mem, request, a) < 0 || note_parse(mem, a->note, &note, NULL) < 0 || checkpoint_parse(mem, note.text, &c, NULL) < 0)
		return refuse(status, 400);
	for (size_t i = 0; i < n; i++)
		if (str_eq(logs[i].name, c.origin))
			log = &logs[i];
	if (!log)
		return refuse(status, 404);
	if (note_verify(&note, log, NULL) != 1)
		return refuse(status, 403);
	if (a->old > c.size)
		return refuse(status, 400);
	int rc = DB_ONE(tx, &Q_SEEN, SEEN, &seen, mem, err, db_text(c.origin));
	if (rc < 0)
		return -1;
	if (a->old != (uint64_t)seen.size) {
		*answer = str_fmt(mem, "%lld\n", (long long)seen.size);
		return refuse(status, 409);
	}
	struct hash old_root = { { 0 } };
	if (seen.root.n == HASH_BYTES)
		memcpy(old_root.b, seen.root.p, HASH_BYTES);
	bool good = a->old == 0 ? a->n == 0 : merkle_check_consistency(a->old, c.size, &old_root, &c.root, a->proof, a->n) == 0;
	if (!good)
		return refuse(status, 422);
	if (DB_RUN(tx, &Q_SEE, err, db_text(c.origin), db_int((int64_t)c.size), db_blob(bytes_of(c.root.b, HASH_BYTES)), db_time(source_now_ms(src))) < 0)
		return -1;
	*status = 200;
	return cosign(mem, keys, src, node, note.text, answer, err);
}

int witness_request(struct arena *mem, struct ledger *l, struct tx *tx, uint64_t old_size, struct str *request, struct err *err)
{
	struct hash proof[64];
	size_t n = 0;
	struct str note = ledger_checkpoint(mem, tx, false);
	if (!note.n || old_size > l->closed)
		return err_set(err, ERR_CONFLICT, "a witness has seen more of this log than there is");
	if (consistency_proof(mem, tx, old_size, l->closed, proof, &n, err) < 0 ||
	    DB_RUN(tx, &Q_HOLD, err, db_int((int64_t)l->closed), db_time(source_now_ms(l->source))) < 0)
		return -1;
	struct buf b = buf_new(mem, (size_t)1 << 20);
	buf_fmt(&b, "old %llu\n", (unsigned long long)old_size);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, S_FMT "\n", S_ARG(base64(mem, bytes_of(proof[i].b, HASH_BYTES))));
	buf_ch(&b, '\n');
	buf_str(&b, note);
	*request = buf_text(&b);
	return 0;
}

int witness_keep(struct arena *mem, struct ledger *l, struct tx *tx, const struct note_key *witness, struct str answer, uint64_t size, struct err *err)
{
	struct text_row note_row;
	struct note note;
	(void)l;
	if (DB_ONE(tx, &Q_NOTE, TEXT, &note_row, mem, err, db_int((int64_t)size)) != DB_ROW)
		return err_set(err, ERR_NOT_FOUND, "that checkpoint is no longer kept");
	struct str whole = str_join(mem, note_row.text, answer);
	if (note_parse(mem, whole, &note, err) < 0 || note_verify(&note, witness, NULL) != 1)
		return err_set(err, ERR_PEER, "the witness's signature is not good");
	struct str own = (struct str){ 0 };
	for (size_t i = 0; i < note.n; i++)
		if (str_eq(note.signatures[i].name, witness->name) && note.signatures[i].id == witness->id)
			own = str_join(mem, note.signatures[i].line, STR("\n"));
	if (DB_RUN(tx, &Q_COSIGN, err, db_int((int64_t)size), db_text(witness->name), db_text(own)) < 0)
		return -1;
	struct rows rows = DB_QUERY(tx, &Q_COSIGNED, TEXT, mem, db_int((int64_t)size));
	struct text_row line;
	struct str kept = note_row.text;
	int rc = 0;
	while ((rc = db_next(&rows, &line, err)) == DB_ROW)
		kept = str_join(mem, kept, line.text);
	if (rc < 0 || DB_RUN(tx, &Q_KEEP, err, db_int((int64_t)size), db_text(kept)) < 0)
		return -1;
	return DB_RUN(tx, &Q_COSIGNATURES_OLD, err) < 0 ? -1 : 0;
}
