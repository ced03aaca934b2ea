#include "exchange/exchange_i.h"
#include "exchange/records.h"
#include "record/back.h"

/* How each line stands, and the two persons who set one right that is held: a partner that was restored from a backup (another epoch), or one that told two stories
   (a fork). One person of the office says so, another one agrees; the partner's office does the same on its side. */
SQL(Q_STATES, 0, "SELECT p.name AS partner, (SELECT count(*) FROM outbox o WHERE o.partner=p.name AND o.state IN (0, 1)) AS waiting,"
    " (SELECT count(*) FROM held h WHERE h.partner=p.name) AS held, (SELECT count(*) FROM outbox o WHERE o.partner=p.name AND o.state=3) AS refused,"
    " coalesce((SELECT min(created) FROM outbox o WHERE o.partner=p.name AND o.state IN (0, 1)), 0) AS oldest_ms, coalesce(l.delivered, 0) AS delivered_ms,"
    " (SELECT coalesce(max(seq), 0)-count(*) FROM inbox i WHERE i.partner=p.name AND i.epoch=coalesce(l.epoch_in, 0) AND i.seq>0) AS missing,"
    " (SELECT coalesce(max(at), 0) FROM inbox i WHERE i.partner=p.name) AS received_ms,"
    " p.url='' OR p.kind='travel' AS by_bundle, coalesce(l.fork, 0) AS fork, coalesce(l.trouble, '') AS trouble, coalesce(l.tries, 0) AS tries,"
    " CASE WHEN l.epoch_seen>l.epoch_in THEN l.epoch_seen ELSE 0 END AS epoch, coalesce(l.mends, '') AS mends, l.mended_by AS mended_by"
    " FROM partner p LEFT JOIN partner_line l ON l.partner=p.name ORDER BY p.name");
SQL(Q_WAITING, 0, "SELECT count(*) FROM outbox WHERE state IN (0, 1)");
SQL(Q_OLDEST, 0, "SELECT coalesce(min(created), 0) FROM outbox WHERE state IN (0, 1)");
SQL(Q_LINES_HELD, 0, "SELECT count(*) FROM partner_line WHERE fork=1 OR epoch_seen>epoch_in");
SQL(Q_MENDS, 3, "UPDATE partner_line SET mends=?2, mended_by=?3 WHERE partner=?1");
SQL(Q_MENDED, 1, "UPDATE partner_line SET mends='', mended_by=NULL WHERE partner=?1");
SQL(Q_UNFORK, 1, "UPDATE partner_line SET fork=0, mends='', mended_by=NULL WHERE partner=?1");
SQL(Q_PLACES_FREE, 1, "UPDATE inbox SET seq=0 WHERE partner=?1");
SQL(Q_EPOCH, 1, "UPDATE partner_line SET epoch_in=epoch_seen, head='', mends='', mended_by=NULL WHERE partner=?1");
SQL(Q_LOG_KEY, 2, "UPDATE partner SET log_key=?2 WHERE name=?1");
static const struct field STATE[] = { FIELD(struct line_state, partner), FIELD(struct line_state, waiting), FIELD(struct line_state, held), FIELD(struct line_state, refused),
	FIELD(struct line_state, oldest_ms), FIELD(struct line_state, delivered_ms), FIELD(struct line_state, missing), FIELD(struct line_state, received_ms),
	FIELD(struct line_state, by_bundle), FIELD(struct line_state, fork), FIELD(struct line_state, trouble), FIELD(struct line_state, tries), FIELD(struct line_state, epoch), FIELD(struct line_state, mends),
	FIELD(struct line_state, mended_by) };
#define LINES_MAX 256

int line_states(struct work *w, struct line_state **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_STATES, STATE, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct line_state, LINES_MAX);
	*n = 0;
	while (*n < LINES_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < *n; i++) {
		(*out)[i].full = (*out)[i].waiting > 0 && exchange_line_full(w, (*out)[i].partner);
		struct back_waits back = { 0 };
		if (back_waits(w, (*out)[i].partner, &back, err) < 0)
			return -1;
		(*out)[i].back = back.n;
		(*out)[i].by_bundle = (*out)[i].by_bundle || str_is(w->node->kind, "travel");
	}
	return rc < 0 ? -1 : 0;
}

int line_numbers(struct work *w, struct line_numbers *out, struct err *err)
{
	out->waiting = DB_COUNT(w->tx, &Q_WAITING);
	out->oldest_ms = DB_COUNT(w->tx, &Q_OLDEST);
	out->held = DB_COUNT(w->tx, &Q_LINES_HELD);
	return out->waiting < 0 || out->oldest_ms < 0 || out->held < 0 ? err_set(err, ERR_FAULT, "counting what waits") : 0;
}

/* From now on its log is the one with the new origin: the same key, another name. Which head it had before is forgotten on purpose: people looked at it. */
static int epoch_accept(struct work *w, const struct partner *p, int64_t epoch, struct err *err)
{
	struct str name = str_fmt(w->mem, S_FMT "/log/%lld", S_ARG(p->name), (long long)epoch);
	struct note_key log = note_key_make(w->mem, name, NOTE_ED25519, p->log.public_key);
	return DB_RUN(w->tx, &Q_EPOCH, err, db_text(p->name)) < 0 || DB_RUN(w->tx, &Q_LOG_KEY, err, db_text(p->name), db_text(note_key_text(w->mem, &log))) < 0 ? -1 : 0;
}

static int mended(struct work *w, const struct partner *p, const struct line_state *s, struct str what, struct err *err)
{
	if (str_is(what, "back"))
		return back_take(w, p->name, err) < 0 || DB_RUN(w->tx, &Q_MENDED, err, db_text(p->name)) < 0 ? -1 : 0;
	if (str_is(what, "epoch") ? epoch_accept(w, p, s->epoch, err) < 0
	    : DB_RUN(w->tx, &Q_UNFORK, err, db_text(p->name)) < 0 || DB_RUN(w->tx, &Q_PLACES_FREE, err, db_text(p->name)) < 0)
		return -1;
	if (str_is(what, "epoch") && (record_share_again(w, p->name, err) < 0 || back_offer(w, p->name, err) < 0))
		return -1;
	return line_wake(w, p->name, true, err);
}

int line_mend(struct work *w, struct str partner, struct str what, struct err *err)
{
	struct line_state *all;
	struct partner p;
	size_t n, i = 0;
	if (partner_find(w, partner, &p, err) != 1 || line_states(w, &all, &n, err) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such partner");
	while (i < n && !str_eq(all[i].partner, partner))
		i++;
	bool stands = i < n && (str_is(what, "epoch") ? all[i].epoch > 0 : str_is(what, "fork") ? all[i].fork : str_is(what, "back") && all[i].back > 0);
	if (!stands)
		return err_say(err, ERR_CONFLICT, N_("This line is not held any more."), NULL);
	bool second = str_eq(all[i].mends, what) && !id_eq(all[i].mended_by, w->actor.account);
	if (str_eq(all[i].mends, what) && !second)
		return err_say(err, ERR_SAFEGUARD, N_("You asked for this: another person must decide."), NULL);
	if (second ? mended(w, &p, &all[i], what, err) < 0 : DB_RUN(w->tx, &Q_MENDS, err, db_text(partner), db_text(what), db_id(w->actor.account)) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_SETTING, .actor = w->actor.account, .role = w->actor.role, .to = partner, .fields = what,
	    .move = second ? STR("release") : STR("ask") }, err);
}
