#include "cmd/cmd.h"
#include <setjmp.h>
#include <cmocka.h>

/* `jisr types check` against declarations that must not pass, with the table of joined hooks; the shipped ones; the walls that they draw. */

struct bench { struct arena *mem; struct policy policy; struct types types; };

static struct bench bench_new(void)
{
	struct bench b = { .mem = arena_new((size_t)64 << 20) };
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	struct err err = { 0 };
	assert_non_null(roles);
	assert_int_equal(policy_load(b.mem, bytes_str(bytes_of(roles->data, roles->n)), &b.policy, &err), 0);
	return b;
}

static void types_of(struct bench *b)
{
	struct err err = { 0 };
	if (types_load(b->mem, &b->policy, &b->types, &err) < 0)
		fail_msg("%s", err.log);
}

/* Two small types that nothing is wrong with; a case changes one piece of one of them. */
static const char ROW[] = "type: seat_row\ntitle: Row\nplural: Rows\nabout: person\nsubject: person\nside: humanitarian\nowner: {node: camp}\n"
    "create: [CAMP_REG]\nretention: {after: done, keep: P1Y, at_latest: created+P2Y, then: shred}\n"
    "read:\n  P: {CAMP_REG: own_unit, PROT_OFF: own_caseload}\n  X: {PROT_OFF: own_caseload}\n"
    "fields:\n  person: {kind: ref, to: person, class: P, required: true}\n  note: {kind: text, class: P, max: 20}\n  needs: {kind: code, codes: specific_needs, many: true, class: X}\n"
    "  born: {kind: date, class: P, precision: [y, ymd]}\n"
    "derived:\n  child: {class: P, codes: child, from: born, rule: under_18_or_presumed}\n"
    "amend: {CAMP_REG: [P], PROT_OFF: [needs]}\n"
    "states: {open: {}, held: {}, done: {final: true}}\n"
    "moves:\n  hold: {from: open, to: held, by: [CAMP_REG], label: Hold}\n  finish: {from: [open, held], to: done, by: [CAMP_REG], two_persons: PROT_OFF, label: Finish}\n"
    "list: {columns: [person, state], filter: [state]}\nform:\n  - {section: Who, fields: [person, note]}\nsafeguards: [voluntary]\n";
static const char FINDING[] = "type: ruling\ntitle: Ruling\nplural: Rulings\nabout: person\nsubject: person\nside: security\nowner: {node: vetting}\n"
    "create: [VET_OFF]\nretention: {after: done, keep: P1Y, at_latest: created+P2Y, then: shred}\nread:\n  S: {VET_OFF: own_caseload}\n"
    "fields:\n  person: {kind: ref, to: person, class: S, required: true}\n  outcome: {kind: code, codes: sex, class: S, required: true}\n"
    "  evidence: {kind: ref, to: evidence, class: S, required: true}\n  act_from: {kind: date, class: S, required: true}\n  act_to: {kind: date, class: S, required: true}\n"
    "  expires: {kind: date, class: S, required: true}\n"
    "states: {made: {}, appealed: {}, done: {final: true}}\n"
    "moves:\n  appeal: {from: made, to: appealed, by: [LEGAL_AID]}\n  end: {from: [made, appealed], to: done, by: [VET_SUP]}\n"
    "list: {columns: [outcome]}\nsafeguards: [adults_only]\n";
static const char EVIDENCE[] = "type: evidence\ntitle: Evidence\nplural: Evidence\nabout: person\nsubject: person\nside: security\nowner: {node: vetting}\n"
    "create: [VET_OFF]\nretention: {after: open, keep: P1Y, at_latest: created+P2Y, then: shred}\nread:\n  S: {VET_OFF: own_caseload}\n"
    "fields:\n  person: {kind: ref, to: person, class: S, required: true}\nstates: {open: {}}\nlist: {columns: [person]}\nsafeguards: [append_only]\n";

/* text with `old`, which must be there, replaced once. */
static struct str changed(struct arena *mem, const char *text, const char *old, const char *new)
{
	size_t at = str_find(str_of(text), str_of(old));
	if (at == strlen(text))
		fail_msg("no such piece: %s", old);
	return str_fmt(mem, "%.*s%s%s", (int)at, text, new, text + at + strlen(old));
}

