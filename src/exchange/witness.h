#ifndef EXCHANGE_WITNESS_H
#define EXCHANGE_WITNESS_H
/* Heads of this node's log go to its witnesses (partners of kind oversight) every 10 s if the tree grew, and this node signs the heads of its partners (DESIGN 5;
   c2sp.org/tlog-witness). A disclosure never waits for a witness. What a witness last signed is kept for each, so that the next request proves growth from there.

   409 (the witness last saw another size): its size is taken and asked from next. A size that we have not reached, or 422 (it saw another tree): a fork, or a log that
   was set back. That is entered once, shown red, and asked again every hour only: it needs people. */
#include "exchange/exchange.h"

extern const struct migrations WITNESS_MIGRATIONS;
extern const struct route WITNESS_ROUTES[];              /* POST /witness/add-checkpoint, for partners */
#define WITNESS_EVERY_MS 10000
int witness_timer(struct work *, struct err *);

/* For the page of the log. trouble: empty, "fork", "ahead", "refused", "silent". late: more than an hour behind, or a fork. */
struct witness_state { struct str partner, trouble; int64_t size, at_ms; /* 0: never */ bool late; };
int witness_states(struct work *, struct witness_state **out, size_t *n, struct err *);
#endif
