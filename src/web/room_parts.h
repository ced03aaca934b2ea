#ifndef WEB_ROOM_PARTS_H
#define WEB_ROOM_PARTS_H
/* room_page.c: the list, a new room, its head, map and members; room_notes.c: the timeline, and what is written into it. */
#include "exchange/notice.h"
#include "exchange/room.h"
#include "web/pages.h"
#include "web/parts.h"

struct room { struct record r; const struct grant *g, *members, *notes, *incidents; };
int room_load(struct work *, const struct request *, struct room *, struct err *);
bool room_may_write(const struct work *, const struct room *);
bool room_corrected(const struct grant *notes, size_t i);         /* by a later note */
void room_timeline_show(struct html *, struct work *, const struct room *);
/* The form of a note. typed (may be NULL): what was sent and is shown again with its faults. */
void room_note_form(struct html *, struct work *, const struct room *, const struct request *typed, const struct draft *, struct id corrects);
void room_incidents_show(struct html *, struct work *, const struct room *);
int room_show(struct work *, const struct room *, const struct request *typed, const struct draft *, struct id corrects, struct response *, struct err *);
#endif
