#include "report/report.h"
#include "web/field.h"

/* Fields that name something else: a place by its code, another record. Nobody types an id. */
#define CHOICES_MAX 200

void place_show(struct html *h, struct work *w, struct str code)
{
	html_text(h, place_name(w->mem, w->lang, code));
}

static void select_begin(struct html *h, const struct tfield *f)
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
		field_option(h, (struct str){ 0 }, tr(h->lang, N_("Choose")), false);
}

static bool chosen(const struct field_given *given, struct str value)
{
	for (size_t i = 0; i < given->n; i++)
		if (str_eq(given->at[i], value))
			return true;
	return false;
}

void place_input(struct html *h, struct work *w, const struct tfield *f, const struct field_given *given)
{
	struct str codes[CHOICES_MAX];
	size_t n = place_codes(w->mem, codes, CHOICES_MAX);
	select_begin(h, f);
	for (size_t i = 0; i < n; i++)
		field_option(h, codes[i], place_name(w->mem, w->lang, codes[i]), chosen(given, codes[i]));
	html_put(h, MARKUP("</select>"));
}

/* A record about nobody is chosen among those in the actor's scope; a person comes with the page that led here, by name. */
void ref_input(struct html *h, struct work *w, const struct tfield *f, const struct field_given *given)
{
	const struct type *t = type_find(w->node->types, f->to);
	struct err ignored = { 0 };
	struct id *ids, one;
	size_t n = 0;
	if (t->about == ABOUT_NOBODY) {
		struct record_query q = { .limit = CHOICES_MAX };
		const struct grant *g = record_list(w, t, &q, &ids, &n, NULL, &ignored) == 0 ? record_open(w, t, ids, n, &ignored) : NULL;
		select_begin(h, f);
		for (size_t i = 0; g && i < n; i++)
			field_option(h, id_text(w->mem, ids[i]), record_title(w, g, i), chosen(given, id_text(w->mem, ids[i])));
		html_put(h, MARKUP("</select>"));
		return;
	}
	const struct grant *g = given->n && id_parse(given->at[0], &one) == 0 ? record_open(w, t, &one, 1, &ignored) : NULL;
	if (g) {
		html_put(h, MARKUP("<p><b>"));
		html_name(h, record_title(w, g, 0));
		html_put(h, MARKUP("</b></p><input type=\"hidden\" name=\""));
	} else {
		html_put(h, MARKUP("<p class=\"hint\">"));
		html_t(h, N_("Open this form from the page of the person or family."));
		html_put(h, MARKUP("</p><input class=\"in\" dir=\"ltr\" autocomplete=\"off\" id=\"f-"));
		html_attr(h, f->name);
		html_put(h, MARKUP("\" name=\""));
	}
	html_attr(h, f->name);
	html_put(h, MARKUP("\" value=\""));
	html_attr(h, given->n ? given->at[0] : (struct str){ 0 });
	html_put(h, MARKUP("\">"));
}

/* A reply is read on the page of its request. */
static struct id page_of(struct work *w, const struct record *r)
{
	struct id rfi;
	const struct grant *g = str_is(r->type->name, "rfi_reply") ? record_open_inside(w, r->type, &r->id, 1, NULL) : NULL;
	return g && id_parse(record_text(g, 0, "rfi"), &rfi) == 0 ? rfi : r->id;
}

void record_link(struct html *h, struct work *w, const struct record *r)
{
	static const struct { const char *type, *url; } OWN[] = { { "batch", "/batches/%" }, { "nominal_list", "/lists/%" }, { "convoy", "/convoys/%" }, { "identity_claim", "/claims/%" },
		{ "rfi", "/rfi/%" }, { "rfi_reply", "/rfi/%" }, { "letter", "/letters/%" }, { "letter_in", "/letters/in/%" }, { "disclosure", "/disclosures/%" } };
	for (size_t i = 0; i < COUNT(OWN); i++)
		if (str_is(r->type->name, OWN[i].type)) {
			html_href(h, OWN[i].url, PARTS(id_text(w->mem, page_of(w, r))));
			return;
		}
	html_href(h, "/r/%/%", PARTS(r->type->name, id_text(w->mem, r->id)));
}
