#include "journey/search.h"
#include "web/html.h"
#include "web/pages.h"
#include "web/session.h"

/* Writing by programs: the same drafts and moves as the forms. A request carries a key of its sender (Idempotency-Key); what was done under it is kept
   as long as a form is, and the same request gets the same answer. The same key with other content is refused. */
#define KEY_MAX 64
struct asked { const struct type *type; struct record record; json_t *body; struct str key, digest; };

/* A header is one of printable ASCII: it goes into no page and no log, and the table of done forms has room. */
static bool key_fits(struct str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] <= ' ' || key.p[i] > '~')
			return false;
	return key.n > 0 && key.n <= KEY_MAX;
}

static int members_known(const json_t *body, const char *const *names, size_t n, struct err *err)
{
	const char *name;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)body, name, v) {
		bool known = false;
		for (size_t i = 0; i < n; i++)
			known = known || strcmp(name, names[i]) == 0;
		if (!known)
			return err_say(err, ERR_FORMAT, N_("The request has a member that is not known."), NULL);
	}
	return 0;
}

static int asked_read(struct work *w, const struct request *q, struct asked *c, struct err *err)
{
	struct str media = q->content_type;
	media = str_trim(str_cut(&media, ';'));
	if (!str_is(str_lower(w->mem, media), "application/json"))
		return err_say(err, ERR_FORMAT, N_("The request must be application/json."), NULL);
	if (!key_fits(q->idempotency_key))
		return err_say(err, ERR_FORMAT, N_("The header Idempotency-Key is missing or too long."), NULL);
	c->body = json_read(w->mem, q->body, err);
	if (!json_is_object(c->body))
		return err_say(err, ERR_FORMAT, N_("This could not be read. Nothing was changed."), NULL);
	c->type = type_find(w->node->types, request_param(q, "type").n ? request_param(q, "type") : json_str(c->body, "type"));
	if (!c->type)
		return err_set(err, ERR_NOT_FOUND, "no such type");
	struct hash h = sha256(str_bytes(str_fmt(w->mem, S_FMT "\n" S_FMT, S_ARG(q->path), S_ARG(q->body))));
	c->digest = hex(w->mem, bytes_of(h.b, sizeof h.b));
	c->key = str_join(w->mem, STR("api:"), q->idempotency_key);
	return told_time(w, json_str(c->body, "event_time"), err);
}

static int answer(struct work *w, struct response *a, struct str location)
{
	bool waits = str_starts(location, STR("/proposals/"));
	struct str id = location;
	while (str_find(id, STR("/")) < id.n)
		str_cut(&id, '/');
	json_t *body = json_object();
	json_object_set_new(body, waits ? "proposal" : "id", json_new_str(id));
	json_object_set_new(body, "location", json_new_str(location));
	a->type = "application/json";
	a->body = json_write(w->mem, json_keep(w->mem, body));
	response_header(a, "Location", location);
	page_headers(a);
	return 0;
}

/* 1 answered again, 0 new, -1. What is kept: digest of the request, status, place. */
static int again(struct work *w, const struct asked *c, struct response *a, struct err *err)
{
	struct str kept;
	uint64_t status = 0;
	int rc = done_find_key(w, c->key, &kept, err);
	if (rc <= 0)
		return rc;
	if (!str_eq(str_cut(&kept, ' '), c->digest) || str_u64(str_cut(&kept, ' '), &status) < 0)
		return err_say(err, ERR_CONFLICT, N_("This Idempotency-Key was used for another request."), NULL);
	a->status = (int)status;
	answer(w, a, kept);
	return 1;
}

static int finish(struct work *w, const struct asked *c, struct response *a, int status, struct str location, struct err *err)
{
	a->status = status;
	answer(w, a, location);
	return done_keep_key(w, c->key, str_fmt(w->mem, S_FMT " %d " S_FMT, S_ARG(c->digest), status, S_ARG(location)), err);
}

/* Faults of values name their fields; anything else goes up to web_error. */
static int faults_or_up(struct work *w, const struct draft *d, struct response *a, struct err *err)
{
	if (err->code != ERR_VALUE || d->nfaults == 0)
		return -1;
	json_t *list = json_array();
	for (size_t i = 0; i < d->nfaults; i++) {
		json_t *one = json_object();
		json_object_set_new(one, "field", json_new_str(d->faults[i].field->name));
		json_object_set_new(one, "message", json_string(d->faults[i].sentence));
		json_array_append_new(list, one);
	}
	const struct err_class *c = err_class(ERR_VALUE);
	a->status = c->http_status;
	a->type = "application/json";
	a->body = json_write(w->mem, json_keep(w->mem, json_pack("{s:s, s:s, s:o}", "error", c->name, "message", c->user, "faults", list)));
	*err = (struct err){ 0 };
	page_headers(a);
	return 0;
}

/* What a form would not offer a program cannot send: hidden fields, and the field that holds the parent. */
static json_t *fields_of(const struct asked *c, struct err *err)
{
	json_t *fields = json_object_get(c->body, "fields"), *v;
	const char *name;
	if (!json_is_object(fields))
		return err_say(err, ERR_FORMAT, N_("The request needs an object \"fields\"."), NULL), (json_t *)NULL;
	json_object_foreach(fields, name, v) {
		const struct tfield *f = type_field(c->type, str_of(name));
		if (!f || f->hidden || f->derived || str_eq(f->name, c->type->parent_field))
			return err_say(err, ERR_FORMAT, N_("A field of that name cannot be written."), NULL), (json_t *)NULL;
	}
	return fields;
}

