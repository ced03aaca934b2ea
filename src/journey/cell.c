#include "journey/import_i.h"
#include "match/match.h"

/* Office lists say the same thing in many ways: words for codes, ways of writing a date. What is not understood is an error, never a guess. */

static const struct { const char *list, *value, *word; } CODE_WORDS[] = {
	{ "sex", "1", "ذكر" }, { "sex", "1", "ذ" }, { "sex", "1", "رجل" }, { "sex", "1", "m" }, { "sex", "1", "male" }, { "sex", "1", "نێر" }, { "sex", "1", "man" },
	{ "sex", "2", "أنثى" }, { "sex", "2", "انثي" }, { "sex", "2", "أ" }, { "sex", "2", "ث" }, { "sex", "2", "امرأة" }, { "sex", "2", "f" }, { "sex", "2", "female" }, { "sex", "2", "مێ" },
	{ "sex", "2", "woman" }, { "sex", "0", "غير معروف" }, { "sex", "0", "unknown" },
	{ "marital", "single", "أعزب" }, { "marital", "single", "عزباء" }, { "marital", "single", "باكر" }, { "marital", "married", "متزوج" }, { "marital", "married", "متزوجة" },
	{ "marital", "widowed", "أرمل" }, { "marital", "widowed", "أرملة" }, { "marital", "divorced", "مطلق" }, { "marital", "divorced", "مطلقة" },
	{ "marital", "separated", "منفصل" }, { "marital", "separated", "منفصلة" },
	{ "country", "IQ", "عراقي" }, { "country", "IQ", "عراقية" }, { "country", "IQ", "العراق" }, { "country", "IQ", "iraqi" }, { "country", "SY", "سوري" }, { "country", "SY", "سورية" },
	{ "country", "SY", "syrian" },
	{ "member_role", "head", "رب الأسرة" }, { "member_role", "head", "رب العائلة" }, { "member_role", "head", "ربة الأسرة" }, { "member_role", "head", "ربة العائلة" },
	{ "member_role", "head", "رئيس العائلة" }, { "member_role", "head", "رب" }, { "member_role", "head", "head of household" }, { "member_role", "head", "hoh" }, { "member_role", "head", "self" },
	{ "member_role", "head", "سەرۆک خێزان" },
	{ "member_role", "member", "زوج" }, { "member_role", "member", "زوجة" }, { "member_role", "member", "ابن" }, { "member_role", "member", "ابنة" }, { "member_role", "member", "بنت" },
	{ "member_role", "member", "ولد" }, { "member_role", "member", "أخ" }, { "member_role", "member", "أخت" }, { "member_role", "member", "والد" }, { "member_role", "member", "والدة" },
	{ "member_role", "member", "أم" }, { "member_role", "member", "أب" }, { "member_role", "member", "جد" }, { "member_role", "member", "جدة" }, { "member_role", "member", "حفيد" },
	{ "member_role", "member", "حفيدة" }, { "member_role", "member", "فرد" }, { "member_role", "member", "wife" }, { "member_role", "member", "husband" }, { "member_role", "member", "spouse" },
	{ "member_role", "member", "son" }, { "member_role", "member", "daughter" }, { "member_role", "member", "child" }, { "member_role", "member", "brother" }, { "member_role", "member", "sister" },
	{ "member_role", "member", "mother" }, { "member_role", "member", "father" }, { "member_role", "member", "grandchild" }, { "member_role", "member", "کوڕ" }, { "member_role", "member", "کچ" },
	{ "member_role", "member", "ژن" }, { "member_role", "member", "مێرد" }, { "member_role", "guardian", "ولي" }, { "member_role", "guardian", "الوصي" }, { "member_role", "guardian", "وصي" },
	{ "member_role", "newborn", "مولود جديد" }, { "member_role", "newborn", "مولود" }, { "member_role", "newborn", "رضيع" },
};

struct folded_code { struct str word, value; };
struct folded_codes { struct folded_codes *next; const struct code_list *list; struct folded_code *at; size_t n; };

static struct folded_codes *codes_of(struct reading *r, const struct code_list *list)
{
	struct folded_codes *f;
	for (f = r->codes; f; f = f->next)
		if (f->list == list)
			return f;
	f = NEW(r->keep, struct folded_codes);
	*f = (struct folded_codes){ .next = r->codes, .list = list, .at = NEW_ARRAY(r->keep, struct folded_code, list->n * (LANGS + 1) + COUNT(CODE_WORDS)) };
	for (size_t i = 0; i < list->n; i++) {
		f->at[f->n++] = (struct folded_code){ heading_fold(r->keep, list->codes[i].value), list->codes[i].value };
		for (enum lang l = 0; l < LANGS && list->codes[i].label.n; l++)
			f->at[f->n++] = (struct folded_code){ heading_fold(r->keep, tr(l, str_z(r->keep, list->codes[i].label))), list->codes[i].value };
	}
	for (size_t i = 0; i < COUNT(CODE_WORDS); i++)
		if (str_is(list->name, CODE_WORDS[i].list) && code_find(list, str_of(CODE_WORDS[i].value)))
			f->at[f->n++] = (struct folded_code){ heading_fold(r->keep, str_of(CODE_WORDS[i].word)), str_of(CODE_WORDS[i].value) };
	r->codes = f;
	return f;
}

static struct str code_of(struct reading *r, const struct code_list *list, struct str text)
{
	if (code_find(list, text))
		return text;
	const struct folded_codes *f = codes_of(r, list);
	struct str word = heading_fold(r->mem, text);
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->at[i].word, word))
			return f->at[i].value;
	return (struct str){ 0 };
}

