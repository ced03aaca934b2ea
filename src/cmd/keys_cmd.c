#include "cmd/cmd.h"

/* `jisr keys rotate`: new wrap key on disk, every living key re-wrapped, the old wrap key forgotten. What was erased before opens no more. */

#define SLICE 1024

static int rewrap(struct work *w, void *arg, struct err *err)
{
	bool more;
	(void)arg;
	if (record_rewrap(w, SLICE, &more, err) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_KEYS, .fields = STR("rotate") }, err);
}

static int rotate(struct house *h, struct err *err)
{
	if (keys_rotate(h->node.keys, err) < 0 || house_do(h, rewrap, NULL, err) < 0)
		return -1;
	return keys_forget_old(h->node.keys, err);
}

int cmd_keys(int argc, char **argv)
{
	const char *words[2] = { 0 };
	struct arena *mem = arena_new((size_t)512 << 20);
	struct house h;
	struct err err = { 0 };
	size_t n;
	if (options_read(argc, argv, NULL, 0, words, 2, &n) < 0 || n != 2 || strcmp(words[0], "rotate") != 0)
		return fprintf(stderr, "usage: jisr keys rotate DIR\n"), 2;
	if (house_take(mem, str_of(words[1]), &h, &err) < 0 || rotate(&h, &err) < 0)
		return command_failed("keys rotate", &err);
	house_close(&h);
	printf("rotated; erasures made before this moment are final\n");
	return 0;
}
