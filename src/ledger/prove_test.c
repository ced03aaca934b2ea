/* What the log proves to others: entries, growth, witnessed heads; and what it gives to whom. */
#include "ledger/test_i.h"

SQL(Q_HEADS, 0, "SELECT count(*) FROM log_checkpoint");

static void a_proof_carries_its_entry(void **state)
{
	(void)state;
	static const uint64_t WHICH[] = { 0, 1, 254, 255, 256, 511, 512, 598, 599 };
	struct test_log t = test_log_new(1, 1);
	struct note_key key = ledger_key(t.ledger);
	struct err err = { 0 };
	test_append(&t, 600, 256);
	for (size_t i = 0; i < COUNT(WHICH); i++) {
		struct str proof, line;
		assert_int_equal(ledger_prove(t.mem, t.ledger, t.tx, WHICH[i], &proof, &err), 0);
		if (log_check_proof(t.mem, proof, &key, &line, &err) < 0)
			fail_msg("entry %llu: %s", (unsigned long long)WHICH[i], err.log);
		assert_true(str_eq(line, test_line(&t, WHICH[i])));
	}
	struct str none;
	assert_int_equal(ledger_prove(t.mem, t.ledger, t.tx, 600, &none, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	test_log_end(&t);
}

/* Many proofs of one head, far apart and near, are the same as each alone: nine tiles, of which four are remembered. */
static void many_proofs_of_a_head_are_those_of_each(void **state)
{
	(void)state;
	enum { SIZE = 2100 };
	struct test_log t = test_log_new(1, 1);
	struct prover *p;
	struct err err = { 0 };
	test_append(&t, SIZE, 256);
	assert_int_equal(ledger_prover(t.mem, t.tx, &p, &err), 0);
	for (uint64_t i = 0, at = 0; i < 1500; i++) {
		struct str one, among;
		at = i % 3 ? (at + 1) % SIZE : (at * 7919 + 13) % SIZE;
		assert_int_equal(ledger_prove(t.mem, t.ledger, t.tx, at, &one, &err), 0);
		assert_int_equal(prover_prove(p, at, &among, &err), 0);
		if (!str_eq(one, among))
			fail_msg("entry %llu is proven otherwise among others", (unsigned long long)at);
	}
	struct str none;
	assert_int_equal(prover_prove(p, SIZE, &none, &err), -1);
	test_log_end(&t);
}

static void a_proof_with_one_byte_changed_proves_nothing(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1), other = test_log_new(2, 1);
	struct note_key key = ledger_key(t.ledger), wrong = ledger_key(other.ledger);
	struct str proof, line;
	struct err err = { 0 };
	test_append(&t, 11, 11);
	assert_int_equal(ledger_prove(t.mem, t.ledger, t.tx, 6, &proof, &err), 0);
	char *p = arena_copy(t.mem, proof.p, proof.n);
	struct arena *mem = arena_new((size_t)64 << 20);
	for (size_t at = 0; at < proof.n; at++, arena_reset(mem)) {
		p[at] ^= 1;
		if (log_check_proof(mem, (struct str){ p, proof.n }, &key, &line, NULL) == 0)
			fail_msg("byte %zu of the proof does not count", at);
		p[at] ^= 1;
		if (log_check_proof(mem, (struct str){ p, at }, &key, &line, NULL) == 0)
			fail_msg("the proof cut at byte %zu is taken", at);
	}
	assert_int_equal(log_check_proof(mem, proof, &wrong, &line, &err), -1);
	arena_free(mem);
	test_log_end(&other);
	test_log_end(&t);
}

/* From every earlier size of a log to its newest head. */
static void the_log_proves_that_it_only_grew(void **state)
{
	(void)state;
	enum { SIZE = 530 };
	struct test_log t = test_log_new(1, 1);
	struct hash *leaves = NEW_ARRAY(t.mem, struct hash, SIZE), proof[64];
	struct err err = { 0 };
	size_t n;
	test_append(&t, SIZE, 100);
	for (uint64_t i = 0; i < SIZE; i++)
		leaves[i] = leaf_hash(str_bytes(test_line(&t, i)));
	struct hash root = merkle_root(leaves, SIZE);
	for (size_t old = 1; old <= SIZE; old += old < 20 ? 1 : 15) {
		struct hash before = merkle_root(leaves, old), bent = before;
		n = COUNT(proof);
		assert_int_equal(ledger_consistency(t.mem, t.ledger, t.tx, old, proof, &n, &err), 0);
		assert_int_equal(merkle_check_consistency(old, SIZE, &before, &root, proof, n), 0);
		bent.b[31] ^= 1;
		assert_int_equal(merkle_check_consistency(old, SIZE, &bent, &root, proof, n), -1);
	}
	test_log_end(&t);
}

static struct note_key witness_key(struct arena *mem, struct keys *k, const char *name)
{
	uint8_t public_key[32];
	struct err err = { 0 };
	assert_int_equal(keys_public(k, SIGN_WITNESS, public_key, &err), 0);
	return note_key_make(mem, str_fmt(mem, "%s/witness", name), NOTE_COSIGNATURE, public_key);
}

struct asked { int status; struct str request, answer; };

static struct asked ask(struct test_log *t, struct test_log *witness, const char *name, uint64_t old)
{
	struct note_key log = ledger_key(t->ledger);
	struct asked a = { 0 };
	struct err err = { 0 };
	assert_int_equal(witness_request(t->mem, t->ledger, t->tx, old, &a.request, &err), 0);
	assert_int_equal(witness_add(t->mem, witness->tx, witness->keys, witness->source, str_of(name), &log, 1, a.request, &a.status, &a.answer, &err), 0);
	return a;
}

static void two_witnesses_vouch_for_a_head(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1), b = test_log_new(2, 1), c = test_log_new(3, 1);
	struct note_key keys[] = { witness_key(t.mem, b.keys, "b.example"), witness_key(t.mem, c.keys, "c.example") };
	struct note_key key = ledger_key(t.ledger), stranger = witness_key(t.mem, t.keys, "d.example");
	struct log_source source = log_source_store(t.mem, t.ledger, t.tx);
	struct log_report report = { 0 };
	struct err err = { 0 };
	uint64_t old = 0;
	for (uint64_t size = 5; size <= 600; size = size * 3 + 1) {
		test_append(&t, (size_t)(size - old), 256);
		struct asked one = ask(&t, &b, "b.example", old), two = ask(&t, &c, "c.example", old);
		assert_int_equal(one.status, 200);
		assert_int_equal(two.status, 200);
		assert_int_equal(log_verify(t.mem, &source, &key, keys, 2, &report, &err), old ? 0 : 1);      /* the head before still stands */
		assert_int_equal(witness_keep(t.mem, t.ledger, t.tx, &keys[0], one.answer, size, &err), 0);
		assert_int_equal(log_verify(t.mem, &source, &key, keys, 1, &report, &err), 0);
		assert_int_equal(log_verify(t.mem, &source, &key, keys, 2, &report, &err), 1);
		assert_int_equal(witness_keep(t.mem, t.ledger, t.tx, &keys[1], two.answer, size, &err), 0);
		assert_int_equal(log_verify(t.mem, &source, &key, keys, 2, &report, &err), 0);
		assert_int_equal(log_verify(t.mem, &source, &key, &stranger, 1, &report, &err), 1);
		assert_int_equal(witness_keep(t.mem, t.ledger, t.tx, &keys[1], one.answer, size, &err), -1);      /* another's signature */
		old = size;
	}
	test_log_end(&c);
	test_log_end(&b);
	test_log_end(&t);
}

