#include "cmd/demo.h"
#include "cmd/demo_http.h"
#include <curl/curl.h>
#include <unistd.h>

#define WAIT_SECONDS 180
#define ANSWER_MAX ((size_t)16 << 20)

struct reading { struct arena *mem; struct buf body; struct str location; struct visitor *v; };

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct reading *r = arg;
	buf_put(&r->body, p, size * n);
	return size * n;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct reading *r = arg;
	struct str line = str_trim((struct str){ p, size * n }), name = str_cut(&line, ':');
	line = str_trim(line);
	if (str_is(str_lower(r->mem, name), "location"))
		r->location = str_dup(r->mem, line);
	if (str_is(str_lower(r->mem, name), "set-cookie") && str_starts(line, STR("jisr-"))) {
		struct str pair = str_cut(&line, ';');
		snprintf((char *)(uintptr_t)r->v->cookie.p, 256, S_FMT, S_ARG(pair));
	}
	return size * n;
}

void visitor_open(struct arena *mem, struct visitor *v, struct str base)
{
	*v = (struct visitor){ .curl = curl_easy_init(), .base = base, .origin = base, .cookie = { arena_alloc(mem, 256), 0 } };
	if (!v->curl)
		die("no HTTP client");
}

void visitor_again(struct visitor *v)
{
	v->curl = curl_easy_init();
	if (!v->curl)
		die("no HTTP client");
}

void visitor_close(struct visitor *v)
{
	curl_easy_cleanup(v->curl);
	v->curl = NULL;
}

struct asked { struct str path, body; const char *type; };

