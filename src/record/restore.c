#include "record/restore.h"
#include "record/back.h"
#include "record/record_i.h"

SQL(Q_ERASED, 0, "SELECT id FROM record WHERE state='erased' ORDER BY id");
SQL(Q_HOW_MANY, 0, "SELECT count(*) FROM record WHERE state='erased'");
SQL(Q_PAGE, 2, "SELECT id, subject, type FROM record WHERE id>?1 AND state<>'erased' ORDER BY id LIMIT ?2");
SQL(Q_GONE, 2, "INSERT INTO record_gone(record, node) SELECT ?1,?2 WHERE NOT EXISTS(SELECT 1 FROM record WHERE id=?1) ON CONFLICT DO NOTHING");
SQL(Q_HAS_KEY, 1, "SELECT count(*) FROM subject_key WHERE handle=?1");
struct erased_row { struct id id; };
static const struct field ERASED[] = { FIELD(struct erased_row, id) };
struct living { struct id id, subject; struct str type; };
static const struct field LIVING[] = { FIELD(struct living, id), FIELD(struct living, subject), FIELD(struct living, type) };
#define PAGE 1024

int record_erased(struct work *w, struct id **ids, size_t *n, struct err *err)
{
	int64_t many = DB_COUNT(w->tx, &Q_HOW_MANY);
	struct erased_row row;
	int rc = 0;
	*n = 0;
	if (many < 0)
		return err_set(err, ERR_FAULT, "the records cannot be read");
	*ids = NEW_ARRAY(w->mem, struct id, (size_t)many + 1);
	struct rows rows = DB_QUERY(w->tx, &Q_ERASED, ERASED, w->mem);
	while (*n < (size_t)many && (rc = db_next(&rows, &row, err)) == DB_ROW)
		(*ids)[(*n)++] = row.id;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

static int row_cmp(const void *a, const void *b)
{
	const struct wrapped_row *x = a, *y = b;
	return str_cmp(bytes_str(x->id), bytes_str(y->id));
}

static int put_or_drop(struct work *w, const struct wrapped_keys *t, struct bytes id, const struct wrapped_row *found, size_t *dropped, struct err *err)
{
	if (found)
		return DB_RUN(w->tx, t->put, err, db_blob(id), db_blob(found->wrapped)) < 0 ? -1 : 0;
	++*dropped;
	return DB_RUN(w->tx, t->drop, err, db_blob(id)) < 0 ? -1 : 0;
}

int restore_keys(struct work *w, const struct wrapped_keys *t, const struct wrapped_row *rows, size_t n, size_t *dropped, struct err *err)
{
	struct wrapped_row *page = NEW_ARRAY(w->mem, struct wrapped_row, PAGE);
	struct bytes after = { (const uint8_t *)"", 0 };
	*dropped = 0;
	for (size_t got = PAGE; got == PAGE;) {
		if (wrapped_page(w, t, after, PAGE, page, &got, err) < 0)
			return -1;
		for (size_t i = 0; i < got; i++)
			if (put_or_drop(w, t, page[i].id, n ? bsearch(&page[i], rows, n, sizeof *rows, row_cmp) : NULL, dropped, err) < 0)
				return -1;
		if (got)
			after = page[got - 1].id;
	}
	return 0;
}

/* 1: its subject has no key. */
static int keyless(struct work *w, const struct living *r, struct handle *h, struct err *err)
{
	const struct type *t = type_find(w->node->types, r->type);
	struct id subject = id_none(r->subject) ? r->id : r->subject;
	if (!t || !t->personal)
		return 0;
	if (keys_handles(w->node->keys, t->side, &subject, 1, h, err) < 0)
		return -1;
	int64_t has = DB_COUNT(w->tx, &Q_HAS_KEY, db_blob(bytes_of(h->b, HANDLE_BYTES)));
	return has < 0 ? err_set(err, ERR_FAULT, "the keys cannot be read") : has == 0;
}

static int page_of(struct work *w, struct id after, struct living *out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_PAGE, LIVING, w->mem, db_blob(bytes_of(after.b, sizeof after.b)), db_int(PAGE));
	int rc = 0;
	*n = 0;
	while (*n < PAGE && (rc = db_next(&rows, &out[*n], err)) == DB_ROW)
		++*n;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}

int restore_erasures(struct work *w, const struct id *later, size_t nlater, size_t *n, struct err *err)
{
	struct living *page = NEW_ARRAY(w->mem, struct living, PAGE);
	struct id after = { { 0 } };
	*n = 0;
	for (size_t got = PAGE; got == PAGE;) {
		if (page_of(w, after, page, &got, err) < 0)
			return -1;
		for (size_t i = 0; i < got; i++) {
			struct handle h = { { 0 } };
			int gone = keyless(w, &page[i], &h, err);
			if (gone < 0)
				return -1;
			if (!gone && !(nlater && bsearch(&page[i].id, later, nlater, sizeof *later, id_cmp)))
				continue;
			if ((gone && ledger_forget(w->tx, h, err) < 0) || record_blank(w, page[i].id, err) < 0)
				return -1;
			++*n;
		}
		if (got)
			after = page[got - 1].id;
	}
	for (size_t i = 0; i < nlater; i++)      /* made and erased after the copy: a partner that still holds it does not bring it back */
		if (DB_RUN(w->tx, &Q_GONE, err, db_id(later[i]), db_text(w->node->name)) < 0)
			return -1;
	return back_restored(w, err);
}
