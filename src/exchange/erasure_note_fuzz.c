/* Texts of erasure notes: what is accepted is written back as the same bytes. */
#include "exchange/recall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 15)
		return 0;
	struct arena *mem = arena_new((size_t)1 << 22);
	struct str raw = { (const char *)data, n };
	struct erasure_note x;
	if (erasure_note_parse(mem, raw, &x, NULL) == 0 && !str_eq(erasure_note_text(mem, &x), raw))
		abort();
	arena_free(mem);
	return 0;
}
