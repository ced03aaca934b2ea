#include "journey/journey_i.h"
#include "exchange/recall.h"

/* Vetting as far as this goes: the ministry asks about adults, the office answers ready or not yet. What leaves is a name, the mother's name, the year of birth, and a
   random reference, shuffled over at least 100 adults or a day: no family, no batch, no tent, no order (DOMAIN 2). */
SQL(Q_ASKED, 3, "INSERT INTO journey_asked(ref, record, node) VALUES(?1,?2,?3)");
SQL(Q_BY_REF, 1, "SELECT record, node FROM journey_asked WHERE ref=?1");
SQL(Q_REF_OF, 1, "SELECT ref, node FROM journey_asked WHERE record=?1");
struct asked { struct id record; struct str node; };
struct ref_row { struct bytes ref; struct str node; };
static const struct field ASKED[] = { FIELD(struct asked, record), FIELD(struct asked, node) };
static const struct field REF_ROW[] = { FIELD(struct ref_row, ref), FIELD(struct ref_row, node) };
#define SHUFFLED_OVER 100
#define DAY_MS (24LL * 3600 * 1000)
#define AT_ONCE 2000

/* Child or presumed child: refused by the program, whoever asks. */
int adult(struct work *w, const struct record *r, struct err *err)
{
	return is_child(w, r->subject) ? refuse_rule(w, r, "child", N_("Who is or may be under 18 is never a subject of vetting."), err) : 0;
}

int answer_given(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_one(w, "vetting_check", r->id, err);
	if (!g)
		return -1;
	return record_value_inside(g, 0, "ready") ? 0 : err_say(err, ERR_VALUE, N_("Choose ready or not yet."), NULL);
}

static bool asked_before(struct work *w, struct id person)
{
	struct err ignored = { 0 };
	const struct grant *g = open_referring(w, "vetting_request", "person", person, &ignored);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (!state_is(g, i, "expired"))
			return true;
	return false;
}

static bool told(struct work *w, struct id person)
{
	struct err ignored = { 0 };
	const struct grant *g = open_referring(w, "consent", "person", person, &ignored);
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (state_is(g, i, "given") && flag_at(g, i, "informed"))
			return true;
	return false;
}

static struct draft request_for(struct work *w, struct id person)
{
	return (struct draft){ .type = type_named(w, "vetting_request"), .by_program = true,
		.fields = json_keep(w->mem, json_pack("{s:s, s:s}", "person", id_text(w->mem, person).p, "request_type", "repatriation")) };
}

static bool to_be_asked(struct work *w, struct id person)
{
	return !is_child(w, person) && told(w, person) && !asked_before(w, person);
}

/* A draft for each adult of the list who was told and has no question open; children never. */
int open_vetting_requests(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = open_rows(w, "nominal_list_row", r->id, err);
	struct draft *d = g ? NEW_ARRAY(w->mem, struct draft, grant_count(g) + 1) : NULL;
	size_t n = 0;
	for (size_t i = 0; g && i < grant_count(g); i++)
		if (state_is(g, i, "listed") && to_be_asked(w, ref_at(g, i, "person")))
			d[n++] = request_for(w, ref_at(g, i, "person"));
	struct id *ids = NEW_ARRAY(w->mem, struct id, n + 1);
	return g ? record_create_many(w, d, n, ids, err) : -1;
}

/* A consent may arrive after the list that it belongs to, or be given later. */
int open_vetting_request(struct work *w, const struct record *consent, struct err *err)
{
	const struct grant *g = open_referring(w, "nominal_list_row", "person", consent->subject, err);
	struct id id;
	for (size_t i = 0; g && i < grant_count(g); i++) {
		struct record list;
		if (record_head(w, grant_record(g, i)->parent, &list, NULL) < 0 || !str_is(list.state, "submitted") || !state_is(g, i, "listed") ||
		    !to_be_asked(w, consent->subject))
			continue;
		struct draft d = request_for(w, consent->subject);
		return record_create(w, &d, &id, err);
	}
	return g ? 0 : -1;
}

static void shuffle(const struct source *s, struct id *ids, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		uint64_t r;
		source_fill(s, &r, sizeof r);
		size_t k = (size_t)(r % i);
		struct id t = ids[i - 1];
		ids[i - 1] = ids[k];
		ids[k] = t;
	}
}

