#include "ledger/ledger_i.h"

/* C2SP tlog-tiles. Level-0 hashes come from the lines; the root of each full tile is kept, and is a hash of the level above. */

SQL(Q_LINES, 2, "SELECT line FROM log_entry WHERE n>=?1 AND n<?2 ORDER BY n");
SQL(Q_TILES, 3, "SELECT hash FROM log_tile WHERE level=?1 AND n>=?2 AND n<?3 ORDER BY n");
SQL(Q_TILE_NEW, 3, "INSERT INTO log_tile(level, n, hash) VALUES(?1,?2,?3)");
struct line { struct str line; };
static const struct field LINE[] = { FIELD(struct line, line) };
struct stored { struct bytes hash; };
static const struct field STORED[] = { FIELD(struct stored, hash) };

int log_lines(struct arena *mem, struct tx *tx, uint64_t from, size_t n, struct str *lines, struct err *err)
{
	struct rows rows = DB_QUERY(tx, &Q_LINES, LINE, mem, db_int((int64_t)from), db_int((int64_t)(from + n)));
	struct line l;
	size_t got = 0;
	int rc = 0;
	while ((rc = db_next(&rows, &l, err)) == DB_ROW)
		lines[got++] = l.line;
	if (rc < 0)
		return -1;
	return got == n ? 0 : err_set(err, ERR_NOT_FOUND, "the log has no entries %llu to %llu", (unsigned long long)from, (unsigned long long)(from + n));
}

int log_line_at(struct arena *mem, struct tx *tx, uint64_t index, struct str *line, struct err *err)
{
	return log_lines(mem, tx, index, 1, line, err);
}

int tile_hashes(struct arena *mem, struct tx *tx, unsigned level, uint64_t n, size_t width, struct hash *out, struct err *err)
{
	if (level == 0) {
		struct str *lines = NEW_ARRAY(mem, struct str, width);
		if (log_lines(mem, tx, n * TILE_WIDTH, width, lines, err) < 0)
			return -1;
		for (size_t i = 0; i < width; i++)
			out[i] = leaf_hash(str_bytes(lines[i]));
		return 0;
	}
	struct rows rows = DB_QUERY(tx, &Q_TILES, STORED, mem, db_int((int64_t)level - 1), db_int((int64_t)(n * TILE_WIDTH)), db_int((int64_t)(n * TILE_WIDTH + width)));
	struct stored s;
	size_t got = 0;
	int rc = 0;
	while ((rc = db_next(&rows, &s, err)) == DB_ROW)
		if (s.hash.n == HASH_BYTES)
			memcpy(out[got++].b, s.hash.p, HASH_BYTES);
	if (rc < 0)
		return -1;
	return got == width ? 0 : err_set(err, ERR_NOT_FOUND, "the log has no such tile");
}

int tile_full(struct tx *tx, unsigned level, uint64_t n, const struct hash *root, struct err *err)
{
	return DB_RUN(tx, &Q_TILE_NEW, err, db_int((int64_t)level), db_int((int64_t)n), db_blob(bytes_of(root->b, HASH_BYTES))) < 0 ? -1 : 0;
}

struct hash tile_root(const struct hash *hashes, size_t n)
{
	return merkle_root(hashes, n);
}

int subtree_hash(struct arena *mem, struct tx *tx, unsigned level, uint64_t start, struct hash *out, struct err *err)
{
	unsigned tile_level = level / TILE_HEIGHT, inside = level % TILE_HEIGHT;
	size_t width = (size_t)1 << inside;
	uint64_t first = start >> (tile_level * TILE_HEIGHT);         /* index of the first hash at that tile level */
	struct hash *all = NEW_ARRAY(mem, struct hash, TILE_WIDTH);
	size_t at = (size_t)(first % TILE_WIDTH);
	if (tile_level == 0) {
		struct str *lines = NEW_ARRAY(mem, struct str, width);
		if (log_lines(mem, tx, start, width, lines, err) < 0)
			return -1;
		for (size_t i = 0; i < width; i++)
			all[i] = leaf_hash(str_bytes(lines[i]));
		at = 0;
	} else if (tile_hashes(mem, tx, tile_level, first / TILE_WIDTH, at + width, all, err) < 0) {
		return -1;
	}
	*out = tile_root(all + at, width);
	return 0;
}

/* One group of three digits; x groups come before the last. The first is not x000: a tile has one name. */
static int number_parse(struct str *rest, uint64_t *out)
{
	uint64_t n = 0;
	for (int groups = 0; groups < 6; groups++) {
		struct str part = str_cut(rest, '/');
		bool more = part.n == 4 && part.p[0] == 'x';
		uint64_t v;
		if (more)
			part = str_sub(part, 1, 3);
		struct str digits = str_sub(part, 0, 3);
		if (digits.n != 3 || str_u64(digits, &v) < 0 || (part.n != 3 && !(part.n == 5 && str_ends(part, STR(".p")))))
			return -1;
		n = n * 1000 + v;
		if (more && n == 0)
			return -1;
		if (!more) {
			*out = n;
			return part.n == 5 ? 1 : 0;
		}
	}
	return -1;
}

int tile_name_parse(struct str path, struct tile_name *t)
{
	struct str rest = path;
	uint64_t level = 0, width;
	if (!str_is(str_cut(&rest, '/'), "tile"))
		return -1;
	struct str where = str_cut(&rest, '/');
	if (str_is(where, "entries"))
		t->level = -1;
	else if (str_u64(where, &level) < 0 || level > 63 || (where.n > 1 && where.p[0] == '0'))
		return -1;
	else
		t->level = (int)level;
	int partial = number_parse(&rest, &t->n);
	t->width = TILE_WIDTH;
	if (partial < 0)
		return -1;
	if (!partial)
		return rest.p ? -1 : 0;
	if (str_u64(rest, &width) < 0 || width < 1 || width > 255 || rest.p[0] == '0')
		return -1;
	t->width = (size_t)width;
	return 0;
}

struct str tile_name_text(struct arena *mem, const struct tile_name *t)
{
	struct str number = str_fmt(mem, "%03llu", (unsigned long long)(t->n % 1000));
	for (uint64_t n = t->n / 1000; n; n /= 1000)
		number = str_fmt(mem, "x%03llu/" S_FMT, (unsigned long long)(n % 1000), S_ARG(number));
	struct str head = t->level < 0 ? STR("tile/entries") : str_fmt(mem, "tile/%d", t->level);
	if (t->width == TILE_WIDTH)
		return str_fmt(mem, S_FMT "/" S_FMT, S_ARG(head), S_ARG(number));
	return str_fmt(mem, S_FMT "/" S_FMT ".p/%zu", S_ARG(head), S_ARG(number), t->width);
}
