#include "record/record_i.h"

static bool in_words(const struct words *l, struct str s)
{
	return policy_named(s, l->at, l->n);
}

/* Role and state only: what a page may offer. Conditions are asked when it is done. */
static bool offered(const struct work *w, const struct record *r, const struct tmove *m)
{
	return in_words(&m->by, w->actor.role) && in_words(&m->from, r->state) && str_eq(r->owner, w->node->name);
}

size_t record_moves(struct work *w, const struct record *r, const struct tmove **out, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < r->type->nmoves && n < max; i++)
		if (offered(w, r, &r->type->moves[i]))
			out[n++] = &r->type->moves[i];
	return n;
}

static int conditions_hold(struct work *w, const struct record *r, const struct tmove *m, struct err *err)
{
	const struct hooks *h = w->node->hooks;
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

static int own_word_given(struct work *w, const struct record *r, const struct tmove *m, const struct draft *with, struct err *err)
{
	struct str how = with ? json_str(with->fields, "own_word") : (struct str){ 0 };
	if (!m->own_word || str_is(how, "sign") || str_is(how, "thumb") || str_is(how, "voice"))
		return 0;
	w->refusal = (struct refusal){ .reason = STR("own_word"), .type = r->type->name, .record = r->id, .move = m->name };
	return err_say(err, ERR_SAFEGUARD, N_("Only the person concerned can say this: her sign, thumb print or recorded voice is needed."), NULL);
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
	const struct grant *g = record_open(w, r.type, &id, 1, err);
	if (!g || own_word_given(w, &r, m, with, err) < 0 || conditions_hold(w, &r, m, err) < 0)
		return -1;
	if (m->two_persons)
		return proposal_new(w, &r, m, with ? json_str(with->fields, "reason") : (struct str){ 0 }, proposal, err);
	return move_apply(w, &r, m, g, err);
}
