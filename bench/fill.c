/* fill DIR people N | fill DIR messages N TO: puts invented people, or messages that wait for a partner, into the folder of a node that does not run. For benches. */
#include "cmd/cmd.h"
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

int main(int argc, char **argv)
{
	struct arena *mem = arena_new((size_t)1 << 30);
	struct house h;
	struct err err = { 0 };
	uint64_t n;
	if (argc < 4 || str_u64(str_of(argv[3]), &n) < 0)
		return fprintf(stderr, "usage: fill DIR people N | fill DIR messages N TO\n"), 2;
	bool to_partner = strcmp(argv[2], "messages") == 0;
	if (house_take(mem, str_of(argv[1]), &h, &err) < 0)
		return command_failed("fill", &err);
	for (size_t at = 0; at < n; at += AT_ONCE) {
		struct filling f = { at, n - at < AT_ONCE ? (size_t)(n - at) : AT_ONCE, str_of(argc > 4 ? argv[4] : "momd.iq") };
		if (house_do(&h, to_partner ? messages : people, &f, &err) < 0)
			return command_failed("fill", &err);
		store_checkpoint(h.store, &err);
	}
	house_close(&h);
	return 0;
}
