#include "crypto/age.h"
#include "crypto/keys_i.h"
#include <sodium.h>

/* What the keys process does with a request. It believes nothing: sizes are bounded, a bad frame gets KEYS_BAD. */

#define BLOB_VERSION 1
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES

char class_letter(enum data_class c)
{
	return "OPXSJ"[c < CLASSES ? c : CLASS_O];
}

int class_parse(struct str s, enum data_class *out)
{
	for (enum data_class c = CLASS_O; c < CLASSES; c++) {
		if (s.n == 1 && s.p[0] == class_letter(c)) {
			*out = c;
			return 0;
		}
	}
	return -1;
}

int keys_blob_read(struct keys_state *k, struct bytes blob)
{
	struct reader r = reader_of(blob);
	if (get_u8(&r) != BLOB_VERSION)
		return -1;
	get_into(&r, k->seed, KEY_BYTES);
	get_into(&r, k->account_salt, KEY_BYTES);
	for (size_t i = 0; i < SIDES; i++)
		get_into(&r, k->side[i], KEY_BYTES);
	for (size_t i = 0; i < COUNT(k->wrap); i++) {
		k->wrap[i].id = get_u32(&r);
		get_into(&r, k->wrap[i].key, KEY_BYTES);
	}
	return reader_done(&r) && k->wrap[0].id ? 0 : -1;
}

struct bytes keys_blob_write(struct arena *mem, const struct keys_state *k)
{
	struct buf b = buf_new(mem, 4096);
	buf_u8(&b, BLOB_VERSION);
	buf_put(&b, k->seed, KEY_BYTES);
	buf_put(&b, k->account_salt, KEY_BYTES);
	for (size_t i = 0; i < SIDES; i++)
		buf_put(&b, k->side[i], KEY_BYTES);
	for (size_t i = 0; i < COUNT(k->wrap); i++) {
		buf_u32(&b, k->wrap[i].id);
		buf_put(&b, k->wrap[i].key, KEY_BYTES);
	}
	return buf_bytes(&b);
}

struct bytes keys_blob_new(struct arena *mem, const struct source *src)
{
	struct keys_state k = { 0 };
	source_fill(src, k.seed, KEY_BYTES);
	source_fill(src, k.account_salt, KEY_BYTES);
	source_fill(src, k.side, sizeof k.side);
	source_fill(src, k.wrap[0].key, KEY_BYTES);
	k.wrap[0].id = 1;
	struct bytes blob = keys_blob_write(mem, &k);
	wipe(&k, sizeof k);
	return blob;
}

static void mac(const uint8_t key[KEY_BYTES], struct str label, struct bytes in, uint8_t out[HANDLE_BYTES])
{
	struct arena *mem = arena_new(label.n + in.n + 65536);
	struct buf b = buf_new(mem, label.n + in.n + 16);
	buf_str(&b, label);
	buf_u8(&b, 0);
	buf_put(&b, in.p, in.n);
	struct hash h = hmac_sha256(bytes_of(key, KEY_BYTES), buf_bytes(&b));
	memcpy(out, h.b, HANDLE_BYTES);
	arena_free(mem);
}

static void id_bytes(uint32_t id, uint8_t out[4])
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(id >> (24 - 8 * i));
}

/* A wrapped key is bound to what it is for: the side of its subject, or WAITING. So no request opens a subject of another side, and nobody
   gets a subject's data key by calling it a key of what waits. */
enum { WAITING = 0xff };

static void wrap_bound(const uint8_t id[4], uint8_t use, uint8_t aad[5])
{
	memcpy(aad, id, 4);
	aad[4] = use;
}

static void wrap(const struct keys_state *k, uint8_t use, const uint8_t data_key[KEY_BYTES], uint8_t out[WRAPPED_BYTES])
{
	uint8_t aad[5];
	id_bytes(k->wrap[0].id, out);
	wrap_bound(out, use, aad);
	randombytes_buf(out + 4, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + 4 + NONCE_BYTES, NULL, data_key, KEY_BYTES, aad, sizeof aad, NULL, out + 4, k->wrap[0].key);
}

