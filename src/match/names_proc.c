/* What the names process does with a request. */
#include "match/names_i.h"
#include "crypto/hash.h"

/* Asks of one actor today. A table that is full lets nobody new ask: it is emptied with the day. */
enum { ACTORS_MAX = 4096, DAY_MS = 86400000 };
enum budget { BUDGET_ASKS, BUDGET_WIDE, BUDGET_ROWS, BUDGETS };
struct asks { uint8_t actor[16]; uint32_t used[BUDGETS]; };
struct names_state {
	struct names_start start;
	struct name_model *model;
	struct name_index *index;
	int64_t day;
	size_t actors;
	struct asks asks[ACTORS_MAX];
};

static int64_t system_now(void *arg)
{
	(void)arg;
	return source_now_ms(source_system());
}

struct names_state *names_state_new(struct arena *mem, const struct names_start *start, struct err *err)
{
	struct names_state *s = NEW(mem, struct names_state);
	s->start = *start;
	if (!s->start.now_ms)
		s->start.now_ms = system_now;
	s->model = name_model_new(err);
	if (!s->model)
		return NULL;
	s->index = name_index_new(s->model);
	name_fold(mem, STR("\u0627\u0654 \u00e9"));      /* ICU reads its tables now, while it may */
	return s;
}

void names_state_end(struct names_state *s)
{
	name_index_free(s->index);
	name_model_free(s->model);
	wipe(s, sizeof *s);
}

void who_write(struct buf *b, const struct name_who *w)
{
	buf_sized(b, str_bytes(w->name));
	buf_sized(b, str_bytes(w->mother));
	buf_sized(b, str_bytes(w->governorate));
	buf_u8(b, (uint8_t)w->birth.precision);
	buf_u16(b, (uint16_t)w->birth.y);
	buf_u16(b, (uint16_t)w->birth.y_to);
	buf_u8(b, (uint8_t)w->birth.m);
	buf_u8(b, (uint8_t)w->birth.d);
	buf_u8(b, (uint8_t)w->sex);
}

void who_read(struct reader *r, struct name_who *w)
{
	*w = (struct name_who){ 0 };
	w->name = bytes_str(get_sized(r, NAMES_TEXT_MAX));
	w->mother = bytes_str(get_sized(r, NAMES_TEXT_MAX));
	w->governorate = bytes_str(get_sized(r, NAMES_TEXT_MAX));
	uint8_t precision = get_u8(r);
	w->birth.precision = precision <= DATE_ESTIMATED ? (enum precision)precision : DATE_NONE;
	w->birth.y = (int16_t)get_u16(r);
	w->birth.y_to = (int16_t)get_u16(r);
	w->birth.m = (int8_t)get_u8(r);
	w->birth.d = (int8_t)get_u8(r);
	w->sex = (char)get_u8(r);
	r->bad = r->bad || precision > DATE_ESTIMATED || (precision && (w->birth.y < 1800 || w->birth.y > 2300 || w->birth.m < 0 || w->birth.m > 12 || w->birth.d < 0 || w->birth.d > 31));
}

static struct str id_key(const struct id *id)
{
	return (struct str){ (const char *)id->b, sizeof id->b };
}

static enum names_status serve_fill(struct names_state *s, struct reader *r)
{
	uint32_t n = get_u32(r);
	if (n > NAMES_ROWS_MAX)
		return NAMES_BAD;
	for (uint32_t i = 0; i < n; i++) {
		struct id id;
		struct name_who who;
		get_into(r, id.b, sizeof id.b);
		who_read(r, &who);
		if (r->bad)
			return NAMES_BAD;
		if (name_index_put(s->index, id_key(&id), &who, NULL) < 0)
			return NAMES_FULL;
	}
	return reader_done(r) ? NAMES_OK : NAMES_BAD;
}

static enum names_status serve_remove(struct names_state *s, struct reader *r)
{
	uint32_t n = get_u32(r);
	if (n > NAMES_ROWS_MAX)
		return NAMES_BAD;
	for (uint32_t i = 0; i < n; i++) {
		struct id id;
		get_into(r, id.b, sizeof id.b);
		if (r->bad)
			return NAMES_BAD;
		name_index_remove(s->index, id_key(&id));
	}
	return reader_done(r) ? NAMES_OK : NAMES_BAD;
}

