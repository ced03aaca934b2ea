#include "report/report_i.h"

/* The daily situation report: what two persons have released so far, as one page of a day. It adds nothing to a release and looks at nothing else; once given out it stays. */
SQL(Q_SITUATION_NEW, 4, "INSERT INTO report_situation(day, by, at, figures) VALUES(?1,?2,?3,?4)");
SQL(Q_SITUATIONS, 0, "SELECT day, at, figures FROM report_situation ORDER BY day DESC LIMIT 100");
SQL(Q_SITUATION, 1, "SELECT day, at, figures FROM report_situation WHERE day=?1");
struct row { struct str day, figures; int64_t at; };
static const struct field ROW[] = { FIELD(struct row, day), FIELD(struct row, at), FIELD(struct row, figures) };
#define SITUATIONS_MAX 100

static int read_row(struct work *w, const struct row *r, struct situation *s, struct err *err)
{
	json_t *list = json_read(w->mem, r->figures, err);
	if (!list)
		return -1;
	*s = (struct situation){ .day = r->day, .at_ms = r->at, .n = json_array_size(list), .batches = NEW_ARRAY(w->mem, struct situation_batch, json_array_size(list) + 1) };
	for (size_t i = 0; i < s->n; i++) {
		json_t *o = json_array_get(list, i);
		s->batches[i] = (struct situation_batch){ json_int(o, "batch", 0), json_int(o, "families", 0), json_int(o, "persons", 0), json_str(o, "month"), json_bool(o, "fresh") };
		s->families += s->batches[i].families;
		s->persons += s->batches[i].persons;
	}
	return 0;
}

int situations(struct work *w, struct situation **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_SITUATIONS, ROW, w->mem);
	struct row r;
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct situation, SITUATIONS_MAX);
	*n = 0;
	while (*n < SITUATIONS_MAX && (rc = db_next(&rows, &r, err)) == DB_ROW)
		if (read_row(w, &r, &(*out)[(*n)++], err) < 0)
			rc = -1;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int situation_find(struct work *w, struct str day, struct situation *out, struct err *err)
{
	struct row r;
	int rc = DB_ONE(w->tx, &Q_SITUATION, ROW, &r, w->mem, err, db_text(day));
	return rc != DB_ROW ? rc : read_row(w, &r, out, err) < 0 ? -1 : 1;
}

/* Was it not there, or another number, on the page before? */
static bool is_fresh(const struct situation *before, const struct released_batch *b)
{
	for (size_t i = 0; before && i < before->n; i++)
		if (before->batches[i].batch == b->batch)
			return before->batches[i].families != b->families || before->batches[i].persons != b->persons;
	return true;
}

int situation_release(struct work *w, struct str *day, struct err *err)
{
	struct released_batch *b;
	struct situation *old, same;
	size_t n, nold;
	*day = str_sub(time_text(w->mem, w->now_ms), 0, 10);
	if (!release_may_ask(w)) {
		w->refusal = (struct refusal){ .reason = STR("role"), .type = STR("situation"), .move = STR("publish") };
		return err_say(err, ERR_FORBIDDEN, N_("Your role does not allow this."), NULL);
	}
	int rc = situation_find(w, *day, &same, err);
	if (rc)
		return rc < 0 ? -1 : err_say(err, ERR_CONFLICT, N_("The report of today is out already, and stays as it is."), NULL);
	if (released_batches(w, (struct id){ 0 }, &b, &n, err) < 0 || situations(w, &old, &nold, err) < 0)
		return -1;
	if (n == 0)
		return err_say(err, ERR_VALUE, N_("Nothing was released yet: a report would be empty."), NULL);
	json_t *list = json_keep(w->mem, json_array());
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:I, s:I, s:I, s:s, s:b}", "batch", (json_int_t)b[i].batch, "families", (json_int_t)b[i].families, "persons", (json_int_t)b[i].persons,
		    "month", str_z(w->mem, b[i].date), "fresh", (int)is_fresh(nold ? &old[0] : NULL, &b[i])));
	if (DB_RUN(w->tx, &Q_SITUATION_NEW, err, db_text(*day), db_id(w->actor.account), db_time(w->now_ms), db_text(json_write(w->mem, list))) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_PUBLISH, .actor = w->actor.account, .role = w->actor.role, .type = STR("situation"), .count = n }, err);
}
