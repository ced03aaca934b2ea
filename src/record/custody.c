#include "record/custody.h"
#include "base/utf8.h"
#include "record/record_i.h"

SQL(Q_LIST, 0, "SELECT purpose, holder, before, order_no, since, sealed FROM custody ORDER BY purpose");
SQL(Q_SEALED, 1, "SELECT count(*) FROM custody WHERE purpose=?1 AND sealed=1");
SQL(Q_ANY_SEALED, 0, "SELECT count(*) FROM custody WHERE sealed=1");
SQL(Q_HOLDER, 1, "SELECT holder FROM custody WHERE purpose=?1");
SQL(Q_SET, 6, "INSERT INTO custody(purpose, holder, before, order_no, since, sealed) VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(purpose) DO UPDATE SET holder=excluded.holder,"
    " before=excluded.before, order_no=excluded.order_no, since=excluded.since, sealed=excluded.sealed");
SQL(Q_WAITING, 0, "SELECT id, by, purpose, holder, order_no, role, at FROM custody_wait ORDER BY at");
SQL(Q_WAIT, 1, "SELECT id, by, purpose, holder, order_no, role, at FROM custody_wait WHERE id=?1");
SQL(Q_WAIT_NEW, 7, "INSERT INTO custody_wait(id, by, purpose, holder, order_no, role, at) VALUES(?1,?2,?3,?4,?5,?6,?7)");
SQL(Q_WAIT_END, 1, "DELETE FROM custody_wait WHERE id=?1");
SQL(Q_WAITS, 1, "SELECT count(*) FROM custody_wait WHERE purpose=?1");
static const struct field CUSTODY[] = { FIELD(struct custody, purpose), FIELD(struct custody, holder), FIELD(struct custody, before), FIELD(struct custody, order_no),
	FIELD(struct custody, since), FIELD(struct custody, sealed) };
static const struct field WAIT[] = { FIELD(struct custody_wait, id), FIELD(struct custody_wait, by), FIELD(struct custody_wait, purpose), FIELD(struct custody_wait, holder),
	FIELD(struct custody_wait, order_no), FIELD(struct custody_wait, role), FIELD(struct custody_wait, at) };
struct holder_row { struct str holder; };
static const struct field HOLDER[] = { FIELD(struct holder_row, holder) };
#define ROWS_MAX 64
#define TEXT_SIGNS 120

int custody_list(struct work *w, struct custody **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_LIST, CUSTODY, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct custody, ROWS_MAX);
	*n = 0;
	while (*n < ROWS_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int custody_sealed(struct work *w, struct str purpose)
{
	return w->tx ? (int)DB_COUNT(w->tx, &Q_SEALED, db_text(purpose)) : 0;
}

int custody_waiting(struct work *w, struct custody_wait **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_WAITING, WAIT, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct custody_wait, ROWS_MAX);
	*n = 0;
	while (*n < ROWS_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* Who holds is a text, and no text stands in the log: its line is bound to holder and order by the hash of both, which who knows them can make again. */
static int enter(struct work *w, const char *move, struct str purpose, struct str holder, struct str order_no, struct err *err)
{
	struct hash digest = sha256(str_bytes(str_fmt(w->mem, S_FMT "\n" S_FMT "\n", S_ARG(holder), S_ARG(order_no))));
	return work_enter(w, &(struct entry){ .act = ACT_CUSTODY, .actor = w->actor.account, .role = w->actor.role, .move = str_of(move), .fields = purpose.n ? purpose : STR("all"),
	    .record_salt = digest.b, .body = bytes_of(digest.b, HASH_BYTES) }, err);
}

static int may(struct work *w, struct err *err)
{
	if (str_is(w->actor.role, "ADMIN") || str_is(w->actor.role, "DPO"))
		return 0;
	w->refusal.reason = STR("role");
	return err_say(err, ERR_FORBIDDEN, N_("Custody is moved by the administrator and data protection."), NULL);
}

static bool one_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] < ' ')
			return false;
	return s.n && utf8_count(s) <= TEXT_SIGNS;
}

