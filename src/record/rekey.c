#include "record/record_i.h"

/* A new data key for a subject: what stays is sealed anew, so that nothing that was sealed under the old one opens any more, wherever a remnant of it lies (ADR 72).
   The salt of her ledger lines goes with the data key; it is kept, sealed under the new one, so that lines made before can still be told to be hers. */
SQL(Q_WRAPPED, 1, "SELECT wrapped FROM subject_key WHERE handle=?1");
SQL(Q_KEY_SET, 2, "UPDATE subject_key SET wrapped=?2 WHERE handle=?1");
SQL(Q_BODIES, 1, "SELECT b.record, r.type, b.class, b.version, b.sealed FROM record r JOIN body b ON b.record=r.id WHERE r.subject=?1");
SQL(Q_BODY_SET, 4, "UPDATE body SET sealed=?4 WHERE record=?1 AND class=?2 AND version=?3");
SQL(Q_SALTS, 1, "SELECT n, sealed FROM subject_salt WHERE handle=?1");
SQL(Q_SALT_SET, 3, "INSERT OR REPLACE INTO subject_salt(handle, n, sealed) VALUES(?1,?2,?3)");
struct wrapped { struct bytes key; };
static const struct field WRAPPED[] = { FIELD(struct wrapped, key) };
struct body { struct id record; struct str type, class; int64_t version; struct bytes sealed; };
static const struct field BODY[] = { FIELD(struct body, record), FIELD(struct body, type), FIELD(struct body, class), FIELD(struct body, version),
	FIELD(struct body, sealed) };
struct salt { int64_t n; struct bytes sealed; };
static const struct field SALT[] = { FIELD(struct salt, n), FIELD(struct salt, sealed) };
#define BODIES_MAX 16384
#define SALTS_MAX 256

struct change { struct work *w; enum side side; struct subject_key old, fresh; };

/* All classes that the side may have: P always, and the one of its own. */
static unsigned classes_of(enum side side)
{
	static const enum data_class OWN[SIDES] = { [SIDE_HUMANITARIAN] = CLASS_X, [SIDE_SECURITY] = CLASS_S, [SIDE_JUSTICE] = CLASS_J, [SIDE_OFFICE] = CLASS_P };
	return CLASS_BIT(CLASS_P) | CLASS_BIT(OWN[side]);
}

static int keys_make(struct change *c, struct id subject, uint32_t *wrap, struct err *err)
{
	struct work *w = c->w;
	struct keys_ask ask = { .side = c->side, .classes = classes_of(c->side), .purpose = w->purpose };
	struct wrapped row;
	memcpy(ask.actor, w->actor.account.b, sizeof ask.actor);
	if (keys_handles(w->node->keys, c->side, &subject, 1, &c->old.handle, err) < 0)
		return -1;
	struct bytes handle = bytes_of(c->old.handle.b, HANDLE_BYTES);
	int rc = DB_ONE(w->tx, &Q_WRAPPED, WRAPPED, &row, w->mem, err, db_blob(handle));
	if (rc != DB_ROW || row.key.n != WRAPPED_BYTES)
		return rc < 0 ? -1 : err_set(err, ERR_FAULT, "a subject has no key");
	memcpy(c->old.wrapped, row.key.p, WRAPPED_BYTES);
	*wrap = keys_wrapped_under(c->old.wrapped);
	if (keys_open(w->node->keys, &ask, &c->old, 1, err) < 0 || keys_new(w->node->keys, &ask, &subject, 1, &c->fresh, err) < 0)
		return -1;
	return DB_RUN(w->tx, &Q_KEY_SET, err, db_blob(handle), db_blob(bytes_of(c->fresh.wrapped, WRAPPED_BYTES))) < 0 ? -1 : 0;
}

static int reseal(struct change *c, const struct body *b, struct err *err)
{
	struct work *w = c->w;
	const struct type *t = type_find(w->node->types, b->type);
	enum data_class class;
	struct bytes plain;
	if (!t || class_parse(b->class, &class) < 0)
		return err_set(err, ERR_FAULT, "a body of an unknown type or class");
	if (t->side != c->side)
		return 0;
	struct body_at at = { t, b->record, b->version, class, &c->old.handle };
	if (body_unseal(w->mem, &at, c->old.key[class], b->sealed, &plain, err) < 0)
		return err_add(err, "sealing anew");
	struct bytes sealed = seal(w->mem, w->node->source, c->fresh.key[class], body_aad(w->mem, &at, &t->digest), plain);
	wipe((void *)(uintptr_t)plain.p, plain.n);
	return DB_RUN(w->tx, &Q_BODY_SET, err, db_id(b->record), db_text(b->class), db_int(b->version), db_blob(sealed)) < 0 ? -1 : 0;
}

static int bodies_reseal(struct change *c, struct id subject, struct err *err)
{
	struct body *all = NEW_ARRAY(c->w->mem, struct body, BODIES_MAX);
	struct rows rows = DB_QUERY(c->w->tx, &Q_BODIES, BODY, c->w->mem, db_id(subject));
	size_t n = 0;
	int rc = 0;
	while (n < BODIES_MAX && (rc = db_next(&rows, &all[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	if (rc < 0 || n == BODIES_MAX)
		return rc < 0 ? -1 : err_set(err, ERR_TOO_LARGE, "too many bodies of one subject");
	for (size_t i = 0; i < n; i++)
		if (reseal(c, &all[i], err) < 0)
			return -1;
	return 0;
}

static int salt_keep(struct change *c, int64_t n, struct bytes salt, struct err *err)
{
	struct bytes handle = bytes_of(c->old.handle.b, HANDLE_BYTES);
	struct bytes sealed = seal(c->w->mem, c->w->node->source, c->fresh.key[CLASS_P], handle, salt);
	return DB_RUN(c->w->tx, &Q_SALT_SET, err, db_blob(handle), db_int(n), db_blob(sealed)) < 0 ? -1 : 0;
}

static int salts_keep(struct change *c, struct err *err)
{
	struct salt *all = NEW_ARRAY(c->w->mem, struct salt, SALTS_MAX);
	struct bytes handle = bytes_of(c->old.handle.b, HANDLE_BYTES), plain;
	struct rows rows = DB_QUERY(c->w->tx, &Q_SALTS, SALT, c->w->mem, db_blob(handle));
	size_t n = 0;
	int rc = 0;
	while (n < SALTS_MAX && (rc = db_next(&rows, &all[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < n; i++)
		rc = seal_open(c->w->mem, c->old.key[CLASS_P], handle, all[i].sealed, &plain, err) < 0 ? -1 : salt_keep(c, all[i].n, plain, err);
	return rc < 0 ? -1 : salt_keep(c, (int64_t)n, bytes_of(c->old.salt, sizeof c->old.salt), err);
}

int subject_rekey(struct work *w, enum side side, struct id subject, uint32_t *wrap, struct err *err)
{
	struct change c = { .w = w, .side = side };
	int rc = keys_make(&c, subject, wrap, err);
	if (rc == 0)
		rc = bodies_reseal(&c, subject, err);
	if (rc == 0)
		rc = salts_keep(&c, err);
	wipe(&c, sizeof c);
	w->known = NULL;                              /* what was opened before in this item is the old key */
	return rc;
}
