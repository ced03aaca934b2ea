#include "exchange/terms.h"
#include "exchange/exchange_i.h"

/* Reading the text of an agreement; what it would lead to. */

struct str terms_line(struct str text, const char *key)
{
	while (text.n) {
		struct str line = str_cut(&text, '\n'), head = str_cut(&line, ' ');
		if (str_is(head, key))
			return line;
	}
	return (struct str){ 0 };
}

int64_t terms_days(struct str text, struct str type)
{
	uint64_t most = 0, days;
	if (str_u64(terms_line(text, "retention-days"), &most) < 0)
		return 0;
	while (text.n) {
		struct str line = str_cut(&text, '\n');
		if (str_is(str_cut(&line, ' '), "retention-type") && str_eq(str_cut(&line, ' '), type) && str_u64(line, &days) == 0 && days < most)
			most = days;
	}
	return (int64_t)most;
}

int terms_types_check(struct str text, struct err *err)
{
	while (text.n) {
		uint64_t days;
		struct str line = str_cut(&text, '\n');
		if (str_is(str_cut(&line, ' '), "retention-type") && (!str_cut(&line, ' ').n || str_u64(line, &days) < 0 || days > RETENTION_DAYS_MOST))
			return err_say(err, ERR_FORMAT, N_("Write a shorter time as the name of a kind of record and its days: rfi_reply 90"), NULL);
	}
	return 0;
}

int terms_onward_check(struct str text, struct err *err)
{
	struct str word = terms_line(text, "onward");
	bool named = str_is(word, "named"), known = named || str_is(word, "never") || str_is(word, "asked");
	return known && named == (terms_line(text, "onward-to").n > 0) ? 0
	    : err_say(err, ERR_FORMAT, N_("Name the recipients where passing on is allowed to those named, and only there."), NULL);
}

/* ---- words of "from NODE" ---- */

typedef int word_fn(void *arg, struct str word, struct err *);

static int words_from(struct str text, struct str node, word_fn *fn, void *arg, struct err *err)
{
	while (text.n) {
		struct str line = str_cut(&text, '\n');
		if (!str_is(str_cut(&line, ' '), "from") || !str_eq(str_cut(&line, ' '), node))
			continue;
		while (line.n)
			if (fn(arg, str_cut(&line, ' '), err) < 0)
				return -1;
	}
	return 0;
}

/* ---- offices from abroad ---- */

/* About people, or rows of what is: never by default. Counts, convoys and roads are. */
static bool about_people(const struct type *t)
{
	return t->about == ABOUT_PERSON || t->about == ABOUT_SELF || t->about == ABOUT_HOUSEHOLD || str_is(t->name, "letter");
}

/* What somebody wrote, or a name, a number to call, a picture: it may say who. */
static bool may_name(const struct tfield *f)
{
	return f->kind == KIND_NAME || f->kind == KIND_PHONE || f->kind == KIND_IMAGE || f->kind == KIND_TEXT;
}

struct support { struct work *w; };
static int word_for_support(void *arg, struct str word, struct err *err)
{
	struct support *s = arg;
	const struct type *t = type_find(s->w->node->types, str_cut(&word, '.'));
	if (t && about_people(t))
		return err_say(err, ERR_SAFEGUARD, N_("A supporting office gets counts and logistics. What is about people goes there only under a treaty: the line \"kind treaty\"."), NULL);
	for (size_t i = 0; t && i < t->nfields; i++) {
		const struct tfield *f = &t->fields[i];
		bool stays = f->hidden || json_is_false(json_object_get(f->raw, "in_wire"));
		if (!stays && may_name(f) && (str_is(word, "*") || str_eq(word, f->name)))
			return err_say(err, ERR_SAFEGUARD, N_("A supporting office gets no names and no free text without a treaty. Name the fields that are counts, codes, places and times."), NULL);
	}
	return 0;
}

int terms_for_support(struct work *w, struct str text, struct str partner, struct err *err)
{
	struct partner p;
	struct support s = { w };
	int rc = partner_find(w, partner, &p, err);
	if (rc < 0)
		return -1;
	if ((rc == 0 || !str_is(p.kind, "support")) && !str_is(w->node->kind, "support"))
		return 0;
	if (str_is(terms_line(text, "kind"), "treaty"))
		return 0;
	return words_from(text, w->node->name, word_for_support, &s, err) < 0 ? -1 : words_from(text, partner, word_for_support, &s, err);
}

/* ---- the dry run ---- */

struct gather { struct work *w; const struct type *type; bool *named; };      /* by field of the type */
static int word_of_type(void *arg, struct str word, struct err *err)
{
	struct gather *g = arg;
	struct str type = str_cut(&word, '.');
	(void)err;
	if (!str_eq(type, g->type->name))
		return 0;
	for (size_t i = 0; i < g->type->nfields; i++) {
		const struct tfield *f = &g->type->fields[i];
		bool stays = f->hidden || json_is_false(json_object_get(f->raw, "in_wire"));
		if (!stays && (str_is(word, "*") || str_eq(word, f->name)))
			g->named[i] = true;
	}
	return 0;
}

