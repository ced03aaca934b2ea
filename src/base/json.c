#include "base/json.h"
#include "base/buf.h"
#include "base/utf8.h"

static void json_drop(void *j)
{
	json_decref(j);
}

json_t *json_keep(struct arena *mem, json_t *j)
{
	if (j)
		arena_defer(mem, json_drop, j);
	return j;
}

json_t *json_read(struct arena *mem, struct str s, struct err *err)
{
	json_error_t e;
	json_t *j = json_loadb(s.p ? s.p : "", s.n, JSON_REJECT_DUPLICATES, &e);
	if (!j)      /* jansson's own text quotes the input, which may be personal: only the place and the code go to the log */
		err_set(err, ERR_FORMAT, "JSON: line %d, column %d, reason %d", e.line, e.column, (int)json_error_code(&e));
	return json_keep(mem, j);
}

static int into_buf(const char *p, size_t n, void *arg)
{
	buf_put(arg, p, n);
	return 0;
}

static struct str write_with(struct arena *mem, const json_t *j, size_t flags)
{
	struct buf b = buf_new(mem, SIZE_MAX / 4);
	if (json_dump_callback(j, into_buf, &b, JSON_COMPACT | JSON_ENCODE_ANY | flags) < 0)
		return (struct str){ 0 };
	return buf_text(&b);
}

struct str json_write(struct arena *mem, const json_t *j)
{
	return write_with(mem, j, 0);
}

struct str json_write_sorted(struct arena *mem, const json_t *j)
{
	return write_with(mem, j, JSON_SORT_KEYS);
}

struct str json_str(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ 0 };
}

int64_t json_int(const json_t *object, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(object, key);
	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool json_bool(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* The text with a question mark for each byte that is no UTF-8. */
static json_t *mended_str(struct str s)
{
	char *p = malloc(s.n + 1);
	if (!p)
		die("out of memory");
	memcpy(p, s.p, s.n);
	struct str rest = { p, s.n };
	while (rest.n) {
		if (utf8_next(&rest) >= 0)
			continue;
		p[s.n - rest.n] = '?';
	}
	json_t *j = json_stringn(p, s.n);
	free(p);
	return j;
}

json_t *json_new_str(struct str s)
{
	json_t *j = json_stringn(s.p ? s.p : "", s.n);
	if (!j)
		j = mended_str(s);
	if (!j)
		die("out of memory");
	return j;
}
