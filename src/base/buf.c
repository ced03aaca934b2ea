#include "base/buf.h"

struct buf buf_new(struct arena *mem, size_t limit_bytes)
{
	return (struct buf){ .mem = mem, .limit = limit_bytes };
}

static bool room_for(struct buf *b, size_t n)
{
	if (b->full || n > b->limit - b->n) {
		b->full = true;
		return false;
	}
	if (b->n + n + 1 <= b->cap)
		return true;
	size_t cap = b->cap ? b->cap * 2 : 256;
	while (cap < b->n + n + 1)
		cap *= 2;
	char *p = arena_alloc(b->mem, cap);
	if (b->n)
		memcpy(p, b->p, b->n);
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_put(struct buf *b, const void *p, size_t n)
{
	if (!room_for(b, n))
		return;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = 0;
}

void buf_str(struct buf *b, struct str s)
{
	buf_put(b, s.p, s.n);
}

void buf_z(struct buf *b, const char *z)
{
	buf_put(b, z, strlen(z));
}

void buf_ch(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	char small[512];
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof small)
		buf_put(b, small, (size_t)n);
	else
		buf_str(b, str_vfmt(b->mem, fmt, again));
	va_end(again);
}

void buf_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

static void put_be(struct buf *b, uint64_t v, size_t n)
{
	uint8_t out[8];
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	buf_put(b, out, n);
}

void buf_u16(struct buf *b, uint16_t v)
{
	put_be(b, v, 2);
}

void buf_u32(struct buf *b, uint32_t v)
{
	put_be(b, v, 4);
}

void buf_u64(struct buf *b, uint64_t v)
{
	put_be(b, v, 8);
}

void buf_sized(struct buf *b, struct bytes v)
{
	buf_u32(b, (uint32_t)v.n);
	buf_put(b, v.p, v.n);
}

struct str buf_text(const struct buf *b)
{
	return (struct str){ b->p ? b->p : "", b->n };
}

struct bytes buf_bytes(const struct buf *b)
{
	return (struct bytes){ (const uint8_t *)b->p, b->n };
}

struct reader reader_of(struct bytes b)
{
	return (struct reader){ .p = b.p, .n = b.n };
}

static const uint8_t *take(struct reader *r, size_t n)
{
	if (r->bad || n > r->n - r->at) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *p = r->p + r->at;
	r->at += n;
	return p;
}

static uint64_t get_be(struct reader *r, size_t n)
{
	const uint8_t *p = take(r, n);
	uint64_t v = 0;
	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t get_u8(struct reader *r)
{
	return (uint8_t)get_be(r, 1);
}

uint16_t get_u16(struct reader *r)
{
	return (uint16_t)get_be(r, 2);
}

uint32_t get_u32(struct reader *r)
{
	return (uint32_t)get_be(r, 4);
}

uint64_t get_u64(struct reader *r)
{
	return get_be(r, 8);
}

struct bytes get_bytes(struct reader *r, size_t n)
{
	const uint8_t *p = take(r, n);
	return p ? (struct bytes){ p, n } : (struct bytes){ 0 };
}

struct bytes get_sized(struct reader *r, size_t max)
{
	uint32_t n = get_u32(r);
	if (n > max)
		r->bad = true;
	return get_bytes(r, n);
}

void get_into(struct reader *r, void *out, size_t n)
{
	const uint8_t *p = take(r, n);
	if (p)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

struct str get_line(struct reader *r, size_t max)
{
	size_t left = r->bad ? 0 : r->n - r->at;
	const uint8_t *start = left ? r->p + r->at : NULL;
	const uint8_t *lf = left ? memchr(start, '\n', left < max + 1 ? left : max + 1) : NULL;
	if (!lf) {
		r->bad = true;
		return (struct str){ 0 };
	}
	size_t n = (size_t)(lf - start);
	r->at += n + 1;
	return (struct str){ (const char *)start, n };
}

bool reader_done(const struct reader *r)
{
	return !r->bad && r->at == r->n;
}
