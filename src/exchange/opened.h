#ifndef EXCHANGE_OPENED_H
#define EXCHANGE_OPENED_H
/* Others are told that the content of a record was opened for oversight and data protection (record/opening.h): the oversight bodies, and every office that has the record or, of a
   room, is in it. No content goes along. */
#include "exchange/exchange.h"
#include "record/opening.h"

int opened_tell(struct work *, const struct opening *, struct err *);                    /* hook of record */
int opened_arrived(struct work *, struct str from, json_t *, struct err *);              /* member "opened" of a message of kind agreement */
struct opened_there { struct str partner, type, reason; struct id record; int64_t at, until; };
int opened_theirs(struct work *, struct opened_there **out, size_t *n, struct err *);
int64_t opened_elsewhere(struct work *, struct id record);                               /* how often, as partners have told */
#endif
