#include "record/type_i.h"

/* What `jisr types check` refuses of times and numbers: retention, clocks, due times, patterns. */

bool type_state_known(const struct type *t, struct str name, size_t *at)
{
	for (size_t i = 0; i < t->nstates; i++) {
		if (str_eq(t->states[i].name, name)) {
			*at = i;
			return true;
		}
	}
	return false;
}

/* ---- retention ---- */

/* ISO 8601: numbers with Y M W D, after T with H M S. */
static bool is_length(struct str s)
{
	bool digits = false, any = false, time = false;
	if (!s.n || s.p[0] != 'P')
		return false;
	for (size_t i = 1; i < s.n; i++) {
		char ch = s.p[i];
		if (ch >= '0' && ch <= '9') {
			digits = true;
		} else if (ch == 'T' && !digits && !time) {
			time = true;
			any = false;
		} else if (digits && ch && strchr(time ? "HMS" : "YMWD", ch)) {
			digits = false;
			any = true;
		} else {
			return false;
		}
	}
	return any && !digits;
}

/* The anchors of VOCABULARY.md; one step through a reference or the parent asks the other type. */
static bool is_anchor(const struct types *types, const struct type *t, struct str anchor, int steps)
{
	size_t at;
	struct str rest = anchor, head = str_cut(&rest, '.');
	const struct tfield *f = type_field(t, head);
	if (!rest.p)
		return str_is(head, "created") || str_is(head, "last_contact") || str_is(head, "arrived") || type_state_known(t, head, &at) ||
		    (f && (f->kind == KIND_DATE || f->kind == KIND_TIME));
	const struct type *next = type_find(types, str_is(head, "parent") ? t->parent_type : f && f->kind == KIND_REF ? f->to : (struct str){ 0 });
	return steps > 0 && next && is_anchor(types, next, rest, steps - 1);
}

static bool is_moment(const struct checking *c, struct str moment)
{
	struct str rest = moment, anchor = str_cut(&rest, '+');
	return is_anchor(c->types, c->t, anchor, 2) && (!rest.p || is_length(rest));
}

static int retention_words(const struct checking *c, const json_t *retention)
{
	struct str keep = json_str(retention, "keep"), then = json_str(retention, "then"), moment = json_str(retention, "at_latest"), rest = moment;
	const json_t *after = json_object_get(retention, "after");
	size_t at;
	for (size_t i = 0; i < json_array_size(after); i++)
		if (!type_state_known(c->t, str_of(json_string_value(json_array_get(after, i))), &at))
			return type_refuse(c, STR("retention"), "after: no such state");
	if (!after || (json_is_string(after) && !type_state_known(c->t, json_str(retention, "after"), &at)))
		return type_refuse(c, STR("retention"), "after: no such state");
	if (!is_length(keep) && !str_is(keep, "forever") && !str_is(keep, "with_record"))
		return type_refuse(c, STR("retention"), "keep: a length, forever or with_record is wanted");
	if (!str_is(then, "shred") && !str_is(then, "shred_rows") && !str_is(then, "strip_names") && !(str_is(keep, "forever") && !then.n))
		return type_refuse(c, STR("retention"), "then: shred, shred_rows or strip_names is wanted");
	struct str anchor = str_cut(&rest, '+');
	if (moment.n && !str_is(moment, "forever") && (!is_anchor(c->types, c->t, anchor, 2) || (rest.p && !is_length(rest))))
		return type_refuse(c, STR("retention"), "at_latest: no moment");
	return 0;
}

static int check_retention(const struct checking *c)
{
	const json_t *own = json_object_get(c->t->raw, "retention"), *retention = own;
	const struct type *parent = type_find(c->types, c->t->parent_type);
	for (int up = 0; !retention && parent && up < 3; up++) {      /* rows end with their parent, and theirs with them */
		retention = json_object_get(parent->raw, "retention");
		parent = type_find(c->types, parent->parent_type);
	}
	if (!retention)
		return type_refuse(c, STR("retention"), "is missing");
	if (type_has_people(c->types, c->t) && !json_str(retention, "at_latest").n)
		return type_refuse(c, STR("retention"), "at_latest is wanted where a person is in the record");
	return own ? retention_words(c, own) : 0;
}

