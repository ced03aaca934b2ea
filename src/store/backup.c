#include "store/store_i.h"
#include <fcntl.h>
#include <libgen.h>
#include <unistd.h>

SQL(Q_VACUUM, 1, "VACUUM INTO ?1");

static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return rc;
}

int store_backup(struct store *s, const char *to_path, struct err *err)
{
	struct arena *mem = arena_new(65536);
	char *part = str_z(mem, str_fmt(mem, "%s.part", to_path));
	int rc = -1;
	unlink(part);
	if (DB_RUN(&s->tx, &Q_VACUUM, err, db_z(part)) < 0)
		err_add(err, "backup");
	else if (sync_path(part, O_RDONLY) < 0 || rename(part, to_path) < 0 || sync_path(dirname(str_z(mem, str_of(to_path))), O_RDONLY | O_DIRECTORY) < 0)
		err_set(err, ERR_FULL, "the backup %s cannot be written", to_path);
	else
		rc = 0;
	arena_free(mem);
	return rc;
}
