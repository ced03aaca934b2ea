/* What an agreement promises is kept where the data came to: how long it stays, when a shorter promise replaces a longer one, and what helpers on the way hold. Two offices
   in two folders, no network, both clocks in the hand of the test. */
#include "cmd/cmd.h"
#include "exchange/certificate.h"
#include "exchange/channel.h"
#include "exchange/exchange.h"
#include "exchange/recall.h"
#include "exchange/went.h"
#include "net/tls.h"
#include "record/retention.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *mem;
static char folder[64];
static struct house giver, taker;
static struct err err;
static int64_t clock_ms;
#define DAY_MS (24LL * 3600 * 1000)
#define FIELDS "person.name person.sex person.birth household.* household_member.* convoy.*"
#define AGREEMENT(days, more) AGREED(days, more, "never\n")
#define AGREED(days, more, onward) "jisr-agreement/1\ntitle Test " days "\nparties giver.sy taker.iq\npurposes transfer\nbases agreement\nfrom giver.sy " FIELDS \
	"\nfrom taker.iq batch.*\nretention-days " days "\n" more "onward " onward "rights Nobody is judged by kinship.\nstarts 2020-01-01\nends 2099-12-31\n"

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

static bool gives(const struct work *w)
{
	return w->node->ledger == giver.ledger;
}

static int invite(struct work *w, void *arg, struct err *e)
{
	struct tls_identity t;
	if (tls_load(w->mem, gives(w) ? giver.settings.dir : taker.settings.dir, &t, e) < 0 || partner_invite(w, STR("https://127.0.0.1:22001"), &t.pin, arg, e) < 0)
		return -1;
	*(struct str *)arg = str_dup(mem, *(struct str *)arg);
	return 0;
}

static int accept_note(struct work *w, void *arg, struct err *e)
{
	struct partner found;
	return partner_accept(w, *(struct str *)arg, &found, e);
}

struct signing { const char *text; struct str note; };
static int sign(struct work *w, void *arg, struct err *e)
{
	struct signing *s = arg;
	if (agreement_sign(w, str_of(s->text), &s->note, e) < 0)
		return -1;
	s->note = str_dup(mem, s->note);
	return 0;
}

static int signed_there(struct work *w, void *arg, struct err *e)
{
	struct partner p;
	return partner_find(w, gives(w) ? STR("taker.iq") : STR("giver.sy"), &p, e) == 1 ? agreement_signed_by(w, &p, ((struct signing *)arg)->note, e) : -1;
}

static void agree(const char *text)
{
	struct signing a = { text, { 0 } }, b = a;
	must(house_do(&giver, sign, &a, &err));
	must(house_do(&taker, sign, &b, &err));
	must(house_do(&giver, signed_there, &b, &err));
	must(house_do(&taker, signed_there, &a, &err));
}

/* And a second: what came a moment after the clock was set is as old. */
static void wait_days(int64_t days)
{
	clock_ms = (clock_ms ? clock_ms + 1000 : source_now_ms(source_system())) + days * DAY_MS;
	giver.node.source = source_test(mem, clock_ms, 1, (uint64_t)clock_ms);
	taker.node.source = source_test(mem, clock_ms, 1, (uint64_t)clock_ms + 1);
}

