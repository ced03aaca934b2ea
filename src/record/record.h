#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H
/* record: instances of the declared types. Versions, proposals, sealed bodies, life cycles, history, erasure.

   The heart: no grant, no data. record_open asks policy, appends the ledger entry in the transaction of the tick, and only then opens the sealed
   bodies and hands the grant out; what a grant does not cover reads as absent. Nothing leaves the process before COMMIT (cmd/tick.c), so the entry is
   on disk before anybody sees the data. A refusal is an entry too: the functions say so by ERR_FORBIDDEN or ERR_SAFEGUARD with w->refusal filled, and the tick enters it
   after it rolled the item back.

   A record is at (id, type); rows of a list are records with a parent. Values are JSON: text, name {parts...} or text, date text, code, [codes], ref id text, bool, int. */
#include "ledger/ledger.h"
#include "record/type.h"

struct hooks;
struct effects;
struct key_cache;
struct kind_row;                                  /* exchange: what a kind of message does */
struct wrapped_keys;                              /* rotate.h: where wrapped keys stand */
struct people;                                    /* journey: the index of names, changed only after COMMIT */

/* The running node: made at start, read-only for handlers. */
struct node {
	struct str name, kind, title;                 /* "camp.sy", "camp", shown name */
	const struct types *types;
	const struct policy *policy;
	struct keys *keys;
	struct ledger *ledger;
	const struct source *source;
	const struct hooks *hooks;
	const struct kind_row *kinds;                 /* handlers of messages, ended by a row without a name */
	const struct wrapped_keys *const *wrapped;    /* of all rooms; NULL ends the list */
	int64_t started_ms;                           /* of this process: a call to a partner that began before has ended */
	struct people *people;                        /* NULL: in a command, where nobody asks */
	int64_t outbox_most;                          /* messages that may wait for one partner; 0: as exchange has it */
	struct str certificate;                       /* PEM, of the people's listener; empty: it is plain HTTP on loopback */
	uint8_t account_salt[32];
	bool demo;                                    /* training strip on every page */
	bool second_factor;                           /* who signs in needs one */
	bool log_entries_public;                      /* anybody may read the log's lines */
};

/* How a user likes her pages. keys: letters as shortcuts. */
enum theme { THEME_SYSTEM, THEME_LIGHT, THEME_DARK };
struct look { enum theme theme; bool compact, keys; };

/* One work item. Lives as long as its arena; a handler changes no memory that outlives it. */
struct refusal { struct str reason; struct str type; struct id record; struct str move; };
struct work {
	const struct node *node;
	struct tx *tx;
	struct arena *mem;
	int64_t now_ms;
	int64_t event_ms;                             /* when it happened, where that is told (late entry); 0: now */
	struct str give_to;                           /* the partner chosen for a move that hands over; empty: the one of that kind */
	struct actor actor;                           /* account none: nobody is signed in */
	struct str purpose, basis;
	struct str session;                           /* hash of the session, empty: none */
	int64_t ends_ms;                              /* when the session ends */
	struct str partner;                           /* the node at the other end of a partner's connection, by its certificate; empty: none */
	enum lang lang;
	enum numerals numerals;
	struct look look;
	struct str place;                             /* path of the page that is asked for; empty where it is no page */
	struct effects *effects;                      /* queue: run after COMMIT */
	bool confirmed;                               /* the form was shown what a check found, and was sent again on purpose */
	struct refusal refusal;
	struct str reference;                         /* of a fault of ours: stands in the log of the operator and on the page */
	struct key_cache *known;                      /* subject keys opened for this item: each is asked for once; wiped with the arena */
};

struct record { struct id id, parent, subject; const struct type *type; struct str state, owner, unit; int64_t version, created_ms, updated_ms, event_ms; };
struct grant;
extern const struct migrations RECORD_MIGRATIONS;
/* Notes the declarations with which this node runs, and gives each type those that it had before: bodies sealed under them still open. Once, before anything is opened; it
   is a transaction of its own. */
int types_remember(struct tx *, struct arena *, struct types *, int64_t now_ms, struct err *);

