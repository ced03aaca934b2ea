#include "exchange/channel.h"
#include "exchange/forward.h"
#include "web/channel_parts.h"

/* The register of competences: matter by matter who decides, where, by which law, and how to reach the desk. */
#define SHOWN 1000

static const struct type *entry_type(const struct work *w)
{
	return type_find(w->node->types, STR("competence_entry"));
}

static void row_show(struct html *h, struct work *w, struct columns c, const struct grant *g, size_t i)
{
	const struct record *r = grant_record(g, i);
	row_open(h);
	cell_open(h, c, 0);
	html_href(h, "/r/competence_entry/%", PARTS(id_text(w->mem, r->id)));
	field_show(h, w, g, i, type_field(r->type, STR("matter")));
	html_put(h, MARKUP("</a>"));
	cell_close(h, 0);
	cell_open(h, c, 1);
	if (record_text(g, i, "place").n)
		field_show(h, w, g, i, type_field(r->type, STR("place")));
	else
		html_t(h, N_("everywhere"));
	cell_close(h, 1);
	cell_open(h, c, 2);
	html_text(h, record_text(g, i, "body"));
	if (record_text(g, i, "node").n) {
		html_put(h, MARKUP(" "));
		html_id(h, record_text(g, i, "node"));
	}
	cell_close(h, 2);
	cell_text(h, c, 3, record_text(g, i, "law"));
	cell_text(h, c, 4, record_text(g, i, "contact"));
	cell_tag(h, c, 5, str_is(r->state, "confirmed") ? "ok" : "", state_label(w, r->state));
	row_close(h);
}

int competence_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const C[] = { N_("Matter"), N_("Place"), N_("Body that decides"), N_("Law and article"), N_("Contact desk"), N_("Status") };
	struct columns c = { C, COUNT(C) };
	struct record_query query = { .limit = SHOWN };
	struct id *ids;
	size_t n, shown = 0;
	(void)q;
	if (record_list(w, entry_type(w), &query, &ids, &n, NULL, err) < 0)
		return -1;
	const struct grant *g = record_open(w, entry_type(w), ids, n, err);
	if (!g)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Who decides what"), .section = "competence" });
	para(&h, "", N_("By law, matter by matter. A request is led by it; one that reaches the wrong desk is refused with the right address."));
	const struct code_list *matters = type_field(entry_type(w), STR("matter"))->codes;
	for (size_t m = 0; m < matters->n; m++)
		for (size_t i = 0; i < n; i++) {
			if (!str_eq(record_text(g, i, "matter"), matters->codes[m].value) || str_is(grant_record(g, i)->state, "ended"))
				continue;
			if (!shown++)
				table_open(&h, c);
			row_show(&h, w, c, g, i);
		}
	if (shown)
		table_close(&h);
	else
		html_note(&h, "info", ICON_CLOCK, N_("Nothing is in the register yet. The ministry's supervisor enters it, legal aid confirms it."));
	if (record_may_create(w, entry_type(w))) {
		html_put(&h, MARKUP("<p class=\"actions\">"));
		link_button(&h, "btn go", STR("/r/competence_entry/new"), N_("Add a competence"));
		html_put(&h, MARKUP("</p>"));
	}
	page_close(&h, a);
	return 0;
}

/* ---- for requests ---- */

void competence_show(struct html *h, const struct competence *c)
{
	html_put(h, MARKUP("<p class=\"note info\"><span>"));
	html_t(h, N_("By the register this is decided by:"));
	html_put(h, MARKUP(" <b dir=\"auto\">"));
	html_text(h, c->body);
	html_put(h, MARKUP("</b> "));
	if (c->node.n)
		html_id(h, c->node);
	html_put(h, MARKUP("<br>"));
	html_text(h, c->law);
	html_put(h, MARKUP("<br>"));
	html_text(h, c->contact);
	html_put(h, MARKUP("</span></p>"));
}

/* One line that a refusal carries to the office that asked. */
struct str competence_address(struct work *w, const struct competence *c)
{
	return str_fmt(w->mem, S_FMT "%s" S_FMT "; " S_FMT, S_ARG(c->body), c->node.n ? ", " : "", S_ARG(c->node), S_ARG(c->contact));
}

int competence_elsewhere(struct work *w, const struct rfi *x, struct str node, struct competence *c, struct err *err)
{
	int rc = competence_for(w, record_text(x->g, 0, "question"), record_text(x->g, 0, "place"), c, err);
	return rc == 1 && str_eq(c->node, node) ? 0 : rc;
}

/* The office that the register names; the same one, where what was sent never got there. What passes another office's request on goes to nobody else by this. */
static int whom_again(struct work *w, const struct rfi *x, const struct request *q, struct str *to, struct err *err)
{
	struct competence c;
	struct went_to sent;
	struct id origin;
	bool same = str_is(request_field(q, "to"), "same");
	*to = record_text(x->g, 0, "recipient");
	int rc = !x->ours ? 0 : same ? went_to(w, x->r.id, *to, &sent, err) : competence_elsewhere(w, x, *to, &c, err);
	if (rc < 0)
		return -1;
	if (same)
		return rc == 1 && went_nowhere(&sent) ? 0 : err_say(err, ERR_CONFLICT, N_("This request arrived: ask anew only where something is new."), NULL);
	int passed = forward_origin(w, x->r.id, &origin, err);
	if (passed)
		return passed < 0 ? -1 : err_say(err, ERR_CONFLICT, N_("This request was passed on once already, and is not passed on again."), NULL);
	*to = rc == 1 ? c.node : (struct str){ 0 };
	return to->n ? 0 : err_say(err, ERR_CONFLICT, N_("The register names no other office with a node for this."), NULL);
}

int rfi_again_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct rfi x;
	struct id id;
	int done = rfi_load(w, q, &x, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	struct str to;
	if (whom_again(w, &x, q, &to, err) < 0)
		return -1;
	/* A new draft for the writer to look at and send. Its copies are chosen anew where another office is asked, which may have been one of them. */
	static const char *const LEFT[] = { "due", "copy_to" };
	struct draft d = { .unit = w->actor.unit, .fields = json_keep(w->mem, json_object()) };
	json_object_set_new(d.fields, "recipient", json_new_str(to));
	if (channel_copy(w, &x.r, &d, LEFT, 2 - str_eq(to, record_text(x.g, 0, "recipient")), &id, err) < 0 || forward_again(w, x.r.id, id, err) < 0)
		return -1;
	return form_end(w, q, a, url_of(w->mem, "/rfi/%", PARTS(id_text(w->mem, id))), err);
}
