#include "exchange/exchange_i.h"
#include "exchange/opened.h"

SQL(Q_KEEP, 6, "INSERT INTO opened_there(partner, record, type, reason, at, until) VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT DO NOTHING");
SQL(Q_ALL, 0, "SELECT partner, type, reason, record, at, until FROM opened_there ORDER BY at DESC LIMIT 100");
SQL(Q_OF, 1, "SELECT count(*) FROM opened_there WHERE record=?1");
static const struct field THERE[] = { FIELD(struct opened_there, partner), FIELD(struct opened_there, type), FIELD(struct opened_there, reason), FIELD(struct opened_there, record),
	FIELD(struct opened_there, at), FIELD(struct opened_there, until) };
#define THERE_MAX 100
#define NODES_MAX 256
#define DAY_MS (24LL * 3600 * 1000)

/* Whoever has it: its owner, holders of a copy, and the offices of a room. */
static int concerned(struct work *w, const struct record *r, const struct partner *p, bool *is, struct err *err)
{
	struct explained x;
	struct id *ids;
	size_t n;
	*is = str_is(p->kind, "oversight") || str_eq(p->name, r->owner);
	if (record_explain(w, r, &x, err) < 0 || record_rows(w, "room_member", r->id, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < x.nholders; i++)
		*is = *is || str_eq(x.holders[i], p->name);
	const struct grant *g = n && !*is ? record_open_inside(w, type_find(w->node->types, STR("room_member")), ids, n, err) : NULL;
	for (size_t i = 0; g && i < n; i++)
		*is = *is || str_eq(record_text(g, i, "node"), p->name);
	return 0;
}

int opened_tell(struct work *w, const struct opening *o, struct err *err)
{
	struct partner *all;
	struct record r;
	size_t n;
	json_t *body = json_keep(w->mem, json_pack("{s:{s:s, s:s, s:s, s:I, s:I}}", "opened", "record", id_text(w->mem, o->record).p, "type", str_z(w->mem, o->type), "reason",
	    str_z(w->mem, o->reason), "at", (json_int_t)w->now_ms, "until", (json_int_t)o->until));
	if (record_head(w, o->record, &r, err) < 0 || partner_list(w, &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool is;
		struct id id;
		struct message m = { .to = all[i].name, .kind = STR("agreement"), .purpose = STR("oversight"), .basis = STR("mandate"), .media = "application/json",
			.body = json_write(w->mem, body), .fields = STR("opened") };
		if (concerned(w, &r, &all[i], &is, err) < 0 || (is && exchange_queue(w, &m, &id, err) < 0))
			return -1;
		w->effects->outbox = w->effects->outbox || is;
	}
	return 0;
}

int opened_arrived(struct work *w, struct str from, json_t *o, struct err *err)
{
	struct id record;
	struct str type = json_str(o, "type"), reason = json_str(o, "reason");
	int64_t at = json_int(o, "at", 0), until = json_int(o, "until", 0);
	if (id_parse(json_str(o, "record"), &record) < 0 || !type_find(w->node->types, type) || !reason.n || reason.n > 40 || at <= 0 || at > w->now_ms + DAY_MS || until < at || until > at + 2 * DAY_MS)
		return err_set(err, ERR_FORMAT, "an opening that cannot be read");
	if (DB_RUN(w->tx, &Q_KEEP, err, db_text(from), db_id(record), db_text(type), db_text(reason), db_time(at), db_time(until)) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_RECEIVE, .type = type, .to = from, .move = STR("open"), .purpose = STR("oversight"), .basis = STR("mandate") }, err);
}

int opened_theirs(struct work *w, struct opened_there **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_ALL, THERE, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct opened_there, THERE_MAX);
	*n = 0;
	while (*n < THERE_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int64_t opened_elsewhere(struct work *w, struct id record)
{
	return DB_COUNT(w->tx, &Q_OF, db_id(record));
}
