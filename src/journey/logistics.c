#include "journey/journey_i.h"
#include "exchange/exchange.h"

/* What partners of kind support see of the convoys of this office: one note for each convoy, in numbers. Until the embargo ends it says how many vehicles, seats and what
   medical cover, and that the convoy is in preparation; then that it arrived, when, and with how many people, to the nearest ten. Written anew when a number changes. */
#define NOTES_MAX 2000
#define PARTNERS_MAX 256

static int supporters(struct work *w, struct str *out, size_t *k, struct err *err)
{
	const struct line *line = &w->node->hooks->line;
	struct partner *p;
	size_t n;
	*k = 0;
	if (!line->allows || partner_list(w, &p, &n, err) < 0)
		return line->allows ? -1 : 0;
	for (size_t i = 0; i < n && *k < PARTNERS_MAX; i++)
		if (str_is(p[i].kind, "support") && line->allows(w, p[i].name, STR("transfer"), STR("logistics_note"), STR("vehicles")))
			out[(*k)++] = p[i].name;
	return 0;
}

static int64_t number_at(const struct grant *g, size_t i, const char *field)
{
	return json_integer_value(record_value_inside(g, i, field));
}

static json_t *numbers_of(struct work *w, const struct record *convoy, struct err *err)
{
	const struct grant *c = open_one(w, "convoy", convoy->id, err), *legs = c ? open_rows(w, "vehicle_leg", convoy->id, err) : NULL;
	bool hidden = journey_embargoed(w, convoy), arrived = !hidden && str_is(convoy->state, "arrived");
	int64_t seats = 0, people = 0;
	if (!legs)
		return NULL;
	for (size_t i = 0; i < grant_count(legs); i++) {
		seats += number_at(legs, i, "capacity");
		people += number_at(legs, i, "head_count");
	}
	json_t *f = json_keep(w->mem, json_pack("{s:s, s:I, s:I}", "stage", arrived ? "arrived" : hidden ? "preparation" : "turned_back", "vehicles", (json_int_t)grant_count(legs), "seats", (json_int_t)seats));
	if (text_at(c, 0, "medical_cover").n)
		json_object_set_new(f, "medical_cover", json_new_str(text_at(c, 0, "medical_cover")));
	if (arrived) {
		json_object_set_new(f, "people", json_integer((json_int_t)((people + 5) / 10 * 10)));
		json_object_set_new(f, "arrived", json_new_str(str_sub(time_text(w->mem, convoy->event_ms ? convoy->event_ms : convoy->updated_ms), 0, 10)));
	}
	return f;
}

static bool says_already(const struct grant *note, const json_t *f)
{
	const char *name;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)f, name, v)
		if (!json_equal(v, record_value_inside(note, 0, name)))
			return false;
	return true;
}

static int note_write(struct work *w, struct id convoy, const struct grant *before, json_t *f, struct id *out, struct err *err)
{
	if (grant_count(before)) {
		*out = grant_record(before, 0)->id;
		return says_already(before, f) ? 0 : record_set_inside(w, *out, f, err);
	}
	struct draft d = { .type = type_named(w, "logistics_note"), .by_program = true, .fields = f };
	json_object_set_new(f, "convoy", json_new_str(id_text(w->mem, convoy)));
	return record_create(w, &d, out, err);
}

static int note_convoy(struct work *w, struct id id, const struct str *nodes, size_t nnodes, struct err *err)
{
	struct record convoy;
	struct id note;
	const struct grant *before = open_referring(w, "logistics_note", "convoy", id, err);
	if (!before || (grant_count(before) && state_is(before, 0, "closed")))
		return before ? 0 : -1;
	json_t *f = record_head(w, id, &convoy, err) < 0 ? NULL : numbers_of(w, &convoy, err);
	if (!f || note_write(w, id, before, f, &note, err) < 0)
		return -1;
	for (size_t i = 0; i < nnodes; i++)
		if (record_held_by(w, note, nodes[i]) == 0 && record_share(w, &note, 1, nodes[i], err) < 0)
			return -1;
	return str_is(json_str(f, "stage"), "preparation") ? 0 : record_move_inside(w, note, "close", err);
}

int logistics_timer(struct work *w, struct err *err)
{
	static const char *const STATES[] = { "planned", "cleared", "moving", "crossed", "halted", "arrived", "returned" };
	struct str nodes[PARTNERS_MAX];
	struct id *ids;
	size_t n, k;
	if (!str_is(w->node->kind, "ministry"))
		return 0;
	if (supporters(w, nodes, &k, err) < 0)
		return -1;
	for (size_t s = 0; k && s < COUNT(STATES); s++) {
		if (record_in_state(w, "convoy", STATES[s], NOTES_MAX, &ids, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (note_convoy(w, ids[i], nodes, k, err) < 0)
				return -1;
	}
	return 0;
}
