/* A ledger over a file, as a node keeps it; and what hands that change the file cannot hide. */
#include "ledger/ledger_i.h"
#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#define START_MS 1767225600000      /* 2026-01-01 */
#define ENTRIES 1000
#define TICK 37

SQL(Q_COUNT_ENTRIES, 0, "SELECT count(*) FROM log_entry");
SQL(Q_COUNT_TILES, 0, "SELECT count(*) FROM log_tile");
SQL(Q_COUNT_TAGS, 0, "SELECT count(*) FROM log_tags");
SQL(Q_COUNT_SUBJECTS, 0, "SELECT count(*) FROM log_subject");
SQL(Q_LINE_SET, 2, "UPDATE log_entry SET line=?2 WHERE n=?1");
SQL(Q_LINE_DROP, 1, "DELETE FROM log_entry WHERE n=?1");
SQL(Q_TILE_SET, 3, "UPDATE log_tile SET hash=?3 WHERE level=?1 AND n=?2");
SQL(Q_NOTE_SET, 2, "UPDATE log_checkpoint SET note=?2 WHERE size=?1");

struct node {
	struct arena *mem;
	char path[256];
	struct keys *keys;
	struct store *store;
	struct tx *tx;
	struct ledger *ledger;
};
static struct err err;

static void node_reopen(struct node *n, const struct source *source)
{
	static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS };
	if (n->store)
		store_close(n->store);
	err = (struct err){ 0 };
	assert_int_equal(store_open(n->mem, n->path, &n->store, &err), 0);
	assert_int_equal(store_migrate(n->store, SETS, 1, &err), 0);
	n->tx = store_tx(n->store);
	if (ledger_open(n->mem, n->tx, n->keys, source, STR("a.example"), &n->ledger, &err) < 0)
		fail_msg("%s", err.log);
}

/* The same seed gives the same keys, times and random bytes. */
static struct node node_new(uint64_t seed)
{
	struct node n = { .mem = arena_new((size_t)512 << 20) };
	const char *folder = getenv("TMPDIR");
	snprintf(n.path, sizeof n.path, "%s/ledger_test.XXXXXX", folder ? folder : P_tmpdir);
	int fd = mkstemp(n.path);
	assert_true(fd >= 0);
	close(fd);
	struct bytes blob = keys_blob_new(n.mem, source_test(n.mem, 1, 1, seed));
	n.keys = keys_local(n.mem, &(struct keys_start){ .blob = blob, .counters_fd = -1, .ceiling = 1000 }, &err);
	assert_non_null(n.keys);
	node_reopen(&n, source_test(n.mem, START_MS, 10, seed));
	return n;
}

static void node_end(struct node *n)
{
	static const char *const TAILS[] = { "", "-wal", "-shm" };
	store_close(n->store);
	keys_end(n->keys);
	for (size_t i = 0; i < COUNT(TAILS); i++)
		unlink(str_fmt(n->mem, "%s%s", n->path, TAILS[i]).p);
	arena_free(n->mem);
}

static struct hash salt_of(size_t who)
{
	return sha256(bytes_of(&who, sizeof who));
}

static struct handle handle_of(size_t who)
{
	struct handle h = { { 0x48 } };
	memcpy(h.b + 1, &who, sizeof who);
	return h;
}

static uint64_t append(struct node *n, const struct entry *e)
{
	uint64_t index;
	if (ledger_append(n->ledger, n->tx, e, &index, &err) < 0)
		fail_msg("%s", err.log);
	return index;
}

/* An entry about `count` subjects, from the one given on. */
static uint64_t append_about(struct node *n, size_t who, size_t count)
{
	struct entry_subject *subjects = NEW_ARRAY(n->mem, struct entry_subject, count);
	struct hash *salts = NEW_ARRAY(n->mem, struct hash, count);
	for (size_t i = 0; i < count; i++) {
		salts[i] = salt_of(who + i);
		subjects[i] = (struct entry_subject){ salts[i].b, handle_of(who + i) };
	}
	return append(n, &(struct entry){ .act = ACT_READ, .actor = { { 1, 2, 3 } }, .role = STR("registrar"), .type = STR("person"), .purpose = STR("return"),
		.fields = STR("O,P"), .subjects = subjects, .nsubjects = count });
}

