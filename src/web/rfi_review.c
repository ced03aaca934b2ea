#include "web/channel_parts.h"

/* A request that one person sent alone because a life was in danger: a supervisor says afterwards whether that was right. */
static const char *const FINDING[] = { "finding" };

static const struct type *review_type(const struct work *w)
{
	return type_find(w->node->types, STR("act_review"));
}

int review_show(struct html *h, struct work *w, const struct rfi *x, const struct rfi_fault *f, struct err *err)
{
	struct id *ids;
	size_t n;
	if (!x->ours || record_referring(w, "act_review", "rfi", x->r.id, &ids, &n, err) < 0)
		return x->ours ? -1 : 0;
	const struct grant *g = n ? record_open(w, review_type(w), ids, n, err) : NULL;
	if (n && !g)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct record *r = grant_record(g, i);
		bool waits = str_is(r->state, "waiting");
		html_note(h, waits ? "warn" : "ok", ICON_PEOPLE, waits ? N_("Sent by one person because a life was in danger. A supervisor reviews it within 24 hours.") : N_("The act of one person was reviewed."));
		if (!waits)
			facts_show(h, w, g, i, FINDING, COUNT(FINDING));
		if (!waits || !may_move(w, r, "review"))
			continue;
		form_open(h, w, "/rfi/%/review", PARTS(id_text(w->mem, x->r.id)));
		inputs_show(h, w, r->type, FINDING, COUNT(FINDING), NULL, f && strcmp(f->form, "review") == 0 ? f : NULL);
		submit_button(h, "btn go", NULL, NULL, N_("Reviewed"));
		html_put(h, MARKUP("</form>"));
	}
	return 0;
}

int rfi_review_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct record r;
	struct id *ids, proposal;
	size_t n;
	const struct type *t = review_type(w);
	struct draft d = { .type = t, .fields = fields_typed(w, t, FINDING, COUNT(FINDING), q) }, said = { .fields = json_keep(w->mem, json_object()) };
	struct rfi_fault f = { "review", NULL, NULL, q };
	int done = rfi_load(w, q, &x, err) < 0 || record_referring(w, "act_review", "rfi", x.r.id, &ids, &n, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (n == 0 || record_head(w, ids[n - 1], &r, err) < 0)
		return n ? -1 : err_set(err, ERR_NOT_FOUND, "no such review");
	if (record_amend(w, r.id, r.version, &d, err) == 0 && record_move(w, r.id, r.version + 1, STR("review"), &said, &proposal, err) == 0)
		return form_end(w, q, a, url_of(w->mem, "/rfi/%", PARTS(id_text(w->mem, x.r.id))), err);
	return rfi_said_or_up(w, &x, &f, a, err);
}
