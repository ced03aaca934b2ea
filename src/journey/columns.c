#include "journey/columns.h"
#include "match/match.h"

#define HEADING_WITHIN 20

/* Words that lists of camps and aid organisations use, in our three languages. Compared folded. */
static const struct { const char *key, *word; } WORDS[] = {
	{ "family", "رقم العائلة" }, { "family", "رقم الأسرة" }, { "family", "رقم البطاقة العائلية" }, { "family", "تسلسل العائلة" }, { "family", "ت العائلة" }, { "family", "العائلة" },
	{ "family", "الأسرة" }, { "family", "رقم الملف" }, { "family", "ژمارەی خێزان" }, { "family", "خێزان" }, { "family", "family number" }, { "family", "family no" },
	{ "family", "family id" }, { "family", "family" }, { "family", "household" }, { "family", "household id" }, { "family", "household number" }, { "family", "hh id" },
	{ "family", "case number" }, { "family", "hh no" },
	{ "name", "الاسم الكامل" }, { "name", "الاسم الرباعي" }, { "name", "الاسم الثلاثي" }, { "name", "الاسم الرباعي واللقب" }, { "name", "الاسم" }, { "name", "اسم الفرد" },
	{ "name", "اسم الأب" }, { "name", "اسم الجد" }, { "name", "اللقب" }, { "name", "اسم العائلة" }, { "name", "الكنية" }, { "name", "الشهرة" }, { "name", "اسم والد الجد" },
	{ "name", "ناو" }, { "name", "ناوی تەواو" }, { "name", "ناوی سیانی" }, { "name", "ناوی باوک" }, { "name", "ناوی باپیر" }, { "name", "نازناو" },
	{ "name", "name" }, { "name", "full name" }, { "name", "first name" }, { "name", "given name" }, { "name", "father name" }, { "name", "fathers name" },
	{ "name", "grandfather name" }, { "name", "grandfathers name" }, { "name", "last name" }, { "name", "surname" }, { "name", "middle name" },
	{ "mother_name", "اسم الأم" }, { "mother_name", "الأم" }, { "mother_name", "اسم الوالدة" }, { "mother_name", "ناوی دایک" }, { "mother_name", "دایک" },
	{ "mother_name", "mother name" }, { "mother_name", "mothers name" }, { "mother_name", "mother" }, { "mother_name", "اسم والدته" }, { "mother_name", "والدته" },
	{ "sex", "الجنس" }, { "sex", "النوع" }, { "sex", "النوع الاجتماعي" }, { "sex", "ڕەگەز" }, { "sex", "sex" }, { "sex", "gender" },
	{ "birth", "تاريخ الميلاد" }, { "birth", "تاريخ الولادة" }, { "birth", "المواليد" }, { "birth", "مواليد" }, { "birth", "سنة الميلاد" }, { "birth", "سنة الولادة" }, { "birth", "التولد" },
	{ "birth", "لەدایکبوون" }, { "birth", "ڕۆژی لەدایکبوون" }, { "birth", "ساڵی لەدایکبوون" }, { "birth", "birth" }, { "birth", "date of birth" }, { "birth", "birth date" },
	{ "birth", "dob" }, { "birth", "year of birth" }, { "birth", "birth year" }, { "birth", "born" },
	{ "age", "العمر" }, { "age", "السن" }, { "age", "العمر بالسنوات" }, { "age", "تەمەن" }, { "age", "age" }, { "age", "age years" },
	{ "birth_place", "محل الولادة" }, { "birth_place", "مكان الولادة" }, { "birth_place", "مكان الميلاد" }, { "birth_place", "مسقط الرأس" }, { "birth_place", "شوێنی لەدایکبوون" },
	{ "birth_place", "place of birth" }, { "birth_place", "birth place" },
	{ "nationality", "الجنسية" }, { "nationality", "ڕەگەزنامە" }, { "nationality", "nationality" }, { "nationality", "country" },
	{ "registry", "رقم القيد" }, { "registry", "القيد" }, { "registry", "السجل والصحيفة" }, { "registry", "سجل النفوس" }, { "registry", "رقم النفوس" }, { "registry", "civil registry" },
	{ "languages", "اللغة" }, { "languages", "اللغات" }, { "languages", "زمان" }, { "languages", "language" }, { "languages", "languages" },
	{ "marital", "الحالة الاجتماعية" }, { "marital", "الحالة الزوجية" }, { "marital", "باری خێزانی" }, { "marital", "marital status" },
	{ "phone", "الهاتف" }, { "phone", "رقم الهاتف" }, { "phone", "الموبايل" }, { "phone", "موبايل" }, { "phone", "مۆبایل" }, { "phone", "ژمارەی مۆبایل" }, { "phone", "phone" }, { "phone", "mobile" },
	{ "relative_phone", "هاتف قريب" }, { "relative_phone", "رقم هاتف الأقارب" }, { "relative_phone", "phone of a relative" },
	{ "origin_place", "المنطقة الأصلية" }, { "origin_place", "المنطقة" }, { "origin_place", "المحافظة" }, { "origin_place", "القضاء" }, { "origin_place", "مكان السكن الأصلي" }, { "origin_place", "العنوان الأصلي" },
	{ "origin_place", "پارێزگا" }, { "origin_place", "شوێنی ڕەسەن" }, { "origin_place", "area of origin" }, { "origin_place", "origin" }, { "origin_place", "governorate" }, { "origin_place", "place of origin" },
	{ "shelter", "الخيمة" }, { "shelter", "رقم الخيمة" }, { "shelter", "خيمة" }, { "shelter", "القطاع والخيمة" }, { "shelter", "خێمە" }, { "shelter", "ژمارەی خێمە" }, { "shelter", "tent" },
	{ "shelter", "tent number" }, { "shelter", "shelter" }, { "shelter", "tent no" },
	{ "role", "الصفة" }, { "role", "صلة القرابة" }, { "role", "القرابة" }, { "role", "الصلة برب الأسرة" }, { "role", "العلاقة برب الأسرة" }, { "role", "ڕۆڵ" }, { "role", "پەیوەندی" },
	{ "role", "role" }, { "role", "relationship" }, { "role", "relation to head" }, { "role", "relationship to head" },
};

