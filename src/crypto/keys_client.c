#include "crypto/age.h"
#include "crypto/keys_i.h"
#include "crypto/sandbox.h"
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL_ARENA_BYTES (FRAME_MAX * 4)
/* A subject's handle is a MAC under the side's key, which never changes: those asked for lately are not asked for again. */
#define HANDLES_KNOWN 4096
struct known_handle { bool known; enum side side; struct id subject; struct handle handle; };
struct keys { int fd; struct keys_state *local; struct known_handle known[HANDLES_KNOWN]; };

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

/* Most frames are short: head and body go, and come, in one system call. Nothing is sent before the answer to what was sent before. */
#define SHORT_BYTES 1024
static int frame_write(int fd, struct bytes b)
{
	uint8_t first[4 + SHORT_BYTES] = { (uint8_t)(b.n >> 24), (uint8_t)(b.n >> 16), (uint8_t)(b.n >> 8), (uint8_t)b.n };
	size_t n = b.n < SHORT_BYTES ? b.n : SHORT_BYTES;
	if (n)
		memcpy(first + 4, b.p, n);
	int rc = transfer(fd, first, 4 + n, false);
	wipe(first, 4 + n);
	return rc < 0 ? -1 : transfer(fd, (uint8_t *)(uintptr_t)b.p + n, b.n - n, false);
}

static int frame_read(int fd, struct arena *mem, struct bytes *out)
{
	uint8_t first[4 + SHORT_BYTES];
	ssize_t got = 0;
	while ((got = read(fd, first, sizeof first)) < 0 && errno == EINTR)
		;
	if (got <= 0 || (got < 4 && transfer(fd, first + got, (size_t)(4 - got), true) < 0))
		return -1;
	size_t have = got < 4 ? 0 : (size_t)got - 4, n = (size_t)first[0] << 24 | (size_t)first[1] << 16 | (size_t)first[2] << 8 | first[3];
	if (n > FRAME_MAX || have > n)
		return -1;
	uint8_t *p = arena_alloc(mem, n);
	memcpy(p, first + 4, have);
	wipe(first, sizeof first);
	*out = bytes_of(p, n);
	return transfer(fd, p + have, n - have, true);
}

static _Noreturn void keys_loop(struct keys_state *k, int fd)
{
	for (;;) {
		struct arena *mem = arena_new(CALL_ARENA_BYTES);
		struct bytes request;
		struct buf answer = buf_new(mem, FRAME_MAX);
		if (frame_read(fd, mem, &request) < 0)
			_exit(0);
		keys_serve(k, mem, request, &answer);
		if (frame_write(fd, buf_bytes(&answer)) < 0)
			_exit(0);
		wipe(answer.p, answer.n);
		arena_free(mem);
	}
}

static struct keys_state *state_new(struct arena *mem, const struct keys_start *start, struct err *err)
{
	struct keys_state *k = NEW(mem, struct keys_state);
	if (sodium_init() < 0)
		die("libsodium does not start");
	if (keys_blob_read(k, start->blob) < 0) {
		err_set(err, ERR_FORMAT, "node.keys is damaged");
		return NULL;
	}
	k->counters = counters_open(mem, start->counters_fd, start->ceiling);
	k->index_until_ms = monotonic_ms() + KEYS_INDEX_MS;
	k->locked = start->lock && start->vault.save;
	if (k->locked) {
		k->lock = *start->lock;
		k->vault = start->vault;
	}
	return k;
}

/* To the parent: the sealed file as a frame; its answer is one byte. */
static int vault_send(void *arg, struct bytes sealed)
{
	const int *fd = arg;
	uint8_t answer = 1;
	return frame_write(*fd, sealed) < 0 || transfer(*fd, &answer, 1, true) < 0 || answer != 0 ? -1 : 0;
}

int keys_vault_serve(int vault_fd, const char *path)
{
	struct arena *mem = arena_new(CALL_ARENA_BYTES);
	struct bytes sealed;
	struct err err = { 0 };
	int rc = frame_read(vault_fd, mem, &sealed);
	if (rc == 0) {
		uint8_t answer = keys_file_save(path, sealed, &err) == 0 ? 0 : 1;
		if (answer)
			log_line(LOG_ERROR, "keys", "%s", err.log);
		rc = transfer(vault_fd, &answer, 1, false);
	}
	arena_free(mem);
	return rc;
}

