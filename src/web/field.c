#include "web/field.h"
#include "web/masked.h"

#define MANY_MAX 64

static struct str code_label(struct work *w, const struct tfield *f, struct str value)
{
	const struct code *c = f->codes ? code_find(f->codes, value) : NULL;
	return c && c->label.n ? num_plain(w->mem, w->lang, w->numerals, tr(w->lang, str_z(w->mem, c->label))) : value;
}

static const struct { const char *value, *label; } ANSWERS[] = { { "yes", N_("Yes") }, { "no", N_("No") }, { "unknown", N_("Unknown") } };

static struct str answer_label(struct work *w, struct str value)
{
	for (size_t i = 0; i < COUNT(ANSWERS); i++)
		if (str_is(value, ANSWERS[i].value))
			return tr(w->lang, ANSWERS[i].label);
	return value;
}

static struct str plain(const json_t *v)
{
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ 0 };
}

static void show_one(struct html *h, struct work *w, const struct tfield *f, const json_t *v)
{
	int64_t ms;
	if (json_is_boolean(v))
		html_t(h, json_is_true(v) ? N_("Yes") : N_("No"));
	else if (json_is_integer(v))
		html_num(h, json_integer_value(v));
	else if (f->kind == KIND_CODE)
		html_text(h, code_label(w, f, plain(v)));
	else if (f->kind == KIND_BOOL3)
		html_text(h, answer_label(w, plain(v)));
	else if (f->kind == KIND_IMAGE)
		html_t(h, N_("A photograph"));
	else if (f->kind == KIND_DATE)
		html_date(h, plain(v));
	else if (f->kind == KIND_NAME)
		html_name(h, plain(v));
	else if (f->kind == KIND_PLACE)
		place_show(h, w, plain(v));
	else if (f->kind == KIND_TIME && time_parse(plain(v), &ms) == 0)
		html_time(h, ms);
	else if (f->kind == KIND_REF) {
		html_href(h, "/r/%/%", PARTS(f->to, plain(v)));
		html_t(h, N_("Show"));
		html_put(h, MARKUP("</a>"));
	} else if (f->kind == KIND_PHONE || f->kind == KIND_DIGEST || f->kind == KIND_REGISTRY_NO)
		html_id(h, plain(v));
	else {
		html_put(h, MARKUP("<span dir=\"auto\">"));
		html_text(h, plain(v));
		html_put(h, MARKUP("</span>"));
	}
}

void field_show(struct html *h, struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	const struct record *r = grant_record(g, i);
	struct str value = f->masked ? record_text(g, i, str_z(w->mem, f->name)) : (struct str){ 0 };
	if (!value.n) {
		field_show_clear(h, w, g, i, f);
		return;
	}
	mask_dots(h, f, value);
	html_href(h, "/r/%/%", PARTS(r->type->name, id_text(w->mem, r->id)));
	html_t(h, N_("Show"));
	html_put(h, MARKUP("</a>"));
}

void field_show_clear(struct html *h, struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	const json_t *v = record_value(g, i, str_z(w->mem, f->name));
	if (!v || json_is_null(v)) {
		html_put(h, MARKUP("<span class=\"muted\">"));
		html_t(h, N_("Not stated"));
		html_put(h, MARKUP("</span>"));
		return;
	}
	if (!json_is_array(v)) {
		show_one(h, w, f, v);
		return;
	}
	for (size_t k = 0; k < json_array_size(v); k++) {
		if (k)
			html_t(h, N_(", "));
		show_one(h, w, f, json_array_get(v, k));
	}
}

static bool has_value(const struct work *w, const json_t *v, const struct request *typed, const char *name, struct str code)
{
	struct str given[MANY_MAX];
	(void)w;
	size_t n = typed ? request_fields(typed, name, given, MANY_MAX) : 0;
	for (size_t i = 0; i < n; i++)
		if (str_eq(given[i], code))
			return true;
	if (typed)
		return false;
	for (size_t i = 0; i < json_array_size(v); i++)
		if (str_eq(plain(json_array_get(v, i)), code))
			return true;
	return str_eq(plain(v), code);
}

