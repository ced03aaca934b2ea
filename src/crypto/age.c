#include "crypto/age.h"
#include <sodium.h>

#define VERSION_LINE STR("age-encryption.org/v1\n")
#define LINE 64                        /* signs of base64 in a full line of a body */
#define MAC_BYTES 32

/* ---- keys ---- */

static void wrap_key(const uint8_t shared[32], const uint8_t share[32], const uint8_t recipient[32], uint8_t out[32])
{
	uint8_t salt[64];
	memcpy(salt, share, 32);
	memcpy(salt + 32, recipient, 32);
	hkdf_sha256(bytes_of(shared, 32), bytes_of(salt, sizeof salt), STR("age-encryption.org/v1/X25519"), out, 32);
}

static struct hash mac_of(const uint8_t file_key[AGE_FILE_KEY], struct bytes text)
{
	uint8_t key[32];
	hkdf_sha256(bytes_of(file_key, AGE_FILE_KEY), (struct bytes){ 0 }, STR("header"), key, sizeof key);
	struct hash mac = hmac_sha256(bytes_of(key, sizeof key), text);
	wipe(key, sizeof key);
	return mac;
}

static void payload_key(const uint8_t file_key[AGE_FILE_KEY], struct bytes nonce, uint8_t out[32])
{
	hkdf_sha256(bytes_of(file_key, AGE_FILE_KEY), nonce, STR("payload"), out, 32);
}

int age_share_open(const uint8_t secret[32], const struct age_share *s, uint8_t file_key[AGE_FILE_KEY])
{
	static const uint8_t ZERO[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
	uint8_t shared[32], recipient[32], key[32];
	unsigned long long n;
	if (crypto_scalarmult(shared, secret, s->share) != 0)      /* a point of small order: the key would be known */
		return -1;
	crypto_scalarmult_base(recipient, secret);
	wrap_key(shared, s->share, recipient, key);
	int rc = crypto_aead_chacha20poly1305_ietf_decrypt(file_key, &n, NULL, s->body, sizeof s->body, NULL, 0, ZERO, key);
	wipe(shared, sizeof shared);
	wipe(key, sizeof key);
	return rc == 0 ? 0 : 1;
}

/* ---- writing ---- */

static void put_line(struct buf *out, struct arena *mem, struct bytes b)
{
	struct str text = base64(mem, b);
	while (text.n && text.p[text.n - 1] == '=')
		text.n--;
	buf_str(out, text);
}

int age_begin(struct arena *mem, const struct source *source, const uint8_t recipient[32], struct bytes *start, uint8_t key[32], struct err *err)
{
	static const uint8_t ZERO[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
	uint8_t file_key[AGE_FILE_KEY], secret[32], shared[32], wrap[32], nonce[AGE_NONCE];
	struct age_share s;
	struct buf out = buf_new(mem, 1024);
	source_fill(source, file_key, sizeof file_key);
	source_fill(source, secret, sizeof secret);
	source_fill(source, nonce, sizeof nonce);
	crypto_scalarmult_base(s.share, secret);
	if (crypto_scalarmult(shared, secret, recipient) != 0)
		return err_set(err, ERR_VALUE, "no age recipient");
	wrap_key(shared, s.share, recipient, wrap);
	crypto_aead_chacha20poly1305_ietf_encrypt(s.body, NULL, file_key, sizeof file_key, NULL, 0, NULL, ZERO, wrap);
	buf_str(&out, VERSION_LINE);
	buf_str(&out, STR("-> X25519 "));
	put_line(&out, mem, bytes_of(s.share, sizeof s.share));
	buf_str(&out, STR("\n"));
	put_line(&out, mem, bytes_of(s.body, sizeof s.body));
	buf_str(&out, STR("\n---"));
	struct hash mac = mac_of(file_key, buf_bytes(&out));
	buf_str(&out, STR(" "));
	put_line(&out, mem, bytes_of(mac.b, sizeof mac.b));
	buf_str(&out, STR("\n"));
	buf_put(&out, nonce, sizeof nonce);
	payload_key(file_key, bytes_of(nonce, sizeof nonce), key);
	wipe(file_key, sizeof file_key);
	wipe(secret, sizeof secret);
	wipe(shared, sizeof shared);
	wipe(wrap, sizeof wrap);
	*start = buf_bytes(&out);
	return 0;
}

/* ---- reading ---- */

static bool line_of(struct str *rest, struct str *line)
{
	const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	if (!end)
		return false;
	*line = (struct str){ rest->p, (size_t)(end - rest->p) };
	*rest = str_sub(*rest, line->n + 1, rest->n);
	return true;
}

/* Base64 without padding, canonical: 0 or -1. */
static int bare64(struct arena *mem, struct str text, struct bytes *out)
{
	static const char *const PAD[] = { "", NULL, "==", "=" };
	if (text.n % 4 == 1)
		return -1;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '=')
			return -1;
	return base64_read(mem, str_join(mem, text, str_of(PAD[text.n % 4])), out);
}

static bool word_good(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < 33 || word.p[i] > 126)
			return false;
	return word.n > 0;
}

/* "-> X25519 SHARE": the words after the arrow; all good, at least one. */
static int words_of(struct str line, struct str words[3], size_t *n)
{
	struct str rest = str_sub(line, 3, line.n);
	*n = 0;
	if (!str_starts(line, STR("-> ")))
		return -1;
	while (rest.p) {
		struct str word = str_cut(&rest, ' ');
		if (!word_good(word))
			return -1;
		if (*n < 3)
			words[*n] = word;
		++*n;
	}
	return *n ? 0 : -1;
}

