/* Folding: NFKC by ICU, then a table. What a word needs of its neighbours (Sorani vowels, hamza carriers) is done word by word after it. */
#include "match/match_i.h"
#include "base/buf.h"
#include "base/utf8.h"
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { WORD_MAX = 256 };      /* code points of one word that are looked at; longer ones are cut */

/* One row: a code point and what it becomes. Empty: it falls away. Sorted by code point: fold_test checks it. */
struct fold_row { int32_t from; const char *to; };
static const struct fold_row FOLD[] = {
	{ 0x00aa, "a" }, { 0x00ba, "o" }, { 0x00c6, "ae" }, { 0x00c7, "ch" }, { 0x00d0, "d" }, { 0x00d8, "o" }, { 0x00de, "th" }, { 0x00df, "ss" },
	{ 0x00e6, "ae" }, { 0x00e7, "ch" }, { 0x00f0, "d" }, { 0x00f8, "o" }, { 0x00fe, "th" }, { 0x010c, "ch" }, { 0x010d, "ch" },
	{ 0x0110, "d" }, { 0x0111, "d" }, { 0x0120, "gh" }, { 0x0121, "gh" }, { 0x0131, "i" }, { 0x0141, "l" }, { 0x0142, "l" },
	{ 0x0152, "oe" }, { 0x0153, "oe" }, { 0x015e, "sh" }, { 0x015f, "sh" }, { 0x0160, "sh" }, { 0x0161, "sh" }, { 0x017d, "j" },
	{ 0x017e, "j" }, { 0x018f, "e" }, { 0x01dd, "e" }, { 0x01e6, "j" }, { 0x01e7, "j" }, { 0x0218, "sh" }, { 0x0219, "sh" },
	{ 0x0259, "e" }, { 0x02bb, "" }, { 0x02bc, "" }, { 0x02bd, "" }, { 0x02be, "" }, { 0x02bf, "" }, { 0x02c0, "" }, { 0x02c1, "" },
	{ 0x0621, "" }, { 0x0622, "ا" }, { 0x0623, "ا" }, { 0x0624, "و" }, { 0x0625, "ا" }, { 0x0629, "ه" }, { 0x0640, "" },
	{ 0x0649, "ي" }, { 0x0660, "0" }, { 0x0661, "1" }, { 0x0662, "2" }, { 0x0663, "3" }, { 0x0664, "4" }, { 0x0665, "5" },
	{ 0x0666, "6" }, { 0x0667, "7" }, { 0x0668, "8" }, { 0x0669, "9" }, { 0x0671, "ا" }, { 0x0672, "ا" }, { 0x0673, "ا" },
	{ 0x0674, "" }, { 0x0675, "ا" }, { 0x0676, "و" }, { 0x0677, "و" }, { 0x0678, "ي" }, { 0x0679, "ت" }, { 0x067c, "ت" },
	{ 0x0688, "د" }, { 0x0689, "د" }, { 0x0691, "ر" }, { 0x0692, "ر" }, { 0x0693, "ر" }, { 0x0694, "ر" }, { 0x0695, "ر" },
	{ 0x069f, "ظ" }, { 0x06a1, "ف" }, { 0x06a5, "ڤ" }, { 0x06a9, "ك" }, { 0x06aa, "ك" }, { 0x06ab, "ك" }, { 0x06ad, "ك" },
	{ 0x06b5, "ل" }, { 0x06b6, "ل" }, { 0x06ba, "ن" }, { 0x06be, "ه" }, { 0x06c0, "ە" }, { 0x06c1, "ه" }, { 0x06c2, "ه" },
	{ 0x06c3, "ه" }, { 0x06c4, "و" }, { 0x06c5, "و" }, { 0x06c6, "و" }, { 0x06c7, "و" }, { 0x06c8, "و" }, { 0x06c9, "و" },
	{ 0x06ca, "و" }, { 0x06cb, "و" }, { 0x06cc, "ي" }, { 0x06cd, "ي" }, { 0x06ce, "ي" }, { 0x06cf, "و" }, { 0x06d0, "ي" },
	{ 0x06d1, "ي" }, { 0x06d2, "ي" }, { 0x06d3, "ي" }, { 0x06f0, "0" }, { 0x06f1, "1" }, { 0x06f2, "2" }, { 0x06f3, "3" },
	{ 0x06f4, "4" }, { 0x06f5, "5" }, { 0x06f6, "6" }, { 0x06f7, "7" }, { 0x06f8, "8" }, { 0x06f9, "9" }, { 0x1e0e, "dh" },
	{ 0x1e0f, "dh" }, { 0x1e2a, "kh" }, { 0x1e2b, "kh" }, { 0x1e6e, "th" }, { 0x1e6f, "th" }, { 0x1e8c, "gh" }, { 0x1e8d, "gh" },
	{ 0x2018, "" }, { 0x2019, "" }, { 0x201b, "" }, { 0x2032, "" }, { 0x2035, "" }, { 0xa78b, "" }, { 0xa78c, "" },
};

