/* The people: distinct parts once, for each the list of who has it where, and small fixed rows. Everything about a person is wiped when she is removed. */
#include "match/index_i.h"
#include <math.h>

static void *grown(void *p, uint32_t *cap, size_t size, uint32_t least)
{
	uint32_t more = *cap + *cap / 4;
	more = more < least ? least : more;
	void *q = reallocarray(p, more, size);
	if (!q || more < *cap)
		die("no memory for names");
	*cap = more;
	return q;
}

struct name_index *name_index_new(const struct name_model *m)
{
	struct name_index *x = calloc(1, sizeof *x);
	if (!x)
		die("no memory for names");
	x->model = m;
	x->mem = arena_new((size_t)1 << 20);
	x->scratch = arena_new((size_t)4 << 20);
	x->dict = dict_new();
	x->age = 1;
	return x;
}

static void postings_free(struct name_index *x)
{
	for (uint32_t i = 0; i < x->postings_cap; i++) {
		if (x->posting[i].cap) {
			wipe(x->posting[i].list, x->posting[i].cap * sizeof *x->posting[i].list);
			free(x->posting[i].list);
		}
	}
	free(x->posting);
	free(x->rarity);
}

static void wiped(void *p, size_t n)
{
	if (p)
		wipe(p, n);
	free(p);
}

void name_index_free(struct name_index *x)
{
	if (!x)
		return;
	postings_free(x);
	dict_free(x->dict);
	wiped(x->person, x->people * sizeof *x->person);
	wiped(x->ref, x->refs * sizeof *x->ref);
	wiped(x->ids, x->ids_n);
	wiped(x->by_id, x->by_id_cap * sizeof *x->by_id);
	wiped(x->sum, x->sum_cap);
	free(x->unused);
	for (size_t i = 0; i < COUNT(x->cost); i++)
		free(x->cost[i]);
	for (size_t i = 0; i < SEEN_SLOTS; i++)
		wiped(x->seen[i].alike, x->seen[i].alikes * sizeof *x->seen[i].alike);
	arena_free(x->mem);
	arena_free(x->scratch);
	wipe(x, sizeof *x);
	free(x);
}

void name_index_wipe(struct name_index *x)
{
	struct name_index *fresh = name_index_new(x->model), old = *x;
	uint32_t age = x->age + 1;
	*x = *fresh;
	x->age = age;
	*fresh = old;
	name_index_free(fresh);
}

size_t name_index_people(const struct name_index *x)
{
	return x->live;
}

/* ---- what is known of a person ---- */

char name_sex(struct str s)
{
	static const struct { const char *word; char sex; } WORDS[] = { { "m", 'M' }, { "male", 'M' }, { "ذكر", 'M' }, { "نير", 'M' }, { "f", 'F' }, { "female", 'F' }, { "انثي", 'F' }, { "مي", 'F' } };
	if (s.n == 0 || (s.n == 1 && (*s.p == 'M' || *s.p == 'F')))      /* nearly every line of a file */
		return s.n ? *s.p : 0;
	struct arena *mem = arena_new(4096);
	struct str folded = s.n <= 32 ? name_fold(mem, s) : (struct str){ 0 };
	char sex = 0;
	for (size_t i = 0; i < COUNT(WORDS) && !sex; i++)
		sex = str_is(folded, WORDS[i].word) ? WORDS[i].sex : 0;
	arena_free(mem);
	return sex;
}

static struct part_side part_side_of(const struct name_part *p)
{
	return (struct part_side){ .letters = { p->script, p->n, p->letter }, .flags = part_flags(p) };
}

void side_of(struct arena *mem, const struct name_who *who, struct name_side *out, struct str *governorate)
{
	struct name_parts *name = NEW(mem, struct name_parts), *mother = NEW(mem, struct name_parts);
	memset(out, 0, sizeof *out);
	name_parse(mem, who->name, name);
	for (size_t i = 0; i < name->n; i++)
		out->part[out->n++] = part_side_of(&name->part[i]);
	if (who->mother.n) {
		name_parse(mem, who->mother, mother);
		for (size_t i = 0; i < mother->n && i < MOTHER_MAX; i++)
			out->mother[out->mothers++] = part_side_of(&mother->part[i]);
	}
	out->sex = who->sex == 'M' || who->sex == 'F' ? who->sex : 0;
	out->birth = who->birth.y >= 1850 && who->birth.y < 2300 ? who->birth : (struct date){ 0 };
	*governorate = who->governorate.n ? name_fold(mem, str_sub(who->governorate, 0, 200)) : (struct str){ 0 };
}

