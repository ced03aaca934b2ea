#include "exchange/recall.h"
#include "report/sheet.h"
#include "web/pages.h"
#include "web/session.h"
#include "web/statistics_i.h"

/* Statistics: for everybody who is signed in, and a copy for strangers that holds released figures only. The return desk sees here, too, what can be
   released and what waits for a second person. */

static void head(struct html *h, bool open)
{
	html_put(h, MARKUP("<div class=\"head\"><p class=\"muted\">"));
	html_t(h, N_("What is counted here comes from the lists of these offices, what the source says from a published article; the two never mix. There is no name on this page."));
	html_put(h, MARKUP("</p><div class=\"actions\"><a class=\"btn\" href=\""));
	html_text(h, str_of(open ? "/public/statistics.xlsx" : "/statistics.xlsx"));
	html_put(h, MARKUP("\">"));
	html_t(h, N_("File for Excel"));
	html_put(h, MARKUP("</a><a class=\"btn\" href=\""));
	html_text(h, str_of(open ? "/public/statistics.csv" : "/statistics.csv"));
	html_put(h, MARKUP("\">"));
	html_t(h, N_("CSV file"));
	html_put(h, open ? MARKUP("</a></div></div>") : MARKUP("</a><a class=\"btn\" href=\"/statistics/situation\">"));
	if (open)
		return;
	html_t(h, N_("Daily situation report"));
	html_put(h, MARKUP("</a></div></div>"));
}

static const char *waits_text(enum waits waits)
{
	static const char *const TEXT[] = { [WAITS_NOT] = N_("can be released"), [WAITS_EMBARGO] = N_("waits: 72 hours after arrival have not passed"),
		[WAITS_SMALL_CHANGE] = N_("waits for the next release: the change is of fewer than 10 persons"), [WAITS_UNCHANGED] = N_("released") };
	return TEXT[waits];
}

static void level_row(struct html *h, int64_t batch, struct str month, int64_t families, int64_t persons, const char *state)
{
	html_put(h, MARKUP("<tr><th scope=\"row\">"));
	html_num(h, batch);
	html_put(h, MARKUP("</th><td>"));
	html_date(h, month);
	html_put(h, MARKUP("</td><td class=\"n\">"));
	html_num(h, families);
	html_put(h, MARKUP("</td><td class=\"n\">"));
	html_num(h, persons);
	html_put(h, MARKUP("</td>"));
	if (state) {
		html_put(h, MARKUP("<td>"));
		statistics_text(h, state);
		html_put(h, MARKUP("</td>"));
	}
	html_put(h, MARKUP("</tr>"));
}

static void level_head(struct html *h, bool state)
{
	static const char *const HEADS[] = { N_("Batch"), N_("Month"), N_("Families"), N_("Persons"), N_("State") };
	html_put(h, MARKUP("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"s-n\"><table><thead><tr>"));
	for (size_t i = 0; i < COUNT(HEADS) - !state; i++) {
		html_put(h, i == 2 || i == 3 ? MARKUP("<th scope=\"col\" class=\"n\">") : MARKUP("<th scope=\"col\">"));
		html_t(h, HEADS[i]);
		html_put(h, MARKUP("</th>"));
	}
	html_put(h, MARKUP("</tr></thead><tbody>"));
}

/* One waits: the asker is told so, another person decides. */
static int decide_part(struct html *h, struct work *w, const struct release *r, struct err *err)
{
	struct released_batch *b;
	size_t n;
	if (released_batches(w, r->id, &b, &n, err) < 0)
		return -1;
	level_head(h, false);
	for (size_t i = 0; i < n; i++)
		level_row(h, b[i].batch, b[i].date, b[i].families, b[i].persons, NULL);
	html_put(h, MARKUP("</tbody></table></div>"));
	if (id_eq(r->asked_by, w->actor.account)) {
		html_note(h, "info", ICON_LOCK, N_("You asked for this: another person must decide."));
		return 0;
	}
	form_open(h, w, "/statistics/releases/%", PARTS(id_text(w->mem, r->id)));
	html_put(h, MARKUP("<p class=\"actions\"><button class=\"btn\" name=\"answer\" value=\"yes\">"));
	html_t(h, N_("Release these numbers"));
	html_put(h, MARKUP("</button><button class=\"btn\" name=\"answer\" value=\"no\">"));
	html_t(h, N_("Do not release"));
	html_put(h, MARKUP("</button></p></form>"));
	return 0;
}

