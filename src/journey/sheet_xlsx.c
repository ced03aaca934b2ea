#include "journey/sheet.h"
#include <expat.h>
#include <stdlib.h>
#include <zip.h>

/* Guards (DESIGN, STACK): a workbook of a camp has a dozen parts and some megabytes; a bomb has neither. */
#define ENTRIES_MAX 1000
#define PART_BYTES_MAX ((uint64_t)128 << 20)
#define RATIO_MAX 120u
#define RATIO_FROM ((uint64_t)4 << 20)          /* small parts of blanks do compress that well */
#define CELLS_SEEN_MAX 8000000u
#define DEPTH_MAX 64u
#define STYLES_MAX 4096u
#define MERGES_MAX 20000u

enum shows { SHOWS_NUMBER, SHOWS_DATE, SHOWS_YEAR, SHOWS_MONTH };
struct merge { uint32_t row1, row2; size_t column1, column2; };
struct book {
	struct arena *mem;
	struct err *err;
	zip_t *zip;
	struct str *strings; size_t nstrings, strings_cap;
	uint8_t *styles; size_t nstyles;
	struct { uint32_t id; uint8_t shows; } formats[256]; size_t nformats;
	bool date1904;
	struct str sheet_id, sheet_path;
	struct sheet_build build;
	struct merge *merges; size_t nmerges, merges_cap;
};
/* One part being parsed. */
struct part {
	struct book *book;
	XML_Parser xml;
	unsigned depth;
	bool failed, in_text, in_xfs, phonetic;
	struct buf text;
	uint32_t row; size_t column; uint32_t seen;
	char type[16]; uint32_t style;
	bool formula, has_value;
};

static int not_xlsx(struct err *err)
{
	return err_say(err, ERR_VALUE, N_("This is no XLSX file, or it is damaged."), NULL);
}

static const char *local(const char *name)
{
	const char *colon = strrchr(name, ':');
	return colon ? colon + 1 : name;
}

static struct str attribute(const char **a, const char *name)
{
	for (; a && a[0]; a += 2)
		if (strcmp(local(a[0]), name) == 0)
			return str_of(a[1]);
	return (struct str){ 0 };
}

static void stop(struct part *p, const char *sentence)
{
	if (!p->failed && sentence)
		err_say(p->book->err, ERR_VALUE, sentence, NULL);
	p->failed = true;
	XML_StopParser(p->xml, XML_FALSE);
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id, int internal)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)internal;
	stop(arg, N_("This file declares a document type inside; such a file is not read."));
}

static void on_text(void *arg, const char *s, int n)
{
	struct part *p = arg;
	if (p->in_text && n > 0)
		buf_put(&p->text, s, (size_t)n);
}

static void text_begin(struct part *p)
{
	p->in_text = true;
}

static bool enter(struct part *p)
{
	if (++p->depth > DEPTH_MAX)
		stop(p, N_("This is no XLSX file, or it is damaged."));
	return !p->failed;
}

/* ---- shared strings ---- */
static void strings_start(void *arg, const char *name, const char **a)
{
	struct part *p = arg;
	(void)a;
	name = local(name);
	if (!enter(p))
		return;
	if (strcmp(name, "si") == 0)
		p->text = buf_new(p->book->mem, SHEET_CELL_BYTES_MAX + 64);
	else if (strcmp(name, "rPh") == 0)
		p->phonetic = true;
	else if (strcmp(name, "t") == 0 && !p->phonetic)
		text_begin(p);
}

