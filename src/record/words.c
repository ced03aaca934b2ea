#include "record/type_i.h"

const char *const KIND_WORDS[KINDS] = { "text", "name", "date", "code", "bool", "bool3", "int", "place", "ref", "time", "phone", "image", "registry_no",
	"washington_group_short", "digest", "money" };
const char *const PLACE_WORDS[PLACES] = { "type", "owner", "number", "retention", "embargo", "parent", "field", "derived", "state", "move", "list", "form" };

#define T (1u << IN_TYPE)
#define F (1u << IN_FIELD)
#define D (1u << IN_DERIVED)
#define M (1u << IN_MOVE)
#define OWNER (1u << IN_OWNER)
#define NUMBER (1u << IN_NUMBER)
#define KEPT (1u << IN_RETENTION)
#define EMBARGO (1u << IN_EMBARGO)
#define PARENT (1u << IN_PARENT)
#define STATE (1u << IN_STATE)
#define LIST (1u << IN_LIST)
#define FORM (1u << IN_FORM)

/* The whole vocabulary: types/VOCABULARY.md explains these words and no others (a test compares). A word without a shape is agreed and refused until
   something keeps what it says. */
const struct word WORDS[] = {
	{ "type", T | PARENT, SHAPE_TEXT }, { "title", T, SHAPE_TEXT }, { "plural", T, SHAPE_TEXT }, { "about", T, SHAPE_TEXT }, { "side", T, SHAPE_TEXT },
	{ "subject", T, SHAPE_TEXT }, { "parent", T, SHAPE_MAP }, { "field", PARENT, SHAPE_TEXT }, { "owner", T, SHAPE_MAP }, { "node", OWNER, SHAPE_TEXT },
	{ "after", OWNER, SHAPE_MAP }, { "after", M | NUMBER, SHAPE_TEXT }, { "after", KEPT, SHAPE_TEXT | SHAPE_LIST }, { "number", T, SHAPE_MAP }, { "pattern", NUMBER, SHAPE_TEXT },
	{ "unique", NUMBER, SHAPE_LIST },
	{ "create", T, SHAPE_LIST }, { "retention", T, SHAPE_MAP }, { "keep", KEPT, SHAPE_TEXT }, { "at_latest", KEPT, SHAPE_TEXT }, { "then", KEPT, SHAPE_TEXT }, { "copies_end", T, SHAPE_LIST },
	{ "embargo", T, SHAPE_MAP }, { "until", EMBARGO, SHAPE_TEXT }, { "hides", EMBARGO, SHAPE_LIST }, { "outside", EMBARGO, SHAPE_TEXT },
	{ "read", T, SHAPE_MAP }, { "read", F | D, SHAPE_LIST }, { "amend", T, SHAPE_MAP }, { "fields", T, SHAPE_MAP }, { "fields", FORM, SHAPE_LIST },
	{ "derived", T, SHAPE_MAP }, { "states", T, SHAPE_MAP }, { "moves", T, SHAPE_MAP }, { "list", T, SHAPE_MAP }, { "columns", LIST, SHAPE_LIST },
	{ "filter", LIST, SHAPE_LIST }, { "find", LIST, SHAPE_TEXT }, { "wide", LIST, SHAPE_LIST }, { "form", T, SHAPE_MAPS }, { "section", FORM, SHAPE_TEXT }, { "duplicates", T, SHAPE_LIST },
	{ "safeguards", T, SHAPE_LIST }, { "wire", T, SHAPE_TEXT }, { "vital", T, SHAPE_BOOL | SHAPE_MAP },
	{ "kind", F | D, SHAPE_TEXT }, { "class", F | D, SHAPE_TEXT }, { "class_at", F, 0 }, { "required", F, SHAPE_BOOL }, { "required_when", F, SHAPE_MAP },
	{ "empty_when", F, SHAPE_MAP }, { "min", F, SHAPE_INT }, { "max", F, SHAPE_INT | SHAPE_TEXT }, { "codes", F | D, SHAPE_TEXT }, { "many", F, SHAPE_BOOL },
	{ "to", F | M, SHAPE_TEXT }, { "default", F, SHAPE_TEXT }, { "precision", F, SHAPE_LIST }, { "label", F | D | M, SHAPE_TEXT }, { "help", F, SHAPE_TEXT },
	{ "hxl", F | D, SHAPE_TEXT }, { "check", F, SHAPE_TEXT }, { "index", F, SHAPE_BOOL }, { "blind", F, 0 }, { "masked", F, SHAPE_BOOL }, { "in_wire", F | D, SHAPE_BOOL },
	{ "from", D, SHAPE_TEXT }, { "from", M, SHAPE_TEXT | SHAPE_LIST }, { "rule", D, SHAPE_TEXT }, { "falls_by", D, SHAPE_TEXT },
	{ "final", STATE, SHAPE_BOOL }, { "immutable", STATE, SHAPE_BOOL }, { "aside", STATE, SHAPE_BOOL },
	{ "by", M, SHAPE_LIST }, { "needs", M, SHAPE_LIST }, { "two_persons", M, SHAPE_BOOL | SHAPE_TEXT }, { "two_nodes", M, SHAPE_TEXT }, { "opens", M, SHAPE_TEXT },
	{ "effect", M, SHAPE_TEXT }, { "own_word", M, SHAPE_BOOL }, { "clock", M, SHAPE_BOOL }, { "due", M, SHAPE_TEXT },
};
const size_t WORDS_COUNT = COUNT(WORDS);

