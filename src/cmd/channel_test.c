/* What a partner may bring as a request, in memory: its papers, its owner, and the words in it that do not go on. Two folders, no network: the test forges what comes. */
#include "base/buf.h"
#include "cmd/cmd.h"
#include "exchange/channel.h"
#include "exchange/document.h"
#include "exchange/forward.h"
#include "exchange/records.h"
#include "net/tls.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *mem;
static char folder[64];
static struct house camp, ministry, third;
static struct err err;
static const char *const FILES[] = { "node.db", "node.db-wal", "node.db-shm", "node.keys", "jisr.yaml", "tls.key", "tls.crt", "counters", "log.key", "witness.key", "lock", "reserve", "control" };
#define FIELDS "rfi.* rfi_subject.* rfi_document.* rfi_page.* rfi_reply.*"
#define AGREEMENT "jisr-agreement/1\ntitle Test\nparties camp.sy momd.iq\npurposes coordination\nbases agreement\nfrom camp.sy " FIELDS "\nfrom momd.iq " FIELDS \
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
	if (tls_load(w->mem, is_camp(w) ? camp.settings.dir : w->node->ledger == third.ledger ? third.settings.dir : ministry.settings.dir, &t, e) < 0 || partner_invite(w, STR("https://127.0.0.1:22003"), &t.pin, arg, e) < 0)
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
	snprintf(folder, sizeof folder, "%s", "/tmp/channel_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	err = (struct err){ 0 };
	start("camp.sy", "camp", 22003, &camp);
	start("momd.iq", "ministry", 22004, &ministry);
	must(house_do(&camp, invite, &a, &err));
	must(house_do(&ministry, invite, &b, &err));
	must(house_do(&camp, accept_note, &b, &err));
	must(house_do(&ministry, accept_note, &a, &err));
	start("other.iq", "ministry", 22005, &third);
	must(house_do(&third, invite, &b, &err));
	must(house_do(&camp, accept_note, &b, &err));
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
	house_close(&third);
	for (size_t i = 0; i < COUNT(FILES); i++) {
		unlink(path("camp.sy", FILES[i]).p);
		unlink(path("momd.iq", FILES[i]).p);
		unlink(path("other.iq", FILES[i]).p);
	}
	rmdir(str_fmt(mem, "%s/camp.sy", folder).p);
	rmdir(str_fmt(mem, "%s/momd.iq", folder).p);
	rmdir(str_fmt(mem, "%s/other.iq", folder).p);
	unlink(str_fmt(mem, "%s/unlock", folder).p);
	rmdir(folder);
	arena_free(mem);
	return 0;
}

/* ---- what comes ---- */

struct forged { const char *kind, *basis, *body, *from; enum verdict v; const char *why; };
static int forge(struct work *w, void *arg, struct err *e)
{
	struct forged *x = arg;
	struct arrived a = { .id = id_new(source_system()), .from = str_of(x->from ? x->from : "momd.iq"), .kind = str_of(x->kind), .purpose = STR("coordination"), .basis = str_of(x->basis), .media = STR("application/json"),
		.body = str_of(x->body), .created_ms = w->now_ms };
	w->partner = a.from;
	for (const struct kind_row *k = JOINED_KINDS; k->kind; k++)
		if (strcmp(k->kind, x->kind) == 0)
			return k->apply(w, &a, &x->v, &x->why, e);
	return -1;
}

enum { RFI = 0xa000, PERSON = 0xb000, DOCUMENT = 0xc000, PAGE = 0xd000, REPLY = 0xe000 };

static struct str key(int n)
{
	return str_fmt(mem, "01a20b73-d07f-7883-91ec-00000000%04x", n);
}

static struct id id_of(int n)
{
	struct id id;
	assert_int_equal(id_parse(key(n), &id), 0);
	return id;
}

static struct str record_of(int n, int parent, const char *type, const char *state, int version, const char *owner, const char *fields)
{
	struct str above = parent ? str_fmt(mem, "\"parent\":\"" S_FMT "\",", S_ARG(key(parent))) : STR("");
	return str_fmt(mem, "{\"id\":\"" S_FMT "\"," S_FMT "\"type\":\"%s\",\"state\":\"%s\",\"owner\":\"%s\",\"version\":%d,\"digest\":\"%064x\",\"role\":\"LIAISON\",\"act\":\"create\",\"move\":\"\","
	    "\"at\":1767500000000,\"event\":0,\"created\":1767500000000,\"rows\":%d,\"fields\":{%s}}", S_ARG(key(n)), S_ARG(above), type, state, owner, version, n + version, !parent && version == 1, fields);
}

