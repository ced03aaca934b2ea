#include "base/source.h"
#include <sys/random.h>

static int64_t system_now(void *arg)
{
	(void)arg;
	struct timespec t;
	if (clock_gettime(CLOCK_REALTIME, &t) != 0)
		die("no clock");
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void system_fill(void *arg, void *out, size_t n)
{
	(void)arg;
	uint8_t *p = out;
	while (n) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0)
			die("no randomness");
		p += got;
		n -= (size_t)got;
	}
}

const struct source *source_system(void)
{
	static const struct source SYSTEM = { system_now, system_fill, NULL };
	return &SYSTEM;
}

struct test_source { struct source s; int64_t now, step; uint64_t x[4]; };

static int64_t test_now(void *arg)
{
	struct test_source *t = arg;
	t->now += t->step;
	return t->now;
}

static uint64_t rotl(uint64_t v, int k)
{
	return v << k | v >> (64 - k);
}

static void test_fill(void *arg, void *out, size_t n)
{
	struct test_source *t = arg;
	uint8_t *p = out;
	uint64_t *x = t->x;
	for (size_t i = 0; i < n; i++) {
		p[i] = (uint8_t)(rotl(x[1] * 5, 7) * 9);
		uint64_t u = x[1] << 17;
		x[2] ^= x[0];
		x[3] ^= x[1];
		x[1] ^= x[2];
		x[0] ^= x[3];
		x[2] ^= u;
		x[3] = rotl(x[3], 45);
	}
}

const struct source *source_test(struct arena *mem, int64_t start_ms, int64_t step_ms, uint64_t seed)
{
	struct test_source *t = NEW(mem, struct test_source);
	t->now = start_ms;
	t->step = step_ms;
	for (size_t i = 0; i < COUNT(t->x); i++) {      /* splitmix64 */
		uint64_t z = (seed += 0x9e3779b97f4a7c15u);
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		t->x[i] = z ^ z >> 31;
	}
	t->s = (struct source){ test_now, test_fill, t };
	return &t->s;
}

int64_t source_now_ms(const struct source *s)
{
	return s->now_ms(s->arg);
}

void source_fill(const struct source *s, void *out, size_t n)
{
	s->fill(s->arg, out, n);
}

int64_t monotonic_ms(void)
{
	struct timespec t;
	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		die("no clock");
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct id id_new(const struct source *s)
{
	struct id id;
	source_fill(s, id.b, sizeof id.b);
	uint64_t ms = (uint64_t)source_now_ms(s);
	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)(ms >> (8 * (5 - i)));
	id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x70);
	id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
	return id;
}

struct str id_text(struct arena *mem, struct id id)
{
	static const char HEX[] = "0123456789abcdef";
	char *p = arena_alloc(mem, 37);
	size_t at = 0;
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			p[at++] = '-';
		p[at++] = HEX[id.b[i] >> 4];
		p[at++] = HEX[id.b[i] & 15];
	}
	return (struct str){ p, at };
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int id_parse(struct str s, struct id *out)
{
	bool dashes = s.n == 36;
	size_t at = 0;
	if (!dashes && s.n != 32)
		return -1;
	for (size_t i = 0; i < 16; i++) {
		if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && s.p[at++] != '-')
			return -1;
		int hi = hex_value(s.p[at]), lo = hex_value(s.p[at + 1]);
		if (hi < 0 || lo < 0)
			return -1;
		out->b[i] = (uint8_t)(hi << 4 | lo);
		at += 2;
	}
	return 0;
}

bool id_eq(struct id a, struct id b)
{
	return memcmp(a.b, b.b, sizeof a.b) == 0;
}

bool id_none(struct id a)
{
	return id_eq(a, (struct id){ 0 });
}

int id_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct id));
}
