/* The line of an entry, byte for byte as DESIGN 5 fixes it: other programs read it. */
#include "ledger/test_i.h"

SQL(Q_LIST, 1, "SELECT count(*) FROM log_tags WHERE n=?1");

static const uint8_t SALT[32] = { 1, 2, 3 }, X[16] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

/* h(salt, label, m) written out once more, from the text of the design. */
static struct str h(struct arena *mem, const char *label, struct bytes m)
{
	struct buf b = buf_new(mem, 4096);
	buf_z(&b, label);
	buf_u8(&b, 0);
	buf_put(&b, X, sizeof X);
	buf_put(&b, m.p, m.n);
	struct hash mac = hmac_sha256(bytes_of(SALT, 32), buf_bytes(&b));
	return base64(mem, bytes_of(mac.b, 16));
}

static void a_tag_is_what_the_design_says(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)1 << 20);
	assert_true(str_eq(entry_tag(mem, SALT, X, "tag", (struct bytes){ 0 }), h(mem, "tag", (struct bytes){ 0 })));
	assert_true(str_eq(entry_tag(mem, SALT, X, "rec", bytes_of("0123456789abcdef", 16)), h(mem, "rec", bytes_of("0123456789abcdef", 16))));
	assert_int_equal(entry_tag(mem, SALT, X, "tag", (struct bytes){ 0 }).n, 24);
	arena_free(mem);
}

static struct str line_of(struct test_log *t, const struct entry *e, struct bytes *tags)
{
	struct str line;
	struct err err = { 0 };
	if (entry_line(t->mem, t->ledger, e, TEST_START_MS + 7, X, &line, tags, &err) < 0)
		fail_msg("%s", err.log);
	return line;
}

static void every_key_in_its_place(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1);
	struct entry_subject subject = { SALT, { { 1 } } };
	struct id record = { { 3 } };
	struct bytes tags, body = bytes_of("sealed", 6);
	struct entry e = { .act = ACT_MOVE, .role = STR("CAMP_REG"), .type = STR("person"), .move = STR("confirm"), .purpose = STR("registration"), .basis = STR("mandate"),
		.fields = STR("P,X"), .to = STR("momd.iq"), .refused = STR("forbidden"), .record = record, .record_salt = SALT, .version = 2, .subjects = &subject,
		.nsubjects = 1, .body = body };
	struct str want = str_fmt(t.mem, "{\"v\":1,\"t\":\"2026-01-01T00:00:00.007Z\",\"node\":\"camp.example\",\"x\":\"/wECAwQFBgcICQoLDA0ODw==\",\"role\":\"CAMP_REG\",\"act\":\"move\","
	    "\"type\":\"person\",\"rec\":\"" S_FMT "\",\"ver\":2,\"move\":\"confirm\",\"purpose\":\"registration\",\"basis\":\"mandate\",\"fields\":\"P,X\",\"n\":1,"
	    "\"to\":\"momd.iq\",\"refused\":\"forbidden\",\"tags\":[\"" S_FMT "\"],\"body\":\"" S_FMT "\"}",
	    S_ARG(h(t.mem, "rec", bytes_of(record.b, 16))), S_ARG(h(t.mem, "tag", (struct bytes){ 0 })), S_ARG(h(t.mem, "body", body)));
	struct str got = line_of(&t, &e, &tags);
	if (!str_eq(got, want))
		fail_msg("\n got " S_FMT "\nwant " S_FMT, S_ARG(got), S_ARG(want));
	assert_int_equal(tags.n, 0);
	test_log_end(&t);
}

static void what_is_absent_is_left_out(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1);
	struct bytes tags;
	struct entry e = { .act = ACT_PUBLISH, .count = 12 };
	assert_true(str_is(line_of(&t, &e, &tags),
	    "{\"v\":1,\"t\":\"2026-01-01T00:00:00.007Z\",\"node\":\"camp.example\",\"x\":\"/wECAwQFBgcICQoLDA0ODw==\",\"act\":\"publish\",\"n\":12}"));
	test_log_end(&t);
}

static void the_same_actor_looks_different_in_each_line(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1);
	test_append(&t, 1, 1);
	struct entry e = test_entry(t.mem, 0);
	struct err err = { 0 };
	assert_int_equal(ledger_append(t.ledger, t.tx, &e, NULL, &err), 0);
	struct str a = test_line(&t, 0), b = test_line(&t, 1);
	static const char *const KEYS[] = { "x", "actor", "rec" };
	for (size_t i = 0; i < COUNT(KEYS); i++) {
		struct str one = json_str(json_read(t.mem, a, NULL), KEYS[i]), two = json_str(json_read(t.mem, b, NULL), KEYS[i]);
		assert_int_equal(one.n, 24);
		assert_false(str_eq(one, two));
	}
	test_log_end(&t);
}

static struct entry with_subjects(struct arena *mem, size_t n)
{
	struct entry_subject *s = NEW_ARRAY(mem, struct entry_subject, n);
	for (size_t i = 0; i < n; i++) {
		uint8_t *salt = arena_alloc(mem, 32);
		salt[0] = (uint8_t)i;
		salt[1] = (uint8_t)(i >> 8);
		s[i] = (struct entry_subject){ salt, { { (uint8_t)i, (uint8_t)(i >> 8), 1 } } };
	}
	return (struct entry){ .act = ACT_EXPORT, .role = STR("CAMP_MGR"), .subjects = s, .nsubjects = n };
}

