/* Dates and times as an office writes them. Names of months are data of the languages, not messages: Iraqi names for ar (Syriac
   months), CLDR 42 for ckb and for the Hijri months. */
#include "base/lang.h"
#include "base/date.h"
#include <unicode/ucal.h>

#define DAY_MS INT64_C(86400000)
#define BAGHDAD_MS (INT64_C(3) * 3600 * 1000)   /* UTC+3 all year; Damascus too, since 2022 */

static const char *const MONTHS[LANGS][12] = {
	[LANG_AR] = { "كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول" },
	[LANG_CKB] = { "کانوونی دووەم", "شوبات", "ئازار", "نیسان", "ئایار", "حوزەیران", "تەمووز", "ئاب", "ئەیلوول", "تشرینی یەکەم", "تشرینی دووەم",
		"کانوونی یەکەم" },
	[LANG_EN] = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December" },
};

static const char *const HIJRI_MONTHS[LANGS][12] = {
	[LANG_AR] = { "محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة", "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة" },
	[LANG_CKB] = { "موحەڕەم", "سەفەر", "ڕەبیعی یەکەم", "ڕەبیعی دووەم", "جەمادی یەکەم", "جەمادی دووەم", "ڕەجەب", "شەعبان", "ڕەمەزان", "شەوال",
		"زیلقەعدە", "زیلحیججە" },
	[LANG_EN] = { "Muharram", "Safar", "Rabi al-Awwal", "Rabi al-Akhir", "Jumada al-Ula", "Jumada al-Akhira", "Rajab", "Shaban", "Ramadan", "Shawwal",
		"Dhu al-Qada", "Dhu al-Hijja" },
};

/* What joins day, month and year: Sorani ties each to the next with its ezafe (24ی تشرینی دووەمی 2026). */
static const struct { const char *after_day, *after_month; } JOINS[LANGS] = {
	[LANG_AR] = { " ", " " }, [LANG_CKB] = { "ی ", "ی " }, [LANG_EN] = { " ", " " },
};

static struct str number_local(struct arena *mem, enum lang lang, enum numerals numerals, int n)
{
	return num_plain(mem, lang, numerals, str_fmt(mem, "%d", n));
}

/* Day 0: month and year only. */
static struct str day_month_year(struct arena *mem, enum lang lang, enum numerals numerals, const char *month, int y, int d)
{
	struct str year = number_local(mem, lang, numerals, y);
	struct str rest = str_fmt(mem, "%s%s" S_FMT, month, JOINS[lang].after_month, S_ARG(year));
	if (d == 0)
		return rest;
	struct str day = number_local(mem, lang, numerals, d);
	return str_fmt(mem, S_FMT "%s" S_FMT, S_ARG(day), JOINS[lang].after_day, S_ARG(rest));
}

struct str date_local(struct arena *mem, enum lang lang, enum numerals numerals, const char *iso)
{
	struct date d;
	if (date_parse(str_of(iso), &d) < 0)
		return str_dup(mem, str_of(iso));
	struct str years[] = { number_local(mem, lang, numerals, d.y), number_local(mem, lang, numerals, d.y_to) };
	switch (d.precision) {
	case DATE_YMD:
	case DATE_YM:
		return day_month_year(mem, lang, numerals, MONTHS[lang][d.m - 1], d.y, d.d);
	case DATE_RANGE:
		return tr_fill(mem, tr(lang, "from %s to %s"), years, 2, false);
	case DATE_ESTIMATED:
		return tr_fill(mem, tr(lang, "about %s"), years, 1, false);
	case DATE_Y:
	case DATE_NONE:
		break;
	}
	return years[0];
}

struct str date_hijri(struct arena *mem, enum lang lang, enum numerals numerals, const char *iso)
{
	struct date d;
	UErrorCode e = U_ZERO_ERROR;
	if (date_parse(str_of(iso), &d) < 0 || d.precision != DATE_YMD)
		return (struct str){ 0 };
	UCalendar *calendar = ucal_open(u"UTC", 3, "en@calendar=islamic-umalqura", UCAL_TRADITIONAL, &e);
	if (U_FAILURE(e))
		return (struct str){ 0 };
	ucal_setMillis(calendar, (double)(day_of(d.y, d.m, d.d) * DAY_MS), &e);
	int y = ucal_get(calendar, UCAL_YEAR, &e), m = ucal_get(calendar, UCAL_MONTH, &e), day = ucal_get(calendar, UCAL_DATE, &e);
	ucal_close(calendar);
	if (U_FAILURE(e) || m < 0 || m > 11)
		return (struct str){ 0 };
	struct str text = day_month_year(mem, lang, numerals, HIJRI_MONTHS[lang][m], y, day);
	return tr_fill(mem, tr(lang, "%s AH, calculated, give or take a day"), &text, 1, false);
}

struct str time_local(struct arena *mem, enum lang lang, enum numerals numerals, int64_t ms, int64_t now_ms)
{
	int y, m, d;
	int64_t local = ms + BAGHDAD_MS;
	int32_t day = day_of_ms(local), today = day_of_ms(now_ms + BAGHDAD_MS);
	int minutes = (int)((local - day * DAY_MS) / 60000);
	struct str clock = num_plain(mem, lang, numerals, str_fmt(mem, "%02d:%02d", minutes / 60, minutes % 60));
	if (day == today)
		return tr_fill(mem, tr(lang, "today %s"), &clock, 1, false);
	if (day == today - 1)
		return tr_fill(mem, tr(lang, "yesterday %s"), &clock, 1, false);
	day_split(day, &y, &m, &d);
	struct str date = day_month_year(mem, lang, numerals, MONTHS[lang][m - 1], y, d);
	return str_fmt(mem, S_FMT " " S_FMT, S_ARG(date), S_ARG(clock));
}
