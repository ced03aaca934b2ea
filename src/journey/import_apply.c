#include "journey/import_i.h"

/* Slices of a confirmed import: a chunk of whole families becomes people, families and members. All of it, and the place reached, stand in one transaction: what was
   made is never made again, whatever stops the node. */
SQL(Q_SAME, 2, "SELECT other_row, other FROM import_twin WHERE import=?1 AND row=?2 AND decision='same' ORDER BY other IS NULL LIMIT 1");
SQL(Q_OTHERS, 2, "SELECT other_row, other, exact, decision FROM import_twin WHERE import=?1 AND row=?2 AND decision IN ('different', 'unsure')");
SQL(Q_NAMED, 2, "SELECT count(*) FROM import_twin WHERE import=?1 AND other_row=?2");
SQL(Q_MADE_NEW, 3, "INSERT OR IGNORE INTO import_made(import, row, person) VALUES(?1,?2,?3)");
SQL(Q_MADE, 2, "SELECT person FROM import_made WHERE import=?1 AND row=?2");
struct same_row { int64_t other_row; struct id other; };
struct other_row { int64_t other_row; struct id other; bool exact; struct str decision; };
struct made_row { struct id person; };
static const struct field SAME[] = { FIELD(struct same_row, other_row), FIELD(struct same_row, other) };
static const struct field OTHER[] = { FIELD(struct other_row, other_row), FIELD(struct other_row, other), FIELD(struct other_row, exact), FIELD(struct other_row, decision) };
static const struct field MADE[] = { FIELD(struct made_row, person) };

struct entrant { json_t *row; struct id person; struct str family; const struct entrant *like; /* an earlier row of this slice */ bool fresh, left_out; };
struct slice { struct work *w; struct import *im; struct entrant *at; size_t n; const struct type *person, *household, *member; };

/* Who the row is already: in the register, or an earlier row of the file. */
static int known_person(struct slice *s, struct entrant *e, struct err *err)
{
	struct same_row same;
	struct made_row made;
	struct record r;
	e->like = NULL;
	int rc = DB_ONE(s->w->tx, &Q_SAME, SAME, &same, s->w->mem, err, db_id(s->im->id), db_int(json_int(e->row, "seq", 0)));
	if (rc != DB_ROW)
		return rc;
	for (const struct entrant *o = s->at; id_none(same.other) && o < e; o++)
		if (json_int(o->row, "seq", -1) == same.other_row)
			e->like = o;
	if (e->like) {
		e->fresh = false;
		s->im->skipped++;
		return 0;
	}
	if (id_none(same.other)) {
		rc = DB_ONE(s->w->tx, &Q_MADE, MADE, &made, s->w->mem, err, db_id(s->im->id), db_int(same.other_row));
		if (rc != DB_ROW)
			return rc;
		same.other = made.person;
	}
	if (record_head(s->w, same.other, &r, NULL) < 0 || str_is(r.state, "erased"))
		return 0;
	e->person = same.other;
	e->fresh = false;
	s->im->skipped++;
	return 0;
}

static bool still_good(struct slice *s, const struct entrant *e)
{
	struct draft p = { .type = s->person, .fields = json_object_get(e->row, "p") }, h = { .type = s->household, .fields = json_object_get(e->row, "h") };
	json_t *clean;
	return record_check(s->w, &p, true, &clean, NULL) == 0 && record_check(s->w, &h, false, &clean, NULL) == 0;
}

