#include "cmd/cmd.h"
#include <curl/curl.h>
#include <unistd.h>

/* `jisr log`: verification needs neither the keys nor the lock: a reader's view of the database, or the log's address. */
#define WITNESSES_MAX 8
struct remote { CURL *curl; const char *base; struct buf *to; };

static size_t on_data(char *p, size_t size, size_t n, void *arg)
{
	struct remote *r = arg;
	buf_put(r->to, p, size * n);
	return r->to->full ? 0 : size * n;
}

static int remote_get(void *arg, struct arena *mem, struct str path, struct str *body, struct err *err)
{
	struct remote *r = arg;
	struct buf b = buf_new(mem, (size_t)16 << 20);
	long status = 0;
	r->to = &b;
	curl_easy_setopt(r->curl, CURLOPT_URL, str_fmt(mem, "%s/log/" S_FMT, r->base, S_ARG(path)).p);
	CURLcode rc = curl_easy_perform(r->curl);
	curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
	if (rc != CURLE_OK || status != 200)
		return err_set(err, status == 404 ? ERR_NOT_FOUND : ERR_PEER, "%s/log/" S_FMT ": %s, status %ld", r->base, S_ARG(path), curl_easy_strerror(rc), status);
	*body = buf_text(&b);
	return 0;
}