/* Takes so much out of one of the actor's budgets. */
static bool budget_take(struct names_state *s, const uint8_t actor[16], enum budget which, uint32_t n)
{
	const uint32_t most[BUDGETS] = { s->start.budget, s->start.budget_wide, s->start.budget_rows };
	int64_t day = s->start.now_ms(s->start.arg) / DAY_MS;
	size_t i = 0;
	if (day != s->day) {
		s->day = day;
		s->actors = 0;
	}
	while (i < s->actors && memcmp(s->asks[i].actor, actor, 16) != 0)
		i++;
	if (i == ACTORS_MAX)
		return false;
	if (i == s->actors) {
		memset(&s->asks[s->actors++], 0, sizeof *s->asks);
		memcpy(s->asks[i].actor, actor, 16);
	}
	if (n > most[which] || s->asks[i].used[which] > most[which] - n)
		return false;
	s->asks[i].used[which] += n;
	return true;
}

/* What tells a person apart. A name of one part is none of them. */
static size_t features(struct arena *mem, const struct name_who *w)
{
	struct name_parts *p = NEW(mem, struct name_parts);
	size_t readable = 0;
	name_parse(mem, w->name, p);
	for (size_t i = 0; i < p->n; i++)
		readable += p->part[i].n > 0;
	return (size_t)(readable >= 2) + (w->mother.n > 0) + (w->birth.precision != DATE_NONE) + (w->governorate.n > 0);
}

static void write_terms(struct buf *answer, const struct name_terms *t)
{
	buf_u8(answer, (uint8_t)t->n);
	for (size_t i = 0; i < t->n; i++) {
		const struct name_term *one = &t->term[i];
		uint64_t value;
		uint32_t cost, rarity;
		memcpy(&value, &one->value, sizeof value);
		memcpy(&cost, &one->cost, sizeof cost);
		memcpy(&rarity, &one->rarity, sizeof rarity);
		buf_u8(answer, (uint8_t)one->kind);
		buf_u8(answer, rule_number(one->rule));
		buf_u8(answer, (uint8_t)one->a);
		buf_u8(answer, (uint8_t)one->b);
		buf_u32(answer, cost);
		buf_u32(answer, rarity);
		buf_u64(answer, value);
	}
}

static void write_score(struct buf *answer, double score)
{
	uint64_t bits;
	memcpy(&bits, &score, sizeof bits);
	buf_u64(answer, bits);
}

static void write_found(struct names_state *s, const struct name_who *who, const struct name_found *found, size_t n, struct buf *answer)
{
	buf_u8(answer, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		struct name_terms terms = { 0 };
		double score = NAME_NEVER;
		name_index_explain(s->index, who, found[i].id, &score, &terms);
		buf_put(answer, found[i].id.p, 16);
		write_score(answer, score);
		write_terms(answer, &terms);
	}
}

/* ids: those that are left out, or among whom is asked. */
struct asked { uint8_t actor[16], wide, top; struct name_who who; struct str *ids; uint32_t n; };
static bool read_ask(struct arena *mem, struct reader *r, struct asked *a)
{
	get_into(r, a->actor, sizeof a->actor);
	a->wide = get_u8(r);
	a->top = get_u8(r);
	who_read(r, &a->who);
	a->n = get_u32(r);
	if (r->bad || a->wide > 1 || a->top == 0 || a->top > NAME_TOP_MAX || a->n > NAMES_AMONG_MAX)
		return false;
	a->ids = NEW_ARRAY(mem, struct str, a->n + 1);
	for (uint32_t i = 0; i < a->n; i++)
		a->ids[i] = bytes_str(get_bytes(r, 16));
	return reader_done(r);
}

static enum names_status serve_ask(struct names_state *s, struct arena *mem, struct reader *r, struct buf *answer)
{
	struct asked a;
	struct name_found found[NAME_TOP_MAX];
	if (!read_ask(mem, r, &a))
		return NAMES_BAD;
	if (a.wide && features(mem, &a.who) < NAMES_FEATURES)
		return NAMES_FEW;
	if (!budget_take(s, a.actor, a.wide ? BUDGET_WIDE : BUDGET_ASKS, 1))
		return NAMES_RATE;
	size_t n = name_index_query_but(s->index, &a.who, a.ids, a.n, a.wide && a.top > NAMES_WIDE_TOP ? NAMES_WIDE_TOP : a.top, found);
	write_found(s, &a.who, found, n, answer);
	return NAMES_OK;
}

