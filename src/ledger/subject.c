#include "ledger/ledger_i.h"

/* "Who saw this": private to the node, deleted with the subject. */
SQL(Q_SIGHTINGS, 2, "SELECT e.n, e.line FROM log_subject s JOIN log_entry e ON e.n=s.n WHERE s.handle=?1 ORDER BY s.n DESC LIMIT ?2");
SQL(Q_FORGET, 1, "DELETE FROM log_subject WHERE handle=?1");
static const struct field SIGHTING[] = { FIELD(struct sighting, index), FIELD(struct sighting, line) };

int ledger_sightings(struct arena *mem, struct tx *tx, struct handle h, size_t limit, struct sighting **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(tx, &Q_SIGHTINGS, SIGHTING, mem, db_blob(bytes_of(h.b, HANDLE_BYTES)), db_int((int64_t)limit));
	int rc = 0;
	*n = 0;
	*out = NEW_ARRAY(mem, struct sighting, limit);
	while (*n < limit && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		++*n;
	db_end(&rows);
	return *n < limit && rc < 0 ? -1 : 0;
}

int ledger_forget(struct tx *tx, struct handle h, struct err *err)
{
	return DB_RUN(tx, &Q_FORGET, err, db_blob(bytes_of(h.b, HANDLE_BYTES))) < 0 ? -1 : 0;
}
