#include "web/import_page.h"

/* What the import's forms and files do. An upload takes two jobs: reading, and, where the columns are known, checking. */
#define KIB ((size_t)1024)
#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

static struct str file_of(const struct request *q)
{
	for (size_t i = 0; i < q->nuploads; i++)
		if (str_is(q->uploads[i].name, "file"))
			return q->uploads[i].content;
	return (struct str){ 0 };
}

static int see(struct work *w, const struct request *q, const struct import *im, const char *pattern, struct response *a, struct err *err)
{
	struct str location = url_of(w->mem, pattern, PARTS(id_text(w->mem, im->id)));
	response_see(a, location);
	return done_keep(w, q, location, err);
}

static int find_again(struct work *w, const struct request *q, struct import *im, bool *again, struct err *err)
{
	struct str file = file_of(q);
	return import_begin(w, &(struct import_upload){ .content = str_bytes(file) }, im, again, err);
}

static int after_upload_check(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	struct import im;
	bool again;
	if (find_again(w, q, &im, &again, err) < 0)
		return -1;
	if (str_is(im.state, "matching") && import_checked(w, &im, output, err) < 0)
		return -1;
	return see(w, q, &im, "/import/%", a, err);
}

/* The table is there: a known source goes on to the check, any other to the page that matches columns. */
static int after_read(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	struct import im;
	struct sheet s;
	struct targets t;
	struct mapping m;
	bool again;
	if (output.n == 0 || output.p[0] != 'S')
		return err_say(err, ERR_VALUE, output.n > 1 ? str_z(w->mem, str_sub(output, 1, 300)) : N_("The file could not be read."), NULL);
	struct str file = file_of(q);
	struct bytes packed = str_bytes(str_sub(output, 1, output.n));
	if (sheet_unpack(w->mem, packed, &s, err) < 0 || targets_make(w->mem, w->node->types, &t, err) < 0 || import_seen(w, ACT_RECEIVE, s.nrows, err) < 0)
		return -1;
	if (import_begin(w, &(struct import_upload){ .content = str_bytes(file), .table = packed }, &im, &again, err) < 0)
		return -1;
	if (again)
		return see(w, q, &im, "/import/%?again=1", a, err);
	columns_guess(w->mem, &t, &s, &m);
	int known = m.sure ? 1 : import_remembered(w, columns_signature(w->mem, &s, m.heading), &t, &m, err);
	if (known < 0)
		return -1;
	if (!known)
		return see(w, q, &im, "/import/%", a, err);
	work_job(w, &(struct job){ &IMPORT_JOB_CHECK, import_check_input(w, mapping_json(w->mem, &t, &m, s.ncolumns), packed), after_upload_check });
	return 0;
}

int import_upload_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct str location, file = file_of(q);
	if (import_may(w, q, a, err) < 0)
		return -1;
	int done = done_find(w, q, &location, err);
	if (done)
		return done < 0 ? -1 : (response_see(a, location), 0);
	if (file.n == 0)
		return err_say(err, ERR_VALUE, N_("Choose a file first, or the file is empty."), NULL);
	work_job(w, &(struct job){ &IMPORT_JOB_READ, file, after_read });
	return 0;
}

/* ---- decisions, confirmation, withdrawal ---- */
static int asked(struct work *w, const struct request *q, struct response *a, struct import *im, int *done, struct err *err)
{
	struct str location;
	if (import_may(w, q, a, err) < 0 || import_of_request(w, q, im, err) < 0)
		return -1;
	*done = done_find(w, q, &location, err);
	if (*done == 1)
		response_see(a, location);
	return *done < 0 ? -1 : 0;
}

int import_pairs_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct import im;
	struct str all = request_field(q, "all"), as = request_field(q, "as"), other = request_field(q, "other");
	struct id id = { 0 };
	int64_t row = -1, other_row = -1;
	int done, rc;
	if (asked(w, q, a, &im, &done, err) < 0 || done)
		return done == 1 ? 0 : -1;
	if (!str_is(im.state, "ready"))
		return err_say(err, ERR_CONFLICT, N_("This import has gone on already."), NULL);
	if (str_starts(all, STR("exact-")))
		rc = import_decide_all(w, &im, true, str_sub(all, 6, all.n), err);
	else if (all.n)
		rc = import_decide_all(w, &im, false, all, err);
	else if (str_i64(request_field(q, "row"), &row) < 0 || (id_parse(other, &id) < 0 && str_i64(other, &other_row) < 0))
		return err_say(err, ERR_FORMAT, N_("This form is incomplete. Open the page again."), NULL);
	else
		rc = import_decide(w, &im, row, other_row, id, as, err);
	return rc < 0 ? -1 : see(w, q, &im, "/import/%", a, err);
}

