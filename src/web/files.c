#include "exchange/recall.h"
#include "record/clock.h"
#include "exchange/exchange.h"
#include "journey/people.h"
#include "web/html.h"
#include "web/pages.h"

static const struct { const char *ending, *type; } TYPES[] = {
	{ ".css", "text/css; charset=utf-8" }, { ".woff2", "font/woff2" }, { ".svg", "image/svg+xml" }, { ".js", "text/javascript; charset=utf-8" }, { ".txt", "text/plain; charset=utf-8" },
};

int asset_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	const struct embedded *e = embedded_find(str_join(w->mem, STR("assets/"), request_param(q, "*")));
	if (!e)
		return err_set(err, ERR_NOT_FOUND, "no such file");
	for (size_t i = 0; i < COUNT(TYPES); i++)
		if (str_ends(str_of(e->path), str_of(TYPES[i].ending)))
			a->type = TYPES[i].type;
	a->body = bytes_str(bytes_of(e->data, e->n));
	a->immutable = true;
	page_headers(a);
	return 0;
}

/* For whoever watches the machine: numbers only. Seconds, not dates: how long the oldest message has waited. */
int health_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct line_numbers n;
	struct people_state people;
	(void)q;
	if (line_numbers(w, &n, err) < 0)
		return -1;
	people_look(w->node, &people);
	a->type = "text/plain; charset=utf-8";
	a->body = str_fmt(w->mem, "ok\nentries %llu\nmessages_waiting %lld\noldest_waiting_seconds %lld\nlines_held %lld\nerasures_overdue %lld\nnames %s\n", (unsigned long long)ledger_size(w->node->ledger),
	    (long long)n.waiting, (long long)(n.oldest_ms && n.oldest_ms < w->now_ms ? (w->now_ms - n.oldest_ms) / 1000 : 0), (long long)n.held, (long long)erasures_overdue(w),
	    people.filled && people.answers ? "ready" : people.answers ? "filling" : "no answer");
	return 0;
}

/* The same numbers in the text format of Prometheus: for a collector on this machine, or the administrator. */
static bool on_this_machine(const struct request *q)
{
	return str_is(q->remote, "127.0.0.1");
}

int metrics_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct line_numbers n;
	struct people_state people;
	const struct role *role = w->actor.role.n ? policy_role(w->node->policy, w->actor.role) : NULL;
	if (!on_this_machine(q) && !(role && role->admin))
		return err_set(err, ERR_FORBIDDEN, "metrics are for this machine and the administrator");
	if (line_numbers(w, &n, err) < 0)
		return -1;
	people_look(w->node, &people);
	const struct { const char *name, *kind, *help; int64_t value; } rows[] = {
		{ "jisr_ledger_entries_total", "counter", "Entries of the ledger", (int64_t)ledger_size(w->node->ledger) },
		{ "jisr_messages_waiting", "gauge", "Messages to partners without a receipt", n.waiting },
		{ "jisr_message_oldest_seconds", "gauge", "How long the oldest of them has waited", n.oldest_ms && n.oldest_ms < w->now_ms ? (w->now_ms - n.oldest_ms) / 1000 : 0 },
		{ "jisr_lines_held", "gauge", "Lines to partners that are held", n.held },
		{ "jisr_erasures_overdue", "gauge", "Erasures that partners owe for more than 7 days", erasures_overdue(w) },
		{ "jisr_overdue", "gauge", "Moves that are late at this office", late_count(w) },
		{ "jisr_names_people", "gauge", "People in the index of names", people.people },
		{ "jisr_names_ready", "gauge", "1: the index of names is filled and answers", people.filled && people.answers },
		{ "jisr_names_fill_seconds", "gauge", "How long filling it took", people.fill_ms / 1000 },
		{ "jisr_start_time_seconds", "gauge", "Start of this process, Unix time", w->node->started_ms / 1000 },
	};
	struct buf b = buf_new(w->mem, 4096);
	for (size_t i = 0; i < COUNT(rows); i++)
		buf_fmt(&b, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", rows[i].name, rows[i].help, rows[i].name, rows[i].kind, rows[i].name, (long long)rows[i].value);
	a->type = "text/plain; version=0.0.4; charset=utf-8";
	a->body = buf_text(&b);
	return 0;
}
