#ifndef REPORT_CHART_I_H
#define REPORT_CHART_I_H
#include "report/chart.h"

struct svg { struct buf out; const struct drawing *d; int width; bool rtl; };
struct svg svg_open(const struct drawing *, const char *classes, int width, int height);
struct str svg_close(struct svg *);
void svg_fmt(struct svg *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));      /* markup of our own and numbers, never text */
void svg_text(struct svg *, struct str);                                                     /* escaped */
int svg_x(const struct svg *, int from_start, int width);                                    /* where something `width` wide begins that lies so far from the start edge */
void svg_label(struct svg *, const char *classes, int x, int y, const char *anchor, struct str);     /* anchor NULL: at the start */
#endif
