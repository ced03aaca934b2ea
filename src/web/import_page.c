#include "web/import_page.h"

/* Upload, progress and receipt. A page shows one state of the import; its address stays the same. */

static const struct { const char *state, *label, *tag; } STATES[] = {
	{ "matching", N_("Waits: which column is what"), "warn" }, { "comparing", N_("Is compared with the register"), "info" }, { "ready", N_("Waits for your confirmation"), "warn" },
	{ "running", N_("Is being registered"), "info" }, { "done", N_("Registered"), "ok" }, { "stopped", N_("Stopped"), "bad" }, { "withdrawn", N_("Withdrawn, nothing was registered"), "bad" },
};

int import_may(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	if (!record_may_create(w, type_find(w->node->types, STR("household"))))
		return err_set(err, ERR_FORBIDDEN, "the role registers nobody");
	if (w->purpose.n)
		return 0;
	if (q->method == POST)
		return err_say(err, ERR_FORBIDDEN, N_("Choose a purpose first: records about people are opened for a purpose only."), NULL);
	response_see(a, url_of(w->mem, "/purpose?next=%", PARTS(q->path)));
	return 1;
}

int import_of_request(struct work *w, const struct request *q, struct import *im, struct err *err)
{
	struct id id;
	if (id_parse(request_param(q, "id"), &id) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such import");
	return import_find(w, id, im, err);
}

void import_form(struct html *h, struct work *w, const struct import *im, const char *pattern)
{
	form_open(h, w, pattern, PARTS(id_text(w->mem, im->id)));
}

static void state_tag(struct html *h, struct str state)
{
	for (size_t i = 0; i < COUNT(STATES); i++) {
		if (!str_is(state, STATES[i].state))
			continue;
		html_put(h, MARKUP("<span class=\"tag "));
		html_attr(h, str_of(STATES[i].tag));
		html_put(h, MARKUP("\">"));
		html_t(h, STATES[i].label);
		html_put(h, MARKUP("</span>"));
	}
}

static void upload_form(struct html *h, struct work *w)
{
	html_put(h, MARKUP("<section class=\"panel stack\"><h2>"));
	html_t(h, N_("Upload a list"));
	html_put(h, MARKUP("</h2><p>"));
	html_t(h, N_("One row for each person; the family's number groups a family. XLSX or CSV. Nothing is registered before you confirm it."));
	html_put(h, MARKUP("</p><p><a class=\"btn\" href=\"/import/template.xlsx\">"));
	html_t(h, N_("Download the template (XLSX)"));
	html_put(h, MARKUP("</a></p><form class=\"stack\" method=\"post\" action=\"/import\" enctype=\"multipart/form-data\"><input type=\"hidden\" name=\"form\" value=\""));
	html_attr(h, id_text(w->mem, id_new(w->node->source)));
	html_put(h, MARKUP("\"><p><label for=\"file\">"));
	html_t(h, N_("File with the list"));
	html_put(h, MARKUP("</label><input class=\"in\" type=\"file\" id=\"file\" name=\"file\" required accept=\".xlsx,.csv,.txt\"></p><p><button class=\"btn go\">"));
	html_t(h, N_("Upload and check"));
	html_put(h, MARKUP("</button></p></form></section>"));
}

static void earlier(struct html *h, struct work *w, const struct import *im, size_t n)
{
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, N_("Earlier imports"));
	html_put(h, MARKUP("</h2>"));
	if (n == 0) {
		html_put(h, MARKUP("<p class=\"muted\">"));
		html_t(h, N_("None yet."));
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("<ul class=\"plain stack\">"));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<li>"));
		html_href(h, "/import/%", PARTS(id_text(w->mem, im[i].id)));
		html_time(h, im[i].created);
		html_put(h, MARKUP("</a> "));
		state_tag(h, im[i].state);
		html_put(h, MARKUP(" <span class=\"muted\">"));
		html_t(h, N_("Rows"));
		html_put(h, MARKUP(": "));
		html_num(h, im[i].rows);
		html_put(h, MARKUP("</span></li>"));
	}
	html_put(h, MARKUP("</ul></section>"));
}

