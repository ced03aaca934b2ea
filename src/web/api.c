#include "journey/search.h"
#include "web/compare.h"
#include "web/html.h"
#include "web/pages.h"

/* JSON for programs: the same types, the same grants. */
#define API_ROWS 100

/* Is the field among the names of ?fields=a,b? Without that word all are; "none" is no field's name. */
static bool asked_for(struct str names, struct str field)
{
	bool all = names.n == 0;
	while (!all && names.n)
		all = str_eq(str_cut(&names, ','), field);
	return all;
}

/* A misspelt name would look like an empty field. */
static int fields_known(const struct type *t, struct str names, struct err *err)
{
	while (names.n) {
		struct str name = str_cut(&names, ',');
		if (!type_field(t, name) && !str_is(name, "none"))
			return err_set(err, ERR_FORMAT, "fields: " S_FMT " is no field of " S_FMT, S_ARG(name), S_ARG(t->name));
	}
	return 0;
}

static json_t *as_json(struct work *w, const struct grant *g, size_t i, struct str names)
{
	const struct record *r = grant_record(g, i);
	json_t *o = json_object(), *fields = json_object();
	json_object_set_new(o, "id", json_new_str(id_text(w->mem, r->id)));
	json_object_set_new(o, "type", json_new_str(r->type->name));
	json_object_set_new(o, "state", json_new_str(r->state));
	json_object_set_new(o, "owner", json_new_str(r->owner));
	json_object_set_new(o, "version", json_integer(r->version));
	for (size_t k = 0; k < r->type->nfields; k++) {
		const char *name = str_z(w->mem, r->type->fields[k].name);
		json_t *v = asked_for(names, r->type->fields[k].name) ? record_value(g, i, name) : NULL;
		if (v && !json_is_null(v))
			json_object_set(fields, name, v);
	}
	json_object_set_new(o, "fields", fields);
	return o;
}

static int give(struct work *w, struct response *a, json_t *body)
{
	a->type = "application/json";
	a->body = json_write(w->mem, json_keep(w->mem, body));
	page_headers(a);
	return 0;
}

static const struct type *type_asked(struct work *w, const struct request *q, struct err *err)
{
	const struct type *t = type_find(w->node->types, request_param(q, "type"));
	if (!t)
		err_set(err, ERR_NOT_FOUND, "no such type");
	return t;
}

int api_list(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct type *t = type_asked(w, q, err);
	struct id *ids;
	size_t n, total;
	uint64_t offset = 0;
	if (!t)
		return -1;
	str_u64(request_query(q, "offset"), &offset);
	struct record_query query = { .state = request_query(q, "state"), .offset = (size_t)(offset % 10000000), .limit = API_ROWS };
	if (request_query(q, "parent").n && id_parse(request_query(q, "parent"), &query.parent) < 0)
		return err_set(err, ERR_FORMAT, "parent is no id");
	if (fields_known(t, request_query(q, "fields"), err) < 0 || record_list(w, t, &query, &ids, &n, &total, err) < 0)
		return -1;
	const struct grant *g = record_open(w, t, ids, n, err);
	if (!g)
		return -1;
	json_t *items = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, as_json(w, g, i, request_query(q, "fields")));
	return give(w, a, json_pack("{s:I, s:o}", "total", (json_int_t)total, "items", items));
}

int api_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct type *t = type_asked(w, q, err);
	struct id id;
	if (!t || id_parse(request_param(q, "id"), &id) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such record");
	if (fields_known(t, request_query(q, "fields"), err) < 0)
		return -1;
	const struct grant *g = record_open(w, t, &id, 1, err);
	return g ? give(w, a, as_json(w, g, 0, request_query(q, "fields"))) : -1;
}

/* ---- the result of a search ---- */

static json_t *terms_json(const struct name_terms *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->n; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:i, s:f}", "kind", name_term_word(t->term[i].kind), "rule", t->term[i].rule, "typed", t->term[i].a,
		    "found", t->term[i].b, "adds", t->term[i].value));
	return list;
}

/* Who it is, and why: the score is the sum of its terms. Where her own record is closed to this actor, or the names process does not answer, there is no why. */
static int why_put(struct work *w, json_t *item, const struct search *s, size_t i, const struct grant *people, size_t of, struct err *err)
{
	bool known;
	json_object_set_new(item, "person", json_new_str(id_text(w->mem, s->hit[i].person)));
	if (!id_none(s->hit[i].by))
		json_object_set_new(item, "merged", json_new_str(id_text(w->mem, s->hit[i].by)));      /* the record that has this name ended in hers */
	if (of == SIZE_MAX || !id_none(s->hit[i].by))
		return 0;
	struct comparison c = { .a = search_who(s), .b = people_who_of(people, of) };
	if (comparison_make(w, &c, &known, err) < 0)
		return -1;
	if (known) {
		json_object_set_new(item, "score", json_real(c.score));
		json_object_set_new(item, "terms", terms_json(&c.terms));
	}
	return 0;
}

/* Whoever was found and is still in the actor's charge, best first. */
int api_search_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct search s;
	struct id ids[SEARCH_SHOWN];
	size_t of[SEARCH_SHOWN];
	if (search_find(w, request_param(q, "token"), &s, err) < 0)
		return -1;
	if (s.wide)
		return err_set(err, ERR_NOT_FOUND, "a search of the pages");
	search_still(w, &s);
	for (size_t i = 0; i < s.n; i++)
		ids[i] = s.hit[i].record;
	const struct grant *g = fields_known(s.type, request_query(q, "fields"), err) < 0 ? NULL : record_open(w, s.type, ids, s.n, err), *people = g ? search_people(w, &s, of, err) : NULL;
	json_t *items = json_keep(w->mem, json_array());
	if (!people)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		json_t *item = as_json(w, g, i, request_query(q, "fields"));
		json_array_append_new(items, item);
		if (why_put(w, item, &s, i, people, of[i], err) < 0)
			return -1;
	}
	return give(w, a, json_pack("{s:I, s:s, s:O}", "total", (json_int_t)s.n, "ends", time_text(w->mem, s.at_ms + SEARCH_LIFE_MS).p, "items", items));
}
