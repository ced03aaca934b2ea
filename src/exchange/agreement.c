#include "exchange/certificate.h"
#include "exchange/exchange_i.h"
#include "exchange/handed.h"
#include "exchange/opened.h"
#include "exchange/terms.h"

/* Agreements: one text, signed by both nodes. What it names may be sent, for its purposes, in its direction, between its dates; nothing else. */
SQL(Q_KEEP, 9, "INSERT INTO agreement(digest, partner, text, ours, theirs, state, starts, ends, since) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"
    " ON CONFLICT(digest) DO UPDATE SET ours=CASE WHEN excluded.ours='' THEN ours ELSE excluded.ours END, theirs=CASE WHEN excluded.theirs='' THEN theirs ELSE excluded.theirs END,"
    " state=excluded.state, since=excluded.since");
SQL(Q_OF_PARTNER, 1, "SELECT digest, partner, text, ours, theirs, state, starts, ends, halted FROM agreement WHERE partner=?1 ORDER BY starts DESC, since DESC");
SQL(Q_ALL, 0, "SELECT digest, partner, text, ours, theirs, state, starts, ends, halted FROM agreement ORDER BY partner, starts DESC");
SQL(Q_ONE, 1, "SELECT digest, partner, text, ours, theirs, state, starts, ends, halted FROM agreement WHERE digest=?1");
SQL(Q_PURPOSE, 2, "SELECT coalesce(max(halted), 0) FROM agreement_purpose WHERE digest=?1 AND purpose=?2");
SQL(Q_PURPOSE_SET, 3, "INSERT INTO agreement_purpose(digest, purpose, halted) VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET halted=excluded.halted");
SQL(Q_STATE, 3, "UPDATE agreement SET state=?2, halted=?3 WHERE digest=?1");
struct row { struct bytes digest; struct str partner, text, ours, theirs, state; int64_t starts, ends, halted; };
static const struct field ROW[] = { FIELD(struct row, digest), FIELD(struct row, partner), FIELD(struct row, text), FIELD(struct row, ours), FIELD(struct row, theirs),
	FIELD(struct row, state), FIELD(struct row, starts), FIELD(struct row, ends), FIELD(struct row, halted) };
#define HEAD "jisr-agreement/1\n"
#define TEXT_MAX 16384
#define AGREEMENTS_MAX 128
#define DAY_MS (24LL * 3600 * 1000)
#define HALTED_HERE 1
#define HALTED_THERE 2

bool kind_exempt(struct str kind, struct str basis)
{
	return str_is(kind, "recall") || str_is(kind, "erase") || str_is(kind, "agreement") || (str_is(kind, "notice") && str_is(basis, "vital_interest"));
}

static bool has_word(struct str list, struct str word)
{
	while (list.n)
		if (str_eq(str_cut(&list, ' '), word))
			return true;
	return false;
}

/* Does a line "from NODE ..." of the text hold the word? There may be several. */
static bool from_has(struct str text, struct str node, struct str word)
{
	while (text.n) {
		struct str line = str_cut(&text, '\n');
		if (str_is(str_cut(&line, ' '), "from") && str_eq(str_cut(&line, ' '), node) && has_word(line, word))
			return true;
	}
	return false;
}

static int dates_check(struct str text, int64_t *starts, int64_t *ends, struct err *err)
{
	struct date from, to;
	int32_t first, last;
	uint64_t days;
	if (date_parse(terms_line(text, "starts"), &from) < 0 || date_parse(terms_line(text, "ends"), &to) < 0)
		return err_set(err, ERR_FORMAT, "the agreement has no dates");
	if (str_u64(terms_line(text, "retention-days"), &days) < 0 || days > RETENTION_DAYS_MOST)
		return err_set(err, ERR_FORMAT, "the agreement does not say how long is kept what was received");
	date_span(from, &first, &last);
	*starts = first * DAY_MS;
	date_span(to, &first, &last);
	*ends = (last + 1) * DAY_MS;
	return *starts < *ends ? 0 : err_set(err, ERR_VALUE, "the agreement ends before it starts");
}

static int text_check(struct work *w, struct str text, struct str *partner, int64_t *starts, int64_t *ends, struct err *err)
{
	struct str parties = terms_line(text, "parties"), a = str_cut(&parties, ' '), b = parties;
	static const char *const NEEDED[] = { "title", "purposes", "bases", "onward", "rights" };
	if (!str_starts(text, STR(HEAD)) || text.n > TEXT_MAX || !str_ends(text, STR("\n")) || str_find(text, STR("\n\n")) < text.n || !utf8_valid(text))
		return err_set(err, ERR_FORMAT, "this is no text of an agreement");
	for (size_t i = 0; i < COUNT(NEEDED); i++)
		if (!terms_line(text, NEEDED[i]).n)
			return err_set(err, ERR_FORMAT, "the agreement has no line %s", NEEDED[i]);
	if (terms_types_check(text, err) < 0 || terms_onward_check(text, err) < 0)
		return -1;
	*partner = str_eq(a, w->node->name) ? b : str_eq(b, w->node->name) ? a : (struct str){ 0 };
	if (!partner->n || str_eq(a, b))
		return err_set(err, ERR_VALUE, "this node is no party of the agreement");
	return dates_check(text, starts, ends, err) < 0 ? -1 : terms_for_support(w, text, *partner, err);
}

