#include "report/sheet.h"
#include <zip.h>

/* One row a batch; the two kinds of figures in columns of their own. */
static const struct { const char *head, *name, *hxl; } COLUMNS[SHEET_COLUMNS] = {
	{ N_("Batch"), "batch", "#activity+batch+num" },
	{ N_("Counted here: month"), "counted_month", "#date+counted" },
	{ N_("Counted here: families"), "counted_families", "#affected+hh+counted" },
	{ N_("Counted here: persons"), "counted_persons", "#affected+ind+counted" },
	{ N_("Source: date"), "source_date", "#date+source" },
	{ N_("Source: families"), "source_families", "#affected+hh+source" },
	{ N_("Source: precision of families"), "source_families_qualifier", "#meta+hh+qualifier" },
	{ N_("Source: persons"), "source_persons", "#affected+ind+source" },
	{ N_("Source: precision of persons"), "source_persons_qualifier", "#meta+ind+qualifier" },
	{ N_("Source: who"), "source", "#meta+source" },
	{ N_("Release"), "release", "#meta+release+id" },
};

static struct sheet_cell text_cell(struct str s)
{
	return (struct sheet_cell){ s, false };
}

static struct sheet_cell number_cell(struct arena *mem, int64_t n)
{
	return (struct sheet_cell){ str_fmt(mem, "%lld", (long long)n), true };
}

static struct sheet_cell qualifier_cell(struct work *w, struct figure f, bool plain)
{
	if (!f.known)
		return (struct sheet_cell){ 0 };
	return text_cell(plain ? str_of(qualifier_word(f.qualifier)) : tr(w->lang, qualifier_label(f.qualifier)));
}

static void said_cells(struct work *w, struct sheet_cell *c, const struct source_batch *b, bool plain)
{
	c[4] = text_cell(b->date);
	c[5] = b->families.known ? number_cell(w->mem, b->families.value) : (struct sheet_cell){ 0 };
	c[6] = qualifier_cell(w, b->families, plain);
	c[7] = b->persons.known ? number_cell(w->mem, b->persons.value) : (struct sheet_cell){ 0 };
	c[8] = qualifier_cell(w, b->persons, plain);
	c[9] = text_cell(plain ? str_of(REPORT_SOURCE) : tr(w->lang, REPORT_SOURCE));
}

static void counted_cells_of(struct work *w, struct sheet_cell *c, const struct released_batch *b)
{
	c[1] = text_cell(b->date);
	c[2] = number_cell(w->mem, b->families);
	c[3] = number_cell(w->mem, b->persons);
	c[10] = text_cell(id_text(w->mem, b->release));
}

static void heads(struct work *w, struct sheet *s, bool plain)
{
	for (size_t c = 0; c < SHEET_COLUMNS; c++) {
		s->cells[c] = text_cell(plain ? str_of(COLUMNS[c].name) : tr(w->lang, COLUMNS[c].head));
		s->cells[SHEET_COLUMNS + c] = text_cell(str_of(COLUMNS[c].hxl));
	}
	s->rows = 2;
}

int sheet_of(struct work *w, bool plain, struct sheet *out, struct err *err)
{
	struct source_figures source;
	struct released_batch *counted;
	size_t n, i = 0, k = 0;
	if (source_figures(w->mem, &source, err) < 0 || released_batches(w, (struct id){ 0 }, &counted, &n, err) < 0)
		return -1;
	*out = (struct sheet){ .cells = NEW_ARRAY(w->mem, struct sheet_cell, (n + source.nbatches + 2) * SHEET_COLUMNS),
		.rtl = str_is(str_of(lang_info(w->lang)->dir), "rtl"), .title = tr(w->lang, N_("Return statistics")) };
	heads(w, out, plain);
	while (i < n || k < source.nbatches) {                   /* both are in the order of the batches */
		struct sheet_cell *c = &out->cells[out->rows++ * SHEET_COLUMNS];
		int64_t a = i < n ? counted[i].batch : INT64_MAX, b = k < source.nbatches ? source.batches[k].batch : INT64_MAX;
		c[0] = number_cell(w->mem, a < b ? a : b);
		if (a <= b)
			counted_cells_of(w, c, &counted[i++]);
		if (b <= a)
			said_cells(w, c, &source.batches[k++], plain);
	}
	return 0;
}

