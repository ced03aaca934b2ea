#include "journey/search.h"
#include "journey/import.h"
#include "journey/journey_i.h"
#include "journey/search_i.h"

static const char *const TABLES[] = {
	"CREATE TABLE search(id BLOB PRIMARY KEY, account BLOB NOT NULL, at INTEGER NOT NULL, wrapped BLOB NOT NULL, sealed BLOB NOT NULL) STRICT",
	"CREATE INDEX search_at ON search(at)",
	/* outside the own scope: what oversight sees of it */
	"CREATE TABLE search_wide(at INTEGER NOT NULL, role TEXT NOT NULL, purpose TEXT NOT NULL, reason TEXT NOT NULL, shown INTEGER NOT NULL) STRICT",
	"CREATE INDEX search_wide_at ON search_wide(at)",
};
const struct migrations SEARCH_MIGRATIONS = { "search", TABLES, COUNT(TABLES) };

SQL(Q_NEW, 5, "INSERT INTO search(id, account, at, wrapped, sealed) VALUES(?1,?2,?3,?4,?5)");
SQL(Q_ONE, 3, "SELECT at, wrapped, sealed FROM search WHERE id=?1 AND account=?2 AND at>?3");
SQL(Q_OLD, 1, "DELETE FROM search WHERE at<=?1");
SQL(Q_WRAPPED_PAGE, 2, "SELECT id, wrapped FROM search WHERE id>?1 ORDER BY id LIMIT ?2");
SQL(Q_WRAPPED_PUT, 2, "UPDATE search SET wrapped=?2 WHERE id=?1");
SQL(Q_WRAPPED_DROP, 1, "DELETE FROM search WHERE id=?1");
SQL(Q_WIDE_NEW, 5, "INSERT INTO search_wide(at, role, purpose, reason, shown) VALUES(?1,?2,?3,?4,?5)");
SQL(Q_WIDE, 1, "SELECT at, role, purpose, reason, shown FROM search_wide ORDER BY at DESC LIMIT ?1");
SQL(Q_WIDE_OLD, 1, "DELETE FROM search_wide WHERE at<=?1");
const struct wrapped_keys SEARCH_WRAPPED[] = { { "search", &Q_WRAPPED_PAGE, &Q_WRAPPED_PUT, &Q_WRAPPED_DROP }, { 0 } };
struct kept { int64_t at; struct bytes wrapped, sealed; };
static const struct field KEPT[] = { FIELD(struct kept, at), FIELD(struct kept, wrapped), FIELD(struct kept, sealed) };
static const struct field WIDE[] = { FIELD(struct wide_search, at), FIELD(struct wide_search, role), FIELD(struct wide_search, purpose), FIELD(struct wide_search, reason),
	FIELD(struct wide_search, shown) };
#define WIDE_KEPT_MS (365LL * 24 * 3600 * 1000)

struct name_who search_who(const struct search *s)
{
	struct name_who who = { .name = s->name, .mother = s->mother, .governorate = s->place };
	if (s->birth.n && date_parse(s->birth, &who.birth) < 0)
		who.birth = (struct date){ 0 };
	return who;
}

/* ---- keeping ---- */

static struct id handle_of(struct str token)
{
	struct id id;
	struct hash h = sha256(str_bytes(token));
	memcpy(id.b, h.b, sizeof id.b);
	return id;
}

static struct str written(struct work *w, const struct search *s)
{
	json_t *hits = json_array(), *j = json_keep(w->mem, json_object());
	const struct { const char *key; struct str value; } TEXTS[] = { { "type", s->type->name }, { "name", s->name }, { "mother", s->mother }, { "birth", s->birth }, { "place", s->place },
		{ "reason", s->reason }, { "within", id_none(s->within) ? (struct str){ 0 } : id_text(w->mem, s->within) },
		{ "twin_of", id_none(s->twin_of) ? (struct str){ 0 } : id_text(w->mem, s->twin_of) } };
	for (size_t i = 0; i < COUNT(TEXTS); i++)
		json_object_set_new(j, TEXTS[i].key, json_new_str(TEXTS[i].value));
	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(hits, json_pack("[s, s, s]", id_text(w->mem, s->hit[i].record).p, id_text(w->mem, s->hit[i].person).p,
		    id_none(s->hit[i].by) ? "" : id_text(w->mem, s->hit[i].by).p));
	json_object_set_new(j, "hits", hits);
	json_object_set_new(j, "wide", json_boolean(s->wide));
	return json_write(w->mem, j);
}

