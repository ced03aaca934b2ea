#include "record/retention.h"
#include "record/record_i.h"

SQL(Q_PAGE, 2, "SELECT id FROM record WHERE id>?1 AND state<>'erased' ORDER BY id LIMIT ?2");
SQL(Q_OF_SUBJECT, 1, "SELECT id FROM record WHERE subject=?1 AND state<>'erased'");
SQL(Q_ROWS, 1, "SELECT id FROM record WHERE parent=?1 AND state<>'erased'");
SQL(Q_SEALED, 1, "SELECT count(*) FROM body WHERE record=?1");
SQL(Q_PASS, 0, "SELECT began, running, last FROM retention_pass");
SQL(Q_LAST_PASS, 0, "SELECT coalesce(max(began), 0) FROM retention_pass");
SQL(Q_PASS_FIRST, 0, "INSERT INTO retention_pass(one, began, running, last) VALUES(1, 0, 0, x'')");
SQL(Q_PASS_SET, 3, "UPDATE retention_pass SET began=?1, running=?2, last=?3");
struct found { struct id id; };
static const struct field FOUND[] = { FIELD(struct found, id) };
struct pass { int64_t began; bool running; struct bytes last; };
static const struct field PASS[] = { FIELD(struct pass, began), FIELD(struct pass, running), FIELD(struct pass, last) };

#define SLICE 64
#define SLICE_MS 5
#define PASS_MS (6 * 3600LL * 1000)
#define RECORDS_MAX 4096
#define DEPTH_MAX 4

static bool is_in(const json_t *states, struct str state)
{
	if (json_is_string(states))
		return str_is(state, json_string_value(states));
	for (size_t i = 0; i < json_array_size(states); i++)
		if (str_is(state, json_string_value(json_array_get(states, i))))
			return true;
	return false;
}

static int due_at_depth(struct work *, const struct record *, int depth, int64_t *due, struct str *rule, struct err *);

/* As long as the record that it is about, or that it is a row of; where that is gone, now. */
static int due_with(struct work *w, struct id other, int depth, int64_t *due, struct str *rule, struct err *err)
{
	struct record r;
	struct err why = { 0 };
	int rc = record_head(w, other, &r, &why);
	if (rc < 0 && why.code != ERR_NOT_FOUND)
		return err_set(err, why.code, "%s", why.log);
	if (rc == 0 && !str_is(r.state, "erased"))
		return due_at_depth(w, &r, depth + 1, due, rule, err);
	*due = w->now_ms;
	*rule = STR("with_record");
	return 0;
}

static int due_after(struct work *w, const struct record *r, const json_t *t, int depth, int64_t *due, struct str *rule, struct err *err)
{
	struct str keep = json_str(t, "keep");
	int64_t reached;
	if (str_is(keep, "with_record") && !id_none(r->subject) && !id_eq(r->subject, r->id))
		return due_with(w, r->subject, depth, due, rule, err);
	if (!is_in(json_object_get(t, "after"), r->state))
		return 0;
	int rc = moment_of(w, r, r->state, &reached, err);
	if (rc > 0 && length_add(keep, reached, due))
		*rule = str_fmt(w->mem, S_FMT "+" S_FMT, S_ARG(r->state), S_ARG(keep));
	return rc < 0 ? -1 : 0;
}

static int due_at_latest(struct work *w, const struct record *r, struct str moment, int64_t *due, struct str *rule, struct err *err)
{
	int64_t at;
	struct str rest = moment;
	if (!moment.n || str_is(moment, "forever"))
		return 0;
	int rc = moment_of(w, r, moment, &at, err);
	if (rc < 0)
		return -1;
	str_cut(&rest, '+');
	if (rc == 0) {
		at = r->created_ms;
		if (rest.p && !length_add(rest, r->created_ms, &at))
			return err_set(err, ERR_FAULT, "no length in a moment");
	}
	if (at < *due) {
		*due = at;
		*rule = moment;
	}
	return 0;
}

