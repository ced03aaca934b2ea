/* Tiles, their names and bundles, by tests/vectors/tlog: tiles.json (entry i is the text "leaf i") and the sample log of another maker. */
#include "ledger/ledger_i.h"
#include <setjmp.h>
#include <cmocka.h>

#define VECTORS "tests/vectors/tlog/"
#define LEAVES 70000

SQL(Q_LINE_PUT, 2, "INSERT INTO log_entry(n, line) VALUES(?1,?2)");
SQL(Q_HEAD_PUT, 2, "INSERT INTO log_checkpoint(size, note) VALUES(?1,?2)");
SQL(Q_HEADS_DROP, 0, "DELETE FROM log_checkpoint");

static struct arena *mem;
static struct store *store;
static struct tx *tx;
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

static json_t *vectors(const char *key)
{
	json_t *v = json_object_get(json_read(mem, file_read(VECTORS "tiles.json"), NULL), key);
	assert_non_null(v);
	return v;
}

static int small_open(void **state)
{
	(void)state;
	mem = arena_new((size_t)256 << 20);
	return 0;
}

static int small_close(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

/* The hashes of full tiles of one level become the level above. */
static void level_fill(unsigned level, uint64_t hashes)
{
	struct hash tile[TILE_WIDTH];
	for (uint64_t n = 0; n < hashes / TILE_WIDTH; n++) {
		struct arena *scratch = arena_new((size_t)16 << 20);
		assert_int_equal(tile_hashes(scratch, tx, level, n, TILE_WIDTH, tile, &err), 0);
		struct hash root = tile_root(tile, TILE_WIDTH);
		assert_int_equal(tile_full(tx, level, n, &root, &err), 0);
		arena_free(scratch);
	}
}

static int log_open(void **state)
{
	static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS };
	small_open(state);
	assert_int_equal(store_open(mem, ":memory:", &store, &err), 0);
	assert_int_equal(store_migrate(store, SETS, 1, &err), 0);
	tx = store_tx(store);
	assert_int_equal(tx_begin(tx, &err), 0);
	for (int i = 0; i < LEAVES; i++) {
		char line[32];
		int n = snprintf(line, sizeof line, "leaf %d", i);
		assert_true(DB_RUN(tx, &Q_LINE_PUT, &err, db_int(i), db_text((struct str){ line, (size_t)n })) >= 0);
	}
	level_fill(0, LEAVES);
	level_fill(1, LEAVES / TILE_WIDTH);
	return tx_commit(tx, &err);
}

static int log_close(void **state)
{
	store_close(store);
	return small_close(state);
}

/* What the log shows is bound by its newest checkpoint. */
static void head_put(uint64_t size)
{
	assert_true(DB_RUN(tx, &Q_HEADS_DROP, &err) >= 0);
	assert_true(DB_RUN(tx, &Q_HEAD_PUT, &err, db_int((int64_t)size), db_z("no note")) >= 0);
}

static int tile_get(struct arena *a, int level, uint64_t n, size_t width, struct str *body)
{
	struct str path = tile_name_text(a, &(struct tile_name){ level, n, width });
	const char *type;
	bool immutable = false;
	struct err failed = { 0 };
	int rc = ledger_http(a, NULL, tx, path, true, body, &type, &immutable, &failed);
	if (rc < 0)
		assert_int_equal(failed.code, ERR_NOT_FOUND);
	else
		assert_int_equal(immutable, width == TILE_WIDTH);
	return rc;
}

static void test_paths(void **state)
{
	(void)state;
	json_t *all = vectors("paths"), *v;
	size_t i;
	json_array_foreach(all, i, v) {
		const json_t *level = json_object_get(v, "level");
		struct tile_name want = { json_is_string(level) ? -1 : (int)json_integer_value(level), (uint64_t)json_int(v, "index", 0),
			(size_t)json_int(v, "width", 0) }, got;
		struct str path = json_str(v, "path"), text = tile_name_text(mem, &want);
		if (!str_eq(text, path))
			fail_msg(S_FMT " is written " S_FMT, S_ARG(path), S_ARG(text));
		assert_int_equal(tile_name_parse(path, &got), 0);
		assert_int_equal(got.level, want.level);
		assert_int_equal(got.n, want.n);
		assert_int_equal(got.width, want.width);
	}
	assert_int_equal(i, 12);
}

static void test_a_tile_has_one_name(void **state)
{
	(void)state;
	static const char *const BAD[] = { "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/000/", "tile/0/000/000",
		"tile/00/000", "tile/01/000", "tile/-1/000", "tile/+0/000", "tile/64/000", "tile//000", "tile/entry/000", "Tile/0/000", "/tile/0/000",
		"tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/1/", "tile/0/000.p/1/1", "tile/0/000.p/-1",
		"tile/0/x001", "tile/0/x001/", "tile/0/001/x002", "tile/0/x01/000", "tile/0/X001/000", "tile/0/x000/001", "tile/0/x000/x001/000",
		"tile/0/x001.p/000", "tile/0/x001/000.q/1", "tile/0/..", "tile/0/ 00", "tile/0/+00", "tile/0/x001/x001/x001/x001/x001/x001/000" };
	struct tile_name t;
	for (size_t i = 0; i < COUNT(BAD); i++)
		if (tile_name_parse(str_of(BAD[i]), &t) == 0)
			fail_msg("\"%s\" is taken for a tile", BAD[i]);
}

