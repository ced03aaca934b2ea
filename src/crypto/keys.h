#ifndef CRYPTO_KEYS_H
#define CRYPTO_KEYS_H
/* The keys process and its client. It alone holds the wrap keys, the node's seed and the side keys. It opens and makes data keys, signs,
   counts openings for each actor and purpose (the counts survive a restart) and stops at a ceiling.

   A subject (one person or household on one side of a wall) has a handle, HMAC(side key, subject id), and a random data key, which
   stands in the database only wrapped under the wrap key of the week. From the data key the process derives the key of each class and the salt of the
   subject's ledger lines, and hands out those of the classes asked for, never the data key. A role's side is checked there: a
   request names the actor's side, and handles are made for that side only.

   Wire: frames of u32 length over a socketpair; one request, one answer, in order. The node asks once for all its subjects.
   The content of node.keys never goes that way. When it changes (rotation), the process seals it with the lock that it was given and hands it to its
   vault: over a second socket, whose other end the parent alone has. The change holds only once the vault said that it is on disk. */
#include "crypto/seal.h"

enum side { SIDE_HUMANITARIAN, SIDE_SECURITY, SIDE_JUSTICE, SIDE_OFFICE, SIDES };    /* office: records about nobody with personal fields */
enum data_class { CLASS_O, CLASS_P, CLASS_X, CLASS_S, CLASS_J, CLASSES };
char class_letter(enum data_class);                                   /* 'O' ... 'J' */
int class_parse(struct str, enum data_class *);                      /* "P": 0 or -1 */
#define CLASS_BIT(c) (1u << (c))

#define HANDLE_BYTES 16
#define WRAPPED_BYTES 76          /* wrap key id 4, nonce 24, ciphertext 32, tag 16 */
struct handle { uint8_t b[HANDLE_BYTES]; };
struct subject_key {
	struct handle handle;
	uint8_t wrapped[WRAPPED_BYTES];
	uint8_t salt[32];                 /* for ledger lines */
	uint8_t key[CLASSES][KEY_BYTES];  /* of the classes asked for, else zero */
};

struct keys;                          /* a connected client */
struct keys_ask { enum side side; unsigned classes; uint8_t actor[16]; struct str purpose; };      /* classes: CLASS_BIT mask */

/* Where a changed node.keys goes, sealed already: 0 once it is on disk. */
struct keys_vault { int (*save)(void *arg, struct bytes sealed); void *arg; };
/* Starts the process: forks; the child drops everything but its sockets (descriptors, seccomp), the parent gets the client. `blob` is the opened
   content of node.keys, `lock` what it is sealed with (NULL: this process can never rotate). counters_fd is the append-only file of counters.
   ceiling: openings an actor may make a day for one purpose. vault: for keys_local; a spawned process hands over its own socket: *vault_fd. */
struct keys_start { struct bytes blob; int counters_fd; uint32_t ceiling; bool sandbox; const struct seal_lock *lock; struct keys_vault vault; };
int keys_spawn(struct arena *, const struct keys_start *, struct keys **out, int *pid, int *vault_fd, struct err *);
/* The parent, when vault_fd is readable: writes what comes to the file and says so. -1: the process is gone or talks nonsense. */
int keys_vault_serve(int vault_fd, const char *path);
/* In this process, without a fork: for tests and commands that take the folder's lock. */
struct keys *keys_local(struct arena *, const struct keys_start *, struct err *);
void keys_end(struct keys *);

/* A fresh content for node.keys: a new seed, wrap key and side keys. */
struct bytes keys_blob_new(struct arena *, const struct source *);
/* node.keys on disk: sealed under the passphrase; temporary file, fsync, rename, fsync of the folder. Mode 0600. */
int keys_file_write(const char *path, struct bytes passphrase, struct bytes blob, enum cost, struct err *);
int keys_file_save(const char *path, struct bytes sealed, struct err *);                  /* what is sealed already */
int keys_file_read(struct arena *, const char *path, struct bytes passphrase, struct seal_lock * /* may be NULL */, struct bytes *blob, struct err *);

