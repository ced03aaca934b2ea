#include "exchange/letter.h"
#include "exchange/channel.h"
#include "exchange/exchange_i.h"

SQL(Q_COPY_NEW, 4, "INSERT INTO letter_copy(letter, no, disclosure, at) VALUES(?1,?2,?3,?4)");
SQL(Q_COPIES, 1, "SELECT no, at, back, lost, disclosure FROM letter_copy WHERE letter=?1 ORDER BY no");
SQL(Q_LAST, 1, "SELECT coalesce(max(no), 0) FROM letter_copy WHERE letter=?1");
SQL(Q_BACK, 3, "UPDATE letter_copy SET back=?3 WHERE letter=?1 AND no=?2 AND back=0");
SQL(Q_LOST, 3, "UPDATE letter_copy SET lost=?3 WHERE letter=?1 AND no=?2 AND back=0 AND lost=0");
struct copy_row { int64_t no, at, back, lost; struct id disclosure; };
static const struct field COPY[] = { FIELD(struct copy_row, no), FIELD(struct copy_row, at), FIELD(struct copy_row, back), FIELD(struct copy_row, lost), FIELD(struct copy_row, disclosure) };
#define COPIES_MAX 9
#define RECIPIENT_MAX 120

static const struct type *type_of(const struct work *w, const char *name)
{
	const struct type *t = type_find(w->node->types, str_of(name));
	if (!t)
		die("no type %s", name);
	return t;
}

static struct str text_in(const struct grant *g, const char *field)
{
	const json_t *v = record_value_inside(g, 0, field);
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ 0 };
}

int letter_copies(struct work *w, struct id letter, struct letter_copy **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_COPIES, COPY, w->mem, db_id(letter));
	struct copy_row row;
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct letter_copy, COPIES_MAX + 1);
	*n = 0;
	while (*n < COPIES_MAX && (rc = db_next(&rows, &row, err)) == DB_ROW)
		(*out)[(*n)++] = (struct letter_copy){ .no = row.no, .at_ms = row.at, .back_ms = row.back, .lost_ms = row.lost, .disclosure = row.disclosure };
	db_end(&rows);
	for (size_t i = 0; rc >= 0 && i < *n; i++) {
		const struct grant *g = record_open_inside(w, type_of(w, "disclosure"), &(*out)[i].disclosure, 1, err);
		if (!g)
			return -1;
		(*out)[i].recipient = text_in(g, "recipient");
		(*out)[i].basis = text_in(g, "basis");
	}
	return rc < 0 ? -1 : 0;
}

/* Names on a roll are mostly those of a partner's records. */
static int seats_onward(struct work *w, const struct id *seats, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct record r;
		if (record_head(w, seats[i], &r, err) < 0)
			return -1;
		struct id both[] = { r.id, r.subject };
		if (record_onward(w, both, id_none(r.subject) ? 1 : 2, (struct str){ 0 }, err) < 0)
			return -1;
	}
	return 0;
}

int letter_roll_may(struct work *w, struct id leg, struct err *err)
{
	struct id *seats;
	size_t n;
	return record_onward(w, &leg, 1, (struct str){ 0 }, err) < 0 || record_rows(w, "leg_seat", leg, &seats, &n, err) < 0 ? -1 : seats_onward(w, seats, n, err);
}

/* Who is on the paper: the people of the vehicle, or as many as the writer says. */
static int people_on(struct work *w, const struct grant *letter, int64_t *subjects, json_t *fields, struct err *err)
{
	struct str kind = text_in(letter, "letter_kind");
	struct id leg, *seats;
	size_t n;
	if (!str_is(kind, "roll")) {
		json_t *people = record_value_inside(letter, 0, "people");
		*subjects = str_is(kind, "receipt") ? 1 : json_integer_value(people);
		json_array_append_new(fields, json_string("text"));
		return 0;
	}
	struct record r;
	if (id_parse(text_in(letter, "leg"), &leg) < 0 || record_head(w, leg, &r, err) < 0)
		return err_set(err, ERR_NOT_FOUND, "a roll without its vehicle");
	if (str_is(r.state, "loading"))
		return err_say(err, ERR_CONFLICT, N_("The boarding list of this vehicle is not sealed yet."), NULL);
	if (record_rows(w, "leg_seat", leg, &seats, &n, err) < 0 || seats_onward(w, seats, n, err) < 0)
		return -1;
	*subjects = 0;
	for (size_t i = 0; i < n; i++) {
		struct record seat;
		if (record_head(w, seats[i], &seat, err) < 0)
			return -1;
		*subjects += str_is(seat.state, "boarded") || str_is(seat.state, "reserve_boarded");
	}
	json_array_append_new(fields, json_string("name"));
	json_array_append_new(fields, json_string("seat"));
	return 0;
}

