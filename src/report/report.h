#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H
/* report: numbers, and how they may leave (DOMAIN 1.6 and 7). Two kinds, never mixed, added, compared or filled from each other:
   - *said by the source*: figures that somebody published, each with value, qualifier, as-of date and who said it. They stand in files inside the
     program (data/article-batches.csv, data/public-figures.csv) and are public already.
   - *counted here*: what these nodes counted themselves. report_count writes it at one fixed point, when a list is reconciled. It is nobody's to see
     until two persons have released it.

   A release: MIG_SUP asks (release_ask), a second person of the return desk confirms (release_decide). Level 1 (families and persons of a batch, month) is
   unrounded; anything finer goes through the safe publisher (suppress.h). A release is never changed: its rows are copies. A batch waits where 72 h have not
   passed since it arrived, and where the change since its last release is of 1 to 9 persons, because the difference of the two would speak of them.

   What is written here names places by governorate at the finest and no person; it has no key and needs no grant. */
#include "record/record.h"

extern const struct migrations REPORT_MIGRATIONS;

/* ---- a figure and its precision ---- */
enum qualifier { FIGURE_EXACT, FIGURE_ABOUT, FIGURE_MORE_THAN, QUALIFIERS };
struct figure { bool known; int64_t value; enum qualifier qualifier; };
const char *qualifier_word(enum qualifier);                                          /* "more_than", for programs */
const char *qualifier_label(enum qualifier);                                         /* message id: "as the source has it" */
struct str figure_text(struct arena *, enum lang, enum numerals, struct figure);     /* "more than 160"; empty where not known */
struct str percent_text(struct arena *, enum lang, enum numerals, int64_t);          /* the sign stands after the number, in the language's own form */

/* ---- said by the source ---- */
#define REPORT_SOURCE N_("European Centre for Counterterrorism and Intelligence Studies, article of 25 May 2025")
struct share { struct str area; int64_t pct; bool figure; };                         /* figure false: named by the source without a number */
struct source_batch { int64_t batch; struct str date; struct figure families, persons; struct share shares[8]; size_t nshares; };
struct claim { struct str date, metric, publisher; struct figure value; };           /* metric: a message id */
struct source_figures { struct source_batch *batches; size_t nbatches; struct figure returned_families, returned_persons, home_families; struct str returned_date;
	struct claim *claims; size_t nclaims; };
int source_figures(struct arena *, struct source_figures *out, struct err *);
const struct source_batch *source_batch(const struct source_figures *, int64_t batch);     /* NULL: the source is silent */
size_t place_codes(struct arena *, struct str *out, size_t max);                     /* points first, then governorates */
struct str place_name(struct arena *, enum lang, struct str code);                   /* a governorate or point; the code where unknown */

/* ---- counted here ---- */
enum age_band { BAND_0_4, BAND_5_11, BAND_12_17, BAND_18_59, BAND_60, BAND_UNKNOWN, BANDS };
enum age_band age_band_of(struct date birth, int32_t day);                           /* BAND_UNKNOWN where the date leaves it open */
/* area: P-code of the governorate of origin, empty: not known; sex: ISO 5218, 0 1 2. One cell for each person (persons 1) is fine: they are added up. */
struct count_cell { struct str area; int sex; enum age_band band; int64_t persons; };
struct count { struct id list; int64_t batch; struct str origin, destination; /* codes of places */ struct str date; /* of arrival, YYYY-MM-DD */
	int64_t arrived_ms, families; const struct count_cell *cells; size_t ncells; };
/* Once a list is reconciled; called again for the same list it replaces what was counted (a release that went out stays as it is). */
int report_count(struct work *, const struct count *, struct err *);

/* ---- releases ---- */
enum waits { WAITS_NOT, WAITS_EMBARGO, WAITS_SMALL_CHANGE, WAITS_UNCHANGED };
struct counted_batch { int64_t batch, families, persons, arrived_ms; struct str date; /* YYYY-MM */ enum waits waits; };
/* Inside the office only: what is counted, and whether it can go out now. */
int counted_batches(struct work *, struct counted_batch **out, size_t *n, struct err *);

struct release { struct id id, asked_by; struct str state; /* asked, published, refused */ int64_t asked_ms, decided_ms, batches; };
bool release_may_ask(const struct work *);
bool release_may_decide(const struct work *);
int release_ask(struct work *, struct id *out, struct err *);
int release_decide(struct work *, struct id, bool yes, struct err *);
int release_waiting(struct work *, struct release *out, struct err *);               /* 1 where one waits for its second person, 0, -1 */
int releases(struct work *, struct release **out, size_t *n, struct err *);          /* published ones, newest first */

struct released_batch { int64_t batch, families, persons, at_ms; struct str date; struct id release; };
/* The newest published value of each batch, by number; with `only`, the rows of that release whatever its state. */
int released_batches(struct work *, struct id only, struct released_batch **out, size_t *n, struct err *);
/* A finer table of a batch as published: rounded to 5, hidden where it must be. row and col "" are totals. kind: "area" (one column), "sex_age". */
struct released_cell { struct str row, col; int64_t shown; bool hidden; };
int released_cells(struct work *, int64_t batch, const char *kind, struct released_cell **out, size_t *n, struct err *);

/* ---- the daily situation report: released numbers on one page of a day ---- */
struct situation_batch { int64_t batch, families, persons; struct str month; bool fresh; /* new or changed since the report before */ };
struct situation { struct str day; /* YYYY-MM-DD */ int64_t at_ms, families, persons; struct situation_batch *batches; size_t n; };
int situations(struct work *, struct situation **out, size_t *n, struct err *);      /* newest first */
int situation_find(struct work *, struct str day, struct situation *out, struct err *);      /* 1, 0, -1 */
/* By the supervisor, once a day: ERR_CONFLICT where that of today is out, ERR_VALUE where nothing was released. */
int situation_release(struct work *, struct str *day, struct err *);
#endif
