/* Texts of envelopes and receipts: what is accepted is written back as the same bytes. */
#include "exchange/exchange_i.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 15)
		return 0;
	struct arena *mem = arena_new((size_t)1 << 24);
	struct str raw = { (const char *)data, n }, from, to;
	struct envelope e;
	struct receipt c;
	if (envelope_parse(mem, raw, &e, NULL) == 0 && !str_eq(envelope_text(mem, &e), raw))
		abort();
	if (receipt_parse(mem, raw, &c, &from, &to, NULL) == 0 && !str_eq(receipt_text(mem, &c, from, to), raw))
		abort();
	arena_free(mem);
	return 0;
}
