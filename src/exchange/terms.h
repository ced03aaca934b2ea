#ifndef EXCHANGE_TERMS_H
#define EXCHANGE_TERMS_H
/* What the text of an agreement says, before anybody signs it: drafts that two offices send each other, what a change adds and takes away, and who would be able to read what.

   A draft is no agreement: nothing is sent under it. It goes to the partner as it is; either side answers with another one that `replaces` it, until both sign the same
   text. Somebody of data protection or legal aid looks at it before this office signs. */
#include "exchange/exchange.h"

/* The value of the first line "key value" of a text; empty: none. */
struct str terms_line(struct str text, const char *key);
/* Is the text of that partner's kind allowed at all? To a node of kind support go counts and logistics; what is about people only where the line `kind` says treaty.
   ERR_SAFEGUARD with a sentence. */
int terms_for_support(struct work *, struct str text, struct str partner, struct err *);

/* "onward": never, asked, or named with a line "onward-to" of names. */
int terms_onward_check(struct str text, struct err *);
/* What it says about keeping what came from the other side: days, at most `retention-days`, and fewer where a line "retention-type TYPE DAYS" names the type. */
#define RETENTION_DAYS_MOST 36500
int terms_types_check(struct str text, struct err *);                                             /* each such line says a type and days */
int64_t terms_days(struct str text, struct str type);

/* ---- drafts ---- */
struct agreement_draft { struct hash digest, replaced; struct str partner, title, text; bool theirs, sent, replaces, answered /* another one replaces it */; struct str reviewed; /* role, empty: nobody */ int64_t at_ms; };
int draft_list(struct work *, struct agreement_draft **out, size_t *n, struct err *);
int draft_find(struct work *, const struct hash *, struct agreement_draft *out, struct err *);        /* 1, 0, -1 */
/* Keeps a text of ours. replaces: the draft that it answers, NULL: none. ERR_VALUE, ERR_SAFEGUARD with a sentence. */
int draft_keep(struct work *, struct str text, const struct hash *replaces, struct hash *digest, struct err *);
int draft_send(struct work *, const struct hash *, struct err *);
int draft_review(struct work *, const struct hash *, struct err *);                                   /* by the actor; ERR_SAFEGUARD: who wrote it does not review it */
int draft_sign(struct work *, const struct hash *, struct err *);                                     /* ERR_SAFEGUARD: nobody has reviewed it */
int draft_drop(struct work *, const struct hash *, struct err *);
int draft_arrived(struct work *, struct str from, json_t *body, struct err *);                        /* member "draft" of a message of kind agreement */
int draft_end(struct work *, const struct hash *, struct err *);                                      /* signed, here or there */

/* ---- what would follow ---- */
/* One type that would travel in one direction: which fields, who at the receiving office would read them, and how many records this office holds of it now. */
struct terms_flow { const struct type *type; bool out; struct str fields, roles; /* titles, with ", " between them, translated */ unsigned classes; int64_t records; };
int terms_flows(struct work *, struct str text, struct terms_flow **out, size_t *n, struct err *);
/* Words and lines of one text that another has not: "+" what `after` adds, "-" what it takes away. */
struct terms_change { bool added; struct str key, value; };
size_t terms_changes(struct arena *, struct str before, struct str after, struct terms_change **out);
#endif
