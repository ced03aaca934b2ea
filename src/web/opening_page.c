#include "exchange/opened.h"
#include "web/field.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/table.h"

/* One record opened for oversight and data protection together: asked with a ground, agreed to, read for 24 hours. */
#define LOOK "OVERSIGHT DPO"
#define ROWS_SHOWN 500

static int may(struct work *w, struct err *err)
{
	if (role_among(w->actor.role, LOOK))
		return 0;
	w->refusal.reason = STR("role");
	return err_say(err, ERR_FORBIDDEN, N_("Only oversight and data protection together open the content of a record."), NULL);
}

static const struct code_list *grounds(const struct work *w)
{
	for (size_t i = 0; i < w->node->types->ncodes; i++)
		if (str_is(w->node->types->codes[i].name, "opening_reason"))
			return &w->node->types->codes[i];
	return NULL;
}

static struct str ground_label(struct work *w, struct str reason)
{
	const struct code *c = grounds(w) ? code_find(grounds(w), reason) : NULL;
	return c ? tr(w->lang, str_z(w->mem, c->label)) : reason;
}

static struct str type_label(struct work *w, struct str name)
{
	const struct type *t = type_find(w->node->types, name);
	return t ? tr(w->lang, str_z(w->mem, t->title)) : name;
}

static void ours_row(struct html *h, struct work *w, struct columns c, const struct opening *o)
{
	const char *state = !o->until ? N_("Waits for the second person") : o->until > w->now_ms ? N_("Open now") : N_("Closed");
	row_open(h);
	cell_open(h, c, 0);
	html_href(h, "/openings/%", PARTS(id_text(w->mem, o->id)));
	html_text(h, type_label(w, o->type));
	html_put(h, MARKUP("</a>"));
	cell_close(h, 0);
	cell_text(h, c, 1, ground_label(w, o->reason));
	cell_open(h, c, 2);
	html_time(h, o->at);
	cell_close(h, 2);
	cell_tag(h, c, 3, !o->until ? "warn" : o->until > w->now_ms ? "bad" : "", tr(w->lang, state));
	cell_open(h, c, 4);
	if (o->until)
		html_time(h, o->until);
	cell_close(h, 4);
	row_close(h);
}

static int theirs_show(struct html *h, struct work *w, struct err *err)
{
	static const char *const C[] = { N_("Partner"), N_("What"), N_("Ground"), N_("Opened"), N_("Until") };
	struct columns c = { C, COUNT(C) };
	struct opened_there *x;
	size_t n;
	if (opened_theirs(w, &x, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("What other offices have told"));
	if (!n)
		para(h, "muted", N_("None"));
	else
		table_open(h, c);
	for (size_t i = 0; i < n; i++) {
		row_open(h);
		cell_text(h, c, 0, x[i].partner);
		cell_text(h, c, 1, type_label(w, x[i].type));
		cell_text(h, c, 2, ground_label(w, x[i].reason));
		cell_open(h, c, 3);
		html_time(h, x[i].at);
		cell_close(h, 3);
		cell_open(h, c, 4);
		html_time(h, x[i].until);
		cell_close(h, 4);
		row_close(h);
	}
	if (n)
		table_close(h);
	html_put(h, MARKUP("</section>"));
	return 0;
}

static int form_show(struct html *h, struct work *w, struct str record)
{
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Open the content of one record"));
	para(h, "small", N_("Oversight and data protection together, for 24 hours. Health, protection, security and justice stay closed. Every office that has the record, and the oversight bodies, are told."));
	form_open(h, w, "/openings", NULL, 0);
	input_show(h, &(struct input){ .name = "record", .label = N_("Address of the record's page"), .mode = "text", .value = record, .required = true });
	html_put(h, MARKUP("<p><label class=\"lbl\" for=\"reason\">"));
	html_t(h, N_("Ground"));
	html_put(h, MARKUP("</label><select class=\"in\" id=\"reason\" name=\"reason\" required><option value=\"\"></option>"));
	for (size_t i = 0; grounds(w) && i < grounds(w)->n; i++) {
		html_put(h, MARKUP("<option value=\""));
		html_attr(h, grounds(w)->codes[i].value);
		html_put(h, MARKUP("\">"));
		html_ts(h, grounds(w)->codes[i].label);
		html_put(h, MARKUP("</option>"));
	}
	html_put(h, MARKUP("</select></p><p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Ask, a second person decides"));
	html_put(h, MARKUP("</p></form></section>"));
	return 0;
}

int openings_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const C[] = { N_("What"), N_("Ground"), N_("Asked"), N_("State"), N_("Until") };
	struct columns c = { C, COUNT(C) };
	struct opening *x;
	size_t n;
	if (may(w, err) < 0 || opening_list(w, &x, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Records opened for oversight"), .section = "log" });
	html_put(&h, MARKUP("<section class=\"panel flush\">"));
	if (n)
		table_open(&h, c);
	else
		para(&h, "muted pad", N_("None"));
	for (size_t i = 0; i < n; i++)
		ours_row(&h, w, c, &x[i]);
	if (n)
		table_close(&h);
	html_put(&h, MARKUP("</section>"));
	if (form_show(&h, w, request_query(q, "record")) < 0 || theirs_show(&h, w, err) < 0)
		return -1;
	page_close(&h, a);
	return 0;
}

/* An address or an id: whatever stands behind the last stroke. */
static struct str last_part(struct str s)
{
	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == '/')
			return str_sub(s, i + 1, s.n);
	return s;
}

int opening_ask_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id record, id;
	int done = may(w, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (id_parse(last_part(str_trim(request_field(q, "record"))), &record) < 0)
		return err_say(err, ERR_VALUE, N_("This is no address of a record."), NULL);
	return opening_ask(w, record, request_field(q, "reason"), &id, err) < 0 ? -1 : form_end(w, q, a, url_of(w->mem, "/openings/%", PARTS(id_text(w->mem, id))), err);
}

void opened_show(struct html *h, struct work *w, struct id record)
{
	if (openings_of(w, record) > 0 || opened_elsewhere(w, record) > 0)
		html_note(h, "info", ICON_LOCK, N_("Its content was opened for oversight and data protection together."));
	if (role_among(w->actor.role, LOOK))
		link_button(h, "btn", url_of(w->mem, "/openings?record=%", PARTS(id_text(w->mem, record))), N_("Ask to open its content"));
}

/* ---- one of them ---- */

static void fields_show(struct html *h, struct work *w, const struct grant *g, size_t i)
{
	const struct type *t = grant_record(g, i)->type;
	html_put(h, MARKUP("<dl class=\"kv wide\">"));
	for (size_t k = 0; k < t->nfields; k++) {
		const struct tfield *f = &t->fields[k];
		if (f->hidden || f->kind == KIND_IMAGE || !record_covered(g, i, str_z(w->mem, f->name)) || !record_value(g, i, str_z(w->mem, f->name)))
			continue;
		html_put(h, MARKUP("<dt>"));
		html_ts(h, f->label);
		html_put(h, MARKUP("</dt><dd>"));
		field_show_clear(h, w, g, i, f);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl>"));
}

static int rows_of(struct html *h, struct work *w, const struct record *r, const struct type *t, struct err *err)
{
	struct id *ids;
	size_t n;
	if (!str_eq(t->parent_type, r->type->name) || t->about != ABOUT_NOBODY)
		return 0;
	if (record_rows(w, str_z(w->mem, t->name), r->id, &ids, &n, err) < 0)
		return -1;
	n = n < ROWS_SHOWN ? n : ROWS_SHOWN;
	const struct grant *g = n ? record_open(w, t, ids, n, err) : NULL;
	if (n && !g)
		return -1;
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<section class=\"panel\"><h3>"));
		html_ts(h, t->title);
		html_put(h, MARKUP(" "));
		html_num(h, (int64_t)i + 1);
		html_put(h, MARKUP("</h3>"));
		fields_show(h, w, g, i);
		html_put(h, MARKUP("</section>"));
	}
	return 0;
}

