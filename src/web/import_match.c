#include "web/import_page.h"

/* Which column is which field: guesses are filled in, a person looks, and the source is remembered. */
#define SAMPLES 3u
#define HEADING_ROWS 20u

int import_table_of(struct work *w, const struct import *im, struct sheet *s, struct targets *t, struct err *err)
{
	struct bytes packed;
	if (import_table(w, im, &packed, err) < 0 || sheet_unpack(w->mem, packed, s, err) < 0)
		return -1;
	return targets_make(w->mem, w->node->types, t, err);
}

static void option(struct html *h, struct str value, const char *label, bool selected)
{
	html_put(h, MARKUP("<option value=\""));
	html_attr(h, value);
	html_put(h, MARKUP("\""));
	if (selected)
		html_put(h, MARKUP(" selected"));
	html_put(h, MARKUP(">"));
	html_t(h, label);
	html_put(h, MARKUP("</option>"));
}

static void sample(struct html *h, const struct sheet *s, size_t heading, size_t column)
{
	size_t shown = 0;
	for (size_t r = heading + 1; r < s->nrows && shown < SAMPLES; r++) {
		if (!s->rows[r].cells[column].n || row_is_hxl(s, r))
			continue;
		if (shown++)
			html_put(h, MARKUP(" · "));
		html_name(h, s->rows[r].cells[column]);
	}
}

static void column_row(struct html *h, struct work *w, const struct sheet *s, const struct targets *t, const struct mapping *m, size_t c)
{
	struct str name = str_fmt(w->mem, "c%zu", c), heading = s->rows[m->heading].cells[c];
	html_put(h, MARKUP("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><label for=\""));
	html_attr(h, name);
	html_put(h, MARKUP("\">"));
	if (heading.n)
		html_name(h, heading);
	else
		html_t(h, N_("Column without a heading"));
	html_put(h, MARKUP("</label></th><td role=\"cell\" data-l=\""));
	html_attr(h, tr(w->lang, N_("First values")));
	html_put(h, MARKUP("\">"));
	sample(h, s, m->heading, c);
	html_put(h, MARKUP("</td><td role=\"cell\" data-l=\""));
	html_attr(h, tr(w->lang, N_("Is")));
	html_put(h, MARKUP("\"><select class=\"in\" id=\""));
	html_attr(h, name);
	html_put(h, MARKUP("\" name=\""));
	html_attr(h, name);
	html_put(h, MARKUP("\">"));
	option(h, (struct str){ 0 }, N_("Not taken"), m->to[c] < 0);
	for (size_t i = 0; i < t->n; i++)
		option(h, t->at[i].key, t->at[i].label, m->to[c] == (int)i);
	html_put(h, MARKUP("</select></td></tr>"));
}

static void heading_choice(struct html *h, struct work *w, const struct sheet *s, const struct mapping *m)
{
	html_put(h, MARKUP("<p><label for=\"heading\">"));
	html_t(h, N_("The headings stand in row"));
	html_put(h, MARKUP("</label><select class=\"in\" id=\"heading\" name=\"heading\">"));
	for (size_t r = 0; r < s->nrows && r < HEADING_ROWS; r++) {
		html_put(h, MARKUP("<option value=\""));
		html_text(h, str_fmt(w->mem, "%zu", r));
		html_put(h, MARKUP("\""));
		if (r == m->heading)
			html_put(h, MARKUP(" selected"));
		html_put(h, MARKUP(">"));
		html_num(h, s->rows[r].number);
		html_put(h, MARKUP("</option>"));
	}
	html_put(h, MARKUP("</select></p>"));
}

static void matching_form(struct html *h, struct work *w, const struct import *im, const struct sheet *s, const struct targets *t, const struct mapping *m)
{
	import_form(h, w, im, "/import/%/columns");
	heading_choice(h, w, s, m);
	html_put(h, MARKUP("<table class=\"cards\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\"><th scope=\"col\" role=\"columnheader\">"));
	html_t(h, N_("Heading in the file"));
	html_put(h, MARKUP("</th><th scope=\"col\" role=\"columnheader\">"));
	html_t(h, N_("First values"));
	html_put(h, MARKUP("</th><th scope=\"col\" role=\"columnheader\">"));
	html_t(h, N_("Is"));
	html_put(h, MARKUP("</th></tr></thead><tbody role=\"rowgroup\">"));
	for (size_t c = 0; c < s->ncolumns; c++)
		column_row(h, w, s, t, m, c);
	html_put(h, MARKUP("</tbody></table><p class=\"hint\">"));
	html_t(h, N_("A name in several columns: choose Full name for each, they are joined in their order. A family's number may stand on its first row only."));
	html_put(h, MARKUP("</p><p><button class=\"btn go\">"));
	html_t(h, N_("Check the rows"));
	html_put(h, MARKUP("</button></p></form>"));
}

