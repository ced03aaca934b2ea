#include "ledger/ledger_i.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Vectors of tests/vectors/tlog (sources and licences there): values that others computed. */

static struct str file(struct arena *mem, const char *name)
{
	FILE *f = fopen(str_fmt(mem, "tests/vectors/tlog/%s", name).p, "r");
	assert_non_null(f);
	char *p = arena_alloc(mem, (size_t)4 << 20);
	size_t n = fread(p, 1, (size_t)4 << 20, f);
	fclose(f);
	return (struct str){ p, n };
}

/* -1: a hash that is no 32 bytes. */
static int hash_of(struct arena *mem, const json_t *v, struct hash *out)
{
	struct bytes b;
	if (!json_is_string(v) || base64_read(mem, str_of(json_string_value(v)), &b) < 0 || b.n != HASH_BYTES)
		return -1;
	memcpy(out->b, b.p, HASH_BYTES);
	return 0;
}

static int hashes_of(struct arena *mem, const json_t *list, struct hash *out, size_t *n)
{
	*n = json_array_size(list);
	for (size_t i = 0; i < *n; i++)
		if (*n > 80 || hash_of(mem, json_array_get(list, i), &out[i]) < 0)
			return -1;
	return 0;
}

static void every_inclusion_case_is_judged_rightly(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)64 << 20);
	struct str rest = file(mem, "inclusion.jsonl");
	size_t cases = 0;
	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		json_t *c = json_read(mem, line, NULL);
		struct hash proof[80], root, leaf;
		size_t n;
		if (!line.n)
			continue;
		cases++;
		if (!c) {                        /* a size beyond 63 bits: refused by the reader */
			assert_true(str_find(line, STR("\"wantErr\":true")) < line.n);
			continue;
		}
		bool bad = hash_of(mem, json_object_get(c, "root"), &root) < 0 || hash_of(mem, json_object_get(c, "leafHash"), &leaf) < 0 ||
		    hashes_of(mem, json_object_get(c, "proof"), proof, &n) < 0;
		bad = bad || merkle_check_inclusion((uint64_t)json_int(c, "leafIdx", 0), (uint64_t)json_int(c, "treeSize", 0), &leaf, proof, n, &root) < 0;
		if (bad != json_bool(c, "wantErr"))
			fail_msg(S_FMT, S_ARG(json_str(c, "id")));
	}
	assert_int_equal(cases, 98);
	arena_free(mem);
}

static void every_consistency_case_is_judged_rightly(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)64 << 20);
	struct str rest = file(mem, "consistency.jsonl");
	size_t cases = 0;
	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		json_t *c = json_read(mem, line, NULL);
		struct hash proof[80], a, b;
		size_t n;
		if (!line.n)
			continue;
		cases++;
		if (!c) {                        /* a size beyond 63 bits: refused by the reader */
			assert_true(str_find(line, STR("\"wantErr\":true")) < line.n);
			continue;
		}
		bool bad = hash_of(mem, json_object_get(c, "root1"), &a) < 0 || hash_of(mem, json_object_get(c, "root2"), &b) < 0 ||
		    hashes_of(mem, json_object_get(c, "proof"), proof, &n) < 0;
		if (json_int(c, "size1", 0) == json_int(c, "size2", -1) && bad)      /* a root that is no hash: this library compares any bytes, ours refuses */
			continue;
		bad = bad || merkle_check_consistency((uint64_t)json_int(c, "size1", 0), (uint64_t)json_int(c, "size2", 0), &a, &b, proof, n) < 0;
		if (bad != json_bool(c, "wantErr"))
			fail_msg(S_FMT, S_ARG(json_str(c, "id")));
	}
	assert_int_equal(cases, 98);
	arena_free(mem);
}

static void the_published_proofs_hold(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)64 << 20);
	json_t *all = json_read(mem, file(mem, "witness.json"), NULL), *list = json_object_get(all, "tlog_proofs");
	struct note_key log;
	struct err err = { 0 };
	assert_int_equal(note_key_parse(mem, json_str(all, "log_vkey"), &log, &err), 0);
	assert_int_equal(json_array_size(list), 6);
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *c = json_array_get(list, i);
		struct proof_file p;
		struct hash leaf = leaf_hash(str_bytes(json_str(c, "entry"))), other = leaf_hash(str_bytes(STR("another entry")));
		assert_int_equal(proof_read(mem, json_str(c, "tlog_proof"), &p, &err), 0);
		assert_int_equal(proof_check(mem, &p, &leaf, &log, &err), 0);
		assert_int_equal(proof_check(mem, &p, &other, &log, &err), -1);
	}
	arena_free(mem);
}

static void a_witness_answers_as_the_protocol_says(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)256 << 20);
	json_t *all = json_read(mem, file(mem, "witness.json"), NULL), *list = json_object_get(all, "add_checkpoint_in_order");
	static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS };
	struct note_key log;
	struct store *store;
	struct err err = { 0 };
	struct keys *keys = keys_local(mem, &(struct keys_start){ keys_blob_new(mem, source_test(mem, 1, 1, 7)), -1, 1000, false }, &err);
	assert_int_equal(store_open(mem, ":memory:", &store, &err), 0);
	assert_int_equal(store_migrate(store, SETS, 1, &err), 0);
	assert_int_equal(note_key_parse(mem, json_str(all, "log_vkey"), &log, &err), 0);
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *c = json_array_get(list, i);
		int status = 0;
		struct str answer;
		assert_int_equal(witness_add(mem, store_tx(store), keys, source_system(), STR("w"), &log, 1, json_str(c, "request_body"), &status, &answer, &err), 0);
		assert_int_equal(status, json_int(c, "status", 0));
	}
	store_close(store);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_inclusion_case_is_judged_rightly),
		cmocka_unit_test(every_consistency_case_is_judged_rightly),
		cmocka_unit_test(the_published_proofs_hold),
		cmocka_unit_test(a_witness_answers_as_the_protocol_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
