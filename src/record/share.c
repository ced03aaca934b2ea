#include "record/effects.h"
#include "record/record_i.h"

/* Copies at other nodes, the owner's side: who holds one, and what each is still to be sent. A version only marks what is due; record_pack makes the messages, one for
   many records, as a work item of its own. So a batch of 600 people is a handful of messages. */
SQL(Q_SHARE, 3, "INSERT INTO record_share(record, node, sent, vital) VALUES(?1,?2,0,?3) ON CONFLICT DO NOTHING");
SQL(Q_UNSHARE, 1, "DELETE FROM record_share WHERE record=?1");
SQL(Q_UNDUE, 1, "DELETE FROM record_due WHERE record=?1");
SQL(Q_HOLDERS, 1, "SELECT node FROM record_share WHERE record=?1 ORDER BY node");
SQL(Q_DUE_ALL, 2, "INSERT INTO record_due(node, record, rank, handover) SELECT node, record, ?2, 0 FROM record_share WHERE record=?1 ON CONFLICT DO NOTHING");
SQL(Q_DUE, 4, "INSERT INTO record_due(node, record, rank, handover) VALUES(?1,?2,?3,?4) ON CONFLICT(node, record) DO UPDATE SET handover=max(handover, excluded.handover)");
SQL(Q_DUE_NODES, 0, "SELECT DISTINCT node FROM record_due");
SQL(Q_DUE_OF, 2, "SELECT d.record AS record, d.handover AS handover, coalesce(s.vital, 0) AS vital FROM record_due d LEFT JOIN record_share s ON s.record=d.record AND s.node=d.node"
    " WHERE d.node=?1 ORDER BY d.handover, d.rank DESC, d.record LIMIT ?2");
SQL(Q_DUE_END, 2, "DELETE FROM record_due WHERE node=?1 AND record=?2");
SQL(Q_DUE_ANY, 0, "SELECT EXISTS(SELECT 1 FROM record_due)");
SQL(Q_SENT, 2, "SELECT sent, digest FROM record_share WHERE record=?1 AND node=?2");
SQL(Q_SENT_SET, 4, "UPDATE record_share SET sent=?3, digest=?4 WHERE record=?1 AND node=?2");
SQL(Q_CONTENT_SINCE, 2, "SELECT count(*) FROM record_version WHERE record=?1 AND version>?2 AND act<>'move'");
SQL(Q_VERSION, 2, "SELECT digest, role, act, move, at, coalesce(event, 0) AS event FROM record_version WHERE record=?1 AND version=?2");
SQL(Q_ROWS_N, 3, "SELECT count(*) FROM record r JOIN record_share s ON s.record=r.id AND s.node=?2 WHERE r.parent=?1 AND r.type=?3 AND r.state<>'erased'");
SQL(Q_UNSHARE_ONE, 2, "DELETE FROM record_share WHERE record=?1 AND node=?2");
SQL(Q_HELD_BY, 1, "SELECT s.record AS record, r.type AS type FROM record_share s JOIN record r ON r.id=s.record WHERE s.node=?1 AND r.owner<>?1 AND r.state<>'erased'");
SQL(Q_SENT_NOTHING, 1, "UPDATE record_share SET sent=0, digest=NULL WHERE node=?1");
SQL(Q_HOLDS, 2, "SELECT EXISTS(SELECT 1 FROM record_share WHERE record=?1 AND node=?2)");
struct held_row { struct id record; struct str type; };
static const struct field HELD_ROW[] = { FIELD(struct held_row, record), FIELD(struct held_row, type) };
struct node_row { struct str node; };
struct due_row { struct id record, root; int64_t handover, vital; struct str wire; bool alone, back, whole; };      /* wire, alone: of its type; root: what it is a row of; back: to its owner */
struct sent_row { int64_t sent; struct bytes digest; };
struct version_row { struct bytes digest; struct str role, act, move; int64_t at, event; };
static const struct field NODE_ROW[] = { FIELD(struct node_row, node) };
static const struct field DUE_ROW[] = { FIELD(struct due_row, record), FIELD(struct due_row, handover), FIELD(struct due_row, vital) };
static const struct field SENT_ROW[] = { FIELD(struct sent_row, sent), FIELD(struct sent_row, digest) };
static const struct field VERSION_ROW[] = { FIELD(struct version_row, digest), FIELD(struct version_row, role), FIELD(struct version_row, act),
	FIELD(struct version_row, move), FIELD(struct version_row, at), FIELD(struct version_row, event) };
