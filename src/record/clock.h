#ifndef RECORD_CLOCK_H
#define RECORD_CLOCK_H
/* Declared clocks (VOCABULARY.md: clock, after, due; DOMAIN Clocks). Each record of a type with clocks, at its owner, stands in a list with the time when it is to be
   looked at next; every version sets that to now, so that nothing has to know what a version changed. The timer looks at what is due, in small slices, also at all that
   came due while the node was down:

   clock, after   the program makes the move when the moment comes. Its conditions hold all the same: refused by one, it is tried again an hour later. The version tells
                  the moment as the time of the event, the entry the time when it was made.
   due            a move that is wanted in time: from reaching the states in which it can be made (a length), or by a moment. At 3/4 of the way the desk is reminded, when it
                  is over the record is late at the desk, and a quarter later (a day at most) oversight is told, by an entry. Nothing else happens.

   A length of whole days is reminded on a whole day. A moment that rests on another record (batch.planned) is asked again every hour.
   A proposal that nobody answered ends here too: void, and the page of the record tells who asked. */
#include "record/record.h"

enum lateness { LATE_NOT, LATE_REMINDED, LATE_DESK, LATE_OVERSIGHT };
/* When the desk is reminded and when oversight is told of what is wanted by `due`. */
void due_stages(int64_t since_ms, int64_t due_ms, int64_t *remind_ms, int64_t *oversight_ms);
/* By when a move is wanted of this record: 1; 0: not now, or not known; -1. */
int due_of(struct work *, const struct record *, const struct tmove *, int64_t *since_ms, int64_t *due_ms, struct err *);

/* What the actor's desk is reminded of, or is late with, oldest due time first: records in her scopes, moves of her role; a move that only the program makes stands
   with those who move its records. */
struct late { struct id record; const struct type *type; const struct tmove *move; int64_t due_ms; enum lateness stage; };
int late_list(struct work *, struct late *out, size_t max, size_t *n, struct err *);
int64_t late_count(struct work *);               /* late at this office, whoever sees it; -1 on error */

int clock_timer(struct work *, struct err *);
#endif
