#include "web/compare.h"
#include "web/import_page.h"

/* What was found in the file: rows that cannot be taken with the reason at the cell, people who look like the same, and the button. */
#define FAULT_CHUNKS 6u
#define PAIRS_SHOWN 20u
#define PREVIEW_ROWS 8u

static struct str text_in(const json_t *v)
{
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ 0 };
}

static void fact(struct html *h, const char *label, int64_t n)
{
	html_put(h, MARKUP("<div><dt>"));
	html_t(h, label);
	html_put(h, MARKUP("</dt><dd class=\"big\">"));
	html_num(h, n);
	html_put(h, MARKUP("</dd></div>"));
}

static void counts(struct html *h, struct work *w, const struct import *im)
{
	html_put(h, MARKUP("<dl class=\"facts\">"));
	fact(h, N_("Rows in the file"), im->rows);
	fact(h, N_("Rows that can be taken"), im->good);
	fact(h, N_("Families"), im->families);
	fact(h, N_("Rows with errors"), im->rows - im->good);
	fact(h, N_("Look like the same person"), import_pairs(w, im, false));
	html_put(h, MARKUP("</dl>"));
}

static void notes(struct html *h, const json_t *head)
{
	const char *sentence;
	json_t *n, *all = json_object_get(head, "notes");
	if (json_object_size(all) == 0)
		return;
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, N_("What was noticed in the good rows"));
	html_put(h, MARKUP("</h2><ul>"));
	json_object_foreach(all, sentence, n) {
		html_put(h, MARKUP("<li>"));
		html_ts(h, str_of(sentence));
		html_put(h, MARKUP(" <b>"));
		html_num(h, json_integer_value(n));
		html_put(h, MARKUP("</b></li>"));
	}
	html_put(h, MARKUP("</ul></section>"));
}

/* ---- rows with errors ---- */
static void fault_cell(struct html *h, struct work *w, const json_t *row, const json_t *headings, size_t c)
{
	const json_t *faults = json_object_get(row, "e");
	html_put(h, MARKUP("<td role=\"cell\" data-l=\""));
	html_attr(h, text_in(json_array_get(headings, c)));
	html_put(h, MARKUP("\">"));
	html_name(h, text_in(json_array_get(json_object_get(row, "c"), c)));
	for (size_t i = 0; i < json_array_size(faults); i++) {
		const json_t *f = json_array_get(faults, i);
		if (json_integer_value(json_array_get(f, 0)) != (json_int_t)c)
			continue;
		html_put(h, MARKUP("<span class=\"err\">"));
		html_icon(h, ICON_WARN);
		html_put(h, MARKUP("<span>"));
		html_ts(h, str_dup(w->mem, text_in(json_array_get(f, 1))));
		html_put(h, MARKUP("</span></span>"));
	}
	html_put(h, MARKUP("</td>"));
}

