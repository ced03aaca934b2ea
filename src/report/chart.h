#ifndef REPORT_CHART_H
#define REPORT_CHART_H
/* Charts and the map as SVG text, drawn on the server (UX 8). Classes only, so that colours come from the style sheet; role=img with title and desc; the same
   figures always stand in a table beside. In languages from right to left time and flow run that way: x is mirrored here, in numbers, and never by the style
   sheet; the map is never mirrored. Every text is escaped here. `key` makes the ids of one drawing its own within the page (ASCII letters). */
#include "report/report.h"

struct drawing { struct arena *mem; enum lang lang; enum numerals numerals; const char *key; struct str title, desc; };

/* Two bars for each group: counted here, and said by the source beside it; a value that the source gives as about or more than is hatched, with the word above. */
struct bar_group { struct str label; struct figure counted, said; };
struct str chart_bars(const struct drawing *, const struct bar_group *, size_t n);
/* Long names above horizontal bars of percent. faint: a number that we computed from what the source leaves over. */
struct line_bar { struct str label, value; int64_t pct; bool faint; };
struct str chart_lines(const struct drawing *, const struct line_bar *, size_t n);
/* From one place to a second, where some stay and some go home. */
struct flow { struct str from, through, home, rest; int64_t all, went; };
struct str chart_flow(const struct drawing *, const struct flow *);
/* Numbered marks on the border region: a place by its code, and a kind; what is not in data/places/points.csv is only in the table beside. Gives the numbers in `at`:
   0 where a mark is not on the map. Never a route, never a person. */
struct map_mark { struct str place; int at; };
struct str chart_places(const struct drawing *, struct map_mark *, size_t n, struct err *);
/* Areas of origin: three classes by share, hatched where the source names an area without a number. Never a route. */
struct str chart_map(const struct drawing *, const struct share *, size_t n, struct err *);
#endif
