#ifndef WEB_WEB_H
#define WEB_WEB_H
/* web: the face for people and programs. Pages, forms, sessions and the JSON API, all made from the record types; only batch, boarding, check-in, reconciliation, statistics and
   log have pages of their own. Everything works without JavaScript. A handler reads top to bottom: read the form, call one service, show or redirect.

   The tick (cmd) finds the route, calls web_session, web_guard, the handler, and web_error where one of them returns -1. */
#include "net/http.h"
#include "record/effects.h"
#include "record/rotate.h"

extern const struct route WEB_ROUTES[];          /* ends with a row without a path, as every table of routes */
extern const struct route IMPORT_ROUTES[];
extern const struct route SEARCH_ROUTES[];
extern const struct migrations WEB_MIGRATIONS;
extern const struct wrapped_keys FACTOR_WRAPPED[];      /* the secrets of second factors */

extern const struct job_kind WEB_JOB_PHOTO;
extern const struct job_kind WEB_JOB_PASSWORD, WEB_JOB_PASSWORD_NEW;

/* Fills the actor, purpose, basis, language and numerals of the work item from the cookies. Nobody signed in is no error. */
int web_session(struct work *, const struct request *, struct err *);
/* Permission of the route, purpose chosen, Origin of a POST; a form's field `event_time` (late entry from paper) becomes the time of the work item.
   -1: ERR_NO_SESSION, ERR_FORBIDDEN, ERR_VALUE. */
int web_guard(struct work *, const struct request *, const struct route *, struct err *);
/* The page (or JSON under /api/) of an error, in the user's language with the next step. */
void web_error(struct work *, const struct request *, struct response *, const struct err *);

/* The roster: is the actor on duty for that role at her desk now (struct hooks)? And who is. */
bool on_duty(struct work *, struct str role);
struct duty { struct str user, phone; };
int duty_now(struct work *, struct str role, struct str unit, struct duty *out, size_t max, size_t *n, struct err *);

/* Accounts: for the commands and the demo. password_hashed is libsodium's text form. roles: names, comma separated. */
int account_create(struct work *, struct str user, struct str shown_name, struct str password_hashed, struct str roles, struct str unit, struct id *out, struct err *);
/* For an administrator at the machine. ERR_NOT_FOUND: no such user. A new password; or the second factor, its codes and the PIN taken back (a lost phone): sessions end. */
int account_password_set(struct work *, struct str user, struct str password_hashed, struct err *);
int account_reset(struct work *, struct str user, struct err *);
#endif
