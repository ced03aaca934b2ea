#include "exchange/letter.h"
#include "web/pages.h"
#include "web/parts.h"

/* The register of letters that came in: a number of our own, their number and date, and the pages as pictures. */

static const char *const IN_FIELDS[] = { "sender", "their_number", "their_date", "subject_line", "wanted_by" };

static const struct type *in_type(const struct work *w)
{
	return type_find(w->node->types, STR("letter_in"));
}

static struct str scan_of(const struct request *q)
{
	for (size_t i = 0; i < q->nuploads; i++)
		if (str_is(q->uploads[i].name, "scan"))
			return q->uploads[i].content;
	return (struct str){ 0 };
}

static int in_form(struct work *w, const struct request *typed, const struct draft *d, struct response *a)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("A letter came in"), .section = "letter_in", .personal = true, .error = d != NULL });
	html_put(&h, MARKUP("<form class=\"panel stack\" method=\"post\" enctype=\"multipart/form-data\" action=\"/letters/in\">"));
	hidden_input(&h, "form", typed ? request_field(typed, "form") : id_text(w->mem, id_new(w->node->source)));
	for (size_t i = 0; i < COUNT(IN_FIELDS); i++) {
		const struct tfield *f = type_field(in_type(w), str_of(IN_FIELDS[i]));
		const char *fault = NULL;
		for (size_t k = 0; d && k < d->nfaults; k++)
			fault = d->faults[k].field == f ? d->faults[k].sentence : fault;
		field_input(&h, w, f, NULL, typed, fault);
	}
	html_put(&h, MARKUP("<p><label for=\"scan\">"));
	html_t(&h, N_("Scan or photograph (JPEG, at most 1.5 MB; may stay empty)"));
	html_put(&h, MARKUP("</label><input class=\"in\" type=\"file\" id=\"scan\" name=\"scan\" accept=\"image/jpeg\" capture=\"environment\" data-shrink></p><p>"));
	submit_button(&h, "btn go", NULL, NULL, N_("Register the letter"));
	html_put(&h, MARKUP("</p></form>"));
	if (d)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int letter_in_new_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	if (!record_may_create(w, in_type(w)))
		return err_set(err, ERR_FORBIDDEN, "the role registers no letters");
	return purpose_first(w, q, a) ? 0 : in_form(w, NULL, NULL, a);
}

static int register_in(struct work *w, const struct request *q, struct str scan, struct response *a, struct err *err)
{
	struct id id;
	struct draft d = { .type = in_type(w), .unit = w->actor.unit, .fields = json_keep(w->mem, json_object()) };
	for (size_t i = 0; i < COUNT(IN_FIELDS); i++) {
		json_t *v = field_typed(w, type_field(d.type, str_of(IN_FIELDS[i])), q);
		if (v)
			json_object_set_new(d.fields, IN_FIELDS[i], v);
	}
	if (scan.n)
		json_object_set_new(d.fields, "scan", json_new_str(base64(w->mem, str_bytes(scan))));
	if (record_create(w, &d, &id, err) == 0)
		return form_end(w, q, a, url_of(w->mem, "/letters/in/%", PARTS(id_text(w->mem, id))), err);
	if (err->code != ERR_VALUE || d.nfaults == 0)
		return -1;
	*err = (struct err){ 0 };
	return in_form(w, q, &d, a);
}

static int after_strip(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	return output.n ? register_in(w, q, output, a, err) : err_say(err, ERR_VALUE, N_("This is no photograph that can be kept."), NULL);
}

int letter_in_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (!record_may_create(w, in_type(w)))
		return err_set(err, ERR_FORBIDDEN, "the role registers no letters");
	if (!scan_of(q).n)
		return register_in(w, q, (struct str){ 0 }, a, err);
	work_job(w, &(struct job){ &WEB_JOB_PHOTO, scan_of(q), after_strip });
	return 0;
}

/* ---- further pages ---- */

