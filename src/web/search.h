#ifndef WEB_SEARCH_H
#define WEB_SEARCH_H
/* The search box that lists have whose type declares `find`, and the page of its result. A name never stands in an address (UX 4). */
#include "web/html.h"

/* Nothing where the type has no `find`. within: the list, vehicle or convoy that is searched; none: all in the actor's charge. */
void search_box(struct html *, struct work *, const struct type *, struct id within);
#endif
