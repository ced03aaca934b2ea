#ifndef NET_FORM_H
#define NET_FORM_H
/* Readers of what a browser sends: query strings and urlencoded forms, multipart forms (RFC 7578), cookies. Hostile bytes: bounded,
   UTF-8 checked (file contents excepted), NUL refused. 0 or -1 (ERR_FORMAT, ERR_TOO_LARGE); what was read lives in the arena or in the input. */
#include "net/http.h"

#define FORM_FIELDS_MAX 8192
int form_urlencoded(struct arena *, struct str body, struct pair **out, size_t *n, struct err *);
int form_multipart(struct arena *, struct str content_type, struct str body, struct request *, struct err *);
void form_cookies(struct arena *, struct str header, struct pair **out, size_t *n);     /* junk is left out */
struct str percent_decode(struct arena *, struct str, bool plus_is_space, bool *bad);
struct str percent_encode(struct arena *, struct str);       /* all but unreserved (RFC 3986) */
#endif