/* Loads the shipped types and the declaration, and checks all. */
static int judge(struct str yaml, const char *file, struct err *err)
{
	struct bench b = bench_new();
	types_of(&b);
	struct type *at = NEW_ARRAY(b.mem, struct type, b.types.n + 2);
	memcpy(at, b.types.at, b.types.n * sizeof *at);
	b.types.at = at;
	int rc = type_read(b.mem, &b.types, str_of(EVIDENCE), "types/evidence.yaml", &at[b.types.n++], err);
	if (rc == 0)
		rc = type_read(b.mem, &b.types, yaml, file, &at[b.types.n++], err);
	if (rc == 0)
		rc = types_check(&b.types, hook_joined, err);
	arena_free(b.mem);
	return rc;
}

struct refusal_case { const char *old, *new, *place, *what; };

static void all_refused(const char *text, const char *file, const struct refusal_case *cases, size_t n)
{
	struct arena *mem = arena_new((size_t)4 << 20);
	for (size_t i = 0; i < n; i++) {
		struct err err = { 0 };
		if (judge(changed(mem, text, cases[i].old, cases[i].new), file, &err) == 0)
			fail_msg("accepted: %s", cases[i].new);
		if (!strstr(err.log, file) || !strstr(err.log, cases[i].place) || !strstr(err.log, cases[i].what))
			fail_msg("%s: wanted %s, %s, %s; got: %s", cases[i].new, file, cases[i].place, cases[i].what, err.log);
	}
	arena_free(mem);
}
#define ALL_REFUSED(text, file, cases) all_refused(text, file, cases, COUNT(cases))

static void the_samples_of_this_test_pass(void **state)
{
	(void)state;
	struct err err = { 0 };
	if (judge(str_of(ROW), "types/seat_row.yaml", &err) < 0 || judge(str_of(FINDING), "types/ruling.yaml", &err) < 0)
		fail_msg("%s", err.log);
}

static void the_shipped_types_pass(void **state)
{
	(void)state;
	struct bench b = bench_new();
	struct err err = { 0 };
	types_of(&b);
	assert_true(b.types.n > 0);
	if (types_check(&b.types, hook_joined, &err) < 0)
		fail_msg("%s", err.log);
	arena_free(b.mem);
}

static void unknown_words_and_wrong_values_are_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "title: Row", "title: Row\ncolour: red", "type", "unknown word colour" },
		{ "title: Row", "title: Row\nduplicates: [note]", "duplicates", "compared by the fields of their own record" },
		{ "max: 20", "max: 20, blind: true", "note", "does not keep the word blind" },
		{ "title: Row", "title: Row\nduplicates: [nobody]", "nobody", "duplicates: no such field" },
		{ "max: 20", "max: 20, secret: true", "note", "unknown word secret" },
		{ "max: 20", "max: many", "note", "max is a number" },
		{ "max: 20", "max: true", "note", "wrong value for the word max" },
		{ "required: true", "required: yes", "person", "wrong value for the word required" },
		{ "rule: under_18_or_presumed", "rule: under_18_or_presumed, required: true", "child", "unknown word required" },
		{ "held: {}", "held: {soft: true}", "held", "unknown word soft" },
		{ "label: Hold", "label: Hold, always: true", "hold", "unknown word always" },
		{ "{node: camp}", "{node: camp, deputy: border}", "owner", "unknown word deputy" },
		{ "{node: camp}", "{node: shop}", "owner", "a kind of node" },
		{ "keep: P1Y, at", "keep: P1Y, grace: P1D, at", "retention", "unknown word grace" },
		{ "filter: [state]", "filter: [state], sort: [note]", "list", "unknown word sort" },
		{ "section: Who", "section: Who, folded: true", "form", "unknown word folded" },
		{ "title: Row\n", "", "type", "title and plural are wanted" },
		{ "about: person", "about: anybody", "about", "unknown word" },
		{ "kind: text", "kind: essay", "note", "unknown kind" },
		{ "[y, ymd]", "[y, hour]", "born", "unknown precision" },
		{ "class: P, max", "max", "note", "needs a class" },
		{ "safeguards: [voluntary]", "safeguards: [trust_us]", "trust_us", "unknown safeguard" },
		{ "codes: child", "codes: no_such_list", "child", "unknown code list" },
		{ "amend: {CAMP_REG: [P], PROT_OFF: [needs]}", "amend: {CAMP_REG: P}", "CAMP_REG", "a list" },
	};
	ALL_REFUSED(ROW, "types/seat_row.yaml", CASES);
}

