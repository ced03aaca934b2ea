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

int health_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	(void)err;
	a->type = "text/plain; charset=utf-8";
	a->body = str_fmt(w->mem, "ok\nentries %llu\n", (unsigned long long)ledger_size(w->node->ledger));
	return 0;
}
