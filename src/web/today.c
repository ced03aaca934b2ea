#include "exchange/exchange.h"
#include "record/clock.h"
#include "web/field.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/session.h"

/* Today: what waits for me and for a second person. No charts. */

static int waiting(struct html *h, struct work *w, struct err *err)
{
	struct proposal *p;
	size_t n;
	if (proposal_list(w, &p, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, N_("Waits for a second person"));
	html_put(h, MARKUP("</h2>"));
	if (n == 0) {
		html_put(h, MARKUP("<p class=\"muted\">"));
		html_t(h, N_("Nothing waits for your approval."));
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("<ul class=\"plain\">"));
	for (size_t i = 0; i < n; i++) {
		struct record r;
		const struct tmove *m = NULL;
		if (record_head(w, p[i].record, &r, err) < 0)
			return -1;
		m = type_move(r.type, p[i].move);
		html_put(h, MARKUP("<li>"));
		html_href(h, "/proposals/%", PARTS(id_text(w->mem, p[i].id)));
		html_ts(h, r.type->title);
		html_put(h, MARKUP(": "));
		html_ts(h, m && m->label.n ? m->label : p[i].move);
		html_put(h, MARKUP("</a> "));
		html_time(h, p[i].created_ms);
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul></section>"));
	return 0;
}

/* What the desk is reminded of, and what is late: the oldest due time first. */
#define LATE_SHOWN 20
static int late(struct html *h, struct work *w, struct err *err)
{
	struct late l[LATE_SHOWN];
	size_t n;
	if (late_list(w, l, LATE_SHOWN, &n, err) < 0)
		return -1;
	if (!n)
		return 0;
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, N_("Due"));
	html_put(h, MARKUP("</h2><ul class=\"plain stack\">"));
	for (size_t i = 0; i < n; i++) {
		struct record r;
		struct str number;
		if (record_head(w, l[i].record, &r, err) < 0 || record_number(w, r.id, &number, err) < 0)
			return -1;
		html_put(h, MARKUP("<li>"));
		record_link(h, w, &r);
		html_ts(h, r.type->title);
		html_put(h, MARKUP(" "));
		html_id(h, number);
		html_put(h, MARKUP("</a> <span class=\"tag"));
		html_put(h, l[i].stage >= LATE_DESK ? MARKUP(" warn\">") : MARKUP("\">"));
		html_t(h, l[i].stage >= LATE_DESK ? N_("Overdue") : N_("Due soon"));
		html_put(h, MARKUP("</span> "));
		html_ts(h, l[i].move->label.n ? l[i].move->label : l[i].move->name);
		html_put(h, MARKUP(", "));
		html_t(h, N_("by"));
		html_put(h, MARKUP(" "));
		html_time(h, l[i].due_ms);
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul></section>"));
	return 0;
}

/* Messages go within seconds: what waits longer is said to everybody, with its age. Numbers only. */
#define LINE_LATE_MS 60000
static int line_waits(struct html *h, struct work *w, int64_t by_stick, struct err *err)
{
	struct line_numbers n;
	if (line_numbers(w, &n, err) < 0)
		return -1;
	if (n.waiting <= by_stick || n.oldest_ms + LINE_LATE_MS > w->now_ms)
		return 0;
	html_put(h, MARKUP("<section class=\"note info\">"));
	html_icon(h, ICON_CLOCK);
	html_put(h, MARKUP("<div><p>"));
	html_t(h, N_("Messages to other offices that wait:"));
	html_put(h, MARKUP(" <b>"));
	html_num(h, n.waiting);
	html_put(h, MARKUP("</b>. "));
	html_t(h, N_("Oldest waiting"));
	html_put(h, MARKUP(": "));
	html_time(h, n.oldest_ms);
	html_put(h, MARKUP("</p></div></section>"));
	return 0;
}

/* Where there is no line nothing goes by itself: how many, how old, and the way to the stick. */
static int sticks_wait(struct html *h, struct work *w, int64_t *waiting, struct err *err)
{
	struct line_state *s;
	size_t n;
	*waiting = 0;
	if (line_states(w, &s, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!s[i].by_bundle || !s[i].waiting)
			continue;
		if (!*waiting) {
			html_put(h, MARKUP("<section class=\"panel\"><h2>"));
			html_t(h, N_("Waits for a stick"));
			html_put(h, MARKUP("</h2><ul class=\"plain stack\">"));
		}
		*waiting += s[i].waiting;
		html_put(h, MARKUP("<li>"));
		html_id(h, s[i].partner);
		html_put(h, MARKUP(": <b>"));
		html_num(h, s[i].waiting);
		html_put(h, MARKUP("</b>. "));
		html_t(h, N_("Oldest waiting"));
		html_put(h, MARKUP(": "));
		html_time(h, s[i].oldest_ms);
		html_put(h, MARKUP("</li>"));
	}
	if (*waiting) {
		html_put(h, MARKUP("</ul>"));
		if (role_among(w->actor.role, BUNDLE_ROLES))
			link_button(h, "btn big", STR("/bundles"), N_("Write a stick"));
		else
			para(h, "small muted", N_("The administrator, the liaison desk or the lead of the convoy writes the stick."));
		html_put(h, MARKUP("</section>"));
	}
	return 0;
}

#define CONVOYS_SHOWN 20
#define SETTLED_MS (14LL * 24 * 3600 * 1000)

/* With a purpose chosen: what is to be done, each leading to its task. */
static int tasks_by_name(struct html *h, struct work *w, const struct type *t, const struct id *ids, size_t n, struct err *err)
{
	const struct grant *g = record_open(w, t, ids, n, err);
	if (!g)
		return -1;
	html_put(h, MARKUP("<ul class=\"plain stack\">"));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<li>"));
		html_href(h, "/r/task/%", PARTS(id_text(w->mem, ids[i])));
		field_show(h, w, g, i, type_field(t, STR("reason")));
		html_put(h, MARKUP("</a> "));
		html_time(h, grant_record(g, i)->created_ms);
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul>"));
	return 0;
}

static int tasks(struct html *h, struct work *w, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("task"));
	struct id *ids;
	size_t n = 0, total = 0;
	struct record_query query = { .state = STR("open"), .limit = 20, .oldest_first = true };
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, N_("My tasks"));
	html_put(h, MARKUP("</h2>"));
	if (t && record_list(w, t, &query, &ids, &n, &total, err) < 0)
		return -1;
	if (n == 0) {
		html_put(h, MARKUP("<p class=\"muted\">"));
		html_t(h, N_("Nothing waits for you."));
		html_put(h, MARKUP("</p>"));
	} else {
		html_href(h, "/r/task?s=open", NULL, 0);
		html_t(h, N_("Open tasks of your desk:"));
		html_put(h, MARKUP(" "));
		html_num(h, (int64_t)total);
		html_put(h, MARKUP("</a>"));
	}
	if (n && w->purpose.n && tasks_by_name(h, w, t, ids, n, err) < 0)
		return -1;
	html_put(h, MARKUP("</section>"));
	return 0;
}

