#include "base/jpeg.h"
#include "record/record_i.h"

#define TEXT_MAX 2000
#define NAME_MAX_CHARS 200

static void fault(struct draft *d, const struct tfield *f, const char *sentence)
{
	if (d->nfaults < COUNT(d->faults))
		d->faults[d->nfaults++] = (struct field_fault){ f, sentence };
}

static struct str text_of(const json_t *v)
{
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ 0 };
}

/* Line by line; an empty one between two that are not. */
static int lines_clean(struct arena *mem, struct str raw, struct str *out)
{
	struct buf b = buf_new(mem, raw.n * 4 + 64);
	bool gap = false;
	while (raw.n) {
		struct str clean;
		if (text_clean(mem, str_cut(&raw, '\n'), &clean) < 0)
			return -1;
		gap = gap || (b.n && !clean.n);
		if (clean.n)
			buf_fmt(&b, "%s" S_FMT, !b.n ? "" : gap ? "\n\n" : "\n", S_ARG(clean));
		gap = gap && !clean.n;
	}
	*out = buf_text(&b);
	return 0;
}

static bool has_lines(const struct tfield *f)
{
	return f->kind == KIND_TEXT && f->max >= TEXT_LINES_FROM;
}

static const char *text_value(struct work *w, const struct tfield *f, const json_t *v, json_t **out)
{
	struct str clean;
	size_t most = f->max ? (size_t)f->max : f->kind == KIND_NAME ? NAME_MAX_CHARS : TEXT_MAX;
	if (!json_is_string(v) || (has_lines(f) ? lines_clean(w->mem, text_of(v), &clean) : text_clean(w->mem, text_of(v), &clean)) < 0)
		return N_("This is no text that can be kept.");
	if (utf8_count(clean) > most)
		return N_("This is too long.");
	if (f->kind == KIND_NAME && utf8_count(clean) < 2)
		return N_("Write the name as it stands on the papers.");
	*out = json_new_str(clean);
	return NULL;
}

/* A JPEG photograph in base64; `max` counts its bytes. Nothing in it that a camera wrote: who took it in has stripped it, and what comes from a partner is looked at here. */
static const char *image_value(struct work *w, const struct tfield *f, const json_t *v, json_t **out)
{
	struct bytes raw, bare;
	if (!json_is_string(v) || base64_read(w->mem, text_of(v), &raw) < 0)
		return N_("This is no photograph that can be kept.");
	if (f->max && raw.n > (size_t)f->max)
		return N_("This is too large.");
	if (jpeg_strip(w->mem, raw, &bare, NULL) < 0 || !bytes_eq(raw, bare))
		return N_("This is no photograph that can be kept.");
	*out = json_new_str(text_of(v));
	return NULL;
}

static const char *date_value(struct work *w, const struct tfield *f, const json_t *v, json_t **out)
{
	struct date d;
	int32_t first, last;
	if (!json_is_string(v) || date_parse(text_of(v), &d) < 0)
		return N_("Write a date like 1990, 1990-05 or 1990-05-23.");
	if (f->precision && !(f->precision & 1u << d.precision))
		return N_("This date is more or less exact than the field allows.");
	date_span(d, &first, &last);
	if (f->not_ahead && first > day_of_ms(w->now_ms))
		return N_("This date is in the future.");
	*out = json_new_str(date_text(w->mem, d));
	return NULL;
}

static const char *time_value(struct work *w, const struct tfield *f, const json_t *v, json_t **out)
{
	int64_t ms;
	struct str typed = text_of(v);
	if (typed.n == 16)                     /* as a browser's field gives it: local time of the office, UTC+3 */
		typed = str_join(w->mem, typed, STR(":00+03:00"));
	if (time_parse(typed, &ms) < 0)
		return N_("Write a time like 2026-05-23T05:30.");
	if (f->not_ahead && ms > w->now_ms + 5 * 60 * 1000)
		return N_("This time is in the future.");
	*out = json_new_str(time_text(w->mem, ms));
	return NULL;
}

