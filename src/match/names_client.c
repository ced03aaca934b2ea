#include "match/names_i.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/sandbox.h"
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALL_ARENA_BYTES (NAMES_FRAME_MAX * 6)
struct names { int fd; struct names_state *local; };

/* ---- frames ---- */

static int transfer(int fd, void *p, size_t n, bool in)
{
	uint8_t *at = p;
	while (n) {
		ssize_t done = in ? read(fd, at, n) : write(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

static int frame_write(int fd, struct bytes b)
{
	uint8_t head[4] = { (uint8_t)(b.n >> 24), (uint8_t)(b.n >> 16), (uint8_t)(b.n >> 8), (uint8_t)b.n };
	return transfer(fd, head, sizeof head, false) < 0 ? -1 : transfer(fd, (void *)(uintptr_t)b.p, b.n, false);
}

static int frame_read(int fd, struct arena *mem, struct bytes *out)
{
	uint8_t head[4];
	if (transfer(fd, head, sizeof head, true) < 0)
		return -1;
	struct reader r = reader_of(bytes_of(head, sizeof head));
	size_t n = get_u32(&r);
	if (n > NAMES_FRAME_MAX)
		return -1;
	uint8_t *p = arena_alloc(mem, n + 1);
	*out = bytes_of(p, n);
	return transfer(fd, p, n, true);
}

/* ---- the process ---- */

static _Noreturn void names_loop(struct names_state *s, int fd)
{
	struct arena *mem = arena_new(CALL_ARENA_BYTES);
	for (;;) {
		struct bytes request;
		struct buf answer = buf_new(mem, NAMES_FRAME_MAX + 1);
		if (frame_read(fd, mem, &request) < 0)
			_exit(0);
		names_serve(s, mem, request, &answer);
		if (frame_write(fd, buf_bytes(&answer)) < 0)
			_exit(0);
		wipe((void *)(uintptr_t)request.p, request.n);
		wipe(answer.p, answer.n);
		arena_reset(mem);
	}
}

static _Noreturn void names_child(struct arena *mem, const struct names_start *start, int fd)
{
	struct err err = { 0 };
	const int keep[] = { STDERR_FILENO, fd };
	sandbox_close_others(keep, COUNT(keep));
	prctl(PR_SET_DUMPABLE, 0);
	struct names_state *s = names_state_new(mem, start, &err);
	if (!s || (start->sandbox && sandbox_enter(SANDBOX_KEYS, NULL, &err) < 0)) {
		log_line(LOG_ERROR, "names", "%s", err.log);
		_exit(3);
	}
	names_loop(s, fd);
}

int names_spawn(struct arena *mem, const struct names_start *start, struct names **out, int *pid, struct err *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, ERR_FAULT, "no socket pair");
	pid_t parent = getpid();
	*pid = fork();
	if (*pid == 0) {
		sandbox_end_with(parent);
		names_child(mem, start, pair[1]);
	}
	close(pair[1]);
	if (*pid < 0) {
		close(pair[0]);
		return err_set(err, ERR_FAULT, "cannot fork");
	}
	*out = NEW(mem, struct names);
	(*out)->fd = pair[0];
	return 0;
}

struct names *names_local(struct arena *mem, const struct names_start *start, struct err *err)
{
	struct names *n = NEW(mem, struct names);
	n->fd = -1;
	n->local = names_state_new(mem, start, err);
	return n->local ? n : NULL;
}

void names_end(struct names *n)
{
	if (!n)
		return;
	if (n->fd >= 0)
		close(n->fd);
	if (n->local)
		names_state_end(n->local);
	*n = (struct names){ .fd = -1 };
}

/* ---- asking it ---- */

static int status_err(enum names_status status, struct err *err)
{
	static const struct { enum err_code code; const char *log; } MEANS[] = { [NAMES_RATE] = { ERR_RATE, "the budget of asks of this actor and day is used up" },
		[NAMES_FEW] = { ERR_VALUE, "a wide ask needs two features" }, [NAMES_FULL] = { ERR_FULL, "the names index is full" }, [NAMES_BAD] = { ERR_FAULT, "the names process refused a frame" } };
	if (status == NAMES_OK)
		return 0;
	return status <= NAMES_BAD ? err_set(err, MEANS[status].code, "%s", MEANS[status].log) : err_set(err, ERR_FAULT, "the names process answered badly");
}

/* Sends a request; *answer is what follows the status, in mem. */
static int call(struct names *n, struct arena *mem, const struct buf *request, struct reader *answer, struct err *err)
{
	struct buf local = buf_new(mem, NAMES_FRAME_MAX + 1);
	struct bytes got;
	if (request->full || request->n > NAMES_FRAME_MAX)
		return err_set(err, ERR_TOO_LARGE, "too much for one frame to the names process");
	if (n->local) {
		names_serve(n->local, mem, buf_bytes(request), &local);
		got = buf_bytes(&local);
	} else if (frame_write(n->fd, buf_bytes(request)) < 0 || frame_read(n->fd, mem, &got) < 0) {
		return err_set(err, ERR_FAULT, "the names process does not answer");
	}
	*answer = reader_of(got);
	enum names_status status = (enum names_status)get_u8(answer);
	return answer->bad ? err_set(err, ERR_FAULT, "the names process answered nothing") : status_err(status, err);
}

static int call_plain(struct names *n, struct arena *mem, const struct buf *request, struct err *err)
{
	struct reader answer;
	if (call(n, mem, request, &answer, err) < 0)
		return -1;
	return reader_done(&answer) ? 0 : err_set(err, ERR_FAULT, "the names process answered badly");
}

static void put_count(struct buf *b, uint32_t n)
{
	for (size_t i = 0; i < 4; i++)
		b->p[1 + i] = (char)(n >> (24 - 8 * i));
}

static struct buf request_new(struct arena *mem, enum names_op op)
{
	struct buf b = buf_new(mem, NAMES_FRAME_MAX);
	buf_u8(&b, (uint8_t)op);
	return b;
}

/* Longer texts than a name can be are cut: they would only be refused. */
static struct name_who bounded(const struct name_who *w)
{
	struct name_who out = *w;
	out.name = str_sub(w->name, 0, NAMES_TEXT_MAX);
	out.mother = str_sub(w->mother, 0, NAMES_TEXT_MAX);
	out.governorate = str_sub(w->governorate, 0, NAMES_TEXT_MAX);
	if (w->birth.y < 1800 || w->birth.y > 2300)
		out.birth = (struct date){ 0 };
	return out;
}

int names_fill(struct names *n, const struct names_row *rows, size_t count, struct err *err)
{
	struct arena *mem = arena_new(CALL_ARENA_BYTES);
	int rc = 0;
	for (size_t at = 0; rc == 0 && at < count;) {
		arena_reset(mem);
		struct buf b = request_new(mem, NAMES_FILL);
		uint32_t sent = 0;
		buf_u32(&b, 0);
		for (; at < count && sent < NAMES_ROWS_MAX && b.n < NAMES_PIECE; at++, sent++) {
			struct name_who who = bounded(&rows[at].who);
			buf_put(&b, rows[at].id.b, sizeof rows[at].id.b);
			who_write(&b, &who);
		}
		put_count(&b, sent);
		rc = call_plain(n, mem, &b, err);
		wipe(b.p, b.n);
	}
	arena_free(mem);
	return rc;
}

int names_remove(struct names *n, const struct id *ids, size_t count, struct err *err)
{
	struct arena *mem = arena_new(CALL_ARENA_BYTES);
	int rc = 0;
	for (size_t at = 0; rc == 0 && at < count;) {
		arena_reset(mem);
		struct buf b = request_new(mem, NAMES_REMOVE);
		uint32_t sent = 0;
		buf_u32(&b, 0);
		for (; at < count && sent < NAMES_ROWS_MAX; at++, sent++)
			buf_put(&b, ids[at].b, sizeof ids[at].b);
		put_count(&b, sent);
		rc = call_plain(n, mem, &b, err);
	}
	arena_free(mem);
	return rc;
}

int names_wipe(struct names *n, struct err *err)
{
	struct arena *mem = arena_new(CALL_ARENA_BYTES);
	struct buf b = request_new(mem, NAMES_WIPE);
	int rc = call_plain(n, mem, &b, err);
	arena_free(mem);
	return rc;
}

int names_count(struct names *n, uint32_t *people, struct err *err)
{
	struct arena *mem = arena_new(CALL_ARENA_BYTES);
	struct buf b = request_new(mem, NAMES_COUNT);
	struct reader answer;
	int rc = call(n, mem, &b, &answer, err);
	if (rc == 0) {
		*people = get_u32(&answer);
		rc = reader_done(&answer) ? 0 : err_set(err, ERR_FAULT, "the names process answered badly");
	}
	arena_free(mem);
	return rc;
}

static void read_terms(struct reader *r, struct name_terms *t)
{
	size_t n = get_u8(r);
	r->bad = r->bad || n > NAME_TERMS_MAX;
	for (t->n = 0; !r->bad && t->n < n; t->n++) {
		struct name_term *one = &t->term[t->n];
		uint8_t kind = get_u8(r);
		one->rule = rule_word(get_u8(r));
		one->a = (int8_t)get_u8(r);
		one->b = (int8_t)get_u8(r);
		uint32_t cost = get_u32(r), rarity = get_u32(r);
		uint64_t value = get_u64(r);
		memcpy(&one->cost, &cost, sizeof cost);
		memcpy(&one->rarity, &rarity, sizeof rarity);
		memcpy(&one->value, &value, sizeof value);
		r->bad = r->bad || kind >= TERM_KINDS;
		one->kind = (enum name_term_kind)kind;
	}
}

static double read_score(struct reader *r)
{
	double score;
	uint64_t bits = get_u64(r);
	memcpy(&score, &bits, sizeof score);
	return score;
}

/* Calls, and reads candidates with their terms into mem; wipes the request and frees its arena. */
static int candidates(struct names *n, struct arena *mem, struct arena *own, struct buf *request, struct names_answer *out, struct err *err)
{
	struct reader answer = { 0 };
	int rc = call(n, own, request, &answer, err);
	size_t count = rc == 0 ? get_u8(&answer) : 0;
	struct names_candidate *c = NEW_ARRAY(mem, struct names_candidate, count + 1);
	for (size_t i = 0; i < count && !answer.bad; i++) {
		get_into(&answer, c[i].id.b, sizeof c[i].id.b);
		c[i].score = read_score(&answer);
		read_terms(&answer, &c[i].terms);
	}
	if (rc == 0 && !reader_done(&answer))
		rc = err_set(err, ERR_FAULT, "the names process answered badly");
	*out = (struct names_answer){ rc == 0 ? count : 0, c };
	wipe(request->p, request->n);
	arena_free(own);
	return rc;
}

static struct buf ask_request(struct arena *own, enum names_op op, const struct names_ask *ask, const struct id *ids, size_t n)
{
	struct buf b = request_new(own, op);
	struct name_who who = bounded(&ask->who);
	buf_put(&b, ask->actor, sizeof ask->actor);
	buf_u8(&b, ask->wide);
	buf_u8(&b, ask->top);
	who_write(&b, &who);
	buf_u32(&b, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		buf_put(&b, ids[i].b, sizeof ids[i].b);
	return b;
}

int names_ask(struct names *n, struct arena *mem, const struct names_ask *ask, struct names_answer *out, struct err *err)
{
	struct arena *own = arena_new(CALL_ARENA_BYTES);
	struct buf b = ask_request(own, NAMES_ASK, ask, ask->but, ask->nbut);
	return candidates(n, mem, own, &b, out, err);
}

int names_ask_among(struct names *n, struct arena *mem, const struct names_ask *ask, const struct id *ids, size_t count, struct names_answer *out, struct err *err)
{
	struct arena *own = arena_new(CALL_ARENA_BYTES);
	struct buf b = ask_request(own, NAMES_AMONG, ask, ids, count);
	return candidates(n, mem, own, &b, out, err);
}

static void read_twins(struct reader *answer, size_t rows, struct names_twin *out, size_t *n)
{
	for (size_t i = 0; i < rows; i++) {
		size_t k = get_u8(answer);
		answer->bad = answer->bad || k > NAMES_TWINS_TOP;
		for (; !answer->bad && k > 0; k--) {
			struct names_twin *t = &out[(*n)++];
			t->of = i;
			get_into(answer, t->id.b, sizeof t->id.b);
			t->score = read_score(answer);
			t->exact = get_u8(answer);
		}
	}
}

int names_twins(struct names *n, struct arena *mem, const uint8_t actor[16], const struct name_who *rows, size_t count, struct names_twin **out, size_t *nout, struct err *err)
{
	struct arena *own = arena_new(CALL_ARENA_BYTES);
	struct buf b = request_new(own, NAMES_TWINS);
	struct reader answer = { 0 };
	*out = NEW_ARRAY(mem, struct names_twin, count * NAMES_TWINS_TOP + 1);
	*nout = 0;
	buf_put(&b, actor, 16);
	buf_u32(&b, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		struct name_who who = bounded(&rows[i]);
		who_write(&b, &who);
	}
	int rc = call(n, own, &b, &answer, err);
	if (rc == 0)
		read_twins(&answer, count, *out, nout);
	if (rc == 0 && !reader_done(&answer))
		rc = err_set(err, ERR_FAULT, "the names process answered badly");
	wipe(b.p, b.n);
	arena_free(own);
	return rc;
}

int names_compare(struct names *n, const struct name_who *a, const struct name_who *b, double *score, struct name_terms *terms, struct err *err)
{
	struct arena *own = arena_new(CALL_ARENA_BYTES);
	struct buf request = request_new(own, NAMES_COMPARE);
	struct reader answer = { 0 };
	struct name_who x = bounded(a), y = bounded(b);
	who_write(&request, &x);
	who_write(&request, &y);
	int rc = call(n, own, &request, &answer, err);
	*score = rc == 0 ? read_score(&answer) : NAME_NEVER;
	if (rc == 0)
		read_terms(&answer, terms);
	if (rc == 0 && !reader_done(&answer))
		rc = err_set(err, ERR_FAULT, "the names process answered badly");
	wipe(request.p, request.n);
	arena_free(own);
	return rc;
}
