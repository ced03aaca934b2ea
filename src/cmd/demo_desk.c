#include "cmd/demo_story.h"
#include <unistd.h>

/* The ministry numbers and approves, the vetting office answers about adults, two persons release the figures. */

int story_number_batch(struct carry *c, struct journey *j)
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
	form_add(&b, "planned", str_sub(story_hour(mem, j, 0, 0, 0), 0, 10));
	form_add(&k, "title", str_fmt(mem, "الدفعة %d / Batch %d", j->batch->number, j->batch->number));
	form_add(&k, "route", STR("SY-P-HOL"));
	form_add(&k, "route", STR("IQ-X-RABIA"));
	form_add(&k, "route", STR("IQ-P-JEDDAH1"));
	form_add(&k, "lead", STR("قائد القافلة (اسم مختلق)"));
	form_add(&k, "escort_body", STR("joint_operations"));
	form_add(&k, "medical_cover", STR("ambulance"));
	form_add(&k, "depart_plan", story_hour(mem, j, 0, 2, 0));
	if (story_create(mem, v, "batch", &b, &j->batch_id, c->err) < 0 || story_create(mem, v, "convoy", &k, &j->convoy, c->err) < 0)
		return -1;
	form_add(&e, "version", str_fmt(mem, "%lld", (long long)version));
	form_add(&e, "batch", j->batch_id);
	form_add(&e, "convoy", j->convoy);
	return visitor_post(mem, v, str_fmt(mem, "/r/nominal_list/" S_FMT "/edit", S_ARG(j->list)), &e, &a, c->err);
}

int story_ask_vetting(struct carry *c)
{
	struct form f = form_new(c->mem);
	struct page_answer a;
	return visitor_post(c->mem, &c->at[MOMD_SUPERVISOR], STR("/vetting/requests"), &f, &a, c->err);
}

/* The ids of the questions on the desk. */
static size_t checks_of(struct arena *mem, struct str body, struct str *out, size_t max)
{
	return story_values_of(mem, body, STR("name=\"check\" value=\""), out, max);
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
int story_vet(struct carry *c, size_t adults, size_t *done)
{
	size_t asked = 0;
	int64_t until = monotonic_ms() + WAIT_MS;
	*done = 0;
	while (*done < adults && monotonic_ms() < until)
		if (desk(c, VETTER, "/vetting/answers", "all", "ready", &asked) < 0 || desk(c, VETTING_SUPERVISOR, "/vetting/decisions", "answer", "yes", done) < 0)
			return -1;
	for (int64_t total = 1; *done == adults && total && monotonic_ms() < until; usleep(100000)) {       /* until the ministry has the last answer */
		json_t *page = visitor_json(c->mem, &c->at[MOMD_SUPERVISOR], STR("/api/1/vetting_request?state=submitted"), c->err);
		total = json_int(page, "total", 1);
	}
	return *done == adults ? 0 : err_set(c->err, ERR_EXPIRED, "%zu of %zu adults were answered", *done, adults);
}

int story_approve(struct carry *c, struct journey *j)
{
	if (story_move_by(c, MOMD_SUPERVISOR, "nominal_list", j->list, "approve", story_hour(c->mem, j, -3, 9, 0)) < 0 ||
	    story_agreed(c, CAMP_MANAGER, MOMD_SUPERVISOR, "nominal_list", j->list, "approved") < 0 ||
	    story_move_by(c, MOMD_SUPERVISOR, "nominal_list", j->list, "freeze", story_hour(c->mem, j, -2, 12, 0)) < 0)
		return -1;
	return story_became(c, CAMP_REGISTRAR, "nominal_list", j->list, "frozen");
}

/* Level 1 leaves by two persons of the return desk. */
int story_release(struct carry *c)
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
	story_said(c, "statistics: released by two persons");
	return 0;
}
