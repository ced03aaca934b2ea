#include "journey/sheet.h"
#include <csv.h>

/* Windows-1256, 0x80 to 0xFF: what Arabic office programs write without saying so (unicode.org, MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1256). */
static const uint16_t CP1256[128] = {
	0x20ac, 0x067e, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0679, 0x2039, 0x0152, 0x0686, 0x0698, 0x0688,
	0x06af, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x06a9, 0x2122, 0x0691, 0x203a, 0x0153, 0x200c, 0x200d, 0x06ba,
	0x00a0, 0x060c, 0x00a2, 0x00a3, 0x00a4, 0x00a5, 0x00a6, 0x00a7, 0x00a8, 0x00a9, 0x06be, 0x00ab, 0x00ac, 0x00ad, 0x00ae, 0x00af,
	0x00b0, 0x00b1, 0x00b2, 0x00b3, 0x00b4, 0x00b5, 0x00b6, 0x00b7, 0x00b8, 0x00b9, 0x061b, 0x00bb, 0x00bc, 0x00bd, 0x00be, 0x061f,
	0x06c1, 0x0621, 0x0622, 0x0623, 0x0624, 0x0625, 0x0626, 0x0627, 0x0628, 0x0629, 0x062a, 0x062b, 0x062c, 0x062d, 0x062e, 0x062f,
	0x0630, 0x0631, 0x0632, 0x0633, 0x0634, 0x0635, 0x0636, 0x00d7, 0x0637, 0x0638, 0x0639, 0x063a, 0x0640, 0x0641, 0x0642, 0x0643,
	0x00e0, 0x0644, 0x00e2, 0x0645, 0x0646, 0x0647, 0x0648, 0x00e7, 0x00e8, 0x00e9, 0x00ea, 0x00eb, 0x0649, 0x064a, 0x00ee, 0x00ef,
	0x064b, 0x064c, 0x064d, 0x064e, 0x00f4, 0x064f, 0x0650, 0x00f7, 0x0651, 0x00f9, 0x0652, 0x00fb, 0x00fc, 0x200e, 0x200f, 0x06d2,
};

static void put_cp(struct buf *b, int32_t cp)
{
	char u[4];
	buf_put(b, u, utf8_put(u, cp));
}

static struct str from_1256(struct arena *mem, struct bytes in)
{
	struct buf b = buf_new(mem, in.n * 3 + 1);
	for (size_t i = 0; i < in.n; i++)
		put_cp(&b, in.p[i] < 0x80 ? in.p[i] : CP1256[in.p[i] - 0x80]);
	return buf_text(&b);
}

static int from_utf16(struct arena *mem, struct bytes in, bool big, struct str *out)
{
	struct buf b = buf_new(mem, in.n * 2 + 4);
	for (size_t i = 0; i + 1 < in.n; i += 2) {
		int32_t u = big ? in.p[i] << 8 | in.p[i + 1] : in.p[i + 1] << 8 | in.p[i];
		if (u >= 0xdc00 && u < 0xe000)
			return -1;
		if (u >= 0xd800 && u < 0xdc00) {
			if (i + 3 >= in.n)
				return -1;
			int32_t low = big ? in.p[i + 2] << 8 | in.p[i + 3] : in.p[i + 3] << 8 | in.p[i + 2];
			if (low < 0xdc00 || low >= 0xe000)
				return -1;
			u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		put_cp(&b, u);
	}
	*out = buf_text(&b);
	return 0;
}

/* UTF-16 without a mark: every second byte of the first ones is zero, as in the European signs and line ends of any table, or 6, the Arabic block. */
static int guess_utf16(struct bytes in)
{
	size_t odd = 0, even = 0, n = in.n < 512 ? in.n : 512;
	for (size_t i = 0; i + 1 < n; i += 2) {
		even += in.p[i] == 0 || in.p[i] == 6;
		odd += in.p[i + 1] == 0 || in.p[i + 1] == 6;
	}
	if (n < 4 || in.n % 2)
		return 0;
	return odd * 10 > n / 2 * 9 ? 1 : even * 10 > n / 2 * 9 ? 2 : 0;
}

static bool readable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] < 0x20 && s.p[i] != '\n' && s.p[i] != '\r' && s.p[i] != '\t')
			return false;
	return utf8_valid(s);
}

