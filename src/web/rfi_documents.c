#include "exchange/document.h"
#include "web/channel_parts.h"

/* Documents of a request, page by page. Each look at a page is an entry; the file that is added is read in a sandboxed job, which leaves what the camera wrote behind. */
static const char *const DOCUMENT[] = { "document_kind", "document_title" };

static const struct type *type_of(const struct work *w, const char *name)
{
	return type_find(w->node->types, str_of(name));
}

static struct str here(struct work *w, const struct rfi *x)
{
	return url_of(w->mem, "/rfi/%", PARTS(id_text(w->mem, x->r.id)));
}

/* ---- showing ---- */

static void page_link(struct html *h, struct work *w, const struct rfi *x, struct id page, size_t no, bool removable)
{
	struct str many = num_text(w->mem, w->lang, w->numerals, (int64_t)no);
	struct str where[] = { id_text(w->mem, x->r.id), id_text(w->mem, page) };
	html_put(h, MARKUP("<p><a class=\"btn\" href=\""));
	html_attr(h, url_of(w->mem, "/rfi/%/pages/%", where, COUNT(where)));
	html_put(h, MARKUP("\">"));
	html_text(h, tr_fill(w->mem, tr(w->lang, N_("Look at page %s")), &many, 1, true));
	html_put(h, MARKUP("</a></p>"));
	if (!removable)
		return;
	form_open(h, w, "/rfi/%/pages/%/remove", where, COUNT(where));
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn", NULL, NULL, N_("Remove this page"));
	html_put(h, MARKUP("</p></form>"));
}

