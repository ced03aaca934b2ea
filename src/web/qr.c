#include "web/qr.h"
#include <qrencode.h>

#define QUIET 4                  /* modules of white around it, as the standard asks */

static void put_int(struct html *h, int n)
{
	html_text(h, str_fmt(h->mem, "%d", n));
}

/* One path: a horizontal bar for each run of dark modules. */
static void modules(struct html *h, const QRcode *code)
{
	for (int y = 0; y < code->width; y++) {
		for (int x = 0; x < code->width; x++) {
			int run = 0;
			while (x + run < code->width && (code->data[y * code->width + x + run] & 1))
				run++;
			if (!run)
				continue;
			html_text(h, str_fmt(h->mem, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run));
			x += run;
		}
	}
}

int html_qr(struct html *h, struct str text, const char *label, struct err *err)
{
	QRcode *code = QRcode_encodeString(str_z(h->mem, text), 0, QR_ECLEVEL_M, QR_MODE_8, 0);      /* capitals and digits only: the short mode */
	if (!code)
		return err_set(err, ERR_FAULT, "a QR symbol cannot be made");
	html_put(h, MARKUP("<svg class=\"qr\" role=\"img\" viewBox=\"0 0 "));
	put_int(h, code->width + 2 * QUIET);
	html_put(h, MARKUP(" "));
	put_int(h, code->width + 2 * QUIET);
	html_put(h, MARKUP("\" aria-label=\""));
	html_attr(h, tr(h->lang, label));
	html_put(h, MARKUP("\"><path d=\""));
	modules(h, code);
	html_put(h, MARKUP("\"/></svg>"));
	QRcode_free(code);
	return 0;
}
