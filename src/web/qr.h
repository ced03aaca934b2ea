#ifndef WEB_QR_H
#define WEB_QR_H
/* A QR symbol (ISO/IEC 18004) as SVG inside a page: libqrencode makes the modules. */
#include "web/html.h"

/* Level M. `label` is read by screen readers. 0, or -1 where the text does not fit. */
int html_qr(struct html *, struct str text, const char *label, struct err *);
#endif
