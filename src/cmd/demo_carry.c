#include "cmd/demo.h"
#include "cmd/demo_http.h"
#include "cmd/demo_people.h"
#include <stdarg.h>

/* The main story, played by invented officers through the forms of their own nodes: register, hear, list, vet, approve, freeze, seat, board, cross, check in, reconcile,
   count. Nothing here knows a table or a key; what the pages do not allow, the demo cannot do. */
#define DAY_MS (24LL * 3600 * 1000)
#define STEP_BYTES ((size_t)96 << 20)

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

struct journey { const struct demo_batch *batch; struct demo_family *families; size_t nfamilies; struct str list, batch_id, convoy; int64_t day_ms; size_t adults; };
struct carry { struct arena *mem; int64_t began_ms; struct visitor at[OFFICERS]; struct journey j[8]; size_t n; bool say; struct err *err; const char *step; };

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

static int person(struct arena *mem, struct carry *c, const struct demo_person *p, struct str *id)
{
	struct form f = form_new(mem), m = form_new(mem);
	struct page_answer a;
	struct visitor *v = &c->at[CAMP_REGISTRAR];
	form_add(&f, "name", p->name);
	form_add(&f, "mother_name", p->mother);
	form_add(&f, "sex", p->woman ? STR("2") : STR("1"));
	form_add(&f, "birth", str_fmt(mem, "%04d-%02d-%02d", p->year, p->month, p->day));
	form_add(&f, "nationality", STR("IQ"));
	if (create(mem, v, "person", &f, id, c->err) < 0)
		return -1;
	form_add(&m, "version", STR("1"));
	return visitor_post(mem, v, str_fmt(mem, "/r/person/" S_FMT "/move/register", S_ARG(*id)), &m, &a, c->err);
}

static int family(struct arena *mem, struct carry *c, const struct demo_family *fam, struct str *ids)
{
	struct form f = form_new(mem);
	struct str household, member;
	struct visitor *v = &c->at[CAMP_REGISTRAR];
	for (size_t i = 0; i < fam->n; i++)
		if (person(mem, c, &fam->at[i], &ids[i]) < 0)
			return -1;
	form_add(&f, "head", ids[0]);
	form_add(&f, "shelter", fam->shelter);
	form_add(&f, "origin_place", str_of(fam->origin));
	if (create(mem, v, "household", &f, &household, c->err) < 0)
		return -1;
	for (size_t i = 0; i < fam->n; i++) {
		struct form m = form_new(mem);
		form_add(&m, "parent", household);
		form_add(&m, "person", ids[i]);
		form_add(&m, "role", i ? STR("member") : STR("head"));
		if (!fam->at[i].adult)
			form_add(&m, "guardian", ids[0]);
		if (create(mem, v, "household_member", &m, &member, c->err) < 0)
			return -1;
	}
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

static int register_batch(struct carry *c, struct journey *j)
{
	for (size_t i = 0; i < j->nfamilies; i++) {
		struct arena *mem = arena_new(STEP_BYTES);
		struct str ids[12];
		int rc = family(mem, c, &j->families[i], ids);
		for (size_t k = 0; rc == 0 && k < j->families[i].n; k++) {
			if (!j->families[i].at[k].adult)
				continue;
			rc = hear(mem, c, ids[k]);
			j->adults++;
		}
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
	form_add(&all, "all", STR("1"));
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

/* The ids in value="..." of the inputs named check. */
static size_t checks_of(struct arena *mem, struct str body, struct str *out, size_t max)
{
	const struct str mark = STR("name=\"check\" value=\"");
	size_t n = 0, at;
	while (n < max && (at = str_find(body, mark)) < body.n) {
		body = str_sub(body, at + mark.n, body.n);
		out[n++] = str_dup(mem, str_sub(body, 0, 36));
	}
	return n;
}

static int desk(struct carry *c, enum officer who, const char *path, const char *field, const char *value, size_t *done)
{
	struct str ids[320];
	for (int64_t until = monotonic_ms() + 60000; monotonic_ms() < until;) {
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
	int64_t until = monotonic_ms() + 60000;
	*done = 0;
	while (*done < adults && monotonic_ms() < until)
		if (desk(c, VETTER, "/vetting/answers", "all", "ready", &asked) < 0 || desk(c, VETTING_SUPERVISOR, "/vetting/decisions", "answer", "yes", done) < 0)
			return -1;
	return *done == adults ? 0 : err_set(c->err, ERR_EXPIRED, "%zu of %zu adults were answered", *done, adults);
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
	for (size_t i = 0; i < DEMO_BATCHES_N; i++) {
		struct journey *j = &c->j[c->n++];
		*j = (struct journey){ .batch = &DEMO_BATCHES[i], .day_ms = today - DEMO_BATCHES[i].days_ago * DAY_MS };
		j->nfamilies = demo_families(c->mem, i, y, &j->families);
	}
	return 0;
}

static size_t persons_of(const struct journey *j)
{
	size_t n = 0;
	for (size_t i = 0; i < j->nfamilies; i++)
		n += j->families[i].n;
	return n;
}

static int to_the_ministry(struct carry *c)
{
	size_t adults = 0, done;
	for (size_t i = 0; i < c->n; i++) {
		struct journey *j = &c->j[i];
		c->step = "register";
		if (register_batch(c, j) < 0)
			return -1;
		said(c, "batch %d: registered %zu families, %zu persons; heard %zu adults, each alone", j->batch->number, j->nfamilies, persons_of(j), j->adults);
		c->step = "list";
		if (draft_list(c, j, true) < 0)
			return -1;
		c->step = "number the batch";
		if (number_batch(c, j) < 0)
			return -1;
		said(c, "batch %d: list submitted, handed over to the ministry and numbered", j->batch->number);
		adults += j->adults;
	}
	c->step = "vetting";
	if (ask_vetting(c) < 0 || vet(c, adults, &done) < 0)
		return -1;
	said(c, "vetting: %zu adults answered by two persons, shuffled, without family or batch", done);
	return 0;
}

int demo_carry(struct arena *mem, const char *dir, uint16_t port, bool say, struct err *err)
{
	struct carry c = { .mem = mem, .began_ms = monotonic_ms(), .say = say, .err = err, .step = "sign in" };
	(void)dir;
	int rc = sign_in(&c, port) < 0 || batches(&c) < 0 || to_the_ministry(&c) < 0 ? -1 : 0;
	for (size_t o = 0; o < OFFICERS; o++)
		if (c.at[o].curl)
			visitor_close(&c.at[o]);
	return rc < 0 ? err_add(err, "step \"%s\"", c.step) : 0;
}
