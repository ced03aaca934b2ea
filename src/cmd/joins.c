#include "cmd/cmd.h"
#include "exchange/exchange.h"
#include "journey/journey.h"
#include "record/rotate.h"
#include "web/web.h"

/* The one table: name in a declaration -> function of a room; and every room's tables, routes and jobs. */

static const struct hook_condition CONDITIONS[] = {
	{ "mother_or_birth_known", mother_or_birth_known },
};
static const struct hook_effect EFFECTS[] = {
	{ "task_hear", task_hear },
};
const struct hooks JOINED_HOOKS = { .conditions = CONDITIONS, .nconditions = COUNT(CONDITIONS), .effects = EFFECTS, .neffects = COUNT(EFFECTS) };

const struct hook_name JOINED_NAMES[] = {
	{ "condition", "mother_or_birth_known" }, { "effect", "task_hear" },
	{ "rule", "under_18_or_presumed" }, { "rule", "age_band" },           /* record's own */
};
const size_t JOINED_NAMES_N = COUNT(JOINED_NAMES);

const struct migrations *const JOINED_MIGRATIONS[] = {
	&LEDGER_MIGRATIONS,
	&RECORD_MIGRATIONS,
	&WEB_MIGRATIONS,
};
const size_t JOINED_MIGRATIONS_COUNT = COUNT(JOINED_MIGRATIONS);

const struct route *const JOINED_ROUTES[] = {
	WEB_ROUTES,
	NULL,
};

const struct job_kind *const JOINED_JOBS[] = {
	&WEB_JOB_PASSWORD,
};
const size_t JOINED_JOBS_N = COUNT(JOINED_JOBS);

const struct wrapped_keys *const JOINED_WRAPPED[] = {      /* every column with a wrapped key, or a rotation would lose it */
	RECORD_WRAPPED,
	NULL,
};

const struct timer JOINED_TIMERS[] = {
	{ "rotation", 250, rotation_timer },
	{ 0 },
};
const size_t JOINED_TIMERS_N = COUNT(JOINED_TIMERS) - 1;

const struct kind_row JOINED_KINDS[] = {
	{ 0 },
};