/* A spreadsheet takes a text that begins so for a formula. */
static bool like_formula(struct str s)
{
	return s.n && strchr("=+-@\t\r", s.p[0]) != NULL;
}

static void csv_text(struct buf *b, struct str s)
{
	buf_ch(b, '"');
	if (like_formula(s))
		buf_ch(b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_ch(b, '"');
		buf_ch(b, s.p[i]);
	}
	buf_ch(b, '"');
}

struct str sheet_csv(struct arena *mem, const struct sheet *s, bool plain)
{
	struct buf b = buf_new(mem, (size_t)1 << 20);
	if (!plain)
		buf_z(&b, "\xEF\xBB\xBF");
	for (size_t i = 0; i < s->rows; i++) {
		for (size_t c = 0; c < SHEET_COLUMNS; c++) {
			const struct sheet_cell *cell = &s->cells[i * SHEET_COLUMNS + c];
			if (c)
				buf_ch(&b, ',');
			cell->number ? buf_str(&b, cell->text) : csv_text(&b, cell->text);
		}
		buf_z(&b, "\r\n");
	}
	return buf_text(&b);
}

/* ---- XLSX: the few parts of an Office Open XML workbook (ECMA-376), zipped in memory; a job may open no file ---- */

static void xml_text(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char *to = s.p[i] == '<' ? "&lt;" : s.p[i] == '>' ? "&gt;" : s.p[i] == '&' ? "&amp;" : s.p[i] == '"' ? "&quot;" : NULL;
		to ? buf_z(b, to) : buf_ch(b, s.p[i]);
	}
}

/* Job input: "rtl" or "ltr", LF, title, LF, then for each cell a kind (n, t), its length, ':' and its text. */
struct str sheet_job_input(struct arena *mem, const struct sheet *s)
{
	struct buf b = buf_new(mem, (size_t)1 << 20);
	buf_fmt(&b, "%s\n" S_FMT "\n", s->rtl ? "rtl" : "ltr", S_ARG(s->title));
	for (size_t i = 0; i < s->rows * SHEET_COLUMNS; i++) {
		buf_fmt(&b, "%c%zu:", s->cells[i].number ? 'n' : 't', s->cells[i].text.n);
		buf_str(&b, s->cells[i].text);
	}
	return buf_text(&b);
}

static bool cell_read(struct str *rest, struct sheet_cell *out)
{
	uint64_t n;
	if (rest->n < 2 || (rest->p[0] != 'n' && rest->p[0] != 't'))
		return false;
	out->number = rest->p[0] == 'n';
	*rest = str_sub(*rest, 1, rest->n - 1);
	if (str_u64(str_cut(rest, ':'), &n) < 0 || n > rest->n)
		return false;
	out->text = str_sub(*rest, 0, (size_t)n);
	*rest = str_sub(*rest, (size_t)n, rest->n - (size_t)n);
	return true;
}

static struct str worksheet(struct arena *mem, bool rtl, struct str rest)
{
	struct buf b = buf_new(mem, (size_t)4 << 20);
	buf_fmt(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetViews>"
	    "<sheetView%s workbookViewId=\"0\"><pane ySplit=\"2\" topLeftCell=\"A3\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>"
	    "<cols><col min=\"1\" max=\"%d\" width=\"20\" customWidth=\"1\"/></cols><sheetData>", rtl ? " rightToLeft=\"1\"" : "", SHEET_COLUMNS);
	struct sheet_cell cell;
	for (size_t i = 0; cell_read(&rest, &cell); i++) {
		size_t row = i / SHEET_COLUMNS + 1, col = i % SHEET_COLUMNS;
		if (col == 0)
			buf_fmt(&b, "%s<row r=\"%zu\">", i ? "</row>" : "", row);
		if (!cell.text.n)
			continue;
		buf_fmt(&b, "<c r=\"%c%zu\" s=\"%d\"%s>%s", (int)('A' + col), row, row == 1, cell.number ? "" : " t=\"inlineStr\"", cell.number ? "<v>" : "<is><t xml:space=\"preserve\">");
		xml_text(&b, cell.text);
		buf_z(&b, cell.number ? "</v></c>" : "</t></is></c>");
	}
	buf_z(&b, "</row></sheetData></worksheet>");
	return buf_text(&b);
}

