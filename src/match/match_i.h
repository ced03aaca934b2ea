#ifndef MATCH_MATCH_I_H
#define MATCH_MATCH_I_H
/* Private to the room: what folding, parsing, comparing and the index share. */
#include "match/match.h"

/* fold.c */
bool name_parts_words(int32_t cp);                              /* white space and punctuation that ends a word; -1 (no UTF-8) too */
bool name_next_word(struct str *rest, struct str *word);        /* cuts the next word as written off `rest` */
struct str name_fold_word(struct arena *, struct str word);

/* parse.c */
void name_letters(struct name_part *);                          /* fills letter and n from text and script; NAME_OTHER where there are none */
int32_t name_letter_char(enum name_script, uint8_t code);       /* the letter of a code; 0 where there is none */
#endif
