#include "report/report_i.h"

/* Numbers leave by a release: asked for by one person, confirmed by another, never changed afterwards. */

SQL(Q_COUNTED, 0, "SELECT batch, CAST(sum(families) AS INTEGER) AS families, CAST(sum(persons) AS INTEGER) AS persons, max(arrived) AS arrived_ms,"
    " substr(max(day), 1, 7) AS date FROM report_figure GROUP BY batch ORDER BY batch");
SQL(Q_NEW, 3, "INSERT INTO report_release(id, state, asked_by, asked) VALUES(?1,'asked',?2,?3)");
SQL(Q_ROW_NEW, 5, "INSERT INTO report_released(release, batch, day, families, persons) VALUES(?1,?2,?3,?4,?5)");
SQL(Q_END, 4, "UPDATE report_release SET state=?2, decided_by=?3, decided=?4 WHERE id=?1 AND state='asked'");
#define RELEASE_COLUMNS "SELECT r.id AS id, r.asked_by AS asked_by, r.state AS state, r.asked AS asked_ms, coalesce(r.decided, 0) AS decided_ms," \
	" (SELECT count(*) FROM report_released b WHERE b.release=r.id) AS batches FROM report_release r"
SQL(Q_ONE, 1, RELEASE_COLUMNS " WHERE r.id=?1");
SQL(Q_WAITING, 1, RELEASE_COLUMNS " WHERE r.state='asked' AND r.asked>?1 ORDER BY r.asked DESC LIMIT 1");
SQL(Q_PUBLISHED, 0, RELEASE_COLUMNS " WHERE r.state='published' ORDER BY r.decided DESC, r.id DESC LIMIT 50");
SQL(Q_RELEASED, 1, "SELECT b.batch AS batch, b.families AS families, b.persons AS persons, coalesce(r.decided, r.asked) AS at_ms, b.day AS date, b.release AS release"
    " FROM report_released b JOIN report_release r ON r.id=b.release WHERE (?1 IS NOT NULL AND b.release=?1) OR (?1 IS NULL AND r.state='published' AND NOT EXISTS"
    " (SELECT 1 FROM report_released c JOIN report_release s ON s.id=c.release WHERE c.batch=b.batch AND s.state='published'"
    " AND (s.decided>r.decided OR (s.decided=r.decided AND s.id>r.id)))) ORDER BY b.batch");
static const struct field COUNTED[] = { FIELD(struct counted_batch, batch), FIELD(struct counted_batch, families), FIELD(struct counted_batch, persons),
	FIELD(struct counted_batch, arrived_ms), FIELD(struct counted_batch, date) };
static const struct field RELEASE[] = { FIELD(struct release, id), FIELD(struct release, asked_by), FIELD(struct release, state), FIELD(struct release, asked_ms),
	FIELD(struct release, decided_ms), FIELD(struct release, batches) };
static const struct field RELEASED[] = { FIELD(struct released_batch, batch), FIELD(struct released_batch, families), FIELD(struct released_batch, persons),
	FIELD(struct released_batch, at_ms), FIELD(struct released_batch, date), FIELD(struct released_batch, release) };
#define BATCHES_MAX 512
#define RELEASES_MAX 50
#define HOUR_MS (3600LL * 1000)
#define EMBARGO_MS (72 * HOUR_MS)
#define WAITING_MS (7 * 24 * HOUR_MS)       /* DOMAIN 5, Clocks: waiting second signature */

