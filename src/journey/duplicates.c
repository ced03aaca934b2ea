#include "journey/import.h"
#include "journey/journey_i.h"
#include "journey/people.h"
#include <math.h>

/* Who looks like whom. The names process proposes by the full comparison (match.h); a person decides; the machine never merges. */
SQL(Q_DUE_NEW, 1, "INSERT OR IGNORE INTO person_due(person) VALUES(?1)");
SQL(Q_DUE, 1, "SELECT person FROM person_due ORDER BY rowid LIMIT ?1");
SQL(Q_DUE_END, 1, "DELETE FROM person_due WHERE person=?1");
#define AT_ONCE 16u
struct due { struct id person; };
static const struct field DUE[] = { FIELD(struct due, person) };

/* ---- of rows of one file: folded name with year, and with mother ---- */

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

/* ---- of a row and the register ---- */

static bool known(const struct twin *t, size_t n, size_t of, struct id other)
{
	for (size_t i = 0; i < n; i++)
		if (t[i].of == of && id_eq(t[i].other, other))
			return true;
	return false;
}

int duplicates_find(struct work *w, const struct name_who *rows, size_t n, struct twin **out, size_t *nout, struct err *err)
{
	const struct type *person = type_named(w, "person");
	struct names_twin *t;
	size_t found;
	*nout = 0;
	*out = NULL;
	if (people_twins(w, rows, n, &t, &found, err) < 0)
		return -1;
	*out = NEW_ARRAY(w->mem, struct twin, found + 1);
	for (size_t i = 0; i < found; i++) {
		struct id other = merged_as(w, t[i].id);      /* the name may be one of a record that ended in this one */
		bool in;
		if (record_in_scope(w, person, &other, 1, &in, err) < 0)
			return -1;
		if (in && !known(*out, *nout, t[i].of, other))
			(*out)[(*nout)++] = (struct twin){ .of = t[i].of, .other = other, .by = id_eq(other, t[i].id) ? (struct id){ { 0 } } : t[i].id, .score = t[i].score, .exact = t[i].exact };
	}
	return 0;
}

/* ---- questions about who is registered without having been looked for: by a program, or by one who did not see the other ---- */

int person_index(struct work *w, const struct record *r, struct err *err)
{
	return DB_RUN(w->tx, &Q_DUE_NEW, err, db_id(r->id)) < 0 ? -1 : 0;
}

int duplicates_forget(struct work *w, struct id person, struct err *err)
{
	return DB_RUN(w->tx, &Q_DUE_END, err, db_id(person)) < 0 ? -1 : 0;
}

int claim_between(struct work *w, struct id a, struct id b, struct id *claim, struct err *err)
{
	const struct id PAIR[2][2] = { { a, b }, { b, a } };
	*claim = (struct id){ { 0 } };
	for (size_t k = 0; k < 2; k++) {
		const struct grant *g = open_referring(w, "identity_claim", "person", PAIR[k][0], err);
		struct id other;
		if (!g)
			return -1;
		for (size_t i = 0; i < grant_count(g); i++)
			if (id_parse(text_at(g, i, "other"), &other) == 0 && id_eq(other, PAIR[k][1]))
				*claim = grant_record(g, i)->id;
	}
	return 0;
}

/* From 0 to 100, for people; it decides nothing. */
static json_int_t likeness(double score)
{
	return (json_int_t)lround(100 / (1 + exp(-score / 4)));
}

int claim_open(struct work *w, const struct claim_draft *c, struct id *out, struct err *err)
{
	struct record r;
	if (record_head(w, c->person, &r, err) < 0)
		return -1;
	json_t *f = json_keep(w->mem, json_pack("{s:s, s:s, s:[s], s:s}", "person", id_text(w->mem, c->person).p, "other", id_text(w->mem, c->other).p, "features", "name",
	    "method", c->method));
	if (c->score != 0)
		json_object_set_new(f, "score", json_integer(likeness(c->score)));
	json_t *features = json_object_get(f, "features");
	if (c->mother)
		json_array_append_new(features, json_string("mother_name"));
	if (c->birth)
		json_array_append_new(features, json_string("birth"));
	if (c->decision.n)
		json_object_set_new(f, "decision", json_new_str(c->decision));
	if (c->reasons)
		json_object_set_new(f, "reasons", json_new_str(tr(w->lang, c->reasons)));
	struct draft d = { .type = type_named(w, "identity_claim"), .fields = f, .unit = r.unit, .by_program = true };
	return record_create(w, &d, out, err);
}

static int ask_about(struct work *w, const struct id *ids, const struct name_who *who, size_t n, struct err *err)
{
	struct names_twin *t;
	struct id claim;
	size_t found;
	if (people_twins(w, who, n, &t, &found, err) < 0)
		return -1;
	for (size_t i = 0; i < found; i++) {
		struct claim_draft c = { .person = ids[t[i].of], .other = merged_as(w, t[i].id), .method = "index", .score = t[i].score, .mother = who[t[i].of].mother.n > 0,
			.birth = who[t[i].of].birth.precision != DATE_NONE };
		if (id_eq(c.person, c.other))
			continue;
		if (claim_between(w, c.person, c.other, &claim, err) < 0 || (id_none(claim) && claim_open(w, &c, &claim, err) < 0))
			return -1;
	}
	return 0;
}

int duplicates_timer(struct work *w, struct err *err)
{
	struct people_state people;
	struct id ids[AT_ONCE];
	struct name_who who[AT_ONCE];
	size_t n = 0, seen = 0;
	int rc;
	people_look(w->node, &people);
	if (!people.filled)
		return 0;
	struct rows rows = DB_QUERY(w->tx, &Q_DUE, DUE, w->mem, db_int(AT_ONCE));
	struct due d[AT_ONCE];
	while (seen < AT_ONCE && (rc = db_next(&rows, &d[seen], err)) == DB_ROW)
		seen++;
	db_end(&rows);
	for (size_t i = 0; i < seen; i++) {
		struct record r;
		const struct grant *g = record_head(w, d[i].person, &r, NULL) == 0 && !str_is(r.state, "erased") ? open_one(w, "person", d[i].person, err) : NULL;
		if (g) {
			ids[n] = d[i].person;
			who[n++] = people_who_of(g, 0);
		}
		if (DB_RUN(w->tx, &Q_DUE_END, err, db_id(d[i].person)) < 0)
			return -1;
	}
	if (seen == AT_ONCE)
		w->effects->hurry = "twins";
	return n ? ask_about(w, ids, who, n, err) : 0;
}
