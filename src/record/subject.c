#include "record/record_i.h"

SQL(Q_KEY, 1, "SELECT wrapped FROM subject_key WHERE handle=?1");
SQL(Q_KEY_NEW, 2, "INSERT INTO subject_key(handle, wrapped) VALUES(?1,?2)");
SQL(Q_KEYS_PAGE, 2, "SELECT handle, wrapped FROM subject_key WHERE handle>?1 ORDER BY handle LIMIT ?2");
SQL(Q_KEY_REWRAP, 2, "UPDATE subject_key SET wrapped=?2 WHERE handle=?1");
struct key_row { struct bytes handle, wrapped; };
static const struct field WRAPPED[] = { FIELD(struct key_row, wrapped) };
static const struct field KEY_ROW[] = { FIELD(struct key_row, handle), FIELD(struct key_row, wrapped) };

static struct keys_ask ask_of(const struct work *w, const struct type *t)
{
	struct keys_ask ask = { .side = t->side, .classes = t->classes & ~CLASS_BIT(CLASS_O), .purpose = w->purpose };
	memcpy(ask.actor, w->actor.account.b, sizeof ask.actor);
	return ask;
}

static int wrapped_of(struct work *w, struct handle h, uint8_t out[WRAPPED_BYTES], struct err *err)
{
	struct key_row r;
	int rc = DB_ONE(w->tx, &Q_KEY, WRAPPED, &r, w->mem, err, db_blob(bytes_of(h.b, HANDLE_BYTES)));
	if (rc == DB_ROW && r.wrapped.n == WRAPPED_BYTES)
		memcpy(out, r.wrapped.p, WRAPPED_BYTES);
	return rc;
}

static size_t place_of(const struct id *list, size_t n, struct id id)
{
	size_t i = 0;
	while (i < n && !id_eq(list[i], id))
		i++;
	return i;
}

/* Several records may be about one subject: each subject is asked for once. */
int subject_keys(struct work *w, const struct type *t, const struct id *subjects, size_t n, struct subject_key *out, struct err *err)
{
	struct id *known = NEW_ARRAY(w->mem, struct id, n + 1), *fresh = NEW_ARRAY(w->mem, struct id, n + 1);
	struct subject_key *old = NEW_ARRAY(w->mem, struct subject_key, n + 1), *made = NEW_ARRAY(w->mem, struct subject_key, n + 1);
	struct handle *handles = NEW_ARRAY(w->mem, struct handle, n + 1);
	size_t nold = 0, nfresh = 0;
	struct keys_ask ask = ask_of(w, t);
	if (keys_handles(w->node->keys, t->side, subjects, n, handles, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (place_of(known, nold, subjects[i]) < nold || place_of(fresh, nfresh, subjects[i]) < nfresh)
			continue;
		int rc = wrapped_of(w, handles[i], old[nold].wrapped, err);
		if (rc < 0)
			return -1;
		if (rc) {
			old[nold].handle = handles[i];
			known[nold++] = subjects[i];
		} else {
			fresh[nfresh++] = subjects[i];
		}
	}
	if (nold && keys_open(w->node->keys, &ask, old, nold, err) < 0)
		return -1;
	if (nfresh && keys_new(w->node->keys, &ask, fresh, nfresh, made, err) < 0)
		return -1;
	for (size_t i = 0; i < nfresh; i++)
		if (DB_RUN(w->tx, &Q_KEY_NEW, err, db_blob(bytes_of(made[i].handle.b, HANDLE_BYTES)), db_blob(bytes_of(made[i].wrapped, WRAPPED_BYTES))) < 0)
			return -1;
	for (size_t i = 0; i < n; i++) {
		size_t at = place_of(known, nold, subjects[i]);
		out[i] = at < nold ? old[at] : made[place_of(fresh, nfresh, subjects[i])];
	}
	return 0;
}

int record_rewrap(struct work *w, size_t slice, bool *more, struct err *err)
{
	uint8_t (*wrapped)[WRAPPED_BYTES] = arena_array(w->mem, slice, WRAPPED_BYTES);
	struct key_row *rows = NEW_ARRAY(w->mem, struct key_row, slice);
	struct bytes last = { (const uint8_t *)"", 0 };
	*more = false;
	for (size_t n = slice; n == slice;) {
		struct rows q = DB_QUERY(w->tx, &Q_KEYS_PAGE, KEY_ROW, w->mem, db_blob(last), db_int((int64_t)slice));
		int rc;
		n = 0;
		while (n < slice && (rc = db_next(&q, &rows[n], err)) == DB_ROW)
			n++;
		db_end(&q);
		for (size_t i = 0; i < n; i++)
			memcpy(wrapped[i], rows[i].wrapped.p, WRAPPED_BYTES);
		if (n && keys_rewrap(w->node->keys, wrapped, n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (DB_RUN(w->tx, &Q_KEY_REWRAP, err, db_blob(rows[i].handle), db_blob(bytes_of(wrapped[i], WRAPPED_BYTES))) < 0)
				return -1;
		if (n)
			last = rows[n - 1].handle;
	}
	return 0;
}
