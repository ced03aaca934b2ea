#include "cmd/control.h"
#include "web/web.h"

/* `jisr account`: done by the running node, which gets the hash and never the password; or here, where none runs. */

struct wanted { struct str user, name, roles, unit, hashed; };

static int add(struct work *w, void *arg, struct err *err)
{
	const struct wanted *a = arg;
	struct id id;
	return account_create(w, a->user, a->name, a->hashed, a->roles, a->unit, &id, err);
}

static int password(struct work *w, void *arg, struct err *err)
{
	const struct wanted *a = arg;
	return account_password_set(w, a->user, a->hashed, err);
}

static int reset(struct work *w, void *arg, struct err *err)
{
	const struct wanted *a = arg;
	return account_reset(w, a->user, err);
}

struct verb { const char *name; bool person /* name, roles and unit are asked */, secret; int (*run)(struct work *, void *arg, struct err *); const char *done; };
static const struct verb VERBS[] = {
	{ "add", true, true, add, "added" },
	{ "password", false, true, password, "changed the password of" },
	{ "reset", false, false, reset, "took back the second factor and the PIN of" },
};

int house_account(struct house *h, const char *user, const char *name, const char *roles, const char *unit, struct str secret, struct err *err)
{
	struct wanted a = { str_of(user), str_of(name), str_of(roles), str_of(unit), password_hash(h->mem, str_bytes(secret), COST_DEMO) };
	return house_do(h, add, &a, err);
}

static int by_running(struct arena *mem, const struct settings *s, const struct verb *v, const struct wanted *a, struct err *err)
{
	json_t *line = json_keep(mem, json_object());
	const struct { const char *key; struct str value; } PARTS[] = { { "user", a->user }, { "name", a->name }, { "roles", a->roles }, { "unit", a->unit },
		{ "hashed", a->hashed } };
	struct str answer;
	for (size_t i = 0; i < COUNT(PARTS); i++)
		json_object_set_new(line, PARTS[i].key, json_new_str(PARTS[i].value));
	return control_ask(mem, s, str_fmt(mem, "account %s " S_FMT, v->name, S_ARG(json_write(mem, line))), &answer, err);
}

static int here(struct arena *mem, const struct settings *s, const struct verb *v, struct wanted *a, struct err *err)
{
	struct house h;
	int rc = house_take(mem, s->dir, &h, err);
	if (rc == 0)
		rc = house_do(&h, v->run, a, err);
	if (h.mem)
		house_close(&h);
	return rc;
}

#define PASSWORD_LEAST 12

/* The first line of the file, hashed. 0, or the exit status. */
static int hashed_of(struct arena *mem, const char *file, struct str *out)
{
	char text[1024] = "";
	FILE *f = fopen(file, "r");
	if (!f)
		return fprintf(stderr, "jisr account: cannot open %s\n", file), 2;
	size_t got = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	struct str secret = str_trim((struct str){ text, got });
	if (secret.n < PASSWORD_LEAST)
		return fprintf(stderr, "jisr account: a password has at least %d characters\n", PASSWORD_LEAST), 1;
	*out = password_hash(mem, str_bytes(secret), COST_FULL);
	wipe(text, sizeof text);
	return 0;
}

static const struct verb *verb_of(const char *word)
{
	for (size_t i = 0; word && i < COUNT(VERBS); i++)
		if (strcmp(VERBS[i].name, word) == 0)
			return &VERBS[i];
	return NULL;
}

int cmd_account(int argc, char **argv)
{
	const char *words[2] = { 0 }, *user = NULL, *name = NULL, *roles = NULL, *unit = NULL, *file = NULL;
	const struct option options[] = { { "user", &user, NULL }, { "name", &name, NULL }, { "roles", &roles, NULL }, { "unit", &unit, NULL }, { "password-file", &file, NULL } };
	struct arena *mem = arena_new((size_t)256 << 20);
	struct settings s;
	struct err err = { 0 };
	size_t n;
	bool read = options_read(argc, argv, options, COUNT(options), words, 2, &n) == 0 && n == 2;
	const struct verb *v = read ? verb_of(words[0]) : NULL;
	if (!v || !user || (v->person && (!name || !roles || !unit)) || v->secret != (file != NULL))
		return fprintf(stderr, "usage: jisr account add DIR --user U --name N --roles R[,R] --unit U --password-file F\n"
		    "       jisr account password DIR --user U --password-file F\n       jisr account reset DIR --user U\n"), 2;
	struct wanted a = { str_of(user), str_of(name), str_of(roles), str_of(unit), { 0 } };
	int status = v->secret ? hashed_of(mem, file, &a.hashed) : 0;
	if (status)
		return status;
	if (settings_read(mem, str_of(words[1]), &s, &err) < 0)
		return command_failed("account", &err);
	int rc = by_running(mem, &s, v, &a, &err);
	if (rc == 0)
		rc = here(mem, &s, v, &a, &err);
	if (rc < 0)
		return command_failed("account", &err);
	printf("%s %s\n", v->done, user);
	return 0;
}
