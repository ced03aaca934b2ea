#include "record/type_i.h"

/* What `jisr types check` refuses beyond what cannot be read (DESIGN 4). */

int type_refuse(const struct checking *c, struct str place, const char *what)
{
	return err_set(c->err, ERR_SAFEGUARD, "types/" S_FMT ".yaml: " S_FMT ": %s", S_ARG(c->t->name), S_ARG(place), what);
}

static int hook_check(const struct checking *c, struct str place, const char *kind, struct str name)
{
	return name.n && !c->known(kind, name) ? err_set(c->err, ERR_SAFEGUARD, "types/" S_FMT ".yaml: " S_FMT ": no function is joined to the %s " S_FMT, S_ARG(c->t->name), S_ARG(place), kind,
	    S_ARG(name)) : 0;
}

/* ---- whom a record is about ---- */

static bool about_people(const struct type *t)
{
	return t->about == ABOUT_SELF || t->about == ABOUT_PERSON || t->about == ABOUT_HOUSEHOLD;
}

/* A reference to a person or a family: names one, or with `many` several. */
static bool names_subject(const struct types *types, const struct tfield *f)
{
	const struct type *to = f->kind == KIND_REF ? type_find(types, f->to) : NULL;
	return to && (to->about == ABOUT_SELF || to->about == ABOUT_HOUSEHOLD);
}

static bool tells_of_people(enum kind k)
{
	return k == KIND_NAME || k == KIND_PHONE || k == KIND_IMAGE || k == KIND_REGISTRY_NO || k == KIND_WASHINGTON_GROUP_SHORT;
}

bool type_has_people(const struct types *types, const struct type *t)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (tells_of_people(t->fields[i].kind) || names_subject(types, &t->fields[i]))
			return true;
	return about_people(t);
}

static int check_subject(const struct checking *c)
{
	const struct type *t = c->t;
	const struct tfield *s = type_field(t, t->subject_field);
	size_t named = 0;
	if (t->about == ABOUT_PERSON || t->about == ABOUT_HOUSEHOLD) {
		if (!s || s->derived || !s->required || !names_subject(c->types, s))
			return type_refuse(c, STR("subject"), "wanted: a required reference to the person or family that the record is about");
	} else if (t->subject_field.n) {
		return type_refuse(c, STR("subject"), "only a record about a person or household names one");
	}
	for (size_t i = 0; i < t->nfields; i++) {
		if (!names_subject(c->types, &t->fields[i]))
			continue;
		named++;
		if (t->fields[i].many)
			return type_refuse(c, t->fields[i].name, "several subjects in one body: make them rows, each about one");
		if (t->about == ABOUT_SELF)
			return type_refuse(c, t->fields[i].name, "a second subject in the body of a person");
	}
	return (t->about == ABOUT_NOBODY || t->about == ABOUT_PLACE) && named > 1 ? type_refuse(c, STR("fields"), "two subjects in one body: make them rows, each about one") : 0;
}

/* ---- words about people ---- */

/* A stem counts at the beginning of a word, and ends there unless it is open: "sector", "section" and "tribunal" pass. */
static const struct { const char *stem; bool open; } FORBIDDEN[] = { { "sect", false }, { "sects", false }, { "sectarian", true }, { "tribe", true }, { "tribal", true },
	{ "affiliat", true }, { "loyal", true }, { "disloyal", true }, { "risk", true } };

static bool letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool stem_at(struct str text, size_t at, const char *stem, bool open)
{
	size_t n = strlen(stem);
	if (at + n > text.n || (at > 0 && letter(text.p[at - 1])) || strncasecmp(text.p + at, stem, n) != 0)
		return false;
	return open || at + n == text.n || !letter(text.p[at + n]);
}

static int word_check(const struct checking *c, struct str place, struct str text)
{
	for (size_t at = 0; at < text.n; at++)
		for (size_t i = 0; i < COUNT(FORBIDDEN); i++)
			if (stem_at(text, at, FORBIDDEN[i].stem, FORBIDDEN[i].open))
				return type_refuse(c, place, "a word for sect, tribe, affiliation, loyalty or risk");
	return 0;
}

