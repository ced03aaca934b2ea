#include "cmd/bundle.h"
#include "crypto/age.h"
#include "exchange/exchange.h"
#include <errno.h>
#include <unistd.h>

/* `jisr bundle write|read`: messages on a stick. The file is an age file for one office; one chunk and one frame of it are in memory at a time. The node is asked for each frame:
   the running one over its control socket, or the folder itself where none runs. */

#define FRAME_ARENA ((size_t)64 << 20)
struct node_at { const struct settings *s; struct house house; bool here; };

static int ask(struct node_at *n, struct arena *mem, struct str line, struct str in, struct str *answer, struct str *out, struct err *err)
{
	struct bulk bulk = { .in = in };
	int rc = n->here ? 0 : control_ask_bulk(mem, n->s, line, in, answer, out, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (!n->here && house_take(arena_new((size_t)256 << 20), n->s->dir, &n->house, err) < 0)
		return -1;
	n->here = true;
	rc = control_run(&n->house, mem, line, &bulk, answer, err);
	*out = bulk.out;
	return rc;
}

/* ---- the file ---- */

struct sealing { FILE *f; uint8_t key[32], plain[AGE_CHUNK], sealed[AGE_SEALED]; size_t n; uint64_t number; };

static int chunk_out(struct sealing *s, bool last, struct err *err)
{
	size_t n = s->n + 16;
	age_chunk_seal(s->key, s->number++, last, bytes_of(s->plain, s->n), s->sealed);
	s->n = 0;
	return fwrite(s->sealed, 1, n, s->f) == n ? 0 : err_set(err, ERR_FULL, "the file cannot be written: %s", strerror(errno));
}

static int put(struct sealing *s, const void *p, size_t n, struct err *err)
{
	const uint8_t *at = p;
	while (n) {
		if (s->n == AGE_CHUNK && chunk_out(s, false, err) < 0)      /* more follows: this one is not the last */
			return -1;
		size_t part = AGE_CHUNK - s->n < n ? AGE_CHUNK - s->n : n;
		memcpy(s->plain + s->n, at, part);
		s->n += part;
		at += part;
		n -= part;
	}
	return 0;
}

static int put_frame(struct sealing *s, struct str frame, struct err *err)
{
	uint8_t n[4] = { (uint8_t)(frame.n >> 24), (uint8_t)(frame.n >> 16), (uint8_t)(frame.n >> 8), (uint8_t)frame.n };
	return put(s, n, sizeof n, err) < 0 || put(s, frame.p, frame.n, err) < 0 ? -1 : 0;
}

struct opening { FILE *f; uint8_t key[32], plain[AGE_CHUNK], sealed[AGE_SEALED + 1]; size_t n, at, ahead; uint64_t number; bool ended; };

/* One byte is read ahead, so that the last chunk is known as the last. */
static int chunk_in(struct opening *o, struct err *err)
{
	size_t got = o->ahead + fread(o->sealed + o->ahead, 1, sizeof o->sealed - o->ahead, o->f);
	bool last = got <= AGE_SEALED;
	if (age_chunk_open(o->key, o->number++, last, bytes_of(o->sealed, last ? got : AGE_SEALED), o->plain) < 0)
		return err_set(err, ERR_FORMAT, "the file is damaged or cut off");
	o->n = (last ? got : AGE_SEALED) - 16;
	o->at = 0;
	o->ended = last;
	o->ahead = last ? 0 : 1;
	o->sealed[0] = o->sealed[AGE_SEALED];
	return 0;
}

/* 1; 0: the file ends here, where it may. */
static int get(struct opening *o, void *p, size_t n, bool may_end, struct err *err)
{
	uint8_t *to = p;
	for (size_t done = 0; done < n;) {
		if (o->at == o->n) {
			if (o->ended)
				return may_end && done == 0 ? 0 : err_set(err, ERR_FORMAT, "the bundle is cut off");
			if (chunk_in(o, err) < 0)
				return -1;
			continue;
		}
		size_t part = o->n - o->at < n - done ? o->n - o->at : n - done;
		memcpy(to + done, o->plain + o->at, part);
		o->at += part;
		done += part;
	}
	return 1;
}

static int get_frame(struct opening *o, struct arena *mem, struct str *frame, struct err *err)
{
	uint8_t head[4];
	int rc = get(o, head, sizeof head, true, err);
	if (rc <= 0)
		return rc;
	size_t n = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (n > CONTROL_BULK_MAX)
		return err_set(err, ERR_FORMAT, "a frame of the bundle is too long");
	char *p = arena_alloc(mem, n + 1);
	*frame = (struct str){ p, n };
	return get(o, p, n, false, err);
}

/* ---- writing ---- */

/* 1: a frame was written; 0: there is none left. */
static int frame_write(struct node_at *node, struct sealing *s, const char *to, int64_t number, struct bundle_counts *counts, struct err *err)
{
	struct arena *mem = arena_new(FRAME_ARENA);
	struct str answer, frame = { 0 };
	uint64_t messages = 0, answers = 0;
	int rc = ask(node, mem, str_fmt(mem, "bundle next %s %lld", to, (long long)number), (struct str){ 0 }, &answer, &frame, err);
	if (rc == 0 && frame.n && put_frame(s, frame, err) == 0 && str_u64(str_cut(&answer, ' '), &messages) == 0 && str_u64(answer, &answers) == 0)
		rc = 1;
	else if (rc == 0 && frame.n)
		rc = -1;
	counts->messages += messages;
	counts->answers += answers;
	arena_free(mem);
	return rc;
}

static int contents_write(struct node_at *node, struct sealing *s, const char *to, struct str manifest, struct bundle_counts *counts, struct err *err)
{
	int64_t number;
	int rc = put_frame(s, manifest, err) < 0 ? -1 : 1;
	source_fill(source_system(), &number, sizeof number);
	number = (number & INT64_MAX) | 1;
	while (rc == 1) {
		rc = frame_write(node, s, to, number, counts, err);
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "%zu messages%s", counts->messages, rc == 1 ? "\r" : "\n");
	}
	return rc < 0 || chunk_out(s, true, err) < 0 ? -1 : 0;
}

