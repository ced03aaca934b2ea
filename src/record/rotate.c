#include "record/rotate.h"

SQL(Q_KEYS_PAGE, 2, "SELECT handle, wrapped FROM subject_key WHERE handle>?1 ORDER BY handle LIMIT ?2");
SQL(Q_KEYS_PUT, 2, "UPDATE subject_key SET wrapped=?2 WHERE handle=?1");
SQL(Q_KEYS_DROP, 1, "DELETE FROM subject_key WHERE handle=?1");
SQL(Q_PROPOSALS_PAGE, 2, "SELECT id, wrapped FROM proposal WHERE id>?1 ORDER BY id LIMIT ?2");
SQL(Q_PROPOSALS_PUT, 2, "UPDATE proposal SET wrapped=?2 WHERE id=?1");
SQL(Q_PROPOSALS_DROP, 1, "DELETE FROM proposal WHERE id=?1");
const struct wrapped_keys RECORD_WRAPPED[] = {
	{ "subject_key", &Q_KEYS_PAGE, &Q_KEYS_PUT, &Q_KEYS_DROP },
	{ "proposal", &Q_PROPOSALS_PAGE, &Q_PROPOSALS_PUT, &Q_PROPOSALS_DROP },
	{ 0 },
};

SQL(Q_STATE, 0, "SELECT began, finished, phase, place, last FROM rotation");
SQL(Q_FIRST, 1, "INSERT INTO rotation(one, began, finished, phase, place, last) VALUES(1, 0, ?1, 'idle', 0, x'')");
SQL(Q_SET, 5, "UPDATE rotation SET began=?1, finished=?2, phase=?3, place=?4, last=?5");
SQL(Q_FINAL, 2, "UPDATE erasure SET final=?1 WHERE final IS NULL AND wrap<?2");
SQL(Q_NOT_FINAL, 1, "SELECT count(*) FROM erasure WHERE final IS NULL AND wrap>0 AND done<?1");
SQL(Q_ERASED, 5, "INSERT INTO erasure(done, wrap, type, rule, records) VALUES(?1,?2,?3,?4,?5)");
SQL(Q_ERASURES, 1, "SELECT type, rule, records, done, coalesce(final, 0) FROM erasure ORDER BY id DESC LIMIT ?1");
static const struct field WRAPPED_ROW[] = { FIELD(struct wrapped_row, id), FIELD(struct wrapped_row, wrapped) };
static const struct field ERASURE[] = { FIELD(struct erasure, type), FIELD(struct erasure, rule), FIELD(struct erasure, records), FIELD(struct erasure, done),
	FIELD(struct erasure, final) };

/* phase: idle, rewrap, forget. place: which of the joined tables; last: the id up to which it is done. */
struct progress { int64_t began, finished; struct str phase; int64_t place; struct bytes last; };
static const struct field PROGRESS[] = { FIELD(struct progress, began), FIELD(struct progress, finished), FIELD(struct progress, phase), FIELD(struct progress, place),
	FIELD(struct progress, last) };
#define DAY_MS (24LL * 3600 * 1000)
#define NOTHING ((struct bytes){ (const uint8_t *)"", 0 })

