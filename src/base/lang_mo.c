#include "base/lang_i.h"

#define MO_MAGIC 0x950412deu
#define HEADER_BYTES 28
#define CONTEXT_END '\004'

static uint32_t le32(struct bytes mo, size_t at)
{
	const uint8_t *p = mo.p + at;
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

struct mo_tables { uint32_t count, originals, translations; };

/* msgfmt writes little-endian files unless told otherwise. */
static int mo_open(struct bytes mo, struct mo_tables *t)
{
	if (mo.n < HEADER_BYTES || le32(mo, 0) != MO_MAGIC)
		return -1;
	*t = (struct mo_tables){ le32(mo, 8), le32(mo, 12), le32(mo, 16) };
	size_t table = (size_t)t->count * 8;
	return t->originals > mo.n || table > mo.n - t->originals || t->translations > mo.n || table > mo.n - t->translations ? -1 : 0;
}

static struct str entry(struct bytes mo, uint32_t table, uint32_t i)
{
	size_t n = le32(mo, table + (size_t)i * 8), at = le32(mo, table + (size_t)i * 8 + 4);
	if (at > mo.n || n > mo.n - at)
		return (struct str){ 0 };
	return (struct str){ (const char *)mo.p + at, n };
}

/* Compares "ctx EOT msgid" with an entry's key without joining the two. A key with a plural ends at its NUL. */
static int key_cmp(struct str ctx, struct str msgid, struct str key)
{
	const char *nul = key.n ? memchr(key.p, 0, key.n) : NULL;
	if (nul)
		key.n = (size_t)(nul - key.p);
	if (ctx.n) {
		int c = str_cmp(ctx, str_sub(key, 0, ctx.n));
		if (c)
			return c;
		char end = key.n > ctx.n ? key.p[ctx.n] : 0;
		if (end != CONTEXT_END)
			return CONTEXT_END < (unsigned char)end ? -1 : 1;
		key = str_sub(key, ctx.n + 1, key.n);
	}
	return str_cmp(msgid, key);
}

struct str mo_find(struct bytes mo, struct str ctx, struct str msgid)
{
	struct mo_tables t;
	if (msgid.n == 0 || mo_open(mo, &t) < 0)      /* the empty id is the header */
		return (struct str){ 0 };
	uint32_t low = 0, high = t.count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int c = key_cmp(ctx, msgid, entry(mo, t.originals, mid));
		if (c == 0)
			return entry(mo, t.translations, mid);
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return (struct str){ 0 };
}

struct str mo_form(struct str found, size_t i)
{
	struct str form = str_cut(&found, 0);
	while (i-- > 0)
		form = found.p ? str_cut(&found, 0) : (struct str){ 0 };
	return form;
}

/* Unicode CLDR, plural rules; the same formulas stand in the headers of po/ for msgfmt and for translators. */
size_t plural_form(enum lang lang, uint64_t n)
{
	if (lang != LANG_AR)
		return n == 1 ? 0 : 1;
	if (n <= 2)
		return (size_t)n;
	uint64_t rest = n % 100;
	return rest >= 3 && rest <= 10 ? 3 : rest >= 11 ? 4 : 5;
}

struct str mo_plural(struct bytes mo, enum lang lang, const char *one, const char *many, uint64_t n)
{
	struct str form = mo_form(mo_find(mo, (struct str){ 0 }, str_of(one)), plural_form(lang, n));
	return form.n ? form : str_of(n == 1 ? one : many);
}
