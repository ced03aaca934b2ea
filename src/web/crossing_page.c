#include "web/pages.h"
#include "web/notice_parts.h"

/* The border counts; it does not check in. Expected and counted heads and needs as numbers per vehicle; one hand-over for each convoy, signed by both posts. */

#define CONVOYS_MAX 40

static int64_t counted_at(const struct grant *counts, struct id leg, struct str place)
{
	int64_t n = -1;
	for (size_t i = 0; i < grant_count(counts); i++)
		if (id_eq(ref_of(counts, i, "leg"), leg) && (!place.n || str_eq(record_text(counts, i, "place"), place)))
			n = int_of(counts, i, "head_count");
	return n;
}

static void bus_row(struct html *h, struct work *w, const struct grant *legs, size_t i, const struct grant *counts, struct columns c)
{
	int64_t expected = int_of(legs, i, "expected"), counted = counted_at(counts, grant_record(legs, i)->id, w->actor.unit);
	struct str needs = record_text(legs, i, "care_counts");
	row_open(h);
	cell_open(h, c, 0);
	html_id(h, record_text(legs, i, "plate"));
	cell_close(h, 0);
	cell_num(h, c, 1, expected);
	cell_open(h, c, 2);
	counted < 0 ? html_t(h, N_("Not counted yet")) : html_num(h, counted);
	if (counted >= 0 && counted != expected) {
		html_put(h, MARKUP(" "));
		tag(h, "bad", tr(h->lang, N_("differs")));
	}
	cell_close(h, 2);
	cell_text(h, c, 3, needs.n ? needs : tr(h->lang, N_("None")));
	row_close(h);
}

static const char *own_direction(const struct work *w)
{
	return str_is(w->node->kind, "camp") ? "out" : "in";
}

/* The post at the other side of the line: its node, empty where there is none yet. */
static int other_node(struct work *w, struct str *node, struct err *err)
{
	const struct line *line = &w->node->hooks->line;
	*node = (struct str){ 0 };
	int rc = line->of_kind ? line->of_kind(w, str_is(w->node->kind, "camp") ? STR("ministry") : STR("camp"), node, err) : 0;
	return rc < 0 ? -1 : 0;
}

static void handover_shown(struct html *h, struct work *w, const struct grant *g)
{
	const struct record *r = grant_record(g, 0);
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Handover"));
	state_tag(h, w, r);
	waiting_show(h, w, r);
	html_put(h, MARKUP("<dl class=\"kv wide\"><dt>"));
	html_t(h, N_("Head count"));
	html_put(h, MARKUP("</dt><dd>"));
	html_num(h, int_of(g, 0, "count"));
	html_put(h, MARKUP("</dd><dt>"));
	html_t(h, N_("Giving office"));
	html_put(h, MARKUP("</dt><dd>"));
	html_id(h, record_text(g, 0, "giving_node"));
	html_put(h, MARKUP("</dd><dt>"));
	html_t(h, N_("Receiving office"));
	html_put(h, MARKUP("</dt><dd>"));
	html_id(h, record_text(g, 0, "receiving_node"));
	html_put(h, MARKUP("</dd></dl><p>"));
	html_href(h, "/r/border_handover/%", PARTS(id_text(w->mem, r->id)));
	html_t(h, N_("Show"));
	html_put(h, MARKUP("</a></p></section>"));
}

static void handover_form(struct html *h, struct work *w, struct id convoy, int64_t expected)
{
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Hand the convoy over"));
	para(h, "muted", N_("Your signature, then that of the other post. It carries the digest of the sealed boarding lists."));
	form_open(h, w, "/convoys/%/handover", PARTS(id_text(w->mem, convoy)));
	input_show(h, &(struct input){ .name = "place", .label = N_("Place"), .mode = "text", .value = w->actor.unit, .required = true });
	input_show(h, &(struct input){ .name = "count", .label = N_("Head count of the whole convoy"), .mode = "number", .required = true });
	html_put(h, MARKUP("<p class=\"hint\">"));
	html_t(h, N_("By the boarding lists:"));
	html_put(h, MARKUP(" "));
	html_num(h, expected);
	html_put(h, MARKUP("</p>"));
	yes_box(h, "children_asked", N_("We asked for children without family."));
	yes_box(h, "health_check", N_("A health check was offered."));
	input_show(h, &(struct input){ .name = "remark", .label = N_("Remark (no names)"), .mode = "text" });
	late_input(h);
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go big", NULL, NULL, N_("Sign the handover"));
	html_put(h, MARKUP("</p></form></section>"));
}

