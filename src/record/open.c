#include "record/custody.h"
#include "record/record_i.h"

SQL(Q_HEAD_BODY, 2, "SELECT version, sealed FROM body WHERE record=?1 AND class=?2 ORDER BY version DESC LIMIT 1");
/* ?5: the state that is aside. */
#define LISTED " AND r.state<>'erased' AND (r.state=?2 OR (?2='' AND r.state<>?5)) AND (?3='' OR r.unit=?3)"
#define IN_ORDER " ORDER BY CASE WHEN ?4 THEN r.id END ASC, r.id DESC"
SQL(Q_LIST, 5, "SELECT " HEAD_COLUMNS " FROM record r WHERE type=?1" LISTED IN_ORDER);
SQL(Q_LIST_PARENT, 6, "SELECT " HEAD_COLUMNS " FROM record r WHERE parent=?6 AND type=?1" LISTED IN_ORDER);
SQL(Q_LIST_REF, 7, "SELECT " HEAD_COLUMNS " FROM record r WHERE r.id IN (SELECT f.record FROM record_ref f WHERE f.target=?6 AND f.field=?7) AND type=?1" LISTED IN_ORDER);
#define IN_STATE "state<>'erased' AND (state=?3 OR (?3='' AND state<>?4))"
SQL(Q_PAGE, 6, "SELECT id FROM record WHERE type=?1 AND unit=?2 AND " IN_STATE " ORDER BY id DESC LIMIT ?5 OFFSET ?6");
SQL(Q_PAGE_TOTAL, 4, "SELECT count(*) FROM record WHERE type=?1 AND unit=?2 AND " IN_STATE);
/* What a desk's tasks name, and what is about whom they name. */
#define CASES "(SELECT f.target FROM record k JOIN record_ref f ON f.record=k.id WHERE k.type='task' AND k.unit=?2)"
#define OF_TYPE "+type=?1 AND " IN_STATE
#define CASELOAD "SELECT id FROM record WHERE id IN " CASES " AND " OF_TYPE " UNION SELECT id FROM record WHERE subject IN " CASES " AND " OF_TYPE
SQL(Q_CASES, 6, CASELOAD " ORDER BY id DESC LIMIT ?5 OFFSET ?6");
SQL(Q_CASES_TOTAL, 4, "SELECT count(*) FROM (" CASELOAD ") AS c");
SQL(Q_ROWS, 2, "SELECT id FROM record WHERE parent=?1 AND type=?2 AND state<>'erased' ORDER BY id");
SQL(Q_OWNED, 2, "SELECT count(*) FROM record WHERE type=?1 AND owner=?2 AND state<>'erased'");
SQL(Q_IN_STATE, 4, "SELECT id FROM record WHERE type=?1 AND state=?2 AND owner=?3 ORDER BY id LIMIT ?4");
SQL(Q_REFERRING, 3, "SELECT r.id FROM record_ref f JOIN record r ON r.id=f.record WHERE f.target=?1 AND r.type=?2 AND (?3='' OR f.field=?3) AND r.state<>'erased' ORDER BY r.id");
SQL(Q_INDEX_PAGE, 3, "SELECT id FROM record WHERE id>?1 AND +type=?2 AND state<>'erased' ORDER BY id LIMIT ?3");
struct body_row { int64_t version; struct bytes sealed; };
static const struct field BODY[] = { FIELD(struct body_row, version), FIELD(struct body_row, sealed) };
static const struct field HEAD_ROW[] = { HEAD_FIELDS };

int head_body(struct work *w, struct id record, enum data_class c, int64_t *version, struct bytes *sealed, struct err *err)
{
	struct body_row r;
	char letter[2] = { class_letter(c), 0 };
	int rc = DB_ONE(w->tx, &Q_HEAD_BODY, BODY, &r, w->mem, err, db_id(record), db_z(letter));
	if (rc == DB_ROW) {
		*version = r.version;
		*sealed = r.sealed;
	}
	return rc;
}

