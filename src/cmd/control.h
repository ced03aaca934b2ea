#ifndef CMD_CONTROL_H
#define CMD_CONTROL_H
/* <dir>/control: how a command of the operator talks to the running node. A unix socket of mode 0600 in the node's folder; one message is one line, and so is
   its answer: "ok TEXT", or "no CODE TEXT" with the exit status of the code. Each line is a transaction of its own, entered like everything else; no line
   gives out what is in a record. */
#include "cmd/cmd.h"

#define CONTROL_LINE_MAX 8192

/* The listening end; made before the sandbox. */
int control_listen(struct arena *, const struct settings *, int *fd, struct err *);
/* Answers who has connected. Waits for a line 100 ms at most: only the folder's owner can make it wait. */
void control_serve(struct house *, int fd);
/* 1: the running node said yes and *answer is its text; 0: no node runs; -1: it said no, or does not answer. */
int control_ask(struct arena *, const struct settings *, struct str line, struct str *answer, struct err *);
#endif
