#include "web/field.h"
#include "web/masked.h"
#include "web/pages.h"
#include "web/parts.h"

#define MOVES_MAX 16
#define HISTORY_SHOWN 10
#define LATE_MS (15LL * 60 * 1000)

static int record_of_request(struct work *w, const struct request *q, struct record *out, struct err *err)
{
	struct id id;
	if (id_parse(request_param(q, "id"), &id) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such record");
	if (record_head(w, id, out, err) < 0)
		return -1;
	return str_eq(out->type->name, request_param(q, "type")) ? 0 : err_set(err, ERR_NOT_FOUND, "no such record");
}

/* A masked one is in dots unless it is the one that was asked for. */
static void value_show(struct html *h, struct work *w, const struct grant *g, const struct tfield *f, const struct tfield *asked)
{
	struct str value = f->masked && f != asked ? record_text(g, 0, str_z(w->mem, f->name)) : (struct str){ 0 };
	if (!value.n) {
		field_show_clear(h, w, g, 0, f);
		return;
	}
	mask_dots(h, f, value);
	mask_ask(h, w, grant_record(g, 0), f);
}

static void fields(struct html *h, struct work *w, const struct grant *g, const struct tfield *asked)
{
	const struct type *t = grant_record(g, 0)->type;
	size_t hidden = 0;
	html_put(h, MARKUP("<section class=\"panel\"><dl class=\"kv wide\">"));
	for (size_t i = 0; i < t->nfields; i++) {
		const struct tfield *f = &t->fields[i];
		if (f->hidden)
			continue;
		if (!record_covered(g, 0, str_z(w->mem, f->name))) {
			hidden++;
			continue;
		}
		html_put(h, MARKUP("<dt>"));
		html_ts(h, f->label);
		html_put(h, MARKUP("</dt><dd>"));
		value_show(h, w, g, f, asked);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl>"));
	if (hidden) {
		html_put(h, MARKUP("<p class=\"small muted\">"));
		html_icon(h, ICON_LOCK);
		html_put(h, MARKUP(" "));
		html_t(h, N_("Fields that your role does not read:"));
		html_put(h, MARKUP(" "));
		html_num(h, (int64_t)hidden);
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("</section>"));
}

static void actions(struct html *h, struct work *w, const struct record *r)
{
	const struct tmove *moves[MOVES_MAX];
	size_t n = record_moves(w, r, moves, MOVES_MAX);
	struct str id = id_text(w->mem, r->id);
	bool amend = false;
	for (size_t i = 0; i < r->type->nfields && !amend; i++)
		amend = !r->type->fields[i].derived && record_may_amend(w, r, &r->type->fields[i]);
	html_put(h, MARKUP("<p class=\"actions\">"));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<a class=\"btn go\" href=\""));
		html_attr(h, url_of(w->mem, "/r/%/%/move/%", PARTS(r->type->name, id, moves[i]->name)));
		html_put(h, MARKUP("\">"));
		html_ts(h, moves[i]->label.n ? moves[i]->label : moves[i]->name);
		html_put(h, MARKUP("</a>"));
	}
	if (amend) {
		html_put(h, w->look.keys ? MARKUP("<a class=\"btn\" accesskey=\"e\" href=\"") : MARKUP("<a class=\"btn\" href=\""));
		html_attr(h, url_of(w->mem, "/r/%/%/edit", PARTS(r->type->name, id)));
		html_put(h, MARKUP("\">"));
		html_t(h, N_("Correct or complete"));
		html_put(h, MARKUP("</a>"));
	}
	html_put(h, MARKUP("</p>"));
}

static int history(struct html *h, struct work *w, const struct record *r, struct err *err)
{
	struct record_version *v;
	size_t n;
	if (record_history(w, r->id, &v, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, N_("History"));
	html_put(h, MARKUP("</h2><ol class=\"tl\">"));
	for (size_t i = 0; i < n && i < HISTORY_SHOWN; i++) {
		const struct role *role = policy_role(w->node->policy, v[i].role);
		html_put(h, MARKUP("<li>"));
		html_time(h, v[i].at_ms);
		html_put(h, MARKUP("<b>"));
		html_ts(h, role ? role->title : v[i].role);
		html_put(h, MARKUP("</b><br>"));
		html_text(h, state_label(w, v[i].state));
		if (v[i].event_ms && v[i].at_ms - v[i].event_ms > LATE_MS) {
			html_put(h, MARKUP("<span class=\"sub\">"));
			html_t(h, N_("Entered late, from paper. It happened:"));
			html_put(h, MARKUP(" "));
			html_time(h, v[i].event_ms);
			html_put(h, MARKUP("</span>"));
		}
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ol><a class=\"small\" href=\""));
	html_attr(h, url_of(w->mem, "/r/%/%/log", PARTS(r->type->name, id_text(w->mem, r->id))));
	html_put(h, MARKUP("\">"));
	html_t(h, N_("Who saw this"));
	html_put(h, MARKUP("</a></section>"));
	return 0;
}

