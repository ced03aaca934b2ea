#include "base/utf8.h"
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* Bytes that follow a lead byte, the lead byte's own bits, and the least code point that needs so many (a shorter form exists below it). */
static const struct { uint8_t mask, lead; int32_t least; } FORMS[] = {
	{ 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
};

int32_t utf8_next(struct str *s)
{
	if (s->n == 0)
		return -1;
	uint8_t first = (uint8_t)s->p[0];
	size_t more = 0;
	while (more < COUNT(FORMS) && (first & FORMS[more].mask) != FORMS[more].lead)
		more++;
	if (more == COUNT(FORMS) || s->n <= more)
		return -1;
	int32_t cp = first & (uint8_t)~FORMS[more].mask;
	for (size_t i = 1; i <= more; i++) {
		uint8_t b = (uint8_t)s->p[i];
		if ((b & 0xc0) != 0x80)
			return -1;
		cp = cp << 6 | (b & 0x3f);
	}
	if (cp < FORMS[more].least || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return -1;
	s->p += more + 1;
	s->n -= more + 1;
	return cp;
}

size_t utf8_put(char out[4], int32_t cp)
{
	uint32_t c = (uint32_t)cp;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	for (size_t i = more; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(FORMS[more].lead | c);
	return more + 1;
}

bool utf8_valid(struct str s)
{
	while (s.n)
		if (utf8_next(&s) < 0)
			return false;
	return true;
}

size_t utf8_count(struct str s)
{
	size_t n = 0;
	while (utf8_next(&s) >= 0)
		n++;
	return n;
}

static bool is_white(int32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	    c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static bool is_control(int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

static bool is_override(int32_t c)
{
	return c >= 0x202a && c <= 0x202e;
}

static bool opens_isolate(int32_t c)
{
	return c >= 0x2066 && c <= 0x2068;
}

#define CLOSES_ISOLATE 0x2069

/* Takes overrides out and folds white space; -1 where a control character stands. cps has room for every code point of s. */
static int text_filter(struct str s, int32_t *cps, size_t *count)
{
	size_t n = 0;
	bool gap = false;
	while (s.n) {
		int32_t c = utf8_next(&s);
		if (c < 0)
			return -1;
		if (is_white(c)) {
			gap = n > 0;
			continue;
		}
		if (is_control(c))
			return -1;
		if (is_override(c))
			continue;
		if (gap)
			cps[n++] = ' ';
		gap = false;
		cps[n++] = c;
	}
	*count = n;
	return 0;
}

/* Puts 0 in place of each isolate that has no partner: an opener left open would turn the text that follows it on a page. */
static void isolates_match(struct arena *mem, int32_t *cps, size_t count)
{
	size_t *open = NULL, depth = 0;
	for (size_t i = 0; i < count; i++) {
		if (opens_isolate(cps[i])) {
			if (!open)
				open = NEW_ARRAY(mem, size_t, count);
			open[depth++] = i;
		} else if (cps[i] == CLOSES_ISOLATE) {
			if (depth == 0)
				cps[i] = 0;
			else
				depth--;
		}
	}
	while (depth > 0)
		cps[open[--depth]] = 0;
}

static int text_nfc(struct arena *mem, struct str s, struct str *out)
{
	UErrorCode e = U_ZERO_ERROR;
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&e);
	int32_t have = 0, need = 0;
	UChar *raw = NEW_ARRAY(mem, UChar, s.n + 1);
	u_strFromUTF8(raw, (int32_t)s.n + 1, &have, s.p, (int32_t)s.n, &e);
	if (U_FAILURE(e))
		return -1;
	if (unorm2_isNormalized(nfc, raw, have, &e) && U_SUCCESS(e)) {
		*out = s;
		return 0;
	}
	int32_t cap = have * 3 + 1;    /* the most that NFC makes of UTF-16: UAX 15, section 9 */
	UChar *done = NEW_ARRAY(mem, UChar, (size_t)cap);
	int32_t n = unorm2_normalize(nfc, raw, have, done, cap, &e);
	char *text = arena_alloc(mem, (size_t)n * 3 + 1);
	u_strToUTF8(text, n * 3 + 1, &need, done, n, &e);
	if (U_FAILURE(e))
		return -1;
	*out = (struct str){ text, (size_t)need };
	return 0;
}

int text_clean(struct arena *mem, struct str raw, struct str *out)
{
	if (raw.n > INT32_MAX / 16)
		return -1;
	int32_t *cps = NEW_ARRAY(mem, int32_t, raw.n + 1);
	size_t count = 0, n = 0;
	if (text_filter(raw, cps, &count) < 0)
		return -1;
	isolates_match(mem, cps, count);
	char *text = arena_alloc(mem, raw.n + 1);    /* filtering never makes text longer */
	bool ascii = true;
	for (size_t i = 0; i < count; i++) {
		if (cps[i] == 0 || (cps[i] == ' ' && (n == 0 || text[n - 1] == ' ')))    /* a removed isolate may leave two spaces */
			continue;
		n += utf8_put(text + n, cps[i]);
		ascii = ascii && cps[i] < 0x80;
	}
	while (n > 0 && text[n - 1] == ' ')
		n--;
	struct str clean = { text, n };
	if (ascii) {
		*out = clean;
		return 0;
	}
	return text_nfc(mem, clean, out);
}

struct str digits_ascii(struct arena *mem, struct str s)
{
	char *p = arena_alloc(mem, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t lead = (uint8_t)s.p[i], next = i + 1 < s.n ? (uint8_t)s.p[i + 1] : 0;
		bool arabic = lead == 0xd9 && next >= 0xa0 && next <= 0xa9;      /* U+0660 to U+0669 */
		bool persian = lead == 0xdb && next >= 0xb0 && next <= 0xb9;     /* U+06F0 to U+06F9 */
		p[n++] = arabic || persian ? (char)('0' + (next & 15)) : s.p[i];
		if (arabic || persian)
			i++;
	}
	return (struct str){ p, n };
}
