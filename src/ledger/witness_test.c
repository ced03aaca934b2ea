/* A witness and its proofs: tests/vectors/tlog/witness.json, made by an implementation that is not ours. Its seeds are test values. */
#include "ledger/ledger_i.h"
#include <setjmp.h>
#include <sodium.h>
#include <cmocka.h>

SQL(Q_SEEN_SIZE, 0, "SELECT coalesce(max(size), 0) FROM log_witnessed");

static struct arena *mem;
static struct store *store;
static struct tx *tx;
static struct keys *keys;
static struct note_key log_key, own_key;
static json_t *all;
static struct err err;

static struct str file_read(const char *path)
{
	enum { MAX = 1 << 16 };
	char *text = arena_alloc(mem, MAX);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is missing: run from the root of the project", path);
	size_t n = fread(text, 1, MAX, f);
	fclose(f);
	return (struct str){ text, n };
}

static int witness_open(void **state)
{
	static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS };
	uint8_t public_key[32];
	(void)state;
	err = (struct err){ 0 };
	mem = arena_new((size_t)64 << 20);
	all = json_read(mem, file_read("tests/vectors/tlog/witness.json"), NULL);
	assert_non_null(all);
	keys = keys_local(mem, &(struct keys_start){ .blob = keys_blob_new(mem, source_test(mem, 1, 1, 7)), .counters_fd = -1, .ceiling = 1000 }, &err);
	assert_non_null(keys);
	assert_int_equal(store_open(mem, ":memory:", &store, &err), 0);
	assert_int_equal(store_migrate(store, SETS, 1, &err), 0);
	tx = store_tx(store);
	assert_int_equal(note_key_parse(mem, json_str(all, "log_vkey"), &log_key, &err), 0);
	assert_int_equal(keys_public(keys, SIGN_WITNESS, public_key, &err), 0);
	own_key = note_key_make(mem, STR("overseer/witness"), NOTE_COSIGNATURE, public_key);
	return 0;
}

static int witness_close(void **state)
{
	(void)state;
	keys_end(keys);
	store_close(store);
	arena_free(mem);
	return 0;
}

static int ask(struct str request, int64_t time_s, struct str *answer)
{
	int status = 0;
	const struct source *at = source_test(mem, time_s * 1000, 0, 1);
	if (witness_add(mem, tx, keys, at, STR("overseer"), &log_key, 1, request, &status, answer, &err) < 0)
		fail_msg("%s", err.log);
	return status;
}

static struct str request_note(const json_t *c)
{
	struct str body = json_str(c, "request_body");
	size_t at = str_find(body, STR("\n\n"));
	assert_true(at < body.n);
	return str_sub(body, at + 2, body.n);
}

/* Our own answer: the signature is good, of that time, over that head. */
static void own_cosignature(const json_t *c, struct str answer)
{
	struct note note;
	uint64_t time_s = 0;
	assert_int_equal(note_parse(mem, str_join(mem, request_note(c), answer), &note, &err), 0);
	assert_int_equal(note.n, 2);
	assert_int_equal(note_verify(&note, &log_key, NULL), 1);
	assert_int_equal(note_verify(&note, &own_key, &time_s), 1);
	assert_int_equal(time_s, json_int(c, "time", 0));
}

static void test_ten_exchanges_in_order(void **state)
{
	(void)state;
	const json_t *list = json_object_get(all, "add_checkpoint_in_order"), *c;
	int64_t seen = 0;
	size_t i;
	assert_int_equal(json_array_size(list), 10);
	json_array_foreach(list, i, c) {
		struct str answer;
		int want = (int)json_int(c, "status", 0), got = ask(json_str(c, "request_body"), json_int(c, "time", 0), &answer);
		if (got != want)
			fail_msg("exchange %zu (%s): %d, not %d", i, json_str(c, "desc").n ? json_str(c, "desc").p : "grown", got, want);
		if (want == 200) {
			own_cosignature(c, answer);
			seen = json_int(c, "new", 0);
		} else {
			assert_true(str_eq(answer, json_str(c, "response_body")));      /* a 409 says the size; others say nothing */
		}
		assert_int_equal(DB_COUNT(tx, &Q_SEEN_SIZE), seen);      /* a refused head is forgotten */
	}
	assert_int_equal(seen, 300);
}

