#include "web/notice_parts.h"

/* What is new without reloading: a banner that every page of a desk has, a stream that only says "ask again", and one small script. Without the script the desk's own
   page asks again by itself. */

unsigned live_topics(const struct work *w)
{
	static const struct { const char *type; enum hint hint; } OF[] = { { "rapid_notice", HINT_NOTICE }, { "joint_room", HINT_ROOM } };
	unsigned topics = str_is(w->actor.role, "OVERSIGHT") ? HINT_NOTICE : 0;
	for (size_t i = 0; i < COUNT(OF); i++) {
		const struct type *t = type_find(w->node->types, str_of(OF[i].type));
		for (size_t k = 0; t && k < t->readers[CLASS_P].n; k++)
			if (str_eq(t->readers[CLASS_P].rules[k].role, w->actor.role))
				topics |= (unsigned)OF[i].hint;
	}
	return topics;
}

static void banner_text(struct html *h, struct work *w, const struct notice_numbers *n)
{
	struct str many = num_text(w->mem, w->lang, w->numerals, n->unseen);
	bool late = n->oldest_ms && n->oldest_ms + NOTICE_SEEN_MS <= w->now_ms;
	html_put(h, MARKUP("<div class=\"wrap\" data-count=\""));
	html_text(h, str_fmt(w->mem, "%lld", (long long)n->unseen));
	html_put(h, late ? MARKUP("\" data-late>") : MARKUP("\">"));
	html_put(h, MARKUP("<a href=\"/notices\"><b>"));
	html_text(h, tr_fill(w->mem, tr(w->lang, N_("Notices to be read: %s")), &many, 1, true));
	html_put(h, MARKUP("</b></a>"));
	if (late) {
		html_put(h, MARKUP(" "));
		html_t(h, N_("The oldest has waited for more than 15 minutes."));
	}
	html_put(h, MARKUP("</div>"));
}

static struct notice_numbers numbers(struct work *w)
{
	struct notice_numbers n = { 0 };
	struct err ignored = { 0 };
	if (str_is(w->actor.role, "OVERSIGHT") || notice_numbers(w, &n, &ignored) < 0)
		n = (struct notice_numbers){ 0 };
	return n;
}

void live_banner(struct html *h, struct work *w)
{
	struct notice_numbers n = numbers(w);
	if (!(live_topics(w) & HINT_NOTICE))
		return;
	html_put(h, MARKUP("<aside class=\"train\" aria-label=\""));
	html_t(h, N_("New notices"));
	html_put(h, MARKUP("\" data-live=\"/notices/alarm\""));
	html_put(h, n.unseen ? MARKUP(">") : MARKUP(" hidden>"));
	if (n.unseen)
		banner_text(h, w, &n);
	html_put(h, MARKUP("</aside>"));
}

void live_script(struct html *h, struct work *w)
{
	if (!live_topics(w))
		return;
	html_put(h, MARKUP("<script defer src=\""));
	html_text(h, asset_url(h->mem, "live.js"));
	html_put(h, MARKUP("\"></script>"));
}

/* Counts only: what came is read on its own page, for a purpose. */
int notices_alarm(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct html h = html_new(w);
	struct notice_numbers n = numbers(w);
	(void)q;
	if (!(live_topics(w) & HINT_NOTICE))
		return err_set(err, ERR_FORBIDDEN, "the role reads no notices");
	if (n.unseen)
		banner_text(&h, w, &n);
	a->body = buf_text(&h.out);
	page_headers(a);
	return 0;
}

int live_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	unsigned topics = live_topics(w);
	(void)q;
	if (!topics)
		return err_set(err, ERR_FORBIDDEN, "nothing live for this role");
	a->type = "text/event-stream";
	a->stream = topics;
	a->stream_owner = str_dup(w->mem, w->session);
	page_headers(a);
	return 0;
}

/* ---- at an oversight body ---- */

int notices_told_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	static const char *const C[] = { N_("Notice"), N_("Told by"), N_("Other office"), N_("Direction"), N_("Time") };
	struct columns c = { C, COUNT(C) };
	struct notice_told *t;
	size_t n;
	(void)q;
	if (notice_told_rows(w, &t, &n, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Told to oversight"), .section = "told", .refresh_s = 60 });
	html_put(&h, MARKUP("<p>"));
	html_t(&h, N_("Threat, medical emergency, a child alone pass also where no agreement is in force: both sides tell it here, without its content. A person taken over by an authority is told here without her name."));
	html_put(&h, MARKUP("</p>"));
	if (!n)
		html_note(&h, "info", ICON_CLOCK, N_("Nothing was told yet."));
	else
		table_open(&h, c);
	for (size_t i = 0; i < n; i++) {
		row_open(&h);
		cell_text(&h, c, 0, notice_label(w, t[i].what));
		cell_open(&h, c, 1);
		html_id(&h, t[i].teller);
		cell_close(&h, 1);
		cell_open(&h, c, 2);
		html_id(&h, t[i].other);
		cell_close(&h, 2);
		cell_text(&h, c, 3, tr(w->lang, t[i].sent ? N_("Sent") : N_("Received")));
		cell_open(&h, c, 4);
		html_time(&h, t[i].at_ms);
		cell_close(&h, 4);
		row_close(&h);
	}
	if (n)
		table_close(&h);
	page_close(&h, a);
	return 0;
}
