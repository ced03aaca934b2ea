#include "web/agreement_parts.h"
#include "web/pages.h"

/* A text before anybody signs it: written on a form, sent to the partner, answered by another one, reviewed, signed. The text itself is made here from what was chosen; what
   stands in it is what both offices sign. */
#define WORDS_MAX 512
struct typed { const struct request *q; struct str text; };      /* what was typed, or the text that is changed */

static struct str value_of(const struct typed *t, const char *field, const char *key)
{
	return t->q ? str_trim(request_field(t->q, field)) : terms_line(t->text, key);
}

static bool word_in(struct str list, struct str word)
{
	while (list.n)
		if (str_eq(str_cut(&list, ' '), word))
			return true;
	return false;
}

static bool chosen(const struct typed *t, const char *field, struct str value, struct str words)
{
	struct str given[WORDS_MAX];
	size_t n = t->q ? request_fields(t->q, field, given, WORDS_MAX) : 0;
	for (size_t i = 0; i < n; i++)
		if (str_eq(given[i], value))
			return true;
	return !t->q && word_in(words, value);
}

static void box(struct html *h, const char *field, struct str value, struct str label, bool on)
{
	html_put(h, MARKUP("<label class=\"choice\"><input type=\"checkbox\" name=\""));
	html_text(h, str_of(field));
	html_put(h, MARKUP("\" value=\""));
	html_attr(h, value);
	html_put(h, on ? MARKUP("\" checked> ") : MARKUP("\"> "));
	html_text(h, label);
	html_put(h, MARKUP("</label>"));
}

static void group_open(struct html *h, const char *title)
{
	html_put(h, MARKUP("<fieldset class=\"boxes\"><legend class=\"lbl\">"));
	html_t(h, title);
	html_put(h, MARKUP("</legend>"));
}

static const struct code_list *codes_of(const struct work *w, const char *name)
{
	for (size_t i = 0; i < w->node->types->ncodes; i++)
		if (str_is(w->node->types->codes[i].name, name))
			return &w->node->types->codes[i];
	die("no code list %s", name);
}

/* All words of the lines "from NODE". */
static struct str from_words(struct arena *mem, struct str text, struct str node)
{
	struct buf b = buf_new(mem, 16384);
	while (text.n) {
		struct str line = str_cut(&text, '\n');
		if (str_is(str_cut(&line, ' '), "from") && str_eq(str_cut(&line, ' '), node))
			buf_fmt(&b, "%s" S_FMT, b.n ? " " : "", S_ARG(line));
	}
	return buf_text(&b);
}

/* Words of one direction that are no whole type. */
static struct str single_fields(struct arena *mem, struct str words)
{
	struct buf b = buf_new(mem, 16384);
	while (words.n) {
		struct str word = str_cut(&words, ' ');
		if (!str_ends(word, STR(".*")))
			buf_fmt(&b, "%s" S_FMT, b.n ? " " : "", S_ARG(word));
	}
	return buf_text(&b);
}

static void direction_input(struct html *h, struct work *w, const struct typed *t, const char *title, const char *types, const char *fields, struct str node)
{
	struct str words = from_words(w->mem, t->text, node);
	group_open(h, title);
	for (size_t i = 0; i < w->node->types->n; i++) {
		const struct type *k = &w->node->types->at[i];
		box(h, types, k->name, tr(w->lang, str_z(w->mem, k->plural)), chosen(t, types, k->name, (struct str){ 0 }) || (!t->q && word_in(words, str_fmt(w->mem, S_FMT ".*", S_ARG(k->name)))));
	}
	html_put(h, MARKUP("</fieldset>"));
	input_show(h, &(struct input){ .name = fields, .label = N_("Single fields besides, as type.field"), .mode = "text",
		.value = t->q ? request_field(t->q, fields) : single_fields(w->mem, words) });
}

static void select_list(struct html *h, struct work *w, const char *name, const char *label, const struct code_list *l, struct str now)
{
	select_of(h, name, label, true);
	for (size_t i = 0; i < l->n; i++)
		field_option(h, l->codes[i].value, tr(w->lang, str_z(w->mem, l->codes[i].label)), str_eq(l->codes[i].value, now));
	select_close(h);
}

static int partner_input(struct html *h, struct work *w, struct str now, struct err *err)
{
	struct partner *p;
	size_t n;
	if (partner_list(w, &p, &n, err) < 0)
		return -1;
	select_open(h, "partner", N_("Partner"), true);
	for (size_t i = 0; i < n; i++)
		field_option(h, p[i].name, p[i].name, str_eq(p[i].name, now));
	select_close(h);
	return 0;
}

static struct str partner_in(struct work *w, const struct typed *t)
{
	struct str parties = terms_line(t->text, "parties"), a = str_cut(&parties, ' ');
	return t->q ? request_field(t->q, "partner") : str_eq(a, w->node->name) ? parties : a;
}

