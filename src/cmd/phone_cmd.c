#include "cmd/cmd.h"
#include "net/tls.h"
#include <qrencode.h>

/* `jisr phone DIR`: how a phone comes to this node: the address as a QR symbol, and the fingerprint that its owner compares before she installs the certificate. */

/* Two rows of modules in each line of text; dark on light whatever the terminal's colours are. */
static void qr_print(const QRcode *q)
{
	static const char *const HALF[] = { "\u2588", "\u2580", "\u2584", " " };      /* by upper dark << 1 | lower dark: what is light is drawn */
	int edge = 2;
	for (int y = -edge; y < q->width + edge; y += 2) {
		for (int x = -edge; x < q->width + edge; x++) {
			int dark = 0;
			for (int k = 0; k < 2; k++) {
				bool inside = x >= 0 && x < q->width && y + k >= 0 && y + k < q->width;
				dark = dark << 1 | (inside && (q->data[(y + k) * q->width + x] & 1));
			}
			fputs(HALF[dark], stdout);
		}
		putchar('\n');
	}
}

static void fingerprint_print(const struct hash *pin)
{
	for (size_t i = 0; i < HASH_BYTES; i++)
		printf("%02X%s", pin->b[i], i + 1 == HASH_BYTES ? "\n" : i % 8 == 7 ? "\n               " : ":");
}

int cmd_phone(int argc, char **argv)
{
	const char *dir;
	size_t n;
	struct arena *mem = arena_new((size_t)16 << 20);
	struct settings s;
	struct tls_identity t;
	struct err err = { 0 };
	if (options_read(argc, argv, NULL, 0, &dir, 1, &n) < 0 || n != 1)
		return fprintf(stderr, "usage: jisr phone DIR\n"), 2;
	if (settings_read(mem, str_of(dir), &s, &err) < 0)
		return command_failed("phone", &err);
	if (!settings_tls(&s)) {
		fprintf(stderr, "jisr phone: people reach this node on this machine alone. Set address in %s/jisr.yaml to an IPv4 address of this machine, and start it again.\n", dir);
		return 1;
	}
	if (tls_people(mem, s.dir, s.name, s.address, source_now_ms(source_system()), &t, &err) < 0)
		return command_failed("phone", &err);
	bool any = str_is(s.address, "0.0.0.0");
	struct str url = str_fmt(mem, "https://" S_FMT ":%u/phone", S_ARG(any ? s.name : s.address), s.port);
	QRcode *q = QRcode_encodeString(url.p, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	if (q)
		qr_print(q);
	QRcode_free(q);
	printf(S_FMT "\nfingerprint    ", S_ARG(url));
	fingerprint_print(&t.pin);
	printf("The phone warns once, because this office made its certificate itself. Compare the fingerprint with these signs, then install the certificate that the page offers.\n");
	return 0;
}
