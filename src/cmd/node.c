#include "cmd/cmd.h"
#include "cmd/control.h"
#include "crypto/sandbox.h"
#include "web/web.h"
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* The one writer: listeners, jobs and timers on one epoll; what is complete waits in a queue for the tick. */
#define EVENTS 64
#define JOB_OUTPUT_MAX ((size_t)64 << 20)

struct running { struct running *next; struct item *item; int fd; struct buf output; };
struct loop {
	struct house house;
	struct http_server *people;
	struct item *first, **last;
	struct running *jobs;
	int epoll, signals, spawner, control;
	bool stop;
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
	it->request = q;
	enqueue(arg, it);
}

static void watch(struct loop *l, int fd, void *what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		die("epoll: %s", strerror(errno));
}

static void answer_busy(struct item *it)
{
	static const struct response BUSY = { .status = 503, .type = "text/plain; charset=utf-8", .body = { "The office computer is busy. Nothing was changed.\n", 50 } };
	http_answer(it->request, &BUSY);
}

static void job_begin(struct loop *l, struct item *it, const struct job *job)
{
	struct err err = { 0 };
	struct running *r = NEW(it->request->mem, struct running);
	*r = (struct running){ .item = it, .fd = job_start(l->spawner, job, &err), .output = buf_new(it->request->mem, JOB_OUTPUT_MAX) };
	if (r->fd < 0) {
		log_line(LOG_ERROR, "node", "%s", err.log);
		answer_busy(it);
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

static void release(struct loop *l, struct answered *a)
{
	if (a->effects.job.kind)
		job_begin(l, a->item, &a->effects.job);
	else
		http_answer(a->item->request, &a->response);
}

static void tick(struct loop *l)
{
	struct item *items[TICK_ITEMS];
	struct answered out[TICK_ITEMS];
	struct err err = { 0 };
	size_t n = dequeue(l, items);
	if (n == 0)
		return;
	if (tick_run(&l->house, items, n, out, &err) == 0) {
		for (size_t i = 0; i < n; i++)
			release(l, &out[i]);
	} else if (err.code == ERR_FULL || err.code == ERR_BUSY) {
		log_line(LOG_ERROR, "node", "tick rolled back: %s", err.log);
		for (size_t i = 0; i < n; i++)
			answer_busy(items[i]);
	} else {
		die("tick: %s", err.log);              /* the parent starts again; the disk is the truth */
	}
	http_run(l->people);
	store_checkpoint(l->house.store, &err);
}

static void wait_events(struct loop *l)
{
	struct epoll_event events[EVENTS];
	int64_t ms = http_timeout_ms(l->people);
	int n = epoll_wait(l->epoll, events, EVENTS, l->first ? 0 : ms < 0 || ms > 5000 ? 5000 : (int)ms);
	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr == &l->signals)
			l->stop = true;
		else if (events[i].data.ptr == &l->control)
			control_serve(&l->house, l->control);
		else if (events[i].data.ptr != l->people)
			job_read(l, events[i].data.ptr);
	}
	http_run(l->people);
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
	struct http_settings people = { .address = "127.0.0.1", .port = s->port, .body_limit = 4096, .limit_of = tick_limit_of, .on_request = on_request, .arg = l };
	if (control_listen(l->house.mem, s, &l->control, err) < 0)
		return -1;
	if (http_listen(l->house.mem, &people, &l->people, err) < 0)
		return -1;
	watch(l, l->signals, &l->signals);
	watch(l, l->control, &l->control);
	watch(l, http_fd(l->people), l->people);
	return sandbox_enter(SANDBOX_NODE, str_z(l->house.mem, s->dir), err);
}

int node_run(const struct settings *s, struct keys *keys, int spawner)
{
	struct loop l = { .spawner = spawner };
	struct err err = { 0 };
	if (loop_open(&l, s, keys, &err) < 0)
		return command_failed("the node does not start", &err);
	log_line(LOG_INFO, "node", "ready on port %u", s->port);
	while (!l.stop) {
		wait_events(&l);
		tick(&l);
	}
	http_stop(l.people);
	house_close(&l.house);
	return 0;
}
