#ifndef MATCH_TSV_H
#define MATCH_TSV_H
/* Tab separated people: a header line names the columns, one person a line. Bad lines are named on stderr with their number and skipped. */
#include "match/match.h"

struct tsv_row { struct str id; struct name_who who; };
struct tsv {
	FILE *file;
	const char *path;
	char *line;
	size_t cap, number, bad;
	int column[6];               /* where id, name, mother, birth_year, sex, governorate stand; -1: absent */
	uint64_t read, size;         /* bytes, for progress; size 0: not known */
};
/* id_names, name_names, mother_names: the names that the header may use, split by |. -1 with a line on stderr. */
int tsv_open(struct tsv *, const char *path, const char *const names[6]);
bool tsv_next(struct tsv *, struct tsv_row *);      /* false at the end; texts live until the next call */
void tsv_close(struct tsv *);
extern const char *const TSV_GALLERY[6], *const TSV_QUERIES[6];
/* A birth date as people write it: a year, or a date (base/date.h). Empty: unknown. 0 or -1. */
int birth_of(struct str, struct date *out);
#endif
