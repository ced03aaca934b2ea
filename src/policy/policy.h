#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H
/* policy: who may do what, and why not. Deny by default. Roles, sides, purposes and courses come from types/roles.yaml; who reads
   which class of a type comes with the question (the declaration of the type, record's business), so this room knows no record.

   policy_decide answers with the classes that the actor may read now, or with one refusal: a reason code for the ledger and a
   sentence for the person. The rules on people that no setting turns off (DOMAIN 6) are functions in safeguard.c. */
#include "crypto/keys.h"

enum scope { SCOPE_NONE, SCOPE_OWN_UNIT, SCOPE_OWN_BATCH, SCOPE_OWN_CONVOY_TODAY, SCOPE_OWN_CASELOAD, SCOPE_CLIENT, SCOPE_OWN_ROOM, SCOPE_ALL, SCOPES };
const char *scope_word(enum scope);                       /* "own_unit" */
int scope_parse(struct str, enum scope *);

struct role { struct str name, title; enum side side; unsigned classes; /* CLASS_BIT mask of its side */ struct str *nodes; size_t nnodes;
	struct str *not_with; size_t nnot_with; struct str *only; size_t nonly; bool oversight, admin; };
/* sides: words of the sides of the wall whose roles may choose it; none: all. */
struct purpose { struct str name, title; struct str *bases; size_t nbases; struct str *sides; size_t nsides; };
struct policy { struct role *roles; size_t nroles; struct purpose *purposes; size_t npurposes; };
int policy_load(struct arena *, struct str roles_yaml, struct policy *out, struct err *);
const struct role *policy_role(const struct policy *, struct str name);          /* NULL where unknown */
bool policy_purpose_fits(const struct purpose *, const struct role *);                 /* is it one that the role's side of the wall works for? */
const struct purpose *policy_purpose(const struct policy *, struct str name);
/* Roles that one account may hold together: one side, no not_with. 0, or -1 with the reason. */
int policy_roles_fit(const struct policy *, const struct str *roles, size_t n, struct err *);

struct actor { struct id account; struct str name; struct str role; struct str unit; struct str node; };

struct reader_rule { struct str role; enum scope scope; };
struct readers { struct reader_rule *rules; size_t n; bool everyone; };          /* of one class of a type */

struct policy_ask {
	const struct actor *actor;
	struct str type, purpose, basis;
	const struct readers *readers;        /* CLASSES of them */
	unsigned in_scope;                    /* 1 << scope for each scope in which every record asked for lies, as record found out */
	unsigned wanted;                      /* CLASS_BIT mask */
	bool personal;                        /* the type is about a person or household, or has personal fields: purpose and basis needed */
	bool sealed;                          /* the office changed hands, and this purpose did not pass */
	bool opened;                          /* for oversight and data protection together, and the time is not over */
	bool embargoed;                       /* and the actor does not work on it */
};
#define POLICY_SEALED N_("Sealed: this office changed hands, and custody of this purpose did not pass. What is due is still erased.")
struct policy_answer { unsigned classes; struct str refused; /* reason code, empty: granted */ const char *sentence; };
void policy_decide(const struct policy *, const struct policy_ask *, struct policy_answer *);
/* What a partner gave goes to nobody else unless the agreement says so (DOMAIN S16). word: never, asked (the giver decides on each item, and sends it itself), named; named:
   the recipients, names of partners with spaces between them, or `letters` for paper to bodies without a node. to: a partner, or empty for paper. */
struct onward_rule { struct str word, named; };
bool policy_onward(const struct onward_rule *, struct str to, struct policy_answer *);
/* May the role do what a list of roles names? (create, amend, by) */
bool policy_named(struct str role, const struct str *roles, size_t n);
#endif
