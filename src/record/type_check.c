#include "record/type_i.h"

/* What `jisr types check` refuses beyond what cannot be read (DESIGN 4). */

static const char *const FORBIDDEN[] = { "sect", "tribe", "tribal", "affiliation", "loyalty", "loyal", "risk" };

static int refuse(const struct type *t, struct str place, const char *what, struct err *err)
{
	return err_set(err, ERR_SAFEGUARD, "types/" S_FMT ".yaml: " S_FMT ": %s", S_ARG(t->name), S_ARG(place), what);
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool has_word(struct str text, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= text.n; i++)
		if (strncasecmp(text.p + i, word, n) == 0 && (i == 0 || !letter(text.p[i - 1])) && (i + n == text.n || !letter(text.p[i + n])))
			return true;
	return false;
}

static bool forbidden(struct str text)
{
	for (size_t i = 0; i < COUNT(FORBIDDEN); i++)
		if (has_word(text, FORBIDDEN[i]))
			return true;
	return false;
}

static bool hook_known(const struct hook_name *h, size_t n, const char *kind, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(h[i].kind, kind) == 0 && str_is(name, h[i].name))
			return true;
	return false;
}

static int check_fields(const struct types *types, const struct type *t, const struct hook_name *h, size_t n, struct err *err)
{
	bool person = t->about == ABOUT_SELF || t->about == ABOUT_PERSON || t->about == ABOUT_HOUSEHOLD;
	for (size_t i = 0; i < t->nfields; i++) {
		const struct tfield *f = &t->fields[i];
		if (person && f->class == CLASS_O && !f->falls_by.n)
			return refuse(t, f->name, "a record about a person has no open field", err);
		if (person && (forbidden(f->name) || forbidden(f->label)))
			return refuse(t, f->name, "a word for sect, tribe, affiliation, loyalty or risk", err);
		for (size_t k = 0; f->codes && person && k < f->codes->n; k++)
			if (forbidden(f->codes->codes[k].label))
				return refuse(t, f->name, "a code with a word for sect, tribe, affiliation, loyalty or risk", err);
		if (f->kind == KIND_REF && !type_find(types, f->to))
			return refuse(t, f->name, "a reference to an unknown type", err);
		if (f->rule.n && !hook_known(h, n, "rule", f->rule))
			return refuse(t, f->name, "no function is joined to its rule", err);
		if (f->check.n && !hook_known(h, n, "check", f->check))
			return refuse(t, f->name, "no function is joined to its check", err);
	}
	return 0;
}

static int check_life(const struct type *t, const struct hook_name *h, size_t n, struct err *err)
{
	for (size_t i = 0; i < t->nmoves; i++) {
		const struct tmove *m = &t->moves[i];
		for (size_t k = 0; k < m->needs.n; k++)
			if (!hook_known(h, n, "condition", m->needs.at[k]))
				return refuse(t, m->needs.at[k], "no function is joined to this condition", err);
		if (m->opens.n && !hook_known(h, n, "effect", m->opens))
			return refuse(t, m->opens, "no function is joined to this effect", err);
	}
	for (size_t s = 1; s < t->nstates; s++) {
		bool reached = false;
		for (size_t i = 0; i < t->nmoves; i++)
			reached = reached || str_eq(t->moves[i].to, t->states[s].name);
		if (!reached)
			return refuse(t, t->states[s].name, "no move leads to this state", err);
	}
	return 0;
}

static int check_type(const struct types *types, const struct type *t, const struct hook_name *h, size_t n, struct err *err)
{
	const json_t *retention = json_object_get(t->raw, "retention");
	if (!retention && !t->parent_type.n)
		return refuse(t, STR("retention"), "is missing", err);
	if (t->personal && !t->parent_type.n && !json_str(retention, "at_latest").n && !str_is(json_str(retention, "keep"), "forever"))
		return refuse(t, STR("retention"), "at_latest is wanted where a person is in the record", err);
	if ((t->about == ABOUT_PERSON || t->about == ABOUT_HOUSEHOLD) && !type_field(t, t->subject_field))
		return refuse(t, STR("subject"), "names no field", err);
	if (t->parent_type.n && !type_find(types, t->parent_type))
		return refuse(t, STR("parent"), "names no type", err);
	return check_fields(types, t, h, n, err) < 0 ? -1 : check_life(t, h, n, err);
}

int types_check(const struct types *types, const struct hook_name *h, size_t n, struct err *err)
{
	for (size_t i = 0; i < types->n; i++)
		if (check_type(types, &types->at[i], h, n, err) < 0)
			return -1;
	return 0;
}
