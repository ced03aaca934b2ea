#include "web/html.h"
#include "web/session.h"

/* What every page must have checked before its handler runs, and what a page that fails looks like. */

static bool own_origin(const struct request *q)
{
	struct str origin = q->origin, plain = STR("http://"), secure = STR("https://");
	struct str scheme = q->tls ? secure : plain;
	if (!origin.n || !q->host.n)
		return false;
	return str_starts(origin, scheme) && str_eq(str_sub(origin, scheme.n, origin.n), q->host);
}

bool is_api(const struct request *q)
{
	return str_starts(q->path, STR("/api/"));
}

/* A program outside a browser sends no Origin. The header of our own is what a foreign page cannot send without asking first, and nobody answers it (ADR 60). */
static bool own_program(const struct request *q)
{
	return is_api(q) && !q->origin.n && q->idempotency_key.n;
}

/* Late entry from paper: any form may say when it happened. A clock that is a little ahead is forgiven. */
#define AHEAD_MS (5LL * 60 * 1000)
int told_time(struct work *w, struct str told, struct err *err)
{
	struct str typed = digits_ascii(w->mem, str_trim(told));
	if (!typed.n)
		return 0;
	if (typed.n == 16)                     /* as a browser's field gives it: local time of the office, UTC+3 */
		typed = str_join(w->mem, typed, STR(":00+03:00"));
	if (time_parse(typed, &w->event_ms) < 0)
		return err_say(err, ERR_VALUE, N_("Write a time like 2026-05-23T05:30."), NULL);
	return w->event_ms <= w->now_ms + AHEAD_MS ? 0 : err_say(err, ERR_VALUE, N_("This time is in the future."), NULL);
}

int web_guard(struct work *w, const struct request *q, const struct route *r, struct err *err)
{
	const struct role *role = w->actor.role.n ? policy_role(w->node->policy, w->actor.role) : NULL;
	if (q->method == POST && !own_origin(q) && !own_program(q))
		return err_say(err, ERR_FORBIDDEN, N_("This form did not come from a page of this office."), NULL);
	if (r->permission == PERMIT_ANYBODY)
		return 0;
	if (!role)
		return err_set(err, ERR_NO_SESSION, "no session");
	bool allowed = r->permission == PERMIT_SIGNED_IN || (r->permission == PERMIT_ADMIN && role->admin) ||
	    (r->permission == PERMIT_OVERSIGHT && role->oversight);
	if (!allowed || (r->role.n && !role_among(w->actor.role, r->role.p)))
		return err_set(err, ERR_FORBIDDEN, "the role may not open this page");
	if (is_api(q) && q->jisr_purpose.n && purpose_parse(w, q->jisr_purpose, &w->purpose, &w->basis, err) < 0)
		return -1;
	return q->method == POST ? told_time(w, request_field(q, "event_time"), err) : 0;
}

static void error_json(struct work *w, struct response *a, const struct err *why)
{
	const struct err_class *c = err_class(why->code);
	json_t *body = json_keep(w->mem, json_pack("{s:s, s:s}", "error", c->name, "message", why->user ? why->user : c->user));
	if (w->reference.n)
		json_object_set_new(body, "reference", json_new_str(w->reference));
	a->type = "application/json";
	a->body = json_write(w->mem, body);
	page_headers(a);
}

/* What may go through another time as it is. Going back would not do: browsers keep nothing of fields that they are not to remember. */
static bool may_pass(enum err_code code)
{
	return code == ERR_BUSY || code == ERR_FULL || code == ERR_FAULT || code == ERR_RATE || code == ERR_PEER;
}

/* A form was sent after the end: it is kept by the browser, and signing in happens beside it. */
static void access_ended(struct html *h)
{
	html_note(h, "warn", ICON_CLOCK, N_("Nothing is lost: sign in in a window beside this one, then load this page again, and the form is sent once more."));
	html_put(h, MARKUP("<p><a class=\"btn go\" target=\"_blank\" href=\"/login\">"));
	html_t(h, N_("Sign in"));
	html_put(h, MARKUP("</a></p>"));
}

static void reference_show(struct html *h, struct work *w)
{
	html_put(h, MARKUP("<p>"));
	html_t(h, N_("Reference number for the administrator:"));
	html_put(h, MARKUP(" <b>"));
	html_id(h, w->reference);
	html_put(h, MARKUP("</b></p>"));
}

/* Which roles the rule names: of the kind of record, which is known to everybody; nothing about this one. */
static void who_may(struct html *h, struct work *w, const struct request *q)
{
	const struct type *t = type_find(w->node->types, request_param(q, "type"));
	if (!t)
		return;
	html_put(h, MARKUP("<p>"));
	html_href(h, "/why/%", PARTS(t->name));
	html_t(h, N_("Which roles may, and by which rule"));
	html_put(h, MARKUP("</a></p>"));
}

void web_error(struct work *w, const struct request *q, struct response *a, const struct err *why)
{
	const struct err_class *c = err_class(why->code);
	struct str arg = why->arg ? tr(w->lang, why->arg) : (struct str){ 0 };
	if (is_api(q)) {
		error_json(w, a, why);
		return;
	}
	bool ended = why->code == ERR_NO_SESSION && request_cookie(q, str_z(w->mem, session_cookie_name(w, q))).n > 0;
	if (why->code == ERR_NO_SESSION && q->method == GET) {
		response_see(a, ended && !str_is(q->path, "/today") && !str_is(q->path, "/") ? url_of(w->mem, "/login?next=%", PARTS(q->path)) : STR("/login"));
		page_headers(a);
		return;
	}
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = ended ? N_("Your access has ended.") : c->user, .error = true });
	if (why->code == ERR_NO_SESSION)
		access_ended(&h);
	if (w->reference.n)
		reference_show(&h, w);
	if (why->user) {
		html_put(&h, MARKUP("<p class=\"note warn\" role=\"alert\">"));
		html_text(&h, tr_fill(w->mem, tr(w->lang, why->user), &arg, why->arg ? 1 : 0, true));
		html_put(&h, MARKUP("</p>"));
	}
	if (why->code == ERR_FORBIDDEN && !id_none(w->actor.account)) {
		const struct role *role = policy_role(w->node->policy, w->actor.role);
		html_put(&h, MARKUP("<p>"));
		html_t(&h, N_("You work as:"));
		html_put(&h, MARKUP(" <a href=\"/me\">"));
		html_ts(&h, role ? role->title : w->actor.role);
		html_put(&h, MARKUP("</a>. "));
		html_t(&h, N_("The administrator of this office gives roles. The refusal stands in the log."));
		html_put(&h, MARKUP("</p>"));
		who_may(&h, w, q);
	}
	if (why->code != ERR_NO_SESSION) {
		html_put(&h, MARKUP("<p>"));
		html_t(&h, q->method == POST && may_pass(why->code) ? N_("Nothing was changed. Load this page again, and the form is sent once more as you typed it.") : N_("Nothing was changed."));
		html_put(&h, MARKUP("</p><p><a class=\"btn\" href=\"/today\">"));
		html_t(&h, N_("To today's work"));
		html_put(&h, MARKUP("</a></p>"));
	}
	page_close(&h, a);
}
