#include "exchange/exchange_i.h"

/* Agreements: one text, signed by both nodes. What it names may be sent, for its purposes, in its direction, between its dates; nothing else. */
SQL(Q_KEEP, 8, "INSERT INTO agreement(digest, partner, text, ours, theirs, state, starts, ends) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"
    " ON CONFLICT(digest) DO UPDATE SET ours=CASE WHEN excluded.ours='' THEN ours ELSE excluded.ours END, theirs=CASE WHEN excluded.theirs='' THEN theirs ELSE excluded.theirs END,"
    " state=excluded.state");
SQL(Q_OF_PARTNER, 1, "SELECT digest, partner, text, ours, theirs, state, starts, ends FROM agreement WHERE partner=?1 ORDER BY starts DESC");
SQL(Q_ALL, 0, "SELECT digest, partner, text, ours, theirs, state, starts, ends FROM agreement ORDER BY partner, starts DESC");
SQL(Q_ONE, 1, "SELECT digest, partner, text, ours, theirs, state, starts, ends FROM agreement WHERE digest=?1");
SQL(Q_STATE, 2, "UPDATE agreement SET state=?2 WHERE digest=?1");
struct row { struct bytes digest; struct str partner, text, ours, theirs, state; int64_t starts, ends; };
static const struct field ROW[] = { FIELD(struct row, digest), FIELD(struct row, partner), FIELD(struct row, text), FIELD(struct row, ours), FIELD(struct row, theirs),
	FIELD(struct row, state), FIELD(struct row, starts), FIELD(struct row, ends) };
#define HEAD "jisr-agreement/1\n"
#define TEXT_MAX 16384
#define AGREEMENTS_MAX 128
#define DAY_MS (24LL * 3600 * 1000)

bool kind_exempt(struct str kind)
{
	return str_is(kind, "recall") || str_is(kind, "erase") || str_is(kind, "agreement");
}

/* The value of a line "key value" of the text; `second` word picks lines like "from camp.sy ...". */
static struct str line_of(struct str text, const char *key, struct str second)
{
	while (text.n) {
		struct str line = str_cut(&text, '\n'), head = str_cut(&line, ' ');
		if (!str_is(head, key))
			continue;
		if (!second.n)
			return line;
		if (str_eq(str_cut(&line, ' '), second))
			return line;
	}
	return (struct str){ 0 };
}

static bool has_word(struct str list, struct str word)
{
	while (list.n)
		if (str_eq(str_cut(&list, ' '), word))
			return true;
	return false;
}

static int text_check(struct work *w, struct str text, struct str *partner, int64_t *starts, int64_t *ends, struct err *err)
{
	struct str parties = line_of(text, "parties", (struct str){ 0 }), a = str_cut(&parties, ' '), b = parties;
	struct date from, to;
	int32_t first, last;
	static const char *const NEEDED[] = { "title", "purposes", "bases", "retention-days", "onward", "rights" };
	if (!str_starts(text, STR(HEAD)) || text.n > TEXT_MAX || !str_ends(text, STR("\n")))
		return err_set(err, ERR_FORMAT, "this is no text of an agreement");
	for (size_t i = 0; i < COUNT(NEEDED); i++)
		if (!line_of(text, NEEDED[i], (struct str){ 0 }).n)
			return err_set(err, ERR_FORMAT, "the agreement has no line %s", NEEDED[i]);
	*partner = str_eq(a, w->node->name) ? b : str_eq(b, w->node->name) ? a : (struct str){ 0 };
	if (!partner->n)
		return err_set(err, ERR_VALUE, "this node is no party of the agreement");
	if (date_parse(line_of(text, "starts", (struct str){ 0 }), &from) < 0 || date_parse(line_of(text, "ends", (struct str){ 0 }), &to) < 0)
		return err_set(err, ERR_FORMAT, "the agreement has no dates");
	date_span(from, &first, &last);
	*starts = first * DAY_MS;
	date_span(to, &first, &last);
	*ends = (last + 1) * DAY_MS;
	return 0;
}

static int enter(struct work *w, struct str partner, const char *what, struct err *err)
{
	return work_enter(w, &(struct entry){ .act = ACT_AGREEMENT, .actor = w->actor.account, .role = w->actor.role, .to = partner, .move = str_of(what) }, err);
}

int agreement_sign(struct work *w, struct str text, struct str *note, struct err *err)
{
	struct str partner;
	int64_t starts, ends;
	struct hash digest = sha256(str_bytes(text));
	struct row r;
	if (text_check(w, text, &partner, &starts, &ends, err) < 0 || node_note(w, text, note, err) < 0)
		return -1;
	int rc = DB_ONE(w->tx, &Q_ONE, ROW, &r, w->mem, err, db_blob(bytes_of(digest.b, HASH_BYTES)));
	if (rc < 0)
		return -1;
	const char *state = rc && r.theirs.n ? "in_force" : "offered";
	if (DB_RUN(w->tx, &Q_KEEP, err, db_blob(bytes_of(digest.b, HASH_BYTES)), db_text(partner), db_text(text), db_text(*note), db_z(""), db_z(state), db_time(starts),
	    db_time(ends)) < 0)
		return err_add(err, "keeping an agreement");
	return enter(w, partner, "sign", err);
}