/* Also the copies of what the parent held: the other ends of its sockets, the spawner's socket, the folder's lock. */
static _Noreturn void keys_child(struct arena *mem, const struct keys_start *start, int fd, int vault)
{
	struct err err = { 0 };
	struct keys_start own = *start;
	int *arg = arena_copy(mem, &vault, sizeof vault), keep[] = { STDERR_FILENO, fd, vault, start->counters_fd };
	own.vault = (struct keys_vault){ vault_send, arg };
	sandbox_close_others(keep, COUNT(keep));
	struct keys_state *k = state_new(mem, &own, &err);
	wipe((void *)(uintptr_t)start->blob.p, start->blob.n);
	prctl(PR_SET_DUMPABLE, 0);
	mlockall(MCL_CURRENT);
	if (!k || (start->sandbox && sandbox_enter(SANDBOX_KEYS, NULL, &err) < 0)) {
		log_line(LOG_ERROR, "keys", "%s", err.log);
		_exit(3);
	}
	keys_loop(k, fd);
}

int keys_spawn(struct arena *mem, const struct keys_start *start, struct keys **out, int *pid, int *vault_fd, struct err *err)
{
	int pair[2], vault[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, vault) < 0)
		return err_set(err, ERR_FAULT, "no socket pair");
	pid_t parent = getpid();
	*pid = fork();
	if (*pid < 0)
		return err_set(err, ERR_FAULT, "cannot fork");
	if (*pid == 0) {
		sandbox_end_with(parent);
		keys_child(mem, start, pair[1], vault[1]);
	}
	close(pair[1]);
	close(vault[1]);
	*out = NEW(mem, struct keys);
	(*out)->fd = pair[0];
	*vault_fd = vault[0];
	return 0;
}

struct keys *keys_local(struct arena *mem, const struct keys_start *start, struct err *err)
{
	struct keys *k = NEW(mem, struct keys);
	k->fd = -1;
	k->local = state_new(mem, start, err);
	return k->local ? k : NULL;
}

void keys_end(struct keys *k)
{
	if (k->fd >= 0)
		close(k->fd);
	if (k->local)
		wipe(k->local, sizeof *k->local);
	wipe(k->known, sizeof k->known);
	k->fd = -1;
}

/* Sends a request, gives a reader over the answer's data. */
static int call(struct keys *k, struct arena *mem, const struct buf *request, struct reader *out, struct err *err)
{
	struct bytes answer;
	if (request->full)
		return err_set(err, ERR_TOO_LARGE, "too much for one question to the keys process");
	if (k->local) {
		struct buf b = buf_new(mem, FRAME_MAX);
		keys_serve(k->local, mem, buf_bytes(request), &b);
		answer = buf_bytes(&b);
	} else if (frame_write(k->fd, buf_bytes(request)) < 0 || frame_read(k->fd, mem, &answer) < 0) {
		return err_set(err, ERR_FAULT, "the keys process does not answer");
	}
	*out = reader_of(answer);
	switch ((enum keys_status)get_u8(out)) {
	case KEYS_OK: return 0;
	case KEYS_RATE: return err_say(err, ERR_RATE, N_("The number of records that may be opened today for this purpose is reached."), NULL);
	case KEYS_REFUSED: return err_set(err, ERR_FORBIDDEN, "the keys process refuses");
	case KEYS_UNSAVED: return err_set(err, ERR_FULL, "node.keys could not be written: nothing was changed");
	case KEYS_BAD: break;
	}
	return err_set(err, ERR_FAULT, "the keys process cannot open this");
}

struct talk { struct arena *mem; struct buf request; };
static struct talk talk_new(enum keys_op op)
{
	struct talk t = { .mem = arena_new(CALL_ARENA_BYTES) };
	t.request = buf_new(t.mem, FRAME_MAX);
	buf_u8(&t.request, (uint8_t)op);
	return t;
}

static int talk_end(struct talk *t, const struct reader *r, int rc, struct err *err)
{
	if (rc == 0 && !reader_done(r))
		rc = err_set(err, ERR_FAULT, "the keys process answers badly");
	if (rc == 0 && r->n)
		wipe((void *)(uintptr_t)r->p, r->n);
	arena_free(t->mem);
	return rc;
}

static void put_ask(struct buf *b, const struct keys_ask *ask, size_t n)
{
	buf_u8(b, (uint8_t)ask->side);
	buf_u32(b, ask->classes);
	buf_put(b, ask->actor, sizeof ask->actor);
	buf_sized(b, str_bytes(ask->purpose));
	buf_u32(b, (uint32_t)n);
}

static void get_keys(struct reader *r, struct subject_key *out, unsigned classes)
{
	get_into(r, out->salt, sizeof out->salt);
	for (enum data_class c = CLASS_P; c < CLASSES; c++)
		if (classes & CLASS_BIT(c))
			get_into(r, out->key[c], KEY_BYTES);
}

