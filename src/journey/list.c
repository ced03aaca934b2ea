#include "journey/journey_i.h"

/* The nominal list: who is to travel. Rows are people, each with a state of her own. */

static bool row_open(const struct grant *g, size_t i)
{
	return state_is(g, i, "listed") || state_is(g, i, "approved");
}

int has_rows(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", r->id, err);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (state_is(g, i, "listed"))
			return 0;
	return g ? refuse_rule(w, r, "has_rows", N_("There is nobody on this list yet."), err) : -1;
}

/* ---- building it ---- */

static bool on_open_list(struct work *w, struct id person)
{
	struct err ignored = { 0 };
	const struct grant *g = open_referring(w, "nominal_list_row", "person", person, &ignored);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (row_open(g, i) || state_is(g, i, "boarded"))
			return true;
	return false;
}

/* Who must travel for a child to travel: the guardian named in the family, else its head. */
static struct str guardian_of(struct work *w, const struct grant *members, size_t i, struct id head)
{
	struct id g = ref_at(members, i, "guardian");
	return id_text(w->mem, id_none(g) ? head : g);
}

static json_t *row_fields(struct work *w, const struct grant *members, size_t i, struct id household, struct id head)
{
	struct id person = ref_at(members, i, "person");
	bool minor = is_child(w, person);
	json_t *f = json_keep(w->mem, json_pack("{s:s, s:s, s:b, s:b}", "person", id_text(w->mem, person).p, "household", id_text(w->mem, household).p, "reserve", 0,
	    "minor", (int)minor));
	if (minor)
		json_object_set_new(f, "guardian", json_new_str(guardian_of(w, members, i, head)));
	return f;
}

static int add_household(struct work *w, const struct record *list, struct id household, struct draft *d, size_t *n, struct err *err)
{
	const struct grant *h = open_one(w, "household", household, err), *m = h ? open_rows(w, "household_member", household, err) : NULL;
	if (!m)
		return -1;
	for (size_t i = 0; i < grant_count(m); i++) {
		if (!state_is(m, i, "listed") || is_merged(w, ref_at(m, i, "person")) || on_open_list(w, ref_at(m, i, "person")))
			continue;
		d[(*n)++] = (struct draft){ .type = type_named(w, "nominal_list_row"), .parent = list->id, .unit = list->unit,
			.fields = row_fields(w, m, i, household, ref_at(h, 0, "head")) };
	}
	return 0;
}

#define FAMILY_MAX 40
int list_add(struct work *w, struct id id, const struct id *households, size_t n, size_t *added, struct err *err)
{
	struct record list;
	struct draft *d = NEW_ARRAY(w->mem, struct draft, n * FAMILY_MAX + 1);
	*added = 0;
	if (record_head(w, id, &list, err) < 0)
		return -1;
	if (!str_is(list.state, "draft") || !str_eq(list.owner, w->node->name))
		return err_say(err, ERR_CONFLICT, N_("This list is no draft any more."), NULL);
	if (!record_open(w, type_named(w, "household"), households, n, err))       /* are these families in her charge? */
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_household(w, &list, households[i], d, added, err) < 0)
			return -1;
	struct id *ids = NEW_ARRAY(w->mem, struct id, *added + 1);
	return record_create_many(w, d, *added, ids, err);
}

int list_candidates(struct work *w, struct id **out, size_t *n, struct err *err)
{
	struct id *all;
	size_t total, k;
	struct record_query q = { .state = STR("open"), .limit = 2000, .oldest_first = true };
	if (record_list(w, type_named(w, "household"), &q, &all, &k, &total, err) < 0)
		return -1;
	*out = NEW_ARRAY(w->mem, struct id, k + 1);
	*n = 0;
	for (size_t i = 0; i < k; i++) {
		const struct grant *m = open_rows(w, "household_member", all[i], err);
		bool free = false;
		for (size_t j = 0; m && j < grant_count(m); j++)
			free = free || (state_is(m, j, "listed") && !is_merged(w, ref_at(m, j, "person")) && !on_open_list(w, ref_at(m, j, "person")));
		if (!m)
			return -1;
		if (free)
			(*out)[(*n)++] = all[i];
	}
	return 0;
}