static int body_open(struct grant *g, size_t i, enum data_class c, struct err *err)
{
	struct work *w = g->w;
	const struct record *r = &g->records[i];
	struct bytes sealed, plain;
	int64_t version;
	int rc = head_body(w, r->id, c, &version, &sealed, err);
	if (rc <= 0)
		return rc;
	struct body_at at = { r->type, r->id, version, c, &g->keys[i].handle };
	if (body_unseal(w->mem, &at, g->keys[i].key[c], sealed, &plain, err) < 0)
		return err_add(err, "opening a body");
	json_t *values = json_read(w->mem, bytes_str(plain), err);
	return values && json_object_update(g->values[i], values) == 0 ? 0 : -1;
}

struct secret { void *p; size_t n; };
static void forget(void *arg)
{
	struct secret *s = arg;
	wipe(s->p, s->n);
}

static int handle_order(const void *a, const void *b)
{
	const struct entry_subject *x = a, *y = b;
	return memcmp(x->handle.b, y->handle.b, HANDLE_BYTES);
}

size_t entry_subjects(const struct grant *g, struct entry_subject *out)
{
	size_t n = 0;
	for (size_t i = 0; i < g->n; i++)
		out[i] = (struct entry_subject){ g->keys[i].salt, g->keys[i].handle };
	qsort(out, g->n, sizeof *out, handle_order);
	for (size_t i = 0; i < g->n; i++)
		if (n == 0 || handle_order(&out[n - 1], &out[i]) != 0)
			out[n++] = out[i];
	return n;
}

/* Appends the one entry for all records, before anything is opened. */
static int enter_of(const struct grant *g, struct entry e, struct err *err)
{
	struct work *w = g->w;
	struct entry_subject *subjects = NEW_ARRAY(w->mem, struct entry_subject, g->n + 1);
	char fields[CLASSES + 1] = "";
	size_t nf = 0, n = entry_subjects(g, subjects);
	for (enum data_class c = CLASS_O; c < CLASSES; c++)
		if (g->classes & CLASS_BIT(c))
			fields[nf++] = class_letter(c);
	e.actor = w->actor.account;
	e.role = w->actor.role;
	e.type = g->type->name;
	e.purpose = w->purpose;
	e.basis = w->basis;
	e.subjects = subjects;
	e.nsubjects = n;
	if (!e.fields.n)
		e.fields = str_of(fields);
	if (g->n == 1) {
		e.record = g->records[0].id;
		e.record_salt = g->keys[0].salt;
		e.version = (uint64_t)g->records[0].version;
	}
	return ledger_append(w->node->ledger, w->tx, &e, NULL, err);
}

static int load_rows(struct grant *g, const struct id *ids, struct err *err)
{
	for (size_t i = 0; i < g->n; i++) {
		struct row row;
		if (row_load(g->w, ids[i], &row, err) < 0)
			return -1;
		row_record(g->w, &row, &g->records[i]);
		if (g->records[i].type != g->type || str_is(row.state, "erased"))
			return err_set(err, ERR_NOT_FOUND, "no such record");
		json_t *open = json_read(g->w->mem, row.open, err);
		g->values[i] = json_keep(g->w->mem, json_object());
		if (!open || json_object_update(g->values[i], open) < 0)
			return -1;
	}
	return 0;
}

static struct grant *grant_new(struct work *w, const struct type *t, size_t n)
{
	struct grant *g = NEW(w->mem, struct grant);
	*g = (struct grant){ .w = w, .type = t, .n = n, .records = NEW_ARRAY(w->mem, struct record, n + 1), .values = NEW_ARRAY(w->mem, json_t *, n + 1),
		.keys = NEW_ARRAY(w->mem, struct subject_key, n + 1) };
	struct secret *s = NEW(w->mem, struct secret);
	*s = (struct secret){ g->keys, n * sizeof *g->keys };
	arena_defer(w->mem, forget, s);
	return g;
}