int agreement_text_check(struct work *w, struct str text, struct str *partner, struct err *err)
{
	int64_t starts, ends;
	return text_check(w, text, partner, &starts, &ends, err);
}

static int enter(struct work *w, struct str partner, const char *what, struct err *err)
{
	return work_enter(w, &(struct entry){ .act = ACT_AGREEMENT, .actor = w->actor.account, .role = w->actor.role, .to = partner, .move = str_of(what) }, err);
}

static int row_of(struct work *w, const struct hash *digest, struct row *r, struct err *err)
{
	return DB_ONE(w->tx, &Q_ONE, ROW, r, w->mem, err, db_blob(bytes_of(digest->b, HASH_BYTES)));
}

/* A signature, ours or theirs, beside the other one that may be there. What ended is not revived by signing it again. */
static int keep(struct work *w, struct str text, struct str partner, bool ours, struct str note, const int64_t dates[2], struct err *err)
{
	struct hash digest = sha256(str_bytes(text));
	struct row r = { 0 };
	int rc = row_of(w, &digest, &r, err);
	if (rc < 0)
		return -1;
	if (rc == DB_ROW && (ours ? r.ours : r.theirs).n)
		return 0;
	const char *state = (ours ? r.theirs : r.ours).n ? "in_force" : ours ? "offered" : "asked";
	if (DB_RUN(w->tx, &Q_KEEP, err, db_blob(bytes_of(digest.b, HASH_BYTES)), db_text(partner), db_text(text), db_text(ours ? note : (struct str){ 0 }),
	    db_text(ours ? (struct str){ 0 } : note), db_z(state), db_time(dates[0]), db_time(dates[1]), db_time(w->now_ms)) < 0)
		return err_add(err, "keeping an agreement");
	if (draft_end(w, &digest, err) < 0)
		return -1;
	return enter(w, partner, ours ? "sign" : "receive", err) < 0 ? -1 : line_wake(w, partner, true, err);
}

int agreement_sign(struct work *w, struct str text, struct str *note, struct err *err)
{
	struct str partner;
	int64_t dates[2];
	if (text_check(w, text, &partner, &dates[0], &dates[1], err) < 0 || node_note(w, text, note, err) < 0)
		return -1;
	return keep(w, text, partner, true, *note, dates, err);
}

int agreement_signed_by(struct work *w, const struct partner *p, struct str note, struct err *err)
{
	struct str text, partner;
	int64_t dates[2];
	if (note_open(w->mem, note, &p->node, &text, err) < 0 || text_check(w, text, &partner, &dates[0], &dates[1], err) < 0)
		return -1;
	if (!str_eq(partner, p->name))
		return err_set(err, ERR_FORBIDDEN, "an agreement of somebody else");
	return keep(w, text, partner, false, note, dates, err);
}

static int tell(struct work *w, struct str partner, json_t *body, struct err *err)
{
	struct id id;
	struct message m = { .to = partner, .kind = STR("agreement"), .purpose = STR("oversight"), .basis = STR("mandate"), .media = "application/json",
		.body = json_write(w->mem, body) };
	return exchange_queue(w, &m, &id, err);
}

int agreement_tell(struct work *w, const struct hash *digest, struct err *err)
{
	struct row r;
	int rc = row_of(w, digest, &r, err);
	if (rc != DB_ROW || !r.ours.n)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no agreement that was signed here");
	json_t *body = json_keep(w->mem, json_object());
	json_object_set_new(body, "note", json_new_str(r.ours));
	return tell(w, r.partner, body, err);
}

/* Is the purpose, of an agreement that stands, suspended by one of the two? */
static int64_t purpose_halted(struct work *w, struct bytes digest, struct str purpose)
{
	int64_t halted = DB_COUNT(w->tx, &Q_PURPOSE, db_blob(digest), db_text(purpose));
	return halted > 0 ? halted : 0;
}

static bool in_force(const struct work *w, const struct row *r)
{
	return str_is(r->state, "in_force") && !r->halted && r->starts <= w->now_ms && w->now_ms < r->ends;
}

