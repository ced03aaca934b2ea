#include "report/chart_i.h"

#define WIDTH 420

struct svg svg_open(const struct drawing *d, const char *classes, int width, int height)
{
	struct svg s = { buf_new(d->mem, (size_t)64 << 10), d, width, str_is(str_of(lang_info(d->lang)->dir), "rtl") };
	svg_fmt(&s, "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-t %s-d\"><title id=\"%s-t\">", classes, width, height, d->key, d->key, d->key);
	svg_text(&s, d->title);
	svg_fmt(&s, "</title><desc id=\"%s-d\">", d->key);
	svg_text(&s, d->desc);
	svg_fmt(&s, "</desc>");
	return s;
}

struct str svg_close(struct svg *s)
{
	svg_fmt(s, "</svg>");
	return buf_text(&s->out);
}

void svg_fmt(struct svg *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_str(&s->out, str_vfmt(s->d->mem, fmt, ap));
	va_end(ap);
}

void svg_text(struct svg *s, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		const char *to = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : NULL;
		to ? buf_z(&s->out, to) : buf_ch(&s->out, c);
	}
}

int svg_x(const struct svg *s, int from_start, int width)
{
	return s->rtl ? s->width - from_start - width : from_start;
}

void svg_label(struct svg *s, const char *classes, int x, int y, const char *anchor, struct str text)
{
	svg_fmt(s, "<text");
	if (*classes)
		svg_fmt(s, " class=\"%s\"", classes);
	svg_fmt(s, " x=\"%d\" y=\"%d\"", x, y);
	if (anchor)
		svg_fmt(s, " text-anchor=\"%s\"", anchor);
	svg_fmt(s, ">");
	svg_text(s, text);
	svg_fmt(s, "</text>");
}

static struct str number(const struct svg *s, int64_t n)
{
	return n == 0 ? num_plain(s->d->mem, s->d->lang, s->d->numerals, STR("0")) : num_text(s->d->mem, s->d->lang, s->d->numerals, n);
}

/* ---- bars by batch ---- */
#define BARS_HEIGHT 270
#define BASE 228
#define TOP 40
#define AXIS 44                     /* room for the numbers of the axis, at the start edge */
#define BAR 32

static int64_t step_of(int64_t most)
{
	static const int64_t STEPS[] = { 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000 };
	size_t i = 0;
	while (i + 1 < COUNT(STEPS) && STEPS[i] * 4 < most)
		i++;
	return STEPS[i];
}

static int64_t most_of(const struct bar_group *g, size_t n)
{
	int64_t most = 1;
	for (size_t i = 0; i < n; i++) {
		most = g[i].counted.known && g[i].counted.value > most ? g[i].counted.value : most;
		most = g[i].said.known && g[i].said.value > most ? g[i].said.value : most;
	}
	return most;
}

static int tall(int64_t value, int64_t top)
{
	return (int)(value * (BASE - TOP) / top);
}

static void grid(struct svg *s, int64_t step, int64_t top)
{
	for (int64_t v = 0; v <= top; v += step) {
		int y = BASE - tall(v, top);
		svg_fmt(s, "<path class=\"axis\" d=\"M%d %dh%d\"/>", svg_x(s, AXIS, WIDTH - AXIS), y, WIDTH - AXIS);
		svg_label(s, "t2", svg_x(s, AXIS - 8, 0), y + 5, "end", number(s, v));
	}
}

