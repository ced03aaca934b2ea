/* Retention with a clock that the test moves: what is due goes, really; what is not stays and opens. */
#include "record/record_i.h"
#include "record/retention.h"
#include "record/rotate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define DAY_MS (24LL * 3600 * 1000)
#define YEAR_MS (366 * DAY_MS)

static const char TRIP[] = "type: trip\ntitle: Trip\nplural: Trips\nabout: nobody\nside: humanitarian\nowner: {node: any}\ncreate: [CAMP_REG]\n"
    "retention: {after: ended, keep: P1Y, at_latest: planned+P1Y, then: strip_names}\nread:\n  O: everyone\n  P: {CAMP_REG: own_unit}\n"
    "fields:\n  count: {kind: int, class: O}\n  driver: {kind: text, class: P}\n  planned: {kind: time, class: P}\nstates: {open: {}, ended: {final: true}}\n"
    "moves:\n  end: {from: open, to: ended, by: [CAMP_REG], label: End}\n";
static const char ROLL[] = "type: roll\ntitle: Roll\nplural: Rolls\nabout: nobody\nside: humanitarian\nowner: {node: any}\ncreate: [CAMP_REG]\n"
    "retention: {after: ended, keep: P90D, at_latest: created+P1Y, then: shred_rows}\nread:\n  O: everyone\n"
    "fields:\n  count: {kind: int, class: O}\nstates: {open: {}, ended: {final: true}}\nmoves:\n  end: {from: open, to: ended, by: [CAMP_REG], label: End}\n";
static const char ROLL_ROW[] = "type: roll_row\ntitle: Row\nplural: Rows\nabout: person\nsubject: person\nside: humanitarian\nowner: {node: any}\n"
    "parent: {type: roll, field: roll}\ncreate: [CAMP_REG]\nread:\n  P: {CAMP_REG: own_unit}\nfields:\n  person: {kind: ref, to: person, class: P, required: true}\n"
    "states: {listed: {}, gone: {final: true}}\nmoves:\n  go: {from: listed, to: gone, by: [CAMP_REG], label: Go}\n";
static const char WISH[] = "type: wish\ntitle: Wish\nplural: Wishes\nabout: person\nsubject: person\nside: humanitarian\nowner: {node: camp}\ncreate: [CAMP_REG]\n"
    "retention: {after: withdrawn, keep: P5Y, at_latest: created+P12M, then: shred}\nread:\n  P: {CAMP_REG: own_unit}\n"
    "fields:\n  person: {kind: ref, to: person, class: P, required: true}\n  words: {kind: text, class: P}\nstates: {given: {}, withdrawn: {final: true}}\n"
    "moves:\n  withdraw: {from: given, to: withdrawn, by: [CAMP_REG], label: Withdraw}\n";
static const char *const OWN[] = { TRIP, ROLL, ROLL_ROW, WISH };

static int holds(struct work *w, const struct record *r, struct err *err)
{
	(void)w;
	(void)r;
	(void)err;
	return 0;
}
static const struct hook_condition CONDITIONS[] = { { "mother_or_birth_known", holds } };
static const struct hook_effect EFFECTS[] = { { "task_hear", holds }, { "person_index", holds } };
static const struct hooks HOOKS = { .conditions = CONDITIONS, .nconditions = 1, .effects = EFFECTS, .neffects = COUNT(EFFECTS) };
static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS, &RECORD_MIGRATIONS };
static const struct wrapped_keys *const WRAPPED[] = { RECORD_WRAPPED, NULL };
SQL(Q_SEALED, 1, "SELECT sealed FROM body WHERE record=?1 AND class='P'");
SQL(Q_WRAPPED, 1, "SELECT wrapped FROM subject_key WHERE handle=?1");
SQL(Q_KEYS, 0, "SELECT count(*) FROM subject_key");
SQL(Q_ROW_STATE, 1, "SELECT count(*) FROM record WHERE id=?1 AND state='erased'");
struct raw { struct bytes b; };
static const struct field RAW[] = { FIELD(struct raw, b) };
struct bench { struct arena *mem; struct store *store; struct policy policy; struct types types; struct node node; struct keys *keys; struct work w; };

static int kept(void *arg, struct bytes sealed)
{
	(void)arg;
	return sealed.n ? 0 : -1;
}

