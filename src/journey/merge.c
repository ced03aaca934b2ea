#include "journey/journey_i.h"

/* Two records that are one person. A question of identity that was decided "same" may end one of them in the other, by two persons; both keep their histories, and parting
   them again gives back what was. Across nodes and batches the civil registry decides: its copy of the question tells each owner what to do with its own record. */
SQL(Q_MERGED, 2, "INSERT OR REPLACE INTO journey_merged(person, goes_on) VALUES(?1,?2)");
SQL(Q_PARTED, 1, "DELETE FROM journey_merged WHERE person=?1");
SQL(Q_FORGET, 1, "DELETE FROM journey_merged WHERE person=?1 OR goes_on=?1");
SQL(Q_FROM, 1, "SELECT person AS id FROM journey_merged WHERE goes_on=?1 ORDER BY person");
SQL(Q_INTO, 1, "SELECT goes_on AS id FROM journey_merged WHERE person=?1");
struct one { struct id id; };
static const struct field ONE[] = { FIELD(struct one, id) };
#define MERGED_MAX 32u
#define ASKED_MAX 256u
#define REGISTRY_DESK "civil"
static const char *const DESKS[][2] = { { "camp", "camp" }, { "centre", "centre" } };      /* by kind of node */

struct pair { struct id ends, goes_on; };

static int pair_of(struct work *w, const struct record *claim, struct pair *p, struct err *err)
{
	const struct grant *g = open_one(w, "identity_claim", claim->id, err);
	if (!g)
		return -1;
	struct id first = ref_at(g, 0, "person"), second = ref_at(g, 0, "other");
	*p = str_is(text_at(g, 0, "keeps"), "second") ? (struct pair){ first, second } : (struct pair){ second, first };
	return 0;
}

int decided_same(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "identity_claim", r->id, err);
	if (!g)
		return -1;
	struct pair p;
	struct record ends;
	if (!str_is(text_at(g, 0, "decision"), "same") || !text_at(g, 0, "keeps").n)
		return refuse_rule(w, r, "decided_same", N_("Two records are merged only after the decision that they are one person, and when it is said which one goes on."), err);
	if (pair_of(w, r, &p, err) < 0)
		return -1;
	bool open = record_head(w, p.ends, &ends, NULL) < 0 || str_is(ends.state, "registered") || str_is(ends.state, "verified") || str_is(ends.state, "merged");
	return open ? 0 : refuse_rule(w, r, "decided_same", N_("The record that would end is not registered yet, or is closed. Register it first, or keep that one."), err);
}

/* ---- the lists that she is on ---- */

static bool row_holds(const struct grant *g, size_t i)
{
	return state_is(g, i, "listed") || state_is(g, i, "approved") || state_is(g, i, "later") || state_is(g, i, "boarded");
}

static bool list_over(struct work *w, struct id list)
{
	struct record r;
	return record_head(w, list, &r, NULL) < 0 || str_is(r.state, "reconciled") || str_is(r.state, "erased");
}

/* The batch of a row, or its list where that has none yet. */
static struct id batch_of(struct work *w, struct id list)
{
	struct err ignored = { 0 };
	const struct grant *g = open_one(w, "nominal_list", list, &ignored);
	struct id batch = g ? ref_at(g, 0, "batch") : list;
	return id_none(batch) ? list : batch;
}

#define BATCHES_MAX 32
static int batches_of(struct work *w, struct id person, struct id *out, size_t *n, struct err *err)
{
	const struct grant *g = open_referring(w, "nominal_list_row", "person", person, err);
	*n = 0;
	for (size_t i = 0; g && i < grant_count(g) && *n < BATCHES_MAX; i++)
		if (row_holds(g, i))
			out[(*n)++] = batch_of(w, grant_record(g, i)->parent);
	return g ? 0 : -1;
}

static bool share_one(const struct id *a, size_t n, const struct id *b, size_t m)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m; k++)
			if (id_eq(a[i], b[k]))
				return true;
	return n == 0 || m == 0;
}

