#include "record/type_i.h"

/* From the YAML tree to struct type. Every unknown word is refused with its place. */

struct reading { struct arena *mem; struct types *types; const char *file; struct type *t; struct err *err; };

static int wrong(const struct reading *r, struct str place, const char *what)
{
	return err_set(r->err, ERR_FORMAT, "%s: " S_FMT ": %s", r->file, S_ARG(place), what);
}

static int words_check(const struct reading *r, enum word_place where, struct str place, json_t *map)
{
	const char *word;
	json_t *v;
	if (!json_is_object(map))
		return wrong(r, place, "a mapping is wanted");
	json_object_foreach(map, word, v) {
		const struct word *known = word_find(where, word);
		const char *what = !known ? "unknown word" : !known->shapes ? "this version does not keep the word" : shape_fits(known->shapes, v) ? NULL : "wrong value for the word";
		if (what)
			return err_set(r->err, ERR_FORMAT, "%s: " S_FMT ": %s %s", r->file, S_ARG(place), what, word);
	}
	return 0;
}

/* A part of the declaration that may be left out. */
static int part_check(const struct reading *r, enum word_place where, json_t *tree, const char *key)
{
	json_t *part = json_object_get(tree, key);
	return part ? words_check(r, where, str_of(key), part) : 0;
}

static int roles_check(const struct reading *r, struct str place, const struct words *roles, const char *what)
{
	for (size_t i = 0; i < roles->n; i++)
		if (!policy_role(r->types->policy, roles->at[i]))
			return wrong(r, place, what);
	return 0;
}

/* A list of words, or one word alone. */
static struct words words_of(const struct reading *r, const json_t *v)
{
	struct words w = { .at = NEW_ARRAY(r->mem, struct str, json_array_size(v) + 1) };
	if (json_is_string(v))
		w.at[w.n++] = str_of(json_string_value(v));
	for (size_t i = 0; i < json_array_size(v); i++)
		w.at[w.n++] = str_of(json_string_value(json_array_get(v, i)));
	return w;
}

/* "birth_place" reads "Birth place" where no label is given; the catalogue has that text. */
static struct str humanised(struct arena *mem, struct str name)
{
	char *z = str_z(mem, name);
	for (size_t i = 0; i < name.n; i++)
		if (z[i] == '_')
			z[i] = ' ';
	if (z[0] >= 'a' && z[0] <= 'z')
		z[0] = (char)(z[0] - 'a' + 'A');
	return (struct str){ z, name.n };
}

static int kind_of(const struct reading *r, struct str place, struct str word, enum kind *out)
{
	for (enum kind k = 0; k < KINDS; k++) {
		if (str_is(word, KIND_WORDS[k])) {
			*out = k;
			return 0;
		}
	}
	return wrong(r, place, "unknown kind");
}

static int precisions(const struct reading *r, struct str place, const json_t *list, unsigned *mask)
{
	static const struct { const char *word; enum precision p; } P[] = { { "y", DATE_Y }, { "ym", DATE_YM }, { "ymd", DATE_YMD }, { "range", DATE_RANGE },
		{ "estimated", DATE_ESTIMATED } };
	*mask = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		size_t k = 0;
		while (k < COUNT(P) && strcmp(json_string_value(json_array_get(list, i)), P[k].word) != 0)
			k++;
		if (k == COUNT(P))
			return wrong(r, place, "unknown precision");
		*mask |= 1u << P[k].p;
	}
	return 0;
}

/* What the field's list of values and readers must be. */
static int field_checked(const struct reading *r, struct tfield *f, struct str codes)
{
	if (codes.n && !(f->codes = codes_find(r->types, codes)))
		return wrong(r, f->name, "unknown code list");
	if (f->masked && ((f->kind != KIND_TEXT && f->kind != KIND_PHONE && f->kind != KIND_REGISTRY_NO) || f->many || f->required))
		return wrong(r, f->name, "masked is for one text, phone or registry_no that may stay empty");
	if (codes.n && f->kind != KIND_CODE)
		return wrong(r, f->name, "a code list on a field that is no code");
	if (f->kind == KIND_CODE && !f->codes)
		return wrong(r, f->name, "a code needs a code list");
	return roles_check(r, f->name, &f->read, "read: unknown role");
}

