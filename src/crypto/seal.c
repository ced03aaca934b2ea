#include "crypto/seal.h"
#include <sodium.h>

#define VERSION_BYTE 1
#define KEY_ID_BYTES 4
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_BYTES (1 + KEY_ID_BYTES + NONCE_BYTES)
#define PAD_BYTES 64

struct bytes seal_aad(struct arena *mem, struct id record, uint64_t version, char letter, struct bytes handle, struct bytes type_digest)
{
	struct buf b = buf_new(mem, 512);
	uint8_t v[8];
	for (int i = 0; i < 8; i++)
		v[i] = (uint8_t)(version >> (56 - 8 * i));
	buf_z(&b, "jisr-b1");
	buf_sized(&b, bytes_of(record.b, sizeof record.b));
	buf_sized(&b, bytes_of(v, sizeof v));
	buf_sized(&b, bytes_of(&letter, 1));
	buf_sized(&b, handle);
	buf_sized(&b, type_digest);
	return buf_bytes(&b);
}

/* The key's id is a hash of it: it tells a wrong key from a damaged body. */
static void key_id(const uint8_t key[KEY_BYTES], uint8_t out[KEY_ID_BYTES])
{
	struct hash h = sha256_2(str_bytes(STR("jisr key id")), bytes_of(key, KEY_BYTES));
	memcpy(out, h.b, KEY_ID_BYTES);
}

struct bytes seal(struct arena *mem, const struct source *src, const uint8_t key[KEY_BYTES], struct bytes aad, struct bytes plain)
{
	size_t padded = (plain.n + 1 + PAD_BYTES - 1) / PAD_BYTES * PAD_BYTES;
	uint8_t *out = arena_alloc(mem, HEAD_BYTES + padded + TAG_BYTES), *text = arena_alloc(mem, padded);
	if (plain.n)
		memcpy(text, plain.p, plain.n);
	text[plain.n] = 0x80;
	out[0] = VERSION_BYTE;
	key_id(key, out + 1);
	source_fill(src, out + 1 + KEY_ID_BYTES, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + HEAD_BYTES, NULL, text, padded, aad.p, aad.n, NULL, out + 1 + KEY_ID_BYTES, key);
	wipe(text, padded);
	return bytes_of(out, HEAD_BYTES + padded + TAG_BYTES);
}

int seal_open(struct arena *mem, const uint8_t key[KEY_BYTES], struct bytes aad, struct bytes sealed, struct bytes *plain, struct err *err)
{
	uint8_t id[KEY_ID_BYTES];
	if (sealed.n < HEAD_BYTES + PAD_BYTES + TAG_BYTES || sealed.p[0] != VERSION_BYTE)
		return err_set(err, ERR_FAULT, "a sealed body is damaged");
	key_id(key, id);
	if (memcmp(id, sealed.p + 1, sizeof id) != 0)
		return err_set(err, ERR_FAULT, "a sealed body belongs to another key");
	size_t n = sealed.n - HEAD_BYTES - TAG_BYTES;
	uint8_t *text = arena_alloc(mem, n);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, NULL, NULL, sealed.p + HEAD_BYTES, n + TAG_BYTES, aad.p, aad.n, sealed.p + 1 + KEY_ID_BYTES, key) != 0)
		return err_set(err, ERR_FAULT, "a sealed body does not open: damaged or moved");
	while (n && text[n - 1] == 0)
		n--;
	if (n == 0 || text[n - 1] != 0x80)
		return err_set(err, ERR_FAULT, "a sealed body has no padding");
	*plain = bytes_of(text, n - 1);
	return 0;
}

#define LOCKED_HEAD "JK2"
#define LOCKED_HEAD_BYTES (3 + 4 + 4 + crypto_pwhash_SALTBYTES + NONCE_BYTES)
#define PASSES_MAX 16
#define MIB_MIN 8
#define MIB_MAX 1024