static void strings_end(void *arg, const char *name)
{
	struct part *p = arg;
	struct book *b = p->book;
	p->depth--;
	name = local(name);
	if (strcmp(name, "t") == 0)
		p->in_text = false;
	if (strcmp(name, "rPh") == 0)
		p->phonetic = false;
	if (strcmp(name, "si") != 0)
		return;
	if (b->nstrings == SHEET_CELLS_MAX) {
		stop(p, N_("This table has too many cells. Divide it into several files."));
		return;
	}
	if (b->nstrings == b->strings_cap) {
		size_t cap = b->strings_cap ? b->strings_cap * 2 : 1024;
		struct str *more = NEW_ARRAY(b->mem, struct str, cap);
		if (b->nstrings)
			memcpy(more, b->strings, b->nstrings * sizeof *more);
		b->strings = more;
		b->strings_cap = cap;
	}
	b->strings[b->nstrings++] = buf_text(&p->text);
}

/* ---- styles: which cells show a date ---- */
static uint8_t shows_of_code(struct str code)
{
	bool y = false, m = false, d = false, quoted = false;
	for (size_t i = 0; i < code.n; i++) {
		char c = code.p[i];
		if (c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (c == '[') {
			while (i < code.n && code.p[i] != ']')
				i++;
			continue;
		}
		if (c == '\\') {
			i++;
			continue;
		}
		y = y || c == 'y' || c == 'Y';
		m = m || c == 'm' || c == 'M';
		d = d || c == 'd' || c == 'D';
	}
	return d ? SHOWS_DATE : y && m ? SHOWS_MONTH : y ? SHOWS_YEAR : SHOWS_NUMBER;
}

static uint8_t shows_of_id(const struct book *b, uint64_t id)
{
	for (size_t i = 0; i < b->nformats; i++)
		if (b->formats[i].id == id)
			return b->formats[i].shows;
	if (id == 17)
		return SHOWS_MONTH;
	return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58) ? SHOWS_DATE : SHOWS_NUMBER;
}

static void styles_start(void *arg, const char *name, const char **a)
{
	struct part *p = arg;
	struct book *b = p->book;
	uint64_t id = 0;
	name = local(name);
	if (!enter(p))
		return;
	if (strcmp(name, "cellXfs") == 0)
		p->in_xfs = true;
	str_u64(attribute(a, "numFmtId"), &id);
	if (strcmp(name, "numFmt") == 0 && b->nformats < COUNT(b->formats)) {
		b->formats[b->nformats].id = (uint32_t)id;
		b->formats[b->nformats++].shows = shows_of_code(attribute(a, "formatCode"));
	}
	if (strcmp(name, "xf") == 0 && p->in_xfs && b->nstyles < STYLES_MAX)
		b->styles[b->nstyles++] = shows_of_id(b, id);
}

static void styles_end(void *arg, const char *name)
{
	struct part *p = arg;
	p->depth--;
	if (strcmp(local(name), "cellXfs") == 0)
		p->in_xfs = false;
}

/* ---- workbook: the first sheet that is shown ---- */
static void book_start(void *arg, const char *name, const char **a)
{
	struct part *p = arg;
	struct book *b = p->book;
	name = local(name);
	if (!enter(p))
		return;
	if (strcmp(name, "workbookPr") == 0)
		b->date1904 = str_is(attribute(a, "date1904"), "1") || str_is(attribute(a, "date1904"), "true");
	struct str state = attribute(a, "state");
	if (strcmp(name, "sheet") == 0 && !b->sheet_id.n && (!state.n || str_is(state, "visible")))
		b->sheet_id = str_dup(b->mem, attribute(a, "id"));
}

static void relations_start(void *arg, const char *name, const char **a)
{
	struct part *p = arg;
	struct book *b = p->book;
	if (!enter(p) || strcmp(local(name), "Relationship") != 0)
		return;
	struct str target = attribute(a, "Target");
	if (!b->sheet_id.n || !str_eq(attribute(a, "Id"), b->sheet_id) || str_is(attribute(a, "TargetMode"), "External"))
		return;
	b->sheet_path = str_starts(target, STR("/")) ? str_dup(b->mem, str_sub(target, 1, target.n)) : str_join(b->mem, STR("xl/"), target);
}

static void plain_end(void *arg, const char *name)
{
	struct part *p = arg;
	(void)name;
	p->depth--;
}

