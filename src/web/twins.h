#ifndef WEB_TWINS_H
#define WEB_TWINS_H
/* Who is there already, asked before a new person is saved by hand: the same page comes again with the candidates side by side; she opens the record that is there, corrects
   what she typed, or says that they are different people. For types that declare `duplicates`. */
#include "journey/import.h"
#include "web/html.h"

enum { TWINS_SHOWN = 5 };
struct twins { struct twin *at; size_t n; struct str mark; };      /* mark: of what was compared; a decision holds for that alone */
/* Candidates in the own charge for the values typed; n is 0 where the names process does not answer: the machine asks later then. */
int twins_find(struct work *, const struct type *, const json_t *values, struct twins *out, struct err *);
int twins_show(struct html *, struct work *, const json_t *values, const struct twins *, struct err *);
/* After she was saved: each of them was seen, and is another person. */
int twins_different(struct work *, struct id person, const struct twins *, struct err *);
#endif
