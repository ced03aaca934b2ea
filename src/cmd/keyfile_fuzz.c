/* Key files, as a strange disk may hold them: what is taken is written again as the same bytes. */
#include "cmd/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 16)
		return 0;
	struct arena *mem = arena_new((size_t)64 << 20);
	struct keyfile k;
	if (keyfile_parse(mem, bytes_of(data, n), &k) == 0 && !bytes_eq(keyfile_bytes(mem, &k), bytes_of(data, n)))
		abort();
	arena_free(mem);
	return 0;
}
