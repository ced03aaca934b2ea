#include "cmd/full.h"
#include "cmd/line.h"
#include "web/web.h"

/* Invariant 1 is the shape of this file: an answer leaves only after the COMMIT of the tick whose ledger entries speak of it. */

size_t tick_limit_of(void *arg, const struct request *asked)
{
	(void)arg;
	bool other;
	struct request q = { 0 };
	const struct route *r = asked->method == POST ? route_find(JOINED_ROUTES, asked->method, asked->path, &q, &other) : NULL;
	return r && r->permission != PERMIT_PARTNER ? r->limit : 4096;
}

static int dispatch(const struct house *h, struct work *w, struct request *q, struct response *a, struct err *err)
{
	bool other;
	const struct route *r = route_find(JOINED_ROUTES, q->method, q->path, q, &other);
	if (q->partner_line)
		return h->full && full_refuses(q) ? err_set(err, ERR_FULL, "the disk is full") : line_dispatch(w, q, r, a, err);
	if (web_session(w, q, err) < 0)
		return -1;
	if (!r || r->permission == PERMIT_PARTNER)
		return err_set(err, ERR_NOT_FOUND, "no such page");
	if (web_guard(w, q, r, err) < 0)
		return -1;
	return h->full && full_refuses(q) ? err_set(err, ERR_FULL, "the disk is full") : r->handler(w, q, a, err);
}

static int item_answer(const struct house *h, struct work *w, struct item *it, struct response *a, struct err *err)
{
	if (it->timer)
		return it->timer->run(w, err);
	if (it->call)
		return it->call->then(w, it->call->ref, it->call_status, it->call_answer, err);
	if (!it->job_done)
		return dispatch(h, w, it->request, a, err);
	if ((it->request->partner_line ? line_partner(w, it->request, err) : web_session(w, it->request, err)) < 0)
		return -1;
	return it->job.then(w, it->request, it->job_output, a, err);
}

/* What was refused stands in the ledger, though the item itself was rolled back. */
static int enter_refusal(struct house *h, struct work *w, const struct err *why, struct err *err)
{
	if (why->code != ERR_FORBIDDEN && why->code != ERR_SAFEGUARD && why->code != ERR_RATE)
		return 0;
	struct str reason = w->refusal.reason.n ? w->refusal.reason : str_of(err_class(why->code)->name);
	if (id_none(w->actor.account) && !w->partner.n) {      /* strangers are counted, not entered one by one */
		strangers_count(&h->strangers, reason);
		return 0;
	}
	struct entry e = { .act = ACT_REFUSE, .actor = w->actor.account, .role = w->actor.role, .type = w->refusal.type, .move = w->refusal.move,
		.purpose = w->purpose, .basis = w->basis, .to = w->partner, .refused = reason };
	return work_enter(w, &e, err);
}

/* Eight digits that the user reads out and the operator finds. */
static struct str fault_reference(const struct house *h, struct arena *mem)
{
	uint32_t n;
	source_fill(h->node.source, &n, sizeof n);
	return str_fmt(mem, "%04u-%04u", n % 10000, n / 10000 % 10000);
}

/* One item in a savepoint. -1 only for a fault that ends the tick. */
static int item_run(struct house *h, struct item *it, struct answered *out, struct err *err)
{
	struct ledger_mark mark = ledger_mark(h->ledger);
	struct err why = { 0 };
	*out = (struct answered){ .item = it, .response = { .status = 200, .type = "text/html; charset=utf-8" } };
	struct work w = { .node = &h->node, .tx = h->tx, .mem = it->mem, .now_ms = source_now_ms(h->node.source), .effects = &out->effects };
	if (tx_savepoint(h->tx, err) < 0)
		return -1;
	if (item_answer(h, &w, it, &out->response, &why) == 0)
		return tx_release(h->tx, err);
	bool refused = h->full && it->request && full_refuses(it->request);
	if (why.code == ERR_FULL && !refused && (it->request || !tx_is_open(h->tx)))
		return err_set(err, ERR_FULL, "%s", why.log);          /* the whole tick: the caller makes room and runs it again */
	if (why.code == ERR_NONE)
		err_set(&why, ERR_FAULT, "a handler failed without a reason");
	ledger_back(h->ledger, &mark);
	if (tx_back(h->tx, err) < 0)
		return -1;
	out->effects = (struct effects){ 0 };
	if (why.code == ERR_FAULT || !it->request) {
		w.reference = fault_reference(h, it->mem);
		log_line(LOG_ERROR, "tick", "%s: " S_FMT ": %s", it->timer ? it->timer->name : it->call ? "answer of a partner" : "request", S_ARG(w.reference), why.log);
	}
	if (!it->request)
		return 0;
	out->response = (struct response){ .status = err_class(why.code)->http_status, .type = "text/html; charset=utf-8" };
	if (enter_refusal(h, &w, &why, err) < 0)
		return -1;
	if (it->request->partner_line)
		line_error(&w, &out->response, &why);
	else
		web_error(&w, it->request, &out->response, &why);
	return 0;
}

/* What is proven on the root that was just signed. */
static int close_item(struct house *h, struct answered *out, struct err *err)
{
	if (!out->effects.close.run)
		return 0;
	struct work w = { .node = &h->node, .tx = h->tx, .mem = out->item->mem, .now_ms = source_now_ms(h->node.source), .effects = &out->effects };
	return out->effects.close.run(&w, out->effects.close.arg, &out->response, err);
}

static int enter_strangers(struct house *h, struct err *err)
{
	struct effects effects = { 0 };
	struct work w = { .node = &h->node, .tx = h->tx, .mem = arena_new((size_t)1 << 20), .now_ms = source_now_ms(h->node.source), .effects = &effects };
	int rc = strangers_enter(&h->strangers, &w, err);
	arena_free(w.mem);
	return rc;
}

int tick_run(struct house *h, struct item **items, size_t n, struct answered *out, struct err *err)
{
	struct ledger_mark before = ledger_mark(h->ledger);
	int64_t due = strangers_due_ms(&h->strangers);
	bool strangers = due >= 0 && due <= monotonic_ms();
	if (tx_begin(h->tx, err) < 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = item_run(h, items[i], &out[i], err);
	if (rc == 0 && strangers)
		rc = enter_strangers(h, err);
	if (rc == 0)
		rc = ledger_close(h->ledger, h->tx, err);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = close_item(h, &out[i], err);
	if (rc == 0)
		rc = tx_commit(h->tx, err);
	if (rc < 0) {
		tx_rollback(h->tx);
		ledger_back(h->ledger, &before);
	} else if (strangers) {
		h->strangers = (struct strangers){ 0 };
	}
	return rc;
}
