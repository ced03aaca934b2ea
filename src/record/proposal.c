#include "record/effects.h"
#include "record/record_i.h"

/* A change that somebody else must agree to: a second person of this node, a person of the partner, or the owner of the record. It waits here, bound to the digest of
   the version it was asked for. What was said with it is sealed under a key of its own, which goes with the row. */
#define COLUMNS "id, record, account, move, role, wants, node, way, version, digest, created, expires, wrapped, sealed"
SQL(Q_NEW, 14, "INSERT INTO proposal(" COLUMNS ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)");
SQL(Q_OPEN, 1, "SELECT " COLUMNS " FROM proposal WHERE expires>?1 ORDER BY created");
SQL(Q_ASKED, 3, "SELECT " COLUMNS " FROM proposal WHERE way=2 AND node=?1 AND move=?2 AND expires>?3");
SQL(Q_ONE, 1, "SELECT " COLUMNS " FROM proposal WHERE id=?1");
SQL(Q_END, 1, "DELETE FROM proposal WHERE id=?1");
SQL(Q_OVER, 2, "SELECT " COLUMNS " FROM proposal WHERE expires<=?1 ORDER BY expires LIMIT ?2");
SQL(Q_SAME, 3, "SELECT count(*) FROM proposal WHERE record=?1 AND move=?2 AND way=?3");
SQL(Q_OF_RECORD, 2, "SELECT " COLUMNS " FROM proposal WHERE record=?1 AND expires>?2 ORDER BY created");
SQL(Q_ANSWER_KEEP, 4, "INSERT INTO proposal_answer(record, move, reason, at) VALUES(?1,?2,?3,?4) ON CONFLICT(record) DO UPDATE SET move=excluded.move, reason=excluded.reason, at=excluded.at");
SQL(Q_ANSWER, 1, "SELECT move, reason, at FROM proposal_answer WHERE record=?1");
SQL(Q_UNIT, 2, "INSERT INTO proposal_unit(record, unit) VALUES(?1,?2) ON CONFLICT(record) DO UPDATE SET unit=excluded.unit");
SQL(Q_UNTOLD, 1, "SELECT " COLUMNS " FROM proposal WHERE told=0 AND node<>'' AND way IN (1, 3) ORDER BY node, created LIMIT ?1");
SQL(Q_TOLD, 1, "UPDATE proposal SET told=1 WHERE id=?1");
SQL(Q_DECISIONS, 1, "SELECT id, node, body FROM decision_due ORDER BY node, id LIMIT ?1");
SQL(Q_DECISION_END, 1, "DELETE FROM decision_due WHERE id=?1");
SQL(Q_DECISION, 3, "INSERT INTO decision_due(id, node, body) VALUES(?1,?2,?3)");
SQL(Q_ASKED_ABOUT, 2, "SELECT digest FROM record_version WHERE record=?1 AND version=?2");
SQL(Q_LEFT_SINCE, 3, "SELECT count(*) FROM record_version WHERE record=?1 AND version>?2 AND state<>?3");
SQL(Q_HOLDER, 2, "SELECT count(*) FROM record_share WHERE record=?1 AND node=?2");
struct waiting { struct id id, record, account; struct str move, role, wants, node; int64_t way, version; struct bytes digest; int64_t created, expires;
	struct bytes wrapped, sealed; };
static const struct field WAITING[] = { FIELD(struct waiting, id), FIELD(struct waiting, record), FIELD(struct waiting, account), FIELD(struct waiting, move),
	FIELD(struct waiting, role), FIELD(struct waiting, wants), FIELD(struct waiting, node), FIELD(struct waiting, way), FIELD(struct waiting, version),
	FIELD(struct waiting, digest), FIELD(struct waiting, created), FIELD(struct waiting, expires), FIELD(struct waiting, wrapped), FIELD(struct waiting, sealed) };