/* Reading. All or nothing: one record outside the actor's scopes refuses the whole. One entry for all of them. */
const struct grant *record_open(struct work *, const struct type *, const struct id *ids, size_t n, struct err *);
/* What is done with what was opened beyond reading it: ACT_PRINT, ACT_EXPORT. One entry that names every subject; before anything is shown. */
int grant_enter(const struct grant *, enum act, struct str to, struct err *);
/* Before a masked field is shown: one entry of act read that names the field, and in `move` why (a code). ERR_FORBIDDEN: it is not covered. */
int grant_unmask(const struct grant *, const struct tfield *, struct str reason, struct err *);
size_t grant_count(const struct grant *);
const struct record *grant_record(const struct grant *, size_t i);
json_t *record_value(const struct grant *, size_t i, const char *field);         /* NULL: absent or not covered */
struct str record_text(const struct grant *, size_t i, const char *field);       /* text of a text, code, ref, name (as written), date; empty as above */
/* For conditions, effects and rules of the program itself: all classes, no role is asked and no entry is made, because nothing leaves the process by it. What a
   page shows of it must come through a grant of the actor. NULL on error. */
const struct grant *record_open_inside(struct work *, const struct type *, const struct id *ids, size_t n, struct err *);
bool record_covered(const struct grant *, size_t i, const char *field);
unsigned grant_classes(const struct grant *);

/* Which of these records the actor may open now. Nothing is opened or entered. */
int record_in_scope(struct work *, const struct type *, const struct id *ids, size_t n, bool *in, struct err *);
/* What a search outside the actor's scope shows: at most RECORD_FOUND_MAX people, for the roles that the type names (list.wide), by the fields by which they were compared
   (duplicates) and no other. The entry is of act search and names every one of them. */
#define RECORD_FOUND_MAX 5
const struct grant *record_open_found(struct work *, const struct type *, const struct id *ids, size_t n, struct err *);
/* For the index of names, when the process starts: the next records of a type after `after`, in the order of their ids, class P alone. *seen: how many there were (fewer
   than the limit: the end), *last: the newest of them. The keys process opens for it only then (keys_index_end). No role is asked and no entry is made: what is opened goes to the names process alone. */
const struct grant *record_index_page(struct work *, const struct type *, struct id after, size_t limit, size_t *seen, struct id *last, struct err *);

/* Ids in the actor's scope, without content: newest first. total (may be NULL) counts all. Zero members do not filter. */
struct record_query { struct str state; struct id parent; struct str ref_field; struct id ref_to; size_t offset, limit; bool oldest_first; };
int record_list(struct work *, const struct type *, const struct record_query *, struct id **ids, size_t *n, size_t *total, struct err *);
/* All ids of a type with a parent, or that refer by `field` to a target (field empty: any), oldest first; no scope is asked: for hooks. limit 0: all. */
int record_rows(struct work *, const char *type, struct id parent, struct id **ids, size_t *n, struct err *);
int64_t record_owned(struct work *, const struct type *);      /* how many of a type are owned here: a number, for those who decide about sharing; -1 */
int record_in_state(struct work *, const char *type, const char *state, size_t limit, struct id **ids, size_t *n, struct err *err);      /* owned here, oldest first */
int record_referring(struct work *, const char *type, const char *field, struct id target, struct id **ids, size_t *n, struct err *);
/* The number that people use for it: 1, 0: none, -1. Those of a type that have a number and are in the actor's scopes, newest first. */
int record_number(struct work *, struct id, struct str *number, struct err *);
int record_numbered(struct work *, const struct type *, struct str number, struct id **ids, size_t *n, struct err *);      /* no scope is asked: for hooks */
int record_by_number(struct work *, const struct type *, struct str number, struct id **ids, size_t *n, struct err *);
int record_head(struct work *, struct id, struct record *out, struct err *);     /* type, state, owner: no content, no entry */

/* Why: who may read a type, by its declaration; and what the actor may read of one record now, with what policy says where she may not. Nothing is opened, so that no
   entry is made. */
