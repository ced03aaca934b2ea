#include "web/compare.h"
#include "web/pages.h"
#include "web/parts.h"

/* An identity question: two records side by side, part by part; three buttons of one size; the reason on the next page. The machine proposes, a person decides. */
struct claim { struct record r; const struct grant *g, *people[2]; struct id person[2]; };

static int claim_load(struct work *w, const struct request *q, struct claim *c, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("person"));
	*c = (struct claim){ 0 };
	if (record_asked(w, q, "id", "identity_claim", &c->r, err) < 0 || !(c->g = record_open(w, c->r.type, &c->r.id, 1, err)))
		return -1;
	id_parse(record_text(c->g, 0, "person"), &c->person[0]);
	id_parse(record_text(c->g, 0, "other"), &c->person[1]);
	for (size_t i = 0; i < 2; i++) {
		bool in;
		if (record_in_scope(w, t, &c->person[i], 1, &in, err) < 0 || (in && !(c->people[i] = record_open(w, t, &c->person[i], 1, err))))
			return -1;
	}
	return 0;
}

static int sides_show(struct html *h, struct work *w, const struct claim *c, struct err *err)
{
	struct comparison x = { .shown_a = N_("First record"), .shown_b = N_("Second record") };
	bool known;
	if (!c->people[0] || !c->people[1]) {
		html_note(h, "warn", ICON_LOCK, N_("One of the two records is not in your charge, or is gone: they cannot be compared here."));
		return 0;
	}
	x.a = people_who_of(c->people[0], 0);
	x.b = people_who_of(c->people[1], 0);
	if (comparison_make(w, &x, &known, err) < 0)
		return -1;
	comparison_show(h, w, &x, known);
	html_put(h, MARKUP("<p class=\"row\">"));
	link_button(h, "btn", url_of(w->mem, "/r/person/%", PARTS(id_text(w->mem, c->person[0]))), N_("First record"));
	link_button(h, "btn", url_of(w->mem, "/r/person/%", PARTS(id_text(w->mem, c->person[1]))), N_("Second record"));
	html_put(h, MARKUP("</p>"));
	return 0;
}

