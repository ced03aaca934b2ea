#include "cmd/certificate.h"
#include "exchange/channel.h"
#include "exchange/competence.h"
#include "exchange/forward.h"
#include "exchange/letter.h"
#include "exchange/recall.h"
#include "exchange/records.h"
#include "exchange/witness.h"
#include "exchange/handed.h"
#include "exchange/opened.h"
#include "exchange/notice.h"
#include "exchange/room.h"
#include "match/like.h"
#include "exchange/exchange.h"
#include "journey/import.h"
#include "journey/journey.h"
#include "record/clock.h"
#include "journey/people.h"
#include "journey/search.h"
#include "record/retention.h"
#include "record/rotate.h"
#include "report/sheet.h"
#include "web/web.h"

/* The one table: name in a declaration -> function of a room; and every room's tables, routes and jobs. */

#define ROW(name) { #name, name },
static const struct hook_condition CONDITIONS[] = {
	ROW(mother_or_birth_known)
	ROW(boarded_here)
	ROW(somebody_boarded)
	ROW(has_rows)
	ROW(informed)
	ROW(consent_in_force)
	ROW(row_ready)
	ROW(person_on_no_approved_row)
	ROW(guardian_travels)
	ROW(list_frozen)
	ROW(boarding_lists_sealed)
	ROW(every_list_reconciled)
	ROW(no_unexplained_difference)
	ROW(adult)
	ROW(answer_given)
	ROW(handover_signed)
	ROW(legs_unloaded)
	ROW(own_convoy)
	ROW(leg_loading)
	ROW(every_seat_marked)
	ROW(guardians_aboard)
	ROW(head_count_equals_list)
	ROW(count_given)
	ROW(present_confirmed)
	ROW(decision_given)
	ROW(decided_same)
	ROW(same_batch_same_node)
	ROW(on_no_open_row)
	ROW(reason_complete)
	ROW(own_office)
	ROW(about_a_person)
	ROW(ground_not_owed)
	ROW(review_wanted)
	ROW(room_dates)
	ROW(room_of_two_offices)
	ROW(rfi_lawful)
	ROW(life_in_danger)
	ROW(reply_complete)
	ROW(nothing_known)
	ROW(not_own_act)
	ROW(may_forward)
	ROW(request_known)
	ROW(copies_back)
	ROW(copies_lost)
};
/* What was disclosed of it ends everywhere. The answer of a vetting office is no record where it went: it has its own way. */
static int annulled(struct work *w, const struct record *r, struct err *err)
{
	return str_is(r->type->name, "vetting_check") ? vetting_annulled(w, r, err) : recall_disclosures(w, r, err);
}

static const struct hook_effect EFFECTS[] = {
	ROW(task_hear)
	ROW(split_household)
	ROW(withdraw_rows)
	ROW(withdraw_consent)
	ROW(withdrawal_receipt)
	ROW(hear_again)
	ROW(card_index)
	ROW(prepare_list)
	ROW(set_camp_ready)
	ROW(merge_persons)
	ROW(part_persons)
	ROW(ask_registry)
	ROW(share_competence)
	ROW(approve_ready_rows)
	ROW(number_amendment)
	ROW(publish_digest)
	ROW(open_vetting_requests)
	ROW(mark_row)
	ROW(sign_boarding_list)
	ROW(task_register_newborn)
	ROW(take_over_person)
	ROW(task_child_not_listed)
	ROW(open_difference)
	ROW(show_reason)
	ROW(open_checkins)
	{ "count_from_boarding", reconciled },
	ROW(person_index)
	ROW(send_notice)
	ROW(close_notice)
	ROW(ride_along)
	ROW(recall_notice)
	ROW(note_reviewed)
	ROW(send_rfi)
	ROW(send_reply)
	ROW(open_review)
	ROW(open_rest)
	ROW(forward_rfi)
	ROW(link_request)
	ROW(recall_disclosure)
	{ "recall_disclosures", annulled },
	ROW(renew_room)
	ROW(seal_room)
};
static const struct hook_rule RULES[] = {
	ROW(least_advanced)
	ROW(count_families)
	ROW(count_persons)
	ROW(name_of_person)
	ROW(amendment_number)
	ROW(ready_of_both)
	ROW(care_counts)
	ROW(seats_expected)
};
static const struct hook_check CHECKS[] = {
	ROW(card_code)
	ROW(name_like_words)
};
/* What services do with a copy that came, and with what they keep about a record that is erased. */
static int arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	return journey_arrived(w, r, before, err) < 0 || notice_arrived(w, r, before, err) < 0 || room_arrived(w, r, before, err) < 0 ? -1 : channel_arrived(w, r, before, err);
}

static int written(struct work *w, const struct record *r, const json_t *values, struct err *err)
{
	return people_written(w, r, values, err) < 0 ? -1 : ride_written(w, r, err);
}

static int erased(struct work *w, struct id record, struct err *err)
{
	return journey_erased(w, record, err) < 0 || notice_erased(w, record, err) < 0 || forward_erased(w, record, err) < 0 ? -1 : recall_erased(w, record, err);
}

