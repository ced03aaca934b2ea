#ifndef WEB_SESSION_H
#define WEB_SESSION_H
/* Accounts and sessions. The cookie is 32 random bytes; the database has only its hash. */
#include "web/web.h"

#define SESSION_HOURS 12
#define SESSION_LONGER_HOURS 1       /* each time it is prolonged */
#define SESSION_MOST_HOURS 24        /* after signing in the password is wanted again */
#define SESSION_CODE_MINUTES 10      /* from a good password to the code of the second factor */
/* lang, theme: empty where nobody chose. numerals: European digits. pin: as password, for the change of user; empty: none. */
struct account { struct id id; struct str user, name, password, roles, unit, lang, theme, pin; bool numerals, compact, keys; };
int account_by_user(struct work *, struct str user, struct account *out, struct err *);       /* 1 found, 0 none, -1 */
int account_by_id(struct work *, struct id, struct account *out, struct err *);               /* the same */
int account_likes(struct work *, const struct account *, struct err *);                      /* language, digits, look */
int account_password(struct work *, struct id, struct str hashed, struct err *);             /* other sessions and known devices end */
int account_pin(struct work *, struct id, struct str hashed, struct err *);

/* A session is open, or it waits for the code of the second factor, or for the second factor to be set up: until then nobody is signed in. */
enum session_stage { SESSION_OPEN, SESSION_CODE, SESSION_SET_UP };
int session_start(struct work *, const struct request *, const struct account *, enum session_stage, struct response *, struct err *);    /* sets the cookie */
int session_waiting(struct work *, const struct request *, struct account *out, enum session_stage *, struct err *);      /* 1: one that is not open, 0, -1 */
int sessions_elsewhere_end(struct work *, struct id account, struct err *);      /* all but this one */
int64_t sessions_open(struct work *);                                            /* of this account */
struct str language_cookie(struct work *, struct str code);

/* The second factor (RFC 6238, six digits, 30 s) and ten spare codes on paper, each good once. */
enum factor { FACTOR_NONE, FACTOR_WAITS, FACTOR_SET };
int factor_state(struct work *, struct id account, enum factor *, struct err *);
int factor_begin(struct work *, struct id account, struct err *);                /* a new secret, until it is confirmed by a code */
int factor_secret(struct work *, struct id account, struct bytes *out, struct err *);        /* only while it waits to be confirmed: for the page that sets it up */
int factor_check(struct work *, struct id account, struct str code, bool *good, struct err *);        /* a code once; a spare code too */
int factor_confirm(struct work *, struct id account, struct str spare[10], struct err *);    /* it holds from now on */
int factor_forget(struct work *, struct id account, struct err *);

/* Devices on which a user signed in with her password in the last 12 hours: there a PIN changes the user. */
int device_remember(struct work *, const struct request *, struct id account, struct response *, struct err *);
int device_user(struct work *, const struct request *, struct str user, struct account *out, struct err *);      /* 1, 0, -1; a try is counted */
int device_users(struct work *, const struct request *, struct account *out, size_t max, size_t *n, struct err *);
int device_good(struct work *, const struct request *, struct id account, struct str *place, struct err *);      /* the PIN was right; where she was */
int device_left(struct work *, const struct request *, struct str place, struct err *);          /* where the actor is now */
int devices_forget(struct work *, struct id account, struct err *);
int session_longer(struct work *, const struct request *, struct response *, struct err *);      /* ERR_EXPIRED: a day is over */
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
/* A path of this node as it is, else Today: where a form leads to afterwards. */
struct str place_here(struct str path);
/* Is it a call of a program? */
bool is_api(const struct request *);
#endif
