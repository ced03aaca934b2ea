#include "cmd/control.h"
#include "cmd/full.h"
#include "crypto/sandbox.h"
#include "record/retention.h"
#include "record/rotate.h"
#include <sys/statvfs.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_MS (24LL * 3600 * 1000)
#define LATE_DAYS 9      /* a week, and time for somebody to look */

static bool say(bool good, const char *what, const char *next)
{
	printf("%s  %s%s%s\n", good ? "ok  " : "BAD ", what, good || !next ? "" : "\n      next: ", good || !next ? "" : next);
	return good;
}

/* What the database says of the clocks that must run: read only, also while the node runs. */
static bool clocks(struct arena *mem, const struct settings *s)
{
	struct store *store;
	struct err err = { 0 };
	struct rotation r;
	int64_t now = source_now_ms(source_system());
	struct str path = house_path(mem, s, "node.db");
	if (access(path.p, F_OK) < 0)
		return say(true, "the node has not been started yet: there is no database", NULL);
	bool good = say(store_open_reader(mem, path.p, &store, &err) == 0 && store_check(store, &err) == 0, "the database is whole",
	    "jisr restore DIR FILE, from the newest copy");
	if (!good)
		return false;
	struct work w = { .tx = store_tx(store), .mem = mem, .now_ms = now };
	int64_t backup = ledger_last_ms(mem, w.tx, ACT_BACKUP), pass = retention_last_ms(&w);
	bool known = rotation_state(&w, &r, &err) == 0;
	good &= say(known && (r.finished_ms == 0 || now - r.finished_ms < LATE_DAYS * DAY_MS), "the wrap key was changed in the last days", "jisr keys rotate DIR");
	good &= say(known && !(r.running && now - r.began_ms > DAY_MS), "no change of the wrap key stands still", "jisr keys rotate DIR, and read what it says");
	good &= say(erasures_not_final(&w, now - LATE_DAYS * DAY_MS) == 0, "erasures became final", "jisr keys rotate DIR");
	good &= say(pass >= 0 && (pass == 0 || now - pass < DAY_MS), "retention was worked in the last day", "start the node: its clock erases what is due; its log names records that it could not");
	bool recent = say(backup > 0 && now - backup < LATE_DAYS * DAY_MS, "a backup was made in the last days", "jisr backup DIR FILE, onto another disk");
	good &= recent || backup == 0;                /* a new node is told, not blamed */
	store_close(store);
	return good;
}

static bool passphrase_opens(struct arena *mem, const struct settings *s)
{
	struct bytes passphrase, blob;
	struct err err = { 0 };
	bool good = house_passphrase(mem, s, &passphrase, &err) == 0;
	if (!say(good, "the passphrase of node.keys is there", "put it into the file that `unlock` names, mode 0600"))
		return false;
	good = keys_file_read(mem, house_path(mem, s, "node.keys").p, passphrase, NULL, &blob, &err) == 0;
	if (good)
		wipe((void *)(uintptr_t)blob.p, blob.n);
	return say(good, "the passphrase opens node.keys", "find the passphrase that it was sealed with, or restore node.keys: jisr restore DIR FILE");
}

/* Only a node that runs has an index: it is filled at each start. */
static bool names(struct arena *mem, const struct settings *s)
{
	struct str answer;
	struct err err = { 0 };
	if (control_ask(mem, s, STR("names"), &answer, &err) != 1)
		return say(true, "the index of names is filled when the node starts: it does not run now", NULL);
	struct str people = answer, state = str_cut(&people, ' ');
	char *what = str_z(mem, str_fmt(mem, "the index of names answers and has " S_FMT " people%s", S_ARG(people), str_is(state, "filling") ? "; it is still being filled" : ""));
	return say(!str_is(state, "silent"), what, "stop and start the node: the names process does not answer");
}

static bool folder(const char *dir)
{
	struct arena *mem = arena_new((size_t)512 << 20);
	struct settings s;
	struct statvfs disk;
	struct stat st;
	struct err err = { 0 };
	bool good = settings_read(mem, str_of(dir), &s, &err) == 0;
	if (!say(good, "jisr.yaml can be read", err.log))
		return false;
	good &= passphrase_opens(mem, &s);
	good &= say(stat(str_z(mem, s.unlock), &st) == 0 && (st.st_mode & 077) == 0, "the file with the passphrase is private", "chmod 600, or a system credential of the service");
	good &= say(stat(house_path(mem, &s, "node.keys").p, &st) == 0 && (st.st_mode & 077) == 0, "node.keys is there and private", "chmod 600 node.keys, or restore it");
	good &= say(statvfs(str_z(mem, s.dir), &disk) == 0 && disk.f_bavail * disk.f_frsize > (256ul << 20), "more than 256 MB of disk are free", "make room: writing stops on a full disk");
	bool started = stat(house_path(mem, &s, "reserve").p, &st) == 0;
	good &= say(!started || reserve_left(&s) >= RESERVE_BYTES, "the reserve for a full disk is whole", "make room: the node takes writes again by itself");
	good &= names(mem, &s);
	good &= clocks(mem, &s);
	arena_free(mem);
	return good;
}

int cmd_doctor(int argc, char **argv)
{
	const char *dir = NULL;
	size_t n;
	if (options_read(argc, argv, NULL, 0, &dir, 1, &n) < 0)
		return 2;
	struct sandbox_support s = sandbox_probe();
	bool good = say(s.seccomp, "the kernel has seccomp", "use a kernel with CONFIG_SECCOMP_FILTER: keys and jobs are not confined");
	say(s.landlock_abi > 0, "the kernel has Landlock", "without it the node is confined by seccomp only: add lsm=landlock to the kernel's command line");
	if (n == 1)
		good &= folder(dir);
	return good ? 0 : 1;
}