static enum verdict brought(struct str records)
{
	struct forged x = { .kind = "request", .basis = "agreement", .body = str_fmt(mem, "{\"records\":[" S_FMT "]}", S_ARG(records)).p };
	must(house_do(&camp, forge, &x, &err));
	return x.v;
}

#define ASKED "\"recipient\":\"camp.sy\",\"question\":\"papers\",\"asked\":[\"case_exists\"],\"for_purpose\":\"coordination\",\"basis\":\"agreement\",\"urgency\":\"d3\",\"handling\":\"green\",\"reply_days\":30,\"ground\":\"%s\""
static enum verdict request(int n, int version, const char *owner, const char *ground)
{
	struct str rfi = record_of(RFI + n, 0, "rfi", "sent", version, owner, str_fmt(mem, ASKED, ground).p);
	if (version > 1)
		return brought(rfi);
	return brought(str_fmt(mem, S_FMT "," S_FMT, S_ARG(rfi), S_ARG(record_of(PERSON + n, RFI + n, "rfi_subject", "named", 1, owner, "\"asked_as\":\"applicant\",\"name\":\"Invented Person\",\"birth\":\"1985\""))));
}

static enum verdict document(int n)
{
	return brought(record_of(DOCUMENT + n, RFI, "rfi_document", "added", 1, "momd.iq", "\"document_kind\":\"court\",\"document_title\":\"Judgment\",\"pages\":8"));
}

#define FRAME "\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00"
#define TABLES "\xff\xc4\x00\x14\x00\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x00\xff\xc4\x00\x14\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x00"
#define SCAN "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f\xff\x00\x3f\xff\xd0\x3f"
#define EXIF "\xff\xe1\x00\x10" "Exif\0\0secret33"
#define PLAIN "\xff\xd8" FRAME TABLES SCAN "\xff\xd9"
#define CARRIED "\xff\xd8" EXIF FRAME TABLES SCAN "\xff\xd9"
#define BYTES(lit) bytes_of(lit, sizeof(lit) - 1)
static enum verdict page(int n, int on, struct bytes jpeg)
{
	return brought(record_of(PAGE + n, DOCUMENT + on, "rfi_page", "added", 1, "momd.iq", str_fmt(mem, "\"image\":\"" S_FMT "\"", S_ARG(base64(mem, jpeg))).p));
}

static struct id asked;
static int ask_back(struct work *w, void *arg, struct err *e)
{
	(void)arg;
	json_error_t at;
	struct draft d = { .type = type_find(w->node->types, STR("rfi")), .unit = CHANNEL_DESK, .by_program = true,
		.fields = json_keep(w->mem, json_loads("{\"recipient\":\"momd.iq\",\"question\":\"papers\",\"asked\":[\"case_exists\"],\"for_purpose\":\"coordination\",\"basis\":\"agreement\",\"urgency\":\"d3\",\"handling\":\"green\",\"reply_days\":30,\"ground\":\"x\"}", 0, &at)) };
	return record_create(w, &d, &asked, e);
}

static int pass_back(struct work *w, void *arg, struct err *e)
{
	struct id *replies;
	struct record open, came;
	size_t n;
	if (channel_replies(w, id_of(RFI), &replies, &n, e) < 0 || n != 1 || record_head(w, replies[0], &open, e) < 0 || record_head(w, id_of(REPLY), &came, e) < 0 ||
	    forward_pass(w, &open, &came, arg, e) < 0)
		return -1;
	const struct grant *g = record_open_inside(w, open.type, &open.id, 1, e);
	static const char *const LEFT[] = { "outcome", "answer", "ask_further", "new_evidence", "source_grade", "info_grade", "handling" };
	for (size_t i = 0; g && i < COUNT(LEFT); i++)
		if (record_text(g, 0, LEFT[i]).n)
			fail_msg("%s went along", LEFT[i]);
	assert_true(g && str_is(record_text(g, 0, "refusal"), "too_wide") && str_is(record_text(g, 0, "right_address"), "The other desk"));
	assert_false(forward_made(w, came.id, open.id));
	return 0;
}