int import_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct import *list;
	size_t n;
	int answered = import_may(w, q, a, err);
	if (answered)
		return answered < 0 ? -1 : 0;
	if (import_list(w, &list, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Import of families"), .section = "import", .personal = true });
	upload_form(&h, w);
	earlier(&h, w, list, n);
	page_close(&h, a);
	return 0;
}

static void fact(struct html *h, const char *label, int64_t n)
{
	html_put(h, MARKUP("<div><dt>"));
	html_t(h, label);
	html_put(h, MARKUP("</dt><dd class=\"big\">"));
	html_num(h, n);
	html_put(h, MARKUP("</dd></div>"));
}

/* While slices run: how far it is, and that nobody needs to wait here. */
static void progress(struct html *h, struct work *w, const struct import *im, struct response *a)
{
	bool running = str_is(im->state, "running");
	int64_t all = im->chunks > 1 ? im->chunks - 1 : 1, done = im->place > 1 ? im->place - 1 : 0;
	html_put(h, MARKUP("<section class=\"panel stack\" aria-live=\"polite\"><h2>"));
	running ? html_t(h, N_("The families are being registered")) : html_t(h, N_("The rows are compared with the register"));
	html_put(h, MARKUP("</h2><p><progress max=\""));
	html_text(h, str_fmt(w->mem, "%lld", (long long)all));
	html_put(h, MARKUP("\" value=\""));
	html_text(h, str_fmt(w->mem, "%lld", (long long)done));
	html_put(h, MARKUP("\"></progress></p><p>"));
	html_t(h, N_("Part done, in percent:"));
	html_put(h, MARKUP(" <b>"));
	html_num(h, done * 100 / all);
	html_put(h, MARKUP("</b></p><p class=\"muted\">"));
	html_t(h, N_("You may close this page: the work goes on."));
	html_put(h, MARKUP("</p><p><a class=\"btn\" href=\""));
	html_attr(h, url_of(w->mem, "/import/%", PARTS(id_text(w->mem, im->id))));
	html_put(h, MARKUP("\">"));
	html_t(h, N_("Show again"));
	html_put(h, MARKUP("</a></p>"));
	import_form(h, w, im, "/import/%/cancel");
	html_put(h, MARKUP("<p><button class=\"btn\">"));
	running ? html_t(h, N_("Stop here")) : html_t(h, N_("Withdraw this import"));
	html_put(h, MARKUP("</button></p></form></section>"));
	response_header(a, "Refresh", STR("2"));
}

static void faulty_link(struct html *h, struct work *w, const struct import *im)
{
	if (im->rows == im->good || im->wrapped.n == 0)
		return;
	html_put(h, MARKUP("<p><a class=\"btn\" href=\""));
	html_attr(h, url_of(w->mem, "/import/%/faults.xlsx", PARTS(id_text(w->mem, im->id))));
	html_put(h, MARKUP("\">"));
	html_t(h, N_("Download the rows with errors (XLSX)"));
	html_put(h, MARKUP("</a></p>"));
}

static void receipt(struct html *h, struct work *w, const struct import *im, bool again)
{
	if (again)
		html_note(h, "info", ICON_CHECK, N_("This file was uploaded before. Here is what became of it; nothing was registered twice."));
	if (str_is(im->state, "withdrawn"))
		html_note(h, "info", ICON_CLOCK, N_("Nothing was registered. What was uploaded has been destroyed."));
	else if (str_is(im->state, "stopped"))
		html_note(h, "warn", ICON_WARN, N_("The import was stopped. What had been registered stays; the rest was destroyed."));
	else
		html_note(h, "ok", ICON_CHECK, N_("The families are in the register."));
	html_put(h, MARKUP("<dl class=\"facts\">"));
	fact(h, N_("Rows in the file"), im->rows);
	fact(h, N_("People registered"), im->people);
	fact(h, N_("Families"), im->homes);
	fact(h, N_("In the register already"), im->skipped);
	fact(h, N_("Not taken"), im->rows - im->good + im->refused);
	html_put(h, MARKUP("</dl>"));
	faulty_link(h, w, im);
	html_put(h, MARKUP("<p class=\"actions\"><a class=\"btn go\" href=\"/r/household\">"));
	html_t(h, N_("To the families"));
	html_put(h, MARKUP("</a><a class=\"btn\" href=\"/import\">"));
	html_t(h, N_("Another list"));
	html_put(h, MARKUP("</a></p>"));
}

int import_one_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct import im;
	int answered = import_may(w, q, a, err), rc = 0;
	if (answered)
		return answered < 0 ? -1 : 0;
	if (import_of_request(w, q, &im, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Import of families"), .section = "import", .personal = true });
	if (str_is(im.state, "matching"))
		rc = import_matching_page(w, &im, &h, NULL, NULL, NULL, err);
	else if (str_is(im.state, "comparing") || str_is(im.state, "running"))
		progress(&h, w, &im, a);
	else if (str_is(im.state, "ready"))
		rc = import_ready_page(w, &im, q, &h, err);
	else
		receipt(&h, w, &im, request_query(q, "again").n > 0);
	if (rc < 0)
		return -1;
	page_close(&h, a);
	return 0;
}
