#ifndef EXCHANGE_COMPETENCE_H
#define EXCHANGE_COMPETENCE_H
/* Who decides what, by law (DOMAIN 5, CompetenceEntry): the register that leads a request to the right desk. An entry is confirmed by the ministry's supervisor and legal aid, of
   two nodes; every partner whom an agreement names for it has a copy, so that both sides read the same. No person is in it. */
#include "exchange/exchange.h"

struct competence { struct id id; struct str body, node, law, contact, fallback, place; };
/* The entry that holds today for the matter at the place: that of the place itself, else of what it lies in, else the one that holds everywhere. 1, 0: nobody is named, -1. */
int competence_for(struct work *, struct str matter, struct str place, struct competence *out, struct err *);
/* Hook: the entry goes to every partner whom an agreement names for it. */
int share_competence(struct work *, const struct record *, struct err *);
#endif