static int offices(const char *kind_of_giver, const char *kind_of_taker)
{
	struct str a, b;
	mem = arena_new((size_t)2 << 30);
	snprintf(folder, sizeof folder, "%s", "/tmp/promise_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	err = (struct err){ 0 };
	clock_ms = 0;
	start("giver.sy", kind_of_giver, 22003, &giver);
	start("taker.iq", kind_of_taker, 22004, &taker);
	must(house_do(&giver, invite, &a, &err));
	must(house_do(&taker, invite, &b, &err));
	must(house_do(&giver, accept_note, &b, &err));
	must(house_do(&taker, accept_note, &a, &err));
	wait_days(0);
	return 0;
}

static int camp_and_ministry(void **state)
{
	(void)state;
	return offices("camp", "ministry");
}

static int camp_and_border(void **state)
{
	(void)state;
	return offices("camp", "border");
}

static int ministry_and_centre(void **state)
{
	(void)state;
	return offices("ministry", "centre");
}

static int ministry_and_border(void **state)
{
	(void)state;
	return offices("ministry", "border");
}

static int teardown(void **state)
{
	(void)state;
	house_close(&giver);
	house_close(&taker);
	int pid = fork();
	if (pid == 0)
		_exit(execlp("rm", "rm", "-rf", folder, (char *)NULL));
	waitpid(pid, NULL, 0);
	arena_free(mem);
	return 0;
}

/* ---- the line and the clock ---- */

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
	for (int i = 0; i < 6; i++) {
		const struct call *c = timer(from, "outbox").effects.calls;
		struct tls_identity t;
		struct request *q = NEW(mem, struct request);
		struct item *it = NEW(mem, struct item), *back = NEW(mem, struct item);
		struct pair *query = NEW(mem, struct pair);
		if (!c)
			continue;
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

static int one_pass(struct work *w, void *arg, struct err *e)
{
	bool more = true;
	(void)arg;
	while (more)
		if (retention_step(w, &more, e) < 0)
			return -1;
	return 0;
}

static void days_pass(int64_t days)
{
	wait_days(days);
	must(house_do(&taker, one_pass, NULL, &err));
	carry(&taker, &giver);
}

/* ---- records ---- */

static struct id last;

static int share_person(struct work *w, void *arg, struct err *e)
{
	struct draft d = { .type = type_find(w->node->types, STR("person")), .unit = STR("camp"), .by_program = true,
		.fields = json_keep(w->mem, json_pack("{s:s, s:s, s:s}", "name", (const char *)arg, "sex", "2", "birth", "1990")) };
	w->purpose = STR("transfer");
	w->basis = STR("agreement");
	return record_create(w, &d, &last, e) < 0 ? -1 : record_share(w, &last, 1, STR("taker.iq"), e);
}

static int share_convoy(struct work *w, void *arg, struct err *e)
{
	struct draft d = { .type = type_find(w->node->types, STR("convoy")), .unit = STR("convoys"), .by_program = true,
		.fields = json_keep(w->mem, json_pack("{s:s, s:[s], s:s, s:s}", "title", "Convoy 7", "route", "IQ-X-RABIA", "lead", "Lead", "depart_plan",
		    time_text(w->mem, w->now_ms + *(int64_t *)arg * DAY_MS).p)) };
	w->purpose = STR("transfer");
	w->basis = STR("agreement");
	return record_create(w, &d, &last, e) < 0 ? -1 : record_share(w, &last, 1, STR("taker.iq"), e);
}

static void give_person(const char *name)
{
	must(house_do(&giver, share_person, (void *)(uintptr_t)name, &err));
	carry(&giver, &taker);
}

static int rename_it(struct work *w, void *arg, struct err *e)
{
	w->purpose = STR("transfer");
	return record_set_inside(w, last, json_keep(w->mem, json_pack("{s:s}", "name", (const char *)arg)), e);
}

struct seen { struct str state, name, rule; int64_t due, arrived, days; };
static int look_at(struct work *w, void *arg, struct err *e)
{
	struct seen *l = arg;
	struct record r;
	struct received from = { 0 };
	*l = (struct seen){ .state = STR("none") };
	w->purpose = STR("transfer");
	if (record_head(w, last, &r, NULL) < 0)
		return 0;
	l->state = str_dup(mem, r.state);
	if (str_is(r.state, "erased"))
		return 0;
	const struct grant *g = record_open_inside(w, r.type, &last, 1, e);
	if (!g || retention_due(w, &r, &l->due, &l->rule, e) < 0 || record_received(w, last, &from, e) < 0)
		return -1;
	l->name = str_dup(mem, record_text(g, 0, str_is(r.type->name, "convoy") ? "title" : "name"));
	l->rule = str_dup(mem, l->rule);
	l->arrived = from.arrived;
	l->days = from.days;
	return 0;
}

static struct seen there(struct house *h)
{
	struct seen l;
	must(house_do(h, look_at, &l, &err));
	return l;
}

/* How the newest disclosure stands at the giver. */
struct told { struct str state, expires; int64_t erased; };
static int register_at(struct work *w, void *arg, struct err *e)
{
	struct told *t = arg;
	struct went_to went;
	struct disclosure_stand stand;
	struct record d;
	w->purpose = STR("transfer");
	if (went_to(w, last, STR("taker.iq"), &went, e) != 1 || record_head(w, went.disclosure, &d, e) < 0 || disclosure_stand(w, d.id, &stand, e) < 0)
		return -1;
	const struct grant *g = record_open_inside(w, d.type, &d.id, 1, e);
	*t = (struct told){ str_dup(mem, d.state), g ? str_dup(mem, record_text(g, 0, "expires")) : (struct str){ 0 }, stand.erased };
	return 0;
}

static struct told registered(void)
{
	struct told t;
	must(house_do(&giver, register_at, &t, &err));
	return t;
}

static struct str day_in(int64_t days)
{
	return str_sub(time_text(mem, clock_ms + days * DAY_MS), 0, 10);
}

/* ---- how long ---- */

static void a_copy_ends_when_the_agreement_says(void **state)
{
	(void)state;
	agree(AGREEMENT("90", ""));
	give_person("Invented Person");
	assert_true(str_is(there(&taker).name, "Invented Person"));
	assert_true(str_eq(registered().expires, day_in(90)));
	days_pass(89);
	assert_true(str_is(there(&taker).name, "Invented Person"));
	days_pass(1);
	assert_true(str_is(there(&taker).state, "erased"));
	assert_true(str_is(there(&giver).name, "Invented Person"));          /* the owner keeps its own */
	struct told t = registered();
	assert_int_equal(t.erased, 1);
	assert_true(str_is(t.state, "erased_there"));
}

static void one_kind_may_have_a_shorter_time(void **state)
{
	(void)state;
	agree(AGREEMENT("90", "retention-type person 10\nretention-type convoy 200\n"));
	give_person("Invented Person");
	assert_int_equal(there(&taker).days, 10);
	assert_true(str_is(there(&taker).rule, "agreement+P10D"));
	days_pass(10);
	assert_true(str_is(there(&taker).state, "erased"));
}

static void a_shorter_promise_shortens_what_is_held_and_a_longer_one_does_not(void **state)
{
	(void)state;
	agree(AGREEMENT("90", ""));
	give_person("Invented Person");
	days_pass(1);
	agree(AGREEMENT("30", ""));
	assert_int_equal(there(&taker).days, 30);
	days_pass(1);
	agree(AGREEMENT("365", ""));
	days_pass(1);
	assert_int_equal(there(&taker).days, 30);
	assert_true(str_is(there(&taker).rule, "agreement+P30D"));
	days_pass(26);
	assert_true(str_is(there(&taker).name, "Invented Person"));
	days_pass(1);
	assert_true(str_is(there(&taker).state, "erased"));
}

static int suspend(struct work *w, void *arg, struct err *e)
{
	struct hash digest = sha256(str_bytes(str_of((const char *)arg)));
	return agreement_move(w, &digest, "end", (struct str){ 0 }, e);
}

static void what_was_promised_holds_after_the_agreement_ended(void **state)
{
	(void)state;
	static const char *const TEXT = AGREEMENT("40", "");
	agree(TEXT);
	give_person("Invented Person");
	must(house_do(&taker, suspend, (void *)(uintptr_t)TEXT, &err));
	days_pass(39);
	assert_true(str_is(there(&taker).name, "Invented Person"));
	days_pass(1);
	assert_true(str_is(there(&taker).state, "erased"));
}

static void content_that_comes_again_counts_from_then(void **state)
{
	(void)state;
	agree(AGREEMENT("90", ""));
	give_person("Invented Person");
	days_pass(60);
	must(house_do(&giver, rename_it, (void *)(uintptr_t)"Renamed Person", &err));
	carry(&giver, &taker);
	assert_true(str_is(there(&taker).name, "Renamed Person"));
	days_pass(40);
	assert_true(str_is(there(&taker).name, "Renamed Person"));
	days_pass(50);
	assert_true(str_is(there(&taker).state, "erased"));
}

static int bad_text(struct work *w, void *arg, struct err *e)
{
	struct str note;
	(void)e;
	struct err why = { 0 };
	assert_int_equal(agreement_sign(w, str_of((const char *)arg), &note, &why), -1);
	return 0;
}

static void times_that_cannot_be_read_are_not_signed(void **state)
{
	(void)state;
	must(house_do(&giver, bad_text, (void *)(uintptr_t)AGREEMENT("many", ""), &err));
	must(house_do(&giver, bad_text, (void *)(uintptr_t)AGREEMENT("99999999999", ""), &err));
	must(house_do(&giver, bad_text, (void *)(uintptr_t)AGREEMENT("90", "retention-type person\n"), &err));
	must(house_do(&giver, bad_text, (void *)(uintptr_t)AGREEMENT("90", "retention-type person soon\n"), &err));
}

/* ---- certificates ---- */

struct renewal { struct hash before, after; };
static int announce(struct work *w, void *arg, struct err *e)
{
	struct renewal *r = arg;
	return certificate_announce(w, &r->before, &r->after, 7, e) < 0 ? -1 : certificate_turned(w, e);
}

struct pinned { const char *name; struct partner p; };
static int partner_at(struct work *w, void *arg, struct err *e)
{
	struct pinned *x = arg;
	return partner_find(w, str_of(x->name), &x->p, e) == 1 ? 0 : -1;
}

static const struct partner *pinned(const char *name)
{
	struct pinned x = { .name = name };
	must(house_do(&taker, partner_at, &x, &err));
	return arena_copy(mem, &x.p, sizeof x.p);
}

static int who_shows(struct work *w, void *arg, struct err *e)
{
	struct pinned *x = arg;
	struct partner found;
	int rc = partner_by_certificate(w, &x->p.certificate, &found, e);
	x->name = rc == 1 ? str_z(mem, found.name) : "nobody";
	return rc < 0 ? -1 : 0;
}

static const char *shown_by(struct hash certificate)
{
	struct pinned x = { .p.certificate = certificate };
	must(house_do(&taker, who_shows, &x, &err));
	return x.name;
}

static int invite_third(struct work *w, void *arg, struct err *e)
{
	struct tls_identity t;
	if (tls_load(w->mem, str_fmt(w->mem, "%s/third.org", folder), &t, e) < 0 || partner_invite(w, STR("https://127.0.0.1:22105"), &t.pin, arg, e) < 0)
		return -1;
	*(struct str *)arg = str_dup(mem, *(struct str *)arg);
	return 0;
}

static void a_note_does_not_take_anothers_certificate(void **state)
{
	(void)state;
	struct house third;
	struct str note;
	start("third.org", "centre", 22005, &third);
	struct tls_identity t;
	must(tls_load(mem, third.settings.dir, &t, &err));
	must(house_do(&third, invite_third, &note, &err));
	must(house_do(&taker, accept_note, &note, &err));
	assert_string_equal(shown_by(t.pin), "third.org");
	struct renewal r = { pinned("giver.sy")->certificate, t.pin };
	must(house_do(&giver, announce, &r, &err));
	carry(&giver, &taker);
	assert_string_equal(shown_by(t.pin), "third.org");
	static const struct hash NONE;
	assert_true(hash_eq(&pinned("giver.sy")->certificate, &r.before) && hash_eq(&pinned("giver.sy")->next, &NONE));
	house_close(&third);
}

static void renewals_follow_each_other_and_the_old_one_ends(void **state)
{
	(void)state;
	struct hash first = pinned("giver.sy")->certificate, second = sha256(str_bytes(STR("second"))), third = sha256(str_bytes(STR("third"))), foreign = sha256(str_bytes(STR("foreign")));
	must(house_do(&giver, announce, &(struct renewal){ foreign, second }, &err));      /* names one that was never pinned */
	carry(&giver, &taker);
	assert_string_equal(shown_by(second), "nobody");
	must(house_do(&giver, announce, &(struct renewal){ first, second }, &err));
	carry(&giver, &taker);
	assert_string_equal(shown_by(first), "giver.sy");
	assert_string_equal(shown_by(second), "giver.sy");
	must(house_do(&giver, announce, &(struct renewal){ second, third }, &err));      /* before anybody saw the second */
	carry(&giver, &taker);
	assert_string_equal(shown_by(third), "giver.sy");
	wait_days(9);
	assert_string_equal(shown_by(first), "nobody");
	assert_true(hash_eq(&pinned("giver.sy")->certificate, &third));                  /* also for calls from here */
}

/* ---- to whom it goes on ---- */

struct passing { const char *to; bool may; };
static int pass_on(struct work *w, void *arg, struct err *e)
{
	struct passing *p = arg;
	struct err why = { 0 };
	(void)e;
	p->may = record_onward(w, &last, 1, str_of(p->to), &why) == 0;
	assert_int_equal(p->may, record_onward_may(w, last, str_of(p->to)));
	if (!p->may) {
		assert_int_equal(why.code, ERR_SAFEGUARD);
		assert_string_equal(why.arg, "giver.sy");                 /* the sentence names whom to ask */
		assert_true(str_is(w->refusal.reason, "onward"));
	}
	return 0;
}

static bool goes_on(struct house *h, const char *to)
{
	struct passing p = { to, false };
	must(house_do(h, pass_on, &p, &err));
	return p.may;
}

/* As a program would that was changed to send what it holds: under its own name, as a version of a record. */
static int smuggle(struct work *w, void *arg, struct err *e)
{
	struct err why = { 0 };
	json_t *body = json_keep(w->mem, json_pack("{s:[{s:s, s:s, s:{s:s}}]}", "records", "id", id_text(w->mem, last).p, "type", "person", "fields", "name", "Invented Person"));
	struct line_note n = { .to = str_of((const char *)arg), .kind = "share", .body = body, .purpose = STR("transfer"), .basis = STR("agreement"), .subjects = 1 };
	(void)e;
	w->purpose = n.purpose;
	w->basis = n.basis;
	assert_int_equal(w->node->hooks->line.send(w, &n, &why), -1);
	assert_int_equal(why.code, ERR_SAFEGUARD);
	return 0;
}

static void what_a_partner_gave_goes_to_nobody_else(void **state)
{
	(void)state;
	agree(AGREEMENT("90", ""));
	give_person("Invented Person");
	assert_false(goes_on(&taker, "third.org"));
	assert_false(goes_on(&taker, ""));                                /* nor on paper */
	assert_true(goes_on(&taker, "giver.sy"));                         /* theirs anyway */
	assert_true(goes_on(&giver, "third.org"));                        /* the owner sends what is its own */
	must(house_do(&taker, smuggle, (void *)(uintptr_t)"third.org", &err));
}

static void those_who_are_named_get_it_and_nobody_beside_them(void **state)
{
	(void)state;
	agree(AGREED("90", "", "named\nonward-to third.org letters\n"));
	give_person("Invented Person");
	assert_true(goes_on(&taker, "third.org"));
	assert_true(goes_on(&taker, ""));
	assert_false(goes_on(&taker, "third"));
	assert_false(goes_on(&taker, "third.organ"));
	assert_false(goes_on(&taker, "fourth.org"));
	assert_false(goes_on(&taker, "letters.org"));
	agree(AGREED("91", "", "asked\n"));                               /* the word is taken back */
	assert_false(goes_on(&taker, "third.org"));
}

static void a_later_word_opens_nothing_that_came_before(void **state)
{
	(void)state;
	agree(AGREEMENT("90", ""));
	give_person("Invented Person");
	agree(AGREED("80", "", "named\nonward-to third.org\n"));
	days_pass(1);                                                     /* its days count now, its word about passing on does not */
	assert_int_equal(there(&taker).days, 80);
	assert_false(goes_on(&taker, "third.org"));
	give_person("Another Person");
	assert_true(goes_on(&taker, "third.org"));
}

static void a_word_about_passing_on_that_says_nothing_is_not_signed(void **state)
{
	(void)state;
	must(house_do(&giver, bad_text, (void *)(uintptr_t)AGREED("90", "", "perhaps\n"), &err));
	must(house_do(&giver, bad_text, (void *)(uintptr_t)AGREED("90", "", "named\n"), &err));
	must(house_do(&giver, bad_text, (void *)(uintptr_t)AGREED("90", "", "never\nonward-to third.org\n"), &err));
}

static void eight_words_in_one_order_are_a_partners_text(void **state)
{
	(void)state;
	static const char SAID[] = "One case, closed in 2019 for lack of evidence, by the court of Ninewa.";
	assert_true(texts_share_words(mem, str_of(SAID), STR("They write: one case closed in 2019, for LACK of evidence. No more.")));
	assert_false(texts_share_words(mem, str_of(SAID), STR("A case was closed in 2019 because evidence was missing.")));
	assert_false(texts_share_words(mem, str_of(SAID), STR("One case")));
	assert_true(texts_share_words(mem, STR("أفاد المكتب أن الدعوى أغلقت في عام ٢٠١٩ لعدم كفاية الأدلة"), STR("نعلمكم: أفاد المكتب أن الدعوى أغلقت في عام ٢٠١٩ لعدم كفاية الأدلة")));
}

/* ---- on the way ---- */

static void what_has_totals_keeps_them_and_loses_the_rest(void **state)
{
	(void)state;
	int64_t days = 2;
	agree(AGREEMENT("20", ""));
	must(house_do(&giver, share_convoy, &days, &err));
	carry(&giver, &taker);
	days_pass(19);
	assert_true(str_is(there(&taker).name, "Convoy 7"));
	days_pass(1);
	assert_true(str_is(there(&taker).state, "planned"));
	assert_false(there(&taker).name.n);
	assert_int_equal(registered().erased, 1);
	uint64_t before = ledger_size(taker.ledger);
	days_pass(1);
	days_pass(1);
	assert_int_equal(ledger_size(taker.ledger), before);                  /* it ended once */
}

static void at_the_border_a_convoy_ends_30_days_after_its_day(void **state)
{
	(void)state;
	int64_t days = 2;
	agree(AGREEMENT("365", ""));
	must(house_do(&giver, share_convoy, &days, &err));
	carry(&giver, &taker);
	assert_true(str_is(there(&taker).rule, "depart_plan+P30D"));
	days_pass(31);
	assert_true(str_is(there(&taker).name, "Convoy 7"));
	days_pass(2);
	assert_false(there(&taker).name.n);
	assert_true(str_is(there(&giver).name, "Convoy 7"));
}

static void at_the_border_somebody_whom_no_list_names_is_gone_after_a_week(void **state)
{
	(void)state;
	agree(AGREEMENT("365", ""));
	give_person("Invented Person");
	assert_true(str_is(there(&taker).rule, "copy+P7D"));
	days_pass(6);
	assert_true(str_is(there(&taker).name, "Invented Person"));
	days_pass(1);
	assert_true(str_is(there(&taker).state, "erased"));
	assert_int_equal(registered().erased, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_copy_ends_when_the_agreement_says, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(one_kind_may_have_a_shorter_time, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(a_shorter_promise_shortens_what_is_held_and_a_longer_one_does_not, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(what_was_promised_holds_after_the_agreement_ended, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(content_that_comes_again_counts_from_then, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(times_that_cannot_be_read_are_not_signed, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(a_note_does_not_take_anothers_certificate, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(renewals_follow_each_other_and_the_old_one_ends, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(what_a_partner_gave_goes_to_nobody_else, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(those_who_are_named_get_it_and_nobody_beside_them, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(a_later_word_opens_nothing_that_came_before, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(a_word_about_passing_on_that_says_nothing_is_not_signed, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(eight_words_in_one_order_are_a_partners_text, camp_and_ministry, teardown),
		cmocka_unit_test_setup_teardown(what_has_totals_keeps_them_and_loses_the_rest, ministry_and_centre, teardown),
		cmocka_unit_test_setup_teardown(at_the_border_a_convoy_ends_30_days_after_its_day, ministry_and_border, teardown),
		cmocka_unit_test_setup_teardown(at_the_border_somebody_whom_no_list_names_is_gone_after_a_week, camp_and_border, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
