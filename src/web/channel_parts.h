#ifndef WEB_CHANNEL_PARTS_H
#define WEB_CHANNEL_PARTS_H
/* channel_page.c: the list and a new request; rfi_page.c: one request as both offices see it; rfi_reply.c: the desk that answers; rfi_forward.c: what is passed on. */
#include "exchange/channel.h"
#include "exchange/competence.h"
#include "exchange/recall.h"
#include "record/clock.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/went.h"

struct rfi { struct record r; const struct grant *g, *persons, *replies; bool ours; };
int rfi_load(struct work *, const struct request *, struct rfi *, struct err *);
/* What stands in a form that failed: the form it was, the draft with its faults or one sentence. */
struct rfi_fault { const char *form, *sentence; const struct draft *d; const struct request *typed; };
int rfi_show(struct work *, const struct rfi *, const struct rfi_fault *, struct response *, struct err *);
void rfi_number(struct html *, struct work *, struct id);            /* as people write it */
/* <dt> and <dd> of each field that has a value. */
void facts_show(struct html *, struct work *, const struct grant *, size_t i, const char *const *fields, size_t n);
void inputs_show(struct html *, struct work *, const struct type *, const char *const *fields, size_t n, const struct grant *, const struct rfi_fault *);
json_t *fields_typed(struct work *, const struct type *, const char *const *fields, size_t n, const struct request *);
int rfi_refused(struct work *, struct str reason, const char *move, struct err *);
int rfi_said_or_up(struct work *, const struct rfi *, struct rfi_fault *, struct response *, struct err *);
int replies_show(struct html *, struct work *, const struct rfi *, struct err *);
int rfi_open_reply(struct work *, const struct rfi *, struct record *, struct err *);      /* the one on which this desk works; ERR_CONFLICT: none */
int review_show(struct html *, struct work *, const struct rfi *, const struct rfi_fault *, struct err *);         /* rfi_review.c */
int documents_show(struct html *, struct work *, const struct rfi *, const struct rfi_fault *, struct err *);      /* rfi_documents.c */
int forward_show(struct html *, struct work *, const struct rfi *, struct err *);          /* rfi_forward.c: passed on, or may it be */
void reply_forms(struct html *, struct work *, const struct rfi *, const struct rfi_fault *);      /* of the desk that is asked */
/* competence_page.c: who decides, as a note; and as the one line that a refusal carries back. */
void competence_show(struct html *, const struct competence *);
struct str competence_address(struct work *, const struct competence *);
/* The register's entry for the matter of a request that stands elsewhere than at `node`: 1, 0: none or it is there, -1. */
int competence_elsewhere(struct work *, const struct rfi *, struct str node, struct competence *, struct err *);
#endif
