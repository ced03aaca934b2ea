/* A property over random families (DOMAIN 2): nobody's journey waits for a relative's. For hundreds of invented families with random wishes, papers, answers and mornings:
   whether an adult's row is approved, frozen and boarded follows from what is known about herself alone; a child goes with the guardian or not at all; no vehicle holds
   more people than seats. Through the functions that the pages call, on one node that owns everything. */
#include "cmd/cmd.h"
#include "journey/journey.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define ADULTS_MAX 4
#define PEOPLE_MAX 9
#define LEGS_MAX 4
#ifdef SANITIZED
#define FAMILIES 25
#else
#define FAMILIES 150
#endif

struct someone { bool child; size_t guardian; int wish /* 0 wants, 1 declines, 2 undecided, 3 never heard */; bool fit, vetted, comes; struct id id, row; };
struct world { struct someone at[PEOPLE_MAX + 1]; size_t n, nlegs; int64_t capacity[LEGS_MAX]; struct id list, convoy, legs[LEGS_MAX]; };
enum fate { FATE_LISTED, FATE_APPROVED, FATE_BOARDED, FATE_NOT_COME, FATE_OTHER };

static struct arena *mem;
static char folder[64];
static struct house house;
static struct hooks hooks;
static uint64_t seed;

static size_t roll(size_t n)
{
	seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
	return (size_t)(seed >> 11) % n;
}

#define DO(call) do { if ((call) < 0) return err_add(err, "%s", #call); } while (0)

static const struct type *type_named(const struct work *w, const char *name)
{
	return type_find(w->node->types, str_of(name));
}

static const struct grant *open_rows(struct work *w, const char *type, struct id parent, struct err *err)
{
	struct id *ids;
	size_t n;
	return record_rows(w, type, parent, &ids, &n, err) < 0 ? NULL : record_open_inside(w, type_named(w, type), ids, n, err);
}

static bool is_about(const struct grant *g, size_t i, struct id person)
{
	return id_eq(grant_record(g, i)->subject, person);
}

static bool state_is(const struct grant *g, size_t i, const char *state)
{
	return str_is(grant_record(g, i)->state, state);
}

static struct str text_of(struct work *w, struct id id)
{
	return id_text(w->mem, id);
}

static int make(struct work *w, const char *type, struct id parent, json_t *fields, struct id *out, struct err *err)
{
	struct draft d = { .type = type_named(w, type), .parent = parent, .unit = STR("camp"), .by_program = true, .fields = json_keep(w->mem, fields) };
	return record_create(w, &d, out, err);
}

/* The last one is a woman of another family about whom everything is fine: there is always a list to submit. */
static struct world invent(void)
{
	struct world x = { .n = 1 + roll(roll(2) ? 2 : ADULTS_MAX) };      /* often one adult with many children: then a guardian is often a child */
	size_t adults = x.n;
	x.n += roll(PEOPLE_MAX - adults);
	for (size_t i = 0; i < x.n; i++)
		x.at[i] = (struct someone){ .child = i >= adults, .guardian = i >= adults ? roll(i) /* a child may be the guardian of another */ : i, .wish = roll(3) ? 0 : (int)roll(4), .fit = roll(4) > 0, .vetted = roll(4) > 0,
			.comes = roll(4) > 0 };
	x.at[x.n++] = (struct someone){ .guardian = x.n, .fit = true, .vetted = true, .comes = true };
	x.nlegs = 1 + roll(LEGS_MAX);
	for (size_t i = 0; i < x.nlegs; i++)
		x.capacity[i] = 1 + (int64_t)roll(8);
	return x;
}

static bool in_charge(const struct world *x, size_t i)
{
	for (size_t k = 0; k < x->n; k++)
		if (k != i && x->at[k].guardian == i)
			return true;
	return false;
}

