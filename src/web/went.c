#include "web/went.h"
#include "web/parts.h"

/* What the partner's program said, as a sentence with the next step. Words as in docs/exchange.md; one that is not here comes from a newer version there. */
struct said { enum went how; const char *why, *sentence; };
static const struct said SAID[] = {
	{ WENT_REFUSED, "unlawful_request", N_("Their program refused it: it rests on a relative, or would make a child a suspect. Write it again about the person's own acts, or leave it.") },
	{ WENT_REFUSED, "too_wide", N_("Their program refused it as too wide: 20 persons at most, each with a name, the number of a document or of an earlier request. Write it again.") },
	{ WENT_REFUSED, "no_basis", N_("Their program refused it: this legal basis does not carry this purpose. Write it again with another one.") },
	{ WENT_REFUSED, "forbidden", N_("Their program refused it: the agreement, as that office has it, does not name this. Compare the agreements by telephone, then write it again.") },
	{ WENT_REFUSED, "format", N_("Their program cannot read it: mostly it is an older version. Tell both administrators, and reach that desk in another way meanwhile.") },
	{ WENT_REFUSED, "kind", N_("Their program is an older version that does not know such messages. Tell both administrators, and reach that desk in another way meanwhile.") },
	{ WENT_REFUSED, "body", N_("It arrived damaged and was refused. Write it again; tell the administrator if it happens twice.") },
	{ WENT_REFUSED, "expired", N_("It arrived after its own end and was refused. Write it again.") },
	{ WENT_REFUSED, NULL, N_("Their program refused it. Tell the administrator, and reach that desk in another way meanwhile.") },
	{ WENT_HELD, "agreement", N_("It waits: no agreement in force at that office covers it. It is offered again by itself; speak with that office about the agreement.") },
	{ WENT_HELD, "fork", N_("It waits: the line between the two offices is held until two persons on each side decide. The page Partners says how.") },
	{ WENT_HELD, "epoch", N_("It waits: this office was restored from a backup, and two persons there have to accept that. Call them.") },
	{ WENT_HELD, "parent_missing", N_("It is there and waits for a message that went before it. It is taken by itself when that one comes.") },
	{ WENT_HELD, NULL, N_("It waits at that office, whose program could not take it yet. It is offered again by itself; call them if it lasts.") },
	{ WENT_TOO_LATE, NULL, N_("It did not get through in time and was not sent. Write it again.") },
	{ WENT_RESTORED, NULL, N_("This office was restored from a backup before it was sent: it did not leave. Write it again.") },
};

const char *went_sentence(enum went how, struct str why)
{
	for (size_t i = 0; i < COUNT(SAID); i++)
		if (SAID[i].how == how && (!SAID[i].why || str_is(why, SAID[i].why)))
			return SAID[i].sentence;
	return NULL;
}

const char *went_label(const struct went_to *s)
{
	static const char *const LABEL[] = { [WENT_ON_THE_WAY] = N_("On the way"), [WENT_HELD] = N_("Waits at their node"), [WENT_RECEIVED] = N_("Received by their node, with proof"),
		[WENT_REFUSED] = N_("Refused by their program"), [WENT_TOO_LATE] = N_("Not sent in time"), [WENT_RESTORED] = N_("Not sent") };
	bool way = s->how == WENT_ON_THE_WAY || s->how == WENT_HELD;
	return s->before && way ? N_("Received by their node, with proof; a later change is on the way") : LABEL[s->how];
}

enum icon went_icon(const struct went_to *s)
{
	return s->before || s->how == WENT_RECEIVED ? ICON_TICKS : s->how == WENT_ON_THE_WAY ? ICON_CHECK : s->how == WENT_HELD ? ICON_CLOCK : ICON_WARN;
}

void went_show(struct html *h, struct work *w, const struct went_to *s, int64_t read)
{
	const char *sentence = went_sentence(s->how, s->why);
	if (sentence)
		html_note(h, s->how == WENT_HELD ? "warn" : "bad", ICON_WARN, sentence);
	html_put(h, MARKUP("<p class=\"small\">"));
	html_icon(h, went_icon(s));
	html_put(h, MARKUP(" "));
	html_t(h, went_label(s));
	if (read > 0) {
		html_t(h, N_(", "));
		html_t(h, N_("read there by persons:"));
		html_put(h, MARKUP(" "));
		html_num(h, read);
	}
	html_put(h, MARKUP(" "));
	html_href(h, "/disclosures/%", PARTS(id_text(w->mem, s->disclosure)));
	html_t(h, N_("Register of disclosures"));
	html_put(h, MARKUP("</a></p>"));
}
