#include "ledger/ledger_i.h"

SQL(Q_NEWEST, 0, "SELECT note FROM log_checkpoint ORDER BY size DESC LIMIT 1");
SQL(Q_WITNESSED, 0, "SELECT witnessed FROM log_checkpoint WHERE witnessed<>'' ORDER BY size DESC LIMIT 1");
SQL(Q_TAG_LIST, 1, "SELECT tags FROM log_tags WHERE n=?1");
SQL(Q_HEIGHT, 0, "SELECT coalesce(max(size), 0) FROM log_checkpoint");
struct note_row { struct str note; };
static const struct field NOTE[] = { FIELD(struct note_row, note) };
struct tag_row { struct bytes tags; };
static const struct field TAG[] = { FIELD(struct tag_row, tags) };

struct str ledger_checkpoint(struct arena *mem, struct tx *tx, bool witnessed)
{
	struct note_row r = { 0 };
	DB_ONE(tx, witnessed ? &Q_WITNESSED : &Q_NEWEST, NOTE, &r, mem, NULL);
	return r.note;
}

static int give_tile(struct arena *mem, struct tx *tx, const struct tile_name *t, struct str *body, bool *immutable, struct err *err)
{
	unsigned level = t->level < 0 ? 0 : (unsigned)t->level;
	int64_t height = DB_COUNT(tx, &Q_HEIGHT);
	if (height < 0 || level >= LEVELS_MAX || t->n >= UINT64_MAX >> 8)
		return err_set(err, ERR_NOT_FOUND, "no such tile");
	uint64_t hashes = (uint64_t)height >> (level * TILE_HEIGHT), last = t->n * TILE_WIDTH + t->width;
	if (last > hashes)                         /* nothing that a signed checkpoint does not cover */
		return err_set(err, ERR_NOT_FOUND, "no such tile");
	struct buf b = buf_new(mem, (ENTRY_MAX + 2) * TILE_WIDTH);
	*immutable = t->width == TILE_WIDTH;
	if (t->level < 0) {
		struct str lines[TILE_WIDTH];
		if (log_lines(mem, tx, t->n * TILE_WIDTH, t->width, lines, err) < 0)
			return -1;
		for (size_t i = 0; i < t->width; i++) {
			buf_u16(&b, (uint16_t)lines[i].n);
			buf_str(&b, lines[i]);
		}
	} else {
		struct hash *all = NEW_ARRAY(mem, struct hash, TILE_WIDTH);
		if (tile_hashes(mem, tx, level, t->n, t->width, all, err) < 0)
			return -1;
		buf_put(&b, all, t->width * HASH_BYTES);
	}
	*body = buf_text(&b);
	return 0;
}

static int give_tags(struct arena *mem, struct tx *tx, struct str number, struct str *body, struct err *err)
{
	uint64_t n;
	struct tag_row r;
	if (str_u64(number, &n) < 0 || n > INT64_MAX)
		return err_set(err, ERR_NOT_FOUND, "no such list");
	int rc = DB_ONE(tx, &Q_TAG_LIST, TAG, &r, mem, err, db_int((int64_t)n));
	if (rc != DB_ROW)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such list");
	*body = bytes_str(r.tags);
	return 0;
}

int ledger_http(struct arena *mem, struct ledger *l, struct tx *tx, struct str path, bool entries, struct str *body, const char **type, bool *immutable,
    struct err *err)
{
	struct tile_name t;
	(void)l;
	*immutable = false;
	*type = "text/plain; charset=utf-8";
	if (str_is(path, "checkpoint") || str_is(path, "witnessed")) {
		*body = ledger_checkpoint(mem, tx, str_is(path, "witnessed"));
		return body->n ? 0 : err_set(err, ERR_NOT_FOUND, "there is no checkpoint yet");
	}
	*type = "application/octet-stream";
	if (str_starts(path, STR("tags/")))
		return entries ? give_tags(mem, tx, str_sub(path, 5, path.n), body, err) : err_set(err, ERR_FORBIDDEN, "tag lists are not public here");
	if (tile_name_parse(path, &t) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such file of the log");
	if (t.level < 0 && !entries)
		return err_set(err, ERR_FORBIDDEN, "entries are not public here");
	return give_tile(mem, tx, &t, body, immutable, err);
}

static int store_get(void *arg, struct arena *mem, struct str path, struct str *body, struct err *err)
{
	const char *type;
	bool immutable;
	return ledger_http(mem, NULL, arg, path, true, body, &type, &immutable, err);
}

struct log_source log_source_store(struct arena *mem, struct ledger *l, struct tx *tx)
{
	(void)mem;
	(void)l;
	return (struct log_source){ store_get, tx };
}
