#include "policy/policy.h"

#define PAPER "letters"

bool policy_onward(const struct onward_rule *rule, struct str to, struct policy_answer *a)
{
	struct str rest = rule->named, wanted = to.n ? to : STR(PAPER);
	*a = (struct policy_answer){ 0 };
	while (str_is(rule->word, "named") && rest.n)
		if (str_eq(str_cut(&rest, ' '), wanted))
			return true;
	*a = (struct policy_answer){ .refused = STR("onward"),
		.sentence = N_("This came from %s and is not passed on to another office. Ask them: they can send it themselves, or allow it in a new agreement.") };
	return false;
}
