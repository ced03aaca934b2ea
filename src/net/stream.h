#ifndef NET_STREAM_H
#define NET_STREAM_H
/* Streams of hints (server-sent events, WHATWG HTML 9.2): answers that stay open and say "ask again", never what or about whom. Bounded in all and for each owner; each is
   kept alive by a comment every STREAM_BEAT_MS and ends after STREAM_LIFE_MS, so that the browser comes back and its session is looked at again. */
#include "net/http.h"
#include <microhttpd.h>

#define STREAMS_MAX 512u
#define STREAMS_OF_OWNER 6u
#define STREAM_BEAT_MS 15000
#define STREAM_LIFE_MS (10 * 60 * 1000)

struct stream;
struct streams { struct stream *first; unsigned n; int64_t beat_ms; };
/* The body of an answer; NULL: there are too many. The owner's oldest ends where it has enough. */
struct MHD_Response *stream_begin(struct streams *, struct MHD_Connection *, int fd, unsigned topics, struct str owner);
void streams_hint(struct streams *, unsigned topics);
void streams_beat(struct streams *, int64_t now_ms);      /* often; does something every STREAM_BEAT_MS */
void streams_end(struct streams *);                       /* before the daemon stops: every connection is resumed and ends */
#endif
