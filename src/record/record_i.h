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
	bool inside;                  /* the program's own reading: covers every field */
	bool found;                   /* by a search outside the scope: covers what people are compared by, and no more */
};

#define PROPOSAL_DAYS 7
#define NUMBER_BYTES 80
extern const struct field RECORD_FIELDS[];
struct row { struct id id, parent, subject; struct str type, state, owner, unit, open; struct bytes handle; int64_t version, created, updated, event; };
/* A row without what is only for opening it. */
#define HEAD_COLUMNS "id, parent, subject, type, state, owner, unit, version, created, updated, event"
#define HEAD_FIELDS FIELD(struct row, id), FIELD(struct row, parent), FIELD(struct row, subject), FIELD(struct row, type), FIELD(struct row, state), \
	FIELD(struct row, owner), FIELD(struct row, unit), FIELD(struct row, version), FIELD(struct row, created), FIELD(struct row, updated), FIELD(struct row, event)
int row_load(struct work *, struct id, struct row *, struct err *);                  /* ERR_NOT_FOUND; erased ones too */
void row_record(const struct work *, const struct row *, struct record *);

/* Facts for policy. */
/* Which of the `wanted` scopes (bits) the record is in for the actor: each is looked up, so only those that a rule of the type asks about. */
unsigned scopes_of(struct work *, const struct record *, unsigned wanted);
unsigned role_scopes(const struct work *, const struct type *, bool *all);         /* under which the actor's role reads any class of the type */
struct parent_scopes { struct id parent; unsigned scopes; };       /* rows of one list come one after the other: its scopes are looked up once */
unsigned scopes_of_row(struct work *, const struct record *, unsigned wanted, struct parent_scopes *);
int ask_policy(struct work *, const struct type *, const struct record *, size_t n, unsigned wanted, unsigned *classes, struct err *);
int refuse_with(struct work *, const struct record *, const struct type *, struct str move, struct str reason, const char *sentence, struct err *);

/* Keys of subjects: known ones are opened, new ones made and kept. One question for all. `handles` are filled for new ones. */
int subject_keys(struct work *, const struct type *, const struct id *subjects, size_t n, struct subject_key *out, struct err *);
/* Of subjects that have one, for the index: class P alone. One that has none stays zero and is left out by the caller (`there`). */
int subject_keys_index(struct work *, const struct type *, const struct id *subjects, size_t n, struct subject_key *out, bool *there, struct err *);

/* Values. */
int values_check(struct work *, struct draft *, bool whole, json_t **clean, struct err *);
const char *when_wrong(const struct tfield *, const json_t *values, struct str state);     /* required_when, empty_when: NULL where they hold */
json_t *class_values(struct work *, const struct type *, const json_t *values, enum data_class);
json_t *derived_value(struct work *, const struct grant *, size_t i, const struct tfield *);

