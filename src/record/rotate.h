#ifndef RECORD_ROTATE_H
#define RECORD_ROTATE_H
/* The weekly change of the wrap key (DESIGN 4, Keys and erasure), in slices that a tick can carry.

   begun    the keys process makes the new wrap key; node.keys with both is on disk before anything is re-wrapped
   slices   every wrapped key of every table is wrapped anew; the place reached stands in the database, so that a restart goes on there
   ended    in a transaction after the last slice is on disk, the older wrap key is destroyed: erasures done before that are final, and an entry says so

   A room that keeps wrapped keys names each column once, in a table of its own that src/cmd/joins.c joins. */
#include "record/record.h"

#define ROTATION_SLICE 128        /* about 4 ms with its flush, of the 5 that a tick may give */
#define ROTATION_DAYS 7

/* page(after, limit): id and wrapped key of the rows with id > after, in the order of id (BLOB). put(id, wrapped). drop(id): what is to go where the key
   is gone, which happens in a restored backup only. A list ends with a row without a name. */
struct wrapped_keys { const char *name; const struct sql *page, *put, *drop; };
extern const struct wrapped_keys RECORD_WRAPPED[];
struct wrapped_row { struct bytes id, wrapped; };
/* The rows after `after`, at most `limit`. */
int wrapped_page(struct work *, const struct wrapped_keys *, struct bytes after, size_t limit, struct wrapped_row *out, size_t *n, struct err *);

struct rotation { int64_t began_ms, finished_ms; bool running; };
int rotation_state(struct work *, struct rotation *, struct err *);      /* zero: none yet */
/* Begins one, if none is running, and makes one step. *more: it is not over yet; the next step needs a transaction of its own. */
int rotation_step(struct work *, bool *more, struct err *);
/* The timer: begins one when the last is a week old, goes on with one that runs. */
int rotation_timer(struct work *, struct err *);

/* Erasures: done when the key's row went, final when the wrap key did (0: not yet). Newest first. */
struct erasure { struct str type, rule; int64_t records, done, final; };
int erasure_list(struct work *, size_t limit, struct erasure **out, size_t *n, struct err *);
int64_t erasures_not_final(struct work *, int64_t before_ms);      /* how many of those done before; -1 on error */
int erasure_enter(struct work *, struct str type, struct str rule, size_t records, uint32_t wrap, struct err *);
#endif
