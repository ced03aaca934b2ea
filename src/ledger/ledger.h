#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H
/* ledger: the node's one append-only log, in the C2SP formats (tlog-tiles, tlog-checkpoint, signed-note, tlog-witness,
   tlog-cosignature/v1, tlog-proof), so that tools we did not write verify it (DESIGN 5).

   An entry is one line of JSON, at most 4,096 bytes, without a name, free text or a clear record id. Entries are appended inside the tick's
   transaction; the tick's close phase computes the root, signs one checkpoint and stores it. A work item that is rolled back takes its
   entries with it: ledger_mark before, ledger_back after the savepoint was rolled back.

   Stored: log_entry(index, line), the root of each full tile, log_checkpoint, log_tags (lists of more than 16 tags) and the private log_subject(handle, entry),
   which answers "who saw this" and dies with the subject. Level-0 hashes are computed from the lines; they are never stored twice. */
#include "crypto/crypto.h"
#include "store/store.h"

enum act { ACT_CREATE, ACT_AMEND, ACT_MOVE, ACT_PROPOSE, ACT_DECIDE, ACT_READ, ACT_SEARCH, ACT_EXPORT, ACT_PRINT, ACT_SEND, ACT_RECEIVE,
	ACT_RECEIPT, ACT_RECALL, ACT_ERASE, ACT_BREAKGLASS, ACT_FREEZE, ACT_SEAL, ACT_CUSTODY, ACT_KEYS, ACT_REFUSE, ACT_LOGIN, ACT_LOGOUT,
	ACT_ACCOUNT, ACT_AGREEMENT, ACT_WITNESS, ACT_MATCH, ACT_PUBLISH, ACT_BACKUP, ACT_RESTORE, ACT_SETTING, ACTS };
const char *act_word(enum act);                                        /* "create" */

struct entry_subject { const uint8_t *salt; struct handle handle; };  /* salt: 32 bytes from the keys process */
struct entry {
	enum act act;
	struct id actor;                    /* account; none: the program itself */
	struct str role, type, move, purpose, basis, fields, to, refused;
	struct id record;                   /* none: no single record */
	const uint8_t *record_salt;         /* salt of the record's subject; required with record */
	uint64_t version;                   /* 0: absent */
	const struct entry_subject *subjects; size_t nsubjects;
	struct bytes body;                  /* what `body` is the HMAC of: the sealed bodies, one after the other; absent where empty */
	uint64_t count;                     /* n where no subjects are named (counts, imports); 0: absent */
};

struct ledger;
extern const struct migrations LEDGER_MIGRATIONS;
/* `x` comes from the source. node_name gives the origin "<node>/log" (epoch 0) or "<node>/log/<epoch>". */
int ledger_open(struct arena *, struct tx *, struct keys *, const struct source *, struct str node_name, struct ledger **out, struct err *);
/* After a restore, before ledger_open: the next epoch, past every one seen elsewhere. The tree goes on from the entries that came back; the origin is another one, so that nobody takes what
   was lost for a fork that is hidden. `past`: the highest epoch seen. ledger_epoch: 0 until a first restore. */
int ledger_raise(struct tx *, uint32_t past, int64_t now_ms, struct err *);
uint32_t ledger_epoch(const struct ledger *);
/* What a checkpoint of any epoch of this node says: 0, or -1. For the entry that names the last head others had seen. */
struct log_head { struct str origin, root_base64; uint64_t size; uint32_t epoch; };
int ledger_head(struct arena *, struct str node_name, struct str note, struct log_head *, struct err *);
int ledger_append(struct ledger *, struct tx *, const struct entry *, uint64_t *index, struct err *);
struct ledger_mark { uint64_t size, closed; int64_t last_ms; struct hash frontier[64]; };
struct ledger_mark ledger_mark(const struct ledger *);
void ledger_back(struct ledger *, const struct ledger_mark *);
/* Close phase: signs and stores the checkpoint if the tree grew; else does nothing. */
int ledger_close(struct ledger *, struct tx *, struct err *);
uint64_t ledger_size(const struct ledger *);
struct note_key ledger_key(const struct ledger *);                     /* the verifier of its checkpoints */

