#include "web/pages.h"
#include "web/parts.h"

/* Forms on paper, for where nobody can type: a record that is still to be made, and the rows of a list with what may become of each. Fields, codes and moves are those of the
   declaration, so that whoever enters the sheet finds the same words on the screen; the entry gives the time on the paper (event_time). Names on it are shown to the office's own people, as a
   screen shows them: no onward rule is asked, the printing is entered, and the sheet says that it stays here. */

#define TICKS_MAX 8

/* ---- a sheet ---- */

/* of: what the rows belong to; empty: one record that is still to be made. */
static void sheet_open(struct html *h, struct work *w, const struct type *t, struct str of)
{
	struct str title = of.n ? t->plural : t->title;
	page_open(h, w, &(struct page){ .title = str_z(w->mem, title), .section = str_z(w->mem, t->name), .personal = of.n > 0, .sheet = true });
	print_hint(h);
	html_put(h, MARKUP("<article class=\"panel sheet\"><header class=\"letterhead\"><b>"));
	html_ts(h, w->node->title);
	html_put(h, MARKUP("</b><h2>"));
	html_ts(h, title);
	if (of.n) {
		html_put(h, MARKUP(": "));
		html_name(h, of);
	}
	html_put(h, MARKUP("</h2><p class=\"small\">"));
	html_t(h, N_("On paper, with the codes of the program:"));
	html_put(h, MARKUP(" "));
	html_id(h, t->name);
	html_put(h, MARKUP(" "));
	html_id(h, hex(w->mem, bytes_of(t->digest.b, 4)));
	html_put(h, MARKUP("</p></header>"));
}

static void sheet_close(struct html *h, bool names, struct response *a)
{
	if (names)
		para(h, "", N_("For this office's own people. Nobody else gets this sheet, and it is destroyed when it has been entered."));
	html_put(h, MARKUP("<div class=\"signs\"><p>"));
	html_t(h, N_("When it happened: day and time"));
	html_put(h, MARKUP("</p><p>"));
	html_t(h, N_("Who wrote this: name, signature"));
	html_put(h, MARKUP("</p><p>"));
	html_t(h, N_("Entered by, when"));
	html_put(h, MARKUP("</p></div><p class=\"small\">"));
	html_t(h, N_("Whoever enters this sheet opens the same form and gives the time above under \"Entered late, from paper?\"; the time of entry is kept beside it."));
	html_put(h, MARKUP("</p></article>"));
	page_close(h, a);
}

static void box(struct html *h, struct str label, struct str code)
{
	html_put(h, MARKUP("<span class=\"tick\">\u2610 "));
	html_ts(h, label);
	if (code.n) {
		html_put(h, MARKUP(" "));
		html_id(h, code);
	}
	html_put(h, MARKUP("</span> "));
}

static void answers(struct html *h, const struct tfield *f)
{
	if (f->kind == KIND_BOOL || f->kind == KIND_BOOL3) {
		box(h, STR("Yes"), STR("yes"));
		box(h, STR("No"), STR("no"));
	}
	for (size_t i = 0; f->codes && i < f->codes->n; i++)
		box(h, f->codes->codes[i].label, f->codes->codes[i].value);
}

static bool ticked(const struct tfield *f)
{
	return f->codes || f->kind == KIND_BOOL || f->kind == KIND_BOOL3;
}

/* ---- one record that is still to be made ---- */

static void blank_field(struct html *h, const struct tfield *f)
{
	html_put(h, MARKUP("<div><dt>"));
	html_ts(h, f->label);
	html_put(h, f->required ? MARKUP(" *") : MARKUP(""));
	html_put(h, ticked(f) ? MARKUP("</dt><dd>") : MARKUP("</dt><dd class=\"blank\">"));
	answers(h, f);
	html_put(h, MARKUP("</dd></div>"));
}

