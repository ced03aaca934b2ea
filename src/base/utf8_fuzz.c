/* Text typed by anybody: what is fit to keep stays as it is when cleaned again, and holds nothing that turns a line. */
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str raw = { (const char *)data, n }, once, twice;
	if (n > 1 << 16)
		return 0;
	struct arena *mem = arena_new(1 << 24);
	if (text_clean(mem, raw, &once) == 0) {
		if (!utf8_valid(once) || text_clean(mem, once, &twice) < 0 || !str_eq(once, twice))
			abort();
		for (struct str s = once; s.n;) {
			int32_t c = utf8_next(&s);
			if (c < 0x20 || (c >= 0x202a && c <= 0x202e))
				abort();
		}
	}
	digits_ascii(mem, raw);
	arena_free(mem);
	return 0;
}