static void up_to_sixteen_tags_stand_in_the_line_in_order(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1);
	struct entry e = with_subjects(t.mem, 16);
	struct bytes list, before = { 0 }, tag;
	json_t *line = json_read(t.mem, line_of(&t, &e, &list), NULL), *tags = json_object_get(line, "tags");
	assert_int_equal(json_array_size(tags), 16);
	assert_int_equal(json_int(line, "n", 0), 16);
	assert_null(json_object_get(line, "tagroot"));
	for (size_t i = 0; i < 16; i++, before = tag) {
		assert_int_equal(base64_read(t.mem, str_of(json_string_value(json_array_get(tags, i))), &tag), 0);
		assert_int_equal(tag.n, 16);
		assert_true(i == 0 || memcmp(before.p, tag.p, 16) < 0);
	}
	test_log_end(&t);
}

/* A list of 600: the line has its root, /log/tags/0 has the list, and an outsider finds a person in it by her salt. */
static void more_tags_are_a_list_under_a_root(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1);
	struct entry e = with_subjects(t.mem, 600);
	struct err err = { 0 };
	uint64_t index = 99;
	assert_int_equal(ledger_append(t.ledger, t.tx, &e, &index, &err), 0);
	assert_int_equal(ledger_close(t.ledger, t.tx, &err), 0);
	assert_int_equal(index, 0);
	json_t *line = json_read(t.mem, test_line(&t, 0), NULL);
	struct str list = test_get(&t, "tags/0");
	struct hash *leaves = NEW_ARRAY(t.mem, struct hash, 600);
	struct bytes x;
	bool found = false;
	assert_int_equal(list.n, 600 * 16);
	assert_int_equal(base64_read(t.mem, json_str(line, "x"), &x), 0);
	struct str hers = entry_tag(t.mem, e.subjects[599].salt, x.p, "tag", (struct bytes){ 0 });
	for (size_t i = 0; i < 600; i++) {
		struct str tag = str_sub(list, i * 16, 16);
		assert_true(i == 0 || memcmp(tag.p - 16, tag.p, 16) < 0);
		leaves[i] = leaf_hash(str_bytes(tag));
		found = found || str_eq(base64(t.mem, str_bytes(tag)), hers);
	}
	assert_true(found);
	struct hash root = merkle_root(leaves, 600);
	assert_true(str_eq(json_str(line, "tagroot"), base64(t.mem, bytes_of(root.b, HASH_BYTES))));
	assert_null(json_object_get(line, "tags"));
	assert_int_equal(DB_COUNT(t.tx, &Q_LIST, db_int(0)), 1);
	test_verifies(&t, 1);
	test_log_end(&t);
}

/* 4,096 bytes pass, one more does not; nothing of a refused entry stays. */
static void a_line_ends_at_4096_bytes(void **state)
{
	(void)state;
	struct test_log t = test_log_new(1, 1);
	struct err err = { 0 };
	struct bytes tags;
	char *word = arena_alloc(t.mem, 5000);
	memset(word, 'a', 5000);
	struct entry e = { .act = ACT_READ, .fields = { word, 1 } };
	e.fields.n = ENTRY_MAX - line_of(&t, &e, &tags).n + 1;
	assert_int_equal(ledger_append(t.ledger, t.tx, &e, NULL, &err), 0);
	assert_int_equal(test_line(&t, 0).n, ENTRY_MAX);
	e.fields.n++;
	assert_int_equal(ledger_append(t.ledger, t.tx, &e, NULL, &err), -1);
	assert_int_equal(ledger_size(t.ledger), 1);
	assert_int_equal(ledger_close(t.ledger, t.tx, &err), 0);
	test_verifies(&t, 1);
	test_log_end(&t);
}

/* No free text, no names: a value that is not one plain word never stands in the log. */
static void free_text_is_refused(void **state)
{
	(void)state;
	static const char *const WRONG[] = { "two words", "a\"b", "a\\b", "line\nfeed", "ربيعة", "\x7f", "\t" };
	struct test_log t = test_log_new(1, 1);
	for (size_t i = 0; i < COUNT(WRONG); i++) {
		struct str word = str_of(WRONG[i]);
		struct entry in[] = { { .role = word }, { .type = word }, { .move = word }, { .purpose = word }, { .basis = word }, { .fields = word }, { .to = word }, { .refused = word } };
		for (size_t k = 0; k < COUNT(in); k++) {
			struct err err = { 0 };
			assert_int_equal(ledger_append(t.ledger, t.tx, &in[k], NULL, &err), -1);
			assert_null(strstr(err.log, WRONG[i]));
		}
	}
	assert_int_equal(ledger_size(t.ledger), 0);
	test_log_end(&t);
}

static void every_act_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < ACTS; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(act_word((enum act)a), act_word((enum act)b));
	assert_string_equal(act_word(ACT_BREAKGLASS), "breakglass");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_is_what_the_design_says), cmocka_unit_test(every_key_in_its_place), cmocka_unit_test(what_is_absent_is_left_out),
		cmocka_unit_test(the_same_actor_looks_different_in_each_line), cmocka_unit_test(up_to_sixteen_tags_stand_in_the_line_in_order),
		cmocka_unit_test(more_tags_are_a_list_under_a_root), cmocka_unit_test(a_line_ends_at_4096_bytes), cmocka_unit_test(free_text_is_refused),
		cmocka_unit_test(every_act_has_a_word_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
