#include "report/report.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/search.h"

/* A batch on one page: how far it is, what was counted here beside what the source says, its lists, its convoys, and the one next step of this role. */

static void stage_line(struct html *h, struct work *w, struct str stage)
{
	const struct type *t = type_find(w->node->types, STR("nominal_list"));
	bool passed = true;
	html_put(h, MARKUP("<ol class=\"steps\" aria-label=\""));
	html_attr(h, tr(w->lang, N_("Stages of the batch")));
	html_put(h, MARKUP("\">"));
	for (size_t i = 0; i < t->nstates; i++) {
		bool now = str_eq(t->states[i].name, stage), last = now && i + 1 == t->nstates;
		if (last || (passed && !now))
			html_put(h, MARKUP("<li class=\"done\"><span class=\"dot\">"));
		else if (now)
			html_put(h, MARKUP("<li class=\"now\" aria-current=\"step\"><span class=\"dot\">"));
		else
			html_put(h, MARKUP("<li><span class=\"dot\">"));
		if (last || (passed && !now))
			html_icon(h, ICON_CHECK);
		html_put(h, MARKUP("</span>"));
		html_text(h, state_label(w, t->states[i].name));
		html_put(h, MARKUP("</li>"));
		passed = passed && !now;
	}
	html_put(h, MARKUP("</ol>"));
}

static void pair_show(struct html *h, struct work *w, const char *label, int64_t here, struct figure source)
{
	html_put(h, MARKUP("<div class=\"pair\"><dt>"));
	html_t(h, label);
	html_put(h, MARKUP("</dt><dd><span class=\"sub\">"));
	html_t(h, N_("Counted here"));
	html_put(h, MARKUP("</span><b class=\"big num\">"));
	here > 0 ? html_num(h, here) : html_t(h, N_("Not yet counted"));
	html_put(h, MARKUP("</b></dd><dd><span class=\"sub\">"));
	html_t(h, N_("The source says"));
	html_put(h, MARKUP("</span><b class=\"big num\">"));
	source.known ? html_text(h, figure_text(w->mem, w->lang, w->numerals, source)) : html_t(h, N_("Nothing"));
	html_put(h, MARKUP("</b></dd></div>"));
}

static int figures_show(struct html *h, struct work *w, const struct grant *g, struct err *err)
{
	struct source_figures all;
	if (source_figures(w->mem, &all, err) < 0)
		return -1;
	const struct source_batch *said = source_batch(&all, int_of(g, 0, "batch_no"));
	html_put(h, MARKUP("<dl class=\"facts\">"));
	pair_show(h, w, N_("Families"), int_of(g, 0, "families"), said ? said->families : (struct figure){ .known = false });
	pair_show(h, w, N_("Persons"), int_of(g, 0, "persons"), said ? said->persons : (struct figure){ .known = false });
	html_put(h, MARKUP("</dl>"));
	return 0;
}

static int lists_show(struct html *h, struct work *w, struct id batch, struct err *err)
{
	static const char *const C[] = { N_("Nominal list"), N_("Families"), N_("Persons"), N_("Status"), N_("Convoy") };
	struct columns c = { C, COUNT(C) };
	const struct type *t = type_find(w->node->types, STR("nominal_list"));
	struct record_query q = { .ref_field = STR("batch"), .ref_to = batch, .limit = 50, .oldest_first = true };
	struct id *ids;
	size_t n;
	const struct grant *g;
	if (record_list(w, t, &q, &ids, &n, NULL, err) < 0 || !(g = record_open(w, t, ids, n, err)))
		return -1;
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	heading(h, N_("Nominal lists"));
	if (n == 0)
		html_note(h, "info", ICON_CLOCK, N_("No list belongs to this batch yet. The return officer names the batch on the list."));
	else {
		search_box(h, w, type_find(w->node->types, STR("nominal_list_row")), batch);
		table_open(h, c);
	}
	for (size_t i = 0; i < n; i++) {
		struct id convoy = ref_of(g, i, "convoy");
		row_open(h);
		cell_open(h, c, 0);
		html_href(h, "/lists/%", PARTS(id_text(w->mem, ids[i])));
		html_num(h, (int64_t)i + 1);
		html_put(h, MARKUP("</a>"));
		cell_close(h, 0);
		cell_num(h, c, 1, int_of(g, i, "families") > 0 ? int_of(g, i, "families") : 0);
		cell_num(h, c, 2, int_of(g, i, "persons") > 0 ? int_of(g, i, "persons") : 0);
		cell_tag(h, c, 3, "info", state_label(w, grant_record(g, i)->state));
		cell_open(h, c, 4);
		if (!id_none(convoy)) {
			html_href(h, "/convoys/%", PARTS(id_text(w->mem, convoy)));
			html_t(h, N_("Show"));
			html_put(h, MARKUP("</a>"));
		}
		cell_close(h, 4);
		row_close(h);
	}
	if (n)
		table_close(h);
	html_put(h, MARKUP("</section>"));
	return 0;
}

/* /batches/20 leads to the batch of that number, or to the list where two have it. */
static int batch_numbered(struct work *w, struct str number, struct response *a, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("batch"));
	struct id *ids;
	size_t n;
	if (record_by_number(w, t, digits_ascii(w->mem, number), &ids, &n, err) < 0)
		return -1;
	if (n == 0)
		return err_set(err, ERR_NOT_FOUND, "no such batch");
	response_see(a, n == 1 ? url_of(w->mem, "/batches/%", PARTS(id_text(w->mem, ids[0]))) : STR("/r/batch"));
	return 0;
}

int batch_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct id id;
	if (purpose_first(w, q, a))
		return 0;
	if (id_parse(request_param(q, "id"), &id) < 0)
		return batch_numbered(w, request_param(q, "id"), a, err);
	if (record_asked(w, q, "id", "batch", &r, err) < 0)
		return -1;
	const struct grant *g = record_open(w, r.type, &r.id, 1, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = record_title(w, g, 0), .section = "batch", .personal = true });
	html_put(&h, MARKUP("<p class=\"muted\">"));
	place_show(&h, w, record_text(g, 0, "origin"));
	html_put(&h, MARKUP(" · "));
	place_show(&h, w, record_text(g, 0, "destination"));
	html_put(&h, MARKUP(" · "));
	html_date(&h, record_text(g, 0, "planned"));
	html_put(&h, MARKUP("</p>"));
	if (journey_embargoed(w, &r))
		html_note(&h, "info embargo small", ICON_CLOCK, N_("Closed until 72 hours after the arrival: who does not work on this batch reads \"in preparation\"."));
	stage_line(&h, w, record_text(g, 0, "stage"));
	if (figures_show(&h, w, g, err) < 0)
		return -1;
	waiting_show(&h, w, &r);
	moves_as_buttons(&h, w, &r);
	if (lists_show(&h, w, r.id, err) < 0)
		return -1;
	page_close(&h, a);
	return 0;
}
