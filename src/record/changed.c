#include "record/record_i.h"

/* A declaration that changed with a newer version of the program. Every body is bound to the digest of the declaration under which it was sealed; what this node once
   loaded is remembered, so that bodies made before still open (ADR 109). */
SQL(Q_BEFORE, 2, "SELECT digest FROM type_digest WHERE type=?1 AND digest<>?2 ORDER BY n DESC LIMIT 64");
SQL(Q_REMEMBER, 3, "INSERT INTO type_digest(type, digest, since) VALUES(?1,?2,?3) ON CONFLICT DO NOTHING");
#define BEFORE_MAX 64
struct before { struct bytes digest; };
static const struct field BEFORE[] = { FIELD(struct before, digest) };

static int remember_one(struct tx *tx, struct arena *mem, struct type *t, int64_t now_ms, struct err *err)
{
	struct bytes now = bytes_of(t->digest.b, HASH_BYTES);
	struct before row;
	int rc;
	t->before = NEW_ARRAY(mem, struct hash, BEFORE_MAX);
	t->nbefore = 0;
	struct rows rows = DB_QUERY(tx, &Q_BEFORE, BEFORE, mem, db_text(t->name), db_blob(now));
	while ((rc = db_next(&rows, &row, err)) == DB_ROW)
		if (row.digest.n == HASH_BYTES)
			memcpy(t->before[t->nbefore++].b, row.digest.p, HASH_BYTES);
	return rc < 0 || DB_RUN(tx, &Q_REMEMBER, err, db_text(t->name), db_blob(now), db_int(now_ms)) < 0 ? -1 : 0;
}

int types_remember(struct tx *tx, struct arena *mem, struct types *types, int64_t now_ms, struct err *err)
{
	int rc = tx_begin(tx, err);
	for (size_t i = 0; rc == 0 && i < types->n; i++)
		rc = remember_one(tx, mem, &types->at[i], now_ms, err);
	if (rc == 0)
		return tx_commit(tx, err);
	tx_rollback(tx);
	return err_add(err, "remembering the declarations");
}

struct bytes body_aad(struct arena *mem, const struct body_at *b, const struct hash *type_digest)
{
	return seal_aad(mem, b->record, (uint64_t)b->version, class_letter(b->class), bytes_of(b->handle->b, HANDLE_BYTES), bytes_of(type_digest->b, HASH_BYTES));
}

int body_unseal(struct arena *mem, const struct body_at *b, const uint8_t key[KEY_BYTES], struct bytes sealed, struct bytes *plain, struct err *err)
{
	const struct type *t = b->type;
	if (seal_open(mem, key, body_aad(mem, b, &t->digest), sealed, plain, err) == 0)
		return 0;
	for (size_t i = 0; i < t->nbefore; i++) {
		struct err ignored = { 0 };
		if (seal_open(mem, key, body_aad(mem, b, &t->before[i]), sealed, plain, &ignored) < 0)
			continue;
		*err = (struct err){ 0 };
		return 0;
	}
	return -1;
}