/* Rows that belong to the record: members of a family, rows of a list. */
static int children(struct html *h, struct work *w, const struct record *r, struct err *err)
{
	for (size_t k = 0; k < w->node->types->n; k++) {
		const struct type *t = &w->node->types->at[k];
		struct id *ids;
		size_t n, total;
		if (!str_eq(t->parent_type, r->type->name))
			continue;
		struct record_query query = { .parent = r->id, .limit = 1000, .oldest_first = true };
		if (record_list(w, t, &query, &ids, &n, &total, err) < 0)
			return -1;
		html_put(h, MARKUP("<section class=\"panel\"><h2>"));
		html_ts(h, t->plural);
		if (total) {
			html_put(h, MARKUP(" "));
			html_num(h, (int64_t)total);
		}
		html_put(h, MARKUP("</h2>"));
		if (!n) {
			html_put(h, MARKUP("<p class=\"muted\">"));
			html_t(h, N_("None"));
			html_put(h, MARKUP("</p>"));
		} else {
			const struct grant *g = record_open(w, t, ids, n, err);
			if (!g)
				return -1;
			html_put(h, MARKUP("<ul class=\"plain\">"));
			for (size_t i = 0; i < n; i++) {
				html_put(h, MARKUP("<li>"));
				html_href(h, "/r/%/%", PARTS(t->name, id_text(w->mem, ids[i])));
				html_ts(h, t->title);
				html_put(h, MARKUP(" "));
				html_num(h, (int64_t)i + 1);
				html_put(h, MARKUP("</a> <span class=\"tag\">"));
				html_text(h, state_label(w, grant_record(g, i)->state));
				html_put(h, MARKUP("</span></li>"));
			}
			html_put(h, MARKUP("</ul>"));
		}
		if (record_may_create(w, t)) {
			html_put(h, MARKUP("<p><a class=\"btn\" href=\""));
			html_attr(h, url_of(w->mem, "/r/%/new?parent=%", PARTS(t->name, id_text(w->mem, r->id))));
			html_put(h, MARKUP("\">"));
			html_t(h, N_("Add"));
			html_put(h, MARKUP("</a></p>"));
		}
		html_put(h, MARKUP("</section>"));
	}
	return 0;
}

/* What this role may begin about the record: types with a reference to it, from here with the reference filled in. */
static void begins(struct html *h, struct work *w, const struct record *r)
{
	html_put(h, MARKUP("<p class=\"actions\">"));
	for (size_t k = 0; k < w->node->types->n; k++) {
		const struct type *t = &w->node->types->at[k];
		const struct tfield *f = t->subject_field.n ? type_field(t, t->subject_field) : NULL;
		if (!f || !str_eq(f->to, r->type->name) || t->parent_type.n || !record_may_create(w, t))
			continue;
		if (str_is(t->name, "identity_claim")) {      /* the other record is looked for, not typed */
			link_button(h, "btn", url_of(w->mem, "/people/%/twice", PARTS(id_text(w->mem, r->id))), N_("Registered twice?"));
			continue;
		}
		html_put(h, MARKUP("<a class=\"btn\" href=\""));
		html_attr(h, url_of(w->mem, "/r/%/new?%=%", PARTS(t->name, f->name, id_text(w->mem, r->id))));
		html_put(h, MARKUP("\">"));
		html_ts(h, t->title);
		html_put(h, MARKUP("</a>"));
	}
	html_put(h, MARKUP("</p>"));
}

static int page_of(struct work *w, const struct grant *g, const struct tfield *asked, struct response *a, struct err *err)
{
	struct record r = *grant_record(g, 0);
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = record_title(w, g, 0), .section = str_z(w->mem, r.type->name), .personal = r.type->personal });
	html_put(&h, MARKUP("<p><span class=\"tag info\">"));
	html_text(&h, state_label(w, r.state));
	html_put(&h, MARKUP("</span></p>"));
	if (merged_show(&h, w, &r, err) < 0)
		return -1;
	actions(&h, w, &r);
	html_put(&h, MARKUP("<div class=\"cols\"><div class=\"stack\">"));
	fields(&h, w, g, asked);
	begins(&h, w, &r);
	if (children(&h, w, &r, err) < 0)
		return -1;
	html_put(&h, MARKUP("</div><div class=\"stack\">"));
	if (kept_show(&h, w, &r, err) < 0 || history(&h, w, &r, err) < 0)
		return -1;
	html_put(&h, MARKUP("</div></div>"));
	page_close(&h, a);
	return 0;
}