static int bundle_write(struct node_at *node, struct arena *mem, const char *to, const char *file, struct err *err)
{
	struct sealing *s = NEW(mem, struct sealing);
	struct bundle_counts counts = { 0 };
	struct str manifest, answer;
	struct bytes recipient, start;
	char *part = str_z(mem, str_fmt(mem, "%s.part", file));
	if (ask(node, mem, str_fmt(mem, "bundle begin %s", to), (struct str){ 0 }, &answer, &manifest, err) < 0)
		return -1;
	if (hex_read(mem, answer, &recipient) < 0 || recipient.n != 32 || age_begin(mem, source_system(), recipient.p, &start, s->key, err) < 0)
		return err->code ? -1 : err_set(err, ERR_FAULT, "the node gave no recipient");
	if (!(s->f = fopen(part, "wb")))
		return err_set(err, ERR_NOT_FOUND, "cannot write %s", part);
	bool good = fwrite(start.p, 1, start.n, s->f) == start.n && contents_write(node, s, to, manifest, &counts, err) == 0 && fflush(s->f) == 0 && fsync(fileno(s->f)) == 0;
	fclose(s->f);
	wipe(s, sizeof *s);
	if (!good || rename(part, file) < 0) {
		unlink(part);
		return err->code ? -1 : err_set(err, ERR_FULL, "%s cannot be written: %s", file, strerror(errno));
	}
	printf("%zu messages and %zu answers for %s in %s\n", counts.messages, counts.answers, to, file);
	return 0;
}

/* ---- reading ---- */

static int key_of(struct node_at *node, struct arena *mem, const struct age_header *h, struct bytes nonce, uint8_t key[32], struct err *err)
{
	for (size_t i = 0; i < h->nshares; i++) {
		struct str answer, file_key = { 0 };
		struct str line = str_fmt(mem, "bundle key " S_FMT " " S_FMT, S_ARG(hex(mem, bytes_of(h->shares[i].share, 32))), S_ARG(hex(mem, bytes_of(h->shares[i].body, 32))));
		if (ask(node, mem, line, (struct str){ 0 }, &answer, &file_key, err) < 0)
			return -1;
		if (file_key.n != AGE_FILE_KEY)
			continue;
		int rc = age_header_check(h, (const uint8_t *)file_key.p, nonce, key, err);
		wipe((void *)(uintptr_t)file_key.p, file_key.n);
		return rc;
	}
	return err_set(err, ERR_FORBIDDEN, "this bundle is sealed for another office");
}