int same_batch_same_node(struct work *w, const struct record *r, struct err *err)
{
	struct pair p;
	struct record a, b;
	struct id of_a[BATCHES_MAX], of_b[BATCHES_MAX];
	size_t n = 0, m = 0;
	if (pair_of(w, r, &p, err) < 0)
		return -1;
	bool here = record_head(w, p.ends, &a, NULL) == 0 && record_head(w, p.goes_on, &b, NULL) == 0 && str_eq(a.owner, w->node->name) && str_eq(b.owner, w->node->name);
	if (here && (batches_of(w, p.ends, of_a, &n, err) < 0 || batches_of(w, p.goes_on, of_b, &m, err) < 0))
		return -1;
	return here && share_one(of_a, n, of_b, m) ? 0 :
	    refuse_rule(w, r, "same_batch_same_node", N_("The two records are of two offices or of two batches: the civil registry decides. Ask it from this page."), err);
}

/* Of the record that ends: a row that waits for her would wait for nobody. */
int on_no_open_row(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_referring(w, "nominal_list_row", "person", r->id, err);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (row_holds(g, i) && !list_over(w, grant_record(g, i)->parent))
			return refuse_rule(w, r, "on_no_open_row", N_("The record that would end is on a list. Keep that one, or wait until the list is reconciled."), err);
	return g ? 0 : -1;
}

/* ---- merging and parting of a record of ours ---- */

static int end_here(struct work *w, const struct pair *p, struct err *err)
{
	struct record ends;
	if (record_head(w, p->ends, &ends, err) < 0)
		return -1;
	if (!str_eq(ends.owner, w->node->name) || str_is(ends.state, "merged"))
		return 0;
	return DB_RUN(w->tx, &Q_MERGED, err, db_id(p->ends), db_id(p->goes_on)) < 0 ? -1 : record_move_inside(w, p->ends, "merge", err);
}

static int part_here(struct work *w, const struct pair *p, struct err *err)
{
	struct record ends;
	struct record_version *v;
	size_t n, i = 0;
	if (record_head(w, p->ends, &ends, err) < 0 || record_history(w, p->ends, &v, &n, err) < 0)
		return -1;
	if (!str_eq(ends.owner, w->node->name) || !str_is(ends.state, "merged"))
		return 0;
	while (i < n && str_is(v[i].state, "merged"))      /* the newest first */
		i++;
	if (DB_RUN(w->tx, &Q_PARTED, err, db_id(p->ends)) < 0)
		return -1;
	return record_move_inside(w, p->ends, i < n && str_is(v[i].state, "verified") ? "part_verified" : "part", err);
}

/* The owner of the record that ends does the same by its copy of the question. */
static int tell_owner(struct work *w, const struct record *claim, struct id person, struct err *err)
{
	struct record r;
	if (record_head(w, person, &r, NULL) < 0 || str_eq(r.owner, w->node->name))
		return 0;
	return record_share(w, &claim->id, 1, r.owner, err);
}

int merge_persons(struct work *w, const struct record *r, struct err *err)
{
	struct pair p;
	return pair_of(w, r, &p, err) < 0 || tell_owner(w, r, p.ends, err) < 0 ? -1 : end_here(w, &p, err);
}

int part_persons(struct work *w, const struct record *r, struct err *err)
{
	struct pair p;
	return pair_of(w, r, &p, err) < 0 || tell_owner(w, r, p.ends, err) < 0 ? -1 : part_here(w, &p, err);
}

/* ---- the civil registry ---- */

static int give_own(struct work *w, const struct pair *p, struct err *err)
{
	const struct id both[] = { p->ends, p->goes_on };
	for (size_t i = 0; i < COUNT(both); i++) {
		struct record r;
		if (record_head(w, both[i], &r, NULL) == 0 && str_eq(r.owner, w->node->name) && share_with_kind(w, &both[i], 1, "civil_status", err) < 0)
			return -1;
	}
	return 0;
}

/* Both records go there before the question does: ours from here, another office's from there, by its own agreement with the registry. */
int ask_registry(struct work *w, const struct record *r, struct err *err)
{
	struct pair p;
	return pair_of(w, r, &p, err) < 0 || tell_owner(w, r, p.ends, err) < 0 || tell_owner(w, r, p.goes_on, err) < 0 ? -1 : give_own(w, &p, err);
}

static const char *own_desk(const struct work *w)
{
	for (size_t i = 0; i < COUNT(DESKS); i++)
		if (str_is(w->node->kind, DESKS[i][0]))
			return DESKS[i][1];
	return NULL;
}

