#include "exchange/certificate.h"
#include "exchange/exchange_i.h"

#define HEAD "jisr-certificate/1\n"
#define DAY_MS (24LL * 3600 * 1000)
SQL(Q_OWN, 0, "SELECT pin, note, turns, turned FROM certificate_own ORDER BY n DESC LIMIT 1");
SQL(Q_OWN_NEW, 3, "INSERT INTO certificate_own(n, pin, note, turns, turned) SELECT coalesce(max(n), 0)+1, ?1, ?2, ?3, 0 FROM certificate_own");
SQL(Q_OWN_TURNED, 1, "UPDATE certificate_own SET turned=?1 WHERE turned=0");
SQL(Q_TOLD_END, 0, "DELETE FROM certificate_told");
SQL(Q_TOLD_NEW, 2, "INSERT INTO certificate_told(partner, message) VALUES(?1,?2)");
SQL(Q_OF, 0, "SELECT count(*) FROM certificate_told");
SQL(Q_WAITS, 0, "SELECT count(*) FROM certificate_told t JOIN outbox o ON o.id=t.message WHERE o.state IN (0, 1)");
SQL(Q_WAITS_FOR, 1, "SELECT count(*) FROM certificate_told t JOIN outbox o ON o.id=t.message WHERE o.state IN (0, 1) AND t.partner=?1");
SQL(Q_NEXT_SET, 3, "INSERT INTO partner_renewal(partner, certificate, ends) VALUES(?1,?2,?3) ON CONFLICT(partner) DO UPDATE SET certificate=excluded.certificate, ends=excluded.ends");
SQL(Q_NEXT_END, 1, "DELETE FROM partner_renewal WHERE partner=?1");
SQL(Q_TAKEN, 2, "SELECT (SELECT count(*) FROM partner WHERE certificate=?2 AND name<>?1)+(SELECT count(*) FROM partner_renewal WHERE certificate=?2 AND partner<>?1)"
    "+(SELECT count(*) FROM certificate_own WHERE pin=?2)");
SQL(Q_PIN, 2, "UPDATE partner SET certificate=?2 WHERE name=?1");
struct own { struct bytes pin; struct str note; int64_t turns, turned; };
static const struct field OWN[] = { FIELD(struct own, pin), FIELD(struct own, note), FIELD(struct own, turns), FIELD(struct own, turned) };

/* ---- the note ---- */

struct certificate_note { struct str node; struct hash before, after; int64_t at_ms, turns_ms; };

static struct str note_text(struct arena *mem, const struct certificate_note *c)
{
	return str_fmt(mem, HEAD "node " S_FMT "\nbefore " S_FMT "\ncertificate " S_FMT "\nat " S_FMT "\nturns " S_FMT "\n", S_ARG(c->node), S_ARG(hex(mem, bytes_of(c->before.b, HASH_BYTES))),
	    S_ARG(hex(mem, bytes_of(c->after.b, HASH_BYTES))), S_ARG(time_text(mem, c->at_ms)), S_ARG(time_text(mem, c->turns_ms)));
}

static int hash_line(struct arena *mem, struct str *rest, const char *key, struct hash *out)
{
	struct bytes b;
	if (hex_read(mem, note_value(rest, key), &b) < 0 || b.n != HASH_BYTES)
		return -1;
	memcpy(out->b, b.p, HASH_BYTES);
	return 0;
}

/* One writer, one reader: what does not give the same text again is refused. */
static int note_read(struct arena *mem, struct str text, struct certificate_note *c, struct err *err)
{
	struct str rest = text, head = str_cut(&rest, '\n');
	if (!str_is(head, "jisr-certificate/1"))
		return err_set(err, ERR_FORMAT, "this is no note of a certificate");
	c->node = note_value(&rest, "node");
	if (!c->node.n || hash_line(mem, &rest, "before", &c->before) < 0 || hash_line(mem, &rest, "certificate", &c->after) < 0 || time_parse(note_value(&rest, "at"), &c->at_ms) < 0 ||
	    time_parse(note_value(&rest, "turns"), &c->turns_ms) < 0 || !str_eq(note_text(mem, c), text))
		return err_set(err, ERR_FORMAT, "a note of a certificate that cannot be read");
	return 0;
}