/* ---- the sheet ---- */
/* "BC12" to column and row, from 0 and from 1. */
static int reference(struct str s, size_t *column, uint32_t *row)
{
	size_t i = 0, c = 0;
	uint64_t r = 0;
	while (i < s.n && i < 4 && s.p[i] >= 'A' && s.p[i] <= 'Z')
		c = c * 26 + (size_t)(s.p[i++] - 'A' + 1);
	if (i == 0 || str_u64(str_sub(s, i, s.n), &r) < 0 || r == 0 || r > 1048576)
		return -1;
	*column = c - 1;
	*row = (uint32_t)r;
	return 0;
}

static void merge_add(struct part *p, struct str ref)
{
	struct book *b = p->book;
	struct merge m;
	struct str first = str_cut(&ref, ':');
	if (reference(first, &m.column1, &m.row1) < 0 || reference(ref, &m.column2, &m.row2) < 0 || m.row2 < m.row1 || m.column2 < m.column1)
		return;
	if (b->nmerges == MERGES_MAX) {
		stop(p, N_("This table has too many merged cells."));
		return;
	}
	if (b->nmerges == b->merges_cap) {
		size_t cap = b->merges_cap ? b->merges_cap * 2 : 64;
		struct merge *more = NEW_ARRAY(b->mem, struct merge, cap);
		if (b->nmerges)
			memcpy(more, b->merges, b->nmerges * sizeof *more);
		b->merges = more;
		b->merges_cap = cap;
	}
	b->merges[b->nmerges++] = m;
}

static void cell_begin(struct part *p, const char **a)
{
	struct str type = attribute(a, "t"), ref = attribute(a, "r");
	uint64_t style = 0;
	uint32_t row = p->row;
	if (++p->seen > CELLS_SEEN_MAX)
		stop(p, N_("This table has too many cells. Divide it into several files."));
	if (ref.n && reference(ref, &p->column, &row) < 0)
		stop(p, N_("This is no XLSX file, or it is damaged."));
	if (row > p->row)
		p->row = row;
	str_u64(attribute(a, "s"), &style);
	p->style = (uint32_t)style;
	memset(p->type, 0, sizeof p->type);
	if (type.n && type.n < sizeof p->type)
		memcpy(p->type, type.p, type.n);
	p->formula = p->has_value = false;
	p->text.n = 0;
}

static void sheet_start(void *arg, const char *name, const char **a)
{
	struct part *p = arg;
	uint64_t row;
	name = local(name);
	if (!enter(p))
		return;
	if (strcmp(name, "row") == 0) {
		if (str_u64(attribute(a, "r"), &row) < 0 || row > 1048576)
			row = p->row + 1;
		if (row < p->row)
			stop(p, N_("This is no XLSX file, or it is damaged."));
		p->row = (uint32_t)row;
		p->column = (size_t)-1;
	} else if (strcmp(name, "c") == 0) {
		p->column++;
		cell_begin(p, a);
	} else if (strcmp(name, "f") == 0) {
		p->formula = true;
	} else if (strcmp(name, "v") == 0 || (strcmp(name, "t") == 0 && !p->phonetic)) {
		text_begin(p);
	} else if (strcmp(name, "rPh") == 0) {
		p->phonetic = true;
	} else if (strcmp(name, "mergeCell") == 0) {
		merge_add(p, attribute(a, "ref"));
	}
}

/* 1 is 1 January 1900; the office programs count a 29 February 1900 that never was. */
static struct str date_of_serial(struct part *p, double serial, uint8_t shows)
{
	int y, m, d;
	if (!(serial >= 1 && serial < 2958466))
		return (struct str){ 0 };
	int32_t days = (int32_t)serial + (p->book->date1904 ? 1462 : 0);
	day_split(day_of(1899, 12, 30) + days + (days < 60 ? 1 : 0), &y, &m, &d);
	if (shows == SHOWS_YEAR)
		return str_fmt(p->book->mem, "%04d", y);
	return shows == SHOWS_MONTH ? str_fmt(p->book->mem, "%04d-%02d", y, m) : str_fmt(p->book->mem, "%04d-%02d-%02d", y, m, d);
}

