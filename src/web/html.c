#include "net/form.h"
#include "web/html.h"

#define PAGE_BYTES ((size_t)4 << 20)

struct html html_new(struct work *w)
{
	return (struct html){ .out = buf_new(w->mem, PAGE_BYTES), .lang = w->lang, .numerals = w->numerals, .now_ms = w->now_ms, .mem = w->mem };
}

void html_put(struct html *h, struct markup m)
{
	buf_put(&h->out, m.p, m.n);
}

void html_text(struct html *h, struct str s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *to = s.p[i] == '<' ? "&lt;" : s.p[i] == '>' ? "&gt;" : s.p[i] == '&' ? "&amp;" : s.p[i] == '"' ? "&quot;" :
		    s.p[i] == '\'' ? "&#39;" : NULL;
		if (!to)
			continue;
		buf_put(&h->out, s.p + from, i - from);
		buf_z(&h->out, to);
		from = i + 1;
	}
	if (s.n > from)
		buf_put(&h->out, s.p + from, s.n - from);
}

void html_attr(struct html *h, struct str s)
{
	html_text(h, s);
}

void html_t(struct html *h, const char *msgid)
{
	html_text(h, tr(h->lang, msgid));
}

void html_ts(struct html *h, struct str msgid)
{
	if (msgid.n)
		html_text(h, tr(h->lang, str_z(h->mem, msgid)));
}

void html_name(struct html *h, struct str s)
{
	html_put(h, MARKUP("<bdi>"));
	html_text(h, s);
	html_put(h, MARKUP("</bdi>"));
}

void html_id(struct html *h, struct str s)
{
	html_put(h, MARKUP("<bdi dir=\"ltr\" class=\"id\">"));
	html_text(h, s);
	html_put(h, MARKUP("</bdi>"));
}

void html_num(struct html *h, int64_t n)
{
	html_text(h, num_text(h->mem, h->lang, h->numerals, n));
}

void html_date(struct html *h, struct str iso)
{
	html_text(h, date_local(h->mem, h->lang, h->numerals, str_z(h->mem, iso)));
}

void html_time(struct html *h, int64_t ms)
{
	html_put(h, MARKUP("<time datetime=\""));
	html_text(h, time_text(h->mem, ms));
	html_put(h, MARKUP("\">"));
	html_text(h, time_local(h->mem, h->lang, h->numerals, ms, h->now_ms));
	html_put(h, MARKUP("</time>"));
}

struct str url_of(struct arena *mem, const char *pattern, const struct str *parts, size_t n)
{
	struct buf b = buf_new(mem, 8192);
	size_t next = 0;
	for (const char *p = pattern; *p; p++) {
		if (*p == '%' && next < n)
			buf_str(&b, percent_encode(mem, parts[next++]));
		else
			buf_ch(&b, *p);
	}
	return buf_text(&b);
}

void html_href(struct html *h, const char *pattern, const struct str *parts, size_t n)
{
	html_put(h, MARKUP("<a href=\""));
	html_text(h, url_of(h->mem, pattern, parts, n));
	html_put(h, MARKUP("\">"));
}

void html_icon(struct html *h, enum icon icon)
{
	const struct markup PATHS[] = {
		[ICON_CHECK] = MARKUP("M4 12l5 5L20 6"),
		[ICON_WARN] = MARKUP("M12 3l10 18H2zM12 10v4M12 17.5v.5"),
		[ICON_LOCK] = MARKUP("M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4"),
		[ICON_KEY] = MARKUP("M14 10a4 4 0 1 0-4 4M13 13l8 8M18 18l2-2"),
		[ICON_CLOCK] = MARKUP("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l4 2"),
		[ICON_PEOPLE] = MARKUP("M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 20c0-4 3-6 6-6s6 2 6 6M16 5a3 3 0 0 1 0 6M18 14c3 .5 4 3 4 6"),
		[ICON_CROSS] = MARKUP("M6 6l12 12M18 6L6 18"),
		[ICON_BARS] = MARKUP("M4 20V9M9 20V4M14 20v-7M19 20V7"),
		[ICON_ROAD] = MARKUP("M7 3L4 21M17 3l3 18M12 4v3M12 11v3M12 18v3M3 3l18 18"),
		[ICON_SHIELD] = MARKUP("M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zM12 8v5M12 16v.5"),
		[ICON_WRENCH] = MARKUP("M14 6a4 4 0 0 1 6 5l-3-1-1-3zM15 10L5 20l-2-2L13 8"),
		[ICON_WELL] = MARKUP("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12l3 3 5-6"),
		[ICON_CHILD] = MARKUP("M12 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM7 21v-5l-2-3 4-2h6l4 2-2 3v5M12 15v6"),
		[ICON_AID] = MARKUP("M9 3h6v6h6v6h-6v6H9v-6H3V9h6z"),
		[ICON_PAPER] = MARKUP("M6 2h9l4 4v16H6zM14 2v5h5M9 12h7M9 16h5"),
		[ICON_FOUND] = MARKUP("M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l6 6M10 8a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3"),
		[ICON_DOUBT] = MARKUP("M6 2h9l4 4v16H6zM9.500 11l5 6M14.500 11l-5 6"),
		[ICON_PLACE] = MARKUP("M12 21s-7-6-7-11a7 7 0 0 1 14 0c0 5-7 11-7 11zM12 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4"),
		[ICON_TICKS] = MARKUP("M2 12l5 5L16 7M11 15l2 2L22 7"),
		[ICON_PRINT] = MARKUP("M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z"),
	};
	html_put(h, MARKUP("<svg class=\"ico\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\""));
	html_put(h, PATHS[icon]);
	html_put(h, MARKUP("\"/></svg>"));
}

void html_note(struct html *h, const char *kind, enum icon icon, const char *msgid)
{
	html_put(h, MARKUP("<p class=\"note "));
	html_text(h, str_of(kind));
	html_put(h, MARKUP("\">"));
	html_icon(h, icon);
	html_put(h, MARKUP("<span>"));
	html_t(h, msgid);
	html_put(h, MARKUP("</span></p>"));
}

void form_open(struct html *h, struct work *w, const char *pattern, const struct str *parts, size_t n)
{
	html_put(h, MARKUP("<form class=\"stack\" method=\"post\" action=\""));
	html_text(h, url_of(h->mem, pattern, parts, n));
	html_put(h, MARKUP("\"><input type=\"hidden\" name=\"form\" value=\""));
	html_text(h, id_text(h->mem, id_new(w->node->source)));
	html_put(h, MARKUP("\">"));
}
