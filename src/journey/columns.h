#ifndef JOURNEY_COLUMNS_H
#define JOURNEY_COLUMNS_H
/* columns: which column of a foreign table is which field. The fields come from the declarations of person, household and household_member; beside them stand the family's
   number, which groups rows, and the age, from which a birth year is estimated. Several columns may go to one name: they are joined in their order. */
#include "journey/sheet.h"
#include "record/record.h"

enum place_of { OF_FAMILY_NUMBER, OF_AGE, OF_PERSON, OF_HOUSEHOLD, OF_MEMBER };
struct target { struct str key; char *label; const struct tfield *field; enum place_of place; bool required, joins; };
#define TARGETS_MAX 40
struct targets { struct target at[TARGETS_MAX]; size_t n; };
int targets_make(struct arena *, const struct types *, struct targets *out, struct err *);
int target_find(const struct targets *, struct str key);                /* its index, -1 */

/* to[column]: index of the target, -1: the column is not taken. */
struct mapping { size_t heading; int8_t to[SHEET_COLUMNS_MAX]; bool sure; /* every heading is one of ours, all that is required is there */ };
void columns_guess(struct arena *, const struct targets *, const struct sheet *, struct mapping *out);
/* What is missing or doubled, as a sentence; NULL: it can be used. *arg: the label concerned. */
const char *mapping_wrong(const struct targets *, const struct mapping *, const char **arg);
/* What a source is known by: its heading row, folded. */
struct hash columns_signature(struct arena *, const struct sheet *, size_t heading);
json_t *mapping_json(struct arena *, const struct targets *, const struct mapping *, size_t columns);
int mapping_read(const struct targets *, const json_t *, struct mapping *out);
bool row_is_hxl(const struct sheet *, size_t row);
/* A heading as it is compared: folded, without punctuation. */
struct str heading_fold(struct arena *, struct str);
#endif
