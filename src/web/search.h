#ifndef WEB_SEARCH_H
#define WEB_SEARCH_H
/* The search box that lists have whose type declares `find`, and the page of its result. A name never stands in an address (UX 4). */
#include "journey/search.h"
#include "web/html.h"

void search_form(struct html *, struct work *, const struct search *);      /* with what was typed before */
/* Nothing where the type has no `find`, or the actor's role reads none of it. within: the list, vehicle or convoy that is searched; none: all in the actor's charge. */
void search_box(struct html *, struct work *, const struct type *, struct id within);
#endif
