#include "cmd/keyfile.h"
#include <dirent.h>
#include <unistd.h>

#define HEAD "JB1"
#define INFIX ".keys-"
#define FILE_MAX ((size_t)1 << 30)
#define PAGE 1024
#define KEPT 2
#define TRIES 10
#define TABLES_MAX 256

static int collect_table(struct work *w, const struct wrapped_keys *t, struct keyfile_table *out, struct err *err)
{
	size_t cap = PAGE;
	*out = (struct keyfile_table){ .name = str_of(t->name), .rows = NEW_ARRAY(w->mem, struct wrapped_row, cap) };
	for (size_t got = PAGE; got == PAGE;) {
		if (cap - out->n < PAGE) {
			struct wrapped_row *more = NEW_ARRAY(w->mem, struct wrapped_row, cap * 2);
			memcpy(more, out->rows, out->n * sizeof *more);
			out->rows = more;
			cap *= 2;
		}
		struct bytes after = out->n ? out->rows[out->n - 1].id : (struct bytes){ (const uint8_t *)"", 0 };
		if (wrapped_page(w, t, after, PAGE, out->rows + out->n, &got, err) < 0)
			return -1;
		out->n += got;
	}
	return 0;
}

static int collect_once(struct work *w, const struct settings *s, struct keyfile *k, struct err *err)
{
	struct str yaml, keys;
	if (file_read(w->mem, house_path(w->mem, s, "jisr.yaml").p, 65536, &yaml, err) < 0 || file_read(w->mem, house_path(w->mem, s, "node.keys").p, 65536, &keys, err) < 0)
		return -1;
	*k = (struct keyfile){ .node = s->name, .yaml = yaml, .keys = str_bytes(keys), .at_ms = w->now_ms, .tables = NEW_ARRAY(w->mem, struct keyfile_table, TABLES_MAX) };
	k->head = ledger_checkpoint(w->mem, w->tx, false);
	if (record_erased(w, &k->erased, &k->nerased, err) < 0)
		return -1;
	for (const struct wrapped_keys *const *list = JOINED_WRAPPED; *list; list++)
		for (const struct wrapped_keys *t = *list; t->name; t++)
			if (k->ntables == TABLES_MAX || collect_table(w, t, &k->tables[k->ntables++], err) < 0)
				return -1;
	return 0;
}

/* A wrap key is in the file before a row needs it, and leaves it after no row needs it: rows that were read between two equal readings of node.keys fit it. */
int keyfile_collect(struct work *w, const struct settings *s, struct keyfile *k, struct err *err)
{
	for (int i = 0; i < TRIES; i++) {
		struct str after;
		if (collect_once(w, s, k, err) < 0 || file_read(w->mem, house_path(w->mem, s, "node.keys").p, 65536, &after, err) < 0)
			return -1;
		if (bytes_eq(k->keys, str_bytes(after)))
			return 0;
	}
	return err_set(err, ERR_BUSY, "the wrap key is being changed: try again in a minute");
}

static void put_table(struct buf *b, const struct keyfile_table *t)
{
	buf_sized(b, str_bytes(t->name));
	buf_u32(b, (uint32_t)t->n);
	for (size_t i = 0; i < t->n; i++) {
		buf_sized(b, t->rows[i].id);
		buf_put(b, t->rows[i].wrapped.p, WRAPPED_BYTES);
	}
}

struct bytes keyfile_bytes(struct arena *mem, const struct keyfile *k)
{
	struct buf b = buf_new(mem, FILE_MAX);
	buf_z(&b, HEAD);
	buf_sized(&b, str_bytes(k->node));
	buf_u64(&b, (uint64_t)k->at_ms);
	buf_sized(&b, str_bytes(k->yaml));
	buf_sized(&b, k->keys);
	buf_sized(&b, str_bytes(k->head));
	buf_u32(&b, (uint32_t)k->nerased);
	for (size_t i = 0; i < k->nerased; i++)
		buf_put(&b, k->erased[i].b, 16);
	buf_u32(&b, (uint32_t)k->ntables);
	for (size_t i = 0; i < k->ntables; i++)
		put_table(&b, &k->tables[i]);
	return b.full ? (struct bytes){ 0 } : buf_bytes(&b);
}

int keyfile_write(struct arena *mem, const struct keyfile *k, const char *folder, struct str *path, struct err *err)
{
	struct buf name = buf_new(mem, 4096);
	struct str time = time_text(mem, k->at_ms);
	struct bytes content = keyfile_bytes(mem, k);
	struct hash h = sha256(content);
	buf_fmt(&name, "%s/" S_FMT INFIX, folder, S_ARG(k->node));
	for (size_t i = 0; i < time.n; i++)
		if (time.p[i] != '-' && time.p[i] != ':' && time.p[i] != '.')
			buf_ch(&name, time.p[i]);
	*path = buf_text(&name);
	if (!content.n)
		return err_set(err, ERR_TOO_LARGE, "more keys than a key file holds");
	return keys_file_save(path->p, str_bytes(str_join(mem, bytes_str(content), (struct str){ (const char *)h.b, HASH_BYTES })), err);
}

