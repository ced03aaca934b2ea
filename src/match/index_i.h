#ifndef MATCH_INDEX_I_H
#define MATCH_INDEX_I_H
/* The index: index.c keeps people, query.c finds them. */
#include "match/match_i.h"

/* Where a part stands in a person: an entry of a posting list is person << 3 | kind. */
enum entry_kind { AT_GIVEN, AT_SECOND, AT_THIRD, AT_LATER, AT_KUNYA, AT_MOTHER, AT_MOTHER_MORE, ENTRY_KINDS };
enum { KIND_BITS = 3, PEOPLE_MAX = 1 << 28, PLACES = 250, REF_FLAG_BITS = 6, SEEN_SLOTS = 1024 };

struct posting { uint32_t n, cap; union { uint32_t one[2]; uint32_t *list; }; };      /* cap 0: up to two entries in place */
struct person { uint32_t refs, id, birth; uint8_t n, mothers, refs_cap, id_n, id_cap, sex, place, live; };      /* refs: part << REF_FLAG_BITS | flags, mothers last */
struct rarity { float value, sure_cost; uint32_t sure, age; };      /* of a part, worked out when the index had this age */
/* The parts near a part that was asked for, kept while the index does not change. */
struct seen_part { uint32_t age; uint8_t n, script, letter[NAME_LETTERS_MAX]; struct part_side weighed; struct alike *alike; uint32_t alikes; };
struct place { struct str folded; uint32_t n; };

struct name_index {
	const struct name_model *model;
	struct arena *mem, *scratch;
	struct dict *dict;
	uint32_t age;
	struct posting *posting;
	struct rarity *rarity;
	uint32_t postings_cap;
	struct person *person;
	uint32_t people, people_cap, live, *unused, unuseds, unused_cap;
	uint32_t *ref;
	uint32_t refs, refs_cap;
	char *ids;
	uint32_t ids_n, ids_cap;
	uint32_t *by_id, by_id_cap, by_id_n;      /* open addressing, person + 1; cap 0: not made */
	struct place place[PLACES];               /* from 1 */
	uint32_t places, placed;
	struct seen_part seen[SEEN_SLOTS];
	uint8_t *sum;                             /* query.c: a person's first sum */
	uint32_t sum_cap;
	uint16_t *cost[NAME_PARTS_MAX + MOTHER_MAX];
	uint32_t cost_cap;
};

uint32_t index_place(const struct name_index *, struct str folded);                   /* 0: not known here */
double index_place_rarity(const struct name_index *, uint32_t place);
/* Parses; letters point into mem. Rarity is not filled. Gives the folded governorate too. */
void side_of(struct arena *mem, const struct name_who *, struct name_side *out, struct str *governorate);
void side_of_person(const struct name_index *, uint32_t person, struct name_side *out);
uint32_t index_find(struct name_index *, struct str id);                              /* UINT32_MAX: not there */
#endif
