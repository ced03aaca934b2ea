#include "exchange/channel.h"
#include "exchange/document.h"
#include "exchange/forward.h"
#include "exchange/notice.h"
#include "exchange/records.h"
#include "exchange/recall.h"
#include "record/effects.h"

#define DAY_MS (24LL * 3600 * 1000)
#define HOUR_MS (3600 * 1000LL)

static const struct type *type_of(const struct work *w, const char *name)
{
	return type_find(w->node->types, str_of(name));
}

int channel_recipients(struct work *w, struct partner **out, size_t *n, size_t *left_out, struct err *err)
{
	struct partner *all;
	size_t many;
	const struct role *liaison = policy_role(w->node->policy, STR("LIAISON"));
	if (partner_list(w, &all, &many, err) < 0)
		return -1;
	*out = NEW_ARRAY(w->mem, struct partner, many + 1);
	*n = *left_out = 0;
	for (size_t i = 0; i < many; i++) {
		bool fits = liaison && policy_named(all[i].kind, liaison->nodes, liaison->nnodes) &&
		    exchange_allows(w, all[i].name, STR("coordination"), STR("rfi"), STR("question"));
		if (fits)
			(*out)[(*n)++] = all[i];
		else
			(*left_out)++;
	}
	return 0;
}

static bool among(const json_t *list, struct str word)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (str_is(word, json_string_value(json_array_get(list, i))))
			return true;
	return false;
}

bool channel_is_copy(const struct work *w, const struct grant *rfi)
{
	return !str_eq(grant_record(rfi, 0)->owner, w->node->name) && !str_eq(record_text(rfi, 0, "recipient"), w->node->name);
}

int channel_replies(struct work *w, struct id rfi, struct id **ids, size_t *n, struct err *err)
{
	return record_referring(w, "rfi_reply", "rfi", rfi, ids, n, err);
}

/* ---- sending ---- */

static int64_t urgency_ms(struct str urgency)
{
	return str_is(urgency, "h8") ? 8 * HOUR_MS : str_is(urgency, "d3") ? 3 * DAY_MS : 7 * DAY_MS;
}

/* To the office that is asked, and to each that has a copy: every one under its own agreement, as a disclosure of its own. */
static int rfi_share(struct work *w, const struct record *r, struct str to, struct err *err)
{
	struct id *ids;
	size_t n;
	if (record_share(w, &r->id, 1, to, err) < 0 || record_rows(w, "rfi_subject", r->id, &ids, &n, err) < 0 ||
	    record_share(w, ids, n, to, err) < 0)
		return -1;
	return documents_share(w, r->id, to, err);
}

