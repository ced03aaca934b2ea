#include "web/pages.h"
#include "web/parts.h"
#include "web/search.h"

/* The loading morning, on a phone: one bus, one form. Everybody is marked boarded, not come or withdrew; newborns stand in the mother's row; the sum must close; then the
   bus is sealed by two offices. */

#define SEATS_MAX 200

struct bus { struct record convoy, leg; const struct grant *g, *seats, *rows; size_t *order; struct leg_tally t; struct str typed_count; };

static int bus_asked(struct work *w, const struct request *q, struct bus *b, struct err *err)
{
	*b = (struct bus){ 0 };
	if (record_asked(w, q, "id", "convoy", &b->convoy, err) < 0 || record_asked(w, q, "leg", "vehicle_leg", &b->leg, err) < 0)
		return -1;
	return id_eq(b->leg.parent, b->convoy.id) ? 0 : err_set(err, ERR_NOT_FOUND, "no vehicle of this convoy");
}

/* Seats by family, in the order in which the families were seated; those who took another seat are left out. */
static int order_by_family(struct work *w, struct bus *b, struct err *err)
{
	size_t n = grant_count(b->seats), k = 0;
	struct id *rows = NEW_ARRAY(w->mem, struct id, n + 1);
	bool *done = NEW_ARRAY(w->mem, bool, n + 1);
	b->order = NEW_ARRAY(w->mem, size_t, n + 1);
	for (size_t i = 0; i < n; i++)
		rows[i] = ref_of(b->seats, i, "row");
	if (!(b->rows = record_open(w, type_find(w->node->types, STR("nominal_list_row")), rows, n, err)))
		return -1;
	const size_t *at = by_number(w, b->seats, "seat");
	for (size_t x = 0; x < n; x++) {
		if (done[at[x]] || str_is(grant_record(b->seats, at[x])->state, "unseated"))
			continue;
		for (size_t y = x; y < n; y++) {
			size_t j = at[y];
			if (done[j] || str_is(grant_record(b->seats, j)->state, "unseated") || !str_eq(record_text(b->rows, at[x], "household"), record_text(b->rows, j, "household")))
				continue;
			done[j] = true;
			b->order[k++] = j;
		}
	}
	b->order[k] = n;         /* ends the order */
	return 0;
}

static int bus_load(struct work *w, struct bus *b, struct err *err)
{
	if (!(b->g = record_open(w, b->leg.type, &b->leg.id, 1, err)) || rows_open(w, "leg_seat", b->leg.id, &b->seats, err) < 0)
		return -1;
	return order_by_family(w, b, err) < 0 ? -1 : tally_leg(w, b->leg.id, &b->t, err);
}

static void sum_row(struct html *h, const char *label, int64_t n, bool total)
{
	total ? html_put(h, MARKUP("<dt class=\"tot\">")) : html_put(h, MARKUP("<dt>"));
	html_t(h, label);
	total ? html_put(h, MARKUP("</dt><dd class=\"tot\">")) : html_put(h, MARKUP("</dt><dd>"));
	n ? html_num(h, n) : html_t(h, N_("None"));
	html_put(h, MARKUP("</dd>"));
}

static void sum_show(struct html *h, const struct bus *b)
{
	html_put(h, MARKUP("<section class=\"panel\" aria-labelledby=\"sum\"><h2 id=\"sum\">"));
	html_t(h, N_("The sum of this vehicle"));
	html_put(h, MARKUP("</h2><dl class=\"sum\">"));
	sum_row(h, N_("On the list"), (int64_t)b->t.listed, false);
	sum_row(h, N_("less: did not come"), (int64_t)b->t.not_come, false);
	sum_row(h, N_("less: withdrew"), (int64_t)b->t.withdrew, false);
	sum_row(h, N_("plus: reserve boarded"), (int64_t)b->t.reserve, false);
	sum_row(h, N_("plus: newborns"), (int64_t)b->t.newborns, false);
	if (b->t.unmarked)
		sum_row(h, N_("less: not marked yet"), (int64_t)b->t.unmarked, false);
	sum_row(h, N_("On board"), (int64_t)b->t.boarded, true);
	html_put(h, MARKUP("</dl></section>"));
}

