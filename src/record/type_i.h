#ifndef RECORD_TYPE_I_H
#define RECORD_TYPE_I_H
#include "record/type.h"

const struct code_list *codes_find(const struct types *, struct str name);
/* The words of the language and where each may stand ("type", "field", "derived", "state", "move", "code"). */
bool word_known(const char *where, const char *word);
extern const char *const KIND_WORDS[KINDS];
#endif
