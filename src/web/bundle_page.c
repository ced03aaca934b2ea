#include "exchange/exchange.h"
#include "web/pages.h"
#include "web/parts.h"

/* Messages on a stick, by browser: what `jisr bundle` does, as far as one page may. Whoever carries the file reads nothing: it is sealed for the other office. */

static int may(struct work *w, struct err *err)
{
	if (role_among(w->actor.role, BUNDLE_ROLES))
		return 0;
	w->refusal.reason = STR("role");
	return err_say(err, ERR_FORBIDDEN, N_("Sticks are for the administrator, the liaison desk and the lead of the convoy."), NULL);
}

static int write_form(struct html *h, struct work *w, struct err *err)
{
	struct line_state *s;
	size_t n;
	if (line_states(w, &s, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Write a stick"));
	para(h, "muted", N_("What waits for the office and the answers to what it sent go into one file, which opens at that office alone. A stick that is lost loses nothing: what has no answer goes with the next one again."));
	if (n == 0)
		para(h, "", N_("This office has no partners: nothing leaves it."));
	for (size_t i = 0; i < n; i++) {
		form_open(h, w, "/bundles/write", NULL, 0);
		hidden_input(h, "to", s[i].partner);
		html_put(h, MARKUP("<p>"));
		html_id(h, s[i].partner);
		html_put(h, MARKUP(" "));
		html_t(h, N_("Messages waiting:"));
		html_put(h, MARKUP(" "));
		if (s[i].waiting)
			html_num(h, s[i].waiting);
		else
			html_t(h, N_("none"));
		html_put(h, MARKUP("</p>"));
		submit_button(h, "btn", NULL, NULL, N_("Write the file"));
		html_put(h, MARKUP("</form>"));
	}
	html_put(h, MARKUP("</section>"));
	return 0;
}

static void read_form(struct html *h, struct work *w)
{
	(void)w;
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Read a stick"));
	html_put(h, MARKUP("<form class=\"stack\" method=\"post\" action=\"/bundles/read\" enctype=\"multipart/form-data\"><p><label for=\"file\">"));
	html_t(h, N_("File of another office (.age)"));
	html_put(h, MARKUP("</label><input class=\"in\" type=\"file\" id=\"file\" name=\"file\" required></p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Read the file"));
	html_put(h, MARKUP("</form></section>"));
}

static void taken_show(struct html *h, struct str from, int64_t before_ms, const struct bundle_counts *c)
{
	const struct { const char *label; size_t n; } ROWS[] = { { N_("Messages"), c->messages }, { N_("Applied"), c->applied }, { N_("Wait for what comes before"), c->held },
		{ N_("Refused"), c->refused }, { N_("Known before"), c->again }, { N_("Answers"), c->answers } };
	html_put(h, c->refused || c->held ? MARKUP("<section class=\"note warn\"><div><p><b>") : MARKUP("<section class=\"note ok\"><div><p><b>"));
	html_t(h, N_("Read from:"));
	html_put(h, MARKUP(" "));
	html_id(h, from);
	html_put(h, MARKUP("</b></p>"));
	if (before_ms) {
		html_put(h, MARKUP("<p>"));
		html_t(h, N_("This file was read before; nothing was done twice."));
		html_put(h, MARKUP(" "));
		html_time(h, before_ms);
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("<dl class=\"kv\">"));
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		html_put(h, MARKUP("<dt>"));
		html_t(h, ROWS[i].label);
		html_put(h, MARKUP("</dt><dd>"));
		if (ROWS[i].n)
			html_num(h, (int64_t)ROWS[i].n);
		else
			html_t(h, N_("none"));
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl></div></section>"));
}

static int show(struct work *w, struct str from, int64_t before_ms, const struct bundle_counts *c, struct response *a, struct err *err)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Messages on a stick"), .section = "bundles" });
	if (c)
		taken_show(&h, from, before_ms, c);
	if (write_form(&h, w, err) < 0)
		return -1;
	read_form(&h, w);
	page_close(&h, a);
	return 0;
}

int bundles_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	return may(w, err) < 0 ? -1 : show(w, (struct str){ 0 }, 0, NULL, a, err);
}

int bundle_write_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct bundle_counts c = { 0 };
	struct bytes file;
	bool more;
	struct str to = request_field(q, "to");
	if (may(w, err) < 0 || bundle_file_write(w, to, &file, &c, &more, err) < 0)
		return -1;
	a->type = "application/octet-stream";
	a->body = bytes_str(file);
	/* what is left goes into a second file: the name says that this is one of several */
	response_header(a, "Content-Disposition", str_fmt(w->mem, "attachment; filename=\"jisr-" S_FMT "-%lld%s.age\"", S_ARG(to), (long long)(w->now_ms / 1000), more ? "-more-follows" : ""));
	page_headers(a);
	return 0;
}

int bundle_read_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct bundle_counts c = { 0 };
	struct str from;
	int64_t before;
	if (may(w, err) < 0)
		return -1;
	if (!q->nuploads || !q->uploads[0].content.n)
		return err_say(err, ERR_VALUE, N_("Choose a file."), NULL);
	return bundle_file_read(w, str_bytes(q->uploads[0].content), &from, &before, &c, err) < 0 ? -1 : show(w, from, before, &c, a, err);
}