static void hooks_that_nothing_is_joined_to_are_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "label: Hold", "needs: [good_weather], label: Hold", "hold", "condition good_weather" },
		{ "label: Hold", "opens: fireworks, label: Hold", "hold", "effect fireworks" },
		{ "label: Hold", "opens: mother_or_birth_known, label: Hold", "hold", "effect mother_or_birth_known" },
		{ "rule: under_18_or_presumed", "rule: guess", "child", "rule guess" },
		{ "max: 20", "max: 20, check: spelling", "note", "check spelling" },
	};
	ALL_REFUSED(ROW, "types/seat_row.yaml", CASES);
}

static void a_record_that_never_ends_is_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "retention: {after: done, keep: P1Y, at_latest: created+P2Y, then: shred}\n", "", "retention", "is missing" },
		{ ", at_latest: created+P2Y", "", "retention", "at_latest is wanted" },
		{ "keep: P1Y, at_latest: created+P2Y", "keep: forever", "retention", "at_latest is wanted" },
		{ "created+P2Y", "someday", "retention", "at_latest: no moment" },
		{ "created+P2Y", "created+2 years", "retention", "at_latest: no moment" },
		{ "keep: P1Y", "keep: long", "retention", "keep" },
		{ "after: done", "after: gone", "retention", "no such state" },
		{ "then: shred", "then: nothing", "retention", "then" },
	};
	ALL_REFUSED(ROW, "types/seat_row.yaml", CASES);
}

static void what_may_not_be_said_about_people_is_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "max: 20", "max: 20, label: Tribe", "note", "sect, tribe" },
		{ "  note: ", "  risk_score: {kind: int, class: P}\n  note: ", "risk_score", "sect, tribe" },
		{ "max: 20", "max: 20, label: Sectarian background", "note", "sect, tribe" },
		{ "max: 20", "max: 20, label: Affiliations", "note", "sect, tribe" },
		{ "label: Hold", "label: Doubt her loyalty", "hold", "sect, tribe" },
		{ "title: Row", "title: At-risk row", "title", "sect, tribe" },
		{ "section: Who", "section: Tribal matters", "form", "sect, tribe" },
		{ "class: P, max", "class: O, max", "note", "no open field" },
		{ "{class: P, codes: child", "{class: O, falls_by: counts_only, codes: child", "child", "no open field" },
	};
	struct err err = { 0 };
	struct arena *mem = arena_new((size_t)1 << 20);
	ALL_REFUSED(ROW, "types/seat_row.yaml", CASES);
	/* words that only begin alike are no harm */
	assert_int_equal(judge(changed(mem, ROW, "max: 20", "max: 20, label: Tribunal of the sector"), "types/seat_row.yaml", &err), 0);
	arena_free(mem);
}

static void two_subjects_in_one_body_are_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "  note: ", "  others: {kind: ref, to: person, many: true, class: P}\n  note: ", "others", "several subjects" },
		{ "subject: person\n", "", "subject", "wanted" },
		{ "subject: person\n", "subject: note\n", "subject", "wanted" },
		{ "class: P, required: true}", "class: P}", "subject", "wanted" },
		{ "about: person\nsubject: person", "about: self", "person", "second subject" },
		{ "about: person\nsubject: person", "about: nobody\nsubject: person", "subject", "only a record about" },
	};
	static const struct refusal_case TWO[] = { { "about: person\nsubject: person", "about: nobody", "fields", "two subjects" } };
	struct arena *mem = arena_new((size_t)1 << 20);
	ALL_REFUSED(ROW, "types/seat_row.yaml", CASES);
	struct str two = changed(mem, ROW, "  note: ", "  other: {kind: ref, to: person, class: P}\n  note: ");
	ALL_REFUSED(two.p, "types/seat_row.yaml", TWO);
	arena_free(mem);
}