int sheet_decode(struct arena *mem, struct bytes in, struct str *out, struct err *err)
{
	int guess = guess_utf16(in), rc = 0;
	struct bytes rest = in.n >= 2 ? bytes_of(in.p + 2, in.n - 2) : in;
	if (in.n >= 3 && in.p[0] == 0xef && in.p[1] == 0xbb && in.p[2] == 0xbf)
		*out = bytes_str(bytes_of(in.p + 3, in.n - 3));
	else if (in.n >= 2 && in.p[0] == 0xff && in.p[1] == 0xfe)
		rc = from_utf16(mem, rest, false, out);
	else if (in.n >= 2 && in.p[0] == 0xfe && in.p[1] == 0xff)
		rc = from_utf16(mem, rest, true, out);
	else if (guess)
		rc = from_utf16(mem, in, guess == 2, out);
	else if (utf8_valid(bytes_str(in)))
		*out = bytes_str(in);
	else
		*out = from_1256(mem, in);
	return rc < 0 || !readable(*out) ? err_say(err, ERR_VALUE, N_("This is no table: only XLSX and CSV files can be read."), NULL) : 0;
}

/* The sign that divides the first lines most evenly: outside quotes, as often in each. */
static unsigned char divider_of(struct str text)
{
	static const char SIGNS[] = ",;\t|";
	size_t total[4] = { 0 };
	size_t lines = 0;
	bool quoted = false;
	for (size_t i = 0; i < text.n && lines < 20; i++) {
		if (text.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && text.p[i] == '\n')
			lines++;
		for (size_t k = 0; k < 4 && !quoted; k++)
			total[k] += text.p[i] == SIGNS[k];
	}
	size_t best = 0;
	for (size_t k = 1; k < 4; k++)
		if (total[k] > total[best])
			best = k;
	return (unsigned char)SIGNS[best];
}

struct csv_state { struct sheet_build build; uint32_t row; size_t column; struct err *err; bool failed, after_cr; };

static void on_cell(void *cell, size_t n, void *arg)
{
	struct csv_state *s = arg;
	s->after_cr = false;
	if (!s->failed && sheet_put(&s->build, s->row, s->column, (struct str){ cell, n }, MARK_NONE, s->err) < 0)
		s->failed = true;
	s->column++;
}

static void on_row(int end, void *arg)
{
	struct csv_state *s = arg;
	s->row += !(end == '\n' && s->after_cr);       /* CR LF is one end of a line, told as two; empty lines count */
	s->after_cr = end == '\r';
	s->column = 0;
}

int sheet_read_csv(struct arena *mem, struct bytes file, struct sheet *out, struct err *err)
{
	struct csv_parser p;
	struct str text;
	if (sheet_decode(mem, file, &text, err) < 0)
		return -1;
	unsigned char divider = divider_of(text);
	if (str_starts(text, STR("sep=")) && text.n > 5 && memchr(",;\t|", text.p[4], 4)) {      /* what Excel writes and reads */
		divider = (unsigned char)text.p[4];
		str_cut(&text, '\n');
	}
	struct csv_state s = { .build = { .mem = mem }, .row = 1, .err = err };
	if (csv_init(&p, CSV_EMPTY_IS_NULL | CSV_REPALL_NL) != 0)
		return err_set(err, ERR_FAULT, "libcsv");
	csv_set_delim(&p, divider);
	size_t done = csv_parse(&p, text.p ? text.p : "", text.n, on_cell, on_row, &s);
	int rc = csv_fini(&p, on_cell, on_row, &s);
	csv_free(&p);
	if (s.failed)
		return -1;
	if (done != text.n || rc != 0)
		return err_say(err, ERR_VALUE, N_("A quotation mark in this CSV file is not closed."), NULL);
	sheet_end(&s.build, out);
	return out->nrows ? 0 : err_say(err, ERR_VALUE, N_("There is nothing in this table."), NULL);
}
