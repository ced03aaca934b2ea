#include "web/field.h"
#include "web/pages.h"
#include "web/session.h"
#include "web/twins.h"

/* The one form of all types: sections and fields from the declaration. A form that fails shows again what was typed. */

struct asked { const struct request *asked; const struct type *type; struct record record; bool exists; struct id parent;
	const struct twins *twins; const json_t *values; /* who is there already, beside what was typed */ };

static int asked_of(struct work *w, const struct request *q, struct asked *out, struct err *err)
{
	struct id id;
	*out = (struct asked){ .asked = q, .type = type_find(w->node->types, request_param(q, "type")) };
	if (!out->type)
		return err_set(err, ERR_NOT_FOUND, "no such type");
	struct str parent = q->method == POST ? request_field(q, "parent") : request_query(q, "parent");
	if (parent.n && id_parse(parent, &out->parent) < 0)
		return err_set(err, ERR_FORMAT, "no such record");
	if (!request_param(q, "id").n)
		return 0;
	if (id_parse(request_param(q, "id"), &id) < 0)
		return err_set(err, ERR_NOT_FOUND, "no such record");
	out->exists = true;
	if (record_head(w, id, &out->record, err) < 0)
		return -1;
	return out->record.type == out->type ? 0 : err_set(err, ERR_NOT_FOUND, "no such record");
}

static bool in_form(struct work *w, const struct asked *k, const struct tfield *f)
{
	if (f->derived || f->hidden)
		return false;
	return !k->exists || record_may_amend(w, &k->record, f);
}

static const char *fault_of(const struct draft *d, const struct tfield *f)
{
	for (size_t i = 0; d && i < d->nfaults; i++)
		if (d->faults[i].field == f)
			return d->faults[i].sentence;
	return NULL;
}

static void summary(struct html *h, const struct draft *d)
{
	html_put(h, MARKUP("<div class=\"note bad\" role=\"alert\" tabindex=\"-1\" id=\"summary\"><div><b>"));
	html_t(h, N_("Something in the form needs to be corrected."));
	html_put(h, MARKUP("</b><ul>"));
	for (size_t i = 0; i < d->nfaults; i++) {
		html_put(h, MARKUP("<li><a href=\"#f-"));
		html_attr(h, d->faults[i].field->name);
		html_put(h, MARKUP("\">"));
		html_ts(h, d->faults[i].field->label);
		html_put(h, MARKUP(": "));
		html_t(h, d->faults[i].sentence);
		html_put(h, MARKUP("</a></li>"));
	}
	html_put(h, MARKUP("</ul></div></div>"));
}

static void hidden_input(struct html *h, struct markup name, struct str value)
{
	html_put(h, MARKUP("<input type=\"hidden\" name=\""));
	html_put(h, name);
	html_put(h, MARKUP("\" value=\""));
	html_attr(h, value);
	html_put(h, MARKUP("\">"));
}

/* A masked value does not stand in the form: empty leaves it as it is, a box takes it away. */
#define TAKE_AWAY "take-away-"
static void kept_show(struct html *h, const struct tfield *f)
{
	html_put(h, MARKUP("<p class=\"hint\">"));
	html_t(h, N_("Hidden. Left empty, it stays as it is."));
	html_put(h, MARKUP(" <label class=\"choice\"><input type=\"checkbox\" value=\"yes\" name=\"" TAKE_AWAY));
	html_attr(h, f->name);
	html_put(h, MARKUP("\"> "));
	html_t(h, N_("Take it away"));
	html_put(h, MARKUP(" <span class=\"vh\">"));
	html_ts(h, f->label);
	html_put(h, MARKUP("</span></label></p>"));
}

static void form_body(struct html *h, struct work *w, const struct asked *k, const struct grant *g, const struct request *typed, const struct draft *d)
{
	for (size_t i = 0; i < k->type->nfields; i++) {
		const struct tfield *f = &k->type->fields[i];
		if (!in_form(w, k, f) || str_eq(f->name, k->type->parent_field))
			continue;
		const char *name = str_z(w->mem, f->name);
		/* the page that led here may say whom a new record is about: /r/consent/new?person=... */
		json_t *led = !g && request_query(k->asked, name).n ? json_keep(w->mem, json_new_str(request_query(k->asked, name))) : NULL;
		bool kept = g && f->masked && record_text(g, 0, name).n;
		field_input(h, w, f, kept ? NULL : g ? record_value(g, 0, name) : led, typed, fault_of(d, f));
		if (kept)
			kept_show(h, f);
	}
	if (!id_none(k->parent))
		hidden_input(h, MARKUP("parent"), id_text(w->mem, k->parent));
	if (k->exists)
		hidden_input(h, MARKUP("version"), str_fmt(w->mem, "%lld", (long long)k->record.version));
	if (k->twins)
		hidden_input(h, MARKUP("twins"), k->twins->mark);
	html_put(h, MARKUP("<p><button class=\"btn go\">"));
	html_t(h, k->twins ? N_("Different people: save") : N_("Save"));
	html_put(h, MARKUP("</button></p></form>"));
}

