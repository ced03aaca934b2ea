#include "cmd/demo_people.h"

const struct demo_batch DEMO_BATCHES[] = { { 6, 12, 173, 659 }, { 18, 9, 159, 573 }, { 20, 6, 81, 360 }, { 23, 4, 161, 607 } };
const size_t DEMO_BATCHES_N = COUNT(DEMO_BATCHES);

/* Areas of origin: families and persons. Those of batch 20 are the article's shares; the others are invented. */
struct part { size_t batch; const char *origin; size_t families, persons; };
static const struct part PARTS_OF[] = {
	{ 0, "IQG15", 90, 340 }, { 0, "IQG01", 40, 155 }, { 0, "IQG16", 25, 95 }, { 0, "IQG13", 18, 69 },
	{ 1, "IQG15", 80, 290 }, { 1, "IQG01", 45, 160 }, { 1, "IQG16", 20, 73 }, { 1, "IQG08", 14, 50 },
	{ 2, "IQG15", 49, 216 }, { 2, "IQG01", 16, 72 }, { 2, "IQG08", 6, 24 }, { 2, "IQG13", 5, 24 }, { 2, "IQG16", 5, 24 },
	{ 3, "IQG15", 85, 320 }, { 3, "IQG01", 40, 150 }, { 3, "IQG16", 20, 77 }, { 3, "IQG13", 16, 60 },
	{ 4, "IQG15", 6, 23 },
};
static const char *const WOMEN[] = { "هدى", "أمل", "زينب", "نوال", "مريم", "سعاد", "رنا", "فاطمة", "إيمان", "خديجة", "آمنة", "سهام", "وفاء", "نجلاء", "حنان", "ابتسام", "رقية", "شيماء",
	"إسراء", "بشرى", "ليلى", "سميرة", "كوثر", "انتصار", "هناء", "منى", "صفاء", "عائشة", "دعاء", "غفران" };
static const char *const MEN[] = { "علي", "حسن", "كريم", "جاسم", "محمد", "أحمد", "ياسين", "خالد", "سعد", "مهدي", "صالح", "عبد الله", "عبد الرحمن", "إبراهيم", "يوسف", "عمر", "طه", "ناصر",
	"فاضل", "صبري", "محمود", "خلف", "عواد", "سالم", "دحام", "عبيد", "جدوع", "مصطفى", "حميد", "رشيد" };

static uint64_t next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static const char *pick(const char *const *list, size_t n, uint64_t *s)
{
	return list[next(s) % n];
}
#define PICK(list, s) pick((list), COUNT(list), (s))

/* Father's and grandfather's names are the family's; the mother of the adults is another's child. */
static void person(struct arena *mem, struct demo_family *f, bool adult, bool woman, const char *father, const char *grandfather, struct str mother, int year, uint64_t *s)
{
	int age = adult ? 19 + (int)(next(s) % 45) : (int)(next(s) % 16);
	f->at[f->n++] = (struct demo_person){ .name = str_fmt(mem, "%s %s %s", woman ? PICK(WOMEN, s) : PICK(MEN, s), father, grandfather),
		.mother = mother.n ? mother : str_fmt(mem, "%s %s", PICK(WOMEN, s), PICK(MEN, s)), .woman = woman, .adult = adult, .year = year - age - 1,
		.month = 1 + (int)(next(s) % 12), .day = 1 + (int)(next(s) % 28) };
}

static void family(struct arena *mem, struct demo_family *f, size_t size, int year, uint64_t *s)
{
	const char *father = PICK(MEN, s), *grandfather = PICK(MEN, s);
	bool two = size >= 5 && next(s) % 2;
	person(mem, f, true, next(s) % 4 != 0, PICK(MEN, s), PICK(MEN, s), (struct str){ 0 }, year, s);
	if (two)
		person(mem, f, true, !f->at[0].woman, PICK(MEN, s), PICK(MEN, s), (struct str){ 0 }, year, s);
	struct str mother = f->at[0].woman ? f->at[0].name : two ? f->at[1].name : (struct str){ 0 };
	while (f->n < size)
		person(mem, f, false, next(s) % 2 == 0, father, grandfather, mother, year, s);
}

/* Sizes that add up: the even share, then one taken here is given there. */
static void sizes(size_t *out, size_t families, size_t persons, uint64_t *s)
{
	for (size_t i = 0; i < families; i++)
		out[i] = persons / families + (i < persons % families);
	for (size_t k = 0; k < families; k++) {
		size_t a = next(s) % families, b = next(s) % families;
		if (a != b && out[a] > 1 && out[b] < 9) {
			out[a]--;
			out[b]++;
		}
	}
}

size_t demo_families(struct arena *mem, size_t batch, int year, struct demo_family **out)
{
	uint64_t seed = 0x9e3779b97f4a7c15u ^ (batch + 1) * 0xbf58476d1ce4e5b9u;
	size_t n = 0, total = 0, size[256];
	for (size_t p = 0; p < COUNT(PARTS_OF); p++)
		total += PARTS_OF[p].batch == batch ? PARTS_OF[p].families : 0;
	*out = NEW_ARRAY(mem, struct demo_family, total + 1);
	for (size_t p = 0; p < COUNT(PARTS_OF); p++) {
		if (PARTS_OF[p].batch != batch)
			continue;
		sizes(size, PARTS_OF[p].families, PARTS_OF[p].persons, &seed);
		for (size_t i = 0; i < PARTS_OF[p].families; i++, n++) {
			(*out)[n].origin = PARTS_OF[p].origin;
			(*out)[n].shelter = str_fmt(mem, "P%zu-%llu", batch + 1, (unsigned long long)(1 + next(&seed) % 4000));
			family(mem, &(*out)[n], size[i], year, &seed);
		}
	}
	return n;
}
