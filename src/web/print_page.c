#include "exchange/letter.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/qr.h"

/* Paper: the nominal roll of a vehicle for the posts that have no node, and the family cards. The page is the sheet: A4 by the style sheet's print rules. Opening it is
   entered as a print, before anything is shown. */

#define SEATS_MAX 200
#define CARDS_MAX 2000

static void blank_line(struct html *h, const char *label)
{
	html_put(h, MARKUP("<div><dt>"));
	html_t(h, label);
	html_put(h, MARKUP("</dt><dd class=\"blank\"></dd></div>"));
}

void print_hint(struct html *h)
{
	html_put(h, MARKUP("<p class=\"note info noprint\">"));
	html_icon(h, ICON_PRINT);
	html_put(h, MARKUP("<span>"));
	html_t(h, N_("Print this page from the browser. The printing stands in the log."));
	html_put(h, MARKUP("</span></p>"));
}

/* ---- the roll, in the form of an office letter ---- */

struct roll { struct record convoy, leg; const struct grant *c, *v, *seats; size_t n; size_t at[SEATS_MAX]; };

static int roll_load(struct work *w, const struct request *q, struct roll *r, struct err *err)
{
	r->n = 0;
	if (record_asked(w, q, "id", "convoy", &r->convoy, err) < 0 || record_asked(w, q, "leg", "vehicle_leg", &r->leg, err) < 0)
		return -1;
	if (!id_eq(r->leg.parent, r->convoy.id))
		return err_set(err, ERR_NOT_FOUND, "no vehicle of this convoy");
	if (letter_roll_may(w, r->leg.id, err) < 0)
		return -1;
	if (!(r->c = record_open(w, r->convoy.type, &r->convoy.id, 1, err)) || !(r->v = record_open(w, r->leg.type, &r->leg.id, 1, err)) ||
	    rows_open(w, "leg_seat", r->leg.id, &r->seats, err) < 0 || grant_enter(r->seats, ACT_PRINT, (struct str){ 0 }, err) < 0)
		return -1;
	const size_t *order = by_number(w, r->seats, "seat");
	for (size_t i = 0; i < grant_count(r->seats) && r->n < SEATS_MAX; i++) {
		struct str s = grant_record(r->seats, order[i])->state;
		if (!str_is(s, "unseated") && !str_is(s, "not_come") && !str_is(s, "withdrew"))
			r->at[r->n++] = order[i];
	}
	return 0;
}

static void letter_head(struct html *h, struct work *w, const struct roll *r)
{
	html_put(h, MARKUP("<header class=\"letterhead\"><b>"));
	html_ts(h, w->node->title);
	html_put(h, MARKUP("</b><dl>"));
	blank_line(h, N_("Number"));
	blank_line(h, N_("Date"));
	blank_line(h, N_("To"));
	html_put(h, MARKUP("<div><dt>"));
	html_t(h, N_("Subject"));
	html_put(h, MARKUP("</dt><dd>"));
	html_t(h, N_("Nominal roll of a vehicle"));
	html_put(h, MARKUP(" "));
	html_id(h, record_text(r->v, 0, "plate"));
	html_put(h, MARKUP(", "));
	html_name(h, record_title(w, r->c, 0));
	html_put(h, MARKUP("</dd></div>"));
	blank_line(h, N_("Attachments"));
	html_put(h, MARKUP("</dl></header>"));
}

static void roll_rows(struct html *h, const struct roll *r)
{
	html_put(h, MARKUP("<table class=\"roll\"><thead><tr><th scope=\"col\">"));
	html_t(h, N_("No."));
	html_put(h, MARKUP("</th><th scope=\"col\">"));
	html_t(h, N_("Full name"));
	html_put(h, MARKUP("</th><th scope=\"col\">"));
	html_t(h, N_("Seat"));
	html_put(h, MARKUP("</th><th scope=\"col\">"));
	html_t(h, N_("Newborns with her"));
	html_put(h, MARKUP("</th></tr></thead><tbody>"));
	for (size_t k = 0; k < r->n; k++) {
		int64_t newborns = int_of(r->seats, r->at[k], "newborns");
		html_put(h, MARKUP("<tr><td>"));
		html_num(h, (int64_t)k + 1);
		html_put(h, MARKUP("</td><th scope=\"row\">"));
		html_name(h, record_text(r->seats, r->at[k], "name"));
		html_put(h, MARKUP("</th><td>"));
		html_text(h, num_plain(h->mem, h->lang, h->numerals, record_text(r->seats, r->at[k], "seat")));
		html_put(h, MARKUP("</td><td>"));
		if (newborns > 0)
			html_num(h, newborns);
		html_put(h, MARKUP("</td></tr>"));
	}
	html_put(h, MARKUP("</tbody></table>"));
}

