#include "record/custody.h"
#include "record/record_i.h"

SQL(Q_NEW, 11, "INSERT INTO record(id, type, state, owner, unit, parent, subject, version, created, updated, event, open)"
    " VALUES(?1,?2,?3,?4,?5,?6,?7,1,?8,?9,?10,?11)");
SQL(Q_UPDATE, 6, "UPDATE record SET state=?2, version=?3, updated=?4, event=?5, owner=?6 WHERE id=?1");
SQL(Q_OWNER, 2, "UPDATE record SET owner=?2 WHERE id=?1");
SQL(Q_OPEN, 2, "UPDATE record SET open=?2 WHERE id=?1");
SQL(Q_VERSION_NEW, 10, "INSERT INTO record_version(record, version, digest, role, account, act, move, state, at, event) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)");
SQL(Q_BODY_NEW, 4, "INSERT INTO body(record, class, version, sealed) VALUES(?1,?2,?3,?4)");
SQL(Q_REFS_END, 2, "DELETE FROM record_ref WHERE record=?1 AND field=?2");
SQL(Q_REF_NEW, 3, "INSERT OR IGNORE INTO record_ref(record, field, target) VALUES(?1,?2,?3)");
SQL(Q_DIGEST, 2, "SELECT digest FROM record_version WHERE record=?1 AND version=?2");
struct digest_row { struct bytes digest; };
static const struct field DIGEST[] = { FIELD(struct digest_row, digest) };

int version_digest(struct work *w, struct id id, int64_t version, struct str *digest, struct err *err)
{
	struct digest_row r;
	int rc = DB_ONE(w->tx, &Q_DIGEST, DIGEST, &r, w->mem, err, db_id(id), db_int(version));
	if (rc == DB_ROW)
		*digest = bytes_str(r.digest);
	return rc == DB_ROW ? 0 : rc < 0 ? -1 : err_set(err, ERR_NOT_FOUND, "no such version");
}

int refs_write(struct work *w, const struct record *r, const json_t *values, struct err *err)
{
	for (size_t i = 0; i < r->type->nfields; i++) {
		const struct tfield *f = &r->type->fields[i];
		json_t *v = json_object_get(values, str_z(w->mem, f->name));
		struct id target;
		if (f->kind != KIND_REF || !v)
			continue;
		if (DB_RUN(w->tx, &Q_REFS_END, err, db_id(r->id), db_text(f->name)) < 0)
			return -1;
		size_t n = json_is_array(v) ? json_array_size(v) : 1;
		for (size_t k = 0; k < n; k++) {
			json_t *one = json_is_array(v) ? json_array_get(v, k) : v;
			if (json_is_string(one) && id_parse(str_of(json_string_value(one)), &target) == 0 &&
			    DB_RUN(w->tx, &Q_REF_NEW, err, db_id(r->id), db_text(f->name), db_id(target)) < 0)
				return -1;
		}
	}
	return 0;
}

/* Bodies of the classes named, then the version row whose digest binds them to the version before. */
int version_write(struct work *w, const struct writing *x, struct bytes *sealed, struct err *err)
{
	const struct record *r = x->record;
	struct buf bodies = buf_new(w->mem, (size_t)64 << 20), digest = buf_new(w->mem, 4096);
	struct str before = { 0 };
	if (r->version > 1 && version_digest(w, r->id, r->version - 1, &before, err) < 0)
		return -1;
	buf_put(&digest, r->id.b, 16);
	buf_u64(&digest, (uint64_t)r->version);
	buf_sized(&digest, str_bytes(r->state));
	buf_sized(&digest, str_bytes(before));
	for (enum data_class c = CLASS_P; c < CLASSES; c++) {
		char letter[2] = { class_letter(c), 0 };
		if (!(x->classes & CLASS_BIT(c)))
			continue;
		struct bytes aad = body_aad(w->mem, &(struct body_at){ r->type, r->id, r->version, c, &x->key->handle }, &r->type->digest);
		struct str text = json_write_sorted(w->mem, class_values(w, r->type, x->values, c));
		struct bytes body = seal(w->mem, w->node->source, x->key->key[c], aad, str_bytes(text));
		struct hash h = sha256(body);
		buf_put(&digest, h.b, HASH_BYTES);
		buf_put(&bodies, body.p, body.n);
		if (DB_RUN(w->tx, &Q_BODY_NEW, err, db_id(r->id), db_z(letter), db_int(r->version), db_blob(body)) < 0)
			return -1;
	}
	struct hash h = sha256(buf_bytes(&digest));
	*sealed = buf_bytes(&bodies);
	if (share_due(w, r, err) < 0 || clock_look(w, r, err) < 0)
		return -1;
	return DB_RUN(w->tx, &Q_VERSION_NEW, err, db_id(r->id), db_int(r->version), db_blob(bytes_of(h.b, HASH_BYTES)), db_text(w->actor.role),
	    db_id(w->actor.account), db_z(act_word(x->act)), db_text(x->move), db_text(r->state), db_time(w->now_ms), db_time(x->event_ms ? x->event_ms : w->event_ms)) < 0 ? -1 : 0;
}