static int document_show(struct html *h, struct work *w, const struct rfi *x, const struct grant *g, size_t i, struct err *err)
{
	struct id *pages;
	size_t n;
	if (record_rows(w, "rfi_page", grant_record(g, i)->id, &pages, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<p><b>"));
	html_name(h, record_text(g, i, "document_title"));
	html_put(h, MARKUP("</b> "));
	field_show(h, w, g, i, type_field(grant_record(g, i)->type, STR("document_kind")));
	html_put(h, MARKUP("</p>"));
	for (size_t p = 0; p < n; p++)
		page_link(h, w, x, pages[p], p + 1, x->ours && str_is(x->r.state, "draft") && record_may_create(w, type_of(w, "rfi_subject")));
	if ((int64_t)n < int_of(g, i, "pages"))
		html_note(h, "info", ICON_CLOCK, N_("More pages are on the way: they follow the request one by one."));
	return 0;
}

static bool may_add(const struct work *w, const struct rfi *x, size_t pages)
{
	return x->ours && str_is(x->r.state, "draft") && pages < CHANNEL_PAGES_MAX && record_may_create(w, type_of(w, "rfi_subject"));
}

static void form_show(struct html *h, struct work *w, const struct rfi *x, const struct grant *g, const struct rfi_fault *f)
{
	size_t n = grant_count(g);
	const struct grant *last = n ? record_open_inside(w, type_of(w, "rfi_document"), &grant_record(g, n - 1)->id, 1, NULL) : NULL;
	heading(h, N_("Add a page"));
	para(h, "small muted", N_("Pages are pictures: photograph or scan each one as JPEG, 1.5 MB at most, 8 pages in all. A PDF is not taken. Place and time of the camera are left out."));
	html_put(h, MARKUP("<form class=\"stack\" method=\"post\" enctype=\"multipart/form-data\" action=\""));
	html_attr(h, url_of(w->mem, "/rfi/%/pages", PARTS(id_text(w->mem, x->r.id))));
	html_put(h, MARKUP("\">"));
	hidden_input(h, "form", id_text(w->mem, id_new(w->node->source)));
	inputs_show(h, w, type_of(w, "rfi_document"), DOCUMENT, COUNT(DOCUMENT), last, f);
	html_put(h, MARKUP("<p><label for=\"page\">"));
	html_t(h, N_("Picture of the page"));
	html_put(h, MARKUP("</label><input class=\"in\" type=\"file\" id=\"page\" name=\"page\" accept=\"image/jpeg\" capture=\"environment\" data-shrink required></p><p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Add the page"));
	html_put(h, MARKUP("</p></form>"));
}

int documents_show(struct html *h, struct work *w, const struct rfi *x, const struct rfi_fault *f, struct err *err)
{
	const struct grant *g;
	size_t pages;
	if (rows_open(w, "rfi_document", x->r.id, &g, err) < 0 || documents_pages(w, x->r.id, &pages, err) < 0)
		return -1;
	bool add = may_add(w, x, pages);
	if (!grant_count(g) && !add)
		return 0;
	html_put(h, MARKUP("<section class=\"panel stack\" id=\"document\">"));
	heading(h, N_("Documents"));
	for (size_t i = 0; i < grant_count(g); i++)
		if (document_show(h, w, x, g, i, err) < 0)
			return -1;
	if (add && documents_may_go(w, record_text(x->g, 0, "recipient")))
		form_show(h, w, x, g, f && strcmp(f->form, "document") == 0 ? f : NULL);
	else if (add)
		html_note(h, "info", ICON_LOCK, N_("The agreement with that office names no documents of requests. Describe the document in the request, or send a letter."));
	html_put(h, MARKUP("</section>"));
	return 0;
}

int rfi_page_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record rfi, r;
	struct id page;
	struct bytes raw;
	if (id_parse(request_param(q, "page"), &page) < 0)
		return err_set(err, ERR_NOT_FOUND, "no page of this request");
	if (record_asked(w, q, "id", "rfi", &rfi, err) < 0 || document_page_of(w, rfi.id, page, &r, err) < 0)
		return -1;
	const struct grant *g = record_open(w, r.type, &page, 1, err);
	if (!g)
		return -1;
	if (base64_read(w->mem, record_text(g, 0, "image"), &raw) < 0)
		return err_set(err, ERR_NOT_FOUND, "no picture");
	a->type = "image/jpeg";
	a->body = bytes_str(raw);
	page_headers(a);
	return 0;
}

/* ---- doing ---- */

static struct str file_of(const struct request *q)
{
	for (size_t i = 0; i < q->nuploads; i++)
		if (str_is(q->uploads[i].name, "page"))
			return q->uploads[i].content;
	return (struct str){ 0 };
}

static int after_strip(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	struct rfi x;
	struct draft d = { .fields = fields_typed(w, type_of(w, "rfi_document"), DOCUMENT, COUNT(DOCUMENT), q) };
	struct rfi_fault f = { "document", output.n ? NULL : N_("This is no picture that can be kept. Photograph or scan the page as JPEG."), NULL, q };
	if (rfi_load(w, q, &x, err) < 0)
		return -1;
	if (f.sentence)
		return rfi_show(w, &x, &f, a, err);
	if (document_page_add(w, &x.r, &d, str_bytes(output), err) == 0)
		return form_end(w, q, a, here(w, &x), err);
	f.d = &d;
	return rfi_said_or_up(w, &x, &f, a, err);
}

int rfi_page_add_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	int done = rfi_load(w, q, &x, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (!may_add(w, &x, 0))
		return err_say(err, ERR_CONFLICT, N_("Documents are added to a draft, by a liaison officer."), NULL);
	if (!file_of(q).n)
		return err_say(err, ERR_VALUE, N_("Choose a file first, or the file is empty."), NULL);
	work_job(w, &(struct job){ &WEB_JOB_PHOTO, file_of(q), after_strip });
	return 0;
}

int rfi_page_remove_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct id page;
	int done = rfi_load(w, q, &x, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (id_parse(request_param(q, "page"), &page) < 0)
		return err_set(err, ERR_NOT_FOUND, "no page of this request");
	return document_page_remove(w, &x.r, page, err) < 0 ? -1 : form_end(w, q, a, here(w, &x), err);
}