/* What was decided, why, and which record goes on or is to go on. */
static void said_show(struct html *h, struct work *w, const struct claim *c)
{
	static const char *const FIELDS[] = { "decision", "reasons", "keeps" };
	if (str_is(c->r.state, "proposed") || str_is(c->r.state, "asked"))
		return;
	html_put(h, MARKUP("<section class=\"panel\"><dl class=\"kv wide\">"));
	for (size_t i = 0; i < COUNT(FIELDS); i++) {
		const struct tfield *f = type_field(c->r.type, str_of(FIELDS[i]));
		if (!record_text(c->g, 0, FIELDS[i]).n)
			continue;
		html_put(h, MARKUP("<dt>"));
		html_ts(h, f->label);
		html_put(h, MARKUP("</dt><dd>"));
		field_show(h, w, c->g, 0, f);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl></section>"));
}

static bool decides(struct work *w, const struct claim *c)
{
	return c->people[0] && c->people[1] && may_move(w, &c->r, "decide");
}

static void buttons_show(struct html *h, struct work *w, const struct claim *c)
{
	static const struct { const char *as, *label; } CHOICES[] = { { "same", N_("Same person") }, { "different", N_("Not the same") }, { "unsure", N_("Cannot tell") } };
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Your decision"));
	html_put(h, MARKUP("<div class=\"three\">"));
	for (size_t i = 0; i < COUNT(CHOICES); i++)
		link_button(h, "btn", url_of(w->mem, "/claims/%/%", PARTS(id_text(w->mem, c->r.id), str_of(CHOICES[i].as))), CHOICES[i].label);
	html_put(h, MARKUP("</div>"));
	para(h, "small muted", N_("Nothing is chosen beforehand. You write the reason on the next page."));
	html_put(h, MARKUP("</section>"));
}

/* The two records are one person: which one goes on, then a second person. */
static int merge_form(struct html *h, struct work *w, const struct claim *c, struct err *err)
{
	struct proposal *p;
	size_t n;
	if (proposals_of(w, c->r.id, &p, &n, err) < 0)
		return -1;
	if (n || (!may_move(w, &c->r, "merge") && !may_move(w, &c->r, "merge_across")))
		return 0;                                    /* asked for already, or not this role's */
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Merge the two records"));
	para(h, "small muted", N_("One record goes on, the other ends in it. Both keep their history, and two persons may part them again."));
	form_open(h, w, "/claims/%/merge", PARTS(id_text(w->mem, c->r.id)));
	hidden_input(h, "version", str_fmt(w->mem, "%lld", (long long)c->r.version));
	select_codes(h, w, "identity_claim", "keeps", record_text(c->g, 0, "keeps"), true);
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Ask a second person to merge them"));
	html_put(h, MARKUP("</p></form></section>"));
	return 0;
}

static int merging_show(struct html *h, struct work *w, const struct claim *c, struct err *err)
{
	static const char *const MOVES[] = { "ask_registry", "take_back", "part", "part_across" };
	bool waits;
	if (claim_waits(w, &c->r, &waits, err) < 0)
		return -1;
	if (str_is(record_text(c->g, 0, "decision"), "same") && merge_form(h, w, c, err) < 0)
		return -1;
	if (waits) {
		html_note(h, "warn", ICON_CLOCK, N_("The registry merged these records. Here the one that ends was on a list; when that is reconciled, carry it out."));
		button_form(h, w, url_of(w->mem, "/claims/%/carry-out", PARTS(id_text(w->mem, c->r.id))), NULL, (struct str){ 0 }, N_("Carry it out now"));
	}
	html_put(h, MARKUP("<p class=\"actions\">"));
	for (size_t i = 0; i < COUNT(MOVES); i++)
		if (may_move(w, &c->r, MOVES[i]))
			link_button(h, "btn", url_of(w->mem, "/r/identity_claim/%/move/%", PARTS(id_text(w->mem, c->r.id), str_of(MOVES[i]))), str_z(w->mem, type_move(c->r.type, str_of(MOVES[i]))->label));
	html_put(h, MARKUP("</p>"));
	return 0;
}

int claim_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct claim c;
	if (purpose_first(w, q, a))
		return 0;
	if (claim_load(w, q, &c, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Is it the same person?"), .section = "identity_claim", .personal = true });
	state_tag(&h, w, &c.r);
	waiting_show(&h, w, &c.r);
	para(&h, "muted", N_("A question of identity only. A similar name is no finding about anybody, and kinship is no ground."));
	if (sides_show(&h, w, &c, err) < 0)
		return -1;
	said_show(&h, w, &c);
	if (decides(w, &c))
		buttons_show(&h, w, &c);
	if (merging_show(&h, w, &c, err) < 0)
		return -1;
	html_put(&h, MARKUP("<p>"));
	link_button(&h, "btn", url_of(w->mem, "/r/identity_claim/%", PARTS(id_text(w->mem, c.r.id))), N_("The record, its history, who saw it"));
	html_put(&h, MARKUP("</p>"));
	page_close(&h, a);
	return 0;
}

/* same, different or unsure, as the code list of the field has them. */
static const struct code *choice_of(const struct claim *c, const struct request *q)
{
	return code_find(type_field(c->r.type, STR("decision"))->codes, request_param(q, "as"));
}

int claim_reason_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct claim c;
	if (purpose_first(w, q, a))
		return 0;
	if (claim_load(w, q, &c, err) < 0)
		return -1;
	const struct code *choice = choice_of(&c, q);
	if (!choice || !decides(w, &c))
		return err_set(err, ERR_NOT_FOUND, "no such decision");
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Is it the same person?"), .section = "identity_claim", .personal = true });
	html_put(&h, MARKUP("<section class=\"panel stack\"><h2>"));
	html_ts(&h, choice->label);
	html_put(&h, MARKUP("</h2>"));
	form_open(&h, w, "/claims/%/%", PARTS(id_text(w->mem, c.r.id), choice->value));
	hidden_input(&h, "version", str_fmt(w->mem, "%lld", (long long)c.r.version));
	input_show(&h, &(struct input){ .name = "reasons", .label = N_("Reason"), .mode = "text", .required = true });
	html_put(&h, MARKUP("<p class=\"actions\">"));
	submit_button(&h, "btn go", NULL, NULL, N_("Decide"));
	link_button(&h, "btn", url_of(w->mem, "/claims/%", PARTS(id_text(w->mem, c.r.id))), N_("Back to the comparison"));
	html_put(&h, MARKUP("</p></form></section>"));
	page_close(&h, a);
	return 0;
}

int claim_decide_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct claim c;
	struct id proposal;
	int64_t seen = 0;
	struct str reasons = str_trim(request_field(q, "reasons"));
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (claim_load(w, q, &c, err) < 0)
		return -1;
	const struct code *choice = choice_of(&c, q);
	if (!choice || !decides(w, &c) || str_i64(request_field(q, "version"), &seen) < 0)
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	if (!reasons.n)
		return err_say(err, ERR_VALUE, N_("Write the reason."), NULL);
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "decision", json_new_str(choice->value));
	json_object_set_new(f, "reasons", json_new_str(reasons));
	struct draft d = { .type = c.r.type, .fields = f }, with = { .type = c.r.type, .fields = json_keep(w->mem, json_object()) };
	if (record_amend(w, c.r.id, seen, &d, err) < 0 || record_head(w, c.r.id, &c.r, err) < 0 || record_move(w, c.r.id, c.r.version, STR("decide"), &with, &proposal, err) < 0)
		return -1;
	return form_end(w, q, a, url_of(w->mem, "/claims/%", PARTS(id_text(w->mem, c.r.id))), err);
}

