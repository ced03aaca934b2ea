#ifndef BASE_JSON_H
#define BASE_JSON_H
/* jansson and libyaml with our ownership: a json_t given by these functions lives as long as the arena and is never decref'd
   by the caller. YAML is read into the same tree, so that one strict reader serves both: plain true, false, null (also ~ and
   nothing) and decimal integers are typed; quoted scalars and everything else (yes, no, dates, durations, 007, 1.5) are texts.
   A key is a text as it is written, 0 or "no" too. Refused: anchors, aliases, tags, directives, a second document, a key that is
   there twice, nesting over 32. json_read takes an object or an array only. */
#include "base/arena.h"
#include "base/err.h"
#include <jansson.h>

json_t *json_keep(struct arena *, json_t *);         /* hands the reference to the arena; NULL stays NULL */
json_t *json_read(struct arena *, struct str, struct err *);         /* NULL on error; duplicate keys, junk and bad UTF-8 refused */
json_t *yaml_read(struct arena *, struct str, const char *file, struct err *);   /* the error names file and line */
struct str json_write(struct arena *, const json_t *);               /* compact, keys in the order of insertion */
struct str json_write_sorted(struct arena *, const json_t *);        /* compact, keys sorted: for digests */
struct str json_str(const json_t *object, const char *key);          /* empty where absent or no string; lives with the tree */
int64_t json_int(const json_t *object, const char *key, int64_t otherwise);
bool json_bool(const json_t *object, const char *key);
json_t *json_new_str(struct str);                    /* a fresh reference for json_object_set_new; never NULL */
#endif
