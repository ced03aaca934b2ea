#include "web/notice_parts.h"

/* The head and foot of every page: which office am I in, what may I do, in which language. */

struct nav { const char *path, *label, *section; enum permission permission; const char *type, *roles, *key; };
static const struct nav NAV[] = {
	{ "/today", N_("Today"), "today", PERMIT_SIGNED_IN, NULL, NULL, "t" },
	{ "/crossing", N_("Crossing"), "crossing", PERMIT_SIGNED_IN, NULL, "BORDER_OFF", "x" },
	{ "/checkin", N_("Check-in"), "checkin", PERMIT_SIGNED_IN, NULL, "CENTRE_REG", "c" },
	{ "/notices", N_("Notices"), "notice", PERMIT_SIGNED_IN, "rapid_notice", NULL, "a" },
	{ "/notices/told", N_("Told to oversight"), "told", PERMIT_SIGNED_IN, NULL, "OVERSIGHT DPO", NULL },
	{ "/channel", N_("Official channel"), "channel", PERMIT_SIGNED_IN, "rfi", NULL, "o" },
	{ "/rooms", N_("Joint rooms"), "room", PERMIT_SIGNED_IN, "joint_room", NULL, "j" },
	{ "/convoys", N_("Convoys"), "convoy", PERMIT_SIGNED_IN, "convoy", NULL, "v" },
	{ "/r/person", N_("People"), "person", PERMIT_SIGNED_IN, "person", NULL, "p" },
	{ "/r/household", N_("Families"), "household", PERMIT_SIGNED_IN, "household", NULL, "f" },
	{ "/import", N_("Import"), "import", PERMIT_SIGNED_IN, NULL, "CAMP_REG", NULL },
	{ "/r/nominal_list", N_("Nominal lists"), "nominal_list", PERMIT_SIGNED_IN, "nominal_list", NULL, "l" },
	{ "/r/batch", N_("Batches"), "batch", PERMIT_SIGNED_IN, "batch", NULL, "b" },
	{ "/r/vetting_request", N_("Vetting requests"), "vetting_request", PERMIT_SIGNED_IN, "vetting_request", NULL, NULL },
	{ "/vetting", N_("Vetting desk"), "vetting", PERMIT_SIGNED_IN, NULL, "VET_OFF VET_SUP", "k" },
	{ "/r/letter", N_("Letters"), "letter", PERMIT_SIGNED_IN, "letter", "CAMP_REG CAMP_MGR MIG_OFF MIG_SUP CONVOY_LEAD CENTRE_REG CENTRE_MGR", NULL },
	{ "/r/letter_in", N_("Received letters"), "letter_in", PERMIT_SIGNED_IN, "letter_in", NULL, NULL },
	{ "/logistics", N_("Logistics"), "logistics", PERMIT_SIGNED_IN, NULL, "LOGISTICS", NULL },
	{ "/statistics", N_("Statistics"), "statistics", PERMIT_SIGNED_IN, NULL, NULL, "s" },
	{ "/agreements", N_("Agreements"), "agreements", PERMIT_SIGNED_IN, NULL, "MIG_SUP CAMP_MGR CENTRE_MGR VET_SUP LIAISON_SUP DPO LEGAL_AID OVERSIGHT", NULL },
	{ "/competences", N_("Who decides what"), "competence", PERMIT_SIGNED_IN, NULL, "MIG_SUP LEGAL_AID LIAISON LIAISON_SUP CAMP_MGR CENTRE_MGR DPO OVERSIGHT", NULL },
	{ "/bundles", N_("Messages on a stick"), "bundles", PERMIT_SIGNED_IN, NULL, BUNDLE_ROLES, NULL },
	{ "/partners", N_("Lines to partners"), "partners", PERMIT_SIGNED_IN, NULL, "ADMIN DPO OVERSIGHT", NULL },
	{ "/r/disclosure", N_("Disclosures"), "disclosure", PERMIT_SIGNED_IN, "disclosure", NULL, NULL },
	{ "/log", N_("Log"), "log", PERMIT_SIGNED_IN, NULL, NULL, "h" },
};

