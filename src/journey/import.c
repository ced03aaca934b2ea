#include "journey/import_i.h"

/* The staging area: tables and rows that wait, sealed, and where each import stands. */

static const char *const TABLES[] = {
	"CREATE TABLE import(id BLOB PRIMARY KEY, account BLOB NOT NULL, unit TEXT NOT NULL, role TEXT NOT NULL, purpose TEXT NOT NULL, basis TEXT NOT NULL, state TEXT NOT NULL,"
	" mac BLOB NOT NULL, wrapped BLOB NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, rows INTEGER NOT NULL, good INTEGER NOT NULL,"
	" families INTEGER NOT NULL, place INTEGER NOT NULL, chunks INTEGER NOT NULL, people INTEGER NOT NULL, homes INTEGER NOT NULL, skipped INTEGER NOT NULL,"
	" refused INTEGER NOT NULL) STRICT",
	"CREATE INDEX import_mac ON import(mac, unit)",
	"CREATE INDEX import_state ON import(state, updated)",
	"CREATE TABLE import_chunk(import BLOB NOT NULL, n INTEGER NOT NULL, first INTEGER NOT NULL, rows INTEGER NOT NULL, bad INTEGER NOT NULL, sealed BLOB NOT NULL,"
	" PRIMARY KEY(import, n)) STRICT, WITHOUT ROWID",
	"CREATE TABLE import_twin(import BLOB NOT NULL, row INTEGER NOT NULL, other_row INTEGER NOT NULL, other BLOB, exact INTEGER NOT NULL,"
	" decision TEXT NOT NULL) STRICT",
	"CREATE INDEX import_twin_row ON import_twin(import, row)",
	"CREATE INDEX import_twin_other ON import_twin(import, other_row)",
	"CREATE TABLE import_made(import BLOB NOT NULL, row INTEGER NOT NULL, person BLOB NOT NULL, PRIMARY KEY(import, row)) STRICT, WITHOUT ROWID",
	"CREATE TABLE import_source(signature BLOB NOT NULL, unit TEXT NOT NULL, mapping TEXT NOT NULL, used INTEGER NOT NULL, PRIMARY KEY(signature, unit)) STRICT, WITHOUT ROWID",
	"CREATE TABLE person_key(key BLOB NOT NULL, person BLOB NOT NULL, unit TEXT NOT NULL, feature INTEGER NOT NULL, PRIMARY KEY(key, person)) STRICT, WITHOUT ROWID",
	"CREATE INDEX person_key_person ON person_key(person)",
	"DROP TABLE person_key",                     /* the names process finds them (ADR 90) */
	"CREATE TABLE person_due(person BLOB PRIMARY KEY) STRICT",
};
const struct migrations IMPORT_MIGRATIONS = { "import", TABLES, COUNT(TABLES) };