static void ticks(struct node *n, size_t entries)
{
	for (size_t i = 0; i < entries;) {
		assert_int_equal(tx_begin(n->tx, &err), 0);
		for (size_t k = 0; k < TICK && i < entries; k++, i++)
			append_about(n, i % 50, 1);
		assert_int_equal(ledger_close(n->ledger, n->tx, &err), 0);
		assert_int_equal(tx_commit(n->tx, &err), 0);
	}
}

static int verify_by(struct arena *mem, struct node *n, const struct log_source *source, struct log_report *report)
{
	struct note_key key = ledger_key(n->ledger);
	*report = (struct log_report){ 0 };
	return log_verify(mem, source, &key, NULL, 0, report, NULL);
}

static void verify_good(struct node *n, uint64_t entries)
{
	struct arena *mem = arena_new((size_t)256 << 20);
	struct log_source source = log_source_store(mem, n->ledger, n->tx);
	struct log_report report;
	if (verify_by(mem, n, &source, &report) != 0)
		fail_msg(S_FMT, S_ARG(report.fault));
	assert_int_equal(report.entries, entries);
	arena_free(mem);
}

static struct str line_at(struct node *n, uint64_t index)
{
	struct str line;
	assert_int_equal(log_line_at(n->mem, n->tx, index, &line, &err), 0);
	return line;
}

static json_t *entry_at(struct node *n, uint64_t index)
{
	json_t *j = json_read(n->mem, line_at(n, index), &err);
	assert_non_null(j);
	return j;
}

static bool has(struct str hay, struct str needle)
{
	return str_find(hay, needle) < hay.n;
}

static struct str bent(struct arena *mem, struct str s, size_t at, uint8_t mask)
{
	uint8_t *p = arena_copy(mem, s.p, s.n);
	p[at] ^= mask;
	return bytes_str(bytes_of(p, s.n));
}

static void test_a_thousand_entries_verify(void **state)
{
	(void)state;
	struct node n = node_new(1);
	struct hash *leaves = NEW_ARRAY(n.mem, struct hash, ENTRIES);
	struct checkpoint head;
	struct str text;
	struct note_key key = ledger_key(n.ledger);
	ticks(&n, ENTRIES);
	verify_good(&n, ENTRIES);
	assert_int_equal(ledger_size(n.ledger), ENTRIES);
	for (uint64_t i = 0; i < ENTRIES; i++)
		leaves[i] = leaf_hash(str_bytes(line_at(&n, i)));
	struct hash root = merkle_root(leaves, ENTRIES);
	assert_int_equal(note_open(n.mem, ledger_checkpoint(n.mem, n.tx, false), &key, &text, &err), 0);
	assert_int_equal(checkpoint_parse(n.mem, text, &head, &err), 0);
	assert_true(str_is(head.origin, "a.example/log"));
	assert_int_equal(head.size, ENTRIES);
	assert_true(hash_eq(&root, &head.root));
	node_end(&n);
}

/* What verification says about a changed line. Level-0 hashes follow from the lines, so in the node's own database a line that still
   is an entry is found by the hash of its tile, or in the last tile by the root; otherwise by itself. */
static void fault_check(uint64_t index, struct str fault)
{
	char entry[40], tile[40];
	snprintf(entry, sizeof entry, "entry %llu ", (unsigned long long)index);
	snprintf(tile, sizeof tile, "entries %llu to ", (unsigned long long)(index - index % TILE_WIDTH));
	bool last_tile = index / TILE_WIDTH == ENTRIES / TILE_WIDTH;
	bool named = str_starts(fault, str_of(entry)) || (str_starts(fault, str_of(tile)) &&
	    has(fault, last_tile ? STR("the root") : STR("tile/1/000")));
	/* a time made later is seen at the entry after it, which seems to go back */
	snprintf(entry, sizeof entry, "entry %llu ", (unsigned long long)index + 1);
	named = named || (str_starts(fault, str_of(entry)) && str_ends(fault, STR("is before the entry before")));
	if (!named)
		fail_msg("entry %llu was changed, and the fault is: " S_FMT, (unsigned long long)index, S_ARG(fault));
}

