#include "exchange/letter.h"
#include "web/pages.h"
#include "web/parts.h"

/* The office letter on its sheet, and the copies that left. */

struct letter { struct record r; const struct grant *g; struct str number; };

static int letter_load(struct work *w, const struct request *q, struct letter *l, struct err *err)
{
	if (record_asked(w, q, "id", "letter", &l->r, err) < 0 || !(l->g = record_open(w, l->r.type, &l->r.id, 1, err)))
		return -1;
	return record_number(w, l->r.id, &l->number, err) < 0 ? -1 : 0;
}

/* A line of the head: what is known is printed, the rest is left for the pen. */
static void head_line(struct html *h, const char *label, struct str value)
{
	html_put(h, MARKUP("<div><dt>"));
	html_t(h, label);
	html_put(h, value.n ? MARKUP("</dt><dd dir=\"auto\">") : MARKUP("</dt><dd class=\"blank\">"));
	html_text(h, value);
	html_put(h, MARKUP("</dd></div>"));
}

static void lines_show(struct html *h, struct str text)
{
	while (text.n) {
		html_put(h, MARKUP("<p dir=\"auto\">"));
		html_text(h, str_cut(&text, '\n'));
		html_put(h, MARKUP("</p>"));
	}
}

static void sheet_show(struct html *h, struct work *w, const struct letter *l)
{
	struct str date = record_text(l->g, 0, "letter_date");
	html_put(h, MARKUP("<article class=\"panel sheet\"><header class=\"letterhead\"><b>"));
	html_ts(h, w->node->title);
	html_put(h, MARKUP("</b><dl>"));
	head_line(h, N_("Number"), l->number);
	head_line(h, N_("Date"), date.n ? date_local(h->mem, h->lang, h->numerals, str_z(h->mem, date)) : (struct str){ 0 });
	head_line(h, N_("To"), record_text(l->g, 0, "addressee"));
	head_line(h, N_("Subject"), record_text(l->g, 0, "subject_line"));
	if (record_text(l->g, 0, "answers").n)
		head_line(h, N_("In answer to"), record_text(l->g, 0, "answers"));
	html_put(h, MARKUP("</dl></header><div class=\"stack letter-text\">"));
	lines_show(h, record_text(l->g, 0, "text"));
	html_put(h, MARKUP("</div><div class=\"signs\"><p>"));
	html_t(h, N_("Name, post, signature"));
	html_put(h, MARKUP("</p><p>"));
	html_t(h, N_("Stamp of the office"));
	html_put(h, MARKUP("</p><p>"));
	html_t(h, N_("Received by: name, post, time"));
	html_put(h, MARKUP("</p></div><footer class=\"small\"><p><b>"));
	html_t(h, N_("Attachments"));
	html_put(h, MARKUP("</b></p>"));
	lines_show(h, record_text(l->g, 0, "attachments"));
	html_put(h, MARKUP("<p><b>"));
	html_t(h, N_("Copy to"));
	html_put(h, MARKUP("</b></p>"));
	lines_show(h, record_text(l->g, 0, "copy_to"));
	html_put(h, MARKUP("<p class=\"copyline\">"));
	html_t(h, N_("Copy no. ___"));
	html_put(h, MARKUP(" "));
	html_name(h, w->actor.name);
	html_put(h, MARKUP(", "));
	html_time(h, w->now_ms);
	html_put(h, MARKUP("</p></footer></article>"));
}

static void hand_out_form(struct html *h, struct work *w, const char *pattern, const struct str *parts, size_t n)
{
	form_open(h, w, pattern, parts, n);
	input_show(h, &(struct input){ .name = "recipient", .label = N_("Handed to: office and post"), .mode = "text", .required = true });
	select_codes(h, w, "disclosure", "basis", (struct str){ 0 }, true);
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Hand out a copy"));
	html_put(h, MARKUP("</p></form>"));
}

static void tell_button(struct html *h, struct work *w, struct id letter, int64_t no, const char *what, const char *label)
{
	struct str where[] = { id_text(w->mem, letter), str_fmt(w->mem, "%lld", (long long)no) };
	form_open(h, w, "/letters/%/copies/%", where, COUNT(where));
	submit_button(h, "btn", "what", what, label);
	html_put(h, MARKUP("</form>"));
}

/* Where the copy is, and what may still be told of it. */
static void copy_where(struct html *h, struct work *w, const struct record *letter, const struct letter_copy *c)
{
	bool open = str_is(letter->state, "handed_out") && record_may_create(w, letter->type);
	if (c->back_ms || c->lost_ms) {
		tag(h, c->back_ms ? "ok" : "warn", tr(w->lang, c->back_ms ? N_("Came back") : N_("Lost")));
		html_put(h, MARKUP(" "));
		html_time(h, c->back_ms ? c->back_ms : c->lost_ms);
	}
	if (open && !c->back_ms)
		tell_button(h, w, letter->id, c->no, "back", N_("It came back"));
	if (open && !c->back_ms && !c->lost_ms)
		tell_button(h, w, letter->id, c->no, "lost", N_("It is lost"));
}