static int field_read(const struct reading *r, const char *name, json_t *v, bool derived)
{
	struct tfield *f = &r->t->fields[r->t->nfields++];
	struct str kind = json_str(v, "kind"), codes = json_str(v, "codes");
	*f = (struct tfield){ .name = str_of(name), .raw = v, .derived = derived, .label = json_str(v, "label"), .help = json_str(v, "help"),
		.hxl = json_str(v, "hxl"), .to = json_str(v, "to"), .rule = json_str(v, "rule"), .check = json_str(v, "check"),
		.falls_by = json_str(v, "falls_by"), .required = json_bool(v, "required"), .many = json_bool(v, "many"), .index = json_bool(v, "index"),
		.min = json_int(v, "min", 0), .max = json_int(v, "max", 0), .blind = json_bool(v, "blind"), .masked = json_bool(v, "masked"), .not_ahead = str_is(json_str(v, "max"), "today"),
		.required_when = json_object_get(v, "required_when"), .empty_when = json_object_get(v, "empty_when") };
	r->t->state_rules = r->t->state_rules || json_object_get(f->required_when, "state") || json_object_get(f->empty_when, "state");
	if (words_check(r, derived ? IN_DERIVED : IN_FIELD, f->name, v) < 0 || precisions(r, f->name, json_object_get(v, "precision"), &f->precision) < 0)
		return -1;
	for (size_t i = 0; i + 1 < r->t->nfields; i++)
		if (str_eq(r->t->fields[i].name, f->name))
			return wrong(r, f->name, "two fields of that name");
	if (json_str(v, "max").n && !f->not_ahead)
		return wrong(r, f->name, "max is a number, or today for a date or time");
	if (class_parse(json_str(v, "class"), &f->class) < 0)
		return wrong(r, f->name, "a field needs a class");
	f->kind = codes.n ? KIND_CODE : KIND_TEXT;
	if (kind.n && kind_of(r, f->name, kind, &f->kind) < 0)
		return -1;
	if (!kind.n && !derived)
		return wrong(r, f->name, "a field needs a kind");
	f->read = words_of(r, json_object_get(v, "read"));
	f->hidden = json_is_array(json_object_get(v, "read")) && f->read.n == 0;
	if (!f->label.n)
		f->label = humanised(r->mem, f->name);
	r->t->classes |= CLASS_BIT(f->class);
	return field_checked(r, f, codes);
}

static int fields_read(const struct reading *r, const json_t *tree)
{
	json_t *fields = json_object_get(tree, "fields"), *derived = json_object_get(tree, "derived"), *v;
	const char *name;
	r->t->fields = NEW_ARRAY(r->mem, struct tfield, json_object_size(fields) + json_object_size(derived) + 1);
	json_object_foreach(fields, name, v)
		if (field_read(r, name, v, false) < 0)
			return -1;
	json_object_foreach(derived, name, v)
		if (field_read(r, name, v, true) < 0)
			return -1;
	return 0;
}

static int reader_read(const struct reading *r, enum data_class c, const char *role, const json_t *scope)
{
	struct readers *to = &r->t->readers[c];
	struct reader_rule *rule = &to->rules[to->n++];
	const struct role *known = policy_role(r->types->policy, str_of(role));
	bool wide = false;
	rule->role = str_of(role);
	if (!known)
		return wrong(r, rule->role, "read: unknown role");
	if (scope_parse(str_of(json_string_value(scope)), &rule->scope) < 0)
		return wrong(r, rule->role, "read: unknown scope");
	if (!(known->classes & CLASS_BIT(c)))
		return wrong(r, rule->role, "read: the role's side has not this class");
	for (size_t i = 0; i < r->t->safeguards.n; i++) {
		const struct safeguard *s = safeguard_find(r->t->safeguards.at[i]);
		wide = wide || (s && s->wide);
	}
	if (rule->scope == SCOPE_ALL && c != CLASS_O && !wide)
		return wrong(r, rule->role, "read: scope all on personal fields needs a named safeguard that lets many read");
	return 0;
}