int api_create(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const MEMBERS[] = { "fields", "parent", "event_time" };
	struct asked c = { 0 };
	struct draft d = { 0 };
	struct id id;
	if (asked_read(w, q, &c, err) < 0)
		return -1;
	int done = again(w, &c, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (members_known(c.body, MEMBERS, COUNT(MEMBERS), err) < 0 || !(d.fields = fields_of(&c, err)))
		return -1;
	if (json_object_get(c.body, "parent") && id_parse(json_str(c.body, "parent"), &d.parent) < 0)
		return err_set(err, ERR_FORMAT, "parent is no id");
	d.type = c.type;
	d.unit = w->actor.unit;
	if (record_create(w, &d, &id, err) < 0)
		return faults_or_up(w, &d, a, err);
	return finish(w, &c, a, 201, url_of(w->mem, "/api/1/%/%", PARTS(c.type->name, id_text(w->mem, id))), err);
}

/* The record of the address, and the version that the program saw. */
static int record_of(struct work *w, const struct request *q, struct asked *c, int64_t *seen, struct err *err)
{
	struct id id;
	if (id_parse(request_param(q, "id"), &id) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such record");
	if (record_head(w, id, &c->record, err) < 0)
		return -1;
	if (c->record.type != c->type)
		return err_set(err, ERR_NOT_FOUND, "no such record");
	*seen = json_int(c->body, "version", -1);
	return *seen >= 0 ? 0 : err_say(err, ERR_FORMAT, N_("The request needs the version that was seen."), NULL);
}

int api_amend(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const MEMBERS[] = { "fields", "version", "event_time" };
	struct asked c = { 0 };
	struct draft d = { 0 };
	int64_t seen;
	if (asked_read(w, q, &c, err) < 0)
		return -1;
	int done = again(w, &c, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (members_known(c.body, MEMBERS, COUNT(MEMBERS), err) < 0 || record_of(w, q, &c, &seen, err) < 0 || !(d.fields = fields_of(&c, err)))
		return -1;
	d.type = c.type;
	if (record_amend(w, c.record.id, seen, &d, err) < 0)
		return faults_or_up(w, &d, a, err);
	return finish(w, &c, a, 200, url_of(w->mem, "/api/1/%/%", PARTS(c.type->name, id_text(w->mem, c.record.id))), err);
}

int api_move(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const MEMBERS[] = { "version", "reason", "own_word", "event_time" }, *const WITH[] = { "reason", "own_word" };
	struct asked c = { 0 };
	struct id proposal = { 0 };
	int64_t seen;
	if (asked_read(w, q, &c, err) < 0)
		return -1;
	int done = again(w, &c, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (members_known(c.body, MEMBERS, COUNT(MEMBERS), err) < 0 || record_of(w, q, &c, &seen, err) < 0)
		return -1;
	if (!type_move(c.type, request_param(q, "move")))
		return err_set(err, ERR_NOT_FOUND, "no such move");
	struct draft d = { .type = c.type, .fields = json_keep(w->mem, json_object()) };
	for (size_t i = 0; i < COUNT(WITH); i++)
		if (json_str(c.body, WITH[i]).n)
			json_object_set_new(d.fields, WITH[i], json_new_str(json_str(c.body, WITH[i])));
	if (record_move(w, c.record.id, seen, request_param(q, "move"), &d, &proposal, err) < 0)
		return faults_or_up(w, &d, a, err);
	if (!id_none(proposal))
		return finish(w, &c, a, 202, url_of(w->mem, "/proposals/%", PARTS(id_text(w->mem, proposal))), err);
	return finish(w, &c, a, 200, url_of(w->mem, "/api/1/%/%", PARTS(c.type->name, id_text(w->mem, c.record.id))), err);
}

/* By name, in the own charge; outside it people search on the pages. What is typed stands in no address; the result is at the place of the answer, for 15 minutes. */
int api_search(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const MEMBERS[] = { "type", "name", "mother", "birth", "place", "within" };
	struct asked c = { 0 };
	struct str token;
	if (asked_read(w, q, &c, err) < 0)
		return -1;
	int done = again(w, &c, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	struct search s = { .type = c.type, .name = str_trim(json_str(c.body, "name")), .mother = str_trim(json_str(c.body, "mother")),
		.birth = digits_ascii(w->mem, str_trim(json_str(c.body, "birth"))), .place = json_str(c.body, "place") };
	if (members_known(c.body, MEMBERS, COUNT(MEMBERS), err) < 0)
		return -1;
	if (json_str(c.body, "within").n && id_parse(json_str(c.body, "within"), &s.within) < 0)
		return err_set(err, ERR_FORMAT, "within is no id");
	if (!w->purpose.n)
		return err_say(err, ERR_FORBIDDEN, N_("Choose a purpose first: records about people are opened for a purpose only."), NULL);
	return search_make(w, &s, &token, err) < 0 ? -1 : finish(w, &c, a, 201, url_of(w->mem, "/api/1/searches/%", PARTS(token)), err);
}
