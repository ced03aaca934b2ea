#include "journey/import_i.h"
#include "match/match.h"

/* The second job: a table and its columns become rows that the declarations were asked about. No database, no key: only what stands in the file. */
#define OUTPUT_MAX ((size_t)60 << 20)
#define TWINS_OF_ROW 3u
#define ROW_BYTES ((size_t)32 << 20)

struct checked { struct sheet_row *from; json_t *person, *household; struct str role, family; json_t *faults, *notes; struct person_keys keys; size_t group; size_t seq; bool child; size_t twins[TWINS_OF_ROW], ntwins; };
struct group { struct str key; size_t first, n; bool bad, has_head; };
struct checking {
	struct arena *mem, *row;        /* row: emptied after each row */
	struct work w;
	struct reading reading;
	struct targets targets;
	struct mapping map;
	struct sheet sheet;
	const struct type *person, *household;
	struct str example[LANGS], total[LANGS];
	struct checked *rows; size_t n;
	struct group *groups; size_t ngroups;
	size_t *slots, nslots;
	size_t *order;
	json_t *notes;               /* sentence -> how often, in rows that can be taken */
};

static void say(json_t *list, size_t column, const char *sentence)
{
	json_array_append_new(list, json_pack("[I, s]", (json_int_t)column, sentence));
}

static size_t column_of(const struct checking *c, const struct tfield *f, enum place_of place)
{
	for (size_t k = 0; k < c->sheet.ncolumns; k++)
		if (c->map.to[k] >= 0 && c->targets.at[c->map.to[k]].field == f && c->targets.at[c->map.to[k]].place == place)
			return k;
	return 0;
}

static void cell_into(struct checking *c, struct checked *x, size_t column, const struct target *t, struct str text)
{
	json_t *into = t->place == OF_PERSON ? x->person : x->household;
	const char *key = str_z(c->row, t->key), *wrong = NULL, *note = NULL;
	json_t *before = json_object_get(into, key);
	if (t->joins && json_is_string(before))
		text = str_fmt(c->row, "%s " S_FMT, json_string_value(before), S_ARG(text));
	json_t *v = cell_value(&c->reading, t, text, &wrong, &note);
	if (wrong)
		say(x->faults, column, wrong);
	if (note)
		say(x->notes, column, note);
	if (t->place == OF_MEMBER) {
		x->role = json_is_string(v) ? str_dup(c->mem, str_of(json_string_value(v))) : x->role;
		json_decref(v);
	} else if (v) {
		json_object_set_new(into, key, v);
	}
}

static const char *const MARK_SAYS[MARKS] = {
	[MARK_FORMULA] = N_("A formula stands here: its last value was taken."), [MARK_NO_VALUE] = N_("A formula without a value stands here. Write the value itself."),
	[MARK_ERROR] = N_("The cell shows an error of the office program."), [MARK_CUT] = N_("This is too long."), [MARK_MERGED] = N_("The value comes from a merged cell."),
};

static void row_read(struct checking *c, struct checked *x)
{
	struct str age = { 0 };
	size_t age_column = 0;
	for (size_t k = 0; k < c->sheet.ncolumns; k++) {
		if (c->map.to[k] < 0)
			continue;
		const struct target *t = &c->targets.at[c->map.to[k]];
		struct str text = x->from->cells[k], clean;
		enum mark mark = x->from->marks[k];
		if (mark == MARK_NO_VALUE || mark == MARK_ERROR || mark == MARK_CUT)
			say(x->faults, k, MARK_SAYS[mark]);
		else if (mark == MARK_FORMULA || (mark == MARK_MERGED && t->place == OF_PERSON))
			say(x->notes, k, MARK_SAYS[mark]);
		if (mark == MARK_ERROR || mark == MARK_NO_VALUE || !text.n)
			continue;
		if (text_clean(c->row, text, &clean) < 0) {
			say(x->faults, k, N_("This is no text that can be kept."));
		} else if (t->place == OF_AGE) {
			age = clean;
			age_column = k;
		} else if (t->place != OF_FAMILY_NUMBER) {
			cell_into(c, x, k, t, clean);
		}
	}
	if (age.n && !json_object_get(x->person, "birth")) {
		struct str birth = age_birth(&c->reading, age);
		if (birth.n) {
			json_object_set_new(x->person, "birth", json_new_str(birth));
			say(x->notes, age_column, N_("The year of birth is estimated from the age."));
		} else {
			say(x->faults, age_column, N_("Write the age as a number of years."));
		}
	}
}

