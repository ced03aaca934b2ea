#include "net/form.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

struct str percent_decode(struct arena *mem, struct str s, bool plus_is_space, bool *bad)
{
	char *out = arena_alloc(mem, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '%') {
			int hi = i + 1 < s.n ? hex_digit(s.p[i + 1]) : -1;
			int lo = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
			if (hi < 0 || lo < 0) {
				*bad = true;
				return (struct str){ 0 };
			}
			c = (char)(hi << 4 | lo);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		out[n++] = c;
	}
	return (struct str){ out, n };
}

struct str percent_encode(struct arena *mem, struct str s)
{
	struct buf b = buf_new(mem, s.n * 3 + 1);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || memchr("-._~", c, 4);
		if (plain)
			buf_ch(&b, c);
		else
			buf_fmt(&b, "%%%02X", (unsigned)(uint8_t)c);
	}
	return buf_text(&b);
}

static bool clean_text(struct str s)
{
	return utf8_valid(s) && (s.n == 0 || !memchr(s.p, 0, s.n));
}

static size_t count_char(struct str s, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

int form_urlencoded(struct arena *mem, struct str body, struct pair **out, size_t *n, struct err *err)
{
	size_t max = body.n ? count_char(body, '&') + 1 : 0;
	*n = 0;
	if (max > FORM_FIELDS_MAX)
		return err_set(err, ERR_TOO_LARGE, "a form of %zu fields", max);
	*out = NEW_ARRAY(mem, struct pair, max + 1);
	while (body.n) {
		struct str value = str_cut(&body, '&');
		bool bad = false;
		struct str name = str_cut(&value, '=');
		struct pair p = { percent_decode(mem, name, true, &bad), percent_decode(mem, value, true, &bad) };
		if (bad || !clean_text(p.name) || !clean_text(p.value))
			return err_set(err, ERR_FORMAT, "a form field is no text");
		if (p.name.n)
			(*out)[(*n)++] = p;
	}
	return 0;
}

void form_cookies(struct arena *mem, struct str header, struct pair **out, size_t *n)
{
	size_t max = count_char(header, ';') + 1;
	*n = 0;
	if (max > 64)
		max = 64;
	*out = NEW_ARRAY(mem, struct pair, max);
	while (header.p && *n < max) {
		struct str value = str_cut(&header, ';');
		struct str name = str_trim(str_cut(&value, '='));
		if (name.n && clean_text(name) && clean_text(value))
			(*out)[(*n)++] = (struct pair){ name, str_trim(value) };
	}
}

/* The value of name="..." in a header line; empty where absent. */
static struct str quoted_parameter(struct arena *mem, struct str line, const char *name)
{
	struct str key = str_fmt(mem, "%s=\"", name);
	for (;;) {
		size_t at = str_find(line, key);
		if (at == line.n)
			return (struct str){ 0 };
		bool whole_word = at == 0 || line.p[at - 1] == ' ' || line.p[at - 1] == ';';
		line = str_sub(line, at + key.n, line.n);
		if (whole_word)
			return str_cut(&line, '"');
	}
}

static struct str boundary_of(struct arena *mem, struct str content_type)
{
	size_t at = str_find(content_type, STR("boundary="));
	if (at == content_type.n)
		return (struct str){ 0 };
	struct str b = str_sub(content_type, at + 9, content_type.n);
	if (b.n && b.p[0] == '"') {
		b = str_sub(b, 1, b.n);
		b = str_cut(&b, '"');
	} else {
		b = str_trim(str_cut(&b, ';'));
	}
	return b.n && b.n <= 70 ? str_join(mem, STR("--"), b) : (struct str){ 0 };
}

/* One part: headers, empty line, content. */
static int part_read(struct arena *mem, struct str part, struct request *q, struct err *err)
{
	size_t end = str_find(part, STR("\r\n\r\n"));
	if (end == part.n)
		return err_set(err, ERR_FORMAT, "a part of a form has no header");
	struct str head = str_sub(part, 0, end), content = str_sub(part, end + 4, part.n), disposition = { 0 };
	while (head.p) {
		struct str line = str_trim(str_cut(&head, '\n'));
		if (str_starts(str_lower(mem, line), STR("content-disposition:")))
			disposition = line;
	}
	struct str name = quoted_parameter(mem, disposition, "name"), file = quoted_parameter(mem, disposition, "filename");
	if (!name.n || !clean_text(name) || !clean_text(file))
		return err_set(err, ERR_FORMAT, "a part of a form has no name");
	if (q->nform + q->nuploads == FORM_FIELDS_MAX)
		return err_set(err, ERR_TOO_LARGE, "too many parts");
	if (str_find(disposition, STR("filename=")) < disposition.n) {
		q->uploads[q->nuploads++] = (struct upload){ name, file, content };
		return 0;
	}
	if (!clean_text(content))
		return err_set(err, ERR_FORMAT, "a form field is no text");
	q->form[q->nform++] = (struct pair){ name, content };
	return 0;
}

int form_multipart(struct arena *mem, struct str content_type, struct str body, struct request *q, struct err *err)
{
	struct str boundary = boundary_of(mem, content_type);
	if (!boundary.n || !str_starts(body, boundary))
		return err_set(err, ERR_FORMAT, "a form without its boundary");
	struct str between = str_join(mem, STR("\r\n"), boundary);
	size_t most = 0;
	for (struct str s = body; s.n; most++) {
		size_t at = str_find(s, boundary);
		s = str_sub(s, at + boundary.n, s.n);
	}
	if (most > FORM_FIELDS_MAX)
		return err_set(err, ERR_TOO_LARGE, "too many parts");
	q->form = NEW_ARRAY(mem, struct pair, most + 1);
	q->uploads = NEW_ARRAY(mem, struct upload, most + 1);
	struct str rest = str_sub(body, boundary.n, body.n);
	while (!str_starts(rest, STR("--"))) {
		if (!str_starts(rest, STR("\r\n")))
			return err_set(err, ERR_FORMAT, "a form is cut off");
		rest = str_sub(rest, 2, rest.n);
		size_t end = str_find(rest, between);
		if (end == rest.n)
			return err_set(err, ERR_FORMAT, "a form is cut off");
		if (part_read(mem, str_sub(rest, 0, end), q, err) < 0)
			return -1;
		rest = str_sub(rest, end + between.n, rest.n);
	}
	return 0;
}