static void test_no_tile_past_the_end_of_numbers(void **state)
{
	(void)state;
	static const char *const FAR[] = { "tile/0/x072/x057/x594/x037/x927/935", "tile/1/x072/x057/x594/x037/x927/935", "tile/entries/x999/x999/x999/x999/x999/999",
		"tile/63/000", "tile/8/000" };
	head_put(LEAVES);
	for (size_t i = 0; i < COUNT(FAR); i++) {
		struct str body;
		const char *type;
		bool immutable;
		struct err failed = { 0 };
		assert_int_equal(ledger_http(mem, NULL, tx, str_of(FAR[i]), true, &body, &type, &immutable, &failed), -1);
		assert_int_equal(failed.code, ERR_NOT_FOUND);
		assert_string_equal(failed.log, "no such tile");      /* refused before the tables are asked */
	}
}

/* One level of a tree: its full tiles and its partial one are given, and nothing behind them. */
static void level_check(const json_t *row)
{
	struct arena *a = arena_new((size_t)64 << 20);
	int level = (int)json_int(row, "level", -1);
	uint64_t full = (uint64_t)json_int(row, "full_tiles", 0);
	size_t part = (size_t)json_int(row, "partial_width", 0);
	struct str body;
	if (full) {
		assert_int_equal(tile_get(a, level, 0, TILE_WIDTH, &body), 0);
		assert_int_equal(tile_get(a, level, full - 1, TILE_WIDTH, &body), 0);
		assert_int_equal(body.n, TILE_WIDTH * HASH_BYTES);
	}
	assert_int_equal(tile_get(a, level, full, TILE_WIDTH, &body), -1);
	assert_int_equal(tile_get(a, level, full, part + 1, &body), -1);
	if (part) {
		assert_int_equal(tile_get(a, level, full, part, &body), 0);
		assert_int_equal(body.n, part * HASH_BYTES);
	}
	if (level == 0 && part)
		assert_int_equal(tile_get(a, -1, full, part, &body), 0);
	assert_int_equal(tile_get(a, level ? level : -1, full, part + 1, &body), -1);
	arena_free(a);
}

static void test_a_tree_gives_the_tiles_of_its_size(void **state)
{
	(void)state;
	json_t *all = vectors("tiles_by_size"), *rows, *row;
	const char *size;
	size_t i, sizes = 0;
	json_object_foreach(all, size, rows) {
		uint64_t n;
		struct str body;
		assert_int_equal(str_u64(str_of(size), &n), 0);
		head_put(n);
		json_array_foreach(rows, i, row)
			level_check(row);
		assert_int_equal(tile_get(mem, (int)json_array_size(rows), 0, 1, &body), -1);
		sizes++;
	}
	assert_int_equal(sizes, 9);
}

static void test_roots_of_large_trees(void **state)
{
	(void)state;
	struct hash *leaves = NEW_ARRAY(mem, struct hash, LEAVES);
	json_t *all = vectors("roots_hex"), *v;
	const char *size;
	size_t sizes = 0;
	for (int i = 0; i < LEAVES; i++)
		leaves[i] = leaf_hash(str_bytes(str_fmt(mem, "leaf %d", i)));
	json_object_foreach(all, size, v) {
		struct hash by_tiles, plain;
		uint64_t n;
		assert_int_equal(str_u64(str_of(size), &n), 0);
		assert_int_equal(range_hash(mem, tx, 0, n, &by_tiles, &err), 0);
		plain = merkle_root(leaves, (size_t)n);
		assert_string_equal(hex(mem, bytes_of(by_tiles.b, HASH_BYTES)).p, json_string_value(v));
		assert_string_equal(hex(mem, bytes_of(plain.b, HASH_BYTES)).p, json_string_value(v));
		sizes++;
	}
	assert_int_equal(sizes, 10);
}

static void test_proofs_from_tiles_hold(void **state)
{
	(void)state;
	static const uint64_t SIZES[] = { 1, 2, 3, 255, 256, 257, 511, 512, 65535, 65536, 65537, LEAVES };
	struct hash roots[COUNT(SIZES)], proof[64], leaf;
	size_t n;
	for (size_t i = 0; i < COUNT(SIZES); i++) {
		struct str line;
		uint64_t at[] = { 0, SIZES[i] / 2, SIZES[i] - 1 };
		assert_int_equal(range_hash(mem, tx, 0, SIZES[i], &roots[i], &err), 0);
		for (size_t k = 0; k < COUNT(at); k++) {
			assert_int_equal(inclusion_proof(mem, tx, at[k], SIZES[i], proof, &n, &err), 0);
			assert_int_equal(log_line_at(mem, tx, at[k], &line, &err), 0);
			leaf = leaf_hash(str_bytes(line));
			assert_int_equal(merkle_check_inclusion(at[k], SIZES[i], &leaf, proof, n, &roots[i]), 0);
			assert_int_equal(merkle_check_inclusion(at[k] ^ 1, SIZES[i], &leaf, proof, n, &roots[i]), -1);
		}
		for (size_t k = 0; k <= i; k++) {
			assert_int_equal(consistency_proof(mem, tx, SIZES[k], SIZES[i], proof, &n, &err), 0);
			assert_int_equal(merkle_check_consistency(SIZES[k], SIZES[i], &roots[k], &roots[i], proof, n), 0);
			if (k < i)
				assert_int_equal(merkle_check_consistency(SIZES[k], SIZES[i], &roots[i], &roots[i], proof, n), -1);
		}
	}
}

