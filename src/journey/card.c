#include "journey/people.h"
#include "journey/import.h"
#include "journey/journey_i.h"

/* Family cards: 8 signs of 29, the last a check sign, no place, no batch, no order (DESIGN 10). The database finds a family by a keyed hash of the code only. */
static const char ALPHABET[] = "023456789BCDFGHJKMNPQRSTVWXYZ";
#define SIGNS 8
#define BASE 29

static int value_of(char c)
{
	const char *at = c ? strchr(ALPHABET, c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) : NULL;
	return at ? (int)(at - ALPHABET) : -1;
}

static struct str shown(struct arena *mem, const char signs[SIGNS])
{
	return str_fmt(mem, "%.4s-%.4s", signs, signs + 4);
}

struct str card_new(struct arena *mem, const struct source *source)
{
	char signs[SIGNS];
	int sum = 0, last = 0;
	for (int i = 0; i < SIGNS - 1; i++) {
		uint8_t b;
		do
			source_fill(source, &b, 1);
		while (b >= BASE * 8);
		signs[i] = ALPHABET[b % BASE];
		sum += (i + 1) * (b % BASE);
	}
	while ((sum + SIGNS * last) % BASE)
		last++;
	signs[SIGNS - 1] = ALPHABET[last];
	return shown(mem, signs);
}

int card_parse(struct arena *mem, struct str typed, struct str *code)
{
	char signs[SIGNS];
	int n = 0, sum = 0;
	if (str_starts(typed, STR("JISR1:")))
		typed = str_sub(typed, 6, typed.n);
	typed = digits_ascii(mem, typed);
	for (size_t i = 0; i < typed.n; i++) {
		if (typed.p[i] == '-' || typed.p[i] == ' ')
			continue;
		int v = value_of(typed.p[i]);
		if (v < 0 || n == SIGNS)
			return -1;
		signs[n] = ALPHABET[v];
		sum += ++n * v;
	}
	if (n != SIGNS || sum % BASE)
		return -1;
	*code = shown(mem, signs);
	return 0;
}

const char *card_code(const struct work *w, const struct tfield *f, const json_t *v)
{
	struct str code;
	(void)f;
	return card_parse(w->mem, str_of(json_string_value(v)), &code) == 0 ? NULL : N_("There is no such code: read it again, one sign is wrong.");
}

SQL(Q_KEEP, 2, "INSERT INTO journey_card(code, household) VALUES(?1,?2) ON CONFLICT(code) DO UPDATE SET household=excluded.household");
SQL(Q_FIND, 1, "SELECT household FROM journey_card WHERE code=?1");
SQL(Q_VOID, 1, "DELETE FROM journey_card WHERE household=?1");
struct card_row { struct id household; };
static const struct field CARD_ROW[] = { FIELD(struct card_row, household) };

static int hash_of(struct work *w, struct str code, struct handle *out, struct err *err)
{
	struct bytes in = str_bytes(code);
	return keys_blind(w->node->keys, SIDE_HUMANITARIAN, STR("card"), &in, 1, out, err);
}

int card_index(struct work *w, const struct record *r, struct err *err)
{
	struct handle h;
	struct str code;
	const struct grant *g = open_one(w, "household", r->id, err);
	if (!g)
		return -1;
	if (DB_RUN(w->tx, &Q_VOID, err, db_id(r->id)) < 0)
		return -1;
	if (card_parse(w->mem, text_at(g, 0, "card"), &code) < 0)
		return 0;
	return hash_of(w, code, &h, err) < 0 ? -1 : DB_RUN(w->tx, &Q_KEEP, err, db_blob(bytes_of(h.b, HANDLE_BYTES)), db_id(r->id)) < 0 ? -1 : 0;
}

int card_void(struct work *w, struct id household, struct err *err)
{
	return DB_RUN(w->tx, &Q_VOID, err, db_id(household)) < 0 ? -1 : 0;
}

int card_find(struct work *w, struct str typed, struct id *household, struct err *err)
{
	struct handle h;
	struct str code;
	struct card_row row;
	if (card_parse(w->mem, typed, &code) < 0)
		return err_say(err, ERR_VALUE, N_("There is no such code: read it again, one sign is wrong."), NULL);
	if (hash_of(w, code, &h, err) < 0)
		return -1;
	int rc = DB_ONE(w->tx, &Q_FIND, CARD_ROW, &row, w->mem, err, db_blob(bytes_of(h.b, HANDLE_BYTES)));
	if (rc == DB_ROW)
		*household = row.household;
	return rc;
}

SQL(Q_CARD_END, 1, "DELETE FROM journey_card WHERE household=?1");
SQL(Q_ASKED_END, 1, "DELETE FROM journey_asked WHERE record=?1");

int journey_erased(struct work *w, struct id record, struct err *err)
{
	return DB_RUN(w->tx, &Q_CARD_END, err, db_id(record)) < 0 || DB_RUN(w->tx, &Q_ASKED_END, err, db_id(record)) < 0 ? -1 :
	    duplicates_forget(w, record, err) < 0 || merged_forget(w, record, err) < 0 ? -1 : people_erased(w, record, err);
}

static const char *const TABLES[] = {
	"CREATE TABLE journey_card(code BLOB PRIMARY KEY, household BLOB NOT NULL) STRICT",
	"CREATE INDEX journey_card_household ON journey_card(household)",
	/* vetting: the reference under which an adult was asked about; it tells neither family nor order */
	"CREATE TABLE journey_asked(ref BLOB PRIMARY KEY, record BLOB NOT NULL UNIQUE, node TEXT NOT NULL) STRICT",
	"CREATE TABLE journey_merged(person BLOB PRIMARY KEY, goes_on BLOB NOT NULL) STRICT",      /* merge.c */
	"CREATE INDEX journey_merged_into ON journey_merged(goes_on)",
};
const struct migrations JOURNEY_MIGRATIONS = { "journey", TABLES, COUNT(TABLES) };
