#include "report/report_i.h"

/* What this node counted itself: one row for each reconciled list, and its cells by origin, sex and age. Counts of people by governorate, no person. */

static const char *const TABLES[] = {
	"CREATE TABLE report_figure(list BLOB PRIMARY KEY, batch INTEGER NOT NULL, origin TEXT NOT NULL, destination TEXT NOT NULL, day TEXT NOT NULL,"
	" arrived INTEGER NOT NULL, families INTEGER NOT NULL, persons INTEGER NOT NULL, counted INTEGER NOT NULL) STRICT",
	"CREATE TABLE report_cell(list BLOB NOT NULL, area TEXT NOT NULL, sex INTEGER NOT NULL, band INTEGER NOT NULL, persons INTEGER NOT NULL,"
	" PRIMARY KEY(list, area, sex, band)) STRICT, WITHOUT ROWID",
	"CREATE TABLE report_release(id BLOB PRIMARY KEY, state TEXT NOT NULL, asked_by BLOB NOT NULL, asked INTEGER NOT NULL, decided_by BLOB, decided INTEGER) STRICT",
	"CREATE TABLE report_released(release BLOB NOT NULL, batch INTEGER NOT NULL, day TEXT NOT NULL, families INTEGER NOT NULL, persons INTEGER NOT NULL,"
	" PRIMARY KEY(release, batch)) STRICT, WITHOUT ROWID",
	"CREATE TABLE report_released_cell(release BLOB NOT NULL, batch INTEGER NOT NULL, kind TEXT NOT NULL, row TEXT NOT NULL, col TEXT NOT NULL, raw INTEGER NOT NULL,"
	" shown INTEGER, PRIMARY KEY(release, batch, kind, row, col)) STRICT, WITHOUT ROWID",
	"CREATE TABLE report_situation(day TEXT PRIMARY KEY, by BLOB NOT NULL, at INTEGER NOT NULL, figures TEXT NOT NULL) STRICT",      /* situation.c */
};
const struct migrations REPORT_MIGRATIONS = { "report", TABLES, COUNT(TABLES) };

SQL(Q_FORGET_CELLS, 1, "DELETE FROM report_cell WHERE list=?1");
SQL(Q_FORGET, 1, "DELETE FROM report_figure WHERE list=?1");
SQL(Q_FIGURE, 9, "INSERT INTO report_figure(list, batch, origin, destination, day, arrived, families, persons, counted) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)");
SQL(Q_CELL, 5, "INSERT INTO report_cell(list, area, sex, band, persons) VALUES(?1,?2,?3,?4,?5)"
    " ON CONFLICT(list, area, sex, band) DO UPDATE SET persons=report_cell.persons+excluded.persons");
SQL(Q_CELLS, 1, "SELECT c.area AS area, c.sex AS sex, c.band AS band, CAST(sum(c.persons) AS INTEGER) AS persons FROM report_cell c"
    " JOIN report_figure f ON f.list=c.list WHERE f.batch=?1 GROUP BY c.area, c.sex, c.band ORDER BY c.area, c.sex, c.band");
static const struct field CELL_SUM[] = { FIELD(struct cell_sum, area), FIELD(struct cell_sum, sex), FIELD(struct cell_sum, band), FIELD(struct cell_sum, persons) };
#define CELLS_MAX 2048

/* Many papers give a year only, which leaves two ages open: then the younger one counts. More than that is unknown. */
enum age_band age_band_of(struct date birth, int32_t day)
{
	static const struct { int to; enum age_band band; } BAND[] = { { 4, BAND_0_4 }, { 11, BAND_5_11 }, { 17, BAND_12_17 }, { 59, BAND_18_59 }, { 150, BAND_60 } };
	int32_t first, last;
	if (birth.precision == DATE_NONE)
		return BAND_UNKNOWN;
	date_span(birth, &first, &last);
	if (first > day || last - first > 366)
		return BAND_UNKNOWN;
	int age = last > day ? 0 : (int)((double)(day - last) / 365.2425);
	for (size_t i = 0; i < COUNT(BAND); i++)
		if (age <= BAND[i].to)
			return BAND[i].band;
	return BAND_UNKNOWN;
}

static int count_check(const struct count *c, int64_t *persons, struct err *err)
{
	struct date day;
	*persons = 0;
	for (size_t i = 0; i < c->ncells; i++) {
		const struct count_cell *cell = &c->cells[i];
		if (cell->persons < 0 || cell->persons > 1000000 || cell->sex < 0 || cell->sex > 2 || cell->band >= BANDS || cell->area.n > 16)
			return err_set(err, ERR_FAULT, "a cell of a count is out of range");
		*persons += cell->persons;
	}
	if (id_none(c->list) || c->batch <= 0 || c->families < 0 || c->families > *persons || c->arrived_ms <= 0)
		return err_set(err, ERR_FAULT, "a count is out of range");
	if (date_parse(c->date, &day) < 0 || day.precision != DATE_YMD)
		return err_set(err, ERR_FAULT, "a count without a day");
	return 0;
}

int report_count(struct work *w, const struct count *c, struct err *err)
{
	int64_t persons;
	if (count_check(c, &persons, err) < 0)
		return -1;
	if (DB_RUN(w->tx, &Q_FORGET_CELLS, err, db_id(c->list)) < 0 || DB_RUN(w->tx, &Q_FORGET, err, db_id(c->list)) < 0 ||
	    DB_RUN(w->tx, &Q_FIGURE, err, db_id(c->list), db_int(c->batch), db_text(c->origin), db_text(c->destination), db_text(c->date), db_int(c->arrived_ms),
	    db_int(c->families), db_int(persons), db_time(w->now_ms)) < 0)
		return err_add(err, "keeping a count");
	for (size_t i = 0; i < c->ncells; i++) {
		const struct count_cell *cell = &c->cells[i];
		if (cell->persons && DB_RUN(w->tx, &Q_CELL, err, db_id(c->list), db_text(cell->area), db_int(cell->sex), db_int((int64_t)cell->band), db_int(cell->persons)) < 0)
			return err_add(err, "keeping a count's cell");
	}
	return 0;
}

int counted_cells(struct work *w, int64_t batch, struct cell_sum **out, size_t *n, struct err *err)
{
	struct rows rows = DB_QUERY(w->tx, &Q_CELLS, CELL_SUM, w->mem, db_int(batch));
	int rc = 0;
	*out = NEW_ARRAY(w->mem, struct cell_sum, CELLS_MAX);
	*n = 0;
	while (*n < CELLS_MAX && (rc = db_next(&rows, &(*out)[*n], err)) == DB_ROW)
		(*n)++;
	db_end(&rows);
	return rc < 0 ? -1 : 0;
}
