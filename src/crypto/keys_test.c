/* The keys process as the node sees it: walls, ceilings, erasure, the file, the sandbox. */
#include "crypto/keys.h"
#include "crypto/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define CEILING 1000

static struct arena *mem;
static char folder[64];

static int setup(void **state)
{
	(void)state;
	mem = arena_new((size_t)256 << 20);
	snprintf(folder, sizeof folder, "%s", "/tmp/keys_test.XXXXXX");
	signal(SIGPIPE, SIG_IGN);      /* as the program does */
	return sodium_init() < 0 || !mkdtemp(folder) ? -1 : 0;
}

static const char *in_folder(const char *name)
{
	return str_z(mem, str_fmt(mem, "%s/%s", folder, name));
}

static int teardown(void **state)
{
	(void)state;
	static const char *const NAMES[] = { "node.keys", "node.keys.new", "counters", "torn" };
	for (size_t i = 0; i < COUNT(NAMES); i++)
		unlink(in_folder(NAMES[i]));
	rmdir(folder);
	arena_free(mem);
	return 0;
}

static struct keys *keys_of(struct bytes blob, int counters_fd)
{
	struct err err = { 0 };
	struct keys_start start = { .blob = blob, .counters_fd = counters_fd, .ceiling = CEILING };
	struct keys *k = keys_local(mem, &start, &err);
	if (!k)
		fail_msg("%s", err.log);
	return k;
}

/* A vault that keeps the newest content, opened as the parent's file would be. */
static struct bytes vault_content;
static bool vault_full;
static int vault_keep(void *arg, struct bytes sealed)
{
	(void)arg;
	return vault_full ? -1 : seal_password_open(mem, str_bytes(STR("pass")), sealed, NULL, &vault_content, NULL);
}

static struct keys *keys_with_vault(struct bytes blob)
{
	struct err err = { 0 };
	struct seal_lock lock;
	seal_lock_new(source_test(mem, 1767225600000, 1, 5), str_bytes(STR("pass")), 1, 8, &lock);
	struct keys_start start = { .blob = blob, .counters_fd = -1, .ceiling = CEILING, .lock = &lock, .vault = { vault_keep, NULL } };
	struct keys *k = keys_local(mem, &start, &err);
	if (!k)
		fail_msg("%s", err.log);
	return k;
}

static struct bytes blob_new(uint64_t seed)
{
	return keys_blob_new(mem, source_test(mem, 1767225600000, 1, seed));
}

static struct keys_ask ask_of(enum side side, unsigned classes)
{
	return (struct keys_ask){ .side = side, .classes = classes, .actor = { 9 }, .purpose = STR("return") };
}

static bool all_zero(const uint8_t *p, size_t n)
{
	return sodium_is_zero(p, n) == 1;
}

static struct subject_key subject_new(struct keys *k, const struct keys_ask *ask, struct id id)
{
	struct subject_key s;
	struct err err = { 0 };
	if (keys_new(k, ask, &id, 1, &s, &err) < 0)
		fail_msg("%s", err.log);
	return s;
}

/* What the database keeps of a subject. */
static struct subject_key stored(const struct subject_key *s)
{
	struct subject_key row = { .handle = s->handle };
	memcpy(row.wrapped, s->wrapped, WRAPPED_BYTES);
	return row;
}

