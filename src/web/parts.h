#ifndef WEB_PARTS_H
#define WEB_PARTS_H
/* What the pages of the journey are made of: what stands in the address, forms that may be sent twice, inputs with their labels, names of people, moves as buttons. */
#include "journey/journey.h"
#include "web/field.h"
#include "web/session.h"
#include "web/table.h"

/* ---- what was asked ---- */
bool purpose_first(struct work *, const struct request *, struct response *);         /* no purpose chosen: leads to the page that asks */
int record_asked(struct work *, const struct request *, const char *param, const char *type, struct record *out, struct err *);
int form_start(struct work *, const struct request *, struct response *, struct err *);   /* 1: this form was done and is answered again; 0: new; -1 */
int form_end(struct work *, const struct request *, struct response *, struct str location, struct err *);
int ids_typed(struct work *, const struct request *, const char *name, struct id *out, size_t max, size_t *n, struct err *);
struct str typed_for(struct work *, const struct request *, const char *prefix, struct id);      /* the field "present-<id>" */
bool number_typed(struct work *, const struct request *, const char *name, int64_t *out);        /* digits of all scripts */
bool role_is(const struct work *, const char *role);
bool may_move(struct work *, const struct record *, const char *move);                           /* offered to this role in this state, and ours to begin */

/* ---- reading ---- */
int rows_open(struct work *, const char *type, struct id parent, const struct grant **out, struct err *);    /* those in the actor's scope, oldest first; none is no error */
struct id ref_of(const struct grant *, size_t i, const char *field);
int64_t int_of(const struct grant *, size_t i, const char *field);      /* -1: absent */
size_t *by_number(struct work *, const struct grant *, const char *field);      /* positions in the order of a field that holds a number as text */
/* Names of people as this role may read them; empty where no copy is here. One reading for all. */
int names_of(struct work *, const struct id *people, size_t n, struct str *out, struct err *);

/* ---- showing ---- */
void heading(struct html *, const char *msgid);                          /* <h2> */
void para(struct html *, const char *kind, const char *msgid);           /* <p class=kind> */
void link_button(struct html *, const char *kind, struct str url, const char *msgid);      /* kind: "btn", "btn go", "btn go big" */
void submit_button(struct html *, const char *kind, const char *name, const char *value, const char *msgid);
void state_tag(struct html *, struct work *, const struct record *);
void time_field(struct html *, struct work *, const struct grant *, size_t i, const char *field);
void moves_as_buttons(struct html *, struct work *, const struct record *);
void waiting_show(struct html *, struct work *, const struct record *);  /* what waits for a second person, here or elsewhere; the last no */
/* Of an approval that a partner may read out by phone: the number and the field for the code; what was taken by a code and whether the partner has confirmed it. */
void spoken_ask(struct html *, struct work *, const struct proposal *);
void opened_show(struct html *, struct work *, struct id record);                            /* that its content was opened for oversight; for oversight: the way to ask for it */
int kept_show(struct html *, struct work *, const struct record *, struct err *);        /* of a copy: until when it may be kept here, and why */
int merged_show(struct html *, struct work *, const struct record *, struct err *);      /* of a person: the record that it ended in, those that ended in it */
int letter_copies_show(struct html *, struct work *, struct id letter, struct err *);      /* of a letter: its copies that left */
int roll_copies_show(struct html *, struct work *, struct id convoy, const struct record *leg, struct err *);
void spoken_show(struct html *, struct work *, const struct record *);
void spoken_offer(struct html *, struct work *);                          /* the way to the approver's page, for roles that approve for other offices */
void fault_show(struct html *, const char *msgid, const char *to);       /* summary of a form that failed, linked to the field */

void print_hint(struct html *);                                          /* on the screen only: how this sheet gets onto paper */

/* ---- inputs ---- */
void hidden_input(struct html *, const char *name, struct str value);
struct input { const char *name, *label, *hint, *mode; struct str value; bool required; };       /* mode: "text", "number", "time" */
void input_show(struct html *, const struct input *);
void select_of(struct html *, const char *name, const char *label, bool required);      /* one of the options always holds */
void select_open(struct html *, const char *name, const char *label, bool required);    /* with an empty first one */
void select_close(struct html *);
void select_codes(struct html *, struct work *, const char *type, const char *field, struct str chosen, bool required);
void yes_box(struct html *, const char *name, const char *label);
void late_input(struct html *);                                          /* field event_time, folded away: entered from paper */
void own_word_input(struct html *);                                      /* sign, thumb print or recorded voice */
/* On the convoy's page: the node that rides along, and giving it the vehicles. */
void paper_show(struct html *, struct work *, struct id convoy, const struct grant *legs);
int ride_show(struct html *, struct work *, struct id convoy, struct str rider /* empty: none */, const struct grant *legs, struct err *);
/* Used by the convoy's page and the crossing: POST /convoys/:id/checkpoints. */
void checkpoint_form(struct html *, struct work *, struct id convoy, const struct grant *legs, const char *direction);
#endif
