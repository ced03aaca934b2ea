#include "exchange/notice_i.h"
#include "exchange/records.h"

/* Notices on the line: what a partner sends is taken as it is declared, and how far each of ours went is kept for the ticks. */
SQL(Q_QUEUED, 4, "INSERT INTO notice_line(record, node, message, queued) VALUES(?1,?2,?3,?4) ON CONFLICT DO NOTHING");
SQL(Q_TICKS, 1, "SELECT l.node AS node, CASE WHEN o.state=2 THEN o.answered ELSE l.queued END AS at, o.state AS state, coalesce(o.verdict, '') AS verdict, o.why AS why"
    " FROM notice_line l JOIN outbox o ON o.id=l.message WHERE l.record=?1 ORDER BY l.node");
struct tick_row { struct str node; int64_t at, state; struct str verdict, why; };
static const struct field TICK[] = { FIELD(struct tick_row, node), FIELD(struct tick_row, at), FIELD(struct tick_row, state), FIELD(struct tick_row, verdict), FIELD(struct tick_row, why) };
#define TICKS_MAX 64

int notice_queued(struct work *w, struct str to, struct id message, json_t *records, struct err *err)
{
	for (size_t i = 0; i < json_array_size(records); i++) {
		json_t *o = json_array_get(records, i);
		struct id record;
		if (str_is(json_str(o, "type"), "rapid_notice") && id_parse(json_str(o, "id"), &record) == 0 &&
		    DB_RUN(w->tx, &Q_QUEUED, err, db_id(record), db_text(to), db_id(message), db_time(w->now_ms)) < 0)
			return -1;
	}
	return 0;
}

int notice_ticks(struct work *w, struct id notice, struct notice_tick **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_TICKS, TICK, w->mem, db_id(notice));
	struct tick_row t;
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct notice_tick, TICKS_MAX);
	*n = 0;
	while (*n < TICKS_MAX && (rc = db_next(&rows, &t, err)) == DB_ROW)
		(*out)[(*n)++] = (struct notice_tick){ t.node, t.at, went_of(t.state, t.verdict), t.why };
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int notice_tell(struct work *w, struct str what, struct str other, bool sent, struct err *err)
{
	struct partner *p;
	size_t n;
	struct id id;
	if (partner_list(w, &p, &n, err) < 0 || notice_told_add(w, w->node->name, what, other, w->now_ms, sent, err) < 0)
		return -1;
	json_t *body = json_keep(w->mem, json_pack("{s:{s:s, s:s, s:b, s:I}}", "vital", "what", str_z(w->mem, what), "other", str_z(w->mem, other), "sent", (int)sent,
	    "at", (json_int_t)w->now_ms));
	for (size_t i = 0; i < n; i++) {
		struct message m = { .to = p[i].name, .kind = STR("notice"), .purpose = STR("oversight"),
			.basis = str_is(what, NOTICE_TAKEN_OVER) ? STR("mandate") : STR("vital_interest"), .media = "application/json",
			.body = json_write(w->mem, body), .fields = STR("what") };
		if (str_is(p[i].kind, "oversight") && exchange_queue(w, &m, &id, err) < 0)
			return -1;
	}
	return 0;
}

/* Without an agreement only what the declaration lets pass: its kinds, and no picture. A change of state brings no field: the copy must have come before. */
static bool vital_passes(struct work *w, json_t *o)
{
	const struct type *t = type_find(w->node->types, json_str(o, "type"));
	json_t *fields = json_object_get(o, "fields");
	const char *name;
	json_t *v;
	json_object_foreach(fields, name, v) {
		const struct tfield *f = t ? type_field(t, str_of(name)) : NULL;
		if (!f || f->kind == KIND_IMAGE)
			return false;
	}
	return t && json_object_get(t->raw, "vital") && (!fields || type_vital(t, fields));
}

static int admitted(struct work *w, const struct arrived *a, json_t *records, struct err *err)
{
	bool vital = str_is(a->basis, "vital_interest");
	for (size_t i = 0; i < json_array_size(records); i++) {
		json_t *o = json_array_get(records, i);
		if (!record_travels_as(w, o, "notice") || (vital && !vital_passes(w, o)))
			return err_set(err, ERR_FORBIDDEN, "records that are no notice");
	}
	return vital || exchange_admits(w, a->from, a->purpose, records) ? 0 : err_set(err, ERR_FORBIDDEN, "notices that the agreement does not name");
}

/* Our side tells it to oversight too: the two tellings are compared there. */
static int tell_arrival(struct work *w, const struct arrived *a, json_t *records, struct err *err)
{
	for (size_t i = 0; i < json_array_size(records); i++) {
		json_t *o = json_array_get(records, i);
		struct str what = json_str(json_object_get(o, "fields"), "what");
		if (what.n && !json_str(o, "before").n && notice_tell(w, what, a->from, false, err) < 0)
			return -1;
	}
	return 0;
}

static int take(struct work *w, const struct arrived *a, json_t *body, bool *held, struct err *err)
{
	json_t *records = json_object_get(body, "records"), *told = json_object_get(body, "vital");
	*held = false;
	if (told)
		return notice_told_keep(w, a, told, err);
	if (admitted(w, a, records, err) < 0 || record_receive(w, a->from, body, false, held, err) < 0)
		return -1;
	return str_is(a->basis, "vital_interest") && !*held ? tell_arrival(w, a, records, err) : 0;
}

int kind_notice(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	bool held = false;
	json_t *body = arrived_body(w, a, err);
	return verdict_of(w, body ? take(w, a, body, &held, err) : -1, held, v, why, err);
}

static int ack_arrived(struct work *w, const struct record *r, struct err *err)
{
	struct record notice;
	struct err why = { 0 };
	work_hint(w, HINT_NOTICE);
	if (record_head(w, r->parent, &notice, &why) < 0)
		return why.code == ERR_NOT_FOUND ? 0 : err_set(err, why.code, "%s", why.log);
	return str_eq(notice.owner, w->node->name) && str_is(notice.state, "sent") ? record_move_inside(w, notice.id, "note_acknowledged", err) : 0;
}

int notice_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	if (str_is(r->type->name, "notice_ack"))
		return ack_arrived(w, r, err);
	if (!str_is(r->type->name, "rapid_notice"))
		return 0;
	static const char *const OVER[] = { "confirmed", "ended", "recalled" };
	for (size_t i = 0; i < COUNT(OVER); i++)
		if (str_is(r->state, OVER[i]))
			return notice_open_end(w, r->id, err);
	if (!before.n && str_is(w->node->kind, "support") && record_desk(w, r->id, STR("logistics"), err) < 0)
		return -1;
	return before.n ? (work_hint(w, HINT_NOTICE), 0) : notice_open_add(w, r, err);
}
