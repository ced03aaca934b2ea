/* The store as its callers use it: what was refused left nothing, what was committed is there. */
#include "store/store.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *mem;
static char folder[64];
static struct store *store;
static struct tx *tx;

static const char *const SQL_V1[] = { "CREATE TABLE thing(id BLOB PRIMARY KEY, place TEXT, count INTEGER, open INTEGER, body BLOB) STRICT",
	"CREATE TABLE part(thing BLOB NOT NULL REFERENCES thing(id), n INTEGER NOT NULL, UNIQUE(thing, n)) STRICT" };
static const struct migrations V1 = { "test", SQL_V1, COUNT(SQL_V1) };
static const struct migrations *const SET[] = { &V1 };

struct thing { struct id id; struct str place; int64_t count; bool open; struct bytes body; };
static const struct field THING[] = { FIELD(struct thing, id), FIELD(struct thing, place), FIELD(struct thing, count), FIELD(struct thing, open), FIELD(struct thing, body) };
SQL(Q_ADD, 5, "INSERT INTO thing(id,place,count,open,body) VALUES(?1,?2,?3,?4,?5)");
SQL(Q_GET, 1, "SELECT id,place,count,open,body FROM thing WHERE id=?1");
SQL(Q_ALL, 0, "SELECT id,place,count,open,body FROM thing ORDER BY id");
SQL(Q_COUNT, 0, "SELECT count(*) FROM thing");
SQL(Q_NULLS, 0, "SELECT (id IS NULL)+(place IS NULL)+(count IS NULL)+(open IS NULL)+(body IS NULL) FROM thing");
SQL(Q_MOVE, 1, "UPDATE thing SET count=count+?1");
SQL(Q_PART, 2, "INSERT INTO part(thing,n) VALUES(?1,?2)");

static const char *in_folder(const char *name)
{
	return str_z(mem, str_fmt(mem, "%s/%s", folder, name));
}

static int setup(void **state)
{
	(void)state;
	struct err err = { 0 };
	mem = arena_new((size_t)64 << 20);
	snprintf(folder, sizeof folder, "%s", "/tmp/store_test.XXXXXX");
	if (!mkdtemp(folder) || store_open(mem, in_folder("db"), &store, &err) < 0 || store_migrate(store, SET, 1, &err) < 0)
		fail_msg("%s", err.log);
	tx = store_tx(store);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	static const char *const NAMES[] = { "db", "db-wal", "db-shm", "copy", "copy-wal", "copy-shm", "copy.part" };
	store_close(store);
	for (size_t i = 0; i < COUNT(NAMES); i++)
		unlink(in_folder(NAMES[i]));
	rmdir(folder);
	arena_free(mem);
	return 0;
}

static struct id id_of(uint8_t n)
{
	return (struct id){ { [15] = n } };
}

static int add(uint8_t n, struct err *err)
{
	return DB_RUN(tx, &Q_ADD, err, db_id(id_of(n)), db_z("place"), db_int(n), db_bool(true), db_null());
}

static void must(int rc, const struct err *err)
{
	if (rc < 0)
		fail_msg("%s", err->log);
}

static void add_committed(uint8_t n)
{
	struct err err = { 0 };
	must(tx_begin(tx, &err), &err);
	assert_int_equal(add(n, &err), 1);
	must(tx_commit(tx, &err), &err);
}

static void test_migrations_run_once_and_may_only_grow(void **state)
{
	(void)state;
	static const char *const MORE[] = { "CREATE TABLE thing(id BLOB PRIMARY KEY, place TEXT, count INTEGER, open INTEGER, body BLOB) STRICT",
		"CREATE TABLE part(thing BLOB NOT NULL REFERENCES thing(id), n INTEGER NOT NULL, UNIQUE(thing, n)) STRICT", "CREATE TABLE later(a INTEGER) STRICT",
		"INSERT INTO later VALUES(1)" };
	static const char *const CHANGED[] = { "CREATE TABLE other(a INTEGER) STRICT", "CREATE TABLE thing(id BLOB PRIMARY KEY) STRICT" };
	static const char *const BROKEN[] = { "CREATE TABLE half(a INTEGER) STRICT", "CREATE TABLE half(a INTEGER) STRICT" };
	static const struct migrations GROWN = { "test", MORE, COUNT(MORE) }, OLD = { "test", CHANGED, COUNT(CHANGED) }, BAD = { "bad", BROKEN, COUNT(BROKEN) };
	const struct migrations *const grown[] = { &GROWN }, *const changed[] = { &OLD }, *const bad[] = { &BAD };
	SQL(Q_LATER, 0, "SELECT count(*) FROM later");
	SQL(Q_TABLE, 1, "SELECT count(*) FROM sqlite_schema WHERE name=?1");
	struct err err = { 0 };
	add_committed(1);
	for (int i = 0; i < 3; i++)
		must(store_migrate(store, grown, 1, &err), &err);
	assert_int_equal(DB_COUNT(tx, &Q_LATER), 1);
	assert_int_equal(DB_COUNT(tx, &Q_COUNT), 1);
	assert_int_equal(store_migrate(store, changed, 1, &err), -1);
	assert_int_equal(err.code, ERR_FAULT);
	assert_int_equal(DB_COUNT(tx, &Q_TABLE, db_z("other")), 0);
	assert_int_equal(store_migrate(store, bad, 1, NULL), -1);      /* the first half went back with the second */
	assert_int_equal(DB_COUNT(tx, &Q_TABLE, db_z("half")), 0);
	add_committed(2);
}