/* Where this role works on a convoy. */
static struct str convoy_work(struct work *w, struct id convoy)
{
	struct str id = id_text(w->mem, convoy);
	if (str_is(w->actor.role, "BORDER_OFF"))
		return STR("/crossing");
	if (str_is(w->actor.role, "CENTRE_REG"))
		return STR("/checkin");
	return url_of(w->mem, str_is(w->actor.role, "CENTRE_MGR") ? "/convoys/%/reconcile" : "/convoys/%", PARTS(id));
}

static int convoys(struct html *h, struct work *w, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("convoy"));
	struct record_query query = { .limit = CONVOYS_SHOWN };
	struct id *ids;
	size_t n = 0, shown = 0;
	if (!t || record_list(w, t, &query, &ids, &n, NULL, err) < 0)
		return t ? -1 : 0;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (str_is(r.state, "returned") || (str_is(r.state, "arrived") && r.updated_ms < w->now_ms - SETTLED_MS))
			continue;
		if (!shown++) {
			html_put(h, MARKUP("<section class=\"panel\"><h2>"));
			html_t(h, N_("Convoys on the way"));
			html_put(h, MARKUP("</h2><ul class=\"plain stack\">"));
		}
		html_put(h, MARKUP("<li><a href=\""));
		html_attr(h, convoy_work(w, r.id));
		html_put(h, MARKUP("\">"));
		html_ts(h, t->title);
		html_put(h, MARKUP("</a> <span class=\"tag\">"));
		html_text(h, state_label(w, r.state));
		html_put(h, MARKUP("</span> "));
		html_time(h, r.updated_ms);
		html_put(h, MARKUP("</li>"));
	}
	if (shown)
		html_put(h, MARKUP("</ul></section>"));
	return 0;
}