/* 1: a frame was taken; 0: the bundle ends. */
static int frame_read(struct node_at *node, struct opening *o, struct str from, struct bundle_counts *c, struct err *err)
{
	size_t *const sums[] = { &c->messages, &c->applied, &c->held, &c->refused, &c->again, &c->answers };
	struct arena *mem = arena_new(FRAME_ARENA);
	struct str frame, answer, none;
	int rc = get_frame(o, mem, &frame, err);
	if (rc == 1)
		rc = ask(node, mem, str_fmt(mem, "bundle frame " S_FMT, S_ARG(from)), frame, &answer, &none, err) < 0 ? -1 : 1;
	for (size_t i = 0; rc == 1 && i < COUNT(sums); i++) {
		uint64_t n;
		*sums[i] += str_u64(str_cut(&answer, ' '), &n) == 0 ? n : 0;
	}
	arena_free(mem);
	return rc;
}

static int opened(struct node_at *node, struct arena *mem, struct opening *o, const char *file, struct err *err)
{
	struct age_header *h = NEW(mem, struct age_header);
	uint8_t *start = arena_alloc(mem, AGE_HEADER_MAX);
	if (!(o->f = fopen(file, "rb")))
		return err_set(err, ERR_NOT_FOUND, "cannot open %s", file);
	size_t n = fread(start, 1, AGE_HEADER_MAX, o->f);
	if (age_header_read(mem, bytes_of(start, n), h, err) < 0)
		return -1;
	if (n < h->length + AGE_NONCE || fseek(o->f, (long)(h->length + AGE_NONCE), SEEK_SET) != 0)
		return err_set(err, ERR_FORMAT, "the file is cut off");
	return key_of(node, mem, h, bytes_of(start + h->length, AGE_NONCE), o->key, err);
}

static int contents_read(struct node_at *node, struct arena *mem, struct opening *o, struct err *err)
{
	struct bundle_counts c = { 0 };
	struct str manifest, answer, none;
	int rc = get_frame(o, mem, &manifest, err);
	if (rc != 1 || ask(node, mem, STR("bundle manifest"), manifest, &answer, &none, err) < 0)
		return rc == 0 ? err_set(err, ERR_FORMAT, "this is no bundle of messages") : -1;
	struct str from = str_cut(&answer, ' ');
	while ((rc = frame_read(node, o, from, &c, err)) == 1)
		;
	printf("from " S_FMT ": %zu messages, %zu applied, %zu held, %zu refused, %zu known before; %zu answers\n", S_ARG(from), c.messages, c.applied, c.held, c.refused, c.again, c.answers);
	if (!str_is(answer, "-"))
		printf("this bundle was read before, " S_FMT "\n", S_ARG(answer));
	return rc;
}

static int bundle_read(struct node_at *node, struct arena *mem, const char *file, struct err *err)
{
	struct opening *o = NEW(mem, struct opening);
	int rc = opened(node, mem, o, file, err) < 0 ? -1 : contents_read(node, mem, o, err);
	if (o->f)
		fclose(o->f);
	wipe(o, sizeof *o);
	return rc;
}

int cmd_bundle(int argc, char **argv)
{
	const char *words[2] = { 0 }, *to = NULL, *dir = ".";
	const struct option options[] = { { "to", &to, NULL }, { "dir", &dir, NULL } };
	struct arena *mem = arena_new((size_t)256 << 20);
	struct settings s;
	struct err err = { 0 };
	size_t n;
	bool read = options_read(argc, argv, options, COUNT(options), words, 2, &n) == 0 && n == 2, writing = read && strcmp(words[0], "write") == 0;
	if (!read || (!writing && strcmp(words[0], "read") != 0) || writing != (to != NULL))
		return fprintf(stderr, "usage: jisr bundle write --to NODE FILE [--dir DIR]\n       jisr bundle read FILE [--dir DIR]\n"), 2;
	if (settings_read(mem, str_of(dir), &s, &err) < 0)
		return command_failed("bundle", &err);
	struct node_at node = { .s = &s };
	int rc = writing ? bundle_write(&node, mem, to, words[1], &err) : bundle_read(&node, mem, words[1], &err);
	if (node.here)
		house_close(&node.house);
	return rc < 0 ? command_failed("bundle", &err) : 0;
}