/* The witness has seen 9; who says 4 is told 9, and with 9 the witness signs. */
static void a_witness_tells_what_it_saw_last(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1), b = test_log_new(2, 1);
	test_append(&t, 4, 4);
	assert_int_equal(ask(&t, &b, "b.example", 0).status, 200);
	test_append(&t, 5, 5);
	assert_int_equal(ask(&t, &b, "b.example", 4).status, 200);
	test_append(&t, 5, 5);
	struct asked stale = ask(&t, &b, "b.example", 4);
	assert_int_equal(stale.status, 409);
	assert_true(str_is(stale.answer, "9\n"));
	assert_int_equal(ask(&t, &b, "b.example", 9).status, 200);
	test_log_end(&b);
	test_log_end(&t);
}

/* A log that was set back and written anew gets no signature, though its key is good. */
static void a_witness_signs_no_second_history(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1), again = test_log_new(1, 2), b = test_log_new(2, 1);
	test_append(&t, 6, 6);
	assert_int_equal(ask(&t, &b, "b.example", 0).status, 200);
	test_append(&again, 9, 9);
	assert_int_equal(ask(&again, &b, "b.example", 6).status, 422);
	test_log_end(&b);
	test_log_end(&again);
	test_log_end(&t);
}

static int get(struct test_log *t, const char *path, bool entries, bool *immutable)
{
	struct str body;
	const char *type;
	struct err err = { 0 };
	return ledger_http(t->mem, t->ledger, t->tx, str_of(path), entries, &body, &type, immutable, &err) == 0 ? 0 : (int)err.code;
}

