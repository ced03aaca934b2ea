#include "exchange/exchange.h"
#include "web/pages.h"
#include "web/parts.h"

/* "Why can I see this?" and "who will be able to read this?" (DESIGN 6), from the declarations, policy and the agreements. No content of the record is opened. */

#define RULES_MAX 128

static const char *const CLASS_WORDS[CLASSES] = { [CLASS_O] = N_("Open"), [CLASS_P] = N_("Personal"), [CLASS_X] = N_("Protected"), [CLASS_S] = N_("Security"), [CLASS_J] = N_("Justice") };
static const char *const SCOPE_WORDS[SCOPES] = { [SCOPE_NONE] = N_("nothing"), [SCOPE_OWN_UNIT] = N_("records of the own desk"), [SCOPE_OWN_BATCH] = N_("batches that this office works on"),
	[SCOPE_OWN_CONVOY_TODAY] = N_("the convoy of today"), [SCOPE_OWN_CASELOAD] = N_("cases for which the desk has a task"), [SCOPE_CLIENT] = N_("own clients"),
	[SCOPE_OWN_ROOM] = N_("rooms of which the role is a member"), [SCOPE_ALL] = N_("all") };

static void comma(struct html *h, bool *first)
{
	if (!*first)
		html_put(h, h->lang == LANG_EN ? MARKUP(", ") : MARKUP("\u060c "));
	*first = false;
}

static size_t fields_seen(const struct type *t, const struct reading_rule *rule)
{
	size_t n = 0;
	for (size_t i = 0; i < t->nfields; i++)
		n += reader_sees(rule, &t->fields[i]);
	return n;
}