uint32_t keys_wrapped_under(const uint8_t in[WRAPPED_BYTES])
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static bool unwrap(const struct keys_state *k, uint8_t use, const uint8_t in[WRAPPED_BYTES], uint8_t data_key[KEY_BYTES])
{
	uint32_t id = keys_wrapped_under(in);
	uint8_t aad[5];
	wrap_bound(in, use, aad);
	for (size_t i = 0; i < COUNT(k->wrap); i++)
		if (id && k->wrap[i].id == id)
			return crypto_aead_xchacha20poly1305_ietf_decrypt(data_key, NULL, NULL, in + 4 + NONCE_BYTES, KEY_BYTES + TAG_BYTES, aad, sizeof aad, in + 4,
			    k->wrap[i].key) == 0;
	return false;
}

/* For a key whose use the caller does not know (re-wrapping) or named wrongly. */
static bool unwrap_any(const struct keys_state *k, const uint8_t in[WRAPPED_BYTES], uint8_t *use, uint8_t data_key[KEY_BYTES])
{
	for (uint8_t side = 0; side < SIDES; side++) {
		*use = side;
		if (unwrap(k, side, in, data_key))
			return true;
	}
	*use = WAITING;
	return unwrap(k, WAITING, in, data_key);
}

/* Why a key did not open under the use that was asked for. */
static enum keys_status not_opened(const struct keys_state *k, const uint8_t in[WRAPPED_BYTES])
{
	uint8_t use, key[KEY_BYTES];
	bool other = unwrap_any(k, in, &use, key);
	wipe(key, sizeof key);
	return other ? KEYS_REFUSED : KEYS_BAD;
}

/* Which classes the side of a role may have at all (DOMAIN 3): the wall, once more, where the keys are. */
static unsigned side_classes(enum side side)
{
	static const unsigned ALLOWED[SIDES] = { [SIDE_HUMANITARIAN] = CLASS_BIT(CLASS_P) | CLASS_BIT(CLASS_X),
		[SIDE_SECURITY] = CLASS_BIT(CLASS_P) | CLASS_BIT(CLASS_S), [SIDE_JUSTICE] = CLASS_BIT(CLASS_P) | CLASS_BIT(CLASS_J),
		[SIDE_OFFICE] = CLASS_BIT(CLASS_P) };
	return side < SIDES ? ALLOWED[side] : 0;
}

static void give_keys(struct buf *answer, const uint8_t data_key[KEY_BYTES], unsigned classes)
{
	uint8_t out[KEY_BYTES];
	hkdf_sha256(bytes_of(data_key, KEY_BYTES), (struct bytes){ 0 }, STR("ledger"), out, sizeof out);
	buf_put(answer, out, sizeof out);
	for (enum data_class c = CLASS_P; c < CLASSES; c++) {
		char label[] = "class ?";
		label[6] = class_letter(c);
		if (!(classes & CLASS_BIT(c)))
			continue;
		hkdf_sha256(bytes_of(data_key, KEY_BYTES), (struct bytes){ 0 }, str_of(label), out, sizeof out);
		buf_put(answer, out, sizeof out);
	}
	wipe(out, sizeof out);
}

struct asked { enum side side; unsigned classes; uint8_t actor[16]; struct str purpose; uint32_t n; };
static bool read_ask(struct reader *r, struct asked *a)
{
	a->side = (enum side)get_u8(r);
	a->classes = get_u32(r);
	get_into(r, a->actor, sizeof a->actor);
	a->purpose = bytes_str(get_sized(r, 256));
	a->n = get_u32(r);
	return !r->bad && a->n <= SUBJECTS_MAX && a->side < SIDES && (a->classes & ~side_classes(a->side)) == 0;
}

