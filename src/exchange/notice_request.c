#include "base/utf8.h"
#include "exchange/notice_i.h"

/* A notice about a person ends in a request of the official channel: by its number, because nobody is named in a notice. */

static const struct type *rfi_type(const struct work *w)
{
	return type_find(w->node->types, STR("rfi"));
}

/* Those of the ids that the named office gave the number to; all where none is named. */
static int of_office(struct work *w, struct str office, struct id *ids, size_t *n, struct err *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < *n; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (!str_is(r.state, "erased") && (!office.n || str_eq(r.owner, office)))
			ids[kept++] = ids[i];
	}
	*n = kept;
	return 0;
}

int notice_request_find(struct work *w, struct str said, struct record *out, const char **why, struct err *err)
{
	struct id *ids;
	size_t n;
	struct str rest = digits_ascii(w->mem, str_trim(said)), number = str_cut(&rest, ' ');
	*why = NULL;
	if (record_numbered(w, rfi_type(w), number, &ids, &n, err) < 0 || of_office(w, str_trim(rest), ids, &n, err) < 0)
		return -1;
	if (n == 0)
		*why = N_("No request of this number was sent or received here. Look at the official channel, and write the number as it stands there.");
	else if (n > 1)
		*why = N_("Two offices gave this number. Write the office after it, as in 2026-3 camp.sy");
	if (*why)
		return 0;
	if (record_head(w, ids[0], out, err) < 0)
		return -1;
	if (str_is(out->state, "refused"))
		*why = N_("This request was refused, and carries no notice. Ask anew, or recall the notice.");
	return 0;
}

int notice_request_seen(struct work *w, struct str said, struct id *out, struct err *err)
{
	struct id *ids;
	size_t n;
	struct str rest = said, number = str_cut(&rest, ' ');
	if (record_by_number(w, rfi_type(w), number, &ids, &n, err) < 0 || of_office(w, rest, ids, &n, err) < 0)
		return -1;
	if (n == 1)
		*out = ids[0];
	return n == 1;
}

static int found_for(struct work *w, const struct record *notice, struct record *rfi, const char **why, struct err *err)
{
	const struct grant *g = record_open_inside(w, notice->type, &notice->id, 1, err);
	return g ? notice_request_find(w, record_text(g, 0, "request"), rfi, why, err) : -1;
}

int request_known(struct work *w, const struct record *notice, struct err *err)
{
	struct record rfi;
	const char *why;
	if (found_for(w, notice, &rfi, &why, err) < 0)
		return -1;
	return why ? err_say(err, ERR_SAFEGUARD, why, NULL) : 0;
}

/* Every office reads the same one behind it, whatever numbers it gave itself. */
int link_request(struct work *w, const struct record *notice, struct err *err)
{
	struct record rfi;
	const char *why;
	struct str number;
	if (found_for(w, notice, &rfi, &why, err) < 0 || why || record_number(w, rfi.id, &number, err) < 1)
		return err->code ? -1 : err_set(err, ERR_CONFLICT, "the request is gone");
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "request", json_new_str(str_fmt(w->mem, S_FMT " " S_FMT, S_ARG(number), S_ARG(rfi.owner))));
	return record_set_inside(w, notice->id, f, err) < 0 ? -1 : close_notice(w, notice, err);
}
