#include "web/checkin_parts.h"
#include "web/compare.h"
#include "web/pages.h"
#include "web/parts.h"

/* The centre's desk, on a phone: the card's code or a name, then the family: present or not here, one form. */

#define FAMILY_MAX 64
#define HITS_MAX 40

int desk_only(struct work *w, struct err *err)
{
	return role_is(w, "CENTRE_REG") ? 0 : err_say(err, ERR_FORBIDDEN, N_("This page is the centre registrar's."), NULL);
}

static int progress_show(struct html *h, struct work *w, struct err *err)
{
	struct id convoys[CONVOYS_MAX];
	size_t n;
	if (convoys_expected(w, convoys, CONVOYS_MAX, &n, err) < 0)
		return -1;
	const struct grant *g = record_open(w, type_find(w->node->types, STR("convoy")), convoys, n, err);
	if (!g)
		return -1;
	if (n == 0)
		html_note(h, "info", ICON_CLOCK, N_("No convoy is on its way, and nobody is expected."));
	for (size_t i = 0; i < n; i++) {
		struct tally t;
		if (tally_convoy(w, convoys[i], &t, err) < 0)
			return -1;
		html_put(h, MARKUP("<section class=\"panel\"><h2>"));
		html_name(h, record_title(w, g, i));
		html_put(h, MARKUP("</h2><p class=\"count-big\">"));
		if (t.arrived) {      /* a lone Arabic zero looks like a full stop */
			html_put(h, MARKUP("<b>"));
			html_num(h, (int64_t)t.arrived);
			html_put(h, MARKUP("</b> "));
		}
		html_put(h, MARKUP("<span>"));
		struct str of = num_text(w->mem, w->lang, w->numerals, (int64_t)t.boarded);
		html_text(h, tr_fill(w->mem, tr(w->lang, t.arrived ? N_("checked in, of %s who boarded") : N_("Nobody is checked in yet, of %s who boarded")), &of, 1, true));
		html_put(h, MARKUP("</span></p><progress aria-label=\""));
		html_attr(h, tr(w->lang, N_("Arrived")));
		html_put(h, MARKUP("\" max=\""));
		html_text(h, str_fmt(w->mem, "%zu", t.boarded ? t.boarded : 1));
		html_put(h, MARKUP("\" value=\""));
		html_text(h, str_fmt(w->mem, "%zu", t.arrived));
		html_put(h, MARKUP("\"></progress>"));
		para(h, "small muted", N_("The number comes from the sealed boarding lists."));
		html_put(h, MARKUP("</section>"));
	}
	return 0;
}

/* What assets/camera.js says, in the user's language; without script nobody reads it. */
static void camera_words(struct html *h)
{
	static const struct { const char *name, *msgid; } WORDS[] = { { "camera", N_("Photograph the card's code") }, { "camera-stop", N_("Stop the camera") },
		{ "camera-hint", N_("Hold the code in front of the camera.") }, { "camera-other", N_("This is not the code of a card.") },
		{ "camera-none", N_("The camera is not available. Type the code.") } };
	for (size_t i = 0; i < COUNT(WORDS); i++) {
		html_put(h, MARKUP("\" data-"));
		html_text(h, str_of(WORDS[i].name));
		html_put(h, MARKUP("=\""));
		html_attr(h, tr(h->lang, WORDS[i].msgid));
	}
	html_put(h, MARKUP("\" data-camera-reader=\""));
	html_attr(h, asset_url(h->mem, "vendor/jsQR.js"));
}

