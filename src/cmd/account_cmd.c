#include "cmd/cmd.h"
#include "web/web.h"

struct wanted { struct str user, name, roles, unit, hashed; };

static int add(struct work *w, void *arg, struct err *err)
{
	const struct wanted *a = arg;
	struct id id;
	return account_create(w, a->user, a->name, a->hashed, a->roles, a->unit, &id, err);
}

int house_account(struct house *h, const char *user, const char *name, const char *roles, const char *unit, struct str password, struct err *err)
{
	struct wanted a = { str_of(user), str_of(name), str_of(roles), str_of(unit), password_hash(h->mem, str_bytes(password)) };
	return house_do(h, add, &a, err);
}

int cmd_account(int argc, char **argv)
{
	const char *words[2] = { 0 }, *user = NULL, *name = NULL, *roles = NULL, *unit = NULL, *file = NULL;
	const struct option options[] = { { "user", &user, NULL }, { "name", &name, NULL }, { "roles", &roles, NULL }, { "unit", &unit, NULL }, { "password-file", &file, NULL } };
	struct arena *mem = arena_new((size_t)256 << 20);
	struct house h;
	struct err err = { 0 };
	char text[1024] = "";
	size_t n;
	if (options_read(argc, argv, options, COUNT(options), words, 2, &n) < 0 || n != 2 || strcmp(words[0], "add") != 0 || !user || !name || !roles || !unit || !file)
		return fprintf(stderr, "usage: jisr account add DIR --user U --name N --roles R[,R] --unit U --password-file F\n"), 2;
	FILE *f = fopen(file, "r");
	if (!f)
		return fprintf(stderr, "jisr account: cannot open %s\n", file), 2;
	size_t got = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	struct str password = str_trim((struct str){ text, got });
	if (password.n < 12)
		return fprintf(stderr, "jisr account: a password has at least 12 characters\n"), 1;
	if (house_take(mem, str_of(words[1]), &h, &err) < 0 || house_account(&h, user, name, roles, unit, password, &err) < 0)
		return command_failed("account", &err);
	wipe(text, sizeof text);
	house_close(&h);
	printf("added %s\n", user);
	return 0;
}
