/* Parsing: words become parts. Words that belong together (Abd + X, Abu + X, X + al-Din) are one part, words that only link
   (article, bin, bint) are marks on the next one, and the form as a whole tells roles where it can. */
#include "match/match_i.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { WORDS_MAX = 40 };

struct word_at { struct str raw, text; enum name_script script; bool joined; };      /* joined: a hyphen or nothing but that follows */
struct words { struct word_at word[WORDS_MAX]; size_t n; bool cut; };

#define L(text) { text, sizeof text - 1 }
static const struct str ABD[] = { L("عبد"), L("عبدال"), L("عبدول"), L("عبدل"), L("abd"), L("abdal"), L("abdul"), L("abdel"), L("abdol"), L("abdoul"), L("abdoel"), L("abdil"), L("abdu"), L("abdur"), L("abdar"),
	L("abdus"), L("abdas"), L("abdun"), L("abdan"), L("abdush"), L("abdash"), L("abdel"), L("evd"), L("evdul"), L("evdil"), L("evdel"), L("ebdul"), L("ebdil"), L("ebd"), { 0 } };
static const struct str ABU[] = { L("ابو"), L("ابا"), L("abu"), L("abo"), L("abou"), L("aboo"), L("ebu"), { 0 } };
static const struct str UMM[] = { L("ام"), L("اوم") /* Sorani */, L("um"), L("umm"), L("oum"), L("om"), { 0 } };
static const struct str BAKR[] = { L("بكر"), L("bakr"), L("baker"), L("bakir"), L("bekr"), L("bekir"), L("bakar"), { 0 } };
static const struct str BIN[] = { L("بن"), L("ابن"), L("بنت"), L("bin"), L("ibn"), L("ben"), L("bint"), L("bnt"), L("binti"), { 0 } };
static const struct str DIN[] = { L("دين"), L("الدين"), L("din"), L("deen"), L("dine"), L("aldin"), L("aldeen"), L("eldin"), L("eldeen"), L("eldine"), L("addin"), L("addeen"), L("eddin"), L("eddine"), L("uddin"), L("uddeen"),
	L("الله"), L("allah"), L("ullah"), L("ullah"), L("الاسلام"), L("alislam"), L("الحق"), L("ulhaq"), { 0 } };
static const struct str ARTICLES[] = { L("ال"), L("ئال"), L("al"), L("el"), L("ul"), L("il"), { 0 } };
static const struct str SUN_ARTICLES[] = { L("as"), L("ash"), L("ar"), L("an"), L("ad"), L("at"), L("az"), L("adh"), L("ath"), L("es"), L("esh"), L("er"), L("en"), L("ed"), L("et"), L("ez"), L("us"), L("ush"), L("ur"), L("ud"), L("un"), { 0 } };
/* Names that begin like the article and have none. */
static const struct str NO_ARTICLE[] = { L("الياس"), L("الهام"), L("الماس"), L("الطاف"), L("الين"), L("الان"), L("الاء"), L("الند"), L("الفت"), L("البرت"), L("اليسار"), L("الكساندر"), L("الهه"), L("اليف"), L("الا"), L("الينا"),
	L("alexander"), L("alexandra"), L("elizabeth"), L("elisabeth"), L("aladdin"), L("alaaddin"), L("alaeddin"), L("alaaldin"), L("alauddin"), L("eleanor"), L("almas"), L("almaz"), L("elyas"), L("elias"), L("elham"), L("elhame"),
	L("altaf"), L("eltaf"), L("albert"), L("alfred"), L("alwand"), L("elvan"), L("alisha"), L("alison"), L("alessandro"), L("alejandro"), L("elliott"), L("allison"), L("alyssa"), { 0 } };

static bool is_one_of(struct str s, const struct str *list)
{
	for (; list->n; list++)
		if (list->n == s.n && memcmp(list->p, s.p, s.n) == 0)
			return true;
	return false;
}

static bool arabic_letter(int32_t c)
{
	return c >= 0x600 && c <= 0x6ff;
}

static enum name_script word_script(struct str folded)
{
	for (struct str s = folded; s.n;) {
		int32_t c = utf8_next(&s);
		if (arabic_letter(c))
			return NAME_ARABIC;
		if (c >= 'a' && c <= 'z')
			return NAME_LATIN;
		if (c >= 0x80)
			return NAME_OTHER;
	}
	return NAME_OTHER;
}