int enter_record(struct work *w, enum act act, const struct record *r, const struct subject_key *k, struct str move, struct str fields, struct bytes body, struct err *err)
{
	struct entry_subject subject = { k ? k->salt : NULL, k ? k->handle : (struct handle){ { 0 } } };
	struct entry e = { .act = act, .actor = w->actor.account, .role = w->actor.role, .type = r->type->name, .move = move, .purpose = w->purpose, .basis = w->basis,
		.fields = fields, .version = (uint64_t)r->version };
	if (k) {
		e.record = r->id;
		e.record_salt = k->salt;
		e.subjects = &subject;
		e.nsubjects = 1;
		e.body = body;
	}
	return ledger_append(w->node->ledger, w->tx, &e, NULL, err);
}

int row_owner_set(struct work *w, struct id id, struct str owner, struct err *err)
{
	return DB_RUN(w->tx, &Q_OWNER, err, db_id(id), db_text(owner)) < 0 ? -1 : 0;
}

int work_enter(struct work *w, const struct entry *e, struct err *err)
{
	return ledger_append(w->node->ledger, w->tx, e, NULL, err);
}

bool record_may_create(const struct work *w, const struct type *t)
{
	return policy_named(w->actor.role, t->create.at, t->create.n);
}

static int subject_of(struct work *w, const struct type *t, struct id own, const json_t *values, struct id *subject, struct err *err)
{
	*subject = own;
	if (t->about != ABOUT_PERSON && t->about != ABOUT_HOUSEHOLD)
		return 0;
	if (id_parse(json_str(values, str_z(w->mem, t->subject_field)), subject) < 0)
		return err_say(err, ERR_VALUE, N_("It must be said whom this record is about."), NULL);
	return 0;
}

static int may_write(struct work *w, const struct draft *d, struct err *err)
{
	if (!d->by_program && d->type->personal && custody_sealed(w, w->purpose) != 0)
		return refuse_with(w, NULL, d->type, (struct str){ 0 }, STR("custody"), POLICY_SEALED, err);
	if (d->by_program)
		return 0;
	if (!record_may_create(w, d->type))
		return refuse_with(w, NULL, d->type, STR("create"), STR("role"), N_("Your role does not allow this."), err);
	const struct purpose *p = policy_purpose(w->node->policy, w->purpose);
	if (d->type->personal && (!p || !policy_named(w->basis, p->bases, p->nbases)))
		return refuse_with(w, NULL, d->type, STR("create"), STR("no_purpose"),
		    N_("Choose a purpose first: records about people are opened for a purpose only."), err);
	return 0;
}

int tell_written(struct work *w, const struct record *r, const json_t *values, struct err *err)
{
	return w->node->hooks->written ? w->node->hooks->written(w, r, values, err) : 0;
}

static int create_one(struct work *w, const struct draft *d, const json_t *values, struct id id, struct id subject, struct subject_key *k, struct err *err)
{
	struct record r = { .id = id, .parent = d->parent, .subject = subject, .type = d->type, .state = d->type->states[0].name, .owner = w->node->name, .version = 1 };
	struct str open = json_write_sorted(w->mem, class_values(w, d->type, values, CLASS_O));
	struct bytes sealed = { 0 };
	struct writing x = { .record = &r, .values = values, .classes = d->type->classes & ~CLASS_BIT(CLASS_O), .act = ACT_CREATE, .key = k, .event_ms = d->event_ms };
	if (DB_RUN(w->tx, &Q_NEW, err, db_id(id), db_text(d->type->name), db_text(r.state), db_text(w->node->name), db_text(d->unit.n ? d->unit : w->actor.unit),
	    db_id(d->parent), db_id(subject), db_time(w->now_ms), db_time(w->now_ms), db_time(d->event_ms ? d->event_ms : w->event_ms), db_text(open)) < 0)
		return err_add(err, "creating a record");
	if (version_write(w, &x, &sealed, err) < 0 || refs_write(w, &r, values, err) < 0 || number_give(w, &r, values, err) < 0 || share_like_parent(w, &r, err) < 0 ||
	    tell_written(w, &r, values, err) < 0)
		return -1;
	return enter_record(w, ACT_CREATE, &r, d->type->personal ? k : NULL, (struct str){ 0 }, (struct str){ 0 }, sealed, err);
}

