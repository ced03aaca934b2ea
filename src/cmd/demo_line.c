#include "cmd/demo.h"
#include "exchange/exchange.h"
#include "net/tls.h"

/* What two offices do once, by hand: compare codes, pin each other, sign an agreement. Here both sides are folders of this machine. */
struct line_pair { enum demo_place a, b; const char *agreement; };
static const struct line_pair PAIRS[] = {
	{ DEMO_CAMP, DEMO_MOMD, "data/demo/agreement-camp-ministry.txt" },
	{ DEMO_MOMD, DEMO_VETTING, "data/demo/agreement-ministry-vetting.txt" },
	{ DEMO_MOMD, DEMO_CENTRE, "data/demo/agreement-ministry-centre.txt" },
	{ DEMO_CAMP, DEMO_CENTRE, "data/demo/agreement-camp-centre.txt" },
	{ DEMO_CAMP, DEMO_OVERSIGHT, "data/demo/agreement-camp-oversight.txt" },
	{ DEMO_MOMD, DEMO_OVERSIGHT, "data/demo/agreement-ministry-oversight.txt" },
	{ DEMO_CENTRE, DEMO_OVERSIGHT, "data/demo/agreement-centre-oversight.txt" },
	{ DEMO_VETTING, DEMO_OVERSIGHT, NULL },
};

struct step { struct arena *mem; struct str url, in, out; struct hash pin; struct str partner; };

static int invite(struct work *w, void *arg, struct err *err)
{
	struct step *s = arg;
	if (partner_invite(w, s->url, &s->pin, &s->out, err) < 0)
		return -1;
	s->out = str_dup(s->mem, s->out);
	return 0;
}

static int accept_invite(struct work *w, void *arg, struct err *err)
{
	struct step *s = arg;
	struct partner p;
	return partner_accept(w, s->in, &p, err);
}

static int sign(struct work *w, void *arg, struct err *err)
{
	struct step *s = arg;
	if (agreement_sign(w, s->in, &s->out, err) < 0)
		return -1;
	s->out = str_dup(s->mem, s->out);
	return 0;
}

static int signed_there(struct work *w, void *arg, struct err *err)
{
	struct step *s = arg;
	struct partner p;
	if (partner_find(w, s->partner, &p, err) != 1)
		return err_set(err, ERR_NOT_FOUND, "no such partner");
	return agreement_signed_by(w, &p, s->in, err);
}

static int agree(struct arena *mem, struct house *a, struct house *b, const char *file, struct err *err)
{
	const struct embedded *e = embedded_find(str_of(file));
	if (!e)
		return err_set(err, ERR_FAULT, "this program has no %s inside", file);
	struct step at_a = { .mem = mem, .in = bytes_str(bytes_of(e->data, e->n)) }, at_b = at_a;
	if (house_do(a, sign, &at_a, err) < 0 || house_do(b, sign, &at_b, err) < 0)
		return -1;
	struct step from_b = { .in = at_b.out, .partner = b->settings.name }, from_a = { .in = at_a.out, .partner = a->settings.name };
	return house_do(a, signed_there, &from_b, err) < 0 || house_do(b, signed_there, &from_a, err) < 0 ? -1 : 0;
}

int demo_line(struct arena *mem, struct house *houses, uint16_t port, struct err *err)
{
	struct str invites[DEMO_NODES];
	for (size_t i = 0; i < DEMO_NODES; i++) {
		struct tls_identity id;
		struct step s = { .mem = mem, .url = str_fmt(mem, "https://127.0.0.1:%u", port + (unsigned)i + 100) };
		if (tls_load(mem, houses[i].settings.dir, &id, err) < 0)
			return -1;
		s.pin = id.pin;
		if (house_do(&houses[i], invite, &s, err) < 0)
			return -1;
		invites[i] = s.out;
	}
	for (size_t i = 0; i < COUNT(PAIRS); i++) {
		const struct line_pair *p = &PAIRS[i];
		struct step to_a = { .in = invites[p->b] }, to_b = { .in = invites[p->a] };
		if (house_do(&houses[p->a], accept_invite, &to_a, err) < 0 || house_do(&houses[p->b], accept_invite, &to_b, err) < 0)
			return -1;
		if (p->agreement && agree(mem, &houses[p->a], &houses[p->b], p->agreement, err) < 0)
			return err_add(err, "%s", p->agreement);
	}
	return 0;
}
