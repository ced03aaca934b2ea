#ifndef CMD_CERTIFICATE_H
#define CMD_CERTIFICATE_H
/* The renewed TLS certificate on this machine: made by a command, put in the place of the old one when the node starts and it is time (exchange/certificate.h). */
#include "cmd/cmd.h"

#define NODE_AGAIN 75                                     /* exit status of a node that wants to be started anew */
int cmd_certificate(struct arena *, const struct settings *, const char *days, bool stand, struct err *);
int on_certificate(struct work *, struct str rest, struct str *answer, struct err *);      /* line of the control socket */
int certificate_turn(struct house *, struct err *);      /* before the listener opens */
int certificate_timer(struct work *, struct err *);
#endif
