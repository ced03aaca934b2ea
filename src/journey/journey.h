#ifndef JOURNEY_JOURNEY_H
#define JOURNEY_JOURNEY_H
/* journey: what families go through, from registration to check-in. A function here is about people on the way; how records are kept, who may see them and how they
   travel between nodes is record's business.

   Three kinds of function. Hooks, which declarations name (conditions, effects, rules, checks; src/cmd/joins.c is the table). Acts over many records that a page makes
   at once: add families to a list, seat a convoy, mark a bus, check in a family. Counts that pages show: nothing here is kept twice, every number is counted from rows.

   Travel is decided per row: no function asks whether a relative is ready, wants to go or is there. One exception is a rule for children: a child goes with the
   guardian (DOMAIN 2). */
#include "record/record.h"

extern const struct migrations JOURNEY_MIGRATIONS;

#define CONDITION(name) int name(struct work *, const struct record *, struct err *)
#define EFFECT(name) int name(struct work *, const struct record *, struct err *)
#define RULE(name) json_t *name(struct work *, const struct grant *, size_t i, const struct tfield *)

/* ---- registration, consent ---- */
CONDITION(mother_or_birth_known);       /* enough to tell two people of one name apart */
EFFECT(task_hear);                      /* an adult who was registered waits to be heard alone by the protection desk */
CONDITION(boarded_here);                /* her seat on a sealed bus says boarded */
CONDITION(somebody_boarded);            /* of the family */
EFFECT(split_household);                /* those who did not travel get a family of their own at the camp */
EFFECT(withdraw_rows);                  /* her open rows follow her word */
EFFECT(withdraw_consent);               /* and her consent follows her row, where she said it on the road */
EFFECT(withdrawal_receipt);             /* a letter for her, in her language */
EFFECT(hear_again);                     /* her wish lapsed: it is asked again */
const char *card_code(const struct work *, const struct tfield *, const json_t *);
/* A random code for a family card: 8 signs, the last a check (DESIGN 10). */
struct str card_new(struct arena *, const struct source *);
/* As typed, scanned ("JISR1:W390696Y") or read aloud; the canonical "W390-696Y". -1: no such code can exist. */
int card_parse(struct arena *, struct str typed, struct str *code);
/* The family whose card it is, among those on lists here: 1, 0, -1. Void after check-in. */
int card_find(struct work *, struct str code, struct id *household, struct err *);
EFFECT(card_index);                     /* keeps the code of a family findable */

int logistics_timer(struct work *, struct err *);      /* logistics.c: numbers of the convoys for partners of kind support */

/* ---- lists ---- */
CONDITION(has_rows);
CONDITION(informed);                    /* at least one adult was told that a vetting office is asked; the others are not sent to it */
CONDITION(consent_in_force);            /* the adult's own wish, or for a child her guardian's */
CONDITION(row_ready);
CONDITION(guardian_travels);
CONDITION(list_frozen);
CONDITION(person_on_no_approved_row);
CONDITION(boarding_lists_sealed);
CONDITION(every_list_reconciled);
CONDITION(no_unexplained_difference);
EFFECT(set_camp_ready);                 /* the camp says so after the list has left */
EFFECT(prepare_list);                   /* at submit: readiness as the camp knows it, cards, copies of the people for the ministry */
EFFECT(approve_ready_rows);
EFFECT(number_amendment);               /* of a frozen list: number, reserve row, new digest, a task to review it */
EFFECT(publish_digest);                 /* digest of the rows; copies for the camp and the centre */
RULE(least_advanced);
RULE(count_families);
RULE(count_persons);
RULE(name_of_person);
RULE(amendment_number);
RULE(ready_of_both);
/* Puts the members of families on a draft list, each as a row of her own; those on an open list already are left out. */
int list_add(struct work *, struct id list, const struct id *households, size_t n, size_t *added, struct err *);
/* The families here that are on no open list, in the order of their registration. */
int list_candidates(struct work *, struct id **households, size_t *n, struct err *);
/* From the clinic's paper: fit to travel, for rows of a draft list. */
/* At the camp, of a list that left for the ministry: rows that became ready here since; and telling the ministry so, row by row. ERR_CONFLICT: one of them is none any more. */
int list_late(struct work *, struct id list, struct id **rows, size_t *n, struct err *);
int list_late_ready(struct work *, struct id list, const struct id *rows, size_t n, struct err *);
int list_fit(struct work *, struct id list, const struct id *rows, size_t n, struct str fit, struct err *);