int released_batches(struct work *w, struct id only, struct released_batch **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_RELEASED, RELEASED, w->mem, db_id(only));
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct released_batch, BATCHES_MAX);
	*n = 0;
	while (*n < BATCHES_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* DOMAIN 7: a correction of under 10 persons waits for the next release; so does one of families alone. */
static enum waits waits_of(const struct work *w, const struct counted_batch *b, const struct released_batch *released, size_t n)
{
	if (w->now_ms < b->arrived_ms + EMBARGO_MS)
		return WAITS_EMBARGO;
	for (size_t i = 0; i < n; i++) {
		int64_t persons = b->persons - released[i].persons, families = b->families - released[i].families;
		if (released[i].batch != b->batch)
			continue;
		if (!persons && !families && str_eq(b->date, released[i].date))
			return WAITS_UNCHANGED;
		return persons > -10 && persons < 10 ? WAITS_SMALL_CHANGE : WAITS_NOT;
	}
	return WAITS_NOT;
}

int counted_batches(struct work *w, struct counted_batch **out, size_t *n, struct err *err)
{
	struct released_batch *released;
	size_t nr;
	int rc = 0;
	if (released_batches(w, (struct id){ 0 }, &released, &nr, err) < 0)
		return -1;
	struct rows rows = DB_QUERY(w->tx, &Q_COUNTED, COUNTED, w->mem);
	*out = NEW_ARRAY(w->mem, struct counted_batch, BATCHES_MAX);
	*n = 0;
	while (*n < BATCHES_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW) {
		(*out)[*n].waits = waits_of(w, &(*out)[*n], released, nr);
		(*n)++;
	}
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

bool release_may_ask(const struct work *w)
{
	return str_is(w->actor.role, "MIG_SUP");
}

bool release_may_decide(const struct work *w)
{
	return str_is(w->actor.role, "MIG_SUP") || str_is(w->actor.role, "MIG_OFF");
}

static int refuse(struct work *w, const char *move, const char *reason, const char *sentence, struct err *err)
{
	w->refusal = (struct refusal){ .reason = str_of(reason), .type = STR("release"), .move = str_of(move) };
	return err_say(err, ERR_FORBIDDEN, sentence, NULL);
}

static int enter(struct work *w, enum act act, const char *move, int64_t batches, struct err *err)
{
	struct entry e = { .act = act, .actor = w->actor.account, .role = w->actor.role, .type = STR("release"), .move = str_of(move), .count = (uint64_t)batches };
	return work_enter(w, &e, err);
}

int release_waiting(struct work *w, struct release *out, struct err *err)
{
	return DB_ONE(w->tx, &Q_WAITING, RELEASE, out, w->mem, err, db_int(w->now_ms - WAITING_MS));
}

static int rows_keep(struct work *w, struct id id, int64_t *kept, struct err *err)
{
	struct counted_batch *b;
	size_t n;
	*kept = 0;
	if (counted_batches(w, &b, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (b[i].waits != WAITS_NOT)
			continue;
		if (DB_RUN(w->tx, &Q_ROW_NEW, err, db_id(id), db_int(b[i].batch), db_text(b[i].date), db_int(b[i].families), db_int(b[i].persons)) < 0 ||
		    finer_keep(w, id, b[i].batch, err) < 0)
			return err_add(err, "keeping a release");
		(*kept)++;
	}
	return 0;
}

int release_ask(struct work *w, struct id *out, struct err *err)
{
	struct release waiting;
	int64_t kept;
	if (!release_may_ask(w))
		return refuse(w, "ask", "role", N_("Your role does not allow this."), err);
	int rc = release_waiting(w, &waiting, err);
	if (rc)
		return rc < 0 ? -1 : err_say(err, ERR_CONFLICT, N_("A release waits for its second person already."), NULL);
	*out = id_new(w->node->source);
	if (rows_keep(w, *out, &kept, err) < 0)
		return -1;
	if (kept == 0)
		return err_say(err, ERR_VALUE, N_("There is nothing that can be released now."), NULL);
	if (DB_RUN(w->tx, &Q_NEW, err, db_id(*out), db_id(w->actor.account), db_time(w->now_ms)) < 0)
		return err_add(err, "asking for a release");
	return enter(w, ACT_PROPOSE, "ask", kept, err);
}

/* What was asked for must still be what is counted: the second person confirms these numbers, not later ones. */
static int still_true(struct work *w, struct id id, struct err *err)
{
	struct released_batch *asked;
	struct counted_batch *now;
	size_t n, m;
	if (released_batches(w, id, &asked, &n, err) < 0 || counted_batches(w, &now, &m, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m; k++)
			if (now[k].batch == asked[i].batch && (now[k].persons != asked[i].persons || now[k].families != asked[i].families))
				return err_say(err, ERR_CONFLICT, N_("The count has changed since this release was asked for. Say no, and ask again."), NULL);
	return 0;
}

int release_decide(struct work *w, struct id id, bool yes, struct err *err)
{
	struct release r;
	int rc = DB_ONE(w->tx, &Q_ONE, RELEASE, &r, w->mem, err, db_id(id));
	if (rc != DB_ROW)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such release");
	if (!release_may_decide(w))
		return refuse(w, "confirm", "role", N_("Your role does not allow this."), err);
	if (id_eq(r.asked_by, w->actor.account))
		return refuse(w, "confirm", "own_act", N_("You asked for this: another person must decide."), err);
	if (!str_is(r.state, "asked"))
		return err_say(err, ERR_CONFLICT, N_("This release has been decided already."), NULL);
	if (r.asked_ms <= w->now_ms - WAITING_MS)
		return err_set(err, ERR_EXPIRED, "the release waited too long");
	if (yes && still_true(w, id, err) < 0)
		return -1;
	if (DB_RUN(w->tx, &Q_END, err, db_id(id), db_z(yes ? "published" : "refused"), db_id(w->actor.account), db_time(w->now_ms)) < 0)
		return err_add(err, "deciding a release");
	return yes ? enter(w, ACT_PUBLISH, "confirm", r.batches, err) : enter(w, ACT_DECIDE, "refuse", r.batches, err);
}

int releases(struct work *w, struct release **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_PUBLISHED, RELEASE, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct release, RELEASES_MAX);
	*n = 0;
	while (*n < RELEASES_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}
