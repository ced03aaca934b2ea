#include "net/client.h"
#include "base/log.h"
#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CONNECT_MS 5000
#define TOTAL_MS 30000
#define ANSWER_MAX ((size_t)8 << 20)
#define CONNECTIONS_KEPT 64L
#define CONNECTIONS_HOST 4L
#define EVENTS 32
#define ADDRESSES_MAX 8

/* A call in the hands of libcurl. */
struct flight {
	struct flight *next;
	struct client *client;
	struct post *post;
	CURL *easy;
	struct curl_slist *headers;
	struct buf answer;
	const char *failure;
};
struct client {
	struct arena *mem;
	struct client_settings settings;
	CURLM *multi;
	struct curl_slist *resolved;             /* "host:port:address" */
	struct flight *first;
	int epoll;
	int64_t due_ms;                          /* monotonic; -1: libcurl waits for nothing */
};

/* libcurl tells which sockets it waits for ... */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct client *c = arg;
	struct epoll_event e = { .data.fd = fd };
	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	e.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0u) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0u);
	if (epoll_ctl(c->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) < 0)
		die("epoll of calls: %s", strerror(errno));
	curl_multi_assign(c->multi, fd, c);      /* marks it as known */
	return 0;
}

/* ... and how long it wants to wait. */
static int on_timer(CURLM *multi, long ms, void *arg)
{
	struct client *c = arg;
	(void)multi;
	c->due_ms = ms < 0 ? -1 : monotonic_ms() + ms;
	return 0;
}

/* The handshake is done and nothing was sent: the last moment at which the wrong side learns nothing. */
static int on_connected(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct flight *f = arg;
	const struct curl_tlssessioninfo *info = NULL;
	unsigned n = 0;
	(void)remote, (void)local, (void)remote_port, (void)local_port;
	if (curl_easy_getinfo(f->easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || !info || info->backend != CURLSSLBACKEND_GNUTLS || !info->internals) {
		f->failure = "no TLS session";
		return CURL_PREREQFUNC_ABORT;
	}
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(info->internals, &n);
	struct hash seen = n ? sha256(bytes_of(chain[0].data, chain[0].size)) : (struct hash){ { 0 } };
	static const struct hash NONE;
	if (n && (hash_eq(&seen, &f->post->pin) || (!hash_eq(&f->post->next_pin, &NONE) && hash_eq(&seen, &f->post->next_pin))))
		return CURL_PREREQFUNC_OK;
	f->failure = "the certificate is not the pinned one";
	return CURL_PREREQFUNC_ABORT;
}

static size_t on_data(char *p, size_t one, size_t n, void *arg)
{
	struct flight *f = arg;
	(void)one;
	buf_put(&f->answer, p, n);
	if (!f->answer.full)
		return n;
	f->failure = "the answer is too large";
	return 0;
}

static void deliver(struct client *c, struct post *p, int status, struct str answer, const char *failure)
{
	p->status = status;
	p->answer = status ? answer : (struct str){ 0 };
	p->failure = status ? NULL : failure;
	c->settings.on_answer(c->settings.arg, p);
}

static void flight_end(struct client *c, struct flight *f)
{
	struct flight **at = &c->first;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	curl_multi_remove_handle(c->multi, f->easy);
	curl_easy_cleanup(f->easy);
	curl_slist_free_all(f->headers);
}

static void collect(struct client *c)
{
	CURLMsg *m;
	int left;
	while ((m = curl_multi_info_read(c->multi, &left))) {
		struct flight *f = NULL;
		long status = 0;
		CURLcode rc = m->data.result;
		if (m->msg != CURLMSG_DONE || curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&f) != CURLE_OK || !f)
			continue;
		curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
		struct post *p = f->post;
		const char *failure = f->failure ? f->failure : curl_easy_strerror(rc);
		struct str answer = buf_text(&f->answer);
		flight_end(c, f);
		deliver(c, p, rc == CURLE_OK ? (int)status : 0, answer, failure);
	}
}

