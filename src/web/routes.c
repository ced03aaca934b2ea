#include "web/pages.h"

#define KIB ((size_t)1024)

const struct route WEB_ROUTES[] = {
	{ GET, "/", PERMIT_SIGNED_IN, false, 0, today_page, N_("Today"), { 0 } },
	{ GET, "/login", PERMIT_ANYBODY, false, 0, login_page, N_("Sign in"), { 0 } },
	{ POST, "/login", PERMIT_ANYBODY, false, 4 * KIB, login_do, N_("Sign in"), { 0 } },
	{ GET, "/logout", PERMIT_SIGNED_IN, false, 0, logout_page, N_("Sign out"), { 0 } },
	{ POST, "/logout", PERMIT_SIGNED_IN, false, 4 * KIB, logout_do, N_("Sign out"), { 0 } },
	{ GET, "/language", PERMIT_ANYBODY, false, 0, language_set, N_("Language"), { 0 } },
	{ GET, "/assets/*", PERMIT_ANYBODY, false, 0, asset_get, N_("Files of the pages"), { 0 } },
	{ GET, "/health", PERMIT_ANYBODY, false, 0, health_get, N_("Health"), { 0 } },
	{ GET, "/today", PERMIT_SIGNED_IN, false, 0, today_page, N_("Today"), { 0 } },
	{ GET, "/purpose", PERMIT_SIGNED_IN, false, 0, purpose_page, N_("Purpose"), { 0 } },
	{ POST, "/purpose", PERMIT_SIGNED_IN, false, 4 * KIB, purpose_do, N_("Purpose"), { 0 } },
	{ GET, "/r/:type", PERMIT_SIGNED_IN, true, 0, list_page, N_("List"), { 0 } },
	{ GET, "/r/:type/new", PERMIT_SIGNED_IN, true, 0, record_new_page, N_("Add"), { 0 } },
	{ POST, "/r/:type/new", PERMIT_SIGNED_IN, true, 256 * KIB, record_new_do, N_("Add"), { 0 } },
	{ GET, "/r/:type/:id", PERMIT_SIGNED_IN, true, 0, record_page, N_("Record"), { 0 } },
	{ GET, "/r/:type/:id/edit", PERMIT_SIGNED_IN, true, 0, record_edit_page, N_("Correct or complete"), { 0 } },
	{ POST, "/r/:type/:id/edit", PERMIT_SIGNED_IN, true, 256 * KIB, record_edit_do, N_("Correct or complete"), { 0 } },
	{ GET, "/r/:type/:id/move/:move", PERMIT_SIGNED_IN, true, 0, record_move_page, N_("Move"), { 0 } },
	{ POST, "/r/:type/:id/move/:move", PERMIT_SIGNED_IN, true, 16 * KIB, record_move_do, N_("Move"), { 0 } },
	{ GET, "/r/:type/:id/log", PERMIT_SIGNED_IN, true, 0, record_log_page, N_("Who saw this"), { 0 } },
	{ GET, "/proposals/:id", PERMIT_SIGNED_IN, false, 0, proposal_page, N_("Approval by a second person"), { 0 } },
	{ POST, "/proposals/:id", PERMIT_SIGNED_IN, false, 16 * KIB, proposal_do, N_("Approval by a second person"), { 0 } },
	{ GET, "/log", PERMIT_SIGNED_IN, false, 0, log_page, N_("Log"), { 0 } },
	{ GET, "/log/*", PERMIT_ANYBODY, false, 0, log_get, N_("Files of the log"), { 0 } },
	{ GET, "/api/1/:type", PERMIT_SIGNED_IN, true, 0, api_list, N_("List"), { 0 } },
	{ GET, "/api/1/:type/:id", PERMIT_SIGNED_IN, true, 0, api_get, N_("Record"), { 0 } },
	{ 0 },
};
