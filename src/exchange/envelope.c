#include "exchange/exchange_i.h"

/* The text forms of envelopes and receipts. One writer and one strict reader each; a second implementation needs nothing else. */
#define ENVELOPE_HEAD "jisr-envelope/1"
#define RECEIPT_HEAD "jisr-receipt/1"
#define NUMBER_MAX ((uint64_t)1 << 53)

static void put(struct buf *b, const char *key, struct str value)
{
	buf_z(b, key);
	buf_ch(b, ' ');
	value.n ? buf_str(b, value) : buf_ch(b, '-');
	buf_ch(b, '\n');
}

static struct str hash_text(struct arena *mem, const struct hash *h)
{
	return hex(mem, bytes_of(h->b, HASH_BYTES));
}

static bool hash_zero(const struct hash *h)
{
	static const struct hash ZERO;
	return hash_eq(h, &ZERO);
}

struct str envelope_text(struct arena *mem, const struct envelope *e)
{
	struct buf b = buf_new(mem, 4096);
	buf_z(&b, ENVELOPE_HEAD "\n");
	put(&b, "from", e->from);
	put(&b, "to", e->to);
	put(&b, "epoch", str_fmt(mem, "%llu", (unsigned long long)e->epoch));
	put(&b, "id", id_text(mem, e->id));
	put(&b, "seq", str_fmt(mem, "%llu", (unsigned long long)e->seq));
	put(&b, "prev", hash_text(mem, &e->prev));
	put(&b, "created", time_text(mem, e->created_ms));
	put(&b, "expires", e->expires_ms ? time_text(mem, e->expires_ms) : (struct str){ 0 });
	put(&b, "kind", e->kind);
	put(&b, "purpose", e->purpose);
	put(&b, "basis", e->basis);
	put(&b, "agreement", hash_zero(&e->agreement) ? (struct str){ 0 } : hash_text(mem, &e->agreement));
	put(&b, "handling", e->handling);
	put(&b, "body", str_fmt(mem, S_FMT " %llu " S_FMT, S_ARG(e->media), (unsigned long long)e->length, S_ARG(hash_text(mem, &e->digest))));
	return buf_text(&b);
}

/* The words of the next line, which must have this key; `spaces`: how many single ones stand between them. Visible ASCII only. */
static int take_words(struct reader *r, const char *key, size_t spaces, struct str *value)
{
	struct str line = get_line(r, 1024), head = str_cut(&line, ' ');
	bool between = false;                          /* two words: a space may come */
	if (r->bad || !str_is(head, key) || !line.n)
		return -1;
	for (size_t i = 0; i < line.n; i++) {
		bool space = line.p[i] == ' ';
		if ((space && (!between || spaces-- == 0)) || (!space && (line.p[i] < '!' || line.p[i] > '~')))
			return -1;
		between = !space;
	}
	*value = line;
	return between ? 0 : -1;
}

/* One word; empty for "-". */
static int take(struct reader *r, const char *key, struct str *value)
{
	if (take_words(r, key, 0, value) < 0)
		return -1;
	if (str_is(*value, "-"))
		*value = (struct str){ 0 };
	return 0;
}

static int take_hash(struct arena *mem, struct reader *r, const char *key, bool required, struct hash *out)
{
	struct str v;
	struct bytes raw;
	*out = (struct hash){ { 0 } };
	if (take(r, key, &v) < 0 || (required && !v.n))
		return -1;
	if (!v.n)
		return 0;
	if (hex_read(mem, v, &raw) < 0 || raw.n != HASH_BYTES)
		return -1;
	memcpy(out->b, raw.p, HASH_BYTES);
	return 0;
}

static int take_time(struct arena *mem, struct reader *r, const char *key, int64_t *out)
{
	struct str v;
	*out = 0;
	if (take(r, key, &v) < 0)
		return -1;
	return !v.n || (time_parse(v, out) == 0 && str_eq(time_text(mem, *out), v)) ? 0 : -1;
}

static int take_number(struct arena *mem, struct reader *r, const char *key, uint64_t *out)
{
	struct str v;
	return take(r, key, &v) == 0 && str_u64(v, out) == 0 && *out <= NUMBER_MAX && str_eq(str_fmt(mem, "%llu", (unsigned long long)*out), v) ? 0 : -1;
}

static int take_id(struct arena *mem, struct reader *r, const char *key, struct id *out)
{
	struct str v;
	return take(r, key, &v) == 0 && id_parse(v, out) == 0 && str_eq(id_text(mem, *out), v) ? 0 : -1;
}

