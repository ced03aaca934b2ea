/* The partner listener and the tick: what a stranger gets, what the log says of him, and that a timer or an answer that fails harms nobody else. */
#include "cmd/line.h"
#include "web/web.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static struct arena *mem;
static char folder[64];
static struct house house;
static struct err err;

static int setup(void **state)
{
	(void)state;
	mem = arena_new((size_t)1 << 30);
	snprintf(folder, sizeof folder, "%s", "/tmp/line_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	struct str dir = str_fmt(mem, "%s/n", folder);
	struct settings s = { .dir = dir, .name = STR("camp.sy"), .kind = STR("camp"), .title = STR("Camp"), .unlock = str_fmt(mem, "%s/unlock", folder), .port = 21070,
		.ceiling = 1000 };
	if (node_init(mem, &s, &err) < 0 || house_take(mem, dir, &house, &err) < 0)
		fail_msg("%s", err.log);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_close(&house);
	arena_free(mem);
	static const char *const FILES[] = { "n/node.db", "n/node.db-wal", "n/node.db-shm", "n/node.keys", "n/jisr.yaml", "n/tls.key", "n/tls.crt", "n/log.key", "n/witness.key", "n/lock",
		"n/counters", "unlock", "n" };
	for (size_t i = 0; i < COUNT(FILES); i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", folder, FILES[i]);
		remove(path);
	}
	remove(folder);
	return 0;
}

static void request_end(void *arena)
{
	arena_free(arena);
}

static struct item *request(enum method method, const char *path, bool partner_line)
{
	struct arena *own = arena_new((size_t)64 << 20);
	struct request *q = NEW(own, struct request);
	arena_defer(house.mem, request_end, own);      /* with the house */
	struct item *it = NEW(own, struct item);
	*q = (struct request){ .mem = own, .method = method, .path = str_of(path), .tls = partner_line, .partner_line = partner_line, .host = STR("127.0.0.1:21070"),
		.origin = STR("http://127.0.0.1:21070") };
	*it = (struct item){ .mem = own, .request = q };
	return it;
}

static struct response run(struct item *it)
{
	struct answered out;
	if (tick_run(&house, &it, 1, &out, &err) < 0)
		fail_msg("%s", err.log);
	return out.response;
}

static struct str last_lines(size_t n)
{
	struct str body;
	const char *type;
	bool immutable;
	uint64_t size = ledger_size(house.ledger);
	struct buf b = buf_new(mem, 65536);
	assert_int_equal(ledger_http(mem, house.ledger, house.tx, str_fmt(mem, "tile/entries/000.p/%llu", (unsigned long long)size), true, &body, &type, &immutable, &err), 0);
	struct reader r = reader_of(str_bytes(body));
	for (uint64_t i = 0; i < size; i++) {
		struct bytes line = get_bytes(&r, get_u16(&r));
		if (i + n >= size)
			buf_str(&b, bytes_str(line));
	}
	return buf_text(&b);
}

static bool has(struct str hay, const char *needle)
{
	return str_find(hay, str_of(needle)) < hay.n;
}

static void partner_routes_are_not_on_the_peoples_listener(void **state)
{
	(void)state;
	assert_int_equal(run(request(POST, "/witness/add-checkpoint", false)).status, 404);
	assert_int_equal(run(request(GET, "/health", false)).status, 200);
}

static void stranger_gets_nothing_but_heads_and_hashes(void **state)
{
	(void)state;
	run(request(GET, "/health", false));
	struct str empty = run(request(POST, "/witness/add-checkpoint", true)).body;
	assert_int_equal(run(request(POST, "/witness/add-checkpoint", true)).status, 403);
	assert_false(has(empty, "camp"));
	assert_int_equal(run(request(GET, "/today", true)).status, 403);
	assert_int_equal(run(request(GET, "/login", true)).status, 403);
	assert_int_equal(run(request(GET, "/log", true)).status, 403);
	assert_int_equal(run(request(GET, "/log/tile/entries/000.p/1", true)).status, 403);
	assert_int_equal(run(request(GET, "/log/tags/0", true)).status, 403);
}

static void strangers_are_entered_once_a_minute(void **state)
{
	(void)state;
	uint64_t before = ledger_size(house.ledger);
	struct item *known = request(POST, "/witness/add-checkpoint", true);
	memset(known->request->peer, 7, sizeof known->request->peer);
	assert_int_equal(run(known).status, 403);
	for (int i = 0; i < 5; i++)
		run(request(POST, "/witness/add-checkpoint", true));
	assert_int_equal(ledger_size(house.ledger), before);
	house.strangers.since_ms -= 60001;
	assert_int_equal(tick_run(&house, NULL, 0, NULL, &err), 0);
	assert_int_equal(ledger_size(house.ledger), before + 2);
	struct str lines = last_lines(2);
	assert_true(has(lines, "\"act\":\"refuse\",\"n\":1,\"refused\":\"unknown_certificate\""));
	assert_true(has(lines, "\"act\":\"refuse\",\"n\":5,\"refused\":\"no_certificate\""));
	assert_int_equal(strangers_due_ms(&house.strangers), -1);
}

static void more_reasons_than_rows_are_still_counted(void **state)
{
	(void)state;
	struct strangers s = { 0 };
	uint64_t sum = 0;
	for (int i = 0; i < 100; i++)
		strangers_count(&s, str_fmt(mem, "reason-%d-that-is-longer-than-a-row-has-room-for", i));
	for (size_t i = 0; i < s.n; i++)
		sum += s.rows[i].count;
	assert_int_equal(sum, 100);
	assert_true(s.n <= STRANGER_REASONS);
	s = (struct strangers){ 0 };
	for (int i = 0; i < 3; i++)
		strangers_count(&s, STR("the-same-reason-that-is-longer-than-a-row-has-room-for"));
	assert_int_equal(s.n, 1);
}

static int timer_that_fails(struct work *w, struct err *e)
{
	if (work_enter(w, &(struct entry){ .act = ACT_BACKUP }, e) < 0)
		return -1;
	return err_set(e, ERR_FAULT, "as the test wants");
}

static int timer_that_works(struct work *w, struct err *e)
{
	w->effects->outbox = true;
	return work_enter(w, &(struct entry){ .act = ACT_BACKUP }, e);
}

static struct { int status; struct str ref, body; } heard;
static int answer_heard(struct work *w, struct str ref, int status, struct str body, struct err *e)
{
	(void)e;
	assert_true(id_none(w->actor.account));
	heard.status = status;
	heard.ref = ref;
	heard.body = body;
	return 0;
}

static void failing_timer_takes_only_itself_back(void **state)
{
	(void)state;
	static const struct timer BAD = { "bad", 1000, timer_that_fails }, GOOD = { "good", 1000, timer_that_works };
	const struct call call = { .ref = STR("what it was about"), .then = answer_heard };
	struct item items[] = { { .mem = mem, .timer = &BAD }, { .mem = mem, .timer = &GOOD }, { .mem = mem, .call = &call, .call_status = 202, .call_answer = STR("yes") } };
	struct item *list[] = { &items[0], &items[1], &items[2] };
	struct answered out[3];
	uint64_t before = ledger_size(house.ledger);
	assert_int_equal(tick_run(&house, list, 3, out, &err), 0);
	assert_int_equal(ledger_size(house.ledger), before + 1);
	assert_false(out[0].effects.outbox);
	assert_true(out[1].effects.outbox);
	assert_int_equal(heard.status, 202);
	assert_true(str_is(heard.ref, "what it was about") && str_is(heard.body, "yes"));
	assert_int_equal(strangers_due_ms(&house.strangers), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(partner_routes_are_not_on_the_peoples_listener), T(stranger_gets_nothing_but_heads_and_hashes),
		T(strangers_are_entered_once_a_minute), T(more_reasons_than_rows_are_still_counted), T(failing_timer_takes_only_itself_back) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
