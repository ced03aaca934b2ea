#include "ledger/ledger_i.h"

/* Reads the whole log as a stranger would: checkpoint, entry bundles, tiles. Builds the tree from the lines and holds every tile and the root against it. */

struct check {
	struct arena *mem;
	const struct log_source *source;
	struct log_report *report;
	struct err *err;
	uint64_t size;
	int64_t last_ms;
	struct hash frontier[64];
	struct hash *tile[LEVELS_MAX];             /* hashes of the open tile of each level */
	size_t filled[LEVELS_MAX];
	uint64_t done[LEVELS_MAX];                 /* full tiles so far */
};

static int fault(struct check *c, struct str text)
{
	c->report->fault = text;
	return 1;
}

static int entry_check(struct check *c, uint64_t index, struct str line)
{
	static const char *const KNOWN[] = { "v", "t", "node", "x", "actor", "role", "act", "type", "rec", "ver", "move", "purpose", "basis", "fields", "n", "to",
		"refused", "tags", "tagroot", "body" };
	struct arena *mem = arena_new((size_t)1 << 20);
	json_t *tree = line.n <= ENTRY_MAX ? json_read(mem, line, NULL) : NULL, *v;
	const char *key;
	size_t at = 0;
	int64_t t;
	const char *wrong = NULL;
	if (!tree || !json_is_object(tree))
		wrong = "is no entry";
	else if (json_int(tree, "v", 0) != 1 || time_parse(json_str(tree, "t"), &t) < 0)
		wrong = "has no version or time";
	else if (t < c->last_ms)
		wrong = "is before the entry before";
	else
		c->last_ms = t;
	if (!wrong) {
		json_object_foreach(tree, key, v) {
			while (at < COUNT(KNOWN) && strcmp(KNOWN[at], key) != 0)
				at++;
			if (at == COUNT(KNOWN)) {
				wrong = "has an unknown key, or keys out of order";
				break;
			}
		}
	}
	arena_free(mem);
	return wrong ? fault(c, str_fmt(c->mem, "entry %llu %s", (unsigned long long)index, wrong)) : 0;
}

static int tile_compare(struct check *c, unsigned level, uint64_t n, size_t width)
{
	struct str path = tile_name_text(c->mem, &(struct tile_name){ (int)level, n, width }), body;
	if (c->source->get(c->source->arg, c->mem, path, &body, c->err) < 0)
		return -1;
	if (body.n != width * HASH_BYTES)
		return fault(c, str_fmt(c->mem, S_FMT " has a wrong length", S_ARG(path)));
	for (size_t i = 0; i < width; i++) {
		unsigned long long first = (n * TILE_WIDTH + i) << (level * TILE_HEIGHT), last = first + ((uint64_t)1 << (level * TILE_HEIGHT)) - 1;
		if (memcmp(body.p + i * HASH_BYTES, c->tile[level][i].b, HASH_BYTES) == 0)
			continue;
		if (level == 0)
			return fault(c, str_fmt(c->mem, "entry %llu: its line does not fit " S_FMT, first, S_ARG(path)));
		return fault(c, str_fmt(c->mem, "entries %llu to %llu: a line does not fit " S_FMT, first, last, S_ARG(path)));
	}
	return 0;
}

/* One hash more at a tile level; a full tile is compared and gives a hash to the level above. */
static int hash_add(struct check *c, unsigned level, struct hash h)
{
	if (!c->tile[level])
		c->tile[level] = NEW_ARRAY(c->mem, struct hash, TILE_WIDTH);
	c->tile[level][c->filled[level]++] = h;
	if (c->filled[level] < TILE_WIDTH)
		return 0;
	int rc = tile_compare(c, level, c->done[level], TILE_WIDTH);
	c->filled[level] = 0;
	c->done[level]++;
	return rc ? rc : hash_add(c, level + 1, tile_root(c->tile[level], TILE_WIDTH));
}

