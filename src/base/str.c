#include "base/str.h"

struct str str_of(const char *z)
{
	return z ? (struct str){ z, strlen(z) } : (struct str){ 0 };
}

struct bytes bytes_of(const void *p, size_t n)
{
	return (struct bytes){ p, n };
}

struct bytes str_bytes(struct str s)
{
	return (struct bytes){ (const uint8_t *)s.p, s.n };
}

struct str bytes_str(struct bytes b)
{
	return (struct str){ (const char *)b.p, b.n };
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool bytes_eq(struct bytes a, struct bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str s, const char *z)
{
	return str_eq(s, str_of(z));
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, suffix.n), suffix);
}

size_t str_find(struct str hay, struct str needle)
{
	if (needle.n == 0)
		return 0;
	const char *at = hay.n ? memmem(hay.p, hay.n, needle.p, needle.n) : NULL;
	return at ? (size_t)(at - hay.p) : hay.n;
}

struct str str_sub(struct str s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return (struct str){ s.p ? s.p + from : NULL, n };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_cut(struct str *rest, char sep)
{
	struct str s = *rest;
	const char *at = s.n ? memchr(s.p, sep, s.n) : NULL;
	if (!at) {
		*rest = (struct str){ 0 };
		return s;
	}
	size_t n = (size_t)(at - s.p);
	*rest = (struct str){ at + 1, s.n - n - 1 };
	return (struct str){ s.p, n };
}

int str_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;
	if (s.n == 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		uint64_t digit = (uint64_t)(s.p[i] - '0');
		if (v > (UINT64_MAX - digit) / 10)
			return -1;
		v = v * 10 + digit;
	}
	*out = v;
	return 0;
}

int str_i64(struct str s, int64_t *out)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t v = 0;
	if (str_u64(minus ? str_sub(s, 1, s.n) : s, &v) < 0 || v > INT64_MAX)
		return -1;
	*out = minus ? -(int64_t)v : (int64_t)v;
	return 0;
}
