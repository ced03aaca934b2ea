#include "web/agreement_parts.h"
#include "web/pages.h"

/* Agreements of this office: what may be sent to whom, and the hand on the tap. A suspension stops sending at once; what is queued waits. */
static const struct { const char *state, *kind, *label; } STATES[] = {
	{ "offered", "info", N_("Waits for the partner's signature") }, { "asked", "warn", N_("Waits for our signature") }, { "in_force", "ok", N_("In force") },
	{ "suspended", "warn", N_("Suspended") }, { "ended", "", N_("Ended") },
};

int agreement_may(struct work *w, const char *roles, struct err *err)
{
	if (role_among(w->actor.role, roles))
		return 0;
	w->refusal.reason = STR("role");
	return err_say(err, ERR_FORBIDDEN, N_("Agreements are for those who lead the office, data protection and oversight."), NULL);
}

static struct str state_of(const struct html *h, const struct agreement *a, const char **kind)
{
	bool dated = str_is(a->state, "in_force") && !a->in_force;
	*kind = "";
	if (dated)
		return tr(h->lang, a->starts_ms > h->now_ms ? N_("Not begun yet") : N_("Ended"));
	for (size_t i = 0; i < COUNT(STATES); i++)
		if (str_is(a->state, STATES[i].state)) {
			*kind = STATES[i].kind;
			return tr(h->lang, STATES[i].label);
		}
	return a->state;
}

static struct str day_text(struct arena *mem, int64_t ms)
{
	return str_sub(time_text(mem, ms), 0, 10);
}

static void agreement_row(struct html *h, struct columns c, const struct agreement *a)
{
	const char *kind;
	struct str state = state_of(h, a, &kind);
	row_open(h);
	cell_open(h, c, 0);
	html_href(h, "/agreements/%", PARTS(hex(h->mem, bytes_of(a->digest.b, HASH_BYTES))));
	html_text(h, a->title);
	html_put(h, MARKUP("</a>"));
	cell_close(h, 0);
	cell_open(h, c, 1);
	html_id(h, a->partner);
	cell_close(h, 1);
	cell_tag(h, c, 2, kind, state);
	cell_open(h, c, 3);
	html_date(h, day_text(h->mem, a->ends_ms - 1));
	cell_close(h, 3);
	row_close(h);
}