struct decision { struct id id; struct str node, body; };
static const struct field DECISION[] = { FIELD(struct decision, id), FIELD(struct decision, node), FIELD(struct decision, body) };
#define IN_A_MESSAGE 200
#define WAITING_MAX 16
#define LISTED_MAX 256
#define DAY_MS (24LL * 3600 * 1000)

static struct proposal shown(struct work *w, const struct waiting *x, struct str type)
{
	uint8_t key[KEY_BYTES];
	struct bytes plain = { 0 };
	struct err ignored = { 0 };
	struct proposal p = { .id = x->id, .record = x->record, .by = x->account, .move = x->move, .role = x->role, .wants = x->wants, .node = x->node, .type = type,
		.way = (enum proposal_way)x->way, .version = x->version, .created_ms = x->created, .expires_ms = x->expires };
	if (x->wrapped.n == WRAPPED_BYTES && keys_wait_open(w->node->keys, x->wrapped.p, key, &ignored) == 0 &&
	    seal_open(w->mem, key, bytes_of(x->id.b, 16), x->sealed, &plain, &ignored) == 0)
		p.reason = json_str(json_read(w->mem, bytes_str(plain), &ignored), "reason");
	wipe(key, sizeof key);
	return p;
}

static json_t *with_of(struct work *w, const struct waiting *x, struct err *err)
{
	uint8_t key[KEY_BYTES];
	struct bytes plain;
	if (x->wrapped.n != WRAPPED_BYTES || keys_wait_open(w->node->keys, x->wrapped.p, key, err) < 0)
		return NULL;
	int rc = seal_open(w->mem, key, bytes_of(x->id.b, 16), x->sealed, &plain, err);
	wipe(key, sizeof key);
	return rc < 0 ? NULL : json_read(w->mem, bytes_str(plain), err);
}

static int keep(struct work *w, const struct waiting *x, json_t *with, struct err *err)
{
	uint8_t wrapped[WRAPPED_BYTES], key[KEY_BYTES];
	if (keys_wait_new(w->node->keys, wrapped, key, err) < 0)
		return -1;
	struct bytes sealed = seal(w->mem, w->node->source, key, bytes_of(x->id.b, 16), str_bytes(json_write(w->mem, with)));
	wipe(key, sizeof key);
	return DB_RUN(w->tx, &Q_NEW, err, db_id(x->id), db_id(x->record), db_blob(bytes_of(x->account.b, 16)), db_text(x->move), db_text(x->role), db_text(x->wants), db_text(x->node),
	    db_int(x->way), db_int(x->version), db_blob(x->digest), db_time(x->created), db_time(x->expires), db_blob(bytes_of(wrapped, sizeof wrapped)), db_blob(sealed)) < 0
	    ? err_add(err, "keeping a proposal") : 0;
}

/* The partner whose person decides: one that holds a copy and whose kind has the role. */
static int decider_of(struct work *w, const struct record *r, struct str role_name, struct str *node, struct err *err)
{
	const struct role *role = policy_role(w->node->policy, role_name);
	const struct line *line = &w->node->hooks->line;
	for (size_t i = 0; role && line->of_kind && i < role->nnodes; i++) {
		if (str_eq(role->nodes[i], w->node->kind))
			continue;
		int rc = line->of_kind(w, role->nodes[i], node, err);
		if (rc < 0)
			return -1;
		if (rc && DB_COUNT(w->tx, &Q_HOLDER, db_id(r->id), db_text(*node)) > 0)
			return 0;
	}
	return err_say(err, ERR_VALUE, N_("No partner office that could agree to this has the record yet."), NULL);
}