static void test_rows_of_every_kind_come_back(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct thing t;
	struct str arabic = STR("\xd8\xad\xd9\x84\xd8\xa8 'x\"; DROP TABLE thing;--");
	struct bytes raw = bytes_of("\0\xff\0", 3);
	must(tx_begin(tx, &err), &err);
	assert_int_equal(DB_RUN(tx, &Q_ADD, &err, db_id(id_of(7)), db_text(arabic), db_int(INT64_MIN), db_bool(true), db_blob(raw)), 1);
	must(tx_commit(tx, &err), &err);
	assert_int_equal(DB_ONE(tx, &Q_GET, THING, &t, mem, &err, db_id(id_of(7))), DB_ROW);
	assert_true(id_eq(t.id, id_of(7)) && str_eq(t.place, arabic) && t.count == INT64_MIN && t.open && bytes_eq(t.body, raw));
	assert_int_equal(DB_ONE(tx, &Q_GET, THING, &t, mem, &err, db_id(id_of(8))), 0);
	assert_int_equal(DB_RUN(tx, &Q_MOVE, &err, db_int(5)), 1);
}

static void test_nothing_is_null_and_empty_is_not(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct thing t;
	assert_int_equal(DB_RUN(tx, &Q_ADD, &err, db_id(id_of(1)), db_null(), db_time(0), db_null(), db_id(id_of(0))), 1);
	assert_int_equal(DB_COUNT(tx, &Q_NULLS), 4);
	struct rows rows = DB_QUERY(tx, &Q_ALL, THING, mem);
	assert_int_equal(db_next(&rows, &t, &err), DB_ROW);
	assert_true(!t.place.n && t.count == 0 && !t.open && !t.body.n);
	assert_int_equal(db_next(&rows, &t, &err), 0);
	struct owner { struct id body; } owner = { id_of(9) };
	static const struct field OWNER[] = { FIELD(struct owner, body) };
	SQL(Q_OWNER, 0, "SELECT body FROM thing");
	assert_int_equal(DB_ONE(tx, &Q_OWNER, OWNER, &owner, mem, &err), DB_ROW);
	assert_true(id_none(owner.body));
	SQL(Q_EMPTY, 2, "SELECT typeof(?1)='text' AND typeof(?2)='blob'");
	assert_int_equal(DB_COUNT(tx, &Q_EMPTY, db_text((struct str){ 0 }), db_blob((struct bytes){ 0 })), 1);
}

static void test_rows_come_in_order_and_may_be_left_early(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct thing t;
	for (uint8_t n = 5; n > 0; n--)
		add_committed(n);
	for (int round = 0; round < 2; round++) {
		struct rows rows = DB_QUERY(tx, &Q_ALL, THING, mem);
		assert_int_equal(db_next(&rows, &t, &err), DB_ROW);
		assert_int_equal(db_next(&rows, &t, &err), DB_ROW);
		assert_int_equal(t.count, 2);
		db_end(&rows);
		assert_int_equal(db_next(&rows, &t, &err), 0);
	}
}

