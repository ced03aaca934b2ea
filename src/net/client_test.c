/* A listener and the client in one process: who is called is who was pinned, and a line that is slow, dead or too talkative ends in time. */
#include "net/client.h"
#include "net/http.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define PORT 21050
static struct arena *mem;
static char folder[64];
static struct tls_identity ours, theirs;
static struct http_server *server;
static struct client *client;

/* What the listener saw, and the request that it has not answered. */
static struct { int requests; uint8_t peer[32]; struct str body, path, type; struct request *held; } seen;
/* What the client got. */
static struct { int answers, status; struct str body; const char *failure; } got;

static void on_request(void *arg, struct request *q)
{
	(void)arg;
	seen.requests++;
	memcpy(seen.peer, q->peer, sizeof seen.peer);
	seen.body = str_dup(mem, q->body);
	seen.path = str_dup(mem, q->path);
	seen.type = str_dup(mem, q->content_type);
	seen.held = q;
	assert_true(q->partner_line);
}

static void on_answer(void *arg, struct post *p)
{
	(void)arg;
	got.answers++;
	got.status = p->status;
	got.body = str_dup(mem, p->answer);
	got.failure = p->failure;
	arena_free(p->mem);
}

static void identity(const char *name, struct tls_identity *out)
{
	struct err err = { 0 };
	struct str dir = str_fmt(mem, "%s/%s", folder, name);
	assert_int_equal(mkdir(dir.p, 0700), 0);
	assert_int_equal(tls_make(mem, dir, str_of(name), 1764000000000, &err), 0);
	assert_int_equal(tls_load(mem, dir, out, &err), 0);
}

static void open_client(size_t limit)
{
	struct err err = { 0 };
	struct client_settings s = { .identity = &ours, .connect_ms = 1500, .total_ms = 3000, .answer_limit = limit, .on_answer = on_answer };
	assert_int_equal(client_open(mem, &s, &client, &err), 0);
}