static int due_at_depth(struct work *w, const struct record *r, int depth, int64_t *due, struct str *rule, struct err *err)
{
	const json_t *t = json_object_get(r->type->raw, "retention");
	*due = RETENTION_NEVER;
	*rule = (struct str){ 0 };
	if (depth > DEPTH_MAX)
		return 0;
	if (!t)
		return id_none(r->parent) ? 0 : due_with(w, r->parent, depth, due, rule, err);
	return due_after(w, r, t, depth, due, rule, err) < 0 ? -1 : due_at_latest(w, r, json_str(t, "at_latest"), due, rule, err);
}

/* A copy ends earlier where the agreement under which it came says so, or where it was only wanted on the way. */
static int copy_due(struct work *w, const struct record *r, int64_t *due, struct str *rule, struct err *err)
{
	int64_t early;
	struct str why = { 0 };
	*rule = (struct str){ 0 };
	if (received_due(w, r, due, rule, err) < 0 || early_due(w, r, &early, &why, err) < 0)
		return -1;
	if (early < *due) {
		*due = early;
		*rule = why;
	}
	return 0;
}

int retention_due(struct work *w, const struct record *r, int64_t *due, struct str *rule, struct err *err)
{
	int64_t copy;
	struct str why;
	if (due_at_depth(w, r, 0, due, rule, err) < 0 || copy_due(w, r, &copy, &why, err) < 0)
		return -1;
	if (copy < *due) {
		*due = copy;
		*rule = why;
	}
	return 0;
}

static int ids_of(struct work *w, const struct sql *q, struct id of, struct id *out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, q, FOUND, w->mem, db_id(of));
	struct found f;
	int rc = 0;
	*n = 0;
	while (*n < RECORDS_MAX && (rc = db_next(&rows, &f, err)) == DB_ROW)
		out[(*n)++] = f.id;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* Whether all that is about the subject on this side of the wall is due too. */
static int all_due(struct work *w, const struct record *r, bool *all, struct err *err)
{
	struct id *ids = NEW_ARRAY(w->mem, struct id, RECORDS_MAX);
	size_t n;
	*all = true;
	if (ids_of(w, &Q_OF_SUBJECT, id_none(r->subject) ? r->id : r->subject, ids, &n, err) < 0)
		return -1;
	*all = n < RECORDS_MAX;
	for (size_t i = 0; *all && i < n; i++) {
		struct record other;
		int64_t due;
		struct str rule;
		if (record_head(w, ids[i], &other, err) < 0 || (other.type->side == r->type->side && retention_due(w, &other, &due, &rule, err) < 0))
			return -1;
		*all = other.type->side != r->type->side || due <= w->now_ms;
	}
	return 0;
}

static int shred(struct work *w, const struct record *r, struct str rule, struct err *err)
{
	bool all = true;
	if (all_due(w, r, &all, err) < 0)
		return -1;
	return all ? record_erase(w, r->id, rule, err) : record_erase_one(w, r->id, rule, err);
}

