#include "cmd/cmd.h"
#include "net/tls.h"
#include <unistd.h>

/* `jisr partner`: what two offices do once, each in its own folder, with its node stopped (a partner's address is looked up when the node starts).

     invite DIR [--url URL]            prints the invitation: a note signed by this node, for the other office
     accept DIR FILE [--code CODE]     pins the other office, after two people compared the pairing code by voice
     agree DIR FILE                    signs an agreement: FILE is its text, or the text with the partner's signature; prints it with ours
     list DIR                          who is pinned, and how the lines stand

   A new address of a partner comes as a new invitation, signed by the key that is pinned: no code is compared again. A new certificate comes by itself (`jisr keys certificate`). */
#define FILE_MAX 65536
#define ARENA_BYTES ((size_t)256 << 20)

struct order { struct house h; struct str file, url, out; const char *code; struct hash pin; };

static int invite(struct work *w, void *arg, struct err *err)
{
	struct order *o = arg;
	struct tls_identity id;
	if (tls_load(w->mem, o->h.settings.dir, &id, err) < 0 || partner_invite(w, o->url, &id.pin, &o->out, err) < 0)
		return -1;
	fwrite(o->out.p, 1, o->out.n, stdout);
	return 0;
}

static char *typed(char *line, size_t n)
{
	fprintf(stderr, "Type the code that the other office reads to you: ");
	return isatty(STDIN_FILENO) && fgets(line, (int)n, stdin) ? line : NULL;
}

/* Signs are compared without the dashes, in either case. */
static bool same_code(struct str a, struct str b)
{
	size_t i = 0, k = 0;
	while (i < a.n || k < b.n) {
		while (i < a.n && a.p[i] == '-')
			i++;
		while (k < b.n && b.p[k] == '-')
			k++;
		if (i == a.n || k == b.n)
			break;
		char x = b.p[k] >= 'a' && b.p[k] <= 'z' ? (char)(b.p[k] - 'a' + 'A') : b.p[k];
		if (a.p[i++] != x)
			return false;
		k++;
	}
	return i == a.n && k == b.n;
}

static int compare(struct work *w, const struct order *o, const struct partner *p, struct err *err)
{
	char line[128];
	struct str code = partner_code(w, p, err);
	printf(S_FMT " (" S_FMT "), " S_FMT "\npairing code: " S_FMT "\n", S_ARG(p->name), S_ARG(p->kind), S_ARG(p->url.n ? p->url : STR("no address: by bundles")), S_ARG(code));
	fflush(stdout);
	const char *given = o->code ? o->code : typed(line, sizeof line);
	if (!given)
		return err_set(err, ERR_USAGE, "compare the code with the other office, then accept with --code");
	return same_code(code, str_trim(str_of(given))) ? 0 : err_set(err, ERR_FORBIDDEN, "the codes differ: this is not the office that you spoke to");
}

static int accept_invite(struct work *w, void *arg, struct err *err)
{
	struct order *o = arg;
	struct partner p, known;
	if (partner_read(w, o->file, &p, err) < 0)
		return -1;
	int rc = partner_find(w, p.name, &known, err);
	bool same = rc == 1 && memcmp(known.node.public_key, p.node.public_key, sizeof known.node.public_key) == 0;
	if (rc < 0 || (!same && compare(w, o, &p, err) < 0) || partner_accept(w, o->file, &p, err) < 0)
		return -1;
	printf("%s %.*s\n", same ? "renewed" : "pinned", (int)p.name.n, p.name.p);
	return 0;
}

