#ifndef WEB_NOTICE_PARTS_H
#define WEB_NOTICE_PARTS_H
/* notice_page.c: the form and its sending; notice_desk.c: what came, what was sent, how far it went; notice_show.c: one of them; live.c: the stream of hints and the banner. */
#include "exchange/notice.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/went.h"

void notice_icon(struct html *, struct str what);
struct str notice_label(struct work *, struct str what);
bool notice_may_write(const struct work *);
/* The row of a notice in its desk: kind, place, time, from whom, its text. */
void notice_line_show(struct html *, struct work *, const struct grant *, size_t i);
int notice_item_show(struct html *, struct work *, const struct grant *, struct err *);      /* <li>: to be read, or sent and how far it went */
int notice_photos_show(struct html *, struct work *, const struct grant *notice, struct err *);
int notice_ticks_show(struct html *, struct work *, const struct record *, struct err *);
/* Both on every page of who reads notices (layout.c). */
void live_banner(struct html *, struct work *);
void live_script(struct html *, struct work *);
unsigned live_topics(const struct work *);         /* enum hint, as bits: what the actor's role may be told of */
#endif