bool role_among(struct str role, const char *words)
{
	struct str rest = str_of(words);
	while (rest.n)
		if (str_eq(str_cut(&rest, ' '), role))
			return true;
	return false;
}

bool role_reads(const struct work *w, const char *name)
{
	const struct type *t = type_find(w->node->types, str_of(name));
	if (!t)
		return false;
	for (size_t c = CLASS_O; c < CLASSES; c++)
		for (size_t i = 0; i < t->readers[c].n; i++)
			if (str_eq(t->readers[c].rules[i].role, w->actor.role))
				return true;
	return t->readers[CLASS_O].everyone && !t->personal;
}

static bool nav_has(const struct work *w, size_t i)
{
	return (!NAV[i].type || role_reads(w, NAV[i].type)) && (!NAV[i].roles || role_among(w->actor.role, NAV[i].roles));
}

size_t nav_count(void)
{
	return COUNT(NAV);
}

const char *nav_label(size_t i)
{
	return NAV[i].label;
}

const char *nav_key(const struct work *w, size_t i)
{
	return nav_has(w, i) ? NAV[i].key : NULL;
}

static void nav(struct html *h, struct work *w, const char *section)
{
	html_put(h, MARKUP("<nav class=\"nav\" aria-label=\""));
	html_t(h, N_("Sections"));
	html_put(h, MARKUP("\"><div class=\"wrap\"><ul>"));
	for (size_t i = 0; i < COUNT(NAV); i++) {
		if (!nav_has(w, i))
			continue;
		html_put(h, MARKUP("<li><a href=\""));
		html_text(h, str_of(NAV[i].path));
		html_put(h, MARKUP("\""));
		if (w->look.keys && NAV[i].key) {
			html_put(h, MARKUP(" accesskey=\""));
			html_text(h, str_of(NAV[i].key));
			html_put(h, MARKUP("\""));
		}
		if (section && strcmp(section, NAV[i].section) == 0)
			html_put(h, MARKUP(" aria-current=\"page\""));
		html_put(h, MARKUP(">"));
		html_t(h, NAV[i].label);
		html_put(h, MARKUP("</a></li>"));
	}
	html_put(h, MARKUP("</ul></div></nav>"));
}

static void languages(struct html *h)
{
	html_put(h, MARKUP("<span class=\"langs\">"));
	for (enum lang l = 0; l < LANGS; l++) {
		if (l == h->lang)
			continue;
		html_put(h, MARKUP("<a href=\"/language?lang="));
		html_text(h, str_of(lang_info(l)->code));
		html_put(h, MARKUP("\" lang=\""));
		html_text(h, str_of(lang_info(l)->code));
		html_put(h, MARKUP("\">"));
		html_text(h, str_of(lang_info(l)->own_name));
		html_put(h, MARKUP("</a> "));
	}
	html_put(h, MARKUP("</span>"));
}

static void who(struct html *h, struct work *w)
{
	html_put(h, MARKUP("<div class=\"who\">"));
	if (!id_none(w->actor.account)) {
		const struct role *role = policy_role(w->node->policy, w->actor.role);
		html_put(h, MARKUP("<a href=\"/me\">"));
		html_name(h, w->actor.name);
		html_put(h, MARKUP(" <span class=\"sub\">"));
		html_ts(h, role ? role->title : w->actor.role);
		html_put(h, MARKUP("</span></a><a href=\""));
		html_text(h, url_of(h->mem, "/switch?from=%", PARTS(w->place)));
		html_put(h, MARKUP("\">"));
		html_t(h, N_("Change user"));
		html_put(h, MARKUP("</a><a href=\"/logout\">"));
		html_t(h, N_("Sign out"));
		html_put(h, MARKUP("</a>"));
	}
	languages(h);
	html_put(h, MARKUP("</div>"));
}