int letter_copies_show(struct html *h, struct work *w, struct id letter, struct err *err)
{
	static const char *const C[] = { N_("Copy"), N_("Handed to"), N_("Legal basis"), N_("Time"), N_("Where it is") };
	struct columns c = { C, COUNT(C) };
	const struct tfield *basis = type_field(type_find(w->node->types, STR("disclosure")), STR("basis"));
	struct letter_copy *copy;
	struct record r;
	size_t n;
	if (id_none(letter))
		return 0;
	if (record_head(w, letter, &r, err) < 0 || letter_copies(w, letter, &copy, &n, err) < 0)
		return -1;
	if (n)
		table_open(h, c);
	for (size_t i = 0; i < n; i++) {
		const struct code *code = code_find(basis->codes, copy[i].basis);
		row_open(h);
		cell_num(h, c, 0, copy[i].no);
		cell_text(h, c, 1, copy[i].recipient);
		cell_text(h, c, 2, code ? tr(w->lang, str_z(w->mem, code->label)) : copy[i].basis);
		cell_open(h, c, 3);
		html_time(h, copy[i].at_ms);
		cell_close(h, 3);
		cell_open(h, c, 4);
		copy_where(h, w, &r, &copy[i]);
		cell_close(h, 4);
		row_close(h);
	}
	if (n)
		table_close(h);
	else
		para(h, "muted pad", N_("No copy has left yet."));
	return 0;
}

int letter_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct letter l;
	if (purpose_first(w, q, a))
		return 0;
	if (letter_load(w, q, &l, err) < 0 || grant_enter(l.g, ACT_PRINT, (struct str){ 0 }, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = record_title(w, l.g, 0), .section = "letter", .personal = true, .sheet = true });
	html_put(&h, MARKUP("<div class=\"noprint stack\">"));
	state_tag(&h, w, &l.r);
	moves_as_buttons(&h, w, &l.r);
	if (str_is(l.r.state, "drafted"))
		link_button(&h, "btn", url_of(w->mem, "/r/letter/%/edit", PARTS(id_text(w->mem, l.r.id))), N_("Correct or complete"));
	if (str_is(l.r.state, "drafted"))
		html_note(&h, "warn", ICON_LOCK, N_("A draft. It gets its number when it is signed; only then a copy may leave."));
	html_put(&h, MARKUP("</div>"));
	sheet_show(&h, w, &l);
	html_put(&h, MARKUP("<section class=\"panel stack noprint\">"));
	heading(&h, N_("Copies that left"));
	if (letter_copies_show(&h, w, l.r.id, err) < 0)
		return -1;
	if (str_is(l.r.state, "signed") || str_is(l.r.state, "handed_out"))
		hand_out_form(&h, w, "/letters/%/hand-out", PARTS(id_text(w->mem, l.r.id)));
	html_put(&h, MARKUP("</section>"));
	page_close(&h, a);
	return 0;
}

int letter_hand_out_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	int64_t no;
	int done = record_asked(w, q, "id", "letter", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (letter_hand_out(w, r.id, str_trim(request_field(q, "recipient")), request_field(q, "basis"), &no, err) < 0)
		return -1;
	return form_end(w, q, a, url_of(w->mem, "/letters/%", PARTS(id_text(w->mem, r.id))), err);
}

/* A roll has its copies on its own page. */
static int copies_page(struct work *w, const struct record *letter, struct str *out, struct err *err)
{
	struct record leg;
	struct id id;
	const struct grant *g = record_open_inside(w, letter->type, &letter->id, 1, err);
	if (!g)
		return -1;
	*out = url_of(w->mem, "/letters/%", PARTS(id_text(w->mem, letter->id)));
	if (id_parse(record_text(g, 0, "leg"), &id) == 0 && record_head(w, id, &leg, NULL) == 0 && !str_is(leg.state, "erased"))
		*out = url_of(w->mem, "/convoys/%/legs/%/roll", PARTS(id_text(w->mem, leg.parent), id_text(w->mem, leg.id)));
	return 0;
}

int letter_copy_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct str there;
	uint64_t no;
	struct str what = request_field(q, "what");
	int done = record_asked(w, q, "id", "letter", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (str_u64(request_param(q, "no"), &no) < 0 || no > 99 || (!str_is(what, "back") && !str_is(what, "lost")))
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return letter_copy_tell(w, r.id, (int64_t)no, str_is(what, "back"), err) < 0 || copies_page(w, &r, &there, err) < 0 ? -1 : form_end(w, q, a, there, err);
}

/* ---- the roll of a vehicle as a letter ---- */

int roll_copies_show(struct html *h, struct work *w, struct id convoy, const struct record *leg, struct err *err)
{
	struct id *ids, letter = { { 0 } };
	size_t n;
	if (str_is(leg->state, "loading") || !record_may_create(w, type_find(w->node->types, STR("letter"))))
		return 0;
	if (record_referring(w, "letter", "leg", leg->id, &ids, &n, err) < 0)
		return -1;
	if (n)
		letter = ids[n - 1];
	html_put(h, MARKUP("<section class=\"panel stack noprint\">"));
	heading(h, N_("Copies of this roll that left"));
	if (letter_copies_show(h, w, letter, err) < 0)
		return -1;
	hand_out_form(h, w, "/convoys/%/legs/%/roll", PARTS(id_text(w->mem, convoy), id_text(w->mem, leg->id)));
	html_put(h, MARKUP("</section>"));
	return 0;
}

int roll_hand_out_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record convoy, leg;
	struct id letter;
	int64_t no;
	int done = record_asked(w, q, "id", "convoy", &convoy, err) < 0 || record_asked(w, q, "leg", "vehicle_leg", &leg, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (!id_eq(leg.parent, convoy.id) || !record_open(w, leg.type, &leg.id, 1, err))
		return err->code ? -1 : err_set(err, ERR_NOT_FOUND, "no vehicle of this convoy");
	if (letter_of_roll(w, leg.id, &letter, err) < 0 || letter_hand_out(w, letter, str_trim(request_field(q, "recipient")), request_field(q, "basis"), &no, err) < 0)
		return -1;
	return form_end(w, q, a, url_of(w->mem, "/convoys/%/legs/%/roll", PARTS(id_text(w->mem, convoy.id), id_text(w->mem, leg.id))), err);
}
