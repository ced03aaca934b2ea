#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H
/* The table of batches as a file: CSV and XLSX. Heads in the reader's language, then a row of HXL tags, then the batches; numbers with ASCII digits and dates
   as ISO, so that a spreadsheet can count with them. Text is written as text, also where it begins like a formula. */
#include "report/report.h"
#include "record/effects.h"

/* A cell is text or a number; `number` true: text holds ASCII digits. */
struct sheet_cell { struct str text; bool number; };
#define SHEET_COLUMNS 11
struct sheet { struct sheet_cell *cells; size_t rows; bool rtl; struct str title; };     /* rows of SHEET_COLUMNS; row 0 heads, row 1 HXL tags */
/* plain: heads are the fixed names for programs. */
int sheet_of(struct work *, bool plain, struct sheet *out, struct err *);
struct str sheet_csv(struct arena *, const struct sheet *, bool plain);                  /* for people: with a byte order mark */
struct str sheet_job_input(struct arena *, const struct sheet *);
extern const struct job_kind REPORT_JOB_XLSX;                                            /* output: the XLSX file */
#endif
