#include "cmd/bundle.h"
#include "cmd/certificate.h"
#include "cmd/control.h"
#include "cmd/shares.h"
#include "journey/people.h"
#include "record/custody.h"
#include "record/rotate.h"
#include "web/web.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_MS 100
#define ANSWER_SECONDS 60
struct control_row { const char *line; int (*run)(struct work *, struct str rest, struct str *answer, struct err *);
	int (*bulk)(struct work *, struct str rest, struct bulk *, struct str *answer, struct err *); };

static int on_rotate(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	bool more;
	(void)rest;
	if (rotation_step(w, &more, err) < 0)
		return -1;
	*answer = more ? STR("more") : STR("done");
	return 0;
}

/* The copy is made by the command, from the file: it holds this entry. */
static int on_backup(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	(void)rest;
	(void)answer;
	return work_enter(w, &(struct entry){ .act = ACT_BACKUP }, err);
}

/* For the doctor: "ready 1200", "filling 300" or "silent 0". */
static int on_names(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	struct people_state s;
	(void)rest;
	(void)err;
	people_look(w->node, &s);
	*answer = str_fmt(w->mem, "%s %u", !s.answers ? "silent" : s.filled ? "ready" : "filling", s.people);
	return 0;
}

static int on_account(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	struct id id;
	json_t *a = json_read(w->mem, rest, err);
	(void)answer;
	return a ? account_create(w, json_str(a, "user"), json_str(a, "name"), json_str(a, "hashed"), json_str(a, "roles"), json_str(a, "unit"), &id, err) : -1;
}

static int on_account_password(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	json_t *a = json_read(w->mem, rest, err);
	(void)answer;
	return a ? account_password_set(w, json_str(a, "user"), json_str(a, "hashed"), err) : -1;
}

static int on_account_reset(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	json_t *a = json_read(w->mem, rest, err);
	(void)answer;
	return a ? account_reset(w, json_str(a, "user"), err) : -1;
}

static int on_seal(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	(void)rest;
	(void)answer;
	return work_enter(w, &(struct entry){ .act = ACT_SEAL }, err) < 0 ? -1 : custody_seal(w, err);
}

/* As the parent would: the loop ends after this answer, and with it the keys process. */
static int on_stop(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	(void)w, (void)rest, (void)answer, (void)err;
	return raise(SIGTERM) == 0 ? 0 : err_set(err, ERR_FAULT, "the node does not stop");
}

static const struct control_row ROWS[] = {
	{ "keys rotate", on_rotate, NULL },
	{ "keys certificate ", on_certificate, NULL },
	{ "keys shares ", on_shares, NULL },
	{ "backup", on_backup, NULL },
	{ "names", on_names, NULL },
	{ "seal", on_seal, NULL },
	{ "stop", on_stop, NULL },
	{ "account add ", on_account, NULL },
	{ "account password ", on_account_password, NULL },
	{ "account reset ", on_account_reset, NULL },
	{ "bundle begin ", NULL, on_bundle_begin },
	{ "bundle next ", NULL, on_bundle_next },
	{ "bundle key ", NULL, on_bundle_key },
	{ "bundle manifest", NULL, on_bundle_manifest },
	{ "bundle frame ", NULL, on_bundle_frame },
};

struct asked { const struct control_row *row; struct str rest, answer; struct arena *mem; struct bulk *bulk; };
static int run_row(struct work *w, void *arg, struct err *err)
{
	struct asked *a = arg;
	int rc = a->row->bulk ? a->row->bulk(w, a->rest, a->bulk, &a->answer, err) : a->row->run(w, a->rest, &a->answer, err);
	a->answer = str_dup(a->mem, a->answer);
	a->bulk->out = str_dup(a->mem, a->bulk->out);
	return rc;
}

int control_run(struct house *h, struct arena *mem, struct str line, struct bulk *bulk, struct str *answer, struct err *err)
{
	struct asked a = { .mem = mem, .bulk = bulk };
	for (size_t i = 0; i < COUNT(ROWS) && !a.row; i++) {
		size_t n = strlen(ROWS[i].line);
		bool takes_more = ROWS[i].line[n - 1] == ' ';
		if (str_starts(line, str_of(ROWS[i].line)) && (takes_more || line.n == n)) {
			a.row = &ROWS[i];
			a.rest = str_sub(line, n, line.n);
		}
	}
	if (!a.row)
		return err_set(err, ERR_USAGE, "the node does not know this line");
	int rc = house_do(h, run_row, &a, err);
	*answer = a.answer;
	return rc;
}

static struct str answer_of(struct arena *mem, struct house *h, struct str line, struct bulk *bulk)
{
	struct err err = { 0 };
	struct str answer = { 0 };
	if (control_run(h, mem, line, bulk, &answer, &err) == 0)
		return str_fmt(mem, "ok " S_FMT, S_ARG(answer));
	return str_fmt(mem, "no %d %s", (int)err.code, err.log);
}

