#include "exchange/channel.h"
#include "exchange/forward.h"

/* Words that a partner wrote are passed on by being copied into an answer or a letter of ours. Where eight words stand in the order in which a partner gave them, it is its
   text, and the rule about passing on holds for it (DOMAIN S16). Who writes the same in her own words is not noticed: no program can. */
#define RUN 8
#define WORDS_MAX 1024
#define TEXTS_MAX 200
static const struct { const char *type, *field; } WRITTEN[] = { { "rfi_reply", "answer" }, { "rfi_reply", "ask_further" }, { "rfi_reply", "new_evidence" }, { "rfi", "ground" },
	{ "operation_note", "text" } };

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

static void runs_of(struct arena *mem, struct str text, struct runs *r)
{
	uint64_t *words = NEW_ARRAY(mem, uint64_t, WORDS_MAX);
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

bool texts_share_words(struct arena *mem, struct str a, struct str b)
{
	struct runs *x = NEW(mem, struct runs), *y = NEW(mem, struct runs);
	size_t i = 0, k = 0;
	runs_of(mem, a, x);
	runs_of(mem, b, y);
	while (i < x->n && k < y->n && x->at[i] != y->at[k])
		x->at[i] < y->at[k] ? i++ : k++;
	return i < x->n && k < y->n;
}

int texts_onward(struct work *w, struct str text, struct str to, struct id ours, struct err *err)
{
	for (size_t i = 0; i < COUNT(WRITTEN); i++) {
		struct id *ids;
		size_t n;
		const struct type *t = type_find(w->node->types, str_of(WRITTEN[i].type));
		if (!t || record_received_of(w, t, to, TEXTS_MAX, &ids, &n, err) < 0)
			return t ? -1 : 0;
		const struct grant *g = n ? record_open_inside(w, t, ids, n, err) : NULL;
		if (n && !g)
			return -1;
		for (size_t k = 0; k < n; k++)
			if (texts_share_words(w->mem, record_text(g, k, WRITTEN[i].field), text) && !forward_made(w, ids[k], ours) && record_onward(w, &ids[k], 1, to, err) < 0)
				return -1;
	}
	return 0;
}
