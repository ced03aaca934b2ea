#include "record/record_i.h"

#define SHOWN_MAX 500
SQL(Q_VERSIONS, 2, "SELECT version, at, coalesce(event, 0), role, act, move, state, digest, account FROM record_version WHERE record=?1 ORDER BY version DESC LIMIT ?2");
struct version_row { int64_t version, at, event; struct str role, act, move, state; struct bytes digest; struct id account; };
static const struct field VERSION_ROW[] = { FIELD(struct version_row, version), FIELD(struct version_row, at), FIELD(struct version_row, event),
	FIELD(struct version_row, role), FIELD(struct version_row, act), FIELD(struct version_row, move), FIELD(struct version_row, state),
	FIELD(struct version_row, digest), FIELD(struct version_row, account) };

int record_history(struct work *w, struct id id, struct record_version **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_VERSIONS, VERSION_ROW, w->mem, db_id(id), db_int(SHOWN_MAX));
	struct version_row v;
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct record_version, SHOWN_MAX);
	*n = 0;
	while (*n < SHOWN_MAX && (rc = db_next(&rows, &v, err)) == DB_ROW)
		(*out)[(*n)++] = (struct record_version){ v.version, v.at, v.event, v.role, v.act, v.move, v.state, hex(w->mem, v.digest), v.account };
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int record_sightings(struct work *w, struct id id, struct sighting **out, size_t *n, struct err *err)
{
	struct record r;
	struct handle h;
	if (record_head(w, id, &r, err) < 0)
		return -1;
	struct id subject = id_none(r.subject) ? r.id : r.subject;
	if (keys_handles(w->node->keys, r.type->side, &subject, 1, &h, err) < 0)
		return -1;
	return ledger_sightings(w->mem, w->tx, h, SHOWN_MAX, out, n, err);
}