static void find_form(struct html *h, struct work *w, struct str code, struct str name)
{
	html_put(h, MARKUP("<section class=\"panel stack\" aria-labelledby=\"next\"><h2 id=\"next\">"));
	html_t(h, N_("The next family"));
	html_put(h, MARKUP("</h2>"));
	form_open(h, w, "/checkin/find", NULL, 0);
	html_put(h, MARKUP("<div><label for=\"code\">"));
	html_t(h, N_("Code of the card: scan it, or type 8 signs"));
	html_put(h, MARKUP("</label><div class=\"row\"><input class=\"in\" id=\"code\" name=\"code\" autocapitalize=\"characters\" autocomplete=\"off\" spellcheck=\"false\" dir=\"ltr\" value=\""));
	html_attr(h, code);
	camera_words(h);
	html_put(h, MARKUP("\"><button class=\"btn go\">"));
	html_t(h, N_("Show"));
	html_put(h, MARKUP("</button></div></div></form>"));
	form_open(h, w, "/checkin/find", NULL, 0);
	html_put(h, MARKUP("<div><label for=\"name\">"));
	html_t(h, N_("No card? Type a name"));
	html_put(h, MARKUP("</label><div class=\"row\"><input class=\"in\" id=\"name\" name=\"name\" autocomplete=\"off\" dir=\"auto\" value=\""));
	html_attr(h, name);
	html_put(h, MARKUP("\"><button class=\"btn\">"));
	html_t(h, N_("Search"));
	html_put(h, MARKUP("</button></div></div></form><p>"));
	link_button(h, "btn big", STR("/checkin/unlisted"), N_("Somebody is on no list"));
	html_put(h, MARKUP("</p></section>"));
}

/* What was done last: the family of the form before. */
static int receipt_show(struct html *h, struct work *w, struct str household, struct err *err)
{
	struct id id, *ids;
	size_t n, here = 0;
	if (id_parse(household, &id) < 0)
		return 0;
	if (checkins_of_family(w, id, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct record r;
		here += record_head(w, ids[i], &r, err) == 0 && str_is(r.state, "checked_in");
	}
	html_put(h, MARKUP("<section class=\"panel\" aria-labelledby=\"last\"><h2 id=\"last\">"));
	html_t(h, N_("Last entered"));
	html_put(h, MARKUP("</h2><div class=\"receipt\"><span class=\"seal\">"));
	html_icon(h, ICON_CHECK);
	html_put(h, MARKUP("</span><div><b>"));
	html_t(h, N_("People of the family checked in:"));
	html_put(h, MARKUP(" "));
	html_num(h, (int64_t)here);
	html_put(h, MARKUP("</b><p class=\"small muted\">"));
	html_t(h, N_("The card is void now."));
	html_put(h, MARKUP(" "));
	html_href(h, "/checkin/%", PARTS(id_text(w->mem, id)));
	html_t(h, N_("Look at it or correct it"));
	html_put(h, MARKUP("</a></p></div></div></section>"));
	return 0;
}

struct found { const char *fault; const struct id *hits; size_t n; struct str code, name; };

/* Which parts of what was typed stand in the name, and how: the two may be in two scripts. */
static int why_show(struct html *h, struct work *w, struct str typed, struct str name, struct err *err)
{
	struct comparison c = { .a = { .name = typed }, .b = { .name = name } };
	bool known;
	if (comparison_make(w, &c, &known, err) < 0)
		return -1;
	if (known)
		comparison_brief(h, w, &c);
	return 0;
}

static int hits_show(struct html *h, struct work *w, const struct found *f, struct err *err)
{
	struct id people[HITS_MAX], families[HITS_MAX];
	struct str names[HITS_MAX];
	const struct grant *g = record_open(w, type_find(w->node->types, STR("arrival_checkin")), f->hits, f->n, err);
	for (size_t i = 0; g && i < f->n; i++)
		people[i] = ref_of(g, i, "person");
	if (!g || names_of(w, people, f->n, names, err) < 0 || checkin_households(w, f->hits, f->n, families, err) < 0)
		return -1;
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Found by name"));
	html_put(h, MARKUP("<ul class=\"plain stack\">"));
	for (size_t i = 0; i < f->n; i++) {
		html_put(h, MARKUP("<li>"));
		if (id_none(families[i]))
			html_name(h, names[i]);
		else {
			html_put(h, MARKUP("<a class=\"btn big\" href=\""));
			html_attr(h, url_of(w->mem, "/checkin/%", PARTS(id_text(w->mem, families[i]))));
			html_put(h, MARKUP("\">"));
			html_name(h, names[i]);
			html_put(h, MARKUP("</a>"));
		}
		html_put(h, MARKUP(" "));
		tag(h, "", state_label(w, grant_record(g, i)->state));
		if (why_show(h, w, f->name, names[i], err) < 0)
			return -1;
		html_put(h, MARKUP("</li>"));
	}
	html_put(h, MARKUP("</ul></section>"));
	return 0;
}

static int desk_page(struct work *w, const struct found *f, struct str last, struct response *a, struct err *err)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Check-in"), .section = "checkin", .personal = true, .script = "camera.js", .error = f->fault != NULL });
	html_put(&h, MARKUP("<div class=\"phone stack\">"));
	if (f->fault)
		fault_show(&h, f->fault, f->name.n ? "name" : "code");
	if (f->n && hits_show(&h, w, f, err) < 0)
		return -1;
	if (receipt_show(&h, w, last, err) < 0 || progress_show(&h, w, err) < 0)
		return -1;
	find_form(&h, w, f->code, f->name);
	html_put(&h, MARKUP("</div>"));
	if (f->fault)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int checkin_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	if (desk_only(w, err) < 0)
		return -1;
	return purpose_first(w, q, a) ? 0 : desk_page(w, &(struct found){ 0 }, request_query(q, "done"), a, err);
}

