#ifndef BASE_ERR_H
#define BASE_ERR_H
/* What went wrong, for two readers: the log (English, technical) and the user (a message id that po/ translates).
   Neither text may hold personal data or a secret. Functions return 0 or -1 and take struct err * last; it is untouched
   when all is fine, and is wrapped with err_add once on the way up. A NULL struct err * is allowed. */
#include "base/str.h"

enum err_code {
	ERR_NONE = 0,
	ERR_FORMAT,      /* cannot be parsed */
	ERR_VALUE,       /* a value is refused: the user can mend it */
	ERR_SAFEGUARD,   /* a rule of the house refuses it: the user cannot mend it by typing */
	ERR_NO_SESSION,
	ERR_FORBIDDEN,
	ERR_NOT_FOUND,
	ERR_CONFLICT,    /* another version, already done otherwise */
	ERR_EXPIRED,
	ERR_TOO_LARGE,
	ERR_RATE,        /* too often */
	ERR_BUSY,        /* try again */
	ERR_FULL,        /* disk or quota */
	ERR_PEER,        /* the other node answered badly or not at all */
	ERR_USAGE,       /* command line */
	ERR_FAULT,       /* ours */
	ERR_CODES
};

struct err {
	enum err_code code;
	const char *user;      /* message id marked with N_(), static; NULL: the sentence of the code */
	const char *arg;       /* message id or plain token put for %s in `user`; static or NULL */
	char log[256];
};

/* One row a code: what it becomes for each face. */
struct err_class { const char *name; int http_status; int exit_status; const char *user; };
const struct err_class *err_class(enum err_code);

int err_set(struct err *, enum err_code, const char *log_fmt, ...) __attribute__((format(printf, 3, 4)));      /* always -1 */
int err_say(struct err *, enum err_code, const char *user_msgid, const char *arg);   /* always -1; log = user text */
int err_add(struct err *, const char *log_fmt, ...) __attribute__((format(printf, 2, 3)));                     /* always -1 */
#define N_(msgid) msgid   /* marks a text for the catalogue without translating it here */
#endif