/* ---- ours ---- */

static int own_now(struct work *w, struct own *o, struct err *err)
{
	return DB_ONE(w->tx, &Q_OWN, OWN, o, w->mem, err);
}

static int tell(struct work *w, struct str partner, struct str note, struct err *err)
{
	struct id id;
	json_t *body = json_keep(w->mem, json_object());
	json_object_set_new(body, "certificate", json_new_str(note));
	struct message m = { .to = partner, .kind = STR("agreement"), .purpose = STR("oversight"), .basis = STR("mandate"), .media = "application/json", .body = json_write(w->mem, body),
		.fields = STR("certificate") };
	return exchange_queue(w, &m, &id, err) < 0 || DB_RUN(w->tx, &Q_TOLD_NEW, err, db_text(partner), db_id(id)) < 0 ? -1 : 0;
}

int certificate_announce(struct work *w, const struct hash *before, const struct hash *after, int64_t days, struct err *err)
{
	struct own o;
	struct partner *all;
	size_t n;
	struct str note;
	struct certificate_note c = { w->node->name, *before, *after, w->now_ms, w->now_ms + days * DAY_MS };
	int rc = own_now(w, &o, err);
	if (rc < 0)
		return -1;
	if (rc && !o.turned)
		return err_set(err, ERR_CONFLICT, "another certificate is under way: jisr keys certificate DIR --stand shows it");
	if (days < 0 || days > CERTIFICATE_DAYS_MOST)
		return err_set(err, ERR_VALUE, "0 to %d days", CERTIFICATE_DAYS_MOST);
	if (node_note(w, note_text(w->mem, &c), &note, err) < 0 || DB_RUN(w->tx, &Q_OWN_NEW, err, db_blob(bytes_of(after->b, HASH_BYTES)), db_text(note), db_time(c.turns_ms)) < 0 ||
	    DB_RUN(w->tx, &Q_TOLD_END, err) < 0 || partner_list(w, &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (tell(w, all[i].name, note, err) < 0)
			return -1;
	w->effects->outbox = true;
	return work_enter(w, &(struct entry){ .act = ACT_KEYS, .fields = STR("certificate"), .count = n }, err);
}

int certificate_stand(struct work *w, struct certificate_stand *s, struct err *err)
{
	struct own o;
	int rc = own_now(w, &o, err);
	*s = (struct certificate_stand){ 0 };
	if (rc <= 0)
		return rc;
	int64_t of = DB_COUNT(w->tx, &Q_OF), waits = DB_COUNT(w->tx, &Q_WAITS);
	if (of < 0 || waits < 0)
		return err_set(err, ERR_FAULT, "the certificates cannot be read");
	*s = (struct certificate_stand){ .waits = !o.turned, .turned = o.turned > 0, .after = hex(w->mem, o.pin), .told = (size_t)(of - waits), .of = (size_t)of, .turns_ms = o.turns };
	return 0;
}

int certificate_due(struct work *w, struct err *err)
{
	struct certificate_stand s;
	return certificate_stand(w, &s, err) < 0 ? -1 : s.waits && (s.told == s.of || s.turns_ms <= w->now_ms);
}

int certificate_turned(struct work *w, struct err *err)
{
	return DB_RUN(w->tx, &Q_OWN_TURNED, err, db_time(w->now_ms)) < 0 ? -1 : work_enter(w, &(struct entry){ .act = ACT_KEYS, .fields = STR("certificate"), .move = STR("turn") }, err);
}

/* After the call: whether it took it or not, the messages that wait are tried again as always. */
static int shown(struct work *w, struct str ref, int status, struct str body, struct err *err)
{
	(void)body;
	if (status != 200)
		return 0;
	return line_wake(w, ref, true, err);
}

int certificate_show(struct work *w, const struct partner *p, struct err *err)
{
	struct own o;
	int rc = own_now(w, &o, err);
	if (rc <= 0 || !o.turned || !p->url.n)
		return rc < 0 ? -1 : 0;
	int64_t waits = DB_COUNT(w->tx, &Q_WAITS_FOR, db_text(p->name));
	if (waits <= 0)
		return waits < 0 ? -1 : 0;
	work_call(w, &(struct call){ .url = str_join(w->mem, p->url, STR("/x/1/certificate")), .pin = p->certificate, .next_pin = p->next, .type = "text/plain; charset=utf-8", .body = o.note,
	    .ref = p->name, .then = shown });
	return 1;
}

/* ---- theirs ---- */

static int enter(struct work *w, struct str partner, const char *what, struct err *err)
{
	return work_enter(w, &(struct entry){ .act = ACT_SETTING, .to = partner, .fields = STR("certificate"), .move = str_of(what) }, err);
}

/* Pinned for another partner, or next of one, or our own: who comes in would be taken for somebody else. */
static int taken_by_another(struct work *w, const struct partner *p, const struct hash *certificate, struct err *err)
{
	int64_t n = DB_COUNT(w->tx, &Q_TAKEN, db_text(p->name), db_blob(bytes_of(certificate->b, HASH_BYTES)));
	return n < 0 ? err_set(err, ERR_FAULT, "the certificates cannot be read") : n > 0;
}

/* Signed by the key that is pinned, about its own node, in place of the one that is pinned now: an old note opens nothing. 1; 0: it holds already; -1. */
static int good(struct work *w, const struct partner *p, struct str note, struct certificate_note *c, struct err *err)
{
	struct str text;
	if (note_open(w->mem, note, &p->node, &text, err) < 0 || note_read(w->mem, text, c, err) < 0)
		return -1;
	if (!str_eq(c->node, p->name))
		return err_set(err, ERR_FORBIDDEN, "a certificate of somebody else");
	if (hash_eq(&c->after, &p->certificate))
		return 0;
	int taken = taken_by_another(w, p, &c->after, err);
	if (taken)
		return taken < 0 ? -1 : err_set(err, ERR_FORBIDDEN, "a certificate that is somebody else's");
	/* one that is still to be shown may be followed by another: who was away sees the last one */
	return hash_eq(&c->before, &p->certificate) || hash_eq(&c->before, &p->next) ? 1 : err_set(err, ERR_FORBIDDEN, "a note that does not follow on the certificate that is pinned");
}

static int pin(struct work *w, struct str partner, const struct hash *certificate, struct err *err)
{
	return DB_RUN(w->tx, &Q_PIN, err, db_text(partner), db_blob(bytes_of(certificate->b, HASH_BYTES))) < 0 || DB_RUN(w->tx, &Q_NEXT_END, err, db_text(partner)) < 0 ? -1
	    : enter(w, partner, "turn", err);
}

int certificate_arrived(struct work *w, const struct partner *p, struct str note, struct err *err)
{
	struct certificate_note c;
	int rc = good(w, p, note, &c, err);
	if (rc <= 0)
		return rc;
	return DB_RUN(w->tx, &Q_NEXT_SET, err, db_text(p->name), db_blob(bytes_of(c.after.b, HASH_BYTES)), db_time(c.turns_ms + DAY_MS)) < 0 ? -1 : enter(w, p->name, "receive", err);
}

int certificate_seen(struct work *w, const struct partner *p, const struct hash *peer, struct err *err)
{
	static const struct hash NONE;
	return !hash_eq(&p->next, &NONE) && hash_eq(&p->next, peer) ? pin(w, p->name, peer, err) : 0;
}

int certificate_shown_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct note parsed;
	struct certificate_note c;
	struct partner p;
	struct hash peer;
	memcpy(peer.b, q->peer, sizeof peer.b);
	w->refusal.reason = STR("unknown_certificate");
	if (note_parse(w->mem, q->body, &parsed, NULL) < 0 || note_read(w->mem, parsed.text, &c, NULL) < 0)
		return err_set(err, ERR_FORBIDDEN, "no note of a certificate");
	int rc = partner_find(w, c.node, &p, err);
	if (rc < 0)
		return -1;
	struct err why = { 0 };
	if (rc == 0 || !hash_eq(&c.after, &peer) || (rc = good(w, &p, q->body, &c, &why)) < 0)
		return err_set(err, ERR_FORBIDDEN, "a certificate that no pinned key vouches for");
	a->type = "text/plain; charset=utf-8";
	a->body = STR("ok\n");
	w->refusal.reason = (struct str){ 0 };
	return rc == 1 ? pin(w, p.name, &peer, err) : 0;
}