/* Why a code leads nowhere is said in one sentence that helps at the desk and tells nothing about another family. */
static int find_code(struct work *w, struct found *f, struct response *a, struct err *err)
{
	struct id household, *ids;
	struct err why = { 0 };
	size_t n = 0;
	int rc = card_find(w, f->code, &household, &why);
	if (rc < 0 && why.code != ERR_VALUE)
		return *err = why, -1;
	if (rc == 1 && checkins_of_family(w, household, &ids, &n, err) < 0)
		return -1;
	if (rc == 1 && n)
		return response_see(a, url_of(w->mem, "/checkin/%", PARTS(id_text(w->mem, household)))), 0;
	f->fault = rc < 0 ? N_("There is no such code: read it again, one sign is wrong.") : rc == 0 ?
	    N_("No family that is expected here has this card. After check-in a card is void. Type a name instead.") :
	    N_("This card belongs to a family of another batch, which is not on its way here. Type a name, or use \"on no list\".");
	return desk_page(w, f, (struct str){ 0 }, a, err);
}

int checkin_find_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct id hits[HITS_MAX];
	struct found f = { .code = str_trim(request_field(q, "code")), .name = str_trim(request_field(q, "name")), .hits = hits };
	if (desk_only(w, err) < 0)
		return -1;
	if (!w->purpose.n)
		return response_see(a, STR("/purpose?next=/checkin")), 0;
	if (f.code.n)
		return find_code(w, &f, a, err);
	if (f.name.n && checkin_search(w, f.name, hits, HITS_MAX, &f.n, err) < 0)
		return -1;
	struct entry e = { .act = ACT_SEARCH, .actor = w->actor.account, .role = w->actor.role, .type = STR("arrival_checkin"), .purpose = w->purpose, .basis = w->basis,
		.fields = STR("name"), .count = f.n };
	if (f.name.n && work_enter(w, &e, err) < 0)
		return -1;
	if (f.n == 0)
		f.fault = f.name.n ? N_("Nobody who is expected here has this name.") : N_("Type the code of the card, or a name.");
	return desk_page(w, &f, (struct str){ 0 }, a, err);
}

/* ---- one family ---- */

struct family { struct id household, *ids; size_t n; const struct grant *g, *people; size_t *person; };

