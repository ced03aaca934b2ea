#ifndef WEB_CHECKIN_PARTS_H
#define WEB_CHECKIN_PARTS_H
/* Between the pages of the centre's desk. */
#include "web/html.h"

enum { CONVOYS_MAX = 32 };      /* that are expected at once */
int desk_only(struct work *, struct err *);      /* ERR_FORBIDDEN: another role */
#endif
