/* Comparing and finding, as somebody who searches for a person notices them: hard pairs made by hand, what must always hold, and floors of quality. */
#include "match/tsv.h"
#include <math.h>
#include <setjmp.h>
#include <cmocka.h>

static struct name_model *model(void)
{
	struct err err = { 0 };
	struct name_model *m = name_model_new(&err);
	assert_non_null(m);
	return m;
}

/* name|mother|birth|sex|governorate, as `jisr names explain` reads it. */
static struct name_who who(const char *text)
{
	struct str cell[5] = { { 0 } }, rest = str_of(text);
	struct name_who w = { 0 };
	for (size_t i = 0; i < COUNT(cell) && rest.p; i++)
		cell[i] = str_cut(&rest, '|');
	w = (struct name_who){ .name = cell[0], .mother = cell[1], .sex = name_sex(cell[3]), .governorate = cell[4] };
	assert_int_equal(birth_of(cell[2], &w.birth), 0);
	return w;
}

static double score(const struct name_model *m, const char *a, const char *b)
{
	struct name_who wa = who(a), wb = who(b);
	return name_compare(m, NULL, &wa, &wb, NULL);
}

/* ---- tests/vectors/names.tsv ---- */

static void hard_pairs_are_judged_as_by_hand(void **state)
{
	(void)state;
	struct name_model *m = model();
	struct arena *mem = arena_new((size_t)1 << 20);
	FILE *f = fopen("tests/vectors/names.tsv", "re");
	char line[2048];
	size_t n = 0, wrong = 0;
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	for (; fgets(line, sizeof line, f); n++) {
		arena_reset(mem);
		struct str rest = str_trim(str_of(line)), want = str_cut(&rest, '\t'), a = str_cut(&rest, '\t'), b = str_cut(&rest, '\t');
		double s = score(m, str_z(mem, a), str_z(mem, b));
		const char *got = s <= NAME_NEVER ? "unknown" : s >= NAME_LIKELY ? "same" : "different";
		if (!str_is(want, got)) {
			print_message("%s, not " S_FMT ": " S_FMT "\n", got, S_ARG(want), S_ARG(rest));
			wrong++;
		}
	}
	fclose(f);
	assert_true(n >= 98);
	assert_int_equal(wrong, 0);
	arena_free(mem);
	name_model_free(m);
}

/* ---- what must always hold ---- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* A name put together at random out of parts in four scripts, some of them nonsense. */
static const char *random_person(struct arena *mem, uint32_t *seed)
{
	static const char *const PARTS[] = { "محمد", "Mohammed", "محەمەد", "Mihemed", "علي", "Ali", "حسين", "Hussein", "حوسێن", "Husên", "عبد الرحمن", "Abdurrahman", "الجبوري", "al-Jubouri",
		"ابو", "بن", "فاطمة", "Fatima", "نور الدين", "خلف", "Khalaf", "Xelef", "زينب", "شێرکۆ", "Şêrko", "Владимир", "x", "ي", "ال", "Umm", "حذيفة", "Feeleitooss", "123", "" };
	static const char *const YEARS[] = { "", "1980", "1981", "1990-07-01", "~1985", "1980..1984", "1950-02-03", "1950-03-02" };
	static const char *const PLACES[] = { "", "Ninewa", "نينوى", "Anbar" };
	static const char *const SEXES[] = { "", "M", "F" };
	struct str name = { 0 }, mother = { 0 };
	for (uint32_t n = next_random(seed) % 6; n; n--)
		name = str_fmt(mem, S_FMT " %s", S_ARG(name), PARTS[next_random(seed) % COUNT(PARTS)]);
	for (uint32_t n = next_random(seed) % 3; n; n--)
		mother = str_fmt(mem, S_FMT " %s", S_ARG(mother), PARTS[next_random(seed) % COUNT(PARTS)]);
	const char *year = YEARS[next_random(seed) % COUNT(YEARS)], *sex = SEXES[next_random(seed) % COUNT(SEXES)], *place = PLACES[next_random(seed) % COUNT(PLACES)];
	return str_z(mem, str_fmt(mem, S_FMT "|" S_FMT "|%s|%s|%s", S_ARG(name), S_ARG(mother), year, sex, place));
}

static void scores_are_symmetric_finite_and_the_sum_of_their_terms(void **state)
{
	(void)state;
	struct name_model *m = model();
	struct arena *mem = arena_new((size_t)1 << 20);
	uint32_t seed = 7;
	for (size_t i = 0; i < 1500; i++) {
		arena_reset(mem);
		const char *a = random_person(mem, &seed), *b = random_person(mem, &seed);
		struct name_who wa = who(a), wb = who(b);
		struct name_terms t;
		double there = name_compare(m, NULL, &wa, &wb, &t), back = name_compare(m, NULL, &wb, &wa, NULL), sum = 0;
		for (size_t k = 0; k < t.n; k++)
			sum += t.term[k].value;
		if (!isfinite(there) || fabs(there - back) > 1e-6 || fabs(sum - there) > 1e-6)
			fail_msg("%s / %s: %f there, %f back, terms %f", a, b, there, back, sum);
	}
	arena_free(mem);
	name_model_free(m);
}

