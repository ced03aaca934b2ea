#include "exchange/witness.h"

#define LATE_MS 3600000
#define ANSWER_WAIT_MS 60000             /* longer than a call may take: a call that was lost in a restart is made again */
#define REQUEST_MAX ((size_t)64 << 10)
#define ASKING "oversight"

static const char *const TABLES[] = {
	/* size: what the witness signed last; at: when; asked: a call is under way since; behind: the tree has been ahead of it since; trouble: see witness.h */
	"CREATE TABLE witness(partner TEXT PRIMARY KEY, size INTEGER NOT NULL, at INTEGER NOT NULL, asked INTEGER NOT NULL, behind INTEGER NOT NULL, trouble TEXT NOT NULL) STRICT",
};
const struct migrations WITNESS_MIGRATIONS = { "witness", TABLES, COUNT(TABLES) };

SQL(Q_STATE, 1, "SELECT size, at, asked, behind, trouble FROM witness WHERE partner=?1");
SQL(Q_KEEP, 6, "INSERT OR REPLACE INTO witness(partner, size, at, asked, behind, trouble) VALUES(?1,?2,?3,?4,?5,?6)");
struct state { int64_t size, at, asked, behind; struct str trouble; };
static const struct field STATE[] = { FIELD(struct state, size), FIELD(struct state, at), FIELD(struct state, asked), FIELD(struct state, behind),
	FIELD(struct state, trouble) };

static int state_read(struct work *w, struct str partner, struct state *out, struct err *err)
{
	*out = (struct state){ 0 };
	return DB_ONE(w->tx, &Q_STATE, STATE, out, w->mem, err, db_text(partner)) < 0 ? -1 : 0;
}

static int state_write(struct work *w, struct str partner, const struct state *s, struct err *err)
{
	return DB_RUN(w->tx, &Q_KEEP, err, db_text(partner), db_int(s->size), db_int(s->at), db_int(s->asked), db_int(s->behind), db_text(s->trouble)) < 0 ? -1 : 0;
}

/* Size of the newest signed head: the second line of its note. 0: there is none. */
static int64_t head_size(struct work *w)
{
	struct str note = ledger_checkpoint(w->mem, w->tx, false);
	int64_t size = 0;
	str_cut(&note, '\n');
	return str_i64(str_cut(&note, '\n'), &size) == 0 ? size : 0;
}

static bool grave(struct str trouble)
{
	return str_is(trouble, "fork") || str_is(trouble, "ahead");
}

/* A fork is entered when it is first seen: from then on it stands in our own log too. */
static int trouble_found(struct work *w, struct str partner, struct state *s, const char *trouble, struct err *err)
{
	bool news = grave(str_of(trouble)) && !str_is(s->trouble, trouble);
	s->trouble = str_of(trouble);
	if (!news)
		return 0;
	log_line(LOG_ERROR, "witness", "a witness has seen another log of this node: %s", trouble);
	return work_enter(w, &(struct entry){ .act = ACT_WITNESS, .to = partner, .refused = str_of(trouble) }, err);
}

static int answered_size(struct work *w, struct str partner, struct state *s, struct str body, struct err *err)
{
	int64_t size;
	if (str_i64(str_trim(body), &size) < 0 || size < 0)
		return trouble_found(w, partner, s, "refused", err);
	if (size > head_size(w))
		return trouble_found(w, partner, s, "ahead", err);
	s->size = size;                                  /* asked from there when the timer runs next */
	return 0;
}

static int answered_signature(struct work *w, const struct partner *p, struct state *s, int64_t size, struct str body, struct err *err)
{
	struct err why = { 0 };
	if (witness_keep(w->mem, w->node->ledger, w->tx, &p->witness, body, (uint64_t)size, &why) < 0) {
		if (why.code != ERR_PEER && why.code != ERR_NOT_FOUND && why.code != ERR_FORMAT)
			return err_set(err, why.code, "%s", why.log);
		return trouble_found(w, p->name, s, "refused", err);
	}
	*s = (struct state){ .size = size, .at = w->now_ms };
	return 0;
}