static void get_table(struct arena *mem, struct reader *r, struct keyfile_table *t)
{
	t->name = bytes_str(get_sized(r, 256));
	uint32_t n = get_u32(r);
	if (r->bad || n > (r->n - r->at) / WRAPPED_BYTES) {
		r->bad = true;
		return;
	}
	t->rows = NEW_ARRAY(mem, struct wrapped_row, (size_t)n + 1);
	for (t->n = 0; t->n < n; t->n++) {
		t->rows[t->n].id = get_sized(r, 256);
		t->rows[t->n].wrapped = get_bytes(r, WRAPPED_BYTES);
	}
}

int keyfile_parse(struct arena *mem, struct bytes content, struct keyfile *k)
{
	struct reader r = reader_of(content);
	bool head = bytes_eq(get_bytes(&r, 3), str_bytes(STR(HEAD)));
	*k = (struct keyfile){ .node = bytes_str(get_sized(&r, 256)) };
	k->at_ms = (int64_t)get_u64(&r);
	k->yaml = bytes_str(get_sized(&r, 65536));
	k->keys = get_sized(&r, 65536);
	k->head = bytes_str(get_sized(&r, 65536));
	k->nerased = get_u32(&r);
	struct bytes ids = get_bytes(&r, k->nerased * 16);
	k->ntables = get_u32(&r);
	if (!head || r.bad || k->ntables > TABLES_MAX)
		return -1;
	k->erased = NEW_ARRAY(mem, struct id, k->nerased + 1);
	for (size_t i = 0; i < k->nerased; i++)
		memcpy(k->erased[i].b, ids.p + i * 16, 16);
	k->tables = NEW_ARRAY(mem, struct keyfile_table, k->ntables + 1);
	for (size_t i = 0; i < k->ntables && !r.bad; i++)
		get_table(mem, &r, &k->tables[i]);
	return reader_done(&r) ? 0 : -1;
}

int keyfile_read(struct arena *mem, const char *path, struct keyfile *out, struct err *err)
{
	struct str text;
	*out = (struct keyfile){ 0 };
	if (file_read(mem, path, FILE_MAX, &text, err) < 0)
		return -1;
	if (text.n < HASH_BYTES)
		return err_set(err, ERR_FORMAT, "%s is no key file", path);
	struct bytes all = bytes_of(text.p, text.n - HASH_BYTES);
	struct hash h = sha256(all);
	if (memcmp(h.b, text.p + all.n, HASH_BYTES) != 0 || keyfile_parse(mem, all, out) < 0)
		return err_set(err, ERR_FORMAT, "%s is no key file, or it is damaged", path);
	return 0;
}

static int str_order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Names of key files in a folder, oldest first; node empty: of all nodes. */
static size_t list(struct arena *mem, const char *folder, struct str node, struct str *names, size_t max)
{
	DIR *d = opendir(folder);
	size_t n = 0;
	for (struct dirent *e; d && n < max && (e = readdir(d));) {
		struct str name = str_of(e->d_name);
		size_t at = str_find(name, STR(INFIX));
		bool whole = at < name.n && !str_ends(name, STR(".new"));
		if (whole && (!node.n || str_eq(str_sub(name, 0, at), node)))
			names[n++] = str_dup(mem, name);
	}
	if (d)
		closedir(d);
	qsort(names, n, sizeof *names, str_order);
	return n;
}

int keyfile_newest(struct arena *mem, const char *folder, struct str node, struct str *path, struct err *err)
{
	struct str *names = NEW_ARRAY(mem, struct str, 4096);
	size_t n = list(mem, folder, node, names, 4096);
	if (n == 0)
		return err_set(err, ERR_NOT_FOUND, "no key file (NODE.keys-TIME) lies beside the copy: name one with --keys");
	struct str first = str_sub(names[0], 0, str_find(names[0], STR(INFIX))), last = str_sub(names[n - 1], 0, str_find(names[n - 1], STR(INFIX)));
	if (!str_eq(first, last))
		return err_set(err, ERR_CONFLICT, "key files of several nodes lie there: name one with --keys");
	*path = str_fmt(mem, "%s/" S_FMT, folder, S_ARG(names[n - 1]));
	return 0;
}

void keyfile_prune(struct arena *mem, const char *folder, struct str node)
{
	struct str *names = NEW_ARRAY(mem, struct str, 4096);
	size_t n = list(mem, folder, node, names, 4096);
	for (size_t i = 0; i + KEPT < n; i++)
		unlink(str_fmt(mem, "%s/" S_FMT, folder, S_ARG(names[i])).p);
}
