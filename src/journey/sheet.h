#ifndef JOURNEY_SHEET_H
#define JOURNEY_SHEET_H
/* sheet: what stands in an XLSX or CSV file that somebody else made, as a table of texts. Hostile bytes: this runs in a job, without database and keys.

   Reading. The kind is told by the content, never by the file's name. XLSX: the first sheet that is not hidden; sizes, ratio, number of entries and of cells are bounded, a DTD
   is refused, nothing is evaluated: of a formula the value that was last computed is taken and marked, or its absence is. Dates come out as
   text ("1990-05-23", or "1990" where the cell shows only the year). A merged area has its text in every cell, marked. CSV: UTF-8 with
   or without BOM, UTF-16, else Windows-1256; comma, semicolon, tab or bar. Empty rows are left out; the others keep their number.

   Writing. One sheet for people and one with lists, as XLSX, into memory (a job has no files). All is written as text, so that nothing is a formula. */
#include "base/base.h"

#define SHEET_FILE_MAX ((size_t)16 << 20)
#define SHEET_ROWS_MAX 60000u
#define SHEET_COLUMNS_MAX 64u
#define SHEET_CELLS_MAX 1500000u
#define SHEET_CELL_BYTES_MAX 4096u

enum mark { MARK_NONE, MARK_FORMULA /* the value last computed */, MARK_NO_VALUE /* a formula without one */, MARK_ERROR /* #REF! and the like */, MARK_MERGED, MARK_CUT, MARKS };
struct sheet_row { uint32_t number; struct str *cells; uint8_t *marks; };      /* number: as the office program shows it, from 1 */
struct sheet { struct sheet_row *rows; size_t nrows, ncolumns; };

/* -1: err->user says what is wrong with the file. */
int sheet_read(struct arena *, struct bytes file, struct sheet *out, struct err *);
int sheet_read_xlsx(struct arena *, struct bytes file, struct sheet *out, struct err *);
int sheet_read_csv(struct arena *, struct bytes file, struct sheet *out, struct err *);
/* Between processes and in the database. */
struct bytes sheet_pack(struct arena *, const struct sheet *);
int sheet_unpack(struct arena *, struct bytes, struct sheet *out, struct err *);

/* A growing table. A cell at (row number, column); -1 where a bound is reached (err says which). Row numbers must not go down. */
struct sheet_build { struct arena *mem; struct sheet_row *rows; size_t nrows, cap, ncolumns, cells; };
int sheet_put(struct sheet_build *, uint32_t number, size_t column, struct str text, enum mark, struct err *);
void sheet_end(struct sheet_build *, struct sheet *out);      /* empty rows go, all rows get the same width */

/* Text from bytes of an unknown encoding. -1: no text. */
int sheet_decode(struct arena *, struct bytes, struct str *out, struct err *);

/* Writing. The columns of the first sheet; where `choices` is set a cell offers them (they stand in the second sheet). */
struct sheet_column { struct str heading, hxl, note; const struct str *choices; size_t nchoices; size_t width; };
struct sheet_out { struct str title; bool right_to_left; const struct sheet_column *columns; size_t ncolumns; const struct str *cells; /* rows x ncolumns */ size_t nrows; };
int sheet_write_xlsx(struct arena *, const struct sheet_out *, struct bytes *out, struct err *);
#endif