static void holes_in_the_walls_are_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "X: {PROT_OFF: own_caseload}", "X: {VET_OFF: own_caseload}", "VET_OFF", "side has not this class" },
		{ "X: {PROT_OFF: own_caseload}", "X: {LEGAL_AID: client}", "LEGAL_AID", "side has not this class" },
		{ "P: {CAMP_REG: own_unit", "P: {ADMIN: all, CAMP_REG: own_unit", "ADMIN", "side has not this class" },
		{ "P: {CAMP_REG: own_unit", "P: {CAMP_REG: all", "CAMP_REG", "scope all" },
		{ "P: {CAMP_REG: own_unit, PROT_OFF: own_caseload}", "P: everyone", "P", "everyone is for class O" },
		{ "CAMP_REG: own_unit", "CAMP_REG: nearby", "CAMP_REG", "unknown scope" },
		{ "CAMP_REG: own_unit", "NOBODY: own_unit", "NOBODY", "unknown role" },
		{ "  X: {PROT", "  Z: {PROT", "Z", "unknown class" },
		{ "create: [CAMP_REG]", "create: [NOBODY]", "create", "unknown role" },
		{ "amend: {CAMP_REG", "amend: {NOBODY", "NOBODY", "unknown role" },
		{ "amend: {CAMP_REG: [P]", "amend: {CAMP_REG: [X]", "CAMP_REG", "does not read the class" },
		{ "amend: {CAMP_REG: [P]", "amend: {CAMP_REG: [needs]", "CAMP_REG", "does not read the class" },
		{ "amend: {CAMP_REG: [P]", "amend: {CAMP_REG: [hat]", "hat", "no such field" },
		{ "max: 20", "max: 20, read: [NOBODY]", "note", "unknown role" },
		{ "max: 20", "max: 20, read: [CAMP_MGR]", "note", "no reader of its class" },
		{ "from: born", "from: needs", "child", "lower than its source" },
	};
	ALL_REFUSED(ROW, "types/seat_row.yaml", CASES);
}

static void life_cycles_with_dead_ends_are_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "held: {}", "held: {}, island: {}", "island", "no way leads" },
		{ "held: {}", "held: {}, a: {}, b: {}", "a", "no way leads" },
		{ "moves:\n", "moves:\n  round: {from: held2, to: open, by: []}\n", "round", "from an unknown state" },
		{ "to: held, by", "to: nowhere, by", "hold", "to an unknown state" },
		{ "{from: open, to: held", "{to: held", "hold", "begins in a state" },
		{ "moves:\n", "moves:\n  undo: {from: done, to: open, by: [CAMP_REG]}\n", "undo", "final state" },
		{ "held, by: [CAMP_REG]", "held, by: [NOBODY]", "hold", "unknown role" },
		{ "two_persons: PROT_OFF", "two_persons: NOBODY", "finish", "unknown role" },
		{ "states: {open: {}, held: {}, done: {final: true}}\n", "", "states", "needs states" },
	};
	/* two states that lead to each other, and nothing to them */
	static const struct refusal_case RING[] = { { "moves:\n", "moves:\n  x: {from: a, to: b, by: []}\n  y: {from: b, to: a, by: []}\n", "a", "no way leads" } };
	struct arena *mem = arena_new((size_t)1 << 20);
	ALL_REFUSED(ROW, "types/seat_row.yaml", CASES);
	struct str ring = changed(mem, ROW, "held: {}", "held: {}, a: {}, b: {}");
	ALL_REFUSED(ring.p, "types/seat_row.yaml", RING);
	arena_free(mem);
}

