#include "cmd/keyfile.h"
#include "cmd/shares.h"
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

/* `jisr restore DIR FILE`: an older copy of the database with the newest keys. What was erased later is erased again, the log goes on under the next epoch, and
   its first entry names the last head that others had seen. Everything is done and verified in a copy; only then it takes its place. */

struct restoring {
	struct arena *mem;
	struct settings s;
	struct keyfile k;
	struct house h;
	struct log_head head;                         /* the newest that we know of; size 0: none */
	struct bytes passphrase;                      /* joined from recovery shares; none: of the file that jisr.yaml names */
	struct str path;                              /* the copy that is worked on */
	size_t erased, dropped, keys;
	uint64_t entries;
};

/* The newest of several checkpoints of this node's log. */
static void newer_head(struct restoring *r, struct str note)
{
	struct log_head h;
	if (note.n && ledger_head(r->mem, r->k.node, note, &h, NULL) == 0 && (h.epoch > r->head.epoch || (h.epoch == r->head.epoch && h.size > r->head.size)))
		r->head = h;
}

/* What the folder's own database knows, if it can still be read. */
static void folder_head(struct restoring *r)
{
	struct store *store;
	if (access(house_path(r->mem, &r->s, "node.db").p, R_OK) != 0 || store_open_reader(r->mem, house_path(r->mem, &r->s, "node.db").p, &store, NULL) < 0)
		return;
	if (store_check(store, NULL) == 0)
		newer_head(r, ledger_checkpoint(r->mem, store_tx(store), false));
	store_close(store);
}

static int copy_data(struct restoring *r, const char *file, struct err *err)
{
	struct store *from, *to;
	if (store_open_reader(r->mem, file, &from, err) < 0)
		return -1;
	int rc = store_check(from, err) < 0 ? err_add(err, "%s", file) : store_backup(from, r->path.p, err);
	store_close(from);
	if (rc < 0 || store_open(r->mem, r->path.p, &to, err) < 0)
		return -1;
	rc = store_migrate(to, JOINED_MIGRATIONS, JOINED_MIGRATIONS_COUNT, err);
	if (rc == 0)
		rc = ledger_raise(store_tx(to), r->head.epoch, source_now_ms(source_system()), err);
	store_close(to);
	return rc;
}

static int open_copy(struct restoring *r, struct err *err)
{
	struct bytes passphrase = r->passphrase, blob;
	struct seal_lock lock;
	r->h = (struct house){ .mem = arena_new((size_t)4 << 30), .lock = -1, .settings = r->s };
	if ((!passphrase.n && house_passphrase(r->mem, &r->s, &passphrase, err) < 0) || seal_password_open(r->mem, passphrase, r->k.keys, &lock, &blob, err) < 0)
		return -1;
	wipe(&lock, sizeof lock);
	struct keys *keys = keys_local(r->h.mem, &(struct keys_start){ .blob = blob, .counters_fd = -1, .ceiling = UINT32_MAX }, err);
	wipe((void *)(uintptr_t)blob.p, blob.n);
	return keys ? house_open_file(&r->h, keys, r->path.p, err) : -1;
}

/* Each key opens: a table that does not would be found by the first person who needs it. */
static int keys_open_all(struct work *w, const struct keyfile_table *t, struct err *err)
{
	uint8_t (*page)[WRAPPED_BYTES] = arena_array(w->mem, ROTATION_SLICE, WRAPPED_BYTES);
	for (size_t at = 0, n; at < t->n; at += n) {
		n = t->n - at < ROTATION_SLICE ? t->n - at : ROTATION_SLICE;
		for (size_t i = 0; i < n; i++)
			memcpy(page[i], t->rows[at + i].wrapped.p, WRAPPED_BYTES);
		if (keys_rewrap(w->node->keys, page, n, err) < 0)
			return err_add(err, "the keys of " S_FMT, S_ARG(t->name));
	}
	return 0;
}

