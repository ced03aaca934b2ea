/* Declared clocks and numbers, with a clock that the test moves: the move is made when its moment comes, also after the node was down; what is wanted in time is a
   reminder, then late at the desk, then an entry for oversight, and nothing else; numbers count without holes and are found. */
#include "record/clock.h"
#include "record/effects.h"
#include "record/record_i.h"
#include "record/retention.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define HOUR_MS (3600 * 1000LL)
#define DAY_MS (24 * HOUR_MS)

static const char PARCEL[] = "type: parcel\ntitle: Parcel\nplural: Parcels\nabout: nobody\nside: humanitarian\nowner: {node: any}\ncreate: [CAMP_REG]\n"
    "number: {pattern: \"{year}-{seq}\", after: sent}\nretention: {after: over, keep: P1Y, at_latest: created+P2Y, then: strip_names}\nread:\n  P: {CAMP_REG: own_unit}\n"
    "fields:\n  what: {kind: text, class: P}\n  wanted: {kind: time, class: P}\n"
    "states: {draft: {}, sent: {}, seen: {}, over: {final: true}}\n"
    "moves:\n  send: {from: draft, to: sent, by: [CAMP_REG], label: Send}\n  see: {from: sent, to: seen, by: [CAMP_REG], label: See}\n"
    "  answer: {from: [sent, seen], to: over, by: [CAMP_REG], due: P14D, label: Answer}\n"
    "  burn: {from: [sent, seen], to: over, by: [CAMP_REG], two_persons: true, label: Burn}\n"
    "  lapse: {from: [sent, seen], to: over, by: [], clock: true, after: sent+P60D, needs: [mother_or_birth_known], label: Lapse}\n";
static const char DATED[] = "type: dated\ntitle: Dated\nplural: Dated\nabout: nobody\nside: humanitarian\nowner: {node: any}\ncreate: [CAMP_REG]\n"
    "number: {pattern: \"{node}/{street}\", unique: [street, owner]}\nretention: {after: over, keep: P1Y, at_latest: created+P2Y, then: strip_names}\nread:\n  O: everyone\n"
    "fields:\n  street: {kind: int, class: O, required: true}\n  until: {kind: time, class: O}\nstates: {open: {}, over: {final: true}}\n"
    "moves:\n  end: {from: open, to: over, by: [CAMP_REG], due: until, label: End}\n";
static const char *const OWN[] = { PARCEL, DATED };

static bool holding = true;
static int holds(struct work *w, const struct record *r, struct err *err)
{
	(void)w;
	(void)r;
	return holding ? 0 : err_say(err, ERR_SAFEGUARD, "not now", NULL);
}
static const struct hook_condition CONDITIONS[] = { { "mother_or_birth_known", holds } };
static const struct hooks HOOKS = { .conditions = CONDITIONS, .nconditions = 1 };
static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS, &RECORD_MIGRATIONS };
struct bench { struct arena *mem; struct store *store; struct policy policy; struct types types; struct node node; struct keys *keys; struct effects effects; struct work w; };

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
	holding = true;
	b->mem = mem;
	b->keys = keys_local(mem, &(struct keys_start){ .blob = keys_blob_new(mem, source_system()), .counters_fd = -1, .ceiling = 100000, .lock = &lock,
		.vault = { kept, NULL } }, &err);
	assert_int_equal(store_open(mem, ":memory:", &b->store, &err), 0);
	assert_int_equal(store_migrate(b->store, SETS, COUNT(SETS), &err), 0);
	assert_int_equal(policy_load(mem, bytes_str(bytes_of(roles->data, roles->n)), &b->policy, &err), 0);
	b->types.at = NEW_ARRAY(mem, struct type, COUNT(OWN));
	b->types.policy = &b->policy;
	for (size_t i = 0; i < COUNT(OWN); i++)
		if (type_read(mem, &b->types, str_of(OWN[i]), "test", &b->types.at[b->types.n++], &err) < 0)
			fail_msg("%s", err.log);
	b->node = (struct node){ .name = STR("test.node"), .kind = STR("camp"), .keys = b->keys, .source = source_system(), .hooks = &HOOKS, .types = &b->types, .policy = &b->policy };
	assert_int_equal(ledger_open(mem, store_tx(b->store), b->keys, source_system(), STR("test.node"), &b->node.ledger, &err), 0);
	b->w = (struct work){ .node = &b->node, .tx = store_tx(b->store), .mem = mem, .now_ms = 1767225600000, .purpose = STR("registration"), .basis = STR("mandate"),
		.effects = &b->effects, .actor = { .account = { { 7 } }, .role = STR("CAMP_REG"), .unit = STR("camp"), .node = STR("test.node") } };
	return b;
}