static int family_load(struct work *w, const struct request *q, struct family *f, struct err *err)
{
	if (id_parse(request_param(q, "household"), &f->household) < 0 || checkins_of_family(w, f->household, &f->ids, &f->n, err) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such family");
	if (f->n == 0 || f->n > FAMILY_MAX)
		return err_say(err, ERR_NOT_FOUND, N_("Nobody of this family is expected here."), NULL);
	if (!(f->g = record_open(w, type_find(w->node->types, STR("arrival_checkin")), f->ids, f->n, err)))
		return -1;
	struct id here[FAMILY_MAX];
	size_t k = 0;
	f->person = NEW_ARRAY(w->mem, size_t, f->n);
	for (size_t i = 0; i < f->n; i++) {
		struct record r;
		f->person[i] = SIZE_MAX;
		if (record_head(w, ref_of(f->g, i, "person"), &r, NULL) < 0 || str_is(r.state, "erased"))
			continue;
		f->person[i] = k;
		here[k++] = r.id;
	}
	f->people = record_open(w, type_find(w->node->types, STR("person")), here, k, err);
	return f->people ? 0 : -1;
}

static void present_radio(struct html *h, struct str id, const char *value, const char *kind, const char *label, bool chosen)
{
	html_put(h, MARKUP("<label><input type=\"radio\" class=\""));
	html_text(h, str_of(kind));
	html_put(h, MARKUP("-in\" name=\"present-"));
	html_attr(h, id);
	html_put(h, MARKUP("\" value=\""));
	html_text(h, str_of(value));
	html_put(h, MARKUP("\""));
	if (chosen)
		html_put(h, MARKUP(" checked"));
	html_put(h, MARKUP("><span class=\""));
	html_text(h, str_of(kind));
	html_put(h, MARKUP("\">"));
	html_icon(h, *kind == 'y' ? ICON_CHECK : ICON_CROSS);
	html_t(h, label);
	html_put(h, MARKUP("</span></label>"));
}

static void about(struct html *h, struct work *w, const struct family *f, size_t i, bool *child)
{
	size_t p = f->person[i];
	*child = true;
	if (p == SIZE_MAX) {
		html_t(h, N_("The copy of this person has not arrived yet"));
		return;
	}
	*child = !str_is(record_text(f->people, p, "child"), "no");
	html_name(h, record_text(f->people, p, "name"));
	html_put(h, MARKUP(" <span class=\"sub\">"));
	field_show(h, w, f->people, p, type_field(grant_record(f->people, p)->type, STR("child")));
	html_t(h, N_(", "));
	field_show(h, w, f->people, p, type_field(grant_record(f->people, p)->type, STR("age_band")));
	html_put(h, MARKUP("</span>"));
}

static void member_show(struct html *h, struct work *w, const struct family *f, size_t i, const struct request *typed)
{
	const struct record *r = grant_record(f->g, i);
	struct str id = id_text(w->mem, r->id), said = typed ? typed_for(w, typed, "present", r->id) : (struct str){ 0 };
	bool done = str_is(r->state, "checked_in"), child, missing = typed && !done && !said.n;
	missing ? html_put(h, MARKUP("<fieldset class=\"member bad-field\"><legend>")) : html_put(h, MARKUP("<fieldset class=\"member\"><legend>"));
	about(h, w, f, i, &child);
	html_put(h, MARKUP("</legend>"));
	if (missing)
		para(h, "err small", N_("Choose: present or not here"));
	if (done || str_is(r->state, "absent")) {
		html_put(h, MARKUP("<p class=\"clear\">"));
		tag(h, done ? "ok" : "warn", state_label(w, r->state));
		html_put(h, MARKUP(" "));
		html_time(h, r->event_ms ? r->event_ms : r->updated_ms);
		html_put(h, MARKUP("</p>"));
	}
	if (!done) {
		hidden_input(h, "checkin", id);
		html_put(h, MARKUP("<div class=\"pick\">"));
		present_radio(h, id, "yes", "y", N_("Present"), str_is(said, "yes"));
		present_radio(h, id, "no", "x", N_("Not here"), str_is(said, "no") || (!typed && str_is(r->state, "absent")));
		html_put(h, MARKUP("</div>"));
		if (child) {
			html_put(h, MARKUP("<p class=\"note warn small if-absent\">"));
			html_icon(h, ICON_WARN);
			html_put(h, MARKUP("<span>"));
			html_t(h, N_("A child who is not here: the child-protection officer is told at once. Look in the vehicle first."));
			html_put(h, MARKUP("</span></p>"));
		}
	}
	html_put(h, MARKUP("</fieldset>"));
}

static size_t waiting_of(const struct family *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++)
		n += !str_is(grant_record(f->g, i)->state, "checked_in");
	return n;
}