static void faults_into(struct checking *c, struct checked *x, const struct draft *d, enum place_of place)
{
	for (size_t i = 0; i < d->nfaults; i++) {
		size_t column = column_of(c, d->faults[i].field, place);
		bool there = false;
		for (size_t k = 0; k < json_array_size(x->faults); k++)
			there = there || json_integer_value(json_array_get(json_array_get(x->faults, k), 0)) == (json_int_t)column;
		if (!there)
			say(x->faults, column, d->faults[i].sentence);
	}
}

static void row_check(struct checking *c, struct checked *x)
{
	struct draft p = { .type = c->person, .fields = x->person }, h = { .type = c->household, .fields = x->household };
	struct date birth;
	json_t *clean;
	if (record_check(&c->w, &p, true, &clean, NULL) < 0)
		faults_into(c, x, &p, OF_PERSON);
	else
		x->person = json_keep(c->mem, json_incref(clean));
	if (record_check(&c->w, &h, false, &clean, NULL) < 0)
		faults_into(c, x, &h, OF_HOUSEHOLD);
	struct str text = json_str(x->person, "birth"), mother = json_str(x->person, "mother_name");
	if (!text.n && !mother.n)
		say(x->faults, column_of(c, type_field(c->person, STR("mother_name")), OF_PERSON),
		    N_("The mother's name or the date of birth is needed: many people share one name."));
	if (!text.n)
		birth = (struct date){ .precision = DATE_NONE };
	else if (date_parse(text, &birth) < 0)
		birth = (struct date){ .precision = DATE_NONE };
	x->child = date_child(birth, day_of_ms(c->w.now_ms)) != CHILD_NO;
	struct person_keys keys = person_keys(c->row, json_str(x->person, "name"), mother, text);
	x->keys = (struct person_keys){ str_dup(c->mem, keys.year), str_dup(c->mem, keys.mother) };
}

/* ---- families ---- */
static uint64_t hash_of(struct str s)
{
	uint64_t h = 1469598103934665603ULL;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 1099511628211ULL;
	return h;
}

static size_t group_of(struct checking *c, struct str key)
{
	size_t s = (size_t)(hash_of(key) % c->nslots);
	for (; c->slots[s]; s = (s + 1) % c->nslots)
		if (str_eq(c->groups[c->slots[s] - 1].key, key))
			return c->slots[s] - 1;
	c->groups[c->ngroups] = (struct group){ .key = key };
	c->slots[s] = ++c->ngroups;
	return c->ngroups - 1;
}

static struct str cell_of(const struct checking *c, const struct sheet_row *r, enum place_of place)
{
	for (size_t k = 0; k < c->sheet.ncolumns; k++)
		if (c->map.to[k] >= 0 && c->targets.at[c->map.to[k]].place == place)
			return r->cells[k];
	return (struct str){ 0 };
}

static bool is_word(struct checking *c, struct str text, const struct str words[LANGS])
{
	struct str folded = text.n && text.n < 40 ? heading_fold(c->row, text) : (struct str){ 0 };
	for (enum lang l = 0; l < LANGS; l++)
		if (folded.n && str_eq(folded, words[l]))
			return true;
	return false;
}

/* Titles under the heading, tags, the example of the template, sums at the end: rows that are about nobody. */
static bool row_is_data(struct checking *c, size_t i)
{
	const struct sheet_row *r = &c->sheet.rows[i];
	bool any = false;
	if (row_is_hxl(&c->sheet, i) || is_word(c, cell_of(c, r, OF_FAMILY_NUMBER), c->example))
		return false;
	for (size_t k = 0; k < c->sheet.ncolumns; k++) {
		if (c->map.to[k] < 0 || !r->cells[k].n)
			continue;
		if (!any && is_word(c, r->cells[k], c->total))      /* only what stands first in a row can mean the row */
			return false;
		any = any || (c->targets.at[c->map.to[k]].place == OF_PERSON && r->marks[k] != MARK_MERGED) || r->marks[k] == MARK_NO_VALUE;
	}
	return any;
}

