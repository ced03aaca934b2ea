#include "record/record_i.h"

SQL(Q_KEY, 1, "SELECT wrapped FROM subject_key WHERE handle=?1");
SQL(Q_KEY_NEW, 2, "INSERT INTO subject_key(handle, wrapped) VALUES(?1,?2)");
struct key_row { struct bytes wrapped; };
static const struct field WRAPPED[] = { FIELD(struct key_row, wrapped) };

static struct keys_ask ask_of(const struct work *w, const struct type *t)
{
	struct keys_ask ask = { .side = t->side, .classes = t->classes & ~CLASS_BIT(CLASS_O), .purpose = w->purpose };
	memcpy(ask.actor, w->actor.account.b, sizeof ask.actor);
	return ask;
}

static int wrapped_of(struct work *w, struct handle h, uint8_t out[WRAPPED_BYTES], struct err *err)
{
	struct key_row r;
	int rc = DB_ONE(w->tx, &Q_KEY, WRAPPED, &r, w->mem, err, db_blob(bytes_of(h.b, HANDLE_BYTES)));
	if (rc == DB_ROW && r.wrapped.n == WRAPPED_BYTES)
		memcpy(out, r.wrapped.p, WRAPPED_BYTES);
	return rc;
}

/* What was opened once in a work item is not asked for again: an effect over a whole list would else ask the keys process for each row. */
struct known_key { enum side side; unsigned classes; struct id subject; struct subject_key key; };
struct key_cache { struct known_key *at; size_t n, room, *slot, slots; };

static void cache_forget(void *arg)
{
	struct key_cache *c = arg;
	wipe(c->at, c->n * sizeof *c->at);
}

static size_t slot_of(const struct key_cache *c, enum side side, struct id subject)
{
	uint64_t h;
	memcpy(&h, subject.b + 8, sizeof h);               /* the random half of a UUIDv7 */
	return (size_t)((h ^ (uint64_t)side) % c->slots);
}

static struct known_key *cache_find(const struct key_cache *c, enum side side, struct id subject)
{
	for (size_t s = slot_of(c, side, subject); c->slot[s]; s = (s + 1) % c->slots)
		if (c->at[c->slot[s] - 1].side == side && id_eq(c->at[c->slot[s] - 1].subject, subject))
			return &c->at[c->slot[s] - 1];
	return NULL;
}

static void cache_index(struct key_cache *c, size_t i)
{
	size_t s = slot_of(c, c->at[i].side, c->at[i].subject);
	while (c->slot[s])
		s = (s + 1) % c->slots;
	c->slot[s] = i + 1;
}

static void cache_grow(struct work *w, struct key_cache *c, size_t room)
{
	struct known_key *old = c->at;
	c->at = NEW_ARRAY(w->mem, struct known_key, room);
	if (c->n) {
		memcpy(c->at, old, c->n * sizeof *old);
		wipe(old, c->n * sizeof *old);
	}
	c->room = room;
	c->slots = room * 2 + 1;
	c->slot = NEW_ARRAY(w->mem, size_t, c->slots);
	for (size_t i = 0; i < c->n; i++)
		cache_index(c, i);
}

static struct key_cache *cache_of(struct work *w)
{
	if (w->known)
		return w->known;
	w->known = NEW(w->mem, struct key_cache);
	arena_defer(w->mem, cache_forget, w->known);
	cache_grow(w, w->known, 8);
	return w->known;
}

static void cache_put(struct work *w, const struct known_key *k)
{
	struct key_cache *c = cache_of(w);
	struct known_key *there = cache_find(c, k->side, k->subject);
	if (there) {
		*there = *k;
		return;
	}
	if (c->n == c->room)
		cache_grow(w, c, c->room * 4);
	c->at[c->n] = *k;
	cache_index(c, c->n++);
}