static int search_keep(struct work *w, const struct search *s, struct str *token, struct err *err)
{
	uint8_t random[SEARCH_TOKEN_BYTES], wrapped[WRAPPED_BYTES], key[KEY_BYTES];
	source_fill(w->node->source, random, sizeof random);
	*token = hex(w->mem, bytes_of(random, sizeof random));
	struct id id = handle_of(*token);
	if (keys_wait_new(w->node->keys, wrapped, key, err) < 0)
		return -1;
	struct bytes sealed = seal(w->mem, w->node->source, key, bytes_of(id.b, sizeof id.b), str_bytes(written(w, s)));
	wipe(key, sizeof key);
	return DB_RUN(w->tx, &Q_NEW, err, db_blob(bytes_of(id.b, sizeof id.b)), db_id(w->actor.account), db_int(w->now_ms), db_blob(bytes_of(wrapped, sizeof wrapped)), db_blob(sealed)) < 0 ? -1 : 0;
}

static int read_kept(struct work *w, struct str text, struct search *s, struct err *err)
{
	const json_t *j = json_read(w->mem, text, err), *hits = json_object_get(j, "hits");
	s->type = j ? type_find(w->node->types, json_str(j, "type")) : NULL;
	if (!s->type)
		return err_set(err, ERR_EXPIRED, "a search of a type that is gone");
	s->name = json_str(j, "name");
	s->mother = json_str(j, "mother");
	s->birth = json_str(j, "birth");
	s->place = json_str(j, "place");
	s->reason = json_str(j, "reason");
	s->wide = json_bool(j, "wide");
	id_parse(json_str(j, "within"), &s->within);
	id_parse(json_str(j, "twin_of"), &s->twin_of);
	for (size_t i = 0; i < json_array_size(hits) && s->n < SEARCH_SHOWN; i++) {
		const json_t *hit = json_array_get(hits, i);
		struct search_hit *x = &s->hit[s->n];
		id_parse(str_of(json_string_value(json_array_get(hit, 2))), &x->by);
		if (id_parse(str_of(json_string_value(json_array_get(hit, 0))), &x->record) == 0 && id_parse(str_of(json_string_value(json_array_get(hit, 1))), &x->person) == 0)
			s->n++;
	}
	return 0;
}

int search_find(struct work *w, struct str token, struct search *out, struct err *err)
{
	struct kept k;
	struct id id = handle_of(token);
	uint8_t key[KEY_BYTES];
	struct bytes plain;
	*out = (struct search){ 0 };
	int rc = DB_ONE(w->tx, &Q_ONE, KEPT, &k, w->mem, err, db_blob(bytes_of(id.b, sizeof id.b)), db_id(w->actor.account), db_int(w->now_ms - SEARCH_LIFE_MS));
	if (rc < 0)
		return -1;
	if (rc == 0 || k.wrapped.n != WRAPPED_BYTES)
		return err_say(err, ERR_EXPIRED, N_("This search is over: its result is kept for 15 minutes. Search again."), NULL);
	if (keys_wait_open(w->node->keys, k.wrapped.p, key, err) < 0)
		return -1;
	rc = seal_open(w->mem, key, bytes_of(id.b, sizeof id.b), k.sealed, &plain, err);
	wipe(key, sizeof key);
	out->at_ms = k.at;
	out->token = token;
	return rc < 0 ? -1 : read_kept(w, bytes_str(plain), out, err);
}

int search_timer(struct work *w, struct err *err)
{
	return DB_RUN(w->tx, &Q_OLD, err, db_int(w->now_ms - SEARCH_LIFE_MS)) < 0 || DB_RUN(w->tx, &Q_WIDE_OLD, err, db_int(w->now_ms - WIDE_KEPT_MS)) < 0 ? -1 : 0;
}

/* ---- searching ---- */

/* What was given, never what it was. */
static struct str features(struct work *w, const struct search *s)
{
	const struct { struct str value; const char *word; } F[] = { { s->name, "name" }, { s->mother, "mother_name" }, { s->birth, "birth" }, { s->place, "birth_place" } };
	struct buf b = buf_new(w->mem, 256);
	if (s->wide)
		buf_fmt(&b, "wide," S_FMT, S_ARG(s->reason));
	for (size_t i = 0; i < COUNT(F); i++)
		if (F[i].value.n)
			buf_fmt(&b, "%s%s", b.n ? "," : "", F[i].word);
	return buf_text(&b);
}

