/* CSV of any encoding: what is read is text within its bounds, and packs and unpacks to the same. */
#include "journey/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *mem = arena_new((size_t)256 << 20);
	struct sheet s, again;
	if (sheet_read_csv(mem, bytes_of(data, n), &s, NULL) == 0) {
		struct bytes packed = sheet_pack(mem, &s);
		if (sheet_unpack(mem, packed, &again, NULL) < 0 || again.nrows != s.nrows || again.ncolumns != s.ncolumns)
			abort();
		for (size_t r = 0; r < s.nrows; r++)
			for (size_t c = 0; c < s.ncolumns; c++)
				if (!utf8_valid(s.rows[r].cells[c]) || !str_eq(s.rows[r].cells[c], again.rows[r].cells[c]))
					abort();
	}
	arena_free(mem);
	return 0;
}
