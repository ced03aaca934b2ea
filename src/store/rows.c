#include "store/store_i.h"

struct db_value db_null(void)
{
	return (struct db_value){ .kind = DB_NULL };
}

struct db_value db_int(int64_t i)
{
	return (struct db_value){ .kind = DB_INT, .i = i };
}

struct db_value db_bool(bool b)
{
	return db_int(b ? 1 : 0);
}

struct db_value db_text(struct str s)
{
	return (struct db_value){ .kind = DB_TEXT, .s = s };
}

struct db_value db_z(const char *z)
{
	return db_text(str_of(z));
}

struct db_value db_blob(struct bytes b)
{
	return (struct db_value){ .kind = DB_BLOB, .s = bytes_str(b) };
}

/* The bytes of an id stand in the value itself (raw), so that a temporary may be passed. */
struct db_value db_id(struct id id)
{
	struct db_value v = { .kind = id_none(id) ? DB_NULL : DB_BLOB, .s = { NULL, sizeof id.b } };
	memcpy(v.raw, id.b, sizeof id.b);
	return v;
}

struct db_value db_time(int64_t ms)
{
	return ms ? db_int(ms) : db_null();
}

static sqlite3_stmt *prepared(struct tx *tx, const struct sql *q)
{
	size_t at = ((uintptr_t)q >> 4) % STATEMENT_SLOTS, looked = 0;
	while (tx->slots[at].sql && tx->slots[at].sql != q) {
		at = (at + 1) % STATEMENT_SLOTS;
		if (++looked == STATEMENT_SLOTS)
			die("store: too many statements");
	}
	struct slot *slot = &tx->slots[at];
	if (slot->sql)
		return slot->statement;
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v3(tx->db, q->text, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK)
		die("store: %s does not prepare: %s", q->name, sqlite3_errmsg(tx->db));
	if (sqlite3_bind_parameter_count(st) != q->args)
		die("store: %s declares %d parameters", q->name, q->args);
	*slot = (struct slot){ q, st };
	return st;
}

/* `keep`: the values end before the last row is read, so SQLite takes a copy. */
static int bind(sqlite3_stmt *st, int at, const struct db_value *v, bool keep)
{
	sqlite3_destructor_type how = keep ? SQLITE_TRANSIENT : SQLITE_STATIC;
	switch (v->kind) {
	case DB_NULL:
		return sqlite3_bind_null(st, at);
	case DB_INT:
		return sqlite3_bind_int64(st, at, v->i);
	case DB_TEXT:
		return sqlite3_bind_text64(st, at, v->s.p ? v->s.p : "", v->s.n, how, SQLITE_UTF8);
	case DB_BLOB:
		return sqlite3_bind_blob64(st, at, v->s.p ? (const void *)v->s.p : v->raw, v->s.n, how);
	}
	return SQLITE_MISUSE;
}

static sqlite3_stmt *start(struct tx *tx, const struct sql *q, const struct db_value *v, int n, bool keep)
{
	sqlite3_stmt *st = prepared(tx, q);
	if (n != q->args)
		die("store: %s wants %d values and got %d", q->name, q->args, n);
	if (sqlite3_stmt_busy(st))
		die("store: %s is used inside itself", q->name);
	for (int i = 0; i < n; i++)
		if (bind(st, i + 1, &v[i], keep) != SQLITE_OK)
			die("store: %s: value %d cannot be bound", q->name, i + 1);
	return st;
}

int db_run(struct tx *tx, const struct sql *q, struct err *err, const struct db_value *v, int n)
{
	sqlite3_stmt *st = start(tx, q, v, n, false);
	int rc = sqlite3_step(st);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		sqlite_failed(tx, err, q->name);
	sqlite3_reset(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? sqlite3_changes(tx->db) : -1;
}

static struct rows query(struct tx *tx, const struct sql *q, const struct field *fields, size_t nfields, struct arena *mem, sqlite3_stmt *st)
{
	if (sqlite3_column_count(st) != (int)nfields)
		die("store: %s gives %d columns for %zu fields", q->name, sqlite3_column_count(st), nfields);
	return (struct rows){ .tx = tx, .statement = st, .fields = fields, .n = nfields, .mem = mem };
}

struct rows db_query(struct tx *tx, const struct sql *q, const struct field *fields, size_t nfields, struct arena *mem, const struct db_value *v, int n)
{
	return query(tx, q, fields, nfields, mem, start(tx, q, v, n, true));
}

static void read_column(struct rows *r, sqlite3_stmt *st, int i, const struct field *f, uint8_t *out)
{
	void *at = out + f->at;
	switch (f->kind) {
	case FIELD_INT:
		*(int64_t *)at = sqlite3_column_int64(st, i);
		return;
	case FIELD_BOOL:
		*(bool *)at = sqlite3_column_int64(st, i) != 0;
		return;
	case FIELD_STR: {
		const void *p = sqlite3_column_text(st, i);
		*(struct str *)at = str_dup(r->mem, (struct str){ p, (size_t)sqlite3_column_bytes(st, i) });
		return;
	}
	case FIELD_BYTES: {
		const void *p = sqlite3_column_blob(st, i);
		*(struct bytes *)at = bytes_dup(r->mem, bytes_of(p, (size_t)sqlite3_column_bytes(st, i)));
		return;
	}
	case FIELD_ID: {
		struct id id = { 0 };
		const void *p = sqlite3_column_blob(st, i);
		if (p && sqlite3_column_bytes(st, i) == (int)sizeof id.b)
			memcpy(id.b, p, sizeof id.b);
		*(struct id *)at = id;
		return;
	}
	}
}

int db_next(struct rows *r, void *out, struct err *err)
{
	sqlite3_stmt *st = r->statement;
	if (!st)
		return 0;
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		for (size_t i = 0; i < r->n; i++)
			read_column(r, st, (int)i, &r->fields[i], out);
		return DB_ROW;
	}
	if (rc != SQLITE_DONE)
		sqlite_failed(r->tx, err, "query");
	db_end(r);
	return rc == SQLITE_DONE ? 0 : -1;
}

void db_end(struct rows *r)
{
	if (r->statement)
		sqlite3_reset(r->statement);
	r->statement = NULL;
}

int db_one(struct tx *tx, const struct sql *q, const struct field *fields, size_t nfields, void *out, struct arena *mem, struct err *err,
    const struct db_value *v, int n)
{
	struct rows r = query(tx, q, fields, nfields, mem, start(tx, q, v, n, false));
	int rc = db_next(&r, out, err);
	db_end(&r);
	return rc;
}

int64_t db_count(struct tx *tx, const struct sql *q, const struct db_value *v, int n)
{
	sqlite3_stmt *st = start(tx, q, v, n, false);
	int64_t count = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
	sqlite3_reset(st);
	return count;
}
