#ifndef LEDGER_LEDGER_I_H
#define LEDGER_LEDGER_I_H
#include "ledger/ledger.h"

#define TILE_HEIGHT 8
#define TILE_WIDTH 256
#define LEVELS_MAX 8
#define ENTRY_MAX 4096

struct ledger {
	struct keys *keys;
	const struct source *source;
	struct str node, origin;
	struct note_key key;
	uint8_t account_salt[32];
	uint64_t size, closed;             /* closed: size of the newest checkpoint */
	uint32_t epoch;
	int64_t last_ms;
	struct arena *scratch;             /* of one append; emptied after it */
	struct hash frontier[64];          /* roots of the full subtrees, by level; valid where the bit of size is set */
};

/* Lines and hashes as they are stored. */
int log_line_at(struct arena *, struct tx *, uint64_t index, struct str *line, struct err *);
int log_lines(struct arena *, struct tx *, uint64_t from, size_t n, struct str *lines, struct err *);
/* Hashes of a tile: level 0 from the lines, above from log_tile. */
int tile_hashes(struct arena *, struct tx *, unsigned level, uint64_t n, size_t width, struct hash *out, struct err *);
int tile_full(struct tx *, unsigned level, uint64_t n, const struct hash *root, struct err *);
struct hash tile_root(const struct hash *hashes, size_t n);      /* n a power of two */
/* Any subtree: 2^level leaves from start. */
int subtree_hash(struct arena *, struct tx *, unsigned level, uint64_t start, struct hash *out, struct err *);
/* "tile/1/x001/234.p/5" and its parts. level -1: entries. width 256: full. */
struct tile_name { int level; uint64_t n; size_t width; };
int tile_name_parse(struct str path, struct tile_name *);
struct str tile_name_text(struct arena *, const struct tile_name *);
int range_hash(struct arena *, struct tx *, uint64_t from, uint64_t to, struct hash *out, struct err *);     /* MTH of leaves from..to */
int inclusion_proof(struct arena *, struct tx *, uint64_t index, uint64_t size, struct hash *out, size_t *n, struct err *);
/* The same for many entries that stand near each other, in a tree of `size`: the tiles looked at lately are remembered with their lines and inner nodes, and so is
   what stands above them. Filled with zeros at the beginning. */
#define TILES_REMEMBERED 4
#define ABOVE_REMEMBERED 64
struct tile_seen { uint64_t n, used; size_t width; struct str lines[TILE_WIDTH]; struct hash at[TILE_HEIGHT][TILE_WIDTH]; };
struct above_seen { uint64_t from, to; struct hash hash; };      /* to 0: free */
struct tile_memory { uint64_t size, clock; struct tile_seen *tiles[TILES_REMEMBERED]; struct above_seen above[ABOVE_REMEMBERED]; };
int inclusion_proof_near(struct arena *, struct tx *, struct tile_memory *, uint64_t index, struct hash *out, size_t *n, struct err *err);
int line_near(struct arena *, struct tx *, struct tile_memory *, uint64_t index, struct str *line, struct err *err);
int consistency_proof(struct arena *, struct tx *, uint64_t old_size, uint64_t size, struct hash *out, size_t *n, struct err *);
int entry_line(struct arena *, const struct ledger *, const struct entry *, int64_t t_ms, const uint8_t x[16], struct str *line, struct bytes *tags, struct err *);
struct checkpoint { struct str origin; uint64_t size; struct hash root; };
int checkpoint_parse(struct arena *, struct str text, struct checkpoint *, struct err *);
struct str checkpoint_text(struct arena *, struct str origin, uint64_t size, const struct hash *root);
/* A proof file taken apart; the check needs the leaf. */
struct proof_file { uint64_t index; struct hash hashes[64]; size_t n; struct bytes extra; struct str note; };
int proof_read(struct arena *, struct str file, struct proof_file *, struct err *);
int proof_check(struct arena *, const struct proof_file *, const struct hash *leaf, const struct note_key *log, struct err *);
#endif
