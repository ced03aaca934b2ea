#ifndef CRYPTO_NOTE_H
#define CRYPTO_NOTE_H
/* Signed notes, C2SP signed-note: text that ends in LF, an empty line, and lines "— name base64(id4 || signature)".
   Everything that a node signs is one: checkpoints, envelopes, receipts, agreements, erasure notes. One parser, one verifier.
   Algorithms: 0x01 Ed25519 (checkpoints, envelopes), 0x04 cosignature/v1 (witness; message "cosignature/v1\ntime T\n" || text). */
#include "crypto/hash.h"

enum note_alg { NOTE_ED25519 = 1, NOTE_COSIGNATURE = 4 };
#define NOTE_TEXT_MAX ((size_t)1 << 20)
#define NOTE_SIGNATURES_MAX 32

struct note_key { struct str name; uint32_t id; uint8_t alg; uint8_t public_key[32]; };      /* a verifier */

/* "name+hex8+base64(alg || key)": 0 or -1 with the reason; refuses a wrong id, an unknown algorithm, bad names. */
int note_key_parse(struct arena *, struct str vkey, struct note_key *out, struct err *);
struct str note_key_text(struct arena *, const struct note_key *);
struct note_key note_key_make(struct arena *, struct str name, enum note_alg, const uint8_t public_key[32]);   /* computes the id */

struct note_signature { struct str name; uint32_t id; struct bytes raw; struct str line; };
struct note { struct str text; struct note_signature signatures[NOTE_SIGNATURES_MAX]; size_t n; };

/* Parses only; 0 or -1 (ERR_FORMAT). Text includes its last LF. */
int note_parse(struct arena *, struct str raw, struct note *out, struct err *);
/* 1: a good signature of the key is there, 0: none by this key, -1: one by this key that is bad (refuse the whole note). For a
   cosignature, *time_s gets its time (NULL: not wanted). */
int note_verify(const struct note *, const struct note_key *, uint64_t *time_s);
/* Parse and require a good signature of the key: the text, or -1. */
int note_open(struct arena *, struct str raw, const struct note_key *, struct str *text, struct err *);
/* The signature line for a 64-byte Ed25519 signature that the keys process made over note_message(). */
struct bytes note_message(struct arena *, const struct note_key *, struct str text, uint64_t time_s);
struct str note_line(struct arena *, const struct note_key *, const uint8_t signature[64], uint64_t time_s);
struct str note_join(struct arena *, struct str text, const struct str *lines, size_t n);
#endif
