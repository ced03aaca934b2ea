#include "web/session.h"

static const char *const TABLES[] = {
	"CREATE TABLE account(id BLOB PRIMARY KEY, user TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password TEXT NOT NULL, roles TEXT NOT NULL,"
	" unit TEXT NOT NULL, lang TEXT NOT NULL, numerals INTEGER NOT NULL, created INTEGER NOT NULL) STRICT",
	"CREATE TABLE session(hash BLOB PRIMARY KEY, account BLOB NOT NULL REFERENCES account(id), role TEXT NOT NULL, purpose TEXT NOT NULL,"
	" basis TEXT NOT NULL, expires INTEGER NOT NULL) STRICT",
	"CREATE TABLE login_try(who TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
	"CREATE INDEX login_try_who ON login_try(who, at)",
	"CREATE TABLE done(account BLOB NOT NULL, form TEXT NOT NULL, location TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(account, form)) STRICT",
	"CREATE INDEX done_at ON done(at)",
	"UPDATE account SET lang=''",                  /* nobody chose it */
	"ALTER TABLE account ADD COLUMN theme TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE account ADD COLUMN compact INTEGER NOT NULL DEFAULT 0",
	"ALTER TABLE account ADD COLUMN keys INTEGER NOT NULL DEFAULT 1",
	"ALTER TABLE account ADD COLUMN pin TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE session ADD COLUMN stage INTEGER NOT NULL DEFAULT 0",
	"CREATE INDEX session_account ON session(account)",
	"CREATE TABLE second_factor(account BLOB PRIMARY KEY REFERENCES account(id), wrapped BLOB NOT NULL, sealed BLOB NOT NULL, confirmed INTEGER NOT NULL,"
	" step INTEGER NOT NULL) STRICT",
	"CREATE TABLE spare_code(account BLOB NOT NULL REFERENCES account(id), mac BLOB NOT NULL, PRIMARY KEY(account, mac)) STRICT",
	"CREATE TABLE device(hash BLOB NOT NULL, account BLOB NOT NULL REFERENCES account(id), until INTEGER NOT NULL, wrong INTEGER NOT NULL, place TEXT NOT NULL,"
	" PRIMARY KEY(hash, account)) STRICT",
	"ALTER TABLE session ADD COLUMN began INTEGER NOT NULL DEFAULT 0",
};
const struct migrations WEB_MIGRATIONS = { "web", TABLES, COUNT(TABLES) };

struct open_session { struct id account; struct str role, purpose, basis; int64_t stage, expires, began; };
static const struct field SESSION[] = { FIELD(struct open_session, account), FIELD(struct open_session, role), FIELD(struct open_session, purpose),
	FIELD(struct open_session, basis), FIELD(struct open_session, stage), FIELD(struct open_session, expires), FIELD(struct open_session, began) };

SQL(Q_SESSION, 2, "SELECT account, role, purpose, basis, stage, expires, began FROM session WHERE hash=?1 AND expires>?2");
SQL(Q_SESSION_NEW, 6, "INSERT INTO session(hash, account, role, purpose, basis, expires, stage, began) VALUES(?1,?2,?3,'','',?4,?5,?6)");
SQL(Q_SESSION_LONGER, 2, "UPDATE session SET expires=?2 WHERE hash=?1");
SQL(Q_SESSION_END, 1, "DELETE FROM session WHERE hash=?1");
SQL(Q_SESSIONS_ELSEWHERE, 2, "DELETE FROM session WHERE account=?1 AND hash<>?2");
SQL(Q_SESSIONS, 2, "SELECT count(*) FROM session WHERE account=?1 AND expires>?2 AND stage=0");
SQL(Q_SESSION_OLD, 1, "DELETE FROM session WHERE expires<=?1");
SQL(Q_SESSION_PURPOSE, 3, "UPDATE session SET purpose=?2, basis=?3 WHERE hash=?1");
SQL(Q_SESSION_ROLE, 2, "UPDATE session SET role=?2, purpose='', basis='' WHERE hash=?1");
SQL(Q_TRIES, 2, "SELECT count(*) FROM login_try WHERE who=?1 AND at>?2");
SQL(Q_TRY, 2, "INSERT INTO login_try(who, at) VALUES(?1,?2)");
SQL(Q_TRIES_OLD, 1, "DELETE FROM login_try WHERE at<=?1");
SQL(Q_TRIES_END, 1, "DELETE FROM login_try WHERE who=?1");
SQL(Q_DONE, 2, "SELECT location FROM done WHERE account=?1 AND form=?2");
SQL(Q_DONE_NEW, 4, "INSERT INTO done(account, form, location, at) VALUES(?1,?2,?3,?4)");
SQL(Q_DONE_OLD, 1, "DELETE FROM done WHERE at<=?1");

#define MINUTE_MS 60000LL
#define TRIES_MAX 10
#define TRIES_MINUTES 15
#define DONE_DAYS 7

struct str session_cookie_name(struct work *w, const struct request *q)
{
	return str_fmt(w->mem, "%sjisr-" S_FMT, q->tls ? "__Host-" : "", S_ARG(w->node->name));
}