static int make_people(struct work *w, struct world *x, struct err *err)
{
	static const char *const WISH[] = { "wants", "declines", "undecided" };
	struct id none = { { 0 } }, family[2], ignored;
	for (size_t i = 0; i < x->n; i++) {
		struct someone *p = &x->at[i];
		DO(make(w, "person", none, json_pack("{s:s, s:s, s:s}", "name", "Invented Person", "sex", "2", "birth", p->child ? "2019" : "1985"), &p->id, err));
		if (p->wish < 3 && (!p->child || in_charge(x, i)))
			DO(make(w, "consent", none, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "person", text_of(w, p->id).p, "wish", WISH[p->wish], "given_by", p->child ? "guardian" : "self", "heard_alone", "yes",
			    "how", "signed", "informed", 1), &ignored, err));
	}
	for (size_t f = 0; f < 2; f++)
		DO(make(w, "household", none, json_pack("{s:s}", "head", text_of(w, x->at[f ? x->n - 1 : 0].id).p), &family[f], err));
	for (size_t i = 0; i < x->n; i++) {
		const struct someone *p = &x->at[i];
		json_t *m = json_pack("{s:s, s:s}", "person", text_of(w, p->id).p, "role", i && i + 1 < x->n ? "member" : "head");
		if (p->child)
			json_object_set_new(m, "guardian", json_string(text_of(w, x->at[p->guardian].id).p));
		DO(make(w, "household_member", family[i + 1 == x->n], m, &ignored, err));
	}
	DO(make(w, "nominal_list", none, json_pack("{s:s}", "origin", "SY0802"), &x->list, err));
	size_t added;
	DO(list_add(w, x->list, family, 2, &added, err));
	return added == x->n ? 0 : err_set(err, ERR_FAULT, "%zu rows for %zu people", added, x->n);
}

static int to_frozen(struct work *w, struct world *x, struct err *err)
{
	struct id *rows;
	size_t n;
	DO(record_rows(w, "nominal_list_row", x->list, &rows, &n, err));
	const struct grant *g = open_rows(w, "nominal_list_row", x->list, err);
	for (size_t r = 0; g && r < n; r++)
		for (size_t i = 0; i < x->n; i++)
			if (is_about(g, r, x->at[i].id))
				x->at[i].row = grant_record(g, r)->id;
	for (size_t i = 0; i < x->n; i++)
		DO(record_set_inside(w, x->at[i].row, json_keep(w->mem, json_pack("{s:s}", "fit", x->at[i].fit ? "yes" : "no")), err));
	DO(record_move_inside(w, x->list, "submit", err));
	for (size_t i = 0; i < x->n; i++)
		DO(record_set_inside(w, x->at[i].row, json_keep(w->mem, json_pack("{s:b}", "vetting_ready", (int)(x->at[i].vetted && !x->at[i].child))), err));
	DO(record_move_inside(w, x->list, "approve", err));
	DO(make(w, "convoy", (struct id){ { 0 } }, json_pack("{s:s, s:[s,s], s:s, s:s}", "title", "Convoy", "route", "SY0802", "IQ1507", "lead", "Lead", "depart_plan", "2026-11-25T05:00"),
	    &x->convoy, err));
	for (size_t i = 0; i < x->nlegs; i++)
		DO(make(w, "vehicle_leg", x->convoy, json_pack("{s:s, s:I, s:s, s:s}", "plate", str_fmt(w->mem, "P%zu", i).p, "capacity", (json_int_t)x->capacity[i], "from_place", "SY0802",
		    "to_place", "IQ1507"), &x->legs[i], err));
	DO(record_set_inside(w, x->list, json_keep(w->mem, json_pack("{s:s}", "convoy", text_of(w, x->convoy).p)), err));
	return record_move_inside(w, x->list, "freeze", err);
}

