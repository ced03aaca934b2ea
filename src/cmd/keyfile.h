#ifndef CMD_KEYFILE_H
#define CMD_KEYFILE_H
/* The key file of a backup, beside the copy of the database: node.keys as it stands (sealed under the passphrase), every wrapped key of the living, the ids of
   what was erased, the newest checkpoint, jisr.yaml. Any older copy of the database opens with the newest key file, and only what lives opens.

   "JB1" | node | time | jisr.yaml | node.keys | checkpoint | erased ids | tables: name, rows of id and wrapped key | SHA-256 of all before. Name:
   <node>.keys-<UTC time>; two are kept. */
#include "cmd/cmd.h"
#include "record/restore.h"

struct keyfile_table { struct str name; struct wrapped_row *rows; size_t n; };
struct keyfile { struct str node, yaml, head; struct bytes keys; int64_t at_ms; struct id *erased; size_t nerased; struct keyfile_table *tables; size_t ntables; };

/* From a reader's view of the database; again from the start while node.keys changes under it. */
int keyfile_collect(struct work *, const struct settings *, struct keyfile *out, struct err *);
int keyfile_write(struct arena *, const struct keyfile *, const char *folder, struct str *path, struct err *);
int keyfile_read(struct arena *, const char *path, struct keyfile *out, struct err *);
/* The content before the hash; what is read points into it. -1: it is no key file. */
int keyfile_parse(struct arena *, struct bytes, struct keyfile *out);
struct bytes keyfile_bytes(struct arena *, const struct keyfile *);      /* the same, written; empty: too much for a file */
/* The newest one of a node in a folder; node empty: there must be those of one node only. */
int keyfile_newest(struct arena *, const char *folder, struct str node, struct str *path, struct err *);
/* All but the newest two go. */
void keyfile_prune(struct arena *, const char *folder, struct str node);
#endif
