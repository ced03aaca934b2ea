#include "report/report_i.h"
#include <csv.h>

#define CELLS_MAX 4096
struct reading { struct arena *mem; struct csv_file *file; size_t at; bool full; };

static void on_cell(void *text, size_t n, void *arg)
{
	struct reading *r = arg;
	if (r->at == CELLS_MAX) {
		r->full = true;
		return;
	}
	r->file->cells[r->at++] = str_dup(r->mem, (struct str){ text, n });
}

static void on_row(int end, void *arg)
{
	struct reading *r = arg;
	(void)end;
	r->file->rows++;
	if (r->file->rows == 1)
		r->file->cols = r->at;
	r->full = r->full || r->at != r->file->rows * r->file->cols;
}

int csv_embedded(struct arena *mem, const char *path, struct csv_file *out, struct err *err)
{
	const struct embedded *e = embedded_find(str_of(path));
	struct csv_parser parser;
	*out = (struct csv_file){ .cells = NEW_ARRAY(mem, struct str, CELLS_MAX) };
	struct reading r = { mem, out, 0, false };
	if (!e || csv_init(&parser, CSV_STRICT | CSV_APPEND_NULL) != 0)
		return err_set(err, ERR_FAULT, "%s is not inside the program", path);
	bool ok = csv_parse(&parser, e->data, e->n, on_cell, on_row, &r) == e->n && csv_fini(&parser, on_cell, on_row, &r) == 0;
	csv_free(&parser);
	if (!ok || r.full || out->rows == 0)
		return err_set(err, ERR_FORMAT, "%s is no table", path);
	out->rows--;
	return 0;
}

size_t csv_column(const struct csv_file *f, const char *column)
{
	size_t c = 0;
	while (c < f->cols && !str_is(f->cells[c], column))
		c++;
	return c;
}

struct str csv_cell(const struct csv_file *f, size_t row, const char *column)
{
	size_t c = csv_column(f, column);
	return c == f->cols || row >= f->rows ? (struct str){ 0 } : f->cells[(row + 1) * f->cols + c];
}
