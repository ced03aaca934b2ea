/* Messages between two offices: each arrives once and is proven; what is late, repeated, forked, forged, cut off or without ground changes nothing. Two folders, no
   network: what a node would send is handed over by the test, which may lose it, repeat it or change it. */
#include "cmd/cmd.h"
#include "exchange/records.h"
#include "net/tls.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *mem;
static char folder[64];
static struct house camp, ministry;
static struct err err;
static int64_t clock_ms;
static struct id last;                        /* id of the message queued last */
#define AGREEMENT "jisr-agreement/1\ntitle Test\nparties camp.sy momd.iq\npurposes transfer\nbases agreement\nfrom camp.sy person.name\nfrom camp.sy person.sex batch.*\n" \
	"from momd.iq batch.number\nretention-days 30\nonward never\nrights Nobody is judged by kinship.\nstarts 2020-01-01\nends 2099-12-31\n"

/* ---- what a message of the tests does: "N" is applied, "N after M" is held till M was ---- */
static int applied[32], broken;
static int told(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *e)
{
	struct str rest = a->body, n = str_cut(&rest, ' ');
	uint64_t number, after = 0;
	if (work_enter(w, &(struct entry){ .act = ACT_MATCH }, e) < 0)       /* goes away where the message is held */
		return -1;
	if (broken)
		return err_set(e, ERR_FAULT, "the handler broke");
	if (str_u64(n, &number) < 0 || number >= COUNT(applied)) {
		*v = VERDICT_REFUSED;
		*why = "format";
		return 0;
	}
	struct str other = str_sub(rest, rest.n ? 6 : 0, rest.n);
	if (rest.n)
		str_u64(str_cut(&other, ' '), &after);
	*v = after && !applied[after] ? VERDICT_HELD : VERDICT_APPLIED;
	*why = "parent_missing";
	if (*v == VERDICT_APPLIED)
		applied[number]++;
	return 0;
}
static const struct kind_row TEST_KINDS[] = { { "update", told }, { "recall", told }, { "agreement", kind_agreement }, { 0 } };

/* ---- two offices ---- */

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
	h->node.kinds = TEST_KINDS;
}

static int invite(struct work *w, void *arg, struct err *e)
{
	struct str *note = arg;
	struct tls_identity t;
	struct str dir = w->node->ledger == camp.ledger ? camp.settings.dir : ministry.settings.dir;
	if (tls_load(w->mem, dir, &t, e) < 0 || partner_invite(w, STR("https://127.0.0.1:22001"), &t.pin, note, e) < 0)
		return -1;
	*note = str_dup(mem, *note);
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
	return partner_find(w, w->node->ledger == camp.ledger ? STR("momd.iq") : STR("camp.sy"), &p, e) == 1 ? agreement_signed_by(w, &p, *(struct str *)arg, e) : -1;
}