int proposal_new(struct work *w, const struct record *r, const struct tmove *m, enum proposal_way way, json_t *with, struct id *out, struct err *err)
{
	if (w->event_ms)
		json_object_set_new(with, "event", json_integer(w->event_ms));
	struct str digest, wants = m->two_nodes;
	*out = id_new(w->node->source);
	if (str_is(wants, "any"))
		wants = m->by.at[0];
	if (version_digest(w, r->id, r->version, &digest, err) < 0)
		return -1;
	if (DB_COUNT(w->tx, &Q_SAME, db_id(r->id), db_text(m->name), db_int(way)) > 0)
		return err_say(err, ERR_CONFLICT, N_("This was asked for already and waits for an answer."), NULL);
	struct waiting x = { .id = *out, .record = r->id, .account = w->actor.account, .move = m->name, .role = w->actor.role, .wants = wants, .way = way, .version = r->version,
		.digest = str_bytes(digest), .created = w->now_ms, .expires = w->now_ms + PROPOSAL_DAYS * DAY_MS };
	if (way == PROPOSAL_SENT) {
		x.node = r->owner;
		x.wants = (struct str){ 0 };
		if (DB_RUN(w->tx, &Q_UNIT, err, db_id(r->id), db_text(w->actor.unit)) < 0)
			return -1;
	}
	if (way == PROPOSAL_ABROAD && decider_of(w, r, wants, &x.node, err) < 0)
		return -1;
	if (keep(w, &x, with, err) < 0 || enter_record(w, ACT_PROPOSE, r, NULL, m->name, (struct str){ 0 }, (struct bytes){ 0 }, err) < 0)
		return -1;
	w->effects->outbox = w->effects->outbox || x.node.n;                 /* record_pack tells the partner */
	return 0;
}

/* Who may say yes: the role that the declaration names, or who is on duty for it; else one that could have asked. What we sent to an owner, or to a partner's person, nobody here decides. */
static bool may_decide(struct work *w, const struct tmove *m, const struct waiting *x)
{
	if (x->way == PROPOSAL_SENT || x->way == PROPOSAL_ABROAD)
		return false;
	if (x->way == PROPOSAL_ASKED)
		return str_eq(x->wants, w->actor.role);
	if (m->two_persons_role.n)
		return str_eq(m->two_persons_role, w->actor.role) || (w->node->hooks->on_duty && w->node->hooks->on_duty(w, m->two_persons_role));
	return policy_named(w->actor.role, m->by.at, m->by.n);
}

int proposal_list(struct work *w, struct proposal **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_OPEN, WAITING, w->mem, db_time(w->now_ms));
	struct waiting x;
	struct record r;
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct proposal, LISTED_MAX);
	*n = 0;
	while (*n < LISTED_MAX && (rc = db_next(&rows, &x, err)) == DB_ROW) {
		if (record_head(w, x.record, &r, err) < 0) {
			rc = -1;
			break;
		}
		const struct tmove *m = type_move(r.type, x.move);
		bool own = x.way == PROPOSAL_HERE && id_eq(x.account, w->actor.account);      /* nobody approves her own act */
		if (m && !own && may_decide(w, m, &x) && (r.type->readers[CLASS_O].everyone || scopes_of(w, &r, ~0u)))
			(*out)[(*n)++] = shown(w, &x, r.type->name);
	}
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

static int load(struct work *w, struct id id, struct waiting *x, struct err *err)
{
	int rc = DB_ONE(w->tx, &Q_ONE, WAITING, x, w->mem, err, db_id(id));
	return rc == DB_ROW ? 0 : rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such proposal");
}

int proposal_find(struct work *w, struct id id, struct proposal *out, struct err *err)
{
	struct waiting x;
	struct record r;
	if (load(w, id, &x, err) < 0 || record_head(w, x.record, &r, err) < 0)
		return -1;
	*out = shown(w, &x, r.type->name);
	return 0;
}

static int answer_partner(struct work *w, struct str to, struct id id, struct id record, bool yes, struct str reason, struct err *err)
{
	json_t *body = json_keep(w->mem, json_pack("{s:s, s:s, s:b, s:s, s:s}", "proposal", id_text(w->mem, id).p, "record", id_text(w->mem, record).p, "yes", (int)yes,
	    "role", str_z(w->mem, w->actor.role), "reason", str_z(w->mem, reason)));
	w->effects->outbox = true;
	return DB_RUN(w->tx, &Q_DECISION, err, db_id(id), db_text(to), db_text(json_write(w->mem, body))) < 0 ? -1 : 0;
}