/* Folding makes the definite article part of a word: what is left are letters, digits and single spaces. */
struct str heading_fold(struct arena *mem, struct str raw)
{
	struct str s = name_fold(mem, raw);
	struct buf b = buf_new(mem, s.n + 1);
	bool space = false;
	for (struct str rest = s; rest.n;) {
		struct str before = rest;
		int32_t cp = utf8_next(&rest);
		if (cp < 0)
			break;
		bool sign = cp < 0x30 || (cp > 0x39 && cp < 0x41) || (cp > 0x5a && cp < 0x61) || (cp > 0x7a && cp < 0x80) || cp == 0x60c || cp == 0x61b || cp == 0x61f;
		if (sign) {
			space = b.n > 0;
			continue;
		}
		if (space)
			buf_ch(&b, ' ');
		space = false;
		buf_put(&b, before.p, before.n - rest.n);
	}
	return buf_text(&b);
}

static void target_add(struct arena *mem, struct targets *t, const struct tfield *f, enum place_of place)
{
	if (t->n == TARGETS_MAX || target_find(t, f->name) >= 0)
		return;
	t->at[t->n++] = (struct target){ f->name, str_z(mem, f->label.n ? f->label : f->name), f, place, f->required && place == OF_PERSON, f->kind == KIND_NAME };
}

