#include "web/session.h"
#include "web/web.h"

/* The roster (types/duty_turn.yaml): who is on duty for a role at a desk now. She may give the second signature of that role (DOMAIN 3, Duty), never on her own act. */
#define TURNS_MAX 64

static bool is_now(struct work *w, const struct grant *g, size_t i)
{
	int64_t from, to;
	return time_parse(record_text(g, i, "starts"), &from) == 0 && time_parse(record_text(g, i, "ends"), &to) == 0 && from <= w->now_ms && w->now_ms < to;
}

int duty_now(struct work *w, struct str role, struct str unit, struct duty *out, size_t max, size_t *n, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("duty_turn"));
	struct id *ids;
	size_t all;
	*n = 0;
	const struct grant *g = record_in_state(w, "duty_turn", "running", TURNS_MAX, &ids, &all, err) < 0 ? NULL : record_open_inside(w, t, ids, all, err);
	for (size_t i = 0; g && i < all && *n < max; i++)
		if (str_eq(record_text(g, i, "role"), role) && str_eq(record_text(g, i, "unit"), unit) && is_now(w, g, i))
			out[(*n)++] = (struct duty){ record_text(g, i, "account"), record_text(g, i, "phone") };
	return g ? 0 : -1;
}

bool on_duty(struct work *w, struct str role)
{
	struct duty d[8];
	size_t n;
	struct account a;
	struct err ignored = { 0 };
	const struct role *wanted = policy_role(w->node->policy, role), *own = policy_role(w->node->policy, w->actor.role);
	if (!wanted || !own || wanted->side != own->side || id_none(w->actor.account) || duty_now(w, role, w->actor.unit, d, COUNT(d), &n, &ignored) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (account_by_user(w, d[i].user, &a, &ignored) == 1 && id_eq(a.id, w->actor.account))
			return true;
	return false;
}
