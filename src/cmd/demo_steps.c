#include "cmd/demo_story.h"
#include <stdarg.h>
#include <unistd.h>

/* Steps that every place of the story takes: a record is made, a move is asked for, another office agrees. */

void story_said(const struct carry *c, const char *fmt, ...)
{
	va_list args;
	if (!c->say)
		return;
	va_start(args, fmt);
	printf("[%6.2f s] ", (double)(monotonic_ms() - c->began_ms) / 1000);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* The hour of the journey's day, as it would be written on paper. */
struct str story_hour(struct arena *mem, const struct journey *j, int days, int h, int m)
{
	return time_text(mem, j->day_ms + days * DAY_MS + (h * 60 + m) * 60000LL);
}

size_t story_persons_of(const struct journey *j)
{
	size_t n = 0;
	for (size_t i = 0; i < j->nfamilies; i++)
		n += j->families[i].n;
	return n;
}

size_t story_adults_of(const struct journey *j)
{
	size_t n = 0;
	for (size_t i = 0; i < j->nfamilies; i++)
		for (size_t k = 0; k < j->families[i].n; k++)
			n += j->families[i].at[k].adult;
	return n;
}

int story_create(struct arena *mem, struct visitor *v, const char *type, struct form *f, struct str *id, struct err *err)
{
	struct page_answer a;
	if (visitor_post(mem, v, str_fmt(mem, "/r/%s/new", type), f, &a, err) < 0)
		return -1;
	if (a.status != 303)
		return err_set(err, ERR_PEER, "a new %s was not taken", type);
	*id = str_dup(mem, location_id(a.location));
	return 0;
}

/* The ids that follow a mark on a page. */
size_t story_values_of(struct arena *mem, struct str body, struct str mark, struct str *out, size_t max)
{
	size_t n = 0, at;
	while (n < max && (at = str_find(body, mark)) < body.n) {
		body = str_sub(body, at + mark.n, body.n);
		out[n++] = str_dup(mem, str_sub(body, 0, 36));
	}
	return n;
}

/* Says yes to everything that waits for this officer; *n: how many. */
int story_agree(struct carry *c, enum officer who, size_t *n)
{
	const struct str mark = STR("href=\"/proposals/");
	struct arena *mem = arena_new(STEP_BYTES);
	struct page_answer a;
	int rc = visitor_get(mem, &c->at[who], STR("/today"), &a, c->err);
	*n = 0;
	for (size_t at; rc == 0 && (at = str_find(a.body, mark)) < a.body.n;) {
		struct page_answer done;
		struct form f = form_new(mem);
		a.body = str_sub(a.body, at + mark.n, a.body.n);
		form_add(&f, "answer", STR("yes"));
		if (visitor_post(mem, &c->at[who], str_fmt(mem, "/proposals/" S_FMT, S_ARG(str_sub(a.body, 0, 36))), &f, &done, c->err) == 0)
			(*n)++;
		else
			*c->err = (struct err){ 0 };          /* somebody else at the same desk was faster */
	}
	arena_free(mem);
	return rc;
}

/* Until the record has the state, the other office says yes to what reaches it. */
int story_agreed(struct carry *c, enum officer who, enum officer owner, const char *type, struct str id, const char *state)
{
	for (int64_t until = monotonic_ms() + WAIT_MS; monotonic_ms() < until;) {
		struct arena *mem = arena_new(STEP_BYTES);
		size_t n = 0;
		json_t *o = visitor_json(mem, &c->at[owner], str_fmt(mem, "/api/1/%s/" S_FMT "?fields=none", type, S_ARG(id)), c->err);
		bool there = o && str_is(json_str(o, "state"), state);
		arena_free(mem);
		if (there)
			return 0;
		if (c->err->code || story_agree(c, who, &n) < 0)
			return -1;
		if (n == 0)
			usleep(100000);
	}
	return err_set(c->err, ERR_EXPIRED, "%s did not become %s: the other office did not agree", type, state);
}

int story_move_by(struct carry *c, enum officer who, const char *type, struct str id, const char *move, struct str at)
{
	return visitor_move(c->mem, &c->at[who], type, id, move, at, c->err);
}

int story_became(struct carry *c, enum officer who, const char *type, struct str id, const char *state)
{
	int64_t version;
	return visitor_wait(c->mem, &c->at[who], type, id, state, &version, c->err);
}

int story_post_simple(struct carry *c, enum officer who, struct str path, const char *const *pairs, struct str at)
{
	struct form f = form_new(c->mem);
	struct page_answer a;
	for (size_t i = 0; pairs && pairs[i]; i += 2)
		form_add(&f, pairs[i], str_of(pairs[i + 1]));
	form_add(&f, "event_time", at);
	return visitor_post(c->mem, &c->at[who], path, &f, &a, c->err);
}