static void typed_mapping(const struct request *q, const struct targets *t, const struct sheet *s, struct arena *mem, struct mapping *m)
{
	uint64_t heading = 0;
	memset(m, 0, sizeof *m);
	memset(m->to, -1, sizeof m->to);
	str_u64(request_field(q, "heading"), &heading);
	m->heading = heading < s->nrows ? (size_t)heading : 0;
	for (size_t c = 0; c < s->ncolumns; c++)
		m->to[c] = (int8_t)target_find(t, request_field(q, str_z(mem, str_fmt(mem, "c%zu", c))));
}

int import_matching_page(struct work *w, const struct import *im, struct html *h, const struct request *typed, const char *wrong, const char *arg, struct err *err)
{
	struct sheet s;
	struct targets t;
	struct mapping m;
	if (import_table_of(w, im, &s, &t, err) < 0 || import_seen(w, ACT_READ, s.nrows < HEADING_ROWS ? s.nrows : HEADING_ROWS, err) < 0)
		return -1;
	if (typed)
		typed_mapping(typed, &t, &s, w->mem, &m);
	else
		columns_guess(w->mem, &t, &s, &m);
	if (wrong) {
		struct str label = tr(w->lang, arg);
		html_put(h, MARKUP("<div class=\"note bad\" role=\"alert\">"));
		html_icon(h, ICON_WARN);
		html_put(h, MARKUP("<span>"));
		html_text(h, tr_fill(w->mem, tr(w->lang, wrong), &label, 1, true));
		html_put(h, MARKUP("</span></div>"));
	}
	html_put(h, MARKUP("<section class=\"panel stack\"><h2>"));
	html_t(h, N_("Which column is what?"));
	html_put(h, MARKUP("</h2><p>"));
	html_t(h, N_("This list does not follow the template. Look at the guesses, correct them, and the next list of this kind goes straight on."));
	html_put(h, MARKUP("</p>"));
	matching_form(h, w, im, &s, &t, &m);
	import_form(h, w, im, "/import/%/cancel");
	html_put(h, MARKUP("<p><button class=\"btn\">"));
	html_t(h, N_("Withdraw this import"));
	html_put(h, MARKUP("</button></p></form></section>"));
	return 0;
}

static int after_check(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	struct import im;
	if (import_of_request(w, q, &im, err) < 0)
		return -1;
	struct str location = url_of(w->mem, "/import/%", PARTS(id_text(w->mem, im.id)));
	response_see(a, location);
	if (!str_is(im.state, "matching"))
		return 0;
	return import_checked(w, &im, output, err) < 0 ? -1 : done_keep(w, q, location, err);
}

int import_columns_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct import im;
	struct sheet s;
	struct targets t;
	struct mapping m;
	struct bytes packed;
	struct str location;
	const char *arg = NULL;
	if (import_may(w, q, a, err) < 0 || import_of_request(w, q, &im, err) < 0)
		return -1;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (!str_is(im.state, "matching"))
		return err_say(err, ERR_CONFLICT, N_("This import has gone on already."), NULL);
	if (import_table_of(w, &im, &s, &t, err) < 0 || import_table(w, &im, &packed, err) < 0)
		return -1;
	typed_mapping(q, &t, &s, w->mem, &m);
	const char *wrong = mapping_wrong(&t, &m, &arg);
	if (wrong) {
		struct html h = html_new(w);
		page_open(&h, w, &(struct page){ .title = N_("Import of families"), .section = "import", .personal = true, .error = true });
		a->status = 422;
		if (import_matching_page(w, &im, &h, q, wrong, arg, err) < 0)
			return -1;
		page_close(&h, a);
		return 0;
	}
	json_t *mapping = mapping_json(w->mem, &t, &m, s.ncolumns);
	if (import_remember(w, columns_signature(w->mem, &s, m.heading), mapping, err) < 0)
		return -1;
	work_job(w, &(struct job){ &IMPORT_JOB_CHECK, import_check_input(w, mapping, packed), after_check });
	return 0;
}
