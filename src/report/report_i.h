#ifndef REPORT_REPORT_I_H
#define REPORT_REPORT_I_H
#include "report/report.h"
#include "report/suppress.h"

/* A CSV file inside the program, read whole. Its first row names the columns. */
struct csv_file { struct str *cells; size_t rows, cols; };
int csv_embedded(struct arena *, const char *path, struct csv_file *out, struct err *);
struct str csv_cell(const struct csv_file *, size_t row, const char *column);        /* row 0 is the first below the head; empty where there is none */
size_t csv_column(const struct csv_file *, const char *column);                      /* cols where absent */

struct cell_sum { struct str area; int64_t sex, band, persons; };
int counted_cells(struct work *, int64_t batch, struct cell_sum **out, size_t *n, struct err *);
/* The finer tables of a batch, kept with a release. */
int finer_keep(struct work *, struct id release, int64_t batch, struct err *);
#endif