static bool numeric(struct arena *mem, struct str host)
{
	struct in_addr in;
	struct in6_addr in6;
	char *z = str_z(mem, host);
	return inet_pton(AF_INET, z, &in) == 1 || inet_pton(AF_INET6, z, &in6) == 1;
}

/* Host and port of an https URL: false where it is none. */
static bool split(struct arena *mem, struct str url, struct str *host, struct str *port)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *h = NULL, *p = NULL, *user = NULL;
	bool good = u && curl_url_set(u, CURLUPART_URL, str_z(mem, url), 0) == CURLUE_OK && curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    strcmp(scheme, "https") == 0 && curl_url_get(u, CURLUPART_HOST, &h, 0) == CURLUE_OK && curl_url_get(u, CURLUPART_PORT, &p, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_OK;
	if (good) {
		*host = str_dup(mem, str_of(h));
		*port = str_dup(mem, str_of(p));
		if (host->n > 2 && host->p[0] == '[')
			*host = str_sub(*host, 1, host->n - 1);
	}
	curl_free(scheme);
	curl_free(h);
	curl_free(p);
	curl_free(user);
	curl_url_cleanup(u);
	return good;
}

static bool reachable(const struct client *c, struct arena *mem, struct str url)
{
	struct str host, port;
	if (!split(mem, url, &host, &port))
		return false;
	if (numeric(mem, host))
		return true;
	struct str key = str_fmt(mem, S_FMT ":" S_FMT ":", S_ARG(host), S_ARG(port));
	for (const struct curl_slist *r = c->resolved; r; r = r->next)
		if (str_starts(str_of(r->data), key))
			return true;
	return false;
}

/* "host:port:address,[address]": libcurl tries one after the other. */
static bool look_up(struct arena *mem, struct str host, struct str port, struct buf *line)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC }, *found = NULL;
	char text[INET6_ADDRSTRLEN + 32];
	size_t n = 0;
	setenv("RES_OPTIONS", "timeout:2 attempts:1", 0);       /* a node starts without a line too */
	if (getaddrinfo(str_z(mem, host), str_z(mem, port), &hints, &found) != 0)
		return false;
	buf_fmt(line, S_FMT ":" S_FMT ":", S_ARG(host), S_ARG(port));
	for (const struct addrinfo *a = found; a && n < ADDRESSES_MAX; a = a->ai_next)
		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0)
			buf_fmt(line, a->ai_family == AF_INET6 ? "%s[%s]" : "%s%s", n++ ? "," : "", text);
	freeaddrinfo(found);
	return n > 0;
}

void client_resolve(struct client *c, struct str url)
{
	struct arena *mem = arena_new((size_t)1 << 20);
	struct buf line = buf_new(mem, 4096);
	struct str host, port;
	bool known = reachable(c, mem, url), found = !known && split(mem, url, &host, &port) && look_up(mem, host, port, &line);
	if (found)
		c->resolved = curl_slist_append(c->resolved, line.p);
	else if (!known)
		log_line(LOG_WARN, "net", "the address of a partner cannot be looked up; calls to it fail until the next start");
	arena_free(mem);
}

#define SET(option, value) (rc = rc == CURLE_OK ? curl_easy_setopt(e, option, value) : rc)
static CURLcode prepare_tls(struct client *c, struct flight *f)
{
	CURL *e = f->easy;
	CURLcode rc = CURLE_OK;
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
	SET(CURLOPT_SSL_VERIFYPEER, 0L);         /* nobody vouches for it: on_connected compares it with the pin */
	SET(CURLOPT_SSL_VERIFYHOST, 0L);
	SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
	SET(CURLOPT_SSLCERT, c->settings.identity->cert_path.p);
	SET(CURLOPT_SSLKEY, c->settings.identity->key_path.p);
	SET(CURLOPT_PREREQFUNCTION, on_connected);
	SET(CURLOPT_PREREQDATA, f);
	return rc;
}

