#ifndef EXCHANGE_NOTICE_I_H
#define EXCHANGE_NOTICE_I_H
/* notice.c: the rules; notice_desk.c: what is kept beside the records; notice_line.c: what comes and goes over the line. */
#include "exchange/exchange_i.h"
#include "exchange/notice.h"
#include "record/effects.h"

const struct type *notice_type(const struct work *);
int notice_open_add(struct work *, const struct record *, struct err *);
int notice_open_end(struct work *, struct id notice, struct err *);
int notice_seen_add(struct work *, struct id notice, struct err *);      /* by the actor's desk */
int notice_told_add(struct work *, struct str teller, struct str what, struct str other, int64_t at_ms, bool sent, struct err *);
int notice_told_keep(struct work *, const struct arrived *, json_t *told, struct err *);
/* For the line: a message of kind notice was queued. */
int notice_queued(struct work *, struct str to, struct id message, json_t *records, struct err *);
#endif
