#include "report/report_i.h"

/* What others have published, read from the tables inside the program: never filled in, never rounded, never added to what was counted here. */

static const struct { const char *word, *label, *text; } QUALIFIER[QUALIFIERS] = {
	[FIGURE_EXACT] = { "exact", N_("as the source has it"), NULL },
	[FIGURE_ABOUT] = { "about", N_("about, as the source says"), N_("about %s") },
	[FIGURE_MORE_THAN] = { "more_than", N_("more than, as the source says"), N_("more than %s") },
};
/* The texts of data/public-figures.csv, here so that the catalogues have them. */
static const char *const METRICS[] = { N_("first batch families"), N_("sixth batch families"), N_("families returned so far"), N_("batches so far"),
	N_("people through the centre since May 2021"), N_("Iraqis moved from al-Hol") };

const char *qualifier_word(enum qualifier q)
{
	return QUALIFIER[q].word;
}

const char *qualifier_label(enum qualifier q)
{
	return QUALIFIER[q].label;
}

struct str figure_text(struct arena *mem, enum lang lang, enum numerals numerals, struct figure f)
{
	struct str n = f.known ? num_text(mem, lang, numerals, f.value) : (struct str){ 0 };
	return f.known && QUALIFIER[f.qualifier].text ? tr_fill(mem, tr(lang, QUALIFIER[f.qualifier].text), &n, 1, false) : n;
}

struct str percent_text(struct arena *mem, enum lang lang, enum numerals numerals, int64_t n)
{
	return str_join(mem, num_text(mem, lang, numerals, n), lang == LANG_EN || numerals == NUMERALS_EUROPEAN ? STR("%") : STR("\u066A"));
}

static int figure_read(struct str value, struct str qualifier, struct figure *out, struct err *err)
{
	*out = (struct figure){ 0 };
	if (!value.n)
		return 0;
	if (str_i64(value, &out->value) < 0)
		return err_set(err, ERR_FORMAT, "a figure of the source is no number");
	for (enum qualifier q = 0; q < QUALIFIERS; q++) {
		if (!str_is(qualifier, QUALIFIER[q].word))
			continue;
		out->known = true;
		out->qualifier = q;
		return 0;
	}
	return err_set(err, ERR_FORMAT, "a figure of the source has no qualifier");
}

static int row_figures(const struct csv_file *f, size_t row, struct figure *families, struct figure *persons, struct err *err)
{
	return figure_read(csv_cell(f, row, "families"), csv_cell(f, row, "families_qualifier"), families, err) < 0 ? -1 :
	    figure_read(csv_cell(f, row, "persons"), csv_cell(f, row, "persons_qualifier"), persons, err);
}

/* share_IQG15_pct is a column; the areas that the source names without a number stand in a list. */
static void shares(const struct csv_file *f, size_t row, struct source_batch *b)
{
	struct str start = STR("share_"), end = STR("_pct"), rest = csv_cell(f, row, "other_named_governorates");
	for (size_t c = 0; c < f->cols && b->nshares < COUNT(b->shares); c++) {
		struct str name = f->cells[c], value = f->cells[(row + 1) * f->cols + c], area = str_sub(name, start.n, name.n - start.n - end.n);
		int64_t pct;
		if (str_starts(name, start) && str_ends(name, end) && str_i64(value, &pct) == 0)
			b->shares[b->nshares++] = (struct share){ area, pct, true };
	}
	while (rest.n && b->nshares < COUNT(b->shares))
		b->shares[b->nshares++] = (struct share){ str_cut(&rest, ';'), 0, false };
}

