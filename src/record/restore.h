#ifndef RECORD_RESTORE_H
#define RECORD_RESTORE_H
/* A restored database is older than the keys that come with it (DESIGN 4: any data + newest keys). What was erased after the data was copied has no key any
   more, or stands in the list of erased records: it is erased again, here, before anybody reads. */
#include "record/rotate.h"

/* Ids of erased records, ascending. */
int record_erased(struct work *, struct id **ids, size_t *n, struct err *);
/* Puts the wrapped keys of a table (sorted by id) in the place of those that the data has; what has none is dropped. */
int restore_keys(struct work *, const struct wrapped_keys *, const struct wrapped_row *rows, size_t n, size_t *dropped, struct err *);
/* Erases what was erased later: records in the list, and those with personal fields whose subject has no key. *n: how many. */
int restore_erasures(struct work *, const struct id *later, size_t nlater, size_t *n, struct err *);
#endif