int import_confirm_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct import im;
	int done;
	if (asked(w, q, a, &im, &done, err) < 0 || done)
		return done == 1 ? 0 : -1;
	return import_confirm(w, &im, err) < 0 ? -1 : see(w, q, &im, "/import/%", a, err);
}

int import_cancel_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct import im;
	int done;
	if (asked(w, q, a, &im, &done, err) < 0 || done)
		return done == 1 ? 0 : -1;
	return import_cancel(w, &im, err) < 0 ? -1 : see(w, q, &im, "/import/%", a, err);
}

/* ---- files ---- */
static int file_answer(struct work *w, struct str output, const char *name, struct response *a, struct err *err)
{
	if (output.n == 0)
		return err_set(err, ERR_FAULT, "a workbook was not made");
	a->type = XLSX_TYPE;
	a->body = output;
	response_header(a, "Content-Disposition", str_fmt(w->mem, "attachment; filename=\"%s\"", name));
	page_headers(a);
	return 0;
}

static int template_after(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	(void)q;
	return file_answer(w, output, "jisr-families.xlsx", a, err);
}

static const char *example_of(const struct target *t)
{
	static const struct { const char *key, *text; } EXAMPLES[] = { { "name", N_("Invented Full Name") }, { "mother_name", N_("Invented Mother") }, { "birth", "1990-05-23" },
		{ "shelter", "B-12" }, { "origin_place", N_("Sinjar") } };
	for (size_t i = 0; i < COUNT(EXAMPLES); i++)
		if (str_is(t->key, EXAMPLES[i].key))
			return EXAMPLES[i].text;
	return NULL;
}

static json_t *choices_of(struct work *w, const struct tfield *f)
{
	json_t *list = json_array();
	for (size_t i = 0; f && f->codes && i < f->codes->n; i++)
		json_array_append_new(list, json_new_str(tr(w->lang, str_z(w->mem, f->codes->codes[i].label.n ? f->codes->codes[i].label : f->codes->codes[i].value))));
	return list;
}

static struct str template_input(struct work *w, const struct targets *t)
{
	json_t *columns = json_array(), *example = json_array();
	for (size_t i = 0; i < t->n; i++) {
		const struct target *x = &t->at[i];
		if (x->place == OF_AGE)
			continue;
		json_t *choices = choices_of(w, x->field);
		const char *shown = example_of(x);
		json_array_append_new(example, x->place == OF_FAMILY_NUMBER ? json_new_str(tr(w->lang, N_("Example"))) : shown ? json_new_str(tr(w->lang, shown)) :
		    json_array_size(choices) ? json_incref(json_array_get(choices, json_array_size(choices) > 1)) : json_string(""));
		json_t *c = json_pack("{s:o, s:o, s:o}", "heading", json_new_str(tr(w->lang, x->label)), "choices", choices, "hxl",
		    json_new_str(x->field && x->field->hxl.n ? x->field->hxl : x->place == OF_FAMILY_NUMBER ? STR("#meta+family") : (struct str){ 0 }));
		if (x->field && x->field->help.n)
			json_object_set_new(c, "note", json_new_str(tr(w->lang, str_z(w->mem, x->field->help))));
		json_array_append_new(columns, c);
	}
	json_t *j = json_pack("{s:o, s:b, s:o, s:[o]}", "title", json_new_str(tr(w->lang, N_("Families"))), "rtl", strcmp(lang_info(w->lang)->dir, "rtl") == 0, "columns", columns,
	    "rows", example);
	return json_write(w->mem, json_keep(w->mem, j));
}

int import_template_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct targets t;
	(void)q;
	(void)a;
	if (targets_make(w->mem, w->node->types, &t, err) < 0)
		return -1;
	work_job(w, &(struct job){ &IMPORT_JOB_WRITE, template_input(w, &t), template_after });
	return 0;
}

