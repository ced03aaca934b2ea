#ifndef EXCHANGE_EXCHANGE_H
#define EXCHANGE_EXCHANGE_H
/* exchange: the only way from one node to another (DESIGN 7). A message is a signed envelope for exactly one partner, with a body. It is queued in the transaction of
   the act that it tells of, sent when the line allows, applied at most once, and answered with a receipt that proves the receiver's entry.

   No ground, no disclosure: exchange_queue refuses a message without a partner, purpose, basis and an agreement in force that covers them (kinds recall, erase and
   agreement pass without). What the body may hold is decided where it is made: exchange_allows tells the fields that the agreement names.

   Applied here: a handler for each kind (struct kind_row; the table is src/cmd/joins.c). It runs in a savepoint of the receiving tick, with the sender's name in
   w->partner and nobody signed in. A body whose parents have not arrived is held and tried again after each later message of that partner. */
#include "net/http.h"
#include "record/effects.h"
#include "record/rotate.h"

extern const struct migrations EXCHANGE_MIGRATIONS;
extern const struct route EXCHANGE_ROUTES[];                     /* /x/1/envelopes, /witness/add-checkpoint: for partners */

/* Its wrapped keys, for rotation and restore (record/rotate.h). After a restore: each line begins the new epoch with number 1, what waited is numbered again. */
extern const struct wrapped_keys EXCHANGE_WRAPPED[];
int exchange_restored(struct work *, struct err *);

/* ---- partners: pinned by `jisr partner` after two people compared the pairing code ---- */
struct partner { struct str name, kind, url; /* of its partner listener; empty: there is no line, only bundles */ struct str age; /* recipient of bundles, empty: none yet */ struct note_key node, log, witness; struct hash certificate, next; /* all zero: none comes after it */ };
int partner_find(struct work *, struct str name, struct partner *out, struct err *);                      /* 1 found, 0 none, -1 */
int partner_by_certificate(struct work *, const struct hash *, struct partner *out, struct err *);        /* 1, 0, -1 */
int partner_list(struct work *, struct partner **out, size_t *n, struct err *);
int partner_first_of_kind(struct work *, struct str kind, struct partner *out, struct err *);             /* "ministry": 1, 0, -1 */
/* A note signed by this node that says who it is, where its partner listener is, and what to pin. The other side accepts it after two people compared the code. */
int partner_invite(struct work *, struct str url, const struct hash *certificate, struct str *note, struct err *);
int partner_read(struct work *, struct str note, struct partner *out, struct err *);                      /* what an invitation says, checked against its own key */
int partner_accept(struct work *, struct str note, struct partner *out, struct err *);                    /* ERR_CONFLICT: pinned with another key */
struct str partner_code(struct work *, const struct partner *, struct err *);                             /* 20 signs, the same on both sides */
/* How the line stands, for pages and /metrics. trouble: why the last call did not get through, empty: it did; epoch: of a partner that was restored from a backup and
   waits to be accepted, 0: none; missing: places in the line that nothing has come for yet. mends: what one person of two asked for ("fork", "epoch"). */
struct line_state { struct str partner; bool by_bundle /* no address: nobody calls */; int64_t waiting, held, refused, oldest_ms, delivered_ms, missing, received_ms; bool fork; struct str trouble; int64_t tries, epoch; bool full;
	struct str mends; struct id mended_by; size_t back /* kinds of what comes back (record/back.h) */; };
int line_states(struct work *, struct line_state **out, size_t *n, struct err *);
struct line_numbers { int64_t waiting, oldest_ms, held; };
int line_numbers(struct work *, struct line_numbers *, struct err *);
/* Sets a held line right: "fork" or "epoch"; or takes back what that partner holds of ours after a restore: "back". The first of two persons asks, another one of the same office agrees. */
int line_mend(struct work *, struct str partner, struct str what, struct err *);

/* ---- agreements ---- */
/* May this node send field `field` of type `type` to the partner for the purpose now? Names of an agreement: "type.field", "type.*". */
/* state: "offered" (we signed), "asked" (the partner did), "in_force", "suspended", "ended". halted: 1 by us, 2 by the partner, 3 by both: each takes up again what it
   suspended itself. */
