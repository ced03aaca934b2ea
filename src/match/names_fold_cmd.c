/* `jisr names fold`: what folding and parsing make of a text. For whoever wonders why two names do or do not meet. */
#include "match/names_cmd.h"
#include "base/buf.h"

static void print_parts(const struct name_parts *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct name_part *part = &p->part[i];
		printf("%s%s:%s:%s%s%s:" S_FMT, i ? "\t" : "", name_role_word(part->role), name_script_word(part->script), part->article ? "a" : "", part->of ? "o" : "",
		    part->compound ? "c" : "", S_ARG(part->text));
	}
	putchar('\n');
}

static void fold_line(struct arena *mem, struct str line, bool parts)
{
	struct name_parts p;
	if (parts) {
		name_parse(mem, line, &p);
		print_parts(&p);
		return;
	}
	struct str folded = name_fold(mem, line);
	fwrite(folded.p, 1, folded.n, stdout);
	putchar('\n');
}

static int fold_input(bool parts)
{
	struct arena *mem = arena_new((size_t)16 << 20);
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) >= 0) {
		arena_reset(mem);
		fold_line(mem, str_sub(str_trim((struct str){ line, (size_t)n }), 0, 1 << 16), parts);
	}
	free(line);
	arena_free(mem);
	return ferror(stdout) ? 3 : 0;
}

int names_fold_command(int argc, char **argv)
{
	int at = 0;
	bool parts = argc > 0 && strcmp(argv[0], "--parts") == 0;
	at += parts;
	if (argc - at != 1) {
		fprintf(stderr, "usage: jisr names fold [--parts] TEXT|-\n");
		return 2;
	}
	if (strcmp(argv[at], "-") == 0)
		return fold_input(parts);
	struct arena *mem = arena_new((size_t)16 << 20);
	fold_line(mem, str_of(argv[at]), parts);
	arena_free(mem);
	return 0;
}
