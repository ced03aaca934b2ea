#include "record/record_i.h"
#include "record/retention.h"

/* A node at the border or on the road needs a list while its buses pass, and not after (DOMAIN Clocks, "border, convoy and travel-node copies"). There a copy ends at the
   earliest moment of `copies_end` of its type that is known; while none is, 30 days after it came. A person, a family and what is about them end with the last record
   here that names them and has such moments; named by none, 7 days after they came: they arrive before the list that names them. */
SQL(Q_NAMING, 1, "SELECT DISTINCT f.record AS id FROM record_ref f JOIN record r ON r.id=f.record WHERE f.target=?1 AND r.state<>'erased' LIMIT 256");
struct naming { struct id id; };
static const struct field NAMING[] = { FIELD(struct naming, id) };
#define NAMING_MAX 256
#define NAMELESS_DAYS 7
#define UNKNOWN_DAYS 30
#define DAY_MS (24LL * 3600 * 1000)

static bool on_the_way(const struct work *w)
{
	return str_is(w->node->kind, "border") || str_is(w->node->kind, "travel");
}

static int arrived_at(struct work *w, const struct record *r, int64_t *ms, struct err *err)
{
	struct received here;
	int rc = record_received(w, r->id, &here, err);
	*ms = rc == 1 ? here.arrived : r->created_ms;
	return rc < 0 ? -1 : 0;
}

static int by_moments(struct work *w, const struct record *r, int64_t *due, struct str *rule, struct err *err)
{
	const json_t *moments = json_object_get(r->type->raw, "copies_end");
	int64_t arrived;
	for (size_t i = 0; i < json_array_size(moments); i++) {
		struct str moment = str_of(json_string_value(json_array_get(moments, i)));
		int64_t at;
		int rc = moment_of(w, r, moment, &at, err);
		if (rc < 0)
			return -1;
		if (rc == 1 && at < *due) {
			*due = at;
			*rule = moment;
		}
	}
	if (*due != RETENTION_NEVER)
		return 0;
	*rule = STR("copy+P30D");
	if (arrived_at(w, r, &arrived, err) < 0)
		return -1;
	*due = arrived + UNKNOWN_DAYS * DAY_MS;
	return 0;
}

/* The last of those that name it and have moments; *n of them. */
static int by_naming(struct work *w, struct id of, int64_t *due, struct str *rule, size_t *n, struct err *err)
{
	struct naming all[NAMING_MAX];
	struct rows rows = DB_QUERY(w->tx, &Q_NAMING, NAMING, w->mem, db_id(of));
	size_t found = 0;
	int rc = 0;
	while (found < NAMING_MAX && (rc = db_next(&rows, &all[found], err)) == DB_ROW)
		found++;
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < found; i++) {
		struct record r;
		struct str why;
		int64_t at = RETENTION_NEVER;
		if (record_head(w, all[i].id, &r, err) < 0)
			return -1;
		if (!json_object_get(r.type->raw, "copies_end"))
			continue;
		if (by_moments(w, &r, &at, &why, err) < 0)
			return -1;
		if ((*n)++ == 0 || at > *due) {
			*due = at;
			*rule = why;
		}
	}
	return rc < 0 ? -1 : 0;
}

int early_due(struct work *w, const struct record *r, int64_t *due, struct str *rule, struct err *err)
{
	size_t named = 0;
	int64_t arrived;
	*due = RETENTION_NEVER;
	if (!on_the_way(w) || !r->type->personal || str_eq(r->owner, w->node->name))
		return 0;
	if (json_object_get(r->type->raw, "copies_end"))
		return by_moments(w, r, due, rule, err);
	if (r->type->about == ABOUT_NOBODY || r->type->about == ABOUT_PLACE)
		return 0;
	if (by_naming(w, r->id, due, rule, &named, err) < 0 || (!named && !id_none(r->subject) && by_naming(w, r->subject, due, rule, &named, err) < 0) ||
	    (!named && !id_none(r->parent) && by_naming(w, r->parent, due, rule, &named, err) < 0))
		return -1;
	if (named)
		return 0;
	*rule = STR("copy+P7D");
	if (arrived_at(w, r, &arrived, err) < 0)
		return -1;
	*due = arrived + NAMELESS_DAYS * DAY_MS;
	return 0;
}
