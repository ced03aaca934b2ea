#include "exchange/notice_i.h"

/* Notices: from the outbox onto the lines, and the rules of the two families. */
#define DAY_MS (24LL * 3600 * 1000)

static const char *const OF_A_PERSON[] = { "child_alone", "medical", "papers", "found_person", "doubtful_document" };
/* Offices that work on a journey: they receive a notice of vital interest whatever stands in an agreement. */
static const char *const ON_THE_JOURNEY[] = { "camp", "ministry", "centre", "border", "travel" };

static bool among(struct str word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(word, list[i]))
			return true;
	return false;
}

bool notice_about_person(struct str what)
{
	return among(what, OF_A_PERSON, COUNT(OF_A_PERSON));
}

bool notice_is_vital(struct work *w, struct str what)
{
	json_t *values = json_keep(w->mem, json_object());
	json_object_set_new(values, "what", json_new_str(what));
	return type_vital(notice_type(w), values);
}

const struct type *notice_type(const struct work *w)
{
	return type_find(w->node->types, STR("rapid_notice"));
}

int notice_recipients(struct work *w, struct notice_to **out, size_t *n, size_t *left_out, struct err *err)
{
	struct partner *p;
	size_t partners;
	if (partner_list(w, &p, &partners, err) < 0)
		return -1;
	*out = NEW_ARRAY(w->mem, struct notice_to, partners + 1);
	*n = *left_out = 0;
	for (size_t i = 0; i < partners; i++) {
		struct notice_to to = { .node = p[i].name, .kind = p[i].kind,
			.vital = !exchange_allows(w, p[i].name, STR("transfer"), STR("rapid_notice"), STR("what")) };
		if (!to.vital || among(p[i].kind, ON_THE_JOURNEY, COUNT(ON_THE_JOURNEY)))
			(*out)[(*n)++] = to;
		*left_out += to.vital && !str_is(p[i].kind, "oversight");
	}
	return 0;
}

int notice_write(struct work *w, struct draft *d, struct id *out, struct err *err)
{
	struct id convoy;
	const struct type *t = type_find(w->node->types, STR("convoy"));
	d->type = notice_type(w);
	if (id_parse(json_str(d->fields, "convoy"), &convoy) == 0 && !record_open(w, t, &convoy, 1, err))
		return -1;                             /* a notice about a convoy that is not hers to see */
	if (record_create(w, d, out, err) < 0)
		return -1;
	work_hint(w, HINT_NOTICE);
	return 0;
}

/* ---- out of the outbox ---- */

/* A supporting office helps with vehicles and roads: a notice about a person is not for it, whatever an agreement says. */
static bool goes_to(const struct notice_to *to, struct str what, bool vital)
{
	return (vital || !to->vital) && !(str_is(to->kind, "support") && notice_about_person(what));
}

static json_t *names_of(struct work *w, const struct notice_to *to, size_t n, struct str what)
{
	json_t *list = json_keep(w->mem, json_array());
	bool vital = notice_is_vital(w, what);
	for (size_t i = 0; i < n; i++)
		if (goes_to(&to[i], what, vital))
			json_array_append_new(list, json_new_str(to[i].node));
	return list;
}

static void time_set(struct work *w, json_t *fields, const char *name, int64_t ms)
{
	json_object_set_new(fields, name, json_new_str(time_text(w->mem, ms)));
}

/* One in ten of the first family is looked at too. */
static bool in_sample(struct work *w)
{
	uint8_t r;
	source_fill(w->node->source, &r, 1);
	return r < 26;
}

