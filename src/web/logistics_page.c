#include "exchange/notice.h"
#include "web/field.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/table.h"

/* For the logistics officer of an office that helps (kind support): what happens on the road, and the convoys in numbers. No person is in what such an office gets. */
#define SHOWN 200

static const struct type *type_of(const struct work *w, const char *name)
{
	return type_find(w->node->types, str_of(name));
}

static void cell_field(struct html *h, struct work *w, struct columns c, size_t col, const struct grant *g, size_t i, const char *name)
{
	cell_open(h, c, col);
	field_show(h, w, g, i, type_field(grant_record(g, i)->type, str_of(name)));
	cell_close(h, col);
}

static void records_table(struct html *h, struct work *w, struct columns c, const char *const *fields, const struct grant *g)
{
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	table_open(h, c);
	for (size_t i = 0; i < grant_count(g); i++) {
		row_open(h);
		for (size_t k = 0; k < c.n; k++)
			cell_field(h, w, c, k, g, i, fields[k]);
		row_close(h);
	}
	table_close(h);
	html_put(h, MARKUP("</section>"));
}

static int notices_show(struct html *h, struct work *w, struct err *err)
{
	static const char *const C[] = { N_("What it is about"), N_("Place"), N_("Time") }, *const F[] = { "what", "place", "at" };
	struct notice_row *open;
	size_t n;
	if (notice_open_rows(w, &open, &n, err) < 0)
		return -1;
	n = n < SHOWN ? n : SHOWN;
	struct id *ids = NEW_ARRAY(w->mem, struct id, n + 1);
	for (size_t i = 0; i < n; i++)
		ids[i] = open[i].record;
	const struct grant *g = record_open(w, type_of(w, "rapid_notice"), ids, n, err);
	if (!g)
		return -1;
	heading(h, N_("On the road"));
	if (n == 0)
		html_note(h, "ok", ICON_CHECK, N_("No notice is open."));
	else
		records_table(h, w, (struct columns){ C, COUNT(C) }, F, g);
	return 0;
}

static int convoys_show(struct html *h, struct work *w, struct err *err)
{
	static const char *const C[] = { N_("Stage"), N_("Vehicles"), N_("Seats"), N_("Medical cover"), N_("People on board, to the nearest ten"), N_("Arrived on") },
	    *const F[] = { "stage", "vehicles", "seats", "medical_cover", "people", "arrived" };
	struct record_query q = { .limit = SHOWN };
	struct id *ids;
	size_t n, total;
	const struct type *t = type_of(w, "logistics_note");
	if (record_list(w, t, &q, &ids, &n, &total, err) < 0)
		return -1;
	const struct grant *g = record_open(w, t, ids, n, err);
	if (!g)
		return -1;
	heading(h, N_("Convoys in numbers"));
	if (n == 0)
		html_note(h, "info", ICON_CHECK, N_("No partner has sent numbers of a convoy."));
	else
		records_table(h, w, (struct columns){ C, COUNT(C) }, F, g);
	return 0;
}

int logistics_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	if (!w->purpose.n) {
		response_see(a, url_of(w->mem, "/purpose?next=%", PARTS(q->path)));
		return 0;
	}
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Logistics"), .section = "logistics" });
	html_note(&h, "info", ICON_LOCK, N_("Numbers and the road. Nothing here is about a person, and a route is never shown: a convoy is in preparation until 72 hours after it arrived."));
	if (notices_show(&h, w, err) < 0 || convoys_show(&h, w, err) < 0)
		return -1;
	page_close(&h, a);
	return 0;
}