static void mark_radio(struct html *h, struct str seat, const char *mark, const char *kind, const char *label)
{
	html_put(h, MARKUP("<label><input type=\"radio\" name=\"mark-"));
	html_attr(h, seat);
	html_put(h, MARKUP("\" value=\""));
	html_text(h, str_of(mark));
	html_put(h, MARKUP("\"><span class=\""));
	html_text(h, str_of(kind));
	html_put(h, MARKUP("\">"));
	html_icon(h, *kind == 'y' ? ICON_CHECK : ICON_CROSS);
	html_t(h, label);
	html_put(h, MARKUP("</span></label>"));
}

/* What can be said of her now. A mark that was saved is shown as a word; who boarded may still withdraw or have a newborn with her. */
static void marks_show(struct html *h, struct str state, struct str seat)
{
	html_put(h, MARKUP("<div class=\"pick\">"));
	if (str_is(state, "seated")) {
		mark_radio(h, seat, mark_word(MARK_BOARD), "y", N_("Boarded"));
		mark_radio(h, seat, mark_word(MARK_MISS), "x", N_("Did not come"));
	} else {
		mark_radio(h, seat, mark_word(MARK_NEWBORN), "y", N_("Newborn with her"));
	}
	mark_radio(h, seat, mark_word(MARK_WITHDRAW), "x", N_("Withdraws"));
	html_put(h, MARKUP("</div>"));
}

static void care_show(struct html *h, struct work *w, const struct grant *rows, size_t i)
{
	const json_t *care = record_value(rows, i, "care");
	if (json_array_size(care) == 0)
		return;
	html_put(h, MARKUP(" <span class=\"tag info\">"));
	field_show(h, w, rows, i, type_field(grant_record(rows, i)->type, STR("care")));
	html_put(h, MARKUP("</span>"));
}

static void seat_show(struct html *h, struct work *w, const struct bus *b, size_t i, bool open)
{
	const struct record *seat = grant_record(b->seats, i);
	struct str id = id_text(w->mem, seat->id);
	int64_t newborns = int_of(b->seats, i, "newborns");
	bool on = str_is(seat->state, "boarded") || str_is(seat->state, "reserve_boarded");
	html_put(h, MARKUP("<fieldset class=\"member\" tabindex=\"-1\" id=\"seat-"));
	html_attr(h, id);
	html_put(h, MARKUP("\"><legend>"));
	html_name(h, record_text(b->seats, i, "name"));
	care_show(h, w, b->rows, i);
	html_put(h, MARKUP(" <span class=\"sub\">"));
	html_t(h, N_("Seat"));
	html_put(h, MARKUP(" "));
	html_text(h, num_plain(w->mem, w->lang, w->numerals, record_text(b->seats, i, "seat")));
	html_put(h, MARKUP("</span></legend><p class=\"clear\">"));
	if (!str_is(seat->state, "seated"))
		tag(h, on ? "ok" : "", state_label(w, seat->state));
	if (newborns > 0) {
		html_put(h, MARKUP(" <span class=\"tag\">"));
		html_t(h, N_("Newborns:"));
		html_put(h, MARKUP(" "));
		html_num(h, newborns);
		html_put(h, MARKUP("</span>"));
	}
	html_put(h, MARKUP("</p>"));
	if (open && (on || str_is(seat->state, "seated"))) {
		hidden_input(h, "seat", id);
		marks_show(h, seat->state, id);
	}
	html_put(h, MARKUP("</fieldset>"));
}

