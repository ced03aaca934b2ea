#include "web/html.h"
#include "web/pages.h"
#include "web/session.h"

/* /api/1/openapi.json: the API in the words of OpenAPI 3.1, made from the declarations. It has nothing but the declarations, so anybody may read it. */

static json_t *text_pattern(const char *pattern)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

#define ID_PATTERN "^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$"

static json_t *codes_schema(const struct code_list *list)
{
	json_t *values = json_array();
	for (size_t i = 0; list && i < list->n; i++)
		json_array_append_new(values, json_new_str(list->codes[i].value));
	return json_pack("{s:s, s:o}", "type", "string", "enum", values);
}

static json_t *text_schema(const struct tfield *f)
{
	json_t *o = json_pack("{s:s}", "type", "string");
	if (f->max > 0 && (f->kind == KIND_TEXT || f->kind == KIND_NAME))
		json_object_set_new(o, "maxLength", json_integer(f->max));
	return o;
}

static json_t *int_schema(const struct tfield *f)
{
	json_t *o = json_pack("{s:s, s:I}", "type", "integer", "minimum", (json_int_t)f->min);
	if (f->max > 0)
		json_object_set_new(o, "maximum", json_integer(f->max));
	return o;
}

static json_t *one_schema(const struct tfield *f)
{
	if (f->kind == KIND_CODE)
		return codes_schema(f->codes);
	if (f->kind == KIND_BOOL)
		return json_pack("{s:s}", "type", "boolean");
	if (f->kind == KIND_BOOL3)
		return json_pack("{s:s, s:[s, s, s]}", "type", "string", "enum", "yes", "no", "unknown");
	if (f->kind == KIND_INT)
		return int_schema(f);
	if (f->kind == KIND_REF)
		return text_pattern(ID_PATTERN);
	if (f->kind == KIND_TIME)
		return json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
	return text_schema(f);
}

static json_t *field_schema(const struct tfield *f)
{
	json_t *o = f->many ? json_pack("{s:s, s:o}", "type", "array", "items", one_schema(f)) : one_schema(f);
	json_object_set_new(o, "title", json_new_str(f->label));
	if (f->help.n)
		json_object_set_new(o, "description", json_new_str(f->help));
	if (f->derived)
		json_object_set_new(o, "readOnly", json_true());
	return o;
}

/* Nothing is `required` in the fields of an answer: what the grant does not cover is absent. */
static json_t *fields_schema(struct work *w, const struct type *t)
{
	json_t *properties = json_object();
	for (size_t i = 0; i < t->nfields; i++)
		if (!t->fields[i].hidden)
			json_object_set_new(properties, str_z(w->mem, t->fields[i].name), field_schema(&t->fields[i]));
	return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
}

static json_t *reference(struct work *w, const char *kind, struct str name)
{
	return json_pack("{s:o}", "$ref", json_new_str(str_fmt(w->mem, "#/components/%s/" S_FMT, kind, S_ARG(name))));
}

static json_t *json_content(json_t *schema)
{
	return json_pack("{s:{s:o}}", "application/json", "schema", schema);
}

static json_t *answer_of(struct work *w, const char *text, const char *schema)
{
	return json_pack("{s:s, s:o}", "description", text, "content", json_content(reference(w, "schemas", str_of(schema))));
}

static void refusals(struct work *w, json_t *responses, bool writes)
{
	static const struct { const char *status, *text; bool reads; } ROWS[] = { { "400", "The request could not be read", true }, { "401", "No session", true },
		{ "403", "The role has no right to it", true }, { "404", "Nothing is here", true }, { "409", "Another version, or the key was used for another request", false },
		{ "422", "A value or a safeguard refuses it", true } };
	for (size_t i = 0; i < COUNT(ROWS); i++)
		if (writes || ROWS[i].reads)
			json_object_set_new(responses, ROWS[i].status, answer_of(w, ROWS[i].text, "error"));
}

static json_t *parameters(struct work *w, const char *const *names, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, reference(w, "parameters", str_of(names[i])));
	return list;
}

