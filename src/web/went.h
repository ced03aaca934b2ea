#ifndef WEB_WENT_H
#define WEB_WENT_H
/* How far something went, as its sender sees it: ticks with words, and where a partner's program did not take it why, and what to do next. */
#include "exchange/went.h"
#include "web/html.h"

const char *went_sentence(enum went, struct str why);      /* NULL: nothing is wrong */
const char *went_label(const struct went_to *);
enum icon went_icon(const struct went_to *);
void went_show(struct html *, struct work *, const struct went_to *, int64_t read /* by so many people there; 0 or less: nothing is said */);
#endif
