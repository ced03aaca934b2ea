#ifndef EXCHANGE_CHANNEL_H
#define EXCHANGE_CHANNEL_H
/* The official channel (DOMAIN 5, RFI): an office asks one other office, in writing, with purpose, basis, the fields it wants and a day; two persons send it, it is
   numbered, lies in the other's desk queue, and is answered or refused with a ground.

   A request is a record (types/rfi.yaml) of the office that asks, with a row for each person. It goes out as kind `request`, and the office that is asked works on a
   rfi_reply of its own, of which nothing leaves until it is answered: then it goes back as kind `reply`, ends at its date and is destroyed at both (recall.h).

   Lawful or not at all: what rests on kinship, or would make a child a suspect, is refused with a sentence where it is written, where it is sent, and where it arrives. */
#include "exchange/exchange.h"

#define CHANNEL_DESK STR("liaison")
#define CHANNEL_PERSONS_MAX 20
#define CHANNEL_PAGES_MAX 8
#define CHANNEL_DUTY_MAX 4

/* Offices that may be asked now; left_out: partners whom no agreement names for requests. */
int channel_recipients(struct work *, struct partner **out, size_t *n, size_t *left_out, struct err *);
/* Is the first record of the grant here for information only? */
bool channel_is_copy(const struct work *, const struct grant *rfi);
/* Why a request may not be asked; NULL: it may. child: code of under_18_or_presumed, empty: no person. */
const char *channel_unlawful(struct str question, struct str ground, struct str asked_as, struct str child);
/* The reply on which this office works, or that came back, newest last. */
int channel_replies(struct work *, struct id rfi, struct id **ids, size_t *n, struct err *);
int channel_desk_open(struct work *, const struct record *rfi, struct err *);      /* a reply for this desk to work on */
/* A person of the asking office has read the reply: the answering office counts it. */
int channel_seen(struct work *, const struct record *reply, struct err *);

/* The same request once more, with its persons and documents: the fields of the draft go before its own, those named in `left` stay behind. */
int channel_copy(struct work *, const struct record *rfi, struct draft *, const char *const *left, size_t nleft, struct id *out, struct err *);

int channel_arrived(struct work *, const struct record *, struct str before, struct err *);
/* The word of the envelope: handling of the request or reply and whether it may be evidence; empty: none. */
struct str channel_handling(struct work *, const struct record *root);
int channel_request(struct work *, const struct arrived *, json_t *body, bool *held, struct err *);
int channel_reply(struct work *, const struct arrived *, json_t *body, bool *held, struct err *);
/* Hooks of the declarations. */
int rfi_lawful(struct work *, const struct record *, struct err *);
int life_in_danger(struct work *, const struct record *, struct err *);
int reply_complete(struct work *, const struct record *, struct err *);
int nothing_known(struct work *, const struct record *, struct err *);
int not_own_act(struct work *, const struct record *, struct err *);
int send_rfi(struct work *, const struct record *, struct err *);
int send_reply(struct work *, const struct record *, struct err *);
int open_review(struct work *, const struct record *, struct err *);
int review_open(struct work *, const char *field /* rfi, note */, struct id act, struct err *);      /* of what the actor did alone */
int open_rest(struct work *, const struct record *, struct err *);
/* Do texts of our record `ours` hold words of a partner that may not go on to one of the partners `to` (an empty one: on paper)? What was passed on by its giver's leave
   (forward.h) may. Once for an act: all that came is opened for it. ERR_SAFEGUARD names whose words they are (verbatim.c). */
int texts_onward(struct work *, const struct str *texts, size_t ntexts, const struct str *to, size_t nto, struct id ours, struct err *);
bool texts_share_words(struct arena *, struct str a, struct str b);      /* eight in one order */
#endif