static struct str number_text(struct part *p, struct str raw)
{
	char *z = str_z(p->book->mem, raw), *end;
	uint8_t shows = p->style < p->book->nstyles ? p->book->styles[p->style] : SHOWS_NUMBER;
	double v = strtod(z, &end);
	if (end == z || *end)
		return raw;
	struct str date = shows == SHOWS_NUMBER ? (struct str){ 0 } : date_of_serial(p, v, shows);
	if (date.n)
		return date;
	return v > -9e15 && v < 9e15 && v == (double)(int64_t)v ? str_fmt(p->book->mem, "%lld", (long long)v) : raw;
}

static void cell_end(struct part *p)
{
	struct book *b = p->book;
	struct str raw = buf_text(&p->text), text = raw;
	enum mark mark = p->formula ? (raw.n ? MARK_FORMULA : MARK_NO_VALUE) : MARK_NONE;
	uint64_t i;
	if (strcmp(p->type, "s") == 0)
		text = str_u64(str_trim(raw), &i) == 0 && i < b->nstrings ? b->strings[i] : (struct str){ 0 };
	else if (strcmp(p->type, "e") == 0)
		mark = MARK_ERROR;
	else if (strcmp(p->type, "b") == 0)
		text = str_is(str_trim(raw), "1") ? STR("yes") : STR("no");
	else if (strcmp(p->type, "d") == 0)
		text = str_sub(raw, 0, 10);
	else if (p->type[0] == 0 || strcmp(p->type, "n") == 0)
		text = number_text(p, str_trim(raw));
	if (!p->failed && sheet_put(&b->build, p->row, p->column, text, mark, b->err) < 0)
		stop(p, NULL);
}

static void sheet_stop(void *arg, const char *name)
{
	struct part *p = arg;
	p->depth--;
	name = local(name);
	if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
		p->in_text = false;
	else if (strcmp(name, "rPh") == 0)
		p->phonetic = false;
	else if (strcmp(name, "c") == 0)
		cell_end(p);
}

/* ---- reading a part ---- */
typedef void start_fn(void *, const char *, const char **);
typedef void end_fn(void *, const char *);

static int bounded(struct book *b, const zip_stat_t *st)
{
	bool bomb = st->size > PART_BYTES_MAX || (st->size > RATIO_FROM && st->size / RATIO_MAX > st->comp_size);
	if (!(st->valid & ZIP_STAT_SIZE) || !(st->valid & ZIP_STAT_COMP_SIZE))
		return not_xlsx(b->err);
	return bomb ? err_say(b->err, ERR_TOO_LARGE, N_("Unpacked, this file would be far too large. It is not read."), NULL) : 0;
}

static int part_feed(struct part *p, zip_file_t *f, uint64_t size)
{
	uint64_t total = 0;
	for (;;) {
		void *room = XML_GetBuffer(p->xml, 65536);
		zip_int64_t n = room ? zip_fread(f, room, 65536) : -1;
		if (n < 0 || (total += (uint64_t)n) > size)
			return not_xlsx(p->book->err);
		if (XML_ParseBuffer(p->xml, (int)n, n == 0) != XML_STATUS_OK)
			return p->failed ? -1 : not_xlsx(p->book->err);
		if (n == 0)
			return 0;
	}
}

