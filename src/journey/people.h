#ifndef JOURNEY_PEOPLE_H
#define JOURNEY_PEOPLE_H
/* people: the index of names of this node, kept from the register and asked by the pages.

   The index is in the names process (match/names_client.h), which is empty when the processes start. It is filled from the sealed bodies of persons in slices of a few
   milliseconds, so that pages answer meanwhile, and then follows each COMMIT: who is created, corrected, or comes as a copy is put in; who is erased is taken out. One who
   was merged stays: whoever looks for that name finds the record that goes on. What the transaction took back never reaches it.

   Asking. The caller enters the ask in the ledger. What comes back are ids: whether the actor may see a person is the record room's to say (search.h does both).
   A process that does not answer, or is not filled yet, is ERR_BUSY with a sentence; nothing is ever answered from half an index as if it were whole. */
#include "match/names_client.h"
#include "record/effects.h"

struct people *people_new(struct arena *, struct names *);
struct people *people_filled(struct arena *, struct names *);            /* where the index was filled by somebody else: for tests */
/* Hooks of record (record.h). */
int people_written(struct work *, const struct record *, const json_t *values, struct err *);
int people_erased(struct work *, struct id record, struct err *);
/* The timer: fills. */
int people_timer(struct work *, struct err *);

struct people_state { bool filled, answers; uint32_t people; int64_t fill_ms; };      /* fill_ms: how long filling took, or has taken */
void people_look(const struct node *, struct people_state *);

struct name_who people_who(const json_t *values);                        /* of a person's values; the texts live with them */
struct name_who people_who_of(const struct grant *, size_t i);           /* as far as the grant covers her */
/* As names_client.h, for w->actor. ERR_BUSY: not filled yet, or no answer. */
int people_ask(struct work *, struct names_ask *, struct names_answer *, struct err *);
int people_ask_among(struct work *, struct names_ask *, const struct id *ids, size_t n, struct names_answer *, struct err *);
/* Does the candidate's name have what was typed? Of three parts one may be missing or differ. Nothing readable typed: yes. */
bool people_meets(struct work *, struct str typed, const struct names_candidate *);
int people_twins(struct work *, const struct name_who *rows, size_t n, struct names_twin **out, size_t *nout, struct err *);
int people_compare(struct work *, const struct name_who *a, const struct name_who *b, double *score, struct name_terms *, struct err *);
#endif