/* The agreement in force with a partner that names the purpose. */
static int find(struct work *w, struct str partner, struct str purpose, struct row *out, struct err *err)
{
	struct row r;
	struct rows rows = DB_QUERY(w->tx, &Q_OF_PARTNER, ROW, w->mem, db_text(partner));
	int rc = 0, found = 0;
	while (!found && (rc = db_next(&rows, &r, err)) == DB_ROW) {
		if (in_force(w, &r) && has_word(terms_line(r.text, "purposes"), purpose) && !purpose_halted(w, r.digest, purpose)) {
			*out = r;
			found = 1;
		}
	}
	db_end(&rows);
	return found ? 1 : rc < 0 ? -1 : 0;
}

int agreement_for(struct work *w, struct str partner, struct str purpose, struct hash *digest, struct err *err)
{
	struct row r;
	int rc = find(w, partner, purpose, &r, err);
	if (rc == 1 && r.digest.n == HASH_BYTES)
		memcpy(digest->b, r.digest.p, HASH_BYTES);
	return rc;
}

bool exchange_allows(struct work *w, struct str partner, struct str purpose, struct str type, struct str field)
{
	struct row r;
	struct err ignored = { 0 };
	if (find(w, partner, purpose, &r, &ignored) != 1)
		return false;
	return from_has(r.text, w->node->name, str_fmt(w->mem, S_FMT ".*", S_ARG(type))) ||
	    from_has(r.text, w->node->name, str_fmt(w->mem, S_FMT "." S_FMT, S_ARG(type), S_ARG(field)));
}

/* One record of a message: its type, and each field that it brings, must be named for the sender's direction. */
static bool record_named(struct work *w, struct str text, struct str from, json_t *o)
{
	struct str type = json_str(o, "type");
	json_t *fields = json_object_get(o, "fields"), *v;
	const char *name;
	if (from_has(text, from, str_fmt(w->mem, S_FMT ".*", S_ARG(type))))
		return true;
	json_object_foreach(fields, name, v)
		if (!from_has(text, from, str_fmt(w->mem, S_FMT ".%s", S_ARG(type), name)))
			return false;
	/* a change of state brings no field: the copy must have come under this agreement */
	return json_object_size(fields) > 0 || str_find(text, str_fmt(w->mem, " " S_FMT ".", S_ARG(type))) < text.n;
}

bool exchange_admits(struct work *w, struct str partner, struct str purpose, json_t *records)
{
	struct row r;
	struct err ignored = { 0 };
	if (find(w, partner, purpose, &r, &ignored) != 1)
		return false;
	for (size_t i = 0; i < json_array_size(records); i++)
		if (!record_named(w, r.text, partner, json_array_get(records, i)))
			return false;
	return true;
}

static struct agreement shown(const struct work *w, const struct row *r)
{
	struct agreement a = { .partner = r->partner, .text = r->text, .title = terms_line(r->text, "title"), .state = r->state, .starts_ms = r->starts, .ends_ms = r->ends,
		.halted = r->halted, .signed_here = r->ours.n > 0, .signed_there = r->theirs.n > 0, .in_force = in_force(w, r) };
	if (str_is(r->state, "in_force") && r->halted)
		a.state = STR("suspended");
	if (r->digest.n == HASH_BYTES)
		memcpy(a.digest.b, r->digest.p, HASH_BYTES);
	return a;
}

int agreement_find(struct work *w, const struct hash *digest, struct agreement *out, struct err *err)
{
	struct row r;
	int rc = row_of(w, digest, &r, err);
	if (rc == DB_ROW)
		*out = shown(w, &r);
	return rc;
}