int claim_merge_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct claim c;
	struct id proposal;
	int64_t seen = 0;
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (claim_load(w, q, &c, err) < 0)
		return -1;
	const struct code *keeps = code_find(type_field(c.r.type, STR("keeps"))->codes, request_field(q, "keeps"));
	if (!keeps || str_i64(request_field(q, "version"), &seen) < 0)
		return err_say(err, ERR_VALUE, N_("Say which record goes on."), NULL);
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "keeps", json_new_str(keeps->value));
	struct draft d = { .type = c.r.type, .fields = f }, with = { .type = c.r.type, .fields = json_keep(w->mem, json_object()) };
	struct str move = may_move(w, &c.r, "merge") ? STR("merge") : STR("merge_across");
	if (record_amend(w, c.r.id, seen, &d, err) < 0 || record_head(w, c.r.id, &c.r, err) < 0 || record_move(w, c.r.id, c.r.version, move, &with, &proposal, err) < 0)
		return -1;
	return form_end(w, q, a, url_of(w->mem, "/claims/%", PARTS(id_text(w->mem, c.r.id))), err);
}

int claim_carry_out_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	int done = record_asked(w, q, "id", "identity_claim", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	return claim_carry_out(w, r.id, err) < 0 ? -1 : form_end(w, q, a, url_of(w->mem, "/claims/%", PARTS(id_text(w->mem, r.id))), err);
}

/* On a person's page: as which record she goes on, and which go on as this one, each with its own history. */
int merged_show(struct html *h, struct work *w, const struct record *r, struct err *err)
{
	struct id into, *from;
	size_t n;
	if (!str_is(r->type->name, "person"))
		return 0;
	if (merged_from(w, r->id, &from, &n, err) < 0)
		return -1;
	if (merged_into(w, r->id, &into)) {
		html_put(h, MARKUP("<p class=\"note info\">"));
		html_t(h, N_("This record ended in another: it is the same person."));
		html_put(h, MARKUP(" "));
		html_href(h, "/r/person/%", PARTS(id_text(w->mem, into)));
		html_t(h, N_("The record that goes on"));
		html_put(h, MARKUP("</a></p>"));
	}
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<p class=\"note info\">"));
		html_t(h, N_("Another record of this person ended here; its history stays there."));
		html_put(h, MARKUP(" "));
		html_href(h, "/r/person/%", PARTS(id_text(w->mem, from[i])));
		html_t(h, N_("The record that ended"));
		html_put(h, MARKUP("</a></p>"));
	}
	return 0;
}
