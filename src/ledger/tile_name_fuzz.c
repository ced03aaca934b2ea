/* Names of tiles, as strangers ask for them: one that is taken names one tile, and is written so that it is read as the same. */
#include "ledger/ledger_i.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 10)
		return 0;
	struct arena *mem = arena_new((size_t)1 << 20);
	struct tile_name t, again;
	if (tile_name_parse((struct str){ (const char *)data, n }, &t) == 0) {
		if (t.level < -1 || t.level > 63 || t.width < 1 || t.width > TILE_WIDTH)
			abort();
		if (tile_name_parse(tile_name_text(mem, &t), &again) < 0)
			abort();
		if (again.level != t.level || again.n != t.n || again.width != t.width)
			abort();
	}
	arena_free(mem);
	return 0;
}
