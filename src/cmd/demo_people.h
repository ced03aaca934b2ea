#ifndef CMD_DEMO_PEOPLE_H
#define CMD_DEMO_PEOPLE_H
/* Invented families for the demo, the same each time: the totals of the article's batches (DOMAIN 1.6), the shares of origin of batch 20 as shares of persons. */
#include "base/base.h"

struct demo_person { struct str name, mother; bool woman, adult; int year, month, day; };
struct demo_family { struct demo_person at[12]; size_t n; const char *origin; struct str shelter; };
struct demo_batch { int number, days_ago; size_t families, persons; };
extern const struct demo_batch DEMO_BATCHES[];
extern const size_t DEMO_BATCHES_N;
/* The families of batch i; i = DEMO_BATCHES_N: the invented batch of 6 that is left at draft. */
size_t demo_families(struct arena *, size_t i, int this_year, struct demo_family **out);
#endif