/* A partner speaks for the roles of its own kind and for no other: what it says about its people is not proof, what types/roles.yaml gives its kind is. 1, 0, -1 */
static int role_at(struct work *w, struct str node, struct str name, struct err *err)
{
	const struct role *role = policy_role(w->node->policy, name);
	const struct line *line = &w->node->hooks->line;
	struct str kind = { 0 };
	int rc = role && line->kind_of ? line->kind_of(w, node, &kind, err) : 0;
	return rc == 1 ? policy_named(kind, role->nodes, role->nnodes) || policy_named(STR("any"), role->nodes, role->nnodes) : rc;
}

/* The version asked about must still be the head; for a move of somebody else's copy it is enough that the state still allows it (DESIGN 4: the head touched none of
   what the move rests on). */
static int still_head(struct work *w, const struct record *r, const struct waiting *x, struct err *err)
{
	struct str digest;
	if (r->version != x->version || version_digest(w, r->id, r->version, &digest, err) < 0 || !str_eq(digest, bytes_str(x->digest)))
		return err_set(err, ERR_CONFLICT, "a newer version makes the proposal void");
	return 0;
}

int proposal_decide(struct work *w, struct id id, bool yes, struct str reason, struct err *err)
{
	struct waiting x;
	struct record r;
	if (load(w, id, &x, err) < 0 || record_head(w, x.record, &r, err) < 0)
		return -1;
	const struct tmove *m = type_move(r.type, x.move);
	if (!m || !may_decide(w, m, &x))
		return refuse_with(w, &r, r.type, x.move, STR("role"), N_("Your role does not allow this."), err);
	if (id_eq(x.account, w->actor.account))
		return refuse_with(w, &r, r.type, x.move, STR("own_act"), N_("You asked for this: another person must decide."), err);
	if (x.expires <= w->now_ms)
		return err_set(err, ERR_EXPIRED, "the proposal has expired");
	const struct grant *g = record_open(w, r.type, &r.id, 1, err);       /* policy is asked afresh */
	if (!g || enter_record(w, ACT_DECIDE, &r, r.type->personal ? &g->keys[0] : NULL, m->name, yes ? STR("yes") : STR("no"), (struct bytes){ 0 }, err) < 0 ||
	    DB_RUN(w->tx, &Q_END, err, db_id(id)) < 0)
		return -1;
	if (x.way == PROPOSAL_ASKED)
		return answer_partner(w, x.node, x.id, x.record, yes, reason, err);
	if (!yes)
		return 0;
	const json_t *with = with_of(w, &x, err);
	if (!with)
		return -1;
	w->event_ms = json_int(with, "event", w->event_ms);      /* when it happened, as who asked for it said */
	return still_head(w, &r, &x, err) < 0 || conditions_hold(w, &r, m, err) < 0 ? -1 : move_apply(w, &r, m, err);
}

#define SPOKEN_MAX 256
int proposals_spoken(struct work *w, struct str node, struct str move, struct str number, size_t *n, struct err *err)
{
	struct waiting *x = NEW_ARRAY(w->mem, struct waiting, SPOKEN_MAX);
	size_t got = 0;
	int rc = 0;
	*n = 0;
	struct rows rows = DB_QUERY(w->tx, &Q_ASKED, WAITING, w->mem, db_text(node), db_text(move), db_time(w->now_ms));
	while (got < SPOKEN_MAX && (rc = db_next(&rows, &x[got], err)) == DB_ROW)
		got++;
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < got; i++) {
		if (!str_eq(x[i].wants, w->actor.role) || !str_eq(number, spoken_number_of(w, x[i].record, x[i].move, x[i].digest)))
			continue;
		++*n;
		if (DB_RUN(w->tx, &Q_END, err, db_id(x[i].id)) < 0)
			return -1;
		rc = answer_partner(w, node, x[i].id, x[i].record, true, (struct str){ 0 }, err);
	}
	return rc < 0 ? -1 : 0;
}