static void line_input(struct html *h, const struct typed *t, const char *name, const char *key, const char *label, const char *hint, bool required)
{
	input_show(h, &(struct input){ .name = name, .label = label, .hint = hint, .mode = "text", .value = value_of(t, name, key), .required = required });
}

static int form_show(struct work *w, const struct typed *t, struct str from, const char *fault, struct response *a, struct err *err)
{
	struct html h = html_new(w);
	struct str partner = partner_in(w, t);
	page_open(&h, w, &(struct page){ .title = N_("Draft of an agreement"), .section = "agreements", .error = fault != NULL });
	if (fault)
		fault_show(&h, fault, NULL);
	html_put(&h, MARKUP("<div class=\"panel\">"));
	form_open(&h, w, "/agreements/new", NULL, 0);
	hidden_input(&h, "replaces", from);
	if (partner_input(&h, w, partner, err) < 0)
		return -1;
	line_input(&h, t, "title", "title", N_("Title"), NULL, true);
	select_list(&h, w, "kind", N_("Kind of agreement"), codes_of(w, "agreement_kind"), value_of(t, "kind", "kind"));
	group_open(&h, N_("Purposes"));
	for (size_t i = 0; i < w->node->policy->npurposes; i++) {
		const struct purpose *p = &w->node->policy->purposes[i];
		box(&h, "purposes", p->name, tr(w->lang, str_z(w->mem, p->title)), chosen(t, "purposes", p->name, terms_line(t->text, "purposes")));
	}
	html_put(&h, MARKUP("</fieldset>"));
	group_open(&h, N_("Legal bases"));
	const struct code_list *bases = codes_of(w, "legal_basis");
	for (size_t i = 0; i < bases->n; i++)
		box(&h, "bases", bases->codes[i].value, tr(w->lang, str_z(w->mem, bases->codes[i].label)), chosen(t, "bases", bases->codes[i].value, terms_line(t->text, "bases")));
	html_put(&h, MARKUP("</fieldset>"));
	direction_input(&h, w, t, N_("This office sends"), "out", "out_fields", w->node->name);
	direction_input(&h, w, t, N_("The partner sends"), "in", "in_fields", partner);
	input_show(&h, &(struct input){ .name = "days", .label = N_("Kept at the receiver at most (days)"), .mode = "number", .value = value_of(t, "days", "retention-days"), .required = true });
	line_input(&h, t, "shorter", "retention-type", N_("Shorter for one kind of record"), N_("Its name and the days: rfi_reply 90"), false);
	select_list(&h, w, "onward", N_("Passing on to a third office"), codes_of(w, "onward_transfer"), value_of(t, "onward", "onward"));
	line_input(&h, t, "onward_to", "onward-to", N_("Recipients named"), N_("Names of offices; letters: also on paper to bodies without a node"), false);
	line_input(&h, t, "rights", "rights", N_("Rights of the people concerned"), NULL, true);
	line_input(&h, t, "assurances", "assurances", N_("Assurances"), N_("For example against torture and the death penalty"), false);
	line_input(&h, t, "speaks", "speaks", N_("Who speaks for the partner"), N_("Also for a party that is no state: office and function, and on what that rests"), false);
	line_input(&h, t, "starts", "starts", N_("From"), N_("As 2026-01-31"), true);
	line_input(&h, t, "ends", "ends", N_("Until"), N_("As 2026-01-31"), true);
	html_put(&h, MARKUP("<details><summary>"));
	html_t(&h, N_("Several parties over one text"));
	html_put(&h, MARKUP("</summary>"));
	line_input(&h, t, "group", "group", N_("Digest of the common text and the names of all parties"), N_("64 signs, then the names with spaces between them"), false);
	html_put(&h, MARKUP("</details><p>"));
	submit_button(&h, "btn go", NULL, NULL, N_("Keep the draft and show what follows"));
	html_put(&h, MARKUP("</p></form></div>"));
	if (fault)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

/* ---- from what was chosen to the text ---- */

static void words_into(struct buf *b, const struct request *q, const char *field, const char *after)
{
	struct str given[WORDS_MAX];
	size_t n = request_fields(q, field, given, WORDS_MAX);
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, " " S_FMT "%s", S_ARG(given[i]), after);
}

static void from_into(struct buf *b, struct work *w, const struct request *q, struct str node, const char *types, const char *fields)
{
	struct buf words = buf_new(w->mem, 16384);
	words_into(&words, q, types, ".*");
	for (struct str more = str_trim(request_field(q, fields)); more.n;) {
		struct str word = str_cut(&more, ' ');
		if (word.n)
			buf_fmt(&words, " " S_FMT, S_ARG(word));
	}
	if (words.n)
		buf_fmt(b, "from " S_FMT S_FMT "\n", S_ARG(node), S_ARG(buf_text(&words)));
}