static void seats_show(struct html *h, struct work *w, const struct bus *b, bool open)
{
	size_t n = grant_count(b->seats);
	struct str convoy = id_text(w->mem, b->convoy.id), leg = id_text(w->mem, b->leg.id), last = { 0 };
	html_put(h, MARKUP("<section class=\"panel\" aria-label=\""));
	html_attr(h, tr(h->lang, N_("Who travels in this vehicle")));
	html_put(h, MARKUP("\">"));
	if (open)
		form_open(h, w, "/convoys/%/legs/%/boarding", PARTS(convoy, leg));
	for (size_t k = 0; b->order[k] < n; k++) {
		size_t i = b->order[k];
		struct str family = record_text(b->rows, i, "household");
		if (k == 0 || !str_eq(family, last)) {
			html_put(h, MARKUP("<h2>"));
			html_t(h, N_("Family of"));
			html_put(h, MARKUP(" "));
			html_name(h, record_text(b->seats, i, "name"));
			html_put(h, MARKUP("</h2>"));
		}
		last = family;
		seat_show(h, w, b, i, open);
	}
	if (open) {
		own_word_input(h);
		late_input(h);
		html_put(h, MARKUP("<div class=\"sticky\"><div class=\"row\">"));
		submit_button(h, "btn go big", NULL, NULL, N_("Save the marks"));       /* the first: Enter means this one */
		if (b->t.unmarked)
			submit_button(h, "btn big", "all", "board", N_("All others boarded"));
		html_put(h, MARKUP("</div></div></form>"));
	}
	html_put(h, MARKUP("</section>"));
}

/* In the whole convoy: she may have been seated in another vehicle. */
static void find_show(struct html *h, struct work *w, const struct bus *b)
{
	if (grant_count(b->seats) == 0)
		return;
	html_put(h, MARKUP("<section class=\"panel flush\">"));
	heading(h, N_("Which vehicle is she or he in?"));
	search_box(h, w, type_find(w->node->types, STR("leg_seat")), b->convoy.id);
	html_put(h, MARKUP("</section>"));
}

