/* Copies, proposals, handover and erasure between two nodes in one process: what a partner may do with a message, and what no message does. The conditions and effects of
   the declarations hold here always: what is attacked is the owner's side and the holder's. */
#include "record/back.h"
#include "record/effects.h"
#include "record/record_i.h"
#include "record/rotate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define WIRE_MAX 32
static const struct migrations *const SETS[] = { &LEDGER_MIGRATIONS, &RECORD_MIGRATIONS };
static const struct wrapped_keys *const WRAPPED[] = { RECORD_WRAPPED, NULL };
struct wire { struct str from, to, kind; json_t *body; };
struct bench { struct store *store; struct node node; struct effects effects; };
static struct arena *mem;
static struct policy policy;
static struct types types;
static struct bench camp, ministry;
static struct wire wire[WIRE_MAX];
static size_t nwire;
static bool ground;

static int kept(void *arg, struct bytes sealed)
{
	(void)arg;
	return sealed.n ? 0 : -1;
}

static int send(struct work *w, const struct line_note *n, struct err *err)
{
	(void)err;
	assert_true(nwire < WIRE_MAX);
	/* as bytes: the other side shares nothing with us */
	struct str text = str_dup(mem, json_write(w->mem, n->body));
	wire[nwire++] = (struct wire){ w->node->name, str_dup(mem, n->to), str_of(n->kind), json_read(mem, text, NULL) };
	return 0;
}

static int of_kind(struct work *w, struct str kind, struct str *name, struct err *err)
{
	(void)err;
	*name = str_is(kind, "camp") ? STR("camp.sy") : str_is(kind, "ministry") ? STR("momd.iq") : (struct str){ 0 };
	return name->n && !str_eq(*name, w->node->name);
}

static int kind_of(struct work *w, struct str node, struct str *kind, struct err *err)
{
	(void)w, (void)err;
	*kind = str_is(node, "camp.sy") ? STR("camp") : str_is(node, "momd.iq") ? STR("ministry") : str_is(node, "centre.iq") ? STR("centre") :
	    str_is(node, "vetting.iq") ? STR("vetting") : (struct str){ 0 };
	return kind->n > 0;
}

static bool was_recalled;
static bool recalled(struct work *w, struct str node, struct id record)
{
	(void)w, (void)node, (void)record;
	return was_recalled;
}

static bool allows(struct work *w, struct str node, struct str purpose, struct str type, struct str field)
{
	(void)w, (void)node, (void)purpose, (void)type;
	return ground && !str_is(field, "phone");            /* one field that no agreement names */
}

static int holds(struct work *w, const struct record *r, struct err *err)
{
	(void)w, (void)r, (void)err;
	return 0;
}
static const struct hook_condition CONDITIONS[] = { { "mother_or_birth_known", holds }, { "has_rows", holds }, { "informed", holds }, { "list_frozen", holds } };
static const struct hook_effect EFFECTS[] = { { "task_hear", holds }, { "person_index", holds }, { "prepare_list", holds }, { "approve_ready_rows", holds }, { "card_index", holds } };
static const struct hooks HOOKS = { .line = { send, of_kind, allows, kind_of, .recalled = recalled }, .conditions = CONDITIONS, .nconditions = COUNT(CONDITIONS), .effects = EFFECTS, .neffects = COUNT(EFFECTS) };

static void bench_make(struct bench *b, const char *name, const char *kind)
{
	static const struct seal_lock lock = { .passes = 1, .mib = 8 };
	struct err err = { 0 };
	struct keys_start start = { .blob = keys_blob_new(mem, source_system()), .counters_fd = -1, .ceiling = 1000000, .lock = &lock, .vault = { kept, NULL } };
	*b = (struct bench){ 0 };
	assert_int_equal(store_open(mem, ":memory:", &b->store, &err), 0);
	assert_int_equal(store_migrate(b->store, SETS, COUNT(SETS), &err), 0);
	b->node = (struct node){ .name = str_of(name), .kind = str_of(kind), .keys = keys_local(mem, &start, &err), .source = source_system(), .hooks = &HOOKS, .wrapped = WRAPPED,
		.types = &types, .policy = &policy };
	assert_non_null(b->node.keys);
	assert_int_equal(ledger_open(mem, store_tx(b->store), b->node.keys, source_system(), b->node.name, &b->node.ledger, &err), 0);
}

static int setup(void **state)
{
	(void)state;
	struct err err = { 0 };
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	mem = arena_new((size_t)1 << 30);
	nwire = 0;
	ground = true;
	was_recalled = false;
	assert_int_equal(policy_load(mem, bytes_str(bytes_of(roles->data, roles->n)), &policy, &err), 0);
	assert_int_equal(types_load(mem, &policy, &types, &err), 0);
	bench_make(&camp, "camp.sy", "camp");
	bench_make(&ministry, "momd.iq", "ministry");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_close(camp.store);
	store_close(ministry.store);
	arena_free(mem);
	return 0;
}

static struct work at(struct bench *b, const char *role, const char *unit)
{
	struct work w = { .node = &b->node, .tx = store_tx(b->store), .mem = mem, .now_ms = source_now_ms(source_system()), .effects = &b->effects };
	bool migration = str_starts(str_of(role), STR("MIG")) || str_is(str_of(role), "CAMP_MGR");
	w.purpose = migration ? STR("transfer") : STR("registration");
	w.basis = migration ? STR("agreement") : STR("mandate");
	w.actor = (struct actor){ .account = id_new(source_system()), .role = str_of(role), .unit = str_of(unit), .node = b->node.name };
	return w;
}

static struct work camp_registrar(void)
{
	return at(&camp, "CAMP_REG", "camp");
}

/* What waits goes into a message. */
static void pack(struct bench *b)
{
	struct err err = { 0 };
	struct work w = at(b, "", "");
	if (record_pack(&w, &err) < 0)
		fail_msg("%s", err.log);
}

