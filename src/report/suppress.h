#ifndef REPORT_SUPPRESS_H
#define REPORT_SUPPRESS_H
/* The safe publisher's arithmetic: which cells of a two-way table with totals must be hidden. Primary: every cell and total under the limit (the grand total
   is level 1 and always known). Complementary: more cells, until nobody who knows everything that is shown, and that counts are not negative, can narrow a
   hidden cell to fewer than `width` + 1 values.

   The audit is exact. A table is a flow: from the source through each row total to its row, through each cell to its column, through each column total to
   the sink. Tables that agree with what is shown differ from the true one by circulations in the hidden edges, so how far a hidden cell can move is a maximum
   flow in the residual graph. It assumes that shown numbers are known exactly; that they are rounded protects beyond this. */
#include "base/base.h"

struct table { size_t rows, cols; int64_t *cells; bool *hidden; };       /* (rows + 1) x (cols + 1): the last row and column are totals */
struct suppress_rule { int64_t limit, width; };
#define SAFE_RULE ((struct suppress_rule){ 10, 10 })

struct table table_new(struct arena *, size_t rows, size_t cols);
int64_t *table_at(const struct table *, size_t row, size_t col);
bool *table_hidden(const struct table *, size_t row, size_t col);
void table_add_up(struct table *);                                        /* fills the totals from the cells */
/* Marks `hidden`. False: no part of the table can be shown safely; all of it but the grand total is hidden. */
bool table_suppress(struct table *, const struct suppress_rule *);
int64_t round_to_five(int64_t);
#endif
