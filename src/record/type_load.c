#include "record/type.h"
#include "record/type_i.h"

/* All types of the program: code lists first, then each file. */

static int list_read(struct arena *mem, const char *name, json_t *list, struct code_list *out, struct err *err)
{
	json_t *values = json_object_get(list, "values"), *label, *v;
	const char *word, *value;
	json_object_foreach(list, word, v)
		if (strcmp(word, "source") != 0 && strcmp(word, "note") != 0 && strcmp(word, "values") != 0)
			return err_set(err, ERR_FORMAT, "types/codes.yaml: %s: unknown word %s", name, word);
	if (!json_object_size(values))
		return err_set(err, ERR_FORMAT, "types/codes.yaml: %s: values are wanted", name);
	*out = (struct code_list){ .name = str_of(name), .codes = NEW_ARRAY(mem, struct code, json_object_size(values)) };
	json_object_foreach(values, value, label) {
		if (!json_is_string(label))
			return err_set(err, ERR_FORMAT, "types/codes.yaml: %s: %s: a label is wanted", name, value);
		out->codes[out->n++] = (struct code){ str_of(value), str_of(json_string_value(label)) };
	}
	return 0;
}

static int codes_load(struct arena *mem, struct types *out, struct err *err)
{
	const struct embedded *file = embedded_find(STR("types/codes.yaml"));
	json_t *tree = file ? yaml_read(mem, bytes_str(bytes_of(file->data, file->n)), "types/codes.yaml", err) : NULL, *lists, *list;
	const char *name;
	if (!tree)
		return file ? -1 : err_set(err, ERR_FAULT, "this program has no types/codes.yaml inside");
	lists = json_object_get(tree, "codes");
	if (json_object_size(tree) != 1 || !lists)
		return err_set(err, ERR_FORMAT, "types/codes.yaml: codes alone is wanted at the top");
	out->codes = NEW_ARRAY(mem, struct code_list, json_object_size(lists) + 1);
	json_object_foreach(lists, name, list)
		if (list_read(mem, name, list, &out->codes[out->ncodes++], err) < 0)
			return -1;
	return 0;
}

static bool is_type_file(const char *path)
{
	struct str p = str_of(path);
	return str_starts(p, STR("types/")) && str_ends(p, STR(".yaml")) && !str_is(p, "types/codes.yaml") && !str_is(p, "types/roles.yaml");
}

int types_load(struct arena *mem, const struct policy *policy, struct types *out, struct err *err)
{
	*out = (struct types){ .at = NEW_ARRAY(mem, struct type, EMBEDDED_COUNT + 1), .policy = policy };
	if (codes_load(mem, out, err) < 0)
		return -1;
	for (size_t i = 0; i < EMBEDDED_COUNT; i++) {
		const struct embedded *e = &EMBEDDED[i];
		if (!is_type_file(e->path))
			continue;
		if (type_read(mem, out, bytes_str(bytes_of(e->data, e->n)), e->path, &out->at[out->n], err) < 0)
			return -1;
		if (!str_is(str_join(mem, str_join(mem, STR("types/"), out->at[out->n].name), STR(".yaml")), e->path))
			return err_set(err, ERR_FORMAT, "%s: type: the name of the type is the name of the file", e->path);
		out->n++;
	}
	return 0;
}

const struct type *type_find(const struct types *t, struct str name)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->at[i].name, name))
			return &t->at[i];
	return NULL;
}

const struct tfield *type_field(const struct type *t, struct str name)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (str_eq(t->fields[i].name, name))
			return &t->fields[i];
	return NULL;
}

const struct tmove *type_move(const struct type *t, struct str name)
{
	for (size_t i = 0; i < t->nmoves; i++)
		if (str_eq(t->moves[i].name, name))
			return &t->moves[i];
	return NULL;
}

const struct code *code_find(const struct code_list *l, struct str value)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (str_eq(l->codes[i].value, value))
			return &l->codes[i];
	return NULL;
}

const struct code_list *codes_find(const struct types *t, struct str name)
{
	for (size_t i = 0; i < t->ncodes; i++)
		if (str_eq(t->codes[i].name, name))
			return &t->codes[i];
	return NULL;
}