int targets_make(struct arena *mem, const struct types *types, struct targets *out, struct err *err)
{
	static const struct { const char *type; enum place_of place; } FROM[] = { { "person", OF_PERSON }, { "household", OF_HOUSEHOLD }, { "household_member", OF_MEMBER } };
	*out = (struct targets){ .n = 2, .at = { { STR("family"), str_z(mem, STR(N_("Family number"))), NULL, OF_FAMILY_NUMBER, true, false },
		{ STR("age"), str_z(mem, STR(N_("Age in years"))), NULL, OF_AGE, false, false } } };
	for (size_t k = 0; k < COUNT(FROM); k++) {
		const struct type *t = type_find(types, str_of(FROM[k].type));
		if (!t)
			return err_set(err, ERR_FAULT, "no type %s", FROM[k].type);
		for (size_t i = 0; i < t->nfields; i++) {
			const struct tfield *f = &t->fields[i];
			if (!f->derived && !f->hidden && f->class == CLASS_P && f->kind != KIND_REF && f->kind != KIND_IMAGE)
				target_add(mem, out, f, FROM[k].place);
		}
	}
	return 0;
}

int target_find(const struct targets *t, struct str key)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->at[i].key, key))
			return (int)i;
	return -1;
}

/* Every word that a heading may be, folded once for a table: 3 the field's own label, 2 another word for it. */
struct known_word { struct str folded; int target, score; };
struct known_words { struct known_word *at; size_t n; };

static void word_add(struct arena *mem, struct known_words *k, struct str word, int target, int score)
{
	struct str folded = heading_fold(mem, word);
	if (folded.n && target >= 0)
		k->at[k->n++] = (struct known_word){ folded, target, score };
}

static struct known_words words_make(struct arena *mem, const struct targets *t)
{
	struct known_words k = { .at = NEW_ARRAY(mem, struct known_word, t->n * (LANGS + 2) + COUNT(WORDS)) };
	for (size_t i = 0; i < t->n; i++) {
		word_add(mem, &k, t->at[i].key, (int)i, 3);
		for (enum lang l = 0; l < LANGS; l++)
			word_add(mem, &k, tr(l, t->at[i].label), (int)i, 3);
		if (t->at[i].field && t->at[i].field->hxl.n)
			word_add(mem, &k, t->at[i].field->hxl, (int)i, 3);
	}
	for (size_t i = 0; i < COUNT(WORDS); i++)
		word_add(mem, &k, str_of(WORDS[i].word), target_find(t, str_of(WORDS[i].key)), 2);
	return k;
}

/* The target that a heading names; score 1 where it only holds a word. */
static int heading_target(struct arena *mem, const struct known_words *k, struct str heading, int *score)
{
	struct str folded = heading.n && heading.n <= 120 ? heading_fold(mem, heading) : (struct str){ 0 };
	int found = -1;
	size_t longest = 0;
	*score = 0;
	for (size_t i = 0; folded.n && i < k->n; i++) {
		const struct known_word *w = &k->at[i];
		if (str_eq(w->folded, folded))
			return *score = w->score, w->target;
		if (w->folded.n > longest && w->folded.n > 4 && str_find(folded, w->folded) < folded.n) {
			longest = w->folded.n;
			found = w->target;
			*score = 1;
		}
	}
	return found;
}

bool row_is_hxl(const struct sheet *s, size_t row)
{
	size_t tags = 0, texts = 0;
	for (size_t c = 0; c < s->ncolumns; c++) {
		tags += str_starts(s->rows[row].cells[c], STR("#"));
		texts += s->rows[row].cells[c].n > 0;
	}
	return tags > 0 && tags * 2 > texts;
}

struct seen_row { int known, exact, texts; };

static struct seen_row row_guess(struct arena *mem, const struct targets *t, const struct known_words *k, const struct sheet *s, size_t row, int8_t *to)
{
	struct seen_row seen = { 0 };
	bool taken[TARGETS_MAX] = { false };
	int score, scores[SHEET_COLUMNS_MAX] = { 0 };
	for (size_t c = 0; c < s->ncolumns; c++) {
		to[c] = (int8_t)heading_target(mem, k, s->rows[row].cells[c], &score);
		scores[c] = score;
		seen.texts += s->rows[row].cells[c].n > 0;
	}
	for (int want = 3; want > 0; want--) {                 /* the better match has the field, unless several may be joined */
		for (size_t c = 0; c < s->ncolumns; c++) {
			if (to[c] < 0 || scores[c] != want)
				continue;
			if (taken[to[c]] && !t->at[to[c]].joins) {
				to[c] = -1;
				continue;
			}
			taken[to[c]] = true;
			seen.known++;
			seen.exact += want == 3;
		}
	}
	return seen;
}

