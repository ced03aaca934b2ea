#include "match/like.h"
#include "match/match.h"

/* The tables of the matcher, as they are shipped: folded Arabic parts by frequency, and spellings in other scripts. */
#define WORDS_MAX 128

static const char *const ANNOUNCE[] = { "ابو", "ام", "بن", "ابن", "بنت", "السيد", "السيده", "سيد", "سيده", "الحاج", "حجي", "الشيخ", "كاك", "mr", "mrs", "miss", "sheikh", "abu", "umm", "bin", "bint" };

/* Is there a line of the table whose column `column` is the word? */
static bool in_column(const char *file, int column, struct str word)
{
	const struct embedded *e = embedded_find(str_of(file));
	struct str rest = e ? bytes_str(bytes_of(e->data, e->n)) : (struct str){ 0 };
	for (str_cut(&rest, '\n'); rest.n;) {
		struct str line = str_cut(&rest, '\n'), cell = { 0 };
		for (int i = 0; i <= column; i++)
			cell = str_cut(&line, '\t');
		if (str_eq(cell, word))
			return true;
	}
	return false;
}

static bool is_part(struct arena *mem, struct str folded)
{
	if (utf8_count(folded) < 3)
		return false;
	struct str bare = str_starts(folded, STR("ال")) ? str_sub(folded, 4, folded.n) : folded;
	return in_column("data/names/frequencies.tsv", 0, folded) || in_column("data/names/frequencies.tsv", 0, bare) ||
	    in_column("data/names/lexicon.tsv", 1, str_lower(mem, folded));
}

static bool announces(struct str folded)
{
	for (size_t i = 0; i < COUNT(ANNOUNCE); i++)
		if (str_is(folded, ANNOUNCE[i]))
			return true;
	return false;
}

/* In Latin letters the tables have only what the letters do not explain: a capital beside such a word will do. */
static bool capital(struct str word)
{
	return word.n >= 3 && word.p[0] >= 'A' && word.p[0] <= 'Z' && word.p[1] >= 'a' && word.p[1] <= 'z';
}

struct str name_like(struct arena *mem, struct str text)
{
	struct str rest = text, before = { 0 };
	bool leads = false, was_part = false;
	for (size_t n = 0; rest.n && n < WORDS_MAX; n++) {
		struct str word = str_cut(&rest, ' '), folded = name_fold(mem, word);
		bool part = folded.n && is_part(mem, folded);
		if ((part && leads) || (was_part && capital(word)))
			return (struct str){ before.p, (size_t)(word.p + word.n - before.p) };
		leads = part || announces(folded) || capital(word);
		was_part = part;
		before = word;
	}
	return (struct str){ 0 };
}

const char *name_like_words(const struct work *w, const struct tfield *f, const json_t *v)
{
	(void)f;
	if (w->confirmed || !json_is_string(v) || !name_like(w->mem, (struct str){ json_string_value(v), json_string_length(v) }).n)
		return NULL;
	return N_("This reads like a person's name. Leave names out: a person is named by the number of a request only.");
}
