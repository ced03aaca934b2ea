#include "exchange/exchange_i.h"
#include "exchange/forward.h"
#include "exchange/notice_i.h"
#include "exchange/recall.h"
#include "exchange/records.h"
#include "record/back.h"

/* What travels about records: the line that record speaks through, and what each kind of message does when it arrives. */

/* A message carries what is ours; a copy of somebody else's gets into one by no lawful way, so it is looked at here once more, where everything leaves. */
static int onward(struct work *w, const struct line_note *n, struct err *err)
{
	json_t *records = json_object_get(n->body, "records");
	for (size_t i = 0; i < json_array_size(records); i++) {
		struct id id;
		json_t *o = json_array_get(records, i);
		if (json_is_object(o) && json_object_get(o, "fields") && id_parse(json_str(o, "id"), &id) == 0 && !str_is(str_of(n->kind), "handover") && record_onward(w, &id, 1, n->to, err) < 0)
			return -1;
	}
	return 0;
}

int exchange_line_send(struct work *w, const struct line_note *n, struct err *err)
{
	struct id id;
	struct message m = { .to = n->to, .kind = str_of(n->kind), .purpose = n->purpose, .basis = n->basis, .media = "application/json", .body = json_write(w->mem, n->body),
		.handling = n->handling, .subjects = n->subjects, .fields = n->fields };
	bool ends = str_is(m.kind, "erase") || str_is(m.kind, "recall");
	if (onward(w, n, err) < 0 || exchange_queue(w, &m, &id, err) < 0 || (ends && recall_asked(w, n->to, json_object_get(n->body, "records"), err) < 0) || (str_is(m.kind, "notice") && notice_queued(w, n->to, id, json_object_get(n->body, "records"), err) < 0))
		return -1;
	return disclosure_write(w, n, id, err);
}

int exchange_line_of_kind(struct work *w, struct str kind, struct str *name, struct err *err)
{
	struct partner p;
	int rc = partner_first_of_kind(w, kind, &p, err);
	if (rc == 1)
		*name = p.name;
	return rc;
}

int exchange_line_pair_mac(struct work *w, struct str node, struct bytes message, uint8_t mac[32], struct err *err)
{
	struct partner p;
	int rc = partner_find(w, node, &p, err);
	if (rc != 1)
		return rc < 0 ? -1 : err_say(err, ERR_NOT_FOUND, N_("This office is not pinned here."), NULL);
	return keys_pair_mac(w->node->keys, p.node.public_key, STR("jisr-spoken-1"), message, mac, err);
}

int exchange_line_kind_of(struct work *w, struct str node, struct str *kind, struct err *err)
{
	struct partner p;
	int rc = partner_find(w, node, &p, err);
	if (rc == 1)
		*kind = p.kind;
	return rc;
}

/* A sender that asks for what it may not is refused, with a word that says why; anything else goes up and is tried again. */
int verdict_of(struct work *w, int rc, bool held, enum verdict *v, const char **why, struct err *err)
{
	*v = held ? VERDICT_HELD : VERDICT_APPLIED;
	*why = held ? "parent_missing" : NULL;
	if (rc == 0)
		return 0;
	if (err->code != ERR_FORBIDDEN && err->code != ERR_FORMAT && err->code != ERR_SAFEGUARD && err->code != ERR_VALUE)
		return -1;
	*v = VERDICT_REFUSED;
	*why = err->code == ERR_SAFEGUARD && w->refusal.reason.n ? str_z(w->mem, w->refusal.reason) : err_class(err->code)->name;      /* which rule of the channel it was */
	*err = (struct err){ 0 };
	return 0;
}

json_t *arrived_body(struct work *w, const struct arrived *a, struct err *err)
{
	w->purpose = a->purpose;
	w->basis = a->basis;
	return json_read(w->mem, a->body, err);
}

bool record_travels_as(struct work *w, json_t *o, const char *kind)
{
	const struct type *t = type_find(w->node->types, json_str(o, "type"));
	return t && str_is(t->wire, kind);
}

/* What comes back must travel so at all; what the sender says is its own is named for its direction, as a copy would be. */
static int returned(struct work *w, const struct arrived *a, json_t *body, bool *held, struct err *err)
{
	json_t *records = json_object_get(body, "records"), *its_own = json_keep(w->mem, json_array());
	for (size_t i = 0; i < json_array_size(records); i++) {
		json_t *o = json_array_get(records, i);
		if (!record_travels_as(w, o, "share"))
			return err_set(err, ERR_FORBIDDEN, "records that travel in another kind of message");
		if (!str_eq(json_str(o, "owner"), w->node->name))
			json_array_append(its_own, o);
	}
	if (!exchange_admits(w, a->from, a->purpose, its_own))
		return err_set(err, ERR_FORBIDDEN, "records that the agreement does not name");
	return back_taken(w, a->from, body, held, err);
}

