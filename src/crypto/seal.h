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
/* Sealing of node.keys under a passphrase: "JK2" | passes 4 | MiB 4 | salt 16 | nonce 24 | box; what stands in front is bound to the box.
   A lock is what Argon2id made of the passphrase, with its salt and costs: who holds it seals the file again without the passphrase. */
#define LOCK_PASSES 3
#define LOCK_MIB 64
/* What Argon2id is made to cost. DEMO: the least; the passwords of a demo are printed and its passphrase lies beside the data, so there is nobody to slow down. */
enum cost { COST_FULL, COST_DEMO };
struct seal_lock { uint8_t key[KEY_BYTES], salt[16]; uint32_t passes, mib; };
void seal_lock_new(const struct source *, struct bytes passphrase, uint32_t passes, uint32_t mib, struct seal_lock *out);
struct bytes seal_locked(struct arena *, const struct source *, const struct seal_lock *, struct bytes plain);
struct bytes seal_password(struct arena *, const struct source *, struct bytes passphrase, struct bytes plain, enum cost);      /* with a new lock */
/* lock: NULL where it is not wanted. ERR_FORMAT: damaged, or costs beyond what we ever write; ERR_FORBIDDEN: another passphrase. */
int seal_password_open(struct arena *, struct bytes passphrase, struct bytes sealed, struct seal_lock *lock, struct bytes *plain, struct err *);

/* Passwords of accounts: Argon2id in libsodium's text form. 85 ms: only in a job, never in the loop. */
struct str password_hash(struct arena *, struct bytes password, enum cost);
bool password_check(struct str hashed, struct bytes password);
/* TOTP, RFC 6238, SHA-1, 30 s, 6 digits, window of one step each side; *step is the step used (refuse repeats). */
bool totp_check(struct bytes secret, int64_t now_s, struct str code, uint64_t *step);
#endif