static int shred_rows(struct work *w, const struct record *r, struct str rule, struct err *err)
{
	struct id *ids = NEW_ARRAY(w->mem, struct id, RECORDS_MAX);
	size_t n;
	if (ids_of(w, &Q_ROWS, r->id, ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (record_erase_one(w, ids[i], rule, err) < 0)
			return -1;
	return 0;
}

static const struct { const char *then; int (*run)(struct work *, const struct record *, struct str rule, struct err *); } THEN[] = {
	{ "shred", shred },
	{ "shred_rows", shred_rows },
	{ "strip_names", record_strip },
};

/* What a row without its own words gets is its parent's end: gone. */
static int carry_out(struct work *w, const struct record *r, struct str rule, struct err *err)
{
	const json_t *t = json_object_get(r->type->raw, "retention");
	struct str then = t ? json_str(t, "then") : STR("shred");
	for (size_t i = 0; i < COUNT(THEN); i++)
		if (str_is(then, THEN[i].then))
			return THEN[i].run(w, r, rule, err);
	return 0;
}

/* A copy whose time is over: what is about people goes whole; of the rest the sealed fields go and the open ones stay (totals). The giver gets a note either way. */
static int copy_end(struct work *w, const struct record *r, struct str rule, struct err *err)
{
	const json_t *t = json_object_get(r->type->raw, "retention");
	bool whole = !t || str_is(json_str(t, "then"), "shred") || (r->type->about != ABOUT_NOBODY && r->type->about != ABOUT_PLACE);
	if (whole)
		return shred(w, r, rule, err);
	if (DB_COUNT(w->tx, &Q_SEALED, db_id(r->id)) == 0)
		return 0;                                      /* it ended before */
	if (record_strip(w, r, rule, err) < 0 || received_forget(w, r->id, err) < 0)
		return -1;
	return w->node->hooks->erased ? w->node->hooks->erased(w, r->id, err) : 0;
}

static int work_one(struct work *w, struct id id, struct err *err)
{
	struct record r;
	int64_t due, copy;
	struct str rule, why;
	if (record_head(w, id, &r, err) < 0)
		return -1;
	if (str_is(r.state, "erased"))                  /* by what was done to another of the same page */
		return 0;
	if (due_at_depth(w, &r, 0, &due, &rule, err) < 0 || copy_due(w, &r, &copy, &why, err) < 0 || clock_missed(w, &r, err) < 0)
		return -1;
	if (due <= w->now_ms && carry_out(w, &r, rule, err) < 0)
		return -1;
	if (copy > w->now_ms || record_head(w, id, &r, err) < 0)
		return copy > w->now_ms ? 0 : -1;
	return str_is(r.state, "erased") ? 0 : copy_end(w, &r, why, err);
}

static int pass_load(struct work *w, struct pass *p, struct err *err)
{
	int rc = DB_ONE(w->tx, &Q_PASS, PASS, p, w->mem, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	*p = (struct pass){ .last = { (const uint8_t *)"", 0 } };
	return DB_RUN(w->tx, &Q_PASS_FIRST, err) < 0 ? -1 : 0;
}

static int slice(struct work *w, struct pass *p, struct err *err)
{
	struct found *page = NEW_ARRAY(w->mem, struct found, SLICE);
	struct rows rows = DB_QUERY(w->tx, &Q_PAGE, FOUND, w->mem, db_blob(p->last), db_int(SLICE));
	int64_t began = monotonic_ms();
	size_t n = 0, done = 0;
	int rc = 0;
	while (n < SLICE && (rc = db_next(&rows, &page[n], err)) == DB_ROW)
		n++;
	db_end(&rows);
	if (rc < 0)
		return -1;
	while (done < n && (done == 0 || monotonic_ms() - began < SLICE_MS))
		if (work_apart(w, page[done++].id, work_one, "retention", err) < 0)      /* tried again in the next pass */
			return -1;
	if (done)
		p->last = bytes_of(page[done - 1].id.b, 16);
	p->running = n == SLICE || done < n;
	return 0;
}

int retention_step(struct work *w, bool *more, struct err *err)
{
	struct pass p;
	if (!w->purpose.n)
		w->purpose = STR("retention");                /* for the counters of the keys process */
	if (pass_load(w, &p, err) < 0)
		return -1;
	if (!p.running)
		p = (struct pass){ .began = w->now_ms, .running = true, .last = { (const uint8_t *)"", 0 } };
	if (slice(w, &p, err) < 0)
		return -1;
	*more = p.running;
	return DB_RUN(w->tx, &Q_PASS_SET, err, db_int(p.began), db_bool(p.running), db_blob(p.last)) < 0 ? -1 : 0;
}

int64_t retention_last_ms(struct work *w)
{
	return DB_COUNT(w->tx, &Q_LAST_PASS);
}

int retention_timer(struct work *w, struct err *err)
{
	struct pass p;
	bool more;
	if (pass_load(w, &p, err) < 0)
		return -1;
	return p.running || w->now_ms - p.began >= PASS_MS ? retention_step(w, &more, err) : 0;
}
