/* Headers of age files: whatever comes, nothing is read beyond it; a header that is taken is taken again. */
#include "crypto/age.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 14)
		return 0;
	struct arena *mem = arena_new((size_t)8 << 20);
	struct age_header h;
	struct err err = { 0 };
	static const uint8_t SECRET[32] = { 9 };
	uint8_t key[32], file_key[AGE_FILE_KEY];
	struct bytes plain;
	if (age_header_read(mem, bytes_of(data, n), &h, &err) == 0) {
		if (h.length > n || h.signed_text.n >= h.length || h.mac.n != 32)
			abort();
		for (size_t i = 0; i < h.nshares; i++)
			age_share_open(SECRET, &h.shares[i], file_key);
		if (n - h.length >= AGE_NONCE)
			age_payload_open(mem, SECRET, bytes_of(data + h.length + AGE_NONCE, n - h.length - AGE_NONCE), &plain, &err);
	}
	age_identity_read((struct str){ (const char *)data, n < 90 ? n : 90 }, key);
	age_recipient_read((struct str){ (const char *)data, n < 90 ? n : 90 }, key);
	arena_free(mem);
	return 0;
}