static void test_the_other_witness_signs_the_same_bytes(void **state)
{
	(void)state;
	const json_t *list = json_object_get(all, "add_checkpoint_in_order"), *c;
	struct note_key key;
	struct bytes seed;
	uint8_t public_key[32], secret[64], signature[64];
	size_t i, checked = 0;
	assert_int_equal(note_key_parse(mem, json_str(all, "witness_vkey"), &key, &err), 0);
	assert_int_equal(hex_read(mem, json_str(all, "witness_seed_hex_test_only"), &seed), 0);
	assert_int_equal(crypto_sign_seed_keypair(public_key, secret, seed.p), 0);
	assert_memory_equal(public_key, key.public_key, sizeof public_key);
	json_array_foreach(list, i, c) {
		struct note note;
		uint64_t time_s = 0;
		if (json_int(c, "status", 0) != 200)
			continue;
		assert_int_equal(note_parse(mem, json_str(c, "cosigned_checkpoint"), &note, &err), 0);
		assert_int_equal(note_verify(&note, &log_key, NULL), 1);
		assert_int_equal(note_verify(&note, &key, &time_s), 1);
		assert_int_equal(time_s, json_int(c, "time", 0));
		struct bytes message = note_message(mem, &key, note.text, time_s);
		crypto_sign_detached(signature, NULL, message.p, message.n, secret);
		assert_true(str_eq(note_line(mem, &key, signature, time_s), json_str(c, "response_body")));
		checked++;
	}
	assert_int_equal(checked, 4);
}

