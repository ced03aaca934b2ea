#include "web/html.h"
#include "web/pages.h"

/* The log of this office: anybody may fetch heads and hashes; lines only oversight, or everybody where the office says so. */

static bool may_see_lines(struct work *w)
{
	const struct role *role = w->actor.role.n ? policy_role(w->node->policy, w->actor.role) : NULL;
	return w->node->log_entries_public || (role && role->oversight);
}

int log_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	bool immutable;
	if (ledger_http(w->mem, w->node->ledger, w->tx, request_param(q, "*"), may_see_lines(w), &a->body, &a->type, &immutable, err) < 0)
		return -1;
	a->immutable = immutable;
	page_headers(a);
	return 0;
}

int log_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	(void)err;
	struct note_key key = ledger_key(w->node->ledger);
	struct str witnessed = ledger_checkpoint(w->mem, w->tx, true);
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Log"), .section = "log" });
	html_put(&h, MARKUP("<section class=\"panel stack\"><p>"));
	html_t(&h, N_("Every access and every disclosure of this office is an entry in this log. Entries hold no names. Nobody can change or remove one without it being noticed."));
	html_put(&h, MARKUP("</p><dl class=\"kv\"><dt>"));
	html_t(&h, N_("Entries"));
	html_put(&h, MARKUP("</dt><dd>"));
	html_num(&h, (int64_t)ledger_size(w->node->ledger));
	html_put(&h, MARKUP("</dd><dt>"));
	html_t(&h, N_("Verifier key"));
	html_put(&h, MARKUP("</dt><dd>"));
	html_id(&h, note_key_text(w->mem, &key));
	html_put(&h, MARKUP("</dd><dt>"));
	html_t(&h, N_("Witnessed"));
	html_put(&h, MARKUP("</dt><dd>"));
	html_t(&h, witnessed.n ? N_("Yes") : N_("Not yet"));
	html_put(&h, MARKUP("</dd></dl><p class=\"small\"><a href=\"/log/checkpoint\">"));
	html_t(&h, N_("The newest signed head"));
	html_put(&h, MARKUP("</a></p></section>"));
	page_close(&h, a);
	return 0;
}