static int put_keys(struct work *w, struct restoring *r, struct err *err)
{
	static const struct keyfile_table NONE = { 0 };
	for (const struct wrapped_keys *const *list = JOINED_WRAPPED; *list; list++) {
		for (const struct wrapped_keys *t = *list; t->name; t++) {
			const struct keyfile_table *from = &NONE;
			size_t dropped;
			for (size_t i = 0; i < r->k.ntables; i++)
				if (str_is(r->k.tables[i].name, t->name))
					from = &r->k.tables[i];
			if (keys_open_all(w, from, err) < 0 || restore_keys(w, t, from->rows, from->n, &dropped, err) < 0)
				return -1;
			r->dropped += dropped;
			r->keys += from->n;
		}
	}
	return 0;
}

static int apply(struct work *w, void *arg, struct err *err)
{
	struct restoring *r = arg;
	struct entry first = { .act = ACT_RESTORE, .count = r->head.size };
	if (r->head.size)
		first.to = str_fmt(w->mem, S_FMT "@" S_FMT, S_ARG(r->head.origin), S_ARG(r->head.root_base64));
	if (work_enter(w, &first, err) < 0 || put_keys(w, r, err) < 0 || restore_erasures(w, r->k.erased, r->k.nerased, &r->erased, err) < 0)
		return -1;
	if (exchange_restored(w, err) < 0)
		return -1;
	if (r->erased && work_enter(w, &(struct entry){ .act = ACT_ERASE, .fields = STR("restore"), .count = r->erased }, err) < 0)
		return -1;
	return 0;
}

static int verify_log(struct restoring *r, struct err *err)
{
	struct log_report report = { 0 };
	struct note_key key = ledger_key(r->h.ledger);
	struct log_source source = log_source_store(r->mem, r->h.ledger, r->h.tx);
	int rc = log_verify(r->mem, &source, &key, NULL, 0, &report, err);
	r->entries = report.entries;
	return rc > 0 ? err_set(err, ERR_FORMAT, "the log: " S_FMT, S_ARG(report.fault)) : rc;
}

/* The old files stay beside the new ones until the operator removes them. */
static int take_place(struct restoring *r, struct err *err)
{
	static const char *const SUFFIX[] = { "", "-wal", "-shm" };
	struct str db = house_path(r->mem, &r->s, "node.db");
	for (size_t i = 0; i < COUNT(SUFFIX); i++) {
		struct str from = str_fmt(r->mem, "%s%s", db.p, SUFFIX[i]);
		if (access(from.p, F_OK) == 0 && rename(from.p, str_fmt(r->mem, "%s.before-restore%s", db.p, SUFFIX[i]).p) < 0)
			return err_set(err, ERR_FULL, "%s cannot be put aside", from.p);
	}
	if (keys_file_save(house_path(r->mem, &r->s, "node.keys").p, r->k.keys, err) < 0)
		return -1;
	return rename(r->path.p, db.p) == 0 ? 0 : err_set(err, ERR_FULL, "%s cannot be put in place", db.p);
}

static void remove_copy(struct restoring *r)
{
	static const char *const SUFFIX[] = { "", "-wal", "-shm", ".part" };
	for (size_t i = 0; i < COUNT(SUFFIX); i++)
		unlink(str_fmt(r->mem, "%s%s", r->path.p, SUFFIX[i]).p);
}

static int restore(struct restoring *r, const char *file, bool verify_only, struct err *err)
{
	r->path = verify_only ? str_fmt(r->mem, "%s.verify", file) : house_path(r->mem, &r->s, "node.db.restore");
	newer_head(r, r->k.head);
	folder_head(r);
	int rc = copy_data(r, file, err);
	if (rc == 0)
		rc = open_copy(r, err);
	if (rc == 0)
		rc = house_do(&r->h, apply, r, err);
	if (rc == 0)
		rc = verify_log(r, err);
	if (rc == 0 && !verify_only)
		rc = house_key_publish(&r->h, err);
	if (r->h.mem)
		house_close(&r->h);
	if (rc == 0 && !verify_only)
		rc = take_place(r, err);
	remove_copy(r);
	return rc;
}

