#ifndef BASE_EMBED_H
#define BASE_EMBED_H
/* Files inside the program: types/, assets/, data/ and the .mo files of po/. Made by tools/embed at build time. */
#include "base/arena.h"

struct embedded { const char *path; const uint8_t *data; size_t n; char sha256_hex[17]; };   /* first 16 hex digits: cache key */
extern const struct embedded EMBEDDED[];
extern const size_t EMBEDDED_COUNT;
const struct embedded *embedded_find(struct str path);               /* NULL where absent */
#endif
