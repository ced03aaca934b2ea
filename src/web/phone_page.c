#include "net/tls.h"
#include "web/pages.h"
#include "web/parts.h"

/* For a phone that comes for the first time: the certificate of this node, how it is installed, and the fingerprint to compare. Nobody is signed in yet. */

static int certificate(struct work *w, struct bytes *der, struct hash *pin, struct err *err)
{
	if (!w->node->certificate.n)
		return err_set(err, ERR_NOT_FOUND, "this node is on its own machine alone");
	return tls_der(w->mem, w->node->certificate, der, err) < 0 ? -1 : tls_pin(w->node->certificate, pin, err);
}

static struct str grouped(struct arena *mem, const struct hash *pin)
{
	struct buf b = buf_new(mem, 256);
	for (size_t i = 0; i < HASH_BYTES; i++)
		buf_fmt(&b, "%s%02X", i == 0 ? "" : i % 2 == 0 ? " " : "", pin->b[i]);
	return buf_text(&b);
}

int phone_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct bytes der;
	struct hash pin;
	(void)q;
	if (certificate(w, &der, &pin, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("This phone and this office"), .section = "phone" });
	html_put(&h, MARKUP("<section class=\"panel stack\">"));
	para(&h, "", N_("The line to this office is encrypted with a certificate that the office made itself. Installed once, the phone knows the office again and warns you if somebody else answers."));
	heading(&h, N_("1. Compare"));
	para(&h, "", N_("These signs must be those of the paper or screen that showed you the way here. If they differ, leave and tell the office."));
	html_put(&h, MARKUP("<p class=\"small\">"));
	html_id(&h, grouped(w->mem, &pin));
	html_put(&h, MARKUP("</p>"));
	heading(&h, N_("2. Install"));
	html_put(&h, MARKUP("<p class=\"actions\">"));
	link_button(&h, "btn go big", STR("/phone/certificate"), N_("Get the certificate"));
	html_put(&h, MARKUP("</p>"));
	para(&h, "", N_("Android: Settings, Security, Install a certificate, CA certificate, and choose the file."));
	para(&h, "", N_("iPhone: open the file, Settings, Profile downloaded, Install; then General, About, Certificate trust settings, switch it on."));
	heading(&h, N_("3. Sign in"));
	html_put(&h, MARKUP("<p class=\"actions\">"));
	link_button(&h, "btn", STR("/login"), N_("Sign in"));
	html_put(&h, MARKUP("</p></section>"));
	page_close(&h, a);
	return 0;
}

int phone_certificate(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct bytes der;
	struct hash pin;
	(void)q;
	if (certificate(w, &der, &pin, err) < 0)
		return -1;
	a->type = "application/x-x509-ca-cert";
	a->body = bytes_str(der);
	response_header(a, "Content-Disposition", STR("attachment; filename=\"jisr.crt\""));
	page_headers(a);
	return 0;
}
