#ifndef EXCHANGE_RECORDS_H
#define EXCHANGE_RECORDS_H
/* Kinds of message about records (rows of src/cmd/joins.c), and the line that record sends through. */
#include "exchange/exchange.h"

/* The line that record sends through (struct line). */
int exchange_line_send(struct work *, const struct line_note *, struct err *);
bool exchange_line_full(struct work *, struct str node);
int exchange_line_kind_of(struct work *, struct str node, struct str *kind, struct err *);
int exchange_line_pair_mac(struct work *, struct str node, struct bytes message, uint8_t mac[32], struct err *);
/* promise.c: how long that partner lets us keep what it sends. */
int exchange_line_terms(struct work *, struct str node, struct str purpose, struct str type, struct received_terms *, struct err *);
int exchange_line_onward(struct work *, struct str node, struct str purpose, struct bytes agreement, struct onward_rule rules[2], struct err *);
int exchange_line_of_kind(struct work *, struct str kind, struct str *name, struct err *);
/* For handlers: the body as JSON, purpose and basis of the work item as the envelope says; and what a result means for the sender. */
json_t *arrived_body(struct work *, const struct arrived *, struct err *);
int verdict_of(struct work *, int rc, bool held, enum verdict *, const char **why, struct err *);
/* Does the record on the wire belong into a message of that kind (the word `wire` of its type)? */
bool record_travels_as(struct work *, json_t *record, const char *kind);
int kind_share(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int kind_handover(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int kind_propose(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int kind_decide(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int kind_erase(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int kind_recall(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
int held_retry(struct work *, struct err *);      /* what waits, from whomever, may have become whole */
#endif
