#include "record/record_i.h"
#include "record/retention.h"

/* Anchors (VOCABULARY.md): created, last_contact, a state, a date or time field, one step further through a reference or the parent. */
SQL(Q_REACHED, 2, "SELECT min(coalesce(event, at)) FROM record_version WHERE record=?1 AND state=?2 AND version>coalesce((SELECT max(version) FROM record_version"
    " WHERE record=?1 AND state<>?2 AND version<(SELECT max(version) FROM record_version WHERE record=?1 AND state=?2)), 0)");
SQL(Q_CONTACT, 1, "SELECT max(v.at) FROM record r JOIN record_version v ON v.record=r.id WHERE r.subject=?1 AND v.account IS NOT NULL");
SQL(Q_REFERS, 2, "SELECT target FROM record_ref WHERE record=?1 AND field=?2 LIMIT 1");
struct target { struct id id; };
static const struct field TARGET[] = { FIELD(struct target, id) };
#define STEPS_MAX 3
#define DAY_MS (24LL * 3600 * 1000)

static int64_t months_add(int64_t ms, int64_t months)
{
	static const int DAYS[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y, m, d;
	int32_t day = day_of_ms(ms);
	day_split(day, &y, &m, &d);
	int64_t total = (int64_t)y * 12 + m - 1 + months;
	int to_y = (int)(total / 12), to_m = (int)(total % 12) + 1;
	bool leap = (to_y % 4 == 0 && to_y % 100 != 0) || to_y % 400 == 0;
	int last = DAYS[to_m - 1] + (to_m == 2 && leap ? 1 : 0);
	return (int64_t)(day_of(to_y, to_m, d < last ? d : last) - day) * DAY_MS + ms;
}

bool length_add(struct str length, int64_t from_ms, int64_t *to_ms)
{
	static const struct { char unit; bool time; int64_t months, ms; } UNITS[] = { { 'Y', false, 12, 0 }, { 'M', false, 1, 0 }, { 'W', false, 0, 7 * DAY_MS },
		{ 'D', false, 0, DAY_MS }, { 'H', true, 0, 3600000 }, { 'M', true, 0, 60000 }, { 'S', true, 0, 1000 } };
	bool time = false;
	int64_t n = -1, at = from_ms;
	if (length.n < 3 || length.p[0] != 'P')
		return false;
	for (size_t i = 1; i < length.n; i++) {
		char c = length.p[i];
		size_t u = 0;
		if (c >= '0' && c <= '9' && n < 10000) {
			n = (n < 0 ? 0 : n * 10) + (c - '0');
			continue;
		}
		if (c == 'T' && n < 0 && !time) {
			time = true;
			continue;
		}
		while (u < COUNT(UNITS) && (UNITS[u].unit != c || UNITS[u].time != time))
			u++;
		if (u == COUNT(UNITS) || n < 0)
			return false;
		at = UNITS[u].months ? months_add(at, n * UNITS[u].months) : at + n * UNITS[u].ms;
		n = -1;
	}
	*to_ms = at;
	return n < 0;
}

static int counted(int64_t found, int64_t *ms)
{
	*ms = found;
	return found > 0 ? 1 : 0;
}

/* A date counts until the end of the last day that it can mean. */
static int field_moment(struct work *w, const struct record *r, const struct tfield *f, int64_t *ms, struct err *err)
{
	struct date d;
	int32_t first, last;
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	struct str text = record_text(g, 0, str_z(w->mem, f->name));
	/* A time is written to the minute (VOCABULARY.md). */
	if (f->kind == KIND_TIME && (time_parse(text, ms) == 0 || time_parse(str_join(w->mem, str_sub(text, 0, 16), STR(":00Z")), ms) == 0))
		return 1;
	if (!text.n || date_parse(f->kind == KIND_TIME ? str_sub(text, 0, 10) : text, &d) < 0)
		return 0;
	date_span(d, &first, &last);
	*ms = ((int64_t)last + 1) * DAY_MS;
	return 1;
}

static int anchor_here(struct work *w, const struct record *r, struct str anchor, int64_t *ms, struct err *err)
{
	const struct tfield *f = type_field(r->type, anchor);
	if (str_is(anchor, "created"))
		return counted(r->created_ms, ms);
	if (str_is(anchor, "last_contact"))
		return counted(DB_COUNT(w->tx, &Q_CONTACT, db_id(id_none(r->subject) ? r->id : r->subject)), ms);
	for (size_t i = 0; i < r->type->nstates; i++)
		if (str_eq(r->type->states[i].name, anchor))
			return counted(DB_COUNT(w->tx, &Q_REACHED, db_id(r->id), db_text(anchor)), ms);
	return f && (f->kind == KIND_DATE || f->kind == KIND_TIME) ? field_moment(w, r, f, ms, err) : 0;
}

/* The record one step further: 1, 0 (none, or gone), -1. */
static int step_to(struct work *w, const struct record *r, struct str field, struct record *out, struct err *err)
{
	struct target t = { r->parent };
	struct err why = { 0 };
	int rc = str_is(field, "parent") ? !id_none(r->parent) : DB_ONE(w->tx, &Q_REFERS, TARGET, &t, w->mem, err, db_id(r->id), db_text(field));
	if (rc <= 0)
		return rc;
	if (record_head(w, t.id, out, &why) < 0)
		return why.code == ERR_NOT_FOUND ? 0 : err_set(err, why.code, "%s", why.log);
	return !str_is(out->state, "erased");
}

int moment_of(struct work *w, const struct record *from, struct str moment, int64_t *ms, struct err *err)
{
	struct record r = *from;
	struct str rest = moment, anchor = str_cut(&rest, '+');
	int64_t base;
	int rc = 1;
	for (int steps = 0; str_find(anchor, STR(".")) < anchor.n; steps++) {
		struct record next;
		struct str field = str_cut(&anchor, '.');
		rc = steps < STEPS_MAX ? step_to(w, &r, field, &next, err) : 0;
		if (rc <= 0)
			return rc;
		r = next;
	}
	rc = anchor_here(w, &r, anchor, &base, err);
	if (rc <= 0)
		return rc;
	*ms = base;
	return !rest.p || length_add(rest, base, ms) ? 1 : err_set(err, ERR_FAULT, "no length in a moment");
}
