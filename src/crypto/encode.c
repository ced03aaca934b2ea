#include "crypto/hash.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct str base64(struct arena *mem, struct bytes b)
{
	char *out = arena_alloc(mem, (b.n + 2) / 3 * 4 + 1);
	size_t n = 0;
	for (size_t i = 0; i < b.n; i += 3) {
		uint32_t v = (uint32_t)b.p[i] << 16 | (i + 1 < b.n ? (uint32_t)b.p[i + 1] << 8 : 0) | (i + 2 < b.n ? b.p[i + 2] : 0u);
		out[n++] = ALPHABET[v >> 18];
		out[n++] = ALPHABET[v >> 12 & 63];
		out[n++] = i + 1 < b.n ? ALPHABET[v >> 6 & 63] : '=';
		out[n++] = i + 2 < b.n ? ALPHABET[v & 63] : '=';
	}
	return (struct str){ out, n };
}

static int base64_digit(char c)
{
	const char *at = c ? strchr(ALPHABET, c) : NULL;
	return at ? (int)(at - ALPHABET) : -1;
}

int base64_read(struct arena *mem, struct str s, struct bytes *out)
{
	if (s.n % 4)
		return -1;
	size_t pad = s.n && s.p[s.n - 1] == '=' ? (s.p[s.n - 2] == '=' ? 2 : 1) : 0, n = 0;
	uint8_t *p = arena_alloc(mem, s.n / 4 * 3 + 1);
	for (size_t i = 0; i < s.n; i += 4) {
		uint32_t v = 0;
		for (size_t k = 0; k < 4; k++) {
			bool padding = i + k >= s.n - pad;
			int d = padding ? 0 : base64_digit(s.p[i + k]);
			if (d < 0)
				return -1;
			v = v << 6 | (uint32_t)d;
		}
		p[n++] = (uint8_t)(v >> 16);
		p[n++] = (uint8_t)(v >> 8);
		p[n++] = (uint8_t)v;
	}
	for (size_t k = 0; k < pad; k++)          /* canonical: what the padding cut off is zero */
		if (p[--n])
			return -1;
	*out = (struct bytes){ p, n };
	return 0;
}

struct str hex(struct arena *mem, struct bytes b)
{
	static const char HEX[] = "0123456789abcdef";
	char *out = arena_alloc(mem, b.n * 2 + 1);
	for (size_t i = 0; i < b.n; i++) {
		out[2 * i] = HEX[b.p[i] >> 4];
		out[2 * i + 1] = HEX[b.p[i] & 15];
	}
	return (struct str){ out, b.n * 2 };
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hex_read(struct arena *mem, struct str s, struct bytes *out)
{
	uint8_t *p = arena_alloc(mem, s.n / 2 + 1);
	if (s.n % 2)
		return -1;
	for (size_t i = 0; i < s.n / 2; i++) {
		int hi = hex_digit(s.p[2 * i]), lo = hex_digit(s.p[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return -1;
		p[i] = (uint8_t)(hi << 4 | lo);
	}
	*out = (struct bytes){ p, s.n / 2 };
	return 0;
}