void field_option(struct html *h, struct str value, struct str label, bool selected)
{
	html_put(h, MARKUP("<option value=\""));
	html_attr(h, value);
	html_put(h, MARKUP("\""));
	if (selected)
		html_put(h, MARKUP(" selected"));
	html_put(h, MARKUP(">"));
	html_text(h, label);
	html_put(h, MARKUP("</option>"));
}

static void choices(struct html *h, struct work *w, const struct tfield *f, const json_t *v, const struct request *typed, const char *name)
{
	html_put(h, MARKUP("<select class=\"in\" id=\"f-"));
	html_attr(h, f->name);
	html_put(h, MARKUP("\" name=\""));
	html_attr(h, f->name);
	html_put(h, MARKUP("\""));
	if (f->many)
		html_put(h, MARKUP(" multiple"));
	html_put(h, MARKUP(">"));
	if (!f->many)
		field_option(h, (struct str){ 0 }, tr(w->lang, N_("Choose")), false);
	for (size_t i = 0; f->codes && i < f->codes->n; i++)
		field_option(h, f->codes->codes[i].value, code_label(w, f, f->codes->codes[i].value), has_value(w, v, typed, name, f->codes->codes[i].value));
	html_put(h, MARKUP("</select>"));
}

static void yes_no(struct html *h, struct work *w, const struct tfield *f, const json_t *v, const struct request *typed, const char *name)
{
	struct str now = typed ? request_field(typed, name) : json_is_boolean(v) ? (json_is_true(v) ? STR("yes") : STR("no")) : plain(v);
	html_put(h, MARKUP("<select class=\"in\" id=\"f-"));
	html_attr(h, f->name);
	html_put(h, MARKUP("\" name=\""));
	html_attr(h, f->name);
	html_put(h, MARKUP("\">"));
	field_option(h, (struct str){ 0 }, tr(w->lang, N_("Choose")), false);
	for (size_t i = 0; i < (f->kind == KIND_BOOL3 ? COUNT(ANSWERS) : 2); i++)
		field_option(h, str_of(ANSWERS[i].value), tr(w->lang, ANSWERS[i].label), str_is(now, ANSWERS[i].value));
	html_put(h, MARKUP("</select>"));
}

static void text_input(struct html *h, struct work *w, const struct tfield *f, const json_t *v, const struct request *typed, const char *name)
{
	struct str now = typed ? request_field(typed, name) : json_is_integer(v) ? str_fmt(w->mem, "%lld", (long long)json_integer_value(v)) : plain(v);
	if (f->kind == KIND_TEXT && f->max >= TEXT_LINES_FROM) {
		html_put(h, f->max < 1000 ? MARKUP("<textarea class=\"in\" rows=\"3\" dir=\"auto\" id=\"f-") : MARKUP("<textarea class=\"in\" rows=\"8\" dir=\"auto\" id=\"f-"));
		html_attr(h, f->name);
		html_put(h, MARKUP("\" name=\""));
		html_attr(h, f->name);
		html_put(h, MARKUP("\">"));
		html_text(h, now);
		html_put(h, MARKUP("</textarea>"));
		return;
	}
	bool left = f->kind == KIND_PHONE || f->kind == KIND_DATE || f->kind == KIND_INT || f->kind == KIND_REF || f->kind == KIND_PLACE || f->kind == KIND_TIME;
	html_put(h, MARKUP("<input class=\"in\" id=\"f-"));
	html_attr(h, f->name);
	html_put(h, MARKUP("\" name=\""));
	html_attr(h, f->name);
	html_put(h, MARKUP("\" autocomplete=\"off\" value=\""));
	html_attr(h, now);
	if (left)
		html_put(h, MARKUP("\" dir=\"ltr"));
	else
		html_put(h, MARKUP("\" dir=\"auto"));
	html_put(h, MARKUP("\">"));
}

