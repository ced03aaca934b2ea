#include "exchange/exchange.h"
#include "web/html.h"
#include "web/pages.h"

static const struct { const char *ending, *type; } TYPES[] = {
	{ ".css", "text/css; charset=utf-8" }, { ".woff2", "font/woff2" }, { ".svg", "image/svg+xml" }, { ".js", "text/javascript; charset=utf-8" }, { ".txt", "text/plain; charset=utf-8" },
};

int asset_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct embedded *e = embedded_find(str_join(w->mem, STR("assets/"), request_param(q, "*")));
	if (!e)
		return err_set(err, ERR_NOT_FOUND, "no such file");
	for (size_t i = 0; i < COUNT(TYPES); i++)
		if (str_ends(str_of(e->path), str_of(TYPES[i].ending)))
			a->type = TYPES[i].type;
	a->body = bytes_str(bytes_of(e->data, e->n));
	a->immutable = true;
	page_headers(a);
	return 0;
}

/* For whoever watches the machine: numbers only. Seconds, not dates: how long the oldest message has waited. */
int health_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct line_numbers n;
	(void)q;
	if (line_numbers(w, &n, err) < 0)
		return -1;
	a->type = "text/plain; charset=utf-8";
	a->body = str_fmt(w->mem, "ok\nentries %llu\nmessages_waiting %lld\noldest_waiting_seconds %lld\nlines_held %lld\n", (unsigned long long)ledger_size(w->node->ledger),
	    (long long)n.waiting, (long long)(n.oldest_ms && n.oldest_ms < w->now_ms ? (w->now_ms - n.oldest_ms) / 1000 : 0), (long long)n.held);
	return 0;
}
