#include "exchange/document.h"
#include "exchange/channel.h"

static const struct type *type_of(const struct work *w, const char *name)
{
	return type_find(w->node->types, str_of(name));
}

bool documents_may_go(struct work *w, struct str node)
{
	return exchange_allows(w, node, STR("coordination"), STR("rfi_document"), STR("document_kind")) && exchange_allows(w, node, STR("coordination"), STR("rfi_page"), STR("image"));
}

int documents_any(struct work *w, struct id rfi, struct err *err)
{
	struct id *ids;
	size_t n;
	return record_rows(w, "rfi_document", rfi, &ids, &n, err) < 0 ? -1 : n > 0;
}

int documents_pages(struct work *w, struct id rfi, size_t *n, struct err *err)
{
	struct id *ids, *pages;
	size_t documents, k;
	*n = 0;
	if (record_rows(w, "rfi_document", rfi, &ids, &documents, err) < 0)
		return -1;
	for (size_t i = 0; i < documents; i++) {
		if (record_rows(w, "rfi_page", ids[i], &pages, &k, err) < 0)
			return -1;
		*n += k;
	}
	return 0;
}

static int draft_of_ours(struct work *w, const struct record *rfi, struct err *err)
{
	return str_eq(rfi->owner, w->node->name) && str_is(rfi->state, "draft") && record_may_create(w, type_of(w, "rfi_subject")) ? 0
	    : err_say(err, ERR_CONFLICT, N_("Documents are added to a draft, by a liaison officer."), NULL);
}

static int pages_set(struct work *w, struct id document, struct err *err)
{
	struct id *pages;
	size_t n;
	if (record_rows(w, "rfi_page", document, &pages, &n, err) < 0)
		return -1;
	json_t *f = json_keep(w->mem, json_object());
	json_object_set_new(f, "pages", json_integer((json_int_t)n));
	return record_set_inside(w, document, f, err);
}

/* The one that is there already under that kind and title. 1, 0, -1 */
static int same_document(struct work *w, struct id rfi, const json_t *fields, struct id *out, struct err *err)
{
	struct id *ids;
	size_t n;
	if (record_rows(w, "rfi_document", rfi, &ids, &n, err) < 0)
		return -1;
	const struct grant *g = record_open_inside(w, type_of(w, "rfi_document"), ids, n, err);
	for (size_t i = 0; g && i < n; i++)
		if (str_eq(record_text(g, i, "document_kind"), json_str(fields, "document_kind")) && str_eq(record_text(g, i, "document_title"), json_str(fields, "document_title")))
			return *out = ids[i], 1;
	return g ? 0 : -1;
}

int document_page_add(struct work *w, const struct record *rfi, struct draft *d, struct bytes jpeg, struct err *err)
{
	struct id document, page;
	size_t n;
	const struct grant *g = record_open_inside(w, rfi->type, &rfi->id, 1, err);
	if (!g || draft_of_ours(w, rfi, err) < 0 || documents_pages(w, rfi->id, &n, err) < 0)
		return -1;
	if (!documents_may_go(w, record_text(g, 0, "recipient")))
		return err_say(err, ERR_VALUE, N_("The agreement with that office names no documents of requests. Describe the document in the request, or send a letter."), NULL);
	if (n >= CHANNEL_PAGES_MAX)
		return err_say(err, ERR_VALUE, N_("A request has 8 pages of documents at most. Send the rest by letter, or ask for the document by its number."), NULL);
	d->type = type_of(w, "rfi_document");
	d->parent = rfi->id;
	d->unit = rfi->unit;
	d->by_program = true;
	int rc = same_document(w, rfi->id, d->fields, &document, err);
	if (rc < 0 || (rc == 0 && record_create(w, d, &document, err) < 0))
		return -1;
	struct draft p = { .type = type_of(w, "rfi_page"), .parent = document, .unit = rfi->unit, .by_program = true, .fields = json_keep(w->mem, json_object()) };
	json_object_set_new(p.fields, "image", json_new_str(base64(w->mem, jpeg)));
	if (record_create(w, &p, &page, err) < 0)
		return p.nfaults ? (*err = (struct err){ 0 }, err_say(err, ERR_VALUE, p.faults[0].sentence, NULL)) : -1;
	return pages_set(w, document, err);
}

