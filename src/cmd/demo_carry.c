#include "cmd/demo.h"
#include "cmd/demo_http.h"
#include "cmd/demo_people.h"
#include <stdarg.h>
#include <unistd.h>

/* The main story, played by invented officers through the forms of their own nodes: register, hear, list, vet, approve, freeze, seat, board, cross, check in, reconcile,
   count. Nothing here knows a table or a key; what the pages do not allow, the demo cannot do. */
#define DAY_MS (24LL * 3600 * 1000)
#define STEP_BYTES ((size_t)96 << 20)
#define WAIT_MS 180000

enum officer { CAMP_REGISTRAR, CAMP_MANAGER, CAMP_PROTECTION, CAMP_BORDER, MOMD_OFFICER, MOMD_SUPERVISOR, MOMD_BORDER, MOMD_LEAD, VETTER, VETTING_SUPERVISOR, CENTRE_REGISTRAR,
	CENTRE_MANAGER, OFFICERS };
static const struct { enum demo_place at; const char *user, *purpose; } OFFICER[OFFICERS] = {
	[CAMP_REGISTRAR] = { DEMO_CAMP, "registrar", "registration/mandate" }, [CAMP_MANAGER] = { DEMO_CAMP, "manager", "transfer/agreement" },
	[CAMP_PROTECTION] = { DEMO_CAMP, "protection", "registration/consent" }, [CAMP_BORDER] = { DEMO_CAMP, "border", "transfer/agreement" },
	[MOMD_OFFICER] = { DEMO_MOMD, "officer", "transfer/agreement" }, [MOMD_SUPERVISOR] = { DEMO_MOMD, "supervisor", "transfer/agreement" },
	[MOMD_BORDER] = { DEMO_MOMD, "border", "transfer/agreement" }, [MOMD_LEAD] = { DEMO_MOMD, "lead", "transfer/agreement" },
	[VETTER] = { DEMO_VETTING, "vetting", "vetting/statute" }, [VETTING_SUPERVISOR] = { DEMO_VETTING, "supervisor", "vetting/statute" },
	[CENTRE_REGISTRAR] = { DEMO_CENTRE, "registrar", "reception/mandate" }, [CENTRE_MANAGER] = { DEMO_CENTRE, "manager", "reception/mandate" },
};

struct journey { const struct demo_batch *batch; struct demo_family *families; size_t nfamilies, nhouseholds; struct str *households; struct str list, batch_id, convoy, *legs; int64_t day_ms; size_t nlegs, boarded; };
struct carry { struct arena *mem; int64_t began_ms; struct visitor at[OFFICERS]; struct journey j[8]; size_t n /* that travel; one more stays at draft */; struct str *adults; size_t nadults, adults_max; bool say; struct err *err; const char *step; };

