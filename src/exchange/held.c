#include "exchange/inbox_i.h"
#include "exchange/records.h"
#include "record/effects.h"

/* What came too early. It is tried again when its sender repeats it, and after something else was applied, from whichever partner: any order of arrival gives the same
   state. One partner must not fill the node with it: so many messages and bytes are kept of each, one body at a time is opened, and a tick works a bounded part. */
SQL(Q_NEW, 6, "INSERT INTO held(partner, id, text, wrapped, sealed, at) VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT DO NOTHING");
SQL(Q_ROOM, 3, "SELECT count(*)<?2 AND coalesce(sum(length(sealed)), 0)<?3 FROM held WHERE partner=?1");
SQL(Q_IDS, 2, "SELECT id FROM held WHERE partner=?1 ORDER BY at, id LIMIT ?2");
SQL(Q_ONE, 2, "SELECT text, wrapped, sealed FROM held WHERE partner=?1 AND id=?2");
SQL(Q_PARTNERS, 0, "SELECT DISTINCT partner FROM held");
SQL(Q_END, 2, "DELETE FROM held WHERE partner=?1 AND id=?2");
struct held_id { struct id id; };
struct held_row { struct str text; struct bytes wrapped, sealed; };
struct held_partner { struct str partner; };
static const struct field HELD_ID[] = { FIELD(struct held_id, id) };
static const struct field HELD_PARTNER[] = { FIELD(struct held_partner, partner) };
static const struct field HELD_ROW[] = { FIELD(struct held_row, text), FIELD(struct held_row, wrapped), FIELD(struct held_row, sealed) };
#define KEPT_MAX 256                                 /* of one partner */
#define KEPT_BYTES ((int64_t)32 << 20)
#define SCRATCH_BYTES ((size_t)256 << 20)            /* as a request has */
#define APPLIED_BYTES ((size_t)12 << 20)             /* sealed bodies whose effects stay in memory till the end of the work item */
#define TRIED_BYTES ((size_t)64 << 20)

struct tick { size_t applied, tried; bool more; };

int held_keep(struct work *w, const struct coming *c, struct err *err)
{
	uint8_t wrapped[WRAPPED_BYTES], key[KEY_BYTES];
	int64_t room = DB_COUNT(w->tx, &Q_ROOM, db_text(c->e.from), db_int(KEPT_MAX), db_int(KEPT_BYTES));
	if (room <= 0)
		return room < 0 ? err_set(err, ERR_FAULT, "what is held cannot be counted") : 0;
	if (keys_wait_new(w->node->keys, wrapped, key, err) < 0)
		return -1;
	struct bytes sealed = seal(w->mem, w->node->source, key, bytes_of(c->e.id.b, 16), str_bytes(c->body));
	wipe(key, sizeof key);
	return DB_RUN(w->tx, &Q_NEW, err, db_text(c->e.from), db_id(c->e.id), db_text(c->text), db_blob(bytes_of(wrapped, sizeof wrapped)), db_blob(sealed),
	    db_time(w->now_ms)) < 0 ? -1 : 0;
}

int held_end(struct work *w, const struct coming *c, struct err *err)
{
	return DB_RUN(w->tx, &Q_END, err, db_text(c->p->name), db_id(c->e.id)) < 0 ? -1 : 0;
}

/* 1: applied; 0; -1 */
static int held_one(struct work *w, const struct partner *p, struct id id, size_t *bytes, struct err *err)
{
	struct held_row h;
	struct bytes body;
	uint8_t key[KEY_BYTES];
	int rc = DB_ONE(w->tx, &Q_ONE, HELD_ROW, &h, w->mem, err, db_text(p->name), db_id(id));
	if (rc <= 0)
		return rc;
	struct coming c = { .p = p, .text = h.text, .digest = envelope_digest(h.text), .known = true };
	struct answer out = { .digest = c.digest };
	*bytes = h.sealed.n;
	if (inbox_seen(w, p->name, id, &c.before, err) < 0 || envelope_parse(w->mem, h.text, &c.e, err) < 0 || h.wrapped.n != WRAPPED_BYTES ||
	    keys_wait_open(w->node->keys, h.wrapped.p, key, err) < 0)
		return -1;
	rc = seal_open(w->mem, key, bytes_of(id.b, 16), h.sealed, &body, err);
	wipe(key, sizeof key);
	if (rc < 0)
		return -1;
	c.body = bytes_str(body);
	return inbox_take(w, &c, &out, err) < 0 ? -1 : str_is(out.verdict, "applied");
}

static void scratch_end(void *arg)
{
	arena_free(arg);
}

/* In an arena of its own. What was applied may have asked for effects that stand in it: it lives as long as the work item. */
static int held_apart(struct work *w, const struct partner *p, struct id id, struct tick *t, struct err *err)
{
	struct work own = *w;
	size_t bytes = 0;
	own.mem = arena_new(SCRATCH_BYTES);
	own.known = NULL;
	int rc = held_one(&own, p, id, &bytes, err);
	t->tried += bytes;
	if (rc == 1) {
		t->applied += bytes;
		arena_defer(w->mem, scratch_end, own.mem);
	} else {
		arena_free(own.mem);
	}
	return rc;
}

static bool worn(const struct tick *t)
{
	return t->applied >= APPLIED_BYTES;
}

static int held_of(struct work *w, const struct partner *p, struct tick *t, struct err *err)
{
	struct id ids[KEPT_MAX];
	struct held_id row;
	struct rows rows = DB_QUERY(w->tx, &Q_IDS, HELD_ID, w->mem, db_text(p->name), db_int(KEPT_MAX));
	size_t n = 0;
	int rc = 0;
	while (n < COUNT(ids) && (rc = db_next(&rows, &row, err)) == DB_ROW)
		ids[n++] = row.id;
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < n && !worn(t); i++) {
		rc = held_apart(w, p, ids[i], t, err);
		t->more = t->more || rc == 1;
	}
	return rc < 0 ? -1 : 0;
}

static int held_partners(struct work *w, struct str *names, size_t max, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_PARTNERS, HELD_PARTNER, w->mem);
	struct held_partner row;
	int rc = 0;
	*n = 0;
	while (*n < max && (rc = db_next(&rows, &row, err)) == DB_ROW)
		names[(*n)++] = row.partner;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* Each partner once, of all offices together: a list of the ministry may wait for people of the camp. A line that is held for people stays so. */
static int round_of(struct work *w, struct tick *t, struct err *err)
{
	struct str names[PARTNERS_MAX];
	size_t n;
	t->more = false;
	if (held_partners(w, names, COUNT(names), &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n && !worn(t); i++) {
		struct partner p;
		struct line_row line;
		int rc = partner_find(w, names[i], &p, err);
		if (rc < 0 || (rc == 1 && line_row(w, names[i], &line, err) < 0))
			return -1;
		if (rc == 1 && !line.fork && line.epoch_seen <= line.epoch_in && held_of(w, &p, t, err) < 0)
			return -1;
	}
	return 0;
}

int held_retry(struct work *w, struct err *err)
{
	struct tick t = { .more = true };
	while (t.more && !worn(&t) && t.tried < TRIED_BYTES)
		if (round_of(w, &t, err) < 0)
			return -1;
	if (t.more && !w->effects->hurry)
		w->effects->hurry = "held";               /* the rest with the next tick */
	return 0;
}