static int readers_read(const struct reading *r, const json_t *tree)
{
	json_t *read = json_object_get(tree, "read"), *rules, *v;
	const char *letter, *role;
	json_object_foreach(read, letter, rules) {
		enum data_class c;
		if (class_parse(str_of(letter), &c) < 0)
			return wrong(r, str_of(letter), "read: unknown class");
		struct readers *to = &r->t->readers[c];
		to->everyone = c == CLASS_O && json_is_string(rules) && strcmp(json_string_value(rules), "everyone") == 0;
		if (!to->everyone && !json_is_object(rules))
			return wrong(r, str_of(letter), "read: roles with scopes are wanted; everyone is for class O alone");
		to->rules = NEW_ARRAY(r->mem, struct reader_rule, json_object_size(rules) + 1);
		json_object_foreach(rules, role, v)
			if (reader_read(r, c, role, v) < 0)
				return -1;
	}
	return 0;
}

static int amend_read(const struct reading *r, const json_t *tree)
{
	json_t *amend = json_object_get(tree, "amend"), *v;
	const char *role;
	r->t->amend = NEW_ARRAY(r->mem, struct amend_rule, json_object_size(amend) + 1);
	json_object_foreach(amend, role, v) {
		struct amend_rule *a = &r->t->amend[r->t->namend++];
		*a = (struct amend_rule){ .role = str_of(role), .fields = words_of(r, v) };
		if (!policy_role(r->types->policy, a->role))
			return wrong(r, a->role, "amend: unknown role");
		if (!shape_fits(SHAPE_LIST, v))
			return wrong(r, a->role, "amend: a list of fields or classes is wanted");
		for (size_t i = 0; i < a->fields.n; i++) {
			const struct tfield *f = type_field(r->t, a->fields.at[i]);
			enum data_class c;
			if (class_parse(a->fields.at[i], &c) == 0)
				a->classes |= CLASS_BIT(c);
			else if (!f || f->derived)
				return wrong(r, a->fields.at[i], "amend: no such field");
		}
	}
	return 0;
}

static bool state_known(const struct type *t, struct str name)
{
	for (size_t i = 0; i < t->nstates; i++)
		if (str_eq(t->states[i].name, name))
			return true;
	return false;
}

static int move_read(const struct reading *r, const char *name, json_t *v)
{
	struct tmove *m = &r->t->moves[r->t->nmoves++];
	json_t *two = json_object_get(v, "two_persons");
	*m = (struct tmove){ .name = str_of(name), .raw = v, .label = json_str(v, "label"), .from = words_of(r, json_object_get(v, "from")),
		.by = words_of(r, json_object_get(v, "by")), .needs = words_of(r, json_object_get(v, "needs")), .to = json_str(v, "to"), .opens = json_str(v, "opens"),
		.two_persons = json_is_true(two) || json_is_string(two), .two_persons_role = json_str(v, "two_persons"), .own_word = json_bool(v, "own_word"), .two_nodes = json_str(v, "two_nodes"), .effect = json_str(v, "effect"),
		.clock = json_bool(v, "clock"), .after = json_str(v, "after"), .due = json_str(v, "due") };
	r->t->clocked = r->t->clocked || m->after.n || m->due.n;
	if (words_check(r, IN_MOVE, m->name, v) < 0)
		return -1;
	if (!str_is(m->to, "same") && !state_known(r->t, m->to))
		return wrong(r, m->name, "a move to an unknown state");
	for (size_t i = 0; i < m->from.n; i++)
		if (!state_known(r->t, m->from.at[i]))
			return wrong(r, m->name, "a move from an unknown state");
	if (!m->from.n)
		return wrong(r, m->name, "a move begins in a state");
	if (m->two_persons_role.n && !policy_role(r->types->policy, m->two_persons_role))
		return wrong(r, m->name, "two_persons: unknown role");
	if (m->two_nodes.n && !str_is(m->two_nodes, "any") && !policy_role(r->types->policy, m->two_nodes))
		return wrong(r, m->name, "two_nodes: unknown role");
	return roles_check(r, m->name, &m->by, "a move by an unknown role");
}

