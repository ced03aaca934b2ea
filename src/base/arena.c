#include "base/arena.h"
#include <unistd.h>

#define BLOCK_BYTES ((size_t)16 * 1024)

struct block { struct block *next; size_t cap, used; _Alignas(max_align_t) uint8_t data[]; };
struct deferred { struct deferred *next; void (*fn)(void *); void *arg; };

struct arena {
	struct block *blocks;       /* the newest first */
	struct deferred *deferred;
	size_t used, limit;
};

_Noreturn void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("jisr: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	_exit(3);
}

struct arena *arena_new(size_t limit_bytes)
{
	struct arena *a = calloc(1, sizeof *a);
	if (!a)
		die("out of memory");
	a->limit = limit_bytes;
	return a;
}

static void blocks_free(struct block *b)
{
	while (b) {
		struct block *next = b->next;
		free(b);
		b = next;
	}
}

void arena_reset(struct arena *a)
{
	while (a->deferred) {
		struct deferred *d = a->deferred;
		a->deferred = d->next;
		d->fn(d->arg);
	}
	struct block *keep = a->blocks;
	if (keep && keep->cap == BLOCK_BYTES) {
		blocks_free(keep->next);
		keep->next = NULL;
		keep->used = 0;
	} else {
		blocks_free(keep);
		keep = NULL;
	}
	a->blocks = keep;
	a->used = 0;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	blocks_free(a->blocks);
	free(a);
}

static void block_add(struct arena *a, size_t need)
{
	size_t cap = need > BLOCK_BYTES / 4 ? need : BLOCK_BYTES;
	struct block *b = malloc(sizeof *b + cap);
	if (!b)
		die("out of memory");
	b->cap = cap;
	b->used = 0;
	if (cap != BLOCK_BYTES && a->blocks) {   /* a large one goes behind, so that the open block stays in use */
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		b->next = a->blocks;
		a->blocks = b;
	}
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t align = _Alignof(max_align_t);
	if (n > SIZE_MAX / 2)
		die("allocation of %zu bytes", n);
	n = (n + align - 1) / align * align;
	if (n == 0)
		n = align;
	if (n > a->limit - a->used)
		die("an arena of %zu bytes is full", a->limit);
	a->used += n;
	struct block *b = a->blocks;
	if (!b || b->cap - b->used < n) {
		block_add(a, n);
		b = n > BLOCK_BYTES / 4 && a->blocks->next && a->blocks->cap - a->blocks->used < n ? a->blocks->next : a->blocks;
	}
	void *p = b->data + b->used;
	b->used += n;
	return memset(p, 0, n);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		die("array of %zu times %zu bytes", count, size);
	return arena_alloc(a, count * size);
}

void *arena_copy(struct arena *a, const void *p, size_t n)
{
	void *q = arena_alloc(a, n);
	if (n)
		memcpy(q, p, n);
	return q;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct deferred *d = NEW(a, struct deferred);
	*d = (struct deferred){ a->deferred, fn, arg };
	a->deferred = d;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

struct str str_dup(struct arena *mem, struct str s)
{
	return (struct str){ str_z(mem, s), s.n };
}

char *str_z(struct arena *mem, struct str s)
{
	char *z = arena_alloc(mem, s.n + 1);
	if (s.n)
		memcpy(z, s.p, s.n);
	return z;
}

struct bytes bytes_dup(struct arena *mem, struct bytes b)
{
	return (struct bytes){ arena_copy(mem, b.p, b.n), b.n };
}

struct str str_vfmt(struct arena *mem, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		die("bad format");
	char *p = arena_alloc(mem, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){ p, (size_t)n };
}

struct str str_fmt(struct arena *mem, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct str s = str_vfmt(mem, fmt, ap);
	va_end(ap);
	return s;
}

struct str str_join(struct arena *mem, struct str a, struct str b)
{
	char *p = arena_alloc(mem, a.n + b.n + 1);
	if (a.n)
		memcpy(p, a.p, a.n);
	if (b.n)
		memcpy(p + a.n, b.p, b.n);
	return (struct str){ p, a.n + b.n };
}

struct str str_lower(struct arena *mem, struct str s)
{
	char *p = str_z(mem, s);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + ('a' - 'A'));
	return (struct str){ p, s.n };
}