static int keys_load(struct grant *g, struct err *err)
{
	struct id *subjects = NEW_ARRAY(g->w->mem, struct id, g->n + 1);
	for (size_t i = 0; i < g->n; i++)
		subjects[i] = id_none(g->records[i].subject) ? g->records[i].id : g->records[i].subject;
	return subject_keys(g->w, g->type, subjects, g->n, g->keys, err);
}

static int bodies_open(struct grant *g, struct err *err)
{
	for (size_t i = 0; i < g->n; i++)
		for (enum data_class c = CLASS_P; c < CLASSES; c++)
			if ((g->classes & g->type->classes & CLASS_BIT(c)) && body_open(g, i, c, err) < 0)
				return -1;
	return 0;
}

const struct grant *record_open(struct work *w, const struct type *t, const struct id *ids, size_t n, struct err *err)
{
	struct grant *g = grant_new(w, t, n);
	if (load_rows(g, ids, err) < 0 || ask_policy(w, t, g->records, n, t->classes | CLASS_BIT(CLASS_O), &g->classes, err) < 0)
		return NULL;
	if (!t->personal || n == 0)
		return g;
	return keys_load(g, err) < 0 || enter_of(g, (struct entry){ .act = ACT_READ }, err) < 0 || bodies_open(g, err) < 0 ? NULL : g;
}

/* Purpose and basis are asked as for every reading; only the scope is not. */
const struct grant *record_open_found(struct work *w, const struct type *t, const struct id *ids, size_t n, struct err *err)
{
	struct grant *g = grant_new(w, t, n);
	const struct purpose *p = policy_purpose(w->node->policy, w->purpose);
	const struct role *role = policy_role(w->node->policy, w->actor.role);
	if (!role || !policy_named(w->actor.role, t->wide.at, t->wide.n) || n > RECORD_FOUND_MAX)
		return refuse_with(w, NULL, t, (struct str){ 0 }, STR("role"), N_("Your role does not allow this."), err), (const struct grant *)NULL;
	if (!p || !policy_purpose_fits(p, role) || !policy_named(w->basis, p->bases, p->nbases))
		return refuse_with(w, NULL, t, (struct str){ 0 }, STR("no_purpose"), N_("Choose a purpose first: records about people are opened for a purpose only."), err), (const struct grant *)NULL;
	if (custody_sealed(w, w->purpose) != 0)
		return refuse_with(w, NULL, t, (struct str){ 0 }, STR("custody"), POLICY_SEALED, err), (const struct grant *)NULL;
	g->found = true;
	g->classes = CLASS_BIT(CLASS_P);
	if (load_rows(g, ids, err) < 0 || keys_load(g, err) < 0)
		return NULL;
	return enter_of(g, (struct entry){ .act = ACT_SEARCH }, err) < 0 || bodies_open(g, err) < 0 ? NULL : g;
}

int grant_enter(const struct grant *g, enum act act, struct str to, struct err *err)
{
	return g->n == 0 || !g->type->personal ? 0 : enter_of(g, (struct entry){ .act = act, .to = to }, err);
}

int grant_unmask(const struct grant *g, const struct tfield *f, struct str reason, struct err *err)
{
	if (g->n != 1 || !record_covered(g, 0, str_z(g->w->mem, f->name)))
		return err_set(err, ERR_FORBIDDEN, "the role does not read this field");
	return enter_of(g, (struct entry){ .act = ACT_READ, .move = reason, .fields = f->name }, err);
}

const struct grant *record_open_inside(struct work *w, const struct type *t, const struct id *ids, size_t n, struct err *err)
{
	struct grant *g = grant_new(w, t, n);
	g->inside = true;
	g->classes = ~0u;
	if (load_rows(g, ids, err) < 0)
		return NULL;
	return t->personal && n && (keys_load(g, err) < 0 || bodies_open(g, err) < 0) ? NULL : g;
}

size_t grant_count(const struct grant *g)
{
	return g->n;
}

