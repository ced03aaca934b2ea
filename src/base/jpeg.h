#ifndef BASE_JPEG_H
#define BASE_JPEG_H
/* A photograph without what a camera writes into it: place, time, owner, thumbnail, editor's notes. */
#include "base/arena.h"
#include "base/err.h"

#define JPEG_SIDE_MAX 12000
/* A new JPEG stream that holds only what is needed to show the picture: tables, frame, scans, in their order (ITU-T T.81). Every application segment and comment is left
   out, and so is whatever follows the end. Strict: a segment that is none of these, a length that does not fit, a second picture, no picture or one of more than
   JPEG_SIDE_MAX points a side is refused. `out` lives in the arena. 0 or -1 (ERR_FORMAT). */
int jpeg_strip(struct arena *, struct bytes in, struct bytes *out, struct err *);
#endif
