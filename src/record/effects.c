#include "record/effects.h"

void work_job(struct work *w, const struct job *job)
{
	w->effects->job = *job;
}

void work_call(struct work *w, const struct call *c)
{
	struct call *copy = arena_copy(w->mem, c, sizeof *c);
	copy->next = w->effects->calls;
	w->effects->calls = copy;
}

void work_hint(struct work *w, enum hint hint)
{
	w->effects->hints |= (unsigned)hint;
}

void work_after(struct work *w, void (*run)(const struct node *, void *), void *arg)
{
	struct after *a = NEW(w->mem, struct after);
	*a = (struct after){ NULL, run, arg };
	if (w->effects->last_after)
		w->effects->last_after->next = a;
	else
		w->effects->first_after = a;
	w->effects->last_after = a;
}

void effects_after(const struct node *node, const struct effects *e)
{
	for (const struct after *a = e->first_after; a; a = a->next)
		a->run(node, a->arg);
}
