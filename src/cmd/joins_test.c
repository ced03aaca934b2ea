/* What the one table must hold: a wrapped key that no room names would not survive a rotation. */
#include "cmd/cmd.h"
#include "record/rotate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

SQL(Q_WRAPPED, 0, "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type='table' AND c.type='BLOB' AND c.name LIKE '%wrapped%'");
struct table { struct str name; };
static const struct field TABLE[] = { FIELD(struct table, name) };

static bool joined(struct str name)
{
	for (const struct wrapped_keys *const *list = JOINED_WRAPPED; *list; list++)
		for (const struct wrapped_keys *t = *list; t->name; t++)
			if (str_is(name, t->name))
				return true;
	return false;
}

static void every_wrapped_key_is_joined(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)64 << 20);
	struct store *store;
	struct err err = { 0 };
	struct table t;
	size_t seen = 0;
	int rc;
	assert_int_equal(store_open(mem, ":memory:", &store, &err), 0);
	assert_int_equal(store_migrate(store, JOINED_MIGRATIONS, JOINED_MIGRATIONS_COUNT, &err), 0);
	struct rows rows = DB_QUERY(store_tx(store), &Q_WRAPPED, TABLE, mem);
	while ((rc = db_next(&rows, &t, &err)) == DB_ROW) {
		seen++;
		if (!joined(t.name))
			fail_msg("no room names the wrapped keys of table " S_FMT, S_ARG(t.name));
	}
	assert_int_equal(rc, 0);
	assert_true(seen >= 2);
	store_close(store);
	arena_free(mem);
}

/* Each statement prepares and takes what the rotation gives it. */
static void the_statements_of_wrapped_keys_run(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)64 << 20);
	struct store *store;
	struct err err = { 0 };
	assert_int_equal(store_open(mem, ":memory:", &store, &err), 0);
	assert_int_equal(store_migrate(store, JOINED_MIGRATIONS, JOINED_MIGRATIONS_COUNT, &err), 0);
	struct work w = { .tx = store_tx(store), .mem = mem };
	struct bytes id = str_bytes(STR("0123456789abcdef"));
	for (const struct wrapped_keys *const *list = JOINED_WRAPPED; *list; list++) {
		for (const struct wrapped_keys *t = *list; t->name; t++) {
			struct wrapped_row row;
			size_t n;
			assert_int_equal(wrapped_page(&w, t, id, 1, &row, &n, &err), 0);
			assert_int_equal(n, 0);
			assert_int_equal(DB_RUN(w.tx, t->put, &err, db_blob(id), db_blob(id)), 0);
			assert_int_equal(DB_RUN(w.tx, t->drop, &err, db_blob(id)), 0);
		}
	}
	store_close(store);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_wrapped_key_is_joined), cmocka_unit_test(the_statements_of_wrapped_keys_run) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