static uint32_t birth_pack(struct date d)
{
	int width = d.precision == DATE_RANGE ? d.y_to - d.y : 0;
	if (d.precision == DATE_NONE)
		return 0;
	width = width < 0 ? 0 : width > 127 ? 127 : width;
	return (uint32_t)(d.y - 1800) << 19 | (uint32_t)(d.m & 15) << 15 | (uint32_t)(d.d & 31) << 10 | (uint32_t)d.precision << 7 | (uint32_t)width;
}

static struct date birth_unpack(uint32_t b)
{
	struct date d = { .precision = (enum precision)(b >> 7 & 7), .y = (int16_t)((b >> 19) + 1800), .m = (int8_t)(b >> 15 & 15), .d = (int8_t)(b >> 10 & 31) };
	d.y_to = (int16_t)(d.precision == DATE_RANGE ? d.y + (int)(b & 127) : d.y);
	return b ? d : (struct date){ 0 };
}

void side_of_person(const struct name_index *x, uint32_t person, struct name_side *out)
{
	const struct person *p = &x->person[person];
	const uint32_t *ref = x->ref + p->refs;
	out->n = p->n;
	out->mothers = p->mothers;
	for (size_t i = 0; i < (size_t)p->n + p->mothers; i++) {
		struct part_side *s = i < p->n ? &out->part[i] : &out->mother[i - p->n];
		uint32_t id = ref[i] >> REF_FLAG_BITS;
		*s = (struct part_side){ .letters = { .script = NAME_OTHER }, .flags = (uint8_t)(ref[i] & ((1u << REF_FLAG_BITS) - 1)) };
		if (id != DICT_NONE >> REF_FLAG_BITS)
			s->letters = dict_letters(x->dict, id);
	}
	out->sex = (char)p->sex;
	out->birth = birth_unpack(p->birth);
	out->governorate = p->place;
	out->governorate_rarity = (float)index_place_rarity(x, p->place);
}

/* ---- places ---- */

uint32_t index_place(const struct name_index *x, struct str folded)
{
	for (uint32_t i = 1; i <= x->places; i++)
		if (str_eq(x->place[i].folded, folded))
			return i;
	return 0;
}

/* A place that is one too many is unknown. */
static uint32_t place_add(struct name_index *x, struct str folded)
{
	uint32_t at = folded.n ? index_place(x, folded) : 0;
	if (at == 0 && folded.n && x->places + 1 < PLACES) {
		at = ++x->places;
		x->place[at].folded = str_dup(x->mem, folded);
	}
	x->place[at].n += at > 0;
	x->placed += at > 0;
	return at;
}

double index_place_rarity(const struct name_index *x, uint32_t place)
{
	double share = (x->place[place].n + 10.0) / (x->placed + 100.0);      /* one in ten before anybody is known */
	return share < 0.9 ? -log(share) * 0.9 : 0.1;
}

/* ---- ids ---- */

static uint32_t id_hash(struct str id)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < id.n; i++)
		h = (h ^ (uint8_t)id.p[i]) * 16777619u;
	return h ^ h >> 15;
}

static struct str id_of(const struct name_index *x, uint32_t person)
{
	return (struct str){ x->ids + x->person[person].id, x->person[person].id_n };
}

static void by_id_insert(struct name_index *x, uint32_t person)
{
	uint32_t at = id_hash(id_of(x, person)) & (x->by_id_cap - 1);
	while (x->by_id[at])
		at = (at + 1) & (x->by_id_cap - 1);
	x->by_id[at] = person + 1;
	x->by_id_n++;
}

static void by_id_make(struct name_index *x)
{
	uint32_t cap = 1024;
	while (cap / 4 * 3 <= x->live + 1)
		cap *= 2;
	wiped(x->by_id, x->by_id_cap * sizeof *x->by_id);
	x->by_id = calloc(cap, sizeof *x->by_id);
	if (!x->by_id)
		die("no memory for names");
	x->by_id_cap = cap;
	x->by_id_n = 0;
	for (uint32_t i = 0; i < x->people; i++)
		if (x->person[i].live)
			by_id_insert(x, i);
}