int paper_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct type *t = type_find(w->node->types, request_param(q, "type"));
	if (!t)
		return err_set(err, ERR_NOT_FOUND, "no such type");
	if (!record_may_create(w, t))
		return err_say(err, ERR_FORBIDDEN, N_("Your role does not allow this."), NULL);
	struct html h = html_new(w);
	sheet_open(&h, w, t, (struct str){ 0 });
	html_put(&h, MARKUP("<dl class=\"paper\">"));
	for (size_t i = 0; i < t->nfields; i++) {
		const struct tfield *f = &t->fields[i];
		if (!f->derived && !f->hidden && f->kind != KIND_IMAGE && f->kind != KIND_DIGEST && !str_eq(f->name, t->parent_field))
			blank_field(&h, f);
	}
	html_put(&h, MARKUP("</dl>"));
	sheet_close(&h, false, a);
	return 0;
}

/* ---- the rows there are, with what may become of each ---- */

struct ticks { const struct tmove *moves[TICKS_MAX]; const struct tfield *blanks[TICKS_MAX]; size_t nmoves, nblanks; };

/* What this role may do with a row that nothing has happened to yet; and what it fills in: what a move will ask for, and numbers. */
static struct ticks ticks_of(const struct work *w, const struct type *t)
{
	struct ticks k = { .nmoves = 0 };
	for (size_t i = 0; i < t->nmoves && k.nmoves < TICKS_MAX; i++)
		if (policy_named(w->actor.role, t->moves[i].by.at, t->moves[i].by.n) && policy_named(t->states[0].name, t->moves[i].from.at, t->moves[i].from.n))
			k.moves[k.nmoves++] = &t->moves[i];
	for (size_t i = 0; i < t->nfields && k.nblanks < TICKS_MAX; i++) {
		const struct tfield *f = &t->fields[i];
		if (!f->derived && !f->hidden && (f->required_when || (f->kind == KIND_INT && !f->required)))
			k.blanks[k.nblanks++] = f;
	}
	return k;
}

static void head_cell(struct html *h, struct str label)
{
	html_put(h, MARKUP("<th scope=\"col\">"));
	html_ts(h, label);
	html_put(h, MARKUP("</th>"));
}

/* Whom or what each row is about: the name that the record has, or that of its person, or what the record is called. */
static int titles_of(struct work *w, const struct grant *g, struct str **out, struct err *err)
{
	size_t n = grant_count(g);
	struct id *people = NEW_ARRAY(w->mem, struct id, n + 1);
	*out = NEW_ARRAY(w->mem, struct str, n + 1);
	for (size_t i = 0; i < n; i++) {
		people[i] = grant_record(g, i)->subject;
		(*out)[i] = record_title(w, g, i);
	}
	return n && grant_record(g, 0)->type->about == ABOUT_PERSON && !type_field(grant_record(g, 0)->type, STR("name")) ? names_of(w, people, n, *out, err) : 0;
}

static void rows_table(struct html *h, const struct grant *g, const struct str *titles, const struct ticks *k)
{
	html_put(h, MARKUP("<table class=\"roll grid\"><thead><tr>"));
	head_cell(h, STR("No."));
	head_cell(h, grant_count(g) ? grant_record(g, 0)->type->title : (struct str){ 0 });
	for (size_t i = 0; i < k->nmoves; i++)
		head_cell(h, k->moves[i]->label);
	for (size_t i = 0; i < k->nblanks; i++)
		head_cell(h, k->blanks[i]->label);
	html_put(h, MARKUP("</tr></thead><tbody>"));
	for (size_t i = 0, n = 0; i < grant_count(g); i++) {
		if (!str_eq(grant_record(g, i)->state, grant_record(g, i)->type->states[0].name))
			continue;
		html_put(h, MARKUP("<tr><td>"));
		html_num(h, (int64_t)++n);
		html_put(h, MARKUP("</td><th scope=\"row\">"));
		html_name(h, titles[i]);
		html_put(h, MARKUP("</th>"));
		for (size_t c = 0; c < k->nmoves; c++)
			html_put(h, MARKUP("<td>\u2610</td>"));
		for (size_t c = 0; c < k->nblanks; c++)
			html_put(h, MARKUP("<td></td>"));
		html_put(h, MARKUP("</tr>"));
	}
	html_put(h, MARKUP("</tbody></table>"));
}