static void what_cannot_be_compared_says_nothing(void **state)
{
	(void)state;
	struct name_model *m = model();
	assert_true(score(m, "Владимир Путилов", "Владимир Путилов") <= NAME_NEVER);
	assert_true(score(m, "", "") <= NAME_NEVER);
	assert_true(score(m, "|زينب|1980|M|Ninewa", "|زينب|1980|M|Ninewa") <= NAME_NEVER);      /* all but the name agrees */
	struct name_who a = who("محمد علي حسين الجبوري||1980|M|"), b = who("محمد علي حسين الجبوري||||");
	struct name_terms t;
	name_compare(m, NULL, &a, &b, &t);
	for (size_t i = 0; i < t.n; i++)
		assert_true(t.term[i].kind == TERM_PART || t.term[i].kind == TERM_BAR);
	name_model_free(m);
}

static void order_matters_only_where_the_language_says_so(void **state)
{
	(void)state;
	struct name_model *m = model();
	assert_true(score(m, "محمد خالد الحلبي", "الحلبي محمد خالد") > NAME_LIKELY);
	assert_true(score(m, "Abd al-Rahman Khalaf", "عبدالرحمن خلف") > NAME_LIKELY);
	assert_true(score(m, "محمد علي حسن", "حسن علي محمد") < NAME_LIKELY);      /* a man and his grandfather */
	name_model_free(m);
}

/* ---- the index ---- */

static struct name_index *index_of(const struct name_model *m, const char *const *people, size_t n)
{
	struct name_index *x = name_index_new(m);
	char id[24];
	for (size_t i = 0; i < n; i++) {
		struct name_who w = who(people[i]);
		snprintf(id, sizeof id, "p%zu", i);
		assert_int_equal(name_index_put(x, str_of(id), &w, NULL), 0);
	}
	return x;
}

static const char *const PEOPLE[] = { "عبد الرحمن محمد صالح الجبوري|فاطمة|1980|M|Ninewa", "زينب كاظم جواد|خديجة|1990|F|Baghdad", "شیرکۆ ئازاد عەلی|نەسرین|1975|M|Erbil",
	"Hussein Ali Karim|Maryam|1960|M|Diyala", "حسن خلف جاسم العبيدي|مريم|1990|M|Anbar", "حسين خلف جاسم العبيدي|مريم|1990|M|Anbar" };

static struct str first_found(struct name_index *x, const char *text)
{
	struct name_found found[5];
	struct name_who w = who(text);
	size_t n = name_index_query(x, &w, 5, found);
	return n ? found[0].id : (struct str){ 0 };
}

static void a_person_is_found_in_any_script_and_with_a_part_missing(void **state)
{
	(void)state;
	struct name_model *m = model();
	struct name_index *x = index_of(m, PEOPLE, COUNT(PEOPLE));
	assert_true(str_is(first_found(x, "Evdirehman Mihemed Salih"), "p0"));
	assert_true(str_is(first_found(x, "Abdurrahman Mohammed al-Jubouri"), "p0"));
	assert_true(str_is(first_found(x, "الجبوري عبدالرحمن محمد"), "p0"));
	assert_true(str_is(first_found(x, "Zeyneb Kazim Cewad"), "p1"));
	assert_true(str_is(first_found(x, "Sherko Azad"), "p2"));
	assert_true(str_is(first_found(x, "حسێن عەلی کەریم"), "p3"));
	assert_true(str_is(first_found(x, "Hussain Khalaf Jasim Obeidi"), "p5"));
	assert_true(str_is(first_found(x, "Hasan Khalaf Jasim Obeidi"), "p4"));
	name_index_free(x);
	name_model_free(m);
}

static void erased_people_are_never_found(void **state)
{
	(void)state;
	struct name_model *m = model();
	struct name_index *x = index_of(m, PEOPLE, COUNT(PEOPLE));
	struct name_who w = who(PEOPLE[1]);
	struct name_found found[10];
	assert_true(name_index_query(x, &w, 10, found) >= 1);
	assert_true(name_index_remove(x, STR("p1")));
	assert_false(name_index_remove(x, STR("p1")));
	for (size_t i = 0, n = name_index_query(x, &w, 10, found); i < n; i++)
		assert_false(str_is(found[i].id, "p1"));
	assert_int_equal(name_index_people(x), COUNT(PEOPLE) - 1);
	assert_int_equal(name_index_put(x, STR("q"), &w, NULL), 0);      /* her place is used again, for somebody else */
	assert_true(str_is(first_found(x, PEOPLE[1]), "q"));
	name_index_wipe(x);
	assert_int_equal(name_index_people(x), 0);
	assert_int_equal(name_index_query(x, &w, 10, found), 0);
	name_index_free(x);
	name_model_free(m);
}

