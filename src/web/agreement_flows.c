#include "web/agreement_parts.h"

/* What an agreement's text would lead to, in tables. */

static void flow_row(struct html *h, struct work *w, struct columns c, const struct terms_flow *f)
{
	bool guarded = (f->classes & (CLASS_BIT(CLASS_X) | CLASS_BIT(CLASS_S) | CLASS_BIT(CLASS_J))) != 0;
	row_open(h);
	cell_open(h, c, 0);
	html_ts(h, f->type->plural);
	if (guarded) {
		html_put(h, MARKUP(" "));
		tag(h, "warn", tr(w->lang, N_("protected fields")));
	}
	cell_close(h, 0);
	cell_text(h, c, 1, f->fields);
	cell_text(h, c, 2, f->roles.n ? f->roles : tr(w->lang, N_("Nobody there")));
	if (f->out)
		cell_num(h, c, 3, f->records);
	row_close(h);
}

static void direction(struct html *h, struct work *w, const struct terms_flow *f, size_t n, bool out)
{
	static const char *const OUT[] = { N_("What"), N_("Fields"), N_("Roles that would read it there"), N_("Records here now") };
	static const char *const IN[] = { N_("What"), N_("Fields"), N_("Roles that would read it here") };
	struct columns c = out ? (struct columns){ OUT, COUNT(OUT) } : (struct columns){ IN, COUNT(IN) };
	size_t shown = 0;
	html_put(h, MARKUP("<h3>"));
	html_t(h, out ? N_("From this office to the partner") : N_("From the partner to this office"));
	html_put(h, MARKUP("</h3>"));
	for (size_t i = 0; i < n; i++) {
		if (f[i].out != out)
			continue;
		if (!shown++)
			table_open(h, c);
		flow_row(h, w, c, &f[i]);
	}
	if (shown)
		table_close(h);
	else
		para(h, "muted", N_("Nothing"));
}

int agreement_flows_show(struct html *h, struct work *w, struct str text, bool folded, struct err *err)
{
	struct terms_flow *f;
	size_t n;
	if (terms_flows(w, text, &f, &n, err) < 0)
		return -1;
	html_put(h, folded ? MARKUP("<details class=\"panel stack\"><summary>") : MARKUP("<details class=\"panel stack\" open><summary>"));
	html_t(h, N_("Who would be able to read what"));
	html_put(h, MARKUP("</summary>"));
	para(h, "small muted", N_("Only in the scope of each role, for the purposes named, and never more than the declaration of the type allows."));
	direction(h, w, f, n, true);
	direction(h, w, f, n, false);
	html_put(h, MARKUP("</details>"));
	return 0;
}

void agreement_changes_show(struct html *h, struct str before, struct str after, const char *title)
{
	struct terms_change *c;
	size_t n = terms_changes(h->mem, before, after, &c);
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, title);
	if (n == 0)
		para(h, "muted", N_("Nothing"));
	html_put(h, MARKUP("<ul class=\"plain\">"));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<li>"));
		tag(h, c[i].added ? "ok" : "bad", tr(h->lang, c[i].added ? N_("added") : N_("taken away")));
		html_put(h, MARKUP(" "));
		html_id(h, c[i].key);
		html_put(h, MARKUP(" <span dir=\"auto\">"));
		html_text(h, c[i].value);
		html_put(h, MARKUP("</span></li>"));
	}
	html_put(h, MARKUP("</ul></section>"));
}

static bool of_group(struct str text, struct str parties)
{
	struct str line = terms_line(text, "group");
	str_cut(&line, ' ');
	return line.n && str_eq(line, parties);
}

static void party_show(struct html *h, struct work *w, struct str party, struct str group, struct str parties, const struct agreement *all, size_t n)
{
	const struct agreement *here = NULL;
	html_put(h, MARKUP("<li>"));
	html_id(h, party);
	html_put(h, MARKUP(" "));
	for (size_t i = 0; i < n && !here; i++)
		if (str_eq(all[i].partner, party) && of_group(all[i].text, parties) && !str_is(all[i].state, "ended"))
			here = &all[i];
	struct str line = here ? terms_line(here->text, "group") : (struct str){ 0 };
	bool same = here && str_eq(str_cut(&line, ' '), group);
	if (str_eq(party, w->node->name))
		tag(h, "", tr(w->lang, N_("this office")));
	else if (!here)
		tag(h, "warn", tr(w->lang, N_("has not signed with us")));
	else if (!same)
		tag(h, "bad", tr(w->lang, N_("signed over another text")));
	else
		tag(h, here->in_force ? "ok" : "info", tr(w->lang, here->in_force ? N_("In force") : N_("waits for a signature")));
	html_put(h, MARKUP("</li>"));
}

int agreement_group_show(struct html *h, struct work *w, struct str text, struct err *err)
{
	struct str line = terms_line(text, "group"), group = str_cut(&line, ' '), parties = line;
	struct agreement *all;
	size_t n;
	if (!group.n)
		return 0;
	if (agreement_list(w, &all, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Several parties over one text"));
	para(h, "small muted", N_("Each pair signs a note of its own; all name the digest of the same common text. This page knows the pairs of this office."));
	html_put(h, MARKUP("<p class=\"small\">"));
	html_id(h, group);
	html_put(h, MARKUP("</p><ul class=\"plain\">"));
	for (struct str rest = parties; rest.n;)
		party_show(h, w, str_cut(&rest, ' '), group, parties, all, n);
	html_put(h, MARKUP("</ul></section>"));
	return 0;
}

int agreement_drafts_show(struct html *h, struct work *w, struct err *err)
{
	static const char *const C[] = { N_("Draft"), N_("Partner"), N_("State"), N_("Time") };
	struct columns c = { C, COUNT(C) };
	struct agreement_draft *d;
	size_t n;
	if (draft_list(w, &d, &n, err) < 0)
		return -1;
	if (n)
		table_open(h, c);
	for (size_t i = 0; i < n; i++) {
		row_open(h);
		cell_open(h, c, 0);
		html_href(h, "/agreements/drafts/%", PARTS(hex(w->mem, bytes_of(d[i].digest.b, HASH_BYTES))));
		html_text(h, d[i].title);
		html_put(h, MARKUP("</a>"));
		cell_close(h, 0);
		cell_open(h, c, 1);
		html_id(h, d[i].partner);
		cell_close(h, 1);
		cell_tag(h, c, 2, d[i].answered ? "" : "info", tr(w->lang, d[i].answered ? N_("Answered by another draft") : d[i].theirs ? N_("Proposed by the partner") : d[i].sent ? N_("Sent to the partner") : N_("Not sent yet")));
		cell_open(h, c, 3);
		html_time(h, d[i].at_ms);
		cell_close(h, 3);
		row_close(h);
	}
	if (n)
		table_close(h);
	return 0;
}
