#ifndef CMD_LINE_H
#define CMD_LINE_H
/* The partner listener (port + 100): who comes in is decided by the pinned certificate alone. Routes with PERMIT_PARTNER answer here and nowhere else, and only to a
   partner; the files of the log answer here too. A stranger gets 403 and is counted: strangers are entered once a minute, one entry for each reason. */
#include "cmd/cmd.h"

/* Fills w->partner from the certificate; else w->refusal.reason says why not. -1 only for a fault. */
int line_partner(struct work *, const struct request *, struct err *);
int line_dispatch(struct work *, struct request *, const struct route *, struct response *, struct err *);
void line_error(struct work *, struct response *, const struct err *);
/* Bytes of body that are read: a stranger gets no room for a large one. */
size_t line_limit_of(struct house *, const struct request *);

void strangers_count(struct strangers *, struct str reason);
void strangers_hurry(struct strangers *);                     /* due at once: the node stops */
int64_t strangers_due_ms(const struct strangers *);           /* monotonic; -1: nobody was counted */
int strangers_enter(const struct strangers *, struct work *, struct err *);
#endif