static int take_body(struct arena *mem, struct reader *r, struct envelope *e)
{
	struct str v;
	struct bytes raw;
	if (take_words(r, "body", 2, &v) < 0)
		return -1;
	e->media = str_cut(&v, ' ');
	struct str length = str_cut(&v, ' ');
	if (!e->media.n || str_u64(length, &e->length) < 0 || e->length > NUMBER_MAX || !str_eq(length, str_fmt(mem, "%llu", (unsigned long long)e->length)) || hex_read(mem, v, &raw) < 0 || raw.n != HASH_BYTES)
		return -1;
	memcpy(e->digest.b, raw.p, HASH_BYTES);
	return 0;
}

int envelope_parse(struct arena *mem, struct str text, struct envelope *e, struct err *err)
{
	struct reader r = reader_of(str_bytes(text));
	*e = (struct envelope){ 0 };
	bool good = str_is(get_line(&r, 64), ENVELOPE_HEAD) && take(&r, "from", &e->from) == 0 && take(&r, "to", &e->to) == 0 && take_number(mem, &r, "epoch", &e->epoch) == 0 &&
	    take_id(mem, &r, "id", &e->id) == 0 && take_number(mem, &r, "seq", &e->seq) == 0 && take_hash(mem, &r, "prev", true, &e->prev) == 0 &&
	    take_time(mem, &r, "created", &e->created_ms) == 0 && take_time(mem, &r, "expires", &e->expires_ms) == 0 && take(&r, "kind", &e->kind) == 0 &&
	    take(&r, "purpose", &e->purpose) == 0 && take(&r, "basis", &e->basis) == 0 && take_hash(mem, &r, "agreement", false, &e->agreement) == 0 &&
	    take(&r, "handling", &e->handling) == 0 && take_body(mem, &r, e) == 0 && reader_done(&r) && e->from.n && e->to.n && e->kind.n && e->created_ms && e->seq;
	return good ? 0 : err_set(err, ERR_FORMAT, "an envelope that cannot be read");
}

struct hash envelope_digest(struct str text)
{
	return sha256(str_bytes(text));
}

struct str receipt_text(struct arena *mem, const struct receipt *c, struct str from, struct str to)
{
	struct buf b = buf_new(mem, (size_t)1 << 18);
	buf_z(&b, RECEIPT_HEAD "\n");
	put(&b, "from", from);
	put(&b, "to", to);
	put(&b, "id", id_text(mem, c->id));
	put(&b, "digest", hash_text(mem, &c->digest));
	put(&b, "verdict", c->verdict);
	put(&b, "why", c->why);
	put(&b, "index", str_fmt(mem, "%llu", (unsigned long long)c->index));
	put(&b, "proof", c->proof.n ? base64(mem, str_bytes(c->proof)) : (struct str){ 0 });
	return buf_text(&b);
}

static int take_proof(struct arena *mem, struct reader *r, struct str *out)
{
	struct str line = get_line(r, (size_t)1 << 17), head = str_cut(&line, ' ');
	struct bytes raw = { 0 };
	if (r->bad || !str_is(head, "proof") || (!str_is(line, "-") && (!line.n || base64_read(mem, line, &raw) < 0)))
		return -1;
	*out = bytes_str(raw);
	return 0;
}

int receipt_parse(struct arena *mem, struct str text, struct receipt *c, struct str *from, struct str *to, struct err *err)
{
	struct reader r = reader_of(str_bytes(text));
	*c = (struct receipt){ 0 };
	bool good = str_is(get_line(&r, 64), RECEIPT_HEAD) && take(&r, "from", from) == 0 && take(&r, "to", to) == 0 && take_id(mem, &r, "id", &c->id) == 0 &&
	    take_hash(mem, &r, "digest", true, &c->digest) == 0 && take(&r, "verdict", &c->verdict) == 0 && take(&r, "why", &c->why) == 0 &&
	    take_number(mem, &r, "index", &c->index) == 0 && take_proof(mem, &r, &c->proof) == 0 && reader_done(&r) &&
	    (str_is(c->verdict, "applied") || str_is(c->verdict, "held") || str_is(c->verdict, "refused"));
	return good ? 0 : err_set(err, ERR_FORMAT, "a receipt that cannot be read");
}

void frame_put(struct buf *b, struct str s)
{
	buf_sized(b, str_bytes(s));
}

int head_parse(struct arena *mem, struct str checkpoint, uint64_t *size, struct hash *root)
{
	struct bytes raw;
	str_cut(&checkpoint, '\n');
	if (str_u64(str_cut(&checkpoint, '\n'), size) < 0 || base64_read(mem, str_cut(&checkpoint, '\n'), &raw) < 0 || raw.n != HASH_BYTES)
		return -1;
	memcpy(root->b, raw.p, HASH_BYTES);
	return 0;
}