int send_rfi(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	json_t *due = json_keep(w->mem, json_object()), *copies = record_value(g, 0, "copy_to");
	struct str *to = NEW_ARRAY(w->mem, struct str, json_array_size(copies) + 1), ground = record_text(g, 0, "ground");
	size_t n = json_array_size(copies) + 1;
	to[0] = record_text(g, 0, "recipient");
	for (size_t i = 1; i < n; i++)
		to[i] = str_of(json_string_value(json_array_get(copies, i - 1)));
	if (!record_text(g, 0, "due").n)
		json_object_set_new(due, "due", json_new_str(time_text(w->mem, w->now_ms + urgency_ms(record_text(g, 0, "urgency")))));
	if ((json_object_size(due) && record_set_inside(w, r->id, due, err) < 0) || texts_onward(w, &ground, 1, to, n, r->id, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (rfi_share(w, r, to[i], err) < 0)
			return -1;
	return 0;
}

int open_review(struct work *w, const struct record *r, struct err *err)
{
	return review_open(w, "rfi", r->id, err);
}

int review_open(struct work *w, const char *field, struct id act, struct err *err)
{
	struct id id;
	json_t *f = json_keep(w->mem, json_pack("{s:s, s:s}", field, id_text(w->mem, act).p, "by_account", id_text(w->mem, w->actor.account).p));
	struct draft d = { .type = type_of(w, "act_review"), .fields = f, .unit = CHANNEL_DESK, .by_program = true };
	return record_create(w, &d, &id, err);
}

/* Without an assurance on rights what is told may not be used as evidence where a life is at stake (CAT 3). */
static bool assured(const struct grant *rfi)
{
	return record_text(rfi, 0, "assurance").n && record_text(rfi, 0, "assurance_date").n;
}

struct str channel_handling(struct work *w, const struct record *root)
{
	static const struct { const char *code; const char *word; } TLP[] = { { "red", "TLP:RED" }, { "amber_strict", "TLP:AMBER+STRICT" }, { "green", "TLP:GREEN" } };
	struct err ignored = { 0 };
	struct record above;
	bool request = str_is(root->type->name, "rfi");
	if (str_is(root->type->name, "rfi_document"))      /* of a page, which follows its request under the same word */
		return record_head(w, root->parent, &above, &ignored) == 0 ? channel_handling(w, &above) : (struct str){ 0 };
	if (!request && !str_is(root->type->name, "rfi_reply"))
		return (struct str){ 0 };
	const struct grant *g = record_open_inside(w, root->type, &root->id, 1, &ignored);
	bool evidence = g && (request ? assured(g) : !json_is_true(record_value(g, 0, "no_evidence")));
	for (size_t i = 0; g && i < COUNT(TLP); i++)
		if (str_is(record_text(g, 0, "handling"), TLP[i].code))
			return str_fmt(w->mem, "%s%s", TLP[i].word, evidence ? "" : ";NO-CAPITAL-EVIDENCE");
	return evidence ? (struct str){ 0 } : STR("NO-CAPITAL-EVIDENCE");
}

/* ---- the desk that is asked ---- */

static int reply_open(struct work *w, const struct record *rfi, const struct grant *g, struct err *err)
{
	struct id id;
	int64_t days = json_integer_value(record_value(g, 0, "reply_days"));
	json_t *f = json_keep(w->mem, json_pack("{s:s, s:b}", "rfi", id_text(w->mem, rfi->id).p, "no_evidence", (int)!assured(g)));
	json_object_set_new(f, "expires", json_new_str(time_text(w->mem, w->now_ms + (days > 0 && days <= 180 ? days : 180) * DAY_MS)));
	struct draft d = { .type = type_of(w, "rfi_reply"), .fields = f, .unit = CHANNEL_DESK, .by_program = true };
	return record_create(w, &d, &id, err);
}

int channel_desk_open(struct work *w, const struct record *rfi, struct err *err)
{
	const struct grant *g = record_open_inside(w, rfi->type, &rfi->id, 1, err);
	return g ? reply_open(w, rfi, g, err) : -1;
}

/* The rest of an answer in part, and the answer to what was passed on, are worked on in a reply of their own. */
int open_rest(struct work *w, const struct record *r, struct err *err)
{
	struct id id;
	struct record rfi;
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g || id_parse(record_text(g, 0, "rfi"), &id) < 0 || record_head(w, id, &rfi, err) < 0)
		return -1;
	return channel_desk_open(w, &rfi, err);
}

/* The date at which it ends there is the one that was asked for, or an earlier one. */
static int end_date_keep(struct work *w, const struct record *r, const struct grant *g, const struct record *rfi, struct err *err)
{
	const struct grant *q = record_open_inside(w, rfi->type, &rfi->id, 1, err);
	int64_t ends = 0, latest;
	if (!q)
		return -1;
	int64_t days = json_integer_value(record_value(q, 0, "reply_days"));
	latest = w->now_ms + (days > 0 && days <= 180 ? days : 180) * DAY_MS;
	if (time_parse(record_text(g, 0, "expires"), &ends) == 0 && ends <= latest)
		return 0;
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "expires", json_new_str(time_text(w->mem, latest)));
	return record_set_inside(w, r->id, f, err);
}

/* A refusal says its ground and the right address. One person sends it, so an answer that was drafted before, which no second person agreed to, does not go with it. */
static int refusal_alone(struct work *w, const struct record *r, struct err *err)
{
	static const char *const DRAFTED[] = { "outcome", "answer", "ask_further", "source_grade", "info_grade", "handling", "new_evidence", "pass_on", "forwarded_to" };
	json_t *f = json_keep(w->mem, json_object());
	if (!str_is(r->state, "refused"))
		return 0;
	for (size_t i = 0; i < COUNT(DRAFTED); i++)
		json_object_set_new(f, DRAFTED[i], json_null());
	return record_set_inside(w, r->id, f, err);
}

int send_reply(struct work *w, const struct record *r, struct err *err)
{
	struct id id;
	struct record rfi;
	const struct grant *g = refusal_alone(w, r, err) < 0 ? NULL : record_open_inside(w, r->type, &r->id, 1, err);
	if (!g || id_parse(record_text(g, 0, "rfi"), &id) < 0 || record_head(w, id, &rfi, err) < 0)
		return -1;
	const struct str texts[] = { record_text(g, 0, "answer"), record_text(g, 0, "ask_further"), record_text(g, 0, "new_evidence") };
	if (texts_onward(w, texts, COUNT(texts), &rfi.owner, 1, r->id, err) < 0 || end_date_keep(w, r, g, &rfi, err) < 0)
		return -1;
	return record_share(w, &r->id, 1, rfi.owner, err);
}

int channel_seen(struct work *w, const struct record *reply, struct err *err)
{
	return reading_add(w, reply, err);
}

/* ---- what comes ---- */

static int rfi_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	struct id *ids;
	size_t n;
	work_hint(w, HINT_NOTICE);
	if (before.n)
		return str_is(r->state, "closed") ? forward_closed(w, r->id, err) : 0;
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g || channel_replies(w, r->id, &ids, &n, err) < 0)
		return -1;
	if (channel_is_copy(w, g))
		return record_desk(w, r->id, CHANNEL_DESK, err);
	return n ? 0 : record_desk(w, r->id, CHANNEL_DESK, err) < 0 ? -1 : channel_desk_open(w, r, err);
}