/* Marks and invisible signs: they fall away wherever they stand. */
static bool falls_away(int32_t c)
{
	return c == '\'' || c == '`' || c == 0xad || c == 0xb4 || (c >= 0x300 && c <= 0x36f) || (c >= 0x610 && c <= 0x61a) || c == 0x61c ||
	    (c >= 0x64b && c <= 0x65f) || c == 0x670 || (c >= 0x6d6 && c <= 0x6ed && c != 0x6dd && c != 0x6de && c != 0x6e9) ||
	    (c >= 0x8d3 && c <= 0x8ff) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

bool name_parts_words(int32_t c)
{
	if (c < 0 || c <= ' ' || (c >= 0x7f && c <= 0xa0))
		return true;
	if (c < 0x80)
		return c != '\'' && c != '`' && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z');
	return c == 0x60c || c == 0x61b || c == 0x61f || (c >= 0x66a && c <= 0x66d) || c == 0x6d4 || c == 0xab || c == 0xb7 || c == 0xbb || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	    (c >= 0x2010 && c <= 0x2017) || (c >= 0x201c && c <= 0x2029 && c != 0x201f) || c == 0x202f || (c >= 0x2036 && c <= 0x205f) || c == 0x3000 || c == 0xfffd;
}

static const char *fold_find(int32_t c)
{
	size_t low = 0, high = COUNT(FOLD);
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (FOLD[mid].from == c)
			return FOLD[mid].to;
		if (FOLD[mid].from < c)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* The letter under the marks of a composed Latin letter; the code point itself where it has none. */
static int32_t base_letter(const UNormalizer2 *nfd, int32_t c)
{
	UChar out[8];
	for (int depth = 0; depth < 4; depth++) {
		UErrorCode status = U_ZERO_ERROR;
		int32_t n = unorm2_getRawDecomposition(nfd, c, out, (int32_t)COUNT(out), &status);
		if (n <= 0 || U_FAILURE(status) || (out[0] & 0xf800) == 0xd800)
			return c;
		c = out[0];
	}
	return c;
}

struct word { int32_t cp[WORD_MAX]; size_t n; };

static void word_put(struct word *w, int32_t c)
{
	if (w->n < WORD_MAX)
		w->cp[w->n++] = c;
}

static void word_put_text(struct word *w, const char *text)
{
	for (struct str s = str_of(text); s.n;)
		word_put(w, utf8_next(&s));
}

static void fold_one(const UNormalizer2 *nfc, int32_t c, struct word *w)
{
	if (c == 0x200c || c == 0x626 || c == 0x6d5) {      /* what they mean hangs on their neighbours */
		word_put(w, c);
		return;
	}
	const char *to = fold_find(c);
	if (to) {
		word_put_text(w, to);
		return;
	}
	if (falls_away(c) || name_parts_words(c) || unorm2_getCombiningClass(nfc, c))
		return;
	if ((c >= 0xc0 && c < 0x250) || (c >= 0x1e00 && c < 0x1f00)) {
		int32_t base = base_letter(nfc, c);
		to = base == c ? NULL : fold_find(base);
		if (to) {
			word_put_text(w, to);
			return;
		}
		c = base;
	}
	word_put(w, c >= 'A' && c <= 'Z' ? c + 32 : c);
}

enum { ALEF = 0x627, HEH = 0x647, WAW = 0x648, YEH = 0x64a, YEH_HAMZA = 0x626, SORANI_E = 0x6d5, ZWNJ = 0x200c };

/* Sorani writes its vowels: e falls away inside a word and is ha at its end; hamza that carries a first vowel is alef; uu is waw
   waw. Old keyboards write e as ha + joiner. In Arabic none of this occurs, except waw waw, which Arabic writers do not agree on either. */
static void word_settle(struct word *w)
{
	struct word out = { .n = 0 };
	for (size_t i = 0; i < w->n; i++) {
		int32_t c = w->cp[i], next = i + 1 < w->n ? w->cp[i + 1] : 0;
		if (c == ZWNJ)
			continue;
		if (c == HEH && next == ZWNJ)
			c = SORANI_E;
		if (c == YEH_HAMZA && out.n == 0) {
			if (next != ALEF)
				word_put(&out, ALEF);
			continue;
		}
		if (c == YEH_HAMZA)
			c = YEH;
		if (c == SORANI_E) {
			bool last = true;
			for (size_t k = i + 1; k < w->n; k++)
				last = last && w->cp[k] == ZWNJ;
			if (!last)
				continue;
			c = HEH;
		}
		if (c == WAW && out.n && out.cp[out.n - 1] == WAW)
			continue;
		word_put(&out, c);
	}
	*w = out;
}

/* Plain Arabic letters, which are what they are in every normal form, without ICU: nearly all words of a register. False: something else is there. */
static bool fold_plain(struct str raw, char *out, size_t *n)
{
	int32_t before = 0;
	*n = 0;
	for (struct str s = raw; s.n;) {
		int32_t c = utf8_next(&s);
		if (c < 0x621 || c == YEH_HAMZA || c > YEH || (c > 0x63a && c < 0x641))
			return false;
		c = c == 0x621 ? 0 : c == 0x622 || c == 0x623 || c == 0x625 ? ALEF : c == 0x624 ? WAW : c == 0x629 ? HEH : c == 0x649 ? YEH : c;
		if (c == 0 || (c == WAW && before == WAW))
			continue;
		out[(*n)++] = (char)(0xc0 | c >> 6);
		out[(*n)++] = (char)(0x80 | (c & 0x3f));
		before = c;
	}
	return true;
}

/* *foreign: something of a script that is not ours is left. */
static struct str fold_once(struct arena *mem, struct str raw, bool *foreign)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&status), *nfc = unorm2_getNFCInstance(&status);
	UChar in[WORD_MAX], composed[WORD_MAX * 2];
	int32_t n = 0, m = 0;
	if (U_FAILURE(status))
		die("ICU has no normalisation data");
	u_strFromUTF8WithSub(in, WORD_MAX, &n, raw.p, (int32_t)(raw.n < WORD_MAX ? raw.n : WORD_MAX), 0xfffd, NULL, &status);
	if (U_FAILURE(status))
		return (struct str){ 0 };
	m = unorm2_normalize(nfkc, in, n, composed, (int32_t)COUNT(composed), &status);
	if (U_FAILURE(status))      /* a sign that stands for a sentence: no name */
		return (struct str){ 0 };
	struct word w = { .n = 0 };
	for (int32_t i = 0; i < m;) {
		UChar32 c = composed[i++];
		if ((c & 0xfc00) == 0xd800 && i < m && (composed[i] & 0xfc00) == 0xdc00)
			c = U16_GET_SUPPLEMENTARY(c, composed[i++]);
		if (c < 0xd800 || c > 0xdfff)
			fold_one(nfc, c, &w);
	}
	word_settle(&w);
	char *text = arena_alloc(mem, w.n * 4 + 1);
	size_t at = 0;
	*foreign = false;
	for (size_t i = 0; i < w.n; i++) {
		at += utf8_put(text + at, w.cp[i]);
		*foreign = *foreign || (w.cp[i] >= 0x250 && (w.cp[i] < 0x600 || w.cp[i] > 0x6ff));
	}
	return (struct str){ text, at };
}