static int lock_derive(struct seal_lock *l, struct bytes passphrase)
{
	const char *text = passphrase.n ? (const char *)passphrase.p : "";
	return crypto_pwhash(l->key, KEY_BYTES, text, passphrase.n, l->salt, l->passes, (size_t)l->mib << 20, crypto_pwhash_ALG_ARGON2ID13);
}

void seal_lock_new(const struct source *src, struct bytes passphrase, uint32_t passes, uint32_t mib, struct seal_lock *out)
{
	*out = (struct seal_lock){ .passes = passes, .mib = mib };
	source_fill(src, out->salt, sizeof out->salt);
	if (lock_derive(out, passphrase) != 0)
		die("Argon2id has no memory");
}

struct bytes seal_locked(struct arena *mem, const struct source *src, const struct seal_lock *l, struct bytes plain)
{
	uint8_t nonce[NONCE_BYTES];
	uint8_t *box = arena_alloc(mem, plain.n + TAG_BYTES);
	struct buf b = buf_new(mem, plain.n + 256);
	source_fill(src, nonce, sizeof nonce);
	buf_z(&b, LOCKED_HEAD);
	buf_u32(&b, l->passes);
	buf_u32(&b, l->mib);
	buf_put(&b, l->salt, sizeof l->salt);
	buf_put(&b, nonce, sizeof nonce);
	crypto_aead_xchacha20poly1305_ietf_encrypt(box, NULL, plain.p, plain.n, (const uint8_t *)b.p, b.n, NULL, nonce, l->key);
	buf_put(&b, box, plain.n + TAG_BYTES);
	return buf_bytes(&b);
}

struct bytes seal_password(struct arena *mem, const struct source *src, struct bytes passphrase, struct bytes plain, enum cost cost)
{
	struct seal_lock l;
	seal_lock_new(src, passphrase, cost == COST_DEMO ? 1 : LOCK_PASSES, cost == COST_DEMO ? MIB_MIN : LOCK_MIB, &l);
	struct bytes sealed = seal_locked(mem, src, &l, plain);
	wipe(&l, sizeof l);
	return sealed;
}

/* The costs come from the file: bounded, so that a bad file cannot take the machine's memory. */
static int lock_read(struct reader *r, struct seal_lock *l)
{
	bool head = bytes_eq(get_bytes(r, 3), str_bytes(STR(LOCKED_HEAD)));
	l->passes = get_u32(r);
	l->mib = get_u32(r);
	get_into(r, l->salt, sizeof l->salt);
	return head && !r->bad && l->passes >= 1 && l->passes <= PASSES_MAX && l->mib >= MIB_MIN && l->mib <= MIB_MAX ? 0 : -1;
}

int seal_password_open(struct arena *mem, struct bytes passphrase, struct bytes sealed, struct seal_lock *lock, struct bytes *plain, struct err *err)
{
	struct reader r = reader_of(sealed);
	struct seal_lock l = { .passes = 0 };
	int rc = lock_read(&r, &l);
	struct bytes nonce = get_bytes(&r, NONCE_BYTES);
	if (rc < 0 || r.bad || sealed.n - r.at < TAG_BYTES)
		return err_set(err, ERR_FORMAT, "node.keys is damaged");
	struct bytes box = get_bytes(&r, sealed.n - r.at);
	uint8_t *out = arena_alloc(mem, box.n);
	if (lock_derive(&l, passphrase) != 0)
		return err_set(err, ERR_FAULT, "Argon2id has no memory");
	rc = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, box.p, box.n, sealed.p, LOCKED_HEAD_BYTES, nonce.p, l.key);
	if (rc == 0 && lock)
		*lock = l;
	wipe(&l, sizeof l);
	*plain = bytes_of(out, box.n - TAG_BYTES);
	return rc == 0 ? 0 : err_set(err, ERR_FORBIDDEN, "the passphrase does not open node.keys");
}
