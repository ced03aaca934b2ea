#include "web/pages.h"
#include "web/parts.h"
#include "web/secrets.h"

/* One's own settings: how the pages look, the password, the PIN for a shared phone, the second factor, where one is signed in. */

#define PASSWORD_LEAST 12
#define PIN_LEAST 6
struct choice { const char *value, *label; };

static void choices(struct html *h, const char *name, const char *label, const struct choice *c, size_t n, struct str chosen)
{
	select_of(h, name, label, false);
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<option value=\""));
		html_text(h, str_of(c[i].value));
		html_put(h, str_is(chosen, c[i].value) ? MARKUP("\" selected>") : MARKUP("\">"));
		html_t(h, c[i].label);
		html_put(h, MARKUP("</option>"));
	}
	select_close(h);
}

static void language_choice(struct html *h, struct str chosen)
{
	select_of(h, "lang", N_("Language"), false);
	for (enum lang l = 0; l < LANGS; l++) {
		html_put(h, MARKUP("<option lang=\""));
		html_text(h, str_of(lang_info(l)->code));
		html_put(h, MARKUP("\" value=\""));
		html_text(h, str_of(lang_info(l)->code));
		html_put(h, str_is(chosen, lang_info(l)->code) || (!chosen.n && l == h->lang) ? MARKUP("\" selected>") : MARKUP("\">"));
		html_text(h, str_of(lang_info(l)->own_name));
		html_put(h, MARKUP("</option>"));
	}
	select_close(h);
}

static void role_panel(struct html *h, struct work *w, const struct account *a)
{
	const struct role *role = policy_role(w->node->policy, w->actor.role);
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Role"));
	html_put(h, MARKUP("<p>"));
	html_ts(h, role ? role->title : w->actor.role);
	html_put(h, MARKUP("</p>"));
	if (str_find(a->roles, STR(",")) < a->roles.n)
		link_button(h, "btn", STR("/role"), N_("Choose your role"));
	html_put(h, MARKUP("</section>"));
}

static void likes_form(struct html *h, struct work *w, const struct account *a)
{
	static const struct choice DIGITS[] = { { "local", N_("Arabic-Indic digits") }, { "european", N_("European digits") } };
	static const struct choice THEMES[] = { { "", N_("As the device has it") }, { "light", N_("Light") }, { "dark", N_("Dark") } };
	static const struct choice ROWS[] = { { "", N_("Comfortable rows") }, { "compact", N_("Compact rows") } };
	static const struct choice KEYS[] = { { "on", N_("Shortcuts on") }, { "off", N_("Shortcuts off") } };
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("How the pages look"));
	form_open(h, w, "/me", NULL, 0);
	language_choice(h, a->lang);
	choices(h, "digits", N_("Digits"), DIGITS, COUNT(DIGITS), a->numerals ? STR("european") : STR("local"));
	choices(h, "theme", N_("Colours"), THEMES, COUNT(THEMES), a->theme);
	choices(h, "rows", N_("Tables"), ROWS, COUNT(ROWS), a->compact ? STR("compact") : STR(""));
	choices(h, "keys", N_("Keyboard"), KEYS, COUNT(KEYS), a->keys ? STR("on") : STR("off"));
	submit_button(h, "btn go", NULL, NULL, N_("Save"));
	html_put(h, MARKUP("</form><p><a href=\"/keys\">"));
	html_t(h, N_("Keys of the keyboard"));
	html_put(h, MARKUP("</a></p></section>"));
}

static void password_form(struct html *h, struct work *w)
{
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Password"));
	form_open(h, w, "/me/password", NULL, 0);
	secret_input(h, &(struct secret){ "old", N_("Password of now"), NULL, "current-password", false });
	secret_input(h, &(struct secret){ "new", N_("New password"), N_("At least 12 characters. You are signed out everywhere else."), "new-password", false });
	submit_button(h, "btn", NULL, NULL, N_("Change the password"));
	html_put(h, MARKUP("</form></section>"));
}

static void pin_form(struct html *h, struct work *w, const struct account *a)
{
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("PIN for a shared phone"));
	para(h, "muted", a->pin.n ? N_("A PIN is set. On a phone where you signed in with your password in the last 12 hours, it changes the user.") :
	    N_("No PIN is set. With one, several people can share a phone and change the user in seconds."));
	form_open(h, w, "/me/pin", NULL, 0);
	secret_input(h, &(struct secret){ "password", N_("Password"), NULL, "current-password", false });
	secret_input(h, &(struct secret){ "pin", N_("New PIN"), N_("Six to twelve digits"), "off", true });
	submit_button(h, "btn", NULL, NULL, N_("Set the PIN"));
	html_put(h, MARKUP("</form></section>"));
}

