#include "cmd/certificate.h"
#include "cmd/control.h"
#include "cmd/full.h"
#include "cmd/line.h"
#include "crypto/sandbox.h"
#include "journey/people.h"
#include "match/names_client.h"
#include "net/client.h"
#include "web/web.h"
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* The one writer: listeners, jobs and timers on one epoll; what is complete waits in a queue for the tick. */
#define EVENTS 64
#define JOB_OUTPUT_MAX ((size_t)64 << 20)
#define CALL_ARENA_BYTES ((size_t)256 << 20)
#define TIMER_ARENA_BYTES ((size_t)256 << 20)
#define WAIT_MS 5000

struct running { struct running *next; struct item *item; int fd; struct buf output; };
/* A call to a partner, in an arena of its own: it outlives the item that asked for it, and becomes the item that takes the answer. */
struct calling { struct post post; struct call call; struct item item; struct loop *loop; };
struct loop {
	struct house house;
	struct http_server *people, *partners;        /* partners, client: NULL where the node rides with a convoy */
	struct tls_identity identity;
	struct client *client;
	int64_t *timer_due_ms;                        /* monotonic; one for each row of JOINED_TIMERS */
	struct item *first, **last;
	struct running *jobs;
	int epoll, signals, spawner, control;
	bool stop, again /* started anew */;
};

static void enqueue(struct loop *l, struct item *it)
{
	it->next = NULL;
	*l->last = it;
	l->last = &it->next;
}

static void on_request(void *arg, struct request *q)
{
	struct item *it = NEW(q->mem, struct item);
	it->mem = q->mem;
	it->request = q;
	enqueue(arg, it);
}

static void watch(struct loop *l, int fd, void *what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		die("epoll: %s", strerror(errno));
}

/* An item that nobody waits for ends with its arena: a timer comes again, and the outbox sends again what was not receipted. */
static void answer_not(struct item *it, enum err_code code)
{
	if (!it->request) {
		arena_free(it->mem);
		return;
	}
	static const struct response BUSY = { .status = 503, .type = "text/plain; charset=utf-8", .body = { "The office computer is busy. Nothing was changed.\n", 50 } };
	static const struct response FULL = { .status = 503, .type = "text/plain; charset=utf-8",
		.body = { "The disk of the office computer is full. Nothing was changed; tell the administrator.\n", 86 } };
	http_answer(it->request, code == ERR_FULL ? &FULL : &BUSY);
}

static void job_begin(struct loop *l, struct item *it, const struct job *job)
{
	struct err err = { 0 };
	struct running *r = NEW(it->request->mem, struct running);
	*r = (struct running){ .item = it, .fd = job_start(l->spawner, job, &err), .output = buf_new(it->request->mem, JOB_OUTPUT_MAX) };
	if (r->fd < 0) {
		log_line(LOG_ERROR, "node", "%s", err.log);
		answer_not(it, ERR_BUSY);
		return;
	}
	it->job = *job;
	r->next = l->jobs;
	l->jobs = r;
	watch(l, r->fd, r);
}

static void job_end(struct loop *l, struct running *r)
{
	struct running **at = &l->jobs;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	close(r->fd);
	r->item->job_output = buf_text(&r->output);
	r->item->job_done = true;
	enqueue(l, r->item);
}

static void job_read(struct loop *l, struct running *r)
{
	char part[65536];
	ssize_t n = read(r->fd, part, sizeof part);
	if (n > 0)
		buf_put(&r->output, part, (size_t)n);
	else if (n == 0 || errno != EINTR)
		job_end(l, r);
}

static size_t dequeue(struct loop *l, struct item **items)
{
	size_t n = 0;
	while (l->first && n < TICK_ITEMS) {
		items[n++] = l->first;
		l->first = l->first->next;
	}
	if (!l->first)
		l->last = &l->first;
	return n;
}

static void on_answer(void *arg, struct post *p)
{
	struct calling *c = p->ref;
	if (p->failure)
		log_line(LOG_INFO, "node", "a call to a partner: %s", p->failure);
	c->item = (struct item){ .mem = p->mem, .call = &c->call, .call_status = p->status, .call_answer = p->answer };
	enqueue(arg, &c->item);
}

static void call_begin(struct loop *l, const struct call *call)
{
	struct arena *mem = arena_new(CALL_ARENA_BYTES);
	struct calling *c = NEW(mem, struct calling);
	c->call = (struct call){ .url = str_dup(mem, call->url), .pin = call->pin, .next_pin = call->next_pin, .type = str_z(mem, str_of(call->type)), .body = str_dup(mem, call->body),
		.ref = str_dup(mem, call->ref), .then = call->then };
	c->post = (struct post){ .mem = mem, .url = c->call.url, .body = c->call.body, .type = c->call.type, .pin = c->call.pin, .next_pin = c->call.next_pin, .ref = c };
	if (!l->client) {
		c->post.failure = "a node that rides with a convoy calls nobody";
		on_answer(l, &c->post);
		return;
	}
	client_post(l->client, &c->post);
}

