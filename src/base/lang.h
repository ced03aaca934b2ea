#ifndef BASE_LANG_H
#define BASE_LANG_H
/* Languages of the house and the catalogue. The .mo files made from po/ are inside the program; a request carries its language,
   nothing is process-wide. Sources are English: a message without a translation shows in English. */
#include "base/arena.h"

enum lang { LANG_AR, LANG_CKB, LANG_EN, LANGS };
struct lang_info { const char *code, *dir, *own_name; };             /* "ar" "rtl" "العربية" */
const struct lang_info *lang_info(enum lang);
int lang_parse(struct str code, enum lang *out);

struct str tr(enum lang, const char *msgid);                         /* lives for ever */
struct str tr_ctx(enum lang, const char *ctx, const char *msgid);    /* falls back to the message without context */
struct str tr_n(enum lang, const char *one, const char *many, uint64_t n);   /* the plural form for n, %s where the number goes */
/* Puts the arguments for the %s of the text, in order (%1$s, %2$s may reorder). Arguments are isolated (U+2068, U+2069) when isolate is set. */
struct str tr_fill(struct arena *, struct str text, const struct str *args, size_t n, bool isolate);

enum numerals { NUMERALS_LOCAL, NUMERALS_EUROPEAN };                 /* user setting */
struct str num_text(struct arena *, enum lang, enum numerals, int64_t n);    /* grouped */
struct str num_plain(struct arena *, enum lang, enum numerals, struct str ascii_digits);   /* digits only are replaced */
/* "24 تشرين الثاني 2026"; precision shown as it is; a text that is no date is given back as it is. */
struct str date_local(struct arena *, enum lang, enum numerals, const char *iso);
/* The same day in the Hijri calendar (Umm al-Qura, ICU; marked as calculated); empty unless it is a date with a day. */
struct str date_hijri(struct arena *, enum lang, enum numerals, const char *iso);
struct str time_local(struct arena *, enum lang, enum numerals, int64_t ms, int64_t now_ms);   /* "today 10:42" for two days; UTC+3 */
#endif
