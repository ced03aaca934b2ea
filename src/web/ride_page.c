#include "exchange/exchange.h"
#include "web/pages.h"
#include "web/parts.h"

/* The node that rides with a convoy, on the convoy's page: who has the vehicles, and giving them away. */

static void rider_show(struct html *h, struct work *w, struct str node)
{
	html_put(h, MARKUP("<section class=\"panel\">"));
	heading(h, N_("Node that rides along"));
	html_put(h, MARKUP("<p>"));
	html_t(h, N_("The vehicles and seats are at:"));
	html_put(h, MARKUP(" "));
	html_id(h, node);
	html_put(h, MARKUP("</p>"));
	para(h, "", N_("Boarding is marked there. What the lead marks comes here by stick."));
	if (str_is(w->node->kind, "camp") && !rider_gets_names(w, node))
		html_note(h, "bad", ICON_WARN, N_("No agreement in force lets this office name people to that node: its lists have no names. Sign one, or mark the boarding at the ministry."));
	html_put(h, MARKUP("</section>"));
}

static void give_form(struct html *h, struct work *w, struct id convoy, const struct partner *all, size_t n)
{
	html_put(h, MARKUP("<details class=\"panel\"><summary>"));
	html_t(h, N_("A node rides along"));
	html_put(h, MARKUP("</summary>"));
	para(h, "", N_("Its vehicles and seats go there, and are marked there from now on. Lists and convoy go along; the camp sends the names. Write a stick for it afterwards."));
	form_open(h, w, "/convoys/%/ride", PARTS(id_text(w->mem, convoy)));
	select_open(h, "node", N_("Node that rides along"), true);
	for (size_t i = 0; i < n; i++)
		if (str_is(all[i].kind, "travel"))
			field_option(h, all[i].name, all[i].name, false);
	select_close(h);
	submit_button(h, "btn", NULL, NULL, N_("Give it the vehicles"));
	html_put(h, MARKUP("</form></details>"));
}

static bool may_give(struct work *w, const struct grant *legs, size_t i)
{
	return str_eq(grant_record(legs, i)->owner, w->node->name) && may_move(w, grant_record(legs, i), "ride");
}

int ride_show(struct html *h, struct work *w, struct id convoy, struct str rider, const struct grant *legs, struct err *err)
{
	struct partner *all;
	size_t n, travel = 0, mine = 0;
	if (rider.n)
		rider_show(h, w, rider);
	for (size_t i = 0; i < grant_count(legs); i++)
		mine += may_give(w, legs, i);
	if (!mine || str_is(w->node->kind, "travel"))
		return 0;
	if (partner_list(w, &all, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		travel += str_is(all[i].kind, "travel");
	if (travel)
		give_form(h, w, convoy, all, n);
	return 0;
}

int ride_do(struct work *w, const struct request *q, struct response *a, struct err *err)
{
	struct record r;
	const struct grant *legs;
	int done = record_asked(w, q, "id", "convoy", &r, err) < 0 ? -1 : form_start(w, q, a, err);
	if (done)
		return done < 0 ? -1 : 0;
	if (rows_open(w, "vehicle_leg", r.id, &legs, err) < 0)
		return -1;
	w->give_to = str_dup(w->mem, request_field(q, "node"));
	size_t given = 0;
	for (size_t i = 0; i < grant_count(legs); i++) {
		if (!may_give(w, legs, i))
			continue;
		if (record_move_granted(w, legs, i, "ride", json_keep(w->mem, json_object()), err) < 0)
			return -1;
		given++;
	}
	if (!given)
		return err_say(err, ERR_CONFLICT, N_("No vehicle is in a state that allows this."), NULL);
	return form_end(w, q, a, url_of(w->mem, "/convoys/%", PARTS(id_text(w->mem, r.id))), err);
}
