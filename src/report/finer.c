#include "report/report_i.h"

/* The tables below level 1: persons of a batch by governorate of origin, and by sex and age. Two tables that share only the grand total, which is
   known anyway, so that neither gives away what the other hides. They go through the safe publisher once, when a release is asked for, and are copies from
   then on. */

SQL(Q_KEEP, 7, "INSERT INTO report_released_cell(release, batch, kind, row, col, raw, shown) VALUES(?1,?2,?3,?4,?5,?6,?7)");
SQL(Q_LAST, 2, "SELECT c.row AS row, c.col AS col, c.raw AS raw FROM report_released_cell c WHERE c.batch=?1 AND c.kind=?2 AND c.release="
    "(SELECT r.id FROM report_release r JOIN report_released b ON b.release=r.id WHERE r.state='published' AND b.batch=?1 ORDER BY r.decided DESC, r.id DESC LIMIT 1)");
SQL(Q_CARRY, 3, "INSERT INTO report_released_cell(release, batch, kind, row, col, raw, shown) SELECT ?1, c.batch, c.kind, c.row, c.col, c.raw, c.shown"
    " FROM report_released_cell c WHERE c.batch=?2 AND c.kind=?3 AND c.release="
    "(SELECT r.id FROM report_release r JOIN report_released b ON b.release=r.id WHERE r.state='published' AND b.batch=?2 ORDER BY r.decided DESC, r.id DESC LIMIT 1)");
SQL(Q_SHOWN, 2, "SELECT c.row AS row, c.col AS col, coalesce(c.shown, 0) AS shown, c.shown IS NULL AS hidden FROM report_released_cell c WHERE c.batch=?1 AND c.kind=?2"
    " AND c.release=(SELECT r.id FROM report_release r JOIN report_released b ON b.release=r.id WHERE r.state='published' AND b.batch=?1"
    " ORDER BY r.decided DESC, r.id DESC LIMIT 1) ORDER BY c.row='', c.row, c.col='', c.col");
struct raw_row { struct str row, col; int64_t raw; };
static const struct field RAW_ROW[] = { FIELD(struct raw_row, row), FIELD(struct raw_row, col), FIELD(struct raw_row, raw) };
static const struct field SHOWN[] = { FIELD(struct released_cell, row), FIELD(struct released_cell, col), FIELD(struct released_cell, shown), FIELD(struct released_cell, hidden) };
#define LINES_MAX 64
#define SHOWN_MAX 512

struct finer { const char *kind; struct table table; struct str rows[LINES_MAX], cols[LINES_MAX]; };

static size_t line_of(struct str *lines, size_t *n, struct str name)
{
	size_t i = 0;
	while (i < *n && !str_eq(lines[i], name))
		i++;
	if (i == *n && i < LINES_MAX)
		lines[(*n)++] = name;
	return i;
}

static struct str area_of(const struct cell_sum *c)
{
	return c->area.n ? c->area : STR("unknown");
}

static struct finer *by_area(struct arena *mem, const struct cell_sum *cells, size_t n)
{
	struct finer *f = NEW(mem, struct finer);
	size_t lines = 0;
	for (size_t i = 0; i < n; i++)
		line_of(f->rows, &lines, area_of(&cells[i]));
	f->kind = "area";
	f->cols[0] = STR("persons");
	f->table = table_new(mem, lines, 1);
	for (size_t i = 0; i < n; i++)
		*table_at(&f->table, line_of(f->rows, &lines, area_of(&cells[i])), 0) += cells[i].persons;
	return f;
}