static void test_a_changed_line_is_noticed(void **state)
{
	(void)state;
	static const uint64_t WHERE[] = { 0, 1, 255, 256, 511, 767, 768, 998, 999 };
	struct node n = node_new(2);
	ticks(&n, ENTRIES);
	for (size_t i = 0; i < COUNT(WHERE); i++) {
		struct str line = line_at(&n, WHERE[i]);
		for (size_t at = i % 3; at < line.n; at += 13) {
			struct arena *mem = arena_new((size_t)64 << 20);
			struct log_source source = log_source_store(mem, n.ledger, n.tx);
			struct log_report report;
			assert_int_equal(DB_RUN(n.tx, &Q_LINE_SET, &err, db_int((int64_t)WHERE[i]), db_text(bent(mem, line, at, 1))), 1);
			if (verify_by(mem, &n, &source, &report) != 1)
				fail_msg("entry %llu with byte %zu changed passes", (unsigned long long)WHERE[i], at);
			fault_check(WHERE[i], report.fault);
			arena_free(mem);
		}
		DB_RUN(n.tx, &Q_LINE_SET, &err, db_int((int64_t)WHERE[i]), db_text(line));
	}
	verify_good(&n, ENTRIES);
	struct log_source source = log_source_store(n.mem, n.ledger, n.tx);
	struct log_report report;
	DB_RUN(n.tx, &Q_LINE_DROP, &err, db_int(500));
	assert_int_not_equal(verify_by(n.mem, &n, &source, &report), 0);
	node_end(&n);
}

static void test_a_changed_tile_or_checkpoint_is_noticed(void **state)
{
	(void)state;
	struct node n = node_new(3);
	struct log_source source = log_source_store(n.mem, n.ledger, n.tx);
	struct log_report report;
	ticks(&n, ENTRIES);
	assert_int_equal(DB_COUNT(n.tx, &Q_COUNT_TILES), 3);
	for (uint64_t tile = 0; tile < 3; tile++) {
		struct hash all[3], changed;
		assert_int_equal(tile_hashes(n.mem, n.tx, 1, 0, 3, all, &err), 0);
		for (size_t at = 0; at < HASH_BYTES; at += 5) {
			changed = all[tile];
			changed.b[at] ^= 0x80;
			DB_RUN(n.tx, &Q_TILE_SET, &err, db_int(0), db_int((int64_t)tile), db_blob(bytes_of(changed.b, HASH_BYTES)));
			assert_int_equal(verify_by(n.mem, &n, &source, &report), 1);
			assert_true(has(report.fault, STR("tile/1/000")));
		}
		DB_RUN(n.tx, &Q_TILE_SET, &err, db_int(0), db_int((int64_t)tile), db_blob(bytes_of(all[tile].b, HASH_BYTES)));
	}
	struct str note = ledger_checkpoint(n.mem, n.tx, false);
	for (size_t at = 0; at < note.n; at++) {
		DB_RUN(n.tx, &Q_NOTE_SET, &err, db_int(ENTRIES), db_text(bent(n.mem, note, at, 1)));
		if (verify_by(n.mem, &n, &source, &report) != 1)
			fail_msg("a checkpoint with byte %zu changed passes", at);
		assert_true(has(report.fault, STR("checkpoint")));
	}
	DB_RUN(n.tx, &Q_NOTE_SET, &err, db_int(ENTRIES), db_text(note));
	verify_good(&n, ENTRIES);
	node_end(&n);
}

