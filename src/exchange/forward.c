#include "exchange/forward.h"
#include "exchange/channel.h"
#include "exchange/document.h"
#include "exchange/exchange_i.h"
#include "exchange/recall.h"
#include "exchange/terms.h"
#include "exchange/went.h"

/* What of ours was made of a record that came: our request of theirs, our reply of one that answered ours. Ids only. */
SQL(Q_MADE, 3, "INSERT INTO channel_onward(record, made, at) VALUES(?1,?2,?3) ON CONFLICT DO NOTHING");
SQL(Q_MADE_OF, 1, "SELECT made AS id FROM channel_onward WHERE record=?1 ORDER BY at DESC, made DESC");
SQL(Q_FROM, 1, "SELECT record AS id FROM channel_onward WHERE made=?1");
SQL(Q_IS_MADE, 2, "SELECT EXISTS(SELECT 1 FROM channel_onward WHERE record=?1 AND made=?2)");
SQL(Q_END, 1, "DELETE FROM channel_onward WHERE record=?1 OR made=?1");
SQL(Q_CARRIED, 1, "SELECT c.record AS id FROM disclosed d JOIN disclosed_record c ON c.disclosure=d.record WHERE d.message=?1");
struct id_row { struct id id; };
static const struct field ID_ROW[] = { FIELD(struct id_row, id) };
#define MADE_MAX 64

static int ids_of(struct work *w, const struct sql *q, struct id key, struct id *out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, q, ID_ROW, w->mem, db_id(key));
	struct id_row row;
	int rc = 0;
	*n = 0;
	while (*n < MADE_MAX && (rc = db_next(&rows, &row, err)) == DB_ROW)
		out[(*n)++] = row.id;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* ---- may it ---- */

/* Between the two offices nothing may be passed on at all, or what the giver allows for each item. */
static bool onward_banned(struct work *w, struct str giver, struct str purpose)
{
	struct hash digest;
	struct agreement a;
	struct err ignored = { 0 };
	return agreement_for(w, giver, purpose, &digest, &ignored) != 1 || agreement_find(w, &digest, &a, &ignored) != 1 || str_is(terms_line(a.text, "onward"), "never");
}

static const char *banned(struct work *w, const struct record *r, const struct grant *rfi, const struct competence *to, bool papers)
{
	struct str purpose = record_text(rfi, 0, "for_purpose");
	if (record_text(rfi, 0, "on_behalf").n)
		return N_("This request was passed on once already, and is not passed on again.");
	if (!str_is(record_text(rfi, 0, "onward"), "competent"))
		return N_("The office that asked lets nobody else see this request. Refuse it with the right address.");
	if (onward_banned(w, r->owner, purpose))
		return N_("The agreement with the office that asked forbids passing anything on. Refuse it with the right address.");
	if (!to->node.n)
		return N_("The body that decides it has no node here. Refuse it with the right address.");
	if (str_eq(to->node, r->owner))
		return N_("By the register the office that asked decides this itself. Refuse it with the right address.");
	if (!exchange_allows(w, to->node, purpose, STR("rfi"), STR("question")))
		return N_("No agreement in force with the body that decides it names requests for this purpose. Refuse it with the right address.");
	return !papers || documents_may_go(w, to->node) ? NULL
	    : N_("The agreement with the body that decides it names no documents of requests, and this one has some. Refuse it with the right address.");
}

int forward_why(struct work *w, const struct record *r, struct competence *to, const char **why, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	int rc = g ? competence_for(w, record_text(g, 0, "question"), record_text(g, 0, "place"), to, err) : -1;
	if (rc < 1 || str_eq(to->node, w->node->name))
		return rc < 0 ? -1 : 0;
	int papers = documents_any(w, r->id, err);
	if (papers < 0)
		return -1;
	*why = banned(w, r, g, to, papers);
	return 1;
}

static int rfi_of(struct work *w, const struct record *reply, struct record *rfi, struct err *err)
{
	struct id id;
	const struct grant *g = record_open_inside(w, reply->type, &reply->id, 1, err);
	return g && id_parse(record_text(g, 0, "rfi"), &id) == 0 ? record_head(w, id, rfi, err) : g ? err_set(err, ERR_FORMAT, "a reply to nothing") : -1;
}

/* The second person agrees to the office that the first one saw. */
int may_forward(struct work *w, const struct record *reply, struct err *err)
{
	struct record rfi;
	struct competence to;
	const char *why = NULL;
	const struct grant *g = record_open_inside(w, reply->type, &reply->id, 1, err);
	int rc = !g || rfi_of(w, reply, &rfi, err) < 0 ? -1 : forward_why(w, &rfi, &to, &why, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || (!why && !str_eq(to.node, record_text(g, 0, "forwarded_to"))))
		why = N_("The register names another office for this now. Look at the page again.");
	return why ? err_say(err, ERR_SAFEGUARD, why, NULL) : 0;
}

/* ---- passing it on ---- */

