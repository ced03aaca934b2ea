#include "journey/journey.h"

#define PROTECTION_DESK "protection"

int mother_or_birth_known(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	if (record_text(g, 0, "mother_name").n || record_text(g, 0, "birth").n)
		return 0;
	return err_say(err, ERR_SAFEGUARD, N_("The mother's name or the date of birth is needed: many people share one name."), NULL);
}

/* Children are not asked: they go with their guardian (DOMAIN 2). A presumed child counts as one. */
int task_hear(struct work *w, const struct record *r, struct err *err)
{
	struct id id;
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	if (!str_is(record_text(g, 0, "child"), "no"))
		return 0;
	struct draft d = { .type = type_find(w->node->types, STR("task")), .unit = STR(PROTECTION_DESK), .by_program = true,
		.fields = json_keep(w->mem, json_pack("{s:s, s:s}", "person", id_text(w->mem, r->id).p, "reason", "hear")) };
	return record_create(w, &d, &id, err);
}