struct reading_rule { const struct role *role; enum data_class class; enum scope scope; };
size_t readers_of(const struct work *, const struct type *, struct reading_rule *out, size_t max);
bool reader_sees(const struct reading_rule *, const struct tfield *);
struct explained { unsigned classes /* that she may read */, scopes /* in which the record is for her, of those her role has */; struct str refused; const char *sentence;
	struct str holders[32]; size_t nholders; /* nodes that have a copy */ };
int record_explain(struct work *, const struct record *, struct explained *, struct err *);

/* Writing. Fields are checked by the declaration; the error names the first field in err->arg (its label). */
struct field_fault { const struct tfield *field; const char *sentence; };
struct draft { const struct type *type; json_t *fields; struct id parent; struct str unit; int64_t event_ms; bool by_program; /* a hook opens it: no role is asked */ bool copy; /* as a partner sent it: references may point to what is not here */ struct field_fault faults[32]; size_t nfaults; };
/* Only looks: the faults are in the draft, *clean has what would be kept. whole: what is required must be there. A job may call it (no database is
   asked where no field refers to a record). */
int record_check(struct work *, struct draft *, bool whole, json_t **clean, struct err *);
int record_create(struct work *, struct draft *, struct id *out, struct err *);
int record_create_many(struct work *, struct draft *, size_t n, struct id *out, struct err *);   /* one keys question, one entry for each */
int record_amend(struct work *, struct id, int64_t seen_version, struct draft *changes, struct err *);
/* A move of the declaration. Where it needs a second person or node it becomes a proposal: *proposal is its id (none: done at once). */
int record_move(struct work *, struct id, int64_t seen_version, struct str move, struct draft *with, struct id *proposal, struct err *);
/* Moves and changes that the program makes itself, in effects: no role is asked; conditions of the move hold all the same. Versions and entries as always. */
/* A move by the actor on a record that she has open already: one reading for many moves (a bus, a family). `with`: reason, own_word. */
int record_move_granted(struct work *, const struct grant *, size_t i, const char *move, json_t *with, struct err *);
/* Values of hidden fields too: for rules and conditions, never for a page. */
json_t *record_value_inside(const struct grant *, size_t i, const char *field);
int record_move_inside(struct work *, struct id, const char *move, struct err *);
int record_set_inside(struct work *, struct id, json_t *fields, struct err *);
/* Moves that the actor could make now, in the order of the declaration. */
size_t record_moves(struct work *, const struct record *, const struct tmove **out, size_t max);
bool record_may_amend(struct work *, const struct record *, const struct tfield *);
bool record_may_create(const struct work *, const struct type *);

/* A change that waits. HERE: for a second person of this node; ABROAD: our record, for a person of the partner `node`; ASKED: the partner's record, for one of
   ours; SENT: the partner's record, for its owner. */
enum proposal_way { PROPOSAL_HERE, PROPOSAL_ABROAD, PROPOSAL_ASKED, PROPOSAL_SENT };
struct proposal { struct id id, record, by; struct str move, role, wants, reason, node, type; enum proposal_way way; int64_t version, created_ms, expires_ms; };
int proposal_list(struct work *, struct proposal **out, size_t *n, struct err *);         /* those that the actor may decide, oldest first */
int proposal_find(struct work *, struct id, struct proposal *out, struct err *);
int proposals_of(struct work *, struct id record, struct proposal **out, size_t *n, struct err *err);     /* all that wait on a record, whoever decides */
int proposal_answer(struct work *, struct id record, struct str *move, struct str *reason, int64_t *at_ms, struct err *);      /* the last no from elsewhere: 1, 0, -1 */
int proposal_decide(struct work *, struct id, bool yes, struct str reason, struct err *);   /* nobody decides her own */

/* A yes that is read out, where there is no line or no time (DOMAIN 2, Loading morning; ADR 103). Who asks reads out a number of 8 digits, which stands for record,
   version and move; who approves, at the partner, types it and reads back a code of 8 digits, good for 15 minutes, which only the two nodes can make. The asker's node
   goes on at once; the partner's node confirms over the line when the proposal arrives there, and until then the page says that it has not. */
