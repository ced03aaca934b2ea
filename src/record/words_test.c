#include "record/type_i.h"
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

/* types/VOCABULARY.md says exactly the words that the program reads. */

static struct str vocabulary(struct arena *mem)
{
	FILE *f = fopen("types/VOCABULARY.md", "r");
	if (!f)
		fail_msg("types/VOCABULARY.md is not there: tests start in the folder of the source");
	char *p = arena_alloc(mem, (size_t)1 << 20);
	size_t n = fread(p, 1, (size_t)1 << 20, f);
	fclose(f);
	return (struct str){ p, n };
}

static struct str section(struct str text, const char *title)
{
	size_t at = str_find(text, str_of(title));
	assert_true(at < text.n);
	struct str rest = str_sub(text, at + 1, text.n);
	return str_sub(rest, 0, str_find(rest, STR("\n## ")));
}

/* Cells 1 and 2 of the next row of a table; false at the end. */
static bool table_row(struct str *text, struct str *first, struct str *second)
{
	while (text->p) {
		struct str line = str_cut(text, '\n');
		if (!str_starts(line, STR("| ")) || str_starts(line, STR("| ---")))
			continue;
		str_cut(&line, '|');
		*first = str_trim(str_cut(&line, '|'));
		*second = str_trim(str_cut(&line, '|'));
		return true;
	}
	return false;
}

static struct str next_of(struct str *list)
{
	return str_trim(str_cut(list, ','));
}

/* Where the page says that a word may stand; `type` and `field` of a parent stand in the value of its row. */
static unsigned places_of(struct str text, const char *word)
{
	struct str first, second;
	unsigned places = strcmp(word, "type") == 0 || strcmp(word, "field") == 0 ? 1u << IN_PARENT : 0;
	while (table_row(&text, &first, &second)) {
		bool here = false;
		while (first.p)
			here = str_is(next_of(&first), word) || here;
		while (here && second.p) {
			struct str place = next_of(&second);
			for (unsigned i = 0; i < PLACES; i++)
				if (str_is(place, PLACE_WORDS[i]))
					places |= 1u << i;
		}
	}
	return places;
}

static void the_vocabulary_lists_exactly_the_words_of_the_program(void **state)
{
	(void)state;
	static const char *const TABLES[] = { "\n## Top of a type", "\n## Fields and derived", "\n## States and moves" };
	struct arena *mem = arena_new((size_t)4 << 20);
	struct buf b = buf_new(mem, (size_t)2 << 20);
	struct str text = vocabulary(mem), rest, first, second;
	for (size_t i = 0; i < COUNT(TABLES); i++)
		buf_str(&b, section(text, TABLES[i]));
	for (rest = buf_text(&b); table_row(&rest, &first, &second);) {
		while (first.p && !str_is(second, "in")) {
			struct str word = next_of(&first);
			bool known = false;
			for (size_t i = 0; i < WORDS_COUNT; i++)
				known = known || str_is(word, WORDS[i].word);
			if (!known)
				fail_msg("only in VOCABULARY.md: %.*s", S_ARG(word));
		}
	}
	for (size_t i = 0; i < WORDS_COUNT; i++) {
		unsigned in = 0, said = places_of(buf_text(&b), WORDS[i].word);
		for (size_t k = 0; k < WORDS_COUNT; k++)
			if (strcmp(WORDS[k].word, WORDS[i].word) == 0)
				in |= WORDS[k].in;
		if (in != said)
			fail_msg("%s: the program has places %x, VOCABULARY.md %x", WORDS[i].word, in, said);
	}
	arena_free(mem);
}

static void the_vocabulary_lists_exactly_the_safeguards_and_kinds(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)4 << 20);
	struct str text = vocabulary(mem), rest = section(text, "\n## Safeguards named"), first, second;
	size_t n = 0;
	while (table_row(&rest, &first, &second)) {
		if (str_is(first, "name"))
			continue;
		n++;
		if (!safeguard_find(first))
			fail_msg("only in VOCABULARY.md: %.*s", S_ARG(first));
	}
	assert_int_equal(n, SAFEGUARDS_COUNT);
	struct str kinds = section(text, "\n## Kinds");
	for (enum kind k = 0; k < KINDS; k++)
		if (str_find(kinds, str_of(KIND_WORDS[k])) == kinds.n)
			fail_msg("only in the program: kind %s", KIND_WORDS[k]);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vocabulary_lists_exactly_the_words_of_the_program), cmocka_unit_test(the_vocabulary_lists_exactly_the_safeguards_and_kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
