#ifndef CMD_FULL_H
#define CMD_FULL_H
/* A full disk (DESIGN 5). The node keeps a reserve file in its folder. When a tick cannot be committed, the node is full: writes are refused with a message, timers
   rest, and the reserve is given up piece by piece for the entries of pages that are only looked at. When nothing of it is left those are refused too.
   What is refused was rolled back before: nothing is half written. The node is no longer full once the reserve can be made anew. */
#include "cmd/cmd.h"

#define RESERVE_BYTES ((int64_t)16 << 20)
#define RESERVE_PIECE ((int64_t)1 << 20)

int64_t reserve_left(const struct settings *);            /* bytes in the file */
void reserve_make(const struct settings *);               /* as much as there is room for */
/* The disk is full: gives a piece up. false: nothing is left. */
bool full_begin(struct house *);
/* Now and then: makes the reserve anew where there is room again. */
void full_end(struct house *);
/* What waits while the node is full: everything that would write more than an entry. */
bool full_refuses(const struct request *);
#endif
