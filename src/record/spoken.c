#include "record/record_i.h"

/* The read-out code (DOMAIN 2, Loading morning; ADR 103). number: what is asked, 8 digits of a hash. code: 8 digits of a MAC that the two nodes share, over the number, the
   move, who asks and who answers, and the five minutes in which it was given; three such windows are taken, so that it is good for 10 to 15 minutes. */
#define WINDOW_MS (5LL * 60 * 1000)
#define WINDOWS 3
#define WRONG_MAX 5
#define DIGITS 8
#define KEPT_MS (30LL * 24 * 3600 * 1000)      /* a line that is down longer than that brings no confirmation any more */

SQL(Q_GIVE, 6, "INSERT INTO spoken_given(node, number, move, role, account, at) VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(node, number, move) DO UPDATE SET role=?4, account=?5, at=?6");
SQL(Q_GIVEN, 3, "SELECT role, account FROM spoken_given WHERE node=?1 AND number=?2 AND move=?3");
SQL(Q_GIVEN_END, 3, "DELETE FROM spoken_given WHERE node=?1 AND number=?2 AND move=?3");
SQL(Q_GIVEN_OLD, 1, "DELETE FROM spoken_given WHERE at<?1");
SQL(Q_TRY, 2, "UPDATE proposal SET wrong=wrong+1 WHERE id=?1 AND wrong<?2");
SQL(Q_TAKE, 5, "INSERT INTO spoken_taken(proposal, record, move, node, at, confirmed, denied) VALUES(?1,?2,?3,?4,?5,NULL,0)");
SQL(Q_ANSWERED, 4, "UPDATE spoken_taken SET confirmed=?3, denied=?4 WHERE proposal=?1 AND node=?2 AND confirmed IS NULL");
SQL(Q_TAKEN, 1, "SELECT move, node, at, coalesce(confirmed, 0) AS confirmed, denied FROM spoken_taken WHERE record=?1 ORDER BY at DESC");
struct given { struct str role; struct id account; };
struct taken { struct str move, node; int64_t at, confirmed; bool denied; };
static const struct field GIVEN[] = { FIELD(struct given, role), FIELD(struct given, account) };
static const struct field TAKEN[] = { FIELD(struct taken, move), FIELD(struct taken, node), FIELD(struct taken, at), FIELD(struct taken, confirmed), FIELD(struct taken, denied) };

static struct str digits_of(struct arena *mem, const uint8_t b[8])
{
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return str_fmt(mem, "%08llu", (unsigned long long)(v % 100000000));
}

struct str spoken_number_of(struct work *w, struct id record, struct str move, struct bytes digest)
{
	struct buf b = buf_new(w->mem, 512);
	buf_str(&b, STR("jisr-spoken-1"));
	buf_put(&b, record.b, sizeof record.b);
	buf_sized(&b, digest);
	buf_sized(&b, str_bytes(move));
	struct hash h = sha256(buf_bytes(&b));
	return digits_of(w->mem, h.b);
}

struct str spoken_number(struct work *w, const struct proposal *p, struct err *err)
{
	struct str digest;
	if (p->way != PROPOSAL_ABROAD || !p->node.n || version_digest(w, p->record, p->version, &digest, err) < 0)
		return (struct str){ 0 };
	return spoken_number_of(w, p->record, p->move, str_bytes(digest));
}

/* Both sides make the same message: who asks, who answers, in words of fixed order. */
struct saying { struct str asks, answers, type, move, role, number; };
static int code_of(struct work *w, struct str other, const struct saying *s, int64_t window, struct str *code, struct err *err)
{
	uint8_t mac[32];
	struct buf b = buf_new(w->mem, 1024);
	const struct str parts[] = { s->asks, s->answers, s->type, s->move, s->role, s->number };
	for (size_t i = 0; i < COUNT(parts); i++)
		buf_sized(&b, str_bytes(parts[i]));
	buf_u64(&b, (uint64_t)window);
	if (w->node->hooks->line.pair_mac(w, other, buf_bytes(&b), mac, err) < 0)
		return -1;
	*code = digits_of(w->mem, mac);
	return 0;
}

bool spoken_may(const struct work *w, const struct tmove *m)
{
	return m->two_nodes.n && (str_eq(m->two_nodes, w->actor.role) || (str_is(m->two_nodes, "any") && policy_named(w->actor.role, m->by.at, m->by.n)));
}

static struct str only_digits(struct work *w, struct str typed)
{
	struct str t = digits_ascii(w->mem, typed);
	struct buf b = buf_new(w->mem, 64);
	for (size_t i = 0; i < t.n && b.n <= DIGITS; i++)
		if (t.p[i] >= '0' && t.p[i] <= '9')
			buf_ch(&b, t.p[i]);
	return buf_text(&b);
}

