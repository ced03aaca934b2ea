#include "record/rotate.h"
#include "web/html.h"
#include "web/pages.h"

/* What was erased, by which rule, done and final: types, counts and dates, nobody's name. For everybody of the office: it is what we promise. */
#define SHOWN_MAX 200

static void cell(struct html *h, const char *label)
{
	html_put(h, MARKUP("<td role=\"cell\" data-l=\""));
	html_attr(h, tr(h->lang, label));
	html_put(h, MARKUP("\">"));
}

static void erasure_row(struct html *h, const struct types *types, const struct erasure *e)
{
	const struct type *t = type_find(types, e->type);
	html_put(h, MARKUP("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">"));
	html_ts(h, t ? t->title : e->type);
	html_put(h, MARKUP("</th>"));
	cell(h, N_("Rule"));
	html_id(h, e->rule);
	html_put(h, MARKUP("</td>"));
	cell(h, N_("Records erased"));
	html_num(h, e->records);
	html_put(h, MARKUP("</td>"));
	cell(h, N_("Erasure done"));
	html_time(h, e->done);
	html_put(h, MARKUP("</td>"));
	cell(h, N_("Erasure final"));
	if (e->final)
		html_time(h, e->final);
	else
		html_t(h, N_("Not yet"));
	html_put(h, MARKUP("</td></tr>"));
}

static void head(struct html *h)
{
	static const char *const COLUMNS[] = { N_("What"), N_("Rule"), N_("Records erased"), N_("Erasure done"), N_("Erasure final") };
	html_put(h, MARKUP("<table class=\"cards\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">"));
	for (size_t i = 0; i < COUNT(COLUMNS); i++) {
		html_put(h, MARKUP("<th scope=\"col\" role=\"columnheader\">"));
		html_t(h, COLUMNS[i]);
		html_put(h, MARKUP("</th>"));
	}
	html_put(h, MARKUP("</tr></thead><tbody role=\"rowgroup\">"));
}

int erasures_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct erasure *list;
	size_t n;
	(void)q;
	if (erasure_list(w, SHOWN_MAX, &list, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Erasures"), .section = "log" });
	html_put(&h, MARKUP("<p>"));
	html_t(&h, N_("An erasure is done when the key of what was erased is gone from this office computer. It is final when no older copy can be opened either: within a week."));
	html_put(&h, MARKUP("</p>"));
	if (n == 0)
		html_note(&h, "info", ICON_CLOCK, N_("Nothing has been erased yet."));
	else
		head(&h);
	for (size_t i = 0; i < n; i++)
		erasure_row(&h, w->node->types, &list[i]);
	if (n)
		html_put(&h, MARKUP("</tbody></table>"));
	page_close(&h, a);
	return 0;
}
