#include "exchange/went.h"

/* A record may have gone several times: after a change, or whole to a partner that was restored. What counts is the newest, and whether one before it arrived. */
SQL(Q_WENT, 3, "SELECT c.disclosure AS disclosure, o.state AS state, coalesce(o.verdict, '') AS verdict, o.why AS why, coalesce(o.answered, o.created) AS at FROM disclosed_record c"
    " JOIN disclosed d ON d.record=c.disclosure JOIN outbox o ON o.id=d.message WHERE c.record=?1 AND c.node=?2 ORDER BY o.queued DESC LIMIT ?3");
struct sending { struct id disclosure; int64_t state; struct str verdict, why; int64_t at; };
static const struct field SENDING[] = { FIELD(struct sending, disclosure), FIELD(struct sending, state), FIELD(struct sending, verdict), FIELD(struct sending, why), FIELD(struct sending, at) };
#define LOOKED_BACK 32

enum went went_of(int64_t state, struct str verdict)
{
	if (state < 2)
		return str_is(verdict, "held") ? WENT_HELD : WENT_ON_THE_WAY;
	return state == 2 ? WENT_RECEIVED : str_is(verdict, "expired") ? WENT_TOO_LATE : str_is(verdict, "restored") ? WENT_RESTORED : WENT_REFUSED;
}

bool went_nowhere(const struct went_to *s)
{
	return !s->before && (s->how == WENT_REFUSED || s->how == WENT_TOO_LATE || s->how == WENT_RESTORED);
}

int went_to(struct work *w, struct id record, struct str node, struct went_to *out, struct err *err)
{
	struct sending s;
	struct rows rows = DB_QUERY(w->tx, &Q_WENT, SENDING, w->mem, db_id(record), db_text(node), db_int(LOOKED_BACK));
	size_t n = 0;
	int rc;
	while ((rc = db_next(&rows, &s, err)) == DB_ROW) {
		enum went how = went_of(s.state, s.verdict);
		if (n++ == 0)
			*out = (struct went_to){ how, s.why, s.at, false, s.disclosure };
		else
			out->before = out->before || how == WENT_RECEIVED;
	}
	db_end(&rows);
	return rc < 0 ? -1 : n > 0;
}