static int bundle_check(struct check *c, uint64_t n, size_t width)
{
	struct str path = tile_name_text(c->mem, &(struct tile_name){ -1, n, width }), body;
	if (c->source->get(c->source->arg, c->mem, path, &body, c->err) < 0)
		return -1;
	struct reader r = reader_of(str_bytes(body));
	for (size_t i = 0; i < width; i++) {
		uint64_t index = n * TILE_WIDTH + i;
		struct bytes line = get_bytes(&r, get_u16(&r));
		if (r.bad)
			return fault(c, str_fmt(c->mem, "entry %llu is cut off in " S_FMT, (unsigned long long)index, S_ARG(path)));
		int rc = entry_check(c, index, bytes_str(line));
		struct hash h = leaf_hash(line);
		if (rc == 0)
			rc = hash_add(c, 0, h);
		if (rc)
			return rc;
		unsigned level = 0;
		for (; index >> level & 1; level++)
			h = node_hash(&c->frontier[level], &h);
		c->frontier[level] = h;
	}
	return reader_done(&r) ? 0 : fault(c, str_fmt(c->mem, S_FMT " has more than it should", S_ARG(path)));
}

static int all_entries(struct check *c)
{
	for (uint64_t at = 0; at < c->size; at += TILE_WIDTH) {
		size_t width = c->size - at < TILE_WIDTH ? (size_t)(c->size - at) : TILE_WIDTH;
		int rc = bundle_check(c, at / TILE_WIDTH, width);
		if (rc)
			return rc;
	}
	for (unsigned level = 0; level < LEVELS_MAX; level++) {
		int rc = c->filled[level] ? tile_compare(c, level, c->done[level], c->filled[level]) : 0;
		if (rc)
			return rc;
	}
	return 0;
}

static struct hash computed_root(const struct check *c)
{
	struct hash root = sha256((struct bytes){ 0 });
	bool any = false;
	for (unsigned level = 0; level < 64; level++) {
		if (!(c->size >> level & 1))
			continue;
		root = any ? node_hash(&c->frontier[level], &root) : c->frontier[level];
		any = true;
	}
	return root;
}

/* The newest witnessed head must be an earlier or equal state of the same log, with a good cosignature of each witness named. */
static int witnesses_check(struct check *c, const struct note_key *log, const struct note_key *w, size_t n)
{
	struct str raw, text;
	struct note note;
	struct checkpoint head;
	if (n == 0)
		return 0;
	if (c->source->get(c->source->arg, c->mem, STR("witnessed"), &raw, c->err) < 0)
		return fault(c, STR("no checkpoint has been witnessed yet"));
	if (note_parse(c->mem, raw, &note, c->err) < 0 || note_open(c->mem, raw, log, &text, c->err) < 0 || checkpoint_parse(c->mem, text, &head, c->err) < 0)
		return fault(c, STR("the witnessed checkpoint is not this log's"));
	for (size_t i = 0; i < n; i++)
		if (note_verify(&note, &w[i], NULL) != 1)
			return fault(c, str_fmt(c->mem, "no good cosignature of " S_FMT, S_ARG(w[i].name)));
	return head.size <= c->size ? 0 : fault(c, STR("a witness saw more entries than the log shows"));
}

int log_verify(struct arena *mem, const struct log_source *source, const struct note_key *log, const struct note_key *witnesses, size_t n,
    struct log_report *report, struct err *err)
{
	struct check c = { .mem = mem, .source = source, .report = report, .err = err };
	struct str raw, text;
	struct checkpoint head;
	if (source->get(source->arg, mem, STR("checkpoint"), &raw, err) < 0)
		return -1;
	if (note_open(mem, raw, log, &text, err) < 0 || checkpoint_parse(mem, text, &head, err) < 0)
		return fault(&c, STR("the checkpoint's signature is not good"));
	if (!str_eq(head.origin, log->name))
		return fault(&c, STR("the checkpoint is of another log"));
	c.size = head.size;
	int rc = all_entries(&c);
	if (rc)
		return rc;
	struct hash root = computed_root(&c);
	report->entries = head.size;
	report->root_base64 = base64(mem, bytes_of(root.b, HASH_BYTES));
	if (!hash_eq(&root, &head.root)) {            /* the full tiles fit, or it would have been said */
		uint64_t from = c.size - c.size % TILE_WIDTH;
		return fault(&c, from == c.size ? STR("the root does not fit the entries") :
		    str_fmt(mem, "entries %llu to %llu: a line does not fit the root", (unsigned long long)from, (unsigned long long)c.size - 1));
	}
	return witnesses_check(&c, log, witnesses, n);
}
