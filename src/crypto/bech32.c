#include "crypto/age.h"

/* Bech32 (BIP 173) of 32 bytes, as age writes its keys. */
#define KEY_SIGNS 52                   /* 256 bits in fives */
#define CHECK_SIGNS 6
static const char SIGNS[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t step(uint32_t c, uint8_t v)
{
	static const uint32_t G[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = c >> 25;
	c = (c & 0x1ffffff) << 5 ^ v;
	for (int i = 0; i < 5; i++)
		if (top >> i & 1)
			c ^= G[i];
	return c;
}

static uint32_t prefix_sum(const char *prefix)
{
	uint32_t c = 1;
	for (const char *p = prefix; *p; p++)
		c = step(c, (uint8_t)*p >> 5);
	c = step(c, 0);
	for (const char *p = prefix; *p; p++)
		c = step(c, (uint8_t)*p & 31);
	return c;
}

static struct str encode(struct arena *mem, const char *prefix, const uint8_t key[32])
{
	struct buf out = buf_new(mem, 128);
	uint32_t c = prefix_sum(prefix), held = 0;
	int bits = 0;
	buf_str(&out, str_of(prefix));
	buf_ch(&out, '1');
	for (int i = 0; i < 32 || bits > 0;) {
		if (bits < 5 && i < 32) {
			held = held << 8 | key[i++];
			bits += 8;
			continue;
		}
		uint8_t v = (uint8_t)((bits >= 5 ? held >> (bits - 5) : held << (5 - bits)) & 31);
		bits = bits >= 5 ? bits - 5 : 0;
		c = step(c, v);
		buf_ch(&out, SIGNS[v]);
	}
	for (int i = 0; i < CHECK_SIGNS; i++)
		c = step(c, 0);
	c ^= 1;
	for (int i = 0; i < CHECK_SIGNS; i++)
		buf_ch(&out, SIGNS[c >> 5 * (CHECK_SIGNS - 1 - i) & 31]);
	return buf_text(&out);
}

/* lower: the text in small letters. */
static int decode(const char *prefix, struct str lower, uint8_t key[32])
{
	size_t before = strlen(prefix) + 1, n = 0;
	uint32_t c = prefix_sum(prefix), held = 0;
	int bits = 0;
	if (lower.n != before + KEY_SIGNS + CHECK_SIGNS || !str_starts(lower, str_of(prefix)) || lower.p[before - 1] != '1')
		return -1;
	for (size_t i = before; i < lower.n; i++) {
		const char *at = lower.p[i] ? strchr(SIGNS, lower.p[i]) : NULL;
		if (!at)
			return -1;
		uint8_t v = (uint8_t)(at - SIGNS);
		c = step(c, v);
		if (i >= before + KEY_SIGNS)
			continue;
		held = held << 5 | v;
		bits += 5;
		if (bits >= 8 && n < 32) {
			key[n++] = (uint8_t)(held >> (bits - 8));
			bits -= 8;
		}
	}
	return c == 1 && n == 32 && (held & ((1u << bits) - 1)) == 0 ? 0 : -1;
}

struct str age_recipient_text(struct arena *mem, const uint8_t recipient[32])
{
	return encode(mem, "age", recipient);
}

int age_recipient_read(struct str text, uint8_t recipient[32])
{
	return decode("age", text, recipient);
}

int age_identity_read(struct str text, uint8_t secret[32])
{
	char lower[96];
	if (text.n >= sizeof lower)
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] >= 'a' && text.p[i] <= 'z')
			return -1;
		lower[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] + 32) : text.p[i];
	}
	int rc = decode("age-secret-key-", (struct str){ lower, text.n }, secret);
	wipe(lower, sizeof lower);
	return rc;
}
