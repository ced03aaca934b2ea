#include "record/clock.h"
#include "record/effects.h"
#include "record/record_i.h"
#include "record/retention.h"

SQL(Q_NOW, 1, "INSERT INTO record_clock(record, next) VALUES(?1, 0) ON CONFLICT(record) DO UPDATE SET next=0");
SQL(Q_MISSED, 1, "INSERT INTO record_clock(record, next) VALUES(?1, 0) ON CONFLICT(record) DO NOTHING");
SQL(Q_NEXT, 2, "UPDATE record_clock SET next=?2 WHERE record=?1");
SQL(Q_END, 1, "DELETE FROM record_clock WHERE record=?1");
SQL(Q_DUE, 2, "SELECT record FROM record_clock WHERE next<=?1 ORDER BY next LIMIT ?2");
SQL(Q_WAY, 1, "SELECT state, coalesce(event, at) FROM record_version WHERE record=?1 ORDER BY version DESC");
SQL(Q_STAGE, 2, "SELECT since, due, stage FROM record_late WHERE record=?1 AND move=?2");
SQL(Q_STAGE_SET, 5, "INSERT INTO record_late(record, move, since, due, stage) VALUES(?1,?2,?3,?4,?5) ON CONFLICT(record, move) DO UPDATE SET since=excluded.since,"
    " due=excluded.due, stage=excluded.stage");
SQL(Q_STAGE_END, 2, "DELETE FROM record_late WHERE record=?1 AND move=?2");
SQL(Q_STAGES_END, 1, "DELETE FROM record_late WHERE record=?1");
SQL(Q_LATE, 1, "SELECT record, move, due, stage FROM record_late WHERE stage>0 ORDER BY due LIMIT ?1");
SQL(Q_LATE_COUNT, 0, "SELECT count(*) FROM record_late WHERE stage>1");
struct due_row { struct id record; };
struct way_row { struct str state; int64_t at; };
struct stage_row { int64_t since, due, stage; };
struct late_row { struct id record; struct str move; int64_t due, stage; };
static const struct field DUE_ROW[] = { FIELD(struct due_row, record) };
static const struct field WAY_ROW[] = { FIELD(struct way_row, state), FIELD(struct way_row, at) };
static const struct field STAGE_ROW[] = { FIELD(struct stage_row, since), FIELD(struct stage_row, due), FIELD(struct stage_row, stage) };
static const struct field LATE_ROW[] = { FIELD(struct late_row, record), FIELD(struct late_row, move), FIELD(struct late_row, due), FIELD(struct late_row, stage) };

#define SLICE 64
#define SLICE_MS 5
#define AGAIN_MS (3600 * 1000LL)
#define DAY_MS (24LL * 3600 * 1000)
#define LATE_MAX 500
#define NEVER INT64_MAX

static bool in_words(const struct words *l, struct str s)
{
	return policy_named(s, l->at, l->n);
}

static bool alive(const struct work *w, const struct record *r)
{
	return r->type->clocked && str_eq(r->owner, w->node->name) && !str_is(r->state, "erased");
}

int clock_look(struct work *w, const struct record *r, struct err *err)
{
	return alive(w, r) && DB_RUN(w->tx, &Q_NOW, err, db_id(r->id)) < 0 ? -1 : 0;
}

int clock_missed(struct work *w, const struct record *r, struct err *err)
{
	return alive(w, r) && DB_RUN(w->tx, &Q_MISSED, err, db_id(r->id)) < 0 ? -1 : 0;
}

int clock_forget(struct work *w, struct id record, struct err *err)
{
	return DB_RUN(w->tx, &Q_END, err, db_id(record)) < 0 || DB_RUN(w->tx, &Q_STAGES_END, err, db_id(record)) < 0 ? -1 : 0;
}

void due_stages(int64_t since, int64_t due, int64_t *remind, int64_t *oversight)
{
	int64_t length = due > since ? due - since : 0, three = length / 4 * 3, quarter = length / 4;
	*remind = since + (length >= DAY_MS && length % DAY_MS == 0 ? three / DAY_MS * DAY_MS : three);
	*oversight = due + (quarter < DAY_MS ? quarter : DAY_MS);
}

