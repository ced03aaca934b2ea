#include "journey/journey.h"
#include "web/field.h"
#include "web/pages.h"
#include "web/search.h"
#include "web/session.h"
#include "web/table.h"

/* The vetting desk: one page, ready or not yet for each adult, in no order, no family, no grounds. One officer says, one supervisor agrees. */

static struct columns desk_columns(void)
{
	static const char *const C[] = { N_("Full name"), N_("Mother's name"), N_("Year of birth"), N_("Answer") };
	return (struct columns){ C, COUNT(C) };
}

static bool is_role(const struct work *w, const char *role)
{
	return str_is(w->actor.role, role);
}

/* The answer of one officer that waits for the supervisor; received ones have no proposal yet. */
static bool proposed(struct work *w, struct id check)
{
	struct proposal *p;
	struct err ignored = { 0 };
	size_t n;
	return proposals_of(w, check, &p, &n, &ignored) == 0 && n > 0;
}

static void answer_choice(struct html *h, struct str id)
{
	static const char *const WORDS[][2] = { { "", N_("Later") }, { "ready", N_("Ready") }, { "not_yet", N_("Not yet") } };
	html_put(h, MARKUP("<select class=\"in\" aria-label=\""));
	html_attr(h, tr(h->lang, N_("Answer")));
	html_put(h, MARKUP("\" name=\"answer-"));
	html_attr(h, id);
	html_put(h, MARKUP("\">"));
	for (size_t i = 0; i < COUNT(WORDS); i++) {
		html_put(h, MARKUP("<option value=\""));
		html_attr(h, str_of(WORDS[i][0]));
		html_put(h, MARKUP("\">"));
		html_t(h, WORDS[i][1]);
		html_put(h, MARKUP("</option>"));
	}
	html_put(h, MARKUP("</select><input type=\"hidden\" name=\"check\" value=\""));
	html_attr(h, id);
	html_put(h, MARKUP("\">"));
}

static void agree_choice(struct html *h, struct str id, bool ready)
{
	html_put(h, MARKUP("<label class=\"choice\"><input type=\"checkbox\" checked name=\"check\" value=\""));
	html_attr(h, id);
	html_put(h, MARKUP("\"> "));
	html_t(h, ready ? N_("Ready") : N_("Not yet"));
	html_put(h, MARKUP("</label>"));
}

static void desk_row(struct html *h, struct work *w, const struct grant *g, size_t i, bool decide)
{
	struct columns c = desk_columns();
	struct str id = id_text(w->mem, grant_record(g, i)->id);
	row_open(h);
	cell_open(h, c, 0);
	html_name(h, record_text(g, i, "name"));
	cell_close(h, 0);
	cell_open(h, c, 1);
	html_name(h, record_text(g, i, "mother_name"));
	cell_close(h, 1);
	cell_text(h, c, 2, num_plain(w->mem, w->lang, w->numerals, str_fmt(w->mem, "%lld", (long long)json_integer_value(record_value(g, i, "birth_year")))));
	cell_open(h, c, 3);
	decide ? agree_choice(h, id, json_is_true(record_value(g, i, "ready"))) : answer_choice(h, id);
	cell_close(h, 3);
	row_close(h);
}

/* What waits for this role: questions without an answer, or answers without a second person. */
static int waiting(struct work *w, bool decide, struct id **out, size_t *n, struct err *err)
{
	struct id *ids;
	size_t got, total;
	struct record_query q = { .state = STR("received"), .limit = 3000, .oldest_first = true };
	if (record_list(w, type_find(w->node->types, STR("vetting_check")), &q, &ids, &got, &total, err) < 0)
		return -1;
	*out = NEW_ARRAY(w->mem, struct id, VETTING_MAX);
	*n = 0;
	for (size_t i = 0; i < got && *n < VETTING_MAX; i++)
		if (proposed(w, ids[i]) == decide)
			(*out)[(*n)++] = ids[i];
	return 0;
}