/* owner: {after: {move: node kind}} */
static int owner_read(const struct reading *r, const json_t *after)
{
	const char *move;
	json_t *kind;
	json_object_foreach((json_t *)(uintptr_t)after, move, kind) {
		size_t i = 0;
		while (i < r->t->nmoves && !str_is(r->t->moves[i].name, move))
			i++;
		if (i == r->t->nmoves)
			return wrong(r, str_of(move), "owner: after: no such move");
		r->t->moves[i].owner_kind = str_of(json_string_value(kind));
		if (!node_kind_known(r->t->moves[i].owner_kind))
			return wrong(r, str_of(move), "owner: after: unknown kind of node");
	}
	return 0;
}

static int life_read(const struct reading *r, const json_t *tree)
{
	json_t *states = json_object_get(tree, "states"), *moves = json_object_get(tree, "moves"), *v;
	const char *name;
	r->t->states = NEW_ARRAY(r->mem, struct tstate, json_object_size(states) + 1);
	r->t->moves = NEW_ARRAY(r->mem, struct tmove, json_object_size(moves) + 1);
	json_object_foreach(states, name, v) {
		r->t->states[r->t->nstates++] = (struct tstate){ str_of(name), json_bool(v, "final"), json_bool(v, "immutable"), json_bool(v, "aside") };
		if (json_bool(v, "aside"))
			r->t->aside = r->t->states[r->t->nstates - 1].name;
		if (words_check(r, IN_STATE, str_of(name), v) < 0)
			return -1;
	}
	if (!r->t->nstates)
		return wrong(r, STR("states"), "a type needs states");
	json_object_foreach(moves, name, v)
		if (move_read(r, name, v) < 0)
			return -1;
	return owner_read(r, json_object_get(json_object_get(tree, "owner"), "after"));
}

static int form_read(const struct reading *r, const json_t *tree)
{
	json_t *form = json_object_get(tree, "form"), *list = json_object_get(tree, "list");
	r->t->nform = json_array_size(form);
	r->t->form = NEW_ARRAY(r->mem, struct form_section, r->t->nform + 1);
	for (size_t i = 0; i < r->t->nform; i++) {
		json_t *s = json_array_get(form, i);
		if (words_check(r, IN_FORM, STR("form"), s) < 0)
			return -1;
		r->t->form[i] = (struct form_section){ json_str(s, "section"), words_of(r, json_object_get(s, "fields")) };
		for (size_t k = 0; k < r->t->form[i].fields.n; k++)
			if (!type_field(r->t, r->t->form[i].fields.at[k]))
				return wrong(r, r->t->form[i].fields.at[k], "form: no such field");
	}
	r->t->list_columns = words_of(r, json_object_get(list, "columns"));
	for (size_t i = 0; i < r->t->list_columns.n; i++)
		if (!type_field(r->t, r->t->list_columns.at[i]) && !str_is(r->t->list_columns.at[i], "state"))
			return wrong(r, r->t->list_columns.at[i], "list: no such field");
	r->t->find = json_str(list, "find");
	r->t->wide = words_of(r, json_object_get(list, "wide"));
	r->t->duplicates = words_of(r, json_object_get(tree, "duplicates"));
	if (roles_check(r, STR("list"), &r->t->wide, "wide: unknown role") < 0)
		return -1;
	for (size_t i = 0; i < r->t->duplicates.n; i++)
		if (!type_field(r->t, r->t->duplicates.at[i]))
			return wrong(r, r->t->duplicates.at[i], "duplicates: no such field");
	r->t->list_filter = words_of(r, json_object_get(list, "filter"));
	for (size_t i = 0; i < r->t->list_filter.n; i++)
		if (!type_field(r->t, r->t->list_filter.at[i]) && !str_is(r->t->list_filter.at[i], "state"))
			return wrong(r, r->t->list_filter.at[i], "filter: no such field");
	return 0;
}

