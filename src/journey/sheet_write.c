#include "journey/sheet.h"
#include <zip.h>

/* The few parts that a workbook needs (ECMA-376), in memory. libxlsxwriter wants files on disk for this, which a job does not have (docs/adr/0050). */
#define PART_MAX ((size_t)128 << 20)
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN_NS "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define REL_NS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define TEMPLATE_ROWS 1000u

static void xml_text(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		const char *to = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : NULL;
		if (to)
			buf_z(b, to);
		else if ((uint8_t)c >= 0x20 || c == '\n' || c == '\t')
			buf_ch(b, c);
	}
}

static struct str letters(struct arena *mem, size_t column)
{
	return column < 26 ? str_fmt(mem, "%c", (char)('A' + column)) : str_fmt(mem, "%c%c", (char)('A' + column / 26 - 1), (char)('A' + column % 26));
}

static void cell(struct arena *mem, struct buf *b, size_t column, size_t row, struct str text, unsigned style)
{
	if (!text.n)
		return;
	buf_fmt(b, "<c r=\"" S_FMT "%zu\" s=\"%u\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", S_ARG(letters(mem, column)), row, style);
	xml_text(b, text);
	buf_z(b, "</t></is></c>");
}

static void sheet_head(struct buf *b, const struct sheet_out *s, bool frozen)
{
	buf_z(b, HEAD "<worksheet xmlns=\"" MAIN_NS "\"><sheetViews><sheetView workbookViewId=\"0\"");
	if (s->right_to_left)
		buf_z(b, " rightToLeft=\"1\"");
	if (frozen)
		buf_z(b, "><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>");
	else
		buf_z(b, "/></sheetViews>");
}

static void columns_wide(struct buf *b, const struct sheet_out *s)
{
	buf_z(b, "<cols>");
	for (size_t c = 0; c < s->ncolumns; c++)
		buf_fmt(b, "<col min=\"%zu\" max=\"%zu\" width=\"%zu\" style=\"2\" customWidth=\"1\"/>", c + 1, c + 1, s->columns[c].width ? s->columns[c].width : 18);
	buf_z(b, "</cols>");
}

static void validations(struct arena *mem, struct buf *b, const struct sheet_out *s)
{
	size_t n = 0;
	for (size_t c = 0; c < s->ncolumns; c++)
		n += s->columns[c].nchoices > 0;
	if (!n)
		return;
	buf_fmt(b, "<dataValidations count=\"%zu\">", n);
	for (size_t c = 0; c < s->ncolumns; c++) {
		if (!s->columns[c].nchoices)
			continue;
		struct str at = letters(mem, c);
		buf_fmt(b, "<dataValidation type=\"list\" allowBlank=\"1\" errorStyle=\"warning\" showErrorMessage=\"1\" sqref=\"" S_FMT "3:" S_FMT "%u\"><formula1>Lists!$" S_FMT "$2:$" S_FMT
		    "$%zu</formula1></dataValidation>", S_ARG(at), S_ARG(at), TEMPLATE_ROWS, S_ARG(at), S_ARG(at), s->columns[c].nchoices + 1);
	}
	buf_z(b, "</dataValidations>");
}

static bool has_hxl(const struct sheet_out *s)
{
	for (size_t c = 0; c < s->ncolumns; c++)
		if (s->columns[c].hxl.n)
			return true;
	return false;
}

static struct str first_sheet(struct arena *mem, const struct sheet_out *s)
{
	struct buf b = buf_new(mem, PART_MAX);
	size_t row = 1;
	sheet_head(&b, s, true);
	columns_wide(&b, s);
	buf_z(&b, "<sheetData><row r=\"1\">");
	for (size_t c = 0; c < s->ncolumns; c++)
		cell(mem, &b, c, row, s->columns[c].heading, 1);
	buf_z(&b, "</row>");
	if (has_hxl(s)) {
		buf_fmt(&b, "<row r=\"%zu\">", ++row);
		for (size_t c = 0; c < s->ncolumns; c++)
			cell(mem, &b, c, row, s->columns[c].hxl, 2);
		buf_z(&b, "</row>");
	}
	for (size_t r = 0; r < s->nrows; r++) {
		buf_fmt(&b, "<row r=\"%zu\">", ++row);
		for (size_t c = 0; c < s->ncolumns; c++)
			cell(mem, &b, c, row, s->cells[r * s->ncolumns + c], 2);
		buf_z(&b, "</row>");
	}
	buf_z(&b, "</sheetData>");
	validations(mem, &b, s);
	buf_z(&b, "</worksheet>");
	return buf_text(&b);
}