int today_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Today"), .section = "today" });
	int64_t by_stick;
	if (sticks_wait(&h, w, &by_stick, err) < 0 || line_waits(&h, w, by_stick, err) < 0 || late(&h, w, err) < 0 || tasks(&h, w, err) < 0 || convoys(&h, w, err) < 0 || waiting(&h, w, err) < 0)
		return -1;
	spoken_offer(&h, w);
	page_close(&h, a);
	return 0;
}

static int proposal_of(struct work *w, const struct request *q, struct proposal *p, struct record *r, struct err *err)
{
	struct id id;
	if (id_parse(request_param(q, "id"), &id) < 0 || proposal_find(w, id, p, err) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such proposal");
	return record_head(w, p->record, r, err);
}

int proposal_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct proposal p;
	struct record r;
	if (proposal_of(w, q, &p, &r, err) < 0)
		return -1;
	const struct tmove *m = type_move(r.type, p.move);
	const struct role *role = policy_role(w->node->policy, p.role);
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Approval by a second person") });
	html_put(&h, MARKUP("<section class=\"note warn\">"));
	html_icon(&h, ICON_PEOPLE);
	html_put(&h, MARKUP("<div><p><b>"));
	html_ts(&h, r.type->title);
	html_put(&h, MARKUP(": "));
	html_ts(&h, m && m->label.n ? m->label : p.move);
	html_put(&h, MARKUP("</b></p><p>"));
	html_t(&h, N_("Asked by:"));
	html_put(&h, MARKUP(" "));
	html_ts(&h, role ? role->title : p.role);
	html_put(&h, MARKUP(", "));
	html_time(&h, p.created_ms);
	html_put(&h, MARKUP("</p><p>"));
	record_link(&h, w, &r);
	html_t(&h, N_("Look at the record"));
	html_put(&h, MARKUP("</a></p></div></section>"));
	if (id_eq(p.by, w->actor.account)) {
		html_note(&h, "info", ICON_LOCK, N_("You asked for this: another person must decide."));
	} else {
		form_open(&h, w, "/proposals/%", PARTS(id_text(w->mem, p.id)));
		html_put(&h, MARKUP("<p><label for=\"reason\">"));
		html_t(&h, N_("Reason (needed for no)"));
		html_put(&h, MARKUP("</label><input class=\"in\" id=\"reason\" name=\"reason\" dir=\"auto\" autocomplete=\"off\"></p>"
		    "<p class=\"actions\"><button class=\"btn\" name=\"answer\" value=\"yes\">"));
		html_t(&h, N_("Approve"));
		html_put(&h, MARKUP("</button><button class=\"btn\" name=\"answer\" value=\"no\">"));
		html_t(&h, N_("Do not approve"));
		html_put(&h, MARKUP("</button></p></form>"));
	}
	page_close(&h, a);
	return 0;
}

int proposal_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct proposal p;
	struct record r;
	struct str location, reason = request_field(q, "reason"), answer = request_field(q, "answer");
	if (proposal_of(w, q, &p, &r, err) < 0)
		return -1;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (!str_is(answer, "yes") && !str_is(answer, "no"))
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	if (str_is(answer, "no") && !reason.n)
		return err_say(err, ERR_VALUE, N_("Say why not: the person who asked is told."), NULL);
	if (proposal_decide(w, p.id, str_is(answer, "yes"), reason, err) < 0)
		return -1;
	location = url_of(w->mem, "/r/%/%", PARTS(r.type->name, id_text(w->mem, r.id)));
	response_see(a, location);
	return done_keep(w, q, location, err);
}
