/* Names typed by anybody: folding what was folded changes nothing, and nothing but words parted by one space comes out. */
#include "match/match.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 14)
		return 0;
	struct arena *mem = arena_new(1 << 24);
	struct str once = name_fold(mem, (struct str){ (const char *)data, n }), twice = name_fold(mem, once);
	if (!utf8_valid(once) || !str_eq(once, twice))
		abort();
	for (size_t i = 0; i < once.n; i++)
		if (once.p[i] == ' ' && (i == 0 || i + 1 == once.n || once.p[i + 1] == ' '))
			abort();
	arena_free(mem);
	return 0;
}
