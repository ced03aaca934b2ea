#include "journey/journey_i.h"

/* When the centre asks for a person or a family that came: whose place is where. */

static bool travels(struct work *w, struct id person)
{
	struct err ignored = { 0 };
	const struct grant *g = open_referring(w, "nominal_list_row", "person", person, &ignored);
	for (size_t i = 0; g && i < grant_count(g); i++) {
		struct record list;
		bool left = record_head(w, grant_record(g, i)->parent, &list, &ignored) == 0 && !str_is(list.state, "draft") && !str_is(list.state, "submitted");
		if (left && (state_is(g, i, "boarded") || state_is(g, i, "approved")))
			return true;
	}
	return false;
}

/* The row's own word may still be on the way from the ministry: a frozen list that names her is enough. */
int boarded_here(struct work *w, const struct record *r, struct err *err)
{
	return travels(w, r->id) ? 0 : refuse_rule(w, r, "boarded_here", N_("No list of a convoy that left names this person."), err);
}

int somebody_boarded(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "household_member", r->id, err);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (travels(w, ref_at(g, i, "person")))
			return 0;
	return g ? refuse_rule(w, r, "somebody_boarded", N_("No list of a convoy that left names anybody of this family."), err) : -1;
}

static int new_family(struct work *w, const struct record *old, const struct grant *members, const size_t *stay, size_t n, struct err *err)
{
	struct id household, member;
	struct str head = text_at(members, stay[0], "person");
	for (size_t i = 0; i < n; i++)
		if (!is_child(w, ref_at(members, stay[i], "person"))) {
			head = text_at(members, stay[i], "person");
			break;
		}
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "head", json_new_str(head));
	json_object_set_new(f, "split_from", json_new_str(id_text(w->mem, old->id)));
	struct draft d = { .type = old->type, .unit = old->unit, .by_program = true, .fields = f };
	if (record_create(w, &d, &household, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct str person = text_at(members, stay[i], "person");
		json_t *m = json_keep(w->mem, json_pack("{s:s}", "role", str_eq(person, head) ? "head" : "member"));
		json_object_set_new(m, "person", json_new_str(person));
		struct draft row = { .type = type_named(w, "household_member"), .parent = household, .unit = old->unit, .by_program = true, .fields = m };
		if (record_create(w, &row, &member, err) < 0 || record_move_inside(w, grant_record(members, stay[i])->id, "end", err) < 0)
			return -1;
	}
	return 0;
}

int split_household(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "household_member", r->id, err);
	size_t stay[64], n = 0;
	for (size_t i = 0; g && i < grant_count(g) && n < COUNT(stay); i++)
		if (state_is(g, i, "listed") && !travels(w, ref_at(g, i, "person")))
			stay[n++] = i;
	return !g ? -1 : n ? new_family(w, r, g, stay, n, err) : 0;
}
