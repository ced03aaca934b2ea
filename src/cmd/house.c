#include "cmd/cmd.h"
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define HOUSE_ARENA_BYTES ((size_t)512 << 20)
#define ITEM_ARENA_BYTES ((size_t)256 << 20)

int house_lock(struct str dir, struct err *err)
{
	struct arena *mem = arena_new(65536);
	int fd = open(str_fmt(mem, S_FMT "/lock", S_ARG(dir)).p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	arena_free(mem);
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "the folder cannot be used");
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return err_set(err, ERR_BUSY, "the node of this folder is running: stop it first");
	}
	return fd;
}

/* A verifier key in a file, for `jisr log` without the keys. */
static int key_file(struct house *h, const char *file, const struct note_key *key, struct err *err)
{
	struct str path = house_path(h->mem, &h->settings, file), there, text = str_join(h->mem, note_key_text(h->mem, key), STR("\n"));
	if (file_read(h->mem, path.p, 4096, &there, NULL) == 0 && str_eq(there, text))
		return 0;
	return keys_file_save(path.p, str_bytes(text), err);
}

int house_key_publish(struct house *h, struct err *err)
{
	uint8_t public_key[32];
	struct note_key log = ledger_key(h->ledger);
	if (keys_public(h->node.keys, SIGN_WITNESS, public_key, err) < 0)
		return -1;
	struct note_key witness = note_key_make(h->mem, str_join(h->mem, h->settings.name, STR("/witness")), NOTE_COSIGNATURE, public_key);
	return key_file(h, "log.key", &log, err) < 0 ? -1 : key_file(h, "witness.key", &witness, err);
}

int house_open(struct house *h, struct keys *keys, struct err *err)
{
	return house_open_file(h, keys, house_path(h->mem, &h->settings, "node.db").p, err) < 0 ? -1 : house_key_publish(h, err);
}

int house_open_file(struct house *h, struct keys *keys, const char *db, struct err *err)
{
	h->node.keys = keys;
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	if (!roles)
		return err_set(err, ERR_FAULT, "this program has no types/roles.yaml inside");
	if (policy_load(h->mem, bytes_str(bytes_of(roles->data, roles->n)), &h->policy, err) < 0 || types_load(h->mem, &h->policy, &h->types, err) < 0)
		return err_add(err, "reading the record types");
	if (store_open(h->mem, db, &h->store, err) < 0 || store_migrate(h->store, JOINED_MIGRATIONS, JOINED_MIGRATIONS_COUNT, err) < 0)
		return err_add(err, "opening the database");
	h->tx = store_tx(h->store);
	if (types_remember(h->tx, h->mem, &h->types, source_now_ms(source_system()), err) < 0)
		return -1;
	h->node = (struct node){ .name = h->settings.name, .kind = h->settings.kind, .title = h->settings.title, .types = &h->types, .policy = &h->policy,
		.keys = keys, .source = source_system(), .hooks = &JOINED_HOOKS, .kinds = JOINED_KINDS, .started_ms = source_now_ms(source_system()), .wrapped = JOINED_WRAPPED,
		.demo = h->settings.demo, .log_entries_public = h->settings.log_entries_public, .second_factor = h->settings.second_factor };
	if (keys_account_salt(keys, h->node.account_salt, err) < 0)
		return err_add(err, "asking the keys process");
	if (ledger_open(h->mem, h->tx, keys, h->node.source, h->settings.name, &h->ledger, err) < 0)
		return err_add(err, "opening the ledger");
	h->node.ledger = h->ledger;
	return 0;
}

void house_close(struct house *h)
{
	if (h->store)
		store_close(h->store);
	if (h->node.keys)
		keys_end(h->node.keys);
	if (h->lock > 0)
		close(h->lock);
	if (h->counters > 0)
		close(h->counters);
	arena_free(h->mem);
	*h = (struct house){ 0 };
}

static int save_keys(void *path, struct bytes sealed)
{
	return keys_file_save(path, sealed, NULL);
}

int house_take(struct arena *mem, struct str dir, struct house *out, struct err *err)
{
	struct bytes passphrase, blob;
	struct seal_lock lock;
	*out = (struct house){ .mem = arena_new(HOUSE_ARENA_BYTES), .lock = -1 };
	if (settings_read(out->mem, dir, &out->settings, err) < 0 || (out->lock = house_lock(out->settings.dir, err)) < 0)
		return -1;
	if (house_passphrase(mem, &out->settings, &passphrase, err) < 0 ||
	    keys_file_read(mem, house_path(mem, &out->settings, "node.keys").p, passphrase, &lock, &blob, err) < 0)
		return -1;
	int counters = out->counters = open(house_path(mem, &out->settings, "counters").p, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	char *path = str_z(out->mem, house_path(mem, &out->settings, "node.keys"));
	struct keys_start start = { .blob = blob, .counters_fd = counters, .ceiling = out->settings.ceiling, .lock = &lock, .vault = { save_keys, path } };
	struct keys *keys = keys_local(out->mem, &start, err);
	wipe((void *)(uintptr_t)blob.p, blob.n);
	wipe((void *)(uintptr_t)passphrase.p, passphrase.n);
	wipe(&lock, sizeof lock);
	return keys ? house_open(out, keys, err) : -1;
}

int house_do(struct house *h, int (*fn)(struct work *, void *, struct err *), void *arg, struct err *err)
{
	struct effects effects = { 0 };
	struct work w = { .node = &h->node, .tx = h->tx, .mem = arena_new(ITEM_ARENA_BYTES), .now_ms = source_now_ms(h->node.source), .lang = LANG_EN, .effects = &effects };
	struct ledger_mark mark = ledger_mark(h->ledger);
	int rc = tx_begin(h->tx, err);
	struct response none = { 0 };
	if (rc == 0 && (fn(&w, arg, err) < 0 || ledger_close(h->ledger, h->tx, err) < 0 || (effects.close.run && effects.close.run(&w, effects.close.arg, &none, err) < 0) ||
	        tx_commit(h->tx, err) < 0)) {
		tx_rollback(h->tx);
		ledger_back(h->ledger, &mark);
		rc = -1;
	}
	if (rc == 0)
		effects_after(&h->node, &effects);
	arena_free(w.mem);
	return rc;
}
