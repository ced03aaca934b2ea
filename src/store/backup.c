#include "store/store_i.h"
#include <fcntl.h>
#include <libgen.h>
#include <unistd.h>

SQL(Q_VACUUM, 1, "VACUUM INTO ?1");

SQL(Q_CHECK, 0, "PRAGMA integrity_check(1)");
struct verdict { struct str said; };
static const struct field VERDICT[] = { FIELD(struct verdict, said) };

int store_check(struct store *s, struct err *err)
{
	struct arena *mem = arena_new((size_t)1 << 20);
	struct verdict v = { { 0 } };
	int rc = DB_ONE(&s->tx, &Q_CHECK, VERDICT, &v, mem, NULL);
	bool whole = rc == DB_ROW && str_is(v.said, "ok");
	arena_free(mem);
	return whole ? 0 : err_set(err, ERR_FORMAT, "the database is damaged");
}

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
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);      /* SQLite takes an empty file, and would make one that all may read */
	if (fd >= 0)
		close(fd);
	if (s->reader)
		sqlite_exec(&s->tx, "PRAGMA query_only=OFF", NULL);               /* the file itself stays open for reading only */
	if (fd < 0)
		err_set(err, ERR_FULL, "the backup %s cannot be written", to_path);
	else if (DB_RUN(&s->tx, &Q_VACUUM, err, db_z(part)) < 0)
		err_add(err, "backup");
	else if (sync_path(part, O_RDONLY) < 0 || rename(part, to_path) < 0 || sync_path(dirname(str_z(mem, str_of(to_path))), O_RDONLY | O_DIRECTORY) < 0)
		err_set(err, ERR_FULL, "the backup %s cannot be written", to_path);
	else
		rc = 0;
	if (rc < 0)
		unlink(part);
	if (s->reader)
		sqlite_exec(&s->tx, "PRAGMA query_only=ON", NULL);
	arena_free(mem);
	return rc;
}
