#include "exchange/competence.h"
#include "exchange/exchange_i.h"

#define ENTRIES_MAX 2000
static const struct type *entry_type(const struct work *w)
{
	return type_find(w->node->types, STR("competence_entry"));
}

static bool holds_today(struct work *w, const struct grant *g, size_t i)
{
	struct date from, to;
	int32_t first, last, today = day_of_ms(w->now_ms);
	if (!str_is(grant_record(g, i)->state, "confirmed") || date_parse(record_text(g, i, "valid_from"), &from) < 0)
		return false;
	date_span(from, &first, &last);
	if (first > today)
		return false;
	if (!record_text(g, i, "valid_to").n || date_parse(record_text(g, i, "valid_to"), &to) < 0)
		return true;
	date_span(to, &first, &last);
	return last >= today;
}

/* Codes of places begin with what the place lies in: IQ1507 in IQ15 in IQ. 0: it does not hold there; else the longer the nearer. */
static size_t nearness(struct str entry, struct str place)
{
	if (!entry.n)
		return 1;
	return place.n && str_starts(place, entry) ? 1 + entry.n : 0;
}

int competence_for(struct work *w, struct str matter, struct str place, struct competence *out, struct err *err)
{
	struct record_query q = { .state = STR("confirmed"), .limit = ENTRIES_MAX };
	struct id *ids;
	size_t n, best = 0;
	if (record_list(w, entry_type(w), &q, &ids, &n, NULL, err) < 0)
		return -1;
	const struct grant *g = record_open(w, entry_type(w), ids, n, err);
	if (!g)
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t near = nearness(record_text(g, i, "place"), place);
		if (near <= best || !str_eq(record_text(g, i, "matter"), matter) || !holds_today(w, g, i))
			continue;
		best = near;
		*out = (struct competence){ .id = ids[i], .body = record_text(g, i, "body"), .node = record_text(g, i, "node"), .law = record_text(g, i, "law"),
			.contact = record_text(g, i, "contact"), .fallback = record_text(g, i, "fallback"), .place = record_text(g, i, "place") };
	}
	return best > 0;
}

int share_competence(struct work *w, const struct record *r, struct err *err)
{
	struct partner *p;
	size_t n;
	if (partner_list(w, &p, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (exchange_allows(w, p[i].name, STR("transfer"), r->type->name, STR("matter")) && record_share(w, &r->id, 1, p[i].name, err) < 0)
			return -1;
	return 0;
}
