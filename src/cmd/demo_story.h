#ifndef CMD_DEMO_STORY_H
#define CMD_DEMO_STORY_H
/* What the parts of the demo's story share: who plays, what a batch's journey knows, and the steps of each place. A step is done by an officer through the forms of her own
   node; it returns 0, or -1 with the reason in carry.err. */
#include "cmd/demo.h"
#include "cmd/demo_http.h"
#include "cmd/demo_people.h"

#define DAY_MS (24LL * 3600 * 1000)
#define STEP_BYTES ((size_t)96 << 20)
#define WAIT_MS 180000

enum officer { CAMP_REGISTRAR, CAMP_MANAGER, CAMP_PROTECTION, CAMP_BORDER, MOMD_OFFICER, MOMD_SUPERVISOR, MOMD_BORDER, MOMD_LEAD, VETTER, VETTING_SUPERVISOR, CENTRE_REGISTRAR,
	CENTRE_MANAGER, OFFICERS };
struct journey { const struct demo_batch *batch; struct demo_family *families; size_t nfamilies, nhouseholds; struct str *households; struct str list, batch_id, convoy, *legs; size_t *aboard /* of each leg */; int64_t day_ms; size_t nlegs, boarded; };
struct carry { struct arena *mem; int64_t began_ms; struct visitor at[OFFICERS]; struct journey j[8]; size_t n /* that travel; one more stays at draft */; struct str *adults; size_t nadults, adults_max; bool say; struct err *err; const char *step; };

/* A line for each step, where it is wanted. */
void story_said(const struct carry *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- general (demo_steps.c) ---- */
/* The hour of the journey's day, as it would be written on paper. */
struct str story_hour(struct arena *mem, const struct journey *j, int days, int h, int m);
size_t story_persons_of(const struct journey *j);
size_t story_adults_of(const struct journey *j);
int story_create(struct arena *mem, struct visitor *v, const char *type, struct form *f, struct str *id, struct err *err);
/* The ids that follow a mark on a page. */
size_t story_values_of(struct arena *mem, struct str body, struct str mark, struct str *out, size_t max);
/* Says yes to everything that waits for this officer; *n: how many. */
int story_agree(struct carry *c, enum officer who, size_t *n);
/* Until the record has the state, the other office says yes to what reaches it. */
int story_agreed(struct carry *c, enum officer who, enum officer owner, const char *type, struct str id, const char *state);
int story_move_by(struct carry *c, enum officer who, const char *type, struct str id, const char *move, struct str at);
int story_became(struct carry *c, enum officer who, const char *type, struct str id, const char *state);
int story_post_simple(struct carry *c, enum officer who, struct str path, const char *const *pairs, struct str at);

/* ---- the camp (demo_camp.c) ---- */
/* All lists; then who lives where, and which adults wait to be heard. */
int story_register_all(struct carry *c);
/* A share of those who wait: as many officers hear at the same time as there are desks. */
int story_hear_some(struct carry *c, struct journey *j);
int story_draft_list(struct carry *c, struct journey *j, bool submit);

/* ---- the ministry and the vetting office (demo_desk.c) ---- */
int story_number_batch(struct carry *c, struct journey *j);
int story_ask_vetting(struct carry *c);
/* Until every question was answered by one officer and agreed to by another. */
int story_vet(struct carry *c, size_t adults, size_t *done);
int story_approve(struct carry *c, struct journey *j);
/* Level 1 leaves by two persons of the return desk. */
int story_release(struct carry *c);

/* ---- the road (demo_road.c) ---- */
int story_seat(struct carry *c, struct journey *j);
int story_clear_convoy(struct carry *c, struct journey *j);
int story_load_and_go(struct carry *c, struct journey *j);
int story_cross(struct carry *c, struct journey *j);

/* ---- the centre (demo_centre.c) ---- */
int story_check_in(struct carry *c, struct journey *j, size_t *families, size_t *persons);
int story_arrive(struct carry *c, struct journey *j);
/* The centre's manager asks; the ministry's node counts, and says no as long as somebody's check-in is still on the way. */
int story_reconcile(struct carry *c, struct journey *j);
int story_counted(struct carry *c, struct journey *j);
#define PAIRS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#endif
