#ifndef CRYPTO_AGE_H
#define CRYPTO_AGE_H
/* age v1 (https://c2sp.org/age), X25519 recipients only: what Debian's `age` writes and opens. Header and chunks apart, so that a file of any length takes one chunk of memory.

   header   version line, stanzas, "---" and a MAC under the file key; then 16 bytes of nonce
   payload  chunks of 64 KiB, ChaCha20-Poly1305 under a key of file key and nonce; the last one says that it is the last

   The secret of a recipient never comes here: a stanza is opened where the secret is (the keys process), which hands out the file key of this one file. */
#include "crypto/hash.h"

#define AGE_CHUNK 65536
#define AGE_SEALED (AGE_CHUNK + 16)
#define AGE_HEADER_MAX 65536
#define AGE_STANZAS_MAX 32
#define AGE_FILE_KEY 16
#define AGE_NONCE 16

struct age_share { uint8_t share[32], body[32]; };                     /* of one X25519 stanza */
struct age_header { struct age_share shares[AGE_STANZAS_MAX]; size_t nshares /* X25519 stanzas; others are passed over */; struct bytes signed_text, mac; size_t length; };

/* What a file begins with, nonce included, for one recipient; *key is for its chunks. */
int age_begin(struct arena *, const struct source *, const uint8_t recipient[32], struct bytes *start, uint8_t key[32], struct err *);
/* Reads a header from the first bytes of a file: 0, or -1 with ERR_FORMAT. The nonce follows at `length`. */
int age_header_read(struct arena *, struct bytes file, struct age_header *out, struct err *);
/* Is the file key that of this header (ERR_FORMAT: the MAC is wrong)? Then the key of the chunks. */
int age_header_check(const struct age_header *, const uint8_t file_key[AGE_FILE_KEY], struct bytes nonce, uint8_t key[32], struct err *);
/* One chunk, numbered from 0; `last`: none follows. out has room for n + 16, or n - 16. -1: it does not open. */
void age_chunk_seal(const uint8_t key[32], uint64_t number, bool last, struct bytes plain, uint8_t *out);
int age_chunk_open(const uint8_t key[32], uint64_t number, bool last, struct bytes sealed, uint8_t *out);
/* Where the secret is: 0 opened, 1 for somebody else, -1 a share that no honest writer makes. */
int age_share_open(const uint8_t secret[32], const struct age_share *, uint8_t file_key[AGE_FILE_KEY]);

/* Whole files in memory, for what is small. secret: as in tests and offices' own tools. */
int age_seal_all(struct arena *, const struct source *, const uint8_t recipient[32], struct bytes plain, struct bytes *out, struct err *);
int age_payload_open(struct arena *, const uint8_t key[32], struct bytes payload, struct bytes *plain, struct err *);

/* "age1...", "AGE-SECRET-KEY-1...": Bech32 (BIP 173). */
struct str age_recipient_text(struct arena *, const uint8_t recipient[32]);
int age_recipient_read(struct str, uint8_t recipient[32]);             /* 0 or -1 */
int age_identity_read(struct str, uint8_t secret[32]);
#endif