static void line_into(struct buf *b, const struct request *q, const char *field, const char *key)
{
	struct str v = str_trim(request_field(q, field));
	if (v.n)
		buf_fmt(b, "%s " S_FMT "\n", key, S_ARG(v));
}

static struct str text_of(struct work *w, const struct request *q)
{
	struct str partner = request_field(q, "partner");
	struct buf b = buf_new(w->mem, 65536);
	buf_z(&b, "jisr-agreement/1\n");
	line_into(&b, q, "title", "title");
	line_into(&b, q, "kind", "kind");
	buf_fmt(&b, "parties " S_FMT " " S_FMT "\npurposes", S_ARG(w->node->name), S_ARG(partner));
	words_into(&b, q, "purposes", "");
	buf_z(&b, "\nbases");
	words_into(&b, q, "bases", "");
	buf_z(&b, "\n");
	from_into(&b, w, q, w->node->name, "out", "out_fields");
	from_into(&b, w, q, partner, "in", "in_fields");
	line_into(&b, q, "days", "retention-days");
	line_into(&b, q, "shorter", "retention-type");
	line_into(&b, q, "onward", "onward");
	line_into(&b, q, "onward_to", "onward-to");
	line_into(&b, q, "rights", "rights");
	line_into(&b, q, "assurances", "assurances");
	line_into(&b, q, "speaks", "speaks");
	line_into(&b, q, "group", "group");
	line_into(&b, q, "starts", "starts");
	line_into(&b, q, "ends", "ends");
	return buf_text(&b);
}

/* A line of a text is one line: what a form field brings may not begin another one. */
static bool one_line_each(const struct request *q)
{
	for (size_t i = 0; i < q->nform; i++)
		for (size_t k = 0; k < q->form[i].value.n; k++)
			if ((uint8_t)q->form[i].value.p[k] < ' ')
				return false;
	return true;
}

static const char *fault_in(struct work *w, const struct request *q)
{
	struct str group = request_field(q, "group"), digest = str_cut(&group, ' '), word[1];
	struct bytes raw;
	if (!one_line_each(q))
		return N_("Each field is one line.");
	if (!request_fields(q, "purposes", word, 1) || !request_fields(q, "bases", word, 1))
		return N_("Choose at least one purpose and one legal basis.");
	if (!request_fields(q, "out", word, 1) && !request_fields(q, "in", word, 1) && !request_field(q, "out_fields").n && !request_field(q, "in_fields").n)
		return N_("Choose what is sent, in at least one direction.");
	if (digest.n && (hex_read(w->mem, digest, &raw) < 0 || raw.n != HASH_BYTES || !group.n))
		return N_("The common text: 64 signs of its digest, then the names of all parties.");
	return NULL;
}

int draft_new_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct typed t = { 0 };
	struct bytes raw;
	struct hash from;
	struct agreement_draft d;
	struct agreement g;
	if (agreement_may(w, AGREEMENT_DECIDES, err) < 0)
		return -1;
	bool changes = hex_read(w->mem, request_query(q, "from"), &raw) == 0 && raw.n == HASH_BYTES;
	if (changes) {
		memcpy(from.b, raw.p, HASH_BYTES);
		int rc = draft_find(w, &from, &d, err);
		if (rc == 0 && (rc = agreement_find(w, &from, &g, err)) == 1)
			d.text = g.text;
		if (rc < 1)
			return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such draft");
		t.text = d.text;
	}
	return form_show(w, &t, changes ? request_query(q, "from") : (struct str){ 0 }, NULL, a, err);
}

int draft_new_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct typed t = { .q = q };
	struct bytes raw;
	struct hash replaces, digest;
	struct agreement_draft before;
	if (agreement_may(w, AGREEMENT_DECIDES, err) < 0)
		return -1;
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	const char *fault = fault_in(w, q);
	if (fault)
		return form_show(w, &t, request_field(q, "replaces"), fault, a, err);
	bool answers = hex_read(w->mem, request_field(q, "replaces"), &raw) == 0 && raw.n == HASH_BYTES;
	if (answers)
		memcpy(replaces.b, raw.p, HASH_BYTES);
	answers = answers && draft_find(w, &replaces, &before, err) == 1;
	if (draft_keep(w, text_of(w, q), answers ? &replaces : NULL, &digest, err) < 0) {
		if (err->code != ERR_VALUE && err->code != ERR_FORMAT && err->code != ERR_SAFEGUARD)
			return -1;
		fault = err->user ? err->user : N_("Dates, days or lines of the agreement do not fit. Correct them.");
		*err = (struct err){ 0 };
		return form_show(w, &t, request_field(q, "replaces"), fault, a, err);
	}
	return form_end(w, q, a, url_of(w->mem, "/agreements/drafts/%", PARTS(hex(w->mem, bytes_of(digest.b, HASH_BYTES)))), err);
}