/* Letters that only Sorani, or only Hawar (and Turkish, which sounds alike), has. */
static void tell_language(struct str raw, bool *sorani, bool *hawar)
{
	int32_t before = ' ';
	*sorani = *hawar = false;
	while (raw.n) {
		int32_t c = utf8_next(&raw);
		if (c < 0) {
			raw.p++;
			raw.n--;
		}
		if (c == 0x6d5 || c == 0x6ce || c == 0x6c6 || c == 0x695 || c == 0x6b5 || (c == 0x626 && name_parts_words(before)) || (c == 0x200c && before == 0x647))
			*sorani = true;
		if (c == 0xea || c == 0xee || c == 0xfb || c == 0xca || c == 0xce || c == 0xdb || c == 0x15e || c == 0x15f || c == 0xe7 || c == 0xc7 ||
		    c == 0x302 || c == 0x327)
			*hawar = true;
		before = c;
	}
}

static void read_words(struct arena *mem, struct str raw, struct words *out)
{
	bool sorani, hawar;
	struct str word;
	tell_language(raw, &sorani, &hawar);
	while (name_next_word(&raw, &word)) {
		struct str folded = name_fold_word(mem, word);
		if (folded.n == 0)
			continue;
		if (out->n == WORDS_MAX) {
			out->cut = true;
			return;
		}
		enum name_script script = word_script(folded);
		script = script == NAME_ARABIC && sorani ? NAME_SORANI : script == NAME_LATIN && hawar ? NAME_HAWAR : script;
		out->word[out->n++] = (struct word_at){ word, folded, script, raw.n && raw.p[0] == '-' };
	}
}

static bool latin(enum name_script s)
{
	return s == NAME_LATIN || s == NAME_HAWAR;
}

