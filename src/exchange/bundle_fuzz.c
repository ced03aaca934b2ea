/* Manifests and frames of bundles: what is accepted is written back as the same bytes. */
#include "exchange/exchange_i.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 15)
		return 0;
	struct arena *mem = arena_new((size_t)1 << 24);
	struct str raw = { (const char *)data, n };
	struct bundle_head head;
	struct bundle_part part;
	if (bundle_head_read(mem, raw, &head, NULL) == 0 && !str_eq(bundle_head_text(mem, &head), raw))
		abort();
	if (bundle_part_read(raw, &part, NULL) == 0) {
		struct buf back = buf_new(mem, n + 1);
		bundle_part_put(&back, &part);
		if (!str_eq(buf_text(&back), raw))
			abort();
	}
	arena_free(mem);
	return 0;
}
