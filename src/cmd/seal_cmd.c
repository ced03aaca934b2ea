#include "cmd/control.h"
#include "exchange/exchange.h"
#include "record/custody.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* `jisr seal --now`: the keys of this node are destroyed on the spot, because the office is about to fall into other hands. First the entry, every purpose is sealed, and the
   witnesses have a moment to sign the head and the partners to be told, so that oversight sees it; then node.keys, overwritten and removed; then the node stops, and with it the last copy in memory. What was in the database opens no more, here
   or anywhere, except by a backup with its key file and the passphrase (restore). */

#define WITNESSES_S 15

static int enter(struct work *w, void *arg, struct err *err)
{
	(void)arg;
	return work_enter(w, &(struct entry){ .act = ACT_SEAL }, err) < 0 ? -1 : custody_seal(w, err);
}

static int enter_here(const struct settings *s, struct err *err)
{
	struct house h;
	int rc = house_take(arena_new((size_t)256 << 20), s->dir, &h, err);
	if (rc == 0)
		rc = house_do(&h, enter, NULL, err);
	if (h.mem)
		house_close(&h);
	return rc;
}

/* *partners: how many could be a witness. */
static uint64_t head_size(struct arena *mem, const struct settings *s, bool witnessed, size_t *partners)
{
	struct partner *p;
	struct store *store;
	struct err ignored = { 0 };
	uint64_t size = 0;
	if (store_open_reader(mem, house_path(mem, s, "node.db").p, &store, &ignored) < 0)
		return 0;
	struct node node = { .name = s->name };
	struct work w = { .node = &node, .tx = store_tx(store), .mem = mem };
	if (partner_list(&w, &p, partners, &ignored) < 0)
		*partners = 0;
	struct str head = ledger_checkpoint(mem, store_tx(store), witnessed);
	str_cut(&head, '\n');
	if (str_u64(str_cut(&head, '\n'), &size) < 0)
		size = 0;
	store_close(store);
	return size;
}

/* Nobody waits for witnesses that do not answer. */
static uint64_t witnessed_soon(struct arena *mem, const struct settings *s, uint64_t size)
{
	size_t partners;
	uint64_t seen = head_size(mem, s, true, &partners);
	for (int i = 0; i < WITNESSES_S * 5 && partners && (seen = head_size(mem, s, true, &partners)) < size; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	return seen;
}

/* Overwritten, on disk, then gone: what worn flash may still hold of it is sealed under the passphrase (DESIGN 12). */
static int destroy(struct arena *mem, const struct settings *s, struct err *err)
{
	uint8_t noise[4096];
	const char *path = house_path(mem, s, "node.keys").p;
	struct stat st;
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, ERR_NOT_FOUND, "there is no node.keys: %s", strerror(errno));
	for (off_t at = 0; at < st.st_size; at += (off_t)sizeof noise) {
		source_fill(source_system(), noise, sizeof noise);
		size_t n = st.st_size - at < (off_t)sizeof noise ? (size_t)(st.st_size - at) : sizeof noise;
		if (pwrite(fd, noise, n, at) != (ssize_t)n)
			break;
	}
	bool gone = fsync(fd) == 0 && unlink(path) == 0;
	close(fd);
	int dir = open(str_z(mem, s->dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gone = gone && dir >= 0 && fsync(dir) == 0;
	if (dir >= 0)
		close(dir);
	return gone ? 0 : err_set(err, ERR_FAULT, "node.keys could not be removed: %s", strerror(errno));
}

int cmd_seal(int argc, char **argv)
{
	const char *words[1], *name = NULL, *dir = ".";
	bool now = false;
	const struct option options[] = { { "now", NULL, &now }, { "name", &name, NULL }, { "dir", &dir, NULL } };
	struct arena *mem = arena_new((size_t)256 << 20);
	struct settings s;
	struct err err = { 0 };
	struct str answer;
	size_t n;
	if (options_read(argc, argv, options, COUNT(options), words, 0, &n) < 0 || !now || !name)
		return fprintf(stderr, "usage: jisr seal --now --name NODE [--dir DIR]\nDestroys the keys of the node. It cannot be undone: NODE is asked so that nobody does it to the wrong one.\n"), 2;
	if (settings_read(mem, str_of(dir), &s, &err) < 0)
		return command_failed("seal", &err);
	if (!str_is(s.name, name))
		return fprintf(stderr, "jisr seal: this folder is " S_FMT ", not %s; nothing was done\n", S_ARG(s.name), name), 1;
	int running = control_ask(mem, &s, STR("seal"), &answer, &err);
	if (running < 0 || (running == 0 && enter_here(&s, &err) < 0))
		fprintf(stderr, "jisr seal: no entry could be made: %s\n", err.log);      /* the keys go all the same */
	size_t partners;
	uint64_t size = head_size(mem, &s, false, &partners), seen = running == 1 ? witnessed_soon(mem, &s, size) : head_size(mem, &s, true, &partners);
	err = (struct err){ 0 };
	if (destroy(mem, &s, &err) < 0)
		return command_failed("seal", &err);
	struct err ignored = { 0 };
	if (running == 1)
		control_ask(mem, &s, STR("stop"), &answer, &ignored);
	printf("sealed " S_FMT ": its keys are gone. %llu entries, witnessed up to %llu.\nA backup opens elsewhere with its key file and the passphrase: jisr restore.\n", S_ARG(s.name),
	    (unsigned long long)size, (unsigned long long)seen);
	return 0;
}