static enum keys_status serve_new(struct keys_state *k, struct reader *r, struct buf *answer)
{
	struct asked a;
	if (!read_ask(r, &a))
		return r->bad ? KEYS_BAD : KEYS_REFUSED;
	for (uint32_t i = 0; i < a.n; i++) {
		struct bytes id = get_bytes(r, 16);
		uint8_t data_key[KEY_BYTES], wrapped[WRAPPED_BYTES], handle[HANDLE_BYTES];
		if (r->bad)
			return KEYS_BAD;
		randombytes_buf(data_key, sizeof data_key);
		mac(k->side[a.side], STR("subject"), id, handle);
		wrap(k, (uint8_t)a.side, data_key, wrapped);
		buf_put(answer, handle, sizeof handle);
		buf_put(answer, wrapped, sizeof wrapped);
		give_keys(answer, data_key, a.classes);
		wipe(data_key, sizeof data_key);
	}
	return reader_done(r) ? KEYS_OK : KEYS_BAD;
}

/* Never beside a counted purpose, and never for a role: nobody asks. */
static bool for_index(const struct keys_state *k, const struct asked *a)
{
	static const uint8_t NOBODY[16];
	return str_eq(a->purpose, KEYS_INDEX_PURPOSE) && memcmp(a->actor, NOBODY, sizeof NOBODY) == 0 && a->side == SIDE_HUMANITARIAN && a->classes == CLASS_BIT(CLASS_P) &&
	    monotonic_ms() < k->index_until_ms;
}

static enum keys_status serve_open(struct keys_state *k, struct reader *r, struct buf *answer)
{
	struct asked a;
	if (!read_ask(r, &a))
		return r->bad ? KEYS_BAD : KEYS_REFUSED;
	if (!for_index(k, &a) && !counters_take(k->counters, a.actor, a.purpose, a.n))
		return KEYS_RATE;
	for (uint32_t i = 0; i < a.n; i++) {
		struct bytes wrapped = get_bytes(r, WRAPPED_BYTES);
		uint8_t data_key[KEY_BYTES];
		if (r->bad)
			return KEYS_BAD;
		if (!unwrap(k, (uint8_t)a.side, wrapped.p, data_key))
			return not_opened(k, wrapped.p);
		give_keys(answer, data_key, a.classes);
		wipe(data_key, sizeof data_key);
	}
	return reader_done(r) ? KEYS_OK : KEYS_BAD;
}

/* "subject" makes handles; a label with a NUL could end as another one. */
static bool label_good(struct str label)
{
	return !str_is(label, "subject") && !(label.n && memchr(label.p, 0, label.n));
}

static enum keys_status serve_macs(struct keys_state *k, struct reader *r, struct buf *answer, bool blind)
{
	uint8_t side = get_u8(r), out[HANDLE_BYTES];
	struct str label = blind ? bytes_str(get_sized(r, 64)) : STR("subject");
	uint32_t n = get_u32(r);
	if (r->bad || side >= SIDES || n > SUBJECTS_MAX || (blind && !label_good(label)))
		return KEYS_BAD;
	for (uint32_t i = 0; i < n; i++) {
		struct bytes in = blind ? get_sized(r, 4096) : get_bytes(r, 16);
		if (r->bad)
			return KEYS_BAD;
		mac(k->side[side], label, in, out);
		buf_put(answer, out, sizeof out);
	}
	return reader_done(r) ? KEYS_OK : KEYS_BAD;
}

static enum keys_status serve_wait_new(struct keys_state *k, struct reader *r, struct buf *answer)
{
	uint8_t key[KEY_BYTES], wrapped[WRAPPED_BYTES];
	randombytes_buf(key, sizeof key);
	wrap(k, WAITING, key, wrapped);
	buf_put(answer, wrapped, sizeof wrapped);
	buf_put(answer, key, sizeof key);
	wipe(key, sizeof key);
	return reader_done(r) ? KEYS_OK : KEYS_BAD;
}

static enum keys_status serve_wait_open(struct keys_state *k, struct reader *r, struct buf *answer)
{
	do {
		uint8_t key[KEY_BYTES];
		struct bytes in = get_bytes(r, WRAPPED_BYTES);
		if (r->bad)
			return KEYS_BAD;
		if (!unwrap(k, WAITING, in.p, key))
			return not_opened(k, in.p);
		buf_put(answer, key, sizeof key);
		wipe(key, sizeof key);
	} while (r->at < r->n);
	return KEYS_OK;
}