static void hashes_are_public_and_lines_are_not(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1);
	bool immutable;
	assert_int_equal(get(&t, "checkpoint", false, &immutable), ERR_NOT_FOUND);
	test_append(&t, 300, 256);
	assert_int_equal(get(&t, "checkpoint", false, &immutable), 0);
	assert_false(immutable);
	assert_int_equal(get(&t, "tile/0/000", false, &immutable), 0);
	assert_true(immutable);
	assert_int_equal(get(&t, "tile/0/001.p/44", false, &immutable), 0);
	assert_int_equal(get(&t, "tile/1/000.p/1", false, &immutable), 0);
	assert_int_equal(get(&t, "tile/entries/000", true, &immutable), 0);
	assert_int_equal(get(&t, "tile/entries/000", false, &immutable), ERR_FORBIDDEN);
	assert_int_equal(get(&t, "tile/entries/001.p/44", false, &immutable), ERR_FORBIDDEN);
	assert_int_equal(get(&t, "tags/0", false, &immutable), ERR_FORBIDDEN);
	assert_int_equal(get(&t, "tags/0", true, &immutable), ERR_NOT_FOUND);
	assert_int_equal(get(&t, "witnessed", false, &immutable), ERR_NOT_FOUND);
	assert_int_equal(get(&t, "../node.db", true, &immutable), ERR_NOT_FOUND);
	test_log_end(&t);
}

/* What no signed checkpoint covers is not given: an entry of a tick that is still open. */
static void nothing_is_given_before_it_is_signed(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1);
	struct err err = { 0 };
	bool immutable;
	test_append(&t, 3, 3);
	struct entry e = test_entry(t.mem, 3);
	assert_int_equal(ledger_append(t.ledger, t.tx, &e, NULL, &err), 0);
	assert_int_equal(get(&t, "tile/entries/000.p/3", true, &immutable), 0);
	assert_int_equal(get(&t, "tile/entries/000.p/4", true, &immutable), ERR_NOT_FOUND);
	assert_int_equal(get(&t, "tile/0/000.p/4", true, &immutable), ERR_NOT_FOUND);
	assert_int_equal(DB_COUNT(t.tx, &Q_HEADS), 1);
	test_log_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proof_carries_its_entry), cmocka_unit_test(many_proofs_of_a_head_are_those_of_each),
		cmocka_unit_test(a_proof_with_one_byte_changed_proves_nothing),
		cmocka_unit_test(the_log_proves_that_it_only_grew), cmocka_unit_test(two_witnesses_vouch_for_a_head), cmocka_unit_test(a_witness_tells_what_it_saw_last),
		cmocka_unit_test(a_witness_signs_no_second_history), cmocka_unit_test(hashes_are_public_and_lines_are_not), cmocka_unit_test(nothing_is_given_before_it_is_signed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