/* A mirror that kept the true tiles, before a node that shows another bundle: the entry itself is named. */
struct mirror { struct log_source node; uint64_t bent; };
static int mirror_get(void *arg, struct arena *mem, struct str path, struct str *body, struct err *e)
{
	struct mirror *m = arg;
	struct tile_name t;
	if (m->node.get(m->node.arg, mem, path, body, e) < 0)
		return -1;
	if (tile_name_parse(path, &t) == 0 && t.level == -1 && t.n == m->bent / TILE_WIDTH) {
		size_t at = 0;
		for (uint64_t i = 0; i < m->bent % TILE_WIDTH; i++)
			at += 2 + (size_t)((uint8_t)body->p[at] << 8 | (uint8_t)body->p[at + 1]);
		at += 2 + str_find(str_sub(*body, at + 2, body->n), STR("registrar"));
		*body = bent(mem, *body, at, 1);
	}
	return 0;
}

static void test_a_mirror_names_the_changed_entry(void **state)
{
	(void)state;
	static const uint64_t WHERE[] = { 0, 255, 256, 700, 999 };
	struct node n = node_new(4);
	ticks(&n, ENTRIES);
	for (size_t i = 0; i < COUNT(WHERE); i++) {
		struct mirror mirror = { log_source_store(n.mem, n.ledger, n.tx), WHERE[i] };
		struct log_source source = { mirror_get, &mirror };
		struct log_report report;
		assert_int_equal(verify_by(n.mem, &n, &source, &report), 1);
		assert_true(str_starts(report.fault, str_fmt(n.mem, "entry %llu: its line does not fit tile/0/", (unsigned long long)WHERE[i])));
	}
	node_end(&n);
}

static void test_a_work_item_rolled_back_leaves_no_trace(void **state)
{
	(void)state;
	struct node a = node_new(5), b = node_new(5);
	ticks(&a, 200);
	ticks(&b, 200);
	int64_t rows[] = { DB_COUNT(a.tx, &Q_COUNT_ENTRIES), DB_COUNT(a.tx, &Q_COUNT_TILES), DB_COUNT(a.tx, &Q_COUNT_TAGS), DB_COUNT(a.tx, &Q_COUNT_SUBJECTS) };
	assert_int_equal(tx_begin(a.tx, &err), 0);
	struct ledger_mark mark = ledger_mark(a.ledger);
	assert_int_equal(tx_savepoint(a.tx, &err), 0);
	for (size_t i = 0; i < 400; i++)                   /* past the end of a tile, with a list of tags */
		append_about(&a, 1000, i == 7 ? 30 : 1);
	assert_int_equal(tx_back(a.tx, &err), 0);
	ledger_back(a.ledger, &mark);
	assert_int_equal(ledger_close(a.ledger, a.tx, &err), 0);
	assert_int_equal(tx_commit(a.tx, &err), 0);
	assert_int_equal(rows[0], DB_COUNT(a.tx, &Q_COUNT_ENTRIES));
	assert_int_equal(rows[1], DB_COUNT(a.tx, &Q_COUNT_TILES));
	assert_int_equal(rows[2], DB_COUNT(a.tx, &Q_COUNT_TAGS));
	assert_int_equal(rows[3], DB_COUNT(a.tx, &Q_COUNT_SUBJECTS));
	a.ledger->source = source_test(a.mem, START_MS + 100000, 10, 9);
	b.ledger->source = source_test(b.mem, START_MS + 100000, 10, 9);
	ticks(&a, 200);
	ticks(&b, 200);
	verify_good(&a, 400);
	mark = ledger_mark(a.ledger);
	assert_int_equal(tx_begin(a.tx, &err), 0);         /* a whole tick that could not be committed, with its checkpoint */
	append_about(&a, 1, 1);
	assert_int_equal(ledger_close(a.ledger, a.tx, &err), 0);
	tx_rollback(a.tx);
	ledger_back(a.ledger, &mark);
	assert_int_equal(a.ledger->closed, 400);
	assert_true(str_eq(ledger_checkpoint(a.mem, a.tx, false), ledger_checkpoint(a.mem, b.tx, false)));
	node_end(&a);
	node_end(&b);
}