static void clocks_and_numbers_that_cannot_be_kept_are_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "label: Hold", "clock: true, label: Hold", "hold", "clock and after go together" },
		{ "label: Hold", "after: open+P1D, label: Hold", "hold", "clock and after go together" },
		{ "label: Hold", "clock: true, after: someday, label: Hold", "hold", "after: no moment" },
		{ "label: Hold", "clock: true, after: open+soon, label: Hold", "hold", "after: no moment" },
		{ "label: Finish", "clock: true, after: held+P1D, label: Finish", "finish", "people must agree" },
		{ "label: Hold", "own_word: true, clock: true, after: open+P1D, label: Hold", "hold", "people must agree" },
		{ "label: Hold", "due: soon, label: Hold", "hold", "a length or a moment" },
		{ "label: Hold", "due: P1D, clock: true, after: open+P1D, label: Hold", "hold", "never late" },
		{ "label: Hold", "due: [P1D], label: Hold", "hold", "wrong value for the word due" },
		{ "title: Row", "title: Row\nnumber: {pattern: x}", "number", "in braces is wanted" },
		{ "title: Row", "title: Row\nnumber: {pattern: \"{note}\"}", "note", "only open fields" },
		{ "title: Row", "title: Row\nnumber: {pattern: \"{hat}\"}", "hat", "no such field" },
		{ "title: Row", "title: Row\nnumber: {pattern: \"{seq\"}", "number", "braces" },
		{ "title: Row", "title: Row\nnumber: {pattern: \"{seq}\", unique: [note]}", "note", "an open field, or owner" },
		{ "title: Row", "title: Row\nnumber: {pattern: \"{seq}\", after: gone}", "number", "no such state" },
		{ "title: Row", "title: Row\nnumber: {pattern: \"{seq}\", colour: red}", "number", "unknown word colour" },
	};
	static const struct { const char *old, *new; } FINE[] = { { "label: Hold", "clock: true, after: open+P1D, label: Hold" }, { "label: Hold", "due: P14D, label: Hold" },
		{ "label: Hold", "due: born+P1D, label: Hold" }, { "title: Row", "title: Row\nnumber: {pattern: \"{node}/{year}-{seq}\", after: held, unique: [owner]}" } };
	struct arena *mem = arena_new((size_t)1 << 20);
	struct err err = { 0 };
	ALL_REFUSED(ROW, "types/seat_row.yaml", CASES);
	for (size_t i = 0; i < COUNT(FINE); i++)
		if (judge(changed(mem, ROW, FINE[i].old, FINE[i].new), "types/seat_row.yaml", &err) < 0)
			fail_msg("%s", err.log);
	arena_free(mem);
}

static void names_that_lead_nowhere_are_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "columns: [person", "columns: [hat", "hat", "list: no such field" },
		{ "filter: [state]", "filter: [hat]", "hat", "filter: no such field" },
		{ "fields: [person, note]", "fields: [person, hat]", "hat", "form: no such field" },
		{ "  note: ", "  hat: {kind: ref, to: no_such_type, class: P}\n  note: ", "hat", "unknown type" },
		{ "from: born", "from: hat", "child", "no such field" },
		{ "about: person\n", "about: person\nparent: {type: no_such_type, field: request}\n", "parent", "names no type" },
		{ "about: person\n", "about: person\nparent: {type: household, field: note}\n", "parent", "no field has" },
		{ "derived:\n  child", "derived:\n  note", "note", "two fields" },
	};
	ALL_REFUSED(ROW, "types/seat_row.yaml", CASES);
}

static void a_finding_without_proof_or_end_is_refused(void **state)
{
	(void)state;
	static const struct refusal_case CASES[] = {
		{ "  evidence: {kind: ref, to: evidence, class: S, required: true}\n", "", "evidence", "cites evidence" },
		{ "to: evidence, class: S, required: true", "to: evidence, class: S", "evidence", "cites evidence" },
		{ "to: evidence, class", "to: person, class", "evidence", "cites evidence" },
		{ "act_from: {kind: date, class: S, required: true}", "act_from: {kind: date, class: S}", "act_from", "dated acts" },
		{ "act_to: {kind: date", "act_to: {kind: text", "act_to", "dated acts" },
		{ "  expires: {kind: date, class: S, required: true}\n", "", "expires", "expires" },
		{ "  appeal: {from: made, to: appealed, by: [LEGAL_AID]}", "  send: {from: made, to: appealed, by: [LEGAL_AID]}", "appeal", "can be appealed" },
		{ "by: [LEGAL_AID]", "by: []", "appeal", "can be appealed" },
		{ "about: person", "about: household", "person", "no class S on a household" },
	};
	ALL_REFUSED(FINDING, "types/ruling.yaml", CASES);
}