static int slice_read(struct slice *s, struct err *err)
{
	json_t *rows;
	if (import_chunk(s->w, s->im, s->im->place, &rows, err) < 0)
		return -1;
	s->at = NEW_ARRAY(s->w->mem, struct entrant, json_array_size(rows) + 1);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		struct entrant e = { .row = json_array_get(rows, i), .fresh = true };
		e.family = json_str(e.row, "f");
		if (!json_object_get(e.row, "e"))
			s->at[s->n++] = e;
	}
	for (size_t i = 0; i < s->n; i++)             /* the rules of the day of the confirmation hold, for the family as a whole */
		for (size_t k = 0; !still_good(s, &s->at[i]) && k < s->n; k++)
			s->at[k].left_out = s->at[k].left_out || str_eq(s->at[k].family, s->at[i].family);
	size_t kept = 0;
	for (size_t i = 0; i < s->n; i++) {
		s->im->refused += s->at[i].left_out;
		if (!s->at[i].left_out)
			s->at[kept++] = s->at[i];
	}
	s->n = kept;
	return 0;
}

static int made_keep(struct slice *s, const struct entrant *e, struct err *err)
{
	int64_t seq = json_int(e->row, "seq", 0);
	if (DB_COUNT(s->w->tx, &Q_NAMED, db_id(s->im->id), db_int(seq)) <= 0)
		return 0;
	return DB_RUN(s->w->tx, &Q_MADE_NEW, err, db_id(s->im->id), db_int(seq), db_id(e->person)) < 0 ? -1 : 0;
}

static int people_make(struct slice *s, struct err *err)
{
	struct draft *d = NEW_ARRAY(s->w->mem, struct draft, s->n + 1);
	struct id *ids = NEW_ARRAY(s->w->mem, struct id, s->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (!s->at[i].fresh)
			continue;
		d[n++] = (struct draft){ .type = s->person, .fields = json_object_get(s->at[i].row, "p"), .unit = s->im->unit };
	}
	if (record_create_many(s->w, d, n, ids, err) < 0)
		return err_add(err, "people of an import");
	for (size_t i = 0, k = 0; i < s->n; i++) {
		if (s->at[i].fresh)
			s->at[i].person = ids[k++];
		else if (s->at[i].like)
			s->at[i].person = s->at[i].like->person;
		if (made_keep(s, &s->at[i], err) < 0 || (s->at[i].fresh && record_move_inside(s->w, s->at[i].person, "register", err) < 0) ||
		    (s->at[i].fresh && duplicates_forget(s->w, s->at[i].person, err) < 0))      /* she was compared with everybody before */
			return err_add(err, "registering a person of an import");
	}
	s->im->people += (int64_t)n;
	return 0;
}

/* The family that a known head has already, else none. */
static int home_of(struct slice *s, const struct entrant *head, struct id *home, struct err *err)
{
	struct id *ids;
	size_t n;
	struct record r;
	*home = (struct id){ 0 };
	if (head->fresh)
		return 0;
	if (record_referring(s->w, "household", "head", head->person, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (record_head(s->w, ids[i], &r, err) == 0 && str_is(r.state, "open"))
			*home = ids[i];
	return 0;
}

static int home_make(struct slice *s, const struct entrant *head, struct id *home, struct err *err)
{
	json_t *fields = json_keep(s->w->mem, json_deep_copy(json_object_get(head->row, "h")));
	if (home_of(s, head, home, err) < 0 || !id_none(*home))
		return id_none(*home) ? -1 : 0;
	json_object_set_new(fields, "head", json_new_str(id_text(s->w->mem, head->person)));
	struct draft d = { .type = s->household, .fields = fields, .unit = s->im->unit };
	s->im->homes++;
	return record_create(s->w, &d, home, err) < 0 ? err_add(err, "a family of an import") : 0;
}

static bool member_already(struct slice *s, const struct entrant *e)
{
	struct id *ids;
	size_t n = 0;
	return !e->fresh && record_referring(s->w, "household_member", "person", e->person, &ids, &n, NULL) == 0 && n > 0;
}

/* A child's guardian is the member who is said to be it, else the head, where she is an adult. */
static const struct entrant *guardian_of(const struct entrant *family, size_t n, const struct entrant *head)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(json_str(family[i].row, "r"), "guardian") && !json_bool(family[i].row, "child"))
			return &family[i];
	return json_bool(head->row, "child") ? NULL : head;
}