static int family_page(struct work *w, const struct family *f, const char *fault, const struct request *typed, struct response *a)
{
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = N_("Check-in of a family"), .section = "checkin", .personal = true, .error = fault != NULL });
	html_put(&h, MARKUP("<div class=\"phone stack\">"));
	if (fault)
		fault_show(&h, fault, "fam");
	html_put(&h, MARKUP("<section class=\"panel\" id=\"fam\">"));
	form_open(&h, w, "/checkin/%", PARTS(id_text(w->mem, f->household)));
	for (size_t i = 0; i < f->n; i++)
		member_show(&h, w, f, i, typed);
	if (waiting_of(f)) {
		html_put(&h, MARKUP("<div>"));
		select_open(&h, "method", N_("How the people were known again"), false);
		const struct code_list *codes = type_field(grant_record(f->g, 0)->type, STR("identity_method"))->codes;
		for (size_t i = 0; i < codes->n; i++)
			field_option(&h, codes->codes[i].value, tr(w->lang, str_z(w->mem, codes->codes[i].label)), typed && str_eq(request_field(typed, "method"), codes->codes[i].value));
		select_close(&h);
		html_put(&h, MARKUP("</div>"));
		late_input(&h);
		html_put(&h, MARKUP("<div class=\"sticky\"><div class=\"row\">"));
		submit_button(&h, "btn go big", NULL, NULL, N_("Confirm the family's arrival"));       /* the first: Enter means this one */
		submit_button(&h, "btn big", "all", "yes", N_("Confirm: all are here"));
		html_put(&h, MARKUP("</div>"));
		para(&h, "small muted", N_("The card is void after this."));
		html_put(&h, MARKUP("</div>"));
	} else {
		html_note(&h, "ok", ICON_CHECK, N_("Everybody of this family is checked in. The card is void."));
	}
	html_put(&h, MARKUP("</form></section><p>"));
	link_button(&h, "btn big", STR("/checkin"), N_("The next family"));
	html_put(&h, MARKUP("</p></div>"));
	if (fault)
		a->status = 422;
	page_close(&h, a);
	return 0;
}

int checkin_family_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct family f;
	if (desk_only(w, err) < 0)
		return -1;
	if (purpose_first(w, q, a))
		return 0;
	return family_load(w, q, &f, err) < 0 ? -1 : family_page(w, &f, NULL, NULL, a);
}

static bool of_family(const struct family *f, struct id checkin)
{
	for (size_t i = 0; i < f->n; i++)
		if (id_eq(f->ids[i], checkin))
			return true;
	return false;
}

int checkin_family_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct family f;
	struct id ids[FAMILY_MAX];
	bool present[FAMILY_MAX], somebody = false;
	size_t n;
	int done = desk_only(w, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (family_load(w, q, &f, err) < 0 || ids_typed(w, q, "checkin", ids, FAMILY_MAX, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct str said = typed_for(w, q, "present", ids[i]);
		if (!said.n && request_field(q, "all").n)          /* who was said not to be here stays so */
			said = STR("yes");
		if (!of_family(&f, ids[i]))
			return err_set(err, ERR_NOT_FOUND, "no check-in of this family");
		if (!str_is(said, "yes") && !str_is(said, "no"))
			return family_page(w, &f, N_("Say for each person: present or not here."), q, a);
		present[i] = str_is(said, "yes");
		somebody = somebody || present[i];
	}
	if (n == 0)
		return err_say(err, ERR_CONFLICT, N_("Somebody of this family was checked in already."), NULL);
	if (somebody && !request_field(q, "method").n)
		return family_page(w, &f, N_("Say how the people were known again."), q, a);
	if (checkin_mark(w, ids, present, n, request_field(q, "method"), err) < 0)
		return -1;
	return form_end(w, q, a, url_of(w->mem, "/checkin?done=%", PARTS(id_text(w->mem, f.household))), err);
}
