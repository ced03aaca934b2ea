#ifndef EXCHANGE_HANDED_H
#define EXCHANGE_HANDED_H
/* What partners are told when an office changes hands, and what they have told (handed.c). */
#include "exchange/exchange.h"
#include "record/custody.h"

int custody_tell(struct work *, const struct custody *, struct err *);                  /* hook of record */
int custody_arrived(struct work *, struct str from, json_t *, struct err *);            /* member "custody" of a message of kind agreement */
struct custody_there { struct str partner, purpose, holder, order_no; int64_t since; bool sealed; };
int custody_theirs(struct work *, struct custody_there **out, size_t *n, struct err *);
#endif
