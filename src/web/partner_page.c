#include "exchange/exchange.h"
#include "record/back.h"
#include "web/html.h"
#include "web/pages.h"
#include "web/parts.h"
#include "web/session.h"
#include "web/table.h"

/* How the lines to partners stand: for those who keep them open, and for those who watch. */
#define LOOK "ADMIN DPO OVERSIGHT"
static const struct { const char *trouble, *kind, *label; } TROUBLE[] = {
	{ "", "ok", N_("Open") }, { "silent", "warn", N_("Does not answer") }, { "busy", "warn", N_("Busy") }, { "stranger", "bad", N_("Does not know this office") },
	{ "answer", "bad", N_("Answers what cannot be verified") }, { "epoch", "bad", N_("Was restored from a backup") }, { "fork", "bad", N_("Holds our line: two versions") },
	{ "agreement", "warn", N_("Has no agreement in force") }, { "parent_missing", "info", N_("Waits for what comes before") }, { "fault", "bad", N_("Has a fault with a message") },
};

static int may(struct work *w, struct err *err)
{
	if (role_among(w->actor.role, LOOK))
		return 0;
	w->refusal.reason = STR("role");
	return err_say(err, ERR_FORBIDDEN, N_("The lines are for administrators, data protection and oversight."), NULL);
}

static struct str state_of(const struct html *h, const struct line_state *s, const char **kind)
{
	*kind = "bad";
	if (s->fork)
		return tr(h->lang, N_("Held: two versions of one message"));
	if (s->epoch)
		return tr(h->lang, N_("Held: the partner was restored from a backup"));
	if (s->full)
		return tr(h->lang, N_("Full: what is new waits as records"));
	if (s->by_bundle) {
		*kind = "info";
		return tr(h->lang, N_("No line: by stick"));
	}
	for (size_t i = 0; i < COUNT(TROUBLE); i++)
		if (str_is(s->trouble, TROUBLE[i].trouble)) {
			*kind = TROUBLE[i].kind;
			return tr(h->lang, TROUBLE[i].label);
		}
	return tr(h->lang, N_("Refuses what we send"));
}

static void cell_time(struct html *h, struct columns c, size_t i, int64_t ms)
{
	cell_open(h, c, i);
	if (ms)
		html_time(h, ms);
	else
		html_t(h, N_("Not yet"));
	cell_close(h, i);
}

static void line_row(struct html *h, struct columns c, const struct line_state *s)
{
	const char *kind;
	struct str state = state_of(h, s, &kind);
	row_open(h);
	cell_open(h, c, 0);
	html_id(h, s->partner);
	cell_close(h, 0);
	cell_tag(h, c, 1, kind, state);
	cell_time(h, c, 2, s->delivered_ms);
	cell_num(h, c, 3, s->waiting);
	cell_open(h, c, 4);
	if (s->oldest_ms)
		html_time(h, s->oldest_ms);
	else
		html_t(h, N_("None"));
	cell_close(h, 4);
	cell_num(h, c, 5, s->refused);
	cell_time(h, c, 6, s->received_ms);
	cell_num(h, c, 7, s->held);
	cell_num(h, c, 8, s->missing);
	row_close(h);
}

/* A line that is held: what happened, what was asked, and the button. */
static void mending(struct html *h, struct work *w, const struct line_state *s)
{
	struct str what = s->fork ? STR("fork") : STR("epoch"), at = url_of(w->mem, "/partners/%", PARTS(s->partner));
	bool asked = str_eq(s->mends, what);
	html_put(h, MARKUP("<section class=\"panel stack\"><h2>"));
	html_id(h, s->partner);
	html_put(h, MARKUP("</h2><p>"));
	html_t(h, s->fork ? N_("Two versions of one message came: somebody copied that office's computer, or tells two stories. Telephone the other office first; both offices release the line.")
	    : N_("That office has put back an older copy of its data. Telephone it first, then accept its new log: messages of both sides go on."));
	html_put(h, MARKUP("</p>"));
	if (asked && id_eq(s->mended_by, w->actor.account)) {
		html_note(h, "info", ICON_LOCK, N_("You asked for this: another person must decide."));
	} else {
		html_put(h, MARKUP("<div class=\"actions\">"));
		button_form(h, w, at, "do", what, asked ? N_("Approve as the second person") : s->fork ? N_("Ask to release the line") : N_("Ask to accept the restored office"));
		html_put(h, MARKUP("</div>"));
	}
	html_put(h, MARKUP("</section>"));
}