static bool vowel(char c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

/* as-, ar-, ash-: an article only before its own sun letter. */
static bool sun_article(struct str word, struct str next)
{
	struct str sound = str_sub(word, 1, word.n - 1);
	return is_one_of(word, SUN_ARTICLES) && str_starts(next, sound);
}

static bool is_article(const struct words *w, size_t i)
{
	return i + 1 < w->n && (is_one_of(w->word[i].text, ARTICLES) || sun_article(w->word[i].text, w->word[i + 1].text));
}

/* Length of an article written together with the word: al-, el- and Sorani el-; in Latin also the doubled sun letter of longer words. */
static size_t fused_article(struct str raw, struct str text, enum name_script script)
{
	if (is_one_of(text, NO_ARTICLE))
		return 0;
	if (!latin(script)) {
		bool hamza = script == NAME_ARABIC && (str_starts(raw, STR("أ")) || str_starts(raw, STR("إ")) || str_starts(raw, STR("آ")));
		return !hamza && str_starts(text, STR("ال")) && text.n >= 4 + 2 * 2 ? 4 : 0;      /* two bytes a letter */
	}
	if (text.n < 6 || (text.p[0] != 'a' && text.p[0] != 'e'))
		return 0;
	if (text.p[1] == 'l' && text.p[2] != 'l')
		return !vowel(text.p[2]) || text.n >= 7 ? 2 : 0;
	if (text.n >= 8 && text.p[1] == text.p[2] && strchr("srndtz", text.p[1]))
		return 2;
	return text.n >= 8 && str_starts(str_sub(text, 1, 4), STR("shsh")) ? 3 : 0;
}

static struct str without_article(const struct word_at *w, bool *article)
{
	size_t n = fused_article(w->raw, w->text, w->script);
	*article = n > 0;
	return str_sub(w->text, n, w->text.n - n);
}

/* abdulrahman, abdurrahman, abd al-rahman: what follows the vowel and the article's l, or its doubled sun letter. */
static struct str after_abd_latin(struct str rest)
{
	size_t i = 0;
	if (rest.n > 2 && vowel(rest.p[0])) {
		i = rest.p[0] == 'o' && rest.p[1] == 'u' ? 2 : 1;
		if (i < rest.n && (rest.p[i] == 'l' || (i + 1 < rest.n && rest.p[i] == rest.p[i + 1])))
			i++;
		else
			i = 0;
	}
	return str_sub(rest, i, rest.n - i);
}

static struct str abd_core(struct str text, enum name_script script, bool *is_abd)
{
	static const char *const LATIN[] = { "abd", "evd", "ebd", NULL };
	*is_abd = false;
	if (!latin(script)) {
		if (!str_starts(text, STR("عبد")) || text.n < 6 + 6)
			return text;
		struct str rest = str_sub(text, 6, text.n - 6);
		rest = str_starts(rest, STR("ول")) ? str_sub(rest, 4, rest.n - 4) : str_starts(rest, STR("ال")) ? str_sub(rest, 4, rest.n - 4) : rest;
		*is_abd = rest.n >= 4;
		return *is_abd ? rest : text;
	}
	for (size_t i = 0; LATIN[i]; i++)
		if (str_starts(text, str_of(LATIN[i])) && text.n >= 7) {
			struct str rest = str_sub(text, 3, text.n - 3);
			*is_abd = true;
			return script == NAME_HAWAR && rest.p[0] == 'i' ? str_sub(rest, 1, rest.n - 1) : after_abd_latin(rest);
		}
	return text;
}

/* X al-Din written together in Latin: nooreddine, saifuddin, salahaldin. Gives the length of X, 0 where it is not so. */
static size_t din_at(struct str text)
{
	static const char *const ENDS[] = { "din", "deen", "dine", "ddin", "ddine", "ddeen", NULL };
	if (text.n < 7)
		return 0;
	for (size_t i = 0; ENDS[i]; i++) {
		struct str end = str_of(ENDS[i]);
		if (!str_ends(text, end))
			continue;
		size_t x = text.n - end.n;
		if (x > 3 && text.p[x - 1] == 'l' && vowel(text.p[x - 2]))
			return x - 2;
		if (x > 2 && end.p[0] == 'd' && end.p[1] == 'd' && vowel(text.p[x - 1]))
			return x - 1;
	}
	return 0;
}

static struct str din_joined(struct arena *mem, struct str text, enum name_script script, bool *is_din)
{
	*is_din = false;
	if (latin(script)) {
		size_t x = din_at(text);
		*is_din = x >= 2;
		return *is_din ? str_join(mem, str_sub(text, 0, x), STR("din")) : text;
	}
	if (text.n >= 14 && str_ends(text, STR("الدين"))) {
		*is_din = true;
		return str_join(mem, str_sub(text, 0, text.n - 10), STR("دين"));
	}
	return text;
}

static const char ARABIC_LETTERS[] = "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگڤ";      /* codes 1, 2, ...; all of two bytes */
static const uint8_t ARABIC_CODES[] = {      /* of U+0620 and on: the same again */
	[0x07] = 1, [0x08] = 2, [0x0a] = 3, [0x0b] = 4, [0x0c] = 5, [0x0d] = 6, [0x0e] = 7, [0x0f] = 8, [0x10] = 9, [0x11] = 10, [0x12] = 11, [0x13] = 12,
	[0x14] = 13, [0x15] = 14, [0x16] = 15, [0x17] = 16, [0x18] = 17, [0x19] = 18, [0x1a] = 19, [0x21] = 20, [0x22] = 21, [0x23] = 22, [0x24] = 23, [0x25] = 24,
	[0x26] = 25, [0x27] = 26, [0x28] = 27, [0x2a] = 28, [0x5e] = 29, [0x66] = 30, [0x78] = 31, [0x8f] = 32, [0x84] = 33,
};

int32_t name_letter_char(enum name_script script, uint8_t code)
{
	if (latin(script))
		return code >= 1 && code <= 26 ? 'a' + code - 1 : 0;
	if (code < 1 || code > (sizeof ARABIC_LETTERS - 1) / 2)
		return 0;
	struct str s = { ARABIC_LETTERS + 2 * (code - 1), 2 };
	return utf8_next(&s);
}

static uint8_t letter_code(enum name_script script, int32_t c)
{
	if (latin(script))
		return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 1) : 0;
	return c >= 0x620 && (size_t)(c - 0x620) < COUNT(ARABIC_CODES) ? ARABIC_CODES[c - 0x620] : 0;
}