static void test_new_subjects_open_with_the_same_keys(void **state)
{
	(void)state;
	struct keys *k = keys_of(blob_new(1), -1);
	struct keys_ask both = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P) | CLASS_BIT(CLASS_X)), basic = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P));
	struct id ids[3] = { { { 1 } }, { { 2 } }, { { 3 } } };
	struct subject_key made[3], row[3];
	assert_int_equal(keys_new(k, &both, ids, 3, made, NULL), 0);
	for (size_t i = 0; i < 3; i++)
		row[i] = stored(&made[i]);
	assert_int_equal(keys_open(k, &both, row, 3, NULL), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_memory_equal(&row[i], &made[i], sizeof made[i]);
		assert_memory_not_equal(made[i].key[CLASS_P], made[i].key[CLASS_X], KEY_BYTES);
		assert_memory_not_equal(made[i].key[CLASS_P], made[i].salt, KEY_BYTES);
		assert_memory_not_equal(made[i].key[CLASS_P], made[(i + 1) % 3].key[CLASS_P], KEY_BYTES);
	}
	row[0] = stored(&made[0]);
	assert_int_equal(keys_open(k, &basic, row, 1, NULL), 0);      /* the key of a class not asked for stays away */
	assert_memory_equal(row[0].key[CLASS_P], made[0].key[CLASS_P], KEY_BYTES);
	assert_true(all_zero(row[0].key[CLASS_X], KEY_BYTES) && all_zero(row[0].key[CLASS_S], KEY_BYTES) && all_zero(row[0].key[CLASS_O], KEY_BYTES));
}

static void test_a_changed_or_foreign_wrapped_key_does_not_open(void **state)
{
	(void)state;
	struct keys *k = keys_of(blob_new(1), -1), *other = keys_of(blob_new(2), -1);
	struct keys_ask ask = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P));
	struct subject_key made = subject_new(k, &ask, (struct id){ { 1 } }), row;
	for (size_t i = 0; i < WRAPPED_BYTES; i++) {
		row = stored(&made);
		row.wrapped[i] ^= 1;
		assert_int_equal(keys_open(k, &ask, &row, 1, NULL), -1);
		assert_true(all_zero(row.key[CLASS_P], KEY_BYTES) && all_zero(row.salt, sizeof row.salt));
	}
	row = stored(&made);
	assert_int_equal(keys_open(other, &ask, &row, 1, NULL), -1);
	struct subject_key two[2] = { stored(&made), stored(&made) };      /* one bad: none opens */
	two[1].wrapped[70] ^= 1;
	assert_int_equal(keys_open(k, &ask, two, 2, NULL), -1);
	assert_true(all_zero(two[0].key[CLASS_P], KEY_BYTES));
}

static void test_a_class_beyond_the_wall_is_refused(void **state)
{
	(void)state;
	static const char *const MAY[SIDES] = { [SIDE_HUMANITARIAN] = "PX", [SIDE_SECURITY] = "PS", [SIDE_JUSTICE] = "PJ", [SIDE_OFFICE] = "P" };
	struct keys *k = keys_of(blob_new(1), -1);
	for (enum side side = SIDE_HUMANITARIAN; side < SIDES; side++) {
		struct keys_ask own = ask_of(side, CLASS_BIT(CLASS_P));
		struct subject_key made = subject_new(k, &own, (struct id){ { 1 } });
		for (enum data_class c = CLASS_O; c < CLASSES; c++) {
			struct keys_ask ask = ask_of(side, CLASS_BIT(c) | CLASS_BIT(CLASS_P));
			struct subject_key row = stored(&made), fresh;
			struct id id = { { 2 } };
			struct err err = { 0 };
			bool may = strchr(MAY[side], class_letter(c)) != NULL;
			if ((keys_open(k, &ask, &row, 1, &err) == 0) != may)
				fail_msg("side %d, class %c", (int)side, class_letter(c));
			assert_int_equal(keys_new(k, &ask, &id, 1, &fresh, NULL) == 0, may);
			assert_int_equal(err.code, may ? ERR_NONE : ERR_FORBIDDEN);
			assert_int_equal(all_zero(row.key[CLASS_P], KEY_BYTES), !may);
		}
	}
	struct keys_ask nowhere = ask_of(SIDES, CLASS_BIT(CLASS_P)), unknown = ask_of(SIDE_OFFICE, 1u << 31);
	struct id id = { { 2 } };
	struct subject_key fresh;
	assert_int_equal(keys_new(k, &nowhere, &id, 1, &fresh, NULL), -1);
	assert_int_equal(keys_new(k, &unknown, &id, 1, &fresh, NULL), -1);
}

