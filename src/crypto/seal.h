#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H
/* Sealed bodies (DESIGN 4): 01 | key id 4 | nonce 24 | XChaCha20-Poly1305 ciphertext | tag 16. The plaintext is padded
   (ISO/IEC 7816-4) to 64, then to multiples of 64 bytes, so that length tells little. */
#include "crypto/hash.h"

#define KEY_BYTES 32
/* AAD of a record's body: "jisr-b1" and the length-prefixed parts. */
struct bytes seal_aad(struct arena *, struct id record, uint64_t version, char class_letter, struct bytes handle, struct bytes type_digest);
struct bytes seal(struct arena *, const struct source *, const uint8_t key[KEY_BYTES], struct bytes aad, struct bytes plain);
/* 0 or -1 (ERR_FAULT: damaged, wrong key, moved to another place). */
int seal_open(struct arena *, const uint8_t key[KEY_BYTES], struct bytes aad, struct bytes sealed, struct bytes *plain, struct err *);
/* Password sealing of node.keys: Argon2id (64 MiB, 3 passes) over the passphrase; salt and parameters stand in front. */
struct bytes seal_password(struct arena *, const struct source *, struct bytes passphrase, struct bytes plain);
int seal_password_open(struct arena *, struct bytes passphrase, struct bytes sealed, struct bytes *plain, struct err *);

/* Passwords of accounts: Argon2id in libsodium's text form. 85 ms: only in a job, never in the loop. */
struct str password_hash(struct arena *, struct bytes password);
bool password_check(struct str hashed, struct bytes password);
/* TOTP, RFC 6238, SHA-1, 30 s, 6 digits, window of one step each side; *step is the step used (refuse repeats). */
bool totp_check(struct bytes secret, int64_t now_s, struct str code, uint64_t *step);
#endif