int list_fit(struct work *w, struct id list, const struct id *rows, size_t n, struct str fit, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct record r;
		struct draft d = { .fields = json_keep(w->mem, json_object()) };
		json_object_set_new(d.fields, "fit", json_new_str(fit));
		if (record_head(w, rows[i], &r, err) < 0)
			return -1;
		if (!id_eq(r.parent, list))
			return err_set(err, ERR_NOT_FOUND, "not a row of this list");
		if (record_amend(w, rows[i], r.version, &d, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- submit ---- */

static bool camp_ready(struct work *w, const struct grant *g, size_t i)
{
	struct record row = *grant_record(g, i);
	struct err ignored = { 0 };
	return !str_is(text_at(g, i, "fit"), "no") && consent_in_force(w, &row, &ignored) == 0;
}

/* People, families and what each adult said go to the ministry as copies, before the list does. */
static int share_people(struct work *w, const struct grant *rows, const char *kind, const char *state, struct err *err)
{
	struct id *people = NEW_ARRAY(w->mem, struct id, grant_count(rows) + 1), *families = NEW_ARRAY(w->mem, struct id, grant_count(rows) + 1);
	size_t n = 0, nf = 0;
	for (size_t i = 0; i < grant_count(rows); i++) {
		struct id *said, family = ref_at(rows, i, "household");
		size_t k;
		if (state && !state_is(rows, i, state))
			continue;
		people[n++] = ref_at(rows, i, "person");
		families[nf++] = family;
		if (str_is(str_of(kind), "ministry") && (record_referring(w, "consent", "person", people[n - 1], &said, &k, err) < 0 || share_with_kind(w, said, k, kind, err) < 0))
			return -1;
	}
	nf = ids_unique(families, nf);
	for (size_t i = 0; i < nf; i++) {
		struct id *members;
		size_t m;
		if (record_rows(w, "household_member", families[i], &members, &m, err) < 0 || share_with_kind(w, members, m, kind, err) < 0)
			return -1;
	}
	return share_with_kind(w, people, n, kind, err) < 0 ? -1 : share_with_kind(w, families, nf, kind, err);
}

static int card_for(struct work *w, struct id household, struct err *err)
{
	const struct grant *h = open_one(w, "household", household, err);
	if (!h || text_at(h, 0, "card").n || !str_eq(grant_record(h, 0)->owner, w->node->name))
		return h ? 0 : -1;
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "card", json_new_str(card_new(w->mem, w->node->source)));
	return record_set_inside(w, household, f, err) < 0 ? -1 : card_index(w, grant_record(h, 0), err);
}

int prepare_list(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", r->id, err);
	for (size_t i = 0; g && i < grant_count(g); i++) {
		struct id family = ref_at(g, i, "household");
		json_t *f = json_keep(w->mem, json_pack("{s:b}", "camp_ready", (int)camp_ready(w, g, i)));
		if (record_set_inside(w, grant_record(g, i)->id, f, err) < 0 || card_for(w, family, err) < 0)
			return -1;
	}
	return g ? share_people(w, g, "ministry", NULL, err) : -1;
}

/* ---- who became willing or fit after the list had left ---- */

static bool late_at_the_camp(struct work *w, const struct grant *g, size_t i)
{
	return state_is(g, i, "listed") && !str_eq(grant_record(g, i)->owner, w->node->name) && !flag_at(g, i, "camp_ready") && camp_ready(w, g, i);
}

int list_late(struct work *w, struct id list, struct id **out, size_t *n, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", list, err);
	*n = 0;
	*out = NEW_ARRAY(w->mem, struct id, (g ? grant_count(g) : 0) + 1);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (late_at_the_camp(w, g, i))
			(*out)[(*n)++] = grant_record(g, i)->id;
	return g ? 0 : -1;
}

/* Her word goes to the ministry first: without it the row could not be approved there. For a child it is her guardian's. */
static int word_shared(struct work *w, const struct grant *g, size_t i, struct err *err)
{
	struct id *said, who = flag_at(g, i, "minor") ? ref_at(g, i, "guardian") : ref_at(g, i, "person");
	size_t n;
	return record_referring(w, "consent", "person", who, &said, &n, err) < 0 ? -1 : share_with_kind(w, said, n, "ministry", err);
}

int list_late_ready(struct work *w, struct id list, const struct id *rows, size_t n, struct err *err)
{
	const struct grant *g = record_open(w, type_named(w, "nominal_list_row"), rows, n, err);
	for (size_t i = 0; g && i < n; i++) {
		if (!id_eq(grant_record(g, i)->parent, list))
			return err_set(err, ERR_NOT_FOUND, "not a row of this list");
		if (!late_at_the_camp(w, g, i))
			return err_say(err, ERR_CONFLICT, N_("This row changed meanwhile. Open the list again."), NULL);
		if (word_shared(w, g, i, err) < 0 || record_move_granted(w, g, i, "camp_agrees", json_keep(w->mem, json_object()), err) < 0)
			return -1;
	}
	return g ? 0 : -1;
}

int set_camp_ready(struct work *w, const struct record *r, struct err *err)
{
	return record_set_inside(w, r->id, json_keep(w->mem, json_pack("{s:b}", "camp_ready", 1)), err);
}

/* The camp learns that the list is frozen: the centre gets the people who are to come, from their owner. */
int list_share_with_centre(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", r->id, err);
	return g ? share_people(w, g, "centre", "approved", err) : -1;
}

/* ---- approval, row by row ---- */

int row_ready(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "nominal_list_row", r->id, err);
	if (!g)
		return -1;
	bool ready = flag_at(g, 0, "camp_ready") && (flag_at(g, 0, "minor") || flag_at(g, 0, "vetting_ready"));
	return ready ? 0 : refuse_rule(w, r, "row_ready", N_("Not yet."), err);
}

/* An adult: holds. A child: its guardian's row is approved on the same list. */
int guardian_travels(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "nominal_list_row", r->id, err);
	if (!g)
		return -1;
	if (!flag_at(g, 0, "minor"))
		return 0;
	const struct grant *rows = open_referring(w, "nominal_list_row", "person", ref_at(g, 0, "guardian"), err);
	for (size_t i = 0; rows && i < grant_count(rows); i++)
		if (id_eq(grant_record(rows, i)->parent, r->parent) && (state_is(rows, i, "approved") || state_is(rows, i, "boarded")))
			return 0;
	return rows ? refuse_rule(w, r, "guardian_travels", N_("A child travels with the guardian, or after a decision of the child-protection officer."), err) : -1;
}

