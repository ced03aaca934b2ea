#include "web/masked.h"
#include "web/parts.h"

/* Masked fields (UX 5): what a passer-by must not read, and what somebody who needs it sees for half a minute. */

#define TAIL 3
#define TAIL_WANTS 7       /* of a shorter value three signs would tell too much */

static const struct { const char *code, *label; } REASONS[] = { { "contact", N_("To call or write") }, { "identify", N_("To tell two people apart") },
	{ "papers", N_("To compare with papers") }, { "correct", N_("To correct it") }, { "asked", N_("The person concerned asks for it") } };

const char *mask_reason(struct str code)
{
	for (size_t i = 0; i < COUNT(REASONS); i++)
		if (str_is(code, REASONS[i].code))
			return REASONS[i].label;
	return NULL;
}

/* The last three signs where they are plain ones; of a page of the register none: it is short and the year stands at its end. */
static struct str tail_of(const struct tfield *f, struct str value)
{
	struct str tail = value.n >= TAIL_WANTS ? str_sub(value, value.n - TAIL, value.n) : (struct str){ 0 };
	for (size_t i = 0; i < tail.n; i++)
		if (tail.p[i] < '0' || tail.p[i] > '9')
			return (struct str){ 0 };
	return f->kind == KIND_REGISTRY_NO ? (struct str){ 0 } : tail;
}

void mask_dots(struct html *h, const struct tfield *f, struct str value)
{
	struct str tail = tail_of(f, value);
	html_put(h, MARKUP("<span class=\"id\" aria-hidden=\"true\">•••• "));
	html_text(h, tail);
	html_put(h, MARKUP("</span><span class=\"vh\">"));
	html_t(h, tail.n ? N_("Hidden. The last three digits:") : N_("Hidden"));
	html_put(h, MARKUP(" "));
	html_text(h, tail);
	html_put(h, MARKUP("</span> "));
}

void mask_ask(struct html *h, struct work *w, const struct record *r, const struct tfield *f)
{
	html_put(h, MARKUP("<details class=\"small\"><summary>"));
	html_t(h, N_("Show"));
	html_put(h, MARKUP(" <span class=\"vh\">"));
	html_ts(h, f->label);
	html_put(h, MARKUP("</span></summary>"));
	para(h, "hint", N_("Hidden from the eyes of others. Your reason is entered in the log; it is shown for 30 seconds."));
	form_open(h, w, "/r/%/%/show", PARTS(r->type->name, id_text(w->mem, r->id)));
	hidden_input(h, "field", f->name);
	html_put(h, MARKUP("<label class=\"lbl\">"));
	html_t(h, N_("Why it is needed"));
	html_put(h, MARKUP(" <select class=\"in\" name=\"reason\" required>"));
	field_option(h, (struct str){ 0 }, tr(w->lang, N_("Choose")), false);
	for (size_t i = 0; i < COUNT(REASONS); i++)
		field_option(h, str_of(REASONS[i].code), tr(w->lang, REASONS[i].label), false);
	html_put(h, MARKUP("</select></label><p><button class=\"btn\">"));
	html_t(h, N_("Show"));
	html_put(h, MARKUP("</button></p></form></details>"));
}

int mask_asked(const struct request *q, const struct grant *g, const struct tfield **out, struct err *err)
{
	const struct tfield *f = type_field(grant_record(g, 0)->type, request_field(q, "field"));
	if (!f || !f->masked)
		return err_set(err, ERR_NOT_FOUND, "no such masked field");
	if (!mask_reason(request_field(q, "reason")))
		return err_say(err, ERR_VALUE, N_("Choose why it is needed."), NULL);
	*out = f;
	return grant_unmask(g, f, request_field(q, "reason"), err);
}