/* Since when the record has been, without a break, in states from which the move can be made. */
static int since_of(struct work *w, const struct record *r, const struct words *from, int64_t *since, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_WAY, WAY_ROW, w->mem, db_id(r->id));
	struct way_row row;
	int rc = 0;
	*since = r->updated_ms;
	while ((rc = db_next(&rows, &row, err)) == DB_ROW && in_words(from, row.state))
		*since = row.at;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int due_of(struct work *w, const struct record *r, const struct tmove *m, int64_t *since, int64_t *due, struct err *err)
{
	if (!m->due.n || !in_words(&m->from, r->state))
		return 0;
	if (since_of(w, r, &m->from, since, err) < 0)
		return -1;
	return m->due.p[0] == 'P' && length_add(m->due, *since, due) ? 1 : moment_of(w, r, m->due, due, err);
}

/* ---- what is wanted in time ---- */

static int stage_at(int64_t now, int64_t since, int64_t due, int64_t *next)
{
	int64_t remind, oversight;
	due_stages(since, due, &remind, &oversight);
	*next = now < remind ? remind : now < due ? due : now < oversight ? oversight : NEVER;
	return now < remind ? LATE_NOT : now < due ? LATE_REMINDED : now < oversight ? LATE_DESK : LATE_OVERSIGHT;
}

/* Oversight reads the log: an entry names the move that nobody made, and no record. */
static int tell_oversight(struct work *w, const struct record *r, const struct tmove *m, struct err *err)
{
	struct entry e = { .act = ACT_MOVE, .type = r->type->name, .move = m->name, .refused = STR("overdue"), .count = 1 };
	return ledger_append(w->node->ledger, w->tx, &e, NULL, err);
}

static int work_due(struct work *w, const struct record *r, const struct tmove *m, int64_t *next, struct err *err)
{
	struct stage_row was = { 0 };
	int64_t since = 0, due = 0, then = w->now_ms + AGAIN_MS;
	int rc = due_of(w, r, m, &since, &due, err);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		*next = in_words(&m->from, r->state) && then < *next ? then : *next;
		return DB_RUN(w->tx, &Q_STAGE_END, err, db_id(r->id), db_text(m->name)) < 0 ? -1 : 0;
	}
	if (DB_ONE(w->tx, &Q_STAGE, STAGE_ROW, &was, w->mem, err, db_id(r->id), db_text(m->name)) < 0)
		return -1;
	int64_t before = was.since == since && was.due == due ? was.stage : LATE_NOT, stage = stage_at(w->now_ms, since, due, &then);
	*next = then < *next ? then : *next;
	if (stage >= LATE_OVERSIGHT && before < LATE_OVERSIGHT && tell_oversight(w, r, m, err) < 0)
		return -1;
	return DB_RUN(w->tx, &Q_STAGE_SET, err, db_id(r->id), db_text(m->name), db_int(since), db_int(due), db_int(stage)) < 0 ? -1 : 0;
}

/* ---- what the clock makes ---- */

/* 1: the move was made; 0: not yet; -1. */
static int work_clock(struct work *w, const struct record *r, const struct tmove *m, int64_t *next, struct err *err)
{
	int64_t at = 0;
	struct err why = { 0 };
	int rc = moment_of(w, r, m->after, &at, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || at > w->now_ms) {
		bool elsewhere = rc == 0 || str_find(m->after, STR(".")) < m->after.n || str_starts(m->after, STR("arrived"));
		int64_t then = elsewhere && (rc == 0 || w->now_ms + AGAIN_MS < at) ? w->now_ms + AGAIN_MS : at;
		*next = then < *next ? then : *next;
		return 0;
	}
	w->event_ms = at;
	rc = record_move_inside(w, r->id, str_z(w->mem, m->name), &why);
	w->event_ms = 0;
	if (rc == 0)
		return 1;
	if (why.code != ERR_SAFEGUARD && why.code != ERR_VALUE)
		return *err = why, -1;
	w->refusal = (struct refusal){ 0 };                     /* nobody asked for it: no refusal of anybody */
	*next = w->now_ms + AGAIN_MS < *next ? w->now_ms + AGAIN_MS : *next;
	return 0;
}

