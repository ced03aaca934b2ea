#ifndef NET_HTTP_H
#define NET_HTTP_H
/* The HTTP listener: libmicrohttpd on an epoll that the node drives. A complete request is suspended and handed over once; it is answered after the
   tick's COMMIT. Forms (urlencoded and multipart) are read by a reader of our own. */
#include "base/base.h"

enum method { GET, POST };
struct pair { struct str name, value; };
struct upload { struct str name, file_name, content; };
struct request {
	struct arena *mem;                       /* the request owns its pool; freed when the answer is sent */
	enum method method;
	struct str path, host, origin, accept, content_type, body, remote;
	struct str idempotency_key, jisr_purpose;        /* headers of programs (ADR 60): the same request twice is done once; what for */
	bool tls, partner_line;            /* partner_line: it came in by the partner listener */
	struct pair *query; size_t nquery;
	struct pair *cookies; size_t ncookies;
	struct pair *form; size_t nform;         /* POST fields, repeated names kept */
	struct upload *uploads; size_t nuploads;
	struct pair params[4]; size_t nparams;   /* :id of the route */
	uint8_t peer[32];                        /* SHA-256 of the peer's certificate on the partner listener, else zero */
	void *connection;
};
struct str request_query(const struct request *, const char *name);
struct str request_cookie(const struct request *, const char *name);
struct str request_field(const struct request *, const char *name);           /* first of the name, empty where absent */
size_t request_fields(const struct request *, const char *name, struct str *out, size_t max);
struct str request_param(const struct request *, const char *name);

#define RESPONSE_HEADERS 12
struct response {
	int status;
	const char *type;                        /* "text/html; charset=utf-8" */
	struct str body;
	struct { const char *name; struct str value; } headers[RESPONSE_HEADERS]; size_t nheaders;
	bool immutable;                          /* may be cached for ever */
	unsigned stream;                         /* not 0: the answer stays open and says "ask again" when one of these topics is hinted at (stream.h) */
	struct str stream_owner;                 /* whose: a few for each */
};
void response_header(struct response *, const char *name, struct str value);
void response_see(struct response *, struct str location);                    /* 303 */

/* A route is data (STYLE 6). The dispatcher checks session, permission, purpose, CSRF and size before the handler runs; a zero field means nobody. */
struct work;
enum permission { PERMIT_NOBODY, PERMIT_ANYBODY, PERMIT_SIGNED_IN, PERMIT_ADMIN, PERMIT_OVERSIGHT, PERMIT_PARTNER };
struct route {
	enum method method;
	const char *path;                        /* "/persons/:id" */
	enum permission permission;
	bool purpose;                            /* a chosen purpose is required */
	size_t limit;                            /* bytes of body */
	int (*handler)(struct work *, const struct request *, struct response *, struct err *);
	const char *label;
	struct str role;                         /* only these roles, with blanks between them; empty: any */
};
/* The route and its params; NULL: none (other_method: the path exists for another method). */
const struct route *route_find(const struct route *const *tables /* each ends with a row without a path; NULL ends the list */, enum method, struct str path, struct request *, bool *other_method);

struct http_server;
struct http_settings { const char *address; uint16_t port; const char *cert_pem, *key_pem; /* NULL: plain */ bool client_certificate; /* asked for; any that signs itself: the pin decides */ bool partner_line; size_t body_limit;
	size_t (*limit_of)(void *arg, const struct request *); /* per route and peer, asked before the body is read */
	void (*on_request)(void *arg, struct request *); void *arg; };
int http_listen(struct arena *, const struct http_settings *, struct http_server **out, struct err *);
int http_fd(struct http_server *);                                            /* add to an epoll, readable: call http_run */
int64_t http_timeout_ms(struct http_server *);
void http_run(struct http_server *);
void http_answer(struct request *, const struct response *);                 /* after COMMIT; resumes the connection, frees the request when sent */
void http_hint(struct http_server *, unsigned topics);                       /* every open stream that has one of the topics is told to ask again */
unsigned http_connections(struct http_server *);                             /* open now */
void http_stop(struct http_server *);
#endif
