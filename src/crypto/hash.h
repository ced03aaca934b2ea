#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H
/* Hashes, MACs, derivation and the text forms of bytes. SHA-256 is GnuTLS's (it uses the processor's instructions). */
#include "base/base.h"

#define HASH_BYTES 32

struct hash { uint8_t b[HASH_BYTES]; };
struct hash sha256(struct bytes);
struct hash sha256_2(struct bytes a, struct bytes b);                  /* of a followed by b */
struct hash hmac_sha256(struct bytes key, struct bytes message);
/* HKDF-SHA256 (RFC 5869), n <= 8160. */
void hkdf_sha256(struct bytes key, struct bytes salt, struct str info, uint8_t *out, size_t n);
bool hash_eq(const struct hash *, const struct hash *);
bool bytes_equal_ct(const void *, const void *, size_t n);             /* constant time */
void wipe(void *, size_t n);

struct str base64(struct arena *, struct bytes);                       /* RFC 4648, padded */
int base64_read(struct arena *, struct str, struct bytes *out);        /* strict and canonical: 0 or -1 */
struct str hex(struct arena *, struct bytes);                          /* lower case */
int hex_read(struct arena *, struct str, struct bytes *out);           /* lower case only: 0 or -1 */
#endif
