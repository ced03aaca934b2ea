#include "record/record_i.h"

/* A change that needs a second person waits here, bound to the digest of the version it was asked for. The reason is sealed under a key of its own, which goes with the row. */
SQL(Q_NEW, 11, "INSERT INTO proposal(id, record, version, digest, move, role, account, created, expires, wrapped, sealed) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)");
SQL(Q_OPEN, 1, "SELECT id, record, account, move, role, version, digest, created, expires FROM proposal WHERE expires>?1 ORDER BY created");
SQL(Q_ONE, 1, "SELECT id, record, account, move, role, version, digest, created, expires FROM proposal WHERE id=?1");
SQL(Q_END, 1, "DELETE FROM proposal WHERE id=?1");
struct waiting { struct id id, record, account; struct str move, role; int64_t version; struct bytes digest; int64_t created, expires; };
static const struct field WAITING[] = { FIELD(struct waiting, id), FIELD(struct waiting, record), FIELD(struct waiting, account), FIELD(struct waiting, move),
	FIELD(struct waiting, role), FIELD(struct waiting, version), FIELD(struct waiting, digest), FIELD(struct waiting, created), FIELD(struct waiting, expires) };
#define DAY_MS (24LL * 3600 * 1000)

static struct proposal shown(const struct work *w, const struct waiting *x)
{
	return (struct proposal){ .id = x->id, .record = x->record, .by = x->account, .move = x->move, .role = x->role, .from_node = w->node->name,
		.version = x->version, .created_ms = x->created, .expires_ms = x->expires };
}

int proposal_new(struct work *w, const struct record *r, const struct tmove *m, struct str reason, struct id *out, struct err *err)
{
	uint8_t wrapped[WRAPPED_BYTES], key[KEY_BYTES];
	struct str digest;
	if (keys_wait_new(w->node->keys, wrapped, key, err) < 0 || version_digest(w, r->id, r->version, &digest, err) < 0)
		return -1;
	*out = id_new(w->node->source);
	struct bytes sealed = seal(w->mem, w->node->source, key, bytes_of(out->b, 16), str_bytes(reason));
	wipe(key, sizeof key);
	if (DB_RUN(w->tx, &Q_NEW, err, db_id(*out), db_id(r->id), db_int(r->version), db_blob(str_bytes(digest)), db_text(m->name), db_text(w->actor.role),
	    db_id(w->actor.account), db_time(w->now_ms), db_time(w->now_ms + PROPOSAL_DAYS * DAY_MS), db_blob(bytes_of(wrapped, sizeof wrapped)), db_blob(sealed)) < 0)
		return err_add(err, "keeping a proposal");
	return enter_record(w, ACT_PROPOSE, r, NULL, m->name, (struct str){ 0 }, (struct bytes){ 0 }, err);
}

/* Who may say yes: the role that the declaration names, else one that could have asked. */
static bool may_decide(const struct work *w, const struct tmove *m)
{
	if (m->two_persons_role.n)
		return str_eq(m->two_persons_role, w->actor.role);
	return policy_named(w->actor.role, m->by.at, m->by.n);
}

int proposal_list(struct work *w, struct proposal **out, size_t *n, struct err *err)
{
	size_t cap = 256;
	struct waiting *all = NEW_ARRAY(w->mem, struct waiting, cap);
	struct rows rows = DB_QUERY(w->tx, &Q_OPEN, WAITING, w->mem, db_time(w->now_ms));
	size_t got = 0;
	int rc = 0;
	while (got < cap && (rc = db_next(&rows, &all[got], err)) == DB_ROW)
		got++;
	db_end(&rows);
	if (rc < 0)
		return -1;
	*out = NEW_ARRAY(w->mem, struct proposal, got + 1);
	*n = 0;
	for (size_t i = 0; i < got; i++) {
		struct record r;
		if (record_head(w, all[i].record, &r, err) < 0)
			return -1;
		const struct tmove *m = type_move(r.type, all[i].move);
		if (m && may_decide(w, m) && scopes_of(w, &r))
			(*out)[(*n)++] = shown(w, &all[i]);
	}
	return 0;
}

int proposal_find(struct work *w, struct id id, struct proposal *out, struct err *err)
{
	struct waiting x;
	int rc = DB_ONE(w->tx, &Q_ONE, WAITING, &x, w->mem, err, db_id(id));
	if (rc != DB_ROW)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such proposal");
	*out = shown(w, &x);
	return 0;
}

int proposal_decide(struct work *w, struct id id, bool yes, struct str reason, struct err *err)
{
	struct waiting x;
	struct record r;
	struct str digest;
	(void)reason;
	int rc = DB_ONE(w->tx, &Q_ONE, WAITING, &x, w->mem, err, db_id(id));
	if (rc != DB_ROW)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such proposal");
	if (record_head(w, x.record, &r, err) < 0)
		return -1;
	const struct tmove *m = type_move(r.type, x.move);
	if (!m || !may_decide(w, m))
		return refuse_with(w, &r, r.type, x.move, STR("role"), N_("Your role does not allow this."), err);
	if (id_eq(x.account, w->actor.account))
		return refuse_with(w, &r, r.type, x.move, STR("own_act"), N_("You asked for this: another person must decide."), err);
	if (x.expires <= w->now_ms)
		return err_set(err, ERR_EXPIRED, "the proposal has expired");
	const struct grant *g = record_open(w, r.type, &r.id, 1, err);       /* policy is asked afresh */
	if (!g || enter_record(w, ACT_DECIDE, &r, r.type->personal ? &g->keys[0] : NULL, m->name, yes ? STR("yes") : STR("no"), (struct bytes){ 0 }, err) < 0 ||
	    DB_RUN(w->tx, &Q_END, err, db_id(id)) < 0)
		return -1;
	if (!yes)
		return 0;
	if (r.version != x.version || version_digest(w, r.id, r.version, &digest, err) < 0 || !str_eq(digest, bytes_str(x.digest)))
		return err_set(err, ERR_CONFLICT, "a newer version makes the proposal void");
	return move_apply(w, &r, m, g, err);
}