static void fault_table(struct html *h, struct work *w, const json_t *rows, const json_t *headings)
{
	html_put(h, MARKUP("<div class=\"scroll\"><table class=\"cards\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\"><th scope=\"col\" role=\"columnheader\">"));
	html_t(h, N_("Row"));
	html_put(h, MARKUP("</th>"));
	for (size_t c = 0; c < json_array_size(headings); c++) {
		html_put(h, MARKUP("<th scope=\"col\" role=\"columnheader\">"));
		html_name(h, text_in(json_array_get(headings, c)));
		html_put(h, MARKUP("</th>"));
	}
	html_put(h, MARKUP("</tr></thead><tbody role=\"rowgroup\">"));
	for (size_t i = 0; i < json_array_size(rows); i++) {
		html_put(h, MARKUP("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">"));
		html_num(h, json_int(json_array_get(rows, i), "n", 0));
		html_put(h, MARKUP("</th>"));
		for (size_t c = 0; c < json_array_size(headings); c++)
			fault_cell(h, w, json_array_get(rows, i), headings, c);
		html_put(h, MARKUP("</tr>"));
	}
	html_put(h, MARKUP("</tbody></table></div>"));
}

static int faults(struct html *h, struct work *w, const struct import *im, const struct request *q, const json_t *head, size_t *seen, struct err *err)
{
	json_t *rows;
	bool more;
	uint64_t from = 0;
	if (im->rows == im->good)
		return 0;
	str_u64(request_query(q, "from"), &from);
	if (import_faulty(w, im, (size_t)(from % 1000000), FAULT_CHUNKS, &rows, &more, err) < 0)
		return -1;
	size_t n = json_array_size(rows);
	*seen += n;
	html_put(h, MARKUP("<section class=\"panel stack\" id=\"faults\"><h2>"));
	html_t(h, N_("Rows that cannot be taken"));
	html_put(h, MARKUP("</h2><p>"));
	html_t(h, N_("Correct them in the file that you download here, and upload that file. The other families can be registered now."));
	html_put(h, MARKUP("</p><p><a class=\"btn\" href=\""));
	html_attr(h, url_of(w->mem, "/import/%/faults.xlsx", PARTS(id_text(w->mem, im->id))));
	html_put(h, MARKUP("\">"));
	html_t(h, N_("Download the rows with errors (XLSX)"));
	html_put(h, MARKUP("</a></p>"));
	fault_table(h, w, rows, json_object_get(head, "headings"));
	if (more && n) {
		struct str last = str_fmt(w->mem, "%lld", (long long)json_int(json_array_get(rows, n - 1), "chunk", 0));
		html_put(h, MARKUP("<p>"));
		html_href(h, "/import/%?from=%", PARTS(id_text(w->mem, im->id), last));
		html_t(h, N_("Next page"));
		html_put(h, MARKUP("</a></p>"));
	}
	html_put(h, MARKUP("</section>"));
	return 0;
}

/* ---- two who look like one ---- */
static void side(struct html *h, const char *from, int64_t row, struct str name, struct str mother, struct str birth)
{
	html_put(h, MARKUP("<td><span class=\"sub\">"));
	html_t(h, from);
	if (row > 0) {
		html_put(h, MARKUP(" "));
		html_num(h, row);
	}
	html_put(h, MARKUP("</span><b>"));
	html_name(h, name);
	html_put(h, MARKUP("</b><span class=\"sub\">"));
	html_t(h, N_("Mother's name"));
	html_put(h, MARKUP(": "));
	mother.n ? html_name(h, mother) : html_t(h, N_("Not stated"));
	html_put(h, MARKUP("</span><span class=\"sub\">"));
	html_t(h, N_("Date of birth"));
	html_put(h, MARKUP(": "));
	birth.n ? html_date(h, birth) : html_t(h, N_("Not stated"));
	html_put(h, MARKUP("</span></td>"));
}

static void side_row(struct html *h, const json_t *row)
{
	const json_t *p = json_object_get(row, "p");
	side(h, N_("Row"), json_int(row, "n", 0), json_str(p, "name"), json_str(p, "mother_name"), json_str(p, "birth"));
}

static void decision_buttons(struct html *h, struct work *w, const struct import *im, const struct import_twin *t)
{
	static const struct { const char *value, *label; } CHOICES[] = { { "same", N_("Same person") }, { "different", N_("Different person") }, { "unsure", N_("Not sure") } };
	import_form(h, w, im, "/import/%/pairs");
	html_put(h, MARKUP("<input type=\"hidden\" name=\"row\" value=\""));
	html_text(h, str_fmt(w->mem, "%lld", (long long)t->row));
	html_put(h, MARKUP("\"><input type=\"hidden\" name=\"other\" value=\""));
	html_text(h, id_none(t->other) ? str_fmt(w->mem, "%lld", (long long)t->other_row) : id_text(w->mem, t->other));
	html_put(h, MARKUP("\"><div class=\"three\">"));
	for (size_t i = 0; i < COUNT(CHOICES); i++) {
		bool chosen = str_is(t->decision, CHOICES[i].value);
		chosen ? html_put(h, MARKUP("<button class=\"btn go\" name=\"as\" value=\"")) : html_put(h, MARKUP("<button class=\"btn\" name=\"as\" value=\""));
		html_attr(h, str_of(CHOICES[i].value));
		html_put(h, MARKUP("\">"));
		html_t(h, CHOICES[i].label);
		html_put(h, MARKUP("</button>"));
	}
	html_put(h, MARKUP("</div></form>"));
}

/* Why the machine thought of it, in one line: the parts that agree, and how. */
static int pair_why(struct html *h, struct work *w, const json_t *row, const struct name_who *other, struct err *err)
{
	struct comparison c = { .a = people_who(json_object_get(row, "p")), .b = *other };
	bool known;
	if (comparison_make(w, &c, &known, err) < 0)
		return -1;
	if (!known)
		return 0;
	html_put(h, MARKUP("<p class=\"small\"><b>"));
	html_t(h, likeness_word(c.score));
	html_put(h, MARKUP("</b>"));
	comparison_brief(h, w, &c);
	html_put(h, MARKUP("</p>"));
	return 0;
}

static int pair_show(struct html *h, struct work *w, const struct import *im, const struct import_twin *t, struct err *err)
{
	json_t *row, *other;
	struct record r;
	struct name_who who = { 0 };
	if (import_row(w, im, t->row, &row, err) < 0)
		return -1;
	html_put(h, MARKUP("<li><table><tbody><tr>"));
	side_row(h, row);
	if (id_none(t->other)) {
		if (import_row(w, im, t->other_row, &other, err) < 0)
			return -1;
		side_row(h, other);
		who = people_who(json_object_get(other, "p"));
	} else if (record_head(w, t->other, &r, NULL) == 0 && !str_is(r.state, "erased")) {
		const struct grant *g = record_open(w, r.type, &t->other, 1, err);
		if (!g)
			return -1;
		side(h, N_("In the register"), 0, record_text(g, 0, "name"), record_text(g, 0, "mother_name"), record_text(g, 0, "birth"));
		who = people_who_of(g, 0);
	}
	html_put(h, MARKUP("</tr></tbody></table>"));
	if (who.name.n && pair_why(h, w, row, &who, err) < 0)
		return -1;
	if (t->exact)
		html_note(h, "info", ICON_CHECK, N_("Name, mother's name and year of birth are the same."));
	decision_buttons(h, w, im, t);
	html_put(h, MARKUP("</li>"));
	return 0;
}

static void decide_all(struct html *h, struct work *w, const struct import *im)
{
	int64_t exact = import_pairs(w, im, true);
	import_form(h, w, im, "/import/%/pairs");
	html_put(h, MARKUP("<p class=\"actions\">"));
	if (exact > 0) {
		html_put(h, MARKUP("<button class=\"btn\" name=\"all\" value=\"exact-same\">"));
		html_t(h, N_("All that agree in everything: same person"));
		html_put(h, MARKUP("</button>"));
	}
	html_put(h, MARKUP("<button class=\"btn\" name=\"all\" value=\"unsure\">"));
	html_t(h, N_("All others: not sure"));
	html_put(h, MARKUP("</button></p></form>"));
}

static int pairs(struct html *h, struct work *w, const struct import *im, size_t *seen, struct err *err)
{
	struct import_twin *t;
	size_t n;
	if (import_pairs(w, im, false) <= 0)
		return 0;
	if (import_twins(w, im, false, 0, PAIRS_SHOWN, &t, &n, err) < 0)
		return -1;
	*seen += n * 2;
	html_put(h, MARKUP("<section class=\"panel stack\" id=\"pairs\"><h2>"));
	html_t(h, N_("Do these two look like the same person?"));
	html_put(h, MARKUP("</h2><p>"));
	html_t(h, N_("You decide. The same: the row is not registered again. Not sure: it is registered, and the question stays open."));
	html_put(h, MARKUP("</p><p>"));
	html_t(h, N_("Not decided yet:"));
	html_put(h, MARKUP(" <b>"));
	html_num(h, import_undecided(w, im));
	html_put(h, MARKUP("</b></p>"));
	decide_all(h, w, im);
	html_put(h, MARKUP("<ul class=\"plain stack\">"));
	for (size_t i = 0; i < n; i++)
		if (pair_show(h, w, im, &t[i], err) < 0)
			return -1;
	html_put(h, MARKUP("</ul></section>"));
	return 0;
}

/* ---- the first good rows, as they will be registered ---- */
static void preview_row(struct html *h, struct work *w, const json_t *row)
{
	static const char *const COLUMNS[] = { "mother_name", "sex", "birth" };
	const struct type *t = type_find(w->node->types, STR("person"));
	const json_t *p = json_object_get(row, "p"), *said = json_object_get(row, "w");
	html_put(h, MARKUP("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">"));
	html_name(h, json_str(p, "name"));
	html_put(h, MARKUP("</th><td role=\"cell\" data-l=\""));
	html_attr(h, tr(w->lang, N_("Family number")));
	html_put(h, MARKUP("\">"));
	html_id(h, json_str(row, "f"));
	html_put(h, MARKUP("</td>"));
	for (size_t i = 0; i < COUNT(COLUMNS); i++) {
		const struct tfield *f = type_field(t, str_of(COLUMNS[i]));
		struct str v = json_str(p, COLUMNS[i]);
		const struct code *code = f && f->codes ? code_find(f->codes, v) : NULL;
		html_put(h, MARKUP("<td role=\"cell\" data-l=\""));
		html_attr(h, f ? tr(w->lang, str_z(w->mem, f->label)) : (struct str){ 0 });
		html_put(h, MARKUP("\">"));
		if (code)
			html_ts(h, code->label);
		else if (f && f->kind == KIND_DATE && v.n)
			html_date(h, v);
		else
			html_name(h, v);
		for (size_t k = 0; f && f->kind == KIND_DATE && k < json_array_size(said); k++) {
			html_put(h, MARKUP("<span class=\"sub\">"));
			html_ts(h, str_dup(w->mem, text_in(json_array_get(json_array_get(said, k), 1))));
			html_put(h, MARKUP("</span>"));
		}
		html_put(h, MARKUP("</td>"));
	}
	html_put(h, MARKUP("</tr>"));
}

static void preview_head(struct html *h)
{
	static const char *const LABELS[] = { N_("Full name"), N_("Family number"), N_("Mother's name"), N_("Sex"), N_("Date of birth") };
	html_put(h, MARKUP("<section class=\"panel\"><h2>"));
	html_t(h, N_("The first rows, as they will be registered"));
	html_put(h, MARKUP("</h2><div class=\"scroll\"><table class=\"cards\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">"));
	for (size_t i = 0; i < COUNT(LABELS); i++) {
		html_put(h, MARKUP("<th scope=\"col\" role=\"columnheader\">"));
		html_t(h, LABELS[i]);
		html_put(h, MARKUP("</th>"));
	}
	html_put(h, MARKUP("</tr></thead><tbody role=\"rowgroup\">"));
}

static int preview(struct html *h, struct work *w, const struct import *im, size_t *seen, struct err *err)
{
	size_t shown = 0;
	if (im->good == 0)
		return 0;
	preview_head(h);
	for (int64_t c = 1; c < im->chunks && c < 4 && shown < PREVIEW_ROWS; c++) {
		json_t *rows;
		if (import_chunk(w, im, c, &rows, err) < 0)
			return -1;
		for (size_t i = 0; i < json_array_size(rows) && shown < PREVIEW_ROWS; i++) {
			if (json_object_get(json_array_get(rows, i), "e"))
				continue;
			preview_row(h, w, json_array_get(rows, i));
			shown++;
		}
	}
	*seen += shown;
	html_put(h, MARKUP("</tbody></table></div></section>"));
	return 0;
}

static void confirm(struct html *h, struct work *w, const struct import *im)
{
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	if (im->good == 0) {
		html_note(h, "bad", ICON_WARN, N_("No row of this file can be taken as it is."));
	} else if (import_undecided(w, im) > 0) {
		html_note(h, "warn", ICON_PEOPLE, N_("Decide first about the people who look like the same."));
	} else {
		import_form(h, w, im, "/import/%/confirm");
		html_put(h, MARKUP("<p><button class=\"btn go\">"));
		html_t(h, N_("Register these people"));
		html_put(h, MARKUP("</button></p></form>"));
	}
	import_form(h, w, im, "/import/%/cancel");
	html_put(h, MARKUP("<p><button class=\"btn\">"));
	html_t(h, N_("Withdraw this import"));
	html_put(h, MARKUP("</button></p></form></section>"));
}

int import_ready_page(struct work *w, const struct import *im, const struct request *q, struct html *h, struct err *err)
{
	json_t *head;
	size_t seen = 0;
	if (import_chunk(w, im, 0, &head, err) < 0)
		return -1;
	if (request_query(q, "again").n)
		html_note(h, "info", ICON_CHECK, N_("This file was uploaded before. Here is what became of it; nothing was registered twice."));
	counts(h, w, im);
	if (faults(h, w, im, q, head, &seen, err) < 0 || pairs(h, w, im, &seen, err) < 0 || preview(h, w, im, &seen, err) < 0)
		return -1;
	notes(h, head);
	confirm(h, w, im);
	return import_seen(w, ACT_READ, seen, err);
}
