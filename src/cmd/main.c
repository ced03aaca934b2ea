#include "cmd/cmd.h"
#include "match/names_cmd.h"
#include <signal.h>

static int cmd_help(int, char **);

static int cmd_names(int argc, char **argv)
{
	return names_command(argc - 1, argv + 1);
}

static const struct command COMMANDS[] = {
	{ "init", "jisr init DIR --name NAME --kind KIND --unlock FILE [--title TEXT] [--port N] [--demo]", "make the folder of a new node", cmd_init },
	{ "serve", "jisr serve DIR", "run the node", cmd_serve },
	{ "demo", "jisr demo [--dir D] [--port P] [--once | --empty]", "run five invented nodes on this machine", cmd_demo },
	{ "types", "jisr types check|list|show NAME|texts", "check and show the record types", cmd_types },
	{ "names", "jisr names match --gallery G --queries Q --top K [--jobs N] | explain A B | fold [--parts] TEXT", "find the same person among names in Arabic, Kurdish and Latin letters", cmd_names },
	{ "log", "jisr log key DIR | witness-key DIR | verify DIR|URL [--key K] [--witness K]... | prove DIR N | check-proof FILE --key K", "verify the log", cmd_log },
	{ "partner", "jisr partner invite DIR [--url URL] | accept DIR FILE [--code CODE] | agree DIR FILE | list DIR", "pin another office, sign an agreement with it", cmd_partner },
	{ "account", "jisr account add|password|reset DIR --user U [--name N --roles R[,R] --unit U] [--password-file F]", "accounts; also while the node runs", cmd_account },
	{ "bundle", "jisr bundle write --to NODE FILE [--dir DIR] | read FILE [--dir DIR]", "messages on a stick, sealed for one partner; also while the node runs", cmd_bundle },
	{ "policy", "jisr policy explain DIR TYPE [--role R] | custody DIR", "who may read a type of record, here and at the partners; who holds the data of this office", cmd_policy },
	{ "keys", "jisr keys rotate DIR | erasures DIR | certificate DIR | shares DIR", "new wrap key, living keys re-wrapped, the old one destroyed; erasures done and final; a new certificate for the partner line; the passphrase as papers for several people", cmd_keys },
	{ "backup", "jisr backup DIR FILE", "copy of the database, and a key file beside it; also while the node runs", cmd_backup },
	{ "restore", "jisr restore DIR FILE [--keys FILE] [--head FILE] [--verify]", "an older copy with the newest keys; later erasures are done again", cmd_restore },
	{ "phone", "jisr phone DIR", "bring a phone to this node: address as a QR symbol, fingerprint", cmd_phone },
	{ "seal", "jisr seal --now --name NODE [--dir DIR]", "destroy the keys of this node on the spot", cmd_seal },
	{ "doctor", "jisr doctor [DIR]", "what is wrong, and the next step", cmd_doctor },
	{ "help", "jisr help [COMMAND]", "this page", cmd_help },
};

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COUNT(COMMANDS); i++)
		if (strcmp(COMMANDS[i].name, name) == 0)
			return &COMMANDS[i];
	return NULL;
}

static int cmd_help(int argc, char **argv)
{
	const struct command *c = argc > 1 ? command_find(argv[1]) : NULL;
	if (c) {
		printf("usage: %s\n%s\n", c->usage, c->help);
		return 0;
	}
	printf("Jisr %s: brings families home, and proves what was done.\n\n", VERSION);
	for (size_t i = 0; i < COUNT(COMMANDS); i++)
		printf("  %-10s %s\n", COMMANDS[i].name, COMMANDS[i].help);
	printf("\n`jisr help COMMAND` shows its options. Exit status: 0 done, 1 the answer is no, 2 wrong use, 3 fault.\n");
	return argc > 1 ? 2 : 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || strcmp(argv[1], "--help") == 0)
		return cmd_help(1, argv), argc < 2 ? 2 : 0;
	if (strcmp(argv[1], "--version") == 0)
		return printf("jisr %s\n", VERSION), 0;
	const struct command *c = command_find(argv[1]);
	if (!c) {
		fprintf(stderr, "jisr: no command %s; see `jisr help`\n", argv[1]);
		return 2;
	}
	if (argc > 2 && strcmp(argv[2], "--help") == 0)
		return cmd_help(2, (char *[]){ argv[0], argv[1] }), 0;
	return c->run(argc - 1, argv + 1);
}
