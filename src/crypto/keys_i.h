#ifndef CRYPTO_KEYS_I_H
#define CRYPTO_KEYS_I_H
#include "crypto/keys.h"

#define FRAME_MAX ((size_t)8 << 20)
#define SUBJECTS_MAX 16384

enum keys_op { OP_NEW = 1, OP_OPEN, OP_HANDLES, OP_BLIND, OP_WAIT_NEW, OP_WAIT_OPEN, OP_PUBLIC, OP_SIGN, OP_SALT, OP_ROTATE, OP_REWRAP, OP_FORGET, OP_WRAP_ID, OP_PAIR, OP_INDEX_END, OP_AGE_PUBLIC, OP_AGE_OPEN };
enum keys_status { KEYS_OK, KEYS_RATE, KEYS_REFUSED, KEYS_BAD, KEYS_UNSAVED };

struct wrap_key { uint32_t id; uint8_t key[KEY_BYTES]; };
/* Everything that exists only here. */
struct keys_state {
	uint8_t seed[KEY_BYTES], account_salt[KEY_BYTES], side[SIDES][KEY_BYTES];
	struct wrap_key wrap[2];                 /* the newest first; id 0: none */
	struct counters *counters;
	int64_t index_until_ms;                  /* monotonic: until then the index of names is filled; 0: no longer */
	bool locked;                             /* lock and vault are there */
	struct seal_lock lock;
	struct keys_vault vault;
};
int keys_blob_read(struct keys_state *, struct bytes blob);
struct bytes keys_blob_write(struct arena *, const struct keys_state *);
/* One request frame, one answer frame (status byte, then what the operation gives). */
void keys_serve(struct keys_state *, struct arena *, struct bytes request, struct buf *answer);

/* Openings by actor, purpose and day. */
struct counters *counters_open(struct arena *, int fd, uint32_t ceiling);
bool counters_take(struct counters *, const uint8_t actor[16], struct str purpose, uint32_t n);      /* false: past the ceiling, nothing is counted */
#endif
