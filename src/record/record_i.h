#ifndef RECORD_RECORD_I_H
#define RECORD_RECORD_I_H
#include "record/record.h"
#include "record/type_i.h"

struct grant {
	struct work *w;
	const struct type *type;
	size_t n;
	struct record *records;
	json_t **values;              /* one object of all covered fields for each */
	struct subject_key *keys;     /* of each record's subject; wiped with the arena */
	unsigned classes;
};

#define PROPOSAL_DAYS 7
extern const struct field RECORD_FIELDS[];
struct row { struct id id, parent, subject; struct str type, state, owner, unit, open; struct bytes handle; int64_t version, created, updated, event; };
int row_load(struct work *, struct id, struct row *, struct err *);                  /* ERR_NOT_FOUND; erased ones too */
void row_record(const struct work *, const struct row *, struct record *);

/* Facts for policy. */
unsigned scopes_of(struct work *, const struct record *);
int ask_policy(struct work *, const struct type *, const struct record *, size_t n, unsigned wanted, unsigned *classes, struct err *);
int refuse_with(struct work *, const struct record *, const struct type *, struct str move, struct str reason, const char *sentence, struct err *);

/* Keys of subjects: known ones are opened, new ones made and kept. One question for all. `handles` are filled for new ones. */
int subject_keys(struct work *, const struct type *, const struct id *subjects, size_t n, struct subject_key *out, struct err *);

/* Values. */
int values_check(struct work *, struct draft *, bool whole, json_t **clean, struct err *);
json_t *class_values(struct work *, const struct type *, const json_t *values, enum data_class);
json_t *derived_value(struct work *, const struct grant *, size_t i, const struct tfield *);

/* Writes version `version` of a record: bodies of the classes in `classes`, the version row, refs. `sealed` (may be NULL) gets the new bodies. */
struct writing { struct record *record; const json_t *values; unsigned classes; enum act act; struct str move; struct subject_key *key; int64_t event_ms; };
int version_write(struct work *, const struct writing *, struct bytes *sealed, struct err *);
int version_digest(struct work *, struct id, int64_t version, struct str *digest, struct err *);
int enter_record(struct work *, enum act, const struct record *, const struct subject_key *, struct str move, struct str fields, struct bytes body, struct err *);
int move_apply(struct work *, struct record *, const struct tmove *, const struct grant *, struct err *);
int proposal_new(struct work *, const struct record *, const struct tmove *, struct str reason, struct id *out, struct err *);
int head_body(struct work *, struct id record, enum data_class, int64_t *version, struct bytes *sealed, struct err *);     /* 1, 0, -1 */
#endif
