#ifndef CMD_CONTROL_H
#define CMD_CONTROL_H
/* <dir>/control: how a command of the operator talks to the running node. A unix socket of mode 0600 in the node's folder; one message is one line, and so is
   its answer: "ok TEXT", or "no CODE TEXT" with the exit status of the code. Each line is a transaction of its own, entered like everything else; no line
   gives out what is in a record. */
#include "cmd/cmd.h"

#define CONTROL_LINE_MAX 8192
/* What is too long for a line goes by a memory file that the command sends with it: the node reads it before, and writes into it what the line gives, after COMMIT. */
#define CONTROL_BULK_MAX ((size_t)16 << 20)
struct bulk { struct str in, out; };

/* The listening end; made before the sandbox. */
int control_listen(struct arena *, const struct settings *, int *fd, struct err *);
/* Answers who has connected. Waits for a line 100 ms at most: only the folder's owner can make it wait. */
void control_serve(struct house *, int fd);
/* 1: the running node said yes and *answer is its text; 0: no node runs; -1: it said no, or does not answer. */
/* The same with bulk: `in` goes along, *out comes back. */
int control_ask_bulk(struct arena *, const struct settings *, struct str line, struct str in, struct str *answer, struct str *out, struct err *);
/* A line that takes bulk, run here where no node runs. */
int control_run(struct house *, struct arena *, struct str line, struct bulk *, struct str *answer, struct err *);
int control_ask(struct arena *, const struct settings *, struct str line, struct str *answer, struct err *);
#endif
