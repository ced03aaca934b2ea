#include "cmd/certificate.h"
#include "cmd/cmd.h"
#include "crypto/sandbox.h"
#include "match/names_client.h"
#include "net/tls.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_WAIT_MS 10000
#define LOCK_STEP_MS 50

/* The parent: unlocks node.keys, starts keys, spawner, names and node, starts them again when one of them ends, and writes node.keys when the keys process hands
   it over, sealed. It opens no database and has no key. */
#define RESTARTS_MAX 20              /* one after the other; an hour without one, and they are forgotten */
#define QUIET_S 3600
#define COUNTERS_AHEAD ((off_t)1 << 20)

static volatile sig_atomic_t stopping;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

enum { KEYS, SPAWNER, NAMES, NODE, CHILDREN };
struct household { int pid[CHILDREN], vault; };

static int start_keys(struct arena *mem, const struct settings *s, struct keys **keys, struct household *h, struct err *err)
{
	struct bytes passphrase, blob;
	struct seal_lock lock;
	if (house_passphrase(mem, s, &passphrase, err) < 0 || keys_file_read(mem, house_path(mem, s, "node.keys").p, passphrase, &lock, &blob, err) < 0)
		return -1;
	int counters = open(house_path(mem, s, "counters").p, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	/* Openings are counted also while the disk is full: room for 32,768 lines. */
	if (counters < 0 || fallocate(counters, FALLOC_FL_KEEP_SIZE, lseek(counters, 0, SEEK_END), COUNTERS_AHEAD) < 0)
		log_line(LOG_WARN, "serve", "no room is kept for the counters of openings");
	struct keys_start start = { .blob = blob, .counters_fd = counters, .ceiling = s->ceiling, .sandbox = true, .lock = &lock };
	int rc = keys_spawn(mem, &start, keys, &h->pid[KEYS], &h->vault, err);
	close(counters);
	wipe((void *)(uintptr_t)blob.p, blob.n);
	wipe((void *)(uintptr_t)passphrase.p, passphrase.n);
	wipe(&lock, sizeof lock);
	return rc;
}

static int start_all(struct arena *mem, const struct settings *s, struct household *h, struct err *err)
{
	static const struct names_start NAMES_START = { .budget = NAMES_BUDGET, .budget_wide = NAMES_BUDGET_WIDE, .budget_rows = NAMES_BUDGET_ROWS, .sandbox = true };
	struct keys *keys;
	struct names *names;
	int spawner;
	*h = (struct household){ .vault = -1 };
	if (jobs_spawn(&spawner, &h->pid[SPAWNER], err) < 0 || start_keys(mem, s, &keys, h, err) < 0 || names_spawn(mem, &NAMES_START, &names, &h->pid[NAMES], err) < 0)
		return -1;
	pid_t parent = getpid();
	h->pid[NODE] = fork();
	if (h->pid[NODE] == 0) {
		sandbox_end_with(parent);
		close(h->vault);                       /* the parent's alone */
		_exit(node_run(s, keys, names, spawner));
	}
	close(spawner);
	keys_end(keys);
	names_end(names);
	return h->pid[NODE] > 0 ? 0 : err_set(err, ERR_FAULT, "cannot fork");
}

static void stop_all(struct household *h)
{
	static const int ORDER[] = { NODE, NAMES, KEYS, SPAWNER };
	for (size_t i = 0; i < COUNT(ORDER); i++) {
		int *pid = &h->pid[ORDER[i]];
		if (*pid <= 0)
			continue;
		kill(*pid, ORDER[i] == NODE ? SIGTERM : SIGKILL);
		waitpid(*pid, NULL, 0);
		*pid = 0;
	}
	if (h->vault >= 0)
		close(h->vault);
	h->vault = -1;
}

/* Waits until a child ends; serves the vault meanwhile. Gives which one, or -1 when the operator stops us. */
static int watch_children(const struct settings *s, struct arena *mem, struct household *h, int *status)
{
	struct pollfd on[CHILDREN + 1];
	sigset_t open_signals;
	int ended = -1;
	const char *path = house_path(mem, s, "node.keys").p;
	sigemptyset(&open_signals);
	for (int i = 0; i < CHILDREN; i++)
		on[i] = (struct pollfd){ .fd = pidfd_open(h->pid[i], 0), .events = POLLIN };
	on[CHILDREN] = (struct pollfd){ .fd = h->vault, .events = POLLIN };
	while (!stopping && ended < 0) {
		if (ppoll(on, COUNT(on), NULL, &open_signals) < 0)
			continue;                           /* a signal: `stopping` says the rest */
		if (on[CHILDREN].revents && keys_vault_serve(h->vault, path) < 0)
			on[CHILDREN].fd = -1;                 /* the process has ended or will be seen to */
		for (int i = 0; i < CHILDREN && ended < 0; i++)
			if (on[i].revents && waitpid(h->pid[i], status, WNOHANG) == h->pid[i])
				ended = i;
	}
	for (int i = 0; i < CHILDREN; i++)
		close(on[i].fd);
	if (ended >= 0)
		h->pid[ended] = 0;
	return ended;
}

static int supervise(const struct settings *s)
{
	bool first = true;
	for (int starts = 0; starts < RESTARTS_MAX && !stopping; starts++, first = false) {
		time_t began = time(NULL);
		struct arena *mem = arena_new((size_t)256 << 20);
		struct household h;
		struct err err = { 0 };
		int status = 0;
		if (start_all(mem, s, &h, &err) < 0) {
			stop_all(&h);
			return command_failed("the node does not start", &err);
		}
		int ended = watch_children(s, mem, &h, &status);
		stop_all(&h);
		arena_free(mem);
		if (ended == NODE && WIFEXITED(status) && WEXITSTATUS(status) == NODE_AGAIN)
			continue;
		if (ended == NODE && WIFEXITED(status) && (WEXITSTATUS(status) == 0 || first))
			return WEXITSTATUS(status);
		if (ended >= 0) {
			log_line(LOG_ERROR, "serve", "a process ended (status %d), all start again", status);
			starts = time(NULL) - began > QUIET_S ? 0 : starts;
			sleep(1);
		}
	}
	return stopping ? 0 : 3;
}

/* A listener keeps up to 4,096 connections; the usual soft limit of files is 1,024. */
static void raise_files(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max < 16384 ? files.rlim_max : 16384;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* The processes of a node that was killed end a moment after it, and hold its folder until then. */
static int lock_soon(struct str dir, struct err *err)
{
	for (int waited_ms = 0;; waited_ms += LOCK_STEP_MS) {
		struct err why = { 0 };
		int fd = house_lock(dir, &why);
		if (fd >= 0 || why.code != ERR_BUSY || waited_ms >= LOCK_WAIT_MS) {
			*err = why;
			return fd;
		}
		usleep(LOCK_STEP_MS * 1000);
	}
}

int cmd_serve(int argc, char **argv)
{
	const char *dir;
	size_t n;
	struct arena *mem = arena_new((size_t)1 << 20);
	struct settings s;
	struct err err = { 0 };
	if (options_read(argc, argv, NULL, 0, &dir, 1, &n) < 0 || n != 1)
		return fprintf(stderr, "usage: jisr serve DIR\n"), 2;
	if (settings_read(mem, str_of(dir), &s, &err) < 0 || lock_soon(s.dir, &err) < 0 ||
	    tls_make(mem, s.dir, s.name, source_now_ms(source_system()), &err) < 0)
		return command_failed("serve", &err);
	raise_files();
	struct sigaction stop = { .sa_handler = on_stop };
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigset_t held;                                /* they come while we wait, never in between */
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGINT);
	sigprocmask(SIG_BLOCK, &held, NULL);
	return supervise(&s);
}
