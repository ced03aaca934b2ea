#ifndef WEB_SESSION_H
#define WEB_SESSION_H
/* Accounts and sessions. The cookie is 32 random bytes; the database has only its hash. */
#include "web/web.h"

#define SESSION_HOURS 12
struct account { struct id id; struct str user, name, password, roles, unit, lang; bool numerals; };
int account_by_user(struct work *, struct str user, struct account *out, struct err *);       /* 1 found, 0 none, -1 */
int session_start(struct work *, const struct request *, const struct account *, struct response *, struct err *);    /* sets the cookie */
int session_end(struct work *, const struct request *, struct response *, struct err *);
int session_purpose(struct work *, struct str purpose, struct str basis, struct err *);
int session_role(struct work *, struct str role, struct err *);
struct str session_cookie_name(struct work *, const struct request *);
/* Attempts to sign in, by user and by address, in the last 15 minutes: ERR_RATE past ten. */
int login_try(struct work *, struct str user, struct str remote, struct err *);
int login_good(struct work *, struct str user, struct err *);        /* a good password forgets the attempts of that user */
/* Repeats (DESIGN 3): 1 where the form was done (answer: where it led), 0 new. done_keep in the handler's transaction. */
int done_find(struct work *, const struct request *, struct str *location, struct err *);
int done_keep(struct work *, const struct request *, struct str location, struct err *);
int done_find_key(struct work *, struct str key, struct str *location, struct err *);
int done_keep_key(struct work *, struct str key, struct str location, struct err *);
/* "registration/mandate": a purpose and one of its bases, or ERR_VALUE. */
int purpose_parse(struct work *, struct str text, struct str *purpose, struct str *basis, struct err *);
/* When it happened, as it was told (late entry): fills w->event_ms; an empty text says nothing. */
int told_time(struct work *, struct str typed, struct err *);
/* Is it a call of a program? */
bool is_api(const struct request *);
#endif
