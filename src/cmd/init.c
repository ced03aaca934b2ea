#include "cmd/cmd.h"
#include "net/tls.h"
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

/* `jisr init`: the folder, a passphrase file if there is none, node.keys, jisr.yaml and an empty database. */

static int passphrase_make(struct arena *mem, const char *path, struct err *err)
{
	uint8_t random[24];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return access(path, R_OK) == 0 ? 0 : err_set(err, ERR_NOT_FOUND, "%s cannot be written", path);
	source_fill(source_system(), random, sizeof random);
	struct str text = base64(mem, bytes_of(random, sizeof random));
	bool written = write(fd, text.p, text.n) == (ssize_t)text.n && write(fd, "\n", 1) == 1 && fsync(fd) == 0;
	close(fd);
	wipe(random, sizeof random);
	return written ? 0 : err_set(err, ERR_FULL, "%s cannot be written", path);
}

int node_init(struct arena *mem, const struct settings *s, struct err *err)
{
	struct bytes passphrase;
	char *dir = str_z(mem, s->dir);
	struct str keys = house_path(mem, s, "node.keys");
	if (mkdir(dir, 0700) < 0 && access(dir, W_OK) < 0)
		return err_set(err, ERR_NOT_FOUND, "%s cannot be made", dir);
	if (access(keys.p, F_OK) == 0)
		return err_set(err, ERR_CONFLICT, "%s is a node already", dir);
	if (passphrase_make(mem, str_z(mem, s->unlock), err) < 0 || house_passphrase(mem, s, &passphrase, err) < 0)
		return -1;
	struct bytes blob = keys_blob_new(mem, source_system());
	int rc = keys_file_write(keys.p, passphrase, blob, s->demo ? COST_DEMO : COST_FULL, err);
	wipe((void *)(uintptr_t)blob.p, blob.n);
	if (rc == 0)
		rc = tls_make(mem, s->dir, s->name, source_now_ms(source_system()), err);
	return rc < 0 ? -1 : settings_write(mem, s, err);
}

int cmd_init(int argc, char **argv)
{
	const char *dir, *name = NULL, *kind = NULL, *title = NULL, *unlock = NULL, *port = "8401", *address = "";
	bool demo = false, plain = false, travel = false;
	const struct option options[] = { { "name", &name, NULL }, { "kind", &kind, NULL }, { "title", &title, NULL }, { "unlock", &unlock, NULL },
		{ "port", &port, NULL }, { "address", &address, NULL }, { "travel", NULL, &travel }, { "demo", NULL, &demo }, { "no-second-factor", NULL, &plain } };
	size_t n;
	uint64_t port_number;
	struct arena *mem = arena_new((size_t)256 << 20);
	struct err err = { 0 };
	int read = options_read(argc, argv, options, COUNT(options), &dir, 1, &n);
	if (travel && !kind)
		kind = "travel";
	if (read < 0 || n != 1 || !name || !kind || (travel && strcmp(kind, "travel") != 0) || !unlock ||
	    str_u64(str_of(port), &port_number) < 0 || port_number < 1 || port_number > 65435)
		return fprintf(stderr, "usage: jisr init DIR --name NAME (--kind KIND | --travel) --unlock FILE [--title TEXT] [--port N] [--address IPv4] [--no-second-factor] [--demo]\n"), 2;
	struct settings s = { .dir = str_of(dir), .name = str_of(name), .kind = str_of(kind), .title = str_of(title ? title : name), .unlock = str_of(unlock),
		.address = str_of(address), .port = (uint16_t)port_number, .demo = demo, .second_factor = !plain && !demo, .log_entries_public = demo, .ceiling = demo ? 1000000 : 20000 };
	if (node_init(mem, &s, &err) < 0)
		return command_failed("init", &err);
	printf("made %s; start it with: jisr serve %s\n", dir, dir);
	return 0;
}
