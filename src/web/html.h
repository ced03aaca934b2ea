#ifndef WEB_HTML_H
#define WEB_HTML_H
/* Markup, text and addresses are types that do not convert: user text as markup does not compile. Every inserted value is escaped; names and
   identifiers are isolated for the bidirectional algorithm (UX 6). */
#include "web/web.h"

struct html { struct buf out; enum lang lang; enum numerals numerals; int64_t now_ms; struct arena *mem; };
struct markup { const char *p; size_t n; };
#define MARKUP(lit) ((struct markup){ "" lit, sizeof(lit) - 1 })

struct html html_new(struct work *);
void html_put(struct html *, struct markup);
void html_text(struct html *, struct str);                       /* escaped */
void html_t(struct html *, const char *msgid);                   /* translated, escaped */
void html_ts(struct html *, struct str msgid);                   /* a text of a declaration, translated, escaped */
void html_name(struct html *, struct str);                       /* a person's name */
void html_id(struct html *, struct str);                         /* codes, hashes, numbers of papers: always left to right */
void html_num(struct html *, int64_t);
void html_date(struct html *, struct str iso);
void html_time(struct html *, int64_t ms);
void html_attr(struct html *, struct str);                       /* inside double quotes */
/* Addresses are made of literal text and encoded parts: html_href(h, "/r/%/%", type, id) opens <a href="...">. */
void html_href(struct html *, const char *pattern, const struct str *parts, size_t n);
struct str url_of(struct arena *, const char *pattern, const struct str *parts, size_t n);
#define PARTS(...) (const struct str[]){ __VA_ARGS__ }, sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str)

enum icon { ICON_CHECK, ICON_WARN, ICON_LOCK, ICON_KEY, ICON_CLOCK, ICON_PEOPLE, ICON_PRINT, ICON_CROSS, ICON_BARS, ICON_ROAD,
	ICON_SHIELD, ICON_WRENCH, ICON_WELL, ICON_CHILD, ICON_AID, ICON_PAPER, ICON_FOUND, ICON_DOUBT, ICON_PLACE, ICON_TICKS };
void html_icon(struct html *, enum icon);

/* The sections of the head line, in their order. nav_key: the letter that leads there after g, NULL where the role does not have the section or it has none. */
size_t nav_count(void);
const char *nav_label(size_t);
const char *nav_key(const struct work *, size_t);
void access_bar(struct html *, struct work *);                    /* the warning before access ends */

bool role_reads(const struct work *, const char *type);              /* does the declaration let the actor's role read any of it? */
#define BUNDLE_ROLES "ADMIN LIAISON LIAISON_SUP CONVOY_LEAD"        /* who writes and reads sticks: whoever carries one reads nothing */
bool role_among(struct str role, const char *words);               /* is it one of the names in the list? */

/* The frame of a page. Title is a message id; after page_open comes <h1>; page_close fills the answer. */
struct page { const char *title; struct str shown; /* instead of title where it is data */ const char *section; bool personal; bool error; bool sheet; /* printed: takes print.css too */ bool figures; /* charts, maps: chart.css too */ const char *script; /* of assets/, NULL: none */ int refresh_s; /* without script the page asks again after so many seconds; 0: never */ };
void page_open(struct html *, struct work *, const struct page *);
void page_close(struct html *, struct response *);
struct str asset_url(struct arena *, const char *name);            /* of a file of assets/, with its hash: may be cached for ever */
void page_headers(struct response *);                            /* CSP and the rest (UX 5) */
void form_open(struct html *, struct work *, const char *pattern, const struct str *parts, size_t n);   /* POST form with its id against repeats */
void html_note(struct html *, const char *kind, enum icon, const char *msgid);      /* kind: info warn bad ok */
#endif
