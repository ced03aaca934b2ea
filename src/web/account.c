#include "web/session.h"

/* Accounts: who may sign in, with which roles, and how she likes her pages. */

#define ACCOUNT_COLUMNS "id, user, name, password, roles, unit, lang, theme, pin, numerals, compact, keys"
static const struct field ACCOUNT[] = { FIELD(struct account, id), FIELD(struct account, user), FIELD(struct account, name), FIELD(struct account, password),
	FIELD(struct account, roles), FIELD(struct account, unit), FIELD(struct account, lang), FIELD(struct account, theme), FIELD(struct account, pin),
	FIELD(struct account, numerals), FIELD(struct account, compact), FIELD(struct account, keys) };

SQL(Q_ACCOUNT_USER, 1, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE user=?1");
SQL(Q_ACCOUNT_ID, 1, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE id=?1");
SQL(Q_ACCOUNT_NEW, 8, "INSERT INTO account(id, user, name, password, roles, unit, lang, numerals, created) VALUES(?1,?2,?3,?4,?5,?6,'',?7,?8)");
SQL(Q_LIKES, 6, "UPDATE account SET lang=?2, numerals=?3, theme=?4, compact=?5, keys=?6 WHERE id=?1");
SQL(Q_PASSWORD, 2, "UPDATE account SET password=?2 WHERE id=?1");
SQL(Q_PIN, 2, "UPDATE account SET pin=?2 WHERE id=?1");

int account_by_user(struct work *w, struct str user, struct account *out, struct err *err)
{
	return DB_ONE(w->tx, &Q_ACCOUNT_USER, ACCOUNT, out, w->mem, err, db_text(user));
}

int account_by_id(struct work *w, struct id id, struct account *out, struct err *err)
{
	return DB_ONE(w->tx, &Q_ACCOUNT_ID, ACCOUNT, out, w->mem, err, db_id(id));
}

int account_create(struct work *w, struct str user, struct str shown, struct str hashed, struct str roles, struct str unit, struct id *out, struct err *err)
{
	struct str list[16], rest = roles;
	size_t n = 0;
	while (rest.n && n < COUNT(list))
		list[n++] = str_trim(str_cut(&rest, ','));
	if (n == 0 || !user.n)
		return err_set(err, ERR_VALUE, "an account needs a user name and a role");
	if (policy_roles_fit(w->node->policy, list, n, err) < 0)
		return err_add(err, "account");
	*out = id_new(w->node->source);
	if (DB_RUN(w->tx, &Q_ACCOUNT_NEW, err, db_id(*out), db_text(user), db_text(shown), db_text(hashed), db_text(roles), db_text(unit),
	    db_int(NUMERALS_LOCAL), db_time(w->now_ms)) < 0)
		return err_add(err, "keeping an account");
	return work_enter(w, &(struct entry){ .act = ACT_ACCOUNT, .actor = w->actor.account, .role = list[0] }, err);
}

int account_likes(struct work *w, const struct account *a, struct err *err)
{
	return DB_RUN(w->tx, &Q_LIKES, err, db_id(a->id), db_text(a->lang), db_bool(a->numerals), db_text(a->theme), db_bool(a->compact), db_bool(a->keys)) < 0 ? -1 : 0;
}

int account_password(struct work *w, struct id id, struct str hashed, struct err *err)
{
	if (DB_RUN(w->tx, &Q_PASSWORD, err, db_id(id), db_text(hashed)) < 0 || sessions_elsewhere_end(w, id, err) < 0 || devices_forget(w, id, err) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_ACCOUNT, .actor = id, .role = w->actor.role }, err);
}

int account_pin(struct work *w, struct id id, struct str hashed, struct err *err)
{
	if (DB_RUN(w->tx, &Q_PIN, err, db_id(id), db_text(hashed)) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_ACCOUNT, .actor = id, .role = w->actor.role }, err);
}

static int account_named(struct work *w, struct str user, struct account *out, struct err *err)
{
	int rc = account_by_user(w, user, out, err);
	return rc == DB_ROW ? 0 : rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such user");
}

int account_password_set(struct work *w, struct str user, struct str hashed, struct err *err)
{
	struct account a;
	return account_named(w, user, &a, err) < 0 ? -1 : account_password(w, a.id, hashed, err);
}

int account_reset(struct work *w, struct str user, struct err *err)
{
	struct account a;
	if (account_named(w, user, &a, err) < 0 || account_pin(w, a.id, (struct str){ 0 }, err) < 0 || devices_forget(w, a.id, err) < 0)
		return -1;
	return factor_forget(w, a.id, err);
}