/* What is owed from now on (DOMAIN 5, Clocks): the clock reads these fields. Who said that a word was no name is looked at by her supervisor. */
static int sent_keep(struct work *w, const struct grant *g, json_t *names, struct err *err)
{
	int64_t now = w->event_ms ? w->event_ms : w->now_ms;
	bool person = notice_about_person(record_text(g, 0, "what")), asked = json_is_true(record_value(g, 0, "second_tap"));
	json_t *fields = json_keep(w->mem, json_object());
	json_object_set(fields, "recipients", names);
	if (asked)
		time_set(w, fields, "review_by", now + DAY_MS);
	if (person) {
		time_set(w, fields, "ground_by", now + DAY_MS);
		time_set(w, fields, "recall_at", now + 7 * DAY_MS);
		time_set(w, fields, "review_by", now + DAY_MS);
	} else if (!asked && in_sample(w)) {
		time_set(w, fields, "review_by", now + 7 * DAY_MS);
	}
	return record_set_inside(w, grant_record(g, 0)->id, fields, err);
}

int send_notice(struct work *w, const struct record *r, struct err *err)
{
	struct notice_to *to;
	size_t n, left_out;
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g || notice_recipients(w, &to, &n, &left_out, err) < 0)
		return -1;
	struct str what = record_text(g, 0, "what");
	bool vital = notice_is_vital(w, what);
	if (sent_keep(w, g, names_of(w, to, n, what), err) < 0 || notice_open_add(w, r, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!goes_to(&to[i], what, vital))
			continue;
		if (record_share(w, &r->id, 1, to[i].node, err) < 0 || (to[i].vital && notice_tell(w, what, to[i].node, true, err) < 0))
			return -1;
	}
	return 0;
}

/* ---- rules ---- */

/* An office speaks for its own notices; a partner's proposal about ours is answered no. */
int own_office(struct work *w, const struct record *r, struct err *err)
{
	if (str_eq(r->owner, w->node->name) && (!w->actor.node.n || str_eq(w->actor.node, w->node->name)))
		return 0;
	return err_say(err, ERR_SAFEGUARD, N_("Only the office that wrote this does it."), NULL);
}

static int what_of(struct work *w, const struct record *r, struct str *what, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (g)
		*what = record_text(g, 0, "what");
	return g ? 0 : -1;
}

int about_a_person(struct work *w, const struct record *r, struct err *err)
{
	struct str what;
	if (what_of(w, r, &what, err) < 0)
		return -1;
	return notice_about_person(what) ? 0 : err_say(err, ERR_SAFEGUARD, N_("This notice is about the convoy: nothing more is asked of it."), NULL);
}

int ground_not_owed(struct work *w, const struct record *r, struct err *err)
{
	struct str what;
	if (what_of(w, r, &what, err) < 0)
		return -1;
	if (!notice_about_person(what))
		return 0;
	if (!w->actor.role.n)
		return err_say(err, ERR_SAFEGUARD, N_("A notice about a person is not settled by the clock."), NULL);
	if (str_is(r->state, "justified"))
		return 0;
	return err_say(err, ERR_SAFEGUARD, N_("The notice is about a person: first give the legal ground, or recall it."), NULL);
}

int review_wanted(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	return record_text(g, 0, "review_by").n ? 0 : err_say(err, ERR_CONFLICT, N_("No review of this notice is wanted, or it was reviewed."), NULL);
}

int note_reviewed(struct work *w, const struct record *r, struct err *err)
{
	json_t *fields = json_keep(w->mem, json_object());
	json_object_set_new(fields, "review_by", json_null());
	return record_set_inside(w, r->id, fields, err);
}

int close_notice(struct work *w, const struct record *r, struct err *err)
{
	return notice_open_end(w, r->id, err);
}

/* Whoever has a copy destroys it and answers with a signed receipt; also while the agreement is suspended. */
int recall_notice(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	json_t *to = g ? record_value(g, 0, "recipients") : NULL;
	if (!g || notice_open_end(w, r->id, err) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(to); i++) {
		struct id id;
		json_t *body = json_keep(w->mem, json_pack("{s:[s], s:s}", "records", id_text(w->mem, r->id).p, "rule", "recalled"));
		struct message m = { .to = str_of(json_string_value(json_array_get(to, i))), .kind = STR("recall"), .purpose = STR("transfer"), .basis = STR("agreement"),
			.media = "application/json", .body = json_write(w->mem, body) };
		if (exchange_queue(w, &m, &id, err) < 0)
			return -1;
	}
	return work_enter(w, &(struct entry){ .act = ACT_RECALL, .actor = w->actor.account, .role = w->actor.role, .type = r->type->name }, err);
}

