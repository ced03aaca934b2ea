#ifndef JOURNEY_IMPORT_I_H
#define JOURNEY_IMPORT_I_H
#include "journey/columns.h"
#include "journey/import.h"

#define FAMILY_MAX 60u
#define CHUNK_ROWS 8u

/* What a cell says, as the declaration wants it. NULL: nothing; *wrong or *note: a sentence for the cell. */
struct reading { struct arena *mem /* of the row */, *keep; const struct types *types; int64_t now_ms; struct folded_codes *codes; };
json_t *cell_value(struct reading *, const struct target *, struct str text, const char **wrong, const char **note);
struct str age_birth(struct reading *, struct str text);          /* "~1990" of an age in years; empty: none */
#endif
