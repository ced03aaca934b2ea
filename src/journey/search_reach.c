#include "journey/journey_i.h"
#include "journey/search_i.h"

/* Whom a search reaches. The names process knows no scope: it is asked for the best of the whole register, and who is not in the actor's charge is left out. Where too few are left
   over, the charge itself is asked among; where it is too large for that, what the register has behind those first ones: nobody in charge is lost because others stand before her. */
#define HAD_MAX 1000u      /* of the register, for one search */

bool search_may_give(const struct work *w, bool adult)
{
	const struct role *role = policy_role(w->node->policy, w->actor.role);
	return adult || (role && !policy_named(STR("vetting"), role->nodes, role->nnodes));
}

/* ---- whom a list shows ---- */

struct people_of { struct work *w; const struct search *s; struct id *ids, *records; size_t n; bool cut; };

static struct people_of among_new(struct work *w, const struct search *s)
{
	return (struct people_of){ .w = w, .s = s, .ids = NEW_ARRAY(w->mem, struct id, NAMES_AMONG_MAX), .records = NEW_ARRAY(w->mem, struct id, NAMES_AMONG_MAX) };
}

static void person_add(struct people_of *p, struct id person, struct id record)
{
	if (p->n == NAMES_AMONG_MAX) {
		p->cut = true;
		return;
	}
	p->ids[p->n] = person;
	p->records[p->n++] = record;
}

static void member(struct people_of *p, const struct record *r)
{
	if (!str_is(r->state, "erased"))
		person_add(p, r->type->about == ABOUT_SELF ? r->id : r->subject, r->id);
}

/* Records that ended in this one are looked for by their own names, and shown as it. */
static int merged_too(struct people_of *p, struct id person, struct err *err)
{
	struct id *ids;
	size_t n;
	if (merged_from(p->w, person, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		person_add(p, ids[i], person);
	return 0;
}

/* The records between a list and its rows: vehicles of a convoy are its rows, lists of a batch name it. */
static int between_of(struct people_of *p, const struct record *parent, const struct type *t, struct id **ids, size_t *n, struct err *err)
{
	if (str_eq(t->parent_type, parent->type->name))
		return record_rows(p->w, str_z(p->w->mem, t->name), parent->id, ids, n, err);
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].kind == KIND_REF && str_eq(t->fields[i].to, parent->type->name))
			return record_referring(p->w, str_z(p->w->mem, t->name), str_z(p->w->mem, t->fields[i].name), parent->id, ids, n, err);
	return err_set(err, ERR_NOT_FOUND, "a list without such rows");
}

/* Rows of the type under `parent`, directly or one step down. */
static int rows_under(struct people_of *p, struct id parent, bool direct_only, struct err *err)
{
	const struct type *t = p->s->type, *between = type_find(p->w->node->types, t->parent_type);
	struct id *ids;
	struct record r;
	size_t n;
	if (record_head(p->w, parent, &r, err) < 0)
		return -1;
	bool direct = str_eq(r.type->name, t->parent_type);
	if (!direct && (direct_only || !between))
		return err_set(err, ERR_NOT_FOUND, "a list without such rows");
	if ((direct ? record_rows(p->w, str_z(p->w->mem, t->name), parent, &ids, &n, err) : between_of(p, &r, between, &ids, &n, err)) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!direct && rows_under(p, ids[i], true, err) < 0)
			return -1;
		if (direct && record_head(p->w, ids[i], &r, err) < 0)
			return -1;
		if (direct)
			member(p, &r);
	}
	return 0;
}

/* Row types of which each row is about one person of the record: the members of a family. */
static const struct type *row_type(struct work *w, const struct type *t, size_t *from)
{
	while (*from < w->node->types->n) {
		const struct type *row = &w->node->types->at[(*from)++];
		if (str_eq(row->parent_type, t->name) && row->find.n)
			return row;
	}
	return NULL;
}