static void bench_end(struct bench *b)
{
	store_close(b->store);
	arena_free(b->mem);
}

static int try_create(struct bench *b, const char *type, json_t *fields, struct id *id, struct err *err)
{
	struct draft d = { .type = type_find(&b->types, str_of(type)), .fields = json_keep(b->mem, fields) };
	return record_create(&b->w, &d, id, err);
}

static struct id create(struct bench *b, const char *type, json_t *fields)
{
	struct id id;
	struct err err = { 0 };
	if (try_create(b, type, fields, &id, &err) < 0)
		fail_msg("%s", err.log);
	return id;
}

static struct id sent(struct bench *b)
{
	struct err err = { 0 };
	struct id id = create(b, "parcel", json_pack("{s:s}", "what", "An invented parcel")), proposal;
	assert_int_equal(record_move(&b->w, id, 1, STR("send"), NULL, &proposal, &err), 0);
	return id;
}

/* The timer, nobody signed in, until it has nothing more to do. */
static void tick(struct bench *b)
{
	struct err err = { 0 };
	struct effects effects = { .hurry = "clock" };
	b->w.known = NULL;
	for (int i = 0; i < 50; i++) {
		struct work w = { .node = b->w.node, .tx = b->w.tx, .mem = b->mem, .now_ms = b->w.now_ms, .effects = &effects };
		if (clock_timer(&w, &err) < 0)
			fail_msg("%s", err.log);
	}
}

static void state_is(struct bench *b, struct id id, const char *state)
{
	struct record r;
	struct err err = { 0 };
	assert_int_equal(record_head(&b->w, id, &r, &err), 0);
	if (!str_is(r.state, state))
		fail_msg("state is " S_FMT ", wanted %s", S_ARG(r.state), state);
}

static enum lateness stage(struct bench *b)
{
	struct late l[8];
	size_t n;
	struct err err = { 0 };
	assert_int_equal(late_list(&b->w, l, COUNT(l), &n, &err), 0);
	assert_true(n <= 1);
	return n ? l[0].stage : LATE_NOT;
}

SQL(Q_VERSION, 1, "SELECT event FROM record_version WHERE record=?1 ORDER BY version DESC LIMIT 1");

static void a_clock_makes_its_move_when_the_moment_comes_also_after_downtime(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	int64_t began = b->w.now_ms;
	struct id id = sent(b), other = sent(b);
	tick(b);
	state_is(b, id, "sent");
	b->w.now_ms += 60 * DAY_MS - 1000;
	tick(b);
	state_is(b, id, "sent");
	uint64_t entries = ledger_size(b->node.ledger);
	b->w.now_ms += 30 * DAY_MS;                   /* the node was down for a month */
	tick(b);
	state_is(b, id, "over");
	state_is(b, other, "over");
	assert_int_equal(ledger_size(b->node.ledger), entries + 2);
	assert_int_equal(DB_COUNT(b->w.tx, &Q_VERSION, db_id(id)), began + 60 * DAY_MS);      /* it happened when the moment came */
	tick(b);
	assert_int_equal(ledger_size(b->node.ledger), entries + 2);
	bench_end(b);
}

