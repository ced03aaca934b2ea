#include "match/like.h"
#include "report/report.h"
#include "web/notice_parts.h"

/* A notice in three taps: from the convoy's page, what, send. Place, time and convoy are filled in; the text may stay empty. */
#define PLACES_MAX 200
#define ROUTE_MAX 32

static const struct { const char *what; enum icon icon; bool person; } KINDS_SHOWN[] = {
	{ "delay", ICON_CLOCK, false }, { "count_differs", ICON_BARS, false }, { "road_closed", ICON_ROAD, false }, { "threat", ICON_SHIELD, false },
	{ "breakdown", ICON_WRENCH, false }, { "all_well", ICON_WELL, false }, { "child_alone", ICON_CHILD, true }, { "medical", ICON_AID, true },
	{ "papers", ICON_PAPER, true }, { "found_person", ICON_FOUND, true }, { "doubtful_document", ICON_DOUBT, true },
};

static const struct type *notice(const struct work *w)
{
	return type_find(w->node->types, STR("rapid_notice"));
}

bool notice_may_write(const struct work *w)
{
	return record_may_create(w, notice(w));
}

void notice_icon(struct html *h, struct str what)
{
	for (size_t i = 0; i < COUNT(KINDS_SHOWN); i++)
		if (str_is(what, KINDS_SHOWN[i].what))
			html_icon(h, KINDS_SHOWN[i].icon);
}

struct str notice_label(struct work *w, struct str what)
{
	const struct code *c = code_find(type_field(notice(w), STR("what"))->codes, what);
	if (str_is(what, NOTICE_TAKEN_OVER))
		return tr(w->lang, N_("A person was taken over by an authority"));
	return c ? tr(w->lang, str_z(w->mem, c->label)) : what;
}

/* ---- where ---- */

struct way { struct str here, next, end; };

/* The post whose name the unit has: "rabia" is IQ-X-RABIA. */
static struct str place_of_unit(struct work *w)
{
	struct str codes[PLACES_MAX];
	size_t n = place_codes(w->mem, codes, PLACES_MAX);
	for (size_t i = 0; i < n && w->actor.unit.n; i++) {
		struct str name = str_lower(w->mem, codes[i]), tail = str_join(w->mem, STR("-"), str_lower(w->mem, w->actor.unit));
		if (str_ends(name, tail))
			return codes[i];
	}
	return (struct str){ 0 };
}

static struct str last_counted(const struct grant *counts)
{
	return grant_count(counts) ? record_text(counts, grant_count(counts) - 1, "place") : (struct str){ 0 };
}

/* Where the actor is, the next place of the convoy's way, and its end. The lead is where the convoy was counted last. */
static int way_of(struct work *w, const struct grant *convoy, struct way *out, struct err *err)
{
	const struct grant *counts;
	json_t *route = record_value(convoy, 0, "route");
	size_t n = json_array_size(route), at = 0;
	struct str stops[ROUTE_MAX];
	if (rows_open(w, "checkpoint_event", grant_record(convoy, 0)->id, &counts, err) < 0)
		return -1;
	for (size_t i = 0; i < n && i < ROUTE_MAX; i++)
		stops[i] = str_of(json_string_value(json_array_get(route, i)));
	n = n < ROUTE_MAX ? n : ROUTE_MAX;
	out->here = place_of_unit(w);
	if (!out->here.n && str_is(w->node->kind, "centre") && n)
		out->here = stops[n - 1];
	if (!out->here.n)
		out->here = last_counted(counts).n ? last_counted(counts) : n ? stops[0] : (struct str){ 0 };
	for (size_t i = 0; i < n; i++)
		if (str_eq(stops[i], out->here))
			at = i;
	out->next = at + 1 < n ? stops[at + 1] : (struct str){ 0 };
	out->end = n ? stops[n - 1] : (struct str){ 0 };
	return 0;
}

static void radio(struct html *h, const char *name, struct str value, bool checked)
{
	html_put(h, MARKUP("<input type=\"radio\" name=\""));
	html_text(h, str_of(name));
	html_put(h, MARKUP("\" value=\""));
	html_attr(h, value);
	html_put(h, MARKUP("\" required"));
	if (checked)
		html_put(h, MARKUP(" checked"));
	html_put(h, MARKUP("><span>"));
}