static json_t *question(struct work *w, const struct grant *request, size_t i, struct str to, struct err *err)
{
	uint8_t ref[16];
	struct date birth;
	const struct grant *p = open_one(w, "person", ref_at(request, i, "person"), err);
	if (!p || date_parse(text_at(p, 0, "birth"), &birth) < 0)
		return NULL;
	source_fill(w->node->source, ref, sizeof ref);
	if (DB_RUN(w->tx, &Q_ASKED, err, db_blob(bytes_of(ref, sizeof ref)), db_id(grant_record(request, i)->id), db_text(to)) < 0)
		return NULL;
	json_t *o = json_keep(w->mem, json_pack("{s:s, s:s, s:i, s:s}", "ref", hex(w->mem, bytes_of(ref, sizeof ref)).p, "name", str_z(w->mem, text_at(p, 0, "name")),
	    "birth_year", (int)birth.y, "request_type", str_z(w->mem, text_at(request, i, "request_type"))));
	if (text_at(p, 0, "mother_name").n)
		json_object_set_new(o, "mother_name", json_new_str(text_at(p, 0, "mother_name")));
	return o;
}

static int send_questions(struct work *w, const struct id *ids, size_t n, struct err *err)
{
	struct str to;
	int rc = w->node->hooks->line.of_kind ? w->node->hooks->line.of_kind(w, STR("vetting"), &to, err) : 0;
	if (rc <= 0)
		return rc < 0 ? -1 : err_say(err, ERR_VALUE, N_("There is no partner office of the kind that takes this over."), NULL);
	const struct grant *g = record_open(w, type_named(w, "vetting_request"), ids, n, err);
	json_t *items = json_keep(w->mem, json_array()), *body = json_keep(w->mem, json_object());
	for (size_t i = 0; g && i < n; i++) {
		json_t *o = question(w, g, i, to, err);
		if (!o || record_move_granted(w, g, i, "submit", json_keep(w->mem, json_object()), err) < 0)
			return -1;
		json_array_append(items, o);
	}
	json_object_set(body, "items", items);
	struct line_note note = { .to = to, .kind = "request", .body = body, .purpose = STR("vetting"), .basis = STR("statute"), .subjects = n,
		.fields = STR("name,mother_name,birth_year") };
	return g ? w->node->hooks->line.send(w, &note, err) : -1;
}

/* Whom the camp does not let pass on waits; nobody else waits for that. Only where nobody may go, the reason is said. */
static int may_be_asked(struct work *w, struct id *ids, size_t *n, struct err *err)
{
	struct str to;
	int rc = w->node->hooks->line.of_kind ? w->node->hooks->line.of_kind(w, STR("vetting"), &to, err) : 0;
	size_t kept = 0;
	struct id barred = { { 0 } };
	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < *n; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (record_onward_may(w, r.subject, to))
			ids[kept++] = ids[i];
		else
			barred = r.subject;
	}
	rc = kept || !*n ? 0 : record_onward(w, &barred, 1, to, err);
	*n = kept;
	return rc;
}

int vetting_send(struct work *w, size_t *sent, size_t *waiting, struct err *err)
{
	struct id *ids;
	size_t n, total;
	struct record oldest = { 0 };
	struct record_query q = { .state = STR("draft"), .limit = AT_ONCE, .oldest_first = true };
	*sent = 0;
	if (record_list(w, type_named(w, "vetting_request"), &q, &ids, &n, &total, err) < 0 || (n && record_head(w, ids[0], &oldest, err) < 0))
		return -1;
	*waiting = n;
	if (n == 0 || (n < SHUFFLED_OVER && oldest.created_ms > w->now_ms - DAY_MS))
		return 0;
	if (may_be_asked(w, ids, &n, err) < 0)
		return -1;
	shuffle(w->node->source, ids, n);
	for (size_t from = 0; from < n; from += VETTING_MAX)
		if (send_questions(w, ids + from, n - from < VETTING_MAX ? n - from : VETTING_MAX, err) < 0)
			return -1;
	*sent = n;
	*waiting -= n;
	return 0;
}

/* ---- at the vetting office ---- */