/* The safeguard is a promise, the moments keep it: neither stands without the other. */
static int check_copies_end(const struct checking *c)
{
	const json_t *moments = json_object_get(c->t->raw, "copies_end");
	bool promised = policy_named(STR("copies_end_early"), c->t->safeguards.at, c->t->safeguards.n);
	if (promised != (json_array_size(moments) > 0))
		return type_refuse(c, STR("copies_end"), "goes with the safeguard copies_end_early");
	for (size_t i = 0; i < json_array_size(moments); i++)
		if (!is_moment(c, str_of(json_string_value(json_array_get(moments, i)))))
			return type_refuse(c, STR("copies_end"), "no moment");
	return 0;
}

/* ---- clocks ---- */

/* Nobody stands beside the clock: what needs a second person, a partner or somebody's own word is no move of a clock. */
static int check_clock(const struct checking *c, const struct tmove *m)
{
	if (m->clock != (m->after.n > 0))
		return type_refuse(c, m->name, "clock and after go together");
	if (m->after.n && !is_moment(c, m->after))
		return type_refuse(c, m->name, "after: no moment");
	if (m->clock && (m->two_persons || m->two_nodes.n || m->own_word))
		return type_refuse(c, m->name, "a clock alone makes no move that people must agree to");
	if (m->due.n && m->clock)
		return type_refuse(c, m->name, "due: what the clock makes itself is never late");
	return m->due.n && !is_length(m->due) && !is_moment(c, m->due) ? type_refuse(c, m->name, "due: a length or a moment is wanted") : 0;
}

static int check_clocks(const struct checking *c)
{
	for (size_t i = 0; i < c->t->nmoves; i++)
		if (check_clock(c, &c->t->moves[i]) < 0)
			return -1;
	return 0;
}

/* ---- numbers ---- */

/* Numbers stand in lists, in addresses and outside a sealed body: only open fields make one. */
static int check_pattern(const struct checking *c, struct str pattern)
{
	size_t words = 0;
	while (pattern.n) {
		struct str before = str_cut(&pattern, '{'), word = pattern.p ? str_cut(&pattern, '}') : (struct str){ 0 };
		if (str_find(before, STR("}")) < before.n || (word.n && !pattern.p))
			return type_refuse(c, STR("number"), "pattern: braces that do not match");
		if (!word.n)
			break;
		const struct tfield *f = type_field(c->t, word);
		words++;
		if (str_is(word, "node") || str_is(word, "year") || str_is(word, "seq"))
			continue;
		if (!f || f->derived || f->many)
			return type_refuse(c, word, "pattern: no such field");
		if (f->class != CLASS_O)
			return type_refuse(c, word, "pattern: a number is shown openly, so only open fields make one");
	}
	return words ? 0 : type_refuse(c, STR("number"), "pattern: a field, node, year or seq in braces is wanted");
}

static int check_number(const struct checking *c)
{
	const struct tnumber *n = &c->t->number;
	size_t at;
	if (!json_object_get(c->t->raw, "number"))
		return 0;
	if (n->after.n && !type_state_known(c->t, n->after, &at))
		return type_refuse(c, STR("number"), "after: no such state");
	for (size_t i = 0; i < n->unique.n; i++) {
		const struct tfield *f = type_field(c->t, n->unique.at[i]);
		if (!str_is(n->unique.at[i], "owner") && (!f || f->derived || f->many || f->class != CLASS_O))
			return type_refuse(c, n->unique.at[i], "unique: an open field, or owner, is wanted");
	}
	return check_pattern(c, n->pattern);
}

int check_times(const struct checking *c)
{
	return check_retention(c) < 0 || check_copies_end(c) < 0 || check_clocks(c) < 0 ? -1 : check_number(c);
}