uint32_t index_find(struct name_index *x, struct str id)
{
	if (x->by_id_cap == 0)
		by_id_make(x);
	for (uint32_t at = id_hash(id) & (x->by_id_cap - 1); x->by_id[at]; at = (at + 1) & (x->by_id_cap - 1))
		if (str_eq(id_of(x, x->by_id[at] - 1), id))
			return x->by_id[at] - 1;
	return UINT32_MAX;
}

static void by_id_forget(struct name_index *x, struct str id)
{
	uint32_t mask = x->by_id_cap - 1, at = id_hash(id) & mask;
	while (!str_eq(id_of(x, x->by_id[at] - 1), id))
		at = (at + 1) & mask;
	x->by_id[at] = 0;
	x->by_id_n--;
	for (uint32_t next = (at + 1) & mask; x->by_id[next]; next = (next + 1) & mask) {      /* what stood behind it moves up */
		uint32_t person = x->by_id[next] - 1;
		x->by_id[next] = 0;
		x->by_id_n--;
		by_id_insert(x, person);
	}
}

/* ---- postings ---- */

static uint32_t *posting_list(struct posting *p)
{
	return p->cap ? p->list : p->one;
}

static void posting_add(struct posting *p, uint32_t entry)
{
	if (p->n == (p->cap ? p->cap : COUNT(p->one))) {
		uint32_t cap = p->n < 8 ? p->n * 2 : p->n + p->n / 4, *list = reallocarray(p->cap ? p->list : NULL, cap, sizeof *list);
		if (!list)
			die("no memory for names");
		if (p->cap == 0)
			memcpy(list, p->one, sizeof p->one);
		p->list = list;
		p->cap = cap;
	}
	posting_list(p)[p->n++] = entry;
}

static void posting_remove(struct posting *p, uint32_t entry)
{
	uint32_t *list = posting_list(p);
	for (uint32_t i = 0; i < p->n; i++) {
		if (list[i] == entry) {
			list[i] = list[--p->n];
			list[p->n] = 0;
			return;
		}
	}
}

static void posting_end(struct posting *p)
{
	if (p->cap)
		free(p->list);
	*p = (struct posting){ 0 };
}

static enum entry_kind kind_at(const struct name_side *s, size_t i)
{
	bool kunya = s->n > 1 && flags_role(s->part[0].flags) == NAME_KUNYA;
	size_t at = kunya ? i - 1 : i;
	return kunya && i == 0 ? AT_KUNYA : at < 3 ? (enum entry_kind)at : AT_LATER;
}

static enum entry_kind kind_of(const struct name_side *s, size_t i)
{
	return i < s->n ? kind_at(s, i) : i == s->n ? AT_MOTHER : AT_MOTHER_MORE;
}

static uint32_t ref_add(struct name_index *x, uint32_t person, const struct part_side *s, enum entry_kind kind)
{
	uint32_t id = DICT_NONE >> REF_FLAG_BITS;
	if (s->letters.n) {
		id = dict_add(x->dict, s->letters.script, s->letters.letter, s->letters.n);
		dict_count(x->dict, id, 1);
		if (id >= x->postings_cap) {
			uint32_t before = x->postings_cap, cap = before;
			x->rarity = grown(x->rarity, &cap, sizeof *x->rarity, 256);
			x->posting = grown(x->posting, &x->postings_cap, sizeof *x->posting, 256);
			memset(x->posting + before, 0, (x->postings_cap - before) * sizeof *x->posting);
			memset(x->rarity + before, 0, (x->postings_cap - before) * sizeof *x->rarity);
		}
		posting_add(&x->posting[id], person << KIND_BITS | kind);
	}
	return id << REF_FLAG_BITS | s->flags;
}

/* ---- people ---- */

