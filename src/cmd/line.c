#include "cmd/line.h"
#include "exchange/certificate.h"

#define STRANGERS_MS 60000

int line_partner(struct work *w, const struct request *q, struct err *err)
{
	static const uint8_t NOBODY[HASH_BYTES];
	struct partner p;
	struct hash peer;
	memcpy(peer.b, q->peer, sizeof peer.b);
	w->refusal.reason = STR("unknown_certificate");
	if (memcmp(peer.b, NOBODY, sizeof peer.b) == 0) {
		w->refusal.reason = STR("no_certificate");
		return 0;
	}
	int rc = partner_by_certificate(w, &peer, &p, err);
	if (rc == 1) {
		w->partner = p.name;
		w->refusal.reason = (struct str){ 0 };
	}
	return rc < 0 ? -1 : 0;
}

int line_dispatch(struct work *w, struct request *q, const struct route *r, struct response *a, struct err *err)
{
	bool log = r && r->permission == PERMIT_ANYBODY && r->method == GET && str_starts(q->path, STR("/log/"));
	struct partner p;
	struct hash peer;
	memcpy(peer.b, q->peer, sizeof peer.b);
	if (line_partner(w, q, err) < 0 || (w->partner.n && partner_find(w, w->partner, &p, err) == 1 && certificate_seen(w, &p, &peer, err) < 0))
		return -1;
	if (!log && r && r->handler == certificate_shown_do)
		return certificate_shown_do(w, q, a, err);          /* known by what it brings */
	if (!log && !w->partner.n)
		return err_set(err, ERR_FORBIDDEN, "a stranger on the partner listener");
	if (!log && (!r || r->permission != PERMIT_PARTNER))
		return err_set(err, ERR_NOT_FOUND, "no such address for partners");
	return r->handler(w, q, a, err);
}

void line_error(struct work *w, struct response *a, const struct err *why)
{
	a->type = "text/plain; charset=utf-8";
	a->body = str_fmt(w->mem, "%s\n", err_class(why->code)->name);
}

size_t line_limit_of(struct house *h, const struct request *asked)
{
	bool other;
	struct request q = { 0 };
	struct work w = { .node = &h->node, .tx = h->tx, .mem = asked->mem, .now_ms = source_now_ms(h->node.source) };
	const struct route *r = route_find(JOINED_ROUTES, asked->method, asked->path, &q, &other);
	bool partner = r && r->method == POST && r->permission == PERMIT_PARTNER && line_partner(&w, asked, NULL) == 0 && w.partner.n;
	return partner ? r->limit : 4096;
}

void strangers_count(struct strangers *s, struct str reason)
{
	size_t i = 0;
	reason = str_sub(reason, 0, sizeof s->rows[0].reason - 1);
	if (s->n == 0)
		s->since_ms = monotonic_ms();
	while (i < s->n && !str_is(reason, s->rows[i].reason))
		i++;
	if (i == STRANGER_REASONS)
		i--;                                   /* more reasons than there are codes: the last row takes the rest */
	if (i == s->n) {
		snprintf(s->rows[i].reason, sizeof s->rows[i].reason, S_FMT, S_ARG(reason));
		s->n++;
	}
	s->rows[i].count++;
}

void strangers_hurry(struct strangers *s)
{
	s->since_ms = -STRANGERS_MS;
}

int64_t strangers_due_ms(const struct strangers *s)
{
	return s->n ? s->since_ms + STRANGERS_MS : -1;
}

int strangers_enter(const struct strangers *s, struct work *w, struct err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		struct entry e = { .act = ACT_REFUSE, .refused = str_of(s->rows[i].reason), .count = s->rows[i].count };
		if (work_enter(w, &e, err) < 0)
			return -1;
	}
	return 0;
}