static void test_a_wrapped_key_opens_for_its_own_use_only(void **state)
{
	(void)state;
	struct keys *k = keys_of(blob_new(1), -1);
	struct keys_ask own = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P));
	struct subject_key made = subject_new(k, &own, (struct id){ { 1 } });
	uint8_t key[KEY_BYTES];
	struct err err = { 0 };
	for (enum side side = SIDE_SECURITY; side < SIDES; side++) {
		struct keys_ask ask = ask_of(side, CLASS_BIT(CLASS_P));
		struct subject_key row = stored(&made);
		err = (struct err){ 0 };
		assert_int_equal(keys_open(k, &ask, &row, 1, &err), -1);
		assert_int_equal(err.code, ERR_FORBIDDEN);
		assert_true(all_zero(row.key[CLASS_P], KEY_BYTES));
	}
	assert_int_equal(keys_wait_open(k, made.wrapped, key, NULL), -1);      /* nor does the data key come out as one that waits */
}

static void test_no_join_crosses_the_wall(void **state)
{
	(void)state;
	struct bytes blob = blob_new(1);
	struct keys *k = keys_of(blob, -1), *later = keys_of(blob, -1), *other = keys_of(blob_new(2), -1);
	struct id id = { { 1, 2, 3 } };
	struct handle h[SIDES], again, name, same_label;
	const struct bytes value = { id.b, sizeof id.b };
	for (enum side side = SIDE_HUMANITARIAN; side < SIDES; side++) {
		struct keys_ask ask = ask_of(side, CLASS_BIT(CLASS_P));
		struct subject_key made = subject_new(k, &ask, id);
		assert_int_equal(keys_handles(k, side, &id, 1, &h[side], NULL), 0);
		assert_memory_equal(made.handle.b, h[side].b, HANDLE_BYTES);
		for (enum side before = SIDE_HUMANITARIAN; before < side; before++)
			assert_memory_not_equal(h[before].b, h[side].b, HANDLE_BYTES);
	}
	assert_int_equal(keys_handles(later, SIDE_SECURITY, &id, 1, &again, NULL), 0);      /* a restart finds the same rows */
	assert_memory_equal(again.b, h[SIDE_SECURITY].b, HANDLE_BYTES);
	assert_int_equal(keys_handles(other, SIDE_SECURITY, &id, 1, &again, NULL), 0);
	assert_memory_not_equal(again.b, h[SIDE_SECURITY].b, HANDLE_BYTES);

	assert_int_equal(keys_blind(k, SIDE_SECURITY, STR("name"), &value, 1, &name, NULL), 0);
	assert_int_equal(keys_blind(k, SIDE_SECURITY, STR("mark"), &value, 1, &again, NULL), 0);
	assert_memory_not_equal(name.b, again.b, HANDLE_BYTES);
	assert_memory_not_equal(name.b, h[SIDE_SECURITY].b, HANDLE_BYTES);
	assert_int_equal(keys_blind(k, SIDE_SECURITY, STR("subject"), &value, 1, &same_label, NULL), -1);      /* no handle by another door */
}

static void test_the_ceiling_stops_and_survives_a_restart(void **state)
{
	(void)state;
	struct bytes blob = blob_new(1);
	int fd = open(in_folder("counters"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct keys *k = keys_of(blob, fd);
	struct keys_ask ask = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P)), other_purpose = ask, other_actor = ask;
	struct subject_key made = subject_new(k, &ask, (struct id){ { 1 } }), row[10];
	struct err err = { 0 };
	other_purpose.purpose = STR("tracing");
	other_actor.actor[0] = 10;
	for (size_t opened = 0; opened < CEILING - 5; opened++) {
		row[0] = stored(&made);
		assert_int_equal(keys_open(k, &ask, row, 1, NULL), 0);
	}
	for (size_t i = 0; i < COUNT(row); i++)
		row[i] = stored(&made);
	assert_int_equal(keys_open(k, &ask, row, 6, &err), -1);      /* one too many: none */
	assert_int_equal(err.code, ERR_RATE);
	assert_true(all_zero(row[0].key[CLASS_P], KEY_BYTES));
	assert_int_equal(keys_open(k, &ask, row, 5, NULL), 0);
	assert_int_equal(keys_open(k, &ask, row, 1, NULL), -1);
	assert_int_equal(keys_open(k, &other_purpose, row, 10, NULL), 0);
	assert_int_equal(keys_open(k, &other_actor, row, 10, NULL), 0);

	k = keys_of(blob, fd);      /* a restart */
	err = (struct err){ 0 };
	row[0] = stored(&made);
	assert_int_equal(keys_open(k, &ask, row, 1, &err), -1);
	assert_int_equal(err.code, ERR_RATE);
	assert_int_equal(keys_open(k, &other_purpose, row, 10, NULL), 0);
	close(fd);
}