/* The codes that are written into the cells. */
static void legend(struct html *h, const struct ticks *k)
{
	html_put(h, MARKUP("<p class=\"small\">"));
	for (size_t i = 0; i < k->nmoves; i++)
		box(h, k->moves[i]->label, k->moves[i]->name);
	html_put(h, MARKUP("</p>"));
	for (size_t i = 0; i < k->nblanks; i++) {
		if (!ticked(k->blanks[i]))
			continue;
		html_put(h, MARKUP("<p class=\"small\">"));
		html_ts(h, k->blanks[i]->label);
		html_put(h, MARKUP(": "));
		answers(h, k->blanks[i]);
		html_put(h, MARKUP("</p>"));
	}
}

/* What is counted for all rows together: heads, luggage. */
static void counts_of_parent(struct html *h, struct work *w, const struct record *of)
{
	html_put(h, MARKUP("<dl class=\"paper\">"));
	for (size_t i = 0; i < of->type->nfields; i++) {
		const struct tfield *f = &of->type->fields[i];
		if (f->kind == KIND_INT && !f->required && record_may_amend(w, of, f))
			blank_field(h, f);
	}
	html_put(h, MARKUP("</dl>"));
}

int paper_rows_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct type *t = type_find(w->node->types, request_param(q, "type"));
	struct id parent;
	struct record of;
	const struct grant *g, *p;
	struct str *titles;
	if (purpose_first(w, q, a))
		return 0;
	if (!t || !t->parent_type.n || id_parse(request_query(q, "parent"), &parent) < 0 || record_head(w, parent, &of, err) < 0 || !str_eq(of.type->name, t->parent_type))
		return err_set(err, ERR_NOT_FOUND, "no such list");
	struct ticks k = ticks_of(w, t);
	if (k.nmoves == 0)
		return err_say(err, ERR_FORBIDDEN, N_("Your role does not allow this."), NULL);
	if (!(p = record_open(w, of.type, &parent, 1, err)) || rows_open(w, str_z(w->mem, t->name), parent, &g, err) < 0 || titles_of(w, g, &titles, err) < 0 ||
	    grant_enter(g, ACT_PRINT, (struct str){ 0 }, err) < 0)
		return -1;
	struct html h = html_new(w);
	sheet_open(&h, w, t, record_title(w, p, 0));
	rows_table(&h, g, titles, &k);
	counts_of_parent(&h, w, &of);
	legend(&h, &k);
	sheet_close(&h, true, a);
	return 0;
}

/* ---- the way to them, from the convoy ---- */

static void paper_link(struct html *h, struct str url, const char *label, struct str of)
{
	html_put(h, MARKUP("<li><a href=\""));
	html_attr(h, url);
	html_put(h, MARKUP("\">"));
	html_t(h, label);
	html_put(h, MARKUP(" "));
	html_id(h, of);
	html_put(h, MARKUP("</a></li>"));
}

/* Each count has a form on paper, for where nobody can type. */
void paper_show(struct html *h, struct work *w, struct id convoy, const struct grant *legs)
{
	static const struct { const char *type, *label; } BLANK[] = { { "checkpoint_event", N_("Checkpoint count") }, { "border_handover", N_("Handover") } };
	bool marks = role_is(w, "CONVOY_LEAD") || role_is(w, "CAMP_REG"), receives = role_is(w, "CENTRE_REG");
	if (!marks && !receives && !record_may_create(w, type_find(w->node->types, STR("checkpoint_event"))))
		return;
	html_put(h, MARKUP("<details class=\"panel\"><summary>"));
	html_t(h, N_("Forms on paper"));
	html_put(h, MARKUP("</summary><ul class=\"plain\">"));
	for (size_t i = 0; i < COUNT(BLANK); i++)
		if (record_may_create(w, type_find(w->node->types, str_of(BLANK[i].type))))
			paper_link(h, url_of(w->mem, "/paper/%", PARTS(str_of(BLANK[i].type))), BLANK[i].label, (struct str){ 0 });
	for (size_t i = 0; marks && i < grant_count(legs); i++)
		paper_link(h, url_of(w->mem, "/paper/leg_seat/rows?parent=%", PARTS(id_text(w->mem, grant_record(legs, i)->id))), N_("Boarding"), record_text(legs, i, "plate"));
	if (receives)
		paper_link(h, url_of(w->mem, "/paper/arrival_checkin/rows?parent=%", PARTS(id_text(w->mem, convoy))), N_("Check-in"), (struct str){ 0 });
	html_put(h, MARKUP("</ul></details>"));
}
