#ifndef BASE_STR_H
#define BASE_STR_H
/* Text and bytes by pointer and length. Neither owns its memory: who made it says how long it lives
   (usually an arena). A struct str is UTF-8 text or raw header text, a struct bytes is anything.
   A zero struct str is the empty text and is valid everywhere. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str { const char *p; size_t n; };
struct bytes { const uint8_t *p; size_t n; };

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct str str_of(const char *z);                     /* NULL gives the empty text */
struct bytes bytes_of(const void *p, size_t n);
struct bytes str_bytes(struct str);
struct str bytes_str(struct bytes);
bool str_eq(struct str, struct str);
bool str_is(struct str, const char *z);               /* equal to a C string */
int str_cmp(struct str, struct str);                  /* bytewise, shorter first */
bool str_starts(struct str, struct str prefix);
bool str_ends(struct str, struct str suffix);
size_t str_find(struct str hay, struct str needle);   /* hay.n where absent */
struct str str_sub(struct str, size_t from, size_t n);/* clamped */
struct str str_trim(struct str);                      /* ASCII white space at both ends */
/* Cuts *rest at the first sep: returns what stands before it, leaves what follows. At the end returns the
   remainder and leaves {NULL,0}; so loop with `while (rest.p)`. */
struct str str_cut(struct str *rest, char sep);
/* Decimal, whole text, no sign unless negative numbers are asked for. 0 or -1 (out of range, empty, junk). */
int str_u64(struct str, uint64_t *out);
int str_i64(struct str, int64_t *out);
bool bytes_eq(struct bytes, struct bytes);            /* not constant time: never for secrets */
#endif
