#ifndef CRYPTO_SHARES_H
#define CRYPTO_SHARES_H
/* Recovery shares (DESIGN 7): a secret split into n papers, of which k give it back and k-1 tell nothing but its length (Shamir 1979 over GF(256), by libgfshare; ADR 119).

   A paper: groups of five signs of `023456789BCDFGHJKMNPQRSTVWXYZAEU`, the fifth of each a check sign: sum of position x value over the four signs before it, modulo 31. Behind the signs: version 1,
   four random bytes that all papers of one split have, k, the number of the paper, the share, and the first four bytes of SHA-256 over all before. The secret that is split ends in
   eight bytes of its own hash, so that a share that was changed on purpose is noticed as well. */
#include "crypto/hash.h"

#define SHARES_MOST 20
#define SHARE_SECRET_MAX 256
struct share { uint8_t split[4], k, number; struct bytes body; };
/* n papers into out; k from 2. ERR_VALUE. */
int shares_split(struct arena *, const struct source *, struct bytes secret, size_t k, size_t n, struct str *out, struct err *);
/* ERR_VALUE says which group is mistyped (err->log). Signs in either case; dashes, spaces and lines do not count. */
int share_read(struct arena *, struct str paper, struct share *, struct err *);
/* k different papers of one split. ERR_VALUE: too few, of another split, twice the same; ERR_FORBIDDEN: together they give no secret that was split. */
int shares_join(struct arena *, const struct share *, size_t n, struct bytes *secret, struct err *);
#endif
