#include "crypto/seal.h"
#include <gnutls/crypto.h>
#include <sodium.h>

struct str password_hash(struct arena *mem, struct bytes password, enum cost cost)
{
	char *out = arena_alloc(mem, crypto_pwhash_STRBYTES);
	const char *text = password.n ? (const char *)password.p : "";
	unsigned long long passes = cost == COST_DEMO ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_INTERACTIVE;
	size_t bytes = cost == COST_DEMO ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_INTERACTIVE;
	if (crypto_pwhash_str(out, text, password.n, passes, bytes) != 0)
		die("Argon2id has no memory");
	return str_of(out);
}

bool password_check(struct str hashed, struct bytes password)
{
	char z[crypto_pwhash_STRBYTES] = "";
	if (hashed.n >= sizeof z)
		return false;
	if (hashed.n)
		memcpy(z, hashed.p, hashed.n);
	return crypto_pwhash_str_verify(z, password.n ? (const char *)password.p : "", password.n) == 0;
}

static uint32_t totp_code(struct bytes secret, uint64_t step)
{
	uint8_t message[8], mac[20];
	for (int i = 0; i < 8; i++)
		message[i] = (uint8_t)(step >> (56 - 8 * i));
	if (gnutls_hmac_fast(GNUTLS_MAC_SHA1, secret.p, secret.n, message, sizeof message, mac) < 0)
		die("HMAC does not work");
	size_t at = mac[19] & 15;
	uint32_t v = (uint32_t)(mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	return v % 1000000;
}

bool totp_check(struct bytes secret, int64_t now_s, struct str code, uint64_t *step)
{
	uint64_t given, now = (uint64_t)now_s / 30;
	if (code.n != 6 || str_u64(code, &given) < 0)
		return false;
	for (uint64_t s = now ? now - 1 : 0; s <= now + 1; s++) {
		if (totp_code(secret, s) == given) {
			*step = s;
			return true;
		}
	}
	return false;
}
