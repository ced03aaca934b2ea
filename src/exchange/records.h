#ifndef EXCHANGE_RECORDS_H
#define EXCHANGE_RECORDS_H
/* Kinds of message about records (rows of src/cmd/joins.c), and the line that record sends through. */
#include "exchange/exchange.h"

extern const struct line EXCHANGE_LINE;
int kind_share(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int kind_handover(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int kind_propose(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int kind_decide(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int kind_erase(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
#endif