static void test_bodies_that_are_no_request(void **state)
{
	(void)state;
	static const char *const HEADS[] = { "", "\n", "old\n\n", "old \n\n", "old -1\n\n", "old 00\n\n", "old 01\n\n", "old 0", "old 0\nAAAA\n\n", "old 0\nnot base64\n\n",
		"new 0\n\n", " old 0\n\n", "old 18446744073709551616\n\n", "old 0 \n\n" };
	struct str note = request_note(json_array_get(json_object_get(all, "add_checkpoint_in_order"), 0)), answer;
	for (size_t i = 0; i < COUNT(HEADS); i++)
		if (ask(str_join(mem, str_of(HEADS[i]), note), 1, &answer) != 400)
			fail_msg("\"%s\" is taken for the head of a request", HEADS[i]);
	assert_int_equal(ask(STR("old 0\n\n"), 1, &answer), 400);
	struct buf b = buf_new(mem, 1 << 16);
	buf_z(&b, "old 0\n");
	for (int i = 0; i < 64; i++)                       /* the protocol allows 63 hashes */
		buf_z(&b, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
	buf_ch(&b, '\n');
	buf_str(&b, note);
	assert_int_equal(ask(buf_text(&b), 1, &answer), 400);
	assert_int_equal(DB_COUNT(tx, &Q_SEEN_SIZE), 0);
}

static void test_a_first_head_comes_without_proof(void **state)
{
	(void)state;
	const json_t *first = json_array_get(json_object_get(all, "add_checkpoint_in_order"), 0);
	struct str note = request_note(first), answer;
	struct str padded = str_join(mem, STR("old 0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"), note);
	assert_int_equal(ask(padded, 1, &answer), 422);
	assert_int_equal(answer.n, 0);
	assert_int_equal(ask(json_str(first, "request_body"), 1767225600, &answer), 200);
	assert_int_equal(ask(json_str(first, "request_body"), 1767225601, &answer), 409);
	assert_true(str_is(answer, "5\n"));
	assert_int_equal(ask(str_join(mem, STR("old 5\n\n"), note), 1767225601, &answer), 200);      /* the same head once more */
}

static void test_six_proofs(void **state)
{
	(void)state;
	const json_t *list = json_object_get(all, "tlog_proofs"), *c;
	struct note_key witness;
	size_t i;
	assert_int_equal(json_array_size(list), 6);
	assert_int_equal(note_key_parse(mem, json_str(all, "witness_vkey"), &witness, &err), 0);
	json_array_foreach(list, i, c) {
		struct proof_file p, bent;
		struct note note;
		struct str line;
		struct hash leaf = leaf_hash(str_bytes(json_str(c, "entry"))), other = leaf_hash(str_bytes(STR("leaf 301")));
		assert_int_equal(proof_read(mem, json_str(c, "tlog_proof"), &p, &err), 0);
		assert_int_equal(p.index, json_int(c, "index", -1));
		assert_int_equal(proof_check(mem, &p, &leaf, &log_key, &err), 0);
		assert_int_equal(note_parse(mem, p.note, &note, &err), 0);
		assert_int_equal(note_verify(&note, &witness, NULL), 1);
		assert_int_equal(proof_check(mem, &p, &other, &log_key, NULL), -1);
		assert_int_equal(proof_check(mem, &p, &leaf, &witness, NULL), -1);      /* a cosignature is not the log's signature */
		bent = p;
		bent.index ^= 1;
		assert_int_equal(proof_check(mem, &bent, &leaf, &log_key, NULL), -1);
		bent = p;
		bent.hashes[0].b[31] ^= 1;
		bent.n = p.n ? p.n : 1;      /* the tree of one entry has none: then one too many */
		assert_int_equal(proof_check(mem, &bent, &leaf, &log_key, NULL), -1);
		assert_int_equal(log_check_proof(mem, json_str(c, "tlog_proof"), &log_key, &line, NULL), -1);      /* these carry no entry */
	}
}

static void test_a_proof_file_that_is_cut_or_bent(void **state)
{
	(void)state;
	struct str whole = json_str(json_array_get(json_object_get(all, "tlog_proofs"), 1), "tlog_proof");
	struct hash leaf = leaf_hash(str_bytes(STR("leaf 0")));
	struct proof_file p;
	size_t body = str_find(whole, STR("\n\n")), end = body + str_find(str_sub(whole, body + 2, whole.n), STR("\n\n")) + 4;
	assert_int_equal(proof_read(mem, whole, &p, &err), 0);
	assert_int_equal(proof_check(mem, &p, &leaf, &log_key, &err), 0);
	for (size_t n = 0; n < whole.n; n++) {             /* cut anywhere; the last lines are the witness's, without which it is still the log's */
		struct arena *a = arena_new((size_t)8 << 20);
		struct str cut = str_sub(whole, 0, n);
		bool good = proof_read(a, cut, &p, NULL) == 0 && proof_check(a, &p, &leaf, &log_key, NULL) == 0;
		if (good && (n <= end || cut.p[n - 1] != '\n'))
			fail_msg("good when cut to %zu bytes", n);
		arena_free(a);
	}
	for (size_t at = 0; at < end; at++) {              /* head, index, hashes, checkpoint text: no bit of them is free */
		struct arena *a = arena_new((size_t)8 << 20);
		struct str bent = str_dup(a, whole);
		char *p8 = arena_copy(a, bent.p, bent.n);
		p8[at] = (char)(p8[at] ^ 1);
		bent.p = p8;
		if (proof_read(a, bent, &p, NULL) == 0 && proof_check(a, &p, &leaf, &log_key, NULL) == 0)
			fail_msg("good with byte %zu changed", at);
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ten_exchanges_in_order, witness_open, witness_close),
		cmocka_unit_test_setup_teardown(test_the_other_witness_signs_the_same_bytes, witness_open, witness_close),
		cmocka_unit_test_setup_teardown(test_bodies_that_are_no_request, witness_open, witness_close),
		cmocka_unit_test_setup_teardown(test_a_first_head_comes_without_proof, witness_open, witness_close),
		cmocka_unit_test_setup_teardown(test_six_proofs, witness_open, witness_close),
		cmocka_unit_test_setup_teardown(test_a_proof_file_that_is_cut_or_bent, witness_open, witness_close),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
