#include "crypto/keys_i.h"
#include <unistd.h>

/* The file: records of 32 bytes, appended. A record reserves openings ahead, so that not each of them is a write; a restart goes on from what was
   reserved: it may count a few too many, never too few. */
#define SLOTS 16384u
#define RESERVE 64u
struct record { uint8_t actor[16], purpose[8]; uint32_t day, reserved; };
_Static_assert(sizeof(struct record) == 32, "record of the counters file");
struct counter { struct record r; uint32_t used; };
struct counters { int fd; uint32_t ceiling, day, n; struct counter *slot; };

static uint32_t today(void)
{
	return (uint32_t)day_of_ms(source_now_ms(source_system()));
}

static struct counter *find(struct counters *c, const uint8_t actor[16], const uint8_t purpose[8])
{
	uint32_t at;
	memcpy(&at, actor, sizeof at);
	for (uint32_t i = 0; i < SLOTS; i++) {
		struct counter *s = &c->slot[(at + purpose[0] + i) % SLOTS];
		if (s->r.day == 0) {
			memcpy(s->r.actor, actor, 16);
			memcpy(s->r.purpose, purpose, 8);
			s->r.day = c->day;
			c->n++;
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
	*c = (struct counters){ .fd = fd, .ceiling = ceiling, .day = today(), .slot = NEW_ARRAY(mem, struct counter, SLOTS) };
	for (off_t at = 0; fd >= 0 && pread(fd, &r, sizeof r, at) == (ssize_t)sizeof r; at += (off_t)sizeof r) {
		struct counter *s = r.day == c->day ? find(c, r.actor, r.purpose) : NULL;
		if (s)
			s->used = s->r.reserved = r.reserved;
	}
	return c;
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
	s->used += n;
	if (s->used > s->r.reserved) {
		s->r.reserved = s->used + RESERVE > c->ceiling ? c->ceiling : s->used + RESERVE;
		if (c->fd >= 0 && write(c->fd, &s->r, sizeof s->r) != (ssize_t)sizeof s->r)
			return false;
	}
	return true;
}