/* ref: "<partner> <size that was asked for>". */
static int witness_answered(struct work *w, struct str ref, int status, struct str body, struct err *err)
{
	struct str name = str_cut(&ref, ' ');
	struct partner p;
	struct state s;
	int64_t size;
	int rc = partner_find(w, name, &p, err);
	if (rc != 1 || str_i64(ref, &size) < 0 || state_read(w, name, &s, err) < 0)
		return rc < 0 ? -1 : 0;                       /* no partner any more */
	s.asked = 0;
	if (status == 200)
		rc = answered_signature(w, &p, &s, size, body, err);
	else if (status == 409)
		rc = answered_size(w, name, &s, body, err);
	else if (status == 0)
		rc = grave(s.trouble) ? 0 : trouble_found(w, name, &s, "silent", err);
	else
		rc = trouble_found(w, name, &s, status == 422 ? "fork" : "refused", err);
	if (grave(s.trouble))
		s.asked = w->now_ms + LATE_MS - ANSWER_WAIT_MS;      /* not before an hour is over */
	return rc < 0 ? -1 : state_write(w, name, &s, err);
}

static int ask(struct work *w, const struct partner *p, int64_t newest, struct err *err)
{
	struct state s;
	struct str request;
	if (state_read(w, p->name, &s, err) < 0)
		return -1;
	if (s.size == newest || w->now_ms < s.asked + (s.asked ? ANSWER_WAIT_MS : 0))
		return 0;
	if (!s.behind)
		s.behind = w->now_ms;
	s.asked = w->now_ms;
	if (s.size > newest) {                               /* our own tree is shorter than what was signed: it was set back */
		s.asked = w->now_ms + LATE_MS - ANSWER_WAIT_MS;
		return trouble_found(w, p->name, &s, "ahead", err) < 0 ? -1 : state_write(w, p->name, &s, err);
	}
	if (witness_request(w->mem, w->node->ledger, w->tx, (uint64_t)s.size, &request, err) < 0 || state_write(w, p->name, &s, err) < 0)
		return -1;
	work_call(w, &(struct call){ .url = str_join(w->mem, p->url, STR("/witness/add-checkpoint")), .pin = p->certificate, .next_pin = p->next, .type = "text/plain; charset=utf-8",
		.body = request, .ref = str_fmt(w->mem, S_FMT " %lld", S_ARG(p->name), (long long)newest), .then = witness_answered });
	return 0;
}

int witness_timer(struct work *w, struct err *err)
{
	struct partner *all;
	size_t n;
	int64_t newest = head_size(w);
	if (newest == 0)
		return 0;
	if (partner_list(w, &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (str_is(all[i].kind, ASKING) && all[i].url.n && ask(w, &all[i], newest, err) < 0)
			return -1;
	return 0;
}

int witness_states(struct work *w, struct witness_state **out, size_t *n, struct err *err)
{
	struct partner *all;
	size_t partners;
	struct state s;
	*n = 0;
	if (partner_list(w, &all, &partners, err) < 0)
		return -1;
	*out = NEW_ARRAY(w->mem, struct witness_state, partners + 1);
	for (size_t i = 0; i < partners; i++) {
		if (!str_is(all[i].kind, ASKING))
			continue;
		if (state_read(w, all[i].name, &s, err) < 0)
			return -1;
		bool late = grave(s.trouble) || (s.behind && w->now_ms - s.behind > LATE_MS);
		(*out)[(*n)++] = (struct witness_state){ all[i].name, s.trouble, s.size, s.at, late };
	}
	return 0;
}

/* The other side: any partner may bring a head; which logs are known is pinned with the partners. */
static int add_checkpoint(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct partner *all;
	size_t n;
	if (partner_list(w, &all, &n, err) < 0)
		return -1;
	struct note_key *logs = NEW_ARRAY(w->mem, struct note_key, n + 1);
	for (size_t i = 0; i < n; i++)
		logs[i] = all[i].log;
	if (witness_add(w->mem, w->tx, w->node->keys, w->node->source, w->node->name, logs, n, q->body, &a->status, &a->body, err) < 0)
		return -1;
	a->type = a->status == 409 ? "text/x.tlog.size" : "text/plain; charset=utf-8";
	if (a->status != 422)
		return 0;
	return work_enter(w, &(struct entry){ .act = ACT_WITNESS, .to = w->partner, .refused = STR("fork") }, err);
}

const struct route WITNESS_ROUTES[] = {
	{ POST, "/witness/add-checkpoint", PERMIT_PARTNER, false, REQUEST_MAX, add_checkpoint, N_("Sign the head of a partner's log"), { 0 } },
	{ 0 },
};