static json_t *reading(struct work *w, const struct type *t, bool one)
{
	static const char *const LIST[] = { "purpose", "fields", "state", "parent", "offset" }, *const ONE[] = { "purpose", "id", "fields" };
	json_t *row = reference(w, "schemas", t->name), *responses = json_object();
	json_t *schema = one ? row : json_pack("{s:s, s:{s:{s:s}, s:{s:s, s:o}}}", "type", "object", "properties", "total", "type", "integer", "items", "type", "array",
	    "items", row);
	json_object_set_new(responses, "200", json_pack("{s:s, s:o}", "description", "What the session may see", "content", json_content(schema)));
	refusals(w, responses, false);
	return json_pack("{s:o, s:o, s:o}", "operationId", json_new_str(str_fmt(w->mem, "%s_" S_FMT, one ? "get" : "list", S_ARG(t->name))),
	    "parameters", one ? parameters(w, ONE, COUNT(ONE)) : parameters(w, LIST, COUNT(LIST)), "responses", responses);
}

struct writing { const char *verb, *status; struct str name; bool one; json_t *body; };
static json_t *writing(struct work *w, const struct writing *k)
{
	static const char *const NEW[] = { "purpose", "key" }, *const ONE[] = { "purpose", "key", "id" };
	json_t *responses = json_object();
	json_object_set_new(responses, k->status, answer_of(w, "Done", "done"));
	if (strcmp(k->verb, "move") == 0)
		json_object_set_new(responses, "202", answer_of(w, "Waits for a second person", "done"));
	refusals(w, responses, true);
	return json_pack("{s:o, s:o, s:{s:b, s:o}, s:o}", "operationId", json_new_str(str_fmt(w->mem, "%s_" S_FMT, k->verb, S_ARG(k->name))),
	    "parameters", k->one ? parameters(w, ONE, COUNT(ONE)) : parameters(w, NEW, COUNT(NEW)), "requestBody", "required", 1, "content", json_content(k->body),
	    "responses", responses);
}

static json_t *body_of(json_t *properties, const char *required)
{
	json_object_set_new(properties, "event_time", json_pack("{s:s, s:s}", "type", "string", "format", "date-time"));
	return json_pack("{s:s, s:o, s:[s], s:b}", "type", "object", "properties", properties, "required", required, "additionalProperties", 0);
}

static void type_paths(struct work *w, json_t *paths, const struct type *t)
{
	json_t *fields = reference(w, "schemas", str_fmt(w->mem, S_FMT "_fields", S_ARG(t->name)));
	json_t *create = body_of(json_pack("{s:O, s:o}", "fields", fields, "parent", text_pattern(ID_PATTERN)), "fields");
	json_t *amend = body_of(json_pack("{s:o, s:{s:s}}", "fields", fields, "version", "type", "integer"), "version");
	json_array_append_new(json_object_get(amend, "required"), json_string("fields"));
	json_t *list = json_pack("{s:o}", "get", reading(w, t, false));
	if (t->create.n)
		json_object_set_new(list, "post", writing(w, &(struct writing){ "create", "201", t->name, false, create }));
	else
		json_decref(create);
	json_object_set_new(paths, str_z(w->mem, str_fmt(w->mem, "/api/1/" S_FMT, S_ARG(t->name))), list);
	json_object_set_new(paths, str_z(w->mem, str_fmt(w->mem, "/api/1/" S_FMT "/{id}", S_ARG(t->name))),
	    json_pack("{s:o, s:o}", "get", reading(w, t, true), "post", writing(w, &(struct writing){ "amend", "200", t->name, true, amend })));
	for (size_t i = 0; i < t->nmoves; i++) {
		json_t *body = body_of(json_pack("{s:{s:s}, s:{s:s}, s:{s:s}}", "version", "type", "integer", "reason", "type", "string", "own_word", "type", "string"), "version");
		struct str name = str_fmt(w->mem, S_FMT "_" S_FMT, S_ARG(t->name), S_ARG(t->moves[i].name));
		json_object_set_new(paths, str_z(w->mem, str_fmt(w->mem, "/api/1/" S_FMT "/{id}/moves/" S_FMT, S_ARG(t->name), S_ARG(t->moves[i].name))),
		    json_pack("{s:o}", "post", writing(w, &(struct writing){ "move", "200", name, true, body })));
	}
}

