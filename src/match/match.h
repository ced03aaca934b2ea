#ifndef MATCH_MATCH_H
#define MATCH_MATCH_H
/* match: the same person is found again, in Arabic, Kurdish or Latin letters, and whoever asks sees why.

   A name is folded (what writers do not agree on is taken away, the original stays with the caller), parsed into ordered parts,
   and compared part by part with another name, directly across scripts: nothing is romanised. The costs of letters are learnt from
   pairs of spellings (data/names/costs.tsv, made by tools/names-learn); a lexicon has the spellings that no letter rule explains.

   A score is a sum of log-odds (natural logarithm; Fellegi and Sunter 1969): how much likelier the two are to look like this if they
   are one person than if they are two. A rare part that agrees counts more than a common one; the frequencies are the
   register's own, mixed with a shipped default while the register is small. Mother's name, birth year with its precision, sex and
   governorate count where both sides know them. What cannot be compared is unknown: it neither helps nor hurts, and
   two names that cannot be compared at all never score as equal. Every score comes with its terms, and their sum is the score.

   What this room does not do. It has no database, reads no file and knows no record: it is given names and answers with
   positions and terms. It proposes; a person decides; nothing merges by itself. Kinship is no evidence: a record is compared only
   with its own fields, and a relative who is added changes nobody's score except through the frequency of the parts. The given name has a
   floor of its own: brothers, sisters and twins share three parts and are different people.

   Memory: parsed names live in the arena that was given. A model and an index own their memory and are freed by name; the index is
   wiped when it is freed, and so is a person who is removed.

   Words. part: one name inside a name (Abd al-Rahman is one). register: the people an index holds. query: the one looked for. */
#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"

/* ---- folding ---- */

/* Folds a name: NFKC, then by table: one alef, no hamza, ya for alef maqsura, ha for ta marbuta, no tatweel, no marks, ASCII digits, no
   joiners, Arabic letters for Persian and Sorani ones (their written short vowel falls away, at the end it is ha), plain
   small letters for Latin with Hawar and scholarly signs resolved (s-cedilla is sh). Words are parted by one space. Bytes that are not
   UTF-8 part words. Folding what was folded changes nothing; NFD folds like NFC. For search and comparison, never to show or keep. */
struct str name_fold(struct arena *, struct str raw);

/* ---- parsing ---- */

enum { NAME_PARTS_MAX = 12, NAME_LETTERS_MAX = 24 };

/* Sorani and Hawar are told by their own letters anywhere in the name; a name that has none of them counts as Arabic or Latin. */
enum name_script { NAME_ARABIC, NAME_SORANI, NAME_LATIN, NAME_HAWAR, NAME_OTHER };
/* No surname is assumed: a role is given only where the form tells it. */
enum name_role { NAME_UNKNOWN, NAME_GIVEN, NAME_FATHER, NAME_GRANDFATHER, NAME_FAMILY, NAME_KUNYA };

struct name_part {
	struct str raw;          /* as written, a piece of the text that was parsed */
	struct str text;         /* folded; article off; the pieces of a compound joined without their article */
	enum name_script script;
	enum name_role role;
	bool article;            /* al-, el-, with or without the sun letter */
	bool of;                 /* bin, ibn or bint stood before it: the next generation */
	bool compound;           /* Abd + X, Abu + X, X + al-Din */
	uint8_t n;               /* letters of `text` that can be compared; 0 in scripts that we do not know */
	uint8_t letter[NAME_LETTERS_MAX];
};

struct name_parts {
	struct name_part part[NAME_PARTS_MAX];
	size_t n;
	bool cut;                /* there were more than NAME_PARTS_MAX */
};

/* Never fails: an empty or unreadable name has no parts. The parts point into `mem` and into `raw`. */
void name_parse(struct arena *mem, struct str raw, struct name_parts *out);
const char *name_role_word(enum name_role);        /* "given", ...; "" where unknown */
const char *name_script_word(enum name_script);

/* ---- comparing ---- */