/* The partner of a note: whose good signature is under it. */
static int signer(struct work *w, const struct note *note, struct partner *out, struct err *err)
{
	struct partner *all;
	size_t n;
	if (partner_list(w, &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (note_verify(note, &all[i].node, NULL) == 1)
			return *out = all[i], 1;
	return 0;
}

static int agree(struct work *w, void *arg, struct err *err)
{
	struct order *o = arg;
	struct note note;
	struct partner p;
	struct agreement a;
	struct str text = o->file, ours;
	if (note_parse(w->mem, o->file, &note, NULL) == 0) {
		int rc = signer(w, &note, &p, err);
		if (rc < 0 || (rc == 1 && agreement_signed_by(w, &p, o->file, err) < 0))
			return -1;
		text = note.text;
	}
	struct hash digest = sha256(str_bytes(text));
	if (agreement_sign(w, text, &ours, err) < 0 || agreement_find(w, &digest, &a, err) != 1)
		return -1;
	if (partner_find(w, a.partner, &p, err) == 1 && agreement_tell(w, &digest, err) < 0)
		return -1;
	fwrite(ours.p, 1, ours.n, stdout);
	fprintf(stderr, "agreement %s with %.*s: %.*s\n", hex(w->mem, bytes_of(digest.b, HASH_BYTES)).p, (int)a.partner.n, a.partner.p, (int)a.state.n, a.state.p);
	return 0;
}

static int list(struct work *w, void *arg, struct err *err)
{
	struct partner *p;
	struct line_state *s;
	size_t n, lines;
	(void)arg;
	if (partner_list(w, &p, &n, err) < 0 || line_states(w, &s, &lines, err) < 0)
		return -1;
	printf("name\tkind\turl\tcode\twaiting\theld\trefused\tmissing\tdelivered\tstate\n");
	for (size_t i = 0; i < n && i < lines; i++) {
		const char *state = s[i].fork ? "fork" : s[i].epoch ? "epoch" : s[i].trouble.n ? str_z(w->mem, s[i].trouble) : "good";
		printf(S_FMT "\t" S_FMT "\t" S_FMT "\t" S_FMT "\t%lld\t%lld\t%lld\t%lld\t" S_FMT "\t%s\n", S_ARG(p[i].name), S_ARG(p[i].kind), S_ARG(p[i].url.n ? p[i].url : STR("-")),
		    S_ARG(partner_code(w, &p[i], err)), (long long)s[i].waiting, (long long)s[i].held, (long long)s[i].refused, (long long)s[i].missing,
		    S_ARG(s[i].delivered_ms ? time_text(w->mem, s[i].delivered_ms) : STR("-")), state);
	}
	return 0;
}

static const struct deed { const char *name; int words; int (*run)(struct work *, void *, struct err *); } DEEDS[] = {
	{ "invite", 2, invite }, { "accept", 3, accept_invite }, { "agree", 3, agree }, { "list", 2, list },
};

static int deed_do(struct arena *mem, const struct deed *d, const char **words, const char *url, struct order *o, struct err *err)
{
	int rc = d->words == 3 ? file_read(mem, words[2], FILE_MAX, &o->file, err) : 0;
	if (rc == 0)
		rc = house_take(mem, str_of(words[1]), &o->h, err);
	if (rc == 0) {
		const struct settings *s = &o->h.settings;
		bool travel = settings_travel(s);
		if (travel && url)
			rc = err_set(err, ERR_USAGE, "a node that rides with a convoy has no address: partners reach it by bundles");
		o->url = travel ? (struct str){ 0 } : url ? str_of(url) : str_fmt(mem, "https://" S_FMT ":%u", S_ARG(s->partner_address), (unsigned)s->port + 100);
		rc = rc < 0 ? -1 : house_do(&o->h, d->run, o, err);
	}
	if (o->h.mem)
		house_close(&o->h);
	return rc;
}

int cmd_partner(int argc, char **argv)
{
	const char *words[3] = { 0 }, *url = NULL;
	struct order o = { 0 };
	const struct option options[] = { { "url", &url, NULL }, { "code", &o.code, NULL } };
	struct arena *mem = arena_new(ARENA_BYTES);
	struct err err = { 0 };
	size_t n;
	if (options_read(argc, argv, options, COUNT(options), words, 3, &n) < 0)
		return 2;
	for (size_t i = 0; i < COUNT(DEEDS); i++)
		if (n == (size_t)DEEDS[i].words && strcmp(words[0], DEEDS[i].name) == 0)
			return deed_do(mem, &DEEDS[i], words, url, &o, &err) < 0 ? command_failed("partner", &err) : 0;
	return fprintf(stderr, "usage: jisr partner invite DIR [--url URL] | accept DIR FILE [--code CODE] | agree DIR FILE | list DIR\n"), 2;
}
