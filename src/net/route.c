#include "net/http.h"

/* Matches "/persons/:id/log" against a path; fills params. */
static bool matches(struct str pattern, struct str path, struct request *q)
{
	size_t n = 0;
	struct pair params[COUNT(q->params)];
	while (pattern.p && path.p) {
		struct str want = str_cut(&pattern, '/'), have = str_cut(&path, '/');
		if (want.n && want.p[0] == ':') {
			if (have.n == 0 || n == COUNT(params))
				return false;
			params[n++] = (struct pair){ str_sub(want, 1, want.n), have };
		} else if (want.n == 1 && want.p[0] == '*') {   /* the rest of the path, slashes and all */
			if (n == COUNT(params))
				return false;
			size_t rest = path.p ? have.n + 1 + path.n : have.n;
			params[n++] = (struct pair){ STR("*"), { have.p, rest } };
			pattern = path = (struct str){ 0 };
		} else if (!str_eq(want, have)) {
			return false;
		}
	}
	if (pattern.p || path.p)
		return false;
	memcpy(q->params, params, n * sizeof params[0]);
	q->nparams = n;
	return true;
}

/* Most rows are left by their first letter. */
static bool may_match(const char *pattern, struct str path)
{
	return pattern[0] == '\0' || path.n < 2 || pattern[1] == path.p[1] || pattern[1] == ':' || pattern[1] == '*';
}

const struct route *route_find(const struct route *const *tables, enum method method, struct str path,
    struct request *q, bool *other_method)
{
	*other_method = false;
	for (; *tables; tables++) {
		for (const struct route *r = *tables; r->path; r++) {
			if (!may_match(r->path, path) || !matches(str_of(r->path), path, q))
				continue;
			if (r->method == method)
				return r;
			*other_method = true;
		}
	}
	q->nparams = 0;
	return NULL;
}

void response_header(struct response *a, const char *name, struct str value)
{
	if (a->nheaders == RESPONSE_HEADERS)
		die("too many headers on an answer");
	a->headers[a->nheaders].name = name;
	a->headers[a->nheaders++].value = value;
}

void response_see(struct response *a, struct str location)
{
	a->status = 303;
	a->body = (struct str){ 0 };
	response_header(a, "Location", location);
}

static struct str pair_find(const struct pair *p, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(p[i].name, name))
			return p[i].value;
	return (struct str){ 0 };
}

struct str request_query(const struct request *q, const char *name)
{
	return pair_find(q->query, q->nquery, name);
}

struct str request_cookie(const struct request *q, const char *name)
{
	return pair_find(q->cookies, q->ncookies, name);
}

struct str request_field(const struct request *q, const char *name)
{
	return pair_find(q->form, q->nform, name);
}

struct str request_param(const struct request *q, const char *name)
{
	return pair_find(q->params, q->nparams, name);
}

size_t request_fields(const struct request *q, const char *name, struct str *out, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < q->nform && n < max; i++)
		if (str_is(q->form[i].name, name))
			out[n++] = q->form[i].value;
	return n;
}