/* The form that was typed comes again, above it the way to what stands there now: who saves then has seen both. */
static void changed_meanwhile(struct html *h, const struct asked *k)
{
	html_put(h, MARKUP("<div class=\"note warn\" role=\"alert\" tabindex=\"-1\" id=\"summary\"><div><b>"));
	html_t(h, N_("Somebody has changed this while you typed."));
	html_put(h, MARKUP("</b> "));
	html_t(h, N_("Below stands what you typed. Compare it with the record before you save."));
	html_put(h, MARKUP(" <a target=\"_blank\" href=\""));
	html_attr(h, url_of(h->mem, "/r/%/%", PARTS(k->type->name, id_text(h->mem, k->record.id))));
	html_put(h, MARKUP("\">"));
	html_t(h, N_("The record as it stands now"));
	html_put(h, MARKUP("</a></div></div>"));
}

static int form_show(struct work *w, const struct asked *k, const struct request *typed, const struct draft *d, struct response *a, struct err *err)
{
	const struct grant *g = NULL;
	if (k->exists && !(g = record_open(w, k->type, &k->record.id, 1, err)))
		return -1;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = str_z(w->mem, k->type->title), .section = str_z(w->mem, k->type->name), .personal = k->type->personal,
	    .error = typed != NULL });
	if (d)
		summary(&h, d);
	if (k->twins && twins_show(&h, w, k->values, k->twins, err) < 0)
		return -1;
	if (typed && !d && !k->twins)
		changed_meanwhile(&h, k);
	if (!k->exists && !typed) {
		html_put(&h, MARKUP("<p class=\"small\"><a href=\""));
		html_attr(&h, url_of(w->mem, "/paper/%", PARTS(k->type->name)));
		html_put(&h, MARKUP("\">"));
		html_t(&h, N_("This form on paper"));
		html_put(&h, MARKUP("</a></p>"));
	}
	html_put(&h, MARKUP("<div class=\"panel\">"));
	if (k->exists)
		form_open(&h, w, "/r/%/%/edit", PARTS(k->type->name, id_text(w->mem, k->record.id)));
	else
		form_open(&h, w, "/r/%/new", PARTS(k->type->name));
	form_body(&h, w, k, g, typed, d);
	html_put(&h, MARKUP("</div>"));
	if (typed)
		a->status = d ? 422 : k->twins ? 200 : 409;
	page_close(&h, a);
	return 0;
}

static bool need_purpose(struct work *w, const struct asked *k, const struct request *q, struct response *a)
{
	if (!k->type->personal || w->purpose.n)
		return false;
	response_see(a, url_of(w->mem, "/purpose?next=%", PARTS(q->path)));
	return true;
}

int record_new_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct asked k;
	if (asked_of(w, q, &k, err) < 0)
		return -1;
	if (!record_may_create(w, k.type))
		return err_set(err, ERR_FORBIDDEN, "the role creates no such record");
	if (str_is(k.type->name, "letter_in"))                       /* its form takes a file */
		return response_see(a, STR("/letters/in")), 0;
	return need_purpose(w, &k, q, a) ? 0 : form_show(w, &k, NULL, NULL, a, err);
}

int record_edit_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct asked k;
	if (asked_of(w, q, &k, err) < 0)
		return -1;
	return need_purpose(w, &k, q, a) ? 0 : form_show(w, &k, NULL, NULL, a, err);
}

static json_t *typed_fields(struct work *w, const struct asked *k, const struct request *q)
{
	json_t *fields = json_keep(w->mem, json_object());
	for (size_t i = 0; i < k->type->nfields; i++) {
		const struct tfield *f = &k->type->fields[i];
		if (!in_form(w, k, f) || str_eq(f->name, k->type->parent_field))
			continue;
		json_t *v = field_typed(w, f, q);
		if (v)
			json_object_set_new(fields, str_z(w->mem, f->name), v);
		else if (k->exists && (!f->masked || str_is(request_field(q, str_z(w->mem, str_join(w->mem, STR(TAKE_AWAY), f->name))), "yes")))
			json_object_set_new(fields, str_z(w->mem, f->name), json_null());
	}
	return fields;
}

/* Where the declaration found faults the same page comes again with them; anything else goes up. */
static int again_or_up(struct work *w, const struct asked *k, const struct request *q, const struct draft *d, struct response *a, struct err *err)
{
	if (err->code != ERR_VALUE || d->nfaults == 0)
		return -1;
	*err = (struct err){ 0 };
	return form_show(w, k, q, d, a, err);
}

int record_new_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct asked k;
	struct id id;
	struct str location;
	if (asked_of(w, q, &k, err) < 0)
		return -1;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	struct draft d = { .type = k.type, .fields = typed_fields(w, &k, q), .parent = k.parent, .unit = w->actor.unit };
	struct twins twins = { 0 };
	json_t *clean;
	if (k.type->duplicates.n && record_may_create(w, k.type) && record_check(w, &d, true, &clean, err) == 0 && twins_find(w, k.type, clean, &twins, err) < 0)
		return -1;
	if (twins.n && !str_eq(request_field(q, "twins"), twins.mark)) {
		k.twins = &twins;
		k.values = clean;
		return form_show(w, &k, q, NULL, a, err);
	}
	*err = (struct err){ 0 };
	if (record_create(w, &d, &id, err) < 0)
		return again_or_up(w, &k, q, &d, a, err);
	if (twins_different(w, id, &twins, err) < 0)
		return -1;
	location = url_of(w->mem, "/r/%/%", PARTS(k.type->name, id_text(w->mem, id)));
	response_see(a, location);
	return done_keep(w, q, location, err);
}