static int reply_arrived(struct work *w, const struct record *r, struct err *err)
{
	static const struct { const char *state, *move; } MOVES[] = { { "answered", "note_answer" }, { "partial", "note_part" }, { "refused", "note_refusal" } };
	struct id id;
	struct record rfi;
	struct err why = { 0 };
	const struct grant *g = record_desk(w, r->id, CHANNEL_DESK, err) < 0 ? NULL : record_open_inside(w, r->type, &r->id, 1, err);
	work_hint(w, HINT_NOTICE);
	if (!g || id_parse(record_text(g, 0, "rfi"), &id) < 0)
		return g ? err_set(err, ERR_FORMAT, "a reply to nothing") : -1;
	if (record_head(w, id, &rfi, &why) < 0 || !str_eq(rfi.owner, w->node->name))
		return err_set(err, ERR_FORBIDDEN, "a reply to what was not asked here");
	const struct grant *q = record_open_inside(w, rfi.type, &id, 1, err);
	if (!q || !str_eq(record_text(q, 0, "recipient"), r->owner))
		return q ? err_set(err, ERR_FORBIDDEN, "a reply by somebody who was not asked") : -1;
	for (size_t i = 0; i < COUNT(MOVES); i++)
		if (str_is(r->state, MOVES[i].state) && (str_is(rfi.state, "sent") || str_is(rfi.state, "partial")))
			return record_move_inside(w, id, MOVES[i].move, err);
	return 0;
}

/* A person, a document, a page: of a request of the same office, and no more pages than a request may have. */
static int row_arrived(struct work *w, const struct record *r, struct err *err)
{
	struct record above;
	struct id *ids;
	size_t n = 0;
	int rc = record_head(w, r->parent, &above, NULL);
	if (rc == 0 && !str_eq(above.owner, r->owner))
		return err_set(err, ERR_FORBIDDEN, "a row of somebody else's request");
	if (str_is(r->type->name, "rfi_page"))
		rc = rc < 0 ? err_set(err, ERR_FORBIDDEN, "a page of no document") : documents_pages(w, above.parent, &n, err);
	else
		rc = str_is(r->type->name, "rfi_document") ? record_rows(w, "rfi_document", r->parent, &ids, &n, err) : 0;
	if (rc < 0)
		return -1;
	return n > CHANNEL_PAGES_MAX ? err_set(err, ERR_FORBIDDEN, "more pages than a request may have") : record_desk(w, r->id, CHANNEL_DESK, err);
}

/* What answers it goes to its owner, so a request is its sender's own, in every version: nobody sends the answer elsewhere by naming another one. */
int channel_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	bool of_channel = str_is(r->type->name, "rfi") || str_starts(r->type->name, STR("rfi_"));
	if (of_channel && w->partner.n && !str_eq(r->owner, w->partner) && !str_eq(r->owner, w->node->name))
		return err_set(err, ERR_FORBIDDEN, "a request or reply of somebody else");
	if (str_is(r->type->name, "rfi"))
		return rfi_arrived(w, r, before, err);
	if (str_is(r->type->name, "rfi_reply"))
		return reply_arrived(w, r, err);
	return str_starts(r->type->name, STR("rfi_")) ? row_arrived(w, r, err) : 0;
}

static int admitted(struct work *w, const struct arrived *a, json_t *records, const char *kind, struct err *err)
{
	for (size_t i = 0; i < json_array_size(records); i++)
		if (!record_travels_as(w, json_array_get(records, i), kind))
			return err_set(err, ERR_FORBIDDEN, "records that are no %s", kind);
	return exchange_admits(w, a->from, a->purpose, records) ? 0 : err_set(err, ERR_FORBIDDEN, "a %s that the agreement does not name", kind);
}

/* What the sender's program should have refused is refused here too, and leaves nothing. */
static int arrived_lawful(struct work *w, json_t *records, struct err *err)
{
	for (size_t i = 0; i < json_array_size(records); i++) {
		struct record r;
		struct id id;
		json_t *o = json_array_get(records, i);
		if (!str_is(json_str(o, "type"), "rfi") || !json_object_get(o, "fields") || id_parse(json_str(o, "id"), &id) < 0)
			continue;                         /* a change of state brings nothing that could be unlawful */
		if (record_head(w, id, &r, err) < 0)
			return -1;
		const struct grant *g = str_is(r.state, "erased") ? NULL : record_open_inside(w, r.type, &id, 1, err);
		if (g && channel_is_copy(w, g) && !among(record_value(g, 0, "copy_to"), w->node->name))
			return err_set(err, ERR_FORBIDDEN, "a request to somebody else");
		if (g && rfi_lawful(w, &r, err) < 0)
			return -1;
	}
	return 0;
}

int channel_request(struct work *w, const struct arrived *a, json_t *body, bool *held, struct err *err)
{
	json_t *records = json_object_get(body, "records");
	if (admitted(w, a, records, "request", err) < 0 || record_receive(w, a->from, body, false, held, err) < 0)
		return -1;
	return *held ? 0 : arrived_lawful(w, records, err);
}

int channel_reply(struct work *w, const struct arrived *a, json_t *body, bool *held, struct err *err)
{
	return admitted(w, a, json_object_get(body, "records"), "reply", err) < 0 ? -1 : record_receive(w, a->from, body, false, held, err);
}
