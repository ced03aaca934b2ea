#include "crypto/hash.h"
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>

static gnutls_datum_t datum(struct bytes b)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)b.p, (unsigned)b.n };
}

struct hash sha256(struct bytes b)
{
	struct hash h;
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, b.n ? (const void *)b.p : "", b.n, h.b) < 0)
		die("SHA-256 does not work");
	return h;
}

struct hash sha256_2(struct bytes a, struct bytes b)
{
	struct hash h;
	gnutls_hash_hd_t hd;
	if (gnutls_hash_init(&hd, GNUTLS_DIG_SHA256) < 0)
		die("SHA-256 does not work");
	if (a.n)
		gnutls_hash(hd, a.p, a.n);
	if (b.n)
		gnutls_hash(hd, b.p, b.n);
	gnutls_hash_deinit(hd, h.b);
	return h;
}

struct hash hmac_sha256(struct bytes key, struct bytes message)
{
	struct hash h;
	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.p, key.n, message.n ? (const void *)message.p : "", message.n, h.b) < 0)
		die("HMAC does not work");
	return h;
}

void hkdf_sha256(struct bytes key, struct bytes salt, struct str info, uint8_t *out, size_t n)
{
	uint8_t prk[HASH_BYTES], zero[HASH_BYTES] = { 0 };
	gnutls_datum_t k = datum(key), s = datum(salt.n ? salt : bytes_of(zero, sizeof zero)), p = { prk, sizeof prk }, i = datum(str_bytes(info));
	if (gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &k, &s, prk) < 0 || gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &p, &i, out, n) < 0)
		die("HKDF does not work");
	wipe(prk, sizeof prk);
}

bool hash_eq(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool bytes_equal_ct(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

void wipe(void *p, size_t n)
{
	if (n)
		sodium_memzero(p, n);
}
