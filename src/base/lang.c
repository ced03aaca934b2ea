#include "base/lang_i.h"
#include "base/buf.h"
#include "base/embed.h"
#include "base/utf8.h"

#define FSI "\xe2\x81\xa8"   /* U+2068, first strong isolate */
#define PDI "\xe2\x81\xa9"   /* U+2069, pop directional isolate */
#define LRM "\xe2\x80\x8e"
#define ALM "\xd8\x9c"

static const struct lang_info INFO[LANGS] = {
	[LANG_AR]  = { "ar", "rtl", "العربية" },
	[LANG_CKB] = { "ckb", "rtl", "کوردی" },
	[LANG_EN]  = { "en", "ltr", "English" },
};

const struct lang_info *lang_info(enum lang lang)
{
	return &INFO[lang < LANGS ? lang : LANG_EN];
}

int lang_parse(struct str code, enum lang *out)
{
	for (enum lang l = 0; l < LANGS; l++) {
		if (str_is(code, INFO[l].code)) {
			*out = l;
			return 0;
		}
	}
	return -1;
}

static struct bytes catalogue(enum lang lang)
{
	static const struct str PATHS[LANGS] = {
		[LANG_AR] = { "po/ar.mo", 8 }, [LANG_CKB] = { "po/ckb.mo", 9 }, [LANG_EN] = { "po/en.mo", 8 },
	};
	const struct embedded *file = embedded_find(PATHS[lang < LANGS ? lang : LANG_EN]);
	return file ? (struct bytes){ file->data, file->n } : (struct bytes){ 0 };
}

struct str tr(enum lang lang, const char *msgid)
{
	struct str found = mo_find(catalogue(lang), (struct str){ 0 }, str_of(msgid));
	return found.n ? mo_form(found, 0) : str_of(msgid);
}

struct str tr_ctx(enum lang lang, const char *ctx, const char *msgid)
{
	struct str found = mo_find(catalogue(lang), str_of(ctx), str_of(msgid));
	return found.n ? mo_form(found, 0) : tr(lang, msgid);
}

struct str tr_n(enum lang lang, const char *one, const char *many, uint64_t n)
{
	return mo_plural(catalogue(lang), lang, one, many, n);
}

/* What stands behind a per cent sign: 0 for "s" (the next argument), 1 and up for "1$s", -1 for anything else. *used: its bytes. */
static int place_parse(struct str s, size_t *used)
{
	if (s.n && s.p[0] == 's') {
		*used = 1;
		return 0;
	}
	if (s.n >= 3 && s.p[0] >= '1' && s.p[0] <= '9' && s.p[1] == '$' && s.p[2] == 's') {
		*used = 3;
		return s.p[0] - '0';
	}
	return -1;
}

struct str tr_fill(struct arena *mem, struct str text, const struct str *args, size_t n, bool isolate)
{
	struct buf b = buf_new(mem, SIZE_MAX / 4);
	size_t next = 0;
	while (text.n) {
		size_t percent = str_find(text, STR("%")), used = 0;
		buf_put(&b, text.p, percent);
		text = str_sub(text, percent, text.n);
		if (text.n == 0)
			break;
		text = str_sub(text, 1, text.n);
		int place = place_parse(text, &used);
		if (place < 0) {      /* %% is one sign; a lonely % stays */
			used = text.n && text.p[0] == '%';
			buf_ch(&b, '%');
		} else {
			size_t i = place == 0 ? next++ : (size_t)place - 1;
			struct str arg = i < n ? args[i] : (struct str){ 0 };
			buf_z(&b, isolate ? FSI : "");
			buf_str(&b, arg);
			buf_z(&b, isolate ? PDI : "");
		}
		text = str_sub(text, used, text.n);
	}
	return buf_text(&b);
}

static bool local_digits(enum lang lang, enum numerals numerals)
{
	return numerals == NUMERALS_LOCAL && lang != LANG_EN;
}

static void put_digit(struct buf *b, char digit, bool local)
{
	char out[4];
	buf_put(b, out, utf8_put(out, local ? 0x660 + (digit - '0') : digit));
}

struct str num_plain(struct arena *mem, enum lang lang, enum numerals numerals, struct str ascii)
{
	if (!local_digits(lang, numerals))
		return ascii;
	struct buf b = buf_new(mem, SIZE_MAX / 4);
	for (size_t i = 0; i < ascii.n; i++) {
		if (ascii.p[i] >= '0' && ascii.p[i] <= '9')
			put_digit(&b, ascii.p[i], true);
		else
			buf_ch(&b, ascii.p[i]);
	}
	return buf_text(&b);
}

/* The sign of a negative number carries a mark before it, so that it stays at the number's left in a text from right to left (CLDR). */
struct str num_text(struct arena *mem, enum lang lang, enum numerals numerals, int64_t n)
{
	bool local = local_digits(lang, numerals);
	struct buf b = buf_new(mem, 128);
	char digits[24];
	uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)magnitude);
	if (n < 0) {
		buf_z(&b, local ? ALM : lang == LANG_EN ? "" : LRM);
		buf_ch(&b, '-');
	}
	for (int i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0)
			buf_z(&b, local ? "٬" : ",");
		put_digit(&b, digits[i], local);
	}
	return buf_text(&b);
}
