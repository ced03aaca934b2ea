#ifndef EXCHANGE_FORWARD_H
#define EXCHANGE_FORWARD_H
/* A request that reached the wrong office, passed on to the body that decides it (DOMAIN 5, CompetenceEntry; S16; ADR 110).

   Passing on is banned unless the office that asked allowed it for this request (field `onward`), and only to the body that the register names. Two persons of this office
   agree. What leaves is a request of this office, under its own agreement with that body, that says on whose behalf it asks; the office that asked gets a reply "forwarded", and
   a later version of it when that body's node has proven that it has the request. The answer comes back here, and goes on as a disclosure of this office, where its giver allowed
   that (field `pass_on`). What is recalled or erased takes with it what was made of it here. */
#include "exchange/competence.h"

/* The body that the register names for it, and why this office may not pass it on to there; NULL: it may. 1; 0: the register names no other office; -1. */
int forward_why(struct work *, const struct record *rfi, struct competence *to, const char **why, struct err *);
/* Our request that passes it on, the newest: 1, 0, -1. And what came back to that one and has not gone on: 1, 0, -1. */
int forward_of(struct work *, struct id rfi, struct record *out, struct err *);
int forward_answer(struct work *, const struct record *forward, struct record *out, struct err *);
/* The request that ours passes on: 1, 0: it is a request of our own, -1. */
int forward_origin(struct work *, struct id ours, struct id *rfi, struct err *);
int forward_again(struct work *, struct id ours, struct id anew, struct err *);      /* `anew` takes the place of `ours`, where that passes one on */
/* Was `ours` made of what came, by the leave of its giver? */
bool forward_made(struct work *, struct id came, struct id ours);
/* Puts the content of what came back into the open reply; a person then sends it by the move for it: *move. */
int forward_pass(struct work *, const struct record *open, const struct record *came, const char **move, struct err *);
/* For the rules of a reply: may what was put into it go on? ERR_SAFEGUARD with a sentence. */
int forward_pass_lawful(struct work *, const struct record *reply, struct err *);

int forward_received(struct work *, struct id message, struct err *);      /* the partner's node has proven that it has it */
int forward_closed(struct work *, struct id rfi, struct err *);            /* who asked has closed it */
int forward_recalled(struct work *, struct id record, struct err *);       /* about to be destroyed because its owner recalls it */
int forward_erased(struct work *, struct id record, struct err *);
/* Hooks of the declarations. */
int may_forward(struct work *, const struct record *, struct err *);
int forward_rfi(struct work *, const struct record *, struct err *);
#endif