const struct hooks JOINED_HOOKS = { .conditions = CONDITIONS, .nconditions = COUNT(CONDITIONS), .effects = EFFECTS, .neffects = COUNT(EFFECTS), .rules = RULES,
	.nrules = COUNT(RULES), .checks = CHECKS, .nchecks = COUNT(CHECKS),
	.line = { exchange_line_send, exchange_line_of_kind, exchange_allows, exchange_line_kind_of, exchange_line_pair_mac, channel_handling, exchange_line_terms, exchange_line_onward, recall_stands },
	.line_full = exchange_line_full, .on_duty = on_duty,
	.arrived = arrived, .written = written, .erased = erased,
	.custody = custody_tell, .opened = opened_tell, .embargoed = journey_embargoed };

/* Names that a declaration may use: those of the tables above, and record's own rules. */
static const char *const OWN_RULES[] = { "under_18_or_presumed", "age_band" };

bool hook_joined(const char *kind, struct str name)
{
#define FOUND(word, table) \
	for (size_t i = 0; strcmp(kind, word) == 0 && i < COUNT(table); i++) \
		if (str_is(name, table[i].name)) \
			return true;
	FOUND("condition", CONDITIONS)
	FOUND("effect", EFFECTS)
	FOUND("rule", RULES)
	FOUND("check", CHECKS)
	for (size_t i = 0; strcmp(kind, "rule") == 0 && i < COUNT(OWN_RULES); i++)
		if (str_is(name, OWN_RULES[i]))
			return true;
	return false;
}
const struct migrations *const JOINED_MIGRATIONS[] = {
	&LEDGER_MIGRATIONS,
	&RECORD_MIGRATIONS,
	&JOURNEY_MIGRATIONS,
	&EXCHANGE_MIGRATIONS,
	&REPORT_MIGRATIONS,
	&WEB_MIGRATIONS,
	&WITNESS_MIGRATIONS,
	&IMPORT_MIGRATIONS,
	&SEARCH_MIGRATIONS,
};
const size_t JOINED_MIGRATIONS_COUNT = COUNT(JOINED_MIGRATIONS);

const struct route *const JOINED_ROUTES[] = {
	WEB_ROUTES,
	EXCHANGE_ROUTES,
	WITNESS_ROUTES,
	IMPORT_ROUTES,
	SEARCH_ROUTES,
	NULL,
};

const struct job_kind *const JOINED_JOBS[] = {
	&WEB_JOB_PHOTO,
	&WEB_JOB_PASSWORD,
	&WEB_JOB_PASSWORD_NEW,
	&REPORT_JOB_XLSX,
	&IMPORT_JOB_READ, &IMPORT_JOB_CHECK, &IMPORT_JOB_WRITE,
};
const size_t JOINED_JOBS_N = COUNT(JOINED_JOBS);

const struct wrapped_keys *const JOINED_WRAPPED[] = {      /* every column with a wrapped key, or a rotation would lose it */
	RECORD_WRAPPED,
	EXCHANGE_WRAPPED,
	IMPORT_WRAPPED,
	FACTOR_WRAPPED,
	SEARCH_WRAPPED,
	NULL,
};

/* What waits to leave: answers of the vetting office, versions that holders of copies are due, then the messages themselves. */
static int outbox_timer(struct work *w, struct err *err)
{
	return vetting_returns(w, err) < 0 || record_pack(w, err) < 0 || erasures_pack(w, err) < 0 ? -1 : exchange_send(w, err);
}

/* Requests and replies of the official channel are records; questions to the vetting office and its answers are not. */
static int kind_request(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	json_t *body = arrived_body(w, a, err);
	bool held = false;
	int rc = !body ? -1 : json_object_get(body, "records") ? channel_request(w, a, body, &held, err) : vetting_receive(w, a->from, body, err);
	return verdict_of(w, rc, held, v, why, err);
}

static int kind_reply(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	json_t *body = arrived_body(w, a, err);
	bool held = false;
	int rc = !body ? -1 : json_object_get(body, "records") ? channel_reply(w, a, body, &held, err) : vetting_answered(w, a->from, body, err);
	return verdict_of(w, rc, held, v, why, err);
}

/* An answer of the vetting office that is taken back is no record here, but the row that it made ready is. */
static int kind_recall_any(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	json_t *body = arrived_body(w, a, err);
	return !body || vetting_recalled(w, a->from, body, err) < 0 ? verdict_of(w, -1, false, v, why, err) : kind_recall(w, a, v, why, err);
}

const struct timer JOINED_TIMERS[] = {
	{ "outbox", 500, outbox_timer },
	{ "notices", 5000, notices_timer },
	{ "held", 600000, held_retry },
	{ "rotation", 250, rotation_timer },
	{ "witness", WITNESS_EVERY_MS, witness_timer },
	{ "retention", 500, retention_timer },
	{ "certificate", 2000, certificate_timer },
	{ "clock", 500, clock_timer },
	{ "logistics", 5000, logistics_timer },
	{ "import", 500, import_timer },
	{ "people", 1000, people_timer },
	{ "search", 60000, search_timer },
	{ "twins", 1000, duplicates_timer },
	{ 0 },
};
const size_t JOINED_TIMERS_N = COUNT(JOINED_TIMERS) - 1;

const struct kind_row JOINED_KINDS[] = {
	{ "agreement", kind_agreement },
	{ "share", kind_share },
	{ "update", kind_share },
	{ "handover", kind_handover },
	{ "propose", kind_propose },
	{ "decide", kind_decide },
	{ "erase", kind_erase },
	{ "notice", kind_notice },
	{ "recall", kind_recall_any },
	{ "room", kind_room },
	{ "request", kind_request },
	{ "reply", kind_reply },
	{ 0 },
};
