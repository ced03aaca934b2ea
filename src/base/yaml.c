/* libyaml's events as a tree of jansson, with what the house does not use refused: a file that means something else to another
   reader (YAML 1.1's yes and no, anchors, merge keys, tags, a second document) is an error, not a surprise. */
#include "base/json.h"
#include <yaml.h>

#define DEPTH_MAX 32

struct yaml_in { yaml_parser_t parser; const char *file; struct err *err; };

static int refuse(struct yaml_in *in, size_t line, const char *why)
{
	return err_set(in->err, ERR_FORMAT, "%s:%zu: %s", in->file, line, why);
}

static int next_event(struct yaml_in *in, yaml_event_t *e)
{
	if (yaml_parser_parse(&in->parser, e))
		return 0;
	return refuse(in, in->parser.problem_mark.line + 1, in->parser.problem ? in->parser.problem : "cannot be read");
}

static size_t line_of(const yaml_event_t *e)
{
	return e->start_mark.line + 1;
}

static bool is_one_of(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(s, words[i]))
			return true;
	return false;
}

/* -?(0|[1-9][0-9]*): a number that would be written back as it was read; 007 or +1 are texts. */
static bool is_integer(struct str s)
{
	if (s.n && s.p[0] == '-')
		s = str_sub(s, 1, s.n);
	if (s.n == 0 || (s.p[0] == '0' && s.n > 1))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

static json_t *plain_scalar(struct yaml_in *in, struct str s, size_t line)
{
	static const char *const NULLS[] = { "", "~", "null", "Null", "NULL" };
	static const char *const TRUES[] = { "true", "True", "TRUE" };
	static const char *const FALSES[] = { "false", "False", "FALSE" };
	int64_t v;
	if (is_one_of(s, NULLS, COUNT(NULLS)))
		return json_null();
	if (is_one_of(s, TRUES, COUNT(TRUES)))
		return json_true();
	if (is_one_of(s, FALSES, COUNT(FALSES)))
		return json_false();
	if (!is_integer(s))
		return json_new_str(s);
	if (str_i64(s, &v) < 0) {
		refuse(in, line, "a number that is too large");
		return NULL;
	}
	return json_integer(v);
}

/* Anchors and tags of the three kinds of nodes. */
static bool decorated(const yaml_event_t *e)
{
	if (e->type == YAML_SCALAR_EVENT)
		return e->data.scalar.anchor || e->data.scalar.tag;
	if (e->type == YAML_SEQUENCE_START_EVENT)
		return e->data.sequence_start.anchor || e->data.sequence_start.tag;
	return e->type == YAML_MAPPING_START_EVENT && (e->data.mapping_start.anchor || e->data.mapping_start.tag);
}

static struct str scalar_text(const yaml_event_t *e)
{
	return (struct str){ (const char *)e->data.scalar.value, e->data.scalar.length };
}

static json_t *read_node(struct yaml_in *in, const yaml_event_t *e, int depth);

static json_t *read_scalar(struct yaml_in *in, const yaml_event_t *e)
{
	struct str s = scalar_text(e);
	if (s.n && memchr(s.p, 0, s.n)) {
		refuse(in, line_of(e), "a zero byte");
		return NULL;
	}
	return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain_scalar(in, s, line_of(e)) : json_new_str(s);
}

/* The next item of a sequence into the array: 1, 0 at the end, -1. */
static int read_item(struct yaml_in *in, json_t *array, int depth)
{
	yaml_event_t e;
	if (next_event(in, &e) < 0)
		return -1;
	int rc = 0;
	if (e.type != YAML_SEQUENCE_END_EVENT)
		rc = json_array_append_new(array, read_node(in, &e, depth)) < 0 ? -1 : 1;
	yaml_event_delete(&e);
	return rc;
}

/* The next pair of a mapping into the object: 1, 0 at the end, -1. */
static int read_pair(struct yaml_in *in, json_t *object, int depth)
{
	yaml_event_t key, value;
	if (next_event(in, &key) < 0)
		return -1;
	struct str name = key.type == YAML_SCALAR_EVENT ? scalar_text(&key) : (struct str){ 0 };
	int rc = -1;
	if (key.type == YAML_MAPPING_END_EVENT)
		rc = 0;
	else if (decorated(&key))
		refuse(in, line_of(&key), "anchors and tags are not used here");
	else if (name.n == 0 || memchr(name.p, 0, name.n))
		refuse(in, line_of(&key), "a key that is no word");
	else if (json_object_getn(object, name.p, name.n))
		refuse(in, line_of(&key), "a key that is there twice");
	else if (next_event(in, &value) == 0) {
		rc = json_object_setn_new(object, name.p, name.n, read_node(in, &value, depth)) < 0 ? -1 : 1;
		yaml_event_delete(&value);
	}
	yaml_event_delete(&key);
	return rc;
}

static json_t *read_node(struct yaml_in *in, const yaml_event_t *e, int depth)
{
	if (e->type == YAML_ALIAS_EVENT || decorated(e)) {
		refuse(in, line_of(e), "anchors, aliases and tags are not used here");
		return NULL;
	}
	if (e->type == YAML_SCALAR_EVENT)
		return read_scalar(in, e);
	if (depth >= DEPTH_MAX) {
		refuse(in, line_of(e), "nested too deep");
		return NULL;
	}
	bool mapping = e->type == YAML_MAPPING_START_EVENT;
	json_t *j = mapping ? json_object() : json_array();
	if (!j)
		die("out of memory");
	int rc;
	while ((rc = mapping ? read_pair(in, j, depth + 1) : read_item(in, j, depth + 1)) > 0)
		;
	if (rc == 0)
		return j;
	json_decref(j);
	return NULL;
}

/* The event must be of this type; its data are of no interest. */
static int expect(struct yaml_in *in, yaml_event_type_t type, const char *otherwise)
{
	yaml_event_t e;
	if (next_event(in, &e) < 0)
		return -1;
	bool directives = e.type == YAML_DOCUMENT_START_EVENT &&
	    (e.data.document_start.version_directive || e.data.document_start.tag_directives.start != e.data.document_start.tag_directives.end);
	int rc = 0;
	if (e.type != type)
		rc = refuse(in, line_of(&e), otherwise);
	else if (directives)
		rc = refuse(in, line_of(&e), "directives are not used here");
	yaml_event_delete(&e);
	return rc;
}

static json_t *read_document(struct yaml_in *in)
{
	yaml_event_t e;
	if (expect(in, YAML_STREAM_START_EVENT, "not YAML") < 0 || expect(in, YAML_DOCUMENT_START_EVENT, "empty") < 0 || next_event(in, &e) < 0)
		return NULL;
	json_t *j = read_node(in, &e, 0);
	yaml_event_delete(&e);
	if (j && expect(in, YAML_DOCUMENT_END_EVENT, "more than one value") == 0 &&
	    expect(in, YAML_STREAM_END_EVENT, "more than one document") == 0)
		return j;
	json_decref(j);
	return NULL;
}

json_t *yaml_read(struct arena *mem, struct str s, const char *file, struct err *err)
{
	struct yaml_in in = { .file = file, .err = err };
	if (!yaml_parser_initialize(&in.parser))
		die("out of memory");
	yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&in.parser, (const unsigned char *)(s.p ? s.p : ""), s.n);
	json_t *j = read_document(&in);
	yaml_parser_delete(&in.parser);
	return json_keep(mem, j);
}
