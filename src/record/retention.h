#ifndef RECORD_RETENTION_H
#define RECORD_RETENTION_H
/* Retention (DESIGN invariant 5, DOMAIN Clocks): `retention: {after, keep, at_latest, then}` of a declaration, worked by a clock. A record is due at the earlier of
   two moments: `keep` after it reached a state of `after` in which it still is, and `at_latest`, whatever happened. Where the anchor of `at_latest` is not known
   (a date that was never filled in), it counts from the making of the record: nothing is kept because somebody forgot.

   then: shred        where all records about the subject are due: the subject's key goes, and all of them; else this record goes and the subject gets a new data
                      key, under which what stays is sealed anew, so that no remnant of the record opens (ADR 72)
         shred_rows   the same for the record's rows; its totals stay
         strip_names  its sealed fields go, what is open stays
   keep: with_record  due when the record that it is about is. A row without a retention of its own goes with its parent.
   A copy of what a partner owns ends earlier where the agreement under which it came says so, counted from the day when its content came last, and at a node of kind border
   or travel when it is not needed on the way any more (`copies_end`): what is about people goes whole, of the rest the sealed fields; its owner gets a signed note.
   Each erasure is an entry that names the rule ("closed+P5Y"), and stands in the list of erasures (rotate.h). */
#include "record/record.h"

#define RETENTION_NEVER INT64_MAX
/* When it is due, and by which rule (a text of the arena; empty: never). */
int retention_due(struct work *, const struct record *, int64_t *due_ms, struct str *rule, struct err *);
/* One slice of a pass over all records. *more: the pass is not over. */
int retention_step(struct work *, bool *more, struct err *);
int64_t retention_last_ms(struct work *);                /* when the last pass began; 0: none; -1 on error. Reads only */
/* The timer: a pass every six hours. */
int retention_timer(struct work *, struct err *);

/* ISO 8601 length added to a time: years and months by the calendar (31 January + P1M is the last of February). false: no length. */
bool length_add(struct str length, int64_t from_ms, int64_t *to_ms);
/* A moment of VOCABULARY.md about a record: 1 and the time; 0: not known (never reached, not filled in, gone); -1. */
int moment_of(struct work *, const struct record *, struct str moment, int64_t *ms, struct err *);
#endif
