#include "crypto/keys_i.h"
#include <unistd.h>

/* The file: records of 32 bytes, appended. A record reserves openings ahead, so that not each of them is a write; a restart goes on from what was
   reserved: it may count a few too many, never too few. An opening whose record cannot be written does not take place. */
#define SLOTS 16384u
#define RESERVE 64u                       /* and at most a 64th of the ceiling, so that restarts do not lock an actor out */
struct record { uint8_t actor[16], purpose[8]; uint32_t day, reserved; };
_Static_assert(sizeof(struct record) == 32, "record of the counters file");
struct counter { struct record r; uint32_t used; };
struct counters { int fd; bool torn; uint32_t ceiling, day; struct counter *slot; };

static uint32_t today(void)
{
	return (uint32_t)day_of_ms(source_now_ms(source_system()));
}

static struct counter *find(struct counters *c, const uint8_t actor[16], const uint8_t purpose[8])
{
	uint32_t at;
	memcpy(&at, actor + 12, sizeof at);      /* the end of a UUIDv7 is its random part */
	for (uint32_t i = 0; i < SLOTS; i++) {
		struct counter *s = &c->slot[(at + purpose[0] + i) % SLOTS];
		if (s->r.day == 0) {
			memcpy(s->r.actor, actor, 16);
			memcpy(s->r.purpose, purpose, 8);
			s->r.day = c->day;
			return s;
		}
		if (memcmp(s->r.actor, actor, 16) == 0 && memcmp(s->r.purpose, purpose, 8) == 0)
			return s;
	}
	return NULL;
}

struct counters *counters_open(struct arena *mem, int fd, uint32_t ceiling)
{
	struct counters *c = NEW(mem, struct counters);
	struct record r;
	off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0, whole = end - end % (off_t)sizeof r;
	*c = (struct counters){ .fd = fd, .ceiling = ceiling, .day = today(), .slot = NEW_ARRAY(mem, struct counter, SLOTS) };
	for (off_t at = 0; at < whole && pread(fd, &r, sizeof r, at) == (ssize_t)sizeof r; at += (off_t)sizeof r) {
		struct counter *s = r.day == c->day ? find(c, r.actor, r.purpose) : NULL;
		if (s && r.reserved > s->used)
			s->used = s->r.reserved = r.reserved;
	}
	/* A record that a crash or a full disk cut short goes, or all that follow it would be read askew. */
	c->torn = end < 0 || (end != whole && ftruncate(fd, whole) < 0);
	return c;
}

/* Writes down that `used` and some more will have been opened. A write that is cut short leaves the file torn: then nothing more is opened
   until a restart has mended it. */
static bool reserve(struct counters *c, struct counter *s, uint32_t used)
{
	uint32_t ahead = c->ceiling / 64 < RESERVE ? c->ceiling / 64 : RESERVE;
	struct record r = s->r;
	r.reserved = ahead > c->ceiling - used ? c->ceiling : used + ahead;
	if (c->torn)
		return false;
	if (c->fd >= 0) {
		ssize_t done = write(c->fd, &r, sizeof r);
		c->torn = done > 0 && done < (ssize_t)sizeof r;
		if (done != (ssize_t)sizeof r)
			return false;
	}
	s->r = r;
	return true;
}

bool counters_take(struct counters *c, const uint8_t actor[16], struct str purpose, uint32_t n)
{
	struct hash p = sha256(str_bytes(purpose));
	uint32_t day = today();
	if (day != c->day) {
		memset(c->slot, 0, SLOTS * sizeof *c->slot);
		c->day = day;
	}
	struct counter *s = find(c, actor, p.b);
	if (!s || n > c->ceiling || s->used > c->ceiling - n)
		return false;
	uint32_t used = s->used + n;
	if (used > s->r.reserved && !reserve(c, s, used))
		return false;
	s->used = used;
	return true;
}
