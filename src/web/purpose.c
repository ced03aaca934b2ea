#include "record/custody.h"
#include "web/html.h"
#include "web/pages.h"
#include "web/session.h"

/* Nobody reads about a person without saying what for. Nothing is preselected, not even what was chosen last (UX 5). */

int purpose_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)err;
	const struct policy *p = w->node->policy;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("What do you need this for?") });
	html_put(&h, MARKUP("<form class=\"panel stack\" method=\"post\" action=\"/purpose\"><input type=\"hidden\" name=\"next\" value=\""));
	html_attr(&h, request_query(q, "next"));
	html_put(&h, MARKUP("\"><fieldset class=\"stack\"><legend class=\"lbl\">"));
	html_t(&h, N_("Purpose and legal basis"));
	html_put(&h, MARKUP("</legend>"));
	const struct role *role = policy_role(p, w->actor.role);
	for (size_t i = 0; i < p->npurposes; i++) {
		if (!role || !policy_purpose_fits(&p->purposes[i], role))
			continue;
		if (custody_sealed(w, p->purposes[i].name) != 0) {
			html_put(&h, MARKUP("<p>"));
			html_ts(&h, p->purposes[i].title);
			html_put(&h, MARKUP(" <span class=\"tag bad\">"));
			html_t(&h, N_("Sealed, custody did not pass"));
			html_put(&h, MARKUP("</span></p>"));
			continue;
		}
		for (size_t k = 0; k < p->purposes[i].nbases; k++) {
			html_put(&h, MARKUP("<p><label class=\"choice\"><input type=\"radio\" name=\"purpose\" required value=\""));
			html_attr(&h, str_fmt(w->mem, S_FMT "/" S_FMT, S_ARG(p->purposes[i].name), S_ARG(p->purposes[i].bases[k])));
			html_put(&h, MARKUP("\"> "));
			html_ts(&h, p->purposes[i].title);
			html_put(&h, MARKUP(" <span class=\"sub\">"));
			const struct code_list *list = NULL;
			for (size_t c = 0; c < w->node->types->ncodes; c++)
				if (str_is(w->node->types->codes[c].name, "legal_basis"))
					list = &w->node->types->codes[c];
			const struct code *code = list ? code_find(list, p->purposes[i].bases[k]) : NULL;
			html_ts(&h, code ? code->label : p->purposes[i].bases[k]);
			html_put(&h, MARKUP("</span></label></p>"));
		}
	}
	html_put(&h, MARKUP("</fieldset><p><button class=\"btn go\">"));
	html_t(&h, N_("Continue"));
	html_put(&h, MARKUP("</button></p></form>"));
	page_close(&h, a);
	return 0;
}

int purpose_parse(struct work *w, struct str text, struct str *purpose, struct str *basis, struct err *err)
{
	struct str rest = text, name = str_cut(&rest, '/');
	const struct purpose *p = policy_purpose(w->node->policy, name);
	const struct role *role = policy_role(w->node->policy, w->actor.role);
	bool fits = p && (!role || policy_purpose_fits(p, role));
	if (fits && custody_sealed(w, name) != 0) {
		w->refusal.reason = STR("custody");
		return err_say(err, ERR_SAFEGUARD, POLICY_SEALED, NULL);
	}
	for (size_t i = 0; fits && i < p->nbases; i++)
		if (str_eq(p->bases[i], rest)) {
			*purpose = name;
			*basis = rest;
			return 0;
		}
	return err_say(err, ERR_VALUE, N_("Choose a purpose."), NULL);
}

struct str place_here(struct str next)
{
	bool here = str_starts(next, STR("/")) && !str_starts(next, STR("//")) && str_find(next, STR("\\")) == next.n;
	return here ? next : STR("/today");
}

int purpose_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str basis, name, next = request_field(q, "next");
	if (purpose_parse(w, request_field(q, "purpose"), &name, &basis, err) < 0)
		return -1;
	response_see(a, place_here(next));
	return session_purpose(w, name, basis, err);
}