static void many_changes_leave_the_index_right(void **state)
{
	(void)state;
	struct name_model *m = model();
	struct arena *mem = arena_new((size_t)4 << 20);
	struct name_index *x = index_of(m, PEOPLE, COUNT(PEOPLE));
	uint32_t seed = 3;
	bool there[64] = { false };
	for (size_t i = 0; i < 3000; i++) {
		char id[24];
		uint32_t k = next_random(&seed) % COUNT(there);
		arena_reset(mem);
		snprintf(id, sizeof id, "r%u", k);
		if (next_random(&seed) % 2) {
			struct name_who w = who(random_person(mem, &seed));
			assert_int_equal(name_index_put(x, str_of(id), &w, NULL), 0);
			there[k] = true;
		} else {
			assert_int_equal(name_index_remove(x, str_of(id)), there[k]);
			there[k] = false;
		}
	}
	size_t n = COUNT(PEOPLE);
	for (size_t i = 0; i < COUNT(there); i++)
		n += there[i];
	assert_int_equal(name_index_people(x), n);
	assert_true(str_is(first_found(x, PEOPLE[0]), "p0"));
	assert_true(str_is(first_found(x, PEOPLE[5]), "p5"));
	arena_free(mem);
	name_index_free(x);
	name_model_free(m);
}

/* No guilt by kinship: a relative changes a score only through how common the parts are, and that no more than anybody with these parts would. */
static void a_relative_changes_nobodys_score(void **state)
{
	(void)state;
	struct name_model *m = model();
	struct name_index *x = index_of(m, PEOPLE, COUNT(PEOPLE)), *y = index_of(m, PEOPLE, COUNT(PEOPLE));
	struct name_who sister = who("هدى محمد صالح الجبوري|فاطمة|1984|F|Ninewa"), unrelated = who("هدى الجبوري صالح محمد|زينب|1984|F|Ninewa");
	struct name_who q = who("Abdurrahman Mohammed Salih|Fatima|1980|M|");
	double with_sister, with_unrelated;
	struct name_terms t;
	assert_int_equal(name_index_put(x, STR("s"), &sister, NULL), 0);
	assert_int_equal(name_index_put(y, STR("u"), &unrelated, NULL), 0);
	assert_true(name_index_explain(x, &q, STR("p0"), &with_sister, &t));
	assert_true(name_index_explain(y, &q, STR("p0"), &with_unrelated, &t));
	assert_true(fabs(with_sister - with_unrelated) < 0.01);
	assert_true(name_index_explain(x, &q, STR("s"), &with_sister, &t));
	assert_true(with_sister < NAME_LIKELY);
	name_index_free(x);
	name_index_free(y);
	name_model_free(m);
}

static void an_explanation_adds_up_to_the_score_that_was_given(void **state)
{
	(void)state;
	struct name_model *m = model();
	struct name_index *x = index_of(m, PEOPLE, COUNT(PEOPLE));
	struct name_who w = who("Abdurrahman Mohammed Salih al-Jubouri|Fatma|1981|M|Ninewa");
	struct name_found found[3];
	struct name_terms t;
	double s, sum = 0;
	assert_true(name_index_query(x, &w, 3, found) > 0);
	assert_true(name_index_explain(x, &w, found[0].id, &s, &t));
	for (size_t i = 0; i < t.n; i++)
		sum += t.term[i].value;
	assert_true(fabs(s - found[0].score) < 1e-9);
	assert_true(fabs(s - sum) < 1e-9);
	assert_false(name_index_explain(x, &w, STR("nobody"), &s, &t));
	name_index_free(x);
	name_model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hard_pairs_are_judged_as_by_hand), cmocka_unit_test(scores_are_symmetric_finite_and_the_sum_of_their_terms),
		cmocka_unit_test(what_cannot_be_compared_says_nothing), cmocka_unit_test(order_matters_only_where_the_language_says_so),
		cmocka_unit_test(a_person_is_found_in_any_script_and_with_a_part_missing), cmocka_unit_test(erased_people_are_never_found),
		cmocka_unit_test(many_changes_leave_the_index_right), cmocka_unit_test(a_relative_changes_nobodys_score),
		cmocka_unit_test(an_explanation_adds_up_to_the_score_that_was_given),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