static int about_read(const struct reading *r, const json_t *tree)
{
	static const char *const ABOUT[] = { "nobody", "self", "person", "household", "place" };
	static const char *const SIDE[] = { "humanitarian", "security", "justice", "office" };
	struct str about = json_str(tree, "about"), side = json_str(tree, "side");
	bool found_about = false, found_side = false;
	for (size_t i = 0; i < COUNT(ABOUT); i++) {
		if (str_is(about, ABOUT[i])) {
			r->t->about = (enum about)i;
			found_about = true;
		}
	}
	for (size_t i = 0; i < COUNT(SIDE); i++) {
		if (str_is(side, SIDE[i])) {
			r->t->side = (enum side)i;
			found_side = true;
		}
	}
	return found_about && found_side ? 0 : wrong(r, STR("about, side"), "unknown word");
}

static int parts_check(const struct reading *r, json_t *tree)
{
	static const struct { enum word_place place; const char *key; } PARTS[] = { { IN_OWNER, "owner" }, { IN_RETENTION, "retention" }, { IN_PARENT, "parent" },
		{ IN_LIST, "list" }, { IN_EMBARGO, "embargo" }, { IN_NUMBER, "number" } };
	if (words_check(r, IN_TYPE, STR("type"), tree) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(PARTS); i++)
		if (part_check(r, PARTS[i].place, tree, PARTS[i].key) < 0)
			return -1;
	return 0;
}

static int top_read(const struct reading *r, const json_t *tree)
{
	struct type *t = r->t;
	t->create = words_of(r, json_object_get(tree, "create"));
	t->safeguards = words_of(r, json_object_get(tree, "safeguards"));
	if (!t->name.n || !t->title.n || !t->plural.n)
		return wrong(r, STR("type"), "type, title and plural are wanted");
	for (size_t i = 0; i < t->safeguards.n; i++)
		if (!safeguard_find(t->safeguards.at[i]))
			return wrong(r, t->safeguards.at[i], "unknown safeguard");
	return roles_check(r, STR("create"), &t->create, "unknown role");
}

int type_read(struct arena *mem, struct types *types, struct str yaml, const char *file, struct type *t, struct err *err)
{
	struct reading r = { mem, types, file, t, err };
	json_t *tree = yaml_read(mem, yaml, file, err);
	if (!tree || parts_check(&r, tree) < 0)
		return -1;
	*t = (struct type){ .name = json_str(tree, "type"), .title = json_str(tree, "title"), .plural = json_str(tree, "plural"),
		.subject_field = json_str(tree, "subject"), .parent_type = json_str(json_object_get(tree, "parent"), "type"),
		.parent_field = json_str(json_object_get(tree, "parent"), "field"), .raw = tree, .digest = sha256(str_bytes(yaml)) };
	if (top_read(&r, tree) < 0 || about_read(&r, tree) < 0 || fields_read(&r, tree) < 0 || readers_read(&r, tree) < 0 || amend_read(&r, tree) < 0 || life_read(&r, tree) < 0 ||
	    form_read(&r, tree) < 0)
		return -1;
	json_t *number = json_object_get(tree, "number");
	t->number = (struct tnumber){ json_str(number, "pattern"), json_str(number, "after"), words_of(&r, json_object_get(number, "unique")) };
	t->wire = json_str(tree, "wire").n ? json_str(tree, "wire") : STR("share");
	t->embargo = json_object_get(tree, "embargo") != NULL;
	t->personal = t->about == ABOUT_SELF || t->about == ABOUT_PERSON || t->about == ABOUT_HOUSEHOLD || (t->classes & ~CLASS_BIT(CLASS_O));
	return 0;
}
