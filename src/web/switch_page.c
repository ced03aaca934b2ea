#include "web/pages.h"
#include "web/parts.h"
#include "web/secrets.h"

/* Another user on the same phone, in seconds; another role of the same user. What the first one had open stays hers: when she comes back she is led to her page. What
   was typed there and not sent is gone: browsers keep nothing of fields that they are not to remember. */

#define USERS_MAX 16

static int switch_show(struct work *w, const struct request *q, struct str from, bool wrong, struct response *a, struct err *err)
{
	struct account user[USERS_MAX];
	size_t n;
	if (device_users(w, q, user, COUNT(user), &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Change user"), .error = wrong });
	if (wrong)
		html_note(&h, "bad", ICON_WARN, N_("This PIN is wrong, or was wrong too often on this phone. With the password it works again."));
	if (!n)
		html_note(&h, "info", ICON_KEY, N_("Nobody on this phone has a PIN yet. Each user sets one in her settings after signing in with the password."));
	if (n) {
		html_put(&h, MARKUP("<form class=\"panel stack narrow\" method=\"post\" action=\"/switch\">"));
		hidden_input(&h, "from", from);
		html_put(&h, MARKUP("<fieldset><legend class=\"lbl\">"));
		html_t(&h, N_("Who takes the phone?"));
		html_put(&h, MARKUP("</legend>"));
		for (size_t i = 0; i < n; i++) {
			html_put(&h, MARKUP("<p><label class=\"choice\"><input type=\"radio\" name=\"user\" required value=\""));
			html_attr(&h, user[i].user);
			html_put(&h, MARKUP("\"> "));
			html_name(&h, user[i].name);
			html_put(&h, MARKUP("</label></p>"));
		}
		html_put(&h, MARKUP("</fieldset>"));
		secret_input(&h, &(struct secret){ "pin", N_("PIN"), NULL, "off", true });
		submit_button(&h, "btn go", NULL, NULL, N_("Change user"));
		html_put(&h, MARKUP("</form>"));
	}
	html_put(&h, MARKUP("<p><a href=\"/login\">"));
	html_t(&h, N_("Sign in with user name and password"));
	html_put(&h, MARKUP("</a></p>"));
	a->status = wrong ? 401 : 200;
	page_close(&h, a);
	return 0;
}

int switch_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	return switch_show(w, q, request_query(q, "from"), false, a, err);
}

static int switch_after(struct work *w, const struct request *q, struct str good, struct response *a, struct err *err)
{
	struct account account;
	struct str place;
	int found = account_by_user(w, request_field(q, "user"), &account, err);
	if (found < 0)
		return -1;
	if (!found || !str_is(good, "1"))
		return switch_show(w, q, request_field(q, "from"), true, a, err);
	if (login_good(w, account.user, err) < 0 || device_good(w, q, account.id, &place, err) < 0)
		return -1;
	if (!id_none(w->actor.account) && device_left(w, q, place_here(request_field(q, "from")), err) < 0)
		return -1;
	response_see(a, place_here(place));
	return session_start(w, q, &account, SESSION_OPEN, a, err);
}

int switch_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct account account;
	struct str pin = digits_ascii(w->mem, request_field(q, "pin")), user = request_field(q, "user");
	if (login_try(w, user, q->remote, err) < 0)
		return -1;
	int known = device_user(w, q, user, &account, err);
	if (known != 1)
		return known < 0 ? -1 : switch_show(w, q, request_field(q, "from"), true, a, err);
	work_job(w, &(struct job){ &WEB_JOB_PASSWORD, str_fmt(w->mem, S_FMT "\n" S_FMT, S_ARG(account.pin), S_ARG(pin)), switch_after });
	return 0;
}

/* ---- roles ---- */

int role_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct account account;
	(void)q;
	if (account_by_id(w, w->actor.account, &account, err) != DB_ROW)
		return err_set(err, ERR_NO_SESSION, "no account");
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Choose your role") });
	html_put(&h, MARKUP("<form class=\"panel stack narrow\" method=\"post\" action=\"/role\">"));
	para(&h, "muted", N_("You work in one role at a time. The purpose is asked again."));
	for (struct str rest = account.roles; rest.n;) {
		struct str name = str_trim(str_cut(&rest, ','));
		const struct role *role = policy_role(w->node->policy, name);
		html_put(&h, MARKUP("<p><button class=\"btn\" name=\"role\" value=\""));
		html_attr(&h, name);
		html_put(&h, str_eq(name, w->actor.role) ? MARKUP("\" aria-current=\"true\">") : MARKUP("\">"));
		html_ts(&h, role ? role->title : name);
		html_put(&h, MARKUP("</button></p>"));
	}
	html_put(&h, MARKUP("</form>"));
	page_close(&h, a);
	return 0;
}

int role_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	response_see(a, STR("/today"));
	return session_role(w, request_field(q, "role"), err);
}
