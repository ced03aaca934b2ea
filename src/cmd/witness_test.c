/* Heads go to the witness and come back signed; a lost answer, a forged one, a log set back and a forked log are each told apart. Three folders, no network: what
   the node would send is handed over by the test. */
#include "cmd/cmd.h"
#include "exchange/witness.h"
#include "net/tls.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *mem;
static char folder[64];
static struct house camp, twin, overseer;      /* twin: the camp's folder as it was copied once */
static struct err err;
static const char *const FILES[] = { "node.db", "node.keys", "jisr.yaml", "tls.key", "tls.crt", "counters" };
static const char *const REST[] = { "node.db-wal", "node.db-shm", "log.key", "witness.key", "lock", "reserve", "control" };

static struct str path(const char *node, const char *file)
{
	return str_fmt(mem, "%s/%s/%s", folder, node, file);
}

static void start(const char *node, const char *kind, uint16_t port, struct house *h)
{
	struct settings s = { .dir = str_fmt(mem, "%s/%s", folder, node), .name = str_of(node), .kind = str_of(kind), .title = str_of(node),
		.unlock = str_fmt(mem, "%s/unlock", folder), .port = port, .ceiling = 1000 };
	if (node_init(mem, &s, &err) < 0 || house_take(mem, s.dir, h, &err) < 0)
		fail_msg("%s", err.log);
}

struct pair_arg { struct house *from; struct str note; };
static int invite(struct work *w, void *arg, struct err *e)
{
	struct pair_arg *p = arg;
	struct tls_identity t;
	struct str url = str_fmt(w->mem, "https://127.0.0.1:%u", p->from->settings.port + 100), note;
	if (tls_load(w->mem, p->from->settings.dir, &t, e) < 0 || partner_invite(w, url, &t.pin, &note, e) < 0)
		return -1;
	p->note = str_dup(mem, note);
	return 0;
}

static int accept_note(struct work *w, void *arg, struct err *e)
{
	struct pair_arg *p = arg;
	struct partner found;
	return partner_accept(w, p->note, &found, e);
}

static void pin(struct house *from, struct house *at)
{
	struct pair_arg p = { .from = from };
	if (house_do(from, invite, &p, &err) < 0 || house_do(at, accept_note, &p, &err) < 0)
		fail_msg("%s", err.log);
}

