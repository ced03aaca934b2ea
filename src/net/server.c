#include "net/form.h"
#include "net/stream.h"
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* A request passes three states: its body is read, it waits for the tick, it is answered. libmicrohttpd calls on_call in each. */
#define REQUEST_ARENA_BYTES ((size_t)256 << 20)
#define CONNECTIONS_MAX 4096u
#define PARTNER_CONNECTIONS_MAX 128u     /* from one address; a partner's client keeps 4 */
#define IDLE_SECONDS 30u
enum stage { READING, WAITING, ANSWERED };

/* libmicrohttpd's time-out is one of inactivity: a client that sends a byte now and then would stay for ever. So each stage of a connection has a deadline; body and
   answer get a second more for each SLOWEST_BYTES that they have, so that a bad line is served and a dribble is not. While the tick works nobody is blamed. */
#define FIRST_HEAD_MS 15000              /* the TLS handshake included */
#define NEXT_HEAD_MS 45000               /* idle, then a header */
#define BODY_MS 30000
#define ANSWER_MS 30000
#define SLOWEST_BYTES 4096
#define SWEEP_MS 1000
/* A stream has its own heartbeat (stream.c). */
enum wire_stage { WIRE_FIRST_HEAD, WIRE_NEXT_HEAD, WIRE_BODY, WIRE_ANSWER, WIRE_TICK, WIRE_STREAM };
static const int64_t WIRE_MS[] = { FIRST_HEAD_MS, NEXT_HEAD_MS, BODY_MS, ANSWER_MS };
struct wire {
	struct wire *next, *before;
	int fd;
	enum wire_stage stage;
	int64_t since_ms;
	size_t bytes;                    /* of the body read, or of the answer */
};

struct http_server {
	struct MHD_Daemon *daemon;
	struct http_settings settings;
	size_t open;
	struct wire *wires;
	int64_t sweep_ms;
	struct streams streams;
};
struct exchange {
	struct request q;                /* first: http_answer gets back from it */
	struct http_server *server;
	struct MHD_Connection *connection;
	struct wire *wire;
	enum stage stage;
	struct buf body;
	size_t limit;
	struct response answer;
};

/* What libmicrohttpd keeps for a request: the target as it was sent, then our exchange. */
struct call { char *target; struct exchange *x; };

static enum MHD_Result add_header(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct exchange *x = arg;
	(void)kind;
	struct { const char *name; struct str *to; } wanted[] = { { "Host", &x->q.host }, { "Origin", &x->q.origin },
		{ "Accept", &x->q.accept }, { "Content-Type", &x->q.content_type },
		{ "Idempotency-Key", &x->q.idempotency_key }, { "Jisr-Purpose", &x->q.jisr_purpose } };
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (strcasecmp(name, wanted[i].name) == 0)
			*wanted[i].to = str_dup(x->q.mem, str_of(value));
	if (strcasecmp(name, "Cookie") == 0)
		form_cookies(x->q.mem, str_dup(x->q.mem, str_of(value)), &x->q.cookies, &x->q.ncookies);
	return MHD_YES;
}

static void wire_stage(struct wire *w, enum wire_stage stage, size_t bytes)
{
	w->stage = stage;
	w->since_ms = monotonic_ms();
	w->bytes = bytes;
}

static struct wire *wire_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	if (!info || !info->socket_context)
		die("a connection without its beginning");
	return info->socket_context;
}

static void on_connection(void *arg, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode what)
{
	struct http_server *s = arg;
	struct wire *w = *context;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
		w = *context = calloc(1, sizeof *w);
		if (!w || !info)
			die("out of memory for a connection");
		*w = (struct wire){ .next = s->wires, .fd = info->connect_fd };
		wire_stage(w, WIRE_FIRST_HEAD, 0);
		if (s->wires)
			s->wires->before = w;
		s->wires = w;
	} else if (w) {
		*(w->before ? &w->before->next : &s->wires) = w->next;
		if (w->next)
			w->next->before = w->before;
		free(w);
		*context = NULL;
	}
}

/* The socket is shut, not closed: libmicrohttpd sees its end and cleans up. */
static void sweep(struct http_server *s)
{
	int64_t now = monotonic_ms();
	if (now < s->sweep_ms)
		return;
	s->sweep_ms = now + SWEEP_MS;
	for (struct wire *w = s->wires; w; w = w->next)
		if (w->stage < WIRE_TICK && now - w->since_ms > WIRE_MS[w->stage] + (int64_t)(w->bytes / SLOWEST_BYTES) * 1000)
			shutdown(w->fd, SHUT_RDWR);
}

