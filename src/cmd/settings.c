#include "cmd/cmd.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* One row a setting: how it stands in jisr.yaml, where it is kept, its range. */
enum setting_kind { SET_TEXT, SET_BOOL, SET_INT };
struct setting { const char *name; enum setting_kind kind; size_t at; bool required; int64_t min, max, otherwise; const char *help; };
#define AT(member) offsetof(struct settings, member)
static const struct setting SETTINGS[] = {
	{ "name", SET_TEXT, AT(name), true, 0, 0, 0, "name of the node: a domain name without port" },
	{ "kind", SET_TEXT, AT(kind), true, 0, 0, 0, "camp, ministry, vetting, centre, oversight, ...; travel: rides with a convoy, without a line" },
	{ "title", SET_TEXT, AT(title), false, 0, 0, 0, "name of the office, on every page" },
	{ "unlock", SET_TEXT, AT(unlock), true, 0, 0, 0, "file that holds the passphrase of node.keys" },
	{ "port", SET_INT, AT(port), false, 1, 65435, 8401, "people's listener; partners: port + 100" },
	{ "address", SET_TEXT, AT(address), false, 0, 0, 0, "IPv4 address of the people's listener; empty: 127.0.0.1. Elsewhere than on loopback it is HTTPS (jisr phone)" },
	{ "https", SET_BOOL, AT(https), false, 0, 0, 0, "true: HTTPS for people also on loopback" },
	{ "partner_address", SET_TEXT, AT(partner_address), false, 0, 0, 0, "IPv4 address of the partners' listener; empty: 127.0.0.1" },
	{ "demo", SET_BOOL, AT(demo), false, 0, 0, 0, "training strip on every page" },
	{ "second_factor", SET_BOOL, AT(second_factor), false, 0, 0, 0, "true: who signs in needs a code of an authenticator, too" },
	{ "log_entries", SET_BOOL, AT(log_entries_public), false, 0, 0, 0, "true: anybody may read the log's lines" },
	{ "ceiling", SET_INT, AT(ceiling), false, 100, 10000000, 20000, "openings a day for each actor and purpose" },
};

static const struct setting *setting_find(const char *name)
{
	for (size_t i = 0; i < COUNT(SETTINGS); i++)
		if (strcmp(SETTINGS[i].name, name) == 0)
			return &SETTINGS[i];
	return NULL;
}

static void put_int(struct settings *s, const struct setting *row, int64_t v)
{
	char *at = (char *)s + row->at;
	if (row->at == AT(port))
		*(uint16_t *)(void *)at = (uint16_t)v;
	else
		*(uint32_t *)(void *)at = (uint32_t)v;
}

static int put(struct arena *mem, struct settings *s, const struct setting *row, const json_t *v, struct err *err)
{
	char *at = (char *)s + row->at;
	bool fits = row->kind == SET_TEXT ? json_is_string(v) : row->kind == SET_BOOL ? json_is_boolean(v) : json_is_integer(v);
	if (!fits)
		return err_set(err, ERR_VALUE, "setting %s has the wrong kind of value", row->name);
	if (row->kind == SET_TEXT)
		*(struct str *)(void *)at = str_dup(mem, (struct str){ json_string_value(v), json_string_length(v) });
	if (row->kind == SET_BOOL)
		*(bool *)(void *)at = json_is_true(v);
	if (row->kind == SET_INT) {
		int64_t n = json_integer_value(v);
		if (n < row->min || n > row->max)
			return err_set(err, ERR_VALUE, "setting %s must be from %lld to %lld", row->name, (long long)row->min, (long long)row->max);
		put_int(s, row, n);
	}
	return 0;
}

bool settings_tls(const struct settings *s)
{
	return s->https || !str_starts(s->address, STR("127."));
}

bool settings_travel(const struct settings *s)
{
	return str_is(s->kind, "travel");
}

struct str house_path(struct arena *mem, const struct settings *s, const char *file)
{
	return str_fmt(mem, S_FMT "/%s", S_ARG(s->dir), file);
}

int file_read(struct arena *mem, const char *path, size_t max, struct str *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "cannot open %s", path);
	struct stat st;
	size_t room = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size < max ? (size_t)st.st_size : max, got = 0;
	char *p = arena_alloc(mem, room + 1);
	ssize_t n = 1;
	while (got <= room && (n = read(fd, p + got, room + 1 - got)) > 0)
		got += (size_t)n;
	close(fd);
	if (n < 0 || got > room)
		return err_set(err, ERR_FORMAT, "cannot read %s, or it is too long", path);
	*out = (struct str){ p, got };
	return 0;
}

int settings_read(struct arena *mem, struct str dir, struct settings *out, struct err *err)
{
	*out = (struct settings){ .dir = str_dup(mem, dir) };
	for (size_t i = 0; i < COUNT(SETTINGS); i++)
		if (SETTINGS[i].kind == SET_INT)
			put_int(out, &SETTINGS[i], SETTINGS[i].otherwise);
	struct str path = house_path(mem, out, "jisr.yaml"), text;
	if (file_read(mem, path.p, 65536, &text, err) < 0)
		return err_add(err, "no node in this folder");
	json_t *tree = yaml_read(mem, text, path.p, err), *v;
	const char *name;
	if (!tree)
		return -1;
	json_object_foreach(tree, name, v) {
		const struct setting *row = setting_find(name);
		if (!row)
			return err_set(err, ERR_VALUE, "%s: no setting is called %s", path.p, name);
		if (put(mem, out, row, v, err) < 0)
			return err_add(err, "%s", path.p);
	}
	if (!out->name.n || !out->kind.n || !out->unlock.n)
		return err_set(err, ERR_VALUE, "%s: name, kind and unlock are required", path.p);
	if (!out->address.n)
		out->address = STR("127.0.0.1");
	if (!out->partner_address.n)
		out->partner_address = STR("127.0.0.1");
	return 0;
}

int settings_write(struct arena *mem, const struct settings *s, struct err *err)
{
	struct str path = house_path(mem, s, "jisr.yaml");
	FILE *f = fopen(path.p, "wx");
	if (!f)
		return err_set(err, ERR_CONFLICT, "%s is there already or cannot be written", path.p);
	for (size_t i = 0; i < COUNT(SETTINGS); i++) {
		const struct setting *row = &SETTINGS[i];
		const char *at = (const char *)s + row->at;
		fprintf(f, "# %s\n%s: ", row->help, row->name);
		if (row->kind == SET_TEXT)
			fprintf(f, "\"" S_FMT "\"\n", S_ARG(*(const struct str *)(const void *)at));
		else if (row->kind == SET_BOOL)
			fprintf(f, "%s\n", *(const bool *)(const void *)at ? "true" : "false");
		else
			fprintf(f, "%u\n", row->at == AT(port) ? s->port : s->ceiling);
	}
	return fclose(f) == 0 ? 0 : err_set(err, ERR_FULL, "%s cannot be written", path.p);
}

int house_passphrase(struct arena *mem, const struct settings *s, struct bytes *out, struct err *err)
{
	struct str text;
	if (file_read(mem, str_z(mem, s->unlock), 4096, &text, err) < 0)
		return err_add(err, "the passphrase of node.keys");
	*out = str_bytes(str_trim(text));
	return out->n >= 12 ? 0 : err_set(err, ERR_VALUE, "the passphrase of node.keys is shorter than 12 bytes");
}