static void roll_foot(struct html *h, struct work *w, const struct roll *r, size_t boarded)
{
	bool sealed = !str_is(r->leg.state, "loading");
	html_put(h, MARKUP("<p><b>"));
	html_t(h, sealed ? N_("Heads on board, newborns with them:") : N_("Planned; nobody has boarded yet. People on this roll:"));
	html_put(h, MARKUP(" "));
	html_num(h, sealed ? (int64_t)boarded : (int64_t)r->n);
	html_put(h, MARKUP("</b></p>"));
	if (sealed) {
		html_put(h, MARKUP("<p class=\"small\">"));
		html_t(h, N_("Digest of the boarding list:"));
		html_put(h, MARKUP(" "));
		html_id(h, str_sub(record_text(r->v, 0, "boarding_digest"), 0, 16));
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("<div class=\"signs\"><p>"));
	html_t(h, N_("Lead of the convoy: name, signature"));
	html_put(h, MARKUP("</p><p>"));
	html_t(h, N_("Stamp of the office"));
	html_put(h, MARKUP("</p><p>"));
	html_t(h, N_("Received by: name, post, time"));
	html_put(h, MARKUP("</p></div><p class=\"small copyline\">"));
	html_t(h, N_("Copy no. ___ of 5."));
	html_put(h, MARKUP(" "));
	html_name(h, w->actor.name);
	html_put(h, MARKUP(", "));
	html_time(h, w->now_ms);
	html_put(h, MARKUP("</p>"));
}

int roll_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct roll r;
	struct leg_tally t;
	if (purpose_first(w, q, a))
		return 0;
	if (roll_load(w, q, &r, err) < 0 || tally_leg(w, r.leg.id, &t, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Nominal roll"), .section = "convoy", .personal = true, .sheet = true });
	print_hint(&h);
	html_put(&h, MARKUP("<article class=\"panel sheet\">"));
	letter_head(&h, w, &r);
	roll_rows(&h, &r);
	roll_foot(&h, w, &r, t.boarded);
	html_put(&h, MARKUP("</article>"));
	if (roll_copies_show(&h, w, r.convoy.id, &r.leg, err) < 0)
		return -1;
	page_close(&h, a);
	return 0;
}

/* ---- family cards: the head's name in print only, the code, its picture; no place, no batch ---- */

/* The name of a head as her row has it: who prints cards need not read the person. */
static struct str name_on(const struct grant *rows, struct id person)
{
	for (size_t i = 0; i < grant_count(rows); i++)
		if (id_eq(ref_of(rows, i, "person"), person))
			return record_text(rows, i, "name");
	return (struct str){ 0 };
}

/* The families of the list's rows that travel or are still to travel, each once. */
static void families_of(const struct grant *rows, struct id *out, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < grant_count(rows) && *n < CARDS_MAX; i++) {
		struct str s = grant_record(rows, i)->state;
		struct id family = ref_of(rows, i, "household");
		bool travels = str_is(s, "listed") || str_is(s, "approved") || str_is(s, "boarded"), known = false;
		for (size_t k = 0; k < *n; k++)
			known = known || id_eq(out[k], family);
		if (travels && !known && !id_none(family))
			out[(*n)++] = family;
	}
}

static int card_show(struct html *h, struct str name, struct str code, struct err *err)
{
	html_put(h, MARKUP("<li class=\"card\"><div><b>"));
	html_name(h, name);
	html_put(h, MARKUP("</b><p class=\"code\">"));
	html_id(h, code);
	html_put(h, MARKUP("</p><p class=\"small\">"));
	html_t(h, N_("Show this card when you arrive. Keep it with you."));
	html_put(h, MARKUP("</p></div>"));
	int rc = html_qr(h, str_join(h->mem, STR("JISR1:"), code), N_("The code of this card as a picture"), err);
	html_put(h, MARKUP("</li>"));
	return rc;
}

int cards_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record list;
	const struct grant *rows;
	struct id *families = NEW_ARRAY(w->mem, struct id, CARDS_MAX);
	size_t n, shown = 0;
	if (purpose_first(w, q, a))
		return 0;
	if (record_asked(w, q, "id", "nominal_list", &list, err) < 0 || !record_open(w, list.type, &list.id, 1, err) || rows_open(w, "nominal_list_row", list.id, &rows, err) < 0)
		return -1;
	families_of(rows, families, &n);
	const struct grant *g = record_open(w, type_find(w->node->types, STR("household")), families, n, err);
	if (!g || grant_enter(g, ACT_PRINT, (struct str){ 0 }, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Family cards"), .section = "nominal_list", .personal = true, .sheet = true });
	print_hint(&h);
	html_put(&h, MARKUP("<ul class=\"plain deck\">"));
	for (size_t i = 0; i < n; i++) {
		struct str code = record_text(g, i, "card");
		if (code.n && card_show(&h, name_on(rows, ref_of(g, i, "head")), code, err) < 0)
			return -1;
		shown += code.n > 0;
	}
	html_put(&h, MARKUP("</ul>"));
	if (!shown)
		html_note(&h, "info", ICON_CLOCK, N_("Cards are made when the list is submitted."));
	page_close(&h, a);
	return 0;
}
