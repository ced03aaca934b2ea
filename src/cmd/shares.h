#ifndef CMD_SHARES_H
#define CMD_SHARES_H
/* Recovery shares of the passphrase of node.keys: papers that several people keep elsewhere. k of them open a backup where the passphrase is gone (crypto/shares.h). */
#include "cmd/cmd.h"

/* `jisr keys shares DIR --of K/N`: prints them, each with its heading, a form feed between. An entry says how many. */
int cmd_shares(struct arena *, const struct settings *, const char *of, struct err *);
/* From a file, "-": from standard input, where a person is asked for one after the other. Lines that begin with # and empty ones stand between papers. */
int shares_passphrase(struct arena *, const char *file, struct bytes *passphrase, struct err *);
int on_shares(struct work *, struct str rest, struct str *answer, struct err *);      /* line of the control socket */
#endif
