#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H
/* crypto: hashes (hash.h), signed notes (note.h), sealing (seal.h), the keys process and its client (keys.h), the sandbox that every
   child of the parent puts on (sandbox.h). Nobody above this room touches a primitive. */
#include "crypto/hash.h"
#include "crypto/keys.h"
#include "crypto/note.h"
#include "crypto/sandbox.h"
#include "crypto/seal.h"
#endif
