/* The rapid channel between two offices, in memory: a notice waits ten seconds, goes out, is proven and seen; unseen it rings; and what a partner may not pass off as a notice.
   Two folders, no network: the test carries what a node would send. */
#include "cmd/cmd.h"
#include "exchange/notice.h"
#include "exchange/records.h"
#include "exchange/room.h"
#include "net/tls.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *mem;
static char folder[64];
static struct house camp, ministry;
static struct err err;
static int64_t clock_ms;
static const char *const FILES[] = { "node.db", "node.db-wal", "node.db-shm", "node.keys", "jisr.yaml", "tls.key", "tls.crt", "counters", "log.key", "witness.key", "lock", "reserve", "control" };
#define FIELDS "rapid_notice.* notice_ack.* rfi.* rfi_subject.* joint_room.* room_member.* operation_note.* convoy.*"
#define AGREEMENT "jisr-agreement/1\ntitle Test\nparties camp.sy momd.iq\npurposes transfer coordination\nbases agreement\nfrom camp.sy " FIELDS "\nfrom momd.iq " FIELDS \
	"\nretention-days 30\nonward never\nrights Nobody is judged by kinship.\nstarts 2020-01-01\nends 2099-12-31\n"

static struct str path(const char *node, const char *file)
{
	return str_fmt(mem, "%s/%s/%s", folder, node, file);
}

static void must(int rc)
{
	if (rc < 0)
		fail_msg("%s", err.log);
}

static void start(const char *node, const char *kind, uint16_t port, struct house *h)
{
	struct settings s = { .dir = str_fmt(mem, "%s/%s", folder, node), .name = str_of(node), .kind = str_of(kind), .title = str_of(node),
		.unlock = str_fmt(mem, "%s/unlock", folder), .port = port, .ceiling = 100000 };
	must(node_init(mem, &s, &err));
	must(house_take(mem, s.dir, h, &err));
}

static bool is_camp(const struct work *w)
{
	return w->node->ledger == camp.ledger;
}

static int invite(struct work *w, void *arg, struct err *e)
{
	struct tls_identity t;
	if (tls_load(w->mem, is_camp(w) ? camp.settings.dir : ministry.settings.dir, &t, e) < 0 || partner_invite(w, STR("https://127.0.0.1:22001"), &t.pin, arg, e) < 0)
		return -1;
	*(struct str *)arg = str_dup(mem, *(struct str *)arg);
	return 0;
}

static int accept_note(struct work *w, void *arg, struct err *e)
{
	struct partner found;
	return partner_accept(w, *(struct str *)arg, &found, e);
}

static int sign(struct work *w, void *arg, struct err *e)
{
	if (agreement_sign(w, STR(AGREEMENT), arg, e) < 0)
		return -1;
	*(struct str *)arg = str_dup(mem, *(struct str *)arg);
	return 0;
}

static int signed_there(struct work *w, void *arg, struct err *e)
{
	struct partner p;
	return partner_find(w, is_camp(w) ? STR("momd.iq") : STR("camp.sy"), &p, e) == 1 ? agreement_signed_by(w, &p, *(struct str *)arg, e) : -1;
}

