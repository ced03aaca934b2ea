#include "web/channel_parts.h"

/* One row of the register of disclosures: sent, delivered, read by how many, erased there with a note, overdue; and the recall. */
static const char *const FACTS[] = { "disclosure_kind", "record_type", "fields_sent", "subjects", "recipient", "purpose", "basis", "onward_ban", "expires", "erased_on", "erasure_proof" };

static void number_fact(struct html *h, const char *label, int64_t n)
{
	html_put(h, MARKUP("<dt>"));
	html_t(h, label);
	html_put(h, MARKUP("</dt><dd>"));
	if (n < 0)
		html_t(h, N_("That office has not said"));
	else if (n == 0)
		html_t(h, N_("None"));
	else
		html_num(h, n);
	html_put(h, MARKUP("</dd>"));
}

static void stand_show(struct html *h, const struct record *r, const struct disclosure_stand *s)
{
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Where it stands"));
	if (s->overdue)
		html_note(h, "bad", ICON_WARN, N_("Asked to be erased more than 7 days ago, and no note has come. It is counted in public."));
	html_put(h, MARKUP("<dl class=\"kv wide\"><dt>"));
	html_t(h, N_("Sent"));
	html_put(h, MARKUP("</dt><dd>"));
	html_time(h, r->created_ms);
	html_put(h, MARKUP("</dd><dt>"));
	html_t(h, N_("Received by their node, with proof"));
	html_put(h, MARKUP("</dt><dd>"));
	html_t(h, str_is(r->state, "made") ? N_("Not yet") : N_("Yes"));
	html_put(h, MARKUP("</dd>"));
	number_fact(h, N_("Records it carried"), s->records);
	number_fact(h, N_("Read there by persons"), s->read);
	number_fact(h, N_("Erased there, with a signed note"), s->erased);
	if (s->asked_ms) {
		html_put(h, MARKUP("<dt>"));
		html_t(h, N_("Erasure owed since"));
		html_put(h, MARKUP("</dt><dd>"));
		html_time(h, s->asked_ms);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("</dl></section>"));
}

static int notes_show(struct html *h, struct work *w, struct id disclosure, struct err *err)
{
	struct erasure_row *row;
	size_t n;
	if (disclosure_notes(w, disclosure, &row, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!row[i].erased_ms)
			continue;
		html_put(h, MARKUP("<section class=\"panel\">"));
		heading(h, N_("Signed erasure note"));
		html_note(h, "ok", ICON_LOCK, N_("Signed by that office; the signature was checked when it came. It proves what that office said."));
		html_put(h, MARKUP("<details><summary>"));
		html_t(h, N_("The note"));
		html_put(h, MARKUP("</summary><div class=\"scroll\" tabindex=\"0\"><pre dir=\"ltr\">"));
		html_text(h, row[i].note);
		html_put(h, MARKUP("</pre></div></details></section>"));
	}
	return 0;
}

int disclosure_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct disclosure_stand s;
	if (record_asked(w, q, "id", "disclosure", &r, err) < 0 || disclosure_stand(w, r.id, &s, err) < 0)
		return -1;
	const struct grant *g = record_open(w, r.type, &r.id, 1, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Disclosure"), .section = "disclosure" });
	state_tag(&h, w, &r);
	stand_show(&h, &r, &s);
	if (may_move(w, &r, "recall")) {
		html_put(&h, MARKUP("<section class=\"panel\">"));
		heading(&h, N_("Recall"));
		para(&h, "", N_("The receiver destroys what it carried and answers with a signed note. This cannot be taken back."));
		button_form(&h, w, url_of(w->mem, "/disclosures/%/recall", PARTS(id_text(w->mem, r.id))), "recall", STR("yes"), N_("Recall this disclosure"));
		html_put(&h, MARKUP("</section>"));
	}
	if (notes_show(&h, w, r.id, err) < 0)
		return -1;
	html_put(&h, MARKUP("<section class=\"panel\">"));
	heading(&h, N_("What was sent, on what ground"));
	facts_show(&h, w, g, 0, FACTS, COUNT(FACTS));
	html_put(&h, MARKUP("</section>"));
	page_close(&h, a);
	return 0;
}

int disclosure_recall_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct id proposal;
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	int done = record_asked(w, q, "id", "disclosure", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	return record_move(w, r.id, r.version, STR("recall"), &said, &proposal, err) < 0 ? -1
	    : form_end(w, q, a, url_of(w->mem, "/disclosures/%", PARTS(id_text(w->mem, r.id))), err);
}