static int reserve_show(struct html *h, struct work *w, const struct bus *b, struct err *err)
{
	struct id *ids;
	size_t n;
	if (seats_reserves(w, b->convoy.id, &ids, &n, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("A reserve row boards"));
	const struct grant *g = n ? record_open(w, type_find(w->node->types, STR("nominal_list_row")), ids, n, err) : NULL;
	if (n && !g)
		return -1;
	if (n == 0) {
		para(h, "muted", N_("No approved reserve row is left."));
	} else {
		form_open(h, w, "/convoys/%/legs/%/reserve", PARTS(id_text(w->mem, b->convoy.id), id_text(w->mem, b->leg.id)));
		select_open(h, "row", N_("Who boards instead"), true);
		for (size_t i = 0; i < n; i++)
			field_option(h, id_text(w->mem, ids[i]), record_text(g, i, "name"), false);
		select_close(h);
		late_input(h);
		html_put(h, MARKUP("<p>"));
		submit_button(h, "btn", NULL, NULL, N_("This person boards"));
		html_put(h, MARKUP("</p></form>"));
	}
	html_put(h, MARKUP("</section>"));
	return 0;
}

/* Somebody is here who is on no approved row: the numbered amendment, for which a second office is asked. */
static int amend_show(struct html *h, struct work *w, const struct bus *b, struct err *err)
{
	struct id *ids;
	size_t n;
	const struct type *t = type_find(w->node->types, STR("nominal_list_row"));
	const struct tmove *m = type_move(t, STR("amend_in"));
	if (!policy_named(w->actor.role, m->by.at, m->by.n))
		return 0;
	if (rows_left_out(w, b->convoy.id, &ids, &n, err) < 0)
		return -1;
	const struct grant *g = n ? record_open(w, t, ids, n, err) : NULL;
	if (!g)
		return n ? -1 : 0;
	html_put(h, MARKUP("<details class=\"panel\"><summary>"));
	html_t(h, N_("Somebody is here who is on no approved row"));
	html_put(h, MARKUP("</summary>"));
	para(h, "hint", N_("Only whoever is ready now can be added. The camp's registrar agrees, over the line or by a code that is read out; it is reviewed within 24 hours."));
	html_put(h, MARKUP("<ul class=\"plain\">"));
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<li>"));
		html_href(h, "/r/nominal_list_row/%/move/amend_in", PARTS(id_text(w->mem, ids[i])));
		html_name(h, record_text(g, i, "name"));
		html_put(h, MARKUP("</a>"));
		waiting_show(h, w, grant_record(g, i));
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul></details>"));
	return 0;
}

static int change_show(struct html *h, struct work *w, const struct bus *b, struct err *err)
{
	const struct grant *legs;
	size_t n = grant_count(b->seats);
	if (rows_open(w, "vehicle_leg", b->convoy.id, &legs, err) < 0)
		return -1;
	if (grant_count(legs) < 2 || b->t.unmarked == 0 || !role_is(w, "CONVOY_LEAD"))
		return 0;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Another vehicle"));
	form_open(h, w, "/convoys/%/legs/%/move", PARTS(id_text(w->mem, b->convoy.id), id_text(w->mem, b->leg.id)));
	select_open(h, "seat", N_("Who changes"), true);
	for (size_t k = 0; b->order[k] < n; k++)
		if (str_is(grant_record(b->seats, b->order[k])->state, "seated"))
			field_option(h, id_text(w->mem, grant_record(b->seats, b->order[k])->id), record_text(b->seats, b->order[k], "name"), false);
	select_close(h);
	select_open(h, "to", N_("To the vehicle"), true);
	for (size_t i = 0; i < grant_count(legs); i++)
		if (str_is(grant_record(legs, i)->state, "loading") && !id_eq(grant_record(legs, i)->id, b->leg.id))
			field_option(h, id_text(w->mem, grant_record(legs, i)->id), record_text(legs, i, "plate"), false);
	select_close(h);
	para(h, "hint", N_("Children change with their guardian."));
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn", NULL, NULL, N_("Change the vehicle"));
	html_put(h, MARKUP("</p></form></section>"));
	return 0;
}

static void seal_show(struct html *h, struct work *w, const struct bus *b)
{
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Seal the boarding list"));
	html_note(h, "warn", ICON_PEOPLE, N_("Two offices sign: the convoy lead here, then the camp registrar at the camp's node. Until the camp has agreed the vehicle stays open."));
	if (may_move(w, &b->leg, "seal")) {
		form_open(h, w, "/convoys/%/legs/%/seal", PARTS(id_text(w->mem, b->convoy.id), id_text(w->mem, b->leg.id)));
		input_show(h, &(struct input){ .name = "head_count", .label = N_("Head count, newborns with them"), .mode = "number", .value = b->typed_count, .required = true });
		late_input(h);
		html_put(h, MARKUP("<p>"));
		submit_button(h, "btn go big", NULL, NULL, N_("Count and sign"));
		html_put(h, MARKUP("</p></form>"));
	}
	html_put(h, MARKUP("</section>"));
}

static int bus_page(struct work *w, struct bus *b, const char *fault, const char *at, struct response *a, struct err *err)
{
	bool open;
	if (bus_load(w, b, err) < 0)
		return -1;
	open = str_is(b->leg.state, "loading") && str_eq(b->leg.owner, w->node->name);
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Boarding"), .section = "convoy", .personal = true, .error = fault != NULL });
	html_put(&h, MARKUP("<div class=\"phone stack\"><p><b>"));
	html_t(&h, N_("Vehicle"));
	html_put(&h, MARKUP(" "));
	html_id(&h, record_text(b->g, 0, "plate"));
	html_put(&h, MARKUP("</b> "));
	tag(&h, "info", state_label(w, b->leg.state));
	html_put(&h, MARKUP(" "));
	html_href(&h, "/convoys/%", PARTS(id_text(w->mem, b->convoy.id)));
	html_t(&h, N_("Back to the convoy"));
	html_put(&h, MARKUP("</a></p>"));
	if (fault)
		fault_show(&h, fault, at);
	waiting_show(&h, w, &b->leg);
	if (!open)
		html_note(&h, "info", ICON_LOCK, str_is(b->leg.state, "loading") ? N_("Marks are made at the ministry's node, on the convoy lead's phone.") : N_("The boarding list of this vehicle is sealed."));
	sum_show(&h, b);
	find_show(&h, w, b);
	seats_show(&h, w, b, open);
	if (open && (reserve_show(&h, w, b, err) < 0 || amend_show(&h, w, b, err) < 0 || change_show(&h, w, b, err) < 0))
		return -1;
	if (open)
		seal_show(&h, w, b);
	html_put(&h, MARKUP("</div>"));
	if (fault)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int boarding_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct bus b;
	if (purpose_first(w, q, a))
		return 0;
	return bus_asked(w, q, &b, err) < 0 ? -1 : bus_page(w, &b, NULL, NULL, a, err);
}

static struct str boarding_url(struct work *w, const struct bus *b)
{
	return url_of(w->mem, "/convoys/%/legs/%/boarding", PARTS(id_text(w->mem, b->convoy.id), id_text(w->mem, b->leg.id)));
}

static bool mark_of(struct str word, enum mark *out)
{
	for (enum mark m = 0; m < MARKS; m++)
		if (str_is(word, mark_word(m)))
			return *out = m, true;
	return false;
}

/* The seats of the form that say something new; with `all`, who is still unmarked boards. */
static int marks_typed(struct work *w, const struct request *q, struct id *seats, enum mark *marks, size_t *n, struct err *err)
{
	struct id given[SEATS_MAX];
	size_t m;
	*n = 0;
	if (ids_typed(w, q, "seat", given, SEATS_MAX, &m, err) < 0)
		return -1;
	for (size_t i = 0; i < m; i++) {
		struct record r;
		struct str word = typed_for(w, q, "mark", given[i]);
		if (!word.n && request_field(q, "all").n && record_head(w, given[i], &r, err) == 0 && str_is(r.state, "seated"))
			word = request_field(q, "all");
		if (word.n && !mark_of(word, &marks[*n]))
			return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
		if (word.n)
			seats[(*n)++] = given[i];
	}
	return 0;
}

int boarding_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct bus b;
	struct id seats[SEATS_MAX];
	enum mark marks[SEATS_MAX];
	size_t n;
	int done = bus_asked(w, q, &b, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (marks_typed(w, q, seats, marks, &n, err) < 0)
		return -1;
	if (n == 0)
		return bus_page(w, &b, N_("Nobody was marked."), "sum", a, err);
	if (seats_mark(w, b.leg.id, seats, marks, n, request_field(q, "own_word"), err) < 0)
		return -1;
	return form_end(w, q, a, boarding_url(w, &b), err);
}

int boarding_reserve_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct bus b;
	struct id row;
	int done = bus_asked(w, q, &b, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (id_parse(request_field(q, "row"), &row) < 0)
		return err_say(err, ERR_VALUE, N_("Choose who boards."), NULL);
	return seat_reserve(w, b.leg.id, row, err) < 0 ? -1 : form_end(w, q, a, boarding_url(w, &b), err);
}

int boarding_move_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct bus b;
	struct id seat, to;
	int done = bus_asked(w, q, &b, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (id_parse(request_field(q, "seat"), &seat) < 0 || id_parse(request_field(q, "to"), &to) < 0)
		return err_say(err, ERR_VALUE, N_("Choose who changes, and the vehicle."), NULL);
	return seat_move(w, seat, to, err) < 0 ? -1 : form_end(w, q, a, boarding_url(w, &b), err);
}

/* The count is written only where it can be signed; else the page comes again with what was typed. */
int boarding_seal_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct bus b;
	struct id proposal;
	int64_t count;
	int done = bus_asked(w, q, &b, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (tally_leg(w, b.leg.id, &b.t, err) < 0)
		return -1;
	b.typed_count = request_field(q, "head_count");
	if (b.t.unmarked)
		return bus_page(w, &b, N_("Somebody is not marked yet: boarded, not come or withdrew."), "sum", a, err);
	if (!number_typed(w, q, "head_count", &count) || count != (int64_t)b.t.boarded)
		return bus_page(w, &b, N_("The head count is not what the list says. Count again."), "f-head_count", a, err);
	struct draft d = { .fields = json_keep(w->mem, json_pack("{s:I}", "head_count", (json_int_t)count)) };
	struct draft with = { .fields = json_keep(w->mem, json_object()) };
	if (record_amend(w, b.leg.id, b.leg.version, &d, err) < 0 || record_move(w, b.leg.id, b.leg.version + 1, STR("seal"), &with, &proposal, err) < 0)
		return -1;
	return form_end(w, q, a, boarding_url(w, &b), err);
}