#define IN_A_MESSAGE 200
#define NODES_MAX 256      /* as many as there may be partners (exchange) */

/* Notices before all: somebody waits on the road. Then what others name: people, rows before what holds them, families before lists and convoys. So what arrives finds
   what it names. Pictures last: what they are pages of does not wait for them. */
static int rank_of(const struct work *w, const struct type *t)
{
	if (str_is(t->wire, "notice"))
		return t->parent_type.n ? 21 : 20;
	if (t->about == ABOUT_SELF)
		return 9;
	const struct type *parent = t->parent_type.n ? type_find(w->node->types, t->parent_type) : NULL;
	if (parent && type_has_image(t))
		return 0;
	return parent ? rank_of(w, parent) + 1 : t->about == ABOUT_HOUSEHOLD ? 6 : t->about == ABOUT_PERSON ? 5 : 1;
}

int share_due(struct work *w, const struct record *r, struct err *err)
{
	int rows = DB_RUN(w->tx, &Q_DUE_ALL, err, db_id(r->id), db_int(rank_of(w, r->type)));
	if (rows > 0)
		w->effects->outbox = true;
	return rows < 0 ? -1 : 0;
}

int share_forget(struct work *w, struct id record, struct err *err)
{
	return DB_RUN(w->tx, &Q_UNSHARE, err, db_id(record)) < 0 || DB_RUN(w->tx, &Q_UNDUE, err, db_id(record)) < 0 ? -1 : 0;
}

int record_share_again(struct work *w, struct str node, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_HELD_BY, HELD_ROW, w->mem, db_text(node));
	struct held_row row;
	size_t cap = 256, n = 0;
	struct held_row *all = NEW_ARRAY(w->mem, struct held_row, cap);
	int rc;
	while ((rc = db_next(&rows, &row, err)) == DB_ROW) {
		if (n == cap) {
			struct held_row *more = NEW_ARRAY(w->mem, struct held_row, cap * 4);
			memcpy(more, all, cap * sizeof *all);
			all = more;
			cap *= 4;
		}
		all[n++] = row;
	}
	if (rc < 0 || DB_RUN(w->tx, &Q_SENT_NOTHING, err, db_text(node)) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct type *t = type_find(w->node->types, all[i].type);
		if (t && DB_RUN(w->tx, &Q_DUE, err, db_text(node), db_id(all[i].record), db_int(rank_of(w, t)), db_int(0)) < 0)
			return -1;
	}
	w->effects->outbox = w->effects->outbox || n > 0;
	return 0;
}

int record_unshare(struct work *w, struct id record, struct str node, struct err *err)
{
	return DB_RUN(w->tx, &Q_UNSHARE_ONE, err, db_id(record), db_text(node)) < 0 || DB_RUN(w->tx, &Q_DUE_END, err, db_text(node), db_id(record)) < 0 ? -1 : 0;
}

int share_holders(struct work *w, struct id record, struct str *nodes, size_t max, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_HOLDERS, NODE_ROW, w->mem, db_id(record));
	struct node_row row;
	int rc = 0;
	*n = 0;
	while (*n < max && (rc = db_next(&rows, &row, err)) == DB_ROW)
		nodes[(*n)++] = row.node;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

/* Rooms are where offices coordinate; everything else goes along with a transfer. */
static struct str purpose_of(struct str wire, bool vital)
{
	return vital ? STR("protection") : str_is(wire, "room") || str_is(wire, "request") || str_is(wire, "reply") ? STR("coordination") : STR("transfer");
}

static bool leaves(struct work *w, struct str node, const struct tfield *f, const struct type *t, bool vital)
{
	const struct line *line = &w->node->hooks->line;
	if (f->derived || json_is_false(json_object_get(f->raw, "in_wire")))
		return false;
	return vital ? f->kind != KIND_IMAGE : line->allows && line->allows(w, node, purpose_of(t->wire, false), t->name, f->name);
}