static void type_schemas(struct work *w, json_t *schemas, const struct type *t)
{
	json_t *states = json_array();
	for (size_t i = 0; i < t->nstates; i++)
		json_array_append_new(states, json_new_str(t->states[i].name));
	json_array_append_new(states, json_string("erased"));
	struct str fields = str_fmt(w->mem, S_FMT "_fields", S_ARG(t->name));
	json_object_set_new(schemas, str_z(w->mem, fields), fields_schema(w, t));
	json_object_set_new(schemas, str_z(w->mem, t->name), json_pack("{s:s, s:o, s:{s:o, s:{s:o}, s:{s:s, s:o}, s:{s:s}, s:o}, s:[s, s, s, s, s]}", "type", "object",
	    "title", json_new_str(t->title), "properties", "id", text_pattern(ID_PATTERN), "type", "const", json_new_str(t->name), "state", "type", "string", "enum", states,
	    "version", "type", "integer", "fields", reference(w, "schemas", fields), "required", "id", "type", "state", "version", "fields"));
}

/* By name: what is typed stands in no address, the result is kept for 15 minutes. */
static void search_paths(struct work *w, json_t *paths)
{
	json_t *body = json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:o}, s:[s], s:b}", "type", "object", "properties", "type", "type", "string", "name", "type", "string",
	    "mother", "type", "string", "birth", "type", "string", "place", "type", "string", "within", text_pattern(ID_PATTERN), "required", "type", "additionalProperties", 0);
	json_t *responses = json_object();
	json_object_set_new(responses, "200", json_pack("{s:s}", "description", "Who was found and is still in the own charge, best first: items as in a list, each with person, score and the terms that add up to it"));
	refusals(w, responses, false);
	json_object_set_new(paths, "/api/1/searches", json_pack("{s:o}", "post", writing(w, &(struct writing){ "make", "201", STR("search"), false, body })));
	json_object_set_new(paths, "/api/1/searches/{token}", json_pack("{s:{s:s, s:[{s:s, s:s, s:b, s:{s:s}}], s:o}}", "get", "operationId", "get_search", "parameters", "in", "path",
	    "name", "token", "required", 1, "schema", "type", "string", "responses", responses));
}

static json_t *shared_schemas(void)
{
	json_t *text = json_pack("{s:s}", "type", "string");
	json_t *fault = json_pack("{s:s, s:{s:O, s:O}}", "type", "object", "properties", "field", text, "message", text);
	json_t *error = json_pack("{s:s, s:{s:O, s:O, s:{s:s, s:o}}, s:[s, s]}", "type", "object", "properties", "error", text, "message", text, "faults", "type", "array",
	    "items", fault, "required", "error", "message");
	json_t *done = json_pack("{s:s, s:{s:O, s:O, s:o}, s:[s]}", "type", "object", "properties", "id", text, "proposal", text, "location", text, "required", "location");
	return json_pack("{s:o, s:o}", "error", error, "done", done);
}

static json_t *parameter(const char *in, const char *name, bool required, const char *text)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "in", in, "name", name, "required", required, "description", text, "schema", "type", "string");
}

static json_t *shared_parameters(void)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", parameter("path", "id", true, "The record"),
	    "purpose", parameter("header", "Jisr-Purpose", false, "Purpose and basis, as registration/mandate; without it that of the session"),
	    "key", parameter("header", "Idempotency-Key", true, "1 to 64 signs of the sender: the same request twice is done once"),
	    "fields", parameter("query", "fields", false, "Names of the fields wanted, separated by commas; none for the state alone; without it all that the session may see"),
	    "state", parameter("query", "state", false, "Only records in this state"), "parent", parameter("query", "parent", false, "Only rows of this record"),
	    "offset", parameter("query", "offset", false, "How many to pass over; an answer has at most 100"));
}

int api_description(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct types *types = w->node->types;
	json_t *paths = json_object(), *schemas = shared_schemas();

	for (size_t i = 0; i < types->n; i++) {
		type_paths(w, paths, &types->at[i]);
		type_schemas(w, schemas, &types->at[i]);
	}
	search_paths(w, paths);
	json_t *cookie = json_pack("{s:s, s:s, s:o}", "type", "apiKey", "in", "cookie", "name", json_new_str(session_cookie_name(w, q)));
	json_t *all = json_pack("{s:s, s:{s:o, s:s}, s:o, s:{s:o, s:o, s:{s:o}}, s:[{s:[]}]}", "openapi", "3.1.0", "info", "title", json_new_str(w->node->name),
	    "version", "1", "paths", paths, "components", "schemas", schemas, "parameters", shared_parameters(), "securitySchemes", "session", cookie,
	    "security", "session");
	if (!all)
		return err_set(err, ERR_FAULT, "the description of the API does not fit together");
	a->type = "application/json";
	a->body = json_write(w->mem, json_keep(w->mem, all));
	page_headers(a);
	return 0;
}