static void test_the_same_inputs_give_the_same_head(void **state)
{
	(void)state;
	struct node a = node_new(6), b = node_new(6), c = node_new(7);
	ticks(&a, 300);
	ticks(&b, 300);
	ticks(&c, 300);
	struct str head = ledger_checkpoint(a.mem, a.tx, false);
	assert_true(str_eq(head, ledger_checkpoint(a.mem, b.tx, false)));
	assert_false(str_eq(head, ledger_checkpoint(a.mem, c.tx, false)));
	append_about(&b, 1, 1);
	assert_int_equal(ledger_close(b.ledger, b.tx, &err), 0);
	assert_false(str_eq(head, ledger_checkpoint(a.mem, b.tx, false)));
	node_end(&a);
	node_end(&b);
	node_end(&c);
}

static void test_one_entry_is_proved(void **state)
{
	(void)state;
	static const uint64_t WHERE[] = { 0, 255, 256, 299 };
	struct node n = node_new(8), other = node_new(9);
	struct note_key key = ledger_key(n.ledger), wrong = ledger_key(other.ledger);
	struct str proof, line;
	struct err failed = { 0 };
	assert_int_equal(ledger_prove(n.mem, n.ledger, n.tx, 0, &proof, &failed), -1);
	assert_int_equal(failed.code, ERR_NOT_FOUND);
	ticks(&n, 300);
	for (size_t i = 0; i < COUNT(WHERE); i++) {
		assert_int_equal(ledger_prove(n.mem, n.ledger, n.tx, WHERE[i], &proof, &err), 0);
		if (log_check_proof(n.mem, proof, &key, &line, &err) < 0)
			fail_msg("%s", err.log);
		assert_true(str_eq(line, line_at(&n, WHERE[i])));
		assert_int_equal(log_check_proof(n.mem, proof, &wrong, &line, NULL), -1);
		for (size_t at = 0; at < proof.n; at++) {
			struct arena *mem = arena_new((size_t)16 << 20);
			if (log_check_proof(mem, bent(mem, proof, at, 1), &key, &line, NULL) == 0)
				fail_msg("a proof with byte %zu changed passes", at);
			arena_free(mem);
		}
	}
	assert_int_equal(ledger_prove(n.mem, n.ledger, n.tx, 300, &proof, NULL), -1);
	append_about(&n, 1, 1);                            /* not yet under a signed head */
	assert_int_equal(ledger_prove(n.mem, n.ledger, n.tx, 300, &proof, NULL), -1);
	node_end(&n);
	node_end(&other);
}

static void test_many_subjects_stand_in_a_list_beside_the_line(void **state)
{
	(void)state;
	struct node n = node_new(10);
	struct str body, unseen;
	const char *type;
	bool immutable;
	uint64_t few = append_about(&n, 0, 16), many = append_about(&n, 100, 17);
	assert_int_equal(ledger_close(n.ledger, n.tx, &err), 0);
	json_t *short_one = entry_at(&n, few), *long_one = entry_at(&n, many);
	assert_int_equal(json_array_size(json_object_get(short_one, "tags")), 16);
	assert_null(json_object_get(short_one, "tagroot"));
	assert_null(json_object_get(long_one, "tags"));
	assert_int_equal(json_int(long_one, "n", 0), 17);
	struct str path = str_fmt(n.mem, "tags/%llu", (unsigned long long)many);
	assert_int_equal(ledger_http(n.mem, n.ledger, n.tx, path, true, &body, &type, &immutable, &err), 0);
	assert_int_equal(body.n, 17 * 16);
	struct hash leaves[17];
	for (size_t i = 0; i < 17; i++) {
		leaves[i] = leaf_hash(bytes_of(body.p + i * 16, 16));
		assert_true(i == 0 || memcmp(body.p + (i - 1) * 16, body.p + i * 16, 16) < 0);
	}
	struct hash root = merkle_root(leaves, 17);
	assert_true(str_eq(json_str(long_one, "tagroot"), base64(n.mem, bytes_of(root.b, HASH_BYTES))));
	struct err failed = { 0 };
	assert_int_equal(ledger_http(n.mem, n.ledger, n.tx, path, false, &unseen, &type, &immutable, &failed), -1);
	assert_int_equal(failed.code, ERR_FORBIDDEN);
	assert_int_equal(ledger_http(n.mem, n.ledger, n.tx, STR("tile/entries/000.p/2"), false, &unseen, &type, &immutable, NULL), -1);
	assert_int_equal(ledger_http(n.mem, n.ledger, n.tx, STR("tags/0"), true, &unseen, &type, &immutable, NULL), -1);
	verify_good(&n, 2);
	node_end(&n);
}