bool share_leaves(struct work *w, struct str node, const struct tfield *f, const struct type *t)
{
	return leaves(w, node, f, t, false);
}

static bool agreed(struct work *w, const struct type *t, struct str node)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (leaves(w, node, &t->fields[i], t, false))
			return true;
	return false;
}

/* A life may hang on it: it passes where no agreement covers it (DOMAIN 5, RapidNotice). 1, 0, -1 */
static int is_vital(struct work *w, const struct record *r, struct err *err)
{
	if (!json_object_get(r->type->raw, "vital"))
		return 0;
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	return g ? type_vital(r->type, g->values[0]) : -1;
}

/* No ground, no disclosure: a type of which the agreement names no field is not shared. */
static int covered(struct work *w, const struct record *r, struct str node, bool *vital, struct err *err)
{
	const struct type *t = r->type;
	*vital = false;
	if (agreed(w, t, node))
		return 0;
	int rc = is_vital(w, r, err);
	*vital = rc == 1;
	if (rc)
		return rc < 0 ? -1 : 0;
	w->refusal = (struct refusal){ .reason = STR("no_agreement"), .type = t->name };
	return err_say(err, ERR_FORBIDDEN, N_("No agreement in force covers this, so nothing is sent."), NULL);
}

static int share_as(struct work *w, const struct record *r, struct str node, bool handover, bool vital, struct err *err)
{
	w->effects->outbox = true;
	return DB_RUN(w->tx, &Q_SHARE, err, db_id(r->id), db_text(node), db_bool(vital)) < 0 ||
	    DB_RUN(w->tx, &Q_DUE, err, db_text(node), db_id(r->id), db_int(rank_of(w, r->type)), db_int(handover)) < 0 ? -1 : 0;
}

int record_share(struct work *w, const struct id *ids, size_t n, struct str node, struct err *err)
{
	const struct type *checked = NULL;
	bool vital = false;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (!str_eq(r.owner, w->node->name) || str_is(r.state, "erased"))
			continue;                         /* its owner shares it, or nobody */
		if ((r.type != checked || vital) && covered(w, &r, node, &vital, err) < 0)
			return -1;
		checked = r.type;
		if (share_as(w, &r, node, false, vital, err) < 0)
			return -1;
	}
	return 0;
}

