#include "report/report.h"
#include "web/notice_parts.h"

/* The desk of notices: what waits in the outbox, what came and is to be read, what this office sent and how far it went. */
#define ROWS_MAX 60
#define CLOSED_SHOWN_MS (24LL * 3600 * 1000)
#define REFRESH_S 20
#define REFRESH_OUTBOX_S 5

static const struct type *notice(const struct work *w)
{
	return type_find(w->node->types, STR("rapid_notice"));
}

static bool own_desk(const struct work *w, const struct record *r)
{
	return str_eq(r->owner, w->node->name) && str_eq(r->unit, w->actor.unit);
}

/* ---- one notice ---- */

void notice_line_show(struct html *h, struct work *w, const struct grant *g, size_t i)
{
	const struct record *r = grant_record(g, i);
	struct str text = record_text(g, i, "text");
	notice_icon(h, record_text(g, i, "what"));
	html_put(h, MARKUP(" <b>"));
	html_href(h, "/notices/%", PARTS(id_text(w->mem, r->id)));
	html_text(h, notice_label(w, record_text(g, i, "what")));
	html_put(h, MARKUP("</a></b><span class=\"sub\">"));
	html_name(h, place_name(w->mem, w->lang, record_text(g, i, "place")));
	html_t(h, N_(", "));
	time_field(h, w, g, i, "at");
	html_t(h, N_(", "));
	str_eq(r->owner, w->node->name) ? html_t(h, N_("from this office")) : html_id(h, r->owner);
	html_put(h, MARKUP("</span>"));
	if (!text.n)
		return;
	html_put(h, MARKUP("<p dir=\"auto\">"));
	html_text(h, text);
	html_put(h, MARKUP("</p>"));
}

static void tick_open(struct html *h, enum icon icon)
{
	html_put(h, MARKUP("<span class=\"tick\">"));
	html_icon(h, icon);
	html_put(h, MARKUP("<span>"));
}