static const char *ref_value(struct work *w, const struct draft *d, const struct tfield *f, const json_t *v, json_t **out)
{
	struct id id;
	struct record r;
	if (id_parse(text_of(v), &id) == 0 && d->copy)
		return *out = json_new_str(id_text(w->mem, id)), (const char *)NULL;
	if (id_parse(text_of(v), &id) < 0 || record_head(w, id, &r, NULL) < 0 || !str_eq(r.type->name, f->to) || str_is(r.state, "erased"))
		return N_("There is no such record.");
	*out = json_new_str(id_text(w->mem, id));
	return NULL;
}

static const char *one_value(struct work *w, const struct draft *d, const struct tfield *f, const json_t *v, json_t **out)
{
	switch (f->kind) {
	case KIND_CODE:
		if (!code_find(f->codes, text_of(v)))
			return N_("Choose one of the values of the list.");
		*out = json_new_str(text_of(v));
		return NULL;
	case KIND_BOOL:
		if (!json_is_boolean(v))
			return N_("Answer yes or no.");
		*out = json_boolean(json_is_true(v));
		return NULL;
	case KIND_BOOL3:
		if (!str_is(text_of(v), "yes") && !str_is(text_of(v), "no") && !str_is(text_of(v), "unknown"))
			return N_("Answer yes, no or unknown.");
		*out = json_new_str(text_of(v));
		return NULL;
	case KIND_INT:
		if (!json_is_integer(v) || json_integer_value(v) < f->min || (f->max && json_integer_value(v) > f->max))
			return N_("Write a whole number in the range allowed.");
		*out = json_integer(json_integer_value(v));
		return NULL;
	case KIND_DATE:
		return date_value(w, f, v, out);
	case KIND_TIME:
		return time_value(w, f, v, out);
	case KIND_REF:
		return ref_value(w, d, f, v, out);
	case KIND_IMAGE:
		return image_value(w, f, v, out);
	case KIND_TEXT: case KIND_NAME: case KIND_PLACE: case KIND_PHONE: case KIND_REGISTRY_NO:
	case KIND_WASHINGTON_GROUP_SHORT: case KIND_DIGEST: case KIND_MONEY: case KINDS:
		break;
	}
	return text_value(w, f, v, out);
}

static const char *value_of(struct work *w, const struct draft *d, const struct tfield *f, const json_t *v, json_t **out)
{
	if (!f->many)
		return one_value(w, d, f, v, out);
	json_t *list = json_array();
	const char *wrong = json_is_array(v) ? NULL : N_("A list of values is wanted.");
	for (size_t i = 0; !wrong && i < json_array_size(v); i++) {
		json_t *one = NULL;
		wrong = one_value(w, d, f, json_array_get(v, i), &one);
		if (!wrong)
			json_array_append_new(list, one);
	}
	if (wrong)
		json_decref(list);
	else
		*out = list;
	return wrong;
}

static const char *hook_checked(struct work *w, const struct tfield *f, const json_t *v)
{
	const struct hooks *h = w->node->hooks;
	for (size_t i = 0; f->check.n && i < h->nchecks; i++)
		if (str_is(f->check, h->checks[i].name))
			return h->checks[i].fn(w, f, v);
	return NULL;
}

bool when_holds(const json_t *when, const json_t *values, struct str state)
{
	const char *name;
	json_t *wanted;
	json_object_foreach((json_t *)(uintptr_t)when, name, wanted) {
		struct str is = strcmp(name, "state") == 0 ? state : text_of(json_object_get(values, name));
		bool found = str_eq(is, text_of(wanted));
		for (size_t i = 0; i < json_array_size(wanted); i++)
			found = found || str_eq(is, text_of(json_array_get(wanted, i)));
		if (!found)
			return false;
	}
	return when != NULL;
}

bool type_vital(const struct type *t, const json_t *values)
{
	json_t *vital = json_object_get(t->raw, "vital");
	return json_is_true(vital) || (json_is_object(vital) && when_holds(vital, values, (struct str){ 0 }));
}

bool type_has_image(const struct type *t)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].kind == KIND_IMAGE)
			return true;
	return false;
}

