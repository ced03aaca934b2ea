#include "web/pages.h"
#include "web/parts.h"

/* The end of access: said on every page two minutes before, moved by one hour where somebody asks for it. And the keys of the pages. */

#define WARN_MS (2LL * 60 * 1000)

/* Every page has it, hidden until the last two minutes; the form opens a window of its own, so that what is typed here stays. */
void access_bar(struct html *h, struct work *w)
{
	int64_t left = w->ends_ms - w->now_ms;
	html_put(h, MARKUP("<div class=\"train\" role=\"alert\" data-ends=\""));
	html_text(h, str_fmt(w->mem, "%lld", (long long)(left / 1000)));
	html_put(h, left > WARN_MS ? MARKUP("\" hidden>") : MARKUP("\">"));
	html_put(h, MARKUP("<div class=\"wrap\"><form method=\"post\" action=\"/access\" target=\"_blank\"><b>"));
	html_t(h, N_("Your access ends within two minutes."));
	html_put(h, MARKUP("</b> "));
	html_t(h, N_("What is typed here stays."));
	html_put(h, MARKUP(" <button class=\"btn\">"));
	html_t(h, N_("One hour more"));
	html_put(h, MARKUP("</button></form></div></div>"));
}

int access_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	(void)q;
	(void)err;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Access ends") });
	html_put(&h, MARKUP("<section class=\"panel stack\"><p><b>"));
	html_time(&h, w->ends_ms);
	html_put(&h, MARKUP("</b></p>"));
	para(&h, "hint", N_("Two minutes before, every page says so. Access may be prolonged by an hour at a time, until a day after signing in."));
	html_put(&h, MARKUP("<form method=\"post\" action=\"/access\">"));
	submit_button(&h, "btn go", NULL, NULL, N_("One hour more"));
	html_put(&h, MARKUP("</form></section>"));
	page_close(&h, a);
	return 0;
}

int access_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	response_see(a, STR("/access"));
	return session_longer(w, q, a, err);
}

static void key_row(struct html *h, struct str keys, const char *what)
{
	html_put(h, MARKUP("<dt><kbd class=\"id\">"));
	html_text(h, keys);
	html_put(h, MARKUP("</kbd></dt><dd>"));
	html_t(h, what);
	html_put(h, MARKUP("</dd>"));
}

int keys_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const struct { const char *key, *what; } KEYS[] = { { "/", N_("Search") }, { "n", N_("Add") }, { "e", N_("Correct or complete") }, { "?", N_("Keys of the keyboard") } };
	(void)q;
	(void)err;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Keys of the keyboard") });
	if (!w->look.keys)
		html_note(&h, "info", ICON_LOCK, N_("Shortcuts off"));
	html_put(&h, MARKUP("<section class=\"panel stack\"><dl class=\"kv wide\">"));
	for (size_t i = 0; i < COUNT(KEYS); i++)
		key_row(&h, str_of(KEYS[i].key), KEYS[i].what);
	for (size_t i = 0; i < nav_count(); i++)
		if (nav_key(w, i))
			key_row(&h, str_fmt(w->mem, "g %s", nav_key(w, i)), nav_label(i));
	html_put(&h, MARKUP("</dl>"));
	para(&h, "hint", N_("The place of a key counts, also on an Arabic keyboard. While you type in a field, no key does anything else. Without scripts the letters are access keys of the browser."));
	link_button(&h, "btn", STR("/me"), N_("My settings"));
	html_put(&h, MARKUP("</section>"));
	page_close(&h, a);
	return 0;
}