static void place_choice(struct html *h, struct work *w, struct str code, const char *sub, bool checked)
{
	html_put(h, MARKUP("<label>"));
	radio(h, "place", code.n ? code : STR("other"), checked);
	code.n ? html_text(h, place_name(w->mem, w->lang, code)) : html_t(h, N_("Another place"));
	html_put(h, MARKUP("<span class=\"sub\">"));
	html_t(h, sub);
	html_put(h, MARKUP("</span></span></label>"));
}

static void places(struct html *h, struct work *w, const struct way *way, struct str typed)
{
	struct str codes[PLACES_MAX];
	size_t n = place_codes(w->mem, codes, PLACES_MAX);
	bool here = !typed.n || str_eq(typed, way->here);
	html_put(h, MARKUP("<fieldset class=\"panel\"><legend>"));
	html_icon(h, ICON_PLACE);
	html_put(h, MARKUP(" "));
	html_t(h, N_("Place"));
	html_put(h, MARKUP("</legend><div class=\"places\">"));
	if (way->here.n)
		place_choice(h, w, way->here, N_("Here"), here);
	if (way->next.n && !str_eq(way->next, way->end))
		place_choice(h, w, way->next, N_("Next on the way"), str_eq(typed, way->next));
	if (way->end.n && !str_eq(way->end, way->here))
		place_choice(h, w, way->end, N_("End of the way"), str_eq(typed, way->end));
	place_choice(h, w, (struct str){ 0 }, N_("From the list below"), str_is(typed, "other"));
	html_put(h, MARKUP("</div>"));
	select_open(h, "place_other", N_("Another place"), false);
	for (size_t i = 0; i < n; i++)
		field_option(h, codes[i], place_name(w->mem, w->lang, codes[i]), false);
	select_close(h);
	html_put(h, MARKUP("</fieldset>"));
}

/* ---- what ---- */

static void family(struct html *h, struct work *w, bool person, struct str chosen)
{
	html_put(h, MARKUP("<fieldset class=\"panel\"><legend>"));
	html_t(h, person ? N_("About a person") : N_("The convoy"));
	html_put(h, MARKUP("</legend>"));
	para(h, "small muted", person ? N_("No name here either: a person is named by the number of a request. The ground follows within 24 hours, a request within 7 days, or the notice recalls itself.")
	    : N_("No names. It ends 72 hours after the arrival."));
	html_put(h, MARKUP("<div class=\"types\">"));
	for (size_t i = 0; i < COUNT(KINDS_SHOWN); i++) {
		struct str what = str_of(KINDS_SHOWN[i].what);
		if (KINDS_SHOWN[i].person != person)
			continue;
		html_put(h, str_is(what, "child_alone") ? MARKUP("<label class=\"wide\">") : MARKUP("<label>"));
		radio(h, "what", what, str_eq(chosen, what));
		html_icon(h, KINDS_SHOWN[i].icon);
		html_text(h, notice_label(w, what));
		html_put(h, MARKUP("</span></label>"));
	}
	html_put(h, MARKUP("</div></fieldset>"));
}

/* ---- to whom ---- */

static struct str kind_label(struct work *w, struct str kind)
{
	for (size_t i = 0; i < w->node->types->ncodes; i++) {
		const struct code_list *l = &w->node->types->codes[i];
		const struct code *c = str_is(l->name, "node_kind") ? code_find(l, kind) : NULL;
		if (c)
			return tr(w->lang, str_z(w->mem, c->label));
	}
	return kind;
}

static void receiver(struct html *h, struct work *w, const struct notice_to *to)
{
	html_put(h, MARKUP("<li><b>"));
	html_text(h, kind_label(w, to->kind));
	html_put(h, MARKUP("</b><span class=\"sub\">"));
	html_id(h, to->node);
	html_put(h, MARKUP(" "));
	if (to->vital)
		html_t(h, N_("only a threat, a medical emergency or a child alone: no agreement in force covers the rest"));
	html_put(h, MARKUP("</span></li>"));
}

