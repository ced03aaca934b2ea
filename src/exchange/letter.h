#ifndef EXCHANGE_LETTER_H
#define EXCHANGE_LETTER_H
/* Letters to bodies without a node: the office's own paper, numbered, printed, signed with ink. A copy that leaves is a disclosure like every other: to whom, on what ground, which
   fields, of how many people; counted copies, and no copy without its line (DOMAIN 5, Letter). */
#include "record/record.h"

/* back_ms, lost_ms: when that was told of this copy, 0: not. One that was lost may still come back. */
struct letter_copy { int64_t no, at_ms, back_ms, lost_ms; struct id disclosure; struct str recipient, basis; };
int letter_copies(struct work *, struct id letter, struct letter_copy **out, size_t *n, struct err *);
/* For a signed letter. recipient: office and post; basis: code legal_basis. *no: the number of the copy. ERR_VALUE with a sentence: the recipient or the ground is missing, nine copies
   are out; ERR_CONFLICT: it is not signed. Kind roll: the people of its vehicle are counted, and the vehicle must be sealed. */
int letter_hand_out(struct work *, struct id letter, struct str recipient, struct str basis, int64_t *no, struct err *);
int letter_copy_tell(struct work *, struct id letter, int64_t no, bool back, struct err *);      /* came back, or is lost; ERR_CONFLICT: told already */
/* A further page of a letter that came in, a stripped JPEG: LETTER_PAGES_MAX beside the first. n: how many there are. */
#define LETTER_PAGES_MAX 8
bool letter_page_may(const struct work *, const struct record *letter_in, size_t n);
int letter_page_add(struct work *, const struct record *letter_in, struct bytes jpeg, struct err *);
/* Conditions: every copy came back; every copy is back or lost, and one is lost. */
int copies_back(struct work *, const struct record *, struct err *);
int copies_lost(struct work *, const struct record *, struct err *);
/* May the names on the roll of a vehicle leave on paper? Printing it asks this already: a sheet is easily carried out. ERR_SAFEGUARD names who gave them. */
int letter_roll_may(struct work *, struct id leg, struct err *);
/* The letter that goes with the roll of a vehicle; made and signed where there is none. */
int letter_of_roll(struct work *, struct id leg, struct id *letter, struct err *);
#endif