/* One row: 1 approved, 0 what it needs does not hold, -1. */
static int approve_row(struct work *w, struct id row, struct err *err)
{
	struct err why = { 0 };
	struct refusal before = w->refusal;
	int rc = record_move_inside(w, row, "approve", &why);
	w->refusal = before;
	return rc == 0 ? 1 : why.code == ERR_SAFEGUARD ? 0 : (*err = why, -1);
}

/* Adults first, then the children, who go with a guardian; again as long as there are more, for a guardian may be a child herself. What does not hold leaves the row as
   it is; that is no error. */
int approve_ready_rows(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", r->id, err);
	if (!g)
		return -1;
	bool *done = NEW_ARRAY(w->mem, bool, grant_count(g) + 1);
	for (int round = 0, more = 1; more; round++) {
		more = round == 0;
		for (size_t i = 0; i < grant_count(g); i++) {
			if (done[i] || !state_is(g, i, "listed") || flag_at(g, i, "minor") != (round > 0))
				continue;
			int rc = approve_row(w, grant_record(g, i)->id, err);
			if (rc < 0)
				return -1;
			done[i] = rc == 1;
			more = more || rc == 1;
		}
	}
	return 0;
}

int list_frozen(struct work *w, const struct record *r, struct err *err)
{
	struct record list;
	if (record_head(w, r->parent, &list, err) < 0)
		return -1;
	return str_is(list.state, "frozen") ? 0 : refuse_rule(w, r, "list_frozen", N_("The list is not frozen."), err);
}

