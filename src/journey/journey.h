#ifndef JOURNEY_JOURNEY_H
#define JOURNEY_JOURNEY_H
/* journey: what families go through, from registration to check-in: the hooks that declarations name. A function here is about people on the way; how records
   are kept, and who may see them, is record's business. */
#include "record/record.h"

/* condition mother_or_birth_known: enough to tell two people of one name apart. */
int mother_or_birth_known(struct work *, const struct record *, struct err *);
/* effect task_hear: an adult who was registered waits to be heard alone by the protection desk (unit "protection"). */
int task_hear(struct work *, const struct record *, struct err *);
#endif
