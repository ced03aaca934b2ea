/* fill DIR people N | fill DIR messages N TO... : puts invented people, or N messages that wait for each partner, into the folder of a node that does not run.
   fill DIR pair OTHER: pins two such nodes to each other and signs an agreement on both sides. For benches. */
#include "cmd/cmd.h"
#include "net/tls.h"
#include <stdlib.h>

#define AT_ONCE 500
struct filling { size_t from, n; struct str to; };

static const char *const GIVEN[] = { "سعاد", "علي", "زينب", "هدى", "حسن", "كريم", "ناصر", "محمود", "أمل", "بشرى", "رنا", "سلمى", "كوثر", "نوال", "سميرة", "وفاء", "ياسر", "جبار", "نهلة", "فؤاد" };

static json_t *invented(struct work *w, size_t i)
{
	struct str name = str_fmt(w->mem, "%s %s %s %s", GIVEN[i % 20], GIVEN[i / 20 % 20], GIVEN[i / 400 % 20], GIVEN[i / 8000 % 20]);
	return json_keep(w->mem, json_pack("{s:s, s:s, s:s, s:s}", "name", name.p, "mother_name", GIVEN[i % 19], "sex", i % 2 ? "1" : "2", "birth",
	    str_fmt(w->mem, "%zu", 1940 + i % 80).p));
}

static int people(struct work *w, void *arg, struct err *err)
{
	const struct filling *f = arg;
	struct draft d[AT_ONCE] = { 0 };
	struct id ids[AT_ONCE];
	w->actor = (struct actor){ .account = id_new(w->node->source), .role = STR("CAMP_REG"), .unit = STR("camp"), .node = w->node->name };
	w->purpose = STR("registration");
	w->basis = STR("mandate");
	for (size_t i = 0; i < f->n; i++)
		d[i] = (struct draft){ .type = type_find(w->node->types, STR("person")), .fields = invented(w, f->from + i) };
	return record_create_many(w, d, f->n, ids, err);
}

/* One message for one person, as a copy that a partner gets. */
static int messages(struct work *w, void *arg, struct err *err)
{
	const struct filling *f = arg;
	for (size_t i = 0; i < f->n; i++) {
		struct id record = id_new(w->node->source), id;
		struct hash digest = sha256(bytes_of(record.b, sizeof record.b));
		struct str text = id_text(w->mem, record);
		json_t *body = json_keep(w->mem, json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:O}]}", "records", "id", text.p, "subject", text.p,
		    "type", "person", "state", "draft", "owner", str_z(w->mem, w->node->name), "version", (json_int_t)1, "digest",
		    hex(w->mem, bytes_of(digest.b, sizeof digest.b)).p, "role", "CAMP_REG", "act", "create", "move", "", "at", (json_int_t)w->now_ms, "created",
		    (json_int_t)w->now_ms, "fields", invented(w, f->from + i)));
		struct message m = { .to = f->to, .kind = STR("share"), .purpose = STR("transfer"), .basis = STR("agreement"), .fields = STR("records"),
			.media = "application/json", .body = json_write(w->mem, body), .subjects = 1 };
		if (exchange_queue(w, &m, &id, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- pairs ---- */

struct party { struct house h; struct str invitation, agreement; const struct party *other; };

static int introduce(struct work *w, void *arg, struct err *err)
{
	struct party *s = arg;
	struct tls_identity t;
	struct str url = str_fmt(w->mem, "https://127.0.0.1:%u", (unsigned)s->h.settings.port + 100);
	if (tls_load(w->mem, s->h.settings.dir, &t, err) < 0 || partner_invite(w, url, &t.pin, &s->invitation, err) < 0)
		return -1;
	s->invitation = str_dup(s->h.mem, s->invitation);
	return 0;
}

static int agree(struct work *w, void *arg, struct err *err)
{
	struct party *s = arg;
	struct partner p;
	bool first = str_cmp(s->h.settings.name, s->other->h.settings.name) < 0;
	struct str a = first ? s->h.settings.name : s->other->h.settings.name, b = first ? s->other->h.settings.name : s->h.settings.name;
	struct str text = str_fmt(w->mem, "jisr-agreement/1\ntitle Bench\nparties " S_FMT " " S_FMT "\npurposes transfer\nbases agreement\nfrom " S_FMT " person.*\nfrom " S_FMT " person.*\n"
	    "retention-days 30\nonward never\nrights Nobody is judged by kinship.\nstarts 2020-01-01\nends 2099-12-31\n", S_ARG(a), S_ARG(b), S_ARG(a), S_ARG(b));
	if (partner_accept(w, s->other->invitation, &p, err) < 0 || agreement_sign(w, text, &s->agreement, err) < 0)
		return -1;
	s->agreement = str_dup(s->h.mem, s->agreement);
	return 0;
}

static int countersign(struct work *w, void *arg, struct err *err)
{
	struct party *s = arg;
	struct partner p;
	return partner_find(w, s->other->h.settings.name, &p, err) == 1 ? agreement_signed_by(w, &p, s->other->agreement, err) : -1;
}

static int pair(struct arena *mem, const char *one, const char *two, struct err *err)
{
	static int (*const STEPS[])(struct work *, void *, struct err *) = { introduce, agree, countersign };
	struct party s[2] = { { .other = &s[1] }, { .other = &s[0] } };
	if (house_take(mem, str_of(one), &s[0].h, err) < 0 || house_take(mem, str_of(two), &s[1].h, err) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(STEPS); i++)
		for (size_t k = 0; k < 2; k++)
			if (house_do(&s[k].h, STEPS[i], &s[k], err) < 0)
				return -1;
	house_close(&s[0].h);
	house_close(&s[1].h);
	return 0;
}

static int fill(struct house *h, int (*what)(struct work *, void *, struct err *), struct str to, size_t n, struct err *err)
{
	for (size_t at = 0; at < n; at += AT_ONCE) {
		struct filling f = { at, n - at < AT_ONCE ? n - at : AT_ONCE, to };
		if (house_do(h, what, &f, err) < 0)
			return -1;
		store_checkpoint(h->store, err);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct arena *mem = arena_new((size_t)1 << 30);
	struct house h;
	struct err err = { 0 };
	uint64_t n;
	if (argc == 4 && strcmp(argv[2], "pair") == 0)
		return pair(mem, argv[1], argv[3], &err) < 0 ? command_failed("fill", &err) : 0;
	if (argc < 4 || str_u64(str_of(argv[3]), &n) < 0)
		return fprintf(stderr, "usage: fill DIR people N | fill DIR messages N TO... | fill DIR pair OTHER\n"), 2;
	if (house_take(mem, str_of(argv[1]), &h, &err) < 0)
		return command_failed("fill", &err);
	int rc = argc > 4 ? 0 : fill(&h, people, (struct str){ 0 }, (size_t)n, &err);
	for (int i = 4; rc == 0 && i < argc; i++)
		rc = fill(&h, messages, str_of(argv[i]), (size_t)n, &err);
	if (rc < 0)
		return command_failed("fill", &err);
	house_close(&h);
	return 0;
}
