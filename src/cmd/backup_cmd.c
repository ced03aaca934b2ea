#include "cmd/control.h"
#include "cmd/keyfile.h"
#include <libgen.h>

/* `jisr backup DIR FILE`: the entry, then a copy of the database, then the keys. The copy is made from the file by this process, so a running node goes on; it holds
   sealed bodies only, and its keys lie in the key file, of which two are kept: what was erased before the older of them opens nowhere. */

static int enter(struct work *w, void *arg, struct err *err)
{
	(void)arg;
	return work_enter(w, &(struct entry){ .act = ACT_BACKUP }, err);
}

static int enter_here(struct arena *mem, const struct settings *s, struct err *err)
{
	struct house h;
	int rc = house_take(mem, s->dir, &h, err);
	if (rc == 0)
		rc = house_do(&h, enter, NULL, err);
	if (h.mem)
		house_close(&h);
	return rc;
}

static int copy(struct arena *mem, const struct settings *s, const char *file, struct str *keys, size_t *subjects, struct err *err)
{
	struct store *store;
	struct keyfile k;
	char *folder = dirname(str_z(mem, str_of(file)));
	if (store_open_reader(mem, house_path(mem, s, "node.db").p, &store, err) < 0)
		return -1;
	struct work w = { .tx = store_tx(store), .mem = mem, .now_ms = source_now_ms(source_system()) };
	int rc = store_backup(store, file, err);
	if (rc == 0)
		rc = keyfile_collect(&w, s, &k, err);
	if (rc == 0)
		rc = keyfile_write(mem, &k, folder, keys, err);
	store_close(store);
	if (rc < 0)
		return -1;
	keyfile_prune(mem, folder, s->name);
	*subjects = k.tables[0].n;
	return 0;
}

int cmd_backup(int argc, char **argv)
{
	const char *words[2] = { 0 };
	struct arena *mem = arena_new((size_t)8 << 30);
	struct settings s;
	struct err err = { 0 };
	struct str keys, answer;
	size_t n, subjects;
	if (options_read(argc, argv, NULL, 0, words, 2, &n) < 0 || n != 2)
		return fprintf(stderr, "usage: jisr backup DIR FILE\n"), 2;
	if (settings_read(mem, str_of(words[0]), &s, &err) < 0)
		return command_failed("backup", &err);
	int asked = control_ask(mem, &s, STR("backup"), &answer, &err);
	if (asked < 0 || (asked == 0 && enter_here(mem, &s, &err) < 0) || copy(mem, &s, words[1], &keys, &subjects, &err) < 0)
		return command_failed("backup", &err);
	printf("%s and the keys of %zu subjects in " S_FMT "\ncheck it with: jisr restore %s %s --verify\n", words[1], subjects, S_ARG(keys), words[0], words[1]);
	arena_free(mem);
	return 0;
}
