#ifndef RECORD_BACK_H
#define RECORD_BACK_H
/* What a node that was restored from a backup gets back of what was its own (ADR 120): records that it made, changed or handed over after the copy was made, where a partner
   holds them. Three steps, so that nothing about people travels unasked and nothing comes in unseen:
   1 a partner that accepts the restored node tells which of its records it holds: number of the version and digest, no content;
   2 at the restored node two persons decide to take back what it has not changed since (where it has, its own version stands, and gets a number above the partner's);
   3 it asks for those, the partner sends what it holds, and the program applies it: the same number, the same digest, so both go on from there.
   A field that no agreement let out is as the backup has it. What this node erased stays erased, and the partner is told to erase it. */
#include "record/record.h"

int back_restored(struct work *, struct err *);                                    /* this database was put back now */
int back_window(struct work *, struct str node, struct err *);                    /* that partner took a message of the new epoch: its offers are taken for 30 days */
int back_offer(struct work *, struct str node, struct err *);                     /* 1, at the partner: kind update, "held" */
int back_offered(struct work *, struct str from, json_t *list, struct err *);
/* Newer there, not changed here since; changed here since, so that ours stands; the same on both sides, so it only becomes a holder again; handed over to it since. */
enum back_way { BACK_NEWER = 1, BACK_STANDS, BACK_SAME, BACK_THEIRS };
struct back_count { struct str type; int64_t follows /* enum back_way */, n; };
struct back_waits { size_t n; struct back_count at[128]; };
int back_waits(struct work *, struct str node, struct back_waits *, struct err *);
int back_take(struct work *, struct str node, struct err *);                      /* 2: kind update, "return" */
int back_asked(struct work *, struct str from, json_t *list, struct err *);       /* 3, at the partner: kind share, "returned" */
int back_taken(struct work *, struct str from, json_t *body, bool *held, struct err *);
#endif
