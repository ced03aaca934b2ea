#include "journey/people.h"
#include "journey/journey_i.h"

#define PAGE 128u
#define SLICE_MS 4

/* Changed after COMMIT only, by the functions that work_after runs. */
struct people { struct names *names; struct id last; bool filled, closed; int64_t began_ms, fill_ms; };

struct people *people_new(struct arena *mem, struct names *names)
{
	struct people *p = NEW(mem, struct people);
	*p = (struct people){ .names = names, .began_ms = monotonic_ms() };
	return p;
}

struct people *people_filled(struct arena *mem, struct names *names)
{
	struct people *p = people_new(mem, names);
	p->filled = true;
	return p;
}

static void failed(const char *what, const struct err *err)
{
	log_line(LOG_ERROR, "people", "%s: %s", what, err->log);      /* the process is gone: the parent starts all again, and the index is filled anew */
}

/* ---- what a person is in the index ---- */

static struct str text_of(const json_t *values, const char *field)
{
	const json_t *v = json_object_get(values, field);
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ 0 };
}

/* ISO 5218 */
static char sex_of(struct str code)
{
	return str_is(code, "1") ? 'M' : str_is(code, "2") ? 'F' : 0;
}

static struct name_who who_of(struct str name, struct str mother, struct str birth, struct str sex, struct str place)
{
	struct name_who who = { .name = name, .mother = mother, .sex = sex_of(sex), .governorate = place };
	if (birth.n && date_parse(birth, &who.birth) < 0)
		who.birth = (struct date){ 0 };
	return who;
}

struct name_who people_who(const json_t *v)
{
	return who_of(text_of(v, "name"), text_of(v, "mother_name"), text_of(v, "birth"), text_of(v, "sex"), text_of(v, "birth_place"));
}

struct name_who people_who_of(const struct grant *g, size_t i)
{
	return who_of(record_text(g, i, "name"), record_text(g, i, "mother_name"), record_text(g, i, "birth"), record_text(g, i, "sex"), record_text(g, i, "birth_place"));
}

static struct name_who kept(struct arena *mem, const struct name_who *who)
{
	struct name_who k = *who;
	k.name = str_dup(mem, who->name);
	k.mother = str_dup(mem, who->mother);
	k.governorate = str_dup(mem, who->governorate);
	return k;
}

/* ---- after COMMIT ---- */

static void put(const struct node *node, void *arg)
{
	struct err err = { 0 };
	if (names_fill(node->people->names, arg, 1, &err) < 0)
		failed("a person was not put into the index", &err);
}

static void take_out(const struct node *node, void *arg)
{
	struct err err = { 0 };
	if (names_remove(node->people->names, arg, 1, &err) < 0)
		failed("a person was not taken out of the index", &err);
}

static bool is_person(const struct record *r)
{
	return str_is(r->type->name, "person");
}


int people_written(struct work *w, const struct record *r, const json_t *values, struct err *err)
{
	(void)err;
	if (!w->node->people || !is_person(r) || str_is(r->state, "erased"))
		return 0;
	struct name_who who = people_who(values);
	if (!who.name.n)      /* who corrects fields of another class has not the name in hand: it stays as it was */
		return 0;
	struct names_row *row = NEW(w->mem, struct names_row);
	*row = (struct names_row){ r->id, kept(w->mem, &who) };
	work_after(w, put, row);
	return 0;
}

int people_erased(struct work *w, struct id record, struct err *err)
{
	(void)err;
	if (w->node->people)
		work_after(w, take_out, arena_copy(w->mem, &record, sizeof record));
	return 0;
}

/* ---- filling ---- */

struct filling { struct names_row *rows; size_t n; struct id last; bool end; };

static void fill(const struct node *node, void *arg)
{
	struct people *p = node->people;
	struct filling *f = arg;
	struct err err = { 0 };
	if (f->n && names_fill(p->names, f->rows, f->n, &err) < 0) {
		failed("filling", &err);
		return;
	}
	p->last = f->last;
	p->fill_ms = monotonic_ms() - p->began_ms;
	if (!f->end)
		return;
	p->filled = true;
	if (keys_index_end(node->keys, &err) < 0)
		failed("the end of filling", &err);
	log_line(LOG_INFO, "people", "the index of names is filled after %lld ms", (long long)p->fill_ms);
}

