#include "web/twins.h"
#include "web/compare.h"
#include "web/pages.h"
#include "web/parts.h"

static struct str mark_of(struct work *w, const struct type *t, const json_t *values)
{
	json_t *compared = json_keep(w->mem, json_object());
	for (size_t i = 0; i < t->duplicates.n; i++) {
		const char *name = str_z(w->mem, t->duplicates.at[i]);
		if (json_object_get(values, name))
			json_object_set(compared, name, json_object_get(values, name));
	}
	struct hash h = sha256(str_bytes(json_write_sorted(w->mem, compared)));
	return hex(w->mem, bytes_of(h.b, 16));
}

int twins_find(struct work *w, const struct type *t, const json_t *values, struct twins *out, struct err *err)
{
	struct name_who who = people_who(values);
	*out = (struct twins){ .mark = mark_of(w, t, values) };
	if (!t->duplicates.n || !who.name.n)
		return 0;
	if (duplicates_find(w, &who, 1, &out->at, &out->n, err) == 0) {
		struct entry e = { .act = ACT_SEARCH, .actor = w->actor.account, .role = w->actor.role, .type = t->name, .purpose = w->purpose, .basis = w->basis,
			.fields = STR("duplicates"), .count = out->n };
		out->n = out->n < TWINS_SHOWN ? out->n : TWINS_SHOWN;
		return work_enter(w, &e, err);
	}
	out->n = 0;
	if (err->code != ERR_BUSY)
		return -1;
	*err = (struct err){ 0 };      /* nobody waits for the index: the question is opened after `register` */
	return 0;
}

/* At the centre's desk one who is expected is checked in with the family. */
static bool checkin_of(struct work *w, struct id person, struct id *family)
{
	struct id *ids;
	size_t n;
	struct err ignored = { 0 };
	return role_is(w, "CENTRE_REG") && record_referring(w, "arrival_checkin", "person", person, &ids, &n, &ignored) == 0 && n &&
	    checkin_households(w, &ids[n - 1], 1, family, &ignored) == 0 && !id_none(*family);
}

static int one_show(struct html *h, struct work *w, const json_t *values, const struct twin *twin, struct err *err)
{
	bool known, in = false;
	const struct type *person = type_find(w->node->types, STR("person"));
	struct id other = twin->other;
	/* compared as she was written in the record that has this name, where that may be read */
	if (!id_none(twin->by) && record_in_scope(w, person, &twin->by, 1, &in, err) < 0)
		return -1;
	const struct grant *g = record_open(w, person, in ? &twin->by : &other, 1, err);
	if (!g)
		return -1;
	if (in)
		para(h, "muted", N_("This name stands in a record that was merged into this one."));
	struct comparison c = { .shown_a = N_("What you typed"), .shown_b = N_("Registered already"), .a = people_who(values), .b = people_who_of(g, 0) };
	if (comparison_make(w, &c, &known, err) < 0)
		return -1;
	comparison_show(h, w, &c, known);
	html_put(h, MARKUP("<p class=\"actions\">"));
	struct id family;
	if (checkin_of(w, other, &family))
		link_button(h, "btn go", url_of(w->mem, "/checkin/%", PARTS(id_text(w->mem, family))), N_("Same person: to the check-in of the family"));
	else
		link_button(h, "btn go", url_of(w->mem, "/r/person/%", PARTS(id_text(w->mem, other))), N_("Same person: open that record"));
	html_put(h, MARKUP("</p>"));
	return 0;
}

int twins_show(struct html *h, struct work *w, const json_t *values, const struct twins *t, struct err *err)
{
	html_note(h, "warn", ICON_WARN, N_("Somebody like this is registered already. Nothing was saved yet."));
	for (size_t i = 0; i < t->n; i++)
		if (one_show(h, w, values, &t->at[i], err) < 0)
			return -1;
	para(h, "muted", N_("If they are different people, save below. A similar name is no finding about anybody."));
	return 0;
}

int twins_different(struct work *w, struct id person, const struct twins *t, struct err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		struct id claim;
		struct claim_draft c = { .person = person, .other = t->at[i].other, .method = "desk", .score = t->at[i].score, .decision = STR("different"),
			.reasons = N_("Seen side by side when she was registered.") };
		if (claim_open(w, &c, &claim, err) < 0 || record_move_inside(w, claim, "decide", err) < 0)
			return -1;
	}
	return 0;
}