static int id_order(const void *a, const void *b)
{
	return id_cmp(a, b);
}

/* Ids of one millisecond are in no order of their own: rows that are made together keep the order in which they were given. */
static void ids_new(struct work *w, struct id *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = id_new(w->node->source);
	if (n)
		qsort(out, n, sizeof *out, id_order);
}

int record_create_many(struct work *w, struct draft *d, size_t n, struct id *out, struct err *err)
{
	json_t **values = NEW_ARRAY(w->mem, json_t *, n + 1);
	struct id *subjects = NEW_ARRAY(w->mem, struct id, n + 1);
	struct subject_key *keys = NEW_ARRAY(w->mem, struct subject_key, n + 1);
	int rc = 0;
	ids_new(w, out, n);
	for (size_t i = 0; i < n; i++) {
		if (may_write(w, &d[i], err) < 0 || values_check(w, &d[i], true, &values[i], err) < 0 || subject_of(w, d[i].type, out[i], values[i], &subjects[i], err) < 0)
			return -1;
	}
	if (n && d[0].type->personal)
		rc = subject_keys(w, d[0].type, subjects, n, keys, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = create_one(w, &d[i], values[i], out[i], subjects[i], &keys[i], err);
	wipe(keys, n * sizeof *keys);
	return rc;
}

int record_create(struct work *w, struct draft *d, struct id *out, struct err *err)
{
	return record_create_many(w, d, 1, out, err);
}

bool record_may_amend(struct work *w, const struct record *r, const struct tfield *f)
{
	for (size_t i = 0; i < r->type->nstates; i++)
		if (str_eq(r->type->states[i].name, r->state) && (r->type->states[i].final || r->type->states[i].immutable))
			return false;
	if (!str_eq(r->owner, w->node->name))
		return false;
	for (size_t i = 0; i < r->type->namend; i++) {
		const struct amend_rule *a = &r->type->amend[i];
		if (str_eq(a->role, w->actor.role) && ((a->classes & CLASS_BIT(f->class)) || policy_named(f->name, a->fields.at, a->fields.n)))
			return true;
	}
	return false;
}

static int may_change(struct work *w, const struct record *r, json_t *changes, struct err *err)
{
	const char *name;
	json_t *v;
	/* a version without a change would still be one, and only the owner makes versions */
	if (!str_eq(r->owner, w->node->name) || json_object_size(changes) == 0)
		return refuse_with(w, r, r->type, STR("amend"), STR("owner"), N_("Your role does not change this field."), err);
	json_object_foreach(changes, name, v) {
		const struct tfield *f = type_field(r->type, str_of(name));
		if (!f || !record_may_amend(w, r, f))
			return refuse_with(w, r, r->type, STR("amend"), STR("role"), N_("Your role does not change this field."), err);
	}
	return 0;
}

/* The classes touched are written anew; they must be readable, else what the actor cannot see would be lost. */
static int amended(struct work *w, struct record *r, const struct grant *g, json_t *clean, struct str *fields, struct err *err)
{
	unsigned touched = 0;
	struct buf names = buf_new(w->mem, 512);
	const char *name;
	json_t *v, *values = json_keep(w->mem, json_copy(g->values[0]));
	struct bytes sealed = { 0 };
	json_object_foreach(clean, name, v) {
		touched |= CLASS_BIT(type_field(r->type, str_of(name))->class);
		json_object_set(values, name, v);
		buf_fmt(&names, "%s%s", names.n ? "," : "", name);
	}
	if (touched & ~(g->classes | CLASS_BIT(CLASS_O)))
		return refuse_with(w, r, r->type, STR("amend"), STR("class"), N_("Your role does not change this field."), err);
	*fields = buf_text(&names);
	r->version++;
	struct writing x = { .record = r, .values = values, .classes = touched & ~CLASS_BIT(CLASS_O), .act = ACT_AMEND, .key = &g->keys[0] };
	if ((touched & CLASS_BIT(CLASS_O)) &&
	    DB_RUN(w->tx, &Q_OPEN, err, db_id(r->id), db_text(json_write_sorted(w->mem, class_values(w, r->type, values, CLASS_O)))) < 0)
		return -1;
	if (version_write(w, &x, &sealed, err) < 0 || refs_write(w, r, clean, err) < 0 || number_give(w, r, values, err) < 0 || tell_written(w, r, values, err) < 0)
		return -1;
	if (DB_RUN(w->tx, &Q_UPDATE, err, db_id(r->id), db_text(r->state), db_int(r->version), db_time(w->now_ms), db_time(r->event_ms), db_text(r->owner)) < 0)
		return -1;
	return enter_record(w, ACT_AMEND, r, r->type->personal ? &g->keys[0] : NULL, (struct str){ 0 }, *fields, sealed, err);
}

int record_amend(struct work *w, struct id id, int64_t seen, struct draft *d, struct err *err)
{
	struct record r;
	json_t *clean;
	struct str fields;
	if (record_head(w, id, &r, err) < 0)
		return -1;
	if (r.version != seen)
		return err_set(err, ERR_CONFLICT, "another version is the head");
	d->type = r.type;
	if (may_change(w, &r, d->fields, err) < 0 || values_check(w, d, false, &clean, err) < 0)
		return -1;
	const struct grant *g = record_open(w, r.type, &id, 1, err);
	return g ? amended(w, &r, g, clean, &fields, err) : -1;
}

int record_set_inside(struct work *w, struct id id, json_t *changes, struct err *err)
{
	struct record r;
	json_t *clean;
	struct str fields;
	if (record_head(w, id, &r, err) < 0)
		return -1;
	if (!str_eq(r.owner, w->node->name))
		return err_set(err, ERR_FAULT, "the program changes no record of another node");
	struct draft d = { .type = r.type, .fields = changes };
	const struct grant *g = values_check(w, &d, false, &clean, err) < 0 ? NULL : record_open_inside(w, r.type, &id, 1, err);
	return g ? amended(w, &r, g, clean, &fields, err) : -1;
}

static int effect_run(struct work *w, struct record *r, struct str name, struct err *err)
{
	const struct hooks *h = w->node->hooks;
	for (size_t i = 0; name.n && i < h->neffects; i++)
		if (str_is(name, h->effects[i].name))
			return h->effects[i].fn(w, r, err);
	return name.n ? err_set(err, ERR_FAULT, "no effect " S_FMT, S_ARG(name)) : 0;
}

static int is_of_kind(struct work *w, struct str node, struct str wanted, struct err *err)
{
	struct str kind = { 0 };
	int rc = node.n && w->node->hooks->line.kind_of ? w->node->hooks->line.kind_of(w, node, &kind, err) : 0;
	return rc < 0 ? -1 : rc && str_eq(kind, wanted);
}

/* The new owner where the declaration names a kind of node for this move: the one that the actor chose, or who owns what the record is a row of, or the one of that kind.
   *owner stays empty where it is this node itself. */
static int owner_after(struct work *w, const struct record *r, const struct tmove *m, struct str *owner, struct err *err)
{
	struct record parent;
	*owner = (struct str){ 0 };
	if (!m->owner_kind.n || str_eq(m->owner_kind, w->node->kind))
		return 0;
	*owner = w->give_to.n || id_none(r->parent) || record_head(w, r->parent, &parent, NULL) < 0 ? w->give_to : parent.owner;
	int rc = is_of_kind(w, *owner, m->owner_kind, err);
	if (rc == 0 && !w->give_to.n && w->node->hooks->line.of_kind)
		rc = w->node->hooks->line.of_kind(w, m->owner_kind, owner, err);
	return rc < 0 ? -1 : rc ? 0 : err_say(err, ERR_VALUE, N_("There is no partner office of the kind that takes this over."), NULL);
}

/* A move writes a version without bodies: the state is bound by the digest, the content stays that of the version before. */
int move_apply(struct work *w, struct record *r, const struct tmove *m, struct err *err)
{
	struct bytes sealed = { 0 };
	struct subject_key key;
	struct id subject = id_none(r->subject) ? r->id : r->subject;
	struct str owner;
	if (owner_after(w, r, m, &owner, err) < 0 || (r->type->personal && subject_keys(w, r->type, &subject, 1, &key, err) < 0))
		return -1;
	if (!str_is(m->to, "same"))
		r->state = m->to;
	if (owner.n)
		r->owner = owner;
	r->version++;
	struct writing x = { .record = r, .classes = 0, .act = ACT_MOVE, .move = m->name, .event_ms = w->event_ms ? w->event_ms : w->now_ms };
	if (version_write(w, &x, &sealed, err) < 0 ||
	    DB_RUN(w->tx, &Q_UPDATE, err, db_id(r->id), db_text(r->state), db_int(r->version), db_time(w->now_ms), db_time(w->event_ms ? w->event_ms : r->event_ms),
	        db_text(r->owner)) < 0)
		return -1;
	int rc = enter_record(w, ACT_MOVE, r, r->type->personal ? &key : NULL, m->name, (struct str){ 0 }, sealed, err);
	wipe(&key, sizeof key);
	if (rc < 0 || number_give(w, r, NULL, err) < 0 || effect_run(w, r, m->opens, err) < 0 || effect_run(w, r, m->effect, err) < 0)
		return -1;
	return owner.n ? record_hand_over(w, r->id, owner, err) : 0;
}
