#ifndef STORE_STORE_H
#define STORE_STORE_H
/* store: one small typed interface over SQLite (and PostgreSQL, later). It never sees a key.

   SQL is a named constant of its room; parameters are ?1 ?2 ..., typed and counted at compile time. A row is read by a table of fields;
   the member's C type gives the kind. One writer: `node`. A transaction is a tick; a work item is a savepoint in it.

       SQL(Q_SENT, 2, "UPDATE outbox SET sent_at=?1 WHERE id=?2 AND sent_at IS NULL");
       if (DB_RUN(tx, &Q_SENT, err, db_time(now), db_id(message)) < 0) return -1;

       struct stop { struct id id; struct str place; int64_t count; };
       static const struct field STOP[] = { FIELD(struct stop, id), FIELD(struct stop, place), FIELD(struct stop, count) };
       struct rows rows = DB_QUERY(tx, &Q_STOPS, STOP, mem, err, db_id(convoy));
       struct stop s;
       while ((rc = db_next(&rows, &s, err)) == DB_ROW) ...         /+ 1 row, 0 end, -1 error; columns in the order of the table +/
   Text and blobs of a row live in the arena that DB_QUERY was given. A query that fails to start gives the error at the first db_next. */
#include "base/base.h"

struct store;
struct tx;                              /* the open transaction; also where reads happen */

struct sql { const char *name, *text; int args; };
#define SQL(NAME, ARGS, TEXT) static const struct sql NAME = { #NAME, TEXT, ARGS }

enum db_kind { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };
struct db_value { enum db_kind kind; int64_t i; struct str s; uint8_t raw[16]; };
struct db_value db_null(void);
struct db_value db_int(int64_t);
struct db_value db_bool(bool);
struct db_value db_text(struct str);
struct db_value db_z(const char *);
struct db_value db_blob(struct bytes);
struct db_value db_id(struct id);       /* 16 bytes; the none id is NULL */
struct db_value db_time(int64_t ms);    /* 0 is NULL */

/* The number of rows changed, or -1. ERR_CONFLICT for a uniqueness violation, ERR_FULL, ERR_BUSY, else ERR_FAULT. */
int db_run(struct tx *, const struct sql *, struct err *, const struct db_value *, int n);
#define DB_RUN(tx, q, err, ...) db_run((tx), (q), (err), DB_ARGS_(__VA_ARGS__))
#define DB_ARGS_(...) (const struct db_value[]){ __VA_ARGS__ __VA_OPT__(,) { 0 } }, \
	(int)(sizeof((const struct db_value[]){ __VA_ARGS__ __VA_OPT__(,) { 0 } }) / sizeof(struct db_value)) - 1

enum field_kind { FIELD_INT, FIELD_BOOL, FIELD_STR, FIELD_BYTES, FIELD_ID };
struct field { const char *name; enum field_kind kind; size_t at; };
#define FIELD(type, member) { #member, _Generic(((type *)0)->member, int64_t: FIELD_INT, bool: FIELD_BOOL, struct str: FIELD_STR, \
	struct bytes: FIELD_BYTES, struct id: FIELD_ID), offsetof(type, member) }

#define DB_ROW 1
struct rows { struct tx *tx; void *statement; const struct field *fields; size_t n; struct arena *mem; struct err failed; };
struct rows db_query(struct tx *, const struct sql *, const struct field *, size_t nfields, struct arena *, const struct db_value *, int n);
#define DB_QUERY(tx, q, fields, mem, ...) db_query((tx), (q), (fields), COUNT(fields), (mem), DB_ARGS_(__VA_ARGS__))
int db_next(struct rows *, void *out, struct err *);    /* ends itself at the end or an error */
void db_end(struct rows *);                             /* only when leaving early */
/* Exactly one row: 1; none: 0; -1. */
#define DB_ONE(tx, q, fields, out, mem, err, ...) db_one((tx), (q), (fields), COUNT(fields), (out), (mem), (err), DB_ARGS_(__VA_ARGS__))
int db_one(struct tx *, const struct sql *, const struct field *, size_t nfields, void *out, struct arena *, struct err *, const struct db_value *, int n);
/* One integer of one row, or `otherwise` where there is none; errors give -1 in *rc (may be NULL). */
#define DB_COUNT(tx, q, ...) db_count((tx), (q), DB_ARGS_(__VA_ARGS__))
int64_t db_count(struct tx *, const struct sql *, const struct db_value *, int n);    /* -1 on error or no row */

/* A room's tables: statements run once, in order; the store keeps (room, number) of what ran. Add at the end, never change one that shipped. */
struct migrations { const char *room; const char *const *sql; size_t n; };

int store_open(struct arena *, const char *path, struct store **out, struct err *);           /* creates; WAL, synchronous=FULL, foreign keys */
int store_open_reader(struct arena *, const char *path, struct store **out, struct err *);    /* another process's database, read only */
void store_close(struct store *);
int store_migrate(struct store *, const struct migrations *const *, size_t n, struct err *);
struct tx *store_tx(struct store *);                                  /* the handle for reads outside a transaction too */
int tx_begin(struct tx *, struct err *);                              /* BEGIN IMMEDIATE */
int tx_commit(struct tx *, struct err *);                             /* durable when it returns 0; ERR_FULL, ERR_BUSY: rolled back */
void tx_rollback(struct tx *);
bool tx_is_open(struct tx *);                                         /* SQLite ends a transaction itself on some errors */
int tx_savepoint(struct tx *, struct err *);                          /* one level */
int tx_release(struct tx *, struct err *);
int tx_back(struct tx *, struct err *);                               /* ROLLBACK TO and RELEASE */
int store_checkpoint(struct store *, struct err *);                   /* passive WAL checkpoint once it has 1,000 pages; between ticks */
int store_check(struct store *, struct err *);                        /* the file is whole: ERR_FORMAT where it is not */
int store_backup(struct store *, const char *to_path, struct err *);  /* a consistent copy (VACUUM INTO a temporary file, fsync, rename) */
#endif