static void a_condition_holds_the_clock_back(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct id id = sent(b);
	holding = false;
	b->w.now_ms += 61 * DAY_MS;
	tick(b);
	state_is(b, id, "sent");
	holding = true;
	tick(b);
	state_is(b, id, "sent");
	b->w.now_ms += HOUR_MS;
	tick(b);
	state_is(b, id, "over");
	bench_end(b);
}

static void what_is_late_stands_at_the_desk_then_oversight_is_told_once(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	struct id id = sent(b), proposal;
	tick(b);
	assert_int_equal(stage(b), LATE_NOT);
	b->w.now_ms += 5 * DAY_MS;
	assert_int_equal(record_move(&b->w, id, 2, STR("see"), NULL, &proposal, &err), 0);      /* another state of `from`: the time runs on */
	b->w.now_ms += 5 * DAY_MS;
	tick(b);
	assert_int_equal(stage(b), LATE_REMINDED);    /* 14 days: reminded on the tenth */
	assert_int_equal(late_count(&b->w), 0);
	b->w.now_ms += 4 * DAY_MS;
	tick(b);
	assert_int_equal(stage(b), LATE_DESK);
	assert_int_equal(late_count(&b->w), 1);
	uint64_t entries = ledger_size(b->node.ledger);
	b->w.now_ms += DAY_MS;
	tick(b);
	tick(b);
	assert_int_equal(stage(b), LATE_OVERSIGHT);
	assert_int_equal(ledger_size(b->node.ledger), entries + 1);
	state_is(b, id, "seen");                      /* nothing else happens */
	b->w.actor.unit = STR("elsewhere");
	assert_int_equal(stage(b), LATE_NOT);         /* another desk's */
	b->w.actor.unit = STR("camp");
	assert_int_equal(record_move(&b->w, id, 3, STR("answer"), NULL, &proposal, &err), 0);
	tick(b);
	assert_int_equal(stage(b), LATE_NOT);
	assert_int_equal(late_count(&b->w), 0);
	bench_end(b);
}

static void a_second_person_who_never_comes_leaves_it_void(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	struct id id = sent(b), proposal, again;
	struct str move, reason;
	int64_t at;
	assert_int_equal(record_move(&b->w, id, 2, STR("burn"), NULL, &proposal, &err), 0);
	b->w.now_ms += 6 * DAY_MS;
	tick(b);
	assert_int_equal(record_move(&b->w, id, 2, STR("burn"), NULL, &again, &err), -1);      /* still waits */
	b->w.now_ms += DAY_MS;
	tick(b);
	state_is(b, id, "sent");
	assert_int_equal(proposal_answer(&b->w, id, &move, &reason, &at, &err), 1);
	assert_true(str_is(move, "burn") && str_is(reason, "expired"));
	b->w.actor.account = (struct id){ { 8 } };
	assert_int_equal(proposal_decide(&b->w, proposal, true, STR(""), &err), -1);
	assert_int_equal(record_move(&b->w, id, 2, STR("burn"), NULL, &again, &err), 0);       /* asked anew */
	bench_end(b);
}

static void a_field_says_by_when(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	struct id id = create(b, "dated", json_pack("{s:i, s:s}", "street", 1, "until", "2026-01-01T11:00"));      /* 8 hours */
	tick(b);
	b->w.now_ms += 6 * HOUR_MS;
	tick(b);
	assert_int_equal(stage(b), LATE_REMINDED);
	b->w.now_ms += 2 * HOUR_MS;
	tick(b);
	assert_int_equal(stage(b), LATE_DESK);
	assert_int_equal(record_set_inside(&b->w, id, json_keep(b->mem, json_pack("{s:s}", "until", "2026-01-03T08:00")), &err), 0);
	tick(b);
	assert_int_equal(stage(b), LATE_NOT);         /* another date: counted anew */
	create(b, "dated", json_pack("{s:i}", "street", 2));
	tick(b);
	assert_int_equal(stage(b), LATE_NOT);         /* without a date nothing is wanted */
	bench_end(b);
}

