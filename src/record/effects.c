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
