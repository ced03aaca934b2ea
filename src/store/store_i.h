#ifndef STORE_STORE_I_H
#define STORE_STORE_I_H
#include "store/store.h"
#include <sqlite3.h>

/* Prepared statements are kept by the address of their struct sql: a statement is prepared once for the life of the store. */
#define STATEMENT_SLOTS 1024
struct slot { const struct sql *sql; sqlite3_stmt *statement; };
struct tx { sqlite3 *db; int wal_pages; struct slot slots[STATEMENT_SLOTS]; };
struct store { struct tx tx; bool reader; };

int sqlite_failed(struct tx *, struct err *, const char *what);      /* always -1, with the code that fits */
int sqlite_exec(struct tx *, const char *sql, struct err *);
#endif
