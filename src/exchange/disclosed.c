#include "exchange/exchange_i.h"
#include "exchange/recall.h"
#include "exchange/records.h"

/* The register of disclosures: every message that is about people leaves a record of what went to whom on what ground, and whether the receiver proved that it has it. Counts
   and classes, no name; written by the program, never by hand (DOMAIN 5). */
SQL(Q_KEEP, 2, "INSERT INTO disclosed(message, record) VALUES(?1,?2)");
SQL(Q_FIND, 1, "SELECT record FROM disclosed WHERE message=?1");
#define DAY_MS (24LL * 3600 * 1000)
struct disclosed_row { struct id record; };
static const struct field DISCLOSED_ROW[] = { FIELD(struct disclosed_row, record) };

static void add_once(json_t *list, struct str word)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (str_is(word, json_string_value(json_array_get(list, i))))
			return;
	if (word.n)
		json_array_append_new(list, json_new_str(word));
}

/* Kinds of record that the body holds, or the fields that a question asks with. */
static void what_was_sent(const struct line_note *n, json_t *types, json_t *fields)
{
	json_t *records = json_object_get(n->body, "records");
	for (size_t i = 0; i < json_array_size(records); i++) {
		json_t *o = json_array_get(records, i), *v;
		const char *name;
		add_once(types, json_str(o, "type"));
		json_object_foreach(json_object_get(o, "fields"), name, v)
			if (json_array_size(fields) < 40)
				add_once(fields, str_of(name));
	}
	for (struct str rest = n->fields; json_array_size(fields) == 0 && rest.n;)
		add_once(fields, str_cut(&rest, ','));
}

/* The day when all of it has to be gone at the receiver: what the first record says (a reply), or what the agreement says of the type that is kept longest, the earlier of both. */
static int ends_there(struct work *w, const struct line_note *n, json_t *types, struct str *day, struct err *err)
{
	struct str said = json_str(json_object_get(json_array_get(json_object_get(n->body, "records"), 0), "fields"), "expires");
	struct received_terms terms;
	int64_t days = -1;
	for (size_t i = 0; !str_is(str_of(n->kind), "handover") && i < json_array_size(types); i++) {
		int rc = exchange_line_terms(w, n->to, n->purpose, str_of(json_string_value(json_array_get(types, i))), &terms, err);
		if (rc < 0)
			return -1;
		days = rc && terms.days > days ? terms.days : days;
	}
	*day = str_sub(said, 0, said.n >= 10 ? 10 : 0);
	struct str agreed = days < 0 ? (struct str){ 0 } : str_sub(time_text(w->mem, w->now_ms + days * DAY_MS), 0, 10);
	if (agreed.n && (!day->n || str_cmp(agreed, *day) < 0))
		*day = agreed;
	return 0;
}

/* Does the agreement let the receiver pass it on to anybody? */
static bool onward_named(struct work *w, const struct line_note *n)
{
	struct onward_rule rules[2];
	struct received_terms terms = { 0 };
	struct str none = { 0 };
	return exchange_line_terms(w, n->to, n->purpose, none, &terms, NULL) == 1 && exchange_line_onward(w, n->to, n->purpose, terms.agreement, rules, NULL) == 0 && str_is(rules[0].word, "named");
}

int disclosure_write(struct work *w, const struct line_note *n, struct id message, struct err *err)
{
	const struct type *t = type_find(w->node->types, STR("disclosure"));
	struct id id;
	if (!t || n->subjects == 0)
		return 0;
	json_t *types = json_keep(w->mem, json_array()), *fields = json_keep(w->mem, json_array()), *f = json_keep(w->mem, json_object());
	what_was_sent(n, types, fields);
	json_object_set_new(f, "disclosure_kind", json_string("message"));
	json_object_set_new(f, "record_type", json_new_str(json_array_size(types) ? str_of(json_string_value(json_array_get(types, 0))) : str_of(n->kind)));
	json_object_set(f, "fields_sent", fields);
	json_object_set_new(f, "subjects", json_integer((json_int_t)n->subjects));
	json_object_set_new(f, "recipient", json_new_str(n->to));
	json_object_set_new(f, "basis", json_new_str(n->basis));
	json_object_set_new(f, "purpose", json_new_str(n->purpose));
	json_object_set_new(f, "receipt", json_new_str(id_text(w->mem, message)));
	json_object_set_new(f, "onward_ban", json_boolean(!onward_named(w, n)));
	struct str ends;
	if (ends_there(w, n, types, &ends, err) < 0)
		return -1;
	if (ends.n)
		json_object_set_new(f, "expires", json_new_str(ends));
	struct draft d = { .type = t, .by_program = true, .fields = f };
	if (record_create(w, &d, &id, err) < 0)
		return err_add(err, "writing a disclosure");
	return DB_RUN(w->tx, &Q_KEEP, err, db_id(message), db_id(id)) < 0 ? -1 : recall_sent(w, n, id, err);
}

/* One that was recalled before its receipt came, or that has ended, stays what it is. */
int disclosure_received(struct work *w, struct id message, struct err *err)
{
	struct disclosed_row row;
	struct record d;
	int rc = DB_ONE(w->tx, &Q_FIND, DISCLOSED_ROW, &row, w->mem, err, db_id(message));
	if (rc != DB_ROW || record_head(w, row.record, &d, err) < 0)
		return rc == DB_ROW ? -1 : rc;
	return str_is(d.state, "made") ? record_move_inside(w, row.record, "note_receipt", err) : 0;
}