static enum fate fate_of(struct work *w, const struct someone *p)
{
	static const char *const WORDS[] = { "listed", "approved", "boarded", "not_come" };
	struct record r;
	struct err err = { 0 };
	assert_int_equal(record_head(w, p->row, &r, &err), 0);
	for (size_t i = 0; i < COUNT(WORDS); i++)
		if (str_is(r.state, WORDS[i]))
			return (enum fate)i;
	return FATE_OTHER;
}

/* What must hold, from what is known about the person herself; for a child also her guardian. */
static bool may_go(const struct world *x, size_t i)
{
	const struct someone *p = &x->at[i], *g = &x->at[p->guardian];
	bool self = p->fit && g->wish == 0 && (p->child || p->vetted);
	return p->child ? self && may_go(x, p->guardian) : self;
}

static size_t leg_of(struct work *w, const struct world *x, struct id person, struct id *seat)
{
	for (size_t l = 0; l < x->nlegs; l++) {
		struct err err = { 0 };
		const struct grant *g = open_rows(w, "leg_seat", x->legs[l], &err);
		for (size_t i = 0; g && i < grant_count(g); i++)
			if (!state_is(g, i, "unseated") && is_about(g, i, person)) {
				*seat = grant_record(g, i)->id;
				return l;
			}
	}
	return LEGS_MAX;
}

/* Seats that count, in each vehicle; everybody who may go has one; a child sits with the guardian; a family together where a vehicle took all of it. */
static void check_seats(struct work *w, const struct world *x)
{
	int64_t taken[LEGS_MAX] = { 0 };
	size_t family[LEGS_MAX] = { 0 }, going = 0;
	struct id seat;
	for (size_t i = 0; i < x->n; i++) {
		size_t l = leg_of(w, x, x->at[i].id, &seat);
		assert_true((l < LEGS_MAX) == may_go(x, i));
		if (l == LEGS_MAX)
			continue;
		taken[l]++;
		family[l] += i + 1 < x->n;
		going += i + 1 < x->n;
		if (x->at[i].child)
			assert_int_equal(l, leg_of(w, x, x->at[x->at[i].guardian].id, &seat));
	}
	size_t together = 0, could = 0;
	for (size_t l = 0; l < x->nlegs; l++) {
		assert_true(taken[l] <= x->capacity[l]);
		together += family[l] == going;
		could += x->capacity[l] >= (int64_t)going;
	}
	assert_true(together > 0 || could == 0);      /* the larger family sits first */
}

static void check_refusal(struct work *w, const struct world *x)
{
	struct id seat;
	int64_t going = 0, seats = 0, largest = 0, family = 0;
	for (size_t i = 0; i < x->n; i++) {
		going += may_go(x, i);
		family += may_go(x, i) && i + 1 < x->n;
		assert_int_equal(leg_of(w, x, x->at[i].id, &seat), LEGS_MAX);      /* nothing half done */
	}
	for (size_t l = 0; l < x->nlegs; l++) {
		seats += x->capacity[l];
		largest = x->capacity[l] > largest ? x->capacity[l] : largest;
	}
	/* one vehicle that takes everybody, or one for the family and another for the woman: then it must not be refused */
	assert_true(largest < going && !(largest >= family && seats > largest));
}

/* In the morning each comes or does not; a child is marked as the guardian is. */
static bool boards(const struct world *x, size_t i)
{
	return may_go(x, i) && x->at[i].comes && (!x->at[i].child || boards(x, x->at[i].guardian));
}

static int morning(struct work *w, const struct world *x, struct err *err)
{
	for (size_t l = 0; l < x->nlegs; l++) {
		struct id seats[PEOPLE_MAX + 1];
		enum mark marks[PEOPLE_MAX + 1];
		size_t n = 0;
		for (size_t i = 0; i < x->n; i++)
			if (leg_of(w, x, x->at[i].id, &seats[n]) == l)
				marks[n++] = boards(x, i) ? MARK_BOARD : MARK_MISS;
		if (n)
			DO(seats_mark(w, x->legs[l], seats, marks, n, (struct str){ 0 }, err));
	}
	return 0;
}