int record_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	if (record_of_request(w, q, &r, err) < 0)
		return -1;
	if (r.type->personal && !w->purpose.n) {
		response_see(a, url_of(w->mem, "/purpose?next=%", PARTS(q->path)));
		return 0;
	}
	const struct grant *g = record_open(w, r.type, &r.id, 1, err);
	return g ? page_of(w, g, NULL, a, err) : -1;
}

/* The same page with one masked field shown. It is the answer itself and no address: neither history nor a link leads to it again. */
int record_show_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	const struct grant *g;
	const struct tfield *asked;
	if (record_of_request(w, q, &r, err) < 0 || !(g = record_open(w, r.type, &r.id, 1, err)) || mask_asked(q, g, &asked, err) < 0)
		return -1;
	response_header(a, "Refresh", str_fmt(w->mem, MASK_SECONDS "; url=" S_FMT, S_ARG(url_of(w->mem, "/r/%/%", PARTS(r.type->name, id_text(w->mem, r.id))))));
	return page_of(w, g, asked, a, err);
}

static struct str line_word(struct arena *mem, struct str line, const char *key)
{
	json_t *tree = json_read(mem, line, NULL);
	return tree ? json_str(tree, key) : (struct str){ 0 };
}

/* Of a masked field that was shown: which, and why. */
static void shown_show(struct html *h, struct work *w, struct str line)
{
	const struct type *t = type_find(w->node->types, line_word(w->mem, line, "type"));
	const struct tfield *f = t ? type_field(t, line_word(w->mem, line, "fields")) : NULL;
	const char *why = mask_reason(line_word(w->mem, line, "move"));
	if (!f || !f->masked || !why)
		return;
	html_put(h, MARKUP(": "));
	html_ts(h, f->label);
	html_put(h, MARKUP("<span class=\"sub\">"));
	html_t(h, why);
	html_put(h, MARKUP("</span>"));
}

static const char *act_label(struct str act)
{
	static const char *const LABELS[][2] = { { "create", N_("created") }, { "amend", N_("corrected") }, { "move", N_("changed the status") },
		{ "propose", N_("asked for a change") }, { "decide", N_("decided") }, { "read", N_("read") } };
	for (size_t i = 0; i < COUNT(LABELS); i++)
		if (str_is(act, LABELS[i][0]))
			return LABELS[i][1];
	return N_("other");
}

int record_log_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct sighting *s;
	size_t n;
	if (record_of_request(w, q, &r, err) < 0 || !record_open(w, r.type, &r.id, 1, err) || record_sightings(w, r.id, &s, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Who saw this"), .section = str_z(w->mem, r.type->name), .personal = r.type->personal });
	html_put(&h, MARKUP("<section class=\"panel flush\"><div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">"));
	const char *heads[] = { N_("Time"), N_("Role"), N_("Act"), N_("Purpose"), N_("Log entry") };
	for (size_t i = 0; i < COUNT(heads); i++) {
		if (i)
			html_put(&h, MARKUP("</th><th scope=\"col\">"));
		html_t(&h, heads[i]);
	}
	html_put(&h, MARKUP("</th></tr></thead><tbody>"));
	for (size_t i = 0; i < n; i++) {
		int64_t at = 0;
		const struct role *role = policy_role(w->node->policy, line_word(w->mem, s[i].line, "role"));
		const struct purpose *p = policy_purpose(w->node->policy, line_word(w->mem, s[i].line, "purpose"));
		time_parse(line_word(w->mem, s[i].line, "t"), &at);
		html_put(&h, MARKUP("<tr><td>"));
		html_time(&h, at);
		html_put(&h, MARKUP("</td><td>"));
		html_ts(&h, role ? role->title : (struct str){ 0 });
		html_put(&h, MARKUP("</td><td>"));
		html_t(&h, act_label(line_word(w->mem, s[i].line, "act")));
		shown_show(&h, w, s[i].line);
		html_put(&h, MARKUP("</td><td>"));
		html_ts(&h, p ? p->title : (struct str){ 0 });
		html_put(&h, MARKUP("</td><td>"));
		html_id(&h, str_fmt(w->mem, "%lld", (long long)s[i].index));
		html_put(&h, MARKUP("</td></tr>"));
	}
	html_put(&h, MARKUP("</tbody></table></div></section>"));
	page_close(&h, a);
	return 0;
}
