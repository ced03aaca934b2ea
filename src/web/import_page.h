#ifndef WEB_IMPORT_PAGE_H
#define WEB_IMPORT_PAGE_H
/* The pages of the import (journey/import.h): upload, columns, what was found, progress, receipt. */
#include "journey/columns.h"
#include "journey/import.h"
#include "web/field.h"
#include "web/pages.h"
#include "web/session.h"

int import_matching_page(struct work *, const struct import *, struct html *, const struct request *typed, const char *wrong, const char *arg, struct err *);
int import_ready_page(struct work *, const struct import *, const struct request *, struct html *, struct err *);
void import_form(struct html *, struct work *, const struct import *, const char *pattern);      /* opens a POST form */
/* Redirects to the choice of a purpose, or refuses: 1 answered already, 0 go on, -1. */
int import_may(struct work *, const struct request *, struct response *, struct err *);
int import_of_request(struct work *, const struct request *, struct import *, struct err *);
int import_table_of(struct work *, const struct import *, struct sheet *, struct targets *, struct err *);
#endif
