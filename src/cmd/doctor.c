#include "cmd/cmd.h"
#include "crypto/sandbox.h"
#include <sys/statvfs.h>
#include <sys/stat.h>

static bool say(bool good, const char *what, const char *next)
{
	printf("%s  %s%s%s\n", good ? "ok  " : "BAD ", what, good || !next ? "" : "\n      next: ", good || !next ? "" : next);
	return good;
}

static bool folder(const char *dir)
{
	struct arena *mem = arena_new((size_t)16 << 20);
	struct settings s;
	struct statvfs disk;
	struct stat st;
	struct bytes passphrase;
	struct err err = { 0 };
	bool good = settings_read(mem, str_of(dir), &s, &err) == 0;
	if (!say(good, "jisr.yaml can be read", err.log))
		return false;
	good &= say(house_passphrase(mem, &s, &passphrase, &err) == 0, "the passphrase of node.keys is there", "put it into the file that `unlock` names, mode 0600");
	good &= say(stat(house_path(mem, &s, "node.keys").p, &st) == 0 && (st.st_mode & 077) == 0, "node.keys is there and private", "chmod 600 node.keys, or restore it");
	good &= say(statvfs(str_z(mem, s.dir), &disk) == 0 && disk.f_bavail * disk.f_frsize > (256ul << 20), "more than 256 MB of disk are free", "make room: writing stops on a full disk");
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