static int pages_show(struct html *h, struct work *w, const struct record *r, struct err *err)
{
	struct id *pages;
	size_t n;
	if (record_rows(w, "letter_in_page", r->id, &pages, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct str no = num_text(w->mem, w->lang, w->numerals, (int64_t)i + 2);
		html_put(h, MARKUP("<p><a class=\"btn\" href=\""));
		html_attr(h, url_of(w->mem, "/letters/in/%/pages/%", PARTS(id_text(w->mem, r->id), id_text(w->mem, pages[i]))));
		html_put(h, MARKUP("\">"));
		html_text(h, tr_fill(w->mem, tr(w->lang, N_("Look at page %s")), &no, 1, true));
		html_put(h, MARKUP("</a></p>"));
	}
	if (!letter_page_may(w, r, n))
		return 0;
	html_put(h, MARKUP("<form class=\"panel stack\" method=\"post\" enctype=\"multipart/form-data\" action=\""));
	html_attr(h, url_of(w->mem, "/letters/in/%/pages", PARTS(id_text(w->mem, r->id))));
	html_put(h, MARKUP("\">"));
	hidden_input(h, "form", id_text(w->mem, id_new(w->node->source)));
	html_put(h, MARKUP("<p><label for=\"scan\">"));
	html_t(h, N_("A further page (JPEG, at most 1.5 MB)"));
	html_put(h, MARKUP("</label><input class=\"in\" type=\"file\" id=\"scan\" name=\"scan\" accept=\"image/jpeg\" capture=\"environment\" data-shrink required></p><p>"));
	submit_button(h, "btn", NULL, NULL, N_("Add the page"));
	html_put(h, MARKUP("</p></form>"));
	return 0;
}

static int after_page(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	struct record r;
	if (!output.n)
		return err_say(err, ERR_VALUE, N_("This is no photograph that can be kept."), NULL);
	return record_asked(w, q, "id", "letter_in", &r, err) < 0 || letter_page_add(w, &r, str_bytes(output), err) < 0 ? -1
	    : form_end(w, q, a, url_of(w->mem, "/letters/in/%", PARTS(id_text(w->mem, r.id))), err);
}

int letter_page_add_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	int done = record_asked(w, q, "id", "letter_in", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (!record_open(w, r.type, &r.id, 1, err))
		return -1;
	if (!scan_of(q).n)
		return err_say(err, ERR_VALUE, N_("Choose a file first, or the file is empty."), NULL);
	work_job(w, &(struct job){ &WEB_JOB_PHOTO, scan_of(q), after_page });
	return 0;
}

/* ---- one of them ---- */

int letter_in_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	if (purpose_first(w, q, a))
		return 0;
	const struct grant *g = record_asked(w, q, "id", "letter_in", &r, err) < 0 ? NULL : record_open(w, r.type, &r.id, 1, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = record_title(w, g, 0), .section = "letter_in", .personal = true });
	state_tag(&h, w, &r);
	moves_as_buttons(&h, w, &r);
	html_put(&h, MARKUP("<section class=\"panel\"><dl class=\"kv wide\">"));
	for (size_t i = 0; i < COUNT(IN_FIELDS); i++) {
		const struct tfield *f = type_field(r.type, str_of(IN_FIELDS[i]));
		html_put(&h, MARKUP("<dt>"));
		html_ts(&h, f->label);
		html_put(&h, MARKUP("</dt><dd>"));
		field_show(&h, w, g, 0, f);
		html_put(&h, MARKUP("</dd>"));
	}
	html_put(&h, MARKUP("</dl></section>"));
	if (record_text(g, 0, "scan").n) {
		html_put(&h, MARKUP("<p><img class=\"scan\" alt=\""));
		html_attr(&h, tr(w->lang, N_("Scan of the letter")));
		html_put(&h, MARKUP("\" src=\""));
		html_attr(&h, url_of(w->mem, "/letters/in/%/scan", PARTS(id_text(w->mem, r.id))));
		html_put(&h, MARKUP("\"></p>"));
	}
	if (pages_show(&h, w, &r, err) < 0)
		return -1;
	html_put(&h, MARKUP("<p class=\"actions\">"));
	if (record_may_create(w, type_find(w->node->types, STR("letter"))))
		link_button(&h, "btn", STR("/r/letter/new?letter_kind=official"), N_("Write the answer"));
	html_put(&h, MARKUP("</p>"));
	page_close(&h, a);
	return 0;
}

static int picture(struct work *w, const struct grant *g, const char *field, struct response *a, struct err *err)
{
	struct bytes raw;
	if (base64_read(w->mem, record_text(g, 0, field), &raw) < 0 || !raw.n)
		return err_set(err, ERR_NOT_FOUND, "no scan");
	a->type = "image/jpeg";
	a->body = bytes_str(raw);
	page_headers(a);
	return 0;
}

int letter_scan_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	const struct grant *g = record_asked(w, q, "id", "letter_in", &r, err) < 0 ? NULL : record_open(w, r.type, &r.id, 1, err);
	return g ? picture(w, g, "scan", a, err) : -1;
}

int letter_page_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record letter, r;
	if (record_asked(w, q, "id", "letter_in", &letter, err) < 0 || record_asked(w, q, "page", "letter_in_page", &r, err) < 0)
		return -1;
	if (!id_eq(r.parent, letter.id))
		return err_set(err, ERR_NOT_FOUND, "no page of this letter");
	const struct grant *g = record_open(w, r.type, &r.id, 1, err);
	return g ? picture(w, g, "image", a, err) : -1;
}
