#include "policy/policy.h"

static const char *const SCOPE_WORDS[SCOPES] = { "none", "own_unit", "own_batch", "own_convoy_today", "own_caseload", "client", "own_room", "all" };

const char *scope_word(enum scope s)
{
	return SCOPE_WORDS[s < SCOPES ? s : SCOPE_NONE];
}

int scope_parse(struct str word, enum scope *out)
{
	for (enum scope s = SCOPE_OWN_UNIT; s < SCOPES; s++) {
		if (str_is(word, SCOPE_WORDS[s])) {
			*out = s;
			return 0;
		}
	}
	return -1;
}

bool policy_named(struct str role, const struct str *roles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(roles[i], role))
			return true;
	return false;
}

static void refuse(struct policy_answer *a, const char *reason, const char *sentence)
{
	*a = (struct policy_answer){ .refused = str_of(reason), .sentence = sentence };
}

/* What the role's line in the type's readers gives, for one class. */
static bool class_given(const struct policy_ask *k, enum data_class c, bool *role_named)
{
	const struct readers *r = &k->readers[c];
	for (size_t i = 0; i < r->n; i++) {
		if (!str_eq(r->rules[i].role, k->actor->role))
			continue;
		*role_named = true;
		if (r->rules[i].scope == SCOPE_ALL || (k->in_scope & 1u << r->rules[i].scope))
			return true;
	}
	return r->everyone && c == CLASS_O && !k->embargoed;
}

void policy_decide(const struct policy *p, const struct policy_ask *k, struct policy_answer *a)
{
	const struct role *role = policy_role(p, k->actor->role);
	bool role_named = false;
	*a = (struct policy_answer){ 0 };
	if (!role) {
		refuse(a, "role", N_("Your role does not allow this."));
		return;
	}
	if (k->personal && k->sealed) {
		refuse(a, "custody", POLICY_SEALED);
		return;
	}
	if (k->personal) {
		const struct purpose *u = policy_purpose(p, k->purpose);
		if (!u || !policy_purpose_fits(u, role)) {
			refuse(a, "no_purpose", N_("Choose a purpose first: records about people are opened for a purpose only."));
			return;
		}
		if (!policy_named(k->basis, u->bases, u->nbases)) {
			refuse(a, "no_basis", N_("This purpose needs one of its legal bases."));
			return;
		}
	}
	if (k->opened && role->oversight && str_is(k->purpose, "oversight")) {
		a->classes = k->wanted & (CLASS_BIT(CLASS_O) | CLASS_BIT(CLASS_P));      /* health, protection, security and justice stay closed (DOMAIN 3) */
		return;
	}
	if (role->nonly && !policy_named(k->type, role->only, role->nonly)) {
		refuse(a, "role", N_("Your role does not allow this."));
		return;
	}
	for (enum data_class c = CLASS_O; c < CLASSES; c++)
		if ((k->wanted & role->classes & CLASS_BIT(c)) && class_given(k, c, &role_named))
			a->classes |= CLASS_BIT(c);
	if (a->classes)          /* who works on it reads its open fields too, under an embargo as well */
		a->classes |= k->wanted & role->classes & CLASS_BIT(CLASS_O);
	if (a->classes)
		return;
	if (k->embargoed)
		refuse(a, "embargo", N_("In preparation: closed until 72 hours after the arrival."));
	else if (role_named)
		refuse(a, "scope", N_("This record is not in your charge."));
	else
		refuse(a, "role", N_("Your role does not allow this."));
}
