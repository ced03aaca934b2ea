#include "report/chart_i.h"
#include "report/report_i.h"

/* data/places/map.csv has the paths ready (tools/places-map). A map is never mirrored. */

#define MAP_WIDTH 572
#define MAP_HEIGHT 528

static const struct share *share_of(const struct share *shares, size_t n, struct str code)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(shares[i].area, code))
			return &shares[i];
	return NULL;
}

static const char *class_of(const struct share *s)
{
	return !s ? "m" : !s->figure ? "m qh" : s->pct >= 50 ? "m q3" : s->pct >= 10 ? "m q2" : "m q1";
}

static void area_name(struct svg *s, const struct csv_file *f, size_t row, const struct share *share)
{
	struct str code = csv_cell(f, row, "code");
	bool out = str_is(csv_cell(f, row, "kind"), "out");
	int64_t x, y;
	if (str_i64(csv_cell(f, row, "x"), &x) < 0 || str_i64(csv_cell(f, row, "y"), &y) < 0)
		return;
	const char *halo = out ? "halo ono opt" : !share || !share->figure ? "halo" : share->pct >= 50 ? "halo on3" : "halo on2";
	svg_label(s, share && share->figure ? str_fmt(s->d->mem, "%s b", halo).p : halo, (int)x, (int)y, "middle", place_name(s->d->mem, s->d->lang, code));
	if (!share || !share->figure)
		return;
	svg_label(s, str_fmt(s->d->mem, "%s h", halo).p, (int)x, (int)y + 24, "middle", percent_text(s->d->mem, s->d->lang, s->d->numerals, share->pct));
}

/* Points are approximate. The name of al-Hol stands below it, that of Jeddah at its east. */
static void point(struct svg *s, const struct csv_file *f, size_t row)
{
	static const struct { const char *code, *label; int dx, dy; } POINTS[] = { { "SY-P-HOL", N_("al-Hol"), -14, 24 }, { "IQ-P-JEDDAH1", N_("Jeddah"), 40, 2 } };
	int64_t x, y;
	if (str_i64(csv_cell(f, row, "x"), &x) < 0 || str_i64(csv_cell(f, row, "y"), &y) < 0)
		return;
	for (size_t i = 0; i < COUNT(POINTS); i++) {
		if (!str_is(csv_cell(f, row, "code"), POINTS[i].code))
			continue;
		svg_fmt(s, "<circle class=\"pt\" cx=\"%d\" cy=\"%d\" r=\"6\"/>", (int)x, (int)y);
		svg_label(s, "halo pl b", (int)x + POINTS[i].dx, (int)y + POINTS[i].dy, "middle", tr(s->d->lang, POINTS[i].label));
	}
}

struct str chart_map(const struct drawing *d, const struct share *shares, size_t n, struct err *err)
{
	struct csv_file f;
	if (csv_embedded(d->mem, "data/places/map.csv", &f, err) < 0)
		return (struct str){ 0 };
	struct svg s = svg_open(d, "chart map", MAP_WIDTH, MAP_HEIGHT);
	svg_fmt(&s, "<defs><pattern id=\"named\" class=\"hatch2\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
	    "<rect width=\"7\" height=\"7\"/><path d=\"M3.5 0V7\"/></pattern></defs>");
	for (size_t i = 0; i < f.rows; i++) {
		struct str path = csv_cell(&f, i, "path");
		bool out = str_is(csv_cell(&f, i, "kind"), "out");
		if (path.n)
			svg_fmt(&s, "<path class=\"%s\" d=\"" S_FMT "\"/>", out ? "m out" : class_of(share_of(shares, n, csv_cell(&f, i, "code"))), S_ARG(path));
	}
	for (size_t i = 0; i < f.rows; i++)
		csv_cell(&f, i, "path").n ? area_name(&s, &f, i, share_of(shares, n, csv_cell(&f, i, "code"))) : point(&s, &f, i);
	return svg_close(&s);
}

/* ---- marks of a joint room ---- */

/* The window on the border: x from BORDER_X, of the same map. The projection is that of tools/places-map. */
#define BORDER_X 40
#define BORDER_WIDTH 350
#define BORDER_HEIGHT 300
#define LON0 37.9
#define LAT1 37.55
#define UNITS_NORTH 62.0
#define UNITS_EAST 51.9975          /* 62 cos 33 degrees */
#define NEAR 14

struct spot { int x, y; };

static bool spot_of(struct arena *mem, const struct csv_file *points, struct str code, struct spot *out)
{
	for (size_t i = 0; i < points->rows; i++) {
		if (!str_eq(csv_cell(points, i, "code"), code))
			continue;
		double lon = strtod(str_z(mem, csv_cell(points, i, "lon")), NULL), lat = strtod(str_z(mem, csv_cell(points, i, "lat")), NULL);
		*out = (struct spot){ (int)((lon - LON0) * UNITS_EAST + 0.5) - BORDER_X, (int)((LAT1 - lat) * UNITS_NORTH + 0.5) };
		return out->x >= 0 && out->x < BORDER_WIDTH && out->y >= 0 && out->y < BORDER_HEIGHT;
	}
	return false;
}

/* Marks at one place, or at two posts that face each other, stand beside each other. */
static struct spot beside(const struct spot *taken, int n, struct spot s)
{
	for (int i = 0; i < n; i++) {
		int dx = taken[i].x - s.x, dy = taken[i].y - s.y;
		if (dx * dx + dy * dy < NEAR * NEAR) {
			s.x = taken[i].x + NEAR;
			i = -1;
		}
	}
	return s;
}

struct str chart_places(const struct drawing *d, struct map_mark *marks, size_t n, struct err *err)
{
	struct csv_file f, points;
	struct spot *taken = NEW_ARRAY(d->mem, struct spot, n + 1);
	int shown = 0;
	if (csv_embedded(d->mem, "data/places/map.csv", &f, err) < 0 || csv_embedded(d->mem, "data/places/points.csv", &points, err) < 0)
		return (struct str){ 0 };
	struct svg s = svg_open(d, "chart map", BORDER_WIDTH, BORDER_HEIGHT);
	svg_fmt(&s, "<g transform=\"translate(-%d 0)\">", BORDER_X);
	for (size_t i = 0; i < f.rows; i++)
		if (csv_cell(&f, i, "path").n)
			svg_fmt(&s, "<path class=\"%s\" d=\"" S_FMT "\"/>", str_is(csv_cell(&f, i, "kind"), "out") ? "m out" : "m", S_ARG(csv_cell(&f, i, "path")));
	for (size_t i = 0; i < f.rows; i++)
		if (csv_cell(&f, i, "path").n)
			area_name(&s, &f, i, NULL);
	svg_fmt(&s, "</g>");
	for (size_t i = 0; i < n; i++) {
		struct spot at;
		marks[i].at = 0;
		if (!spot_of(d->mem, &points, marks[i].place, &at))
			continue;
		at = beside(taken, shown, at);
		taken[shown++] = at;
		marks[i].at = shown;
		svg_fmt(&s, "<circle class=\"pt\" cx=\"%d\" cy=\"%d\" r=\"6\"/>", at.x, at.y);
		svg_label(&s, "halo pl b", at.x, at.y - 9, "middle", num_text(d->mem, d->lang, d->numerals, shown));
	}
	return svg_close(&s);
}
