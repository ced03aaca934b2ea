#ifndef RECORD_TYPE_I_H
#define RECORD_TYPE_I_H
#include "record/type.h"

const struct code_list *codes_find(const struct types *, struct str name);

/* The words of the language: where each may stand and what its value may look like. */
enum word_place { IN_TYPE, IN_OWNER, IN_NUMBER, IN_RETENTION, IN_EMBARGO, IN_PARENT, IN_FIELD, IN_DERIVED, IN_STATE, IN_MOVE, IN_LIST, IN_FORM, PLACES };
enum shape { SHAPE_TEXT = 1, SHAPE_BOOL = 2, SHAPE_INT = 4, SHAPE_LIST = 8 /* of texts */, SHAPE_MAP = 16, SHAPE_MAPS = 32 /* a list of them */ };
struct word { const char *word; unsigned in /* 1 << place */, shapes; /* 0: agreed, not read yet */ };
extern const struct word WORDS[];
extern const size_t WORDS_COUNT;
extern const char *const PLACE_WORDS[PLACES];
const struct word *word_find(enum word_place, const char *word);                    /* NULL where unknown */
bool shape_fits(unsigned shapes, const json_t *);

struct safeguard { const char *name; bool wide; };        /* wide: scope `all` on classes P, X, S, J may rest on it */
extern const struct safeguard SAFEGUARDS[];
extern const size_t SAFEGUARDS_COUNT;
const struct safeguard *safeguard_find(struct str name);
bool node_kind_known(struct str name);

/* types check: type_check.c, type_check_time.c */
struct checking { const struct types *types; const struct type *t; hook_known *known; struct err *err; };
int type_refuse(const struct checking *, struct str place, const char *what);
int check_times(const struct checking *);
bool type_state_known(const struct type *, struct str name, size_t *at);
bool type_has_people(const struct types *, const struct type *);      /* a person is in the record: its end needs a date, and its words are watched */
extern const char *const KIND_WORDS[KINDS];
#endif