static int check_field_words(const struct checking *c, const struct tfield *f)
{
	if (word_check(c, f->name, f->name) < 0 || word_check(c, f->name, f->label) < 0 || (f->codes && word_check(c, f->name, f->codes->name) < 0))
		return -1;
	for (size_t k = 0; f->codes && k < f->codes->n; k++)
		if (word_check(c, f->name, f->codes->codes[k].value) < 0 || word_check(c, f->name, f->codes->codes[k].label) < 0)
			return -1;
	return 0;
}

static int check_words(const struct checking *c)
{
	const struct type *t = c->t;
	if (word_check(c, STR("type"), t->name) < 0 || word_check(c, STR("title"), t->title) < 0 || word_check(c, STR("plural"), t->plural) < 0)
		return -1;
	for (size_t i = 0; i < t->nfields; i++)
		if (check_field_words(c, &t->fields[i]) < 0)
			return -1;
	for (size_t i = 0; i < t->nstates; i++)
		if (word_check(c, t->states[i].name, t->states[i].name) < 0)
			return -1;
	for (size_t i = 0; i < t->nmoves; i++)
		if (word_check(c, t->moves[i].name, t->moves[i].name) < 0 || word_check(c, t->moves[i].name, t->moves[i].label) < 0)
			return -1;
	for (size_t i = 0; i < t->nform; i++)
		if (word_check(c, STR("form"), t->form[i].title) < 0)
			return -1;
	return 0;
}

/* ---- fields and who may read them ---- */

static bool reads_class(const struct type *t, struct str role, enum data_class class)
{
	for (size_t i = 0; i < t->readers[class].n; i++)
		if (str_eq(t->readers[class].rules[i].role, role))
			return true;
	return class == CLASS_O && t->readers[class].everyone;
}

/* O is below P, P below X, S and J, which stand beside each other. */
static bool class_falls(enum data_class from, enum data_class to)
{
	return to != from && from != CLASS_O && !(from == CLASS_P && to != CLASS_O);
}

static int check_derived(const struct checking *c, const struct tfield *f)
{
	struct str from = json_str(f->raw, "from");
	const struct tfield *source = type_field(c->t, from);
	if (!f->derived)
		return 0;
	if (!f->rule.n)
		return type_refuse(c, f->name, "a derived field needs a rule");
	if (f->falls_by.n && !safeguard_find(f->falls_by))
		return type_refuse(c, f->name, "falls_by: unknown safeguard");
	if (from.n && !source)
		return type_refuse(c, f->name, "from: no such field");
	if (source && class_falls(source->class, f->class) && !f->falls_by.n)
		return type_refuse(c, f->name, "its class is lower than its source's: falls_by names the safeguard");
	return 0;
}

static int check_field(const struct checking *c, const struct tfield *f)
{
	if (about_people(c->t) && f->class == CLASS_O)
		return type_refuse(c, f->name, "a record about a person or household has no open field");
	if (c->t->about == ABOUT_HOUSEHOLD && f->class == CLASS_S)
		return type_refuse(c, f->name, "no class S on a household: a finding is about one adult");
	if (f->kind == KIND_REF && !type_find(c->types, f->to))
		return type_refuse(c, f->name, "a reference to an unknown type");
	for (size_t i = 0; i < f->read.n; i++)
		if (!reads_class(c->t, f->read.at[i], f->class))
			return type_refuse(c, f->name, "read: the role is no reader of its class");
	if (check_derived(c, f) < 0 || hook_check(c, f->name, "rule", f->rule) < 0)
		return -1;
	return hook_check(c, f->name, "check", f->check);
}

static int check_amend(const struct checking *c, const struct amend_rule *a)
{
	for (enum data_class k = CLASS_O; k < CLASSES; k++)
		if ((a->classes & CLASS_BIT(k)) && !reads_class(c->t, a->role, k))
			return type_refuse(c, a->role, "amend: the role does not read the class");
	for (size_t i = 0; i < a->fields.n; i++) {
		const struct tfield *f = type_field(c->t, a->fields.at[i]);
		if (f && !reads_class(c->t, a->role, f->class))
			return type_refuse(c, a->role, "amend: the role does not read the class of the field");
	}
	return 0;
}

