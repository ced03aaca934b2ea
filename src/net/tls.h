#ifndef NET_TLS_H
#define NET_TLS_H
/* The node's TLS identity: a random ECDSA P-256 key and a certificate signed by itself, for the partner listener and for calls to partners. Nobody trusts it because
   of who signed it: each side pins the SHA-256 of the other's certificate (DER). The key is no part of node.keys and may be renewed at will; partners are then told by
   a note of the node's signing key. */
#include "crypto/hash.h"

struct tls_identity { struct str key_path, cert_path, key_pem, cert_pem; struct hash pin; };      /* the PEM texts end in NUL */

/* Makes <dir>/tls.key (0600) and <dir>/tls.crt where one of them is missing; CN and SAN are the node's name. */
int tls_make(struct arena *, struct str dir, struct str name, int64_t now_ms, struct err *);
/* The one that comes after it: <dir>/tls-next.key and .crt, made where they are missing; put in the place of the others by tls_turn. */
int tls_make_next(struct arena *, struct str dir, struct str name, int64_t now_ms, struct tls_identity *out, struct err *);
int tls_turn(struct arena *, struct str dir, struct err *);
int tls_load(struct arena *, struct str dir, struct tls_identity *out, struct err *);
/* <dir>/people.key and people.crt for the listener of people at an IPv4 address: made where they are missing, end within 30 days or are of another address. A phone or browser
   installs the certificate once; the key stays with the node. */
int tls_people(struct arena *, struct str dir, struct str name, struct str ip, int64_t now_ms, struct tls_identity *out, struct err *);
int tls_der(struct arena *, struct str cert_pem, struct bytes *out, struct err *);
/* The pin of the first certificate in a PEM text. */
int tls_pin(struct str cert_pem, struct hash *out, struct err *);
#endif