static void rows_collect(struct checking *c)
{
	struct str family = { 0 };
	for (enum lang l = 0; l < LANGS; l++) {
		c->example[l] = heading_fold(c->mem, tr(l, N_("Example")));
		c->total[l] = heading_fold(c->mem, tr(l, N_("Total")));
	}
	c->rows = NEW_ARRAY(c->mem, struct checked, c->sheet.nrows + 1);
	c->groups = NEW_ARRAY(c->mem, struct group, c->sheet.nrows + 1);
	c->nslots = c->sheet.nrows * 2 + 7;
	c->slots = NEW_ARRAY(c->mem, size_t, c->nslots);
	for (size_t i = c->map.heading + 1; i < c->sheet.nrows; i++) {
		if (!row_is_data(c, i))
			continue;
		struct checked *x = &c->rows[c->n++];
		struct str number = digits_ascii(c->mem, cell_of(c, &c->sheet.rows[i], OF_FAMILY_NUMBER));
		family = number.n ? number : family;
		*x = (struct checked){ .from = &c->sheet.rows[i], .person = json_keep(c->mem, json_object()), .household = json_keep(c->mem, json_object()),
			.faults = json_keep(c->mem, json_array()), .notes = json_keep(c->mem, json_array()), .family = family };
		x->group = group_of(c, family);
		c->groups[x->group].n++;
		row_read(c, x);
		row_check(c, x);
		arena_reset(c->row);
		if (!family.n)
			say(x->faults, 0, N_("The first row of a family needs the family's number."));
	}
}

/* Rows of a family one behind the other, families in the order of the file. */
static void rows_order(struct checking *c)
{
	size_t at = 0;
	c->order = NEW_ARRAY(c->mem, size_t, c->n + 1);
	for (size_t g = 0; g < c->ngroups; g++) {
		c->groups[g].first = at;
		at += c->groups[g].n;
		c->groups[g].n = 0;
	}
	for (size_t i = 0; i < c->n; i++) {
		struct group *g = &c->groups[c->rows[i].group];
		c->rows[i].seq = g->first + g->n;
		c->order[g->first + g->n++] = i;
	}
}

static struct checked *member(struct checking *c, const struct group *g, size_t k)
{
	return &c->rows[c->order[g->first + k]];
}

/* One head: the row that says so, else the first. What the family's own fields are is said by the first row that says it. */
static void group_check(struct checking *c, struct group *g)
{
	json_t *home = json_keep(c->mem, json_object());
	size_t heads = 0;
	for (size_t k = 0; k < g->n; k++) {
		struct checked *x = member(c, g, k);
		if (str_is(x->role, "head") && ++heads > 1)
			say(x->faults, column_of(c, NULL, OF_FAMILY_NUMBER), N_("This family has two heads."));
		json_object_update_missing(home, x->household);
		if (g->n > FAMILY_MAX)
			say(x->faults, column_of(c, NULL, OF_FAMILY_NUMBER), N_("More people stand under one family number than a family has."));
	}
	for (size_t k = 0; k < g->n; k++) {
		struct checked *x = member(c, g, k);
		x->household = home;
		if (!x->role.n)
			x->role = heads == 0 && k == 0 ? STR("head") : STR("member");
		g->bad = g->bad || json_array_size(x->faults) > 0;
	}
	for (size_t k = 0; g->bad && k < g->n; k++)
		if (json_array_size(member(c, g, k)->faults) == 0)
			say(member(c, g, k)->faults, column_of(c, NULL, OF_FAMILY_NUMBER), N_("Another row of this family has an error: a family is taken whole."));
}

/* ---- the same person twice in the file ---- */
struct keyed { struct str key; size_t seq; };

