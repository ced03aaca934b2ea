/* Papers of a split: every k of them give the secret, fewer and wrong ones do not, and a slip of the pen is found where it is. */
#include "crypto/shares.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena *mem;
static const char SECRET[] = "a passphrase of a node, 32 signs";

static int setup(void **state)
{
	(void)state;
	mem = arena_new((size_t)256 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static struct bytes secret(void)
{
	return str_bytes(str_of(SECRET));
}

static void split(size_t k, size_t n, struct share *out, struct str *papers)
{
	struct err err = { 0 };
	assert_int_equal(shares_split(mem, source_system(), secret(), k, n, papers, &err), 0);
	for (size_t i = 0; i < n; i++)
		if (share_read(mem, papers[i], &out[i], &err) < 0)
			fail_msg("%s", err.log);
}

static size_t bits(unsigned set)
{
	return (size_t)__builtin_popcount(set);
}

/* Every subset of the papers. */
static void exactly_k_of_n_are_needed(void **state)
{
	(void)state;
	static const size_t SPLITS[][2] = { { 2, 2 }, { 2, 3 }, { 3, 5 }, { 4, 7 }, { 5, 5 } };
	for (size_t c = 0; c < COUNT(SPLITS); c++) {
		size_t k = SPLITS[c][0], n = SPLITS[c][1];
		struct share all[SHARES_MOST], some[SHARES_MOST];
		struct str papers[SHARES_MOST];
		split(k, n, all, papers);
		for (unsigned set = 1; set < 1u << n; set++) {
			size_t m = 0;
			struct bytes got;
			struct err err = { 0 };
			for (size_t i = n; i-- > 0;)
				if (set & 1u << i)
					some[m++] = all[i];
			int rc = shares_join(mem, some, m, &got, &err);
			assert_int_equal(rc, bits(set) >= k ? 0 : -1);
			if (rc == 0)
				assert_true(bytes_eq(got, secret()));
		}
	}
}

static void fewer_tell_nothing_even_where_the_number_is_forged(void **state)
{
	(void)state;
	struct share all[3];
	struct str papers[3];
	struct bytes got;
	struct err err = { 0 };
	split(3, 3, all, papers);
	all[0].k = all[1].k = 2;
	assert_int_equal(shares_join(mem, all, 2, &got, &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
}

static void a_wrong_paper_is_noticed(void **state)
{
	(void)state;
	struct share a[5], b[5], mixed[3];
	struct str papers[5];
	struct bytes got;
	struct err err = { 0 };
	split(3, 5, a, papers);
	split(3, 5, b, papers);
	memcpy(mixed, a, sizeof mixed);
	mixed[2] = b[2];
	assert_int_equal(shares_join(mem, mixed, 3, &got, &err), -1);
	assert_non_null(strstr(err.log, "another split"));
	memcpy(mixed[2].split, a[0].split, 4);                      /* with the name of the other split on it */
	err = (struct err){ 0 };
	assert_int_equal(shares_join(mem, mixed, 3, &got, &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	mixed[2] = a[0];
	err = (struct err){ 0 };
	assert_int_equal(shares_join(mem, mixed, 3, &got, &err), -1);
	assert_non_null(strstr(err.log, "twice"));
}

/* Every single sign of a paper, and every pair of neighbours. */
static void a_slip_of_the_pen_is_found(void **state)
{
	(void)state;
	static const char OTHER[] = "023456789BCDFGHJKMNPQRSTVWXYZAEU";
	struct share s, all[3];
	struct str papers[3];
	split(2, 3, all, papers);
	for (size_t i = 0; i < papers[0].n; i++) {
		char *p = str_z(mem, papers[0]);
		if (p[i] == '-' || p[i] == '\n')
			continue;
		for (size_t k = 0; k < 32; k++) {
			p[i] = OTHER[k];
			struct err err = { 0 };
			assert_int_equal(share_read(mem, str_of(p), &s, &err), OTHER[k] == papers[0].p[i] ? 0 : -1);
		}
		p[i] = papers[0].p[i];
		if (i + 1 < papers[0].n && p[i + 1] != '-' && p[i + 1] != '\n' && p[i] != p[i + 1]) {
			struct err err = { 0 };
			p[i] = papers[0].p[i + 1];
			p[i + 1] = papers[0].p[i];
			assert_int_equal(share_read(mem, str_of(p), &s, &err), -1);
		}
	}
	struct err err = { 0 };
	char *p = str_z(mem, papers[0]);
	p[7] = p[7] == '2' ? '3' : '2';
	assert_int_equal(share_read(mem, str_of(p), &s, &err), -1);
	assert_non_null(strstr(err.log, "group 2"));
}

static void as_it_is_typed(void **state)
{
	(void)state;
	struct share s, all[3];
	struct str papers[3];
	struct err err = { 0 };
	split(2, 3, all, papers);
	char *p = str_z(mem, papers[1]);
	for (size_t i = 0; p[i]; i++)
		p[i] = p[i] == '-' ? ' ' : p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] - 'A' + 'a') : p[i];
	assert_int_equal(share_read(mem, str_of(p), &s, &err), 0);
	assert_int_equal(s.number, 2);
	assert_int_equal(share_read(mem, STR(""), &s, &err), -1);
	assert_int_equal(share_read(mem, STR("00000"), &s, &err), -1);
	assert_int_equal(share_read(mem, str_sub(papers[1], 0, papers[1].n - 6), &s, &err), -1);
	assert_int_equal(share_read(mem, str_join(mem, papers[1], papers[1]), &s, &err), -1);
}

static void what_cannot_be_split(void **state)
{
	(void)state;
	struct str papers[SHARES_MOST + 1];
	struct err err = { 0 };
	struct bytes got;
	assert_int_equal(shares_split(mem, source_system(), secret(), 1, 3, papers, &err), -1);
	assert_int_equal(shares_split(mem, source_system(), secret(), 4, 3, papers, &err), -1);
	assert_int_equal(shares_split(mem, source_system(), secret(), 2, SHARES_MOST + 1, papers, &err), -1);
	assert_int_equal(shares_split(mem, source_system(), (struct bytes){ (const uint8_t *)"", 0 }, 2, 3, papers, &err), -1);
	assert_int_equal(shares_join(mem, NULL, 0, &got, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(exactly_k_of_n_are_needed, setup, teardown),
		cmocka_unit_test_setup_teardown(fewer_tell_nothing_even_where_the_number_is_forged, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_paper_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_slip_of_the_pen_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(as_it_is_typed, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_split, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