static CURLcode prepare_line(struct client *c, struct flight *f)
{
	CURL *e = f->easy;
	CURLcode rc = CURLE_OK;
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TCP_NODELAY, 1L);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_RESOLVE, c->resolved);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)c->settings.connect_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)c->settings.total_ms);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	return rc;
}

static CURLcode prepare(struct client *c, struct flight *f)
{
	CURL *e = f->easy;
	struct post *p = f->post;
	CURLcode rc = CURLE_OK;
	f->headers = curl_slist_append(NULL, str_fmt(p->mem, "Content-Type: %s", p->type).p);
	f->headers = curl_slist_append(f->headers, "Expect:");
	f->headers = curl_slist_append(f->headers, "Accept:");
	SET(CURLOPT_URL, str_z(p->mem, p->url));
	SET(CURLOPT_PRIVATE, f);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->body.n);
	SET(CURLOPT_POSTFIELDS, p->body.n ? p->body.p : "");
	SET(CURLOPT_HTTPHEADER, f->headers);
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, f);
	rc = rc == CURLE_OK ? prepare_line(c, f) : rc;
	return rc == CURLE_OK ? prepare_tls(c, f) : rc;
}
#undef SET

void client_post(struct client *c, struct post *p)
{
	struct flight *f = NEW(p->mem, struct flight);
	if (!reachable(c, p->mem, p->url)) {
		deliver(c, p, 0, (struct str){ 0 }, "no https address that is known");
		return;
	}
	*f = (struct flight){ .client = c, .post = p, .easy = curl_easy_init(), .answer = buf_new(p->mem, c->settings.answer_limit), .next = c->first };
	if (!f->easy)
		die("out of memory for a call");
	c->first = f;
	CURLcode rc = prepare(c, f);
	if (rc == CURLE_OK && curl_multi_add_handle(c->multi, f->easy) == CURLM_OK)
		return;
	flight_end(c, f);
	deliver(c, p, 0, (struct str){ 0 }, "the call cannot be prepared");
}

int client_open(struct arena *mem, const struct client_settings *s, struct client **out, struct err *err)
{
	struct client *c = NEW(mem, struct client);
	*c = (struct client){ .mem = mem, .settings = *s, .due_ms = -1, .epoll = epoll_create1(EPOLL_CLOEXEC) };
	c->settings.connect_ms = s->connect_ms ? s->connect_ms : CONNECT_MS;
	c->settings.total_ms = s->total_ms ? s->total_ms : TOTAL_MS;
	c->settings.answer_limit = s->answer_limit ? s->answer_limit : ANSWER_MAX;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(c->multi = curl_multi_init()) || c->epoll < 0)
		return err_set(err, ERR_FAULT, "outgoing calls do not start");
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
	curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, CONNECTIONS_HOST);
	*out = c;
	return 0;
}

int client_fd(struct client *c)
{
	return c->epoll;
}

int64_t client_timeout_ms(struct client *c)
{
	if (c->due_ms < 0)
		return -1;
	int64_t left = c->due_ms - monotonic_ms();
	return left > 0 ? left : 0;
}

void client_run(struct client *c)
{
	struct epoll_event events[EVENTS];
	int running, n = epoll_wait(c->epoll, events, EVENTS, 0);
	for (int i = 0; i < n; i++) {
		int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
		    (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
		curl_multi_socket_action(c->multi, events[i].data.fd, what, &running);
	}
	if (c->due_ms >= 0 && client_timeout_ms(c) == 0) {
		c->due_ms = -1;
		curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	collect(c);
}

void client_close(struct client *c)
{
	while (c->first) {
		struct arena *mem = c->first->post->mem;
		flight_end(c, c->first);
		arena_free(mem);
	}
	curl_multi_cleanup(c->multi);
	curl_slist_free_all(c->resolved);
	close(c->epoll);
}
