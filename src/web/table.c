#include "web/table.h"

void table_open(struct html *h, struct columns c)
{
	html_put(h, MARKUP("<table class=\"cards\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">"));
	for (size_t i = 0; i < c.n; i++) {
		html_put(h, MARKUP("<th scope=\"col\" role=\"columnheader\">"));
		html_t(h, c.labels[i]);
		html_put(h, MARKUP("</th>"));
	}
	html_put(h, MARKUP("</tr></thead><tbody role=\"rowgroup\">"));
}

void table_close(struct html *h)
{
	html_put(h, MARKUP("</tbody></table>"));
}

void row_open(struct html *h)
{
	html_put(h, MARKUP("<tr role=\"row\">"));
}

void row_close(struct html *h)
{
	html_put(h, MARKUP("</tr>"));
}

void cell_open(struct html *h, struct columns c, size_t i)
{
	if (i == 0) {
		html_put(h, MARKUP("<th scope=\"row\" role=\"rowheader\">"));
		return;
	}
	html_put(h, MARKUP("<td role=\"cell\" data-l=\""));
	html_attr(h, tr(h->lang, c.labels[i]));
	html_put(h, MARKUP("\">"));
}

void cell_close(struct html *h, size_t i)
{
	i == 0 ? html_put(h, MARKUP("</th>")) : html_put(h, MARKUP("</td>"));
}

void cell_num(struct html *h, struct columns c, size_t i, int64_t n)
{
	cell_open(h, c, i);
	n ? html_num(h, n) : html_t(h, N_("None"));        /* a lone Arabic zero looks like a full stop (UX 6) */
	cell_close(h, i);
}

void cell_text(struct html *h, struct columns c, size_t i, struct str s)
{
	cell_open(h, c, i);
	html_text(h, s);
	cell_close(h, i);
}

void tag(struct html *h, const char *kind, struct str s)
{
	html_put(h, MARKUP("<span class=\"tag "));
	html_text(h, str_of(kind));
	html_put(h, MARKUP("\">"));
	html_text(h, s);
	html_put(h, MARKUP("</span>"));
}

void cell_tag(struct html *h, struct columns c, size_t i, const char *kind, struct str s)
{
	cell_open(h, c, i);
	tag(h, kind, s);
	cell_close(h, i);
}

void fact(struct html *h, const char *label, int64_t n)
{
	html_put(h, MARKUP("<div><dt>"));
	html_t(h, label);
	html_put(h, MARKUP("</dt><dd class=\"big\">"));
	n ? html_num(h, n) : html_t(h, N_("None"));
	html_put(h, MARKUP("</dd></div>"));
}

void button_form(struct html *h, struct work *w, struct str action, const char *name, struct str value, const char *label)
{
	html_put(h, MARKUP("<form method=\"post\" action=\""));
	html_attr(h, action);
	html_put(h, MARKUP("\"><input type=\"hidden\" name=\"form\" value=\""));
	html_text(h, id_text(h->mem, id_new(w->node->source)));
	html_put(h, MARKUP("\">"));
	if (name) {
		html_put(h, MARKUP("<input type=\"hidden\" name=\""));
		html_attr(h, str_of(name));
		html_put(h, MARKUP("\" value=\""));
		html_attr(h, value);
		html_put(h, MARKUP("\">"));
	}
	html_put(h, MARKUP("<button class=\"btn go\">"));
	html_t(h, label);
	html_put(h, MARKUP("</button></form>"));
}
