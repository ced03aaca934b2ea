#ifndef EXCHANGE_RECALL_H
#define EXCHANGE_RECALL_H
/* What left this office and has to end where it is (DESIGN 7, Recall; DOMAIN S6, S9). A disclosure is recalled, a record of ours is erased, or a copy comes to its end at
   the receiver: each time the receiver destroys its copy and says so in a signed erasure note, which we verify and keep. What is owed for more than RECALL_DAYS is
   counted in public. The note proves what the receiver said, and names the line of its log; more we do not claim.

   Kept here: which records each disclosure carried, what is owed by whom, the notes, how many people read a reply there, and tombstones: keyed marks of "this person,
   this question", so that an allegation that was recalled is noticed when it comes again. No content. */
#include "exchange/exchange.h"

#define RECALL_DAYS 7

/* The note (docs/exchange.md, Erasure notes). cause: "recall", "erase", "ended". */
struct erasure_note { struct str from, to, cause; uint64_t entry; int64_t at_ms; struct id *records; size_t n; };
#define ERASURE_NOTE_RECORDS 200
struct str erasure_note_text(struct arena *, const struct erasure_note *);
int erasure_note_parse(struct arena *, struct str text, struct erasure_note *, struct err *);      /* strict: one writer, one reader */

/* How a disclosure stands: of how many records, erased there, since when owed (0: not), read by how many people there (-1: that office has not said). */
struct disclosure_stand { int64_t records, erased, asked_ms, read; bool overdue; };
int disclosure_stand(struct work *, struct id disclosure, struct disclosure_stand *out, struct err *);
/* The signed notes about it, newest first. */
struct erasure_row { struct str node, note; int64_t asked_ms, erased_ms; };
int disclosure_notes(struct work *, struct id disclosure, struct erasure_row **out, size_t *n, struct err *);
int64_t erasures_overdue(struct work *);                  /* owed for more than RECALL_DAYS; -1 on error */
/* Has an answer about one of these persons to this question been recalled? 1 and when, by whom; 0; -1. */
struct tombstone { int64_t at; struct str by; };
int tombstone_of(struct work *, struct id rfi, struct tombstone *out, struct err *);

/* For the line: a message was queued that carries records, or asks for their end. */
int recall_sent(struct work *, const struct line_note *, struct id disclosure, struct err *);
int recall_asked(struct work *, struct str to, json_t *records, struct err *);
/* The partner asked for the end of these: whether they were here or not, it gets a note. */
bool recall_stands(struct work *, struct str node, struct id record);      /* it was asked to destroy that record, or said that it did */
int erasure_owe(struct work *, struct str to, json_t *records, const char *cause, struct err *);
int erasure_noted(struct work *, struct str from, json_t *notes, struct err *);
int readings_told(struct work *, struct str from, json_t *list, struct err *);
int reading_add(struct work *, const struct record *, struct err *);      /* by the actor, of a copy of somebody else's record */
int erasures_pack(struct work *, struct err *);           /* notes that are due: one for each partner and cause */
int recall_erased(struct work *, struct id record, struct err *);      /* about to be blanked here */
int tombstone_set(struct work *, const struct record *reply, struct str by, struct err *);
/* Hook of the declaration: every holder is asked to destroy what the disclosure carried. */
int recall_disclosure(struct work *, const struct record *, struct err *);
/* Hook of a declaration: the record is annulled or withdrawn, and every copy of it that left this office ends, with a signed note. */
int recall_disclosures(struct work *, const struct record *, struct err *);
int recall_carried(struct work *, struct id record, size_t *n, struct err *);      /* the same for what is known by this id at its receivers; n: how often it had left */
#endif
