#include "cmd/cmd.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The parent: unlocks node.keys, starts keys, spawner and node, and starts them again when one of them ends. It opens no database. */
#define RESTARTS_MAX 20

static volatile sig_atomic_t stopping;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

struct household { int keys, spawner, node; };

static int start_keys(struct arena *mem, const struct settings *s, struct keys **keys, int *pid, struct err *err)
{
	struct bytes passphrase, blob;
	if (house_passphrase(mem, s, &passphrase, err) < 0 || keys_file_read(mem, house_path(mem, s, "node.keys").p, passphrase, &blob, err) < 0)
		return -1;
	int counters = open(house_path(mem, s, "counters").p, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct keys_start start = { blob, counters, s->ceiling, true };
	int rc = keys_spawn(mem, &start, keys, pid, err);
	close(counters);
	wipe((void *)(uintptr_t)blob.p, blob.n);
	wipe((void *)(uintptr_t)passphrase.p, passphrase.n);
	return rc;
}

static int start_all(struct arena *mem, const struct settings *s, struct household *h, struct err *err)
{
	struct keys *keys;
	int spawner;
	*h = (struct household){ 0 };
	if (jobs_spawn(&spawner, &h->spawner, err) < 0 || start_keys(mem, s, &keys, &h->keys, err) < 0)
		return -1;
	h->node = fork();
	if (h->node == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		_exit(node_run(s, keys, spawner));
	}
	close(spawner);
	keys_end(keys);
	return h->node > 0 ? 0 : err_set(err, ERR_FAULT, "cannot fork");
}

static void stop_all(const struct household *h)
{
	if (h->node > 0) {
		kill(h->node, SIGTERM);
		waitpid(h->node, NULL, 0);
	}
	const int rest[] = { h->keys, h->spawner };
	for (size_t i = 0; i < COUNT(rest); i++) {
		if (rest[i] > 0) {
			kill(rest[i], SIGKILL);
			waitpid(rest[i], NULL, 0);
		}
	}
}

static int supervise(const struct settings *s)
{
	for (int starts = 0; starts < RESTARTS_MAX && !stopping; starts++) {
		struct arena *mem = arena_new((size_t)256 << 20);
		struct household h;
		struct err err = { 0 };
		int status = 0;
		if (start_all(mem, s, &h, &err) < 0) {
			stop_all(&h);
			return command_failed("the node does not start", &err);
		}
		int ended = wait(&status);
		if (ended == h.node && WIFEXITED(status) && (WEXITSTATUS(status) == 0 || starts == 0)) {
			h.node = 0;
			stop_all(&h);
			return WEXITSTATUS(status);
		}
		log_line(LOG_ERROR, "serve", "a process ended (status %d), all start again", status);
		stop_all(&(struct household){ ended == h.keys ? 0 : h.keys, ended == h.spawner ? 0 : h.spawner, ended == h.node ? 0 : h.node });
		arena_free(mem);
		if (!stopping)
			sleep(1);
	}
	return stopping ? 0 : 3;
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
	if (settings_read(mem, str_of(dir), &s, &err) < 0 || house_lock(s.dir, &err) < 0)
		return command_failed("serve", &err);
	struct sigaction stop = { .sa_handler = on_stop };
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	return supervise(&s);
}