static struct finer *by_sex_and_age(struct arena *mem, const struct cell_sum *cells, size_t n)
{
	struct finer *f = NEW(mem, struct finer);
	bool unknown_sex = false, unknown_age = false;
	for (size_t i = 0; i < n; i++) {
		unknown_sex = unknown_sex || cells[i].sex == 0;
		unknown_age = unknown_age || cells[i].band == BAND_UNKNOWN;
	}
	f->kind = "sex_age";
	f->table = table_new(mem, (size_t)BAND_UNKNOWN + unknown_age, 2 + (size_t)unknown_sex);
	for (size_t i = 0; i < f->table.rows; i++)
		f->rows[i] = str_fmt(mem, "%zu", i);
	for (size_t j = 0; j < f->table.cols; j++)
		f->cols[j] = str_fmt(mem, "%zu", (j + 1) % 3);
	for (size_t i = 0; i < n; i++)
		*table_at(&f->table, (size_t)cells[i].band, (size_t)(cells[i].sex + 2) % 3) += cells[i].persons;
	return f;
}

static int64_t raw_of(const struct finer *f, struct str row, struct str col)
{
	for (size_t i = 0; i <= f->table.rows; i++)
		for (size_t j = 0; j <= f->table.cols; j++)
			if (str_eq(f->rows[i], row) && str_eq(f->cols[j], col))
				return *table_at(&f->table, i, j);
	return 0;
}

/* 1 where a cell moved by 1 to 9 persons since the last release: the two tables side by side would speak of them. */
static int gives_away(struct work *w, int64_t batch, const struct finer *f, bool *before, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_LAST, RAW_ROW, w->mem, db_int(batch), db_z(f->kind));
	struct raw_row r;
	int rc, small = 0;
	*before = false;
	int64_t is = 0;
	while ((rc = db_next(&rows, &r, err)) == DB_ROW) {
		int64_t change = raw_of(f, r.row, r.col) - r.raw;
		*before = true;
		small = small || (change != 0 && change > -10 && change < 10);
		if (r.row.n && r.col.n)
			is += raw_of(f, r.row, r.col);
	}
	if (*before && !small && *table_at(&f->table, f->table.rows, f->table.cols) - is > 0)       /* a line that was not there */
		small = *table_at(&f->table, f->table.rows, f->table.cols) - is < 10;
	return rc < 0 ? -1 : small;
}

static int table_keep(struct work *w, struct id release, int64_t batch, struct finer *f, struct err *err)
{
	bool before;
	const struct suppress_rule rule = SAFE_RULE;
	table_add_up(&f->table);
	int small = gives_away(w, batch, f, &before, err);
	if (small < 0)
		return -1;
	if (small && before)
		return DB_RUN(w->tx, &Q_CARRY, err, db_id(release), db_int(batch), db_z(f->kind)) < 0 ? -1 : 0;
	table_suppress(&f->table, &rule);
	for (size_t i = 0; i <= f->table.rows; i++) {
		for (size_t j = 0; j <= f->table.cols; j++) {
			int64_t n = *table_at(&f->table, i, j);
			bool total = i == f->table.rows && j == f->table.cols, hidden = !total && *table_hidden(&f->table, i, j);
			if (DB_RUN(w->tx, &Q_KEEP, err, db_id(release), db_int(batch), db_z(f->kind), db_text(i == f->table.rows ? STR("") : f->rows[i]),
			    db_text(j == f->table.cols ? STR("") : f->cols[j]), db_int(n), hidden ? db_null() : db_int(total ? n : round_to_five(n))) < 0)
				return -1;
		}
	}
	return 0;
}

int finer_keep(struct work *w, struct id release, int64_t batch, struct err *err)
{
	struct cell_sum *cells;
	size_t n;
	if (counted_cells(w, batch, &cells, &n, err) < 0)
		return -1;
	return table_keep(w, release, batch, by_area(w->mem, cells, n), err) < 0 ? -1 : table_keep(w, release, batch, by_sex_and_age(w->mem, cells, n), err);
}

int released_cells(struct work *w, int64_t batch, const char *kind, struct released_cell **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_SHOWN, SHOWN, w->mem, db_int(batch), db_z(kind));
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct released_cell, SHOWN_MAX);
	*n = 0;
	while (*n < SHOWN_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}
