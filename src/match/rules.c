/* The rules of an explanation: a word for programs, a sentence for people, a number on the wire of the names process. */
#include "match/names_i.h"

static const struct { const char *word, *text; } RULES[] = {
	{ "", "" },
	{ "same", N_("the same") },
	{ "spelling", N_("another spelling of the same name") },
	{ "different", N_("another name") },
	{ "unknown", N_("cannot be compared") },
	{ "swapped", N_("two parts stand the other way round") },
	{ "missing", N_("left out on one side") },
	{ "rotated", N_("the family name stands first") },
	{ "two-names", N_("two different given names: two people") },
	{ "no-given-name", N_("one side has no given name to compare") },
	{ "one-part", N_("only one part could be compared") },
	{ "same-year", N_("the same year of birth") },
	{ "same-day", N_("the same date of birth") },
	{ "day-month-turned", N_("day and month turned round") },
	{ "near-day", N_("the same year, another day or month") },
	{ "other-day", N_("the same year, another date") },
	{ "overlap", N_("the years of birth may be the same") },
	{ "near-year", N_("a year of birth one or two off") },
	{ "far-year", N_("a year of birth three to ten off") },
	{ "other-year", N_("another year of birth") },
	{ "bar", N_("what a long, rare name must reach") },
};

uint8_t rule_number(const char *rule)
{
	for (uint8_t i = 1; i < COUNT(RULES); i++)
		if (strcmp(RULES[i].word, rule) == 0)
			return i;
	return 0;
}

const char *rule_word(uint8_t number)
{
	return RULES[number < COUNT(RULES) ? number : 0].word;
}

const char *name_rule_text(const char *rule)
{
	return RULES[rule_number(rule)].text;
}
