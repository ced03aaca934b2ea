#ifndef WEB_COMPARE_H
#define WEB_COMPARE_H
/* Two people side by side (UX 5, "Candidates side by side"): part by part what stands on each side, the verdict in words, the rule, how rare the part is; what is not stated on one
   side is listed as not compared. Equal words plain, other spellings dotted, different ones underlined thick and said so. The score in words; the number only in the details. */
#include "journey/people.h"
#include "web/html.h"

/* shown_a, shown_b: headings of the two sides (message ids). */
struct comparison { const char *shown_a, *shown_b; struct name_who a, b; double score; struct name_terms terms; };
/* Asks the names process. Where it does not answer, *known is false and both are shown without verdicts. */
int comparison_make(struct work *, struct comparison *, bool *known, struct err *);
void comparison_show(struct html *, struct work *, const struct comparison *, bool known);
/* One line for a list of results: which parts of what was typed stand in the name, and how. */
void comparison_brief(struct html *, struct work *, const struct comparison *);
const char *likeness_word(double score);      /* message id */
#endif
