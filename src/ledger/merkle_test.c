/* RFC 6962 trees against the published vectors (tests/vectors/tlog): values that others computed. */
#include "ledger/ledger.h"
#include <setjmp.h>
#include <cmocka.h>

#define PROOF_ROOM 80

static struct arena *mem;

static int mem_open(void **state)
{
	(void)state;
	mem = arena_new((size_t)64 << 20);
	return 0;
}

static int mem_close(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static struct str file_read(const char *path)
{
	enum { MAX = 1 << 18 };
	char *text = arena_alloc(mem, MAX);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is missing: run from the root of the project", path);
	size_t n = fread(text, 1, MAX, f);
	fclose(f);
	return (struct str){ text, n };
}

static struct bytes unhex(const json_t *v)
{
	struct bytes b;
	assert_true(json_is_string(v));
	assert_int_equal(hex_read(mem, str_of(json_string_value(v)), &b), 0);
	return b;
}

static struct hash hash_hex(const json_t *v)
{
	struct hash h;
	struct bytes b = unhex(v);
	assert_int_equal(b.n, HASH_BYTES);
	memcpy(h.b, b.p, HASH_BYTES);
	return h;
}

/* -1 where it is not 32 bytes of base64: a node reads hashes from others in this way. */
static int hash_base64(const json_t *v, struct hash *out)
{
	struct bytes b;
	if (!json_is_string(v) || base64_read(mem, str_of(json_string_value(v)), &b) < 0 || b.n != HASH_BYTES)
		return -1;
	memcpy(out->b, b.p, HASH_BYTES);
	return 0;
}

static int proof_base64(const json_t *list, struct hash *out, size_t *n)
{
	*n = json_array_size(list);
	assert_true(*n <= PROOF_ROOM);
	for (size_t i = 0; i < *n; i++)
		if (hash_base64(json_array_get(list, i), &out[i]) < 0)
			return -1;
	return 0;
}

/* A number of a case from its text: some are over what a JSON integer of the library holds. */
static uint64_t number(struct str line, const char *key)
{
	struct str name = str_fmt(mem, "\"%s\":", key);
	struct str rest = str_sub(line, str_find(line, name) + name.n, line.n);
	uint64_t out;
	assert_int_equal(str_u64(str_cut(&rest, ','), &out), 0);
	return out;
}

static void test_roots_and_subtrees_are_those_of_the_rfc(void **state)
{
	(void)state;
	json_t *v = json_read(mem, file_read("tests/vectors/tlog/rfc6962.json"), NULL), *row;
	const json_t *texts = json_object_get(v, "leaves_hex"), *roots = json_object_get(v, "roots_hex_by_size");
	struct hash leaves[8];
	size_t level;
	assert_int_equal(json_array_size(texts), COUNT(leaves));
	assert_int_equal(json_array_size(roots), COUNT(leaves) + 1);
	for (size_t i = 0; i < COUNT(leaves); i++)
		leaves[i] = leaf_hash(unhex(json_array_get(texts, i)));
	for (size_t n = 0; n <= COUNT(leaves); n++) {
		struct hash got = merkle_root(leaves, n), want = hash_hex(json_array_get(roots, n));
		if (!hash_eq(&got, &want))
			fail_msg("the root of %zu leaves", n);
	}
	json_array_foreach(json_object_get(v, "complete_subtree_hashes_hex_by_level"), level, row) {
		assert_int_equal(json_array_size(row), COUNT(leaves) >> level);
		for (size_t i = 0; i < json_array_size(row); i++) {
			struct hash got = merkle_root(leaves + (i << level), (size_t)1 << level), want = hash_hex(json_array_get(row, i));
			if (!hash_eq(&got, &want))
				fail_msg("subtree %zu of level %zu", i, level);
		}
	}
	assert_int_equal(level, 4);
}

static void test_a_leaf_is_no_inner_node(void **state)
{
	(void)state;
	struct hash a = leaf_hash(str_bytes(STR("a"))), b = leaf_hash(str_bytes(STR("b")));
	uint8_t both[2 * HASH_BYTES];
	memcpy(both, a.b, HASH_BYTES);
	memcpy(both + HASH_BYTES, b.b, HASH_BYTES);
	struct hash leaf = leaf_hash(bytes_of(both, sizeof both)), node = node_hash(&a, &b), plain = sha256(bytes_of(both, sizeof both));
	assert_false(hash_eq(&leaf, &node));
	assert_false(hash_eq(&leaf, &plain));
	assert_false(hash_eq(&node, &plain));
}

/* Whether the case is refused, by the reader of hashes or by the verifier. */
static bool inclusion_refused(struct str line, const json_t *c)
{
	struct hash proof[PROOF_ROOM], root, leaf;
	size_t n;
	if (hash_base64(json_object_get(c, "root"), &root) < 0 || hash_base64(json_object_get(c, "leafHash"), &leaf) < 0 ||
	    proof_base64(json_object_get(c, "proof"), proof, &n) < 0)
		return true;
	return merkle_check_inclusion(number(line, "leafIdx"), number(line, "treeSize"), &leaf, proof, n, &root) < 0;
}

/* Eleven cases are about sizes and give 12 bytes, "don't care 1" or 2, for a root. No reader of ours takes those; so that the verifier is
   tried on them too, this one fills them up to 32. */
static int root_base64(const json_t *v, struct hash *out)
{
	struct bytes b;
	if (hash_base64(v, out) == 0)
		return 0;
	if (base64_read(mem, str_of(json_string_value(v)), &b) < 0 || b.n != 12 || !str_starts(bytes_str(b), STR("don't care ")))
		return -1;
	*out = (struct hash){ { 0 } };
	memcpy(out->b, b.p, b.n);
	return 0;
}

static bool consistency_refused(struct str line, const json_t *c)
{
	struct hash proof[PROOF_ROOM], root1, root2;
	size_t n;
	if (root_base64(json_object_get(c, "root1"), &root1) < 0 || root_base64(json_object_get(c, "root2"), &root2) < 0 ||
	    proof_base64(json_object_get(c, "proof"), proof, &n) < 0)
		return true;
	return merkle_check_consistency(number(line, "size1"), number(line, "size2"), &root1, &root2, proof, n) < 0;
}

static void every_case(const char *path, bool (*refused)(struct str line, const json_t *c))
{
	struct str rest = file_read(path), line;
	size_t cases = 0, wrong = 0;
	while ((line = str_cut(&rest, '\n')).n) {
		json_t *c = json_keep(mem, json_loadb(line.p, line.n, JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES, NULL));
		assert_non_null(c);
		assert_true(json_is_boolean(json_object_get(c, "wantErr")));
		bool want = json_bool(c, "wantErr");
		if (refused(line, c) != want)
			fail_msg("%s is %s", json_str(c, "id").p, want ? "accepted" : "refused");
		cases++;
		wrong += want;
	}
	assert_int_equal(cases, 98);
	assert_int_equal(wrong, 92);
}

static void test_every_inclusion_case(void **state)
{
	(void)state;
	every_case("tests/vectors/tlog/inclusion.jsonl", inclusion_refused);
}

static void test_every_consistency_case(void **state)
{
	(void)state;
	every_case("tests/vectors/tlog/consistency.jsonl", consistency_refused);
}

/* The rule that one published case (equal sizes, "don't care 2" as both roots) would break: a hash is 32 bytes. */
static void test_a_hash_of_another_length_is_no_hash(void **state)
{
	(void)state;
	static const size_t LENGTHS[] = { 0, 12, 31, 33, 64 };
	uint8_t raw[64] = { 0 };
	struct hash h;
	for (size_t i = 0; i < COUNT(LENGTHS); i++)
		assert_int_equal(hash_base64(json_keep(mem, json_new_str(base64(mem, bytes_of(raw, LENGTHS[i])))), &h), -1);
	assert_int_equal(hash_base64(json_keep(mem, json_new_str(base64(mem, bytes_of(raw, HASH_BYTES)))), &h), 0);
	assert_int_equal(hash_base64(NULL, &h), -1);
}

/* A proof for every place of a small tree holds there, and nowhere else. */
static void test_a_proof_holds_for_its_place_only(void **state)
{
	(void)state;
	struct hash l[3] = { leaf_hash(str_bytes(STR("0"))), leaf_hash(str_bytes(STR("1"))), leaf_hash(str_bytes(STR("2"))) };
	struct hash root = merkle_root(l, 3), left = merkle_root(l, 2);
	const struct hash first[2] = { l[1], l[2] };
	assert_int_equal(merkle_check_inclusion(0, 3, &l[0], first, 2, &root), 0);
	assert_int_equal(merkle_check_inclusion(2, 3, &l[2], &left, 1, &root), 0);
	assert_int_equal(merkle_check_inclusion(1, 3, &l[0], first, 2, &root), -1);
	assert_int_equal(merkle_check_inclusion(0, 3, &l[1], first, 2, &root), -1);
	assert_int_equal(merkle_check_inclusion(0, 3, &l[0], first, 1, &root), -1);
	assert_int_equal(merkle_check_inclusion(3, 3, &l[0], first, 2, &root), -1);
	assert_int_equal(merkle_check_inclusion(0, 0, &l[0], NULL, 0, &root), -1);
	assert_int_equal(merkle_check_consistency(2, 3, &left, &root, &l[2], 1), 0);
	assert_int_equal(merkle_check_consistency(3, 2, &root, &left, &l[2], 1), -1);
	assert_int_equal(merkle_check_consistency(0, 3, &left, &root, NULL, 0), -1);
	assert_int_equal(merkle_check_consistency(3, 3, &left, &root, NULL, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_roots_and_subtrees_are_those_of_the_rfc, mem_open, mem_close),
		cmocka_unit_test(test_a_leaf_is_no_inner_node),
		cmocka_unit_test_setup_teardown(test_every_inclusion_case, mem_open, mem_close),
		cmocka_unit_test_setup_teardown(test_every_consistency_case, mem_open, mem_close),
		cmocka_unit_test_setup_teardown(test_a_hash_of_another_length_is_no_hash, mem_open, mem_close),
		cmocka_unit_test(test_a_proof_holds_for_its_place_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