/* What the registry decided about a record of ours. Where a list stands in the way, the desk is told, and carries it out later from the page of the question. */
static int follow(struct work *w, const struct record *r, const struct pair *p, bool merged, struct err *err)
{
	struct err why = { 0 };
	struct record ends;
	const char *desk = own_desk(w);
	if (record_head(w, p->ends, &ends, NULL) < 0 || !str_eq(ends.owner, w->node->name))
		return 0;
	if (!merged)
		return part_here(w, p, err);
	if (on_no_open_row(w, &ends, &why) == 0)
		return end_here(w, p, err);
	w->refusal = (struct refusal){ 0 };
	(void)r;
	return why.code != ERR_SAFEGUARD ? (*err = why, -1) : desk ? task_open(w, desk, "merge_waits", p->ends, err) : 0;
}

int claim_carry_out(struct work *w, struct id claim, struct err *err)
{
	const struct grant *g = record_open(w, type_named(w, "identity_claim"), &claim, 1, err);
	struct pair p;
	if (!g || pair_of(w, grant_record(g, 0), &p, err) < 0)
		return -1;
	return state_is(g, 0, "merged") ? end_here(w, &p, err) : err_set(err, ERR_CONFLICT, "nothing was merged");
}

int claim_waits(struct work *w, const struct record *claim, bool *waits, struct err *err)
{
	struct pair p;
	struct record ends;
	*waits = false;
	if (!str_is(claim->state, "merged"))
		return 0;
	if (pair_of(w, claim, &p, err) < 0)
		return -1;
	*waits = record_head(w, p.ends, &ends, NULL) == 0 && str_eq(ends.owner, w->node->name) && !str_is(ends.state, "merged");
	return 0;
}

/* Each record of the pair becomes part of the registry's caseload when both it and the question are there, whichever came first. */
static int registry_desk_told(struct work *w, struct id person, struct err *err)
{
	struct record r;
	return record_head(w, person, &r, NULL) < 0 ? 0 : task_open(w, REGISTRY_DESK, "identity_asked", person, err);
}

int asked_person_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	struct id *claims;
	size_t n = 0;
	if (before.n || !str_is(w->node->kind, "civil_status"))
		return 0;
	if (record_in_state(w, "identity_claim", "asked", ASKED_MAX, &claims, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct grant *g = open_one(w, "identity_claim", claims[i], err);
		if (!g)
			return -1;
		if (id_eq(ref_at(g, 0, "other"), r->id) || id_eq(ref_at(g, 0, "person"), r->id))
			return registry_desk_told(w, r->id, err);
	}
	return 0;
}

int claim_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	struct pair p;
	struct str kind = w->node->kind;
	bool ours = str_eq(r->owner, w->node->name), merged = str_is(r->state, "merged");
	if (pair_of(w, r, &p, err) < 0)
		return -1;
	if (ours && str_is(r->state, "asked") && !str_is(before, "asked"))
		return registry_desk_told(w, p.ends, err) < 0 ? -1 : registry_desk_told(w, p.goes_on, err);
	if (ours)
		return 0;
	if (str_is(r->state, "asked"))
		return give_own(w, &p, err);
	if (!w->node->hooks->line.kind_of || w->node->hooks->line.kind_of(w, r->owner, &kind, err) < 1 || !str_is(kind, "civil_status"))
		return err->code ? -1 : 0;                    /* another office's opinion changes no record of ours */
	return merged || str_is(before, "merged") ? follow(w, r, &p, merged, err) : 0;
}

int merged_from(struct work *w, struct id person, struct id **ids, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_FROM, ONE, w->mem, db_id(person));
	struct one row;
	int rc = 0;
	*ids = NEW_ARRAY(w->mem, struct id, MERGED_MAX);
	*n = 0;
	while (*n < MERGED_MAX && (rc = db_next(&rows, &row, err)) == DB_ROW)
		(*ids)[(*n)++] = row.id;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

bool merged_into(struct work *w, struct id person, struct id *goes_on)
{
	struct one row;
	bool merged = DB_ONE(w->tx, &Q_INTO, ONE, &row, w->mem, NULL, db_id(person)) == DB_ROW;
	*goes_on = merged ? row.id : (struct id){ 0 };
	return merged;
}

/* One that goes on may have ended in a third. */
struct id merged_as(struct work *w, struct id person)
{
	struct id into;
	for (size_t steps = 0; steps < MERGED_MAX && merged_into(w, person, &into); steps++)
		person = into;
	return person;
}

int merged_forget(struct work *w, struct id person, struct err *err)
{
	return DB_RUN(w->tx, &Q_FORGET, err, db_id(person)) < 0 ? -1 : 0;
}
