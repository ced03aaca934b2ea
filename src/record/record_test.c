#include "record/record_i.h"
#include "record/rotate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* The invariants, attacked below the pages: with the shipped declarations, a database in memory and keys in this process. */

static const struct hooks NO_HOOKS = { 0 };
static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS, &RECORD_MIGRATIONS };
SQL(Q_SEALED, 1, "SELECT sealed FROM body WHERE record=?1 AND class='P'");
SQL(Q_WRAPPED, 0, "SELECT wrapped FROM subject_key");
struct raw { struct bytes b; };
static const struct field RAW[] = { FIELD(struct raw, b) };

static const struct wrapped_keys *const WRAPPED[] = { RECORD_WRAPPED, NULL };
struct bench { struct arena *mem; struct store *store; struct policy policy; struct types types; struct node node; struct keys *keys; };

static int kept(void *arg, struct bytes sealed)
{
	(void)arg;
	return sealed.n ? 0 : -1;
}

static struct bench bench_new(void)
{
	static const struct seal_lock lock = { .passes = 1, .mib = 8 };
	struct bench b = { .mem = arena_new((size_t)512 << 20) };
	struct err err = { 0 };
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	b.keys = keys_local(b.mem, &(struct keys_start){ .blob = keys_blob_new(b.mem, source_system()), .counters_fd = -1, .ceiling = 100000, .lock = &lock, .vault = { kept, NULL } }, &err);
	assert_int_equal(store_open(b.mem, ":memory:", &b.store, &err), 0);
	assert_int_equal(store_migrate(b.store, SETS, COUNT(SETS), &err), 0);
	assert_int_equal(policy_load(b.mem, bytes_str(bytes_of(roles->data, roles->n)), &b.policy, &err), 0);
	assert_int_equal(types_load(b.mem, &b.policy, &b.types, &err), 0);
	b.node = (struct node){ .name = STR("test.node"), .kind = STR("camp"), .keys = b.keys, .source = source_system(), .hooks = &NO_HOOKS, .wrapped = WRAPPED };
	assert_int_equal(ledger_open(b.mem, store_tx(b.store), b.keys, source_system(), STR("test.node"), &b.node.ledger, &err), 0);
	return b;
}

static void bench_end(struct bench *b)
{
	store_close(b->store);
	arena_free(b->mem);
}

static struct work work_of(struct bench *b, const char *role, const char *unit)
{
	b->node.types = &b->types;
	b->node.policy = &b->policy;
	struct work w = { .node = &b->node, .tx = store_tx(b->store), .mem = b->mem, .now_ms = source_now_ms(source_system()), .purpose = STR("registration"),
		.basis = STR("mandate") };
	w.actor = (struct actor){ .account = id_new(source_system()), .role = str_of(role), .unit = str_of(unit), .node = STR("test.node") };
	return w;
}

static struct id person(struct work *w, const char *name, const char *birth)
{
	struct id id;
	struct err err = { 0 };
	struct draft d = { .type = type_find(w->node->types, STR("person")),
		.fields = json_keep(w->mem, json_pack("{s:s, s:s, s:s}", "name", name, "sex", "2", "birth", birth)) };
	assert_int_equal(record_create(w, &d, &id, &err), 0);
	return id;
}

static void no_line_no_data(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "CAMP_REG", "camp");
	struct err err = { 0 };
	struct id id = person(&w, "Invented Person", "1990");
	uint64_t before = ledger_size(b.node.ledger);
	const struct grant *g = record_open(&w, type_find(&b.types, STR("person")), &id, 1, &err);
	assert_non_null(g);
	assert_string_equal(record_text(g, 0, "name").p, "Invented Person");
	assert_int_equal(ledger_size(b.node.ledger), before + 1);
	bench_end(&b);
}

/* A newer version of the program brings a changed declaration: who was registered before is read as before, and a new version of her record is of the new one. */
static void a_changed_declaration_closes_nothing(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "CAMP_REG", "camp");
	struct err err = { 0 };
	struct type *t = (struct type *)(uintptr_t)type_find(&b.types, STR("person"));
	assert_int_equal(types_remember(w.tx, b.mem, &b.types, w.now_ms, &err), 0);
	struct id id = person(&w, "Invented Person", "1990"), stranger;
	t->digest = sha256(str_bytes(STR("a newer declaration")));
	assert_null(record_open(&w, t, &id, 1, &err));                   /* nothing known of the one before: as if it had been tampered with */
	for (int restarts = 0; restarts < 2; restarts++)
		assert_int_equal(types_remember(w.tx, b.mem, &b.types, w.now_ms, &err), 0);
	assert_int_equal(t->nbefore, 1);
	const struct grant *g = record_open(&w, t, &id, 1, &err);
	assert_non_null(g);
	assert_string_equal(record_text(g, 0, "name").p, "Invented Person");
	struct draft d = { .type = t, .fields = json_keep(w.mem, json_pack("{s:s}", "mother_name", "Invented Mother")) };
	assert_int_equal(record_amend(&w, id, 1, &d, &err), 0);
	t->nbefore = 0;
	g = record_open(&w, t, &id, 1, &err);
	assert_non_null(g);
	assert_string_equal(record_text(g, 0, "name").p, "Invented Person");
	stranger = person(&w, "Another Invented Person", "1990");
	t->digest = sha256(str_bytes(STR("a declaration that was never loaded")));
	assert_null(record_open(&w, t, &stranger, 1, &err));
	bench_end(&b);
}

