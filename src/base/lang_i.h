#ifndef BASE_LANG_I_H
#define BASE_LANG_I_H
/* Inside base only: the reader of a compiled catalogue (GNU gettext manual, "The Format of GNU MO Files") and the plural rules. */
#include "base/lang.h"

/* The translation of ctx and msgid, all plural forms with a NUL between them; {NULL,0} where absent or where the file is
   damaged. An empty ctx means none. The text lives as long as the file. */
struct str mo_find(struct bytes mo, struct str ctx, struct str msgid);
/* Form number i (from 0) of what mo_find gave; {NULL,0} where there are fewer. */
struct str mo_form(struct str found, size_t i);
/* The number of the plural form for n, in the order of the catalogues' headers. */
size_t plural_form(enum lang, uint64_t n);
/* tr_n over a given catalogue. */
struct str mo_plural(struct bytes mo, enum lang, const char *one, const char *many, uint64_t n);
#endif