void name_letters(struct name_part *part)
{
	uint8_t before = 0;
	part->n = 0;
	if (part->script == NAME_OTHER)
		return;
	for (struct str s = part->text; s.n && part->n < NAME_LETTERS_MAX;) {
		uint8_t code = letter_code(part->script, utf8_next(&s));
		bool twice = latin(part->script) && code == before && !vowel((char)('a' + code - 1));
		if (code && !twice)      /* doubled consonants say nothing: Hassan, Hasan */
			part->letter[part->n++] = code;
		before = code;
	}
	if (part->n == 0)
		part->script = NAME_OTHER;
}

/* ---- words to parts ---- */

static struct str raw_span(const struct word_at *from, const struct word_at *to)
{
	return (struct str){ from->raw.p, (size_t)(to->raw.p + to->raw.n - from->raw.p) };
}

static struct name_part *part_new(struct name_parts *out, const struct word_at *from, const struct word_at *to)
{
	if (out->n == NAME_PARTS_MAX) {
		out->cut = true;
		return NULL;
	}
	struct name_part *p = &out->part[out->n++];
	*p = (struct name_part){ .raw = raw_span(from, to), .script = to->script };
	return p;
}

/* A word alone, or one that is written together with what it is composed of. */
static void single_word(struct arena *mem, const struct word_at *w, struct name_part *p)
{
	bool is_abd, is_din;
	struct str core = abd_core(w->text, w->script, &is_abd);
	p->text = w->text;
	if (is_abd) {
		p->compound = true;
		p->text = str_join(mem, latin(w->script) ? STR("abd") : STR("عبد"), core);
		if (w->script == NAME_HAWAR)      /* Evdirehman keeps its own letters: the table has learnt them */
			p->text = str_join(mem, str_sub(w->text, 0, 3), core);
		return;
	}
	p->text = without_article(w, &p->article);
	p->text = din_joined(mem, p->text, w->script, &is_din);
	p->compound = is_din;
}

/* Abd + X: every article between them is taken away. Gives the words used, 0 where the words are something else. */
static size_t take_abd(struct arena *mem, const struct words *w, size_t i, struct name_parts *out)
{
	size_t next = i + 1;
	bool article = false, given = !str_is(w->word[i].text, "عبد") && !str_is(w->word[i].text, "abd") && !str_is(w->word[i].text, "evd") && !str_is(w->word[i].text, "ebd");
	if (!is_one_of(w->word[i].text, ABD) || next >= w->n)
		return 0;
	if (is_article(w, next)) {
		next++;
		given = true;
	}
	struct str core = without_article(&w->word[next], &article);
	if (is_one_of(w->word[next].text, DIN) || str_is(core, "lah") || str_is(core, "له"))
		article = true;
	if (!given && !article)      /* Abd is a name of its own too: Abd Hasan is a man and his father */
		return 0;
	struct name_part *p = part_new(out, &w->word[i], &w->word[next]);
	if (p) {
		bool l = latin(p->script);
		p->compound = true;
		if (l && core.n > 3 && core.p[0] == core.p[1])
			core = str_sub(core, 1, core.n - 1);
		core = str_is(core, "allah") || str_is(core, "ullah") ? STR("lah") : core;
		p->text = str_join(mem, l ? STR("abd") : STR("عبد"), core);
	}
	return next + 1 - i;
}

static size_t take_abu(struct arena *mem, const struct words *w, size_t i, struct name_parts *out)
{
	size_t next = i + 1;
	bool umm = is_one_of(w->word[i].text, UMM), article = false;
	if (next >= w->n || (!umm && !is_one_of(w->word[i].text, ABU) && !str_is(w->word[i].text, "ابي")))
		return 0;
	if (is_article(w, next))
		next++;
	bool bakr = is_one_of(w->word[next].text, BAKR);
	if ((umm && (i > 0 || w->n - next < 3)) || (str_is(w->word[i].text, "ابي") && !bakr))      /* Ubayy is a name */
		return 0;
	struct name_part *p = part_new(out, &w->word[i], &w->word[next]);
	if (p) {
		struct str core = without_article(&w->word[next], &article);
		bool l = latin(p->script);
		p->compound = true;
		p->role = !bakr && out->n == 1 && next + 2 < w->n ? NAME_KUNYA : NAME_UNKNOWN;
		p->text = str_join(mem, umm ? (l ? STR("um") : STR("ام")) : (l ? STR("abu") : STR("ابو")), core);
	}
	return next + 1 - i;
}

