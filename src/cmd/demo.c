#include "cmd/demo.h"
#include "crypto/sandbox.h"
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Five invented nodes on this machine. Every name below is invented; the pages say so. */

const struct demo_node DEMO_NODE[DEMO_NODES] = {
	{ "camp.sy", "camp", N_("Camp administration, al-Hol (demo)") },
	{ "momd.iq", "ministry", N_("Ministry of Migration, return office (demo)") },
	{ "vetting.iq", "vetting", N_("Vetting office (demo)") },
	{ "centre.iq", "centre", N_("Reception centre, Jeddah (demo)") },
	{ "oversight", "oversight", N_("Independent oversight: stands for the bodies of both countries (demo)") },
};
const struct demo_account DEMO_ACCOUNTS[] = {
	{ "camp.sy", "registrar", "ليلى (اسم مختلق)", "CAMP_REG", "camp" }, { "camp.sy", "manager", "سامر (اسم مختلق)", "CAMP_MGR", "camp" },
	{ "camp.sy", "protection", "هناء (اسم مختلق)", "PROT_OFF", "protection" }, { "camp.sy", "dpo", "نبيل (اسم مختلق)", "DPO", "dpo" },
	{ "momd.iq", "dpo", "وليد (اسم مختلق)", "DPO", "dpo" }, { "momd.iq", "officer", "سلمى (اسم مختلق)", "MIG_OFF", "return" }, { "momd.iq", "supervisor", "عادل (اسم مختلق)", "MIG_SUP", "return" },
	{ "vetting.iq", "vetting", "كمال (اسم مختلق)", "VET_OFF", "vetting" },
	{ "centre.iq", "registrar", "ريم (اسم مختلق)", "CENTRE_REG", "centre" }, { "centre.iq", "manager", "زياد (اسم مختلق)", "CENTRE_MGR", "centre" },
	{ "centre.iq", "dpo", "سعاد (اسم مختلق)", "DPO", "dpo" }, { "centre.iq", "child", "منى (اسم مختلق)", "CP_OFF", "child_protection" },
	{ "camp.sy", "border", "فراس (اسم مختلق)", "BORDER_OFF", "yaarubiyah" }, { "camp.sy", "admin", "رغد (اسم مختلق)", "ADMIN", "office" },
	{ "momd.iq", "border", "حيدر (اسم مختلق)", "BORDER_OFF", "rabia" }, { "momd.iq", "lead", "ثامر (اسم مختلق)", "CONVOY_LEAD", "convoys" },
	{ "momd.iq", "statistics", "سجى (اسم مختلق)", "STATS", "statistics" },
	{ "vetting.iq", "supervisor", "نجم (اسم مختلق)", "VET_SUP", "vetting" },
	{ "centre.iq", "legal", "ميس (اسم مختلق)", "LEGAL_AID", "legal_aid" }, { "centre.iq", "protection", "دعاء (اسم مختلق)", "PROT_OFF", "protection" },
	{ "camp.sy", "liaison", "باسل (اسم مختلق)", "LIAISON", "liaison" }, { "camp.sy", "liaison-supervisor", "وداد (اسم مختلق)", "LIAISON_SUP", "liaison" },
	{ "momd.iq", "liaison", "مهند (اسم مختلق)", "LIAISON", "liaison" }, { "momd.iq", "liaison-supervisor", "رنا (اسم مختلق)", "LIAISON_SUP", "liaison" },
	{ "centre.iq", "liaison", "ليث (اسم مختلق)", "LIAISON", "liaison" }, { "centre.iq", "liaison-supervisor", "هبة (اسم مختلق)", "LIAISON_SUP", "liaison" },
	{ "oversight", "oversight", "أمل (اسم مختلق)", "OVERSIGHT", "oversight" },
};
const size_t DEMO_ACCOUNTS_N = COUNT(DEMO_ACCOUNTS);
#define READY_SECONDS 60

static volatile sig_atomic_t stopping;
bool demo_stops(void)
{
	return stopping;
}

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

static struct str folder_of(struct arena *mem, const char *dir, const struct demo_node *d)
{
	return str_fmt(mem, "%s/%s", dir, d->name);
}

