#ifndef RECORD_OPENING_H
#define RECORD_OPENING_H
/* The content of one record, opened for oversight and data protection together (DESIGN 6; DOMAIN 3). One of the two asks with a ground, the other one agrees, at the node that
   holds it; for 24 hours both read its open and personal fields, never what is of class X, S or J. A record's rows are opened with it where they are about nobody (the notes of a room);
   a row about a person is a record of its own. Whoever else has the record, and the oversight bodies, are told; each reading is an entry as always. */
#include "record/record.h"

#define OPENING_HOURS 24
struct opening { struct id id, record, by, agreed_by; struct str type, reason, role; int64_t at, until /* 0: nobody has agreed yet */; };
int opening_ask(struct work *, struct id record, struct str reason, struct id *out, struct err *);
int opening_decide(struct work *, struct id, bool yes, struct err *);
int opening_close(struct work *, struct id, struct err *);                     /* before its time, by one of the two roles */
int opening_list(struct work *, struct opening **out, size_t *n, struct err *);      /* newest first, closed ones too */
int opening_find(struct work *, struct id, struct opening *, struct err *);    /* 1, 0, -1 */
/* Does one stand now that covers the record? 1, 0, -1. */
int opening_stands(struct work *, const struct record *);
/* Has this record been opened in this way, ever? For those who share it. */
int64_t openings_of(struct work *, struct id record);
#endif
