#ifndef WEB_FIELD_H
#define WEB_FIELD_H
/* Fields of records as people see and type them: one place for every kind. */
#include "web/html.h"

/* The value of a field as text for people, or a dash where it is absent. */
void field_show(struct html *, struct work *, const struct grant *, size_t i, const struct tfield *);       /* masked: dots, and the way to where it is asked for */
void field_show_clear(struct html *, struct work *, const struct grant *, size_t i, const struct tfield *); /* masked too: after mask_asked */
/* Label, input, help and, where `fault` is set, the sentence at the field. `typed` is what stood in the form (may be NULL), else `value`. */
void field_input(struct html *, struct work *, const struct tfield *, const json_t *value, const struct request *typed, const char *fault);
/* Values that an input shows: what was typed, else what is kept, else what the address of a new form says. */
struct field_given { struct str at[64]; size_t n; };
void field_option(struct html *, struct str value, struct str label, bool selected);
void place_show(struct html *, struct work *, struct str code);
void place_input(struct html *, struct work *, const struct tfield *, const struct field_given *);
void ref_input(struct html *, struct work *, const struct tfield *, const struct field_given *);
/* What was typed, as the JSON that record_create takes; NULL: nothing was typed. */
json_t *field_typed(struct work *, const struct tfield *, const struct request *);
/* A record in one line: its name, number or title; needs a grant. */
struct str record_title(struct work *, const struct grant *, size_t i);
/* Opens <a> to the page of a record: its own where the type has one (batches, lists, convoys), else the general one. */
void record_link(struct html *, struct work *, const struct record *);
struct str state_label(struct work *, struct str state);
#endif
