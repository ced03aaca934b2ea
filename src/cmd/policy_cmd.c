#include "cmd/cmd.h"
#include "exchange/exchange.h"

/* `jisr policy explain DIR TYPE`: who may read a type of record, here and at the partners. Declarations and agreements only, so a reader's view of the file will do, also
   while the node runs. */
#define RULES_MAX 128

static void fields_print(const struct type *t, const struct reading_rule *rule)
{
	const char *comma = "";
	for (size_t i = 0; i < t->nfields; i++)
		if (reader_sees(rule, &t->fields[i])) {
			printf("%s" S_FMT, comma, S_ARG(t->fields[i].name));
			comma = ",";
		}
	printf("%s\n", *comma ? "" : "-");
}

static int explain(struct work *w, const struct type *t, struct str role, struct err *err)
{
	struct reading_rule rule[RULES_MAX];
	struct partner *p;
	size_t n = readers_of(w, t, rule, COUNT(rule)), np;
	if (partner_list(w, &p, &np, err) < 0)
		return -1;
	printf("who\tclass\twithin\tfields\n");
	for (size_t i = 0; i < n; i++) {
		if (role.n && !str_eq(role, rule[i].role->name))
			continue;
		printf(S_FMT "\t%c\t%s\t", S_ARG(rule[i].role->name), class_letter(rule[i].class), scope_word(rule[i].scope));
		fields_print(t, &rule[i]);
	}
	for (size_t i = 0; !role.n && i < np; i++)
		for (size_t k = 0; k < w->node->policy->npurposes; k++) {
			const char *comma = "";
			for (size_t f = 0; f < t->nfields; f++) {
				if (t->fields[f].hidden || t->fields[f].derived || !exchange_allows(w, p[i].name, w->node->policy->purposes[k].name, t->name, t->fields[f].name))
					continue;
				if (!*comma)
					printf(S_FMT "\tagreement\t" S_FMT "\t", S_ARG(p[i].name), S_ARG(w->node->policy->purposes[k].name));
				printf("%s" S_FMT, comma, S_ARG(t->fields[f].name));
				comma = ",";
			}
			printf("%s", *comma ? "\n" : "");
		}
	return 0;
}

int cmd_policy(int argc, char **argv)
{
	const char *words[3] = { 0 }, *role = NULL;
	const struct option options[] = { { "role", &role, NULL } };
	struct arena *mem = arena_new((size_t)256 << 20);
	struct settings s;
	struct err err = { 0 };
	struct policy policy;
	struct types types;
	struct store *store;
	size_t n;
	if (options_read(argc, argv, options, COUNT(options), words, 3, &n) < 0 || n != 3 || strcmp(words[0], "explain") != 0)
		return fprintf(stderr, "usage: jisr policy explain DIR TYPE [--role R]\n"), 2;
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	if (settings_read(mem, str_of(words[1]), &s, &err) < 0 || policy_load(mem, bytes_str(bytes_of(roles->data, roles->n)), &policy, &err) < 0 ||
	    types_load(mem, &policy, &types, &err) < 0 || store_open_reader(mem, house_path(mem, &s, "node.db").p, &store, &err) < 0)
		return command_failed("policy", &err);
	const struct type *t = type_find(&types, str_of(words[2]));
	if (!t || (role && !policy_role(&policy, str_of(role))))
		return fprintf(stderr, "jisr policy: no such %s\n", t ? "role" : "type"), 2;
	struct node node = { .name = s.name, .kind = s.kind, .policy = &policy, .types = &types };
	struct work w = { .node = &node, .tx = store_tx(store), .mem = mem, .now_ms = source_now_ms(source_system()) };
	int rc = explain(&w, t, str_of(role), &err);
	store_close(store);
	return rc < 0 ? command_failed("policy", &err) : 0;
}