static int one_convoy(struct html *h, struct work *w, const struct grant *g, size_t i, struct err *err)
{
	static const char *const C[] = { N_("Vehicle"), N_("Expected"), N_("Counted"), N_("Needs, in numbers") };
	struct columns c = { C, COUNT(C) };
	const struct record *r = grant_record(g, i);
	const struct grant *legs, *counts, *handovers;
	int64_t expected = 0;
	if (rows_open(w, "vehicle_leg", r->id, &legs, err) < 0 || rows_open(w, "checkpoint_event", r->id, &counts, err) < 0 ||
	    rows_open(w, "border_handover", r->id, &handovers, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"stack\"><h2>"));
	html_href(h, "/convoys/%", PARTS(id_text(w->mem, r->id)));
	html_name(h, record_title(w, g, i));
	html_put(h, MARKUP("</a></h2>"));
	state_tag(h, w, r);
	waiting_show(h, w, r);
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	bool differs = false;
	table_open(h, c);
	for (size_t k = 0; k < grant_count(legs); k++) {
		int64_t counted = counted_at(counts, grant_record(legs, k)->id, w->actor.unit);
		bus_row(h, w, legs, k, counts, c);
		expected += int_of(legs, k, "expected");
		differs = differs || (counted >= 0 && counted != int_of(legs, k, "expected"));
	}
	table_close(h);
	html_put(h, MARKUP("</section>"));
	/* a count that differs: two taps, for the kind stands already */
	link_button(h, "btn big", url_of(w->mem, differs ? "/notices/new?convoy=%&type=count_differs" : "/notices/new?convoy=%", PARTS(id_text(w->mem, r->id))), N_("Send a notice"));
	html_put(h, MARKUP("<div class=\"cols\"><section class=\"panel\">"));
	heading(h, N_("Confirm the count"));
	checkpoint_form(h, w, r->id, legs, own_direction(w));
	html_put(h, MARKUP("</section><div class=\"stack\">"));
	if (grant_count(handovers))
		handover_shown(h, w, handovers);
	else if (str_is(r->state, "moving"))
		handover_form(h, w, r->id, expected);
	moves_as_buttons(h, w, r);
	html_put(h, MARKUP("</div></div></section>"));
	return 0;
}

int crossing_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("convoy"));
	struct record_query query = { .limit = CONVOYS_MAX };
	struct id *ids, today[CONVOYS_MAX];
	size_t n, k = 0;
	if (!role_is(w, "BORDER_OFF"))
		return err_say(err, ERR_FORBIDDEN, N_("This page is the border officer's."), NULL);
	if (purpose_first(w, q, a))
		return 0;
	if (record_list(w, t, &query, &ids, &n, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (!str_is(r.state, "arrived") && !str_is(r.state, "returned"))
			today[k++] = ids[i];
	}
	const struct grant *g = record_open(w, t, today, k, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Crossing"), .section = "crossing", .personal = true });
	html_note(&h, "info", ICON_LOCK, N_("The border counts heads and signs the handover. It does not check anybody in, and needs are numbers for each vehicle."));
	if (k == 0)
		html_note(&h, "ok", ICON_CHECK, N_("No convoy is on its way."));
	for (size_t i = 0; i < k; i++)
		if (one_convoy(&h, w, g, i, err) < 0)
			return -1;
	page_close(&h, a);
	return 0;
}

int handover_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct id id;
	struct handover_said said = { .place = str_trim(request_field(q, "place")), .remark = str_trim(request_field(q, "remark")),
		.children_asked = str_is(request_field(q, "children_asked"), "yes"), .health_check = str_is(request_field(q, "health_check"), "yes") };
	int done = record_asked(w, q, "id", "convoy", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (!said.place.n || !number_typed(w, q, "count", &said.count))
		return err_say(err, ERR_VALUE, N_("The head count is missing, or nobody asked for children without family."), NULL);
	if (other_node(w, &said.receiving_node, err) < 0)
		return -1;
	if (!said.receiving_node.n)
		return err_say(err, ERR_VALUE, N_("There is no partner office at the other side of the border yet."), NULL);
	return handover_make(w, r.id, &said, &id, err) < 0 ? -1 : form_end(w, q, a, STR("/crossing"), err);
}
