#ifndef EXCHANGE_INBOX_I_H
#define EXCHANGE_INBOX_I_H
/* What arrives, between the files that take it: inbox.c takes an envelope, held.c keeps those that come too early. */
#include "exchange/exchange_i.h"

struct seen { struct id id; int64_t epoch, seq; struct bytes digest, prev; struct str verdict, why; int64_t entry; };

/* What the close phase needs to answer. entered false: no entry speaks of it, so there is nothing to prove. */
struct answer { struct id id; struct hash digest; struct str verdict, why; uint64_t entry; bool entered; };
struct answers { struct str partner; uint64_t seen_size; size_t n; struct answer at[ENVELOPES_MAX]; };

/* One envelope on its way through. */
struct coming { const struct partner *p; struct line_row line; struct envelope e; struct str text, body; struct hash digest; bool known; struct seen before; };

int inbox_seen(struct work *, struct str from, struct id, struct seen *, struct err *);      /* DB_ROW, 0, -1 */
int inbox_take(struct work *, struct coming *, struct answer *, struct err *);
int held_keep(struct work *, const struct coming *, struct err *);      /* where there is room: the sender repeats it */
int held_end(struct work *, const struct coming *, struct err *);
#endif
