#include "base/buf.h"
#include <setjmp.h>
#include <cmocka.h>

static void test_what_is_put_is_read_back(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 16);
	struct buf b = buf_new(a, 4096);
	buf_u8(&b, 7);
	buf_u16(&b, 0x0102);
	buf_u32(&b, 0xdeadbeef);
	buf_u64(&b, UINT64_MAX - 1);
	buf_sized(&b, bytes_of("abc", 3));
	buf_z(&b, "line\n");
	assert_int_equal(buf_bytes(&b).p[1], 1);      /* big endian */
	struct reader r = reader_of(buf_bytes(&b));
	assert_int_equal(get_u8(&r), 7);
	assert_int_equal(get_u16(&r), 0x0102);
	assert_int_equal(get_u32(&r), 0xdeadbeef);
	assert_true(get_u64(&r) == UINT64_MAX - 1);
	assert_true(bytes_eq(get_sized(&r, 3), bytes_of("abc", 3)));
	assert_false(reader_done(&r));
	assert_true(str_is(get_line(&r, 10), "line"));
	assert_true(reader_done(&r));
	arena_free(a);
}

static void test_buffer_past_its_limit_stays_full(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 16);
	struct buf b = buf_new(a, 5);
	buf_z(&b, "12345");
	assert_false(b.full);
	buf_ch(&b, '6');
	assert_true(b.full);
	buf_put(&b, "", 0);
	assert_true(b.full);
	assert_true(str_is(buf_text(&b), "12345"));
	assert_int_equal(b.p[5], 0);
	arena_free(a);
}

static void test_format_longer_than_its_stack_room(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 16);
	struct buf b = buf_new(a, 4096);
	buf_fmt(&b, "%01000d|", 5);
	assert_int_equal(buf_text(&b).n, 1001);
	assert_int_equal(b.p[1000], '|');
	arena_free(a);
}

static void test_failure_is_sticky_and_gives_zeros(void **state)
{
	(void)state;
	static const uint8_t SHORT[] = { 1, 2, 3 };
	struct reader r = reader_of(bytes_of(SHORT, sizeof SHORT));
	uint8_t out[4] = { 9, 9, 9, 9 };
	assert_int_equal(get_u32(&r), 0);
	assert_int_equal(get_u8(&r), 0);      /* three bytes are there, but the reader has failed */
	get_into(&r, out, sizeof out);
	assert_int_equal(out[0] | out[3], 0);
	assert_null(get_bytes(&r, 1).p);
	assert_false(reader_done(&r));
}

static void test_lengths_that_lie(void **state)
{
	(void)state;
	static const uint8_t LIE[] = { 0xff, 0xff, 0xff, 0xff, 'a' }, LARGE[] = { 0, 0, 0, 2, 'a', 'b' };
	struct reader r = reader_of(bytes_of(LIE, sizeof LIE));
	assert_null(get_sized(&r, SIZE_MAX).p);
	assert_true(r.bad);
	r = reader_of(bytes_of(LARGE, sizeof LARGE));
	get_sized(&r, 1);      /* more than the caller allows */
	assert_true(r.bad);
}

static void test_a_line_needs_its_end_within_the_bound(void **state)
{
	(void)state;
	struct reader r = reader_of(str_bytes(STR("abc\nd")));
	assert_true(str_is(get_line(&r, 3), "abc"));
	get_line(&r, 9);
	assert_true(r.bad);
	r = reader_of(str_bytes(STR("abcd\n")));
	get_line(&r, 3);
	assert_true(r.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_put_is_read_back),
		cmocka_unit_test(test_buffer_past_its_limit_stays_full),
		cmocka_unit_test(test_format_longer_than_its_stack_room),
		cmocka_unit_test(test_failure_is_sticky_and_gives_zeros),
		cmocka_unit_test(test_lengths_that_lie),
		cmocka_unit_test(test_a_line_needs_its_end_within_the_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