static int keyed_order(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int rc = str_cmp(x->key, y->key);
	return rc ? rc : x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void twin_add(struct checked *x, size_t other)
{
	for (size_t i = 0; i < x->ntwins; i++)
		if (x->twins[i] == other)
			return;
	if (x->ntwins < TWINS_OF_ROW)
		x->twins[x->ntwins++] = other;
}

static void twins_find(struct checking *c)
{
	struct keyed *all = NEW_ARRAY(c->mem, struct keyed, c->n * 2 + 1);
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (c->groups[c->rows[i].group].bad)
			continue;
		if (c->rows[i].keys.year.n)
			all[n++] = (struct keyed){ c->rows[i].keys.year, c->rows[i].seq };
		if (c->rows[i].keys.mother.n)
			all[n++] = (struct keyed){ c->rows[i].keys.mother, c->rows[i].seq };
	}
	qsort(all, n, sizeof *all, keyed_order);
	for (size_t i = 1; i < n; i++)
		if (str_eq(all[i].key, all[i - 1].key))
			twin_add(&c->rows[c->order[all[i].seq]], all[i - 1].seq);
}

/* ---- output ---- */
static json_t *row_json(struct checking *c, const struct checked *x, bool bad)
{
	json_t *r = json_pack("{s:I, s:I, s:s, s:O, s:O, s:b, s:s}", "seq", (json_int_t)x->seq, "n", (json_int_t)x->from->number, "f", str_z(c->mem, x->family), "p", x->person,
	    "w", x->notes, "child", x->child, "r", str_z(c->mem, x->role));
	if (bad) {
		json_t *cells = json_array();
		for (size_t k = 0; k < c->sheet.ncolumns; k++)
			json_array_append_new(cells, json_new_str(x->from->cells[k]));
		json_object_set_new(r, "c", cells);
		json_object_set(r, "e", x->faults);
		return r;
	}
	json_object_set(r, "h", x->household);
	json_object_set_new(r, "ky", json_new_str(x->keys.year));
	json_object_set_new(r, "km", json_new_str(x->keys.mother));
	json_t *twins = json_array();
	for (size_t i = 0; i < x->ntwins; i++) {
		const struct checked *o = &c->rows[c->order[x->twins[i]]];
		bool exact = x->keys.year.n && x->keys.mother.n && str_eq(x->keys.year, o->keys.year) && str_eq(x->keys.mother, o->keys.mother);
		json_array_append_new(twins, json_pack("[I, b]", (json_int_t)x->twins[i], exact));
	}
	json_object_set_new(r, "t", twins);
	return r;
}

static void chunk_out(struct checking *c, struct buf *out, size_t from, size_t to)
{
	json_t *rows = json_array();
	size_t bad = 0;
	for (size_t s = from; s < to; s++) {
		struct checked *x = &c->rows[c->order[s]];
		bad += c->groups[x->group].bad;
		json_array_append_new(rows, row_json(c, x, c->groups[x->group].bad));
	}
	buf_u32(out, (uint32_t)from);
	buf_u32(out, (uint32_t)(to - from));
	buf_u32(out, (uint32_t)bad);
	buf_sized(out, str_bytes(json_write(c->mem, json_keep(c->mem, rows))));
}

