#include "ledger/ledger_i.h"

static const char *const TABLES[] = {
	"CREATE TABLE log_entry(n INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT",
	"CREATE TABLE log_tile(level INTEGER NOT NULL, n INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(level, n)) STRICT, WITHOUT ROWID",
	"CREATE TABLE log_checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL, witnessed TEXT NOT NULL DEFAULT '') STRICT",
	"CREATE TABLE log_tags(n INTEGER PRIMARY KEY, tags BLOB NOT NULL) STRICT",
	"CREATE TABLE log_subject(handle BLOB NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(handle, n)) STRICT, WITHOUT ROWID",
	"CREATE TABLE log_witnessed(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, at INTEGER NOT NULL) STRICT",
	"CREATE TABLE log_cosignature(size INTEGER NOT NULL, name TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY(size, name)) STRICT",
	"CREATE TABLE log_epoch(epoch INTEGER PRIMARY KEY, began INTEGER NOT NULL) STRICT",
	"ALTER TABLE log_checkpoint ADD COLUMN held INTEGER NOT NULL DEFAULT 0",      /* when a witness was asked to sign it */
};
const struct migrations LEDGER_MIGRATIONS = { "ledger", TABLES, COUNT(TABLES) };

SQL(Q_SIZE, 0, "SELECT coalesce(max(n)+1, 0) FROM log_entry");
SQL(Q_EPOCH, 0, "SELECT coalesce(max(epoch), 0) FROM log_epoch");
SQL(Q_RAISE, 2, "INSERT INTO log_epoch(epoch, began) SELECT max(coalesce(max(epoch), 0), ?2)+1, ?1 FROM log_epoch");
SQL(Q_LAST, 0, "SELECT line FROM log_entry ORDER BY n DESC LIMIT 1");
SQL(Q_LAST_ACT, 1, "SELECT line FROM log_entry WHERE line LIKE ?1 ORDER BY n DESC LIMIT 1");
SQL(Q_APPEND, 2, "INSERT INTO log_entry(n, line) VALUES(?1,?2)");
SQL(Q_TAGS, 2, "INSERT INTO log_tags(n, tags) VALUES(?1,?2)");
SQL(Q_SUBJECT, 2, "INSERT OR IGNORE INTO log_subject(handle, n) VALUES(?1,?2)");
SQL(Q_CHECKPOINT, 2, "INSERT OR REPLACE INTO log_checkpoint(size, note) VALUES(?1,?2)");
SQL(Q_CHECKPOINTS_OLD, 2, "DELETE FROM log_checkpoint WHERE size<?1 AND held<?2 AND (witnessed='' OR size<(SELECT max(size) FROM log_checkpoint WHERE witnessed<>''))");
SQL(Q_CLOSED, 0, "SELECT coalesce(max(size), 0) FROM log_checkpoint");

struct last { struct str line; };
static const struct field LAST[] = { FIELD(struct last, line) };

/* How long a head waits for the answers of witnesses; witnessed ones give way to newer ones. */
#define HELD_MS 3600000

static int frontier_load(struct ledger *l, struct tx *tx, struct err *err)
{
	struct arena *mem = arena_new((size_t)64 << 20);
	uint64_t at = 0;
	int rc = 0;
	for (unsigned level = 64; rc == 0 && level-- > 0;) {
		if (!(l->size >> level & 1))
			continue;
		rc = subtree_hash(mem, tx, level, at, &l->frontier[level], err);
		at += (uint64_t)1 << level;
	}
	arena_free(mem);
	return rc;
}

static void scratch_free(void *arg)
{
	struct ledger *l = arg;
	arena_free(l->scratch);
}