/* A record that a crash cut short must not hide those that are written after it. */
static void test_a_torn_counters_file_still_counts(void **state)
{
	(void)state;
	struct bytes blob = blob_new(1);
	int fd = open(in_folder("torn"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct keys_ask ask = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P));
	assert_int_equal(write(fd, "half a record", 13), 13);
	struct keys *k = keys_of(blob, fd);
	struct subject_key made = subject_new(k, &ask, (struct id){ { 1 } });
	struct subject_key *rows = NEW_ARRAY(mem, struct subject_key, CEILING);
	for (size_t i = 0; i < CEILING; i++)
		rows[i] = stored(&made);
	assert_int_equal(keys_open(k, &ask, rows, CEILING, NULL), 0);
	struct err err = { 0 };
	assert_int_equal(keys_open(keys_of(blob, fd), &ask, rows, 1, &err), -1);
	assert_int_equal(err.code, ERR_RATE);
	close(fd);
}

/* Filling the index of names is not counted, but it is nobody's, of one class and side, and ends. */
static void test_the_index_is_filled_once_and_by_nobody(void **state)
{
	(void)state;
	struct keys *k = keys_of(blob_new(1), -1);
	struct keys_ask made_by = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P)), ask = { .side = SIDE_HUMANITARIAN, .classes = CLASS_BIT(CLASS_P), .purpose = KEYS_INDEX_PURPOSE };
	struct subject_key made = subject_new(k, &made_by, (struct id){ { 1 } });
	struct subject_key *rows = NEW_ARRAY(mem, struct subject_key, CEILING);
	struct err err = { 0 };
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < CEILING; i++)
			rows[i] = stored(&made);
		assert_int_equal(keys_open(k, &ask, rows, CEILING, NULL), 0);
	}
	struct keys_ask named = ask, wider = ask;
	named.actor[0] = 9;
	wider.classes |= CLASS_BIT(CLASS_X);
	assert_int_equal(keys_open(k, &named, rows, CEILING, NULL), 0);      /* counted: the ceiling is reached by this */
	assert_int_equal(keys_open(k, &named, rows, 1, NULL), -1);
	assert_int_equal(keys_open(k, &wider, rows, CEILING, NULL), 0);
	assert_int_equal(keys_open(k, &wider, rows, 1, NULL), -1);
	assert_int_equal(keys_index_end(k, &err), 0);
	assert_int_equal(keys_open(k, &ask, rows, 1, &err), -1);
	assert_int_equal(err.code, ERR_RATE);
}

/* A count that cannot be kept is no opening: else a restart would forget it. */
static void test_an_opening_that_cannot_be_counted_is_refused(void **state)
{
	(void)state;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);      /* every write fails */
	struct keys *k = keys_of(blob_new(1), fd);
	struct keys_ask ask = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P));
	struct subject_key made = subject_new(k, &ask, (struct id){ { 1 } }), row = stored(&made);
	for (int i = 0; i < 3; i++)
		assert_int_equal(keys_open(k, &ask, &row, 1, NULL), -1);
	assert_true(all_zero(row.key[CLASS_P], KEY_BYTES));
	close(fd);
}