/* Answered by the day on which the first asker wants it, where that is still ahead. */
static int our_request(struct work *w, const struct record *rfi, struct str to, struct id *out, struct err *err)
{
	int64_t due;
	const struct grant *g = record_open_inside(w, rfi->type, &rfi->id, 1, err);
	if (!g)
		return -1;
	static const char *const OWN[] = { "due", "own_no", "copy_to" };      /* of the office that asks */
	struct draft d = { .unit = CHANNEL_DESK, .by_program = true, .fields = json_keep(w->mem, json_object()) };
	json_object_set_new(d.fields, "recipient", json_new_str(to));
	json_object_set_new(d.fields, "on_behalf", json_new_str(rfi->owner));
	json_object_set_new(d.fields, "onward", json_string("nobody"));
	if (time_parse(record_text(g, 0, "due"), &due) == 0 && due > w->now_ms)
		json_object_set_new(d.fields, "due", json_new_str(record_text(g, 0, "due")));
	return channel_copy(w, rfi, &d, OWN, COUNT(OWN), out, err) < 0 || DB_RUN(w->tx, &Q_MADE, err, db_id(rfi->id), db_id(*out), db_time(w->now_ms)) < 0 ? -1 : record_move_inside(w, *out, "send_forwarded", err);
}

int forward_rfi(struct work *w, const struct record *reply, struct err *err)
{
	struct record rfi;
	struct id ours;
	const struct grant *g = record_open_inside(w, reply->type, &reply->id, 1, err);
	if (!g || rfi_of(w, reply, &rfi, err) < 0 || our_request(w, &rfi, record_text(g, 0, "forwarded_to"), &ours, err) < 0)
		return -1;
	return send_reply(w, reply, err);
}

int forward_of(struct work *w, struct id rfi, struct record *out, struct err *err)
{
	struct id ids[MADE_MAX];
	size_t n;
	if (ids_of(w, &Q_MADE_OF, rfi, ids, &n, err) < 0)
		return -1;
	return n == 0 ? 0 : record_head(w, ids[0], out, err) < 0 ? -1 : !str_is(out->state, "erased");
}

/* A refusal goes on without leave, so it gives none for the words in it. */
bool forward_made(struct work *w, struct id came, struct id ours)
{
	struct record r;
	return DB_COUNT(w->tx, &Q_IS_MADE, db_id(came), db_id(ours)) > 0 && record_head(w, came, &r, NULL) == 0 && !str_is(r.state, "refused");
}

int forward_origin(struct work *w, struct id ours, struct id *rfi, struct err *err)
{
	struct id ids[MADE_MAX];
	size_t n;
	if (ids_of(w, &Q_FROM, ours, ids, &n, err) < 0)
		return -1;
	if (n)
		*rfi = ids[0];
	return n > 0;
}

int forward_again(struct work *w, struct id ours, struct id anew, struct err *err)
{
	struct id rfi;
	int rc = forward_origin(w, ours, &rfi, err);
	return rc < 1 ? rc : DB_RUN(w->tx, &Q_MADE, err, db_id(rfi), db_id(anew), db_time(w->now_ms)) < 0 ? -1 : 0;
}

/* Proven there: the office that asked first reads it in its reply. */
static int told_received(struct work *w, struct id ours, struct err *err)
{
	struct id rfi, *ids;
	size_t n;
	struct record r;
	int rc = forward_origin(w, ours, &rfi, err);
	if (rc < 1 || channel_replies(w, rfi, &ids, &n, err) < 0)
		return rc < 1 ? rc : -1;
	for (size_t i = 0; i < n; i++)
		if (record_head(w, ids[i], &r, err) < 0 || (str_is(r.state, "forwarded") && record_move_inside(w, r.id, "note_there", err) < 0))
			return -1;
	return 0;
}