/* One message, as exchange would hand it over: 0 applied, 1 held, -1 refused; a refusal leaves nothing. */
static int take(struct bench *b, const struct wire *m)
{
	struct err err = { 0 };
	struct work w = { .node = &b->node, .tx = store_tx(b->store), .mem = mem, .now_ms = source_now_ms(source_system()), .effects = &b->effects, .partner = m->from,
		.purpose = STR("transfer"), .basis = STR("agreement") };
	struct ledger_mark mark = ledger_mark(b->node.ledger);
	bool held = false;
	assert_int_equal(tx_savepoint(w.tx, &err), 0);
	json_t *offered = json_object_get(m->body, "held"), *wanted = json_object_get(m->body, "return");
	int rc = offered ? back_offered(&w, m->from, offered, &err) : wanted ? back_asked(&w, m->from, wanted, &err) :
	    json_is_true(json_object_get(m->body, "returned")) ? back_taken(&w, m->from, m->body, &held, &err) : str_is(m->kind, "propose") ? proposal_receive(&w, m->from, m->body, &held, &err) :
	    str_is(m->kind, "decide") ? proposal_decided(&w, m->from, m->body, &err) :
	    str_is(m->kind, "erase") ? record_erase_copies(&w, m->from, m->body, &err) : record_receive(&w, m->from, m->body, str_is(m->kind, "handover"), &held, &err);
	if (rc < 0 || held) {
		tx_back(w.tx, NULL);
		ledger_back(b->node.ledger, &mark);
	} else {
		assert_int_equal(tx_release(w.tx, &err), 0);
	}
	if (rc < 0 && err.code != ERR_FORBIDDEN && err.code != ERR_FORMAT)
		fail_msg("a fault where a refusal was due: %s", err.log);
	return rc < 0 ? -1 : held;
}

/* Everything that waits, packed and delivered until nothing is left. */
static void settle(void)
{
	for (int turn = 0; turn < 8; turn++) {
		size_t from = nwire;
		pack(&camp);
		pack(&ministry);
		for (size_t i = from; i < nwire; i++)
			assert_int_equal(take(str_is(wire[i].to, "camp.sy") ? &camp : &ministry, &wire[i]), 0);
	}
}

static struct id make(struct work *w, const char *type, struct id parent, json_t *fields)
{
	struct id id;
	struct err err = { 0 };
	struct draft d = { .type = type_find(&types, str_of(type)), .parent = parent, .fields = json_keep(mem, fields), .unit = STR("camp"), .by_program = true };
	if (record_create(w, &d, &id, &err) < 0)
		fail_msg("%s: %s", type, err.log);
	return id;
}

static struct id person(struct work *w, const char *name)
{
	return make(w, "person", (struct id){ { 0 } }, json_pack("{s:s, s:s, s:s}", "name", name, "sex", "2", "birth", "1990"));
}

static void change(struct work *w, struct id id, const char *field, const char *value)
{
	struct err err = { 0 };
	if (record_set_inside(w, id, json_keep(mem, json_pack("{s:s}", field, value)), &err) < 0)
		fail_msg("%s", err.log);
}

static void share(struct work *w, struct id id)
{
	struct err err = { 0 };
	if (record_share(w, &id, 1, STR("momd.iq"), &err) < 0)
		fail_msg("%s", err.log);
}

static struct record head(struct bench *b, struct id id)
{
	struct work w = at(b, "", "");
	struct record r = { 0 };
	record_head(&w, id, &r, NULL);
	return r;
}

static struct str value(struct bench *b, struct id id, const char *field)
{
	struct work w = at(b, "", "");
	struct err err = { 0 };
	struct record r = head(b, id);
	const struct grant *g = r.type ? record_open_inside(&w, r.type, &id, 1, &err) : NULL;
	return g ? record_text(g, 0, field) : (struct str){ 0 };
}

/* All that a reader could notice of a record. */
static struct str looks(struct bench *b, struct id id)
{
	struct work w = at(b, "", "");
	struct err err = { 0 };
	struct record r = head(b, id);
	struct str digest = { 0 };
	if (!r.type)
		return STR("not here");
	struct buf out = buf_new(mem, 8192);
	assert_int_equal(version_digest(&w, id, r.version, &digest, &err), 0);
	buf_fmt(&out, S_FMT " " S_FMT " %lld " S_FMT, S_ARG(r.owner), S_ARG(r.state), (long long)r.version, S_ARG(hex(mem, str_bytes(digest))));
	const struct grant *g = record_open_inside(&w, r.type, &id, 1, &err);
	assert_non_null(g);
	for (size_t i = 0; i < r.type->nfields; i++) {
		json_t *v = record_value_inside(g, 0, str_z(mem, r.type->fields[i].name));
		if (v)
			buf_fmt(&out, " " S_FMT "=" S_FMT, S_ARG(r.type->fields[i].name), S_ARG(json_write_sorted(mem, json_keep(mem, json_pack("[O]", v)))));
	}
	return buf_text(&out);
}

/* ---- copies ---- */

static void a_copy_has_the_fields_that_the_agreement_names(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person");
	change(&w, p, "phone", "+9647700000000");
	share(&w, p);
	settle();
	assert_true(str_is(value(&ministry, p, "name"), "Invented Person"));
	assert_false(value(&ministry, p, "phone").n);
	assert_true(str_is(head(&ministry, p).owner, "camp.sy"));
}

