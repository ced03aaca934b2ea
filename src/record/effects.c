#include "record/effects.h"

void work_job(struct work *w, const struct job *job)
{
	w->effects->job = *job;
}