static struct bench *bench_new(void)
{
	static const struct seal_lock lock = { .passes = 1, .mib = 8 };
	struct arena *mem = arena_new((size_t)1 << 30);
	struct bench *b = NEW(mem, struct bench);
	struct err err = { 0 };
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	b->mem = mem;
	b->keys = keys_local(mem, &(struct keys_start){ .blob = keys_blob_new(mem, source_system()), .counters_fd = -1, .ceiling = 100000, .lock = &lock,
		.vault = { kept, NULL } }, &err);
	assert_int_equal(store_open(mem, ":memory:", &b->store, &err), 0);
	assert_int_equal(store_migrate(b->store, SETS, COUNT(SETS), &err), 0);
	assert_int_equal(policy_load(mem, bytes_str(bytes_of(roles->data, roles->n)), &b->policy, &err), 0);
	assert_int_equal(types_load(mem, &b->policy, &b->types, &err), 0);
	struct type *all = NEW_ARRAY(mem, struct type, b->types.n + COUNT(OWN));
	memcpy(all, b->types.at, b->types.n * sizeof *all);
	b->types.at = all;
	for (size_t i = 0; i < COUNT(OWN); i++)
		if (type_read(mem, &b->types, str_of(OWN[i]), "test", &all[b->types.n++], &err) < 0)
			fail_msg("%s", err.log);
	b->node = (struct node){ .name = STR("test.node"), .kind = STR("camp"), .keys = b->keys, .source = source_system(), .hooks = &HOOKS, .wrapped = WRAPPED,
		.types = &b->types, .policy = &b->policy };
	assert_int_equal(ledger_open(mem, store_tx(b->store), b->keys, source_system(), STR("test.node"), &b->node.ledger, &err), 0);
	b->w = (struct work){ .node = &b->node, .tx = store_tx(b->store), .mem = mem, .now_ms = 1767225600000, .purpose = STR("registration"), .basis = STR("mandate"),
		.actor = { .account = { { 7 } }, .role = STR("CAMP_REG"), .unit = STR("camp"), .node = STR("test.node") } };
	return b;
}

static void bench_end(struct bench *b)
{
	store_close(b->store);
	arena_free(b->mem);
}

static struct id create(struct bench *b, const char *type, struct id parent, json_t *fields)
{
	struct id id;
	struct err err = { 0 };
	struct draft d = { .type = type_find(&b->types, str_of(type)), .parent = parent, .by_program = true, .unit = STR("camp"), .fields = json_keep(b->mem, fields) };
	if (record_create(&b->w, &d, &id, &err) < 0)
		fail_msg("%s: %s %s", type, err.log, d.nfaults ? d.faults[0].field->name.p : "");
	return id;
}

static struct id person(struct bench *b)
{
	return create(b, "person", (struct id){ { 0 } }, json_pack("{s:s, s:s, s:s}", "name", "Invented Person", "sex", "2", "birth", "1990"));
}

static struct id wish_of(struct bench *b, struct id who)
{
	return create(b, "wish", (struct id){ { 0 } }, json_pack("{s:s, s:s}", "person", id_text(b->mem, who).p, "words", "An invented wish"));
}

/* One whole pass, by the clock, nobody signed in. */
static void pass(struct bench *b)
{
	struct work w = { .node = b->w.node, .tx = b->w.tx, .mem = b->mem, .now_ms = b->w.now_ms };
	struct err err = { 0 };
	bool more = true;
	b->w.known = NULL;                            /* each work item has its own */
	while (more)
		if (retention_step(&w, &more, &err) < 0)
			fail_msg("%s", err.log);
}

static void rotate(struct bench *b)
{
	struct err err = { 0 };
	bool more = true;
	while (more)
		assert_int_equal(rotation_step(&b->w, &more, &err), 0);
}

static bool gone(struct bench *b, struct id id)
{
	return DB_COUNT(b->w.tx, &Q_ROW_STATE, db_id(id)) == 1;
}

static struct str read(struct bench *b, const char *type, struct id id, const char *field)
{
	struct err err = { 0 };
	const struct grant *g = record_open_inside(&b->w, type_find(&b->types, str_of(type)), &id, 1, &err);
	if (!g)
		fail_msg("%s: %s", type, err.log);
	return record_text(g, 0, field);
}

/* What a thief took: a body with the wrapped key of its subject. */
struct loot { struct bytes sealed; struct subject_key key; };
static struct loot steal(struct bench *b, struct id record, struct id subject)
{
	struct loot l = { .key = { .handle = { { 0 } } } };
	struct raw raw;
	struct err err = { 0 };
	assert_int_equal(keys_handles(b->keys, SIDE_HUMANITARIAN, &subject, 1, &l.key.handle, &err), 0);
	assert_int_equal(DB_ONE(b->w.tx, &Q_WRAPPED, RAW, &raw, b->mem, &err, db_blob(bytes_of(l.key.handle.b, HANDLE_BYTES))), DB_ROW);
	memcpy(l.key.wrapped, raw.b.p, WRAPPED_BYTES);
	assert_int_equal(DB_ONE(b->w.tx, &Q_SEALED, RAW, &raw, b->mem, &err, db_id(record)), DB_ROW);
	l.sealed = raw.b;
	return l;
}