static int setup(void **state)
{
	(void)state;
	mem = arena_new((size_t)1 << 30);
	snprintf(folder, sizeof folder, "%s", "/tmp/witness_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	twin = (struct house){ 0 };
	start("camp.sy", "camp", 21071, &camp);
	start("oversight", "oversight", 21072, &overseer);
	pin(&camp, &overseer);
	pin(&overseer, &camp);
	return 0;
}

static void clear(const char *node)
{
	for (size_t i = 0; i < COUNT(FILES); i++)
		unlink(path(node, FILES[i]).p);
	for (size_t i = 0; i < COUNT(REST); i++)
		unlink(path(node, REST[i]).p);
	rmdir(str_fmt(mem, "%s/%s", folder, node).p);
}

static int teardown(void **state)
{
	(void)state;
	if (twin.mem)
		house_close(&twin);
	house_close(&camp);
	house_close(&overseer);
	clear("camp.sy");
	clear("twin");
	clear("oversight");
	unlink(str_fmt(mem, "%s/unlock", folder).p);
	rmdir(folder);
	arena_free(mem);
	return 0;
}

static void file_copy(const char *file)
{
	char part[65536];
	ssize_t n;
	int from = open(path("camp.sy", file).p, O_RDONLY), to = open(path("twin", file).p, O_WRONLY | O_CREAT, 0600);
	while ((n = read(from, part, sizeof part)) > 0)
		assert_int_equal(write(to, part, (size_t)n), n);
	close(from);
	close(to);
}

/* The camp's folder copied as it is now, as a careless backup would. */
static void copy_camp(void)
{
	struct str dir = str_fmt(mem, "%s/camp.sy", folder);
	house_close(&camp);
	assert_int_equal(mkdir(str_fmt(mem, "%s/twin", folder).p, 0700), 0);
	for (size_t i = 0; i < COUNT(FILES); i++)
		file_copy(FILES[i]);
	if (house_take(mem, dir, &camp, &err) < 0 || house_take(mem, str_fmt(mem, "%s/twin", folder), &twin, &err) < 0)
		fail_msg("%s", err.log);
}

static int one_entry(struct work *w, void *arg, struct err *e)
{
	(void)arg;
	return work_enter(w, &(struct entry){ .act = ACT_BACKUP }, e);
}

static void grow(struct house *h, int n)
{
	for (int i = 0; i < n; i++)
		if (house_do(h, one_entry, NULL, &err) < 0)
			fail_msg("%s", err.log);
}

/* The call that the timer makes; NULL: none. */
static const struct call *timer(struct house *h)
{
	static const struct timer ROW = { "witness", WITNESS_EVERY_MS, witness_timer };
	struct item *it = NEW(mem, struct item);
	struct answered out;
	*it = (struct item){ .mem = mem, .timer = &ROW };
	if (tick_run(h, &it, 1, &out, &err) < 0)
		fail_msg("%s", err.log);
	return out.effects.calls;
}

/* What the overseer answers to a call of `h`. */
static struct response carry(struct house *h, const struct call *c)
{
	struct tls_identity t;
	struct request *q = NEW(mem, struct request);
	struct item *it = NEW(mem, struct item);
	struct answered out;
	assert_int_equal(tls_load(mem, h->settings.dir, &t, &err), 0);
	*q = (struct request){ .mem = mem, .method = POST, .path = STR("/witness/add-checkpoint"), .tls = true, .partner_line = true, .body = c->body };
	memcpy(q->peer, t.pin.b, sizeof q->peer);
	*it = (struct item){ .mem = mem, .request = q };
	if (tick_run(&overseer, &it, 1, &out, &err) < 0)
		fail_msg("%s", err.log);
	return out.response;
}

static void answer(struct house *h, const struct call *c, int status, struct str body)
{
	struct item *it = NEW(mem, struct item);
	struct answered out;
	*it = (struct item){ .mem = mem, .call = c, .call_status = status, .call_answer = body };
	if (tick_run(h, &it, 1, &out, &err) < 0)
		fail_msg("%s", err.log);
}

static int round_trip(struct house *h)
{
	const struct call *c = timer(h);
	assert_non_null(c);
	struct response a = carry(h, c);
	answer(h, c, a.status, a.body);
	return a.status;
}

static int read_state(struct work *w, void *arg, struct err *e)
{
	struct witness_state *all;
	size_t n;
	if (witness_states(w, &all, &n, e) < 0)
		return -1;
	assert_int_equal(n, 1);
	*(struct witness_state *)arg = all[0];
	((struct witness_state *)arg)->trouble = str_dup(mem, all[0].trouble);
	((struct witness_state *)arg)->partner = str_dup(mem, all[0].partner);
	return 0;
}

static struct witness_state state_of(struct house *h)
{
	struct witness_state s;
	if (house_do(h, read_state, &s, &err) < 0)
		fail_msg("%s", err.log);
	return s;
}

static void head_is_signed_when_the_tree_grew(void **state)
{
	(void)state;
	grow(&camp, 3);
	assert_int_equal(round_trip(&camp), 200);
	struct witness_state s = state_of(&camp);
	assert_int_equal(s.size, ledger_size(camp.ledger));
	assert_true(s.at_ms > 0 && !s.late && !s.trouble.n);
	assert_true(ledger_checkpoint(mem, camp.tx, true).n > 0);
	assert_null(timer(&camp));
	grow(&camp, 1);
	const struct call *c = timer(&camp);
	assert_non_null(c);
	assert_true(str_starts(c->body, str_fmt(mem, "old %lld\n", (long long)s.size)));
	assert_true(str_ends(c->url, STR(":21172/witness/add-checkpoint")));
	assert_null(timer(&camp));                     /* one call at a time */
}

static void lost_answer_is_mended_by_the_size_that_the_witness_names(void **state)
{
	(void)state;
	grow(&camp, 2);
	const struct call *c = timer(&camp);
	assert_int_equal(carry(&camp, c).status, 200);
	answer(&camp, c, 0, (struct str){ 0 });
	assert_true(str_is(state_of(&camp).trouble, "silent"));
	grow(&camp, 2);
	assert_int_equal(round_trip(&camp), 409);
	assert_int_equal(round_trip(&camp), 200);
	struct witness_state s = state_of(&camp);
	assert_int_equal(s.size, ledger_size(camp.ledger));
	assert_false(s.late || s.trouble.n);
}

static void office_that_goes_on_meanwhile_still_gets_its_signature(void **state)
{
	(void)state;
	grow(&camp, 2);
	const struct call *c = timer(&camp);
	uint64_t asked = ledger_size(camp.ledger);
	struct response a = carry(&camp, c);
	grow(&camp, 20);
	answer(&camp, c, a.status, a.body);
	assert_int_equal(state_of(&camp).size, asked);
}

static void forged_signature_is_kept_by_nobody(void **state)
{
	(void)state;
	grow(&camp, 2);
	const struct call *c = timer(&camp);
	struct response a = carry(&camp, c);
	char *text = str_z(mem, a.body);
	text[a.body.n - 8] = text[a.body.n - 8] == 'A' ? 'B' : 'A';
	answer(&camp, c, 200, str_of(text));
	struct witness_state s = state_of(&camp);
	assert_true(str_is(s.trouble, "refused"));
	assert_int_equal(s.at_ms, 0);
	assert_int_equal(ledger_checkpoint(mem, camp.tx, true).n, 0);
}

static void log_that_was_set_back_is_red_and_entered_once(void **state)
{
	(void)state;
	copy_camp();
	grow(&camp, 10);
	assert_int_equal(round_trip(&camp), 200);
	grow(&twin, 2);
	assert_int_equal(round_trip(&twin), 409);
	struct witness_state s = state_of(&twin);
	assert_true(str_is(s.trouble, "ahead") && s.late);
	uint64_t size = ledger_size(twin.ledger);
	assert_null(timer(&twin));                     /* an hour's rest: people are needed */
	assert_int_equal(ledger_size(twin.ledger), size);
}

static void forked_log_is_red_and_entered_on_both_sides(void **state)
{
	(void)state;
	copy_camp();
	grow(&camp, 3);
	assert_int_equal(round_trip(&camp), 200);
	grow(&twin, 10);
	assert_int_equal(round_trip(&twin), 409);
	uint64_t ours = ledger_size(twin.ledger), theirs = ledger_size(overseer.ledger);
	assert_int_equal(round_trip(&twin), 422);
	struct witness_state s = state_of(&twin);
	assert_true(str_is(s.trouble, "fork") && s.late);
	assert_int_equal(ledger_size(twin.ledger), ours + 1);
	assert_int_equal(ledger_size(overseer.ledger), theirs + 1);
}

static void hour_without_a_witness_is_late(void **state)
{
	(void)state;
	grow(&camp, 2);
	const struct call *c = timer(&camp);
	answer(&camp, c, 0, (struct str){ 0 });
	assert_false(state_of(&camp).late);
	camp.node.source = source_test(mem, source_now_ms(source_system()) + 3700000, 1, 1);
	assert_true(state_of(&camp).late);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(head_is_signed_when_the_tree_grew), T(lost_answer_is_mended_by_the_size_that_the_witness_names),
		T(office_that_goes_on_meanwhile_still_gets_its_signature), T(forged_signature_is_kept_by_nobody), T(log_that_was_set_back_is_red_and_entered_once),
		T(forked_log_is_red_and_entered_on_both_sides), T(hour_without_a_witness_is_late) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
