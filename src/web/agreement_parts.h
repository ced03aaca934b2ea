#ifndef WEB_AGREEMENT_PARTS_H
#define WEB_AGREEMENT_PARTS_H
/* What the pages of agreements and of their drafts share. */
#include "exchange/terms.h"
#include "web/parts.h"

#define AGREEMENT_DECIDES "MIG_SUP CAMP_MGR CENTRE_MGR VET_SUP LIAISON_SUP"
#define AGREEMENT_REVIEWS "DPO LEGAL_AID"
#define AGREEMENT_LOOKS AGREEMENT_DECIDES " " AGREEMENT_REVIEWS " ADMIN OVERSIGHT"
int agreement_may(struct work *, const char *roles, struct err *);
int agreement_digest_asked(const struct request *, struct work *, struct hash *, struct err *);
void agreement_text_show(struct html *, struct str text);
/* Who would read what, in each direction (DESIGN 6): before anything is signed or sent. */
int agreement_flows_show(struct html *, struct work *, struct str text, bool folded, struct err *);
void agreement_changes_show(struct html *, struct str before, struct str after, const char *title);
/* Several parties over one common text: how far each pair of ours is. Nothing where the text has no line `group`. */
int agreement_group_show(struct html *, struct work *, struct str text, struct err *);
int agreement_drafts_show(struct html *, struct work *, struct err *);
#endif