static void nothing_is_shared_without_ground(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct err err = { 0 };
	struct id p = person(&w, "Invented Person");
	ground = false;
	assert_int_equal(record_share(&w, &p, 1, STR("momd.iq"), &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	assert_true(str_is(w.refusal.reason, "no_agreement"));
	pack(&camp);
	assert_int_equal(nwire, 0);
}

/* The messages of a family's life, one for each change: two people, a family with rows, moves and amendments. */
#define RECORDS 5
static struct id story_of_a_family(struct id *all)
{
	struct work w = camp_registrar();
	struct err err = { 0 };
	all[0] = person(&w, "Invented Mother");
	all[1] = person(&w, "Invented Child");
	share(&w, all[0]);
	pack(&camp);
	share(&w, all[1]);
	pack(&camp);
	assert_int_equal(record_move_inside(&w, all[0], "register", &err), 0);         /* a move without content */
	pack(&camp);
	all[2] = make(&w, "household", (struct id){ { 0 } }, json_pack("{s:s, s:s}", "head", id_text(mem, all[0]).p, "shelter", "C-12"));
	all[3] = make(&w, "household_member", all[2], json_pack("{s:s, s:s}", "person", id_text(mem, all[0]).p, "role", "head"));
	all[4] = make(&w, "household_member", all[2], json_pack("{s:s, s:s, s:s}", "person", id_text(mem, all[1]).p, "role", "member", "guardian", id_text(mem, all[0]).p));
	for (size_t i = 2; i < RECORDS; i++)
		share(&w, all[i]);
	pack(&camp);
	change(&w, all[0], "birth_place", "IQG15");
	pack(&camp);
	change(&w, all[2], "shelter", "D-7");
	pack(&camp);
	assert_int_equal(record_move_inside(&w, all[1], "register", &err), 0);
	pack(&camp);
	change(&w, all[1], "birth", "2015-02-03");
	pack(&camp);
	return all[2];
}

static void arrive(const size_t *order, size_t n)
{
	bool done[WIRE_MAX] = { false };
	for (size_t i = 0; i < n; i++) {
		done[order[i]] = take(&ministry, &wire[order[i]]) == 0;
		for (bool more = done[order[i]]; more;) {                /* what is held is tried again after each later message */
			more = false;
			for (size_t k = 0; k < i; k++)
				if (!done[order[k]] && take(&ministry, &wire[order[k]]) == 0)
					done[order[k]] = more = true;
		}
	}
	for (size_t i = 0; i < n; i++)
		assert_true(done[order[i]]);
}

static void any_order_of_arrival_gives_the_same_state(void **state)
{
	(void)state;
	struct id all[RECORDS];
	struct str expected[RECORDS];
	struct err err = { 0 };
	struct tx *tx = store_tx(ministry.store);
	story_of_a_family(all);
	uint64_t seed = 88172645463325252u;
	size_t n = nwire, order[WIRE_MAX];
	assert_true(n >= 7);
	for (int turn = 0; turn < 150; turn++) {
		for (size_t i = 0; i < n; i++)
			order[i] = turn == 1 ? n - 1 - i : i;
		for (size_t i = n; turn > 1 && i > 1; i--) {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			size_t k = seed % i, x = order[k];
			order[k] = order[i - 1];
			order[i - 1] = x;
		}
		struct ledger_mark mark = ledger_mark(ministry.node.ledger);
		assert_int_equal(tx_savepoint(tx, &err), 0);
		arrive(order, n);
		for (size_t i = 0; i < RECORDS; i++) {
			struct str now = looks(&ministry, all[i]);
			if (turn == 0)
				expected[i] = now;
			else if (!str_eq(now, expected[i]))
				fail_msg("order %d: " S_FMT " instead of " S_FMT, turn, S_ARG(now), S_ARG(expected[i]));
		}
		tx_back(tx, &err);
		ledger_back(ministry.node.ledger, &mark);
	}
	/* and it is what the owner has, but for the fields that did not travel */
	assert_true(str_starts(expected[1], STR("camp.sy registered ")));
}

static void message_twice_changes_nothing(void **state)
{
	(void)state;
	struct id all[RECORDS];
	story_of_a_family(all);
	for (size_t i = 0; i < nwire; i++)
		assert_int_equal(take(&ministry, &wire[i]), 0);
	struct str before = looks(&ministry, all[0]);
	uint64_t size = ledger_size(ministry.node.ledger);
	for (size_t i = 0; i < nwire; i++)
		assert_int_equal(take(&ministry, &wire[i]), 0);
	assert_true(str_eq(before, looks(&ministry, all[0])));
	assert_int_equal(ledger_size(ministry.node.ledger), size);
}

static void move_that_misses_its_content_is_held(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct err err = { 0 };
	struct id p = person(&w, "Invented Person");
	share(&w, p);
	pack(&camp);
	change(&w, p, "birth", "1991");
	pack(&camp);
	assert_int_equal(record_move_inside(&w, p, "register", &err), 0);
	pack(&camp);
	assert_int_equal(take(&ministry, &wire[0]), 0);
	assert_int_equal(take(&ministry, &wire[2]), 1);
	assert_true(str_is(head(&ministry, p).state, "draft"));
	assert_int_equal(take(&ministry, &wire[1]), 0);
	assert_int_equal(take(&ministry, &wire[2]), 0);
	assert_true(str_is(head(&ministry, p).state, "registered") && str_is(value(&ministry, p, "birth"), "1991"));
}

/* ---- who is not the owner ---- */

/* A copy is not made a version of by a form in which nothing is changed: it would stand in the way of the owner's next one. */
static void holder_makes_no_version_even_without_a_change(void **state)
{
	(void)state;
	struct work w = camp_registrar(), m = at(&ministry, "MIG_SUP", "return");
	struct err err = { 0 };
	struct id p = person(&w, "Invented Person");
	share(&w, p);
	settle();
	struct draft empty = { .fields = json_keep(mem, json_object()) };
	assert_int_equal(record_amend(&m, p, 1, &empty, &err), -1);
	struct work own = at(&camp, "CAMP_REG", "camp");
	assert_int_equal(record_amend(&own, p, 1, &empty, &err), -1);
	assert_true(head(&ministry, p).version == 1 && head(&camp, p).version == 1);
	change(&w, p, "birth", "1992");
	settle();
	assert_true(str_is(value(&ministry, p, "birth"), "1992"));
}

static json_t *field_of(size_t message, size_t record)
{
	return json_array_get(json_object_get(wire[message].body, "records"), record);
}

static void stranger_makes_no_version(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person");
	share(&w, p);
	settle();
	struct str before = looks(&ministry, p);
	struct wire bad = wire[0];
	bad.from = STR("centre.iq");
	bad.body = json_keep(mem, json_deep_copy(wire[0].body));
	json_object_set_new(json_array_get(json_object_get(bad.body, "records"), 0), "version", json_integer(9));
	assert_int_equal(take(&ministry, &bad), -1);
	assert_true(str_eq(before, looks(&ministry, p)));
	/* the holder is no owner either: what it says about our record is refused */
	bad.from = STR("momd.iq");
	json_object_set_new(json_array_get(json_object_get(bad.body, "records"), 0), "owner", json_string("momd.iq"));
	assert_int_equal(take(&camp, &bad), -1);
	assert_true(str_is(head(&camp, p).owner, "camp.sy"));
}

/* The newest version of a record as another office might tell it. */
static struct wire told(struct id id, const char *from, const char *owner, int version)
{
	json_t *record = NULL;
	for (size_t m = 0; m < nwire; m++)
		for (size_t i = 0; i < json_array_size(json_object_get(wire[m].body, "records")); i++)
			if (str_eq(json_str(field_of(m, i), "id"), id_text(mem, id)))
				record = json_keep(mem, json_deep_copy(field_of(m, i)));
	assert_non_null(record);
	json_object_del(record, "before");
	json_object_set_new(record, "owner", json_string(owner));
	json_object_set_new(record, "version", json_integer(version));
	return (struct wire){ str_of(from), STR("momd.iq"), STR("share"), json_keep(mem, json_pack("{s:[O]}", "records", record)) };
}

static void a_version_changes_neither_subject_nor_parent_nor_hands_as_it_likes(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person"), other = person(&w, "Another Person");
	struct id family = make(&w, "household", (struct id){ { 0 } }, json_pack("{s:s}", "head", id_text(mem, p).p));
	struct id row = make(&w, "household_member", family, json_pack("{s:s, s:s}", "person", id_text(mem, p).p, "role", "head"));
	const struct id all[] = { p, other, family, row };
	for (size_t i = 0; i < COUNT(all); i++)
		share(&w, all[i]);
	settle();
	static const struct { const char *field; size_t of; } OTHERS[] = { { "subject", 1 }, { "parent", 0 } };
	for (size_t i = 0; i < COUNT(OTHERS); i++) {
		struct wire bad = told(row, "camp.sy", "camp.sy", 5);
		json_object_set_new(json_array_get(json_object_get(bad.body, "records"), 0), OTHERS[i].field, json_string(id_text(mem, all[OTHERS[i].of]).p));
		assert_int_equal(take(&ministry, &bad), -1);
	}
	struct wire wall = told(p, "camp.sy", "vetting.iq", 5), gift = told(p, "camp.sy", "momd.iq", 5), unknown = told(p, "camp.sy", "nobody.iq", 5), fits = told(p, "camp.sy", "centre.iq", 5);
	assert_int_equal(take(&ministry, &wall), -1);
	assert_int_equal(take(&ministry, &gift), -1);         /* that would be a handover */
	assert_int_equal(take(&ministry, &unknown), -1);
	assert_true(str_is(head(&ministry, p).owner, "camp.sy"));
	assert_true(str_is(value(&ministry, row, "role"), "head"));
	assert_int_equal(take(&ministry, &fits), 0);
}

static void row_goes_with_its_parent_to_whom_it_was_given(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person");
	struct id family = make(&w, "household", (struct id){ { 0 } }, json_pack("{s:s}", "head", id_text(mem, p).p));
	struct id row = make(&w, "household_member", family, json_pack("{s:s, s:s}", "person", id_text(mem, p).p, "role", "head"));
	share(&w, p);
	share(&w, family);
	share(&w, row);
	settle();
	struct str before = looks(&ministry, row);
	struct wire vetting = told(row, "vetting.iq", "vetting.iq", 5), centre = told(row, "centre.iq", "centre.iq", 5), given = told(family, "camp.sy", "centre.iq", 5);
	assert_int_equal(take(&ministry, &vetting), -1);      /* such an office never has a family */
	assert_int_equal(take(&ministry, &centre), 1);        /* it may have been given the family: that has to be told by who had it */
	assert_true(str_eq(before, looks(&ministry, row)));
	assert_int_equal(take(&ministry, &given), 0);
	assert_int_equal(take(&ministry, &centre), 0);
	assert_true(str_is(head(&ministry, row).owner, "centre.iq"));
	struct wire old = told(row, "camp.sy", "camp.sy", 9);
	assert_int_not_equal(take(&ministry, &old), 0);       /* who gave it away changes it no more */
	assert_true(str_is(head(&ministry, row).owner, "centre.iq"));
}

static void copy_that_says_it_is_ours_is_refused(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person");
	share(&w, p);
	pack(&camp);
	json_object_set_new(field_of(0, 0), "owner", json_string("momd.iq"));
	assert_int_equal(take(&ministry, &wire[0]), -1);
	json_object_set_new(field_of(0, 0), "owner", json_string("camp.sy"));
	assert_int_equal(take(&ministry, &(struct wire){ wire[0].from, wire[0].to, STR("handover"), wire[0].body }), -1);      /* a handover to somebody else */
	assert_true(str_is(looks(&ministry, p), "not here"));
}

/* The ministry was restored from a backup made before: one copy is older there than it was, another is gone. What the camp holds back comes whole; what it does not own, it does not send. */
static void a_restored_partner_gets_its_copies_again(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person"), q = person(&w, "Another Invented"), own = person(&w, "Not Shared");
	share(&w, p);
	settle();
	struct bench before;
	bench_make(&before, "momd.iq", "ministry");                      /* the backup: made when p alone was there */
	struct wire first = wire[0];
	assert_int_equal(take(&before, &first), 0);
	share(&w, q);
	change(&w, p, "mother_name", "Invented Mother");
	settle();
	store_close(ministry.store);
	ministry = before;
	assert_true(str_is(looks(&ministry, q), "not here") && !value(&ministry, p, "mother_name").n);
	size_t from = nwire;
	assert_int_equal(record_share_again(&w, STR("momd.iq"), &err), 0);
	settle();
	assert_true(nwire > from);
	assert_true(str_is(value(&ministry, p, "mother_name"), "Invented Mother") && str_is(value(&ministry, q, "name"), "Another Invented"));
	assert_true(str_is(looks(&ministry, own), "not here"));
	from = nwire;
	settle();
	assert_int_equal(nwire, from);                                   /* once */
}

static void values_that_the_type_does_not_take_are_refused_whole(void **state)
{
	(void)state;
	static const char *const BAD[][2] = { { "sex", "seven" }, { "birth", "tomorrow" }, { "religion", "x" }, { "name", "" } };
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person"), q = person(&w, "Another Invented");
	share(&w, p);
	share(&w, q);
	pack(&camp);
	for (size_t i = 0; i < COUNT(BAD); i++) {
		struct wire bad = wire[0];
		bad.body = json_keep(mem, json_deep_copy(wire[0].body));
		json_object_set_new(json_object_get(json_array_get(json_object_get(bad.body, "records"), 1), "fields"), BAD[i][0], json_string(BAD[i][1]));
		assert_int_equal(take(&ministry, &bad), -1);
		assert_true(str_is(looks(&ministry, p), "not here") && str_is(looks(&ministry, q), "not here"));
	}
	static const char *const HEAD[][2] = { { "type", "gossip" }, { "state", "erased" }, { "state", "friendly" }, { "id", "7" }, { "digest", "00" }, { "owner", "" }, { "owner", "elsewhere.org" },
		{ "owner", "vetting.iq" }, { "role", "KING" }, { "act", "gossip" }, { "move", "fly" } };
	for (size_t i = 0; i < COUNT(HEAD); i++) {
		struct wire bad = wire[0];
		bad.body = json_keep(mem, json_deep_copy(wire[0].body));
		json_object_set_new(json_array_get(json_object_get(bad.body, "records"), 0), HEAD[i][0], json_string(HEAD[i][1]));
		assert_int_equal(take(&ministry, &bad), -1);
		assert_true(str_is(looks(&ministry, q), "not here"));
	}
}

/* ---- handover, proposals ---- */

static struct id list_at_the_ministry(void)
{
	struct work w = camp_registrar();
	struct err err = { 0 };
	struct id p = person(&w, "Invented Person"), none = { { 0 } }, family = make(&w, "household", none, json_pack("{s:s}", "head", id_text(mem, p).p)), list = make(&w, "nominal_list", none, json_pack("{s:s}", "origin", "SY0802"));
	share(&w, p);
	make(&w, "nominal_list_row", list, json_pack("{s:s, s:s}", "person", id_text(mem, p).p, "household", id_text(mem, family).p));
	assert_int_equal(record_move_inside(&w, list, "submit", &err), 0);
	settle();
	return list;
}

static void handover_has_one_owner_at_every_moment(void **state)
{
	(void)state;
	struct id list = list_at_the_ministry();
	struct work w = camp_registrar();
	struct err err = { 0 };
	struct id proposal;
	assert_true(str_is(head(&camp, list).owner, "momd.iq") && str_is(head(&ministry, list).owner, "momd.iq"));
	assert_true(str_is(head(&ministry, list).state, "submitted"));
	assert_int_equal(record_amend(&w, list, head(&camp, list).version, &(struct draft){ .type = head(&camp, list).type, .fields = json_keep(mem, json_pack("{s:s}", "origin", "SY08")) }, &err), -1);
	assert_int_equal(record_move_inside(&w, list, "freeze", &err), -1);
	err = (struct err){ 0 };
	/* a move from the new owner reaches the old one as a copy */
	struct work m = at(&ministry, "MIG_SUP", "return");
	struct id batch = make(&m, "batch", (struct id){ { 0 } }, json_pack("{s:i, s:s, s:s, s:s}", "batch_no", 7, "origin", "SY-P-HOL", "destination", "IQ-P-JEDDAH1", "planned", "2026-01-01"));
	(void)batch;
	assert_int_equal(record_move(&m, list, head(&ministry, list).version, STR("approve"), NULL, &proposal, &err), 0);
	assert_false(id_none(proposal));
}

static struct id asked(struct id list)
{
	struct work m = at(&ministry, "MIG_SUP", "return");
	struct err err = { 0 };
	struct id proposal;
	if (record_move(&m, list, head(&ministry, list).version, STR("approve"), NULL, &proposal, &err) < 0)
		fail_msg("%s", err.log);
	settle();
	return proposal;
}

static int decide(struct work *w, struct id proposal, bool yes)
{
	struct err err = { 0 };
	return proposal_decide(w, proposal, yes, STR("because"), &err);
}

static void proposal_is_applied_when_the_other_node_agrees(void **state)
{
	(void)state;
	struct id list = list_at_the_ministry(), p = asked(list);
	assert_true(str_is(head(&ministry, list).state, "submitted"));
	struct work wrong = at(&camp, "CAMP_REG", "camp"), self = at(&ministry, "MIG_SUP", "return"), manager = at(&camp, "CAMP_MGR", "camp");
	assert_int_equal(decide(&wrong, p, true), -1);                 /* another role */
	assert_int_equal(decide(&self, p, true), -1);                  /* the office that asked */
	assert_int_equal(decide(&manager, p, true), 0);
	assert_int_equal(decide(&manager, p, true), -1);               /* once */
	settle();
	assert_true(str_is(head(&ministry, list).state, "approved") && str_is(head(&camp, list).state, "approved"));
}

static void proposal_that_is_refused_changes_nothing_and_says_why(void **state)
{
	(void)state;
	struct id list = list_at_the_ministry(), p = asked(list);
	struct work manager = at(&camp, "CAMP_MGR", "camp"), m = at(&ministry, "MIG_SUP", "return");
	struct str move, reason;
	struct err err = { 0 };
	int64_t when;
	assert_int_equal(decide(&manager, p, false), 0);
	settle();
	assert_true(str_is(head(&ministry, list).state, "submitted"));
	assert_int_equal(proposal_answer(&m, list, &move, &reason, &when, &err), 1);
	assert_true(str_is(move, "approve") && str_is(reason, "because"));
}

static void approval_binds_the_version_that_was_seen(void **state)
{
	(void)state;
	struct id list = list_at_the_ministry(), p = asked(list);
	struct work manager = at(&camp, "CAMP_MGR", "camp"), m = at(&ministry, "MIG_SUP", "return");
	struct str move, reason;
	struct err err = { 0 };
	int64_t when;
	change(&m, list, "origin", "SY08");
	assert_int_equal(decide(&manager, p, true), 0);
	settle();
	assert_true(str_is(head(&ministry, list).state, "submitted"));
	assert_int_equal(proposal_answer(&m, list, &move, &reason, &when, &err), 1);
	assert_true(str_is(reason, "conflict"));
}

static void decision_of_somebody_who_was_not_asked_is_refused(void **state)
{
	(void)state;
	struct id list = list_at_the_ministry(), p = asked(list);
	json_t *body = json_keep(mem, json_pack("{s:[{s:s, s:s, s:b, s:s, s:s}]}", "decisions", "proposal", id_text(mem, p).p, "record", id_text(mem, list).p, "yes", 1, "role", "CAMP_MGR",
	    "reason", ""));
	assert_int_equal(take(&ministry, &(struct wire){ STR("centre.iq"), STR("momd.iq"), STR("decide"), body }), -1);
	json_object_set_new(json_array_get(json_object_get(body, "decisions"), 0), "role", json_string("CAMP_REG"));
	assert_int_equal(take(&ministry, &(struct wire){ STR("camp.sy"), STR("momd.iq"), STR("decide"), body }), -1);     /* who was asked, by a role that was not */
	assert_true(str_is(head(&ministry, list).state, "submitted"));
}

static json_t *proposal_wire_of(struct id record, const char *move, const char *role, int64_t expires)
{
	return json_keep(mem, json_pack("{s:[{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:{}}]}", "proposals", "proposal", id_text(mem, id_new(source_system())).p, "record",
	    id_text(mem, record).p, "type", "convoy", "version", (json_int_t)1, "digest", hex(mem, bytes_of((const uint8_t[HASH_BYTES]){ 0 }, HASH_BYTES)).p, "move", move, "role", role,
	    "wants", "", "expires", (json_int_t)expires, "with"));
}

static void partner_may_not_move_our_record_by_a_role_or_a_date_that_does_not_fit(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	int64_t now = w.now_ms, later = now + 1000000;
	struct { const char *move, *role; int64_t expires; } bad[] = { { "register", "VET_OFF", later }, { "register", "CENTRE_REG", now - 1000 }, { "close", "CAMP_MGR", later },
		{ "verify", "CIVIL_REG", later },
		{ "register", "CAMP_REG", later } };                    /* a role that a ministry does not have */
	struct id p = person(&w, "Invented Person");
	share(&w, p);
	settle();
	for (size_t i = 0; i < COUNT(bad); i++) {
		size_t from = nwire;
		assert_int_equal(take(&camp, &(struct wire){ STR("momd.iq"), STR("camp.sy"), STR("propose"), proposal_wire_of(p, bad[i].move, bad[i].role, bad[i].expires) }), 0);
		assert_true(str_is(head(&camp, p).state, "draft"));
		pack(&camp);
		assert_int_equal(nwire, from + 1);                       /* the answer says no */
		assert_true(json_is_false(json_object_get(json_array_get(json_object_get(wire[from].body, "decisions"), 0), "yes")));
	}
	assert_int_equal(take(&camp, &(struct wire){ STR("momd.iq"), STR("camp.sy"), STR("propose"), proposal_wire_of(p, "fly", "CAMP_MGR", later) }), -1);
	assert_int_equal(take(&camp, &(struct wire){ STR("momd.iq"), STR("camp.sy"), STR("propose"), proposal_wire_of(id_new(source_system()), "register", "CAMP_REG", later) }), 1);
}

/* It moves what it holds a copy of, as it holds it: neither a record that it never had, nor a version that nobody made. */
static void partner_moves_only_what_it_has_seen(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct err err = { 0 };
	struct str digest;
	struct id p = person(&w, "Invented Person");
	json_t *body = proposal_wire_of(p, "register", "CENTRE_REG", w.now_ms + 1000000), *one = json_array_get(json_object_get(body, "proposals"), 0);
	const struct wire asks = { STR("centre.iq"), STR("camp.sy"), STR("propose"), body };
	assert_int_equal(version_digest(&w, p, 1, &digest, &err), 0);
	struct str right = hex(mem, str_bytes(digest));
	json_object_set_new(one, "digest", json_string(str_z(mem, right)));
	assert_int_equal(take(&camp, &asks), 0);
	assert_true(str_is(head(&camp, p).state, "draft"));              /* no copy */
	assert_int_equal(record_share(&w, &p, 1, STR("centre.iq"), &err), 0);
	json_object_set_new(one, "digest", json_string("0000000000000000000000000000000000000000000000000000000000000000"));
	json_object_set_new(one, "proposal", json_string(id_text(mem, id_new(source_system())).p));
	assert_int_equal(take(&camp, &asks), 0);
	assert_true(str_is(head(&camp, p).state, "draft"));              /* another version */
	json_object_set_new(one, "digest", json_string(str_z(mem, right)));
	json_object_set_new(one, "proposal", json_string(id_text(mem, id_new(source_system())).p));
	assert_int_equal(take(&camp, &asks), 0);
	assert_true(str_is(head(&camp, p).state, "registered"));
}

/* ---- erasure ---- */

SQL(Q_BODIES, 1, "SELECT count(*) FROM body WHERE record=?1");

static void erasure_reaches_the_holder(void **state)
{
	(void)state;
	struct id all[RECORDS];
	struct work w = camp_registrar(), m = at(&ministry, "MIG_SUP", "return");
	struct err err = { 0 };
	struct sighting *seen;
	size_t n;
	story_of_a_family(all);
	for (size_t i = 0; i < nwire; i++)
		assert_int_equal(take(&ministry, &wire[i]), 0);
	size_t from = nwire;
	assert_int_equal(record_erase(&w, all[1], STR("test"), &err), 0);
	assert_true(nwire > from);
	for (size_t i = from; i < nwire; i++) {
		assert_true(str_is(wire[i].kind, "erase"));
		struct wire stranger = wire[i];
		stranger.from = STR("centre.iq");
		assert_int_equal(take(&ministry, &stranger), -1);          /* not its to erase */
		assert_int_equal(take(&ministry, &wire[i]), 0);
	}
	assert_true(str_is(head(&ministry, all[1]).state, "erased"));
	assert_false(value(&ministry, all[1], "name").n);
	assert_int_equal(DB_COUNT(m.tx, &Q_BODIES, db_id(all[1])), 0);
	assert_int_equal(DB_COUNT(m.tx, &Q_BODIES, db_id(all[4])), 0);      /* her row of the family */
	assert_int_equal(record_sightings(&m, all[1], &seen, &n, &err), 0);
	assert_int_equal(n, 0);
	assert_true(str_is(value(&ministry, all[0], "name"), "Invented Mother"));
	for (size_t i = 0; i < from; i++)
		take(&ministry, &wire[i]);                                 /* what was sent before comes once more */
	assert_true(str_is(head(&ministry, all[1]).state, "erased"));
	assert_int_equal(DB_COUNT(m.tx, &Q_BODIES, db_id(all[1])), 0);
}

static void erasure_that_overtakes_the_copy_wins(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct err err = { 0 };
	struct id p = person(&w, "Invented Person");
	share(&w, p);
	pack(&camp);
	assert_int_equal(record_erase(&w, p, STR("test"), &err), 0);
	assert_int_equal(nwire, 2);
	assert_true(str_is(wire[1].kind, "erase"));
	assert_int_equal(take(&ministry, &wire[1]), 0);
	take(&ministry, &wire[0]);
	assert_false(value(&ministry, p, "name").n);
}

/* ---- what a restored node gets back (back.h) ---- */

static void restored_now(int64_t days_ago)
{
	struct err err = { 0 };
	struct work w = at(&camp, "", "");
	w.now_ms += 1000 - days_ago * 24 * 3600 * 1000;
	assert_int_equal(back_restored(&w, &err), 0);
	assert_int_equal(back_window(&w, STR("momd.iq"), &err), 0);
}

static json_t *offer_by_hand(const char *id, const char *type, const char *owner, int64_t version, const char *digest)
{
	return json_keep(mem, json_pack("{s:[{s:s, s:s, s:s, s:I, s:s}]}", "held", "record", id, "type", type, "owner", owner, "version", (json_int_t)version, "digest", digest));
}

static int offered(json_t *body)
{
	return take(&camp, &(struct wire){ STR("momd.iq"), STR("camp.sy"), STR("update"), body });
}

static void two_persons_take(void)
{
	struct err err = { 0 };
	struct work w = camp_registrar();
	assert_int_equal(back_take(&w, STR("momd.iq"), &err), 0);
}

static size_t waiting(void)
{
	struct err err = { 0 };
	struct work w = camp_registrar();
	struct back_waits waits;
	assert_int_equal(back_waits(&w, STR("momd.iq"), &waits, &err), 0);
	return waits.n;
}

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
static json_t *come_back(struct id id, const char *owner, int64_t version)
{
	json_t *body = json_keep(mem, json_deep_copy(wire[0].body)), *o = json_array_get(json_object_get(body, "records"), 0);
	json_object_set_new(body, "returned", json_true());
	json_object_set_new(o, "id", json_string(id_text(mem, id).p));
	json_object_set_new(o, "subject", json_string(id_text(mem, id).p));
	json_object_set_new(o, "owner", json_string(owner));
	json_object_set_new(o, "version", json_integer(version));
	json_object_set_new(o, "digest", json_string(DIGEST));
	json_object_set_new(json_object_get(o, "fields"), "name", json_string("Came Back"));
	json_object_set_new(json_object_get(o, "fields"), "phone", json_string("+964 750 000 0000"));
	return body;
}

static int came_back(json_t *body)
{
	return take(&camp, &(struct wire){ STR("momd.iq"), STR("camp.sy"), STR("share"), body });
}

static void partner_takes_over_nothing_after_a_restore(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person"), unknown = id_new(source_system());
	share(&w, p);
	settle();
	restored_now(0);
	/* whose it is: a ministry owns no person, whatever the number */
	assert_int_equal(offered(offer_by_hand(id_text(mem, p).p, "person", "momd.iq", 9, DIGEST)), 0);
	two_persons_take();
	assert_int_equal(came_back(come_back(p, "momd.iq", 9)), -1);
	assert_true(str_is(head(&camp, p).owner, "camp.sy") && str_is(value(&camp, p, "name"), "Invented Person"));
	/* what a camp may not own, or does not travel so, is not planted as its own */
	assert_int_equal(offered(offer_by_hand(id_text(mem, unknown).p, "rfi", "camp.sy", 1, DIGEST)), -1);
	assert_int_equal(offered(offer_by_hand(id_text(mem, unknown).p, "person", "camp.sy", 1, DIGEST)), 0);
	two_persons_take();
	json_t *future = come_back(unknown, "camp.sy", 1);
	json_object_set_new(json_array_get(json_object_get(future, "records"), 0), "at", json_integer(w.now_ms * 2));
	assert_int_equal(came_back(future), -1);
	json_t *other = come_back(unknown, "camp.sy", 1);
	json_object_set_new(json_array_get(json_object_get(other, "records"), 0), "type", json_string("household"));
	assert_int_equal(came_back(other), -1);
	assert_true(str_is(looks(&camp, unknown), "not here"));
	assert_int_equal(came_back(come_back(unknown, "camp.sy", 1)), 0);
	assert_true(str_is(value(&camp, unknown, "name"), "Came Back"));
}

static void only_what_the_partner_could_see_comes_back(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person");
	change(&w, p, "phone", "+963 930 000 000");
	struct str phone = value(&camp, p, "phone");
	share(&w, p);
	settle();
	restored_now(0);
	assert_int_equal(offered(offer_by_hand(id_text(mem, p).p, "person", "camp.sy", 9, DIGEST)), 0);
	assert_int_equal(came_back(come_back(p, "camp.sy", 9)), 0);
	assert_true(str_is(value(&camp, p, "name"), "Invented Person"));      /* nobody asked for it yet */
	two_persons_take();
	json_t *another = come_back(p, "camp.sy", 9);
	json_object_set_new(json_array_get(json_object_get(another, "records"), 0), "subject", json_string(id_text(mem, id_new(source_system())).p));
	assert_int_equal(came_back(another), -1);
	assert_int_equal(came_back(come_back(p, "camp.sy", 9)), 0);
	assert_true(str_is(value(&camp, p, "name"), "Came Back") && head(&camp, p).version == 9);
	assert_true(phone.n && str_eq(value(&camp, p, "phone"), phone));
}

static void offer_long_after_the_restore_is_refused(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct id p = person(&w, "Invented Person");
	assert_int_equal(offered(offer_by_hand(id_text(mem, p).p, "person", "camp.sy", 9, DIGEST)), -1);      /* never restored */
	restored_now(31);
	assert_int_equal(offered(offer_by_hand(id_text(mem, p).p, "person", "camp.sy", 9, DIGEST)), -1);
	assert_int_equal(waiting(), 0);
}

static void partner_makes_itself_a_holder_by_no_offer(void **state)
{
	(void)state;
	struct work w = camp_registrar();
	struct err err = { 0 };
	struct id p = person(&w, "Invented Person");
	struct str digest;
	assert_int_equal(version_digest(&w, p, head(&camp, p).version, &digest, &err), 0);
	json_t *offer = offer_by_hand(id_text(mem, p).p, "person", "camp.sy", head(&camp, p).version, hex(mem, str_bytes(digest)).p);
	restored_now(0);
	assert_int_equal(offered(offer), 0);
	assert_int_equal(record_held_by(&w, p, STR("momd.iq")), 0);
	assert_int_equal(waiting(), 1);
	was_recalled = true;
	two_persons_take();
	assert_int_equal(record_held_by(&w, p, STR("momd.iq")), 0);           /* it had been recalled from there */
	was_recalled = false;
	assert_int_equal(offered(offer), 0);
	two_persons_take();
	assert_int_equal(record_held_by(&w, p, STR("momd.iq")), 1);
	assert_int_equal(waiting(), 0);
}

/* The camp asks, the ministry answers once for what it offered, and with no field that only it wrote. */
static void what_was_offered_is_sent_once(void **state)
{
	(void)state;
	struct work w = camp_registrar(), m = at(&ministry, "", "");
	struct err err = { 0 };
	struct id p = person(&w, "Invented Person"), q = person(&w, "Handed Over");
	share(&w, p);
	settle();
	change(&w, q, "phone", "+963 930 000 000");
	struct wire ask = { STR("momd.iq"), STR("camp.sy"), STR("update"), json_keep(mem, json_pack("{s:[s]}", "return", id_text(mem, q).p)) };
	struct wire ask_p = { STR("camp.sy"), STR("momd.iq"), STR("update"), json_keep(mem, json_pack("{s:[s]}", "return", id_text(mem, p).p)) };
	size_t from = nwire;
	assert_int_equal(take(&ministry, &ask_p), 0);
	assert_int_equal(nwire, from);                                    /* nobody accepted a restore */
	assert_int_equal(back_offer(&m, STR("camp.sy"), &err), 0);
	from = nwire;
	assert_int_equal(take(&ministry, &ask_p), 0);
	assert_int_equal(nwire, from + 1);
	assert_int_equal(take(&ministry, &ask_p), 0);
	assert_int_equal(nwire, from + 1);
	/* what the camp wrote itself before it handed it over is not what the ministry gave it */
	share(&w, q);
	pack(&camp);
	assert_int_equal(row_owner_set(&w, q, STR("momd.iq"), &err), 0);
	assert_int_equal(back_offer(&w, STR("momd.iq"), &err), 0);
	from = nwire;
	assert_int_equal(take(&camp, &ask), 0);
	assert_int_equal(nwire, from + 1);
	assert_non_null(json_object_get(json_object_get(json_array_get(json_object_get(wire[from].body, "records"), 0), "fields"), "name"));
	assert_null(json_object_get(json_object_get(json_array_get(json_object_get(wire[from].body, "records"), 0), "fields"), "phone"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(a_copy_has_the_fields_that_the_agreement_names), T(nothing_is_shared_without_ground), T(any_order_of_arrival_gives_the_same_state),
		T(message_twice_changes_nothing), T(move_that_misses_its_content_is_held), T(stranger_makes_no_version), T(holder_makes_no_version_even_without_a_change), T(a_version_changes_neither_subject_nor_parent_nor_hands_as_it_likes), T(row_goes_with_its_parent_to_whom_it_was_given),
		T(copy_that_says_it_is_ours_is_refused),
		T(a_restored_partner_gets_its_copies_again), T(values_that_the_type_does_not_take_are_refused_whole), T(handover_has_one_owner_at_every_moment), T(proposal_is_applied_when_the_other_node_agrees),
		T(proposal_that_is_refused_changes_nothing_and_says_why), T(approval_binds_the_version_that_was_seen), T(decision_of_somebody_who_was_not_asked_is_refused),
		T(partner_may_not_move_our_record_by_a_role_or_a_date_that_does_not_fit), T(partner_moves_only_what_it_has_seen), T(partner_takes_over_nothing_after_a_restore), T(only_what_the_partner_could_see_comes_back), T(offer_long_after_the_restore_is_refused),
		T(partner_makes_itself_a_holder_by_no_offer), T(what_was_offered_is_sent_once), T(erasure_reaches_the_holder), T(erasure_that_overtakes_the_copy_wins) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