#define COLUMNS "id, account, unit, role, purpose, basis, state, mac, wrapped, created, updated, rows, good, families, place, chunks, people, homes, skipped, refused"
SQL(Q_NEW, 9, "INSERT INTO import(" COLUMNS ") VALUES(?1,?2,?3,?4,?5,?6,'matching',?7,?8,?9,?9,0,0,0,0,0,0,0,0,0)");
SQL(Q_ONE, 2, "SELECT " COLUMNS " FROM import WHERE id=?1 AND unit=?2");
SQL(Q_SAME, 2, "SELECT " COLUMNS " FROM import WHERE mac=?1 AND unit=?2 AND state IN ('matching', 'comparing', 'ready', 'running', 'done') ORDER BY created DESC LIMIT 1");
SQL(Q_LIST, 1, "SELECT " COLUMNS " FROM import WHERE unit=?1 ORDER BY created DESC LIMIT 20");
SQL(Q_BUSY, 1, "SELECT " COLUMNS " FROM import WHERE state IN ('comparing', 'running') ORDER BY id LIMIT 1 OFFSET ?1");
SQL(Q_BUSY_COUNT, 0, "SELECT count(*) FROM import WHERE state IN ('comparing', 'running')");
SQL(Q_OLD, 1, "SELECT " COLUMNS " FROM import WHERE length(wrapped)>0 AND state IN ('matching', 'ready', 'done', 'stopped') AND updated<?1 LIMIT 1");
SQL(Q_SAVE, 13, "UPDATE import SET state=?2, updated=?3, rows=?4, good=?5, families=?6, place=?7, chunks=?8, people=?9, homes=?10, skipped=?11, refused=?12, wrapped=?13 WHERE id=?1");
SQL(Q_CHUNK_NEW, 6, "INSERT INTO import_chunk(import, n, first, rows, bad, sealed) VALUES(?1,?2,?3,?4,?5,?6)");
SQL(Q_CHUNK, 2, "SELECT n, sealed FROM import_chunk WHERE import=?1 AND n=?2");
SQL(Q_CHUNK_OF, 2, "SELECT n, sealed FROM import_chunk WHERE import=?1 AND first<=?2 AND n>0 ORDER BY first DESC LIMIT 1");
SQL(Q_BAD, 3, "SELECT n, sealed FROM import_chunk WHERE import=?1 AND bad>0 AND n>?2 ORDER BY n LIMIT ?3");
SQL(Q_CHUNKS_END, 1, "DELETE FROM import_chunk WHERE import=?1");
SQL(Q_GOOD_END, 1, "DELETE FROM import_chunk WHERE import=?1 AND bad=0");
SQL(Q_TWINS_END, 1, "DELETE FROM import_twin WHERE import=?1");
SQL(Q_MADE_END, 1, "DELETE FROM import_made WHERE import=?1");
SQL(Q_SOURCE, 2, "SELECT mapping FROM import_source WHERE signature=?1 AND unit=?2");
SQL(Q_SOURCE_KEEP, 4, "INSERT INTO import_source(signature, unit, mapping, used) VALUES(?1,?2,?3,?4) ON CONFLICT(signature, unit) DO UPDATE SET mapping=excluded.mapping, used=excluded.used");
SQL(Q_WRAPPED_PAGE, 2, "SELECT id, wrapped FROM import WHERE id>?1 AND length(wrapped)>0 ORDER BY id LIMIT ?2");
SQL(Q_WRAPPED_PUT, 2, "UPDATE import SET wrapped=?2 WHERE id=?1");
SQL(Q_WRAPPED_DROP, 1, "DELETE FROM import WHERE id=?1");
const struct wrapped_keys IMPORT_WRAPPED[] = { { "import", &Q_WRAPPED_PAGE, &Q_WRAPPED_PUT, &Q_WRAPPED_DROP }, { 0 } };

#define WAITS_MS (7LL * 24 * 3600 * 1000)
#define TABLE_CHUNK 0                     /* n of the whole table, before the check */
#define SLICE_MS 4

static const struct field IMPORT[] = { FIELD(struct import, id), FIELD(struct import, account), FIELD(struct import, unit), FIELD(struct import, role), FIELD(struct import, purpose),
	FIELD(struct import, basis), FIELD(struct import, state), FIELD(struct import, mac), FIELD(struct import, wrapped), FIELD(struct import, created),
	FIELD(struct import, updated), FIELD(struct import, rows), FIELD(struct import, good), FIELD(struct import, families), FIELD(struct import, place), FIELD(struct import, chunks),
	FIELD(struct import, people), FIELD(struct import, homes), FIELD(struct import, skipped), FIELD(struct import, refused) };
struct chunk { int64_t n; struct bytes sealed; };
static const struct field CHUNK[] = { FIELD(struct chunk, n), FIELD(struct chunk, sealed) };
struct source_row { struct str mapping; };
static const struct field SOURCE[] = { FIELD(struct source_row, mapping) };

static struct bytes place_of_chunk(struct work *w, struct id import, int64_t n)
{
	struct buf b = buf_new(w->mem, 64);
	buf_put(&b, import.b, 16);
	buf_u64(&b, (uint64_t)n);
	return buf_bytes(&b);
}

static int chunk_keep(struct work *w, struct id import, const uint8_t key[KEY_BYTES], int64_t n, const int64_t first_rows_bad[3], struct bytes plain, struct err *err)
{
	struct bytes sealed = seal(w->mem, w->node->source, key, place_of_chunk(w, import, n), plain);
	return DB_RUN(w->tx, &Q_CHUNK_NEW, err, db_id(import), db_int(n), db_int(first_rows_bad[0]), db_int(first_rows_bad[1]), db_int(first_rows_bad[2]), db_blob(sealed)) < 0 ? -1 : 0;
}