static struct log_source remote_source(struct arena *mem, const char *url)
{
	struct remote *r = NEW(mem, struct remote);
	size_t n = strlen(url);
	if (n > 4 && strcmp(url + n - 4, "/log") == 0)
		n -= 4;
	while (n && url[n - 1] == '/')
		n--;
	*r = (struct remote){ curl_easy_init(), str_z(mem, (struct str){ url, n }), NULL };
	curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(r->curl, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(r->curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(r->curl, CURLOPT_NOPROXY, "*");
	return (struct log_source){ remote_get, r };
}

/* The verifier keys of a folder stand in <dir>/log.key and <dir>/witness.key, written when the node first starts. */
static int folder_key(struct arena *mem, const char *dir, const char *file, struct note_key *key, struct err *err)
{
	char text[1024] = "";
	FILE *f = fopen(str_fmt(mem, "%s/%s", dir, file).p, "r");
	if (!f)
		return err_set(err, ERR_NOT_FOUND, "%s/%s: the node has not been started yet, or this is no node's folder", dir, file);
	size_t n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	return note_key_parse(mem, str_dup(mem, str_trim((struct str){ text, n })), key, err);
}

static int folder_open(struct arena *mem, const char *dir, struct tx **tx, struct err *err)
{
	struct store *store;
	if (store_open_reader(mem, str_fmt(mem, "%s/node.db", dir).p, &store, err) < 0)
		return -1;
	*tx = store_tx(store);
	return 0;
}

static int log_key(struct arena *mem, const char *dir, const char *file, struct err *err)
{
	struct note_key key;
	if (folder_key(mem, dir, file, &key, err) < 0)
		return command_failed("log key", err);
	printf(S_FMT "\n", S_ARG(note_key_text(mem, &key)));
	return 0;
}

static int log_check(struct arena *mem, const char *where, const char *key_text, const struct note_key *witnesses, size_t n, struct err *err)
{
	bool remote = strstr(where, "://") != NULL;
	struct note_key key;
	struct log_source source;
	struct log_report report = { 0 };
	struct tx *tx;
	if (remote && !key_text)
		return fprintf(stderr, "jisr log verify: an address needs --key (what `jisr log key` printed there)\n"), 2;
	if ((key_text ? note_key_parse(mem, str_of(key_text), &key, err) : folder_key(mem, where, "log.key", &key, err)) < 0)
		return command_failed("the log's key", err);
	if (!remote && folder_open(mem, where, &tx, err) < 0)
		return command_failed("log verify", err);
	source = remote ? remote_source(mem, where) : log_source_store(mem, NULL, tx);
	int rc = log_verify(mem, &source, &key, witnesses, n, &report, err);
	if (rc < 0)
		return command_failed("log verify", err);
	if (rc > 0)
		return printf("fault: " S_FMT "\n", S_ARG(report.fault)), 1;
	printf("entries %llu, root " S_FMT ", ok\n", (unsigned long long)report.entries, S_ARG(report.root_base64));
	return 0;
}

static int log_prove(struct arena *mem, const char *dir, const char *number, struct err *err)
{
	uint64_t index;
	struct tx *tx;
	struct str proof;
	if (!number || str_u64(str_of(number), &index) < 0)
		return fprintf(stderr, "jisr log prove DIR N: N is the number of an entry\n"), 2;
	if (folder_open(mem, dir, &tx, err) < 0 || ledger_prove(mem, NULL, tx, index, &proof, err) < 0)
		return command_failed("log prove", err);
	fwrite(proof.p, 1, proof.n, stdout);
	return 0;
}

static int log_proof_file(struct arena *mem, const char *file, const char *key_text, struct err *err)
{
	char text[65536];
	struct note_key key;
	struct str leaf;
	FILE *f = fopen(file, "r");
	if (!f)
		return fprintf(stderr, "jisr log check-proof: cannot open %s\n", file), 2;
	size_t n = fread(text, 1, sizeof text, f);
	fclose(f);
	if (!key_text)
		return fprintf(stderr, "jisr log check-proof needs --key\n"), 2;
	if (note_key_parse(mem, str_of(key_text), &key, err) < 0)
		return command_failed("the log's key", err);
	if (log_check_proof(mem, (struct str){ text, n }, &key, &leaf, err) < 0)
		return printf("not proven: %s\n", err->log), 1;
	printf("ok, entry hash " S_FMT "\n", S_ARG(leaf));
	return 0;
}

/* --witness may stand several times: taken out before the other options are read. */
static int witnesses_read(struct arena *mem, int *argc, char **argv, struct note_key *out, size_t *n, struct err *err)
{
	int kept = 0;
	for (int i = 0; i < *argc; i++) {
		if (strcmp(argv[i], "--witness") != 0) {
			argv[kept++] = argv[i];
		} else if (++i < *argc && *n < WITNESSES_MAX) {
			if (note_key_parse(mem, str_of(argv[i]), &out[(*n)++], err) < 0)
				return -1;
		}
	}
	*argc = kept;
	return 0;
}

int cmd_log(int argc, char **argv)
{
	const char *words[3] = { 0 }, *key = NULL;
	const struct option options[] = { { "key", &key, NULL } };
	struct note_key witnesses[WITNESSES_MAX];
	size_t n, nwitnesses = 0;
	struct arena *mem = arena_new((size_t)4 << 30);
	struct err err = { 0 };
	if (witnesses_read(mem, &argc, argv, witnesses, &nwitnesses, &err) < 0)
		return command_failed("--witness", &err);
	if (options_read(argc, argv, options, COUNT(options), words, 3, &n) < 0)
		return 2;
	if (n == 2 && strcmp(words[0], "key") == 0)
		return log_key(mem, words[1], "log.key", &err);
	if (n == 2 && strcmp(words[0], "witness-key") == 0)
		return log_key(mem, words[1], "witness.key", &err);
	if (n == 2 && strcmp(words[0], "verify") == 0)
		return log_check(mem, words[1], key, witnesses, nwitnesses, &err);
	if (n == 3 && strcmp(words[0], "prove") == 0)
		return log_prove(mem, words[1], words[2], &err);
	if (n == 2 && strcmp(words[0], "check-proof") == 0)
		return log_proof_file(mem, words[1], key, &err);
	return fprintf(stderr, "usage: jisr log key DIR | witness-key DIR | verify DIR|URL | prove DIR N | check-proof FILE --key K\n"), 2;
}
