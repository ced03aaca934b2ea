#ifndef EXCHANGE_DOCUMENT_H
#define EXCHANGE_DOCUMENT_H
/* Documents of a request (types/rfi_document.yaml, rfi_page.yaml): pages as pictures, CHANNEL_PAGES_MAX in all, added to a draft and sent with it under its handling. The
   request does not wait for them: each page follows in a message of its own. They end with the request, and a recall of the request takes them along. */
#include "exchange/exchange.h"

/* Does an agreement in force with that office name them? Does this request have any? */
bool documents_may_go(struct work *, struct str node);
int documents_any(struct work *, struct id rfi, struct err *);      /* 1, 0, -1 */
int documents_pages(struct work *, struct id rfi, size_t *n, struct err *);         /* of all its documents */
/* A stripped JPEG becomes the next page of the document that has the kind and title of the draft's fields; where there is none, its first. The faults are in the draft. */
int document_page_add(struct work *, const struct record *rfi, struct draft *, struct bytes jpeg, struct err *);
int document_page_remove(struct work *, const struct record *rfi, struct id page, struct err *);      /* before it is sent; the document goes with its last page */
int document_page_of(struct work *, struct id rfi, struct id page, struct record *out, struct err *);      /* ERR_NOT_FOUND: it is no page of this request */
int documents_copied(struct work *, struct id from, struct id to, struct str unit, struct err *);      /* from one request to another of this office */
int documents_share(struct work *, struct id rfi, struct str to, struct err *);
int documents_end(struct work *, struct id rfi, struct str rule, struct err *);
#endif