static size_t receivers(struct html *h, struct work *w, const struct notice_to *to, size_t n, size_t left_out)
{
	size_t agreed = 0;
	html_put(h, MARKUP("<section class=\"panel\" aria-labelledby=\"to\"><h2 id=\"to\">"));
	html_t(h, N_("Who receives it"));
	html_put(h, MARKUP("</h2><ul class=\"to\"><li><b>"));
	html_t(h, N_("The other desks of this office"));
	html_put(h, MARKUP("</b><span class=\"sub\">"));
	html_t(h, N_("those that work on the convoy"));
	html_put(h, MARKUP("</span></li>"));
	for (size_t i = 0; i < n; i++) {
		receiver(h, w, &to[i]);
		agreed += !to[i].vital;
	}
	html_put(h, MARKUP("</ul>"));
	if (left_out) {
		struct str many = num_text(w->mem, w->lang, w->numerals, (int64_t)left_out);
		html_put(h, MARKUP("<p class=\"small muted\">"));
		html_text(h, tr_fill(w->mem, tr(w->lang, N_("Other offices, which the agreements leave out and which do not receive it: %s")), &many, 1, true));
		html_put(h, MARKUP("</p>"));
	}
	html_put(h, MARKUP("</section>"));
	return agreed;
}

/* ---- the form ---- */

struct form { struct id convoy; struct str what, place, text, names; const char *fault; };

static void detail(struct html *h, const struct form *f)
{
	html_put(h, MARKUP("<section class=\"panel\"><label for=\"f-text\">"));
	html_t(h, N_("A short detail, if it is needed"));
	html_put(h, MARKUP("</label><textarea class=\"in\" id=\"f-text\" name=\"text\" rows=\"2\" maxlength=\"280\" dir=\"auto\" aria-describedby=\"f-text-hint\">"));
	html_text(h, f->text);
	html_put(h, MARKUP("</textarea><p class=\"hint\" id=\"f-text-hint\">"));
	html_t(h, N_("280 letters. No name of a person, and no accusation."));
	html_put(h, MARKUP("</p></section>"));
}

/* The second tap: the words that read like a name are shown, and the text stays as it was typed. */
static void second_tap(struct html *h, const struct form *f)
{
	html_put(h, MARKUP("<div class=\"note warn\" role=\"alert\" tabindex=\"-1\" id=\"summary\">"));
	html_icon(h, ICON_WARN);
	html_put(h, MARKUP("<div><b>"));
	html_t(h, f->fault);
	html_put(h, MARKUP("</b><p>"));
	html_name(h, f->names);
	html_put(h, MARKUP("</p><p><a href=\"#f-text\">"));
	html_t(h, N_("Change the text"));
	html_put(h, MARKUP("</a></p></div></div>"));
}

static void send_button(struct html *h, struct work *w, size_t agreed, bool again)
{
	struct str many = num_text(w->mem, w->lang, w->numerals, (int64_t)agreed);
	html_put(h, MARKUP("<div class=\"sticky bare\"><button class=\"btn go big\""));
	html_put(h, again ? MARKUP(" name=\"confirmed\" value=\"yes\">") : MARKUP(">"));
	if (again)
		html_t(h, N_("It is no name: send it"));
	else
		html_text(h, tr_fill(w->mem, tr(w->lang, N_("Send (offices: %s)")), &many, 1, true));
	html_put(h, MARKUP("</button>"));
	para(h, "small muted", N_("You have 10 seconds to withdraw it."));
	html_put(h, MARKUP("</div></form>"));
}