struct str spoken_number(struct work *, const struct proposal *, struct err *);            /* empty: this one cannot be read out */
int spoken_code(struct work *, struct str node, const struct type *, const struct tmove *, struct str number, struct str *code, struct err *);
int spoken_accept(struct work *, struct id proposal, struct str code, struct err *);       /* 1: wrong, and counted; ERR_RATE: five were */
struct spoken { struct str move, node; int64_t at_ms, confirmed_ms; bool denied; };
int spoken_of(struct work *, struct id record, struct spoken *out, size_t max, size_t *n, struct err *);      /* newest first */
bool spoken_may(const struct work *, const struct tmove *);                                /* does the actor's role agree to it for another office? */

struct record_version { int64_t version, at_ms, event_ms; struct str role, act, move, state, digest; struct id account; };
int record_history(struct work *, struct id, struct record_version **out, size_t *n, struct err *);
int record_sightings(struct work *, struct id, struct sighting **out, size_t *n, struct err *);    /* who saw the record's subject */
/* Erasure of a subject: key row, bodies, open fields, indexes, private ledger rows. Done now; final when the wrap key of the week is gone. */
int record_erase(struct work *, struct id, struct str rule, struct err *);
/* Erasure of one record while its subject lives on: the subject gets a new data key, so that no remnant of the record opens. */
int record_erase_one(struct work *, struct id, struct str rule, struct err *);

/* Hooks (DESIGN 3): conditions, effects, rules and checks that declarations name; src/cmd/joins.c is the one table. */
struct hook_condition { const char *name; int (*fn)(struct work *, const struct record *, struct err *); };     /* 0 holds, -1 refused (sentence in err) */
struct hook_effect { const char *name; int (*fn)(struct work *, const struct record *, struct err *); };        /* inside the transaction, after the move */
struct hook_rule { const char *name; json_t *(*fn)(struct work *, const struct grant *, size_t i, const struct tfield *); };
struct hook_check { const char *name; const char *(*fn)(const struct work *, const struct tfield *, const json_t *); };   /* NULL: fine, else a sentence */
/* What record needs to know of other nodes; the exchange room has the functions. A body is JSON; `about` names whom the ledger's line is about (may be NULL). */
struct line_note { struct str to; const char *kind; json_t *body; struct str purpose, basis; size_t subjects; struct str fields, handling; };
/* What an agreement in force, suspended or not, says about records of a type that a partner sends for a purpose: kept for so many days at most. */
struct received_terms { int64_t days; struct bytes agreement; };
struct line { int (*send)(struct work *, const struct line_note *, struct err *);
	int (*of_kind)(struct work *, struct str kind, struct str *name, struct err *);       /* the partner of that kind: 1, 0, -1 */
	bool (*allows)(struct work *, struct str node, struct str purpose, struct str type, struct str field);
	int (*kind_of)(struct work *, struct str node, struct str *kind, struct err *);        /* what kind a partner is: 1, 0, -1 */
	int (*pair_mac)(struct work *, struct str node, struct bytes message, uint8_t mac[32], struct err *);      /* keys.h: only we and that node can make it */
	struct str (*handling)(struct work *, const struct record *root);                     /* the word of the envelope that carries it and its rows; NULL: none */
	int (*terms)(struct work *, struct str node, struct str purpose, struct str type, struct received_terms *, struct err *);      /* 1, 0: none, -1; NULL: none */
	/* what the agreement of that digest and the newest one for the purpose say about passing on; those without a word about it say never */
	int (*onward)(struct work *, struct str node, struct str purpose, struct bytes agreement, struct onward_rule rules[2], struct err *);      /* NULL: never */
	bool (*recalled)(struct work *, struct str node, struct id record); };      /* was that partner asked to destroy it, or did it? NULL: never */
