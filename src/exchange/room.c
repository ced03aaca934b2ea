#include "exchange/exchange_i.h"
#include "exchange/records.h"
#include "exchange/channel.h"
#include "exchange/room.h"
#include "record/effects.h"

#define DAY_MS (24LL * 3600 * 1000)
#define NODES_MAX 32
static const char *const OF_ROOM[] = { "room_member", "operation_note", "incident" };

static const struct type *type_of(const struct work *w, const char *name)
{
	return type_find(w->node->types, str_of(name));
}

/* ---- who ---- */

static bool reads_rooms(const struct work *w, struct str role)
{
	const struct readers *r = &type_of(w, "joint_room")->readers[CLASS_P];
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->rules[i].role, role))
			return r->rules[i].scope == SCOPE_OWN_ROOM;
	return false;
}

static void candidates_of(struct work *w, struct str node, struct str kind, struct room_who *out, size_t *n)
{
	for (size_t i = 0; i < w->node->policy->nroles; i++) {
		const struct role *role = &w->node->policy->roles[i];
		if (reads_rooms(w, role->name) && policy_named(kind, role->nodes, role->nnodes))
			out[(*n)++] = (struct room_who){ role->name, node, kind };
	}
}

static bool reached(struct work *w, struct str node)
{
	return exchange_allows(w, node, STR("coordination"), STR("operation_note"), STR("at"));
}

int room_candidates(struct work *w, struct room_who **out, size_t *n, struct err *err)
{
	struct partner *p;
	size_t partners;
	if (partner_list(w, &p, &partners, err) < 0)
		return -1;
	*out = NEW_ARRAY(w->mem, struct room_who, (partners + 1) * (w->node->policy->nroles + 1));
	*n = 0;
	candidates_of(w, w->node->name, w->node->kind, *out, n);
	for (size_t i = 0; i < partners; i++)
		if (!str_is(p[i].kind, "oversight") && reached(w, p[i].name))
			candidates_of(w, p[i].name, p[i].kind, *out, n);
	return 0;
}

static bool once(struct str *nodes, size_t *n, struct str node)
{
	for (size_t i = 0; i < *n; i++)
		if (str_eq(nodes[i], node))
			return false;
	if (*n < NODES_MAX)
		nodes[(*n)++] = node;
	return true;
}

static int nodes_of(struct work *w, struct id room, struct str *nodes, size_t *n, struct err *err)
{
	struct id *ids;
	size_t members;
	*n = 0;
	const struct grant *g = record_rows(w, "room_member", room, &ids, &members, err) < 0 ? NULL : record_open_inside(w, type_of(w, "room_member"), ids, members, err);
	for (size_t i = 0; g && i < members; i++)
		once(nodes, n, record_text(g, i, "node"));
	return g ? 0 : -1;
}

/* ---- proposing ---- */

static int add_member(struct work *w, struct id room, struct str role, struct str node, struct err *err)
{
	struct id id;
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "role", json_new_str(role));
	json_object_set_new(f, "node", json_new_str(node));
	json_object_set_new(f, "starts", json_new_str(time_text(w->mem, w->now_ms)));
	struct draft d = { .type = type_of(w, "room_member"), .fields = f, .parent = room, .by_program = true };
	return record_create(w, &d, &id, err);
}

static bool is_candidate(const struct room_who *all, size_t n, const struct room_who *m)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].role, m->role) && str_eq(all[i].node, m->node))
			return true;
	return false;
}

static int add_members(struct work *w, struct id room, const struct room_who *m, size_t n, struct str *nodes, size_t *nn, struct err *err)
{
	struct room_who *all;
	size_t may;
	bool own = false;
	if (room_candidates(w, &all, &may, err) < 0)
		return -1;
	once(nodes, nn, w->node->name);
	for (size_t i = 0; i < n; i++) {
		if (!is_candidate(all, may, &m[i]))
			return err_say(err, ERR_VALUE, N_("Choose members from the list."), NULL);
		own = own || (str_eq(m[i].node, w->node->name) && str_eq(m[i].role, w->actor.role));
		once(nodes, nn, m[i].node);
		if (!str_is(m[i].role, "LIAISON_SUP") && add_member(w, room, m[i].role, m[i].node, err) < 0)
			return -1;
	}
	if (!own && !str_is(w->actor.role, "LIAISON_SUP") && add_member(w, room, w->actor.role, w->node->name, err) < 0)
		return -1;
	for (size_t i = 0; i < *nn; i++)
		if (add_member(w, room, STR("LIAISON_SUP"), nodes[i], err) < 0)
			return -1;
	return 0;
}

