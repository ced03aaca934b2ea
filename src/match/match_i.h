#ifndef MATCH_MATCH_I_H
#define MATCH_MATCH_I_H
/* Private to the room: what folding, parsing, comparing and the index share. */
#include "match/match.h"
#include "crypto/hash.h"

/* fold.c */
bool name_parts_words(int32_t cp);                              /* white space and punctuation that ends a word; -1 (no UTF-8) too */
bool name_next_word(struct str *rest, struct str *word);        /* cuts the next word as written off `rest` */
struct str name_fold_word(struct arena *, struct str word);

/* parse.c */
void name_letters(struct name_part *);                          /* fills letter and n from text and script; NAME_OTHER where there are none */
int32_t name_letter_char(enum name_script, uint8_t code);       /* the letter of a code; 0 where there is none */

/* ---- model.c: costs, in hundredths of a nat ---- */
enum { LETTERS = 36, DIGRAPHS = 64, COST_NONE = 9999, COST_SUB = 420, COST_GAP = 340, COST_TURN = 280 };
enum table { T_AL, T_AK, T_AS, T_AA, T_LL, T_LK, TABLES };
/* x is on the side named first. place: 0 first letter of x, 1 inside, 2 last; for ins: 0 before x, 1 after a consonant, 2 after a vowel letter. */
struct cost_table {
	uint16_t sub[3][LETTERS][LETTERS], del[3][LETTERS], ins[3][LETTERS], sub2[3][LETTERS][DIGRAPHS], ins2[3][DIGRAPHS];
	uint8_t digraph[LETTERS][LETTERS], digraphs;                /* 0: no digraph; sub2[..][0] and ins2[..][0] are COST_NONE */
};
struct variant { uint32_t form, meant; uint16_t cost; };        /* ids in `forms` */
struct name_model {
	struct arena *mem;
	struct cost_table *table;
	struct dict *forms, *usual;                                 /* of the lexicon; of the default frequencies (parts in a million) */
	struct variant *variant;
	size_t variants, variants_cap;
};
struct name_letters { enum name_script script; uint8_t n; const uint8_t *letter; };

static inline bool is_latin(enum name_script s)
{
	return s == NAME_LATIN || s == NAME_HAWAR;
}
static inline bool is_vowel_letter(uint8_t code, bool latin)
{
	return latin ? code == 1 || code == 5 || code == 9 || code == 15 || code == 21 : code == 1 || code == 27 || code == 28;      /* alef, waw, ya */
}
static inline uint8_t gap_of(const uint8_t *x, size_t i, bool latin)
{
	return i == 0 ? 0 : is_vowel_letter(x[i - 1], latin) ? 2 : 1;
}
const struct cost_table *model_table(const struct name_model *, enum name_script a, enum name_script b, bool *a_is_y);
/* The same both ways round; 0 for the same letters in the same script; COST_NONE where one has no letters. */
unsigned model_cost(const struct name_model *, const struct name_letters *a, const struct name_letters *b, bool *by_lexicon);
const struct variant *model_variants(const struct name_model *, uint32_t form, size_t *n);

/* ---- dict.c: distinct parts in a trie for each script ---- */
#define DICT_NONE UINT32_MAX
struct dict;
struct dict *dict_new(void);
void dict_free(struct dict *);                                   /* wiped */
uint32_t dict_find(const struct dict *, enum name_script, const uint8_t *letter, size_t n);
uint32_t dict_add(struct dict *, enum name_script, const uint8_t *letter, size_t n);      /* the id it has or gets; ids are small and used again */
void dict_count(struct dict *, uint32_t id, int64_t change);
uint32_t dict_size(const struct dict *);                         /* ids are below it */
uint32_t dict_n(const struct dict *, uint32_t id);               /* how often it is there */
uint64_t dict_total(const struct dict *);
struct name_letters dict_letters(const struct dict *, uint32_t id);
void dict_remove(struct dict *, uint32_t id);                    /* forgets the part: its letters are wiped */
void dict_settle(struct dict *);                                 /* after much was added: lays the nodes in the order of the walk */
struct alike { uint32_t id; uint16_t cost; };
/* Calls for every part that costs at most `limit`. Finds by letter costs and by the lexicon; a part may come twice. */
struct dict_seen { void (*fn)(void *arg, uint32_t id, unsigned cost); void *arg; };
void dict_alike(const struct dict *, const struct name_model *, const struct name_letters *, unsigned limit, const struct dict_seen *);

/* ---- score.c ---- */
/* One side of a comparison, ready to be compared: letters and rarity (-ln of how often a part like it is met; 0: not worked out, the other side's counts). */
struct part_side {
	struct name_letters letters;
	float rarity;            /* -ln of mass, smoothed */
	float sure_cost;
	uint32_t sure;           /* the well-known name that it is a near spelling of (a hash of its letters), 0: none or not worked out */
	uint8_t flags;           /* PART_* */
};
enum { PART_ARTICLE = 1, PART_OF = 2, PART_COMPOUND = 4, PART_ROLE_SHIFT = 3, MOTHER_MAX = 4 };
struct name_side {
	struct part_side part[NAME_PARTS_MAX], mother[MOTHER_MAX];
	uint8_t n, mothers;
	char sex;                                                   /* 'M', 'F', 0 unknown */
	struct date birth;
	uint32_t governorate;                                       /* equal codes are equal places; 0 unknown */
	float governorate_rarity;
};
struct name_costs { uint16_t part[NAME_PARTS_MAX][NAME_PARTS_MAX], mother[MOTHER_MAX][MOTHER_MAX]; };
/* terms: NULL where only the score is wanted. */
double score_sides(const struct name_side *a, const struct name_side *b, const struct name_costs *, struct name_terms *terms);
uint8_t part_flags(const struct name_part *);
static inline enum name_role flags_role(uint8_t flags)
{
	return (enum name_role)(flags >> PART_ROLE_SHIFT);
}
double score_full(const struct name_side *);                    /* what complete agreement with itself would give */
/* Fills rarity and sure of a part from a register (NULL: the shipped default alone) mixed with the default. */
void model_weigh(const struct name_model *, const struct dict *reg, struct part_side *);
#endif