static int disclose(struct work *w, const struct grant *letter, struct str recipient, struct str basis, int64_t no, struct id *disclosure, struct err *err)
{
	json_t *f = json_keep(w->mem, json_object()), *fields = json_array();
	int64_t subjects = 0;
	json_object_set_new(f, "fields_sent", fields);
	if (people_on(w, letter, &subjects, fields, err) < 0)
		return -1;
	json_object_set_new(f, "disclosure_kind", json_string("letter"));
	json_object_set_new(f, "record_type", json_string(str_is(text_in(letter, "letter_kind"), "roll") ? "leg_seat" : "letter"));
	json_object_set_new(f, "subjects", json_integer((json_int_t)subjects));
	json_object_set_new(f, "recipient", json_new_str(recipient));
	json_object_set_new(f, "basis", json_new_str(basis));
	json_object_set_new(f, "purpose", json_new_str(w->purpose));
	json_object_set_new(f, "copy_no", json_integer((json_int_t)no));
	json_object_set_new(f, "onward_ban", json_true());
	struct draft d = { .type = type_of(w, "disclosure"), .by_program = true, .fields = f };
	return record_create(w, &d, disclosure, err);
}

static int may_hand_out(struct work *w, const struct grant *g, struct str recipient, struct str basis, int64_t *no, struct err *err)
{
	struct str state = grant_record(g, 0)->state;
	const struct tfield *ground = type_field(type_of(w, "disclosure"), STR("basis"));
	if (!record_may_create(w, grant_record(g, 0)->type))
		return err_say(err, ERR_FORBIDDEN, N_("Your role does not allow this."), NULL);
	if (!str_is(state, "signed") && !str_is(state, "handed_out"))
		return err_say(err, ERR_CONFLICT, N_("Only a signed letter is handed out."), NULL);
	if (!recipient.n || utf8_count(recipient) > RECIPIENT_MAX || !code_find(ground->codes, basis))
		return err_say(err, ERR_VALUE, N_("Say who receives the copy, and on what ground."), NULL);
	*no = DB_COUNT(w->tx, &Q_LAST, db_id(grant_record(g, 0)->id)) + 1;
	return *no > COPIES_MAX ? err_say(err, ERR_VALUE, N_("Nine copies are out: write a new letter."), NULL) : *no < 1 ? -1 : 0;
}

static int on_paper(struct work *w, const struct grant *g, struct id letter, struct err *err)
{
	struct str text = text_in(g, "text"), paper = { 0 };
	return texts_onward(w, &text, 1, &paper, 1, letter, err);
}

int letter_hand_out(struct work *w, struct id letter, struct str recipient, struct str basis, int64_t *no, struct err *err)
{
	struct id disclosure;
	const struct grant *g = record_open(w, type_of(w, "letter"), &letter, 1, err);
	if (!g || may_hand_out(w, g, recipient, basis, no, err) < 0 || on_paper(w, g, letter, err) < 0 || disclose(w, g, recipient, basis, *no, &disclosure, err) < 0)
		return -1;
	if (DB_RUN(w->tx, &Q_COPY_NEW, err, db_id(letter), db_int(*no), db_id(disclosure), db_time(w->now_ms)) < 0)
		return -1;
	return record_move_inside(w, letter, "hand_out", err);
}