/* In the order in which the handler asked: the queue has the last one first. */
static void calls_begin(struct loop *l, const struct call *last)
{
	if (!last)
		return;
	calls_begin(l, last->next);
	call_begin(l, last);
}

static void hurry(struct loop *l, const char *timer)
{
	for (size_t i = 0; i < JOINED_TIMERS_N; i++)
		if (strcmp(JOINED_TIMERS[i].name, timer) == 0)
			l->timer_due_ms[i] = 0;
}

static void release(struct loop *l, struct answered *a)
{
	effects_after(&l->house.node, &a->effects);
	calls_begin(l, a->effects.calls);
	if (a->effects.outbox)
		hurry(l, "outbox");
	if (a->effects.hints)
		http_hint(l->people, a->effects.hints);
	l->again = l->again || a->effects.again;
	if (a->effects.hurry)
		hurry(l, a->effects.hurry);
	if (!a->item->request)
		arena_free(a->item->mem);
	else if (a->effects.job.kind)
		job_begin(l, a->item, &a->effects.job);
	else
		http_answer(a->item->request, &a->response);
}

static void timers_ready(struct loop *l)
{
	int64_t now = monotonic_ms();
	full_end(&l->house);
	for (size_t i = 0; i < JOINED_TIMERS_N; i++) {
		if (l->timer_due_ms[i] > now)
			continue;
		if (l->house.full) {                        /* they write: they wait */
			l->timer_due_ms[i] = now + WAIT_MS;
			continue;
		}
		struct arena *mem = arena_new(TIMER_ARENA_BYTES);
		struct item *it = NEW(mem, struct item);
		*it = (struct item){ .mem = mem, .timer = &JOINED_TIMERS[i] };
		l->timer_due_ms[i] = now + JOINED_TIMERS[i].every_ms;
		enqueue(l, it);
	}
}

/* On a full disk again with each piece of the reserve; without one, item by item, so that pages that write nothing go on. */
static int tick_with_reserve(struct loop *l, struct item **items, size_t n, struct answered *out, struct err *err)
{
	int rc = tick_run(&l->house, items, n, out, err);
	while (rc < 0 && err->code == ERR_FULL && full_begin(&l->house)) {
		*err = (struct err){ 0 };
		rc = tick_run(&l->house, items, n, out, err);
	}
	return rc;
}

static void tick_items(struct loop *l, struct item **items, size_t n)
{
	struct answered out[TICK_ITEMS];
	struct err err = { 0 };
	if (tick_with_reserve(l, items, n, out, &err) == 0) {
		for (size_t i = 0; i < n; i++)
			release(l, &out[i]);
		return;
	}
	if (err.code != ERR_FULL && err.code != ERR_BUSY)
		die("tick: %s", err.log);              /* the parent starts again; the disk is the truth */
	log_line(LOG_ERROR, "node", "tick rolled back: %s", err.log);
	for (size_t i = 0; i < n && n > 1 && err.code == ERR_FULL; i++)
		tick_items(l, &items[i], 1);
	for (size_t i = 0; i < n && (n == 1 || err.code == ERR_BUSY); i++)
		answer_not(items[i], err.code);
}

static void listeners_run(struct loop *l)
{
	http_run(l->people);
	if (l->partners)
		http_run(l->partners);
}

static void tick(struct loop *l)
{
	struct item *items[TICK_ITEMS];
	struct err err = { 0 };
	size_t n = dequeue(l, items);
	int64_t strangers = strangers_due_ms(&l->house.strangers);
	bool due = strangers >= 0 && strangers <= monotonic_ms();
	if (n == 0 && !due)
		return;
	tick_items(l, items, n);
	if (due && strangers_due_ms(&l->house.strangers) == strangers)
		l->house.strangers.since_ms = monotonic_ms();      /* the disk was full: in a minute again */
	listeners_run(l);
	store_checkpoint(l->house.store, &err);
}

static int wait_ms(struct loop *l)
{
	int64_t now = monotonic_ms(), strangers = strangers_due_ms(&l->house.strangers);
	int64_t waits[] = { http_timeout_ms(l->people), l->partners ? http_timeout_ms(l->partners) : -1, l->client ? client_timeout_ms(l->client) : -1, strangers < 0 ? -1 : strangers - now };
	int64_t ms = WAIT_MS;
	for (size_t i = 0; i < COUNT(waits); i++)
		if (waits[i] != -1 && waits[i] < ms)
			ms = waits[i];
	for (size_t i = 0; i < JOINED_TIMERS_N; i++)
		if (l->timer_due_ms[i] - now < ms)
			ms = l->timer_due_ms[i] - now;
	return l->first || ms < 0 ? 0 : (int)ms;
}

