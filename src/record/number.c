#include "record/record_i.h"

/* The number that people use for a record (VOCABULARY.md: number, pattern, unique): made by its owner from open fields, node, year and a sequence, kept beside the
   record, and sent with its copies. A sequence has no holes but those of erased records, and gives no number twice. */
SQL(Q_OF, 1, "SELECT number FROM record_number WHERE record=?1");
SQL(Q_SET, 3, "INSERT INTO record_number(record, type, number) VALUES(?1,?2,?3) ON CONFLICT(record) DO UPDATE SET number=excluded.number");
SQL(Q_END, 1, "DELETE FROM record_number WHERE record=?1");
SQL(Q_FIND, 3, "SELECT n.record FROM record_number n WHERE n.type=?1 AND n.number=?2 ORDER BY n.record DESC LIMIT ?3");
SQL(Q_NEXT, 2, "INSERT INTO number_next(type, scope, last) VALUES(?1,?2,1) ON CONFLICT(type, scope) DO UPDATE SET last=last+1");
SQL(Q_LAST, 2, "SELECT last FROM number_next WHERE type=?1 AND scope=?2");
SQL(Q_ONCE_END, 1, "DELETE FROM record_once WHERE record=?1");
SQL(Q_ONCE, 3, "INSERT INTO record_once(record, type, value) VALUES(?1,?2,?3)");
struct number_row { struct str number; };
struct found { struct id record; };
static const struct field NUMBER_ROW[] = { FIELD(struct number_row, number) };
static const struct field FOUND[] = { FIELD(struct found, record) };
#define FOUND_MAX 16

static struct str value_text(struct work *w, const json_t *values, struct str name)
{
	const json_t *v = json_object_get(values, str_z(w->mem, name));
	if (json_is_string(v))
		return (struct str){ json_string_value(v), json_string_length(v) };
	return json_is_integer(v) ? str_fmt(w->mem, "%lld", (long long)json_integer_value(v)) : (struct str){ 0 };
}

static struct str word_text(struct work *w, const struct record *r, const json_t *values, struct str word)
{
	if (str_is(word, "node"))
		return r->owner.n ? r->owner : w->node->name;
	return str_is(word, "year") ? str_sub(time_text(w->mem, w->now_ms), 0, 4) : value_text(w, values, word);
}

/* The pattern with everything but the sequence filled in: the scope in which it counts. With `seq`, the number. */
static struct str filled(struct work *w, const struct record *r, const json_t *values, struct str seq)
{
	struct buf b = buf_new(w->mem, NUMBER_BYTES);
	for (struct str rest = r->type->number.pattern; rest.n;) {
		buf_str(&b, str_cut(&rest, '{'));
		struct str word = rest.p ? str_cut(&rest, '}') : (struct str){ 0 };
		buf_str(&b, str_is(word, "seq") ? seq : word_text(w, r, values, word));
	}
	return buf_text(&b);
}

static int next_of(struct work *w, const struct record *r, const json_t *values, struct str *seq, struct err *err)
{
	struct str scope = filled(w, r, values, STR("#"));
	if (DB_RUN(w->tx, &Q_NEXT, err, db_text(r->type->name), db_text(scope)) < 0)
		return -1;
	*seq = str_fmt(w->mem, "%lld", (long long)DB_COUNT(w->tx, &Q_LAST, db_text(r->type->name), db_text(scope)));
	return 0;
}

static bool has_word(struct str pattern, const char *word)
{
	return str_find(pattern, str_of(word)) < pattern.n;
}

static int keep_once(struct work *w, const struct record *r, const json_t *values, struct err *err)
{
	struct buf b = buf_new(w->mem, 1024);
	struct err why = { 0 };
	for (size_t i = 0; i < r->type->number.unique.n; i++) {
		struct str name = r->type->number.unique.at[i];
		buf_sized(&b, str_bytes(str_is(name, "owner") ? (r->owner.n ? r->owner : w->node->name) : value_text(w, values, name)));
	}
	if (!b.n)
		return 0;
	if (DB_RUN(w->tx, &Q_ONCE_END, err, db_id(r->id)) < 0)
		return -1;
	if (DB_RUN(w->tx, &Q_ONCE, &why, db_id(r->id), db_text(r->type->name), db_blob(buf_bytes(&b))) >= 0)
		return 0;
	return why.code == ERR_CONFLICT ? err_say(err, ERR_VALUE, N_("There is one with this number already."), NULL) : (*err = why, -1);
}

int number_give(struct work *w, const struct record *r, const json_t *values, struct err *err)
{
	const struct tnumber *t = &r->type->number;
	struct str seq = { 0 }, there = { 0 };
	int rc = record_number(w, r->id, &there, err);
	if (!t->pattern.n || rc < 0)
		return rc < 0 ? -1 : 0;
	if (!values) {                                          /* a move: it gets one when it reaches the state, and keeps it */
		const struct grant *g = !rc && str_eq(t->after, r->state) ? record_open_inside(w, r->type, &r->id, 1, err) : NULL;
		if (!g)
			return !rc && str_eq(t->after, r->state) ? -1 : 0;
		values = g->values[0];
	} else if (keep_once(w, r, values, err) < 0) {
		return -1;
	} else if (t->after.n || (rc && has_word(t->pattern, "{seq}"))) {
		return 0;
	}
	if (has_word(t->pattern, "{seq}") && next_of(w, r, values, &seq, err) < 0)
		return -1;
	return number_keep(w, r, filled(w, r, values, seq), err);
}

int number_keep(struct work *w, const struct record *r, struct str number, struct err *err)
{
	return number.n && DB_RUN(w->tx, &Q_SET, err, db_id(r->id), db_text(r->type->name), db_text(number)) < 0 ? -1 : 0;
}

int number_forget(struct work *w, struct id record, struct err *err)
{
	return DB_RUN(w->tx, &Q_END, err, db_id(record)) < 0 || DB_RUN(w->tx, &Q_ONCE_END, err, db_id(record)) < 0 ? -1 : 0;
}

int record_number(struct work *w, struct id id, struct str *number, struct err *err)
{
	struct number_row row = { 0 };
	int rc = DB_ONE(w->tx, &Q_OF, NUMBER_ROW, &row, w->mem, err, db_id(id));
	*number = row.number;
	return rc;
}

int record_numbered(struct work *w, const struct type *t, struct str number, struct id **ids, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_FIND, FOUND, w->mem, db_text(t->name), db_text(number), db_int(FOUND_MAX));
	struct found f;
	int rc = 0;
	*ids = NEW_ARRAY(w->mem, struct id, FOUND_MAX);
	*n = 0;
	while (*n < FOUND_MAX && (rc = db_next(&rows, &f, err)) == DB_ROW)
		(*ids)[(*n)++] = f.record;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int record_by_number(struct work *w, const struct type *t, struct str number, struct id **ids, size_t *n, struct err *err)
{
	struct id *all;
	size_t many;
	bool every;
	unsigned scopes = role_scopes(w, t, &every);
	if (record_numbered(w, t, number, &all, &many, err) < 0)
		return -1;
	*ids = NEW_ARRAY(w->mem, struct id, many + 1);
	*n = 0;
	for (size_t i = 0; i < many; i++) {
		struct record r;
		if (every || (record_head(w, all[i], &r, err) == 0 && scopes_of(w, &r, scopes)))
			(*ids)[(*n)++] = all[i];
	}
	return 0;
}
