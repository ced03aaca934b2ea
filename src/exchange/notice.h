#ifndef EXCHANGE_NOTICE_H
#define EXCHANGE_NOTICE_H
/* The rapid channel (DOMAIN 5, RapidNotice): a short structured notice from the road, at the partners' desks in seconds, acknowledged, and both sides see it.

   A notice is a record (types/rapid_notice.yaml) of the office that sends it. It waits NOTICE_OUTBOX_MS, during which its desk withdraws it; then the clock sends it to
   every partner whom an agreement in force names for it. Kinds of vital interest go to the offices of the journey also where no agreement covers them; every such sending
   and arrival is told to the oversight bodies, without its content. Who reads it says so by a notice_ack of her own office, which goes back to the sender.

   Kept beside the records: which notices are open at this office, whose desk has seen them, and how far each went on its line. No content, no person. */
#include "exchange/went.h"

#define NOTICE_OUTBOX_MS 10000
#define NOTICE_SEEN_MS (15 * 60 * 1000LL)          /* unseen after this: the desk's alarm (DOMAIN 5, Clocks) */

bool notice_about_person(struct str what);         /* of the second family: about one person */
bool notice_is_vital(struct work *, struct str what);             /* one of the fixed kinds that pass without an agreement */
/* Partners that would receive it now. `vital` ones only as vital interest, where no agreement covers it. left_out: partners that work on no such thing, or whom no
   agreement names; oversight is told of what passes and is not counted. */
struct notice_to { struct str node, kind; bool vital; };
int notice_recipients(struct work *, struct notice_to **out, size_t *n, size_t *left_out, struct err *);
/* Into the outbox. fields: what, convoy, place, at, text. The faults are in the draft. */
int notice_write(struct work *, struct draft *, struct id *out, struct err *);
int notice_acknowledge(struct work *, struct id notice, struct err *);
/* The request that a notice about a person names: "2026-3", and where two have that number "2026-3 camp.sy" with the office that gave it. *why: the sentence where there is
   none, or not one that carries a notice. And for the actor's own eyes: 1, 0: none that she may read, -1. */
int notice_request_find(struct work *, struct str said, struct record *out, const char **why, struct err *);
int notice_request_seen(struct work *, struct str said, struct id *out, struct err *);
/* Only for papers and doubtful documents: a stripped JPEG for at most two desks ("ROLE@node") of offices that have the notice. */
#define NOTICE_DESKS_MAX 2
bool notice_takes_photo(struct str what);
int notice_photo_add(struct work *, struct id notice, struct bytes jpeg, const struct str *desks, size_t n, struct err *);
/* How many open notices the actor's desk has not seen; how long the oldest of them has waited, 0: none. */
struct notice_numbers { int64_t unseen, oldest_ms; };
int notice_numbers(struct work *, struct notice_numbers *, struct err *);
/* The open ones of this office, newest first. arrived_ms: here; mine: the actor's desk sent it or has seen it. */
struct notice_row { struct id record; int64_t arrived_ms; struct str unit; bool seen; };
int notice_open_rows(struct work *, struct notice_row **out, size_t *n, struct err *);
/* How far it went to each partner. at_ms: of the proof that its node has it, else of the sending; why: went.h. */
struct notice_tick { struct str node; int64_t at_ms; enum went how; struct str why; };
int notice_ticks(struct work *, struct id notice, struct notice_tick **out, size_t *n, struct err *);
/* The oversight bodies that this node knows, and its own data-protection officer, are told that something passed as vital interest between us and `other`, or that a person
   was taken over by an authority: never whom. */
#define NOTICE_TAKEN_OVER "taken_over"
int notice_tell(struct work *, struct str what, struct str other, bool sent, struct err *);
/* At an oversight body what the offices told it, as both sides did; at an office what it told. Newest first. */
struct notice_told { struct str teller, what, other; int64_t at_ms, told_ms; bool sent; };
int notice_told_rows(struct work *, struct notice_told **out, size_t *n, struct err *);

int notices_timer(struct work *, struct err *);     /* what nobody saw in time rings again */
int notice_arrived(struct work *, const struct record *, struct str before, struct err *);      /* a copy came or changed */
int notice_erased(struct work *, struct id record, struct err *);
int kind_notice(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
/* Hooks of the declaration. */
int own_office(struct work *, const struct record *, struct err *);
int about_a_person(struct work *, const struct record *, struct err *);
int ground_not_owed(struct work *, const struct record *, struct err *);
int review_wanted(struct work *, const struct record *, struct err *);
int note_reviewed(struct work *, const struct record *, struct err *);
int send_notice(struct work *, const struct record *, struct err *);
int link_request(struct work *, const struct record *, struct err *);
int request_known(struct work *, const struct record *, struct err *);
int close_notice(struct work *, const struct record *, struct err *);
int recall_notice(struct work *, const struct record *, struct err *);
#endif
