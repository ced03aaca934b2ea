#ifndef WEB_TABLE_H
#define WEB_TABLE_H
/* Tables that become cards on a phone: each cell carries its column's label. */
#include "web/html.h"

struct columns { const char *const *labels; size_t n; };
#define COLUMNS(...) ((struct columns){ (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *) })
void table_open(struct html *, struct columns);
void table_close(struct html *);
void row_open(struct html *);
void row_close(struct html *);
/* Cell i of the row; the first is the row's head. The content is put between. */
void cell_open(struct html *, struct columns, size_t i);
void cell_close(struct html *, size_t i);
void cell_num(struct html *, struct columns, size_t i, int64_t);
void cell_text(struct html *, struct columns, size_t i, struct str);
void cell_tag(struct html *, struct columns, size_t i, const char *kind, struct str);       /* a state of work: kind "", ok, warn, bad, info */
void fact(struct html *, const char *label, int64_t);                                        /* inside <dl class="facts"> */
void tag(struct html *, const char *kind, struct str);
/* A button that posts: form with its id, one hidden pair (name may be NULL). */
void button_form(struct html *, struct work *, struct str action, const char *name, struct str value, const char *label);
#endif
