#include "exchange/channel.h"
#include "exchange/document.h"
#include "exchange/forward.h"
#include "exchange/recall.h"
#include "base/utf8.h"

/* What may not be asked (S1, S2, S4), as code: kinship as a ground, a child as a suspect, too many persons, no agreement for the purpose. */

/* Questions that help a person, where a relative is the matter itself and no ground against anybody. */
static bool helps(struct str question)
{
	return str_is(question, "family_tracing") || str_is(question, "guardian") || str_is(question, "death_record");
}

static const char *const KIN[] = { "wife", "wives", "husband", "spouse", "son", "sons", "daughter", "daughters", "brother", "brothers", "sister", "sisters", "father", "mother",
	"uncle", "aunt", "nephew", "niece", "cousin", "widow", "relative", "relatives", "kin", "kinship", "kinsman", "family", "families", "clan", "tribe", "tribal", "in-law",
	"زوج", "زوجة", "زوجته", "زوجها", "ابن", "ابنه", "ابنها", "ابنة", "ابنته", "بنت", "ابناء", "أبناء", "أخ", "اخ", "أخو", "أخوه", "اخوه", "أخيه", "شقيق", "شقيقه", "شقيقة", "أخت", "اخت", "أخته",
	"والد", "والده", "والدها", "والدة", "والدته", "عم", "عمه", "خال", "خاله", "قريب", "قريبه", "قريبة", "قرابة", "أقارب", "اقارب", "أقاربه", "أقرباء", "ذوي", "ذويه", "عائلة", "عائلته", "أسرة", "أسرته",
	"عشيرة", "عشيرته", "قبيلة", "قبيلته", "نسيب", "صهر", "أرملة", "ارملة",
	"هاوسەر", "هاوسەری", "مێرد", "مێردی", "ژنی", "کوڕی", "کچی", "برا", "برای", "خوشک", "خوشکی", "باوک", "باوکی", "دایک", "دایکی", "خزم", "خزمی", "خزمایەتی", "خێزان", "خێزانی", "عەشیرەت", "هۆز" };

static bool is_kin(struct str word)
{
	for (size_t i = 0; i < COUNT(KIN); i++)
		if (word.n == strlen(KIN[i]) && strncasecmp(word.p, KIN[i], word.n) == 0)
			return true;
	return false;
}