static int article(struct arena *mem, struct source_figures *out, struct err *err)
{
	struct csv_file f;
	struct figure none;
	if (csv_embedded(mem, "data/article-batches.csv", &f, err) < 0)
		return -1;
	out->batches = NEW_ARRAY(mem, struct source_batch, f.rows + 1);
	for (size_t i = f.rows; i-- > 0;) {                       /* the file begins with the newest */
		struct str kind = csv_cell(&f, i, "kind");
		struct source_batch *b = &out->batches[out->nbatches];
		if (str_is(kind, "cumulative")) {
			out->returned_date = csv_cell(&f, i, "date");
			if (row_figures(&f, i, &out->returned_families, &out->returned_persons, err) < 0)
				return -1;
		} else if (str_is(kind, "cumulative_home")) {
			if (row_figures(&f, i, &out->home_families, &none, err) < 0)
				return -1;
		} else if (str_is(kind, "batch")) {
			b->date = csv_cell(&f, i, "date");
			if (str_i64(csv_cell(&f, i, "batch_no"), &b->batch) < 0 || row_figures(&f, i, &b->families, &b->persons, err) < 0)
				return err_add(err, "the article's batches");
			shares(&f, i, b);
			out->nbatches++;
		}
	}
	return 0;
}

static const char *metric_of(struct arena *mem, struct str text)
{
	for (size_t i = 0; i < COUNT(METRICS); i++)
		if (str_is(text, METRICS[i]))
			return METRICS[i];
	return str_z(mem, text);
}

static int public_claims(struct arena *mem, struct source_figures *out, struct err *err)
{
	struct csv_file f;
	if (csv_embedded(mem, "data/public-figures.csv", &f, err) < 0)
		return -1;
	out->claims = NEW_ARRAY(mem, struct claim, f.rows + 1);
	for (size_t i = 0; i < f.rows; i++) {
		struct claim *c = &out->claims[out->nclaims++];
		c->date = csv_cell(&f, i, "date");
		c->metric = str_of(metric_of(mem, csv_cell(&f, i, "metric")));
		c->publisher = csv_cell(&f, i, "publisher");
		if (figure_read(csv_cell(&f, i, "value"), csv_cell(&f, i, "qualifier"), &c->value, err) < 0)
			return -1;
	}
	return 0;
}

int source_figures(struct arena *mem, struct source_figures *out, struct err *err)
{
	*out = (struct source_figures){ 0 };
	return article(mem, out, err) < 0 ? -1 : public_claims(mem, out, err);
}

const struct source_batch *source_batch(const struct source_figures *s, int64_t batch)
{
	for (size_t i = 0; i < s->nbatches; i++)
		if (s->batches[i].batch == batch)
			return &s->batches[i];
	return NULL;
}

struct str place_name(struct arena *mem, enum lang lang, struct str code)
{
	static const char *const FILES[][2] = { { "data/places/governorates.csv", "pcode" }, { "data/places/points.csv", "code" } };
	const char *column = lang == LANG_AR ? "name_ar" : lang == LANG_CKB ? "name_ckb" : "name_en";
	struct csv_file f;
	for (size_t k = 0; k < COUNT(FILES); k++) {
		if (csv_embedded(mem, FILES[k][0], &f, NULL) < 0)
			continue;
		for (size_t i = 0; i < f.rows; i++) {
			struct str name = csv_cell(&f, i, column);
			if (str_eq(csv_cell(&f, i, FILES[k][1]), code) && name.n)
				return str_ends(name, STR("?")) ? str_sub(name, 0, name.n - 1) : name;
		}
	}
	return code;
}

size_t place_codes(struct arena *mem, struct str *out, size_t max)
{
	static const char *const FILES[][2] = { { "data/places/points.csv", "code" }, { "data/places/governorates.csv", "pcode" } };
	struct csv_file f;
	size_t n = 0;
	for (size_t k = 0; k < COUNT(FILES); k++) {
		if (csv_embedded(mem, FILES[k][0], &f, NULL) < 0)
			continue;
		for (size_t i = 0; i < f.rows && n < max; i++)
			out[n++] = csv_cell(&f, i, FILES[k][1]);
	}
	return n;
}
