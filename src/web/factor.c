#include "web/session.h"

/* The second factor. The secret is sealed under a key of its own; a code is good once, and so is each spare code, of which only a MAC is kept. */

SQL(Q_FACTOR, 1, "SELECT wrapped, sealed, confirmed, step FROM second_factor WHERE account=?1");
SQL(Q_FACTOR_NEW, 3, "INSERT OR REPLACE INTO second_factor(account, wrapped, sealed, confirmed, step) VALUES(?1,?2,?3,0,0)");
SQL(Q_FACTOR_STEP, 2, "UPDATE second_factor SET step=?2 WHERE account=?1 AND step<?2");
SQL(Q_FACTOR_SET, 1, "UPDATE second_factor SET confirmed=1 WHERE account=?1");
SQL(Q_FACTOR_END, 1, "DELETE FROM second_factor WHERE account=?1");
SQL(Q_SPARE_NEW, 2, "INSERT INTO spare_code(account, mac) VALUES(?1,?2)");
SQL(Q_SPARE_USE, 2, "DELETE FROM spare_code WHERE account=?1 AND mac=?2");
SQL(Q_SPARE_END, 1, "DELETE FROM spare_code WHERE account=?1");
SQL(Q_FACTOR_PAGE, 2, "SELECT account AS id, wrapped FROM second_factor WHERE account>?1 ORDER BY account LIMIT ?2");
SQL(Q_FACTOR_PUT, 2, "UPDATE second_factor SET wrapped=?2 WHERE account=?1");
const struct wrapped_keys FACTOR_WRAPPED[] = { { "second_factor", &Q_FACTOR_PAGE, &Q_FACTOR_PUT, &Q_FACTOR_END }, { 0 } };

struct kept { struct bytes wrapped, sealed; bool confirmed; int64_t step; };
static const struct field KEPT[] = { FIELD(struct kept, wrapped), FIELD(struct kept, sealed), FIELD(struct kept, confirmed), FIELD(struct kept, step) };

static struct bytes sealed_for(struct work *w, struct id account)
{
	return str_bytes(str_join(w->mem, STR("jisr-totp"), bytes_str(bytes_dup(w->mem, bytes_of(account.b, sizeof account.b)))));
}

static int kept_of(struct work *w, struct id account, struct kept *k, struct err *err)
{
	return DB_ONE(w->tx, &Q_FACTOR, KEPT, k, w->mem, err, db_id(account));
}

static int secret_of(struct work *w, struct id account, const struct kept *k, struct bytes *out, struct err *err)
{
	uint8_t key[KEY_BYTES];
	if (k->wrapped.n != WRAPPED_BYTES || keys_wait_open(w->node->keys, k->wrapped.p, key, err) < 0)
		return err_add(err, "the second factor");
	int rc = seal_open(w->mem, key, sealed_for(w, account), k->sealed, out, err);
	wipe(key, sizeof key);
	return rc;
}

int factor_state(struct work *w, struct id account, enum factor *out, struct err *err)
{
	struct kept k;
	int rc = kept_of(w, account, &k, err);
	*out = rc != DB_ROW ? FACTOR_NONE : k.confirmed ? FACTOR_SET : FACTOR_WAITS;
	return rc < 0 ? -1 : 0;
}

int factor_begin(struct work *w, struct id account, struct err *err)
{
	uint8_t secret[20], wrapped[WRAPPED_BYTES], key[KEY_BYTES];
	source_fill(w->node->source, secret, sizeof secret);
	if (keys_wait_new(w->node->keys, wrapped, key, err) < 0)
		return -1;
	struct bytes sealed = seal(w->mem, w->node->source, key, sealed_for(w, account), bytes_of(secret, sizeof secret));
	wipe(key, sizeof key);
	wipe(secret, sizeof secret);
	return DB_RUN(w->tx, &Q_FACTOR_NEW, err, db_id(account), db_blob(bytes_of(wrapped, sizeof wrapped)), db_blob(sealed)) < 0 ? -1 : 0;
}

int factor_secret(struct work *w, struct id account, struct bytes *out, struct err *err)
{
	struct kept k;
	if (kept_of(w, account, &k, err) != DB_ROW || k.confirmed)
		return err_set(err, ERR_NOT_FOUND, "no second factor waits to be set up");
	return secret_of(w, account, &k, out, err);
}

/* ---- spare codes ---- */

