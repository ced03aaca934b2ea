/* Any bytes become at most NAME_PARTS_MAX parts that stay inside the text, and every letter has its sign. */
#include "match/match_i.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 14)
		return 0;
	struct arena *mem = arena_new(1 << 24);
	struct str raw = { (const char *)data, n };
	struct name_parts p;
	name_parse(mem, raw, &p);
	if (p.n > NAME_PARTS_MAX)
		abort();
	for (size_t i = 0; i < p.n; i++) {
		const struct name_part *part = &p.part[i];
		if (part->raw.p < raw.p || part->raw.p + part->raw.n > raw.p + raw.n || part->n > NAME_LETTERS_MAX)
			abort();
		if ((part->script == NAME_OTHER) != (part->n == 0))
			abort();
		for (size_t k = 0; k < part->n; k++)
			if (name_letter_char(part->script, part->letter[k]) == 0)
				abort();
	}
	arena_free(mem);
	return 0;
}
