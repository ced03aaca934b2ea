#include "exchange/exchange_i.h"
#include "exchange/records.h"
#include "exchange/terms.h"

/* What this office promised about data that a partner gave it: how long it is kept here, to whom it is passed on. A suspended agreement stops sending; what was promised before holds on. */
SQL(Q_OF_PARTNER, 2, "SELECT digest, text FROM agreement WHERE partner=?1 AND state='in_force' AND starts<=?2 AND ends>?2 ORDER BY starts DESC, since DESC");
struct promise { struct bytes digest; struct str text; };
SQL(Q_TEXT, 1, "SELECT digest, text FROM agreement WHERE digest=?1");
static const struct field PROMISE[] = { FIELD(struct promise, digest), FIELD(struct promise, text) };

static bool names(struct str list, struct str word)
{
	while (list.n)
		if (str_eq(str_cut(&list, ' '), word))
			return true;
	return false;
}

/* The newest one that stands for the purpose: 1, 0, -1. */
static int standing(struct work *w, struct str partner, struct str purpose, struct promise *out, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_OF_PARTNER, PROMISE, w->mem, db_text(partner), db_time(w->now_ms));
	int rc = 0, found = 0;
	while (!found && (rc = db_next(&rows, out, err)) == DB_ROW)
		found = names(terms_line(out->text, "purposes"), purpose);
	db_end(&rows);
	return rc < 0 ? -1 : found;
}

int exchange_line_terms(struct work *w, struct str node, struct str purpose, struct str type, struct received_terms *out, struct err *err)
{
	struct promise p;
	int rc = standing(w, node, purpose, &p, err);
	if (rc == 1)
		*out = (struct received_terms){ terms_days(p.text, type), p.digest };
	return rc;
}

static struct onward_rule rule_of(struct str text)
{
	struct str word = terms_line(text, "onward");
	return (struct onward_rule){ word.n ? word : STR("never"), terms_line(text, "onward-to") };
}

/* The agreement under which it came has the word, and a newer one may only take it back. */
int exchange_line_onward(struct work *w, struct str node, struct str purpose, struct bytes agreement, struct onward_rule rules[2], struct err *err)
{
	struct promise p;
	int rc = DB_ONE(w->tx, &Q_TEXT, PROMISE, &p, w->mem, err, db_blob(agreement));
	if (rc < 0)
		return -1;
	rules[0] = rc ? rule_of(p.text) : (struct onward_rule){ STR("never"), { 0 } };
	rules[1] = rules[0];
	rc = standing(w, node, purpose, &p, err);
	if (rc == 1)
		rules[1] = rule_of(p.text);
	return rc < 0 ? -1 : 0;
}
