#include "record/record_i.h"

/* Why somebody may read something, and who else: from the declarations and the same question that record_open asks policy. No content is opened. */

size_t readers_of(const struct work *w, const struct type *t, struct reading_rule *out, size_t max)
{
	size_t n = 0;
	for (enum data_class c = CLASS_O; c < CLASSES; c++)
		for (size_t i = 0; i < t->readers[c].n && n < max; i++) {
			const struct role *role = policy_role(w->node->policy, t->readers[c].rules[i].role);
			if (role && (c == CLASS_O || (t->classes & CLASS_BIT(c))))
				out[n++] = (struct reading_rule){ role, c, t->readers[c].rules[i].scope };
		}
	return n;
}

/* Does the role read the field where it reads the field's class? */
bool reader_sees(const struct reading_rule *rule, const struct tfield *f)
{
	return !f->hidden && f->class == rule->class && (f->read.n == 0 || policy_named(rule->role->name, f->read.at, f->read.n));
}

int record_explain(struct work *w, const struct record *r, struct explained *out, struct err *err)
{
	bool all;
	struct err why = { 0 };
	struct refusal before = w->refusal;
	*out = (struct explained){ .scopes = scopes_of(w, r, role_scopes(w, r->type, &all)) };
	if (ask_policy(w, r->type, r, 1, r->type->classes | CLASS_BIT(CLASS_O), &out->classes, &why) < 0) {
		if (why.code != ERR_FORBIDDEN && why.code != ERR_SAFEGUARD)
			return *err = why, -1;
		out->refused = w->refusal.reason;
		out->sentence = why.user;
	}
	w->refusal = before;
	return share_holders(w, r->id, out->holders, COUNT(out->holders), &out->nholders, err);
}