static size_t first_full_row(const struct sheet *s)
{
	for (size_t r = 0; r < s->nrows && r < HEADING_WITHIN; r++) {
		size_t texts = 0;
		for (size_t c = 0; c < s->ncolumns; c++)
			texts += s->rows[r].cells[c].n > 0;
		if (texts >= 3)
			return r;
	}
	return 0;
}

void columns_guess(struct arena *mem, const struct targets *t, const struct sheet *s, struct mapping *out)
{
	struct known_words words = words_make(mem, t);
	struct seen_row best = { 0 };
	int8_t to[SHEET_COLUMNS_MAX];
	const char *arg;
	memset(out, 0, sizeof *out);
	memset(out->to, -1, sizeof out->to);
	out->heading = first_full_row(s);
	for (size_t r = 0; r < s->nrows && r < HEADING_WITHIN; r++) {
		memset(to, -1, sizeof to);
		struct seen_row seen = row_guess(mem, t, &words, s, r, to);
		if (seen.known < 2 || seen.known <= best.known)
			continue;
		best = seen;
		out->heading = r;
		memcpy(out->to, to, sizeof to);
	}
	out->sure = best.known > 0 && best.exact == best.texts && !mapping_wrong(t, out, &arg);
	if (out->sure)
		for (size_t c = 0; c < s->ncolumns; c++)          /* two columns of one label in a file of the template: a person looks at it */
			for (size_t k = 0; k < c; k++)
				out->sure = out->sure && (out->to[c] < 0 || out->to[c] != out->to[k]);
}

const char *mapping_wrong(const struct targets *t, const struct mapping *m, const char **arg)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t n = 0;
		for (size_t c = 0; c < SHEET_COLUMNS_MAX; c++)
			n += m->to[c] == (int8_t)i;
		*arg = t->at[i].label;
		if (n == 0 && t->at[i].required)
			return N_("No column is chosen for: %s");
		if (n > 1 && !t->at[i].joins)
			return N_("Two columns are chosen for: %s");
	}
	return NULL;
}

struct hash columns_signature(struct arena *mem, const struct sheet *s, size_t heading)
{
	struct buf b = buf_new(mem, (size_t)1 << 20);
	for (size_t c = 0; heading < s->nrows && c < s->ncolumns; c++)
		buf_sized(&b, str_bytes(heading_fold(mem, s->rows[heading].cells[c])));
	return sha256(buf_bytes(&b));
}

json_t *mapping_json(struct arena *mem, const struct targets *t, const struct mapping *m, size_t columns)
{
	json_t *to = json_array();
	for (size_t c = 0; c < columns; c++)
		json_array_append_new(to, m->to[c] < 0 ? json_null() : json_new_str(t->at[m->to[c]].key));
	return json_keep(mem, json_pack("{s:I, s:o}", "heading", (json_int_t)m->heading, "to", to));
}

int mapping_read(const struct targets *t, const json_t *j, struct mapping *out)
{
	const json_t *to = json_object_get(j, "to");
	int64_t heading = json_int(j, "heading", -1);
	memset(out, 0, sizeof *out);
	memset(out->to, -1, sizeof out->to);
	if (heading < 0 || heading > SHEET_ROWS_MAX || !json_is_array(to) || json_array_size(to) > SHEET_COLUMNS_MAX)
		return -1;
	out->heading = (size_t)heading;
	for (size_t c = 0; c < json_array_size(to); c++) {
		const json_t *key = json_array_get(to, c);
		int at = json_is_string(key) ? target_find(t, str_of(json_string_value(key))) : -1;
		if (json_is_string(key) && at < 0)
			return -1;
		out->to[c] = (int8_t)at;
	}
	return 0;
}