int letter_copy_tell(struct work *w, struct id letter, int64_t no, bool back, struct err *err)
{
	const struct grant *g = record_open(w, type_of(w, "letter"), &letter, 1, err);
	if (!g)
		return -1;
	if (!record_may_create(w, grant_record(g, 0)->type))
		return err_say(err, ERR_FORBIDDEN, N_("Your role does not allow this."), NULL);
	int rows = str_is(grant_record(g, 0)->state, "handed_out") ? DB_RUN(w->tx, back ? &Q_BACK : &Q_LOST, err, db_id(letter), db_int(no), db_time(w->now_ms)) : 0;
	if (rows <= 0)
		return rows < 0 ? -1 : err_say(err, ERR_CONFLICT, N_("This was told of the copy already, or the letter is closed."), NULL);
	return work_enter(w, &(struct entry){ .act = ACT_MOVE, .actor = w->actor.account, .role = w->actor.role, .type = STR("letter"), .move = back ? STR("copy_back") : STR("copy_lost"),
	    .count = (uint64_t)no }, err);
}

bool letter_page_may(const struct work *w, const struct record *r, size_t n)
{
	return n < LETTER_PAGES_MAX && record_may_create(w, r->type) && (str_is(r->state, "received") || str_is(r->state, "in_work"));
}

int letter_page_add(struct work *w, const struct record *r, struct bytes jpeg, struct err *err)
{
	struct id *ids, page;
	size_t n;
	if (record_rows(w, "letter_in_page", r->id, &ids, &n, err) < 0)
		return -1;
	if (!letter_page_may(w, r, n))
		return err_say(err, ERR_CONFLICT, N_("Pages are added while the letter is worked on, 8 beside the first."), NULL);
	struct draft d = { .type = type_of(w, "letter_in_page"), .parent = r->id, .unit = r->unit, .by_program = true, .fields = json_keep(w->mem, json_object()) };
	json_object_set_new(d.fields, "image", json_new_str(base64(w->mem, jpeg)));
	return record_create(w, &d, &page, err);
}

static int copies_counted(struct work *w, struct id letter, size_t *out, size_t *lost, struct err *err)
{
	struct copy_row row;
	struct rows rows = DB_QUERY(w->tx, &Q_COPIES, COPY, w->mem, db_id(letter));
	int rc;
	*out = *lost = 0;
	while ((rc = db_next(&rows, &row, err)) == DB_ROW) {
		*out += !row.back && !row.lost;
		*lost += !row.back && row.lost;
	}
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int copies_back(struct work *w, const struct record *r, struct err *err)
{
	size_t out, lost;
	if (copies_counted(w, r->id, &out, &lost, err) < 0)
		return -1;
	return out || lost ? err_say(err, ERR_SAFEGUARD, N_("Not every copy came back: say of each one on the page of the letter that it came back or was lost."), NULL) : 0;
}

int copies_lost(struct work *w, const struct record *r, struct err *err)
{
	size_t out, lost;
	if (copies_counted(w, r->id, &out, &lost, err) < 0)
		return -1;
	return out || !lost ? err_say(err, ERR_SAFEGUARD, N_("Say of each copy on the page of the letter that it came back or was lost; a letter of which all came back is closed as such."), NULL) : 0;
}

int letter_of_roll(struct work *w, struct id leg, struct id *letter, struct err *err)
{
	const struct type *t = type_of(w, "letter");
	struct id *ids;
	size_t n;
	if (record_referring(w, "letter", "leg", leg, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (str_is(r.state, "signed") || str_is(r.state, "handed_out")) {
			*letter = r.id;
			return 0;
		}
	}
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "letter_kind", json_string("roll"));
	json_object_set_new(f, "leg", json_new_str(id_text(w->mem, leg)));
	json_object_set_new(f, "letter_date", json_new_str(str_sub(time_text(w->mem, w->now_ms), 0, 10)));
	struct draft d = { .type = t, .unit = w->actor.unit, .fields = f };
	return record_create(w, &d, letter, err) < 0 ? -1 : record_move_inside(w, *letter, "sign", err);
}