int ledger_open(struct arena *mem, struct tx *tx, struct keys *keys, const struct source *src, struct str node, struct ledger **out, struct err *err)
{
	struct ledger *l = NEW(mem, struct ledger);
	struct last last;
	uint8_t public_key[32];
	int64_t epoch = DB_COUNT(tx, &Q_EPOCH);
	*l = (struct ledger){ .keys = keys, .source = src, .node = str_dup(mem, node), .epoch = (uint32_t)epoch,
		.scratch = arena_new((size_t)64 << 20) };
	arena_defer(mem, scratch_free, l);
	l->origin = epoch > 0 ? str_fmt(mem, S_FMT "/log/%lld", S_ARG(node), (long long)epoch) : str_join(mem, node, STR("/log"));
	if (keys_public(keys, SIGN_LOG, public_key, err) < 0 || keys_account_salt(keys, l->account_salt, err) < 0)
		return err_add(err, "ledger");
	l->key = note_key_make(mem, l->origin, NOTE_ED25519, public_key);
	int64_t size = DB_COUNT(tx, &Q_SIZE), closed = DB_COUNT(tx, &Q_CLOSED);
	if (size < 0 || closed < 0 || epoch < 0)
		return err_set(err, ERR_FAULT, "the ledger's tables cannot be read");
	l->size = (uint64_t)size;
	l->closed = (uint64_t)closed;
	int rc = DB_ONE(tx, &Q_LAST, LAST, &last, mem, err);
	if (rc == DB_ROW) {
		json_t *tree = json_read(mem, last.line, err);
		rc = tree ? time_parse(json_str(tree, "t"), &l->last_ms) : -1;
	}
	*out = l;
	return rc < 0 ? err_add(err, "reading the last entry") : frontier_load(l, tx, err);
}

int ledger_raise(struct tx *tx, uint32_t past, int64_t now_ms, struct err *err)
{
	return DB_RUN(tx, &Q_RAISE, err, db_int(now_ms), db_int(past)) < 0 ? -1 : 0;
}

int64_t ledger_last_ms(struct arena *mem, struct tx *tx, enum act act)
{
	struct last last;
	struct err err = { 0 };
	int64_t ms = 0;
	int rc = DB_ONE(tx, &Q_LAST_ACT, LAST, &last, mem, &err, db_text(str_fmt(mem, "%%\"act\":\"%s\"%%", act_word(act))));
	json_t *tree = rc == DB_ROW ? json_read(mem, last.line, &err) : NULL;
	return rc < 0 || (rc == DB_ROW && (!tree || time_parse(json_str(tree, "t"), &ms) < 0)) ? -1 : ms;
}

uint32_t ledger_epoch(const struct ledger *l)
{
	return l->epoch;
}

int ledger_head(struct arena *mem, struct str node, struct str text, struct log_head *out, struct err *err)
{
	struct note *n = NEW(mem, struct note);
	struct checkpoint c;
	struct str first = str_join(mem, node, STR("/log"));
	uint64_t epoch = 0;
	if (note_parse(mem, text, n, err) < 0 || checkpoint_parse(mem, n->text, &c, err) < 0)
		return -1;
	bool later = str_starts(c.origin, str_join(mem, first, STR("/"))) && str_u64(str_sub(c.origin, first.n + 1, c.origin.n), &epoch) == 0 && epoch < UINT32_MAX;
	if (!later && !str_eq(c.origin, first))
		return err_set(err, ERR_FORMAT, "a checkpoint of another log");
	*out = (struct log_head){ str_dup(mem, c.origin), base64(mem, bytes_of(c.root.b, HASH_BYTES)), c.size, (uint32_t)epoch };
	return 0;
}

/* Adds a leaf to the frontier; writes the roots of tiles that became full. */
static int grow(struct ledger *l, struct tx *tx, struct hash h, struct err *err)
{
	uint64_t index = l->size;
	unsigned level = 0;
	for (; index >> level & 1; level++) {
		h = node_hash(&l->frontier[level], &h);
		unsigned done = level + 1;
		if (done % TILE_HEIGHT == 0 && tile_full(tx, done / TILE_HEIGHT - 1, index >> done, &h, err) < 0)
			return -1;
	}
	l->frontier[level] = h;
	l->size++;
	return 0;
}