/* A child whose guardian does not come is not taken aboard, whoever marks it. */
static void check_child_alone(struct work *w, const struct world *x)
{
	for (size_t i = 0; i < x->n; i++) {
		struct id seats[2];
		enum mark marks[2] = { MARK_MISS, MARK_BOARD };
		struct err err = { 0 };
		if (!x->at[i].child || !may_go(x, i))
			continue;
		size_t l = leg_of(w, x, x->at[x->at[i].guardian].id, &seats[0]);
		leg_of(w, x, x->at[i].id, &seats[1]);
		assert_int_equal(tx_savepoint(w->tx, &err), 0);
		assert_int_equal(seats_mark(w, x->legs[l], seats, marks, 2, (struct str){ 0 }, &err), -1);
		assert_int_equal(err.code, ERR_SAFEGUARD);
		tx_back(w->tx, NULL);
	}
}

static int play(struct work *w, struct world *x, struct err *err)
{
	w->actor.role = STR("CAMP_REG");
	DO(make_people(w, x, err));
	DO(to_frozen(w, x, err));
	for (size_t i = 0; i < x->n; i++)
		assert_int_equal(fate_of(w, &x->at[i]), may_go(x, i) ? FATE_APPROVED : FATE_LISTED);
	w->actor.role = STR("CONVOY_LEAD");
	w->purpose = STR("transfer");
	w->basis = STR("agreement");
	struct ledger_mark mark = ledger_mark(house.ledger);
	DO(tx_savepoint(w->tx, err));
	if (seats_plan(w, x->convoy, err) < 0) {
		tx_back(w->tx, NULL);
		ledger_back(house.ledger, &mark);
		if (err->code != ERR_SAFEGUARD)
			return -1;
		*err = (struct err){ 0 };
		check_refusal(w, x);
		return 0;
	}
	DO(tx_release(w->tx, err));
	check_seats(w, x);
	check_child_alone(w, x);
	DO(morning(w, x, err));
	for (size_t i = 0; i < x->n; i++)
		assert_int_equal(fate_of(w, &x->at[i]), !may_go(x, i) ? FATE_LISTED : boards(x, i) ? FATE_BOARDED : FATE_NOT_COME);
	return 0;
}

static struct str inside(struct work *w, const char *type, struct id id, const char *field)
{
	struct err err = { 0 };
	const struct grant *g = record_open_inside(w, type_named(w, type), &id, 1, &err);
	const json_t *v = g ? record_value_inside(g, 0, field) : NULL;
	return json_is_integer(v) ? str_fmt(w->mem, "%lld", (long long)json_integer_value(v)) : json_is_string(v) ? str_of(json_string_value(v)) : (struct str){ 0 };
}

/* Her answer came after the list was frozen: a numbered amendment brings her onto it, and only then. */
static int amended(struct work *w, struct world *x, struct err *err)
{
	struct someone *late = &x->at[0], *there = &x->at[x->n - 1];
	struct err why = { 0 };
	w->actor.role = STR("CAMP_REG");
	DO(make_people(w, x, err));
	DO(to_frozen(w, x, err));
	struct str before = str_dup(w->mem, inside(w, "nominal_list", x->list, "digest"));
	assert_int_equal(record_move_inside(w, late->row, "amend_in", &why), -1);
	assert_int_equal(why.code, ERR_SAFEGUARD);                        /* not ready */
	DO(record_set_inside(w, late->row, json_keep(w->mem, json_pack("{s:b}", "vetting_ready", 1)), err));
	DO(record_move_inside(w, late->row, "amend_in", err));
	assert_int_equal(fate_of(w, late), FATE_APPROVED);
	assert_true(str_is(inside(w, "nominal_list_row", late->row, "amendment"), "1"));
	assert_int_equal(fate_of(w, there), FATE_APPROVED);
	assert_true(!inside(w, "nominal_list_row", there->row, "amendment").n);
	assert_false(str_eq(before, inside(w, "nominal_list", x->list, "digest")));
	struct id *tasks;
	size_t n;
	DO(record_referring(w, "task", "person", late->id, &tasks, &n, err));
	assert_int_equal(n, 1);
	assert_true(str_is(inside(w, "task", tasks[0], "reason"), "review_amendment"));
	return 0;
}

