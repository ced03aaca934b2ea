#ifndef EXCHANGE_ROOM_H
#define EXCHANGE_ROOM_H
/* Joint rooms (DOMAIN 5): members are roles of several offices, for one purpose, until a date at most ROOM_DAYS ahead that two offices renew. A note is written at the
   author's office and goes to every office of the room; it is corrected by a new note. Nobody is named: a person by the number of a request, a mark is a place and a kind.

   A room ends by itself: its owner computes a digest over the notes, and every office gives the room and its own notes to the oversight bodies with which it has an
   agreement, where they are replayed in order and compared with the digest. */
#include "exchange/exchange.h"

#define ROOM_DAYS 14

struct room_who { struct str role, node, kind; };
/* Roles that may be members: of this office and of the partners whom an agreement names for rooms. */
int room_candidates(struct work *, struct room_who **out, size_t *n, struct err *);
/* The proposer's desk and the liaison supervisor of each office are members without being named; then the other office is asked to open it. */
int room_propose(struct work *, struct draft *, const struct room_who *members, size_t n, struct id *out, struct err *);
/* Only while the room is open. `fields` of operation_note and incident without role and time. */
int room_note(struct work *, struct id room, struct draft *, struct id *out, struct err *);
int room_incident(struct work *, struct id room, struct draft *, struct id *out, struct err *);
/* Offices of the room, other than its owner, that what this office writes does not reach: no agreement in force names it. */
int room_missed(struct work *, const struct record *, struct str *nodes, size_t max, size_t *n, struct err *);
/* Is what is here what was sealed? here: notes; matches: their digest is the room's. */
struct room_seal { size_t here; int64_t sealed; bool matches; };
int room_compare(struct work *, struct id room, const struct grant *, struct room_seal *out, struct err *);

int room_arrived(struct work *, const struct record *, struct str before, struct err *);
int kind_room(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
/* Hooks of the declaration. */
int room_dates(struct work *, const struct record *, struct err *);
int room_of_two_offices(struct work *, const struct record *, struct err *);
int renew_room(struct work *, const struct record *, struct err *);
int seal_room(struct work *, const struct record *, struct err *);
#endif