/* What the agreement does not name for the sender's direction is not kept, whatever the sender thinks. */
static int admitted(struct work *w, const struct arrived *a, json_t *body, struct err *err)
{
	if (!body)
		return -1;
	json_t *records = json_object_get(body, "records");
	for (size_t i = 0; i < json_array_size(records); i++)
		if (!record_travels_as(w, json_array_get(records, i), "share"))
			return err_set(err, ERR_FORBIDDEN, "records that travel in another kind of message");
	return exchange_admits(w, a->from, a->purpose, records) ? 0 : err_set(err, ERR_FORBIDDEN, "records that the agreement does not name");
}

int kind_share(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	bool held = false;
	json_t *body = arrived_body(w, a, err);
	json_t *read = json_object_get(body, "read");
	int rc;
	if (read)
		return verdict_of(w, readings_told(w, a->from, read, err), false, v, why, err);
	if (str_is(a->kind, "update") && json_object_get(body, "held"))
		return verdict_of(w, back_offered(w, a->from, json_object_get(body, "held"), err), false, v, why, err);
	if (str_is(a->kind, "update") && json_object_get(body, "return"))
		return verdict_of(w, back_asked(w, a->from, json_object_get(body, "return"), err), false, v, why, err);
	if (json_is_true(json_object_get(body, "returned"))) {
		rc = returned(w, a, body, &held, err);
		return verdict_of(w, rc, held, v, why, err);
	}
	rc = admitted(w, a, body, err) < 0 ? -1 : record_receive(w, a->from, body, false, &held, err);
	return verdict_of(w, rc, held, v, why, err);
}

int kind_handover(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	bool held = false;
	json_t *body = arrived_body(w, a, err);
	int rc = admitted(w, a, body, err) < 0 ? -1 : record_receive(w, a->from, body, true, &held, err);
	return verdict_of(w, rc, held, v, why, err);
}

int kind_propose(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	bool held = false;
	json_t *body = arrived_body(w, a, err);
	int rc = body ? proposal_receive(w, a->from, body, &held, err) : -1;
	return verdict_of(w, rc, held, v, why, err);
}

int kind_decide(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	json_t *body = arrived_body(w, a, err);
	return verdict_of(w, body ? proposal_decided(w, a->from, body, err) : -1, false, v, why, err);
}

/* Theirs to us: destroy these. Or: we destroyed yours, and here is the note. */
static int erase_or_note(struct work *w, const struct arrived *a, json_t *body, const char *cause, struct err *err)
{
	json_t *notes = json_object_get(body, "notes"), *records = json_object_get(body, "records");
	if (notes)
		return erasure_noted(w, a->from, notes, err);
	return record_erase_copies(w, a->from, body, err) < 0 ? -1 : erasure_owe(w, a->from, records, cause, err);
}

int kind_erase(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	json_t *body = arrived_body(w, a, err);
	return verdict_of(w, body ? erase_or_note(w, a, body, "erase", err) : -1, false, v, why, err);
}

/* The sender wants it back: only what it owns, destroyed here; a mark stays for replies, so that the same allegation is noticed when it comes again. */
static int recalled(struct work *w, const struct arrived *a, json_t *body, struct err *err)
{
	json_t *records = json_object_get(body, "records");
	for (size_t i = 0; i < json_array_size(records); i++) {
		struct id id;
		struct record r;
		struct err gone = { 0 };
		if (id_parse(str_of(json_string_value(json_array_get(records, i))), &id) < 0 || record_head(w, id, &r, &gone) < 0)
			continue;
		if (!str_eq(r.owner, a->from) || str_is(r.state, "erased"))
			continue;
		if ((str_is(r.type->name, "rfi_reply") && tombstone_set(w, &r, a->from, err) < 0) || forward_recalled(w, id, err) < 0)
			return -1;
	}
	return erase_or_note(w, a, body, "recall", err);
}

int kind_recall(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	json_t *body = arrived_body(w, a, err);
	work_hint(w, HINT_NOTICE);
	return verdict_of(w, body ? recalled(w, a, body, err) : -1, false, v, why, err);
}