static void test_an_erased_key_is_gone_after_the_rotation(void **state)
{
	(void)state;
	struct keys *k = keys_with_vault(blob_new(1));
	struct keys_ask ask = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P));
	struct subject_key living = subject_new(k, &ask, (struct id){ { 1 } }), erased = subject_new(k, &ask, (struct id){ { 2 } }), row;
	uint32_t old_id = keys_wrap_id(k, false, NULL);
	assert_int_not_equal(old_id, 0);
	assert_int_equal(keys_wrap_id(k, true, NULL), 0);

	assert_int_equal(keys_rotate(keys_of(blob_new(1), -1), NULL), -1);      /* without a vault nothing may change */
	vault_full = true;
	assert_int_equal(keys_rotate(k, NULL), -1);                   /* not on disk: nothing was changed */
	assert_int_equal(keys_wrap_id(k, false, NULL), old_id);
	vault_full = false;
	assert_int_equal(keys_rotate(k, NULL), 0);
	assert_int_equal(keys_wrap_id(k, true, NULL), old_id);
	assert_int_not_equal(keys_wrap_id(k, false, NULL), old_id);
	assert_int_equal(keys_rotate(k, NULL), -1);      /* two are kept */
	row = stored(&erased);
	assert_int_equal(keys_open(k, &ask, &row, 1, NULL), 0);       /* until the older is forgotten, a backup may come back */

	uint8_t wrapped[1][WRAPPED_BYTES], before[WRAPPED_BYTES];
	memcpy(wrapped[0], living.wrapped, WRAPPED_BYTES);
	assert_int_equal(keys_rewrap(k, wrapped, 1, NULL), 0);
	assert_memory_not_equal(wrapped[0], living.wrapped, WRAPPED_BYTES);
	memcpy(before, wrapped[0], WRAPPED_BYTES);
	assert_int_equal(keys_rewrap(k, wrapped, 1, NULL), 0);        /* rows already new stay */
	assert_memory_equal(wrapped[0], before, WRAPPED_BYTES);

	assert_int_equal(keys_forget_old(k, NULL), 0);
	assert_int_equal(keys_wrap_id(k, true, NULL), 0);
	struct keys *both[] = { k, keys_of(vault_content, -1) };              /* now, and after a restart with what is on disk */
	for (size_t i = 0; i < COUNT(both); i++) {
		row = stored(&living);
		memcpy(row.wrapped, wrapped[0], WRAPPED_BYTES);
		assert_int_equal(keys_open(both[i], &ask, &row, 1, NULL), 0);
		assert_memory_equal(row.key[CLASS_P], living.key[CLASS_P], KEY_BYTES);
		assert_memory_equal(row.salt, living.salt, sizeof row.salt);
		row = stored(&erased);
		assert_int_equal(keys_open(both[i], &ask, &row, 1, NULL), -1);
		row = stored(&living);                                /* nor the copy of the living row in an old backup */
		assert_int_equal(keys_open(both[i], &ask, &row, 1, NULL), -1);
		memcpy(before, erased.wrapped, WRAPPED_BYTES);
		assert_int_equal(keys_rewrap(both[i], &before, 1, NULL), -1);
	}
}

