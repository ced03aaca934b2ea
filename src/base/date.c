#include "base/date.h"
#include "base/utf8.h"

#define DAY_MS INT64_C(86400000)

/* Days from civil and back: Howard Hinnant, "chrono-compatible low-level date algorithms". A year begins in March there, so that
   the leap day is its last. */
int32_t day_of(int y, int m, int d)
{
	y -= m <= 2;
	int era = (y >= 0 ? y : y - 399) / 400;
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

void day_split(int32_t day, int *y, int *m, int *d)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int day_of_era = z - era * 146097;
	int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month = (5 * day_of_year + 2) / 153;
	*d = day_of_year - (153 * month + 2) / 5 + 1;
	*m = month < 10 ? month + 3 : month - 9;
	*y = year_of_era + era * 400 + (*m <= 2);
}

int32_t day_of_ms(int64_t ms)
{
	int64_t day = ms / DAY_MS;
	return (int32_t)(ms % DAY_MS < 0 ? day - 1 : day);
}

static bool is_leap(int y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static int month_days(int y, int m)
{
	static const int DAYS[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return m == 2 && is_leap(y) ? 29 : DAYS[m - 1];
}

/* A number of at least `least` and at most `most` digits. */
static int number(struct str s, size_t least, size_t most, int *out)
{
	uint64_t v = 0;
	if (s.n < least || s.n > most || str_u64(s, &v) < 0)
		return -1;
	*out = (int)v;
	return 0;
}

static int year(struct str s, int *y)
{
	return number(s, 4, 4, y) < 0 || *y < 1 ? -1 : 0;
}

static int date_make(enum precision precision, int y, int m, int d, struct date *out)
{
	if (m < 0 || m > 12 || (m > 0 && d > month_days(y, m)))
		return -1;
	*out = (struct date){ .precision = precision, .y = (int16_t)y, .m = (int8_t)m, .d = (int8_t)d };
	return 0;
}

/* day/month/year, the order of Iraqi papers; one or two digits for day and month. */
static int parse_strokes(struct str s, struct date *out)
{
	int y, m, d;
	struct str day = str_cut(&s, '/'), month = str_cut(&s, '/');
	if (number(day, 1, 2, &d) < 0 || number(month, 1, 2, &m) < 0 || year(s, &y) < 0 || d < 1 || m < 1)
		return -1;
	return date_make(DATE_YMD, y, m, d, out);
}

static int parse_iso(struct str s, struct date *out)
{
	int y, m, d;
	if (s.n == 4)
		return year(s, &y) < 0 ? -1 : date_make(DATE_Y, y, 0, 0, out);
	if ((s.n != 7 && s.n != 10) || s.p[4] != '-' || year(str_sub(s, 0, 4), &y) < 0 || number(str_sub(s, 5, 2), 2, 2, &m) < 0 || m < 1)
		return -1;
	if (s.n == 7)
		return date_make(DATE_YM, y, m, 0, out);
	if (s.p[7] != '-' || number(str_sub(s, 8, 2), 2, 2, &d) < 0 || d < 1)
		return -1;
	return date_make(DATE_YMD, y, m, d, out);
}

static int parse_range(struct str from, struct str to, struct date *out)
{
	int y, y_to;
	if (year(from, &y) < 0 || year(to, &y_to) < 0 || y_to < y)
		return -1;
	*out = (struct date){ .precision = DATE_RANGE, .y = (int16_t)y, .y_to = (int16_t)y_to };
	return 0;
}

/* The text with European digits; an empty text where it is longer than any date. */
static struct str plain_digits(struct str s, char out[32])
{
	size_t n = 0;
	s = str_trim(s);
	while (s.n && n < 31) {
		int32_t c = utf8_next(&s);
		if (c >= 0x660 && c <= 0x669)
			c += '0' - 0x660;
		else if (c >= 0x6f0 && c <= 0x6f9)
			c += '0' - 0x6f0;
		if (c <= 0 || c >= 0x80)
			return (struct str){ 0 };
		out[n++] = (char)c;
	}
	return s.n ? (struct str){ 0 } : (struct str){ out, n };
}

int date_parse(struct str text, struct date *out)
{
	char plain[32];
	int y;
	struct str s = plain_digits(text, plain);
	if (s.n == 0)
		return -1;
	if (s.p[0] == '~')
		return year(str_sub(s, 1, s.n), &y) < 0 ? -1 : date_make(DATE_ESTIMATED, y, 0, 0, out);
	size_t dots = str_find(s, STR(".."));
	if (dots < s.n)
		return parse_range(str_sub(s, 0, dots), str_sub(s, dots + 2, s.n), out);
	return str_find(s, STR("/")) < s.n ? parse_strokes(s, out) : parse_iso(s, out);
}

struct str date_text(struct arena *mem, struct date d)
{
	switch (d.precision) {
	case DATE_Y:
		return str_fmt(mem, "%04d", d.y);
	case DATE_YM:
		return str_fmt(mem, "%04d-%02d", d.y, d.m);
	case DATE_YMD:
		return str_fmt(mem, "%04d-%02d-%02d", d.y, d.m, d.d);
	case DATE_RANGE:
		return str_fmt(mem, "%04d..%04d", d.y, d.y_to);
	case DATE_ESTIMATED:
		return str_fmt(mem, "~%04d", d.y);
	case DATE_NONE:
		break;
	}
	return (struct str){ 0 };
}

bool date_conventional(struct date d)
{
	return d.precision == DATE_YMD && d.d == 1 && (d.m == 1 || d.m == 7);
}

void date_span(struct date d, int32_t *first, int32_t *last)
{
	int from = d.y, to = d.y;
	switch (d.precision) {
	case DATE_NONE:
		*first = INT32_MIN;
		*last = INT32_MAX;
		return;
	case DATE_YMD:
		if (date_conventional(d))
			break;
		*first = *last = day_of(d.y, d.m, d.d);
		return;
	case DATE_YM:
		*first = day_of(d.y, d.m, 1);
		*last = day_of(d.y, d.m, month_days(d.y, d.m));
		return;
	case DATE_RANGE:
		to = d.y_to;
		break;
	case DATE_ESTIMATED:
		from = d.y - 2;
		to = d.y + 2;
		break;
	case DATE_Y:
		break;
	}
	*first = day_of(from, 1, 1);
	*last = day_of(to, 12, 31);
}

/* The birthday after that many years. Who was born on 29 February has it on 1 March of a common year: later, so that nobody is an adult too early. */
static int32_t birthday(int32_t born, int years)
{
	int y, m, d;
	day_split(born, &y, &m, &d);
	return m == 2 && d == 29 && !is_leap(y + years) ? day_of(y + years, 3, 1) : day_of(y + years, m, d);
}

static bool of_whole_years(struct date d)
{
	return d.precision == DATE_Y || d.precision == DATE_RANGE || d.precision == DATE_ESTIMATED || date_conventional(d);
}

enum child date_child(struct date birth, int32_t today)
{
	if (birth.precision == DATE_NONE)
		return CHILD_PRESUMED;
	int32_t first, last;
	date_span(birth, &first, &last);
	int32_t youngest_adult = birthday(last, 18);
	if (of_whole_years(birth))
		youngest_adult++;      /* "until 31 December": that day is still a child's */
	if (today >= youngest_adult)
		return CHILD_NO;
	bool one_year = birth.precision == DATE_Y || date_conventional(birth);
	return one_year || today < birthday(first, 18) ? CHILD_YES : CHILD_PRESUMED;
}

static int years_between(int32_t born, int32_t today)
{
	int y, m, d, y2;
	day_split(born, &y, &m, &d);
	day_split(today, &y2, &m, &d);
	return today < birthday(born, y2 - y) ? y2 - y - 1 : y2 - y;
}

int date_age(struct date birth, int32_t today)
{
	int32_t first, last;
	if (birth.precision == DATE_NONE)
		return -1;
	date_span(birth, &first, &last);
	if (today < last)
		return -1;
	int oldest = years_between(first, today);
	return oldest == years_between(last, today) ? oldest : -1;
}

struct str time_text(struct arena *mem, int64_t ms)
{
	int y, m, d;
	int32_t day = day_of_ms(ms);
	day_split(day, &y, &m, &d);
	int rest = (int)(ms - day * DAY_MS);
	return str_fmt(mem, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", y, m, d, rest / 3600000, rest / 60000 % 60, rest / 1000 % 60, rest % 1000);
}

/* ".123456" to milliseconds, cut, not rounded: two readers of one text must agree. Moves s behind the digits. */
static int parse_fraction(struct str *s, int *ms)
{
	static const int WEIGHT[] = { 100, 10, 1 };
	size_t n = 1;
	*ms = 0;
	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9') {
		if (n <= COUNT(WEIGHT))
			*ms += (s->p[n] - '0') * WEIGHT[n - 1];
		n++;
	}
	*s = str_sub(*s, n, s->n);
	return n == 1 ? -1 : 0;
}

static int parse_offset(struct str s, int *minutes)
{
	int h, m;
	if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')) {
		*minutes = 0;
		return 0;
	}
	if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':' || number(str_sub(s, 1, 2), 2, 2, &h) < 0 ||
	    number(str_sub(s, 4, 2), 2, 2, &m) < 0 || h > 23 || m > 59)
		return -1;
	*minutes = (h * 60 + m) * (s.p[0] == '-' ? -1 : 1);
	return 0;
}

int time_parse(struct str s, int64_t *ms)
{
	struct date date;
	int h, m, sec, fraction = 0, offset;
	if (s.n < 20 || (s.p[10] != 'T' && s.p[10] != 't') || parse_iso(str_sub(s, 0, 10), &date) < 0 || s.p[13] != ':' || s.p[16] != ':')
		return -1;
	if (number(str_sub(s, 11, 2), 2, 2, &h) < 0 || number(str_sub(s, 14, 2), 2, 2, &m) < 0 || number(str_sub(s, 17, 2), 2, 2, &sec) < 0 ||
	    h > 23 || m > 59 || sec > 60)      /* 60: a leap second, counted as the first of the next minute */
		return -1;
	struct str rest = str_sub(s, 19, s.n);
	if ((rest.p[0] == '.' && parse_fraction(&rest, &fraction) < 0) || parse_offset(rest, &offset) < 0)
		return -1;
	int64_t seconds = day_of(date.y, date.m, date.d) * INT64_C(86400) + (h * 60 + m - offset) * 60 + sec;
	*ms = seconds * 1000 + fraction;
	return 0;
}