static void stages_of_lengths(void **state)
{
	(void)state;
	static const struct { int64_t length, remind, oversight; } CASES[] = { { 14 * DAY_MS, 10 * DAY_MS, 15 * DAY_MS }, { 8 * HOUR_MS, 6 * HOUR_MS, 10 * HOUR_MS },
		{ 3 * DAY_MS, 2 * DAY_MS, 3 * DAY_MS + 18 * HOUR_MS }, { 7 * DAY_MS, 5 * DAY_MS, 8 * DAY_MS }, { 0, 0, 0 } };
	for (size_t i = 0; i < COUNT(CASES); i++) {
		int64_t remind, oversight;
		due_stages(1000, 1000 + CASES[i].length, &remind, &oversight);
		assert_int_equal(remind, 1000 + CASES[i].remind);
		assert_int_equal(oversight, 1000 + CASES[i].oversight);
	}
}

static void number_is(struct bench *b, struct id id, const char *wanted)
{
	struct str number;
	struct err err = { 0 };
	assert_int_equal(record_number(&b->w, id, &number, &err), wanted ? 1 : 0);
	if (wanted && !str_is(number, wanted))
		fail_msg("number is " S_FMT ", wanted %s", S_ARG(number), wanted);
}

static void numbers_count_from_the_state_and_are_found(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	struct id draft = create(b, "parcel", json_pack("{s:s}", "what", "A draft")), first = sent(b), second = sent(b), *ids, other_year;
	size_t n;
	number_is(b, draft, NULL);                    /* a draft takes no number away */
	number_is(b, first, "2026-1");
	number_is(b, second, "2026-2");
	b->w.now_ms += 366 * DAY_MS;
	other_year = sent(b);
	number_is(b, other_year, "2027-1");
	assert_int_equal(record_by_number(&b->w, type_find(&b->types, STR("parcel")), STR("2026-2"), &ids, &n, &err), 0);
	assert_true(n == 1 && id_eq(ids[0], second));
	b->w.actor.unit = STR("elsewhere");
	assert_int_equal(record_by_number(&b->w, type_find(&b->types, STR("parcel")), STR("2026-2"), &ids, &n, &err), 0);
	assert_int_equal(n, 0);                       /* outside the scope it is not there */
	b->w.actor.unit = STR("camp");
	assert_int_equal(record_erase(&b->w, other_year, STR("test"), &err), 0);
	number_is(b, other_year, NULL);
	number_is(b, sent(b), "2027-2");              /* given once */
	bench_end(b);
}

static void what_is_unique_is_there_once(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	struct err err = { 0 };
	struct id seven = create(b, "dated", json_pack("{s:i}", "street", 7)), again;
	number_is(b, seven, "test.node/7");
	assert_int_equal(try_create(b, "dated", json_pack("{s:i}", "street", 7), &again, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	assert_int_equal(record_set_inside(&b->w, seven, json_keep(b->mem, json_pack("{s:i}", "street", 8)), &err), 0);
	number_is(b, seven, "test.node/8");
	create(b, "dated", json_pack("{s:i}", "street", 7));
	bench_end(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_makes_its_move_when_the_moment_comes_also_after_downtime), cmocka_unit_test(a_condition_holds_the_clock_back),
		cmocka_unit_test(what_is_late_stands_at_the_desk_then_oversight_is_told_once), cmocka_unit_test(a_field_says_by_when), cmocka_unit_test(a_second_person_who_never_comes_leaves_it_void), cmocka_unit_test(stages_of_lengths),
		cmocka_unit_test(numbers_count_from_the_state_and_are_found), cmocka_unit_test(what_is_unique_is_there_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