static int ask(struct arena *mem, struct visitor *v, const struct asked *q, struct page_answer *a, struct err *err)
{
	struct reading r = { mem, buf_new(mem, ANSWER_MAX), { 0 }, v };
	long status = 0;
	struct curl_slist *headers = NULL;
	curl_easy_reset(v->curl);
	headers = curl_slist_append(headers, str_fmt(mem, "Origin: " S_FMT, S_ARG(v->origin)).p);
	headers = curl_slist_append(headers, "Expect:");
	if (q->type)
		headers = curl_slist_append(headers, str_fmt(mem, "Content-Type: %s", q->type).p);
	curl_easy_setopt(v->curl, CURLOPT_URL, str_fmt(mem, S_FMT S_FMT, S_ARG(v->base), S_ARG(q->path)).p);
	curl_easy_setopt(v->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(v->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(v->curl, CURLOPT_WRITEDATA, &r);
	curl_easy_setopt(v->curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(v->curl, CURLOPT_HEADERDATA, &r);
	curl_easy_setopt(v->curl, CURLOPT_TIMEOUT, 120L);
	curl_easy_setopt(v->curl, CURLOPT_NOSIGNAL, 1L);
	if (v->cookie.p[0])
		curl_easy_setopt(v->curl, CURLOPT_COOKIE, str_fmt(mem, "%s; jisr-lang=en", v->cookie.p).p);
	if (q->type) {
		curl_easy_setopt(v->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
		curl_easy_setopt(v->curl, CURLOPT_POSTFIELDS, q->body.p);
	}
	if (demo_stops())
		return err_set(err, ERR_EXPIRED, "stopped");
	CURLcode rc = curl_easy_perform(v->curl);
	curl_easy_getinfo(v->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	if (rc != CURLE_OK)
		return err_set(err, ERR_PEER, S_FMT ": %s", S_ARG(q->path), curl_easy_strerror(rc));
	*a = (struct page_answer){ (int)status, buf_text(&r.body), r.location };
	return 0;
}

int visitor_get(struct arena *mem, struct visitor *v, struct str path, struct page_answer *a, struct err *err)
{
	return ask(mem, v, &(struct asked){ .path = path }, a, err);
}

struct form form_new(struct arena *mem)
{
	struct form f = { buf_new(mem, (size_t)4 << 20) };
	form_add(&f, "form", id_text(mem, id_new(source_system())));
	return f;
}

static void put_encoded(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
		plain ? buf_ch(b, (char)c) : buf_fmt(b, "%%%02X", c);
	}
}

void form_add(struct form *f, const char *name, struct str value)
{
	if (f->body.n)
		buf_ch(&f->body, '&');
	put_encoded(&f->body, str_of(name));
	buf_ch(&f->body, '=');
	put_encoded(&f->body, value);
}

/* What the page said is wrong, for whoever runs the demo: the first sentence after role="alert". */
static struct str complaint(struct arena *mem, struct str body)
{
	size_t at = str_find(body, STR("role=\"alert\""));
	struct str part = str_sub(body, at, 600);
	struct buf b = buf_new(mem, 1024);
	bool tag = true;
	for (size_t i = 0; i < part.n; i++) {
		if (part.p[i] == '<')
			tag = true;
		else if (part.p[i] == '>')
			tag = false;
		else if (!tag)
			buf_ch(&b, part.p[i]);
	}
	return str_sub(str_trim(buf_text(&b)), 0, 160);
}

static int checked(struct arena *mem, struct str path, const struct page_answer *a, struct err *err)
{
	if (a->status == 200 || a->status == 303)
		return 0;
	return err_set(err, ERR_PEER, S_FMT " answered %d: " S_FMT, S_ARG(path), a->status, S_ARG(complaint(mem, a->body)));
}

int visitor_post(struct arena *mem, struct visitor *v, struct str path, struct form *f, struct page_answer *a, struct err *err)
{
	struct asked q = { path, buf_text(&f->body), "application/x-www-form-urlencoded" };
	return ask(mem, v, &q, a, err) < 0 ? -1 : checked(mem, path, a, err);
}

int visitor_upload(struct arena *mem, struct visitor *v, struct str path, const char *field, const char *file_name, struct str content, struct page_answer *a, struct err *err)
{
	struct buf b = buf_new(mem, (size_t)8 << 20);
	struct str form = id_text(mem, id_new(source_system()));
	buf_fmt(&b, "--jisr-demo\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\n" S_FMT "\r\n", S_ARG(form));
	buf_fmt(&b, "--jisr-demo\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: text/csv\r\n\r\n", field, file_name);
	buf_str(&b, content);
	buf_z(&b, "\r\n--jisr-demo--\r\n");
	struct asked q = { path, buf_text(&b), "multipart/form-data; boundary=jisr-demo" };
	return ask(mem, v, &q, a, err) < 0 ? -1 : checked(mem, path, a, err);
}

int visitor_sign_in(struct arena *mem, struct visitor *v, struct str user, struct str password, const char *purpose, struct err *err)
{
	struct form f = form_new(mem), p = form_new(mem);
	struct page_answer a;
	form_add(&f, "user", user);
	form_add(&f, "password", password);
	if (visitor_post(mem, v, STR("/login"), &f, &a, err) < 0)
		return err_add(err, "signing in " S_FMT, S_ARG(user));
	form_add(&p, "purpose", str_of(purpose));
	return purpose ? visitor_post(mem, v, STR("/purpose"), &p, &a, err) : 0;
}

struct str location_id(struct str location)
{
	struct str last = location;
	while (location.p)
		last = str_cut(&location, '/');
	return str_cut(&last, '?');
}

json_t *visitor_json(struct arena *mem, struct visitor *v, struct str path, struct err *err)
{
	struct page_answer a;
	if (visitor_get(mem, v, path, &a, err) < 0 || a.status != 200)
		return NULL;
	return json_read(mem, a.body, err);
}

static bool among(struct str state, const char *states)
{
	struct str rest = str_of(states);
	while (rest.n)
		if (str_eq(str_cut(&rest, '|'), state))
			return true;
	return false;
}

int visitor_wait(struct arena *mem, struct visitor *v, const char *type, struct str id, const char *states, int64_t *version, struct err *err)
{
	struct str path = str_fmt(mem, "/api/1/%s/" S_FMT "?fields=none", type, S_ARG(id)), last = { 0 };
	int64_t until = monotonic_ms() + WAIT_SECONDS * 1000;
	while (monotonic_ms() < until) {
		struct arena *turn = arena_new(ANSWER_MAX * 2);
		json_t *o = visitor_json(turn, v, path, err);
		struct str state = json_str(o, "state");
		bool there = o && among(state, states);
		last = str_dup(mem, state);
		*version = json_int(o, "version", 0);
		arena_free(turn);
		if (err->code || there)
			return there ? 0 : -1;
		usleep(120000);
	}
	return err_set(err, ERR_EXPIRED, "%s did not become %s in %d s (it is \"" S_FMT "\")", type, states, WAIT_SECONDS, S_ARG(last));
}

int visitor_move(struct arena *mem, struct visitor *v, const char *type, struct str id, const char *move, struct str event_time, struct err *err)
{
	struct page_answer a;
	json_t *o = visitor_json(mem, v, str_fmt(mem, "/api/1/%s/" S_FMT "?fields=none", type, S_ARG(id)), err);
	if (!o)
		return err->code ? -1 : err_set(err, ERR_PEER, "%s cannot be read before %s", type, move);
	struct form f = form_new(mem);
	form_add(&f, "version", str_fmt(mem, "%lld", (long long)json_int(o, "version", 0)));
	form_add(&f, "event_time", event_time);
	form_add(&f, "reason", STR("demo"));
	return visitor_post(mem, v, str_fmt(mem, "/r/%s/" S_FMT "/move/%s", type, S_ARG(id), move), &f, &a, err);
}
