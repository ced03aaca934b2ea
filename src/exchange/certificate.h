#ifndef EXCHANGE_CERTIFICATE_H
#define EXCHANGE_CERTIFICATE_H
/* A TLS certificate is renewed without a file and without a code (DESIGN 7): a note of `<node>` binds the hash of the new one and names the one before. It is told to every
   partner over the line, under the old certificate, or goes with the next bundle. Until the node turns both hold at the partner; then the new one alone. Who was away when it
   turned is called and shown the note together with the new certificate. A certificate without such a note stays a stranger's. (docs/exchange.md, ADR 117.)

   Kept here: of our own the note that is under way and to whom it went; of each partner the certificate that comes next. */
#include "exchange/exchange.h"

#define CERTIFICATE_DAYS_MOST 90
/* Ours: signs the note and tells it to all partners. `before` is shown now, `after` waits in the folder. days: until the node turns in any case; earlier once all have it.
   ERR_CONFLICT: another one is under way. */
struct certificate_stand { bool waits /* one is under way */, turned; struct str after /* hex */; size_t told, of; int64_t turns_ms; };
int certificate_announce(struct work *, const struct hash *before, const struct hash *after, int64_t days, struct err *);
int certificate_stand(struct work *, struct certificate_stand *, struct err *);
/* It is time: all have it, or the day has come. 1, 0, -1. When the files are in place the node says so. */
int certificate_due(struct work *, struct err *);
int certificate_turned(struct work *, struct err *);
/* A partner refused us as a stranger: is there a note that it does not have? Then it is called with it: 1; 0; -1. */
int certificate_show(struct work *, const struct partner *, struct err *);

/* Theirs: a note that came in a message of kind agreement. ERR_FORMAT, ERR_FORBIDDEN. */
int certificate_arrived(struct work *, const struct partner *, struct str note, struct err *);
/* The partner came with this certificate: the one before ends, where it is the next one. 0, -1. */
int certificate_seen(struct work *, const struct partner *, const struct hash *peer, struct err *);
/* POST /x/1/certificate: who shows a certificate that nobody knows brings its note. The only thing that a stranger may do with a line. */
int certificate_shown_do(struct work *, const struct request *, struct response *, struct err *);
#endif
