#include "net/stream.h"
#include <sys/socket.h>

/* A stream rests as a suspended connection; what it owes is one of three constant texts. */
static const char HELLO[] = "retry: 3000\n\n", HINT[] = "data: ask again\n\n", BEAT[] = ":\n\n";

struct stream {
	struct stream *next, *before;
	struct streams *all;
	struct MHD_Connection *connection;
	int fd;
	unsigned topics;
	uint64_t owner;
	const char *owed;                /* what is still to be written; empty: nothing */
	bool hint, ending, resting;      /* hint: after what is owed now */
	int64_t since_ms;
};

static uint64_t owner_number(struct str s)
{
	uint64_t n = 1469598103934665603u;       /* FNV-1a: only to tell owners apart */
	for (size_t i = 0; i < s.n; i++)
		n = (n ^ (uint8_t)s.p[i]) * 1099511628211u;
	return n;
}

static void wake(struct stream *s)
{
	if (!s->resting)
		return;
	s->resting = false;
	MHD_resume_connection(s->connection);
}

static ssize_t on_read(void *arg, uint64_t at, char *out, size_t max)
{
	struct stream *s = arg;
	(void)at;
	if (!*s->owed && s->hint) {
		s->owed = HINT;
		s->hint = false;
	}
	size_t n = strlen(s->owed);
	if (n == 0 && s->ending)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0) {
		s->resting = true;
		MHD_suspend_connection(s->connection);
		return 0;
	}
	n = n < max ? n : max;
	memcpy(out, s->owed, n);
	s->owed += n;
	return (ssize_t)n;
}

static void on_free(void *arg)
{
	struct stream *s = arg;
	*(s->before ? &s->before->next : &s->all->first) = s->next;
	if (s->next)
		s->next->before = s->before;
	s->all->n--;
	free(s);
}

static void make_room(struct streams *all, uint64_t owner)
{
	struct stream *oldest = NULL;
	unsigned n = 0;
	for (struct stream *s = all->first; s; s = s->next) {
		if (s->owner != owner || s->ending)
			continue;
		n++;
		oldest = s;                      /* the newest stands first */
	}
	if (n < STREAMS_OF_OWNER)
		return;
	oldest->ending = true;
	wake(oldest);
}

struct MHD_Response *stream_begin(struct streams *all, struct MHD_Connection *c, int fd, unsigned topics, struct str owner)
{
	if (all->n >= STREAMS_MAX)
		return NULL;
	struct stream *s = calloc(1, sizeof *s);
	if (!s)
		die("out of memory for a stream");
	*s = (struct stream){ .next = all->first, .all = all, .connection = c, .fd = fd, .topics = topics, .owner = owner_number(owner), .owed = HELLO,
		.since_ms = monotonic_ms() };
	make_room(all, s->owner);
	struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1024, on_read, s, on_free);
	if (!r) {
		free(s);
		return NULL;
	}
	if (s->next)
		s->next->before = s;
	all->first = s;
	all->n++;
	return r;
}

void streams_hint(struct streams *all, unsigned topics)
{
	for (struct stream *s = all->first; s; s = s->next) {
		if (!(s->topics & topics))
			continue;
		s->hint = true;
		wake(s);
	}
}

/* One that has not taken the last beat is gone: its line is cut. */
void streams_beat(struct streams *all, int64_t now)
{
	if (now < all->beat_ms)
		return;
	all->beat_ms = now + STREAM_BEAT_MS;
	for (struct stream *s = all->first; s; s = s->next) {
		if (*s->owed) {
			shutdown(s->fd, SHUT_RDWR);
			continue;
		}
		s->owed = BEAT;
		s->ending = s->ending || now - s->since_ms > STREAM_LIFE_MS;
		wake(s);
	}
}

void streams_end(struct streams *all)
{
	for (struct stream *s = all->first; s; s = s->next) {
		s->ending = true;
		wake(s);
	}
}
