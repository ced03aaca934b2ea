#include "exchange/channel.h"
#include "exchange/document.h"

/* A request written once more, for another office or anew: its fields, persons and documents in a record of its own. */
static void fields_copied(struct work *w, const struct grant *g, size_t i, const char *const *left, size_t nleft, json_t *into)
{
	const struct type *t = grant_record(g, i)->type;
	for (size_t k = 0; k < t->nfields; k++) {
		const char *name = str_z(w->mem, t->fields[k].name);
		bool own = t->fields[k].derived || json_object_get(into, name);
		for (size_t o = 0; o < nleft; o++)
			own = own || strcmp(name, left[o]) == 0;
		json_t *v = own ? NULL : record_value(g, i, name);
		if (v && !json_is_null(v))
			json_object_set(into, name, v);
	}
}

static int persons_copied(struct work *w, struct id from, struct id to, const struct draft *as, struct err *err)
{
	struct id *ids, made;
	size_t n;
	const struct type *t = type_find(w->node->types, STR("rfi_subject"));
	const struct grant *g = record_rows(w, "rfi_subject", from, &ids, &n, err) < 0 ? NULL : record_open_inside(w, t, ids, n, err);
	for (size_t i = 0; g && i < n; i++) {
		struct draft d = { .type = t, .parent = to, .unit = as->unit, .by_program = as->by_program, .fields = json_keep(w->mem, json_object()) };
		fields_copied(w, g, i, NULL, 0, d.fields);
		if (record_create(w, &d, &made, err) < 0)
			return -1;
	}
	return g ? 0 : -1;
}

int channel_copy(struct work *w, const struct record *rfi, struct draft *d, const char *const *left, size_t nleft, struct id *out, struct err *err)
{
	const struct grant *g = record_open_inside(w, rfi->type, &rfi->id, 1, err);
	if (!g)
		return -1;
	d->type = rfi->type;
	fields_copied(w, g, 0, left, nleft, d->fields);
	return record_create(w, d, out, err) < 0 || persons_copied(w, rfi->id, *out, d, err) < 0 ? -1 : documents_copied(w, rfi->id, *out, d->unit, err);
}
