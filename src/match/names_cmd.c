/* The commands of `jisr names`. */
#include "match/names_cmd.h"

static const struct { const char *name; int (*run)(int argc, char **argv); } COMMANDS[] = {
	{ "match", names_match_command }, { "explain", names_explain_command }, { "fold", names_fold_command },
};

int names_command(int argc, char **argv)
{
	for (size_t i = 0; argc > 0 && i < COUNT(COMMANDS); i++)
		if (strcmp(argv[0], COMMANDS[i].name) == 0)
			return COMMANDS[i].run(argc - 1, argv + 1);
	fprintf(stderr, "usage: jisr names match|explain|fold ...\n");
	return 2;
}
