#ifndef CRYPTO_SANDBOX_H
#define CRYPTO_SANDBOX_H
/* What a process may still do. seccomp (allow-list) and Landlock (files below the named folders), each only where the kernel has it:
   sandbox_probe tells, `jisr doctor` prints it. A filter violation ends the process. With -DSANITIZED the filters are wider. */
#include "base/base.h"
#include <sys/types.h>

enum sandbox { SANDBOX_KEYS,    /* socket, counters file, anonymous memory, exit */
	SANDBOX_JOB,            /* as keys, and read-only files opened before */
	SANDBOX_NODE };         /* files below `folder` and a few system files, sockets; no exec, no fork, no ptrace */
struct sandbox_support { bool seccomp; int landlock_abi; };          /* abi 0: none */
struct sandbox_support sandbox_probe(void);
/* Closes every descriptor but these (negative ones are passed over): what a child inherits and must not have. */
void sandbox_close_others(const int *keep, size_t n);
/* This child ends (SIGKILL) at once with its parent, also where that ended before the call. parent: what getpid said before the fork. */
void sandbox_end_with(pid_t parent);
int sandbox_enter(enum sandbox, const char *folder, struct err *);   /* folder: for SANDBOX_NODE, else NULL */
#endif
