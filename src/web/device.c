#include "web/session.h"

/* One phone, several people of an office. Whoever signed in on it with her password in the last 12 hours may come back by a PIN of her own: the device says which
   users those are, the PIN which of them it is. Five wrong ones, and the device knows the user no more. */

#define DEVICE_HOURS 12
#define WRONG_MAX 5

struct known { struct id account; int64_t wrong; struct str place; };
static const struct field KNOWN[] = { FIELD(struct known, account), FIELD(struct known, wrong), FIELD(struct known, place) };

SQL(Q_DEVICE_NEW, 3, "INSERT INTO device(hash, account, until, wrong, place) VALUES(?1,?2,?3,0,'') ON CONFLICT(hash, account) DO UPDATE SET until=?3, wrong=0");
SQL(Q_DEVICE, 3, "SELECT account, wrong, place FROM device WHERE hash=?1 AND account=?2 AND until>?3");
SQL(Q_DEVICE_ALL, 2, "SELECT account, wrong, place FROM device WHERE hash=?1 AND until>?2 ORDER BY account");
SQL(Q_DEVICE_WRONG, 2, "UPDATE device SET wrong=wrong+1 WHERE hash=?1 AND account=?2");
SQL(Q_DEVICE_GOOD, 2, "UPDATE device SET wrong=0 WHERE hash=?1 AND account=?2");
SQL(Q_DEVICE_PLACE, 3, "UPDATE device SET place=?3 WHERE hash=?1 AND account=?2");
SQL(Q_DEVICE_END, 2, "DELETE FROM device WHERE account=?1 OR until<=?2");

static struct str cookie_name(struct work *w, const struct request *q)
{
	return str_fmt(w->mem, "%sjisr-device-" S_FMT, q->tls ? "__Host-" : "", S_ARG(w->node->name));
}

static struct bytes device_of(struct work *w, const struct request *q)
{
	struct str cookie = request_cookie(q, str_z(w->mem, cookie_name(w, q)));
	struct hash h = sha256(str_bytes(cookie));
	return cookie.n ? bytes_dup(w->mem, bytes_of(h.b, sizeof h.b)) : (struct bytes){ 0 };
}

int device_remember(struct work *w, const struct request *q, struct id account, struct response *r, struct err *err)
{
	uint8_t random[32];
	struct bytes device = device_of(w, q);
	struct str cookie = request_cookie(q, str_z(w->mem, cookie_name(w, q)));
	if (!device.n) {
		source_fill(w->node->source, random, sizeof random);
		cookie = hex(w->mem, bytes_of(random, sizeof random));
		struct hash h = sha256(str_bytes(cookie));
		device = bytes_dup(w->mem, bytes_of(h.b, sizeof h.b));
	}
	response_header(r, "Set-Cookie", str_fmt(w->mem, S_FMT "=" S_FMT "; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s", S_ARG(cookie_name(w, q)), S_ARG(cookie),
	    DEVICE_HOURS * 3600, q->tls ? "; Secure" : ""));
	return DB_RUN(w->tx, &Q_DEVICE_NEW, err, db_blob(device), db_id(account), db_time(w->now_ms + DEVICE_HOURS * 3600000LL)) < 0 ? -1 : 0;
}

int device_users(struct work *w, const struct request *q, struct account *out, size_t max, size_t *n, struct err *err)
{
	struct bytes device = device_of(w, q);
	struct known k, all[16];
	size_t found = 0;
	int rc = 0;
	*n = 0;
	if (!device.n)
		return 0;
	struct rows rows = DB_QUERY(w->tx, &Q_DEVICE_ALL, KNOWN, w->mem, db_blob(device), db_time(w->now_ms));
	while (found < COUNT(all) && (rc = db_next(&rows, &k, err)) == DB_ROW)
		all[found++] = k;
	if (rc == DB_ROW)
		db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < found && *n < max; i++) {
		if ((rc = account_by_id(w, all[i].account, &out[*n], err)) == DB_ROW && out[*n].pin.n)
			++*n;
	}
	return rc < 0 ? -1 : 0;
}

int device_user(struct work *w, const struct request *q, struct str user, struct account *out, struct err *err)
{
	struct known k;
	struct bytes device = device_of(w, q);
	int rc = device.n ? account_by_user(w, user, out, err) : 0;
	if (rc == DB_ROW)
		rc = DB_ONE(w->tx, &Q_DEVICE, KNOWN, &k, w->mem, err, db_blob(device), db_id(out->id), db_time(w->now_ms));
	if (rc != DB_ROW || !out->pin.n || k.wrong >= WRONG_MAX)
		return rc < 0 ? -1 : 0;
	return DB_RUN(w->tx, &Q_DEVICE_WRONG, err, db_blob(device), db_id(out->id)) < 0 ? -1 : 1;      /* counted before it is known */
}

int device_good(struct work *w, const struct request *q, struct id account, struct str *place, struct err *err)
{
	struct known k;
	struct bytes device = device_of(w, q);
	if (DB_ONE(w->tx, &Q_DEVICE, KNOWN, &k, w->mem, err, db_blob(device), db_id(account), db_time(w->now_ms)) != DB_ROW)
		return err_set(err, ERR_FORBIDDEN, "the device does not know this user");
	*place = k.place;
	return DB_RUN(w->tx, &Q_DEVICE_GOOD, err, db_blob(device), db_id(account)) < 0 ? -1 : 0;
}

int device_left(struct work *w, const struct request *q, struct str place, struct err *err)
{
	struct bytes device = device_of(w, q);
	return device.n && DB_RUN(w->tx, &Q_DEVICE_PLACE, err, db_blob(device), db_id(w->actor.account), db_text(place)) < 0 ? -1 : 0;
}

int devices_forget(struct work *w, struct id account, struct err *err)
{
	return DB_RUN(w->tx, &Q_DEVICE_END, err, db_id(account), db_time(w->now_ms)) < 0 ? -1 : 0;
}