static int keep_refs(struct work *w, struct str from, json_t *items, const struct id *ids, struct err *err)
{
	for (size_t i = 0; i < json_array_size(items); i++) {
		struct bytes ref;
		if (hex_read(w->mem, json_str(json_array_get(items, i), "ref"), &ref) < 0 || ref.n != 16)
			return err_set(err, ERR_FORMAT, "a question without a reference");
		if (DB_RUN(w->tx, &Q_ASKED, err, db_blob(ref), db_id(ids[i]), db_text(from)) < 0)
			return -1;
	}
	return 0;
}

int vetting_receive(struct work *w, struct str from, json_t *body, struct err *err)
{
	static const char *const FIELDS[] = { "request_type", "name", "mother_name", "birth_year" };
	json_t *items = json_object_get(body, "items");
	size_t n = json_array_size(items);
	struct draft *d = NEW_ARRAY(w->mem, struct draft, n + 1);
	struct id *ids = NEW_ARRAY(w->mem, struct id, n + 1);
	for (size_t i = 0; i < n; i++) {
		json_t *f = json_keep(w->mem, json_object());
		int32_t first, last;
		struct date birth = { .precision = DATE_Y, .y = (int16_t)json_int(json_array_get(items, i), "birth_year", 0) };
		date_span(birth, &first, &last);
		if (date_child(birth, day_of_ms(w->now_ms)) != CHILD_NO)
			return err_set(err, ERR_SAFEGUARD, "a question about somebody who may be under 18");
		for (size_t k = 0; k < COUNT(FIELDS); k++) {
			json_t *v = json_object_get(json_array_get(items, i), FIELDS[k]);
			if (v)
				json_object_set(f, FIELDS[k], v);
		}
		d[i] = (struct draft){ .type = type_named(w, "vetting_check"), .unit = STR("vetting"), .by_program = true, .fields = f };
	}
	return record_create_many(w, d, n, ids, err) < 0 ? -1 : keep_refs(w, from, items, ids, err);
}

int vetting_answer(struct work *w, const struct id *checks, const bool *ready, size_t n, struct err *err)
{
	if (n > VETTING_MAX)
		return err_say(err, ERR_TOO_LARGE, N_("At most 300 at once."), NULL);
	if (!record_open(w, type_named(w, "vetting_check"), checks, n, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		struct id proposal;
		struct draft change = { .fields = json_keep(w->mem, json_pack("{s:b}", "ready", (int)ready[i])) };
		if (record_head(w, checks[i], &r, err) < 0 || record_amend(w, checks[i], r.version, &change, err) < 0 || record_head(w, checks[i], &r, err) < 0 ||
		    record_move(w, checks[i], r.version, STR("answer"), NULL, &proposal, err) < 0)
			return -1;
	}
	return 0;
}

int vetting_approve(struct work *w, const struct id *checks, size_t n, bool yes, struct str reason, struct err *err)
{
	if (n > VETTING_MAX)
		return err_say(err, ERR_TOO_LARGE, N_("At most 300 at once."), NULL);
	for (size_t i = 0; i < n; i++) {
		struct proposal *p;
		size_t k;
		if (proposals_of(w, checks[i], &p, &k, err) < 0)
			return -1;
		if (k == 0)
			return err_say(err, ERR_CONFLICT, N_("This was decided already."), NULL);
		if (proposal_decide(w, p[0].id, yes, reason, err) < 0)
			return -1;
	}
	return 0;
}

/* Timer: what two people decided goes back, many in a message, in no order. */
int vetting_returns(struct work *w, struct err *err)
{
	struct id *ids;
	size_t n;
	struct str to = { 0 };
	if (!str_is(w->node->kind, "vetting"))
		return 0;
	if (record_in_state(w, "vetting_check", "answered", VETTING_MAX, &ids, &n, err) < 0)
		return -1;
	if (n == 0)
		return 0;
	shuffle(w->node->source, ids, n);
	const struct grant *g = record_open_inside(w, type_named(w, "vetting_check"), ids, n, err);
	json_t *items = json_keep(w->mem, json_array()), *body = json_keep(w->mem, json_object());
	for (size_t i = 0; g && i < n; i++) {
		struct ref_row ref;
		if (DB_ONE(w->tx, &Q_REF_OF, REF_ROW, &ref, w->mem, err, db_id(ids[i])) != DB_ROW)
			return -1;
		if (to.n && !str_eq(to, ref.node))
			continue;                          /* another ministry's: with the next message */
		to = ref.node;
		if (record_move_inside(w, ids[i], "give_back", err) < 0)
			return -1;
		json_array_append_new(items, json_pack("{s:s, s:b}", "ref", hex(w->mem, ref.ref).p, "ready", (int)flag_at(g, i, "ready")));
	}
	json_object_set(body, "items", items);
	struct line_note note = { .to = to, .kind = "reply", .body = body, .purpose = STR("vetting"), .basis = STR("statute"), .subjects = n, .fields = STR("ready") };
	return g ? w->node->hooks->line.send(w, &note, err) : -1;
}

/* ---- back at the ministry ---- */

static int row_answer(struct work *w, struct id person, bool ready, struct err *err)
{
	const struct grant *g = open_referring(w, "nominal_list_row", "person", person, err);
	json_t *f = json_keep(w->mem, json_pack("{s:b}", "vetting_ready", (int)ready));
	for (size_t i = 0; g && i < grant_count(g); i++)
		if ((state_is(g, i, "listed") || state_is(g, i, "later") || (!ready && state_is(g, i, "approved"))) && str_eq(grant_record(g, i)->owner, w->node->name) &&
		    record_set_inside(w, grant_record(g, i)->id, f, err) < 0)
			return -1;
	return g ? 0 : -1;
}

int vetting_answered(struct work *w, struct str from, json_t *body, struct err *err)
{
	json_t *items = json_object_get(body, "items");
	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *o = json_array_get(items, i);
		struct bytes ref;
		struct asked asked;
		struct record r;
		if (hex_read(w->mem, json_str(o, "ref"), &ref) < 0)
			return err_set(err, ERR_FORMAT, "an answer without a reference");
		if (DB_ONE(w->tx, &Q_BY_REF, ASKED, &asked, w->mem, err, db_blob(ref)) != DB_ROW || !str_eq(asked.node, from))
			return err_set(err, ERR_FORBIDDEN, "an answer that was not asked for");
		if (record_head(w, asked.record, &r, err) < 0)
			return -1;
		if (!str_is(r.state, "submitted"))
			continue;                          /* expired, or answered already */
		if (record_move_inside(w, r.id, "answer", err) < 0 || row_answer(w, r.subject, json_is_true(json_object_get(o, "ready")), err) < 0)
			return -1;
	}
	return 0;
}