static void test_waiting_keys_and_signatures(void **state)
{
	(void)state;
	struct bytes blob = blob_new(1);
	struct keys *k = keys_of(blob, -1), *later = keys_of(blob, -1), *other = keys_of(blob_new(2), -1);
	uint8_t wrapped[WRAPPED_BYTES], key[KEY_BYTES], again[KEY_BYTES], salt[32], public_key[SIGN_WITNESS + 1][32], signature[64];
	struct bytes message = str_bytes(STR("text\n"));
	assert_int_equal(keys_wait_new(k, wrapped, key, NULL), 0);
	assert_int_equal(keys_wait_open(later, wrapped, again, NULL), 0);
	assert_memory_equal(key, again, KEY_BYTES);
	assert_int_equal(keys_wait_open(other, wrapped, again, NULL), -1);
	for (enum sign_as as = SIGN_LOG; as <= SIGN_WITNESS; as++) {
		assert_int_equal(keys_public(k, as, public_key[as], NULL), 0);
		assert_int_equal(keys_sign(later, as, message, signature, NULL), 0);
		assert_int_equal(crypto_sign_verify_detached(signature, message.p, message.n, public_key[as]), 0);
		for (enum sign_as before = SIGN_LOG; before < as; before++)
			assert_int_not_equal(crypto_sign_verify_detached(signature, message.p, message.n, public_key[before]), 0);
	}
	/* many in one question: each as if it were asked alone; one that does not open, and none is handed out */
	uint8_t waits[3][WRAPPED_BYTES], each[3][KEY_BYTES], all[3][KEY_BYTES] = { { 0 } }, signatures[3][64];
	struct bytes in[3], texts[3] = { str_bytes(STR("a\n")), { 0 }, message };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(keys_wait_new(k, waits[i], each[i], NULL), 0);
		in[i] = bytes_of(waits[i], WRAPPED_BYTES);
	}
	assert_int_equal(keys_wait_open_many(k, in, 3, all, NULL), 0);
	assert_memory_equal(all, each, sizeof all);
	assert_int_equal(keys_sign_many(k, SIGN_NODE, texts, 3, signatures, NULL), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(crypto_sign_verify_detached(signatures[i], texts[i].p, texts[i].n, public_key[SIGN_NODE]), 0);
	memset(all, 0, sizeof all);
	waits[1][WRAPPED_BYTES - 1] ^= 1;
	assert_int_equal(keys_wait_open_many(k, in, 3, all, NULL), -1);
	assert_true(sodium_is_zero(all[0], sizeof all));
	in[1].n--;
	assert_int_equal(keys_wait_open_many(k, in, 3, all, NULL), -1);
	assert_int_equal(keys_account_salt(k, salt, NULL), 0);
	assert_int_equal(keys_account_salt(later, again, NULL), 0);
	assert_memory_equal(salt, again, sizeof salt);
}