static void one_bar(struct svg *s, int from_start, const char *fill, struct figure f, int64_t top)
{
	bool exact = f.qualifier == FIGURE_EXACT;
	int h = tall(f.value, top), middle = svg_x(s, from_start, BAR) + BAR / 2;
	if (!f.known)
		return;
	if (exact)
		svg_fmt(s, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", fill, svg_x(s, from_start, BAR), BASE - h, BAR, h);
	else
		svg_fmt(s, "<rect class=\"%ss\" fill=\"url(#%s-h)\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", fill, s->d->key, svg_x(s, from_start, BAR), BASE - h, BAR, h);
	svg_label(s, "b", middle, BASE - h - 6, "middle", number(s, f.value));
	if (!exact)
		svg_label(s, "t3", middle, BASE - h - 24, "middle", tr(s->d->lang, f.qualifier == FIGURE_ABOUT ? N_("about") : N_("more than")));
}

struct str chart_bars(const struct drawing *d, const struct bar_group *g, size_t n)
{
	struct svg s = svg_open(d, "chart", WIDTH, BARS_HEIGHT);
	int64_t step = step_of(most_of(g, n)), top = (most_of(g, n) + step - 1) / step * step;
	int wide = n ? (WIDTH - AXIS) / (int)n : WIDTH;
	svg_fmt(&s, "<defs><pattern id=\"%s-h\" class=\"hatch two\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
	    "<rect width=\"8\" height=\"8\"/><path d=\"M2 0V8M6 0V8\"/></pattern></defs>", d->key);
	grid(&s, step, top);
	for (size_t i = 0; i < n; i++) {
		int at = AXIS + (int)i * wide + (wide - 2 * BAR - 8) / 2;
		one_bar(&s, at, "k1", g[i].counted, top);
		one_bar(&s, at + BAR + 8, "k2", g[i].said, top);
		svg_label(&s, "b", svg_x(&s, at, 2 * BAR + 8) + BAR + 4, BASE + 24, "middle", g[i].label);
	}
	return svg_close(&s);
}

/* ---- lines ---- */
#define LINE 56

struct str chart_lines(const struct drawing *d, const struct line_bar *bars, size_t n)
{
	struct svg s = svg_open(d, "chart", WIDTH, (int)n * LINE + 8);
	for (size_t i = 0; i < n; i++) {
		int y = 6 + (int)i * LINE, w = (int)(bars[i].pct * 34 / 10);
		svg_label(&s, "", svg_x(&s, 6, 0), y + 14, NULL, bars[i].label);
		svg_fmt(&s, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" rx=\"2\"/>", bars[i].faint ? "k3" : "k1", svg_x(&s, 6, w), y + 22, w);
		svg_label(&s, "b", svg_x(&s, w + 14, 0), y + 38, NULL, bars[i].value);
	}
	return svg_close(&s);
}

/* ---- the flow ---- */
#define FLOW_HEIGHT 262
#define FLOW_TOP 52
#define FLOW_TALL 170
#define POST 14

static void band(struct svg *s, const char *class, int from, int to, int y0, int y1, int h)
{
	int a = svg_x(s, from, 0), b = svg_x(s, to, 0), m = (a + b) / 2;
	svg_fmt(s, "<path class=\"%s\" d=\"M%d %dC%d %d %d %d %d %dV%dC%d %d %d %d %d %dZ\"/>", class, a, y0, m, y0, m, y1, b, y1, y1 + h, m, y1 + h, m, y0 + h, a, y0 + h);
}

static void post(struct svg *s, const char *class, int at, int y, int h)
{
	svg_fmt(s, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", class, svg_x(s, at, POST), y, POST, h);
}

struct str chart_flow(const struct drawing *d, const struct flow *f)
{
	struct svg s = svg_open(d, "chart", WIDTH, FLOW_HEIGHT);
	int h1 = (int)(f->went * FLOW_TALL / (f->all ? f->all : 1)), h2 = FLOW_TALL - h1, y2 = FLOW_TOP + h1 + 26;
	struct str star = str_join(d->mem, number(&s, f->all - f->went), STR("*"));
	band(&s, "flow1", POST, 174, FLOW_TOP, FLOW_TOP, FLOW_TALL);
	band(&s, "flow1", 174 + POST, 316, FLOW_TOP, FLOW_TOP, h1);
	band(&s, "flow2", 174 + POST, 316, FLOW_TOP + h1, y2, h2);
	post(&s, "k1", 0, FLOW_TOP, FLOW_TALL);
	post(&s, "k1", 174, FLOW_TOP, FLOW_TALL);
	post(&s, "k1", 316, FLOW_TOP, h1);
	post(&s, "k3", 316, y2, h2);
	svg_label(&s, "b", svg_x(&s, 2, 0), 20, NULL, f->from);
	svg_label(&s, "t2", svg_x(&s, 2, 0), 41, NULL, number(&s, f->all));
	svg_label(&s, "b", svg_x(&s, 181, 0), 20, "middle", f->through);
	svg_label(&s, "t2", svg_x(&s, 181, 0), 41, "middle", number(&s, f->all));
	svg_label(&s, "b", svg_x(&s, 338, 0), FLOW_TOP + h1 / 2 - 2, NULL, f->home);
	svg_label(&s, "t2", svg_x(&s, 338, 0), FLOW_TOP + h1 / 2 + 18, NULL, number(&s, f->went));
	svg_label(&s, "b", svg_x(&s, 338, 0), y2 + h2 / 2 - 2, NULL, f->rest);
	svg_label(&s, "t2", svg_x(&s, 338, 0), y2 + h2 / 2 + 18, NULL, star);
	return svg_close(&s);
}
