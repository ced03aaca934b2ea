#include "exchange/exchange_i.h"
#include "exchange/handed.h"

/* An office that changes hands tells all its partners (record/custody.h): each purpose that is sealed or passes. For a sealed one the agreements stop at once; whoever holds it next
   takes them up again, purpose by purpose. */
SQL(Q_KEEP, 6, "INSERT INTO partner_custody(partner, purpose, holder, order_no, since, sealed) VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(partner, purpose) DO UPDATE SET"
    " holder=excluded.holder, order_no=excluded.order_no, since=excluded.since, sealed=excluded.sealed WHERE excluded.since>=partner_custody.since");
SQL(Q_ALL, 0, "SELECT partner, purpose, holder, order_no, since, sealed FROM partner_custody ORDER BY partner, purpose");
static const struct field THEIRS[] = { FIELD(struct custody_there, partner), FIELD(struct custody_there, purpose), FIELD(struct custody_there, holder),
	FIELD(struct custody_there, order_no), FIELD(struct custody_there, since), FIELD(struct custody_there, sealed) };
#define THEIRS_MAX 512
#define TEXT_MAX_BYTES 600
#define AHEAD_MS (24LL * 3600 * 1000)      /* clocks of partners differ */

static bool names_purpose(struct str text, struct str purpose)
{
	while (text.n) {
		struct str line = str_cut(&text, '\n');
		if (!str_is(str_cut(&line, ' '), "purposes"))
			continue;
		while (line.n)
			if (str_eq(str_cut(&line, ' '), purpose))
				return true;
	}
	return false;
}

static int agreements_halt(struct work *w, struct str purpose, struct err *err)
{
	struct agreement *all;
	size_t n;
	if (agreement_list(w, &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool halted = agreement_purpose_halted(w, &all[i].digest, purpose) & 1;
		if (all[i].in_force && names_purpose(all[i].text, purpose) && !halted && agreement_move(w, &all[i].digest, "suspend", purpose, err) < 0)
			return -1;
	}
	return 0;
}

static int tell_all(struct work *w, const struct custody *c, struct err *err)
{
	struct partner *all;
	size_t n;
	struct id id;
	json_t *body = json_keep(w->mem, json_object()), *o = json_object();
	json_object_set_new(body, "custody", o);
	json_object_set_new(o, "purpose", json_new_str(c->purpose));
	json_object_set_new(o, "holder", json_new_str(c->holder));
	json_object_set_new(o, "order", json_new_str(c->order_no));
	json_object_set_new(o, "since", json_integer((json_int_t)c->since));
	json_object_set_new(o, "sealed", json_boolean(c->sealed));
	if (partner_list(w, &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct message m = { .to = all[i].name, .kind = STR("agreement"), .purpose = STR("oversight"), .basis = STR("mandate"), .media = "application/json",
			.body = json_write(w->mem, body), .fields = STR("custody") };
		if (exchange_queue(w, &m, &id, err) < 0)
			return -1;
	}
	w->effects->outbox = w->effects->outbox || n > 0;
	return 0;
}

int custody_tell(struct work *w, const struct custody *c, struct err *err)
{
	return tell_all(w, c, err) < 0 || (c->sealed && agreements_halt(w, c->purpose, err) < 0) ? -1 : 0;
}

int custody_arrived(struct work *w, struct str from, json_t *o, struct err *err)
{
	struct str purpose = json_str(o, "purpose"), holder = json_str(o, "holder"), order_no = json_str(o, "order");
	int64_t since = json_int(o, "since", 0);
	if (!policy_purpose(w->node->policy, purpose) || !holder.n || holder.n > TEXT_MAX_BYTES || !order_no.n || order_no.n > TEXT_MAX_BYTES || since <= 0 || since > w->now_ms + AHEAD_MS)
		return err_set(err, ERR_FORMAT, "a change of custody that cannot be read");
	bool sealed = json_is_true(json_object_get(o, "sealed"));
	if (DB_RUN(w->tx, &Q_KEEP, err, db_text(from), db_text(purpose), db_text(holder), db_text(order_no), db_time(since), db_bool(sealed)) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_CUSTODY, .to = from, .move = sealed ? STR("seal") : STR("pass"), .fields = purpose }, err);
}

int custody_theirs(struct work *w, struct custody_there **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_ALL, THEIRS, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct custody_there, THEIRS_MAX);
	*n = 0;
	while (*n < THEIRS_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}
