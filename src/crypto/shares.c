#include "crypto/shares.h"
#include <libgfshare.h>

#define PAPER_VERSION 1
#define HEAD 7                    /* version, split, k, number */
#define CHECK 4
#define OWN_HASH 8
#define GROUP 4                   /* and a check sign */
static const char SIGNS[] = "023456789BCDFGHJKMNPQRSTVWXYZAEU";

/* The library takes randomness by a function without an argument. */
static void fill(unsigned char *p, unsigned n)
{
	source_fill(source_system(), p, n);
}

/* ---- signs ---- */

static char group_check(const unsigned *v)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < GROUP; i++)
		sum += (i + 1) * v[i];
	return SIGNS[sum % 31];
}

static struct str paper_text(struct arena *mem, struct bytes b)
{
	size_t signs = (b.n * 8 + 4) / 5;
	struct buf out = buf_new(mem, signs * 2 + 16);
	unsigned v[GROUP] = { 0 };
	for (size_t i = 0; i < signs || i % GROUP; i++) {
		unsigned value = 0;
		for (size_t bit = i * 5; bit < i * 5 + 5; bit++)
			value = value << 1 | (bit < b.n * 8 ? (unsigned)b.p[bit / 8] >> (7 - bit % 8) & 1u : 0u);
		v[i % GROUP] = value;
		if (i && i % GROUP == 0)
			buf_ch(&out, i % (GROUP * 6) == 0 ? '\n' : '-');
		buf_ch(&out, SIGNS[value]);
		if (i % GROUP == GROUP - 1)
			buf_ch(&out, group_check(v));
	}
	return buf_text(&out);
}

static int sign_value(char c)
{
	const char *at = c ? strchr(SIGNS, c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) : NULL;
	return at ? (int)(at - SIGNS) : -1;
}

static int signs_read(struct arena *mem, struct str paper, struct bytes *out, struct err *err)
{
	uint8_t *p = arena_alloc(mem, paper.n + 1);
	unsigned v[GROUP + 1];
	size_t n = 0, bits = 0;
	for (size_t i = 0; i < paper.n; i++) {
		if (strchr("- \t\r\n", paper.p[i]) && paper.p[i])
			continue;
		int value = sign_value(paper.p[i]);
		if (value < 0)
			return err_set(err, ERR_VALUE, "group %zu has a sign that no paper has", n / (GROUP + 1) + 1);
		v[n++ % (GROUP + 1)] = (unsigned)value;
		if (n % (GROUP + 1))
			continue;
		if (SIGNS[v[GROUP]] != group_check(v))
			return err_set(err, ERR_VALUE, "group %zu is mistyped", n / (GROUP + 1));
		for (size_t k = 0; k < GROUP; k++)
			for (unsigned bit = 5; bit-- > 0; bits++) {
				if (bits % 8 == 0)
					p[bits / 8] = 0;
				p[bits / 8] = (uint8_t)(p[bits / 8] | (v[k] >> bit & 1u) << (7 - bits % 8));
			}
	}
	*out = bytes_of(p, bits / 8);
	return n && n % (GROUP + 1) == 0 ? 0 : err_set(err, ERR_VALUE, "the last group is not whole");
}

/* What follows the hash are the bits that fill the last group: none is set. */
static bool whole(struct bytes b, size_t n)
{
	struct hash h;
	if (n < HEAD + OWN_HASH + 1 + CHECK || n > b.n)
		return false;
	h = sha256(bytes_of(b.p, n - CHECK));
	for (size_t i = n; i < b.n; i++)
		if (b.p[i])
			return false;
	return memcmp(h.b, b.p + n - CHECK, CHECK) == 0;
}

int share_read(struct arena *mem, struct str paper, struct share *s, struct err *err)
{
	struct bytes b;
	size_t n;
	if (paper.n > 4096)
		return err_set(err, ERR_VALUE, "longer than any paper");
	if (signs_read(mem, paper, &b, err) < 0)
		return -1;
	for (n = b.n; n > 0 && !whole(b, n) && b.n - n < 3; n--)
		;
	if (!whole(b, n) || b.p[0] != PAPER_VERSION || b.p[5] < 2 || b.p[6] == 0)
		return err_set(err, ERR_VALUE, "groups are missing, or in another order: the paper does not add up");
	*s = (struct share){ .k = b.p[5], .number = b.p[6], .body = bytes_of(b.p + HEAD, n - HEAD - CHECK) };
	memcpy(s->split, b.p + 1, sizeof s->split);
	return 0;
}

/* ---- splitting and joining ---- */

