#include "exchange/channel.h"
#include "exchange/forward.h"
#include "base/log.h"

/* Words that a partner wrote are passed on by being copied into an answer or a letter of ours. Where eight words stand in the order in which a partner gave them, it is its
   text, and the rule about passing on holds for it (DOMAIN S16). Who writes the same in her own words is not noticed: no program can. */
#define RUN 8
#define WORDS_MAX 1024
#define TEXTS_MAX 200
static const struct { const char *type, *fields[3]; } WRITTEN[] = { { "rfi_reply", { "answer", "ask_further", "new_evidence" } }, { "rfi", { "ground" } },
	{ "operation_note", { "text" } } };

struct runs { uint64_t at[WORDS_MAX]; size_t n; };

static bool stands_between(char c)
{
	return (uint8_t)c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9');
}

static uint64_t word_sum(struct str word)
{
	uint64_t sum = 14695981039346656037u;
	for (size_t i = 0; i < word.n; i++)
		sum = (sum ^ (uint8_t)(word.p[i] >= 'A' && word.p[i] <= 'Z' ? word.p[i] + 32 : word.p[i])) * 1099511628211u;
	return sum;
}

static size_t words_of(struct str text, uint64_t *out)
{
	size_t n = 0, from = 0;
	for (size_t i = 0; i <= text.n && n < WORDS_MAX; i++) {
		if (i < text.n && !stands_between(text.p[i]))
			continue;
		if (i > from)
			out[n++] = word_sum(str_sub(text, from, i - from));
		from = i + 1;
	}
	return n;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

/* words: room for WORDS_MAX, used again and again. */
static void runs_of(struct str text, uint64_t *words, struct runs *r)
{
	size_t n = words_of(text, words);
	r->n = 0;
	for (size_t i = 0; i + RUN <= n; i++) {
		uint64_t sum = 0;
		for (size_t k = 0; k < RUN; k++)
			sum = sum * 0x9e3779b97f4a7c15u + words[i + k];
		r->at[r->n++] = sum;
	}
	qsort(r->at, r->n, sizeof *r->at, by_size);
}

static bool meet(const struct runs *x, const struct runs *y)
{
	size_t i = 0, k = 0;
	while (i < x->n && k < y->n && x->at[i] != y->at[k])
		x->at[i] < y->at[k] ? i++ : k++;
	return i < x->n && k < y->n;
}

bool texts_share_words(struct arena *mem, struct str a, struct str b)
{
	struct runs *x = NEW(mem, struct runs), *y = NEW(mem, struct runs);
	uint64_t *words = NEW_ARRAY(mem, uint64_t, WORDS_MAX);
	runs_of(a, words, x);
	runs_of(b, words, y);
	return meet(x, y);
}

/* What an act compares with: its own texts, each with its runs; one more for what came, and room for words. */
struct ours { const struct runs *texts; size_t n; struct runs *came; uint64_t *words; };

static bool holds(const struct ours *o, const struct grant *g, size_t i, const char *const *fields, size_t n)
{
	for (size_t f = 0; f < n && fields[f]; f++) {
		runs_of(record_text(g, i, fields[f]), o->words, o->came);
		for (size_t t = 0; t < o->n; t++)
			if (meet(&o->texts[t], o->came))
				return true;
	}
	return false;
}

/* One after the other where together they do not open: what is damaged stops nobody's answer. Anything else does: then nothing could be compared. */
static const struct grant *open_some(struct work *w, const struct type *t, const struct id *ids, size_t *n, struct err *err)
{
	struct err why = { 0 };
	const struct grant *g = record_open_inside(w, t, ids, *n, &why);
	struct id *good = NEW_ARRAY(w->mem, struct id, *n + 1);
	size_t k = 0;
	for (size_t i = 0; !g && i < *n; i++) {
		if (record_open_inside(w, t, &ids[i], 1, &why))
			good[k++] = ids[i];
		else if (why.code != ERR_FAULT)
			return *err = why, (const struct grant *)NULL;
	}
	if (g)
		return g;
	log_line(LOG_WARN, "exchange", "%zu of %zu received records of type " S_FMT " do not open and are not compared with what leaves", *n - k, *n, S_ARG(t->name));
	*n = k;
	return record_open_inside(w, t, good, k, err);
}

int texts_onward(struct work *w, const struct str *texts, size_t ntexts, const struct str *to, size_t nto, struct id ours, struct err *err)
{
	struct runs *runs = NEW_ARRAY(w->mem, struct runs, ntexts + 1);
	struct ours o = { runs, 0, NEW(w->mem, struct runs), NEW_ARRAY(w->mem, uint64_t, WORDS_MAX) };
	for (size_t i = 0; i < ntexts; i++) {
		runs_of(texts[i], o.words, &runs[o.n]);
		o.n += runs[o.n].n > 0;                    /* shorter than eight words: nobody's */
	}
	for (size_t i = 0; o.n && i < COUNT(WRITTEN); i++) {
		struct id *ids;
		size_t n;
		const struct type *t = type_find(w->node->types, str_of(WRITTEN[i].type));
		if (!t || record_received_of(w, t, nto == 1 ? to[0] : (struct str){ 0 }, TEXTS_MAX, &ids, &n, err) < 0)
			return t ? -1 : 0;
		const struct grant *g = open_some(w, t, ids, &n, err);
		if (!g)
			return -1;
		for (size_t k = 0; k < n; k++) {
			struct id came = grant_record(g, k)->id;
			if (!holds(&o, g, k, WRITTEN[i].fields, COUNT(WRITTEN[i].fields)) || forward_made(w, came, ours))
				continue;
			for (size_t node = 0; node < nto; node++)
				if (record_onward(w, &came, 1, to[node], err) < 0)
					return -1;
		}
	}
	return 0;
}
