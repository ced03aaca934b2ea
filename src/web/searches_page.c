#include "journey/search.h"
#include "web/pages.h"
#include "web/parts.h"

/* What oversight sees of searches outside the own charge. */
#define WIDE_SHOWN 200

static struct str reason_label(struct work *w, struct str reason)
{
	for (size_t i = 0; i < w->node->types->ncodes; i++) {
		const struct code *c = str_is(w->node->types->codes[i].name, "wide_reason") ? code_find(&w->node->types->codes[i], reason) : NULL;
		if (c)
			return tr(w->lang, str_z(w->mem, c->label));
	}
	return reason;
}

int searches_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const C[] = { N_("Time"), N_("Role"), N_("Purpose"), N_("Why"), N_("Candidates shown") };
	struct columns c = { C, COUNT(C) };
	struct wide_search *s;
	size_t n;
	(void)q;
	if (search_wide_list(w, WIDE_SHOWN, &s, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Searches outside the own charge"), .section = "log" });
	para(&h, "muted", N_("Each is an entry of the log; no name stands here or there."));
	if (n == 0)
		html_note(&h, "ok", ICON_CHECK, N_("Nobody has searched outside the own charge."));
	html_put(&h, MARKUP("<section class=\"panel flush\">"));
	table_open(&h, c);
	for (size_t i = 0; i < n; i++) {
		const struct role *role = policy_role(w->node->policy, s[i].role);
		const struct purpose *p = policy_purpose(w->node->policy, s[i].purpose);
		row_open(&h);
		cell_open(&h, c, 0);
		html_time(&h, s[i].at);
		cell_close(&h, 0);
		cell_text(&h, c, 1, role ? tr(w->lang, str_z(w->mem, role->title)) : s[i].role);
		cell_text(&h, c, 2, p ? tr(w->lang, str_z(w->mem, p->title)) : s[i].purpose);
		cell_text(&h, c, 3, reason_label(w, s[i].reason));
		cell_num(&h, c, 4, s[i].shown);
		row_close(&h);
	}
	table_close(&h);
	html_put(&h, MARKUP("</section>"));
	page_close(&h, a);
	return 0;
}