/* She who has her salt finds her lines again; without it two lines about her have nothing in common. */
static void test_a_salt_finds_the_lines_of_one_person(void **state)
{
	(void)state;
	struct node n = node_new(11);
	struct bytes x;
	append_about(&n, 5, 1);
	append_about(&n, 5, 1);
	append_about(&n, 6, 1);
	struct hash salt = salt_of(5);
	for (uint64_t i = 0; i < 3; i++) {
		json_t *e = entry_at(&n, i);
		assert_int_equal(base64_read(n.mem, json_str(e, "x"), &x), 0);
		assert_int_equal(x.n, 16);
		struct str tag = entry_tag(n.mem, salt.b, x.p, "tag", (struct bytes){ 0 });
		const char *stands = json_string_value(json_array_get(json_object_get(e, "tags"), 0));
		assert_true(str_is(tag, stands) == (i < 2));
	}
	json_t *a = entry_at(&n, 0), *b = entry_at(&n, 1);
	assert_false(json_equal(json_object_get(a, "tags"), json_object_get(b, "tags")));
	assert_false(str_eq(json_str(a, "actor"), json_str(b, "actor")));
	node_end(&n);
}

static void test_forgetting_a_subject_leaves_the_log(void **state)
{
	(void)state;
	struct node n = node_new(12);
	struct sighting *seen;
	size_t count;
	ticks(&n, 300);
	assert_int_equal(ledger_sightings(n.mem, n.tx, handle_of(3), 100, &seen, &count, &err), 0);
	assert_int_equal(count, 6);
	assert_int_equal(seen[0].index, 253);              /* newest first */
	assert_int_equal(seen[5].index, 3);
	assert_true(str_eq(seen[5].line, line_at(&n, 3)));
	assert_int_equal(ledger_sightings(n.mem, n.tx, handle_of(3), 2, &seen, &count, &err), 0);
	assert_int_equal(count, 2);
	struct str head = ledger_checkpoint(n.mem, n.tx, false);
	assert_int_equal(ledger_forget(n.tx, handle_of(3), &err), 0);
	assert_int_equal(ledger_sightings(n.mem, n.tx, handle_of(3), 100, &seen, &count, &err), 0);
	assert_int_equal(count, 0);
	assert_int_equal(ledger_sightings(n.mem, n.tx, handle_of(4), 100, &seen, &count, &err), 0);
	assert_int_equal(count, 6);
	assert_true(str_eq(head, ledger_checkpoint(n.mem, n.tx, false)));
	verify_good(&n, 300);
	node_end(&n);
}

static void no_id(struct node *n, struct str line, const uint8_t *raw)
{
	struct id id;
	memcpy(id.b, raw, 16);
	struct str coded = base64(n->mem, bytes_of(raw, 16));
	assert_false(has(line, id_text(n->mem, id)));
	assert_false(has(line, hex(n->mem, bytes_of(raw, 16))));
	assert_false(has(line, str_sub(coded, 0, 20)));
}