SQL(Q_PASSED_ON, 2, "INSERT INTO channel_onward(record, made, at) VALUES(?1,?2,0)");
static int write_again(struct work *w, void *arg, struct err *e)
{
	static const char *const LEFT[] = { "ground" };
	struct record ours, newest, came;
	struct id anew, origin = id_of(RFI);
	struct draft d = { .unit = CHANNEL_DESK, .by_program = true, .fields = json_keep(w->mem, json_pack("{s:s, s:s}", "urgency", "d7", "ground", "y")) };
	(void)arg;
	if (DB_RUN(w->tx, &Q_PASSED_ON, e, db_id(origin), db_id(asked)) < 0 || record_head(w, asked, &ours, e) < 0 || record_head(w, origin, &came, e) < 0)
		return -1;
	if (channel_copy(w, &ours, &d, LEFT, 1, &anew, e) < 0 || forward_again(w, asked, anew, e) < 0 || forward_of(w, origin, &newest, e) != 1)
		return -1;
	assert_true(id_eq(newest.id, anew) && !id_eq(anew, asked));
	const struct grant *g = record_open_inside(w, newest.type, &anew, 1, e);
	assert_true(g && str_is(record_text(g, 0, "recipient"), "momd.iq") && str_is(record_text(g, 0, "urgency"), "d7") && str_is(record_text(g, 0, "ground"), "y"));
	struct draft plain = { .unit = CHANNEL_DESK, .by_program = true, .fields = json_keep(w->mem, json_pack("{s:s}", "recipient", "other.iq")) };
	struct id *persons;
	size_t n;
	if (channel_copy(w, &came, &plain, NULL, 0, &anew, e) < 0 || record_rows(w, "rfi_subject", anew, &persons, &n, e) < 0)
		return -1;
	assert_int_equal(n, 1);
	return forward_again(w, came.id, anew, e) < 0 ? -1 : forward_origin(w, anew, &origin, e);
}

/* ---- tests ---- */

static void a_request_written_again_goes_on_standing_for_the_one_it_passes_on(void **state)
{
	(void)state;
	assert_int_equal(request(0, 1, "momd.iq", "A paper is missing."), VERDICT_APPLIED);
	must(house_do(&camp, ask_back, NULL, &err));
	must(house_do(&camp, write_again, NULL, &err));
}

static void a_refusal_that_is_passed_on_carries_its_ground_alone(void **state)
{
	(void)state;
	const char *move;
	assert_int_equal(request(0, 1, "momd.iq", "A paper is missing."), VERDICT_APPLIED);
	must(house_do(&camp, ask_back, NULL, &err));
	struct forged x = { .kind = "reply", .basis = "agreement", .body = str_fmt(mem, "{\"records\":[" S_FMT "]}", S_ARG(record_of(REPLY, 0, "rfi_reply", "refused", 2, "momd.iq",
	    str_fmt(mem, "\"rfi\":\"" S_FMT "\",\"outcome\":\"information\",\"answer\":\"He is known.\",\"ask_further\":\"x\",\"new_evidence\":\"y\",\"source_grade\":\"A\",\"info_grade\":\"1\","
	    "\"handling\":\"green\",\"pass_on\":\"nobody\",\"refusal\":\"too_wide\",\"right_address\":\"The other desk\",\"expires\":\"2030-01-01T00:00:00.000Z\"", S_ARG(id_text(mem, asked))).p))).p };
	must(house_do(&camp, forge, &x, &err));
	assert_int_equal(x.v, VERDICT_APPLIED);
	must(house_do(&camp, pass_back, &move, &err));
	assert_string_equal(move, "refuse");
}

static void a_request_stays_with_the_office_that_sent_it(void **state)
{
	(void)state;
	assert_int_equal(request(0, 1, "momd.iq", "A paper is missing."), VERDICT_APPLIED);
	assert_int_equal(request(0, 2, "momd.iq", "A paper is missing."), VERDICT_APPLIED);
	assert_int_equal(request(0, 3, "other.iq", "A paper is missing."), VERDICT_REFUSED);
	assert_int_equal(request(1, 1, "other.iq", "A paper is missing."), VERDICT_REFUSED);
}

