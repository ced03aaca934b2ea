/* Dates and instants: what is read is written in a form that is read as the same. */
#include "base/date.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void same(bool yes)
{
	if (!yes)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *mem = arena_new(1 << 16);
	struct str s = { (const char *)data, n };
	struct date d, again;
	int64_t ms, ms_again;
	if (date_parse(s, &d) == 0) {
		int32_t first, last;
		date_span(d, &first, &last);
		same(first <= last && date_parse(date_text(mem, d), &again) == 0 && again.precision == d.precision);
		same(again.y == d.y && again.y_to == d.y_to && again.m == d.m && again.d == d.d);
		if (date_age(d, last) >= 18)      /* a span of over 18 years cannot be certain */
			abort();
	}
	if (time_parse(s, &ms) == 0 && ms >= 0)
		same(time_parse(time_text(mem, ms), &ms_again) == 0 && ms == ms_again);
	arena_free(mem);
	return 0;
}
