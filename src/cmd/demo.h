#ifndef CMD_DEMO_H
#define CMD_DEMO_H
/* The demo: five invented nodes on this machine (demo.c), pinned to each other with agreements in force (demo_line.c), and four batches of families carried from the camp
   to the centre through the same forms that people use (demo_carry.c and what it calls). */
#include "cmd/cmd.h"

enum demo_place { DEMO_CAMP, DEMO_MOMD, DEMO_VETTING, DEMO_CENTRE, DEMO_OVERSIGHT, DEMO_NODES };
struct demo_account { const char *node, *user, *name, *roles, *unit; };
struct demo_node { const char *name, *kind, *title; };
extern const struct demo_node DEMO_NODE[DEMO_NODES];
extern const struct demo_account DEMO_ACCOUNTS[];
extern const size_t DEMO_ACCOUNTS_N;
struct str demo_password(struct arena *, const struct demo_account *);

/* Pins and agreements, with all folders taken. */
int demo_line(struct arena *, struct house *houses, uint16_t port, struct err *);
bool demo_stops(void);                          /* a signal asked for the end */
/* Plays the main story; prints a line for each step with its counts. 0, or -1 with the step that broke. once: all steps are said; else only what is wrong. */
int demo_carry(struct arena *, const char *dir, uint16_t port, bool say, struct err *);
#endif
