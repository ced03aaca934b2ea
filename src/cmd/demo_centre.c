#include "cmd/demo_story.h"
#include <unistd.h>

/* The centre: families are checked in, the list is reconciled, the numbers are what they should be. */

static int check_in_family(struct carry *c, struct journey *j, struct str household, size_t *persons)
{
	struct arena *mem = arena_new(STEP_BYTES);
	struct str ids[64], path = str_fmt(mem, "/checkin/" S_FMT, S_ARG(household));
	struct page_answer a;
	struct form f = form_new(mem);
	int rc = visitor_get(mem, &c->at[CENTRE_REGISTRAR], path, &a, c->err);
	size_t n = rc == 0 ? story_values_of(mem, a.body, STR("name=\"checkin\" value=\""), ids, COUNT(ids)) : 0;
	for (size_t i = 0; i < n; i++)
		form_add(&f, "checkin", ids[i]);
	form_add(&f, "all", STR("1"));
	form_add(&f, "method", STR("card"));
	form_add(&f, "event_time", story_hour(c->mem, j, 0, 13, 0));
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

int story_check_in(struct carry *c, struct journey *j, size_t *families, size_t *persons)
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

int story_arrive(struct carry *c, struct journey *j)
{
	struct page_answer a;
	struct form f = form_new(c->mem);
	form_add(&f, "move", STR("unload"));
	form_add(&f, "event_time", story_hour(c->mem, j, 0, 12, 30));
	for (size_t i = 0; i < j->nlegs; i++)
		form_add(&f, str_fmt(c->mem, "count_" S_FMT, S_ARG(j->legs[i])).p, str_fmt(c->mem, "%zu", j->aboard[i]));
	if (visitor_post(c->mem, &c->at[MOMD_LEAD], str_fmt(c->mem, "/convoys/" S_FMT "/legs", S_ARG(j->convoy)), &f, &a, c->err) < 0)
		return -1;
	for (size_t i = 0; i < j->nlegs; i++)
		if (story_became(c, CENTRE_REGISTRAR, "vehicle_leg", j->legs[i], "unloaded") < 0)
			return -1;
	if (story_move_by(c, CENTRE_REGISTRAR, "convoy", j->convoy, "arrive", story_hour(c->mem, j, 0, 12, 40)) < 0)
		return -1;
	return story_became(c, MOMD_LEAD, "convoy", j->convoy, "arrived");
}

/* The centre's manager asks; the ministry's node counts, and says no as long as somebody's check-in is still on the way. */
int story_reconcile(struct carry *c, struct journey *j)
{
	for (int64_t until = monotonic_ms() + WAIT_MS; monotonic_ms() < until;) {
		struct err why = { 0 };
		int64_t version, next = monotonic_ms() + 1000;
		if (story_move_by(c, CENTRE_MANAGER, "nominal_list", j->list, "reconcile", story_hour(c->mem, j, 1, 10, 0)) < 0)
			*c->err = (struct err){ 0 };
		while (monotonic_ms() < next) {
			struct arena *mem = arena_new(STEP_BYTES);
			json_t *o = visitor_json(mem, &c->at[MOMD_SUPERVISOR], str_fmt(mem, "/api/1/nominal_list/" S_FMT "?fields=none", S_ARG(j->list)), &why);
			bool there = o && str_is(json_str(o, "state"), "reconciled");
			arena_free(mem);
			if (there) {
				(void)version;
				return story_move_by(c, MOMD_SUPERVISOR, "batch", j->batch_id, "close", story_hour(c->mem, j, 1, 12, 0));
			}
			usleep(100000);
		}
	}
	return err_set(c->err, ERR_EXPIRED, "the list was not reconciled");
}

int story_counted(struct carry *c, struct journey *j)
{
	json_t *o = visitor_json(c->mem, &c->at[MOMD_OFFICER], str_fmt(c->mem, "/api/1/batch/" S_FMT, S_ARG(j->batch_id)), c->err);
	json_t *f = json_object_get(o, "fields");
	int64_t families = json_int(f, "families", 0), persons = json_int(f, "persons", 0);
	story_said(c, "batch %d: counted here %lld families, %lld persons", j->batch->number, (long long)families, (long long)persons);
	if (families != (int64_t)j->batch->families || persons != (int64_t)j->batch->persons)
		return err_set(c->err, ERR_FAULT, "batch %d counts %lld/%lld and should count %zu/%zu", j->batch->number, (long long)families, (long long)persons,
		    j->batch->families, j->batch->persons);
	return 0;
}