static void test_the_keys_file_opens_with_its_passphrase_only(void **state)
{
	(void)state;
	const char *path = in_folder("node.keys");
	struct bytes right = str_bytes(STR("four words of a test")), blob = blob_new(1), changed = blob_new(2), got;
	struct err err = { 0 };
	struct stat st;
	assert_int_equal(keys_file_read(mem, path, right, NULL, &got, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(keys_file_write(path, right, blob, COST_FULL, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(keys_file_read(mem, path, right, NULL, &got, NULL), 0);
	assert_true(bytes_eq(got, blob));
	err = (struct err){ 0 };
	assert_int_equal(keys_file_read(mem, path, str_bytes(STR("four words of a tesu")), NULL, &got, &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	assert_int_equal(keys_file_write(path, right, changed, COST_DEMO, NULL), 0);      /* replaced whole, nothing left beside it */
	assert_int_equal(keys_file_read(mem, path, right, NULL, &got, NULL), 0);
	assert_true(bytes_eq(got, changed));
	assert_int_equal(access(in_folder("node.keys.new"), F_OK), -1);
	assert_int_equal(truncate(path, 60), 0);
	assert_int_equal(keys_file_read(mem, path, right, NULL, &got, NULL), -1);
	assert_int_equal(keys_file_write("/nonexistent/node.keys", right, blob, COST_FULL, NULL), -1);
}

static void test_a_damaged_blob_starts_nothing(void **state)
{
	(void)state;
	struct bytes blob = blob_new(1);
	struct err err = { 0 };
	for (size_t n = 0; n < blob.n; n++) {
		struct keys_start start = { .blob = bytes_of(arena_copy(mem, blob.p, n), n), .counters_fd = -1, .ceiling = CEILING };
		assert_null(keys_local(mem, &start, &err));
		assert_int_equal(err.code, ERR_FORMAT);
	}
}

static void test_the_spawned_process_answers_from_its_sandbox(void **state)
{
	(void)state;
	enum { MANY = 4000 };
	struct seal_lock lock;
	struct bytes pass = str_bytes(STR("pass")), content;
	const char *path = in_folder("node.keys");
	seal_lock_new(source_system(), pass, 1, 8, &lock);
	struct keys_start start = { .blob = blob_new(1), .counters_fd = -1, .ceiling = 2 * MANY, .sandbox = true, .lock = &lock };
	struct keys *k, *here = keys_of(start.blob, -1);
	struct keys_ask ask = ask_of(SIDE_HUMANITARIAN, CLASS_BIT(CLASS_P) | CLASS_BIT(CLASS_X));
	struct id *ids = NEW_ARRAY(mem, struct id, MANY);
	struct subject_key *made = NEW_ARRAY(mem, struct subject_key, MANY), *row = NEW_ARRAY(mem, struct subject_key, MANY);
	uint8_t public_key[32], signature[64];
	struct err err = { 0 };
	int pid, status, vault, parent;
	assert_int_equal(keys_spawn(mem, &start, &k, &pid, &vault, &err), 0);
	for (size_t i = 0; i < MANY; i++)
		memcpy(ids[i].b, &i, sizeof i);
	if (keys_new(k, &ask, ids, MANY, made, &err) < 0)
		fail_msg("%s", err.log);
	for (size_t i = 0; i < MANY; i++)
		row[i] = stored(&made[i]);
	assert_int_equal(keys_open(k, &ask, row, MANY, &err), 0);
	assert_memory_equal(row, made, MANY * sizeof *made);
	row[0] = stored(&made[0]);
	assert_int_equal(keys_open(here, &ask, row, 1, NULL), 0);      /* the same keys here and there */
	assert_memory_equal(&row[0], &made[0], sizeof row[0]);
	assert_int_equal(keys_public(k, SIGN_LOG, public_key, &err), 0);
	assert_int_equal(keys_sign(k, SIGN_LOG, str_bytes(STR("t\n")), signature, &err), 0);
	assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)"t\n", 2, public_key), 0);
	assert_int_equal(keys_open(k, &ask, row, MANY, NULL), 0);
	assert_int_equal(keys_open(k, &ask, row, 1, &err), -1);
	assert_int_equal(err.code, ERR_RATE);
	parent = fork();
	if (parent == 0)
		_exit(keys_vault_serve(vault, path) == 0 ? 0 : 1);
	assert_int_equal(keys_rotate(k, &err), 0);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(status, 0);
	assert_int_equal(keys_file_read(mem, path, pass, NULL, &content, &err), 0);      /* by the parent, on disk, before the answer */
	assert_int_equal(keys_wrap_id(keys_of(content, -1), false, NULL), keys_wrap_id(k, false, NULL));
	assert_int_equal(unlink(path), 0);
	close(vault);
	assert_int_equal(keys_forget_old(k, &err), -1);                                /* nobody to write it: it stays as it was */
	assert_int_not_equal(keys_wrap_id(k, true, NULL), 0);
	keys_end(k);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_a_dead_keys_process_is_an_error_and_no_wait(void **state)
{
	(void)state;
	struct keys_start start = { .blob = blob_new(1), .counters_fd = -1, .ceiling = CEILING, .sandbox = true };
	struct keys *k;
	uint8_t salt[32];
	struct err err = { 0 };
	int pid, vault;
	assert_int_equal(keys_spawn(mem, &start, &k, &pid, &vault, NULL), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(keys_account_salt(k, salt, &err), -1);
	assert_int_equal(err.code, ERR_FAULT);
	keys_end(k);
}

#ifndef SANITIZED
static void *thread_nothing(void *arg)
{
	return arg;
}
#endif

/* How a child ends that puts the sandbox on and then does `deed`. */
static int status_after(void (*deed)(void))
{
	int status, pid = fork();
	if (pid == 0) {
		if (sandbox_enter(SANDBOX_KEYS, NULL, NULL) < 0)
			_exit(7);
		deed();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* The node: threads are a library's business, processes are nobody's. */
static int node_status(void)
{
	int status, pid = fork();
	if (pid == 0) {
		if (sandbox_enter(SANDBOX_NODE, folder, NULL) < 0)
			_exit(7);
		int inside = open(in_folder("torn"), O_RDWR | O_CREAT | O_CLOEXEC, 0600), outside = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
		if (inside < 0 || ftruncate(inside, 0) < 0 || outside >= 0)
			_exit(8);
#ifndef SANITIZED
		if (fork() >= 0 || errno != EPERM || vfork() >= 0)
			_exit(9);
		pthread_t t;
		if (pthread_create(&t, NULL, thread_nothing, NULL) != 0 || pthread_join(t, NULL) != 0)
			_exit(10);
#endif
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_the_node_starts_no_process(void **state)
{
	(void)state;
	if (!sandbox_probe().seccomp || !sandbox_probe().landlock_abi)
		skip();
	assert_int_equal(node_status(), 0);
}

static void test_only_what_is_kept_stays_open(void **state)
{
	(void)state;
	int status, a = dup(2), b = dup(2), pid = fork();
	if (pid == 0) {
		int keep[] = { 2, b, -1 };
		sandbox_close_others(keep, COUNT(keep));
		_exit(fcntl(a, F_GETFD) < 0 && fcntl(0, F_GETFD) < 0 && fcntl(2, F_GETFD) >= 0 && fcntl(b, F_GETFD) >= 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(a);
	close(b);
}

static void deed_nothing(void)
{
}

static void deed_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void deed_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void deed_kill(void)
{
	kill(getppid(), 0);
}

#ifndef SANITIZED      /* the sanitizers open files themselves: there the filter is wider */
static void deed_open(void)
{
	int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
	_exit(fd >= 0 ? 8 : 9);
}

static void deed_fork(void)
{
	if (fork() == 0)
		_exit(0);
}
#endif

static void test_the_sandbox_ends_what_leaves_it(void **state)
{
	(void)state;
	if (!sandbox_probe().seccomp)
		skip();
	static void (*const DEEDS[])(void) = { deed_socket, deed_exec, deed_kill,
#ifndef SANITIZED
		deed_open, deed_fork,
#endif
	};
	int status = status_after(deed_nothing);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (size_t i = 0; i < COUNT(DEEDS); i++) {
		status = status_after(DEEDS[i]);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("deed %zu goes on (status %x)", i, (unsigned)status);
	}
}

static void test_class_letters(void **state)
{
	(void)state;
	enum data_class c;
	for (enum data_class want = CLASS_O; want < CLASSES; want++) {
		char letter = class_letter(want);
		assert_int_equal(class_parse((struct str){ &letter, 1 }, &c), 0);
		assert_int_equal(c, want);
	}
	assert_int_equal(class_parse(STR("p"), &c), -1);
	assert_int_equal(class_parse(STR("PX"), &c), -1);
	assert_int_equal(class_parse((struct str){ 0 }, &c), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_subjects_open_with_the_same_keys),
		cmocka_unit_test(test_a_changed_or_foreign_wrapped_key_does_not_open),
		cmocka_unit_test(test_a_class_beyond_the_wall_is_refused),
		cmocka_unit_test(test_a_wrapped_key_opens_for_its_own_use_only),
		cmocka_unit_test(test_no_join_crosses_the_wall),
		cmocka_unit_test(test_the_ceiling_stops_and_survives_a_restart),
		cmocka_unit_test(test_the_index_is_filled_once_and_by_nobody),
		cmocka_unit_test(test_a_torn_counters_file_still_counts),
		cmocka_unit_test(test_an_opening_that_cannot_be_counted_is_refused),
		cmocka_unit_test(test_an_erased_key_is_gone_after_the_rotation),
		cmocka_unit_test(test_waiting_keys_and_signatures),
		cmocka_unit_test(test_the_keys_file_opens_with_its_passphrase_only),
		cmocka_unit_test(test_a_damaged_blob_starts_nothing),
		cmocka_unit_test(test_the_spawned_process_answers_from_its_sandbox),
		cmocka_unit_test(test_a_dead_keys_process_is_an_error_and_no_wait),
		cmocka_unit_test(test_the_sandbox_ends_what_leaves_it),
		cmocka_unit_test(test_the_node_starts_no_process),
		cmocka_unit_test(test_only_what_is_kept_stays_open),
		cmocka_unit_test(test_class_letters),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