static void buttons(struct html *h, bool decide)
{
	if (!decide) {
		html_put(h, MARKUP("<p class=\"actions\"><button class=\"btn go\">"));
		html_t(h, N_("Give these answers to the supervisor"));
		html_put(h, MARKUP("</button><button class=\"btn\" name=\"all\" value=\"ready\">"));
		html_t(h, N_("No obstacle for all on this page"));
		html_put(h, MARKUP("</button></p></form>"));
		return;
	}
	html_put(h, MARKUP("<p><label for=\"reason\">"));
	html_t(h, N_("Reason (needed for no)"));
	html_put(h, MARKUP("</label><input class=\"in\" id=\"reason\" name=\"reason\" dir=\"auto\" autocomplete=\"off\"></p>"
	    "<p class=\"actions\"><button class=\"btn\" name=\"answer\" value=\"yes\">"));
	html_t(h, N_("Approve"));
	html_put(h, MARKUP("</button><button class=\"btn\" name=\"answer\" value=\"no\">"));
	html_t(h, N_("Do not approve"));
	html_put(h, MARKUP("</button></p></form>"));
}

int vetting_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	bool decide = is_role(w, "VET_SUP");
	struct id *ids;
	size_t n;
	if (!w->purpose.n) {
		response_see(a, url_of(w->mem, "/purpose?next=%", PARTS(q->path)));
		return 0;
	}
	if (waiting(w, decide, &ids, &n, err) < 0)
		return -1;
	const struct grant *g = record_open(w, type_find(w->node->types, STR("vetting_check")), ids, n, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Vetting desk"), .section = "vetting", .personal = true });
	html_note(&h, "info", ICON_LOCK, N_("Adults only, one by one. Nothing here says who belongs to whom, and no relative's answer counts. Not yet is no refusal."));
	if (n == 0) {
		html_note(&h, "ok", ICON_CHECK, N_("Nothing waits for you."));
		page_close(&h, a);
		return 0;
	}
	search_box(&h, w, type_find(w->node->types, STR("vetting_check")), (struct id){ 0 });
	form_open(&h, w, decide ? "/vetting/decisions" : "/vetting/answers", NULL, 0);
	html_put(&h, MARKUP("<section class=\"panel flush\">"));
	table_open(&h, desk_columns());
	for (size_t i = 0; i < n; i++)
		desk_row(&h, w, g, i, decide);
	table_close(&h);
	html_put(&h, MARKUP("</section>"));
	buttons(&h, decide);
	page_close(&h, a);
	return 0;
}

static int checks_of(struct work *w, const struct request *q, struct id *ids, size_t *n, struct err *err)
{
	struct str *given = NEW_ARRAY(w->mem, struct str, VETTING_MAX + 1);
	size_t m = request_fields(q, "check", given, VETTING_MAX + 1);
	*n = 0;
	if (m > VETTING_MAX)
		return err_say(err, ERR_TOO_LARGE, N_("At most 300 at once."), NULL);
	for (size_t i = 0; i < m; i++)
		if (id_parse(given[i], &ids[(*n)++]) < 0)
			return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return 0;
}

int vetting_answers_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id *ids = NEW_ARRAY(w->mem, struct id, VETTING_MAX), *chosen = NEW_ARRAY(w->mem, struct id, VETTING_MAX);
	bool ready[VETTING_MAX];
	struct str location;
	size_t n, k = 0;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (checks_of(w, q, ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct str answer = request_field(q, str_fmt(w->mem, "answer-" S_FMT, S_ARG(id_text(w->mem, ids[i]))).p);
		if (request_field(q, "all").n)
			answer = request_field(q, "all");
		if (!str_is(answer, "ready") && !str_is(answer, "not_yet"))
			continue;
		ready[k] = str_is(answer, "ready");
		chosen[k++] = ids[i];
	}
	if (vetting_answer(w, chosen, ready, k, err) < 0)
		return -1;
	response_see(a, STR("/vetting"));
	return done_keep(w, q, STR("/vetting"), err);
}

int vetting_decisions_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id *ids = NEW_ARRAY(w->mem, struct id, VETTING_MAX);
	struct str location, answer = request_field(q, "answer"), reason = request_field(q, "reason");
	size_t n;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (str_is(answer, "no") && !reason.n)
		return err_say(err, ERR_VALUE, N_("Say why not: the person who asked is told."), NULL);
	if (checks_of(w, q, ids, &n, err) < 0 || vetting_approve(w, ids, n, str_is(answer, "yes"), reason, err) < 0)
		return -1;
	response_see(a, STR("/vetting"));
	return done_keep(w, q, STR("/vetting"), err);
}

/* At the ministry: the drafts go out together, shuffled; a few wait for more or for a day. */
int vetting_send_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str location;
	size_t sent, waits;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (vetting_send(w, &sent, &waits, err) < 0)
		return -1;
	location = waits ? STR("/r/vetting_request?s=draft") : STR("/r/vetting_request?s=submitted");
	response_see(a, location);
	return done_keep(w, q, location, err);
}
