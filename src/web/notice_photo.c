#include "base/jpeg.h"
#include "web/notice_parts.h"

/* A photograph of papers: taken to two desks without what the camera wrote into it, and looked at there, one entry for each look. The file is read in a sandboxed job. */

static struct str run(struct arena *mem, struct str input)
{
	struct bytes out;
	return jpeg_strip(mem, str_bytes(input), &out, NULL) == 0 ? bytes_str(out) : (struct str){ 0 };
}
const struct job_kind WEB_JOB_PHOTO = { "photograph", run };

static const struct type *photo_type(const struct work *w)
{
	return type_find(w->node->types, STR("notice_photo"));
}

static struct str file_of(const struct request *q)
{
	for (size_t i = 0; i < q->nuploads; i++)
		if (str_is(q->uploads[i].name, "photo"))
			return q->uploads[i].content;
	return (struct str){ 0 };
}

static int after_strip(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	struct record r;
	struct str desks[NOTICE_DESKS_MAX + 1];
	size_t n = request_fields(q, "desk", desks, NOTICE_DESKS_MAX + 1);
	if (!output.n)
		return err_say(err, ERR_VALUE, N_("This is no photograph that can be kept."), NULL);
	if (record_asked(w, q, "id", "rapid_notice", &r, err) < 0 || notice_photo_add(w, r.id, str_bytes(output), desks, n, err) < 0)
		return -1;
	return form_end(w, q, a, url_of(w->mem, "/notices/%", PARTS(id_text(w->mem, r.id))), err);
}

int notice_photo_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	int done = record_asked(w, q, "id", "rapid_notice", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (own_office(w, &r, err) < 0)
		return -1;
	if (!file_of(q).n)
		return err_say(err, ERR_VALUE, N_("Choose a file first, or the file is empty."), NULL);
	work_job(w, &(struct job){ &WEB_JOB_PHOTO, file_of(q), after_strip });
	return 0;
}

static int photos_of(struct work *w, struct id notice, struct id **ids, size_t *n, struct err *err)
{
	struct record_query query = { .ref_field = STR("notice"), .ref_to = notice, .limit = 8, .oldest_first = true };
	return record_list(w, photo_type(w), &query, ids, n, NULL, err);
}

/* The bytes, for a desk that is named. */
int notice_photo_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	struct bytes raw;
	const struct grant *g = record_asked(w, q, "id", "notice_photo", &r, err) < 0 ? NULL : record_open(w, r.type, &r.id, 1, err);
	if (!g)
		return -1;
	if (base64_read(w->mem, record_text(g, 0, "image"), &raw) < 0)
		return err_set(err, ERR_NOT_FOUND, "no photograph");
	a->type = "image/jpeg";
	a->body = bytes_str(raw);
	page_headers(a);
	return 0;
}

static void desk_choice(struct html *h, struct work *w, struct str role, struct str node)
{
	const struct role *known = policy_role(w->node->policy, role);
	html_put(h, MARKUP("<p><label class=\"choice\"><input type=\"checkbox\" name=\"desk\" value=\""));
	html_attr(h, str_fmt(w->mem, S_FMT "@" S_FMT, S_ARG(role), S_ARG(node)));
	html_put(h, MARKUP("\"> <span>"));
	html_ts(h, known ? known->title : role);
	html_put(h, MARKUP(" "));
	html_id(h, node);
	html_put(h, MARKUP("</span></label></p>"));
}

/* Desks of this office and of those that have the notice. */
static int desks_show(struct html *h, struct work *w, const struct grant *notice, struct err *err)
{
	const struct readers *readers = &photo_type(w)->readers[CLASS_P];
	json_t *to = record_value(notice, 0, "recipients");
	struct str kind;
	for (size_t i = 0; i <= json_array_size(to); i++) {
		struct str node = i ? str_of(json_string_value(json_array_get(to, i - 1))) : w->node->name;
		int known = i ? w->node->hooks->line.kind_of(w, node, &kind, err) : (kind = w->node->kind, 1);
		if (known < 0)
			return -1;
		for (size_t k = 0; known && k < readers->n; k++) {
			const struct role *role = policy_role(w->node->policy, readers->rules[k].role);
			if (role && policy_named(kind, role->nodes, role->nnodes) && !(i == 0 && str_eq(role->name, w->actor.role)))
				desk_choice(h, w, role->name, node);
		}
	}
	return 0;
}

static int form_show(struct html *h, struct work *w, const struct grant *notice, struct err *err)
{
	html_put(h, MARKUP("<section class=\"panel stack\">"));
	heading(h, N_("Photograph of the papers"));
	para(h, "muted", N_("For one or two desks, without place and time of the camera; destroyed after 72 hours. At most 1.5 MB."));
	html_put(h, MARKUP("<form class=\"stack\" method=\"post\" enctype=\"multipart/form-data\" action=\""));
	html_attr(h, url_of(w->mem, "/notices/%/photo", PARTS(id_text(w->mem, grant_record(notice, 0)->id))));
	html_put(h, MARKUP("\">"));
	hidden_input(h, "form", id_text(w->mem, id_new(w->node->source)));
	html_put(h, MARKUP("<p><label for=\"photo\">"));
	html_t(h, N_("Photograph"));
	html_put(h, MARKUP("</label><input class=\"in\" type=\"file\" id=\"photo\" name=\"photo\" accept=\"image/jpeg\" capture=\"environment\" data-shrink required></p>"));
	if (desks_show(h, w, notice, err) < 0)
		return -1;
	html_put(h, MARKUP("<p>"));
	submit_button(h, "btn go", NULL, NULL, N_("Send the photograph"));
	html_put(h, MARKUP("</p></form></section>"));
	return 0;
}

/* What this desk may look at, and at the sender's the form. */
int notice_photos_show(struct html *h, struct work *w, const struct grant *notice, struct err *err)
{
	const struct record *r = grant_record(notice, 0);
	struct id *ids;
	size_t n;
	if (!notice_takes_photo(record_text(notice, 0, "what")))
		return 0;
	if (photos_of(w, r->id, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		html_put(h, MARKUP("<p>"));
		link_button(h, "btn", url_of(w->mem, "/photos/%", PARTS(id_text(w->mem, ids[i]))), N_("Look at the photograph"));
		html_put(h, MARKUP("</p>"));
	}
	if (str_eq(r->owner, w->node->name)) {
		struct id *all;
		size_t sent;
		if (record_referring(w, "notice_photo", "notice", r->id, &all, &sent, err) < 0)
			return -1;
		if (sent)
			html_note(h, "info", ICON_LOCK, N_("A photograph was sent with it. Only the desks that were named look at it."));
	}
	bool open = str_is(r->state, "sent") || str_is(r->state, "acknowledged") || str_is(r->state, "justified");
	return open && str_eq(r->owner, w->node->name) && str_eq(r->unit, w->actor.unit) ? form_show(h, w, notice, err) : 0;
}
