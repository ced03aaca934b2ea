#include "web/html.h"
#include "web/pages.h"
#include "web/session.h"

/* Signing in takes two ticks: the password is checked between them, in a job (85 ms of Argon2id never block the loop). */

static void login_form(struct html *h, struct str next, bool wrong)
{
	if (wrong)
		html_note(h, "bad", ICON_WARN, N_("User name or password is wrong."));
	html_put(h, MARKUP("<form class=\"panel stack narrow\" method=\"post\" action=\"/login\"><p><label for=\"user\">"));
	html_t(h, N_("User name"));
	html_put(h, MARKUP("</label><input class=\"in\" id=\"user\" name=\"user\" autocomplete=\"username\" dir=\"ltr\" required></p><p><label for=\"password\">"));
	html_t(h, N_("Password"));
	html_put(h, MARKUP("</label><input class=\"in\" id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" dir=\"ltr\" required></p>"
	    "<input type=\"hidden\" name=\"next\" value=\""));
	html_attr(h, next);
	html_put(h, MARKUP("\"><p><button class=\"btn go\">"));
	html_t(h, N_("Sign in"));
	html_put(h, MARKUP("</button></p></form>"));
}

int login_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)err;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Sign in") });
	login_form(&h, request_query(q, "next"), false);
	page_close(&h, a);
	return 0;
}

/* Input: hash, LF, password. Output: "1" or "0". */
static struct str password_job(struct arena *mem, struct str input)
{
	(void)mem;
	struct str hash = str_cut(&input, '\n');
	return password_check(hash, str_bytes(input)) ? STR("1") : STR("0");
}
const struct job_kind WEB_JOB_PASSWORD = { "password", password_job };

/* Input: hash, LF, password of now, LF, the new password or PIN. Output: the hash of the new one, or "0". */
static struct str password_new_job(struct arena *mem, struct str input)
{
	struct str hash = str_cut(&input, '\n'), now = str_cut(&input, '\n');
	return password_check(hash, str_bytes(now)) ? password_hash(mem, str_bytes(input), COST_FULL) : STR("0");
}
const struct job_kind WEB_JOB_PASSWORD_NEW = { "password-new", password_new_job };

/* The password was right. What comes next: the code, setting the second factor up, or work. */
static int login_next(struct work *w, const struct request *q, const struct account *account, struct response *a, struct err *err)
{
	enum factor factor;
	if (factor_state(w, account->id, &factor, err) < 0)
		return -1;
	enum session_stage stage = factor == FACTOR_SET ? SESSION_CODE : w->node->second_factor ? SESSION_SET_UP : SESSION_OPEN;
	if (stage == SESSION_SET_UP && factor_begin(w, account->id, err) < 0)
		return -1;
	struct str next = request_field(q, "next");
	response_see(a, stage == SESSION_OPEN ? place_here(next) : next.n ? url_of(w->mem, "/login/code?next=%", PARTS(next)) : STR("/login/code"));
	/* the attempts are forgotten with the last step only: a good password must not buy more tries at the code */
	if (stage == SESSION_OPEN && (login_good(w, account->user, err) < 0 || device_remember(w, q, account->id, a, err) < 0))
		return -1;
	return session_start(w, q, account, stage, a, err);
}

static int login_after(struct work *w, const struct request *q, struct str good, struct response *a, struct err *err)
{
	struct account account;
	int found = account_by_user(w, request_field(q, "user"), &account, err);
	if (found < 0)
		return -1;
	if (found && str_is(good, "1"))
		return login_next(w, q, &account, a, err);
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Sign in"), .error = true });
	login_form(&h, request_field(q, "next"), true);
	a->status = 401;
	page_close(&h, a);
	return 0;
}

int login_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	/* A stranger's name costs the same time as a known one. */
	static const char NOBODY[] = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$tQlmoyhYcJMB7p8vVVbLJhjFHOFJTJTdQXcLTcw/FgQ";
	struct account account = { .password = str_of(NOBODY) };
	(void)a;
	if (login_try(w, request_field(q, "user"), q->remote, err) < 0 || account_by_user(w, request_field(q, "user"), &account, err) < 0)
		return -1;
	struct str input = str_fmt(w->mem, S_FMT "\n" S_FMT, S_ARG(account.password), S_ARG(request_field(q, "password")));
	work_job(w, &(struct job){ &WEB_JOB_PASSWORD, input, login_after });
	return 0;
}

int logout_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	(void)err;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Sign out") });
	html_put(&h, MARKUP("<form class=\"panel stack\" method=\"post\" action=\"/logout\"><p><button class=\"btn go\">"));
	html_t(&h, N_("Sign out"));
	html_put(&h, MARKUP("</button></p></form>"));
	page_close(&h, a);
	return 0;
}

int logout_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	response_see(a, STR("/login"));
	return session_end(w, q, a, err);
}

int language_set(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	enum lang lang;
	if (lang_parse(request_query(q, "lang"), &lang) < 0)
		return err_set(err, ERR_VALUE, "no such language");
	response_see(a, STR("/today"));
	response_header(a, "Set-Cookie", language_cookie(w, str_of(lang_info(lang)->code)));
	return 0;
}