int agreements_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct columns c = COLUMNS(N_("Agreement"), N_("Partner"), N_("State"), N_("Until"));
	struct agreement *all;
	size_t n;
	(void)q;
	if (agreement_may(w, AGREEMENT_LOOKS, err) < 0 || agreement_list(w, &all, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Agreements"), .section = "agreements" });
	html_put(&h, MARKUP("<p>"));
	html_t(&h, N_("Nothing personal goes to another office without an agreement in force that names the purpose and the fields."));
	html_put(&h, MARKUP("</p>"));
	if (n == 0)
		html_note(&h, "info", ICON_KEY, N_("This office has no agreement yet."));
	else
		table_open(&h, c);
	for (size_t i = 0; i < n; i++)
		agreement_row(&h, c, &all[i]);
	if (n)
		table_close(&h);
	if (agreement_drafts_show(&h, w, err) < 0)
		return -1;
	if (role_among(w->actor.role, AGREEMENT_DECIDES)) {
		html_put(&h, MARKUP("<p class=\"actions\">"));
		link_button(&h, "btn go", STR("/agreements/new"), N_("Write a draft"));
		html_put(&h, MARKUP("</p>"));
	}
	page_close(&h, a);
	return 0;
}

int agreement_digest_asked(const struct request *q, struct work *w, struct hash *digest, struct err *err)
{
	struct bytes raw;
	if (hex_read(w->mem, request_param(q, "digest"), &raw) < 0 || raw.n != HASH_BYTES)
		return err_set(err, ERR_NOT_FOUND, "no such agreement");
	memcpy(digest->b, raw.p, HASH_BYTES);
	return 0;
}

static int one(struct work *w, const struct request *q, struct agreement *out, struct err *err)
{
	struct hash digest;
	if (agreement_digest_asked(q, w, &digest, err) < 0)
		return -1;
	int rc = agreement_find(w, &digest, out, err);
	return rc == 0 ? err_set(err, ERR_NOT_FOUND, "no such agreement") : rc < 0 ? -1 : 0;
}

/* The signed text line by line, as it was signed: its words are those of the two offices. */
void agreement_text_show(struct html *h, struct str text)
{
	str_cut(&text, '\n');
	html_put(h, MARKUP("<dl class=\"kv\">"));
	while (text.n) {
		struct str line = str_cut(&text, '\n'), key = str_cut(&line, ' ');
		html_put(h, MARKUP("<dt>"));
		html_id(h, key);
		html_put(h, MARKUP("</dt><dd dir=\"auto\">"));
		html_text(h, line);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl>"));
}

static void buttons(struct html *h, struct work *w, const struct agreement *a)
{
	struct str at = url_of(w->mem, "/agreements/%", PARTS(hex(w->mem, bytes_of(a->digest.b, HASH_BYTES))));
	bool stands = str_is(a->state, "in_force") || str_is(a->state, "suspended");
	if (!role_among(w->actor.role, AGREEMENT_DECIDES))
		return;
	html_put(h, MARKUP("<div class=\"actions\">"));
	if (!a->signed_here && str_is(a->state, "asked"))
		button_form(h, w, at, "do", STR("sign"), N_("Sign for this office"));
	if (stands && !(a->halted & 1))
		button_form(h, w, at, "do", STR("suspend"), N_("Suspend: nothing more is sent"));
	if (stands && (a->halted & 1))
		button_form(h, w, at, "do", STR("resume"), N_("Take up again"));
	if (stands)
		button_form(h, w, at, "do", STR("end"), N_("End for good"));
	link_button(h, "btn", url_of(w->mem, "/agreements/new?from=%", PARTS(hex(w->mem, bytes_of(a->digest.b, HASH_BYTES)))), N_("Write a changed draft"));
	html_put(h, MARKUP("</div>"));
}

/* Each purpose by itself: suspended, it sends nothing more; the others go on. */
static void purposes_show(struct html *h, struct work *w, const struct agreement *a)
{
	struct str at = url_of(w->mem, "/agreements/%", PARTS(hex(w->mem, bytes_of(a->digest.b, HASH_BYTES))));
	bool decides = role_among(w->actor.role, AGREEMENT_DECIDES);
	if (!str_is(a->state, "in_force") && !str_is(a->state, "suspended"))
		return;
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Purposes"));
	html_put(h, MARKUP("<ul class=\"plain\">"));
	for (struct str rest = terms_line(a->text, "purposes"); rest.n;) {
		struct str name = str_cut(&rest, ' ');
		const struct purpose *p = policy_purpose(w->node->policy, name);
		int64_t halted = agreement_purpose_halted(w, &a->digest, name);
		html_put(h, MARKUP("<li>"));
		html_ts(h, p ? p->title : name);
		html_put(h, MARKUP(" "));
		tag(h, halted ? "warn" : "ok", tr(w->lang, halted == 3 ? N_("suspended by both") : halted == 2 ? N_("suspended by the partner") : halted ? N_("suspended by this office") : N_("In force")));
		if (decides)
			button_form(h, w, at, halted & 1 ? "resume" : "suspend", name, halted & 1 ? N_("Take up again") : N_("Suspend this purpose"));
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul></section>"));
}

static void halted(struct html *h, const struct agreement *a)
{
	if (!str_is(a->state, "suspended"))
		return;
	html_note(h, "warn", ICON_LOCK, a->halted == 3 ? N_("Both offices have suspended this. Each takes up again what it suspended itself.")
	    : a->halted == 2 ? N_("The partner has suspended this. What is queued waits; recall and erasure go on.")
	    : N_("This office has suspended this. What is queued waits; recall and erasure go on."));
}

int agreement_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct agreement g;
	const char *kind;
	if (agreement_may(w, AGREEMENT_LOOKS, err) < 0 || one(w, q, &g, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = g.title, .section = "agreements" });
	struct str state = state_of(&h, &g, &kind);
	html_put(&h, MARKUP("<p>"));
	tag(&h, kind, state);
	html_put(&h, MARKUP(" "));
	html_id(&h, g.partner);
	html_put(&h, MARKUP("</p>"));
	halted(&h, &g);
	html_put(&h, MARKUP("<section class=\"panel stack\"><h2>"));
	html_t(&h, N_("The text that both offices sign"));
	html_put(&h, MARKUP("</h2>"));
	agreement_text_show(&h, g.text);
	html_put(&h, MARKUP("<p class=\"small muted\">"));
	html_id(&h, hex(w->mem, bytes_of(g.digest.b, HASH_BYTES)));
	html_put(&h, MARKUP("</p></section>"));
	buttons(&h, w, &g);
	purposes_show(&h, w, &g);
	if (agreement_group_show(&h, w, g.text, err) < 0 || agreement_flows_show(&h, w, g.text, true, err) < 0)
		return -1;
	page_close(&h, a);
	return 0;
}

static int decide(struct work *w, const struct agreement *g, struct str what, struct err *err)
{
	static const char *const MOVES[] = { "suspend", "resume", "end" };
	struct str note;
	if (str_is(what, "sign"))
		return agreement_sign(w, g->text, &note, err) < 0 ? -1 : agreement_tell(w, &g->digest, err);
	for (size_t i = 0; i < COUNT(MOVES); i++)
		if (str_is(what, MOVES[i]))
			return agreement_move(w, &g->digest, MOVES[i], (struct str){ 0 }, err);
	return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
}

int agreement_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct agreement g;
	struct str location;
	if (agreement_may(w, AGREEMENT_DECIDES, err) < 0 || one(w, q, &g, err) < 0)
		return -1;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	struct str suspend = request_field(q, "suspend"), resume = request_field(q, "resume");
	if ((suspend.n || resume.n) && agreement_move(w, &g.digest, suspend.n ? "suspend" : "resume", suspend.n ? suspend : resume, err) < 0)
		return -1;
	if (!suspend.n && !resume.n && decide(w, &g, request_field(q, "do"), err) < 0)
		return -1;
	location = url_of(w->mem, "/agreements/%", PARTS(hex(w->mem, bytes_of(g.digest.b, HASH_BYTES))));
	response_see(a, location);
	return done_keep(w, q, location, err);
}