int agreement_signed_by(struct work *w, const struct partner *p, struct str note, struct err *err)
{
	struct str text, partner;
	int64_t starts, ends;
	struct row r;
	if (note_open(w->mem, note, &p->node, &text, err) < 0 || text_check(w, text, &partner, &starts, &ends, err) < 0)
		return -1;
	if (!str_eq(partner, p->name))
		return err_set(err, ERR_FORBIDDEN, "an agreement of somebody else");
	struct hash digest = sha256(str_bytes(text));
	int rc = DB_ONE(w->tx, &Q_ONE, ROW, &r, w->mem, err, db_blob(bytes_of(digest.b, HASH_BYTES)));
	if (rc < 0)
		return -1;
	const char *state = rc && r.ours.n ? "in_force" : "asked";
	if (DB_RUN(w->tx, &Q_KEEP, err, db_blob(bytes_of(digest.b, HASH_BYTES)), db_text(partner), db_text(text), db_z(""), db_text(note), db_z(state), db_time(starts),
	    db_time(ends)) < 0)
		return err_add(err, "keeping an agreement");
	return enter(w, partner, "receive", err);
}

static bool in_force(const struct work *w, const struct row *r)
{
	return str_is(r->state, "in_force") && r->starts <= w->now_ms && w->now_ms < r->ends;
}

/* The agreement in force with a partner that names the purpose. */
static int find(struct work *w, struct str partner, struct str purpose, struct row *out, struct err *err)
{
	struct row r;
	struct rows rows = DB_QUERY(w->tx, &Q_OF_PARTNER, ROW, w->mem, db_text(partner));
	int rc, found = 0;
	while (!found && (rc = db_next(&rows, &r, err)) == DB_ROW) {
		if (in_force(w, &r) && has_word(line_of(r.text, "purposes", (struct str){ 0 }), purpose)) {
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
	struct str list = line_of(r.text, "from", w->node->name);
	return has_word(list, str_fmt(w->mem, S_FMT ".*", S_ARG(type))) || has_word(list, str_fmt(w->mem, S_FMT "." S_FMT, S_ARG(type), S_ARG(field)));
}

int agreement_list(struct work *w, struct agreement **out, size_t *n, struct err *err)
{
	struct row r;
	struct rows rows = DB_QUERY(w->tx, &Q_ALL, ROW, w->mem);
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct agreement, AGREEMENTS_MAX);
	*n = 0;
	while (*n < AGREEMENTS_MAX && (rc = db_next(&rows, &r, err)) == DB_ROW) {
		struct agreement *a = &(*out)[(*n)++];
		*a = (struct agreement){ .partner = r.partner, .text = r.text, .title = line_of(r.text, "title", (struct str){ 0 }), .state = r.state, .starts_ms = r.starts,
			.ends_ms = r.ends, .signed_here = r.ours.n > 0, .signed_there = r.theirs.n > 0, .in_force = in_force(w, &r) };
		memcpy(a->digest.b, r.digest.p, HASH_BYTES);
	}
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* Suspension stops sending at once and touches nothing that the other side holds; the partner is told. */
int agreement_move(struct work *w, const struct hash *digest, const char *what, struct err *err)
{
	static const struct { const char *what, *from, *to; } MOVES[] = { { "suspend", "in_force", "suspended" }, { "resume", "suspended", "in_force" },
		{ "end", "in_force", "ended" }, { "end", "suspended", "ended" } };
	struct row r;
	struct id id;
	int rc = DB_ONE(w->tx, &Q_ONE, ROW, &r, w->mem, err, db_blob(bytes_of(digest->b, HASH_BYTES)));
	if (rc != DB_ROW)
		return rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such agreement");
	for (size_t i = 0; i < COUNT(MOVES); i++) {
		if (strcmp(MOVES[i].what, what) != 0 || !str_is(r.state, MOVES[i].from))
			continue;
		json_t *body = json_keep(w->mem, json_pack("{s:s, s:s}", "agreement", hex(w->mem, r.digest).p, "move", what));
		struct message m = { .to = r.partner, .kind = STR("agreement"), .purpose = STR("oversight"), .basis = STR("mandate"), .media = "application/json",
			.body = json_write(w->mem, body) };
		if (DB_RUN(w->tx, &Q_STATE, err, db_blob(r.digest), db_z(MOVES[i].to)) < 0 || enter(w, r.partner, what, err) < 0)
			return -1;
		return exchange_queue(w, &m, &id, err);
	}
	return err_say(err, ERR_CONFLICT, N_("The agreement is not in a state that allows this."), NULL);
}

/* A partner that suspends, resumes or ends; a partner that signs. Taking up again needs our own hand where we suspended. */
int kind_agreement(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	struct partner p;
	struct bytes digest;
	struct row r;
	json_t *body = json_read(w->mem, a->body, err);
	*v = VERDICT_REFUSED;
	*why = "format";
	if (!body)
		return *err = (struct err){ 0 }, 0;
	struct str note = json_str(body, "note"), move = json_str(body, "move");
	if (partner_find(w, a->from, &p, err) != 1)
		return -1;
	if (note.n) {
		if (agreement_signed_by(w, &p, note, err) < 0)
			return *err = (struct err){ 0 }, 0;
		*v = VERDICT_APPLIED;
		return 0;
	}
	if (hex_read(w->mem, json_str(body, "agreement"), &digest) < 0 || DB_ONE(w->tx, &Q_ONE, ROW, &r, w->mem, err, db_blob(digest)) != DB_ROW || !str_eq(r.partner, a->from))
		return 0;
	const char *state = str_is(move, "suspend") ? "suspended" : str_is(move, "end") ? "ended" : str_is(move, "resume") ? "in_force" : NULL;
	if (!state || str_is(r.state, "ended"))
		return 0;
	*v = VERDICT_APPLIED;
	return DB_RUN(w->tx, &Q_STATE, err, db_blob(r.digest), db_z(state)) < 0 ? -1 : enter(w, a->from, state, err);
}