/* A line, and the memory file that may come with it. */
static ssize_t line_in(int peer, char *line, size_t max, int *file)
{
	union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
	struct iovec io = { line, max };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room };
	ssize_t n = recvmsg(peer, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(file, CMSG_DATA(c), sizeof(int));
	return n;
}

static struct str file_in(struct arena *mem, int file)
{
	off_t n = file >= 0 ? lseek(file, 0, SEEK_END) : 0;
	if (n <= 0 || (size_t)n > CONTROL_BULK_MAX)
		return (struct str){ 0 };
	char *p = arena_alloc(mem, (size_t)n);
	ssize_t got = pread(file, p, (size_t)n, 0);
	return (struct str){ p, got > 0 ? (size_t)got : 0 };
}

static int file_out(int file, struct str s)
{
	size_t at = 0;
	if (ftruncate(file, 0) < 0)
		return -1;
	while (at < s.n) {
		ssize_t n = pwrite(file, s.p + at, s.n - at, (off_t)at);
		if (n <= 0)
			return -1;
		at += (size_t)n;
	}
	return 0;
}

void control_serve(struct house *h, int fd)
{
	char line[CONTROL_LINE_MAX];
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (peer < 0)
		return;
	struct pollfd on = { .fd = peer, .events = POLLIN };
	int file = -1;
	ssize_t n = poll(&on, 1, WAIT_MS) == 1 ? line_in(peer, line, sizeof line, &file) : -1;
	if (n > 0) {
		struct arena *mem = arena_new((size_t)64 << 20);
		struct bulk bulk = { .in = file_in(mem, file) };
		struct str answer = answer_of(mem, h, (struct str){ line, (size_t)n }, &bulk);
		if (file >= 0 && file_out(file, bulk.out) < 0)
			answer = STR("no 1 the memory file cannot be written");
		if (send(peer, answer.p, answer.n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			log_line(LOG_WARN, "control", "nobody waited for the answer");
		arena_free(mem);
	}
	wipe(line, sizeof line);
	if (file >= 0)
		close(file);
	close(peer);
}

/* By way of the folder's descriptor: a folder may have a longer path than an address has room for. */
static int address(const struct settings *s, struct arena *mem, struct sockaddr_un *at)
{
	int dir = open(str_z(mem, s->dir), O_PATH | O_DIRECTORY | O_CLOEXEC);
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(at->sun_path, sizeof at->sun_path, "/proc/self/fd/%d/control", dir);
	return dir;
}

int control_listen(struct arena *mem, const struct settings *s, int *fd, struct err *err)
{
	struct sockaddr_un at;
	int dir = address(s, mem, &at);
	unlinkat(dir, "control", 0);              /* of a node that was killed: we have the folder's lock */
	mode_t before = umask(0177);
	*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = *fd >= 0 && bind(*fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(*fd, 16) == 0 ? 0 : -1;
	umask(before);
	close(dir);
	return rc == 0 ? 0 : err_set(err, ERR_FAULT, "the control socket cannot be made: %s", strerror(errno));
}

static ssize_t line_out(int fd, struct str line, int file)
{
	union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { { 0 } };
	struct iovec io = { (void *)(uintptr_t)line.p, line.n };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1 };
	if (file >= 0) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof control.room;
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &file, sizeof(int));
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL);
}

static int ask(struct arena *mem, const struct settings *s, struct str line, int file, struct str *answer, struct err *err)
{
	struct sockaddr_un at;
	struct timeval limit = { .tv_sec = ANSWER_SECONDS };
	char *text = arena_alloc(mem, CONTROL_LINE_MAX);
	int dir = address(s, mem, &at), fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), rc = 0;
	uint64_t code;
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
		ssize_t n = line_out(fd, line, file) == (ssize_t)line.n ? recv(fd, text, CONTROL_LINE_MAX, 0) : -1;
		struct str rest = { text, n > 0 ? (size_t)n : 0 }, verdict = str_cut(&rest, ' ');
		if (str_is(verdict, "ok"))
			rc = 1;
		else if (str_is(verdict, "no") && str_u64(str_cut(&rest, ' '), &code) == 0 && code < ERR_CODES)
			rc = err_set(err, (enum err_code)code, S_FMT, S_ARG(rest));
		else
			rc = err_set(err, ERR_BUSY, "the running node does not answer");
		*answer = rest;
	}
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return rc;
}

int control_ask(struct arena *mem, const struct settings *s, struct str line, struct str *answer, struct err *err)
{
	return ask(mem, s, line, -1, answer, err);
}

int control_ask_bulk(struct arena *mem, const struct settings *s, struct str line, struct str in, struct str *answer, struct str *out, struct err *err)
{
	int file = memfd_create("jisr", MFD_CLOEXEC);
	if (file < 0 || file_out(file, in) < 0) {
		if (file >= 0)
			close(file);
		return err_set(err, ERR_FAULT, "no memory file");
	}
	int rc = ask(mem, s, line, file, answer, err);
	*out = rc == 1 ? file_in(mem, file) : (struct str){ 0 };
	close(file);
	return rc;
}