/* In a transaction that never ends: each family is alone in the world. */
static void in_a_world_of_their_own(struct world *x, int (*story)(struct work *, struct world *, struct err *))
{
	struct err err = { 0 };
	struct effects effects = { 0 };
	struct work w = { .node = &house.node, .tx = house.tx, .mem = arena_new((size_t)256 << 20), .now_ms = source_now_ms(house.node.source), .effects = &effects,
		.purpose = STR("registration"), .basis = STR("mandate") };
	w.actor = (struct actor){ .account = { { 7 } }, .unit = STR("camp"), .node = house.node.name };
	struct ledger_mark mark = ledger_mark(house.ledger);
	assert_int_equal(tx_begin(house.tx, &err), 0);
	if (story(&w, x, &err) < 0)
		fail_msg("%s", err.log);
	tx_rollback(house.tx);
	ledger_back(house.ledger, &mark);
	arena_free(w.mem);
}

static void play_alone(struct world *x)
{
	in_a_world_of_their_own(x, play);
}

static void who_is_ready_late_comes_by_a_numbered_amendment(void **state)
{
	(void)state;
	seed = 1234567u;
	struct world x = invent();
	x.at[0] = (struct someone){ .fit = true, .comes = true };      /* wants; the vetting office has not answered */
	in_a_world_of_their_own(&x, amended);
}

static void every_adult_goes_by_what_is_known_about_herself(void **state)
{
	(void)state;
	seed = 2463534242u;
	for (int i = 0; i < FAMILIES; i++) {
		struct world x = invent();
		play_alone(&x);
	}
}

/* The same adult in many families: whatever is changed, added or taken away around her. */
static void nothing_about_relatives_changes_an_adults_journey(void **state)
{
	(void)state;
	seed = 88172645463325252u;
	for (int i = 0; i < FAMILIES / 6; i++) {
		struct someone she = { .fit = roll(2), .vetted = roll(2), .comes = roll(2), .wish = (int)roll(2) };
		for (int around = 0; around < 6; around++) {
			struct world x = invent();
			x.at[0] = she;
			x.capacity[0] = 2 * PEOPLE_MAX;
			play_alone(&x);
		}
	}
}

static int setup(void **state)
{
	(void)state;
	struct err err = { 0 };
	mem = arena_new((size_t)1 << 28);
	snprintf(folder, sizeof folder, "%s", "/tmp/property_test.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	struct str dir = str_fmt(mem, "%s/n", folder);
	struct settings s = { .dir = dir, .name = STR("momd.iq"), .kind = STR("ministry"), .title = STR("Test office"), .unlock = str_fmt(mem, "%s/unlock", folder), .port = 29090,
		.ceiling = 10000000 };
	if (node_init(mem, &s, &err) < 0 || house_take(mem, dir, &house, &err) < 0)
		fail_msg("%s", err.log);
	hooks = JOINED_HOOKS;
	hooks.line = (struct line){ 0 };
	house.node.hooks = &hooks;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_close(&house);
	int pid = fork();
	if (pid == 0)
		_exit(execlp("rm", "rm", "-rf", folder, (char *)NULL));
	waitpid(pid, NULL, 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_is_ready_late_comes_by_a_numbered_amendment), cmocka_unit_test(every_adult_goes_by_what_is_known_about_herself), cmocka_unit_test(nothing_about_relatives_changes_an_adults_journey) };
	return cmocka_run_group_tests(tests, setup, teardown);
}