static void read_remote(struct exchange *x)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char text[INET6_ADDRSTRLEN] = "";
	if (info && info->client_addr->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, info->client_addr, sizeof in);
		inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
	}
	x->q.remote = str_dup(x->q.mem, str_of(text));
}

/* The partner's certificate as it came; who may come in is decided by the pin. */
static void read_peer(struct exchange *x)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (!info || !info->tls_session)
		return;
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(info->tls_session, &n);
	if (n)
		gnutls_hash_fast(GNUTLS_DIG_SHA256, chain[0].data, chain[0].size, x->q.peer);
}

static struct exchange *exchange_new(struct http_server *s, struct MHD_Connection *c, const char *url, const char *method)
{
	struct arena *mem = arena_new(REQUEST_ARENA_BYTES);
	struct exchange *x = NEW(mem, struct exchange);
	x->server = s;
	x->connection = c;
	x->wire = wire_of(c);
	wire_stage(x->wire, WIRE_BODY, 0);
	x->q.mem = mem;
	x->q.connection = x;
	x->q.tls = s->settings.cert_pem != NULL;
	x->q.partner_line = s->settings.partner_line;
	x->q.method = strcmp(method, "POST") == 0 ? POST : GET;
	struct str path = str_dup(mem, str_of(url)), query = path;
	path = str_cut(&query, '?');
	bool bad = false;
	x->q.path = percent_decode(mem, path, false, &bad);
	if (bad || !utf8_valid(x->q.path) || form_urlencoded(mem, query, &x->q.query, &x->q.nquery, NULL) < 0)
		x->q.path = (struct str){ 0 };
	MHD_get_connection_values(c, MHD_HEADER_KIND, add_header, x);
	read_remote(x);
	if (s->settings.client_certificate)
		read_peer(x);
	x->limit = s->settings.limit_of ? s->settings.limit_of(s->settings.arg, &x->q) : s->settings.body_limit;
	x->body = buf_new(mem, x->limit);
	s->open++;
	return x;
}

/* The query must reach us as it was sent: libmicrohttpd parses arguments only after this has been called with the whole target. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *c)
{
	(void)arg;
	(void)c;
	struct call *call = calloc(1, sizeof *call);
	if (!call || !(call->target = strdup(target)))
		die("out of memory");
	return call;
}

static enum MHD_Result queue(struct exchange *x)
{
	const struct response *a = &x->answer;
	struct MHD_Response *r = a->stream ? stream_begin(&x->server->streams, x->connection, x->wire->fd, a->stream, a->stream_owner)
	    : MHD_create_response_from_buffer(a->body.n, (void *)(uintptr_t)(a->body.n ? a->body.p : ""), MHD_RESPMEM_PERSISTENT);
	if (!r)
		return MHD_NO;                       /* too many streams: the browser asks again later */
	wire_stage(x->wire, a->stream ? WIRE_STREAM : WIRE_ANSWER, a->body.n);
	if (a->type)
		MHD_add_response_header(r, "Content-Type", a->type);
	MHD_add_response_header(r, "Cache-Control", a->immutable ? "public, max-age=31536000, immutable" : "no-store");
	for (size_t i = 0; i < a->nheaders; i++)
		MHD_add_response_header(r, a->headers[i].name, str_z(x->q.mem, a->headers[i].value));
	enum MHD_Result ok = MHD_queue_response(x->connection, (unsigned)a->status, r);
	MHD_destroy_response(r);
	return ok;
}

static void answer_plain(struct exchange *x, int status, const char *text)
{
	x->answer = (struct response){ .status = status, .type = "text/plain; charset=utf-8", .body = str_of(text) };
	x->stage = ANSWERED;
}

static void read_form(struct exchange *x)
{
	struct request *q = &x->q;
	struct str type = str_lower(q->mem, str_sub(q->content_type, 0, 33));
	int rc = 0;
	q->body = buf_text(&x->body);
	if (str_starts(type, STR("application/x-www-form-urlencoded")))
		rc = form_urlencoded(q->mem, q->body, &q->form, &q->nform, NULL);
	else if (str_starts(type, STR("multipart/form-data")))
		rc = form_multipart(q->mem, q->content_type, q->body, q, NULL);
	if (rc < 0)
		answer_plain(x, 400, "The form could not be read.\n");
}