static bool opens(struct bench *b, struct loot *l)
{
	struct keys_ask ask = { .side = SIDE_HUMANITARIAN, .classes = CLASS_BIT(CLASS_P), .purpose = STR("theft") };
	return keys_open(b->keys, &ask, &l->key, 1, NULL) == 0;
}

static void lengths_are_of_the_calendar(void **state)
{
	(void)state;
	static const struct { const char *from, *length, *to; } V[] = {
		{ "2026-01-31T10:00:00.000Z", "P1M", "2026-02-28T10:00:00.000Z" }, { "2024-02-29T00:00:00.000Z", "P1Y", "2025-02-28T00:00:00.000Z" },
		{ "2026-11-25T00:00:00.000Z", "P14M", "2028-01-25T00:00:00.000Z" }, { "2026-01-01T00:00:00.000Z", "PT72H", "2026-01-04T00:00:00.000Z" },
		{ "2026-01-01T00:00:00.000Z", "P1Y2M3W4DT5H6M7S", "2027-03-26T05:06:07.000Z" }, { "1999-12-31T00:00:00.000Z", "P5Y", "2004-12-31T00:00:00.000Z" },
	};
	static const char *const BAD[] = { "", "P", "P1", "1Y", "PY", "P1X", "P1H", "PT1Y", "P1YT" };
	struct arena *mem = arena_new((size_t)1 << 20);
	for (size_t i = 0; i < COUNT(V); i++) {
		int64_t from, to;
		assert_int_equal(time_parse(str_of(V[i].from), &from), 0);
		if (!length_add(str_of(V[i].length), from, &to) || !str_is(time_text(mem, to), V[i].to))
			fail_msg("%s + %s", V[i].from, V[i].length);
	}
	for (size_t i = 0; i + 1 < COUNT(BAD); i++) {
		int64_t to;
		if (length_add(str_of(BAD[i]), 0, &to))
			fail_msg("%s is no length", BAD[i]);
	}
	arena_free(mem);
}

/* The wish ends after 12 months; the person's file goes on, and nothing that was taken of the wish opens. */
static void a_wish_ends_and_the_file_goes_on(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct sighting *seen;
	struct erasure *list;
	size_t n, before;
	struct err err = { 0 };
	struct id who = person(b), wish = wish_of(b, who);
	struct loot loot = steal(b, wish, who);
	pass(b);
	assert_false(gone(b, wish));
	assert_int_equal(record_sightings(&b->w, who, &seen, &before, &err), 0);
	b->w.now_ms += YEAR_MS;
	pass(b);
	assert_true(gone(b, wish));
	assert_false(gone(b, who));
	assert_true(str_is(read(b, "person", who, "name"), "Invented Person"));
	assert_int_equal(record_sightings(&b->w, who, &seen, &n, &err), 0);
	assert_int_equal(n, before);                  /* who saw her is still told */
	assert_true(opens(b, &loot));                 /* done, not final */
	rotate(b);
	assert_false(opens(b, &loot));
	assert_true(str_is(read(b, "person", who, "name"), "Invented Person"));
	assert_int_equal(erasure_list(&b->w, 8, &list, &n, &err), 0);
	assert_true(n == 1 && str_is(list[0].type, "wish") && str_is(list[0].rule, "created+P12M") && list[0].final);
	bench_end(b);
}

static void nothing_is_kept_because_somebody_forgot(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct erasure *list;
	struct err err = { 0 };
	size_t n;
	struct id who = person(b), other;
	b->w.now_ms += 9 * YEAR_MS;
	other = person(b);
	pass(b);
	assert_false(gone(b, who) || gone(b, other));
	b->w.now_ms += YEAR_MS;
	pass(b);
	assert_true(gone(b, who));
	assert_false(gone(b, other));
	assert_int_equal(DB_COUNT(b->w.tx, &Q_KEYS), 1);
	assert_int_equal(erasure_list(&b->w, 8, &list, &n, &err), 0);
	assert_true(n == 1 && str_is(list[0].rule, "last_contact+P10Y") && list[0].records == 1);
	pass(b);
	assert_int_equal(erasure_list(&b->w, 8, &list, &n, &err), 0);
	assert_int_equal(n, 1);                       /* once */
	bench_end(b);
}

/* Closed: five years later she is erased, and with her what is about her: the task goes with its record. */
static void a_closed_file_goes_with_its_tasks(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	struct id who = person(b);
	struct id task = create(b, "task", (struct id){ { 0 } }, json_pack("{s:s, s:s}", "person", id_text(b->mem, who).p, "reason", "hear"));
	assert_int_equal(record_move_inside(&b->w, who, "register", &err), 0);
	assert_int_equal(record_move_inside(&b->w, who, "close", &err), 0);
	b->w.now_ms += 4 * YEAR_MS;
	pass(b);
	assert_false(gone(b, who) || gone(b, task));
	b->w.now_ms += YEAR_MS + 2 * DAY_MS;
	pass(b);
	assert_true(gone(b, who) && gone(b, task));
	assert_int_equal(DB_COUNT(b->w.tx, &Q_KEYS), 0);
	bench_end(b);
}