static void signing_key(const struct keys_state *k, enum sign_as as, uint8_t public_key[32], uint8_t secret[64])
{
	static const char *const INFO[] = { "jisr log", "jisr node", "jisr witness" };
	uint8_t seed[crypto_sign_SEEDBYTES];
	hkdf_sha256(bytes_of(k->seed, KEY_BYTES), (struct bytes){ 0 }, str_of(INFO[as]), seed, sizeof seed);
	crypto_sign_seed_keypair(public_key, secret, seed);
	wipe(seed, sizeof seed);
}

static enum keys_status serve_public(struct keys_state *k, struct reader *r, struct buf *answer)
{
	uint8_t as = get_u8(r), public_key[32], secret[64];
	if (!reader_done(r) || as > SIGN_WITNESS)
		return KEYS_BAD;
	signing_key(k, (enum sign_as)as, public_key, secret);
	wipe(secret, sizeof secret);
	buf_put(answer, public_key, sizeof public_key);
	return KEYS_OK;
}

static enum keys_status serve_sign(struct keys_state *k, struct reader *r, struct buf *answer)
{
	uint8_t as = get_u8(r), public_key[32], secret[64], signature[64];
	if (r->bad || as > SIGN_WITNESS)
		return KEYS_BAD;
	signing_key(k, (enum sign_as)as, public_key, secret);
	do {
		struct bytes message = get_sized(r, FRAME_MAX);
		if (r->bad)
			break;
		crypto_sign_detached(signature, NULL, message.p, message.n, secret);
		buf_put(answer, signature, sizeof signature);
	} while (r->at < r->n);
	wipe(secret, sizeof secret);
	return r->bad ? KEYS_BAD : KEYS_OK;
}

/* From the node's seed, like the keys that sign. */
static void age_secret(const struct keys_state *k, uint8_t secret[32])
{
	hkdf_sha256(bytes_of(k->seed, KEY_BYTES), (struct bytes){ 0 }, STR("jisr age"), secret, 32);
}

static enum keys_status serve_age_public(struct keys_state *k, struct reader *r, struct buf *answer)
{
	uint8_t secret[32], recipient[32];
	age_secret(k, secret);
	crypto_scalarmult_base(recipient, secret);
	wipe(secret, sizeof secret);
	buf_put(answer, recipient, sizeof recipient);
	return reader_done(r) ? KEYS_OK : KEYS_BAD;
}

static enum keys_status serve_age_open(struct keys_state *k, struct reader *r, struct buf *answer)
{
	struct age_share s = { 0 };
	uint8_t secret[32], file_key[AGE_FILE_KEY] = { 0 };
	get_into(r, s.share, sizeof s.share);
	get_into(r, s.body, sizeof s.body);
	if (!reader_done(r))
		return KEYS_BAD;
	age_secret(k, secret);
	int rc = age_share_open(secret, &s, file_key);
	wipe(secret, sizeof secret);
	buf_u8(answer, rc == 0);
	buf_put(answer, file_key, sizeof file_key);
	wipe(file_key, sizeof file_key);
	return rc < 0 ? KEYS_BAD : KEYS_OK;
}

static enum keys_status serve_pair(struct keys_state *k, struct reader *r, struct buf *answer)
{
	struct bytes theirs = get_bytes(r, 32), label = get_sized(r, 64), message = get_sized(r, 4096);
	uint8_t public_key[32], secret[64], mine[32], other[32], shared[32], key[32];
	if (!reader_done(r) || crypto_sign_ed25519_pk_to_curve25519(other, theirs.p) != 0)
		return KEYS_BAD;
	signing_key(k, SIGN_NODE, public_key, secret);
	bool good = crypto_sign_ed25519_sk_to_curve25519(mine, secret) == 0 && crypto_scalarmult(shared, mine, other) == 0;
	wipe(secret, sizeof secret);
	wipe(mine, sizeof mine);
	if (!good)
		return KEYS_BAD;
	hkdf_sha256(bytes_of(shared, sizeof shared), (struct bytes){ 0 }, bytes_str(label), key, sizeof key);
	struct hash mac = hmac_sha256(bytes_of(key, sizeof key), message);
	buf_put(answer, mac.b, sizeof mac.b);
	wipe(shared, sizeof shared);
	wipe(key, sizeof key);
	return KEYS_OK;
}

