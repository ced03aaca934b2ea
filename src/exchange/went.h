#ifndef EXCHANGE_WENT_H
#define EXCHANGE_WENT_H
/* How far a record went to a partner, as its sender may show it: by the messages that carried it and what the partner's program answered. A person's answer is another
   record. */
#include "exchange/exchange.h"

enum went { WENT_ON_THE_WAY, WENT_HELD, WENT_RECEIVED, WENT_REFUSED, WENT_TOO_LATE, WENT_RESTORED };
/* why: the word of the receipt for what is held or refused (docs/exchange.md), empty: none was kept. before: an earlier version of it is there, with proof. */
struct went_to { enum went how; struct str why; int64_t at_ms; bool before; struct id disclosure; };
/* Of the newest message that carried it. 1; 0: none did; -1. */
int went_to(struct work *, struct id record, struct str node, struct went_to *out, struct err *);
/* Of a row of the outbox: what its state (0 and 1: waiting, 2: applied, 3: over) and verdict mean. */
enum went went_of(int64_t state, struct str verdict);
/* Nothing of it reached the partner and nothing will. */
bool went_nowhere(const struct went_to *);
#endif
