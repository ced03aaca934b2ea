#include "journey/import_i.h"
#include "journey/people.h"

/* Pairs that look like one person: another row of the file, or somebody in the register. A person decides each; the machine never merges. */
SQL(Q_NEW, 5, "INSERT INTO import_twin(import, row, other_row, other, exact, decision) VALUES(?1,?2,?3,?4,?5,'')");
SQL(Q_LIST, 4, "SELECT row, other_row, other, exact, decision FROM import_twin WHERE import=?1 AND (?2=0 OR decision='') ORDER BY decision<>'', row, rowid LIMIT ?4 OFFSET ?3");
SQL(Q_DECIDE, 5, "UPDATE import_twin SET decision=?5 WHERE import=?1 AND row=?2 AND other_row=?3 AND other IS ?4");
SQL(Q_DECIDE_ALL, 3, "UPDATE import_twin SET decision=?3 WHERE import=?1 AND decision='' AND (?2=0 OR exact=1)");
SQL(Q_OPEN, 1, "SELECT count(*) FROM import_twin WHERE import=?1 AND decision=''");
SQL(Q_COUNT, 2, "SELECT count(*) FROM import_twin WHERE import=?1 AND (?2=0 OR exact=1)");
#define COMPARE_CHUNKS 2                  /* some 16 rows: a few milliseconds in the names process */

static const struct field TWIN[] = { FIELD(struct import_twin, row), FIELD(struct import_twin, other_row), FIELD(struct import_twin, other), FIELD(struct import_twin, exact),
	FIELD(struct import_twin, decision) };

static int twin_new(struct work *w, const struct import *im, const struct import_twin *t, struct err *err)
{
	return DB_RUN(w->tx, &Q_NEW, err, db_id(im->id), db_int(t->row), db_int(t->other_row), db_id(t->other), db_bool(t->exact)) < 0 ? -1 : 0;
}

static int twins_in_file(struct work *w, const struct import *im, const json_t *row, struct err *err)
{
	const json_t *twins = json_object_get(row, "t");
	for (size_t i = 0; i < json_array_size(twins); i++) {
		const json_t *t = json_array_get(twins, i);
		struct import_twin pair = { .row = json_int(row, "seq", 0), .other_row = json_integer_value(json_array_get(t, 0)), .exact = json_is_true(json_array_get(t, 1)) };
		if (twin_new(w, im, &pair, err) < 0)
			return -1;
	}
	return 0;
}

int import_compare_slice(struct work *w, struct import *im, struct err *err)
{
	struct name_who *who = NEW_ARRAY(w->mem, struct name_who, COMPARE_CHUNKS * FAMILY_MAX * 3);
	struct people_state people;
	int64_t *seq = NEW_ARRAY(w->mem, int64_t, COMPARE_CHUNKS * FAMILY_MAX * 3);
	struct twin *found;
	size_t n = 0, nfound;
	people_look(w->node, &people);
	if (!people.filled)                       /* after a start: the comparison waits for the whole register */
		return 0;
	for (int k = 0; k < COMPARE_CHUNKS && im->place < im->chunks; k++, im->place++) {
		json_t *rows;
		if (import_chunk(w, im, im->place, &rows, err) < 0)
			return -1;
		for (size_t i = 0; i < json_array_size(rows) && n < COMPARE_CHUNKS * FAMILY_MAX * 3; i++) {
			const json_t *row = json_array_get(rows, i);
			if (json_object_get(row, "e"))
				continue;
			if (twins_in_file(w, im, row, err) < 0)
				return -1;
			seq[n] = json_int(row, "seq", 0);
			who[n++] = people_who(json_object_get(row, "p"));
		}
	}
	if (duplicates_find(w, who, n, &found, &nfound, err) < 0)
		return -1;
	for (size_t i = 0; i < nfound; i++) {
		struct import_twin pair = { .row = seq[found[i].of], .other_row = -1, .other = found[i].other, .exact = found[i].exact };
		if (twin_new(w, im, &pair, err) < 0)
			return -1;
	}
	if (im->place >= im->chunks)
		im->state = STR("ready");
	return 0;
}

int import_twins(struct work *w, const struct import *im, bool open_only, size_t offset, size_t limit, struct import_twin **out, size_t *n, struct err *err)
{
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct import_twin, limit + 1);
	*n = 0;
	struct rows rows = DB_QUERY(w->tx, &Q_LIST, TWIN, w->mem, db_id(im->id), db_int(open_only), db_int((int64_t)offset), db_int((int64_t)limit));
	while (*n < limit && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	if (*n == limit)
		db_end(&rows);
	return rc < 0 ? -1 : 0;
}

static bool is_decision(struct str d)
{
	return str_is(d, "same") || str_is(d, "different") || str_is(d, "unsure");
}

int import_decide(struct work *w, const struct import *im, int64_t row, int64_t other_row, struct id other, struct str decision, struct err *err)
{
	if (!is_decision(decision))
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return DB_RUN(w->tx, &Q_DECIDE, err, db_id(im->id), db_int(row), db_int(other_row), db_id(other), db_text(decision)) < 0 ? -1 : 0;
}

int import_decide_all(struct work *w, const struct import *im, bool exact_only, struct str decision, struct err *err)
{
	if (!is_decision(decision))
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return DB_RUN(w->tx, &Q_DECIDE_ALL, err, db_id(im->id), db_int(exact_only), db_text(decision)) < 0 ? -1 : 0;
}

int64_t import_undecided(struct work *w, const struct import *im)
{
	return DB_COUNT(w->tx, &Q_OPEN, db_id(im->id));
}

int64_t import_pairs(struct work *w, const struct import *im, bool exact_only)
{
	return DB_COUNT(w->tx, &Q_COUNT, db_id(im->id), db_int(exact_only));
}
