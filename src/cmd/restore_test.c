/* An old copy of the database with the newest keys: the living open, who was erased after the copy was made does not, whatever of the copy is used. */
#include "cmd/cmd.h"
#include "record/rotate.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

SQL(Q_WRAPPED, 1, "SELECT wrapped FROM subject_key WHERE handle=?1");
SQL(Q_KNOWN_GONE, 1, "SELECT (SELECT count(*) FROM record_gone WHERE record=?1 AND node='camp.test')+(SELECT count(*) FROM record WHERE id=?1 AND state='erased')");
SQL(Q_LEFT, 0, "SELECT (SELECT count(*) FROM body) + (SELECT count(*) FROM record_version)");
struct raw { struct bytes b; };
static const struct field RAW[] = { FIELD(struct raw, b) };
static struct arena *mem;
static char folder[64];
static struct id erased, living, later;
static uint32_t epoch;

static char *in_folder(const char *name)
{
	return str_z(mem, str_fmt(mem, "%s/%s", folder, name));
}

static int setup(void **state)
{
	(void)state;
	struct err err = { 0 };
	mem = arena_new((size_t)1 << 30);
	snprintf(folder, sizeof folder, "%s", "/tmp/restore_test.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	struct settings s = { .dir = str_of(in_folder("n")), .name = STR("camp.test"), .kind = STR("camp"), .title = STR("Test"), .unlock = str_of(in_folder("unlock")),
		.port = 26030, .ceiling = 10000 };
	return node_init(mem, &s, &err);
}

static int teardown(void **state)
{
	(void)state;
	int pid = fork();
	if (pid == 0)
		_exit(execlp("rm", "rm", "-rf", folder, (char *)NULL));
	waitpid(pid, NULL, 0);
	arena_free(mem);
	return 0;
}

static void in_house(int (*fn)(struct work *, void *, struct err *), void *arg)
{
	struct house h;
	struct err err = { 0 };
	if (house_take(mem, str_of(in_folder("n")), &h, &err) < 0 || house_do(&h, fn, arg, &err) < 0)
		fail_msg("%s", err.log);
	house_close(&h);
}

static void registrar(struct work *w)
{
	w->purpose = STR("registration");
	w->basis = STR("mandate");
	w->actor = (struct actor){ .account = { { 7 } }, .role = STR("CAMP_REG"), .unit = STR("camp"), .node = STR("camp.test") };
}

static int create(struct work *w, void *arg, struct err *err)
{
	struct draft d = { .type = type_find(w->node->types, STR("person")),
		.fields = json_keep(w->mem, json_pack("{s:s, s:s, s:s}", "name", "Invented Person", "sex", "2", "birth", "1990")) };
	registrar(w);
	return record_create(w, &d, arg, err);
}

static int erase(struct work *w, void *arg, struct err *err)
{
	return record_erase(w, *(struct id *)arg, STR("test"), err);
}

static int step(struct work *w, void *more, struct err *err)
{
	return rotation_step(w, more, err);
}

static int run(int (*command)(int, char **), const char *file, const char *flag)
{
	char *argv[] = { in_folder("command"), in_folder("n"), in_folder(file), str_z(mem, str_of(flag)) };
	return command(flag ? 4 : 3, argv);
}

static int look(struct work *w, void *arg, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("person"));
	struct err why = { 0 };
	(void)arg;
	registrar(w);
	assert_null(record_open(w, t, &erased, 1, &why));
	assert_int_equal(why.code, ERR_NOT_FOUND);
	const struct grant *g = record_open(w, t, &living, 1, err);
	if (!g)
		return -1;
	assert_string_equal(record_text(g, 0, "name").p, "Invented Person");
	assert_int_equal(ledger_epoch(w->node->ledger), ++epoch);
	assert_int_equal(DB_COUNT(w->tx, &Q_KNOWN_GONE, db_id(later)), 1);
	assert_int_equal(DB_COUNT(w->tx, &Q_LEFT), 3);      /* two bodies and the version of the living */
	return 0;
}

/* A thief with the old copy, the newest node.keys and the passphrase. */
static int steal(struct work *w, void *arg, struct err *err)
{
	struct store *old;
	struct raw raw;
	struct keys_ask ask = { .side = SIDE_HUMANITARIAN, .classes = CLASS_BIT(CLASS_P), .purpose = STR("theft") };
	const struct id who[] = { erased, living };
	(void)arg;
	assert_int_equal(store_open_reader(w->mem, in_folder("old.db"), &old, err), 0);
	for (size_t i = 0; i < COUNT(who); i++) {
		struct subject_key k = { .handle = { { 0 } } };
		assert_int_equal(keys_handles(w->node->keys, SIDE_HUMANITARIAN, &who[i], 1, &k.handle, err), 0);
		assert_int_equal(DB_ONE(store_tx(old), &Q_WRAPPED, RAW, &raw, w->mem, err, db_blob(bytes_of(k.handle.b, HANDLE_BYTES))), DB_ROW);
		memcpy(k.wrapped, raw.b.p, WRAPPED_BYTES);
		assert_int_equal(keys_open(w->node->keys, &ask, &k, 1, NULL), -1);
	}
	store_close(old);
	return 0;
}

static void what_was_erased_does_not_come_back(void **state)
{
	(void)state;
	bool more = true;
	in_house(create, &erased);
	in_house(create, &living);
	assert_int_equal(run(cmd_backup, "old.db", NULL), 0);
	in_house(erase, &erased);
	in_house(create, &later);      /* in no copy; a partner may still hold it */
	in_house(erase, &later);
	while (more)
		in_house(step, &more);
	assert_int_equal(run(cmd_backup, "new.db", NULL), 0);
	assert_int_equal(run(cmd_restore, "old.db", "--verify"), 0);
	assert_int_equal(run(cmd_restore, "old.db", NULL), 0);
	in_house(look, NULL);
	in_house(steal, NULL);
	assert_int_equal(run(cmd_restore, "new.db", NULL), 0);      /* and the newest copy itself */
	in_house(look, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_was_erased_does_not_come_back) };
	return cmocka_run_group_tests(tests, setup, teardown);
}
