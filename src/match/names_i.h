#ifndef MATCH_NAMES_I_H
#define MATCH_NAMES_I_H
/* Between the names process and its client. */
#include "match/names_client.h"
#include "base/buf.h"

#define NAMES_FRAME_MAX ((size_t)2 << 20)
#define NAMES_PIECE ((size_t)1 << 20)      /* a fill is cut into frames of about this size */
enum { NAMES_TEXT_MAX = 2048, NAMES_ROWS_MAX = 16384 };

enum names_op { NAMES_FILL = 1, NAMES_REMOVE, NAMES_WIPE, NAMES_COUNT, NAMES_ASK, NAMES_AMONG, NAMES_TWINS, NAMES_COMPARE };
enum names_status { NAMES_OK, NAMES_RATE, NAMES_FEW, NAMES_FULL, NAMES_BAD };

struct names_state;
struct names_state *names_state_new(struct arena *, const struct names_start *, struct err *);
void names_state_end(struct names_state *);
/* One request frame, one answer frame (status byte, then what the operation gives). */
void names_serve(struct names_state *, struct arena *, struct bytes request, struct buf *answer);

void who_write(struct buf *, const struct name_who *);
void who_read(struct reader *, struct name_who *);      /* the reader is bad where the frame is; texts point into it */
/* The rules of terms have numbers on the wire; an unknown one reads as "". */
uint8_t rule_number(const char *rule);
const char *rule_word(uint8_t number);
#endif