/* The folder: an old node's, or a new one, whose jisr.yaml comes from the backup. */
static int prepare(struct restoring *r, const char *dir, const char *file, const char *keys, bool verify_only, int *lock, struct err *err)
{
	struct str path = str_of(keys), node = { 0 };
	struct str yaml = str_fmt(r->mem, "%s/jisr.yaml", dir);
	bool known = access(yaml.p, F_OK) == 0;
	if (known && settings_read(r->mem, str_of(dir), &r->s, err) == 0)
		node = r->s.name;
	if ((!keys && keyfile_newest(r->mem, dirname(str_z(r->mem, str_of(file))), node, &path, err) < 0) || keyfile_read(r->mem, path.p, &r->k, err) < 0)
		return -1;
	if (node.n && !str_eq(node, r->k.node))
		return err_set(err, ERR_CONFLICT, "these are the keys of another node, " S_FMT, S_ARG(r->k.node));
	if (!known && ((mkdir(dir, 0700) < 0 && access(dir, W_OK) < 0) || keys_file_save(yaml.p, str_bytes(r->k.yaml), err) < 0))
		return err_set(err, ERR_NOT_FOUND, "%s cannot be made", dir);
	if (settings_read(r->mem, str_of(dir), &r->s, err) < 0)
		return -1;
	*lock = verify_only ? -1 : house_lock(r->s.dir, err);
	return verify_only || *lock >= 0 ? 0 : -1;
}

/* A node starts by the file that jisr.yaml names. One that is there is not touched. */
static int unlock_keep(struct restoring *r, bool *kept, struct err *err)
{
	*kept = r->passphrase.n && r->s.unlock.n && access(str_z(r->mem, r->s.unlock), F_OK) < 0;
	return *kept ? keys_file_save(str_z(r->mem, r->s.unlock), str_bytes(str_join(r->mem, bytes_str(r->passphrase), STR("\n"))), err) : 0;
}

int cmd_restore(int argc, char **argv)
{
	const char *words[2] = { 0 }, *keys = NULL, *head = NULL, *shares = NULL;
	bool verify_only = false;
	const struct option options[] = { { "keys", &keys, NULL }, { "head", &head, NULL }, { "shares", &shares, NULL }, { "verify", NULL, &verify_only } };
	struct restoring *r = &(struct restoring){ .mem = arena_new((size_t)8 << 30) };
	struct err err = { 0 };
	struct str note;
	size_t n;
	int lock = -1;
	bool kept = false;
	if (options_read(argc, argv, options, COUNT(options), words, 2, &n) < 0 || n != 2)
		return fprintf(stderr, "usage: jisr restore DIR FILE [--keys FILE] [--head FILE] [--shares FILE|-] [--verify]\n"), 2;
	if (prepare(r, words[0], words[1], keys, verify_only, &lock, &err) < 0)
		return command_failed("restore", &err);
	if (shares && shares_passphrase(r->mem, shares, &r->passphrase, &err) < 0)
		return command_failed("restore", &err);
	if (head && file_read(r->mem, head, 65536, &note, &err) < 0)
		return command_failed("restore", &err);
	if (head)
		newer_head(r, note);
	if (restore(r, words[1], verify_only, &err) < 0 || (!verify_only && unlock_keep(r, &kept, &err) < 0))
		return command_failed("restore", &err);
	if (kept)
		printf("the passphrase stands in " S_FMT " again\n", S_ARG(r->s.unlock));
	printf("%zu keys, each opens; %zu records erased after the copy was made are erased again; %zu waiting things ended since are gone; log of %llu entries, ok\n", r->keys,
	    r->erased, r->dropped, (unsigned long long)r->entries);
	if (!verify_only)
		printf("restored %s; start it with: jisr serve %s\n", words[0], words[0]);
	if (lock >= 0)
		close(lock);
	arena_free(r->mem);
	return 0;
}
