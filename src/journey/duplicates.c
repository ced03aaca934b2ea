#include "journey/import_i.h"
#include "match/match.h"

/* Who looks like whom, by keys that say nothing without the keys process: HMACs of the folded name with the year of birth, and with the mother's name. The full matcher takes
   the place of duplicates_find. */
SQL(Q_KEEP, 4, "INSERT OR IGNORE INTO person_key(key, person, unit, feature) VALUES(?1,?2,?3,?4)");
SQL(Q_FIND, 2, "SELECT person, feature FROM person_key WHERE key=?1 AND unit=?2 LIMIT 5");
SQL(Q_FORGET, 1, "DELETE FROM person_key WHERE person=?1");
SQL(Q_KNOWN, 1, "SELECT count(*) FROM person_key WHERE person=?1");
#define FEATURE_YEAR 1
#define FEATURE_MOTHER 2
#define BLIND_LABEL STR("person-name")
#define FOUND_MAX 8u

struct found { struct id person; int64_t feature; };
static const struct field FOUND[] = { FIELD(struct found, person), FIELD(struct found, feature) };

struct person_keys person_keys(struct arena *mem, struct str name, struct str mother, struct str birth)
{
	struct person_keys k = { 0 };
	struct date d;
	struct str folded = name_fold(mem, name);
	if (!folded.n)
		return k;
	if (birth.n && date_parse(birth, &d) == 0 && d.precision != DATE_NONE && d.precision != DATE_RANGE)
		k.year = str_fmt(mem, "y|" S_FMT "|%d", S_ARG(folded), d.y);
	struct str folded_mother = name_fold(mem, mother);
	if (folded_mother.n)
		k.mother = str_fmt(mem, "m|" S_FMT "|" S_FMT, S_ARG(folded), S_ARG(folded_mother));
	return k;
}

/* Two handles for each person; what is unknown is blinded too and not used. */
static int blind(struct work *w, const struct person_keys *k, size_t n, struct handle **out, struct err *err)
{
	struct bytes *in = NEW_ARRAY(w->mem, struct bytes, n * 2 + 1);
	*out = NEW_ARRAY(w->mem, struct handle, n * 2 + 1);
	for (size_t i = 0; i < n; i++) {
		in[i * 2] = str_bytes(k[i].year);
		in[i * 2 + 1] = str_bytes(k[i].mother);
	}
	return n ? keys_blind(w->node->keys, SIDE_HUMANITARIAN, BLIND_LABEL, in, n * 2, *out, err) : 0;
}

struct twins { struct arena *mem; struct twin *at; size_t n, cap; };

static struct twin *twin_of(struct twins *t, size_t of, struct id other)
{
	size_t same = 0;
	for (size_t i = t->n; i-- > 0 && t->at[i].of == of; same++)
		if (id_eq(t->at[i].other, other))
			return &t->at[i];
	if (same >= FOUND_MAX)
		return NULL;
	if (t->n == t->cap) {
		struct twin *more = NEW_ARRAY(t->mem, struct twin, t->cap ? t->cap * 2 : 32);
		if (t->n)
			memcpy(more, t->at, t->n * sizeof *more);
		t->at = more;
		t->cap = t->cap ? t->cap * 2 : 32;
	}
	t->at[t->n] = (struct twin){ .of = of, .other = other };
	return &t->at[t->n++];
}

static int find_one(struct work *w, struct handle key, size_t of, struct twins *t, struct err *err)
{
	struct found f;
	int rc;
	struct rows rows = DB_QUERY(w->tx, &Q_FIND, FOUND, w->mem, db_blob(bytes_of(key.b, HANDLE_BYTES)), db_text(w->actor.unit));
	while ((rc = db_next(&rows, &f, err)) == DB_ROW) {
		struct twin *x = twin_of(t, of, f.person);
		if (x && f.feature == FEATURE_YEAR)
			x->year = true;
		if (x && f.feature == FEATURE_MOTHER)
			x->mother = true;
	}
	return rc;
}

int duplicates_find(struct work *w, const struct person_keys *k, size_t n, struct twin **out, size_t *nout, struct err *err)
{
	struct handle *keys;
	struct twins t = { .mem = w->mem };
	if (blind(w, k, n, &keys, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (k[i].year.n && find_one(w, keys[i * 2], i, &t, err) < 0)
			return -1;
		if (k[i].mother.n && find_one(w, keys[i * 2 + 1], i, &t, err) < 0)
			return -1;
	}
	*out = t.at;
	*nout = t.n;
	return 0;
}

int duplicates_keep_many(struct work *w, const struct id *persons, struct str unit, const struct person_keys *k, size_t n, struct err *err)
{
	struct handle *keys;
	if (blind(w, k, n, &keys, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (k[i].year.n && DB_RUN(w->tx, &Q_KEEP, err, db_blob(bytes_of(keys[i * 2].b, HANDLE_BYTES)), db_id(persons[i]), db_text(unit), db_int(FEATURE_YEAR)) < 0)
			return -1;
		if (k[i].mother.n && DB_RUN(w->tx, &Q_KEEP, err, db_blob(bytes_of(keys[i * 2 + 1].b, HANDLE_BYTES)), db_id(persons[i]), db_text(unit), db_int(FEATURE_MOTHER)) < 0)
			return -1;
	}
	return 0;
}

int duplicates_keep(struct work *w, struct id person, struct str unit, const struct person_keys *k, struct err *err)
{
	return duplicates_keep_many(w, &person, unit, k, 1, err);
}

int duplicates_forget(struct work *w, struct id person, struct err *err)
{
	return DB_RUN(w->tx, &Q_FORGET, err, db_id(person)) < 0 ? -1 : 0;
}

int person_index(struct work *w, const struct record *r, struct err *err)
{
	if (DB_COUNT(w->tx, &Q_KNOWN, db_id(r->id)) > 0)
		return 0;                               /* the import has done it for many at once */
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	struct person_keys k = person_keys(w->mem, record_text(g, 0, "name"), record_text(g, 0, "mother_name"), record_text(g, 0, "birth"));
	return duplicates_keep(w, r->id, r->unit, &k, err);
}
