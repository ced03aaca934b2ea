#include "record/record_i.h"

/* A record that cannot be worked must not keep all after it: what was begun with it is taken back, and it is named in the log. */
int work_apart(struct work *w, struct id id, int (*one)(struct work *, struct id, struct err *), const char *room, struct err *err)
{
	struct ledger_mark mark = ledger_mark(w->node->ledger);
	struct err why = { 0 };
	if (tx_savepoint(w->tx, err) < 0)
		return -1;
	if (one(w, id, &why) == 0)
		return tx_release(w->tx, err);
	ledger_back(w->node->ledger, &mark);
	w->known = NULL;
	if (tx_back(w->tx, err) < 0)
		return -1;
	if (why.code == ERR_FULL || why.code == ERR_BUSY)
		return err_set(err, why.code, "%s", why.log);
	log_line(LOG_ERROR, room, "a record was left as it is: %s", why.log);
	return 1;
}
