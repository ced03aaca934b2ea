#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H
/* Where time and randomness come from: injected, so that the same inputs give the same ledger head in a test.
   Times are milliseconds since 1970-01-01 UTC in int64_t named *_ms. */
#include "base/arena.h"

struct source {
	int64_t (*now_ms)(void *arg);
	void (*fill)(void *arg, void *out, size_t n);
	void *arg;
};
const struct source *source_system(void);            /* CLOCK_REALTIME and getrandom(2) */
/* A source that starts at a time, goes on `step_ms` with each question, and whose bytes follow from the seed (xoshiro; tests only). */
const struct source *source_test(struct arena *, int64_t start_ms, int64_t step_ms, uint64_t seed);
int64_t source_now_ms(const struct source *);
void source_fill(const struct source *, void *out, size_t n);
int64_t monotonic_ms(void);                          /* for time-outs only */

struct id { uint8_t b[16]; };                        /* UUIDv7, RFC 9562; all zero = none */
struct id id_new(const struct source *);
struct str id_text(struct arena *, struct id);       /* 36 characters, lower case */
int id_parse(struct str, struct id *out);            /* canonical 36 characters or 32 hex digits; 0 or -1 */
bool id_eq(struct id, struct id);
bool id_none(struct id);
int id_cmp(const void *, const void *);              /* for qsort */
#endif
