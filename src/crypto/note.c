#include "crypto/note.h"
#include <sodium.h>

#define DASH "\xe2\x80\x94 "      /* em dash and space, as the C2SP format has it */
#define SIGNATURE_BYTES 64

static bool name_good(struct str name)
{
	if (!name.n || !utf8_valid(name))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((uint8_t)name.p[i] <= ' ' || name.p[i] == '+' || name.p[i] == 0x7f)
			return false;
	/* Unicode spaces: U+0085, U+00A0, U+1680, U+2000-200A, U+2028, U+2029, U+202F, U+205F, U+3000 */
	for (struct str s = name;;) {
		int32_t c = utf8_next(&s);
		if (c < 0)
			return true;
		if (c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000)
			return false;
	}
}

/* First four bytes of SHA-256(name || LF || algorithm || key). */
static uint32_t key_id(struct arena *mem, struct str name, uint8_t alg, const uint8_t key[32])
{
	struct buf b = buf_new(mem, name.n + 64);
	buf_str(&b, name);
	buf_ch(&b, '\n');
	buf_u8(&b, alg);
	buf_put(&b, key, 32);
	struct hash h = sha256(buf_bytes(&b));
	return (uint32_t)h.b[0] << 24 | (uint32_t)h.b[1] << 16 | (uint32_t)h.b[2] << 8 | h.b[3];
}

struct note_key note_key_make(struct arena *mem, struct str name, enum note_alg alg, const uint8_t public_key[32])
{
	struct note_key k = { .name = str_dup(mem, name), .id = key_id(mem, name, (uint8_t)alg, public_key), .alg = (uint8_t)alg };
	memcpy(k.public_key, public_key, sizeof k.public_key);
	return k;
}

struct str note_key_text(struct arena *mem, const struct note_key *k)
{
	uint8_t raw[33] = { k->alg };
	memcpy(raw + 1, k->public_key, 32);
	return str_fmt(mem, S_FMT "+%08x+" S_FMT, S_ARG(k->name), k->id, S_ARG(base64(mem, bytes_of(raw, sizeof raw))));
}

int note_key_parse(struct arena *mem, struct str vkey, struct note_key *out, struct err *err)
{
	struct str rest = vkey, name = str_cut(&rest, '+'), id_text = str_cut(&rest, '+');
	struct bytes id, raw;
	if (!name_good(name) || id_text.n != 8 || hex_read(mem, id_text, &id) < 0 || !rest.p || base64_read(mem, rest, &raw) < 0)
		return err_set(err, ERR_FORMAT, "this is no verifier key: name+id+key");
	if (raw.n != 33 || (raw.p[0] != NOTE_ED25519 && raw.p[0] != NOTE_COSIGNATURE))
		return err_set(err, ERR_FORMAT, "the verifier key has an algorithm that is not known");
	*out = note_key_make(mem, name, (enum note_alg)raw.p[0], raw.p + 1);
	uint32_t said = (uint32_t)id.p[0] << 24 | (uint32_t)id.p[1] << 16 | (uint32_t)id.p[2] << 8 | id.p[3];
	return said == out->id ? 0 : err_set(err, ERR_FORMAT, "the verifier key's id does not fit the key");
}

static int signature_parse(struct arena *mem, struct str line, struct note_signature *out)
{
	struct str rest = str_sub(line, sizeof DASH - 1, line.n);
	if (!str_starts(line, STR(DASH)))
		return -1;
	struct str name = str_cut(&rest, ' ');
	struct bytes raw;
	if (!name_good(name) || !rest.n || base64_read(mem, rest, &raw) < 0 || raw.n < 5)
		return -1;
	*out = (struct note_signature){ .name = name, .line = line, .raw = bytes_of(raw.p + 4, raw.n - 4),
		.id = (uint32_t)raw.p[0] << 24 | (uint32_t)raw.p[1] << 16 | (uint32_t)raw.p[2] << 8 | raw.p[3] };
	return 0;
}