/* ---- from partners ---- */

static int parse(struct work *w, json_t *body, struct waiting *x, struct err *err)
{
	struct bytes digest;
	if (id_parse(json_str(body, "proposal"), &x->id) < 0 || id_parse(json_str(body, "record"), &x->record) < 0 || hex_read(w->mem, json_str(body, "digest"), &digest) < 0 ||
	    !json_is_object(json_object_get(body, "with")))
		return err_set(err, ERR_FORMAT, "a proposal that cannot be read");
	x->move = json_str(body, "move");
	x->role = json_str(body, "role");
	x->wants = json_str(body, "wants");
	x->version = json_int(body, "version", 0);
	x->digest = digest;
	if (digest.n != HASH_BYTES)
		return err_set(err, ERR_FORMAT, "a proposal that cannot be read");
	x->created = w->now_ms;
	x->expires = json_int(body, "expires", w->now_ms + PROPOSAL_DAYS * DAY_MS);
	if (x->expires > w->now_ms + PROPOSAL_DAYS * DAY_MS)
		x->expires = w->now_ms + PROPOSAL_DAYS * DAY_MS;
	return 0;
}

/* What the partner's person looked at must be a version of ours, and nothing that the move rests on may have changed since: the state was not left (DESIGN 4). */
struct asked_about { struct bytes digest; };
static const struct field ASKED_ABOUT[] = { FIELD(struct asked_about, digest) };
static int still_fits(struct work *w, const struct record *r, const struct waiting *x, struct err *err)
{
	struct asked_about v;
	int rc = DB_ONE(w->tx, &Q_ASKED_ABOUT, ASKED_ABOUT, &v, w->mem, err, db_id(r->id), db_int(x->version));
	if (rc < 0 || x->version > r->version || (rc == DB_ROW && !bytes_eq(v.digest, x->digest)))
		return rc < 0 ? -1 : 0;
	return DB_COUNT(w->tx, &Q_LEFT_SINCE, db_id(r->id), db_int(x->version), db_text(r->state)) == 0;
}

/* The partner's person may make this move on our record: it is done in this tick, and she is told; what the program refuses is an answer too. */
static int do_for_partner(struct work *w, struct record *r, const struct tmove *m, const struct waiting *x, json_t *with, struct err *err)
{
	struct err why = { 0 };
	struct actor before = w->actor;
	if (x->expires <= w->now_ms)
		return answer_partner(w, x->node, x->id, r->id, false, STR("expired"), err);
	int theirs = role_at(w, x->node, x->role, err), fits = still_fits(w, r, x, err);
	if (theirs < 0 || fits < 0)
		return -1;
	if (DB_COUNT(w->tx, &Q_HOLDER, db_id(r->id), db_text(x->node)) <= 0)      /* it has no copy: what it asks about it cannot have seen */
		return answer_partner(w, x->node, x->id, r->id, false, STR("no_copy"), err);
	if (!theirs || !policy_named(x->role, m->by.at, m->by.n))
		return answer_partner(w, x->node, x->id, r->id, false, STR("role"), err);
	if (!policy_named(r->state, m->from.at, m->from.n))
		return answer_partner(w, x->node, x->id, r->id, false, STR("state"), err);
	if (!fits)
		return answer_partner(w, x->node, x->id, r->id, false, STR("version"), err);
	if (m->own_word && !own_word_in(with))
		return answer_partner(w, x->node, x->id, r->id, false, STR("own_word"), err);
	if (m->two_persons || m->two_nodes.n)          /* it begins with one of ours, who asks them: else one signature would do */
		return answer_partner(w, x->node, x->id, r->id, false, STR("second_person"), err);
	w->actor = (struct actor){ .role = x->role, .node = x->node };
	int rc = conditions_hold(w, r, m, &why);
	if (rc < 0 && why.code != ERR_SAFEGUARD && why.code != ERR_VALUE)
		*err = why;
	else if (rc < 0)
		rc = answer_partner(w, x->node, x->id, r->id, false, w->refusal.reason, err);
	else if ((rc = move_apply(w, r, m, err)) == 0)
		rc = answer_partner(w, x->node, x->id, r->id, true, (struct str){ 0 }, err);
	w->actor = before;
	return rc;
}