static int enter_search(struct work *w, const struct search *s, struct err *err)
{
	struct entry e = { .act = ACT_SEARCH, .actor = w->actor.account, .role = w->actor.role, .type = s->type->name, .purpose = w->purpose, .basis = w->basis,
		.fields = features(w, s), .count = s->n };
	if (work_enter(w, &e, err) < 0)
		return -1;
	return s->wide && DB_RUN(w->tx, &Q_WIDE_NEW, err, db_int(w->now_ms), db_text(w->actor.role), db_text(w->purpose), db_text(s->reason), db_int((int64_t)s->n)) < 0 ? -1 : 0;
}

/* Who asks about two records may open the first, and questions of identity. */
static int twin_asked(struct work *w, const struct search *s, struct err *err)
{
	bool in;
	if (record_in_scope(w, type_named(w, "person"), &s->twin_of, 1, &in, err) < 0)
		return -1;
	return in && str_is(s->type->name, "person") && record_may_create(w, type_named(w, "identity_claim")) ? 0 : err_set(err, ERR_NOT_FOUND, "nobody to be asked about");
}

static int asked_well(struct work *w, const struct search *s, struct err *err)
{
	struct date d;
	if (!s->type->find.n)
		return err_set(err, ERR_NOT_FOUND, "a list without a search");
	if (!id_none(s->twin_of) && twin_asked(w, s, err) < 0)
		return -1;
	if (!s->name.n && !s->mother.n)
		return err_say(err, ERR_VALUE, N_("Type a name, or a part of one."), NULL);
	if (s->name.n > SEARCH_TEXT_MAX || s->mother.n > SEARCH_TEXT_MAX)
		return err_say(err, ERR_VALUE, N_("This is too long."), NULL);
	if (s->birth.n && date_parse(s->birth, &d) < 0)
		return err_say(err, ERR_VALUE, N_("Write a date like 1990, 1990-05 or 1990-05-23."), NULL);
	if (s->wide && !policy_named(w->actor.role, s->type->wide.at, s->type->wide.n)) {
		w->refusal = (struct refusal){ .reason = STR("wide_search"), .type = s->type->name };
		return err_say(err, ERR_FORBIDDEN, N_("Your role searches in its own charge only."), NULL);
	}
	for (size_t i = 0; i < w->node->types->ncodes; i++)
		if (str_is(w->node->types->codes[i].name, "wide_reason") && s->reason.n && !code_find(&w->node->types->codes[i], s->reason))
			return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return s->wide && !s->reason.n ? err_say(err, ERR_VALUE, N_("Say why you search outside your charge."), NULL) : 0;
}

int search_make(struct work *w, struct search *s, struct str *token, struct err *err)
{
	if (asked_well(w, s, err) < 0 || search_reach(w, s, err) < 0 || enter_search(w, s, err) < 0)
		return -1;
	return search_keep(w, s, token, err);
}

int search_ask(struct work *w, const struct search *s, size_t at, struct id *claim, struct err *err)
{
	struct search left = *s;
	if (id_none(s->twin_of) || at >= s->n || twin_asked(w, s, err) < 0)
		return err->code ? -1 : err_set(err, ERR_NOT_FOUND, "no such hit");
	left.hit[0] = s->hit[at];
	left.n = 1;
	search_still(w, &left);
	if (!left.n)
		return err_set(err, ERR_NOT_FOUND, "who was found is gone");
	if (claim_between(w, s->twin_of, left.hit[0].person, claim, err) < 0)
		return -1;
	return !id_none(*claim) ? 0 : claim_open(w, &(struct claim_draft){ .person = s->twin_of, .other = left.hit[0].person, .method = "desk" }, claim, err);
}

int search_wide_list(struct work *w, size_t limit, struct wide_search **out, size_t *n, struct err *err)
{
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct wide_search, limit + 1);
	*n = 0;
	struct rows rows = DB_QUERY(w->tx, &Q_WIDE, WIDE, w->mem, db_int((int64_t)limit));
	while (*n < limit && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	if (*n == limit)
		db_end(&rows);
	return rc < 0 ? -1 : 0;
}