static void top(struct html *h, struct work *w)
{
	html_put(h, MARKUP("<a class=\"skip\" href=\"#main\">"));
	html_t(h, N_("Go to the content"));
	html_put(h, MARKUP("</a><header class=\"top\"><div class=\"wrap\"><a class=\"mark\" href=\"/today\"><svg viewBox=\"0 0 48 30\" aria-hidden=\"true\">"
	    "<path d=\"M2 26V15M46 26V15M2 15C10 1 38 1 46 15M2 20h44M13 20V8.500M24 20V4.500M35 20V8.500\"/></svg>"));
	html_t(h, N_("Jisr"));
	html_put(h, MARKUP("</a><div class=\"node small\"><b>"));
	html_ts(h, w->node->title);
	html_put(h, MARKUP("</b>"));
	html_id(h, w->node->name);
	html_put(h, MARKUP("</div>"));
	who(h, w);
	html_put(h, MARKUP("</div></header>"));
}

static struct str basis_label(struct work *w)
{
	for (size_t i = 0; i < w->node->types->ncodes; i++) {
		const struct code *c = str_is(w->node->types->codes[i].name, "legal_basis") ? code_find(&w->node->types->codes[i], w->basis) : NULL;
		if (c)
			return c->label;
	}
	return w->basis;
}

/* Where the page of a record, or of a list, says why: its own path with another beginning. Empty: it is neither. */
static struct str why_url(struct work *w)
{
	static const struct { const char *begins, *type; } PLACES[] = { { "/r/", "" }, { "/batches/", "batch/" }, { "/lists/", "nominal_list/" }, { "/convoys/", "convoy/" } };
	for (size_t i = 0; i < COUNT(PLACES); i++) {
		if (!str_starts(w->place, str_of(PLACES[i].begins)))
			continue;
		struct str rest = str_sub(w->place, strlen(PLACES[i].begins), w->place.n), type = PLACES[i].type[0] ? (struct str){ 0 } : str_cut(&rest, '/'), id = str_cut(&rest, '/');
		struct id known;
		if (id_parse(id, &known) < 0)
			return type.n ? url_of(w->mem, "/why/%", PARTS(type)) : (struct str){ 0 };
		return str_fmt(w->mem, "/why/%s" S_FMT "%s" S_FMT, PLACES[i].type, S_ARG(type), type.n ? "/" : "", S_ARG(id_text(w->mem, known)));
	}
	return (struct str){ 0 };
}

/* UX 5: every page that shows a person says for what, on what ground, and why it is shown. */
static void purpose_bar(struct html *h, struct work *w)
{
	const struct purpose *p = policy_purpose(w->node->policy, w->purpose);
	html_put(h, MARKUP("<section class=\"purpose\" aria-label=\""));
	html_t(h, N_("Purpose and legal basis"));
	html_put(h, MARKUP("\">"));
	html_icon(h, ICON_KEY);
	html_put(h, MARKUP("<dl><div><dt>"));
	html_t(h, N_("Purpose"));
	html_put(h, MARKUP("</dt><dd>"));
	html_ts(h, p ? p->title : (struct str){ 0 });
	html_put(h, MARKUP("</dd></div><div><dt>"));
	html_t(h, N_("Legal basis"));
	html_put(h, MARKUP("</dt><dd>"));
	html_ts(h, basis_label(w));
	html_put(h, MARKUP("</dd></div><div><dt><a href=\"/access\">"));
	html_t(h, N_("Access ends"));
	html_put(h, MARKUP("</a></dt><dd>"));
	html_time(h, w->ends_ms);
	html_put(h, MARKUP("</dd></div></dl><a href=\"/purpose\">"));
	html_t(h, N_("Another purpose"));
	html_put(h, MARKUP("</a>"));
	struct str why = why_url(w);
	if (why.n) {
		html_put(h, MARKUP("<a href=\""));
		html_text(h, why);
		html_put(h, MARKUP("\">"));
		html_t(h, N_("Why can I see this?"));
		html_put(h, MARKUP("</a>"));
	}
	html_put(h, MARKUP("</section>"));
}

