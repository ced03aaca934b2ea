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
#endif