static void test_a_line_holds_no_clear_id_and_no_name(void **state)
{
	(void)state;
	static const char *const NOT_WORDS[] = { "Amina Invented", "\xd8\xa3\xd9\x85\xd9\x8a\xd9\x86\xd8\xa9", "a\"b", "a\\b", "a\nb", "\x7f" };
	struct node n = node_new(13);
	struct id actor = id_new(source_system()), record = id_new(source_system());
	struct hash salt = salt_of(1);
	struct entry_subject subject = { salt.b, handle_of(1) };
	memcpy(subject.handle.b, record.b, 8);
	struct entry e = { .act = ACT_AMEND, .actor = actor, .record = record, .record_salt = salt.b, .version = 3, .type = STR("person"),
		.subjects = &subject, .nsubjects = 1, .body = str_bytes(STR("a sealed body")) };
	struct str line = line_at(&n, append(&n, &e));
	no_id(&n, line, actor.b);
	no_id(&n, line, record.b);
	no_id(&n, line, subject.handle.b);
	no_id(&n, line, salt.b);
	assert_false(has(line, STR("a sealed body")));
	json_t *j = entry_at(&n, 0);
	assert_true(json_str(j, "rec").n && json_str(j, "body").n && json_str(j, "actor").n);
	for (size_t i = 0; i < COUNT(NOT_WORDS); i++) {
		struct str *const places[] = { &e.role, &e.type, &e.move, &e.purpose, &e.basis, &e.fields, &e.to, &e.refused };
		for (size_t k = 0; k < COUNT(places); k++) {
			struct str before = *places[k];
			struct err failed = { 0 };
			*places[k] = str_of(NOT_WORDS[i]);
			assert_int_equal(ledger_append(n.ledger, n.tx, &e, NULL, &failed), -1);
			assert_false(has(str_of(failed.log), str_of(NOT_WORDS[i])));
			*places[k] = before;
		}
	}
	assert_int_equal(DB_COUNT(n.tx, &Q_COUNT_ENTRIES), 1);
	assert_int_equal(ledger_size(n.ledger), 1);
	node_end(&n);
}

struct clock { struct source source; int64_t now; };
static int64_t clock_now(void *arg)
{
	return ((struct clock *)arg)->now;
}

static void clock_fill(void *arg, void *out, size_t n)
{
	(void)arg;
	memset(out, 0x5a, n);
}

static void test_time_never_goes_back(void **state)
{
	(void)state;
	static const int64_t STEPS[] = { 5000, 9000, 2000, 9001, -86400000 };
	static const int64_t STAND[] = { 5000, 9000, 9000, 9001, 9001 };
	struct node n = node_new(14);
	struct clock clock = { { clock_now, clock_fill, &clock }, 0 };
	for (size_t i = 0; i < COUNT(STEPS); i++) {
		int64_t t;
		if (i % 2 == 0)
			node_reopen(&n, &clock.source);            /* the last time is known after a restart too */
		clock.now = START_MS + STEPS[i];
		assert_int_equal(time_parse(json_str(entry_at(&n, append_about(&n, 1, 1)), "t"), &t), 0);
		assert_int_equal(t, START_MS + STAND[i]);
	}
	assert_int_equal(ledger_close(n.ledger, n.tx, &err), 0);
	verify_good(&n, COUNT(STEPS));
	node_end(&n);
}

static void test_reopening_continues(void **state)
{
	(void)state;
	static const size_t MORE[] = { 0, 1, 254, 1, 1, 300, 0, 466 };      /* over the ends of tiles: 1,023 in the end */
	struct node n = node_new(15);
	uint64_t size = 0;
	for (size_t i = 0; i < COUNT(MORE); i++) {
		struct str head = ledger_checkpoint(n.mem, n.tx, false);
		node_reopen(&n, source_test(n.mem, START_MS + (int64_t)size * 10, 10, 15 + i));
		assert_int_equal(ledger_size(n.ledger), size);
		assert_int_equal(ledger_close(n.ledger, n.tx, &err), 0);
		assert_true(str_eq(head, ledger_checkpoint(n.mem, n.tx, false)));
		ticks(&n, MORE[i]);
		size += MORE[i];
		if (size)
			verify_good(&n, size);
	}
	node_end(&n);
}