const struct record *grant_record(const struct grant *g, size_t i)
{
	return &g->records[i];
}

unsigned grant_classes(const struct grant *g)
{
	return g->classes;
}

bool record_covered(const struct grant *g, size_t i, const char *field)
{
	const struct tfield *f = type_field(g->type, str_of(field));
	(void)i;
	if (f && g->inside)
		return true;
	if (f && g->found)
		return policy_named(f->name, g->type->duplicates.at, g->type->duplicates.n);
	if (!f || f->hidden || !(g->classes & CLASS_BIT(f->class)))
		return false;
	return f->read.n == 0 || policy_named(g->w->actor.role, f->read.at, f->read.n);
}

json_t *record_value(const struct grant *g, size_t i, const char *field)
{
	const struct tfield *f = type_field(g->type, str_of(field));
	if (!record_covered(g, i, field))
		return NULL;
	return f->derived ? derived_value(g->w, g, i, f) : json_object_get(g->values[i], field);
}

json_t *record_value_inside(const struct grant *g, size_t i, const char *field)
{
	return json_object_get(g->values[i], field);
}

struct str record_text(const struct grant *g, size_t i, const char *field)
{
	const json_t *v = record_value(g, i, field);
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ 0 };
}

struct one_id { struct id id; };
static const struct field ONE_ID[] = { FIELD(struct one_id, id) };

static int ids_of(struct work *w, struct rows *rows, struct id **ids, size_t *n, struct err *err)
{
	struct one_id row;
	size_t cap = 64;
	int rc;
	*ids = NEW_ARRAY(w->mem, struct id, cap);
	*n = 0;
	while ((rc = db_next(rows, &row, err)) == DB_ROW) {
		if (*n == cap) {
			struct id *more = NEW_ARRAY(w->mem, struct id, cap * 4);
			memcpy(more, *ids, cap * sizeof **ids);
			*ids = more;
			cap *= 4;
		}
		(*ids)[(*n)++] = row.id;
	}
	return rc;
}

static struct rows list_rows(struct work *w, const struct type *t, const struct record_query *q, struct str unit)
{
	struct db_value type = db_text(t->name), state = db_text(q->state), in = db_text(unit), oldest = db_bool(q->oldest_first), aside = db_text(t->aside);
	if (q->ref_field.n)
		return DB_QUERY(w->tx, &Q_LIST_REF, HEAD_ROW, w->mem, type, state, in, oldest, aside, db_id(q->ref_to), db_text(q->ref_field));
	if (!id_none(q->parent))
		return DB_QUERY(w->tx, &Q_LIST_PARENT, HEAD_ROW, w->mem, type, state, in, oldest, aside, db_id(q->parent));
	return DB_QUERY(w->tx, &Q_LIST, HEAD_ROW, w->mem, type, state, in, oldest, aside);
}

/* All of a unit's, or a desk's cases: the database counts and finds the page itself, however many others there are. */
struct paged { const struct sql *page, *total; };
static const struct paged OF_UNIT = { &Q_PAGE, &Q_PAGE_TOTAL }, OF_DESK = { &Q_CASES, &Q_CASES_TOTAL };

static int list_page_of(struct work *w, const struct type *t, const struct record_query *q, const struct paged *of, struct id *ids, size_t *n, size_t *total, struct err *err)
{
	struct db_value type = db_text(t->name), unit = db_text(w->actor.unit), state = db_text(q->state), aside = db_text(t->aside);
	struct rows rows = DB_QUERY(w->tx, of->page, ONE_ID, w->mem, type, unit, state, aside, db_int((int64_t)q->limit), db_int((int64_t)q->offset));
	struct one_id row;
	int rc;
	while ((rc = db_next(&rows, &row, err)) == DB_ROW)
		ids[(*n)++] = row.id;
	int64_t all = rc < 0 || !total ? 0 : DB_COUNT(w->tx, of->total, type, unit, state, aside);
	if (total)
		*total = all < 0 ? 0 : (size_t)all;
	return rc < 0 || all < 0 ? -1 : 0;
}

