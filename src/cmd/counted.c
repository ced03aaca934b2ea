#include "cmd/cmd.h"
#include "journey/journey.h"
#include "report/report.h"

/* What journey counted becomes what report may release: the two rooms know nothing of each other. */
int reconciled(struct work *w, const struct record *list, struct err *err)
{
	struct counted_list l;
	if (count_from_boarding(w, list, err) < 0 || list_counted(w, list->id, &l, err) < 0)
		return -1;
	struct count_cell *cells = NEW_ARRAY(w->mem, struct count_cell, l.n + 1);
	for (size_t i = 0; i < l.n; i++) {
		struct date birth = { 0 };
		if (l.people[i].birth.n)
			date_parse(l.people[i].birth, &birth);
		cells[i] = (struct count_cell){ l.people[i].area, l.people[i].sex, l.people[i].newborn ? BAND_0_4 : age_band_of(birth, day_of_ms(l.arrived_ms)), 1 };
	}
	struct count c = { .list = list->id, .batch = l.batch_no, .origin = l.origin, .destination = l.destination, .date = str_sub(time_text(w->mem, l.arrived_ms), 0, 10),
		.arrived_ms = l.arrived_ms, .families = l.families, .cells = cells, .ncells = l.n };
	return report_count(w, &c, err);
}
