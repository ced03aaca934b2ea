#include "base/err.h"
#include <stdarg.h>

static const struct err_class CLASSES[ERR_CODES] = {
	[ERR_NONE]       = { "none", 200, 0, N_("Done") },
	[ERR_FORMAT]     = { "format", 400, 3, N_("This could not be read. Nothing was changed.") },
	[ERR_VALUE]      = { "value", 422, 1, N_("Something in the form needs to be corrected.") },
	[ERR_SAFEGUARD]  = { "safeguard", 422, 1, N_("A safeguard does not allow this.") },
	[ERR_NO_SESSION] = { "no session", 401, 1, N_("Sign in first.") },
	[ERR_FORBIDDEN]  = { "forbidden", 403, 1, N_("Your role does not allow this.") },
	[ERR_NOT_FOUND]  = { "not found", 404, 1, N_("There is nothing here, or you may not see it.") },
	[ERR_CONFLICT]   = { "conflict", 409, 1, N_("Somebody has changed this in the meantime. Look at the new state and try again.") },
	[ERR_EXPIRED]    = { "expired", 410, 1, N_("The time for this has passed.") },
	[ERR_TOO_LARGE]  = { "too large", 413, 1, N_("This is too large.") },
	[ERR_RATE]       = { "too often", 429, 1, N_("Too many attempts. Wait a little and try again.") },
	[ERR_BUSY]       = { "busy", 503, 3, N_("The office computer is busy. Your input is kept: try again.") },
	[ERR_FULL]       = { "full", 503, 3, N_("The disk is full. Nothing was changed; tell the administrator.") },
	[ERR_PEER]       = { "peer", 502, 3, N_("The other office does not answer. It will be tried again by itself.") },
	[ERR_USAGE]      = { "usage", 400, 2, N_("This command was not understood.") },
	[ERR_FAULT]      = { "fault", 500, 3, N_("Something went wrong on the office computer. Nothing was changed.") },
};

const struct err_class *err_class(enum err_code code)
{
	return &CLASSES[code < ERR_CODES ? code : ERR_FAULT];
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	if (!e)
		return -1;
	*e = (struct err){ .code = code };
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(e->log, sizeof e->log, fmt, ap);
	va_end(ap);
	return -1;
}

int err_say(struct err *e, enum err_code code, const char *user_msgid, const char *arg)
{
	if (!e)
		return -1;
	*e = (struct err){ .code = code, .user = user_msgid, .arg = arg };
	snprintf(e->log, sizeof e->log, "%s%s%s", user_msgid, arg ? ": " : "", arg ? arg : "");
	return -1;
}

int err_add(struct err *e, const char *fmt, ...)
{
	if (!e)
		return -1;
	char head[sizeof e->log], tail[sizeof e->log];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(head, sizeof head, fmt, ap);
	va_end(ap);
	memcpy(tail, e->log, sizeof tail);
	size_t n = strnlen(head, sizeof head - 3), left = sizeof e->log - n - 3, m = strnlen(tail, left);
	memcpy(e->log, head, n);
	memcpy(e->log + n, ": ", 2);
	memcpy(e->log + n + 2, tail, m);
	e->log[n + 2 + m] = 0;
	return -1;
}
