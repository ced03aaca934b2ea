#include "web/pages.h"
#include "web/parts.h"
#include "web/qr.h"
#include "web/secrets.h"

/* Signing in with a second factor: the code, or setting the factor up the first time. Also reached from one's own settings. */

void secret_input(struct html *h, const struct secret *s)
{
	html_put(h, MARKUP("<div><label for=\""));
	html_text(h, str_of(s->name));
	html_put(h, MARKUP("\">"));
	html_t(h, s->label);
	html_put(h, MARKUP("</label>"));
	if (s->hint) {
		html_put(h, MARKUP("<p class=\"hint\" id=\"hint-"));
		html_text(h, str_of(s->name));
		html_put(h, MARKUP("\">"));
		html_t(h, s->hint);
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("<input class=\"in\" dir=\"ltr\" required id=\""));
	html_text(h, str_of(s->name));
	html_put(h, MARKUP("\" name=\""));
	html_text(h, str_of(s->name));
	html_put(h, MARKUP("\" autocomplete=\""));
	html_text(h, str_of(s->complete));
	html_put(h, s->digits ? MARKUP("\" inputmode=\"numeric") : MARKUP(""));
	html_put(h, strcmp(s->complete, "one-time-code") == 0 ? MARKUP("\" type=\"text") : MARKUP("\" type=\"password"));
	if (s->hint) {
		html_put(h, MARKUP("\" aria-describedby=\"hint-"));
		html_text(h, str_of(s->name));
	}
	html_put(h, MARKUP("\"></div>"));
}

/* RFC 4648, without padding: what authenticators take. */
static struct str base32(struct arena *mem, struct bytes b)
{
	static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	struct buf out = buf_new(mem, b.n * 2 + 8);
	unsigned held = 0, bits = 0;
	for (size_t i = 0; i < b.n; i++) {
		held = held << 8 | b.p[i];
		for (bits += 8; bits >= 5; bits -= 5)
			buf_ch(&out, LETTERS[held >> (bits - 5) & 31]);
	}
	if (bits)
		buf_ch(&out, LETTERS[held << (5 - bits) & 31]);
	return buf_text(&out);
}

int factor_show(struct html *h, struct work *w, const struct account *a, struct err *err)
{
	struct bytes secret;
	if (factor_secret(w, a->id, &secret, err) < 0)
		return -1;
	struct str text = base32(w->mem, secret);
	para(h, "", N_("Scan this with an authenticator on your phone, or type the letters there. Then write the six digits that it shows."));
	if (html_qr(h, str_fmt(w->mem, "otpauth://totp/Jisr:" S_FMT "@" S_FMT "?secret=" S_FMT "&issuer=Jisr", S_ARG(a->user), S_ARG(w->node->name), S_ARG(text)),
	    N_("Second factor as a QR code"), err) < 0)
		return -1;
	html_put(h, MARKUP("<p dir=\"ltr\">"));
	for (size_t i = 0; i < text.n; i += 4) {
		html_text(h, str_sub(text, i, 4));
		html_put(h, MARKUP(" "));
	}
	html_put(h, MARKUP("</p>"));
	return 0;
}

void spare_show(struct html *h, const struct str spare[10], const char *next)
{
	html_note(h, "warn", ICON_KEY, N_("These ten codes replace the phone, each once. They are shown now and never again: print them or write them down."));
	html_put(h, MARKUP("<ul class=\"plain\">"));
	for (int i = 0; i < 10; i++) {
		html_put(h, MARKUP("<li>"));
		html_id(h, spare[i]);
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul>"));
	link_button(h, "btn go", str_of(next), N_("I have them"));
}

void wrong_code(struct html *h)
{
	html_note(h, "bad", ICON_WARN, N_("This code is wrong or was used already. Wait for the next one."));
}

static int code_form(struct work *w, const struct account *account, enum session_stage stage, struct str next, bool wrong, struct response *a, struct err *err)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = stage == SESSION_CODE ? N_("Second factor") : N_("Set up the second factor"), .error = wrong, .sheet = true });
	if (wrong)
		wrong_code(&h);
	html_put(&h, MARKUP("<form class=\"panel stack narrow\" method=\"post\" action=\"/login/code\">"));
	if (stage == SESSION_SET_UP && factor_show(&h, w, account, err) < 0)
		return -1;
	secret_input(&h, &(struct secret){ "code", N_("Code"), stage == SESSION_CODE ? N_("Six digits of the authenticator, or one of your codes on paper") : NULL,
	    "one-time-code", stage == SESSION_SET_UP });
	hidden_input(&h, "next", next);
	submit_button(&h, "btn go", NULL, NULL, N_("Continue"));
	html_put(&h, MARKUP("</form>"));
	a->status = wrong ? 401 : 200;
	page_close(&h, a);
	return 0;
}