static void a_request_has_eight_pages_whatever_its_documents(void **state)
{
	(void)state;
	assert_int_equal(request(0, 1, "momd.iq", "A paper is missing."), VERDICT_APPLIED);
	assert_int_equal(document(1), VERDICT_APPLIED);
	assert_int_equal(document(2), VERDICT_APPLIED);
	for (int i = 0; i < 8; i++)
		assert_int_equal(page(i, 1 + i % 2, BYTES(PLAIN)), VERDICT_APPLIED);
	assert_int_equal(page(8, 2, BYTES(PLAIN)), VERDICT_REFUSED);
}

static void a_page_waits_for_its_document(void **state)
{
	(void)state;
	assert_int_equal(request(0, 1, "momd.iq", "A paper is missing."), VERDICT_APPLIED);
	assert_int_equal(page(0, 1, BYTES(PLAIN)), VERDICT_HELD);
	assert_int_equal(document(1), VERDICT_APPLIED);
	assert_int_equal(page(0, 1, BYTES(PLAIN)), VERDICT_APPLIED);
}

static void a_page_with_what_a_camera_wrote_is_refused(void **state)
{
	(void)state;
	assert_int_equal(request(0, 1, "momd.iq", "A paper is missing."), VERDICT_APPLIED);
	assert_int_equal(document(1), VERDICT_APPLIED);
	assert_int_equal(page(0, 1, BYTES(CARRIED)), VERDICT_REFUSED);
	assert_int_equal(page(1, 1, BYTES("\xff\xd8\xff no picture")), VERDICT_REFUSED);
	assert_int_equal(page(2, 1, BYTES(PLAIN)), VERDICT_APPLIED);
}

struct leaves { const char *text; size_t bytes; };
static int leaves(struct work *w, void *arg, struct err *e)
{
	struct leaves *l = arg;
	const struct str text = str_of(l->text), paper = { 0 };
	size_t before = arena_used(w->mem);
	int rc = texts_onward(w, &text, 1, &paper, 1, (struct id){ { 0 } }, e);
	l->bytes = arena_used(w->mem) - before;
	return rc;
}

SQL(Q_DAMAGE, 1, "UPDATE body SET sealed=zeroblob(64) WHERE record=?1");
static int damage(struct work *w, void *arg, struct err *e)
{
	struct id id = id_of(*(int *)arg);
	return DB_RUN(w->tx, &Q_DAMAGE, e, db_id(id)) < 0 ? -1 : 0;
}

static void one_damaged_record_stops_nobody_and_no_other_words_go_out(void **state)
{
	(void)state;
	int broken = RFI + 1;
	struct leaves harmless = { .text = "We thank you for your letter and will write again when the road is open." };
	struct leaves copied = { .text = "They say that the second winter store of invented blankets burned down last spring." };
	assert_int_equal(request(1, 1, "momd.iq", "The first bridge at the invented village was closed for the whole month of May."), VERDICT_APPLIED);
	assert_int_equal(request(2, 1, "momd.iq", "The second winter store of invented blankets burned down last spring."), VERDICT_APPLIED);
	must(house_do(&camp, leaves, &harmless, &err));
	must(house_do(&camp, damage, &broken, &err));
	must(house_do(&camp, leaves, &harmless, &err));
	assert_int_equal(house_do(&camp, leaves, &copied, &err), -1);
	assert_int_equal(err.code, ERR_SAFEGUARD);
	err = (struct err){ 0 };
}

static void a_busy_desk_compares_without_filling_memory(void **state)
{
	(void)state;
	struct leaves brief = { .text = "Nothing is known here." }, harmless = { .text = "We thank you for your letter and will write again when the road is open." };
	for (int i = 0; i < 60; i++)
		assert_int_equal(request(i, 1, "momd.iq", "The second winter store of invented blankets burned down last spring."), VERDICT_APPLIED);
	must(house_do(&camp, leaves, &brief, &err));
	must(house_do(&camp, leaves, &harmless, &err));
	if (brief.bytes > 64 << 10 || harmless.bytes > 1 << 20)
		fail_msg("%zu and %zu bytes", brief.bytes, harmless.bytes);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(a_request_written_again_goes_on_standing_for_the_one_it_passes_on), T(a_request_stays_with_the_office_that_sent_it), T(a_refusal_that_is_passed_on_carries_its_ground_alone), T(a_request_has_eight_pages_whatever_its_documents), T(a_page_waits_for_its_document), T(a_page_with_what_a_camera_wrote_is_refused),
		T(one_damaged_record_stops_nobody_and_no_other_words_go_out), T(a_busy_desk_compares_without_filling_memory) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
