#include "journey/journey_i.h"

/* Each adult's own wish. It is hers alone: nobody's row asks for a relative's (DOMAIN 2). */

/* The last consent of a person that is in force: given, and not older than a year. -1 where there is none. */
static int in_force(struct work *w, const struct grant *g)
{
	int found = -1;
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (state_is(g, i, "given") && grant_record(g, i)->created_ms > w->now_ms - 366LL * 24 * 3600 * 1000)
			found = (int)i;
	return found;
}

static bool wants(struct work *w, struct id person)
{
	struct err ignored = { 0 };
	const struct grant *g = open_referring(w, "consent", "person", person, &ignored);
	int i = in_force(w, g);
	return i >= 0 && str_is(text_at(g, (size_t)i, "wish"), "wants");
}

static bool told(struct work *w, struct id person)
{
	struct err ignored = { 0 };
	const struct grant *g = open_referring(w, "consent", "person", person, &ignored);
	int i = in_force(w, g);
	return i >= 0 && flag_at(g, (size_t)i, "informed");
}

int consent_in_force(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "nominal_list_row", r->id, err);
	if (!g)
		return -1;
	struct id who = flag_at(g, 0, "minor") ? ref_at(g, 0, "guardian") : ref_at(g, 0, "person");
	return !id_none(who) && wants(w, who) ? 0 : refuse_rule(w, r, "consent_in_force", N_("Her own wish to travel is not recorded, or no longer in force."), err);
}

int informed(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", r->id, err);
	if (!g)
		return -1;
	for (size_t i = 0; i < grant_count(g); i++)
		if (!flag_at(g, i, "minor") && told(w, ref_at(g, i, "person")))
			return 0;
	return refuse_rule(w, r, "informed", N_("No adult on this list was heard and told that a vetting office is asked."), err);
}

/* Her word holds at once where it was heard; the row follows, at its owner by a proposal that can only be accepted. */
int withdraw_rows(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_referring(w, "nominal_list_row", "person", r->subject, err);
	json_t *with = json_keep(w->mem, json_pack("{s:s}", "own_word", "sign"));
	for (size_t i = 0; g && i < grant_count(g); i++)
		if ((state_is(g, i, "listed") || state_is(g, i, "approved") || state_is(g, i, "later")) &&
		    record_move_granted(w, g, i, "withdraw_person", with, err) < 0)
			return -1;
	return g ? 0 : -1;
}

int withdraw_consent(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_referring(w, "consent", "person", r->subject, err);
	json_t *with = json_keep(w->mem, json_pack("{s:s}", "own_word", "sign"));
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (state_is(g, i, "given") && record_move_granted(w, g, i, "withdraw", with, err) < 0)
			return -1;
	return g ? 0 : -1;
}

/* A year old and not used: it is asked again (DOMAIN 5, Clocks). */
int hear_again(struct work *w, const struct record *r, struct err *err)
{
	return task_open(w, "protection", "hear", r->subject, err);
}

int withdrawal_receipt(struct work *w, const struct record *r, struct err *err)
{
	struct id id;
	struct draft d = { .type = type_named(w, "letter"), .unit = w->actor.unit, .by_program = true,
		.fields = json_keep(w->mem, json_pack("{s:s, s:s, s:s}", "letter_kind", "receipt", "person", id_text(w->mem, r->subject).p, "letter_language", "ara")) };
	return record_create(w, &d, &id, err);
}