/* Roles that a node of the kind may have and that the declaration lets read one of the classes. */
static struct str roles_reading(struct work *w, const struct type *t, unsigned classes, struct str kind)
{
	struct buf b = buf_new(w->mem, 4096);
	for (size_t i = 0; i < w->node->policy->nroles; i++) {
		const struct role *role = &w->node->policy->roles[i];
		bool reads = false, there = policy_named(kind, role->nodes, role->nnodes) || policy_named(STR("any"), role->nodes, role->nnodes);
		for (enum data_class c = CLASS_O; there && c < CLASSES; c++)
			for (size_t k = 0; (classes & CLASS_BIT(c)) && k < t->readers[c].n; k++)
				reads = reads || str_eq(t->readers[c].rules[k].role, role->name);
		if (reads)
			buf_fmt(&b, "%s" S_FMT, b.n ? ", " : "", S_ARG(tr(w->lang, str_z(w->mem, role->title))));
	}
	return buf_text(&b);
}

static int flow_of(struct work *w, struct str text, const struct type *t, bool out, struct str partner, struct str kind, struct terms_flow *f, bool *any, struct err *err)
{
	struct gather g = { w, t, NEW_ARRAY(w->mem, bool, t->nfields + 1) };
	struct buf b = buf_new(w->mem, 16384);
	*f = (struct terms_flow){ .type = t, .out = out };
	*any = false;
	if (words_from(text, out ? w->node->name : partner, word_of_type, &g, err) < 0)
		return -1;
	for (size_t i = 0; i < t->nfields; i++) {
		if (!g.named[i])
			continue;
		buf_fmt(&b, "%s" S_FMT, b.n ? ", " : "", S_ARG(tr(w->lang, str_z(w->mem, t->fields[i].label))));
		f->classes |= CLASS_BIT(t->fields[i].class);
		*any = true;
	}
	f->fields = buf_text(&b);
	f->roles = roles_reading(w, t, f->classes, kind);
	if (out && *any)
		f->records = record_owned(w, t);
	return 0;
}

int terms_flows(struct work *w, struct str text, struct terms_flow **out, size_t *n, struct err *err)
{
	struct str parties = terms_line(text, "parties"), a = str_cut(&parties, ' '), partner = str_eq(a, w->node->name) ? parties : a;
	struct partner p;
	int rc = partner_find(w, partner, &p, err);
	const struct types *types = w->node->types;
	*out = NEW_ARRAY(w->mem, struct terms_flow, types->n * 2 + 1);
	*n = 0;
	for (size_t way = 0; rc >= 0 && way < 2; way++)
		for (size_t i = 0; rc >= 0 && i < types->n; i++) {
			bool any;
			rc = flow_of(w, text, &types->at[i], way == 0, partner, way == 1 ? w->node->kind : rc == 1 ? p.kind : (struct str){ 0 }, &(*out)[*n], &any, err) < 0 ? -1 : rc;
			*n += rc >= 0 && any;
		}
	return rc < 0 ? -1 : 0;
}

/* ---- what a change changes ---- */

static bool words_of_line(struct str key)
{
	return str_is(key, "from") || str_is(key, "purposes") || str_is(key, "bases");
}

static bool text_has(struct str text, struct str key, struct str first, struct str word)
{
	while (text.n) {
		struct str line = str_cut(&text, '\n');
		if (!str_eq(str_cut(&line, ' '), key))
			continue;
		if (!words_of_line(key)) {
			if (str_eq(line, word))
				return true;
			continue;
		}
		if (first.n && !str_eq(str_cut(&line, ' '), first))
			continue;
		while (line.n)
			if (str_eq(str_cut(&line, ' '), word))
				return true;
	}
	return false;
}

#define CHANGES_MAX 512
static void only_in(struct arena *mem, struct str in, struct str other, bool added, struct terms_change *out, size_t *n)
{
	str_cut(&in, '\n');
	while (in.n && *n < CHANGES_MAX) {
		struct str line = str_cut(&in, '\n'), key = str_cut(&line, ' '), first = { 0 };
		if (!words_of_line(key)) {
			if (!text_has(other, key, first, line))
				out[(*n)++] = (struct terms_change){ added, key, line };
			continue;
		}
		if (str_is(key, "from"))
			first = str_cut(&line, ' ');
		while (line.n && *n < CHANGES_MAX) {
			struct str word = str_cut(&line, ' ');
			if (!text_has(other, key, first, word))
				out[(*n)++] = (struct terms_change){ added, first.n ? str_fmt(mem, "from " S_FMT, S_ARG(first)) : key, word };
		}
	}
}

size_t terms_changes(struct arena *mem, struct str before, struct str after, struct terms_change **out)
{
	size_t n = 0;
	*out = NEW_ARRAY(mem, struct terms_change, CHANGES_MAX);
	only_in(mem, after, before, true, *out, &n);
	only_in(mem, before, after, false, *out, &n);
	return n;
}