int forward_received(struct work *w, struct id message, struct err *err)
{
	struct id ids[MADE_MAX];
	size_t n;
	if (ids_of(w, &Q_CARRIED, message, ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (told_received(w, ids[i], err) < 0)
			return -1;
	return 0;
}

/* ---- the answer ---- */

int forward_answer(struct work *w, const struct record *forward, struct record *out, struct err *err)
{
	struct id *ids, made[MADE_MAX];
	size_t n, gone = 0;
	if (channel_replies(w, forward->id, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (record_head(w, ids[i], out, err) < 0 || ids_of(w, &Q_MADE_OF, ids[i], made, &gone, err) < 0)
			return -1;
		if (gone == 0 && !str_is(out->state, "erased"))
			return 1;
	}
	return 0;
}

int forward_pass(struct work *w, const struct record *open, const struct record *came, const char **move, struct err *err)
{
	static const char *const ALL[] = { "refusal", "right_address", "expires", "outcome", "answer", "ask_further", "source_grade", "info_grade", "handling", "new_evidence" };
	bool refused = str_is(came->state, "refused");      /* goes on without its giver's leave and by one person: its ground alone */
	const struct grant *g = record_open_inside(w, came->type, &came->id, 1, err), *own = record_open_inside(w, open->type, &open->id, 1, err);
	json_t *f = json_keep(w->mem, json_object());
	if (!g || !own)
		return -1;
	for (size_t i = 0; i < (refused ? 3 : COUNT(ALL)); i++) {
		json_t *v = record_value(g, 0, ALL[i]);
		if (v && !json_is_null(v))
			json_object_set(f, ALL[i], v);
	}
	json_object_set_new(f, "answered_by", json_new_str(came->owner));
	json_object_set_new(f, "no_evidence", json_boolean(json_is_true(record_value(g, 0, "no_evidence")) || json_is_true(record_value(own, 0, "no_evidence"))));
	*move = refused ? "refuse" : str_is(came->state, "partial") ? "answer_part" : str_is(record_text(g, 0, "outcome"), "nothing_known") ? "answer" : "answer_person";
	return DB_RUN(w->tx, &Q_MADE, err, db_id(came->id), db_id(open->id), db_time(w->now_ms)) < 0 ? -1 : record_set_inside(w, open->id, f, err);
}

int forward_pass_lawful(struct work *w, const struct record *reply, struct err *err)
{
	struct id from;
	struct record came;
	int rc = forward_origin(w, reply->id, &from, err);
	if (rc < 1)
		return rc;
	if (record_head(w, from, &came, err) < 0)
		return -1;
	const struct grant *g = str_is(came.state, "erased") ? NULL : record_open_inside(w, came.type, &from, 1, err), *own = record_open_inside(w, reply->type, &reply->id, 1, err);
	if (!g || !own)
		return err->code ? -1 : err_say(err, ERR_SAFEGUARD, N_("What came was recalled or has ended: it does not go on."), NULL);
	if (!str_is(record_text(g, 0, "pass_on"), "asker"))
		return err_say(err, ERR_SAFEGUARD, N_("The office that answered does not allow its answer to go on. Ask it, or refuse with the right address."), NULL);
	return str_cmp(record_text(own, 0, "expires"), record_text(g, 0, "expires")) <= 0 ? 0
	    : err_say(err, ERR_SAFEGUARD, N_("What is passed on ends no later than what came."), NULL);
}

/* ---- the end ---- */

int forward_closed(struct work *w, struct id rfi, struct err *err)
{
	struct record r;
	int rc = forward_of(w, rfi, &r, err);
	if (rc < 1)
		return rc;
	return str_is(r.state, "closed") ? 0 : record_move_inside(w, r.id, "close", err);
}

/* The office to which what we made went: of a request its recipient, of a reply who had asked. */
static int went_out(struct work *w, const struct record *made, struct went_to *out, struct err *err)
{
	struct record rfi;
	const struct grant *g = record_open_inside(w, made->type, &made->id, 1, err);
	if (!g)
		return -1;
	if (str_is(made->type->name, "rfi"))
		return went_to(w, made->id, record_text(g, 0, "recipient"), out, err);
	return rfi_of(w, made, &rfi, err) < 0 ? -1 : went_to(w, made->id, rfi.owner, out, err);
}

int forward_recalled(struct work *w, struct id record, struct err *err)
{
	struct id ids[MADE_MAX];
	size_t n;
	if (ids_of(w, &Q_MADE_OF, record, ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record r, d;
		struct went_to to;
		int rc = record_head(w, ids[i], &r, err) < 0 ? -1 : str_is(r.state, "erased") ? 0 : went_out(w, &r, &to, err);
		if (rc < 0 || (rc == 1 && record_head(w, to.disclosure, &d, err) < 0))
			return -1;
		if (rc == 1 && (str_is(d.state, "made") || str_is(d.state, "received")) && record_move_inside(w, d.id, "recall", err) < 0)
			return -1;
	}
	return 0;
}

static int persons_end(struct work *w, struct id rfi, struct err *err)
{
	struct id *ids;
	size_t n;
	if (record_rows(w, "rfi_subject", rfi, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (record_erase_one(w, ids[i], STR("forwarded"), err) < 0)
			return -1;
	return documents_end(w, rfi, STR("forwarded"), err);
}

/* A reply that waits at this desk for its second person ends too: the desk has a fresh one. */
static int made_end(struct work *w, struct id made, struct err *err)
{
	struct record r, rfi;
	if (record_head(w, made, &r, err) < 0 || str_is(r.state, "erased"))
		return err->code ? -1 : 0;
	bool request = str_is(r.type->name, "rfi"), open = str_is(r.state, "received") || str_is(r.state, "in_work");
	if (!request && rfi_of(w, &r, &rfi, err) < 0)
		return -1;
	if ((request && persons_end(w, made, err) < 0) || record_erase_one(w, made, STR("forwarded"), err) < 0)
		return -1;
	return !request && open && !str_is(rfi.state, "erased") ? channel_desk_open(w, &rfi, err) : 0;
}

int forward_erased(struct work *w, struct id record, struct err *err)
{
	struct id ids[MADE_MAX];
	size_t n;
	if (ids_of(w, &Q_MADE_OF, record, ids, &n, err) < 0 || DB_RUN(w->tx, &Q_END, err, db_id(record)) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (made_end(w, ids[i], err) < 0)
			return -1;
	return 0;
}