/* One: sent. Two: its node proved that it has it. The circle: somebody there has read it. */
int notice_ticks_show(struct html *h, struct work *w, const struct record *r, struct err *err)
{
	struct notice_tick *t;
	const struct grant *acks;
	size_t n;
	if (notice_ticks(w, r->id, &t, &n, err) < 0 || rows_open(w, "notice_ack", r->id, &acks, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct went_to to = { .how = t[i].how, .why = t[i].why };
		const char *sentence = went_sentence(to.how, to.why);
		tick_open(h, went_icon(&to));
		html_id(h, t[i].node);
		html_put(h, MARKUP(": "));
		html_t(h, went_label(&to));
		html_put(h, MARKUP(" "));
		html_time(h, t[i].at_ms);
		html_put(h, MARKUP("</span></span>"));
		if (sentence)
			html_note(h, to.how == WENT_HELD ? "warn" : "bad", ICON_WARN, sentence);
	}
	for (size_t i = 0; i < grant_count(acks); i++) {
		const struct role *role = policy_role(w->node->policy, record_text(acks, i, "role"));
		tick_open(h, ICON_WELL);
		html_t(h, N_("Read by:"));
		html_put(h, MARKUP(" "));
		html_ts(h, role ? role->title : record_text(acks, i, "role"));
		html_put(h, MARKUP(" "));
		html_id(h, grant_record(acks, i)->owner);
		html_put(h, MARKUP(" "));
		time_field(h, w, acks, i, "at");
		html_put(h, MARKUP("</span></span>"));
	}
	return 0;
}

/* ---- parts of the desk ---- */

/* The rest of the ten seconds. The server waits, so that no script is needed. */
static void outbox(struct html *h, struct work *w, const struct grant *g, size_t i)
{
	const struct record *r = grant_record(g, i);
	int64_t left = (r->created_ms + NOTICE_OUTBOX_MS - w->now_ms + 999) / 1000;
	left = left < 0 ? 0 : left;
	struct str s = num_text(w->mem, w->lang, w->numerals, left);
	html_put(h, MARKUP("<section class=\"panel outbox\"><h2>"));
	html_text(h, tr_fill(w->mem, tr(w->lang, N_("Goes out in %s s")), &s, 1, true));
	html_put(h, MARKUP("</h2><p>"));
	html_text(h, notice_label(w, record_text(g, i, "what")));
	html_t(h, N_(", "));
	html_name(h, place_name(w->mem, w->lang, record_text(g, i, "place")));
	html_put(h, MARKUP("</p><progress max=\"10\" value=\""));
	html_text(h, str_fmt(w->mem, "%lld", (long long)left));
	html_put(h, MARKUP("\" aria-label=\""));
	html_attr(h, tr(h->lang, N_("Time left before it is sent")));
	html_put(h, MARKUP("\"></progress>"));
	form_open(h, w, "/notices/%/move", PARTS(id_text(w->mem, r->id)));
	html_put(h, MARKUP("<button class=\"btn big\" name=\"move\" value=\"withdraw\">"));
	html_icon(h, ICON_CROSS);
	html_t(h, N_("Withdraw the notice"));
	html_put(h, MARKUP("</button></form></section>"));
}

static bool seen(const struct notice_row *open, size_t n, struct id id, bool *is_open)
{
	*is_open = false;
	for (size_t i = 0; i < n; i++) {
		if (!id_eq(open[i].record, id))
			continue;
		*is_open = true;
		return open[i].seen;
	}
	return true;
}

static void to_read(struct html *h, struct work *w, const struct grant *g, size_t i, int64_t arrived)
{
	html_put(h, MARKUP("<li>"));
	if (arrived && arrived + NOTICE_SEEN_MS <= w->now_ms) {
		tag(h, "bad", tr(w->lang, N_("Not seen in time")));
		html_put(h, MARKUP(" "));
	}
	notice_line_show(h, w, g, i);
	form_open(h, w, "/notices/%/ack", PARTS(id_text(w->mem, grant_record(g, i)->id)));
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Read: acknowledge"));
	html_put(h, MARKUP("</p></form></li>"));
}

static int sent_row(struct html *h, struct work *w, const struct grant *g, size_t i, struct err *err)
{
	const struct record *r = grant_record(g, i);
	html_put(h, MARKUP("<li>"));
	notice_line_show(h, w, g, i);
	if (str_eq(r->owner, w->node->name) && notice_ticks_show(h, w, r, err) < 0)
		return -1;
	html_put(h, MARKUP(" <span class=\"tag\">"));
	html_text(h, state_label(w, r->state));
	html_put(h, MARKUP("</span></li>"));
	return 0;
}

static void list_open(struct html *h, const char *title)
{
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, title);
	html_put(h, MARKUP("<ul class=\"sent\">"));
}

static void list_close(struct html *h, size_t n, const char *none)
{
	html_put(h, MARKUP("</ul>"));
	if (!n)
		para(h, "muted", none);
	html_put(h, MARKUP("</section>"));
}

struct desk { const struct grant *g; struct notice_row *open; size_t n; bool outbox; };

static int64_t arrived_of(const struct desk *d, struct id id)
{
	for (size_t i = 0; i < d->n; i++)
		if (id_eq(d->open[i].record, id) && !d->open[i].unit.n)
			return d->open[i].arrived_ms;
	return 0;
}

static int desk_load(struct work *w, struct desk *d, struct err *err)
{
	struct record_query query = { .limit = ROWS_MAX };
	struct id *ids;
	size_t n;
	if (record_list(w, notice(w), &query, &ids, &n, NULL, err) < 0 || notice_open_rows(w, &d->open, &d->n, err) < 0)
		return -1;
	d->g = n ? record_open(w, notice(w), ids, n, err) : record_open_inside(w, notice(w), ids, 0, err);
	d->outbox = false;
	for (size_t i = 0; d->g && i < n; i++)
		d->outbox = d->outbox || (own_desk(w, grant_record(d->g, i)) && str_is(grant_record(d->g, i)->state, "waiting"));
	return d->g ? 0 : -1;
}

