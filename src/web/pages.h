#ifndef WEB_PAGES_H
#define WEB_PAGES_H
/* The handlers, by subject; routes.c is the table that names them. */
#include "web/web.h"
#define HANDLER(name) int name(struct work *, const struct request *, struct response *, struct err *)
HANDLER(login_page);
HANDLER(login_do);
HANDLER(logout_page);
HANDLER(logout_do);
HANDLER(language_set);
HANDLER(purpose_page);
HANDLER(purpose_do);
HANDLER(asset_get);
HANDLER(health_get);
HANDLER(today_page);
HANDLER(list_page);
HANDLER(record_page);
HANDLER(record_new_page);
HANDLER(record_new_do);
HANDLER(record_edit_page);
HANDLER(record_edit_do);
HANDLER(record_move_page);
HANDLER(record_move_do);
HANDLER(record_log_page);
HANDLER(proposal_page);
HANDLER(proposal_do);
HANDLER(erasures_page);
HANDLER(log_page);
HANDLER(log_get);
HANDLER(nominal_list_page);
HANDLER(list_families_page);
HANDLER(list_families_do);
HANDLER(list_fit_do);
HANDLER(vetting_page);
HANDLER(vetting_answers_do);
HANDLER(vetting_decisions_do);
HANDLER(vetting_send_do);
HANDLER(convoys_page);
HANDLER(convoy_page);
HANDLER(convoy_plan_do);
HANDLER(convoy_legs_do);
HANDLER(checkpoint_do);
HANDLER(boarding_page);
HANDLER(boarding_do);
HANDLER(boarding_reserve_do);
HANDLER(boarding_move_do);
HANDLER(boarding_seal_do);
HANDLER(roll_page);
HANDLER(cards_page);
HANDLER(crossing_page);
HANDLER(handover_do);
HANDLER(checkin_page);
HANDLER(checkin_find_do);
HANDLER(checkin_family_page);
HANDLER(checkin_family_do);
HANDLER(checkin_unlisted_page);
HANDLER(checkin_unlisted_do);
HANDLER(reconcile_page);
HANDLER(explain_do);
HANDLER(api_list);
HANDLER(api_get);
#undef HANDLER
#endif