static int setup(void **state)
{
	(void)state;
	struct str a, b;
	mem = arena_new((size_t)2 << 30);
	snprintf(folder, sizeof folder, "%s", "/tmp/exchange_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	memset(applied, 0, sizeof applied);
	broken = 0;
	clock_ms = 0;
	err = (struct err){ 0 };
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
	int pid = fork();
	if (pid == 0)
		_exit(execlp("rm", "rm", "-rf", folder, (char *)NULL));
	waitpid(pid, NULL, 0);
	arena_free(mem);
	return 0;
}

static struct house *other(const struct house *h)
{
	return h == &camp ? &ministry : &camp;
}

/* ---- the line ---- */

struct queued { const char *kind, *body; struct str to; int64_t expires_ms; };
static int queue_it(struct work *w, void *arg, struct err *e)
{
	const struct queued *q = arg;
	struct message m = { .to = q->to, .kind = str_of(q->kind), .purpose = STR("transfer"), .basis = STR("agreement"), .media = "text/plain", .body = str_of(q->body),
		.expires_ms = q->expires_ms };
	return exchange_queue(w, &m, &last, e);
}

static int say(struct house *from, const char *kind, const char *body)
{
	struct queued q = { kind, body, other(from)->settings.name, 0 };
	return house_do(from, queue_it, &q, &err);
}

/* The clock of a node goes on by so much. */
static void wait_ms(struct house *h, int64_t ms)
{
	clock_ms = (clock_ms ? clock_ms : source_now_ms(source_system())) + ms;
	h->node.source = source_test(mem, clock_ms, 1, (uint64_t)clock_ms);
}

static struct answered tick_one(struct house *h, struct item *it)
{
	struct answered out;
	must(tick_run(h, &it, 1, &out, &err));
	return out;
}

static const struct call *send_timer(struct house *h)
{
	static const struct timer ROW = { "outbox", 500, exchange_send };
	struct item *it = NEW(mem, struct item);
	*it = (struct item){ .mem = mem, .timer = &ROW };
	return tick_one(h, it).effects.calls;
}

static struct response post(struct house *from, struct str body, struct str seen)
{
	struct tls_identity t;
	struct request *q = NEW(mem, struct request);
	struct item *it = NEW(mem, struct item);
	struct pair *query = NEW(mem, struct pair);
	*query = (struct pair){ STR("seen"), seen };
	must(tls_load(mem, from->settings.dir, &t, &err));
	*q = (struct request){ .mem = mem, .method = POST, .path = STR("/x/1/envelopes"), .tls = true, .partner_line = true, .body = body, .query = query, .nquery = 1 };
	memcpy(q->peer, t.pin.b, sizeof q->peer);
	*it = (struct item){ .mem = mem, .request = q };
	return tick_one(other(from), it).response;
}

static struct response carry(struct house *from, const struct call *c)
{
	return post(from, c->body, str_sub(c->url, str_find(c->url, STR("seen=")) + 5, c->url.n));
}

static void answer(struct house *h, const struct call *c, int status, struct str body)
{
	struct item *it = NEW(mem, struct item);
	*it = (struct item){ .mem = mem, .call = c, .call_status = status, .call_answer = body };
	tick_one(h, it);
}

static int round_trip(struct house *from)
{
	const struct call *c = send_timer(from);
	if (!c)
		return 0;
	struct response a = carry(from, c);
	answer(from, c, a.status, a.body);
	return a.status;
}

static int read_state(struct work *w, void *arg, struct err *e)
{
	struct line_state *all;
	size_t n;
	if (line_states(w, &all, &n, e) < 0)
		return -1;
	assert_int_equal(n, 1);
	all[0].trouble = str_dup(mem, all[0].trouble);
	all[0].mends = str_dup(mem, all[0].mends);
	*(struct line_state *)arg = all[0];
	return 0;
}

static struct line_state state_of(struct house *h)
{
	struct line_state s;
	must(house_do(h, read_state, &s, &err));
	return s;
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

/* ---- an envelope made by hand, from the description ---- */

struct by_hand { struct house *as; const char *from, *to, *kind, *body; struct id id; uint64_t epoch, seq; int version; struct str prev, expires; struct str out; struct hash digest; };
static int write_by_hand(struct work *w, void *arg, struct err *e)
{
	struct by_hand *x = arg;
	uint8_t public_key[32], signature[64];
	struct str body = str_fmt(mem, "0123456789abcdef%s", x->body);
	struct hash h = sha256(str_bytes(body));
	struct str text = str_fmt(mem, "jisr-envelope/%d\nfrom %s\nto %s\nepoch %llu\nid " S_FMT "\nseq %llu\nprev " S_FMT "\ncreated 2026-01-02T03:04:05.678Z\nexpires " S_FMT
	    "\nkind %s\npurpose transfer\nbasis agreement\nagreement -\nhandling -\nbody text/plain %zu " S_FMT "\n", x->version ? x->version : 1, x->from, x->to, (unsigned long long)x->epoch,
	    S_ARG(id_text(mem, x->id)), (unsigned long long)x->seq, S_ARG(x->prev), S_ARG(x->expires.n ? x->expires : STR("-")), x->kind, body.n,
	    S_ARG(hex(mem, bytes_of(h.b, HASH_BYTES))));
	if (keys_public(w->node->keys, SIGN_NODE, public_key, e) < 0)
		return -1;
	struct note_key k = note_key_make(mem, w->node->name, NOTE_ED25519, public_key);
	if (keys_sign(w->node->keys, SIGN_NODE, note_message(mem, &k, text, 0), signature, e) < 0)
		return -1;
	struct str line = note_line(mem, &k, signature, 0);
	struct buf b = buf_new(mem, body.n + 65536);
	buf_sized(&b, str_bytes(note_join(mem, text, &line, 1)));
	buf_str(&b, body);
	x->out = buf_text(&b);
	x->digest = sha256(str_bytes(text));
	return 0;
}

static const char NONE[] = "0000000000000000000000000000000000000000000000000000000000000000";
static struct by_hand by_hand(const char *body, uint64_t seq, struct str prev)
{
	struct by_hand x = { .as = &camp, .from = "camp.sy", .to = "momd.iq", .kind = "update", .body = body, .id = id_new(source_system()), .seq = seq, .prev = prev };
	return x;
}

static struct response bring(struct by_hand *x)
{
	must(house_do(x->as, write_by_hand, x, &err));
	return post(x->as, x->out, STR("0"));
}

static bool says(struct response a, const char *verdict, const char *why)
{
	return a.status == 200 && str_find(a.body, str_fmt(mem, "\nverdict %s\nwhy %s\n", verdict, why)) < a.body.n;
}

static int held_now(struct work *w, void *arg, struct err *e)
{
	(void)arg;
	return held_retry(w, e);
}

/* ---- tests ---- */

static void message_arrives_once_and_both_logs_say_so(void **state)
{
	(void)state;
	must(say(&camp, "update", "1"));
	assert_int_equal(entries(&camp, "\"act\":\"send\""), 1);
	assert_int_equal(round_trip(&camp), 200);
	assert_int_equal(applied[1], 1);
	assert_int_equal(entries(&ministry, "\"act\":\"receive\",\"type\":\"update\",\"move\":\"applied\""), 1);
	assert_int_equal(entries(&camp, "\"act\":\"receipt\""), 1);
	struct line_state s = state_of(&camp);
	assert_true(s.waiting == 0 && s.delivered_ms > 0 && !s.trouble.n);
	assert_int_equal(round_trip(&camp), 0);
}

static void many_messages_go_in_one_call_in_order(void **state)
{
	(void)state;
	for (int i = 1; i < 20; i++)
		must(say(&camp, "update", i == 1 ? "1" : str_fmt(mem, "%d after %d", i, i - 1).p));
	assert_int_equal(round_trip(&camp), 200);
	for (int i = 1; i < 20; i++)
		assert_int_equal(applied[i], 1);
	assert_int_equal(state_of(&camp).waiting, 0);
}

static void answer_that_is_lost_applies_nothing_twice(void **state)
{
	(void)state;
	must(say(&camp, "update", "1"));
	const struct call *c = send_timer(&camp);
	assert_int_equal(carry(&camp, c).status, 200);
	answer(&camp, c, 0, (struct str){ 0 });
	assert_true(str_is(state_of(&camp).trouble, "silent"));
	must(say(&camp, "update", "2"));
	assert_null(send_timer(&camp));                /* the line rests */
	must(say(&ministry, "update", "7"));           /* the ministry's log goes on, and is seen */
	assert_int_equal(round_trip(&ministry), 200);
	wait_ms(&camp, 5000);
	assert_int_equal(round_trip(&camp), 200);
	assert_true(applied[1] == 1 && applied[2] == 1);
	assert_int_equal(entries(&ministry, "\"act\":\"receive\",\"type\":\"update\",\"move\":\"applied\""), 2);
	assert_int_equal(state_of(&camp).waiting, 0);
}

/* One partner keeps so much here before its time, and no more: what is beyond is held all the same, and comes when it is repeated. */
static void held_messages_of_one_partner_have_a_bound(void **state)
{
	(void)state;
	enum { MANY = 260, LARGE = 13 };
	struct by_hand *x = NEW_ARRAY(mem, struct by_hand, MANY + LARGE + 1);
	char *large = NEW_ARRAY(mem, char, (size_t)3 << 20);
	memset(large, 'x', ((size_t)3 << 20) - 4096);
	memcpy(large, "5 after 6 ", 10);
	for (int i = 0; i < LARGE; i++) {
		x[i] = by_hand(large, (uint64_t)i + 1, i ? hex(mem, bytes_of(x[i - 1].digest.b, HASH_BYTES)) : str_of(NONE));
		assert_true(says(bring(&x[i]), "held", "parent_missing"));
	}
	assert_int_equal(state_of(&ministry).held, 11);
	for (int i = LARGE; i < MANY + LARGE; i++) {
		x[i] = by_hand("5 after 7", (uint64_t)i + 1, hex(mem, bytes_of(x[i - 1].digest.b, HASH_BYTES)));
		if (i == LARGE) {                                    /* the large ones go: there is room for many */
			struct by_hand *six = &x[MANY + LARGE];
			*six = by_hand("6", (uint64_t)i + 1, x[i].prev);
			assert_true(says(bring(six), "applied", "-"));
			assert_true(applied[5] > 0 && applied[5] < 11);      /* a tick works a part */
			must(house_do(&ministry, held_now, NULL, &err));
			must(house_do(&ministry, held_now, NULL, &err));
			assert_int_equal(applied[5], 11);
			for (int k = 0; k < LARGE; k++)
				bring(&x[k]);
			assert_int_equal(applied[5], LARGE);
			assert_int_equal(state_of(&ministry).held, 0);
			x[i].prev = hex(mem, bytes_of(six->digest.b, HASH_BYTES));
		}
		x[i].seq++;
		assert_true(says(bring(&x[i]), "held", "parent_missing"));
	}
	assert_int_equal(state_of(&ministry).held, 256);
	struct by_hand seven = by_hand("7", MANY + LARGE + 2, hex(mem, bytes_of(x[MANY + LARGE - 1].digest.b, HASH_BYTES)));
	assert_true(says(bring(&seven), "applied", "-"));
	assert_int_equal(applied[5], LARGE + 256);
	for (int i = LARGE; i < MANY + LARGE; i++)
		assert_true(says(bring(&x[i]), "applied", "-"));
	assert_int_equal(applied[5], LARGE + MANY);
}

static void order_of_arrival_does_not_matter(void **state)
{
	(void)state;
	must(say(&camp, "update", "2 after 1"));
	size_t before = entries(&ministry, "\"act\":\"match\"");
	assert_int_equal(round_trip(&camp), 200);
	assert_int_equal(applied[2], 0);
	assert_int_equal(entries(&ministry, "\"act\":\"match\""), before);      /* nothing of a held message stays */
	struct line_state s = state_of(&ministry);
	assert_int_equal(s.held, 1);
	assert_int_equal(state_of(&camp).waiting, 1);
	must(say(&camp, "update", "1"));
	assert_int_equal(round_trip(&camp), 200);
	assert_true(applied[1] == 1 && applied[2] == 1);
	assert_int_equal(state_of(&ministry).held, 0);
	wait_ms(&camp, 2000);
	assert_int_equal(round_trip(&camp), 200);      /* the sender hears of it */
	assert_int_equal(applied[2], 1);
	assert_int_equal(state_of(&camp).waiting, 0);
}

static void fault_with_one_message_does_not_stop_the_line(void **state)
{
	(void)state;
	broken = 1;
	must(say(&camp, "update", "1"));
	assert_int_equal(round_trip(&camp), 200);
	assert_int_equal(state_of(&camp).waiting, 1);
	broken = 0;
	must(say(&camp, "update", "2"));
	assert_int_equal(round_trip(&camp), 200);
	assert_true(applied[1] == 1 && applied[2] == 1);
}

static void refused_message_ends_and_the_log_says_why(void **state)
{
	(void)state;
	must(say(&camp, "update", "nonsense"));
	must(say(&camp, "gossip", "1"));
	assert_int_equal(round_trip(&camp), 200);
	assert_int_equal(state_of(&camp).refused, 2);
	assert_int_equal(entries(&camp, "\"act\":\"receipt\",\"type\":\"update\",\"to\":\"momd.iq\",\"refused\":\"format\""), 1);
	assert_int_equal(entries(&ministry, "\"refused\":\"kind\""), 1);
	assert_int_equal(round_trip(&camp), 0);
}

static void receipt_that_lies_delivers_nothing(void **state)
{
	(void)state;
	must(say(&camp, "update", "1"));
	const struct call *c = send_timer(&camp);
	struct response a = carry(&camp, c);
	for (size_t i = 0; i < a.body.n; i += 7) {
		char *bad = arena_copy(mem, a.body.p, a.body.n);
		bad[i] = (char)(bad[i] ^ 1);
		answer(&camp, c, 200, (struct str){ bad, a.body.n });
		assert_int_equal(state_of(&camp).waiting, 1);
	}
	for (size_t n = 0; n < a.body.n; n += 11)
		answer(&camp, c, 200, str_sub(a.body, 0, n));
	assert_int_equal(state_of(&camp).waiting, 1);
	assert_true(str_is(state_of(&camp).trouble, "answer"));
	answer(&camp, c, 200, a.body);
	assert_int_equal(state_of(&camp).waiting, 0);
}

static void receipt_of_another_message_is_none(void **state)
{
	(void)state;
	must(say(&camp, "update", "1"));
	const struct call *first = send_timer(&camp);
	struct response a = carry(&camp, first);
	answer(&camp, first, 200, a.body);
	must(say(&camp, "update", "2"));
	const struct call *second = send_timer(&camp);
	carry(&camp, second);
	answer(&camp, second, 200, a.body);
	assert_int_equal(state_of(&camp).waiting, 1);
}

static void envelope_cut_off_anywhere_changes_nothing(void **state)
{
	(void)state;
	struct by_hand x = by_hand("1", 1, str_of(NONE));
	must(house_do(&camp, write_by_hand, &x, &err));
	uint64_t before = ledger_size(ministry.ledger);
	for (size_t n = 0; n < x.out.n; n++)
		assert_int_equal(post(&camp, str_sub(x.out, 0, n), STR("0")).status, 400);
	assert_int_equal(post(&camp, str_join(mem, x.out, STR("\0")), STR("0")).status, 400);
	assert_int_equal(ledger_size(ministry.ledger), before);
	applied[1] = 0;                                /* the one with a byte behind it was tried, and rolled back */
	assert_int_equal(post(&camp, x.out, STR("0")).status, 200);
	assert_int_equal(applied[1], 1);
}

static void no_bit_of_an_envelope_may_change(void **state)
{
	(void)state;
	struct by_hand x = by_hand("1", 1, str_of(NONE));
	must(house_do(&camp, write_by_hand, &x, &err));
	for (size_t i = 0; i < x.out.n; i += 3) {
		char *bad = arena_copy(mem, x.out.p, x.out.n);
		bad[i] = (char)(bad[i] ^ 4);
		struct response a = post(&camp, (struct str){ bad, x.out.n }, STR("0"));
		assert_true(a.status != 200 || says(a, "refused", "body"));
		if (a.status == 200)
			break;                                     /* the body is the last part: its envelope was good, so its place is taken */
	}
	assert_int_equal(applied[1], 0);
}

static void envelope_of_somebody_else_is_not_taken(void **state)
{
	(void)state;
	struct by_hand x = by_hand("1", 1, str_of(NONE));
	x.from = "vetting.iq";
	assert_int_equal(bring(&x).status, 403);
	struct by_hand y = by_hand("1", 1, str_of(NONE));
	must(house_do(&ministry, write_by_hand, &y, &err));      /* says camp.sy, signed by another key */
	assert_int_equal(post(&camp, y.out, STR("0")).status, 403);
	assert_int_equal(applied[1], 0);
}

static void envelope_for_somebody_else_is_refused_and_takes_no_place(void **state)
{
	(void)state;
	struct by_hand x = by_hand("1", 1, str_of(NONE)), y = by_hand("2", 1, str_of(NONE));
	x.to = "centre.iq";
	assert_true(says(bring(&x), "refused", "recipient"));
	assert_true(says(bring(&y), "applied", "-"));
	assert_int_equal(applied[1], 0);
}

static void expired_envelope_is_refused(void **state)
{
	(void)state;
	struct by_hand x = by_hand("1", 1, str_of(NONE));
	x.expires = STR("2026-01-03T00:00:00.000Z");
	wait_ms(&ministry, 0);
	ministry.node.source = source_test(mem, 1800000000000, 1, 9);
	assert_true(says(bring(&x), "refused", "expired"));
	assert_int_equal(applied[1], 0);
	struct queued q = { "update", "2", STR("momd.iq"), source_now_ms(source_system()) + 1000 };
	must(house_do(&camp, queue_it, &q, &err));
	wait_ms(&camp, 60000);
	assert_null(send_timer(&camp));                /* too late: it does not even leave */
	assert_int_equal(state_of(&camp).waiting, 0);
	assert_int_equal(entries(&camp, "\"refused\":\"expired\""), 1);
}

static void repeat_gets_the_same_answer_and_an_id_means_one_message(void **state)
{
	(void)state;
	struct by_hand x = by_hand("1", 1, str_of(NONE));
	assert_true(says(bring(&x), "applied", "-"));
	assert_true(says(post(&camp, x.out, STR("0")), "applied", "-"));
	assert_int_equal(applied[1], 1);
	struct by_hand y = by_hand("2", 2, hex(mem, bytes_of(x.digest.b, HASH_BYTES)));
	y.id = x.id;
	assert_true(says(bring(&y), "refused", "id"));
	assert_int_equal(applied[2], 0);
}

static void gap_is_noticed_and_closed(void **state)
{
	(void)state;
	struct by_hand x = by_hand("1", 1, str_of(NONE));
	must(house_do(&camp, write_by_hand, &x, &err));
	struct by_hand y = by_hand("2", 2, hex(mem, bytes_of(x.digest.b, HASH_BYTES)));
	assert_true(says(bring(&y), "applied", "-"));
	assert_int_equal(state_of(&ministry).missing, 1);
	assert_true(says(post(&camp, x.out, STR("0")), "applied", "-"));
	assert_int_equal(state_of(&ministry).missing, 0);
	assert_false(state_of(&ministry).fork);
}

static struct id person;
static struct str mended;
static int mend(struct work *w, void *arg, struct err *e)
{
	(void)arg;
	w->actor = (struct actor){ .account = person, .role = STR("ADMIN") };
	return line_mend(w, STR("camp.sy"), mended, e);
}

static int mend_as(uint8_t who, const char *what)
{
	person = (struct id){ { who } };
	mended = str_of(what);
	err = (struct err){ 0 };
	return house_do(&ministry, mend, NULL, &err);
}

static void two_messages_in_one_place_hold_the_line_until_two_persons_agree(void **state)
{
	(void)state;
	struct by_hand x = by_hand("1", 1, str_of(NONE)), y = by_hand("2", 1, str_of(NONE));
	assert_true(says(bring(&x), "applied", "-"));
	assert_true(says(bring(&y), "held", "fork"));
	assert_true(state_of(&ministry).fork);
	assert_int_equal(entries(&ministry, "\"refused\":\"fork\""), 1);
	struct by_hand z = by_hand("3", 2, hex(mem, bytes_of(x.digest.b, HASH_BYTES)));
	assert_true(says(bring(&z), "held", "fork"));
	assert_true(says(post(&camp, x.out, STR("0")), "applied", "-"));       /* what was said of before stands */
	assert_int_equal(entries(&ministry, "\"refused\":\"fork\""), 1);
	must(say(&ministry, "update", "9"));
	assert_null(send_timer(&ministry));            /* nothing goes there either */
	assert_int_equal(mend_as(1, "epoch"), -1);
	assert_int_equal(mend_as(1, "fork"), 0);
	assert_int_equal(mend_as(1, "fork"), -1);
	assert_true(state_of(&ministry).fork);
	assert_int_equal(mend_as(2, "fork"), 0);
	assert_false(state_of(&ministry).fork);
	assert_true(says(post(&camp, z.out, STR("0")), "applied", "-"));
	assert_true(says(post(&camp, y.out, STR("0")), "applied", "-") || state_of(&ministry).fork);
	assert_true(applied[1] == 1 && applied[3] == 1);
}

/* Two persons gave up the places of before: what was held on one of them is applied without it, and does not stand against what came since. */
static void message_held_when_a_fork_was_released_takes_no_place_again(void **state)
{
	(void)state;
	struct by_hand held = by_hand("5 after 6", 1, str_of(NONE)), y = by_hand("7", 1, str_of(NONE));
	assert_true(says(bring(&held), "held", "parent_missing"));
	assert_true(says(bring(&y), "held", "fork"));
	assert_int_equal(mend_as(1, "fork"), 0);
	assert_int_equal(mend_as(2, "fork"), 0);
	assert_true(says(post(&camp, y.out, STR("0")), "applied", "-"));
	struct by_hand z = by_hand("6", 2, hex(mem, bytes_of(y.digest.b, HASH_BYTES)));
	assert_true(says(bring(&z), "applied", "-"));
	assert_int_equal(applied[5], 1);
	assert_true(says(post(&camp, z.out, STR("0")), "applied", "-"));
	assert_false(state_of(&ministry).fork);
}

static void neighbour_that_names_another_is_a_fork(void **state)
{
	(void)state;
	struct by_hand x = by_hand("1", 1, str_of(NONE)), y = by_hand("2", 2, str_of(NONE));
	assert_true(says(bring(&x), "applied", "-"));
	assert_true(says(bring(&y), "held", "fork"));
	assert_int_equal(applied[2], 0);
}

static int agreement_do(struct work *w, void *arg, struct err *e)
{
	struct hash digest = sha256(str_bytes(STR(AGREEMENT)));
	return agreement_move(w, &digest, arg, (struct str){ 0 }, e);
}

static int agreement_is(struct work *w, void *arg, struct err *e)
{
	struct hash digest = sha256(str_bytes(STR(AGREEMENT)));
	struct agreement a;
	if (agreement_find(w, &digest, &a, e) != 1)
		return -1;
	*(struct str *)arg = str_dup(mem, a.state);
	return 0;
}

static struct str agreement_state(struct house *h)
{
	struct str s;
	must(house_do(h, agreement_is, &s, &err));
	return s;
}

static int is_full(struct work *w, void *arg, struct err *e)
{
	(void)e;
	*(bool *)arg = exchange_line_full(w, STR("momd.iq"));
	return 0;
}

/* Somebody who is away for weeks: no more is queued, and it is said; recall goes into the queue all the same, and everything that waits arrives. */
static void full_outbox_says_so_and_empties(void **state)
{
	(void)state;
	bool full = true;
	camp.node.outbox_most = 5;
	must(house_do(&camp, is_full, &full, &err));
	assert_false(full);
	for (int i = 1; i <= 5; i++)
		must(say(&camp, "update", str_fmt(mem, "%d", i).p));
	assert_int_equal(say(&camp, "update", "6"), -1);
	assert_true(err.code == ERR_BUSY && strncmp(err.user, "Too many messages wait", 22) == 0);
	err = (struct err){ 0 };
	must(say(&camp, "recall", "7"));
	must(house_do(&camp, is_full, &full, &err));
	assert_true(full && state_of(&camp).full && state_of(&camp).waiting == 6);
	assert_int_equal(round_trip(&camp), 200);
	assert_false(state_of(&camp).full);
	must(say(&camp, "update", "6"));
	assert_int_equal(round_trip(&camp), 200);
	for (int i = 1; i <= 7; i++)
		assert_int_equal(applied[i], 1);
}

/* A clock that is wrong at either side, by a month and by years: messages are applied and proven, and nothing runs out that does not expire. */
static void wrong_clock_stops_nothing(void **state)
{
	(void)state;
	static const int64_t WRONG_MS[] = { -30LL * 86400000, 40LL * 86400000 };
	for (int i = 0; i < 2; i++) {
		clock_ms = source_now_ms(source_system());
		wait_ms(&ministry, WRONG_MS[i] - (i ? 0 : 0));
		must(say(&camp, "update", str_fmt(mem, "%d", i + 1).p));
		assert_int_equal(round_trip(&camp), 200);
		assert_int_equal(applied[i + 1], 1);
		assert_int_equal(state_of(&camp).waiting, 0);
		must(say(&ministry, "update", str_fmt(mem, "%d", i + 11).p));
		assert_int_equal(round_trip(&ministry), 200);
		assert_int_equal(applied[i + 11], 1);
	}
	clock_ms = 0;
}

/* A month without a line: the calls become rare, the queue waits, and the first sign of the partner wakes the line. */
static void month_of_silence_loses_nothing(void **state)
{
	(void)state;
	clock_ms = 0;
	int calls = 0;
	for (int i = 1; i <= 10; i++)
		must(say(&camp, "update", str_fmt(mem, "%d", i).p));
	for (int minute = 0; minute < 60; minute++) {
		const struct call *c = send_timer(&camp);
		calls += c != NULL;
		if (c)
			answer(&camp, c, 0, (struct str){ 0 });
		wait_ms(&camp, minute < 30 ? 10000 : 86400000);
	}
	assert_in_range(calls, 8, 45);               /* every minute at most, not every 10 s */
	assert_true(str_is(state_of(&camp).trouble, "silent") && state_of(&camp).waiting == 10);
	const struct call *c = send_timer(&camp);
	if (c)
		answer(&camp, c, 0, (struct str){ 0 });
	assert_null(send_timer(&camp));              /* it rests */
	must(say(&ministry, "update", "20"));
	assert_int_equal(round_trip(&ministry), 200);
	assert_int_equal(round_trip(&camp), 200);    /* heard again: at once */
	for (int i = 1; i <= 10; i++)
		assert_int_equal(applied[i], 1);
	assert_int_equal(state_of(&camp).waiting, 0);
	clock_ms = 0;
}

/* A younger Jisr: what it says that we do not know is refused with a word, and stops nothing; an envelope of another version is not read as one of ours. */
static void words_of_another_version_are_refused_and_stop_nothing(void **state)
{
	(void)state;
	struct by_hand kind = by_hand("1", 1, str_of(NONE));
	kind.kind = "teleport";
	assert_true(says(bring(&kind), "refused", "kind"));
	struct by_hand known = by_hand("2", 2, hex(mem, bytes_of(kind.digest.b, HASH_BYTES)));
	assert_true(says(bring(&known), "applied", "-"));
	struct by_hand next = by_hand("3", 3, hex(mem, bytes_of(known.digest.b, HASH_BYTES)));
	next.version = 2;
	assert_int_equal(bring(&next).status, 400);
	assert_int_equal(applied[3], 0);
	next.version = 0;
	assert_true(says(bring(&next), "applied", "-"));
	/* the other way: what our partner refuses so is over, named in our log, and the rest goes on */
	must(say(&ministry, "teleport", "9"));
	must(say(&ministry, "update", "10"));
	assert_int_equal(round_trip(&ministry), 200);
	assert_true(applied[10] == 1 && state_of(&ministry).waiting == 0 && state_of(&ministry).refused == 1);
	assert_int_equal(entries(&ministry, "\"act\":\"receipt\",\"type\":\"teleport\""), 1);
}

static void suspended_agreement_stops_at_once_and_the_queue_waits(void **state)
{
	(void)state;
	must(say(&camp, "update", "1"));
	must(house_do(&camp, agreement_do, (void *)(uintptr_t)"suspend", &err));
	assert_int_equal(say(&camp, "update", "2"), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	err = (struct err){ 0 };
	must(say(&camp, "recall", "3"));
	assert_int_equal(round_trip(&camp), 200);
	assert_true(applied[1] == 0 && applied[3] == 1);
	assert_true(str_is(agreement_state(&ministry), "suspended"));
	assert_int_equal(say(&ministry, "update", "4"), -1);
	err = (struct err){ 0 };
	assert_int_equal(house_do(&ministry, agreement_do, (void *)(uintptr_t)"resume", &err), -1);      /* who suspended takes up again */
	err = (struct err){ 0 };
	must(house_do(&camp, agreement_do, (void *)(uintptr_t)"resume", &err));
	assert_int_equal(round_trip(&camp), 200);
	wait_ms(&camp, 3000);                          /* the message came before the word that it may */
	round_trip(&camp);
	assert_int_equal(applied[1], 1);
	assert_true(str_is(agreement_state(&ministry), "in_force"));
	assert_int_equal(state_of(&camp).waiting, 0);
}

static void message_under_way_when_the_receiver_suspends_waits_at_its_sender(void **state)
{
	(void)state;
	must(say(&camp, "update", "1"));
	must(house_do(&ministry, agreement_do, (void *)(uintptr_t)"suspend", &err));
	const struct call *c = send_timer(&camp);
	struct response a = carry(&camp, c);
	assert_true(says(a, "held", "agreement"));
	answer(&camp, c, a.status, a.body);
	assert_int_equal(state_of(&ministry).held, 0);   /* without ground nothing is kept of it */
	assert_int_equal(state_of(&camp).waiting, 1);
	must(house_do(&ministry, agreement_do, (void *)(uintptr_t)"resume", &err));
	assert_int_equal(round_trip(&ministry), 200);
	wait_ms(&camp, 3000);
	assert_int_equal(round_trip(&camp), 200);
	assert_int_equal(applied[1], 1);
}

static void ended_agreement_is_not_revived_by_a_signature(void **state)
{
	(void)state;
	struct str note;
	must(house_do(&camp, agreement_do, (void *)(uintptr_t)"end", &err));
	assert_int_equal(round_trip(&camp), 200);
	must(house_do(&camp, sign, &note, &err));
	must(house_do(&ministry, signed_there, &note, &err));
	assert_true(str_is(agreement_state(&camp), "ended") && str_is(agreement_state(&ministry), "ended"));
	assert_int_equal(say(&ministry, "update", "1"), -1);
	err = (struct err){ 0 };
}

static int allows(struct work *w, void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	struct str to = STR("momd.iq"), purpose = STR("transfer");
	assert_true(exchange_allows(w, to, purpose, STR("person"), STR("name")));
	assert_true(exchange_allows(w, to, purpose, STR("person"), STR("sex")));
	assert_true(exchange_allows(w, to, purpose, STR("batch"), STR("anything")));
	assert_false(exchange_allows(w, to, purpose, STR("person"), STR("phone")));
	assert_false(exchange_allows(w, to, purpose, STR("person"), STR("*")));
	assert_false(exchange_allows(w, to, STR("vetting"), STR("person"), STR("name")));
	assert_false(exchange_allows(w, STR("centre.iq"), purpose, STR("person"), STR("name")));
	return 0;
}

static void agreement_names_the_fields(void **state)
{
	(void)state;
	must(house_do(&camp, allows, NULL, &err));
}

/* As after `jisr restore`: the log goes on in the next epoch, and what is sent begins at 1. */
static void raise_epoch(struct house *h)
{
	struct str dir = str_dup(mem, h->settings.dir);
	must(ledger_raise(h->tx, 0, source_now_ms(source_system()), &err));
	house_close(h);
	must(house_take(mem, dir, h, &err));
	h->node.kinds = TEST_KINDS;
}

static void restored_partner_is_heard_when_two_persons_accepted_it(void **state)
{
	(void)state;
	must(say(&camp, "update", "1"));
	must(say(&ministry, "update", "11"));
	assert_int_equal(round_trip(&camp), 200);
	assert_int_equal(round_trip(&ministry), 200);
	raise_epoch(&camp);
	struct by_hand x = by_hand("2", 1, str_of(NONE));
	x.epoch = 1;
	assert_true(says(bring(&x), "held", "epoch"));
	assert_int_equal(applied[2], 0);
	assert_int_equal(state_of(&ministry).epoch, 1);
	must(say(&ministry, "update", "12"));
	assert_int_equal(round_trip(&ministry), 200);
	assert_true(str_is(state_of(&ministry).trouble, "epoch"));
	assert_int_equal(state_of(&ministry).waiting, 1);
	assert_int_equal(mend_as(1, "epoch"), 0);
	assert_int_equal(mend_as(2, "epoch"), 0);
	assert_true(says(post(&camp, x.out, STR("0")), "applied", "-"));
	assert_int_equal(round_trip(&ministry), 200);
	assert_int_equal(state_of(&ministry).waiting, 0);
	assert_int_equal(applied[12], 1);
	struct by_hand old = by_hand("3", 2, str_of(NONE));
	assert_true(says(bring(&old), "refused", "epoch"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(message_arrives_once_and_both_logs_say_so), T(many_messages_go_in_one_call_in_order), T(answer_that_is_lost_applies_nothing_twice),
		T(order_of_arrival_does_not_matter), T(held_messages_of_one_partner_have_a_bound), T(fault_with_one_message_does_not_stop_the_line), T(refused_message_ends_and_the_log_says_why),
		T(receipt_that_lies_delivers_nothing), T(receipt_of_another_message_is_none), T(envelope_cut_off_anywhere_changes_nothing),
		T(no_bit_of_an_envelope_may_change), T(envelope_of_somebody_else_is_not_taken), T(envelope_for_somebody_else_is_refused_and_takes_no_place),
		T(expired_envelope_is_refused), T(repeat_gets_the_same_answer_and_an_id_means_one_message), T(gap_is_noticed_and_closed),
		T(two_messages_in_one_place_hold_the_line_until_two_persons_agree), T(full_outbox_says_so_and_empties), T(wrong_clock_stops_nothing), T(month_of_silence_loses_nothing), T(words_of_another_version_are_refused_and_stop_nothing),
		T(message_held_when_a_fork_was_released_takes_no_place_again),
		T(neighbour_that_names_another_is_a_fork),
		T(suspended_agreement_stops_at_once_and_the_queue_waits), T(message_under_way_when_the_receiver_suspends_waits_at_its_sender),
		T(ended_agreement_is_not_revived_by_a_signature), T(agreement_names_the_fields), T(restored_partner_is_heard_when_two_persons_accepted_it) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
