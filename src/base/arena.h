#ifndef BASE_ARENA_H
#define BASE_ARENA_H
/* A pool of memory that is freed at once. One bounded arena a request, one a tick, one a command. An arena argument in a
   signature means "lives as long as this arena". Allocation never returns NULL: a request that passes its bound or a
   machine without memory ends the process (the parent starts it again, the disk is the truth), so limits on
   input sizes must keep honest and hostile requests below the bound. */
#include "base/str.h"
#include <stdarg.h>

struct arena;

struct arena *arena_new(size_t limit_bytes);
void arena_free(struct arena *);                       /* NULL is fine; runs what arena_defer was given, last first */
void arena_reset(struct arena *);                      /* as free and new, keeps the first block */
void *arena_alloc(struct arena *, size_t n);           /* zeroed, aligned for any type */
void *arena_array(struct arena *, size_t count, size_t size);    /* checks the product */
void *arena_copy(struct arena *, const void *p, size_t n);
void arena_defer(struct arena *, void (*fn)(void *), void *arg); /* called when the arena is freed or reset */
size_t arena_used(const struct arena *);
#define NEW(mem, type) ((type *)arena_alloc((mem), sizeof(type)))
#define NEW_ARRAY(mem, type, count) ((type *)arena_array((mem), (count), sizeof(type)))

struct str str_dup(struct arena *, struct str);
char *str_z(struct arena *, struct str);               /* NUL-terminated copy; stops at an inner NUL */
struct bytes bytes_dup(struct arena *, struct bytes);
/* For log text, file names, URLs of our own. Never for SQL or markup. */
struct str str_fmt(struct arena *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct str str_vfmt(struct arena *, const char *fmt, va_list) __attribute__((format(printf, 2, 0)));
struct str str_join(struct arena *, struct str a, struct str b);
struct str str_lower(struct arena *, struct str);      /* ASCII only */
#define S_FMT "%.*s"
#define S_ARG(s) (int)(s).n, (s).p ? (s).p : ""

/* Ends the process with a line on stderr. For states that cannot be served, never for bad input. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#endif