/* ---- findings ---- */

static bool dated(const struct type *t, const char *name)
{
	const struct tfield *f = type_field(t, str_of(name));
	return f && f->kind == KIND_DATE && f->required;
}

/* A coded judgement under the security side about a person is a finding, whatever the file calls it (invariant 3). */
static int check_finding(const struct checking *c)
{
	const struct type *t = c->t;
	const struct tfield *evidence = type_field(t, STR("evidence"));
	bool finding = false, appeal = false;
	for (size_t i = 0; i < t->nfields; i++)
		finding = finding || (t->fields[i].class == CLASS_S && t->fields[i].kind == KIND_CODE);
	if (!finding || !about_people(t))
		return 0;
	if (!evidence || evidence->kind != KIND_REF || !str_is(evidence->to, "evidence") || !evidence->required)
		return type_refuse(c, STR("evidence"), "a finding cites evidence: a required reference to it is wanted");
	if (!dated(t, "act_from") || !dated(t, "act_to"))
		return type_refuse(c, STR("act_from, act_to"), "a finding is about dated acts: both dates are required");
	if (!dated(t, "expires"))
		return type_refuse(c, STR("expires"), "a finding expires: the date is required");
	for (size_t i = 0; i < t->nmoves; i++)
		appeal = appeal || (str_is(t->moves[i].name, "appeal") && t->moves[i].by.n);
	return appeal ? 0 : type_refuse(c, STR("appeal"), "a finding can be appealed: the move appeal is wanted, with a role");
}

/* ---- life cycle ---- */

static int check_move(const struct checking *c, const struct tmove *m)
{
	size_t at;
	for (size_t i = 0; i < m->from.n; i++)
		if (type_state_known(c->t, m->from.at[i], &at) && c->t->states[at].final)
			return type_refuse(c, m->name, "no move leaves a final state");
	for (size_t i = 0; i < m->needs.n; i++)
		if (hook_check(c, m->name, "condition", m->needs.at[i]) < 0)
			return -1;
	return hook_check(c, m->name, "effect", m->opens) < 0 ? -1 : hook_check(c, m->name, "effect", m->effect);
}

/* From the first state along the moves, until nothing is added. */
static bool reach_more(const struct type *t, bool *reached)
{
	bool more = false;
	size_t from, to;
	for (size_t i = 0; i < t->nmoves; i++)
		for (size_t k = 0; k < t->moves[i].from.n; k++)
			if (type_state_known(t, t->moves[i].from.at[k], &from) && reached[from] && type_state_known(t, t->moves[i].to, &to) && !reached[to])
				more = reached[to] = true;
	return more;
}

#define STATES_MAX 64
static int check_life(const struct checking *c)
{
	bool reached[STATES_MAX] = { true };
	if (c->t->nstates > STATES_MAX)
		return type_refuse(c, STR("states"), "too many");
	for (size_t i = 0; i < c->t->nmoves; i++)
		if (check_move(c, &c->t->moves[i]) < 0)
			return -1;
	while (reach_more(c->t, reached))
		;
	for (size_t i = 0; i < c->t->nstates; i++)
		if (!reached[i])
			return type_refuse(c, c->t->states[i].name, "no way leads to this state");
	return 0;
}

/* ---- on the line ---- */

/* Only notices pass without an agreement, and only those whose fields say that a life may hang on it. */
static int check_wire(const struct checking *c)
{
	json_t *vital = json_object_get(c->t->raw, "vital"), *v;
	const char *name;
	static const char *const WIRES[] = { "share", "notice", "room", "request", "reply" };
	bool known = false;
	for (size_t i = 0; i < COUNT(WIRES); i++)
		known = known || str_is(c->t->wire, WIRES[i]);
	if (!known)
		return type_refuse(c, STR("wire"), "share, notice, room, request or reply is wanted");
	if (vital && !str_is(c->t->wire, "notice"))
		return type_refuse(c, STR("vital"), "only notices pass as vital interest");
	if (vital && (about_people(c->t) || type_has_people(c->types, c->t)))
		return type_refuse(c, STR("vital"), "what passes without an agreement names nobody");
	json_object_foreach(vital, name, v)
		if (!type_field(c->t, str_of(name)))
			return type_refuse(c, STR("vital"), "no such field");
	return 0;
}