static int form_show(struct work *w, const struct form *f, struct response *a, struct err *err)
{
	struct notice_to *to;
	size_t n, left_out;
	struct way way;
	const struct grant *convoy = record_open(w, type_find(w->node->types, STR("convoy")), &f->convoy, 1, err);
	if (!convoy || way_of(w, convoy, &way, err) < 0 || notice_recipients(w, &to, &n, &left_out, err) < 0)
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Notice about a convoy"), .section = "notice", .personal = true, .error = f->fault != NULL });
	html_put(&h, MARKUP("<div class=\"phone stack\"><p class=\"muted\">"));
	html_href(&h, "/convoys/%", PARTS(id_text(w->mem, f->convoy)));
	html_name(&h, record_title(w, convoy, 0));
	html_put(&h, MARKUP("</a>, "));
	html_time(&h, w->now_ms);
	html_put(&h, MARKUP("</p>"));
	if (f->names.n)
		second_tap(&h, f);
	else if (f->fault)
		fault_show(&h, f->fault, "f-text");
	form_open(&h, w, "/notices", NULL, 0);
	hidden_input(&h, "convoy", id_text(w->mem, f->convoy));
	family(&h, w, false, f->what);
	family(&h, w, true, f->what);
	places(&h, w, &way, f->place);
	detail(&h, f);
	size_t agreed = receivers(&h, w, to, n, left_out);
	send_button(&h, w, agreed, f->names.n > 0);
	html_put(&h, MARKUP("</div>"));
	if (f->fault)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

/* The one convoy that is on its way, where the address names none. */
static int convoy_asked(struct work *w, struct str given, struct id *out, struct err *err)
{
	struct record_query query = { .limit = 20 };
	struct id *ids;
	size_t n, found = 0;
	if (given.n)
		return id_parse(given, out) < 0 ? err_set(err, ERR_NOT_FOUND, "no such convoy") : 0;
	if (record_list(w, type_find(w->node->types, STR("convoy")), &query, &ids, &n, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		if (record_head(w, ids[i], &r, err) < 0)
			return -1;
		if (str_is(r.state, "arrived") || str_is(r.state, "returned"))
			continue;
		*out = r.id;
		found++;
	}
	return found == 1 ? 0 : err_say(err, ERR_VALUE, N_("Open the notice from the page of the convoy that it is about."), NULL);
}

static int writer_only(struct work *w, struct err *err)
{
	if (notice_may_write(w))
		return 0;
	w->refusal.reason = STR("role");
	return err_say(err, ERR_FORBIDDEN, N_("Your role sends no notices."), NULL);
}

int notice_new_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct form f = { .what = request_query(q, "type") };
	if (writer_only(w, err) < 0)
		return -1;
	if (!w->purpose.n) {
		response_see(a, url_of(w->mem, "/purpose?next=%", PARTS(request_query(q, "convoy").n ? url_of(w->mem, "/convoys/%", PARTS(request_query(q, "convoy"))) : q->path)));
		return 0;
	}
	return convoy_asked(w, request_query(q, "convoy"), &f.convoy, err) < 0 ? -1 : form_show(w, &f, a, err);
}

static json_t *typed_notice(struct work *w, const struct request *q, struct str place, struct str text)
{
	json_t *o = json_keep(w->mem, json_object());
	int64_t at = w->event_ms ? w->event_ms : w->now_ms;
	json_object_set_new(o, "what", json_new_str(request_field(q, "what")));
	json_object_set_new(o, "convoy", json_new_str(request_field(q, "convoy")));
	json_object_set_new(o, "place", json_new_str(place));
	json_object_set_new(o, "at", json_new_str(time_text(w->mem, at)));
	if (text.n)
		json_object_set_new(o, "text", json_new_str(text));
	return o;
}

int notice_new_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id id;
	struct form f = { .what = request_field(q, "what"), .place = request_field(q, "place"), .text = str_trim(request_field(q, "text")) };
	int done = writer_only(w, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	struct str place = str_is(f.place, "other") ? request_field(q, "place_other") : f.place;
	struct draft d = { .fields = typed_notice(w, q, place, f.text) };
	w->confirmed = str_is(request_field(q, "confirmed"), "yes");
	if (w->confirmed && name_like(w->mem, f.text).n)
		json_object_set_new(d.fields, "second_tap", json_true());
	if (id_parse(request_field(q, "convoy"), &f.convoy) < 0)
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	if (notice_write(w, &d, &id, err) == 0)
		return form_end(w, q, a, STR("/notices"), err);
	if (d.nfaults == 0)
		return -1;
	f.fault = d.faults[0].sentence;
	f.names = str_is(d.faults[0].field->name, "text") ? name_like(w->mem, f.text) : (struct str){ 0 };
	*err = (struct err){ 0 };
	return form_show(w, &f, a, err);
}
