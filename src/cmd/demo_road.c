#include "cmd/demo_story.h"
#include <unistd.h>

/* The road: seats, the loading morning, the border. */
#define BUS_SEATS 50

int story_seat(struct carry *c, struct journey *j)
{
	size_t buses = (story_persons_of(j) + BUS_SEATS - 3) / (BUS_SEATS - 2);
	j->legs = NEW_ARRAY(c->mem, struct str, buses);
	j->aboard = NEW_ARRAY(c->mem, size_t, buses);
	for (size_t i = 0; i < buses; i++) {
		struct form f = form_new(c->mem);
		form_add(&f, "parent", j->convoy);
		form_add(&f, "plate", str_fmt(c->mem, "DEMO-%d-%02zu", j->batch->number, i + 1));
		form_add(&f, "capacity", str_fmt(c->mem, "%d", BUS_SEATS));
		form_add(&f, "from_place", STR("SY-P-HOL"));
		form_add(&f, "to_place", STR("IQ-P-JEDDAH1"));
		if (story_create(c->mem, &c->at[MOMD_LEAD], "vehicle_leg", &f, &j->legs[j->nlegs++], c->err) < 0)
			return -1;
	}
	return story_post_simple(c, MOMD_LEAD, str_fmt(c->mem, "/convoys/" S_FMT "/plan", S_ARG(j->convoy)), NULL, story_hour(c->mem, j, -1, 10, 0));
}

int story_clear_convoy(struct carry *c, struct journey *j)
{
	if (story_became(c, CAMP_BORDER, "convoy", j->convoy, "planned") < 0 || story_move_by(c, MOMD_BORDER, "convoy", j->convoy, "clear", story_hour(c->mem, j, -1, 15, 0)) < 0)
		return -1;
	return story_agreed(c, CAMP_BORDER, MOMD_BORDER, "convoy", j->convoy, "cleared");
}

/* Five in the morning: everybody on this bus boards, the heads are counted, two offices seal it. */
static int board(struct carry *c, struct journey *j, struct str leg, size_t *aboard)
{
	struct arena *mem = arena_new(STEP_BYTES);
	struct str seats[128], path = str_fmt(mem, "/convoys/" S_FMT "/legs/" S_FMT "/boarding", S_ARG(j->convoy), S_ARG(leg));
	struct page_answer a;
	struct form f = form_new(mem), s = form_new(mem);
	int rc = visitor_get(mem, &c->at[MOMD_LEAD], path, &a, c->err);
	size_t n = rc == 0 ? story_values_of(mem, a.body, STR("name=\"seat\" value=\""), seats, COUNT(seats)) : 0;
	for (size_t i = 0; i < n; i++)
		form_add(&f, "seat", seats[i]);
	form_add(&f, "all", STR("board"));
	form_add(&f, "event_time", story_hour(c->mem, j, 0, 2, 10));
	if (rc == 0 && n)
		rc = visitor_post(mem, &c->at[MOMD_LEAD], path, &f, &a, c->err);
	form_add(&s, "head_count", str_fmt(mem, "%zu", n));
	form_add(&s, "event_time", story_hour(c->mem, j, 0, 2, 40));
	if (rc == 0)
		rc = visitor_post(mem, &c->at[MOMD_LEAD], str_fmt(mem, "/convoys/" S_FMT "/legs/" S_FMT "/seal", S_ARG(j->convoy), S_ARG(leg)), &s, &a, c->err);
	*aboard = n;
	j->boarded += n;
	arena_free(mem);
	return rc;
}

int story_load_and_go(struct carry *c, struct journey *j)
{
	for (size_t i = 0; i < j->nlegs; i++)
		if (board(c, j, j->legs[i], &j->aboard[i]) < 0)
			return -1;
	for (size_t i = 0; i < j->nlegs; i++)
		if (story_agreed(c, CAMP_REGISTRAR, MOMD_LEAD, "vehicle_leg", j->legs[i], "sealed") < 0)
			return -1;
	if (story_move_by(c, MOMD_LEAD, "nominal_list", j->list, "depart", story_hour(c->mem, j, 0, 3, 0)) < 0 ||
	    story_move_by(c, MOMD_LEAD, "convoy", j->convoy, "start", story_hour(c->mem, j, 0, 3, 5)) < 0)
		return -1;
	return story_post_simple(c, MOMD_LEAD, str_fmt(c->mem, "/convoys/" S_FMT "/legs", S_ARG(j->convoy)), PAIRS("move", "run"), story_hour(c->mem, j, 0, 3, 5));
}

int story_cross(struct carry *c, struct journey *j)
{
	const char *count = str_fmt(c->mem, "%zu", j->boarded).p;
	struct str convoy = str_fmt(c->mem, "/convoys/" S_FMT, S_ARG(j->convoy));
	if (story_became(c, CAMP_BORDER, "convoy", j->convoy, "moving") < 0 ||
	    story_post_simple(c, CAMP_BORDER, str_fmt(c->mem, S_FMT "/checkpoints", S_ARG(convoy)), PAIRS("place", "SY-X-YARUB", "direction", "out", "head_count", count), story_hour(c->mem, j, 0, 6, 0)) < 0 ||
	    story_post_simple(c, CAMP_BORDER, str_fmt(c->mem, S_FMT "/handover", S_ARG(convoy)), PAIRS("place", "SY-X-YARUB", "count", count, "children_asked", "yes", "health_check", "yes"),
	        story_hour(c->mem, j, 0, 6, 20)) < 0 ||
	    story_post_simple(c, MOMD_BORDER, str_fmt(c->mem, S_FMT "/checkpoints", S_ARG(convoy)), PAIRS("place", "IQ-X-RABIA", "direction", "in", "head_count", count), story_hour(c->mem, j, 0, 7, 0)) < 0)
		return -1;
	for (int64_t until = monotonic_ms() + WAIT_MS; monotonic_ms() < until; usleep(100000)) {
		size_t n;
		json_t *list = visitor_json(c->mem, &c->at[MOMD_BORDER], str_fmt(c->mem, "/api/1/border_handover?state=signed&parent=" S_FMT, S_ARG(j->convoy)), c->err);
		if (json_int(list, "total", 0) > 0)
			return story_move_by(c, MOMD_BORDER, "convoy", j->convoy, "cross", story_hour(c->mem, j, 0, 7, 30)) < 0 ? -1 :
			    story_became(c, CENTRE_REGISTRAR, "convoy", j->convoy, "crossed");
		if (c->err->code || story_agree(c, MOMD_BORDER, &n) < 0)
			return -1;
	}
	return err_set(c->err, ERR_EXPIRED, "the handover was not signed by both posts");
}
