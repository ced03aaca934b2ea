#ifndef BASE_LOG_H
#define BASE_LOG_H
/* The operator's log on stderr: one line "time level room text". Never personal data, never secrets, never a body. */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
void log_line(enum log_level, const char *room, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void log_up_to(enum log_level);                      /* process setting, set once at start */
#endif
