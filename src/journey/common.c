#include "journey/journey_i.h"

struct id ref_at(const struct grant *g, size_t i, const char *field)
{
	struct id id = { { 0 } };
	id_parse(text_at(g, i, field), &id);
	return id;
}

bool flag_at(const struct grant *g, size_t i, const char *field)
{
	return json_is_true(record_value_inside(g, i, field));
}

struct str text_at(const struct grant *g, size_t i, const char *field)
{
	const json_t *v = record_value_inside(g, i, field);
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ 0 };
}

const struct type *type_named(const struct work *w, const char *name)
{
	const struct type *t = type_find(w->node->types, str_of(name));
	if (!t)
		die("no type %s", name);
	return t;
}

const struct grant *open_one(struct work *w, const char *type, struct id id, struct err *err)
{
	return record_open_inside(w, type_named(w, type), &id, 1, err);
}

const struct grant *open_rows(struct work *w, const char *type, struct id parent, struct err *err)
{
	struct id *ids;
	size_t n;
	return record_rows(w, type, parent, &ids, &n, err) < 0 ? NULL : record_open_inside(w, type_named(w, type), ids, n, err);
}

const struct grant *open_referring(struct work *w, const char *type, const char *field, struct id target, struct err *err)
{
	struct id *ids;
	size_t n;
	return record_referring(w, type, field, target, &ids, &n, err) < 0 ? NULL : record_open_inside(w, type_named(w, type), ids, n, err);
}

size_t ids_unique(struct id *ids, size_t n)
{
	size_t k = 0;
	if (n)
		qsort(ids, n, sizeof *ids, id_cmp);
	for (size_t i = 0; i < n; i++)
		if (k == 0 || !id_eq(ids[k - 1], ids[i]))
			ids[k++] = ids[i];
	return k;
}

bool state_is(const struct grant *g, size_t i, const char *state)
{
	return str_is(grant_record(g, i)->state, state);
}

bool is_merged(struct work *w, struct id person)
{
	struct record r;
	return record_head(w, person, &r, NULL) == 0 && str_is(r.state, "merged");
}

bool is_child(struct work *w, struct id person)
{
	struct err ignored = { 0 };
	const struct grant *g = open_one(w, "person", person, &ignored);
	return !g || !str_is(record_text(g, 0, "child"), "no");
}

int lists_of(struct work *w, struct id convoy, struct id **ids, size_t *n, struct err *err)
{
	return record_referring(w, "nominal_list", "convoy", convoy, ids, n, err);
}

int task_open(struct work *w, const char *desk, const char *reason, struct id person, struct err *err)
{
	struct id id;
	struct draft d = { .type = type_named(w, "task"), .unit = str_of(desk), .by_program = true,
		.fields = json_keep(w->mem, json_pack("{s:s, s:s}", "person", id_text(w->mem, person).p, "reason", reason)) };
	return record_create(w, &d, &id, err);
}

int refuse_rule(struct work *w, const struct record *r, const char *reason, const char *sentence, struct err *err)
{
	w->refusal = (struct refusal){ .reason = str_of(reason), .type = r->type->name, .record = r->id };
	return err_say(err, ERR_SAFEGUARD, sentence, NULL);
}

int share_with_kind(struct work *w, const struct id *ids, size_t n, const char *kind, struct err *err)
{
	struct str node;
	if (!w->node->hooks->line.of_kind || str_is(w->node->kind, kind))
		return 0;
	int rc = w->node->hooks->line.of_kind(w, str_of(kind), &node, err);
	return rc <= 0 ? rc : record_share(w, ids, n, node, err);
}