/* The first week begins when a node is first asked. */
static int progress_load(struct work *w, struct progress *p, struct err *err)
{
	int rc = DB_ONE(w->tx, &Q_STATE, PROGRESS, p, w->mem, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	*p = (struct progress){ .finished = w->now_ms, .phase = STR("idle"), .last = NOTHING };
	return DB_RUN(w->tx, &Q_FIRST, err, db_int(w->now_ms)) < 0 ? -1 : 0;
}

static int progress_save(struct work *w, const struct progress *p, struct err *err)
{
	return DB_RUN(w->tx, &Q_SET, err, db_int(p->began), db_int(p->finished), db_text(p->phase), db_int(p->place), db_blob(p->last)) < 0 ? -1 : 0;
}

/* Reads only: also from a reader's view of the file. */
int rotation_state(struct work *w, struct rotation *out, struct err *err)
{
	struct progress p = { .phase = STR("idle") };
	if (DB_ONE(w->tx, &Q_STATE, PROGRESS, &p, w->mem, err) < 0)
		return -1;
	*out = (struct rotation){ p.began, p.finished, !str_is(p.phase, "idle") };
	return 0;
}

int64_t erasures_not_final(struct work *w, int64_t before_ms)
{
	return DB_COUNT(w->tx, &Q_NOT_FINAL, db_int(before_ms));
}

int wrapped_page(struct work *w, const struct wrapped_keys *t, struct bytes after, size_t limit, struct wrapped_row *out, size_t *n, struct err *err)
{
	struct rows q = DB_QUERY(w->tx, t->page, WRAPPED_ROW, w->mem, db_blob(after), db_int((int64_t)limit));
	int rc = 0;
	*n = 0;
	while (*n < limit && (rc = db_next(&q, &out[*n], err)) == DB_ROW)
		++*n;
	db_end(&q);
	for (size_t i = 0; rc >= 0 && i < *n; i++)
		if (out[i].wrapped.n != WRAPPED_BYTES)
			rc = err_set(err, ERR_FAULT, "a wrapped key of %s is damaged", t->name);
	return rc < 0 ? -1 : 0;
}

static const struct wrapped_keys *table_at(const struct work *w, int64_t place)
{
	int64_t seen = 0;
	for (const struct wrapped_keys *const *list = w->node->wrapped; list && *list; list++)
		for (const struct wrapped_keys *t = *list; t->name; t++)
			if (seen++ == place)
				return t;
	return NULL;
}

static int rewrap(struct work *w, struct progress *p, struct err *err)
{
	const struct wrapped_keys *t = table_at(w, p->place);
	uint8_t (*keys)[WRAPPED_BYTES] = arena_array(w->mem, ROTATION_SLICE, WRAPPED_BYTES);
	struct wrapped_row *rows = NEW_ARRAY(w->mem, struct wrapped_row, ROTATION_SLICE);
	size_t n;
	if (!t) {
		p->phase = STR("forget");
		return 0;
	}
	if (wrapped_page(w, t, p->last, ROTATION_SLICE, rows, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		memcpy(keys[i], rows[i].wrapped.p, WRAPPED_BYTES);
	if (n && keys_rewrap(w->node->keys, keys, n, err) < 0)
		return err_add(err, "re-wrapping the keys of %s", t->name);
	for (size_t i = 0; i < n; i++)
		if (DB_RUN(w->tx, t->put, err, db_blob(rows[i].id), db_blob(bytes_of(keys[i], WRAPPED_BYTES))) < 0)
			return -1;
	p->last = n ? rows[n - 1].id : NOTHING;
	if (n < ROTATION_SLICE) {
		p->place++;
		p->last = NOTHING;
	}
	return 0;
}

/* A crash between the keys process's change and our COMMIT leaves two wrap keys: then the change was made already. */
static int begin(struct work *w, struct progress *p, struct err *err)
{
	if (keys_wrap_id(w->node->keys, true, err) == 0 && keys_rotate(w->node->keys, err) < 0)
		return err_add(err, "rotation");
	*p = (struct progress){ .began = w->now_ms, .finished = p->finished, .phase = STR("rewrap"), .last = NOTHING };
	return work_enter(w, &(struct entry){ .act = ACT_KEYS, .fields = STR("rotate") }, err);
}

static int forget(struct work *w, struct progress *p, struct err *err)
{
	if (keys_wrap_id(w->node->keys, true, err) != 0 && keys_forget_old(w->node->keys, err) < 0)
		return err_add(err, "rotation");
	int64_t newest = keys_wrap_id(w->node->keys, false, err);
	int final = DB_RUN(w->tx, &Q_FINAL, err, db_time(w->now_ms), db_int(newest));
	p->finished = w->now_ms;
	p->phase = STR("idle");
	if (final < 0 || newest == 0)
		return -1;
	if (final && work_enter(w, &(struct entry){ .act = ACT_ERASE, .fields = STR("final"), .count = (uint64_t)final }, err) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_KEYS, .fields = STR("forget") }, err);
}

static int step(struct work *w, struct progress *p, bool *more, struct err *err)
{
	int rc = str_is(p->phase, "idle") ? begin(w, p, err) : str_is(p->phase, "rewrap") ? rewrap(w, p, err) : forget(w, p, err);
	*more = !str_is(p->phase, "idle");
	return rc < 0 ? -1 : progress_save(w, p, err);
}

int rotation_step(struct work *w, bool *more, struct err *err)
{
	struct progress p;
	return progress_load(w, &p, err) < 0 ? -1 : step(w, &p, more, err);
}

int rotation_timer(struct work *w, struct err *err)
{
	struct progress p;
	bool more;
	if (progress_load(w, &p, err) < 0)
		return -1;
	if (str_is(p.phase, "idle") && w->now_ms - p.finished < ROTATION_DAYS * DAY_MS)
		return 0;
	return step(w, &p, &more, err);
}

int erasure_enter(struct work *w, struct str type, struct str rule, size_t records, uint32_t wrap, struct err *err)
{
	return DB_RUN(w->tx, &Q_ERASED, err, db_time(w->now_ms), db_int(wrap), db_text(type), db_text(rule), db_int((int64_t)records)) < 0 ? -1 : 0;
}

int erasure_list(struct work *w, size_t limit, struct erasure **out, size_t *n, struct err *err)
{
	struct rows q = DB_QUERY(w->tx, &Q_ERASURES, ERASURE, w->mem, db_int((int64_t)limit));
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct erasure, limit);
	*n = 0;
	while (*n < limit && (rc = db_next(&q, &(*out)[*n], err)) == DB_ROW)
		++*n;
	db_end(&q);
	return rc < 0 ? -1 : 0;
}