static const char *const WAYS[] = { [BACK_NEWER] = N_("Not changed here since: they are taken back"), [BACK_STANDS] = N_("Changed here since: what stands here goes to the partner"),
	[BACK_SAME] = N_("The same on both sides: that partner gets later versions again"), [BACK_THEIRS] = N_("Handed over since: they belong to that partner") };

/* People decide about what is named: each kind of record, and what would happen to it. */
static void back_kinds(struct html *h, struct work *w, const struct back_waits *back)
{
	html_put(h, MARKUP("<dl class=\"kv\">"));
	for (size_t i = 0; i < back->n; i++) {
		const struct type *t = type_find(w->node->types, back->at[i].type);
		if (!t || back->at[i].follows < BACK_NEWER || back->at[i].follows > BACK_THEIRS)
			continue;
		html_put(h, MARKUP("<dt>"));
		html_ts(h, t->plural);
		html_put(h, MARKUP(" · "));
		html_t(h, WAYS[back->at[i].follows]);
		html_put(h, MARKUP("</dt><dd class=\"big\">"));
		html_num(h, back->at[i].n);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl>"));
}

/* This office was restored, and that partner holds what it did after the copy was made. */
static void coming_back(struct html *h, struct work *w, const struct line_state *s, const struct back_waits *back)
{
	struct str at = url_of(w->mem, "/partners/%", PARTS(s->partner));
	bool asked = str_is(s->mends, "back");
	html_put(h, MARKUP("<section class=\"panel stack\"><h2>"));
	html_id(h, s->partner);
	html_put(h, MARKUP("</h2><p>"));
	html_t(h, N_("This office was put back from an older copy. That partner holds records of this office that are newer than the copy."));
	html_put(h, MARKUP("</p>"));
	back_kinds(h, w, back);
	if (asked && id_eq(s->mended_by, w->actor.account)) {
		html_note(h, "info", ICON_LOCK, N_("You asked for this: another person must decide."));
	} else {
		html_put(h, MARKUP("<div class=\"actions\">"));
		button_form(h, w, at, "do", STR("back"), asked ? N_("Approve as the second person") : N_("Ask to take them back"));
		html_put(h, MARKUP("</div>"));
	}
	html_put(h, MARKUP("</section>"));
}

int partners_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct columns c = COLUMNS(N_("Partner"), N_("State"), N_("Last delivered"), N_("Waiting"), N_("Oldest waiting"), N_("Refused"), N_("Last received"), N_("Held"), N_("Missing"));
	struct line_state *s;
	size_t n;
	(void)q;
	if (may(w, err) < 0 || line_states(w, &s, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Lines to partners"), .section = "partners" });
	if (n == 0)
		html_note(&h, "info", ICON_KEY, N_("No partner is pinned yet: see `jisr help partner`."));
	else
		table_open(&h, c);
	for (size_t i = 0; i < n; i++)
		line_row(&h, c, &s[i]);
	if (n)
		table_close(&h);
	link_button(&h, "btn", STR("/custody"), N_("Custody"));
	for (size_t i = 0; i < n; i++)
		if (s[i].fork || s[i].epoch)
			mending(&h, w, &s[i]);
		else if (s[i].back) {
			struct back_waits back;
			if (back_waits(w, s[i].partner, &back, err) < 0)
				return -1;
			coming_back(&h, w, &s[i], &back);
		}
	page_close(&h, a);
	return 0;
}

int partner_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str location;
	if (may(w, err) < 0)
		return -1;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (line_mend(w, request_param(q, "name"), request_field(q, "do"), err) < 0)
		return -1;
	location = STR("/partners");
	response_see(a, location);
	return done_keep(w, q, location, err);
}
