#include "exchange/recall.h"

/* The text of an erasure note: what a receiver destroyed, and which line of its log says so. Signed by the node's key as every note is. */
#define HEAD "jisr-erasure/1\n"
static const char *const CAUSES[] = { "recall", "erase", "ended" };

struct str erasure_note_text(struct arena *mem, const struct erasure_note *n)
{
	struct buf b = buf_new(mem, 512 + n->n * 48);
	buf_fmt(&b, HEAD "from " S_FMT "\nto " S_FMT "\ncause " S_FMT "\nentry %llu\nat " S_FMT "\n", S_ARG(n->from), S_ARG(n->to), S_ARG(n->cause),
	    (unsigned long long)n->entry, S_ARG(time_text(mem, n->at_ms)));
	for (size_t i = 0; i < n->n; i++)
		buf_fmt(&b, "record " S_FMT "\n", S_ARG(id_text(mem, n->records[i])));
	return buf_text(&b);
}

static bool take(struct str *text, const char *key, struct str *value)
{
	struct str line = str_cut(text, '\n');
	*value = line;
	return text->p && str_is(str_cut(value, ' '), key) && value->n && str_find(*value, STR(" ")) == value->n;
}

/* Only what the writer above writes is a note: it is written again and compared. */
int erasure_note_parse(struct arena *mem, struct str text, struct erasure_note *out, struct err *err)
{
	struct str rest = text, entry, at, id;
	bool cause = false;
	*out = (struct erasure_note){ .records = NEW_ARRAY(mem, struct id, ERASURE_NOTE_RECORDS) };
	if (!str_starts(rest, STR(HEAD)))
		return err_set(err, ERR_FORMAT, "no erasure note");
	str_cut(&rest, '\n');
	if (!take(&rest, "from", &out->from) || !take(&rest, "to", &out->to) || !take(&rest, "cause", &out->cause) || !take(&rest, "entry", &entry) ||
	    str_u64(entry, &out->entry) < 0 || !take(&rest, "at", &at) || time_parse(at, &out->at_ms) < 0)
		return err_set(err, ERR_FORMAT, "an erasure note that cannot be read");
	for (size_t i = 0; i < COUNT(CAUSES); i++)
		cause = cause || str_is(out->cause, CAUSES[i]);
	while (cause && rest.n && out->n < ERASURE_NOTE_RECORDS)
		if (!take(&rest, "record", &id) || id_parse(id, &out->records[out->n++]) < 0)
			return err_set(err, ERR_FORMAT, "an erasure note that cannot be read");
	return cause && !rest.n && out->n && str_eq(erasure_note_text(mem, out), text) ? 0 : err_set(err, ERR_FORMAT, "an erasure note that cannot be read");
}