static void no_ground_no_disclosure(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "CAMP_REG", "camp");
	struct err err = { 0 };
	struct id id = person(&w, "Invented Person", "1990");
	w.purpose = (struct str){ 0 };
	assert_null(record_open(&w, type_find(&b.types, STR("person")), &id, 1, &err));
	assert_int_equal(err.code, ERR_FORBIDDEN);
	w.purpose = STR("registration");
	w.basis = STR("court_order");            /* not a basis of this purpose */
	assert_null(record_open(&w, type_find(&b.types, STR("person")), &id, 1, &err));
	bench_end(&b);
}

static void walls_hold_for_every_role(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "CAMP_REG", "camp");
	struct err err = { 0 };
	struct id id = person(&w, "Invented Person", "1990");
	for (size_t i = 0; i < b.policy.nroles; i++) {
		const struct role *r = &b.policy.roles[i];
		struct work v = work_of(&b, r->name.p, "camp");
		const struct grant *g = record_open(&v, type_find(&b.types, STR("person")), &id, 1, &err);
		if (r->side != SIDE_HUMANITARIAN || r->oversight || r->admin)
			assert_null(g);
		if (g)
			assert_null(record_value(g, 0, "needs"));       /* class X: nobody by unit alone */
	}
	struct work elsewhere = work_of(&b, "CAMP_REG", "other camp");
	assert_null(record_open(&elsewhere, type_find(&b.types, STR("person")), &id, 1, &err));
	bench_end(&b);
}

static void unknown_age_is_a_child(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "CAMP_REG", "camp");
	struct err err = { 0 };
	static const char *const CASES[][2] = { { "1990", "no" }, { "2020-01-02", "yes" }, { "2000..2015", "presumed" }, { "~2008", "presumed" } };
	for (size_t i = 0; i < COUNT(CASES); i++) {
		struct id id = person(&w, "Invented Person", CASES[i][0]);
		const struct grant *g = record_open(&w, type_find(&b.types, STR("person")), &id, 1, &err);
		assert_string_equal(record_text(g, 0, "child").p, CASES[i][1]);
	}
	bench_end(&b);
}

static void erasure_is_real(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "CAMP_REG", "camp");
	struct err err = { 0 };
	struct raw sealed, wrapped;
	struct sighting *seen;
	struct erasure *done;
	struct keys_ask ask = { .side = SIDE_HUMANITARIAN, .classes = CLASS_BIT(CLASS_P), .purpose = STR("theft") };
	size_t n;
	bool more = true;
	struct id id = person(&w, "Invented Person", "1990"), other = person(&w, "Another Invented", "1991");
	assert_int_equal(DB_ONE(w.tx, &Q_SEALED, RAW, &sealed, b.mem, &err, db_id(id)), DB_ROW);          /* what a thief kept */
	struct subject_key kept = { .handle = { { 0 } } };
	assert_int_equal(keys_handles(b.keys, SIDE_HUMANITARIAN, &id, 1, &kept.handle, &err), 0);
	assert_int_equal(DB_ONE(w.tx, &Q_WRAPPED, RAW, &wrapped, b.mem, &err), DB_ROW);
	memcpy(kept.wrapped, wrapped.b.p, WRAPPED_BYTES);
	assert_int_equal(record_sightings(&w, id, &seen, &n, &err), 0);
	assert_true(n > 0);
	assert_int_equal(record_erase(&w, id, STR("test"), &err), 0);
	assert_null(record_open(&w, type_find(&b.types, STR("person")), &id, 1, &err));
	assert_int_equal(record_sightings(&w, id, &seen, &n, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(keys_open(b.keys, &ask, &kept, 1, &err), 0);                                     /* done, not final: the wrap key is there */
	assert_int_equal(erasure_list(&w, 8, &done, &n, &err), 0);
	assert_true(n == 1 && done[0].done == w.now_ms && done[0].final == 0);
	for (int steps = 0; more; steps++) {
		assert_true(steps < 20);
		assert_int_equal(rotation_step(&w, &more, &err), 0);
	}
	assert_int_equal(erasure_list(&w, 8, &done, &n, &err), 0);
	assert_true(n == 1 && done[0].final == w.now_ms);
	assert_int_equal(keys_open(b.keys, &ask, &kept, 1, &err), -1);                                    /* the stolen wrapped key opens no more */
	assert_non_null(record_open(&w, type_find(&b.types, STR("person")), &other, 1, &err));            /* the living do */
	bench_end(&b);
}

static void an_item_rolled_back_leaves_no_trace(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct work w = work_of(&b, "CAMP_REG", "camp");
	struct err err = { 0 };
	struct record r;
	assert_int_equal(tx_begin(w.tx, &err), 0);
	struct ledger_mark mark = ledger_mark(b.node.ledger);
	assert_int_equal(tx_savepoint(w.tx, &err), 0);
	struct id id = person(&w, "Invented Person", "1990");
	assert_int_equal(tx_back(w.tx, &err), 0);
	ledger_back(b.node.ledger, &mark);
	assert_int_equal(tx_commit(w.tx, &err), 0);
	assert_int_equal(record_head(&w, id, &r, &err), -1);
	assert_int_equal(ledger_size(b.node.ledger), mark.size);
	bench_end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_line_no_data), cmocka_unit_test(a_changed_declaration_closes_nothing), cmocka_unit_test(no_ground_no_disclosure), cmocka_unit_test(walls_hold_for_every_role),
		cmocka_unit_test(unknown_age_is_a_child), cmocka_unit_test(erasure_is_real), cmocka_unit_test(an_item_rolled_back_leaves_no_trace),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
