#include "record/record_i.h"

static bool in_words(const struct words *l, struct str s)
{
	return policy_named(s, l->at, l->n);
}

/* Role and state only: what a page may offer. Conditions are asked when it is done. */
static bool offered(const struct work *w, const struct record *r, const struct tmove *m)
{
	return in_words(&m->by, w->actor.role) && in_words(&m->from, r->state);
}

size_t record_moves(struct work *w, const struct record *r, const struct tmove **out, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < r->type->nmoves && n < max; i++)
		if (offered(w, r, &r->type->moves[i]))
			out[n++] = &r->type->moves[i];
	return n;
}

static int state_allows(struct work *w, const struct record *r, struct str state, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	for (size_t i = 0; g && i < r->type->nfields; i++)
		if (when_wrong(&r->type->fields[i], g->values[0], state))
			return err_say(err, ERR_VALUE, N_("Before this, fill in: %s"), str_z(w->mem, r->type->fields[i].label));
	return g ? 0 : -1;
}

int conditions_hold(struct work *w, const struct record *r, const struct tmove *m, struct err *err)
{
	const struct hooks *h = w->node->hooks;
	if (r->type->state_rules && !str_is(m->to, "same") && state_allows(w, r, m->to, err) < 0)
		return -1;
	for (size_t i = 0; i < m->needs.n; i++) {
		size_t k = 0;
		while (k < h->nconditions && !str_is(m->needs.at[i], h->conditions[k].name))
			k++;
		if (k == h->nconditions)
			return err_set(err, ERR_FAULT, "no condition " S_FMT, S_ARG(m->needs.at[i]));
		if (h->conditions[k].fn(w, r, err) < 0) {
			w->refusal = (struct refusal){ .reason = m->needs.at[i], .type = r->type->name, .record = r->id, .move = m->name };
			return -1;
		}
	}
	return 0;
}

bool own_word_in(const json_t *with)
{
	struct str how = json_str(with, "own_word");
	return str_is(how, "sign") || str_is(how, "thumb") || str_is(how, "voice");
}

static int own_word_given(struct work *w, const struct record *r, const struct tmove *m, const struct draft *with, struct err *err)
{
	if (!m->own_word || (with && own_word_in(with->fields)))
		return 0;
	w->refusal = (struct refusal){ .reason = STR("own_word"), .type = r->type->name, .record = r->id, .move = m->name };
	return err_say(err, ERR_SAFEGUARD, N_("Only the person concerned can say this: her sign, thumb print or recorded voice is needed."), NULL);
}

/* A move that this actor may make: asked of the owner, of a second person, or done. The one place that decides which. */
static int carry_out(struct work *w, struct record *r, const struct tmove *m, json_t *with, struct id *proposal, struct err *err)
{
	if (!str_eq(r->owner, w->node->name))
		return proposal_new(w, r, m, PROPOSAL_SENT, with, proposal, err);
	if (conditions_hold(w, r, m, err) < 0)
		return -1;
	if (m->two_persons || m->two_nodes.n)
		return proposal_new(w, r, m, m->two_nodes.n ? PROPOSAL_ABROAD : PROPOSAL_HERE, with, proposal, err);
	return move_apply(w, r, m, err);
}

int record_move(struct work *w, struct id id, int64_t seen, struct str name, struct draft *with, struct id *proposal, struct err *err)
{
	struct record r;
	*proposal = (struct id){ 0 };
	if (record_head(w, id, &r, err) < 0)
		return -1;
	const struct tmove *m = type_move(r.type, name);
	if (!m)
		return err_set(err, ERR_NOT_FOUND, "no such move");
	if (r.version != seen || !in_words(&m->from, r.state))
		return err_set(err, ERR_CONFLICT, "another version is the head");
	if (!offered(w, &r, m))
		return refuse_with(w, &r, r.type, m->name, STR("role"), N_("Your role does not allow this."), err);
	if (!record_open(w, r.type, &id, 1, err) || own_word_given(w, &r, m, with, err) < 0)
		return -1;
	json_t *said = with ? with->fields : json_keep(w->mem, json_object());
	if (with && with->event_ms)
		w->event_ms = with->event_ms;
	return carry_out(w, &r, m, said, proposal, err);
}

int record_move_inside(struct work *w, struct id id, const char *name, struct err *err)
{
	struct record r;
	if (record_head(w, id, &r, err) < 0)
		return -1;
	const struct tmove *m = type_move(r.type, str_of(name));
	if (!m || !str_eq(r.owner, w->node->name))
		return err_set(err, ERR_FAULT, "the program makes no move %s on this record", name);
	if (!in_words(&m->from, r.state))
		return err_set(err, ERR_CONFLICT, "the state is another");
	return conditions_hold(w, &r, m, err) < 0 ? -1 : move_apply(w, &r, m, err);
}

int record_move_granted(struct work *w, const struct grant *g, size_t i, const char *name, json_t *with, struct err *err)
{
	struct record r;
	struct id proposal;
	struct draft said = { .fields = with };
	if (record_head(w, g->records[i].id, &r, err) < 0)
		return -1;
	const struct tmove *m = type_move(r.type, str_of(name));
	if (!m)
		return err_set(err, ERR_NOT_FOUND, "no such move");
	if (!in_words(&m->from, r.state))
		return err_set(err, ERR_CONFLICT, "the state is another");
	if (!in_words(&m->by, w->actor.role))
		return refuse_with(w, &r, r.type, m->name, STR("role"), N_("Your role does not allow this."), err);
	if (own_word_given(w, &r, m, &said, err) < 0)
		return -1;
	return carry_out(w, &r, m, with, &proposal, err);
}
