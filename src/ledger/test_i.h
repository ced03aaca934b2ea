#ifndef LEDGER_TEST_I_H
#define LEDGER_TEST_I_H
/* What the tests of this room share: a node's log in memory, with keys, clock and randomness that follow from a seed. */
#include "ledger/ledger_i.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define TEST_START_MS INT64_C(1767225600000)      /* 2026-01-01 */

struct test_log { struct arena *mem; struct store *store; struct tx *tx; struct keys *keys; const struct source *source; struct ledger *ledger; };

static inline struct keys *test_keys(struct arena *mem, uint64_t seed)
{
	struct err err = { 0 };
	struct keys *k = keys_local(mem, &(struct keys_start){ .blob = keys_blob_new(mem, source_test(mem, TEST_START_MS, 1, seed)), .counters_fd = -1, .ceiling = 1000 }, &err);
	assert_non_null(k);
	return k;
}

static inline void test_open(struct test_log *t)
{
	struct err err = { 0 };
	if (ledger_open(t->mem, t->tx, t->keys, t->source, STR("camp.example"), &t->ledger, &err) < 0)
		fail_msg("%s", err.log);
}

static inline struct test_log test_log_new(uint64_t seed, int64_t step_ms)
{
	static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS };
	struct test_log t = { .mem = arena_new((size_t)1 << 30) };
	struct err err = { 0 };
	t.source = source_test(t.mem, TEST_START_MS, step_ms, seed);
	t.keys = test_keys(t.mem, seed);
	assert_int_equal(store_open(t.mem, ":memory:", &t.store, &err), 0);
	assert_int_equal(store_migrate(t.store, SETS, 1, &err), 0);
	t.tx = store_tx(t.store);
	test_open(&t);
	return t;
}

static inline void test_log_end(struct test_log *t)
{
	store_close(t->store);
	keys_end(t->keys);
	arena_free(t->mem);
}

/* A read by an officer of one of three invented subjects: subject i % 3. */
static inline struct entry test_entry(struct arena *mem, uint64_t i)
{
	struct entry_subject *s = NEW(mem, struct entry_subject);
	uint8_t *salt = arena_alloc(mem, 32);
	memset(salt, (int)(i % 3 + 1), 32);
	s->salt = salt;
	memset(s->handle.b, (int)(i % 3 + 1), HANDLE_BYTES);
	return (struct entry){ .act = ACT_READ, .actor = { { 9, (uint8_t)i } }, .role = STR("CAMP_REG"), .type = STR("person"), .purpose = STR("registration"),
		.basis = STR("mandate"), .fields = STR("P"), .record = { { 5, (uint8_t)(i % 3) } }, .record_salt = salt, .version = i + 1, .subjects = s, .nsubjects = 1 };
}

/* Ticks of at most `tick` entries, each closed and committed. */
static inline void test_append(struct test_log *t, size_t n, size_t tick)
{
	struct err err = { 0 };
	for (size_t i = 0; i < n;) {
		assert_int_equal(tx_begin(t->tx, &err), 0);
		for (size_t k = 0; k < tick && i < n; k++, i++) {
			struct entry e = test_entry(t->mem, ledger_size(t->ledger));
			if (ledger_append(t->ledger, t->tx, &e, NULL, &err) < 0)
				fail_msg("%s", err.log);
		}
		assert_int_equal(ledger_close(t->ledger, t->tx, &err), 0);
		assert_int_equal(tx_commit(t->tx, &err), 0);
	}
}

static inline int test_verify(struct test_log *t, struct log_report *report)
{
	struct log_source source = log_source_store(t->mem, t->ledger, t->tx);
	struct note_key key = ledger_key(t->ledger);
	struct err err = { 0 };
	*report = (struct log_report){ 0 };
	return log_verify(t->mem, &source, &key, NULL, 0, report, &err);
}

static inline void test_verifies(struct test_log *t, uint64_t entries)
{
	struct log_report report;
	if (test_verify(t, &report) != 0)
		fail_msg("the log does not verify: " S_FMT, S_ARG(report.fault));
	assert_int_equal(report.entries, entries);
}

static inline struct str test_get(struct test_log *t, const char *path)
{
	struct str body = { 0 };
	const char *type;
	bool immutable;
	struct err err = { 0 };
	if (ledger_http(t->mem, t->ledger, t->tx, str_of(path), true, &body, &type, &immutable, &err) < 0)
		fail_msg("%s: %s", path, err.log);
	return body;
}

static inline struct str test_line(struct test_log *t, uint64_t index)
{
	struct str line = { 0 };
	struct err err = { 0 };
	assert_int_equal(log_line_at(t->mem, t->tx, index, &line, &err), 0);
	return line;
}

static inline struct str test_file(struct arena *mem, const char *path)
{
	char *p = arena_alloc(mem, (size_t)1 << 18);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is missing: run from the root of the project", path);
	size_t n = fread(p, 1, (size_t)1 << 18, f);
	fclose(f);
	return (struct str){ p, n };
}
#endif