static struct bytes cookie_hash(struct work *w, struct str cookie)
{
	struct hash h = sha256(str_bytes(cookie));
	return bytes_dup(w->mem, bytes_of(h.b, sizeof h.b));
}

static void language(struct work *w, const struct request *q)
{
	struct str wanted = request_query(q, "lang");
	if (!wanted.n)
		wanted = request_cookie(q, "jisr-lang");
	if (lang_parse(wanted, &w->lang) < 0)
		w->lang = LANG_AR;
	w->numerals = NUMERALS_LOCAL;
}

/* The session of the cookie and its account: 1, 0, -1. */
static int session_of(struct work *w, const struct request *q, struct open_session *s, struct account *a, struct err *err)
{
	struct str cookie = request_cookie(q, str_z(w->mem, session_cookie_name(w, q)));
	if (!cookie.n)
		return 0;
	struct bytes hash = cookie_hash(w, cookie);
	int rc = DB_ONE(w->tx, &Q_SESSION, SESSION, s, w->mem, err, db_blob(hash), db_time(w->now_ms));
	if (rc == DB_ROW)
		rc = account_by_id(w, s->account, a, err);
	if (rc == DB_ROW)
		w->session = bytes_str(hash);
	return rc < 0 ? err_add(err, "reading the session") : rc;
}

int web_session(struct work *w, const struct request *q, struct err *err)
{
	struct open_session s;
	struct account a;
	language(w, q);
	if (q->method == GET && !is_api(q))
		w->place = q->path;
	int rc = session_of(w, q, &s, &a, err);
	if (rc != DB_ROW || s.stage != SESSION_OPEN)
		return rc < 0 ? -1 : 0;
	w->actor = (struct actor){ .account = a.id, .name = a.name, .role = s.role, .unit = a.unit, .node = w->node->name };
	w->ends_ms = s.expires;
	w->purpose = s.purpose;
	w->basis = s.basis;
	w->numerals = a.numerals ? NUMERALS_EUROPEAN : NUMERALS_LOCAL;
	w->look = (struct look){ str_is(a.theme, "dark") ? THEME_DARK : str_is(a.theme, "light") ? THEME_LIGHT : THEME_SYSTEM, a.compact, a.keys };
	return 0;
}

int session_waiting(struct work *w, const struct request *q, struct account *a, enum session_stage *stage, struct err *err)
{
	struct open_session s;
	int rc = session_of(w, q, &s, a, err);
	*stage = rc == DB_ROW ? (enum session_stage)s.stage : SESSION_OPEN;
	return rc == DB_ROW && s.stage != SESSION_OPEN;
}

static void cookie_set(struct work *w, const struct request *q, struct str cookie, int64_t seconds, struct response *r)
{
	response_header(r, "Set-Cookie", str_fmt(w->mem, S_FMT "=" S_FMT "; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
	    S_ARG(session_cookie_name(w, q)), S_ARG(cookie), (long long)seconds, q->tls ? "; Secure" : ""));
}

int session_longer(struct work *w, const struct request *q, struct response *r, struct err *err)
{
	const int64_t hour = 3600 * 1000LL;
	struct open_session s;
	struct account a;
	if (session_of(w, q, &s, &a, err) != DB_ROW)
		return -1;
	int64_t last = s.began + SESSION_MOST_HOURS * hour, wanted = s.expires + SESSION_LONGER_HOURS * hour, until = wanted < last ? wanted : last;
	if (until <= s.expires)
		return err_say(err, ERR_EXPIRED, N_("A day has passed since you signed in: sign in again."), NULL);
	cookie_set(w, q, request_cookie(q, str_z(w->mem, session_cookie_name(w, q))), (until - w->now_ms) / 1000, r);
	return DB_RUN(w->tx, &Q_SESSION_LONGER, err, db_blob(str_bytes(w->session)), db_time(until)) < 0 ? -1 : 0;
}

int session_start(struct work *w, const struct request *q, const struct account *a, enum session_stage stage, struct response *r, struct err *err)
{
	uint8_t random[32];
	struct str roles = a->roles, role = str_trim(str_cut(&roles, ','));
	source_fill(w->node->source, random, sizeof random);
	struct str cookie = hex(w->mem, bytes_of(random, sizeof random));
	int64_t seconds = stage == SESSION_OPEN ? SESSION_HOURS * 3600 : SESSION_CODE_MINUTES * 60;
	/* what stood under the cookie until now ends: the same browser gets another one with each step */
	if (DB_RUN(w->tx, &Q_SESSION_OLD, err, db_time(w->now_ms)) < 0 || DB_RUN(w->tx, &Q_SESSION_END, err, db_blob(str_bytes(w->session))) < 0 ||
	    DB_RUN(w->tx, &Q_SESSION_NEW, err, db_blob(cookie_hash(w, cookie)), db_id(a->id), db_text(role), db_time(w->now_ms + seconds * 1000), db_int(stage), db_time(w->now_ms)) < 0)
		return err_add(err, "starting a session");
	cookie_set(w, q, cookie, seconds, r);
	if (stage != SESSION_OPEN)
		return 0;
	if (a->lang.n)
		response_header(r, "Set-Cookie", language_cookie(w, a->lang));
	return work_enter(w, &(struct entry){ .act = ACT_LOGIN, .actor = a->id, .role = role }, err);
}