/* The fields of one class, and the roles that read it. */
static void class_show(struct html *h, const struct type *t, enum data_class class, const struct reading_rule *rule, size_t n)
{
	size_t all = 0;
	bool first = true;
	html_put(h, MARKUP("<h3>"));
	html_t(h, CLASS_WORDS[class]);
	html_put(h, MARKUP("</h3><p class=\"muted small\">"));
	for (size_t i = 0; i < t->nfields; i++) {
		if (t->fields[i].class != class || t->fields[i].hidden)
			continue;
		comma(h, &first);
		html_ts(h, t->fields[i].label);
		all++;
	}
	if (!all)
		html_t(h, N_("State and times"));
	html_put(h, MARKUP("</p><ul class=\"plain\">"));
	for (size_t i = 0; i < n; i++) {
		if (rule[i].class != class)
			continue;
		html_put(h, MARKUP("<li>"));
		html_ts(h, rule[i].role->title);
		html_put(h, MARKUP(": "));
		html_t(h, SCOPE_WORDS[rule[i].scope]);
		if (fields_seen(t, &rule[i]) < all) {
			html_put(h, MARKUP(" ("));
			html_t(h, N_("not all of these fields"));
			html_put(h, MARKUP(")"));
		}
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul>"));
}

static void readers_show(struct html *h, struct work *w, const struct type *t)
{
	struct reading_rule rule[RULES_MAX];
	size_t n = readers_of(w, t, rule, COUNT(rule));
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Who may read it"));
	for (enum data_class c = CLASS_O; c < CLASSES; c++) {
		bool any = false;
		for (size_t i = 0; i < n; i++)
			any = any || rule[i].class == c;
		if (any)
			class_show(h, t, c, rule, n);
	}
	html_put(h, MARKUP("</section>"));
}

/* What may leave for each partner: the fields that an agreement in force names. */
static int partners_show(struct html *h, struct work *w, const struct type *t, const struct explained *x, struct err *err)
{
	struct partner *p;
	size_t n;
	if (partner_list(w, &p, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Other offices"));
	html_put(h, MARKUP("<ul class=\"plain stack\">"));
	for (size_t i = 0; i < n; i++) {
		size_t fields = 0;
		for (size_t f = 0; f < t->nfields; f++)
			for (size_t k = 0; k < w->node->policy->npurposes; k++)
				if (!t->fields[f].hidden && !t->fields[f].derived && exchange_allows(w, p[i].name, w->node->policy->purposes[k].name, t->name, t->fields[f].name)) {
					fields++;
					break;
				}
		bool holds = false;
		for (size_t k = 0; x && k < x->nholders; k++)
			holds = holds || str_eq(x->holders[k], p[i].name);
		html_put(h, MARKUP("<li>"));
		html_id(h, p[i].name);
		html_put(h, MARKUP(": "));
		html_t(h, holds ? N_("has a copy.") : x ? N_("has no copy.") : N_("may get"));
		html_put(h, MARKUP(" "));
		html_t(h, N_("Fields that an agreement in force names:"));
		html_put(h, MARKUP(" "));
		if (fields)
			html_num(h, (int64_t)fields);
		else
			html_t(h, N_("none"));
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul>"));
	if (n == 0)
		para(h, "muted", N_("This office has no partners: nothing leaves it."));
	html_put(h, MARKUP("</section>"));
	return 0;
}

static void because(struct html *h, struct work *w, const struct record *r, const struct explained *x)
{
	struct reading_rule rule[RULES_MAX];
	const struct role *role = policy_role(w->node->policy, w->actor.role);
	size_t n = readers_of(w, r->type, rule, COUNT(rule));
	html_put(h, x->refused.n ? MARKUP("<section class=\"note warn\"><div>") : MARKUP("<section class=\"note ok\"><div>"));
	html_put(h, MARKUP("<p><b>"));
	html_t(h, N_("You work as:"));
	html_put(h, MARKUP(" "));
	html_ts(h, role ? role->title : w->actor.role);
	html_put(h, MARKUP("</b></p>"));
	if (x->refused.n) {
		html_put(h, MARKUP("<p>"));
		html_t(h, x->sentence ? x->sentence : N_("Your role does not allow this."));
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("<ul class=\"plain\">"));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(rule[i].role->name, w->actor.role))
			continue;
		html_put(h, MARKUP("<li>"));
		html_t(h, CLASS_WORDS[rule[i].class]);
		html_put(h, MARKUP(": "));
		html_t(h, SCOPE_WORDS[rule[i].scope]);
		html_put(h, MARKUP(". "));
		html_t(h, x->classes & CLASS_BIT(rule[i].class) ? N_("This record is among them.") : N_("This record is not among them, or the purpose is missing."));
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul></div></section>"));
}

int why_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id;
	struct record r;
	struct explained x;
	if (id_parse(request_param(q, "id"), &id) < 0 || record_head(w, id, &r, err) < 0 || !str_eq(r.type->name, request_param(q, "type")) || record_explain(w, &r, &x, err) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such record");
	if (!x.scopes && !x.classes)           /* outside her charge: that it is there is not told either */
		return err_set(err, ERR_NOT_FOUND, "not in the actor's scope");
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Why can I see this?"), .section = str_z(w->mem, r.type->name) });
	because(&h, w, &r, &x);
	readers_show(&h, w, r.type);
	if (partners_show(&h, w, r.type, &x, err) < 0)
		return -1;
	html_put(&h, MARKUP("<p class=\"actions\">"));
	link_button(&h, "btn", url_of(w->mem, "/r/%/%/log", PARTS(r.type->name, id_text(w->mem, r.id))), N_("Who saw this"));
	link_button(&h, "btn go", url_of(w->mem, "/r/%/%", PARTS(r.type->name, id_text(w->mem, r.id))), N_("Back to the record"));
	html_put(&h, MARKUP("</p>"));
	page_close(&h, a);
	return 0;
}

int why_type_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct type *t = type_find(w->node->types, request_param(q, "type"));
	if (!t)
		return err_set(err, ERR_NOT_FOUND, "no such type");
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = str_z(w->mem, t->plural) });
	readers_show(&h, w, t);
	if (partners_show(&h, w, t, NULL, err) < 0)
		return -1;
	page_close(&h, a);
	return 0;
}
