#include "store/store_i.h"
#include <errno.h>

#define CHECKPOINT_PAGES 1000
SQL(Q_SAVEPOINT, 0, "SAVEPOINT item");
SQL(Q_RELEASE, 0, "RELEASE item");

/* SQLite says "full" of ENOSPC alone; a quota, a limit of the file's size and the shared-memory file come as errors of input and output. */
static bool no_room(struct tx *tx, int code)
{
	int why = sqlite3_system_errno(tx->db);
	return (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_TRUNCATE) && (why == ENOSPC || why == EDQUOT || why == EFBIG);
}

int sqlite_failed(struct tx *tx, struct err *err, const char *what)
{
	int code = sqlite3_extended_errcode(tx->db), base = code & 0xff;
	enum err_code to = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID ? ERR_CONFLICT :
	    base == SQLITE_FULL || no_room(tx, code) ? ERR_FULL : base == SQLITE_BUSY || base == SQLITE_LOCKED ? ERR_BUSY : ERR_FAULT;
	return err_set(err, to, "%s: %s", what, sqlite3_errstr(code));      /* errmsg could quote values: not in a log */
}

int sqlite_exec(struct tx *tx, const char *sql, struct err *err)
{
	return sqlite3_exec(tx->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : sqlite_failed(tx, err, "statement");
}

static int open_with(struct arena *mem, const char *path, int flags, struct store **out, struct err *err)
{
	struct store *s = NEW(mem, struct store);
	*out = s;
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);      /* before the first database of the process: no lock around each allocation */
	if (sqlite3_open_v2(path, &s->tx.db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		sqlite3_close(s->tx.db);
		s->tx.db = NULL;
		return err_set(err, ERR_NOT_FOUND, "the database %s cannot be opened", path);
	}
	sqlite3_busy_timeout(s->tx.db, 5000);
	return 0;
}

/* Called by SQLite after each commit with the length of the WAL. */
static int on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct tx *tx = arg;
	(void)db;
	(void)name;
	tx->wal_pages = pages;
	return SQLITE_OK;
}

int store_open(struct arena *mem, const char *path, struct store **out, struct err *err)
{
	if (open_with(mem, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, out, err) < 0)
		return -1;
	struct tx *tx = &(*out)->tx;
	if (sqlite_exec(tx, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
	    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000", err) < 0)
		return err_add(err, "opening %s", path);
	sqlite3_wal_hook(tx->db, on_wal, tx);
	return 0;
}

int store_open_reader(struct arena *mem, const char *path, struct store **out, struct err *err)
{
	if (open_with(mem, path, SQLITE_OPEN_READONLY, out, err) < 0)
		return -1;
	(*out)->reader = true;
	return sqlite_exec(&(*out)->tx, "PRAGMA query_only=ON", err);
}

void store_close(struct store *s)
{
	for (size_t i = 0; i < STATEMENT_SLOTS; i++)
		sqlite3_finalize(s->tx.slots[i].statement);
	sqlite3_close(s->tx.db);
	memset(s, 0, sizeof *s);
}

struct tx *store_tx(struct store *s)
{
	return &s->tx;
}

int tx_begin(struct tx *tx, struct err *err)
{
	return sqlite_exec(tx, "BEGIN IMMEDIATE", err);
}

int tx_commit(struct tx *tx, struct err *err)
{
	if (sqlite_exec(tx, "COMMIT", err) == 0)
		return 0;
	tx_rollback(tx);
	return err_add(err, "commit");
}

bool tx_is_open(struct tx *tx)
{
	return !sqlite3_get_autocommit(tx->db);
}

void tx_rollback(struct tx *tx)
{
	if (!sqlite3_get_autocommit(tx->db))
		sqlite3_exec(tx->db, "ROLLBACK", NULL, NULL, NULL);
}

int tx_savepoint(struct tx *tx, struct err *err)
{
	return DB_RUN(tx, &Q_SAVEPOINT, err) < 0 ? -1 : 0;
}

int tx_release(struct tx *tx, struct err *err)
{
	return DB_RUN(tx, &Q_RELEASE, err) < 0 ? -1 : 0;
}

int tx_back(struct tx *tx, struct err *err)
{
	return sqlite_exec(tx, "ROLLBACK TO item; RELEASE item", err);
}

int store_checkpoint(struct store *s, struct err *err)
{
	if (s->tx.wal_pages < CHECKPOINT_PAGES)
		return 0;
	s->tx.wal_pages = 0;
	int rc = sqlite3_wal_checkpoint_v2(s->tx.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return rc == SQLITE_OK || rc == SQLITE_BUSY ? 0 : sqlite_failed(&s->tx, err, "checkpoint");
}
