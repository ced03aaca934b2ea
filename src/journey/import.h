#ifndef JOURNEY_IMPORT_H
#define JOURNEY_IMPORT_H
/* import: a list of families from XLSX or CSV becomes records.

   uploaded   the file is read in a job, without database and keys; its table waits here, sealed under a key of its own
   matching   the columns are not those of the template nor of a source known before: a person says which column is which field
   comparing  every row was checked by the declarations, in a second job; the good ones are looked up in the register, slice by slice
   ready      everything is shown: faults beside their cells, people who look like the same. Nothing is in the register yet
   running    it was confirmed: people, families and members are made, slice by slice; the place reached stands in the same transaction
   done       or stopped: what was made stays; the key of what waited is destroyed (rows with faults: after a week)

   A family is taken whole or not at all. The same file again leads to the import that it made. Nothing merges by itself. */
#include "record/effects.h"
#include "record/rotate.h"

struct import { struct id id, account; struct str unit, role, purpose, basis, state; struct bytes mac, wrapped; int64_t created, updated, rows, good, families, place, chunks, people, homes, skipped, refused; };
extern const struct migrations IMPORT_MIGRATIONS;
extern const struct job_kind IMPORT_JOB_READ, IMPORT_JOB_CHECK, IMPORT_JOB_WRITE;
extern const struct wrapped_keys IMPORT_WRAPPED[];

/* A new upload: its table as the read job gave it. The same content as an earlier one of this unit: *out is that one, and *again is true. */
struct import_upload { struct bytes content, table; };
int import_begin(struct work *, const struct import_upload *, struct import *out, bool *again, struct err *);
int import_find(struct work *, struct id, struct import *out, struct err *);       /* of the actor's unit only */
int import_list(struct work *, struct import **out, size_t *n, struct err *);      /* newest first */
/* What stands in the staging area leaves for a screen or a file: the entry first. */
int import_seen(struct work *, enum act, size_t rows, struct err *);

/* matching */
struct sheet;
struct targets;
struct mapping;
int import_table(struct work *, const struct import *, struct bytes *packed, struct err *);
int import_remembered(struct work *, struct hash signature, const struct targets *, struct mapping *out, struct err *);      /* 1, 0, -1 */
int import_remember(struct work *, struct hash signature, json_t *mapping, struct err *);
struct str import_check_input(struct work *, json_t *mapping, struct bytes packed);
/* The output of the check job: the rows wait now instead of the table. */
int import_checked(struct work *, const struct import *, struct str output, struct err *);

/* What the check said: pages of rows with faults; pairs that look like one person. */
int import_faulty(struct work *, const struct import *, size_t from_chunk, size_t chunks, json_t **rows /* array */, bool *more, struct err *);
struct import_twin { int64_t row, other_row; struct id other; bool exact; struct str decision; };      /* other none: another row of the file */
int import_twins(struct work *, const struct import *, bool open_only, size_t offset, size_t limit, struct import_twin **out, size_t *n, struct err *);
int import_row(struct work *, const struct import *, int64_t row, json_t **out, struct err *);
int import_decide(struct work *, const struct import *, int64_t row, int64_t other_row, struct id other, struct str decision, struct err *);
/* For all that are open, or all that agree in every feature: same, different, unsure. */
int import_decide_all(struct work *, const struct import *, bool exact_only, struct str decision, struct err *);
int64_t import_undecided(struct work *, const struct import *);
int64_t import_pairs(struct work *, const struct import *, bool exact_only);

int import_confirm(struct work *, const struct import *, struct err *);
int import_cancel(struct work *, const struct import *, struct err *);
/* The timer: slices of what is comparing or running; ends what waited too long. */
int import_timer(struct work *, struct err *);
int import_apply_slice(struct work *, struct import *, struct err *);
int import_compare_slice(struct work *, struct import *, struct err *);
int import_chunk(struct work *, const struct import *, int64_t n, json_t **rows, struct err *);
int import_save(struct work *, const struct import *, struct err *);
int import_forget_rows(struct work *, const struct import *, bool all, struct err *);

/* ---- who may be one person ---- */
/* Of rows of one file: folded name with birth year, folded name with mother's name; empty where one of the two is unknown. */
struct person_keys { struct str year, mother; };
struct person_keys person_keys(struct arena *, struct str name, struct str mother, struct str birth);
struct name_who;
/* Who in the register, in the actor's scope, is likely one of these: the names process is asked for all at once. exact: all that is stated is the same. */
struct twin { size_t of; struct id other, by; double score; bool exact; };      /* by: the record merged into the other that has this name; none: its own */
int duplicates_find(struct work *, const struct name_who *rows, size_t n, struct twin **out, size_t *nout, struct err *);
int duplicates_forget(struct work *, struct id person, struct err *);      /* she needs not be looked for: erased, or looked for already */
/* effect person_index, of the move register: she is looked for by the timer, which opens a question where somebody is likely the same. */
int person_index(struct work *, const struct record *, struct err *);
int duplicates_timer(struct work *, struct err *);
/* A question about two records; the program opens it, a person decides. decision: what she said already, else empty. */
struct claim_draft { struct id person, other; const char *method; double score; bool mother, birth; struct str decision; const char *reasons; };
int claim_open(struct work *, const struct claim_draft *, struct id *out, struct err *);
int claim_between(struct work *, struct id a, struct id b, struct id *claim, struct err *);      /* none: nobody asked yet */
#endif