int record_edit_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct asked k;
	struct str location;
	int64_t seen = 0;
	if (asked_of(w, q, &k, err) < 0)
		return -1;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (str_i64(request_field(q, "version"), &seen) < 0)
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	if (seen != k.record.version)
		return form_show(w, &k, q, NULL, a, err);
	struct draft d = { .type = k.type, .fields = typed_fields(w, &k, q) };
	if (record_amend(w, k.record.id, seen, &d, err) < 0)
		return again_or_up(w, &k, q, &d, a, err);
	location = url_of(w->mem, "/r/%/%", PARTS(k.type->name, id_text(w->mem, k.record.id)));
	response_see(a, location);
	return done_keep(w, q, location, err);
}

static void own_word(struct html *h)
{
	static const char *const HOW[][2] = { { "sign", N_("Her or his sign") }, { "thumb", N_("Thumb print") }, { "voice", N_("Recorded voice") } };
	html_put(h, MARKUP("<fieldset class=\"stack\"><legend class=\"lbl\">"));
	html_t(h, N_("How did the person concerned say so?"));
	html_put(h, MARKUP("</legend>"));
	for (size_t i = 0; i < COUNT(HOW); i++) {
		html_put(h, MARKUP("<p><label class=\"choice\"><input type=\"radio\" required name=\"own_word\" value=\""));
		html_attr(h, str_of(HOW[i][0]));
		html_put(h, MARKUP("\"> "));
		html_t(h, HOW[i][1]);
		html_put(h, MARKUP("</label></p>"));
	}
	html_put(h, MARKUP("</fieldset>"));
}

int record_move_page(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct asked k;
	if (asked_of(w, q, &k, err) < 0)
		return -1;
	const struct tmove *m = type_move(k.type, request_param(q, "move"));
	if (!m)
		return err_set(err, ERR_NOT_FOUND, "no such move");
	if (need_purpose(w, &k, q, a))
		return 0;
	struct html h = html_new(w);
	page_open(&h, w, &(struct page){ .title = str_z(w->mem, m->label.n ? m->label : m->name), .section = str_z(w->mem, k.type->name), .personal = k.type->personal });
	html_put(&h, MARKUP("<div class=\"panel stack\">"));
	if (m->two_persons || m->two_nodes.n)
		html_note(&h, "warn", ICON_PEOPLE, N_("A second person must approve this. Until then nothing changes."));
	form_open(&h, w, "/r/%/%/move/%", PARTS(k.type->name, id_text(w->mem, k.record.id), m->name));
	hidden_input(&h, MARKUP("version"), str_fmt(w->mem, "%lld", (long long)k.record.version));
	if (m->own_word)
		own_word(&h);
	html_put(&h, MARKUP("<p><label for=\"reason\">"));
	html_t(&h, N_("Reason or remark"));
	html_put(&h, MARKUP("</label><input class=\"in\" id=\"reason\" name=\"reason\" dir=\"auto\" autocomplete=\"off\"></p><p class=\"actions\"><button class=\"btn go\">"));
	html_ts(&h, m->label.n ? m->label : m->name);
	html_put(&h, MARKUP("</button><a class=\"btn\" href=\""));
	html_attr(&h, url_of(w->mem, "/r/%/%", PARTS(k.type->name, id_text(w->mem, k.record.id))));
	html_put(&h, MARKUP("\">"));
	html_t(&h, N_("Cancel"));
	html_put(&h, MARKUP("</a></p></form></div>"));
	page_close(&h, a);
	return 0;
}

int record_move_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct asked k;
	struct str location;
	struct id proposal = { 0 };
	int64_t seen = 0;
	if (asked_of(w, q, &k, err) < 0)
		return -1;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (str_i64(request_field(q, "version"), &seen) < 0)
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	json_t *with = json_keep(w->mem, json_object());
	static const char *const EXTRA[] = { "reason", "own_word" };
	for (size_t i = 0; i < COUNT(EXTRA); i++)
		if (request_field(q, EXTRA[i]).n)
			json_object_set_new(with, EXTRA[i], json_new_str(request_field(q, EXTRA[i])));
	struct draft d = { .type = k.type, .fields = with };
	if (record_move(w, k.record.id, seen, request_param(q, "move"), &d, &proposal, err) < 0)
		return -1;
	location = id_none(proposal) ? url_of(w->mem, "/r/%/%", PARTS(k.type->name, id_text(w->mem, k.record.id))) :
	    url_of(w->mem, "/proposals/%", PARTS(id_text(w->mem, proposal)));
	response_see(a, location);
	return done_keep(w, q, location, err);
}
