#ifndef BASE_DATE_H
#define BASE_DATE_H
/* Instants (RFC 3339 UTC) and calendar dates with precision. Gregorian proleptic.
   A date is what a person or a paper says: a day, a month, a year, a range, or an estimate. Text forms:
   "2019" (y), "2019-05" (ym), "2019-05-01" (ymd), "2015..2017" (range), "~2016" (estimated, a year +-2).
   `conventional` marks 1 January and 1 July of a ymd date: many were registered so, and they mean the year only. */
#include "base/arena.h"

enum precision { DATE_NONE, DATE_Y, DATE_YM, DATE_YMD, DATE_RANGE, DATE_ESTIMATED };
struct date { enum precision precision; int16_t y, y_to; int8_t m, d; };

int date_parse(struct str, struct date *out);        /* accepts Arabic-Indic digits, also d/m/y; 0 or -1 */
struct str date_text(struct arena *, struct date);   /* canonical form above */
bool date_conventional(struct date);
/* First and last day that the date can mean, as days since 1970-01-01. */
void date_span(struct date, int32_t *first_day, int32_t *last_day);
int32_t day_of(int y, int m, int d);
void day_split(int32_t day, int *y, int *m, int *d);
int32_t day_of_ms(int64_t ms);                       /* UTC */

enum child { CHILD_NO, CHILD_YES, CHILD_PRESUMED };
/* DOMAIN 4: unknown, or a span that touches 18, is presumed child; year only: child until 31 December of the year in which
   she turns 18. */
enum child date_child(struct date birth, int32_t today);
/* Age in whole years where it is certain, else -1. */
int date_age(struct date birth, int32_t today);

struct str time_text(struct arena *, int64_t ms);    /* 2026-11-24T09:15:00.123Z, always with milliseconds */
int time_parse(struct str, int64_t *ms);             /* RFC 3339, any offset; 0 or -1 */
#endif
