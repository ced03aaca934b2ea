#include "journey/import_i.h"

/* The third job: JSON to XLSX. What goes in is exactly what may leave. */

static struct str text_at(const json_t *list, size_t i)
{
	const json_t *v = json_array_get(list, i);
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ 0 };
}

/* {title, rtl, columns: [{heading, hxl, note, choices, width}], rows: [[text]]} */
static struct str write_job(struct arena *mem, struct str input)
{
	struct err err = { 0 };
	struct bytes out;
	json_t *j = json_read(mem, input, &err), *columns = json_object_get(j, "columns"), *rows = json_object_get(j, "rows");
	size_t nc = json_array_size(columns), nr = json_array_size(rows);
	if (!j || nc == 0 || nc > SHEET_COLUMNS_MAX + 4 || nr > SHEET_ROWS_MAX)
		return (struct str){ 0 };
	struct sheet_column *c = NEW_ARRAY(mem, struct sheet_column, nc);
	struct str *cells = NEW_ARRAY(mem, struct str, nr * nc + 1);
	for (size_t i = 0; i < nc; i++) {
		const json_t *one = json_array_get(columns, i), *choices = json_object_get(one, "choices");
		struct str *list = NEW_ARRAY(mem, struct str, json_array_size(choices) + 1);
		for (size_t k = 0; k < json_array_size(choices); k++)
			list[k] = text_at(choices, k);
		c[i] = (struct sheet_column){ json_str(one, "heading"), json_str(one, "hxl"), json_str(one, "note"), list, json_array_size(choices), (size_t)json_int(one, "width", 18) };
	}
	for (size_t r = 0; r < nr; r++)
		for (size_t i = 0; i < nc; i++)
			cells[r * nc + i] = text_at(json_array_get(rows, r), i);
	struct sheet_out s = { .title = json_str(j, "title"), .right_to_left = json_bool(j, "rtl"), .columns = c, .ncolumns = nc, .cells = cells, .nrows = nr };
	return sheet_write_xlsx(mem, &s, &out, &err) < 0 ? (struct str){ 0 } : bytes_str(out);
}
const struct job_kind IMPORT_JOB_WRITE = { "import_write", write_job };