/* A body: full lines, then one that is shorter, which may be empty. */
static int body_of(struct arena *mem, struct str *rest, struct bytes *body)
{
	struct buf text = buf_new(mem, AGE_HEADER_MAX);
	struct str line;
	do {
		if (!line_of(rest, &line) || line.n > LINE)
			return -1;
		buf_str(&text, line);
	} while (line.n == LINE);
	return bare64(mem, buf_text(&text), body);
}

static int stanza_of(struct arena *mem, struct str line, struct str *rest, struct age_header *h)
{
	struct str word[3];
	struct bytes share, body;
	size_t n;
	if (words_of(line, word, &n) < 0 || body_of(mem, rest, &body) < 0)
		return -1;
	if (!str_is(word[0], "X25519"))
		return 0;
	if (n != 2 || bare64(mem, word[1], &share) < 0 || share.n != 32 || body.n != 32 || h->nshares == AGE_STANZAS_MAX)
		return -1;
	struct age_share *s = &h->shares[h->nshares++];
	memcpy(s->share, share.p, 32);
	memcpy(s->body, body.p, 32);
	return 0;
}

int age_header_read(struct arena *mem, struct bytes file, struct age_header *h, struct err *err)
{
	struct str rest = { (const char *)file.p, file.n < AGE_HEADER_MAX ? file.n : AGE_HEADER_MAX }, line;
	size_t stanzas = 0;
	*h = (struct age_header){ 0 };
	if (!str_starts(rest, VERSION_LINE))
		return err_set(err, ERR_FORMAT, "not an age file of version 1");
	rest = str_sub(rest, VERSION_LINE.n, rest.n);
	while (line_of(&rest, &line)) {
		if (!str_starts(line, STR("---"))) {
			if (++stanzas > AGE_STANZAS_MAX || stanza_of(mem, line, &rest, h) < 0)
				break;
			continue;
		}
		if (stanzas == 0 || !str_starts(line, STR("--- ")) || bare64(mem, str_sub(line, 4, line.n), &h->mac) < 0 || h->mac.n != MAC_BYTES)
			break;
		h->signed_text = bytes_of(file.p, (size_t)((const uint8_t *)line.p - file.p) + 3);
		h->length = (size_t)((const uint8_t *)rest.p - file.p);
		return 0;
	}
	return err_set(err, ERR_FORMAT, "the header of an age file is damaged");
}

int age_header_check(const struct age_header *h, const uint8_t file_key[AGE_FILE_KEY], struct bytes nonce, uint8_t key[32], struct err *err)
{
	struct hash mac = mac_of(file_key, h->signed_text);
	if (!bytes_equal_ct(mac.b, h->mac.p, MAC_BYTES) || nonce.n != AGE_NONCE)
		return err_set(err, ERR_FORMAT, "the header of an age file was changed");
	payload_key(file_key, nonce, key);
	return 0;
}

/* ---- chunks ---- */

static void chunk_nonce(uint64_t number, bool last, uint8_t nonce[12])
{
	memset(nonce, 0, 12);
	for (int i = 0; i < 8; i++)
		nonce[3 + i] = (uint8_t)(number >> (56 - 8 * i));
	nonce[11] = last;
}

void age_chunk_seal(const uint8_t key[32], uint64_t number, bool last, struct bytes plain, uint8_t *out)
{
	uint8_t nonce[12];
	chunk_nonce(number, last, nonce);
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain.p, plain.n, NULL, 0, NULL, nonce, key);
}

int age_chunk_open(const uint8_t key[32], uint64_t number, bool last, struct bytes sealed, uint8_t *out)
{
	uint8_t nonce[12];
	unsigned long long n;
	/* an empty chunk is only what an empty file has */
	if (sealed.n < 16 || sealed.n > AGE_SEALED || (!last && sealed.n != AGE_SEALED) || (sealed.n == 16 && number > 0))
		return -1;
	chunk_nonce(number, last, nonce);
	return crypto_aead_chacha20poly1305_ietf_decrypt(out, &n, NULL, sealed.p, sealed.n, NULL, 0, nonce, key) == 0 ? 0 : -1;
}

int age_seal_all(struct arena *mem, const struct source *source, const uint8_t recipient[32], struct bytes plain, struct bytes *out, struct err *err)
{
	struct bytes start;
	uint8_t key[32];
	if (age_begin(mem, source, recipient, &start, key, err) < 0)
		return -1;
	size_t chunks = plain.n ? (plain.n + AGE_CHUNK - 1) / AGE_CHUNK : 1, n = start.n;
	uint8_t *file = arena_alloc(mem, start.n + plain.n + chunks * 16);
	memcpy(file, start.p, start.n);
	for (size_t i = 0; i < chunks; i++) {
		bool last = i + 1 == chunks;
		struct bytes part = bytes_of(plain.n ? plain.p + i * AGE_CHUNK : plain.p, last ? plain.n - i * AGE_CHUNK : AGE_CHUNK);
		age_chunk_seal(key, i, last, part, file + n);
		n += part.n + 16;
	}
	wipe(key, sizeof key);
	*out = bytes_of(file, n);
	return 0;
}

int age_payload_open(struct arena *mem, const uint8_t key[32], struct bytes payload, struct bytes *plain, struct err *err)
{
	uint8_t *out = arena_alloc(mem, payload.n + 1);
	size_t n = 0, at = 0;
	for (uint64_t i = 0;; i++) {
		bool last = payload.n - at <= AGE_SEALED;
		struct bytes part = bytes_of(payload.p + at, last ? payload.n - at : AGE_SEALED);
		if (age_chunk_open(key, i, last, part, out + n) < 0)
			return err_set(err, ERR_FORMAT, "an age file is damaged or cut off");
		n += part.n - 16;
		at += part.n;
		if (last)
			break;
	}
	*plain = bytes_of(out, n);
	return 0;
}
