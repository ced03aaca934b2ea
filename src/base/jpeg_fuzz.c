/* Photographs: what is let through has no application segment and no comment, and is let through again unchanged. */
#include "base/jpeg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *mem = arena_new((size_t)1 << 24);
	struct bytes once, twice;
	if (jpeg_strip(mem, bytes_of(data, n), &once, NULL) == 0)
		if (jpeg_strip(mem, once, &twice, NULL) < 0 || !bytes_eq(once, twice) || once.n > n + 2)
			abort();
	arena_free(mem);
	return 0;
}
