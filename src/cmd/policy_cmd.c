#include "cmd/cmd.h"
#include "record/custody.h"
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

/* Who holds what, for whom the pages are out of reach. */
static int custody(struct work *w, struct err *err)
{
	struct custody *x;
	size_t n;
	if (custody_list(w, &x, &n, err) < 0)
		return -1;
	printf(n ? "purpose\tstate\theld before\tholds now\tsince\torder\n" : "this office has not changed hands\n");
	for (size_t i = 0; i < n; i++)
		printf(S_FMT "\t%s\t" S_FMT "\t" S_FMT "\t" S_FMT "\t" S_FMT "\n", S_ARG(x[i].purpose), x[i].sealed ? "sealed" : "held", S_ARG(x[i].before),
		    S_ARG(x[i].sealed ? STR("-") : x[i].holder), S_ARG(time_text(w->mem, x[i].since)), S_ARG(x[i].order_no));
	return 0;
}

static bool known(const char *word, size_t n)
{
	return (n == 3 && strcmp(word, "explain") == 0) || (n == 2 && strcmp(word, "custody") == 0);
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
	if (options_read(argc, argv, options, COUNT(options), words, 3, &n) < 0 || !known(words[0], n))
		return fprintf(stderr, "usage: jisr policy explain DIR TYPE [--role R] | custody DIR\n"), 2;
	bool held = strcmp(words[0], "custody") == 0;
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	if (settings_read(mem, str_of(words[1]), &s, &err) < 0 || policy_load(mem, bytes_str(bytes_of(roles->data, roles->n)), &policy, &err) < 0 ||
	    types_load(mem, &policy, &types, &err) < 0 || store_open_reader(mem, house_path(mem, &s, "node.db").p, &store, &err) < 0)
		return command_failed("policy", &err);
	const struct type *t = held ? NULL : type_find(&types, str_of(words[2]));
	if (!held && (!t || (role && !policy_role(&policy, str_of(role)))))
		return fprintf(stderr, "jisr policy: no such %s\n", t ? "role" : "type"), 2;
	struct node node = { .name = s.name, .kind = s.kind, .policy = &policy, .types = &types };
	struct work w = { .node = &node, .tx = store_tx(store), .mem = mem, .now_ms = source_now_ms(source_system()) };
	int rc = held ? custody(&w, &err) : explain(&w, t, str_of(role), &err);
	store_close(store);
	return rc < 0 ? command_failed("policy", &err) : 0;
}