static int family_make(struct slice *s, struct entrant *family, size_t n, struct err *err)
{
	struct draft *d = NEW_ARRAY(s->w->mem, struct draft, n + 1);
	struct id *ids = NEW_ARRAY(s->w->mem, struct id, n + 1), home;
	const struct entrant *head = &family[0];
	size_t members = 0;
	for (size_t i = 0; i < n; i++)
		if (str_is(json_str(family[i].row, "r"), "head"))
			head = &family[i];
	const struct entrant *guardian = guardian_of(family, n, head);
	bool all_known = true;
	for (size_t i = 0; i < n; i++)
		all_known = all_known && member_already(s, &family[i]);
	if (all_known)
		return 0;
	if (home_make(s, head, &home, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (member_already(s, &family[i]))
			continue;
		json_t *f = json_keep(s->w->mem, json_object());
		json_object_set_new(f, "person", json_new_str(id_text(s->w->mem, family[i].person)));
		json_object_set_new(f, "role", json_new_str(json_str(family[i].row, "r")));
		if (json_bool(family[i].row, "child") && guardian && guardian != &family[i])
			json_object_set_new(f, "guardian", json_new_str(id_text(s->w->mem, guardian->person)));
		d[members++] = (struct draft){ .type = s->member, .fields = f, .parent = home, .unit = s->im->unit };
	}
	return record_create_many(s->w, d, members, ids, err) < 0 ? err_add(err, "members of an import") : 0;
}

/* What she decided about two who look alike is kept as a question of its own, decided or open. */
static int claim_make(struct slice *s, const struct entrant *e, struct err *err)
{
	struct other_row o;
	struct made_row made;
	struct id id;
	int rc = 0;
	if (!e->fresh)
		return 0;
	struct rows rows = DB_QUERY(s->w->tx, &Q_OTHERS, OTHER, s->w->mem, db_id(s->im->id), db_int(json_int(e->row, "seq", 0)));
	while ((rc = db_next(&rows, &o, err)) == DB_ROW) {
		if (id_none(o.other) && DB_ONE(s->w->tx, &Q_MADE, MADE, &made, s->w->mem, err, db_id(s->im->id), db_int(o.other_row)) != DB_ROW)
			continue;
		struct claim_draft c = { .person = e->person, .other = id_none(o.other) ? made.person : o.other, .method = "import", .mother = !o.exact, .birth = o.exact, .decision = o.decision,
			.reasons = N_("Decided at the import of a list, with both side by side.") };
		if (claim_open(s->w, &c, &id, err) < 0 || (str_is(o.decision, "different") && record_move_inside(s->w, id, "decide", err) < 0)) {
			db_end(&rows);
			return err_add(err, "an identity question of an import");
		}
	}
	return rc;
}

int import_apply_slice(struct work *w, struct import *im, struct err *err)
{
	struct slice s = { .w = w, .im = im, .person = type_find(w->node->types, STR("person")), .household = type_find(w->node->types, STR("household")),
		.member = type_find(w->node->types, STR("household_member")) };
	if (im->place >= im->chunks) {
		im->state = STR("done");
		if (im->good == im->rows)
			im->wrapped = (struct bytes){ (const uint8_t *)"", 0 };
		return import_forget_rows(w, im, im->good == im->rows, err);
	}
	if (slice_read(&s, err) < 0)
		return -1;
	for (size_t i = 0; i < s.n; i++)
		if (known_person(&s, &s.at[i], err) < 0)
			return -1;
	if (people_make(&s, err) < 0)
		return -1;
	for (size_t i = 0; i < s.n;) {
		size_t n = 1;
		while (i + n < s.n && str_eq(s.at[i + n].family, s.at[i].family))
			n++;
		if (family_make(&s, &s.at[i], n, err) < 0)
			return -1;
		i += n;
	}
	for (size_t i = 0; i < s.n; i++)
		if (claim_make(&s, &s.at[i], err) < 0)
			return -1;
	im->place++;
	return 0;
}