int record_list(struct work *w, const struct type *t, const struct record_query *q, struct id **ids, size_t *n, size_t *total, struct err *err)
{
	bool all;
	unsigned scopes = role_scopes(w, t, &all);
	bool plain = id_none(q->parent) && !q->ref_field.n;
	struct str unit = !all && scopes == 1u << SCOPE_OWN_UNIT && plain ? w->actor.unit : (struct str){ 0 };
	struct parent_scopes known = { 0 };
	struct row row = { 0 };
	struct record r;
	size_t matching = 0;
	*n = 0;
	*ids = NEW_ARRAY(w->mem, struct id, q->limit + 1);
	if (total)
		*total = 0;
	if (!all && !scopes)
		return 0;
	if (unit.n && !q->oldest_first)
		return list_page_of(w, t, q, &OF_UNIT, *ids, n, total, err);
	/* rows are in their parent's scopes too, and some types name desks themselves */
	if (!all && scopes == 1u << SCOPE_OWN_CASELOAD && plain && !q->oldest_first && !t->parent_type.n && !type_field(t, STR("desks")))
		return w->actor.unit.n ? list_page_of(w, t, q, &OF_DESK, *ids, n, total, err) : 0;
	struct rows rows = list_rows(w, t, q, unit);
	int rc = 0;
	while ((total || *n < q->limit) && (rc = db_next(&rows, &row, err)) == DB_ROW) {
		row_record(w, &row, &r);
		if (!all && !unit.n && !scopes_of_row(w, &r, scopes, &known))
			continue;
		if (matching++ >= q->offset && *n < q->limit)
			(*ids)[(*n)++] = r.id;
	}
	db_end(&rows);
	if (total)
		*total = matching;
	return rc < 0 ? -1 : 0;
}

int record_rows(struct work *w, const char *type, struct id parent, struct id **ids, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_ROWS, ONE_ID, w->mem, db_id(parent), db_z(type));
	return ids_of(w, &rows, ids, n, err);
}

int record_referring(struct work *w, const char *type, const char *field, struct id target, struct id **ids, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_REFERRING, ONE_ID, w->mem, db_id(target), db_z(type), db_z(field));
	return ids_of(w, &rows, ids, n, err);
}

int64_t record_owned(struct work *w, const struct type *t)
{
	return DB_COUNT(w->tx, &Q_OWNED, db_text(t->name), db_text(w->node->name));
}

int record_in_state(struct work *w, const char *type, const char *state, size_t limit, struct id **ids, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_IN_STATE, ONE_ID, w->mem, db_z(type), db_z(state), db_text(w->node->name), db_int((int64_t)limit));
	return ids_of(w, &rows, ids, n, err);
}

const struct grant *record_index_page(struct work *w, const struct type *t, struct id after, size_t limit, size_t *seen, struct id *last, struct err *err)
{
	struct id *ids;
	size_t n, kept = 0;
	struct rows rows = DB_QUERY(w->tx, &Q_INDEX_PAGE, ONE_ID, w->mem, db_blob(bytes_of(after.b, sizeof after.b)), db_text(t->name), db_int((int64_t)limit));
	if (ids_of(w, &rows, &ids, &n, err) < 0)
		return NULL;
	*seen = n;
	*last = n ? ids[n - 1] : after;
	bool *there = NEW_ARRAY(w->mem, bool, n + 1);
	struct grant *g = grant_new(w, t, n);
	g->inside = true;
	g->classes = CLASS_BIT(CLASS_P);
	if (load_rows(g, ids, err) < 0 || subject_keys_index(w, t, ids, n, g->keys, there, err) < 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {       /* a person whose key is gone has no name any more */
		if (!there[i])
			continue;
		g->records[kept] = g->records[i];
		g->values[kept] = g->values[i];
		g->keys[kept++] = g->keys[i];
	}
	g->n = kept;
	return bodies_open(g, err) < 0 ? NULL : g;
}
