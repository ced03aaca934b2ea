#include "crypto/keys.h"
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_FILE_MAX 65536

static int write_synced(const char *path, struct bytes b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	int rc = write(fd, b.p, b.n) == (ssize_t)b.n && fsync(fd) == 0 ? 0 : -1;
	return close(fd) == 0 ? rc : -1;
}

int keys_file_save(const char *path, struct bytes sealed, struct err *err)
{
	struct arena *mem = arena_new((size_t)1 << 20);
	char *part = str_z(mem, str_fmt(mem, "%s.new", path)), *folder = dirname(str_z(mem, str_of(path)));
	int rc = write_synced(part, sealed);
	if (rc == 0)
		rc = rename(part, path);
	int fd = rc == 0 ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		rc = fsync(fd);
		close(fd);
	}
	arena_free(mem);
	return rc == 0 ? 0 : err_set(err, ERR_FULL, "%s cannot be written", path);
}

int keys_file_write(const char *path, struct bytes passphrase, struct bytes blob, enum cost cost, struct err *err)
{
	struct arena *mem = arena_new((size_t)1 << 20);
	int rc = keys_file_save(path, seal_password(mem, source_system(), passphrase, blob, cost), err);
	arena_free(mem);
	return rc;
}

int keys_file_read(struct arena *mem, const char *path, struct bytes passphrase, struct seal_lock *lock, struct bytes *blob, struct err *err)
{
	uint8_t *p = arena_alloc(mem, KEYS_FILE_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "%s is missing", path);
	ssize_t n = read(fd, p, KEYS_FILE_MAX);
	close(fd);
	if (n <= 0)
		return err_set(err, ERR_FORMAT, "%s cannot be read", path);
	return seal_password_open(mem, passphrase, bytes_of(p, (size_t)n), lock, blob, err);
}
