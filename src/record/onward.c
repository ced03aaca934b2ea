#include "record/record_i.h"

/* The third-party rule (DOMAIN S16): what is in a copy is the giver's to pass on. Asked at every way out: before a message that carries records is queued, before names
   of copies go into a question, and before paper leaves. */

/* 1 it may, 0 not (then *giver says whose it is), -1. */
static int may(struct work *w, const struct record *r, struct str to, struct str *giver, struct policy_answer *a, struct err *err)
{
	const struct line *line = &w->node->hooks->line;
	struct received from;
	struct onward_rule rules[2] = { { STR("never"), { 0 } }, { STR("never"), { 0 } } };
	if (!r->type->personal || str_eq(r->owner, w->node->name) || (to.n && str_eq(r->owner, to)))
		return 1;
	int rc = record_received(w, r->id, &from, err);
	if (rc < 0 || (rc == 1 && line->onward && line->onward(w, from.node, from.purpose, from.agreement, rules, err) < 0))
		return -1;
	*giver = rc == 1 ? from.node : r->owner;
	return (to.n && str_eq(*giver, to)) || (policy_onward(&rules[0], to, a) && policy_onward(&rules[1], to, a));
}

int record_onward(struct work *w, const struct id *ids, size_t n, struct str to, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct record r;
		struct str giver;
		struct policy_answer a;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		int rc = may(w, &r, to, &giver, &a, err);
		if (rc < 0)
			return -1;
		if (rc)
			continue;
		w->refusal = (struct refusal){ .reason = a.refused, .type = r.type->name, .record = r.id };
		return err_say(err, ERR_SAFEGUARD, a.sentence, str_z(w->mem, giver));
	}
	return 0;
}

bool record_onward_may(struct work *w, struct id id, struct str to)
{
	struct record r;
	struct str giver;
	struct policy_answer a;
	return record_head(w, id, &r, NULL) == 0 && may(w, &r, to, &giver, &a, NULL) == 1;
}
