#include "base/log.h"
#include "base/source.h"
#include <stdarg.h>
#include <unistd.h>

/* The only variable of the process here: set once at start, before anything is served. */
static enum log_level up_to = LOG_INFO;

void log_up_to(enum log_level level)
{
	up_to = level;
}

void log_line(enum log_level level, const char *room, const char *fmt, ...)
{
	static const char *const NAMES[] = { [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug" };
	if (level > up_to)
		return;
	char line[1024];
	int64_t ms = source_now_ms(source_system());
	time_t seconds = (time_t)(ms / 1000);
	struct tm t;
	gmtime_r(&seconds, &t);
	size_t n = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &t);
	n += (size_t)snprintf(line + n, sizeof line - n, ".%03dZ %s %.32s ", (int)(ms % 1000), NAMES[level], room);
	va_list ap;
	va_start(ap, fmt);
	int text = vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
	va_end(ap);
	size_t room_left = sizeof line - n - 2, from = n;
	n += text < 0 ? 0 : (size_t)text < room_left ? (size_t)text : room_left;
	for (size_t i = from; i < n; i++)      /* one line stays one line, whatever the text holds */
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[n++] = '\n';
	ssize_t done = write(STDERR_FILENO, line, n);    /* one call, so that lines of several processes do not mix */
	(void)done;                                      /* a log that cannot be written has nowhere to say so */
}
