#include "cmd/demo_story.h"
#include <unistd.h>

/* The camp: lists are imported, adults are heard alone, the draft list is filled. */

/* The list as a camp keeps it: one row for each person, the family's number on each. */
static struct str csv_of(struct arena *mem, const struct journey *j)
{
	struct buf b = buf_new(mem, (size_t)4 << 20);
	buf_z(&b, "Family number,Full name,Mother's name,Sex,Date of birth,Nationality claimed,Role in the family,Tent or shelter,Area of origin\r\n");
	for (size_t i = 0; i < j->nfamilies; i++) {
		const struct demo_family *f = &j->families[i];
		for (size_t k = 0; k < f->n; k++) {
			const struct demo_person *p = &f->at[k];
			buf_fmt(&b, "%zu," S_FMT "," S_FMT ",%s,%04d-%02d-%02d,IQ,%s," S_FMT ",%s\r\n", i + 1, S_ARG(p->name), S_ARG(p->mother), p->woman ? "2" : "1", p->year, p->month,
			    p->day, k ? "member" : "head", S_ARG(f->shelter), f->origin);
		}
	}
	return buf_text(&b);
}

static int import_settled(struct carry *c, struct str path)
{
	for (int64_t until = monotonic_ms() + WAIT_MS; monotonic_ms() < until; usleep(60000)) {
		struct arena *mem = arena_new(STEP_BYTES);
		struct page_answer a;
		int rc = visitor_get(mem, &c->at[CAMP_REGISTRAR], path, &a, c->err);
		bool runs = rc == 0 && str_find(a.body, STR("<progress")) < a.body.n;
		arena_free(mem);
		if (rc < 0 || !runs)
			return rc;
	}
	return err_set(c->err, ERR_EXPIRED, "an import does not come to an end");
}

/* Uploaded, looked at, namesakes said to be different people, confirmed. */
static int import_list(struct carry *c, struct journey *j, struct str *path)
{
	struct page_answer a;
	struct visitor *v = &c->at[CAMP_REGISTRAR];
	struct form pairs = form_new(c->mem), yes = form_new(c->mem);
	if (visitor_upload(c->mem, v, STR("/import"), "file", "families.csv", csv_of(c->mem, j), &a, c->err) < 0)
		return -1;
	*path = a.location;
	if (a.status != 303 || import_settled(c, *path) < 0)
		return c->err->code ? -1 : err_set(c->err, ERR_PEER, "the list was not taken");
	form_add(&pairs, "all", STR("different"));
	if (visitor_post(c->mem, v, str_fmt(c->mem, S_FMT "/pairs", S_ARG(*path)), &pairs, &a, c->err) < 0)
		return -1;
	return visitor_post(c->mem, v, str_fmt(c->mem, S_FMT "/confirm", S_ARG(*path)), &yes, &a, c->err);
}

/* All records of a type that the officer may see, a page at a time. */
static int each_of(struct carry *c, enum officer who, const char *path, int (*fn)(struct carry *, json_t *), size_t *n)
{
	*n = 0;
	for (size_t offset = 0;; offset += 100) {
		struct arena *mem = arena_new(STEP_BYTES);
		json_t *items = json_object_get(visitor_json(mem, &c->at[who], str_fmt(mem, "%s&offset=%zu", path, offset), c->err), "items");
		size_t got = json_array_size(items);
		int rc = c->err->code ? -1 : 0;
		for (size_t i = 0; rc == 0 && i < got; i++)
			rc = fn(c, json_array_get(items, i));
		arena_free(mem);
		*n += got;
		if (rc < 0 || got < 100)
			return rc;
	}
}

/* A family belongs to the batch whose part of the camp it lives in. */
static int household_seen(struct carry *c, json_t *o)
{
	struct str shelter = json_str(json_object_get(o, "fields"), "shelter");
	for (size_t i = 0; i <= c->n; i++) {
		struct journey *j = &c->j[i];
		if (shelter.n > 2 && shelter.p[1] == (char)('1' + i) && j->nhouseholds < j->nfamilies)
			j->households[j->nhouseholds++] = str_dup(c->mem, json_str(o, "id"));
	}
	return 0;
}

