#include "policy/policy.h"

static const char *const SIDE_WORDS[SIDES] = { "humanitarian", "security", "justice", "office" };

static void words_read(struct arena *mem, const json_t *list, struct str **out, size_t *n)
{
	*n = json_array_size(list);
	*out = NEW_ARRAY(mem, struct str, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		const json_t *v = json_array_get(list, i);
		(*out)[i] = (struct str){ json_string_value(v), json_string_length(v) };
	}
}

/* Oversight and administration have no side: they hold no key of people's data. */
static int side_read(struct str word, struct role *r, const json_t *sides, struct err *err)
{
	const json_t *classes = json_object_get(sides, word.p);
	if (!json_is_array(classes))
		return err_set(err, ERR_FORMAT, "types/roles.yaml: side " S_FMT " is not declared", S_ARG(word));
	r->side = SIDE_OFFICE;
	for (enum side s = 0; s < SIDES; s++)
		if (str_is(word, SIDE_WORDS[s]))
			r->side = s;
	r->oversight = str_is(word, "oversight");
	r->admin = str_is(word, "none");
	for (size_t i = 0; i < json_array_size(classes); i++) {
		enum data_class c;
		if (class_parse(str_of(json_string_value(json_array_get(classes, i))), &c) < 0)
			return err_set(err, ERR_FORMAT, "types/roles.yaml: side " S_FMT " has an unknown class", S_ARG(word));
		r->classes |= CLASS_BIT(c);
	}
	return 0;
}

static int roles_read(struct arena *mem, const json_t *tree, struct policy *p, struct err *err)
{
	json_t *roles = json_object_get(tree, "roles"), *v;
	const char *name;
	p->roles = NEW_ARRAY(mem, struct role, json_object_size(roles) + 1);
	json_object_foreach(roles, name, v) {
		struct role *r = &p->roles[p->nroles++];
		r->name = str_of(name);
		r->title = json_str(v, "title");
		words_read(mem, json_object_get(v, "nodes"), &r->nodes, &r->nnodes);
		words_read(mem, json_object_get(v, "not_with"), &r->not_with, &r->nnot_with);
		words_read(mem, json_object_get(v, "only"), &r->only, &r->nonly);
		if (!r->title.n || side_read(str_dup(mem, json_str(v, "side")), r, json_object_get(tree, "sides"), err) < 0)
			return err_add(err, "role %s", name);
	}
	return 0;
}

int policy_load(struct arena *mem, struct str yaml, struct policy *p, struct err *err)
{
	json_t *tree = yaml_read(mem, yaml, "types/roles.yaml", err), *purposes, *v;
	const char *name;
	*p = (struct policy){ 0 };
	if (!tree || roles_read(mem, tree, p, err) < 0)
		return -1;
	purposes = json_object_get(tree, "purposes");
	p->purposes = NEW_ARRAY(mem, struct purpose, json_object_size(purposes) + 1);
	json_object_foreach(purposes, name, v) {
		struct purpose *u = &p->purposes[p->npurposes++];
		u->name = str_of(name);
		u->title = json_str(v, "title");
		words_read(mem, json_object_get(v, "bases"), &u->bases, &u->nbases);
		words_read(mem, json_object_get(v, "sides"), &u->sides, &u->nsides);
		if (!u->title.n || !u->nbases)
			return err_set(err, ERR_FORMAT, "types/roles.yaml: purpose %s needs a title and a basis", name);
	}
	return p->nroles && p->npurposes ? 0 : err_set(err, ERR_FORMAT, "types/roles.yaml has no roles or purposes");
}

const struct role *policy_role(const struct policy *p, struct str name)
{
	for (size_t i = 0; i < p->nroles; i++)
		if (str_eq(p->roles[i].name, name))
			return &p->roles[i];
	return NULL;
}

bool policy_purpose_fits(const struct purpose *u, const struct role *r)
{
	/* those who oversee seal nothing of their own, and work on no other side for that */
	const char *word = r->oversight ? "oversight" : r->admin ? "none" : SIDE_WORDS[r->side];
	return u->nsides == 0 || policy_named(str_of(word), u->sides, u->nsides);
}

const struct purpose *policy_purpose(const struct policy *p, struct str name)
{
	for (size_t i = 0; i < p->npurposes; i++)
		if (str_eq(p->purposes[i].name, name))
			return &p->purposes[i];
	return NULL;
}

int policy_roles_fit(const struct policy *p, const struct str *names, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct role *a = policy_role(p, names[i]);
		if (!a)
			return err_set(err, ERR_VALUE, "no role is called " S_FMT, S_ARG(names[i]));
		for (size_t k = 0; k < n; k++) {
			const struct role *b = policy_role(p, names[k]);
			if (!b || a == b)
				continue;
			if (a->side != b->side || a->admin != b->admin || a->oversight != b->oversight)
				return err_set(err, ERR_SAFEGUARD, "roles of two sides of a wall in one account");
			if (policy_named(b->name, a->not_with, a->nnot_with))
				return err_set(err, ERR_SAFEGUARD, S_FMT " may not be held with " S_FMT, S_ARG(a->name), S_ARG(b->name));
		}
	}
	return 0;
}