/* A row: one that was given up and is large enough, else a new one. */
static uint32_t person_new(struct name_index *x, size_t refs, size_t id_n)
{
	if (x->unuseds) {
		uint32_t at = x->unused[x->unuseds - 1];
		if (x->person[at].refs_cap >= refs && x->person[at].id_cap >= id_n) {
			x->unuseds--;
			return at;
		}
	}
	if (x->people == x->people_cap)
		x->person = grown(x->person, &x->people_cap, sizeof *x->person, 256);
	while (x->refs_cap - x->refs < refs)
		x->ref = grown(x->ref, &x->refs_cap, sizeof *x->ref, 1024);
	while (x->ids_cap - x->ids_n < id_n)
		x->ids = grown(x->ids, &x->ids_cap, 1, 4096);
	x->person[x->people] = (struct person){ .refs = x->refs, .id = x->ids_n, .refs_cap = (uint8_t)refs, .id_cap = (uint8_t)id_n };
	x->refs += (uint32_t)refs;
	x->ids_n += (uint32_t)id_n;
	return x->people++;
}

int name_index_fill(struct name_index *x, struct str id, const struct name_who *who, struct err *err)
{
	struct name_side s;
	struct str governorate;
	if (id.n == 0 || id.n > NAME_ID_MAX)
		return err_set(err, ERR_VALUE, "an id has 1 to %d bytes", NAME_ID_MAX);
	if (x->people >= PEOPLE_MAX || x->refs > UINT32_MAX - 64 || x->ids_n > UINT32_MAX - 128)
		return err_set(err, ERR_FULL, "more people than the index can number");
	arena_reset(x->scratch);
	side_of(x->scratch, who, &s, &governorate);
	uint32_t at = person_new(x, (size_t)s.n + s.mothers, id.n);
	struct person *p = &x->person[at];
	for (size_t i = 0; i < (size_t)s.n + s.mothers; i++)
		x->ref[p->refs + i] = ref_add(x, at, i < s.n ? &s.part[i] : &s.mother[i - s.n], kind_of(&s, i));
	memcpy(x->ids + p->id, id.p, id.n);
	p->id_n = (uint8_t)id.n;
	p->n = s.n;
	p->mothers = s.mothers;
	p->birth = birth_pack(s.birth);
	p->sex = (uint8_t)s.sex;
	p->place = (uint8_t)place_add(x, governorate);
	p->live = 1;
	x->live++;
	x->age++;
	if (x->by_id_cap) {
		if (x->by_id_n + 1 >= x->by_id_cap / 4 * 3)
			by_id_make(x);
		else
			by_id_insert(x, at);
	}
	return 0;
}

int name_index_put(struct name_index *x, struct str id, const struct name_who *who, struct err *err)
{
	name_index_remove(x, id);
	return name_index_fill(x, id, who, err);
}

bool name_index_remove(struct name_index *x, struct str id)
{
	uint32_t at = index_find(x, id);
	struct name_side s;
	if (at == UINT32_MAX)
		return false;
	struct person *p = &x->person[at];
	side_of_person(x, at, &s);
	by_id_forget(x, id);
	for (size_t i = 0; i < (size_t)p->n + p->mothers; i++) {
		uint32_t part = x->ref[p->refs + i] >> REF_FLAG_BITS;
		if (part == DICT_NONE >> REF_FLAG_BITS)
			continue;
		posting_remove(&x->posting[part], at << KIND_BITS | kind_of(&s, i));
		dict_count(x->dict, part, -1);
		if (dict_n(x->dict, part) == 0) {
			posting_end(&x->posting[part]);
			dict_remove(x->dict, part);
		}
	}
	wipe(x->ref + p->refs, p->refs_cap * sizeof *x->ref);
	wipe(x->ids + p->id, p->id_cap);
	x->place[p->place].n -= p->place > 0;
	x->placed -= p->place > 0;
	*p = (struct person){ .refs = p->refs, .id = p->id, .refs_cap = p->refs_cap, .id_cap = p->id_cap };
	if (x->unuseds == x->unused_cap)
		x->unused = grown(x->unused, &x->unused_cap, sizeof *x->unused, 64);
	x->unused[x->unuseds++] = at;
	x->live--;
	x->age++;
	for (size_t i = 0; i < SEEN_SLOTS; i++) {      /* what was asked before may hold the name of who is gone */
		if (x->seen[i].alike)
			wiped(x->seen[i].alike, x->seen[i].alikes * sizeof *x->seen[i].alike);
		wipe(&x->seen[i], sizeof x->seen[i]);
	}
	return true;
}