static int ask_part(struct html *h, struct work *w, struct err *err)
{
	struct counted_batch *b;
	size_t n, ready = 0;
	if (counted_batches(w, &b, &n, err) < 0)
		return -1;
	if (n == 0) {
		html_put(h, MARKUP("<p class=\"muted\">"));
		html_t(h, N_("No list has been reconciled yet, so nothing is counted."));
		html_put(h, MARKUP("</p>"));
		return 0;
	}
	level_head(h, true);
	for (size_t i = 0; i < n; i++) {
		level_row(h, b[i].batch, b[i].date, b[i].families, b[i].persons, waits_text(b[i].waits));
		ready += b[i].waits == WAITS_NOT;
	}
	html_put(h, MARKUP("</tbody></table></div>"));
	if (!ready || !release_may_ask(w))
		return 0;
	form_open(h, w, "/statistics/releases", NULL, 0);
	html_put(h, MARKUP("<p><button class=\"btn go\">"));
	html_t(h, N_("Ask for the release"));
	html_put(h, MARKUP("</button></p></form>"));
	return 0;
}

static int desk(struct html *h, struct work *w, struct err *err)
{
	struct release waiting;
	int found = release_waiting(w, &waiting, err);
	if (found < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel stack\" aria-labelledby=\"s-n\"><h2 id=\"s-n\">"));
	html_t(h, found ? N_("A release waits for its second person") : N_("Counted in this office"));
	html_put(h, MARKUP("</h2>"));
	if ((found ? decide_part(h, w, &waiting, err) : ask_part(h, w, err)) < 0)
		return -1;
	html_put(h, MARKUP("</section>"));
	return 0;
}

/* Said in public, also where it is none: how many erasures partners owe this office beyond their time (DESIGN 7). */
static void overdue_show(struct html *h, struct work *w)
{
	int64_t n = erasures_overdue(w);
	html_put(h, MARKUP("<p>"));
	html_t(h, N_("Erasures that partners owe this office for more than 7 days:"));
	html_put(h, MARKUP(" <b>"));
	if (n > 0)
		html_num(h, n);
	else
		html_t(h, N_("None"));
	html_put(h, MARKUP("</b></p>"));
}

static int statistics_show(struct work *w, bool open, struct response *a, struct err *err)
{
	struct statistics s = { .open = open };
	if (source_figures(w->mem, &s.source, err) < 0 || released_batches(w, (struct id){ 0 }, &s.counted, &s.ncounted, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Return statistics"), .section = "statistics", .figures = true });
	head(&h, open);
	statistics_facts(&h, &s);
	statistics_note(&h, N_("Only what arrived more than 72 hours ago, was reconciled and was released by two persons appears here. Totals of a batch and month are not rounded; anything finer is rounded to 5, and below 10 it is hidden."));
	if (!open && release_may_decide(w) && desk(&h, w, err) < 0)
		return -1;
	if (statistics_batches(&h, w, &s, err) < 0 || statistics_origins(&h, w, &s, err) < 0 || statistics_ages(&h, w, &s, err) < 0)
		return -1;
	statistics_flow(&h, w, &s);
	statistics_claims(&h, &s);
	statistics_words(&h);
	if (statistics_releases(&h, w, err) < 0)
		return -1;
	overdue_show(&h, w);
	html_put(&h, MARKUP("<p class=\"small muted src\">"));
	statistics_text(&h, N_("Source: European Centre for Counterterrorism and Intelligence Studies, article of 25 May 2025. Public sources number the sixth batch differently; both are kept. Boundaries: made with Natural Earth; they express no legal opinion."));
	html_put(&h, MARKUP("</p>"));
	page_close(&h, a);
	return 0;
}

int statistics_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	return statistics_show(w, false, a, err);
}

int statistics_public_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	return statistics_show(w, true, a, err);
}

int statistics_csv(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	bool plain = str_is(request_query(q, "plain"), "1");
	struct sheet s;
	if (sheet_of(w, plain, &s, err) < 0)
		return -1;
	a->body = sheet_csv(w->mem, &s, plain);
	a->type = "text/csv; charset=utf-8";
	response_header(a, "Content-Disposition", STR("attachment; filename=\"statistics.csv\""));
	page_headers(a);
	return 0;
}

static int xlsx_ready(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	(void)w;
	(void)q;
	if (!output.n)
		return err_set(err, ERR_BUSY, "the job of the workbook died");
	a->body = output;
	a->type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	response_header(a, "Content-Disposition", STR("attachment; filename=\"statistics.xlsx\""));
	page_headers(a);
	return 0;
}

int statistics_xlsx(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct sheet s;
	(void)q;
	(void)a;
	if (sheet_of(w, false, &s, err) < 0)
		return -1;
	work_job(w, &(struct job){ &REPORT_JOB_XLSX, sheet_job_input(w->mem, &s), xlsx_ready });
	return 0;
}

static int done_with(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	response_see(a, STR("/statistics"));
	return done_keep(w, q, STR("/statistics"), err);
}

int release_ask_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str location;
	struct id id;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	return release_ask(w, &id, err) < 0 ? -1 : done_with(w, q, a, err);
}

int release_decide_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str location, answer = request_field(q, "answer");
	struct id id;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (id_parse(request_param(q, "id"), &id) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such release");
	if (!str_is(answer, "yes") && !str_is(answer, "no"))
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return release_decide(w, id, str_is(answer, "yes"), err) < 0 ? -1 : done_with(w, q, a, err);
}
