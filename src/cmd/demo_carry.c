#include "cmd/demo_story.h"
#include <unistd.h>

/* The main story, played by invented officers through the forms of their own nodes: register, hear, list, vet, approve, freeze, seat, board, cross, check in, reconcile,
   count. Nothing here knows a table or a key; what the pages do not allow, the demo cannot do. The batches travel at the same time, a process for each. */
static const struct { enum demo_place at; const char *user, *purpose; } OFFICER[OFFICERS] = {
	[CAMP_REGISTRAR] = { DEMO_CAMP, "registrar", "registration/mandate" }, [CAMP_MANAGER] = { DEMO_CAMP, "manager", "transfer/agreement" },
	[CAMP_PROTECTION] = { DEMO_CAMP, "protection", "registration/consent" }, [CAMP_BORDER] = { DEMO_CAMP, "border", "transfer/agreement" },
	[MOMD_OFFICER] = { DEMO_MOMD, "officer", "transfer/agreement" }, [MOMD_SUPERVISOR] = { DEMO_MOMD, "supervisor", "transfer/agreement" },
	[MOMD_BORDER] = { DEMO_MOMD, "border", "transfer/agreement" }, [MOMD_LEAD] = { DEMO_MOMD, "lead", "transfer/agreement" },
	[VETTER] = { DEMO_VETTING, "vetting", "vetting/statute" }, [VETTING_SUPERVISOR] = { DEMO_VETTING, "supervisor", "vetting/statute" },
	[CENTRE_REGISTRAR] = { DEMO_CENTRE, "registrar", "reception/mandate" }, [CENTRE_MANAGER] = { DEMO_CENTRE, "manager", "reception/mandate" },
};


struct told { char list[37], batch[37], convoy[37], failed[400]; };

static int travel(struct carry *c, struct journey *j)
{
	size_t families, persons;
	int number = j->batch->number;
	c->step = "approve";
	if (story_approve(c, j) < 0)
		return -1;
	story_said(c, "batch %d: approved row by row by both offices, frozen; the digest stands on both sides", number);
	c->step = "seats";
	if (story_seat(c, j) < 0 || story_clear_convoy(c, j) < 0)
		return -1;
	story_said(c, "batch %d: %zu buses, families side by side; cleared by both border posts", number, j->nlegs);
	c->step = "board";
	if (story_load_and_go(c, j) < 0)
		return -1;
	story_said(c, "batch %d: %zu boarded; %zu boarding lists sealed by both offices", number, j->boarded, j->nlegs);
	c->step = "cross";
	if (story_cross(c, j) < 0)
		return -1;
	story_said(c, "batch %d: head count %zu at both posts; handover signed by both", number, j->boarded);
	c->step = "check in";
	if (story_arrive(c, j) < 0 || story_check_in(c, j, &families, &persons) < 0)
		return -1;
	story_said(c, "batch %d: %zu families, %zu persons checked in", number, families, persons);
	c->step = "reconcile";
	if (story_reconcile(c, j) < 0)
		return -1;
	story_said(c, "batch %d: boarded = arrived + explained; reconciled and closed", number);
	c->step = "count";
	return story_counted(c, j);
}

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
	story_said(c, "signed in %d officers on 4 nodes", OFFICERS);
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

static int to_the_ministry_one(struct carry *c, struct journey *j)
{
	c->step = "list";
	if (story_draft_list(c, j, true) < 0)
		return -1;
	c->step = "number the batch";
	if (story_number_batch(c, j) < 0)
		return -1;
	story_said(c, "batch %d: list submitted, handed over to the ministry and numbered", j->batch->number);
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
	if (story_register_all(c) < 0 || desks(c, story_hear_some) < 0)
		return -1;
	story_said(c, "heard %zu adults, each alone: her own wish", c->nadults);
	if (desks(c, to_the_ministry_one) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		adults += story_adults_of(&c->j[i]);
	c->step = "vetting";
	if (story_ask_vetting(c) < 0 || story_vet(c, adults, &done) < 0)
		return -1;
	story_said(c, "vetting: %zu adults answered by two persons, shuffled, without family or batch", done);
	return 0;
}

/* A fifth, invented batch of six families is left at draft for whoever tries the program. */
static int leave_a_draft(struct carry *c)
{
	struct journey *j = &c->j[c->n];
	c->step = "a list for you";
	if (story_draft_list(c, j, false) < 0)
		return -1;
	story_said(c, "left at draft: %zu families, %zu persons, for whoever tries the program", j->nfamilies, story_persons_of(j));
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
		rc = story_release(&c) < 0 ? -1 : leave_a_draft(&c);
	for (size_t o = 0; o < OFFICERS; o++)
		if (c.at[o].curl)
			visitor_close(&c.at[o]);
	return rc < 0 ? err_add(err, "step \"%s\"", c.step) : 0;
}