/* ---- search ---- */

bool type_named_itself(const struct type *t)
{
	const struct tfield *f = type_field(t, t->find);
	return f && f->kind == KIND_TEXT && !f->derived;
}

/* People are found by their own name: the field is a name of a person's own record, leads to the person whom the record is about, or is a text that stands in no register. */
static int check_find(const struct checking *c)
{
	const struct type *t = c->t;
	const struct tfield *f = type_field(t, t->find);
	struct str leads = f && f->derived ? json_str(f->raw, "from") : t->find;
	bool own = t->about == ABOUT_SELF && f && f->kind == KIND_NAME;
	bool person = (t->about == ABOUT_PERSON || t->about == ABOUT_HOUSEHOLD) && f && str_eq(leads, t->subject_field);
	if (t->find.n && !own && !person && !type_named_itself(t))
		return type_refuse(c, STR("list"), "find: a name of the person's own record, the reference to the person whom the record is about, or a text that the record itself holds");
	if (t->duplicates.n && t->about != ABOUT_SELF)
		return type_refuse(c, STR("duplicates"), "people are compared by the fields of their own record");
	if (t->wide.n && !(own && t->duplicates.n))
		return type_refuse(c, STR("list"), "wide: only people's own records, by the fields of duplicates");
	for (size_t i = 0; i < t->wide.n; i++)
		if (policy_role(c->types->policy, t->wide.at[i])->side != t->side)
			return type_refuse(c, STR("list"), "wide: a role of another side of the wall");
	return 0;
}

/* ---- all of it ---- */

static int check_type(const struct checking *c)
{
	const struct type *t = c->t;
	struct str node = json_str(json_object_get(t->raw, "owner"), "node");
	if (!node_kind_known(node))
		return type_refuse(c, STR("owner"), "node: a kind of node is wanted");
	if (t->parent_type.n && !type_find(c->types, t->parent_type))
		return type_refuse(c, STR("parent"), "names no type");
	if (t->parent_type.n && (!t->parent_field.n || type_field(t, t->parent_field)))
		return type_refuse(c, STR("parent"), "field: a name is wanted that no field has");
	for (size_t i = 0; i < t->nfields; i++)
		if (check_field(c, &t->fields[i]) < 0)
			return -1;
	for (size_t i = 0; i < t->namend; i++)
		if (check_amend(c, &t->amend[i]) < 0)
			return -1;
	if (type_has_people(c->types, t) && check_words(c) < 0)
		return -1;
	return check_subject(c) < 0 || check_find(c) < 0 || check_finding(c) < 0 || check_life(c) < 0 || check_wire(c) < 0 ? -1 : check_times(c);
}

/* What roles.yaml says about types and codes. */
static int check_policy(const struct types *types, struct err *err)
{
	const struct policy *p = types->policy;
	const struct code_list *bases = codes_find(types, STR("legal_basis"));
	for (size_t i = 0; i < p->npurposes; i++)
		for (size_t k = 0; k < p->purposes[i].nbases; k++)
			if (!code_find(bases, p->purposes[i].bases[k]))
				return err_set(err, ERR_FORMAT, "types/roles.yaml: purpose " S_FMT ": " S_FMT " is no code of legal_basis", S_ARG(p->purposes[i].name),
				    S_ARG(p->purposes[i].bases[k]));
	for (size_t i = 0; i < p->nroles; i++)
		for (size_t k = 0; k < p->roles[i].nonly; k++)
			if (!type_find(types, p->roles[i].only[k]))
				return err_set(err, ERR_FORMAT, "types/roles.yaml: role " S_FMT ": only: unknown type", S_ARG(p->roles[i].name));
	return 0;
}

int types_check(const struct types *types, hook_known *known, struct err *err)
{
	for (size_t i = 0; i < types->n; i++) {
		struct checking c = { types, &types->at[i], known, err };
		if (check_type(&c) < 0)
			return -1;
	}
	return check_policy(types, err);
}