static void test_a_second_of_the_same_is_a_conflict(void **state)
{
	(void)state;
	struct err err = { 0 };
	add_committed(1);
	assert_int_equal(add(1, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	err = (struct err){ 0 };
	assert_int_equal(DB_RUN(tx, &Q_PART, &err, db_id(id_of(1)), db_int(1)), 1);
	assert_int_equal(DB_RUN(tx, &Q_PART, &err, db_id(id_of(1)), db_int(1)), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	err = (struct err){ 0 };
	assert_int_equal(DB_RUN(tx, &Q_PART, &err, db_id(id_of(99)), db_int(1)), -1);      /* of a thing that is not there */
	assert_int_equal(err.code, ERR_FAULT);
	assert_int_equal(DB_COUNT(tx, &Q_COUNT), 1);
}

static void test_an_item_goes_back_alone(void **state)
{
	(void)state;
	struct err err = { 0 };
	must(tx_begin(tx, &err), &err);
	must(tx_savepoint(tx, &err), &err);
	assert_int_equal(add(1, &err), 1);
	must(tx_release(tx, &err), &err);
	must(tx_savepoint(tx, &err), &err);
	assert_int_equal(add(2, &err), 1);
	assert_int_equal(add(1, NULL), -1);
	must(tx_back(tx, &err), &err);
	must(tx_savepoint(tx, &err), &err);
	assert_int_equal(add(3, &err), 1);
	must(tx_release(tx, &err), &err);
	must(tx_commit(tx, &err), &err);
	assert_int_equal(DB_COUNT(tx, &Q_COUNT), 2);
	must(tx_begin(tx, &err), &err);
	assert_int_equal(add(4, &err), 1);
	tx_rollback(tx);
	assert_int_equal(DB_COUNT(tx, &Q_COUNT), 2);
}

static void test_a_full_disk_leaves_nothing_half_done(void **state)
{
	(void)state;
	SQL(Q_PAGES, 0, "PRAGMA page_count");
	SQL(Q_LIMIT, 0, "PRAGMA max_page_count=40");
	SQL(Q_NO_LIMIT, 0, "PRAGMA max_page_count=1000000");
	struct err err = { 0 };
	uint8_t *body = arena_alloc(mem, 20000);
	int rc = 1;
	add_committed(1);
	assert_true(DB_COUNT(tx, &Q_PAGES) < 40);
	assert_int_equal(DB_COUNT(tx, &Q_LIMIT), 40);
	must(tx_begin(tx, &err), &err);
	for (uint8_t n = 2; rc == 1 && n < 100; n++)
		rc = DB_RUN(tx, &Q_ADD, &err, db_id(id_of(n)), db_null(), db_int(n), db_bool(false), db_blob(bytes_of(body, 20000)));
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_FULL);
	tx_rollback(tx);
	assert_int_equal(DB_COUNT(tx, &Q_COUNT), 1);
	assert_int_equal(DB_COUNT(tx, &Q_NO_LIMIT), 1000000);
	add_committed(2);      /* and goes on when there is room */
	assert_int_equal(DB_COUNT(tx, &Q_COUNT), 2);
}

static void test_a_reader_sees_what_is_committed_and_writes_nothing(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct store *reader;
	add_committed(1);
	must(store_open_reader(mem, in_folder("db"), &reader, &err), &err);
	must(tx_begin(tx, &err), &err);
	assert_int_equal(add(2, &err), 1);
	assert_int_equal(DB_COUNT(store_tx(reader), &Q_COUNT), 1);
	must(tx_commit(tx, &err), &err);
	assert_int_equal(DB_COUNT(store_tx(reader), &Q_COUNT), 2);
	assert_int_equal(DB_RUN(store_tx(reader), &Q_MOVE, &err, db_int(1)), -1);
	store_close(reader);
	assert_int_equal(store_open_reader(mem, in_folder("absent"), &reader, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	must(store_checkpoint(store, &err), &err);
}

static void test_a_backup_is_whole_and_replaces_the_last(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct store *copy;
	for (uint8_t n = 1; n <= 2; n++) {
		add_committed(n);
		must(store_backup(store, in_folder("copy"), &err), &err);
		must(store_open(mem, in_folder("copy"), &copy, &err), &err);
		assert_int_equal(DB_COUNT(store_tx(copy), &Q_COUNT), n);
		must(store_migrate(copy, SET, 1, &err), &err);
		store_close(copy);
	}
	assert_int_equal(access(in_folder("copy.part"), F_OK), -1);
	assert_int_equal(store_backup(store, "/nonexistent/copy", &err), -1);
	add_committed(3);      /* the copy stayed behind, the store goes on */
	must(store_open_reader(mem, in_folder("copy"), &copy, &err), &err);
	assert_int_equal(DB_COUNT(store_tx(copy), &Q_COUNT), 2);
	store_close(copy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_migrations_run_once_and_may_only_grow),
		TEST(test_rows_of_every_kind_come_back),
		TEST(test_nothing_is_null_and_empty_is_not),
		TEST(test_rows_come_in_order_and_may_be_left_early),
		TEST(test_a_second_of_the_same_is_a_conflict),
		TEST(test_an_item_goes_back_alone),
		TEST(test_a_full_disk_leaves_nothing_half_done),
		TEST(test_a_reader_sees_what_is_committed_and_writes_nothing),
		TEST(test_a_backup_is_whole_and_replaces_the_last),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