/* X + al-Din, X + Allah. */
static size_t take_din(struct arena *mem, const struct words *w, size_t i, struct name_parts *out)
{
	size_t next = i + 1;
	bool article = false, between = next + 1 < w->n && (is_article(w, next) || str_is(w->word[next].text, "ad") || str_is(w->word[next].text, "ed") || str_is(w->word[next].text, "ud"));
	next += between ? 1 : 0;
	if (next >= w->n || !is_one_of(w->word[next].text, DIN) || (!between && (str_is(w->word[next].text, "دين") || str_is(w->word[next].text, "din"))))
		return 0;
	struct name_part *p = part_new(out, &w->word[i], &w->word[next]);
	if (p) {
		struct str head = without_article(&w->word[i], &article), tail = w->word[next].text;
		if (latin(p->script))
			tail = str_ends(tail, STR("lah")) ? STR("lah") : str_ends(tail, STR("haq")) ? STR("haq") : str_ends(tail, STR("islam")) ? STR("islam") : STR("din");
		else
			tail = str_starts(tail, STR("ال")) ? str_sub(tail, 4, tail.n - 4) : tail;
		p->compound = true;
		p->text = str_join(mem, head, tail);
	}
	return next + 1 - i;
}

static void take_parts(struct arena *mem, const struct words *w, struct name_parts *out)
{
	bool of = false, article = false;
	for (size_t i = 0; i < w->n && !out->cut;) {
		const struct word_at *word = &w->word[i];
		size_t before = out->n, used = 0;
		if (is_one_of(word->text, BIN) && i + 1 < w->n && out->n > 0) {
			of = true;
			i++;
			continue;
		}
		if (is_article(w, i)) {
			article = true;
			i++;
			continue;
		}
		if ((used = take_abd(mem, w, i, out)) == 0 && (used = take_abu(mem, w, i, out)) == 0 && (used = take_din(mem, w, i, out)) == 0) {
			struct name_part *p = part_new(out, word, word);
			used = 1;
			if (p)
				single_word(mem, word, p);
		}
		if (out->n > before) {
			struct name_part *p = &out->part[before];
			p->of = of;
			p->article = p->article || article;
			name_letters(p);
		}
		of = article = false;
		i += used;
	}
}

/* Iraqi papers: own name, father, grandfather, and often a laqab; Syrian ones: own name, (father,) family. So the first is the given
   name, the second of four or more or the one after bin the father, and the last is a family name only if its article says so. */
static void tell_roles(struct name_parts *p)
{
	size_t first = p->n && p->part[0].role == NAME_KUNYA ? 1 : 0, last = p->n ? p->n - 1 : 0;
	if (first >= p->n)
		return;
	bool family_first = p->part[first].article && p->n - first >= 2 && !p->part[last].article && !p->part[first].compound;
	if (p->n - first >= 2 && p->part[last].article)
		p->part[last].role = NAME_FAMILY;
	if (family_first) {      /* as lists write it: the family name before the given name */
		p->part[first].role = NAME_FAMILY;
		return;
	}
	p->part[first].role = NAME_GIVEN;
	size_t named = p->part[last].role == NAME_FAMILY ? last : p->n;
	if (first + 1 < named && (p->part[first + 1].of || named - first >= 3 || named == last))
		p->part[first + 1].role = NAME_FATHER;
	if (first + 2 < named && (p->part[first + 2].of || named - first >= 4 || named == last))
		p->part[first + 2].role = NAME_GRANDFATHER;
}

void name_parse(struct arena *mem, struct str raw, struct name_parts *out)
{
	struct words *w = NEW(mem, struct words);
	memset(out, 0, sizeof *out);
	read_words(mem, raw, w);
	out->cut = false;
	take_parts(mem, w, out);
	out->cut = out->cut || w->cut;
	tell_roles(out);
}

const char *name_role_word(enum name_role role)
{
	static const char *const WORD[] = { "", "given", "father", "grandfather", "family", "kunya" };
	return WORD[role];
}

const char *name_script_word(enum name_script script)
{
	static const char *const WORD[] = { "arabic", "sorani", "latin", "hawar", "other" };
	return WORD[script];
}
