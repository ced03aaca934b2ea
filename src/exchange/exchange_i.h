#ifndef EXCHANGE_EXCHANGE_I_H
#define EXCHANGE_EXCHANGE_I_H
/* Inside exchange only. schema.c: tables; partner.c; envelope.c: texts; outbox.c, answer.c: ours to partners and back; inbox.c: theirs; line.c: how the line stands, and the two
   persons who set it right; agreement.c; records.c, witness.c. */
#include "exchange/exchange.h"

#define BODY_SALT_BYTES 16                  /* random bytes in front of every body: its digest cannot be guessed after erasure */
#define BODY_MAX ((size_t)3 << 20)
#define POST_MAX ((size_t)4 << 20)
#define ENVELOPES_MAX 256
#define PARTNERS_MAX 256                    /* record tells so many holders of an erasure: more are not pinned */
#define NOTE_MAX ((size_t)8192)

/* An envelope as its text says (DESIGN 7): every key is there, "-" for none, in this order. */
struct envelope {
	struct str from, to, kind, purpose, basis, handling, media;
	struct id id;
	uint64_t epoch, seq, length;
	struct hash prev, agreement, digest;     /* agreement all zero: none */
	int64_t created_ms, expires_ms;          /* expires 0: never */
};
struct str envelope_text(struct arena *, const struct envelope *);
/* Strict: unknown, missing or doubled keys, other order, other spelling of a value are refused. */
int envelope_parse(struct arena *, struct str text, struct envelope *, struct err *);
struct hash envelope_digest(struct str text);          /* of the signed text: what `prev` of the next one names */

struct receipt { struct id id; struct hash digest; struct str verdict, why, proof; uint64_t index; };
struct str receipt_text(struct arena *, const struct receipt *, struct str from, struct str to);
int receipt_parse(struct arena *, struct str text, struct receipt *, struct str *from, struct str *to, struct err *);

/* A note signed by this node; many with one question to the keys process. */
int node_note(struct work *, struct str text, struct str *note, struct err *);
int node_sign(struct work *, const struct str *texts, size_t n, struct str *notes, struct err *err);
struct note_key node_key(struct work *, enum sign_as, struct err *);
/* u32 length and bytes, as in a POST. */
void frame_put(struct buf *, struct str);

/* The value of the next line of a note, where it is the line "key value"; empty: it is another one. */
struct str note_value(struct str *rest, const char *key);

/* A line of an agreement: is it in force now, and what is its digest? 1, 0, -1. */
int agreement_text_check(struct work *, struct str text, struct str *partner, struct err *);      /* is it one of this node, whole, and allowed */
int agreement_for(struct work *, struct str partner, struct str purpose, struct hash *digest, struct err *);
int head_parse(struct arena *, struct str checkpoint, uint64_t *size, struct hash *root);
bool kind_exempt(struct str kind, struct str basis);      /* recall, erase, agreement, notices of vital interest: pass while an agreement is suspended */

/* The line to a partner, made where there is none. */
struct line_row { int64_t seq_out; struct bytes prev_out; int64_t called; struct str head; int64_t fork, tries, next_try, epoch_in, epoch_seen; };
int line_row(struct work *, struct str partner, struct line_row *, struct err *);
/* The partner is heard again, or there is ground again: what rests goes now. messages: also those that wait for themselves. */
int line_wake(struct work *, struct str partner, bool messages, struct err *);
int exchange_answered(struct work *, struct str ref, int status, struct str body, struct err *);      /* then of our calls */
/* A bundle as bytes (bundle_parts.c): the text of the manifest, and a frame: `answer` to what came, or envelopes with the size of the partner's log that we saw. */
struct bundle_head { struct str from, to; uint64_t epoch; struct id id; int64_t created_ms; };
struct bundle_part { bool answer; struct bytes ids; uint64_t seen; struct str body; };
struct str bundle_head_text(struct arena *, const struct bundle_head *);
int bundle_head_read(struct arena *, struct str text, struct bundle_head *, struct err *);
void bundle_part_put(struct buf *, const struct bundle_part *);
int bundle_part_read(struct str frame, struct bundle_part *, struct err *);
/* Bundles (bundle.c): what goes into one, as the body of a POST has it; what one brought; answers on the way back. */
int outbox_bundle(struct work *, struct str partner, int64_t bundle, struct str *body, uint64_t *seen, size_t *messages, struct err *);      /* body empty: nothing is left */
bool outbox_unbundled(struct work *, struct str partner, int64_t bundle);
int inbox_bundle(struct work *, const struct partner *, uint64_t seen, struct str body, struct bundle_counts *, struct err *);
int bundle_answer_keep(struct work *, struct str partner, struct bytes ids, struct str body, struct err *);
int answer_bundle(struct work *, const struct partner *, struct bytes ids, struct str body, struct err *);
/* The register of disclosures (disclosed.c). */
int disclosure_write(struct work *, const struct line_note *, struct id message, struct err *);
int disclosure_received(struct work *, struct id message, struct err *);
#endif