/* The signature part starts after the last empty line. */
static size_t last_split(struct str raw)
{
	for (size_t i = raw.n; i-- > 1;)
		if (raw.p[i] == '\n' && raw.p[i - 1] == '\n')
			return i;
	return 0;
}

int note_parse(struct arena *mem, struct str raw, struct note *out, struct err *err)
{
	size_t split = last_split(raw);
	*out = (struct note){ 0 };
	if (raw.n > NOTE_TEXT_MAX || !utf8_valid(raw) || split == 0 || raw.p[raw.n - 1] != '\n' || split + 1 == raw.n)
		return err_set(err, ERR_FORMAT, "this is no signed note");
	for (size_t i = 0; i < raw.n; i++)
		if ((uint8_t)raw.p[i] < 0x20 && raw.p[i] != '\n')
			return err_set(err, ERR_FORMAT, "a signed note with control characters");
	out->text = str_sub(raw, 0, split);
	struct reader r = reader_of(str_bytes(str_sub(raw, split + 1, raw.n)));
	while (!reader_done(&r)) {
		struct str line = get_line(&r, 65536);
		if (r.bad || out->n == NOTE_SIGNATURES_MAX || signature_parse(mem, line, &out->signatures[out->n]) < 0)
			return err_set(err, ERR_FORMAT, "a signed note with a bad signature line");
		out->n++;
	}
	return 0;
}

struct bytes note_message(struct arena *mem, const struct note_key *k, struct str text, uint64_t time_s)
{
	if (k->alg == NOTE_ED25519)
		return str_bytes(text);
	return str_bytes(str_join(mem, str_fmt(mem, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s), text));
}

static bool signature_good(const struct note *n, const struct note_signature *s, const struct note_key *k, uint64_t *time_s)
{
	struct arena *mem = arena_new(NOTE_TEXT_MAX * 4);
	struct reader r = reader_of(s->raw);
	uint64_t at = k->alg == NOTE_COSIGNATURE ? get_u64(&r) : 0;
	struct bytes signature = get_bytes(&r, SIGNATURE_BYTES);
	bool good = reader_done(&r);
	if (good) {
		struct bytes message = note_message(mem, k, n->text, at);
		good = crypto_sign_verify_detached(signature.p, message.p, message.n, k->public_key) == 0;
	}
	arena_free(mem);
	if (good && time_s)
		*time_s = at;
	return good;
}

int note_verify(const struct note *n, const struct note_key *k, uint64_t *time_s)
{
	bool found = false;
	for (size_t i = 0; i < n->n; i++) {
		const struct note_signature *s = &n->signatures[i];
		if (!str_eq(s->name, k->name) || s->id != k->id)
			continue;
		if (!signature_good(n, s, k, time_s))
			return -1;
		found = true;
	}
	return found ? 1 : 0;
}

int note_open(struct arena *mem, struct str raw, const struct note_key *k, struct str *text, struct err *err)
{
	struct note n;
	if (note_parse(mem, raw, &n, err) < 0)
		return -1;
	if (note_verify(&n, k, NULL) != 1)
		return err_set(err, ERR_FORBIDDEN, "no good signature of " S_FMT, S_ARG(k->name));
	*text = n.text;
	return 0;
}

struct str note_line(struct arena *mem, const struct note_key *k, const uint8_t signature[64], uint64_t time_s)
{
	struct buf b = buf_new(mem, 256);
	buf_u32(&b, k->id);
	if (k->alg == NOTE_COSIGNATURE)
		buf_u64(&b, time_s);
	buf_put(&b, signature, SIGNATURE_BYTES);
	return str_fmt(mem, DASH S_FMT " " S_FMT "\n", S_ARG(k->name), S_ARG(base64(mem, buf_bytes(&b))));
}

struct str note_join(struct arena *mem, struct str text, const struct str *lines, size_t n)
{
	struct buf b = buf_new(mem, NOTE_TEXT_MAX * 2);
	buf_str(&b, text);
	buf_ch(&b, '\n');
	for (size_t i = 0; i < n; i++)
		buf_str(&b, lines[i]);
	return buf_text(&b);
}