static int setup(void **state)
{
	(void)state;
	struct str a, b;
	mem = arena_new((size_t)2 << 30);
	snprintf(folder, sizeof folder, "%s", "/tmp/notice_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	err = (struct err){ 0 };
	clock_ms = 0;
	start("camp.sy", "camp", 22001, &camp);
	start("momd.iq", "ministry", 22002, &ministry);
	must(house_do(&camp, invite, &a, &err));
	must(house_do(&ministry, invite, &b, &err));
	must(house_do(&camp, accept_note, &b, &err));
	must(house_do(&ministry, accept_note, &a, &err));
	must(house_do(&camp, sign, &a, &err));
	must(house_do(&ministry, sign, &b, &err));
	must(house_do(&camp, signed_there, &b, &err));
	must(house_do(&ministry, signed_there, &a, &err));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_close(&camp);
	house_close(&ministry);
	for (size_t i = 0; i < COUNT(FILES); i++) {
		unlink(path("camp.sy", FILES[i]).p);
		unlink(path("momd.iq", FILES[i]).p);
	}
	rmdir(str_fmt(mem, "%s/camp.sy", folder).p);
	rmdir(str_fmt(mem, "%s/momd.iq", folder).p);
	unlink(str_fmt(mem, "%s/unlock", folder).p);
	rmdir(folder);
	arena_free(mem);
	return 0;
}

/* ---- both clocks, and the line ---- */

static void wait_s(int64_t s)
{
	clock_ms = (clock_ms ? clock_ms : source_now_ms(source_system())) + s * 1000;
	camp.node.source = source_test(mem, clock_ms, 1, (uint64_t)clock_ms);
	ministry.node.source = source_test(mem, clock_ms, 1, (uint64_t)clock_ms + 1);
}

static struct answered tick_one(struct house *h, struct item *it)
{
	struct answered out;
	must(tick_run(h, &it, 1, &out, &err));
	return out;
}

static struct answered timer(struct house *h, const char *name)
{
	struct item *it = NEW(mem, struct item);
	*it = (struct item){ .mem = mem };
	for (size_t i = 0; i < JOINED_TIMERS_N; i++)
		if (strcmp(JOINED_TIMERS[i].name, name) == 0)
			it->timer = &JOINED_TIMERS[i];
	assert_non_null(it->timer);
	return tick_one(h, it);
}

static void carry(struct house *from, struct house *to)
{
	for (int i = 0; i < 4; i++) {
		const struct call *c = timer(from, "outbox").effects.calls;
		struct tls_identity t;
		struct request *q = NEW(mem, struct request);
		struct item *it = NEW(mem, struct item), *back = NEW(mem, struct item);
		struct pair *query = NEW(mem, struct pair);
		if (!c)
			return;
		*query = (struct pair){ STR("seen"), str_sub(c->url, str_find(c->url, STR("seen=")) + 5, c->url.n) };
		must(tls_load(mem, from->settings.dir, &t, &err));
		*q = (struct request){ .mem = mem, .method = POST, .path = STR("/x/1/envelopes"), .tls = true, .partner_line = true, .body = c->body, .query = query, .nquery = 1 };
		memcpy(q->peer, t.pin.b, sizeof q->peer);
		*it = (struct item){ .mem = mem, .request = q };
		struct response a = tick_one(to, it).response;
		assert_int_equal(a.status, 200);
		*back = (struct item){ .mem = mem, .call = c, .call_status = a.status, .call_answer = a.body };
		tick_one(from, back);
	}
}

/* ---- people ---- */

static struct id convoy, notice;

static void as(struct work *w, const char *role, const char *unit)
{
	w->actor = (struct actor){ .account = { { (uint8_t)role[0], 1 } }, .role = str_of(role), .unit = str_of(unit), .node = w->node->name };
	w->purpose = STR("transfer");
	w->basis = STR("agreement");
}

static int make_convoy(struct work *w, void *arg, struct err *e)
{
	(void)arg;
	as(w, "CONVOY_LEAD", "convoys");
	struct draft d = { .type = type_find(w->node->types, STR("convoy")), .fields = json_keep(w->mem, json_pack("{s:s, s:[s], s:s, s:s}", "title", "Convoy 7", "route", "IQ-X-RABIA",
	    "lead", "Lead", "depart_plan", "2026-01-05T05:00:00Z")) };
	return record_create(w, &d, &convoy, e);
}

static int write_notice(struct work *w, void *arg, struct err *e)
{
	as(w, "BORDER_OFF", "rabia");
	struct draft d = { .fields = json_keep(w->mem, json_pack("{s:s, s:s, s:s, s:s}", "what", (const char *)arg, "convoy", id_text(w->mem, convoy).p, "place", "IQ-X-RABIA", "at",
	    time_text(w->mem, w->now_ms).p)) };
	return notice_write(w, &d, &notice, e);
}

static void write_a(const char *what)
{
	wait_s(0);
	must(house_do(&ministry, make_convoy, NULL, &err));
	must(house_do(&ministry, write_notice, (void *)(uintptr_t)what, &err));
}

static int state_of(struct work *w, void *arg, struct err *e)
{
	struct record r;
	struct err why = { 0 };
	(void)e;
	*(struct str *)arg = record_head(w, notice, &r, &why) < 0 ? STR("none") : str_dup(mem, r.state);
	return 0;
}

static bool is_at(struct house *h, const char *state)
{
	struct str s;
	must(house_do(h, state_of, &s, &err));
	return str_is(s, state);
}

static int unseen(struct work *w, void *arg, struct err *e)
{
	as(w, "CAMP_MGR", "camp");
	return notice_numbers(w, arg, e);
}

static int acknowledge(struct work *w, void *arg, struct err *e)
{
	(void)arg;
	as(w, "CAMP_MGR", "camp");
	return notice_acknowledge(w, notice, e);
}

static int ticks(struct work *w, void *arg, struct err *e)
{
	struct notice_tick *t;
	size_t n;
	if (notice_ticks(w, notice, &t, &n, e) < 0)
		return -1;
	assert_int_equal(n, 1);
	t->node = str_dup(mem, t->node);
	t->why = str_dup(mem, t->why);
	*(struct notice_tick *)arg = *t;
	return 0;
}

static int64_t unseen_at_camp(void)
{
	struct notice_numbers n;
	must(house_do(&camp, unseen, &n, &err));
	return n.unseen;
}

static size_t entries(struct house *h, const char *needle)
{
	struct str body;
	const char *type;
	bool immutable;
	uint64_t size = ledger_size(h->ledger);
	size_t found = 0;
	assert_true(size < 256);
	must(ledger_http(mem, h->ledger, h->tx, str_fmt(mem, "tile/entries/000.p/%llu", (unsigned long long)size), true, &body, &type, &immutable, &err));
	for (size_t at; (at = str_find(body, str_of(needle))) < body.n; found++)
		body = str_sub(body, at + 1, body.n);
	return found;
}

/* ---- tests ---- */

static void it_waits_ten_seconds_then_goes_and_both_sides_see_it(void **state)
{
	(void)state;
	struct notice_tick t;
	write_a("delay");
	wait_s(9);
	timer(&ministry, "clock");
	carry(&ministry, &camp);
	assert_true(is_at(&ministry, "waiting") && is_at(&camp, "none"));
	wait_s(2);
	timer(&ministry, "clock");
	assert_true(is_at(&ministry, "sent"));
	carry(&ministry, &camp);
	assert_true(is_at(&camp, "sent"));
	must(house_do(&ministry, ticks, &t, &err));
	assert_true(t.how == WENT_RECEIVED && str_is(t.node, "camp.sy"));
	assert_int_equal(unseen_at_camp(), 1);
	must(house_do(&camp, acknowledge, NULL, &err));
	assert_int_equal(unseen_at_camp(), 0);
	carry(&camp, &ministry);
	assert_true(is_at(&ministry, "acknowledged"));
	carry(&ministry, &camp);
	assert_true(is_at(&camp, "acknowledged"));
}

static void unseen_for_fifteen_minutes_it_rings_once(void **state)
{
	(void)state;
	write_a("delay");
	wait_s(11);
	timer(&ministry, "clock");
	carry(&ministry, &camp);
	wait_s(14 * 60);
	assert_true((timer(&camp, "notices").effects.hints & HINT_NOTICE) == 0);
	wait_s(61);
	assert_true((timer(&camp, "notices").effects.hints & HINT_NOTICE) != 0);
	assert_int_equal(entries(&camp, "\"move\":\"unseen\""), 1);
	wait_s(60);
	timer(&camp, "notices");
	assert_int_equal(entries(&camp, "\"move\":\"unseen\""), 1);
}

static int settle(struct work *w, void *arg, struct err *e)
{
	struct record r;
	struct id proposal;
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	(void)arg;
	as(w, "BORDER_OFF", "rabia");
	return record_head(w, notice, &r, e) < 0 ? -1 : record_move(w, notice, r.version, STR("end"), &said, &proposal, e);
}

static void thirty_days_after_its_end_it_is_shredded_on_both_sides(void **state)
{
	(void)state;
	write_a("delay");
	wait_s(11);
	timer(&ministry, "clock");
	carry(&ministry, &camp);
	must(house_do(&ministry, settle, NULL, &err));
	carry(&ministry, &camp);
	assert_true(is_at(&camp, "ended") && unseen_at_camp() == 0);
	wait_s(29LL * 24 * 3600);
	for (int i = 0; i < 20; i++)
		timer(&ministry, "retention");
	assert_true(is_at(&ministry, "ended"));
	wait_s(2LL * 24 * 3600);
	for (int i = 0; i < 20; i++)
		timer(&ministry, "retention");
	assert_true(is_at(&ministry, "erased"));
	carry(&ministry, &camp);
	assert_true(is_at(&camp, "erased"));
}

struct forged { const char *kind, *basis, *body, *from; enum verdict v; const char *why; };
static int forge(struct work *w, void *arg, struct err *e)
{
	struct forged *x = arg;
	struct arrived a = { .id = id_new(source_system()), .from = str_of(x->from ? x->from : "momd.iq"), .kind = str_of(x->kind), .purpose = STR("transfer"), .basis = str_of(x->basis), .media = STR("application/json"),
		.body = str_of(x->body), .created_ms = w->now_ms };
	w->partner = a.from;
	const struct kind_row *k = JOINED_KINDS;
	while (k->kind && strcmp(k->kind, x->kind) != 0)
		k++;
	int rc = k->kind ? k->apply(w, &a, &x->v, &x->why, e) : -1;
	x->why = x->why ? str_z(mem, str_of(x->why)) : NULL;      /* it may be of the work item, which is over */
	return rc;
}

#define WIRE(type, state, fields) "{\"records\":[{\"id\":\"01a20b73-d07f-7883-91ec-0000000000a1\",\"type\":\"" type "\",\"state\":\"" state "\",\"owner\":\"momd.iq\",\"version\":1,\"digest\":" \
	"\"0000000000000000000000000000000000000000000000000000000000000000\",\"role\":\"BORDER_OFF\",\"act\":\"create\",\"move\":\"\",\"at\":1767500000000,\"event\":0,\"created\":1767500000000,\"rows\":0,\"fields\":{" fields "}}]}"
#define NOTICE(what) WIRE("rapid_notice", "sent", "\"what\":\"" what "\",\"convoy\":\"01a20b73-d07f-7883-91ec-0000000000b1\",\"place\":\"IQ-X-RABIA\",\"at\":\"2026-01-04T04:00:00.000Z\"")

static enum verdict brought(const char *kind, const char *basis, const char *body)
{
	struct forged x = { .kind = kind, .basis = basis, .body = body };
	must(house_do(&camp, forge, &x, &err));
	return x.v;
}

static int suspend(struct work *w, void *arg, struct err *e)
{
	struct hash digest = sha256(str_bytes(STR(AGREEMENT)));
	(void)arg;
	return agreement_move(w, &digest, "suspend", (struct str){ 0 }, e);
}

/* A second one, under which a transfer may happen but no notice goes. */
#define NARROW "jisr-agreement/1\ntitle Narrow\nparties camp.sy momd.iq\npurposes transfer\nbases agreement\nfrom camp.sy convoy.*\nfrom momd.iq convoy.*\nretention-days 30\n" \
	"onward never\nrights Nobody is judged by kinship.\nstarts 2020-01-01\nends 2099-12-31\n"
static int sign_narrow(struct work *w, void *arg, struct err *e)
{
	if (agreement_sign(w, STR(NARROW), arg, e) < 0)
		return -1;
	*(struct str *)arg = str_dup(mem, *(struct str *)arg);
	return 0;
}

static struct notice_tick went(void)
{
	struct notice_tick t;
	wait_s(61);
	timer(&ministry, "clock");
	carry(&ministry, &camp);
	must(house_do(&ministry, ticks, &t, &err));
	return t;
}

static void what_their_program_holds_or_refuses_is_told_with_its_word(void **state)
{
	(void)state;
	struct notice_tick t;
	struct str note;
	write_a("delay");
	must(house_do(&camp, suspend, NULL, &err));         /* the ministry has not heard of it */
	t = went();
	assert_true(t.how == WENT_HELD && str_is(t.why, "agreement"));
	must(house_do(&camp, sign_narrow, &note, &err));
	must(house_do(&ministry, sign_narrow, &note, &err));
	must(house_do(&camp, signed_there, &note, &err));
	t = went();
	assert_true(t.how == WENT_REFUSED && str_is(t.why, "forbidden"));
	assert_true(went_of(0, (struct str){ 0 }) == WENT_ON_THE_WAY && went_of(3, STR("expired")) == WENT_TOO_LATE && went_of(3, STR("restored")) == WENT_RESTORED);
}

static void a_request_that_is_refused_names_the_rule(void **state)
{
	(void)state;
	struct forged x = { .kind = "request", .basis = "agreement", .body = WIRE("rfi", "sent", "\"recipient\":\"camp.sy\",\"question\":\"identity\",\"asked\":[\"case_exists\"],\"for_purpose\":"
	    "\"coordination\",\"basis\":\"agreement\",\"ground\":\"x\",\"urgency\":\"d3\",\"handling\":\"green\",\"reply_days\":30") };
	must(house_do(&camp, forge, &x, &err));
	assert_int_equal(x.v, VERDICT_REFUSED);
	assert_string_equal(x.why, "too_wide");             /* about nobody */
}

static void only_what_its_type_lets_pass_is_vital(void **state)
{
	(void)state;
	must(house_do(&camp, suspend, NULL, &err));
	assert_int_equal(brought("notice", "vital_interest", NOTICE("delay")), VERDICT_REFUSED);
	assert_int_equal(brought("notice", "vital_interest", WIRE("person", "registered", "\"name\":\"x\"")), VERDICT_REFUSED);
	assert_int_equal(brought("notice", "vital_interest", WIRE("operation_note", "noted", "\"role\":\"LIAISON\"")), VERDICT_REFUSED);
	assert_int_equal(brought("notice", "agreement", NOTICE("medical")), VERDICT_REFUSED);
	assert_int_equal(brought("share", "agreement", NOTICE("medical")), VERDICT_REFUSED);
	assert_int_equal(unseen_at_camp(), 0);
	assert_int_equal(brought("notice", "vital_interest", NOTICE("medical")), VERDICT_APPLIED);
	assert_int_equal(unseen_at_camp(), 1);
}

static void nobody_recalls_or_tells_what_is_not_hers(void **state)
{
	(void)state;
	write_a("breakdown");
	wait_s(11);
	timer(&ministry, "clock");
	carry(&ministry, &camp);
	struct str recall = str_fmt(mem, "{\"records\":[\"" S_FMT "\"],\"rule\":\"recalled\"}", S_ARG(id_text(mem, notice)));
	struct forged x = { .kind = "recall", .basis = "agreement", .body = recall.p };
	assert_int_equal(brought("notice", "vital_interest", "{\"vital\":{\"what\":\"medical\",\"other\":\"x\",\"sent\":true,\"at\":1}}"), VERDICT_REFUSED);      /* this office is no oversight body */
	must(house_do(&camp, forge, &x, &err));
	assert_int_equal(x.v, VERDICT_APPLIED);
	assert_true(is_at(&camp, "erased"));
	assert_int_equal(unseen_at_camp(), 0);
	struct forged own = { .kind = "recall", .basis = "agreement", .body = str_fmt(mem, "{\"records\":[\"" S_FMT "\"],\"rule\":\"x\"}", S_ARG(id_text(mem, convoy))).p, .from = "camp.sy" };
	must(house_do(&ministry, forge, &own, &err));
	assert_int_equal(own.v, VERDICT_REFUSED);        /* only copies, and only by their owner */
}

static void a_note_of_a_stranger_enters_no_room(void **state)
{
	(void)state;
	assert_int_equal(brought("room", "agreement", WIRE("rapid_notice", "sent", "\"what\":\"delay\"")), VERDICT_REFUSED);
	assert_int_equal(brought("share", "agreement", WIRE("joint_room", "opened", "\"title\":\"x\"")), VERDICT_REFUSED);
}

/* ---- clocks ---- */

static int reviewed(struct work *w, void *arg, struct err *e)
{
	struct record r;
	struct id proposal;
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	(void)arg;
	as(w, "LIAISON_SUP", "liaison");
	return record_head(w, notice, &r, e) < 0 ? -1 : record_move(w, notice, r.version, STR("review"), &said, &proposal, e);
}

static void clocks(struct house *h)
{
	for (int i = 0; i < 6; i++)
		timer(h, "clock");
}

static void without_ground_it_is_late_and_without_a_request_it_recalls_itself(void **state)
{
	(void)state;
	write_a("found_person");
	wait_s(11);
	clocks(&ministry);
	carry(&ministry, &camp);
	assert_true(is_at(&camp, "sent"));
	assert_int_equal(house_do(&ministry, settle, NULL, &err), -1);
	err = (struct err){ 0 };
	wait_s(23 * 3600);
	clocks(&ministry);
	assert_int_equal(entries(&ministry, "\"move\":\"justify\",\"n\":1,\"refused\":\"overdue\""), 0);
	must(house_do(&ministry, reviewed, NULL, &err));
	assert_int_equal(house_do(&ministry, reviewed, NULL, &err), -1);         /* once */
	err = (struct err){ 0 };
	wait_s(8 * 3600);
	clocks(&ministry);
	assert_int_equal(entries(&ministry, "\"move\":\"justify\",\"n\":1,\"refused\":\"overdue\""), 1);
	assert_int_equal(entries(&ministry, "\"move\":\"review\",\"n\":1,\"refused\":\"overdue\""), 0);
	wait_s(6LL * 24 * 3600);
	clocks(&ministry);
	assert_true(is_at(&ministry, "recalled"));
	assert_int_equal(entries(&ministry, "\"act\":\"recall\""), 1);
	carry(&ministry, &camp);
	assert_true(is_at(&camp, "erased"));
	assert_int_equal(unseen_at_camp(), 0);
}

static int camp_writes(struct work *w, void *arg, struct err *e)
{
	as(w, "CAMP_MGR", "camp");
	(void)arg;
	struct draft d = { .fields = json_keep(w->mem, json_pack("{s:s, s:s, s:s, s:s}", "what", "all_well", "convoy", "01a20b73-d07f-7883-91ec-0000000000a1", "place", "SY-P-HOL", "at",
	    time_text(w->mem, w->now_ms).p)) };
	return notice_write(w, &d, &notice, e);
}

static struct str convoy_arrived_now(void)
{
	return str_fmt(mem, "{\"records\":[{\"id\":\"01a20b73-d07f-7883-91ec-0000000000a1\",\"type\":\"convoy\",\"state\":\"arrived\",\"owner\":\"momd.iq\",\"version\":1,\"digest\":"
	    "\"0000000000000000000000000000000000000000000000000000000000000000\",\"role\":\"CENTRE_REG\",\"act\":\"move\",\"move\":\"arrive\",\"at\":%lld,\"event\":0,\"created\":%lld,\"rows\":0,"
	    "\"fields\":{\"title\":\"Convoy 7\"}}]}", (long long)clock_ms, (long long)clock_ms);
}

static void a_matter_of_the_convoy_ends_three_days_after_its_arrival(void **state)
{
	(void)state;
	wait_s(0);
	assert_int_equal(brought("share", "agreement", convoy_arrived_now().p), VERDICT_APPLIED);
	must(house_do(&camp, camp_writes, NULL, &err));
	wait_s(11);
	timer(&camp, "clock");
	assert_true(is_at(&camp, "sent"));
	wait_s(70 * 3600);
	clocks(&camp);
	assert_true(is_at(&camp, "sent"));
	wait_s(4 * 3600);
	clocks(&camp);
	assert_true(is_at(&camp, "ended"));
}

/* ---- a room ---- */

static struct id room;

static void liaison(struct work *w, const char *role)
{
	as(w, role, "liaison");
	w->purpose = STR("coordination");
}

static int propose_room(struct work *w, void *arg, struct err *e)
{
	const struct room_who members[] = { { STR("LIAISON"), STR("camp.sy"), { 0 } } };
	liaison(w, "LIAISON");
	struct draft d = { .fields = json_keep(w->mem, json_pack("{s:s, s:s, s:s, s:s, s:s}", "title", "Crossing", "purpose", "The convoy at the crossing", "agreement", "Test", "opens",
	    time_text(w->mem, w->now_ms).p, "closes", time_text(w->mem, w->now_ms + *(int64_t *)arg * 24 * 3600 * 1000).p)) };
	return room_propose(w, &d, members, COUNT(members), &room, e);
}

static int agree_to_all(struct work *w, void *arg, struct err *e)
{
	struct proposal *p;
	size_t n;
	(void)arg;
	liaison(w, "LIAISON_SUP");
	w->actor.account.b[1] = 2;
	if (proposal_list(w, &p, &n, e) < 0)
		return -1;
	assert_int_equal(n, 1);
	return proposal_decide(w, p[0].id, true, (struct str){ 0 }, e);
}

static int renew(struct work *w, void *arg, struct err *e)
{
	struct record r;
	struct id proposal;
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	(void)arg;
	liaison(w, "LIAISON");
	return record_head(w, room, &r, e) < 0 ? -1 : record_move(w, room, r.version, STR("renew"), &said, &proposal, e);
}

static int write_decision(struct work *w, void *arg, struct err *e)
{
	struct id id;
	liaison(w, arg);
	struct draft d = { .fields = json_keep(w->mem, json_pack("{s:s, s:s}", "note_kind", "decision", "text", "The convoy waits")) };
	return room_note(w, room, &d, &id, e);
}

static int compare(struct work *w, void *arg, struct err *e)
{
	liaison(w, "LIAISON");
	const struct grant *g = record_open(w, type_find(w->node->types, STR("joint_room")), &room, 1, e);
	return g ? room_compare(w, room, g, arg, e) : -1;
}

static void a_room_is_opened_by_two_offices_and_seals_itself(void **state)
{
	(void)state;
	int64_t days = 15;
	struct room_seal at_camp, at_ministry;
	wait_s(0);
	assert_int_equal(house_do(&ministry, propose_room, &days, &err), -1);
	err = (struct err){ 0 };
	days = 7;
	must(house_do(&ministry, propose_room, &days, &err));
	carry(&ministry, &camp);
	assert_int_equal(house_do(&camp, write_decision, (void *)(uintptr_t)"LIAISON", &err), -1);      /* not open yet */
	err = (struct err){ 0 };
	wait_s(2);                                   /* the question came before the room, and waits for it */
	carry(&ministry, &camp);
	must(house_do(&camp, agree_to_all, NULL, &err));
	carry(&camp, &ministry);
	carry(&ministry, &camp);
	must(house_do(&camp, write_decision, (void *)(uintptr_t)"LIAISON", &err));
	must(house_do(&ministry, write_decision, (void *)(uintptr_t)"LIAISON_SUP", &err));
	assert_int_equal(house_do(&camp, write_decision, (void *)(uintptr_t)"CAMP_MGR", &err), -1);     /* no member */
	err = (struct err){ 0 };
	carry(&camp, &ministry);
	carry(&ministry, &camp);
	wait_s(6LL * 24 * 3600);
	must(house_do(&ministry, renew, NULL, &err));
	carry(&ministry, &camp);
	must(house_do(&camp, agree_to_all, NULL, &err));
	carry(&camp, &ministry);
	carry(&ministry, &camp);
	wait_s(2LL * 24 * 3600);
	clocks(&ministry);
	assert_int_equal(entries(&ministry, "\"act\":\"seal\""), 0);
	wait_s(12LL * 24 * 3600 + 60);
	assert_int_equal(house_do(&camp, write_decision, (void *)(uintptr_t)"LIAISON", &err), -1);      /* over, whether or not the owner has sealed it */
	err = (struct err){ 0 };
	clocks(&ministry);
	carry(&ministry, &camp);
	must(house_do(&ministry, compare, &at_ministry, &err));
	must(house_do(&camp, compare, &at_camp, &err));
	assert_true(at_ministry.matches && at_camp.matches && at_camp.here == 2 && at_camp.sealed == 2);
	assert_int_equal(entries(&ministry, "\"act\":\"seal\""), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(it_waits_ten_seconds_then_goes_and_both_sides_see_it), T(unseen_for_fifteen_minutes_it_rings_once),
		T(thirty_days_after_its_end_it_is_shredded_on_both_sides),
		T(what_their_program_holds_or_refuses_is_told_with_its_word), T(a_request_that_is_refused_names_the_rule), T(only_what_its_type_lets_pass_is_vital), T(nobody_recalls_or_tells_what_is_not_hers), T(a_note_of_a_stranger_enters_no_room),
		T(without_ground_it_is_late_and_without_a_request_it_recalls_itself), T(a_matter_of_the_convoy_ends_three_days_after_its_arrival),
		T(a_room_is_opened_by_two_offices_and_seals_itself) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