/* The whole request is here: hand it over, wait for the tick. */
static enum MHD_Result complete(struct exchange *x)
{
	if (!x->q.path.n)
		answer_plain(x, 400, "The address could not be read.\n");
	else if (x->body.full)
		answer_plain(x, 413, "This is too large.\n");
	else
		read_form(x);
	if (x->stage == ANSWERED)
		return queue(x);
	x->stage = WAITING;
	wire_stage(x->wire, WIRE_TICK, 0);
	MHD_suspend_connection(x->connection);
	x->server->settings.on_request(x->server->settings.arg, &x->q);
	return MHD_YES;
}

static enum MHD_Result on_call(void *arg, struct MHD_Connection *c, const char *url, const char *method, const char *version,
    const char *data, size_t *size, void **state)
{
	(void)version;
	(void)url;
	struct http_server *s = arg;
	struct call *call = *state;
	if (!call)
		return MHD_NO;
	struct exchange *x = call->x;
	if (!x) {
		x = call->x = exchange_new(s, c, call->target, method);
		bool known = strcmp(method, "GET") == 0 || strcmp(method, "POST") == 0 || strcmp(method, "HEAD") == 0;
		if (known)
			return MHD_YES;
		answer_plain(x, 405, "GET and POST only.\n");
		return queue(x);
	}
	if (x->stage == READING && *size) {
		buf_put(&x->body, data, *size);
		if (!x->body.full)                   /* what is thrown away wins no time */
			x->wire->bytes += *size;
		*size = 0;
		return MHD_YES;
	}
	return x->stage == READING ? complete(x) : x->stage == ANSWERED ? queue(x) : MHD_YES;
}

static void on_done(void *arg, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	(void)why;
	struct http_server *s = arg;
	struct call *call = *state;
	if (!call)
		return;
	*state = NULL;
	if (call->x) {
		wire_stage(wire_of(c), WIRE_NEXT_HEAD, 0);
		s->open--;
		arena_free(call->x->q.mem);
	}
	free(call->target);
	free(call);
}

static int listen_socket(const struct http_settings *set, struct err *err)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(set->port) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (inet_pton(AF_INET, set->address, &at.sin_addr) != 1)
		return err_set(err, ERR_USAGE, "no IPv4 address: %s", set->address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 512) < 0)
		return err_set(err, ERR_FAULT, "cannot listen on %s port %u: %s", set->address, set->port, strerror(errno));
	return fd;
}

int http_listen(struct arena *mem, const struct http_settings *set, struct http_server **out, struct err *err)
{
	struct http_server *s = NEW(mem, struct http_server);
	s->settings = *set;
	int fd = listen_socket(set, err);
	if (fd < 0)
		return -1;
	struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)set->cert_pem },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)set->key_pem },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)(set->partner_line ? "NORMAL:-VERS-ALL:+VERS-TLS1.3" : "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2") },
		{ set->client_certificate ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, (void *)(uintptr_t)set->cert_pem },
		{ MHD_OPTION_END, 0, NULL } };
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (set->cert_pem ? (unsigned)MHD_USE_TLS : 0u);
	s->daemon = MHD_start_daemon(flags, set->port, NULL, NULL, on_call, s,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, set->partner_line ? PARTNER_CONNECTIONS_MAX : 0u,
	    MHD_OPTION_NOTIFY_COMPLETED, on_done, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
	    MHD_OPTION_ARRAY, set->cert_pem ? tls : none, MHD_OPTION_END);
	if (!s->daemon)
		return err_set(err, ERR_FAULT, "the HTTP listener does not start");
	*out = s;
	return 0;
}

int http_fd(struct http_server *s)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		die("no epoll of the HTTP listener");
	return info->epoll_fd;
}

int64_t http_timeout_ms(struct http_server *s)
{
	MHD_UNSIGNED_LONG_LONG ms;
	int64_t wait = MHD_get_timeout(s->daemon, &ms) == MHD_YES ? (int64_t)ms : -1;
	return s->wires && (wait < 0 || wait > SWEEP_MS) ? SWEEP_MS : wait;
}

void http_run(struct http_server *s)
{
	sweep(s);
	streams_beat(&s->streams, monotonic_ms());
	MHD_run(s->daemon);
}

void http_answer(struct request *q, const struct response *a)
{
	struct exchange *x = q->connection;
	x->answer = *a;
	x->stage = ANSWERED;
	MHD_resume_connection(x->connection);
}

void http_hint(struct http_server *s, unsigned topics)
{
	streams_hint(&s->streams, topics);
}

unsigned http_connections(struct http_server *s)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
	return info ? info->num_connections : 0;
}

void http_stop(struct http_server *s)
{
	streams_end(&s->streams);
	MHD_run(s->daemon);
	MHD_stop_daemon(s->daemon);
	s->daemon = NULL;
}