static void said(const struct carry *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void said(const struct carry *c, const char *fmt, ...)
{
	va_list args;
	if (!c->say)
		return;
	va_start(args, fmt);
	printf("[%6.2f s] ", (double)(monotonic_ms() - c->began_ms) / 1000);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* The hour of the journey's day, as it would be written on paper. */
static struct str hour(struct arena *mem, const struct journey *j, int days, int h, int m)
{
	return time_text(mem, j->day_ms + days * DAY_MS + (h * 60 + m) * 60000LL);
}

static size_t persons_of(const struct journey *j)
{
	size_t n = 0;
	for (size_t i = 0; i < j->nfamilies; i++)
		n += j->families[i].n;
	return n;
}

static size_t adults_of(const struct journey *j)
{
	size_t n = 0;
	for (size_t i = 0; i < j->nfamilies; i++)
		for (size_t k = 0; k < j->families[i].n; k++)
			n += j->families[i].at[k].adult;
	return n;
}

/* ---- register ---- */

static int create(struct arena *mem, struct visitor *v, const char *type, struct form *f, struct str *id, struct err *err)
{
	struct page_answer a;
	if (visitor_post(mem, v, str_fmt(mem, "/r/%s/new", type), f, &a, err) < 0)
		return -1;
	if (a.status != 303)
		return err_set(err, ERR_PEER, "a new %s was not taken", type);
	*id = str_dup(mem, location_id(a.location));
	return 0;
}

/* The list as a camp keeps it: one row for each person, the family's number on each. */
static struct str csv_of(struct arena *mem, const struct journey *j)
{
	struct buf b = buf_new(mem, (size_t)4 << 20);
	buf_z(&b, "Family number,Full name,Mother's name,Sex,Date of birth,Nationality claimed,Role in the family,Tent or shelter,Area of origin\r\n");
	for (size_t i = 0; i < j->nfamilies; i++) {
		const struct demo_family *f = &j->families[i];
		for (size_t k = 0; k < f->n; k++) {
			const struct demo_person *p = &f->at[k];
			buf_fmt(&b, "%zu," S_FMT "," S_FMT ",%s,%04d-%02d-%02d,IQ,%s," S_FMT ",%s\r\n", i + 1, S_ARG(p->name), S_ARG(p->mother), p->woman ? "2" : "1", p->year, p->month,
			    p->day, k ? "member" : "head", S_ARG(f->shelter), f->origin);
		}
	}
	return buf_text(&b);
}

static int import_settled(struct carry *c, struct str path)
{
	for (int64_t until = monotonic_ms() + WAIT_MS; monotonic_ms() < until; usleep(60000)) {
		struct arena *mem = arena_new(STEP_BYTES);
		struct page_answer a;
		int rc = visitor_get(mem, &c->at[CAMP_REGISTRAR], path, &a, c->err);
		bool runs = rc == 0 && str_find(a.body, STR("<progress")) < a.body.n;
		arena_free(mem);
		if (rc < 0 || !runs)
			return rc;
	}
	return err_set(c->err, ERR_EXPIRED, "an import does not come to an end");
}

/* Uploaded, looked at, namesakes said to be different people, confirmed. */
static int import_list(struct carry *c, struct journey *j, struct str *path)
{
	struct page_answer a;
	struct visitor *v = &c->at[CAMP_REGISTRAR];
	struct form pairs = form_new(c->mem), yes = form_new(c->mem);
	if (visitor_upload(c->mem, v, STR("/import"), "file", "families.csv", csv_of(c->mem, j), &a, c->err) < 0)
		return -1;
	*path = a.location;
	if (a.status != 303 || import_settled(c, *path) < 0)
		return c->err->code ? -1 : err_set(c->err, ERR_PEER, "the list was not taken");
	form_add(&pairs, "all", STR("different"));
	if (visitor_post(c->mem, v, str_fmt(c->mem, S_FMT "/pairs", S_ARG(*path)), &pairs, &a, c->err) < 0)
		return -1;
	return visitor_post(c->mem, v, str_fmt(c->mem, S_FMT "/confirm", S_ARG(*path)), &yes, &a, c->err);
}

/* All records of a type that the officer may see, a page at a time. */
static int each_of(struct carry *c, enum officer who, const char *path, int (*fn)(struct carry *, json_t *), size_t *n)
{
	*n = 0;
	for (size_t offset = 0;; offset += 100) {
		struct arena *mem = arena_new(STEP_BYTES);
		json_t *items = json_object_get(visitor_json(mem, &c->at[who], str_fmt(mem, "%s&offset=%zu", path, offset), c->err), "items");
		size_t got = json_array_size(items);
		int rc = c->err->code ? -1 : 0;
		for (size_t i = 0; rc == 0 && i < got; i++)
			rc = fn(c, json_array_get(items, i));
		arena_free(mem);
		*n += got;
		if (rc < 0 || got < 100)
			return rc;
	}
}

/* A family belongs to the batch whose part of the camp it lives in. */
static int household_seen(struct carry *c, json_t *o)
{
	struct str shelter = json_str(json_object_get(o, "fields"), "shelter");
	for (size_t i = 0; i <= c->n; i++) {
		struct journey *j = &c->j[i];
		if (shelter.n > 2 && shelter.p[1] == (char)('1' + i) && j->nhouseholds < j->nfamilies)
			j->households[j->nhouseholds++] = str_dup(c->mem, json_str(o, "id"));
	}
	return 0;
}

static int task_seen(struct carry *c, json_t *o)
{
	if (c->nadults < c->adults_max)
		c->adults[c->nadults++] = str_dup(c->mem, json_str(json_object_get(o, "fields"), "person"));
	return 0;
}

/* Each adult alone, her own wish, and the notice that a vetting office is asked. */
static int hear(struct arena *mem, struct carry *c, struct str person_id)
{
	struct form f = form_new(mem);
	struct str id;
	form_add(&f, "person", person_id);
	form_add(&f, "wish", STR("wants"));
	form_add(&f, "given_by", STR("self"));
	form_add(&f, "heard_alone", STR("yes"));
	form_add(&f, "how", STR("thumb"));
	form_add(&f, "informed", STR("yes"));
	form_add(&f, "heard_in", STR("ara"));
	return create(mem, &c->at[CAMP_PROTECTION], "consent", &f, &id, c->err);
}

/* All lists; then who lives where, and which adults wait to be heard. */
static int register_all(struct carry *c)
{
	struct str paths[8];
	size_t n, persons = 0, families = 0;
	c->step = "register";
	for (size_t i = 0; i <= c->n; i++)
		if (import_list(c, &c->j[i], &paths[i]) < 0)
			return -1;
	for (size_t i = 0; i <= c->n; i++) {
		if (import_settled(c, paths[i]) < 0)
			return -1;
		c->j[i].households = NEW_ARRAY(c->mem, struct str, c->j[i].nfamilies + 1);
		persons += persons_of(&c->j[i]);
		families += c->j[i].nfamilies;
	}
	c->adults_max = persons;
	c->adults = NEW_ARRAY(c->mem, struct str, persons + 1);
	if (each_of(c, CAMP_REGISTRAR, "/api/1/household?x=1", household_seen, &n) < 0 || each_of(c, CAMP_PROTECTION, "/api/1/task?state=open", task_seen, &n) < 0)
		return -1;
	for (size_t i = 0; i <= c->n; i++)
		if (c->j[i].nhouseholds != c->j[i].nfamilies)
			return err_set(c->err, ERR_FAULT, "%zu families of %zu are in the register", c->j[i].nhouseholds, c->j[i].nfamilies);
	said(c, "registered from 5 lists: %zu families, %zu persons; %zu adults wait to be heard, each alone", families, persons, c->nadults);
	return 0;
}

/* A share of those who wait: as many officers hear at the same time as there are desks. */
static int hear_some(struct carry *c, struct journey *j)
{
	size_t me = (size_t)(j - c->j);
	c->step = "hear";
	for (size_t i = me; i < c->nadults; i += c->n) {
		struct arena *mem = arena_new(STEP_BYTES);
		int rc = hear(mem, c, c->adults[i]);
		arena_free(mem);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int draft_list(struct carry *c, struct journey *j, bool submit)
{
	struct arena *mem = c->mem;
	struct form f = form_new(mem), all = form_new(mem), fit = form_new(mem);
	struct page_answer a;
	struct visitor *v = &c->at[CAMP_REGISTRAR];
	form_add(&f, "origin", STR("SY-P-HOL"));
	if (create(mem, v, "nominal_list", &f, &j->list, c->err) < 0)
		return -1;
	for (size_t i = 0; i < j->nfamilies; i++)
		form_add(&all, "family", j->households[i]);
	form_add(&fit, "fit", STR("yes"));
	if (visitor_post(mem, v, str_fmt(mem, "/lists/" S_FMT "/families", S_ARG(j->list)), &all, &a, c->err) < 0 ||
	    visitor_post(mem, v, str_fmt(mem, "/lists/" S_FMT "/fit", S_ARG(j->list)), &fit, &a, c->err) < 0)
		return -1;
	return submit ? visitor_move(mem, v, "nominal_list", j->list, "submit", hour(mem, j, -9, 9, 0), c->err) : 0;
}

/* ---- the ministry ---- */

static int number_batch(struct carry *c, struct journey *j)
{
	struct arena *mem = c->mem;
	struct form b = form_new(mem), k = form_new(mem), e = form_new(mem);
	struct page_answer a;
	struct visitor *v = &c->at[MOMD_OFFICER];
	int64_t version;
	if (visitor_wait(mem, v, "nominal_list", j->list, "submitted", &version, c->err) < 0)
		return -1;
	form_add(&b, "batch_no", str_fmt(mem, "%d", j->batch->number));
	form_add(&b, "origin", STR("SY-P-HOL"));
	form_add(&b, "destination", STR("IQ-P-JEDDAH1"));
	form_add(&b, "planned", str_sub(hour(mem, j, 0, 0, 0), 0, 10));
	form_add(&k, "title", str_fmt(mem, "Batch %d", j->batch->number));
	form_add(&k, "route", STR("SY-P-HOL"));
	form_add(&k, "route", STR("IQ-X-RABIA"));
	form_add(&k, "route", STR("IQ-P-JEDDAH1"));
	form_add(&k, "lead", STR("قائد القافلة (اسم مختلق)"));
	form_add(&k, "escort_body", STR("joint_operations"));
	form_add(&k, "medical_cover", STR("ambulance"));
	form_add(&k, "depart_plan", hour(mem, j, 0, 2, 0));
	if (create(mem, v, "batch", &b, &j->batch_id, c->err) < 0 || create(mem, v, "convoy", &k, &j->convoy, c->err) < 0)
		return -1;
	form_add(&e, "version", str_fmt(mem, "%lld", (long long)version));
	form_add(&e, "batch", j->batch_id);
	form_add(&e, "convoy", j->convoy);
	return visitor_post(mem, v, str_fmt(mem, "/r/nominal_list/" S_FMT "/edit", S_ARG(j->list)), &e, &a, c->err);
}

static int ask_vetting(struct carry *c)
{
	struct form f = form_new(c->mem);
	struct page_answer a;
	return visitor_post(c->mem, &c->at[MOMD_SUPERVISOR], STR("/vetting/requests"), &f, &a, c->err);
}

/* The ids that follow a mark on a page. */
static size_t values_of(struct arena *mem, struct str body, struct str mark, struct str *out, size_t max)
{
	size_t n = 0, at;
	while (n < max && (at = str_find(body, mark)) < body.n) {
		body = str_sub(body, at + mark.n, body.n);
		out[n++] = str_dup(mem, str_sub(body, 0, 36));
	}
	return n;
}

/* The ids of the questions on the desk. */
static size_t checks_of(struct arena *mem, struct str body, struct str *out, size_t max)
{
	return values_of(mem, body, STR("name=\"check\" value=\""), out, max);
}

static int desk(struct carry *c, enum officer who, const char *path, const char *field, const char *value, size_t *done)
{
	struct str ids[320];
	for (int64_t until = monotonic_ms() + WAIT_MS; monotonic_ms() < until;) {
		struct arena *mem = arena_new(STEP_BYTES);
		struct page_answer a;
		struct form f = form_new(mem);
		int rc = visitor_get(mem, &c->at[who], STR("/vetting"), &a, c->err);
		size_t n = rc == 0 ? checks_of(mem, a.body, ids, COUNT(ids)) : 0;
		for (size_t i = 0; i < n; i++)
			form_add(&f, "check", ids[i]);
		form_add(&f, field, str_of(value));
		if (n)
			rc = visitor_post(mem, &c->at[who], str_of(path), &f, &a, c->err);
		arena_free(mem);
		if (rc < 0)
			return -1;
		*done += n;
		if (n == 0)
			return 0;
	}
	return err_set(c->err, ERR_EXPIRED, "the vetting desk does not come to an end");
}

/* Until every question was answered by one officer and agreed to by another. */
static int vet(struct carry *c, size_t adults, size_t *done)
{
	size_t asked = 0;
	int64_t until = monotonic_ms() + WAIT_MS;
	*done = 0;
	while (*done < adults && monotonic_ms() < until)
		if (desk(c, VETTER, "/vetting/answers", "all", "ready", &asked) < 0 || desk(c, VETTING_SUPERVISOR, "/vetting/decisions", "answer", "yes", done) < 0)
			return -1;
	for (int64_t total = 1; *done == adults && total && monotonic_ms() < until; usleep(30000)) {       /* until the ministry has the last answer */
		json_t *page = visitor_json(c->mem, &c->at[MOMD_SUPERVISOR], STR("/api/1/vetting_request?state=submitted"), c->err);
		total = json_int(page, "total", 1);
	}
	return *done == adults ? 0 : err_set(c->err, ERR_EXPIRED, "%zu of %zu adults were answered", *done, adults);
}

/* ---- two offices agree ---- */

/* Says yes to everything that waits for this officer; *n: how many. */
static int agree(struct carry *c, enum officer who, size_t *n)
{
	const struct str mark = STR("href=\"/proposals/");
	struct arena *mem = arena_new(STEP_BYTES);
	struct page_answer a;
	int rc = visitor_get(mem, &c->at[who], STR("/today"), &a, c->err);
	*n = 0;
	for (size_t at; rc == 0 && (at = str_find(a.body, mark)) < a.body.n;) {
		struct page_answer done;
		struct form f = form_new(mem);
		a.body = str_sub(a.body, at + mark.n, a.body.n);
		form_add(&f, "answer", STR("yes"));
		if (visitor_post(mem, &c->at[who], str_fmt(mem, "/proposals/" S_FMT, S_ARG(str_sub(a.body, 0, 36))), &f, &done, c->err) == 0)
			(*n)++;
		else
			*c->err = (struct err){ 0 };          /* somebody else at the same desk was faster */
	}
	arena_free(mem);
	return rc;
}

/* Until the record has the state, the other office says yes to what reaches it. */
static int agreed(struct carry *c, enum officer who, enum officer owner, const char *type, struct str id, const char *state)
{
	for (int64_t until = monotonic_ms() + WAIT_MS; monotonic_ms() < until;) {
		struct arena *mem = arena_new(STEP_BYTES);
		size_t n = 0;
		json_t *o = visitor_json(mem, &c->at[owner], str_fmt(mem, "/api/1/%s/" S_FMT, type, S_ARG(id)), c->err);
		bool there = o && str_is(json_str(o, "state"), state);
		arena_free(mem);
		if (there)
			return 0;
		if (c->err->code || agree(c, who, &n) < 0)
			return -1;
		if (n == 0)
			usleep(30000);
	}
	return err_set(c->err, ERR_EXPIRED, "%s did not become %s: the other office did not agree", type, state);
}

static int move_by(struct carry *c, enum officer who, const char *type, struct str id, const char *move, struct str at)
{
	return visitor_move(c->mem, &c->at[who], type, id, move, at, c->err);
}

static int became(struct carry *c, enum officer who, const char *type, struct str id, const char *state)
{
	int64_t version;
	return visitor_wait(c->mem, &c->at[who], type, id, state, &version, c->err);
}

static int approve(struct carry *c, struct journey *j)
{
	if (move_by(c, MOMD_SUPERVISOR, "nominal_list", j->list, "approve", hour(c->mem, j, -3, 9, 0)) < 0 ||
	    agreed(c, CAMP_MANAGER, MOMD_SUPERVISOR, "nominal_list", j->list, "approved") < 0 ||
	    move_by(c, MOMD_SUPERVISOR, "nominal_list", j->list, "freeze", hour(c->mem, j, -2, 12, 0)) < 0)
		return -1;
	return became(c, CAMP_REGISTRAR, "nominal_list", j->list, "frozen");
}

/* ---- the convoy ---- */

#define BUS_SEATS 50

static int post_simple(struct carry *c, enum officer who, struct str path, const char *const *pairs, struct str at)
{
	struct form f = form_new(c->mem);
	struct page_answer a;
	for (size_t i = 0; pairs && pairs[i]; i += 2)
		form_add(&f, pairs[i], str_of(pairs[i + 1]));
	form_add(&f, "event_time", at);
	return visitor_post(c->mem, &c->at[who], path, &f, &a, c->err);
}
#define PAIRS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static int seat(struct carry *c, struct journey *j)
{
	size_t buses = (persons_of(j) + BUS_SEATS - 3) / (BUS_SEATS - 2);
	j->legs = NEW_ARRAY(c->mem, struct str, buses);
	for (size_t i = 0; i < buses; i++) {
		struct form f = form_new(c->mem);
		form_add(&f, "parent", j->convoy);
		form_add(&f, "plate", str_fmt(c->mem, "DEMO-%d-%02zu", j->batch->number, i + 1));
		form_add(&f, "capacity", str_fmt(c->mem, "%d", BUS_SEATS));
		form_add(&f, "from_place", STR("SY-P-HOL"));
		form_add(&f, "to_place", STR("IQ-P-JEDDAH1"));
		if (create(c->mem, &c->at[MOMD_LEAD], "vehicle_leg", &f, &j->legs[j->nlegs++], c->err) < 0)
			return -1;
	}
	return post_simple(c, MOMD_LEAD, str_fmt(c->mem, "/convoys/" S_FMT "/plan", S_ARG(j->convoy)), NULL, hour(c->mem, j, -1, 10, 0));
}

static int clear_convoy(struct carry *c, struct journey *j)
{
	if (became(c, CAMP_BORDER, "convoy", j->convoy, "planned") < 0 || move_by(c, MOMD_BORDER, "convoy", j->convoy, "clear", hour(c->mem, j, -1, 15, 0)) < 0)
		return -1;
	return agreed(c, CAMP_BORDER, MOMD_BORDER, "convoy", j->convoy, "cleared");
}

/* Five in the morning: everybody on this bus boards, the heads are counted, two offices seal it. */
static int board(struct carry *c, struct journey *j, struct str leg)
{
	struct arena *mem = arena_new(STEP_BYTES);
	struct str seats[128], path = str_fmt(mem, "/convoys/" S_FMT "/legs/" S_FMT "/boarding", S_ARG(j->convoy), S_ARG(leg));
	struct page_answer a;
	struct form f = form_new(mem), s = form_new(mem);
	int rc = visitor_get(mem, &c->at[MOMD_LEAD], path, &a, c->err);
	size_t n = rc == 0 ? values_of(mem, a.body, STR("name=\"seat\" value=\""), seats, COUNT(seats)) : 0;
	for (size_t i = 0; i < n; i++)
		form_add(&f, "seat", seats[i]);
	form_add(&f, "all", STR("board"));
	form_add(&f, "event_time", hour(c->mem, j, 0, 2, 10));
	if (rc == 0 && n)
		rc = visitor_post(mem, &c->at[MOMD_LEAD], path, &f, &a, c->err);
	form_add(&s, "head_count", str_fmt(mem, "%zu", n));
	form_add(&s, "event_time", hour(c->mem, j, 0, 2, 40));
	if (rc == 0)
		rc = visitor_post(mem, &c->at[MOMD_LEAD], str_fmt(mem, "/convoys/" S_FMT "/legs/" S_FMT "/seal", S_ARG(j->convoy), S_ARG(leg)), &s, &a, c->err);
	j->boarded += n;
	arena_free(mem);
	return rc;
}

static int load_and_go(struct carry *c, struct journey *j)
{
	for (size_t i = 0; i < j->nlegs; i++)
		if (board(c, j, j->legs[i]) < 0)
			return -1;
	for (size_t i = 0; i < j->nlegs; i++)
		if (agreed(c, CAMP_REGISTRAR, MOMD_LEAD, "vehicle_leg", j->legs[i], "sealed") < 0)
			return -1;
	if (move_by(c, MOMD_LEAD, "nominal_list", j->list, "depart", hour(c->mem, j, 0, 3, 0)) < 0 ||
	    move_by(c, MOMD_LEAD, "convoy", j->convoy, "start", hour(c->mem, j, 0, 3, 5)) < 0)
		return -1;
	return post_simple(c, MOMD_LEAD, str_fmt(c->mem, "/convoys/" S_FMT "/legs", S_ARG(j->convoy)), PAIRS("move", "run"), hour(c->mem, j, 0, 3, 5));
}

static int cross(struct carry *c, struct journey *j)
{
	const char *count = str_fmt(c->mem, "%zu", j->boarded).p;
	struct str convoy = str_fmt(c->mem, "/convoys/" S_FMT, S_ARG(j->convoy));
	if (became(c, CAMP_BORDER, "convoy", j->convoy, "moving") < 0 ||
	    post_simple(c, CAMP_BORDER, str_fmt(c->mem, S_FMT "/checkpoints", S_ARG(convoy)), PAIRS("place", "SY-X-YARUB", "direction", "out", "head_count", count), hour(c->mem, j, 0, 6, 0)) < 0 ||
	    post_simple(c, CAMP_BORDER, str_fmt(c->mem, S_FMT "/handover", S_ARG(convoy)), PAIRS("place", "SY-X-YARUB", "count", count, "children_asked", "yes", "health_check", "yes"),
	        hour(c->mem, j, 0, 6, 20)) < 0 ||
	    post_simple(c, MOMD_BORDER, str_fmt(c->mem, S_FMT "/checkpoints", S_ARG(convoy)), PAIRS("place", "IQ-X-RABIA", "direction", "in", "head_count", count), hour(c->mem, j, 0, 7, 0)) < 0)
		return -1;
	for (int64_t until = monotonic_ms() + WAIT_MS; monotonic_ms() < until; usleep(60000)) {
		size_t n;
		json_t *list = visitor_json(c->mem, &c->at[MOMD_BORDER], str_fmt(c->mem, "/api/1/border_handover?state=signed&parent=" S_FMT, S_ARG(j->convoy)), c->err);
		if (json_int(list, "total", 0) > 0)
			return move_by(c, MOMD_BORDER, "convoy", j->convoy, "cross", hour(c->mem, j, 0, 7, 30)) < 0 ? -1 :
			    became(c, CENTRE_REGISTRAR, "convoy", j->convoy, "crossed");
		if (c->err->code || agree(c, MOMD_BORDER, &n) < 0)
			return -1;
	}
	return err_set(c->err, ERR_EXPIRED, "the handover was not signed by both posts");
}

/* ---- the centre ---- */

static int check_in_family(struct carry *c, struct journey *j, struct str household, size_t *persons)
{
	struct arena *mem = arena_new(STEP_BYTES);
	struct str ids[64], path = str_fmt(mem, "/checkin/" S_FMT, S_ARG(household));
	struct page_answer a;
	struct form f = form_new(mem);
	int rc = visitor_get(mem, &c->at[CENTRE_REGISTRAR], path, &a, c->err);
	size_t n = rc == 0 ? values_of(mem, a.body, STR("name=\"checkin\" value=\""), ids, COUNT(ids)) : 0;
	for (size_t i = 0; i < n; i++)
		form_add(&f, "checkin", ids[i]);
	form_add(&f, "all", STR("1"));
	form_add(&f, "method", STR("card"));
	form_add(&f, "event_time", hour(c->mem, j, 0, 13, 0));
	if (rc == 0 && n)
		rc = visitor_post(mem, &c->at[CENTRE_REGISTRAR], path, &f, &a, c->err);
	*persons += n;
	arena_free(mem);
	return rc;
}

/* The families of the rows that the centre holds; each once. */
static int households_of(struct carry *c, struct journey *j, struct str *out, size_t max, size_t *n)
{
	*n = 0;
	for (size_t offset = 0;; offset += 100) {
		struct arena *mem = arena_new(STEP_BYTES);
		json_t *page = visitor_json(mem, &c->at[CENTRE_REGISTRAR], str_fmt(mem, "/api/1/nominal_list_row?parent=" S_FMT "&offset=%zu", S_ARG(j->list), offset), c->err);
		json_t *items = json_object_get(page, "items");
		size_t got = json_array_size(items);
		for (size_t i = 0; i < got; i++) {
			struct str h = json_str(json_object_get(json_array_get(items, i), "fields"), "household");
			size_t k = *n;
			while (k && !str_eq(out[k - 1], h))
				k--;
			if (k == 0 && h.n && *n < max)
				out[(*n)++] = str_dup(c->mem, h);
		}
		arena_free(mem);
		if (c->err->code)
			return -1;
		if (got < 100)
			return 0;
	}
}

static int check_in(struct carry *c, struct journey *j, size_t *families, size_t *persons)
{
	struct str *households = NEW_ARRAY(c->mem, struct str, 512);
	*persons = 0;
	if (households_of(c, j, households, 512, families) < 0)
		return -1;
	for (int64_t until = monotonic_ms() + WAIT_MS; *persons < j->boarded && monotonic_ms() < until;)
		for (size_t i = 0; i < *families; i++)
			if (check_in_family(c, j, households[i], persons) < 0)
				return -1;
	return *persons == j->boarded ? 0 : err_set(c->err, ERR_EXPIRED, "%zu of %zu were checked in", *persons, j->boarded);
}

static int arrive(struct carry *c, struct journey *j)
{
	if (post_simple(c, MOMD_LEAD, str_fmt(c->mem, "/convoys/" S_FMT "/legs", S_ARG(j->convoy)), PAIRS("move", "unload"), hour(c->mem, j, 0, 12, 30)) < 0)
		return -1;
	for (size_t i = 0; i < j->nlegs; i++)
		if (became(c, CENTRE_REGISTRAR, "vehicle_leg", j->legs[i], "unloaded") < 0)
			return -1;
	if (move_by(c, CENTRE_REGISTRAR, "convoy", j->convoy, "arrive", hour(c->mem, j, 0, 12, 40)) < 0)
		return -1;
	return became(c, MOMD_LEAD, "convoy", j->convoy, "arrived");
}

/* The centre's manager asks; the ministry's node counts, and says no as long as somebody's check-in is still on the way. */
static int reconcile(struct carry *c, struct journey *j)
{
	for (int64_t until = monotonic_ms() + WAIT_MS; monotonic_ms() < until;) {
		struct err why = { 0 };
		int64_t version, next = monotonic_ms() + 1000;
		if (move_by(c, CENTRE_MANAGER, "nominal_list", j->list, "reconcile", hour(c->mem, j, 1, 10, 0)) < 0)
			*c->err = (struct err){ 0 };
		while (monotonic_ms() < next) {
			struct arena *mem = arena_new(STEP_BYTES);
			json_t *o = visitor_json(mem, &c->at[MOMD_SUPERVISOR], str_fmt(mem, "/api/1/nominal_list/" S_FMT, S_ARG(j->list)), &why);
			bool there = o && str_is(json_str(o, "state"), "reconciled");
			arena_free(mem);
			if (there) {
				(void)version;
				return move_by(c, MOMD_SUPERVISOR, "batch", j->batch_id, "close", hour(c->mem, j, 1, 12, 0));
			}
			usleep(30000);
		}
	}
	return err_set(c->err, ERR_EXPIRED, "the list was not reconciled");
}

static int counted(struct carry *c, struct journey *j)
{
	json_t *o = visitor_json(c->mem, &c->at[MOMD_OFFICER], str_fmt(c->mem, "/api/1/batch/" S_FMT, S_ARG(j->batch_id)), c->err);
	json_t *f = json_object_get(o, "fields");
	int64_t families = json_int(f, "families", 0), persons = json_int(f, "persons", 0);
	said(c, "batch %d: counted here %lld families, %lld persons", j->batch->number, (long long)families, (long long)persons);
	if (families != (int64_t)j->batch->families || persons != (int64_t)j->batch->persons)
		return err_set(c->err, ERR_FAULT, "batch %d counts %lld/%lld and should count %zu/%zu", j->batch->number, (long long)families, (long long)persons,
		    j->batch->families, j->batch->persons);
	return 0;
}

static int travel(struct carry *c, struct journey *j)
{
	size_t families, persons;
	int number = j->batch->number;
	c->step = "approve";
	if (approve(c, j) < 0)
		return -1;
	said(c, "batch %d: approved row by row by both offices, frozen; the digest stands on both sides", number);
	c->step = "seats";
	if (seat(c, j) < 0 || clear_convoy(c, j) < 0)
		return -1;
	said(c, "batch %d: %zu buses, families side by side; cleared by both border posts", number, j->nlegs);
	c->step = "board";
	if (load_and_go(c, j) < 0)
		return -1;
	said(c, "batch %d: %zu boarded; %zu boarding lists sealed by both offices", number, j->boarded, j->nlegs);
	c->step = "cross";
	if (cross(c, j) < 0)
		return -1;
	said(c, "batch %d: head count %zu at both posts; handover signed by both", number, j->boarded);
	c->step = "check in";
	if (arrive(c, j) < 0 || check_in(c, j, &families, &persons) < 0)
		return -1;
	said(c, "batch %d: %zu families, %zu persons checked in", number, families, persons);
	c->step = "reconcile";
	if (reconcile(c, j) < 0)
		return -1;
	said(c, "batch %d: boarded = arrived + explained; reconciled and closed", number);
	c->step = "count";
	return counted(c, j);
}

/* ---- accounts ---- */

static struct str password_of(struct arena *mem, enum officer o)
{
	for (size_t i = 0; i < DEMO_ACCOUNTS_N; i++)
		if (strcmp(DEMO_ACCOUNTS[i].node, DEMO_NODE[OFFICER[o].at].name) == 0 && strcmp(DEMO_ACCOUNTS[i].user, OFFICER[o].user) == 0)
			return demo_password(mem, &DEMO_ACCOUNTS[i]);
	die("no demo account %s", OFFICER[o].user);
}

static int sign_in(struct carry *c, uint16_t port)
{
	for (size_t o = 0; o < OFFICERS; o++) {
		visitor_open(c->mem, &c->at[o], str_fmt(c->mem, "http://127.0.0.1:%u", port + (unsigned)OFFICER[o].at));
		if (visitor_sign_in(c->mem, &c->at[o], str_of(OFFICER[o].user), password_of(c->mem, (enum officer)o), OFFICER[o].purpose, c->err) < 0)
			return -1;
	}
	said(c, "signed in %d officers on 4 nodes", OFFICERS);
	return 0;
}

static int batches(struct carry *c)
{
	int64_t today = source_now_ms(source_system()) / DAY_MS * DAY_MS;
	int y, m, d;
	day_split(day_of_ms(today), &y, &m, &d);
	static const struct demo_batch AT_DRAFT = { 0, 0, 6, 23 };
	for (size_t i = 0; i <= DEMO_BATCHES_N; i++) {
		const struct demo_batch *batch = i < DEMO_BATCHES_N ? &DEMO_BATCHES[i] : &AT_DRAFT;
		c->j[i] = (struct journey){ .batch = batch, .day_ms = today - batch->days_ago * DAY_MS };
		c->j[i].nfamilies = demo_families(c->mem, i, y, &c->j[i].families);
	}
	c->n = DEMO_BATCHES_N;
	return 0;
}

/* ---- four batches at once: a process for each, as four desks would work ---- */

struct told { char list[37], batch[37], convoy[37], failed[400]; };

static int to_the_ministry_one(struct carry *c, struct journey *j)
{
	c->step = "list";
	if (draft_list(c, j, true) < 0)
		return -1;
	c->step = "number the batch";
	if (number_batch(c, j) < 0)
		return -1;
	said(c, "batch %d: list submitted, handed over to the ministry and numbered", j->batch->number);
	return 0;
}

static _Noreturn void desk_process(struct carry *c, struct journey *j, int (*work)(struct carry *, struct journey *), int out)
{
	struct told t = { 0 };
	for (size_t o = 0; o < OFFICERS; o++)
		visitor_again(&c->at[o]);
	if (work(c, j) < 0)
		snprintf(t.failed, sizeof t.failed, "batch %d, step \"%s\": %s", j->batch->number, c->step, c->err->log);
	snprintf(t.list, sizeof t.list, S_FMT, S_ARG(j->list));
	snprintf(t.batch, sizeof t.batch, S_FMT, S_ARG(j->batch_id));
	snprintf(t.convoy, sizeof t.convoy, S_FMT, S_ARG(j->convoy));
	_exit(write(out, &t, sizeof t) == sizeof t && !t.failed[0] ? 0 : 1);
}

/* All batches through one part of the story; what each desk learnt comes back. */
static int desks(struct carry *c, int (*work)(struct carry *, struct journey *))
{
	int pipes[8][2], rc = 0;
	fflush(stdout);
	for (size_t i = 0; i < c->n; i++) {
		if (pipe(pipes[i]) < 0)
			return err_set(c->err, ERR_FAULT, "no pipe");
		if (fork() == 0)
			desk_process(c, &c->j[i], work, pipes[i][1]);
		close(pipes[i][1]);
	}
	for (size_t i = 0; i < c->n; i++) {
		struct told t = { 0 };
		if (read(pipes[i][0], &t, sizeof t) != sizeof t)
			rc = err_set(c->err, ERR_FAULT, "a desk of the demo ended");
		else if (t.failed[0])
			rc = err_set(c->err, ERR_PEER, "%s", t.failed);
		close(pipes[i][0]);
		c->j[i].list = str_dup(c->mem, str_of(t.list));
		c->j[i].batch_id = str_dup(c->mem, str_of(t.batch));
		c->j[i].convoy = str_dup(c->mem, str_of(t.convoy));
	}
	return rc;
}

static int to_the_ministry(struct carry *c)
{
	size_t adults = 0, done;
	if (register_all(c) < 0 || desks(c, hear_some) < 0)
		return -1;
	said(c, "heard %zu adults, each alone: her own wish", c->nadults);
	if (desks(c, to_the_ministry_one) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		adults += adults_of(&c->j[i]);
	c->step = "vetting";
	if (ask_vetting(c) < 0 || vet(c, adults, &done) < 0)
		return -1;
	said(c, "vetting: %zu adults answered by two persons, shuffled, without family or batch", done);
	return 0;
}

/* Level 1 leaves by two persons of the return desk. */
static int release(struct carry *c)
{
	struct form f = form_new(c->mem), yes = form_new(c->mem);
	struct page_answer a;
	const struct str mark = STR("action=\"/statistics/releases/");
	c->step = "release";
	if (visitor_post(c->mem, &c->at[MOMD_SUPERVISOR], STR("/statistics/releases"), &f, &a, c->err) < 0 ||
	    visitor_get(c->mem, &c->at[MOMD_OFFICER], STR("/statistics"), &a, c->err) < 0)
		return -1;
	size_t at = str_find(a.body, mark);
	if (at == a.body.n)
		return err_set(c->err, ERR_FAULT, "no release waits for the second person");
	form_add(&yes, "answer", STR("yes"));
	struct str id = str_sub(a.body, at + mark.n, 36);
	if (visitor_post(c->mem, &c->at[MOMD_OFFICER], str_fmt(c->mem, "/statistics/releases/" S_FMT, S_ARG(id)), &yes, &a, c->err) < 0)
		return -1;
	said(c, "statistics: released by two persons");
	return 0;
}

/* A fifth, invented batch of six families is left at draft for whoever tries the program. */
static int leave_a_draft(struct carry *c)
{
	struct journey *j = &c->j[c->n];
	c->step = "a list for you";
	if (draft_list(c, j, false) < 0)
		return -1;
	said(c, "left at draft: %zu families, %zu persons, for whoever tries the program", j->nfamilies, persons_of(j));
	return 0;
}

int demo_carry(struct arena *mem, const char *dir, uint16_t port, bool say, struct err *err)
{
	struct carry c = { .mem = mem, .began_ms = monotonic_ms(), .say = say, .err = err, .step = "sign in" };
	(void)dir;
	int rc = sign_in(&c, port) < 0 || batches(&c) < 0 || to_the_ministry(&c) < 0 ? -1 : 0;
	if (rc == 0)
		rc = desks(&c, travel);
	if (rc == 0)
		rc = release(&c) < 0 ? -1 : leave_a_draft(&c);
	for (size_t o = 0; o < OFFICERS; o++)
		if (c.at[o].curl)
			visitor_close(&c.at[o]);
	return rc < 0 ? err_add(err, "step \"%s\"", c.step) : 0;
}