const char *when_wrong(const struct tfield *f, const json_t *values, struct str state)
{
	json_t *v = json_object_getn(values, f->name.p, f->name.n);
	bool there = v && !json_is_null(v);
	if (!there && when_holds(f->required_when, values, state))
		return N_("This is required.");
	return there && when_holds(f->empty_when, values, state) ? N_("This must stay empty here.") : NULL;
}

int values_check(struct work *w, struct draft *d, bool whole, json_t **clean, struct err *err)
{
	json_t *out = json_keep(w->mem, json_object()), *v;
	const char *name;
	d->nfaults = 0;
	json_object_foreach(d->fields, name, v) {
		const struct tfield *f = type_field(d->type, str_of(name));
		json_t *good = NULL;
		if (!f || f->derived)
			return err_set(err, ERR_FORMAT, "type " S_FMT " has no field of that name", S_ARG(d->type->name));
		if (json_is_null(v)) {
			if (f->required)
				fault(d, f, N_("This is required."));
			json_object_set_new(out, name, json_null());
			continue;
		}
		const char *wrong = value_of(w, d, f, v, &good);
		if (!wrong && !d->copy)
			wrong = hook_checked(w, f, good);
		if (wrong)
			fault(d, f, wrong);
		if (good)
			json_object_set_new(out, name, good);
	}
	for (size_t i = 0; whole && i < d->type->nfields; i++) {
		const struct tfield *f = &d->type->fields[i];
		if (f->required && !f->derived && !json_object_get(d->fields, str_z(w->mem, f->name)))
			fault(d, f, N_("This is required."));
	}
	for (size_t i = 0; whole && i < d->type->nfields; i++) {
		const char *wrong = when_wrong(&d->type->fields[i], out, d->type->states[0].name);
		if (wrong)
			fault(d, &d->type->fields[i], wrong);
	}
	*clean = out;
	if (d->nfaults == 0)
		return 0;
	return err_say(err, ERR_VALUE, d->faults[0].sentence, NULL);
}

json_t *class_values(struct work *w, const struct type *t, const json_t *values, enum data_class c)
{
	json_t *out = json_keep(w->mem, json_object());
	for (size_t i = 0; i < t->nfields; i++) {
		const char *name = str_z(w->mem, t->fields[i].name);
		json_t *v = t->fields[i].class == c && !t->fields[i].derived ? json_object_get(values, name) : NULL;
		if (v && !json_is_null(v))
			json_object_set(out, name, v);
	}
	return out;
}

static const char *band_of(int32_t days)
{
	int32_t years = (int32_t)(days / 365.2425);
	return years < 5 ? "0-4" : years < 12 ? "5-11" : years < 18 ? "12-17" : years < 60 ? "18-59" : "60+";
}

/* The band, where every day that the date can mean gives the same one. */
static const char *age_band(struct date birth, int32_t today)
{
	int32_t first, last;
	if (birth.precision == DATE_NONE)
		return "unknown";
	date_span(birth, &first, &last);
	const char *oldest = band_of(today - first), *youngest = band_of(today - last);
	return strcmp(oldest, youngest) == 0 ? oldest : "unknown";
}

/* The rules that every country's register has; others are joined in cmd. */
json_t *derived_value(struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	const struct hooks *h = w->node->hooks;
	struct date birth = { 0 };
	int32_t today = day_of_ms(w->now_ms);
	for (size_t k = 0; k < h->nrules; k++)
		if (str_is(f->rule, h->rules[k].name))
			return json_keep(w->mem, h->rules[k].fn(w, g, i, f));
	struct str text = record_text(g, i, "birth");
	if (text.n && date_parse(text, &birth) < 0)
		birth = (struct date){ 0 };
	if (str_is(f->rule, "under_18_or_presumed")) {
		static const char *const WORD[] = { [CHILD_NO] = "no", [CHILD_YES] = "yes", [CHILD_PRESUMED] = "presumed" };
		return json_keep(w->mem, json_string(WORD[date_child(birth, today)]));
	}
	if (str_is(f->rule, "age_band"))
		return json_keep(w->mem, json_string(age_band(birth, today)));
	return NULL;
}

int record_check(struct work *w, struct draft *d, bool whole, json_t **clean, struct err *err)
{
	return values_check(w, d, whole, clean, err);
}
