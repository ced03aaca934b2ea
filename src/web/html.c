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
