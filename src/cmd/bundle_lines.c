#include "cmd/bundle.h"
#include "crypto/age.h"
#include "exchange/exchange.h"

int on_bundle_begin(struct work *w, struct str rest, struct bulk *b, struct str *answer, struct err *err)
{
	uint8_t recipient[32];
	if (bundle_begin(w, rest, &b->out, recipient, err) < 0)
		return -1;
	*answer = hex(w->mem, bytes_of(recipient, sizeof recipient));
	return 0;
}

int on_bundle_next(struct work *w, struct str rest, struct bulk *b, struct str *answer, struct err *err)
{
	struct bundle_counts n = { 0 };
	struct str node = str_cut(&rest, ' ');
	int64_t number;
	if (str_i64(rest, &number) < 0 || number == 0)
		return err_set(err, ERR_USAGE, "a number of the bundle is wanted");
	if (bundle_next(w, node, number, &b->out, &n, err) < 0)
		return -1;
	*answer = str_fmt(w->mem, "%zu %zu", n.messages, n.answers);
	return 0;
}

int on_bundle_key(struct work *w, struct str rest, struct bulk *b, struct str *answer, struct err *err)
{
	struct age_share s;
	struct bytes share, body;
	uint8_t key[AGE_FILE_KEY];
	(void)answer;
	if (hex_read(w->mem, str_cut(&rest, ' '), &share) < 0 || hex_read(w->mem, rest, &body) < 0 || share.n != 32 || body.n != 32)
		return err_set(err, ERR_USAGE, "a share of an age file is wanted");
	memcpy(s.share, share.p, 32);
	memcpy(s.body, body.p, 32);
	int rc = keys_age_open(w->node->keys, &s, key, err);
	if (rc == 0)
		b->out = bytes_str(bytes_dup(w->mem, bytes_of(key, sizeof key)));
	wipe(key, sizeof key);
	return rc < 0 ? -1 : 0;
}

int on_bundle_manifest(struct work *w, struct str rest, struct bulk *b, struct str *answer, struct err *err)
{
	struct str from;
	int64_t before;
	(void)rest;
	if (bundle_manifest(w, b->in, &from, &before, err) < 0)
		return -1;
	*answer = str_fmt(w->mem, S_FMT " " S_FMT, S_ARG(from), S_ARG(before ? time_text(w->mem, before) : STR("-")));
	return 0;
}

int on_bundle_frame(struct work *w, struct str rest, struct bulk *b, struct str *answer, struct err *err)
{
	struct bundle_counts n = { 0 };
	if (bundle_frame(w, rest, b->in, &n, err) < 0)
		return -1;
	*answer = str_fmt(w->mem, "%zu %zu %zu %zu %zu %zu", n.messages, n.applied, n.held, n.refused, n.again, n.answers);
	return 0;
}