int login_code_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct account account;
	enum session_stage stage;
	int rc = session_waiting(w, q, &account, &stage, err);
	if (rc != 1)
		return rc < 0 ? -1 : (response_see(a, STR("/login")), 0);
	return code_form(w, &account, stage, request_query(q, "next"), false, a, err);
}

int login_code_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct account account;
	enum session_stage stage;
	struct str spare[10];
	bool good;
	int rc = session_waiting(w, q, &account, &stage, err);
	if (rc != 1)
		return rc < 0 ? -1 : (response_see(a, STR("/login")), 0);
	if (login_try(w, account.user, q->remote, err) < 0 || factor_check(w, account.id, request_field(q, "code"), &good, err) < 0)
		return -1;
	if (!good)
		return code_form(w, &account, stage, request_field(q, "next"), true, a, err);
	if (login_good(w, account.user, err) < 0 || (stage == SESSION_SET_UP && factor_confirm(w, account.id, spare, err) < 0) ||
	    device_remember(w, q, account.id, a, err) < 0 || session_start(w, q, &account, SESSION_OPEN, a, err) < 0)
		return -1;
	if (stage == SESSION_CODE)
		return response_see(a, place_here(request_field(q, "next"))), 0;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Your codes on paper") });
	spare_show(&h, spare, "/today");
	page_close(&h, a);
	return 0;
}

/* ---- from one's own settings ---- */

static int own(struct work *w, struct account *account, struct err *err)
{
	return account_by_id(w, w->actor.account, account, err) == DB_ROW ? 0 : err_set(err, ERR_NO_SESSION, "no account");
}

static int own_form(struct work *w, const struct account *account, bool wrong, struct response *a, struct err *err)
{
	enum factor state;
	if (factor_state(w, account->id, &state, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Second factor"), .error = wrong, .sheet = true });
	if (wrong)
		wrong_code(&h);
	html_put(&h, MARKUP("<form class=\"panel stack narrow\" method=\"post\" action=\"/me/factor\">"));
	if (state == FACTOR_WAITS && factor_show(&h, w, account, err) < 0)
		return -1;
	if (state == FACTOR_SET)
		para(&h, "", N_("With a code of your authenticator you get ten new codes on paper. The old ones are void then."));
	secret_input(&h, &(struct secret){ "code", N_("Code"), NULL, "one-time-code", true });
	submit_button(&h, "btn go", NULL, NULL, N_("Continue"));
	html_put(&h, MARKUP("</form>"));
	a->status = wrong ? 401 : 200;
	page_close(&h, a);
	return 0;
}

int me_factor_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct account account;
	(void)q;
	return own(w, &account, err) < 0 ? -1 : own_form(w, &account, false, a, err);
}

int me_factor_begin_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	enum factor state;
	(void)q;
	response_see(a, STR("/me/factor"));
	if (factor_state(w, w->actor.account, &state, err) < 0)
		return -1;
	return state == FACTOR_SET ? 0 : factor_begin(w, w->actor.account, err);      /* one that holds is not replaced from an open session */
}

int me_factor_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct account account;
	struct str spare[10];
	bool good;
	if (own(w, &account, err) < 0 || login_try(w, account.user, q->remote, err) < 0 || factor_check(w, account.id, request_field(q, "code"), &good, err) < 0)
		return -1;
	if (!good)
		return own_form(w, &account, true, a, err);
	if (login_good(w, account.user, err) < 0 || factor_confirm(w, account.id, spare, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Your codes on paper") });
	spare_show(&h, spare, "/me");
	page_close(&h, a);
	return 0;
}
