#include "base/embed.h"

const struct embedded *embedded_find(struct str path)
{
	size_t low = 0, high = EMBEDDED_COUNT;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = str_cmp(path, str_of(EMBEDDED[mid].path));
		if (c == 0)
			return &EMBEDDED[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}
