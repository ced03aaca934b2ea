#include "cmd/cmd.h"

static int load(struct arena *mem, struct policy *p, struct types *t, struct err *err)
{
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	if (!roles)
		return err_set(err, ERR_FAULT, "this program has no types/roles.yaml inside");
	return policy_load(mem, bytes_str(bytes_of(roles->data, roles->n)), p, err) < 0 ? -1 : types_load(mem, p, t, err);
}

static void list(const struct types *t)
{
	for (size_t i = 0; i < t->n; i++)
		printf(S_FMT "\t" S_FMT "\t%zu fields, %zu moves\n", S_ARG(t->at[i].name), S_ARG(t->at[i].title), t->at[i].nfields, t->at[i].nmoves);
}

static int show(const struct types *types, const char *name)
{
	const struct type *t = type_find(types, str_of(name));
	if (!t)
		return fprintf(stderr, "jisr types: no type %s\n", name), 1;
	printf(S_FMT ": " S_FMT "\n", S_ARG(t->name), S_ARG(t->title));
	for (size_t i = 0; i < t->nfields; i++)
		printf("  %c  " S_FMT "%s\n", class_letter(t->fields[i].class), S_ARG(t->fields[i].name), t->fields[i].required ? " (required)" : "");
	for (size_t i = 0; i < t->nmoves; i++) {
		printf("  move " S_FMT " to " S_FMT " by", S_ARG(t->moves[i].name), S_ARG(t->moves[i].to));
		for (size_t k = 0; k < t->moves[i].by.n; k++)
			printf(" " S_FMT, S_ARG(t->moves[i].by.at[k]));
		printf("%s\n", t->moves[i].two_persons ? " (two persons)" : "");
	}
	return 0;
}

int cmd_types(int argc, char **argv)
{
	const char *words[2] = { 0 };
	struct arena *mem = arena_new((size_t)64 << 20);
	struct policy policy;
	struct types types;
	struct err err = { 0 };
	size_t n;
	if (options_read(argc, argv, NULL, 0, words, 2, &n) < 0 || n == 0)
		return fprintf(stderr, "usage: jisr types check|list|show NAME\n"), 2;
	if (load(mem, &policy, &types, &err) < 0)
		return printf("%s\n", err.log), 1;
	if (strcmp(words[0], "list") == 0)
		return list(&types), 0;
	if (strcmp(words[0], "show") == 0 && n == 2)
		return show(&types, words[1]);
	if (strcmp(words[0], "check") != 0)
		return fprintf(stderr, "usage: jisr types check|list|show NAME\n"), 2;
	if (types_check(&types, hook_joined, &err) < 0)
		return printf("%s\n", err.log), 1;
	printf("%zu types, %zu code lists, ok\n", types.n, types.ncodes);
	return 0;
}