/* ---- reading it ---- */

int notice_acknowledge(struct work *w, struct id notice, struct err *err)
{
	struct record r;
	struct id ack;
	const struct type *t = type_find(w->node->types, STR("notice_ack"));
	if (record_head(w, notice, &r, err) < 0 || !record_open(w, r.type, &notice, 1, err))
		return -1;
	if (str_is(r.state, "waiting") || str_is(r.state, "withdrawn"))
		return err_say(err, ERR_CONFLICT, N_("This notice has not been sent."), NULL);
	json_t *fields = json_keep(w->mem, json_object());
	json_object_set_new(fields, "role", json_new_str(w->actor.role));
	json_object_set_new(fields, "at", json_new_str(time_text(w->mem, w->now_ms)));
	struct draft d = { .type = t, .fields = fields, .parent = notice, .by_program = true };
	if (record_create(w, &d, &ack, err) < 0 || notice_seen_add(w, notice, err) < 0)
		return -1;
	return str_eq(r.owner, w->node->name) && str_is(r.state, "sent") ? record_move_inside(w, notice, "note_acknowledged", err) : 0;
}

/* ---- a photograph ---- */

bool notice_takes_photo(struct str what)
{
	return str_is(what, "papers") || str_is(what, "doubtful_document");
}

static bool in_list(const json_t *list, struct str word)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (str_is(word, json_string_value(json_array_get(list, i))))
			return true;
	return false;
}

/* The other office has the notice, and the role reads photographs; or it is a desk of our own. */
static int desk_fits(struct work *w, const struct grant *notice, struct str desk, struct str *node, struct err *err)
{
	const struct readers *readers = &type_find(w->node->types, STR("notice_photo"))->readers[CLASS_P];
	struct str rest = desk, role = str_cut(&rest, '@');
	*node = rest;
	for (size_t i = 0; i < readers->n; i++)
		if (str_eq(readers->rules[i].role, role) && (str_eq(rest, w->node->name) || in_list(record_value(notice, 0, "recipients"), rest)))
			return 0;
	return err_say(err, ERR_VALUE, N_("Choose one or two desks that have the notice."), NULL);
}

int notice_photo_add(struct work *w, struct id notice, struct bytes jpeg, const struct str *desks, size_t n, struct err *err)
{
	struct record r;
	struct id id;
	struct str node[NOTICE_DESKS_MAX];
	json_t *fields = json_keep(w->mem, json_object()), *list = json_keep(w->mem, json_array());
	const struct grant *g = record_head(w, notice, &r, err) < 0 ? NULL : record_open(w, r.type, &notice, 1, err);
	if (!g || own_office(w, &r, err) < 0)
		return -1;
	if (!notice_takes_photo(record_text(g, 0, "what")) || (!str_is(r.state, "sent") && !str_is(r.state, "acknowledged") && !str_is(r.state, "justified")))
		return err_say(err, ERR_SAFEGUARD, N_("A photograph goes only with papers and doubtful documents, once the notice was sent."), NULL);
	if (n == 0 || n > NOTICE_DESKS_MAX)
		return err_say(err, ERR_VALUE, N_("Choose one or two desks that have the notice."), NULL);
	for (size_t i = 0; i < n; i++) {
		if (desk_fits(w, g, desks[i], &node[i], err) < 0)
			return -1;
		json_array_append_new(list, json_new_str(desks[i]));
	}
	json_object_set_new(fields, "notice", json_new_str(id_text(w->mem, notice)));
	json_object_set(fields, "desks", list);
	json_object_set_new(fields, "image", json_new_str(base64(w->mem, jpeg)));
	struct draft d = { .type = type_find(w->node->types, STR("notice_photo")), .fields = fields, .by_program = true };
	if (record_create(w, &d, &id, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!str_eq(node[i], w->node->name) && record_share(w, &id, 1, node[i], err) < 0)
			return -1;
	work_hint(w, HINT_NOTICE);
	return 0;
}