/* The index takes no one in whom a transaction took back: it is told after COMMIT, in the order of the items. */
static int fill_page(struct work *w, const struct type *t, struct id *last, size_t *n, struct err *err)
{
	struct filling *f = NEW(w->mem, struct filling);
	const struct grant *g = record_index_page(w, t, *last, PAGE, n, last, err);
	if (!g)
		return -1;
	*f = (struct filling){ .rows = NEW_ARRAY(w->mem, struct names_row, grant_count(g) + 1), .last = *last, .end = *n < PAGE };
	for (size_t i = 0; i < grant_count(g); i++) {
		struct name_who who = people_who_of(g, i);
		if (who.name.n)
			f->rows[f->n++] = (struct names_row){ grant_record(g, i)->id, who };
	}
	work_after(w, fill, f);
	return 0;
}

int people_timer(struct work *w, struct err *err)
{
	const struct people *p = w->node->people;
	int64_t until = monotonic_ms() + SLICE_MS;
	const struct type *t = type_find(w->node->types, STR("person"));
	size_t n = PAGE;
	if (!p || p->filled)
		return 0;
	struct id last = p->last;
	while (n == PAGE && monotonic_ms() < until)
		if (fill_page(w, t, &last, &n, err) < 0)
			return -1;
	w->effects->hurry = "people";
	return 0;
}

void people_look(const struct node *node, struct people_state *s)
{
	*s = (struct people_state){ 0 };
	if (!node->people)
		return;
	s->filled = node->people->filled;
	s->fill_ms = node->people->fill_ms;
	s->answers = names_count(node->people->names, &s->people, NULL) == 0;
}

/* ---- asking ---- */

static int ready(struct work *w, struct err *err)
{
	const struct people *p = w->node->people;
	if (!p)
		return err_say(err, ERR_BUSY, N_("The search by name does not answer. Try again in a few seconds; nothing was lost."), NULL);
	return p->filled ? 0 : err_say(err, ERR_BUSY, N_("The search by name is being prepared after a start. Try again in a few seconds."), NULL);
}

/* What the process says, in words for people. */
static int said(struct err *why, struct err *err)
{
	if (why->code == ERR_RATE)
		return err_say(err, ERR_RATE, N_("You have searched as often today as one person may. Tomorrow it goes on; in an emergency a colleague searches."), NULL);
	if (why->code == ERR_VALUE)
		return err_say(err, ERR_VALUE, N_("A search outside your charge needs two things that are known: at least two parts of the name, the mother's name, the birth or the place."), NULL);
	log_line(LOG_ERROR, "people", "%s", why->log);
	return err_say(err, ERR_BUSY, N_("The search by name does not answer. Try again in a few seconds; nothing was lost."), NULL);
}

static void actor_into(const struct work *w, uint8_t out[16])
{
	memcpy(out, w->actor.account.b, 16);
}

int people_ask(struct work *w, struct names_ask *ask, struct names_answer *out, struct err *err)
{
	struct err why = { 0 };
	actor_into(w, ask->actor);
	if (ready(w, err) < 0)
		return -1;
	return names_ask(w->node->people->names, w->mem, ask, out, &why) < 0 ? said(&why, err) : 0;
}

int people_ask_among(struct work *w, struct names_ask *ask, const struct id *ids, size_t n, struct names_answer *out, struct err *err)
{
	struct err why = { 0 };
	actor_into(w, ask->actor);
	if (ready(w, err) < 0)
		return -1;
	return names_ask_among(w->node->people->names, w->mem, ask, ids, n < NAMES_AMONG_MAX ? n : NAMES_AMONG_MAX, out, &why) < 0 ? said(&why, err) : 0;
}

bool people_meets(struct work *w, struct str typed, const struct names_candidate *c)
{
	struct name_parts *p = NEW(w->mem, struct name_parts);
	size_t readable = 0, met = 0;
	name_parse(w->mem, typed, p);
	for (size_t i = 0; i < p->n; i++)
		readable += p->part[i].n > 0;
	for (size_t i = 0; i < c->terms.n; i++) {
		const struct name_term *t = &c->terms.term[i];
		met += t->kind == TERM_PART && t->a >= 0 && t->b >= 0 && t->value > 0;
	}
	return met >= readable - readable / 3;
}

int people_twins(struct work *w, const struct name_who *rows, size_t n, struct names_twin **out, size_t *nout, struct err *err)
{
	struct err why = { 0 };
	uint8_t actor[16];
	actor_into(w, actor);
	if (ready(w, err) < 0)
		return -1;
	return names_twins(w->node->people->names, w->mem, actor, rows, n, out, nout, &why) < 0 ? said(&why, err) : 0;
}

int people_compare(struct work *w, const struct name_who *a, const struct name_who *b, double *score, struct name_terms *terms, struct err *err)
{
	struct err why = { 0 };
	if (ready(w, err) < 0)
		return -1;
	return names_compare(w->node->people->names, a, b, score, terms, &why) < 0 ? said(&why, err) : 0;
}
