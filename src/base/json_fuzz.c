/* JSON and YAML: what is read is written in a form that is read as the same, by either reader. */
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 1 << 14)
		return 0;
	struct arena *mem = arena_new(1 << 24);
	struct str text = { (const char *)data, n };
	json_t *j = json_read(mem, text, NULL);
	if (j && !json_equal(j, json_read(mem, json_write_sorted(mem, j), NULL)))
		abort();
	json_t *y = yaml_read(mem, text, "fuzz", NULL);
	if (json_is_object(y) && !json_equal(y, json_read(mem, json_write(mem, y), NULL)))
		abort();
	arena_free(mem);
	return 0;
}
