#include "report/report.h"
#include "web/pages.h"
#include "web/parts.h"

/* The daily situation report, one sheet of paper, for whoever is signed in and as a public copy; the supervisor gives it out once a day. */

static void batches_show(struct html *h, const struct situation *s)
{
	static const char *const HEADS[] = { N_("Batch"), N_("Month"), N_("Families"), N_("Persons"), N_("Since the report before") };
	html_put(h, MARKUP("<table class=\"roll\"><thead><tr>"));
	for (size_t i = 0; i < COUNT(HEADS); i++) {
		html_put(h, MARKUP("<th scope=\"col\">"));
		html_t(h, HEADS[i]);
		html_put(h, MARKUP("</th>"));
	}
	html_put(h, MARKUP("</tr></thead><tbody>"));
	for (size_t i = 0; i < s->n; i++) {
		html_put(h, MARKUP("<tr><th scope=\"row\">"));
		html_num(h, s->batches[i].batch);
		html_put(h, MARKUP("</th><td>"));
		html_date(h, s->batches[i].month);
		html_put(h, MARKUP("</td><td class=\"n\">"));
		html_num(h, s->batches[i].families);
		html_put(h, MARKUP("</td><td class=\"n\">"));
		html_num(h, s->batches[i].persons);
		html_put(h, MARKUP("</td><td>"));
		if (s->batches[i].fresh)
			html_t(h, N_("new"));
		html_put(h, MARKUP("</td></tr>"));
	}
	html_put(h, MARKUP("<tr><th scope=\"row\" colspan=\"2\">"));
	html_t(h, N_("Together, counted here"));
	html_put(h, MARKUP("</th><td class=\"n\"><b>"));
	html_num(h, s->families);
	html_put(h, MARKUP("</b></td><td class=\"n\"><b>"));
	html_num(h, s->persons);
	html_put(h, MARKUP("</b></td><td></td></tr></tbody></table>"));
}

static int sheet_show(struct work *w, const struct situation *s, struct response *a)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Daily situation report"), .section = "statistics", .sheet = true });
	html_put(&h, MARKUP("<article class=\"panel sheet\"><header class=\"letterhead\"><b>"));
	html_ts(&h, w->node->title);
	html_put(&h, MARKUP("</b><dl><div><dt>"));
	html_t(&h, N_("Subject"));
	html_put(&h, MARKUP("</dt><dd>"));
	html_t(&h, N_("Daily situation report"));
	html_put(&h, MARKUP("</dd></div><div><dt>"));
	html_t(&h, N_("Date"));
	html_put(&h, MARKUP("</dt><dd>"));
	html_date(&h, s->day);
	html_put(&h, MARKUP("</dd></div></dl></header>"));
	batches_show(&h, s);
	para(&h, "small", N_("Families and persons of reconciled batches, as two persons have released them. What arrived less than 72 hours ago is not in it; no place, no age, no name."));
	html_put(&h, MARKUP("<div class=\"signs\"><p>"));
	html_t(&h, N_("Name, post, signature"));
	html_put(&h, MARKUP("</p><p>"));
	html_t(&h, N_("Stamp of the office"));
	html_put(&h, MARKUP("</p></div><p class=\"small copyline\">"));
	html_t(&h, N_("Given out:"));
	html_put(&h, MARKUP(" "));
	html_time(&h, s->at_ms);
	html_put(&h, MARKUP("</p></article>"));
	page_close(&h, a);
	return 0;
}

int situation_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct situation s;
	int rc = situation_find(w, request_param(q, "day"), &s, err);
	return rc == 1 ? sheet_show(w, &s, a) : rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no report of that day");
}

int situations_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct situation *s;
	size_t n;
	(void)q;
	if (situations(w, &s, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Daily situation report"), .section = "statistics" });
	para(&h, "", N_("One page of a day, made of released numbers alone. What is given out stays as it is."));
	if (release_may_ask(w))
		button_form(&h, w, STR("/statistics/situation"), NULL, (struct str){ 0 }, N_("Give out the report of today"));
	if (n == 0)
		html_note(&h, "info", ICON_CLOCK, N_("No report has been given out yet."));
	html_put(&h, MARKUP("<ul class=\"plain\">"));
	for (size_t i = 0; i < n; i++) {
		html_put(&h, MARKUP("<li>"));
		html_href(&h, "/public/situation/%", PARTS(s[i].day));
		html_date(&h, s[i].day);
		html_put(&h, MARKUP("</a> "));
		html_num(&h, s[i].families);
		html_put(&h, MARKUP(" / "));
		html_num(&h, s[i].persons);
		html_put(&h, MARKUP("</li>"));
	}
	html_put(&h, MARKUP("</ul>"));
	page_close(&h, a);
	return 0;
}

int situation_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str day;
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	return situation_release(w, &day, err) < 0 ? -1 : form_end(w, q, a, url_of(w->mem, "/public/situation/%", PARTS(day)), err);
}