/* One size of the sample log: its signed root is that of the bundle's entries and of the tile. */
static void sample_check(const struct note_key *key, size_t size)
{
	struct str text;
	struct checkpoint head;
	struct hash leaves[16], root;
	assert_int_equal(note_open(mem, file_read(str_fmt(mem, VECTORS "samplelog/checkpoint.%zu", size).p), key, &text, &err), 0);
	assert_int_equal(checkpoint_parse(mem, text, &head, &err), 0);
	assert_true(str_eq(head.origin, key->name));
	assert_int_equal(head.size, size);
	assert_true(str_eq(checkpoint_text(mem, head.origin, head.size, &head.root), text));
	if (size) {
		struct reader r = reader_of(str_bytes(file_read(str_fmt(mem, VECTORS "samplelog/tile/entries/000.p/%zu", size).p)));
		struct str tile = file_read(str_fmt(mem, VECTORS "samplelog/tile/0/000.p/%zu", size).p);
		assert_int_equal(tile.n, size * HASH_BYTES);
		for (size_t i = 0; i < size; i++) {
			leaves[i] = leaf_hash(get_bytes(&r, get_u16(&r)));
			assert_memory_equal(leaves[i].b, tile.p + i * HASH_BYTES, HASH_BYTES);
		}
		assert_true(reader_done(&r));
	}
	root = merkle_root(leaves, size);
	assert_true(hash_eq(&root, &head.root));
}

static void test_the_sample_log_of_another_maker(void **state)
{
	(void)state;
	struct note_key key, other;
	struct str text;
	assert_int_equal(note_key_parse(mem, str_trim(file_read(VECTORS "samplelog/vkey.txt")), &key, &err), 0);
	for (size_t size = 0; size <= 15; size++)
		sample_check(&key, size);
	other = key;
	other.public_key[0] ^= 1;
	assert_int_equal(note_open(mem, file_read(VECTORS "samplelog/checkpoint"), &key, &text, &err), 0);
	assert_int_equal(note_open(mem, file_read(VECTORS "samplelog/checkpoint"), &other, &text, NULL), -1);
}

static void test_what_is_no_checkpoint(void **state)
{
	(void)state;
	static const char ROOT[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
	static const char *const SIZES[] = { "", "00", "01", "-1", "+1", "1 ", "0x1", "18446744073709551616" };
	static const char *const ROOTS[] = { "", "47DEQpj8HBSa", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=" };
	struct checkpoint c;
	assert_int_equal(checkpoint_parse(mem, str_fmt(mem, "a/log\n0\n%s\n", ROOT), &c, NULL), 0);
	assert_int_equal(checkpoint_parse(mem, str_fmt(mem, "a/log\n18446744073709551615\n%s\nextension\n", ROOT), &c, NULL), 0);
	assert_int_equal(c.size, UINT64_MAX);
	assert_int_equal(checkpoint_parse(mem, str_fmt(mem, "\n0\n%s\n", ROOT), &c, NULL), -1);
	assert_int_equal(checkpoint_parse(mem, str_fmt(mem, "a/log\n0\n%s", ROOT), &c, NULL), -1);
	for (size_t i = 0; i < COUNT(SIZES); i++)
		assert_int_equal(checkpoint_parse(mem, str_fmt(mem, "a/log\n%s\n%s\n", SIZES[i], ROOT), &c, NULL), -1);
	for (size_t i = 0; i < COUNT(ROOTS); i++)
		assert_int_equal(checkpoint_parse(mem, str_fmt(mem, "a/log\n0\n%s\n", ROOTS[i]), &c, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest small[] = {
		cmocka_unit_test_setup_teardown(test_paths, small_open, small_close),
		cmocka_unit_test_setup_teardown(test_a_tile_has_one_name, small_open, small_close),
		cmocka_unit_test_setup_teardown(test_the_sample_log_of_another_maker, small_open, small_close),
		cmocka_unit_test_setup_teardown(test_what_is_no_checkpoint, small_open, small_close),
	};
	const struct CMUnitTest large[] = {
		cmocka_unit_test(test_a_tree_gives_the_tiles_of_its_size),
		cmocka_unit_test(test_roots_of_large_trees),
		cmocka_unit_test(test_proofs_from_tiles_hold),
		cmocka_unit_test(test_no_tile_past_the_end_of_numbers),
	};
	return cmocka_run_group_tests(small, NULL, NULL) + cmocka_run_group_tests(large, log_open, log_close);
}