void field_input(struct html *h, struct work *w, const struct tfield *f, const json_t *value, const struct request *typed, const char *fault)
{
	const char *name = str_z(w->mem, f->name);
	if (fault)
		html_put(h, MARKUP("<div class=\"bad-field\">"));
	else
		html_put(h, MARKUP("<div>"));
	html_put(h, MARKUP("<label for=\"f-"));
	html_attr(h, f->name);
	html_put(h, MARKUP("\">"));
	html_ts(h, f->label);
	if (!f->required) {
		html_put(h, MARKUP(" <span class=\"hint\">"));
		html_t(h, N_("(may stay empty)"));
		html_put(h, MARKUP("</span>"));
	}
	html_put(h, MARKUP("</label>"));
	if (f->help.n) {
		html_put(h, MARKUP("<p class=\"hint\">"));
		html_ts(h, f->help);
		html_put(h, MARKUP("</p>"));
	}
	if (fault) {
		html_put(h, MARKUP("<p class=\"err\">"));
		html_icon(h, ICON_WARN);
		html_t(h, fault);
		html_put(h, MARKUP("</p>"));
	}
	struct field_given given = { .n = 0 };
	if (typed)
		given.n = request_fields(typed, name, given.at, COUNT(given.at));
	else if (json_is_string(value))
		given.at[given.n++] = plain(value);
	for (size_t i = 0; !typed && i < json_array_size(value) && given.n < COUNT(given.at); i++)
		given.at[given.n++] = plain(json_array_get(value, i));
	if (f->kind == KIND_PLACE)
		place_input(h, w, f, &given);
	else if (f->kind == KIND_REF)
		ref_input(h, w, f, &given);
	else if (f->kind == KIND_CODE)
		choices(h, w, f, value, typed, name);
	else if (f->kind == KIND_BOOL || f->kind == KIND_BOOL3)
		yes_no(h, w, f, value, typed, name);
	else
		text_input(h, w, f, value, typed, name);
	html_put(h, MARKUP("</div>"));
}

/* Browsers end lines with CR LF. */
static struct str lines_of(struct arena *mem, struct str text)
{
	struct buf b = buf_new(mem, text.n + 1);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r')
			buf_ch(&b, text.p[i]);
	return buf_text(&b);
}

json_t *field_typed(struct work *w, const struct tfield *f, const struct request *q)
{
	struct str given[MANY_MAX], ascii;
	size_t n = request_fields(q, str_z(w->mem, f->name), given, MANY_MAX);
	int64_t number;
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		given[i] = str_trim(given[i]);
		if (given[i].n)
			json_array_append_new(list, json_new_str(given[i]));
	}
	if (json_array_size(list) == 0)
		return json_decref(list), (json_t *)NULL;
	if (f->many)
		return list;
	struct str one = str_dup(w->mem, plain(json_array_get(list, 0)));
	json_decref(list);
	if (f->kind == KIND_BOOL && (str_is(one, "yes") || str_is(one, "no")))
		return json_boolean(str_is(one, "yes"));
	if (f->kind == KIND_TEXT && f->max >= TEXT_LINES_FROM)
		one = lines_of(w->mem, one);
	ascii = digits_ascii(w->mem, one);
	if (f->kind == KIND_INT && str_i64(ascii, &number) == 0)
		return json_integer(number);
	return json_new_str(f->kind == KIND_DATE || f->kind == KIND_PHONE ? ascii : one);
}

struct str record_title(struct work *w, const struct grant *g, size_t i)
{
	const struct type *t = grant_record(g, i)->type;
	struct str shown = record_text(g, i, "name"), number;
	int64_t n;
	struct err ignored = { 0 };
	if (!shown.n)
		shown = record_text(g, i, "title");
	if (!shown.n)
		shown = record_text(g, i, "plate");
	if (!shown.n && record_number(w, grant_record(g, i)->id, &number, &ignored) > 0)
		shown = str_fmt(w->mem, S_FMT " " S_FMT, S_ARG(tr(w->lang, str_z(w->mem, t->title))),
		    S_ARG(str_i64(number, &n) == 0 ? num_text(w->mem, w->lang, w->numerals, n) : number));
	return shown.n ? shown : tr(w->lang, str_z(w->mem, t->title));
}

/* "not_come" reads "Not come" until the catalogue says it better: states are texts like all others. */
struct str state_label(struct work *w, struct str state)
{
	char *z = str_z(w->mem, state);
	for (size_t i = 0; i < state.n; i++)
		if (z[i] == '_')
			z[i] = ' ';
	if (z[0] >= 'a' && z[0] <= 'z')
		z[0] = (char)(z[0] - 'a' + 'A');
	return tr_ctx(w->lang, "state", z);
}