static int setup(void **state)
{
	(void)state;
	struct err err = { 0 };
	mem = arena_new((size_t)256 << 20);
	snprintf(folder, sizeof folder, "%s", "/tmp/client_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	identity("camp.sy", &ours);
	identity("momd.iq", &theirs);
	memset(&seen, 0, sizeof seen);
	memset(&got, 0, sizeof got);
	struct http_settings s = { .address = "127.0.0.1", .port = PORT, .cert_pem = theirs.cert_pem.p, .key_pem = theirs.key_pem.p, .client_certificate = true,
		.partner_line = true, .body_limit = (size_t)1 << 20, .on_request = on_request };
	if (http_listen(mem, &s, &server, &err) < 0)
		fail_msg("%s", err.log);
	open_client(0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	static const struct response GONE = { .status = 500 };
	client_close(client);
	if (seen.held)
		http_answer(seen.held, &GONE);
	http_run(server);
	http_stop(server);
	const struct tls_identity *both[] = { &ours, &theirs };
	for (size_t i = 0; i < 2; i++) {
		unlink(both[i]->key_path.p);
		unlink(both[i]->cert_path.p);
	}
	rmdir(str_fmt(mem, "%s/camp.sy", folder).p);
	rmdir(str_fmt(mem, "%s/momd.iq", folder).p);
	rmdir(folder);
	arena_free(mem);
	return 0;
}

static void post_to(const char *url, const struct hash *pin, struct str body)
{
	struct arena *own = arena_new((size_t)64 << 20);
	struct post *p = NEW(own, struct post);
	*p = (struct post){ .mem = own, .url = str_dup(own, str_of(url)), .pin = *pin, .type = "application/vnd.jisr.envelopes", .body = str_dup(own, body) };
	client_post(client, p);
}

static void post(const struct hash *pin, struct str body)
{
	post_to(str_fmt(mem, "https://127.0.0.1:%d/x/1/envelopes", PORT).p, pin, body);
}

/* Runs both ends until the condition holds or the time is over. */
static void run(const int *until, int value, int ms)
{
	for (int i = 0; i < ms && *until != value; i++) {
		http_run(server);
		client_run(client);
		usleep(1000);
	}
}

static void answer(int status, struct str body)
{
	struct response *a = NEW(seen.held->mem, struct response);
	*a = (struct response){ .status = status, .type = "text/plain", .body = body };
	http_answer(seen.held, a);
	seen.held = NULL;
}

static void certificate_is_stable_private_and_pinned_by_its_der(void **state)
{
	(void)state;
	struct stat st;
	struct err err = { 0 };
	struct tls_identity again;
	assert_int_equal(stat(ours.key_path.p, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(tls_make(mem, str_fmt(mem, "%s/camp.sy", folder), STR("camp.sy"), 1765000000000, &err), 0);
	assert_int_equal(tls_load(mem, str_fmt(mem, "%s/camp.sy", folder), &again, &err), 0);
	assert_true(hash_eq(&again.pin, &ours.pin));
	assert_false(hash_eq(&ours.pin, &theirs.pin));
	assert_int_equal(tls_pin(STR("no certificate"), &again.pin, &err), -1);
}

static void both_ends_see_the_pinned_certificate_and_the_answer_comes_back(void **state)
{
	(void)state;
	post(&theirs.pin, STR("hello"));
	run(&seen.requests, 1, 2000);
	assert_int_equal(seen.requests, 1);
	assert_memory_equal(seen.peer, ours.pin.b, 32);
	assert_true(str_is(seen.body, "hello"));
	assert_true(str_is(seen.path, "/x/1/envelopes"));
	assert_true(str_is(seen.type, "application/vnd.jisr.envelopes"));
	answer(202, STR("receipts"));
	run(&got.answers, 1, 9000);
	assert_int_equal(got.status, 202);
	assert_true(str_is(got.body, "receipts"));
	assert_null(got.failure);
}

static void connection_is_used_again(void **state)
{
	(void)state;
	struct request *first = NULL;
	for (int i = 1; i <= 20; i++) {
		post(&theirs.pin, STR("again"));
		run(&seen.requests, i, 2000);
		first = seen.held;
		assert_non_null(first);
		answer(200, STR("ok"));
		run(&got.answers, i, 2000);
	}
	assert_int_equal(got.answers, 20);
	assert_int_equal(http_connections(server), 1);
}

static void wrong_certificate_gets_no_byte(void **state)
{
	(void)state;
	struct hash other = theirs.pin;
	other.b[31] ^= 1;
	post(&other, STR("for somebody else"));
	run(&got.answers, 1, 9000);
	assert_int_equal(got.answers, 1);
	assert_int_equal(got.status, 0);
	assert_string_equal(got.failure, "the certificate is not the pinned one");
	run(&seen.requests, 1, 100);
	assert_int_equal(seen.requests, 0);
}

/* The connection is open and good; another pin on the same address must not ride on it. */
static void open_connection_is_no_way_round_the_pin(void **state)
{
	(void)state;
	post(&theirs.pin, STR("first"));
	run(&seen.requests, 1, 2000);
	answer(200, STR("ok"));
	run(&got.answers, 1, 9000);
	post(&ours.pin, STR("second"));
	run(&got.answers, 2, 2000);
	assert_int_equal(got.status, 0);
	run(&seen.requests, 2, 100);
	assert_int_equal(seen.requests, 1);
}

static void nobody_there(void **state)
{
	(void)state;
	post_to("https://127.0.0.1:21051/x/1/envelopes", &theirs.pin, STR("hello"));
	run(&got.answers, 1, 9000);
	assert_int_equal(got.answers, 1);
	assert_int_equal(got.status, 0);
	assert_non_null(got.failure);
}

static void silent_listener_is_left_in_time(void **state)
{
	(void)state;
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(21052), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 1), 0);
	post_to("https://127.0.0.1:21052/x/1/envelopes", &theirs.pin, STR("hello"));
	int64_t before = monotonic_ms();
	run(&got.answers, 1, 9000);
	assert_int_equal(got.answers, 1);
	assert_int_equal(got.status, 0);
	assert_in_range(monotonic_ms() - before, 0, 6000);
	close(fd);
}

static void slow_answer_is_left_in_time(void **state)
{
	(void)state;
	post(&theirs.pin, STR("hello"));
	int64_t before = monotonic_ms();
	run(&got.answers, 1, 9000);
	assert_int_equal(seen.requests, 1);
	assert_int_equal(got.answers, 1);
	assert_int_equal(got.status, 0);
	assert_in_range(monotonic_ms() - before, 1000, 12000);
}

static void large_answer_comes_whole_up_to_the_limit(void **state)
{
	(void)state;
	size_t n = 4 << 20;
	char *p = arena_alloc(mem, n);
	memset(p, 'x', n);
	post(&theirs.pin, STR("hello"));
	run(&seen.requests, 1, 2000);
	answer(200, (struct str){ p, n });
	run(&got.answers, 1, 9000);
	assert_int_equal(got.status, 200);
	assert_int_equal(got.body.n, n);
}

static void answer_over_the_limit_is_none(void **state)
{
	(void)state;
	client_close(client);
	open_client(65536);
	char *p = arena_alloc(mem, 65537);
	memset(p, 'x', 65537);
	post(&theirs.pin, STR("hello"));
	run(&seen.requests, 1, 2000);
	answer(200, (struct str){ p, 65537 });
	run(&got.answers, 1, 9000);
	assert_int_equal(got.answers, 1);
	assert_int_equal(got.status, 0);
	assert_string_equal(got.failure, "the answer is too large");
	assert_int_equal(got.body.n, 0);
}

static void only_https_to_known_addresses(void **state)
{
	(void)state;
	static const char *const URLS[] = { "http://127.0.0.1:21050/x", "https://somewhere.invalid/x", "file:///etc/passwd", "https://user@127.0.0.1:21050/x", "", "https://" };
	for (int i = 0; i < (int)COUNT(URLS); i++) {
		post_to(URLS[i], &theirs.pin, STR("hello"));
		assert_int_equal(got.answers, i + 1);
		assert_int_equal(got.status, 0);
	}
	assert_int_equal(seen.requests, 0);
}

static void name_is_known_after_it_was_looked_up(void **state)
{
	(void)state;
	const char *url = str_fmt(mem, "https://localhost:%d/x/1/envelopes", PORT).p;
	post_to(url, &theirs.pin, STR("hello"));
	assert_int_equal(got.answers, 1);
	assert_int_equal(got.status, 0);
	client_resolve(client, str_of(url));
	client_resolve(client, STR("https://nowhere.invalid:1/"));
	post_to(url, &theirs.pin, STR("hello"));
	run(&seen.requests, 1, 2000);
	assert_non_null(seen.held);
	answer(200, STR("ok"));
	run(&got.answers, 2, 2000);
	assert_int_equal(got.status, 200);
}

static void redirect_is_an_answer_not_a_way(void **state)
{
	(void)state;
	post(&theirs.pin, STR("hello"));
	run(&seen.requests, 1, 2000);
	struct response *a = NEW(seen.held->mem, struct response);
	*a = (struct response){ .status = 307 };
	response_header(a, "Location", STR("https://127.0.0.1:21050/elsewhere"));
	http_answer(seen.held, a);
	seen.held = NULL;
	run(&got.answers, 1, 9000);
	assert_int_equal(got.status, 307);
	assert_int_equal(seen.requests, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(certificate_is_stable_private_and_pinned_by_its_der), T(both_ends_see_the_pinned_certificate_and_the_answer_comes_back),
		T(connection_is_used_again), T(wrong_certificate_gets_no_byte), T(open_connection_is_no_way_round_the_pin), T(nobody_there),
		T(silent_listener_is_left_in_time), T(slow_answer_is_left_in_time), T(large_answer_comes_whole_up_to_the_limit), T(answer_over_the_limit_is_none),
		T(only_https_to_known_addresses), T(name_is_known_after_it_was_looked_up), T(redirect_is_an_answer_not_a_way) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