struct str asset_url(struct arena *mem, const char *name)
{
	const struct embedded *e = embedded_find(str_fmt(mem, "assets/%s", name));
	return str_fmt(mem, "/assets/%s?v=%s", name, e ? e->sha256_hex : "");
}

static void style_sheet(struct html *h, const char *name, const char *media)
{
	html_put(h, MARKUP("<link rel=\"stylesheet\" href=\""));
	html_text(h, asset_url(h->mem, name));
	if (media) {
		html_put(h, MARKUP("\" media=\""));
		html_text(h, str_of(media));
	}
	html_put(h, MARKUP("\">"));
}

static void script(struct html *h, const char *name)
{
	html_put(h, MARKUP("<script defer src=\""));
	html_text(h, asset_url(h->mem, name));
	html_put(h, MARKUP("\"></script>"));
}

static void refresh(struct html *h, int seconds)
{
	html_put(h, MARKUP("<noscript><meta http-equiv=\"refresh\" content=\""));
	html_text(h, str_fmt(h->mem, "%d", seconds));
	html_put(h, MARKUP("\"></noscript>"));
}

void page_open(struct html *h, struct work *w, const struct page *p)
{
	const struct lang_info *l = lang_info(h->lang);
	html_put(h, MARKUP("<!doctype html><html lang=\""));
	html_text(h, str_of(l->code));
	html_put(h, MARKUP("\" dir=\""));
	html_text(h, str_of(l->dir));
	html_put(h, w->look.compact ? MARKUP("\" class=\"compact") : MARKUP(""));
	html_put(h, MARKUP("\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>"));
	if (p->error) {
		html_t(h, N_("Error:"));
		html_put(h, MARKUP(" "));
	}
	p->title ? html_t(h, p->title) : html_text(h, p->shown);
	html_put(h, MARKUP("</title>"));
	style_sheet(h, "jisr.css", NULL);
	if (w->look.theme != THEME_LIGHT)
		style_sheet(h, "dark.css", w->look.theme == THEME_DARK ? "screen" : "screen and (prefers-color-scheme:dark)");
	if (p->figures)
		style_sheet(h, "chart.css", NULL);
	if (p->sheet)
		style_sheet(h, "print.css", NULL);
	if (!id_none(w->actor.account)) {
		live_script(h, w);
		script(h, "page.js");
	}
	if (p->script)
		script(h, p->script);
	if (p->refresh_s)
		refresh(h, p->refresh_s);
	html_put(h, w->look.keys && !id_none(w->actor.account) ? MARKUP("</head><body data-keys>") : MARKUP("</head><body>"));
	top(h, w);
	if (!id_none(w->actor.account)) {
		nav(h, w, p->section);
		access_bar(h, w);
		live_banner(h, w);
	}
	if (w->node->demo) {
		html_put(h, MARKUP("<aside class=\"train\" aria-label=\""));
		html_t(h, N_("Training"));
		html_put(h, MARKUP("\"><div class=\"wrap small\">"));
		html_t(h, N_("Training: the people and times on these pages are invented."));
		html_put(h, MARKUP("</div></aside>"));
	}
	html_put(h, MARKUP("<main class=\"wrap stack\" id=\"main\"><h1>"));
	p->title ? html_t(h, p->title) : html_name(h, p->shown);
	html_put(h, MARKUP("</h1>"));
	if (p->personal)
		purpose_bar(h, w);
}

void page_headers(struct response *a)
{
	response_header(a, "Content-Security-Policy", STR("default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; "
	    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"));
	response_header(a, "X-Content-Type-Options", STR("nosniff"));
	/* Not no-referrer: with it a browser sends "Origin: null" with our own forms, and web_guard could not tell them from foreign ones. */
	response_header(a, "Referrer-Policy", STR("same-origin"));
	response_header(a, "Cross-Origin-Opener-Policy", STR("same-origin"));
}

void page_close(struct html *h, struct response *a)
{
	html_put(h, MARKUP("</main></body></html>"));
	a->body = buf_text(&h->out);
	page_headers(a);
}