/* Writes version `version` of a record: bodies of the classes in `classes`, the version row, refs. `sealed` (may be NULL) gets the new bodies. */
struct writing { struct record *record; const json_t *values; unsigned classes; enum act act; struct str move; struct subject_key *key; int64_t event_ms; };
int version_write(struct work *, const struct writing *, struct bytes *sealed, struct err *);
int version_digest(struct work *, struct id, int64_t version, struct str *digest, struct err *);
int enter_record(struct work *, enum act, const struct record *, const struct subject_key *, struct str move, struct str fields, struct bytes body, struct err *);
int proposals_pack(struct work *, struct err *);
/* spoken.c: did somebody here read out a yes to what now arrives (1, filling role and account; 0, -1); did the other node answer what was taken by a code. */
int spoken_was_given(struct work *, struct str node, struct id record, struct str move, struct bytes digest, struct str *role, struct id *account, struct err *);
struct str spoken_number_of(struct work *, struct id record, struct str move, struct bytes digest);
int proposals_spoken(struct work *, struct str node, struct str move, struct str number, size_t *n, struct err *);      /* those that are here already get their yes */
int spoken_answered(struct work *, struct id proposal, struct str node, bool yes, struct err *);
int conditions_hold(struct work *, const struct record *, const struct tmove *, struct err *);
bool own_word_in(const json_t *with);                /* sign, thumb or voice */
/* Version, entry, `opens`, `effect`, and where the declaration says so the new owner. The caller has asked policy and conditions. */
int move_apply(struct work *, struct record *, const struct tmove *, struct err *);
int proposal_new(struct work *, const struct record *, const struct tmove *, enum proposal_way, json_t *with, struct id *out, struct err *);
int share_due(struct work *, const struct record *, struct err *);      /* every holder of a copy gets the version just written */
int share_forget(struct work *, struct id record, struct err *);
bool share_leaves(struct work *, struct str node, const struct tfield *, const struct type *);      /* does the agreement let that partner see it? */
int share_back(struct work *, struct str node, const struct id *ids, size_t n, struct err *);      /* whole, to a partner that lost it (back.h) */
/* receive.c: a record as it travels; looked at, written here, entered. old: left as it is. */
struct coming { json_t *o; struct record record; struct bytes digest; json_t *fields; bool fresh, old; struct str state_before; };
int coming_parse(struct work *, json_t *, struct coming *, struct err *);
int coming_fits(struct work *, const struct coming *, bool ours, struct err *);      /* a history that can be, and an owner that may own such a record: us, or not us */
int coming_apply(struct work *, struct str from, struct coming *, struct err *);
int coming_enter(struct work *, struct str from, const struct coming *, size_t n, struct err *);
int share_holders(struct work *, struct id record, struct str *nodes, size_t max, size_t *n, struct err *);
int share_like_parent(struct work *, const struct record *, struct err *);
int row_owner_set(struct work *, struct id, struct str owner, struct err *);     /* a row goes with its parent, without a version of its own */
size_t entry_subjects(const struct grant *, struct entry_subject *out);      /* each subject once */
/* clock.c: the record is looked at with the next run; the same where it stands in no list yet (a declaration that got a clock); it is erased. */
int clock_look(struct work *, const struct record *, struct err *);
int clock_missed(struct work *, const struct record *, struct err *);
int clock_forget(struct work *, struct id record, struct err *);
/* received.c: content came (or is ours now: nothing is noted); until when the agreement lets it stay (RETENTION_NEVER: as long as its type says); it is gone. */
int received_note(struct work *, const struct record *, struct str from, struct err *);
int received_due(struct work *, const struct record *, int64_t *due_ms, struct str *rule, struct err *);
int received_forget(struct work *, struct id record, struct err *);
/* early.c: until when a node that only helps on the way (border, travel) may keep a copy; elsewhere never. */
int early_due(struct work *, const struct record *, int64_t *due_ms, struct str *rule, struct err *);
int proposals_expire(struct work *, struct err *);
/* number.c: values: of a version just written; NULL: the record reached a state. */
int number_give(struct work *, const struct record *, const json_t *values, struct err *);
int number_keep(struct work *, const struct record *, struct str number, struct err *);      /* as its owner says */
int number_forget(struct work *, struct id record, struct err *);
/* Works one record in a savepoint of its own: 0 done, 1 left as it was and logged, -1. */
int work_apart(struct work *, struct id, int (*one)(struct work *, struct id, struct err *), const char *room, struct err *);
int tell_written(struct work *, const struct record *, const json_t *values, struct err *);
int refs_write(struct work *, const struct record *, const json_t *values, struct err *);
/* Erasure's parts: everything of one record but its id; the key of a subject, with the id of the wrap key that it stood under. */
int record_strip(struct work *, const struct record *, struct str rule, struct err *);      /* its sealed fields; nothing where there are none */
int subject_rekey(struct work *, enum side, struct id subject, uint32_t *wrap, struct err *);
int record_blank(struct work *, struct id, struct err *);
int record_key_end(struct work *, struct handle, uint32_t *wrap, struct err *);
/* ---- bodies and the declarations under which they were sealed (changed.c) ---- */
struct body_at { const struct type *type; struct id record; int64_t version; enum data_class class; const struct handle *handle; };
/* What a new body is bound to: the digest of the type as it is now. */
struct bytes body_aad(struct arena *, const struct body_at *, const struct hash *type_digest);
/* Opens what was sealed under the declaration of today or one of those before. */
int body_unseal(struct arena *, const struct body_at *, const uint8_t key[KEY_BYTES], struct bytes sealed, struct bytes *plain, struct err *);
int head_body(struct work *, struct id record, enum data_class, int64_t *version, struct bytes *sealed, struct err *);     /* 1, 0, -1 */
#endif