/* The subjects not known yet, each once. */
static size_t unknown_of(struct work *w, const struct type *t, const struct id *subjects, size_t n, struct id *out)
{
	struct key_cache *c = cache_of(w);
	unsigned wanted = t->classes & ~CLASS_BIT(CLASS_O);
	size_t m = 0;
	for (size_t i = 0; i < n; i++) {
		struct known_key *k = cache_find(c, t->side, subjects[i]);
		if (k && (k->classes & wanted) == wanted)
			continue;
		if (!k)
			cache_put(w, &(struct known_key){ .side = t->side, .subject = subjects[i] });
		else if (!k->classes)
			continue;                          /* listed by this very question */
		else
			k->classes = 0;
		out[m++] = subjects[i];
	}
	return m;
}

static int keys_of_unknown(struct work *w, const struct type *t, const struct id *subjects, size_t n, struct err *err)
{
	struct id *fresh = NEW_ARRAY(w->mem, struct id, n + 1), *known = NEW_ARRAY(w->mem, struct id, n + 1);
	struct subject_key *old = NEW_ARRAY(w->mem, struct subject_key, n + 1), *made = NEW_ARRAY(w->mem, struct subject_key, n + 1);
	struct handle *handles = NEW_ARRAY(w->mem, struct handle, n + 1);
	struct keys_ask ask = ask_of(w, t);
	size_t nold = 0, nfresh = 0;
	if (keys_handles(w->node->keys, t->side, subjects, n, handles, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc = wrapped_of(w, handles[i], old[nold].wrapped, err);
		if (rc < 0)
			return -1;
		if (rc) {
			old[nold].handle = handles[i];
			known[nold++] = subjects[i];
		} else {
			fresh[nfresh++] = subjects[i];
		}
	}
	if (nold && keys_open(w->node->keys, &ask, old, nold, err) < 0)
		return -1;
	if (nfresh && keys_new(w->node->keys, &ask, fresh, nfresh, made, err) < 0)
		return -1;
	for (size_t i = 0; i < nfresh; i++)
		if (DB_RUN(w->tx, &Q_KEY_NEW, err, db_blob(bytes_of(made[i].handle.b, HANDLE_BYTES)), db_blob(bytes_of(made[i].wrapped, WRAPPED_BYTES))) < 0)
			return -1;
	for (size_t i = 0; i < nold; i++)
		cache_put(w, &(struct known_key){ t->side, ask.classes, known[i], old[i] });
	for (size_t i = 0; i < nfresh; i++)
		cache_put(w, &(struct known_key){ t->side, ask.classes, fresh[i], made[i] });
	wipe(old, nold * sizeof *old);
	wipe(made, nfresh * sizeof *made);
	return 0;
}

/* Several records may be about one subject: each subject is asked for once. */
int subject_keys(struct work *w, const struct type *t, const struct id *subjects, size_t n, struct subject_key *out, struct err *err)
{
	struct id *unknown = NEW_ARRAY(w->mem, struct id, n + 1);
	size_t m = unknown_of(w, t, subjects, n, unknown);
	if (m && keys_of_unknown(w, t, unknown, m, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		out[i] = cache_find(w->known, t->side, subjects[i])->key;
	return 0;
}

int subject_keys_index(struct work *w, const struct type *t, const struct id *subjects, size_t n, struct subject_key *out, bool *there, struct err *err)
{
	struct keys_ask ask = { .side = t->side, .classes = CLASS_BIT(CLASS_P), .purpose = KEYS_INDEX_PURPOSE };
	struct handle *handles = NEW_ARRAY(w->mem, struct handle, n + 1);
	struct subject_key *known = NEW_ARRAY(w->mem, struct subject_key, n + 1);
	size_t m = 0;
	if (keys_handles(w->node->keys, t->side, subjects, n, handles, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc = wrapped_of(w, handles[i], known[m].wrapped, err);
		if (rc < 0)
			return -1;
		there[i] = rc == DB_ROW;
		known[m].handle = handles[i];
		m += there[i];
	}
	int rc = m ? keys_open(w->node->keys, &ask, known, m, err) : 0;
	for (size_t i = 0, k = 0; rc == 0 && i < n; i++)
		if (there[i])
			out[i] = known[k++];
	wipe(known, n * sizeof *known);
	return rc;
}