int sessions_elsewhere_end(struct work *w, struct id account, struct err *err)
{
	return DB_RUN(w->tx, &Q_SESSIONS_ELSEWHERE, err, db_id(account), db_blob(str_bytes(w->session))) < 0 ? -1 : 0;
}

int64_t sessions_open(struct work *w)
{
	return DB_COUNT(w->tx, &Q_SESSIONS, db_id(w->actor.account), db_time(w->now_ms));
}

struct str language_cookie(struct work *w, struct str code)
{
	return str_fmt(w->mem, "jisr-lang=" S_FMT "; Path=/; SameSite=Strict; Max-Age=31536000", S_ARG(code));
}

int session_end(struct work *w, const struct request *q, struct response *r, struct err *err)
{
	if (DB_RUN(w->tx, &Q_SESSION_END, err, db_blob(str_bytes(w->session))) < 0)
		return err_add(err, "ending a session");
	response_header(r, "Set-Cookie", str_fmt(w->mem, S_FMT "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", S_ARG(session_cookie_name(w, q))));
	return work_enter(w, &(struct entry){ .act = ACT_LOGOUT, .actor = w->actor.account, .role = w->actor.role }, err);
}

int session_purpose(struct work *w, struct str purpose, struct str basis, struct err *err)
{
	return DB_RUN(w->tx, &Q_SESSION_PURPOSE, err, db_blob(str_bytes(w->session)), db_text(purpose), db_text(basis)) < 0 ? -1 : 0;
}

int session_role(struct work *w, struct str role, struct err *err)
{
	struct account a;
	if (account_by_id(w, w->actor.account, &a, err) != DB_ROW)
		return -1;
	for (struct str rest = a.roles; rest.n;)
		if (str_eq(str_trim(str_cut(&rest, ',')), role))
			return DB_RUN(w->tx, &Q_SESSION_ROLE, err, db_blob(str_bytes(w->session)), db_text(role)) < 0 ? -1 :
			    work_enter(w, &(struct entry){ .act = ACT_LOGIN, .actor = a.id, .role = role }, err);
	return err_set(err, ERR_FORBIDDEN, "not a role of this account");
}

static struct str user_key(struct work *w, struct str user)
{
	return str_fmt(w->mem, "u:" S_FMT, S_ARG(hex(w->mem, cookie_hash(w, user))));
}

int login_good(struct work *w, struct str user, struct err *err)
{
	return DB_RUN(w->tx, &Q_TRIES_END, err, db_text(user_key(w, user))) < 0 ? -1 : 0;
}

int login_try(struct work *w, struct str user, struct str remote, struct err *err)
{
	int64_t since = w->now_ms - TRIES_MINUTES * MINUTE_MS;
	struct str who[] = { user_key(w, user), str_fmt(w->mem, "r:" S_FMT, S_ARG(remote)) };
	const int64_t most[] = { TRIES_MAX, TRIES_MAX * 20 };      /* an office shares one address */
	if (DB_RUN(w->tx, &Q_TRIES_OLD, err, db_time(since)) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(who); i++) {
		if (DB_COUNT(w->tx, &Q_TRIES, db_text(who[i]), db_time(since)) >= most[i])
			return err_set(err, ERR_RATE, "sign-in tried too often");
		if (DB_RUN(w->tx, &Q_TRY, err, db_text(who[i]), db_time(w->now_ms)) < 0)
			return -1;
	}
	return 0;
}

struct place { struct str location; };
static const struct field PLACE[] = { FIELD(struct place, location) };

int done_find_key(struct work *w, struct str key, struct str *location, struct err *err)
{
	struct place p;
	int rc = DB_ONE(w->tx, &Q_DONE, PLACE, &p, w->mem, err, db_id(w->actor.account), db_text(key));
	if (rc == DB_ROW)
		*location = p.location;
	return rc;
}

int done_keep_key(struct work *w, struct str key, struct str location, struct err *err)
{
	if (DB_RUN(w->tx, &Q_DONE_OLD, err, db_time(w->now_ms - DONE_DAYS * 24 * 60 * MINUTE_MS)) < 0)
		return -1;
	return DB_RUN(w->tx, &Q_DONE_NEW, err, db_id(w->actor.account), db_text(key), db_text(location), db_time(w->now_ms)) < 0 ? -1 : 0;
}

int done_find(struct work *w, const struct request *q, struct str *location, struct err *err)
{
	struct id form;
	if (id_parse(request_field(q, "form"), &form) < 0)
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return done_find_key(w, request_field(q, "form"), location, err);
}

int done_keep(struct work *w, const struct request *q, struct str location, struct err *err)
{
	return done_keep_key(w, request_field(q, "form"), location, err);
}