static struct str workbook(struct arena *mem, struct str title)
{
	struct buf b = buf_new(mem, 4096);
	buf_z(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
	    " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"");
	xml_text(&b, title);
	buf_z(&b, "\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>");
	return buf_text(&b);
}

#define CONTENT_TYPES "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">" \
	"<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>" \
	"<Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>" \
	"<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>" \
	"<Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/></Types>"
#define RELS(INNER) "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>" \
	"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" INNER "</Relationships>"
#define REL(ID, KIND, TARGET) "<Relationship Id=\"" ID "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" KIND "\" Target=\"" TARGET "\"/>"
#define STYLES "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><fonts count=\"2\">" \
	"<font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"1\"><fill/></fills><borders count=\"1\">" \
	"<border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"2\"><xf fontId=\"0\"/><xf fontId=\"1\" applyFont=\"1\"/></cellXfs></styleSheet>"

static int part(zip_t *z, const char *name, struct str text)
{
	zip_source_t *source = zip_source_buffer(z, text.p, text.n, 0);
	zip_int64_t at = source ? zip_file_add(z, name, source, ZIP_FL_ENC_UTF_8) : -1;
	if (at < 0) {
		zip_source_free(source);
		return -1;
	}
	return zip_file_set_dostime(z, (zip_uint64_t)at, 0, 33, 0);      /* 1 January 1980: no clock, no time zone file */
}

static struct str zipped(struct arena *mem, zip_source_t *whole)
{
	zip_stat_t stat;
	if (zip_source_stat(whole, &stat) < 0 || zip_source_open(whole) < 0)
		return (struct str){ 0 };
	char *out = arena_alloc(mem, (size_t)stat.size + 1);
	zip_int64_t n = zip_source_read(whole, out, stat.size);
	zip_source_close(whole);
	return n == (zip_int64_t)stat.size ? (struct str){ out, (size_t)n } : (struct str){ 0 };
}

static struct str xlsx_run(struct arena *mem, struct str input)
{
	zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *z = whole ? zip_open_from_source(whole, ZIP_CREATE | ZIP_TRUNCATE, NULL) : NULL;
	struct str direction = str_cut(&input, '\n'), title = str_cut(&input, '\n'), out = { 0 };
	if (!z)
		return out;
	zip_source_keep(whole);
	bool ok = part(z, "[Content_Types].xml", STR(CONTENT_TYPES)) == 0 && part(z, "_rels/.rels", STR(RELS(REL("rId1", "officeDocument", "xl/workbook.xml")))) == 0 &&
	    part(z, "xl/workbook.xml", workbook(mem, title)) == 0 && part(z, "xl/styles.xml", STR(STYLES)) == 0 &&
	    part(z, "xl/_rels/workbook.xml.rels", STR(RELS(REL("rId1", "worksheet", "worksheets/sheet1.xml") REL("rId2", "styles", "styles.xml")))) == 0 &&
	    part(z, "xl/worksheets/sheet1.xml", worksheet(mem, str_is(direction, "rtl"), input)) == 0;
	if (!ok || zip_close(z) < 0)
		zip_discard(z);
	else
		out = zipped(mem, whole);
	zip_source_free(whole);
	return out;
}
const struct job_kind REPORT_JOB_XLSX = { "statistics_xlsx", xlsx_run };
