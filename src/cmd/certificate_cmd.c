#include "cmd/control.h"
#include "cmd/certificate.h"
#include "exchange/certificate.h"
#include "net/tls.h"
#include <stdlib.h>

/* `jisr keys certificate DIR [--days N] [--stand]`: a new TLS certificate for the partner line. The files wait beside the old ones; a note about them goes to all partners over the
   line; the node turns by itself once all have it, or after N days (7), also when it was stopped meanwhile. --stand shows who has it. */

struct announcing { struct hash before, after; int64_t days; };
static int announce(struct work *w, void *arg, struct err *err)
{
	struct announcing *a = arg;
	return certificate_announce(w, &a->before, &a->after, a->days, err);
}

static int stand_text(struct work *w, struct str *out, struct err *err)
{
	struct certificate_stand s;
	if (certificate_stand(w, &s, err) < 0)
		return -1;
	if (!s.waits)
		*out = s.turned ? str_fmt(w->mem, "turned; %zu of %zu partners have its note", s.told, s.of) : STR("no certificate is under way");
	else
		*out = str_fmt(w->mem, "%zu of %zu partners have the note; the node turns when all have, at latest " S_FMT, s.told, s.of, S_ARG(time_text(w->mem, s.turns_ms)));
	return 0;
}

int on_certificate(struct work *w, struct str rest, struct str *answer, struct err *err)
{
	struct announcing a;
	struct bytes before, after;
	uint64_t days;
	if (str_is(rest, "stand"))
		return stand_text(w, answer, err);
	if (hex_read(w->mem, str_cut(&rest, ' '), &before) < 0 || hex_read(w->mem, str_cut(&rest, ' '), &after) < 0 || before.n != HASH_BYTES || after.n != HASH_BYTES || str_u64(rest, &days) < 0)
		return err_set(err, ERR_USAGE, "keys certificate BEFORE AFTER DAYS");
	memcpy(a.before.b, before.p, HASH_BYTES);
	memcpy(a.after.b, after.p, HASH_BYTES);
	a.days = (int64_t)days;
	return announce(w, &a, err) < 0 ? -1 : stand_text(w, answer, err);
}

struct here { struct str rest, answer; };
static int run_here(struct work *w, void *arg, struct err *err)
{
	struct here *h = arg;
	if (on_certificate(w, h->rest, &h->answer, err) < 0)
		return -1;
	printf(S_FMT "\n", S_ARG(h->answer));
	return 0;
}

/* By the running node, or here where none runs. */
static int do_it(struct arena *mem, const struct settings *s, struct str rest, struct err *err)
{
	struct str answer = { 0 };
	struct here here = { .rest = rest };
	struct house h = { 0 };
	int rc = control_ask(mem, s, str_join(mem, STR("keys certificate "), rest), &answer, err);
	if (rc == 1)
		printf(S_FMT "\n", S_ARG(answer));
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = house_take(mem, s->dir, &h, err);
	if (rc == 0)
		rc = house_do(&h, run_here, &here, err);
	if (h.mem)
		house_close(&h);
	return rc;
}

int cmd_certificate(struct arena *mem, const struct settings *s, const char *days, bool stand, struct err *err)
{
	struct tls_identity now, next;
	uint64_t n = 7;
	if (stand)
		return do_it(mem, s, STR("stand"), err);
	if (days && (str_u64(str_of(days), &n) < 0 || n > CERTIFICATE_DAYS_MOST))
		return err_set(err, ERR_USAGE, "--days: 0 to %d", CERTIFICATE_DAYS_MOST);
	if (tls_load(mem, s->dir, &now, err) < 0 || tls_make_next(mem, s->dir, s->name, source_now_ms(source_system()), &next, err) < 0)
		return -1;
	return do_it(mem, s, str_fmt(mem, S_FMT " " S_FMT " %llu", S_ARG(hex(mem, bytes_of(now.pin.b, HASH_BYTES))), S_ARG(hex(mem, bytes_of(next.pin.b, HASH_BYTES))), (unsigned long long)n), err);
}

/* ---- the turn ---- */

static int due(struct work *w, void *arg, struct err *err)
{
	int rc = certificate_due(w, err);
	*(bool *)arg = rc == 1;
	return rc < 0 ? -1 : 0;
}

static int turned(struct work *w, void *arg, struct err *err)
{
	(void)arg;
	return certificate_turned(w, err);
}

/* The files first: a node that dies between the two turns again, and finds nothing to do. */
int certificate_turn(struct house *h, struct err *err)
{
	bool now = false;
	if (house_do(h, due, &now, err) < 0)
		return -1;
	return now && (tls_turn(h->mem, h->settings.dir, err) < 0 || house_do(h, turned, NULL, err) < 0) ? -1 : 0;
}

/* Timer. The listener and the client have the old one in memory: the node ends, and its parent starts it anew. */
int certificate_timer(struct work *w, struct err *err)
{
	int rc = certificate_due(w, err);
	w->effects->again = rc == 1;
	return rc < 0 ? -1 : 0;
}