int custody_ask(struct work *w, struct str purpose, struct str holder, struct str order_no, struct err *err)
{
	if (may(w, err) < 0)
		return -1;
	if (!one_line(holder) || !one_line(order_no) || (purpose.n && !policy_purpose(w->node->policy, purpose)))
		return err_say(err, ERR_VALUE, N_("Say who holds it now, and the number of the order."), NULL);
	if (!purpose.n && DB_COUNT(w->tx, &Q_ANY_SEALED) != 0)
		return err_say(err, ERR_CONFLICT, N_("This office changes hands already: let each purpose pass."), NULL);
	if (purpose.n && custody_sealed(w, purpose) != 1)
		return err_say(err, ERR_CONFLICT, N_("This purpose is not sealed: nothing has to pass."), NULL);
	if (DB_COUNT(w->tx, &Q_WAITS, db_text(purpose)) != 0)
		return err_say(err, ERR_CONFLICT, N_("The same waits for a second person already."), NULL);
	struct id id = id_new(w->node->source);
	return DB_RUN(w->tx, &Q_WAIT_NEW, err, db_id(id), db_id(w->actor.account), db_text(purpose), db_text(holder), db_text(order_no), db_text(w->actor.role), db_time(w->now_ms)) < 0 ? -1
	    : enter(w, "ask", purpose, holder, order_no, err);
}

static int set(struct work *w, struct str purpose, const struct custody_wait *x, bool sealed, struct err *err)
{
	struct holder_row was = { w->node->title };
	if (DB_ONE(w->tx, &Q_HOLDER, HOLDER, &was, w->mem, err, db_text(purpose)) < 0)
		return -1;
	/* sealed: nobody holds it, until it passes */
	struct custody c = { purpose, sealed ? was.holder : x->holder, was.holder, x->order_no, w->now_ms, sealed };
	if (DB_RUN(w->tx, &Q_SET, err, db_text(c.purpose), db_text(c.holder), db_text(c.before), db_text(c.order_no), db_time(c.since), db_bool(c.sealed)) < 0 ||
	    enter(w, sealed ? "seal" : "pass", purpose, c.holder, c.order_no, err) < 0)
		return -1;
	return w->node->hooks->custody ? w->node->hooks->custody(w, &c, err) : 0;
}

/* Oversight goes on: it looks at logs, policy and counts, whoever holds the data. */
static int seal_all(struct work *w, const struct custody_wait *x, struct err *err)
{
	for (size_t i = 0; i < w->node->policy->npurposes; i++)
		if (!str_is(w->node->policy->purposes[i].name, "oversight") && set(w, w->node->policy->purposes[i].name, x, true, err) < 0)
			return -1;
	return 0;
}

int custody_seal(struct work *w, struct err *err)
{
	return seal_all(w, &(struct custody_wait){ .order_no = STR("jisr seal --now") }, err);
}

static int carry_out(struct work *w, const struct custody_wait *x, struct err *err)
{
	return x->purpose.n ? set(w, x->purpose, x, false, err) : seal_all(w, x, err);
}

int custody_decide(struct work *w, struct id id, bool yes, struct err *err)
{
	struct custody_wait x;
	int rc = may(w, err) < 0 ? -1 : DB_ONE(w->tx, &Q_WAIT, WAIT, &x, w->mem, err, db_id(id));
	if (rc <= 0)
		return rc < 0 ? -1 : err_say(err, ERR_CONFLICT, N_("This was decided already."), NULL);
	if (id_eq(x.by, w->actor.account))
		return err_say(err, ERR_FORBIDDEN, N_("You asked for this: another person must decide."), NULL);
	if (!str_is(x.role, "DPO") && !str_is(w->actor.role, "DPO"))
		return err_say(err, ERR_FORBIDDEN, N_("One of the two persons is of data protection."), NULL);
	if (DB_RUN(w->tx, &Q_WAIT_END, err, db_id(id)) < 0)
		return -1;
	return yes ? carry_out(w, &x, err) : enter(w, "void", x.purpose, x.holder, x.order_no, err);
}