/* 1 read, 0 not there, -1. */
static int part_read(struct book *b, struct str path, start_fn *start, end_fn *end)
{
	zip_stat_t st;
	zip_int64_t i = zip_name_locate(b->zip, str_z(b->mem, path), ZIP_FL_NOCASE);
	if (i < 0)
		return 0;
	if (zip_stat_index(b->zip, (zip_uint64_t)i, 0, &st) < 0 || bounded(b, &st) < 0)
		return b->err && b->err->code ? -1 : not_xlsx(b->err);
	zip_file_t *f = zip_fopen_index(b->zip, (zip_uint64_t)i, 0);
	if (!f)
		return not_xlsx(b->err);
	struct part p = { .book = b, .xml = XML_ParserCreate(NULL), .text = buf_new(b->mem, SHEET_CELL_BYTES_MAX + 64), .column = (size_t)-1 };
	XML_SetUserData(p.xml, &p);
	XML_SetElementHandler(p.xml, start, end);
	XML_SetCharacterDataHandler(p.xml, on_text);
	XML_SetStartDoctypeDeclHandler(p.xml, on_doctype);
	int rc = part_feed(&p, f, st.size);
	XML_ParserFree(p.xml);
	zip_fclose(f);
	return rc < 0 ? -1 : 1;
}

static struct sheet_row *row_of(struct sheet *s, uint32_t number)
{
	size_t low = 0, high = s->nrows;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (s->rows[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->nrows && s->rows[low].number == number ? &s->rows[low] : NULL;
}

/* Only rows that are there get the text: a merged area makes no row. */
static void merge_spread(struct arena *mem, struct sheet *s, const struct merge *m)
{
	struct sheet_row *first = row_of(s, m->row1);
	(void)mem;
	if (!first || m->column1 >= s->ncolumns || !first->cells[m->column1].n)
		return;
	struct str text = first->cells[m->column1];
	for (size_t i = (size_t)(first - s->rows); i < s->nrows && s->rows[i].number <= m->row2; i++) {
		for (size_t c = m->column1; c <= m->column2 && c < s->ncolumns; c++) {
			if (s->rows[i].cells[c].n)
				continue;
			s->rows[i].cells[c] = text;
			s->rows[i].marks[c] = MARK_MERGED;
		}
	}
}

static int book_read(struct book *b, struct sheet *out)
{
	if (zip_get_num_entries(b->zip, 0) > ENTRIES_MAX)
		return err_say(b->err, ERR_TOO_LARGE, N_("Unpacked, this file would be far too large. It is not read."), NULL);
	int book = part_read(b, STR("xl/workbook.xml"), book_start, plain_end);
	if (book <= 0)
		return book < 0 ? -1 : not_xlsx(b->err);
	if (part_read(b, STR("xl/_rels/workbook.xml.rels"), relations_start, plain_end) < 0 || part_read(b, STR("xl/sharedStrings.xml"), strings_start, strings_end) < 0 ||
	    part_read(b, STR("xl/styles.xml"), styles_start, styles_end) < 0)
		return -1;
	if (!b->sheet_path.n)
		b->sheet_path = STR("xl/worksheets/sheet1.xml");
	int sheet = part_read(b, b->sheet_path, sheet_start, sheet_stop);
	if (sheet <= 0)
		return sheet < 0 ? -1 : not_xlsx(b->err);
	sheet_end(&b->build, out);
	for (size_t i = 0; i < b->nmerges; i++)
		merge_spread(b->mem, out, &b->merges[i]);
	return out->nrows ? 0 : err_say(b->err, ERR_VALUE, N_("There is nothing in this table."), NULL);
}

int sheet_read_xlsx(struct arena *mem, struct bytes file, struct sheet *out, struct err *err)
{
	struct err own = { 0 };
	zip_error_t why;
	zip_error_init(&why);
	zip_source_t *source = zip_source_buffer_create(file.p, file.n, 0, &why);
	zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
	zip_error_fini(&why);
	if (!zip) {
		if (source)
			zip_source_free(source);
		return not_xlsx(err);
	}
	struct book b = { .mem = mem, .err = err ? err : &own, .zip = zip, .styles = arena_alloc(mem, STYLES_MAX), .build = { .mem = mem } };
	int rc = book_read(&b, out);
	zip_discard(zip);
	return rc;
}