/* With what Arabic writes in front of a word: and, so, by, for, like, the. */
static bool is_kin_prefixed(struct str word)
{
	static const char *const BEFORE[] = { "و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "لل", "فال" };
	bool kin = is_kin(word);
	for (size_t i = 0; !kin && i < COUNT(BEFORE); i++)
		kin = str_starts(word, str_of(BEFORE[i])) && is_kin(str_sub(word, strlen(BEFORE[i]), word.n));
	return kin;
}

static bool between_words(char c)
{
	return (unsigned char)c < 0x80 && c != '-' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

static bool speaks_of_kin(struct str text)
{
	size_t from = 0;
	for (size_t i = 0; i <= text.n; i++) {
		bool comma = i + 1 < text.n && (unsigned char)text.p[i] == 0xd8 && ((unsigned char)text.p[i + 1] == 0x8c || (unsigned char)text.p[i + 1] == 0x9b);      /* ، ؛ */
		if (i < text.n && !comma && !between_words(text.p[i]))
			continue;
		if (i > from && is_kin_prefixed(str_sub(text, from, i - from)))
			return true;
		from = comma ? i + 2 : i + 1;
		i += comma;
	}
	return false;
}

const char *channel_unlawful(struct str question, struct str ground, struct str asked_as, struct str child)
{
	bool suspicion = str_is(question, "judicial_case") || str_is(asked_as, "suspect");
	if (!helps(question) && speaks_of_kin(ground))
		return N_("This rests on a relative. Kinship is no ground (S1): ask about the person's own acts, or leave it.");
	if (!child.n || str_is(child, "no"))
		return NULL;
	if (suspicion)
		return N_("Who is or may be under 18 is never a suspect (S2). Only juvenile justice and child protection ask about a child.");
	return str_is(child, "presumed") && !str_is(asked_as, "missing") && !str_is(asked_as, "victim")
	    ? N_("Without a date of birth a person counts as a child (S2). Write at least the year, or ask about a missing person or a victim.") : NULL;
}

static int unlawful(struct work *w, const struct record *r, const char *rule, const char *sentence, struct err *err)
{
	w->refusal = (struct refusal){ .reason = str_of(rule), .type = r->type->name, .record = r->id };
	return err_say(err, ERR_SAFEGUARD, sentence, NULL);
}

static int persons_lawful(struct work *w, const struct record *r, const struct grant *rfi, struct err *err)
{
	struct id *ids;
	size_t n;
	struct str question = record_text(rfi, 0, "question");
	const struct grant *g = record_rows(w, "rfi_subject", r->id, &ids, &n, err) < 0 ? NULL : record_open_inside(w, type_find(w->node->types, STR("rfi_subject")), ids, n, err);
	if (!g)
		return -1;
	if (n == 0 || n > CHANNEL_PERSONS_MAX)
		return unlawful(w, r, "too_wide", n ? N_("A request is about 20 persons at most.") : N_("Say whom the request is about."), err);
	for (size_t i = 0; i < n; i++) {
		const char *why = channel_unlawful(question, record_text(rfi, 0, "ground"), record_text(g, i, "asked_as"), record_text(g, i, "child"));
		if (why)
			return unlawful(w, r, "unlawful_request", why, err);
		if (!record_text(g, i, "name").n && !record_text(g, i, "reference").n && !record_text(g, i, "document_no").n)
			return unlawful(w, r, "too_wide", N_("Each person needs a name, the number of a document, or the number of an earlier request."), err);
	}
	return 0;
}

static int copies_lawful(struct work *w, const struct record *r, const struct grant *rfi, struct err *err)
{
	json_t *copies = record_value(rfi, 0, "copy_to");
	int papers = documents_any(w, r->id, err);
	if (papers < 0)
		return -1;
	if (json_array_size(copies) && str_is(record_text(rfi, 0, "handling"), "red"))
		return unlawful(w, r, "copies", N_("TLP:RED is for the recipient alone: choose another handling, or send no copies."), err);
	for (size_t i = 0; i < json_array_size(copies); i++) {
		struct str to = str_of(json_string_value(json_array_get(copies, i)));
		if (str_eq(to, record_text(rfi, 0, "recipient")) || str_eq(to, w->node->name))
			return unlawful(w, r, "copies", N_("The office that is asked has the request itself: choose other offices for the copies."), err);
		if (!exchange_allows(w, to, record_text(rfi, 0, "for_purpose"), STR("rfi"), STR("question")))
			return unlawful(w, r, "no_agreement", N_("A copy goes only to an office with which an agreement in force names requests for this purpose."), err);
		if (papers && !documents_may_go(w, to))
			return unlawful(w, r, "no_agreement", N_("The agreement with an office that gets a copy names no documents of requests."), err);
	}
	return 0;
}

/* At the writer also: the agreement names the purpose for this office; at the receiver the line has asked that already. */
int rfi_lawful(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	const struct purpose *p = policy_purpose(w->node->policy, record_text(g, 0, "for_purpose"));
	if (!p || !policy_named(record_text(g, 0, "basis"), p->bases, p->nbases))
		return unlawful(w, r, "no_basis", N_("This legal basis does not carry this purpose."), err);
	if (str_eq(r->owner, w->node->name) && !exchange_allows(w, record_text(g, 0, "recipient"), record_text(g, 0, "for_purpose"), STR("rfi"), STR("question")))
		return unlawful(w, r, "no_agreement", N_("No agreement in force with that office names this purpose for requests."), err);
	if (str_eq(r->owner, w->node->name) && copies_lawful(w, r, g, err) < 0)
		return -1;
	return persons_lawful(w, r, g, err);
}

int life_in_danger(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	return str_is(record_text(g, 0, "basis"), "vital_interest") && str_is(record_text(g, 0, "urgency"), "h8") ? 0
	    : unlawful(w, r, "life_in_danger", N_("One person sends alone only where the legal basis is the vital interest of a person and the answer is wanted within 8 hours."), err);
}

/* Whoever answers what was asked for another office says whether that one may have it (S16: per item). */
static int said_for_whom(struct work *w, const struct record *r, const struct grant *reply, struct id rfi, struct err *err)
{
	const struct grant *q = record_open_inside(w, type_find(w->node->types, STR("rfi")), &rfi, 1, err);
	if (!q)
		return -1;
	return !record_text(q, 0, "on_behalf").n || record_text(reply, 0, "pass_on").n ? 0
	    : unlawful(w, r, "reply_complete", N_("Say whether the answer may go on to the office that asked first."), err);
}

int reply_complete(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	int64_t ends;
	if (!g)
		return -1;
	struct str outcome = record_text(g, 0, "outcome");
	if (str_is(outcome, "information") && (!record_text(g, 0, "answer").n || !record_text(g, 0, "source_grade").n || !record_text(g, 0, "info_grade").n))
		return unlawful(w, r, "reply_complete", N_("Information is written down and graded: the source from A to F, the information from 1 to 6."), err);
	if (str_is(outcome, "candidate") && !record_text(g, 0, "ask_further").n)
		return unlawful(w, r, "reply_complete", N_("Say what would tell the candidates apart."), err);
	struct id rfi;
	struct tombstone stone;
	if (id_parse(record_text(g, 0, "rfi"), &rfi) < 0)
		return err_set(err, ERR_FORMAT, "a reply to nothing");
	int recalled = str_is(outcome, "nothing_known") ? 0 : tombstone_of(w, rfi, &stone, err);
	if (recalled < 0)
		return -1;
	if (recalled && !record_text(g, 0, "new_evidence").n)
		return unlawful(w, r, "reply_complete", N_("An answer about this person to this question was recalled. Say what is new since then, or do not repeat it."), err);
	if (time_parse(record_text(g, 0, "expires"), &ends) == 0 && ends <= w->now_ms)
		return unlawful(w, r, "reply_complete", N_("The answer would end before it arrives."), err);
	return said_for_whom(w, r, g, rfi, err) < 0 ? -1 : forward_pass_lawful(w, r, err);
}

/* What says anything about a person needs two; that nothing is known does not. */
int nothing_known(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	return str_is(record_text(g, 0, "outcome"), "nothing_known") ? 0 : unlawful(w, r, "two_persons", N_("An answer about a person needs a second person."), err);
}

int not_own_act(struct work *w, const struct record *r, struct err *err)
{
	const struct grant *g = record_open_inside(w, r->type, &r->id, 1, err);
	if (!g)
		return -1;
	return str_eq(record_text(g, 0, "by_account"), id_text(w->mem, w->actor.account))
	    ? unlawful(w, r, "own_act", N_("Nobody reviews an act of her own."), err) : 0;
}
