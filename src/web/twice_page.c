#include "web/pages.h"
#include "web/parts.h"
#include "web/search.h"

/* Is this person registered twice? Somebody asks it herself: she looks for the other record, and opens the question with one tap. */

/* What is known of the person, to be looked for again: it may be changed, for another script or another spelling. */
int twice_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	if (purpose_first(w, q, a))
		return 0;
	if (record_asked(w, q, "id", "person", &r, err) < 0)
		return -1;
	const struct grant *g = record_open(w, r.type, &r.id, 1, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Registered twice?"), .section = "person", .personal = true });
	para(&h, "muted", N_("Look for another record of the same person: another spelling, another script, a part left out. This only asks the question; it changes no record."));
	html_put(&h, MARKUP("<section class=\"panel\">"));
	search_form(&h, w, &(struct search){ .type = r.type, .twin_of = r.id, .name = record_text(g, 0, "name"), .mother = record_text(g, 0, "mother_name"), .birth = record_text(g, 0, "birth") });
	html_put(&h, MARKUP("</section><p>"));
	link_button(&h, "btn", url_of(w->mem, "/r/person/%", PARTS(id_text(w->mem, r.id))), N_("Back to the record"));
	html_put(&h, MARKUP("</p>"));
	page_close(&h, a);
	return 0;
}

int search_ask_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct search s;
	struct id claim;
	uint64_t at;
	int done = form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (search_find(w, request_param(q, "token"), &s, err) < 0)
		return -1;
	if (str_u64(request_field(q, "at"), &at) < 0)
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return search_ask(w, &s, (size_t)at, &claim, err) < 0 ? -1 : form_end(w, q, a, url_of(w->mem, "/claims/%", PARTS(id_text(w->mem, claim))), err);
}
