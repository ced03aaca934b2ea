#ifndef RECORD_EFFECTS_H
#define RECORD_EFFECTS_H
/* What a handler asks for after COMMIT. It changes no memory that outlives it: it queues effects in its work item; the tick drops them if
   the item is rolled back. */
#include "record/record.h"

struct request;
struct response;

/* A piece of work longer than a tick may take. Its kind's `run` is called in a short-lived sandboxed process without database and keys and gives its output; then
   `then` answers the same request as a new work item (output empty: the job died). One job for each work item. */
struct job_kind { const char *name; struct str (*run)(struct arena *, struct str input); };      /* each has a row in src/cmd/joins.c */
struct job {
	const struct job_kind *kind;
	struct str input;
	int (*then)(struct work *, const struct request *, struct str output, struct response *, struct err *);
};
struct effects {
	struct job job;                 /* kind NULL: none */
	bool outbox;                    /* something waits to be sent to a partner */
};
void work_job(struct work *, const struct job *);
#endif
