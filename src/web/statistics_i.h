#ifndef WEB_STATISTICS_I_H
#define WEB_STATISTICS_I_H
#include "report/chart.h"
#include "web/html.h"

/* The parts of the statistics pages. What they show is public: figures of the source, and what two persons have released. */
struct statistics { struct source_figures source; struct released_batch *counted; size_t ncounted; bool open /* the copy for strangers */; };
/* Translated, with the digits of the reader. */
void statistics_text(struct html *, const char *msgid);
void statistics_note(struct html *, const char *msgid);
void statistics_facts(struct html *, const struct statistics *);
int statistics_batches(struct html *, struct work *, const struct statistics *, struct err *);
int statistics_origins(struct html *, struct work *, const struct statistics *, struct err *);
int statistics_ages(struct html *, struct work *, const struct statistics *, struct err *);
void statistics_flow(struct html *, struct work *, const struct statistics *);
void statistics_claims(struct html *, const struct statistics *);
void statistics_words(struct html *);
int statistics_releases(struct html *, struct work *, struct err *);
#endif