static int make_node(struct arena *mem, const char *dir, const struct demo_node *d, uint16_t port, struct err *err)
{
	struct str folder = folder_of(mem, dir, d);
	struct house h = { 0 };
	struct settings s = { .dir = folder, .name = str_of(d->name), .kind = str_of(d->kind), .title = str_of(d->title), .unlock = str_fmt(mem, S_FMT "/unlock", S_ARG(folder)),
		.port = port, .demo = true, .log_entries_public = true, .ceiling = 1000000 };
	if (node_init(mem, &s, err) < 0 || house_take(mem, folder, &h, err) < 0)
		return -1;
	for (size_t i = 0; i < DEMO_ACCOUNTS_N; i++) {
		const struct demo_account *a = &DEMO_ACCOUNTS[i];
		if (strcmp(a->node, d->name) == 0 && house_account(&h, a->user, a->name, a->roles, a->unit, demo_password(mem, a), err) < 0)
			return err_add(err, "account %s of %s", a->user, a->node);
	}
	house_close(&h);
	return 0;
}

/* A process for each folder: hashing the passwords of all accounts is most of the work. What a demo made before stays; *fresh: how many are new. */
static int make_folders(struct arena *mem, const char *dir, uint16_t port, int *fresh, struct err *err)
{
	pid_t makers[DEMO_NODES] = { 0 };
	int rc = 0;
	*fresh = 0;
	fflush(stdout);
	for (size_t i = 0; i < DEMO_NODES && rc == 0; i++) {
		if (mkdir(folder_of(mem, dir, &DEMO_NODE[i]).p, 0700) == 0)
			(*fresh)++;
		else if (errno == EEXIST)
			continue;
		else
			rc = err_set(err, ERR_NOT_FOUND, "%s cannot be made", folder_of(mem, dir, &DEMO_NODE[i]).p);
		if (rc == 0 && (makers[i] = fork()) == 0) {
			int made = make_node(mem, dir, &DEMO_NODE[i], (uint16_t)(port + i), err);
			if (made < 0)
				fprintf(stderr, "jisr demo: %s: %s\n", DEMO_NODE[i].name, err->log);
			_exit(made < 0);
		}
	}
	for (size_t i = 0; i < DEMO_NODES; i++) {
		int status = 0;
		if (makers[i] && (waitpid(makers[i], &status, 0) < 0 || status != 0))
			rc = err_set(err, ERR_FAULT, "%s was not made", DEMO_NODE[i].name);
	}
	return rc;
}

struct str demo_password(struct arena *mem, const struct demo_account *a)
{
	return str_fmt(mem, "demo-%s-%s", a->user, a->node);
}

/* All folders, pinned to each other; what is there already stays as it is. 1: fresh, 0: there already, -1. */
static int make_all(struct arena *mem, const char *dir, uint16_t port, struct err *err)
{
	struct house houses[DEMO_NODES] = { 0 };
	int fresh, rc = make_folders(mem, dir, port, &fresh, err);
	bool all = rc == 0 && fresh == DEMO_NODES;
	for (size_t i = 0; i < DEMO_NODES && all && rc == 0; i++)
		rc = house_take(mem, folder_of(mem, dir, &DEMO_NODE[i]), &houses[i], err);
	if (all && rc == 0)
		rc = demo_line(mem, houses, port, err);
	for (size_t i = 0; i < DEMO_NODES; i++)
		if (houses[i].mem)
			house_close(&houses[i]);
	return rc < 0 ? -1 : all;
}

static pid_t start_node(struct arena *mem, const char *dir, const struct demo_node *d)
{
	pid_t demo = getpid(), pid = fork();
	if (pid == 0) {
		sandbox_end_with(demo);
		char *argv[] = { str_z(mem, STR("serve")), str_z(mem, str_fmt(mem, "%s/%s", dir, d->name)) };
		_exit(cmd_serve(2, argv));
	}
	return pid;
}