static int chunk_open(struct work *w, const struct import *im, const struct chunk *c, struct bytes *plain, struct err *err)
{
	uint8_t key[KEY_BYTES];
	if (im->wrapped.n != WRAPPED_BYTES)
		return err_say(err, ERR_EXPIRED, N_("The rows of this import are gone. Upload the file again."), NULL);
	if (keys_wait_open(w->node->keys, im->wrapped.p, key, err) < 0)
		return -1;
	int rc = seal_open(w->mem, key, place_of_chunk(w, im->id, c->n), c->sealed, plain, err);
	wipe(key, sizeof key);
	return rc;
}

static int file_mac(struct work *w, struct bytes content, struct handle *mac, struct err *err)
{
	struct hash h = sha256(content);
	struct bytes in = bytes_of(h.b, HASH_BYTES);
	return keys_blind(w->node->keys, SIDE_HUMANITARIAN, STR("import-file"), &in, 1, mac, err);
}

int import_begin(struct work *w, const struct import_upload *up, struct import *out, bool *again, struct err *err)
{
	struct handle mac;
	uint8_t wrapped[WRAPPED_BYTES], key[KEY_BYTES];
	if (file_mac(w, up->content, &mac, err) < 0)
		return -1;
	int rc = DB_ONE(w->tx, &Q_SAME, IMPORT, out, w->mem, err, db_blob(bytes_of(mac.b, HANDLE_BYTES)), db_text(w->actor.unit));
	*again = rc == DB_ROW;
	if (rc)
		return rc < 0 ? -1 : 0;
	struct id id = id_new(w->node->source);
	if (keys_wait_new(w->node->keys, wrapped, key, err) < 0 ||
	    DB_RUN(w->tx, &Q_NEW, err, db_id(id), db_id(w->actor.account), db_text(w->actor.unit), db_text(w->actor.role), db_text(w->purpose), db_text(w->basis),
	    db_blob(bytes_of(mac.b, HANDLE_BYTES)), db_blob(bytes_of(wrapped, sizeof wrapped)), db_time(w->now_ms)) < 0)
		return err_add(err, "keeping an upload");
	rc = chunk_keep(w, id, key, TABLE_CHUNK, (const int64_t[3]){ -1, 0, 0 }, up->table, err);
	wipe(key, sizeof key);
	return rc < 0 ? -1 : import_find(w, id, out, err);
}

int import_find(struct work *w, struct id id, struct import *out, struct err *err)
{
	int rc = DB_ONE(w->tx, &Q_ONE, IMPORT, out, w->mem, err, db_id(id), db_text(w->actor.unit));
	return rc == DB_ROW ? 0 : rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such import");
}