int spoken_code(struct work *w, struct str node, const struct type *t, const struct tmove *m, struct str typed, struct str *code, struct err *err)
{
	struct saying s = { .asks = node, .answers = w->node->name, .type = t->name, .move = m->name, .role = w->actor.role, .number = only_digits(w, typed) };
	if (!spoken_may(w, m)) {
		w->refusal = (struct refusal){ .reason = STR("role"), .type = t->name, .move = m->name };
		return err_say(err, ERR_FORBIDDEN, N_("Your role does not allow this."), NULL);
	}
	if (s.number.n != DIGITS)
		return err_say(err, ERR_VALUE, N_("The number has eight digits."), NULL);
	if (code_of(w, node, &s, w->now_ms / WINDOW_MS, code, err) < 0)
		return -1;
	struct entry e = { .act = ACT_DECIDE, .actor = w->actor.account, .role = w->actor.role, .type = t->name, .move = m->name, .to = node, .fields = STR("spoken") };
	size_t here;
	if (DB_RUN(w->tx, &Q_GIVEN_OLD, err, db_time(w->now_ms - KEPT_MS)) < 0 || proposals_spoken(w, node, m->name, s.number, &here, err) < 0)
		return -1;
	if (here)                              /* the line was faster than the phone: her signature goes out now */
		return work_enter(w, &e, err);
	return DB_RUN(w->tx, &Q_GIVE, err, db_text(node), db_text(s.number), db_text(m->name), db_text(w->actor.role), db_blob(bytes_of(w->actor.account.b, 16)),
	    db_time(w->now_ms)) < 0 ? -1 : work_enter(w, &e, err);
}

static int code_good(struct work *w, const struct proposal *p, const struct record *r, struct str typed, bool *good, struct err *err)
{
	struct saying s = { .asks = w->node->name, .answers = p->node, .type = r->type->name, .move = p->move, .role = p->wants, .number = spoken_number(w, p, err) };
	*good = false;
	for (int64_t i = 0; i < WINDOWS && s.number.n && typed.n == DIGITS; i++) {
		struct str code;
		if (code_of(w, p->node, &s, w->now_ms / WINDOW_MS - i, &code, err) < 0)
			return -1;
		*good = *good || bytes_equal_ct(code.p, typed.p, DIGITS);
	}
	return 0;
}

int spoken_accept(struct work *w, struct id id, struct str typed, struct err *err)
{
	struct proposal p;
	struct record r;
	bool good;
	if (proposal_find(w, id, &p, err) < 0 || record_head(w, p.record, &r, err) < 0)
		return -1;
	const struct tmove *m = type_move(r.type, p.move);
	if (p.way != PROPOSAL_ABROAD || !m || !policy_named(w->actor.role, m->by.at, m->by.n))
		return refuse_with(w, &r, r.type, p.move, STR("role"), N_("Your role does not allow this."), err);
	int counted = DB_RUN(w->tx, &Q_TRY, err, db_id(id), db_int(WRONG_MAX));      /* before it is known, so that a refusal costs one too */
	if (counted < 1)
		return counted < 0 ? -1 : err_say(err, ERR_RATE, N_("Five codes were wrong. The other office answers over the line."), NULL);
	if (code_good(w, &p, &r, only_digits(w, typed), &good, err) < 0)
		return -1;
	if (!good)
		return 1;
	/* what was asked goes out all the same: the other node's answer to it is the signed confirmation */
	json_t *yes = json_keep(w->mem, json_pack("{s:[{s:s, s:b, s:s, s:s}]}", "decisions", "proposal", id_text(w->mem, id).p, "yes", 1, "role", str_z(w->mem, p.wants), "reason", ""));
	if (proposals_pack(w, err) < 0 || DB_RUN(w->tx, &Q_TAKE, err, db_id(id), db_id(p.record), db_text(p.move), db_text(p.node), db_time(w->now_ms)) < 0)
		return -1;
	return proposal_decided(w, p.node, yes, err);
}

int spoken_was_given(struct work *w, struct str node, struct id record, struct str move, struct bytes digest, struct str *role, struct id *account, struct err *err)
{
	struct given g;
	struct str number = spoken_number_of(w, record, move, digest);
	int rc = DB_ONE(w->tx, &Q_GIVEN, GIVEN, &g, w->mem, err, db_text(node), db_text(number), db_text(move));
	if (rc != DB_ROW)
		return rc < 0 ? -1 : 0;
	*role = g.role;
	*account = g.account;
	return DB_RUN(w->tx, &Q_GIVEN_END, err, db_text(node), db_text(number), db_text(move)) < 0 ? -1 : 1;
}

int spoken_answered(struct work *w, struct id proposal, struct str node, bool yes, struct err *err)
{
	return DB_RUN(w->tx, &Q_ANSWERED, err, db_id(proposal), db_text(node), db_time(w->now_ms), db_bool(!yes)) < 0 ? -1 : 0;
}

int spoken_of(struct work *w, struct id record, struct spoken *out, size_t max, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_TAKEN, TAKEN, w->mem, db_id(record));
	struct taken t;
	int rc = 0;
	*n = 0;
	while (*n < max && (rc = db_next(&rows, &t, err)) == DB_ROW)
		out[(*n)++] = (struct spoken){ t.move, t.node, t.at, t.confirmed, t.denied };
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}
