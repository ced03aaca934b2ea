#include "exchange/witness.h"
#include "web/html.h"
#include "web/pages.h"

/* The log of this office: anybody may fetch heads and hashes; lines only oversight (its people here, its node on the partner listener), or everybody where
   the office says so. */

static bool partner_oversees(struct work *w)
{
	struct partner p;
	return w->partner.n && partner_find(w, w->partner, &p, NULL) == 1 && str_is(p.kind, "oversight");
}

static bool oversees(const struct work *w)
{
	const struct role *role = w->actor.role.n ? policy_role(w->node->policy, w->actor.role) : NULL;
	return role && role->oversight;
}

static bool may_see_lines(struct work *w)
{
	return w->node->log_entries_public || oversees(w) || partner_oversees(w);
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

static void witness_line(struct html *h, const struct witness_state *s)
{
	html_put(h, MARKUP("<div>"));
	html_id(h, s->partner);
	html_put(h, MARKUP(" \u00b7 "));
	if (s->at_ms) {
		html_num(h, s->size);
		html_put(h, MARKUP(" \u00b7 "));
		html_time(h, s->at_ms);
	} else {
		html_t(h, N_("Not yet"));
	}
	html_put(h, MARKUP("</div>"));
}

/* Red is what needs people: nobody signed for an hour, or somebody saw another tree. */
static void witness_warnings(struct html *h, const struct witness_state *all, size_t n)
{
	bool late = false, fork = false;
	for (size_t i = 0; i < n; i++) {
		late = late || all[i].late;
		fork = fork || str_is(all[i].trouble, "fork") || str_is(all[i].trouble, "ahead");
	}
	if (fork)
		html_note(h, "bad", ICON_WARN, N_("A witness has seen another version of this log. Tell the oversight body and the data-protection officer now."));
	else if (late)
		html_note(h, "bad", ICON_WARN, N_("No witness has signed this log for more than an hour. Tell the oversight body."));
}

int log_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	struct note_key key = ledger_key(w->node->ledger);
	struct witness_state *witnesses;
	size_t n;
	if (witness_states(w, &witnesses, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Log"), .section = "log" });
	witness_warnings(&h, witnesses, n);
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
	for (size_t i = 0; i < n; i++)
		witness_line(&h, &witnesses[i]);
	if (n == 0)
		html_t(&h, N_("Not yet"));
	html_put(&h, MARKUP("</dd></dl><p class=\"small\"><a href=\"/log/checkpoint\">"));
	html_t(&h, N_("The newest signed head"));
	html_put(&h, MARKUP("</a> \u00b7 <a href=\"/erasures\">"));
	html_t(&h, N_("Erasures"));
	html_put(&h, MARKUP("</a>"));
	if (oversees(w)) {
		html_put(&h, MARKUP(" \u00b7 <a href=\"/searches\">"));
		html_t(&h, N_("Searches outside the own charge"));
		html_put(&h, MARKUP("</a> \u00b7 <a href=\"/openings\">"));
		html_t(&h, N_("Records opened for oversight"));
		html_put(&h, MARKUP("</a>"));
	}
	html_put(&h, MARKUP("</p></section>"));
	page_close(&h, a);
	return 0;
}
