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
/* A POST to a partner's listener, made after COMMIT by the node's client (TLS 1.3, our certificate, the partner's pinned). Its answer comes back as a
   new work item: `then` with the status (0: nobody answered) and the body. `ref` says to `then` what it was about. */
struct call {
	struct call *next;
	struct str url;                 /* "https://host:port/x/1/envelopes" */
	struct hash pin, next_pin;      /* SHA-256 of the partner's certificate (DER); of the one that comes after it, all zero: none */
	const char *type;               /* Content-Type of the body */
	struct str body, ref;
	int (*then)(struct work *, struct str ref, int status, struct str body, struct err *);
};
/* In the close phase, after the checkpoint is signed and before COMMIT: for what is proven on the new root (receipts). */
struct closing { int (*run)(struct work *, void *arg, struct response *, struct err *); void *arg; };
/* In this process, after COMMIT and before the answer is released: what is kept beside the database follows it (the index of names). `arg` lives in the work item's arena. */
struct after { struct after *next; void (*run)(const struct node *, void *arg); void *arg; };
struct effects {
	struct job job;                 /* kind NULL: none */
	struct call *calls;
	struct after *first_after, *last_after;      /* in the order in which they were asked for */
	struct closing close;           /* run NULL: none */
	bool outbox;                    /* something waits to be sent: the timer named "outbox" runs with the next tick */
	unsigned hints;                 /* what open pages are told to look at again (enum hint, as bits) */
	bool again;                     /* this process ends and is started anew: what it read at its start has changed */
	const char *hurry;              /* the timer of this name has more to do: it runs with the next tick; NULL: none */
};
void work_job(struct work *, const struct job *);
void work_after(struct work *, void (*run)(const struct node *, void *arg), void *arg);
void effects_after(const struct node *, const struct effects *);      /* runs them */
void work_call(struct work *, const struct call *);     /* copies into the work item's arena; the node keeps it until it was answered */

/* After COMMIT every open page whose reader may see such things is told to ask again: nothing else is said (DESIGN 3). */
enum hint { HINT_NOTICE = 1, HINT_ROOM = 2 };
void work_hint(struct work *, enum hint);

/* What happens by the clock: rows of src/cmd/joins.c. Runs as a work item of its own, nobody signed in. */
struct timer { const char *name; int64_t every_ms; int (*run)(struct work *, struct err *); };
#endif