/* When an act was last entered; 0: never; -1 on error. Reads lines, newest first: for `jisr doctor`. */
int64_t ledger_last_ms(struct arena *, struct tx *, enum act);
struct str ledger_checkpoint(struct arena *, struct tx *, bool witnessed);      /* newest signed note; with cosignatures if `witnessed`; empty: none */
/* The answer to /log/<path> ("checkpoint", "witnessed", "tile/0/000", "tile/entries/000.p/7", "tags/12"): 0, or -1 with ERR_NOT_FOUND. Immutable ones
   set *immutable. Entry bundles (u16 length each) and tags are only given when `entries` is true. */
int ledger_http(struct arena *, struct ledger *, struct tx *, struct str path, bool entries, struct str *body, const char **type, bool *immutable, struct err *);
/* tlog-proof of entry `index` in the newest witnessed checkpoint that holds it, else in the newest (DESIGN: c2sp.org/tlog-proof). */
int ledger_prove(struct arena *, struct ledger *, struct tx *, uint64_t index, struct str *proof, struct err *);
/* Many at once, always in the newest checkpoint, witnessed or not. */
struct prover;
int ledger_prover(struct arena *, struct tx *, struct prover **out, struct err *);
int prover_prove(struct prover *, uint64_t index, struct str *proof, struct err *);
int ledger_consistency(struct arena *, struct ledger *, struct tx *, uint64_t old_size, struct hash *proof, size_t *n /* in: room for 64 */, struct err *);

/* Who saw this: the lines about a subject, newest first. */
struct sighting { int64_t index; struct str line; };
int ledger_sightings(struct arena *, struct tx *, struct handle, size_t limit, struct sighting **out, size_t *n, struct err *);
int ledger_forget(struct tx *, struct handle, struct err *);           /* erasure: the private rows go, the log stays */
struct str entry_tag(struct arena *, const uint8_t salt[32], const uint8_t x[16], const char *label, struct bytes m);   /* h(salt, label, m) */

/* Verification without database: the log is given by a function that answers paths as above. */
struct log_source { int (*get)(void *arg, struct arena *, struct str path, struct str *body, struct err *); void *arg; };
struct log_report { uint64_t entries; struct str root_base64; struct str fault; };
/* Checks every entry (shape, time order, length), tile, root, signature and the k witnesses. 0: ok, 1: fault (said in the report), -1: could not be read. */
int log_verify(struct arena *, const struct log_source *, const struct note_key *log, const struct note_key *witnesses, size_t n, struct log_report *, struct err *);
struct log_source log_source_store(struct arena *, struct ledger *, struct tx *);      /* of a folder's database */
/* A proof file (tlog-proof; `extra` carries the entry): 0 and the entry's line, or -1 with what is wrong. */
int log_check_proof(struct arena *, struct str proof_file, const struct note_key *log, struct str *line, struct err *);
/* The same in a head that was verified already: its signature is not looked at again. */
int log_check_inclusion(struct arena *, struct str proof_file, uint64_t size, const struct hash *root, struct str *line, struct err *);

/* RFC 6962/9162 Merkle trees. */
struct hash leaf_hash(struct bytes entry);
struct hash node_hash(const struct hash *left, const struct hash *right);
int merkle_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf, const struct hash *proof, size_t n, const struct hash *root);
int merkle_check_consistency(uint64_t size1, uint64_t size2, const struct hash *root1, const struct hash *root2, const struct hash *proof, size_t n);
struct hash merkle_root(const struct hash *leaves, size_t n);          /* small ones: tag lists */

/* Witness (c2sp.org/tlog-witness, cosignature/v1). Serving: the body of POST add-checkpoint gives status and answer. A pinned log is named by its key. */
int witness_add(struct arena *, struct tx *, struct keys *, const struct source *, struct str node_name, const struct note_key *logs, size_t n, struct str request, int *status, struct str *answer, struct err *);
/* Asking: the request for a witness that last saw old_size; then its answer (cosignature lines) is checked and kept. */
int witness_request(struct arena *, struct ledger *, struct tx *, uint64_t old_size, struct str *request, struct err *);
int witness_keep(struct arena *, struct ledger *, struct tx *, const struct note_key *witness, struct str answer, uint64_t size, struct err *);
#endif