/* ---- vetting: identity of adults only, no family, no batch; the answer is ready or not yet ---- */
CONDITION(adult);
CONDITION(answer_given);
EFFECT(open_vetting_requests);
/* Sends the drafts, shuffled, once there are 100 or the oldest is a day old. *sent 0: they wait. */
int vetting_send(struct work *, size_t *sent, size_t *waiting, struct err *);
int vetting_receive(struct work *, struct str from, json_t *body, struct err *);       /* kind request, at the vetting office */
int vetting_answered(struct work *, struct str from, json_t *body, struct err *);      /* kind reply, at the ministry */
int vetting_annulled(struct work *, const struct record *check, struct err *);         /* the answer is recalled, the question shredded */
int vetting_recalled(struct work *, struct str from, json_t *body, struct err *);       /* at the ministry: before the copies end (kind recall) */
int vetting_returns(struct work *, struct err *);                                      /* timer: decided answers go back, many in a message */
/* One officer's answers, then one supervisor's yes: up to 300 each time. */
#define VETTING_MAX 300
int vetting_answer(struct work *, const struct id *checks, const bool *ready, size_t n, struct err *);
int vetting_approve(struct work *, const struct id *checks, size_t n, bool yes, struct str reason, struct err *);

/* ---- convoy ---- */
CONDITION(handover_signed);
CONDITION(legs_unloaded);
CONDITION(leg_loading);
CONDITION(every_seat_marked);
CONDITION(guardians_aboard);            /* no child boarded whose guardian is not on the convoy */
CONDITION(head_count_equals_list);
CONDITION(count_given);
/* The hand-over at the border: one for a convoy, written by the giving post, signed by it and (as a proposal) by the other post. It carries the digest of the sealed
   boarding lists. ERR_CONFLICT: handed over already. */
struct handover_said { struct str place, receiving_node, receiving_unit, remark; int64_t count; bool children_asked, health_check; };
int handover_make(struct work *, struct id convoy, const struct handover_said *, struct id *handover, struct err *);
CONDITION(own_convoy);
EFFECT(ride_along);                     /* a vehicle goes to the node that rides with the convoy: convoy and lists go too */
EFFECT(mark_row);
EFFECT(sign_boarding_list);
EFFECT(task_register_newborn);
RULE(care_counts);
RULE(seats_expected);
/* The node that rides with a convoy, by its vehicles: 1, 0 none, -1. */
int convoy_rider(struct work *, struct id convoy, struct str *node, struct err *);
bool rider_gets_names(struct work *, struct str node);                 /* does an agreement let this office name people to it? */
int ride_written(struct work *, const struct record *, struct err *);  /* at the node that rides: what it adds goes to both ends */
/* Seats for everybody on an approved row of the convoy's lists, families side by side, a child never without the guardian. Seats that were planned before and not
   marked are planned anew. ERR_SAFEGUARD with the reason: too few seats. */
int seats_plan(struct work *, struct id convoy, struct err *);
int seat_move(struct work *, struct id seat, struct id leg, struct err *);            /* with her children, where she is a guardian */
int seat_reserve(struct work *, struct id leg, struct id row, struct err *);          /* a reserve row boards */
int rows_left_out(struct work *, struct id convoy, struct id **rows, size_t *n, struct err *);       /* of its lists: neither approved nor withdrawn */
int seats_reserves(struct work *, struct id convoy, struct id **rows, size_t *n, struct err *);      /* approved reserve rows without a seat */
enum mark { MARK_BOARD, MARK_MISS, MARK_WITHDRAW, MARK_NEWBORN, MARKS };
const char *mark_word(enum mark);                                                     /* "board" */
int seats_mark(struct work *, struct id leg, const struct id *seats, const enum mark *, size_t n, struct str own_word, struct err *);