int record_hand_over(struct work *w, struct id id, struct str node, struct err *err)
{
	struct record r, row;
	bool vital;
	if (record_head(w, id, &r, err) < 0 || covered(w, &r, node, &vital, err) < 0)
		return -1;
	for (size_t t = 0; t < w->node->types->n; t++) {
		struct id *ids;
		size_t n;
		if (!str_eq(w->node->types->at[t].parent_type, r.type->name))
			continue;
		if (record_rows(w, str_z(w->mem, w->node->types->at[t].name), id, &ids, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (record_head(w, ids[i], &row, err) < 0 || row_owner_set(w, ids[i], node, err) < 0 || share_as(w, &row, node, true, false, err) < 0)
				return -1;
	}
	return share_as(w, &r, node, true, vital, err);
}

/* A row that is added goes where its list has gone. */
int share_like_parent(struct work *w, const struct record *r, struct err *err)
{
	struct str nodes[NODES_MAX];
	size_t n = 0;
	struct record parent;
	if (id_none(r->parent))
		return 0;
	if (share_holders(w, r->parent, nodes, NODES_MAX - 1, &n, err) < 0 || record_head(w, r->parent, &parent, err) < 0)
		return -1;
	if (!str_eq(parent.owner, w->node->name))         /* what we add to somebody's list or convoy, its owner learns */
		nodes[n++] = parent.owner;
	for (size_t i = 0; i < n; i++) {
		struct record person;
		bool vital;
		/* who does not have the person gets no row about her either */
		if (!id_none(r->subject) && !id_eq(r->subject, r->id) && record_head(w, r->subject, &person, NULL) == 0 && str_eq(person.owner, w->node->name) &&
		    DB_COUNT(w->tx, &Q_HOLDS, db_id(r->subject), db_text(nodes[i])) <= 0)
			continue;
		if (covered(w, r, nodes[i], &vital, err) < 0 || share_as(w, r, nodes[i], false, vital, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- messages ---- */

/* What is asked of the agreement once for a message and not for each of its records: a bool for each field of the type. */
static bool *leaving(struct work *w, const struct type *t, struct str node, bool vital)
{
	bool *out = NEW_ARRAY(w->mem, bool, t->nfields + 1);
	for (size_t k = 0; k < t->nfields; k++)
		out[k] = leaves(w, node, &t->fields[k], t, vital);
	return out;
}

/* To its owner, everything that it gave us. */
static bool *returning(struct work *w, const struct type *t)
{
	bool *out = NEW_ARRAY(w->mem, bool, t->nfields + 1);
	for (size_t k = 0; k < t->nfields; k++)
		out[k] = !t->fields[k].derived && !json_is_false(json_object_get(t->fields[k].raw, "in_wire"));
	return out;
}

static json_t *fields_of(struct work *w, const struct grant *g, size_t i, const bool *may, unsigned *classes)
{
	const struct type *t = g->type;
	json_t *out = json_object();
	for (size_t k = 0; k < t->nfields; k++) {
		const char *name = str_z(w->mem, t->fields[k].name);
		json_t *v = may[k] ? json_object_get(g->values[i], name) : NULL;
		if (!v || json_is_null(v))
			continue;
		json_object_set(out, name, v);
		*classes |= CLASS_BIT(t->fields[k].class);
	}
	return out;
}

static int holders_put(struct work *w, const struct record *r, struct str node, json_t *out, struct err *err)
{
	struct str nodes[NODES_MAX];
	size_t n;
	json_t *list = json_array();
	if (share_holders(w, r->id, nodes, NODES_MAX, &n, err) < 0)
		return -1;
	json_array_append_new(list, json_new_str(w->node->name));
	for (size_t i = 0; i < n; i++)
		if (!str_eq(nodes[i], node))
			json_array_append_new(list, json_new_str(nodes[i]));
	json_object_set_new(out, "holders", list);
	return 0;
}

/* Without which what they are rows of is not taken there. */
static int64_t rows_first(struct work *w, const struct record *r, struct str node)
{
	int64_t n = 0;
	for (size_t i = 0; i < w->node->types->n; i++) {
		const struct type *t = &w->node->types->at[i];
		if (str_eq(t->parent_type, r->type->name) && !type_has_image(t))
			n += DB_COUNT(w->tx, &Q_ROWS_N, db_id(r->id), db_text(node), db_text(t->name));
	}
	return n;
}

/* One record as it travels: its head, what the version was, and the fields that the agreement names where they changed since the partner's last one. */
struct wire { struct str node; const bool *may; unsigned classes; };
static json_t *wire_of(struct work *w, const struct grant *g, size_t i, const struct due_row *due, struct wire *x, struct err *err)
{
	struct str node = x->node;
	const struct record *r = &g->records[i];
	struct sent_row sent = { 0 };
	struct version_row v;
	if (DB_ONE(w->tx, &Q_SENT, SENT_ROW, &sent, w->mem, err, db_id(r->id), db_text(node)) < 0 ||
	    DB_ONE(w->tx, &Q_VERSION, VERSION_ROW, &v, w->mem, err, db_id(r->id), db_int(r->version)) != DB_ROW)
		return NULL;
	json_t *o = json_keep(w->mem, json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "id", id_text(w->mem, r->id).p, "type",
	    str_z(w->mem, g->type->name), "state", str_z(w->mem, r->state), "owner", str_z(w->mem, r->owner), "version", (json_int_t)r->version, "digest",
	    hex(w->mem, v.digest).p, "role", str_z(w->mem, v.role), "act", str_z(w->mem, v.act), "move", str_z(w->mem, v.move), "at", (json_int_t)v.at, "event",
	    (json_int_t)v.event, "created", (json_int_t)r->created_ms, "rows", (json_int_t)rows_first(w, r, node)));
	if (!id_none(r->parent))
		json_object_set_new(o, "parent", json_new_str(id_text(w->mem, r->parent)));
	struct str number;
	int numbered = record_number(w, r->id, &number, err);
	if (numbered < 0)
		return NULL;
	if (numbered)
		json_object_set_new(o, "number", json_new_str(number));
	if (!id_none(r->subject))
		json_object_set_new(o, "subject", json_new_str(id_text(w->mem, r->subject)));
	if (sent.sent)
		json_object_set_new(o, "before", json_new_str(hex(w->mem, sent.digest)));
	if (!sent.sent || due->handover || due->whole || DB_COUNT(w->tx, &Q_CONTENT_SINCE, db_id(r->id), db_int(sent.sent)) > 0)
		json_object_set_new(o, "fields", fields_of(w, g, i, x->may, &x->classes));
	if (due->handover && holders_put(w, r, node, o, err) < 0)
		return NULL;
	return DB_RUN(w->tx, &Q_SENT_SET, err, db_id(r->id), db_text(node), db_int(r->version), db_blob(v.digest)) < 0 ? NULL : o;
}

static struct str class_letters(struct work *w, unsigned classes)
{
	struct buf b = buf_new(w->mem, 16);
	for (enum data_class c = CLASS_O; c < CLASSES; c++)
		if (classes & CLASS_BIT(c))
			buf_ch(&b, class_letter(c));
	return buf_text(&b);
}

/* The line about the sending names each person by her tag, so that "who saw this" shows that it left. */
static struct str basis_of(bool vital)
{
	return vital ? STR("vital_interest") : STR("agreement");
}

static int enter_sending(struct work *w, const struct grant *g, struct str node, bool vital, struct str fields, struct err *err)
{
	struct entry_subject *subjects = NEW_ARRAY(w->mem, struct entry_subject, g->n + 1);
	size_t n = entry_subjects(g, subjects);
	struct entry e = { .act = ACT_SEND, .actor = w->actor.account, .role = w->actor.role, .type = g->type->name, .purpose = purpose_of(g->type->wire, vital), .basis = basis_of(vital),
		.fields = fields, .to = node, .subjects = subjects, .nsubjects = n };
	return g->type->personal && n ? ledger_append(w->node->ledger, w->tx, &e, NULL, err) : 0;
}

/* Records of one type, which stand side by side in the message. */
static int put_type(struct work *w, const struct type *t, const struct due_row *due, size_t n, struct str node, json_t *list, struct err *err)
{
	struct id *ids = NEW_ARRAY(w->mem, struct id, n + 1);
	struct wire x = { .node = node, .may = due[0].back ? returning(w, t) : leaving(w, t, node, due[0].vital) };
	for (size_t i = 0; i < n; i++)
		ids[i] = due[i].record;
	const struct grant *g = record_open_inside(w, t, ids, n, err);
	if (!g)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_t *o = wire_of(w, g, i, &due[i], &x, err);
		if (!o)
			return -1;
		json_array_append(list, o);
	}
	return enter_sending(w, g, node, due[0].vital, class_letters(w, x.classes), err);
}

static int message(struct work *w, struct str node, const struct due_row *due, size_t n, struct err *err)
{
	json_t *list = json_keep(w->mem, json_array()), *body = json_keep(w->mem, json_object());
	size_t from = 0, people = 0;
	const struct type *current = NULL;
	for (size_t i = 0; i <= n; i++) {
		struct record r = { 0 };
		if (i < n && record_head(w, due[i].record, &r, err) < 0)
			return -1;
		people += i < n && r.type->personal;
		if (i && (i == n || r.type != current)) {
			if (put_type(w, current, due + from, i - from, node, list, err) < 0)
				return -1;
			from = i;
		}
		current = r.type;
	}
	json_object_set(body, "records", list);
	if (due[0].whole)
		json_object_set_new(body, "returned", json_true());
	struct line_note note = { .to = node, .kind = due[0].handover ? "handover" : str_z(w->mem, due[0].wire), .body = body, .purpose = purpose_of(due[0].wire, due[0].vital),
		.basis = basis_of(due[0].vital), .subjects = people, .fields = STR("records") };
	struct record root;
	if (w->node->hooks->line.handling && record_head(w, due[0].root, &root, NULL) == 0)
		note.handling = w->node->hooks->line.handling(w, &root);
	return w->node->hooks->line.send(w, &note, err);
}

int64_t record_held_by(struct work *w, struct id record, struct str node)
{
	return DB_COUNT(w->tx, &Q_HOLDS, db_id(record), db_text(node));
}

static int by_rank(const void *a, const void *b)
{
	const struct due_row *x = a, *y = b;
	int order = str_cmp(x->wire, y->wire);
	return order ? order : id_cmp(&x->record, &y->record);
}

/* One message for those that the partner gave, one for the others: each has one rule of what may leave. */
int share_back(struct work *w, struct str node, const struct id *ids, size_t n, struct err *err)
{
	struct due_row *due = NEW_ARRAY(w->mem, struct due_row, n + 1);
	for (int back = 0; back < 2; back++) {
		size_t k = 0;
		for (size_t i = 0; i < n; i++) {
			struct record r;
			struct received here;
			int came = record_head(w, ids[i], &r, err) < 0 ? -1 : record_received(w, ids[i], &here, err);
			if (came < 0)
				return -1;
			bool gave = came == 1 && str_eq(r.owner, node) && str_eq(here.node, node);      /* what this office wrote before it handed it over is its own to give */
			if (gave == (back == 1))
				due[k++] = (struct due_row){ .record = r.id, .root = r.id, .wire = r.type->name, .back = back == 1, .whole = true };
		}
		qsort(due, k, sizeof *due, by_rank);      /* those of one type side by side */
		for (size_t i = 0; i < k; i++)
			due[i].wire = STR("share");
		if (k && message(w, node, due, k, err) < 0)
			return -1;
	}
	return 0;
}

/* One message has one kind and one ground; a request or a reply travels alone with its rows, under its own handling. */
static bool go_together(const struct due_row *a, const struct due_row *b)
{
	bool channel = str_is(a->wire, "request") || str_is(a->wire, "reply");
	return !a->alone && !b->alone && a->handover == b->handover && a->vital == b->vital && str_eq(a->wire, b->wire) && (!channel || id_eq(a->root, b->root));
}

/* What was erased meanwhile is not sent. */
static size_t due_of(struct work *w, struct str node, struct due_row *due, struct err *err)
{
	struct due_row *all = NEW_ARRAY(w->mem, struct due_row, IN_A_MESSAGE);
	struct rows rows = DB_QUERY(w->tx, &Q_DUE_OF, DUE_ROW, w->mem, db_text(node), db_int(IN_A_MESSAGE));
	size_t got = 0, n = 0;
	while (got < IN_A_MESSAGE && db_next(&rows, &all[got], err) == DB_ROW)
		got++;
	db_end(&rows);
	for (size_t i = 0; i < got; i++) {
		struct record r;
		if (DB_RUN(w->tx, &Q_DUE_END, err, db_text(node), db_id(all[i].record)) < 0)
			return 0;
		if (record_head(w, all[i].record, &r, NULL) < 0 || str_is(r.state, "erased"))
			continue;
		all[i].wire = r.type->wire;
		all[i].alone = type_has_image(r.type);
		all[i].root = id_none(r.parent) ? r.id : r.parent;
		if (n == 0 || go_together(&due[0], &all[i]))
			due[n++] = all[i];
		else if (DB_RUN(w->tx, &Q_DUE, err, db_text(node), db_id(all[i].record), db_int(rank_of(w, r.type)), db_int(all[i].handover)) < 0)
			return 0;
	}
	return n;
}

static bool something_due(struct work *w)
{
	return DB_COUNT(w->tx, &Q_DUE_ANY) > 0;
}

int record_pack(struct work *w, struct err *err)
{
	struct str nodes[NODES_MAX];
	struct node_row row;
	struct due_row due[IN_A_MESSAGE];
	size_t n = 0;
	int rc = 0;
	struct rows rows = DB_QUERY(w->tx, &Q_DUE_NODES, NODE_ROW, w->mem);
	while (n < NODES_MAX && (rc = db_next(&rows, &row, err)) == DB_ROW)
		nodes[n++] = row.node;
	db_end(&rows);
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (w->node->hooks->line_full && w->node->hooks->line_full(w, nodes[i]))
			continue;
		size_t k = due_of(w, nodes[i], due, err);
		if (k && message(w, nodes[i], due, k, err) < 0)
			return -1;
	}
	if (proposals_pack(w, err) < 0)
		return -1;
	w->effects->outbox = w->effects->outbox || something_due(w);          /* the rest with the next tick */
	return 0;
}