static void wait_events(struct loop *l)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(l->epoll, events, EVENTS, wait_ms(l));
	for (int i = 0; i < n; i++) {
		void *what = events[i].data.ptr;
		if (what == &l->signals)
			l->stop = true;
		else if (what == &l->control)
			control_serve(&l->house, l->control);
		else if (what != l->people && what != l->partners && what != l->client)
			job_read(l, what);
	}
	listeners_run(l);
	if (l->client)
		client_run(l->client);
	timers_ready(l);
}

static size_t partner_limit(void *arg, const struct request *q)
{
	struct loop *l = arg;
	return line_limit_of(&l->house, q);
}

/* Two listeners: people's, and partners' with TLS; and the client that calls partners. A node that rides with a convoy has the first alone. */
static int lines_open(struct loop *l, const struct settings *s, struct err *err)
{
	struct arena *mem = l->house.mem;
	if (tls_load(mem, s->dir, &l->identity, err) < 0)
		return -1;
	struct tls_identity browsers = { 0 };
	if (settings_tls(s) && tls_people(mem, s->dir, s->name, s->address, source_now_ms(source_system()), &browsers, err) < 0)
		return -1;
	l->house.node.certificate = browsers.cert_pem;
	struct http_settings people = { .address = str_z(mem, s->address), .cert_pem = browsers.cert_pem.p, .key_pem = browsers.key_pem.p, .port = s->port, .body_limit = 4096, .limit_of = tick_limit_of, .on_request = on_request, .arg = l };
	struct http_settings partners = { .address = str_z(mem, s->partner_address), .port = (uint16_t)(s->port + 100), .cert_pem = l->identity.cert_pem.p,
		.key_pem = l->identity.key_pem.p, .client_certificate = true, .partner_line = true, .body_limit = 4096, .limit_of = partner_limit,
		.on_request = on_request, .arg = l };
	struct client_settings client = { .identity = &l->identity, .on_answer = on_answer, .arg = l };
	if (http_listen(mem, &people, &l->people, err) < 0)
		return -1;
	if (settings_travel(s))
		return 0;
	if (http_listen(mem, &partners, &l->partners, err) < 0)
		return -1;
	return client_open(mem, &client, &l->client, err);
}

/* Before the sandbox: afterwards nobody looks a name up (libcurl would start a thread for it). */
static int resolve_partners(struct work *w, void *arg, struct err *err)
{
	struct partner *all;
	size_t n = 0;
	if (partner_list(w, &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (all[i].url.n)
			client_resolve(arg, all[i].url);
	return 0;
}

static int loop_open(struct loop *l, const struct settings *s, struct keys *keys, struct err *err)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	l->last = &l->first;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	l->house = (struct house){ .mem = arena_new((size_t)1 << 30), .settings = *s };
	if (house_open(&l->house, keys, err) < 0)
		return -1;
	reserve_make(s);
	if (reserve_left(s) < RESERVE_BYTES) {
		log_line(LOG_ERROR, "node", "no room for the reserve: writes are refused");
		l->house.full = true;
	}
	if (control_listen(l->house.mem, s, &l->control, err) < 0)
		return -1;
	if (certificate_turn(&l->house, err) < 0 || lines_open(l, s, err) < 0 || house_do(&l->house, resolve_partners, l->client, err) < 0)
		return -1;
	l->timer_due_ms = NEW_ARRAY(l->house.mem, int64_t, JOINED_TIMERS_N + 1);
	watch(l, l->signals, &l->signals);
	watch(l, l->control, &l->control);
	watch(l, http_fd(l->people), l->people);
	if (l->partners)
		watch(l, http_fd(l->partners), l->partners);
	if (l->client)
		watch(l, client_fd(l->client), l->client);
	return sandbox_enter(SANDBOX_NODE, str_z(l->house.mem, s->dir), err);
}

/* What is complete is still done and answered; who waits for a job is told that nothing was changed. libmicrohttpd ends only with every connection resumed. */
static void loop_stop(struct loop *l)
{
	strangers_hurry(&l->house.strangers);
	do
		tick(l);
	while (l->first);
	for (struct running *r = l->jobs; r; r = r->next)
		answer_not(r->item, ERR_BUSY);
	listeners_run(l);
	http_stop(l->people);
	if (l->partners)
		http_stop(l->partners);
	if (l->client)
		client_close(l->client);
	names_end(l->house.names);
	house_close(&l->house);
}

int node_run(const struct settings *s, struct keys *keys, struct names *names, int spawner)
{
	struct loop l = { .spawner = spawner };
	struct err err = { 0 };
	if (loop_open(&l, s, keys, &err) < 0)
		return command_failed("the node does not start", &err);
	l.house.names = names;
	l.house.node.people = people_new(l.house.mem, names);
	log_line(LOG_INFO, "node", "ready on port %u", s->port);
	while (!l.stop && !l.again) {
		wait_events(&l);
		tick(&l);
	}
	loop_stop(&l);
	return l.again && !l.stop ? NODE_AGAIN : 0;
}
