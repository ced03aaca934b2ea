/* What policy says where an office changed hands, where one record was opened for oversight, and about passing on what a partner gave. */
#include "base/embed.h"
#include "policy/policy.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena *mem;
static struct policy policy;
#define ALL (CLASS_BIT(CLASS_O) | CLASS_BIT(CLASS_P) | CLASS_BIT(CLASS_X) | CLASS_BIT(CLASS_S) | CLASS_BIT(CLASS_J))

static int setup(void **state)
{
	(void)state;
	struct err err = { 0 };
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	mem = arena_new((size_t)64 << 20);
	return policy_load(mem, bytes_str(bytes_of(roles->data, roles->n)), &policy, &err);
}

static int teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

/* A type that a camp registrar reads, P and X, and nobody of oversight. */
static struct policy_answer ask(const char *role, const char *purpose, const char *basis, bool sealed, bool opened)
{
	static struct reader_rule rule = { .scope = SCOPE_ALL };
	struct readers readers[CLASSES] = { 0 };
	struct actor actor = { .role = str_of(role) };
	struct policy_answer a;
	rule.role = STR("CAMP_REG");
	readers[CLASS_P] = readers[CLASS_X] = (struct readers){ &rule, 1, false };
	struct policy_ask k = { .actor = &actor, .type = STR("person"), .purpose = str_of(purpose), .basis = str_of(basis), .readers = readers, .in_scope = ~0u, .wanted = ALL,
		.personal = true, .sealed = sealed, .opened = opened };
	policy_decide(&policy, &k, &a);
	return a;
}

static void a_sealed_purpose_is_refused_to_every_role(void **state)
{
	(void)state;
	assert_true(ask("CAMP_REG", "registration", "mandate", false, false).classes & CLASS_BIT(CLASS_X));
	for (size_t i = 0; i < policy.nroles; i++) {
		struct policy_answer a = ask(str_z(mem, policy.roles[i].name), "registration", "mandate", true, true);
		assert_true(str_is(a.refused, "custody"));
		assert_int_equal(a.classes, 0);
	}
}

static void an_opened_record_shows_open_and_personal_fields_and_no_more(void **state)
{
	(void)state;
	static const char *const BOTH[] = { "OVERSIGHT", "DPO" };
	for (size_t i = 0; i < COUNT(BOTH); i++) {
		assert_int_equal(ask(BOTH[i], "oversight", "mandate", false, true).classes, CLASS_BIT(CLASS_O) | CLASS_BIT(CLASS_P));
		assert_true(ask(BOTH[i], "oversight", "mandate", false, false).refused.n);
		assert_true(ask(BOTH[i], "registration", "mandate", false, true).refused.n);
	}
	for (size_t i = 0; i < policy.nroles; i++)      /* the purpose that is never sealed is theirs alone */
		assert_int_equal(policy_purpose_fits(policy_purpose(&policy, STR("oversight")), &policy.roles[i]), policy.roles[i].oversight);
	for (size_t i = 0; i < policy.nroles; i++)
		if (!policy.roles[i].oversight && !str_is(policy.roles[i].name, "CAMP_REG"))
			assert_int_equal(ask(str_z(mem, policy.roles[i].name), "oversight", "mandate", false, true).classes, 0);
}

static void only_those_who_are_named_get_what_a_partner_gave(void **state)
{
	(void)state;
	struct policy_answer a;
	struct onward_rule named = { STR("named"), STR("vetting.iq letters") }, never = { STR("never"), STR("vetting.iq letters") }, asked = { STR("asked"), STR("vetting.iq") }, none = { 0 };
	assert_true(policy_onward(&named, STR("vetting.iq"), &a) && policy_onward(&named, (struct str){ 0 }, &a));
	assert_false(policy_onward(&named, STR("vetting"), &a));
	assert_true(str_is(a.refused, "onward") && a.sentence);
	assert_false(policy_onward(&named, STR("letters.iq"), &a) || policy_onward(&never, STR("vetting.iq"), &a) || policy_onward(&asked, STR("vetting.iq"), &a) ||
	    policy_onward(&none, STR("vetting.iq"), &a) || policy_onward(&never, (struct str){ 0 }, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_sealed_purpose_is_refused_to_every_role, setup, teardown),
		cmocka_unit_test_setup_teardown(an_opened_record_shows_open_and_personal_fields_and_no_more, setup, teardown),
		cmocka_unit_test_setup_teardown(only_those_who_are_named_get_what_a_partner_gave, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