/* What fell away may have parted signs that ICU puts together, in scripts that compose their letters (Hangul): again until nothing changes. */
enum { FOREIGN_ROUNDS = 8 };
struct str name_fold_word(struct arena *mem, struct str raw)
{
	char *plain = raw.n && raw.n <= WORD_MAX ? arena_alloc(mem, raw.n) : NULL;
	size_t plain_n;
	bool foreign;
	if (plain && fold_plain(raw, plain, &plain_n))
		return (struct str){ plain, plain_n };
	struct str out = fold_once(mem, raw, &foreign), before = { 0 };
	for (int round = 0; foreign && !str_eq(out, before) && round < FOREIGN_ROUNDS; round++) {
		before = out;
		out = fold_once(mem, before, &foreign);
	}
	return out;
}

bool name_next_word(struct str *rest, struct str *word)
{
	word->p = NULL;
	word->n = 0;
	while (rest->n) {
		struct str here = *rest;
		int32_t c = utf8_next(rest);
		if (c < 0) {      /* not UTF-8: parts words */
			rest->p++;
			rest->n--;
		}
		if (name_parts_words(c)) {
			if (word->n)
				return true;
			continue;
		}
		if (word->n == 0)
			word->p = here.p;
		word->n = (size_t)(rest->p - word->p);
	}
	return word->n > 0;
}

struct str name_fold(struct arena *mem, struct str raw)
{
	struct buf out = buf_new(mem, 1 << 20);
	struct str word;
	while (name_next_word(&raw, &word)) {
		struct str folded = name_fold_word(mem, word);
		if (out.n && folded.n)
			buf_ch(&out, ' ');
		buf_str(&out, folded);
	}
	return buf_text(&out);
}
