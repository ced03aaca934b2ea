#include "journey/sheet.h"

static int row_new(struct sheet_build *b, uint32_t number, struct err *err)
{
	if (b->nrows == SHEET_ROWS_MAX)
		return err_say(err, ERR_TOO_LARGE, N_("This table has too many rows. Divide it into several files."), NULL);
	if (b->nrows == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 256;
		struct sheet_row *more = NEW_ARRAY(b->mem, struct sheet_row, cap);
		if (b->nrows)
			memcpy(more, b->rows, b->nrows * sizeof *more);
		b->rows = more;
		b->cap = cap;
	}
	b->rows[b->nrows++] = (struct sheet_row){ number, NEW_ARRAY(b->mem, struct str, SHEET_COLUMNS_MAX), arena_alloc(b->mem, SHEET_COLUMNS_MAX) };
	return 0;
}

int sheet_put(struct sheet_build *b, uint32_t number, size_t column, struct str text, enum mark mark, struct err *err)
{
	text = str_trim(text);
	if (!text.n && mark != MARK_NO_VALUE)
		return 0;
	if (column >= SHEET_COLUMNS_MAX)
		return err_say(err, ERR_TOO_LARGE, N_("This table has too many columns."), NULL);
	if (++b->cells > SHEET_CELLS_MAX)
		return err_say(err, ERR_TOO_LARGE, N_("This table has too many cells. Divide it into several files."), NULL);
	if ((b->nrows == 0 || b->rows[b->nrows - 1].number != number) && row_new(b, number, err) < 0)
		return -1;
	struct sheet_row *r = &b->rows[b->nrows - 1];
	if (text.n > SHEET_CELL_BYTES_MAX) {
		size_t n = SHEET_CELL_BYTES_MAX;
		while (n && ((uint8_t)text.p[n] & 0xc0) == 0x80)
			n--;
		text = str_sub(text, 0, n);
		mark = MARK_CUT;
	}
	r->cells[column] = str_dup(b->mem, text);
	r->marks[column] = (uint8_t)mark;
	if (column >= b->ncolumns)
		b->ncolumns = column + 1;
	return 0;
}

void sheet_end(struct sheet_build *b, struct sheet *out)
{
	*out = (struct sheet){ .rows = b->rows, .nrows = b->nrows, .ncolumns = b->ncolumns };
}

struct bytes sheet_pack(struct arena *mem, const struct sheet *s)
{
	struct buf b = buf_new(mem, (size_t)256 << 20);
	buf_u32(&b, (uint32_t)s->nrows);
	buf_u32(&b, (uint32_t)s->ncolumns);
	for (size_t r = 0; r < s->nrows; r++) {
		buf_u32(&b, s->rows[r].number);
		for (size_t c = 0; c < s->ncolumns; c++) {
			buf_u8(&b, s->rows[r].marks[c]);
			buf_sized(&b, str_bytes(s->rows[r].cells[c]));
		}
	}
	return buf_bytes(&b);
}

int sheet_unpack(struct arena *mem, struct bytes packed, struct sheet *out, struct err *err)
{
	struct reader r = reader_of(packed);
	*out = (struct sheet){ .nrows = get_u32(&r), .ncolumns = get_u32(&r) };
	if (out->nrows > SHEET_ROWS_MAX || out->ncolumns > SHEET_COLUMNS_MAX)
		return err_set(err, ERR_FORMAT, "a packed table of %zu rows", out->nrows);
	out->rows = NEW_ARRAY(mem, struct sheet_row, out->nrows + 1);
	for (size_t i = 0; i < out->nrows && !r.bad; i++) {
		out->rows[i] = (struct sheet_row){ get_u32(&r), NEW_ARRAY(mem, struct str, out->ncolumns + 1), arena_alloc(mem, out->ncolumns + 1) };
		for (size_t c = 0; c < out->ncolumns && !r.bad; c++) {
			out->rows[i].marks[c] = get_u8(&r);
			out->rows[i].cells[c] = bytes_str(get_sized(&r, SHEET_CELL_BYTES_MAX));
			if (out->rows[i].marks[c] >= MARKS || !utf8_valid(out->rows[i].cells[c]))
				return err_set(err, ERR_FORMAT, "a packed cell");
		}
	}
	return reader_done(&r) ? 0 : err_set(err, ERR_FORMAT, "a packed table");
}

int sheet_read(struct arena *mem, struct bytes file, struct sheet *out, struct err *err)
{
	static const uint8_t ZIP[] = { 'P', 'K', 3, 4 }, EMPTY_ZIP[] = { 'P', 'K', 5, 6 }, OLE[] = { 0xd0, 0xcf, 0x11, 0xe0 }, PDF[] = { '%', 'P', 'D', 'F' };
	if (file.n == 0)
		return err_say(err, ERR_VALUE, N_("The file is empty."), NULL);
	if (file.n > 4 && (memcmp(file.p, ZIP, 4) == 0 || memcmp(file.p, EMPTY_ZIP, 4) == 0))
		return sheet_read_xlsx(mem, file, out, err);
	if (file.n > 4 && memcmp(file.p, OLE, 4) == 0)
		return err_say(err, ERR_VALUE, N_("This is an old Excel file or one with a password. Save it as XLSX without a password and try again."), NULL);
	if (file.n > 4 && memcmp(file.p, PDF, 4) == 0)
		return err_say(err, ERR_VALUE, N_("This is a PDF. A table is needed: XLSX or CSV."), NULL);
	return sheet_read_csv(mem, file, out, err);
}
