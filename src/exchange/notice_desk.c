#include "exchange/notice_i.h"

/* Beside the records: what is open at this office and whose desk has seen it; at an oversight body: what passed as vital interest. */
SQL(Q_OPEN, 3, "INSERT INTO notice_open(record, arrived, unit) VALUES(?1,?2,?3) ON CONFLICT DO NOTHING");
SQL(Q_OPEN_END, 1, "DELETE FROM notice_open WHERE record=?1");
SQL(Q_SEEN, 3, "INSERT INTO notice_seen(record, unit, at) VALUES(?1,?2,?3) ON CONFLICT DO NOTHING");
SQL(Q_SEEN_END, 1, "DELETE FROM notice_seen WHERE record=?1");
SQL(Q_LINE_END, 1, "DELETE FROM notice_line WHERE record=?1");
#define UNSEEN " FROM notice_open o WHERE o.unit<>?1 AND NOT EXISTS(SELECT 1 FROM notice_seen s WHERE s.record=o.record AND s.unit=?1)"
SQL(Q_UNSEEN, 1, "SELECT count(*) AS unseen, coalesce(min(arrived), 0) AS oldest_ms" UNSEEN);
SQL(Q_ROWS, 1, "SELECT record, arrived AS arrived_ms, unit, (unit=?1 OR EXISTS(SELECT 1 FROM notice_seen s WHERE s.record=o.record AND s.unit=?1)) AS seen"
    " FROM notice_open o ORDER BY arrived DESC, record LIMIT 100");
SQL(Q_LATE, 1, "SELECT count(*) FROM notice_open o WHERE alarmed=0 AND unit='' AND arrived<=?1 AND NOT EXISTS(SELECT 1 FROM notice_seen s WHERE s.record=o.record)");
SQL(Q_ALARMED, 1, "UPDATE notice_open SET alarmed=1 WHERE alarmed=0 AND unit='' AND arrived<=?1");
SQL(Q_TOLD, 6, "INSERT INTO notice_told(teller, what, other, at, told, sent) VALUES(?1,?2,?3,?4,?5,?6)");
SQL(Q_TOLD_ROWS, 0, "SELECT teller, what, other, at AS at_ms, told AS told_ms, sent FROM notice_told ORDER BY told DESC LIMIT 200");
static const struct field ROW[] = { FIELD(struct notice_row, record), FIELD(struct notice_row, arrived_ms), FIELD(struct notice_row, unit), FIELD(struct notice_row, seen) };
static const struct field TOLD[] = { FIELD(struct notice_told, teller), FIELD(struct notice_told, what), FIELD(struct notice_told, other), FIELD(struct notice_told, at_ms),
	FIELD(struct notice_told, told_ms), FIELD(struct notice_told, sent) };
#define ROWS_MAX 100
#define TOLD_MAX 200

/* unit: the desk that sent it, empty where it came from elsewhere. */
int notice_open_add(struct work *w, const struct record *r, struct err *err)
{
	struct str unit = str_eq(r->owner, w->node->name) ? r->unit : (struct str){ "", 0 };
	work_hint(w, HINT_NOTICE);
	return DB_RUN(w->tx, &Q_OPEN, err, db_id(r->id), db_time(w->now_ms), db_text(unit)) < 0 ? -1 : 0;
}

int notice_open_end(struct work *w, struct id notice, struct err *err)
{
	work_hint(w, HINT_NOTICE);
	return DB_RUN(w->tx, &Q_OPEN_END, err, db_id(notice)) < 0 ? -1 : 0;
}

int notice_seen_add(struct work *w, struct id notice, struct err *err)
{
	work_hint(w, HINT_NOTICE);
	return DB_RUN(w->tx, &Q_SEEN, err, db_id(notice), db_text(w->actor.unit), db_time(w->now_ms)) < 0 ? -1 : 0;
}

int notice_erased(struct work *w, struct id record, struct err *err)
{
	return DB_RUN(w->tx, &Q_OPEN_END, err, db_id(record)) < 0 || DB_RUN(w->tx, &Q_SEEN_END, err, db_id(record)) < 0 || DB_RUN(w->tx, &Q_LINE_END, err, db_id(record)) < 0 ? -1 : 0;
}

/* An office that helps is told, and nobody waits for its word: no alarm rings there. */
static bool for_reading_only(const struct work *w)
{
	return str_is(w->node->kind, "support");
}

int notice_numbers(struct work *w, struct notice_numbers *out, struct err *err)
{
	static const struct field NUMBERS[] = { FIELD(struct notice_numbers, unseen), FIELD(struct notice_numbers, oldest_ms) };
	*out = (struct notice_numbers){ 0 };
	if (for_reading_only(w))
		return 0;
	return DB_ONE(w->tx, &Q_UNSEEN, NUMBERS, out, w->mem, err, db_text(w->actor.unit)) == DB_ROW ? 0 : -1;
}

int notice_open_rows(struct work *w, struct notice_row **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_ROWS, ROW, w->mem, db_text(w->actor.unit));
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct notice_row, ROWS_MAX);
	*n = 0;
	while (*n < ROWS_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* What no desk of the office saw in time: every open page rings again, and the log says that it was late. */
int notices_timer(struct work *w, struct err *err)
{
	int64_t before = w->now_ms - NOTICE_SEEN_MS, late = for_reading_only(w) ? 0 : DB_COUNT(w->tx, &Q_LATE, db_time(before));
	if (late <= 0)
		return late < 0 ? err_set(err, ERR_FAULT, "counting late notices") : 0;
	work_hint(w, HINT_NOTICE);
	if (DB_RUN(w->tx, &Q_ALARMED, err, db_time(before)) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_RECEIVE, .type = STR("rapid_notice"), .move = STR("unseen"), .refused = STR("late"), .count = (uint64_t)late }, err);
}

int notice_told_add(struct work *w, struct str teller, struct str what, struct str other, int64_t at_ms, bool sent, struct err *err)
{
	return DB_RUN(w->tx, &Q_TOLD, err, db_text(teller), db_text(what), db_text(other), db_time(at_ms), db_time(w->now_ms), db_bool(sent)) < 0 ? -1 : 0;
}

int notice_told_keep(struct work *w, const struct arrived *a, json_t *told, struct err *err)
{
	struct str what = json_str(told, "what"), other = json_str(told, "other");
	bool told_of = notice_is_vital(w, what) || str_is(what, NOTICE_TAKEN_OVER);
	if (!str_is(w->node->kind, "oversight") || !told_of || !other.n || other.n > 64)
		return err_set(err, ERR_FORMAT, "this is nothing that oversight is told");
	work_hint(w, HINT_NOTICE);
	return notice_told_add(w, a->from, what, other, json_int(told, "at", a->created_ms), json_bool(told, "sent"), err);
}

int notice_told_rows(struct work *w, struct notice_told **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_TOLD_ROWS, TOLD, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct notice_told, TOLD_MAX);
	*n = 0;
	while (*n < TOLD_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}