/* ---- freezing ---- */

static int digest_set(struct work *w, struct id id, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", id, err);
	struct buf b = buf_new(w->mem, (size_t)1 << 20);
	if (!g)
		return -1;
	for (size_t i = 0; i < grant_count(g); i++)
		if (state_is(g, i, "approved") || state_is(g, i, "boarded")) {
			buf_put(&b, grant_record(g, i)->id.b, 16);
			buf_ch(&b, flag_at(g, i, "reserve") ? 'r' : 'a');
		}
	struct hash h = sha256(buf_bytes(&b));
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "digest", json_new_str(hex(w->mem, bytes_of(h.b, sizeof h.b))));
	return record_set_inside(w, id, f, err);
}

int publish_digest(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *list = digest_set(w, r->id, err) < 0 ? NULL : open_one(w, "nominal_list", r->id, err);
	if (!list)
		return -1;
	return list_share_journey(w, r->id, ref_at(list, 0, "convoy"), ref_at(list, 0, "batch"), err);
}

static int share_rows(struct work *w, const char *type, struct id parent, struct str node, struct err *err)
{
	struct id *ids;
	size_t n;
	return record_rows(w, type, parent, &ids, &n, err) < 0 ? -1 : record_share(w, ids, n, node, err);
}

static int share_convoy(struct work *w, struct id convoy, struct str node, struct err *err)
{
	static const char *const ROWS[] = { "vehicle_leg", "checkpoint_event", "border_handover" };
	struct id *legs;
	size_t n;
	for (size_t i = 0; i < COUNT(ROWS); i++)
		if (share_rows(w, ROWS[i], convoy, node, err) < 0)
			return -1;
	if (record_rows(w, "vehicle_leg", convoy, &legs, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (share_rows(w, "leg_seat", legs[i], node, err) < 0)
			return -1;
	return 0;
}

/* A list, its batch and its convoy with all that stands under them. */
struct journey { struct id batch, convoy, list; };
static int share_journey(struct work *w, const struct journey *j, struct str node, struct err *err)
{
	const struct id heads[] = { j->batch, j->convoy, j->list };
	for (size_t i = 0; i < COUNT(heads); i++)
		if (!id_none(heads[i]) && record_share(w, &heads[i], 1, node, err) < 0)
			return -1;
	return share_rows(w, "nominal_list_row", j->list, node, err) < 0 || (!id_none(j->convoy) && share_convoy(w, j->convoy, node, err) < 0) ? -1 : 0;
}

/* For the camp, the centre, and the node that rides along. */
int list_share_journey(struct work *w, struct id list, struct id convoy, struct id batch, struct err *err)
{
	static const char *const KINDS_TO[] = { "camp", "centre" };
	const struct line *line = &w->node->hooks->line;
	const struct journey j = { batch, convoy, list };
	struct str node;
	for (size_t k = 0; k < COUNT(KINDS_TO); k++) {
		int rc = !line->of_kind || str_is(w->node->kind, KINDS_TO[k]) ? 0 : line->of_kind(w, str_of(KINDS_TO[k]), &node, err);
		if (rc < 0 || (rc == 1 && share_journey(w, &j, node, err) < 0))
			return -1;
	}
	int rides = id_none(convoy) ? 0 : convoy_rider(w, convoy, &node, err);
	return rides == 1 ? share_journey(w, &j, node, err) : rides;
}

/* What is not frozen yet goes when it is. */
int list_share_with_rider(struct work *w, struct id list, struct str node, struct err *err)
{
	struct record r;
	const struct grant *g = record_head(w, list, &r, err) < 0 ? NULL : open_one(w, "nominal_list", list, err);
	if (!g || !(str_is(r.state, "frozen") || str_is(r.state, "departed")))
		return g ? 0 : -1;
	const struct journey j = { ref_at(g, 0, "batch"), (struct id){ { 0 } }, list };      /* the vehicles go over themselves */
	return share_journey(w, &j, node, err);
}

/* ---- amending what is frozen: one row, by two persons of two nodes, numbered, reviewed afterwards (DOMAIN 2, Loading morning) ---- */

int person_on_no_approved_row(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_referring(w, "nominal_list_row", "person", r->subject, err);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (!id_eq(grant_record(g, i)->id, r->id) && (state_is(g, i, "approved") || state_is(g, i, "boarded")))
			return refuse_rule(w, r, "person_on_no_approved_row", N_("This person is on an approved row already."), err);
	return g ? 0 : -1;
}

/* She boards like a reserve row: the plan of seats stays as it is. */
int number_amendment(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", r->parent, err);
	int64_t last = 0;
	for (size_t i = 0; g && i < grant_count(g); i++) {
		int64_t n = json_integer_value(record_value_inside(g, i, "amendment"));
		last = n > last ? n : last;
	}
	json_t *f = json_keep(w->mem, json_pack("{s:I, s:b}", "amendment", (json_int_t)last + 1, "reserve", 1));
	if (!g || record_set_inside(w, r->id, f, err) < 0 || digest_set(w, r->parent, err) < 0)
		return -1;
	return task_open(w, "return", "review_amendment", r->subject, err);
}

/* ---- rules ---- */

json_t *amendment_number(struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	const json_t *n = record_value_inside(g, i, "amendment");
	(void)f;
	return n ? json_new_str(str_fmt(w->mem, "%lld", (long long)json_integer_value(n))) : NULL;
}

json_t *name_of_person(struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	struct err ignored = { 0 };
	(void)f;
	const struct grant *p = open_one(w, "person", ref_at(g, i, "person"), &ignored);
	return p ? json_incref(record_value_inside(p, 0, "name")) : NULL;
}

json_t *ready_of_both(struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	(void)w;
	(void)f;
	bool ready = flag_at(g, i, "camp_ready") && (flag_at(g, i, "minor") || flag_at(g, i, "vetting_ready"));
	return json_string(ready ? "ready" : "not_yet");
}

/* Families and persons who are on approved rows, or boarded: what approval fixed. Empty before. */
static void count_rows(struct work *w, const struct grant *g, size_t *families, size_t *persons)
{
	struct id *family = NEW_ARRAY(w->mem, struct id, grant_count(g) + 1);
	*families = *persons = 0;
	for (size_t i = 0; i < grant_count(g); i++)
		if ((state_is(g, i, "approved") || state_is(g, i, "boarded")) && !flag_at(g, i, "reserve"))
			family[(*persons)++] = ref_at(g, i, "household");
	*families = ids_unique(family, *persons);
}

static json_t *count_of(struct work *w, const struct grant *g, size_t i, bool families)
{
	struct err ignored = { 0 };
	const struct grant *rows = open_rows(w, "nominal_list_row", grant_record(g, i)->id, &ignored);
	size_t f = 0, p = 0;
	if (rows)
		count_rows(w, rows, &f, &p);
	return p ? json_integer((json_int_t)(families ? f : p)) : NULL;
}

json_t *count_families(struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	(void)f;
	return count_of(w, g, i, true);
}

json_t *count_persons(struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	(void)f;
	return count_of(w, g, i, false);
}

json_t *least_advanced(struct work *w, const struct grant *g, size_t i, const struct tfield *f)
{
	const struct type *t = type_named(w, "nominal_list");
	struct err ignored = { 0 };
	struct id *ids;
	size_t n, least = t->nstates;
	(void)f;
	if (record_referring(w, "nominal_list", "batch", grant_record(g, i)->id, &ids, &n, &ignored) < 0)
		return NULL;
	for (size_t k = 0; k < n; k++) {
		struct record r;
		for (size_t s = 0; record_head(w, ids[k], &r, &ignored) == 0 && s < least; s++)
			if (str_eq(t->states[s].name, r.state))
				least = s;
	}
	return json_new_str(t->states[least < t->nstates ? least : 0].name);
}
