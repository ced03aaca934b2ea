#include "exchange/exchange_i.h"

/* Keys of what waits: sealed messages of the outbox until their receipt, and messages held until the one before them came. An id may come from two partners: what is
   held is named by both. */
SQL(Q_OUTBOX_PAGE, 2, "SELECT id, wrapped FROM outbox WHERE id>?1 AND wrapped IS NOT NULL ORDER BY id LIMIT ?2");
SQL(Q_OUTBOX_PUT, 2, "UPDATE outbox SET wrapped=?2 WHERE id=?1");
SQL(Q_OUTBOX_DROP, 1, "UPDATE outbox SET wrapped=NULL, sealed=NULL, state=3, verdict='restored' WHERE id=?1");
#define HELD_NAME "CAST(hex(id)||' '||partner AS BLOB)"
SQL(Q_HELD_PAGE, 2, "SELECT " HELD_NAME " AS name, wrapped FROM held WHERE " HELD_NAME ">?1 ORDER BY name LIMIT ?2");
SQL(Q_HELD_PUT, 2, "UPDATE held SET wrapped=?2 WHERE " HELD_NAME "=?1");
SQL(Q_HELD_DROP, 1, "DELETE FROM held WHERE " HELD_NAME "=?1");
const struct wrapped_keys EXCHANGE_WRAPPED[] = {
	{ "outbox", &Q_OUTBOX_PAGE, &Q_OUTBOX_PUT, &Q_OUTBOX_DROP },
	{ "held", &Q_HELD_PAGE, &Q_HELD_PUT, &Q_HELD_DROP },
	{ 0 },
};

SQL(Q_LINES, 0, "UPDATE partner_line SET seq_out=0, prev_out=NULL");
SQL(Q_NUMBERS, 0, "UPDATE outbox SET seq=NULL, note=NULL, prev_digest=NULL, state=0, tries=0, next_try=0 WHERE state IN (0, 1) AND sealed IS NOT NULL");

int exchange_restored(struct work *w, struct err *err)
{
	return DB_RUN(w->tx, &Q_LINES, err) < 0 || DB_RUN(w->tx, &Q_NUMBERS, err) < 0 ? -1 : 0;
}
