/* `jisr names explain A B`: part by part what was compared with what, by which rule, how rare it is and what it added. The sum is the score. */
#include "match/names_cmd.h"
#include "match/tsv.h"
#include <math.h>

static const char USAGE[] = "usage: jisr names explain [--tables DIR] A B\n"
	"A and B: a name, or name|mother|birth|sex|governorate (empty: unknown)\n";

/* Fields are split by | or by tabs, as in a line of a query file. */
static int who_of(const char *text, struct name_who *out)
{
	struct str cell[5] = { { 0 } }, rest = str_of(text);
	char sep = strchr(text, '\t') ? '\t' : '|';
	for (size_t i = 0; i < COUNT(cell) && rest.p; i++)
		cell[i] = str_trim(str_cut(&rest, sep));
	*out = (struct name_who){ .name = cell[0], .mother = cell[1], .sex = name_sex(cell[3]), .governorate = cell[4] };
	if (birth_of(cell[2], &out->birth) < 0)
		return fprintf(stderr, "jisr: the birth date cannot be read: " S_FMT "\n", S_ARG(cell[2])), -1;
	return 0;
}

/* The part as it was written; `-` where there is none. */
static struct str part_text(const struct name_parts *p, int at)
{
	return at < 0 || (size_t)at >= p->n ? STR("-") : p->part[at].raw;
}

struct explained { struct name_parts name[2], mother[2]; const struct name_who *who[2]; };

static void print_term(struct arena *mem, const struct explained *e, const struct name_term *t)
{
	struct str text[2] = { STR("-"), STR("-") };
	for (size_t side = 0; side < 2; side++) {
		int at = side ? t->b : t->a;
		if (t->kind == TERM_MOTHER)
			text[side] = part_text(&e->mother[side], at);
		else if (t->kind == TERM_PART || t->kind == TERM_MISSING || t->kind == TERM_SWAP || t->kind == TERM_GIVEN)
			text[side] = part_text(&e->name[side], at);
		else if (t->kind == TERM_BIRTH)
			text[side] = date_text(mem, e->who[side]->birth);
		else if (t->kind == TERM_PLACE)
			text[side] = e->who[side]->governorate;
		else if (t->kind == TERM_SEX)
			text[side] = e->who[side]->sex == 'M' ? STR("M") : STR("F");
	}
	printf("%s\t%s\t" S_FMT "\t" S_FMT "\t", name_term_word(t->kind), t->rule, S_ARG(text[0]), S_ARG(text[1]));
	if ((t->kind == TERM_PART || t->kind == TERM_MOTHER) && t->a >= 0 && t->b >= 0)
		printf("%.2f\t%.0f", (double)t->cost, t->rarity > 0 ? 1e6 * exp(-(double)t->rarity) : 0.0);
	else
		printf("-\t-");
	printf("\t%+.4f\n", t->value);
}

static int explain(struct arena *mem, const struct name_model *m, const struct name_who *a, const struct name_who *b)
{
	struct explained *e = NEW(mem, struct explained);
	struct name_terms *terms = NEW(mem, struct name_terms);
	double score = name_compare(m, NULL, a, b, terms);
	e->who[0] = a;
	e->who[1] = b;
	for (size_t side = 0; side < 2; side++) {
		name_parse(mem, e->who[side]->name, &e->name[side]);
		name_parse(mem, e->who[side]->mother, &e->mother[side]);
	}
	printf("term\trule\ta\tb\tapart\tper_million\tadds\n");
	for (size_t i = 0; i < terms->n; i++)
		print_term(mem, e, &terms->term[i]);
	if (score <= NAME_NEVER)
		return printf("score\tcannot be compared\t\t\t\t\t\n"), 1;
	printf("score\t%s\t\t\t\t\t%+.4f\n", score >= NAME_LIKELY ? "likely" : "unlikely", score);
	return score >= NAME_LIKELY ? 0 : 1;
}

int names_explain_command(int argc, char **argv)
{
	const char *tables = argc == 4 && strcmp(argv[0], "--tables") == 0 ? argv[1] : NULL;
	char **text = tables ? argv + 2 : argv;
	struct name_who a, b;
	struct err err = { 0 };
	if (argc != (tables ? 4 : 2))
		return fputs(USAGE, stderr), 2;
	if (who_of(text[0], &a) < 0 || who_of(text[1], &b) < 0)
		return 2;
	struct arena *mem = arena_new((size_t)64 << 20);
	struct name_model *m = names_model(mem, tables, &err);
	int rc = m ? explain(mem, m, &a, &b) : (fprintf(stderr, "jisr: %s\n", err.log), 3);
	name_model_free(m);
	arena_free(mem);
	return rc;
}