static struct str output_of(struct checking *c)
{
	struct buf out = buf_new(c->mem, OUTPUT_MAX);
	json_t *headings = json_array();
	c->notes = json_keep(c->mem, json_object());
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; !c->groups[c->rows[i].group].bad && k < json_array_size(c->rows[i].notes); k++) {
			const char *sentence = json_string_value(json_array_get(json_array_get(c->rows[i].notes, k), 1));
			json_object_set_new(c->notes, sentence, json_integer(json_int(c->notes, sentence, 0) + 1));
		}
	size_t good = 0, families = 0, from = 0;
	for (size_t g = 0; g < c->ngroups; g++) {
		good += c->groups[g].bad ? 0 : c->groups[g].n;
		families += !c->groups[g].bad;
	}
	for (size_t k = 0; k < c->sheet.ncolumns; k++)
		json_array_append_new(headings, json_new_str(c->sheet.rows[c->map.heading].cells[k]));
	json_t *head = json_keep(c->mem, json_pack("{s:I, s:I, s:I, s:O, s:o}", "rows", (json_int_t)c->n, "good", (json_int_t)good, "families", (json_int_t)families, "notes", c->notes, "headings", headings));
	buf_ch(&out, 'S');
	buf_sized(&out, str_bytes(json_write(c->mem, head)));
	for (size_t g = 0; g < c->ngroups; g++) {
		size_t end = c->groups[g].first + c->groups[g].n;
		bool last = g + 1 == c->ngroups;
		if (end - from < CHUNK_ROWS && !last)
			continue;
		for (; c->groups[g].bad && end - from > FAMILY_MAX * 2; from += FAMILY_MAX)      /* a broken "family" may have any size */
			chunk_out(c, &out, from, from + FAMILY_MAX);
		chunk_out(c, &out, from, end);
		from = end;
	}
	return buf_text(&out);
}

static struct str failed(struct arena *mem, const struct err *e)
{
	return str_fmt(mem, "E%s", e->user ? e->user : N_("The file could not be read."));
}

static int check_open(struct checking *c, struct str input, struct types *types, struct policy *policy, struct node *node, struct err *err)
{
	static const struct hooks NO_HOOKS = { 0 };
	struct reader r = reader_of(str_bytes(input));
	json_t *head = json_read(c->mem, bytes_str(get_sized(&r, 65536)), err);
	struct bytes packed = get_bytes(&r, r.n - r.at);
	const struct embedded *roles = embedded_find(STR("types/roles.yaml"));
	if (!head || r.bad || !roles || policy_load(c->mem, bytes_str(bytes_of(roles->data, roles->n)), policy, err) < 0 || types_load(c->mem, policy, types, err) < 0)
		return -1;
	*node = (struct node){ .types = types, .policy = policy, .hooks = &NO_HOOKS, .source = source_system() };
	c->w = (struct work){ .node = node, .mem = c->row, .now_ms = json_int(head, "now", 0) };
	c->reading = (struct reading){ .mem = c->row, .keep = c->mem, .types = types, .now_ms = c->w.now_ms };
	c->person = type_find(types, STR("person"));
	c->household = type_find(types, STR("household"));
	if (targets_make(c->mem, types, &c->targets, err) < 0 || mapping_read(&c->targets, json_object_get(head, "mapping"), &c->map) < 0 ||
	    sheet_unpack(c->mem, packed, &c->sheet, err) < 0)
		return -1;
	return c->map.heading < c->sheet.nrows ? 0 : err_set(err, ERR_FORMAT, "no heading row");
}

static void row_end(void *arena)
{
	arena_free(arena);
}

static struct str check_job(struct arena *mem, struct str input)
{
	struct checking c = { .mem = mem, .row = arena_new(ROW_BYTES) };
	struct types types;
	struct policy policy;
	struct node node;
	struct err err = { 0 };
	arena_defer(mem, row_end, c.row);
	if (check_open(&c, input, &types, &policy, &node, &err) < 0)
		return failed(mem, &err);
	rows_collect(&c);
	if (c.n == 0)
		return failed(mem, &(struct err){ .user = N_("Under the heading row there is nobody in this table.") });
	rows_order(&c);
	for (size_t g = 0; g < c.ngroups; g++)
		group_check(&c, &c.groups[g]);
	twins_find(&c);
	struct str out = output_of(&c);
	return out.n < OUTPUT_MAX ? out : failed(mem, &(struct err){ .user = N_("This table has too many cells. Divide it into several files.") });
}
const struct job_kind IMPORT_JOB_CHECK = { "import_check", check_job };

static struct str read_job(struct arena *mem, struct str input)
{
	struct sheet sheet;
	struct err err = { 0 };
	if (sheet_read(mem, str_bytes(input), &sheet, &err) < 0)
		return failed(mem, &err);
	struct bytes packed = sheet_pack(mem, &sheet);
	return str_join(mem, STR("S"), bytes_str(packed));
}
const struct job_kind IMPORT_JOB_READ = { "import_read", read_job };