int import_list(struct work *w, struct import **out, size_t *n, struct err *err)
{
	*out = NEW_ARRAY(w->mem, struct import, 20);
	*n = 0;
	int rc = 0;
	struct rows rows = DB_QUERY(w->tx, &Q_LIST, IMPORT, w->mem, db_text(w->actor.unit));
	while (*n < 20 && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	if (*n == 20)
		db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int import_seen(struct work *w, enum act act, size_t rows, struct err *err)
{
	struct entry e = { .act = act, .actor = w->actor.account, .role = w->actor.role, .type = STR("person"), .purpose = w->purpose, .basis = w->basis, .fields = STR("import"),
		.count = rows };
	return work_enter(w, &e, err);
}

int import_table(struct work *w, const struct import *im, struct bytes *packed, struct err *err)
{
	struct chunk c;
	int rc = DB_ONE(w->tx, &Q_CHUNK, CHUNK, &c, w->mem, err, db_id(im->id), db_int(TABLE_CHUNK));
	if (rc <= 0)
		return rc < 0 ? -1 : err_say(err, ERR_EXPIRED, N_("The rows of this import are gone. Upload the file again."), NULL);
	return chunk_open(w, im, &c, packed, err);
}

int import_remembered(struct work *w, struct hash signature, const struct targets *t, struct mapping *out, struct err *err)
{
	struct source_row s;
	const char *arg;
	int rc = DB_ONE(w->tx, &Q_SOURCE, SOURCE, &s, w->mem, err, db_blob(bytes_of(signature.b, HASH_BYTES)), db_text(w->actor.unit));
	if (rc != DB_ROW)
		return rc;
	json_t *j = json_read(w->mem, s.mapping, err);
	return j && mapping_read(t, j, out) == 0 && !mapping_wrong(t, out, &arg);
}

int import_remember(struct work *w, struct hash signature, json_t *mapping, struct err *err)
{
	return DB_RUN(w->tx, &Q_SOURCE_KEEP, err, db_blob(bytes_of(signature.b, HASH_BYTES)), db_text(w->actor.unit), db_text(json_write(w->mem, mapping)), db_time(w->now_ms)) < 0 ? -1 : 0;
}

struct str import_check_input(struct work *w, json_t *mapping, struct bytes packed)
{
	struct buf b = buf_new(w->mem, (size_t)128 << 20);
	json_t *head = json_keep(w->mem, json_pack("{s:I, s:O}", "now", (json_int_t)w->now_ms, "mapping", mapping));
	buf_sized(&b, str_bytes(json_write(w->mem, head)));
	buf_put(&b, packed.p, packed.n);
	return buf_text(&b);
}

int import_save(struct work *w, const struct import *im, struct err *err)
{
	return DB_RUN(w->tx, &Q_SAVE, err, db_id(im->id), db_text(im->state), db_time(w->now_ms), db_int(im->rows), db_int(im->good), db_int(im->families), db_int(im->place),
	    db_int(im->chunks), db_int(im->people), db_int(im->homes), db_int(im->skipped), db_int(im->refused), db_blob(im->wrapped)) < 0 ? -1 : 0;
}

/* n 0: the head with the headings; rows from 1. */
int import_checked(struct work *w, const struct import *was, struct str output, struct err *err)
{
	struct import im = *was;
	struct reader r = reader_of(str_bytes(output));
	uint8_t key[KEY_BYTES];
	int rc = 0;
	if (get_u8(&r) != 'S')
		return err_say(err, ERR_VALUE, output.n > 1 ? str_z(w->mem, str_sub(output, 1, 300)) : N_("The file could not be read."), NULL);
	struct bytes head_text = get_sized(&r, 1 << 20);
	json_t *head = json_read(w->mem, bytes_str(head_text), err);
	if (!head || keys_wait_open(w->node->keys, im.wrapped.p, key, err) < 0)
		return -1;
	im.state = STR("comparing");
	im.rows = json_int(head, "rows", 0);
	im.good = json_int(head, "good", 0);
	im.families = json_int(head, "families", 0);
	im.place = 1;
	if (DB_RUN(w->tx, &Q_CHUNKS_END, err, db_id(im.id)) < 0)
		rc = -1;
	if (rc == 0)
		rc = chunk_keep(w, im.id, key, TABLE_CHUNK, (const int64_t[3]){ -1, 0, 0 }, head_text, err);
	for (im.chunks = 1; rc == 0 && r.at < r.n && !r.bad; im.chunks++) {
		const int64_t facts[3] = { get_u32(&r), get_u32(&r), get_u32(&r) };
		rc = chunk_keep(w, im.id, key, im.chunks, facts, get_sized(&r, 32 << 20), err);
	}
	wipe(key, sizeof key);
	if (rc < 0 || r.bad)
		return rc < 0 ? -1 : err_set(err, ERR_FORMAT, "the output of a job");
	w->effects->hurry = "import";
	return import_save(w, &im, err);
}

int import_chunk(struct work *w, const struct import *im, int64_t n, json_t **rows, struct err *err)
{
	struct chunk c;
	struct bytes plain;
	int rc = DB_ONE(w->tx, &Q_CHUNK, CHUNK, &c, w->mem, err, db_id(im->id), db_int(n));
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "a chunk of an import is not there");
	if (chunk_open(w, im, &c, &plain, err) < 0)
		return -1;
	*rows = json_read(w->mem, bytes_str(plain), err);
	return *rows ? 0 : -1;
}

int import_row(struct work *w, const struct import *im, int64_t row, json_t **out, struct err *err)
{
	struct chunk c;
	struct bytes plain;
	*out = NULL;
	if (DB_ONE(w->tx, &Q_CHUNK_OF, CHUNK, &c, w->mem, err, db_id(im->id), db_int(row)) != DB_ROW || chunk_open(w, im, &c, &plain, err) < 0)
		return -1;
	json_t *rows = json_read(w->mem, bytes_str(plain), err);
	for (size_t i = 0; i < json_array_size(rows); i++)
		if (json_int(json_array_get(rows, i), "seq", -1) == row)
			*out = json_array_get(rows, i);
	return *out ? 0 : err_set(err, ERR_NOT_FOUND, "no such row");
}

int import_faulty(struct work *w, const struct import *im, size_t from, size_t chunks, json_t **rows, bool *more, struct err *err)
{
	struct chunk c;
	struct bytes plain;
	size_t n = 0;
	int rc;
	*rows = json_keep(w->mem, json_array());
	struct rows found = DB_QUERY(w->tx, &Q_BAD, CHUNK, w->mem, db_id(im->id), db_int((int64_t)from), db_int((int64_t)chunks + 1));
	while ((rc = db_next(&found, &c, err)) == DB_ROW && n < chunks) {
		if (chunk_open(w, im, &c, &plain, err) < 0)
			return db_end(&found), -1;
		json_t *all = json_read(w->mem, bytes_str(plain), err);
		for (size_t i = 0; i < json_array_size(all); i++)
			if (json_object_get(json_array_get(all, i), "e")) {
				json_object_set_new(json_array_get(all, i), "chunk", json_integer(c.n));
				json_array_append(*rows, json_array_get(all, i));
			}
		n++;
	}
	*more = rc == DB_ROW;
	if (rc == DB_ROW)
		db_end(&found);
	return rc < 0 ? -1 : 0;
}

int import_confirm(struct work *w, const struct import *was, struct err *err)
{
	struct import im = *was;
	if (!str_is(im.state, "ready"))
		return err_say(err, ERR_CONFLICT, N_("This import has gone on already."), NULL);
	if (import_undecided(w, &im) > 0)
		return err_say(err, ERR_VALUE, N_("Decide first about the people who look like the same."), NULL);
	im.state = STR("running");
	im.place = 1;
	w->effects->hurry = "import";
	return import_save(w, &im, err);
}

int import_forget_rows(struct work *w, const struct import *im, bool all, struct err *err)
{
	if (DB_RUN(w->tx, &Q_TWINS_END, err, db_id(im->id)) < 0 || DB_RUN(w->tx, &Q_MADE_END, err, db_id(im->id)) < 0)
		return -1;
	return DB_RUN(w->tx, all ? &Q_CHUNKS_END : &Q_GOOD_END, err, db_id(im->id)) < 0 ? -1 : 0;
}

int import_cancel(struct work *w, const struct import *was, struct err *err)
{
	struct import im = *was;
	if (str_is(im.state, "done") || str_is(im.state, "stopped") || str_is(im.state, "withdrawn"))
		return err_say(err, ERR_CONFLICT, N_("This import has gone on already."), NULL);
	im.state = str_is(im.state, "running") ? STR("stopped") : STR("withdrawn");
	im.wrapped = (struct bytes){ (const uint8_t *)"", 0 };
	return import_forget_rows(w, &im, true, err) < 0 ? -1 : import_save(w, &im, err);
}

static int expire(struct work *w, struct err *err)
{
	struct import im;
	int rc = DB_ONE(w->tx, &Q_OLD, IMPORT, &im, w->mem, err, db_time(w->now_ms - WAITS_MS));
	if (rc != DB_ROW)
		return rc;
	if (!str_is(im.state, "done") && !str_is(im.state, "stopped"))
		im.state = STR("withdrawn");
	im.wrapped = (struct bytes){ (const uint8_t *)"", 0 };
	return import_forget_rows(w, &im, true, err) < 0 ? -1 : import_save(w, &im, err);
}

/* The actor of a slice is who confirmed, with her role and purpose of that moment: the entries name her. */
int import_timer(struct work *w, struct err *err)
{
	struct import im;
	int64_t until = monotonic_ms() + SLICE_MS;
	int64_t busy = DB_COUNT(w->tx, &Q_BUSY_COUNT);
	if (busy <= 0)
		return busy < 0 ? err_set(err, ERR_FAULT, "counting imports") : expire(w, err);
	if (DB_ONE(w->tx, &Q_BUSY, IMPORT, &im, w->mem, err, db_int(w->now_ms % busy)) != DB_ROW)      /* one that cannot go on holds up no other */
		return -1;
	w->actor = (struct actor){ .account = im.account, .role = im.role, .unit = im.unit, .node = w->node->name };
	w->purpose = im.purpose;
	w->basis = im.basis;
	w->effects->hurry = "import";
	struct str state = im.state;
	do {
		if ((str_is(im.state, "running") ? import_apply_slice(w, &im, err) : import_compare_slice(w, &im, err)) < 0)
			return -1;
	} while (str_eq(im.state, state) && monotonic_ms() < until);
	return import_save(w, &im, err);
}
