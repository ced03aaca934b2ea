#ifndef MATCH_NAMES_CMD_H
#define MATCH_NAMES_CMD_H
/* `jisr names match|explain|fold` (DESIGN 8). Only this room and base are used; src/cmd calls names_command with what follows the word `names`.
   Exit status: 0 done, 1 the answer is no (explain: not the same person) or lines were skipped, 2 wrong use, 3 fault. */
#include "match/match.h"

int names_command(int argc, char **argv);
int names_fold_command(int argc, char **argv);         /* [--parts] TEXT, or - for lines on stdin */
int names_match_command(int argc, char **argv);
int names_explain_command(int argc, char **argv);
/* The model inside the program, or the one of a folder of tables. NULL on fault. */
struct name_model *names_model(struct arena *, const char *tables, struct err *);
#endif