int document_page_of(struct work *w, struct id rfi, struct id page, struct record *out, struct err *err)
{
	struct record document;
	bool fits = record_head(w, page, out, NULL) == 0 && str_is(out->type->name, "rfi_page") && !str_is(out->state, "erased") && record_head(w, out->parent, &document, NULL) == 0 &&
	    id_eq(document.parent, rfi);
	return fits ? 0 : err_set(err, ERR_NOT_FOUND, "no page of this request");
}

int document_page_remove(struct work *w, const struct record *rfi, struct id page, struct err *err)
{
	struct record r;
	struct id *left;
	size_t n;
	if (draft_of_ours(w, rfi, err) < 0 || document_page_of(w, rfi->id, page, &r, err) < 0 || record_erase_one(w, page, STR("removed"), err) < 0 ||
	    record_rows(w, "rfi_page", r.parent, &left, &n, err) < 0)
		return -1;
	return n ? pages_set(w, r.parent, err) : record_erase_one(w, r.parent, STR("removed"), err);
}

static int pages_copied(struct work *w, struct id from, struct id to, struct str unit, struct err *err)
{
	struct id *pages, made;
	size_t n;
	if (record_rows(w, "rfi_page", from, &pages, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct grant *g = record_open_inside(w, type_of(w, "rfi_page"), &pages[i], 1, err);
		if (!g)
			return -1;
		struct draft d = { .type = type_of(w, "rfi_page"), .parent = to, .unit = unit, .by_program = true, .fields = json_keep(w->mem, json_object()) };
		json_object_set(d.fields, "image", record_value(g, 0, "image"));
		if (record_create(w, &d, &made, err) < 0)
			return -1;
	}
	return 0;
}

int documents_copied(struct work *w, struct id from, struct id to, struct str unit, struct err *err)
{
	static const char *const FIELDS[] = { "document_kind", "document_title", "pages" };
	struct id *ids, made;
	size_t n;
	const struct grant *g = record_rows(w, "rfi_document", from, &ids, &n, err) < 0 ? NULL : record_open_inside(w, type_of(w, "rfi_document"), ids, n, err);
	for (size_t i = 0; g && i < n; i++) {
		struct draft d = { .type = type_of(w, "rfi_document"), .parent = to, .unit = unit, .by_program = true, .fields = json_keep(w->mem, json_object()) };
		for (size_t k = 0; k < COUNT(FIELDS); k++)
			json_object_set(d.fields, FIELDS[k], record_value(g, i, FIELDS[k]));
		if (record_create(w, &d, &made, err) < 0 || pages_copied(w, ids[i], made, unit, err) < 0)
			return -1;
	}
	return g ? 0 : -1;
}

/* Documents with the request; their pages by themselves. */
int documents_share(struct work *w, struct id rfi, struct str to, struct err *err)
{
	struct id *ids, *pages;
	size_t n, k;
	if (record_rows(w, "rfi_document", rfi, &ids, &n, err) < 0 || record_share(w, ids, n, to, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (record_rows(w, "rfi_page", ids[i], &pages, &k, err) < 0 || record_share(w, pages, k, to, err) < 0)
			return -1;
	return 0;
}

int documents_end(struct work *w, struct id rfi, struct str rule, struct err *err)
{
	struct id *ids, *pages;
	size_t n, k;
	if (record_rows(w, "rfi_document", rfi, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (record_rows(w, "rfi_page", ids[i], &pages, &k, err) < 0)
			return -1;
		for (size_t p = 0; p < k; p++)
			if (record_erase_one(w, pages[p], rule, err) < 0)
				return -1;
		if (record_erase_one(w, ids[i], rule, err) < 0)
			return -1;
	}
	return 0;
}
