#include "web/checkin_parts.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/twins.h"

/* Somebody came with a convoy and is on no list. Who is registered already and is like her is shown before she is saved: most often she is expected under another spelling. */

static const char *const PERSON_FIELDS[] = { "name", "mother_name", "sex", "birth" };

/* What comes back with the form: a fault, or who is registered already and is like what was typed. */
struct unlisted { const struct request *typed; const struct draft *d; const char *fault; const struct twins *twins; const json_t *values; };

static void person_inputs(struct html *h, struct work *w, const struct unlisted *u)
{
	const struct type *person = type_find(w->node->types, STR("person"));
	for (size_t i = 0; i < COUNT(PERSON_FIELDS); i++) {
		const struct tfield *f = type_field(person, str_of(PERSON_FIELDS[i]));
		const char *wrong = NULL;
		for (size_t k = 0; u->d && k < u->d->nfaults; k++)
			wrong = u->d->faults[k].field == f ? u->d->faults[k].sentence : wrong;
		field_input(h, w, f, NULL, u->typed, wrong);
	}
}

static int unlisted_form(struct work *w, const struct unlisted *u, struct response *a, struct err *err)
{
	struct id convoys[CONVOYS_MAX];
	size_t n;
	if (convoys_expected(w, convoys, CONVOYS_MAX, &n, err) < 0)
		return -1;
	const struct grant *g = record_open(w, type_find(w->node->types, STR("convoy")), convoys, n, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Not on the list"), .section = "checkin", .personal = true, .error = u->fault != NULL });
	html_put(&h, MARKUP("<div class=\"phone stack\">"));
	if (u->fault)
		fault_show(&h, u->fault, u->d && u->d->nfaults ? str_fmt(w->mem, "f-" S_FMT, S_ARG(u->d->faults[0].field->name)).p : "f-convoy");
	if (u->twins && twins_show(&h, w, u->values, u->twins, err) < 0)
		return -1;
	html_note(&h, "info", ICON_PEOPLE, N_("Somebody who came and is on no list is received like everybody. A child on no list: the child-protection officer is told at once."));
	html_put(&h, MARKUP("<section class=\"panel\">"));
	form_open(&h, w, "/checkin/unlisted", NULL, 0);
	select_open(&h, "convoy", N_("Came with the convoy"), true);
	for (size_t i = 0; i < n; i++)
		field_option(&h, id_text(w->mem, convoys[i]), record_title(w, g, i), n == 1 || (u->typed && str_eq(request_field(u->typed, "convoy"), id_text(w->mem, convoys[i]))));
	select_close(&h);
	person_inputs(&h, w, u);
	if (u->twins)
		hidden_input(&h, "twins", u->twins->mark);
	late_input(&h);
	html_put(&h, MARKUP("<p>"));
	submit_button(&h, "btn go big", NULL, NULL, u->twins ? N_("Different people: receive this person") : N_("Receive this person"));
	html_put(&h, MARKUP("</p></form></section></div>"));
	if (u->fault)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int checkin_unlisted_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	if (desk_only(w, err) < 0)
		return -1;
	return purpose_first(w, q, a) ? 0 : unlisted_form(w, &(struct unlisted){ 0 }, a, err);
}

int checkin_unlisted_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id convoy, person, proposal;
	const struct type *t = type_find(w->node->types, STR("person"));
	int done = desk_only(w, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	struct draft d = { .type = t, .unit = w->actor.unit, .fields = json_keep(w->mem, json_object()) }, with = { .fields = json_keep(w->mem, json_object()) };
	for (size_t i = 0; i < COUNT(PERSON_FIELDS); i++) {
		json_t *v = field_typed(w, type_field(t, str_of(PERSON_FIELDS[i])), q);
		if (v)
			json_object_set_new(d.fields, PERSON_FIELDS[i], v);
	}
	if (id_parse(request_field(q, "convoy"), &convoy) < 0)
		return unlisted_form(w, &(struct unlisted){ .typed = q, .fault = N_("Choose the convoy that the person came with.") }, a, err);
	if (!json_object_get(d.fields, "mother_name") && !json_object_get(d.fields, "birth"))
		return unlisted_form(w, &(struct unlisted){ .typed = q, .fault = N_("The mother's name or the date of birth is needed: many people share one name.") }, a, err);
	struct twins twins = { 0 };
	json_t *clean;
	if (record_check(w, &d, true, &clean, err) == 0 && twins_find(w, t, clean, &twins, err) < 0)
		return -1;
	if (twins.n && !str_eq(request_field(q, "twins"), twins.mark))
		return unlisted_form(w, &(struct unlisted){ .typed = q, .twins = &twins, .values = clean }, a, err);
	*err = (struct err){ 0 };
	if (record_create(w, &d, &person, err) < 0) {
		if (err->code != ERR_VALUE || d.nfaults == 0)
			return -1;
		*err = (struct err){ 0 };
		return unlisted_form(w, &(struct unlisted){ .typed = q, .d = &d, .fault = d.faults[0].sentence }, a, err);
	}
	if (twins_different(w, person, &twins, err) < 0 || checkin_unlisted(w, convoy, person, err) < 0 || record_move(w, person, 1, STR("register"), &with, &proposal, err) < 0)
		return -1;
	return form_end(w, q, a, STR("/checkin"), err);
}