static void names_go_and_counts_stay(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	struct erasure *list;
	size_t n;
	struct id none = { { 0 } };
	struct id trip = create(b, "trip", none, json_pack("{s:i, s:s, s:s}", "count", 31, "driver", "Invented Driver", "planned", "2026-03-01T08:00"));
	struct id undated = create(b, "trip", none, json_pack("{s:i, s:s}", "count", 5, "driver", "Another Driver"));
	struct loot loot = steal(b, trip, trip);
	b->w.now_ms += YEAR_MS;                       /* 2027-01-02: a year from the making, not from the planned day */
	pass(b);
	assert_true(str_is(read(b, "trip", trip, "driver"), "Invented Driver"));
	assert_int_equal(read(b, "trip", undated, "driver").n, 0);      /* without a date: from the making */
	b->w.now_ms += 60 * DAY_MS;
	pass(b);
	pass(b);
	b->w.known = NULL;
	assert_int_equal(read(b, "trip", trip, "driver").n, 0);
	const struct grant *g = record_open_inside(&b->w, type_find(&b->types, STR("trip")), &trip, 1, &err);
	assert_int_equal(json_integer_value(record_value(g, 0, "count")), 31);
	rotate(b);
	assert_false(opens(b, &loot));
	assert_int_equal(erasure_list(&b->w, 8, &list, &n, &err), 0);
	assert_int_equal(n, 2);
	bench_end(b);
}

static void rows_go_and_totals_stay(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	struct id who = person(b), roll = create(b, "roll", (struct id){ { 0 } }, json_pack("{s:i}", "count", 1));
	struct id row = create(b, "roll_row", roll, json_pack("{s:s}", "person", id_text(b->mem, who).p));
	struct loot loot = steal(b, row, who);
	assert_int_equal(record_move_inside(&b->w, roll, "end", &err), 0);
	b->w.now_ms += 89 * DAY_MS;
	pass(b);
	assert_false(gone(b, row));
	b->w.now_ms += 2 * DAY_MS;
	pass(b);
	assert_true(gone(b, row));
	assert_false(gone(b, roll) || gone(b, who));
	assert_true(str_is(read(b, "person", who, "name"), "Invented Person"));
	rotate(b);
	assert_false(opens(b, &loot));
	bench_end(b);
}

static void a_damaged_record_keeps_nobody_else(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	SQL(Q_DAMAGE, 1, "UPDATE body SET sealed=x'01' WHERE record=?1");
	struct id who = person(b), wish = wish_of(b, who), other = person(b), other_wish = wish_of(b, other);
	assert_true(DB_RUN(b->w.tx, &Q_DAMAGE, &err, db_id(who)) > 0);
	b->w.now_ms += YEAR_MS;
	pass(b);
	assert_false(gone(b, wish));                  /* cannot be taken from her key: tried again in the next pass */
	assert_true(gone(b, other_wish));
	bench_end(b);
}

static json_t *naming(struct bench *b, struct id id)
{
	return json_keep(b->mem, json_pack("{s:[s], s:s}", "records", id_text(b->mem, id).p, "rule", "any \"text\" at all"));
}

/* A partner asks for what it owns; our own file about the same person is not its to erase. */
static void a_partner_erases_its_own_record_only(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	SQL(Q_OWNER, 1, "UPDATE record SET owner='b.example' WHERE id=?1");
	struct id who = person(b), wish = wish_of(b, who);
	struct loot loot = steal(b, wish, who);
	assert_int_equal(DB_RUN(b->w.tx, &Q_OWNER, &err, db_id(wish)), 1);
	assert_int_equal(record_erase_copies(&b->w, STR("b.example"), naming(b, who), &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	assert_int_equal(record_erase_copies(&b->w, STR("c.example"), naming(b, wish), &err), -1);
	assert_int_equal(record_erase_copies(&b->w, STR("b.example"), naming(b, wish), &err), 0);
	assert_true(gone(b, wish) && !gone(b, who));
	assert_true(str_is(read(b, "person", who, "name"), "Invented Person"));
	rotate(b);
	assert_false(opens(b, &loot));
	bench_end(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_of_the_calendar), cmocka_unit_test(a_wish_ends_and_the_file_goes_on),
		cmocka_unit_test(nothing_is_kept_because_somebody_forgot), cmocka_unit_test(a_closed_file_goes_with_its_tasks), cmocka_unit_test(names_go_and_counts_stay),
		cmocka_unit_test(rows_go_and_totals_stay), cmocka_unit_test(a_damaged_record_keeps_nobody_else),
		cmocka_unit_test(a_partner_erases_its_own_record_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
