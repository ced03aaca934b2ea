/* Two people, compared by themselves: an index gives no more than how often their parts are met. */
#include "match/index_i.h"

static void rarities(const struct name_model *m, const struct name_index *reg, struct part_side *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i].letters.n)
			model_weigh(m, reg ? reg->dict : NULL, &s[i]);
}

static void costs_all(const struct name_model *m, const struct name_side *a, const struct name_side *b, struct name_costs *c)
{
	bool lexicon;
	memset(c, 0xff, sizeof *c);
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			c->part[i][j] = (uint16_t)model_cost(m, &a->part[i].letters, &b->part[j].letters, &lexicon);
	for (size_t i = 0; i < a->mothers; i++)
		for (size_t j = 0; j < b->mothers; j++)
			c->mother[i][j] = (uint16_t)model_cost(m, &a->mother[i].letters, &b->mother[j].letters, &lexicon);
}

static void place_between(const struct name_index *reg, struct name_side *s, struct str folded, uint32_t code)
{
	uint32_t known = reg && folded.n ? index_place(reg, folded) : 0;
	s->governorate = folded.n ? code : 0;
	s->governorate_rarity = known ? (float)index_place_rarity(reg, known) : 2.1f;
}

double name_compare(const struct name_model *m, const struct name_index *reg, const struct name_who *a, const struct name_who *b, struct name_terms *terms)
{
	struct arena *mem = arena_new((size_t)4 << 20);
	struct name_side *sa = NEW(mem, struct name_side), *sb = NEW(mem, struct name_side);
	struct name_costs *c = NEW(mem, struct name_costs);
	struct str ga, gb;
	side_of(mem, a, sa, &ga);
	side_of(mem, b, sb, &gb);
	rarities(m, reg, sa->part, sa->n);
	rarities(m, reg, sb->part, sb->n);
	rarities(m, reg, sa->mother, sa->mothers);
	rarities(m, reg, sb->mother, sb->mothers);
	place_between(reg, sa, ga, 1);
	place_between(reg, sb, gb, str_eq(ga, gb) ? 1 : 2);
	costs_all(m, sa, sb, c);
	double score = score_sides(sa, sb, c, terms);
	arena_free(mem);
	return score;
}