static bool named(struct work *w, struct str node, const char *type)
{
	const struct type *t = type_of(w, type);
	for (size_t i = 0; i < t->nfields; i++)
		if (exchange_allows(w, node, STR("coordination"), t->name, t->fields[i].name))
			return true;
	return false;
}

/* The room where it is ours, and what we wrote in it. */
static int share_with(struct work *w, struct id room, struct str node, struct err *err)
{
	struct record r;
	if (record_head(w, room, &r, err) < 0 || (str_eq(r.owner, w->node->name) && record_share(w, &room, 1, node, err) < 0))
		return -1;
	for (size_t i = 0; i < COUNT(OF_ROOM); i++) {
		struct id *ids;
		size_t n;
		if (record_rows(w, OF_ROOM[i], room, &ids, &n, err) < 0)
			return -1;
		if (named(w, node, OF_ROOM[i]) && record_share(w, ids, n, node, err) < 0)      /* shares what is ours, and only that */
			return -1;
	}
	return 0;
}

int room_propose(struct work *w, struct draft *d, const struct room_who *members, size_t n, struct id *out, struct err *err)
{
	struct str nodes[NODES_MAX];
	struct id proposal;
	size_t nn = 0;
	struct draft said = { .fields = json_keep(w->mem, json_object()) };
	d->type = type_of(w, "joint_room");
	d->by_program = true;
	const struct tmove *open = type_move(d->type, STR("open"));
	if (!policy_named(w->actor.role, open->by.at, open->by.n))
		return err_say(err, ERR_FORBIDDEN, N_("Rooms are opened by liaison officers."), NULL);
	if (record_create(w, d, out, err) < 0 || add_members(w, *out, members, n, nodes, &nn, err) < 0)
		return -1;
	for (size_t i = 0; i < nn; i++)
		if (!str_eq(nodes[i], w->node->name) && share_with(w, *out, nodes[i], err) < 0)
			return -1;
	work_hint(w, HINT_ROOM);
	return record_move(w, *out, 1, STR("open"), &said, &proposal, err);
}

/* ---- notes ---- */

/* Open, not over, and the actor is a member: reading it asks policy. */
static int room_open_for(struct work *w, struct id room, struct err *err)
{
	struct record r;
	int64_t closes;
	if (record_head(w, room, &r, err) < 0 || !str_is(r.type->name, "joint_room"))
		return err_set(err, ERR_NOT_FOUND, "no such room");
	const struct grant *g = record_open(w, r.type, &room, 1, err);
	if (!g)
		return -1;
	if (str_is(w->actor.role, "OVERSIGHT"))
		return err_set(err, ERR_FORBIDDEN, "oversight changes nothing");
	if (!str_is(r.state, "opened") || (time_parse(record_text(g, 0, "closes"), &closes) == 0 && closes <= w->now_ms))
		return err_say(err, ERR_CONFLICT, N_("This room is not open."), NULL);
	return 0;
}

/* The room's owner has what is written as every row's owner has. */
static bool is_other(const struct work *w, const struct record *room, struct str node)
{
	return !str_eq(node, w->node->name) && !str_eq(node, room->owner);
}

int room_missed(struct work *w, const struct record *r, struct str *nodes, size_t max, size_t *n, struct err *err)
{
	struct str all[NODES_MAX];
	size_t many;
	*n = 0;
	if (nodes_of(w, r->id, all, &many, err) < 0)
		return -1;
	for (size_t i = 0; i < many && *n < max; i++)
		if (is_other(w, r, all[i]) && !reached(w, all[i]))
			nodes[(*n)++] = all[i];
	return 0;
}

