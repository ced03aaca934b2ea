/* Papers as people type them: whatever comes, nothing is read beyond it, and what is joined was split. */
#include "crypto/shares.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *mem = arena_new((size_t)8 << 20);
	struct share s[8];
	struct err err = { 0 };
	struct bytes secret;
	struct str rest = { (const char *)data, n };
	size_t k = 0;
	while (rest.n && k < COUNT(s))
		if (share_read(mem, str_cut(&rest, '/'), &s[k], &err) == 0)
			k++;
	shares_join(mem, s, k, &secret, &err);
	arena_free(mem);
	return 0;
}