static int receive_one(struct work *w, struct str from, json_t *body, bool *held, struct err *err)
{
	struct waiting x = { .node = from };
	struct record r;
	struct err ignored = { 0 };
	if (parse(w, body, &x, err) < 0)
		return -1;
	if (record_head(w, x.record, &r, &ignored) < 0) {
		*held = true;                  /* the copy is still on the way */
		return 0;
	}
	const struct tmove *m = type_move(r.type, x.move);
	if (!m)
		return err_set(err, ERR_FORMAT, "a proposal of an unknown move");
	json_t *with = json_object_get(body, "with");
	w->event_ms = json_int(with, "event", 0);
	if (str_eq(r.owner, w->node->name))
		return do_for_partner(w, &r, m, &x, with, err);
	if (!str_eq(r.owner, from))
		return answer_partner(w, from, x.id, r.id, false, STR("owner"), err);
	/* whom the owner asks is the declaration's to say, and an id is used once */
	if (!m->two_nodes.n || !(str_eq(x.wants, m->two_nodes) || (str_is(m->two_nodes, "any") && policy_named(x.wants, m->by.at, m->by.n))))
		return answer_partner(w, from, x.id, r.id, false, STR("role"), err);
	x.way = PROPOSAL_ASKED;
	struct actor before = w->actor;
	struct id account;
	struct str role;
	int given = spoken_was_given(w, from, r.id, m->name, x.digest, &role, &account, err);
	if (given) {                           /* she said so already: this is her signature */
		w->actor = (struct actor){ .account = account, .role = role, .node = w->node->name };
		int rc = given < 0 ? -1 : answer_partner(w, from, x.id, r.id, true, (struct str){ 0 }, err);
		w->actor = before;
		return rc;
	}
	if (r.version < x.version) {
		*held = true;
		return 0;
	}
	if (load(w, x.id, &(struct waiting){ 0 }, &ignored) == 0)
		return err_set(err, ERR_FORMAT, "a proposal that is here already");
	return keep(w, &x, with, err);
}

int proposal_receive(struct work *w, struct str from, json_t *body, bool *held, struct err *err)
{
	json_t *list = json_object_get(body, "proposals");
	*held = false;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (receive_one(w, from, json_array_get(list, i), held, err) < 0)
			return -1;
	w->event_ms = 0;
	return json_array_size(list) ? 0 : err_set(err, ERR_FORMAT, "no proposals");
}

/* The last thing that somebody elsewhere did not agree to: the page of the record says so. */
static int answer_keep(struct work *w, const struct record *r, struct str move, struct str reason, struct err *err)
{
	return DB_RUN(w->tx, &Q_ANSWER_KEEP, err, db_id(r->id), db_text(move), db_text(reason.n <= 64 ? reason : (struct str){ 0 }), db_time(w->now_ms)) < 0 ? -1 : 0;
}

