#ifndef BASE_UTF8_H
#define BASE_UTF8_H
/* UTF-8 and what office text needs of Unicode. */
#include "base/arena.h"

bool utf8_valid(struct str);
/* Next code point, moving s forward; -1 at the end or at a bad byte (s then stays). */
int32_t utf8_next(struct str *s);
size_t utf8_put(char out[4], int32_t cp);            /* bytes written */
size_t utf8_count(struct str);                       /* code points */
/* Makes text typed by a person fit to keep: NFC, directional overrides U+202A-202E and stray isolates out, white space folded
   to single spaces and trimmed, control characters refused. 0 or -1 (not UTF-8, control characters). */
int text_clean(struct arena *, struct str raw, struct str *out);
struct str digits_ascii(struct arena *, struct str); /* Arabic-Indic and Persian digits become 0-9 */
#endif
