#include "store/store_i.h"

SQL(Q_APPLIED, 2, "SELECT statement FROM store_migration WHERE room=?1 AND number=?2");
SQL(Q_APPLY, 3, "INSERT INTO store_migration(room, number, statement) VALUES(?1,?2,?3)");
struct applied { struct str statement; };
static const struct field APPLIED[] = { FIELD(struct applied, statement) };

static int migrate_one(struct tx *tx, struct arena *mem, const char *room, size_t number, const char *sql, struct err *err)
{
	struct applied a;
	int rc = DB_ONE(tx, &Q_APPLIED, APPLIED, &a, mem, err, db_z(room), db_int((int64_t)number));
	if (rc < 0)
		return -1;
	if (rc == DB_ROW)
		return str_is(a.statement, sql) ? 0 : err_set(err, ERR_FAULT, "migration %s %zu was changed after it shipped", room, number);
	if (sqlite_exec(tx, sql, err) < 0)
		return err_add(err, "migration %s %zu", room, number);
	return DB_RUN(tx, &Q_APPLY, err, db_z(room), db_int((int64_t)number), db_z(sql)) < 0 ? -1 : 0;
}

int store_migrate(struct store *s, const struct migrations *const *sets, size_t n, struct err *err)
{
	struct tx *tx = &s->tx;
	struct arena *mem = arena_new((size_t)16 << 20);
	int rc = sqlite_exec(tx, "CREATE TABLE IF NOT EXISTS store_migration(room TEXT NOT NULL, number INTEGER NOT NULL, statement TEXT NOT NULL,"
	    " PRIMARY KEY(room, number)) STRICT", err);
	if (rc == 0)
		rc = tx_begin(tx, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		for (size_t k = 0; rc == 0 && k < sets[i]->n; k++)
			rc = migrate_one(tx, mem, sets[i]->room, k, sets[i]->sql[k], err);
	if (rc == 0)
		rc = tx_commit(tx, err);
	else
		tx_rollback(tx);
	arena_free(mem);
	return rc;
}
