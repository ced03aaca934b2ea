#ifndef JOURNEY_JOURNEY_I_H
#define JOURNEY_JOURNEY_I_H
#include "journey/journey.h"
#include "record/effects.h"

/* A reference of a record that is open; none where it is empty. */
struct id ref_at(const struct grant *, size_t i, const char *field);
bool flag_at(const struct grant *, size_t i, const char *field);
struct str text_at(const struct grant *, size_t i, const char *field);
const struct type *type_named(const struct work *, const char *name);
const struct grant *open_one(struct work *, const char *type, struct id, struct err *);
const struct grant *open_rows(struct work *, const char *type, struct id parent, struct err *);              /* children, in order */
const struct grant *open_referring(struct work *, const char *type, const char *field, struct id target, struct err *);
int open_vetting_request(struct work *, const struct record *consent, struct err *);
size_t ids_unique(struct id *, size_t n);                              /* sorts; each once: how many are left */
bool state_is(const struct grant *, size_t i, const char *state);
bool is_merged(struct work *, struct id person);                   /* goes on as another record */
bool is_child(struct work *, struct id person);                        /* yes or presumed; one who is not here counts as one */
/* The lists of a convoy, and the legs. */
int lists_of(struct work *, struct id convoy, struct id **ids, size_t *n, struct err *);
int merged_forget(struct work *, struct id person, struct err *);
int asked_person_arrived(struct work *, const struct record *, struct str before, struct err *);
int claim_arrived(struct work *, const struct record *, struct str before, struct err *);      /* merge.c: what the civil registry decided, or is asked */
int task_open(struct work *, const char *desk, const char *reason, struct id person, struct err *);
int refuse_rule(struct work *, const struct record *, const char *reason, const char *sentence, struct err *);     /* ERR_SAFEGUARD */
int share_with_kind(struct work *, const struct id *, size_t n, const char *node_kind, struct err *);   /* nothing where there is no such partner */
int expect_seat(struct work *, const struct record *seat, struct err *);
int card_void(struct work *, struct id household, struct err *);
int list_share_with_centre(struct work *, const struct record *, struct err *);
int list_share_with_rider(struct work *, struct id list, struct str node, struct err *);
int ride_names(struct work *, struct id convoy, struct err *);         /* the camp's: for the node that rides with it */
int ride_seat(struct work *, const struct record *seat, struct err *); /* the ministry's row follows a seat that came */
int list_share_journey(struct work *, struct id list, struct id convoy, struct id batch, struct err *);
#endif
