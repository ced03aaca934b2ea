#include "record/opening.h"
#include "record/record_i.h"

SQL(Q_NEW, 6, "INSERT INTO record_opening(id, record, type, reason, by, role, agreed_by, at, until) SELECT ?1, ?2, r.type, ?3, ?4, ?5, NULL, ?6, 0 FROM record r WHERE r.id=?2");
SQL(Q_WAITS, 1, "SELECT count(*) FROM record_opening WHERE record=?1 AND until=0");
SQL(Q_AGREE, 3, "UPDATE record_opening SET agreed_by=?2, until=?3 WHERE id=?1");
SQL(Q_VOID, 1, "DELETE FROM record_opening WHERE id=?1 AND until=0");
SQL(Q_CLOSE, 2, "UPDATE record_opening SET until=?2 WHERE id=?1 AND until>?2");
SQL(Q_STANDS, 2, "SELECT count(*) FROM record_opening WHERE record=?1 AND until>?2");
SQL(Q_OF, 1, "SELECT count(*) FROM record_opening WHERE record=?1 AND until>0");
#define COLUMNS "id, record, by, agreed_by, type, reason, role, at, until"
SQL(Q_LIST, 0, "SELECT " COLUMNS " FROM record_opening ORDER BY at DESC LIMIT 100");
SQL(Q_ONE, 1, "SELECT " COLUMNS " FROM record_opening WHERE id=?1");
static const struct field OPENING[] = { FIELD(struct opening, id), FIELD(struct opening, record), FIELD(struct opening, by), FIELD(struct opening, agreed_by),
	FIELD(struct opening, type), FIELD(struct opening, reason), FIELD(struct opening, role), FIELD(struct opening, at), FIELD(struct opening, until) };
#define OPENINGS_MAX 100
#define HOUR_MS (3600LL * 1000)

int opening_list(struct work *w, struct opening **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_LIST, OPENING, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct opening, OPENINGS_MAX);
	*n = 0;
	while (*n < OPENINGS_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int opening_find(struct work *w, struct id id, struct opening *out, struct err *err)
{
	return DB_ONE(w->tx, &Q_ONE, OPENING, out, w->mem, err, db_id(id));
}

static int may(struct work *w, struct err *err)
{
	if (str_is(w->actor.role, "OVERSIGHT") || str_is(w->actor.role, "DPO"))
		return 0;
	w->refusal.reason = STR("role");
	return err_say(err, ERR_FORBIDDEN, N_("Only oversight and data protection together open the content of a record."), NULL);
}

/* The entry is about the record, and names nobody. */
static int enter(struct work *w, enum act act, const char *move, const struct opening *o, struct err *err)
{
	struct record r;
	struct subject_key key;
	if (record_head(w, o->record, &r, err) < 0)
		return -1;
	struct id subject = id_none(r.subject) ? r.id : r.subject;
	if (!r.type->personal)
		return work_enter(w, &(struct entry){ .act = act, .actor = w->actor.account, .role = w->actor.role, .type = r.type->name, .move = str_of(move), .purpose = STR("oversight"), .basis = STR("mandate") }, err);
	if (subject_keys(w, r.type, &subject, 1, &key, err) < 0)
		return -1;
	struct str before[] = { w->purpose, w->basis };
	w->purpose = STR("oversight");
	w->basis = STR("mandate");
	int rc = enter_record(w, act, &r, &key, str_of(move), (struct str){ 0 }, (struct bytes){ 0 }, err);
	w->purpose = before[0];
	w->basis = before[1];
	wipe(&key, sizeof key);
	return rc;
}

int opening_ask(struct work *w, struct id record, struct str reason, struct id *out, struct err *err)
{
	struct record r;
	const struct code_list *grounds = NULL;
	for (size_t i = 0; i < w->node->types->ncodes; i++)
		if (str_is(w->node->types->codes[i].name, "opening_reason"))
			grounds = &w->node->types->codes[i];
	if (may(w, err) < 0 || record_head(w, record, &r, err) < 0)
		return -1;
	if (str_is(r.state, "erased"))
		return err_set(err, ERR_NOT_FOUND, "an erased record");
	if (!grounds || !code_find(grounds, reason))
		return err_say(err, ERR_VALUE, N_("Choose a ground."), NULL);
	if (DB_COUNT(w->tx, &Q_WAITS, db_id(record)) != 0)
		return err_say(err, ERR_CONFLICT, N_("The same waits for a second person already."), NULL);
	*out = id_new(w->node->source);
	if (DB_RUN(w->tx, &Q_NEW, err, db_id(*out), db_id(record), db_text(reason), db_id(w->actor.account), db_text(w->actor.role), db_time(w->now_ms)) < 0)
		return -1;
	return enter(w, ACT_PROPOSE, "open", &(struct opening){ .record = record }, err);
}

int opening_decide(struct work *w, struct id id, bool yes, struct err *err)
{
	struct opening o;
	int rc = may(w, err) < 0 ? -1 : opening_find(w, id, &o, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || o.until)
		return err_say(err, ERR_CONFLICT, N_("This was decided already."), NULL);
	if (id_eq(o.by, w->actor.account))
		return err_say(err, ERR_FORBIDDEN, N_("You asked for this: another person must decide."), NULL);
	if (str_eq(o.role, w->actor.role))
		return err_say(err, ERR_FORBIDDEN, N_("One of the two is of oversight, the other one of data protection."), NULL);
	if (!yes)
		return DB_RUN(w->tx, &Q_VOID, err, db_id(id)) < 0 ? -1 : enter(w, ACT_DECIDE, "open", &o, err);
	o.until = w->now_ms + OPENING_HOURS * HOUR_MS;
	o.agreed_by = w->actor.account;
	if (DB_RUN(w->tx, &Q_AGREE, err, db_id(id), db_id(o.agreed_by), db_time(o.until)) < 0 || enter(w, ACT_DECIDE, "open", &o, err) < 0)
		return -1;
	return w->node->hooks->opened ? w->node->hooks->opened(w, &o, err) : 0;
}

int opening_close(struct work *w, struct id id, struct err *err)
{
	struct opening o;
	int rc = may(w, err) < 0 ? -1 : opening_find(w, id, &o, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || o.until <= w->now_ms)
		return err_say(err, ERR_CONFLICT, N_("This was decided already."), NULL);
	return DB_RUN(w->tx, &Q_CLOSE, err, db_id(id), db_time(w->now_ms)) < 0 ? -1 : enter(w, ACT_DECIDE, "close", &o, err);
}

int opening_stands(struct work *w, const struct record *r)
{
	int64_t n = DB_COUNT(w->tx, &Q_STANDS, db_id(r->id), db_time(w->now_ms));
	if (n || id_none(r->parent) || r->type->about != ABOUT_NOBODY)
		return n < 0 ? -1 : n > 0;
	n = DB_COUNT(w->tx, &Q_STANDS, db_id(r->parent), db_time(w->now_ms));
	return n < 0 ? -1 : n > 0;
}

int64_t openings_of(struct work *w, struct id record)
{
	return DB_COUNT(w->tx, &Q_OF, db_id(record));
}