int agreement_list(struct work *w, struct agreement **out, size_t *n, struct err *err)
{
	struct row r;
	struct rows rows = DB_QUERY(w->tx, &Q_ALL, ROW, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct agreement, AGREEMENTS_MAX);
	*n = 0;
	while (*n < AGREEMENTS_MAX && (rc = db_next(&rows, &r, err)) == DB_ROW)
		(*out)[(*n)++] = shown(w, &r);
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

static int64_t halted_after(int64_t halted, struct str what, int64_t side)
{
	return str_is(what, "suspend") ? halted | side : str_is(what, "resume") ? halted & ~side : halted;
}

/* Suspension stops sending at once and touches nothing that the other side holds, of the whole agreement or of one of its purposes. Each side takes up again only what it
   suspended itself; either ends it. */
static int move(struct work *w, const struct row *r, struct str what, struct str purpose, int64_t side, struct err *err)
{
	bool end = str_is(what, "end");
	int64_t was = purpose.n ? purpose_halted(w, r->digest, purpose) : r->halted, halted = halted_after(was, what, side);
	if (side == HALTED_HERE && str_is(what, "resume") && purpose.n && custody_sealed(w, purpose) != 0)
		return err_say(err, ERR_SAFEGUARD, N_("This purpose is sealed: custody has to pass first (page Custody)."), NULL);
	if (purpose.n && (end || !has_word(terms_line(r->text, "purposes"), purpose)))
		return err_say(err, ERR_FORMAT, N_("The agreement has no such purpose."), NULL);
	if (!str_is(r->state, "in_force") || (!end && halted == was))
		return err_say(err, ERR_CONFLICT, N_("The agreement is not in a state that allows this."), NULL);
	if (purpose.n ? DB_RUN(w->tx, &Q_PURPOSE_SET, err, db_blob(r->digest), db_text(purpose), db_int(halted)) < 0
	    : DB_RUN(w->tx, &Q_STATE, err, db_blob(r->digest), db_z(end ? "ended" : "in_force"), db_int(halted)) < 0)
		return -1;
	if (work_enter(w, &(struct entry){ .act = ACT_AGREEMENT, .actor = w->actor.account, .role = w->actor.role, .to = r->partner, .move = what, .fields = purpose }, err) < 0)
		return -1;
	return halted == 0 && !end ? line_wake(w, r->partner, true, err) : 0;
}

int agreement_move(struct work *w, const struct hash *digest, const char *what, struct str purpose, struct err *err)
{
	struct row r;
	int rc = row_of(w, digest, &r, err);
	if (rc != DB_ROW)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such agreement");
	if (move(w, &r, str_of(what), purpose, HALTED_HERE, err) < 0)
		return -1;
	json_t *body = json_keep(w->mem, json_pack("{s:s, s:s}", "agreement", hex(w->mem, r.digest).p, "move", what));
	if (purpose.n)
		json_object_set_new(body, "purpose", json_new_str(purpose));
	return tell(w, r.partner, body, err);
}

int64_t agreement_purpose_halted(struct work *w, const struct hash *digest, struct str purpose)
{
	return purpose_halted(w, bytes_of(digest->b, HASH_BYTES), purpose);
}

/* A partner that signs, suspends, resumes or ends. What is so already is applied all the same: both may end it in one minute. */
int kind_agreement(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	struct partner p;
	struct bytes digest;
	struct row r;
	json_t *body = json_read(w->mem, a->body, NULL);
	*v = VERDICT_REFUSED;
	*why = "format";
	if (!body)
		return 0;
	struct str note = json_str(body, "note"), what = json_str(body, "move");
	if (partner_find(w, a->from, &p, err) != 1)
		return -1;
	struct err failed = { 0 };
	if (note.n) {
		if (agreement_signed_by(w, &p, note, &failed) == 0)
			*v = VERDICT_APPLIED;
		return *v == VERDICT_APPLIED || failed.code == ERR_FORMAT || failed.code == ERR_VALUE || failed.code == ERR_FORBIDDEN || failed.code == ERR_SAFEGUARD ? 0 : err_set(err, failed.code, "%s", failed.log);
	}
	json_t *custody = json_object_get(body, "custody"), *opened = json_object_get(body, "opened");
	if (json_object_get(body, "certificate") || custody || opened) {
		if ((opened ? opened_arrived(w, a->from, opened, &failed) : custody ? custody_arrived(w, a->from, custody, &failed) : certificate_arrived(w, &p, json_str(body, "certificate"), &failed)) == 0)
			*v = VERDICT_APPLIED;
		return *v == VERDICT_APPLIED || failed.code == ERR_FORMAT || failed.code == ERR_FORBIDDEN ? 0 : err_set(err, failed.code, "%s", failed.log);
	}
	if (json_object_get(body, "draft")) {
		if (draft_arrived(w, a->from, body, &failed) == 0)
			*v = VERDICT_APPLIED;
		return *v == VERDICT_APPLIED || failed.code == ERR_FORMAT || failed.code == ERR_VALUE || failed.code == ERR_FORBIDDEN || failed.code == ERR_SAFEGUARD ? 0
		    : err_set(err, failed.code, "%s", failed.log);
	}
	if (!str_is(what, "suspend") && !str_is(what, "resume") && !str_is(what, "end"))
		return 0;
	*why = "agreement";
	if (hex_read(w->mem, json_str(body, "agreement"), &digest) < 0 || DB_ONE(w->tx, &Q_ONE, ROW, &r, w->mem, err, db_blob(digest)) != DB_ROW || !str_eq(r.partner, a->from))
		return err && err->code ? -1 : 0;
	if (move(w, &r, what, json_str(body, "purpose"), HALTED_THERE, &failed) < 0 && failed.code == ERR_FORMAT)
		return *why = "format", 0;
	if (failed.code && failed.code != ERR_CONFLICT)
		return err_set(err, failed.code, "%s", failed.log);
	*v = VERDICT_APPLIED;
	return 0;
}
