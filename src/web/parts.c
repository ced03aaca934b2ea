#include "web/parts.h"

/* ---- what was asked ---- */

bool purpose_first(struct work *w, const struct request *q, struct response *a)
{
	if (w->purpose.n)
		return false;
	response_see(a, url_of(w->mem, "/purpose?next=%", PARTS(q->path)));
	return true;
}

int record_asked(struct work *w, const struct request *q, const char *param, const char *type, struct record *out, struct err *err)
{
	struct id id;
	if (id_parse(request_param(q, param), &id) < 0 || record_head(w, id, out, err) < 0 || !str_is(out->type->name, type))
		return err_set(err, ERR_NOT_FOUND, "no such %s", type);
	return 0;
}

int form_start(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str location;
	int done = done_find(w, q, &location, err);
	if (done > 0)
		response_see(a, location);
	return done;
}

int form_end(struct work *w, const struct request *q, struct response *a, struct str location, struct err *err)
{
	response_see(a, location);
	return done_keep(w, q, location, err);
}

int ids_typed(struct work *w, const struct request *q, const char *name, struct id *out, size_t max, size_t *n, struct err *err)
{
	struct str *given = NEW_ARRAY(w->mem, struct str, max + 1);
	*n = request_fields(q, name, given, max + 1);
	if (*n > max)
		return err_set(err, ERR_TOO_LARGE, "too many %s", name);
	for (size_t i = 0; i < *n; i++)
		if (id_parse(given[i], &out[i]) < 0)
			return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	return 0;
}

struct str typed_for(struct work *w, const struct request *q, const char *prefix, struct id id)
{
	return request_field(q, str_fmt(w->mem, "%s-" S_FMT, prefix, S_ARG(id_text(w->mem, id))).p);
}

bool number_typed(struct work *w, const struct request *q, const char *name, int64_t *out)
{
	return str_i64(digits_ascii(w->mem, str_trim(request_field(q, name))), out) == 0;
}

bool role_is(const struct work *w, const char *role)
{
	return str_is(w->actor.role, role);
}

/* What needs two offices begins at the one that owns the record. */
bool may_move(struct work *w, const struct record *r, const char *move)
{
	const struct tmove *moves[32];
	size_t n = record_moves(w, r, moves, COUNT(moves));
	for (size_t i = 0; i < n; i++)
		if (str_is(moves[i]->name, move))
			return !moves[i]->two_nodes.n || str_eq(r->owner, w->node->name);
	return false;
}

/* ---- reading ---- */

#define ROWS_MAX 2000

int rows_open(struct work *w, const char *type, struct id parent, const struct grant **out, struct err *err)
{
	struct id *ids;
	size_t n;
	const struct type *t = type_find(w->node->types, str_of(type));
	struct record_query query = { .parent = parent, .limit = ROWS_MAX, .oldest_first = true };
	if (record_list(w, t, &query, &ids, &n, NULL, err) < 0)
		return -1;
	*out = n ? record_open(w, t, ids, n, err) : record_open_inside(w, t, ids, 0, err);      /* nothing is no question to policy */
	return *out ? 0 : -1;
}

struct id ref_of(const struct grant *g, size_t i, const char *field)
{
	struct id id = { { 0 } };
	id_parse(record_text(g, i, field), &id);
	return id;
}

int64_t int_of(const struct grant *g, size_t i, const char *field)
{
	const json_t *v = record_value(g, i, field);
	return json_is_integer(v) ? json_integer_value(v) : -1;
}

static int64_t number_at(const struct grant *g, size_t i, const char *field)
{
	int64_t n = INT64_MAX;
	str_i64(record_text(g, i, field), &n);
	return n;
}

size_t *by_number(struct work *w, const struct grant *g, const char *field)
{
	size_t n = grant_count(g), *at = NEW_ARRAY(w->mem, size_t, n + 1);
	for (size_t i = 0; i < n; i++) {             /* a few dozen seats */
		size_t k = i;
		for (; k > 0 && number_at(g, at[k - 1], field) > number_at(g, i, field); k--)
			at[k] = at[k - 1];
		at[k] = i;
	}
	return at;
}

int names_of(struct work *w, const struct id *people, size_t n, struct str *out, struct err *err)
{
	struct id *here = NEW_ARRAY(w->mem, struct id, n + 1);
	size_t *of = NEW_ARRAY(w->mem, size_t, n + 1), k = 0;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		out[i] = (struct str){ 0 };
		if (id_none(people[i]) || record_head(w, people[i], &r, NULL) < 0 || str_is(r.state, "erased"))
			continue;
		of[k] = i;
		here[k++] = people[i];
	}
	const struct grant *g = record_open(w, type_find(w->node->types, STR("person")), here, k, err);
	for (size_t i = 0; g && i < k; i++)
		out[of[i]] = record_text(g, i, "name");
	return g ? 0 : -1;
}