static int work_one(struct work *w, struct id id, struct err *err)
{
	struct record r;
	int64_t next = NEVER;
	int made = 0;
	if (record_head(w, id, &r, err) < 0)
		return -1;
	if (!alive(w, &r))
		return clock_forget(w, id, err);
	for (size_t i = 0; i < r.type->nmoves && made == 0; i++)
		if (r.type->moves[i].clock && in_words(&r.type->moves[i].from, r.state))
			made = work_clock(w, &r, &r.type->moves[i], &next, err);
	if (made)
		return made < 0 ? -1 : 0;                       /* its new version is looked at next */
	for (size_t i = 0; i < r.type->nmoves; i++)
		if (r.type->moves[i].due.n && work_due(w, &r, &r.type->moves[i], &next, err) < 0)
			return -1;
	return DB_RUN(w->tx, &Q_NEXT, err, db_id(id), db_int(next)) < 0 ? -1 : 0;
}

/* What cannot be worked rests for an hour and keeps nobody else. */
static int work_rest(struct work *w, struct id id, struct err *err)
{
	int rc = work_apart(w, id, work_one, "clock", err);
	return rc > 0 ? (DB_RUN(w->tx, &Q_NEXT, err, db_id(id), db_int(w->now_ms + AGAIN_MS)) < 0 ? -1 : 0) : rc;
}

int clock_timer(struct work *w, struct err *err)
{
	struct due_row *page = NEW_ARRAY(w->mem, struct due_row, SLICE);
	struct rows rows = DB_QUERY(w->tx, &Q_DUE, DUE_ROW, w->mem, db_int(w->now_ms), db_int(SLICE));
	int64_t began = monotonic_ms();
	size_t n = 0, done = 0;
	int rc = 0;
	while (n < SLICE && (rc = db_next(&rows, &page[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	if (rc < 0 || proposals_expire(w, err) < 0)
		return -1;
	if (n && !w->purpose.n)
		w->purpose = STR("retention");                  /* for the counters of the keys process */
	while (done < n && (done == 0 || monotonic_ms() - began < SLICE_MS))
		if (work_rest(w, page[done++].record, err) < 0)
			return -1;
	if (done < n || n == SLICE)
		w->effects->hurry = "clock";
	return 0;
}

/* ---- the desk ---- */

/* Those who may make the move; where only the program does, those who move such records at all. */
static bool of_desk(const struct work *w, const struct type *t, const struct tmove *m)
{
	if (m->by.n)
		return in_words(&m->by, w->actor.role);
	for (size_t i = 0; i < t->nmoves; i++)
		if (in_words(&t->moves[i].by, w->actor.role))
			return true;
	return false;
}

int late_list(struct work *w, struct late *out, size_t max, size_t *n, struct err *err)
{
	struct late_row *all = NEW_ARRAY(w->mem, struct late_row, LATE_MAX);
	struct rows rows = DB_QUERY(w->tx, &Q_LATE, LATE_ROW, w->mem, db_int(LATE_MAX));
	size_t got = 0;
	int rc = 0;
	*n = 0;
	while (got < LATE_MAX && (rc = db_next(&rows, &all[got], err)) == DB_ROW)
		got++;
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < got && *n < max; i++) {
		struct record r;
		if (record_head(w, all[i].record, &r, err) < 0)
			return -1;
		const struct tmove *m = type_move(r.type, all[i].move);
		bool everybody;
		unsigned scopes = role_scopes(w, r.type, &everybody);
		if (m && in_words(&m->from, r.state) && of_desk(w, r.type, m) && (everybody || scopes_of(w, &r, scopes)))
			out[(*n)++] = (struct late){ r.id, r.type, m, all[i].due, (enum lateness)all[i].stage };
	}
	return rc < 0 ? -1 : 0;
}

int64_t late_count(struct work *w)
{
	return DB_COUNT(w->tx, &Q_LATE_COUNT);
}