/* The whole charge, where it is small enough to be asked among (cut: it is not). */
static int charge(struct people_of *p, struct err *err)
{
	struct record_query q = { .limit = NAMES_AMONG_MAX + 1 };
	struct id *ids, *rows;
	size_t n, m;
	if (record_list(p->w, p->s->type, &q, &ids, &n, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < n && !p->cut; i++) {
		struct record r, row;
		if (record_head(p->w, ids[i], &r, err) < 0)
			return -1;
		member(p, &r);
		if (r.type->about == ABOUT_SELF && merged_too(p, r.id, err) < 0)
			return -1;
		const struct type *t;
		for (size_t at = 0; (t = row_type(p->w, p->s->type, &at));) {
			if (record_rows(p->w, str_z(p->w->mem, t->name), r.id, &rows, &m, err) < 0)
				return -1;
			for (size_t k = 0; k < m; k++)
				if (record_head(p->w, rows[k], &row, NULL) == 0 && !id_eq(row.subject, r.subject))
					person_add(p, row.subject, r.id);
		}
	}
	return 0;
}

/* ---- from people to records of the list ---- */

static bool taken(const struct search *s, struct id record)
{
	for (size_t i = 0; i < s->n; i++)
		if (id_eq(s->hit[i].record, record))
			return true;
	return false;
}

/* What the actor may open of these, and no record twice. found: who has the name, herself or one merged into her record. */
static int keep(struct work *w, struct search *s, struct id found, const struct id *records, size_t n, struct err *err)
{
	struct id person = merged_as(w, found);
	bool *in = NEW_ARRAY(w->mem, bool, n + 1);
	if (record_in_scope(w, s->type, records, n, in, err) < 0)
		return -1;
	for (size_t i = 0; i < n && s->n < SEARCH_SHOWN; i++)
		if (in[i] && !taken(s, records[i]) && !id_eq(person, s->twin_of))
			s->hit[s->n++] = (struct search_hit){ records[i], person, id_eq(person, found) ? (struct id){ { 0 } } : found };
	return 0;
}

/* Records of the type that are about the person, and those one of whose rows is: a family is found by every member. */
static int records_of(struct work *w, struct search *s, struct id person, struct err *err)
{
	const struct type *t = s->type, *row;
	struct id *ids, goes_on = merged_as(w, person);
	size_t n;
	if (t->about == ABOUT_SELF)
		return keep(w, s, person, &goes_on, 1, err);
	if (record_referring(w, str_z(w->mem, t->name), str_z(w->mem, t->subject_field), person, &ids, &n, err) < 0 || keep(w, s, person, ids, n, err) < 0)
		return -1;
	for (size_t at = 0; (row = row_type(w, t, &at));) {
		struct record r;
		if (record_referring(w, str_z(w->mem, row->name), str_z(w->mem, row->subject_field), person, &ids, &n, err) < 0)
			return -1;
		for (size_t k = 0; k < n; k++)
			if (record_head(w, ids[k], &r, err) < 0 || keep(w, s, person, &r.parent, 1, err) < 0)
				return -1;
	}
	return 0;
}

/* Is she here, and may this role be given her? One who ended in a record that is not known here is not. */
static bool may_give(struct work *w, struct id person)
{
	struct record r;
	return record_head(w, person, &r, NULL) == 0 && !str_is(r.state, "erased") && !str_is(r.state, "merged") && (search_may_give(w, false) || !is_child(w, person));
}

/* among NULL: all records that are about a candidate. */
static int give(struct work *w, struct search *s, const struct names_answer *a, const struct people_of *among, struct err *err)
{
	for (size_t i = 0; i < a->n && s->n < SEARCH_SHOWN; i++) {
		struct id person = a->candidate[i].id;
		if (!people_meets(w, s->name, &a->candidate[i]) || !may_give(w, merged_as(w, person)))
			continue;
		if (!among && records_of(w, s, person, err) < 0)
			return -1;
		for (size_t k = 0; among && k < among->n; k++)
			if (id_eq(among->ids[k], person) && keep(w, s, person, &among->records[k], 1, err) < 0)
				return -1;
	}
	return 0;
}

/* ---- reaching ---- */

static int reach_among(struct work *w, struct search *s, const struct people_of *p, struct err *err)
{
	struct names_ask ask = { .top = NAME_TOP_MAX, .who = search_who(s) };
	struct names_answer a = { 0 };
	s->n = 0;
	return p->n && people_ask_among(w, &ask, p->ids, p->n, &a, err) < 0 ? -1 : give(w, s, &a, p, err);
}

static int reach_list(struct work *w, struct search *s, struct err *err)
{
	struct people_of p = among_new(w, s);
	return rows_under(&p, s->within, false, err) < 0 ? -1 : reach_among(w, s, &p, err);
}

static int reach_behind(struct work *w, struct search *s, struct names_ask *ask, struct names_answer *a, struct err *err)
{
	struct id *had = NEW_ARRAY(w->mem, struct id, HAD_MAX);
	ask->but = had;
	while (s->n < SEARCH_SHOWN && a->n == ask->top && ask->nbut + a->n <= HAD_MAX) {
		for (size_t i = 0; i < a->n; i++)
			had[ask->nbut++] = a->candidate[i].id;
		if (people_ask(w, ask, a, err) < 0 || give(w, s, a, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static int reach_charge(struct work *w, struct search *s, struct err *err)
{
	struct names_ask ask = { .top = NAME_TOP_MAX, .who = search_who(s) };
	struct names_answer a;
	struct people_of all = among_new(w, s);
	if (people_ask(w, &ask, &a, err) < 0 || give(w, s, &a, NULL, err) < 0)
		return -1;
	if (s->n == SEARCH_SHOWN || a.n < ask.top)
		return 0;
	if (charge(&all, err) < 0)
		return -1;
	return all.cut ? reach_behind(w, s, &ask, &a, err) : reach_among(w, s, &all, err);
}

/* Outside the charge: whoever is in it is found by the other search, and does not stand before those who are not. */
static int reach_wide(struct work *w, struct search *s, struct err *err)
{
	struct names_ask ask = { .wide = true, .top = NAMES_WIDE_TOP, .who = search_who(s) };
	struct names_answer a;
	struct id own[SEARCH_SHOWN];
	if (reach_charge(w, s, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		own[i] = s->hit[i].person;
	ask.but = own;
	ask.nbut = s->n;
	s->n = 0;
	if (people_ask(w, &ask, &a, err) < 0)
		return -1;
	for (size_t i = 0; i < a.n && s->n < RECORD_FOUND_MAX; i++) {
		struct id found = a.candidate[i].id, person = merged_as(w, found);
		bool in;
		if (!may_give(w, person) || taken(s, person))
			continue;
		if (record_in_scope(w, s->type, &person, 1, &in, err) < 0)
			return -1;
		if (!in && !id_eq(person, s->twin_of))
			s->hit[s->n++] = (struct search_hit){ person, person, id_eq(person, found) ? (struct id){ { 0 } } : found };
	}
	return 0;
}

/* ---- types that hold a name of their own ---- */

/* A question to the vetting office, somebody described in a request: these people are in no index, and nobody is found by them elsewhere. Those in the charge are compared one by one. */
static int best_first(const void *a, const void *b)
{
	const struct names_candidate *x = a, *y = b;
	return x->score < y->score ? 1 : x->score > y->score ? -1 : memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

static int reach_named(struct work *w, struct search *s, struct err *err)
{
	struct record_query q = { .limit = NAMES_AMONG_MAX };
	struct name_who asked = search_who(s);
	struct id *ids;
	size_t n, found = 0;
	const struct grant *g = record_list(w, s->type, &q, &ids, &n, NULL, err) < 0 ? NULL : record_open_inside(w, s->type, ids, n, err);
	if (!g)
		return -1;
	struct names_candidate *c = NEW_ARRAY(w->mem, struct names_candidate, n + 1);
	for (size_t i = 0; i < grant_count(g); i++) {
		struct name_who who = people_who_of(g, i);
		c[found].id = grant_record(g, i)->id;
		if (people_compare(w, &asked, &who, &c[found].score, &c[found].terms, err) < 0)
			return -1;
		found += people_meets(w, s->name, &c[found]);
	}
	qsort(c, found, sizeof *c, best_first);
	for (size_t i = 0; i < found && s->n < SEARCH_SHOWN; i++)
		if (keep(w, s, c[i].id, &c[i].id, 1, err) < 0)
			return -1;
	return 0;
}

int search_reach(struct work *w, struct search *s, struct err *err)
{
	s->n = 0;
	if (type_named_itself(s->type))
		return reach_named(w, s, err);
	return s->wide ? reach_wide(w, s, err) : id_none(s->within) ? reach_charge(w, s, err) : reach_list(w, s, err);
}

void search_still(struct work *w, struct search *s)
{
	size_t n = 0;
	struct err ignored = { 0 };
	for (size_t i = 0; i < s->n; i++) {
		bool in = true;
		struct record r;
		if (record_head(w, s->hit[i].record, &r, NULL) == 0 && !str_is(r.state, "erased") &&
		    (s->wide || (record_in_scope(w, s->type, &s->hit[i].record, 1, &in, &ignored) == 0 && in)))
			s->hit[n++] = s->hit[i];
	}
	s->n = n;
}

const struct grant *search_people(struct work *w, const struct search *s, size_t *of, struct err *err)
{
	const struct type *t = type_named(w, "person");
	struct id ids[SEARCH_SHOWN];
	size_t n = 0;
	bool in;
	for (size_t i = 0; i < s->n; i++) {
		of[i] = SIZE_MAX;
		if (record_in_scope(w, t, &s->hit[i].person, 1, &in, err) < 0)
			return NULL;
		if (!in)
			continue;
		of[i] = n;
		ids[n++] = s->hit[i].person;
	}
	return n ? record_open(w, t, ids, n, err) : record_open_inside(w, t, ids, 0, err);
}