static bool says_unknown(struct reading *r, struct str text)
{
	static const char *const SAYS[] = { "غير معروف", "غير معلوم", "مجهول", "لا يعرف", "unknown", "not known", "n a", "نەزانراو", "نازانرێت" };
	struct str word = heading_fold(r->mem, text);
	if (word.n && word.p[0] >= '0' && word.p[0] <= '9')
		return false;
	if (!word.n)
		return true;                            /* "-", "?", "..." */
	for (size_t i = 0; i < COUNT(SAYS); i++)
		if (str_eq(word, heading_fold(r->mem, str_of(SAYS[i]))))
			return true;
	return false;
}

/* 23-5-1990, 23.5.1990, 1990/5/23, 1990-5-3, a date with a time behind it. */
static struct str date_shape(struct arena *mem, struct str text)
{
	struct str s = digits_ascii(mem, text), part[3];
	size_t n = 0;
	if (s.n > 10 && (s.p[10] == 'T' || s.p[10] == ' ') && s.p[4] == '-')
		s = str_sub(s, 0, 10);
	char *z = str_z(mem, s);
	for (char *p = z; *p; p++)
		if (*p == '/' || *p == '.' || *p == '-' || *p == '\\')
			*p = '/';
	if (str_find(s, STR("..")) < s.n || str_starts(s, STR("~")))
		return s;
	struct str rest = str_of(z);
	while (rest.p && n < 3)
		part[n++] = str_trim(str_cut(&rest, '/'));
	if (rest.p)
		return s;
	if (n == 3 && part[0].n == 4 && part[1].n && part[1].n <= 2 && part[2].n && part[2].n <= 2)
		return str_fmt(mem, S_FMT "/" S_FMT "/" S_FMT, S_ARG(part[2]), S_ARG(part[1]), S_ARG(part[0]));
	if (n == 3 && part[2].n == 4)
		return str_fmt(mem, S_FMT "/" S_FMT "/" S_FMT, S_ARG(part[0]), S_ARG(part[1]), S_ARG(part[2]));
	if (n == 2 && part[1].n == 4 && part[0].n && part[0].n <= 2)
		return str_fmt(mem, S_FMT "-%s" S_FMT, S_ARG(part[1]), part[0].n == 1 ? "0" : "", S_ARG(part[0]));
	if (n == 2 && part[0].n == 4 && part[1].n && part[1].n <= 2)
		return str_fmt(mem, S_FMT "-%s" S_FMT, S_ARG(part[0]), part[1].n == 1 ? "0" : "", S_ARG(part[1]));
	return s;
}

static json_t *birth_value(struct reading *r, struct str text, const char **wrong, const char **note)
{
	struct date d;
	if (says_unknown(r, text)) {
		*note = N_("Unknown age: counts as a child until it is decided.");
		return NULL;
	}
	if (date_parse(date_shape(r->mem, text), &d) < 0) {
		*wrong = N_("Write a date like 1990, 1990-05 or 1990-05-23.");
		return NULL;
	}
	if (date_conventional(d)) {
		*note = N_("1 January and 1 July stand for the year only: the year was taken.");
		d = (struct date){ .precision = DATE_Y, .y = d.y };
	} else if (d.precision == DATE_Y) {
		*note = N_("Year only.");
	}
	return json_new_str(date_text(r->mem, d));
}

struct str age_birth(struct reading *r, struct str text)
{
	uint64_t age;
	int y, m, d;
	if (str_u64(digits_ascii(r->mem, str_trim(text)), &age) < 0 || age > 120)
		return (struct str){ 0 };
	day_split(day_of_ms(r->now_ms), &y, &m, &d);
	return str_fmt(r->mem, "~%d", y - (int)age);
}

static json_t *codes_value(struct reading *r, const struct tfield *f, struct str text, const char **wrong)
{
	json_t *list = json_array();
	char *z = str_z(r->mem, text);
	for (char *p = z; *p; p++) {
		if (*p == ';' || *p == '/' || *p == '\n' || *p == '+')
			*p = ',';
		if ((uint8_t)p[0] == 0xd8 && ((uint8_t)p[1] == 0x8c || (uint8_t)p[1] == 0x9b)) {      /* Arabic comma and semicolon */
			p[0] = ' ';
			p[1] = ',';
		}
	}
	for (struct str rest = str_of(z); rest.p;) {
		struct str one = str_trim(str_cut(&rest, ','));
		struct str code = one.n ? code_of(r, f->codes, one) : (struct str){ 0 };
		if (one.n && !code.n)
			*wrong = N_("This is none of the values of the list.");
		else if (one.n)
			json_array_append_new(list, json_new_str(code));
	}
	if (!f->many || json_array_size(list) == 0) {
		json_t *first = json_array_size(list) ? json_incref(json_array_get(list, 0)) : NULL;
		if (json_array_size(list) > 1)
			*wrong = N_("Only one value may stand here.");
		json_decref(list);
		return first;
	}
	return list;
}

json_t *cell_value(struct reading *r, const struct target *t, struct str text, const char **wrong, const char **note)
{
	const struct tfield *f = t->field;
	int64_t number;
	if (!f || !text.n)
		return NULL;
	if (f->kind == KIND_DATE)
		return birth_value(r, text, wrong, note);
	if (f->kind == KIND_CODE || f->kind == KIND_BOOL3)
		return f->codes ? codes_value(r, f, text, wrong) : json_new_str(text);
	if (f->kind == KIND_INT && str_i64(digits_ascii(r->mem, text), &number) == 0)
		return json_integer(number);
	if (f->kind == KIND_BOOL)
		return json_boolean(str_is(text, "yes") || str_is(text, "1"));
	return json_new_str(f->kind == KIND_PHONE ? digits_ascii(r->mem, text) : text);
}
