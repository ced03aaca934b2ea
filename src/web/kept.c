#include "exchange/exchange.h"
#include "record/retention.h"
#include "web/pages.h"
#include "web/parts.h"

/* On the page of a copy: until when this office may keep it, and why. */

static const char *rule_sentence(struct str rule)
{
	if (str_starts(rule, STR("agreement+")))
		return N_("The agreement under which it came lets it be kept for so many days from the day when it came:");
	if (str_starts(rule, STR("copy+")))
		return N_("At the border and on the road copies are kept only as long as they are needed there.");
	return NULL;
}

static int agreement_named(struct html *h, struct work *w, const struct received *from, struct err *err)
{
	struct hash digest;
	struct agreement a;
	if (from->limits.n != HASH_BYTES)
		return 0;
	memcpy(digest.b, from->limits.p, HASH_BYTES);
	int rc = agreement_find(w, &digest, &a, err);
	if (rc <= 0)
		return rc;
	html_put(h, MARKUP("<p class=\"small\">"));
	html_t(h, N_("Agreement:"));
	html_put(h, MARKUP(" "));
	html_name(h, a.title);
	html_put(h, MARKUP("</p>"));
	return 0;
}

static void why_show(struct html *h, struct work *w, const struct record *r, const struct received *from, struct str rule)
{
	const char *sentence = rule_sentence(rule);
	json_t *early = json_object_get(r->type->raw, "copies_end");
	for (size_t i = 0; !sentence && i < json_array_size(early); i++)
		if (str_is(rule, json_string_value(json_array_get(early, i))) && (str_is(w->node->kind, "border") || str_is(w->node->kind, "travel")))
			sentence = rule_sentence(STR("copy+"));
	html_put(h, MARKUP("<p class=\"small\">"));
	html_t(h, sentence ? sentence : N_("The clock that holds for all records of this kind."));
	if (str_starts(rule, STR("agreement+"))) {
		html_put(h, MARKUP(" "));
		html_num(h, from->days);
	}
	html_put(h, MARKUP("</p>"));
}

int kept_show(struct html *h, struct work *w, const struct record *r, struct err *err)
{
	struct received from = { 0 };
	struct str rule;
	int64_t due;
	if (str_eq(r->owner, w->node->name) || !r->type->personal)
		return 0;
	if (retention_due(w, r, &due, &rule, err) < 0 || record_received(w, r->id, &from, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("A copy, and how long it stays"));
	html_put(h, MARKUP("<dl class=\"kv wide\"><dt>"));
	html_t(h, N_("Owner"));
	html_put(h, MARKUP("</dt><dd>"));
	html_id(h, r->owner);
	html_put(h, MARKUP("</dd>"));
	if (from.arrived) {
		html_put(h, MARKUP("<dt>"));
		html_t(h, N_("Content came last"));
		html_put(h, MARKUP("</dt><dd>"));
		html_time(h, from.arrived);
		html_put(h, MARKUP("</dd>"));
	}
	html_put(h, MARKUP("<dt>"));
	html_t(h, N_("May be kept until"));
	html_put(h, MARKUP("</dt><dd>"));
	if (due == RETENTION_NEVER)
		html_t(h, N_("No end yet"));
	else
		html_time(h, due);
	html_put(h, MARKUP("</dd></dl>"));
	if (due != RETENTION_NEVER) {
		why_show(h, w, r, &from, rule);
		if (agreement_named(h, w, &from, err) < 0)
			return -1;
		para(h, "small muted", N_("Then it is destroyed here, and its owner gets a signed note."));
	}
	html_put(h, MARKUP("</section>"));
	return 0;
}