static int factor_panel(struct html *h, struct work *w, const struct account *a, struct err *err)
{
	enum factor state;
	if (factor_state(w, a->id, &state, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Second factor"));
	if (state == FACTOR_SET) {
		para(h, "", N_("A second factor is set: signing in asks for its code. An administrator can take it back where the phone is lost."));
		link_button(h, "btn", STR("/me/factor"), N_("New codes on paper"));
	} else {
		para(h, "", N_("No second factor is set: your password alone opens this account."));
		html_put(h, MARKUP("<form method=\"post\" action=\"/me/factor/new\">"));
		submit_button(h, "btn", NULL, NULL, N_("Set up a second factor"));
		html_put(h, MARKUP("</form>"));
	}
	html_put(h, MARKUP("</section>"));
	return 0;
}

static void sessions_panel(struct html *h, struct work *w)
{
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Where you are signed in"));
	html_put(h, MARKUP("<p>"));
	html_t(h, N_("Open sessions, this one included:"));
	html_put(h, MARKUP(" "));
	html_num(h, sessions_open(w));
	html_put(h, MARKUP("</p><form method=\"post\" action=\"/me/sessions\">"));
	submit_button(h, "btn", NULL, NULL, N_("Sign out everywhere else"));
	html_put(h, MARKUP("</form></section>"));
}

static int show(struct work *w, const char *fault, const char *done, struct response *a, struct err *err)
{
	struct account account;
	if (account_by_id(w, w->actor.account, &account, err) != DB_ROW)
		return err_set(err, ERR_NO_SESSION, "no account");
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("My settings"), .error = fault != NULL });
	if (fault)
		html_note(&h, "bad", ICON_WARN, fault);
	if (done)
		html_note(&h, "ok", ICON_CHECK, done);
	role_panel(&h, w, &account);
	likes_form(&h, w, &account);
	password_form(&h, w);
	pin_form(&h, w, &account);
	if (factor_panel(&h, w, &account, err) < 0)
		return -1;
	sessions_panel(&h, w);
	a->status = fault ? 422 : 200;
	page_close(&h, a);
	return 0;
}

int me_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	return show(w, NULL, request_query(q, "done").n ? N_("Saved.") : NULL, a, err);
}

int me_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct account account;
	enum lang lang;
	struct str theme = request_field(q, "theme");
	if (account_by_id(w, w->actor.account, &account, err) != DB_ROW || lang_parse(request_field(q, "lang"), &lang) < 0 ||
	    (theme.n && !str_is(theme, "light") && !str_is(theme, "dark")))
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	account.lang = str_of(lang_info(lang)->code);
	account.numerals = str_is(request_field(q, "digits"), "european");
	account.theme = theme;
	account.compact = str_is(request_field(q, "rows"), "compact");
	account.keys = !str_is(request_field(q, "keys"), "off");
	response_header(a, "Set-Cookie", language_cookie(w, account.lang));
	response_see(a, STR("/me?done=1"));
	return account_likes(w, &account, err);
}

static int changing(struct work *w, const struct request *q, struct str now, struct str fresh, int (*then)(struct work *, const struct request *, struct str, struct response *, struct err *),
    struct err *err)
{
	struct account account;
	if (account_by_id(w, w->actor.account, &account, err) != DB_ROW || login_try(w, account.user, q->remote, err) < 0)
		return -1;
	work_job(w, &(struct job){ &WEB_JOB_PASSWORD_NEW, str_fmt(w->mem, S_FMT "\n" S_FMT "\n" S_FMT, S_ARG(account.password), S_ARG(now), S_ARG(fresh)), then });
	return 0;
}

/* What the job gave: a hash, "0", or nothing where it died. 1: go on. */
static int changed(struct work *w, struct str output, struct response *a, struct err *err)
{
	struct account account;
	if (output.n < 2)
		return show(w, N_("The password of now is wrong."), NULL, a, err);
	if (account_by_id(w, w->actor.account, &account, err) != DB_ROW || login_good(w, account.user, err) < 0)
		return -1;
	response_see(a, STR("/me?done=1"));
	return 1;
}

static int password_after(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	(void)q;
	int rc = changed(w, output, a, err);
	return rc == 1 ? account_password(w, w->actor.account, output, err) : rc;
}

int me_password_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str fresh = request_field(q, "new");
	if (fresh.n < PASSWORD_LEAST || str_find(fresh, STR("\n")) < fresh.n)
		return show(w, N_("The new password is too short: at least 12 characters."), NULL, a, err);
	return changing(w, q, request_field(q, "old"), fresh, password_after, err);
}

static int pin_after(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	(void)q;
	int rc = changed(w, output, a, err);
	return rc == 1 ? account_pin(w, w->actor.account, output, err) : rc;
}

/* One digit again and again, or a row of neighbours, is the first that a finder tries. */
static bool easy(struct str pin)
{
	bool same = true, up = true, down = true;
	for (size_t i = 1; i < pin.n; i++) {
		same = same && pin.p[i] == pin.p[0];
		up = up && pin.p[i] == pin.p[i - 1] + 1;
		down = down && pin.p[i] == pin.p[i - 1] - 1;
	}
	return same || up || down;
}

int me_pin_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str pin = digits_ascii(w->mem, request_field(q, "pin"));
	uint64_t number;
	if (pin.n < PIN_LEAST || pin.n > 12 || str_u64(pin, &number) < 0 || easy(pin))
		return show(w, N_("A PIN has six to twelve digits, not all the same and not in a row."), NULL, a, err);
	return changing(w, q, request_field(q, "password"), pin, pin_after, err);
}

int me_sessions_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	response_see(a, STR("/me?done=1"));
	if (sessions_elsewhere_end(w, w->actor.account, err) < 0 || devices_forget(w, w->actor.account, err) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_LOGOUT, .actor = w->actor.account, .role = w->actor.role }, err);
}