/* New subjects: fills handle, wrapped, salt and the class keys asked for. */
int keys_new(struct keys *, const struct keys_ask *, const struct id *subjects, size_t n, struct subject_key *out, struct err *);
/* Known subjects: in: handle and wrapped; out: salt and class keys. ERR_RATE at the ceiling (nothing is handed out). */
int keys_open(struct keys *, const struct keys_ask *, struct subject_key *, size_t n, struct err *);
/* The index of names is filled when the processes start. For this purpose and nobody (actor zero) class P of the humanitarian side is opened without being counted,
   but only until keys_index_end, and at most KEYS_INDEX_MS after the process began: whoever takes over the node later gains nothing by it (ADR 91). */
#define KEYS_INDEX_PURPOSE STR("index of names")
#define KEYS_INDEX_MS (15LL * 60 * 1000)
int keys_index_end(struct keys *, struct err *);
int keys_handles(struct keys *, enum side, const struct id *subjects, size_t n, struct handle *out, struct err *);
/* A MAC under a key of the side for blind indexes and row locators; label separates uses. 16 bytes each. */
int keys_blind(struct keys *, enum side, struct str label, const struct bytes *in, size_t n, struct handle *out, struct err *);

/* Keys for what waits (outbox, held, staged, upload): a random key wrapped like a subject's; destroyed by deleting the row. */
int keys_wait_new(struct keys *, uint8_t wrapped[WRAPPED_BYTES], uint8_t key[KEY_BYTES], struct err *);
int keys_wait_open(struct keys *, const uint8_t wrapped[WRAPPED_BYTES], uint8_t key[KEY_BYTES], struct err *);
/* Many in one question: all, or none. */
int keys_wait_open_many(struct keys *, const struct bytes *wrapped, size_t n, uint8_t (*keys)[KEY_BYTES], struct err *);

enum sign_as { SIGN_LOG, SIGN_NODE, SIGN_WITNESS };                   /* HKDF of the seed: "<node>/log", "<node>", "<node>/witness" */
int keys_public(struct keys *, enum sign_as, uint8_t public_key[32], struct err *);
int keys_sign(struct keys *, enum sign_as, struct bytes message, uint8_t signature[64], struct err *);
int keys_sign_many(struct keys *, enum sign_as, const struct bytes *messages, size_t n, uint8_t (*signatures)[64], struct err *);
/* The age recipient of this node (bundles), and the file key of one file that was sealed for it: 1 where the stanza is somebody else's. */
struct age_share;
int keys_age_public(struct keys *, uint8_t recipient[32], struct err *);
int keys_age_open(struct keys *, const struct age_share *, uint8_t file_key[16], struct err *);
/* A MAC that this node and one other can make, and nobody else: X25519 of our node key and theirs (the Ed25519 keys that are pinned, as curve25519), HKDF with the label. */
int keys_pair_mac(struct keys *, const uint8_t their_node_key[32], struct str label, struct bytes message, uint8_t mac[32], struct err *);
/* The salt of accounts for `actor` in ledger lines. */
int keys_account_salt(struct keys *, uint8_t salt[32], struct err *);

/* Weekly: makes the new wrap key; it is on disk when this returns 0, and may be re-wrapped to. ERR_FORBIDDEN: two are there already. */
int keys_rotate(struct keys *, struct err *);
int keys_rewrap(struct keys *, uint8_t (*wrapped)[WRAPPED_BYTES], size_t n, struct err *);   /* in place; rows already new stay */
/* Forgets the older wrap key, on disk too. From then on no remnant of an erased key opens. */
int keys_forget_old(struct keys *, struct err *);
uint32_t keys_wrap_id(struct keys *, bool older, struct err *);       /* 0: there is none */
uint32_t keys_wrapped_under(const uint8_t wrapped[WRAPPED_BYTES]);    /* the id of the wrap key that it needs */
#endif