static enum names_status serve_among(struct names_state *s, struct arena *mem, struct reader *r, struct buf *answer)
{
	struct asked a;
	struct name_found found[NAME_TOP_MAX];
	if (!read_ask(mem, r, &a) || a.wide)
		return NAMES_BAD;
	if (!budget_take(s, a.actor, BUDGET_ASKS, 1))
		return NAMES_RATE;
	write_found(s, &a.who, found, name_index_query_among(s->index, &a.who, a.ids, a.n, a.top, found), answer);
	return NAMES_OK;
}

static bool agrees_in_all(struct names_state *s, const struct name_who *who, struct str id)
{
	struct name_terms terms = { 0 };
	double score;
	bool mother = false, birth = false;
	if (!name_index_explain(s->index, who, id, &score, &terms))
		return false;
	for (size_t i = 0; i < terms.n; i++) {
		const struct name_term *t = &terms.term[i];
		bool same = strncmp(t->rule, "same", 4) == 0;
		if (t->kind != TERM_BAR && !same)
			return false;
		mother = mother || t->kind == TERM_MOTHER;
		birth = birth || t->kind == TERM_BIRTH;
	}
	return mother && birth;
}

static enum names_status serve_twins(struct names_state *s, struct reader *r, struct buf *answer)
{
	uint8_t actor[16];
	struct name_found found[NAMES_TWINS_TOP];
	get_into(r, actor, sizeof actor);
	uint32_t rows = get_u32(r);
	if (r->bad || rows > NAMES_ROWS_MAX)
		return NAMES_BAD;
	if (!budget_take(s, actor, BUDGET_ROWS, rows))
		return NAMES_RATE;
	for (uint32_t i = 0; i < rows; i++) {
		struct name_who who;
		who_read(r, &who);
		if (r->bad)
			return NAMES_BAD;
		size_t n = name_index_query(s->index, &who, NAMES_TWINS_TOP, found);
		while (n > 0 && found[n - 1].score < NAME_LIKELY)
			n--;
		buf_u8(answer, (uint8_t)n);
		for (size_t k = 0; k < n; k++) {
			buf_put(answer, found[k].id.p, 16);
			write_score(answer, found[k].score);
			buf_u8(answer, agrees_in_all(s, &who, found[k].id));
		}
	}
	return reader_done(r) ? NAMES_OK : NAMES_BAD;
}

static enum names_status serve_compare(struct names_state *s, struct reader *r, struct buf *answer)
{
	struct name_who a, b;
	struct name_terms terms = { 0 };
	who_read(r, &a);
	who_read(r, &b);
	if (!reader_done(r))
		return NAMES_BAD;
	write_score(answer, name_compare(s->model, s->index, &a, &b, &terms));
	write_terms(answer, &terms);
	return NAMES_OK;
}

void names_serve(struct names_state *s, struct arena *mem, struct bytes request, struct buf *answer)
{
	struct reader r = reader_of(request);
	struct buf out = buf_new(mem, NAMES_FRAME_MAX);
	enum names_status status = NAMES_BAD;
	switch (get_u8(&r)) {
	case NAMES_FILL: status = serve_fill(s, &r); break;
	case NAMES_REMOVE: status = serve_remove(s, &r); break;
	case NAMES_WIPE: name_index_wipe(s->index); status = NAMES_OK; break;
	case NAMES_COUNT: buf_u32(&out, (uint32_t)name_index_people(s->index)); status = NAMES_OK; break;
	case NAMES_ASK: status = serve_ask(s, mem, &r, &out); break;
	case NAMES_AMONG: status = serve_among(s, mem, &r, &out); break;
	case NAMES_TWINS: status = serve_twins(s, &r, &out); break;
	case NAMES_COMPARE: status = serve_compare(s, &r, &out); break;
	default: break;
	}
	if (out.full)
		status = NAMES_BAD;
	buf_u8(answer, (uint8_t)status);
	if (status == NAMES_OK)
		buf_put(answer, out.p, out.n);
}