static int decided_one(struct work *w, struct str from, json_t *body, struct err *err)
{
	struct waiting x;
	struct record r;
	struct id id;
	struct err why = { 0 };
	if (id_parse(json_str(body, "proposal"), &id) < 0)
		return err_set(err, ERR_FORMAT, "a decision that cannot be read");
	if (load(w, id, &x, &why) < 0)      /* void meanwhile, or done by a code that was read out */
		return why.code == ERR_NOT_FOUND ? spoken_answered(w, id, from, json_is_true(json_object_get(body, "yes")), err) : (*err = why, -1);
	if (!str_eq(x.node, from))
		return err_set(err, ERR_FORBIDDEN, "a decision by somebody who was not asked");
	if (record_head(w, x.record, &r, err) < 0 || DB_RUN(w->tx, &Q_END, err, db_id(id)) < 0)
		return -1;
	const struct tmove *m = type_move(r.type, x.move);
	bool yes = json_is_true(json_object_get(body, "yes"));
	struct str role = json_str(body, "role");
	int theirs = role_at(w, from, role, err);
	if (theirs < 0)
		return -1;
	if (x.way == PROPOSAL_ABROAD && yes && (!theirs || !str_eq(role, x.wants)))
		return err_set(err, ERR_FORBIDDEN, "a yes of a role that was not asked");
	struct actor before = w->actor;
	w->actor = (struct actor){ .account = x.account, .role = theirs ? role : (struct str){ 0 }, .node = from };
	int rc = enter_record(w, ACT_DECIDE, &r, NULL, x.move, yes ? STR("yes") : STR("no"), (struct bytes){ 0 }, err);
	w->actor.role = x.role;
	if (rc == 0 && !yes)
		rc = answer_keep(w, &r, x.move, json_str(body, "reason"), err);
	json_t *with = rc == 0 && yes && m && x.way == PROPOSAL_ABROAD ? with_of(w, &x, err) : NULL;
	if (with) {
		w->event_ms = json_int(with, "event", 0);
		/* too late, or no longer allowed: an answer too */
		if (still_head(w, &r, &x, &why) < 0 || conditions_hold(w, &r, m, &why) < 0)
			rc = why.code == ERR_FAULT ? (*err = why, -1) : answer_keep(w, &r, x.move, STR("conflict"), err);
		else
			rc = move_apply(w, &r, m, err);
	}
	w->actor = before;
	return rc;
}

int proposal_decided(struct work *w, struct str from, json_t *body, struct err *err)
{
	json_t *list = json_object_get(body, "decisions");
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (decided_one(w, from, json_array_get(list, i), err) < 0)
			return -1;
		w->event_ms = 0;
	}
	return json_array_size(list) ? 0 : err_set(err, ERR_FORMAT, "no decisions");
}

/* ---- what is to be told, in few messages ---- */

static json_t *proposal_wire(struct work *w, const struct waiting *x, struct err *err)
{
	struct record r;
	json_t *with = with_of(w, x, err);
	if (!with || record_head(w, x->record, &r, err) < 0)
		return NULL;
	return json_keep(w->mem, json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:O}", "proposal", id_text(w->mem, x->id).p, "record", id_text(w->mem, r.id).p,
	    "type", str_z(w->mem, r.type->name), "version", (json_int_t)x->version, "digest", hex(w->mem, x->digest).p, "move", str_z(w->mem, x->move), "role",
	    str_z(w->mem, x->role), "wants", str_z(w->mem, x->wants), "expires", (json_int_t)x->expires, "with", with));
}

/* What one partner is told in one message; the rows come in the order of the partners. */
struct telling { const char *kind, *name; json_t *list; };

static int tell(struct work *w, struct telling *t, json_t *o, struct str to, bool last_of_partner, struct err *err)
{
	t->list = t->list ? t->list : json_keep(w->mem, json_array());
	json_array_append(t->list, o);
	if (!last_of_partner)
		return 0;
	json_t *body = json_keep(w->mem, json_object());
	json_object_set(body, t->name, t->list);
	t->list = NULL;
	struct line_note n = { .to = to, .kind = t->kind, .body = body, .purpose = STR("transfer"), .basis = STR("agreement"), .fields = str_of(t->name) };
	return w->node->hooks->line.send(w, &n, err);
}

