#ifndef JOURNEY_SEARCH_H
#define JOURNEY_SEARCH_H
/* search: people found by name, for the lists that declare it (list.find), in the actor's scope; and outside it, where the type names her role (list.wide).

   A search is an act of the ledger with its purpose: what features were given and how many were found, never what was typed. What was typed and who was found wait sealed under a
   key of their own for SEARCH_LIFE_MS, for the actor alone; the address of the result is random. Whoever is shown is opened afresh when the page is asked for: who was erased or left the
   scope meanwhile is not there.

   Under-18s are never given to a role of a vetting office, whatever its scope says. */
#include "journey/people.h"
#include "record/rotate.h"

enum { SEARCH_SHOWN = 20, SEARCH_TEXT_MAX = 200, SEARCH_TOKEN_BYTES = 16 };
#define SEARCH_LIFE_MS (15LL * 60 * 1000)
extern const struct migrations SEARCH_MIGRATIONS;
extern const struct wrapped_keys SEARCH_WRAPPED[];

struct search_hit { struct id record, person, by; };      /* by: the record merged into hers under whose name she was found; none: her own */
struct search {
	const struct type *type;
	struct id within;                       /* the list, vehicle or convoy searched; none: all */
	struct id twin_of;                      /* somebody who may be registered twice, is looked for again; none: an ordinary search */
	struct id fill;                         /* the draft list to which families found are to be added; only the form's, not kept */
	bool wide;
	struct str reason;                      /* of a wide one: code wide_reason */
	struct str name, mother, birth, place;  /* as typed; empty: not given */
	int64_t at_ms;                          /* of a kept one */
	struct str token;
	size_t n;
	struct search_hit hit[SEARCH_SHOWN];    /* best first */
};
/* Searches, enters it, keeps the result: *token is what stands in the address. */
int search_make(struct work *, struct search *, struct str *token, struct err *);
int search_find(struct work *, struct str token, struct search *out, struct err *);      /* ERR_EXPIRED with a sentence */
int search_timer(struct work *, struct err *);                                           /* ends what is older */
struct name_who search_who(const struct search *);
/* Opens the question whether the hit is the person who was looked for again, or finds the one that is there. ERR_NOT_FOUND: there is no such hit any more. */
int search_ask(struct work *, const struct search *, size_t at, struct id *claim, struct err *);
/* Leaves out who is gone or out of the actor's scope by now. */
void search_still(struct work *, struct search *);
/* The people of the hits, as far as the actor may read their own record; of: at which place of the grant each hit's is, SIZE_MAX where it is not. */
const struct grant *search_people(struct work *, const struct search *, size_t *of, struct err *);
/* Nobody of a vetting office, or an adult for sure. */
bool search_may_give(const struct work *, bool adult);

/* For whom the wide searches of this office are counted: newest first, without a name. */
struct wide_search { int64_t at, shown; struct str role, purpose, reason; };
int search_wide_list(struct work *, size_t limit, struct wide_search **out, size_t *n, struct err *);
#endif
