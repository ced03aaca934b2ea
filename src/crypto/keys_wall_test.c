/* A wrapped key opens only for what it was made for: the side of its subject, or what waits. */
#include "crypto/keys.h"
#include <setjmp.h>
#include <cmocka.h>

static int kept(void *arg, struct bytes sealed)
{
	(void)arg;
	return sealed.n ? 0 : -1;
}

static struct keys *keys_here(struct arena *mem)
{
	static const struct seal_lock lock = { .passes = 1, .mib = 8 };
	struct keys_start start = { .lock = &lock, .vault = { kept, NULL }, .blob = keys_blob_new(mem, source_system()), .counters_fd = -1, .ceiling = 1000 };
	struct keys *k = keys_local(mem, &start, NULL);
	assert_non_null(k);
	return k;
}

static void test_a_side_opens_no_subject_of_another(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)64 << 20);
	struct keys *k = keys_here(mem);
	for (enum side owner = SIDE_HUMANITARIAN; owner < SIDES; owner++) {
		struct keys_ask ask = { .side = owner, .classes = CLASS_BIT(CLASS_P), .purpose = STR("return") };
		struct subject_key made, row;
		struct id id = { { 1 } };
		assert_int_equal(keys_new(k, &ask, &id, 1, &made, NULL), 0);
		for (enum side asks = SIDE_HUMANITARIAN; asks < SIDES; asks++) {
			struct err err = { 0 };
			row = (struct subject_key){ .handle = made.handle };
			memcpy(row.wrapped, made.wrapped, WRAPPED_BYTES);
			ask.side = asks;
			assert_int_equal(keys_open(k, &ask, &row, 1, &err), asks == owner ? 0 : -1);
			assert_int_equal(err.code, asks == owner ? ERR_NONE : ERR_FORBIDDEN);
		}
	}
	arena_free(mem);
}

/* Else the data key itself, uncounted and with every class, would leave the process. */
static void test_a_subject_is_not_opened_as_something_that_waits(void **state)
{
	(void)state;
	struct arena *mem = arena_new((size_t)64 << 20);
	struct keys *k = keys_here(mem);
	struct keys_ask ask = { .side = SIDE_HUMANITARIAN, .classes = CLASS_BIT(CLASS_P), .purpose = STR("return") };
	struct subject_key made, waits = { 0 };
	struct id id = { { 1 } };
	uint8_t key[KEY_BYTES], wrapped[1][WRAPPED_BYTES];
	struct err err = { 0 };
	assert_int_equal(keys_new(k, &ask, &id, 1, &made, NULL), 0);
	assert_int_equal(keys_wait_open(k, made.wrapped, key, &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	assert_int_equal(keys_wait_new(k, waits.wrapped, key, NULL), 0);
	assert_int_equal(keys_open(k, &ask, &waits, 1, NULL), -1);

	memcpy(wrapped[0], made.wrapped, WRAPPED_BYTES);      /* nor after the weekly change */
	assert_int_equal(keys_rotate(k, NULL), 0);
	assert_int_equal(keys_rewrap(k, wrapped, 1, NULL), 0);
	assert_int_equal(keys_wait_open(k, wrapped[0], key, NULL), -1);
	memcpy(made.wrapped, wrapped[0], WRAPPED_BYTES);
	assert_int_equal(keys_open(k, &ask, &made, 1, NULL), 0);
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_side_opens_no_subject_of_another),
		cmocka_unit_test(test_a_subject_is_not_opened_as_something_that_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