struct custody;                                   /* custody.h */
struct opening;                                   /* opening.h */
struct hooks { struct line line;
	int (*custody)(struct work *, const struct custody *, struct err *);      /* a purpose was sealed, or passed: partners are told; NULL: nobody is */
	int (*opened)(struct work *, const struct opening *, struct err *);      /* content was opened for oversight and data protection: others are told; NULL: nobody is */
	bool (*line_full)(struct work *, struct str node);      /* too much waits for that partner: what is due waits as records; NULL: never */
	bool (*on_duty)(struct work *, struct str role);      /* is the actor on the roster for that role now? NULL: nobody is */
	bool (*embargoed)(struct work *, const struct record *);   /* NULL: never */
	int (*arrived)(struct work *, const struct record *, struct str state_before, struct err *);      /* a copy came or changed; NULL: nothing */
	int (*written)(struct work *, const struct record *, const json_t *values, struct err *);      /* content was made or changed, here or in a copy; all its values; NULL: nothing */
	int (*erased)(struct work *, struct id record, struct err *);      /* what other rooms keep about a record that is erased: indexes; NULL: nothing */
	const struct hook_condition *conditions; size_t nconditions; const struct hook_effect *effects; size_t neffects;
	const struct hook_rule *rules; size_t nrules; const struct hook_check *checks; size_t nchecks; };
/* Scopes (policy.h) as facts about a record: own_unit is its unit; own_caseload: a task of the actor's desk names the record, or the record it belongs to. */

/* ---- copies at other nodes ----
   A node that holds a copy gets every later version. record_share says who shall have it; record_pack makes the messages (one for many records) and is called with the
   next tick. The owner alone makes versions; a copy says whose it is. */
/* A partner that was restored from a backup has lost what came after it: everything of ours that it holds goes to it again, whole. */
int record_share_again(struct work *, struct str node, struct err *);
int record_share(struct work *, const struct id *ids, size_t n, struct str node, struct err *);
int64_t record_held_by(struct work *, struct id, struct str node);                     /* does it get the versions of ours? 1, 0, -1 */
int record_hand_over(struct work *, struct id, struct str node, struct err *);      /* the version just written names the new owner; its rows go along */
int record_unshare(struct work *, struct id, struct str node, struct err *);          /* gets no further version */
int record_desk(struct work *, struct id, struct str unit, struct err *);             /* the desk at which a copy stands that has none yet */
int record_pack(struct work *, struct err *);                                        /* what is due to partners: kinds share and handover */
/* What a partner sent. *held: the version before it is missing. -1 with ERR_FORBIDDEN or ERR_FORMAT: refused. */
int record_receive(struct work *, struct str from, json_t *body, bool handover, bool *held, struct err *);
int proposal_receive(struct work *, struct str from, json_t *body, bool *held, struct err *);       /* kind propose */
int proposal_decided(struct work *, struct str from, json_t *body, struct err *);                   /* kind decide */
int record_erase_copies(struct work *, struct str from, json_t *body, struct err *);                /* kind erase */
/* What came from a partner and is still its own (received.c): from whom, for what, when its content came last, under which agreement (digest, empty: none), how many days it
   may stay (-1: no agreement limits it) and which agreement says so. 1, 0: it was not received, -1. */
struct received { struct str node, purpose; struct bytes agreement, limits; int64_t arrived, days; };
int record_received(struct work *, struct id, struct received *, struct err *);
/* May what came from partners leave again: to the partner `to`, or on paper to a body without a node (empty)? The giver itself and the owner always get what is theirs.
   ERR_SAFEGUARD, with a sentence that names the giver and what to do. */
int record_onward(struct work *, const struct id *ids, size_t n, struct str to, struct err *);
bool record_onward_may(struct work *, struct id, struct str to);      /* the same for one, without a refusal; false on error */
int record_received_of(struct work *, const struct type *, struct str but_from, size_t limit, struct id **ids, size_t *n, struct err *);      /* copies of a type, newest first; not those that this partner gave */

/* The entry of a refusal, a sign-in or another act that is about no record's content. */
int work_enter(struct work *, const struct entry *, struct err *);
#endif