static void test_an_entry_is_4096_bytes_at_most(void **state)
{
	(void)state;
	struct node n = node_new(16);
	char *words = arena_alloc(n.mem, ENTRY_MAX + 1);
	memset(words, 'a', ENTRY_MAX + 1);
	struct entry e = { .act = ACT_SEARCH, .fields = { words, 100 } };
	size_t rest = ENTRY_MAX - (line_at(&n, append(&n, &e)).n - 100);
	struct err failed = { 0 };
	e.fields.n = rest;
	assert_int_equal(line_at(&n, append(&n, &e)).n, ENTRY_MAX);
	for (e.fields.n = rest + 1; e.fields.n <= ENTRY_MAX + 1; e.fields.n += ENTRY_MAX - rest) {
		assert_int_equal(ledger_append(n.ledger, n.tx, &e, NULL, &failed), -1);
		assert_int_equal(failed.code, ERR_FAULT);
		assert_int_equal(ledger_size(n.ledger), 2);
	}
	assert_int_equal(ledger_close(n.ledger, n.tx, &err), 0);
	verify_good(&n, 2);
	node_end(&n);
}

/* Head to the witness, cosignature back; verification asks for it. */
static void test_a_witnessed_log(void **state)
{
	(void)state;
	struct node n = node_new(17), w = node_new(18);
	struct note_key key = ledger_key(n.ledger), witness, stranger;
	uint8_t public_key[32];
	uint64_t old = 0;
	struct log_source source = log_source_store(n.mem, n.ledger, n.tx);
	struct log_report report = { 0 };
	assert_int_equal(keys_public(w.keys, SIGN_WITNESS, public_key, &err), 0);
	witness = note_key_make(n.mem, STR("w.example/witness"), NOTE_COSIGNATURE, public_key);
	public_key[5] ^= 1;
	stranger = note_key_make(n.mem, STR("w.example/witness"), NOTE_COSIGNATURE, public_key);
	for (int round = 0; round < 3; round++) {
		struct str request, answer;
		int status = 0;
		ticks(&n, 200);
		if (round == 0)
			assert_int_equal(log_verify(n.mem, &source, &key, &witness, 1, &report, &err), 1);
		assert_int_equal(witness_request(n.mem, n.ledger, n.tx, old, &request, &err), 0);
		assert_int_equal(witness_add(n.mem, w.tx, w.keys, source_system(), STR("w.example"), &key, 1, request, &status, &answer, &err), 0);
		assert_int_equal(status, 200);
		old = ledger_size(n.ledger);
		ticks(&n, 30);                             /* the office goes on while the witness is asked */
		assert_int_equal(witness_keep(n.mem, n.ledger, n.tx, &stranger, answer, old, NULL), -1);
		assert_int_equal(witness_keep(n.mem, n.ledger, n.tx, &witness, (struct str){ 0 }, old, NULL), -1);
		assert_int_equal(witness_keep(n.mem, n.ledger, n.tx, &witness, answer, old, &err), 0);
		assert_int_equal(log_verify(n.mem, &source, &key, &witness, 1, &report, &err), 0);
		assert_true(report.entries >= old);
	}
	assert_int_equal(log_verify(n.mem, &source, &key, &stranger, 1, &report, &err), 1);
	assert_true(has(report.fault, STR("w.example/witness")));
	node_end(&n);
	node_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_thousand_entries_verify),
		cmocka_unit_test(test_a_changed_line_is_noticed),
		cmocka_unit_test(test_a_changed_tile_or_checkpoint_is_noticed),
		cmocka_unit_test(test_a_mirror_names_the_changed_entry),
		cmocka_unit_test(test_a_work_item_rolled_back_leaves_no_trace),
		cmocka_unit_test(test_the_same_inputs_give_the_same_head),
		cmocka_unit_test(test_one_entry_is_proved),
		cmocka_unit_test(test_many_subjects_stand_in_a_list_beside_the_line),
		cmocka_unit_test(test_a_salt_finds_the_lines_of_one_person),
		cmocka_unit_test(test_forgetting_a_subject_leaves_the_log),
		cmocka_unit_test(test_a_line_holds_no_clear_id_and_no_name),
		cmocka_unit_test(test_time_never_goes_back),
		cmocka_unit_test(test_reopening_continues),
		cmocka_unit_test(test_an_entry_is_4096_bytes_at_most),
		cmocka_unit_test(test_a_witnessed_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
