#ifndef NET_CLIENT_H
#define NET_CLIENT_H
/* Outgoing HTTP: POSTs to partners, by libcurl's multi interface on an epoll that the node drives as it drives the listeners. TLS 1.3, our certificate shown, the
   other side's pinned by the SHA-256 of its DER: compared after the handshake, before the first byte of the request, on reused connections too. Connections are kept
   alive. No redirects, no proxy, no cookies, no compression.

   Names are resolved by client_resolve before the sandbox is entered (libcurl would start a thread); a call to another name is answered "nobody". */
#include "net/tls.h"

struct client;
struct post {
	struct arena *mem;                       /* the call's own: all below lives in it, so does the answer; freed by who gets the answer */
	struct str url, body;
	const char *type;                        /* Content-Type */
	struct hash pin, next_pin;               /* of the certificate that is taken, and of one that comes after it; all zero: none */
	void *ref;                               /* the caller's */
	int status;                              /* the answer: 0 where nobody answered, answered in time, or was who he should be */
	struct str answer;
	const char *failure;                     /* for the log where status is 0: no address, no secret */
};
struct client_settings {
	const struct tls_identity *identity;
	int64_t connect_ms, total_ms;            /* 0: 5 s, 30 s */
	size_t answer_limit;                     /* 0: 8 MiB */
	void (*on_answer)(void *arg, struct post *);         /* called from client_run, or from client_post where a call cannot even start */
	void *arg;
};
int client_open(struct arena *, const struct client_settings *, struct client **out, struct err *);
/* Looks the host of the URL up once, if it is a name. A line that is down is no error: 0, and calls to it fail until the next start. */
void client_resolve(struct client *, struct str url);
void client_post(struct client *, struct post *);
int client_fd(struct client *);              /* add to an epoll, readable: call client_run */
int64_t client_timeout_ms(struct client *);  /* -1: none */
void client_run(struct client *);
void client_close(struct client *);          /* what still runs is dropped; its arenas are freed */
#endif