int ledger_append(struct ledger *l, struct tx *tx, const struct entry *e, uint64_t *index, struct err *err)
{
	struct arena *mem = l->scratch;
	uint8_t x[16];
	struct str line;
	struct bytes tags;
	int64_t now = source_now_ms(l->source), n = (int64_t)l->size;
	if (now < l->last_ms)
		now = l->last_ms;                  /* never before the entry before */
	source_fill(l->source, x, sizeof x);
	int rc = entry_line(mem, l, e, now, x, &line, &tags, err);
	if (rc == 0 && DB_RUN(tx, &Q_APPEND, err, db_int(n), db_text(line)) < 0)
		rc = -1;
	if (rc == 0 && tags.n && DB_RUN(tx, &Q_TAGS, err, db_int(n), db_blob(tags)) < 0)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < e->nsubjects; i++)
		if (DB_RUN(tx, &Q_SUBJECT, err, db_blob(bytes_of(e->subjects[i].handle.b, HANDLE_BYTES)), db_int(n)) < 0)
			rc = -1;
	if (rc == 0)
		rc = grow(l, tx, leaf_hash(str_bytes(line)), err);
	arena_reset(mem);
	if (rc < 0)
		return err_add(err, "ledger");
	l->last_ms = now;
	if (index)
		*index = (uint64_t)n;
	return 0;
}

struct ledger_mark ledger_mark(const struct ledger *l)
{
	struct ledger_mark m = { .size = l->size, .closed = l->closed, .last_ms = l->last_ms };
	memcpy(m.frontier, l->frontier, sizeof m.frontier);
	return m;
}

void ledger_back(struct ledger *l, const struct ledger_mark *m)
{
	l->size = m->size;
	l->last_ms = m->last_ms;
	memcpy(l->frontier, m->frontier, sizeof l->frontier);
	l->closed = m->closed;
}

static struct hash root_of(const struct ledger *l)
{
	struct hash root = sha256((struct bytes){ 0 });
	bool any = false;
	for (unsigned level = 0; level < 64; level++) {
		if (!(l->size >> level & 1))
			continue;
		root = any ? node_hash(&l->frontier[level], &root) : l->frontier[level];
		any = true;
	}
	return root;
}

struct str checkpoint_text(struct arena *mem, struct str origin, uint64_t size, const struct hash *root)
{
	return str_fmt(mem, S_FMT "\n%llu\n" S_FMT "\n", S_ARG(origin), (unsigned long long)size, S_ARG(base64(mem, bytes_of(root->b, HASH_BYTES))));
}

int checkpoint_parse(struct arena *mem, struct str text, struct checkpoint *out, struct err *err)
{
	struct reader r = reader_of(str_bytes(text));
	struct str origin = get_line(&r, 1024), size = get_line(&r, 20), root = get_line(&r, 64);
	struct bytes raw;
	bool bad = r.bad || !origin.n || str_u64(size, &out->size) < 0 || (size.n > 1 && size.p[0] == '0') || base64_read(mem, root, &raw) < 0 || raw.n != HASH_BYTES;
	if (bad)
		return err_set(err, ERR_FORMAT, "this is no checkpoint");
	out->origin = origin;
	memcpy(out->root.b, raw.p, HASH_BYTES);
	return 0;
}

int ledger_close(struct ledger *l, struct tx *tx, struct err *err)
{
	if (l->size == l->closed)
		return 0;
	struct arena *mem = arena_new((size_t)1 << 20);
	struct hash root = root_of(l);
	struct str text = checkpoint_text(mem, l->origin, l->size, &root);
	uint8_t signature[64];
	int rc = keys_sign(l->keys, SIGN_LOG, note_message(mem, &l->key, text, 0), signature, err);
	if (rc == 0) {
		struct str line = note_line(mem, &l->key, signature, 0);
		rc = DB_RUN(tx, &Q_CHECKPOINT, err, db_int((int64_t)l->size), db_text(note_join(mem, text, &line, 1))) < 0 ? -1 : 0;
	}
	if (rc == 0 && DB_RUN(tx, &Q_CHECKPOINTS_OLD, err, db_int((int64_t)l->closed), db_int(source_now_ms(l->source) - HELD_MS)) < 0)
		rc = -1;
	arena_free(mem);
	if (rc == 0)
		l->closed = l->size;
	return rc < 0 ? err_add(err, "closing the tick's tree") : 0;
}

uint64_t ledger_size(const struct ledger *l)
{
	return l->size;
}

struct note_key ledger_key(const struct ledger *l)
{
	return l->key;
}
