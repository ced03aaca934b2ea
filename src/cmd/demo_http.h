#ifndef CMD_DEMO_HTTP_H
#define CMD_DEMO_HTTP_H
/* A visitor of the demo's nodes: signs in, fills in forms, reads JSON, as a browser would. One connection, kept alive. */
#include "cmd/cmd.h"

struct visitor { void *curl; struct str base, origin, cookie; };
struct page_answer { int status; struct str body, location; };
/* Answers live in the arena that is given with each call. */
void visitor_open(struct arena *, struct visitor *, struct str base);
void visitor_again(struct visitor *);             /* in a forked process: the same session, a connection of its own */
void visitor_close(struct visitor *);
int visitor_sign_in(struct arena *, struct visitor *, struct str user, struct str password, const char *purpose /* "transfer/agreement" */, struct err *);
int visitor_get(struct arena *, struct visitor *, struct str path, struct page_answer *, struct err *);
/* A form: pairs name, value, ...; the id against repeats is made here. Anything but 200 or 303 is an error that says path and status. */
struct form { struct buf body; };
struct form form_new(struct arena *);
void form_add(struct form *, const char *name, struct str value);
int visitor_post(struct arena *, struct visitor *, struct str path, struct form *, struct page_answer *, struct err *);
int visitor_upload(struct arena *, struct visitor *, struct str path, const char *field, const char *file_name, struct str content, struct page_answer *, struct err *);
/* The last part of a location: an id. */
struct str location_id(struct str location);
/* GET /api/1/...: NULL where the status is not 200 (404 and 403 are no error: *err stays clear). */
json_t *visitor_json(struct arena *, struct visitor *, struct str path, struct err *);
/* Asks again until the record has one of the states ("a|b"), or the seconds are over. *version gets its version. */
int visitor_wait(struct arena *, struct visitor *, const char *type, struct str id, const char *states, int64_t *version, struct err *);
/* A move by its form; waits for nothing. */
int visitor_move(struct arena *, struct visitor *, const char *type, struct str id, const char *move, struct str event_time, struct err *);
#endif