/* Whatever a type would give it, no role gets a class that its side does not have. */
static void no_role_reads_a_class_outside_its_side(void **state)
{
	(void)state;
	static const struct { const char *role, *classes; } SIDES_OF[] = { { "CAMP_REG", "OPX" }, { "PROT_OFF", "OPX" }, { "VET_OFF", "OPS" }, { "LEGAL_AID", "OPJ" },
		{ "STATS", "OP" }, { "DPO", "O" }, { "OVERSIGHT", "O" }, { "ADMIN", "" } };
	struct bench b = bench_new();
	types_of(&b);
	for (size_t i = 0; i < b.policy.nroles; i++) {
		const struct role *r = &b.policy.roles[i];
		for (enum data_class c = CLASS_O; c < CLASSES; c++) {
			struct reader_rule rule = { r->name, SCOPE_ALL };
			struct readers readers[CLASSES] = { 0 };
			struct actor actor = { .role = r->name };
			struct policy_answer a;
			readers[c] = (struct readers){ &rule, 1, true };
			policy_decide(&b.policy, &(struct policy_ask){ .actor = &actor, .readers = readers, .in_scope = ~0u, .wanted = ~0u }, &a);
			unsigned given = r->classes & CLASS_BIT(c);      /* who reads a class reads what is open too */
			assert_true(a.classes == (given ? given | (r->classes & CLASS_BIT(CLASS_O)) : 0));
			assert_true(a.classes || a.refused.n);
			for (size_t t = 0; t < b.types.n; t++)
				for (size_t k = 0; k < b.types.at[t].readers[c].n; k++)
					assert_false(str_eq(b.types.at[t].readers[c].rules[k].role, r->name) && !(r->classes & CLASS_BIT(c)));
		}
		assert_true(!(r->classes & CLASS_BIT(CLASS_X)) + !(r->classes & CLASS_BIT(CLASS_S)) + !(r->classes & CLASS_BIT(CLASS_J)) >= 2);
	}
	for (size_t i = 0; i < COUNT(SIDES_OF); i++)
		for (enum data_class c = CLASS_O; c < CLASSES; c++)
			assert_int_equal(!!(policy_role(&b.policy, str_of(SIDES_OF[i].role))->classes & CLASS_BIT(c)), strchr(SIDES_OF[i].classes, class_letter(c)) != NULL);
	arena_free(b.mem);
}

static void roles_of_two_sides_do_not_fit_one_account(void **state)
{
	(void)state;
	static const struct { struct str roles[2]; bool fit; } CASES[] = {
		{ { { "CAMP_REG", 8 }, { "CAMP_MGR", 8 } }, true }, { { { "VET_OFF", 7 }, { "VET_SUP", 7 } }, true },
		{ { { "CAMP_REG", 8 }, { "VET_OFF", 7 } }, false }, { { { "VET_OFF", 7 }, { "LEGAL_AID", 9 } }, false }, { { { "PROT_OFF", 8 }, { "LEGAL_AID", 9 } }, false },
		{ { { "PROT_OFF", 8 }, { "CAMP_REG", 8 } }, false }, { { { "CAMP_REG", 8 }, { "PROT_OFF", 8 } }, false },      /* not_with, from either */
		{ { { "DPO", 3 }, { "ADMIN", 5 } }, false }, { { { "STATS", 5 }, { "ADMIN", 5 } }, false }, { { { "STATS", 5 }, { "OVERSIGHT", 9 } }, false },
		{ { { "CAMP_REG", 8 }, { "NOBODY", 6 } }, false },
	};
	struct bench b = bench_new();
	for (size_t i = 0; i < COUNT(CASES); i++) {
		struct err err = { 0 };
		if ((policy_roles_fit(&b.policy, CASES[i].roles, 2, &err) == 0) != CASES[i].fit)
			fail_msg("%s and %s", CASES[i].roles[0].p, CASES[i].roles[1].p);
		assert_int_equal(err.code != ERR_NONE, !CASES[i].fit);
	}
	arena_free(b.mem);
}

/* ---- types/VOCABULARY.md ---- */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_samples_of_this_test_pass), cmocka_unit_test(the_shipped_types_pass),
		cmocka_unit_test(unknown_words_and_wrong_values_are_refused), cmocka_unit_test(hooks_that_nothing_is_joined_to_are_refused),
		cmocka_unit_test(a_record_that_never_ends_is_refused), cmocka_unit_test(what_may_not_be_said_about_people_is_refused),
		cmocka_unit_test(two_subjects_in_one_body_are_refused), cmocka_unit_test(holes_in_the_walls_are_refused),
		cmocka_unit_test(life_cycles_with_dead_ends_are_refused), cmocka_unit_test(clocks_and_numbers_that_cannot_be_kept_are_refused), cmocka_unit_test(names_that_lead_nowhere_are_refused),
		cmocka_unit_test(a_finding_without_proof_or_end_is_refused), cmocka_unit_test(no_role_reads_a_class_outside_its_side),
		cmocka_unit_test(roles_of_two_sides_do_not_fit_one_account),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