static int pack_proposals(struct work *w, struct err *err)
{
	struct waiting *x = NEW_ARRAY(w->mem, struct waiting, IN_A_MESSAGE);
	struct rows rows = DB_QUERY(w->tx, &Q_UNTOLD, WAITING, w->mem, db_int(IN_A_MESSAGE));
	size_t n = 0;
	int rc = 0;
	while (n < IN_A_MESSAGE && (rc = db_next(&rows, &x[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	struct telling t = { .kind = "propose", .name = "proposals" };
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		json_t *o = proposal_wire(w, &x[i], err);
		if (!o || DB_RUN(w->tx, &Q_TOLD, err, db_id(x[i].id)) < 0)
			return -1;
		rc = tell(w, &t, o, x[i].node, i + 1 == n || !str_eq(x[i + 1].node, x[i].node), err);
	}
	w->effects->outbox = w->effects->outbox || n == IN_A_MESSAGE;
	return rc < 0 ? -1 : 0;
}

static int pack_decisions(struct work *w, struct err *err)
{
	struct decision *x = NEW_ARRAY(w->mem, struct decision, IN_A_MESSAGE);
	struct rows rows = DB_QUERY(w->tx, &Q_DECISIONS, DECISION, w->mem, db_int(IN_A_MESSAGE));
	size_t n = 0;
	int rc = 0;
	while (n < IN_A_MESSAGE && (rc = db_next(&rows, &x[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	struct telling t = { .kind = "decide", .name = "decisions" };
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		json_t *o = json_read(w->mem, x[i].body, err);
		if (!o || DB_RUN(w->tx, &Q_DECISION_END, err, db_id(x[i].id)) < 0)
			return -1;
		rc = tell(w, &t, o, x[i].node, i + 1 == n || !str_eq(x[i + 1].node, x[i].node), err);
	}
	w->effects->outbox = w->effects->outbox || n == IN_A_MESSAGE;
	return rc < 0 ? -1 : 0;
}

int proposals_pack(struct work *w, struct err *err)
{
	return pack_proposals(w, err) < 0 || pack_decisions(w, err) < 0 ? -1 : 0;
}

int proposals_of(struct work *w, struct id record, struct proposal **out, size_t *n, struct err *err)
{
	struct waiting x[WAITING_MAX];
	struct record r;
	int rc = 0;
	*n = 0;
	*out = NEW_ARRAY(w->mem, struct proposal, WAITING_MAX);
	if (record_head(w, record, &r, err) < 0)
		return -1;
	struct rows rows = DB_QUERY(w->tx, &Q_OF_RECORD, WAITING, w->mem, db_id(record), db_time(w->now_ms));
	while (*n < WAITING_MAX && (rc = db_next(&rows, &x[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = shown(w, &x[i], r.type->name);
	return rc < 0 ? -1 : 0;
}

/* Nobody answered in time: void, an entry says so, and the page of the record tells who asked. */
int proposals_expire(struct work *w, struct err *err)
{
	struct waiting *x = NEW_ARRAY(w->mem, struct waiting, WAITING_MAX);
	struct rows rows = DB_QUERY(w->tx, &Q_OVER, WAITING, w->mem, db_time(w->now_ms), db_int(WAITING_MAX));
	size_t n = 0;
	int rc = 0;
	while (n < WAITING_MAX && (rc = db_next(&rows, &x[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		struct record r;
		struct entry e = { .act = ACT_DECIDE, .move = x[i].move, .refused = STR("expired") };
		if (record_head(w, x[i].record, &r, err) < 0 || DB_RUN(w->tx, &Q_END, err, db_id(x[i].id)) < 0)
			return -1;
		e.type = r.type->name;
		if (ledger_append(w->node->ledger, w->tx, &e, NULL, err) < 0 || (x[i].way != PROPOSAL_ASKED && answer_keep(w, &r, x[i].move, STR("expired"), err) < 0))
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

struct answer_row { struct str move, reason; int64_t at; };
static const struct field ANSWER_ROW[] = { FIELD(struct answer_row, move), FIELD(struct answer_row, reason), FIELD(struct answer_row, at) };

int proposal_answer(struct work *w, struct id record, struct str *move, struct str *reason, int64_t *at_ms, struct err *err)
{
	struct answer_row a = { 0 };
	int rc = DB_ONE(w->tx, &Q_ANSWER, ANSWER_ROW, &a, w->mem, err, db_id(record));
	*move = a.move;
	*reason = a.reason;
	*at_ms = a.at;
	return rc;
}
