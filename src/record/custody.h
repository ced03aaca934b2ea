#ifndef RECORD_CUSTODY_H
#define RECORD_CUSTODY_H
/* Who holds the data of an office that changes hands (DESIGN 7, Custody; ADR 118). It moves purpose by purpose and never by handing over a key. It begins with one act: from then
   on every purpose is sealed, for every role. Each one that passes does so by an order (the number of a document) and two persons of this office, one of them of data protection;
   what does not pass stays sealed, and its clocks go on: the program erases what is due, nobody reads it. Each step is an entry (act custody), and the partners are told, oversight
   bodies among them.

   A purpose without a row was never touched. */
#include "record/record.h"

struct custody { struct str purpose, holder, before, order_no; int64_t since; bool sealed; };
int custody_list(struct work *, struct custody **out, size_t *n, struct err *);
int custody_sealed(struct work *, struct str purpose);                    /* 1, 0, -1: counts as sealed */
/* What waits for the second person. purpose empty: the office changes hands, all of it. */
struct custody_wait { struct id id, by; struct str purpose, holder, order_no, role; int64_t at; };
int custody_waiting(struct work *, struct custody_wait **out, size_t *n, struct err *);
/* By the actor, ADMIN or DPO. ERR_VALUE, ERR_CONFLICT, ERR_FORBIDDEN with a sentence. */
int custody_ask(struct work *, struct str purpose, struct str holder, struct str order_no, struct err *);
/* By another person; one of the two is of data protection. yes false: it is void. */
int custody_decide(struct work *, struct id, bool yes, struct err *);
/* The keys are about to be destroyed (`jisr seal --now`): every purpose is sealed at once, without a second person, so that partners and oversight hear of it. */
int custody_seal(struct work *, struct err *);
#endif
