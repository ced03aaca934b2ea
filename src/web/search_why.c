#include "journey/search.h"
#include "web/compare.h"
#include "web/pages.h"
#include "web/parts.h"

/* Why somebody was found: what was typed beside her own record, part by part, with the rule, how rare the part is and what each adds. */

static int hit_of(struct work *w, const struct request *q, struct search *s, struct err *err)
{
	uint64_t at;
	if (search_find(w, request_param(q, "token"), s, err) < 0)
		return -1;
	if (s->wide || str_u64(request_param(q, "at"), &at) < 0 || at >= s->n)
		return err_set(err, ERR_NOT_FOUND, "no such hit");
	s->hit[0] = s->hit[at];
	s->n = 1;
	return 0;
}

int search_why_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct search s;
	struct comparison c = { .shown_a = N_("Searched"), .shown_b = N_("In the register") };
	bool known;
	if (purpose_first(w, q, a))
		return 0;
	if (hit_of(w, q, &s, err) < 0)
		return -1;
	const struct grant *g = record_open(w, type_find(w->node->types, STR("person")), &s.hit[0].person, 1, err);
	if (!g)
		return -1;
	c.a = search_who(&s);
	c.b = people_who_of(g, 0);
	if (comparison_make(w, &c, &known, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .shown = record_title(w, g, 0), .section = "person", .personal = true });
	comparison_show(&h, w, &c, known);
	html_put(&h, MARKUP("<p class=\"row\">"));
	link_button(&h, "btn", url_of(w->mem, "/search/%", PARTS(s.token)), N_("Back to the result"));
	link_button(&h, "btn", url_of(w->mem, "/r/person/%", PARTS(id_text(w->mem, s.hit[0].person))), N_("Her or his record"));
	html_put(&h, MARKUP("</p>"));
	page_close(&h, a);
	return 0;
}