static struct str second_sheet(struct arena *mem, const struct sheet_out *s)
{
	struct buf b = buf_new(mem, PART_MAX);
	size_t most = 0;
	for (size_t c = 0; c < s->ncolumns; c++)
		most = s->columns[c].nchoices > most ? s->columns[c].nchoices : most;
	sheet_head(&b, s, false);
	columns_wide(&b, s);
	buf_z(&b, "<sheetData><row r=\"1\">");
	for (size_t c = 0; c < s->ncolumns; c++)
		cell(mem, &b, c, 1, s->columns[c].heading, 1);
	buf_z(&b, "</row>");
	for (size_t r = 0; r < most; r++) {
		buf_fmt(&b, "<row r=\"%zu\">", r + 2);
		for (size_t c = 0; c < s->ncolumns; c++)
			if (r < s->columns[c].nchoices)
				cell(mem, &b, c, r + 2, s->columns[c].choices[r], 2);
		buf_z(&b, "</row>");
	}
	size_t notes = most + 3;
	for (size_t c = 0; c < s->ncolumns; c++) {
		if (!s->columns[c].note.n)
			continue;
		buf_fmt(&b, "<row r=\"%zu\">", notes);
		cell(mem, &b, 0, notes, s->columns[c].heading, 1);
		cell(mem, &b, 1, notes++, s->columns[c].note, 2);
		buf_z(&b, "</row>");
	}
	buf_z(&b, "</sheetData></worksheet>");
	return buf_text(&b);
}

static struct str workbook(struct arena *mem, const struct sheet_out *s)
{
	struct buf b = buf_new(mem, 4096);
	buf_z(&b, HEAD "<workbook xmlns=\"" MAIN_NS "\" xmlns:r=\"" REL_NS "\"><sheets><sheet name=\"");
	xml_text(&b, s->title);
	buf_z(&b, "\" sheetId=\"1\" r:id=\"rId1\"/><sheet name=\"Lists\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>");
	return buf_text(&b);
}

static int add(zip_t *z, const char *name, struct str content)
{
	zip_source_t *source = zip_source_buffer(z, content.p, content.n, 0);
	zip_int64_t i = source ? zip_file_add(z, name, source, ZIP_FL_ENC_UTF_8) : -1;
	return i < 0 ? -1 : zip_file_set_mtime(z, (zip_uint64_t)i, 946684800, 0);      /* the same content gives the same file */
}

static int parts_add(struct arena *mem, zip_t *z, const struct sheet_out *s)
{
	static const char TYPES[] = HEAD "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" "
	    "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
	    "<Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>"
	    "<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
	    "<Override PartName=\"/xl/worksheets/sheet2.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
	    "<Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/></Types>";
	static const char RELS[] = HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"" REL_NS
	    "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
	static const char BOOK_RELS[] = HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"" REL_NS
	    "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"" REL_NS "/worksheet\" Target=\"worksheets/sheet2.xml\"/>"
	    "<Relationship Id=\"rId3\" Type=\"" REL_NS "/styles\" Target=\"styles.xml\"/></Relationships>";
	/* style 1: bold, for headings; style 2: text, so that 0770 and 1-2 stay what was typed */
	static const char STYLES[] = HEAD "<styleSheet xmlns=\"" MAIN_NS "\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/>"
	    "<name val=\"Calibri\"/></font></fonts><fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>"
	    "<fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFE3EEEE\"/></patternFill></fill></fills><borders count=\"1\"><border/></borders>"
	    "<cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"3\"><xf/><xf fontId=\"1\" fillId=\"2\" applyFont=\"1\" applyFill=\"1\"/>"
	    "<xf numFmtId=\"49\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>";
	const struct { const char *name; struct str content; } PARTS[] = { { "[Content_Types].xml", str_of(TYPES) }, { "_rels/.rels", str_of(RELS) },
		{ "xl/workbook.xml", workbook(mem, s) }, { "xl/_rels/workbook.xml.rels", str_of(BOOK_RELS) }, { "xl/styles.xml", str_of(STYLES) },
		{ "xl/worksheets/sheet1.xml", first_sheet(mem, s) }, { "xl/worksheets/sheet2.xml", second_sheet(mem, s) } };
	for (size_t i = 0; i < COUNT(PARTS); i++)
		if (add(z, PARTS[i].name, PARTS[i].content) < 0)
			return -1;
	return 0;
}

static int source_bytes(struct arena *mem, zip_source_t *source, struct bytes *out)
{
	zip_stat_t st;
	if (zip_source_stat(source, &st) < 0 || zip_source_open(source) < 0)
		return -1;
	uint8_t *p = arena_alloc(mem, (size_t)st.size + 1);
	zip_int64_t n = zip_source_read(source, p, st.size);
	zip_source_close(source);
	*out = bytes_of(p, (size_t)st.size);
	return n == (zip_int64_t)st.size ? 0 : -1;
}

int sheet_write_xlsx(struct arena *mem, const struct sheet_out *s, struct bytes *out, struct err *err)
{
	zip_error_t why;
	zip_error_init(&why);
	zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &why);
	zip_t *z = source ? zip_open_from_source(source, ZIP_TRUNCATE, &why) : NULL;
	zip_error_fini(&why);
	if (!z)
		return err_set(err, ERR_FAULT, "a workbook cannot be begun");
	zip_source_keep(source);
	int rc = parts_add(mem, z, s);
	if (rc < 0 || zip_close(z) < 0) {
		zip_discard(z);
		rc = -1;
	}
	if (rc == 0)
		rc = source_bytes(mem, source, out);
	zip_source_free(source);
	return rc == 0 ? 0 : err_set(err, ERR_FAULT, "a workbook cannot be written");
}
