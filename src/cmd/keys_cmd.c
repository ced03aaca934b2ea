#include "cmd/certificate.h"
#include "cmd/control.h"
#include "cmd/shares.h"
#include "record/rotate.h"

/* `jisr keys rotate`: new wrap key on disk, every living key re-wrapped, the old wrap key forgotten. What was erased before opens no more.
   `jisr keys erasures`: which erasures are done, and which are final. */

#define ERASURES_SHOWN 1000

static int step(struct work *w, void *more, struct err *err)
{
	return rotation_step(w, more, err);
}

static int rotate_here(struct arena *mem, const struct settings *s, struct err *err)
{
	struct house h;
	bool more = true;
	int rc = house_take(mem, s->dir, &h, err);
	while (rc == 0 && more)
		rc = house_do(&h, step, &more, err);
	if (h.mem)
		house_close(&h);
	return rc;
}

/* The running node makes one step for each line, so that its pages go on in between. */
static int rotate(struct arena *mem, const struct settings *s, struct err *err)
{
	struct str answer = STR("more");
	int rc = 1;
	while (rc > 0 && str_is(answer, "more"))
		rc = control_ask(mem, s, STR("keys rotate"), &answer, err);
	return rc == 0 ? rotate_here(mem, s, err) : rc < 0 ? -1 : 0;
}

static int print_erasures(struct work *w, struct err *err)
{
	struct erasure *list;
	size_t n;
	if (erasure_list(w, ERASURES_SHOWN, &list, &n, err) < 0)
		return -1;
	printf("done\tfinal\ttype\trecords\trule\n");
	for (size_t i = 0; i < n; i++)
		printf(S_FMT "\t" S_FMT "\t" S_FMT "\t%lld\t" S_FMT "\n", S_ARG(time_text(w->mem, list[i].done)),
		    S_ARG(list[i].final ? time_text(w->mem, list[i].final) : STR("not yet")), S_ARG(list[i].type), (long long)list[i].records, S_ARG(list[i].rule));
	return 0;
}

/* Dates, types and rules: nothing about a person, so a reader's view of the file will do, also while the node runs. */
static int erasures(struct arena *mem, const struct settings *s, struct err *err)
{
	struct store *store;
	if (store_open_reader(mem, house_path(mem, s, "node.db").p, &store, err) < 0)
		return -1;
	struct work w = { .tx = store_tx(store), .mem = mem };
	int rc = print_erasures(&w, err);
	store_close(store);
	return rc;
}

static bool known(const char *word)
{
	return strcmp(word, "rotate") == 0 || strcmp(word, "erasures") == 0 || strcmp(word, "certificate") == 0 || strcmp(word, "shares") == 0;
}

int cmd_keys(int argc, char **argv)
{
	const char *words[2] = { 0 };
	struct arena *mem = arena_new((size_t)512 << 20);
	struct settings s;
	struct err err = { 0 };
	size_t n;
	const char *days = NULL, *of = NULL;
	bool list, stand = false;
	const struct option options[] = { { "days", &days, NULL }, { "stand", NULL, &stand }, { "of", &of, NULL } };
	if (options_read(argc, argv, options, COUNT(options), words, 2, &n) < 0 || n != 2 || !known(words[0]))
		return fprintf(stderr, "usage: jisr keys rotate DIR | erasures DIR | certificate DIR [--days N] [--stand] | shares DIR --of K/N\n"), 2;
	if (strcmp(words[0], "certificate") == 0) {
		if (settings_read(mem, str_of(words[1]), &s, &err) < 0 || cmd_certificate(mem, &s, days, stand, &err) < 0)
			return command_failed("keys", &err);
		return 0;
	}
	if (strcmp(words[0], "shares") == 0) {
		if (settings_read(mem, str_of(words[1]), &s, &err) < 0 || cmd_shares(mem, &s, of, &err) < 0)
			return command_failed("keys", &err);
		return 0;
	}
	list = strcmp(words[0], "erasures") == 0;
	if (settings_read(mem, str_of(words[1]), &s, &err) < 0 || (list ? erasures(mem, &s, &err) : rotate(mem, &s, &err)) < 0)
		return command_failed("keys", &err);
	if (list)
		return 0;
	printf("rotated; erasures made before this moment are final\n");
	return 0;
}
