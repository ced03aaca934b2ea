#ifndef WEB_MASKED_H
#define WEB_MASKED_H
/* Fields that their declaration calls masked: dots, the question why, and the answer for half a minute. */
#include "web/html.h"

#define MASK_SECONDS "30"
void mask_dots(struct html *, const struct tfield *, struct str value);                       /* with the last three digits of a long one */
void mask_ask(struct html *, struct work *, const struct record *, const struct tfield *);    /* the form behind "show" */
const char *mask_reason(struct str code);                                                     /* message id; NULL: no reason of the list */
/* The form of mask_ask: enters field and reason, before anything is shown. *out: the field to show. ERR_VALUE: no reason. */
int mask_asked(const struct request *, const struct grant *, const struct tfield **out, struct err *);
#endif