/* ---- showing ---- */

void heading(struct html *h, const char *msgid)
{
	html_put(h, MARKUP("<h2>"));
	html_t(h, msgid);
	html_put(h, MARKUP("</h2>"));
}

void para(struct html *h, const char *kind, const char *msgid)
{
	html_put(h, MARKUP("<p class=\""));
	html_text(h, str_of(kind));
	html_put(h, MARKUP("\">"));
	html_t(h, msgid);
	html_put(h, MARKUP("</p>"));
}

void link_button(struct html *h, const char *kind, struct str url, const char *msgid)
{
	html_put(h, MARKUP("<a class=\""));
	html_text(h, str_of(kind));
	html_put(h, MARKUP("\" href=\""));
	html_attr(h, url);
	html_put(h, MARKUP("\">"));
	html_t(h, msgid);
	html_put(h, MARKUP("</a>"));
}

void submit_button(struct html *h, const char *kind, const char *name, const char *value, const char *msgid)
{
	html_put(h, MARKUP("<button class=\""));
	html_text(h, str_of(kind));
	if (name) {
		html_put(h, MARKUP("\" name=\""));
		html_text(h, str_of(name));
		html_put(h, MARKUP("\" value=\""));
		html_text(h, str_of(value));
	}
	html_put(h, MARKUP("\">"));
	html_t(h, msgid);
	html_put(h, MARKUP("</button>"));
}

void state_tag(struct html *h, struct work *w, const struct record *r)
{
	html_put(h, MARKUP("<p>"));
	tag(h, "info", state_label(w, r->state));
	html_put(h, MARKUP("</p>"));
}

void time_field(struct html *h, struct work *w, const struct grant *g, size_t i, const char *field)
{
	int64_t ms;
	(void)w;
	if (time_parse(record_text(g, i, field), &ms) == 0)
		html_time(h, ms);
	else
		para(h, "muted", N_("Not stated"));
}

void moves_as_buttons(struct html *h, struct work *w, const struct record *r)
{
	const struct tmove *moves[32];
	size_t n = record_moves(w, r, moves, COUNT(moves));
	html_put(h, MARKUP("<p class=\"actions\">"));
	for (size_t i = 0; i < n; i++) {
		const char *name = str_z(w->mem, moves[i]->name);
		if (may_move(w, r, name))
			link_button(h, "btn go", url_of(w->mem, "/r/%/%/move/%", PARTS(r->type->name, id_text(w->mem, r->id), moves[i]->name)),
			    moves[i]->label.n ? str_z(w->mem, moves[i]->label) : name);
	}
	link_button(h, "btn", url_of(w->mem, "/r/%/%", PARTS(r->type->name, id_text(w->mem, r->id))), N_("The record, its history, who saw it"));
	html_put(h, MARKUP("</p>"));
}

static void one_waiting(struct html *h, struct work *w, const struct record *r, const struct proposal *p)
{
	const struct tmove *m = type_move(r->type, p->move);
	html_put(h, MARKUP("<p class=\"note warn\">"));
	html_icon(h, ICON_PEOPLE);
	html_put(h, MARKUP("<span>"));
	html_t(h, p->way == PROPOSAL_HERE ? N_("Waits for a second person:") : p->way == PROPOSAL_ASKED ? N_("A partner office asks us:") : N_("Waits for the partner office:"));
	html_put(h, MARKUP(" "));
	html_ts(h, m ? m->label : p->move);
	html_put(h, MARKUP(" "));
	if (p->node.n)
		html_id(h, p->node);
	html_put(h, MARKUP(" "));
	html_href(h, "/proposals/%", PARTS(id_text(w->mem, p->id)));
	html_t(h, N_("Show"));
	html_put(h, MARKUP("</a></span></p>"));
	spoken_ask(h, w, p);
}

