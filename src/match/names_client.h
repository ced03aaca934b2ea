#ifndef MATCH_NAMES_CLIENT_H
#define MATCH_NAMES_CLIENT_H
/* The names process and its client. The process holds the index of match.h: names, mothers, birth dates, sex and place of those whom the node told
   it, and nothing else of them. It has no disk and no network (seccomp: its socket and anonymous memory), dies with the parent, and is empty when it starts:
   the node fills it from the sealed bodies, tells it who is added, changed and erased after each COMMIT (effects), and asks.

   It believes nothing: sizes are bounded, a bad frame is refused. It counts the asks of each actor and day itself, so that a node taken over
   does not read the register out by asking: ERR_RATE when the budget is used up. A wide ask (outside the actor's scope: tracing, duplicates) needs
   two features of the person (name and birth, mother, or place), gives NAMES_WIDE_TOP candidates at most, and has a smaller budget. Asking about many rows at once
   (an import) gives likely matches only, without terms, and has a budget in rows.

   The process knows no scope and no law: the caller enters each ask in the ledger first, and leaves out candidates whom the actor may not see (under-18s
   never go to a vetting role). A candidate is proposed; a person decides.

   Wire: frames of u32 length over a socketpair; one request, one answer, in order. An ask takes a few milliseconds with 100,000 people. */
#include "match/match.h"
#include "base/source.h"

struct names;                         /* a connected client */

enum { NAMES_WIDE_TOP = 5, NAMES_FEATURES = 2, NAMES_AMONG_MAX = 4096 };
/* Asks a day for each actor. now_ms: NULL is the system's clock (tests give their own to names_local). */
struct names_start { uint32_t budget, budget_wide, budget_rows; bool sandbox; int64_t (*now_ms)(void *arg); void *arg; };
#define NAMES_BUDGET 2000
#define NAMES_BUDGET_WIDE 100
#define NAMES_BUDGET_ROWS 200000

/* Starts the process: forks; the child drops everything but its socket. The parent gets the client, which a later fork inherits. */
int names_spawn(struct arena *, const struct names_start *, struct names **out, int *pid, struct err *);
/* In this process, without a fork: for tests and commands. */
struct names *names_local(struct arena *, const struct names_start *, struct err *);
void names_end(struct names *);       /* closes the client's socket: the process ends when all its clients have closed; NULL is fine */

struct names_row { struct id id; struct name_who who; };
/* Adds people; one whose id is there already is replaced. Any number; sent in pieces. */
int names_fill(struct names *, const struct names_row *, size_t n, struct err *);
/* Erased or moved away: wiped at once. An id that is not there is no error. */
int names_remove(struct names *, const struct id *, size_t n, struct err *);
int names_wipe(struct names *, struct err *);
int names_count(struct names *, uint32_t *people, struct err *);

/* top: at most NAME_TOP_MAX. but: people who are not to be given, at most NAMES_AMONG_MAX: what comes after those had before. */
struct names_ask { uint8_t actor[16]; bool wide; uint8_t top; struct name_who who; const struct id *but; size_t nbut; };
/* terms: a is a part of the ask's name or mother, b of the candidate's, as name_parse numbers them: the caller, who may open the record, shows the texts. */
struct names_candidate { struct id id; double score; struct name_terms terms; };
struct names_answer { size_t n; const struct names_candidate *candidate; };      /* best first; lives in mem */
/* ERR_RATE: the budget of the day is used up. ERR_VALUE: a wide ask without two features. */
int names_ask(struct names *, struct arena *mem, const struct names_ask *, struct names_answer *out, struct err *);
/* As names_ask, among these people only (a list, a bus, who is expected): exact, however many others the register has. n: at most NAMES_AMONG_MAX. */
int names_ask_among(struct names *, struct arena *mem, const struct names_ask *, const struct id *ids, size_t n, struct names_answer *out, struct err *);
/* Who is likely the same person as each of these rows: score at least NAME_LIKELY, at most NAMES_TWINS_TOP for a row, in the order of the rows. */
enum { NAMES_TWINS_TOP = 3 };
struct names_twin { size_t of; struct id id; double score; bool exact; /* every part, the mother's name and the birth are the same */ };
int names_twins(struct names *, struct arena *mem, const uint8_t actor[16], const struct name_who *rows, size_t n, struct names_twin **out, size_t *nout, struct err *);
/* Two people whom the caller may open, with the register's frequencies: terms of a and b. Nothing is counted, nothing is told that the caller has not. */
int names_compare(struct names *, const struct name_who *a, const struct name_who *b, double *score, struct name_terms *, struct err *);
#endif