static int faults_after(struct work *w, const struct request *q, struct str output, struct response *a, struct err *err)
{
	(void)q;
	return file_answer(w, output, "jisr-rows-with-errors.xlsx", a, err);
}

static json_t *fault_row(struct work *w, const json_t *row, const json_t *headings, size_t columns)
{
	json_t *cells = json_array();
	const json_t *faults = json_object_get(row, "e"), *own = json_object_get(row, "c");
	struct buf why = buf_new(w->mem, 4096);
	for (size_t i = 0; i < columns; i++)
		json_array_append(cells, json_array_get(own, i));
	for (size_t i = 0; i < json_array_size(faults); i++) {
		const json_t *f = json_array_get(faults, i);
		const json_t *heading = json_array_get(headings, (size_t)json_integer_value(json_array_get(f, 0)));
		const char *sentence = json_string_value(json_array_get(f, 1));
		buf_fmt(&why, "%s%s: " S_FMT, i ? " | " : "", json_is_string(heading) ? json_string_value(heading) : "", S_ARG(sentence ? tr(w->lang, sentence) : (struct str){ 0 }));
	}
	json_array_append_new(cells, json_new_str(buf_text(&why)));
	return cells;
}

/* The file leaves the office: the entry says so before the job has the rows. */
int import_faults_get(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct import im;
	json_t *rows, *head, *columns = json_array(), *out = json_array();
	bool more;
	int answered = import_may(w, q, a, err);
	if (answered || import_of_request(w, q, &im, err) < 0)
		return answered == 1 ? 0 : -1;
	if (import_chunk(w, &im, 0, &head, err) < 0 || import_faulty(w, &im, 0, (size_t)im.chunks + 1, &rows, &more, err) < 0)
		return -1;
	const json_t *headings = json_object_get(head, "headings");
	for (size_t i = 0; i < json_array_size(headings); i++)
		json_array_append_new(columns, json_pack("{s:O}", "heading", json_array_get(headings, i)));
	json_array_append_new(columns, json_pack("{s:o, s:i}", "heading", json_new_str(tr(w->lang, N_("Why it cannot be taken"))), "width", 60));
	for (size_t i = 0; i < json_array_size(rows); i++)
		json_array_append_new(out, fault_row(w, json_array_get(rows, i), headings, json_array_size(headings)));
	json_t *j = json_pack("{s:o, s:b, s:o, s:o}", "title", json_new_str(tr(w->lang, N_("Families"))), "rtl", strcmp(lang_info(w->lang)->dir, "rtl") == 0, "columns", columns, "rows", out);
	if (import_seen(w, ACT_EXPORT, json_array_size(rows), err) < 0)
		return -1;
	work_job(w, &(struct job){ &IMPORT_JOB_WRITE, json_write(w->mem, json_keep(w->mem, j)), faults_after });
	return 0;
}

const struct route IMPORT_ROUTES[] = {
	{ GET, "/import", PERMIT_SIGNED_IN, true, 0, import_page, N_("Import of families"), { 0 } },
	{ POST, "/import", PERMIT_SIGNED_IN, true, SHEET_FILE_MAX + 64 * KIB, import_upload_do, N_("Import of families"), { 0 } },
	{ GET, "/import/template.xlsx", PERMIT_SIGNED_IN, false, 0, import_template_get, N_("Download the template (XLSX)"), { 0 } },
	{ GET, "/import/:id", PERMIT_SIGNED_IN, true, 0, import_one_page, N_("Import of families"), { 0 } },
	{ GET, "/import/:id/faults.xlsx", PERMIT_SIGNED_IN, true, 0, import_faults_get, N_("Download the rows with errors (XLSX)"), { 0 } },
	{ POST, "/import/:id/columns", PERMIT_SIGNED_IN, true, 64 * KIB, import_columns_do, N_("Which column is what?"), { 0 } },
	{ POST, "/import/:id/pairs", PERMIT_SIGNED_IN, true, 16 * KIB, import_pairs_do, N_("Do these two look like the same person?"), { 0 } },
	{ POST, "/import/:id/confirm", PERMIT_SIGNED_IN, true, 4 * KIB, import_confirm_do, N_("Register these people"), { 0 } },
	{ POST, "/import/:id/cancel", PERMIT_SIGNED_IN, true, 4 * KIB, import_cancel_do, N_("Withdraw this import"), { 0 } },
	{ 0 },
};
