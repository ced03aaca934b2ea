#ifndef WEB_SECRETS_H
#define WEB_SECRETS_H
/* What the pages share that ask for a password, a PIN or a code, and the page that sets a second factor up. */
#include "web/html.h"
#include "web/session.h"

struct secret { const char *name, *label, *hint, *complete /* autocomplete, as HTML names it */; bool digits; };
void secret_input(struct html *, const struct secret *);
/* The QR code and the text of a secret that waits to be confirmed. */
int factor_show(struct html *, struct work *, const struct account *, struct err *);
void spare_show(struct html *, const struct str spare[10], const char *next);
/* Answers 401 with the sentence and the page again: `page` draws it. */
void wrong_code(struct html *);
#endif
