#include "cmd/control.h"
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

/* To the running node goes the hash, never the password. */
static int add_running(struct arena *mem, const struct settings *s, const struct wanted *a, struct err *err)
{
	json_t *line = json_keep(mem, json_object());
	const struct { const char *key; struct str value; } PARTS[] = { { "user", a->user }, { "name", a->name }, { "roles", a->roles }, { "unit", a->unit },
		{ "hashed", a->hashed } };
	struct str answer;
	for (size_t i = 0; i < COUNT(PARTS); i++)
		json_object_set_new(line, PARTS[i].key, json_new_str(PARTS[i].value));
	return control_ask(mem, s, str_join(mem, STR("account add "), json_write(mem, line)), &answer, err);
}

static int add_here(struct arena *mem, const struct settings *s, const char *user, const char *name, const char *roles, const char *unit, struct str password,
    struct err *err)
{
	struct house h;
	int rc = house_take(mem, s->dir, &h, err);
	if (rc == 0)
		rc = house_account(&h, user, name, roles, unit, password, err);
	if (h.mem)
		house_close(&h);
	return rc;
}

int cmd_account(int argc, char **argv)
{
	const char *words[2] = { 0 }, *user = NULL, *name = NULL, *roles = NULL, *unit = NULL, *file = NULL;
	const struct option options[] = { { "user", &user, NULL }, { "name", &name, NULL }, { "roles", &roles, NULL }, { "unit", &unit, NULL }, { "password-file", &file, NULL } };
	struct arena *mem = arena_new((size_t)256 << 20);
	struct settings s;
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
	if (settings_read(mem, str_of(words[1]), &s, &err) < 0)
		return command_failed("account", &err);
	int rc = add_running(mem, &s, &(struct wanted){ str_of(user), str_of(name), str_of(roles), str_of(unit), password_hash(mem, str_bytes(password)) }, &err);
	if (rc == 0)
		rc = add_here(mem, &s, user, name, roles, unit, password, &err);
	wipe(text, sizeof text);
	if (rc < 0)
		return command_failed("account", &err);
	printf("added %s\n", user);
	return 0;
}
