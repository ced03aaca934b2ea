#ifndef RECORD_TYPE_H
#define RECORD_TYPE_H
/* Record types as data: what types/<name>.yaml declares (types/VOCABULARY.md says every word). Loaded once at start, never changed. */
#include "policy/policy.h"

enum about { ABOUT_NOBODY, ABOUT_SELF, ABOUT_PERSON, ABOUT_HOUSEHOLD, ABOUT_PLACE };
enum kind { KIND_TEXT, KIND_NAME, KIND_DATE, KIND_CODE, KIND_BOOL, KIND_BOOL3, KIND_INT, KIND_PLACE, KIND_REF, KIND_TIME, KIND_PHONE,
	KIND_IMAGE, KIND_REGISTRY_NO, KIND_WASHINGTON_GROUP_SHORT, KIND_DIGEST, KIND_MONEY, KINDS };
enum { TEXT_LINES_FROM = 400 };      /* a text that may have so many signs may have lines; a shorter one is one line */
struct words { struct str *at; size_t n; };

struct code { struct str value, label; };
struct code_list { struct str name; struct code *codes; size_t n; };

struct tfield {
	struct str name, label, help, hxl, to, rule, check, falls_by;
	enum kind kind;
	enum data_class class;
	bool required, many, derived, index, blind, not_ahead /* max: today */, hidden /* `read: []`, kept for the program */, masked /* dots until its reader asks for it */;
	int64_t min, max;                                         /* length of text, value of int, count of many; 0: no bound */
	const struct code_list *codes;
	unsigned precision;                                       /* 1 << enum precision; 0: all */
	const json_t *required_when, *empty_when;                 /* {field: value or [values]} or {state: name} */
	struct words read;                                        /* roles; n 0 and not hidden: as the class */
	json_t *raw;                                              /* the whole declaration, for words that hooks read */
};
struct tstate { struct str name; bool final, immutable, aside /* lists leave it out unless it is asked for */; };
struct tmove {
	struct str name, label, two_persons_role, two_nodes, opens, effect, owner_kind;      /* owner_kind: the kind of node that owns it afterwards */
	struct words from, by, needs;
	struct str to;                                            /* "same": the state stays */
	bool two_persons, own_word, clock;
	struct str after, due;                                    /* after: the moment when the clock makes it; due: a length, or the moment by which it is wanted */
	json_t *raw;
};
/* pattern: "{node} {year} {seq} {field}" in a text; after: the state in which it gets its number, empty: when it is made; unique: fields, or `owner`. */
struct tnumber { struct str pattern, after; struct words unique; };
struct amend_rule { struct str role; struct words fields; unsigned classes; };
struct form_section { struct str title; struct words fields; };

struct type {
	struct str name, title, plural, parent_type, parent_field, subject_field;
	enum about about;
	enum side side;
	struct words create, list_columns, list_filter, safeguards;
	struct str find;                                          /* list.find; empty: no search box */
	struct words wide, duplicates;                            /* roles who may search outside their scope; fields by which people are compared */
	struct tfield *fields; size_t nfields;
	struct tstate *states; size_t nstates;                    /* the first is where a record begins */
	struct str aside;                                         /* the state that is aside; empty: none */
	struct tmove *moves; size_t nmoves;
	struct amend_rule *amend; size_t namend;
	struct form_section *form; size_t nform;
	struct tnumber number;
	struct readers readers[CLASSES];
	unsigned classes;                                         /* that its fields have */
	struct str wire;                                          /* the kind of message in which its copies travel: share, notice, room */
	bool personal, embargo, state_rules, clocked;             /* state_rules: a field is required or empty in a state; clocked: a move has a clock or is due */
	struct hash digest;                                       /* of the declaration: bound into every sealed body */
	struct hash *before; size_t nbefore;                      /* digests that it had at this node before, the newest first (types_remember) */
	json_t *raw;
};
struct types { struct type *at; size_t n; struct code_list *codes; size_t ncodes; const struct policy *policy; };

/* Is a function joined to the name of that kind ("condition", "effect", "rule", "check")? types_check refuses a name without one. */
typedef bool hook_known(const char *kind, struct str name);
/* From the files inside the program. -1 names file, place and what is wrong. */
int types_load(struct arena *, const struct policy *, struct types *out, struct err *);
/* One more declaration, already read: for a node's own folder and for tests. */
int type_read(struct arena *, struct types *, struct str yaml, const char *file, struct type *out, struct err *);
/* The rules of DESIGN 4 ("types check refuses"). */
int types_check(const struct types *, hook_known *, struct err *);
const struct type *type_find(const struct types *, struct str name);
const struct tfield *type_field(const struct type *, struct str name);
/* What its search box looks in is a name that the record holds itself, not a person's record. */
bool type_named_itself(const struct type *);
const struct tmove *type_move(const struct type *, struct str name);
/* Do all pairs of a `when` hold? The pair `state` is about the state that is given. NULL: no. */
bool when_holds(const json_t *when, const json_t *values, struct str state);
/* May a record with these values travel as vital interest, where no agreement covers it? The word `vital` says so. */
bool type_vital(const struct type *, const json_t *values);
bool type_has_image(const struct type *);      /* a picture fills a message: such a record travels alone, and what it is a row of does not wait for it */
const struct code *code_find(const struct code_list *, struct str value);
#endif