struct name_model;           /* costs, lexicon, default frequencies; read-only once made */

struct name_model *name_model_new(struct err *);               /* from data/names inside the program; NULL on fault */
struct name_model *name_model_of(struct str costs, struct str lexicon, struct str frequencies, struct err *);      /* from the texts of other tables */
void name_model_free(struct name_model *);

/* A person as she is asked for or kept. Empty, DATE_NONE, 0: unknown. */
struct name_who {
	struct str name, mother;
	struct date birth;           /* 1 January and 1 July mean the year only */
	char sex;                    /* 'M', 'F' or 0: name_sex reads words */
	struct str governorate;      /* any text: equal when folded equal */
};
char name_sex(struct str);           /* M, F, male, female and the Arabic and Sorani words; 0 where unknown */

enum name_term_kind { TERM_PART, TERM_MISSING, TERM_SWAP, TERM_ORDER, TERM_GIVEN, TERM_MOTHER, TERM_BIRTH, TERM_SEX, TERM_PLACE, TERM_BAR, TERM_KINDS };
/* One line of an explanation. part numbers: from 0, of the parsed name or mother; -1 where there is none. */
struct name_term {
	enum name_term_kind kind;
	const char *rule;            /* which rule it was: a word; name_rule_text says it to people */
	int8_t a, b;
	float cost;                  /* how far the spellings are apart, in nats */
	float rarity;                /* -ln of how often such a part is met */
	double value;                /* what it adds */
};
enum { NAME_TERMS_MAX = 2 * NAME_PARTS_MAX + 16 };
struct name_terms { size_t n; struct name_term term[NAME_TERMS_MAX]; };

/* From this score on a person should look at the pair as a likely match. */
#define NAME_LIKELY 0.0
#define NAME_NEVER (-1e6)
/* The score of two people: the sum of the terms. Symmetric, finite. Where the two names cannot be compared at all it is NAME_NEVER
   (one term says so). `reg` is an index whose frequencies count, or NULL. */
struct name_index;
double name_compare(const struct name_model *, const struct name_index *reg, const struct name_who *a, const struct name_who *b, struct name_terms *terms);
const char *name_term_word(enum name_term_kind);     /* "part", "missing", ... */
const char *name_rule_text(const char *rule);        /* a rule as a message id for people; "" where unknown */

/* ---- the index ---- */

enum { NAME_ID_MAX = 64, NAME_TOP_MAX = 100 };
struct name_found { struct str id; double score; };      /* id points into the index and lives until it is changed */

struct name_index *name_index_new(const struct name_model *);            /* the model must outlive it */
void name_index_free(struct name_index *);                               /* wiped; NULL is fine */
/* Adds a person; one who has this id already is replaced. -1: the id is empty or too long, or there are more people than the index can number. */
int name_index_put(struct name_index *, struct str id, const struct name_who *, struct err *);
/* As put, for filling an index with ids that are known to differ: keeps no map from ids to people until one is needed. */
int name_index_fill(struct name_index *, struct str id, const struct name_who *, struct err *);
bool name_index_remove(struct name_index *, struct str id);              /* wiped at once; false: was not there */
void name_index_wipe(struct name_index *);                               /* everybody */
size_t name_index_people(const struct name_index *);
/* The best candidates, best first: at most `top` (NAME_TOP_MAX). Gives how many. Those who share nothing that can be compared are not found. */
size_t name_index_query(struct name_index *, const struct name_who *, size_t top, struct name_found *out);
/* The same without `but`: what comes after those that were given before. */
size_t name_index_query_but(struct name_index *, const struct name_who *, const struct str *but, size_t nbut, size_t top, struct name_found *out);
/* The best of these people only , however many others the index has: all of them are compared. */
size_t name_index_query_among(struct name_index *, const struct name_who *, const struct str *ids, size_t nids, size_t top, struct name_found *out);
/* Why: the terms of one person's score for this query; false where the id is not there. */
bool name_index_explain(struct name_index *, const struct name_who *, struct str id, double *score, struct name_terms *terms);
#endif
