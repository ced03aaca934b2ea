#include "cmd/cmd.h"

static const struct option *option_find(const struct option *o, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(o[i].name, word) == 0)
			return &o[i];
	return NULL;
}

int options_read(int argc, char **argv, const struct option *o, size_t n, const char **words, size_t max, size_t *nwords)
{
	*nwords = 0;
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0) {
			if (*nwords == max)
				return fprintf(stderr, "jisr %s: one word too many: %s\n", argv[0], argv[i]), -1;
			words[(*nwords)++] = argv[i];
			continue;
		}
		const struct option *found = option_find(o, n, argv[i] + 2);
		if (!found)
			return fprintf(stderr, "jisr %s: no option %s; see `jisr help %s`\n", argv[0], argv[i], argv[0]), -1;
		if (found->flag)
			*found->flag = true;
		else if (i + 1 < argc)
			*found->value = argv[++i];
		else
			return fprintf(stderr, "jisr %s: %s wants a value\n", argv[0], argv[i]), -1;
	}
	return 0;
}

int command_failed(const char *what, const struct err *err)
{
	fprintf(stderr, "jisr: %s: %s\n", what, err->log);
	return err_class(err->code)->exit_status ? err_class(err->code)->exit_status : 3;
}