static bool answers(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static int wait_ready(uint16_t port)
{
	for (int i = 0; i < READY_SECONDS * 50 && !stopping; i++) {
		bool all = true;
		for (size_t k = 0; k < DEMO_NODES; k++)
			all = all && answers((uint16_t)(port + k));
		if (all)
			return 0;
		usleep(20000);
	}
	return -1;
}

static int describe(struct arena *mem, const char *dir, uint16_t port)
{
	json_t *nodes = json_array(), *accounts = json_array();
	for (size_t i = 0; i < DEMO_NODES; i++) {
		char key[1024] = "";
		FILE *f = fopen(str_fmt(mem, "%s/%s/log.key", dir, DEMO_NODE[i].name).p, "r");
		if (f) {
			size_t n = fread(key, 1, sizeof key - 1, f);
			key[n && key[n - 1] == '\n' ? n - 1 : n] = 0;
			fclose(f);
		}
		json_array_append_new(nodes, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", DEMO_NODE[i].name, "url", str_fmt(mem, "http://127.0.0.1:%u", port + (unsigned)i).p,
		    "partner_url", str_fmt(mem, "https://127.0.0.1:%u", port + (unsigned)i + 100).p,
		    "dir", str_fmt(mem, "%s/%s", dir, DEMO_NODE[i].name).p, "log_key", key));
		printf("  http://127.0.0.1:%u  %s\n", port + (unsigned)i, DEMO_NODE[i].title);
	}
	printf("\nDemo accounts (invented people, no second factor):\n");
	for (size_t i = 0; i < DEMO_ACCOUNTS_N; i++) {
		const struct demo_account *a = &DEMO_ACCOUNTS[i];
		struct str password = demo_password(mem, a);
		json_array_append_new(accounts, json_pack("{s:s, s:s, s:s, s:s}", "node", a->node, "user", a->user, "password", password.p, "role", a->roles));
		printf("  %-11s %-11s %-28s %s\n", a->node, a->user, password.p, a->roles);
	}
	json_t *all = json_keep(mem, json_pack("{s:o, s:o}", "nodes", nodes, "accounts", accounts));
	return json_dump_file(all, str_fmt(mem, "%s/demo.json", dir).p, JSON_INDENT(1));
}

static void stop_nodes(const pid_t *pids)
{
	for (size_t i = 0; i < DEMO_NODES; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGTERM);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

/* Every ledger of the demo, from its folder, as anybody would check it. */
static int verify_all(const char *dir, struct arena *mem, struct err *err)
{
	for (size_t i = 0; i < DEMO_NODES; i++) {
		char *argv[] = { str_z(mem, STR("log")), str_z(mem, STR("verify")), str_z(mem, str_fmt(mem, "%s/%s", dir, DEMO_NODE[i].name)) };
		printf("ledger of %s: ", DEMO_NODE[i].name);
		fflush(stdout);
		if (cmd_log(3, argv) != 0)
			return err_set(err, ERR_FAULT, "step \"verify\": the ledger of %s", DEMO_NODE[i].name);
	}
	return 0;
}

struct demo_run { const char *dir; uint16_t port; bool once, empty; };

static int demo_run(struct arena *mem, const struct demo_run *d, struct err *err)
{
	pid_t pids[DEMO_NODES] = { 0 };
	int fresh = make_all(mem, d->dir, d->port, err);
	if (fresh < 0)
		return -1;
	if (d->once && !fresh)
		return err_set(err, ERR_CONFLICT, "%s holds a demo already: --once wants a new folder", d->dir);
	for (size_t i = 0; i < DEMO_NODES; i++)
		pids[i] = start_node(mem, d->dir, &DEMO_NODE[i]);
	int rc = wait_ready(d->port) < 0 ? err_set(err, ERR_EXPIRED, "the nodes do not answer") : 0;
	if (rc == 0 && fresh && !d->empty)
		rc = demo_carry(mem, d->dir, d->port, true, err);
	if (rc == 0 && !d->once && describe(mem, d->dir, d->port) == 0)
		printf("\nready. Ctrl-C stops it.\n");
	fflush(stdout);
	while (rc == 0 && !d->once && !stopping)
		pause();
	stop_nodes(pids);
	return rc == 0 && d->once ? verify_all(d->dir, mem, err) : rc;
}

int cmd_demo(int argc, char **argv)
{
	struct demo_run d = { .dir = "demo" };
	const char *port_text = "8401";
	const struct option options[] = { { "dir", &d.dir, NULL }, { "port", &port_text, NULL }, { "once", NULL, &d.once }, { "empty", NULL, &d.empty } };
	struct arena *mem = arena_new((size_t)1 << 30);
	struct err err = { 0 };
	uint64_t port;
	size_t n;
	if (options_read(argc, argv, options, COUNT(options), NULL, 0, &n) < 0 || str_u64(str_of(port_text), &port) < 0 || port < 1024 || port > 65000)
		return fprintf(stderr, "usage: jisr demo [--dir D] [--port P] [--once | --empty]\n"), 2;
	if (mkdir(d.dir, 0700) < 0 && errno != EEXIST)
		return fprintf(stderr, "jisr demo: %s cannot be made\n", d.dir), 3;
	struct sigaction stop = { .sa_handler = on_stop };
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	d.port = (uint16_t)port;
	if (demo_run(mem, &d, &err) == 0)
		return 0;
	fprintf(stderr, "jisr demo: %s\n", err.log);
	return d.once ? 1 : 3;
}
