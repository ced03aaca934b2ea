#include "record/record_i.h"
#include "record/retention.h"

/* What a partner gave us is kept no longer than the agreement says (DOMAIN S9, ADR 115): from the day when its content came last, however long its type would keep it.
   The shortest time wins that held while it was here: a newer agreement shortens what is held, and none lengthens it. */
SQL(Q_KEEP, 6, "INSERT INTO record_received(record, node, purpose, agreement, arrived, days) VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(record) DO UPDATE SET node=excluded.node,"
    " purpose=excluded.purpose, agreement=excluded.agreement, arrived=excluded.arrived, days=excluded.days, shortened=NULL");
SQL(Q_OF, 1, "SELECT node, purpose, agreement, arrived, days, coalesce(shortened, agreement) AS limits FROM record_received WHERE record=?1");
SQL(Q_SHORTER, 3, "UPDATE record_received SET days=?2, shortened=?3 WHERE record=?1");
SQL(Q_END, 1, "DELETE FROM record_received WHERE record=?1");
SQL(Q_OF_TYPE, 4, "SELECT r.id AS id FROM record_received c JOIN record r ON r.id=c.record WHERE r.type=?1 AND c.node<>?2 AND r.owner<>?3 AND r.state<>'erased'"
    " ORDER BY c.arrived DESC LIMIT ?4");
struct one_id { struct id id; };
static const struct field ONE_ID[] = { FIELD(struct one_id, id) };
static const struct field RECEIVED[] = { FIELD(struct received, node), FIELD(struct received, purpose), FIELD(struct received, agreement), FIELD(struct received, arrived),
	FIELD(struct received, days), FIELD(struct received, limits) };
#define DAY_MS (24LL * 3600 * 1000)

int record_received(struct work *w, struct id record, struct received *out, struct err *err)
{
	return DB_ONE(w->tx, &Q_OF, RECEIVED, out, w->mem, err, db_id(record));
}

static int terms_now(struct work *w, struct str node, struct str purpose, const struct type *t, struct received_terms *terms, struct err *err)
{
	const struct line *line = &w->node->hooks->line;
	*terms = (struct received_terms){ -1, { (const uint8_t *)"", 0 } };
	return line->terms ? line->terms(w, node, purpose, t->name, terms, err) : 0;
}

int received_note(struct work *w, const struct record *r, struct str from, struct err *err)
{
	struct received_terms terms;
	if (str_eq(r->owner, w->node->name))
		return received_forget(w, r->id, err);
	return terms_now(w, from, w->purpose, r->type, &terms, err) < 0 ||
	    DB_RUN(w->tx, &Q_KEEP, err, db_id(r->id), db_text(from), db_text(w->purpose), db_blob(terms.agreement), db_time(w->now_ms), db_int(terms.days)) < 0 ? -1 : 0;
}

int received_forget(struct work *w, struct id record, struct err *err)
{
	return DB_RUN(w->tx, &Q_END, err, db_id(record)) < 0 ? -1 : 0;
}

int received_due(struct work *w, const struct record *r, int64_t *due, struct str *rule, struct err *err)
{
	struct received here;
	struct received_terms now;
	*due = RETENTION_NEVER;
	int rc = !r->type->personal || str_eq(r->owner, w->node->name) ? 0 : record_received(w, r->id, &here, err);
	if (rc <= 0)
		return rc;
	rc = terms_now(w, here.node, here.purpose, r->type, &now, err);
	if (rc < 0)
		return -1;
	if (rc == 1 && (here.days < 0 || now.days < here.days)) {
		here.days = now.days;
		if (DB_RUN(w->tx, &Q_SHORTER, err, db_id(r->id), db_int(now.days), db_blob(now.agreement)) < 0)
			return -1;
	}
	if (here.days < 0)
		return 0;
	*due = here.arrived + here.days * DAY_MS;
	*rule = str_fmt(w->mem, "agreement+P%lldD", (long long)here.days);
	return 0;
}

int record_received_of(struct work *w, const struct type *t, struct str but_from, size_t limit, struct id **ids, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_OF_TYPE, ONE_ID, w->mem, db_text(t->name), db_text(but_from), db_text(w->node->name), db_int((int64_t)limit));
	struct one_id row;
	int rc = 0;
	*ids = NEW_ARRAY(w->mem, struct id, limit + 1);
	*n = 0;
	while (*n < limit && (rc = db_next(&rows, &row, err)) == DB_ROW)
		(*ids)[(*n)++] = row.id;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}