static enum keys_status serve_rewrap(struct keys_state *k, struct reader *r, struct buf *answer)
{
	uint32_t n = get_u32(r);
	if (r->bad || n > SUBJECTS_MAX)
		return KEYS_BAD;
	for (uint32_t i = 0; i < n; i++) {
		struct bytes in = get_bytes(r, WRAPPED_BYTES);
		uint8_t use, key[KEY_BYTES], out[WRAPPED_BYTES];
		if (r->bad || !unwrap_any(k, in.p, &use, key))
			return KEYS_BAD;
		if (keys_wrapped_under(in.p) == k->wrap[0].id)
			memcpy(out, in.p, sizeof out);      /* new already: repeating a slice changes nothing */
		else
			wrap(k, use, key, out);
		buf_put(answer, out, sizeof out);
		wipe(key, sizeof key);
	}
	return reader_done(r) ? KEYS_OK : KEYS_BAD;
}

/* The change is made in a copy, sealed and saved; it holds only when the vault has it. The asker learns nothing but that. */
static enum keys_status serve_rotation(struct keys_state *k, struct arena *mem, bool forget)
{
	struct keys_state next = *k;
	if (!k->locked || (!forget && k->wrap[1].id))      /* two are kept: the older must be forgotten first */
		return KEYS_REFUSED;
	if (forget) {
		wipe(&next.wrap[1], sizeof next.wrap[1]);
	} else {
		next.wrap[1] = k->wrap[0];
		next.wrap[0].id++;
		randombytes_buf(next.wrap[0].key, KEY_BYTES);
	}
	struct bytes blob = keys_blob_write(mem, &next), sealed = seal_locked(mem, source_system(), &k->lock, blob);
	wipe((void *)(uintptr_t)blob.p, blob.n);
	int rc = k->vault.save(k->vault.arg, sealed);
	if (rc == 0)
		memcpy(k->wrap, next.wrap, sizeof k->wrap);
	wipe(&next, sizeof next);
	return rc == 0 ? KEYS_OK : KEYS_UNSAVED;
}

void keys_serve(struct keys_state *k, struct arena *mem, struct bytes request, struct buf *answer)
{
	struct reader r = reader_of(request);
	struct buf out = buf_new(mem, FRAME_MAX);
	enum keys_status status = KEYS_BAD;
	switch ((enum keys_op)get_u8(&r)) {
	case OP_NEW: status = serve_new(k, &r, &out); break;
	case OP_OPEN: status = serve_open(k, &r, &out); break;
	case OP_HANDLES: status = serve_macs(k, &r, &out, false); break;
	case OP_BLIND: status = serve_macs(k, &r, &out, true); break;
	case OP_WAIT_NEW: status = serve_wait_new(k, &r, &out); break;
	case OP_WAIT_OPEN: status = serve_wait_open(k, &r, &out); break;
	case OP_PUBLIC: status = serve_public(k, &r, &out); break;
	case OP_SIGN: status = serve_sign(k, &r, &out); break;
	case OP_AGE_PUBLIC: status = serve_age_public(k, &r, &out); break;
	case OP_AGE_OPEN: status = serve_age_open(k, &r, &out); break;
	case OP_PAIR: status = serve_pair(k, &r, &out); break;
	case OP_SALT: buf_put(&out, k->account_salt, KEY_BYTES); status = KEYS_OK; break;
	case OP_ROTATE: status = serve_rotation(k, mem, false); break;
	case OP_REWRAP: status = serve_rewrap(k, &r, &out); break;
	case OP_FORGET: status = serve_rotation(k, mem, true); break;
	case OP_INDEX_END: k->index_until_ms = 0; status = KEYS_OK; break;
	case OP_WRAP_ID: buf_u32(&out, k->wrap[get_u8(&r) ? 1 : 0].id); status = KEYS_OK; break;
	}
	if (out.full)
		status = KEYS_BAD;
	buf_u8(answer, (uint8_t)status);
	if (status == KEYS_OK)
		buf_put(answer, out.p, out.n);
	wipe(out.p, out.n);
}