static bool recent(const struct work *w, const struct record *r, bool is_open)
{
	return is_open || r->updated_ms > w->now_ms - CLOSED_SHOWN_MS;
}

static int desk_show(struct html *h, struct work *w, const struct desk *d, struct err *err)
{
	size_t unread = 0, sent = 0, others = 0;
	bool is_open;
	for (size_t i = 0; i < grant_count(d->g); i++)
		if (own_desk(w, grant_record(d->g, i)) && str_is(grant_record(d->g, i)->state, "waiting"))
			outbox(h, w, d->g, i);
	list_open(h, N_("To be read"));
	for (size_t i = 0; i < grant_count(d->g); i++)
		if (!seen(d->open, d->n, grant_record(d->g, i)->id, &is_open)) {
			to_read(h, w, d->g, i, arrived_of(d, grant_record(d->g, i)->id));
			unread++;
		}
	list_close(h, unread, N_("Nothing waits to be read."));
	list_open(h, N_("Sent by this desk"));
	for (size_t i = 0; i < grant_count(d->g); i++) {
		const struct record *r = grant_record(d->g, i);
		seen(d->open, d->n, r->id, &is_open);
		if (!own_desk(w, r) || str_is(r->state, "waiting") || !recent(w, r, is_open))
			continue;
		if (sent_row(h, w, d->g, i, err) < 0)
			return -1;
		sent++;
	}
	list_close(h, sent, N_("This desk has sent nothing lately."));
	list_open(h, N_("Read"));
	for (size_t i = 0; i < grant_count(d->g); i++) {
		const struct record *r = grant_record(d->g, i);
		if (own_desk(w, r) || str_is(r->state, "waiting") || str_is(r->state, "withdrawn") || !seen(d->open, d->n, r->id, &is_open) || !recent(w, r, is_open))
			continue;
		if (sent_row(h, w, d->g, i, err) < 0)
			return -1;
		others++;
	}
	list_close(h, others, N_("Nothing of the last day."));
	return 0;
}

int notices_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct desk d;
	if (purpose_first(w, q, a))
		return 0;
	if (desk_load(w, &d, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Notices"), .section = "notice", .personal = true, .refresh_s = d.outbox ? REFRESH_OUTBOX_S : REFRESH_S });
	html_put(&h, MARKUP("<div class=\"phone stack\">"));
	if (notice_may_write(w)) {
		html_put(&h, MARKUP("<p>"));
		link_button(&h, "btn go big", STR("/notices/new"), N_("New notice"));
		html_put(&h, MARKUP("</p>"));
	}
	html_put(&h, MARKUP("<div class=\"stack\" data-live=\"/notices/desk\">"));
	if (desk_show(&h, w, &d, err) < 0)
		return -1;
	html_put(&h, MARKUP("</div><p>"));
	html_href(&h, "/r/rapid_notice", NULL, 0);
	html_t(&h, N_("All notices"));
	html_put(&h, MARKUP("</a></p></div>"));
	page_close(&h, a);
	return 0;
}

/* What the script puts in place of the desk when a hint came. */
int notices_desk(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct desk d;
	struct html h = html_new(w);
	(void)q;
	if (!w->purpose.n || desk_load(w, &d, err) < 0)
		return err->code ? -1 : err_set(err, ERR_FORBIDDEN, "no purpose");
	if (desk_show(&h, w, &d, err) < 0)
		return -1;
	a->body = buf_text(&h.out);
	page_headers(a);
	return 0;
}

int notice_item_show(struct html *h, struct work *w, const struct grant *g, struct err *err)
{
	struct notice_row *open;
	size_t n;
	bool is_open;
	if (notice_open_rows(w, &open, &n, err) < 0)
		return -1;
	if (seen(open, n, grant_record(g, 0)->id, &is_open))
		return sent_row(h, w, g, 0, err);
	to_read(h, w, g, 0, 0);
	return 0;
}