static int task_seen(struct carry *c, json_t *o)
{
	if (c->nadults < c->adults_max)
		c->adults[c->nadults++] = str_dup(c->mem, json_str(json_object_get(o, "fields"), "person"));
	return 0;
}

/* Each adult alone, her own wish, and the notice that a vetting office is asked. */
static int hear(struct arena *mem, struct carry *c, struct str person_id)
{
	struct form f = form_new(mem);
	struct str id;
	form_add(&f, "person", person_id);
	form_add(&f, "wish", STR("wants"));
	form_add(&f, "given_by", STR("self"));
	form_add(&f, "heard_alone", STR("yes"));
	form_add(&f, "how", STR("thumb"));
	form_add(&f, "informed", STR("yes"));
	form_add(&f, "heard_in", STR("ara"));
	return story_create(mem, &c->at[CAMP_PROTECTION], "consent", &f, &id, c->err);
}

/* All lists; then who lives where, and which adults wait to be heard. */
int story_register_all(struct carry *c)
{
	struct str paths[8];
	size_t n, persons = 0, families = 0;
	c->step = "register";
	for (size_t i = 0; i <= c->n; i++)
		if (import_list(c, &c->j[i], &paths[i]) < 0)
			return -1;
	for (size_t i = 0; i <= c->n; i++) {
		if (import_settled(c, paths[i]) < 0)
			return -1;
		c->j[i].households = NEW_ARRAY(c->mem, struct str, c->j[i].nfamilies + 1);
		persons += story_persons_of(&c->j[i]);
		families += c->j[i].nfamilies;
	}
	c->adults_max = persons;
	c->adults = NEW_ARRAY(c->mem, struct str, persons + 1);
	if (each_of(c, CAMP_REGISTRAR, "/api/1/household?x=1", household_seen, &n) < 0 || each_of(c, CAMP_PROTECTION, "/api/1/task?state=open", task_seen, &n) < 0)
		return -1;
	for (size_t i = 0; i <= c->n; i++)
		if (c->j[i].nhouseholds != c->j[i].nfamilies)
			return err_set(c->err, ERR_FAULT, "%zu families of %zu are in the register", c->j[i].nhouseholds, c->j[i].nfamilies);
	story_said(c, "registered from 5 lists: %zu families, %zu persons; %zu adults wait to be heard, each alone", families, persons, c->nadults);
	return 0;
}

/* A share of those who wait: as many officers hear at the same time as there are desks. */
int story_hear_some(struct carry *c, struct journey *j)
{
	size_t me = (size_t)(j - c->j);
	c->step = "hear";
	for (size_t i = me; i < c->nadults; i += c->n) {
		struct arena *mem = arena_new(STEP_BYTES);
		int rc = hear(mem, c, c->adults[i]);
		arena_free(mem);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int story_draft_list(struct carry *c, struct journey *j, bool submit)
{
	struct arena *mem = c->mem;
	struct form f = form_new(mem), all = form_new(mem), fit = form_new(mem);
	struct page_answer a;
	struct visitor *v = &c->at[CAMP_REGISTRAR];
	form_add(&f, "origin", STR("SY-P-HOL"));
	if (story_create(mem, v, "nominal_list", &f, &j->list, c->err) < 0)
		return -1;
	for (size_t i = 0; i < j->nfamilies; i++)
		form_add(&all, "family", j->households[i]);
	form_add(&fit, "fit", STR("yes"));
	if (visitor_post(mem, v, str_fmt(mem, "/lists/" S_FMT "/families", S_ARG(j->list)), &all, &a, c->err) < 0 ||
	    visitor_post(mem, v, str_fmt(mem, "/lists/" S_FMT "/fit", S_ARG(j->list)), &fit, &a, c->err) < 0)
		return -1;
	return submit ? visitor_move(mem, v, "nominal_list", j->list, "submit", story_hour(mem, j, -9, 9, 0), c->err) : 0;
}
