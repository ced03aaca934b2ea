#ifndef CMD_CMD_H
#define CMD_CMD_H
/* cmd: the program. main.c has the table of commands; serve.c is the parent, node.c the one writer with its loop, tick.c the transaction that everything
   passes through, job.c the short-lived processes; joins.c is the one table that joins names in declarations to functions of the rooms. */
#include "net/http.h"
#include "exchange/exchange.h"
#include "record/effects.h"

/* A command is one row: name, what stands behind it, one line of help, the function. Exit status 0 done, 1 the answer is no, 2 wrong use, 3 fault. */
struct command { const char *name, *usage, *help; int (*run)(int argc, char **argv); };

/* <dir>/jisr.yaml: one entry a setting (see settings.c). */
struct settings {
	struct str dir, name, kind, title, unlock;    /* unlock: file with the passphrase of node.keys */
	struct str address;                           /* of the people's listener: plain HTTP on loopback, HTTPS elsewhere */
	struct str partner_address;                   /* of the partner listener, on port + 100 */
	uint16_t port;
	bool demo, log_entries_public, second_factor, https /* for people also on loopback */;
	uint32_t ceiling;                             /* openings a day for each actor and purpose */
};
int settings_read(struct arena *, struct str dir, struct settings *out, struct err *);
bool settings_tls(const struct settings *);      /* do people come by HTTPS? */
bool settings_travel(const struct settings *);   /* a node of kind travel rides with a convoy: no listener for partners, no calls, only bundles and phones */
int settings_write(struct arena *, const struct settings *, struct err *);

/* Refusals of people and nodes that nobody knows, since the last entry about them: the one thing that a tick counts outside the database. */
#define STRANGER_REASONS 16
struct strangers { struct { char reason[32]; uint64_t count; } rows[STRANGER_REASONS]; size_t n; int64_t since_ms; };

struct names;
/* Everything a node has open. */
struct house {
	struct arena *mem;
	int lock, counters;                           /* of the folder; <= 0: the parent has it */
	struct settings settings;
	struct store *store;
	struct tx *tx;
	bool full;                                    /* the disk is: see full.h */
	int64_t full_looked_ms;
	struct policy policy;
	struct types types;
	struct ledger *ledger;
	struct node node;
	struct names *names;                          /* client of the names process; NULL in commands */
	struct strangers strangers;
};
/* The folder's lock: one process at a time has the database for writing. -1 where another has it. */
int house_lock(struct str dir, struct err *);
/* Opens the database and reads the declarations; keys: a client. */
int house_open(struct house *, struct keys *, struct err *);
int house_open_file(struct house *, struct keys *, const char *db, struct err *);      /* another file than <dir>/node.db; leaves log.key alone */
int house_key_publish(struct house *, struct err *);              /* writes <dir>/log.key and <dir>/witness.key */
void house_close(struct house *);
/* A whole file, any bytes; ERR_TOO_LARGE past max. */
int file_read(struct arena *, const char *path, size_t max, struct str *out, struct err *);
struct str house_path(struct arena *, const struct settings *, const char *file);
int house_passphrase(struct arena *, const struct settings *, struct bytes *out, struct err *);
/* The folder opened by a command while no node runs: lock, keys in this process, database. */
int house_take(struct arena *, struct str dir, struct house *out, struct err *);
/* One work item of a command in a transaction of its own, closed like a tick. */
int house_do(struct house *, int (*fn)(struct work *, void *arg, struct err *), void *arg, struct err *);

/* What waits for the tick. */
struct item {
	struct item *next;
	struct arena *mem;                            /* of the request, else its own */
	struct request *request;                      /* NULL: a timer, or the answer to a call */
	const struct timer *timer;
	const struct call *call; int call_status; struct str call_answer;
	struct job job;                               /* finished job: `then` instead of the route's handler */
	struct str job_output;
	bool job_done;
};
struct response;
struct answered { struct item *item; struct response response; struct effects effects; };
#define TICK_ITEMS 256
/* BEGIN, a savepoint for each item, close phase, COMMIT: fills `out` with the answers, which may be released only when this returned 0. -1: rolled back; the
   caller answers 503 where err says full or busy, else ends the process. */
int tick_run(struct house *, struct item **items, size_t n, struct answered *out, struct err *);
size_t tick_limit_of(void *arg, const struct request *);

/* The spawner: a process forked from the parent before any key or database is open. It forks one sandboxed child for each job. */
int jobs_spawn(int *fd, int *pid, struct err *);
/* Hands a job to the spawner: the socket on which its output will come, ended by EOF. -1 on fault. */
int job_start(int spawner, const struct job *, struct err *);
/* The loop of the node process; returns its exit status. */
int node_run(const struct settings *, struct keys *, struct names *, int spawner);

/* A new folder: passphrase file if missing, node.keys, jisr.yaml. */
int node_init(struct arena *, const struct settings *, struct err *);

extern const struct hooks JOINED_HOOKS;
bool hook_joined(const char *kind, struct str name);           /* does a function stand behind the name? */
extern const struct migrations *const JOINED_MIGRATIONS[];
extern const size_t JOINED_MIGRATIONS_COUNT;
extern const struct route *const JOINED_ROUTES[];         /* the tables of all rooms; NULL ends the list */

extern const struct wrapped_keys *const JOINED_WRAPPED[]; /* NULL ends the list */
extern const struct timer JOINED_TIMERS[];
extern const size_t JOINED_TIMERS_N;
extern const struct kind_row JOINED_KINDS[];                  /* ends with a row without a name */
extern const struct job_kind *const JOINED_JOBS[];
extern const size_t JOINED_JOBS_N;

/* effect count_from_boarding: journey counts, report keeps it for a release. */
int reconciled(struct work *, const struct record *, struct err *);

int cmd_phone(int argc, char **argv);
int cmd_init(int, char **);
int cmd_serve(int, char **);
int cmd_demo(int, char **);
int cmd_types(int, char **);
int cmd_log(int, char **);
int cmd_account(int, char **);
int cmd_policy(int, char **);
int cmd_bundle(int, char **);
int cmd_seal(int, char **);
int cmd_doctor(int, char **);
int cmd_keys(int, char **);
int cmd_partner(int, char **);
int cmd_backup(int, char **);
int cmd_restore(int, char **);
/* Options of a command: `--name VALUE` or `--flag`; words are what remains. Unknown ones: -1 with the reason on stderr. */
struct option { const char *name; const char **value; bool *flag; };
int options_read(int argc, char **argv, const struct option *, size_t n, const char **words, size_t max, size_t *nwords);
/* An account of a demo, whose password is printed, in a folder that is taken. */
int house_account(struct house *, const char *user, const char *name, const char *roles, const char *unit, struct str password, struct err *);
int command_failed(const char *what, const struct err *);        /* one line on stderr; the exit status of the code */
#endif