static int content_show(struct html *h, struct work *w, const struct opening *o, struct err *err)
{
	struct record r;
	if (record_head(w, o->record, &r, err) < 0)
		return -1;
	const struct grant *g = record_open(w, r.type, &r.id, 1, err);
	if (!g)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_name(h, record_title(w, g, 0));
	html_put(h, MARKUP("</h2>"));
	fields_show(h, w, g, 0);
	html_put(h, MARKUP("</section>"));
	for (size_t i = 0; i < w->node->types->n; i++)
		if (rows_of(h, w, &r, &w->node->types->at[i], err) < 0)
			return -1;
	return 0;
}

static void waits_show(struct html *h, struct work *w, const struct opening *o)
{
	struct str at = url_of(w->mem, "/openings/%", PARTS(id_text(w->mem, o->id)));
	if (id_eq(o->by, w->actor.account) || str_eq(o->role, w->actor.role)) {
		html_note(h, "info", ICON_LOCK, N_("One of the two is of oversight, the other one of data protection."));
		return;
	}
	html_put(h, MARKUP("<div class=\"actions\">"));
	button_form(h, w, at, "answer", STR("yes"), N_("Approve as the second person"));
	button_form(h, w, at, "answer", STR("no"), N_("No"));
	html_put(h, MARKUP("</div>"));
}

int opening_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct opening o;
	struct id id;
	if (may(w, err) < 0)
		return -1;
	if (id_parse(request_param(q, "id"), &id) < 0 || opening_find(w, id, &o, err) != 1)
		return err_set(err, ERR_NOT_FOUND, "no such opening");
	if (o.until > w->now_ms && purpose_first(w, q, a))
		return 0;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = type_label(w, o.type), .section = "log", .personal = o.until > w->now_ms });
	para(&h, "small", N_("Opened for oversight and data protection together. Each reading is an entry of the log."));
	html_put(&h, MARKUP("<p>"));
	html_text(&h, ground_label(w, o.reason));
	html_put(&h, MARKUP("</p>"));
	if (!o.until)
		waits_show(&h, w, &o);
	else if (o.until <= w->now_ms)
		html_note(&h, "info", ICON_LOCK, N_("The time is over: it is closed."));
	else if (content_show(&h, w, &o, err) < 0)
		return -1;
	if (o.until > w->now_ms)
		button_form(&h, w, url_of(w->mem, "/openings/%", PARTS(id_text(w->mem, o.id))), "answer", STR("close"), N_("Close it now"));
	page_close(&h, a);
	return 0;
}

int opening_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id;
	struct str answer = request_field(q, "answer");
	int done = may(w, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (id_parse(request_param(q, "id"), &id) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such opening");
	int rc = str_is(answer, "close") ? opening_close(w, id, err) : opening_decide(w, id, str_is(answer, "yes"), err);
	return rc < 0 ? -1 : form_end(w, q, a, str_is(answer, "no") ? STR("/openings") : url_of(w->mem, "/openings/%", PARTS(id_text(w->mem, id))), err);
}