/* ---- annulled ---- */

/* By two persons of the vetting office: the answer ends where it went, and the question here at once (DOMAIN 5, Clocks). */
int vetting_annulled(struct work *w, const struct record *r, struct err *err)
{
	struct ref_row ref;
	struct id id;
	size_t n;
	if (DB_ONE(w->tx, &Q_REF_OF, REF_ROW, &ref, w->mem, err, db_id(r->id)) != DB_ROW || ref.ref.n != sizeof id.b)
		return err_set(err, ERR_FAULT, "an answer without a reference");
	memcpy(id.b, ref.ref.p, sizeof id.b);
	return recall_carried(w, id, &n, err) < 0 ? -1 : record_erase_one(w, r->id, STR("annulled"), err);
}

/* At the ministry: the row is as if nobody had answered, and whoever still waits on a list is asked about anew. An answer that comes after its recall finds nobody who waits for it. */
static int answer_ends(struct work *w, const struct record *request, struct err *err)
{
	bool open = str_is(request->state, "submitted");
	if (!open && !str_is(request->state, "answered"))
		return 0;
	if (record_move_inside(w, request->id, open ? "expire" : "annul", err) < 0 || row_answer(w, request->subject, false, err) < 0)
		return -1;
	return open_vetting_request(w, request, err);
}

int vetting_recalled(struct work *w, struct str from, json_t *body, struct err *err)
{
	json_t *records = json_object_get(body, "records");
	for (size_t i = 0; str_is(w->node->kind, "ministry") && i < json_array_size(records); i++) {
		struct id ref;
		struct asked asked;
		struct record r;
		if (id_parse(str_of(json_string_value(json_array_get(records, i))), &ref) < 0)
			continue;                          /* said by the one that destroys copies */
		int rc = DB_ONE(w->tx, &Q_BY_REF, ASKED, &asked, w->mem, err, db_blob(bytes_of(ref.b, sizeof ref.b)));
		if (rc < 0 || (rc == DB_ROW && str_eq(asked.node, from) && (record_head(w, asked.record, &r, err) < 0 || answer_ends(w, &r, err) < 0)))
			return -1;
	}
	return 0;
}