struct agreement { struct hash digest; struct str partner, title, text, state; int64_t starts_ms, ends_ms, halted; bool signed_here, signed_there, in_force; };
int agreement_list(struct work *, struct agreement **out, size_t *n, struct err *);
int agreement_find(struct work *, const struct hash *digest, struct agreement *out, struct err *);      /* 1, 0, -1 */
int agreement_tell(struct work *, const struct hash *digest, struct err *);                              /* our signature goes to the partner over the line */
int agreement_sign(struct work *, struct str text, struct str *note, struct err *);                      /* our signature; in force once the partner's is here too */
int agreement_signed_by(struct work *, const struct partner *, struct str note, struct err *);           /* the partner's */
/* suspend, resume, end: the partner is told. purpose: only this one of the agreement, empty: all of it. */
int agreement_move(struct work *, const struct hash *digest, const char *what, struct str purpose, struct err *);
int64_t agreement_purpose_halted(struct work *, const struct hash *digest, struct str purpose);         /* as `halted` */
bool exchange_allows(struct work *, struct str partner, struct str purpose, struct str type, struct str field);

/* The same from the other side: may the partner send these records (as record.h has them on the wire) for the purpose now? */
bool exchange_admits(struct work *, struct str partner, struct str purpose, json_t *records);

/* ---- sending ---- */
struct message {
	struct str to, kind;                      /* "camp.sy", "share" */
	struct str purpose, basis, handling;      /* handling: TLP word, empty: "-" */
	int64_t expires_ms;                       /* 0: never */
	const char *media;                        /* "application/json" */
	struct str body;
	size_t subjects;                          /* how many people the body is about: for the entry of the sending */
	struct str fields;                        /* classes or names, for the same */
};
/* ERR_BUSY where 50,000 messages wait for that partner; recall, erasure and answers still go into the queue. */
int exchange_queue(struct work *, const struct message *, struct id *out, struct err *);
/* Timer "outbox": gives what waits its place in the line, signs it, and calls each partner that is not being called. */
int exchange_send(struct work *, struct err *);

/* ---- bundles: the same envelopes and receipts without a line, sealed with age for one partner (docs/exchange.md) ---- */
struct bundle_counts { size_t messages, applied, held, refused, again /* had their answer before */, answers; };
/* Writing: the manifest, then frame after frame until *frame is empty. number: of this writing, any but 0; each frame is a work item of its own. */
int bundle_begin(struct work *, struct str to, struct str *manifest, uint8_t recipient[32], struct err *);
int bundle_next(struct work *, struct str to, int64_t number, struct str *frame, struct bundle_counts *, struct err *);
/* Reading: the manifest says from whom; *before_ms: when this bundle was read before, 0: never. Then its frames. */
int bundle_manifest(struct work *, struct str manifest, struct str *from, int64_t *before_ms, struct err *);
int bundle_frame(struct work *, struct str from, struct str frame, struct bundle_counts *, struct err *);
/* The whole file in one work item, for a page: at most one frame of messages (256, 4 MiB), as a call has. *more: messages are left for another one. Reading a file with more
   than one is ERR_TOO_LARGE: `jisr bundle read` takes it. */
int bundle_file_write(struct work *, struct str to, struct bytes *file, struct bundle_counts *, bool *more, struct err *);
int bundle_file_read(struct work *, struct bytes file, struct str *from, int64_t *before_ms, struct bundle_counts *, struct err *);

/* ---- receiving ---- */
enum verdict { VERDICT_APPLIED, VERDICT_HELD, VERDICT_REFUSED };
struct arrived { struct id id; struct str from, kind, purpose, basis, handling, media, body; int64_t created_ms, expires_ms; };
/* Says the verdict; *why (a short code, static) where held or refused. -1 only for a fault or ERR_BUSY: the sender tries again. */
struct kind_row { const char *kind; int (*apply)(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *); };
int kind_agreement(struct work *, const struct arrived *, enum verdict *, const char **why, struct err *);
#endif