/* ---- arrival ---- */
CONDITION(present_confirmed);
CONDITION(decision_given);
/* Two records that are one person (merge.c). Of a claim: decided_same, and whether this office alone may merge them; of the person whose record ends: on no open list. */
CONDITION(decided_same);
CONDITION(same_batch_same_node);
CONDITION(on_no_open_row);
EFFECT(merge_persons);
EFFECT(part_persons);
EFFECT(ask_registry);
/* The registry merged two records, and a list stood in the way here: does ours still wait; and ending it now. */
int claim_waits(struct work *, const struct record *claim, bool *waits, struct err *);
int claim_carry_out(struct work *, struct id claim, struct err *);
/* Records that go on as this one; as which one this goes on. */
int merged_from(struct work *, struct id person, struct id **ids, size_t *n, struct err *);
bool merged_into(struct work *, struct id person, struct id *goes_on);
struct id merged_as(struct work *, struct id person);       /* the record that goes on; herself where none does */
CONDITION(reason_complete);
EFFECT(take_over_person);
EFFECT(task_child_not_listed);
EFFECT(open_difference);
EFFECT(show_reason);
EFFECT(open_checkins);                  /* one expected check-in for each boarded seat, at the centre */
/* A family at the desk: present or not, for each check-in. method: code identity_method. */
int checkin_mark(struct work *, const struct id *checkins, const bool *present, size_t n, struct str method, struct err *);
/* Somebody who is on no list: registered here; a child opens a task for the child-protection officer. */
int checkin_unlisted(struct work *, struct id convoy, struct id person, struct err *);
/* The family's check-ins of its newest convoy; none: nobody of it is expected here. */
int checkins_of_family(struct work *, struct id household, struct id **ids, size_t *n, struct err *);
/* Convoys whose people are expected at this desk. */
int convoys_expected(struct work *, struct id *out, size_t max, size_t *n, struct err *);
/* Check-ins of those convoys whose person has what was typed, in any script, best first: the names process is asked among them (people.h). Only what the page shows of a hit is
   read for the ledger. */
int checkin_search(struct work *, struct str typed, struct id *out, size_t max, size_t *n, struct err *);
/* The family of each check-in; none for somebody who is on no list. */
int checkin_households(struct work *, const struct id *checkins, size_t n, struct id *households, struct err *);
/* A reason of the closed list; hospital asks where. */
int difference_explain(struct work *, struct id difference, struct str reason, struct str where, struct err *);
/* Taken over by an authority: what is asked for stands under the justice side; tells legal aid, the family's desk and child protection. */
struct taken { struct str authority, place, at, order_number, officer; };
int difference_taken_over(struct work *, struct id difference, const struct taken *, struct err *);

/* ---- counts ---- */
/* One vehicle: listed - not_come - withdrew + reserve + newborns = boarded, as soon as nobody is unmarked. */
struct leg_tally { size_t listed, not_come, withdrew, reserve, newborns, boarded, unmarked; };
int tally_leg(struct work *, struct id leg, struct leg_tally *, struct err *);
struct tally { size_t families, persons, boarded, newborns, arrived, explained, open; };      /* boarded = arrived + explained + open */
int tally_convoy(struct work *, struct id convoy, struct tally *, struct err *);
struct family_tally { struct id household, head; size_t boarded, arrived, explained, open; };
int tally_families(struct work *, struct id convoy, struct family_tally **out, size_t *n, struct err *);
/* Head counts by place, for the convoy's page and the crossing. */
/* Who boarded, as a statistic needs it: no name. Newborns come as persons without sex and birth, of their mother's area. */
struct counted_person { struct str area, birth; int sex; bool newborn; };
struct counted_list { struct id batch, convoy; int64_t batch_no, arrived_ms, families; struct str origin, destination; struct counted_person *people; size_t n; };
int list_counted(struct work *, struct id list, struct counted_list *, struct err *);
EFFECT(count_from_boarding);            /* at reconcile: families and persons of list and batch */

/* What a copy that came sets in motion here: rows that were submitted, a list that was frozen, a convoy that left. */
int journey_erased(struct work *, struct id record, struct err *);      /* hook `erased`: the card and the reference of a request go with the record */
int journey_arrived(struct work *, const struct record *, struct str state_before, struct err *);
/* Plan, state, times and places stay inside until 72 hours after the arrival. */
bool journey_embargoed(struct work *, const struct record *);
#endif
