#include "record/type_i.h"

const char *const KIND_WORDS[KINDS] = { "text", "name", "date", "code", "bool", "bool3", "int", "place", "ref", "time", "phone", "image", "registry_no",
	"washington_group_short", "digest", "money" };

/* The whole vocabulary: types/VOCABULARY.md explains these words and no others (a test compares). */
static const struct { const char *where, *words[32]; } VOCABULARY[] = {
	{ "type", { "type", "title", "plural", "about", "side", "owner", "number", "create", "retention", "embargo", "read", "amend", "fields", "derived", "parent",
		"subject", "states", "moves", "list", "form", "duplicates", "safeguards" } },
	{ "field", { "kind", "class", "required", "max", "min", "codes", "many", "to", "label", "help", "hxl", "precision", "check", "read", "index" } },
	{ "derived", { "kind", "class", "codes", "from", "rule", "falls_by", "read", "label", "hxl" } },
	{ "state", { "final", "immutable" } },
	{ "move", { "from", "to", "by", "label", "needs", "two_persons", "own_word", "opens" } },
	{ "retention", { "after", "keep", "at_latest", "then" } },
	{ "parent", { "type", "field" } },
	{ "list", { "columns", "filter" } },
	{ "owner", { "node", "after" } },
};

bool word_known(const char *where, const char *word)
{
	for (size_t i = 0; i < COUNT(VOCABULARY); i++) {
		if (strcmp(VOCABULARY[i].where, where) != 0)
			continue;
		for (size_t k = 0; k < COUNT(VOCABULARY[i].words) && VOCABULARY[i].words[k]; k++)
			if (strcmp(VOCABULARY[i].words[k], word) == 0)
				return true;
	}
	return false;
}