#define SPARE_CODES 10
#define SPARE_SIGNS 10
static const char SIGNS[] = "023456789BCDFGHJKMNPQRSTVWXYZ";      /* those of the cards, without L */

/* Capitals and digits alone: people type the hyphen or leave it. */
static struct str spare_typed(struct work *w, struct str code)
{
	struct buf b = buf_new(w->mem, 64);
	for (size_t i = 0; i < code.n && b.n < SPARE_SIGNS + 1; i++) {
		char c = code.p[i] >= 'a' && code.p[i] <= 'z' ? (char)(code.p[i] - 32) : code.p[i];
		if (c != '-' && c != ' ')
			buf_ch(&b, c);
	}
	return buf_text(&b);
}

static int spare_mac(struct work *w, struct id account, struct str code, struct handle *out, struct err *err)
{
	struct bytes in = str_bytes(str_join(w->mem, bytes_str(bytes_dup(w->mem, bytes_of(account.b, sizeof account.b))), code));
	return keys_blind(w->node->keys, SIDE_OFFICE, STR("spare-code"), &in, 1, out, err);
}

static struct str spare_new(struct work *w)
{
	struct buf b = buf_new(w->mem, 64);
	for (int i = 0; i < SPARE_SIGNS; i++) {
		uint8_t r;
		do
			source_fill(w->node->source, &r, 1);
		while (r >= 224 + 8);                   /* 8 x 29 */
		if (i == SPARE_SIGNS / 2)
			buf_ch(&b, '-');
		buf_ch(&b, SIGNS[r % (sizeof SIGNS - 1)]);
	}
	return buf_text(&b);
}

static int spare_use(struct work *w, struct id account, struct str code, bool *good, struct err *err)
{
	struct handle mac;
	struct str typed = spare_typed(w, code);
	if (typed.n != SPARE_SIGNS)
		return 0;
	if (spare_mac(w, account, typed, &mac, err) < 0)
		return -1;
	int n = DB_RUN(w->tx, &Q_SPARE_USE, err, db_id(account), db_blob(bytes_of(mac.b, sizeof mac.b)));
	*good = n == 1;
	return n < 0 ? -1 : 0;
}

int factor_check(struct work *w, struct id account, struct str typed, bool *good, struct err *err)
{
	struct kept k;
	struct bytes secret;
	uint64_t step;
	struct str code = spare_typed(w, digits_ascii(w->mem, typed));
	*good = false;
	if (kept_of(w, account, &k, err) != DB_ROW)
		return err_set(err, ERR_NOT_FOUND, "no second factor");
	if (code.n != 6)
		return k.confirmed ? spare_use(w, account, code, good, err) : 0;
	if (secret_of(w, account, &k, &secret, err) < 0)
		return -1;
	if (!totp_check(secret, w->now_ms / 1000, code, &step))
		return 0;
	int n = DB_RUN(w->tx, &Q_FACTOR_STEP, err, db_id(account), db_int((int64_t)step));      /* none: this code, or a later one, was used before */
	*good = n == 1;
	return n < 0 ? -1 : 0;
}

int factor_confirm(struct work *w, struct id account, struct str spare[SPARE_CODES], struct err *err)
{
	if (DB_RUN(w->tx, &Q_FACTOR_SET, err, db_id(account)) < 0 || DB_RUN(w->tx, &Q_SPARE_END, err, db_id(account)) < 0)
		return -1;
	for (size_t i = 0; i < SPARE_CODES; i++) {
		struct handle mac;
		spare[i] = spare_new(w);
		if (spare_mac(w, account, spare_typed(w, spare[i]), &mac, err) < 0 ||
		    DB_RUN(w->tx, &Q_SPARE_NEW, err, db_id(account), db_blob(bytes_of(mac.b, sizeof mac.b))) < 0)
			return -1;
	}
	return work_enter(w, &(struct entry){ .act = ACT_ACCOUNT, .actor = account }, err);
}

int factor_forget(struct work *w, struct id account, struct err *err)
{
	if (DB_RUN(w->tx, &Q_FACTOR_END, err, db_id(account)) < 0 || DB_RUN(w->tx, &Q_SPARE_END, err, db_id(account)) < 0 || sessions_elsewhere_end(w, account, err) < 0)
		return -1;
	return work_enter(w, &(struct entry){ .act = ACT_ACCOUNT, .actor = account }, err);
}
