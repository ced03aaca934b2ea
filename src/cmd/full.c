#include "cmd/full.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MARGIN_BYTES ((int64_t)8 << 20)                    /* beyond the reserve, before the node takes writes again */
#define LOOK_MS 5000

static int reserve_open(const struct settings *s)
{
	struct arena *mem = arena_new(65536);
	int fd = open(house_path(mem, s, "reserve").p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	arena_free(mem);
	return fd;
}

static int64_t size_of(int fd)
{
	struct stat st;
	return fd >= 0 && fstat(fd, &st) == 0 ? (int64_t)st.st_size : 0;
}

int64_t reserve_left(const struct settings *s)
{
	struct arena *mem = arena_new(65536);
	struct stat st;
	int64_t n = stat(house_path(mem, s, "reserve").p, &st) == 0 ? (int64_t)st.st_size : 0;
	arena_free(mem);
	return n;
}

void reserve_make(const struct settings *s)
{
	int fd = reserve_open(s);
	if (fd < 0)
		return;
	for (int64_t at = size_of(fd); at < RESERVE_BYTES; at += RESERVE_PIECE) {
		if (posix_fallocate(fd, (off_t)at, (off_t)RESERVE_PIECE) != 0) {
			if (ftruncate(fd, (off_t)at) < 0)
				log_line(LOG_WARN, "node", "the reserve file cannot be cut");
			break;
		}
	}
	close(fd);
}

bool full_begin(struct house *h)
{
	int fd = reserve_open(&h->settings);
	int64_t left = size_of(fd);
	bool given = left > 0 && ftruncate(fd, (off_t)(left > RESERVE_PIECE ? left - RESERVE_PIECE : 0)) == 0;
	if (!h->full)
		log_line(LOG_ERROR, "node", "the disk is full: writes are refused, pages go on while the reserve lasts (%lld bytes)", (long long)left);
	h->full = true;
	if (fd >= 0)
		close(fd);
	return given;
}

void full_end(struct house *h)
{
	struct arena *mem = arena_new(65536);
	struct statvfs disk;
	int64_t now = monotonic_ms();
	if (h->full && now - h->full_looked_ms >= LOOK_MS) {
		h->full_looked_ms = now;
		bool room = statvfs(str_z(mem, h->settings.dir), &disk) == 0 &&
		    (int64_t)(disk.f_bavail * disk.f_frsize) >= RESERVE_BYTES - reserve_left(&h->settings) + MARGIN_BYTES;
		if (room)
			reserve_make(&h->settings);
		if (room && reserve_left(&h->settings) >= RESERVE_BYTES) {
			h->full = false;
			log_line(LOG_INFO, "node", "there is room again: the reserve is whole, writes are taken");
		}
	}
	arena_free(mem);
}

/* To sign in, to choose a purpose and to sign out is needed for looking. */
bool full_refuses(const struct request *q)
{
	static const char *const LOOKING[] = { "/login", "/logout", "/purpose" };
	if (q->method != POST)
		return false;
	for (size_t i = 0; i < COUNT(LOOKING) && !q->partner_line; i++)
		if (str_is(q->path, LOOKING[i]))
			return false;
	return true;
}
