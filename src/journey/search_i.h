#ifndef JOURNEY_SEARCH_I_H
#define JOURNEY_SEARCH_I_H
#include "journey/search.h"

/* Whom the search reaches: fills s->hit, best first, with what the actor may open (search_reach.c). */
int search_reach(struct work *, struct search *, struct err *);
#endif