/* Under a wide one many may read, because what they read names nobody or is closed until it names nobody. */
const struct safeguard SAFEGUARDS[] = {
	{ "no_family_flag", false }, { "no_sect_no_tribe", false }, { "child_protected", false }, { "child_not_alone", false }, { "voluntary", false },
	{ "row_by_row", false }, { "one_value_for_four", false }, { "counts_only", true }, { "embargo_kept", true }, { "released_figures_only", true },
	{ "copies_end_early", false }, { "append_only", false }, { "adults_only", false }, { "machine_never_merges", false }, { "desk_not_person", false },
	{ "taken_over_kept_apart", false }, { "no_names", true },
};
const size_t SAFEGUARDS_COUNT = COUNT(SAFEGUARDS);

static const char *const NODE_KINDS[] = { "camp", "ministry", "centre", "vetting", "civil_status", "border", "travel", "court", "bar", "partner", "content", "support",
	"oversight", "any" };

const struct word *word_find(enum word_place place, const char *word)
{
	for (size_t i = 0; i < COUNT(WORDS); i++)
		if ((WORDS[i].in & 1u << place) && strcmp(WORDS[i].word, word) == 0)
			return &WORDS[i];
	return NULL;
}

static bool texts(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!json_is_string(json_array_get(list, i)))
			return false;
	return json_is_array(list);
}

static bool maps(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!json_is_object(json_array_get(list, i)))
			return false;
	return json_is_array(list);
}

bool shape_fits(unsigned shapes, const json_t *v)
{
	return ((shapes & SHAPE_TEXT) && json_is_string(v)) || ((shapes & SHAPE_BOOL) && json_is_boolean(v)) || ((shapes & SHAPE_INT) && json_is_integer(v)) ||
	    ((shapes & SHAPE_MAP) && json_is_object(v)) || ((shapes & SHAPE_LIST) && texts(v)) || ((shapes & SHAPE_MAPS) && maps(v));
}

const struct safeguard *safeguard_find(struct str name)
{
	for (size_t i = 0; i < COUNT(SAFEGUARDS); i++)
		if (str_is(name, SAFEGUARDS[i].name))
			return &SAFEGUARDS[i];
	return NULL;
}

bool node_kind_known(struct str name)
{
	for (size_t i = 0; i < COUNT(NODE_KINDS); i++)
		if (str_is(name, NODE_KINDS[i]))
			return true;
	return false;
}