/* What one office wrote elsewhere is not carried into a room where others read it. */
static int words_onward(struct work *w, const struct draft *d, const struct str *nodes, size_t n, struct err *err)
{
	struct str text = json_str(d->fields, "text"), others[NODES_MAX];
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		if (!str_eq(nodes[i], w->node->name))
			others[k++] = nodes[i];
	return texts_onward(w, &text, 1, others, k, (struct id){ { 0 } }, err);
}

static int write_row(struct work *w, struct id room, struct draft *d, struct id *out, struct err *err)
{
	struct str nodes[NODES_MAX];
	struct record r;
	size_t n;
	d->parent = room;
	d->by_program = true;
	if (room_open_for(w, room, err) < 0 || record_head(w, room, &r, err) < 0 || nodes_of(w, room, nodes, &n, err) < 0 || words_onward(w, d, nodes, n, err) < 0 ||
	    record_create(w, d, out, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (is_other(w, &r, nodes[i]) && reached(w, nodes[i]) && record_share(w, out, 1, nodes[i], err) < 0)
			return -1;
	work_hint(w, HINT_ROOM);
	return 0;
}

static void stamp(struct work *w, json_t *fields)
{
	json_object_set_new(fields, "at", json_new_str(time_text(w->mem, w->event_ms ? w->event_ms : w->now_ms)));
}

int room_note(struct work *w, struct id room, struct draft *d, struct id *out, struct err *err)
{
	d->type = type_of(w, "operation_note");
	stamp(w, d->fields);
	json_object_set_new(d->fields, "role", json_new_str(w->actor.role));
	bool asked = json_is_true(json_object_get(d->fields, "second_tap"));      /* who said that a word was no name is looked at by her supervisor */
	return write_row(w, room, d, out, err) < 0 || (asked && review_open(w, "note", *out, err) < 0) ? -1 : 0;
}

int room_incident(struct work *w, struct id room, struct draft *d, struct id *out, struct err *err)
{
	d->type = type_of(w, "incident");
	stamp(w, d->fields);
	return write_row(w, room, d, out, err);
}

/* ---- rules ---- */

static int times_of(struct work *w, const struct record *r, int64_t *opens, int64_t *closes, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	return time_parse(record_text(g, 0, "opens"), opens) < 0 || time_parse(record_text(g, 0, "closes"), closes) < 0 ? err_set(err, ERR_FAULT, "a room without dates") : 0;
}

int room_dates(struct work *w, const struct record *r, struct err *err)
{
	int64_t opens, closes;
	if (times_of(w, r, &opens, &closes, err) < 0)
		return -1;
	if (closes > w->now_ms && closes > opens && closes <= opens + ROOM_DAYS * DAY_MS && opens <= w->now_ms + ROOM_DAYS * DAY_MS)
		return 0;
	return err_say(err, ERR_VALUE, N_("A room closes at most 14 days after it opens; two offices may renew it."), NULL);
}

int room_of_two_offices(struct work *w, const struct record *r, struct err *err)
{
	struct str nodes[NODES_MAX];
	size_t n;
	if (nodes_of(w, r->id, nodes, &n, err) < 0)
		return -1;
	return n >= 2 ? 0 : err_say(err, ERR_VALUE, N_("A joint room has members of at least two offices."), NULL);
}

int renew_room(struct work *w, const struct record *r, struct err *err)
{
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "closes", json_new_str(time_text(w->mem, w->now_ms + ROOM_DAYS * DAY_MS)));
	work_hint(w, HINT_ROOM);
	return record_set_inside(w, r->id, f, err);
}

/* ---- the end ---- */

/* SHA-256 over "<note> <digest of its version>\n", by the order of their ids: the same wherever all of them are. */
static int digest_of(struct work *w, struct id room, struct str *out, size_t *n, struct err *err)
{
	struct id *ids;
	struct buf b = buf_new(w->mem, (size_t)8 << 20);
	if (record_rows(w, "operation_note", room, &ids, n, err) < 0)
		return -1;
	for (size_t i = 0; i < *n; i++) {
		struct record_version *v;
		size_t versions, newest = 0;
		if (record_history(w, ids[i], &v, &versions, err) < 0)
			return -1;
		for (size_t k = 1; k < versions; k++)
			newest = v[k].version > v[newest].version ? k : newest;
		buf_fmt(&b, S_FMT " " S_FMT "\n", S_ARG(id_text(w->mem, ids[i])), S_ARG(versions ? v[newest].digest : STR("-")));
	}
	struct hash h = sha256(buf_bytes(&b));
	*out = hex(w->mem, bytes_of(h.b, HASH_BYTES));
	return 0;
}

/* To the oversight bodies with which this office has an agreement about rooms: the room where it is ours, and what we wrote in it, by the fields that it names. */
static int give_to_oversight(struct work *w, struct id room, struct err *err)
{
	struct partner *p;
	size_t n;
	if (partner_list(w, &p, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (str_is(p[i].kind, "oversight") && reached(w, p[i].name) && share_with(w, room, p[i].name, err) < 0)
			return -1;
	return 0;
}

int seal_room(struct work *w, const struct record *r, struct err *err)
{
	struct str digest;
	size_t n;
	json_t *f = json_keep(w->mem, json_object());
	if (digest_of(w, r->id, &digest, &n, err) < 0)
		return -1;
	json_object_set_new(f, "digest", json_new_str(digest));
	json_object_set_new(f, "notes", json_integer((json_int_t)n));
	if (record_set_inside(w, r->id, f, err) < 0 || record_move_inside(w, r->id, "seal", err) < 0)
		return -1;
	work_hint(w, HINT_ROOM);
	struct entry e = { .act = ACT_SEAL, .actor = w->actor.account, .role = w->actor.role, .type = r->type->name, .count = n };
	return work_enter(w, &e, err) < 0 ? -1 : give_to_oversight(w, r->id, err);
}

int room_compare(struct work *w, struct id room, const struct grant *g, struct room_seal *out, struct err *err)
{
	struct str digest;
	const json_t *notes = record_value(g, 0, "notes");
	if (digest_of(w, room, &digest, &out->here, err) < 0)
		return -1;
	out->sealed = json_is_integer(notes) ? json_integer_value(notes) : -1;
	out->matches = str_eq(digest, record_text(g, 0, "digest"));
	return 0;
}

/* ---- from partners ---- */

int room_arrived(struct work *w, const struct record *r, struct str before, struct err *err)
{
	if (!str_is(r->type->wire, "room"))
		return 0;
	work_hint(w, HINT_ROOM);
	bool sealed = str_is(r->type->name, "joint_room") && str_is(r->state, "sealed") && !str_is(before, "sealed");
	return sealed && !str_is(w->node->kind, "oversight") ? give_to_oversight(w, r->id, err) : 0;
}

/* Who writes into a room that is known here is a member of it. */
static int from_member(struct work *w, struct str from, json_t *o, struct err *err)
{
	struct str nodes[NODES_MAX];
	struct id room;
	struct record r;
	size_t n;
	if (!record_travels_as(w, o, "room"))
		return err_set(err, ERR_FORBIDDEN, "records that belong to no room");
	if (id_parse(json_str(o, "parent"), &room) < 0 || record_head(w, room, &r, NULL) < 0)
		return 0;
	if (nodes_of(w, room, nodes, &n, err) < 0)
		return -1;
	return str_eq(r.owner, from) || !once(nodes, &n, from) ? 0 : err_set(err, ERR_FORBIDDEN, "a note of an office that is no member of the room");
}

int kind_room(struct work *w, const struct arrived *a, enum verdict *v, const char **why, struct err *err)
{
	bool held = false;
	json_t *body = arrived_body(w, a, err), *records = json_object_get(body, "records");
	int rc = body ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < json_array_size(records); i++)
		rc = from_member(w, a->from, json_array_get(records, i), err);
	if (rc == 0 && !exchange_admits(w, a->from, a->purpose, records))
		rc = err_set(err, ERR_FORBIDDEN, "rooms that the agreement does not name");
	return verdict_of(w, rc == 0 ? record_receive(w, a->from, body, false, &held, err) : rc, held, v, why, err);
}