void waiting_show(struct html *h, struct work *w, const struct record *r)
{
	struct proposal *p;
	struct err ignored = { 0 };
	size_t n;
	struct str move, reason;
	int64_t at;
	if (proposals_of(w, r->id, &p, &n, &ignored) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		one_waiting(h, w, r, &p[i]);
	spoken_show(h, w, r);
	if (n == 0 && proposal_answer(w, r->id, &move, &reason, &at, &ignored) == 1 && at > r->updated_ms)
		html_note(h, "bad", ICON_WARN, str_is(reason, "expired") ? N_("Nobody answered within seven days: what was asked for is void. It can be asked for again.")
		    : N_("The last thing that was asked of another office was not agreed to."));
}

void fault_show(struct html *h, const char *msgid, const char *to)
{
	html_put(h, MARKUP("<div class=\"note bad\" role=\"alert\" tabindex=\"-1\" id=\"summary\"><div><b>"));
	html_t(h, N_("Something in the form needs to be corrected."));
	html_put(h, MARKUP("</b><ul><li><a href=\"#"));
	html_text(h, str_of(to));
	html_put(h, MARKUP("\">"));
	html_t(h, msgid);
	html_put(h, MARKUP("</a></li></ul></div></div>"));
}

/* ---- inputs ---- */

void hidden_input(struct html *h, const char *name, struct str value)
{
	html_put(h, MARKUP("<input type=\"hidden\" name=\""));
	html_text(h, str_of(name));
	html_put(h, MARKUP("\" value=\""));
	html_attr(h, value);
	html_put(h, MARKUP("\">"));
}

static void label_open(struct html *h, const char *name, const char *label)
{
	html_put(h, MARKUP("<label for=\"f-"));
	html_text(h, str_of(name));
	html_put(h, MARKUP("\">"));
	html_t(h, label);
	html_put(h, MARKUP("</label>"));
}

void input_show(struct html *h, const struct input *in)
{
	html_put(h, MARKUP("<div>"));
	label_open(h, in->name, in->label);
	if (in->hint)
		para(h, "hint", in->hint);
	html_put(h, MARKUP("<input class=\"in\" id=\"f-"));
	html_text(h, str_of(in->name));
	html_put(h, MARKUP("\" name=\""));
	html_text(h, str_of(in->name));
	html_put(h, MARKUP("\" autocomplete=\"off\" value=\""));
	html_attr(h, in->value);
	html_put(h, MARKUP("\""));
	if (strcmp(in->mode, "number") == 0)
		html_put(h, MARKUP(" inputmode=\"numeric\" dir=\"ltr\""));
	else if (strcmp(in->mode, "time") == 0)
		html_put(h, MARKUP(" type=\"datetime-local\""));
	else
		html_put(h, MARKUP(" dir=\"auto\""));
	if (in->required)
		html_put(h, MARKUP(" required"));
	html_put(h, MARKUP("></div>"));
}

void select_of(struct html *h, const char *name, const char *label, bool required)
{
	html_put(h, MARKUP("<div>"));
	label_open(h, name, label);
	html_put(h, MARKUP("<select class=\"in\" id=\"f-"));
	html_text(h, str_of(name));
	html_put(h, MARKUP("\" name=\""));
	html_text(h, str_of(name));
	html_put(h, MARKUP("\""));
	if (required)
		html_put(h, MARKUP(" required"));
	html_put(h, MARKUP(">"));
}

void select_open(struct html *h, const char *name, const char *label, bool required)
{
	select_of(h, name, label, required);
	html_put(h, MARKUP("<option value=\"\">"));
	html_t(h, N_("Choose"));
	html_put(h, MARKUP("</option>"));
}

void select_close(struct html *h)
{
	html_put(h, MARKUP("</select></div>"));
}

void select_codes(struct html *h, struct work *w, const char *type, const char *field, struct str chosen, bool required)
{
	const struct tfield *f = type_field(type_find(w->node->types, str_of(type)), str_of(field));
	select_open(h, field, str_z(w->mem, f->label), required);
	for (size_t i = 0; f->codes && i < f->codes->n; i++)
		field_option(h, f->codes->codes[i].value, tr(w->lang, str_z(w->mem, f->codes->codes[i].label)), str_eq(f->codes->codes[i].value, chosen));
	select_close(h);
}

void yes_box(struct html *h, const char *name, const char *label)
{
	html_put(h, MARKUP("<p><label class=\"choice\"><input type=\"checkbox\" value=\"yes\" name=\""));
	html_text(h, str_of(name));
	html_put(h, MARKUP("\"> "));
	html_t(h, label);
	html_put(h, MARKUP("</label></p>"));
}

void late_input(struct html *h)
{
	html_put(h, MARKUP("<details class=\"small\"><summary>"));
	html_t(h, N_("Entered late, from paper?"));
	html_put(h, MARKUP("</summary><label class=\"lbl\">"));
	html_t(h, N_("When it happened"));
	html_put(h, MARKUP(" <input class=\"in\" type=\"datetime-local\" name=\"event_time\"></label>"));
	para(h, "hint", N_("The time of entry is kept beside it; both are shown."));
	html_put(h, MARKUP("</details>"));
}

void own_word_input(struct html *h)
{
	static const char *const HOW[][2] = { { "sign", N_("Her or his sign") }, { "thumb", N_("Thumb print") }, { "voice", N_("Recorded voice") } };
	select_open(h, "own_word", N_("Who withdraws says so in person. How?"), false);
	for (size_t i = 0; i < COUNT(HOW); i++)
		field_option(h, str_of(HOW[i][0]), tr(h->lang, HOW[i][1]), false);
	select_close(h);
}
