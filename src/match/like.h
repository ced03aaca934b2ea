#ifndef MATCH_LIKE_H
#define MATCH_LIKE_H
/* Does a short text read like the name of a person? For the check `name_like_words`: a guess that asks for a second look and refuses nothing by itself. */
#include "record/record.h"

/* Two neighbouring words that are both parts of names, or a word that announces a name (Abu, Umm, Mr) and one that is. Empty: none; else the words, as written. */
struct str name_like(struct arena *, struct str text);
/* Hook (check): a sentence that asks to leave names out, unless the person was asked and said that it is none (work.confirmed). */
const char *name_like_words(const struct work *, const struct tfield *, const json_t *);
#endif