/* ---- one draft ---- */

static int draft_asked(struct work *w, const struct request *q, struct agreement_draft *d, struct err *err)
{
	struct hash digest;
	if (agreement_digest_asked(q, w, &digest, err) < 0)
		return -1;
	int rc = draft_find(w, &digest, d, err);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such draft");
}

static void draft_buttons(struct html *h, struct work *w, const struct agreement_draft *d)
{
	struct str digest = hex(w->mem, bytes_of(d->digest.b, HASH_BYTES)), at = url_of(w->mem, "/agreements/drafts/%", PARTS(digest));
	bool decides = role_among(w->actor.role, AGREEMENT_DECIDES);
	html_put(h, MARKUP("<div class=\"actions\">"));
	if (role_among(w->actor.role, AGREEMENT_REVIEWS) && !d->reviewed.n)
		button_form(h, w, at, "do", STR("review"), N_("I have reviewed this draft"));
	if (decides && !d->theirs && !d->sent)
		button_form(h, w, at, "do", STR("send"), N_("Send the draft to the partner"));
	if (decides && d->reviewed.n)
		button_form(h, w, at, "do", STR("sign"), N_("Sign for this office"));
	if (decides)
		link_button(h, "btn", url_of(w->mem, "/agreements/new?from=%", PARTS(digest)), N_("Answer with a changed draft"));
	if (decides)
		button_form(h, w, at, "do", STR("drop"), N_("Drop this draft"));
	html_put(h, MARKUP("</div>"));
}

/* The text it answers, else what is in force with the partner. */
static int changes_of(struct html *h, struct work *w, const struct agreement_draft *d, struct err *err)
{
	struct agreement_draft before;
	struct agreement *all;
	size_t n;
	int rc = d->replaces ? draft_find(w, &d->replaced, &before, err) : 0;
	if (rc < 0 || agreement_list(w, &all, &n, err) < 0)
		return -1;
	if (rc == 1)
		agreement_changes_show(h, before.text, d->text, N_("Changed against the draft that it answers"));
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].partner, d->partner) && all[i].in_force)
			return agreement_changes_show(h, all[i].text, d->text, N_("Changed against the agreement in force")), 0;
	return 0;
}

int draft_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct agreement_draft d;
	if (agreement_may(w, AGREEMENT_LOOKS, err) < 0 || draft_asked(w, q, &d, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = d.title, .section = "agreements" });
	html_put(&h, MARKUP("<p>"));
	tag(&h, "info", tr(w->lang, d.theirs ? N_("Proposed by the partner") : d.sent ? N_("Sent to the partner") : N_("Not sent yet")));
	html_put(&h, MARKUP(" "));
	html_id(&h, d.partner);
	html_put(&h, MARKUP("</p>"));
	html_note(&h, d.reviewed.n ? "info" : "warn", ICON_PEOPLE, d.reviewed.n ? N_("Reviewed. Nothing is sent under a draft; it counts once both offices have signed this same text.")
	    : N_("Not reviewed yet: data protection or legal aid looks at it before this office signs."));
	draft_buttons(&h, w, &d);
	if (changes_of(&h, w, &d, err) < 0 || agreement_flows_show(&h, w, d.text, false, err) < 0 || agreement_group_show(&h, w, d.text, err) < 0)
		return -1;
	html_put(&h, MARKUP("<section class=\"panel stack\">"));
	heading(&h, N_("The text that both offices sign"));
	agreement_text_show(&h, d.text);
	html_put(&h, MARKUP("</section>"));
	page_close(&h, a);
	return 0;
}

static const struct { const char *what, *roles; int (*fn)(struct work *, const struct hash *, struct err *); } STEPS[] = {
	{ "review", AGREEMENT_REVIEWS, draft_review }, { "send", AGREEMENT_DECIDES, draft_send }, { "sign", AGREEMENT_DECIDES, draft_sign }, { "drop", AGREEMENT_DECIDES, draft_drop },
};

int draft_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct agreement_draft d;
	size_t i = 0;
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	while (i < COUNT(STEPS) && !str_is(request_field(q, "do"), STEPS[i].what))
		i++;
	if (i == COUNT(STEPS))
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	if (agreement_may(w, STEPS[i].roles, err) < 0 || draft_asked(w, q, &d, err) < 0 || STEPS[i].fn(w, &d.digest, err) < 0)
		return -1;
	struct str digest = hex(w->mem, bytes_of(d.digest.b, HASH_BYTES));
	struct str to = str_is(request_field(q, "do"), "drop") ? STR("/agreements") : url_of(w->mem, str_is(request_field(q, "do"), "sign") ? "/agreements/%" : "/agreements/drafts/%", PARTS(digest));
	return form_end(w, q, a, to, err);
}