static struct str paper_of(struct arena *mem, const struct share *s)
{
	struct buf b = buf_new(mem, s->body.n + HEAD + CHECK + 16);
	buf_ch(&b, PAPER_VERSION);
	buf_put(&b, s->split, sizeof s->split);
	buf_ch(&b, (char)s->k);
	buf_ch(&b, (char)s->number);
	buf_put(&b, s->body.p, s->body.n);
	struct hash h = sha256(buf_bytes(&b));
	buf_put(&b, h.b, CHECK);
	struct str paper = paper_text(mem, buf_bytes(&b));
	wipe((void *)(uintptr_t)buf_bytes(&b).p, buf_bytes(&b).n);
	return paper;
}

int shares_split(struct arena *mem, const struct source *source, struct bytes secret, size_t k, size_t n, struct str *out, struct err *err)
{
	uint8_t numbers[SHARES_MOST], whole_secret[SHARE_SECRET_MAX + OWN_HASH], split[4];
	if (k < 2 || k > n || n > SHARES_MOST || !secret.n || secret.n > SHARE_SECRET_MAX)
		return err_set(err, ERR_VALUE, "2 to %d papers, at least 2 of them needed", SHARES_MOST);
	struct hash h = sha256(secret);
	unsigned size = (unsigned)(secret.n + OWN_HASH);
	memcpy(whole_secret, secret.p, secret.n);
	memcpy(whole_secret + secret.n, h.b, OWN_HASH);
	source_fill(source, split, sizeof split);
	for (size_t i = 0; i < n; i++)
		numbers[i] = (uint8_t)(i + 1);
	gfshare_fill_rand = fill;
	gfshare_ctx *c = gfshare_ctx_init_enc(numbers, (unsigned)n, (uint8_t)k, size);
	if (!c)
		die("no memory for shares");
	gfshare_ctx_enc_setsecret(c, whole_secret);
	for (size_t i = 0; i < n; i++) {
		uint8_t body[SHARE_SECRET_MAX + OWN_HASH];
		struct share s = { .k = (uint8_t)k, .number = numbers[i], .body = bytes_of(body, size) };
		memcpy(s.split, split, sizeof split);
		gfshare_ctx_enc_getshare(c, (uint8_t)i, body);
		out[i] = paper_of(mem, &s);
		wipe(body, sizeof body);
	}
	gfshare_ctx_free(c);
	wipe(whole_secret, sizeof whole_secret);
	return 0;
}

static int fits(const struct share *s, size_t n, struct err *err)
{
	if (n == 0 || n < s[0].k)
		return err_set(err, ERR_VALUE, n ? "%d papers are needed" : "no paper was read: at least %d are needed", n ? s[0].k : 2);
	for (size_t i = 0; i < n; i++) {
		if (memcmp(s[i].split, s[0].split, sizeof s[i].split) != 0 || s[i].k != s[0].k || s[i].body.n != s[0].body.n)
			return err_set(err, ERR_VALUE, "paper %d is of another split than paper %d", s[i].number, s[0].number);
		for (size_t j = 0; j < i; j++)
			if (s[i].number == s[j].number)
				return err_set(err, ERR_VALUE, "paper %d was read twice", s[i].number);
	}
	return s[0].body.n > OWN_HASH && s[0].body.n <= SHARE_SECRET_MAX + OWN_HASH && n <= SHARES_MOST ? 0 : err_set(err, ERR_VALUE, "papers of a secret that nobody splits");
}

int shares_join(struct arena *mem, const struct share *s, size_t n, struct bytes *secret, struct err *err)
{
	uint8_t numbers[SHARES_MOST], *out = arena_alloc(mem, SHARE_SECRET_MAX + OWN_HASH + 1), body[SHARE_SECRET_MAX + OWN_HASH];
	if (fits(s, n, err) < 0)
		return -1;
	n = s[0].k;                                /* more would be no help */
	for (size_t i = 0; i < n; i++)
		numbers[i] = s[i].number;
	gfshare_fill_rand = fill;
	gfshare_ctx *c = gfshare_ctx_init_dec(numbers, (unsigned)n, (unsigned)s[0].body.n);
	if (!c)
		die("no memory for shares");
	for (size_t i = 0; i < n; i++) {
		memcpy(body, s[i].body.p, s[i].body.n);
		gfshare_ctx_dec_giveshare(c, (uint8_t)i, body);
	}
	gfshare_ctx_dec_extract(c, out);
	gfshare_ctx_free(c);
	wipe(body, sizeof body);
	*secret = bytes_of(out, s[0].body.n - OWN_HASH);
	struct hash h = sha256(*secret);
	if (memcmp(h.b, out + secret->n, OWN_HASH) == 0)
		return 0;
	wipe(out, s[0].body.n);
	return err_set(err, ERR_FORBIDDEN, "together these papers give nothing that was split: one of them was changed");
}