int keys_new(struct keys *k, const struct keys_ask *ask, const struct id *subjects, size_t n, struct subject_key *out, struct err *err)
{
	struct talk t = talk_new(OP_NEW);
	struct reader r = { 0 };
	put_ask(&t.request, ask, n);
	for (size_t i = 0; i < n; i++)
		buf_put(&t.request, subjects[i].b, 16);
	int rc = call(k, t.mem, &t.request, &r, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		out[i] = (struct subject_key){ 0 };
		get_into(&r, out[i].handle.b, HANDLE_BYTES);
		get_into(&r, out[i].wrapped, WRAPPED_BYTES);
		get_keys(&r, &out[i], ask->classes);
	}
	return talk_end(&t, &r, rc, err);
}

int keys_open(struct keys *k, const struct keys_ask *ask, struct subject_key *s, size_t n, struct err *err)
{
	struct talk t = talk_new(OP_OPEN);
	struct reader r = { 0 };
	put_ask(&t.request, ask, n);
	for (size_t i = 0; i < n; i++)
		buf_put(&t.request, s[i].wrapped, WRAPPED_BYTES);
	int rc = call(k, t.mem, &t.request, &r, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		get_keys(&r, &s[i], ask->classes);
	return talk_end(&t, &r, rc, err);
}

static struct known_handle *handle_slot(struct keys *k, enum side side, struct id subject)
{
	uint32_t at;
	memcpy(&at, subject.b + 12, sizeof at);          /* the random end of a UUIDv7 */
	return &k->known[(at ^ (uint32_t)side) % HANDLES_KNOWN];
}

int keys_handles(struct keys *k, enum side side, const struct id *subjects, size_t n, struct handle *out, struct err *err)
{
	struct talk t = talk_new(OP_HANDLES);
	struct reader r = { 0 };
	size_t *unknown = NEW_ARRAY(t.mem, size_t, n + 1), m = 0;
	for (size_t i = 0; i < n; i++) {
		const struct known_handle *h = handle_slot(k, side, subjects[i]);
		if (h->known && h->side == side && id_eq(h->subject, subjects[i]))
			out[i] = h->handle;
		else
			unknown[m++] = i;
	}
	if (m == 0)
		return talk_end(&t, &r, 0, err);
	buf_u8(&t.request, (uint8_t)side);
	buf_u32(&t.request, (uint32_t)m);
	for (size_t i = 0; i < m; i++)
		buf_put(&t.request, subjects[unknown[i]].b, 16);
	int rc = call(k, t.mem, &t.request, &r, err);
	for (size_t i = 0; rc == 0 && i < m; i++)
		get_into(&r, out[unknown[i]].b, HANDLE_BYTES);
	/* before the end of the talk: its arena holds `unknown` */
	for (size_t i = 0; rc == 0 && reader_done(&r) && i < m; i++)
		*handle_slot(k, side, subjects[unknown[i]]) = (struct known_handle){ true, side, subjects[unknown[i]], out[unknown[i]] };
	return talk_end(&t, &r, rc, err);
}

int keys_blind(struct keys *k, enum side side, struct str label, const struct bytes *in, size_t n, struct handle *out, struct err *err)
{
	struct talk t = talk_new(OP_BLIND);
	struct reader r = { 0 };
	buf_u8(&t.request, (uint8_t)side);
	buf_sized(&t.request, str_bytes(label));
	buf_u32(&t.request, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		buf_sized(&t.request, in[i]);
	int rc = call(k, t.mem, &t.request, &r, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		get_into(&r, out[i].b, HANDLE_BYTES);
	return talk_end(&t, &r, rc, err);
}

int keys_wait_new(struct keys *k, uint8_t wrapped[WRAPPED_BYTES], uint8_t key[KEY_BYTES], struct err *err)
{
	struct talk t = talk_new(OP_WAIT_NEW);
	struct reader r = { 0 };
	int rc = call(k, t.mem, &t.request, &r, err);
	get_into(&r, wrapped, WRAPPED_BYTES);
	get_into(&r, key, KEY_BYTES);
	return talk_end(&t, &r, rc, err);
}

int keys_wait_open_many(struct keys *k, const struct bytes *wrapped, size_t n, uint8_t (*keys)[KEY_BYTES], struct err *err)
{
	struct talk t = talk_new(OP_WAIT_OPEN);
	struct reader r = { 0 };
	for (size_t i = 0; i < n; i++)
		buf_put(&t.request, wrapped[i].p, wrapped[i].n);
	int rc = call(k, t.mem, &t.request, &r, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		get_into(&r, keys[i], KEY_BYTES);
	return talk_end(&t, &r, rc, err);
}

int keys_wait_open(struct keys *k, const uint8_t wrapped[WRAPPED_BYTES], uint8_t key[KEY_BYTES], struct err *err)
{
	struct bytes one = bytes_of(wrapped, WRAPPED_BYTES);
	return keys_wait_open_many(k, &one, 1, (uint8_t(*)[KEY_BYTES])key, err);
}

int keys_public(struct keys *k, enum sign_as as, uint8_t public_key[32], struct err *err)
{
	struct talk t = talk_new(OP_PUBLIC);
	struct reader r = { 0 };
	buf_u8(&t.request, (uint8_t)as);
	int rc = call(k, t.mem, &t.request, &r, err);
	get_into(&r, public_key, 32);
	return talk_end(&t, &r, rc, err);
}

int keys_sign_many(struct keys *k, enum sign_as as, const struct bytes *messages, size_t n, uint8_t (*signatures)[64], struct err *err)
{
	struct talk t = talk_new(OP_SIGN);
	struct reader r = { 0 };
	buf_u8(&t.request, (uint8_t)as);
	for (size_t i = 0; i < n; i++)
		buf_sized(&t.request, messages[i]);
	int rc = call(k, t.mem, &t.request, &r, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		get_into(&r, signatures[i], 64);
	return talk_end(&t, &r, rc, err);
}

int keys_sign(struct keys *k, enum sign_as as, struct bytes message, uint8_t signature[64], struct err *err)
{
	return keys_sign_many(k, as, &message, 1, (uint8_t(*)[64])signature, err);
}

int keys_age_public(struct keys *k, uint8_t recipient[32], struct err *err)
{
	struct talk t = talk_new(OP_AGE_PUBLIC);
	struct reader r = { 0 };
	int rc = call(k, t.mem, &t.request, &r, err);
	get_into(&r, recipient, 32);
	return talk_end(&t, &r, rc, err);
}

int keys_age_open(struct keys *k, const struct age_share *s, uint8_t file_key[16], struct err *err)
{
	struct talk t = talk_new(OP_AGE_OPEN);
	struct reader r = { 0 };
	uint8_t opened = 0;
	buf_put(&t.request, s->share, sizeof s->share);
	buf_put(&t.request, s->body, sizeof s->body);
	int rc = call(k, t.mem, &t.request, &r, err);
	get_into(&r, &opened, 1);
	get_into(&r, file_key, 16);
	rc = talk_end(&t, &r, rc, err);
	return rc < 0 ? -1 : opened ? 0 : 1;
}

int keys_pair_mac(struct keys *k, const uint8_t theirs[32], struct str label, struct bytes message, uint8_t mac[32], struct err *err)
{
	struct talk t = talk_new(OP_PAIR);
	struct reader r = { 0 };
	buf_put(&t.request, theirs, 32);
	buf_sized(&t.request, str_bytes(label));
	buf_sized(&t.request, message);
	int rc = call(k, t.mem, &t.request, &r, err);
	get_into(&r, mac, 32);
	return talk_end(&t, &r, rc, err);
}

int keys_account_salt(struct keys *k, uint8_t salt[32], struct err *err)
{
	struct talk t = talk_new(OP_SALT);
	struct reader r = { 0 };
	int rc = call(k, t.mem, &t.request, &r, err);
	get_into(&r, salt, 32);
	return talk_end(&t, &r, rc, err);
}

static int call_plain(struct keys *k, enum keys_op op, struct err *err)
{
	struct talk t = talk_new(op);
	struct reader r = { 0 };
	int rc = call(k, t.mem, &t.request, &r, err);
	return talk_end(&t, &r, rc, err);
}

int keys_rotate(struct keys *k, struct err *err)
{
	return call_plain(k, OP_ROTATE, err);
}

int keys_forget_old(struct keys *k, struct err *err)
{
	return call_plain(k, OP_FORGET, err);
}

int keys_index_end(struct keys *k, struct err *err)
{
	return call_plain(k, OP_INDEX_END, err);
}

int keys_rewrap(struct keys *k, uint8_t (*wrapped)[WRAPPED_BYTES], size_t n, struct err *err)
{
	struct talk t = talk_new(OP_REWRAP);
	struct reader r = { 0 };
	buf_u32(&t.request, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		buf_put(&t.request, wrapped[i], WRAPPED_BYTES);
	int rc = call(k, t.mem, &t.request, &r, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		get_into(&r, wrapped[i], WRAPPED_BYTES);
	return talk_end(&t, &r, rc, err);
}

uint32_t keys_wrap_id(struct keys *k, bool older, struct err *err)
{
	struct talk t = talk_new(OP_WRAP_ID);
	struct reader r = { 0 };
	buf_u8(&t.request, older);
	int rc = call(k, t.mem, &t.request, &r, err);
	uint32_t id = get_u32(&r);
	return talk_end(&t, &r, rc, err) < 0 ? 0 : id;
}
