#ifndef CMD_BUNDLE_H
#define CMD_BUNDLE_H
/* Lines of the control socket for `jisr bundle`: the command seals and opens the file, the node makes and takes its frames. Each is a work item of its own. */
#include "cmd/control.h"

int on_bundle_begin(struct work *, struct str rest, struct bulk *, struct str *answer, struct err *);         /* "NODE": out manifest, answer recipient in hex */
int on_bundle_next(struct work *, struct str rest, struct bulk *, struct str *answer, struct err *);          /* "NODE NUMBER": out frame or nothing, answer messages and answers in it */
int on_bundle_key(struct work *, struct str rest, struct bulk *, struct str *answer, struct err *);           /* "SHARE BODY" in hex: out file key; nothing: not for us */
int on_bundle_manifest(struct work *, struct str rest, struct bulk *, struct str *answer, struct err *);      /* in manifest: answer who it is from, and when it was read before */
int on_bundle_frame(struct work *, struct str rest, struct bulk *, struct str *answer, struct err *);         /* "NODE", in frame: answer the six counts */
#endif
